# In: test methods of users. Out: tf.test.TestCase and its like: unittest with comparisons of tensors.
import contextlib
import os
import random
import re
import tempfile
import unittest

import numpy as np

from . import nest
from .assertions import MoreAssertions
from .. import _core

_SEED = 87654321        # what TensorFlow sets before each test


def main(argv=None):
    """Runs all tests of the script."""
    unittest.main(argv=argv)


def _named(name):
    return _core.function_named("tf." + name)


def _is_ragged(x):
    return hasattr(x, "to_list") and hasattr(x, "row_splits")


def _lists(x):
    """Rows, which may be of any length, as lists."""
    if _is_ragged(x):
        return x.to_list()
    if isinstance(x, (list, tuple)):
        return [_lists(item) for item in x]
    return _array(x).tolist()


def _array(x):
    """Tensors, variables, lists of them, and sparse tensors' values as NumPy's arrays."""
    if hasattr(x, "numpy") and callable(x.numpy):
        return np.asarray(x.numpy())
    if isinstance(x, (list, tuple)):
        if not any(isinstance(item, (list, tuple, np.ndarray)) or hasattr(item, "numpy") for item in x):
            return np.array(x)
        return np.array([_array(item) for item in x])
    return np.asarray(x)


class TestCase(MoreAssertions, unittest.TestCase):
    """unittest.TestCase whose assertions take tensors; each test begins with the same random seeds."""

    def setUp(self):
        super().setUp()
        random.seed(_SEED)
        np.random.seed(_SEED)
        from .. import random as generators
        generators.set_seed(_SEED)

    # ---- values ----
    def evaluate(self, tensors):
        """The values of a nest of tensors."""
        return nest.map_structure(lambda t: t.numpy() if hasattr(t, "numpy") else t, tensors)

    @contextlib.contextmanager
    def cached_session(self, graph=None, config=None, use_gpu=True, force_gpu=False):
        """Nothing: what is done in it happens at once."""
        yield None

    session = cached_session

    def get_temp_dir(self):
        """A folder of this test's own."""
        if not hasattr(self, "_folder"):
            self._folder = tempfile.mkdtemp(prefix=re.sub(r"\W", "_", self.id()))
        os.makedirs(self._folder, exist_ok=True)
        return self._folder

    # ---- all elements ----
    def assertAllEqual(self, a, b, msg=None):
        """Same shape, same elements; NaN equals NaN."""
        if _is_ragged(a) or _is_ragged(b):
            return self.assertEqual(_lists(a), _lists(b), msg)
        a, b, msg = _array(a), _array(b), msg or ""
        self.assertEqual(a.shape, b.shape,
                         f"Shape mismatch: expected {a.shape}, got {b.shape}. Contents: {b!r}. \n{msg}.")
        if {a.dtype.kind, b.dtype.kind} <= set("USO") and a.dtype.kind != b.dtype.kind:
            if any(isinstance(x, (bytes, str)) for v in (a, b) if v.dtype.kind == "O" for x in v.flat) or "O" not in (
                    a.dtype.kind, b.dtype.kind):
                a, b = (np.array([x.encode() if isinstance(x, str) else x for x in v.flat]).reshape(v.shape) for v in (a, b))
        same = a == b
        if a.dtype.kind == "f":
            same = same | (np.isnan(a) & np.isnan(b))
        if not np.all(same):
            self._told(np.testing.assert_array_equal, a, b, ~same, "equal", [msg])

    def assertNotAllEqual(self, a, b, msg=None):
        with contextlib.suppress(AssertionError):
            self.assertAllEqual(a, b)
            self.fail(msg or "The two values are equal at all elements.")
            return
        if np.shape(_array(a)) == np.shape(_array(b)) and np.all(_array(a) == _array(b)):
            raise AssertionError(msg or "The two values are equal at all elements.")

    def assertAllClose(self, a, b, rtol=1e-6, atol=1e-6, msg=None):
        """Same structure, elements within atol + rtol * |b|; dicts, lists and named tuples are gone through."""
        if isinstance(a, dict) or isinstance(b, dict):
            self.assertIsInstance(a, dict, f"Can't compare a dict with {type(a)}. {msg or ''}")
            self.assertIsInstance(b, dict, f"Can't compare a dict with {type(b)}. {msg or ''}")
            self.assertCountEqual(a, b, f"mismatched keys. {msg or ''}")
            for key in a:
                self.assertAllClose(a[key], b[key], rtol, atol, f"Mismatched value: a[{key!r}] is different from b[{key!r}]. {msg or ''}")
            return
        if _is_ragged(a) or _is_ragged(b):
            lists = [x.to_list() if _is_ragged(x) else list(x) for x in (a, b)]
            self.assertEqual([len(row) for row in lists[0]], [len(row) for row in lists[1]], msg)
            for x, y in zip(*lists):
                self.assertAllClose(x, y, rtol, atol, msg)
            return
        if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)) and any(
                isinstance(x, dict) or np.ndim(x) or hasattr(x, "numpy") for x in a):
            self.assertEqual(len(a), len(b), f"Mismatched length: a has {len(a)} items, but b has {len(b)} items. {msg or ''}")
            for i, (x, y) in enumerate(zip(a, b)):
                self.assertAllClose(x, y, rtol, atol, f"Mismatched value: a[{i}] is different from b[{i}]. {msg or ''}")
            return
        a, b = _array(a), _array(b)
        contents = f" with contents {b}." if b.ndim <= 3 or b.size < 500 else "."
        self.assertEqual(a.shape, b.shape, f"Shape mismatch: expected {a.shape}, got {b.shape}{contents}")
        if a.dtype.kind == "V" or "bfloat16" in (a.dtype.name, b.dtype.name):
            a, b = a.astype(np.float32), b.astype(np.float32)
        if np.allclose(a, b, rtol=rtol, atol=atol):
            return
        far = (np.abs(a - b) > atol + rtol * np.abs(b)) | (np.isnan(a) != np.isnan(b))
        self._told(np.testing.assert_allclose, a, b, far, "close", [
            msg or "Mismatched value: a is different from b."], rtol, atol)

    def _told(self, compare, a, b, bad, word, lines, rtol=None, atol=None):
        """Fails with the elements that differ, in NumPy's words and more."""
        x, y = (a[np.where(bad)], b[np.where(bad)]) if a.ndim else (a, b)
        if a.ndim:
            lines.append(f"not {word} where = {np.where(bad)}")
        show = repr if word == "equal" else str
        lines += [f"not {word} lhs = {show(x)}", f"not {word} rhs = {show(y)}"]
        if rtol is None:
            return compare(a, b, err_msg="\n".join(lines))
        lines += [f"not close dif = {np.abs(x - y)}", f"not close tol = {atol + rtol * np.abs(y)}",
                  f"dtype = {a.dtype}, shape = {a.shape}"]
        compare(a, b, rtol=rtol, atol=atol, err_msg="\n".join(lines), equal_nan=True)

    def assertNotAllClose(self, a, b, **kwargs):
        try:
            self.assertAllClose(a, b, **kwargs)
        except AssertionError:
            return
        raise AssertionError("The two values are close at all elements")

    def assertAllCloseAccordingToType(self, a, b, rtol=1e-6, atol=1e-6, float_rtol=1e-6, float_atol=1e-6,
                                      half_rtol=1e-3, half_atol=1e-3, bfloat16_rtol=1e-2, bfloat16_atol=1e-2, msg=None):
        """assertAllClose with wider bounds for narrow dtypes."""
        names = {_array(a).dtype.name, _array(b).dtype.name}
        for these, r, t in ((("float32", "complex64"), float_rtol, float_atol), (("float16",), half_rtol, half_atol),
                            (("bfloat16",), bfloat16_rtol, bfloat16_atol)):
            if names & set(these):
                rtol, atol = max(rtol, r), max(atol, t)
        self.assertAllClose(a, b, rtol=rtol, atol=atol, msg=msg)

    def _all(self, a, holds):
        a = _array(a)
        if not np.all(holds(a)):
            raise AssertionError(f"{int(np.sum(~holds(a)))} of {a.size} elements do not hold: {a[~holds(a)].ravel()[:10]}")

    def assertAllGreater(self, a, comparison_target):
        self._all(a, lambda x: x > comparison_target)

    def assertAllLess(self, a, comparison_target):
        self._all(a, lambda x: x < comparison_target)

    def assertAllGreaterEqual(self, a, comparison_target):
        self._all(a, lambda x: x >= comparison_target)

    def assertAllLessEqual(self, a, comparison_target):
        self._all(a, lambda x: x <= comparison_target)

    def assertAllInRange(self, target, lower_bound, upper_bound, open_lower_bound=False, open_upper_bound=False):
        """Every element is between the bounds, which belong to the range unless they are open."""
        self._all(target, lambda x: (x > lower_bound if open_lower_bound else x >= lower_bound) & (
            x < upper_bound if open_upper_bound else x <= upper_bound))

    def assertAllInSet(self, target, expected_set):
        self._all(target, lambda x: np.isin(x, list(expected_set)))

    # ---- numbers, shapes, texts ----
    def assertNear(self, f1, f2, err, msg=None):
        self.assertTrue(f1 == f2 or np.abs(f1 - f2) <= err,
                        f"{f1:f} != {f2:f} +/- {err:f}" + (f" ({msg})" if msg is not None else ""))

    def assertArrayNear(self, farray1, farray2, err, msg=None):
        self.assertEqual(len(farray1), len(farray2), msg)
        for f1, f2 in zip(farray1, farray2):
            self.assertNear(float(f1), float(f2), err, msg)

    def assertNDArrayNear(self, ndarray1, ndarray2, err, msg=None):
        a, b = _array(ndarray1), _array(ndarray2)
        self.assertTrue(a.shape == b.shape and np.linalg.norm(a - b) < err, msg)

    def assertShapeEqual(self, input_a, input_b, msg=None):
        self.assertEqual(tuple(input_a.shape), tuple(input_b.shape), msg)

    def assertDTypeEqual(self, target, expected_dtype):
        found = _array(target).dtype
        if found != np.dtype(getattr(expected_dtype, "as_numpy_dtype", expected_dtype)):
            raise AssertionError(f"Expected {np.dtype(getattr(expected_dtype, 'as_numpy_dtype', expected_dtype))}, found {found}")

    def assertDeviceEqual(self, device1, device2, msg=None):
        self.assertEqual(*(d if d is None else str(d).lower().rpartition("task:0")[2] for d in (device1, device2)), msg)

    def assertStartsWith(self, actual, expected_start, msg=None):
        self.assertTrue(actual.startswith(expected_start), msg or f"{actual!r} does not start with {expected_start!r}")

    def assertEndsWith(self, actual, expected_end, msg=None):
        self.assertTrue(actual.endswith(expected_end), msg or f"{actual!r} does not end with {expected_end!r}")

    def assertLen(self, container, expected_len, msg=None):
        self.assertEqual(len(container), expected_len, msg or f"{container!r} has length of {len(container)}, expected {expected_len}.")

    def assertEmpty(self, container, msg=None):
        self.assertFalse(len(container), msg or f"{container!r} has length of {len(container)}.")

    def assertNotEmpty(self, container, msg=None):
        self.assertTrue(len(container), msg or f"{container!r} has length of 0.")

    def assertBetween(self, value, minv, maxv, msg=None):
        self.assertTrue(minv <= value <= maxv, msg or f"{value!r} unexpectedly not between {minv!r} and {maxv!r} inclusive")

    def assertContainsSubset(self, expected_subset, actual_set, msg=None):
        self.assertFalse(set(expected_subset) - set(actual_set), msg)

    def assertSameElements(self, expected_seq, actual_seq, msg=None):
        self.assertEqual(set(expected_seq), set(actual_seq), msg)

    # ---- errors ----
    @contextlib.contextmanager
    def assertRaisesWithPredicateMatch(self, exception_type, expected_err_re_or_predicate):
        """An exception whose text has a pattern, or of which a function says True."""
        try:
            yield
        except exception_type as error:
            fits = expected_err_re_or_predicate(error) if callable(expected_err_re_or_predicate) else re.search(
                expected_err_re_or_predicate, str(error))
            if not fits:
                raise AssertionError(f"Exception of type {type(error)}: {error}") from error
        else:
            self.fail(f"{exception_type.__name__} not raised")

    def assertRaisesOpError(self, expected_err_re_or_predicate):
        from .. import errors
        return self.assertRaisesWithPredicateMatch(errors.OpError, expected_err_re_or_predicate)

    def assertRaisesIncompatibleShapesError(self, exception_type=None, expected_message="Incompatible shapes"):
        from .. import errors
        return self.assertRaisesWithPredicateMatch(exception_type or errors.InvalidArgumentError, expected_message)


def compute_gradient(f, x, delta=None):
    """(the jacobians of f that a tape gives, those that differences of f give): for each argument one [outputs, inputs]."""
    from .tape import GradientTape
    if not isinstance(x, (list, tuple)):
        raise ValueError("`x` must be a list or tuple of values convertible to a Tensor (arguments to `f`), not a "
                         f"{type(x)}")
    delta = 1.0 / 1024 if delta is None else delta
    x = [_core.convert(v) for v in x]
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = f(*x)
    size = int(_named("size")(y))
    told = [np.asarray(tape.jacobian(y, v, unconnected_gradients="zero")).reshape(size, -1) for v in x]
    measured = []
    for at, v in enumerate(x):
        columns, values = [], v.numpy()
        for i in range(values.size):
            ends = []
            for step in (delta / 2, -delta / 2):
                moved = values.copy()
                moved.reshape(-1)[i] += step
                ends.append(np.asarray(f(*x[:at], _core.convert(moved), *x[at + 1:])).reshape(-1))
            columns.append((ends[0] - ends[1]) / delta)
        measured.append(np.stack(columns, 1).astype(values.dtype) if columns else np.zeros((size, 0), values.dtype))
    return told, measured
