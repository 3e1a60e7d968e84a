# In: nothing. Out: gradients that are rows of a table, what takes them, and the optimizers that step only those rows.
import numpy as np
from replay import case

FINE = 1e-5


def values(seed, *shape):
    return np.random.RandomState(seed).randn(*shape).astype(np.float32)


def parts(x):
    """IndexedSlices as what they hold; a tensor as it is."""
    if type(x).__name__ != "IndexedSlices":
        return {"tensor": x}
    return {"values": x.values, "indices": x.indices, "dense_shape": x.dense_shape,
            "index type": x.indices.dtype.name, "shape": str(x.shape)}


@case("slices-of-the-tape", tolerance=FINE)
def _(tf):
    table, whole = tf.Variable(values(1, 5, 2)), tf.constant(values(2, 5, 2))
    wide = tf.constant([4, 1], tf.int64)
    square = lambda x: tf.reduce_sum(x ** 2)
    traced = tf.function(lambda ids: square(tf.gather(table, ids)))
    passed = tf.function(lambda x, ids: square(tf.gather(x, ids)))
    ways = {
        "of a tensor": (whole, lambda x: square(tf.gather(x, [0, 3, 3]))),
        "indices [2, 2]": (table, lambda x: square(tf.gather(x, [[0, 3], [3, 1]]))),
        "scalar index": (table, lambda x: square(tf.gather(x, 2))),
        "int64": (table, lambda x: square(tf.gather(x, wide))),
        "embedding_lookup": (table, lambda x: square(tf.nn.embedding_lookup(x, [[0, 3], [3, 1]]))),
        "max_norm": (table, lambda x: tf.reduce_sum(tf.nn.embedding_lookup(x, [0, 3], max_norm=0.5) * [1., 3.])),
        "sparse_read": (table, lambda x: square(x.sparse_read([1, 1]))),
        "gather_nd of rows": (whole, lambda x: square(tf.gather_nd(x, [[0], [3], [3]]))),
        "gather_nd of numbers": (whole, lambda x: square(tf.gather_nd(x, [[0, 1], [3, 0]]))),
        "axis 1": (table, lambda x: square(tf.gather(x, [0, 1, 1], axis=1))),
        "batch_dims": (table, lambda x: square(tf.gather(x, [[0], [1], [0], [0], [1]], batch_dims=1))),
        "twice": (table, lambda x: square(tf.gather(x, [0, 3, 3])) + square(tf.gather(x, [1]))),
        "twice, two types": (table, lambda x: square(tf.gather(x, [0, 3])) + square(tf.gather(x, wide))),
        "and dense": (table, lambda x: square(tf.gather(x, [0, 3, 3])) + tf.reduce_sum(x)),
        "through identity": (whole, lambda x: square(tf.gather(tf.identity(x), [0, 3]))),
        "through read_value": (table, lambda x: square(tf.gather(x.read_value(), [0, 3]))),
        "through a cast": (whole, lambda x: square(tf.gather(tf.cast(x, tf.float64), [0, 3]))),
        "through -x": (whole, lambda x: square(tf.gather(-x, [0, 3]))),
        "through add_n": (whole, lambda x: square(tf.gather(tf.add_n([x, x]), [0, 3]))),
        "through x * 2": (whole, lambda x: square(tf.gather(x * 2, [0, 3, 3]))),
        "through a reshape": (whole, lambda x: square(tf.gather(tf.reshape(x, [10]), [0, 3, 3]))),
        "unconnected": (table, lambda x: tf.constant(1.0)),
        "through a function": (table, lambda x: traced([0, 3, 3])),
        "through its argument": (whole, lambda x: passed(x, [0, 3, 3])),
    }
    result = {}
    for name, (source, f) in ways.items():
        with tf.GradientTape() as tape:
            tape.watch(source)
            y = f(source)
        result[name] = parts(tape.gradient(y, source, unconnected_gradients="zero"))
    return result


@case("slices-in-functions", tolerance=FINE)
def _(tf):
    table = tf.Variable(values(1, 5, 2))

    @tf.function
    def inside(ids):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.gather(table, ids) ** 3)
        return y, tape.gradient(y, table)

    @tf.function
    def loop(n):
        with tf.GradientTape() as tape:
            y = 0.0
            for i in tf.range(n):
                y += tf.reduce_sum(tf.gather(table, [i]) ** 2)
        return tape.gradient(y, table)

    @tf.function
    def branch(x, both):
        with tf.GradientTape() as tape:
            other = (lambda: tf.reduce_sum(tf.gather(table, [1]) ** 2)) if both else (lambda: tf.constant(1.0))
            y = tf.cond(tf.reduce_sum(x) > 0, lambda: tf.reduce_sum(tf.gather(table, [0, 3]) ** 2), other)
        return tape.gradient(y, table)

    def nested():
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                y = tf.reduce_sum(tf.gather(table, [0, 3, 3]) ** 3)
            first = inner.gradient(y, table)
            z = tf.reduce_sum(first.values)
        return outer.gradient(z, table)

    def persistent():
        with tf.GradientTape(persistent=True) as tape:
            rows = tf.gather(table, [0, 3, 3])
            y, z = tf.reduce_sum(rows ** 2), tf.reduce_sum(rows)
        return [parts(tape.gradient(y, table)), parts(tape.gradient(z, table)), tape.gradient(y, rows)]
    y, slices = inside(tf.constant([0, 3, 3]))
    with tf.GradientTape() as tape:
        z = tf.reduce_sum(tf.gather(table, [1, 1]))
    weighted = tape.gradient(z, table, output_gradients=tf.constant(2.0))
    return {"y": y, "slices": parts(slices), "again": parts(inside(tf.constant([1]))[1]),
            "branches": [parts(branch(tf.constant(x), both)) for x in (1.0, -1.0) for both in (False, True)],
            "loop": loop(tf.constant(3)), "nested": parts(nested()), "traced nested": parts(tf.function(nested)()),
            "persistent": persistent(), "weighted": parts(weighted),
            "argument": tf.function(lambda s: s.values * 2.0)(weighted),
            "returned": parts(tf.function(lambda s: -s)(weighted))}


