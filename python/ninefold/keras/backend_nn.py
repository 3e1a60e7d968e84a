# In: tensors. Out: those functions of tf.keras.backend that layers compute with: convolutions, pooling, normalization, loops
# over time.
import importlib
import itertools

from .backend_shapes import checked_format

tf = importlib.import_module(__package__.rpartition(".")[0])
_FORMATS = {1: ("NWC", "NCW"), 2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}


def _words(padding, data_format, rank, causal=False):
    """TensorFlow's words for Keras'."""
    if padding not in ("same", "valid") and not (causal and padding == "causal"):
        raise ValueError("Invalid padding: " + str(padding))
    return padding.upper(), _FORMATS[rank][checked_format(data_format) == "channels_first"]


def conv1d(x, kernel, strides=1, padding="valid", data_format=None, dilation_rate=1):
    """Steps [batch, steps, n] with a kernel [width, n, filters]; padding "causal" looks back only."""
    if padding == "causal":
        left = dilation_rate * (kernel.shape[0] - 1)
        pads = [[0, 0], [left, 0], [0, 0]] if checked_format(data_format) == "channels_last" else [[0, 0], [0, 0], [left, 0]]
        x, padding = tf.pad(x, pads), "valid"
    padding, words = _words(padding, data_format, 1)
    return tf.nn.convolution(x, kernel, strides=strides, padding=padding, data_format=words, dilations=dilation_rate)


def conv2d(x, kernel, strides=(1, 1), padding="valid", data_format=None, dilation_rate=(1, 1)):
    """Images [batch, h, w, n] with a kernel [h, w, n, filters]."""
    padding, words = _words(padding, data_format, 2)
    return tf.nn.convolution(x, kernel, strides=strides, padding=padding, data_format=words, dilations=dilation_rate)


def conv3d(x, kernel, strides=(1, 1, 1), padding="valid", data_format=None, dilation_rate=(1, 1, 1)):
    padding, words = _words(padding, data_format, 3)
    return tf.nn.convolution(x, kernel, strides=strides, padding=padding, data_format=words, dilations=dilation_rate)


def conv2d_transpose(x, kernel, output_shape, strides=(1, 1), padding="valid", data_format=None, dilation_rate=(1, 1)):
    """The gradient of a convolution that gives x; kernel: [h, w, filters, n]."""
    padding, words = _words(padding, data_format, 2)
    shape = list(output_shape) if isinstance(output_shape, (tuple, list)) else output_shape
    if isinstance(shape, list) and shape[0] is None:
        shape = tf.stack([tf.shape(x)[0]] + shape[1:])
    return tf.nn.conv2d_transpose(x, kernel, shape, strides, padding=padding, data_format=words, dilations=dilation_rate)


def _four(sizes, words):
    return (1, 1) + tuple(sizes) if words == "NCHW" else (1,) + tuple(sizes) + (1,)


def depthwise_conv2d(x, depthwise_kernel, strides=(1, 1), padding="valid", data_format=None, dilation_rate=(1, 1)):
    padding, words = _words(padding, data_format, 2)
    return tf.nn.depthwise_conv2d(x, depthwise_kernel, _four(strides, words), padding=padding, data_format=words,
                                  dilations=dilation_rate)


def separable_conv2d(x, depthwise_kernel, pointwise_kernel, strides=(1, 1), padding="valid", data_format=None,
                     dilation_rate=(1, 1)):
    padding, words = _words(padding, data_format, 2)
    if not isinstance(strides, tuple):
        strides = tuple(strides)
    return tf.nn.separable_conv2d(x, depthwise_kernel, pointwise_kernel, _four(strides, words), padding=padding,
                                  data_format=words, dilations=dilation_rate)


def _pooled(x, pool_size, strides, padding, data_format, pool_mode, rank):
    padding, words = _words(padding, data_format, rank)
    if pool_mode not in ("max", "avg"):
        raise ValueError("Invalid pooling mode: " + str(pool_mode))
    return tf.nn.pool(x, pool_size, pool_mode.upper(), strides=strides, padding=padding, data_format=words)


