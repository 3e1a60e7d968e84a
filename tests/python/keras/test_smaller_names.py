# In: small layers, models, callbacks and threads of tf.keras that programs meet rarely. Out: what TensorFlow 2.9.0 answers.
# Rows stand beside what it gave for them in RECORDED; run as a program with it under the name ninefold to print it anew.
import contextlib
import http.server
import io
import re
import sys
import threading
import warnings

import numpy as np
import pytest

import ninefold as tf

K, L = tf.keras.backend, tf.keras.layers
X = np.random.RandomState(3).rand(8, 3).astype("float32")
Y = X.sum(1, keepdims=True) * 2 - .3
CLASSES = np.array(["ox", "cat", "dog", "cat", "ox", "dog", "cat", "ox"])


def numbers(nest):
    if isinstance(nest, (list, tuple)):
        return [n for part in nest for n in numbers(part)]
    if hasattr(nest, "numpy"):
        nest = nest.numpy()
    return [round(float(n), 4) for n in np.asarray(nest, dtype="float64").ravel()]


def net(loss="mse", units=1, activation=None, metrics=None):
    model = tf.keras.Sequential([L.Dense(units, activation, kernel_initializer="ones", input_shape=(3,))])
    model.compile(tf.keras.optimizers.SGD(.1), loss, metrics)
    return model


def crossing(inputs, **given):
    return L.experimental.preprocessing.HashedCrossing(**{"num_bins": 7, **given})(inputs)


def linear(x, **given):
    model = tf.keras.experimental.LinearModel(kernel_initializer="ones", bias_initializer="ones", **given)
    model.compile(tf.keras.optimizers.SGD(.1), "mse")
    first = model(x)
    history = model.fit(x, Y, epochs=2, verbose=0, shuffle=False).history["loss"]
    return [first, history, len(model.weights)]


def wide(optimizer):
    dense = tf.keras.Sequential([L.Dense(2, kernel_initializer="ones", activation="relu"), L.Dense(1, kernel_initializer="ones")])
    model = tf.keras.experimental.WideDeepModel(tf.keras.experimental.LinearModel(), dense, activation="tanh")
    model.compile(optimizer(), "mse", metrics=["mae"])
    history = model.fit(X, Y, epochs=3, verbose=0, shuffle=False).history
    return [history["loss"], history["mae"], model.predict([X, X], verbose=0)]


def two():
    return [tf.keras.optimizers.SGD(.1), tf.keras.optimizers.Adam(.01)]


def synced(x, training, **given):
    layer = L.experimental.SyncBatchNormalization(momentum=.5, **given)
    return [layer(x, training=training), layer.moving_mean, layer.moving_variance, layer(x)]


def fourier(kernel, scale=None):
    np.random.seed(2)
    layer = L.experimental.RandomFourierFeatures(2, kernel_initializer=kernel, scale=scale, trainable=True)
    layer.build((None, 3))
    layer.bias.assign([.5, 1.])
    if kernel == "gaussian":
        layer.unscaled_kernel.assign(X[:3, :2])
    return [layer(X), layer.kernel_scale, len(layer.trainable_weights), len(layer.weights)]


def regressor():
    made = tf.keras.wrappers.scikit_learn.KerasRegressor(net, epochs=2, batch_size=4, shuffle=False, verbose=0)
    made.fit(X, Y)
    return [made.predict(X), made.score(X, Y), len(made.get_params())]


def classifier(loss, activation, units, y):
    made = tf.keras.wrappers.scikit_learn.KerasClassifier(net, loss=loss, units=units, activation=activation, metrics=["accuracy"], epochs=9,
                                                          shuffle=False, verbose=0)
    made.fit(X, y)
    return [made.score(X, y), made.predict_proba(X), np.searchsorted(made.classes_, made.predict(X)), made.n_classes_]


