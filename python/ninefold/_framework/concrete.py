# In: a trace of the engine and how its arguments and results are nested. Out: tf's ConcreteFunction.
import numpy as np

from . import export, nest
from .faults import ERRORS
from .graphs import FuncGraph, Traced
from .. import _core
from .specs import TensorSpec, TypeSpec, VariableSpec
from . import trace_types
from .trace_types import UnknownArgument


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
    """<1>, or another text, in a printed structure without quotation marks."""

    def __init__(self, n):
        self._text = n if isinstance(n, str) else f"<{n}>"

    def __repr__(self):
        return self._text


def _summary(structure):
    """A structure with the names of types for its leaves."""
    return str(nest.map_structure(lambda x: _Number(x.value_type.__name__ if isinstance(x, TypeSpec) else type(x).__name__), structure))


def equal(a, b):
    """Whether two Python values are the same argument; what cannot be compared is not."""
    try:
        return bool(a == b)
    except (TypeError, ValueError):
        return False


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
        try:
            tensors = self._structured(list(args), dict(kwargs))
        except TypeError:
            tensors = self._flat(args, dict(kwargs))       # as a signature of tensors only, if it is one
            if tensors is None:
                raise
        return self._call_flat(tensors)

    def _structured(self, values, kwargs):
        """The tensors of arguments as the Python function has them."""
        call = self._said_call()
        if len(values) > len(self._signature):
            raise TypeError(f"{call} takes {len(self._signature)} positional arguments but got {len(values)}.")
        for name, spec in list(zip(self._names, self._signature))[len(values):]:
            if name in kwargs:
                values.append(kwargs.pop(name))
            elif nest.flatten(spec) and isinstance(nest.flatten(spec)[0], (TensorSpec, VariableSpec)):
                raise TypeError(f"{call} missing required arguments: {name}.")
            else:
                values.append(spec)
        tensors, variables = [], set()

        def convert(spec, value):
            self._add(spec, value, tensors, variables, name)
        for name, spec, value in zip(self._all_names(), self._signature, values):
            try:
                nest.assert_same_structure(spec, value)
            except (TypeError, ValueError):
                raise TypeError(f"{call}: argument {name} had incorrect type\n  expected: {_summary(spec)}\n       "
                                f"got: {_summary(value)}") from None
            nest.map_up_to(spec, convert, spec, value)
        for name, spec in self._by_name.items():
            nest.map_up_to(spec, convert, spec, kwargs.pop(name))
        if kwargs:
            raise TypeError(f"{call} got unexpected keyword arguments: {', '.join(kwargs)}.")
        return tensors

    def _flat(self, args, kwargs):
        """The same of one tensor for each that the trace takes, in order or by its name; None if the arguments are not that."""
        rows, taken = [], set()
        for argument, spec in [*zip(self._names, self._signature), *self._by_name.items()]:
            for leaf in nest.flatten(spec, expand_composites=True):
                if isinstance(leaf, (TensorSpec, VariableSpec)):
                    base = name = getattr(leaf, "name", None) or argument
                    while name in taken:
                        name = f"{base}_{sum(t == base or t.startswith(base + '_') for t in taken)}"
                    taken.add(name)
                    rows.append((name, leaf))
        values = list(args) + [kwargs.pop(name) for name, _ in rows[len(args):] if name in kwargs]
        if kwargs or len(values) != len(rows) or not all(_core.is_tensor(v) or isinstance(v, _core.VariableBase) for v in values):
            return None
        tensors, variables = [], set()
        for (name, spec), value in zip(rows, values):
            self._add(spec, value, tensors, variables, name)
        return tensors

    def _all_names(self):
        """Of the positional arguments, also of those that *args took."""
        return [*self._names, *(f"<arg{i + 1}>" for i in range(len(self._names), len(self._signature)))]

    def _said_call(self):
        return f"{self._short_name}({', '.join(self._all_names())})"

    def _add(self, spec, value, tensors, variables, name):
        """Appends the tensors of one argument; `variables`: numbers of those that came before. Raises TypeError, or
        InvalidArgumentError for another dtype."""
        call = self._said_call()
        if isinstance(spec, VariableSpec):
            if spec._number in variables:       # the same as one before it
                return
            variables.add(spec._number)
            tensors.append(self._handle_of(value, spec, len(tensors), call))
        elif isinstance(spec, TensorSpec):
            if not (_core.is_tensor(value) or isinstance(value, (_core.VariableBase, np.ndarray, np.generic))):
                raise TypeError(f"{call} expected a Tensor in {spec.name}, but got {type(value).__name__} value {value}.")
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
            if not ((hasattr(value, "_type_spec") or hasattr(value, "_as_variant_")) and spec.is_compatible_with(value)):
                raise ValueError(f"{self._short_name}: an argument must be compatible with {spec}, got {value!r}")
            tensors.extend(value._as_variant_() if hasattr(value, "_as_variant_") else nest.flatten(value, expand_composites=True))
        elif isinstance(spec, UnknownArgument) and value is spec.value():
            return
        elif value is not spec and not equal(value, spec):
            raise TypeError(f"ConcreteFunction {call} was constructed with {type(spec).__name__} value {spec} in "
                            f"{name}, but was called with {type(value).__name__} value {value}.")

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


trace_types.ConcreteFunction.register(ConcreteFunction)
