# In: nothing. Out: the cases of ops that move, gather, scatter, slice and count elements.
import numpy as np

from table import F32, F64, STRING_SCALAR, T, case, draw, i32, of, op, scalar
from tensors import COMPLEX, FLOATS, INTS, NUMERIC, REAL, pack, special

ALL = NUMERIC + ("bool", "string")


def i64(*values):
    return pack("int64", np.array(values, dtype=np.int64))


@op("Reshape")
def _(name):
    rows = [case("value", tensor=of(d, name, [2, 6]), shape=i32(3, -1)) for d in ALL]
    rows += [case("value", tensor=of(F32, name, [2, 6]), shape=s) for s in (i64(12), i32(1, 12, 1), i32(-1))]
    rows += [case("value", tensor=of(F32, name, [1]), shape=pack("int32", np.zeros(0)))]
    rows += [case("empty", tensor=of(F32, name, [0, 3]), shape=i32(*s)) for s in ((3, 0), (0,), (-1, 3), (0, -1, 2))]
    rows += [case("error", tensor=of(F32, name, [2, 3]), shape=i32(*s)) for s in ((4,), (-1, 4), (-1, -1), (-2, 3))]
    rows += [case("error", tensor=of(F32, name, [0, 3]), shape=i32(-1, 0)), case("error", tensor=of(F32, name, [2]), shape=pack("int32", [[2]]))]
    return rows


@op("Transpose ConjugateTranspose")
def _(name):
    rows = [case("value", x=of(d, name, [2, 3, 4]), perm=i32(2, 0, 1)) for d in ALL]
    rows += [case("value", x=of(F32, name, s), perm=i32(*p)) for s, p in (([2, 3], (1, 0)), ([2, 3, 4, 5], (0, 2, 1, 3)), ([2, 3, 4, 5], (3, 1, 0, 2)), ([4], (0,)), ([17, 33], (1, 0)))]
    rows += [case("value", x=of(F32, name, []), perm=pack("int32", np.zeros(0))), case("value", x=of(F32, name, [2, 3]), perm=i64(1, 0))]
    rows += [case("empty", x=of(F32, name, [0, 3]), perm=i32(1, 0)), case("empty", x=of(F32, name, [2, 0, 3]), perm=i32(2, 1, 0))]
    rows += [case("error", x=of(F32, name, [2, 3]), perm=i32(*p)) for p in ((0,), (0, 0), (0, 2), (0, 1, 2))]
    return rows


@op("ConcatV2")
def _(name):
    def row(kind, d, shapes, axis):
        return case(kind, values=[of(d, name + str(i), s) for i, s in enumerate(shapes)], axis=axis)
    rows = [row("value", d, ([2, 3], [1, 3]), scalar("int32", 0)) for d in ALL]
    rows += [row("value", F32, s, a) for s, a in ((([2, 3], [2, 1], [2, 2]), scalar("int32", 1)), (([2, 3, 1], [2, 3, 2]), scalar("int32", -1)), (([2], [3]), scalar("int64", 0)))]
    rows += [row("empty", F32, ([0, 3], [2, 3]), scalar("int32", 0)), row("empty", F32, ([0], [0]), scalar("int32", 0)), row("empty", F32, ([2, 0], [2, 3]), scalar("int32", 1))]
    rows += [row("error", F32, ([2, 3], [2, 2]), scalar("int32", 0)), row("error", F32, ([2, 3], [3]), scalar("int32", 0)), row("error", F32, ([2], [3]), scalar("int32", 1)),
             row("error", F32, ([2], [3]), i32(0, 0)), row("error", F32, ([], []), scalar("int32", 0)),
             case("error", values=[of(F32, "", [2]), of(F64, "", [2])], axis=scalar("int32", 0))]
    return rows


@op("Pack")
def _(name):
    rows = [case("value", values=[of(d, name + str(k), [2, 3]) for k in range(2)]) for d in ALL]
    rows += [case("value", {"axis": a}, values=[of(F32, name + str(k), [2, 3]) for k in range(3)]) for a in (1, 2, -1)]
    rows += [case("value", values=[of(F32, "", [])] * 2), case("empty", values=[of(F32, "", [0, 2])] * 2)]
    rows += [case("error", values=[of(F32, "", [2]), of(F32, "", [3])]), case("error", {"axis": 2}, values=[of(F32, "", [2])] * 2),
             case("error", values=[of(F32, "", [2]), of(F64, "", [2])])]
    return rows


@op("Unpack")
def _(name):
    rows = [case("value", {"num": 2, "axis": 0}, value=of(d, name, [2, 3])) for d in ALL]
    rows += [case("value", {"num": 3, "axis": a}, value=of(F32, name, [2, 3])) for a in (1, -1)]
    rows += [case("empty", {"num": 2, "axis": 0}, value=of(F32, name, [2, 0])), case("empty", {"num": 0, "axis": 0}, value=of(F32, name, [0, 2]))]
    rows += [case("error", {"num": 3, "axis": 0}, value=of(F32, name, [2, 3])), case("error", {"num": 2, "axis": 2}, value=of(F32, name, [2, 3])), case("error", {"num": 1, "axis": 0}, value=of(F32, name, []))]
    return rows


