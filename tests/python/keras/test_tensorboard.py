"""In: fit with TensorBoard's callback. Out: event files with what TensorFlow 2.9.0's callback wrote for the same model, in its
order: tags, steps, plugins, counts of histograms, pixels of pictures."""
import pathlib
import struct
import zlib

import numpy as np
import pytest

import ninefold as tf

K = tf.keras.layers
SCALARS = ["epoch_loss", "epoch_mae"]
EVALUATION = ["evaluation_loss_vs_iterations", "evaluation_mae_vs_iterations"]
WEIGHTS = ["a/kernel_0", "a/bias_0", "b/kernel_0", "b/bias_0"]
PICTURES = ["a/kernel_0", "a/kernel_0", "a/bias_0", "a/bias_0", "b/kernel_0", "b/kernel_0", "b/bias_0"]  # none of one number
GRAPH, SPEED = ["keras"], ["batch_steps_per_second"]
NO_GRAPH = {"write_graph": False}


def dense():
    model = tf.keras.Sequential([K.Dense(4, input_shape=(3,), activation="relu", name="a"), K.Dropout(0.0, name="d"), K.Dense(1, name="b")])
    model.set_weights([np.linspace(-1, 1, w.size).reshape(w.shape).astype("f4") for w in model.get_weights()])
    return model


def events(folder):
    """(step, value) of one event file."""
    file, = folder.glob("events.out.tfevents.*")
    return [(event.step, value) for event in tf.compat.v1.train.summary_iterator(str(file)) for value in event.summary.value]


def tags(folder):
    return [(step, value.tag) for step, value in events(folder)]


def numbers(value, dtype):
    return tf.io.parse_tensor(value.tensor, dtype).numpy()


