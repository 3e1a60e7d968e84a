# In: tensors. Out: tf.keras.backend: settings of the process, and the engine's functions by older names.
import contextlib
import importlib

from .._core import keras as core
from . import shell
from .symbolic import is_symbolic as is_keras_tensor  # noqa: F401


_settings = {"manual_variable_initialization": False}


def backend():
    return "tensorflow"


def floatx():
    return core.floatx()


def set_floatx(value):
    if value not in ("float16", "float32", "float64"):
        raise ValueError("Unknown `floatx` value: {}. Expected one of {}".format(
            value, {"float16", "float32", "float64"}))
    core.set_floatx(value)


def epsilon():
    return core.epsilon()


def set_epsilon(value):
    core.set_epsilon(float(value))


def image_data_format():
    return "channels_last"


def set_image_data_format(data_format):
    if data_format not in ("channels_last", "channels_first"):
        raise ValueError("Unknown `data_format`: {}. Expected one of {}".format(
            data_format, {"channels_last", "channels_first"}))
    if data_format == "channels_first":
        raise NotImplementedError("set_image_data_format: give data_format to each layer instead")


def clear_session():
    core.clear_session()
    reset_uids()


def cast_to_floatx(x):
    import numpy as np
    if hasattr(x, "dtype") and not isinstance(x, np.ndarray):
        from .. import cast
        return cast(x, floatx())
    return np.asarray(x, dtype=floatx())


def get_value(x):
    return x.numpy() if hasattr(x, "numpy") else x


def batch_get_value(tensors):
    return [get_value(t) for t in tensors]


def set_value(x, value):
    x.assign(value)


def batch_set_value(tuples):
    for x, value in tuples:
        x.assign(value)


def int_shape(x):
    return tuple(x.shape.as_list()) if x.shape.rank is not None else None


def ndim(x):
    return x.shape.rank


def dtype(x):
    return x.dtype.base_dtype.name


def count_params(x):
    return int(x.shape.num_elements())


def manual_variable_initialization(value):
    """Whether sessions leave variables as they are until they are initialized; variables of eager programs always have values."""
    _settings["manual_variable_initialization"] = bool(value)


def learning_phase():
    """What `training` is where nobody says: 0 until it is set."""
    phase = core.learning_phase()
    return 0 if phase is None else int(phase)


def set_learning_phase(value):
    if value not in (0, 1):
        raise ValueError("Expected learning phase to be 0 or 1.")
    core.set_learning_phase(bool(value))


def variable(value, dtype=None, name=None, constraint=None):
    from .. import Variable
    return Variable(value, dtype=dtype or floatx(), name=name, constraint=constraint)


def function(inputs, outputs, updates=None, name=None, **kwargs):
    """A callable from lists of symbolic inputs to lists of arrays."""
    from .models import Model
    model = Model(inputs, outputs)
    single = not isinstance(outputs, (list, tuple))

    def run(values):
        found = model(values if isinstance(inputs, (list, tuple)) and len(inputs) > 1 else values[0])
        return found.numpy() if single else [t.numpy() for t in (found if isinstance(found, (list, tuple)) else [found])]
    return run


# Older names of functions of tf: (its name, Keras' words for its first arguments).
_SAME = {
    "abs": ("math.abs", "x"), "argmax": ("math.argmax", "x axis=-1"), "argmin": ("math.argmin", "x axis=-1"),
    "cast": ("cast", "x dtype"), "cos": ("math.cos", "x"), "cumprod": ("math.cumprod", "x axis"),
    "cumsum": ("math.cumsum", "x axis"), "equal": ("math.equal", "x y"), "exp": ("math.exp", "x"),
    "expand_dims": ("expand_dims", "x axis=-1"), "gather": ("gather", "reference indices"), "greater": ("math.greater", "x y"),
    "greater_equal": ("math.greater_equal", "x y"),
    "l2_normalize": ("math.l2_normalize", "x axis"), "less": ("math.less", "x y"),
    "less_equal": ("math.less_equal", "x y"), "log": ("math.log", "x"),
    "logsumexp": ("math.reduce_logsumexp", "x axis keepdims"), "max": ("math.reduce_max", "x axis keepdims"),
    "maximum": ("math.maximum", "x y"), "min": ("math.reduce_min", "x axis keepdims"), "minimum": ("math.minimum", "x y"),
    "name_scope": ("name_scope", "name"), "not_equal": ("math.not_equal", "x y"), "one_hot": ("one_hot", "indices num_classes"),
    "ones_like": ("ones_like", "x dtype name"), "permute_dimensions": ("transpose", "x pattern"), "pow": ("math.pow", "x a"),
    "prod": ("math.reduce_prod", "x axis keepdims"), "reshape": ("reshape", "x shape"), "round": ("math.round", "x"),
    "shape": ("shape", "x"), "sigmoid": ("math.sigmoid", "x"), "sign": ("math.sign", "x"), "sin": ("math.sin", "x"),
    "softmax": ("nn.softmax", "x axis"), "softplus": ("math.softplus", "x"), "softsign": ("nn.softsign", "x"),
    "square": ("math.square", "x"), "squeeze": ("squeeze", "x axis"), "stack": ("stack", "x axis"),
    "stop_gradient": ("stop_gradient", "variables"), "sum": ("math.reduce_sum", "x axis keepdims"), "tanh": ("math.tanh", "x"),
    "transpose": ("transpose", "x"), "zeros_like": ("zeros_like", "x dtype name"),
}


