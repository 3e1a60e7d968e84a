# In: the 1,797 digits. Out: an MLP, a conv net with BatchNormalization, training under a strategy.
from replay import case, digits

INITIAL = ("initial*",)


@case("digits-mlp", exact=INITIAL)
def _(tf):
    layers = tf.keras.layers
    x, y = digits()
    model = tf.keras.Sequential([layers.Flatten(input_shape=(8, 8, 1)),
                                 layers.Dense(64, activation="relu"), layers.Dropout(0.2),
                                 layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    initial = model.get_weights()
    history = model.fit(x[:1500], y[:1500], epochs=5, verbose=0,
                        validation_data=(x[1500:], y[1500:]))
    return {"initial": initial, "history": history.history}


@case("digits-conv-batchnorm", exact=INITIAL)
def _(tf):
    layers = tf.keras.layers
    x, y = digits()
    model = tf.keras.Sequential([
        layers.Conv2D(8, 3, padding="same", input_shape=(8, 8, 1)), layers.BatchNormalization(),
        layers.Activation("relu"), layers.MaxPooling2D(),
        layers.Conv2D(16, 3, activation="relu"), layers.Flatten(), layers.Dropout(0.25),
        layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    initial = model.get_weights()
    history = model.fit(x[:1500], y[:1500], epochs=3, verbose=0)
    return {"initial": initial, "history": history.history,
            "evaluate": model.evaluate(x[1500:], y[1500:], verbose=0)}


def mirrored(tf, devices, rows=1797, batch=256):
    """The second document's program on the digits: strategy, scope, dataset, fit."""
    if devices > 1:
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(
            cpu, [tf.config.LogicalDeviceConfiguration()] * devices)
    names = [f"/cpu:{i}" for i in range(devices)]
    strategy = tf.distribute.MirroredStrategy(names)
    layers = tf.keras.layers
    with strategy.scope():
        model = tf.keras.Sequential([
            layers.Dense(128, activation="relu", input_shape=(64,)), layers.Dropout(0.2),
            layers.Dense(10, activation="softmax")])
        model.compile(loss="sparse_categorical_crossentropy",
                      optimizer=tf.keras.optimizers.Adam(learning_rate=0.001), metrics=["accuracy"])
    initial = model.get_weights()
    x, y = digits()
    dataset = tf.data.Dataset.from_tensor_slices((x.reshape(-1, 64)[:rows], y[:rows]))
    history = model.fit(dataset.shuffle(1000).batch(batch), epochs=3, verbose=0)
    return {"replicas": strategy.num_replicas_in_sync, "initial": initial,
            "history": history.history}


@case("mirrored-one-device", exact=INITIAL, replicas=1)
def _(tf):
    return mirrored(tf, 1)


@case("mirrored-two-devices", exact=INITIAL, replicas=2)
def _(tf):
    return mirrored(tf, 2)


@case("mirrored-two-devices-odd-last-batch", exact=INITIAL, replicas=2)
def _(tf):
    return mirrored(tf, 2, rows=257, batch=64)
