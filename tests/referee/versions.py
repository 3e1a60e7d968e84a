# In: a folder, and a Python with a TensorFlow of 2.4 to 2.12. Out: <version>.zip there: SavedModels of four kinds that this
# TensorFlow wrote, with what they gave. tests/python/engine/test_versions.py loads them, predicts and trains a step.
#   PYTHON tests/referee/versions.py tests/data/saved_models/versions
import json
import os
import sys
import tempfile
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import tensorflow as tf

K, L = tf.keras, tf.keras.layers
MAJOR = ".".join(tf.__version__.split(".")[:2])


class Tables(tf.Module):
    """Functions with control flow, nested structures, a static table, an asset and a variable that changes."""

    def __init__(self, path):
        super().__init__()
        self.words = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(
            tf.constant(["a", "b"]), tf.constant([1, 2], tf.int64)), -1)
        self.lines = tf.lookup.StaticVocabularyTable(tf.lookup.TextFileInitializer(
            path, tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER), 2)
        if hasattr(tf.lookup.experimental, "MutableHashTable"):      # from 2.5 on
            self.table = tf.lookup.experimental.MutableHashTable(tf.string, tf.float32, -1.0)
        else:
            self.table = tf.lookup.experimental.DenseHashTable(tf.string, tf.float32, -1.0, "empty", "deleted", 8)
        self.table.insert(["x", "y"], [0.5, 2.0])
        self.w = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
        self.count = tf.Variable(0, trainable=False)
        self.parts = {"scale": tf.Variable(2.0), "more": [tf.Variable([1.0, -1.0])]}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def look(self, text):
        return {"words": self.words.lookup(text), "lines": self.lines.lookup(text), "table": self.table.lookup(text)}

    @tf.function
    def product(self, x, twice=False):
        y = tf.matmul(x, self.w) * self.parts["scale"] + self.parts["more"][0]
        return (y * 2.0 if twice else y), {"sum": tf.reduce_sum(y)}

    @tf.function(input_signature=[tf.TensorSpec([], tf.int32)])
    def loop(self, n):
        total = tf.constant(0.0)
        for i in tf.range(n):
            if i % 2 == 0:
                total += tf.cast(i, tf.float32) * self.parts["scale"]
            else:
                total -= 1.0
        self.count.assign_add(n)
        return total


class Block(L.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units, self.dense, self.drop = units, L.Dense(units, activation="relu"), L.Dropout(0.5)

    def call(self, x, training=None):
        return self.drop(self.dense(x), training=training)

    def get_config(self):
        return dict(super().get_config(), units=self.units)


class Net(K.Model):
    def __init__(self):
        super().__init__()
        self.blocks, self.norm, self.head = [Block(3), Block(4)], L.BatchNormalization(), L.Dense(1)

    def call(self, x, training=False):
        for block in self.blocks:
            x = block(x, training=training)
        return self.head(self.norm(x, training=training))


def models():
    yield "convolution", K.Sequential([L.Conv2D(2, 3, input_shape=(6, 6, 1)), L.BatchNormalization(), L.MaxPooling2D(), L.Flatten(),
                                       L.Dense(1)]), (6, 6, 1)
    x = K.Input((4, 3), name="x")
    yield "recurrent", K.Model(x, L.Dense(1, name="y")(L.GRU(3)(L.LSTM(3, return_sequences=True)(x)))), (4, 3)
    yield "subclassed", Net(), (4,)


def write(folder):
    said = {}
    with tempfile.TemporaryDirectory() as aside:
        path = os.path.join(aside, "lines.txt")
        with open(path, "w") as file:
            file.write("x\ny\nb\n")
        module = Tables(path)
        module.product(tf.ones((2, 2)))
        module.product(tf.ones((1, 2)), twice=True)
        tf.saved_model.save(module, os.path.join(folder, "tables"), signatures={"serving_default": module.look})
        loaded = tf.saved_model.load(os.path.join(folder, "tables"))
    texts = ["a", "b", "x", "y", "q"]
    said["tables"] = {
        "texts": texts, "look": {k: v.numpy().tolist() for k, v in loaded.look(tf.constant(texts)).items()},
        "product": loaded.product(tf.ones((2, 2)))[0].numpy().tolist(), "loop": float(loaded.loop(tf.constant(5)))}
    for name, model, shape in models():
        random = np.random.RandomState(len(name))
        rows, targets = random.rand(4, *shape).astype("float32"), random.rand(4, 1).astype("float32")
        model.compile(K.optimizers.SGD(0.05, momentum=0.9), "mse")
        model.fit(rows, targets, epochs=2, batch_size=2, verbose=0, shuffle=False)
        before = model.predict(rows, verbose=0)
        model.save(os.path.join(folder, name))
        model.reset_metrics()      # until 2.6, a batch is added to the epoch before it
        # A step without dropout, whose numbers are each version's own.
        loss = None if name == "subclassed" else float(model.train_on_batch(rows, targets))
        said[name] = {"x": rows.tolist(), "targets": targets.tolist(), "predictions": before.tolist(), "loss": loss,
                      "after": None if loss is None else model.predict(rows, verbose=0).tolist(), "iterations": 4,
                      "variables": len(model.variables), "trainable": len(model.trainable_variables)}
    with open(os.path.join(folder, "results.json"), "w") as file:
        json.dump(said, file)


def main(target):
    os.makedirs(target, exist_ok=True)
    tf.random.set_seed(1)
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(os.path.join(target, MAJOR + ".zip"), "w",
                                                                  zipfile.ZIP_LZMA) as file:
        write(folder)
        for place, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                whole = os.path.join(place, name)
                entry = zipfile.ZipInfo(os.path.relpath(whole, folder), (2022, 5, 16, 0, 0, 0))
                with open(whole, "rb") as data:
                    file.writestr(entry, data.read(), zipfile.ZIP_LZMA)
    print(tf.__version__, os.path.getsize(os.path.join(target, MAJOR + ".zip")), "bytes")


if __name__ == "__main__":
    main(sys.argv[1])