def _older(name, path, words):
    """The function of tf, called in Keras' words."""
    of = shell.function("tf." + path) or getattr(importlib.import_module(__package__.rpartition(".")[0]), path)
    parameters = [word.partition("=") for word in words.split()]

    def function(*args, **kwargs):
        given = list(args)
        for word, _, default in parameters[len(given):]:
            if word in kwargs:
                given.append(kwargs.pop(word))
            elif default:
                given.append(int(default))
            else:
                break       # what comes behind it has the same name there
        return of(*given, **kwargs)
    function.__name__ = function.__qualname__ = name
    function.__module__ = "keras.backend"
    function.__doc__ = getattr(of, "__doc__", None)
    return function


def _floating(x):
    """Numbers and truth values as floats: what means are taken of."""
    from .. import cast, convert_to_tensor
    x = x if hasattr(x, "dtype") else convert_to_tensor(x)
    return cast(x, floatx()) if x.dtype.base_dtype.name == "bool" else x


def mean(x, axis=None, keepdims=False):
    from ..math import reduce_mean
    return reduce_mean(_floating(x), axis, keepdims)


def var(x, axis=None, keepdims=False):
    from ..math import reduce_variance
    return reduce_variance(_floating(x), axis, keepdims)


def std(x, axis=None, keepdims=False):
    from ..math import reduce_std
    return reduce_std(_floating(x), axis, keepdims)


def any(x, axis=None, keepdims=False):
    from .. import cast
    from ..math import reduce_any
    return reduce_any(cast(x, "bool"), axis, keepdims)


def all(x, axis=None, keepdims=False):
    from .. import cast
    from ..math import reduce_all
    return reduce_all(cast(x, "bool"), axis, keepdims)


def sqrt(x):
    """The square root; of negative numbers 0."""
    from ..math import maximum, sqrt as root
    return root(maximum(x, 0.0))


def clip(x, min_value, max_value):
    """x within the bounds; None is no bound, and a maximum below the minimum is the minimum."""
    from .. import clip_by_value
    if isinstance(min_value, (int, float)) and isinstance(max_value, (int, float)) and max_value < min_value:
        max_value = min_value
    return clip_by_value(x, -float("inf") if min_value is None else min_value, float("inf") if max_value is None else max_value)


def tile(x, n):
    from .. import tile as tiled
    return tiled(x, [n] if isinstance(n, int) else n)


def eye(size, dtype=None, name=None):
    """A variable: the identity matrix."""
    from .. import eye as made
    return variable(made(size, dtype=_float(dtype)), dtype, name)


def binary_crossentropy(target, output, from_logits=False):
    """-(target log(output) + (1 - target) log(1 - output)), element by element."""
    from .. import clip_by_value, convert_to_tensor, math, nn
    target, output = convert_to_tensor(target), convert_to_tensor(output)
    if from_logits:
        return nn.sigmoid_cross_entropy_with_logits(labels=target, logits=output)
    output = clip_by_value(output, epsilon(), 1.0 - epsilon())
    return -(target * math.log(output + epsilon()) + (1 - target) * math.log(1 - output + epsilon()))


def categorical_crossentropy(target, output, from_logits=False, axis=-1):
    """-sum(target log(output)) along an axis."""
    from . import losses
    return losses.categorical_crossentropy(target, output, from_logits=from_logits, axis=axis)


def sparse_categorical_crossentropy(target, output, from_logits=False, axis=-1):
    """-log(output) at the target's place along an axis."""
    from . import losses
    return losses.sparse_categorical_crossentropy(target, output, from_logits=from_logits, axis=axis)


def eval(x):
    """The value, as NumPy has it."""
    return get_value(to_dense(x))


def placeholder(shape=None, ndim=None, dtype=None, sparse=False, name=None, ragged=False):
    """A symbolic tensor of that shape, with its batch, as keras.Input makes one."""
    from .symbolic import Input
    if sparse and ragged:
        raise ValueError("Cannot set both sparse and ragged to True when creating a placeholder.")
    if not shape and ndim:
        shape = (None,) * ndim
    return Input(batch_shape=shape, dtype=dtype or floatx(), sparse=sparse, name=name, ragged=ragged)


@contextlib.contextmanager
def learning_phase_scope(value):
    """The learning phase is `value` while the block runs."""
    if value not in (0, 1):
        raise ValueError("Expected learning phase to be 0 or 1.")
    before = core.learning_phase()
    core.set_learning_phase(bool(value))
    try:
        yield
    finally:
        core.set_learning_phase(before)


