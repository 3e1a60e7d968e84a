# In: nothing. Out: the cases of neural-network, linear-algebra, text and random ops, and of those on variables.
import itertools

import numpy as np

from table import F32, F64, STRING_SCALAR, T, case, draw, i32, of, op, scalar
from tensors import COMPLEX, FLOATS, INTS, NUMERIC, REAL, pack, special


# ---- rows of logits ----------------------------------------------------------------------------------------

@op("Softmax LogSoftmax", ulps=16, of_scale=True)
def _(name):
    rows = [case("value", logits=of(d, name, s)) for d in FLOATS for s in ([5], [2, 3], [2, 2, 4])] + [case("value", logits=pack(F32, [[1000., 1001, -1000]])), case("empty", logits=of(F32, "", [0, 3])), case("empty", logits=of(F32, "", [2, 0]))]
    return rows + [case("special", logits=pack(F32, [[np.nan, 1], [np.inf, 1], [-np.inf, 1], [-np.inf, -np.inf]])), case("error", logits=of(F32, "", [])), case("error", logits=i32(1, 2))]


@op("SoftmaxCrossEntropyWithLogits", ulps=32, of_scale=True)
def _(name):
    def row(kind, d, a, b):
        return case(kind, features=of(d, name, a, -5, 5), labels=of(d, name + "l", b, 0, 1))
    return [row("value", d, [3, 4], [3, 4]) for d in FLOATS] + [row("broadcast", F32, [3, 4], [1, 4]), row("broadcast", F32, [3, 4], [4]), row("empty", F32, [0, 4], [0, 4]), row("error", F32, [3, 4], [3, 5]), row("error", F32, [4], [4]),
        case("special", features=pack(F32, [[np.inf, 1], [np.nan, 1], [-np.inf, 0]]), labels=pack(F32, [[1, 0], [1, 0], [0, 1]]))]


@op("SparseSoftmaxCrossEntropyWithLogits", ulps=32, of_scale=True, broadcast="labels are one number a row")
def _(name):
    def row(kind, d, a, labels):
        return case(kind, features=of(d, name, a, -5, 5), labels=labels)
    return [row("value", d, [3, 4], pack(i, [0, 3, 1])) for d in FLOATS for i in ("int32", "int64")] + [row("empty", F32, [0, 4], pack("int32", np.zeros(0))), row("error", F32, [3, 4], i32(0, 1)), row("error", F32, [3, 4], i32(0, 4, 1)), row("error", F32, [3, 4], i32(-1, 0, 0)), row("error", F32, [4], i32(0)),
        case("special", features=pack(F32, [[np.inf, 1], [np.nan, 1]]), labels=i32(0, 1))]


@op("BiasAdd", broadcast="the bias always is")
def _(name):
    return [case("value", value=of(d, name, [2, 3]), bias=of(d, "b", [3])) for d in NUMERIC] + [case("value", value=of(F32, name, [2, 3, 4, 5]), bias=of(F32, "b", [5])), case("value", {"data_format": "NCHW"}, value=of(F32, name, [2, 3, 4, 5]), bias=of(F32, "b", [3])), case("special", value=pack(F32, special(F32)[:, None]), bias=pack(F32, [1.])), case("empty", value=of(F32, "", [0, 3]), bias=of(F32, "", [3]))] + [
        case("error", value=of(F32, "", [2, 3]), bias=of(F32, "", [2])), case("error", value=of(F32, "", [3]), bias=of(F32, "", [3])), case("error", value=of(F32, "", [2, 3]), bias=of(F32, "", [3, 1]))]


@op("BiasAddGrad", ulps=8, of_scale=True)
def _(name):
    return [case("value", out_backprop=of(d, name, [2, 4, 3])) for d in NUMERIC] + [case("value", {"data_format": "NCHW"}, out_backprop=of(F32, name, [2, 3, 2, 2])), case("special", out_backprop=pack(F32, [[np.nan, np.inf]])), case("empty", out_backprop=of(F32, "", [0, 3])), case("error", out_backprop=of(F32, "", [3]))]


# ---- images ------------------------------------------------------------------------------------------------

@op("Conv2D", ulps=32, of_scale=True)
def _(name):
    def row(kind, x, f, d=F32, **attrs):
        return case(kind, {"strides": [1, 1, 1, 1], "padding": "SAME", **attrs}, input=of(d, name, x), filter=of(d, name + "f", f))
    return [row("value", [2, 5, 6, 3], [3, 3, 3, 4], d) for d in FLOATS + ("int32",)] + [
        row("value", [1, 7, 7, 2], [3, 2, 2, 3], strides=[1, 2, 2, 1], padding="VALID"), row("value", [1, 7, 7, 2], [3, 3, 2, 3], dilations=[1, 2, 2, 1]), row("value", [1, 8, 8, 4], [3, 3, 2, 6]), row("value", [1, 5, 5, 1], [1, 1, 1, 8]),
        row("value", [1, 5, 5, 2], [3, 3, 2, 2], padding="EXPLICIT", explicit_paddings=[0, 0, 1, 0, 2, 1, 0, 0]), row("value", [3, 9, 8, 5], [5, 5, 5, 17], F64),
        case("special", {"strides": [1, 1, 1, 1], "padding": "VALID"}, input=pack(F32, special(F32)[:4].reshape(1, 2, 2, 1)), filter=pack(F32, np.ones([1, 1, 1, 1]))),
        row("empty", [0, 5, 5, 2], [3, 3, 2, 3]), row("error", [1, 5, 5, 2], [3, 3, 3, 4]), row("error", [1, 5, 5, 2], [3, 3, 2]), row("error", [1, 5, 5, 2], [3, 3, 2, 3], strides=[1, 0, 1, 1]), row("error", [1, 5, 5, 2], [3, 3, 2, 3], strides=[2, 1, 1, 1]), row("error", [1, 5, 5, 2], [3, 3, 2, 3], padding="WRONG"), row("error", [1, 5, 5, 2], [3, 3, 2, 3], dilations=[1, 0, 1, 1])]


