# In: records and summaries. Out: TFRecord files of every compression and event files of every kind, read again.
import numpy as np
import pytest

import ninefold as tf

ROWS = [b"", b"a", b"x" * 70000, "text".encode()]


@pytest.mark.parametrize("compression", [None, "", "GZIP", "ZLIB"])
def test_records_come_back(compression, tmp_path):
    path = str(tmp_path / "x")
    with tf.io.TFRecordWriter(path, compression) as writer:
        for row in ROWS:
            writer.write(row)
        writer.flush()
    assert [r.numpy() for r in tf.data.TFRecordDataset(path, compression)] == ROWS
    twice = tf.data.TFRecordDataset([path, path], compression, num_parallel_reads=2)
    assert sorted(r.numpy() for r in twice) == sorted(ROWS * 2)
    assert len(list(tf.data.TFRecordDataset(tf.data.Dataset.from_tensor_slices([path, path]), compression).map(tf.strings.length))) == 8
    with open(path, "r+b") as file:
        file.truncate(20)
    with pytest.raises(tf.errors.DataLossError):
        list(tf.data.TFRecordDataset(path, compression))


def test_mistakes_with_records(tmp_path):
    with pytest.raises(ValueError, match='Not a valid compression_type: "BZ2"'):
        tf.io.TFRecordOptions("BZ2")
    with pytest.raises(tf.errors.NotFoundError):
        list(tf.data.TFRecordDataset(str(tmp_path / "absent")))
    with tf.io.TFRecordWriter(str(tmp_path / "x"), tf.io.TFRecordOptions("GZIP", compression_level=9)) as writer:
        with pytest.raises(TypeError):
            writer.write(3)
    with pytest.raises(tf.errors.FailedPreconditionError):
        writer.write(b"late")
    assert tf.io.TFRecordOptions.get_compression_type_string("ZLIB") == "ZLIB"


def _events(folder):
    file, = folder.iterdir()
    return [e for e in tf.compat.v1.train.summary_iterator(str(file))][1:]


def _one(folder):
    event, = _events(folder)
    value, = event.summary.value
    return event.step, value.tag, value.metadata.plugin_data.plugin_name, value.tensor


def test_every_kind_of_summary(tmp_path):
    rows = [("scalars", lambda: tf.summary.scalar("a", 0.5, step=3), tf.float32, 0.5),
            ("histograms", lambda: tf.summary.histogram("a", [1.0, 2.0, 2.0, 3.0], step=3, buckets=2), tf.float64,
             [[1, 2, 1], [2, 3, 3]]),
            ("histograms", lambda: tf.summary.histogram("a", [2, 2], step=3, buckets=2), tf.float64, [[2, 2, 0], [2, 2, 2]]),
            ("text", lambda: tf.summary.text("a", ["x", "y"], step=3), tf.string, [b"x", b"y"]),
            ("own", lambda: tf.summary.write("a", tf.constant([1, 2]), step=3, metadata=b"\n\x05\n\x03own"), tf.int32, [1, 2])]
    for i, (plugin, write, dtype, expected) in enumerate(rows):
        folder = tmp_path / str(i)
        with tf.summary.create_file_writer(str(folder)).as_default():
            assert bool(write())
        step, tag, name, tensor = _one(folder)
        assert (step, tag, name) == (3, "a", plugin)
        np.testing.assert_array_equal(tf.io.parse_tensor(tensor, dtype).numpy(), expected)


def test_pictures_and_sounds(tmp_path):
    pixels = np.linspace(0, 1, 2 * 4 * 5 * 3).reshape(2, 4, 5, 3)
    with tf.summary.create_file_writer(str(tmp_path / "i")).as_default():
        tf.summary.image("i", pixels, step=0, max_outputs=1)
    width, height, png = tf.io.parse_tensor(_one(tmp_path / "i")[3], tf.string).numpy()
    assert (width, height) == (b"5", b"4") and png.startswith(b"\x89PNG")
    with tf.summary.create_file_writer(str(tmp_path / "a")).as_default():
        tf.summary.audio("s", np.ones((1, 10, 2), "float32"), 8000, step=0)
    wav = tf.io.parse_tensor(_one(tmp_path / "a")[3], tf.string).numpy()[0, 0]
    assert wav[:4] == b"RIFF" and len(wav) == 44 + 40 and wav[-2:] == b"\xff\x7f"


def test_steps_scopes_and_conditions(tmp_path):
    assert not bool(tf.summary.scalar("nowhere", 1.0, step=0))
    writer = tf.summary.create_file_writer(str(tmp_path), filename_suffix=".mine")
    with writer.as_default(step=7):
        with tf.name_scope("outer"), tf.name_scope("inner"):
            tf.summary.scalar("a", 1)
        for i in range(4):
            with tf.summary.record_if(lambda: i % 2 == 0):
                tf.summary.scalar("even", i, step=i)
    with pytest.raises(ValueError, match="No step set"), writer.as_default():
        tf.summary.scalar("a", 1.0)

    @tf.function
    def step(x):
        with writer.as_default():
            with tf.summary.record_if(x > 0):
                tf.summary.scalar("traced", x, step=tf.cast(x, tf.int64))
    for x in (1.0, -1.0, 2.0):
        step(tf.constant(x))
    writer.close()
    told = [(e.step, e.summary.value[0].tag) for e in _events(tmp_path)]
    assert told == [(7, "outer/inner/a"), (0, "even"), (2, "even"), (1, "traced"), (2, "traced")]
    with pytest.raises(RuntimeError, match="already closed"):
        writer.set_as_default()
    with tf.summary.create_noop_writer().as_default():
        assert not bool(tf.summary.scalar("a", 1.0, step=0))


def test_graphs(tmp_path):
    @tf.function
    def square(x):
        return x * x
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        with pytest.raises(ValueError, match="Must enable trace before export"):
            tf.summary.trace_export("t", step=0)
        tf.summary.trace_on()
        square(tf.constant(2.0))
        tf.summary.trace_export("t", step=1)
        tf.summary.graph(square.get_concrete_function(tf.constant(1.0)).graph)
    traced, graph = _events(tmp_path)
    assert traced.summary.value[0].metadata.plugin_data.plugin_name == "graph_run_metadata_graph"
    assert tf.compat.v1.GraphDef.FromString(graph.graph_def).node
