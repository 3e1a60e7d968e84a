# In: the table of programs and a backend whose tensors are plain numbers in a box.
# Out: conversion keeps Python's behaviour for values, stages boxes, and gives TensorFlow's errors.
#      Runs with the standard library alone:  python3 <this file>
import contextlib
import copy
import importlib.util
import operator
import os
import subprocess
import sys
import tempfile
import traceback
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import hostile  # noqa: E402
import programs  # noqa: E402

PACKAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       "../../../python/ninefold/autograph/__init__.py")
_spec = importlib.util.spec_from_file_location("ag", PACKAGE)
ag = importlib.util.module_from_spec(_spec)  # alone: the rest of the package needs the engine
sys.modules["ag"] = ag
_spec.loader.exec_module(ag)


class Shape(tuple):
    rank = property(len)


class Kind(str):
    name = property(str)


class Box:
    """A scalar or a vector whose truth is not known while tracing."""

    def __init__(self, value):
        self.value = value

    dtype = property(lambda self: Kind(type(self.first()).__name__))
    shape = property(lambda self: Shape(
        [len(self.value)] if isinstance(self.value, list) else []))

    def first(self):
        return self.value[0] if isinstance(self.value, list) else self.value

    def __bool__(self):
        raise TypeError("a symbolic tensor has no truth value")

    def __iter__(self):
        raise TypeError("a symbolic tensor cannot be iterated")

    def __neg__(self):
        return Box(-self.value)


def _binary(name, swap):
    op = getattr(operator, name)

    def method(self, other):
        other = unbox(other)
        return Box(op(other, self.value) if swap else op(self.value, other))

    return method


for _n in "add sub mul mod floordiv lt le gt ge eq".split():
    setattr(Box, "__{}__".format(_n), _binary(_n, False))
    setattr(Box, "__r{}__".format(_n), _binary(_n, True))


def unbox(x):
    if isinstance(x, (tuple, list)):
        return type(x)(unbox(v) for v in x)
    return x.value if isinstance(x, Box) else x


def box(x):
    return Box(x) if isinstance(x, (bool, int, float)) else x


class Backend:
    """Runs both branches, as tracing does, and then picks by the value in the box."""

    builtins = {
        len: (lambda x: isinstance(x, Box), lambda x: Box(len(x.value))),
        abs: (lambda x: isinstance(x, Box), lambda x: Box(abs(x.value))),
        int: (lambda x: isinstance(x, Box), lambda x: Box(int(x.value))),
        float: (lambda x: isinstance(x, Box), lambda x: Box(float(x.value))),
    }

    def is_symbolic(self, x):
        return isinstance(x, Box)

    def cond(self, pred, true_fn, false_fn):
        a, b = true_fn(), false_fn()
        return self.map_structure(box, a if pred.value else b)

    def while_loop(self, cond, body, loop_vars, shape_invariants=None, maximum_iterations=None):
        loop_vars = self.map_structure(box, tuple(loop_vars))
        done = 0
        while cond(*loop_vars).value and done != maximum_iterations:
            loop_vars = self.map_structure(box, tuple(body(*loop_vars)))
            done += 1
        return loop_vars

    scratch = staticmethod(contextlib.nullcontext)

    def logical_not(self, x):
        return Box(not x.value)

    def condition(self, x, what):
        if not isinstance(unbox(x), bool):
            raise ValueError("condition of {} expected to be `tf.bool` scalar".format(what))
        return x if isinstance(x, Box) else Box(x)

    def to_tensor(self, x):
        return box(x)

    placeholder = to_tensor

    def zeros_like(self, x, invariant):
        return self.map_structure(lambda v: Box(type(unbox(v))(0)), x), invariant

    def require(self, ok, message, values):
        if not ok.value:
            raise RuntimeError(message)
        return values

    def map_structure(self, f, a, *more):
        if isinstance(a, (tuple, list)):
            return type(a)(self.map_structure(f, *xs) for xs in zip(a, *more))
        if isinstance(a, dict):
            return {k: self.map_structure(f, a[k], *(m[k] for m in more)) for k in a}
        return f(a, *more)

    def assert_same_structure(self, a, b):
        nested = (tuple, list, dict)
        if isinstance(a, nested) != isinstance(b, nested):
            raise TypeError("structures differ")
        if isinstance(a, nested) and len(a) != len(b):
            raise ValueError("structures differ in length")

    def iteration(self, x):
        return "tensor" if isinstance(x, Box) else None

    def length(self, x):
        return Box(len(x.value))

    def read(self, x):
        return lambda i: Box(x.value[unbox(i)])


