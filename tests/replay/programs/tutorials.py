# In: nothing. Out: whole programs as guides and books write them: own training loops, decoders, agents, meta-learning,
# own layers and metrics, test suites, and what goes wrong in them.
import collections
import io
import unittest

import numpy as np
from replay import case

Step = collections.namedtuple("Step", "token memory keep")


def values(seed, *shape):
    return np.random.RandomState(seed).randn(*shape).astype(np.float32)


def said(call):
    """The class and first line of what a call raises."""
    try:
        result = call()
    except Exception as e:
        return f"{type(e).__name__}: {str(e).strip().splitlines()[0]}"
    return f"no exception: {type(result).__name__}"


@case("program-translator-with-attention", tolerance=1e-3)
def _(tf):
    """Named tuples into a layer; a loop over tokens in a signature of unknown sizes; a decoder with TensorArrays."""
    class Decoder(tf.keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.table = tf.keras.layers.Embedding(9, 4)
            self.cell = tf.keras.layers.GRU(6, return_sequences=True, return_state=True)
            self.look = tf.keras.layers.AdditiveAttention()
            self.mix = tf.keras.layers.Dense(6, activation=tf.math.tanh, use_bias=False)
            self.out = tf.keras.layers.Dense(9)

        def call(self, step, state=None):
            rows, state = self.cell(self.table(step.token), initial_state=state)
            seen, where = self.look([rows, step.memory], mask=[None, step.keep], return_attention_scores=True)
            return Step(self.out(self.mix(tf.concat([seen, rows], -1))), where, step.keep), state

    source, memory, decoder = tf.keras.layers.Embedding(9, 4), tf.keras.layers.GRU(6, return_sequences=True, return_state=True), Decoder()
    optimizer = tf.keras.optimizers.Adam(0.01)
    words = tf.TensorSpec([None, None], tf.int32)

    @tf.function(input_signature=[words, words])
    def train(a, b):
        with tf.GradientTape() as tape:
            rows, state = memory(source(a))
            loss = tf.constant(0.0)
            for t in tf.range(tf.shape(b)[1] - 1):
                pair = b[:, t:t + 2]
                told, state = decoder(Step(pair[:, :1], rows, a != 0), state=state)
                loss += tf.reduce_mean(tf.keras.losses.sparse_categorical_crossentropy(pair[:, 1:], told.token, from_logits=True))
        every = source.trainable_variables + memory.trainable_variables + decoder.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, every), every))
        return loss

    @tf.function(input_signature=[words])
    def speak(a):
        rows, state = memory(source(a))
        token, told = tf.ones([tf.shape(a)[0], 1], tf.int32), tf.TensorArray(tf.int32, 0, dynamic_size=True)
        weights = tf.TensorArray(tf.float32, 0, dynamic_size=True)
        for t in tf.range(3):
            step, state = decoder(Step(token, rows, a != 0), state=state)
            token = tf.argmax(step.token, -1, output_type=tf.int32)
            told, weights = told.write(t, token), weights.write(t, step.memory)
        return {"words": tf.transpose(tf.squeeze(told.stack(), -1)), "weights": tf.squeeze(weights.stack(), 2)}

    a, b = np.array([[1, 2, 3, 0], [4, 5, 0, 0]], np.int32), np.array([[1, 6, 7, 8], [1, 8, 6, 2]], np.int32)
    losses = [train(a, b) for _ in range(3)]
    return {"losses": losses, **speak(a)}


