# In: bytes of GraphDefs. Out: tf.compat.v1.GraphDef, import_graph_def, wrap_function: graphs of files as functions.
import collections

from . import export, nest
from .graphs import GraphTensor, NamedGraph, NodeDef, Operation, Traced
from .registered import no_gradient, rule_of_node
from .specs import TensorSpec, TypeSpec
from .. import _core

_Function = collections.namedtuple("FunctionDef", "signature")
_Signature = collections.namedtuple("OpDef", "name")
_Library = collections.namedtuple("FunctionDefLibrary", "function")
_wrapping = []    # the graphs that functions being wrapped import, innermost last


@export("compat.v1.GraphDef")
class GraphDef:
    """A graph as a file holds it: nodes and a library of functions. Its bytes are what ParseFromString was given; nodes
    are there to be read."""

    def __init__(self):
        self._bytes, self._imported = b"", None

    @classmethod
    def FromString(cls, serialized):
        made = cls()
        made.ParseFromString(serialized)
        return made

    def ParseFromString(self, serialized):
        self._bytes, self._imported = bytes(memoryview(serialized)), None
        self._graph()
        return len(self._bytes)

    def SerializeToString(self, deterministic=None):
        return self._bytes

    def ByteSize(self):
        return len(self._bytes)

    def CopyFrom(self, other):
        self._bytes, self._imported = other._bytes, other._imported

    def _graph(self):
        if self._imported is None:
            self._imported = _core.ImportedGraph(self._bytes)
            self._imported.on_unknown_rule(rule_of_node)
            self._imported.on_missing_rule(no_gradient)
        return self._imported

    @property
    def node(self):
        return [NodeDef(*row) for row in self._graph().nodes()]

    @property
    def library(self):
        return _Library([_Function(_Signature(name)) for name in self._graph().functions()])

    def __eq__(self, other):
        return isinstance(other, GraphDef) and self._bytes == other._bytes

    __hash__ = None


class _ImportedOperation(Operation):
    """A node of an imported graph, under the prefix that it was imported with."""

    def __init__(self, graph, node, imported, prefix):
        super().__init__(graph, node)
        self._imported, self._prefix, self.inner = imported, prefix, node[0][len(prefix):]

    def _spec(self, index):
        return self._imported.spec_of(f"{self.inner}:{index}")

    def _output(self, index):
        return GraphTensor(self, index)     # a file does not tell how many there are

    @property
    def outputs(self):
        """Those that other nodes read, and the first."""
        read = {int(i.rpartition(":")[2]) for op in self.graph.get_operations() for i in op._node[2]
                if i.rpartition(":")[0] == self.name}
        return [self._output(i) for i in range(max(read, default=0) + 1)]


class _Graphs(NamedGraph):
    """The graphs that one wrapped function imports, as one tf.Graph shows them."""

    def __init__(self, parts=()):
        self._parts, self._made = list(parts), {}   # (prefix, GraphDef); operations by name

    def _operation(self, name):
        if name not in self._made:
            for prefix, graph in self._parts:
                for node in graph.node:
                    if prefix + node.name == name:
                        self._made[name] = self._made_of(prefix, graph, node)
        return self._made.get(name)

    def _made_of(self, prefix, graph, node):
        reads = [prefix + (i if ":" in i else i + ":0") for i in node.input if not i.startswith("^")]
        waits = [prefix + i[1:] for i in node.input if i.startswith("^")]
        return _ImportedOperation(self, (prefix + node.name, node.op, reads, waits, [], {}), graph._graph(), prefix)

    def get_operations(self):
        return [self._operation(prefix + node.name) for prefix, graph in self._parts for node in graph.node]

    def as_graph_def(self, from_version=None, add_shapes=False):
        if len(self._parts) != 1:
            raise ValueError(f"as_graph_def: the function imports {len(self._parts)} graphs; it can be told of one only")
        return self._parts[0][1]


@export("graph_util.import_graph_def", "compat.v1.import_graph_def")
def import_graph_def(graph_def, input_map=None, return_elements=None, name=None, producer_op_list=None):
    """Puts a graph into the function that is being traced or wrapped; `return_elements` are its tensors "x:0" or
    operations "x", and `input_map` gives tensors in the place of its own."""
    if not isinstance(graph_def, GraphDef):
        raise TypeError(f"Argument `graph_def` must be a GraphDef proto. Received type: {type(graph_def).__name__}.")
    if producer_op_list is not None:
        raise ValueError("import_graph_def: producer_op_list is not read; the attributes of every op are checked as they are")
    input_map = dict(input_map or {})
    if not all(isinstance(k, str) for k in input_map):
        raise TypeError(f"Argument `input_map` must be a dictionary mapping strings to Tensor objects. Received: {input_map}")
    wanted = list(return_elements or ())
    if not all(isinstance(e, str) for e in wanted):
        raise TypeError(f"Argument `return_elements` must be a list of strings. Received: {return_elements}.")
    if _core.executing_eagerly() and not _wrapping:
        raise RuntimeError("import_graph_def: call it within a tf.function or a function given to "
                           "tf.compat.v1.wrap_function; there is no graph outside of them")
    graph = graph_def._graph()
    prefix = "import" if name is None else name
    prefix = prefix.rstrip("/") + "/" if prefix else ""
    if _wrapping:
        _wrapping[-1]._parts.append((prefix, graph_def))
    if return_elements is None:
        return None
    names = {n.name: n for n in graph_def.node}
    for element in wanted + list(input_map):
        if element.partition(":")[0] not in names:
            raise ValueError(f"Requested return_element {element!r} not found in graph_def." if element in wanted else
                             f"Attempted to map inputs that were not found in graph_def: [{element}]")
    feeds = {k if ":" in k else k + ":0": v for k, v in input_map.items()}
    tensors = iter(graph.add(feeds, [e for e in wanted if ":" in e], []))
    of = _wrapping[-1] if _wrapping else _Graphs([(prefix, graph_def)])
    return [next(tensors) if ":" in e else of._operation(prefix + e) for e in wanted]


