# In: layers that were called. Out: what they were called with, and their calls as functions that a SavedModel keeps, in the
# form in which Keras 2.9 looks for them.
import contextlib
import inspect

from .._core import keras as core
from .._framework import nest
from .._framework.function import Function, function as tf_function
from .._framework.specs import TensorSpec, TypeSpec
from .. import _core

# {id of a layer: (layer, [calls])} of what is called while a model is saved; None at other times.
watched = None


@contextlib.contextmanager
def watching():
    """Notes all calls of layers within the block."""
    global watched
    before, watched = watched, {}
    try:
        yield watched
    finally:
        watched = before


def _spec(value):
    """What a tensor is in a signature; other values stand for themselves."""
    if isinstance(value, TypeSpec):
        return value
    if _core.is_tensor(value):
        return TensorSpec(value.shape, value.dtype)
    node = getattr(value, "_type_spec", None)
    if node is not None and hasattr(type(value), "_is_composite_tensor_"):
        return node
    if hasattr(value, "shape") and hasattr(value, "dtype") and not isinstance(value, _core.VariableBase):
        return TensorSpec(value.shape, value.dtype)       # an array, a symbolic tensor
    return value


def specs_of(structure):
    return nest.map_structure(_spec, structure, expand_composites=False)


def note(layer, args, kwargs):
    """Keeps the form of a layer's call: the first one, and all that come while a model is saved."""
    positional = [specs_of(a) for a in args]
    named = {k: specs_of(v) for k, v in kwargs.items() if k not in ("training", "mask")}
    layer.__dict__.setdefault("_kept_call", (positional, named))
    if watched is not None:
        calls = watched.setdefault(id(layer), (layer, []))[1]
        if repr((positional, named)) not in [repr(c) for c in calls]:
            calls.append((positional, named))


def open_batch(structure):
    """The same specs for batches of any size."""
    def opened(spec):
        if isinstance(spec, TensorSpec) and spec.shape.rank:
            return TensorSpec([None] + spec.shape.as_list()[1:], spec.dtype, spec.name)
        return spec
    return nest.map_structure(opened, structure, expand_composites=False)


def _paths(structure, path=()):
    if isinstance(structure, dict):
        return [p for key in sorted(structure) for p in _paths(structure[key], path + (key,))]
    if isinstance(structure, (list, tuple)) and not isinstance(structure, TypeSpec):
        return [p for i, item in enumerate(structure) for p in _paths(item, path + (i + 1,))]
    return [path]


def pseudo_names(structure, prefix):
    """Names of a subclassed model's inputs or outputs: input_1, input_2; the keys of dicts."""
    names = []
    for path in _paths(structure):
        name = "_".join(map(str, path)) or "1"
        names.append(name if path and not isinstance(path[0], int) else prefix + name)
    return names


def save_spec(model, dynamic_batch=True):
    """([inputs, ...], {keyword: ...}) that a model is called with; None if nothing says so."""
    inputs = getattr(model, "inputs", None)
    if inputs:
        # A graph of symbolic tensors knows its batch itself.
        names = model.input_names
        flat = [t.type_spec if hasattr(t, "type_spec") and not isinstance(t.type_spec, TensorSpec)
                else TensorSpec(t.shape, t.dtype, name) for t, name in zip(inputs, names)]
        return [flat if len(flat) > 1 else flat[0]], {}
    call = model.__dict__.get("_kept_call")
    if call is None:
        return None
    positional, named = call
    first = positional[0]
    names = iter(pseudo_names(first, "input_"))

    def with_name(spec):
        name = next(names)
        return TensorSpec(spec.shape, spec.dtype, name) if isinstance(spec, TensorSpec) else spec
    first = nest.map_structure(with_name, first, expand_composites=False)
    found = [first, *positional[1:]], dict(named)
    return open_batch(found) if dynamic_batch else found


_NAMED = ("training", "mask")        # arguments that a layer's call hands on to the layers within


def takes_training(layer):
    """Whether the layer's own call has an argument `training`."""
    return layer._record is None and any(p.name == "training" or p.kind is p.VAR_KEYWORD for p in _parameters(layer))


def _trains(layer):
    """Whether a call depends on `training`: the layer takes it, or holds layers that may."""
    return takes_training(layer) or bool(layer._own_layers())


