// In: names and signatures of tf's reductions. Out: function records, the composite ones made of ops.
#include "engine/ops/array_args.h"

namespace ninefold::ops {
namespace {

const std::string reduction = "(input_tensor: T, axis: ints = None, keepdims: bool = False, name: str = None)";

Tensor axes_of(const Args& a, const Tensor& x) { return a.none("axis") ? all_axes(x) : int_operand(a, "axis"); }
Tensor reduced(const char* name, const Tensor& x, const Tensor& axes, bool keep) {
  return op(name, {x, axes}, {{"keep_dims", keep}});
}

// A reduction that is one op.
struct Reduction {
  struct Record : Function { const char* op; };
  Reduction(const char* op, std::vector<std::string> names, const char* doc)
      : record{{std::move(names), reduction, doc,
                [](Args& a) -> Value {
                  const char* name = static_cast<const Record&>(a.function()).op;
                  const Tensor x = operand(a, "input_tensor", def(find_op(name)).inputs[0].fixed);
                  return reduced(name, x, axes_of(a, x), a.flag("keepdims"));
                }}, op},
        known(record) {}
  const Record record;
  const Registrar known;
};
const Reduction of_one_op[] = {
    {"Sum", {"tf.math.reduce_sum", "tf.reduce_sum"}, "Sum over axes; over all of them if none is given."},
    {"Mean", {"tf.math.reduce_mean", "tf.reduce_mean"}, "Mean over axes; of integers, truncated."},
    {"Prod", {"tf.math.reduce_prod", "tf.reduce_prod"}, "Product over axes."},
    {"Max", {"tf.math.reduce_max", "tf.reduce_max"}, "The largest element over axes; NaN wins."},
    {"Min", {"tf.math.reduce_min", "tf.reduce_min"}, "The smallest element over axes; NaN wins."},
    {"All", {"tf.math.reduce_all", "tf.reduce_all"}, "True iff all elements over the axes are."},
    {"Any", {"tf.math.reduce_any", "tf.reduce_any"}, "True iff some element over the axes is."},
};

Tensor variance(const Args& a, bool keep) {
  const Tensor x = operand(a, "input_tensor"), axes = axes_of(a, x);
  check(is_floating(x.dtype()) || is_complex(x.dtype()), Code::type,
        "Input must be either real or complex. Received integer type {}.", dtype_repr(x.dtype()));
  const Tensor centred = x - reduced("Mean", x, axes, true);
  const Tensor length = is_complex(x.dtype()) ? op("ComplexAbs", {centred}) : centred;
  return reduced("Mean", op("Square", {length}), axes, keep);
}
const Function reduce_variance = {
    .names = {"tf.math.reduce_variance"}, .signature = reduction,
    .doc = "Variance over axes: mean(|x - mean(x)|^2). Floats and complex numbers; real numbers out.",
    .body = [](Args& a) -> Value { return variance(a, a.flag("keepdims")); },
};
NINEFOLD_REGISTER(reduce_variance);
const Function reduce_std = {
    .names = {"tf.math.reduce_std"}, .signature = reduction, .doc = "Standard deviation over axes: the root of the variance.",
    .body = [](Args& a) -> Value { return op("Sqrt", {variance(a, a.flag("keepdims"))}); },
};
NINEFOLD_REGISTER(reduce_std);

const Function reduce_euclidean_norm = {
    .names = {"tf.math.reduce_euclidean_norm"}, .signature = reduction,
    .doc = "sqrt(sum(|x|^2)) over axes, of x's dtype; of integers, truncated.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "input_tensor"), axes = axes_of(a, x);
      check(is_numeric(x.dtype()), "Value for attr 'T' of {} is not in the list of allowed values: numbers [Op:EuclideanNorm]",
            short_name(x.dtype()));
      const Tensor length = is_complex(x.dtype()) ? op("ComplexAbs", {x}) : is_integer(x.dtype()) ? cast(x, DType::f64) : x;
      return cast(op("Sqrt", {reduced("Sum", op("Square", {length}), axes, a.flag("keepdims"))}), x.dtype());
    },
};
NINEFOLD_REGISTER(reduce_euclidean_norm);

// log sum e^x = m + log sum e^(x - m) for any m; the maximum lets no term overflow.
const Function reduce_logsumexp = {
    .names = {"tf.math.reduce_logsumexp", "tf.reduce_logsumexp"}, .signature = reduction,
    .doc = "log(sum(exp(x))) over axes, without overflow.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "input_tensor"), axes = axes_of(a, x);
      const Tensor top = reduced("Max", x, axes, true);
      const Tensor shift = op("StopGradient", {op("SelectV2", {op("IsFinite", {top}), top, op("ZerosLike", {top})})});
      const bool keep = a.flag("keepdims");
      const Tensor sum = op("Log", {reduced("Sum", op("Exp", {x - shift}), axes, keep)});
      return sum + (keep ? shift : op("Reshape", {shift, shape_tensor(sum)}));
    },
};
NINEFOLD_REGISTER(reduce_logsumexp);

const Function count_nonzero = {
    .names = {"tf.math.count_nonzero"},
    .signature = "(input: T, axis: ints = None, keepdims: bool = None, dtype: dtype = tf.int64, name: str = None)",
    .doc = "How many elements over the axes are not zero, or not the empty string.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "input");
      const Tensor hits = op("NotEqual", {x, x.dtype() == DType::string ? Tensor::of_string("") : op("ZerosLike", {x})});
      return cast(reduced("Sum", cast(hits, DType::i64), axes_of(a, x), a.flag("keepdims")), a.dtype("dtype"));
    },
};
NINEFOLD_REGISTER(count_nonzero);
const Function zero_fraction = {
    .names = {"tf.math.zero_fraction", "tf.nn.zero_fraction"}, .signature = "(value: T, name: str = None)",
    .doc = "The fraction of elements that are zero, as float32; NaN of nothing.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "value");
      const Tensor hits = cast(op("Equal", {x, op("ZerosLike", {x})}), DType::i64);
      const Tensor n = op("Size", {x}, {{"out_type", DType::i64}});
      return cast(reduced("Sum", hits, all_axes(x), false), DType::f32) / cast(n, DType::f32);
    },
};
NINEFOLD_REGISTER(zero_fraction);

Value arg(const char* name, Args& a) {
  const Tensor x = operand(a, "input");
  return op(name, {x, a.none("axis") ? int_scalar(0) : int_operand(a, "axis")}, {{"output_type", a.dtype("output_type")}});
}
const std::string arg_signature = "(input: T, axis: ints = None, output_type: dtype = tf.int64, name: str = None)";
const Function argmax = {
    .names = {"tf.math.argmax", "tf.argmax"}, .signature = arg_signature,
    .doc = "The index of the largest element along an axis (0 if none is given), the first of equal ones.",
    .body = [](Args& a) { return arg("ArgMax", a); },
};
NINEFOLD_REGISTER(argmax);
const Function argmin = {
    .names = {"tf.math.argmin", "tf.argmin"}, .signature = arg_signature,
    .doc = "The index of the smallest element along an axis (0 if none is given), the first of equal ones.",
    .body = [](Args& a) { return arg("ArgMin", a); },
};
NINEFOLD_REGISTER(argmin);

}  // namespace
}  // namespace ninefold::ops
