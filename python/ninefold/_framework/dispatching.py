# In: functions for types of one's own. Out: tf.experimental.dispatch_for_*: what public functions do with such types.
import inspect
import typing

from . import export
from .. import _core

_for_api = {}        # public function -> [(signature, target)]
_unary, _binary = {}, {}   # type(s) -> handler

# What is computed element by element, by the first and by the first two arguments.
_UNARY = """math.abs math.acos math.acosh math.angle math.asin math.asinh math.atan math.atanh math.bessel_i0 math.bessel_i0e
math.bessel_i1 math.bessel_i1e math.ceil math.conj math.cos math.cosh math.digamma math.erf math.erfc math.erfcinv math.erfinv math.exp
math.expm1 math.floor math.imag math.is_finite math.is_inf math.is_nan math.lgamma math.log math.log1p math.log_sigmoid
math.logical_not math.ndtri math.negative math.real math.reciprocal math.reciprocal_no_nan math.rint math.round math.rsqrt
math.sigmoid math.sign math.sin math.sinh math.softplus math.sqrt math.square math.tan math.tanh nn.elu nn.gelu nn.leaky_relu
nn.relu nn.relu6 nn.selu nn.silu nn.softsign cast saturate_cast identity zeros_like ones_like stop_gradient clip_by_value
bitwise.invert strings.as_string strings.length strings.lower strings.strip strings.substr strings.to_hash_bucket
strings.to_hash_bucket_fast strings.to_hash_bucket_strong strings.to_number strings.upper strings.unicode_script
strings.unicode_transcode strings.regex_full_match strings.regex_replace io.decode_base64 io.encode_base64 one_hot
debugging.check_numerics math.nextafter nn.dropout""".split()
_BINARY = """math.add math.atan2 math.divide math.divide_no_nan math.equal math.floordiv math.floormod math.greater math.greater_equal
math.less math.less_equal math.logical_and math.logical_or math.logical_xor math.maximum math.minimum math.multiply
math.multiply_no_nan math.not_equal math.pow math.squared_difference math.subtract math.truediv math.xdivy math.xlog1py math.xlogy
math.zeta bitwise.bitwise_and bitwise.bitwise_or bitwise.bitwise_xor bitwise.left_shift bitwise.right_shift complex truncatediv
truncatemod realdiv math.scalar_mul nn.sigmoid_cross_entropy_with_logits""".split()


def _named(names):
    found = []
    for name in names:
        try:
            found.append(_core.function_named("tf." + name))
        except AttributeError:
            pass
    return found


def _matches(value, kind):
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Union:
        return any(_matches(value, argument) for argument in arguments)
    if origin in (list, tuple):
        return isinstance(value, (list, tuple)) and len(value) > 0 and all(_matches(v, arguments[0]) for v in value)
    if kind is None:
        return value is None
    return isinstance(value, kind)


def dispatched(function, args, kwargs):
    """What a registered function makes of the call; NotImplemented if none takes it. Raises TypeError if none does and the
    arguments are of no type that the engine knows."""
    found = []
    targets = _for_api.get(function, ())
    if targets:
        try:
            bound = inspect.signature(function).bind(*args, **kwargs).arguments
        except TypeError:
            bound = {}
        for signature, target in targets:
            if all(name in bound and _matches(bound[name], kind) for name, kind in signature.items()):
                found.append((target, lambda target=target: target(*args, **kwargs)))
    for registry, names, count in ((_binary, _BINARY, 2), (_unary, _UNARY, 1)):
        if not registry or function not in _named(names):
            continue
        parameters = list(inspect.signature(function).parameters)[:count]
        values = [args[i] if i < len(args) else kwargs.get(parameter) for i, parameter in enumerate(parameters)]
        rest, named = args[count:], {k: v for k, v in kwargs.items() if k not in parameters}
        api = (lambda *own: function(*own, *rest, **named)) if rest or named else function
        for kinds, handler in registry.items():
            if all(_matches(v, kind) for v, kind in zip(values, kinds)):
                found.append((handler, lambda handler=handler, api=api, values=values: handler(api, *values)))
    if len(found) > 1:
        raise ValueError("Multiple dispatch targets that were registered with tf.dispatch_for ({}) match the arguments to {}".format(
            " and ".join(str(target) for target, _ in found), function.__name__))
    if found:
        return found[0][1]()
    raise ValueError("Attempt to convert a value ({}) with an unsupported type ({}) to a Tensor.".format(
        *next(((x, type(x)) for x in list(args) + list(kwargs.values()) if hasattr(type(x), "__tf_dispatch__")), (args, type(args)))))


def _check_api(api):
    if not callable(api) or not hasattr(api, "__name__"):
        raise ValueError(f"{api} does not support dispatch.")


@export("experimental.dispatch_for_api")
def dispatch_for_api(api, *signatures):
    """A decorator: the function is called instead of `api` where the arguments have the annotated types, or those of one of
    the signatures, {parameter: type}."""
    _check_api(api)
    parameters = inspect.signature(api).parameters

    def decorator(target):
        rows = list(signatures)
        if not rows:
            annotations = {name: p.annotation for name, p in inspect.signature(target).parameters.items() if p.annotation is not p.empty}
            if not annotations:
                raise ValueError("The dispatch_for_api decorator must be called with at least one signature, or applied to a function "
                                 "that has type annotations on its parameters.")
            rows = [annotations]
        for row in rows:
            for name in row:
                if name not in parameters:
                    raise ValueError(f"signature includes annotation for unknown parameter {name!r}.")
        _for_api.setdefault(api, []).extend((dict(row), target) for row in rows)
        return target
    return decorator


@export("experimental.dispatch_for_unary_elementwise_apis")
def dispatch_for_unary_elementwise_apis(x_type):
    """A decorator: handler(api, x) is called for every function that computes x element by element."""
    def decorator(handler):
        if (x_type,) in _unary:
            raise ValueError(f"A unary elementwise dispatch handler ({_unary[x_type,]}) has already been registered for {x_type}.")
        _unary[x_type,] = handler
        return handler
    return decorator


@export("experimental.dispatch_for_binary_elementwise_apis")
def dispatch_for_binary_elementwise_apis(x_type, y_type):
    """A decorator: handler(api, x, y) is called for every function that computes x and y element by element."""
    def decorator(handler):
        if (x_type, y_type) in _binary:
            raise ValueError(f"A binary elementwise dispatch handler ({_binary[x_type, y_type]}) has already been registered for "
                             f"({x_type}, {y_type}).")
        _binary[x_type, y_type] = handler
        return handler
    return decorator


@export("experimental.unregister_dispatch_for")
def unregister_dispatch_for(dispatch_target):
    """Undoes dispatch_for_* of this function."""
    found = False
    for rows in _for_api.values():
        kept = [row for row in rows if row[1] is not dispatch_target]
        found, rows[:] = found or len(kept) != len(rows), kept
    for registry in (_unary, _binary):
        for key in [k for k, handler in registry.items() if handler is dispatch_target]:
            found = bool(registry.pop(key))
    if not found:
        raise ValueError(f"Function {dispatch_target} was not registered using a `@tf.experimental.dispatch_for_*` decorator.")