@op("Split")
def _(name):
    rows = [case("value", {"num_split": 2}, axis=scalar("int32", 1), value=of(d, name, [2, 4])) for d in ALL]
    rows += [case("value", {"num_split": 3}, axis=scalar("int32", -2), value=of(F32, name, [6, 2])), case("empty", {"num_split": 2}, axis=scalar("int32", 0), value=of(F32, name, [0, 2]))]
    rows += [case("error", {"num_split": 3}, axis=scalar("int32", 1), value=of(F32, name, [2, 4])), case("error", {"num_split": 2}, axis=scalar("int32", 2), value=of(F32, name, [2, 4])),
             case("error", {"num_split": 0}, axis=scalar("int32", 0), value=of(F32, name, [2, 4]))]
    return rows


@op("SplitV")
def _(name):
    rows = [case("value", {"num_split": 3}, value=of(d, name, [2, 6]), size_splits=i32(1, 3, 2), axis=scalar("int32", 1)) for d in ALL]
    rows += [case("value", {"num_split": 3}, value=of(F32, name, [6]), size_splits=i64(1, -1, 2), axis=scalar("int32", 0)), case("empty", {"num_split": 2}, value=of(F32, name, [2, 3]), size_splits=i32(0, 3), axis=scalar("int32", 1))]
    rows += [case("error", {"num_split": n}, value=of(F32, name, [6]), size_splits=i32(*s), axis=scalar("int32", a)) for n, s, a in ((2, (1, 2), 0), (2, (1, 5), 1), (3, (-1, -1, 2), 0), (2, (7, -1), 0))]
    return rows


@op("Tile")
def _(name):
    rows = [case("value", input=of(d, name, [2, 3]), multiples=i32(2, 1)) for d in ALL]
    rows += [case("value", input=of(F32, name, [2, 1, 3]), multiples=i64(1, 4, 2)), case("value", input=of(F32, name, []), multiples=pack("int32", np.zeros(0)))]
    rows += [case("empty", input=of(F32, name, [2, 3]), multiples=i32(0, 2)), case("empty", input=of(F32, name, [0, 3]), multiples=i32(2, 2))]
    rows += [case("error", input=of(F32, name, [2, 3]), multiples=i32(*m)) for m in ((2,), (-1, 2), (1, 2, 3))]
    return rows


@op("Slice")
def _(name):
    rows = [case("value", input=of(d, name, [3, 4]), begin=i32(1, 0), size=i32(2, 3)) for d in ALL]
    rows += [case("value", input=of(F32, name, [3, 4]), begin=i64(0, 2), size=i64(-1, -1)), case("value", input=of(F32, name, [3, 4, 2]), begin=i32(1, 1, 1), size=i32(1, 3, 1)), case("empty", input=of(F32, name, [3, 4]), begin=i32(3, 0), size=i32(0, 2)), case("empty", input=of(F32, name, [0, 4]), begin=i32(0, 0), size=i32(0, 4))]
    rows += [case("error", input=of(F32, name, [3, 4]), begin=i32(*b), size=i32(*s)) for b, s in (((2, 0), (2, 1)), ((-1, 0), (1, 1)), ((0,), (1,)), ((0, 0), (-2, 1)), ((4, 0), (0, 0)))]
    return rows


@op("StridedSlice")
def _(name):
    def row(kind, shape, begin, end, strides, d=F32, **masks):
        return case(kind, masks, input=of(d, name, shape), begin=i32(*begin), end=i32(*end), strides=i32(*strides))
    rows = [row("value", [3, 4], (0, 1), (3, 4), (2, 1), d) for d in ALL]
    rows += [row("value", [3, 4], (-1, 3), (-4, 0), (-1, -2)), row("value", [3, 4], (1, 0), (2, 3), (1, 1), shrink_axis_mask=1),
             row("value", [3, 4], (0, 0), (0, 2), (1, 1), begin_mask=1, end_mask=1), row("value", [3, 4, 2], (0, 1), (0, 2), (1, 1), ellipsis_mask=1),
             row("value", [3, 4], (0, 0, 1), (0, 3, 2), (1, 1, 1), new_axis_mask=1), row("value", [5], (10,), (-10,), (-1,)), row("value", [5], (-2,), (10,), (1,)),
             row("value", [3, 4], (-1, 0), (0, 4), (1, 1), shrink_axis_mask=1)]
    rows += [row("empty", [3, 4], (2, 0), (1, 4), (1, 1)), row("empty", [0, 4], (0, 0), (3, 4), (1, 1))]
    rows += [row("error", [3], (0,), (2,), (0,)), row("error", [3], (5,), (6,), (1,), shrink_axis_mask=1), row("error", [3], (0, 0), (1, 1), (1, 1)), row("error", [3], (0, 0), (1,), (1,)),
             row("error", [3, 4], (0, 0), (1, 1), (1, 1), ellipsis_mask=3), row("error", [3], (0,), (1,), (-1,), shrink_axis_mask=1)]
    return rows


@op("StridedSliceGrad")
def _(name):
    def row(kind, shape, dy, begin, end, strides, **masks):
        return case(kind, masks, shape=i32(*shape), begin=i32(*begin), end=i32(*end), strides=i32(*strides), dy=of(F32, name, dy))
    return [row("value", (3, 4), [2, 3], (0, 1), (3, 4), (2, 1)), row("value", (3, 4), [4], (1, 0), (2, 4), (1, 1), shrink_axis_mask=1), row("value", (5,), [3], (4,), (-6,), (-2,)),
            row("empty", (3, 4), [0, 4], (2, 0), (1, 4), (1, 1)), row("error", (3, 4), [2, 2], (0, 1), (3, 4), (2, 1))]


