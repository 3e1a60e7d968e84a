# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.layers for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class AbstractRNNCell(Layer):
    """What a cell written in Python may stand on: call(inputs, states) -> (output, states), state_size and output_size."""
    def call(self, inputs: Any, states: Any) -> Any: ...
    def get_initial_state(self, inputs: Any = ..., batch_size: Any = ..., dtype: Any = ...) -> Any: ...
    output_size: Any
    state_size: Any

class Activation(Layer):
    """Applies an activation."""
    def __init__(self, activation: Any, **kwargs: Any) -> None: ...

class ActivityRegularization(Layer):
    """Adds a penalty of its input to the loss."""
    def __init__(self, l1: Any = ..., l2: Any = ..., **kwargs: Any) -> None: ...

class Add(Layer):
    """The sum of the inputs."""
    def __init__(self, **kwargs: Any) -> None: ...

class AddLoss(Layer):
    """Adds its input to the model's loss, and hands it on."""
    def __init__(self, unconditional: Any = ..., **kwargs: Any) -> None: ...
    def call(self, inputs: Any) -> Any: ...
    def get_config(self) -> Any: ...

class AddMetric(Layer):
    """Shows the mean of its input as a metric of the model, and hands it on."""
    def __init__(self, aggregation: Any = ..., metric_name: Any = ..., **kwargs: Any) -> None: ...
    def call(self, inputs: Any) -> Any: ...
    def get_config(self) -> Any: ...

class AdditiveAttention(Layer):
    """Additive attention (Bahdanau et al. 2015): softmax(sum(scale tanh(query + key))) value."""
    def __init__(self, use_scale: Any = ..., causal: Any = ..., dropout: Any = ..., **kwargs: Any) -> None: ...

class AlphaDropout(Layer):
    """A dropout that keeps mean and variance of selu's outputs."""
    def __init__(self, rate: Any, noise_shape: Any = ..., seed: Any = ..., **kwargs: Any) -> None: ...

class Attention(Layer):
    """Dot-product attention (Luong et al. 2015): softmax(query key^T) value."""
    def __init__(self, use_scale: Any = ..., score_mode: Any = ..., causal: Any = ..., dropout: Any = ..., **kwargs: Any) -> None: ...

class Average(Layer):
    """The mean of the inputs."""
    def __init__(self, **kwargs: Any) -> None: ...

class AveragePooling1D(Layer):
    """The mean of each window of steps."""
    def __init__(self, pool_size: Any = ..., strides: Any = ..., padding: Any = ..., data_format: Any = ..., **kwargs: Any) -> None: ...

class AveragePooling2D(Layer):
    """The mean of each window of an image."""
    def __init__(self, pool_size: Any = ..., strides: Any = ..., padding: Any = ..., data_format: Any = ..., **kwargs: Any) -> None: ...

class AveragePooling3D(Layer):
    """The mean of each window of a volume."""
    def __init__(self, pool_size: Any = ..., strides: Any = ..., padding: Any = ..., data_format: Any = ..., **kwargs: Any) -> None: ...

class AvgPool1D(Layer):
    """The mean of each window of steps."""
    def __init__(self, pool_size: Any = ..., strides: Any = ..., padding: Any = ..., data_format: Any = ..., **kwargs: Any) -> None: ...

class AvgPool2D(Layer):
    """The mean of each window of an image."""
    def __init__(self, pool_size: Any = ..., strides: Any = ..., padding: Any = ..., data_format: Any = ..., **kwargs: Any) -> None: ...

class AvgPool3D(Layer):
    """The mean of each window of a volume."""
    def __init__(self, pool_size: Any = ..., strides: Any = ..., padding: Any = ..., data_format: Any = ..., **kwargs: Any) -> None: ...

class BatchNormalization(Layer):
    """Each channel with mean 0 and variance 1: of the batch while training, else by moving averages."""
    def __init__(self, axis: Any = ..., momentum: Any = ..., epsilon: Any = ..., center: Any = ..., scale: Any = ..., beta_initializer: Any = ..., gamma_initializer: Any = ..., moving_mean_initializer: Any = ..., moving_variance_initializer: Any = ..., beta_regularizer: Any = ..., gamma_regularizer: Any = ..., beta_constraint: Any = ..., gamma_constraint: Any = ..., **kwargs: Any) -> None: ...

class Bidirectional(TwoWay):
    """A recurrent layer over the steps and once more over the steps backwards."""
    def __init__(self, layer: Any, merge_mode: Any = ..., weights: Any = ..., backward_layer: Any = ..., **kwargs: Any) -> None: ...

class CategoryEncoding(Layer):
    """Ids of categories -> which of them occur, or how often."""
    def __init__(self, num_tokens: Any = ..., output_mode: Any = ..., sparse: Any = ..., **kwargs: Any) -> None: ...

class Cell(Layer):
    """One step of a recurrent layer."""
    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = ...) -> Any: ...
    def get_dropout_mask_for_cell(self, inputs: Any, training: Any, count: Any = ...) -> Any: ...
    def get_initial_state(self, inputs: Any = ..., batch_size: Any = ..., dtype: Any = ...) -> Any: ...
    def get_recurrent_dropout_mask_for_cell(self, inputs: Any, training: Any, count: Any = ...) -> Any: ...
    output_size: Any
    def reset_dropout_mask(self) -> Any: ...
    def reset_recurrent_dropout_mask(self) -> Any: ...
    state_size: Any

