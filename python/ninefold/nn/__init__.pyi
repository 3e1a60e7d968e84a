# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.nn for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

def atrous_conv2d(value: TensorLike, filters: TensorLike, rate: int, padding: str, name: str | None = ...) -> Tensor:
    """2-D convolution with holes: filter taps are `rate` pixels apart."""

def avg_pool(input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str | None = ..., name: str | None = ...) -> Tensor:
    """The mean of every window, for 1 to 3 spatial dimensions."""

def avg_pool1d(input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str = ..., name: str | None = ...) -> Tensor:
    """The mean of every window of [batch, width, channels]."""

def avg_pool2d(input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str = ..., name: str | None = ...) -> Tensor:
    """The mean of every window of [batch, height, width, channels]."""

def avg_pool3d(input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str = ..., name: str | None = ...) -> Tensor:
    """The mean of every window of [batch, depth, height, width, channels]."""

def batch_norm_with_global_normalization(input: TensorLike, mean: TensorLike, variance: TensorLike, beta: TensorLike, gamma: TensorLike, variance_epsilon: float, scale_after_normalization: bool, name: str | None = ...) -> Tensor:
    """batch_normalization with offset beta, and scale gamma if scale_after_normalization."""

def batch_normalization(x: TensorLike, mean: TensorLike, variance: TensorLike, offset: TensorLike, scale: TensorLike, variance_epsilon: float, name: str | None = ...) -> Tensor:
    """(x - mean) scale / sqrt(variance + variance_epsilon) + offset; offset and scale may be None."""

def bias_add(value: TensorLike, bias: TensorLike, data_format: str | None = ..., name: str | None = ...) -> Tensor:
    """value + bias. bias has one element a channel: the last dimension of value, or the second one where data_format begins with NC."""

def collapse_repeated(labels: Any, seq_length: Any, name: Any = ...) -> Any:
    """(labels [batch, longest] with those that repeat the one before left out, padded with 0; their new lengths)."""

def compute_average_loss(per_example_loss: TensorLike, sample_weight: Any = ..., global_batch_size: TensorLike | None = ...) -> Tensor:
    """The sum of the losses by the size of the batch of all replicas (None: as many for each replica as there are losses). sample_weight broadcasts to the losses. Raises ValueError for a scalar loss, RuntimeError outside of a replica."""

def conv1d(input: TensorLike, filters: TensorLike, stride: Any, padding: Any, data_format: str = ..., dilations: Any = ..., name: str | None = ...) -> Tensor:
    """1-D convolution of input [..., width, in] with filters [width, in, out]."""

def conv1d_transpose(input: TensorLike, filters: TensorLike, output_shape: Any, strides: Any, padding: Any = ..., data_format: str = ..., dilations: Any = ..., name: str | None = ...) -> Tensor:
    """The gradient of conv1d by its input, as an op of its own. filters: [width, out, in]."""

def conv2d(input: TensorLike, filters: TensorLike, strides: Any, padding: Any, data_format: str = ..., dilations: Any = ..., name: str | None = ...) -> Tensor:
    """2-D convolution of input [..., height, width, in] with filters [height, width, in, out]. padding: 'SAME', 'VALID', or four pairs."""

def conv2d_transpose(input: TensorLike, filters: TensorLike, output_shape: Any, strides: Any, padding: Any = ..., data_format: str = ..., dilations: Any = ..., name: str | None = ...) -> Tensor:
    """The gradient of conv2d by its input, as an op of its own. filters: [height, width, out, in]."""

def conv3d(input: TensorLike, filters: TensorLike, strides: Any, padding: Any, data_format: str = ..., dilations: Any = ..., name: str | None = ...) -> Tensor:
    """3-D convolution of input [..., depth, height, width, in] with filters [depth, height, width, in, out]."""

def conv3d_transpose(input: TensorLike, filters: TensorLike, output_shape: Any, strides: Any, padding: str = ..., data_format: str = ..., dilations: Any = ..., name: str | None = ...) -> Tensor:
    """The gradient of conv3d by its input, as an op of its own. filters: [depth, height, width, out, in]."""

