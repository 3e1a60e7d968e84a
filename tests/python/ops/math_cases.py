# In: nothing. Out: the cases of element-wise ops, reductions and products.
import itertools

import numpy as np

from table import F32, F64, STRING_SCALAR, T, case, draw, i32, of, op, scalar
from tensors import COMPLEX, FLOATS, INTS, NUMERIC, REAL, TINY, UNSIGNED, pack, special


# ---- element-wise, one input ----------------------------------------------------------------------------

DOMAIN = {"Acos": (-.95, .95), "Asin": (-.95, .95), "Atanh": (-.95, .95), "Acosh": (1.1, 5), "Log": (.1, 5),
          "Log1p": (-.5, 5), "Sqrt": (.1, 5), "Rsqrt": (.1, 5), "Lgamma": (.2, 6), "Digamma": (.2, 6), "Erfinv": (-.9, .9),
          "Ndtri": (.1, .9), "Spence": (.1, 5), "Expint": (.1, 3), "BesselK0": (.1, 5), "BesselK0e": (.1, 5),
          "BesselK1": (.1, 5), "BesselK1e": (.1, 5), "BesselY0": (.1, 5), "BesselY1": (.1, 5), "Inv": (.3, 4),
          "Reciprocal": (.3, 4)}


def unary(name):
    low, high = DOMAIN.get(name, (-4.0, 4.0))
    key = {"ComplexAbs": "x", "Softmax": "logits"}.get(name)
    key = key or ("features" if name in FEATURES else "input" if name in INPUTS else "x")
    rows = []
    for dtype in NUMERIC + ("bool",):
        if name == "Acos" and dtype in INTS:
            continue      # TensorFlow cuts the angle to an integer
        bounds = (low, high) if dtype in FLOATS + COMPLEX else (None, None)
        rows.append(case("value", **{key: of(dtype, name, [2, 5], *bounds)}))
        if dtype in REAL:
            values = special(dtype)
            if name in SPECIAL_FUNCTIONS and dtype in FLOATS:   # at infinity TensorFlow's are not numbers
                values = values[[0, 3, 4, 8, 9, 10, 11, 12]]
            rows.append(case("special", **{key: pack(dtype, values)}))
    for dtype in ("float32", "int32", "bool", "complex64"):
        if name == "Acos" and dtype in INTS:
            continue
        rows.append(case("empty", **{key: of(dtype, name, [0, 3])}))
        rows.append(case("value", **{key: of(dtype, name, [], *((low, high) if dtype == F32 else (None, None)))}))
    rows.append(case("error", **{key: STRING_SCALAR}))
    return rows


FEATURES = {"Elu", "Selu", "Relu", "Relu6", "Softplus", "Softsign", "LeakyRelu"}
INPUTS = {"Angle", "Conj", "Imag", "Real", "Identity", "StopGradient", "PreventGradient", "Snapshot"}
# Exact: what IEEE 754 rounds correctly, or only moves.
op("Abs Ceil Floor Rint Round LogicalNot Invert IsFinite IsInf IsNan OnesLike ZerosLike Identity Real Imag Conj "
   "StopGradient PreventGradient")(unary)
# The sign of a zero is not TensorFlow's in each dtype (-0.0 of 0.0 is 0.0 there); complex numbers take several steps.
op("Neg Relu Relu6 Sign Square Sqrt", ulps=.5)(unary)
op("LeakyRelu", ulps=1)(unary)
op("Inv Reciprocal Softsign", ulps=1)(unary)
op("Acos Acosh Asin Asinh Atan Atanh Cos Cosh Erf Erfc Exp Expm1 Log Log1p Rsqrt Sigmoid Sin Sinh Tan Tanh Elu Selu "
   "Softplus ComplexAbs Angle", ulps=8)(unary)
SPECIAL_FUNCTIONS = ("BesselI0 BesselI0e BesselI1 BesselI1e BesselJ0 BesselJ1 BesselK0 BesselK0e BesselK1 BesselK1e "
                     "BesselY0 BesselY1 Dawsn Digamma Erfinv Expint Lgamma Ndtri Spence").split()
op(" ".join(SPECIAL_FUNCTIONS), ulps=512)(unary)