@op("Conv2DBackpropInput Conv2DBackpropFilter", ulps=64, of_scale=True)
def _(name):
    def row(kind, x, f, y, d=F32, sizes=None, **attrs):
        attrs = {"strides": [1, 1, 1, 1], "padding": "SAME", **attrs}
        if name.endswith("Input"):
            return case(kind, attrs, input_sizes=i32(*(sizes or x)), filter=of(d, "f", f), out_backprop=of(d, "y", y))
        return case(kind, attrs, input=of(d, "x", x), filter_sizes=i32(*(sizes or f)), out_backprop=of(d, "y", y))
    return [row("value", [2, 5, 6, 3], [3, 3, 3, 4], [2, 5, 6, 4], d) for d in (F32, F64, "float16", "bfloat16")] + [row("value", [1, 7, 7, 2], [3, 2, 2, 3], [1, 3, 3, 3], strides=[1, 2, 2, 1], padding="VALID"), row("value", [1, 7, 7, 2], [3, 3, 2, 3], [1, 7, 7, 3], dilations=[1, 2, 2, 1]) if name.endswith("Filter") else row("value", [1, 4, 4, 2], [2, 2, 2, 3], [1, 4, 4, 3]),
        row("special", [1, 1, 2, 1], [1, 1, 1, 1], [1, 1, 2, 1]), row("empty", [0, 5, 5, 2], [3, 3, 2, 3], [0, 5, 5, 3]), row("error", [1, 5, 5, 2], [3, 3, 2, 3], [1, 4, 5, 3])]


@op("DepthwiseConv2dNative", ulps=32, of_scale=True)
def _(name):
    def row(kind, x, f, d=F32, **attrs):
        return case(kind, {"strides": [1, 1, 1, 1], "padding": "SAME", **attrs}, input=of(d, name, x), filter=of(d, name + "f", f))
    return [row("value", [2, 5, 6, 3], [3, 3, 3, 2], d) for d in FLOATS] + [row("value", [1, 7, 7, 2], [3, 3, 2, 1], strides=[1, 2, 2, 1], padding="VALID"), row("special", [1, 2, 2, 1], [1, 1, 1, 1]), row("empty", [0, 5, 5, 2], [3, 3, 2, 1]), row("error", [1, 5, 5, 2], [3, 3, 3, 1]), row("error", [1, 5, 5], [3, 3, 3, 1])]


@op("DepthwiseConv2dNativeBackpropInput DepthwiseConv2dNativeBackpropFilter", ulps=64, of_scale=True)
def _(name):
    def row(kind, x, f, y, d=F32, **attrs):
        attrs = {"strides": [1, 1, 1, 1], "padding": "SAME", **attrs}
        if name.endswith("Input"):
            return case(kind, attrs, input_sizes=i32(*x), filter=of(d, "f", f), out_backprop=of(d, "y", y))
        return case(kind, attrs, input=of(d, "x", x), filter_sizes=i32(*f), out_backprop=of(d, "y", y))
    return [row("value", [2, 5, 6, 3], [3, 3, 3, 2], [2, 5, 6, 6], d) for d in (F32, F64)] + [row("special", [1, 1, 2, 1], [1, 1, 1, 1], [1, 1, 2, 1]), row("empty", [0, 5, 5, 2], [3, 3, 2, 1], [0, 5, 5, 2]), row("error", [1, 5, 5, 2], [3, 3, 2, 1], [1, 4, 5, 2])]


@op("Conv3D", ulps=32, of_scale=True)
def _(name):
    def row(kind, x, f, d=F32, **attrs):
        return case(kind, {"strides": [1, 1, 1, 1, 1], "padding": "SAME", **attrs}, input=of(d, name, x), filter=of(d, name + "f", f))
    return [row("value", [1, 4, 5, 3, 2], [2, 3, 2, 2, 3], d) for d in (F32, F64, "float16")] + [row("value", [1, 5, 5, 5, 1], [3, 3, 3, 1, 2], strides=[1, 2, 2, 2, 1], padding="VALID"), row("special", [1, 1, 1, 2, 1], [1, 1, 1, 1, 1]), row("empty", [0, 4, 4, 4, 1], [2, 2, 2, 1, 2]), row("error", [1, 4, 4, 4, 2], [2, 2, 2, 1, 2]), row("error", [4, 4, 4, 2], [2, 2, 2, 1, 2])]


@op("Conv3DBackpropInputV2 Conv3DBackpropFilterV2", ulps=64, of_scale=True)
def _(name):
    def row(kind, x, f, y, d=F32):
        attrs = {"strides": [1, 1, 1, 1, 1], "padding": "SAME"}
        if "Input" in name:
            return case(kind, attrs, input_sizes=i32(*x), filter=of(d, "f", f), out_backprop=of(d, "y", y))
        return case(kind, attrs, input=of(d, "x", x), filter_sizes=i32(*f), out_backprop=of(d, "y", y))
    return [row("value", [1, 4, 5, 3, 2], [2, 3, 2, 2, 3], [1, 4, 5, 3, 3], d) for d in (F32, F64)] + [row("special", [1, 1, 1, 2, 1], [1, 1, 1, 1, 1], [1, 1, 1, 2, 1]), row("empty", [0, 4, 5, 3, 2], [2, 3, 2, 2, 3], [0, 4, 5, 3, 3]), row("error", [1, 4, 5, 3, 2], [2, 3, 2, 2, 3], [1, 4, 4, 3, 3])]


