// In: tensors and axes. Out: means and variances over them, and tensors normalised by moments or by length.
#include <cmath>

#include "base/check.h"
#include "engine/op/op.h"
#include "engine/ops/array_args.h"
#include "engine/ops/nn_common.h"

namespace ninefold::ops {
namespace {

using nn::constant;

// None: all axes.
std::vector<int64_t> axes_of(const Args& a, const char* name, const Tensor& x) {
  if (!a.none(name)) return a.ints(name);
  check(x.shape().known_rank(), Code::value, "{}: {} is None, which needs a tensor of known rank", a.function().names[0], name);
  std::vector<int64_t> all;
  for (int i = 0; i < x.rank(); ++i) all.push_back(i);
  return all;
}
Tensor squeeze(const Tensor& x, const std::vector<int64_t>& axes) { return op("Squeeze", {x}, {{"squeeze_dims", axes}}); }

const Function moments = {
    .names = {"tf.nn.moments"},
    .signature = "(x: tensor, axes: ints, shift: value = None, keepdims: bool = False, name: str = None)",
    .doc = "(mean, variance) over axes; the variance is the mean of the squares of what is left. float16 is computed in float32. "
           "shift is not used.",
    .body = [](Args& a) -> Value {
      const Tensor x = a.tensor("x");
      const bool half = x.dtype() == DType::f16;
      const Tensor y = half ? nn::cast(x, DType::f32) : x;
      const std::vector<int64_t> axes = axes_of(a, "axes", x);
      Tensor mean = nn::mean(y, axes, true);
      Tensor variance = nn::mean(op("SquaredDifference", {y, op("StopGradient", {mean})}), axes, true);
      if (!a.flag("keepdims") && !axes.empty()) mean = squeeze(mean, axes), variance = squeeze(variance, axes);
      return Tensors{nn::cast(mean, x.dtype()), nn::cast(variance, x.dtype())};
    },
    .result = "tensors",
};
NINEFOLD_REGISTER(moments);

const Function weighted_moments = {
    .names = {"tf.nn.weighted_moments"},
    .signature = "(x: tensor, axes: ints, frequency_weights: tensor, keepdims: bool = False, name: str = None)",
    .doc = "(mean, variance) over axes with a weight for each element; weights broadcast to x.",
    .body = [](Args& a) -> Value {
      Tensor x = a.tensor("x"), w = a.tensor("frequency_weights", x.dtype());
      const DType given = x.dtype();
      const bool half = given == DType::f16;
      if (half) x = nn::cast(x, DType::f32);
      w = nn::cast(w, x.dtype());
      const std::vector<int64_t> axes = axes_of(a, "axes", x);
      const Tensor total = nn::sum(w + op("ZerosLike", {x}), axes, true);
      Tensor mean = nn::sum(w * x, axes, true) / total;
      Tensor variance = nn::sum(w * op("SquaredDifference", {x, mean}), axes, true) / total;
      if (!a.flag("keepdims") && !axes.empty()) mean = squeeze(mean, axes), variance = squeeze(variance, axes);
      return Tensors{nn::cast(mean, given), nn::cast(variance, given)};
    },
    .result = "tensors",
};
NINEFOLD_REGISTER(weighted_moments);

const Function sufficient_statistics = {
    .names = {"tf.nn.sufficient_statistics"},
    .signature = "(x: tensor, axes: ints, shift: value = None, keepdims: bool = False, name: str = None)",
    .doc = "(count, sum, sum of squares, shift) over axes; with a shift the sums are of x - shift.",
    .body = [](Args& a) -> Value {
      const Tensor x = a.tensor("x");
      const std::vector<int64_t> axes = axes_of(a, "axes", x);
      Tensor count = constant(x.dtype(), 1);
      for (int64_t axis : axes) count = count * nn::cast(nn::dim_of(nn::shape_of(x), axis < 0 ? axis + x.rank() : axis), x.dtype());
      const bool keep = a.flag("keepdims");
      if (a.none("shift")) return ValueList{count, nn::sum(x, axes, keep), nn::sum(op("Square", {x}), axes, keep), Value()};
      const Tensor shift = a.tensor("shift", x.dtype());
      return ValueList{count, nn::sum(x - shift, axes, keep), nn::sum(op("SquaredDifference", {x, shift}), axes, keep), shift};
    },
    .result = "value",
};
NINEFOLD_REGISTER(sufficient_statistics);

const Function normalize_moments = {
    .names = {"tf.nn.normalize_moments"},
    .signature = "(counts: tensor, mean_ss: tensor, variance_ss: tensor, shift: value, name: str = None)",
    .doc = "(mean, variance) from sufficient_statistics.",
    .body = [](Args& a) -> Value {
      const Tensor sums = a.tensor("mean_ss"), squares = a.tensor("variance_ss", sums.dtype());
      const Tensor divisor = op("Reciprocal", {a.tensor("counts", sums.dtype())});
      const Tensor shifted = sums * divisor;
      const Tensor mean = a.none("shift") ? shifted : shifted + a.tensor("shift", sums.dtype());
      return Tensors{mean, squares * divisor - op("Square", {shifted})};
    },
    .result = "tensors",
};
NINEFOLD_REGISTER(normalize_moments);

// x inv + (offset - mean inv), inv = scale / sqrt(variance + epsilon), in this order.
Tensor normalised(const Tensor& x, const Tensor& mean, const Tensor& variance, const Tensor& offset, const Tensor& scale, double epsilon) {
  Tensor inverse = op("Rsqrt", {variance + constant(variance.dtype(), epsilon)});
  if (scale.defined()) inverse = inverse * scale;
  const Tensor shift = offset.defined() ? offset - mean * inverse : -mean * inverse;
  return x * nn::cast(inverse, x.dtype()) + nn::cast(shift, x.dtype());
}
const Function batch_normalization = {
    .names = {"tf.nn.batch_normalization"},
    .signature = "(x: tensor, mean: tensor, variance: tensor, offset: tensor, scale: tensor, variance_epsilon: float, name: str = None)",
    .doc = "(x - mean) scale / sqrt(variance + variance_epsilon) + offset; offset and scale may be None.",
    .body = [](Args& a) -> Value {
      const Tensor x = a.tensor("x"), mean = a.tensor("mean", x.dtype()), variance = a.tensor("variance", x.dtype());
      auto optional = [&](const char* name) { return a.none(name) ? Tensor() : a.tensor(name, variance.dtype()); };
      return normalised(x, mean, variance, optional("offset"), optional("scale"), a.number("variance_epsilon"));
    },
};
NINEFOLD_REGISTER(batch_normalization);
const Function global_normalization = {
    .names = {"tf.nn.batch_norm_with_global_normalization"},
    .signature = "(input: tensor, mean: tensor, variance: tensor, beta: tensor, gamma: tensor, variance_epsilon: float, "
                 "scale_after_normalization: bool, name: str = None)",
    .doc = "batch_normalization with offset beta, and scale gamma if scale_after_normalization.",
    .body = [](Args& a) -> Value {
      const Tensor x = a.tensor("input"), mean = a.tensor("mean", x.dtype()), variance = a.tensor("variance", x.dtype());
      const Tensor scale = a.flag("scale_after_normalization") ? a.tensor("gamma", x.dtype()) : Tensor();
      return normalised(x, mean, variance, a.tensor("beta", x.dtype()), scale, a.number("variance_epsilon"));
    },
};
NINEFOLD_REGISTER(global_normalization);

const Function l2_normalize = {
    .names = {"tf.math.l2_normalize", "tf.linalg.l2_normalize", "tf.nn.l2_normalize"},
    .signature = "(x: tensor, axis: ints = None, epsilon: float = 1e-12, name: str = None, dim: ints = None)",
    .doc = "x / sqrt(max(sum(x^2), epsilon)) over axis (None: all). dim is the old name of axis.",
    .body = [](Args& a) -> Value {
      const Tensor x = a.tensor("x");
      check(a.none("axis") || a.none("dim"), Code::value, "Cannot specify both 'axis' and 'dim'");
      const char* given = a.none("dim") ? "axis" : "dim";
      const Tensor axes = a.none(given) ? all_axes(x) : int_vector(a.ints(given));
      const auto sum = [&](const Tensor& t) { return op("Sum", {t, axes}, {{"keep_dims", true}}); };
      if (is_complex(x.dtype())) {
        const Tensor re = op("Real", {x}, {{"Tout", real_part_of(x.dtype())}}), im = op("Imag", {x}, {{"Tout", real_part_of(x.dtype())}});
        const Tensor total = sum(op("Square", {re}) + op("Square", {im}));
        const Tensor inverse = op("Rsqrt", {op("Maximum", {total, constant(re.dtype(), a.number("epsilon"))})});
        return op("Complex", {re * inverse, im * inverse}, {{"Tout", x.dtype()}});
      }
      const Tensor total = sum(op("Square", {x}));
      return x * op("Rsqrt", {op("Maximum", {total, constant(x.dtype(), a.number("epsilon"))})});
    },
};
NINEFOLD_REGISTER(l2_normalize);

}  // namespace
}  // namespace ninefold::ops
