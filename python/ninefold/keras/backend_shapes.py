# In: tensors. Out: those functions of tf.keras.backend that move, repeat, pad and multiply with Keras' words.
import importlib

import numpy as np

tf = importlib.import_module(__package__.rpartition(".")[0])


def checked_format(data_format):
    """"channels_last" where none is given; ValueError for anything that is no format."""
    if data_format is None:
        return "channels_last"
    if data_format not in ("channels_last", "channels_first"):
        raise ValueError("Unknown data_format: " + str(data_format))
    return data_format


def arange(start, stop=None, step=1, dtype="int32"):
    """start, start + step, ... below stop; from 0 to start without a stop."""
    if stop is None and start < 0:
        start = 0
    made = tf.range(start, limit=stop, delta=step)
    return made if dtype == "int32" else tf.cast(made, dtype)


def repeat(x, n):
    """[rows, features] -> [rows, n, features]."""
    if x.shape.rank != 2:
        raise AssertionError("repeat: expected a tensor of rank 2, got shape {}".format(x.shape))
    return tf.tile(tf.expand_dims(x, 1), tf.stack([1, n, 1]))


def repeat_elements(x, rep, axis):
    """Each slice along an axis `rep` times, one behind the other."""
    return tf.repeat(x, rep, axis)


def reverse(x, axes):
    return tf.reverse(x, [axes] if isinstance(axes, int) else axes)


def temporal_padding(x, padding=(1, 1)):
    """Zeros before and after the middle dimension."""
    if len(padding) != 2:
        raise AssertionError("temporal_padding: expected two sizes, got {}".format(padding))
    return tf.pad(x, [[0, 0], list(padding), [0, 0]])


def _spatial(x, padding, data_format):
    pads = [list(p) for p in padding]
    return tf.pad(x, [[0, 0], [0, 0]] + pads if checked_format(data_format) == "channels_first" else [[0, 0]] + pads + [[0, 0]])


def spatial_2d_padding(x, padding=((1, 1), (1, 1)), data_format=None):
    """Zeros around images."""
    if len(padding) != 2 or any(len(p) != 2 for p in padding):
        raise AssertionError("spatial_2d_padding: expected two pairs of sizes, got {}".format(padding))
    return _spatial(x, padding, data_format)


def spatial_3d_padding(x, padding=((1, 1), (1, 1), (1, 1)), data_format=None):
    """Zeros around volumes."""
    if len(padding) != 3 or any(len(p) != 2 for p in padding):
        raise AssertionError("spatial_3d_padding: expected three pairs of sizes, got {}".format(padding))
    return _spatial(x, padding, data_format)


def resize_images(x, height_factor, width_factor, data_format, interpolation="nearest"):
    """Images larger by whole factors. interpolation: "nearest", "bilinear", "area", "bicubic", "gaussian", "lanczos3", ..."""
    first = data_format == "channels_first"
    if data_format not in ("channels_first", "channels_last"):
        raise ValueError("Invalid `data_format` argument: {}".format(data_format))
    known = ("area", "bicubic", "bilinear", "gaussian", "lanczos3", "lanczos5", "mitchellcubic", "nearest")
    if interpolation not in known:
        raise ValueError("`interpolation` argument should be one of: {}. Received: \"{}\".".format(
            ", ".join('"{}"'.format(name) for name in known), interpolation))
    rows, cols = (2, 3) if first else (1, 2)
    size = tf.stack([tf.shape(x)[rows] * int(height_factor), tf.shape(x)[cols] * int(width_factor)])
    if first:
        x = tf.transpose(x, [0, 2, 3, 1])
    x = tf.image.resize(x, size, method=interpolation)
    return tf.transpose(x, [0, 3, 1, 2]) if first else x


def resize_volumes(x, depth_factor, height_factor, width_factor, data_format):
    """Volumes larger by whole factors, each element repeated."""
    if data_format not in ("channels_first", "channels_last"):
        raise ValueError("Invalid data_format: " + str(data_format))
    begin = 2 if data_format == "channels_first" else 1
    for axis, factor in enumerate((depth_factor, height_factor, width_factor)):
        x = tf.repeat(x, factor, begin + axis)
    return x


def dot(x, y):
    """The product over the last dimension of x and the last but one of y, as numpy.dot has it."""
    ranks = x.shape.rank, y.shape.rank
    if None in ranks or max(ranks) <= 2 or isinstance(x, tf.SparseTensor):
        return tf.sparse.sparse_dense_matmul(x, y) if isinstance(x, tf.SparseTensor) else tf.matmul(x, y)
    return tf.tensordot(x, y, [[ranks[0] - 1], [max(ranks[1] - 2, 0)]])


