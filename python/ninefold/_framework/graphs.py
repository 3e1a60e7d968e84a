# In: nodes of traces and of imported graphs. Out: what tf.Graph shows of them: operations and tensors by name.
from . import export, nest
from .. import _core
from .registered import Overriding
from .specs import TensorSpec


class GraphTensor:
    """A tensor of a graph: an operation's output by number. It has a form and no value."""

    def __init__(self, op, value_index):
        self.op, self.value_index = op, value_index

    @property
    def graph(self):
        return self.op.graph

    @property
    def name(self):
        return f"{self.op.name}:{self.value_index}"

    @property
    def _spec(self):
        return self.op._spec(self.value_index)

    @property
    def shape(self):
        return self._spec.shape

    @property
    def dtype(self):
        return self._spec.dtype

    device = property(lambda self: self.op.device)

    def get_shape(self):
        return self.shape

    def consumers(self):
        """The operations that read it."""
        return [op for op in self.graph.get_operations() if self in op.inputs]

    def __eq__(self, other):
        return isinstance(other, GraphTensor) and (self.op, self.value_index) == (other.op, other.value_index)

    def __hash__(self):
        return hash((self.op, self.value_index))

    def __repr__(self):
        return f"<tf.Tensor '{self.name}' shape={self.shape} dtype={self.dtype.name}>"

    def __str__(self):
        shape = f", shape={self.shape}" if self.shape.rank is not None else ""
        return f'Tensor("{self.name}"{shape}, dtype={self.dtype.name})'


class Operation:
    """A node of a graph. `node`: (name, op, inputs, names of what it waits for, specs of outputs, attributes)."""

    def __init__(self, graph, node):
        self.graph, self._node = graph, node

    name = property(lambda self: self._node[0])
    type = property(lambda self: self._node[1])
    device = property(lambda self: "")
    node_def = property(lambda self: NodeDef(self.name, self.type, self._node[2] + ["^" + n for n in self._node[3]], self.device))

    def _spec(self, index):
        return self._node[4][index]

    @property
    def inputs(self):
        return tuple(self.graph.get_tensor_by_name(name) for name in self._node[2])

    @property
    def control_inputs(self):
        return [self.graph.get_operation_by_name(name) for name in self._node[3]]

    @property
    def outputs(self):
        return [GraphTensor(self, i) for i in range(len(self._node[4]))]

    def _output(self, index):
        if index >= len(self.outputs):
            raise KeyError(f"The name '{self.name}:{index}' refers to a Tensor which does not exist. The operation, "
                           f"'{self.name}', exists but only has {len(self.outputs)} outputs.")
        return self.outputs[index]

    def values(self):
        return tuple(self.outputs)

    def get_attr(self, name):
        """An attribute: a number, a bool, a text as bytes, a DType, a TensorShape, a tensor, or a list of them."""
        if name not in self._node[5]:
            raise ValueError(f"Operation '{self.name}' has no attr named '{name}'.")
        return self._node[5][name]

    def __eq__(self, other):
        return isinstance(other, Operation) and self.graph is other.graph and self.name == other.name

    def __hash__(self):
        return hash((id(self.graph), self.name))

    def __repr__(self):
        return f"<tf.Operation '{self.name}' type={self.type}>"


Operation.__module__ = GraphTensor.__module__ = "tensorflow.python.framework.ops"
export("Operation")(Operation)


class NodeDef:
    """A node as a GraphDef lists it."""

    def __init__(self, name, op, input, device):
        self.name, self.op, self.input, self.device = name, op, input, device

    def __eq__(self, other):
        return isinstance(other, NodeDef) and vars(self) == vars(other)

    __hash__ = None

    def __repr__(self):
        lines = [f'name: "{self.name}"', f'op: "{self.op}"'] + [f'input: "{i}"' for i in self.input]
        return "\n".join(lines + ([f'device: "{self.device}"'] if self.device else [])) + "\n"


@export("Graph")
class NamedGraph:
    """The graph of a function: operations that are found by name. A class of it gives `get_operations()`."""

    def get_operations(self):
        """The operations; a graph that belongs to no function has none."""
        return []

    def as_default(self):
        """RuntimeError: ops are added to the graph of the function that is being traced only."""
        raise RuntimeError("tf.Graph.as_default: ops run at once, or go into the graph of the function that is being traced; "
                           "write a tf.function")

    def _operation(self, name):
        return next((op for op in self.get_operations() if op.name == name), None)

    def as_graph_element(self, obj, allow_tensor=True, allow_operation=True):
        """The tensor "x:0" or the operation "x"."""
        if isinstance(obj, (GraphTensor, Operation)):
            return obj
        if not isinstance(obj, str):
            raise TypeError(f"Can not convert a {type(obj).__name__} into a Tensor or Operation.")
        name, _, index = obj.partition(":")
        op = self._operation(name)
        if op is None and index:
            raise KeyError(f"The name '{obj}' refers to a Tensor which does not exist. The operation, '{name}', does not "
                           "exist in the graph.")
        if op is None:
            raise KeyError(f"The name '{obj}' refers to an Operation not in the graph.")
        if index and allow_tensor:
            return op._output(int(index))
        if not index and allow_operation:
            return op
        raise ValueError(f"Name {obj!r} appears to refer to {'a Tensor, not an Operation' if index else 'an Operation, not a Tensor'}.")

    def get_tensor_by_name(self, name):
        if not isinstance(name, str):
            raise TypeError(f"Tensor names are strings (or similar), not {type(name).__name__}.")
        if ":" not in name:
            if self._operation(name) is not None:
                raise ValueError(f"The name '{name}' refers to an Operation, not a Tensor. Tensor names must be of the form "
                                 "\"<op_name>:<output_index>\".")
            raise ValueError(f"The name '{name}' looks like an (invalid) Operation name, not a Tensor. Tensor names must be "
                             "of the form \"<op_name>:<output_index>\".")
        return self.as_graph_element(name, allow_operation=False)

    def get_operation_by_name(self, name):
        if not isinstance(name, str):
            raise TypeError(f"Operation names are strings (or similar), not {type(name).__name__}.")
        return self.as_graph_element(name, allow_tensor=False)


