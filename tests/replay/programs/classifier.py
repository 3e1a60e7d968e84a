# In: nothing. Out: the documents' classifier and its variants, trained with shuffling and Dropout.
import numpy as np
from replay import case, printed

WEIGHTS = ("initial*",)


def data(rows=1000):
    x = np.random.RandomState(0).randn(rows, 20).astype(np.float32)
    return x, (x.sum(1) > 0).astype(np.float32)


def classifier(tf):
    layers = tf.keras.layers
    return tf.keras.Sequential([
        layers.Dense(64, activation="relu", input_shape=(20,)), layers.Dropout(0.5),
        layers.Dense(64, activation="relu"), layers.Dense(1, activation="sigmoid")])


def train(model, x, y, epochs=3, **options):
    initial = model.get_weights()
    history = model.fit(x, y, epochs=epochs, verbose=0, **options)
    return {"initial": initial, "history": history.history, "epoch": history.epoch}


@case("classifier", exact=WEIGHTS)
def _(tf):
    model = classifier(tf)
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    x, y = data()
    result = train(model, x, y, epochs=5, batch_size=32)
    result["evaluate"] = model.evaluate(x, y, verbose=0)
    result["predict"] = model.predict(x[:20], verbose=0)
    return result


@case("classifier-two-fits", exact=WEIGHTS)
def _(tf):
    model = classifier(tf)
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    x, y = data()
    return {"first": train(model, x, y, 1)["history"], "second": train(model, x, y, 2)["history"]}


@case("five-layers", exact=WEIGHTS)
def _(tf):
    layers = tf.keras.layers
    model = tf.keras.Sequential([layers.Dense(48, activation="relu", input_shape=(20,))])
    for units in (40, 32, 24):
        model.add(layers.Dense(units, activation="relu"))
        model.add(layers.Dropout(0.1))
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return train(model, *data())


@case("tanh-l2-sgd-momentum", exact=WEIGHTS)
def _(tf):
    keras = tf.keras
    l2 = keras.regularizers.l2(0.01)
    model = keras.Sequential([
        keras.layers.Dense(32, activation="tanh", kernel_regularizer=l2, input_shape=(20,)),
        keras.layers.Dense(1, activation="sigmoid", kernel_regularizer=l2)])
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), "binary_crossentropy", ["accuracy"])
    return train(model, *data())


@case("sgd-nesterov-l1", exact=WEIGHTS)
def _(tf):
    keras = tf.keras
    model = keras.Sequential([
        keras.layers.Dense(32, activation="tanh", kernel_regularizer=keras.regularizers.l1(0.001),
                           input_shape=(20,)),
        keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True), "binary_crossentropy")
    return train(model, *data())


@case("two-outputs", exact=WEIGHTS)
def _(tf):
    layers = tf.keras.layers
    inputs = tf.keras.Input((20,))
    hidden = layers.Dense(32, activation="relu")(inputs)
    sign = layers.Dense(1, activation="sigmoid", name="sign")(hidden)
    total = layers.Dense(1, name="total")(hidden)
    model = tf.keras.Model(inputs, [sign, total])
    model.compile("adam", {"sign": "binary_crossentropy", "total": "mse"},
                  metrics={"sign": "accuracy"}, loss_weights={"sign": 1.0, "total": 0.1})
    x, y = data()
    result = train(model, x, {"sign": y, "total": x.sum(1)})
    result["names"] = model.metrics_names
    return result


@case("rmsprop", exact=WEIGHTS)
def _(tf):
    model = classifier(tf)
    model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
    return train(model, *data())


@case("rmsprop-centered-momentum", exact=WEIGHTS)
def _(tf):
    model = classifier(tf)
    model.compile(tf.keras.optimizers.RMSprop(0.002, momentum=0.5, centered=True),
                  "binary_crossentropy")
    return train(model, *data())


@case("validation-split", exact=WEIGHTS)
def _(tf):
    model = classifier(tf)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return train(model, *data(), validation_split=0.23)


@case("validation-data-no-shuffle", exact=WEIGHTS)
def _(tf):
    model = classifier(tf)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    x, y = data()
    return train(model, x[:700], y[:700], shuffle=False, validation_data=(x[700:], y[700:]))


@case("sample-weight", exact=WEIGHTS)
def _(tf):
    model = classifier(tf)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"],
                  weighted_metrics=["mse"])
    x, y = data()
    return train(model, x, y, sample_weight=np.linspace(0, 2, len(y)).astype(np.float32))


@case("class-weight", exact=WEIGHTS)
def _(tf):
    model = classifier(tf)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return train(model, *data(), class_weight={0: 0.5, 1: 2.0})