def pool2d(x, pool_size, strides=(1, 1), padding="valid", data_format=None, pool_mode="max"):
    """pool_mode: "max" or "avg"."""
    for name, value in (("pool_size", pool_size), ("strides", strides)):
        if len(value) != 2:
            raise ValueError("`{}` must be a tuple of 2 integers.".format(name))
    return _pooled(x, pool_size, strides, padding, data_format, pool_mode, 2)


def pool3d(x, pool_size, strides=(1, 1, 1), padding="valid", data_format=None, pool_mode="max"):
    return _pooled(x, pool_size, strides, padding, data_format, pool_mode, 3)


def local_conv(inputs, kernel, kernel_size, strides, output_shape, data_format=None):
    """A convolution whose every place has a kernel of its own: [places, kernel's elements, filters]."""
    first = checked_format(data_format) == "channels_first"
    filters, rank = kernel.shape[-1], len(output_shape)
    places = []
    for at in itertools.product(*[range(n) for n in output_shape]):
        window = tuple(slice(i * s, i * s + k) for i, s, k in zip(at, strides, kernel_size))
        part = inputs[(slice(None), slice(None)) + window] if first else inputs[(slice(None),) + window + (slice(None),)]
        places.append(tf.reshape(part, [1, -1, kernel.shape[1]]))
    out = tf.matmul(tf.concat(places, axis=0), kernel)
    out = tf.reshape(out, list(output_shape) + [-1, filters])
    order = [rank, rank + 1] + list(range(rank)) if first else [rank] + list(range(rank)) + [rank + 1]
    return tf.transpose(out, order)


def local_conv1d(inputs, kernel, kernel_size, strides, data_format=None):
    return local_conv(inputs, kernel, kernel_size, strides, (kernel.shape[0],), data_format)


def local_conv2d(inputs, kernel, kernel_size, strides, output_shape, data_format=None):
    return local_conv(inputs, kernel, kernel_size, strides, output_shape, data_format)


def bias_add(x, bias, data_format=None):
    """bias: one value a channel, or one an element of a sample."""
    first = checked_format(data_format) == "channels_first"
    rank, own = len(x.shape), len(bias.shape)
    if own not in (1, rank - 1):
        raise ValueError("Unexpected bias dimensions {}, expect to be 1 or {} dimensions".format(own, rank - 1))
    if own == 1:
        return tf.nn.bias_add(x, bias, data_format="NCHW" if first else "NHWC")
    shape = list(bias.shape)
    return x + tf.reshape(bias, [1] + (shape[-1:] + shape[:-1] if first else shape))


def batch_normalization(x, mean, var, beta, gamma, axis=-1, epsilon=1e-3):
    """(x - mean) gamma / sqrt(var + epsilon) + beta, each one a feature or as they broadcast."""
    return tf.nn.batch_normalization(x, mean, var, beta, gamma, epsilon)


def normalize_batch_in_training(x, gamma, beta, reduction_axes, epsilon=1e-3):
    """(normalized x, mean, variance), with the moments of this batch."""
    axes = list(reduction_axes)
    mean, var = tf.nn.moments(x, axes)
    if sorted(axes) == list(range(x.shape.rank))[:-1]:
        return tf.nn.batch_normalization(x, mean, var, beta, gamma, epsilon), mean, var
    shape = tf.stack([1 if axis in axes else tf.shape(x)[axis] for axis in range(x.shape.rank)])
    wide = [None if t is None else tf.reshape(t, shape) for t in (mean, var, beta, gamma)]
    return tf.nn.batch_normalization(x, *wide, epsilon), mean, var


def hard_sigmoid(x):
    """0.2 x + 0.5 within [0, 1]."""
    return tf.clip_by_value(x * tf.cast(0.2, x.dtype) + tf.cast(0.5, x.dtype), 0.0, 1.0)


def relu(x, alpha=0.0, max_value=None, threshold=0.0):
    """x above `threshold`, at most max_value; alpha (x - threshold) below."""
    from . import activations
    return activations.relu(x, alpha=alpha, max_value=max_value, threshold=threshold)


def elu(x, alpha=1.0):
    from . import activations
    return activations.elu(x, alpha)


def moving_average_update(x, value, momentum):
    """x becomes momentum x + (1 - momentum) value."""
    return x.assign_sub((x - tf.cast(value, x.dtype)) * tf.cast(1.0 - momentum, x.dtype))


