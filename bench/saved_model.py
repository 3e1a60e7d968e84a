"""In: nothing. Out: the times of saving and loading ResNet-20 (CIFAR's, 0.27 million weights) as a SavedModel, and its size.

    python bench/saved_model.py [--tensorflow PYTHON] [--runs 7]

One process a framework and run, the two in turn; a first small model is saved and loaded before the clock starts. Prints
medians: `save` (model.save), `load` (tf.keras.models.load_model) and `functions` (tf.saved_model.load).
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time


def resnet(tf):
    L = tf.keras.layers

    def block(x, filters, stride):
        y = L.BatchNormalization()(L.Conv2D(filters, 3, stride, padding="same", use_bias=False)(x))
        y = L.BatchNormalization()(L.Conv2D(filters, 3, padding="same", use_bias=False)(L.ReLU()(y)))
        if stride > 1 or x.shape[-1] != filters:
            x = L.BatchNormalization()(L.Conv2D(filters, 1, stride, use_bias=False)(x))
        return L.ReLU()(L.Add()([x, y]))
    inputs = x = tf.keras.Input((32, 32, 3))
    x = L.ReLU()(L.BatchNormalization()(L.Conv2D(16, 3, padding="same", use_bias=False)(x)))
    for filters, stride in ((16, 1), (32, 2), (64, 2)):
        for i in range(3):
            x = block(x, filters, stride if i == 0 else 1)
    return tf.keras.Model(inputs, L.Dense(10)(L.GlobalAveragePooling2D()(x)))


def once(which):
    if which == "ninefold":
        import ninefold as tf
    else:
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
        import tensorflow as tf
        tf.get_logger().setLevel("ERROR")
    import numpy as np

    def round_trip(model, folder, times):
        for name, act in (("save", lambda: model.save(folder)), ("load", lambda: tf.keras.models.load_model(folder)),
                          ("functions", lambda: tf.saved_model.load(folder))):
            start = time.perf_counter()
            made = act()
            times[name] = time.perf_counter() - start
            if name == "load":
                loaded = made
        return loaded
    with tempfile.TemporaryDirectory() as folder:
        small = tf.keras.Sequential([tf.keras.layers.Conv2D(2, 3, input_shape=(8, 8, 3)), tf.keras.layers.BatchNormalization()])
        small.compile("adam", "mse")
        round_trip(small, os.path.join(folder, "small"), {})
        model, times = resnet(tf), {}
        model.compile("adam", "mse")
        x = np.ones((2, 32, 32, 3), "float32")
        model.fit(x, np.ones((2, 10), "float32"), verbose=0)
        loaded = round_trip(model, os.path.join(folder, "resnet"), times)
        assert np.allclose(model.predict(x, verbose=0), loaded.predict(x, verbose=0), atol=1e-5)
        times["bytes"] = sum(os.path.getsize(os.path.join(p, f)) for p, _, files in os.walk(os.path.join(folder, "resnet")) for f in files)
    print(json.dumps(times))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tensorflow", metavar="PYTHON")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--once", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.once:
        return once(given.once)
    pythons = {"ninefold": sys.executable, **({"tensorflow": given.tensorflow} if given.tensorflow else {})}
    found = {which: [] for which in pythons}
    for _ in range(given.runs):
        for which, python in pythons.items():
            said = subprocess.run([python, os.path.abspath(__file__), "--once", which], stdout=subprocess.PIPE, text=True, check=True)
            found[which].append(json.loads(said.stdout.splitlines()[-1]))
    for which, rows in found.items():
        median = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
        print(f"{which:10}  " + "  ".join(f"{key} {median[key] * 1000:.1f} ms" for key in ("save", "load", "functions")) +
              f"  {median['bytes'] / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