@op("Pad PadV2")
def _(name):
    def row(kind, d, shape, pads, dtype="int32"):
        more = {"constant_values": scalar(d, 1)} if name == "PadV2" else {}
        return case(kind, input=of(d, name, shape), paddings=pack(dtype, np.array(pads).reshape(-1, 2)), **more)
    rows = [row("value", d, [2, 3], [[1, 0], [0, 2]]) for d in NUMERIC + ("bool",)]
    rows += [row("value", F32, [2, 3], [[0, 0], [1, 1]], "int64"), row("value", F32, [1, 2, 2, 1], [[0, 0], [1, 1], [1, 1], [0, 0]]), row("value", F32, [], []), row("value", F32, [2, 2, 2, 1, 2], [[1, 0]] * 5)]
    rows += [row("empty", F32, [0, 3], [[0, 0], [1, 1]]), row("empty", F32, [0, 3], [[1, 0], [0, 0]])]
    rows += [row("error", F32, [2, 3], [[1, 0]]), row("error", F32, [2], [[-1, 0]])]
    return rows


@op("MirrorPad")
def _(name):
    def row(kind, mode, d, shape, pads):
        return case(kind, {"mode": mode}, input=of(d, name, shape), paddings=pack("int32", np.array(pads)))
    rows = [row("value", m, d, [3, 4], [[1, 2], [2, 1]]) for m in ("REFLECT", "SYMMETRIC") for d in NUMERIC + ("bool", "string")]
    rows += [row("value", "SYMMETRIC", F32, [2], [[2, 2]]), row("empty", "SYMMETRIC", F32, [0, 3], [[0, 0], [1, 1]]), row("error", "REFLECT", F32, [2], [[2, 0]]), row("error", "SYMMETRIC", F32, [2], [[3, 0]]), row("error", "REFLECT", F32, [2, 2], [[1, 0]]), row("error", "WRONG", F32, [2], [[1, 0]])]
    return rows


@op("MirrorPadGrad", ulps=4, of_scale=True)
def _(name):
    return [case("value", {"mode": m}, input=of(F32, name, [6, 7]), paddings=pack("int32", [[1, 2], [2, 1]])) for m in ("REFLECT", "SYMMETRIC")] + [
        case("empty", {"mode": "SYMMETRIC"}, input=of(F32, name, [0, 5]), paddings=pack("int32", [[0, 0], [1, 1]])), case("error", {"mode": "REFLECT"}, input=of(F32, name, [2]), paddings=pack("int32", [[2, 1]]))]


@op("GatherV2")
def _(name):
    def row(kind, d, shape, indices, axis, **attrs):
        return case(kind, attrs, params=of(d, name, shape), indices=indices, axis=axis)
    zero = scalar("int32", 0)
    rows = [row("value", d, [3, 2], i32(2, 0, 2), zero) for d in ALL]
    rows += [row("value", F32, [3, 4], i64(1, 3), scalar("int32", 1)), row("value", F32, [3, 4], pack("int32", [[0, 1], [2, 2]]), scalar("int32", -1)), row("value", F32, [3, 4], scalar("int32", 1), zero),
             row("value", F32, [2, 3, 4], pack("int32", [[0, 1], [2, 2]]), scalar("int32", 1), batch_dims=1), row("value", F64, [5], i32(4, 4, 4), zero)]
    rows += [row("empty", F32, [3, 2], pack("int32", np.zeros(0)), zero), row("empty", F32, [3, 0], i32(1), zero), row("empty", F32, [0, 2], pack("int32", np.zeros(0)), zero)]
    rows += [row("error", F32, [3, 2], i32(3), zero), row("error", F32, [3, 2], i32(-1), zero), row("error", F32, [3, 2], i32(0), scalar("int32", 2)), row("error", F32, [], i32(0), zero), row("error", F32, [0, 2], i32(0), zero), row("error", F32, [2, 3], pack("int32", [[0]]), scalar("int32", 1), batch_dims=1)]
    return rows


@op("GatherNd")
def _(name):
    rows = [case("value", params=of(d, name, [3, 2]), indices=pack("int32", [[2, 1], [0, 0]])) for d in ALL]
    rows += [case("value", params=of(F32, name, [3, 2]), indices=x) for x in (pack("int64", [[1], [1]]), pack("int32", [2]), pack("int32", np.zeros([2, 0])), pack("int32", [[[0, 1]], [[1, 0]]]))]
    rows += [case("empty", params=of(F32, name, [3, 2]), indices=pack("int32", np.zeros([0, 2])))]
    rows += [case("error", params=of(F32, name, [3, 2]), indices=x) for x in (pack("int32", [[3, 0]]), pack("int32", [[0, -1]]), pack("int32", [[0, 0, 0]]), scalar("int32", 0))]
    return rows


@op("ScatterNd")
def _(name):
    rows = [case("value", indices=pack("int32", [[1], [3], [1]]), updates=of(d, name, [3, 2]), shape=i32(4, 2)) for d in NUMERIC]
    rows += [case("value", indices=pack("int64", [[0, 1]]), updates=of(F32, name, [1]), shape=i64(2, 2)), case("empty", indices=pack("int32", np.zeros([0, 1])), updates=of(F32, name, [0, 2]), shape=i32(4, 2))]
    rows += [case("error", indices=pack("int32", i), updates=of(F32, name, u), shape=i32(*s)) for i, u, s in (([[4]], [1, 2], (4, 2)), ([[1]], [2, 2], (4, 2)), ([[1]], [1, 3], (4, 2)), ([[0, 0, 0]], [1], (4, 2)), ([[0]], [1, 2], (0, 2)))]
    return rows


