#!/usr/bin/env python3
"""In: a folder. Out: models of ten kinds trained, saved and predicted there by one framework; or read back by the other.

    python tests/referee/exchange.py --referee <python with TensorFlow 2.9.0> [--here <python with Ninefold>] [folder]

writes with each, reads with the other, and prints one line a model and file: the largest difference of predictions and
of optimizer slots. Exit status 1 where one exceeds 1e-5. `write <folder>` and `read <folder>` are its two halves, which
run under either Python; what TensorFlow wrote is checked in (tests/data/checkpoints/exchange) and read by
tests/python/keras/test_exchange.py.
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

TOLERANCE = 1e-5


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

    found = {"dense": (dense, [(4,)]), "convolution": (convolution, [(6, 6, 1)]), "recurrent": (recurrent, [(4, 2)]),
             "cells": (cells, [(3, 2)]), "attention": (attention, [(4, 6)]), "inputs": (inputs, [(3,), (2,)]),
             "shared": (shared, [(3,), (3,)]), "nested": (nested, [(4,)]), "custom": (custom, [(4,)]),
             "subclassed": (subclassed, [(4,)])}
    return found, {"Scale": Scale}


OPTIMIZERS = {"dense": "Adam", "convolution": "SGD", "recurrent": "RMSprop", "cells": "Adagrad", "attention": "Nadam",
              "inputs": "Adamax", "shared": "Ftrl", "nested": "Adadelta", "custom": "Adam", "subclassed": "RMSprop"}
OPTIONS = {"convolution": {"momentum": 0.9}, "recurrent": {"momentum": 0.5, "centered": True}, "custom": {"amsgrad": True}}


def data(name, shapes):
    random = np.random.RandomState(sum(map(ord, name)))
    x = [random.rand(8, *shape).astype("float32") for shape in shapes]
    return (x if len(x) > 1 else x[0]), random.rand(8, 1).astype("float32")


def optimizer(tf, name):
    return getattr(tf.keras.optimizers, OPTIMIZERS[name])(learning_rate=0.01, **OPTIONS.get(name, {}))


def slots(model):
    """All of the optimizer's state by variable's place and slot: names of variables differ from model to model."""
    found = {"iter": model.optimizer.iterations.numpy()}
    for number, variable in enumerate(v for v in model.weights if v.trainable):
        for name in model.optimizer.get_slot_names():
            found["{}.{}".format(number, name)] = model.optimizer.get_slot(variable, name).numpy()
    return found


def compiled(tf, name, model):
    model.compile(optimizer(tf, name), "mse", metrics=["mae"])
    return model


def write(folder):
    tf = framework()
    makers, _ = kinds(tf)
    for name, (make, shapes) in makers.items():
        tf.keras.backend.clear_session()
        tf.random.set_seed(1)
        x, y = data(name, shapes)
        model = compiled(tf, name, make())
        model.fit(x, y, epochs=2, batch_size=4, verbose=0, shuffle=False)
        base = os.path.join(folder, name)
        model.save_weights(base)
        tf.train.Checkpoint(net=model, extra=[tf.Variable(7), {"k": tf.Variable("text")}]).write(base + "-objects")
        if name != "subclassed":
            model.save(base + ".h5")
        np.savez(base + ".npz", predicted=model.predict(x, verbose=0), **slots(model))


def difference(a, b):
    a, b = np.asarray(a, "float64"), np.asarray(b, "float64")
    return float(np.abs(a - b).max()) if a.shape == b.shape and a.size else (0.0 if a.shape == b.shape else float("inf"))


def read(folder):
    """[(model, kind of file, difference of predictions, of slots)]"""
    tf = framework()
    makers, custom = kinds(tf)
    rows = []
    for name, (make, shapes) in makers.items():
        x, _ = data(name, shapes)
        base = os.path.join(folder, name)
        known = dict(np.load(base + ".npz"))

        def row(kind, model):
            own = slots(model)
            state = max(difference(own.get(key, np.zeros(0)), value) for key, value in known.items() if key != "predicted")
            rows.append((name, kind, difference(model.predict(x, verbose=0), known["predicted"]), state))

        tf.keras.backend.clear_session()
        model = compiled(tf, name, make())
        status = model.load_weights(base)
        status.assert_existing_objects_matched()
        model.optimizer.iterations
        row("weights", model)
        model = compiled(tf, name, make())
        extra = [tf.Variable(0), {"k": tf.Variable("")}]
        status = tf.train.Checkpoint(net=model, extra=extra).read(base + "-objects")
        status.assert_existing_objects_matched()
        assert extra[0].numpy() == 7 and extra[1]["k"].numpy() == b"text", extra
        row("objects", model)
        if os.path.exists(base + ".h5"):
            row("hdf5", tf.keras.models.load_model(base + ".h5", custom_objects=custom))
    return rows


def half(python, what, folder, which):
    done = subprocess.run([python, os.path.abspath(__file__), what, folder], stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "EXCHANGE": which, "TF_CPP_MIN_LOG_LEVEL": "3"})
    if done.returncode:
        raise SystemExit("{} with {} failed".format(what, python))
    return json.loads(done.stdout.splitlines()[-1]) if what == "read" else None


def main(arguments):
    if arguments[:1] == ["write"]:
        return write(arguments[1])
    if arguments[:1] == ["read"]:
        print()
        return print(json.dumps(read(arguments[1])))
    import argparse
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--referee", required=True)
    parser.add_argument("--here", default=sys.executable)
    parser.add_argument("folder", nargs="?")
    given = parser.parse_args(arguments)
    folder = given.folder or tempfile.mkdtemp()
    pythons = {"tensorflow": given.referee, "ninefold": given.here}
    worst = 0.0
    for writer, reader in (("tensorflow", "ninefold"), ("ninefold", "tensorflow")):
        place = os.path.join(folder, writer)
        os.makedirs(place, exist_ok=True)
        half(pythons[writer], "write", place, writer)
        for name, kind, predicted, state in half(pythons[reader], "read", place, reader):
            print(f"{writer} -> {reader}  {name:12} {kind:8} predictions {predicted:.1e}  optimizer {state:.1e}")
            worst = max(worst, predicted, state)
    print(f"largest difference {worst:.1e}, allowed {TOLERANCE:.0e}")
    return 0 if worst <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