def pooling(name):
    key = "value" if name == "AvgPool" else "input"
    three = "3D" in name
    def row(kind, x, k, s, d=F32, padding="VALID", **attrs):
        return case(kind, {"ksize": k, "strides": s, "padding": padding, **attrs}, **{key: of(d, name, x)})
    if three:
        return [row("value", [1, 4, 5, 4, 2], [1, 2, 2, 2, 1], [1, 2, 2, 2, 1], d, p) for d in (F32, F64, "float16") for p in ("SAME", "VALID")] + [row("special", [1, 2, 2, 2, 1], [1, 2, 2, 2, 1], [1, 2, 2, 2, 1]), row("empty", [0, 4, 4, 4, 1], [1, 2, 2, 2, 1], [1, 2, 2, 2, 1]), row("error", [4, 4, 4, 1], [1, 2, 2, 2, 1], [1, 2, 2, 2, 1]), row("error", [1, 4, 4, 4, 1], [1, 2, 2, 2], [1, 2, 2, 2, 1])]
    return [row("value", [2, 5, 6, 3], [1, 2, 2, 1], [1, 2, 2, 1], d, p) for d in FLOATS + INTS for p in ("SAME", "VALID")] + [row("value", [1, 7, 7, 2], [1, 3, 3, 1], [1, 1, 2, 1], F32, "SAME"), row("value", [1, 4, 4, 1], [1, 4, 4, 1], [1, 4, 4, 1]),
        case("special", {"ksize": [1, 1, 2, 1], "strides": [1, 1, 2, 1], "padding": "VALID"}, **{key: pack(F32, np.array([np.nan, 1, np.inf, 2, -np.inf, -np.inf]).reshape(1, 3, 2, 1))}),
        row("empty", [0, 4, 4, 1], [1, 2, 2, 1], [1, 2, 2, 1]), row("error", [4, 4, 1], [1, 2, 2, 1], [1, 2, 2, 1]), row("error", [1, 4, 4, 1], [1, 2, 2], [1, 2, 2, 1]), row("error", [1, 4, 4, 1], [1, 5, 5, 1], [1, 1, 1, 1]), row("error", [1, 4, 4, 1], [1, 2, 2, 1], [1, 0, 1, 1]), row("error", [1, 4, 4, 1], [1, 2, 2, 1], [1, 2, 2, 1], padding="WRONG"), row("error", [2, 4, 4, 1], [2, 2, 2, 1], [1, 2, 2, 1])]


op("MaxPool MaxPoolWithArgmax MaxPool3D")(pooling)
op("AvgPool AvgPool3D", ulps=4, of_scale=True)(pooling)


@op("MaxPoolGrad MaxPool3DGrad MaxPoolGradGrad", ulps=4, of_scale=True)
def _(name):
    three = "3D" in name
    x, k = ([1, 4, 4, 4, 2], [1, 2, 2, 2, 1]) if three else ([2, 4, 6, 3], [1, 2, 2, 1])
    rows = []
    for d in (F32, F64) if three else FLOATS:
        values = np.random.RandomState(1).permutation(int(np.prod(x))).reshape(x) / 8.0
        out = values.reshape(1, 2, 2, 2, 2, 2, 2, 2).max((2, 4, 6)) if three else values.reshape(2, 2, 2, 3, 2, 3).max((2, 4))
        rows.append(case("value", {"ksize": k, "strides": k, "padding": "VALID"}, orig_input=pack(d, values), orig_output=pack(d, out), grad=of(d, name, x if name.endswith("GradGrad") else list(out.shape))))
    e = [0] + x[1:]
    eo = [0, 2, 2, 2, 2] if three else [0, 2, 3, 3]
    rows.append(case("empty", {"ksize": k, "strides": k, "padding": "VALID"}, orig_input=of(F32, "", e), orig_output=of(F32, "", eo), grad=of(F32, "", e if name.endswith("GradGrad") else eo)))
    rows.append(case("special", {"ksize": k, "strides": k, "padding": "VALID"}, orig_input=pack(F32, np.ones(x)), orig_output=pack(F32, np.ones([x[0]] + ([2, 2, 2, 2] if three else [2, 3, 3]))), grad=pack(F32, np.ones(x if name.endswith("GradGrad") else [x[0]] + ([2, 2, 2, 2] if three else [2, 3, 3])))))
    rows.append(case("error", {"ksize": k, "strides": k, "padding": "VALID"}, orig_input=of(F32, "", [4]), orig_output=of(F32, "", [2]), grad=of(F32, "", [2])))
    return rows


@op("AvgPoolGrad AvgPool3DGrad", ulps=4, of_scale=True)
def _(name):
    three = "3D" in name
    x, y, k = ([1, 4, 4, 4, 2], [1, 2, 2, 2, 2], [1, 2, 2, 2, 1]) if three else ([2, 5, 6, 3], [2, 3, 3, 3], [1, 2, 2, 1])
    attrs = {"ksize": k, "strides": k, "padding": "SAME"}
    return [case("value", attrs, orig_input_shape=i32(*x), grad=of(d, name, y)) for d in (F32, F64)] + [case("special", attrs, orig_input_shape=i32(*x), grad=pack(F32, np.full(y, np.inf))), case("empty", attrs, orig_input_shape=i32(0, *x[1:]), grad=of(F32, "", [0] + y[1:])), case("error", attrs, orig_input_shape=i32(1, 2), grad=of(F32, "", y))]


@op("LRN", ulps=32, of_scale=True)
def _(name):
    return [case("value", {"depth_radius": 2, "bias": 1.0, "alpha": .5, "beta": .75}, input=of(d, name, [1, 2, 2, 7])) for d in (F32, "float16", "bfloat16")] + [case("special", input=pack(F32, special(F32)[[0, 3, 4, 8]].reshape(1, 1, 1, 4))), case("empty", input=of(F32, "", [0, 2, 2, 3])), case("error", input=of(F32, "", [2, 3]))]


@op("LRNGrad", ulps=64, of_scale=True)
def _(name):
    return [case("value", {"depth_radius": 2, "alpha": .5, "beta": .75}, input_grads=of(F32, "g", [1, 2, 2, 7]), input_image=of(F32, "x", [1, 2, 2, 7]), output_image=of(F32, "y", [1, 2, 2, 7])), case("empty", input_grads=of(F32, "g", [0, 2, 2, 7]), input_image=of(F32, "x", [0, 2, 2, 7]), output_image=of(F32, "y", [0, 2, 2, 7])), case("error", input_grads=of(F32, "g", [2]), input_image=of(F32, "x", [2]), output_image=of(F32, "y", [2]))]


