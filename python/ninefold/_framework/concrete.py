# In: a trace of the engine and how its arguments and results are nested. Out: tf's ConcreteFunction.
import numpy as np

from . import export, nest
from .faults import ERRORS
from .graphs import FuncGraph, Traced
from .. import _core
from .specs import TensorSpec, TypeSpec, VariableSpec


_SHORT = {"float32": "float", "float64": "double", "float16": "half"}


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
class ConcreteFunction(Traced):
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
    def graph(self):
        if "_graph" not in self.__dict__:
            self._graph = FuncGraph(self)
        return self._graph

    @property
    def structured_input_signature(self):
        named = {n: s for n, s in zip(self._names, self._signature) if n in self._keyword_only}
        extra = self._signature[len(self._names):]
        placed = [s for n, s in zip(self._names, self._signature) if n not in self._keyword_only]
        return (*placed, *extra), {**named, **self._by_name}

    @property
    def structured_outputs(self):
        return self.graph.structured_outputs

    def _call_flat(self, tensors):
        out = self._handle.call(tensors)
        if self._packing is None:
            return out[0]
        if self._packing in (1, 2):
            return list(out) if self._packing == 1 else tuple(out)
        return self._packing(out)

    def _handle_of(self, value, spec, place, call):
        """The handle of a variable that is an argument."""
        if isinstance(value, _core.VariableBase):
            if value.dtype == spec.dtype:
                return value.handle
            mine, its = (_SHORT.get(d.name, d.name) for d in (spec.dtype, value.dtype))
            raise ERRORS[3](None, None, f"Trying to read variable with wrong dtype. Expected {mine} got {its} [Op:{self.name}]")
        if _core.is_tensor(value):
            raise ERRORS[3](None, None, f"cannot compute {self.name} as input #{place}(zero-based) was expected to be a resource "
                            f"tensor but is a {_SHORT.get(value.dtype.name, value.dtype.name)} tensor [Op:{self.name}]")
        raise TypeError(f"{call} expected a tf.Variable, but got {type(value).__name__} value {value}.")

    def __call__(self, *args, **kwargs):
        values = list(args)
        call = f"{self._short_name}({', '.join(self._names)})"
        if len(values) > len(self._signature):
            raise TypeError(f"{call} takes {len(self._signature)} positional arguments but got {len(values)}.")
        for name, spec in list(zip(self._names, self._signature))[len(values):]:
            if name in kwargs:
                values.append(kwargs.pop(name))
            elif nest.flatten(spec) and isinstance(nest.flatten(spec)[0], (TensorSpec, VariableSpec)):
                raise TypeError(f"{self._short_name}({', '.join(self._names)}) missing required arguments: {name}.")
            else:
                values.append(spec)
        tensors, variables = [], set()

        def convert(spec, value):
            if isinstance(spec, VariableSpec):
                if spec._number in variables:       # the same as one before it
                    return
                variables.add(spec._number)
                tensors.append(self._handle_of(value, spec, len(tensors), call))
            elif isinstance(spec, TensorSpec):
                if not (_core.is_tensor(value) or isinstance(value, (_core.VariableBase, np.ndarray, np.generic))):
                    raise TypeError(f"{call} expected a Tensor in {spec.name}, but got {type(value).__name__} value "
                                    f"{value}.")
                tensor = _core.convert(value)
                if tensor.dtype != spec.dtype:
                    mine, its = (_SHORT.get(d.name, d.name) for d in (spec.dtype, tensor.dtype))
                    raise ERRORS[3](None, None, f"cannot compute {self.name} as input #{len(tensors)}(zero-based) was "
                                    f"expected to be a {mine} tensor but is a {its} tensor [Op:{self.name}]")
                if not spec.shape.is_compatible_with(tensor.shape):
                    raise ValueError(f"{self._short_name}: argument '{spec.name}' must be compatible with {spec}, "
                                     f"got a tensor of shape {tensor.shape} and dtype {tensor.dtype!r}")
                tensors.append(tensor)
            elif hasattr(spec, "_component_specs_"):
                if not (hasattr(value, "_type_spec") and spec.is_compatible_with(value)):
                    raise ValueError(f"{self._short_name}: an argument must be compatible with {spec}, got {value!r}")
                tensors.extend(nest.flatten(value, expand_composites=True))
            elif value is not spec and value != spec:
                name = next(n for n, s in zip(self._names, self._signature) if s is spec)
                raise TypeError(f"ConcreteFunction {call} was constructed with {type(spec).__name__} value {spec} in "
                                f"{name}, but was called with {type(value).__name__} value {value}.")
        for spec, value in zip(self._signature, values):
            nest.map_up_to(spec, convert, spec, value)
        for key, spec in self._by_name.items():
            nest.map_up_to(spec, convert, spec, kwargs.pop(key))
        if kwargs:
            raise TypeError(f"{self._short_name}({', '.join(self._names)}) got unexpected keyword arguments: "
                            f"{', '.join(kwargs)}.")
        return self._call_flat(tensors)

    def pretty_printed_signature(self, verbose=True):
        def said(name, spec):
            leaves = nest.flatten(spec)
            return name if leaves and isinstance(leaves[0], TypeSpec) or nest.is_nested(spec) else f"{name}={spec}"
        named = [(n, s) for n, s in zip(self._names, self._signature) if n in self._keyword_only]
        placed = [(n, s) for n, s in zip(self._names, self._signature) if n not in self._keyword_only]
        placed += [(f"<arg{len(placed) + 1 + i}>", s) for i, s in enumerate(self._signature[len(self._names):])]
        named = sorted(named + list(self._by_name.items()), key=lambda item: ("=" in said(*item), item[0]))
        heads = [said(*item) for item in placed] + ["*"] * bool(named) + [said(*item) for item in named]
        head = f"{self._short_name}({', '.join(heads)})"
        if not verbose:
            return head
        lines = [head]
        tensors = [(n, s) for n, s in placed + named
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