def gradient_of_unary(name):
    first = {"SoftplusGrad": "gradients", "SoftsignGrad": "gradients", "ReluGrad": "gradients",
             "Relu6Grad": "gradients", "LeakyReluGrad": "gradients", "EluGrad": "gradients",
             "SeluGrad": "gradients"}.get(name, "dy")
    second = {"EluGrad": "outputs", "SeluGrad": "outputs"}.get(name, "features" if first == "gradients" else "y")
    rows = []
    for dtype in FLOATS + (COMPLEX if first == "dy" else INTS if "Relu" in name else ()):
        rows.append(case("value", **{first: of(dtype, name + "a", [2, 5]), second: of(dtype, name + "b", [2, 5], .2, 3)}))
        if dtype in (F32, F64):
            rows.append(case("value", **{first: of(dtype, name + "a", [2, 5]), second: of(dtype, name + "b", [2, 5], -3, .9)}))
            rows.append(case("special", **{first: pack(dtype, np.ones(13)), second: pack(dtype, special(dtype))}))
    rows.append(case("empty", **{first: of(F32, name, [0, 2]), second: of(F32, name, [0, 2])}))
    rows.append(case("error", **{first: of(F32, name, [2]), second: of(F64, name, [2])}))
    return rows


op("SigmoidGrad SqrtGrad TanhGrad InvGrad ReciprocalGrad RsqrtGrad SoftplusGrad SoftsignGrad ReluGrad Relu6Grad "
   "LeakyReluGrad EluGrad SeluGrad", ulps=8)(gradient_of_unary)


# ---- element-wise, two inputs -----------------------------------------------------------------------------

POSITIVE = {"Pow", "Xlogy", "Xlog1py", "Xdivy", "Igamma", "Igammac", "IgammaGradA", "RandomGammaGrad", "Zeta", "Polygamma"}
DIVIDES = {"Div", "FloorDiv", "FloorMod", "Mod", "RealDiv", "TruncateDiv", "TruncateMod"}
BITWISE = {"BitwiseAnd", "BitwiseOr", "BitwiseXor", "LeftShift", "RightShift"}
ARGUMENTS = {"Igamma": ("a", "x"), "Igammac": ("a", "x"), "IgammaGradA": ("a", "x"), "RandomGammaGrad": ("alpha", "sample"), "Zeta": ("x", "q"),
             "Polygamma": ("a", "x"), "NextAfter": ("x1", "x2"), "Complex": ("real", "imag"), "Atan2": ("y", "x")}


def binary_pair(name, dtype, shape_a, shape_b, seed=""):
    a, b = ARGUMENTS.get(name, ("x", "y"))
    low = high = None
    if name in POSITIVE:
        low, high = (.3, 3) if dtype in FLOATS + COMPLEX else (1, 3)
    left = of(dtype, name + seed + "a", shape_a, low, high)
    if name == "Polygamma":
        left = pack(dtype, np.floor(draw(name, shape_a, 0, 4)))
    if name == "Zeta":
        left = of(dtype, name + seed + "a", shape_a, 1.5, 4)
    if name in DIVIDES and dtype in INTS:
        low, high = 1, 7
    if name in ("LeftShift", "RightShift"):
        low, high = 0, 6
    return {a: left, b: of(dtype, name + seed + "b", shape_b, low, high)}


