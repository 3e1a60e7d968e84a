// In: arguments of tf.math's functions that are several ops or choose among them. Out: function records.
#include "base/check.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/operands.h"

namespace ninefold::ops {
namespace {

const std::string x_sig = "(x: T, name: str = None)", two_tensors = "(x: T, y: T, name: str = None)";

// ---- one of two ops, by dtype ----

// The first operand says the dtype, the second follows if it can: x + y, never y's dtype for a number x.
const Function add = {
    .names = {"tf.math.add", "tf.add"}, .signature = two_tensors, .doc = "x + y; strings are joined.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "x"), y = operand_hinted(a, "y", x.dtype());
      return op(x.dtype() == DType::string ? "Add" : "AddV2", {x, y});
    },
};
NINEFOLD_REGISTER(add);

const Function abs = {
    .names = {"tf.math.abs", "tf.abs"}, .signature = x_sig, .doc = "|x|; of complex numbers as real numbers.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "x");
      return is_complex(x.dtype()) ? op("ComplexAbs", {x}, {{"Tout", real_part_of(x.dtype())}}) : op("Abs", {x});
    },
};
NINEFOLD_REGISTER(abs);

const Function round = {
    .names = {"tf.math.round", "tf.round"}, .signature = x_sig,
    .doc = "The nearest integer, ties to even, of x's dtype; integers stay as they are.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "x");
      return is_integer(x.dtype()) ? x : op("Round", {x});
    },
};
NINEFOLD_REGISTER(round);

// ---- quotients ----

// Integers become floats first: 32 and 64 bits double, fewer single precision.
Tensor quotient(Tensor x, Tensor y) {
  check(x.dtype() == y.dtype(), Code::type, "`x` and `y` must have the same dtype, got tf.{} != tf.{}.",
        name_of(x.dtype()), name_of(y.dtype()));
  check(is_numeric(x.dtype()), Code::type,
        "Invalid dtype tf.{} in __truediv__. Expected one of {{tf.uint8, tf.int8, tf.uint16, tf.int16, tf.uint32, tf.int32, "
        "tf.uint64, tf.int64, tf.bfloat16, tf.float16, tf.float32, tf.float64, tf.complex64, tf.complex128}}.",
        name_of(x.dtype()));
  if (is_integer(x.dtype())) {
    const DType wide = size_of(x.dtype()) <= 2 ? DType::f32 : DType::f64;
    x = op("Cast", {x}, {{"DstT", wide}});
    y = op("Cast", {y}, {{"DstT", wide}});
  }
  return op("RealDiv", {x, y});
}
const Function truediv = {
    .names = {"tf.math.truediv", "tf.truediv"}, .signature = two_tensors,
    .doc = "x / y as Python 3 divides: integers of 32 and 64 bits become float64, narrower ones float32.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "x");
      return quotient(x, operand_hinted(a, "y", x.dtype()));
    },
};
NINEFOLD_REGISTER(truediv);
const Function divide = {
    .names = {"tf.math.divide", "tf.divide"}, .signature = two_tensors, .doc = "x / y as Python 3 divides; see tf.math.truediv.",
    .body = [](Args& a) -> Value {
      const Tensor x = is_tensor(a["x"]) || !is_tensor(a["y"]) ? operand(a, "x") : operand(a, "x", a.tensor("y").dtype());
      return quotient(x, operand_hinted(a, "y", x.dtype()));
    },
};
NINEFOLD_REGISTER(divide);
const Function reciprocal_no_nan = {
    .names = {"tf.math.reciprocal_no_nan"}, .signature = x_sig, .doc = "1 / x, and 0 where x is 0.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "x");
      return op("DivNoNan", {number_like(x, 1), x});
    },
};
NINEFOLD_REGISTER(reciprocal_no_nan);

// ---- sums and polynomials ----