@case("program-attention-from-scratch", tolerance=1e-3)
def _(tf):
    """Masks and `training` by position, arguments that must be there, sizes read from tf.shape."""
    class Heads(tf.keras.layers.Layer):
        def __init__(self, width, heads):
            super().__init__()
            self.width, self.heads = width, heads
            self.q, self.k, self.v, self.o = [tf.keras.layers.Dense(width) for _ in range(4)]

        def part(self, x):
            return tf.transpose(tf.reshape(x, [tf.shape(x)[0], -1, self.heads, self.width // self.heads]), [0, 2, 1, 3])

        def call(self, v, k, q, mask):
            n = tf.shape(q)[0]
            q, k, v = self.part(self.q(q)), self.part(self.k(k)), self.part(self.v(v))
            scores = tf.matmul(q, k, transpose_b=True) / tf.sqrt(tf.cast(tf.shape(k)[-1], tf.float32))
            scores = tf.nn.softmax(scores if mask is None else scores + mask * -1e9)
            return self.o(tf.reshape(tf.transpose(tf.matmul(scores, v), [0, 2, 1, 3]), (n, -1, self.width))), scores

    class Block(tf.keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.heads, self.norm, self.drop = Heads(8, 2), tf.keras.layers.LayerNormalization(), tf.keras.layers.Dropout(0.1)

        def call(self, x, training, mask):
            told, scores = self.heads(x, x, x, mask)
            return self.norm(x + self.drop(told, training=training)), scores

    class Speaker(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.table, self.block, self.out = tf.keras.layers.Embedding(11, 8), Block(), tf.keras.layers.Dense(11)

        def call(self, tokens, training):
            ahead = 1 - tf.linalg.band_part(tf.ones([tf.shape(tokens)[1]] * 2), -1, 0)
            x, scores = self.block(self.table(tokens) * tf.sqrt(8.0), training, ahead)
            return self.out(x), scores

    model, optimizer = Speaker(), tf.keras.optimizers.Adam(0.02)

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int64)])
    def train(tokens):
        with tf.GradientTape() as tape:
            logits, _ = model(tokens[:, :-1], training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tokens[:, 1:], logits=logits))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        return loss

    tokens = tf.constant([[1, 2, 3, 4, 5], [5, 4, 3, 2, 1]], tf.int64)
    losses = [train(tokens) for _ in range(4)]
    told, scores = model(tokens[:1], training=False)
    alone, none = Heads(4, 2), tf.constant(values(1, 1, 3, 4))
    return {"losses": losses, "told": told, "scores": scores, "no mask": alone(none, k=none, q=none, mask=None),
            "count": model.count_params()}


@case("program-sizes-known-while-tracing")
def _(tf):
    """Static shapes that TensorFlow tells from tf.shape, stacks, joins and slices of it."""
    rows = {
        "one": lambda v: tf.reshape(v, [tf.shape(v)[0], 6]), "own": lambda v: tf.reshape(v, tf.shape(v)),
        "product": lambda v: tf.reshape(v, [tf.shape(v)[0], tf.shape(v)[2] * 2]),
        "rest": lambda v: tf.reshape(v, [tf.shape(v)[0], -1, 6]), "zeros": lambda v: tf.zeros([tf.shape(v)[0], tf.shape(v)[2]]),
        "joined": lambda v: tf.reshape(v, tf.concat([tf.shape(v)[:-1], [1, 3]], 0)),
        "wide": lambda v: tf.reshape(v, tf.cast(tf.shape(v), tf.int64)), "fill": lambda v: tf.fill(tf.stack([tf.shape(v)[0], 4]), 1.0),
        "broadcast": lambda v: tf.broadcast_to(v, [4, tf.shape(v)[0], 1, 3]), "draw": lambda v: tf.random.uniform((tf.shape(v)[0], 7)),
        "slice": lambda v: tf.slice(v, [0, 0, 0], tf.stack([tf.shape(v)[0], 2, 1])), "range": lambda v: tf.range(tf.shape(v)[2]),
        "dot": lambda v: tf.tensordot(v, tf.ones([3, 4]), 1), "tile": lambda v: tf.tile(v, [1, 1, tf.shape(v)[2]])}
    spec, found = tf.TensorSpec([None, None, 3]), {}
    for name, f in rows.items():
        told = []
        def body(v, f=f):
            told.append(str(f(v).shape))
            return f(v)
        traced = tf.function(body, autograph=False).get_concrete_function(spec)
        found[name] = [told[0], tf.shape(traced(tf.ones([4, 2, 3])))] if name not in ("broadcast", "draw") else told[0]

    @tf.function
    def later(n):
        y = tf.fill(tf.stack([n, 2]), 1.0)
        y.set_shape([3, 2])
        return y * 2
    found["promised"] = later(tf.constant(3))
    return found


@case("program-metrics-of-its-own", tolerance=1e-3)
def _(tf):
    """A model that names its metrics; they begin anew each epoch. A dataset of dicts; a loss without super().__init__()."""
    class Towers(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.left, self.right = tf.keras.layers.Embedding(4, 3), tf.keras.layers.Embedding(5, 3)
            self.mean = tf.keras.metrics.Mean(name="mean loss")

        def call(self, pair):
            return tf.matmul(self.left(pair["user"]), self.right(pair["film"]), transpose_b=True)

        def train_step(self, pair):
            with tf.GradientTape() as tape:
                scores = self(pair)
                loss = tf.reduce_sum(tf.keras.losses.categorical_crossentropy(tf.eye(tf.shape(scores)[0]), scores, from_logits=True))
            self.optimizer.apply_gradients(zip(tape.gradient(loss, self.trainable_variables), self.trainable_variables))
            self.mean.update_state(loss)
            return {"loss": loss, "mean": self.mean.result()}

        @property
        def metrics(self):
            return [self.mean]

    class Far(tf.keras.losses.Loss):
        def __init__(self, scale):
            self.scale, self.name = scale, "far"

        def __call__(self, y_true, y_pred, sample_weight=None):
            return self.scale * tf.reduce_mean(tf.abs(y_true - y_pred))

    towers = Towers()
    towers.compile(tf.keras.optimizers.Adagrad(0.5))
    data = tf.data.Dataset.from_tensor_slices({"user": [0, 1, 2, 3], "film": [1, 2, 3, 4]}).batch(2)
    return {"history": towers.fit(data, epochs=3, verbose=0).history, "far": Far(2.0)(tf.constant([1.0, 2.0]), tf.constant([2.0, 4.0]))}


@case("program-texts-in-a-sequential", tolerance=1e-3)
def _(tf):
    """A trained classifier with its vectorization in front, asked with texts."""
    layers = tf.keras.layers
    words = layers.TextVectorization(output_sequence_length=3)
    words.adapt(["good film", "bad film", "so so"])
    model = tf.keras.Sequential([layers.Embedding(8, 2), layers.GlobalAveragePooling1D(), layers.Dense(1)])
    model.compile("adam", tf.keras.losses.BinaryCrossentropy(from_logits=True))
    data = tf.data.Dataset.from_tensor_slices((["good film", "bad film"], [1, 0])).batch(2)
    history = model.fit(data.map(lambda x, y: (words(x), y)), epochs=2, verbose=0).history
    whole = tf.keras.Sequential([words, model, layers.Activation("sigmoid")])
    whole.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return {"history": history, "evaluated": whole.evaluate(data, verbose=0), "asked": whole.predict(["good", "a bad film"], verbose=0)}


@case("program-actor-and-critic", tolerance=1e-3)
def _(tf):
    """An environment in NumPy within a traced episode that ends by itself."""
    class World:
        def start(self):
            self.at, self.steps = np.array([0.2, -0.1], np.float32), 0
            return self.at

        def step(self, action):
            self.steps += 1
            self.at = (self.at * np.float32(0.9) + np.float32(0.1 if action else -0.1)).astype(np.float32)
            return self.at, np.float32(1.0), np.int32(self.steps >= 5)

    world, hidden = World(), tf.keras.layers.Dense(6, "tanh")
    actor, critic, optimizer = tf.keras.layers.Dense(2), tf.keras.layers.Dense(1), tf.keras.optimizers.Adam(0.02)
    for layer, width in ((hidden, 2), (actor, 6), (critic, 6)):
        layer.build([None, width])
    every = hidden.trainable_variables + actor.trainable_variables + critic.trainable_variables

    @tf.function
    def episode(state, limit):
        shape = state.shape
        with tf.GradientTape() as tape:
            chances, worths, gains = [tf.TensorArray(tf.float32, 0, dynamic_size=True) for _ in range(3)]
            for t in tf.range(limit):
                x = hidden(state[tf.newaxis])
                logits = actor(x)
                action = tf.argmax(logits, 1)[0]
                chances = chances.write(t, tf.nn.softmax(logits)[0, action])
                worths = worths.write(t, critic(x)[0, 0])
                state, gain, done = tf.numpy_function(world.step, [action], [tf.float32, tf.float32, tf.int32])
                state.set_shape(shape)
                gains = gains.write(t, gain)
                if tf.cast(done, tf.bool):
                    break
            gains = tf.scan(lambda sum_, g: g + 0.9 * sum_, gains.stack(), reverse=True)
            ahead = gains - worths.stack()
            loss = -tf.reduce_sum(tf.math.log(chances.stack()) * tf.stop_gradient(ahead)) + tf.reduce_sum(ahead ** 2)
        optimizer.apply_gradients(zip(tape.gradient(loss, every), every))
        return loss, tf.shape(gains)[0]
    return {"runs": [episode(tf.constant(world.start()), tf.constant(20)) for _ in range(3)], "critic": critic.kernel}


@case("program-second-derivatives-and-meta-learning", tolerance=1e-3)
def _(tf):
    """Residuals of a differential equation; steps through steps of descent."""
    net = tf.keras.Sequential([tf.keras.layers.Dense(6, "tanh", input_shape=(2,)), tf.keras.layers.Dense(1)])
    rate, optimizer, points = tf.Variable(0.3), tf.keras.optimizers.Adam(0.01), tf.constant(values(1, 8, 2))

    @tf.function
    def equation():
        with tf.GradientTape() as outer:
            t, x = points[:, :1], points[:, 1:]
            with tf.GradientTape() as second:
                second.watch(x)
                with tf.GradientTape(persistent=True) as first:
                    first.watch([t, x])
                    u = net(tf.concat([t, x], 1))
                ut, ux = first.gradient(u, t), first.gradient(u, x)
            loss = tf.reduce_mean((ut - rate * second.gradient(ux, x)) ** 2)
        every = net.trainable_variables + [rate]
        optimizer.apply_gradients(zip(outer.gradient(loss, every), every))
        return loss

    meta = [tf.Variable(values(2, 1, 4) * 0.3), tf.Variable(values(3, 4, 1) * 0.3)]
    slow = tf.keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True)

    @tf.function
    def adapt(x, y):
        def error(w):
            return tf.reduce_mean((tf.tanh(x @ w[0]) @ w[1] - y) ** 2)
        with tf.GradientTape() as outer:
            fast = [tf.identity(w) for w in meta]
            for _ in range(2):
                with tf.GradientTape() as inner:
                    inner.watch(fast)
                    loss = error(fast)
                fast = [w - 0.1 * g for w, g in zip(fast, inner.gradient(loss, fast))]
            loss = error(fast)
        grads, norm = tf.clip_by_global_norm(outer.gradient(loss, meta), 1.0)
        slow.apply_gradients(zip(grads, meta))
        return loss, norm
    x = tf.constant(values(4, 5, 1))
    return {"equation": [equation() for _ in range(3)], "rate": rate, "meta": [adapt(x, tf.sin(x)) for _ in range(3)]}


@case("program-tapes-and-variables")
def _(tf):
    """A variable as its own target, tapes that are not listening, None as a target."""
    v, results = tf.Variable(2.0), {}
    with tf.GradientTape(persistent=True) as tape:
        both = [v, v * v]
    results["itself"], results["both"] = tape.gradient(v, v), tape.gradient(both, v)
    results["none"] = said(lambda: tape.gradient(None, v))
    results["not listening"] = said(lambda: tape.stop_recording().__enter__())
    iterator = iter(tf.data.Dataset.range(1))
    results["first"], results["end"] = iterator.get_next(), said(iterator.get_next)
    return results


@case("program-mistaken-operands")
def _(tf):
    """What operators say of literals and tensors that do not fit, eagerly and while a function is traced."""
    rows = {
        "times": lambda i, x, s: i * 1.5, "of": lambda i, x, s: 1.5 * i, "less": lambda i, x, s: i < 1.5, "minus": lambda i, x, s: "a" - i,
        "power": lambda i, x, s: i ** 0.5, "floor": lambda i, x, s: i // 0.5, "is": lambda i, x, s: i == "x", "none": lambda i, x, s: i - None,
        "text": lambda i, x, s: s == 1, "complex": lambda i, x, s: x * 2j, "two": lambda i, x, s: i * x, "sum": lambda i, x, s: i + x,
        "list": lambda i, x, s: tf.concat([i[None], x[None]], 0), "mean": lambda i, x, s: tf.add_n([i, x]), "fits": lambda i, x, s: x * True}
    given = [tf.constant(1), tf.constant(1.0), tf.constant("a")]
    return {name: [said(lambda: f(*given)), said(lambda: tf.function(f, autograph=False)(*given))] for name, f in rows.items()}


@case("program-suite-of-tests")
def _(tf):
    """unittest with tf.test: what passes, what fails, and how often."""
    class Suite(tf.test.TestCase):
        def setUp(self):
            super().setUp()
            self.x = tf.constant([1.0, 2.0])

        def test_fits(self):
            self.assertAllClose({"a": self.x, "b": [self.x, 1.0]}, {"a": [1.0, 2.0], "b": [[1.0, 2.0], 1.0]})
            self.assertAllEqual(tf.ragged.constant([[1], [2, 3]]), tf.ragged.constant([[1], [2, 3]]))
            self.assertAllInRange(self.x, 1.0, 2.0)
            self.assertNotAllClose(self.x, self.x + 1)
            self.assertEqual(self.evaluate({"k": self.x})["k"].tolist(), [1.0, 2.0])

        def test_errors(self):
            with self.assertRaisesRegex(tf.errors.InvalidArgumentError, "Incompatible shapes"):
                self.x + tf.ones([3])

        def test_far(self):
            self.assertAllClose(self.x, [1.0, 2.5])

        def test_shape(self):
            self.assertAllEqual(self.x, [1.0])

        def test_gradient(self):
            told, measured = tf.test.compute_gradient(lambda x: x ** 3, [self.x])
            self.assertAllClose(told, measured, atol=1e-2)
    result = unittest.TextTestRunner(stream=io.StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(Suite))
    checks = {
        "sizes": lambda: tf.debugging.assert_shapes([(tf.ones([2, 3]), ("N", "M")), (tf.ones([3]), ("N",))]),
        "number": lambda: tf.debugging.assert_shapes([(tf.ones([2, 3]), ("N", 4))]),
        "fit": lambda: tf.debugging.assert_shapes([(tf.ones([5, 2, 3]), ("...", "N", "M")), (tf.ones([3, 2]), ("M", "N"))]),
        "iterable": lambda: tf.debugging.assert_proper_iterable(3),
        "floats": lambda: tf.debugging.assert_same_float_dtype([tf.constant(1.0), tf.constant(1.0, tf.float64)])}
    return {"passed": [result.testsRun > 4, result.wasSuccessful()], "failed": sorted(test._testMethodName for test, _ in result.failures), "errors": len(result.errors),
            "checks": {name: said(check) for name, check in checks.items()}}