def batch_dot(x, y, axes=None):
    """The product of each sample's tensors over an axis of each: axes, one for both or a pair."""
    ranks = [len(t.shape) for t in (x, y)]
    shapes = [tuple(t.shape) for t in (x, y)]
    if min(ranks) < 2:
        raise ValueError("Cannot do batch_dot on inputs with rank < 2. Received inputs with shapes {} and {}.".format(*shapes))
    if shapes[0][0] is not None and shapes[1][0] is not None and shapes[0][0] != shapes[1][0]:
        raise ValueError("Cannot do batch_dot on inputs with different batch sizes. Received inputs with shapes {} and "
                         "{}.".format(*shapes))
    if isinstance(axes, int):
        axes = [axes, axes]
    if axes is None:
        axes = [ranks[0] - 1, 1 if ranks[1] == 2 else ranks[1] - 2]
    if any(isinstance(a, (list, tuple)) for a in axes):
        raise ValueError("Multiple target dimensions are not supported. Expected: None, int, (int, int), Provided: {}".format(axes))
    axes = [a + rank if a < 0 else a for a, rank in zip(axes, ranks)]
    if 0 in axes:
        raise ValueError("Cannot perform batch_dot over axis 0. If your inputs are not batched, add a dummy batch dimension to "
                         "your inputs using K.expand_dims(x, 0)")
    sizes = [shape[a] for shape, a in zip(shapes, axes)]
    if None not in sizes and sizes[0] != sizes[1]:
        raise ValueError("Cannot do batch_dot on inputs with shapes {} and {} with axes={}. x.shape[{}] != y.shape[{}] ({} != "
                         "{}).".format(*shapes, axes, *axes, *sizes))

    def letters(rank, axis, start):
        return "b" + "".join("z" if i == axis else chr(start + i) for i in range(1, rank))
    left, right = letters(ranks[0], axes[0], ord("c")), letters(ranks[1], axes[1], ord("m"))
    out = "b" + left[1:].replace("z", "") + right[1:].replace("z", "")
    product = tf.einsum("{},{}->{}".format(left, right, out), x, y)
    return tf.expand_dims(product, -1) if len(out) == 1 else product


def is_sparse(tensor):
    return isinstance(tensor, tf.SparseTensor) or getattr(getattr(tensor, "type_spec", None), "value_type", None) is tf.SparseTensor


def to_dense(tensor):
    """A sparse tensor with its zeros; any other as it is."""
    return tf.sparse.to_dense(tensor) if is_sparse(tensor) else tensor


def print_tensor(x, message="", summarize=3):
    """x, whose value is printed to the standard output when it is computed."""
    if hasattr(x, "dtype"):
        import sys
        tf.print(message, x, output_stream=sys.stdout, summarize=summarize)
        return x
    print(message, x)
    return None


def map_fn(fn, elems, name=None, dtype=None):
    return tf.map_fn(fn, elems, dtype=dtype)


def foldl(fn, elems, initializer=None, name=None):
    return tf.foldl(fn, elems, initializer=initializer)


def foldr(fn, elems, initializer=None, name=None):
    return tf.foldr(fn, elems, initializer=initializer)


def in_top_k(predictions, targets, k):
    """Whether each target is among its row's k highest predictions."""
    return tf.math.in_top_k(targets, predictions, k)


def random_uniform_variable(shape, low, high, dtype=None, name=None, seed=None):
    """A variable of uniform draws."""
    from . import backend
    return backend.variable(backend.random_uniform(shape, low, high, dtype, seed), dtype, name)


def random_normal_variable(shape, mean, scale, dtype=None, name=None, seed=None):
    """A variable of draws of a normal distribution."""
    from . import backend
    return backend.variable(backend.random_normal(shape, mean, scale, dtype, seed), dtype, name)


def random_binomial(shape, p=0.0, dtype=None, seed=None):
    """The older name of random_bernoulli."""
    from . import backend
    return backend.random_bernoulli(shape, p, dtype, seed)


def dropout(x, level, noise_shape=None, seed=None):
    """x without a random share `level` of its elements, the rest larger by 1 / (1 - level)."""
    if seed is None:
        seed = np.random.randint(10000000)
    return tf.nn.dropout(x, rate=level, noise_shape=noise_shape, seed=seed)
