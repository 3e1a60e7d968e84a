# Out: what importing costs beside NumPy, and how much memory thousands of steps leave behind, in MB.
import gc

import numpy as np


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 2**20


bare = resident()
import ninefold as tf  # noqa: E402
imported = resident()
tf.keras
print("import: +{:.1f} MB, with Keras +{:.1f} MB".format(imported - bare, resident() - bare))

w = tf.Variable(np.random.rand(20, 1).astype("float32"))
x, y = (tf.constant(np.random.rand(32, n).astype("float32")) for n in (20, 1))
optimizer = tf.keras.optimizers.SGD(0.1)
model = tf.keras.Sequential([tf.keras.layers.Dense(64, input_shape=(20,))])


def step():
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - y))
    optimizer.apply_gradients(zip(tape.gradient(loss, [w]), [w]))


def predict():
    model.predict(x[:1], verbose=0)


for what, call, count in ("eager steps", step, 20000), ("calls of predict", predict, 2000):
    for i in range(count):
        if i == count // 10:
            gc.collect()
            before = resident()
        call()
    gc.collect()
    print("{} {}: {:+.2f} MB after the first tenth".format(count, what, resident() - before))
