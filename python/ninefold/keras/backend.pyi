# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.backend for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

def all(x: Any, axis: Any = ..., keepdims: Any = ...) -> Any: ...

def any(x: Any, axis: Any = ..., keepdims: Any = ...) -> Any: ...

def arange(start: Any, stop: Any = ..., step: Any = ..., dtype: Any = ...) -> Any:
    """start, start + step, ... below stop; from 0 to start without a stop."""

def backend() -> Any: ...

def batch_dot(x: Any, y: Any, axes: Any = ...) -> Any:
    """The product of each sample's tensors over an axis of each: axes, one for both or a pair."""

def batch_flatten(x: Any) -> Any:
    """The rows of x, each with all its values in one dimension."""

def batch_get_value(tensors: Any) -> Any: ...

def batch_normalization(x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: Any = ..., epsilon: Any = ...) -> Any:
    """(x - mean) gamma / sqrt(var + epsilon) + beta, each one a feature or as they broadcast."""

def batch_set_value(tuples: Any) -> Any: ...

def bias_add(x: Any, bias: Any, data_format: Any = ...) -> Any:
    """bias: one value a channel, or one an element of a sample."""

def binary_crossentropy(target: Any, output: Any, from_logits: Any = ...) -> Any:
    """-(target log(output) + (1 - target) log(1 - output)), element by element."""

def binary_focal_crossentropy(target: Any, output: Any, gamma: Any = ..., from_logits: Any = ...) -> Any:
    """binary_crossentropy, element by element, times (1 - the target's probability) ** gamma."""

def binary_weighted_focal_crossentropy(target: Any, output: Any, alpha: Any = ..., gamma: Any = ..., from_logits: Any = ...) -> Any:
    """binary_focal_crossentropy times alpha for the target 1, times 1 - alpha for 0."""

def cast_to_floatx(x: Any) -> Any: ...

def categorical_crossentropy(target: Any, output: Any, from_logits: Any = ..., axis: Any = ...) -> Any:
    """-sum(target log(output)) along an axis."""

def clear_session() -> Any: ...

def clip(x: Any, min_value: Any, max_value: Any) -> Any:
    """x within the bounds; None is no bound, and a maximum below the minimum is the minimum."""

def concatenate(tensors: Any, axis: Any = ...) -> Any:
    """The tensors one behind the other along an axis, the last one unless said otherwise."""

def constant(value: Any, dtype: Any = ..., shape: Any = ..., name: Any = ...) -> Any: ...

def conv1d(x: Any, kernel: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ...) -> Any:
    """Steps [batch, steps, n] with a kernel [width, n, filters]; padding "causal" looks back only."""

def conv2d(x: Any, kernel: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ...) -> Any:
    """Images [batch, h, w, n] with a kernel [h, w, n, filters]."""

def conv2d_transpose(x: Any, kernel: Any, output_shape: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ...) -> Any:
    """The gradient of a convolution that gives x; kernel: [h, w, filters, n]."""

def conv3d(x: Any, kernel: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ...) -> Any: ...

def count_params(x: Any) -> Any: ...

def ctc_batch_cost(y_true: Any, y_pred: Any, input_length: Any, label_length: Any) -> Any:
    """The CTC loss [samples, 1] of probabilities [samples, steps, classes], the last class of which is the blank, for labels [samples, longest] with their lengths, both [samples, 1]. Raises InvalidArgumentError for labels that do not fit."""

def ctc_decode(y_pred: Any, input_length: Any, greedy: Any = ..., beam_width: Any = ..., top_paths: Any = ...) -> Any:
    """(the most likely labels [samples, steps] of probabilities [samples, steps, classes], padded with -1, a tensor a path; their logarithms [samples, paths], of the greedy way negative)."""

def ctc_label_dense_to_sparse(labels: Any, label_lengths: Any) -> Any:
    """The first label_lengths[i] labels of each row of [batch, longest], as a SparseTensor of that shape."""

def depthwise_conv2d(x: Any, depthwise_kernel: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ...) -> Any: ...

def dot(x: Any, y: Any) -> Any:
    """The product over the last dimension of x and the last but one of y, as numpy.dot has it."""

