# In: a trace of the engine and how its arguments and results are nested. Out: tf's ConcreteFunction.
from . import export, nest
from .. import _core
from .specs import TensorSpec, TypeSpec


class _Graph:
    """As much of tf.Graph as a concrete function shows."""

    def __init__(self, handle):
        self._handle = handle

    def as_graph_def(self, from_version=None, add_shapes=False):
        from .graph_def import GraphDef
        return GraphDef.FromString(self._handle.graph_def())


def _said(head, structure):
    """The lines that tell a structure of specs: a nested one with its leaves numbered below."""
    def leaf(spec):
        if isinstance(spec, TensorSpec):
            return f"{spec.dtype.name} Tensor, shape={spec.shape}"
        return "NoneTensorSpec()" if spec is None else repr(spec)
    if not nest.is_nested(structure):
        return [head + leaf(structure)]
    below = []

    def number(spec):
        below.append(f"      <{len(below) + 1}>: {leaf(spec)}")
        return _Number(len(below))
    return [head + str(nest.map_structure(number, structure)), *below]


class _Number:
    """<1> in a printed structure, without quotation marks."""

    def __init__(self, n):
        self.n = n

    def __repr__(self):
        return f"<{self.n}>"


@export("__internal__.function.ConcreteFunction")
class ConcreteFunction:
    """One trace, called with tensors of its signature."""

    def __init__(self, handle, name, names, signature, by_name, specs, outputs):
        self._handle, self._short_name, self._names = handle, name, names
        self._signature, self._by_name, self._specs = signature, by_name, specs
        self._packing = outputs.packing()
        self._structured_outputs = self._specs_of(outputs, iter(handle.outputs))
        self._attrs, self._keyword_only = {}, ()

    @staticmethod
    def _specs_of(outputs, specs):
        """The structure of the results with a spec in each leaf's place; a composite value's spec is its own."""
        def spec(leaf):
            if leaf is None:
                return None
            if not hasattr(type(leaf), "_is_composite_tensor_"):
                return next(specs)
            for _ in leaf._composite_parts_():
                next(specs)
            return leaf._type_spec
        leaves = [spec(leaf) for leaf in nest.flatten(outputs.structure)]
        return nest.pack_sequence_as(outputs.structure, leaves)

    @property
    def name(self):
        return self._handle.name

    @property
    def inputs(self):
        return list(self._handle.inputs)

    @property
    def outputs(self):
        return list(self._handle.outputs)

    @property
    def captured_inputs(self):
        return list(self._handle.captures)

    @property
    def graph(self):
        return _Graph(self._handle)

    @property
    def function_def(self):
        return self._handle.graph_def()

    @property
    def structured_input_signature(self):
        return tuple(self._signature), dict(self._by_name)

    @property
    def structured_outputs(self):
        return self._structured_outputs

    @property
    def output_dtypes(self):
        return nest.map_structure(lambda s: s.dtype, self._structured_outputs)

    @property
    def output_shapes(self):
        return nest.map_structure(lambda s: s.shape, self._structured_outputs)

    def _call_flat(self, tensors):
        out = self._handle.call(tensors)
        if self._packing is None:
            return out[0]
        if self._packing in (1, 2):
            return list(out) if self._packing == 1 else tuple(out)
        return self._packing(out)

    def __call__(self, *args, **kwargs):
        values = list(args)
        if len(values) > len(self._signature):
            raise TypeError(f"{self._short_name}({', '.join(self._names)}) expected at most "
                            f"{len(self._signature)} positional arguments, got {len(values)}.")
        for name, spec in list(zip(self._names, self._signature))[len(values):]:
            if name in kwargs:
                values.append(kwargs.pop(name))
            elif nest.flatten(spec) and isinstance(nest.flatten(spec)[0], TensorSpec):
                raise TypeError(f"{self._short_name}({', '.join(self._names)}) missing required arguments: {name}.")
            else:
                values.append(spec)
        tensors = []

        def convert(spec, value):
            if isinstance(spec, TensorSpec):
                tensor = _core.convert(value, None, spec.dtype)
                if tensor.dtype != spec.dtype or not spec.shape.is_compatible_with(tensor.shape):
                    raise ValueError(f"{self._short_name}: argument '{spec.name}' must be compatible with {spec}, "
                                     f"got a tensor of shape {tensor.shape} and dtype {tensor.dtype!r}")
                tensors.append(tensor)
            elif hasattr(spec, "_component_specs_"):
                if not (hasattr(value, "_type_spec") and spec.is_compatible_with(value)):
                    raise ValueError(f"{self._short_name}: an argument must be compatible with {spec}, got {value!r}")
                tensors.extend(nest.flatten(value, expand_composites=True))
        for spec, value in zip(self._signature, values):
            nest.map_up_to(spec, convert, spec, value)
        for key, spec in self._by_name.items():
            nest.map_up_to(spec, convert, spec, kwargs.pop(key))
        if kwargs:
            raise TypeError(f"{self._short_name}({', '.join(self._names)}) got unexpected keyword arguments: "
                            f"{', '.join(kwargs)}.")
        return self._call_flat(tensors)

    def pretty_printed_signature(self, verbose=True):
        heads = []
        for name, spec in zip(self._names, self._signature):
            if name in self._keyword_only and "*" not in heads:
                heads.append("*")
            leaves = nest.flatten(spec)
            heads.append(name if leaves and isinstance(leaves[0], TypeSpec) or nest.is_nested(spec)
                         else f"{name}={spec}")
        head = f"{self._short_name}({', '.join(heads)})"
        if not verbose:
            return head
        lines = [head]
        tensors = [(n, s) for n, s in zip(self._names, self._signature)
                   if nest.flatten(s) and isinstance(nest.flatten(s)[0], TypeSpec)]
        if tensors:
            lines.append("  Args:")
            for name, spec in tensors:
                lines += _said(f"    {name}: ", spec)
        return "\n".join(lines + ["  Returns:"] + _said("    ", self._structured_outputs))

    def __repr__(self):
        return f"<ConcreteFunction {self.pretty_printed_signature(verbose=False)} at {hex(id(self)).upper().replace('X', 'x')}>"

    def __str__(self):
        return "ConcreteFunction " + self.pretty_printed_signature()
