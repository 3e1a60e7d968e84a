# In: nothing. Out: cases of the ops that work on strings by patterns, hashes, code points, and of those that read bytes.
import numpy as np

import table
from table import F32, F64, T, case, i32, op, pack, scalar

FLOAT = scalar(F32, 1.5)


def texts(*values):
    return pack("string", np.array([v if isinstance(v, bytes) else v.encode() for v in values], dtype=object))


def text(value):
    return pack("string", np.array(value if isinstance(value, bytes) else value.encode(), dtype=object))


def i64(*values):
    return pack("int64", np.array(values, dtype=np.int64))


EMPTY = texts()
WORDS = texts("Hello World", "", "a,b,,c", "å ÄÖ 日本", "x1y22z333", "line\nbreak")
PATTERNS = ("[a-z]+", "(\\d+)", "^$", ".", "(?i)HELLO (W)", "\\s+", "[^[:alpha:]]", "日|Ä")


# ---- regular expressions -----------------------------------------------------------------------------------------

@op("RegexReplace StaticRegexReplace")
def _(name):
    def row(kind, x, pattern, rewrite, **attrs):
        if name == "RegexReplace":
            return case(kind, attrs, input=x, pattern=text(pattern), rewrite=text(rewrite))
        return case(kind, {"pattern": pattern, "rewrite": rewrite, **attrs}, input=x)
    rows = [row("value", WORDS, p, r) for p in PATTERNS for r in ("", "<\\0>")] + [row("value", WORDS, "(.)(.)", "\\2\\1", replace_global=False)]
    rows += [row("value", text("scalar"), "a", "b"), row("value", WORDS, "(.)", "\\2"), row("empty", EMPTY, "a", "b")]
    rows += [row("error", WORDS, p, "") for p in ("[", "(", "a**", "\\8", "a{2000}")]
    if name == "RegexReplace":
        rows.append(case("error", input=WORDS, pattern=texts("a", "b"), rewrite=text("")))
    return rows


@op("RegexFullMatch StaticRegexFullMatch")
def _(name):
    def row(kind, x, pattern):
        if name == "RegexFullMatch":
            return case(kind, input=x, pattern=text(pattern))
        return case(kind, {"pattern": pattern}, input=x)
    return [row("value", WORDS, p) for p in PATTERNS + (".*", "(?s).*", "[xyz0-9]*")] + [row("empty", EMPTY, "a"), row("error", WORDS, "["), row("error", FLOAT, "a")]


# ---- hashes ------------------------------------------------------------------------------------------------------

LENGTHS = texts(*[("abcdefghijklmnopqrstuvwxyz0123456789é" * 8)[:n] for n in list(range(36)) + [48, 63, 64, 65, 80, 127, 128, 129, 192, 200, 256]])
MANY = 2 ** 62 + 1


@op("StringToHashBucketFast")
def _(name):
    return [case("value", {"num_buckets": n}, input=LENGTHS) for n in (1, 10, MANY)] + [case("empty", {"num_buckets": 3}, input=EMPTY), case("error", {"num_buckets": 0}, input=WORDS), case("error", {"num_buckets": 2}, input=FLOAT)]


@op("StringToHashBucket")
def _(name):
    return [case("value", {"num_buckets": n}, string_tensor=LENGTHS) for n in (1, 10, MANY)] + [case("empty", {"num_buckets": 3}, string_tensor=EMPTY), case("error", {"num_buckets": 0}, string_tensor=WORDS)]


@op("StringToHashBucketStrong")
def _(name):
    return [case("value", {"num_buckets": n, "key": k}, input=LENGTHS) for n in (10, MANY) for k in ([0, 0], [123456789, -7])] + [case("empty", {"num_buckets": 3, "key": [1, 2]}, input=EMPTY), case("error", {"num_buckets": 3, "key": [1]}, input=WORDS)]


@op("Fingerprint")
def _(name):
    method = text("farmhash64")
    return [case("value", data=pack(d, np.arange(12).reshape(3, 4)), method=method) for d in ("int32", "int64", F32, "uint8")] + [case("value", data=WORDS, method=method), case("empty", data=pack(F32, np.zeros([0, 3])), method=method), case("error", data=FLOAT, method=method), case("error", data=WORDS, method=text("md5"))]


