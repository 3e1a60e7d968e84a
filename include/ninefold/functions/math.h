// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.math make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::math {

// The sum of a list of tensors of one dtype and shape, as tf.math.add_n.
struct AccumulateNOptions {
  Value shape = {};
  Value tensor_dtype = {};
};
NINEFOLD_API Tensor accumulate_n(const Value& inputs, const AccumulateNOptions& options = {});

// atan2(imag, real); pi where a real number is negative, else 0.
NINEFOLD_API Tensor angle(const Value& input);

// The modified Bessel function I0.
NINEFOLD_API Tensor bessel_i0(const Value& x);

// e^-|x| I0(x).
NINEFOLD_API Tensor bessel_i0e(const Value& x);

// The modified Bessel function I1.
NINEFOLD_API Tensor bessel_i1(const Value& x);

// e^-|x| I1(x).
NINEFOLD_API Tensor bessel_i1e(const Value& x);

// The regularised incomplete beta function I_x(a, b).
NINEFOLD_API Tensor betainc(const Value& a, const Value& b, const Value& x);

// How often each of 0 ... max(arr) occurs, or the sums of their weights; with axis -1 in each row of a
// matrix; with binary_output, whether it occurs. At least minlength and at most maxlength bins.
struct BincountOptions {
  Value weights = {};
  Ints minlength = {};
  Ints maxlength = {};
  DType dtype = dtype_named("int32");
  Value axis = {};
  bool binary_output = false;
};
NINEFOLD_API Tensor bincount(const Ints& arr, const BincountOptions& options = {});

// The smallest integer that is not below x, as a float.
NINEFOLD_API Tensor ceil(const Value& x);

// Row l, column p: how often label l met prediction p, or the sum of the weights where it did.
struct ConfusionMatrixOptions {
  Ints num_classes = {};
  Value weights = {};
  DType dtype = dtype_named("int32");
};
NINEFOLD_API Tensor confusion_matrix(const Ints& labels, const Ints& predictions,
    const ConfusionMatrixOptions& options = {});

// The complex conjugate; real tensors as they are.
NINEFOLD_API Tensor conj(const Value& x);

// How many elements over the axes are not zero, or not the empty string.
struct CountNonzeroOptions {
  Ints axis = {};
  Value keepdims = {};
  DType dtype = dtype_named("int64");
};
NINEFOLD_API Tensor count_nonzero(const Value& input, const CountNonzeroOptions& options = {});

// Running product along an axis; `exclusive` leaves each element's own value out, `reverse` starts at the
// end.
struct CumprodOptions {
  Ints axis = 0;
  bool exclusive = false;
  bool reverse = false;
};
NINEFOLD_API Tensor cumprod(const Value& x, const CumprodOptions& options = {});

// log of the running sum of exp(x) along an axis, without overflow.
struct CumulativeLogsumexpOptions {
  Ints axis = 0;
  bool exclusive = false;
  bool reverse = false;
};
NINEFOLD_API Tensor cumulative_logsumexp(const Value& x, const CumulativeLogsumexpOptions& options = {});

// The derivative of lgamma.
NINEFOLD_API Tensor digamma(const Value& x);

// x / y, and 0 where y is 0.
NINEFOLD_API Tensor divide_no_nan(const Value& x, const Value& y);

// 2/sqrt(pi) times the integral of e^-t^2 from 0 to x.
NINEFOLD_API Tensor erf(const Value& x);

// 1 - erf(x), exact for large x.
NINEFOLD_API Tensor erfc(const Value& x);

// The inverse of erfc.
NINEFOLD_API Tensor erfcinv(const Value& x);

// The inverse of erf.
NINEFOLD_API Tensor erfinv(const Value& x);

// e^x - 1, exact near 0.
NINEFOLD_API Tensor expm1(const Value& x);

// floor(x / y), of x's dtype; integers by zero raise InvalidArgumentError.
NINEFOLD_API Tensor floordiv(const Value& x, const Value& y);

// x - floor(x / y) y: the remainder with the sign of y.
NINEFOLD_API Tensor floormod(const Value& x, const Value& y);

// The lower regularised incomplete gamma function P(a, x).
NINEFOLD_API Tensor igamma(const Value& a, const Value& x);

// The upper regularised incomplete gamma function Q(a, x).
NINEFOLD_API Tensor igammac(const Value& a, const Value& x);

// The imaginary part; zeros of real tensors.
NINEFOLD_API Tensor imag(const Value& input);

// Whether each target is among the k greatest predictions of its row.
NINEFOLD_API Tensor in_top_k(const Value& targets, const Value& predictions, const Value& k);

// y[x[i]] = i.
NINEFOLD_API Tensor invert_permutation(const Ints& x);

// Which elements are neither infinite nor NaN.
NINEFOLD_API Tensor is_finite(const Value& x);

// Which elements are infinite.
NINEFOLD_API Tensor is_inf(const Value& x);

// Which elements are NaN.
NINEFOLD_API Tensor is_nan(const Value& x);

// True iff no element is less than the one before it.
NINEFOLD_API Tensor is_non_decreasing(const Value& x);

// True iff each element is greater than the one before it.
NINEFOLD_API Tensor is_strictly_increasing(const Value& x);

// x / sqrt(max(sum(x^2), epsilon)) over axis (None: all). dim is the old name of axis.
struct L2NormalizeOptions {
  Ints axis = {};
  double epsilon = 1e-12;
  Ints dim = {};
};
NINEFOLD_API Tensor l2_normalize(const Value& x, const L2NormalizeOptions& options = {});

// log of the beta function over the last axis: sum(lgamma(x)) - lgamma(sum(x)).
NINEFOLD_API Tensor lbeta(const Value& x);

// log |gamma(x)|.
NINEFOLD_API Tensor lgamma(const Value& x);

