# In: TensorFlow's API. Out: recurrent layers: values, gradients, masks, states, training, configs, mistakes.
import re

import numpy as np
from replay import case, last_section


def numbers(*shape, seed=3):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def tried(tf, layer, *inputs, **arguments):
    """What a layer makes of its inputs, and the gradients of the sum of squares."""
    xs = [tf.constant(x) for x in inputs]
    with tf.GradientTape() as tape:
        tape.watch(xs)
        y = layer(xs if len(xs) > 1 else xs[0], **arguments)
        loss = tf.add_n([tf.reduce_sum(tf.square(t)) for t in tf.nest.flatten(y)])
    return {"weights": layer.get_weights(), "output": y, "names": [w.name for w in layer.weights],
            "gradients": tape.gradient(loss, xs + layer.trainable_weights)}


X = (2, 5, 3)
ROWS = {
    "simple-rnn": lambda k: k.SimpleRNN(4),
    "simple-rnn-sequences": lambda k: k.SimpleRNN(4, activation="relu", return_sequences=True, return_state=True),
    "lstm": lambda k: k.LSTM(4),
    "lstm-sequences": lambda k: k.LSTM(4, return_sequences=True),
    "lstm-state": lambda k: k.LSTM(4, return_sequences=True, return_state=True),
    "lstm-backwards": lambda k: k.LSTM(4, go_backwards=True, return_sequences=True),
    "lstm-unrolled": lambda k: k.LSTM(4, unroll=True, return_sequences=True),
    "lstm-time-major": lambda k: k.LSTM(4, time_major=True, return_sequences=True, return_state=True),
    "lstm-relu": lambda k: k.LSTM(4, activation="relu", recurrent_activation="hard_sigmoid", return_state=True),
    "lstm-no-bias": lambda k: k.LSTM(4, use_bias=False),
    "lstm-no-forget-bias": lambda k: k.LSTM(4, unit_forget_bias=False, bias_initializer="random_normal"),
    "lstm-gates": lambda k: k.LSTM(4, implementation=1, activation="elu"),
    "lstm-double": lambda k: k.LSTM(4, dtype="float64", return_sequences=True),
    "gru": lambda k: k.GRU(4),
    "gru-sequences": lambda k: k.GRU(4, return_sequences=True, return_state=True, bias_initializer="random_normal"),
    "gru-backwards": lambda k: k.GRU(4, go_backwards=True, return_sequences=True),
    "gru-before": lambda k: k.GRU(4, reset_after=False, return_sequences=True),
    "gru-before-gates": lambda k: k.GRU(4, reset_after=False, implementation=1),
    "gru-gates": lambda k: k.GRU(4, implementation=1, activation="relu", return_state=True),
    "gru-no-bias": lambda k: k.GRU(4, use_bias=False, time_major=True),
    "gru-unrolled": lambda k: k.GRU(4, unroll=True, go_backwards=True),
    "rnn-of-lstm-cell": lambda k: k.RNN(k.LSTMCell(4), return_sequences=True, return_state=True),
    "rnn-of-gru-cell": lambda k: k.RNN(k.GRUCell(4, reset_after=False)),
    "rnn-of-cells": lambda k: k.RNN([k.LSTMCell(3), k.GRUCell(4), k.SimpleRNNCell(2)], return_state=True),
    "bidirectional": lambda k: k.Bidirectional(k.LSTM(4, return_sequences=True)),
    "bidirectional-sum": lambda k: k.Bidirectional(k.GRU(4), merge_mode="sum"),
    "bidirectional-mul": lambda k: k.Bidirectional(k.SimpleRNN(4, return_sequences=True), merge_mode="mul"),
    "bidirectional-ave": lambda k: k.Bidirectional(k.LSTM(4, return_state=True), merge_mode="ave"),
    "bidirectional-none": lambda k: k.Bidirectional(k.GRU(4, return_sequences=True), merge_mode=None),
    "bidirectional-two": lambda k: k.Bidirectional(k.LSTM(4), backward_layer=k.GRU(3, go_backwards=True, name="other")),
}
for name, made in ROWS.items():
    @case("rnn-" + name if not name.startswith("rnn") else name, exact=("names*",), tolerance=1e-5)
    def _(tf, made=made):
        layer = made(tf.keras.layers)
        x = numbers(*X)
        return tried(tf, layer, x.astype(layer.dtype) if layer.dtype != "float32" else x)


