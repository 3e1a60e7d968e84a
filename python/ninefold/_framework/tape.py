# In: programs while a tape listens. Out: tf.GradientTape and tf.custom_gradient.
import contextlib
import enum
import functools

from . import export, nest
from .slices import IndexedSlices, dense
from .. import _core

_ONCE = "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)"


@export("UnconnectedGradients")
class UnconnectedGradients(enum.Enum):
    NONE = "none"
    ZERO = "zero"


def _zero(unconnected_gradients):
    try:
        return UnconnectedGradients(unconnected_gradients) == UnconnectedGradients.ZERO
    except ValueError:
        raise ValueError(f"Unknown value for unconnected_gradients: {unconnected_gradients!r}") from None


def _differentiated(structure):
    """The tensors that gradients are taken of: of a ragged tensor its flat values, of other composites all parts."""
    out = []
    for leaf in nest.flatten(structure):
        composite = hasattr(type(leaf), "_is_composite_tensor_")
        values = getattr(leaf, "flat_values", None) if composite else None
        if values is not None:
            out.append(values)
        else:
            out.extend(nest.flatten(leaf, expand_composites=True))
    return out


def _like_sources(sources, gradients):
    """The gradients in the form of `sources`: that of a ragged tensor has its rows."""
    gradients, out = iter(gradients), []
    for leaf in nest.flatten(sources):
        if hasattr(type(leaf), "_is_composite_tensor_") and hasattr(leaf, "with_flat_values"):
            g = next(gradients)
            out.append(g if g is None else leaf.with_flat_values(g))
        else:
            out.extend(next(gradients) for _ in nest.flatten(leaf, expand_composites=True))
    return nest.pack_sequence_as(sources, out) if nest.is_nested(sources) else out[0]