// The natural logarithm; NaN below 0, -inf at 0.
NINEFOLD_API Tensor log(const Value& x);

// log(1 + x), exact near 0.
NINEFOLD_API Tensor log1p(const Value& x);

// log(sigmoid(x)) = -softplus(-x).
NINEFOLD_API Tensor log_sigmoid(const Value& x);

// Where one of x and y holds alone, for bools.
NINEFOLD_API Tensor logical_xor(const Value& x, const Value& y);

// x * y, and 0 where y is 0, even if x is infinite or NaN.
NINEFOLD_API Tensor multiply_no_nan(const Value& x, const Value& y);

// The x below which a normal number lies with the given probability.
NINEFOLD_API Tensor ndtri(const Value& x);

// The next number after x1 towards x2.
NINEFOLD_API Tensor nextafter(const Value& x1, const Value& x2);

// The derivative of order a of digamma.
NINEFOLD_API Tensor polygamma(const Value& a, const Value& x);

// The polynomial with a list of coefficients, that of the highest power first, by Horner's rule.
NINEFOLD_API Tensor polyval(const Value& coeffs, const Value& x);

// The real part; real tensors as they are.
NINEFOLD_API Tensor real(const Value& input);

// 1 / x.
NINEFOLD_API Tensor reciprocal(const Value& x);

// 1 / x, and 0 where x is 0.
NINEFOLD_API Tensor reciprocal_no_nan(const Value& x);

// sqrt(sum(|x|^2)) over axes, of x's dtype; of integers, truncated.
struct ReduceEuclideanNormOptions {
  Ints axis = {};
  bool keepdims = false;
};
NINEFOLD_API Tensor reduce_euclidean_norm(const Value& input_tensor,
    const ReduceEuclideanNormOptions& options = {});

// Standard deviation over axes: the root of the variance.
struct ReduceStdOptions {
  Ints axis = {};
  bool keepdims = false;
};
NINEFOLD_API Tensor reduce_std(const Value& input_tensor, const ReduceStdOptions& options = {});

// Variance over axes: mean(|x - mean(x)|^2). Floats and complex numbers; real numbers out.
struct ReduceVarianceOptions {
  Ints axis = {};
  bool keepdims = false;
};
NINEFOLD_API Tensor reduce_variance(const Value& input_tensor, const ReduceVarianceOptions& options = {});

// The nearest integer, ties to even, as a float.
NINEFOLD_API Tensor rint(const Value& x);

// 1 / sqrt(x).
NINEFOLD_API Tensor rsqrt(const Value& x);

// Row i is the maximum of the rows of data whose id is i, 0 of none; ids are sorted.
NINEFOLD_API Tensor segment_max(const Value& data, const Ints& segment_ids);

// Row i is the mean of the rows of data whose id is i, 0 of none; ids are sorted.
NINEFOLD_API Tensor segment_mean(const Value& data, const Ints& segment_ids);

// Row i is the minimum of the rows of data whose id is i, 0 of none; ids are sorted.
NINEFOLD_API Tensor segment_min(const Value& data, const Ints& segment_ids);

// Row i is the product of the rows of data whose id is i, 1 of none; ids are sorted.
NINEFOLD_API Tensor segment_prod(const Value& data, const Ints& segment_ids);

// Row i is the sum of the rows of data whose id is i; ids are sorted.
NINEFOLD_API Tensor segment_sum(const Value& data, const Ints& segment_ids);

// log(1 + e^x).
NINEFOLD_API Tensor softplus(const Value& features);

// conj(x - y) (x - y).
NINEFOLD_API Tensor squared_difference(const Value& x, const Value& y);

// (values, indices) of the k greatest elements of every row, greatest first.
struct TopKOptions {
  Value k = 1;
  bool sorted = true;
};
NINEFOLD_API Tensors top_k(const Value& input, const TopKOptions& options = {});

// Row i is the maximum of the rows of data whose id is i, the lowest number of none.
NINEFOLD_API Tensor unsorted_segment_max(const Value& data, const Ints& segment_ids,
    const Ints& num_segments);

// Row i is the mean of the rows of data whose id is i, 0 of none.
NINEFOLD_API Tensor unsorted_segment_mean(const Value& data, const Ints& segment_ids,
    const Ints& num_segments);

// Row i is the minimum of the rows of data whose id is i, the greatest number of none.
NINEFOLD_API Tensor unsorted_segment_min(const Value& data, const Ints& segment_ids,
    const Ints& num_segments);

// Row i is the product of the rows of data whose id is i, 1 of none.
NINEFOLD_API Tensor unsorted_segment_prod(const Value& data, const Ints& segment_ids,
    const Ints& num_segments);

// Row i is the sum of the rows of data whose id is i, divided by the root of their number.
NINEFOLD_API Tensor unsorted_segment_sqrt_n(const Value& data, const Ints& segment_ids,
    const Ints& num_segments);

// Row i is the sum of the rows of data whose id is i; negative ids are left out.
NINEFOLD_API Tensor unsorted_segment_sum(const Value& data, const Ints& segment_ids,
    const Ints& num_segments);

// x / y, and 0 where x is 0.
NINEFOLD_API Tensor xdivy(const Value& x, const Value& y);

// x log(1 + y), and 0 where x is 0.
NINEFOLD_API Tensor xlog1py(const Value& x, const Value& y);

// x log(y), and 0 where x is 0.
NINEFOLD_API Tensor xlogy(const Value& x, const Value& y);

// The fraction of elements that are zero, as float32; NaN of nothing.
NINEFOLD_API Tensor zero_fraction(const Value& value);

// Hurwitz' zeta function: sum of (q + n)^-x.
NINEFOLD_API Tensor zeta(const Value& x, const Value& q);

}  // namespace ninefold::math
