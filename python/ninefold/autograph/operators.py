# In: what converted code asks for: conditions, loops, logic, calls.
# Out: Python's behaviour for Python values; the backend's control flow for symbolic ones.
#
# A backend has: is_symbolic(x), cond(pred, true_fn, false_fn), while_loop(cond, body, loop_vars,
# shape_invariants=None, maximum_iterations=None, **options), scratch() (a context whose ops are
# thrown away), logical_not(x), condition(x, what) (a scalar bool or ValueError), to_tensor(x),
# placeholder(x), zeros_like(x, invariant) -> (value, invariant), require(ok, message, values),
# map_structure(f, *trees), assert_same_structure(a, b), length(x), read(x) -> reader(i),
# iteration(x) -> None, "tensor" or "dataset", reduce(dataset, state, step, more) and
# builtins: {builtin: (accepts(*args), form)}.
import contextlib
import sys

from . import calls, checks
from .undefined import MISSING, NO_RETURN, Undefined, gone, peek, ret  # noqa: F401

backend = None
c = calls.convert
calls.operators = sys.modules[__name__]


def symbolic(x):
    return backend is not None and backend.is_symbolic(x)


def converted_call(f, args=(), kwargs=None):
    return c(f)(*args, **(kwargs or {}))


@contextlib.contextmanager
def unbound():
    """Reading an unbound variable in a block is the error that it is in a function."""
    try:
        yield
    except NameError as error:
        text = str(error)
        if type(error) is not NameError or "free variable" not in text:
            raise
        name = text.split("'")[1]
        raise UnboundLocalError("'{}' is used before assignment".format(name)).with_traceback(
            error.__traceback__) from None


def not_(a):
    return backend.logical_not(a) if symbolic(a) else not a


def and_(a, b):
    value = a()
    return backend.cond(value, b, lambda: value) if symbolic(value) else value and b()


def or_(a, b):
    value = a()
    return backend.cond(value, lambda: value, b) if symbolic(value) else value or b()


def if_exp(condition, if_true, if_false, text):
    if not symbolic(condition):
        return if_true() if condition else if_false()
    seen = {}

    def side(key, fn):
        seen[key] = fn()
        if len(seen) == 2:
            checks.cond_value(backend, text, seen["main"], seen["else"])
        return seen[key]

    return backend.cond(condition, lambda: side("main", if_true), lambda: side("else", if_false))


def if_stmt(condition, body, orelse, get_state, set_state, symbols, nouts):
    if not symbolic(condition):
        with unbound():
            body() if condition else orelse()
        return
    condition = backend.condition(condition, "if statement")
    init = get_state()
    seen = {}

    def branch(name, fn):
        set_state(init)
        with unbound():
            fn()
        new = get_state()[:nouts]
        checks.branch(new, symbols, name)
        seen[name] = new
        if len(seen) == 2:
            checks.cond(backend, seen["main"], seen["else"], symbols)
        return new if nouts else (0,)

    final = backend.cond(condition, lambda: branch("main", body), lambda: branch("else", orelse))
    set_state((tuple(final) if nouts else ()) + init[nouts:])


def while_stmt(test, body, get_state, set_state, symbols, options):
    with unbound():
        # The first test decides who runs the loop; its ops are thrown away.
        with backend.scratch() if backend else contextlib.nullcontext():
            first = test()
        if symbolic(first):
            _staged_while(test, body, get_state, set_state, symbols, options)
            return
        while first:
            body()
            first = test()
            if symbolic(first):
                raise NotImplementedError(
                    "The condition of while loop started as non-Tensor, then changed to Tensor. "
                    "This may happen either because variables changed type, or when a break or "
                    "return statement inside the loop depends on a Tensor condition. In both "
                    "cases, changing to a TF loop should remove the error.")


