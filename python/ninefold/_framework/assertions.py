# In: containers, texts, commands. Out: the assertions that TensorFlow's TestCase has of absl's, and its folders, threads and streams.
import contextlib
import dataclasses
import difflib
import json
import os
import re
import subprocess
import tempfile
import threading
import urllib.parse


def _differences(a, b, path, found):
    """The places at which two nests of dicts, lists and tuples differ, as texts."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(set(a) | set(b), key=str):
            place = f"{path}[{key!r}]"
            if key not in b:
                found.append(f"{place}: only in the first")
            elif key not in a:
                found.append(f"{place}: only in the second")
            else:
                _differences(a[key], b[key], place, found)
    elif isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        if len(a) != len(b):
            found.append(f"{path}: {len(a)} items and {len(b)}")
        for i, (one, other) in enumerate(zip(a, b)):
            _differences(one, other, f"{path}[{i}]", found)
    elif type(a) is not type(b) and not (isinstance(a, (int, float)) and isinstance(b, (int, float))) or a != b:
        found.append(f"{path}: {a!r} != {b!r}")


class CheckedThread(threading.Thread):
    """A thread whose errors are the test's: join() raises what its function raised."""

    def __init__(self, testcase, target, args=None, kwargs=None):
        super().__init__()
        self._testcase, self._work, self._fault = testcase, lambda: target(*(args or ()), **(kwargs or {})), None

    def run(self):
        try:
            self._work()
        except Exception as fault:  # noqa: B902 (whatever it is: join() tells it)
            self._fault = fault

    def check_termination(self):
        if self.is_alive():
            self._testcase.fail("Checked thread was not terminated")
        if self._fault is not None:
            self._testcase.fail(f"Error in checkedThread: {self._fault}")

    def join(self, timeout=None):
        super().join(timeout)
        self.check_termination()


class _Written:
    def __init__(self, path):
        self._path = path

    def contents(self):
        with open(self._path, encoding="utf-8") as file:
            return file.read()


class TemporaryFile:
    """A file of a test: `full_path`, and its content."""

    def __init__(self, full_path):
        self.full_path = full_path

    def __fspath__(self):
        return self.full_path

    def read_text(self, encoding="utf8", errors="strict"):
        with open(self.full_path, encoding=encoding, errors=errors) as file:
            return file.read()

    def read_bytes(self):
        with open(self.full_path, "rb") as file:
            return file.read()

    def write_text(self, text, mode="w", encoding="utf8", errors="strict"):
        with open(self.full_path, mode, encoding=encoding, errors=errors) as file:
            file.write(text)

    def write_bytes(self, data, mode="wb"):
        with open(self.full_path, mode) as file:
            file.write(data)

    def open_text(self, mode="rt", encoding="utf8", errors="strict"):
        return open(self.full_path, mode, encoding=encoding, errors=errors)

    def open_bytes(self, mode="rb"):
        return open(self.full_path, mode)