@export("GradientTape", "autodiff.GradientTape")
class GradientTape:
    """Records ops for differentiation."""
    __module__ = "tensorflow.python.eager.backprop"     # as it prints itself

    def __init__(self, persistent=False, watch_accessed_variables=True):
        self._persistent, self._watch_accessed = persistent, watch_accessed_variables
        self._tape, self._recording = None, False

    def __enter__(self):
        if self._recording:
            raise ValueError("Tape is still recording, This can happen if you try to re-enter an already-active tape.")
        if self._tape is None:
            self._tape = self._fresh()
        self._tape.start()
        self._recording = True
        return self

    def _fresh(self):
        # The engine's tape may be asked again and again: that a tape gives gradients once is kept here.
        return _core.Tape(True, self._watch_accessed)

    def __exit__(self, kind, value, trace):
        if self._recording:
            self._tape.stop()
            self._recording = False

    def watch(self, tensor):
        for t in nest.flatten(tensor, expand_composites=True):
            if not (_core.is_tensor(t) or isinstance(t, _core.VariableBase)):
                raise ValueError(f"Passed in object of type {type(t)}, not tf.Tensor")
            if not (t.dtype.is_floating or t.dtype.is_complex):
                _log().log_first_n("The dtype of the watched tensor must be floating (e.g. tf.float32), got "
                                   f"{t.dtype!r}", 5)
            if self._tape is None:
                self._tape = self._fresh()
            self._tape.watch(t)

    def watched_variables(self):
        return tuple(self._tape.variables()) if self._tape is not None else ()

    @contextlib.contextmanager
    def stop_recording(self):
        if self._tape is None:
            raise RuntimeError(_ONCE)
        if not self._recording:
            raise ValueError("Tape is not recording.")
        self._tape.stop()
        try:
            yield
        finally:
            self._tape.start()

    def reset(self):
        recording = self._recording
        self.__exit__(None, None, None)
        self._tape = None
        if recording:
            self.__enter__()

    def gradient(self, target, sources, output_gradients=None,
                 unconnected_gradients=UnconnectedGradients.NONE):
        """d(sum of target)/d(source), in the form of `sources`."""
        if self._tape is None:
            raise RuntimeError(_ONCE)
        if any(isinstance(x, IndexedSlices) for x in nest.flatten([target, sources, output_gradients])):
            raise ValueError("Type IndexedSlices is not supported as a gradient source or gradient target.")
        if target is None:
            raise TypeError("Argument `target` should be a list or nested structure of Tensors, Variables or "
                            "CompositeTensors to be differentiated, but recieved None.")
        targets, flat = _differentiated(target), _differentiated(sources)
        for which, tensors in (("target", targets), ("source", flat)):
            for t in tensors:
                if hasattr(t, "dtype") and not (t.dtype.is_floating or t.dtype.is_complex):
                    _log().warn(f"The dtype of the {which} tensor must be floating (e.g. tf.float32) when "
                                f"calling GradientTape.gradient, got {t.dtype!r}")
        if any(isinstance(t, _core.VariableBase) for t in targets):
            targets = [self._read(t) if isinstance(t, _core.VariableBase) else t for t in targets]
        for s in flat:
            if not (_core.is_tensor(s) or isinstance(s, _core.VariableBase)):
                raise ValueError(f"Passed in object of type {type(s)}, not tf.Tensor")
        if output_gradients is not None:
            output_gradients = [None if g is None else _core.convert(g) for g in
                                _differentiated(output_gradients)]
        zero = _zero(unconnected_gradients)
        if self._recording and self._persistent:
            _log().log_first_n(
                "Calling GradientTape.gradient on a persistent tape inside its context is significantly less efficient "
                "than calling it outside the context (it causes the gradient ops to be recorded on the tape, leading to "
                "increased CPU and memory usage). Only call GradientTape.gradient inside the context if you actually want "
                "to trace the gradient in order to compute higher order derivatives.")
        if self._recording and not self._persistent:
            self.__exit__(None, None, None)
        result = self._tape.gradient(targets, flat, output_gradients, zero)
        if not self._persistent:
            self._tape = _Spent(self._tape.variables())
        return _like_sources(sources, result)

    def _read(self, variable):
        """A variable as a target: what it holds, read while the tape listens."""
        listening = self._recording
        if not listening:
            self._tape.start()
        try:
            return variable.read_value()
        finally:
            if not listening:
                self._tape.stop()

    def jacobian(self, target, sources, unconnected_gradients=UnconnectedGradients.NONE,
                 parallel_iterations=None, experimental_use_pfor=True):
        """d(target)/d(source): the target's shape, then the source's."""
        if self._tape is None or isinstance(self._tape, _Spent):
            raise RuntimeError(_ONCE)
        flat = nest.flatten(sources)
        call = _core.function_named
        zero = _zero(unconnected_gradients)
        rows = [[] for _ in flat]
        target = _core.convert(target)
        self._persistent_for(experimental_use_pfor, "jacobian", "with  experimental")
        count = target.shape.num_elements()
        if count is None:
            return self._counted(lambda: self._jacobian_of_unknown(target, flat, sources, zero))
        if self._recording and not self._persistent:
            self.__exit__(None, None, None)
        eye = call("tf.eye")(count, dtype=target.dtype) if count else None
        for i in range(count):
            weight = call("tf.reshape")(eye[i], target.shape.as_list())
            for row, g in zip(rows, self._tape.gradient([target], flat, [weight], zero)):
                row.append(dense(g))
        result = [None if not row or row[0] is None else
                  call("tf.reshape")(call("tf.stack")(row), target.shape.as_list() + source.shape.as_list())
                  for row, source in zip(rows, flat)]
        if not self._persistent:
            self._tape = _Spent(self._tape.variables())
        return nest.pack_sequence_as(sources, result) if nest.is_nested(sources) else result[0]

    def batch_jacobian(self, target, source, unconnected_gradients=UnconnectedGradients.NONE,
                       parallel_iterations=None, experimental_use_pfor=True):
        """The jacobian of each row: [batch, target..., source...]."""
        if self._tape is None or isinstance(self._tape, _Spent):
            raise RuntimeError(_ONCE)
        target, call = _core.convert(target), _core.function_named
        self._persistent_for(experimental_use_pfor, "batch_jacobian", " with experimental")
        for x in (target, source):
            if x.shape.rank is not None and x.shape.rank < 2:
                raise ValueError(f"Shape {x.shape} must have rank at least 2")
        if target.shape.rank is None or target.shape.rank < 1 or source.shape.rank < 1 or \
                target.shape[0] != source.shape[0]:
            raise ValueError(f"Need first dimension of target shape ({target.shape}) and source shape "
                             f"({source.shape}) to match.")
        zero = _zero(unconnected_gradients)
        batch, tail = target.shape[0], target.shape.as_list()[1:]
        width = 1
        for d in tail:
            width *= d
        if self._recording and not self._persistent:
            self.__exit__(None, None, None)
        eye, columns = call("tf.eye")(width, dtype=target.dtype), []
        for i in range(width):
            weight = call("tf.broadcast_to")(call("tf.reshape")(eye[i], [1] + tail), call("tf.shape")(target))
            columns.append(dense(self._tape.gradient([target], [source], [weight], zero)[0]))
        if not self._persistent:
            self._tape = _Spent(self._tape.variables())
        if not columns:
            return None
        if columns[0] is None:   # as TensorFlow has it: nothing flows back, and that is a zero here
            columns = [call("tf.zeros_like")(source)] * len(columns)
        return call("tf.reshape")(call("tf.stack")(columns, axis=1),
                                  [-1 if batch is None else batch] + tail + source.shape.as_list()[1:])

    def _persistent_for(self, pfor, what, words):
        if not pfor and not self._persistent and _core.executing_eagerly():
            raise RuntimeError(f"GradientTape must be created with persistent=True to compute the {what} with eager "
                               f"execution enabled and {words}_use_pfor set to False.")

    def _counted(self, ask):
        if self._recording and not self._persistent:
            self.__exit__(None, None, None)
        result = ask()
        if not self._persistent:
            self._tape = _Spent(self._tape.variables())
        return result

    def _jacobian_of_unknown(self, target, flat, sources, zero):
        """The jacobian of a target whose shape only the data tell: a loop over its elements."""
        from .functional import map_fn
        call = _core.function_named
        shape = call("tf.shape")(target)
        eye = call("tf.eye")(call("tf.size")(target), dtype=target.dtype)
        known = [dense(g) for g in self._tape.gradient([target], flat, None, zero)]
        found = iter(map_fn(
            lambda row: [dense(g) for g in self._tape.gradient([target], flat, [call("tf.reshape")(row, shape)], zero)
                         if g is not None],
            eye, fn_output_signature=[g.dtype for g in known if g is not None]) if any(
                g is not None for g in known) else ())
        result = [None if g is None else call("tf.reshape")(
            next(found), call("tf.concat")([shape, call("tf.shape")(g)], 0)) for g in known]
        return nest.pack_sequence_as(sources, result) if nest.is_nested(sources) else result[0]


