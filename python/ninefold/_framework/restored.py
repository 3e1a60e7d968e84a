# In: functions of a SavedModel and what calls them. Out: objects that bind arguments as TensorFlow's do; a function is
# imported when it is first called.
import inspect
import pprint

import numpy as np

from . import nest
from .concrete import ConcreteFunction, _said, equal
from .specs import TensorSpec, TypeSpec
from .. import _core


def _flat_up_to(spec, value):
    """What stands in `value` where `spec` has leaves; ValueError or TypeError if they are not nested alike."""
    if not nest.is_nested(spec):
        return [value]
    if not nest.is_nested(value) or isinstance(spec, dict) != isinstance(value, dict) or len(spec) != len(value):
        raise ValueError(f"{value!r} is not nested as {spec!r}")
    if isinstance(spec, dict):
        if set(spec) != set(value):
            raise ValueError(f"the keys {sorted(value)} are not {sorted(spec)}")
        pairs = [(spec[k], value[k]) for k in sorted(spec)]
    else:
        if hasattr(spec, "_fields") != hasattr(value, "_fields") or isinstance(spec, list) != isinstance(value, list):
            raise TypeError(f"{type(value).__name__} is no {type(spec).__name__}")
        pairs = list(zip(spec, value))
    return [leaf for s, v in pairs for leaf in _flat_up_to(s, v)]


def _is_tensor(x):
    return _core.is_tensor(x) or isinstance(x, _core.VariableBase)


def _has_spec(structure):
    return any(isinstance(s, TypeSpec) for s in nest.flatten(structure))


def _packing(structure):
    """What makes the results of a function from its tensors, in the order in which the file has them."""
    flat = nest.flatten(structure, expand_composites=False)
    counts = [None if leaf is None else len(nest.flatten(leaf._component_specs_()))
              if hasattr(leaf, "_component_specs_") else 1 for leaf in flat]

    def pack(tensors):
        rest, leaves = iter(tensors), []
        for leaf, count in zip(flat, counts):
            if count is None:
                leaves.append(None)
            elif hasattr(leaf, "_component_specs_"):
                leaves.append(leaf._from_components_(nest.pack_sequence_as(
                    leaf._component_specs_(), [next(rest) for _ in range(count)])))
            else:
                leaves.append(next(rest))
        return nest.pack_sequence_as(structure, leaves)
    return pack