# ---- parts -------------------------------------------------------------------------------------------------------

@op("StringSplit")
def _(name):
    return [case("value", {"skip_empty": s}, input=WORDS, delimiter=text(d)) for s in (True, False) for d in ("", ",", " ,")] + [case("empty", input=EMPTY, delimiter=text(" ")), case("error", input=text("a"), delimiter=text("")), case("error", input=WORDS, delimiter=texts("a", "b"))]


@op("StringNGrams")
def _(name):
    def row(kind, splits, widths, left="", right="", pad=0, short=False, data=texts("a", "b", "c", "d", "e")):
        return case(kind, {"separator": "|", "ngram_widths": widths, "left_pad": left, "right_pad": right, "pad_width": pad, "preserve_short_sequences": short}, data=data, data_splits=splits)
    whole, parts = i64(0, 5), i64(0, 1, 1, 5)
    return [row("value", s, w, l, r, p, short) for s in (whole, parts, i32(0, 2, 5)) for w in ([1], [2], [3, 1]) for l, r, p in (("", "", 0), ("L", "R", -1), ("L", "R", 1)) for short in (False, True)] + [
        row("empty", i64(0), [2], data=EMPTY), row("error", i64(1, 5), [2]), row("error", i64(0, 4), [2]), row("error", i64(0, 3, 2, 5), [2])]


@op("UnsortedSegmentJoin")
def _(name):
    grid = pack("string", np.array([[b"a", b"b"], [b"c", b"d"], [b"e", b"f"]], dtype=object))
    return [case("value", {"separator": s}, inputs=texts("a", "b", "c"), segment_ids=i, num_segments=scalar("int32", 3)) for s in ("", "--") for i in (i32(0, 1, 0), i64(2, 0, 2))] + [
        case("value", {"separator": ","}, inputs=grid, segment_ids=i32(1, 0, 1), num_segments=scalar("int64", 2)), case("empty", inputs=EMPTY, segment_ids=i32(), num_segments=scalar("int32", 2)),
        case("error", inputs=texts("a"), segment_ids=i32(-1), num_segments=scalar("int32", 2)), case("error", inputs=texts("a"), segment_ids=i32(5), num_segments=scalar("int32", 2)), case("error", inputs=texts("a"), segment_ids=i32(0, 1), num_segments=scalar("int32", 2))]


# ---- Unicode -----------------------------------------------------------------------------------------------------

BROKEN = texts(b"ab\xffcd", b"\xe6\x97", b"\xe6\x97\xa5", b"\xc0\x80", b"\xed\xa0\x80", b"\xf0\x9f\x98\x8a!", b"\xf4\x90\x80\x80", b"\xe2\x82x", b"tab\there\n", b"")
UTF16 = texts("hé日".encode("utf-16-be"), b"\xd8\x3d\xde\x0a", b"\xd8\x3d", b"\xde\x0a\x00a", b"\x00", b"")
UTF32 = texts("hé日".encode("utf-32-be"), b"\x00\x11\x00\x00", b"\x00\x00\xd8\x00\x00\x00\x00a", b"\x00\x00", b"")


def _coded(name, **more):
    rows = [case("value", {"input_encoding": e, "errors": errors, **a, **more}, input=x) for e, x in (("UTF-8", BROKEN), ("UTF-8", WORDS), ("UTF-16-BE", UTF16), ("UTF-32-BE", UTF32), ("utf-8", BROKEN), ("US-ASCII", BROKEN), ("ISO-8859-1", BROKEN))
            for errors, a in (("replace", {}), ("ignore", {}), ("replace", {"replacement_char": 63, "replace_control_characters": True}), ("ignore", {"replace_control_characters": True}))]
    rows += [case("empty", {"input_encoding": "UTF-8", **more}, input=EMPTY), case("value", {"input_encoding": "UTF-8", "errors": "strict", **more}, input=WORDS)]
    return rows + [case("error", {"input_encoding": "UTF-8", "errors": "strict", **more}, input=BROKEN), case("error", {"input_encoding": "NONE-SUCH", **more}, input=WORDS),
                   case("error", {"input_encoding": "UTF-8", "replacement_char": 0x110000, **more}, input=WORDS), case("error", {"input_encoding": "UTF-8", "errors": "other", **more}, input=WORDS),
                   case("error" if more else "value", {"input_encoding": "UTF-8", "errors": "strict", "replace_control_characters": True, **more}, input=texts("a\tb"))]