@op("TensorScatterAdd TensorScatterSub TensorScatterMax TensorScatterMin TensorScatterUpdate")
def _(name):
    rows = [case("value", tensor=of(d, "t", [4, 2]), indices=pack("int32", [[1], [3], [0]]), updates=of(d, name, [3, 2])) for d in NUMERIC + ("bool",)]
    if "Update" not in name:
        rows += [case("value", tensor=of(d, "t", [4]), indices=pack("int32", [[1], [1], [0]]), updates=of(d, name, [3])) for d in (F64, "int32")]
    rows += [case("empty", tensor=of(F32, "t", [4, 2]), indices=pack("int32", np.zeros([0, 1])), updates=of(F32, name, [0, 2])), case("empty", tensor=of(F32, "t", [0, 2]), indices=pack("int32", np.zeros([0, 1])), updates=of(F32, name, [0, 2]))]
    rows += [case("error", tensor=of(F32, "t", [4, 2]), indices=pack("int32", i), updates=of(F32, name, u)) for i, u in (([[4]], [1, 2]), ([[-1]], [1, 2]), ([[1]], [2, 2]), ([[1]], [1, 3]), ([[0, 0, 0]], [1]))]
    return rows


@op("ExpandDims")
def _(name):
    rows = [case("value", input=of(d, name, [2, 3]), axis=scalar("int32", 1)) for d in ALL]
    rows += [case("value", input=of(F32, name, [2, 3]), axis=scalar("int64", a)) for a in (-1, 0, 2, -3)] + [case("empty", input=of(F32, name, [0]), axis=scalar("int32", 0))]
    rows += [case("error", input=of(F32, name, [2, 3]), axis=scalar("int32", a)) for a in (3, -4)] + [case("error", input=of(F32, name, [2, 3]), axis=i32(0, 1))]
    return rows


@op("Squeeze")
def _(name):
    rows = [case("value", {"axis": [0]}, input=of(d, name, [1, 3])) for d in ALL]
    rows += [case("value", {"axis": a}, input=of(F32, name, [1, 2, 1])) for a in ([], [-1], [0, 2])] + [case("empty", {"axis": []}, input=of(F32, name, [1, 0]))]
    return rows + [case("error", {"axis": a}, input=of(F32, name, [1, 2])) for a in ([1], [2], [-3])]


@op("Shape Size Rank", error="it takes tensors of every dtype and shape")
def _(name):
    return [case("value", input=of(d, name, [2, 3])) for d in ALL] + [case("value", input=of(F32, name, [])), case("empty", input=of(F32, name, [0, 3]))] + (
        [case("value", {"out_type": T("int64")}, input=of(F32, name, [2, 3]))] if name != "Rank" else [])


@op("ShapeN", error="it takes tensors of every dtype and shape")
def _(name):
    return [case("value", input=[of(F32, name, [2, 3]), of(F32, name, [])]), case("value", {"out_type": T("int64")}, input=[of("int32", name, [2])]), case("empty", input=[of(F32, name, [0])])]


@op("Fill")
def _(name):
    rows = [case("value", dims=i32(2, 3), value=of(d, name, [])) for d in ALL]
    rows += [case("value", dims=i64(2), value=scalar(F32, 2)), case("value", dims=pack("int32", np.zeros(0)), value=scalar(F32, 2)), case("empty", dims=i32(0, 2), value=scalar(F32, 2))]
    return rows + [case("error", dims=i32(-1), value=scalar(F32, 2)), case("error", dims=i32(2), value=of(F32, "", [2])), case("error", dims=pack("int32", [[2]]), value=scalar(F32, 2))]


@op("Range")
def _(name):
    rows = [case("value", start=scalar(d, a), limit=scalar(d, b), delta=scalar(d, c)) for d in REAL for a, b, c in ((1, 10, 3), (0, 5, 1))]
    rows += [case("value", start=scalar(d, 5), limit=scalar(d, -1), delta=scalar(d, -2)) for d in (F32, "int32")] + [case("value", start=scalar(F32, 0), limit=scalar(F32, 1), delta=scalar(F32, .1)), case("empty", start=scalar("int32", 3), limit=scalar("int32", 3), delta=scalar("int32", 1))]
    return rows + [case("error", start=scalar("int32", a), limit=scalar("int32", b), delta=scalar("int32", c)) for a, b, c in ((0, 5, 0), (5, 0, 1), (0, 5, -1))] + [case("error", start=i32(0, 1), limit=scalar("int32", 3), delta=scalar("int32", 1))]


