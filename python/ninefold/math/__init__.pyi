# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.math for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

def abs(x: TensorLike, name: str | None = ...) -> Tensor:
    """|x|; of complex numbers as real numbers."""

def accumulate_n(inputs: Sequence[TensorLike], shape: Any = ..., tensor_dtype: Any = ..., name: str | None = ...) -> Tensor:
    """The sum of a list of tensors of one dtype and shape, as tf.math.add_n."""

def acos(x: TensorLike, name: str | None = ...) -> Tensor:
    """The angle in [0, pi] whose cosine is x."""

def acosh(x: TensorLike, name: str | None = ...) -> Tensor:
    """The inverse hyperbolic cosine; NaN below 1."""

def add(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x + y; strings are joined."""

def add_n(inputs: Sequence[TensorLike], name: str | None = ...) -> Tensor:
    """The sum of a list of tensors of one dtype and shape."""

def angle(input: TensorLike, name: str | None = ...) -> Tensor:
    """atan2(imag, real); pi where a real number is negative, else 0."""

def argmax(input: TensorLike, axis: Any = ..., output_type: Any = ..., name: str | None = ...) -> Tensor:
    """The index of the largest element along an axis (0 if none is given), the first of equal ones."""

def argmin(input: TensorLike, axis: Any = ..., output_type: Any = ..., name: str | None = ...) -> Tensor:
    """The index of the smallest element along an axis (0 if none is given), the first of equal ones."""

def asin(x: TensorLike, name: str | None = ...) -> Tensor:
    """The angle in [-pi/2, pi/2] whose sine is x."""

def asinh(x: TensorLike, name: str | None = ...) -> Tensor:
    """The inverse hyperbolic sine."""

def atan(x: TensorLike, name: str | None = ...) -> Tensor:
    """The angle in (-pi/2, pi/2) whose tangent is x."""

def atan2(y: TensorLike, x: TensorLike, name: str | None = ...) -> Tensor:
    """The angle of the point (x, y), in [-pi, pi]."""

def atanh(x: TensorLike, name: str | None = ...) -> Tensor:
    """The inverse hyperbolic tangent; NaN outside [-1, 1]."""

def bessel_i0(x: TensorLike, name: str | None = ...) -> Tensor:
    """The modified Bessel function I0."""

def bessel_i0e(x: TensorLike, name: str | None = ...) -> Tensor:
    """e^-|x| I0(x)."""

def bessel_i1(x: TensorLike, name: str | None = ...) -> Tensor:
    """The modified Bessel function I1."""

def bessel_i1e(x: TensorLike, name: str | None = ...) -> Tensor:
    """e^-|x| I1(x)."""

def betainc(a: TensorLike, b: TensorLike, x: TensorLike, name: str | None = ...) -> Tensor:
    """The regularised incomplete beta function I_x(a, b)."""

def bincount(arr: Any, weights: TensorLike | None = ..., minlength: Any = ..., maxlength: Any = ..., dtype: Any = ..., name: str | None = ..., axis: int | None = ..., binary_output: bool = ...) -> Tensor:
    """How often each of 0 ... max(arr) occurs, or the sums of their weights; with axis -1 in each row of a matrix; with binary_output, whether it occurs. At least minlength and at most maxlength bins."""

def ceil(x: TensorLike, name: str | None = ...) -> Tensor:
    """The smallest integer that is not below x, as a float."""

def confusion_matrix(labels: Any, predictions: Any, num_classes: Any = ..., weights: TensorLike | None = ..., dtype: Any = ..., name: str | None = ...) -> Tensor:
    """Row l, column p: how often label l met prediction p, or the sum of the weights where it did."""

def conj(x: TensorLike, name: str | None = ...) -> Tensor:
    """The complex conjugate; real tensors as they are."""

def cos(x: TensorLike, name: str | None = ...) -> Tensor:
    """The cosine of an angle in radians."""

def cosh(x: TensorLike, name: str | None = ...) -> Tensor:
    """The hyperbolic cosine."""

def count_nonzero(input: TensorLike, axis: Any = ..., keepdims: bool | None = ..., dtype: Any = ..., name: str | None = ...) -> Tensor:
    """How many elements over the axes are not zero, or not the empty string."""

def cumprod(x: TensorLike, axis: Any = ..., exclusive: bool = ..., reverse: bool = ..., name: str | None = ...) -> Tensor:
    """Running product along an axis; `exclusive` leaves each element's own value out, `reverse` starts at the end."""

def cumsum(x: TensorLike, axis: Any = ..., exclusive: bool = ..., reverse: bool = ..., name: str | None = ...) -> Tensor:
    """Running sum along an axis; `exclusive` leaves each element's own value out, `reverse` starts at the end."""

def cumulative_logsumexp(x: TensorLike, axis: Any = ..., exclusive: bool = ..., reverse: bool = ..., name: str | None = ...) -> Tensor:
    """log of the running sum of exp(x) along an axis, without overflow."""

def digamma(x: TensorLike, name: str | None = ...) -> Tensor:
    """The derivative of lgamma."""

def divide(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x / y as Python 3 divides; see tf.math.truediv."""

def divide_no_nan(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x / y, and 0 where y is 0."""

def equal(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """Where x == y."""

def erf(x: TensorLike, name: str | None = ...) -> Tensor:
    """2/sqrt(pi) times the integral of e^-t^2 from 0 to x."""

def erfc(x: TensorLike, name: str | None = ...) -> Tensor:
    """1 - erf(x), exact for large x."""

def erfcinv(x: TensorLike, name: str | None = ...) -> Tensor:
    """The inverse of erfc."""

def erfinv(x: TensorLike, name: str | None = ...) -> Tensor:
    """The inverse of erf."""

def exp(x: TensorLike, name: str | None = ...) -> Tensor:
    """e^x."""

def expm1(x: TensorLike, name: str | None = ...) -> Tensor:
    """e^x - 1, exact near 0."""

def floor(x: TensorLike, name: str | None = ...) -> Tensor:
    """The largest integer that is not above x, as a float."""

def floordiv(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """floor(x / y), of x's dtype; integers by zero raise InvalidArgumentError."""

def floormod(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x - floor(x / y) y: the remainder with the sign of y."""

def greater(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """Where x > y."""

def greater_equal(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """Where x >= y."""

def igamma(a: TensorLike, x: TensorLike, name: str | None = ...) -> Tensor:
    """The lower regularised incomplete gamma function P(a, x)."""

def igammac(a: TensorLike, x: TensorLike, name: str | None = ...) -> Tensor:
    """The upper regularised incomplete gamma function Q(a, x)."""

def imag(input: TensorLike, name: str | None = ...) -> Tensor:
    """The imaginary part; zeros of real tensors."""

def in_top_k(targets: TensorLike, predictions: TensorLike, k: TensorLike, name: str | None = ...) -> Tensor:
    """Whether each target is among the k greatest predictions of its row."""

def invert_permutation(x: Any, name: str | None = ...) -> Tensor:
    """y[x[i]] = i."""

def is_finite(x: TensorLike, name: str | None = ...) -> Tensor:
    """Which elements are neither infinite nor NaN."""

def is_inf(x: TensorLike, name: str | None = ...) -> Tensor:
    """Which elements are infinite."""

def is_nan(x: TensorLike, name: str | None = ...) -> Tensor:
    """Which elements are NaN."""

def is_non_decreasing(x: TensorLike, name: str | None = ...) -> Tensor:
    """True iff no element is less than the one before it."""

def is_strictly_increasing(x: TensorLike, name: str | None = ...) -> Tensor:
    """True iff each element is greater than the one before it."""

def l2_normalize(x: TensorLike, axis: Any = ..., epsilon: float = ..., name: str | None = ..., dim: Any = ...) -> Tensor:
    """x / sqrt(max(sum(x^2), epsilon)) over axis (None: all). dim is the old name of axis."""

def lbeta(x: TensorLike, name: str | None = ...) -> Tensor:
    """log of the beta function over the last axis: sum(lgamma(x)) - lgamma(sum(x))."""

def less(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """Where x < y."""

def less_equal(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """Where x <= y."""

def lgamma(x: TensorLike, name: str | None = ...) -> Tensor:
    """log |gamma(x)|."""

def log(x: TensorLike, name: str | None = ...) -> Tensor:
    """The natural logarithm; NaN below 0, -inf at 0."""

def log1p(x: TensorLike, name: str | None = ...) -> Tensor:
    """log(1 + x), exact near 0."""

def log_sigmoid(x: TensorLike, name: str | None = ...) -> Tensor:
    """log(sigmoid(x)) = -softplus(-x)."""

def log_softmax(logits: TensorLike, axis: int | None = ..., name: str | None = ...) -> Tensor:
    """logits - log(sum(e^logits)) over `axis` (None: the last)."""

def logical_and(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x and y, for bools."""

def logical_not(x: TensorLike, name: str | None = ...) -> Tensor:
    """not x."""

def logical_or(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x or y, for bools."""

def logical_xor(x: TensorLike, y: TensorLike, name: str = ...) -> Tensor:
    """Where one of x and y holds alone, for bools."""

def maximum(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """The larger of two; NaN if either is."""

def minimum(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """The smaller of two; NaN if either is."""

def mod(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x - floor(x / y) y: the remainder with the sign of y."""

def multiply(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x * y."""

def multiply_no_nan(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x * y, and 0 where y is 0, even if x is infinite or NaN."""

def ndtri(x: TensorLike, name: str | None = ...) -> Tensor:
    """The x below which a normal number lies with the given probability."""

def negative(x: TensorLike, name: str | None = ...) -> Tensor:
    """-x, for signed numbers."""

def nextafter(x1: TensorLike, x2: TensorLike, name: str | None = ...) -> Tensor:
    """The next number after x1 towards x2."""

def not_equal(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """Where x != y."""

def polygamma(a: TensorLike, x: TensorLike, name: str | None = ...) -> Tensor:
    """The derivative of order a of digamma."""

def polyval(coeffs: Any, x: TensorLike, name: str | None = ...) -> Tensor:
    """The polynomial with a list of coefficients, that of the highest power first, by Horner's rule."""

def pow(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x^y; a negative power of an integer raises InvalidArgumentError."""

def real(input: TensorLike, name: str | None = ...) -> Tensor:
    """The real part; real tensors as they are."""

def reciprocal(x: TensorLike, name: str | None = ...) -> Tensor:
    """1 / x."""

def reciprocal_no_nan(x: TensorLike, name: str | None = ...) -> Tensor:
    """1 / x, and 0 where x is 0."""

def reduce_all(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """True iff all elements over the axes are."""

def reduce_any(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """True iff some element over the axes is."""

def reduce_euclidean_norm(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """sqrt(sum(|x|^2)) over axes, of x's dtype; of integers, truncated."""

def reduce_logsumexp(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """log(sum(exp(x))) over axes, without overflow."""

def reduce_max(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """The largest element over axes; NaN wins."""

def reduce_mean(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """Mean over axes; of integers, truncated."""

def reduce_min(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """The smallest element over axes; NaN wins."""

def reduce_prod(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """Product over axes."""

def reduce_std(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """Standard deviation over axes: the root of the variance."""

def reduce_sum(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """Sum over axes; over all of them if none is given."""

def reduce_variance(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """Variance over axes: mean(|x - mean(x)|^2). Floats and complex numbers; real numbers out."""

def rint(x: TensorLike, name: str | None = ...) -> Tensor:
    """The nearest integer, ties to even, as a float."""

def round(x: TensorLike, name: str | None = ...) -> Tensor:
    """The nearest integer, ties to even, of x's dtype; integers stay as they are."""

def rsqrt(x: TensorLike, name: str | None = ...) -> Tensor:
    """1 / sqrt(x)."""

def scalar_mul(scalar: TensorLike, x: TensorLike, name: str | None = ...) -> Tensor:
    """scalar * x, for a scalar of rank 0."""

def segment_max(data: TensorLike, segment_ids: Any, name: str | None = ...) -> Tensor:
    """Row i is the maximum of the rows of data whose id is i, 0 of none; ids are sorted."""

def segment_mean(data: TensorLike, segment_ids: Any, name: str | None = ...) -> Tensor:
    """Row i is the mean of the rows of data whose id is i, 0 of none; ids are sorted."""

def segment_min(data: TensorLike, segment_ids: Any, name: str | None = ...) -> Tensor:
    """Row i is the minimum of the rows of data whose id is i, 0 of none; ids are sorted."""

def segment_prod(data: TensorLike, segment_ids: Any, name: str | None = ...) -> Tensor:
    """Row i is the product of the rows of data whose id is i, 1 of none; ids are sorted."""

def segment_sum(data: TensorLike, segment_ids: Any, name: str | None = ...) -> Tensor:
    """Row i is the sum of the rows of data whose id is i; ids are sorted."""

def sigmoid(x: TensorLike, name: str | None = ...) -> Tensor:
    """1 / (1 + e^-x)."""

def sign(x: TensorLike, name: str | None = ...) -> Tensor:
    """-1, 0 or 1; x / |x| for complex numbers; NaN stays NaN."""

def sin(x: TensorLike, name: str | None = ...) -> Tensor:
    """The sine of an angle in radians."""

def sinh(x: TensorLike, name: str | None = ...) -> Tensor:
    """The hyperbolic sine."""

def softmax(logits: TensorLike, axis: int | None = ..., name: str | None = ...) -> Tensor:
    """e^logits / sum(e^logits) over `axis` (None: the last). float16, bfloat16, float32 or float64."""

def softplus(features: TensorLike, name: str | None = ...) -> Tensor:
    """log(1 + e^x)."""

def softsign(features: TensorLike, name: str | None = ...) -> Tensor:
    """features / (1 + |features|)."""

from . import special as special

def sqrt(x: TensorLike, name: str | None = ...) -> Tensor:
    """The square root; NaN below 0."""

def square(x: TensorLike, name: str | None = ...) -> Tensor:
    """x * x."""

def squared_difference(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """conj(x - y) (x - y)."""

def subtract(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x - y."""

def tan(x: TensorLike, name: str | None = ...) -> Tensor:
    """The tangent of an angle in radians."""

def tanh(x: TensorLike, name: str | None = ...) -> Tensor:
    """The hyperbolic tangent."""

def top_k(input: TensorLike, k: TensorLike = ..., sorted: bool = ..., name: str | None = ...) -> list[Tensor]:
    """(values, indices) of the k greatest elements of every row, greatest first."""

def truediv(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x / y as Python 3 divides: integers of 32 and 64 bits become float64, narrower ones float32."""

def unsorted_segment_max(data: TensorLike, segment_ids: Any, num_segments: Any, name: str | None = ...) -> Tensor:
    """Row i is the maximum of the rows of data whose id is i, the lowest number of none."""

def unsorted_segment_mean(data: TensorLike, segment_ids: Any, num_segments: Any, name: str | None = ...) -> Tensor:
    """Row i is the mean of the rows of data whose id is i, 0 of none."""

def unsorted_segment_min(data: TensorLike, segment_ids: Any, num_segments: Any, name: str | None = ...) -> Tensor:
    """Row i is the minimum of the rows of data whose id is i, the greatest number of none."""

def unsorted_segment_prod(data: TensorLike, segment_ids: Any, num_segments: Any, name: str | None = ...) -> Tensor:
    """Row i is the product of the rows of data whose id is i, 1 of none."""

def unsorted_segment_sqrt_n(data: TensorLike, segment_ids: Any, num_segments: Any, name: str | None = ...) -> Tensor:
    """Row i is the sum of the rows of data whose id is i, divided by the root of their number."""

def unsorted_segment_sum(data: TensorLike, segment_ids: Any, num_segments: Any, name: str | None = ...) -> Tensor:
    """Row i is the sum of the rows of data whose id is i; negative ids are left out."""

def xdivy(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x / y, and 0 where x is 0."""

def xlog1py(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x log(1 + y), and 0 where x is 0."""

def xlogy(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x log(y), and 0 where x is 0."""

def zero_fraction(value: TensorLike, name: str | None = ...) -> Tensor:
    """The fraction of elements that are zero, as float32; NaN of nothing."""

def zeta(x: TensorLike, q: TensorLike, name: str | None = ...) -> Tensor:
    """Hurwitz' zeta function: sum of (q + n)^-x."""
