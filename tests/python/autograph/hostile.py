# In: nothing. Programs written to break a rewriter: scopes, jumps through try and with, classes.
# Out: PYTHON rows (function, arguments), and MATCH, the text of a module for Python 3.10 and later.
import collections
import functools

SHARED = 0


def nonlocal_in_loop(n):
    out = []
    for i in range(n):

        def bump(k=i):
            nonlocal out
            if k > 1:
                out = out + [k]
        bump()
        if i > 2:
            bump(9)
    return out


def try_in_loop(n):
    try:
        for i in range(n):
            try:
                if i == 2:
                    raise KeyError(i)
                if i == 4:
                    return 'ret'
            except KeyError as e:
                x = e.args
                continue
            finally:
                n += 1
    finally:
        y = 1
    return (x, y, i)


def loop_over_itself(n):
    for n in range(n):
        pass
    return n


def star_arguments(*xs, **kw):

    def g(*a, **k):
        return (a, k)
    if kw:
        return g(*xs, *xs, **kw, z=1)
    return g(*xs)


def imports(n):
    import math as m, os.path
    if n:
        from math import pi as p
    else:
        p = 0
    return (m.floor(p), os.path.join('a', 'b'))


def private_names_and_super(n):

    class A:
        __z = 1

        def f(self):
            if self.__z:
                return [self.__g(i) for i in range(2)]

        def __g(self, i):
            return i if not i else -i

    class B(A):

        def f(self):
            return [v for v in super().f() if v or True]
        if n:
            q = 4

        def __init__(self):
            super().__init__()
            for k in range(2):
                self.k = k
    b = B()
    return (b.f(), b.k, getattr(b, 'q', None))


def global_target(n):
    global SHARED
    for SHARED in range(n):
        if SHARED > 1:
            break
    return SHARED


def while_true(n):
    s = ''
    while True:
        s += 'x'
        if len(s) > n:
            return s


def with_two(n):
    with open('/dev/null') as f, open('/dev/null') as g:
        for l in f:
            return l
        else_ = 3
        if n:
            return f.name
    return f.closed and g.closed


def coroutine(n):
    x = lambda: (yield)

    async def co():
        if n:
            return 1
        return 2
    c = co()
    try:
        c.send(None)
    except StopIteration as e:
        return e.value


def targets(n):
    a = b = c = n
    a, (b, *c) = (1, (2, 3, 4)) if n else (0, (1,))
    d = [0] * 3
    i = 0
    while i < 3:
        d[i] = i
        i += 1
    if n:
        d[i - 1] += 5
    o = collections.namedtuple('O', 'p q')(1, 2)
    return (a, b, c, d, o, f"{(n if n else 'z')!r:>3}")


def branch_defines_function(n):
    if n:

        def f():
            return 1
    else:

        def f():
            return 2
    g = functools.lru_cache(None)(lambda k: k if k else 5)
    return (f(), g(n), max([n, 1], key=lambda v: -v), isinstance(n, int) and callable(f))


def late_binding(n):
    r = []
    for i in range(3):
        r.append(lambda: i)
    x = 5

    def h():
        return x if n else -x
    if n:
        x = 6
    return ([f() for f in r], h(), locals().get('x'))


def global_deleted(n):
    """doc"""
    global SHARED
    SHARED = n
    if n:
        del SHARED
        SHARED = 4
    return SHARED


def three_loops(n):
    while n:
        n -= 1
        for j in range(n):
            for k in range(j):
                if k == 3:
                    return (n, j, k)
                if k == 2:
                    break
            else_ = j
            if j == 5:
                continue
        if n == 1:
            break
    return n


def finally_after_return(n):
    if n:
        return
    try:
        return 1
    finally:
        n = 2


def iterator_is_not_advanced(n):
    it = iter(range(10))
    for x in it:
        if x == n:
            break
    return next(it)


def annotation_only(n):
    v: 'int'
    if n:
        v = 1
    try:
        return v
    except UnboundLocalError as e:
        return 'unb'


def mutable_default(n, *, k=[1]):
    k.append(n)
    return [x for x in k if x and x > 1] or k


PYTHON = [(f, (1,), (3,), (6,)) for f in (
    nonlocal_in_loop, loop_over_itself, star_arguments, imports, private_names_and_super,
    global_target, while_true, with_two, coroutine, targets, branch_defines_function,
    late_binding, global_deleted, three_loops, finally_after_return, iterator_is_not_advanced,
    annotation_only)]
PYTHON += [(try_in_loop, (3,), (6,))]

MATCH = '''
def matched(x):
    for v in (x, 0):
        match v:
            case [a, *r] if a: return a, r
            case {"k": k, **rest}: w = k
            case int() as q:
                if q > 2: break
                continue
            case _: w = "other"
        if w: return w
    return None
'''
