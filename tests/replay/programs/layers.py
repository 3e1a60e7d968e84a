# In: TensorFlow's API. Out: weights, outputs and gradients of layers that no other program trains.
import numpy as np
from replay import case


def numbers(*shape):
    return np.random.default_rng(3).standard_normal(shape).astype(np.float32)


def tried(tf, layer, *inputs, **arguments):
    """What a layer makes of its inputs, and the gradients of the sum of squares."""
    xs = [tf.constant(x) for x in inputs]
    with tf.GradientTape() as tape:
        tape.watch(xs)
        y = layer(xs if len(xs) > 1 else xs[0], **arguments)
        loss = tf.reduce_sum(tf.square(y))
    return {"weights": layer.get_weights(), "output": y, "names": [w.name for w in layer.weights],
            "gradients": tape.gradient(loss, xs + layer.trainable_weights)}


ROWS = {
    "max-pooling-3d": lambda k: (k.MaxPooling3D(), numbers(2, 4, 5, 6, 2)),
    "max-pooling-3d-same": lambda k: (k.MaxPooling3D(3, 2, "same"), numbers(2, 4, 5, 6, 2)),
    "average-pooling-3d": lambda k: (k.AveragePooling3D((1, 2, 3)), numbers(2, 4, 5, 6, 2)),
    "conv-3d-transpose": lambda k: (k.Conv3DTranspose(3, 2, strides=2), numbers(1, 2, 3, 2, 2)),
    "conv-3d-transpose-same": lambda k: (k.Conv3DTranspose(2, (3, 2, 1), padding="same", activation="relu"),
                                         numbers(1, 3, 3, 2, 2)),
    "separable-conv-1d": lambda k: (k.SeparableConv1D(3, 2, depth_multiplier=2, activation="tanh"), numbers(2, 6, 3)),
    "separable-conv-1d-same": lambda k: (k.SeparableConv1D(2, 3, strides=2, padding="same", use_bias=False),
                                         numbers(2, 7, 2)),
    "separable-conv-1d-causal": lambda k: (k.SeparableConv1D(2, 3, dilation_rate=2, padding="causal"), numbers(2, 7, 2)),
    "dot": lambda k: (k.Dot(1), numbers(3, 4), 2 * numbers(3, 4)),
    "dot-normalize": lambda k: (k.Dot(-1, normalize=True), numbers(3, 4), 2 - numbers(3, 4)),
    "dot-axes": lambda k: (k.Dot((2, 1)), numbers(3, 2, 4), numbers(3, 4, 5)),
    "dot-matrix-vector": lambda k: (k.Dot((2, 1)), numbers(3, 2, 4), numbers(3, 4)),
    "dot-rank-4": lambda k: (k.Dot((1, 2)), numbers(2, 3, 4, 2), numbers(2, 5, 3)),
    "time-distributed-dense": lambda k: (k.TimeDistributed(k.Dense(2, activation="relu")), numbers(2, 3, 4)),
    "time-distributed-conv": lambda k: (k.TimeDistributed(k.Conv2D(2, 3)), numbers(2, 3, 5, 5, 1)),
}
for name, made in ROWS.items():
    @case(name, exact=("weights*", "names*"))
    def _(tf, made=made):
        layer, *inputs = made(tf.keras.layers)
        return tried(tf, layer, *inputs)


@case("layers-in-models")
def _(tf):
    k = tf.keras.layers
    a = tf.keras.Input((4, 6, 6, 1), name="a")
    b = tf.keras.Input((8,), name="b")
    x = k.TimeDistributed(k.Conv2D(3, 3, activation="relu"), name="frames")(a)
    x = k.MaxPooling3D((1, 2, 2))(x)
    x = k.Dense(8)(k.Flatten()(x))
    model = tf.keras.Model([a, b], k.Dot(1, normalize=True, name="angle")([x, b]), name="m")
    model.compile("adam", "mse")
    lines = []
    model.summary(print_fn=lines.append)
    history = model.fit([numbers(8, 4, 6, 6, 1), numbers(8, 8)], numbers(8, 1), epochs=3, verbose=0)
    again = tf.keras.Model.from_config(model.get_config())
    return {"loss": history.history["loss"], "summary": lines, "again": again.get_config() == model.get_config(),
            "shapes": [layer.output_shape for layer in model.layers[1:]]}


@case("training-as-a-tensor")
def _(tf):
    """One condition: a branch that is not taken leaves no trace in moving averages."""
    norm, drop = tf.keras.layers.BatchNormalization(), tf.keras.layers.Dropout(0.5)
    x = tf.constant(numbers(6, 3))

    @tf.function
    def step(training):
        return drop(norm(x, training=training), training=training)
    before = step(tf.constant(False))
    still = [w.numpy() for w in norm.non_trainable_weights]
    step(tf.constant(True))
    return {"inference": before, "still": still, "moved": norm.non_trainable_weights,
            "after": step(tf.constant(False))}
