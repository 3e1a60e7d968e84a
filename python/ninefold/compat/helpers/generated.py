# In: the name of an op in small letters. Out: the function of tf.raw_ops, whose arguments may be given in their order, too.
import ninefold as tf
from ninefold.raw_ops import _snake

_by_snake = {}


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    if not _by_snake:
        _by_snake.update((_snake(one), one) for one in dir(tf.raw_ops))
    if name not in _by_snake:
        raise AttributeError(f"no op of the engine is called '{name}'")
    raw = getattr(tf.raw_ops, _by_snake[name])
    order = list(raw.__signature__.parameters)

    def op(*args, **kwargs):
        return raw(**dict(zip(order, args)), **kwargs)
    op.__name__ = op.__qualname__ = name
    op.__doc__ = raw.__doc__
    globals()[name] = op
    return op
