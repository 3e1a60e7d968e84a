# In: TensorFlow's API. Out: what a user's mistakes raise, class and significant text, a row each.
import numpy as np
from mistaken import model_of, table, zeros
from replay import case


@table("mistakes-labels", graph=True)
def _(tf):
    def fit(loss, units, y, **options):
        return lambda: model_of(tf, units, loss=loss).fit(zeros(4, 2), y, verbose=0, shuffle=False,
                                                       **options)
    return {
        "mse 3 of 2": fit("mse", 2, zeros(4, 3)),
        "mae 3 of 2": fit("mae", 2, zeros(4, 3)),
        "mse 3 of 1": fit("mse", 1, zeros(4, 3)),
        "huber": fit("huber", 2, zeros(4, 3)),
        "categorical": fit("categorical_crossentropy", 3, zeros(4, 2)),
        "categorical ints": fit("categorical_crossentropy", 3, zeros(4)),
        "binary": fit("binary_crossentropy", 2, zeros(4, 3)),
        "sparse wide": fit("sparse_categorical_crossentropy", 3, zeros(4, 3, dtype="int32")),
        "sparse range": fit("sparse_categorical_crossentropy", 3, np.array([0, 1, 2, 5])),
        "sparse negative": fit("sparse_categorical_crossentropy", 3, np.array([0, 1, -2, 1])),
        "kld": fit("kl_divergence", 3, zeros(4, 2)),
        "cosine": fit("cosine_similarity", 3, zeros(4, 2)),
        "hinge": fit("hinge", 3, zeros(4, 2)),
        "poisson": fit("poisson", 3, zeros(4, 2)),
        "missing": lambda: model_of(tf).fit(zeros(4, 2), verbose=0),
        "two": lambda: model_of(tf).fit(zeros(4, 2), [zeros(4, 1), zeros(4, 1)], verbose=0),
        "direct mse": lambda: tf.keras.losses.MeanSquaredError()(zeros(4, 3), zeros(4, 2)),
        "direct cce": lambda: tf.keras.losses.CategoricalCrossentropy()(zeros(4, 3), zeros(4, 2)),
        "direct scce": lambda: tf.keras.losses.SparseCategoricalCrossentropy()(zeros(4), zeros(3, 2)),
        "direct range": lambda: tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)(
            np.array([0, 3]), zeros(2, 2)),
        "reduction": lambda: tf.keras.losses.MeanSquaredError(reduction="mean"),
    }


@table("mistakes-data", graph=True)
def _(tf):
    x, y = zeros(4, 2), zeros(4, 1)

    def fit(x=x, y=y, **options):
        return lambda: model_of(tf).fit(x, y, verbose=0, **options)
    dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(2)
    return {
        "string x": fit(x=np.array([["a", "b"]] * 4)),
        "string y": fit(y=np.array([["a"]] * 4)),
        "object x": fit(x=np.array([[1, None]] * 4, dtype=object)),
        "lengths": fit(y=zeros(3, 1)),
        "lengths of weights": fit(sample_weight=np.ones(3)),
        "ragged list": fit(x=[[1.0, 2.0], [3.0]]),
        "width": fit(x=zeros(4, 3)),
        "rank 1": fit(x=zeros(4)),
        "rank 3": fit(x=zeros(4, 5, 3)),
        "two inputs": fit(x=[x, x]),
        "empty": fit(x=zeros(0, 2), y=zeros(0, 1)),
        "none": lambda: model_of(tf).fit(None, None, verbose=0),
        "split of dataset": lambda: model_of(tf).fit(dataset, validation_split=0.5, verbose=0),
        "y of dataset": lambda: model_of(tf).fit(dataset, y, verbose=0),
        "batch of dataset": lambda: model_of(tf).fit(dataset, batch_size=2, verbose=0),
        "weights of dataset": lambda: model_of(tf).fit(dataset, sample_weight=np.ones(4), verbose=0),
        "split too large": fit(validation_split=1.0),
        "split leaves none": lambda: model_of(tf).fit(zeros(1, 2), zeros(1, 1), validation_split=0.1, verbose=0),
        "validation of another width": fit(validation_data=(zeros(4, 3), y)),
        "validation format": fit(validation_data=(x, y, np.ones(4), 1)),
        "callbacks": fit(callbacks=[3]),
        "class_weight rank": lambda: model_of(tf, 2).fit(x, zeros(4, 2, 2), class_weight={0: 1.0, 1: 2.0}, verbose=0),
        "class_weight outputs": lambda: two_outputs(tf).fit(x, [y, y], class_weight={0: 1.0, 1: 2.0}, verbose=0),
        "sample_weight shape": fit(sample_weight=np.ones((4, 3))),
        "dict keys": lambda: two_inputs(tf).fit({"a": x}, y, verbose=0),
        "steps": lambda: model_of(tf).fit(dataset.repeat(), verbose=0, steps_per_epoch=0),
        "verbose": lambda: model_of(tf).fit(x, y, verbose=0, epochs=0).history,
        "predict width": lambda: model_of(tf).predict(zeros(4, 3), verbose=0),
        "predict nothing": lambda: model_of(tf).predict(zeros(0, 2), verbose=0),
        "evaluate nothing": lambda: model_of(tf).evaluate(zeros(0, 2), zeros(0, 1), verbose=0),
    }