class CenterCrop(Layer):
    """The middle of each image."""
    def __init__(self, height: Any, width: Any, **kwargs: Any) -> None: ...

class Concatenate(Layer):
    """The inputs one behind the other along an axis."""
    def __init__(self, axis: Any = ..., **kwargs: Any) -> None: ...

class Conv1D(Convolution):
    """Convolves steps: [batch, steps, n] -> [batch, steps', filters]."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., groups: Any = ..., activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., bias_constraint: Any = ..., **kwargs: Any) -> None: ...

class Conv1DTranspose(Layer):
    """The gradient of Conv1D as a layer: steps grow by the strides."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., output_padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., bias_constraint: Any = ..., groups: Any = ..., **kwargs: Any) -> None: ...

class Conv2D(Convolution):
    """Convolves images: [batch, h, w, n] -> [batch, h', w', filters]."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., groups: Any = ..., activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., bias_constraint: Any = ..., **kwargs: Any) -> None: ...

class Conv2DTranspose(Layer):
    """The gradient of Conv2D as a layer: images grow by the strides."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., output_padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., bias_constraint: Any = ..., groups: Any = ..., **kwargs: Any) -> None: ...

class Conv3D(Convolution):
    """Convolves volumes: [batch, d, h, w, n] -> [batch, d', h', w', filters]."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., groups: Any = ..., activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., bias_constraint: Any = ..., **kwargs: Any) -> None: ...

class Conv3DTranspose(Layer):
    """The gradient of Conv3D as a layer: volumes grow by the strides."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., output_padding: Any = ..., data_format: Any = ..., activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., bias_constraint: Any = ..., groups: Any = ..., **kwargs: Any) -> None: ...

class ConvLSTM1D(RNN):
    """Long short-term memory of sequences whose steps are [n, channels]."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., activation: Any = ..., recurrent_activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., recurrent_initializer: Any = ..., bias_initializer: Any = ..., unit_forget_bias: Any = ..., kernel_regularizer: Any = ..., recurrent_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., recurrent_constraint: Any = ..., bias_constraint: Any = ..., return_sequences: Any = ..., return_state: Any = ..., go_backwards: Any = ..., stateful: Any = ..., dropout: Any = ..., recurrent_dropout: Any = ..., **kwargs: Any) -> None: ...

class ConvLSTM2D(RNN):
    """Long short-term memory of sequences of images."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., activation: Any = ..., recurrent_activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., recurrent_initializer: Any = ..., bias_initializer: Any = ..., unit_forget_bias: Any = ..., kernel_regularizer: Any = ..., recurrent_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., recurrent_constraint: Any = ..., bias_constraint: Any = ..., return_sequences: Any = ..., return_state: Any = ..., go_backwards: Any = ..., stateful: Any = ..., dropout: Any = ..., recurrent_dropout: Any = ..., **kwargs: Any) -> None: ...

