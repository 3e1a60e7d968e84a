# In: tensors. Out: tf.no_op, group, identity_n, guarantee_const, grad_pass_through: what hands tensors on.
from . import export
from .. import _core


def _call(name, *args, **kwargs):
    return _core.function_named(name)(*args, **kwargs)


@export("no_op")
def no_op(name=None):
    """Nothing; effects within a function keep their order without it."""
    return None


@export("group")
def group(*inputs, name=None):
    """Nothing: what is given was run when it was made, in the order of the program."""
    return None


@export("identity_n")
def identity_n(input, name=None):
    """The same tensors."""
    return [_call("tf.identity", t) for t in input]


@export("guarantee_const")
def guarantee_const(input, name=None):
    """The same tensor."""
    return _call("tf.identity", input)


@export("grad_pass_through")
def grad_pass_through(f):
    """f whose gradient is that of the identity."""
    from .tape import custom_gradient

    @custom_gradient
    def wrapped(*args, **kwargs):
        def grad(*upstream, variables=None):
            if variables is not None:
                return list(upstream), [None] * len(variables)
            return list(upstream) if len(upstream) > 1 else upstream[0]
        return f(*args, **kwargs), grad
    return wrapped
