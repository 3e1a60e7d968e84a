# In: a Python function. Out: tf.function: it is traced once for each kind of arguments; calls that were
# seen before go through the engine (_core.Dispatcher) and never come here.
import functools
import inspect
import itertools
import threading
import types
import weakref

import numpy as np

from . import creation, export, logs, nest, trace_types, user_code
from .. import _core, autograph
from .concrete import ConcreteFunction
from .specs import TensorSpec, TypeSpec, VariableSpec

_ids = itertools.count()
on_trace = []     # functions that are told of every trace: tf.summary.trace_on
_detectors = {}   # where a function stands -> [calls a tracing], for the warning about retracing


def _is_array(x):
    return isinstance(x, (np.ndarray, np.generic))


def _python_says(function, bound, args, kwargs):
    """Python's own words for arguments that do not fit, under the name that TensorFlow gives the function."""
    if not isinstance(function, types.FunctionType) or hasattr(function, "__wrapped__"):
        return None
    name = "tf__" + function.__name__
    stub = types.FunctionType(function.__code__.replace(co_name=name), {}, name, function.__defaults__,
                              function.__closure__)
    stub.__kwdefaults__, stub.__qualname__ = function.__kwdefaults__, name
    try:
        inspect.signature(stub).bind(*([None] if bound else []), *args, **kwargs)
    except TypeError:
        try:
            stub(*([None] if bound else []), *args, **kwargs)     # refused before its body runs
        except TypeError as error:
            return str(error)
    return None


def _speaks(x):
    """Whether the class of x says by what a trace counts it, where the engine does not know it as a tensor or a composite value."""
    return trace_types.speaks(x) and not (isinstance(x, (_core.VariableBase, TypeSpec)) or _core.is_tensor(x)
                                          or hasattr(type(x), "_is_composite_tensor_"))


class _Leaves:
    """The tensors and variables among nested arguments: replaced in the order in which the engine finds them; a variable
    that is several arguments is one of the trace's."""

    def __init__(self, replace, variable=lambda v, name, first: v, other=lambda x: x):
        self.replace, self.variable, self.other, self.variables = replace, variable, other, []

    def __call__(self, x, name=""):
        if isinstance(x, _core.VariableBase):
            first = x._key not in self.variables
            if first:
                self.variables.append(x._key)
            return self.variable(x, name, first)
        if _core.is_tensor(x) or _is_array(x) or isinstance(x, TensorSpec):
            return self.replace(x, name)
        if isinstance(x, trace_types.Chosen) or _speaks(x):
            return self.other(x)
        if isinstance(x, dict):
            made = {k: self(x[k], name) for k in sorted(x)}
            return nest._rebuild(x, [made[k] for k in sorted(x)])
        if isinstance(x, (list, tuple)) and not isinstance(x, TypeSpec):
            fields = getattr(x, "_fields", None)   # p/x, as TensorFlow names what a namedtuple holds
            return nest._rebuild(x, [self(v, f"{name}/{fields[i]}" if fields and name else name) for i, v in enumerate(x)])
        if nest._is_attrs(x):
            keys, values = nest._items(x)
            return nest._rebuild(x, [self(v, f"{name}/{key}" if name else name) for key, v in zip(keys, values)])
        if hasattr(type(x), "_is_composite_tensor_"):
            spec = x._type_spec
            if not hasattr(spec, "_component_specs_"):
                return x._composite_from_(self(x._composite_parts_(), name))
            x = spec   # the parts by what they share, so that one trace serves all values of this form
        if isinstance(x, TypeSpec) and hasattr(x, "_component_specs_"):
            return x._from_components_(self(x._component_specs_(), name))
        return x if isinstance(x, TypeSpec) else self.other(x)


def _spec_of(x, name):
    if isinstance(x, TensorSpec):
        return x if x.name else TensorSpec(x.shape, x.dtype, name or None)
    if _core.is_tensor(x):
        return TensorSpec(x.shape, x.dtype, name or None)
    tensor = _core.convert(x)
    return TensorSpec(tensor.shape, tensor.dtype, name or None)


