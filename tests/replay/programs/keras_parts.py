# In: nothing. Out: optimizers step by step, losses and metrics, layers, summaries, weights, faults.
import numpy as np
from replay import case, fault, printed

FINE = 1e-6


def values(seed, *shape):
    return np.random.RandomState(seed).randn(*shape).astype(np.float32)


def steps(tf, optimizer, count=4):
    w = tf.Variable(values(1, 3))
    seen = []
    for _ in range(count):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(w ** 4 + tf.sin(w))
        optimizer.apply_gradients([(tape.gradient(loss, w), w)])
        seen.append(w.numpy())
    return {"steps": seen, "iterations": optimizer.iterations}


@case("optimizer-steps", tolerance=FINE)
def _(tf):
    o = tf.keras.optimizers
    rows = {"sgd": o.SGD(0.05), "momentum": o.SGD(0.05, momentum=0.9),
            "nesterov": o.SGD(0.05, momentum=0.9, nesterov=True), "adam": o.Adam(0.05),
            "amsgrad": o.Adam(0.05, amsgrad=True), "rmsprop": o.RMSprop(0.05),
            "rmsprop centered": o.RMSprop(0.05, momentum=0.3, centered=True),
            "decay": o.SGD(0.05, decay=0.1), "clipnorm": o.SGD(0.05, clipnorm=1.0),
            "clipvalue": o.Adam(0.05, clipvalue=0.5),
            "schedule": o.SGD(o.schedules.ExponentialDecay(0.1, 2, 0.5))}
    return {name: steps(tf, optimizer) for name, optimizer in rows.items()}


@case("loss-values", tolerance=FINE)
def _(tf):
    k = tf.keras.losses
    p = np.array([[0.1, 0.7, 0.2], [0.3, 0.3, 0.4]], np.float32)
    one_hot, index = np.eye(3, dtype=np.float32)[[1, 0]], np.array([1, 0])
    logits, weight = values(1, 2, 3), np.array([0.5, 2.0], np.float32)
    rows = {"mse": k.MeanSquaredError(), "mae": k.MeanAbsoluteError(),
            "binary": k.BinaryCrossentropy(),
            "binary smooth": k.BinaryCrossentropy(label_smoothing=0.2),
            "categorical": k.CategoricalCrossentropy(),
            "sum": k.CategoricalCrossentropy(reduction="sum"),
            "none": k.CategoricalCrossentropy(reduction="none")}
    result = {name: loss(one_hot, p) for name, loss in rows.items()}
    result["weighted"] = k.MeanSquaredError()(one_hot, p, sample_weight=weight)
    result["sparse"] = k.SparseCategoricalCrossentropy()(index, p)
    result["sparse logits"] = k.SparseCategoricalCrossentropy(from_logits=True)(index, logits)
    result["binary logits"] = k.BinaryCrossentropy(from_logits=True)(one_hot, logits)
    result["extreme"] = k.BinaryCrossentropy()([[0.0], [1.0]], [[1.0], [0.0]])
    return result


@case("metric-values", tolerance=FINE)
def _(tf):
    k = tf.keras.metrics
    p = np.array([[0.1, 0.7, 0.2], [0.3, 0.3, 0.4]], np.float32)
    one_hot, index = np.eye(3, dtype=np.float32)[[1, 0]], np.array([1, 0])
    result = {}
    for metric, truth in ((k.BinaryAccuracy(), one_hot), (k.CategoricalAccuracy(), one_hot),
                          (k.SparseCategoricalAccuracy(), index), (k.MeanSquaredError(), one_hot),
                          (k.MeanAbsoluteError(), one_hot), (k.CategoricalCrossentropy(), one_hot)):
        metric.update_state(truth, p)
        metric.update_state(truth[:1], p[:1], sample_weight=[3.0])
        result[metric.name] = metric.result()
        metric.reset_state()
        result[metric.name + " reset"] = metric.result()
    mean = k.Mean()
    mean([1, 2, 6])
    result["mean"] = mean.result()
    return result


@case("layer-values", tolerance=1e-5)
def _(tf):
    layers = tf.keras.layers
    x, image = values(1, 3, 4), values(2, 2, 5, 5, 2)
    norm = layers.BatchNormalization()
    result = {"dense": layers.Dense(2, activation="relu")(x),
              "dense 3d": layers.Dense(2)(values(3, 2, 3, 4)),
              "conv same": layers.Conv2D(3, 3, padding="same")(image),
              "conv stride": layers.Conv2D(3, (2, 3), strides=2, activation="tanh")(image),
              "conv dilated": layers.Conv2D(2, 2, dilation_rate=2, use_bias=False)(image),
              "pool": layers.MaxPooling2D()(image),
              "pool same": layers.MaxPooling2D(3, 2, padding="same")(image),
              "flatten": layers.Flatten()(image), "reshape": layers.Reshape((-1, 2))(x),
              "norm training": norm(x, training=True), "norm": norm(x),
              "moving": [norm.moving_mean, norm.moving_variance]}
    for name in ("relu", "sigmoid", "tanh", "softmax", "elu", "selu", "softplus", "gelu", "swish"):
        result[f"activation {name}"] = layers.Activation(name)(x)
    return result