@op("FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3", ulps=64, of_scale=True)
def _(name):
    def row(kind, x, n, d=F32, u=F32, **attrs):
        zero = attrs.get("is_training", True)
        stat = pack(u, np.zeros(0)) if zero else None
        return case(kind, {"epsilon": .001, **attrs}, x=of(d, name, x), scale=of(u, "s", [n]), offset=of(u, "o", [n]), mean=stat or of(u, "m", [n]), variance=stat or of(u, "v", [n], .5, 2))
    dtypes = (F32,) if name == "FusedBatchNorm" else (F32, "float16") if name == "FusedBatchNormV2" else (F32, "float16", "bfloat16")
    return [row("value", [2, 3, 4, 3], 3, d, is_training=t) for d in dtypes for t in (True, False)] + [row("special", [1, 1, 1, 2], 2), row("empty", [0, 3, 3, 2], 2, is_training=False), row("error", [2, 3], 3), row("error", [1, 2, 2, 3], 2)]


@op("FusedBatchNormGradV3", ulps=128, of_scale=True)
def _(name):
    return [case("value", {"epsilon": .001, "is_training": t}, y_backprop=of(F32, "g", [2, 3, 2, 3]), x=of(F32, "x", [2, 3, 2, 3]), scale=of(F32, "s", [3]), reserve_space_1=of(F32, "m", [3]), reserve_space_2=of(F32, "v", [3], .5, 2), reserve_space_3=pack(F32, np.zeros(0))) for t in (True, False)] + [
        case("empty", {"is_training": False}, y_backprop=of(F32, "g", [0, 3, 2, 3]), x=of(F32, "x", [0, 3, 2, 3]), scale=of(F32, "s", [3]), reserve_space_1=of(F32, "m", [3]), reserve_space_2=of(F32, "v", [3], .5, 2), reserve_space_3=pack(F32, np.zeros(0))),
        case("error", y_backprop=of(F32, "g", [2, 3]), x=of(F32, "x", [2, 3]), scale=of(F32, "s", [3]), reserve_space_1=of(F32, "m", [3]), reserve_space_2=of(F32, "v", [3]), reserve_space_3=pack(F32, np.zeros(0)))]


@op("ExtractImagePatches")
def _(name):
    def row(kind, x, d=F32, **attrs):
        return case(kind, {"ksizes": [1, 2, 3, 1], "strides": [1, 1, 2, 1], "rates": [1, 1, 1, 1], "padding": "VALID", **attrs}, images=of(d, name, x))
    return [row("value", [1, 4, 5, 2], d) for d in REAL] + [row("value", [1, 5, 5, 1], padding="SAME"), row("value", [1, 6, 6, 1], rates=[1, 2, 2, 1]), row("empty", [0, 4, 5, 2]), row("error", [4, 5, 2]), row("error", [1, 4, 5, 2], ksizes=[1, 2, 2])]


# ---- linear algebra ------------------------------------------------------------------------------------------

def spd(seed, d, batch=()):
    a = draw(seed, list(batch) + [3, 3])
    if d in COMPLEX:
        a = a + 1j * draw(seed + "i", list(batch) + [3, 3])
    return pack(d, a @ np.conj(np.swapaxes(a, -1, -2)) + 2 * np.eye(3))


LINALG = (F32, F64) + COMPLEX


@op("Cholesky", ulps=256, of_scale=True)
def _(name):
    return [case("value", input=spd(name, d, b)) for d in LINALG for b in ((), (2,))] + [case("special", input=pack(F64, [[1., 2], [2, 1]])), case("empty", input=of(F32, "", [0, 0])), case("empty", input=of(F32, "", [0, 3, 3])), case("error", input=of(F32, "", [2, 3])), case("error", input=of(F32, "", [3]))]


@op("MatrixInverse", ulps=512, of_scale=True)
def _(name):
    return [case("value", {"adjoint": a}, input=spd(name, d)) for d in LINALG for a in (False, True)] + [case("empty", input=of(F32, "", [0, 0])), case("error", input=pack(F64, [[1., 2], [2, 4]])), case("error", input=of(F32, "", [2, 3])), case("error", input=of(F32, "", [3]))]


@op("MatrixDeterminant LogMatrixDeterminant", ulps=256, of_scale=True)
def _(name):
    return [case("value", input=spd(name, d, b)) for d in LINALG for b in ((), (2,))] + [case("value", input=of(F64, name, [3, 3])), case("empty", input=of(F32, "", [0, 3, 3])), case("empty", input=of(F32, "", [0, 0])), case("error", input=of(F32, "", [2, 3])), case("error", input=of(F32, "", [3]))]


@op("MatrixSolve", ulps=512, of_scale=True)
def _(name):
    return [case("value", {"adjoint": a}, matrix=spd(name, d), rhs=of(d, "r", [3, 2])) for d in LINALG for a in (False, True)] + [case("empty", matrix=of(F32, "", [0, 0]), rhs=of(F32, "", [0, 2])), case("error", matrix=of(F32, "", [3, 3]), rhs=of(F32, "", [2, 2])), case("error", matrix=of(F32, "", [2, 3]), rhs=of(F32, "", [2, 2])), case("error", matrix=pack(F64, [[1., 2], [2, 4]]), rhs=of(F64, "", [2, 1]))]


@op("MatrixTriangularSolve", ulps=256, of_scale=True)
def _(name):
    return [case("value", {"lower": l, "adjoint": a}, matrix=spd(name, d), rhs=of(d, "r", [3, 2])) for d in LINALG for l in (False, True) for a in (False, True)] + [case("broadcast", matrix=spd(name, F64, (2,)), rhs=of(F64, "r", [3, 2])), case("empty", matrix=of(F32, "", [0, 0]), rhs=of(F32, "", [0, 2])), case("error", matrix=of(F32, "", [3, 3]), rhs=of(F32, "", [2, 2])), case("error", matrix=of(F32, "", [2, 3]), rhs=of(F32, "", [2, 2])), case("error", matrix=pack(F64, [[0., 2], [2, 4]]), rhs=of(F64, "", [2, 1]))]


@op("Svd", ulps=2048, of_scale=True)
def _(name):
    return [case("value", {"compute_uv": False}, input=of(d, name, s)) for d in LINALG for s in ([3, 2], [2, 4])] + [case("empty", {"compute_uv": False}, input=of(F32, "", [0, 3])), case("error", input=of(F32, "", [3]))]


@op("SelfAdjointEigV2", ulps=2048, of_scale=True)
def _(name):
    return [case("value", {"compute_v": False}, input=spd(name, d, b)) for d in LINALG for b in ((), (2,))] + [case("empty", {"compute_v": False}, input=of(F32, "", [0, 0])), case("error", input=of(F32, "", [2, 3])), case("error", input=of(F32, "", [3]))]


