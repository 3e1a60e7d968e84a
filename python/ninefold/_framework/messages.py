# In: values and bytes. Out: tf.train.Example and the messages in it, with the manners of protobuf's Python classes; the
# engine reads and writes the bytes (include/ninefold/example.h). Messages of other fields: proto.py, tensor_proto.py.
from . import export, wire
from .. import _core


class DecodeError(Exception):
    """The bytes are no such message."""


class _Scalars:
    """What a list of one kind takes: bytes, numbers kept as float32, or integers of 64 bits."""

    def __init__(self, kind):
        self._kind = kind

    def __call__(self, value):
        return _core.message_value(self._kind, value)

    def all(self, values):
        return _core.message_values(self._kind, values)


_SCALARS = {kind: _Scalars(kind) for kind in ("bytes", "float", "int64")}


class _Repeated(list):
    """The values of a list message: a list that keeps its values' type."""
    __slots__ = ("_check", "_changed")

    def __init__(self, check, changed):
        super().__init__()
        self._check, self._changed = check, changed

    def append(self, value):
        super().append(self._check(value))
        self._changed()

    def extend(self, values):
        if values is None:
            return
        checked = self._check.all(values)
        super().extend(checked)
        if checked:
            self._changed()

    MergeFrom = extend

    def insert(self, index, value):
        super().insert(index, self._check(value))
        self._changed()

    def __setitem__(self, key, value):
        super().__setitem__(key, self._check.all(value) if isinstance(key, slice) else self._check(value))
        self._changed()

    def __iadd__(self, values):
        self.extend(values)
        return self

    def __deepcopy__(self, memo):
        return list(self)

    __hash__ = None


class _Copies:
    """What a row of messages takes: others of its kind, copied."""

    def __init__(self, kind):
        self._kind = kind

    def __call__(self, message):
        return _copied(self._kind, message)

    def all(self, messages):
        return [self(m) for m in messages]


class _Messages(_Repeated):
    """Messages in a row: add() makes one at the end."""
    __slots__ = ("_make",)

    def __init__(self, kind, changed):
        super().__init__(_Copies(kind), changed)
        self._make = kind

    def add(self, **fields):
        self.append(self._make(**fields))
        return self[-1]


class _Map(dict):
    """Messages by key; one that is asked for is there from then on."""
    __slots__ = ("_kind", "_changed")

    def __init__(self, kind, changed):
        super().__init__()
        self._kind, self._changed = kind, changed

    def _key(self, key):
        if isinstance(key, bytes):
            key = key.decode()
        if not isinstance(key, str):
            raise TypeError(f"{key!r} has type {type(key).__name__}, but expected one of: bytes, unicode")
        return key

    def __missing__(self, key):
        made = self._kind()
        dict.__setitem__(self, self._key(key), made)
        self._changed()
        return made

    def get_or_create(self, key):
        return self[key]

    def __setitem__(self, key, value):
        raise ValueError("Direct assignment of submessage not allowed")

    def MergeFrom(self, other):
        for key, value in other.items():
            self[key].CopyFrom(value)

    def put(self, key, value):
        self[key].CopyFrom(value)


def _copied(kind, message):
    made = kind()
    made.MergeFrom(message)
    return made


