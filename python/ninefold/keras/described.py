# In: a layer. Out: what it tells of itself: signatures, regularizers, metrics, scopes, and its calls on symbolic tensors.
import functools
import warnings

from .._core import keras as core
from .._framework import nest
from . import shell


class Node:
    """One call of a layer on symbolic tensors."""

    def __init__(self, layer, inputs, outputs):
        self.layer = self.outbound_layer = layer
        self.input_tensors, self.output_tensors = inputs, outputs
        self.outputs = outputs

    @property
    def keras_inputs(self):
        """The symbolic tensors among what the call was given."""
        from .symbolic import is_symbolic
        return [t for t in nest.flatten(self.input_tensors) if is_symbolic(t)] if not self.is_input else []

    @property
    def is_input(self):
        return type(self.layer).__name__ == "InputLayer"

    @property
    def parent_nodes(self):
        """The calls whose results this one was given."""
        found = []
        for tensor in self.keras_inputs:
            node = node_of(tensor)
            if node is not None:
                found.append(node)
        return found

    @property
    def inbound_layers(self):
        """The layers whose results this call was given, as one, or in the nest of its inputs."""
        if self.is_input:
            return []
        return nest.map_structure(lambda t: t.node.layer if hasattr(t.node, "layer") else t.node, self.input_tensors)

    @property
    def input_shapes(self):
        return shapes(self.input_tensors)

    @property
    def output_shapes(self):
        return shapes(self.output_tensors)

    def __eq__(self, other):
        return isinstance(other, Node) and self.layer is other.layer and all(
            a is b for a, b in zip(nest.flatten(self.output_tensors), nest.flatten(other.output_tensors)))

    def __hash__(self):
        return id(nest.flatten(self.output_tensors)[0])


def node_of(tensor):
    """The call that made a symbolic tensor."""
    layer = tensor.node
    for node in nodes(layer) if hasattr(layer, "_engine_handle") else ():
        if any(t is tensor for t in nest.flatten(node.output_tensors)):
            return node
    return None


def nodes(layer):
    return [Node(layer, inputs, outputs) for inputs, outputs in core.inbound(layer._engine_handle)]


def shapes(tensors):
    if isinstance(tensors, dict):
        return {key: shapes(t) for key, t in tensors.items()}
    if isinstance(tensors, (list, tuple)):
        return [shapes(t) for t in tensors]
    return tuple(tensors.shape.as_list())


def _masks(tensors):
    return nest.map_structure(lambda t: getattr(t, "_keras_mask", None), tensors)


