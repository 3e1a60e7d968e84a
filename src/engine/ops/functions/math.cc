// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.math. Out: calls of their records.
#include "ninefold/functions/math.h"

#include "engine/ops/functions/call.h"

namespace ninefold::math {

Tensor accumulate_n(const Value& inputs, const AccumulateNOptions& options) {
  static const Function& f = named("tf.math.accumulate_n");
  return tensor_of(f, {inputs, options.shape, options.tensor_dtype, Value()});
}

Tensor angle(const Value& input) {
  static const Function& f = named("tf.math.angle");
  return tensor_of(f, {input, Value()});
}

Tensor bessel_i0(const Value& x) {
  static const Function& f = named("tf.math.bessel_i0");
  return tensor_of(f, {x, Value()});
}

Tensor bessel_i0e(const Value& x) {
  static const Function& f = named("tf.math.bessel_i0e");
  return tensor_of(f, {x, Value()});
}

Tensor bessel_i1(const Value& x) {
  static const Function& f = named("tf.math.bessel_i1");
  return tensor_of(f, {x, Value()});
}

Tensor bessel_i1e(const Value& x) {
  static const Function& f = named("tf.math.bessel_i1e");
  return tensor_of(f, {x, Value()});
}

Tensor betainc(const Value& a, const Value& b, const Value& x) {
  static const Function& f = named("tf.math.betainc");
  return tensor_of(f, {a, b, x, Value()});
}

Tensor bincount(const Ints& arr, const BincountOptions& options) {
  static const Function& f = named("tf.math.bincount");
  return tensor_of(f, {arr.value, options.weights, options.minlength.value, options.maxlength.value,
    options.dtype, Value(), options.axis, options.binary_output});
}

Tensor ceil(const Value& x) {
  static const Function& f = named("tf.math.ceil");
  return tensor_of(f, {x, Value()});
}

Tensor confusion_matrix(const Ints& labels, const Ints& predictions, const ConfusionMatrixOptions& options) {
  static const Function& f = named("tf.math.confusion_matrix");
  return tensor_of(f, {labels.value, predictions.value, options.num_classes.value, options.weights,
    options.dtype, Value()});
}

Tensor conj(const Value& x) {
  static const Function& f = named("tf.math.conj");
  return tensor_of(f, {x, Value()});
}

Tensor count_nonzero(const Value& input, const CountNonzeroOptions& options) {
  static const Function& f = named("tf.math.count_nonzero");
  return tensor_of(f, {input, options.axis.value, options.keepdims, options.dtype, Value()});
}

Tensor cumprod(const Value& x, const CumprodOptions& options) {
  static const Function& f = named("tf.math.cumprod");
  return tensor_of(f, {x, options.axis.value, options.exclusive, options.reverse, Value()});
}

Tensor cumulative_logsumexp(const Value& x, const CumulativeLogsumexpOptions& options) {
  static const Function& f = named("tf.math.cumulative_logsumexp");
  return tensor_of(f, {x, options.axis.value, options.exclusive, options.reverse, Value()});
}

Tensor digamma(const Value& x) {
  static const Function& f = named("tf.math.digamma");
  return tensor_of(f, {x, Value()});
}

Tensor divide_no_nan(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.divide_no_nan");
  return tensor_of(f, {x, y, Value()});
}

Tensor erf(const Value& x) {
  static const Function& f = named("tf.math.erf");
  return tensor_of(f, {x, Value()});
}

Tensor erfc(const Value& x) {
  static const Function& f = named("tf.math.erfc");
  return tensor_of(f, {x, Value()});
}

Tensor erfcinv(const Value& x) {
  static const Function& f = named("tf.math.erfcinv");
  return tensor_of(f, {x, Value()});
}

Tensor erfinv(const Value& x) {
  static const Function& f = named("tf.math.erfinv");
  return tensor_of(f, {x, Value()});
}

Tensor expm1(const Value& x) {
  static const Function& f = named("tf.math.expm1");
  return tensor_of(f, {x, Value()});
}

Tensor floordiv(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.floordiv");
  return tensor_of(f, {x, y, Value()});
}

Tensor floormod(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.floormod");
  return tensor_of(f, {x, y, Value()});
}

Tensor igamma(const Value& a, const Value& x) {
  static const Function& f = named("tf.math.igamma");
  return tensor_of(f, {a, x, Value()});
}

Tensor igammac(const Value& a, const Value& x) {
  static const Function& f = named("tf.math.igammac");
  return tensor_of(f, {a, x, Value()});
}

Tensor imag(const Value& input) {
  static const Function& f = named("tf.math.imag");
  return tensor_of(f, {input, Value()});
}

Tensor in_top_k(const Value& targets, const Value& predictions, const Value& k) {
  static const Function& f = named("tf.math.in_top_k");
  return tensor_of(f, {targets, predictions, k, Value()});
}

Tensor invert_permutation(const Ints& x) {
  static const Function& f = named("tf.math.invert_permutation");
  return tensor_of(f, {x.value, Value()});
}

Tensor is_finite(const Value& x) {
  static const Function& f = named("tf.math.is_finite");
  return tensor_of(f, {x, Value()});
}

Tensor is_inf(const Value& x) {
  static const Function& f = named("tf.math.is_inf");
  return tensor_of(f, {x, Value()});
}

Tensor is_nan(const Value& x) {
  static const Function& f = named("tf.math.is_nan");
  return tensor_of(f, {x, Value()});
}

Tensor is_non_decreasing(const Value& x) {
  static const Function& f = named("tf.math.is_non_decreasing");
  return tensor_of(f, {x, Value()});
}

Tensor is_strictly_increasing(const Value& x) {
  static const Function& f = named("tf.math.is_strictly_increasing");
  return tensor_of(f, {x, Value()});
}

Tensor l2_normalize(const Value& x, const L2NormalizeOptions& options) {
  static const Function& f = named("tf.math.l2_normalize");
  return tensor_of(f, {x, options.axis.value, options.epsilon, Value(), options.dim.value});
}

Tensor lbeta(const Value& x) {
  static const Function& f = named("tf.math.lbeta");
  return tensor_of(f, {x, Value()});
}

Tensor lgamma(const Value& x) {
  static const Function& f = named("tf.math.lgamma");
  return tensor_of(f, {x, Value()});
}

Tensor log(const Value& x) {
  static const Function& f = named("tf.math.log");
  return tensor_of(f, {x, Value()});
}

Tensor log1p(const Value& x) {
  static const Function& f = named("tf.math.log1p");
  return tensor_of(f, {x, Value()});
}

Tensor log_sigmoid(const Value& x) {
  static const Function& f = named("tf.math.log_sigmoid");
  return tensor_of(f, {x, Value()});
}

Tensor logical_xor(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.logical_xor");
  return tensor_of(f, {x, y, "LogicalXor"});
}

Tensor multiply_no_nan(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.multiply_no_nan");
  return tensor_of(f, {x, y, Value()});
}

Tensor ndtri(const Value& x) {
  static const Function& f = named("tf.math.ndtri");
  return tensor_of(f, {x, Value()});
}

Tensor nextafter(const Value& x1, const Value& x2) {
  static const Function& f = named("tf.math.nextafter");
  return tensor_of(f, {x1, x2, Value()});
}

Tensor polygamma(const Value& a, const Value& x) {
  static const Function& f = named("tf.math.polygamma");
  return tensor_of(f, {a, x, Value()});
}

Tensor polyval(const Value& coeffs, const Value& x) {
  static const Function& f = named("tf.math.polyval");
  return tensor_of(f, {coeffs, x, Value()});
}

Tensor real(const Value& input) {
  static const Function& f = named("tf.math.real");
  return tensor_of(f, {input, Value()});
}

Tensor reciprocal(const Value& x) {
  static const Function& f = named("tf.math.reciprocal");
  return tensor_of(f, {x, Value()});
}

Tensor reciprocal_no_nan(const Value& x) {
  static const Function& f = named("tf.math.reciprocal_no_nan");
  return tensor_of(f, {x, Value()});
}

Tensor reduce_euclidean_norm(const Value& input_tensor, const ReduceEuclideanNormOptions& options) {
  static const Function& f = named("tf.math.reduce_euclidean_norm");
  return tensor_of(f, {input_tensor, options.axis.value, options.keepdims, Value()});
}

Tensor reduce_std(const Value& input_tensor, const ReduceStdOptions& options) {
  static const Function& f = named("tf.math.reduce_std");
  return tensor_of(f, {input_tensor, options.axis.value, options.keepdims, Value()});
}

Tensor reduce_variance(const Value& input_tensor, const ReduceVarianceOptions& options) {
  static const Function& f = named("tf.math.reduce_variance");
  return tensor_of(f, {input_tensor, options.axis.value, options.keepdims, Value()});
}

Tensor rint(const Value& x) {
  static const Function& f = named("tf.math.rint");
  return tensor_of(f, {x, Value()});
}

Tensor rsqrt(const Value& x) {
  static const Function& f = named("tf.math.rsqrt");
  return tensor_of(f, {x, Value()});
}

Tensor segment_max(const Value& data, const Ints& segment_ids) {
  static const Function& f = named("tf.math.segment_max");
  return tensor_of(f, {data, segment_ids.value, Value()});
}

Tensor segment_mean(const Value& data, const Ints& segment_ids) {
  static const Function& f = named("tf.math.segment_mean");
  return tensor_of(f, {data, segment_ids.value, Value()});
}

Tensor segment_min(const Value& data, const Ints& segment_ids) {
  static const Function& f = named("tf.math.segment_min");
  return tensor_of(f, {data, segment_ids.value, Value()});
}

Tensor segment_prod(const Value& data, const Ints& segment_ids) {
  static const Function& f = named("tf.math.segment_prod");
  return tensor_of(f, {data, segment_ids.value, Value()});
}

Tensor segment_sum(const Value& data, const Ints& segment_ids) {
  static const Function& f = named("tf.math.segment_sum");
  return tensor_of(f, {data, segment_ids.value, Value()});
}

Tensor softplus(const Value& features) {
  static const Function& f = named("tf.math.softplus");
  return tensor_of(f, {features, Value()});
}

Tensor squared_difference(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.squared_difference");
  return tensor_of(f, {x, y, Value()});
}

Tensors top_k(const Value& input, const TopKOptions& options) {
  static const Function& f = named("tf.math.top_k");
  return tensors_of(f, {input, options.k, options.sorted, Value()});
}

Tensor unsorted_segment_max(const Value& data, const Ints& segment_ids, const Ints& num_segments) {
  static const Function& f = named("tf.math.unsorted_segment_max");
  return tensor_of(f, {data, segment_ids.value, num_segments.value, Value()});
}

Tensor unsorted_segment_mean(const Value& data, const Ints& segment_ids, const Ints& num_segments) {
  static const Function& f = named("tf.math.unsorted_segment_mean");
  return tensor_of(f, {data, segment_ids.value, num_segments.value, Value()});
}

Tensor unsorted_segment_min(const Value& data, const Ints& segment_ids, const Ints& num_segments) {
  static const Function& f = named("tf.math.unsorted_segment_min");
  return tensor_of(f, {data, segment_ids.value, num_segments.value, Value()});
}

Tensor unsorted_segment_prod(const Value& data, const Ints& segment_ids, const Ints& num_segments) {
  static const Function& f = named("tf.math.unsorted_segment_prod");
  return tensor_of(f, {data, segment_ids.value, num_segments.value, Value()});
}

Tensor unsorted_segment_sqrt_n(const Value& data, const Ints& segment_ids, const Ints& num_segments) {
  static const Function& f = named("tf.math.unsorted_segment_sqrt_n");
  return tensor_of(f, {data, segment_ids.value, num_segments.value, Value()});
}

Tensor unsorted_segment_sum(const Value& data, const Ints& segment_ids, const Ints& num_segments) {
  static const Function& f = named("tf.math.unsorted_segment_sum");
  return tensor_of(f, {data, segment_ids.value, num_segments.value, Value()});
}

Tensor xdivy(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.xdivy");
  return tensor_of(f, {x, y, Value()});
}

Tensor xlog1py(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.xlog1py");
  return tensor_of(f, {x, y, Value()});
}

Tensor xlogy(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.xlogy");
  return tensor_of(f, {x, y, Value()});
}

Tensor zero_fraction(const Value& value) {
  static const Function& f = named("tf.math.zero_fraction");
  return tensor_of(f, {value, Value()});
}

Tensor zeta(const Value& x, const Value& q) {
  static const Function& f = named("tf.math.zeta");
  return tensor_of(f, {x, q, Value()});
}

}  // namespace ninefold::math