# Rows: name, what gives numbers.
ROWS = [
    ("weighted focal", lambda: K.binary_weighted_focal_crossentropy(tf.constant([[0., 1., 1.]]), tf.constant([[.2, .4, .9]]), .3, 1.5)),
    ("weighted focal of logits", lambda: K.binary_weighted_focal_crossentropy(
        tf.constant([[0., 1., 1.]]), tf.constant([[.2, -4., .9]]), from_logits=True)),
    ("crossing of texts", lambda: crossing([tf.constant(["a", "b", "c"]), tf.constant(["x", "y", "z"])])),
    ("crossing of numbers", lambda: crossing([tf.constant([[1], [2]]), tf.constant([["x"], ["y"]]), np.array([[5], [6]])])),
    ("crossing of scalars", lambda: crossing([tf.constant("a"), tf.constant(3)])),
    ("crossing, one-hot", lambda: crossing([tf.constant([1, 2]), tf.constant([3, 4])], output_mode="one_hot")),
    ("crossing, one row", lambda: [*crossing([tf.constant([1]), tf.constant([3])], output_mode="one_hot").shape]),
    ("crossing, sparse", lambda: tf.sparse.to_dense(crossing([tf.constant([[1], [2]])] * 2, output_mode="one_hot", sparse=True))),
    ("linear", lambda: linear(X)),
    ("linear, list", lambda: linear([X, X[:, :2]], units=2, activation="relu")),
    ("linear, dict", lambda: linear({"b": X, "a": X[:, :1]}, use_bias=False)),
    ("wide", lambda: wide(lambda: tf.keras.optimizers.SGD(.1))),
    ("wide, two optimizers", lambda: wide(two)),
    ("synced", lambda: synced(X, True)),
    ("synced, not training", lambda: synced(X, False, scale=False)),
    ("synced, images", lambda: synced(X.reshape(2, 2, 2, 3), True, center=False, epsilon=.1)),
    ("synced, first axis", lambda: synced(X.reshape(2, 3, 2, 2), True, axis=1)),
    ("fourier", lambda: fourier("gaussian")),
    ("fourier, laplacian", lambda: fourier("laplacian", 2.)),
    ("fourier, ones", lambda: fourier(tf.keras.initializers.Ones())),
    ("regressor", regressor),
    ("classifier", lambda: classifier("categorical_crossentropy", "softmax", 3, CLASSES)),
    ("classifier of two", lambda: classifier("binary_crossentropy", "sigmoid", 1, CLASSES == "ox")),
    ("cosine", lambda: [tf.keras.experimental.CosineDecay(1., 10)(3), tf.keras.experimental.CosineDecayRestarts(1., 2)(3)]),
]