class Message:
    """What protobuf's messages can do. A subclass says its fields: name -> (number, kind, of what); kinds are "scalar",
    "list" of scalars, "message", "messages" and "map". A scalar's type is one of wire's, or a word for what the engine
    reads and writes itself: the lists of examples."""
    _fields = {}
    _oneof = None       # the name of the one group whose fields exclude each other
    _members = None     # those fields; all of them where there is no list
    __slots__ = ("_values", "_set", "_told")
    __hash__ = None

    def __init_subclass__(cls):
        cls.DESCRIPTOR = _Descriptor(cls.__name__, 0)
        cls.DESCRIPTOR.full_name = "tensorflow." + cls.__qualname__
        cls._by_wire = not any(isinstance(of, wire.Type) for _, _, of in cls._fields.values())    # the engine's bytes

    def __init__(self, **given):
        object.__setattr__(self, "_values", {})
        object.__setattr__(self, "_set", {})       # fields that were written, in a oneof only the last
        object.__setattr__(self, "_told", None)
        for name, value in given.items():
            if name not in self._fields:
                raise ValueError(f'Protocol message {type(self).__name__} has no "{name}" field.')
            if value is None:
                continue
            number, kind, of = self._fields[name]
            held = getattr(self, name)
            if kind == "message":
                self._write(name)
                if isinstance(value, dict):
                    held.MergeFrom(of()(**value))
                else:
                    held.MergeFrom(value)
            elif kind == "scalar":
                setattr(self, name, value)
            elif kind == "map":
                for key, item in dict(value).items():
                    held.put(key, item)
            else:
                held.extend(value)

    def _write(self, name):
        if self._oneof and self._in_group(name):
            for other in [o for o in self._set if o != name and self._in_group(o)]:
                del self._set[other]
                self._values.pop(other, None)
        self._set[name] = True
        if self._told is not None:
            self._told()

    def _in_group(self, name):
        return self._oneof is not None and (self._members is None or name in self._members)

    def __getattr__(self, name):
        if name not in self._fields:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        held = self._values.get(name)
        if held is None:
            _, kind, of = self._fields[name]
            if kind == "scalar":
                return of.default

            def changed():
                self._write(name)
            if kind == "list":
                held = _Repeated(of if isinstance(of, wire.Type) else _SCALARS[of], changed)
            elif kind == "message":
                held = of()()
                object.__setattr__(held, "_told", changed)
            else:
                held = (_Messages if kind == "messages" else _Map)(of(), changed)
            self._values[name] = held
        return held

    def __setattr__(self, name, value):
        if name not in self._fields:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        _, kind, of = self._fields[name]
        if kind == "scalar":
            value = of.check(value)
            self._write(name)
            self._values[name] = value
            if value == of.default and not self._in_group(name):
                self.ClearField(name)
            return
        what = "field" if kind == "message" else "repeated field"
        raise AttributeError(f'Assignment not allowed to {what} "{name}" in protocol message object.')

    # ---- what is there ----
    def _present(self):
        """[(name, number, kind, of what, value)] of what is written, in the order of the numbers."""
        rows = []
        for name, (number, kind, of) in sorted(self._fields.items(), key=lambda f: f[1][0]):
            held = self._values.get(name)
            if held is not None and (name in self._set if kind in ("message", "scalar") else len(held)):
                rows.append((name, number, kind, of, held))
        return rows

    def HasField(self, field_name):
        kind = self._fields.get(field_name, (0, None))[1]
        if field_name == self._oneof:
            return self.WhichOneof(field_name) is not None
        if kind == "scalar" and not self._in_group(field_name):
            raise ValueError(f'Can\'t test non-optional, non-submessage field "{type(self).__name__}.{field_name}" for '
                             "presence in proto3.")
        if kind not in ("message", "scalar"):
            raise ValueError(f'Protocol message {type(self).__name__} has no singular "{field_name}" field.' if kind else
                             f"Protocol message {type(self).__name__} has no field {field_name}.")
        return field_name in self._set

    def WhichOneof(self, oneof_group):
        if oneof_group != self._oneof:
            raise ValueError(f'Protocol message has no oneof "{oneof_group}" field.')
        return next((name for name in self._set if self._in_group(name)), None)

    def ListFields(self):
        return [(_Descriptor(name, number), held) for name, number, _, _, held in self._present()]

    def ClearField(self, field_name):
        if field_name not in self._fields:
            raise ValueError(f'Protocol message {type(self).__name__} has no "{field_name}" field.')
        self._values.pop(field_name, None)
        self._set.pop(field_name, None)

    def Clear(self):
        self._values.clear()
        self._set.clear()

    def SetInParent(self):
        if self._told is not None:
            self._told()

    def IsInitialized(self, errors=None):
        return True

    # ---- from others ----
    def MergeFrom(self, other):
        if type(other) is not type(self):
            raise TypeError("Parameter to MergeFrom() must be instance of same class: expected "
                            f"tensorflow.{type(self).__name__} got {_class_name(other)}.")
        for name, _, kind, _, held in other._present():
            mine = getattr(self, name)
            if kind == "message":
                self._write(name)
                mine = getattr(self, name)
                mine.MergeFrom(held)
            elif kind == "scalar":
                setattr(self, name, held)
            else:
                mine.MergeFrom(held)

    def CopyFrom(self, other):
        if other is self:
            return
        if type(other) is not type(self):
            raise TypeError("Parameter to CopyFrom() must be instance of same class: expected "
                            f"tensorflow.{type(self).__name__} got {_class_name(other)}.")
        self.Clear()
        self.MergeFrom(other)
        if self._told is not None:
            self._told()

    # ---- bytes ----
    def SerializeToString(self, deterministic=None):
        out = []
        if not self._by_wire:
            return b"".join(self._wire_pieces())
        for _, number, kind, of, held in self._present():
            if kind == "list":
                return _core.message_list_bytes(of, list(held))     # the only field of its message
            if kind == "message":
                out.append((number, held.SerializeToString()))
            elif kind == "messages":
                out += [(number, item.SerializeToString()) for item in held]
            else:
                out += [(number, _core.message_bytes([(1, key.encode()), (2, held[key].SerializeToString())])) for key in sorted(held)]
        return _core.message_bytes(out)

    SerializePartialToString = SerializeToString

    def _wire_pieces(self):
        for name, number, kind, of, held in self._present():
            if kind == "scalar":
                yield wire.tag(number, of.wire_type) + of.write(held)
            elif kind == "list" and of.wire_type == 2:
                yield from (wire.tag(number, 2) + of.write(value) for value in held)
            elif kind == "list":
                yield wire.delimited(number, of.packed(held))
            elif kind == "map":
                yield from (wire.delimited(number, wire.delimited(1, key.encode()) + wire.delimited(2, held[key].SerializeToString()))
                            for key in sorted(held))
            else:
                yield from (wire.delimited(number, one.SerializeToString()) for one in ([held] if kind == "message" else held))

    def _read_scalar(self, name, kind, of, held):
        if isinstance(held, bytes) and of.wire_type != 2:
            values = of.unpacked(held)
        elif isinstance(held, bytes) == (of.wire_type == 2):
            values = [of.read(held)]
        else:
            return      # of another wire type: a field that nobody knows
        if kind == "list":
            getattr(self, name).extend(values)
        elif values:
            setattr(self, name, values[-1])

    def ByteSize(self):
        return len(self.SerializeToString())

    def MergeFromString(self, serialized):
        serialized = bytes(memoryview(serialized))      # TypeError for what holds no bytes
        try:
            self._read(serialized)
        except ValueError:
            raise DecodeError(f"Error parsing message with type 'tensorflow.{type(self).__name__}'") from None
        return len(serialized)

    def _read(self, serialized):
        by_number = {number: (name, kind, of) for name, (number, kind, of) in self._fields.items()}
        scalars = [(name, of) for name, kind, of in by_number.values() if kind == "list" and not isinstance(of, wire.Type)]
        if scalars:
            name, of = scalars[0]
            values = _core.message_list(of, serialized)
            if values:
                list.extend(getattr(self, name), values)
                self._write(name)
            return
        for number, held in _core.message_fields(serialized):
            name, kind, of = by_number.get(number, (None, None, None))
            if kind in ("scalar", "list"):
                self._read_scalar(name, kind, of, held)
                continue
            if kind is None or not isinstance(held, bytes):
                continue
            if kind == "message":
                self._write(name)
                getattr(self, name)._read(held)
            elif kind == "messages":
                getattr(self, name).add()._read(held)
            else:
                # A field of another wire type is one that nobody knows.
                entry = {n: value for n, value in _core.message_fields(held) if isinstance(value, bytes)}
                message = of()()
                message._read(entry.get(2, b""))
                getattr(self, name)[entry.get(1, b"").decode()].CopyFrom(message)

    def ParseFromString(self, serialized):
        self.Clear()
        return self.MergeFromString(serialized)

    @classmethod
    def FromString(cls, s):
        made = cls()
        made.MergeFromString(s)
        return made

    # ---- as a Python value ----
    def __eq__(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return [row[0] for row in self._present()] == [row[0] for row in other._present()] and \
            all(a[4] == b[4] for a, b in zip(self._present(), other._present()))

    def _lines(self, indent):
        for name, _, kind, of, held in self._present():
            if kind == "list":
                show = of.show if isinstance(of, wire.Type) else {"bytes": wire.escaped, "float": repr, "int64": str}[of]
                for value in held:
                    yield f"{indent}{name}: {show(value)}"
                continue
            if kind == "scalar":
                yield f"{indent}{name}: {of.show(held)}"
                continue
            items = [(None, held)] if kind == "message" else [(None, m) for m in held] if kind == "messages" else sorted(held.items())
            for key, message in items:
                yield f"{indent}{name} {{"
                if key is not None:
                    yield f"{indent}  key: {wire.escaped(key.encode())}"
                    yield f"{indent}  value {{"
                    yield from message._lines(indent + "    ")
                    yield f"{indent}  }}"
                else:
                    yield from message._lines(indent + "  ")
                yield f"{indent}}}"

    def __str__(self):
        return "".join(line + "\n" for line in self._lines(""))

    __repr__ = __str__

    def __deepcopy__(self, memo):
        return _copied(type(self), self)

    __copy__ = __deepcopy__

    def __reduce__(self):
        return type(self).FromString, (self.SerializeToString(),)


class _Descriptor:
    """Name and number of a field."""

    def __init__(self, name, number):
        self.name, self.number = name, number


def _class_name(x):
    return f"tensorflow.{type(x).__name__}" if isinstance(x, Message) else type(x).__name__


@export("train.BytesList")
class BytesList(Message):
    """Strings of bytes."""
    _fields = {"value": (1, "list", "bytes")}
    __slots__ = ()


@export("train.FloatList")
class FloatList(Message):
    """Numbers, kept as float32."""
    _fields = {"value": (1, "list", "float")}
    __slots__ = ()


@export("train.Int64List")
class Int64List(Message):
    """Integers."""
    _fields = {"value": (1, "list", "int64")}
    __slots__ = ()


@export("train.Feature")
class Feature(Message):
    """One of three lists."""
    _fields = {"bytes_list": (1, "message", lambda: BytesList), "float_list": (2, "message", lambda: FloatList),
               "int64_list": (3, "message", lambda: Int64List)}
    _oneof = "kind"
    __slots__ = ()


@export("train.Features")
class Features(Message):
    """Features by name."""
    _fields = {"feature": (1, "map", lambda: Feature)}
    __slots__ = ()


@export("train.FeatureList")
class FeatureList(Message):
    """Features in a row."""
    _fields = {"feature": (1, "messages", lambda: Feature)}
    __slots__ = ()


@export("train.FeatureLists")
class FeatureLists(Message):
    """Rows of features by name."""
    _fields = {"feature_list": (1, "map", lambda: FeatureList)}
    __slots__ = ()


@export("train.Example")
class Example(Message):
    """The features of one example."""
    _fields = {"features": (1, "message", lambda: Features)}
    __slots__ = ()


@export("train.SequenceExample")
class SequenceExample(Message):
    """Features of a sequence as a whole, and of its steps."""
    _fields = {"context": (1, "message", lambda: Features), "feature_lists": (2, "message", lambda: FeatureLists)}
    __slots__ = ()
