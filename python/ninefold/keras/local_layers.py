# In: windows of a sequence or of an image. Out: LocallyConnected1D and 2D: convolutions whose every place has a kernel of its own.
import itertools

import numpy as np

from . import activations, constraints, initializers, regularizers
from .layer import Layer


def _numbers(value, rank, name):
    """`rank` positive integers. Raises ValueError for anything else."""
    said = f"The `{name}` argument must be a tuple of {rank} integers. Received: {value}"
    try:
        found = (value,) * rank if isinstance(value, int) else tuple(value)
        whole = all(isinstance(v, (int, np.integer)) for v in found)
    except TypeError:
        raise ValueError(said) from None
    if len(found) != rank or not whole:
        raise ValueError(said)
    wrong = {v for v in found if v <= 0}
    if wrong:
        raise ValueError(f"{said} including {wrong} that does not satisfy the requirement `> 0`.")
    return tuple(int(v) for v in found)


class LocallyConnected(Layer):
    """What the layers of one and of two dimensions share.

    implementation 1 multiplies windows with a kernel a place; 2 the whole input with a masked matrix; 3 with a sparse one.
    """

    _rank = 0

    def __init__(self, filters, kernel_size, strides=1, padding="valid", data_format=None, activation=None, use_bias=True,
                 kernel_initializer="glorot_uniform", bias_initializer="zeros", kernel_regularizer=None, bias_regularizer=None,
                 activity_regularizer=None, kernel_constraint=None, bias_constraint=None, implementation=1, **kwargs):
        from . import backend
        from .layers import InputSpec
        super().__init__(activity_regularizer=regularizers.get(activity_regularizer), **kwargs)
        self.filters = filters
        self.kernel_size = _numbers(kernel_size, self._rank, "kernel_size")
        self.strides = _numbers(strides, self._rank, "strides")
        self.padding = padding.lower() if isinstance(padding, str) else padding
        if self.padding not in ("valid", "same", "causal"):
            raise ValueError("The `padding` argument must be a list/tuple or one of \"valid\", \"same\" (or \"causal\", only for `Conv1D). "
                             f"Received: {padding}")
        if self.padding != "valid" and implementation == 1:
            raise ValueError(f'Invalid border mode for {type(self).__name__} (only "valid" is supported if implementation is 1): '
                             f"{padding}")
        self.data_format = backend.image_data_format() if data_format is None else data_format.lower()
        if self.data_format not in ("channels_first", "channels_last"):
            raise ValueError("The `data_format` argument must be one of \"channels_first\", \"channels_last\". "
                             f"Received: {data_format}")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.implementation = implementation
        self.input_spec = InputSpec(ndim=self._rank + 2)

    @property
    def _first(self):
        return self.data_format == "channels_first"

    def _lengths(self, sides):
        if self.padding == "causal":
            raise NotImplementedError('Padding type causal not supported. Only "valid" and "same" are implemented.')
        taken = [side - k + 1 if self.padding == "valid" else side for side, k in zip(sides, self.kernel_size)]
        return tuple(-(-n // stride) for n, stride in zip(taken, self.strides))

    def _split(self, shape):
        """(sides, channels) of an input's shape without its batch."""
        return (tuple(shape[1:]), shape[0]) if self._first else (tuple(shape[:-1]), shape[-1])

    def _joined(self, places, channels):
        return (channels,) + tuple(places) if self._first else tuple(places) + (channels,)

    def build(self, input_shape):
        from .layers import InputSpec
        input_shape = tuple(input_shape)
        sides, channels = self._split(input_shape[1:])
        self._check(input_shape, sides, channels)
        self._given, self._places = input_shape[1:], self._lengths(sides)
        if any(n <= 0 for n in self._places):
            raise ValueError(f"One of the dimensions in the output is <= 0 due to downsampling in {self.name}. Consider increasing the "
                             f"input size. Received input shape {input_shape} which would produce output shape with a zero or "
                             "negative value in a dimension.")
        made = self._joined(self._places, self.filters)
        if self.implementation == 1:
            shape = (int(np.prod(self._places)), int(np.prod(self.kernel_size)) * channels, self.filters)
        elif self.implementation == 2:
            shape = tuple(self._given) + made
        elif self.implementation == 3:
            self._pairs = self._connected(sides, channels)
            shape = (len(self._pairs),)
        else:
            raise ValueError(f"Unrecognized implementation mode: {self.implementation}.")
        self.kernel = self.add_weight(shape=shape, initializer=self.kernel_initializer, name="kernel", regularizer=self.kernel_regularizer,
                                      constraint=self.kernel_constraint)
        self.bias = self.add_weight(shape=self._places + (self.filters,), initializer=self.bias_initializer, name="bias",
                                    regularizer=self.bias_regularizer, constraint=self.bias_constraint) if self.use_bias else None
        self.input_spec = InputSpec(ndim=self._rank + 2, axes={1 if self._first else -1: channels})
        super().build(input_shape)

    def _windows(self, sides):
        """For every place what it sees: one range a dimension."""
        ranges = []
        for place, side, k, stride in zip(self._places, sides, self.kernel_size, self.strides):
            before = k // 2 if self.padding == "same" else 0
            ranges.append([range(max(0, i * stride - before), min(side, i * stride - before + k)) for i in range(place)])
        return itertools.product(*ranges)

    def _numbered(self, shape, places, channels):
        """Where [places, channels] lie in what is laid out flat, as a table of that shape."""
        places = np.ravel_multi_index(np.array(list(places)).T.reshape(len(shape) - 1, -1), self._split(shape)[0])
        count = int(np.prod(self._split(shape)[0]))
        return places[:, None] + np.arange(channels) * count if self._first else places[:, None] * channels + np.arange(channels)

    def _seen(self, sides, channels):
        """A table [places, elements of a kernel] of where windows lie in the flat input."""
        rows = []
        for window in self._windows(sides):
            table = self._numbered(self._given, itertools.product(*window), channels)
            rows.append((table.T if self._first else table).ravel())
        return rows

    def _connected(self, sides, channels):
        """The sorted pairs (place and filter in the flat output, element of the flat input) that a kernel's elements join."""
        made = self._joined(self._places, self.filters)
        outs = self._numbered(made, itertools.product(*map(range, self._places)), self.filters)
        pairs = [(out, at) for row, seen in zip(outs, self._seen(sides, channels)) for out in row for at in seen]
        return np.array(sorted(pairs), "int64").reshape(-1, 2)

    def call(self, inputs):
        import ninefold as tf
        sides, channels = self._split(self._given)
        made = self._joined(self._places, self.filters)
        total_in, total_out = int(np.prod(self._given)), int(np.prod(made))
        flat = tf.reshape(inputs, (-1, total_in))
        if self.implementation == 1:
            windows = tf.gather(flat, np.stack(self._seen(sides, channels)), axis=1)
            found = tf.matmul(tf.transpose(windows, (1, 0, 2)), self.kernel)
            found = tf.transpose(found, (1, 2, 0) if self._first else (1, 0, 2))
        elif self.implementation == 2:
            mask = np.zeros((total_out, total_in), "float32")
            pairs = self._connected(sides, channels)
            mask[pairs[:, 0], pairs[:, 1]] = 1
            kernel = tf.reshape(self.kernel, (total_in, total_out)) * tf.constant(mask.T, self.kernel.dtype)
            found = tf.matmul(flat, kernel)
        else:
            kernel = tf.SparseTensor(self._pairs, self.kernel, (total_out, total_in))
            found = tf.transpose(tf.sparse.sparse_dense_matmul(kernel, flat, adjoint_b=True))
        found = tf.reshape(found, (-1,) + made)
        if self.use_bias:
            from . import backend
            found = backend.bias_add(found, self.bias, data_format=self.data_format)
        return found if self.activation is None else self.activation(found)

    def compute_output_shape(self, input_shape):
        from .. import TensorShape
        shape = tuple(input_shape)
        return TensorShape((shape[0],) + self._joined(self._lengths(self._split(shape[1:])[0]), self.filters))

    def get_config(self):
        told = {
            "filters": self.filters, "kernel_size": self.kernel_size, "strides": self.strides, "padding": self.padding,
            "data_format": self.data_format, "activation": activations.serialize(self.activation), "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer) if self.kernel_regularizer else None,
            "bias_regularizer": regularizers.serialize(self.bias_regularizer) if self.bias_regularizer else None,
            "activity_regularizer": regularizers.serialize(self.activity_regularizer) if self.activity_regularizer else None,
            "kernel_constraint": constraints.serialize(self.kernel_constraint) if self.kernel_constraint else None,
            "bias_constraint": constraints.serialize(self.bias_constraint) if self.bias_constraint else None,
            "implementation": self.implementation}
        return {**super().get_config(), **told}


class LocallyConnected1D(LocallyConnected):
    """Windows of a sequence [batch, steps, channels], each with a kernel of its own: [batch, new steps, filters]."""

    _rank = 1

    def _check(self, shape, sides, channels):
        if channels is None:
            raise ValueError("Axis 2 of input should be fully-defined. Found shape:", shape)
        if None in sides:
            raise ValueError("The length of the inputs to a LocallyConnected1D layer should be fully-defined, but layer received the "
                             f"inputs shape {shape}")


class LocallyConnected2D(LocallyConnected):
    """Windows of images [batch, rows, columns, channels], each with a kernel of its own: [batch, new rows, new columns, filters]."""

    _rank = 2

    def __init__(self, filters, kernel_size, strides=(1, 1), padding="valid", data_format=None, activation=None, use_bias=True,
                 kernel_initializer="glorot_uniform", bias_initializer="zeros", kernel_regularizer=None, bias_regularizer=None,
                 activity_regularizer=None, kernel_constraint=None, bias_constraint=None, implementation=1, **kwargs):
        super().__init__(filters, kernel_size, strides, padding, data_format, activation, use_bias, kernel_initializer, bias_initializer,
                         kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint, implementation,
                         **kwargs)

    def _check(self, shape, sides, channels):
        if None in sides:
            raise ValueError("The spatial dimensions of the inputs to  a LocallyConnected2D layer should be fully-defined, but layer "
                             f"received the inputs shape {shape}")
        if channels is None:
            raise ValueError("The channel dimension of the inputs to a LocallyConnected2D layer should be fully-defined, but layer "
                             f"received the inputs shape {shape}")