def _form(x):
    """What a composite value, or the spec of one, is besides its shapes; None for anything else."""
    spec = x if isinstance(x, TypeSpec) else getattr(x, "_type_spec", None)
    if not hasattr(type(spec), "_component_specs_"):
        return None
    return type(spec), [getattr(part, "dtype", None) for part in spec._component_specs_()]


def _noting(specs):
    """Puts the specs of tensors and of variables' handles into `specs`, and in the places of the values what they are."""
    def note(x, name):
        specs.append(_spec_of(x, name))
        return specs[-1]

    def note_variable(v, name, first):
        if first:
            specs.append(TensorSpec([], "resource", name or None))
        return VariableSpec(v.shape, v.dtype, v.trainable, leaves.variables.index(v._key))
    leaves = _Leaves(note, note_variable, trace_types.remembered)
    return leaves


class _Form:
    """What arguments must share with those of a trace for it to serve them, tensors aside. Variables count by dtype, shape
    and by which of them are the same: they are numbered as they appear."""

    def __init__(self, *structures):
        self.variables = {}                # their shapes by _key, in order
        self.types, self._context = [], trace_types.Context()   # what objects with a TraceType count by, in order
        for x in structures:
            self._number(x)
        self.skeleton = tuple(_skeleton(x, self) for x in structures)
        self.shapes = list(self.variables.values())

    def _number(self, x):
        if isinstance(x, _core.VariableBase):
            self.variables.setdefault(x._key, x.shape)
        elif _speaks(x):
            return
        elif isinstance(x, dict):
            for v in x.values():
                self._number(v)
        elif isinstance(x, (list, tuple)) and not isinstance(x, TypeSpec):
            for v in x:
                self._number(v)
        elif nest._is_attrs(x):
            for v in nest._items(x)[1]:
                self._number(v)

    def number(self, variable):
        return list(self.variables).index(variable._key)

    def serves(self, other):
        return self.skeleton == other.skeleton and all(o.is_subtype_of(s) for s, o in zip(self.shapes, other.shapes)) and all(
            o == s or o.is_subtype_of(s) for s, o in zip(self.types, other.types))

    def widened(self, other):
        """The types of objects that serve both; None where there are none such."""
        if self.skeleton != other.skeleton or not all(o.is_subtype_of(s) for s, o in zip(self.shapes, other.shapes)):
            return None
        made = [s.most_specific_common_supertype([o]) for s, o in zip(other.types, self.types)]
        return None if None in made else made


def _skeleton(x, form):
    """The part of a form that must be equal; hashable."""
    if isinstance(x, _core.VariableBase):
        return "variable", form.number(x), x.dtype
    if _core.is_tensor(x) or _is_array(x) or isinstance(x, TensorSpec):
        return "tensor"
    if isinstance(x, trace_types.Chosen) or _speaks(x):
        form.types.append(x.type if isinstance(x, trace_types.Chosen) else x.__tf_tracing_type__(form._context))
        return "typed"
    if isinstance(x, dict):
        return type(x), tuple((k, _skeleton(x[k], form)) for k in sorted(x))
    if isinstance(x, (list, tuple)) and not isinstance(x, TypeSpec):
        return type(x), tuple(_skeleton(v, form) for v in x)
    if nest._is_attrs(x):
        return type(x), tuple(_skeleton(v, form) for v in nest._items(x)[1])
    if hasattr(type(x), "_is_composite_tensor_"):
        x = x._type_spec
    if isinstance(x, TypeSpec):
        return "composite", repr(x)
    if x is None or isinstance(x, (bool, int, float, str, bytes, complex)):
        return type(x), x
    return "object", trace_types.of_object(x)


class _Weak:
    """A bound method's object, not kept alive by its function."""

    def __init__(self, instance):
        self.ref = weakref.ref(instance)


class _Strong:
    """The same where the bound method itself was given: it owns its object."""

    def __init__(self, instance):
        self.ref = lambda: instance


class FunctionSpec:
    """How a function is called."""

    def __init__(self, function):
        self._function = function

    fullargspec = property(lambda self: inspect.getfullargspec(self._function._python_function))
    input_signature = property(lambda self: self._function.input_signature)
    is_method = property(lambda self: self._function._bound_to is not None)
    arg_names = property(lambda self: list(self._function._names))
    vararg_name = property(lambda self: self.fullargspec.varargs)
    flat_input_signature = property(lambda self: tuple(nest.flatten(self.input_signature, expand_composites=True)))

    def signature_summary(self, default_values=False):
        return self._function._display_name()