MASK = np.array([[True, True, False, True, False], [False, True, True, True, True]])
MASKED = {
    "simple": lambda k: k.SimpleRNN(4, return_sequences=True, return_state=True),
    "lstm": lambda k: k.LSTM(4),
    "lstm-sequences": lambda k: k.LSTM(4, return_sequences=True, return_state=True),
    "lstm-backwards": lambda k: k.LSTM(4, return_sequences=True, return_state=True, go_backwards=True),
    "lstm-zero": lambda k: k.LSTM(4, return_sequences=True, zero_output_for_mask=True),
    "lstm-unrolled": lambda k: k.LSTM(4, return_sequences=True, unroll=True, return_state=True),
    "gru": lambda k: k.GRU(4, return_sequences=True, return_state=True),
    "gru-zero": lambda k: k.GRU(4, return_sequences=True, zero_output_for_mask=True, go_backwards=True),
    "gru-gates": lambda k: k.GRU(4, return_sequences=True, activation="relu"),
    "bidirectional": lambda k: k.Bidirectional(k.LSTM(4, return_sequences=True)),
}
for name, made in MASKED.items():
    @case("rnn-masked-" + name, tolerance=1e-5)
    def _(tf, made=made):
        return tried(tf, made(tf.keras.layers), numbers(*X), mask=tf.constant(MASK))


@case("rnn-initial-state", tolerance=1e-5)
def _(tf):
    k = tf.keras.layers
    h, c = tf.constant(numbers(2, 4, seed=5)), tf.constant(numbers(2, 4, seed=6))
    x = tf.constant(numbers(*X))
    both = k.Bidirectional(k.GRU(4))
    return {"lstm": k.LSTM(4)(x, initial_state=[h, c]), "list": k.LSTM(4, return_state=True)([x, h, c]),
            "gru": k.GRU(4, return_state=True)(x, initial_state=h), "rnn": k.RNN(k.LSTMCell(4))(x, initial_state=[h, c]),
            "both": both(x, initial_state=[h, c]), "zeros": k.LSTM(4).get_initial_state(x)}


@case("rnn-stateful", tolerance=1e-5)
def _(tf):
    k = tf.keras.layers
    found = {}
    for name in ("SimpleRNN", "GRU", "LSTM"):
        layer = getattr(k, name)(3, stateful=True, batch_input_shape=(2, 5, 3))
        model = tf.keras.Sequential([layer, k.Dense(1)])
        first, second = model.predict(numbers(*X), batch_size=2), model.predict(numbers(*X), batch_size=2)
        states = [s.numpy() for s in layer.states]
        model.reset_states()
        zeros = [s.numpy() for s in layer.states]
        layer.reset_states([numbers(2, 3, seed=i) for i in range(len(zeros))])
        found[name] = [first, second, states, zeros, model.predict(numbers(*X), batch_size=2), len(layer.weights)]
        model.compile("sgd", "mse")
        found[name + " fit"] = model.fit(numbers(4, 5, 3), numbers(4, 1), batch_size=2, epochs=2, shuffle=False,
                                         verbose=0).history["loss"]
    return found


@case("rnn-dropout")
def _(tf):
    k = tf.keras.layers
    x = tf.constant(numbers(3, 4, 6))
    found = {}
    for name in ("SimpleRNN", "GRU", "LSTM"):
        for options in ({"dropout": 0.5}, {"recurrent_dropout": 0.5}, {"dropout": 0.25, "recurrent_dropout": 0.25}):
            tf.random.set_seed(11)
            layer = getattr(k, name)(4, return_sequences=True, **options)
            key = name + str(sorted(options))
            found[key] = [layer(x, training=True), layer(x, training=True), layer(x)]
            tf.random.set_seed(12)
            call = tf.function(lambda x, layer=layer: layer(x, training=True))
            found[key + " function"] = [call(x), call(x)]
    return found


for name, options in {"lstm": {"dropout": 0.3}, "gru": {"recurrent_dropout": 0.3}, "lstm-unrolled": {"dropout": 0.3, "unroll": True}}.items():
    @case("rnn-fit-dropout-" + name)
    def _(tf, name=name, options=options):
        k = tf.keras.layers
        layer = (k.LSTM if name.startswith("lstm") else k.GRU)(5, **options)
        model = tf.keras.Sequential([layer, k.Dense(1)])
        model.compile("adam", "mse")
        x, y = numbers(24, 6, 3), numbers(24, 1)
        return {"loss": model.fit(x, y, epochs=3, batch_size=8, verbose=0).history["loss"], "predict": model.predict(x[:4], verbose=0)}