def refused(f):
    try:
        f()
    except Exception as fault:
        return f"{type(fault).__name__}: {fault}"
    return "nothing"


@case("slices-taken", tolerance=FINE)
def _(tf):
    s = tf.IndexedSlices(tf.constant([[1., 2], [3, 4]]), tf.constant([1, 1]), tf.constant([5, 2]))
    n = tf.IndexedSlices(tf.constant([[1., 2], [3, 4]]), tf.constant([1, 1]))
    clipped, norm = tf.clip_by_global_norm([s, tf.ones([2]), None], 1.0)
    variable = tf.Variable(tf.ones([5, 2]))
    variable.assign_add(s)
    return {
        "str": str(s), "str without shape": str(n), "shape": [str(s.shape), str(n.shape)], "dtype": s.dtype.name,
        "is_tensor": bool(tf.is_tensor(s)), "spec": repr(s._type_spec), "spec without shape": repr(n._type_spec),
        "convert": tf.convert_to_tensor(s), "negative": parts(-s), "times": tf.constant(2.0) * s,
        "multiply": tf.multiply(s, 2.0), "plus": tf.constant(1.0) + s, "scalar_mul": parts(tf.math.scalar_mul(2.0, s)),
        "cast": parts(tf.cast(s, tf.float64)), "clip_by_value": parts(tf.clip_by_value(s, -1.0, 2.5)),
        "clip_by_norm": parts(tf.clip_by_norm(s, 1.0)), "by axis": parts(tf.clip_by_norm(s, 1.0, axes=[1])),
        "clip_by_global_norm": [parts(clipped[0]), clipped[1], clipped[2] is None, norm],
        "global_norm": tf.linalg.global_norm([s, None]), "add_n": tf.add_n([s, s]),
        "identity": parts(tf.identity(s)), "stop_gradient": parts(tf.stop_gradient(s)),
        "sum": tf.reduce_sum(s), "square": tf.square(s), "matmul": tf.matmul(s, [[1.0], [1.0]]),
        "stack": tf.stack([s, s]), "concat": tf.concat([s, s], 0), "gather": tf.gather(s, [1]),
        "shape of": [tf.shape(s), tf.size(s), tf.rank(s)], "zeros_like": tf.zeros_like(s),
        "leaves": tf.nest.flatten(s, expand_composites=True), "leaf": len(tf.nest.flatten(s)),
        "assign_add": variable,
        "refused": {
            "no shape": refused(lambda: tf.convert_to_tensor(n)),
            "dtype": refused(lambda: tf.convert_to_tensor(s, tf.float64)),
            "s * 2": refused(lambda: s * 2), "s + s": refused(lambda: s + s),
            "accumulate_n": refused(lambda: tf.math.accumulate_n([s, s])),
            "name": refused(lambda: s.name), "numpy": refused(lambda: s.numpy()), "len": refused(lambda: len(s)),
            "target": refused(lambda: tf.GradientTape(persistent=True).__enter__().gradient(s, variable)),
        },
    }


@case("variable-scatter", tolerance=FINE)
def _(tf):
    def changed(method, *args):
        v = tf.Variable(np.arange(12.0, dtype=np.float32).reshape(4, 3))
        getattr(v, method)(*args)
        return v
    rows = tf.IndexedSlices(tf.constant([[1., 20, 3], [4, 5, 60], [7, 8, 9]]), tf.constant([1, 3, 1]))
    result = {m: changed(m, rows) for m in ("scatter_add", "scatter_sub", "scatter_mul", "scatter_div", "scatter_max",
                                            "scatter_min", "scatter_update")}
    places, numbers = [[0, 2], [3, 1], [0, 2]], [50.0, -1.0, 7.0]
    for m in ("scatter_nd_add", "scatter_nd_sub", "scatter_nd_update"):
        result[m] = changed(m, places, numbers)
        result[m + " rows"] = changed(m, [[1], [2]], [[1., 2, 3], [4, 5, 6]])
    # The variables of scatter_nd_max and _min must be called with tensors that lie apart: order decides nothing.
    for m in ("scatter_nd_max", "scatter_nd_min"):
        result[m] = changed(m, [[0, 2], [3, 1]], [50.0, -1.0])
    v = tf.Variable(np.arange(24.0, dtype=np.float32).reshape(2, 4, 3))
    v.batch_scatter_update(tf.IndexedSlices(tf.ones([2, 2, 3]), tf.constant([[0, 3], [1, 2]])))
    result["batch_scatter_update"] = v
    result["sparse_read"] = v.sparse_read([1, 0])
    result["gather_nd"] = v.gather_nd([[1, 2], [0, 3]])
    result["not slices"] = refused(lambda: v.scatter_add(3))
    return result


