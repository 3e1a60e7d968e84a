#!/usr/bin/env python3
"""In: a folder. Out: models of many kinds trained, saved and predicted there by one framework; or read back by the other.

    python tests/referee/exchange.py --referee <python with TensorFlow 2.9.0> [--here <python with Ninefold>] [--only KIND ...] [folder]

writes with each, reads with the other, and prints one line a model and file: the largest difference of predictions, of
optimizer slots, and of predictions after a further epoch. Files: checkpoints of objects, weights (TensorFlow's format and
HDF5), whole models as HDF5 and as SavedModels (as Keras models; as functions; in a session of TensorFlow 1), JSON. What
TensorFlow itself refuses has to be refused alike. Exit status 1 where a difference exceeds 1e-5 or an answer differs.
`write <folder>` and `read <folder>` are its two halves, which run under either Python; what TensorFlow wrote is checked in
(tests/data/checkpoints/exchange) and read by tests/python/keras/test_exchange.py.
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

TOLERANCE = 1e-5
# What TensorFlow itself refuses: (kind, file) -> class and beginning of the error.
REFUSED = {("subclassed", "hdf5"): ("NotImplementedError", "Saving the model to HDF5 format requires the model to be a Functional"),
           ("adapted", "hdf5"): ("NotImplementedError", "Save or restore weights that is not an instance of `tf.Variable`"),
           ("adapted", "weights.h5"): ("NotImplementedError", "Save or restore weights that is not an instance of `tf.Variable`"),
           # what was learnt from data is not in a config, and the size of the layer's output depends on it
           ("adapted", "json"): ("RuntimeError", 'Exception encountered when calling layer "')}
WORDS = ["red", "green", "blue", "sky", "sea", "none"]


def framework():
    try:
        import tensorflow as tf
        if getattr(tf, "__version__", "") and os.environ.get("EXCHANGE") != "ninefold":
            return tf
    except ImportError:
        pass
    import ninefold as tf
    return tf


def kinds(tf):
    """name -> (a model without a compile, the shapes of its inputs)."""
    L, K = tf.keras.layers, tf.keras

    def dense():
        return K.Sequential([L.Dense(5, activation="relu", input_shape=(4,)), L.Dense(2)])

    def convolution():
        return K.Sequential([L.Conv2D(3, 3, input_shape=(6, 6, 1)), L.BatchNormalization(), L.ReLU(), L.MaxPooling2D(),
                             L.SeparableConv2D(2, 2), L.GlobalAveragePooling2D(), L.Dense(2)])

    def recurrent():
        return K.Sequential([L.LSTM(3, return_sequences=True, input_shape=(4, 2)), L.Bidirectional(L.GRU(2)), L.Dense(1)])

    def cells():
        return K.Sequential([L.RNN([L.LSTMCell(2), L.GRUCell(3)], input_shape=(3, 2)), L.Dense(1)])

    def attention():
        x = K.Input((4, 6))
        y = L.MultiHeadAttention(2, 3)(x, x)
        y = L.LayerNormalization()(L.Add()([x, y]))
        return K.Model(x, L.Dense(1)(L.GlobalAveragePooling1D()(y)))

    def inputs():
        a, b = K.Input((3,), name="a"), K.Input((2,), name="b")
        y = L.Concatenate()([L.Dense(4, activation="tanh")(a), L.Dense(3)(b)])
        return K.Model([a, b], L.Dense(1)(y))

    def shared():
        x, y = K.Input((3,)), K.Input((3,))
        one = L.Dense(4, activation="relu")
        return K.Model([x, y], L.Dense(1)(L.Subtract()([one(x), one(y)])))

    def nested():
        inner = K.Sequential([L.Dense(3, input_shape=(4,)), L.Dense(3)])
        x = K.Input((4,))
        return K.Model(x, L.Dense(1)(inner(x)))

    class Scale(L.Layer):
        def __init__(self, power=1, **kwargs):
            super().__init__(**kwargs)
            self.power = power

        def build(self, input_shape):
            self.gain = self.add_weight("scale", shape=(input_shape[-1],), initializer="ones")

        def call(self, x):
            return x * self.gain ** self.power

        def get_config(self):
            return dict(super().get_config(), power=self.power)

    def custom():
        return K.Sequential([L.Dense(3, input_shape=(4,)), Scale(2), L.Dense(1)])

    class Subclassed(K.Model):
        def __init__(self):
            super().__init__()
            self.stack = [L.Dense(4, activation="relu"), L.Dense(3)]
            self.heads = {"mean": L.Dense(1), "more": L.Dense(1)}
            self.bias = tf.Variable([0.5])

        def call(self, x):
            for layer in self.stack:
                x = layer(x)
            return self.heads["mean"](x) + self.heads["more"](x) * self.bias

    def subclassed():
        model = Subclassed()
        model(tf.zeros((1, 4)))
        return model

    class Padded(L.Layer):
        """A ragged batch as a tensor of fixed length."""

        def call(self, x):
            return x.to_tensor(shape=[None, 5]) if isinstance(x, tf.RaggedTensor) else x

    def lookup():
        x = K.Input((3,), dtype="string")
        y = L.Embedding(8, 4)(L.StringLookup(vocabulary=WORDS[:4], num_oov_indices=2, mask_token="")(x))
        return K.Model(x, L.Dense(1)(L.GlobalAveragePooling1D()(y)))

    def adapted():
        one, many = L.StringLookup(), L.TextVectorization(output_mode="tf_idf")
        one.adapt(np.array([WORDS[:3], WORDS[1:4]]))
        many.adapt(np.array([" ".join(WORDS[:3]), " ".join(WORDS[1:5])]))
        x, text = K.Input((3,), dtype="string", name="terms"), K.Input((), dtype="string", name="text")
        y = L.Flatten()(L.Embedding(8, 3)(one(x)))
        return K.Model([x, text], L.Dense(1)(L.Concatenate()([y, L.Dense(2)(many(text))])))

    def ragged():
        x = K.Input((None,), ragged=True, dtype="int64")
        return K.Model(x, L.Dense(1)(L.GlobalAveragePooling1D()(L.Embedding(9, 3)(Padded()(x)))))

    def images():
        """Layers that draw, though nothing that shows: their generators are among what a SavedModel keeps."""
        return K.Sequential([L.RandomTranslation(0., 0., input_shape=(6, 6, 3)), L.RandomContrast(0.), L.RandomRotation(0.),
                             L.Rescaling(2., -1.), L.Conv2D(2, 3), L.UpSampling2D(2, interpolation="bilinear"),
                             L.GlobalAveragePooling2D(), L.Dense(1)])

    def sequences():
        return K.Sequential([L.ConvLSTM1D(2, 2, return_sequences=True, input_shape=(3, 4, 2)), L.TimeDistributed(L.Flatten()),
                             L.Bidirectional(L.LSTM(2, return_sequences=True)), L.RNN(L.LSTMCell(2)), L.Dense(1)])

    def moments():
        """Layers that learn from data, from other data whenever they are made: what they know comes from the file."""
        x = K.Input((3,))
        whole, steps = L.Normalization(), L.Discretization(num_bins=3)
        whole.adapt(np.random.rand(8, 3)), steps.adapt(np.random.rand(8, 3))
        placed = L.CategoryEncoding(3, output_mode="count")(steps(x))
        return K.Model(x, L.Dense(1)(L.Concatenate()([whole(x), placed])))

    found = {"dense": (dense, [(4,)]), "convolution": (convolution, [(6, 6, 1)]), "recurrent": (recurrent, [(4, 2)]),
             "cells": (cells, [(3, 2)]), "attention": (attention, [(4, 6)]), "inputs": (inputs, [(3,), (2,)]),
             "shared": (shared, [(3,), (3,)]), "nested": (nested, [(4,)]), "custom": (custom, [(4,)]),
             "subclassed": (subclassed, [(4,)]), "lookup": (lookup, [("text", 3)]),
             "adapted": (adapted, [("text", 3), ("text",)]), "ragged": (ragged, [("ragged",)]),
             "images": (images, [(6, 6, 3)]), "sequences": (sequences, [(3, 4, 2)]), "moments": (moments, [(3,)])}
    return found, {"Scale": Scale, "Padded": Padded, "Subclassed": Subclassed}


OPTIMIZERS = {"dense": "Adam", "convolution": "SGD", "recurrent": "RMSprop", "cells": "Adagrad", "attention": "Nadam",
              "inputs": "Adamax", "shared": "Ftrl", "nested": "Adadelta", "custom": "Adam", "subclassed": "RMSprop",
              "lookup": "Adam", "adapted": "Adam", "ragged": "SGD", "images": "Adam", "sequences": "Adam", "moments": "SGD"}
OPTIONS = {"convolution": {"momentum": 0.9}, "recurrent": {"momentum": 0.5, "centered": True}, "custom": {"amsgrad": True}}


def data(name, shapes):
    random = np.random.RandomState(sum(map(ord, name)))

    def made(shape):
        if shape[:1] == ("text",):
            return np.array(WORDS, object)[random.randint(0, len(WORDS), (8, *shape[1:]))]
        if shape == ("ragged",):
            return [random.randint(0, 9, n).tolist() for n in (3, 1, 0, 5, 2, 4, 1, 2)]
        return random.rand(8, *shape).astype("float32")
    x = [made(shape) for shape in shapes]
    return (x if len(x) > 1 else x[0]), random.rand(8, 1).astype("float32")


def fed(tf, x):
    """The inputs as tensors."""
    if isinstance(x, list) and isinstance(x[0], np.ndarray):
        return [fed(tf, one) for one in x]
    return tf.ragged.constant(x, dtype=tf.int64) if isinstance(x, list) else tf.constant(x)


def predicted(tf, model, x):
    return model(fed(tf, x)).numpy()         # not in training, which nobody asks for


def trained(tf, model, x, y, epochs):
    parts = fed(tf, x)
    parts = tf.data.Dataset.zip((tf.data.Dataset.from_tensor_slices(tuple(parts) if isinstance(parts, list) else parts),
                                 tf.data.Dataset.from_tensor_slices(y)))
    model.fit(parts.batch(4), epochs=epochs, verbose=0)


def optimizer(tf, name):
    return getattr(tf.keras.optimizers, OPTIMIZERS[name])(learning_rate=0.01, **OPTIONS.get(name, {}))


def slots(model):
    """All of the optimizer's state by variable's place and slot: names of variables differ from model to model."""
    if hasattr(model.optimizer, "_create_all_weights"):       # TensorFlow restores slots when a first step would make them
        model.optimizer._create_all_weights(model.trainable_variables)
    found = {"iter": model.optimizer.iterations.numpy()}
    for number, variable in enumerate(v for v in model.weights if getattr(v, "trainable", False)):
        for name in model.optimizer.get_slot_names():
            found["{}.{}".format(number, name)] = model.optimizer.get_slot(variable, name).numpy()
    return found


def compiled(tf, name, model):
    model.compile(optimizer(tf, name), "mse", metrics=["mae"])
    return model


def refusing(name, file, act):
    """Whether the file was written; raises AssertionError if what should be refused was not, or otherwise."""
    if (name, file) not in REFUSED:
        act()
        return True
    kind, text = REFUSED[name, file]
    try:
        act()
    except Exception as error:
        assert type(error).__name__ == kind and str(error).startswith(text), (name, file, error)
        return False
    raise AssertionError(f"{name}: {file} should be refused: {kind}: {text}")


def write(folder, only=()):
    tf = framework()
    makers, _ = kinds(tf)
    for name, (make, shapes) in makers.items():
        if only and name not in only:
            continue
        tf.keras.backend.clear_session()
        tf.random.set_seed(1)
        x, y = data(name, shapes)
        model = compiled(tf, name, make())
        trained(tf, model, x, y, 2)
        base = os.path.join(folder, name)
        model.save_weights(base)
        tf.train.Checkpoint(net=model, extra=[tf.Variable(7), {"k": tf.Variable("text")}]).write(base + "-objects")
        refusing(name, "weights.h5", lambda: model.save_weights(base + ".weights.h5"))
        refusing(name, "hdf5", lambda: model.save(base + ".h5"))
        model.save(base + ".saved")
        with open(base + ".json", "w", encoding="utf-8") as file:
            file.write(model.to_json())
        known = dict(predicted=predicted(tf, model, x), **slots(model))
        known.update({f"weight.{i}": v.numpy() for i, v in enumerate(model.weights) if hasattr(v, "assign_add")})
        trained(tf, model, x, y, 1)
        np.savez(base + ".npz", further=predicted(tf, model, x), **known)


def difference(a, b):
    a, b = np.asarray(a, "float64"), np.asarray(b, "float64")
    return float(np.abs(a - b).max()) if a.shape == b.shape and a.size else (0.0 if a.shape == b.shape else float("inf"))


def in_session(tf, path, x):
    """What a reader without objects makes of a SavedModel, as TensorFlow Serving does."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        meta = tf.compat.v1.saved_model.load(session, ["serve"], path)
        serve = meta.signature_def["serving_default"]
        given = x if isinstance(x, list) else [x]
        keys = sorted(serve.inputs)         # "terms", "text"; "a", "b"; "input_1", "input_2"
        return session.run([t.name for t in serve.outputs.values()], {serve.inputs[k].name: a for k, a in zip(keys, given)})[0]