def dropout(x: Any, level: Any, noise_shape: Any = ..., seed: Any = ...) -> Any:
    """x without a random share `level` of its elements, the rest larger by 1 / (1 - level)."""

def dtype(x: Any) -> Any: ...

def elu(x: Any, alpha: Any = ...) -> Any: ...

def epsilon() -> Any: ...

def eval(x: Any) -> Any:
    """The value, as NumPy has it."""

def eye(size: Any, dtype: Any = ..., name: Any = ...) -> Any:
    """A variable: the identity matrix."""

def flatten(x: Any) -> Any: ...

def floatx() -> Any: ...

def foldl(fn: Any, elems: Any, initializer: Any = ..., name: Any = ...) -> Any: ...

def foldr(fn: Any, elems: Any, initializer: Any = ..., name: Any = ...) -> Any: ...

def function(inputs: Any, outputs: Any, updates: Any = ..., name: Any = ..., **kwargs: Any) -> Any:
    """A callable from lists of symbolic inputs to lists of arrays."""

def get_uid(prefix: Any = ...) -> Any:
    """1, 2, 3, ... for each prefix."""

def get_value(x: Any) -> Any: ...

def gradients(loss: Any, variables: Any) -> Any: ...

def hard_sigmoid(x: Any) -> Any:
    """0.2 x + 0.5 within [0, 1]."""

def image_data_format() -> Any: ...

def in_test_phase(x: Any, alt: Any, training: Any = ...) -> Any:
    """x (or what it returns) while not training, else alt."""

def in_top_k(predictions: Any, targets: Any, k: Any) -> Any:
    """Whether each target is among its row's k highest predictions."""

def in_train_phase(x: Any, alt: Any, training: Any = ...) -> Any:
    """x (or what it returns) while training, else alt."""

def int_shape(x: Any) -> Any: ...

def is_keras_tensor(value: Any) -> Any: ...

def is_sparse(tensor: Any) -> Any: ...

def learning_phase() -> Any:
    """What `training` is where nobody says: 0 until it is set."""

def learning_phase_scope(value: Any) -> Any:
    """The learning phase is `value` while the block runs."""

def local_conv1d(inputs: Any, kernel: Any, kernel_size: Any, strides: Any, data_format: Any = ...) -> Any: ...

def local_conv2d(inputs: Any, kernel: Any, kernel_size: Any, strides: Any, output_shape: Any, data_format: Any = ...) -> Any: ...

def manual_variable_initialization(value: Any) -> Any:
    """Whether sessions leave variables as they are until they are initialized; variables of eager programs always have values."""

def map_fn(fn: Any, elems: Any, name: Any = ..., dtype: Any = ...) -> Any: ...

def mean(x: Any, axis: Any = ..., keepdims: Any = ...) -> Any: ...

def moving_average_update(x: Any, value: Any, momentum: Any) -> Any:
    """x becomes momentum x + (1 - momentum) value."""

def ndim(x: Any) -> Any: ...

def normalize_batch_in_training(x: Any, gamma: Any, beta: Any, reduction_axes: Any, epsilon: Any = ...) -> Any:
    """(normalized x, mean, variance), with the moments of this batch."""

def ones(shape: Any, dtype: Any = ..., name: Any = ...) -> Any: ...

def placeholder(shape: Any = ..., ndim: Any = ..., dtype: Any = ..., sparse: Any = ..., name: Any = ..., ragged: Any = ...) -> Any:
    """A symbolic tensor of that shape, with its batch, as keras.Input makes one."""

def pool2d(x: Any, pool_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., pool_mode: Any = ...) -> Any:
    """pool_mode: "max" or "avg"."""

def pool3d(x: Any, pool_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., pool_mode: Any = ...) -> Any: ...

def print_tensor(x: Any, message: Any = ..., summarize: Any = ...) -> Any:
    """x, whose value is printed to the standard output when it is computed."""

def random_bernoulli(shape: Any, p: Any = ..., dtype: Any = ..., seed: Any = ...) -> Any:
    """1 with probability p, else 0."""

def random_binomial(shape: Any, p: Any = ..., dtype: Any = ..., seed: Any = ...) -> Any:
    """The older name of random_bernoulli."""