CHOICES = {
    "SGD": [{}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}, {"clipnorm": 0.5}, {"clipvalue": 0.1},
            {"global_clipnorm": 0.5}, {"momentum": 0.9, "decay": 0.1}],
    "Adam": [{}, {"amsgrad": True}, {"clipnorm": 0.5}],
    "RMSprop": [{}, {"centered": True}, {"momentum": 0.3}, {"momentum": 0.3, "centered": True}],
    "Adagrad": [{}], "Adadelta": [{}], "Adamax": [{}], "Nadam": [{}, {"decay": 0.01}],
    "Ftrl": [{}, {"l1_regularization_strength": 0.01, "l2_regularization_strength": 0.1, "beta": 0.1},
             {"l2_shrinkage_regularization_strength": 0.1}],
}
STEPS = ([0, 3, 3, 5], [1, 1, 1], [3, 0], [5], [2, 3, 2, 0])


@case("sparse-optimizers", tolerance=FINE)
def _(tf):
    def trained(optimizer, traced):
        table, bias = tf.Variable(values(1, 6, 3)), tf.Variable(values(2, 3))

        def step(ids):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(tf.tanh(tf.nn.embedding_lookup(table, ids) + bias) ** 2)
            pairs = zip(tape.gradient(loss, [table, bias]), [table, bias])
            optimizer.apply_gradients(pairs)
            return loss
        if traced:
            step = tf.function(step)
        losses = [step(tf.constant(ids)) for ids in STEPS]
        return {"losses": losses, "table": table, "bias": bias, "weights": [w for w in optimizer.weights]}
    result = {}
    for name, configs in CHOICES.items():
        for config in configs:
            for traced in (False, True):
                label = f"{name} {config}{' traced' if traced else ''}"
                result[label] = trained(getattr(tf.keras.optimizers, name)(learning_rate=0.05, **config), traced)
    return result


@case("sparse-fit", exact=("initial*",))
def _(tf):
    keras = tf.keras
    x = np.random.RandomState(0).randint(0, 20, (64, 5))
    y = (x.sum(1, keepdims=True) % 2).astype(np.float32)
    result = {}
    for name, options in (("SGD", {"momentum": 0.9}), ("Adam", {}), ("Adamax", {}), ("Ftrl", {})):
        model = keras.Sequential([keras.layers.Embedding(40, 4, input_length=5), keras.layers.Flatten(),
                                  keras.layers.Dense(1, activation="sigmoid")])
        model.compile(getattr(keras.optimizers, name)(learning_rate=0.05, **options), "binary_crossentropy")
        result["initial " + name] = model.get_weights()
        history = model.fit(x, y, epochs=3, batch_size=16, verbose=0, shuffle=False)
        result[name] = [history.history["loss"], model.get_weights()]
    return result


@case("sparse-and-constraint")
def _(tf):
    keras = tf.keras
    model = keras.Sequential([keras.layers.Embedding(4, 2, embeddings_constraint="non_neg", input_length=2)])
    model.compile("sgd", "mse")
    fault = refused(lambda: model.fit(np.zeros((2, 2)), np.zeros((2, 2, 2)), verbose=0))
    kept = keras.Sequential([keras.layers.Embedding(4, 2, embeddings_regularizer="l2", input_length=2)])
    kept.compile(keras.optimizers.SGD(0.1, momentum=0.9), "mse")
    kept.set_weights([values(1, 4, 2)])
    kept.fit(np.zeros((2, 2)), np.ones((2, 2, 2)), epochs=2, verbose=0)
    return {"fault": "Cannot use a constraint function on a sparse variable." in fault, "kept": kept.get_weights()}


@case("sparse-mirrored", exact=("initial*",), replicas=2)
def _(tf):
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    strategy = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"])
    keras, result = tf.keras, {}
    x = np.random.RandomState(0).randint(0, 20, (48, 5))
    y = (x.sum(1, keepdims=True) % 2).astype(np.float32)
    for name, options in (("SGD", {"momentum": 0.9}), ("Adam", {})):
        with strategy.scope():
            model = keras.Sequential([keras.layers.Embedding(40, 4, input_length=5), keras.layers.Flatten(),
                                      keras.layers.Dense(1, activation="sigmoid")])
            model.compile(getattr(keras.optimizers, name)(learning_rate=0.05, **options), "binary_crossentropy")
        result["initial " + name] = model.get_weights()
        history = model.fit(x, y, epochs=2, batch_size=16, verbose=0, shuffle=False)
        result[name] = [history.history["loss"], model.get_weights()]
    return result