@op("UnicodeDecode UnicodeDecodeWithOffsets")
def _(name):
    # TensorFlow ends the process where offsets are asked for with int32 splits.
    return _coded(name) + [case("value", {"input_encoding": "UTF-8", "Tsplits": T("int32")}, input=WORDS)] * (name == "UnicodeDecode")


@op("UnicodeTranscode")
def _(name):
    return _coded(name, output_encoding="UTF-8") + [case("value", {"input_encoding": "UTF-8", "output_encoding": e}, input=WORDS) for e in ("UTF-16-BE", "UTF-32-BE")] + [case("error", {"input_encoding": "UTF-8", "output_encoding": "UTF-7"}, input=WORDS)]


@op("UnicodeEncode")
def _(name):
    codes = i32(72, 228, 26085, 128522, 0xD800, 0xFFFE, 0x110000, -1, 10)
    return [case("value", {"output_encoding": e, "errors": errors}, input_values=codes, input_splits=s) for e in ("UTF-8", "UTF-16-BE", "UTF-32-BE") for errors in ("replace", "ignore") for s in (i64(0, 4, 4, 9), i32(0, 9))] + [
        case("value", {"output_encoding": "UTF-8", "errors": "strict"}, input_values=i32(72, 26085), input_splits=i64(0, 1, 2)), case("value", {"output_encoding": "UTF-8", "replacement_char": 63}, input_values=codes, input_splits=i64(0, 9)),
        case("empty", {"output_encoding": "UTF-8"}, input_values=i32(), input_splits=i64(0)), case("error", {"output_encoding": "UTF-8", "errors": "strict"}, input_values=codes, input_splits=i64(0, 9)),
        case("error", {"output_encoding": "UTF-8"}, input_values=codes, input_splits=i64(0, 10)), case("error", {"output_encoding": "UTF-8"}, input_values=codes, input_splits=i64(0, 3, 2, 9)), case("error", {"output_encoding": "UTF-7"}, input_values=codes, input_splits=i64(0, 9))]


@op("UnicodeScript")
def _(name):
    return [case("value", input=i32(65, 0x3B1, 0x416, 0x5D0, 0x4E00, 0x3042, 0xAC00, 0x0E01, 48, 0x301, 0x1F600, 0xE000, 0x10FFFF, 0x110000, -1, 0, 0x378)), case("empty", input=i32()), case("error", input=FLOAT)]


# ---- bytes -------------------------------------------------------------------------------------------------------

def _varint(n):
    n &= 2 ** 64 - 1
    out = b""
    while n >= 0x80:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def _field(number, data):
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _list(values):
    if all(isinstance(v, bytes) for v in values) and values:
        return _field(1, b"".join(_field(1, v) for v in values))
    if any(isinstance(v, float) for v in values):
        return _field(2, _field(1, np.array(values, "<f4").tobytes()))
    return _field(3, _field(1, b"".join(map(_varint, values))))


def example(**features):
    return _field(1, b"".join(_field(1, _field(1, k.encode()) + _field(2, _list(v))) for k, v in features.items()))


FULL = example(i=[1, -2, 3], f=[1.5, 2.5], s=[b"x", b"yy"], one=[7])
SHORT = example(i=[9], s=[b""], one=[8])
MORE = example(f=[0.5], i=[4, 5], s=[b"a", b"b", b"c"], one=[-1])