class RestoredConcreteFunction(ConcreteFunction):
    """One traced function of a SavedModel."""

    def __init__(self, name, make, signature, outputs):
        self._file_name, self._make, self._made = name, make, None
        stem = name[len("__inference_"):] if name.startswith("__inference_") else name
        self._short_name = stem.rstrip("0123456789").rstrip("_") or stem
        self._signature, self._by_name = list(signature[0]), dict(signature[1])
        self._names = [f"args_{i}" for i in range(len(self._signature))]
        self._structured_outputs, self._packing = outputs, _packing(outputs)
        self._specs = nest.flatten(signature, expand_composites=True)
        self._attrs, self._keyword_only = {}, ()
        self._arg_keywords, self._positional, self._spec = (), 0, None

    def _head(self):
        """The function with its arguments, as texts call it."""
        if self._spec is None:
            return self._summary()
        heads = [n if _has_spec(s) or nest.is_nested(s) else f"{n}={s}" for n, s in zip(self._names, self._signature)]
        named = sorted(self._by_name, key=lambda n: (n not in self._spec.keyword_only, n))
        if named:
            heads += ["*"] + [n if _has_spec(self._by_name[n]) else f"{n}={self._by_name[n]}" for n in named]
        return f"{self._short_name}({', '.join(heads)})"

    def pretty_printed_signature(self, verbose=True):
        if not verbose:
            return self._head()
        lines, rows = [self._head()], list(zip(self._names, self._signature)) + sorted(self._by_name.items())
        rows = [(n, s) for n, s in rows if _has_spec(s)]
        if rows:
            lines.append("  Args:")
            for name, spec in rows:
                lines += _said(f"    {name}: ", spec)
        return "\n".join(lines + ["  Returns:"] + _said("    ", self._structured_outputs))

    @property
    def _handle(self):
        if self._made is None:
            self._made, self._make = self._make(), None      # which holds all objects of the file
        return self._made

    @property
    def name(self):
        return self._file_name

    @property
    def structured_outputs(self):
        return self._structured_outputs     # a file has their specs

    def _set_spec(self, spec):
        self._spec = spec
        self._names = (spec.names + list(self._names[len(spec.names):]))[:len(self._signature)]
        self._keyword_only = tuple(spec.keyword_only)

    def _summary(self):
        names = [str(k) for k in self._arg_keywords]
        head = names[:self._positional]
        if self._positional < len(names):
            head += ["*"] + names[self._positional:]
        return f"{self._short_name}({', '.join(head)})"

    def _summary_of_spec(self):
        names = list(self._names)
        if self._by_name:
            names += ["*"] + sorted(self._by_name)
        return f"{self._short_name}({', '.join(names)})"

    def _call_flat_names(self, args, kwargs):
        if len(args) > self._positional:
            raise TypeError(f"{self._summary()} takes {self._positional} positional arguments, got {len(args)}.")
        args, kwargs = list(args), dict(kwargs)
        for keyword in self._arg_keywords[len(args):]:
            if keyword not in kwargs:
                given = set(self._arg_keywords[:len(args)]) | set(kwargs)
                missing = sorted(set(self._arg_keywords) - given)
                raise TypeError(f"{self._summary()} missing required arguments: {', '.join(missing)}.")
            args.append(kwargs.pop(keyword))
        if kwargs:
            for key in kwargs:
                if key in self._arg_keywords:
                    raise TypeError(f"{self._summary()} got two values for '{key}'.")
            raise TypeError(f"{self._summary()} got unexpected keyword arguments: {', '.join(sorted(kwargs))}.")
        for i, arg in enumerate(args):
            if not _is_tensor(arg):
                raise TypeError(f"{self._summary()}: expected argument #{i}(zero-based) to be a Tensor; got "
                                f"{type(arg).__name__} ({arg}).")
        return self._call_flat([_core.convert(a) for a in args])

    def __call__(self, *args, **kwargs):
        if self._spec is None:
            return self._call_flat_names(args, kwargs)
        try:
            return self._call_flat(self._tensors(args, kwargs))
        except TypeError as error:
            try:
                return self._call_flat_names(args, kwargs)
            except TypeError:
                raise error from None

    def _tensors(self, args, kwargs):
        """The tensors of structured arguments; TypeError names the one that does not fit."""
        summary, spec = self._summary_of_spec(), self._spec
        given = dict(zip(spec.names, args))
        for key in kwargs:
            if key in given:
                raise TypeError(f"{summary} got two values for '{key}'.")
        lacking = [n for n, s in list(zip(self._names, self._signature)) + list(self._by_name.items())
                   if _has_spec(s) and n not in given and n not in kwargs and not n.startswith("args_")]
        if lacking:
            raise TypeError(f"{summary} missing required arguments: {', '.join(sorted(lacking))}.")
        if len(args) > len(self._signature):
            raise TypeError(f"{summary} takes {len(spec.names)} positional arguments but got {len(args)}.")
        extra = sorted(set(kwargs) - set(self._names) - set(self._by_name))
        if extra:
            raise TypeError(f"{summary} got unexpected keyword arguments: {', '.join(extra)}.")
        places = list(args) + [kwargs.get(n, _MISSING) for n in self._names[len(args):]]
        rows = list(zip(self._names, self._signature, places)) + [
            (n, self._by_name[n], kwargs.get(n, _MISSING)) for n in sorted(self._by_name)]
        tensors = []
        for name, spec, value in rows:
            if value is _MISSING:
                continue
            try:
                pairs = list(zip(nest.flatten(spec), _flat_up_to(spec, value)))
            except (TypeError, ValueError):
                raise TypeError(f"{summary}: argument {name} had incorrect type\n  expected: {spec}\n       got: "
                                f"{nest.map_structure(lambda v: type(v).__name__, value)}") from None
            for want, got in pairs:
                if isinstance(want, TensorSpec):
                    if not _is_tensor(got):
                        raise TypeError(f"{summary} expected a Tensor in {name}, but got {type(got).__name__} value {got}.")
                    tensors.append(_core.convert(got))
                elif isinstance(want, TypeSpec):
                    tensors.extend(nest.flatten(got, expand_composites=True))
                elif not equal(got, want):
                    raise TypeError(f"ConcreteFunction {summary} was constructed with {type(want).__name__} value {want} in "
                                    f"{name}, but was called with {type(got).__name__} value {got}.")
        return tensors


