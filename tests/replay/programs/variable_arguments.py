# In: nothing. Out: functions called with variables: how often they are traced, what they read, write and differentiate.
import gc
import weakref

import numpy as np
from replay import case


def counted(f, *calls):
    """What each call gives, and how many traces there are after it."""
    out = []
    for arguments in calls:
        out.append([f(*arguments), f.experimental_get_tracing_count()])
    return out


@case("variable-arguments-counts")
def _(tf):
    V, f = tf.Variable, tf.function
    a, b, c = V(1.), V(2.), V(5.)

    def vector(n):
        return V(np.ones(n, np.float32))
    reads = lambda: f(lambda v: v * 2.)
    total = lambda **k: f(lambda v: tf.reduce_sum(tf.cast(v, tf.float32)), **k)
    of_three = f(lambda x, y, z: x + y * 10. + z * 100.)
    of_list = f(lambda vs: tf.add_n([v * 1. for v in vs]))
    of_dict = f(lambda d: d["x"] - d["y"])
    nested = f(lambda d: d["a"][0] + d["b"]["c"])
    default = f(lambda v, u=c: v + u)
    many = f(lambda *vs: tf.add_n([v + 0. for v in vs]))
    open_, whole = V([1., 2.], shape=[None]), V([1.], shape=tf.TensorShape(None))
    return {
        "of one form": counted(reads(), [a], [b], [a], [V(7.)]),
        "shapes and dtypes": counted(total(), [vector(1)], [vector(2)], [vector(2)], [V([1, 2])], [V([[1.]])]),
        "trainable or not": counted(reads(), [a], [V(3., trainable=False)]),
        "with tensors and numbers": counted(reads(), [a], [tf.constant(1.)], [b], [1.], [b]),
        "which are the same": counted(of_three, [a, b, a], [b, a, b], [a, a, b], [b, b, c], [a, b, b], [a, b, c], [c, c, c]),
        "lists": counted(of_list, [[a, b]], [[b, c]], [[a, a]], [(a, b)], [[a]], [[c]]),
        "dicts in their own order": counted(of_dict, [{"x": a, "y": b}], [{"x": b, "y": c}], [{"y": a, "x": b}], [{"x": a, "y": a}]),
        "nests": counted(nested, [{"a": [a], "b": {"c": b}}], [{"a": [b], "b": {"c": a}}], [{"a": [b], "b": {"c": b}}]),
        "defaults": counted(default, [a], [b], [a, b], [c], [c, c], [b, a]),
        "more": counted(many, [a, b], [b, c], [a], [b], [a, a]),
        "open shapes": counted(total(), [open_], [V([1., 2., 3.], shape=[None])], [vector(2)], [whole], [whole]),
        "input_signature": counted(f(lambda v: v * 2., input_signature=[tf.TensorSpec([], tf.float32)]), [a], [b]),
    }


@case("variable-arguments-writes")
def _(tf):
    V = tf.Variable
    x, y, z, w = V(1.), V(2.), V(5.), V(10.)

    @tf.function
    def add(a, b):
        a.assign_add(1.)
        return a * 10. + b

    @tf.function
    def captured(v):
        v.assign_add(1.)
        return w * v

    @tf.function
    def both(v):
        w.assign(3.)
        v.assign_add(1.)
        w.assign_add(v)
        return w * 1.

    @tf.function
    def inner(v):
        v.assign_add(1.)
        return v * 1.

    @tf.function
    def outer(a, b):
        return inner(a) + inner(b) * 10.

    @tf.function
    def flow(v, n):
        for _ in tf.range(n):
            if v > 3.:
                v.assign_sub(1.)
            else:
                v.assign_add(2.)
        return v * 1.
    steps = [counted(add, [x, y], [y, z], [x, x], [z, z], [z, x]), [x, y, z],
             counted(captured, [x], [w], [x], [V(4.)]), [w, x],
             counted(both, [x], [w], [y]), [w, x, y],
             counted(outer, [x, y], [y, x], [x, x]), inner.experimental_get_tracing_count(), [x, y],
             counted(flow, [x, tf.constant(3)], [y, tf.constant(4)], [z, tf.constant(2)], [x, tf.constant(2)]), [x, y, z]]
    return steps


@case("variable-arguments-gradients")
def _(tf):
    V = tf.Variable
    outside, inside, rows, result = tf.function(lambda v: v * v * v), None, None, {}

    @tf.function
    def inside(v):
        with tf.GradientTape() as tape:
            y = v * v * v
        return tape.gradient(y, v)

    @tf.function
    def rows(v, ids):
        return tf.reduce_sum(tf.gather(v, ids) ** 2)

    @tf.function
    def pair(v, u):
        return v * u * u
    a, b, fixed = V(1.), V(2.), V(3., trainable=False)
    result["first"] = []
    for v in (a, b, fixed, V(4.)):
        with tf.GradientTape() as outer:
            with tf.GradientTape() as tape:
                y = outside(v)
            slope = tape.gradient(y, v)
        result["first"].append([y, slope, None if slope is None else outer.gradient(slope, v)])
    result["traces"] = outside.experimental_get_tracing_count()
    result["inside"] = []
    for v in (a, b, V(4.)):
        with tf.GradientTape() as tape:
            y = inside(v)
        result["inside"].append([y, tape.gradient(y, v)])
    with tf.GradientTape(persistent=True) as tape:
        y, z = pair(a, b), pair(b, fixed)
    result["watched"] = [len(tape.watched_variables()), tape.gradient(y, [a, b]), tape.gradient(z, [b, fixed])]
    result["rows"] = []
    for v in (V(np.ones([4, 2], np.float32)), V(np.full([4, 2], 2, np.float32))):
        with tf.GradientTape() as tape:
            y = rows(v, [1, 3, 1])
        slope = tape.gradient(y, v)
        result["rows"].append([slope.values, slope.indices])
    return result


@case("variable-arguments-life")
def _(tf):
    V, seen = tf.Variable, []

    @tf.function
    def f(v):
        seen.append([v.name, v.trainable, v.shape.as_list()])
        return v + 1.

    refs, given = [], []
    for i in range(5):
        v = V(float(i), name=f"v{i}")
        given.append(f(v))
        refs.append(weakref.ref(v))
        del v
    gc.collect()
    concrete = f.get_concrete_function(V(1.))
    two = tf.function(lambda a, x, b: a * x + b)
    v, w, one = V(1.), V(2.), tf.constant(3.)
    same, other = two.get_concrete_function(v, one, v), two.get_concrete_function(v, one, w)
    model = tf.keras.Sequential([tf.keras.layers.Dense(2, kernel_initializer="ones", input_shape=(2,))])
    optimizer = tf.keras.optimizers.SGD(0.1)

    @tf.function
    def step(x, variables):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(x) ** 2)
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss
    return {"gone": [r() is None for r in refs], "given": given, "seen": seen, "traces": f.experimental_get_tracing_count(),
            "signature": str(concrete.structured_input_signature), "said": concrete.pretty_printed_signature(),
            "inputs": [i.dtype.name for i in concrete.inputs], "captured": len(concrete.captured_inputs),
            "variables": len(concrete.variables), "called": [concrete(V(7.)), concrete(v=V(8.))],
            "same": [[i.dtype.name for i in same.inputs], same(w, one, w)],
            "other": [[i.dtype.name for i in other.inputs], other(w, one, v)],
            "steps": [step(tf.ones([1, 2]), model.trainable_variables) for _ in range(3)], "weights": model.get_weights()}