def random_normal(shape: Any, mean: Any = ..., stddev: Any = ..., dtype: Any = ..., seed: Any = ...) -> Any:
    """Draws of a normal distribution; another sequence at every start unless it has a seed."""

def random_normal_variable(shape: Any, mean: Any, scale: Any, dtype: Any = ..., name: Any = ..., seed: Any = ...) -> Any:
    """A variable of draws of a normal distribution."""

def random_uniform(shape: Any, minval: Any = ..., maxval: Any = ..., dtype: Any = ..., seed: Any = ...) -> Any: ...

def random_uniform_variable(shape: Any, low: Any, high: Any, dtype: Any = ..., name: Any = ..., seed: Any = ...) -> Any:
    """A variable of uniform draws."""

def relu(x: Any, alpha: Any = ..., max_value: Any = ..., threshold: Any = ...) -> Any:
    """x above `threshold`, at most max_value; alpha (x - threshold) below."""

def repeat(x: Any, n: Any) -> Any:
    """[rows, features] -> [rows, n, features]."""

def repeat_elements(x: Any, rep: Any, axis: Any) -> Any:
    """Each slice along an axis `rep` times, one behind the other."""

def reset_uids() -> Any: ...

def resize_images(x: Any, height_factor: Any, width_factor: Any, data_format: Any, interpolation: Any = ...) -> Any:
    """Images larger by whole factors. interpolation: "nearest", "bilinear", "area", "bicubic", "gaussian", "lanczos3", ..."""

def resize_volumes(x: Any, depth_factor: Any, height_factor: Any, width_factor: Any, data_format: Any) -> Any:
    """Volumes larger by whole factors, each element repeated."""

def reverse(x: Any, axes: Any) -> Any: ...

def rnn(step_function: Any, inputs: Any, initial_states: Any, go_backwards: Any = ..., mask: Any = ..., constants: Any = ..., unroll: Any = ..., input_length: Any = ..., time_major: Any = ..., zero_output_for_mask: Any = ..., return_all_outputs: Any = ...) -> Any:
    """(last output, all outputs, last states) of step_function(input, states) -> (output, states) over the time steps."""

def separable_conv2d(x: Any, depthwise_kernel: Any, pointwise_kernel: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ...) -> Any: ...

def set_epsilon(value: Any) -> Any: ...

def set_floatx(value: Any) -> Any: ...

def set_image_data_format(data_format: Any) -> Any: ...

def set_learning_phase(value: Any) -> Any: ...

def set_value(x: Any, value: Any) -> Any: ...

def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: Any = ..., axis: Any = ...) -> Any:
    """-log(output) at the target's place along an axis."""

def spatial_2d_padding(x: Any, padding: Any = ..., data_format: Any = ...) -> Any:
    """Zeros around images."""

def spatial_3d_padding(x: Any, padding: Any = ..., data_format: Any = ...) -> Any:
    """Zeros around volumes."""

def sqrt(x: Any) -> Any:
    """The square root; of negative numbers 0."""

def std(x: Any, axis: Any = ..., keepdims: Any = ...) -> Any: ...

def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """One of two values, or of what two functions return; a condition of more than one element picks element by element."""

def temporal_padding(x: Any, padding: Any = ...) -> Any:
    """Zeros before and after the middle dimension."""

def tile(x: Any, n: Any) -> Any: ...

def to_dense(tensor: Any) -> Any:
    """A sparse tensor with its zeros; any other as it is."""

def truncated_normal(shape: Any, mean: Any = ..., stddev: Any = ..., dtype: Any = ..., seed: Any = ...) -> Any: ...

def update(x: Any, new_x: Any) -> Any: ...

def update_add(x: Any, increment: Any) -> Any: ...

def update_sub(x: Any, decrement: Any) -> Any: ...

def var(x: Any, axis: Any = ..., keepdims: Any = ...) -> Any: ...

def variable(value: Any, dtype: Any = ..., name: Any = ..., constraint: Any = ...) -> Any: ...

def zeros(shape: Any, dtype: Any = ..., name: Any = ...) -> Any:
    """A variable of zeros."""