def _parameters(layer):
    call = layer.call
    signature = call._signature if isinstance(call, Function) else inspect.signature(call)
    return list(signature.parameters.values())


def _signature(layer, graph):
    """How a saved call is called: as the layer's own, with `training`, which is False if nobody says."""
    P = inspect.Parameter
    if graph or layer._record is not None:
        return inspect.Signature([P("inputs", P.POSITIONAL_OR_KEYWORD), P("training", P.POSITIONAL_OR_KEYWORD, default=False),
                                  P("mask", P.POSITIONAL_OR_KEYWORD, default=None)])
    rows = [p.replace(annotation=P.empty) for p in _parameters(layer)]
    at = next((i for i, p in enumerate(rows) if p.name == "training"), None)
    if at is not None:
        if rows[at].default in (None, P.empty):
            rows[at] = rows[at].replace(default=False)
            for i in range(at + 1, len(rows)):      # what follows a default needs one
                if rows[i].kind == P.POSITIONAL_OR_KEYWORD and rows[i].default is P.empty:
                    rows[i] = rows[i].replace(default=None)
    elif _trains(layer):
        plain = [i for i, p in enumerate(rows) if p.kind in (P.POSITIONAL_ONLY, P.POSITIONAL_OR_KEYWORD)]
        starred = any(p.kind == P.VAR_POSITIONAL for p in rows)
        if starred or not plain:
            at = len([p for p in rows if p.kind != P.VAR_KEYWORD])
            rows.insert(at, P("training", P.KEYWORD_ONLY, default=False))
        else:
            rows.insert(plain[-1] + 1, P("training", P.POSITIONAL_OR_KEYWORD, default=False))
    return inspect.Signature(rows)


def functions_of(layer, calls, graph=False):
    """{name: tf.function} of a layer's call, traced for `calls`: its outputs, and its outputs with the losses that they add."""
    from .revived import Revived
    if isinstance(layer, Revived):
        return layer._saved_functions()
    signature = _signature(layer, graph)
    name = layer.name.replace("-", "_")

    def whole(*args, **kwargs):
        given = signature.bind(*args, **kwargs).arguments
        first, *more = [given[p.name] for p in signature.parameters.values()
                        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.name in given and p.name not in _NAMED]
        for p in signature.parameters.values():
            more += given.get(p.name, ()) if p.kind is p.VAR_POSITIONAL else ()
        named = {p.name: given[p.name] for p in signature.parameters.values()
                 if (p.kind is p.KEYWORD_ONLY or p.name in _NAMED) and p.name in given}
        named.update(next((given.get(p.name, {}) for p in signature.parameters.values() if p.kind is p.VAR_KEYWORD), {}))
        return layer(first, *more, **named), core.added_losses(layer._engine_handle)

    def only(*args, **kwargs):
        return whole(*args, **kwargs)[0]
    made = {}
    for key, body, suffix in (("__call__", only, "_layer_call_fn"),
                              ("call_and_return_conditional_losses", whole, "_layer_call_and_return_conditional_losses")):
        body.__signature__, body.__name__ = signature, name + suffix
        made[key] = tf_function(body, autograph=False)
    made["call_and_return_all_conditional_losses"] = made["call_and_return_conditional_losses"]
    trains = "training" in signature.parameters
    for positional, named in calls:
        for training in (False, True) if trains else (None,):
            for function in (made["__call__"], made["call_and_return_conditional_losses"]):
                known = {k: v for k, v in named.items() if k in signature.parameters or _open(signature)}
                given = list(positional)
                if training is not None:
                    at = list(signature.parameters).index("training")
                    given = given[:at] if len(given) > at else given
                    known["training"] = training
                function.get_concrete_function(*given, **known)
    return made


def _open(signature):
    return any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())


def serving(model, specs):
    """The concrete function that a model serves with: named tensors in, named tensors out, inference."""
    positional, named = specs

    def serve(*args, **kwargs):
        outputs = model(*args, training=False, **kwargs)
        names = model.output_names if getattr(model, "inputs", None) else None
        flat = nest.flatten(outputs)
        return dict(zip(names or pseudo_names(outputs, "output_"), flat))
    return tf_function(serve, autograph=False).get_concrete_function(*positional, **named)