class WrappedFunction(Traced):
    """A function made from a graph: called with tensors, and cut anew by prune."""

    def __init__(self, handle, names, structure, graph):
        self._handle, self._names, self._structure, self.graph = handle, names, structure, graph
        specs = iter(handle.outputs)
        self._structured_outputs = nest.map_structure(lambda leaf: next(specs) if leaf else None, structure)

    # The graph is that of the file: arguments and results are told by their specs.
    @property
    def inputs(self):
        return list(self._handle.inputs)

    @property
    def outputs(self):
        return list(self._handle.outputs)

    @property
    def structured_outputs(self):
        return self._structured_outputs

    @property
    def structured_input_signature(self):
        return tuple(self._handle.inputs), {}

    def __call__(self, *args, **kwargs):
        specs = self._handle.inputs
        values = nest.flatten(list(args))
        for name in self._names[len(values):]:
            if name not in kwargs:
                raise TypeError(f"Expected argument names {self._names} but got values for {sorted(kwargs)}. Missing: {[name]}.")
            values.append(kwargs.pop(name))
        if kwargs or len(values) > len(specs):
            raise TypeError(f"Signature specifies {len(specs)} arguments, got: {len(values) + len(kwargs)}.")
        tensors = iter(self._handle.call([_core.convert(v, s.dtype) for v, s in zip(values, specs)]))
        return nest.map_structure(lambda leaf: next(tensors) if leaf else None, self._structure)

    def prune(self, feeds, fetches, name=None, input_signature=None):
        """The function from tensors of the graph to others; an operation among `fetches` runs and gives None."""
        element = self.graph.as_graph_element
        feeds = [element(f) for f in nest.flatten(feeds)]
        outputs = nest.map_structure(element, fetches)
        found = feeds + nest.flatten(outputs)
        if not found:
            raise ValueError("prune: there is nothing to fetch")
        if any(isinstance(f, Operation) for f in feeds):
            raise ValueError("All members of argument `feeds` must be tensors. Got an operation.")
        operations = [f if isinstance(f, Operation) else f.op for f in found]
        graph = operations[0]._imported
        if any(op._imported is not graph for op in operations):
            raise ValueError("prune: feeds and fetches belong to several imported graphs; expected one")
        flat = nest.flatten(outputs)

        def inner(tensor):
            return f"{tensor.op.inner}:{tensor.value_index}"
        handle = graph.prune([inner(f) for f in feeds], [inner(f) for f in flat if isinstance(f, GraphTensor)],
                             [f.inner for f in flat if isinstance(f, Operation)])
        return WrappedFunction(handle, [f.op.name for f in feeds],
                               nest.map_structure(lambda f: isinstance(f, GraphTensor), outputs), self.graph)


@export("compat.v1.wrap_function")
def wrap_function(fn, signature, name=None):
    """Traces `fn`, which may import graphs, with tensors of `signature`; they are made once, at this call."""
    specs = nest.flatten(signature)
    for spec in specs:
        if not isinstance(spec, TypeSpec) or not isinstance(spec, TensorSpec):
            raise TypeError(f"wrap_function: expected TensorSpecs in `signature`, got {spec!r}")
    graphs, made = _Graphs(), {}

    def body(arguments):
        made["structure"] = structure = fn(*nest.pack_sequence_as(list(signature), arguments))
        leaves = [x for x in nest.flatten(structure) if x is not None and not isinstance(x, Operation)]
        return [_core.convert(x) for x in leaves]
    _wrapping.append(graphs)
    try:
        handle = _core.trace(name or getattr(fn, "__name__", "wrapped"), specs, body)
    finally:
        _wrapping.pop()
    structure = nest.map_structure(lambda x: x is not None and not isinstance(x, Operation), made["structure"]) \
        if made["structure"] is not None else None
    return WrappedFunction(handle, [s.name or f"arg{i}" for i, s in enumerate(specs)], structure, graphs)