class ConvLSTM3D(RNN):
    """Long short-term memory of sequences of volumes."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., activation: Any = ..., recurrent_activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., recurrent_initializer: Any = ..., bias_initializer: Any = ..., unit_forget_bias: Any = ..., kernel_regularizer: Any = ..., recurrent_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., recurrent_constraint: Any = ..., bias_constraint: Any = ..., return_sequences: Any = ..., return_state: Any = ..., go_backwards: Any = ..., stateful: Any = ..., dropout: Any = ..., recurrent_dropout: Any = ..., **kwargs: Any) -> None: ...

class Convolution(Layer):
    """A convolution of windows with a kernel; a class derived from one of these may say how, in convolution_op()."""
    def convolution_op(self, inputs: Any, kernel: Any) -> Any: ...
    rank: Any

class Convolution1D(Convolution):
    """Convolves steps: [batch, steps, n] -> [batch, steps', filters]."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., groups: Any = ..., activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., bias_constraint: Any = ..., **kwargs: Any) -> None: ...

class Convolution1DTranspose(Layer):
    """The gradient of Conv1D as a layer: steps grow by the strides."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., output_padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., bias_constraint: Any = ..., groups: Any = ..., **kwargs: Any) -> None: ...

class Convolution2D(Convolution):
    """Convolves images: [batch, h, w, n] -> [batch, h', w', filters]."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., groups: Any = ..., activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., bias_constraint: Any = ..., **kwargs: Any) -> None: ...

class Convolution2DTranspose(Layer):
    """The gradient of Conv2D as a layer: images grow by the strides."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., output_padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., bias_constraint: Any = ..., groups: Any = ..., **kwargs: Any) -> None: ...

class Convolution3D(Convolution):
    """Convolves volumes: [batch, d, h, w, n] -> [batch, d', h', w', filters]."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., groups: Any = ..., activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., bias_constraint: Any = ..., **kwargs: Any) -> None: ...

class Convolution3DTranspose(Layer):
    """The gradient of Conv3D as a layer: volumes grow by the strides."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., output_padding: Any = ..., data_format: Any = ..., activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., bias_constraint: Any = ..., groups: Any = ..., **kwargs: Any) -> None: ...

class Cropping1D(Layer):
    """Takes steps away at both ends."""
    def __init__(self, cropping: Any = ..., **kwargs: Any) -> None: ...

class Cropping2D(Layer):
    """Takes away the rim of images."""
    def __init__(self, cropping: Any = ..., data_format: Any = ..., **kwargs: Any) -> None: ...

class Cropping3D(Layer):
    """Takes away the rim of volumes."""
    def __init__(self, cropping: Any = ..., data_format: Any = ..., **kwargs: Any) -> None: ...

class Dense(Layer):
    """y = activation(x W + b) over the last axis: [..., n] -> [..., units]."""
    def __init__(self, units: Any, activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., bias_constraint: Any = ..., **kwargs: Any) -> None: ...

class DepthwiseConv1D(Layer):
    """Convolves each channel by itself: [batch, steps, n] -> [batch, steps', n depth_multiplier]."""
    def __init__(self, kernel_size: Any, strides: Any = ..., padding: Any = ..., depth_multiplier: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., activation: Any = ..., use_bias: Any = ..., depthwise_initializer: Any = ..., bias_initializer: Any = ..., depthwise_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., depthwise_constraint: Any = ..., bias_constraint: Any = ..., groups: Any = ..., **kwargs: Any) -> None: ...

class DepthwiseConv2D(Layer):
    """Convolves each channel by itself: [batch, h, w, n] -> [batch, h', w', n depth_multiplier]."""
    def __init__(self, kernel_size: Any, strides: Any = ..., padding: Any = ..., depth_multiplier: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., activation: Any = ..., use_bias: Any = ..., depthwise_initializer: Any = ..., bias_initializer: Any = ..., depthwise_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., depthwise_constraint: Any = ..., bias_constraint: Any = ..., groups: Any = ..., **kwargs: Any) -> None: ...

class Discretization(Preprocessing):
    """Numbers -> the bins that they fall into."""
    def __init__(self, bin_boundaries: Any = ..., num_bins: Any = ..., epsilon: Any = ..., output_mode: Any = ..., sparse: Any = ..., **kwargs: Any) -> None: ...

class Dot(Layer):
    """Products of two inputs summed over an axis of each, sample by sample."""
    def __init__(self, axes: Any, normalize: Any = ..., **kwargs: Any) -> None: ...

class Dropout(Layer):
    """Zeroes a share `rate` of the input while training and scales the rest by 1 / (1 - rate)."""
    def __init__(self, rate: Any, noise_shape: Any = ..., seed: Any = ..., **kwargs: Any) -> None: ...

class ELU(Layer):
    """x above 0, alpha (exp(x) - 1) below."""
    def __init__(self, alpha: Any = ..., **kwargs: Any) -> None: ...

class EinsumDense(Layer):
    """activation(einsum(equation, x, kernel) + bias)."""
    def __init__(self, equation: Any, output_shape: Any, activation: Any = ..., bias_axes: Any = ..., kernel_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., bias_constraint: Any = ..., **kwargs: Any) -> None: ...

class Embedding(Layer):
    """Ids [batch, ...] -> rows of a table [batch, ..., output_dim]."""
    def __init__(self, input_dim: Any, output_dim: Any, embeddings_initializer: Any = ..., embeddings_regularizer: Any = ..., activity_regularizer: Any = ..., embeddings_constraint: Any = ..., mask_zero: Any = ..., input_length: Any = ..., **kwargs: Any) -> None: ...

class Flatten(Layer):
    """[batch, ...] -> [batch, n]."""
    def __init__(self, data_format: Any = ..., **kwargs: Any) -> None: ...

class Functional(Layer):
    """A graph of layers from inputs to outputs."""
    def __init__(self, inputs: Any, outputs: Any, name: Any = ..., **kwargs: Any) -> None: ...

class GRU(RNN):
    """Gated recurrent units (Cho et al. 2014) over the steps of a sequence."""
    def __init__(self, units: Any, activation: Any = ..., recurrent_activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., recurrent_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., recurrent_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., recurrent_constraint: Any = ..., bias_constraint: Any = ..., dropout: Any = ..., recurrent_dropout: Any = ..., return_sequences: Any = ..., return_state: Any = ..., go_backwards: Any = ..., stateful: Any = ..., unroll: Any = ..., time_major: Any = ..., reset_after: Any = ..., **kwargs: Any) -> None: ...

class GRUCell(Cell):
    """One step of GRU, the gated recurrent unit of Cho et al. 2014."""
    def __init__(self, units: Any, activation: Any = ..., recurrent_activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., recurrent_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., recurrent_regularizer: Any = ..., bias_regularizer: Any = ..., kernel_constraint: Any = ..., recurrent_constraint: Any = ..., bias_constraint: Any = ..., dropout: Any = ..., recurrent_dropout: Any = ..., reset_after: Any = ..., **kwargs: Any) -> None: ...

class GaussianDropout(Layer):
    """x normal(1, sqrt(rate / (1 - rate))) while training."""
    def __init__(self, rate: Any, seed: Any = ..., **kwargs: Any) -> None: ...

class GaussianNoise(Layer):
    """x + normal(0, stddev) while training."""
    def __init__(self, stddev: Any, seed: Any = ..., **kwargs: Any) -> None: ...

class GlobalAveragePooling1D(Layer):
    """The mean of each channel over all places."""
    def __init__(self, data_format: Any = ..., keepdims: Any = ..., **kwargs: Any) -> None: ...

class GlobalAveragePooling2D(Layer):
    """The mean of each channel over all places."""
    def __init__(self, data_format: Any = ..., keepdims: Any = ..., **kwargs: Any) -> None: ...

class GlobalAveragePooling3D(Layer):
    """The mean of each channel over all places."""
    def __init__(self, data_format: Any = ..., keepdims: Any = ..., **kwargs: Any) -> None: ...

class GlobalAvgPool1D(Layer):
    """The mean of each channel over all places."""
    def __init__(self, data_format: Any = ..., keepdims: Any = ..., **kwargs: Any) -> None: ...

class GlobalAvgPool2D(Layer):
    """The mean of each channel over all places."""
    def __init__(self, data_format: Any = ..., keepdims: Any = ..., **kwargs: Any) -> None: ...

class GlobalAvgPool3D(Layer):
    """The mean of each channel over all places."""
    def __init__(self, data_format: Any = ..., keepdims: Any = ..., **kwargs: Any) -> None: ...

class GlobalMaxPool1D(Layer):
    """The largest of each channel over all places."""
    def __init__(self, data_format: Any = ..., keepdims: Any = ..., **kwargs: Any) -> None: ...

class GlobalMaxPool2D(Layer):
    """The largest of each channel over all places."""
    def __init__(self, data_format: Any = ..., keepdims: Any = ..., **kwargs: Any) -> None: ...

class GlobalMaxPool3D(Layer):
    """The largest of each channel over all places."""
    def __init__(self, data_format: Any = ..., keepdims: Any = ..., **kwargs: Any) -> None: ...

class GlobalMaxPooling1D(Layer):
    """The largest of each channel over all places."""
    def __init__(self, data_format: Any = ..., keepdims: Any = ..., **kwargs: Any) -> None: ...

class GlobalMaxPooling2D(Layer):
    """The largest of each channel over all places."""
    def __init__(self, data_format: Any = ..., keepdims: Any = ..., **kwargs: Any) -> None: ...

class GlobalMaxPooling3D(Layer):
    """The largest of each channel over all places."""
    def __init__(self, data_format: Any = ..., keepdims: Any = ..., **kwargs: Any) -> None: ...

class Hashing(Layer):
    """Terms -> bins by their hash."""
    def __init__(self, num_bins: Any, mask_value: Any = ..., salt: Any = ..., output_mode: Any = ..., sparse: Any = ..., **kwargs: Any) -> None: ...

def Input(shape: Any = ..., batch_size: Any = ..., name: Any = ..., dtype: Any = ..., sparse: Any = ..., tensor: Any = ..., ragged: Any = ..., type_spec: Any = ..., **kwargs: Any) -> Any:
    """A symbolic tensor for functional models. `shape` is without the batch."""

class InputLayer(Layer):
    """The entry of a functional model: where data of a given shape and dtype comes in."""
    def __init__(self, input_shape: Any = ..., batch_size: Any = ..., dtype: Any = ..., input_tensor: Any = ..., sparse: Any = ..., name: Any = ..., ragged: Any = ..., type_spec: Any = ..., **kwargs: Any) -> None: ...

class InputSpec:
    """What a layer expects of an input: ranks, axes, dtype."""
    def __init__(self, dtype: Any = ..., shape: Any = ..., ndim: Any = ..., max_ndim: Any = ..., min_ndim: Any = ..., axes: Any = ..., allow_last_axis_squeeze: Any = ..., name: Any = ...) -> None: ...
    @classmethod
    def from_config(cls, config: Any) -> Any: ...
    def get_config(self) -> Any: ...

class IntegerLookup(Vocabulary):
    """Integers -> their places in a vocabulary."""
    def __init__(self, max_tokens: Any = ..., num_oov_indices: Any = ..., mask_token: Any = ..., oov_token: Any = ..., vocabulary: Any = ..., vocabulary_dtype: Any = ..., idf_weights: Any = ..., invert: Any = ..., output_mode: Any = ..., sparse: Any = ..., pad_to_max_tokens: Any = ..., **kwargs: Any) -> None: ...

class LSTM(RNN):
    """Long short-term memory (Hochreiter and Schmidhuber 1997) over the steps of a sequence."""
    def __init__(self, units: Any, activation: Any = ..., recurrent_activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., recurrent_initializer: Any = ..., bias_initializer: Any = ..., unit_forget_bias: Any = ..., kernel_regularizer: Any = ..., recurrent_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., recurrent_constraint: Any = ..., bias_constraint: Any = ..., dropout: Any = ..., recurrent_dropout: Any = ..., return_sequences: Any = ..., return_state: Any = ..., go_backwards: Any = ..., stateful: Any = ..., time_major: Any = ..., unroll: Any = ..., **kwargs: Any) -> None: ...

class LSTMCell(Cell):
    """One step of LSTM, the long short-term memory of Hochreiter and Schmidhuber 1997."""
    def __init__(self, units: Any, activation: Any = ..., recurrent_activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., recurrent_initializer: Any = ..., bias_initializer: Any = ..., unit_forget_bias: Any = ..., kernel_regularizer: Any = ..., recurrent_regularizer: Any = ..., bias_regularizer: Any = ..., kernel_constraint: Any = ..., recurrent_constraint: Any = ..., bias_constraint: Any = ..., dropout: Any = ..., recurrent_dropout: Any = ..., **kwargs: Any) -> None: ...

class Lambda(Layer):
    """A function as a layer. It must not make variables of its own."""
    def __init__(self, function: Any, output_shape: Any = ..., mask: Any = ..., arguments: Any = ..., **kwargs: Any) -> None: ...
    def call(self, inputs: Any, mask: Any = ..., training: Any = ...) -> Any: ...
    def compute_mask(self, inputs: Any, mask: Any = ...) -> Any: ...
    def compute_output_shape(self, input_shape: Any) -> Any: ...
    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = ...) -> Any: ...
    def get_config(self) -> Any: ...

class Layer:
    """A function of tensors with state: build() makes its weights once, call() computes."""
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __init__(self, trainable: Any = ..., name: Any = ..., dtype: Any = ..., dynamic: Any = ..., **kwargs: Any) -> None: ...
    activity_regularizer: Any
    def add_loss(self, losses: Any, **kwargs: Any) -> Any: ...
    def add_metric(self, value: Any, name: Any = ..., **kwargs: Any) -> Any: ...
    def add_update(self, updates: Any) -> Any: ...
    def add_variable(self, *args: Any, **kwargs: Any) -> Any: ...
    def add_weight(self, name: Any = ..., shape: Any = ..., dtype: Any = ..., initializer: Any = ..., regularizer: Any = ..., trainable: Any = ..., constraint: Any = ..., use_resource: Any = ..., synchronization: Any = ..., aggregation: Any = ..., **kwargs: Any) -> Any: ...
    def apply(self, inputs: Any, *args: Any, **kwargs: Any) -> Any: ...
    def build(self, input_shape: Any) -> Any: ...
    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any: ...
    compute_dtype: Any
    def compute_mask(self, inputs: Any, mask: Any = ...) -> Any: ...
    def compute_output_shape(self, input_shape: Any) -> Any: ...
    def compute_output_signature(self, input_signature: Any) -> Any: ...
    def count_params(self) -> Any: ...
    dtype: Any
    dtype_policy: Any
    dynamic: Any
    def finalize_state(self) -> Any: ...
    @classmethod
    def from_config(cls, config: Any) -> Any: ...
    def get_config(self) -> Any: ...
    def get_input_at(self, node_index: Any) -> Any: ...
    def get_input_mask_at(self, node_index: Any) -> Any: ...
    def get_input_shape_at(self, node_index: Any) -> Any: ...
    def get_output_at(self, node_index: Any) -> Any: ...
    def get_output_mask_at(self, node_index: Any) -> Any: ...
    def get_output_shape_at(self, node_index: Any) -> Any: ...
    def get_weights(self) -> Any: ...
    inbound_nodes: Any
    input: Any
    input_mask: Any
    input_shape: Any
    losses: Any
    metrics: Any
    name: Any
    def name_scope(self) -> Any: ...
    non_trainable_variables: Any
    non_trainable_weights: Any
    outbound_nodes: Any
    output: Any
    output_mask: Any
    output_shape: Any
    def set_weights(self, weights: Any) -> Any: ...
    submodules: Any
    trainable_variables: Any
    trainable_weights: Any
    updates: Any
    variable_dtype: Any
    variables: Any
    weights: Any
    @classmethod
    def with_name_scope(cls, method: Any) -> Any: ...

class LayerNormalization(Layer):
    """Each sample with mean 0 and variance 1 over the axes, scaled and shifted."""
    def __init__(self, axis: Any = ..., epsilon: Any = ..., center: Any = ..., scale: Any = ..., beta_initializer: Any = ..., gamma_initializer: Any = ..., beta_regularizer: Any = ..., gamma_regularizer: Any = ..., beta_constraint: Any = ..., gamma_constraint: Any = ..., **kwargs: Any) -> None: ...

class LeakyReLU(Layer):
    """x above 0, alpha x below."""
    def __init__(self, alpha: Any = ..., **kwargs: Any) -> None: ...

class LocallyConnected1D(Layer):
    """Windows of a sequence [batch, steps, channels], each with a kernel of its own: [batch, new steps, filters]."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., bias_constraint: Any = ..., implementation: Any = ..., **kwargs: Any) -> None: ...
    def build(self, input_shape: Any) -> Any: ...
    def call(self, inputs: Any) -> Any: ...
    def compute_output_shape(self, input_shape: Any) -> Any: ...
    def get_config(self) -> Any: ...

class LocallyConnected2D(Layer):
    """Windows of images [batch, rows, columns, channels], each with a kernel of its own: [batch, new rows, new columns, filters]."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., bias_constraint: Any = ..., implementation: Any = ..., **kwargs: Any) -> None: ...
    def build(self, input_shape: Any) -> Any: ...
    def call(self, inputs: Any) -> Any: ...
    def compute_output_shape(self, input_shape: Any) -> Any: ...
    def get_config(self) -> Any: ...

class Masking(Layer):
    """Masks steps whose features all equal mask_value."""
    def __init__(self, mask_value: Any = ..., **kwargs: Any) -> None: ...

class MaxPool1D(Layer):
    """The largest of each window of steps."""
    def __init__(self, pool_size: Any = ..., strides: Any = ..., padding: Any = ..., data_format: Any = ..., **kwargs: Any) -> None: ...

class MaxPool2D(Layer):
    """The largest of each window of an image."""
    def __init__(self, pool_size: Any = ..., strides: Any = ..., padding: Any = ..., data_format: Any = ..., **kwargs: Any) -> None: ...

class MaxPool3D(Layer):
    """The largest of each window of a volume."""
    def __init__(self, pool_size: Any = ..., strides: Any = ..., padding: Any = ..., data_format: Any = ..., **kwargs: Any) -> None: ...

class MaxPooling1D(Layer):
    """The largest of each window of steps."""
    def __init__(self, pool_size: Any = ..., strides: Any = ..., padding: Any = ..., data_format: Any = ..., **kwargs: Any) -> None: ...

class MaxPooling2D(Layer):
    """The largest of each window of an image."""
    def __init__(self, pool_size: Any = ..., strides: Any = ..., padding: Any = ..., data_format: Any = ..., **kwargs: Any) -> None: ...

class MaxPooling3D(Layer):
    """The largest of each window of a volume."""
    def __init__(self, pool_size: Any = ..., strides: Any = ..., padding: Any = ..., data_format: Any = ..., **kwargs: Any) -> None: ...

class Maximum(Layer):
    """The largest of the inputs."""
    def __init__(self, **kwargs: Any) -> None: ...

class Minimum(Layer):
    """The smallest of the inputs."""
    def __init__(self, **kwargs: Any) -> None: ...

class MultiHeadAttention(Layer):
    """Attention in several heads at once (Vaswani et al. 2017): call it with query, value and maybe key."""
    def __init__(self, num_heads: Any, key_dim: Any, value_dim: Any = ..., dropout: Any = ..., use_bias: Any = ..., output_shape: Any = ..., attention_axes: Any = ..., kernel_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., bias_constraint: Any = ..., **kwargs: Any) -> None: ...

class Multiply(Layer):
    """The product of the inputs."""
    def __init__(self, **kwargs: Any) -> None: ...

class Normalization(Preprocessing):
    """(x - mean) / sqrt(variance), of what adapt() saw or of given moments."""
    def __init__(self, axis: Any = ..., mean: Any = ..., variance: Any = ..., **kwargs: Any) -> None: ...

class PReLU(Layer):
    """x above 0, alpha x below, with an alpha that is learned."""
    def __init__(self, alpha_initializer: Any = ..., alpha_regularizer: Any = ..., alpha_constraint: Any = ..., shared_axes: Any = ..., **kwargs: Any) -> None: ...

class Permute(Layer):
    """Axes in another order; the first, 1, is the one after the batch."""
    def __init__(self, dims: Any, **kwargs: Any) -> None: ...

class Preprocessing(Layer):
    """A layer that learns from data before training."""
    def adapt(self, data: Any, batch_size: Any = ..., steps: Any = ...) -> Any: ...
    def finalize_state(self) -> Any: ...
    def reset_state(self) -> Any: ...
    def update_state(self, data: Any) -> Any: ...

class RNN(Recurrent):
    """Runs a cell over the steps of a sequence: [batch, steps, ...] -> its output."""
    def __init__(self, cell: Any, return_sequences: Any = ..., return_state: Any = ..., go_backwards: Any = ..., stateful: Any = ..., unroll: Any = ..., time_major: Any = ..., **kwargs: Any) -> None: ...

class RandomBrightness(Layer):
    """Images made brighter or darker at random while training."""
    def __init__(self, factor: Any, value_range: Any = ..., seed: Any = ..., **kwargs: Any) -> None: ...

class RandomContrast(Layer):
    """(x - mean) f + mean of each channel, with a random f, while training."""
    def __init__(self, factor: Any, seed: Any = ..., **kwargs: Any) -> None: ...

class RandomCrop(Layer):
    """A crop anywhere, one place for a batch."""
    def __init__(self, height: Any, width: Any, seed: Any = ..., **kwargs: Any) -> None: ...

class RandomFlip(Layer):
    """Images mirrored at random while training."""
    def __init__(self, mode: Any = ..., seed: Any = ..., **kwargs: Any) -> None: ...

class RandomHeight(Layer):
    """Images of a random height while training."""
    def __init__(self, factor: Any, interpolation: Any = ..., seed: Any = ..., **kwargs: Any) -> None: ...

class RandomRotation(Layer):
    """Images turned at random, by parts of a full turn, while training."""
    def __init__(self, factor: Any, fill_mode: Any = ..., interpolation: Any = ..., seed: Any = ..., fill_value: Any = ..., **kwargs: Any) -> None: ...

class RandomTranslation(Layer):
    """Images moved at random while training."""
    def __init__(self, height_factor: Any, width_factor: Any, fill_mode: Any = ..., interpolation: Any = ..., seed: Any = ..., fill_value: Any = ..., **kwargs: Any) -> None: ...

class RandomWidth(Layer):
    """Images of a random width while training."""
    def __init__(self, factor: Any, interpolation: Any = ..., seed: Any = ..., **kwargs: Any) -> None: ...

class RandomZoom(Layer):
    """Images zoomed at random while training."""
    def __init__(self, height_factor: Any, width_factor: Any = ..., fill_mode: Any = ..., interpolation: Any = ..., seed: Any = ..., fill_value: Any = ..., **kwargs: Any) -> None: ...

class ReLU(Layer):
    """max_value above it, x from threshold on, negative_slope (x - threshold) below."""
    def __init__(self, max_value: Any = ..., negative_slope: Any = ..., threshold: Any = ..., **kwargs: Any) -> None: ...

class Recurrent(Layer):
    """A cell over the steps of a sequence."""
    def __call__(self, inputs: Any, initial_state: Any = ..., constants: Any = ..., **kwargs: Any) -> Any: ...
    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any: ...
    cell: Any
    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = ...) -> Any: ...
    def get_initial_state(self, inputs: Any) -> Any: ...
    def reset_states(self, states: Any = ...) -> Any: ...
    states: Any

class RepeatVector(Layer):
    """[batch, n] -> [batch, times, n]."""
    def __init__(self, n: Any, **kwargs: Any) -> None: ...

class Rescaling(Layer):
    """x * scale + offset."""
    def __init__(self, scale: Any, offset: Any = ..., **kwargs: Any) -> None: ...

class Reshape(Layer):
    """[batch, ...] -> [batch, target_shape...]; one -1 takes what is left."""
    def __init__(self, target_shape: Any, **kwargs: Any) -> None: ...

class Resizing(Layer):
    """Images of another size."""
    def __init__(self, height: Any, width: Any, interpolation: Any = ..., crop_to_aspect_ratio: Any = ..., **kwargs: Any) -> None: ...

class SeparableConv1D(Layer):
    """A depthwise convolution of steps, then one of width 1 over channels."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., depth_multiplier: Any = ..., activation: Any = ..., use_bias: Any = ..., depthwise_initializer: Any = ..., pointwise_initializer: Any = ..., bias_initializer: Any = ..., depthwise_regularizer: Any = ..., pointwise_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., depthwise_constraint: Any = ..., pointwise_constraint: Any = ..., bias_constraint: Any = ..., groups: Any = ..., kernel_initializer: Any = ..., kernel_regularizer: Any = ..., kernel_constraint: Any = ..., **kwargs: Any) -> None: ...

class SeparableConv2D(Layer):
    """A depthwise convolution, then one of 1 x 1 over channels."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., depth_multiplier: Any = ..., activation: Any = ..., use_bias: Any = ..., depthwise_initializer: Any = ..., pointwise_initializer: Any = ..., bias_initializer: Any = ..., depthwise_regularizer: Any = ..., pointwise_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., depthwise_constraint: Any = ..., pointwise_constraint: Any = ..., bias_constraint: Any = ..., groups: Any = ..., kernel_initializer: Any = ..., kernel_regularizer: Any = ..., kernel_constraint: Any = ..., **kwargs: Any) -> None: ...

class SeparableConvolution1D(Layer):
    """A depthwise convolution of steps, then one of width 1 over channels."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., depth_multiplier: Any = ..., activation: Any = ..., use_bias: Any = ..., depthwise_initializer: Any = ..., pointwise_initializer: Any = ..., bias_initializer: Any = ..., depthwise_regularizer: Any = ..., pointwise_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., depthwise_constraint: Any = ..., pointwise_constraint: Any = ..., bias_constraint: Any = ..., groups: Any = ..., kernel_initializer: Any = ..., kernel_regularizer: Any = ..., kernel_constraint: Any = ..., **kwargs: Any) -> None: ...

class SeparableConvolution2D(Layer):
    """A depthwise convolution, then one of 1 x 1 over channels."""
    def __init__(self, filters: Any, kernel_size: Any, strides: Any = ..., padding: Any = ..., data_format: Any = ..., dilation_rate: Any = ..., depth_multiplier: Any = ..., activation: Any = ..., use_bias: Any = ..., depthwise_initializer: Any = ..., pointwise_initializer: Any = ..., bias_initializer: Any = ..., depthwise_regularizer: Any = ..., pointwise_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., depthwise_constraint: Any = ..., pointwise_constraint: Any = ..., bias_constraint: Any = ..., groups: Any = ..., kernel_initializer: Any = ..., kernel_regularizer: Any = ..., kernel_constraint: Any = ..., **kwargs: Any) -> None: ...

class Sequential(Layer):
    """Layers one after the other."""
    def __init__(self, layers: Any = ..., name: Any = ..., **kwargs: Any) -> None: ...

class SimpleRNN(RNN):
    """Each output goes into the next step: activation(x W + b + h U)."""
    def __init__(self, units: Any, activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., recurrent_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., recurrent_regularizer: Any = ..., bias_regularizer: Any = ..., activity_regularizer: Any = ..., kernel_constraint: Any = ..., recurrent_constraint: Any = ..., bias_constraint: Any = ..., dropout: Any = ..., recurrent_dropout: Any = ..., return_sequences: Any = ..., return_state: Any = ..., go_backwards: Any = ..., stateful: Any = ..., unroll: Any = ..., time_major: Any = ..., **kwargs: Any) -> None: ...

class SimpleRNNCell(Cell):
    """One step of SimpleRNN: activation(x W + b + h U)."""
    def __init__(self, units: Any, activation: Any = ..., use_bias: Any = ..., kernel_initializer: Any = ..., recurrent_initializer: Any = ..., bias_initializer: Any = ..., kernel_regularizer: Any = ..., recurrent_regularizer: Any = ..., bias_regularizer: Any = ..., kernel_constraint: Any = ..., recurrent_constraint: Any = ..., bias_constraint: Any = ..., dropout: Any = ..., recurrent_dropout: Any = ..., **kwargs: Any) -> None: ...

class SlicingOpLambda(TFOpLambda):
    """A subscript of a symbolic tensor, as a layer."""

class Softmax(Layer):
    """exp(x) over its sum along an axis."""
    def __init__(self, axis: Any = ..., **kwargs: Any) -> None: ...

class SpatialDropout1D(Layer):
    """Drops whole channels of steps while training."""
    def __init__(self, rate: Any, noise_shape: Any = ..., seed: Any = ..., **kwargs: Any) -> None: ...

class SpatialDropout2D(Layer):
    """Drops whole channels of images while training."""
    def __init__(self, rate: Any, data_format: Any = ..., noise_shape: Any = ..., seed: Any = ..., **kwargs: Any) -> None: ...

class SpatialDropout3D(Layer):
    """Drops whole channels of volumes while training."""
    def __init__(self, rate: Any, data_format: Any = ..., noise_shape: Any = ..., seed: Any = ..., **kwargs: Any) -> None: ...

class StackedRNNCells(Cell):
    """Several cells one after another, as one cell."""
    def __init__(self, cells: Any, **kwargs: Any) -> None: ...

class StringLookup(Vocabulary):
    """Strings -> their places in a vocabulary."""
    def __init__(self, max_tokens: Any = ..., num_oov_indices: Any = ..., mask_token: Any = ..., oov_token: Any = ..., vocabulary: Any = ..., idf_weights: Any = ..., encoding: Any = ..., invert: Any = ..., output_mode: Any = ..., sparse: Any = ..., pad_to_max_tokens: Any = ..., **kwargs: Any) -> None: ...

class Subtract(Layer):
    """The first input minus the second."""
    def __init__(self, **kwargs: Any) -> None: ...

class TFOpLambda(Layer):
    """A public function applied to symbolic tensors of a functional model."""
    def __init__(self, function: Any, **kwargs: Any) -> None: ...

class TextVectorization(Vocabulary):
    """Texts -> the places of their words in a vocabulary."""
    def __init__(self, max_tokens: Any = ..., standardize: Any = ..., split: Any = ..., ngrams: Any = ..., output_mode: Any = ..., output_sequence_length: Any = ..., pad_to_max_tokens: Any = ..., vocabulary: Any = ..., idf_weights: Any = ..., sparse: Any = ..., ragged: Any = ..., **kwargs: Any) -> None: ...

class ThresholdedReLU(Layer):
    """x above theta, 0 below."""
    def __init__(self, theta: Any = ..., **kwargs: Any) -> None: ...

class TimeDistributed(Wrapper):
    """A layer applied to each step: [batch, steps, ...]."""
    def __init__(self, layer: Any, **kwargs: Any) -> None: ...

class TwoWay(Wrapper):
    """A recurrent layer over the steps and once more over the steps backwards."""
    def __call__(self, inputs: Any, initial_state: Any = ..., constants: Any = ..., **kwargs: Any) -> Any: ...
    backward_layer: Any
    forward_layer: Any
    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = ...) -> Any: ...
    layer: Any
    def reset_states(self) -> Any: ...
    return_sequences: Any
    return_state: Any

class UnitNormalization(Layer):
    """Each sample divided by its Euclidean norm over the axes."""
    def __init__(self, axis: Any = ..., **kwargs: Any) -> None: ...

class UpSampling1D(Layer):
    """Repeats each step."""
    def __init__(self, size: Any = ..., **kwargs: Any) -> None: ...

class UpSampling2D(Layer):
    """Repeats rows and columns of images."""
    def __init__(self, size: Any = ..., data_format: Any = ..., interpolation: Any = ..., **kwargs: Any) -> None: ...

class UpSampling3D(Layer):
    """Repeats places of volumes."""
    def __init__(self, size: Any = ..., data_format: Any = ..., **kwargs: Any) -> None: ...

class Vocabulary(Preprocessing):
    """A layer that knows terms by their places in a vocabulary."""
    def get_vocabulary(self, include_special_tokens: Any = ...) -> Any: ...
    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = ...) -> Any: ...
    def vocabulary_size(self) -> Any: ...

class Wrapper(Layer):
    """A layer around another one, `layer`. A class derived from it hands that to `super().__init__(layer)`."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def build(self, input_shape: Any = ...) -> Any: ...
    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = ...) -> Any: ...
    def get_config(self) -> Any: ...
    layer: Any

