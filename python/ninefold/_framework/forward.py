# In: programs while an accumulator listens. Out: tf.autodiff.ForwardAccumulator: derivatives along a direction.
from . import export, nest
from .tape import GradientTape, UnconnectedGradients
from .. import _core


@export("autodiff.ForwardAccumulator")
class ForwardAccumulator:
    """Jacobian-vector products of what is computed from `primals`, in the direction of `tangents`.

    J v is taken as the derivative of w -> w^T J v, two backward passes, so that every op with a second
    derivative has it.
    """

    def __init__(self, primals, tangents):
        self._primals, self._tangents = nest.flatten(primals), nest.flatten(tangents)
        nest.assert_same_structure(primals, tangents)
        self._tangents = [_core.convert(t, p.dtype) for p, t in zip(self._primals, self._tangents)]
        for p, t in zip(self._primals, self._tangents):
            if not p.shape.is_compatible_with(t.shape):
                raise ValueError(f"Tangent {t} has an incompatible shape {t.shape} for primal {p} of shape {p.shape}")
        if len({id(p) for p in self._primals}) < len(self._primals):
            raise ValueError("Tensor {} was passed multiple times as a primal. Pass each once, with the sum of its "
                             "tangents.".format(next(p for i, p in enumerate(self._primals)
                                                     if any(p is q for q in self._primals[:i]))))
        self._tape, self._recording = GradientTape(persistent=True, watch_accessed_variables=False), False
        self._tape.watch(self._primals)

    def __enter__(self):
        if self._recording:
            raise ValueError("Accumulator is already recording.")
        self._tape.__enter__()
        self._recording = True
        return self

    def __exit__(self, kind, value, trace):
        if self._recording:
            self._tape.__exit__(kind, value, trace)
            self._recording = False

    def jvp(self, primals, unconnected_gradients=UnconnectedGradients.NONE):
        """The derivatives of `primals` in the form of `primals`; None (or zeros) where nothing depends."""
        zero = UnconnectedGradients(unconnected_gradients) == UnconnectedGradients.ZERO
        return nest.map_structure(lambda y: self._one(y, zero), primals)

    def _one(self, y, zero):
        call = _core.function_named
        y = y.read_value() if isinstance(y, _core.VariableBase) else y
        for p, t in zip(self._primals, self._tangents):
            if p is y:
                return t
        weight = call("tf.ones_like")(y)
        with GradientTape() as outer:
            outer.watch(weight)
            rows = self._tape.gradient(y, self._primals, output_gradients=weight)
            parts = [call("tf.reduce_sum")(r * t) for r, t in zip(rows, self._tangents) if r is not None]
            along = call("tf.add_n")(parts) if parts else None
        if along is None:
            return call("tf.zeros_like")(y) if zero else None
        return outer.gradient(along, weight, unconnected_gradients="zero")