def conv_transpose(input: TensorLike, filters: TensorLike, output_shape: Any, strides: Any, padding: Any = ..., data_format: str | None = ..., dilations: Any = ..., name: str | None = ...) -> Tensor:
    """conv1d_transpose, conv2d_transpose or conv3d_transpose, as output_shape has 3, 4 or 5 entries."""

def convolution(input: TensorLike, filters: TensorLike, strides: Any = ..., padding: Any = ..., data_format: str | None = ..., dilations: Any = ..., name: str | None = ...) -> Tensor:
    """1-, 2- or 3-D convolution: filters have as many spatial dimensions as they have dimensions but two."""

def crelu(features: TensorLike, axis: int = ..., name: str | None = ...) -> Tensor:
    """relu of features and of -features, side by side along axis."""

def ctc_beam_search_decoder(inputs: Any, sequence_length: Any, beam_width: Any = ..., top_paths: Any = ...) -> Any:
    """(top_paths SparseTensors of int64 [batch, longest], their logarithms [batch, top_paths]) of logits [time, batch, classes], the last class of which is the blank. Raises InvalidArgumentError for more paths than the beam is wide, or than it has found."""

def ctc_greedy_decoder(inputs: Any, sequence_length: Any, merge_repeated: Any = ..., blank_index: Any = ...) -> Any:
    """([SparseTensor of int64 [batch, longest]], negative sums of the best logits [batch, 1]) of logits [time, batch, classes]."""

def ctc_loss(labels: Any, logits: Any, label_length: Any, logit_length: Any, logits_time_major: Any = ..., unique: Any = ..., blank_index: Any = ..., name: Any = ...) -> Any:
    """The CTC loss [batch] (Graves et al., 2006) of logits [time, batch, classes], or [batch, time, classes] unless logits_time_major."""

def ctc_unique_labels(labels: Any, name: Any = ...) -> Any:
    """(the different labels of each row, padded with 0, int64; which of them each label is, int32), both [batch, longest]."""

def depth_to_space(input: TensorLike, block_size: int, data_format: str = ..., name: str | None = ...) -> Tensor:
    """Channels of an image become blocks of space."""

def depthwise_conv2d(input: TensorLike, filter: TensorLike, strides: Any, padding: Any, data_format: str | None = ..., dilations: Any = ..., name: str | None = ...) -> Tensor:
    """Each channel of input convolved with its own filters, [height, width, in, multiplier]."""

def depthwise_conv2d_backprop_filter(input: TensorLike, filter_sizes: Any, out_backprop: TensorLike, strides: Any, padding: Any, data_format: str = ..., dilations: Any = ..., name: str | None = ...) -> Tensor:
    """What flows back to the filter of depthwise_conv2d."""

def depthwise_conv2d_backprop_input(input_sizes: Any, filter: TensorLike, out_backprop: TensorLike, strides: Any, padding: Any, data_format: str = ..., dilations: Any = ..., name: str | None = ...) -> Tensor:
    """What flows back to the input of depthwise_conv2d."""

def dilation2d(input: TensorLike, filters: TensorLike, strides: Any, padding: str, data_format: str, dilations: Any, name: str | None = ...) -> Tensor:
    """The greatest of image plus filter in every window: grayscale dilation."""

def dropout(x: TensorLike, rate: Any, noise_shape: Any = ..., seed: Any = ..., name: str | None = ...) -> Tensor:
    """Each element is zero with probability rate, else x / (1 - rate). noise_shape: the shape of the independent choices; it broadcasts to x. ValueError unless 0 <= rate < 1 and x is of a float dtype."""

def elu(features: TensorLike, name: str | None = ...) -> Tensor:
    """features where positive, else e^features - 1."""

def embedding_lookup(params: Any, ids: TensorLike, max_norm: Any = ..., name: str | None = ...) -> Tensor:
    """Rows of params, one for each id. Several params are the parts of one table, split evenly along axis 0. With max_norm a row longer than that is scaled to it."""

def embedding_lookup_sparse(params: Any, sp_ids: Any, sp_weights: Any, combiner: str | None = ..., max_norm: Any = ..., name: str | None = ...) -> Tensor:
    """For each row of sparse ids their rows of the table, weighted, as sum, mean (weights count) or sum by the root of the squared weights."""