@op("ParseExampleV2")
def _(name):
    none = EMPTY

    def row(kind, serialized, sparse=(), dense=(), ragged=(), names=none):
        """sparse: (key, dtype); dense: (key, shape, default); ragged: (key, dtype, splits)."""
        return case(kind, {"num_sparse": len(sparse), "sparse_types": [T(d) for _, d in sparse], "ragged_value_types": [T(d) for _, d, _ in ragged],
                           "ragged_split_types": [T(d) for _, _, d in ragged], "dense_shapes": [s for _, s, _ in dense]},
                    serialized=serialized, names=names, sparse_keys=texts(*[k for k, _ in sparse]), dense_keys=texts(*[k for k, _, _ in dense]),
                    ragged_keys=texts(*[k for k, _, _ in ragged]), dense_defaults=[d for _, _, d in dense])
    batch, one = texts(FULL, SHORT, MORE), text(FULL)
    no64, nof, nos = i64(), pack(F32, np.zeros(0)), EMPTY
    rows = []
    for x in (batch, one):
        rows += [row("value", x, sparse=[("i", "int64"), ("s", "string"), ("f", F32), ("none", F32)]), row("value", x, dense=[("one", [], no64)]),
                 row("value", x, ragged=[("i", "int64", "int32"), ("f", F32, "int64"), ("none", "string", "int32")]),
                 row("value", x, dense=[("i", [None], scalar("int64", -9)), ("f", [None], scalar(F32, 0.25)), ("s", [None], text("pad"))])]
    rows += [row("value", one, dense=[("i", [3], no64), ("f", [2, 1], nof), ("s", [1, 2], nos)]), row("value", batch, dense=[("none", [2], i64(5, 6))]),
             row("value", batch, sparse=[("s", "string")], dense=[("one", [1], no64)], ragged=[("i", "int64", "int64")], names=texts("n0", "n1", "n2")),
             row("value", texts(b"", FULL + example(one=[99])), dense=[("one", [], scalar("int64", 3))]), row("empty", none, sparse=[("i", "int64")], dense=[("one", [], no64)], ragged=[("i2", "int64", "int32")])]
    rows += [row("error", x, dense=d, names=n) for x, n in ((batch, none), (one, none), (batch, texts("n0", "n1", "n2"))) for d in ([("none", [], no64)], [("i", [2], no64)], [("one", [], nof)])]
    return rows + [row("error", batch, dense=[("i", [None, 2], scalar("int64", 0))]), row("error", texts("", "garbage"), sparse=[("i", "int64")]), row("error", one, sparse=[("i", F32)]), row("error", one, ragged=[("i", F32, "int32")]), row("error", one, dense=[("i", [None, 2], scalar("int64", 0))]), row("error", text(b"garbage"), sparse=[("i", "int64")]),
                   row("error", batch, sparse=[("i", F32)]), row("error", batch, ragged=[("s", "int64", "int32")])]


@op("SerializeTensor")
def _(name):
    return [case("value", tensor=pack(d, np.arange(6).reshape(2, 3))) for d in (F32, F64, "int32", "int64", "uint8", "bool", "complex64", "float16")] + [case("value", tensor=WORDS), case("value", tensor=FLOAT), case("empty", tensor=pack(F32, np.zeros([0, 2])))]


@op("ParseTensor")
def _(name):
    def proto(dtype, dims, content):
        return _varint(8) + _varint(dtype) + _field(2, b"".join(_field(2, _varint(8) + _varint(d)) for d in dims)) + content
    floats = proto(1, [2], _field(4, np.array([1.5, 2.5], "<f4").tobytes()))
    return [case("value", {"out_type": T(F32)}, serialized=text(floats)), case("value", {"out_type": T("string")}, serialized=text(proto(7, [2], _field(8, b"a") + _field(8, b"bc")))),
            case("value", {"out_type": T("int32")}, serialized=text(proto(3, [3], _field(7, b"\x07")))), case("empty", {"out_type": T(F32)}, serialized=text(proto(1, [0], b""))),
            case("error", {"out_type": T("int32")}, serialized=text(floats)), case("error", {"out_type": T(F32)}, serialized=text(b"rubbish")), case("error", {"out_type": T(F32)}, serialized=texts("a", "b"))]