def printed(does):
    """What is printed, without times."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        does()
    text = re.sub(r"\d+(s|ms|us)(/\w+)?", r"T\2", re.sub("ETA: [^ ]+", "ETA", out.getvalue()))
    return [line.strip() for line in text.replace("\b", "").replace("\r", "\n").split("\n") if "/2 [=" in line or "Epoch" in line or "Unk" in line
            or "sample" in line]


def bar(mode, **given):
    return [tf.keras.callbacks.ProgbarLogger(mode, **given)]


PRINTED = [
    ("steps", lambda: net().fit(X, Y, epochs=2, batch_size=4, shuffle=False, callbacks=bar("steps"))),
    ("samples", lambda: net().fit(X, Y, epochs=2, batch_size=4, shuffle=False, verbose=2, callbacks=bar("samples"))),
    ("evaluate", lambda: net().evaluate(X, Y, batch_size=4, callbacks=bar("steps", stateful_metrics=["loss"]))),
    ("predict", lambda: net().predict(X, batch_size=4, callbacks=bar("steps"))),
    ("silent", lambda: net().fit(X, Y, verbose=0, callbacks=bar("steps"))),
]
RECORDED = {
    ('numbers', 'weighted focal'): [0.014, 0.1278, 0.001],
    ('numbers', 'weighted focal of logits'): [0.181, 0.9687, 0.0071],
    ('numbers', 'crossing of texts'): [4.0, 3.0, 4.0],
    ('numbers', 'crossing of numbers'): [6.0, 2.0],
    ('numbers', 'crossing of scalars'): [3.0],
    ('numbers', 'crossing, one-hot'): [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0],
    ('numbers', 'crossing, one row'): [7.0],
    ('numbers', 'crossing, sparse'): [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    ('numbers', 'linear'): [2.5499, 3.3001, 1.3843, 1.9275, 2.6039, 2.1737, 1.9579, 2.2905, 0.2832, 0.2743, 2.0],
    ('numbers', 'linear, list'): [3.8088, 3.8088, 4.7038, 4.7038, 1.7171, 1.7171, 2.3982, 2.3982, 3.5315, 3.5315, 2.7885, 2.7885, 2.6322,
        2.6322, 3.4241, 3.4241, 0.8412, 0.5938, 3.0],
    ('numbers', 'linear, dict'): [2.1006, 2.8109, 0.5099, 1.3683, 2.253, 1.7646, 1.2171, 1.9836, 0.4374, 0.3231, 2.0],
    ('numbers', 'wide'): [2.6789, 2.678, 2.6772, 1.3514, 1.3518, 1.3521, 0.9966, 0.9998, 0.67, 0.9582, 0.9973, 0.9845, 0.9627, 0.9903],
    ('numbers', 'wide, two optimizers'): [2.6789, 2.6764, 2.6746, 1.3514, 1.3527, 1.3539, 0.9977, 0.9999, 0.7201, 0.9682, 0.9982, 0.9887,
        0.9719, 0.9931],
    ('numbers', 'synced'): [0.3943, 1.1503, -0.4925, 0.1791, 1.7875, 1.7926, -1.8945, -0.5768, -1.3963, -0.1978, -1.1883, 0.1338, 0.9236,
        -0.3311, 0.9621, 0.6099, -1.2087, 0.5189, -1.175, 0.1399, -0.5203, 1.1604, 0.2273, -0.9984, 0.2388, 0.1873, 0.2107, 0.5168,
        0.5416, 0.5346, 0.4336, 0.7072, 0.1096, 0.3781, 0.958, 0.9368, -0.1573, 0.0271, -0.2176, 0.2808, -0.2137, 0.3363, 0.5703, 0.1238,
        0.6362, 0.4893, -0.2217, 0.4757, 0.0285, 0.3093, 0.0995, 0.6314, 0.3437, -0.0735],
    ('numbers', 'synced, not training'): [0.5505, 0.7078, 0.2908, 0.5106, 0.8925, 0.8958, 0.1255, 0.2071, 0.0514, 0.4406, 0.0299, 0.4566,
        0.6488, 0.2783, 0.6759, 0.5906, 0.024, 0.5586, 0.2591, 0.4149, 0.2834, 0.6928, 0.4402, 0.1568, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0,
        0.5505, 0.7078, 0.2908, 0.5106, 0.8925, 0.8958, 0.1255, 0.2071, 0.0514, 0.4406, 0.0299, 0.4566, 0.6488, 0.2783, 0.6759, 0.5906,
        0.024, 0.5586, 0.2591, 0.4149, 0.2834, 0.6928, 0.4402, 0.1568],
    ('numbers', 'synced, images'): [0.2005, 0.7796, -0.3172, 0.0911, 1.2115, 1.1546, -0.9632, -0.3909, -0.8993, -0.1006, -0.8054, 0.0862,
        0.4696, -0.2244, 0.6197, 0.3101, -0.8192, 0.3342, -0.5974, 0.0948, -0.3351, 0.59, 0.1541, -0.6431, 0.2388, 0.1873, 0.2107,
        0.5168, 0.5416, 0.5346, 0.3973, 0.6503, 0.1007, 0.3464, 0.881, 0.8607, -0.1441, 0.0249, -0.1999, 0.2573, -0.1965, 0.309, 0.5225,
        0.1139, 0.5844, 0.4483, -0.2039, 0.4371, 0.0261, 0.2844, 0.0914, 0.5786, 0.3161, -0.0676],
    ('numbers', 'synced, first axis'): [0.1193, 1.1139, -1.5235, -0.1334, 1.4951, 1.5057, -0.9431, -0.6837, -1.2293, 0.5589, -1.3284,
        0.6325, 0.7409, -1.602, 0.9123, 0.3725, -1.266, 0.4335, -0.5184, -0.0232, -0.1635, 1.7177, 0.5572, -0.7452, 0.266, 0.2112,
        0.1596, 0.512, 0.549, 0.5232, 0.3977, 0.6174, 0.0348, 0.3419, 0.9192, 0.9238, -0.1154, -0.0053, -0.1493, 0.3885, -0.1791, 0.4106,
        0.535, 0.0175, 0.5728, 0.4536, -0.2524, 0.4688, 0.0648, 0.2749, 0.1712, 0.737, 0.388, -0.0037],
    ('numbers', 'fourier'): [0.4776, -0.3081, 0.3679, -0.5032, 0.7972, 0.332, 0.7265, 0.2151, 0.5592, -0.1217, 0.6726, 0.1168, 0.6831,
        0.0702, 0.5306, -0.1767, 1.2247, 1.0, 3.0],
    ('numbers', 'fourier, laplacian'): [0.895, -0.8202, 0.9196, -0.7923, 0.8791, 0.9812, 0.9214, -0.2639, 0.9326, -0.998, 0.9322,
        -0.9376, 0.8916, 0.7555, 0.9031, -0.9809, 2.0, 1.0, 3.0],
    ('numbers', 'fourier, ones'): [-0.4609, -0.83, -0.9422, -0.9875, 0.6338, 0.1854, 0.1428, -0.3492, -0.5082, -0.8589, -0.1027, -0.567,
        0.1127, -0.3775, -0.2179, -0.6591, 1.0, 1.0, 3.0],
    ('numbers', 'regressor'): [2.4153, 3.3688, 0.9442, 1.6326, 2.4874, 1.9436, 1.6698, 2.0858, -0.1845, 5.0],
    ('numbers', 'classifier'): [0.5, 0.3529, 0.2837, 0.3634, 0.3658, 0.271, 0.3632, 0.3456, 0.3066, 0.3478, 0.3494, 0.2994, 0.3512,
        0.3549, 0.2866, 0.3586, 0.3504, 0.2955, 0.3541, 0.3513, 0.2957, 0.353, 0.3471, 0.2897, 0.3632, 2.0, 0.0, 2.0, 2.0, 2.0, 2.0, 2.0,
        2.0, 3.0],
    ('numbers', 'classifier of two'): [0.375, 0.2593, 0.7407, 0.1564, 0.8436, 0.4945, 0.5055, 0.3821, 0.6179, 0.255, 0.745, 0.3332,
        0.6668, 0.3726, 0.6274, 0.3049, 0.6951, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0],
    ('numbers', 'cosine'): [0.7939, 0.8536],
    ('printed', 'steps'): ['Epoch 1/2', '1/2 [==============>...............] - ETA - loss: 1.4908',
        '2/2 [==============================] - T T/step - loss: 0.9551', 'Epoch 2/2',
        '1/2 [==============>...............] - ETA - loss: 0.5465', '2/2 [==============================] - T T/step - loss: 0.3199'],
    ('printed', 'samples'): ['Epoch 1/2', '2/2 - T - loss: 0.9551 - T/epoch - T/sample', 'Epoch 2/2',
        '2/2 - T - loss: 0.3199 - T/epoch - T/sample'],
    ('printed', 'evaluate'): ['1/2 [==============>...............] - ETA - loss: 1.4908',
        '2/2 [==============================] - T T/step - loss: 1.2301'],
    ('printed', 'predict'): ['1/2 [==============>...............] - ETA [==============================] - T T/step'],
    ('printed', 'silent'): [],
}

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print("RECORDED = {")
    for table, rows in (("numbers", ROWS), ("printed", PRINTED)):
        for name, does in rows:
            try:
                found = numbers(does()) if table == "numbers" else printed(does)
            except Exception as error:
                found = (type(error).__name__, str(error)[:300])
            print(f"    {(table, name)}: {found},")
    print("}")
    sys.exit()


@pytest.mark.filterwarnings("ignore:Keras")
@pytest.mark.parametrize("name, does", ROWS, ids=[name for name, _ in ROWS])
def test_numbers(name, does):
    assert numbers(does()) == pytest.approx(RECORDED["numbers", name], abs=3e-4, rel=1e-3)


@pytest.mark.parametrize("name, does", PRINTED, ids=[name for name, _ in PRINTED])
def test_printed(name, does):
    assert printed(does) == RECORDED["printed", name]


ERRORS = [
    (lambda: tf.keras.models.model_from_yaml(""), RuntimeError, "Method `model_from_yaml()` has been removed due to security risk of "
     "arbitrary code execution. Please use `Model.to_json()` and `model_from_json()` instead."),
    (lambda: tf.keras.callbacks.ProgbarLogger("rows"), ValueError,
     'Unknown `count_mode`: rows. Expected values are ["samples", "steps"]'),
    (lambda: L.experimental.RandomFourierFeatures(0), ValueError, "`output_dim` should be a positive integer. Received: 0"),
    (lambda: L.experimental.RandomFourierFeatures(1, "cauchy"), ValueError,
     "Unsupported `kernel_initializer`: cauchy Expected one of: ['gaussian', 'laplacian']"),
    (lambda: L.experimental.RandomFourierFeatures(1, scale=-1.), ValueError,
     "When provided, `scale` should be a positive float. Received: -1.0"),
    (lambda: L.experimental.RandomFourierFeatures(1).build((None, 2, 3)), ValueError, "The rank of the input tensor should be 2."),
    (lambda: L.experimental.preprocessing.HashedCrossing(3, dtype="float32"), ValueError,
     "When `output_mode='int'`, `dtype` should be an integer type. Received: dtype=float32"),
    (lambda: L.experimental.preprocessing.HashedCrossing(3, "multi"), ValueError, "Unkown value for `output_mode` argument of layer "
     "HashedCrossing. Allowed values are: or one of the following values: ('int', 'one_hot'). Received: multi"),
    (lambda: crossing(tf.constant([1])), ValueError, "`HashedCrossing` should be called on a list or tuple of inputs."),
    (lambda: crossing([tf.constant([1])]), ValueError, "`HashedCrossing` should be called on at least two inputs."),
    (lambda: crossing([tf.constant([[1, 2]])] * 2), ValueError,
     "All `HashedCrossing` inputs should have shape `[]`, `[batch_size]` or `[batch_size, 1]`."),
    (lambda: crossing([tf.constant([1]), tf.constant([1, 2])]), ValueError, "All `HashedCrossing` inputs should have equal shape."),
    (lambda: crossing([tf.constant([1.]), tf.constant([1])]), ValueError,
     "All `HashedCrossing` inputs should have an integer or string dtype."),
    (lambda: tf.keras.wrappers.scikit_learn.KerasRegressor(net, speed=3), ValueError, "speed is not a legal parameter"),
    (lambda: tf.keras.utils.OrderedEnqueuer([1], use_multiprocessing=True), NotImplementedError, "use_multiprocessing is not supported yet"),
]


@pytest.mark.filterwarnings("ignore:Keras")
@pytest.mark.parametrize("does, error, text", ERRORS)
def test_errors(does, error, text):
    with pytest.raises(error) as raised:
        does()
    assert text in str(raised.value)


@pytest.mark.parametrize("made", [
    lambda: L.experimental.RandomFourierFeatures(4, "laplacian", .5), lambda: L.experimental.SyncBatchNormalization(momentum=.3),
    lambda: L.experimental.preprocessing.HashedCrossing(5, "one_hot")])
def test_configs_come_back(made):
    layer = made()
    again = L.deserialize(L.serialize(layer))
    assert type(again) is type(layer) and again.get_config() == layer.get_config()
    crosses = isinstance(layer, L.experimental.preprocessing.HashedCrossing)
    inputs = [tf.keras.Input([1], dtype="int64") for _ in range(2)] if crosses else tf.keras.Input([3])
    model = tf.keras.models.model_from_json(tf.keras.Model(inputs, layer(inputs)).to_json())
    assert type(model.layers[-1]) is type(layer)


def test_premade_models_come_back():
    model = tf.keras.experimental.LinearModel(2, "relu", kernel_regularizer="l2")
    again = tf.keras.experimental.LinearModel.from_config(model.get_config())
    assert again.get_config() == model.get_config()
    wide_one = tf.keras.experimental.WideDeepModel(model, tf.keras.Sequential([L.Dense(2)]))
    again = tf.keras.experimental.WideDeepModel.from_config(wide_one.get_config())
    assert type(again.linear_model) is type(model) and again.dnn_model.layers[0].units == 2


def test_synced_over_replicas():
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    with strategy.scope():
        layer = L.experimental.SyncBatchNormalization(momentum=0.)
        layer.build((None, 3))
    rows = [X[:2], X[2:]]       # of different numbers, so that a mean of means would be another one
    strategy.run(lambda: layer(rows[int(tf.distribute.get_replica_context().replica_id_in_sync_group)], training=True))
    assert numbers(layer.moving_mean) == pytest.approx(numbers(X.mean(0)), abs=2e-4)
    assert numbers(layer.moving_variance) == pytest.approx(numbers(X.var(0)), abs=2e-4)


def test_parts_that_are_none():
    for module in (tf.keras.regularizers, tf.keras.constraints, tf.keras.initializers):
        assert module.serialize(None) is None and module.deserialize(None) is None


def test_means_of_logs():
    logger = tf.keras.callbacks.BaseLogger(stateful_metrics=["last"])
    logger.set_params({"metrics": ["loss", "last", "none"]})
    logger.on_epoch_begin(0)
    for batch, (size, loss) in enumerate([(4, 1.), (2, 4.)]):
        logger.on_batch_end(batch, {"size": size, "loss": loss, "last": loss})
    logs = {}
    logger.on_epoch_end(0, logs)
    assert logs == {"loss": 2., "last": 4.}


@pytest.mark.parametrize("as_json", [False, True])
def test_a_server_is_told(as_json):
    pytest.importorskip("requests")
    got = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.path, self.headers["Content-Type"], self.headers["X-Who"],
                        self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass
    server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monitor = tf.keras.callbacks.RemoteMonitor(f"http://127.0.0.1:{server.server_port}", headers={"X-Who": "me"}, send_as_json=as_json)
    monitor.on_epoch_end(2, {"loss": np.float32(.5)})
    server.shutdown()
    server.server_close()
    assert got == [("/publish/epoch/end/", "application/json" if as_json else "application/x-www-form-urlencoded", "me",
                    '{"epoch": 2, "loss": 0.5}' if as_json else "data=%7B%22epoch%22%3A+2%2C+%22loss%22%3A+0.5%7D")]
    monitor.on_epoch_end(3)     # nobody answers: a warning


def test_requests_are_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "requests", None)
    with pytest.raises(ImportError, match="RemoteMonitor requires the `requests` library."):
        tf.keras.callbacks.RemoteMonitor().on_epoch_end(0)


class Squares(tf.keras.utils.Sequence):
    def __init__(self, fails=None):
        self.ends, self.fails = 0, fails

    def __len__(self):
        return 5

    def __getitem__(self, index):
        if index == self.fails:
            raise KeyError("no such square")
        return index ** 2

    def on_epoch_end(self):
        self.ends += 1


@pytest.mark.parametrize("workers, ahead", [(1, 10), (3, 2)])
def test_batches_in_order(workers, ahead):
    squares = Squares()
    made = tf.keras.utils.OrderedEnqueuer(squares)
    assert not made.is_running()
    made.start(workers, ahead)
    batches = made.get()
    assert [next(batches) for _ in range(12)] == [0, 1, 4, 9, 16] * 2 + [0, 1]
    assert made.is_running() and squares.ends == 2
    made.stop()
    assert not made.is_running() and list(batches) == []


def test_shuffled_batches_and_failures():
    made = tf.keras.utils.OrderedEnqueuer(Squares(), shuffle=True)
    made.start()
    batches = made.get()
    assert sorted(next(batches) for _ in range(5)) == [0, 1, 4, 9, 16]
    made.stop()
    made = tf.keras.utils.OrderedEnqueuer(Squares(fails=2))
    made.start()
    batches = made.get()
    assert [next(batches), next(batches)] == [0, 1]
    with pytest.raises(KeyError, match="no such square"):
        next(batches)
    assert not made.is_running()


def test_batches_of_a_generator():
    made = tf.keras.utils.GeneratorEnqueuer(iter(range(20)))
    made.start(1, 3)
    assert list(made.get()) == list(range(20))
    made = tf.keras.utils.GeneratorEnqueuer(iter([]))
    made.start()
    assert list(made.get()) == []


def test_where_progress_goes(capsys, caplog):
    utils = tf.keras.utils
    assert utils.is_interactive_logging_enabled()
    utils.disable_interactive_logging()
    try:
        assert not utils.is_interactive_logging_enabled()
        with caplog.at_level("INFO", logger="absl"):
            net().fit(X, Y, epochs=2)
        assert capsys.readouterr().out == ""
        assert "Epoch 1/2" in caplog.text and "loss:" in caplog.text and "[=" not in caplog.text
    finally:
        utils.enable_interactive_logging()
    net().fit(X, Y)
    assert "[=" in capsys.readouterr().out


def test_settings_that_are_kept():
    before = K.experimental.is_tf_random_generator_enabled()
    K.experimental.enable_tf_random_generator()
    assert K.experimental.is_tf_random_generator_enabled()
    K.experimental.disable_tf_random_generator()
    assert not K.experimental.is_tf_random_generator_enabled() and not before
    assert K.manual_variable_initialization(False) is None


@pytest.mark.parametrize("by", ["checkpoint", "weights"])
def test_evaluated_beside(tmp_path, capsys, by):
    model = net()
    model.fit(X, Y, verbose=0)
    if by == "checkpoint":
        checkpoint = tf.train.Checkpoint(model=model, optimizer=model.optimizer)
        tf.train.CheckpointManager(checkpoint, str(tmp_path), 3).save()
    else:
        model.save_weights(str(tmp_path / "ckpt-1"))
    wanted = model.evaluate(X, Y, verbose=0)
    other = net()
    tf.keras.utils.SidecarEvaluator(other, tf.data.Dataset.from_tensor_slices((X, Y)).batch(8), str(tmp_path), max_evaluations=1).start()
    assert other.evaluate(X, Y, verbose=0) == pytest.approx(wanted, rel=1e-5) and int(other.optimizer.iterations.numpy()) == 1
    assert f"loss: {wanted:.4f}" in capsys.readouterr().out