@case("uneven-batches", exact=WEIGHTS)
def _(tf):
    model = classifier(tf)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return train(model, *data(203), batch_size=37)


@case("steps-per-epoch", exact=WEIGHTS)
def _(tf):
    model = classifier(tf)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return train(model, *data(320), epochs=2, batch_size=32, steps_per_epoch=5)


def classes(x):
    return np.argmax(x[:, :4], axis=1)


def four_classes(tf, activation="softmax"):
    layers = tf.keras.layers
    return tf.keras.Sequential([layers.Dense(32, activation="relu", input_shape=(20,)),
                                layers.Dense(4, activation=activation)])


@case("categorical-one-hot", exact=WEIGHTS)
def _(tf):
    model = four_classes(tf)
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    x, _ = data()
    return train(model, x, tf.keras.utils.to_categorical(classes(x), 4))


@case("sparse-categorical", exact=WEIGHTS)
def _(tf):
    model = four_classes(tf)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, _ = data()
    return train(model, x, classes(x))


@case("sparse-from-logits", exact=WEIGHTS)
def _(tf):
    model = four_classes(tf, activation=None)
    model.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
                  metrics=["sparse_categorical_accuracy"])
    x, _ = data()
    return train(model, x, classes(x))


@case("binary-from-logits", exact=WEIGHTS)
def _(tf):
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(20,))])
    model.compile("sgd", tf.keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1),
                  metrics=[tf.keras.metrics.BinaryAccuracy(threshold=0.0)])
    return train(model, *data())


@case("regression-mse-mae", exact=WEIGHTS)
def _(tf):
    layers = tf.keras.layers
    model = tf.keras.Sequential([layers.Dense(16, activation="elu", input_shape=(20,)),
                                 layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    x, _ = data()
    return train(model, x, x[:, 0] * 2 + x[:, 1])


@case("dense-batchnorm", exact=WEIGHTS)
def _(tf):
    layers = tf.keras.layers
    model = tf.keras.Sequential([layers.Dense(32, input_shape=(20,)), layers.BatchNormalization(),
                                 layers.Activation("relu"), layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    result = train(model, *data())
    result["moving"] = [model.layers[1].moving_mean, model.layers[1].moving_variance]
    return result


@case("sequential-built-by-fit", exact=WEIGHTS)
def _(tf):
    layers = tf.keras.layers
    model = tf.keras.Sequential([layers.Dense(16, activation="relu"), layers.Dropout(0.3, seed=3),
                                 layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    x, y = data(200)
    history = model.fit(x, y, epochs=2, verbose=0)
    return {"loss": history.history["loss"], "names": [w.name for w in model.weights]}


@case("run-eagerly", exact=WEIGHTS)
def _(tf):
    model = classifier(tf)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"], run_eagerly=True)
    return train(model, *data(200), epochs=2)


@case("train-on-batch", exact=WEIGHTS)
def _(tf):
    model = classifier(tf)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    x, y = data(96)
    steps = [model.train_on_batch(x[i:i + 32], y[i:i + 32]) for i in (0, 32, 64)]
    return {"steps": [[float(v) for v in step] for step in steps],
            "test": [float(v) for v in model.test_on_batch(x, y)]}


@case("early-stopping")
def _(tf):
    model = classifier(tf)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    stop = tf.keras.callbacks.EarlyStopping("loss", min_delta=0.08, patience=1,
                                            restore_best_weights=True)
    result = train(model, *data(), epochs=9, callbacks=[stop])
    return {"history": result["history"], "stopped": stop.stopped_epoch,
            "after": model.evaluate(*data(), verbose=0)}


@case("own-callback")
def _(tf):
    seen = []

    class Watch(tf.keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(["epoch", epoch, sorted(logs)])

        def on_train_batch_end(self, batch, logs=None):
            seen.append(["batch", batch, float(logs["loss"])])

    model = classifier(tf)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    train(model, *data(100), epochs=2, callbacks=[Watch()], validation_split=0.1)
    return {"seen": seen}


@case("printed-lines")
def _(tf):
    model = classifier(tf)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    x, y = data()
    with printed() as bar:
        model.fit(x, y, epochs=2)
        model.fit(x, y, epochs=1, validation_split=0.2)
    with printed() as lines:
        model.fit(x, y, epochs=2, verbose=2)
        model.evaluate(x, y, verbose=2)
    with printed() as rest:
        model.evaluate(x, y)
        model.predict(x, verbose=1)
    return {"bar": bar.text, "lines": lines.text, "rest": rest.text}
