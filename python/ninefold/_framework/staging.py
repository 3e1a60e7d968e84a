# In: what AutoGraph's operators ask of a framework. Out: Ninefold's own control flow and tensors.
import contextlib

from . import nest, passes
from .control_flow import cond, while_loop
from .. import _core, autograph


def _call(name, *args, **kwargs):
    return _core.function_named(name)(*args, **kwargs)


def _symbolic(x):
    return isinstance(x, (_core.Tensor, _core.VariableBase)) and not _core.executing_eagerly()


def _length(x):
    return x.shape[0] if x.shape[0] is not None else _call("tf.shape", x)[0]


def _is_dataset(x):
    return hasattr(type(x), "element_spec") and hasattr(type(x), "reduce")


def _counted(x):
    """Start and step of a tf.range of integers whose step is a number: its elements need not be made to be walked over. Else None."""
    if not x.dtype.is_integer or x.op.type != "Range":
        return None
    start, _, delta = x.op.inputs
    step = int(delta.op.get_attr("value")) if delta.op.type == "Const" else 0
    return (start, step) if step else None


class Backend:
    """The protocol is described at the head of autograph/operators.py."""
    cond = staticmethod(cond)
    map_structure = staticmethod(nest.map_structure)
    builtins = {
        abs: (lambda x: _symbolic(x), lambda x: abs(x)),
        len: (lambda x: _symbolic(x), _length),
        int: (lambda *a: len(a) == 1 and _symbolic(a[0]), lambda x: _call("tf.cast", x, "int32")),
        float: (lambda *a: len(a) == 1 and _symbolic(a[0]), lambda x: _call("tf.cast", x, "float32")),
        range: (lambda *a: any(map(_symbolic, a)), lambda *a: _call("tf.range", *a)),
    }

    builtins[enumerate] = (lambda x, start=0: _is_dataset(x) and not _core.executing_eagerly(),
                           lambda x, start=0: x.enumerate(start))

    def is_symbolic(self, x):
        return _symbolic(x)

    def logical_not(self, x):
        return _call("tf.logical_not", x)

    def while_loop(self, cond, body, loop_vars, shape_invariants=None, maximum_iterations=None, **options):
        return while_loop(cond, body, loop_vars, shape_invariants, maximum_iterations=maximum_iterations)

    @contextlib.contextmanager
    def scratch(self):
        if _core.executing_eagerly():
            yield
            return
        scope = _core.ScratchScope()
        try:
            yield
        finally:
            scope.close()

    def condition(self, x, what):
        x = _core.convert(x)
        if x.dtype.name != "bool":
            raise ValueError(
                f"condition of {what} expected to be `tf.bool` scalar, got {x}; to use as boolean "
                "Tensor, use `tf.cast`; to check for None, use `is not None`")
        if x.shape.num_elements() not in (1, None):
            raise ValueError(f"condition of {what} expected to be `tf.bool` scalar, got {x}; to check for None, use "
                             "`is not None`")
        return x if x.shape.rank == 0 else _call("tf.reshape", x, [])

    def to_tensor(self, x):
        return _core.convert(x) if isinstance(x, (bool, int, float, str)) else x

    def placeholder(self, x):
        if isinstance(x, (bool, int, float, str)):
            x = _core.convert(x)
            return _core.run_op("Placeholder", [], {"dtype": x.dtype, "shape": x.shape})[0]
        return x

    def zeros_like(self, x, invariant):
        return nest.map_structure(
            lambda v: _call("tf.zeros", v.shape, v.dtype) if _core.is_tensor(v) else type(v)(0), x), invariant

    def require(self, ok, message, values):
        _core.run_op("Assert", [ok, _core.convert(message)], {})
        return values

    def assert_same_structure(self, a, b):
        nest.assert_same_structure(a, b, expand_composites=True)

    def iteration(self, x):
        if _symbolic(x) and isinstance(x, _core.Tensor):
            return "tensor"
        if isinstance(x, passes.Staged) and not _core.executing_eagerly():
            return "dataset"
        if hasattr(type(x), "_autograph_dataset_") and not _core.executing_eagerly():
            return "dataset"
        return "dataset" if _is_dataset(x) and not _core.executing_eagerly() else None

    def reduce(self, dataset, state, step, more):
        if hasattr(type(dataset), "_autograph_dataset_"):      # one that stands for another, whose elements it changes
            dataset, changed = dataset._autograph_dataset_()
            return self.reduce(dataset, state, lambda values, item: step(values, changed(item)), more)
        if more is None and not isinstance(dataset, passes.Staged) and not dataset._inputs_():
            return dataset.reduce(state, step)
        return passes.loop(dataset, state, step, more, cond, while_loop)

    def length(self, x):
        counted = _counted(x) if x.shape[0] is None else None
        if counted is None:
            return _call("tf.shape", x)[0]
        start, step = counted
        n = (x.op.inputs[1] - start + (step - (1 if step > 0 else -1))) // step
        return _call("tf.cast", _call("tf.maximum", n, 0), "int32")

    def read(self, x):
        counted = _counted(x)
        if counted is None:
            return lambda i: _call("tf.gather", x, i)
        start, step = counted
        return lambda i: start + _call("tf.cast", i, x.dtype) * step


autograph.use(Backend())