FunctionSpec.__module__ = "tensorflow.python.eager.function_spec"


def _of_options(python_function, name, options):
    return Function(python_function, name, **options)


class Function(_core.Dispatcher):
    """What tf.function makes of a Python function."""

    def __init__(self, python_function, name, input_signature=None, autograph=True, jit_compile=None,
                 reduce_retracing=False, experimental_implements=None,
                 experimental_autograph_options=None, bound_to=None):
        self._python_function, self._name = python_function, name
        self._bound_to = bound_to
        self._options = dict(input_signature=input_signature, autograph=autograph,
                             jit_compile=jit_compile, reduce_retracing=reduce_retracing,
                             experimental_implements=experimental_implements,
                             experimental_autograph_options=experimental_autograph_options)
        self._autograph, self._reduce_retracing = autograph, reduce_retracing
        self._lock = threading.RLock()
        self._traces, self._first, self._makes_none, self._concrete, self._bound = 0, True, False, [], {}
        self._read_signature()
        self.input_signature = None
        if input_signature is not None:
            self.input_signature = self._checked_signature(input_signature)
            self._set_special(True)
        functools.update_wrapper(self, python_function)

    # ---- the signature ----
    def _read_signature(self):
        try:
            self._signature = inspect.signature(self._python_function)
        except (TypeError, ValueError):
            self._signature = inspect.signature(lambda *args, **kwargs: None)
        parameters = list(self._signature.parameters.values())
        if self._bound_to is not None:
            parameters = parameters[1:]
            self._signature = self._signature.replace(parameters=parameters)
        plain = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        self._names = [p.name for p in plain]
        self._keyword_only = [p.name for p in plain if p.kind == p.KEYWORD_ONLY]
        self._defaults = {p.name: p.default for p in plain if p.default is not p.empty}
        self._more = any(p.kind == p.VAR_POSITIONAL for p in parameters)
        self._named = any(p.kind == p.VAR_KEYWORD for p in parameters)
        self._setup(self._names, self._defaults, self._keyword_only, self._more, self._named)

    def _checked_signature(self, signature):
        if not isinstance(signature, (list, tuple)):
            raise TypeError("input_signature must be either a tuple or a list, got "
                            f"{type(signature)}.")
        for spec in nest.flatten(signature):
            if not isinstance(spec, TypeSpec):
                raise TypeError("input_signature must be a possibly nested sequence of TensorSpec objects, got invalid "
                                f"args {signature} with types {[type(s) for s in nest.flatten(signature)]}.")
        if self._keyword_only and not set(self._keyword_only) <= set(self._defaults):
            raise ValueError("Cannot define a TensorFlow function from a Python function with keyword-only "
                             "arguments when input_signature is provided.")
        if len(signature) > len(self._names) and not self._more:
            raise TypeError(f"Function `{self._name}` has {len(self._names)} arguments, but an input_signature "
                            f"of length {len(signature)} was given")
        return tuple(signature)

    def _named_signature(self):
        """The input_signature with names in it: x, d/key for what is nested."""
        def named(spec, path):
            if isinstance(spec, TensorSpec):
                return spec if spec.name else TensorSpec(spec.shape, spec.dtype, path)
            if isinstance(spec, dict):
                return nest._rebuild(spec, [named(spec[k], f"{path}/{k}") for k in sorted(spec)])
            if isinstance(spec, (list, tuple)) and not isinstance(spec, TypeSpec):
                return nest._rebuild(spec, [named(s, f"{path}/{i}") for i, s in enumerate(spec)])
            if nest._is_attrs(spec):
                return nest._rebuild(spec, [named(s, f"{path}/{key}") for key, s in zip(*nest._items(spec))])
            return spec
        names = self._names + [f"args_{i}" for i in range(len(self.input_signature) - len(self._names))]
        return [named(spec, name) for spec, name in zip(self.input_signature, names)]

    # ---- what the engine asks ----
    def _call_python(self, *args, **kwargs):
        return self._call(args, kwargs, convert=False)

    _tracing_context = trace_types.Context
    _counted_object = staticmethod(trace_types.of_object)

    def _refuse_unhashable(self, what):
        try:
            hash(what)
        except TypeError as error:
            raise TypeError(f"Arguments supplied to `defun`-generated functions must be hashable.  Original error: {error}.") from None

    def _call_wrongly(self, *args, **kwargs):
        try:
            self._signature.bind(*args, **kwargs)
        except TypeError as error:
            text = _python_says(self._python_function, self._bound_to is not None, args, kwargs)
            raise TypeError(text or f"{self._name}() {error}") from None
        raise TypeError(f"{self._name}(): these arguments do not fit {self._signature}")

    def _call_specially(self, *args, **kwargs):
        """With an input_signature: numbers become tensors of the signature's dtypes."""
        count = len(self.input_signature)
        if len(args) > count:
            raise TypeError(f"{self._display_name()} specifies {count} positional arguments, but got {len(args)}.")
        try:
            bound = self._signature.bind(*args, **kwargs)
        except TypeError:
            for key in sorted(set(kwargs) - set(self._names)):
                raise TypeError(f"{self._display_name()} got unexpected keyword argument `{key}`.") from None
            given = self._signature.bind_partial(*args, **kwargs).arguments.values()
            raise ValueError("Structure of Python function inputs does not match input_signature:\n" +
                             self._difference(tuple(given))) from None
        bound.apply_defaults()
        values = list(bound.args) if self._more else [bound.arguments[n] for n in self._names]
        given = tuple(values[:count])
        try:
            tensors = self._to_signature(given)
        except (ValueError, TypeError, KeyError):
            what = "Structure of Python function inputs does not match" if self._differs(given) else "Python inputs incompatible with"
            raise ValueError(f"{what} input_signature:\n" + self._difference(given)) from None
        with self._lock:
            if not self._concrete:
                self._concrete.append(self._trace(*self._parted(self._named_signature() + values[count:]), {}, tensors))
                self._detect()
        kept = []       # variables among the arguments that the signature does not tell of
        _Leaves(lambda x, name: x, lambda v, name, first: kept.append(v.handle) if first else None)(values[count:])
        return self._concrete[0]._call_flat(tensors + kept)

    def _parted(self, values):
        """Values of the named parameters, and those that *args takes."""
        return values[:len(self._names)], values[len(self._names):]

    def _to_signature(self, given):
        tensors = []

        def convert(spec, value):
            if not isinstance(spec, TensorSpec):
                # Of a sparse tensor TensorFlow looks at the parts: its dense shape may be any of that rank.
                sparse = type(spec).__name__ == "SparseTensorSpec" and _form(spec) == _form(value)
                if spec.shape.rank not in (None, value.shape.rank) if sparse else not spec.is_compatible_with(value):
                    raise ValueError("spec")
                tensors.extend(value._as_variant_() if hasattr(value, "_as_variant_") else nest.flatten(value, expand_composites=True))
                return
            tensor = _core.convert(value, spec.dtype)
            if not spec.shape.is_compatible_with(tensor.shape):
                raise ValueError("shape")
            tensors.append(tensor)
        nest.map_up_to(self.input_signature, convert, self.input_signature, given)
        return tensors

    def _differs(self, given):
        """Whether the values differ from the signature in more than shapes. Raises TypeError for a tensor where parts are wanted."""
        try:
            values = nest.flatten_up_to(self.input_signature, given)
        except (ValueError, TypeError, KeyError):
            return True
        for spec, value in zip(nest.flatten(self.input_signature), values):
            if hasattr(type(spec), "_component_specs_"):
                if _form(value) is None:
                    raise TypeError("If shallow structure is a sequence, input must also be a sequence. "
                                    f"Input has type: {type(value)}.") from None
                if _form(spec) != _form(value):
                    return True
        return False

    def _difference(self, given):
        def lines(items):
            return "(\n" + ",\n".join("    " + str(i) for i in items) + ")"
        return f"  inputs: {lines(given)}\n  input_signature: {lines(self.input_signature)}."

    def _display_name(self):
        return f"{self._name}({', '.join(self._names)})"

    def _miss(self, values, more, named, tensors):
        """(trace, how its results are packed) for arguments that the engine has not seen."""
        with self._lock:
            found = self._find(values, more, named, tensors)
            if found is None:
                values, more, named = self._relaxed(values, more, named)
                found = self._trace(values, more, named, tensors)
                self._concrete.append(found)
                self._detect()
            return found._handle, found._packing

    def _find(self, values, more, named, tensors):
        if not self._concrete:
            return None
        form, found = _Form(list(values), list(more), named), None
        for known in self._concrete:
            if known._form.serves(form) and len(known._specs) == len(tensors) and all(
                    s.dtype == t.dtype and t.shape.is_subtype_of(s.shape)
                    for s, t in zip(known._specs, tensors)):
                if found is None or found._form.serves(known._form) and all(   # the narrowest
                        k.shape.is_subtype_of(f.shape) for f, k in zip(found._specs, known._specs)):
                    found = known
        return found

    def _relaxed(self, values, more, named):
        """With reduce_retracing: dimensions in which an earlier trace differs are left open, objects are those that their
        types put in their places."""
        if not self._reduce_retracing:
            return values, more, named
        form, specs = _Form(list(values), list(more), named), []
        if form.types:
            values, more, named = self._with_types(form.types, values, more, named)
        _noting(specs)((values, more, named))
        for known in self._concrete:
            types = known._form.widened(form)
            if types is not None and all(a.dtype == b.dtype for a, b in zip(known._specs, specs)):
                wider = iter([TensorSpec(a.shape.most_specific_compatible_shape(b.shape), a.dtype)
                              for a, b in zip(known._specs, specs)])

                def as_it_is(v, name, first):
                    if first:
                        next(wider)
                    return v
                made = _Leaves(lambda x, name: next(wider), as_it_is)((list(values), list(more), named))
                return self._with_types(types, *made) if types else made
        return values, more, named

    @staticmethod
    def _with_types(types, values, more, named):
        """The arguments with these types in the places of the objects that have one, in order."""
        take = iter(types)

        def put(x):
            if isinstance(x, trace_types.Chosen) or _speaks(x):
                return trace_types.Chosen(next(take))
            if isinstance(x, dict):
                made = {k: put(x[k]) for k in sorted(x)}
                return nest._rebuild(x, [made[k] for k in sorted(x)])
            if isinstance(x, (list, tuple)) and not isinstance(x, TypeSpec):
                return nest._rebuild(x, [put(v) for v in x])
            return nest._rebuild(x, [put(v) for v in nest._items(x)[1]]) if nest._is_attrs(x) else x
        return put(list(values)), put(list(more)), put(named)

    # ---- tracing ----
    def _trace(self, values, more, named, tensors=()):
        """`tensors`: what this call gives, from which the first values of variables may be computed."""
        if self._makes_none:
            return self._trace_once(values, more, named, creation.Policy(False))
        policy = creation.Policy(True, tensors)
        found = self._trace_once(values, more, named, policy)
        first, self._first = self._first, False
        self._makes_none = policy.created
        if policy.created and not first:
            raise ValueError("Creating variables on a non-first call to a function decorated with tf.function.")
        if policy.created:  # the function that stays makes none
            found = self._trace_once(values, more, named, creation.Policy(False))
        return found

    def _trace_once(self, values, more, named, policy):
        self._traces += 1
        names = self._names[:len(values)] + [f"args_{i}" for i in range(len(more))]
        everything = list(values) + list(more)
        specs, result = [], {}
        leaves = _noting(specs)
        signature = [leaves(v, n) for v, n in zip(everything, names)]
        by_name = {k: leaves(named[k], k) for k in sorted(named)}
        name = f"__inference_{self._name}_{next(_ids)}"

        def body(arguments):
            policy.arguments = list(arguments)
            take = iter(arguments)

            def bind(v, name, first):
                if first:
                    _core.bind_argument(next(take), v)
                return v
            put = _Leaves(lambda x, name: next(take), bind, lambda x: x.type._placeholder_value() if isinstance(x, trace_types.Chosen) else x)
            inside = [put(v) for v in everything]
            inside_named = {k: put(named[k]) for k in sorted(named)}
            positional, keywords = [], dict(inside_named)
            for key, value in zip(self._names, inside):
                if key in self._keyword_only:
                    keywords[key] = value
                else:
                    positional.append(value)
            try:
                output = self._call(positional + inside[len(values):], keywords, convert=True)
            except Exception as fault:
                told = user_code.told(fault, self._python_function) if self._autograph else fault
                if told is fault:
                    raise
                raise told.with_traceback(fault.__traceback__) from None
            return result["outputs"].flat if _capture(result, output, self._python_function) else []
        with policy:
            handle = _core.trace(name, specs, body)
        concrete = ConcreteFunction(handle, self._name, self._names, signature, by_name, specs, result["outputs"])
        concrete._form = _Form(list(values), list(more), named)
        concrete._function = self
        concrete._keyword_only = self._keyword_only
        for told in on_trace:
            told(concrete)
        return concrete

    def _call(self, args, kwargs, convert):
        function = self._python_function
        if convert and self._autograph:
            function = autograph.convert(function)
        if self._bound_to is not None:
            instance = self._bound_to.ref()
            if instance is None:
                raise ReferenceError(f"{self._name}: the object it was bound to is gone")
            args = (instance, *args)
        return function(*args, **kwargs)

    def _detect(self):
        if not _core.executing_eagerly():       # a call within a function counts for that one
            return
        where = (getattr(self._python_function, "__code__", None), self._name)
        calls = _detectors.setdefault(where, {"calls": [], "warned": 0})
        calls["calls"].append(1)
        history = calls["calls"]
        while sum(history) - history[0] > 10:
            history.pop(0)
        if len(history) >= 5 and calls["warned"] < 2:
            calls["warned"] += 1
            logs.warn(
                f"{len(history)} out of the last {sum(history)} calls to {self._python_function} triggered "
                "tf.function retracing. Tracing is expensive and the excessive number of tracings could be "
                "due to (1) creating @tf.function repeatedly in a loop, (2) passing tensors with different "
                "shapes, (3) passing Python objects instead of tensors. For (1), please define your "
                "@tf.function outside of the loop. For (2), @tf.function has "
                "reduce_retracing=True option that can avoid unnecessary "
                "retracing. For (3), please refer to "
                "https://www.tensorflow.org/guide/function#controlling_retracing and "
                "https://www.tensorflow.org/api_docs/python/tf/function for  more details.")

    # ---- what users ask ----
    @property
    def python_function(self):
        return self._python_function if self._bound_to is None else types.MethodType(
            self._python_function, self._bound_to.ref())

    @property
    def function_spec(self):
        return FunctionSpec(self)

    def get_concrete_function(self, *args, **kwargs):
        """The trace for these arguments; TensorSpecs stand for tensors."""
        if self.input_signature is not None and not args and not kwargs:
            signature, named = self._named_signature(), {}
            values, more = self._parted(signature + [self._defaults[n] for n in self._names[len(signature):]])
        else:
            bound = self._signature.bind(*args, **kwargs)
            bound.apply_defaults()
            values = [bound.arguments[n] for n in self._names]
            more = list(next((bound.arguments[p.name] for p in self._signature.parameters.values()
                              if p.kind == p.VAR_POSITIONAL), ()))
            named = dict(next((bound.arguments[p.name] for p in self._signature.parameters.values()
                               if p.kind == p.VAR_KEYWORD), {}))
        specs = []
        _noting(specs)((values, more, named))
        with self._lock:
            form = _Form(values, more, named)
            for known in self._concrete:
                if known._form.serves(form) and [(s.shape, s.dtype) for s in known._specs] == [
                        (s.shape, s.dtype) for s in specs]:
                    return known
            made = self._trace(values, more, named)
            self._concrete.append(made)
            return made

    def experimental_get_tracing_count(self):
        return self._traces

    def pretty_printed_concrete_signatures(self, verbose=True):
        return ("\n\n" if verbose else "\n").join(c.pretty_printed_signature(verbose) for c in self._concrete)

    def experimental_get_compiler_ir(self, *args, **kwargs):
        raise ValueError("Compiler IR can only be returned for functions marked with 'jit_compile=True'")

    def _decorate(self, decorator):
        self._python_function = decorator(self._python_function)

    def __reduce__(self):
        """A function without traces; that of a method goes by way of its object."""
        if self._bound_to is not None:
            return getattr, (self._bound_to(), self._python_function.__name__)
        return _of_options, (self._python_function, self._name, self._options)

    def __copy__(self):
        return _of_options(self._python_function, self._name, self._options)

    def __get__(self, instance, owner):
        if instance is None:
            return self
        found = self._bound.get(id(instance))
        if found is None:
            key = id(instance)
            bound = _Weak(instance)
            bound.ref = weakref.ref(instance, lambda _, all=self._bound: all.pop(key, None))
            found = self._bound[key] = Function(self._python_function, self._name, bound_to=bound, **self._options)
        return found

    def __repr__(self):
        return f"<tensorflow.python.eager.def_function.Function object at {hex(id(self))}>"