@op("OneHot")
def _(name):
    rows = [case("value", indices=i32(0, 2, -1, 5), depth=scalar("int32", 3), on_value=of(d, "on", []), off_value=of(d, "off", [])) for d in ALL]
    rows += [case("value", {"axis": a}, indices=pack(i, [[0, 2], [1, 1]]), depth=scalar("int32", 3), on_value=scalar(F32, 1), off_value=scalar(F32, 0)) for a in (0, 1, -1) for i in ("uint8", "int32", "int64")]
    rows += [case("value", indices=scalar("int32", 1), depth=scalar("int32", 3), on_value=scalar(F32, 1), off_value=scalar(F32, 0)), case("empty", indices=pack("int32", np.zeros(0)), depth=scalar("int32", 3), on_value=scalar(F32, 1), off_value=scalar(F32, 0)), case("empty", indices=i32(1), depth=scalar("int32", 0), on_value=scalar(F32, 1), off_value=scalar(F32, 0))]
    return rows + [case("error", indices=i32(1), depth=scalar("int32", -1), on_value=scalar(F32, 1), off_value=scalar(F32, 0)), case("error", {"axis": 3}, indices=i32(1), depth=scalar("int32", 2), on_value=scalar(F32, 1), off_value=scalar(F32, 0)), case("error", indices=i32(1), depth=scalar("int32", 2), on_value=of(F32, "", [2]), off_value=scalar(F32, 0))]


@op("ReverseV2")
def _(name):
    rows = [case("value", tensor=of(d, name, [2, 3]), axis=i32(1)) for d in ALL] + [case("value", tensor=of(F32, name, [2, 3, 2]), axis=i64(0, -1)), case("value", tensor=of(F32, name, [2]), axis=pack("int32", np.zeros(0))), case("empty", tensor=of(F32, name, [0, 3]), axis=i32(0))]
    return rows + [case("error", tensor=of(F32, name, [2, 3]), axis=i32(*a)) for a in ((2,), (0, 0), (-3,))]


@op("ReverseSequence")
def _(name):
    rows = [case("value", {"seq_dim": 1, "batch_dim": 0}, input=of(d, name, [2, 4]), seq_lengths=i32(3, 0)) for d in ALL] + [case("value", {"seq_dim": 0, "batch_dim": 1}, input=of(F32, name, [4, 2, 3]), seq_lengths=i64(3, 4)), case("empty", {"seq_dim": 1}, input=of(F32, name, [0, 4]), seq_lengths=pack("int32", np.zeros(0)))]
    return rows + [case("error", {"seq_dim": 1}, input=of(F32, name, [2, 4]), seq_lengths=i32(*s)) for s in ((5, 1), (1,), (-1, 1))] + [case("error", {"seq_dim": 0}, input=of(F32, name, [2, 4]), seq_lengths=i32(1, 1))]


@op("Roll")
def _(name):
    rows = [case("value", input=of(d, name, [3, 4]), shift=i32(1), axis=i32(1)) for d in ALL] + [case("value", input=of(F32, name, [3, 4]), shift=i32(-1, 6), axis=i32(0, 1)), case("value", input=of(F32, name, [5]), shift=scalar("int64", -2), axis=scalar("int32", 0)), case("empty", input=of(F32, name, [0, 2]), shift=i32(1), axis=i32(0))]
    return rows + [case("error", input=of(F32, name, [3]), shift=i32(1), axis=i32(1)), case("error", input=of(F32, name, []), shift=i32(1), axis=i32(0)), case("error", input=of(F32, name, [3]), shift=i32(1, 2), axis=i32(0))]


@op("BroadcastTo")
def _(name):
    rows = [case("value", input=of(d, name, [1, 3]), shape=i32(2, 3)) for d in ALL] + [case("broadcast", input=of(F32, name, s), shape=i32(*t)) for s, t in (([], (2, 2)), ([3, 1], (2, 3, 4)), ([2], (2,)))] + [case("empty", input=of(F32, name, [1, 3]), shape=i32(0, 3)), case("empty", input=of(F32, name, [0]), shape=i32(2, 0))]
    return rows + [case("error", input=of(F32, name, [2]), shape=i32(3)), case("error", input=of(F32, name, [2, 2]), shape=i32(2)), case("error", input=of(F32, name, [2]), shape=i32(-1))]


@op("BroadcastArgs BroadcastGradientArgs")
def _(name):
    rows = [case("value", s0=i32(*a), s1=i32(*b)) for a, b in (((2, 1, 3), (4, 1)), ((1,), (3,)), ((2, 3), (2, 3)))]
    return rows + [case("value", s0=i64(2, 1), s1=i64(1, 3)), case("empty", s0=pack("int32", np.zeros(0)), s1=i32(2)), case("error", s0=i32(2), s1=i32(3))]


@op("InvertPermutation")
def _(name):
    return [case("value", x=i32(2, 0, 1)), case("value", x=i64(1, 0)), case("empty", x=pack("int32", np.zeros(0)))] + [case("error", x=x) for x in (i32(0, 0), i32(0, 2), pack("int32", [[0]]), i32(-1))]


@op("Where")
def _(name):
    rows = [case("value", condition=of(d, name, [2, 3])) for d in NUMERIC + ("bool",)] + [case("value", condition=of("bool", name, s)) for s in ([5], [2, 2, 2])] + [case("special", condition=pack(F32, special(F32))), case("empty", condition=of("bool", "", [0, 2])), case("empty", condition=pack("bool", [0, 0]))]
    return rows + [case("error", condition=STRING_SCALAR)]


@op("Unique UniqueWithCounts")
def _(name):
    rows = [case("value", x=of(d, name, [8])) for d in REAL + ("string", "bool")] + [case("value", {"out_idx": T("int64")}, x=i32(3, 1, 3)), case("empty", x=pack("int32", np.zeros(0)))]
    return rows + [case("error", x=of("int32", "", [2, 2]))]