@op("Eig", ulps=4096, of_scale=True)
def _(name):
    told = {"compute_v": False}
    return [case("value", {**told, "Tout": t}, input=of(d, name, [*b, 4, 4], .2, 3)) for d, t in ((F32, "complex64"), (F64, "complex128"), ("complex64", "complex64"), ("complex128", "complex128")) for b in ((), (2,))] + [case("empty", {**told, "Tout": "complex64"}, input=of(F32, "", [0, 0])), case("error", {**told, "Tout": "complex64"}, input=of(F32, "", [2, 3])), case("error", {**told, "Tout": "complex64"}, input=of(F32, "", [3]))]


@op("MatrixSquareRoot", ulps=4096, of_scale=True)
def _(name):
    return [case("value", input=spd(name, d, b)) for d in LINALG for b in ((), (2,))] + [case("empty", input=of(F32, "", [0, 0])), case("error", input=of(F32, "", [2, 3])), case("error", input=of(F32, "", [3]))]


@op("MatrixLogarithm", ulps=4096, of_scale=True)
def _(name):
    return [case("value", input=spd(name, d, b)) for d in ("complex64", "complex128") for b in ((), (2,))] + [case("empty", input=of("complex64", "", [0, 0])), case("error", input=of("complex64", "", [2, 3])), case("error", input=of("complex64", "", [3]))]


@op("Qr", ulps=512, of_scale=True)
def _(name):
    return [case("value", input=of(d, name, s)) for d in (F32, F64) for s in ([3, 3], [4, 2])] + [case("empty", input=of(F32, "", [0, 3])), case("error", input=of(F32, "", [3]))]


# ---- text ----------------------------------------------------------------------------------------------------

def texts(*values):
    return pack("string", np.array([v if isinstance(v, bytes) else v.encode() for v in values], dtype=object))


WORDS = texts("Hello World", "", "  padded\t", "å ÄÖ 日本", "a,b,,c", "UPPER lower 123")


@op("StringUpper StringLower")
def _(name):
    return [case("value", {"encoding": e}, input=WORDS) for e in ("", "utf-8")] + [case("empty", input=texts()), case("error", {"encoding": "latin"}, input=WORDS), case("error", input=FLOAT)]


FLOAT = scalar(F32, 1.5)


@op("StringStrip StringLength")
def _(name):
    return [case("value", input=WORDS), case("empty", input=texts()), case("error", input=FLOAT)] + ([case("value", {"unit": "UTF8_CHAR"}, input=WORDS), case("error", {"unit": "X"}, input=WORDS)] if name == "StringLength" else [])


@op("StringJoin")
def _(name):
    return [case("value", {"separator": s}, inputs=[texts("a", "b"), texts("c", "d"), pack("string", np.array(b"e", dtype=object))]) for s in ("", "--")] + [case("broadcast", inputs=[texts("a", "b"), pack("string", np.array(b"e", dtype=object))]), case("empty", inputs=[texts(), texts()]), case("error", inputs=[texts("a"), texts("b", "c")]), case("error", inputs=[FLOAT])]


@op("StringSplitV2")
def _(name):
    def row(kind, x, sep, **attrs):
        return case(kind, attrs, input=x, sep=pack("string", np.array(sep, dtype=object)))
    return [row("value", WORDS, s) for s in (b"", b",", b"lo")] + [row("value", WORDS, b"", maxsplit=1), row("value", WORDS, b",", maxsplit=2), row("empty", texts(), b","), case("error", input=WORDS, sep=texts("a", "b")), case("error", input=pack("string", np.array(b"x", dtype=object)), sep=pack("string", np.array(b"", dtype=object)))]


@op("StringToNumber")
def _(name):
    return [case("value", {"out_type": T(d)}, string_tensor=texts("1", "-22", " 3 ", "4")) for d in (F32, F64, "int32", "int64")] + [case("special", string_tensor=texts("inf", "-inf", "nan", "1e40", "-0", "1e-3", ".5")), case("empty", string_tensor=texts())] + [
        case("error", {"out_type": T(d)}, string_tensor=texts(x)) for d, x in ((F32, "x"), ("int32", "1.5"), ("int32", "3000000000"), ("int64", ""), (F64, "1 2"))]


@op("AsString")
def _(name):
    rows = [case("value", input=pack(d, [0, 1, 100, 7])) for d in FLOATS + INTS + COMPLEX + ("bool",)] + [case("value", a, input=pack(F32, [1.5, -2.25, 1e10, 1e-5])) for a in ({"precision": 2}, {"scientific": True}, {"shortest": True}, {"width": 12}, {"width": 12, "fill": "0"}, {"width": 8, "fill": "-", "precision": 1})]
    return rows + [case("special", input=pack(F32, [np.nan, np.inf, -np.inf, -0.0])), case("special", input=pack("int64", [-2 ** 63, 2 ** 63 - 1])), case("empty", input=pack(F32, np.zeros(0))), case("error", {"scientific": True, "shortest": True}, input=pack(F32, [1.])), case("error", {"precision": 2}, input=i32(1)), case("error", {"fill": "xx", "width": 5}, input=pack(F32, [1.]))]


@op("Substr")
def _(name):
    def row(kind, x, pos, length, **attrs):
        return case(kind, attrs, input=x, pos=pos, len=length)
    return [row("value", texts("Hello", "World"), scalar(i, 1), scalar(i, 3)) for i in ("int32", "int64")] + [row("value", texts("Hello", "World"), i32(-2, 0), i32(5, 1)), row("value", texts("å日本x"), i32(1), i32(2), unit="UTF8_CHAR"), row("broadcast", texts("Hello", "World"), pack("int32", [[0], [1]]), pack("int32", [[2], [3]])), row("empty", texts(), scalar("int32", 0), scalar("int32", 1)), row("error", texts("abc"), scalar("int32", 4), scalar("int32", 1)), row("error", texts("abc"), scalar("int32", -4), scalar("int32", 1)), row("error", texts("abc"), i32(0), i32(1, 2))]