@op("DecodePaddedRaw")
def _(name):
    return [case("value", {"out_type": T(d), "little_endian": le}, input_bytes=texts("abcdefghij", "AB", ""), fixed_length=scalar("int32", 8)) for d in ("uint8", "int32", F32, "int64", "uint16") for le in (True, False)] + [
        case("empty", {"out_type": T("uint8")}, input_bytes=EMPTY, fixed_length=scalar("int32", 2))] + [case("error", {"out_type": T("int32")}, input_bytes=texts("abc"), fixed_length=scalar("int32", n)) for n in (0, 6, -4)]


@op("DecodeCSV")
def _(name):
    full = [i64(0), pack(F32, [0.5]), texts("d")]
    lines = texts("1,2.5,x", "-7, 3 ,\"a,\"\"b\"\"\"", ",,", "4,1e3,\"two\nlines\"")
    return [case("value", records=lines, record_defaults=full), case("value", {"field_delim": ";"}, records=texts("1;2;3"), record_defaults=full), case("value", {"na_value": "NA"}, records=texts("NA,NA,NA", "1,2,3"), record_defaults=full),
            case("value", {"use_quote_delim": False}, records=texts("1,2,\"x\""), record_defaults=full), case("value", {"select_cols": [0, 2]}, records=texts("1,2,3,4"), record_defaults=[i32(0), texts("")]),
            case("value", records=text("5,6,7"), record_defaults=full), case("empty", records=EMPTY, record_defaults=full), case("value", records=texts("1,2", "3,4"), record_defaults=[scalar(F64, 0.0), scalar("int32", 1)])] + [
        case("error", records=texts(x), record_defaults=full) for x in ("1,2", "1,2,3,4", "x,2,3", "1.5,2,3", "1,y,3", "1,2,a\"b", "1,2,\"a\"b", "1,2,\"a")] + [
        case("error", records=texts("1,,x"), record_defaults=[i64(0), pack(F32, np.zeros(0)), texts("d")]), case("error", {"field_delim": ""}, records=texts("1"), record_defaults=[i64(0)])]


# ---- sparse tensors ----------------------------------------------------------------------------------------------

@op("SparseToDense")
def _(name):
    def row(kind, at, shape, values, default=scalar(F32, 0.0), **attrs):
        return case(kind, attrs, sparse_indices=at, output_shape=shape, sparse_values=values, default_value=default)
    at = pack("int64", [[0, 1], [1, 2], [2, 0]])
    three = pack(F32, [1., 2., 3.])
    return [row("value", at, i64(3, 3), three), row("value", at, i64(3, 3), three, scalar(F32, -1.)), row("value", at, i64(3, 3), scalar(F32, 5.)), row("value", pack("int64", [[0, 1], [1, 2], [2, 0]]), i64(3, 3), pack(F64, [1., 2., 3.]), scalar(F64, 0.5)),
            row("value", i32(0, 2), i32(4), texts("a", "b"), text("-")), row("value", pack("int64", [[1], [0]]), i64(2), i32(1, 2), scalar("int32", 0), validate_indices=False), row("empty", pack("int64", np.zeros([0, 2])), i64(2, 2), pack(F32, np.zeros(0))),
            row("error", pack("int64", [[1], [0]]), i64(2), pack(F32, [1., 2.])), row("error", pack("int64", [[1], [1]]), i64(2), pack(F32, [1., 2.])), row("error", pack("int64", [[5]]), i64(2), pack(F32, [1.])), row("error", pack("int64", [[-1]]), i64(2), pack(F32, [1.]))]


@op("SparseReorder")
def _(name):
    at = pack("int64", [[2, 0], [0, 1], [1, 2], [0, 0]])
    return [case("value", input_indices=at, input_values=v, input_shape=i64(3, 3)) for v in (pack(F32, [1., 2., 3., 4.]), pack(F64, [1., 2., 3., 4.]), texts("a", "b", "c", "d"))] + [
        case("empty", input_indices=pack("int64", np.zeros([0, 2])), input_values=pack(F32, np.zeros(0)), input_shape=i64(3, 3)), case("error", input_indices=i64(1), input_values=pack(F32, [1.]), input_shape=i64(3)), case("error", input_indices=at, input_values=pack(F32, [1.]), input_shape=i64(3, 3))]


table.EXEMPT["SerializeTensor", "error"] = "takes every dtype and shape"
