# In: nothing.
# Out: the stand-ins for "no value yet" that operators exchange with converted code.


class Undefined:
    """A variable that is unbound at this point of the program."""

    __slots__ = ("name",)

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return self.name


class _NoReturn:
    """The return value of a path that has not returned yet."""

    __slots__ = ()

    def __repr__(self):
        return "<no return value>"


NO_RETURN = _NoReturn()
# What reading an absent variable, attribute or item may raise.
MISSING = (NameError, AttributeError, KeyError, IndexError)


def peek(read, name):
    """read(), or Undefined(name) where there is nothing to read."""
    try:
        return read()
    except MISSING:
        return Undefined(name)


def gone(value):
    return type(value) is Undefined


def ret(value):
    """What a converted function returns: a path without `return` gives None."""
    return None if value is NO_RETURN else value
