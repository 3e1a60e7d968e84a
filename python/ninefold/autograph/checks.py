# In: the variables of staged conditionals and loops, by name.
# Out: TensorFlow's errors where both sides of a branch, or two passes of a loop, disagree.
from .undefined import NO_RETURN, gone

_LEGAL = "Tensor, int, float, bool or a list, tuple or dict thereof"


def branch(values, symbols, name):
    for symbol, value in zip(symbols, values):
        if gone(value):
            raise ValueError("'{}' must also be initialized in the {} branch".format(symbol, name))
        if value is NO_RETURN:
            raise ValueError("the {} branch must also have a return statement.".format(name))


def cond(backend, body, orelse, symbols):
    for symbol, a, b in zip(symbols, body, orelse):
        try:
            backend.assert_same_structure(a, b)
        except (ValueError, TypeError) as error:
            raise TypeError("'{}' must have the same nested structure in the main and else "
                            "branches:\n\n{}".format(symbol, error)) from error
        backend.map_structure(lambda x, y: cond_value(backend, symbol, x, y), a, b)


def cond_value(backend, symbol, a, b):
    if a is None:
        raise ValueError("'{}' is None at the end of the main branch.".format(symbol))
    if b is None:
        raise ValueError("'{}' is None at the end of the else branch.".format(symbol))
    a, b = backend.to_tensor(a), backend.to_tensor(b)
    if hasattr(a, "dtype") and hasattr(b, "dtype") and a.dtype != b.dtype:
        raise TypeError("'{}' has dtype {} in the main branch, but dtype {} in the else "
                        "branch".format(symbol, a.dtype.name, b.dtype.name))


def loop_init(init, symbols, first=None, note=None):
    for i, (symbol, value) in enumerate(zip(symbols, init)):
        made = None if first is None else first[i]
        has = made is not None and made is not NO_RETURN and not gone(made)
        if value is NO_RETURN:
            if has:
                raise ValueError("the return value from a TensorFlow loop may only be a {}; got "
                                 "{}".format(_LEGAL, type(made)))
            raise NotImplementedError(
                "a return statement cannot be placed inside this TensorFlow loop; this may happen "
                "if a return statement depends on a static Python condition such as a "
                "hyperparameter")
        if value is None:
            text = "'{}' may not be None before the loop".format(symbol)
        elif gone(value):
            text = "'{}' must be defined before the loop".format(symbol)
            text += "\n" + note if note else ""
        else:
            continue
        raise ValueError(text + (", unless it's a {}; got {}".format(_LEGAL, type(made))
                                 if has else "."))


def loop(backend, init, entry, exit_, symbols, invariants, shapes):
    for i, symbol in enumerate(symbols):
        try:
            backend.assert_same_structure(entry[i], exit_[i])
        except (ValueError, TypeError) as error:
            raise TypeError("'{}' does not have the same nested structure after one iteration."
                            "\n\n{}".format(symbol, error)) from error
        invariant = invariants[i] if shapes else None
        backend.map_structure(
            lambda a, b: _loop_value(backend, symbol, a, b, invariant, shapes),
            entry[i], exit_[i])


def _loop_value(backend, symbol, entry, exit_, invariant, shapes):
    if exit_ is None:
        raise ValueError("'{}' is None at the end of the iteration.".format(symbol))
    entry, exit_ = backend.to_tensor(entry), backend.to_tensor(exit_)
    if not all(hasattr(x, a) for x in (entry, exit_) for a in ("dtype", "shape")):
        return
    if entry.dtype != exit_.dtype:
        raise TypeError("'{}' has dtype {} before the loop, but dtype {} after one iteration"
                        .format(symbol, entry.dtype.name, exit_.dtype.name))
    if shapes and invariant is None and not _within(exit_.shape, entry.shape):
        raise ValueError("'{}' has shape {} before the loop, but shape {} after one iteration. Use "
                         "tf.autograph.experimental.set_loop_options to set shape invariants."
                         .format(symbol, entry.shape, exit_.shape))
    if shapes and invariant is not None and not _within(exit_.shape, invariant):
        raise ValueError("'{}' has shape {} after one iteration, which does not conform with the "
                         "shape invariant {}.".format(symbol, exit_.shape, invariant))


def _within(left, right):
    """True iff every shape that `left` allows is allowed by `right`."""
    right_rank = getattr(right, "rank", None) if hasattr(right, "rank") else len(right)
    if right_rank is None:
        return True
    if left.rank != right_rank:
        return False
    return all(r is None or a == r for a, r in zip(left, right))