def binary(name):
    a, b = ARGUMENTS.get(name, ("x", "y"))
    rows = []
    for dtype in NUMERIC + ("bool",):
        rows.append(case("value", **binary_pair(name, dtype, [2, 3], [2, 3])))
        if dtype in ("bool",) + COMPLEX:
            continue
        values = special(dtype)
        if name == "FloorDiv" and dtype in FLOATS:
            values = values[np.abs(values) != TINY[dtype]]   # the quotient would be subnormal
        if dtype in INTS and (name in DIVIDES or name in ("Pow", "LeftShift", "RightShift")):
            if name in DIVIDES:   # no 0 (an error) and no -1 (the smallest number by it ends TensorFlow's process)
                rows.append(case("special", **{a: pack(dtype, values[:, None]), b: pack(dtype, np.array([1, 2, 3, 7]))}))
            continue
        if name in POSITIVE and name not in ("Pow", "Xlogy", "Xlog1py", "Xdivy") and dtype in FLOATS:
            values = values[[0, 3, 8, 10, 12]]
        rows.append(case("special", **{a: pack(dtype, values[:, None]), b: pack(dtype, values[None, :])}))
    for dtype in ("float32", "int32", "bool", "complex64"):
        for shapes in (([0, 3], [0, 3]), ([0, 3], [1, 3]), ([2, 0], [])):
            rows.append(case("empty", **binary_pair(name, dtype, *shapes)))
        for shapes in (([2, 1, 3], [4, 1]), ([], [2, 2]), ([3], [2, 3]), ([1], [3])):
            rows.append(case("broadcast", **binary_pair(name, dtype, *shapes)))
    rows.append(case("broadcast", **binary_pair(name, F64, [2, 1, 3], [4, 1])))
    fits = "bool" if name.startswith("Logical") else "int32" if name in BITWISE else F32
    rows.append(case("error", **binary_pair(name, fits, [2, 3], [3, 2])))
    rows.append(case("error", **{a: of(fits, name, [2]), b: of(F64, name, [2])}))
    if name in DIVIDES and not name.startswith("Truncate"):   # there TensorFlow speaks of an internal error
        rows.append(case("error", **{a: i32(1, 2), b: i32(1, 0)}))
    if name == "Pow":
        rows.append(case("error", **{a: i32(2), b: i32(-1)}))
    return rows


op("Div RealDiv Maximum Minimum SquaredDifference DivNoNan Mul MulNoNan", ulps=.5)(binary)
op("Add AddV2 Sub TruncateDiv FloorDiv Equal NotEqual Less LessEqual Greater GreaterEqual LogicalAnd LogicalOr BitwiseAnd "
   "BitwiseOr BitwiseXor LeftShift RightShift NextAfter Complex")(binary)
op("FloorMod TruncateMod Mod", ulps=1)(binary)
op("Atan2 Xdivy Xlogy Xlog1py Pow", ulps=8)(binary)
op("Igamma Igammac IgammaGradA RandomGammaGrad Zeta Polygamma", ulps=4096)(binary)


@op("ApproximateEqual", broadcast="TensorFlow's op wants one shape")
def _(name):
    rows = [case("value", {"tolerance": .1}, x=of(d, "a", [2, 3]), y=of(d, "a", [2, 3])) for d in REAL]
    rows.append(case("value", {"tolerance": .5}, x=of(F32, "a", [20]), y=of(F32, "b", [20])))
    rows.append(case("special", x=pack(F32, special(F32)), y=pack(F32, special(F32)[::-1])))
    rows.append(case("empty", x=of(F32, "", [0]), y=of(F32, "", [0])))
    rows.append(case("error", x=of(F32, "", [2]), y=of(F32, "", [3])))
    return rows


@op("Betainc", ulps=512)
def _(name):
    rows = [case("value", a=of(d, "a", [3, 2], .5, 4), b=of(d, "b", [3, 2], .5, 4), x=of(d, "x", [3, 2], .1, .9)) for d in (F32, F64)]
    rows.append(case("broadcast", a=of(F32, "a", [], .5, 4), b=of(F32, "b", [3, 2], .5, 4), x=of(F32, "x", [], .1, .9)))
    rows.append(case("special", a=of(F64, "a", [6], .5, 4), b=of(F64, "b", [6], .5, 4), x=pack(F64, [np.nan, 0, 1, -1, 2, .5])))
    rows.append(case("empty", a=of(F32, "a", [0]), b=of(F32, "b", [0]), x=of(F32, "x", [0])))
    rows.append(case("error", a=of(F32, "a", [2]), b=of(F32, "b", [3]), x=of(F32, "x", [2])))
    return rows