def two_outputs(tf):
    x = tf.keras.Input((2,))
    model = tf.keras.Model(x, [tf.keras.layers.Dense(1)(x), tf.keras.layers.Dense(1)(x)])
    model.compile("sgd", "mse")
    return model


def two_inputs(tf):
    a, b = tf.keras.Input((2,), name="a"), tf.keras.Input((2,), name="b")
    model = tf.keras.Model([a, b], tf.keras.layers.Dense(1)(tf.keras.layers.Concatenate()([a, b])))
    model.compile("sgd", "mse")
    return model


@table("mistakes-models")
def _(tf):
    layers = tf.keras.layers
    x, y = zeros(4, 2), zeros(4, 1)

    def unbuilt():
        return tf.keras.Sequential([layers.Dense(1)], name="m")

    def uncompiled():
        return tf.keras.Sequential([layers.Dense(1, input_shape=(2,))], name="m")

    def same_names():
        a = tf.keras.Input((2,))
        b = layers.Dense(1, name="twice")(a)
        return tf.keras.Model(a, layers.Dense(1, name="twice")(b))

    def disconnected():
        a, b = tf.keras.Input((2,), name="a"), tf.keras.Input((2,), name="b")
        return tf.keras.Model(a, layers.Dense(1, name="d")(b))

    class Subclassed(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.d = layers.Dense(1)

        def call(self, inputs):
            return self.d(inputs)

    class Forgetful(tf.keras.Model):
        def __init__(self):
            self.d = layers.Dense(1)

    return {
        "summary": lambda: unbuilt().summary(),
        "weights": lambda: unbuilt().weights,
        "save_weights": lambda: unbuilt().save_weights("w.h5"),
        "summary of subclassed": lambda: Subclassed().summary(),
        "input of subclassed": lambda: Subclassed().input,
        "uncompiled fit": lambda: uncompiled().fit(x, y),
        "uncompiled evaluate": lambda: uncompiled().evaluate(x, y),
        "uncompiled train_on_batch": lambda: uncompiled().train_on_batch(x, y),
        "forgotten init": Forgetful,
        "same names": same_names,
        "same names in a row": lambda: tf.keras.Sequential([layers.Dense(1, name="a"), layers.Dense(1, name="a")]),
        "disconnected": disconnected,
        "inputs are tensors": lambda: tf.keras.Model(tf.zeros([2, 2]), tf.zeros([2, 2])),
        "input twice": lambda: (lambda a: tf.keras.Model([a, a], a + 1.0))(tf.keras.Input((2,), name="a")),
        "add function": lambda: tf.keras.Sequential([lambda t: t]),
        "add string": lambda: tf.keras.Sequential().add("dense"),
        "pop": lambda: tf.keras.Sequential().pop(),
        "get_layer": lambda: uncompiled().get_layer("x"),
        "get_layer index": lambda: uncompiled().get_layer(index=3),
        "get_layer nothing": lambda: uncompiled().get_layer(),
        "set_weights count": lambda: uncompiled().set_weights([zeros(2, 1)]),
        "set_weights shape": lambda: uncompiled().set_weights([zeros(3, 1), zeros(1)]),
        "optimizer": lambda: uncompiled().compile("nope"),
        "loss": lambda: uncompiled().compile("sgd", "nope") or uncompiled().compile("sgd", "nope"),
        "loss in fit": lambda: model_of(tf, loss="nope").fit(x, y, verbose=0),
        "metric": lambda: model_of(tf, metrics=["nope"]).fit(x, y, verbose=0),
        "compile keyword": lambda: uncompiled().compile("sgd", "mse", nope=1),
        "run_eagerly": lambda: uncompiled().compile("sgd", "mse", target_tensors=1),
        "metrics nest": lambda: compiled_two(tf, metrics=[["mse"], ["mse"], ["mse"]]),
        "loss count": lambda: compiled_two(tf, loss=["mse", "mse", "mse"]),
        "loss keys": lambda: compiled_two(tf, loss={"nope": "mse"}),
        "build": lambda: tf.keras.Sequential([layers.Dense(1)]).build(),
        "call of nothing": lambda: uncompiled()(),
        "call of None": lambda: uncompiled()(None),
        "no trainable weights": lambda: frozen(tf),
        "from_config": lambda: tf.keras.Model.from_config({"nope": 1}),
        "deserialize": lambda: layers.deserialize({"class_name": "Nope", "config": {}}),
        "json": lambda: tf.keras.models.model_from_json("{"),
    }


def compiled_two(tf, **options):
    model = two_outputs(tf)
    model.compile("sgd", **{"loss": "mse", **options})
    model.fit(zeros(4, 2), [zeros(4, 1), zeros(4, 1)], verbose=0)


def frozen(tf):
    model = model_of(tf)
    model.trainable = False
    model.compile("sgd", "mse")
    model.fit(zeros(4, 2), zeros(4, 1), verbose=0)


@table("mistakes-layers")
def _(tf):
    k, layers = tf.keras, tf.keras.layers
    x, image = tf.zeros([4, 2]), tf.zeros([1, 4, 4, 1])
    return {
        "units negative": lambda: layers.Dense(-1),
        "units zero": lambda: layers.Dense(0)(x),
        "units text": lambda: layers.Dense("a"),
        "units missing": lambda: layers.Dense(),
        "keyword": lambda: layers.Dense(1, foo=1),
        "keyword of Conv2D": lambda: layers.Conv2D(1, 1, stride=1),
        "activation": lambda: layers.Dense(1, activation="nope"),
        "activation kind": lambda: layers.Dense(1, activation=3),
        "initializer": lambda: layers.Dense(1, kernel_initializer="nope"),
        "regularizer": lambda: layers.Dense(1, kernel_regularizer="nope"),
        "constraint": lambda: layers.Dense(1, kernel_constraint="nope"),
        "padding": lambda: layers.Conv2D(1, 1, padding="full"),
        "causal": lambda: layers.Conv2D(1, 1, padding="causal"),
        "kernel_size": lambda: layers.Conv2D(1, (1, 2, 3)),
        "kernel_size zero": lambda: layers.Conv2D(1, 0),
        "strides": lambda: layers.Conv2D(1, 1, strides=(1, 2, 3)),
        "filters": lambda: layers.Conv2D(-1, 1),
        "filters by groups": lambda: layers.Conv2D(3, 1, groups=2),
        "strides and dilation": lambda: layers.Conv2D(1, 2, strides=2, dilation_rate=2)(image),
        "channels by groups": lambda: layers.Conv2D(2, 1, groups=2)(tf.zeros([1, 4, 4, 3])),
        "data_format": lambda: layers.Conv2D(1, 1, data_format="nope"),
        "rate": lambda: layers.Dropout(1.5),
        "name kind": lambda: layers.Dense(1, name=3),
        "dtype": lambda: layers.Dense(1, dtype="nope"),
        "scalar": lambda: layers.Dense(1)(1.0),
        "rank 1": lambda: layers.Dense(1)(tf.zeros([3])),
        "ints": lambda: layers.Dense(1, dtype="int32")(tf.zeros([2, 3], tf.int32)),
        "string": lambda: layers.Dense(1)("abc"),
        "strings": lambda: layers.Dense(1)(tf.constant([["a"]])),
        "list": lambda: layers.Dense(1)([[1.0, 2.0]]),
        "conv rank": lambda: layers.Conv2D(1, 1)(tf.zeros([4, 4, 1])),
        "conv too small": lambda: layers.Conv2D(1, 9)(image),
        "pool rank": lambda: layers.MaxPooling2D()(tf.zeros([4, 4, 1])),
        "width": lambda: (lambda d: (d(x), d(tf.zeros([4, 3]))))(layers.Dense(1, name="d")),
        "unknown width": lambda: layers.Dense(1)(k.Input((None,))),
        "reshape": lambda: layers.Reshape((3,))(x),
        "reshape two": lambda: layers.Reshape((-1, -1))(x),
        "permute": lambda: layers.Permute((0, 1)),
        "embedding floats": lambda: layers.Embedding(3, 2)(tf.constant([[7]])),
        "add one": lambda: layers.Add()([x]),
        "add tensor": lambda: layers.Add()(x),
        "add shapes": lambda: layers.Add()([x, tf.zeros([4, 3])]),
        "concatenate": lambda: layers.Concatenate()([x, tf.zeros([3, 2, 1])]),
        "concatenate shapes": lambda: layers.Concatenate(axis=-1)([x, tf.zeros([3, 2])]),
        "subtract three": lambda: layers.Subtract()([x, x, x]),
        "batch norm axis": lambda: layers.BatchNormalization(axis=5)(x),
        "layer norm axis": lambda: layers.LayerNormalization(axis=5)(x),
        "flatten format": lambda: layers.Flatten(data_format="nope"),
        "cropping": lambda: layers.Cropping2D(5)(image),
        "upsampling": lambda: layers.UpSampling2D(interpolation="nope"),
        "input": lambda: k.Input(),
        "input keyword": lambda: k.Input((2,), nope=1),
        "add_weight": lambda: layers.Layer().add_weight("w", (2,), nope=1),
        "count_params": lambda: layers.Dense(1, name="d").count_params(),
        "output": lambda: layers.Dense(1, name="d").output,
        "input of a layer": lambda: layers.Dense(1, name="d").input,
        "set_weights": lambda: layers.Dense(1, name="d").set_weights([zeros(1)]),
        "optimizer rate": lambda: k.optimizers.SGD(learning_rate=-1.0, momentum=2.0),
        "optimizer keyword": lambda: k.optimizers.Adam(nope=1),
        "optimizer clip": lambda: k.optimizers.Adam(clipnorm=-1.0),
        "get optimizer": lambda: k.optimizers.get("nope"),
        "get loss": lambda: k.losses.get("nope"),
        "get metric": lambda: k.metrics.get("nope"),
        "get activation": lambda: k.activations.get("nope"),
        "get initializer": lambda: k.initializers.get("nope"),
        "get regularizer": lambda: k.regularizers.get("nope"),
        "regularizer value": lambda: k.regularizers.l2("a"),
        "get kind": lambda: k.losses.get(3),
        "metric thresholds": lambda: k.metrics.Precision(thresholds=[2.0]),
        "auc": lambda: k.metrics.AUC(num_thresholds=1),
        "early stopping": lambda: k.callbacks.EarlyStopping(nope=1),
        "to_categorical": lambda: k.utils.to_categorical([0, 5], 3),
    }


@table("mistakes-tensors")
def _(tf):
    a, b = tf.ones([2, 3]), tf.ones([2, 3])
    v = tf.Variable([1.0, 2.0])

    @tf.function
    def makes_variable(t):
        return tf.Variable(t)

    @tf.function
    def keeps_nothing(t):
        return t

    @tf.function
    def branches(t):
        if t > 0:
            made = t
        return made

    def unused():
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(a)
        grads = tape.gradient(loss, [v])
        tf.keras.optimizers.SGD().apply_gradients(zip(grads, [v]))

    def twice():
        with tf.GradientTape() as tape:
            loss = v * v
        tape.gradient(loss, v)
        tape.gradient(loss, v)
    return {
        "int to float": lambda: tf.constant(1) + tf.constant(1.0),
        "float to int": lambda: tf.constant([1.0]) + tf.constant([1]),
        "int and 1.5": lambda: tf.constant(1) + 1.5,
        "mul": lambda: tf.multiply(tf.constant(1), tf.constant(1.0)),
        "double": lambda: tf.constant(1.0, tf.float64) * tf.constant(1.0),
        "numpy double": lambda: tf.constant(1.0) + tf.constant(np.float64(1.0)),
        "matmul": lambda: tf.matmul(a, b),
        "matmul dtype": lambda: tf.matmul(a, tf.ones([3, 2], tf.float64)),
        "matmul strings": lambda: tf.matmul(tf.constant([["a"]]), tf.constant([["b"]])),
        "broadcast": lambda: a + tf.ones([4]),
        "reshape": lambda: tf.reshape(a, [4]),
        "reshape two": lambda: tf.reshape(a, [-1, -1]),
        "reshape multiple": lambda: tf.reshape(a, [-1, 4]),
        "concat": lambda: tf.concat([a, tf.ones([2, 4])], 0),
        "concat rank": lambda: tf.concat([a, tf.ones([2])], 0),
        "concat axis": lambda: tf.concat([a, b], 5),
        "concat dtype": lambda: tf.concat([a, tf.ones([2, 3], tf.int32)], 0),
        "stack": lambda: tf.stack(5),
        "stack shapes": lambda: tf.stack([a, tf.ones([2])]),
        "split": lambda: tf.split(a, 2, axis=1),
        "squeeze": lambda: tf.squeeze(a, 0),
        "expand": lambda: tf.expand_dims(a, 5),
        "transpose": lambda: tf.transpose(a, [0, 1, 2]),
        "axis": lambda: tf.reduce_sum(a, axis=3),
        "argmax": lambda: tf.argmax(a, axis=3),
        "gather": lambda: tf.gather(a, [5]),
        "index": lambda: a[5],
        "index rank": lambda: a[0, 0, 0],
        "index text": lambda: a["x"],
        "index float": lambda: a[1.5],
        "one_hot": lambda: tf.one_hot([1.5], 3),
        "cast": lambda: tf.cast("a", tf.float32),
        "constant": lambda: tf.constant([1, "a"]),
        "constant shape": lambda: tf.constant([1, 2, 3], shape=[2]),
        "constant ragged": lambda: tf.constant([[1], [2, 3]]),
        "exp of ints": lambda: tf.exp(tf.constant([1])),
        "sqrt of ints": lambda: tf.sqrt(tf.constant([1])),
        "add strings": lambda: tf.constant("a") * tf.constant("b"),
        "sigmoid of ints": lambda: tf.sigmoid(tf.constant([1])),
        "mean of strings": lambda: tf.reduce_mean(tf.constant(["a"])),
        "not of floats": lambda: tf.logical_not(tf.constant([1.0])),
        "less of complex": lambda: tf.less(tf.constant(1j), tf.constant(1j)),
        "relu of strings": lambda: tf.nn.relu(tf.constant(["a"])),
        "softmax of ints": lambda: tf.nn.softmax(tf.constant([1, 2])),
        "truth": lambda: bool(a),
        "float of many": lambda: float(a),
        "iterate": lambda: list(tf.constant(1)),
        "length": lambda: len(tf.constant(1)),
        "item assignment": lambda: a.__setitem__(0, 1.0),
        "hash": lambda: {a: 1},
        "assign shape": lambda: v.assign([1.0, 2.0, 3.0]),
        "assign dtype": lambda: v.assign(tf.constant([1, 2])),
        "assign text": lambda: v.assign("a"),
        "variable nothing": lambda: tf.Variable(),
        "variable in function": lambda: makes_variable(1.0),
        "if without else": lambda: branches(tf.constant(1.0)),
        "too many": lambda: keeps_nothing(1, 2),
        "too few": lambda: keeps_nothing(),
        "no gradients": unused,
        "tape twice": twice,
        "tape of nothing": lambda: tf.GradientTape().gradient(v, v),
        "gradients of a list": lambda: tf.keras.optimizers.SGD().apply_gradients([]),
        "cond": lambda: tf.cond(5, lambda: 1, lambda: 2),
        "while": lambda: tf.while_loop(lambda i: i, lambda i: i + 1, [tf.constant(0)]),
        "conv channels": lambda: tf.nn.conv2d(tf.ones([1, 4, 4, 2]), tf.ones([1, 1, 3, 1]), 1, "SAME"),
        "einsum": lambda: tf.einsum("ij,jk->ik", a, b),
        "where": lambda: tf.where([True, False], tf.ones([3]), tf.ones([2])),
        "range": lambda: tf.range(0, 5, 0),
        "fill": lambda: tf.fill([-1], 1.0),
        "shape": lambda: tf.TensorShape([1, 2]).merge_with([1, 3]),
        "ensure_shape": lambda: tf.ensure_shape(a, [3, 2]),
        "convert none": lambda: tf.convert_to_tensor(None),
        "clip": lambda: tf.clip_by_value(a, tf.ones([4]), 2.0),
        "batch": lambda: tf.data.Dataset.range(3).batch(0),
        "slices": lambda: tf.data.Dataset.from_tensor_slices((zeros(3), zeros(4))),
        "map": lambda: tf.data.Dataset.range(3).map(3),
    }


@case("mistakes-numbers", exact=("*",))
def _(tf):
    """What is no exception: a loss that is no number, data that ends too early."""
    x, y = zeros(4, 2), zeros(4, 1)
    nan = model_of(tf).fit(x * np.nan, y, epochs=2, verbose=0).history["loss"]
    stopped = model_of(tf).fit(x * np.nan, y, epochs=3, batch_size=2, verbose=0,
                               callbacks=[tf.keras.callbacks.TerminateOnNaN()]).history["loss"]
    short = model_of(tf).fit(tf.data.Dataset.from_tensor_slices((x, y)).batch(2), epochs=3, steps_per_epoch=4,
                             verbose=0)
    return {"nan": len(nan), "is nan": bool(np.isnan(nan).all()), "stopped after": len(stopped),
            "epochs of short data": len(short.epoch)}