def read(folder, only=()):
    """[(model, kind of file, difference of predictions, of slots, of predictions after a further epoch)]"""
    tf = framework()
    makers, custom = kinds(tf)
    rows = []
    for name, (make, shapes) in makers.items():
        base = os.path.join(folder, name)
        if only and name not in only or not os.path.exists(base + ".npz"):
            continue
        x, y = data(name, shapes)
        known = dict(np.load(base + ".npz", allow_pickle=True))

        def row(kind, model, state=True):
            own = slots(model) if state else {}
            differs = [difference(own.get(key, np.zeros(0)), value) for key, value in known.items() if key == "iter" or key[0].isdigit()]
            first = difference(predicted(tf, model, x), known["predicted"])
            if state and "further" in known:
                trained(tf, model, x, y, 1)
            rows.append((name, kind, first, max(differs) if state else None,
                         difference(predicted(tf, model, x), known["further"]) if state and "further" in known else None))

        def fresh():
            tf.keras.backend.clear_session()
            return compiled(tf, name, make())
        model = fresh()
        model.load_weights(base).assert_existing_objects_matched()
        model.optimizer.iterations
        row("weights", model)
        model = fresh()
        extra = [tf.Variable(0), {"k": tf.Variable("")}]
        status = tf.train.Checkpoint(net=model, extra=extra).read(base + "-objects")
        status.assert_existing_objects_matched()
        if name == "moments":       # what load_weights tells the layers, and a Checkpoint does not
            for layer in model.layers:
                layer.finalize_state()
        assert extra[0].numpy() == 7 and extra[1]["k"].numpy() == b"text", extra
        row("objects", model)
        if os.path.exists(base + ".weights.h5") and (name, "weights.h5") not in REFUSED:
            model = fresh()
            model.load_weights(base + ".weights.h5")
            row("weights.h5", model, False)
        if os.path.exists(base + ".h5") and (name, "hdf5") not in REFUSED:
            row("hdf5", tf.keras.models.load_model(base + ".h5", custom_objects=custom))
        if os.path.exists(base + ".json"):
            with open(base + ".json", encoding="utf-8") as file:
                text = file.read()
            if refusing(name, "json", lambda: tf.keras.models.model_from_json(text, custom_objects=custom)):
                model = tf.keras.models.model_from_json(text, custom_objects=custom)
                model(fed(tf, x))
                model.set_weights([known[f"weight.{i}"] for i in range(len(model.weights))])
                row("json", model, False)
        if os.path.isdir(base + ".saved"):
            row("keras", tf.keras.models.load_model(base + ".saved", custom_objects=custom))
            if name in ("custom", "subclassed", "ragged"):
                row("revived", tf.keras.models.load_model(base + ".saved"))
            row("functions", tf.saved_model.load(base + ".saved"), False)
            if os.environ.get("EXCHANGE") != "ninefold" and name != "ragged":
                rows.append((name, "session", difference(in_session(tf, base + ".saved", x), known["predicted"]), None, None))
    return rows


