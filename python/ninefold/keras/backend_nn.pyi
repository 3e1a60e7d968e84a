# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.backend_nn for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

def batch_normalization(x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: Any = ..., epsilon: Any = ...) -> Any:
    """(x - mean) gamma / sqrt(var + epsilon) + beta, each one a feature or as they broadcast."""

def bias_add(x: Any, bias: Any, data_format: Any = ...) -> Any:
    """bias: one value a channel, or one an element of a sample."""

def binary_focal_crossentropy(target: Any, output: Any, gamma: Any = ..., from_logits: Any = ...) -> Any:
    """binary_crossentropy, element by element, times (1 - the target's probability) ** gamma."""

def checked_format(data_format: Any) -> Any:
    """"channels_last" where none is given; ValueError for anything that is no format."""

def conv1d(x: Any, kernel: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ...) -> Any:
    """Steps [batch, steps, n] with a kernel [width, n, filters]; padding "causal" looks back only."""

def conv2d(x: Any, kernel: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ...) -> Any:
    """Images [batch, h, w, n] with a kernel [h, w, n, filters]."""

def conv2d_transpose(x: Any, kernel: Any, output_shape: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ...) -> Any:
    """The gradient of a convolution that gives x; kernel: [h, w, filters, n]."""

def conv3d(x: Any, kernel: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ...) -> Any: ...

def depthwise_conv2d(x: Any, depthwise_kernel: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ...) -> Any: ...

def elu(x: Any, alpha: Any = ...) -> Any: ...

def hard_sigmoid(x: Any) -> Any:
    """0.2 x + 0.5 within [0, 1]."""

def local_conv(inputs: Any, kernel: Any, kernel_size: Any, strides: Any, output_shape: Any, data_format: Any = ...) -> Any:
    """A convolution whose every place has a kernel of its own: [places, kernel's elements, filters]."""

def local_conv1d(inputs: Any, kernel: Any, kernel_size: Any, strides: Any, data_format: Any = ...) -> Any: ...

def local_conv2d(inputs: Any, kernel: Any, kernel_size: Any, strides: Any, output_shape: Any, data_format: Any = ...) -> Any: ...

def moving_average_update(x: Any, value: Any, momentum: Any) -> Any:
    """x becomes momentum x + (1 - momentum) value."""

def normalize_batch_in_training(x: Any, gamma: Any, beta: Any, reduction_axes: Any, epsilon: Any = ...) -> Any:
    """(normalized x, mean, variance), with the moments of this batch."""

def pool2d(x: Any, pool_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., pool_mode: Any = ...) -> Any:
    """pool_mode: "max" or "avg"."""

def pool3d(x: Any, pool_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., pool_mode: Any = ...) -> Any: ...

def relu(x: Any, alpha: Any = ..., max_value: Any = ..., threshold: Any = ...) -> Any:
    """x above `threshold`, at most max_value; alpha (x - threshold) below."""

def rnn(step_function: Any, inputs: Any, initial_states: Any, go_backwards: Any = ..., mask: Any = ..., constants: Any = ..., unroll: Any = ..., input_length: Any = ..., time_major: Any = ..., zero_output_for_mask: Any = ..., return_all_outputs: Any = ...) -> Any:
    """(last output, all outputs, last states) of step_function(input, states) -> (output, states) over the time steps."""

def separable_conv2d(x: Any, depthwise_kernel: Any, pointwise_kernel: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ...) -> Any: ...