class Described:
    """What every Keras layer can be asked."""

    def compute_output_signature(self, input_signature):
        """The TensorSpecs of the outputs for inputs of these TensorSpecs: their shapes, in the dtype of the computation."""
        from .. import TensorSpec

        def shape_of(spec):
            if not isinstance(spec, TensorSpec):
                raise TypeError("Only TensorSpec signature types are supported. Received: {}.".format(spec))
            return spec.shape
        told = self.compute_output_shape(nest.map_structure(shape_of, input_signature))
        dtype = self.compute_dtype or nest.flatten(input_signature)[0].dtype
        return _each_shape(lambda shape: TensorSpec(dtype=dtype, shape=shape), told)

    @property
    def activity_regularizer(self):
        """What penalises the outputs, or None."""
        return core.layer_get(self._engine_handle, "activity_regularizer")

    @activity_regularizer.setter
    def activity_regularizer(self, regularizer):
        part = core.get("regularizer", shell.part("regularizer", regularizer))
        self._keep([part])
        core.layer_set(self._engine_handle, "activity_regularizer", part)
        core.set_field(self._engine_handle, "activity_regularizer", part)

    _activity_regularizer = activity_regularizer

    @property
    def dtype_policy(self):
        """The mixed_precision.Policy: in which dtypes it computes and keeps its variables."""
        from .mixed_precision import Policy
        return Policy(core.layer_get(self._engine_handle, "policy"))

    _dtype_policy = dtype_policy

    @property
    def metrics(self):
        """The metrics of this layer and those within it."""
        from .metrics import Metric
        found = []

        def collect(layer):
            for metric in list(layer.__dict__.get("_metrics", ())) + [v for v in vars(layer).values() if isinstance(v, Metric)]:
                if not any(metric is other for other in found):
                    found.append(metric)
            for child in layer._own_layers() if layer._record is None else core.sublayers(layer._engine_handle):
                if not isinstance(child, Metric) and hasattr(child, "_engine_handle"):
                    collect(child)
        collect(self)
        return found

    def _flatten_layers(self, recursive=True, include_self=True):
        """This layer and those within it, depth first, each once, without metrics."""
        seen = set()

        def walk(layer):
            written = layer._record is None and layer._kind == "layer"
            for child in layer._own_layers() if written else core.sublayers(layer._engine_handle):
                if child._kind == "metric" or id(child) in seen:
                    continue
                seen.add(id(child))
                yield child
                if recursive:
                    yield from walk(child)
        if include_self:
            yield self
        yield from walk(self)

    @property
    def _dtype(self):
        return self.dtype

    @property
    def _compute_dtype(self):
        return self.compute_dtype

    @property
    def updates(self):
        """Empty: variables are updated when the layer is called."""
        return []

    def add_update(self, updates):
        """Runs the updates that are functions; others have happened already."""
        for update in updates if isinstance(updates, (list, tuple)) else [updates]:
            if callable(update):
                update()

    def add_variable(self, *args, **kwargs):
        """The older name of add_weight()."""
        warnings.warn("`layer.add_variable` is deprecated and will be removed in a future version. Please use the "
                      "`layer.add_weight()` method instead.", stacklevel=2)
        return self.add_weight(*args, **kwargs)

    def apply(self, inputs, *args, **kwargs):
        """The older name of calling the layer."""
        warnings.warn("`layer.apply` is deprecated and will be removed in a future version. Please use `layer.__call__` "
                      "method instead.", stacklevel=2)
        return self(inputs, *args, **kwargs)

    def name_scope(self):
        """What the names of the layer's ops begin with: the scope at hand, the layer's name and a slash."""
        from .._framework import context
        return context.scope_name() + self.name + "/"

    _name_scope = name_scope

    @classmethod
    def with_name_scope(cls, method):
        """Decorator: the method runs in the layer's scope of names."""
        from .. import name_scope

        @functools.wraps(method)
        def within(self, *args, **kwargs):
            with name_scope(self.name_scope()):
                return method(self, *args, **kwargs)
        return within

    def finalize_state(self):
        """Called once, when the layer's state is complete; for classes to override."""

    # ---- calls on symbolic tensors ----

    @property
    def inbound_nodes(self):
        """The layer's calls on symbolic tensors, in order."""
        return nodes(self)

    _inbound_nodes = inbound_nodes

    @property
    def outbound_nodes(self):
        """The calls of layers on what came out of this one's, in order; one that has two of its results stands there twice."""
        return [Node(*call) for call in core.outbound(self._engine_handle)]

    _outbound_nodes = outbound_nodes

    def _node_at(self, index, what):
        found = core.inbound(self._engine_handle)
        if not found:
            raise RuntimeError("The layer {} has never been called and thus has no defined {}.".format(self.name, what))
        if not len(found) > index:
            raise ValueError("Asked to get {} at node {}, but the layer has only {} inbound nodes.".format(
                what, index, len(found)))
        return found[index]

    def get_input_at(self, node_index):
        """What the layer was given at its call of that number."""
        return self._node_at(node_index, "input")[0]

    def get_output_at(self, node_index):
        return self._node_at(node_index, "output")[1]

    def get_input_shape_at(self, node_index):
        return shapes(self._node_at(node_index, "input shape")[0])

    def get_output_shape_at(self, node_index):
        return shapes(self._node_at(node_index, "output shape")[1])

    def get_input_mask_at(self, node_index):
        return _masks(self.get_input_at(node_index))

    def get_output_mask_at(self, node_index):
        return _masks(self.get_output_at(node_index))

    @property
    def input_mask(self):
        """The mask of the layer's only input."""
        return _masks(self.input)

    @property
    def output_mask(self):
        return _masks(self.output)


def _each_shape(make, told):
    if isinstance(told, dict):
        return {key: _each_shape(make, value) for key, value in told.items()}
    if hasattr(told, "as_list") or all(d is None or isinstance(d, int) for d in told):
        return make(told)
    return type(told)(_each_shape(make, value) for value in told)
