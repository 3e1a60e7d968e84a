# In: what Keras 2.9.0's locally connected layers make of seeds. Out: LocallyConnected1D and 2D make the same; files of them; errors.
import numpy as np
import pytest

import ninefold as tf

ONE, TWO = tf.keras.layers.LocallyConnected1D, tf.keras.layers.LocallyConnected2D
A = dict(filters=4, kernel_size=3, strides=2)
B = dict(filters=3, kernel_size=(3, 2), strides=(1, 2), activation="relu", kernel_regularizer="l2")
C = dict(filters=4, kernel_size=3, data_format="channels_first")
# Rows: layer, shape of the input, arguments, shape of the output, of the kernel, sum of its magnitudes, sum of the squares of the
# output, sums of the magnitudes of their gradients by kernel and bias. By Keras 2.9.0 with seed 3.
ROWS = [
    (ONE, (8, 3), dict(A, implementation=1), (3, 4), (3, 9, 4), 20.392, 3.9706, (60.277, 14.383)),
    (TWO, (6, 5, 2), dict(B, implementation=1), (4, 2, 3), (8, 12, 3), 30.506, 1.9593, (67.704, 10.487)),
    (ONE, (8, 3), dict(A, implementation=2), (3, 4), (8, 3, 3, 4), 25.782, 0.5366, (24.871, 5.942)),
    (TWO, (6, 5, 2), dict(B, implementation=2), (4, 2, 3), (6, 5, 2, 4, 2, 3), 50.427, 0.0468, (10.037, 1.544)),
    (ONE, (8, 3), dict(A, implementation=2, padding="same"), (4, 4), (8, 3, 4, 4), 32.292, 0.5953, (28.983, 6.990)),
    (TWO, (6, 5, 2), dict(B, implementation=2, padding="same"), (6, 3, 3), (6, 5, 2, 6, 3, 3), 85.493, 0.1970, (26.635, 5.738)),
    (ONE, (8, 3), dict(A, implementation=3), (3, 4), (108,), 8.665, 0.8280, (30.425, 7.278)),
    (TWO, (6, 5, 2), dict(B, implementation=3), (4, 2, 3), (288,), 13.924, 0.5314, (35.478, 5.327)),
    (ONE, (8, 3), dict(A, implementation=3, padding="same"), (4, 4), (132,), 9.328, 0.6338, (27.946, 6.517)),
    (TWO, (6, 5, 2), dict(B, implementation=3, padding="same"), (6, 3, 3), (480,), 18.240, 0.4420, (33.980, 5.995)),
    (ONE, (3, 8), dict(C, implementation=1), (4, 6), (6, 9, 4), 27.866, 3.3479, (82.827, 19.750)),
    (ONE, (3, 8), dict(C, implementation=2), (4, 6), (3, 8, 4, 6), 44.098, 0.9627, (40.002, 9.392)),
    (TWO, (3, 8, 7), dict(C, implementation=1), (4, 6, 5), (30, 27, 4), 130.291, 4.2564, (636.080, 45.101)),
    (TWO, (3, 8, 7), dict(C, implementation=3, padding="same", use_bias=False), (4, 8, 7), (5016,), 61.831, 0.7730, (328.988,)),
]


@pytest.mark.parametrize("layer, shape, given, out, kernel, magnitude, squares, gradients", ROWS)
def test_as_keras(layer, shape, given, out, kernel, magnitude, squares, gradients, tmp_path):
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(3)
    inputs = tf.keras.Input(shape)
    made = layer(**given)
    model = tf.keras.Model(inputs, made(inputs))
    x = np.random.RandomState(1).rand(2, *shape).astype("float32")
    assert model.output_shape == (None, *out) == tuple(made.compute_output_shape((None, *shape)))
    assert made.kernel.shape == kernel and float(tf.reduce_sum(abs(made.kernel))) == pytest.approx(magnitude, abs=2e-3)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(model(x) ** 2)
    assert float(total) == pytest.approx(squares, abs=2e-4)
    found = [float(tf.reduce_sum(abs(g))) for g in tape.gradient(total, model.trainable_weights)]
    assert found == pytest.approx(gradients, abs=5e-3)
    assert np.allclose(model.predict(x, verbose=0), model(x), atol=1e-6)
    for name in ("model.h5", "saved"):
        model.save(str(tmp_path / name))
        again = tf.keras.models.load_model(str(tmp_path / name))
        assert type(again.layers[1]) is layer and again.layers[1].get_config() == made.get_config()
        assert np.array_equal(again(x), model(x))