def half(python, what, folder, which, only):
    done = subprocess.run([python, os.path.abspath(__file__), what, folder, *only], stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "EXCHANGE": which, "TF_CPP_MIN_LOG_LEVEL": "3"})
    if done.returncode:
        raise SystemExit("{} with {} failed".format(what, python))
    return json.loads(done.stdout.splitlines()[-1]) if what == "read" else None


def main(arguments):
    if arguments[:1] == ["write"]:
        return write(arguments[1], arguments[2:])
    if arguments[:1] == ["read"]:
        rows = read(arguments[1], arguments[2:])
        print()
        return print(json.dumps(rows))
    import argparse
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--referee", required=True)
    parser.add_argument("--here", default=sys.executable)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("folder", nargs="?")
    given = parser.parse_args(arguments)
    folder = given.folder or tempfile.mkdtemp()
    pythons = {"tensorflow": given.referee, "ninefold": given.here}
    worst, count = 0.0, 0

    def shown(number):
        return "        " if number is None else f"{number:8.1e}"
    for writer, reader in (("tensorflow", "ninefold"), ("ninefold", "tensorflow")):
        place = os.path.join(folder, writer)
        os.makedirs(place, exist_ok=True)
        half(pythons[writer], "write", place, writer, given.only)
        for name, kind, first, state, further in half(pythons[reader], "read", place, reader, given.only):
            print(f"{writer:10} -> {reader:10}  {name:12} {kind:10} predictions {shown(first)}  optimizer {shown(state)}  "
                  f"a further epoch {shown(further)}")
            worst, count = max([worst, first] + [n for n in (state, further) if n is not None]), count + 1
    for (name, kind), (error, _) in REFUSED.items():
        if not given.only or name in given.only:
            print(f"refused by both        {name:12} {kind:10} {error}")
    print(f"{count} files; largest difference {worst:.1e}, allowed {TOLERANCE:.0e}")
    return 0 if worst <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
