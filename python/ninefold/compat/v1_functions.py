# In: arguments as TensorFlow 1 named them. Out: those functions of tf.compat.v1 that have a meaning without graphs, made of
# today's: FUNCTIONS, by their path below tf.compat.v1.
import collections
import enum
import functools
import logging as _logging
import sys

import ninefold as tf

ListDiff = collections.namedtuple("ListDiff", "out idx")
FUNCTIONS = {}      # "nn.moments" -> function or object


def _own(*paths):
    def register(value):
        for path in paths:
            FUNCTIONS[path] = value
        return value
    return register


def _either(new_name, new, old_name, old, default=None):
    """The one of two names of an argument that was given."""
    if old is None:
        return default if new is None else new
    if new is not None:
        raise ValueError(f"Cannot specify both '{old_name}' and '{new_name}'.")
    return old


# ---- names of arguments that changed ----

def _reduction(name):
    today = getattr(tf, name)

    def reduce(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
        axis = _either("axis", axis, "reduction_indices", reduction_indices)
        return today(input_tensor, axis, _either("keepdims", keepdims, "keep_dims", keep_dims, False))
    reduce.__name__ = reduce.__qualname__ = name
    reduce.__doc__ = f"tf.{name}; `reduction_indices` is `axis`, `keep_dims` is `keepdims`."
    FUNCTIONS[name] = FUNCTIONS["math." + name] = reduce


for _name in ("all", "any", "logsumexp", "max", "mean", "min", "prod", "sum"):
    _reduction("reduce_" + _name)


def _position(name, first=None):
    today = getattr(tf, first or name)

    def position(input, axis=None, name=None, dimension=None, output_type=tf.int64):
        return today(input, _either("axis", axis, "dimension", dimension, 0), output_type)
    position.__name__ = position.__qualname__ = name
    position.__doc__ = f"tf.{first or name}; `dimension` is `axis`."
    FUNCTIONS[name] = FUNCTIONS["math." + name] = position


_position("argmax")
_position("argmin")


@_own("arg_max")
def arg_max(input, dimension, output_type=tf.int64, name=None):
    """tf.argmax along `dimension`."""
    return tf.argmax(input, dimension, output_type)


@_own("arg_min")
def arg_min(input, dimension, output_type=tf.int64, name=None):
    """tf.argmin along `dimension`."""
    return tf.argmin(input, dimension, output_type)


@_own("where")
def where(condition, x=None, y=None, name=None):
    """Where `condition` holds the element of `x`, else that of `y`, of one shape; a vector chooses rows. Without both the
    indices."""
    if (x is None) != (y is None):
        raise ValueError("x and y must both be non-None or both be None.")
    if x is None:
        return tf.where(condition)
    x = tf.convert_to_tensor(x)
    y = tf.convert_to_tensor(y, x.dtype)
    condition = tf.convert_to_tensor(condition)
    if condition.shape.rank == 1 and x.shape.rank is not None and x.shape.rank > 1:
        if not condition.shape.is_compatible_with(x.shape[:1]):
            raise tf.errors.InvalidArgumentError(None, None, "Number of batches of 'then' must match size of 'cond', but saw: "
                                                 f"{x.shape[0]} vs. {condition.shape[0]} [Op:Select]")
        condition = tf.reshape(condition, [-1] + [1] * (x.shape.rank - 1))
    else:
        x.shape.assert_is_compatible_with(y.shape)
    return tf.where(condition, x, y)


@_own("expand_dims")
def expand_dims(input, axis=None, name=None, dim=None):
    """tf.expand_dims; `dim` is `axis`."""
    axis = _either("axis", axis, "dim", dim)
    if axis is None:
        raise ValueError("Must specify an axis argument to tf.expand_dims()")
    return tf.expand_dims(input, axis)


@_own("squeeze")
def squeeze(input, axis=None, name=None, squeeze_dims=None):
    """tf.squeeze; `squeeze_dims` is `axis`."""
    return tf.squeeze(input, _either("axis", axis, "squeeze_dims", squeeze_dims))


@_own("shape")
def shape(input, name=None, out_type=tf.int32):
    """tf.shape."""
    return tf.shape(input, out_type)


@_own("size")
def size(input, name=None, out_type=tf.int32):
    """tf.size."""
    return tf.size(input, out_type)


@_own("gather")
def gather(params, indices, validate_indices=None, name=None, axis=None, batch_dims=0):
    """tf.gather."""
    return tf.gather(params, indices, axis=batch_dims if axis is None else axis, batch_dims=batch_dims)


@_own("gather_nd", "manip.gather_nd")
def gather_nd(params, indices, name=None, batch_dims=0):
    """tf.gather_nd."""
    return tf.gather_nd(params, indices, batch_dims)


@_own("zeros_like")
def zeros_like(tensor, dtype=None, name=None, optimize=True):
    """tf.zeros_like."""
    return tf.zeros_like(tensor, dtype)


@_own("ones_like")
def ones_like(tensor, dtype=None, name=None, optimize=True):
    """tf.ones_like."""
    return tf.ones_like(tensor, dtype)


@_own("constant")
def constant(value, dtype=None, shape=None, name="Const", verify_shape=False):
    """tf.constant; with `verify_shape` one whose value has `shape` already, else TypeError."""
    if verify_shape and shape is not None and tf.convert_to_tensor(value, dtype).shape != tf.TensorShape(shape):
        raise TypeError(f"Expected Tensor {value} (converted from {value}) with shape {tf.TensorShape(shape)}, but got shape "
                        f"{tf.convert_to_tensor(value, dtype).shape}.")
    return tf.constant(value, dtype, shape)


@_own("convert_to_tensor")
def convert_to_tensor(value, dtype=None, name=None, preferred_dtype=None, dtype_hint=None):
    """tf.convert_to_tensor; `preferred_dtype` is `dtype_hint`."""
    return tf.convert_to_tensor(value, dtype, _either("dtype_hint", dtype_hint, "preferred_dtype", preferred_dtype))


@_own("norm", "linalg.norm")
def norm(tensor, ord="euclidean", axis=None, keepdims=None, name=None, keep_dims=None):
    """tf.norm; `keep_dims` is `keepdims`."""
    return tf.norm(tensor, ord, axis, _either("keepdims", keepdims, "keep_dims", keep_dims, False))


@_own("pad")
def pad(tensor, paddings, mode="CONSTANT", name=None, constant_values=0):
    """tf.pad."""
    return tf.pad(tensor, paddings, mode, constant_values)


@_own("transpose")
def transpose(a, perm=None, name="transpose", conjugate=False):
    """tf.transpose."""
    return tf.transpose(a, perm, conjugate)


@_own("count_nonzero", "math.count_nonzero")
def count_nonzero(input_tensor=None, axis=None, keepdims=None, dtype=tf.int64, name=None, reduction_indices=None, keep_dims=None,
                  input=None):
    """tf.math.count_nonzero."""
    return tf.math.count_nonzero(_either("input", input, "input_tensor", input_tensor),
                                 _either("axis", axis, "reduction_indices", reduction_indices),
                                 _either("keepdims", keepdims, "keep_dims", keep_dims, False), dtype)


@_own("confusion_matrix", "math.confusion_matrix")
def confusion_matrix(labels, predictions, num_classes=None, dtype=tf.int32, name=None, weights=None):
    """tf.math.confusion_matrix."""
    return tf.math.confusion_matrix(labels, predictions, num_classes, weights, dtype)


@_own("boolean_mask")
def boolean_mask(tensor, mask, name="boolean_mask", axis=None):
    """tf.boolean_mask."""
    return tf.boolean_mask(tensor, mask, axis)


@_own("scalar_mul", "math.scalar_mul")
def scalar_mul(scalar, x, name=None):
    """tf.math.scalar_mul."""
    return tf.math.scalar_mul(scalar, x)


@_own("div")
def div(x, y, name=None):
    """x / y as Python 2 had it: whole numbers are rounded down."""
    x = tf.convert_to_tensor(x)
    return tf.math.floordiv(x, y) if x.dtype.is_integer else tf.realdiv(x, y)


@_own("floor_div")
def floor_div(x, y, name=None):
    """tf.math.floordiv."""
    return tf.math.floordiv(x, y)


for _name, _dtype in (("to_float", tf.float32), ("to_double", tf.float64), ("to_int32", tf.int32), ("to_int64", tf.int64),
                      ("to_bfloat16", tf.bfloat16), ("to_complex64", tf.complex64), ("to_complex128", tf.complex128)):
    def _cast(x, name=None, _dtype=_dtype):
        return tf.cast(x, _dtype)
    _cast.__name__ = _cast.__qualname__ = _name
    _cast.__doc__ = f"tf.cast to {_dtype.name}."
    FUNCTIONS[_name] = _cast


@_own("batch_gather")
def batch_gather(params, indices, name=None):
    """tf.gather with all dimensions of `indices` but the last as those of a batch."""
    indices = tf.convert_to_tensor(indices)
    if indices.shape.rank is None:
        raise ValueError("batch_gather does not allow indices with unknown shape.")
    return tf.gather(params, indices, axis=indices.shape.rank - 1, batch_dims=indices.shape.rank - 1)


@_own("verify_tensor_all_finite", "debugging.assert_all_finite")
def verify_tensor_all_finite(t=None, msg=None, name=None, x=None, message=None):
    """tf.debugging.assert_all_finite; `t` is `x`, `msg` is `message`."""
    return tf.debugging.assert_all_finite(_either("x", x, "t", t), _either("message", message, "msg", msg))


@_own("depth_to_space", "nn.depth_to_space")
def depth_to_space(input, block_size, name=None, data_format="NHWC"):
    """tf.nn.depth_to_space."""
    return tf.nn.depth_to_space(input, block_size, data_format)


@_own("space_to_depth", "nn.space_to_depth")
def space_to_depth(input, block_size, name=None, data_format="NHWC"):
    """tf.nn.space_to_depth."""
    return tf.nn.space_to_depth(input, block_size, data_format)


@_own("clip_by_average_norm")
def clip_by_average_norm(t, clip_norm, name=None):
    """`t` scaled so that its L2 norm divided by the number of its elements is `clip_norm` at most."""
    t = tf.convert_to_tensor(t)
    inverse = tf.math.reciprocal(tf.sqrt(tf.reduce_sum(t * t)))
    count = tf.cast(tf.size(t), t.dtype)
    return t * clip_norm * tf.minimum(inverse * count, tf.constant(1.0, t.dtype) / clip_norm)


@_own("setdiff1d")
def setdiff1d(x, y, index_dtype=tf.int32, name=None):
    """What is in `x` but not in `y`, and where."""
    x = tf.convert_to_tensor(x)
    here = tf.reduce_all(tf.not_equal(x[:, None], tf.convert_to_tensor(y, x.dtype)), 1)
    return ListDiff(tf.boolean_mask(x, here), tf.cast(tf.where(here)[:, 0], index_dtype))


@_own("py_func")
def py_func(func, inp, Tout, stateful=True, name=None):
    """tf.numpy_function."""
    return tf.numpy_function(func, inp, Tout)


@_own("decode_raw", "io.decode_raw")
def decode_raw(input_bytes=None, out_type=None, little_endian=True, name=None, bytes=None):
    """tf.io.decode_raw; `bytes` is `input_bytes`."""
    return tf.io.decode_raw(_either("input_bytes", input_bytes, "bytes", bytes), out_type, little_endian)


@_own("parse_example", "io.parse_example")
def parse_example(serialized, features, name=None, example_names=None):
    """tf.io.parse_example."""
    return tf.io.parse_example(serialized, features, example_names)


@_own("parse_single_example", "io.parse_single_example")
def parse_single_example(serialized, features, name=None, example_names=None):
    """tf.io.parse_single_example."""
    return tf.io.parse_single_example(serialized, features, example_names)


@_own("substr", "strings.substr")
def substr(input, pos, len, name=None, unit="BYTE"):
    """tf.strings.substr."""
    return tf.strings.substr(input, pos, len, unit)


@_own("strings.length")
def string_length(input, name=None, unit="BYTE"):
    """tf.strings.length."""
    return tf.strings.length(input, unit)


@_own("string_to_number", "strings.to_number")
def string_to_number(string_tensor=None, out_type=tf.float32, name=None, input=None):
    """tf.strings.to_number."""
    return tf.strings.to_number(_either("input", input, "string_tensor", string_tensor), out_type)


# ---- random numbers, control flow, assertions ----

@_own("set_random_seed", "random.set_random_seed")
def set_random_seed(seed):
    """tf.random.set_seed."""
    tf.random.set_seed(seed)


@_own("random_poisson", "random.poisson")
def random_poisson(lam, shape, dtype=tf.float32, seed=None, name=None):
    """Poisson numbers, `shape` of them for every rate in `lam`."""
    return tf.random.poisson(shape, lam, dtype, seed)


@_own("multinomial", "random.multinomial")
def multinomial(logits, num_samples, seed=None, name=None, output_dtype=None):
    """tf.random.categorical."""
    return tf.random.categorical(logits, num_samples, output_dtype, seed)


@_own("cond")
def cond(pred, true_fn=None, false_fn=None, strict=False, name=None, fn1=None, fn2=None):
    """tf.cond; `fn1` is `true_fn`, `fn2` is `false_fn`."""
    return tf.cond(pred, _either("true_fn", true_fn, "fn1", fn1), _either("false_fn", false_fn, "fn2", fn2))


@_own("case")
def case(pred_fn_pairs, default=None, exclusive=False, strict=False, name="case"):
    """tf.case."""
    return tf.case(list(pred_fn_pairs.items()) if isinstance(pred_fn_pairs, dict) else pred_fn_pairs, default, exclusive)


@_own("while_loop")
def while_loop(cond, body, loop_vars, shape_invariants=None, parallel_iterations=10, back_prop=True, swap_memory=False, name=None,
               maximum_iterations=None, return_same_structure=False):
    """tf.while_loop; a loop of one variable gives it alone, unless `return_same_structure`."""
    found = tf.while_loop(cond, body, loop_vars, shape_invariants, parallel_iterations, back_prop, swap_memory,
                          maximum_iterations)
    return found if return_same_structure or not isinstance(found, (list, tuple)) or len(found) != 1 else found[0]


@_own("tuple")
def tuple_(tensors, name=None, control_inputs=None):
    """tf.tuple."""
    return tf.tuple(tensors, control_inputs)


def _two(name, today):
    def check(x, y, data=None, summarize=None, message=None, name=None):
        return today(x, y, message=message, summarize=summarize)
    return check


def _one(name, today):
    def check(x, data=None, summarize=None, message=None, name=None):
        return today(x, message=message, summarize=summarize)
    return check


def _rank(name, today):
    def check(x, rank, data=None, summarize=None, message=None, name=None):
        return today(x, rank, message=message)
    return check


for _make, _names in ((_two, "equal none_equal less less_equal greater greater_equal"),
                      (_one, "positive negative non_positive non_negative"), (_rank, "rank rank_at_least")):
    for _name in ("assert_" + word for word in _names.split()):
        _check = _make(_name, getattr(tf.debugging, _name))
        _check.__name__ = _check.__qualname__ = _name
        _check.__doc__ = f"tf.debugging.{_name}; `data` is not shown."
        FUNCTIONS[_name] = FUNCTIONS["debugging." + _name] = _check


@_own("assert_near", "debugging.assert_near")
def assert_near(x, y, rtol=None, atol=None, data=None, summarize=None, message=None, name=None):
    """tf.debugging.assert_near."""
    return tf.debugging.assert_near(x, y, rtol, atol, message=message, summarize=summarize)


@_own("assert_integer", "debugging.assert_integer")
def assert_integer(x, message=None, name=None):
    """tf.debugging.assert_integer."""
    return tf.debugging.assert_integer(x, message)


@_own("assert_type", "debugging.assert_type")
def assert_type(tensor, tf_type, message=None, name=None):
    """tf.debugging.assert_type."""
    return tf.debugging.assert_type(tensor, tf_type, message)


@_own("name_scope")
class name_scope(tf.name_scope):
    """tf.name_scope; without a name, `default_name`."""

    def __init__(self, name, default_name=None, values=None):
        if not (default_name is None or isinstance(default_name, str)):
            raise TypeError(f"`default_name` type ({type(default_name)}) is not a string type. You likely meant to pass this "
                            "into the `values` kwarg.")
        name = default_name if name is None else name
        super().__init__("" if name is None else name)

    def __enter__(self):
        return super().__enter__() if self._name else ""

    def __exit__(self, *fault):
        return super().__exit__(*fault) if self._name else None


@_own("device")
def device(device_name_or_function):
    """tf.device."""
    return tf.device(device_name_or_function)


@_own("colocate_with")
def colocate_with(op, ignore_existing=False):
    """A context that says where ops run: beside `op`, where they do already."""
    import contextlib
    return contextlib.nullcontext()


# ---- what programs ask of the runtime ----

FUNCTIONS["executing_eagerly"] = tf.executing_eagerly


@_own("executing_eagerly_outside_functions")
def executing_eagerly_outside_functions():
    """True: what is no function runs at once."""
    return True


def _holds(path, what):
    def enable():
        pass
    enable.__name__ = enable.__qualname__ = path
    enable.__doc__ = f"{what}, always."
    FUNCTIONS[path] = enable


for _path, _what in (("enable_eager_execution", "Ops run at once"), ("enable_v2_behavior", "TensorFlow 2's behaviour holds"),
                     ("enable_resource_variables", "Variables are resources"),
                     ("enable_control_flow_v2", "Control flow is functional"),
                     ("enable_tensor_equality", "== compares elements"), ("enable_v2_tensorshape", "Shapes hold numbers")):
    _holds(_path, _what)
FUNCTIONS["control_flow_v2_enabled"] = FUNCTIONS["resource_variables_enabled"] = lambda: True


# ---- nn ----

@_own("nn.moments")
def moments(x, axes, shift=None, name=None, keep_dims=None, keepdims=None):
    """tf.nn.moments; `keep_dims` is `keepdims`."""
    return tf.nn.moments(x, axes, shift, _either("keepdims", keepdims, "keep_dims", keep_dims, False))


@_own("nn.softmax", "math.softmax")
def softmax(logits, axis=None, name=None, dim=None):
    """tf.nn.softmax; `dim` is `axis`."""
    return tf.nn.softmax(logits, _either("axis", axis, "dim", dim, -1))


@_own("nn.log_softmax", "math.log_softmax")
def log_softmax(logits, axis=None, name=None, dim=None):
    """tf.nn.log_softmax; `dim` is `axis`."""
    return tf.nn.log_softmax(logits, _either("axis", axis, "dim", dim, -1))


@_own("nn.dropout")
def dropout(x, keep_prob=None, noise_shape=None, seed=None, name=None, rate=None):
    """tf.nn.dropout; `keep_prob` is 1 - `rate`."""
    if keep_prob is not None:
        rate = _either("rate", rate, "keep_prob", 1.0 - keep_prob)
    if rate is None:
        raise ValueError(f"`rate` must be provided. Received: rate={rate}")
    return tf.nn.dropout(x, rate, noise_shape, seed)


@_own("nn.sparse_softmax_cross_entropy_with_logits")
def sparse_softmax_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None, name=None):
    """tf.nn.sparse_softmax_cross_entropy_with_logits; arguments by name only."""
    _by_name("sparse_softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)


@_own("nn.sigmoid_cross_entropy_with_logits")
def sigmoid_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None, name=None):
    """tf.nn.sigmoid_cross_entropy_with_logits; arguments by name only."""
    _by_name("sigmoid_cross_entropy_with_logits", _sentinel, labels, logits)
    return tf.nn.sigmoid_cross_entropy_with_logits(labels, logits)