@op("ReduceJoin")
def _(name):
    x = pack("string", np.array([[b"a", b"b"], [b"c", b"d"]], dtype=object))
    return [case("value", {"separator": "-", "keep_dims": k}, inputs=x, reduction_indices=i32(*r)) for k in (False, True) for r in ((0,), (1,), (0, 1), (1, 0), (-1,), ())] + [case("empty", inputs=pack("string", np.zeros([0, 2], dtype=object)), reduction_indices=i32(0)), case("error", inputs=x, reduction_indices=i32(2)), case("error", inputs=x, reduction_indices=i32(0, 0))]


@op("EncodeBase64")
def _(name):
    return [case("value", {"pad": p}, input=WORDS) for p in (False, True)] + [case("empty", input=texts()), case("error", input=FLOAT)]


@op("DecodeBase64")
def _(name):
    return [case("value", input=texts("SGVsbG8", "SGVsbG8=", "", "_-A")), case("empty", input=texts()), case("error", input=texts("S")), case("error", input=texts("a*bc"))]


@op("DecodeRaw")
def _(name):
    return [case("value", {"out_type": T(d), "little_endian": le}, bytes=texts("abcdefgh", "ABCDEFGH")) for d in ("uint8", "int32", F32, "int64", F64, "uint16", "bool") for le in (True, False) if d != "bool"] + [case("empty", {"out_type": T("uint8")}, bytes=texts("", "")), case("error", {"out_type": T("int32")}, bytes=texts("abc")), case("error", {"out_type": T("uint8")}, bytes=texts("a", "bc"))]


@op("StringFormat")
def _(name):
    return [case("value", {"template": "x: %s y: %s", "placeholder": "%s"}, inputs=[i32(1, 2, 3), scalar(F32, 1.5)]), case("value", {"template": "%s", "placeholder": "%s", "summarize": 2}, inputs=[pack(F32, np.arange(12.0))]), case("value", {"template": "none"}, inputs=[]), case("empty", {"template": "%s"}, inputs=[pack(F32, np.zeros(0))]), case("error", {"template": "%s"}, inputs=[i32(1), i32(2)])]


# ---- random numbers with a key ---------------------------------------------------------------------------------

@op("StatelessRandomUniform StatelessRandomNormal StatelessTruncatedNormal", ulps=4)
def _(name):
    return [case("value", {"dtype": T(d)}, shape=i32(2, 5), seed=pack(s, [7, 9])) for d in (F32, F64, "float16", "bfloat16") for s in ("int32", "int64")] + [case("empty", shape=i32(0, 3), seed=i32(1, 2)), case("error", shape=i32(2), seed=i32(1)), case("error", shape=i32(-1), seed=i32(1, 2)), case("error", {"dtype": T("int32")}, shape=i32(2), seed=i32(1, 2))]


@op("StatelessRandomUniformInt")
def _(name):
    return [case("value", shape=i32(9), seed=i32(7, 9), minval=scalar(d, -5), maxval=scalar(d, 100)) for d in ("int32", "int64")] + [case("empty", shape=i32(0), seed=i32(7, 9), minval=scalar("int32", 0), maxval=scalar("int32", 1)), case("error", shape=i32(2), seed=i32(7, 9), minval=scalar("int32", 1), maxval=scalar("int32", 1)), case("error", shape=i32(2), seed=i32(7, 9), minval=i32(0, 1), maxval=scalar("int32", 3))]


@op("StatelessRandomUniformFullInt")
def _(name):
    return [case("value", {"dtype": T(d)}, shape=i32(5), seed=i32(7, 9)) for d in ("int32", "int64", "uint32", "uint64")] + [case("empty", {"dtype": T("int32")}, shape=i32(0), seed=i32(7, 9)), case("error", {"dtype": T("int32")}, shape=i32(2), seed=i32(7))]


@op("StatelessMultinomial")
def _(name):
    return [case("value", {"output_dtype": T(d)}, logits=of(F32, name, [2, 4]), num_samples=scalar("int32", 6), seed=i32(3, 4)) for d in ("int32", "int64")] + [case("empty", logits=of(F32, name, [0, 4]), num_samples=scalar("int32", 6), seed=i32(3, 4)), case("empty", logits=of(F32, name, [2, 4]), num_samples=scalar("int32", 0), seed=i32(3, 4)), case("error", logits=of(F32, name, [4]), num_samples=scalar("int32", 6), seed=i32(3, 4)), case("error", logits=of(F32, name, [2, 0]), num_samples=scalar("int32", 6), seed=i32(3, 4))]


@op("RandomIndexShuffle")
def _(name):
    return [case("value", index=scalar(d, 3), seed=pack(d, [1, 2, 3]), max_index=scalar(d, 10)) for d in ("int32", "int64", "uint32", "uint64")] + [case("error", index=scalar("int32", 3), seed=i32(1), max_index=scalar("int32", 10))]


# ---- variables --------------------------------------------------------------------------------------------------

def variable(d, seed, shape, low=None, high=None):
    return {"variable": of(d, seed, shape, low, high)}


@op("ReadVariableOp", error="another dtype ends TensorFlow's process")
def _(name):
    return [case("value", {"dtype": T(d)}, resource=variable(d, name, [2, 3])) for d in REAL + ("bool",)] + [case("empty", {"dtype": T(F32)}, resource=variable(F32, name, [0]))]


@op("AssignVariableOp AssignAddVariableOp AssignSubVariableOp", error="another dtype ends TensorFlow's process")
def _(name):
    return [case("value", resource=variable(d, name, [2, 3]), value=of(d, "v", [2, 3])) for d in NUMERIC] + [case("empty", resource=variable(F32, name, [0]), value=of(F32, "v", [0]))] + ([case("error", resource=variable(F32, name, [2]), value=of(F32, "v", [3]))] if name != "AssignVariableOp" else [])


@op("VariableShape")
def _(name):
    return [case("value", {"out_type": T(d)}, input=variable(F32, name, [2, 3])) for d in ("int32", "int64")] + [case("empty", input=variable(F32, name, [0]))]


