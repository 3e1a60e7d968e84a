# In: TensorFlow 2.9.0 under Python 3.9 or 3.10. Out: the small files in tests/data/io that our readers and
# writers are compared with. Run by hand, once: python tests/referee/record_io.py tests/data/io
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
assert tf.__version__ == "2.9.0", tf.__version__


def path(name):
    return os.path.join(out, name)


def weights():
    """A flat weights file: an input layer without weights, three dtypes, a scalar in a custom layer."""
    class Gain(tf.keras.layers.Layer):
        def build(self, shape):
            self.gain = self.add_weight("gain", shape=(), initializer="ones")
            self.steps = self.add_weight("steps", shape=(2,), dtype="int64", trainable=False, initializer="zeros")

        def call(self, x):
            return x * self.gain

    tf.keras.utils.set_random_seed(7)
    model = tf.keras.Sequential([tf.keras.Input((3,), name="features"),
                                 tf.keras.layers.Dense(4, name="dense"), tf.keras.layers.Dropout(0.5, name="dropout"),
                                 tf.keras.layers.BatchNormalization(name="batch_normalization"),
                                 Gain(name="gain"), tf.keras.layers.Dense(1, dtype="float16", name="head")])
    model.layers[0].set_weights([np.arange(12, dtype=np.float32).reshape(3, 4), np.full(4, 0.5, np.float32)])
    model.layers[-1].set_weights([np.arange(4, dtype=np.float16).reshape(4, 1), np.array([-2], np.float16)])
    model.save_weights(path("keras_weights.h5"))


def chunked_names():
    """700 names of 115 bytes: above the 64,512 bytes of one attribute, so layer_names0, layer_names1."""
    from keras.saving import hdf5_format
    import h5py
    with h5py.File(path("keras_chunked_names.h5"), "w") as file:
        names = [("layer_%04d_" % i + "x" * 104).encode() for i in range(700)]
        hdf5_format.save_attributes_to_hdf5_group(file, "layer_names", names)


def events():
    """Two scalars; the file's name holds host and time, so it is renamed."""
    folder = path("events")
    writer = tf.summary.create_file_writer(folder)
    with writer.as_default():
        tf.summary.scalar("epoch_loss", 0.5, step=0)
        tf.summary.scalar("epoch_loss", 0.25, step=1, description="The loss.")
    writer.close()
    (name,) = os.listdir(folder)
    print("TensorFlow named it", name)
    os.replace(os.path.join(folder, name), path("tf_events"))
    os.rmdir(folder)
    for event in tf.compat.v1.train.summary_iterator(path("tf_events")):
        print(event)


def records():
    with tf.io.TFRecordWriter(path("tf_records")) as writer:
        for record in (b"", b"one", bytes(range(256))):
            writer.write(record)


def graph():
    """A graph with a library (a call, a branch, a loop), every attribute kind that tracing makes."""
    @tf.function
    def inner(x):
        return x * 2.0

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x")])
    def outer(x):
        y = inner(x)
        y = tf.cond(tf.reduce_sum(y) > 0, lambda: y + 1.0, lambda: y - 1.0)
        i = tf.constant(0)
        i, y = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * 0.5), [i, y],
                             shape_invariants=[i.shape, tf.TensorShape([None, 2])])
        return tf.nn.conv2d(tf.reshape(y, [1, -1, 2, 1]), tf.ones([1, 1, 1, 1]), 1, "SAME"), tf.constant(["a", "bc"])

    with open(path("tf_graph.pb"), "wb") as file:
        file.write(outer.get_concrete_function().graph.as_graph_def().SerializeToString(deterministic=True))


def arrays():
    values = {"f32": np.arange(6, dtype=np.float32).reshape(2, 3), "u8": np.arange(4, dtype=np.uint8),
              "i64_scalar": np.array(-7, np.int64), "empty": np.zeros((0, 3), np.float64),
              "fortran": np.asfortranarray(np.arange(6, dtype=np.int32).reshape(2, 3)),
              "big_endian": np.arange(3, dtype=">f4"), "flags": np.array([True, False]),
              "c64": np.array([1 + 2j], np.complex64), "f16": np.array([1.5], np.float16)}
    np.savez(path("numpy_stored.npz"), **values)
    np.savez_compressed(path("numpy_deflated.npz"), **values)
    np.save(path("numpy_f32.npy"), values["f32"])


for step in (weights, chunked_names, events, records, graph, arrays):
    step()