@_own("nn.softmax_cross_entropy_with_logits")
def softmax_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None, dim=-1, name=None, axis=None):
    """tf.nn.softmax_cross_entropy_with_logits, through which nothing flows back to the labels; arguments by name only."""
    _by_name("softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    return tf.nn.softmax_cross_entropy_with_logits(tf.stop_gradient(labels), logits, dim if axis is None else axis)


@_own("nn.softmax_cross_entropy_with_logits_v2")
def softmax_cross_entropy_with_logits_v2(labels, logits, axis=None, name=None, dim=None):
    """tf.nn.softmax_cross_entropy_with_logits; `dim` is `axis`."""
    return tf.nn.softmax_cross_entropy_with_logits(labels, logits, _either("axis", axis, "dim", dim, -1))


@_own("nn.weighted_cross_entropy_with_logits")
def weighted_cross_entropy_with_logits(labels=None, logits=None, pos_weight=None, name=None, targets=None):
    """tf.nn.weighted_cross_entropy_with_logits; `targets` is `labels`."""
    return tf.nn.weighted_cross_entropy_with_logits(_either("labels", labels, "targets", targets), logits, pos_weight)


def _by_name(name, sentinel, labels, logits):
    if sentinel is not None:
        raise ValueError(f"Only call {name} with named arguments (labels=..., logits=..., ...). Received unnamed argument: "
                         f"{sentinel}")
    if labels is None or logits is None:
        raise ValueError("Both `labels` and `logits` must be provided.")


@_own("nn.embedding_lookup")
def embedding_lookup(params, ids, partition_strategy="mod", name=None, validate_indices=True, max_norm=None):
    """tf.nn.embedding_lookup of one table."""
    if isinstance(params, (list, tuple)):
        if len(params) != 1:
            raise NotImplementedError(f"tf.compat.v1.nn.embedding_lookup: expected one table, got {len(params)}; join them by "
                                      "tf.concat")
        params = params[0]
    return tf.nn.embedding_lookup(params, ids, max_norm)


# ---- losses ----

@_own("losses.Reduction")
class Reduction:
    """How losses become one number."""
    NONE, SUM, SUM_OVER_BATCH_SIZE, MEAN, SUM_OVER_NONZERO_WEIGHTS, SUM_BY_NONZERO_WEIGHTS = (
        "none", "weighted_sum", "weighted_sum_over_batch_size", "weighted_mean", "weighted_sum_by_nonzero_weights",
        "weighted_sum_by_nonzero_weights")

    @classmethod
    def all(cls):
        return (cls.NONE, cls.SUM, cls.MEAN, cls.SUM_OVER_BATCH_SIZE, cls.SUM_OVER_NONZERO_WEIGHTS,
                cls.SUM_BY_NONZERO_WEIGHTS)

    @classmethod
    def validate(cls, key):
        if key not in cls.all():
            raise ValueError(f"Invalid Reduction Key {key}. Key should be one of {cls.all()}.")


@_own("losses.compute_weighted_loss")
def compute_weighted_loss(losses, weights=1.0, scope=None, loss_collection="losses", reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """`losses` times `weights`, and of them what `reduction` says: the sum by the number of weights other than 0, ..."""
    Reduction.validate(reduction)
    losses = tf.convert_to_tensor(losses)
    kept, losses = losses.dtype, tf.cast(losses, tf.float32)
    weights = tf.cast(weights, tf.float32)
    if weights.shape.rank not in (0, None) and losses.shape.rank is not None:
        if weights.shape.rank != losses.shape.rank or any(
                w not in (1, s) and None not in (w, s) for w, s in zip(weights.shape, losses.shape)):
            raise ValueError(f"weights can not be broadcast to values. values.rank={losses.shape.rank}. "
                             f"weights.rank={weights.shape.rank}. values.shape={losses.shape}. weights.shape={weights.shape}. "
                             f"Received weights={weights}, values={losses}")
    weighted = losses * weights
    if reduction == Reduction.NONE:
        return tf.cast(weighted, kept)
    total = tf.reduce_sum(weighted)
    if reduction == Reduction.MEAN:
        total = tf.math.divide_no_nan(total, tf.reduce_sum(tf.ones_like(losses) * weights))
    elif reduction == Reduction.SUM_BY_NONZERO_WEIGHTS:
        present = tf.ones_like(losses) * tf.where(tf.equal(weights, 0.0), tf.zeros_like(weights), tf.ones_like(weights))
        total = tf.math.divide_no_nan(total, tf.reduce_sum(present))
    elif reduction == Reduction.SUM_OVER_BATCH_SIZE:
        total = tf.math.divide_no_nan(total, tf.cast(tf.size(losses), tf.float32))
    return tf.cast(total, kept)


def _loss(name, first, second, of):
    def loss(*args, **kwargs):
        names = [first, second, "weights", *of.extra, "scope", "loss_collection", "reduction"]
        given = dict(zip(names, args), **kwargs)
        unknown = sorted(set(given) - set(names))
        if len(args) > len(names) or unknown:
            raise TypeError(f"{name}() got an unexpected argument {unknown or args[len(names):]}")
        for needed in (first, second):
            if given.get(needed) is None:
                raise ValueError(f"Argument `{needed}` must not be None.")
        return compute_weighted_loss(of(given[first], given[second], *(given.get(k, d) for k, d in of.extra.items())),
                                     given.get("weights", 1.0), reduction=given.get("reduction", Reduction.SUM_BY_NONZERO_WEIGHTS))
    loss.__name__ = loss.__qualname__ = name
    loss.__doc__ = f"{of.__doc__} of `{first}` and `{second}`, weighted and reduced."
    FUNCTIONS["losses." + name] = loss


def _as_losses(first="labels", second="predictions", **extra):
    def register(of):
        of.extra = extra
        _loss(of.__name__.strip("_"), first, second, of)
        return of
    return register


def _floats(labels, predictions):
    labels, predictions = tf.cast(labels, tf.float32), tf.cast(predictions, tf.float32)
    predictions.shape.assert_is_compatible_with(labels.shape)
    return labels, predictions


@_as_losses()
def _absolute_difference(labels, predictions):
    """Absolute differences"""
    labels, predictions = _floats(labels, predictions)
    return tf.abs(predictions - labels)


@_as_losses()
def _mean_squared_error(labels, predictions):
    """Squared differences"""
    return tf.math.squared_difference(*reversed(_floats(labels, predictions)))


@_as_losses(delta=1.0)
def _huber_loss(labels, predictions, delta):
    """Huber's loss"""
    labels, predictions = _floats(labels, predictions)
    error = tf.abs(predictions - labels)
    quadratic = tf.minimum(error, delta)
    return 0.5 * quadratic * quadratic + delta * (error - quadratic)


@_as_losses(epsilon=1e-7)
def _log_loss(labels, predictions, epsilon):
    """The log loss"""
    labels, predictions = _floats(labels, predictions)
    return -labels * tf.math.log(predictions + epsilon) - (1 - labels) * tf.math.log(1 - predictions + epsilon)


@_as_losses(second="logits")
def _hinge_loss(labels, logits):
    """The hinge loss"""
    labels, logits = _floats(labels, logits)
    return tf.nn.relu(1.0 - (2.0 * labels - 1.0) * logits)


@_as_losses(second="logits")
def _sparse_softmax_cross_entropy(labels, logits):
    """The cross entropy"""
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)


@_as_losses("onehot_labels", "logits", label_smoothing=0)
def _softmax_cross_entropy(onehot_labels, logits, label_smoothing):
    """The cross entropy"""
    logits = tf.convert_to_tensor(logits)
    labels = tf.cast(onehot_labels, logits.dtype)
    if label_smoothing > 0:
        labels = labels * (1.0 - label_smoothing) + label_smoothing / tf.cast(tf.shape(labels)[1], logits.dtype)
    return tf.nn.softmax_cross_entropy_with_logits(tf.stop_gradient(labels), logits)


@_as_losses("multi_class_labels", "logits", label_smoothing=0)
def _sigmoid_cross_entropy(multi_class_labels, logits, label_smoothing):
    """The cross entropy of independent classes"""
    logits = tf.convert_to_tensor(logits)
    labels = tf.cast(multi_class_labels, logits.dtype)
    if label_smoothing > 0:
        labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
    return tf.nn.sigmoid_cross_entropy_with_logits(labels, logits)


# ---- files, logging, datasets ----

for _old, _new in (("Copy", "copy"), ("DeleteRecursively", "rmtree"), ("Exists", "exists"), ("Glob", "glob"),
                   ("IsDirectory", "isdir"), ("ListDirectory", "listdir"), ("MakeDirs", "makedirs"), ("MkDir", "mkdir"),
                   ("Remove", "remove"), ("Rename", "rename"), ("Stat", "stat"), ("Walk", "walk")):
    FUNCTIONS["gfile." + _old] = getattr(tf.io.gfile, _new)
FUNCTIONS["gfile.FastGFile"] = tf.io.gfile.GFile


@_own("io.tf_record_iterator", "python_io.tf_record_iterator")
def tf_record_iterator(path, options=None):
    """The records of a file."""
    for record in tf.data.TFRecordDataset(path, getattr(options, "compression_type", options) or ""):
        yield record.numpy()


for _level in ("DEBUG", "INFO", "WARN", "ERROR", "FATAL"):
    FUNCTIONS["logging." + _level] = getattr(_logging, _level)


def _logged(name):
    def log(msg, *args, **kwargs):
        getattr(tf.get_logger(), name)(msg, *args, **kwargs)
    log.__name__ = log.__qualname__ = name
    log.__doc__ = f"A message of TensorFlow's logger: {name}."
    return log


for _name, _of in (("debug", "debug"), ("info", "info"), ("warn", "warning"), ("warning", "warning"), ("error", "error"),
                   ("fatal", "critical")):
    FUNCTIONS["logging." + _name] = _logged(_of)
_counts = {}


@_own("logging.log")
def log(level, msg, *args, **kwargs):
    """A message of `level`."""
    tf.get_logger().log(level, msg, *args, **kwargs)


@_own("logging.vlog")
def vlog(level, msg, *args, **kwargs):
    """A message of `level`."""
    tf.get_logger().log(level, msg, *args, **kwargs)


@_own("logging.log_if")
def log_if(level, msg, condition, *args):
    """A message if `condition` holds."""
    if condition:
        log(level, msg, *args)


def _nth():
    place = sys._getframe(2)
    place = place.f_code.co_filename, place.f_lineno
    _counts[place] = _counts.get(place, -1) + 1
    return _counts[place]


@_own("logging.log_first_n")
def log_first_n(level, msg, n, *args):
    """A message, the first `n` times that this line is reached."""
    log_if(level, msg, _nth() < n, *args)


@_own("logging.log_every_n")
def log_every_n(level, msg, n, *args):
    """A message, every `n`th time that this line is reached."""
    log_if(level, msg, _nth() % n == 0, *args)


@_own("logging.set_verbosity")
def set_verbosity(v):
    """The level below which messages are left out."""
    tf.get_logger().setLevel(v)


@_own("logging.get_verbosity")
def get_verbosity():
    """The level below which messages are left out."""
    return tf.get_logger().getEffectiveLevel()


@_own("logging.flush")
def flush():
    """Writes what is kept back: nothing is."""


for _name in ("Dataset", "TFRecordDataset", "TextLineDataset", "FixedLengthRecordDataset", "Iterator"):
    FUNCTIONS["data." + _name] = getattr(tf.data, _name)


@_own("data.make_one_shot_iterator")
def make_one_shot_iterator(dataset):
    """An iterator; next() or get_next() gives its elements."""
    return iter(dataset)


def _of_spec(name):
    def ask(dataset_or_iterator):
        def of(spec):
            return getattr(spec, name) if name == "value_type" else getattr(spec, name, None)
        if name == "value_type":
            return tf.nest.map_structure(lambda s: tf.Tensor if isinstance(s, tf.TensorSpec) else s.value_type,
                                         dataset_or_iterator.element_spec)
        return tf.nest.map_structure(of, dataset_or_iterator.element_spec)
    return ask


for _path, _of in (("get_output_shapes", "shape"), ("get_output_types", "dtype"), ("get_output_classes", "value_type")):
    FUNCTIONS["data." + _path] = _of_spec(_of)
    FUNCTIONS["data." + _path].__doc__ = f"The {_of} of the elements' parts."


# ---- variables ----

FUNCTIONS["Variable"] = tf.Variable
FUNCTIONS["VariableAggregation"] = tf.VariableAggregation
FUNCTIONS["DeviceSpec"] = tf.DeviceSpec


@_own("AUTO_REUSE")
class _ReuseMode(enum.Enum):
    AUTO_REUSE = 1


FUNCTIONS["AUTO_REUSE"] = _ReuseMode.AUTO_REUSE


def _written(name, method):
    def write(ref, value, *_, use_locking=None, name=None, validate_shape=None):
        return getattr(ref, method)(value)
    write.__name__ = write.__qualname__ = name
    write.__doc__ = f"`ref.{method}(value)`."
    FUNCTIONS[name] = write


for _name in ("assign", "assign_add", "assign_sub"):
    _written(_name, _name)


def _scattered(name, method):
    def scatter(ref, indices, updates, use_locking=False, name=None):
        return getattr(ref, method)(tf.IndexedSlices(updates, tf.convert_to_tensor(indices)))
    scatter.__name__ = scatter.__qualname__ = name
    scatter.__doc__ = f"`ref.{method}` of rows."
    FUNCTIONS[name] = scatter


for _name in ("add", "sub", "update", "min", "max", "mul", "div"):
    _scattered("scatter_" + _name, "scatter_" + _name)


@_own("GraphKeys")
class GraphKeys:
    """Names of collections, which graphs had."""
    GLOBAL_VARIABLES, LOCAL_VARIABLES, MODEL_VARIABLES = "variables", "local_variables", "model_variables"
    METRIC_VARIABLES, TRAINABLE_VARIABLES, SUMMARIES = "metric_variables", "trainable_variables", "summaries"
    QUEUE_RUNNERS, TABLE_INITIALIZERS, ASSET_FILEPATHS = "queue_runners", "table_initializer", "asset_filepaths"
    MOVING_AVERAGE_VARIABLES, REGULARIZATION_LOSSES = "moving_average_variables", "regularization_losses"
    CONCATENATED_VARIABLES, SAVERS, WEIGHTS, BIASES = "concatenated_variables", "savers", "weights", "biases"
    ACTIVATIONS, UPDATE_OPS, LOSSES, INIT_OP = "activations", "update_ops", "losses", "init_op"
    GLOBAL_STEP, READY_OP, SUMMARY_OP = "global_step", "ready_op", "summary_op"
    COND_CONTEXT, WHILE_CONTEXT, TRAIN_OP = "cond_context", "while_context", "train_op"


# ---- constants of files and versions ----

for _name in ("ASSETS_DIRECTORY", "ASSETS_KEY", "SAVED_MODEL_FILENAME_PB", "SAVED_MODEL_FILENAME_PBTXT",
              "SAVED_MODEL_SCHEMA_VERSION", "VARIABLES_DIRECTORY", "VARIABLES_FILENAME", "DEBUG_DIRECTORY"):
    FUNCTIONS["saved_model.constants." + _name] = getattr(tf.saved_model, _name)
FUNCTIONS["saved_model.constants.LEGACY_INIT_OP_KEY"] = "legacy_init_op"
FUNCTIONS["saved_model.constants.MAIN_OP_KEY"] = "saved_model_main_op"
for _name, _value in (("SERVING", "serve"), ("TRAINING", "train"), ("GPU", "gpu"), ("TPU", "tpu")):
    FUNCTIONS["saved_model." + _name] = FUNCTIONS["saved_model.tag_constants." + _name] = _value
for _name in ("CLASSIFY_INPUTS", "CLASSIFY_METHOD_NAME", "CLASSIFY_OUTPUT_CLASSES", "CLASSIFY_OUTPUT_SCORES",
              "DEFAULT_SERVING_SIGNATURE_DEF_KEY", "PREDICT_INPUTS", "PREDICT_METHOD_NAME", "PREDICT_OUTPUTS",
              "REGRESS_INPUTS", "REGRESS_METHOD_NAME", "REGRESS_OUTPUTS"):
    FUNCTIONS["saved_model.signature_constants." + _name] = getattr(tf.saved_model, _name)
for _name in ("VERSION", "GIT_VERSION", "COMPILER_VERSION", "GRAPH_DEF_VERSION", "GRAPH_DEF_VERSION_MIN_CONSUMER",
              "GRAPH_DEF_VERSION_MIN_PRODUCER"):
    FUNCTIONS[_name] = getattr(tf.version, _name)


# ---- initializers ----

def _initializer(name, today, changed=None):
    def initializer(*args, **kwargs):
        kwargs.pop("dtype", None)
        return today(*args, **kwargs)
    functools.update_wrapper(initializer, today, updated=())
    initializer.__name__ = initializer.__qualname__ = name
    FUNCTIONS[name + "_initializer"] = FUNCTIONS["initializers." + name] = initializer


for _name, _today in (("zeros", "Zeros"), ("ones", "Ones"), ("constant", "Constant"), ("glorot_uniform", "GlorotUniform"),
                      ("glorot_normal", "GlorotNormal"), ("variance_scaling", "VarianceScaling"), ("orthogonal", "Orthogonal"),
                      ("random_normal", "RandomNormal"), ("truncated_normal", "TruncatedNormal")):
    _initializer(_name, getattr(tf.keras.initializers, _today))