@case("summary-text", exact=("*",))
def _(tf):
    layers = tf.keras.layers
    with printed() as sequential:
        tf.keras.Sequential([layers.Dense(64, activation="relu", input_shape=(20,)),
                             layers.Dropout(0.5), layers.Dense(1, activation="sigmoid")]).summary()
    with printed() as conv:
        tf.keras.Sequential([layers.Conv2D(16, 3, padding="same", input_shape=(8, 8, 1)),
                             layers.BatchNormalization(), layers.Activation("relu"),
                             layers.MaxPooling2D(), layers.Flatten(), layers.Dense(10)],
                            name="digits").summary()
    with printed() as functional:
        a = tf.keras.Input((4,), name="a")
        b = layers.Dense(3, name="b")(a)
        tf.keras.Model(a, [b, layers.Dense(1, name="c")(b)], name="two").summary()
    return {"sequential": str(sequential.text), "conv": str(conv.text),
            "functional": str(functional.text)}


@case("weights-and-configs", tolerance=FINE, exact=("weights*",))
def _(tf):
    layers = tf.keras.layers
    model = tf.keras.Sequential([layers.Dense(3, input_shape=(2,)), layers.BatchNormalization(),
                                 layers.Dense(1)])
    changed = [w + 1 for w in model.get_weights()]
    result = {"weights": model.get_weights(), "names": [w.name for w in model.weights],
              "trainable": [w.name for w in model.trainable_weights],
              "count": model.count_params(), "shape": str(model.output_shape)}
    model.set_weights(changed)
    result["predict"] = model.predict(np.ones((2, 2)), verbose=0)
    model.layers[0].trainable = False
    result["frozen"] = [w.name for w in model.trainable_weights]
    result["config"] = layers.Dense(3, name="d").get_config()
    result["adam"] = tf.keras.optimizers.Adam().get_config()
    return result


@case("names-and-repr", exact=("*",))
def _(tf):
    v = tf.Variable([1.0, 2.0], name="v")
    inputs = tf.keras.Input((3,), name="x")
    return {"tensor": repr(tf.constant([[1.5, 2], [3, 4]])), "scalar": str(tf.constant(3)),
            "string": repr(tf.constant("hi")), "variable": repr(v),
            "shape": repr(tf.TensorShape([None, 2])),
            "dtype": repr(tf.float32), "keras": repr(inputs), "sum": repr(inputs + 1.0),
            "spec": repr(tf.TensorSpec([None, 2], tf.float32)), "version": tf.__version__,
            "dataset": repr(tf.data.Dataset.range(3).batch(2)),
            "layers": [tf.keras.layers.Dense(1).name, tf.keras.layers.Dense(1).name,
                       tf.keras.layers.Conv2D(1, 1).name]}


@case("op-faults")
def _(tf):
    z = tf.zeros
    rows = {"matmul": lambda: tf.matmul(z([2, 3]), z([2, 3])), "add": lambda: z([2, 3]) + z([3, 2]),
            "reshape": lambda: tf.reshape(z([2, 3]), [4, 2]),
            "reshape multiple": lambda: tf.reshape(z([2, 3]), [-1, 4]),
            "concat": lambda: tf.concat([z([2, 3]), z([2, 4])], 0),
            "mul": lambda: z([2]) * z([3]), "dtype": lambda: z([2]) + z([2], tf.int32),
            "assign": lambda: tf.Variable([1.0, 2.0]).assign([1.0, 2.0, 3.0]),
            "constant": lambda: tf.constant(1.5, tf.int32),
            "ragged list": lambda: tf.constant([[1, 2], [3]]),
            "bool": lambda: bool(z([2])), "len": lambda: len(tf.constant(1)),
            "division": lambda: tf.constant([1]) // 0}
    result = {name: fault(call) for name, call in rows.items()}
    # Its text names a module.
    result["attribute"] = fault(lambda: tf.constant(1).foo, literal=False)
    return result


@case("keras-faults")
def _(tf):
    layers = tf.keras.layers

    def model(loss="mse", out=1):
        m = tf.keras.Sequential([layers.Dense(out, input_shape=(2,))])
        m.compile("sgd", loss)
        return m
    x, y = np.zeros((4, 2)), np.zeros((4, 1))

    def fit(x=x, y=y, loss="mse", out=1, **options):
        return model(loss, out).fit(x, y, verbose=0, **options)
    unbuilt = tf.keras.Sequential([layers.Dense(1)])
    uncompiled = tf.keras.Sequential([layers.Dense(1, input_shape=(2,))])
    rows = {"wrong width": lambda: fit(x=np.zeros((4, 3))),
            "lengths": lambda: fit(y=np.zeros((3, 1))),
            "label shape": lambda: fit(y=np.zeros((4, 3)), loss="categorical_crossentropy", out=2),
            "unbuilt summary": unbuilt.summary, "unbuilt weights": lambda: unbuilt.weights,
            "uncompiled": lambda: uncompiled.fit(x, y), "units": lambda: layers.Dense(-1),
            "activation": lambda: layers.Dense(1, activation="nope"),
            "optimizer": lambda: uncompiled.compile("nope"),
            "loss": lambda: tf.keras.losses.get("nope"),
            "keyword": lambda: layers.Dense(1, foo=1), "rate": lambda: layers.Dropout(1.5),
            "layer": lambda: uncompiled.get_layer("x"),
            "set_weights": lambda: uncompiled.set_weights([]),
            "same name": lambda: tf.keras.Sequential([layers.Dense(1, name="a"),
                                                      layers.Dense(1, name="a")])}
    return {name: fault(call, literal=False) for name, call in rows.items()}
