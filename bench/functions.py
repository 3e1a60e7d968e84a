# In: a Python with TensorFlow 2.9.0, one with ninefold. Out: what functions, tapes and loops cost in both, in one
# run, interleaved, as medians, and their ratios.
#   bench/functions.py --tensorflow path/to/venv/bin/python [--ninefold path/to/python] [--runs 7] [--one NAME]
import argparse
import json
import os
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from timing import per_call  # noqa: E402


def call(tf):
    f, x = tf.function(lambda x: x + 1.0), tf.constant(1.0)
    return per_call(lambda: f(x), 5000)


def tape_eager(tf):
    w, x = tf.Variable(tf.ones([8, 8])), tf.ones([4, 8])

    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.tanh(x @ w))
        return tape.gradient(loss, w)
    return per_call(step, 500)


def tape_in_function(tf):
    w, x = tf.Variable(tf.ones([8, 8])), tf.ones([4, 8])

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.tanh(x @ w))
        return tape.gradient(loss, w)
    return per_call(step, 2000)


def while_iteration(tf):
    count = 2000
    f = tf.function(lambda: tf.while_loop(lambda i, s: i < count, lambda i, s: (i + 1, s * 1.0001), (0, 1.0)))
    return per_call(f, 10) / count


def map_fn_element(tf):
    x = tf.range(1000, dtype=tf.float32)
    f = tf.function(lambda x: tf.map_fn(lambda e: e * 2.0 + 1.0, x))
    return per_call(lambda: f(x), 10) / 1000


def trace_resnet50_step(tf):
    layers = tf.keras.layers

    def block(x, width, stride, project):
        short = layers.BatchNormalization()(layers.Conv2D(4 * width, 1, stride)(x)) if project else x
        for size, step in ((1, stride), (3, 1)):
            x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(width, size, step, padding="same")(x)))
        x = layers.BatchNormalization()(layers.Conv2D(4 * width, 1)(x))
        return layers.ReLU()(layers.Add()([x, short]))
    inputs = x = layers.Input([64, 64, 3])
    x = layers.MaxPooling2D(2)(layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(64, 7, 2, padding="same")(x))))
    for width, depth, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for i in range(depth):
            x = block(x, width, stride if i == 0 else 1, i == 0)
    model = tf.keras.Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))

    def step(images, labels):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.keras.losses.sparse_categorical_crossentropy(labels, model(images, training=True), True))
        return tape.gradient(loss, model.trainable_variables)
    specs = tf.TensorSpec([2, 64, 64, 3]), tf.TensorSpec([2], tf.int32)
    return per_call(lambda: tf.function(step).get_concrete_function(*specs), 1, blocks=2)


MEASURES = {"tf.function call": (call, 50), "tape step, eager": (tape_eager, 15),
            "tape step in a function": (tape_in_function, 12), "while_loop iteration": (while_iteration, 20),
            "map_fn element": (map_fn_element, 10), "tracing a ResNet-50 step": (trace_resnet50_step, 5)}


def worker(framework, name):
    if framework == "tensorflow":
        import tensorflow as tf
    else:
        import ninefold as tf
    print(json.dumps(MEASURES[name][0](tf)))


def run(python, framework, name):
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    if framework == "tensorflow":
        environment.pop("PYTHONPATH", None)
    done = subprocess.run([python, __file__, "--worker", framework, name], capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit("{} on {} failed:\n{}".format(name, framework, done.stderr[-3000:]))
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tensorflow", required=True, help="a Python that has tensorflow==2.9.0")
    parser.add_argument("--ninefold", default=sys.executable, help="a Python that has ninefold")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--one", choices=list(MEASURES))
    options = parser.parse_args()
    print("{:<26}{:>16}{:>16}{:>9}{:>9}".format("median of %d" % options.runs, "TensorFlow", "Ninefold", "ratio", "wanted"))
    for name, (_, wanted) in MEASURES.items():
        if options.one not in (None, name):
            continue
        times = {"tensorflow": [], "ninefold": []}
        for _ in range(options.runs):
            for framework, python in (("tensorflow", options.tensorflow), ("ninefold", options.ninefold)):
                times[framework].append(run(python, framework, name))
        theirs, ours = (statistics.median(times[f]) for f in ("tensorflow", "ninefold"))
        print("{:<26}{:>13.2f} us{:>13.2f} us{:>9.1f}{:>9}".format(name, theirs * 1e6, ours * 1e6, theirs / ours, wanted),
              flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        worker(*sys.argv[2:4])
    else:
        main()
