# In: nothing. Out: traced functions and their arguments, whose GraphDefs real TensorFlow 2.9.0 has imported and run.
# Run by itself it writes NAME.pb and inputs.json into a folder: python graph_programs.py FOLDER
import json
import os
import sys

import ninefold as tf


def loop():
    """A while whose body reads and writes a variable; the loop's variables are captured tensors too."""
    total = tf.Variable(0.5)

    @tf.function
    def f(x, n):
        y = tf.ones_like(x)
        i = tf.constant(0)
        while i < n:
            y = y * x + total
            total.assign_add(tf.reduce_sum(y))
            i += 1
        return y, total.read_value()
    return f, [[1.0, -0.5, 0.25], 3], [tf.TensorSpec([None], tf.float32), tf.TensorSpec([], tf.int32)], [total]


def branch():
    """An if that writes a variable in one branch and joins strings in both."""
    count = tf.Variable(7, dtype=tf.int64)

    @tf.function
    def f(flag, word):
        if flag:
            count.assign_add(5)
            said = tf.strings.join([word, "yes"], "-")
        else:
            said = tf.strings.upper(word)
        return said, count.read_value(), tf.strings.length(said)
    return f, [True, "täglich"], [tf.TensorSpec([], tf.bool), tf.TensorSpec([], tf.string)], [count]


def nested():
    """A loop in a branch in a loop, and a function called by another."""
    @tf.function
    def halves(x):
        while tf.reduce_sum(x) > 1.0:
            x = x / 2.0
        return x

    @tf.function
    def f(x, n):
        steps = tf.constant(0)
        for i in tf.range(n):
            if i % 2 == 0:
                x = halves(x + tf.cast(i, tf.float32))
                steps += 1
            else:
                x = -x
        return x, steps
    return f, [[3.0, 2.0], 5], [tf.TensorSpec([2], tf.float32), tf.TensorSpec([], tf.int32)], []


def gradient():
    """Gradients through a loop over a TensorList and through a branch, by a tape within the function."""
    weights = tf.Variable([[0.5, -1.0], [0.25, 2.0]])

    @tf.function
    def f(x, n):
        with tf.GradientTape() as tape:
            y = x
            for _ in tf.range(n):
                y = tf.tanh(tf.matmul(y, weights))
            loss = tf.reduce_sum(y * y) if n > 2 else tf.reduce_sum(y)
        return loss, tape.gradient(loss, weights)
    return f, [[[1.0, 2.0]], 3], [tf.TensorSpec([1, 2], tf.float32), tf.TensorSpec([], tf.int32)], [weights]


def ragged():
    """A ragged argument arrives as its parts."""
    @tf.function
    def f(r):
        return tf.reduce_sum(r * 2.0, axis=1), r.to_tensor(-1.0)
    return f, [[1.0, 2.0, 3.0], [0, 2, 2, 3]], [tf.RaggedTensorSpec([None, None], tf.float32)], []


PROGRAMS = {p.__name__: p for p in (loop, branch, nested, gradient, ragged)}


def written(name):
    """(bytes of the GraphDef, arguments, first values of the variables, the concrete function, variables)"""
    f, arguments, signature, variables = PROGRAMS[name]()
    concrete = f.get_concrete_function(*signature)
    first = [v.numpy().tolist() for v in variables]
    return concrete.graph.as_graph_def().SerializeToString(), arguments, first, concrete, variables


if __name__ == "__main__":
    about = {}
    for name in PROGRAMS:
        data, arguments, variables, concrete, held = written(name)
        with open(os.path.join(sys.argv[1], name + ".pb"), "wb") as file:
            file.write(data)
        about[name] = {"arguments": arguments, "dtypes": [s.dtype.name for s in concrete.inputs[:len(arguments)]],
                       "variables": [[v, x.dtype.name] for v, x in zip(variables, held)],
                       "results": len(concrete.outputs)}
    with open(os.path.join(sys.argv[1], "inputs.json"), "w") as file:
        json.dump(about, file, indent=1)