class _Missing:
    def __repr__(self):
        return "<missing>"


_MISSING = _Missing()


class Spec:
    """The signature of the Python function that was traced: FunctionSpec of a SavedModel."""

    def __init__(self, full, is_method, input_signature):
        args = list(full.args or ())
        self.fullargspec, self.input_signature = full, input_signature
        self.names = args[1:] if is_method else args
        self.varargs, self.varkw = full.varargs, full.varkw
        defaults = list(full.defaults or ())
        self.defaults = dict(zip(self.names[len(self.names) - len(defaults):], defaults)) if defaults else {}
        self.keyword_only = list(full.kwonlyargs or ())
        self.keyword_defaults = dict(full.kwonlydefaults or {})
        self._signature = self._python_signature()

    def _python_signature(self):
        P = inspect.Parameter
        rows, empty = [], P.empty
        for name in self.names:
            rows.append(P(name, P.POSITIONAL_OR_KEYWORD, default=self.defaults.get(name, empty)))
        if self.varargs:
            rows.append(P(self.varargs, P.VAR_POSITIONAL))
        for name in self.keyword_only:
            rows.append(P(name, P.KEYWORD_ONLY, default=self.keyword_defaults.get(name, empty)))
        if self.varkw:
            rows.append(P(self.varkw, P.VAR_KEYWORD))
        try:
            return inspect.Signature(rows)
        except ValueError:
            return None   # a partial's defaults, which no Python signature has: arguments are taken as they come

    def canonical(self, args, kwargs):
        """(positional arguments with their defaults, the keyword-only ones), as a trace's signature has them."""
        if self._signature is None:
            return list(args), dict(kwargs)
        given = self._signature.bind(*args, **kwargs).arguments
        positional = [given[n] if n in given else self.defaults.get(n) for n in self.names]
        positional += list(given.get(self.varargs, ())) if self.varargs else []
        named = dict(self.keyword_defaults)
        named.update((k, given[k]) for k in self.keyword_only if k in given)
        named.update(given.get(self.varkw, {}) if self.varkw else {})
        return positional, named


class _Shown:
    """An argument in the text of an error: TensorFlow's texts show it as the tensor it became."""

    def __init__(self, tensor, name):
        self._text = f"<tf.Tensor '{name}:0' shape={tensor.shape} dtype={tensor.dtype.name}>"

    def __repr__(self):
        return self._text