@op("Diag")
def _(name):
    return [case("value", diagonal=of(d, name, [3])) for d in FLOATS + COMPLEX + ("int32", "int64")] + [case("value", diagonal=of(F32, name, [2, 2])), case("empty", diagonal=of(F32, "", [0])), case("error", diagonal=scalar(F32, 1))]


@op("DiagPart")
def _(name):
    return [case("value", input=of(d, name, [3, 3])) for d in FLOATS + COMPLEX + ("int32", "int64")] + [case("value", input=of(F32, name, [2, 3, 2, 3])), case("empty", input=of(F32, "", [0, 0]))] + [case("error", input=of(F32, "", s)) for s in ([2, 3], [3], [2, 2, 2])]


@op("MatrixBandPart")
def _(name):
    return [case("value", input=of(d, name, [2, 3, 4]), num_lower=scalar("int64", 1), num_upper=scalar("int64", 0)) for d in NUMERIC + ("bool",)] + [case("value", input=of(F32, name, [4, 3]), num_lower=scalar("int32", a), num_upper=scalar("int32", b)) for a, b in ((-1, 0), (0, -1), (-1, -1), (2, 1))] + [
        case("empty", input=of(F32, name, [0, 3]), num_lower=scalar("int64", 1), num_upper=scalar("int64", 0)), case("error", input=of(F32, name, [3]), num_lower=scalar("int64", 1), num_upper=scalar("int64", 0)), case("error", input=of(F32, name, [3, 3]), num_lower=scalar("int64", 4), num_upper=scalar("int64", 0))]


@op("MatrixDiagV3")
def _(name):
    def row(kind, shape, k, d=F32, align="RIGHT_LEFT", rows=-1, cols=-1):
        return case(kind, {"align": align}, diagonal=of(d, name, shape), k=k, num_rows=scalar("int32", rows), num_cols=scalar("int32", cols), padding_value=scalar(d, 9))
    return [row("value", [2, 3], scalar("int32", 0), d) for d in NUMERIC] + [row("value", [3], scalar("int32", 1)), row("value", [3], scalar("int32", -2)), row("value", [2, 3], i32(0, 1), rows=3, cols=4)] + [row("value", [2, 3], i32(-1, 0), align=a, rows=3) for a in ("LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT")] + [
        row("empty", [0, 3], scalar("int32", 0)), row("error", [], scalar("int32", 0)), row("error", [3], scalar("int32", 0), rows=2), row("error", [2, 3], i32(1, 0))]


@op("MatrixDiagPartV3")
def _(name):
    def row(kind, shape, k, d=F32, align="RIGHT_LEFT"):
        return case(kind, {"align": align}, input=of(d, name, shape), k=k, padding_value=scalar(d, 9))
    return [row("value", [2, 3, 4], scalar("int32", 0), d) for d in NUMERIC] + [row("value", [3, 4], i32(-1, 2), align=a) for a in ("LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT", "RIGHT_LEFT")] + [row("value", [4, 3], scalar("int32", -2)), row("empty", [0, 3, 3], scalar("int32", 0)), row("error", [3], scalar("int32", 0)), row("error", [3, 3], scalar("int32", 3)), row("error", [3, 3], i32(1, 0))]


@op("MatrixSetDiagV3")
def _(name):
    def row(kind, shape, diagonal, k, d=F32, align="RIGHT_LEFT"):
        return case(kind, {"align": align}, input=of(d, name, shape), diagonal=of(d, name + "d", diagonal), k=k)
    return [row("value", [2, 3, 4], [2, 3], scalar("int32", 0), d) for d in NUMERIC] + [row("value", [3, 4], [2, 3], i32(-1, 0), align=a) for a in ("LEFT_RIGHT", "RIGHT_LEFT")] + [row("value", [3, 4], [3], scalar("int32", 1)), row("empty", [0, 3, 3], [0, 3], scalar("int32", 0)), row("error", [3], [3], scalar("int32", 0)), row("error", [3, 3], [2], scalar("int32", 0)), row("error", [3, 3], [1], scalar("int32", 3))]


@op("SegmentSum SegmentMean SegmentProd SegmentMax SegmentMin", ulps=4, of_scale=True)
def _(name):
    rows = [case("value", data=of(d, name, [5, 2]), segment_ids=i32(0, 0, 1, 3, 3)) for d in NUMERIC] + [case("value", data=of(F32, name, [3]), segment_ids=i64(0, 1, 1)), case("empty", data=of(F32, "", [0, 2]), segment_ids=pack("int32", np.zeros(0)))]
    return rows + [case("error", data=of(F32, name, [3]), segment_ids=i32(*s)) for s in ((0, 1), (1, 0, 0), (-1, 0, 0))] + [case("error", data=of(F32, name, [3]), segment_ids=pack("int32", [[0, 0, 0]]))]