@op("SelectV2")
def _(name):
    def row(kind, dtype, c, t, e):
        return case(kind, condition=of("bool", "c", c), t=of(dtype, "t", t), e=of(dtype, "e", e))
    rows = [row("value", d, [2, 3], [2, 3], [2, 3]) for d in NUMERIC + ("bool", "string")]
    rows += [row("broadcast", d, c, t, e) for d in (F32, F64, "int64") for c, t, e in
             (([], [2, 3], [3]), ([2, 1], [1, 3], []), ([3], [3], [2, 3]), ([2, 3], [], []))]
    rows.append(case("special", condition=of("bool", "c", [13]), t=pack(F32, special(F32)), e=pack(F32, special(F32)[::-1])))
    rows += [row("empty", F32, [0, 3], [1, 3], []), row("empty", F32, [0], [0], [0])]
    rows += [row("error", F32, [2], [3], [3]), case("error", condition=of("bool", "c", [2]), t=of(F32, "", [2]), e=of(F64, "", [2])),
             case("error", condition=of(F32, "c", [2]), t=of(F32, "", [2]), e=of(F32, "", [2]))]
    return rows


@op("ClipByValue")
def _(name):
    rows = [case("value", t=of(d, "t", [2, 3]), clip_value_min=scalar(d, 1), clip_value_max=scalar(d, 3)) for d in REAL]
    rows.append(case("special", t=pack(F32, special(F32)), clip_value_min=scalar(F32, -1), clip_value_max=scalar(F32, 1)))
    rows.append(case("broadcast", t=of(F32, "t", [2, 3]), clip_value_min=of(F32, "l", [2, 3], -1, 0), clip_value_max=scalar(F32, 1)))
    rows.append(case("empty", t=of(F32, "t", [0, 3]), clip_value_min=scalar(F32, 1), clip_value_max=scalar(F32, 3)))
    rows.append(case("error", t=of(F32, "t", [2, 3]), clip_value_min=of(F32, "", [3]), clip_value_max=scalar(F32, 1)))
    return rows


@op("Cast")
def _(name):
    types = NUMERIC + ("bool",)
    rows = []
    for src, dst in itertools.product(types, types):
        values = draw("cast", [7], 0, 100)
        if src not in UNSIGNED + ("bool",) and dst not in UNSIGNED:
            values = values - 50
        rows.append(case("value", {"DstT": T(dst)}, x=pack(src, values > 50 if src == "bool" else values)))
        if src in FLOATS and dst in FLOATS + COMPLEX + ("bool",):
            rows.append(case("special", {"DstT": T(dst)}, x=pack(src, special(src))))
        if src in INTS and dst in types:
            rows.append(case("special", {"DstT": T(dst)}, x=pack(src, special(src))))
    rows.append(case("empty", {"DstT": T("int32")}, x=of(F32, "", [0, 2])))
    rows.append(case("error", {"DstT": T("int32")}, x=STRING_SCALAR))
    return rows


@op("Bitcast")
def _(name):
    pairs = [(F32, "int32"), ("int64", F64), ("int32", "uint8"), ("float16", "bfloat16"), (F64, F32), ("complex64", "int64")]
    rows = [case("value", {"type": T(d)}, input=of(s, "b", [2, 3])) for s, d in pairs]
    rows.append(case("value", {"type": T("int32")}, input=of("uint8", "b", [2, 4])))
    rows.append(case("empty", {"type": T("int32")}, input=of(F32, "", [0, 3])))
    rows.append(case("error", {"type": T("int32")}, input=of("uint8", "b", [2, 3])))
    return rows


# ---- reductions ---------------------------------------------------------------------------------------------

def reduction(name):
    flags = name in ("All", "Any")
    rows = []
    for dtype in ("bool",) if flags else NUMERIC:
        x = of(dtype, name, [2, 3, 4])
        for axis, keep in (([1], False), ([-1, 0], True), ([], False), ([0, 1, 2], False)):
            rows.append(case("value", {"keep_dims": keep}, input=x, axis=i32(*axis)))
        rows.append(case("value", input=x, axis=pack("int64", np.array(2))))
    if not flags:
        for dtype in FLOATS + INTS:
            rows.append(case("special", input=pack(dtype, special(dtype)), axis=i32(0)))
            rows.append(case("special", input=pack(dtype, special(dtype)[1:3]), axis=i32(0)))
        for dtype in (F32, "float16"):     # long rows: how sums are ordered must not cost digits
            rows.append(case("value", input=of(dtype, name, [1023], .9, 1.1), axis=i32(0)))
    kind = "bool" if flags else F32
    for shape, axis in (([0, 3], [0]), ([0, 3], [1]), ([2, 0], [1]), ([0], [0])):
        rows.append(case("empty", input=of(kind, name, shape), axis=i32(*axis)))
    rows += [case("error", input=of(kind, name, [2, 3]), axis=i32(2)), case("error", input=of(kind, name, [2, 3]), axis=i32(-3)),
             case("error", input=of(kind, name, [2, 3]), axis=i32(0, 0)), case("error", input=STRING_SCALAR, axis=i32(0))]
    return rows