class _Spent:
    """What a tape becomes that has given its gradients."""

    def __init__(self, watched):
        self._watched = watched

    def variables(self):
        return self._watched

    def start(self):
        raise RuntimeError(_ONCE)

    def gradient(self, *_):
        raise RuntimeError(_ONCE)

    def stop(self):
        pass

    def watch(self, tensor):
        pass


def _log():
    from . import logs
    return logs


@export("custom_gradient")
def custom_gradient(f=None):
    """Decorator: f returns (results, grad_fn); grad_fn says what flows back."""
    if f is None:
        return custom_gradient

    @functools.wraps(f)
    def decorated(*args, **kwargs):
        args = nest.map_structure(
            lambda x: x if _core.is_tensor(x) or isinstance(x, _core.VariableBase) or hasattr(
                type(x), "_is_composite_tensor_") else _core.convert(x), list(args))
        watcher = _core.Tape(True, True)
        watcher.start()
        try:
            result, grad_fn = f(*args, **kwargs)
        finally:
            watcher.stop()
        inputs = [x for x in nest.flatten([list(args), kwargs], expand_composites=True)
                  if _core.is_tensor(x) or isinstance(x, _core.VariableBase)]
        given = {x._key for x in inputs if isinstance(x, _core.VariableBase)}
        variables = [v for v in watcher.variables() if v._key not in given]
        if variables and not _takes_variables(grad_fn):
            raise TypeError("@tf.custom_gradient grad_fn must accept keyword argument 'variables', since function "
                            f"uses variables: {variables}")

        def backward(flows):
            grads = grad_fn(*flows, variables=variables) if variables else grad_fn(*flows)
            of_inputs, of_variables = grads if variables else (grads, [])
            of_inputs = nest.flatten([dense(g) for g in nest.flatten(of_inputs)], expand_composites=True)
            if len(of_inputs) != len(inputs):
                raise ValueError("custom_gradient function expected to return", len(inputs), "gradients but returned",
                                 len(of_inputs), "instead.")
            if len(of_variables) != len(variables):
                raise ValueError("Must return gradient for each variable from @custom_gradient grad_fn.")
            return list(of_inputs) + [dense(g) for g in of_variables]
        flat = [_core.convert(x) for x in nest.flatten(result, expand_composites=True)]
        sources = [x.handle if isinstance(x, _core.VariableBase) else x for x in inputs] + [
            v.handle for v in variables]
        return nest.pack_sequence_as(result, _core.custom_gradient(flat, sources, backward), expand_composites=True)
    return decorated


