# In: nothing. The table of user programs that conversion must leave right.
# Out: PYTHON (function, arguments) rows for plain values, TENSOR rows for staged values.
import contextlib
import functools

COUNT = 0
tf = None  # the referee sets it: FRAMEWORK rows need TensorFlow


def jumps(n):
    s = 0
    for i in range(n):
        if i == 2:
            continue
        if i == 7:
            break
        while s > 10:
            s -= 3
            if s % 2:
                break
        s += i
    return s


def return_in_loop(xs, want):
    for i, x in enumerate(xs):
        for y in (x, -x):
            if y == want:
                return i, y
    return None


def return_in_try(d):
    out = []
    try:
        if d == 0:
            return out, "zero"
        out.append(1 // (d - 1))
    except ZeroDivisionError as e:
        out.append(str(e))
        return out, "caught"
    else:
        out.append("else")
    finally:
        out.append("finally")
    return out, "end"


@contextlib.contextmanager
def noted(log):
    log.append("in")
    yield log
    log.append("out")


def with_return(flag):
    log = []
    with noted(log) as l:
        if flag:
            return l
        l.append("body")
    return log


def defaults(a, b=2, *args, c=3, **kw):
    if a > b:
        return a, b, args, c, sorted(kw.items())
    return b, a, args, c, sorted(kw.items())


def closures(n):
    total = 0

    def add(k):
        nonlocal total
        if k % 2:
            total += k
        return lambda: total + k if k else -1

    fs = [add(i) for i in range(n)]
    return total, [f() for f in fs]


def globals_written(n):
    global COUNT
    COUNT = 0
    while COUNT < n:
        COUNT += 2
    if COUNT > 3:
        COUNT = -COUNT
    return COUNT


class Base:
    def __init__(self, k):
        self.k = k
        self.__hidden = k * 10

    def run(self, x):
        if x > 0:
            self.k += x
        return self.k

    def hidden(self):
        for _ in range(2):
            self.__hidden += 1
        return self.__hidden


class Child(Base):
    scale = 3

    def run(self, x):
        if x > 1:
            r = super().run(x) * self.scale
        else:
            r = super(Child, self).run(-x)
        return r

    @classmethod
    def make(cls, k):
        return cls(k) if k else cls(1)

    @staticmethod
    def twice(k):
        while k < 10:
            k *= 2
        return k

    @property
    def size(self):
        return self.k and self.scale or 0

    def __call__(self, x):
        return not x or self.run(x)


def methods(x):
    c = Child.make(x)
    return c.run(2), c.run(0), c.hidden(), Child.twice(x + 1), c.size, c(x)


def generators(n):
    def gen():
        for i in range(n):
            if i % 2:
                continue
            yield i

    return list(gen()), sum(i for i in gen() if i), {i: not i for i in range(n)}


def walrus(xs):
    it = iter(xs)
    out = []
    while (x := next(it, None)) is not None:
        if (y := x * 2) > 2 and y < 100:
            out.append(y)
    return out, [z for x in xs if (z := x + 1) > 2]


def logging(f):
    @functools.wraps(f)
    def wrapper(*args):
        if len(args) > 1:
            return "many", f(*args)
        return "one", f(*args)

    return wrapper


@logging
def decorated(x, y=1):
    return x if x > y else y


def unpacked(pairs):
    best, rest = None, []
    for (a, b), *more in pairs:
        if best is None or a > best:
            best = a
        rest.extend(more)
        rest += [b]
    return best, rest


def lambdas(x):
    f = lambda a, k=3: a + k if a > 0 else a - k  # noqa: E731
    g = functools.partial(f, k=5)
    return f(x), g(x), sorted([3, 1, 2], key=lambda v: -v), (lambda *a: a or 0)()


def nested_functions(x):
    def inner(y):
        if y > 2:
            return "big"
        for k in range(y):
            if k == 1:
                return k
        return None

    def fact(n):
        return 1 if n <= 1 else n * fact(n - 1)

    return inner(x), inner(2), inner(0), fact(5)


def deleted(x):
    d = {"a": 1, "b": 2}
    if x:
        del d["a"]
        t = 5
        del t
    for k in list(d):
        d[k] += x
    return d


def asserted(x):
    assert x >= 0 and x < 10, "x is {}".format(x)
    n: int = 3
    if x:
        n: int = 4
    return n


def local_class(x):
    class P:
        y = x if x else 7

        def get(self):
            if self.y > 3:
                return x
            return self.y

    return P().get()


def chained(x):
    r = 0 < x < 5
    return r, x == 3 or None, not r, x and [] or "e", not (x and r)


def empty(x):
    """Only a docstring and a bare return inside."""
    if x:
        return


def deep(x):
    if x > 0:
        if x > 10:
            for i in range(x):
                if i > 3:
                    if i == 5:
                        return "five"
                    continue
                x += 1
        elif x == 3:
            return "three"
        else:
            x = -x
    else:
        return "negative"
    return x


PYTHON = [
    (jumps, (0,), (3,), (12,)),
    (return_in_loop, ([1, 2, 3], -2), ([1], 5), ([], 0)),
    (return_in_try, (0,), (1,), (3,)),
    (with_return, (True,), (False,)),
    (defaults, (1,), (5, 1, 9), (5,)),
    (closures, (0,), (5,)),
    (globals_written, (3,), (0,)),
    (methods, (0,), (3,)),
    (generators, (5,)),
    (walrus, ([1, 2, 3],), ([],)),
    (decorated, (1,), (5,), (5, 2)),
    (unpacked, ([((1, 2), 3), ((4, 5),)],), ([],)),
    (lambdas, (1,), (-1,)),
    (nested_functions, (0,), (5,)),
    (deleted, (0,), (1,)),
    (asserted, (0,), (5,)),
    (local_class, (0,), (2,), (9,)),
    (chained, (0,), (3,), (9,)),
    (empty, (0,), (1,)),
    (deep, (0,), (3,), (4,), (15,), (11,)),
]


# Programs whose arguments become tensors of the trace.
def t_if(x):
    if x > 0:
        y = x * 2
    else:
        y = -x
    return y


def t_if_only(x):
    if x > 3:
        x = x * 10
    return x


def t_elif(x):
    if x > 10:
        return x - 10
    elif x > 5:
        return x - 5
    return x


def t_both_return(x):
    if x > 0:
        return x
    else:
        return -x


def t_temp(x):
    if x > 0:
        t = x * 2
        y = t + 1
    else:
        y = x
    return y


def t_while(x):
    n = 0
    while x > 1:
        if x % 2 == 0:
            x = x // 2
        else:
            x = 3 * x + 1
        n += 1
    return n, x


def t_while_break(x):
    n = 0
    while True:
        n += 1
        if n > 3:
            break
    m = x
    while m < 100:
        m = m + x + n
        if m > 50:
            break
    return m


def t_while_continue(x):
    i, s = x, 0
    while i > 0:
        i -= 1
        if i % 2 == 0:
            continue
        s += i
    return s


def e_while_return(x):
    while x < 100:
        x = x * 2 + 1
        if x % 7 == 0:
            return x
    return -x


def t_logic(x):
    a = x > 0 and x < 10
    b = x < -5 or x == 3
    c = not a
    return a, b, c, (x > 0 and not b) or c


def t_ternary(x):
    return x + 1 if x > 0 else x - 1


def t_mixed(x):
    flag = True
    if flag and x > 0:
        x += 1
    if not flag:
        x = None
    return x


def t_nested(x):
    y = 0
    if x > 0:
        if x > 5:
            y = 2
        else:
            y = 1
    return y


def t_attribute(x):
    class Box:
        pass

    b = Box()
    b.v = x
    while b.v < 50:
        b.v = b.v * 2 + 1
    if b.v > 60:
        b.v = -b.v
    return b.v


def t_dict(x):
    d = {"n": x}
    while d["n"] < 20:
        d["n"] += 5
    return d["n"]


def _helper(v):
    if v > 2:
        return v * v
    return v


def t_call(x):
    return _helper(x) + _helper(_helper(x))


def t_local_call(x):
    k = 3

    def inner(v):
        return v + k if v > 0 else v - k

    if x > 5:
        k = 10
    return inner(x)


def t_loop_made(x):
    while x < 10:
        last = x * 2
        x += 1
    return last


def t_python_loop(x):
    for i in range(3):
        if x > i:
            x = x + i
    return x


def t_for_vector(v):
    s = 0
    for e in v:
        s += e
    return s


def t_for_break(v):
    s = 0
    for e in v:
        if e > 2:
            break
        if e == 1:
            continue
        s += e
    return s


def e_for_return(v):
    for e in v:
        if e > 1:
            return e
    return -1


def t_for_structure(v):
    state = {"a": 0, "b": (1, 2)}
    for e in v:
        state = {"a": state["a"] + e, "b": (state["b"][1], state["b"][0])}
    return state["a"], state["b"][0]


def t_for_item(v):
    last = 0
    for last in v:
        pass
    return last, len(v)


def t_abs(x):
    return abs(x), int(x), float(x)


# Programs that TensorFlow refuses.
def e_else_missing(x):
    if x > 0:
        y = 1
    return y


def e_main_missing(x):
    if x > 0:
        pass
    else:
        y = 1
    return y


def e_dtype(x):
    if x > 0:
        y = 1
    else:
        y = 1.0
    return y


def e_none(x):
    y = 1
    if x > 0:
        y = None
    return y


def e_none_else(x):
    y = None
    if x > 0:
        y = 1
    return y


def e_return_missing(x):
    if x > 0:
        return x


def e_inner_return(x):
    if x > 0:
        if x > 1:
            return 1
    return 2


def e_structure(x):
    if x > 0:
        y = (1, 2)
    else:
        y = (1,)
    return y


def e_loop_dtype(x):
    y = 1
    while x > 0:
        y = 1.5
        x -= 1
    return y


def e_loop_none(x):
    y = 1
    while x > 0:
        y = None
        x -= 1
    return y


def e_loop_structure(x):
    y = (1,)
    while x > 0:
        y = (1, 2)
        x -= 1
    return y


def e_chained(x):
    if 0 < x < 5:
        x = x + 1
    return x


def e_becomes_tensor(x):
    n = 0
    while n < 2:
        n = n + x
    return n


def e_python_break(x):
    for i in range(3):
        if x > i:
            break
    return i


def e_for_else(x):
    for _ in range(2):
        pass
    else:
        x += 1
    if x > 0:
        x += 1
    return x


def e_assert(x):
    assert x > 0
    return x


def e_unbound(x, flag=False):
    if flag:
        y = x
    return y


def e_condition_dtype(x):
    if x:
        x += 1
    return x


# Programs that need a framework with datasets and shapes: the referee's only.
def f_invariant(x):
    y = tf.constant([1])
    while tf.shape(y)[0] < x:
        tf.autograph.experimental.set_loop_options(shape_invariants=[(y, tf.TensorShape([None]))])
        y = tf.concat([y, y], 0)
    return y


def f_shape_change(x):
    y = x
    for _ in tf.range(2):
        y = tf.stack([y])
    return y


def f_range(x):
    for i in range(x):
        if i > 2:
            continue
        x += i
    for i in tf.range(x, 0, -2):
        x += i
    return x


def f_dataset(x):
    s = x
    for a in tf.data.Dataset.range(5):
        if a % 2 == 0:
            s += tf.cast(a, tf.int32)
    return s


def f_dataset_break(x):
    s, n = x, 0
    for a, b in tf.data.Dataset.zip((tf.data.Dataset.range(9), tf.data.Dataset.range(9))):
        if a > 3:
            break
        s += tf.cast(a * b, tf.int32)
        n += 1
    return s, n


def f_variable(x):
    box = tf.TensorArray(tf.int32, size=0, dynamic_size=True)
    for i in tf.range(x):
        box = box.write(i, i * i)
    return box.stack()


def f_gradient(x):
    y = tf.cast(x, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(y)
        z = y
        for _ in tf.range(3):
            if z < 100.0:
                z = z * y
    return tape.gradient(z, y)


FRAMEWORK = [(f, (2, 5)) for f in (f_invariant, f_shape_change, f_range, f_dataset,
                                   f_dataset_break, f_variable, f_gradient)]
SCALARS = (-7, 0, 1, 3, 6, 7, 27)
VECTORS = ([0, 1, 2, 3], [5], [1, 1])
TENSOR = [(f, SCALARS) for f in (
    t_if, t_if_only, t_elif, t_both_return, t_temp, t_while, t_while_continue, t_logic, t_ternary,
    t_mixed, t_nested, t_dict, t_call, t_local_call, t_python_loop, t_abs)]
TENSOR += [(t_attribute, (0, 1, 40, 55)), (t_while_break, (1, 7, 60)),
           (t_loop_made, (3, 9))]
TENSOR += [(f, VECTORS) for f in (t_for_vector, t_for_break, t_for_structure, t_for_item)]
ERRORS = [e_else_missing, e_main_missing, e_dtype, e_none, e_none_else, e_return_missing,
          e_inner_return, e_structure, e_loop_dtype, e_loop_none, e_loop_structure, e_chained,
          e_becomes_tensor, e_python_break, e_for_else, e_assert, e_unbound, e_condition_dtype,
          e_while_return]


def recursive(n, x):
    if n:
        return recursive(n - 1, x * 2)
    return x


def flat(x):
    if isinstance(x, (list, tuple)):
        return [item for part in x for item in flat(part)]
    return [x]