const Function add_n = {
    .names = {"tf.math.add_n", "tf.add_n"}, .signature = "(inputs: tensors, name: str = None)",
    .doc = "The sum of a list of tensors of one dtype and shape.",
    .body = [](Args& a) -> Value {
      constexpr const char* text = "Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype and shape.";
      if (is_tensor(a["inputs"])) {
        const Tensor all = a.tensor("inputs");
        check(all.rank() > 0 && all.dim(0) > 0, Code::value, "{}", text);
        return op("Sum", {all, Tensor(int32_t{0})});
      }
      const ValueList* list = a["inputs"].get<ValueList>();
      check(list && !list->empty(), Code::value, "{}", text);
      Tensors all;
      for (const Value& v : *list) all.push_back(to_tensor(v));
      return all.size() == 1 ? op("Identity", {all[0]}) : op_all("AddN", all).at(0);
    },
};
NINEFOLD_REGISTER(add_n);
const Function accumulate_n = {
    .names = {"tf.math.accumulate_n"},
    .signature = "(inputs: tensors, shape: shape = None, tensor_dtype: dtype = None, name: str = None)",
    .doc = "The sum of a list of tensors of one dtype and shape, as tf.math.add_n.",
    .body = [](Args& a) -> Value {
      const ValueList* list = a["inputs"].get<ValueList>();
      check(list && !list->empty(), Code::value, "inputs must be a list of at least one Tensor/IndexedSlices with the same dtype and shape");
      Tensors all;
      for (const Value& v : *list) all.push_back(to_tensor(v));
      const DType want = a.dtype("tensor_dtype");
      check(want == DType::invalid || want == all[0].dtype(), Code::type,
            "The `tensor_dtype` argument is {}, but `input` is of type {}. These must be equal. Try casting the input to the "
            "desired type", name_of(want), name_of(all[0].dtype()));
      return all.size() == 1 ? op("Identity", {all[0]}) : op_all("AddN", all).at(0);
    },
};
NINEFOLD_REGISTER(accumulate_n);
const Function scalar_mul = {
    .names = {"tf.math.scalar_mul", "tf.scalar_mul"}, .signature = "(scalar: T, x: T, name: str = None)",
    .doc = "scalar * x, for a scalar of rank 0.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "x"), scalar = operand(a, "scalar", x.dtype());
      check(scalar.rank() == 0, Code::value, "The input scalar must be a 0-D value. Received shape {}.", scalar.shape().tuple());
      return op("Mul", {scalar, x});
    },
};
NINEFOLD_REGISTER(scalar_mul);
const Function polyval = {
    .names = {"tf.math.polyval"}, .signature = "(coeffs: value, x: T, name: str = None)",
    .doc = "The polynomial with a list of coefficients, that of the highest power first, by Horner's rule.",
    .body = [](Args& a) -> Value {
      const ValueList* list = a["coeffs"].get<ValueList>();
      check(list, Code::value, "Argument coeffs must be list type. Received type {}.", "other");
      const Tensor x = operand(a, "x");
      if (list->empty()) return op("ZerosLike", {x});
      Tensor p = to_tensor(list->front(), is_tensor(list->front()) ? DType::invalid : x.dtype());
      for (size_t i = 1; i < list->size(); ++i)
        p = to_tensor((*list)[i], is_tensor((*list)[i]) ? DType::invalid : x.dtype()) + p * x;
      return p;
    },
};
NINEFOLD_REGISTER(polyval);
const Function log_sigmoid = {
    .names = {"tf.math.log_sigmoid"}, .signature = x_sig, .doc = "log(sigmoid(x)) = -softplus(-x).",
    .body = [](Args& a) -> Value { return -op("Softplus", {-operand(a, "x")}); },
};
NINEFOLD_REGISTER(log_sigmoid);
const Function lbeta = {
    .names = {"tf.math.lbeta"}, .signature = x_sig,
    .doc = "log of the beta function over the last axis: sum(lgamma(x)) - lgamma(sum(x)).",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "x"), last = Tensor::of<int32_t>({1}, {-1});
      return op("Sum", {op("Lgamma", {x}), last}) - op("Lgamma", {op("Sum", {x, last})});
    },
};
NINEFOLD_REGISTER(lbeta);

// ---- other dtypes ----

double lowest(DType d) {
  switch (d) {
    case DType::f16: return -65504;
    case DType::bf16: return -0x1.fep127;
    case DType::f32: return -static_cast<double>(std::numeric_limits<float>::max());
    case DType::f64: return std::numeric_limits<double>::lowest();
    case DType::boolean: return 0;
    default: return is_unsigned(d) ? 0 : -std::ldexp(1.0, static_cast<int>(size_of(d)) * 8 - 1);
  }
}
// As a Value, so that the largest int64 keeps its digits.
Value limit(DType d, bool top) {
  if (!top) return is_integer(d) ? Value(d == DType::i64 ? INT64_MIN : static_cast<int64_t>(lowest(d))) : Value(lowest(d));
  if (d == DType::boolean) return Value(int64_t{1});
  if (!is_integer(d)) return Value(-lowest(d));
  const int bits = static_cast<int>(size_of(d)) * 8 - (is_unsigned(d) ? 0 : 1);
  return Value(bits >= 63 ? INT64_MAX : (int64_t{1} << bits) - 1);
}
double highest(DType d) {
  return is_integer(d) ? std::ldexp(1.0, static_cast<int>(size_of(d)) * 8 - (is_unsigned(d) ? 0 : 1)) : d == DType::boolean ? 1 : -lowest(d);
}
const Function saturate_cast = {
    .names = {"tf.saturate_cast", "tf.dtypes.saturate_cast"}, .signature = "(value: T, dtype: dtype, name: str = None)",
    .doc = "tf.cast, with values beyond the range of dtype at its end instead of wrapped.",
    .body = [](Args& a) -> Value {
      Tensor v = operand(a, "value");
      const DType from = v.dtype(), to = a.dtype("dtype");
      check(is_numeric(from) && !is_complex(from) && is_numeric(to) && !is_complex(to), Code::type,
            "saturate_cast: expected real dtypes, got {} and {}", name_of(from), name_of(to));
      const auto bound = [&](bool top) {
        const Value edge = limit(to, top);
        if (const int64_t* i = edge.get<int64_t>(); i && !is_integer(from)) return to_tensor(Value(static_cast<double>(*i)), from);
        return to_tensor(edge, from);
      };
      if (lowest(from) < lowest(to)) v = op("Maximum", {v, bound(false)});
      if (highest(from) > highest(to)) v = op("Minimum", {v, bound(true)});
      return op("Cast", {v}, {{"DstT", to}});
    },
};
NINEFOLD_REGISTER(saturate_cast);

}  // namespace
}  // namespace ninefold::ops