@case("rnn-text-classifier")
def _(tf):
    """Embedding with a mask, two layers in both directions, as the examples of Keras have it."""
    k = tf.keras.layers
    words = np.random.default_rng(0).integers(1, 30, (32, 12))
    words[:, 8:] *= np.random.default_rng(1).integers(0, 2, (32, 1))
    labels = (words.sum(1) % 2).astype(np.float32)
    inputs = tf.keras.Input((None,), dtype="int32")
    x = k.Embedding(30, 8, mask_zero=True)(inputs)
    x = k.Bidirectional(k.LSTM(6, return_sequences=True))(x)
    x = k.Bidirectional(k.LSTM(6))(x)
    model = tf.keras.Model(inputs, k.Dense(1, activation="sigmoid")(x), name="classifier")
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    lines = []
    model.summary(print_fn=lines.append)
    history = model.fit(words, labels, epochs=3, batch_size=10, verbose=0).history
    return {"summary": lines, "loss": history["loss"], "names": [w.name for w in model.weights],
            "predict": model.predict(words[:5], verbose=0), "evaluate": model.evaluate(words, labels, verbose=0)[0]}


@case("rnn-encoder-decoder")
def _(tf):
    k = tf.keras.layers
    encoder_inputs, decoder_inputs = tf.keras.Input((None, 3), name="source"), tf.keras.Input((None, 4), name="target")
    _, h, c = k.LSTM(5, return_state=True, name="encoder")(encoder_inputs)
    outputs, _, _ = k.LSTM(5, return_sequences=True, return_state=True, name="decoder")(decoder_inputs, initial_state=[h, c])
    model = tf.keras.Model([encoder_inputs, decoder_inputs], k.Dense(4, activation="softmax")(outputs), name="translator")
    lines = []
    model.summary(print_fn=lines.append)
    model.compile("rmsprop", "categorical_crossentropy")
    one_hot = np.eye(4, dtype=np.float32)[np.random.default_rng(2).integers(0, 4, (8, 6))]
    loss = model.fit([numbers(8, 5, 3), one_hot], np.roll(one_hot, 1, 1), epochs=3, batch_size=4, verbose=0).history["loss"]
    again = tf.keras.Model.from_config(model.get_config())
    again.set_weights(model.get_weights())
    data = [numbers(2, 5, 3), one_hot[:2]]
    return {"summary": lines, "loss": loss, "again": again.predict(data, verbose=0), "predict": model.predict(data, verbose=0),
            "shapes": [[None if d is None else d for d in s] for s in (model.output_shape, h.shape, c.shape)]}


@case("rnn-own-cell", tolerance=1e-5)
def _(tf):
    class Minimal(tf.keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.state_size = units

        def build(self, input_shape):
            self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="uniform", name="kernel")
            self.recurrent_kernel = self.add_weight(shape=(self.units, self.units), initializer="uniform", name="recurrent_kernel")
            self.built = True

        def call(self, inputs, states):
            output = tf.matmul(inputs, self.kernel) + tf.matmul(states[0], self.recurrent_kernel)
            return output, [output]

        def get_config(self):
            return dict(super().get_config(), units=self.units)

    k = tf.keras.layers
    one = tried(tf, k.RNN(Minimal(4), return_sequences=True), numbers(*X))
    stacked = tried(tf, k.RNN([Minimal(4), Minimal(2)]), numbers(*X))
    both = k.Bidirectional(k.RNN(Minimal(3)))
    two_ways = tried(tf, both, numbers(*X))
    again = k.RNN.from_config(k.RNN(Minimal(4)).get_config(), custom_objects={"Minimal": Minimal})
    model = tf.keras.Sequential([k.RNN(Minimal(4), input_shape=(5, 3)), k.Dense(1)])
    model.compile("sgd", "mse")
    loss = model.fit(numbers(8, 5, 3), numbers(8, 1), epochs=2, verbose=0).history["loss"]
    return {"one": one, "stacked": stacked, "both": two_ways, "class": type(again.cell).__name__, "units": again.cell.units, "loss": loss}


