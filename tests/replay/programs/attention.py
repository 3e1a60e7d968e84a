# In: TensorFlow's API. Out: attention layers and EinsumDense: values, gradients, masks, scores, training, configs, mistakes.
import re

import numpy as np
from replay import case, last_section


def numbers(*shape, seed=3):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def tried(tf, layer, call, *inputs):
    """What call(inputs) gives, and the gradients of the sum of squares."""
    xs = [tf.constant(x) for x in inputs]
    with tf.GradientTape() as tape:
        tape.watch(xs)
        y = call(xs)
        loss = tf.add_n([tf.reduce_sum(tf.square(t)) for t in tf.nest.flatten(y)])
    return {"weights": layer.get_weights(), "output": y, "names": [w.name for w in layer.weights],
            "gradients": tape.gradient(loss, xs + layer.trainable_weights)}


Q, V, K = numbers(2, 3, 4), numbers(2, 5, 4, seed=4), numbers(2, 5, 4, seed=5)
MASKS = [np.array([[True, True, False], [True, True, True]]), np.array([[True, False, True, True, False], [True] * 5])]
DENSE = {
    "dot": lambda k: k.Attention(), "dot-scale": lambda k: k.Attention(use_scale=True),
    "concat": lambda k: k.Attention(score_mode="concat"), "concat-scale": lambda k: k.Attention(use_scale=True, score_mode="concat"),
    "dot-causal": lambda k: k.Attention(causal=True), "additive": lambda k: k.AdditiveAttention(),
    "additive-plain": lambda k: k.AdditiveAttention(use_scale=False, causal=True),
}
for name, made in DENSE.items():
    @case("attention-" + name, exact=("weights*", "*names*"), tolerance=1e-5)
    def _(tf, made=made):
        two, three = made(tf.keras.layers), made(tf.keras.layers)
        masks = [tf.constant(m) for m in MASKS]
        return {"two": tried(tf, two, two, Q, V),
                "masked": tried(tf, three, lambda x: three(x, mask=masks, return_attention_scores=True), Q, V, K)}

HEADS = {
    "self": lambda k: (k.MultiHeadAttention(2, 3), lambda m, x: m(x[0], x[0])),
    "cross": lambda k: (k.MultiHeadAttention(2, 3, value_dim=5), lambda m, x: m(x[0], x[1], x[2], return_attention_scores=True)),
    "mask": lambda k: (k.MultiHeadAttention(3, 2), lambda m, x: m(
        x[0], x[1], attention_mask=np.array([[[1, 0, 1, 1, 0]] * 3, [[1, 1, 1, 0, 1]] * 3]), return_attention_scores=True)),
    "output-shape": lambda k: (k.MultiHeadAttention(2, 3, output_shape=6, use_bias=False), lambda m, x: m(x[0], x[1])),
}
for name, made in HEADS.items():
    @case("multi-head-" + name, exact=("weights*", "names*"), tolerance=1e-5)
    def _(tf, made=made):
        layer, call = made(tf.keras.layers)
        return tried(tf, layer, lambda x: call(layer, x), Q, V, K)


@case("multi-head-axes", exact=("weights*", "names*"), tolerance=1e-5)
def _(tf):
    layer = tf.keras.layers.MultiHeadAttention(2, 3, attention_axes=(2, 3))
    return tried(tf, layer, lambda x: layer(x[0], x[0]), numbers(2, 2, 3, 2, 4))


EINSUM = {
    "plain": lambda k: (k.experimental.EinsumDense("ab,bc->ac", output_shape=5, bias_axes="c"), numbers(3, 4)),
    "dots": lambda k: (k.experimental.EinsumDense("...x,xy->...y", output_shape=3, bias_axes="y", activation="relu"), numbers(2, 3, 4)),
    "sequences": lambda k: (k.experimental.EinsumDense("abc,cd->abd", output_shape=(None, 2)), numbers(2, 3, 4)),
    "heads": lambda k: (k.experimental.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), bias_axes="de"), numbers(2, 3, 4)),
}
for name, made in EINSUM.items():
    @case("einsum-dense-" + name, exact=("weights*", "names*"), tolerance=1e-5)
    def _(tf, made=made):
        layer, x = made(tf.keras.layers)
        return tried(tf, layer, lambda xs: layer(xs[0]), x)


@case("attention-dropout")
def _(tf):
    k = tf.keras.layers
    found = {}
    for layer in (k.Attention(dropout=0.5), k.AdditiveAttention(dropout=0.25), k.MultiHeadAttention(2, 3, dropout=0.5)):
        call = (lambda t, layer=layer: layer(Q, V, training=t)) if "Multi" in type(layer).__name__ else (
            lambda t, layer=layer: layer([Q, V], training=t))
        tf.random.set_seed(5)
        found[type(layer).__name__] = [call(True), call(True), call(False), tf.function(call)(True)]
    return found


@case("attention-configs")
def _(tf):
    k = tf.keras.layers
    made = {
        "Attention": k.Attention(use_scale=True, causal=True, dropout=0.5), "AdditiveAttention": k.AdditiveAttention(),
        "MultiHeadAttention": k.MultiHeadAttention(2, 3, kernel_regularizer="l2"),
        "EinsumDense": k.experimental.EinsumDense("ab,bc->ac", output_shape=5, bias_axes="c", activation="relu"),
    }
    return {name: [layer.get_config(), type(layer).from_config(layer.get_config()).get_config() == layer.get_config()]
            for name, layer in made.items()}


@case("attention-shapes")
def _(tf):
    k = tf.keras.layers
    q, v = tf.keras.Input((None, 4)), tf.keras.Input((5, 4))
    y, scores = k.MultiHeadAttention(2, 3)(q, v, return_attention_scores=True)
    z, weights = k.Attention()([q, v], return_attention_scores=True)
    return {"shapes": [list(t.shape) for t in (y, scores, z, weights, k.AdditiveAttention()([q, v]),
                                               k.experimental.EinsumDense("...x,xy->...y", output_shape=3)(q))]}


def said(tf, call):
    tf.keras.backend.clear_session()
    try:
        call()
    except Exception as e:
        text = last_section(str(e))
        inner = re.match(r"Exception encountered when calling layer .*?\n\s*\n\s*(.*?)\n\s*\n\s*Call arguments received", text, re.S)
        return f"{type(e).__name__}: " + re.sub(r"\s+", " ", inner.group(1) if inner else text).strip()
    return "no exception"


@case("attention-mistakes")
def _(tf):
    k = tf.keras.layers
    mistakes = {
        "score mode": lambda: k.Attention(score_mode="scaled"), "four inputs": lambda: k.Attention()([Q, V, K, K]),
        "masks": lambda: k.Attention()([Q, V], mask=[tf.constant(MASKS[0])]),
        "equation": lambda: k.experimental.EinsumDense("ab->ac", output_shape=3)(numbers(2, 3)),
        "shared": lambda: k.experimental.EinsumDense("abc,cd->abd", output_shape=(4, 2))(numbers(2, 3, 4)),
        "bias": lambda: k.experimental.EinsumDense("ab,bc->ac", output_shape=3, bias_axes="x")(numbers(2, 3)),
        "weight": lambda: k.experimental.EinsumDense("ab,bz->ac", output_shape=3)(numbers(2, 3)),
        "no heads": lambda: k.MultiHeadAttention(),
    }
    return {name: said(tf, call) for name, call in mistakes.items()}
