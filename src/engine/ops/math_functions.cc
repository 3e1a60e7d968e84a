// In: names and signatures of tf.math's functions that are one op each. Out: function records.
#include "engine/ops/operands.h"

namespace ninefold::ops {
namespace {

constexpr const char* x = "(x: T, name: str = None)";
constexpr const char* x_y = "(x: T, y: T, name: str = None)";
constexpr const char* features = "(features: T, name: str = None)";

// ---- of one tensor ----

const OpFunction of_one[] = {
    {"Neg", {"tf.math.negative", "tf.negative"}, x, "-x, for signed numbers."},
    {"Sign", {"tf.math.sign", "tf.sign"}, x, "-1, 0 or 1; x / |x| for complex numbers; NaN stays NaN."},
    {"Square", {"tf.math.square", "tf.square"}, x, "x * x."},
    {"Sqrt", {"tf.math.sqrt", "tf.sqrt"}, x, "The square root; NaN below 0."},
    {"Rsqrt", {"tf.math.rsqrt"}, x, "1 / sqrt(x)."},
    {"Reciprocal", {"tf.math.reciprocal"}, x, "1 / x."},
    {"Exp", {"tf.math.exp", "tf.exp"}, x, "e^x."},
    {"Expm1", {"tf.math.expm1"}, x, "e^x - 1, exact near 0."},
    {"Log", {"tf.math.log"}, x, "The natural logarithm; NaN below 0, -inf at 0."},
    {"Log1p", {"tf.math.log1p"}, x, "log(1 + x), exact near 0."},
    {"Sin", {"tf.math.sin", "tf.sin"}, x, "The sine of an angle in radians."},
    {"Cos", {"tf.math.cos", "tf.cos"}, x, "The cosine of an angle in radians."},
    {"Tan", {"tf.math.tan", "tf.tan"}, x, "The tangent of an angle in radians."},
    {"Asin", {"tf.math.asin", "tf.asin"}, x, "The angle in [-pi/2, pi/2] whose sine is x."},
    {"Acos", {"tf.math.acos", "tf.acos"}, x, "The angle in [0, pi] whose cosine is x."},
    {"Atan", {"tf.math.atan", "tf.atan"}, x, "The angle in (-pi/2, pi/2) whose tangent is x."},
    {"Sinh", {"tf.math.sinh", "tf.sinh"}, x, "The hyperbolic sine."},
    {"Cosh", {"tf.math.cosh", "tf.cosh"}, x, "The hyperbolic cosine."},
    {"Tanh", {"tf.math.tanh", "tf.nn.tanh", "tf.tanh"}, x, "The hyperbolic tangent."},
    {"Asinh", {"tf.math.asinh", "tf.asinh"}, x, "The inverse hyperbolic sine."},
    {"Acosh", {"tf.math.acosh", "tf.acosh"}, x, "The inverse hyperbolic cosine; NaN below 1."},
    {"Atanh", {"tf.math.atanh", "tf.atanh"}, x, "The inverse hyperbolic tangent; NaN outside [-1, 1]."},
    {"Sigmoid", {"tf.math.sigmoid", "tf.nn.sigmoid", "tf.sigmoid"}, x, "1 / (1 + e^-x)."},
    {"Softplus", {"tf.math.softplus", "tf.nn.softplus"}, features, "log(1 + e^x)."},
    {"Relu", {"tf.nn.relu"}, features, "max(features, 0)."},
    {"Floor", {"tf.math.floor", "tf.floor"}, x, "The largest integer that is not above x, as a float."},
    {"Ceil", {"tf.math.ceil"}, x, "The smallest integer that is not below x, as a float."},
    {"Rint", {"tf.math.rint"}, x, "The nearest integer, ties to even, as a float."},
    {"IsNan", {"tf.math.is_nan"}, x, "Which elements are NaN."},
    {"IsInf", {"tf.math.is_inf"}, x, "Which elements are infinite."},
    {"IsFinite", {"tf.math.is_finite"}, x, "Which elements are neither infinite nor NaN."},
    {"Erf", {"tf.math.erf"}, x, "2/sqrt(pi) times the integral of e^-t^2 from 0 to x."},
    {"Erfc", {"tf.math.erfc"}, x, "1 - erf(x), exact for large x."},
    {"Lgamma", {"tf.math.lgamma"}, x, "log |gamma(x)|."},
    {"LogicalNot", {"tf.math.logical_not", "tf.logical_not"}, "(x: tensor, name: str = None)", "not x."},
    {"Invert", {"tf.bitwise.invert"}, x, "All bits of x flipped."},
};

// ---- of two tensors that broadcast to one another ----

const OpFunction of_two[] = {
    {"Sub", {"tf.math.subtract", "tf.subtract"}, x_y, "x - y."},
    {"Mul", {"tf.math.multiply", "tf.multiply"}, x_y, "x * y."},
    {"FloorDiv", {"tf.math.floordiv"}, x_y, "floor(x / y), of x's dtype; integers by zero raise InvalidArgumentError."},
    {"FloorMod", {"tf.math.floormod", "tf.math.mod"}, x_y, "x - floor(x / y) y: the remainder with the sign of y."},
    {"TruncateDiv", {"tf.truncatediv"}, x_y, "x / y rounded towards zero, for integers."},
    {"TruncateMod", {"tf.truncatemod"}, x_y, "The remainder with the sign of x."},
    {"RealDiv", {"tf.realdiv"}, x_y, "x / y of floats."},
    {"DivNoNan", {"tf.math.divide_no_nan"}, x_y, "x / y, and 0 where y is 0."},
    {"MulNoNan", {"tf.math.multiply_no_nan"}, x_y, "x * y, and 0 where y is 0, even if x is infinite or NaN."},
    {"Xdivy", {"tf.math.xdivy"}, x_y, "x / y, and 0 where x is 0."},
    {"Xlogy", {"tf.math.xlogy"}, x_y, "x log(y), and 0 where x is 0."},
    {"Xlog1py", {"tf.math.xlog1py"}, x_y, "x log(1 + y), and 0 where x is 0."},
    {"Pow", {"tf.math.pow", "tf.pow"}, x_y, "x^y; a negative power of an integer raises InvalidArgumentError."},
    {"Atan2", {"tf.math.atan2", "tf.atan2"}, "(y: T, x: T, name: str = None)", "The angle of the point (x, y), in [-pi, pi]."},
    {"NextAfter", {"tf.math.nextafter"}, "(x1: T, x2: T, name: str = None)", "The next number after x1 towards x2."},
    {"Maximum", {"tf.math.maximum", "tf.maximum"}, x_y, "The larger of two; NaN if either is."},
    {"Minimum", {"tf.math.minimum", "tf.minimum"}, x_y, "The smaller of two; NaN if either is."},
    {"SquaredDifference", {"tf.math.squared_difference"}, x_y, "conj(x - y) (x - y)."},
    {"Equal", {"tf.math.equal", "tf.equal"}, x_y, "Where x == y."},
    {"NotEqual", {"tf.math.not_equal", "tf.not_equal"}, x_y, "Where x != y."},
    {"Less", {"tf.math.less", "tf.less"}, x_y, "Where x < y."},
    {"LessEqual", {"tf.math.less_equal", "tf.less_equal"}, x_y, "Where x <= y."},
    {"Greater", {"tf.math.greater", "tf.greater"}, x_y, "Where x > y."},
    {"GreaterEqual", {"tf.math.greater_equal", "tf.greater_equal"}, x_y, "Where x >= y."},
    {"BitwiseAnd", {"tf.bitwise.bitwise_and"}, x_y, "The bits set in both."},
    {"BitwiseOr", {"tf.bitwise.bitwise_or"}, x_y, "The bits set in either."},
    {"BitwiseXor", {"tf.bitwise.bitwise_xor"}, x_y, "The bits set in one alone."},
    {"LeftShift", {"tf.bitwise.left_shift"}, x_y, "x with its bits moved up by y, which is clamped to [0, bits - 1]."},
    {"RightShift", {"tf.bitwise.right_shift"}, x_y, "x with its bits moved down by y; the sign is kept."},
};

// ---- logic: numbers become bools only if they are bools ----

Value logical(const char* with, Args& a) {
  return op(with, {operand(a, "x", DType::boolean), operand(a, "y", DType::boolean)});
}
const Function logical_and = {
    .names = {"tf.math.logical_and", "tf.logical_and"}, .signature = "(x: tensor, y: tensor, name: str = None)",
    .doc = "x and y, for bools.", .body = [](Args& a) { return logical("LogicalAnd", a); },
};
NINEFOLD_REGISTER(logical_and);
const Function logical_or = {
    .names = {"tf.math.logical_or", "tf.logical_or"}, .signature = "(x: tensor, y: tensor, name: str = None)",
    .doc = "x or y, for bools.", .body = [](Args& a) { return logical("LogicalOr", a); },
};
NINEFOLD_REGISTER(logical_or);
const Function logical_xor = {
    .names = {"tf.math.logical_xor"}, .signature = "(x: tensor, y: tensor, name: str = 'LogicalXor')",
    .doc = "Where one of x and y holds alone, for bools.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "x", DType::boolean), y = operand(a, "y", DType::boolean);
      return op("LogicalAnd", {op("LogicalOr", {x, y}), op("LogicalNot", {op("LogicalAnd", {x, y})})});
    },
};
NINEFOLD_REGISTER(logical_xor);

}  // namespace
}  // namespace ninefold::ops