@case("rnn-constants", tolerance=1e-5)
def _(tf):
    class Conditioned(tf.keras.layers.Layer):
        state_size = 4

        def build(self, input_shape):
            self.kernel = self.add_weight(shape=(input_shape[-1], 4), initializer="ones", name="kernel")

        def call(self, inputs, states, constants):
            h = tf.tanh(tf.matmul(inputs, self.kernel) * 0.25 + states[0] + tf.reduce_sum(constants[0], -1, keepdims=True))
            return h, [h]

    k = tf.keras.layers
    x, c = tf.constant(numbers(*X)), tf.constant(numbers(2, 2, seed=8))
    layer = k.RNN(Conditioned(), return_sequences=True)
    eager = layer(x, constants=c)
    inputs, constant = tf.keras.Input((5, 3)), tf.keras.Input((2,))
    model = tf.keras.Model([inputs, constant], k.RNN(Conditioned())(inputs, constants=constant))
    return {"eager": eager, "model": model.predict([x, c], verbose=0), "config": layer.get_config()["num_constants"]}


@case("rnn-cells", tolerance=1e-5)
def _(tf):
    k = tf.keras.layers
    x, h, c = (tf.constant(numbers(2, 3, seed=s)) for s in (1, 2, 3))
    found = {}
    for cell in (k.SimpleRNNCell(3), k.GRUCell(3), k.LSTMCell(3), k.StackedRNNCells([k.LSTMCell(3), k.GRUCell(2)])):
        name = type(cell).__name__
        states = cell.get_initial_state(batch_size=2, dtype=tf.float32)
        given = {"SimpleRNNCell": [h], "GRUCell": [h], "LSTMCell": [h, c]}.get(name, states)
        output, after = cell(x, given)
        found[name] = [[int(s) for s in tf.nest.flatten(cell.state_size)], cell.output_size, output, tf.nest.flatten(after), [w.name for w in cell.weights]]
    return found


@case("rnn-shapes")
def _(tf):
    k = tf.keras.layers
    x = tf.keras.Input((None, 3))
    fixed = tf.keras.Input(batch_shape=(4, 7, 3))
    layers = {
        "last": k.LSTM(2), "sequences": k.LSTM(2, return_sequences=True), "state": k.GRU(2, return_state=True),
        "both": k.Bidirectional(k.LSTM(2, return_sequences=True)), "none": k.Bidirectional(k.GRU(2), merge_mode=None),
        "states": k.Bidirectional(k.LSTM(2, return_state=True)), "stack": k.RNN([k.LSTMCell(2), k.GRUCell(3)], return_state=True)}
    found = {}
    for name, layer in layers.items():
        found[name] = [[list(t.shape) for t in tf.nest.flatten(layer(i))] for i in (x, fixed)]
        found[name + " told"] = [str(s) for s in tf.nest.flatten(layer.compute_output_shape((4, 7, 3)))]
    return found


@case("rnn-function-and-loop", tolerance=1e-5)
def _(tf):
    """A captured step, an unknown number of steps, and a second derivative."""
    k = tf.keras.layers
    layer, dense = k.LSTM(3, return_sequences=True), k.GRU(2)
    x = tf.constant(numbers(*X))
    layer(x), dense(layer(x))

    @tf.function(input_signature=[tf.TensorSpec((None, None, 3))])
    def step(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(dense(layer(x))))
        return [loss] + tape.gradient(loss, layer.trainable_weights + dense.trainable_weights)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.reduce_sum(tf.square(layer(x)))
        slope = inner.gradient(y, x)
        penalty = tf.reduce_sum(tf.square(slope))
    return {"five": step(x), "three": step(x[:1, :3]), "second": outer.gradient(penalty, x), "slope": slope}


@case("rnn-configs")
def _(tf):
    k = tf.keras.layers
    made = {
        "SimpleRNN": k.SimpleRNN(3), "GRU": k.GRU(3, reset_after=False, recurrent_dropout=0.5), "LSTM": k.LSTM(3, dropout=0.5),
        "LSTM all": k.LSTM(3, activation="relu", kernel_regularizer="l2", recurrent_constraint="max_norm", return_state=True,
                           stateful=False, time_major=True, implementation=1, name="named", trainable=False),
        "SimpleRNNCell": k.SimpleRNNCell(3), "GRUCell": k.GRUCell(3), "LSTMCell": k.LSTMCell(3),
        "RNN": k.RNN(k.LSTMCell(2), return_sequences=True), "StackedRNNCells": k.StackedRNNCells([k.GRUCell(2), k.LSTMCell(3)]),
        "Bidirectional": k.Bidirectional(k.GRU(2), merge_mode="sum", input_shape=(3, 4)),
        "Bidirectional two": k.Bidirectional(k.GRU(2), backward_layer=k.LSTM(3, go_backwards=True)),
    }
    return {name: [layer.get_config(), type(layer).from_config(layer.get_config()).get_config() == layer.get_config()]
            for name, layer in made.items()}


