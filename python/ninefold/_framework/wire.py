# In: numbers and texts. Out: what a field of a protobuf message takes of them, its bytes and its text; one row a type.
import operator
import struct

from .. import _core


def varint(n):
    """A whole number in groups of seven bits, the lowest first; negative ones as 64 bits."""
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def tag(number, wire_type):
    return varint(number << 3 | wire_type)


def delimited(number, data):
    return tag(number, 2) + varint(len(data)) + data


def escaped(value):
    """Bytes as protobuf's text form has them."""
    short = {9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 39: "\\'", 92: "\\\\"}
    return '"' + "".join(short.get(b, chr(b) if 32 <= b < 127 else f"\\{b:03o}") for b in value) + '"'


def _refuse(value, allowed):
    raise TypeError(f"{value!r} has type {type(value).__name__}, but expected one of: {allowed}")


class Type:
    """A type of scalars: `check` gives the value that a field keeps, `wire_type` and `write` its bytes without the tag,
    `read` takes a wire's number or bytes. Called with one value, or `all` with many, as lists of messages ask."""

    def __init__(self, check, default, wire_type, write, read, show):
        self.check, self.default, self.wire_type = check, default, wire_type
        self.write, self.read, self.show = write, read, show

    def __call__(self, value):
        return self.check(value)

    def all(self, values):
        return [self.check(value) for value in values]

    def unpacked(self, held):
        """The values in the bytes of a packed list."""
        if self.wire_type != 0:
            size = 8 if self.wire_type == 1 else 4
            if len(held) % size:
                raise ValueError("Error parsing message")
            return [self.read(int.from_bytes(held[i:i + size], "little")) for i in range(0, len(held), size)]
        values, value, shift = [], 0, 0
        for byte in held:
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                values.append(self.read(value))
                value = shift = 0
            elif shift > 63:
                raise ValueError("Error parsing message")
        if shift:
            raise ValueError("Error parsing message")
        return values

    def packed(self, values):
        return b"".join(map(self.write, values))


def _whole(bits, signed):
    low, high = (-(1 << bits - 1), 1 << bits - 1) if signed else (0, 1 << bits)

    def check(value):
        try:
            value = operator.index(value)
        except TypeError:
            _refuse(value, "int, long")
        if not low <= value < high:
            raise ValueError(f"Value out of range: {value}")
        return int(value)

    def read(value):
        value &= (1 << bits) - 1
        return value - (1 << bits) if signed and value >> bits - 1 else value
    return Type(check, 0, 0, varint, read, str)


def _real(code, size, wire_type):
    def check(value):
        if isinstance(value, (str, bytes)) or not hasattr(value, "__float__") and not hasattr(value, "__index__"):
            _refuse(value, "int, long, float")
        value = float(value)
        if size == 8 or value != value or value in (float("inf"), float("-inf")):
            return value
        return _core.message_value("float", value)      # as float32 keeps it
    return Type(check, 0.0, wire_type, lambda v: struct.pack(code, v),
                lambda n: struct.unpack(code, n.to_bytes(8, "little")[:size])[0], repr)


def _check_text(value):
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise ValueError(f"{value!r} has type bytes, but isn't valid UTF-8 encoding. Non-UTF-8 strings must be "
                             "converted to unicode objects before being added.") from None
    return value if isinstance(value, str) else _refuse(value, "bytes, unicode")


def _check_bool(value):
    try:
        return bool(operator.index(value))
    except TypeError:
        _refuse(value, "int, long, bool" if isinstance(value, (str, bytes, float)) else "int, long")


def enumeration(names, prefix=""):
    """An enum's type, of {number: name}: numbers, shown by name; a name may be given for its number."""
    numbers = {prefix + name: number for number, name in names.items()}
    whole = _whole(32, True)

    def check(value):
        if isinstance(value, str) and value in numbers:
            return numbers[value]
        return whole.check(value)
    return Type(check, 0, 0, varint, whole.read, lambda n: prefix + names[n] if n in names else str(n))


def _sized(data):
    return varint(len(data)) + data


TYPES = {
    "int32": _whole(32, True), "int64": _whole(64, True), "uint32": _whole(32, False), "uint64": _whole(64, False),
    "float": _real("<f", 4, 5), "double": _real("<d", 8, 1),
    "bool": Type(_check_bool, False, 0, lambda v: varint(int(v)), bool, lambda v: "true" if v else "false"),
    "bytes": Type(lambda v: v if isinstance(v, bytes) else _refuse(v, "bytes"), b"", 2, _sized, lambda v: v, escaped),
    "string": Type(_check_text, "", 2, lambda v: _sized(v.encode()), lambda v: v.decode(), lambda v: escaped(v.encode())),
}