def in_test_phase(x, alt, training=None):
    """x (or what it returns) while not training, else alt."""
    return in_train_phase(alt, x, training)


def _float(dtype):
    from .. import as_dtype
    return as_dtype(dtype or floatx())


def random_normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    """Draws of a normal distribution; another sequence at every start unless it has a seed."""
    from ..random import normal
    return normal(shape, mean=mean, stddev=stddev, dtype=_float(dtype), seed=_seed(seed))


def random_uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
    from ..random import uniform
    return uniform(shape, minval=minval, maxval=maxval, dtype=_float(dtype), seed=_seed(seed))


def truncated_normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    from ..random import truncated_normal as draw
    return draw(shape, mean, stddev, dtype=_float(dtype), seed=_seed(seed))


def random_bernoulli(shape, p=0.0, dtype=None, seed=None):
    """1 with probability p, else 0."""
    from .. import cast
    from ..random import uniform
    return cast(uniform(shape, dtype=_float(dtype), seed=_seed(seed)) <= p, _float(dtype))


def _seed(seed):
    # As Keras: without a seed, one of NumPy's global generator, so that np.random.seed makes draws repeat.
    import numpy as np
    return np.random.randint(10000000) if seed is None else seed


def zeros(shape, dtype=None, name=None):
    """A variable of zeros."""
    from .. import zeros as filled
    return variable(filled(shape, _float(dtype)), dtype, name)


def ones(shape, dtype=None, name=None):
    from .. import ones as filled
    return variable(filled(shape, _float(dtype)), dtype, name)


def constant(value, dtype=None, shape=None, name=None):
    from .. import constant as made
    return made(value, dtype=dtype or floatx(), shape=shape, name=name)


def batch_flatten(x):
    """The rows of x, each with all its values in one dimension."""
    from .. import reshape, stack
    from .. import shape as shape_of
    return reshape(x, stack([-1, _product(shape_of(x)[1:])]))


def _product(x):
    from ..math import reduce_prod
    return reduce_prod(x)


def flatten(x):
    from .. import reshape
    return reshape(x, [-1])


def switch(condition, then_expression, else_expression):
    """One of two values, or of what two functions return; a condition of more than one element picks element by element."""
    from .. import cast, cond, convert_to_tensor, where
    condition = cast(condition, "bool")
    if condition.shape.rank == 0:
        pick = [f if callable(f) else (lambda f=f: f) for f in (then_expression, else_expression)]
        return cond(condition, *pick)
    chosen = [convert_to_tensor(f() if callable(f) else f) for f in (then_expression, else_expression)]
    while condition.shape.rank < chosen[0].shape.rank:
        condition = condition[..., None]
    return where(condition, *chosen)


def in_train_phase(x, alt, training=None):
    """x (or what it returns) while training, else alt."""
    if training is None:
        training = learning_phase()
    return switch(training, x, alt) if hasattr(training, "dtype") else _value(x if training else alt)


def _value(x):
    return x() if callable(x) else x


def update(x, new_x):
    return x.assign(new_x)


def update_add(x, increment):
    return x.assign_add(increment)


def update_sub(x, decrement):
    return x.assign_sub(decrement)


def gradients(loss, variables):
    from .. import gradients as of
    return of(loss, variables)


_uids = {}


def get_uid(prefix=""):
    """1, 2, 3, ... for each prefix."""
    _uids[prefix] = _uids.get(prefix, 0) + 1
    return _uids[prefix]


def reset_uids():
    _uids.clear()


def concatenate(tensors, axis=-1):
    """The tensors one behind the other along an axis, the last one unless said otherwise."""
    from .. import concat
    if axis < 0:
        axis %= len(tensors[0].shape) or 1
    return concat(tensors, axis)


def __getattr__(name):
    if name in _SAME:
        globals()[name] = found = _older(name, *_SAME[name])
        return found
    raise AttributeError("module 'keras.backend' has no attribute '{}'".format(name))


from .backend_ctc import ctc_batch_cost, ctc_decode, ctc_label_dense_to_sparse  # noqa: E402,F401
from . import backend_experimental as experimental  # noqa: E402,F401
from .backend_nn import (batch_normalization, bias_add, binary_focal_crossentropy,  # noqa: E402,F401
                         binary_weighted_focal_crossentropy, conv1d, conv2d, conv2d_transpose, conv3d, depthwise_conv2d, elu,
                         hard_sigmoid, local_conv1d, local_conv2d, moving_average_update, normalize_batch_in_training, pool2d, pool3d,
                         relu, rnn, separable_conv2d)
from .backend_shapes import (arange, batch_dot, dot, dropout, foldl, foldr, in_top_k, is_sparse, map_fn,  # noqa: E402,F401
                             print_tensor, random_binomial, random_normal_variable, random_uniform_variable, repeat,
                             repeat_elements, resize_images, resize_volumes, reverse, spatial_2d_padding,
                             spatial_3d_padding, temporal_padding, to_dense)