class ZeroPadding1D(Layer):
    """Zeros before and after the steps."""
    def __init__(self, padding: Any = ..., **kwargs: Any) -> None: ...

class ZeroPadding2D(Layer):
    """Zeros around images."""
    def __init__(self, padding: Any = ..., data_format: Any = ..., **kwargs: Any) -> None: ...

class ZeroPadding3D(Layer):
    """Zeros around volumes."""
    def __init__(self, padding: Any = ..., data_format: Any = ..., **kwargs: Any) -> None: ...

def add(inputs: Any, *args: Any, **kwargs: Any) -> Any:
    """Add of a list of tensors, as the layer Add."""

def average(inputs: Any, *args: Any, **kwargs: Any) -> Any:
    """Average of a list of tensors, as the layer Average."""

def concatenate(inputs: Any, *args: Any, **kwargs: Any) -> Any:
    """Concatenate of a list of tensors, as the layer Concatenate."""

def deserialize(config: Any, custom_objects: Any = ...) -> Any:
    """A layer or model from {"class_name", "config"}. Raises ValueError for an unknown class, and for what is no such dict."""

def dot(inputs: Any, *args: Any, **kwargs: Any) -> Any:
    """Dot of a list of tensors, as the layer Dot."""

def maximum(inputs: Any, *args: Any, **kwargs: Any) -> Any:
    """Maximum of a list of tensors, as the layer Maximum."""

def minimum(inputs: Any, *args: Any, **kwargs: Any) -> Any:
    """Minimum of a list of tensors, as the layer Minimum."""

def multiply(inputs: Any, *args: Any, **kwargs: Any) -> Any:
    """Multiply of a list of tensors, as the layer Multiply."""

def serialize(layer: Any) -> Any: ...

def subtract(inputs: Any, *args: Any, **kwargs: Any) -> Any:
    """Subtract of a list of tensors, as the layer Subtract."""
