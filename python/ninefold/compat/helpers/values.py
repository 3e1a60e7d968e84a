# In: tensors and variables. Out: state_ops, resource_variable_ops, tensor_util, smart_cond, control_flow_util, training_util and
# context: small questions and writes that packages go to private modules for.
import contextlib

import numpy as np

import ninefold as tf
from ninefold import _core
from ninefold._framework.tensor_proto import make_ndarray as MakeNdarray, make_tensor_proto  # noqa: F401
from ninefold.compat.v1_functions import FUNCTIONS as _V1

# ---- state_ops ----
assign, assign_add, assign_sub = _V1["assign"], _V1["assign_add"], _V1["assign_sub"]
for _name in ("add", "sub", "update", "min", "max", "mul", "div"):
    globals()["scatter_" + _name] = _V1["scatter_" + _name]


def is_variable_initialized(ref, name=None):
    """True: variables have a value from the beginning."""
    return tf.constant(True)


# ---- resource_variable_ops ----
BaseResourceVariable = ResourceVariable = tf.Variable


def is_resource_variable(var):
    """Whether this is a variable."""
    return isinstance(var, _core.VariableBase)


# ---- tensor_util ----

def constant_value(tensor, partial=False):
    """The value that is known now as a NumPy array; else None."""
    return tf.get_static_value(tensor, partial)


def constant_value_as_shape(tensor):
    """The shape that a vector of sizes stands for, as far as it is known."""
    value = tf.get_static_value(tensor)
    if value is None:
        return tf.TensorShape([None] * tensor.shape[0] if tensor.shape.rank == 1 and tensor.shape[0] is not None else None)
    return tf.TensorShape([None if size < 0 else int(size) for size in np.asarray(value).ravel()])


def is_tf_type(x):
    """True for tensors, variables and composite tensors."""
    return tf.is_tensor(x)


is_tensor = is_tf_type


def shape_tensor(shape):
    """A shape as a vector of whole numbers."""
    if isinstance(shape, (tuple, list)) and not shape:
        return tf.constant([], tf.int32)
    return tf.convert_to_tensor(shape, dtype_hint=tf.int32)


# ---- smart_cond ----

def smart_constant_value(pred):
    """The truth of a predicate if it is known now, else None."""
    if isinstance(pred, (bool, np.bool_)):
        return bool(pred)
    if isinstance(pred, int) and pred in (0, 1):
        return bool(pred)
    if _core.is_tensor(pred) or isinstance(pred, _core.VariableBase):
        value = tf.get_static_value(tf.convert_to_tensor(pred))
        return None if value is None else bool(value)
    raise TypeError("Argument `pred` must be a Tensor, or a Python bool, or 1 or 0. "
                    f"Received: pred={pred} of type {type(pred).__name__}")


def smart_cond(pred, true_fn=None, false_fn=None, name=None):
    """tf.cond, but the one branch alone where `pred` is known now."""
    if not callable(true_fn):
        raise TypeError(f"Argument `true_fn` must be callable. Received {true_fn}")
    if not callable(false_fn):
        raise TypeError(f"Argument `false_fn` must be callable. Received {false_fn}")
    known = smart_constant_value(pred)
    if known is not None:
        return true_fn() if known else false_fn()
    return tf.cond(pred, true_fn, false_fn)


def smart_case(pred_fn_pairs, default=None, exclusive=False, name="smart_case"):
    """tf.case."""
    return tf.case(pred_fn_pairs, default, exclusive)


# ---- control_flow_util ----
ENABLE_CONTROL_FLOW_V2 = True


def GraphOrParentsInXlaContext(graph):
    """False: there is no XLA."""
    return False


def IsInXLAContext(op):
    return False


def EnableControlFlowV2(graph):
    return True


def get_enclosing_xla_context():
    """None: there is no XLA."""
    return None


# ---- training_util ----
_step = []


def get_or_create_global_step(graph=None):
    """The one variable that counts steps."""
    if not _step:
        _step.append(tf.Variable(0, trainable=False, dtype=tf.int64, name="global_step"))
    return _step[0]


create_global_step = get_or_create_global_step


def get_global_step(graph=None):
    """That variable, None if it was not made."""
    return _step[0] if _step else None


def global_step(sess, global_step_tensor):
    return int(global_step_tensor)


for _name in ("get_or_create_global_step", "create_global_step", "get_global_step", "global_step"):
    _V1["train." + _name] = globals()[_name]


# ---- context ----

class _Context:
    """What packages ask of TensorFlow's context."""

    def executing_eagerly(self):
        return tf.executing_eagerly()

    def num_gpus(self):
        return num_gpus()

    def ensure_initialized(self):
        """Ready from the beginning."""

    @property
    def device_name(self):
        return ""

    def __getattr__(self, name):
        raise AttributeError(f"tensorflow.python.eager.context.context() has no '{name}' in Ninefold")


_the_context = _Context()


def context():
    return _the_context


def ensure_initialized():
    """Ready from the beginning."""


def num_gpus():
    return len(tf.config.list_logical_devices("GPU"))


def eager_mode():
    """A context in which ops run at once."""
    return tf.init_scope()


def graph_mode():
    raise RuntimeError("tensorflow.python.eager.context.graph_mode: TensorFlow 1's graphs are no part of Ninefold; trace a "
                       "tf.function")


def in_eager_mode():
    return tf.executing_eagerly()


def executing_eagerly():
    return tf.executing_eagerly()


device = tf.device


@contextlib.contextmanager
def execution_mode(mode):
    yield


def learning_phase_scope(value):
    """A context in which layers train, or do not."""
    return contextlib.nullcontext()


def broadcast_weights(weights, values):
    """`weights` in the shape of `values`."""
    values = tf.convert_to_tensor(values)
    return tf.broadcast_to(tf.cast(weights, values.dtype), tf.shape(values))


def assert_broadcastable(weights, values):
    """Raises ValueError unless `weights` is a scalar, or of the rank of `values` with its sizes or 1."""
    weights, values = tf.convert_to_tensor(weights), tf.convert_to_tensor(values)
    if weights.shape.rank in (0, None) or values.shape.rank is None:
        return tf.no_op()
    if weights.shape.rank != values.shape.rank or any(
            w not in (1, s) and None not in (w, s) for w, s in zip(weights.shape, values.shape)):
        raise ValueError(f"weights can not be broadcast to values. values.rank={values.shape.rank}. "
                         f"weights.rank={weights.shape.rank}. values.shape={values.shape}. weights.shape={weights.shape}.")
    return tf.no_op()