def for_stmt(source, more, body, get_state, set_state, symbols, options):
    kind = backend.iteration(source) if backend else None
    with unbound():
        if kind == "tensor":
            _staged_for(source, more, body, get_state, set_state, symbols, options)
        elif kind == "dataset":
            _staged_dataset(source, more, body, get_state, set_state, symbols, options)
        else:
            for item in source:
                body(item)
                if more is not None:
                    go_on = more()
                    if symbolic(go_on):
                        raise NotImplementedError(
                            "break and return statements which depend on a TF condition are not "
                            "supported in Python for loops. Did you intend to make it a TF loop?")
                    if not go_on:
                        break


def _staged_for(source, more, body, get_state, set_state, symbols, options):
    n, read = backend.length(source), backend.read(source)
    index = 0

    def get():
        return (index,) + get_state()

    def put(values):
        nonlocal index
        index = values[0]
        set_state(values[1:])

    def step():
        nonlocal index
        body(read(index))
        index = index + 1

    def test():
        inside = index < n
        return inside if more is None else backend.cond(inside, more, lambda: False)

    _staged_while(test, step, get, put, ("<internal iterate>",) + symbols, options)


def _staged_dataset(source, more, body, get_state, set_state, symbols, options):
    init = get_state()
    checks.loop_init(init, symbols)

    def step(state, item):
        if symbols:
            set_state(state)
        body(item)
        new = get_state()
        checks.loop(backend, init, state if symbols else (), new, symbols, {}, False)
        return new if symbols else state

    def go_on(state):
        if symbols:
            set_state(state)
        return more()

    final = backend.reduce(source, init if symbols else (0,), step, more and go_on)
    if symbols:
        set_state(tuple(final))


def _staged_while(test, body, get_state, set_state, symbols, options):
    options = dict(options)
    given = list(options.pop("shape_invariants", ()))
    init = original = get_state()
    invariants = [next((i for v, i in given if v is x), None) for x in init]
    absent = [x is None or x is NO_RETURN or gone(x) for x in init]
    once = any(absent)
    if once:
        init, invariants = _first_values(body, get_state, set_state, init, absent, invariants,
                                         symbols)

    def loop_test(*values):
        set_state(values[once:])
        return backend.condition(test(), "while loop")

    def loop_body(*values):
        set_state(values[once:])
        body()
        new = get_state()
        checks.loop(backend, init, values[once:], new, symbols, invariants, True)
        return (True,) * once + tuple(new)

    if any(i is not None for i in invariants):
        options["shape_invariants"] = (None,) * once + tuple(invariants)
    final = tuple(backend.while_loop(loop_test, loop_body, (False,) * once + tuple(init),
                                     **options))
    if once:
        names = ", ".join("the function return value" if v is NO_RETURN else s
                          for s, v, a in zip(symbols, original, absent) if a)
        final = backend.require(
            final[0], "loop must iterate at least once to initialize " + names, final[1:])
    set_state(tuple(final))


def _first_values(body, get_state, set_state, init, absent, invariants, symbols):
    """Zeros for variables that the loop itself creates: one pass on the side tells their types."""
    note = first = None
    try:
        with backend.scratch():
            set_state(tuple(v if a else backend.map_structure(backend.placeholder, v)
                            for v, a in zip(init, absent)))
            body()
            first = get_state()
    except (UnboundLocalError, NameError, TypeError, ValueError, KeyError) as error:
        note = ("Note: AutoGraph tried to determine initial values, but ran into an error and "
                "gave up:\n\t{}: {}".format(type(error).__name__, error))
    finally:
        set_state(init)
    if first is not None:
        made = [backend.zeros_like(f, i) if a and f is not None and f is not NO_RETURN
                and not gone(f) else (v, i)
                for v, f, i, a in zip(init, first, invariants, absent)]
        init, invariants = tuple(m[0] for m in made), [m[1] for m in made]
    checks.loop_init(init, symbols, first, note)
    return init, invariants


def _overload(builtin):
    def call(*args, **kwargs):
        known = backend.builtins.get(builtin) if backend else None
        if known is not None and known[0](*args):
            return known[1](*args, **kwargs)
        return builtin(*args, **kwargs)

    return call


for _f in (abs, float, int, len, range, enumerate, zip, map, filter, any, all, sorted):
    calls.overloads[_f] = _overload(_f)