op("All Any Max Min")(reduction)
op("Sum Prod Mean", ulps=32, of_scale=True)(reduction)


def arg_extreme(name):
    rows = []
    for dtype in REAL + ("bool",):
        rows += [case("value", input=of(dtype, name, [3, 4]), dimension=scalar("int32", axis)) for axis in (0, 1, -1)]
        if dtype != "bool":
            rows.append(case("special", input=pack(dtype, special(dtype)), dimension=scalar("int32", 0)))
    rows += [case("special", input=pack(F32, v), dimension=scalar("int32", 0)) for v in
             ([np.nan, 1, 2], [1, np.nan, 2], [np.nan, np.nan], [2, 2, 1], [-np.inf, -np.inf])]
    rows.append(case("value", {"output_type": T("int32")}, input=of(F32, name, [3, 4]), dimension=scalar("int64", 1)))
    rows.append(case("empty", input=of(F32, name, [0, 3]), dimension=scalar("int32", 1)))
    rows += [case("error", input=of(F32, name, [0, 3]), dimension=scalar("int32", 0)),
             case("error", input=of(F32, name, [2, 3]), dimension=scalar("int32", 2)),
             case("error", input=of(F32, name, [2, 3]), dimension=i32(0, 1)), case("error", input=STRING_SCALAR, dimension=scalar("int32", 0))]
    return rows


op("ArgMax ArgMin")(arg_extreme)


def scan(name):
    rows = []
    for dtype in FLOATS if name == "CumulativeLogsumexp" else NUMERIC:
        for exclusive, reverse in itertools.product((False, True), repeat=2):
            rows.append(case("value", {"exclusive": exclusive, "reverse": reverse}, x=of(dtype, name, [2, 3]), axis=scalar("int32", 1)))
    rows.append(case("value", x=of(F32, name, [2, 3, 2]), axis=scalar("int32", -2)))
    rows.append(case("special", x=pack(F32, special(F32)[3:]), axis=scalar("int32", 0)))
    rows += [case("empty", x=of(F32, name, [0, 3]), axis=scalar("int32", 0)), case("empty", x=of(F32, name, [3, 0]), axis=scalar("int32", 0))]
    rows += [case("error", x=of(F32, name, [3]), axis=scalar("int32", 1)), case("error", x=of(F32, name, [3]), axis=i32(0, 0))]
    return rows


op("Cumsum Cumprod", ulps=8, of_scale=True)(scan)
op("CumulativeLogsumexp", ulps=16, of_scale=True)(scan)


@op("L2Loss", ulps=32, of_scale=True)
def _(name):
    rows = [case("value", t=of(d, name, [3, 4])) for d in FLOATS]
    return rows + [case("special", t=pack(F32, special(F32)[:3])), case("empty", t=of(F32, "", [0])), case("error", t=i32(1))]


@op("AddN", ulps=1)
def _(name):
    rows = [case("value", inputs=[of(d, name + str(k), [2, 3]) for k in range(n)]) for d in NUMERIC for n in (1, 3)]
    rows.append(case("value", inputs=[of(F32, name + str(k), [2]) for k in range(12)]))
    rows.append(case("special", inputs=[pack(F32, special(F32)), pack(F32, special(F32)[::-1])]))
    rows.append(case("empty", inputs=[of(F32, "", [0, 2])] * 2))
    rows += [case("error", inputs=[of(F32, "", [2]), of(F32, "", [3])]), case("error", inputs=[])]
    return rows