user_code.autograph_of[Function._call.__code__] = lambda frame: frame.f_locals["self"]._autograph


class _Outputs:
    """The structure of what a trace returned, and its tensors in order."""

    def __init__(self, structure, function):
        if any(hasattr(x, "_as_result_") for x in nest.flatten(structure)):      # datasets
            structure = nest.map_structure(lambda x: x._as_result_() if hasattr(x, "_as_result_") else x, structure)
        self.structure = structure
        leaves = nest.flatten(structure, expand_composites=True)
        self.flat, self.places = [], []
        for leaf in leaves:
            if leaf is None:
                self.places.append(None)
                continue
            self.places.append(len(self.flat))
            try:
                self.flat.append(leaf if _core.is_tensor(leaf) else _core.convert(leaf))
            except (TypeError, ValueError):
                raise TypeError("To be compatible with tf.function, Python functions must return zero or more "
                                "Tensors or ExtensionTypes or None values; in compilation of "
                                f"{function!r}, found return value of type {type(leaf).__name__}, which is "
                                "not a Tensor or ExtensionType.") from None

    def packing(self):
        s = self.structure
        if _core.is_tensor(s) or (len(self.places) == 1 and not nest.is_nested(s) and self.flat
                                  and not hasattr(type(s), "_is_composite_tensor_")):
            return None
        if type(s) in (list, tuple) and len(s) == len(self.flat) and all(
                p is not None for p in self.places) and len(self.places) == len(s) and not any(
                nest.is_nested(x) for x in s) and not _has_composites(s):
            return 1 if type(s) is list else 2
        skeleton = nest.map_structure(lambda x: None, s, expand_composites=False) \
            if not _has_composites(s) else s
        places = self.places

        def pack(tensors):
            return nest.pack_sequence_as(skeleton, [None if p is None else tensors[p] for p in places],
                                         expand_composites=True)
        return pack