class TemporaryFolder:
    """A folder of a test: `full_path`."""

    def __init__(self, full_path):
        self.full_path = full_path

    def __fspath__(self):
        return self.full_path

    def create_file(self, file_path=None, content=None, mode="w", encoding="utf8", errors="strict"):
        if file_path is None:
            handle, path = tempfile.mkstemp(dir=self.full_path)
            os.close(handle)
        else:
            path = os.path.join(self.full_path, file_path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
        made = TemporaryFile(path)
        if isinstance(content, bytes):
            made.write_bytes(content)
        else:
            made.write_text(content or "", mode, encoding, errors)
        return made

    def mkdir(self, dir_path=None):
        path = tempfile.mkdtemp(dir=self.full_path) if dir_path is None else os.path.join(self.full_path, dir_path)
        os.makedirs(path, exist_ok=True)
        return TemporaryFolder(path)


class MoreAssertions:
    """Assertions of a unittest.TestCase; each fails with what was expected and what there was, and `msg`."""

    def _told_fail(self, text, msg):
        self.fail(text if msg is None else f"{text} : {msg}")

    # ---- containers ----

    def assertItemsEqual(self, expected_seq, actual_seq, msg=None):
        self.assertCountEqual(expected_seq, actual_seq, msg)

    def assertNoCommonElements(self, expected_seq, actual_seq, msg=None):
        common = set(expected_seq) & set(actual_seq)
        if common:
            self._told_fail(f"Common elements {common} found: expected {expected_seq}, actual {actual_seq}", msg)

    def assertContainsSubsequence(self, container, subsequence, msg=None):
        rest, missing = iter(container), []
        for item in subsequence:
            if not any(item == other for other in rest):
                missing.append(item)
                break
        if missing:
            self._told_fail(f"{subsequence!r} not a subsequence of {container!r}. First non-matching element: {missing[0]!r}", msg)

    def assertContainsExactSubsequence(self, container, subsequence, msg=None):
        container, wanted = list(container), list(subsequence)
        if not any(container[i:i + len(wanted)] == wanted for i in range(len(container) - len(wanted) + 1)):
            self._told_fail(f"{wanted!r} not an exact subsequence of {container!r}", msg)

    def assertContainsInOrder(self, strings, target, msg=None):
        at = -1
        for text in [strings] if isinstance(strings, str) else strings:
            found = target.find(text, max(at, 0))
            if found < 0:
                self._told_fail(f"Did not find '{text}' in order in '{target}'", msg)
            at = found

    def assertSequenceStartsWith(self, prefix, whole, msg=None):
        prefix, whole = list(prefix), list(whole)
        if whole[:len(prefix)] != prefix:
            self._told_fail(f"prefix: {prefix} not found at start of whole: {whole}.", msg)

    def assertSequenceAlmostEqual(self, expected_seq, actual_seq, places=None, msg=None, delta=None):
        if len(expected_seq) != len(actual_seq):
            self._told_fail(f"Sequence size mismatch: {len(expected_seq)} vs {len(actual_seq)}", msg)
        for i, (one, other) in enumerate(zip(expected_seq, actual_seq)):
            self.assertAlmostEqual(one, other, places=places, msg=f"item {i}" if msg is None else f"item {i}: {msg}", delta=delta)

    def assertDictAlmostEqual(self, expected_dict, actual_dict, places=None, msg=None, delta=None):
        self.assertCountEqual(expected_dict, actual_dict, msg)
        for key, value in expected_dict.items():
            self.assertAlmostEqual(value, actual_dict[key], places=places, msg=f"{key!r}" if msg is None else f"{key!r}: {msg}",
                                   delta=delta)

    def assertMappingEqual(self, a, b, msg=None):
        self.assertSameStructure(dict(a), dict(b), "first", "second", msg=msg)

    def assertSameStructure(self, a, b, aname="a", bname="b", msg=None):
        found = []
        _differences(a, b, aname, found)
        if found:
            self._told_fail(f"{aname} and {bname} differ:\n" + "\n".join(found[:20]), msg)

    def assertJsonEqual(self, first, second, msg=None):
        try:
            one, other = json.loads(first), json.loads(second)
        except ValueError as fault:
            raise ValueError(f"assertJsonEqual: expected two texts of JSON: {fault}") from fault
        self.assertSameStructure(one, other, "first", "second", msg=msg)

    def assertDataclassEqual(self, first, second, msg=None):
        self.assertTrue(dataclasses.is_dataclass(first) and not isinstance(first, type), "First argument is not a dataclass instance")
        self.assertIs(type(first), type(second), msg)
        for field in dataclasses.fields(first):
            self.assertEqual(getattr(first, field.name), getattr(second, field.name),
                             field.name if msg is None else f"{field.name}: {msg}")

    def assertTotallyOrdered(self, *groups, **kwargs):
        """Each group's items are equal to one another, less than those of the groups behind it."""
        msg, flat = kwargs.get("msg"), [(i, item) for i, group in enumerate(groups) for item in group]
        for i, a in flat:
            for j, b in flat:
                for holds, told in ((i == j, "=="), (i != j, "!="), (i < j, "<"), (i <= j, "<="), (i > j, ">"), (i >= j, ">=")):
                    is_so = {"==": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[told]
                    if bool(is_so) != holds:
                        self._told_fail(f"Ordering: expected {a!r} {told} {b!r} to be {holds}", msg)

    # ---- texts and classes ----

    def assertNotStartsWith(self, actual, unexpected_start, msg=None):
        if actual.startswith(unexpected_start):
            self._told_fail(f"{actual!r} does start with {unexpected_start!r}", msg)

    def assertNotEndsWith(self, actual, unexpected_end, msg=None):
        if actual.endswith(unexpected_end):
            self._told_fail(f"{actual!r} does end with {unexpected_end!r}", msg)

    def assertRegexMatch(self, actual_str, regexes, message=None):
        if isinstance(regexes, (str, bytes)):
            self.fail("regexes is string or bytes; use assertRegex instead.")
        if not regexes:
            self.fail("No regexes specified.")
        if not any(re.search(regex, actual_str, re.MULTILINE) for regex in regexes):
            self._told_fail(f"{actual_str!r} matches none of {list(regexes)!r}", message)

    def assertUrlEqual(self, a, b, msg=None):
        one, other = urllib.parse.urlparse(a), urllib.parse.urlparse(b)
        for part in ("scheme", "netloc", "path", "fragment"):
            self.assertEqual(getattr(one, part), getattr(other, part), msg)
        self.assertEqual(sorted(one.params.split(";")), sorted(other.params.split(";")), msg)
        self.assertEqual(sorted(urllib.parse.parse_qsl(one.query, keep_blank_values=True)),
                         sorted(urllib.parse.parse_qsl(other.query, keep_blank_values=True)), msg)

    def assertProtoEquals(self, expected_message_maybe_ascii, message, msg=None):
        """Two messages, the first of which may be its text."""
        expected = expected_message_maybe_ascii
        if isinstance(expected, str):
            expected, message = "\n".join(line.strip() for line in expected.split("\n") if line.strip()), "\n".join(
                line.strip() for line in str(message).split("\n") if line.strip())
        if expected != message:
            self._told_fail("\n".join(difflib.ndiff(str(expected).split("\n"), str(message).split("\n"))), msg)

    def assertIsSubclass(self, cls, cls_or_tuple, msg=None):
        if not issubclass(cls, cls_or_tuple):
            self._told_fail(f"{cls!r} is not a subclass of {cls_or_tuple!r}", msg)

    def assertNotIsSubclass(self, cls, cls_or_tuple, msg=None):
        if issubclass(cls, cls_or_tuple):
            self._told_fail(f"{cls!r} is a subclass of {cls_or_tuple!r}", msg)

    def assertRaisesWithLiteralMatch(self, expected_exception, expected_exception_message, callable_obj=None, *args, **kwargs):
        @contextlib.contextmanager
        def context():
            with self.assertRaises(expected_exception) as raised:
                yield raised
            if str(raised.exception) != expected_exception_message:
                self.fail(f"Exception message does not match.\nExpected: {expected_exception_message!r}\nActual: "
                          f"{str(raised.exception)!r}")
        if callable_obj is None:
            return context()
        with context():
            callable_obj(*args, **kwargs)
        return None

    # ---- commands, files, threads ----

    def _run(self, command, env, close_fds):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, close_fds=close_fds,
                              shell=isinstance(command, str))
        return done.returncode, done.stdout

    def _checked_output(self, output, regexes, command, msg):
        regexes = [regex.encode() if isinstance(regex, str) else regex for regex in ([regexes] if isinstance(regexes, (str, bytes)) else regexes)]
        if not any(re.search(regex, output, re.MULTILINE) for regex in regexes):
            self._told_fail(f"Running command {command} wrote {output!r}, which matches none of {regexes!r}", msg)

    def assertCommandSucceeds(self, command, regexes=(b"",), env=None, close_fds=True, msg=None):
        code, output = self._run(command, env, close_fds)
        if code:
            self._told_fail(f"Running command {command} failed with exit code {code} and output {output!r}", msg)
        self._checked_output(output, regexes, command, msg)

    def assertCommandFails(self, command, regexes, env=None, close_fds=True, msg=None):
        code, output = self._run(command, env, close_fds)
        if not code:
            self._told_fail(f"The following command succeeded while expected to fail:\n{command}", msg)
        self._checked_output(output, regexes, command, msg)

    def create_tempdir(self, name=None, cleanup=None):
        """A folder below get_temp_dir(), which goes with the test's."""
        base = self.get_temp_dir()
        path = tempfile.mkdtemp(dir=base) if name is None else os.path.join(base, name)
        os.makedirs(path, exist_ok=True)
        return TemporaryFolder(path)

    def create_tempfile(self, file_path=None, content=None, mode="w", encoding="utf8", errors="strict", cleanup=None):
        return TemporaryFolder(self.get_temp_dir()).create_file(file_path, content, mode, encoding, errors)

    def enter_context(self, manager):
        """Enters a context that is left when the test ends."""
        value = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return value

    @contextlib.contextmanager
    def captureWritesToStream(self, stream):
        """What the process writes to a stream, C++ included: yields an object whose contents() tells it."""
        stream.flush()
        number, (handle, path) = stream.fileno(), tempfile.mkstemp(dir=self.get_temp_dir())
        before = os.dup(number)
        os.dup2(handle, number)
        try:
            yield _Written(path)
        finally:
            stream.flush()
            os.dup2(before, number)
            os.close(before)
            os.close(handle)

    def checkedThread(self, target, args=None, kwargs=None):
        """A thread whose errors fail the test once it is joined."""
        made = CheckedThread(self, target, args, kwargs)
        self.addCleanup(lambda: made.is_alive() and self.fail("A checkedThread was not terminated."))
        return made