class RestoredFunction:
    """A tf.function of a SavedModel: calls the first of its traces that the arguments fit."""

    def __init__(self, concrete_functions, spec):
        self.concrete_functions, self._spec = concrete_functions, spec
        self.__name__ = "restored_function_body"
        for function in concrete_functions:
            function._set_spec(spec)

    @property
    def function_spec(self):
        return self._spec

    @property
    def input_signature(self):
        return self._spec.input_signature

    def __call__(self, *args, **kwargs):
        args, kwargs = self._arguments(args, kwargs)
        function = self._match(args, kwargs)
        return function._call_flat(_converted(function, args, kwargs))

    def get_concrete_function(self, *args, **kwargs):
        """The trace that these arguments, or tensors of these specs, would reach."""
        if not args and not kwargs and self._spec.input_signature is not None:
            args = tuple(self._spec.input_signature)
        return self._match(*self._arguments(args, kwargs))

    def _arguments(self, args, kwargs):
        spec = self._spec
        if len(args) > len(spec.names) and not spec.varargs:
            raise TypeError(f"f({', '.join(spec.names)}) specifies {len(spec.names)} positional arguments, but got {len(args)}.")
        head = "f({})".format(", ".join(spec.names + (["*"] + spec.keyword_only if spec.keyword_only else [])))
        if spec.input_signature is not None and spec._signature is not None and not spec.varkw:
            for key in sorted(set(kwargs) - set(spec.names) - set(spec.keyword_only)):
                raise TypeError(f"{head} got unexpected keyword argument `{key}`.")
        missing = [n for i, n in enumerate(spec.names) if i >= len(args) and n not in kwargs and n not in spec.defaults]
        if missing and spec._signature is not None:
            if spec.input_signature is not None:
                raise ValueError("Structure of Python function inputs does not match input_signature:\n" + self._beside(args))
            if kwargs:
                raise TypeError(f"{head} missing {len(missing)} required argument{'s' * (len(missing) > 1)}: {', '.join(missing)}.")
            raise ValueError(self._no_match(args, kwargs))
        args, kwargs = spec.canonical(args, kwargs)
        arrays = (np.ndarray, np.generic)

        def tensors(x):
            return nest.map_structure(lambda v: _core.convert(v) if isinstance(v, arrays) else v, x)
        return tuple(map(tensors, args)), {k: tensors(v) for k, v in kwargs.items()}

    def _match(self, args, kwargs):
        if not self.concrete_functions:
            raise ValueError("Found zero restored functions for caller function.")
        for convert in (False, True):
            for function in self.concrete_functions:
                if _callable_with(function, args, kwargs, convert):
                    return function
        raise ValueError(self._no_match(args, kwargs))

    def _beside(self, args):
        def lines(items):
            return "(\n" + ",\n".join("    " + str(i) for i in items) + ")"
        return f"  inputs: {lines(args)}\n  input_signature: {lines(self._spec.input_signature)}."

    def _no_match(self, args, kwargs):
        if self._spec.input_signature is not None:
            return "Python inputs incompatible with input_signature:\n" + self._beside(args)
        def listed(positional):
            return "Positional arguments ({} total):\n    * {}".format(
                len(positional), "\n    * ".join(pprint.pformat(a) for a in positional))
        names = list(self._spec.names) + [f"args_{i}" for i in range(len(args))]

        def shown(value, name):
            return nest.map_structure(lambda v: _Shown(v, name) if _core.is_tensor(v) else v, value)
        options = []
        for i, function in enumerate(self.concrete_functions):
            positional, named = function.structured_input_signature
            options.append(f"Option {i + 1}:\n  {listed(positional)}\n  Keyword arguments: {named}")
        got = [shown(a, n) for a, n in zip(args, names)]
        return ("Could not find matching concrete function to call loaded from the SavedModel. Got:\n  "
                f"{listed(got)}\n  Keyword arguments: { {k: shown(v, k) for k, v in kwargs.items()} }\n\n Expected these "
                f"arguments to match one of the following {len(self.concrete_functions)} option(s):\n\n"
                + "\n\n".join(options))

    def __repr__(self):
        return f"<tensorflow.python.saved_model.function_deserialization.RestoredFunction object at {hex(id(self))}>"


def _pairs(function, args, kwargs):
    """(spec, argument) side by side; TypeError or ValueError if they are not nested alike."""
    expected = (tuple(function._signature), function._by_name)
    if len(args) != len(expected[0]) or set(kwargs) != set(expected[1]):
        raise ValueError("arguments")
    pairs = []
    for spec, value in list(zip(expected[0], args)) + [(expected[1][k], kwargs[k]) for k in sorted(kwargs)]:
        pairs += zip(nest.flatten(spec), _flat_up_to(spec, value))
    return pairs


def _callable_with(function, args, kwargs, convert):
    try:
        pairs = _pairs(function, args, kwargs)
    except (TypeError, ValueError):
        return False
    for spec, value in pairs:
        if isinstance(spec, TensorSpec):
            if convert and not _is_tensor(value) and not isinstance(value, TensorSpec):
                try:
                    value = _core.convert(value, None, spec.dtype)
                except (TypeError, ValueError):
                    return False
            if not _is_tensor(value) and not isinstance(value, TensorSpec):
                return False
            if value.dtype != spec.dtype or not spec.shape.is_compatible_with(value.shape):
                return False
        elif isinstance(spec, TypeSpec):
            if not spec.is_compatible_with(value):
                return False
        elif _is_tensor(value) or not equal(value, spec):
            return False
    return True


def _converted(function, args, kwargs):
    tensors = []
    for spec, value in _pairs(function, args, kwargs):
        if isinstance(spec, TensorSpec):
            tensors.append(_core.convert(value, None, spec.dtype))
        elif isinstance(spec, TypeSpec):
            tensors.extend([value.handle] if isinstance(value, _core.VariableBase) else
                           nest.flatten(value, expand_composites=True))
    return tensors