@op("ResourceGather")
def _(name):
    return [case("value", {"dtype": T(d)}, resource=variable(d, name, [4, 2]), indices=pack(i, [3, 0, 0])) for d in (F32, "int32") for i in ("int32", "int64")] + [case("value", {"dtype": T(F32), "batch_dims": 1}, resource=variable(F32, name, [2, 3]), indices=pack("int32", [[1], [2]])), case("empty", {"dtype": T(F32)}, resource=variable(F32, name, [4]), indices=pack("int32", np.zeros(0))), case("error", {"dtype": T(F32)}, resource=variable(F32, name, [4]), indices=i32(4)), case("error", {"dtype": T(F32)}, resource=variable(F32, name, [4]), indices=i32(-1))]


@op("ResourceScatterAdd ResourceScatterSub ResourceScatterMul ResourceScatterDiv ResourceScatterMax ResourceScatterMin ResourceScatterUpdate")
def _(name):
    return [case("value", resource=variable(d, name, [4, 2]), indices=i32(3, 0), updates=of(d, "u", [2, 2], 1, 3)) for d in (F32, F64, "int32", "int64")] + [case("value", resource=variable(F32, name, [4, 2]), indices=pack("int64", [1, 2]), updates=scalar(F32, 2)), case("value", resource=variable(F32, name, [4]), indices=i32(1, 1), updates=of(F32, "u", [2])), case("empty", resource=variable(F32, name, [4]), indices=pack("int32", np.zeros(0)), updates=pack(F32, np.zeros(0))), case("error", resource=variable(F32, name, [4]), indices=i32(4), updates=pack(F32, [1.])), case("error", resource=variable(F32, name, [4]), indices=i32(1), updates=pack(F32, [1., 2]))]


@op("ResourceScatterNdAdd ResourceScatterNdSub ResourceScatterNdMax ResourceScatterNdMin ResourceScatterNdUpdate")
def _(name):
    return [case("value", ref=variable(d, name, [4, 2]), indices=pack("int32", [[3], [0]]), updates=of(d, "u", [2, 2])) for d in (F32, F64, "int32")] + [case("value", ref=variable(F32, name, [4, 2]), indices=pack("int64", [[3, 1], [0, 0]]), updates=of(F32, "u", [2])), case("empty", ref=variable(F32, name, [4]), indices=pack("int32", np.zeros([0, 1])), updates=pack(F32, np.zeros(0))), case("error", ref=variable(F32, name, [4]), indices=pack("int32", [[4]]), updates=pack(F32, [1.])), case("error", ref=variable(F32, name, [4]), indices=pack("int32", [[1]]), updates=pack(F32, [1., 2]))]


# Optimizer steps: op -> what each slot and each number is called, in order.
STEPS = {
    "ResourceApplyGradientDescent": ((), ("alpha",), ("delta",)),
    "ResourceApplyMomentum": (("accum",), ("lr",), ("grad", "momentum")),
    "ResourceApplyKerasMomentum": (("accum",), ("lr",), ("grad", "momentum")),
    "ResourceApplyAdagrad": (("accum",), ("lr",), ("grad",)),
    "ResourceApplyAdagradV2": (("accum",), ("lr", "epsilon"), ("grad",)),
    "ResourceApplyAdam": (("m", "v"), ("beta1_power", "beta2_power", "lr", "beta1", "beta2", "epsilon"), ("grad",)),
    "ResourceApplyAdamWithAmsgrad": (("m", "v", "vhat"), ("beta1_power", "beta2_power", "lr", "beta1", "beta2", "epsilon"), ("grad",)),
    "ResourceApplyAdaMax": (("m", "v"), ("beta1_power", "lr", "beta1", "beta2", "epsilon"), ("grad",)),
    "ResourceApplyAdadelta": (("accum", "accum_update"), ("lr", "rho", "epsilon"), ("grad",)),
    "ResourceApplyRMSProp": (("ms", "mom"), ("lr", "rho", "momentum", "epsilon"), ("grad",)),
    "ResourceApplyCenteredRMSProp": (("mg", "ms", "mom"), ("lr", "rho", "momentum", "epsilon"), ("grad",)),
    "ResourceApplyFtrl": (("accum", "linear"), ("lr", "l1", "l2", "lr_power"), ("grad",)),
    "ResourceApplyFtrlV2": (("accum", "linear"), ("lr", "l1", "l2", "l2_shrinkage", "lr_power"), ("grad",)),
}
NUMBERS = {"alpha": .1, "lr": .05, "momentum": .9, "epsilon": 1e-3, "beta1_power": .81, "beta2_power": .998, "beta1": .9,
           "beta2": .999, "rho": .95, "l1": .01, "l2": .02, "l2_shrinkage": .1, "lr_power": -.5}


def step(name):
    dense = name.replace("Sparse", "")
    slots, numbers, rest = STEPS[dense]
    sparse = name != dense

    def row(kind, d, shape, grad=None, indices=None, **attrs):
        inputs = {"var": variable(d, name, shape)}
        inputs.update((s, variable(d, name + s, shape, .5, 2)) for s in slots)
        inputs.update((n, scalar(d, NUMBERS[n])) for n in numbers)
        for r in rest:
            inputs[r] = scalar(d, NUMBERS[r]) if r in NUMBERS else of(d, name + "g", grad or shape)
        if sparse:
            inputs["indices"] = indices or i32(2, 0)
        return case(kind, attrs, **inputs)
    grad = [2, 3] if sparse else None
    rows = [row("value", d, [4, 3], grad) for d in (F32, F64)]
    if "Momentum" in name:
        rows.append(row("value", F32, [4, 3], grad, use_nesterov=True))
    rows.append(row("empty", F32, [4, 0], [2, 0]) if sparse else row("empty", F32, [0, 3]))
    rows.append(row("error", F32, [4, 3], [2, 2] if sparse else [4, 2]))
    if sparse:
        rows.append(row("error", F32, [4, 3], [2, 3], i32(4, 0)))
    return rows


op(" ".join(STEPS), ulps=16)(step)
op("ResourceSparseApplyMomentum ResourceSparseApplyKerasMomentum ResourceSparseApplyAdagrad ResourceSparseApplyAdagradV2 "
   "ResourceSparseApplyAdadelta ResourceSparseApplyRMSProp ResourceSparseApplyCenteredRMSProp ResourceSparseApplyFtrl "
   "ResourceSparseApplyFtrlV2", ulps=16)(step)