ERRORS = [
    (programs.e_else_missing, ValueError, "'y' must also be initialized in the else branch"),
    (programs.e_main_missing, ValueError, "'y' must also be initialized in the main branch"),
    (programs.e_dtype, TypeError,
     "'y' has dtype int in the main branch, but dtype float in the else branch"),
    (programs.e_none, ValueError, "'y' is None at the end of the main branch."),
    (programs.e_none_else, ValueError, "'y' is None at the end of the else branch."),
    (programs.e_return_missing, ValueError, "the else branch must also have a return statement."),
    (programs.e_inner_return, ValueError, "the else branch must also have a return statement."),
    (programs.e_structure, TypeError,
     "'y' must have the same nested structure in the main and else branches"),
    (programs.e_loop_dtype, TypeError,
     "'y' has dtype int before the loop, but dtype float after one iteration"),
    (programs.e_loop_none, ValueError, "'y' is None at the end of the iteration."),
    (programs.e_loop_structure, TypeError,
     "'y' does not have the same nested structure after one iteration."),
    (programs.e_chained, TypeError, "a symbolic tensor has no truth value"),
    (programs.e_assert, TypeError, "a symbolic tensor has no truth value"),
    (programs.e_becomes_tensor, NotImplementedError, "started as non-Tensor, then changed"),
    (programs.e_python_break, NotImplementedError, "break and return statements which depend"),
    (programs.e_for_else, TypeError, "a symbolic tensor has no truth value"),
    (programs.e_unbound, UnboundLocalError, "'y'"),
    (programs.e_condition_dtype, ValueError, "expected to be `tf.bool` scalar"),
    (programs.e_while_return, NotImplementedError,
     "a return statement cannot be placed inside this TensorFlow loop"),
]


def grows(x):
    y = x
    while len(y) < 8:
        y = y + y
    return y


def fails_here(x):
    if x:
        for i in range(3):
            x = i // (2 - i)  # LINE
    return x


def unconverted(x):
    return "yes" if x else "no"


class Autograph(unittest.TestCase):
    def setUp(self):
        self.before = ag.use(Backend())

    def tearDown(self):
        ag.use(self.before)

    def test_python_values(self):
        for f, *rows in programs.PYTHON + hostile.PYTHON:
            for args in rows:
                with self.subTest(f.__name__, args=args):
                    want = f(*copy.deepcopy(args))
                    made = ag.convert(f)
                    self.assertIsNot(made, f)  # a fall-back would pass unseen
                    self.assertEqual(made(*copy.deepcopy(args)), want)

    def test_tensors(self):
        for f, inputs in programs.TENSOR:
            for x in inputs:
                with self.subTest(f.__name__, x=x):
                    self.assertEqual(unbox(ag.convert(f)(Box(x))), f(x))

    def test_errors(self):
        for f, kind, text in ERRORS:
            with self.subTest(f.__name__):
                with self.assertRaises(kind) as caught:
                    ag.convert(f)(Box(3))
                self.assertIn(text, str(caught.exception))

    def test_shape_change(self):
        with self.assertRaises(ValueError) as caught:
            ag.convert(grows)(Box([1, 2]))
        self.assertIn("'y' has shape (2,) before the loop, but shape (4,) after one iteration. "
                      "Use tf.autograph.experimental.set_loop_options to set shape invariants.",
                      str(caught.exception))

    def test_loop_that_must_run(self):
        with self.assertRaisesRegex(RuntimeError, "loop must iterate at least once to initialize"):
            ag.convert(programs.t_loop_made)(Box(99))

    def test_traceback_shows_the_users_line(self):
        try:
            ag.convert(fails_here)(1)
        except ZeroDivisionError as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            self.assertEqual(os.path.basename(last.filename), "test_autograph.py")
            self.assertIn("# LINE", last.line)

    def test_what_is_left_alone(self):
        for f in (len.__call__, str, contextlib.nullcontext, copy.deepcopy, lambda x: x.y,
                  ag.do_not_convert(unconverted)):
            with self.subTest(f):
                self.assertIs(ag.convert(f), f)
        with self.assertRaises(TypeError):
            ag.convert(ag.do_not_convert(unconverted))(Box(1))

    def test_two_lambdas_on_a_line_run_as_they_are(self):
        a, b = (lambda x: not x), (lambda x: x or 1)
        with self.assertLogs("tensorflow", "WARNING") as log:
            self.assertIs(ag.convert(a), a)
        self.assertIn("could not transform", log.output[0])
        self.assertEqual(b(0), 1)

    @unittest.skipIf(sys.version_info < (3, 10), "match came with Python 3.10")
    def test_match(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "matching.py")
            with open(path, "w") as file:
                file.write(hostile.MATCH)
            spec = importlib.util.spec_from_file_location("matching", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            for x in ([1, 2], {"k": 3, "z": 1}, 5, 1, "s"):
                with self.subTest(x=x):
                    self.assertEqual(ag.convert(module.matched)(x), module.matched(x))

    def test_shared_closure(self):
        n = 1

        def f(x):
            nonlocal n
            if x > 0:
                n += 1
            return n

        g = ag.convert(f)
        g(1)
        self.assertEqual((f(1), n), (3, 3))

    def test_function_that_calls_itself(self):
        self.assertEqual(ag.convert(programs.recursive)(3, 1), 8)
        self.assertEqual(ag.convert(programs.flat)([1, (2, [3])]), [1, 2, 3])

    def test_to_code(self):
        text = ag.to_code(programs.t_if)
        self.assertIn("ag__.if_stmt(", text)
        self.assertTrue(text.startswith("def t_if(x):"))

    def test_import_is_lazy(self):
        code = ("import sys, importlib.util as u; s = u.spec_from_file_location('ag', {!r}); "
                "m = u.module_from_spec(s); s.loader.exec_module(m); "
                "print('ast' in sys.modules, 'inspect' in sys.modules)").format(PACKAGE)
        out = subprocess.run([sys.executable, "-S", "-c", code], stdout=subprocess.PIPE, check=True)
        self.assertEqual(out.stdout.split(), [b"False", b"False"])


if __name__ == "__main__":
    unittest.main()