def _has_composites(structure):
    return any(hasattr(type(x), "_is_composite_tensor_") for x in nest.flatten(structure))


def _capture(result, output, function):
    result["outputs"] = _Outputs(output, function)
    return True


@export("function")
def function(func=None, input_signature=None, autograph=True, jit_compile=None, reduce_retracing=False,
             experimental_implements=None, experimental_autograph_options=None,
             experimental_relax_shapes=None, experimental_compile=None,
             experimental_follow_type_hints=None):
    """Compiles a function: a decorator, with or without arguments."""
    def decorate(inner):
        if isinstance(inner, staticmethod):
            inner = inner.__func__
        if not callable(inner):
            raise TypeError(f"{inner} is not a callable object.")
        bound = None
        if isinstance(inner, types.MethodType):
            bound, inner = _Strong(inner.__self__), inner.__func__
        name = getattr(inner, "__name__", None) or getattr(getattr(inner, "func", None), "__name__", "function")
        return Function(inner, name, input_signature, autograph, jit_compile,
                        bool(reduce_retracing or experimental_relax_shapes), experimental_implements,
                        experimental_autograph_options, bound_to=bound)
    return decorate if func is None else decorate(func)


trace_types.GenericFunction.register(Function)
Function.__module__ = "tensorflow.python.eager.def_function"
