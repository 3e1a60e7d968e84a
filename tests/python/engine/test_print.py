# In: what tf.print is given. Out: what it writes, as TensorFlow 2.9.0 wrote it, and where.
import collections
import subprocess
import sys

import pytest

import ninefold as tf

Pair = collections.namedtuple("Pair", "x y")

ROWS = [
    (lambda: (((1, 2), [1, (2, 3)], {"a": (1,)}), {}), "(1, 2) [1, (2, 3)] {'a': (1,)}\n"),
    (lambda: (((tf.constant(1), [tf.constant(2)]), None), dict(sep="|", end="!\n", summarize=1)), "(1, [2])|None!\n"),
    (lambda: ((Pair(1, tf.constant(2)),), {}), "Pair(x=1, y=2)\n"),
    (lambda: ((), {}), "\n"),
    (lambda: (("",), {}), "\n"),
    (lambda: (((tf.constant([1, 2]),), [()], {1}), {}), "([1 2],) [()] {1}\n"),
    (lambda: ((tf.ragged.constant([[1], [2, 3]]),), {}), "[[1], [2, 3]]\n"),
    (lambda: ((tf.sparse.from_dense([[1, 0]]),), {}), "'SparseTensor(indices=[[0 0]], values=[1], shape=[1 2])'\n"),
    (lambda: ((tf.Variable(1.0), "v"), {}), "1 v\n"),
    (lambda: ((sys,), {}), "<module 'sys' (built-in)>\n"),
    (lambda: (("a", "b", 1.5, True, b"x", 2 + 1j), {}), "a b 1.5 True b'x' (2+1j)\n"),
    (lambda: ((["a", b"b"],), {}), "['a', b'b']\n"),
    (lambda: ((tf.constant("a"), tf.constant(["b"])), {}), "\"a\" [\"b\"]\n"),
    (lambda: ((tf.constant("a"),), {}), "a\n"),
    (lambda: (("{} %s", tf.constant(1)), {}), "{} %s 1\n"),
    (lambda: ((tf.range(9),), {}), "[0 1 2 ... 6 7 8]\n"),
    (lambda: ((tf.range(9),), dict(summarize=-1)), "[0 1 2 3 4 5 6 7 8]\n"),
]


@pytest.mark.parametrize("made, text", ROWS, ids=[row[1].strip() or "empty" for row in ROWS])
def test_it_writes_what_tensorflow_writes(made, text, capfd):
    args, kwargs = made()
    assert tf.print(*args, **kwargs) is None
    assert capfd.readouterr() == ("", text)


def test_streams(capfd, tmp_path):
    tf.print("out", output_stream=sys.stdout)
    tf.print("err", output_stream=sys.stderr)
    tf.print("log", output_stream=tf.get_logger().warning)
    for line in ("one", "two"):
        tf.print(line, output_stream=f"file://{tmp_path}/lines")
    assert capfd.readouterr() == ("out\n", "err\nlog\n")
    assert (tmp_path / "lines").read_text() == "one\ntwo\n"


@pytest.mark.parametrize("stream", ["nope", "stdout", 3, None, "log(info)"])
def test_streams_that_are_none(stream):
    with pytest.raises(ValueError, match=r"Unsupported output stream, logging level, or file\."):
        tf.print("a", output_stream=stream)
    with pytest.raises(ValueError, match="Unrecognized keyword arguments for tf.print: {'nope': 1}"):
        tf.print("a", nope=1)


def test_within_a_function_it_prints_at_every_run(capfd):
    @tf.function
    def f(x):
        tf.print("x", x, (x, {"b": 1}), output_stream=sys.stdout)
        return x
    for value in (1.0, 2.5):
        f(tf.constant(value))
    assert capfd.readouterr().out == "x 1 (1, {'b': 1})\nx 2.5 (2.5, {'b': 1})\n"


NOTEBOOK = """
import builtins, sys
builtins.get_ipython = lambda: None
sys.ps1 = "In"
import ninefold as tf
print("python")
tf.print("err"), tf.print("out", output_stream=sys.stdout), tf.print("log", output_stream=tf.get_logger().info)
tf.function(lambda: tf.print("within", end="!"))()
list(tf.data.Dataset.range(2).map(lambda i: (tf.print(i), i)[1]))
tf.print("file", output_stream="file://" + sys.argv[1])
tf.get_logger().info("told")
"""


def test_in_a_notebook_all_of_it_stands_among_what_python_prints(tmp_path):
    done = subprocess.run([sys.executable, "-c", NOTEBOOK, str(tmp_path / "lines")], capture_output=True, text=True, check=True)
    assert done.stdout == "python\nerr\nout\nlog\nwithin!0\n1\nINFO:tensorflow:told\n"
    assert done.stderr == "" and (tmp_path / "lines").read_text() == "file\n"


def test_a_script_sees_warnings_of_the_logger_only():
    done = subprocess.run([sys.executable, "-c", "import ninefold as tf; tf.get_logger().info('a'); tf.get_logger().warning('b'); "
                           "print(tf.get_logger().level)"], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n" and done.stderr == "WARNING:tensorflow:b\n"