@op("Lu", ulps=512, of_scale=True)
def _(name):
    rows = [case("value", input=of(d, name, s)) for d in (F32, F64, "complex64", "complex128") for s in ([3, 3], [2, 4, 4], [1, 1])]
    rows += [case("value", {"output_idx_type": T("int64")}, input=of(F32, name, [3, 3])), case("empty", input=of(F32, "", [0, 2, 2]))]
    return rows + [case("error", input=of(F32, "", [2, 3])), case("error", input=of(F32, "", [3])), case("error", input=pack(F32, np.zeros([2, 2])))]


@op("TridiagonalSolve", ulps=512, of_scale=True)
def _(name):
    def row(kind, d, diagonals, rhs, **attrs):
        return case(kind, attrs, diagonals=of(d, name, diagonals, .5, 2), rhs=of(d, "b", rhs))
    rows = [row("value", d, s, b) for d in (F32, F64, "complex64", "complex128") for s, b in (([3, 4], [4, 2]), ([2, 3, 5], [2, 5, 1]))]
    rows += [row("value", F64, [3, 4], [4, 2], partial_pivoting=False), row("empty", F32, [0, 3, 4], [0, 4, 2])]
    return rows + [row("error", F32, [2, 4], [4, 2]), row("error", F32, [3, 4], [3, 2]), row("error", F32, [4], [4, 2])]


def _dilation(kind, name, d, image, filter, padding, strides=(1, 1), rates=(1, 1), dy=None):
    more = {} if dy is None else {"out_backprop": of(d, "dy", dy)}
    return case(kind, {"strides": [1, *strides, 1], "rates": [1, *rates, 1], "padding": padding}, input=of(d, name, image), filter=of(d, "w", filter), **more)


@op("Dilation2D", ulps=2)
def _(name):
    rows = [_dilation("value", name, d, [2, 5, 6, 2], [2, 3, 2], p) for d in (F32, F64, "int32", "uint8") for p in ("SAME", "VALID")]
    rows += [_dilation("value", name, F64, [1, 7, 6, 1], [2, 2, 1], p, (2, 1), (2, 3)) for p in ("SAME", "VALID")]
    return rows + [_dilation("empty", name, F32, [0, 5, 6, 2], [2, 3, 2], "SAME"), _dilation("error", name, F32, [5, 6, 2], [2, 3, 2], "SAME"),
                   _dilation("error", name, F32, [1, 5, 6, 2], [2, 3, 3], "SAME"), _dilation("error", name, F32, [1, 2, 2, 1], [3, 3, 1], "VALID")]


@op("Dilation2DBackpropInput Dilation2DBackpropFilter", ulps=8)
def _(name):
    rows = [_dilation("value", name, d, [2, 5, 6, 2], [2, 3, 2], "SAME", dy=[2, 5, 6, 2]) for d in (F32, F64)]
    rows += [_dilation("value", name, F64, [1, 7, 6, 1], [2, 2, 1], "VALID", (2, 1), (2, 3), [1, 3, 3, 1])]
    return rows + [_dilation("empty", name, F32, [0, 5, 6, 2], [2, 3, 2], "SAME", dy=[0, 5, 6, 2]),
                   _dilation("error", name, F32, [1, 5, 6, 2], [2, 3, 2], "SAME", dy=[1, 5, 5, 2])]


# ---- connectionist temporal classification -------------------------------------------------------------------

@op("CTCLoss", ulps=64, of_scale=True, empty="refused")
def _(name):
    places, labels = pack("int64", [[0, 0], [0, 1], [1, 0], [1, 1], [1, 2]]), i32(0, 2, 1, 1, 0)

    def row(kind, d=F32, x=(6, 2, 4), at=places, values=labels, lengths=i32(6, 5), **attrs):
        return case(kind, attrs, inputs=of(d, name, list(x), -3, 3), labels_indices=at, labels_values=values, sequence_length=lengths)
    return [row("value", d) for d in (F32, F64)] + [
        row("value", preprocess_collapse_repeated=True), row("value", ctc_merge_repeated=False), row("value", lengths=i32(2, 0)),
        row("value", ignore_longer_outputs_than_inputs=True, lengths=i32(6, 2)), row("value", values=i32(0, 2, 1, 1, 3)),
        row("empty", x=(0, 2, 4), lengths=i32(0, 0), ignore_longer_outputs_than_inputs=True), row("error", lengths=i32(7, 5)), row("error", lengths=i32(6, -1)), row("error", lengths=i32(6, 2)),
        row("error", values=i32(0, -2, 1, 1, 0)), row("error", values=i32(0, 2, 3, 1, 0)), row("error", lengths=i32(6)), row("error", x=(6, 4), lengths=i32(6, 5)),
        row("error", x=(6, 3, 4), lengths=i32(6, 5, 4)), row("error", values=i32(0, 2))]


@op("CTCGreedyDecoder CTCBeamSearchDecoder", ulps=64, of_scale=True, empty="refused")
def _(name):
    beams = {"beam_width": 6, "top_paths": 2} if name == "CTCBeamSearchDecoder" else {}

    def row(kind, d=F32, x=(5, 2, 4), lengths=i32(5, 3), **attrs):
        return case(kind, {**beams, **attrs}, inputs=of(d, name, list(x), -3, 3), sequence_length=lengths)
    rows = [row("value", d, merge_repeated=m) for d in (F32, F64) for m in (False, True)] + [row("value", x=(9, 3, 3), lengths=i32(9, 9, 1))]
    if beams:
        rows += [row("value", beam_width=1, top_paths=1), row("value", beam_width=50, top_paths=4), row("error", top_paths=7), row("error", beam_width=0)]
    else:
        rows += [row("value", blank_index=1), row("value", blank_index=-2), row("error", blank_index=4), row("error", blank_index=-5)]
    return rows + [row("empty", x=(5, 0, 4), lengths=pack("int32", np.zeros(0))), row("error", lengths=i32(5)), row("error", x=(5, 4), lengths=i32(5, 3)), row("error", lengths=i32(9, 3))]