def pixels(png):
    """Of a grey picture of 8 bits; the filters of its rows undone (PNG specification, section 9)."""
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (depth, colour) == (8, 0)
    at, data = 8, b""
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at:at + 8])
        data += png[at + 8:at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    rows, out, above = zlib.decompress(data), [], [0] * width
    for row in range(height):
        method, line = rows[row * (width + 1)], []
        for x, byte in enumerate(rows[row * (width + 1) + 1:(row + 1) * (width + 1)]):
            left, up, corner = (line[x - 1] if x else 0), above[x], (above[x - 1] if x else 0)
            paeth = min((left, up, corner), key=lambda one: abs(left + up - corner - one))
            line.append((byte + (0, left, up, (left + up) // 2, paeth)[method]) % 256)
        out, above = out + line, line
    return out


def trained(folder, model=None, optimizer="sgd", epochs=2, **given):
    model = model or dense()
    model.compile(optimizer, "mse", metrics=["mae"])
    x, y = np.ones((40, 3), np.float32), np.ones((40, 1), np.float32)
    callback = tf.keras.callbacks.TensorBoard(folder, **given)
    model.fit(x, y, epochs=epochs, batch_size=8, shuffle=False, validation_data=(x, y), verbose=0, callbacks=[callback])
    return model


def steps(*groups):
    return [(step, tag) for step, tags in groups for tag in tags]


TRAIN = {
    "plain": ({}, steps((0, GRAPH + SCALARS), (1, SCALARS))),
    "no graph": (NO_GRAPH, steps((0, SCALARS), (1, SCALARS))),
    "histograms": ({"histogram_freq": 1}, steps((0, GRAPH + SCALARS + WEIGHTS), (1, SCALARS + WEIGHTS))),
    "histograms now and then": ({"histogram_freq": 2, **NO_GRAPH}, steps((0, SCALARS + WEIGHTS), (1, SCALARS))),
    "pictures": ({"histogram_freq": 1, "write_images": True, **NO_GRAPH}, steps((0, SCALARS + PICTURES), (1, SCALARS + PICTURES))),
    "speed": ({"write_steps_per_second": True, **NO_GRAPH}, steps((0, SCALARS + ["epoch_steps_per_second"]), (1, SCALARS + ["epoch_steps_per_second"]))),
}


@pytest.mark.parametrize("row", TRAIN)
def test_events(tmp_path, row):
    given, expected = TRAIN[row]
    trained(tmp_path, **given)
    assert tags(tmp_path / "train") == expected
    assert tags(tmp_path / "validation") == steps((5, EVALUATION), (0, SCALARS), (10, EVALUATION), (1, SCALARS))
    plugins = {value.tag: value.metadata.plugin_data.plugin_name for _, value in events(tmp_path / "train") if "_0" not in value.tag}
    assert set(plugins.values()) <= {"scalars", "graph_keras_model"}


# Scalars of batches: TensorFlow's documentation has them, its 2.9 forgets them (docs/differences.md).
@pytest.mark.parametrize("given, batches", [({}, 0), ({"update_freq": "epoch"}, 0), ({"update_freq": "batch"}, 10), ({"update_freq": 2}, 5)])
def test_batches(tmp_path, given, batches):
    trained(tmp_path, **given, **NO_GRAPH)
    assert [tag for _, tag in tags(tmp_path / "train")].count("batch_loss") == batches


def test_speed_of_batches(tmp_path):
    trained(tmp_path, update_freq=2, write_steps_per_second=True, **NO_GRAPH)
    assert [step for step, tag in tags(tmp_path / "train") if tag == SPEED[0]] == [2, 4, 6, 8, 10]


def test_values(tmp_path):
    model = trained(tmp_path, optimizer=tf.keras.optimizers.SGD(0.0), histogram_freq=1, write_images=True)  # nothing is learnt
    by_plugin = {}
    for step, value in events(tmp_path / "train"):
        by_plugin[(step, value.tag, value.metadata.plugin_data.plugin_name)] = value
    rows = numbers(by_plugin[0, "a/kernel_0", "histograms"], tf.float64)
    assert rows.shape == (30, 3) and rows[:, 2].sum() == 12 and rows[0, 0] == -1 and rows[-1, 1] == 1
    np.testing.assert_array_equal(np.flatnonzero(rows[:, 2]), [0, 2, 5, 8, 10, 13, 16, 19, 21, 24, 27, 29])
    width, height, *pictures = numbers(by_plugin[0, "a/kernel_0", "images"], tf.string)
    assert (width, height, len(pictures)) == (b"4", b"3", 1)
    assert pixels(pictures[0]) == [0, 0, 0, 0, 0, 0, 23, 69, 116, 162, 209, 255]
    assert pixels(numbers(by_plugin[0, "a/bias_0", "images"], tf.string)[2]) == [0, 0, 85, 255]
    graph = by_plugin[0, "keras", "graph_keras_model"]
    assert graph.metadata.plugin_data.content == b"1"
    assert numbers(graph, tf.string).decode() == model.to_json()


def test_pictures_of_kernels(tmp_path):
    model = tf.keras.Sequential([K.Reshape((3, 1, 1), input_shape=(3,)), K.Conv2D(4, (2, 1), name="one"), K.Conv2D(3, 1, name="two"),
                                 K.Flatten(), K.Dense(1, name="b")])
    trained(tmp_path, model, epochs=1, histogram_freq=1, write_images=True, **NO_GRAPH)
    sizes = {value.tag: numbers(value, tf.string)[:2].tolist() + [len(numbers(value, tf.string)) - 2]
             for _, value in events(tmp_path / "train") if value.metadata.plugin_data.plugin_name == "images"}
    assert sizes == {"one/kernel_0": [b"4", b"2", 1], "one/bias_0": [b"1", b"4", 1], "two/kernel_0": [b"4", b"3", 1],
                     "two/bias_0": [b"1", b"3", 1], "b/kernel_0": [b"1", b"6", 1]}


def test_a_schedules_rate(tmp_path):
    schedule = tf.keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.5)
    trained(tmp_path, optimizer=tf.keras.optimizers.SGD(schedule), **NO_GRAPH)
    rates = [(step, float(numbers(value, tf.float32))) for step, value in events(tmp_path / "train") if value.tag == "epoch_learning_rate"]
    assert rates == [(0, pytest.approx(0.05)), (1, pytest.approx(0.025))]


def test_a_model_without_a_graph_has_none(tmp_path):
    class Own(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = K.Dense(1)

        def call(self, x):
            return self.dense(x)
    trained(tmp_path, Own())
    assert "keras" not in [tag for _, tag in tags(tmp_path / "train")]


@pytest.mark.parametrize("given, line", [({}, ""), ({"embeddings_metadata": "words.tsv"}, '  metadata_path: "words.tsv"\n'),
                                         ({"embeddings_metadata": {"e": "words.tsv"}}, '  metadata_path: "words.tsv"\n')])
def test_embeddings(tmp_path, given, line):
    model = tf.keras.Sequential([K.Embedding(7, 4, input_length=3, name="e"), K.Flatten(), K.Dense(1)])
    trained(tmp_path, model, embeddings_freq=1, **given)
    tensor = '  tensor_name: "layer_with_weights-0/embeddings/.ATTRIBUTES/VARIABLE_VALUE"\n'
    assert (tmp_path / "projector_config.pbtxt").read_text() == "embeddings {\n" + tensor + line + "}\n"
    kept = tf.train.load_checkpoint(str(tmp_path / "train/keras_embedding.ckpt-1"))
    np.testing.assert_array_equal(kept.get_tensor("layer_with_weights-0/embeddings/.ATTRIBUTES/VARIABLE_VALUE"), model.get_weights()[0])


RANGE = ("profile_batch must be a non-negative integer or 2-tuple of positive integers. A pair of positive integers signifies a range "
         "of batches to profile. Found: {}")
FAULTS = {
    "unknown": ({"foo": 1}, ValueError, "Unrecognized arguments in `TensorBoard` Callback: {'foo'}. Supported kwargs are: "),
    "negative": ({"profile_batch": -1}, ValueError, RANGE.format(-1)),
    "backwards": ({"profile_batch": (3, 2)}, ValueError, "profile_batch must be a non-negative"),
    "one as text": ({"profile_batch": "2"}, ValueError, RANGE.format(2)),
    "no number": ({"profile_batch": "a"}, ValueError, "invalid literal for int() with base 10: 'a'"),
}


@pytest.mark.parametrize("row", FAULTS)
def test_faults(tmp_path, row):
    given, kind, text = FAULTS[row]
    with pytest.raises(kind) as caught:
        tf.keras.callbacks.TensorBoard(tmp_path, **given)
    assert text in str(caught.value)


def test_embeddings_of_no_layer(tmp_path):
    with pytest.raises(ValueError, match="Unrecognized `Embedding` layer names passed to `keras.callbacks.TensorBoard` `embeddings_metadata`"):
        trained(tmp_path, embeddings_freq=1, embeddings_metadata={"nobody": "x"})


def test_a_loop_of_ones_own(tmp_path):
    model, callback = dense(), tf.keras.callbacks.TensorBoard(pathlib.Path(tmp_path), histogram_freq=1)
    callback.set_model(model)
    callback.on_train_begin()
    for epoch in range(2):
        callback.on_epoch_end(epoch, {"loss": 1.0})
    callback.on_train_end()
    assert tags(tmp_path / "train") == steps((0, GRAPH + ["epoch_loss"] + WEIGHTS), (1, ["epoch_loss"] + WEIGHTS))


def test_an_evaluation_alone_is_there_at_once(tmp_path):
    model, callback = dense(), tf.keras.callbacks.TensorBoard(tmp_path)
    model.compile("sgd", "mse", metrics=["mae"])
    model.evaluate(np.ones((8, 3), np.float32), np.ones((8, 1), np.float32), verbose=0, callbacks=[callback])
    assert tags(tmp_path / "validation") == steps((0, EVALUATION))
    assert tags(tmp_path / "train") == steps((0, GRAPH))


def test_logs_of_ones_own(tmp_path):
    class WithRate(tf.keras.callbacks.TensorBoard):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, {**logs, "rate": float(self.model.optimizer.learning_rate)})
    model = dense()
    model.compile("sgd", "mse")
    model.fit(np.ones((8, 3), np.float32), np.ones((8, 1), np.float32), verbose=0, callbacks=[WithRate(tmp_path, histogram_freq=1)])
    assert tags(tmp_path / "train") == steps((0, GRAPH + ["epoch_loss", "epoch_rate"] + WEIGHTS))


def test_it_tells_its_arguments():
    callback = tf.keras.callbacks.TensorBoard("there", 1, False, update_freq="batch")
    assert (callback.log_dir, callback.histogram_freq, callback.write_graph, callback.update_freq) == ("there", 1, False, 1)


def test_a_second_fit_begins_another_file(tmp_path):
    model, callback = dense(), tf.keras.callbacks.TensorBoard(tmp_path)
    model.compile("sgd", "mse")
    for _ in range(2):
        model.fit(np.ones((8, 3), np.float32), np.ones((8, 1), np.float32), verbose=0, callbacks=[callback])
    files = sorted((tmp_path / "train").iterdir())
    assert len(files) == 2 and all(file.read_bytes().count(b"graph_keras_model") == 1 for file in files)
