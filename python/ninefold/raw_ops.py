# In: the op records. Out: tf.raw_ops.X(keyword=...), one function an op, made when it is first asked for.
import collections
import inspect
import re

from . import _core
from ._framework.dtypes import as_dtype
from ._framework.shapes import as_shape

# Arguments whose names in tf.raw_ops are not those of the graph's op.
_RENAMED = {"reduction_indices": "axis", "split_dim": "axis", "squeeze_dims": "axis",
            ("ExpandDims", "dim"): "axis", ("Where", "input"): "condition",
            ("ReduceJoin", "reduction_indices"): "reduction_indices"}


def _renamed(op, name):
    return _RENAMED.get((op, name), _RENAMED.get(name, name))


def _snake(name):
    """AddV2: add_v2, as texts of errors call it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])", "_", name).lower()


class _Input:
    def __init__(self, op, text):
        self.record_name, kind = (part.strip() for part in text.split(":", 1))
        self.name = _renamed(op, self.record_name)
        count, star, kind = kind.rpartition("*")
        self.many, self.kind = bool(star), kind.strip()


class _Attribute:
    def __init__(self, op, text):
        self.record_name, kind = (part.strip() for part in text.split(":", 1))
        self.name = _renamed(op, self.record_name)
        kind, _, default = kind.partition(" = ")
        self.kind = kind.split(">=")[0].strip()
        self.is_type = not re.match(r"(int|float|bool|string|shape|tensor|func|list\(.*\)|\{'.*)$", self.kind)
        self.required = not default
        self.default = self._parse(default.strip()) if default else None

    def _parse(self, text):
        if self.is_type:
            return as_dtype(text)
        if text in ("true", "false"):
            return text == "true"
        if text.startswith("["):
            return [] if text == "[]" else [self._parse(part.strip()) for part in text[1:-1].split(",")]
        if text[:1] in "'\"":
            return text[1:-1]
        if self.kind == "shape":
            return None
        number = float(text)
        return number if "float" in self.kind else int(number)

    def value(self, given):
        """What the engine takes for `given`."""
        if self.kind == "float" and not isinstance(given, float):
            return float(given)
        if self.kind == "shape":
            return as_shape(given)
        if self.kind == "list(shape)":
            return [as_shape(item) for item in given]
        if self.kind == "list(float)":
            return [float(item) for item in given]
        if self.is_type:
            return as_dtype(given)
        if self.kind == "list(type)":
            return [as_dtype(item) for item in given]
        if self.kind.startswith("list("):
            return list(given)
        return given


def _outputs(texts):
    """Name and kind of each output; kinds: "one", ("count", attribute), ("types", attribute)."""
    rows = []
    for text in texts:
        name, kind = (part.strip() for part in text.split(":", 1))
        rows.append((name, kind))
    return rows


def _make(name):
    """The function tf.raw_ops.`name`, or None where there is no such op."""
    if name not in _NAMES:
        return None
    record, snake = _core.describe_op(name), _snake(name)
    inputs = [_Input(name, text) for text in record["inputs"]]
    # Attributes that begin so are the engine's own, as in TensorFlow: its ops take them and do not name them.
    attributes = [_Attribute(name, text) for text in record["attrs"] if not text.startswith("_")]
    kinds = {a.name: a for a in attributes}
    inferred = {i.kind for i in inputs} | {text.split(":", 1)[1].partition("*")[0].strip()
                                            for text in record["inputs"] if "*" in text}
    counts = {text.split(":")[0].strip(): text.split(":", 1)[1].partition("*")[0].strip() for text in record["inputs"]}
    asked = [a for a in attributes if a.name not in inferred]
    asked.sort(key=lambda a: not a.required)
    outputs = _outputs(record["outputs"])
    lists = ["*" in kind or (kind in kinds and kinds[kind].kind == "list(type)") for _, kind in outputs]
    known = [i.name for i in inputs] + [a.name for a in asked] + ["name"]
    Result = collections.namedtuple(name, [n for n, _ in outputs], rename=True) if len(outputs) > 1 else None

    def converted(arguments):
        types, rows = {}, []
        for i in inputs:
            given, kind = arguments[i.name], kinds.get(i.kind)
            if i.many or (kind is not None and not kind.is_type):
                if not isinstance(given, (list, tuple)):
                    raise TypeError(f"Expected list for '{i.name}' argument to '{snake}' Op, not {given}.")
                rows += [(item, i.kind, kind) for item in given]
            else:
                rows.append((given, i.kind, kind))
        for item, letter, kind in rows:      # a tensor decides for the numbers that share its type
            if kind is not None and kind.is_type and _core.is_tensor(item):
                types.setdefault(letter, item.dtype)
        tensors = []
        for item, letter, kind in rows:
            if kind is None or not kind.is_type:
                tensors.append(item if _core.is_tensor(item) else _core.convert(item, None if kind else as_dtype(letter)))
                continue
            known = None if _core.is_tensor(item) else types.get(letter)
            tensors.append(_core.convert(item, known, kind.default))
            types.setdefault(letter, tensors[-1].dtype)
        return tensors

    def how_many(kind, arguments):
        """The length of an output that is a list, where an attribute or an input of the same kind tells it."""
        if "*" in kind:
            given = arguments.get(kind.partition("*")[0].strip())
            return given if isinstance(given, int) else None
        same = [arguments[i.name] for i in inputs if i.kind == kind] + [arguments.get(kind)]
        return next((len(x) for x in same if isinstance(x, (list, tuple))), None)

    def packed(tensors, arguments):
        if not outputs:
            return None
        results, at = [], 0
        for (_, kind), many in zip(outputs, lists):
            if not many:
                results.append(tensors[at])
                at += 1
                continue
            count = how_many(kind, arguments)
            if count is None:      # the only list among the results
                count = len(tensors) - at - sum(1 for _ in outputs[len(results) + 1:])
            results.append(tensors[at:at + count])
            at += count
        return results[0] if Result is None else Result(*results)

    def call(*positional, **arguments):
        if positional:
            raise TypeError(f"{snake} only takes keyword args (possible keys: {known}). "
                            "Please pass these args as kwargs instead.")
        for key in arguments:
            if key not in known:
                raise TypeError(f"{snake}() got an unexpected keyword argument '{key}'")
        missing = [n for n in [i.name for i in inputs] + [a.name for a in asked if a.required]
                   if n not in arguments]
        if missing:
            raise TypeError(f"{snake}() missing {len(missing)} required positional argument"
                            f"{'s' if len(missing) > 1 else ''}: " + " and ".join(map(repr, missing)))
        given = {a.record_name: a.value(arguments[a.name]) for a in asked
                 if arguments.get(a.name, None) is not None}
        given.update((counts[i.name], len(arguments[i.name])) for i in inputs
                     if i.many and isinstance(arguments[i.name], (list, tuple)))
        return packed(_core.run_op(name, converted(arguments), given), arguments)

    keyword = inspect.Parameter.KEYWORD_ONLY
    call.__signature__ = inspect.Signature(
        [inspect.Parameter(i.name, keyword) for i in inputs] +
        [inspect.Parameter(a.name, keyword) if a.required else inspect.Parameter(a.name, keyword, default=a.default)
         for a in asked] + [inspect.Parameter("name", keyword, default=None)])
    call.__name__ = call.__qualname__ = name
    call.__doc__ = record["doc"]
    return call


# An op of our own has no place among TensorFlow's.
_NAMES = frozenset(name for name in _core.op_names() if not name.startswith("Ninefold")) - {"CustomGradient"}


def __getattr__(name):
    function = _make(name)
    if function is None:
        raise AttributeError(f"module 'tensorflow.raw_ops' has no attribute '{name}'")
    globals()[name] = function
    return function


def __dir__():
    return sorted(_NAMES)