@case("rnn-attributes")
def _(tf):
    k = tf.keras.layers
    layer, both = k.LSTM(3, dropout=0.25), k.Bidirectional(k.GRU(2, return_sequences=True))
    layer(numbers(*X)), both(numbers(*X))
    return {"lstm": [layer.units, layer.dropout, layer.recurrent_dropout, layer.return_sequences, layer.go_backwards, layer.use_bias,
                     layer.implementation, layer.cell.units, list(layer.cell.state_size), [s is None for s in layer.states], layer.activation.__name__],
            "kernel": layer.cell.kernel.shape.as_list(), "recurrent": layer.cell.recurrent_kernel.name,
            "both": [both.forward_layer.name, both.backward_layer.name, both.merge_mode, both.return_sequences, both.layer.name],
            "rnn": [isinstance(layer, k.RNN), isinstance(both, k.Wrapper)], "losses": len(k.LSTM(2, kernel_regularizer="l2").losses)}


@case("rnn-time-distributed", tolerance=1e-5)
def _(tf):
    k = tf.keras.layers
    return tried(tf, k.TimeDistributed(k.LSTM(3)), numbers(2, 3, 4, 2))


@case("rnn-subclassed-model")
def _(tf):
    class Tagger(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.embedding = tf.keras.layers.Embedding(12, 4, mask_zero=True)
            self.rnn = tf.keras.layers.GRU(5, return_sequences=True)
            self.dense = tf.keras.layers.Dense(3)

        def call(self, inputs, training=None):
            return self.dense(self.rnn(self.embedding(inputs), training=training))
    model = Tagger()
    model.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    words = np.random.default_rng(0).integers(0, 12, (16, 6))
    history = model.fit(words, words % 3, epochs=3, batch_size=5, verbose=0).history
    return {"loss": history["loss"], "accuracy": history["accuracy"], "names": [w.name for w in model.weights]}


def said(tf, call):
    tf.keras.backend.clear_session()
    try:
        call()
    except Exception as e:
        text = last_section(str(e))
        inner = re.match(r"Exception encountered when calling layer .*?\n\s*\n\s*(.*?)\n\s*\n\s*Call arguments received", text, re.S)
        text = re.sub(r"<keras[\w.]*\.(\w+) object at 0x[0-9a-f]+>", r"<\1>", inner.group(1) if inner else text)
        return f"{type(e).__name__}: " + re.sub(r"\s+", " ", text).strip()
    return "no exception"


@case("rnn-mistakes")
def _(tf):
    k = tf.keras.layers
    x = numbers(*X)
    built = k.LSTM(4)
    built(x)
    mistakes = {
        "units": lambda: k.LSTM(-1), "gru units": lambda: k.GRU(-3), "cell units": lambda: k.SimpleRNNCell(-1),
        "rank": lambda: k.LSTM(3)(numbers(2, 3)), "features": lambda: built(numbers(2, 5, 4)),
        "symbolic rank": lambda: k.GRU(3)(tf.keras.Input((4,))),
        "merge mode": lambda: k.Bidirectional(k.LSTM(2), merge_mode="max"),
        "same direction": lambda: k.Bidirectional(k.LSTM(2), backward_layer=k.LSTM(2)),
        "other sequences": lambda: k.Bidirectional(k.LSTM(2), backward_layer=k.LSTM(2, go_backwards=True, return_sequences=True)),
        "not stateful": lambda: built.reset_states(), "no batch": lambda: k.LSTM(2, stateful=True).build((None, 3, 2)),
        "unroll": lambda: k.SimpleRNN(2, unroll=True)(tf.keras.Input((None, 3))),
        "keyword": lambda: k.LSTM(2, unit=3), "no units": lambda: k.LSTM(), "state size": lambda: k.RNN(k.Dense(3)),
        "no layer": lambda: k.Bidirectional("lstm"),
    }
    return {name: said(tf, call) for name, call in mistakes.items()}
