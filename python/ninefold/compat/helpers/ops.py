# In: what private modules of ops are asked for beside public names. Out: the like of ops.name_scope and random_seed.get_seed.
import ninefold as tf
from ninefold import _core
from ninefold.compat.v1_functions import FUNCTIONS as _V1
from ninefold.compat.xla import dynamic_update_slice  # noqa: F401

name_scope = name_scope_v1 = _V1["name_scope"]
name_scope_v2 = tf.name_scope
colocate_with = _V1["colocate_with"]
GraphKeys = _V1["GraphKeys"]
EagerTensor = _core.EagerTensor
executing_eagerly_outside_functions = _V1["executing_eagerly_outside_functions"]
expand_dims_v2, gather_v2, reverse_v2, squeeze_v2, where_v2 = tf.expand_dims, tf.gather, tf.reverse, tf.squeeze, tf.where
random_poisson_v2 = tf.random.poisson
random_uniform, random_normal, random_gamma, random_shuffle = tf.random.uniform, tf.random.normal, tf.random.gamma, tf.random.shuffle


def shape_internal(input, name=None, optimize=True, out_type=tf.int32):
    """tf.shape."""
    return tf.shape(input, out_type)


def size_internal(input, name=None, optimize=True, out_type=tf.int32):
    """tf.size."""
    return tf.size(input, out_type)


def shape_v2(input, out_type=tf.int32, name=None):
    """tf.shape."""
    return tf.shape(input, out_type)


def inside_function():
    """Whether a function is being traced."""
    return not tf.executing_eagerly()


def get_name_scope():
    """The names of the scopes that are open, "outer/inner"."""
    return tf.get_current_name_scope()


def convert_n_to_tensor(values, dtype=None, name=None, preferred_dtype=None):
    """Each of a list as a tensor."""
    return [tf.convert_to_tensor(value, dtype, preferred_dtype) for value in values]


def convert_to_tensor_or_composite(value, dtype=None, name=None):
    """A composite tensor as it is, anything else as a tensor."""
    return value if hasattr(type(value), "_is_composite_tensor_") else tf.convert_to_tensor(value, dtype)


convert_to_tensor_or_indexed_slices = convert_to_tensor_or_composite



def has_default_graph():
    return not tf.executing_eagerly()