# ---- products ---------------------------------------------------------------------------------------------

@op("MatMul", ulps=16, of_scale=True)
def _(name):
    rows = []
    for dtype in FLOATS + COMPLEX + ("int32", "int64"):
        for ta, tb in itertools.product((False, True), repeat=2):
            rows.append(case("value", {"transpose_a": ta, "transpose_b": tb}, a=of(dtype, "a", [4, 3] if ta else [3, 4]),
                             b=of(dtype, "b", [5, 4] if tb else [4, 5])))
    rows += [case("value", a=of(F32, "a", s), b=of(F32, "b", t)) for s, t in (([1, 17], [17, 33]), ([33, 2], [2, 1]), ([64, 65], [65, 63]))]
    rows.append(case("special", a=pack(F32, np.diag([np.nan, np.inf, 1, -0.0])), b=pack(F32, np.eye(4))))
    rows += [case("empty", a=of(F32, "a", s), b=of(F32, "b", t)) for s, t in (([0, 3], [3, 2]), ([2, 0], [0, 3]), ([2, 3], [3, 0]))]
    rows += [case("error", a=of(F32, "a", [2, 3]), b=of(F32, "b", [2, 3])), case("error", a=of(F32, "a", [3]), b=of(F32, "b", [3, 2])),
             case("error", a=of(F32, "a", [2, 3]), b=of(F64, "b", [3, 2])), case("error", a=STRING_SCALAR, b=STRING_SCALAR)]
    return rows


@op("SparseMatMul", ulps=16, of_scale=True)
def _(name):
    rows = []
    for ad, bd in itertools.product((F32, "bfloat16"), repeat=2):
        for ta, tb in itertools.product((False, True), repeat=2):
            rows.append(case("value", {"transpose_a": ta, "transpose_b": tb, "a_is_sparse": ta, "b_is_sparse": not tb},
                             a=of(ad, "a", [4, 3] if ta else [3, 4]), b=of(bd, "b", [5, 4] if tb else [4, 5])))
    rows += [case("empty", a=of(F32, "a", s), b=of(F32, "b", t)) for s, t in (([0, 3], [3, 2]), ([2, 3], [3, 0]))]
    rows += [case("error", a=of(F32, "a", [2, 3]), b=of(F32, "b", [2, 3])), case("error", a=of(F32, "a", [3]), b=of(F32, "b", [3, 2])),
             case("error", a=of(F32, "a", [3, 2]), b=of(F32, "b", [1, 3, 2])), case("error", a=of(F64, "a", [2, 3]), b=of(F32, "b", [3, 2]))]
    return rows


@op("BatchMatMulV2", ulps=16, of_scale=True)
def _(name):
    rows = []
    for dtype in FLOATS + COMPLEX + ("int32", "int64"):
        for ta, tb in itertools.product((False, True), repeat=2):
            rows.append(case("value", {"adj_x": ta, "adj_y": tb}, x=of(dtype, "a", [2, 4, 3] if ta else [2, 3, 4]),
                             y=of(dtype, "b", [2, 5, 4] if tb else [2, 4, 5])))
    rows += [case("broadcast", x=of(d, "a", s), y=of(d, "b", t)) for d in (F32, F64) for s, t in
             (([2, 1, 3, 4], [5, 4, 2]), ([3, 4], [2, 4, 2]), ([2, 3, 4], [4, 1]))]
    rows.append(case("special", x=pack(F32, [[[np.nan, 1], [np.inf, 0]]]), y=pack(F32, [[[1, 0], [0, 1]]])))
    rows += [case("empty", x=of(F32, "a", s), y=of(F32, "b", t)) for s, t in (([0, 3, 2], [0, 2, 4]), ([2, 3, 0], [2, 0, 4]), ([2, 0, 3], [3, 4]))]
    rows += [case("error", x=of(F32, "a", [2, 3, 4]), y=of(F32, "b", [2, 3, 4])), case("error", x=of(F32, "a", [3]), y=of(F32, "b", [3, 2])),
             case("error", x=of(F32, "a", [2, 3, 4]), y=of(F32, "b", [3, 4, 5]))]
    return rows