def erosion2d(value: TensorLike, filters: TensorLike, strides: Any, padding: str, data_format: str, dilations: Any, name: str | None = ...) -> Tensor:
    """The least of image minus filter in every window: grayscale erosion."""

from . import experimental as experimental

def gelu(features: TensorLike, approximate: bool = ..., name: str | None = ...) -> Tensor:
    """x P(X <= x) for a normal X: x/2 (1 + erf(x / sqrt 2)); approximate: x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))."""

def in_top_k(targets: TensorLike, predictions: TensorLike, k: TensorLike, name: str | None = ...) -> Tensor:
    """Whether each target is among the k greatest predictions of its row."""

def l2_loss(t: TensorLike, name: str | None = ...) -> Tensor:
    """sum(t^2) / 2."""

def l2_normalize(x: TensorLike, axis: Any = ..., epsilon: float = ..., name: str | None = ..., dim: Any = ...) -> Tensor:
    """x / sqrt(max(sum(x^2), epsilon)) over axis (None: all). dim is the old name of axis."""

def leaky_relu(features: TensorLike, alpha: float = ..., name: str | None = ...) -> Tensor:
    """features where positive, else alpha features. Integers become float32."""

def local_response_normalization(input: TensorLike, depth_radius: int = ..., bias: float = ..., alpha: float = ..., beta: float = ..., name: str | None = ...) -> Tensor:
    """input / (bias + alpha sum(input^2 over 2 depth_radius + 1 channels)) ^ beta."""

def log_poisson_loss(targets: TensorLike, log_input: TensorLike, compute_full_loss: bool = ..., name: str | None = ...) -> Tensor:
    """e^log_input - targets log_input; the full loss adds Stirling's approximation of log(targets!)."""

def log_softmax(logits: TensorLike, axis: int | None = ..., name: str | None = ...) -> Tensor:
    """logits - log(sum(e^logits)) over `axis` (None: the last)."""

def lrn(input: TensorLike, depth_radius: int = ..., bias: float = ..., alpha: float = ..., beta: float = ..., name: str | None = ...) -> Tensor:
    """input / (bias + alpha sum(input^2 over 2 depth_radius + 1 channels)) ^ beta."""

def max_pool(input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str | None = ..., name: str | None = ...) -> Tensor:
    """The greatest element of every window, for 1 to 3 spatial dimensions."""

def max_pool1d(input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str = ..., name: str | None = ...) -> Tensor:
    """The greatest element of every window of [batch, width, channels]."""

def max_pool2d(input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str = ..., name: str | None = ...) -> Tensor:
    """The greatest element of every window of [batch, height, width, channels]."""

def max_pool3d(input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str = ..., name: str | None = ...) -> Tensor:
    """The greatest element of every window of [batch, depth, height, width, channels]."""

def max_pool_with_argmax(input: TensorLike, ksize: Any, strides: Any, padding: str, data_format: str = ..., output_dtype: Any = ..., include_batch_in_index: bool = ..., name: str | None = ...) -> list[Tensor]:
    """(max_pool2d, where each greatest element is): (row * width + column) * channels + channel, counted within an image or within the batch."""

def moments(x: TensorLike, axes: Any, shift: Any = ..., keepdims: bool = ..., name: str | None = ...) -> list[Tensor]:
    """(mean, variance) over axes; the variance is the mean of the squares of what is left. float16 is computed in float32. shift is not used."""

def normalize_moments(counts: TensorLike, mean_ss: TensorLike, variance_ss: TensorLike, shift: Any, name: str | None = ...) -> list[Tensor]:
    """(mean, variance) from sufficient_statistics."""

def pool(input: TensorLike, window_shape: Any, pooling_type: str, strides: Any = ..., padding: Any = ..., data_format: str | None = ..., dilations: Any = ..., name: str | None = ...) -> Tensor:
    """Pooling of type 'MAX' or 'AVG' with as many spatial dimensions as window_shape has entries."""

def relu(features: TensorLike, name: str | None = ...) -> Tensor:
    """max(features, 0)."""

def relu6(features: TensorLike, name: str | None = ...) -> Tensor:
    """min(max(features, 0), 6)."""