def variables_of(handle):
    """The variables among what a trace captures, each once."""
    return tuple({v._key: v for v in handle.variables}.values())


class _OfTrace:
    """What a trace of the engine captures; `_handle` is the trace."""

    @property
    def variables(self):
        return variables_of(self._handle)

    @property
    def trainable_variables(self):
        return tuple(v for v in self.variables if v.trainable)


class FuncGraph(_OfTrace, NamedGraph):
    """The graph of a trace."""

    building_function = True

    def __init__(self, function):
        self._handle, self._structure, self._function = function._handle, function._structured_outputs, function
        self.name = getattr(function, "_short_name", self._handle.name)
        self._operations = None

    def _nodes(self):
        if self._operations is None:
            self._operations = {node[0]: Operation(self, node) for node in self._handle.nodes()}
        return self._operations

    def get_operations(self):
        return list(self._nodes().values())

    def _operation(self, name):
        return self._nodes().get(name)

    @property
    def inputs(self):
        """The arguments, then what is captured."""
        count = len(self._handle.inputs) + len(self._handle.captures)
        return [op.outputs[0] for op in self.get_operations() if op.type == "Placeholder"][:count]

    @property
    def outputs(self):
        count = len(self._handle.outputs)
        return [op.outputs[0] for op in self.get_operations()[-count:]] if count else []

    @property
    def structured_outputs(self):
        """The results as tensors of this graph, nested as the function returns them."""
        tensors = iter(self.outputs)

        def leaf(spec):
            if spec is None:
                return None
            if not hasattr(spec, "_component_specs_"):
                return next(tensors)
            for _ in nest.flatten(spec._component_specs_()):
                next(tensors)
            return spec
        return nest.map_structure(leaf, self._structure)

    @property
    def structured_input_signature(self):
        return self._function.structured_input_signature

    @property
    def external_captures(self):
        return list(self._handle.captures)

    @property
    def internal_captures(self):
        return self.inputs[len(self._handle.inputs):]

    @property
    def captures(self):
        """(the tensor outside, its place inside) for each that was captured."""
        return list(zip(self.external_captures, self.internal_captures))

    def as_graph_def(self, from_version=None, add_shapes=False):
        from .graph_def import GraphDef
        return GraphDef.FromString(self._handle.graph_def())

    def __repr__(self):
        return f"FuncGraph(name={self.name}, id={id(self)})"


FuncGraph.__module__ = "tensorflow.python.framework.func_graph"


class Traced(_OfTrace):
    """What concrete and wrapped functions have in common: a trace of the engine, seen from outside."""

    @property
    def name(self):
        return self._handle.name

    @property
    def inputs(self):
        return self.graph.inputs

    @property
    def outputs(self):
        return self.graph.outputs

    @property
    def captured_inputs(self):
        return list(self._handle.captures)

    @property
    def function_def(self):
        return self._handle.graph_def()

    @property
    def output_dtypes(self):
        return nest.map_structure(lambda s: None if s is None else s.dtype, self._structured_outputs)

    @property
    def output_shapes(self):
        from .shapes import TensorShape
        return nest.map_structure(lambda s: TensorShape(None) if s is None else s.shape, self._structured_outputs)


class _Here(NamedGraph):
    """The function that is being traced, as a symbolic tensor of it shows it."""

    building_function = True

    def __init__(self, text):
        self._text, self.name = text, text.partition("name=")[2].partition(",")[0]

    def get_operations(self):
        raise NotImplementedError(f"{self._text}: its operations are there when it is traced: get_concrete_function().graph")

    def gradient_override_map(self, op_type_map):
        """With-block in which ops of these types go by gradients that tf.RegisterGradient named."""
        return Overriding(self, op_type_map)

    def __eq__(self, other):
        return isinstance(other, _Here) and self._text == other._text

    def __hash__(self):
        return hash(self._text)

    def __repr__(self):
        return self._text


class _LiveOperation(Operation):
    """The operation of a symbolic tensor while its function is being traced; `_outputs`: its tensors, where known."""

    _outputs = None

    @property
    def inputs(self):
        return tuple(_core.symbol_inputs(self._tensor))

    @property
    def outputs(self):
        return self._outputs if self._outputs is not None else super().outputs


def _op_of(tensor):
    op = _LiveOperation(_graph_of(tensor), _core.symbol_node(tensor))
    op._tensor = tensor
    return op


def active_graph():
    """The graph of the function that is being traced; None outside of functions."""
    text = _core.active_graph()
    return _Here(text) if text else None


@export("compat.v1.get_default_graph")
def get_default_graph():
    """The graph of the function that is being traced. There is none outside of functions: RuntimeError."""
    graph = active_graph()
    if graph is None:
        raise RuntimeError("tf.compat.v1.get_default_graph: there is no graph outside of a tf.function; ops run at once")
    return graph


def _graph_of(tensor):
    text = _core.symbol_graph(tensor)
    if not text:
        raise AttributeError("Tensor.graph: the function that made this tensor is gone")
    return _Here(text)


_core.Tensor.op, _core.Tensor.graph = property(_op_of), property(_graph_of)
_core.Tensor.value_index = property(lambda tensor: int(tensor.name.rpartition(":")[2]))