def test_config():
    config = TWO(name="here", padding="same", **dict(B, implementation=3)).get_config()
    assert config["kernel_regularizer"] == {"class_name": "L2", "config": {"l2": 0.009999999776482582}}
    assert {k: config[k] for k in ("name", "filters", "padding", "data_format", "activation", "use_bias", "implementation")} == {
        "name": "here", "filters": 3, "padding": "same", "data_format": "channels_last", "activation": "relu", "use_bias": True,
        "implementation": 3}
    assert list(config["kernel_size"]) == [3, 2] and list(config["strides"]) == [1, 2]


ERRORS = [
    (ONE, (8, 3), dict(A, padding="same"), ValueError, 'Invalid border mode for LocallyConnected1D (only "valid" is supported if '
                                                       "implementation is 1): same"),
    (ONE, (8, 3), dict(A, implementation=4), ValueError, "Unrecognized implementation mode: 4."),
    (ONE, (8, None), A, ValueError, "('Axis 2 of input should be fully-defined. Found shape:', (None, 8, None))"),
    (ONE, (None, 3), A, ValueError, "should be fully-defined, but layer received the inputs shape (None, None, 3)"),
    (TWO, (None, 4, 3), dict(filters=4, kernel_size=3), ValueError, "The spatial dimensions of the inputs to  a LocallyConnected2D layer "
     "should be fully-defined, but layer received the inputs shape (None, None, 4, 3)"),
    (TWO, (2, 4, 3), dict(filters=4, kernel_size=3), ValueError, "One of the dimensions in the output is <= 0 due to downsampling in "
     "locally_connected2d. Consider increasing the input size. Received input shape (None, 2, 4, 3) which would produce output shape with "
     "a zero or negative value in a dimension."),
    (TWO, (4, 3), dict(filters=4, kernel_size=3), ValueError, 'Input 0 of layer "locally_connected2d" is incompatible with the layer: '
     "expected ndim=4, found ndim=3. Full shape received: (None, 4, 3)"),
    (ONE, (8, 3), dict(filters=4, kernel_size=0), ValueError, "The `kernel_size` argument must be a tuple of 1 integers. Received: 0 including "
     "{0} that does not satisfy the requirement `> 0`."),
    (ONE, (8, 3), dict(filters=4, kernel_size=(1, 2)), ValueError, "The `kernel_size` argument must be a tuple of 1 integers. Received: (1, 2)"),
    (ONE, (8, 3), dict(filters=4, kernel_size=2, padding="causal", implementation=2), NotImplementedError, "Padding type causal not "
     'supported. Only "valid" and "same" are implemented.'),
]


@pytest.mark.parametrize("layer, shape, given, kind, text", ERRORS)
def test_errors(layer, shape, given, kind, text):
    tf.keras.backend.clear_session()
    with pytest.raises(kind) as raised:
        layer(**given)(tf.keras.Input(shape))
    assert text in str(raised.value)


def test_input_spec_of_a_layer_of_ones_own():
    class Own(tf.keras.layers.Layer):
        def __init__(self):
            super().__init__(name="own")
            self.input_spec = tf.keras.layers.InputSpec(min_ndim=2, axes={-1: 3})

        def call(self, x):
            self._given = x.shape       # a name that the library had for itself
            return x + len(self._given)
    own = Own()
    assert own.input_spec.axes == {-1: 3} and own(np.ones((2, 3), "float32")).shape == (2, 3)
    for shape, text in (((2, 4), "expected axis -1 of input shape to have value 3, but received input with shape (2, 4)"),
                        ((3,), "expected min_ndim=2, found ndim=1")):
        with pytest.raises(ValueError) as raised:
            own(np.ones(shape, "float32"))
        assert text in str(raised.value)