def safe_embedding_lookup_sparse(embedding_weights: Any, sparse_ids: Any, sparse_weights: Any = ..., combiner: str = ..., default_id: Any = ..., max_norm: Any = ..., name: str | None = ...) -> Tensor:
    """As embedding_lookup_sparse, [..., embedding]; negative ids and weights that are not positive are left out, and rows without ids have the embedding of default_id, or zeros."""

def scale_regularization_loss(regularization_loss: TensorLike) -> Tensor:
    """The sum of the losses by the number of replicas, each of which adds it. Raises RuntimeError outside of a replica."""

def selu(features: TensorLike, name: str | None = ...) -> Tensor:
    """The self-normalising unit: scale * elu with alpha 1.67 and scale 1.05."""

def separable_conv2d(input: TensorLike, depthwise_filter: TensorLike, pointwise_filter: TensorLike, strides: Any, padding: Any, data_format: str | None = ..., dilations: Any = ..., name: str | None = ...) -> Tensor:
    """depthwise_conv2d, then a convolution with 1 x 1 filters."""

def sigmoid(x: TensorLike, name: str | None = ...) -> Tensor:
    """1 / (1 + e^-x)."""

def sigmoid_cross_entropy_with_logits(labels: TensorLike | None = ..., logits: TensorLike | None = ..., name: str | None = ...) -> Tensor:
    """-labels log(sigmoid(logits)) - (1 - labels) log(1 - sigmoid(logits)), for independent classes."""

def silu(features: TensorLike, beta: TensorLike = ...) -> Tensor:
    """features * sigmoid(beta * features)."""

def softmax(logits: TensorLike, axis: int | None = ..., name: str | None = ...) -> Tensor:
    """e^logits / sum(e^logits) over `axis` (None: the last). float16, bfloat16, float32 or float64."""

def softmax_cross_entropy_with_logits(labels: TensorLike, logits: TensorLike, axis: int = ..., name: str | None = ...) -> Tensor:
    """-sum(labels log softmax(logits)) over `axis`; labels of every row should sum to 1."""

def softplus(features: TensorLike, name: str | None = ...) -> Tensor:
    """log(1 + e^x)."""

def softsign(features: TensorLike, name: str | None = ...) -> Tensor:
    """features / (1 + |features|)."""

def space_to_batch(input: TensorLike, block_shape: Any, paddings: Any, name: str | None = ...) -> Tensor:
    """Pads the dimensions after the first, then makes each position within a block a batch entry of its own."""

def space_to_depth(input: TensorLike, block_size: int, data_format: str = ..., name: str | None = ...) -> Tensor:
    """Blocks of an image become channels."""

def sparse_softmax_cross_entropy_with_logits(labels: TensorLike, logits: TensorLike, name: str | None = ...) -> Tensor:
    """-log softmax(logits)[label]; labels are class numbers, one fewer dimension than logits."""

def sufficient_statistics(x: TensorLike, axes: Any, shift: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Any:
    """(count, sum, sum of squares, shift) over axes; with a shift the sums are of x - shift."""

def swish(features: TensorLike, beta: TensorLike = ...) -> Tensor:
    """features * sigmoid(beta * features)."""

def tanh(x: TensorLike, name: str | None = ...) -> Tensor:
    """The hyperbolic tangent."""

def top_k(input: TensorLike, k: TensorLike = ..., sorted: bool = ..., name: str | None = ...) -> list[Tensor]:
    """(values, indices) of the k greatest elements of every row, greatest first."""

def weighted_cross_entropy_with_logits(labels: TensorLike, logits: TensorLike, pos_weight: TensorLike, name: str | None = ...) -> Tensor:
    """sigmoid_cross_entropy_with_logits with the labels' term times pos_weight."""

def weighted_moments(x: TensorLike, axes: Any, frequency_weights: TensorLike, keepdims: bool = ..., name: str | None = ...) -> list[Tensor]:
    """(mean, variance) over axes with a weight for each element; weights broadcast to x."""

def zero_fraction(value: TensorLike, name: str | None = ...) -> Tensor:
    """The fraction of elements that are zero, as float32; NaN of nothing."""