@op("UnsortedSegmentSum UnsortedSegmentProd UnsortedSegmentMax UnsortedSegmentMin", ulps=4, of_scale=True)
def _(name):
    four = scalar("int32", 4)
    rows = [case("value", data=of(d, name, [5, 2]), segment_ids=i32(0, 2, 0, 3, -1), num_segments=four) for d in NUMERIC] + [case("value", data=of(F32, name, [2, 2]), segment_ids=pack("int64", [[0, 1], [1, 0]]), num_segments=scalar("int64", 2)), case("empty", data=of(F32, "", [0, 2]), segment_ids=pack("int32", np.zeros(0)), num_segments=four), case("empty", data=of(F32, "", [2]), segment_ids=i32(-1, -1), num_segments=scalar("int32", 0))]
    return rows + [case("error", data=of(F32, name, [3]), segment_ids=i32(0, 1), num_segments=four), case("error", data=of(F32, name, [3]), segment_ids=i32(0, 4, 1), num_segments=four), case("error", data=of(F32, name, [3]), segment_ids=i32(0, 0, 0), num_segments=scalar("int32", -1))]


@op("DynamicPartition")
def _(name):
    return [case("value", {"num_partitions": 3}, data=of(d, name, [4, 2]), partitions=i32(0, 2, 0, 2)) for d in ALL] + [case("empty", {"num_partitions": 2}, data=of(F32, "", [0]), partitions=pack("int32", np.zeros(0))), case("error", {"num_partitions": 2}, data=of(F32, "", [2]), partitions=i32(0, 2)), case("error", {"num_partitions": 2}, data=of(F32, "", [3]), partitions=i32(0, 1)), case("error", {"num_partitions": 0}, data=of(F32, "", [1]), partitions=i32(0))]


@op("DynamicStitch")
def _(name):
    return [case("value", indices=[i32(0, 2), i32(1)], data=[of(d, "a", [2, 2]), of(d, "b", [1, 2])]) for d in ALL] + [case("value", indices=[i32(0, 0, 1)], data=[of(F32, "a", [3])]), case("empty", indices=[pack("int32", np.zeros(0))], data=[of(F32, "", [0, 2])]), case("error", indices=[i32(0, -1)], data=[of(F32, "", [2])]), case("error", indices=[i32(0, 1)], data=[of(F32, "", [3])])]


@op("LowerBound UpperBound")
def _(name):
    rows = [case("value", sorted_inputs=pack(d, [[1, 2, 2, 5]]), values=pack(d, [[0, 2, 5, 6]])) for d in REAL] + [case("value", {"out_type": T("int64")}, sorted_inputs=pack(F32, [[1, 2], [3, 4]]), values=pack(F32, [[1.5], [5]])), case("empty", sorted_inputs=pack(F32, np.zeros([1, 0])), values=pack(F32, [[1.]])), case("empty", sorted_inputs=pack(F32, [[1.]]), values=pack(F32, np.zeros([1, 0])))]
    return rows + [case("error", sorted_inputs=pack(F32, [[1.], [2]]), values=pack(F32, [[1.]])), case("error", sorted_inputs=pack(F32, [1.]), values=pack(F32, [1.]))]


@op("Bucketize")
def _(name):
    return [case("value", {"boundaries": [0., 2., 5.5]}, input=pack(d, [0, 1, 2, 5, 6, 100])) for d in (F32, F64, "int32", "int64")] + [case("special", {"boundaries": [0., 1.]}, input=pack(F32, special(F32))), case("empty", {"boundaries": [1.]}, input=pack(F32, np.zeros(0))), case("value", {"boundaries": []}, input=i32(1, 2)), case("error", {"boundaries": [2., 1.]}, input=i32(1))]


@op("Bincount")
def _(name):
    return [case("value", arr=i32(1, 2, 2, 5), size=scalar("int32", 4), weights=pack(d, w)) for d in ("int32", "int64", F32, F64) for w in (np.zeros(0), [1, 2, 3, 4])] + [case("empty", arr=pack("int32", np.zeros(0)), size=scalar("int32", 3), weights=pack(F32, np.zeros(0))), case("error", arr=i32(-1), size=scalar("int32", 3), weights=pack(F32, np.zeros(0))), case("error", arr=i32(1), size=scalar("int32", -1), weights=pack(F32, np.zeros(0)))]


@op("DenseBincount")
def _(name):
    return [case("value", {"binary_output": b}, input=pack(i, x), size=scalar(i, 4), weights=pack(F32, np.zeros(0))) for i in ("int32", "int64") for b in (False, True) for x in ([1, 2, 2, 5], [[1, 1], [3, 0]])] + [case("value", input=i32(1, 2, 2), size=scalar("int32", 4), weights=pack(F32, [1, 2, 3])), case("empty", input=pack("int32", np.zeros(0)), size=scalar("int32", 3), weights=pack(F32, np.zeros(0))), case("error", input=i32(-1), size=scalar("int32", 3), weights=pack(F32, np.zeros(0))), case("error", input=pack("int32", [[[1]]]), size=scalar("int32", 3), weights=pack(F32, np.zeros(0)))]


@op("HistogramFixedWidth")
def _(name):
    return [case("value", values=pack(d, [-1, 0, 1, 2, 5, 15]), value_range=pack(d, [0, 5]), nbins=scalar("int32", 5)) for d in (F32, F64, "int32", "int64")] + [case("empty", values=pack(F32, np.zeros(0)), value_range=pack(F32, [0, 5]), nbins=scalar("int32", 3)), case("error", values=pack(F32, [1.]), value_range=pack(F32, [5, 0]), nbins=scalar("int32", 3)), case("error", values=pack(F32, [1.]), value_range=pack(F32, [0, 5]), nbins=scalar("int32", 0)), case("error", values=pack(F32, [1.]), value_range=pack(F32, [0]), nbins=scalar("int32", 1))]


