# In: rules that programs register for types of ops. Out: tf.RegisterGradient; the ops of a function that go by such a rule.
import threading

from . import export
from .slices import dense
from .. import _core

_RULES = {}
_heard = threading.local()


def listen(listener):
    """Calls listener(op, inputs, outputs) after each op of this thread, the last that began to listen first; it may give
    other outputs. Returns what ends it."""
    if not hasattr(_heard, "all"):
        _heard.all = []
    _heard.all.append(listener)
    _set()

    def end():
        _heard.all.remove(listener)
        _set()
    return end


def _set():
    def each(op, inputs, outputs):
        for listener in reversed(_heard.all):
            outputs = listener(op, inputs, outputs) or outputs
        return outputs
    _core.after_ops(each if _heard.all else None)


@export("RegisterGradient")
class RegisterGradient:
    """Decorator: f(op, *flows) says what flows back into the inputs of `op`, for ops that name `op_type` as their
    gradient: those within Graph.gradient_override_map, and nodes of imported graphs."""

    def __init__(self, op_type):
        if not isinstance(op_type, str):
            raise TypeError("op_type must be a string")
        self._op_type = op_type

    def __call__(self, f):
        known = _RULES.get(self._op_type)
        if known is not None or _differentiable(self._op_type):
            code = getattr(known, "__code__", None)
            where = f"{known.__name__} {code.co_filename}:{code.co_firstlineno}" if code else "the op itself"
            raise KeyError(f"Registering two gradient with name '{self._op_type}'! (Previous registration was in {where})")
        _RULES[self._op_type] = f
        return f


def _differentiable(op_type):
    return op_type in _core.op_names() and _core.describe_op(op_type)["differentiable"]


def no_gradient(node, op):
    """Called when a node is differentiated whose gradient nobody told."""
    raise LookupError(f"No gradient defined for operation'{node}' (op type: {op}). In general every operation must have an "
                      "associated `@tf.RegisterGradient` for correct autodiff, which this op is lacking. If you want to pretend "
                      "this operation is a constant in your program, you may insert `tf.stop_gradient`. This can be useful to "
                      "silence the error in cases where you know gradients are not needed, e.g. the forward pass of "
                      "tf.custom_gradient. Please see more details in "
                      "https://www.tensorflow.org/api_docs/python/tf/custom_gradient.")


def rule_of_node(name):
    """What flows back into the inputs of a node whose gradient is called `name`: a function of its outputs and what flows
    into them; None if nobody registered it."""
    return (lambda outputs, flows: _flown_back(name, outputs, flows)) if name in _RULES else None


def _flown_back(name, outputs, flows):
    op = outputs[0].op
    op._outputs = list(outputs)
    if name not in _RULES:
        no_gradient(op.name, op.type)
    found = _RULES[name](op, *flows)
    found = list(found) if isinstance(found, (list, tuple)) else [found]
    if len(found) != len(op.inputs):
        raise ValueError(f"Num gradients {len(found)} generated for op {op.node_def} do not match num inputs {len(op.inputs)}")
    return [None if g is None else dense(g) for g in found]


def _once(rule):
    """A rule that is traced with its op: if it raises then, it raises the same when a gradient is asked for."""
    raised = []

    def called(flows):
        if raised:
            raise raised[0]
        try:
            return rule(flows)
        except Exception as fault:
            raised.append(fault)
            raise
    return called


class Overriding:
    """With-block in which the ops of one graph name other gradients than their own."""

    def __init__(self, graph, op_type_map):
        if not isinstance(op_type_map, dict) or not all(isinstance(s, str) for pair in op_type_map.items() for s in pair):
            raise TypeError("op_type_map must be a dictionary mapping strings to strings")
        self._graph, self._map = graph, op_type_map

    def __enter__(self):
        self._end = listen(self._named)

    def __exit__(self, *_):
        self._end()

    def _named(self, op, inputs, outputs):
        name = self._map.get(op)
        if name is None or repr(self._graph) != _core.active_graph():
            return None
        return _core.custom_gradient(outputs, inputs, _once(lambda flows: _flown_back(name, outputs, flows)))