def rnn(step_function, inputs, initial_states, go_backwards=False, mask=None, constants=None, unroll=False, input_length=None,
        time_major=False, zero_output_for_mask=False, return_all_outputs=True):
    """(last output, all outputs, last states) of step_function(input, states) -> (output, states) over the time steps.

    inputs: a nest of tensors [batch, time, ...], or [time, batch, ...] if time_major. Where `mask` [batch, time] is False the
    states stay, and the output is that of the step before, or zeros with zero_output_for_mask.
    """
    nest = tf.nest
    steps = nest.map_structure(lambda t: t if time_major else _swapped(t), inputs)
    first = nest.flatten(steps)[0]
    length = first.shape[0]
    constants = list(constants or ())
    if mask is not None:
        mask = tf.cast(mask, tf.bool)
        if len(mask.shape) == 2:
            mask = tf.expand_dims(mask, -1)
        if not time_major:
            mask = _swapped(mask)
        if go_backwards:
            mask = tf.reverse(mask, [0])
    if go_backwards:
        steps = nest.map_structure(lambda t: tf.reverse(t, [0]), steps)
    if unroll and not length:
        raise ValueError("Unrolling requires a fixed number of timesteps.")

    def one(at, states, before):
        output, after = step_function(nest.map_structure(lambda t: t[at], steps), list(states) + constants)
        if mask is None:
            return output, after
        held = mask[at]
        kept = nest.map_structure(tf.zeros_like, output) if before is None or zero_output_for_mask else before
        return (nest.map_structure(lambda new, old: _chosen(held, new, old), output, kept),
                nest.map_structure(lambda new, old: _chosen(held, new, old), after, list(states)))

    def spread(t):
        return t if time_major else _swapped(t)
    states = list(initial_states)
    if unroll or length is not None and tf.executing_eagerly():
        output, all_outputs = None, []
        for at in range(length):
            output, states = one(at, states, output)
            all_outputs.append(output)
        stacked = nest.map_structure(lambda *each: spread(tf.stack(each)), *(all_outputs if return_all_outputs else [output]))
        return output, stacked, states
    count = tf.shape(first)[0]
    form = one(0, states, None)[0]     # only what it looks like counts
    arrays = [tf.TensorArray(t.dtype, count if return_all_outputs else 1, element_shape=t.shape) for t in nest.flatten(form)]
    last = nest.flatten(nest.map_structure(tf.zeros_like, form))

    def body(at, arrays, last, states):
        output, states = one(at, states, nest.pack_sequence_as(form, last))
        flat = nest.flatten(output)
        return at + 1, [a.write(at if return_all_outputs else 0, t) for a, t in zip(arrays, flat)], flat, list(states)
    _, arrays, last, states = tf.while_loop(lambda at, *_: at < count, body, [0, arrays, last, states])
    outputs = nest.pack_sequence_as(form, [spread(a.stack()) for a in arrays])
    return nest.pack_sequence_as(form, last), outputs, states


def _swapped(t):
    return tf.transpose(t, [1, 0] + list(range(2, len(t.shape))))


def _chosen(mask, new, old):
    while len(mask.shape) < len(new.shape):
        mask = tf.expand_dims(mask, -1)
    while len(mask.shape) > len(new.shape):
        mask = tf.squeeze(mask, -1)
    return tf.where(mask, new, old)


def _focal(target, output, gamma, from_logits):
    if from_logits:
        output = tf.sigmoid(output)
    return tf.pow(1.0 - (target * output + (1 - target) * (1 - output)), gamma)


def binary_focal_crossentropy(target, output, gamma=2.0, from_logits=False):
    """binary_crossentropy, element by element, times (1 - the target's probability) ** gamma."""
    from . import backend
    if not from_logits:
        output = tf.clip_by_value(output, backend.epsilon(), 1.0 - backend.epsilon())
    return _focal(target, output, gamma, from_logits) * backend.binary_crossentropy(target, output, from_logits=from_logits)


def binary_weighted_focal_crossentropy(target, output, alpha=0.25, gamma=2.0, from_logits=False):
    """binary_focal_crossentropy times alpha for the target 1, times 1 - alpha for 0."""
    return (target * alpha + (1 - target) * (1 - alpha)) * binary_focal_crossentropy(target, output, gamma, from_logits)