@op("UnravelIndex")
def _(name):
    return [case("value", indices=i32(0, 5, 3), dims=i32(2, 3)), case("value", indices=scalar("int64", 4), dims=i64(2, 3)), case("empty", indices=pack("int32", np.zeros(0)), dims=i32(2, 3)), case("error", indices=i32(6), dims=i32(2, 3)), case("error", indices=i32(1), dims=scalar("int32", 2))]


@op("TopKV2")
def _(name):
    rows = [case("value", input=of(d, name, [2, 6]), k=scalar("int32", 3)) for d in REAL] + [case("value", {"sorted": True}, input=pack(F32, [1, 3, 3, 2]), k=scalar("int32", 4)), case("value", input=of(F32, name, [40]), k=scalar("int32", 1)), case("empty", input=of(F32, name, [2, 3]), k=scalar("int32", 0)), case("empty", input=of(F32, "", [0, 3]), k=scalar("int32", 2)), case("special", input=pack(F32, special(F32)[1:]), k=scalar("int32", 12))]
    return rows + [case("error", input=of(F32, name, [2]), k=scalar("int32", 3)), case("error", input=of(F32, name, [2]), k=scalar("int32", -1)), case("error", input=of(F32, name, []), k=scalar("int32", 1)), case("error", input=of(F32, name, [2]), k=i32(1, 1))]


@op("InTopKV2")
def _(name):
    return [case("value", predictions=of(F32, name, [3, 5]), targets=pack(i, [0, 4, 2]), k=scalar(i, 2)) for i in ("int32", "int64")] + [case("special", predictions=pack(F32, [[np.nan, 1], [np.inf, 1], [1, 1]]), targets=i32(1, 0, 1), k=scalar("int32", 1)), case("empty", predictions=of(F32, "", [0, 3]), targets=pack("int32", np.zeros(0)), k=scalar("int32", 1)), case("error", predictions=of(F32, "", [2, 3]), targets=i32(1), k=scalar("int32", 1)), case("error", predictions=of(F32, "", [2]), targets=i32(1, 0), k=scalar("int32", 1))]


@op("EnsureShape")
def _(name):
    return [case("value", {"shape": [2, 3]}, input=of(d, name, [2, 3])) for d in ALL] + [case("value", {"shape": [None, 3]}, input=of(F32, name, [2, 3])), case("empty", {"shape": [0]}, input=of(F32, name, [0])), case("error", {"shape": [3, 3]}, input=of(F32, name, [2, 3])), case("error", {"shape": [6]}, input=of(F32, name, [2, 3]))]


@op("CheckNumerics CheckNumericsV2")
def _(name):
    return [case("value", {"message": "here"}, tensor=of(d, name, [2, 3])) for d in FLOATS] + [case("empty", {"message": "here"}, tensor=of(F32, "", [0]))] + [case("error", {"message": "here"}, tensor=pack(F32, v)) for v in ([np.nan], [np.inf], [-np.inf, 1], [np.nan, np.inf])] + [case("error", {"message": ""}, tensor=i32(1))]


@op("SpaceToBatchND")
def _(name):
    return [case("value", input=of(d, name, [1, 4, 4, 1]), block_shape=i32(2, 2), paddings=pack("int32", [[0, 0], [0, 0]])) for d in NUMERIC] + [case("value", input=of(F32, name, [2, 3, 2]), block_shape=i32(2), paddings=pack("int32", [[1, 0]])), case("empty", input=of(F32, "", [0, 4, 1]), block_shape=i32(2), paddings=pack("int32", [[0, 0]])), case("error", input=of(F32, "", [1, 3, 1]), block_shape=i32(2), paddings=pack("int32", [[0, 0]])), case("error", input=of(F32, "", [1, 4, 1]), block_shape=i32(0), paddings=pack("int32", [[0, 0]]))]


@op("BatchToSpaceND")
def _(name):
    return [case("value", input=of(d, name, [4, 2, 2, 1]), block_shape=i32(2, 2), crops=pack("int32", [[0, 0], [0, 1]])) for d in NUMERIC] + [case("empty", input=of(F32, "", [0, 2, 1]), block_shape=i32(2), crops=pack("int32", [[0, 0]])), case("error", input=of(F32, "", [3, 2, 1]), block_shape=i32(2), crops=pack("int32", [[0, 0]])), case("error", input=of(F32, "", [2, 2, 1]), block_shape=i32(2), crops=pack("int32", [[3, 3]]))]


@op("SpaceToDepth")
def _(name):
    return [case("value", {"block_size": 2}, input=of(d, name, [1, 4, 4, 2])) for d in NUMERIC] + [case("empty", {"block_size": 2}, input=of(F32, "", [0, 4, 4, 1])), case("error", {"block_size": 3}, input=of(F32, "", [1, 4, 4, 1])), case("error", {"block_size": 1}, input=of(F32, "", [1, 4, 4, 1])), case("error", {"block_size": 2}, input=of(F32, "", [4, 4, 1]))]


@op("DepthToSpace")
def _(name):
    return [case("value", {"block_size": 2}, input=of(d, name, [1, 2, 3, 8])) for d in NUMERIC] + [case("empty", {"block_size": 2}, input=of(F32, "", [0, 4, 4, 4])), case("error", {"block_size": 2}, input=of(F32, "", [1, 4, 4, 3])), case("error", {"block_size": 1}, input=of(F32, "", [1, 4, 4, 1]))]
