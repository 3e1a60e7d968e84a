# In: models and layers of one's own. Out: SavedModels that come back with and without their classes, and go on training.
import gc
import weakref

import numpy as np
import pytest

import ninefold as tf

K = tf.keras
X = np.random.RandomState(0).rand(8, 6).astype("float32")


class Scale(K.layers.Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, shape):
        self.w = self.add_weight(name="w", shape=(shape[-1],), initializer="ones", regularizer=K.regularizers.l2(0.1))

    def call(self, x):
        self.add_loss(0.01 * tf.reduce_sum(x))
        return x * self.w * self.factor


class Block(K.layers.Layer):
    def __init__(self, n):
        super().__init__()
        self.n, self.dense, self.drop = n, K.layers.Dense(n, activation="relu"), K.layers.Dropout(0.5)

    def call(self, x, training=None):
        return self.drop(self.dense(x), training=training)

    def get_config(self):
        return {"n": self.n}


class Net(K.Model):
    def __init__(self):
        super().__init__()
        self.blocks, self.norm, self.scale = [Block(4), Block(5)], K.layers.BatchNormalization(), Scale(2.0)
        self.head = K.Sequential([K.layers.Dense(3), K.layers.Dense(2)])

    def call(self, x, training=False):
        for block in self.blocks:
            x = block(x, training=training)
        return self.head(self.scale(self.norm(x, training=training)))


class Pair(K.Model):
    """A dict of inputs, several outputs."""

    def __init__(self):
        super().__init__()
        self.a, self.b = K.layers.Dense(2), K.layers.Dense(1)

    def call(self, inputs):
        return {"sum": self.a(inputs["x"]) + self.b(inputs["y"]), "y": [self.b(inputs["y"])]}


def _net():
    model = Net()
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(X, np.ones((8, 2), "float32"), epochs=2, verbose=0)
    return model


def _graph():
    entry = K.Input((6,))
    model = K.Model(entry, K.layers.Dense(1)(Block(3)(Scale(3.0)(K.layers.Dense(4)(entry)))))
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize("make", [_net, _graph])
@pytest.mark.parametrize("known", [None, {"Net": Net, "Block": Block, "Scale": Scale}])
def test_they_come_back_and_go_on(make, known, tmp_path):
    model, path = make(), str(tmp_path / "m")
    expected = model.predict(X, verbose=0)
    model.save(path)
    again = K.models.load_model(path, custom_objects=known)
    np.testing.assert_array_equal(again.predict(X, verbose=0), expected)
    assert type(again).__name__ == type(model).__name__
    assert (len(again.weights), len(again.trainable_weights)) == (len(model.weights), len(model.trainable_weights))
    if make is _net:
        assert int(again.optimizer.iterations) == 2
    model(X), again(X)
    np.testing.assert_allclose(sorted(map(float, again.losses)), sorted(map(float, model.losses)), rtol=1e-6)
    again.fit(X, np.ones_like(expected), epochs=1, verbose=0)
    assert abs(again.predict(X, verbose=0) - expected).max() > 0
    trained = again.predict(X, verbose=0)
    again.save(str(tmp_path / "n"))
    third = K.models.load_model(str(tmp_path / "n"), custom_objects=known)
    np.testing.assert_array_equal(third.predict(X, verbose=0), trained)


def test_without_keras(tmp_path):
    model, path = _net(), str(tmp_path / "m")
    expected = model.predict(X, verbose=0)
    tf.saved_model.save(model, path)
    loaded = tf.saved_model.load(path)
    np.testing.assert_array_equal(loaded(X).numpy(), expected)
    np.testing.assert_array_equal(loaded.signatures["serving_default"](input_1=tf.constant(X))["output_1"].numpy(), expected)
    np.testing.assert_array_equal(loaded.scale(tf.ones((1, 5))).numpy(), model.scale(tf.ones((1, 5))).numpy())
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(loaded(tf.constant(X), training=False))
    grads = tape.gradient(loss, loaded.trainable_variables)
    assert len(grads) == len(model.trainable_variables) and all(g is not None for g in grads)
    assert len(loaded.variables) == len(model.variables) and len(loaded.regularization_losses) == 1
    module = tf.Module()
    module.model = model
    module.serve = tf.function(lambda x: model(x) * 2.0, input_signature=[tf.TensorSpec([None, 6])])
    tf.saved_model.save(module, str(tmp_path / "n"))
    np.testing.assert_allclose(tf.saved_model.load(str(tmp_path / "n")).serve(X).numpy(), 2 * expected, rtol=1e-6)


def test_names_of_inputs_and_outputs(tmp_path):
    model = Pair()
    given = {"x": tf.ones((2, 3)), "y": tf.ones((2, 2))}
    expected = model(given)
    assert model.save_spec()[0][0]["x"] == tf.TensorSpec([None, 3], tf.float32, name="x")
    model.save(str(tmp_path / "m"))
    serve = tf.saved_model.load(str(tmp_path / "m")).signatures["serving_default"]
    got = serve(**given)
    assert sorted(got) == ["sum", "y_1"]
    np.testing.assert_array_equal(got["sum"].numpy(), expected["sum"].numpy())
    again = K.models.load_model(str(tmp_path / "m"))
    np.testing.assert_array_equal(again(given)["y"][0].numpy(), expected["y"][0].numpy())


def test_what_cannot_be_saved_or_called(tmp_path):
    with pytest.raises(ValueError, match="cannot be saved because the input shape is not available"):
        Net().save(str(tmp_path / "m"))
    with pytest.raises(NotImplementedError, match=r"must override `get_config\(\)`"):
        Scale(1.0).get_config()
    _net().save(str(tmp_path / "m"), save_traces=False)
    with pytest.raises(ValueError, match="the call function was not serialized"):
        K.models.load_model(str(tmp_path / "m"))(X)


def test_a_revived_model_is_freed(tmp_path):
    _net().save(str(tmp_path / "m"))
    model = K.models.load_model(str(tmp_path / "m"))
    model.predict(X, verbose=0)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
