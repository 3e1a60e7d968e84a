# In: tensors. Out: tf.keras.backend: settings of the process, and the engine's functions by older names.
from .._core import keras as core
from . import shell
from .symbolic import is_symbolic as is_keras_tensor  # noqa: F401


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


# Older names of functions of tf, with an axis and keepdims as they have.
_SAME = {
    "abs": "math.abs", "argmax": "math.argmax", "argmin": "math.argmin", "clip": "clip_by_value", "cos": "math.cos",
    "equal": "math.equal", "exp": "math.exp", "expand_dims": "expand_dims", "eye": "eye", "gather": "gather",
    "greater": "math.greater", "greater_equal": "math.greater_equal", "less": "math.less",
    "less_equal": "math.less_equal", "log": "math.log", "max": "math.reduce_max", "maximum": "math.maximum",
    "mean": "math.reduce_mean", "min": "math.reduce_min", "minimum": "math.minimum", "not_equal": "math.not_equal",
    "ones_like": "ones_like", "pow": "math.pow", "prod": "math.reduce_prod", "reshape": "reshape",
    "round": "math.round", "shape": "shape", "sigmoid": "math.sigmoid", "sign": "math.sign", "sin": "math.sin",
    "softmax": "nn.softmax", "softplus": "math.softplus", "softsign": "nn.softsign", "sqrt": "math.sqrt",
    "square": "math.square", "squeeze": "squeeze", "stack": "stack", "stop_gradient": "stop_gradient",
    "sum": "math.reduce_sum", "tanh": "math.tanh", "tile": "tile", "transpose": "transpose",
    "zeros_like": "zeros_like", "any": "math.reduce_any", "all": "math.reduce_all", "std": "math.reduce_std",
    "var": "math.reduce_variance", "permute_dimensions": "transpose", "cumsum": "math.cumsum",
    "cumprod": "math.cumprod", "dot": "linalg.matmul", "cast": "cast", "one_hot": "one_hot",
    "relu": "nn.relu", "elu": "nn.elu", "bias_add": "nn.bias_add", "l2_normalize": "math.l2_normalize",
}


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
    if name in ("binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"):
        from . import losses
        return getattr(losses, name)
    path = _SAME.get(name)
    if path is None:
        raise AttributeError("module 'keras.backend' has no attribute '{}'".format(name))
    globals()[name] = found = shell.function("tf." + path)
    return found