def _takes_variables(function):
    import inspect
    parameters = inspect.signature(function).parameters
    return "variables" in parameters or any(p.kind == p.VAR_KEYWORD for p in parameters.values())


@export("recompute_grad")
def recompute_grad(f):
    """Decorator: what f computes is computed anew for its gradient, not kept."""
    @functools.wraps(f)
    def decorated(*args, **kwargs):
        @custom_gradient
        def inner(*tensors):
            result = f(*tensors, **kwargs)

            def grad(*flows, variables=None):
                with GradientTape() as tape:
                    tape.watch(tensors)
                    again = f(*[_core.function_named("tf.identity")(t) for t in tensors], **kwargs)
                grads = tape.gradient(again, list(tensors) + list(variables or []), list(flows))
                first = grads[:len(tensors)]
                return (first, grads[len(tensors):]) if variables else first
            return result, grad
        return inner(*args)
    return decorated


@export("gradients")
def gradients(ys, xs, grad_ys=None, name="gradients", gate_gradients=False, aggregation_method=None,
              stop_gradients=None, unconnected_gradients=UnconnectedGradients.NONE):
    """d(sum of ys)/dx for each x, within a function that is being traced: a list, with None where nothing flows."""
    if _core.executing_eagerly():
        raise RuntimeError("tf.gradients is not supported when eager execution is enabled. Use tf.GradientTape instead.")
    targets, sources = _differentiated(_listed(ys)), _differentiated(_listed(xs))
    weights = [] if grad_ys is None else [None if g is None else _core.convert(dense(g)) for g in
                                          nest.flatten(_listed(grad_ys))]
    constants = _differentiated(_listed(stop_gradients)) if stop_gradients is not None else []
    return _core.trace_gradients(targets, sources, weights, constants, _zero(unconnected_gradients))


def _listed(x):
    return list(x) if isinstance(x, (list, tuple)) else [x]


@export("hessians")
def hessians(ys, xs, gate_gradients=False, aggregation_method=None, name="hessians"):
    """The second derivatives of sum of ys by each x, of shape x.shape + x.shape, within a function that is being
    traced."""
    from .control_flow import while_loop
    from .tensor_array import TensorArray
    call, found = _core.function_named, []
    for x, slope in zip(_listed(xs), gradients(ys, xs)):
        if slope is None:
            raise ValueError("tf.hessians: ys do not depend on one of xs")
        flat, shape = call("tf.reshape")(dense(slope), [-1]), call("tf.shape")(x)
        size = call("tf.size")(x)

        def row(j, rows):
            second = gradients(flat[j], x, unconnected_gradients=UnconnectedGradients.ZERO)[0]
            return j + 1, rows.write(j, dense(second))
        _, rows = while_loop(lambda j, _: j < size, row, [_core.convert(0), TensorArray(
            x.dtype, size, element_shape=x.shape)])
        matrix = call("tf.reshape")(rows.stack(), call("tf.concat")([shape, shape], 0))
        if x.shape.rank is not None:
            matrix.set_shape(x.shape.as_list() * 2)
        found.append(matrix)
    return found
