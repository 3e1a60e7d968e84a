# In: nothing. Out: gradients: tapes, nested and persistent, functions with loops and branches.
import numpy as np
from replay import case

FINE = 1e-5


def values(seed, *shape):
    return np.random.RandomState(seed).randn(*shape).astype(np.float32)


@case("tape-basics", tolerance=FINE)
def _(tf):
    x, w, b = tf.constant(values(1, 4, 3)), tf.Variable(values(2, 3, 2)), tf.Variable(values(3, 2))
    unused = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        y = tf.nn.softmax(tf.tanh(x @ w + b))
        loss = tf.reduce_mean(tf.square(y - 0.3))
    dw, db, none = tape.gradient(loss, [w, b, unused])
    return {"loss": loss, "dw": dw, "db": db, "unused is None": none is None}


@case("tape-persistent", tolerance=FINE)
def _(tf):
    x = tf.constant(values(1, 5))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = tf.exp(x)
        z = tf.reduce_sum(tf.sin(y) * x)
    return {"dz/dx": tape.gradient(z, x), "dz/dy": tape.gradient(z, y),
            "dy/dx": tape.gradient(y, x)}


@case("tape-second-order", tolerance=FINE)
def _(tf):
    x = tf.Variable(values(1, 4))
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(x ** 3 + tf.sigmoid(x) * tf.tanh(x))
        first = inner.gradient(y, x)
    return {"first": first, "second": outer.gradient(first, x)}


@case("tape-jacobian", tolerance=FINE)
def _(tf):
    x = tf.constant(values(1, 3))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = tf.stack([x[0] * x[1], tf.exp(x[2]), tf.reduce_sum(x ** 2)])
    return {"jacobian": tape.jacobian(y, x, experimental_use_pfor=False)}


@case("tape-custom-gradient", tolerance=FINE)
def _(tf):
    @tf.custom_gradient
    def clipped(x):
        return tf.identity(x), lambda dy: tf.clip_by_value(dy, -0.1, 0.1)
    x = tf.Variable(values(1, 6))
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(clipped(x) ** 2)
    with tf.GradientTape() as stopped:
        z = tf.reduce_sum(tf.stop_gradient(x) * x)
    return {"custom": tape.gradient(y, x), "stopped": stopped.gradient(z, x)}


@case("tape-gather-indexed-slices", tolerance=FINE)
def _(tf):
    table = tf.Variable(values(1, 5, 2))
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.gather(table, [0, 3, 3]) ** 2)
    slices = tape.gradient(y, table)
    return {"type": type(slices).__name__, "values": slices.values, "indices": slices.indices,
            "dense": tf.convert_to_tensor(slices)}


@case("function-while-gradient", tolerance=FINE)
def _(tf):
    @tf.function
    def power(x, n):
        y = tf.ones_like(x)
        for _ in tf.range(n):
            y = y * tf.sin(x)
        return tf.reduce_sum(y)
    x = tf.constant(values(1, 4))
    result = {}
    for n in (0, 1, 5):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = power(x, tf.constant(n))
        result[f"y{n}"], result[f"dx{n}"] = y, tape.gradient(y, x)
    result["traces"] = power.experimental_get_tracing_count()
    return result


@case("function-cond-gradient", tolerance=FINE)
def _(tf):
    @tf.function
    def branch(x):
        if tf.reduce_sum(x) > 0:
            return tf.reduce_sum(x * x)
        return tf.reduce_sum(tf.exp(x))
    result = {}
    for name, sign in (("plus", 1.0), ("minus", -1.0)):
        x = tf.Variable(sign * np.abs(values(1, 3)))
        with tf.GradientTape() as tape:
            y = branch(x)
        result[name] = [y, tape.gradient(y, x)]
    return result


@case("while-loop-and-cond-ops", tolerance=FINE)
def _(tf):
    x = tf.constant(values(1, 3))
    @tf.function
    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            _, y = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * x + 1.0),
                                 [tf.constant(0), tf.ones_like(x)])
            y = tf.cond(y[0] > 0, lambda: y * 2.0, lambda: y * 3.0)
        return y, tape.gradient(y, x)
    return {"traced": list(run(x)), "eager": list(run.python_function(x))}


@case("function-state", tolerance=FINE)
def _(tf):
    total = tf.Variable(0.0)
    seen = []

    @tf.function
    def step(x, flag=True):
        seen.append(1)
        total.assign_add(tf.reduce_sum(x))
        return total * 2.0 if flag else total
    outputs = [step(tf.ones([2])), step(tf.ones([2])), step(tf.ones([3])),
               step(tf.ones([3]), flag=False)]
    return {"outputs": outputs, "total": total, "traces": len(seen)}


@case("function-of-function-second-order", tolerance=FINE)
def _(tf):
    inner = tf.function(lambda x: tf.reduce_sum(tf.tanh(x) ** 2))

    @tf.function
    def hessian_vector(x, v):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = inner(x)
            product = tf.reduce_sum(tape.gradient(y, x) * v)
        return outer.gradient(product, x)
    return {"hv": hessian_vector(tf.constant(values(1, 4)), tf.constant(values(2, 4)))}


@case("own-training-loop", exact=("initial*",))
def _(tf):
    keras = tf.keras
    model = keras.Sequential([keras.layers.Dense(16, activation="relu", input_shape=(4,)),
                              keras.layers.Dropout(0.3), keras.layers.Dense(1)])
    optimizer, loss = keras.optimizers.Adam(0.01), keras.losses.MeanSquaredError()
    metric = keras.metrics.MeanAbsoluteError()
    x = values(1, 64, 4)
    y = x.sum(1, keepdims=True)
    initial = model.get_weights()

    @tf.function
    def step(a, b):
        with tf.GradientTape() as tape:
            output = model(a, training=True)
            value = loss(b, output)
        gradients = tape.gradient(value, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        metric.update_state(b, output)
        return value
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(64).batch(16)
    losses = [step(a, b) for _ in range(3) for a, b in data]
    return {"initial": initial, "losses": losses, "metric": metric.result(),
            "iterations": optimizer.iterations}


@case("own-layer-model-loss-train-step", exact=("initial*",))
def _(tf):
    keras = tf.keras

    class Scale(keras.layers.Layer):
        def build(self, shape):
            self.kernel = self.add_weight("kernel", (shape[-1], 3), initializer="he_normal")
            self.gain = self.add_weight("gain", (3,), initializer="ones")

        def call(self, x, training=None):
            self.add_loss(1e-2 * tf.reduce_sum(self.kernel ** 2))
            return tf.nn.relu(x @ self.kernel) * self.gain

    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.scale, self.out = Scale(), keras.layers.Dense(1)

        def call(self, x, training=None):
            return self.out(self.scale(x))

        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                prediction = self(x, training=True)
                loss = self.compiled_loss(y, prediction, regularization_losses=self.losses)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
            self.compiled_metrics.update_state(y, prediction)
            return {metric.name: metric.result() for metric in self.metrics}

    model = Net()
    x = values(1, 64, 4)
    model.compile("adam", lambda y, p: tf.reduce_mean(tf.abs(y - p)), metrics=["mse"])
    model(x[:1])
    initial = model.get_weights()
    history = model.fit(x, x.sum(1, keepdims=True), epochs=3, batch_size=16, verbose=0)
    return {"initial": initial, "history": history.history}
