# In: parts of Keras and of the engine. Out: what copy and pickle make of them says what the part said, and is another one.
import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

import ninefold as tf

K, L = tf.keras, tf.keras.layers
X = np.random.RandomState(0).rand(8, 3).astype("float32")
Y = X.sum(1, keepdims=True)


class Penalty(K.regularizers.Regularizer):
    def __init__(self, rate):
        self.rate = rate

    def __call__(self, x):
        return self.rate * tf.reduce_sum(x)


class Signed(K.losses.Loss):
    def __init__(self, factor):
        super().__init__(name="signed")
        self.factor = factor

    def call(self, y_true, y_pred):
        return (y_true - y_pred) * self.factor


class Patient(K.callbacks.EarlyStopping):
    def __init__(self, times):
        super().__init__(patience=2 * times)
        self.times = times


class Ramp(K.optimizers.schedules.LearningRateSchedule):
    def __init__(self, slope):
        self.slope = slope

    def __call__(self, step):
        return self.slope * tf.cast(step, tf.float32)

    def get_config(self):
        return {"slope": self.slope}


class Total(K.metrics.Metric):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor, self.total = factor, self.add_weight("total", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total.assign_add(self.factor * tf.reduce_sum(y_pred))

    def result(self):
        return self.total


class Twice(K.Model):
    def __init__(self):
        super().__init__()
        self.dense, self.note = L.Dense(2), "hello"

    def call(self, x):
        return 2.0 * self.dense(x)


def seen(metric, *batches):
    for batch in batches:
        metric.update_state(*batch)
    return metric


PARTS = {
    "initializer": (lambda: K.initializers.GlorotUniform(3), lambda p: p.get_config()),
    "regularizer": (lambda: K.regularizers.L2(0.3), lambda p: float(p(tf.ones(2)))),
    "own regularizer": (lambda: Penalty(2.0), lambda p: float(p(tf.ones(3)))),
    "constraint": (lambda: K.constraints.MaxNorm(3.0), lambda p: p.get_config()),
    "loss": (lambda: K.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1), lambda p: float(p([[1.0]], [[0.3]]))),
    "own loss": (lambda: Signed(2.0), lambda p: (float(p(tf.constant([[3.0]]), tf.constant([[1.0]]))), p.name, p.factor)),
    "schedule": (lambda: K.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9), lambda p: p.get_config()),
    "own schedule": (lambda: Ramp(2.0), lambda p: float(p(3))),
    "optimizer": (lambda: K.optimizers.SGD(0.1, momentum=0.9, clipnorm=1.0), lambda p: p.get_config()),
    "scheduled optimizer": (lambda: K.optimizers.Adam(K.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)), lambda p: p.get_config()),
    "mean": (lambda: seen(K.metrics.Mean("m"), ([1.0, 3.0],)), lambda p: (float(p.result()), p.name)),
    "auc": (lambda: seen(K.metrics.AUC(name="a"), ([1.0, 0.0], [0.3, 0.2])), lambda p: float(p.result())),
    "own metric": (lambda: seen(Total(2.0, name="t"), ([1.0], [3.0])), lambda p: (float(p.result()), p.name, p.factor)),
    "callback": (lambda: K.callbacks.EarlyStopping(monitor="x", patience=4), lambda p: (p.monitor, p.patience)),
    "derived callback": (lambda: Patient(2), lambda p: (p.times, p.patience)),
    "checkpoint callback": (lambda: K.callbacks.ModelCheckpoint("x", save_best_only=True), lambda p: p.save_best_only),
    "layer": (lambda: L.Dense(3, activation="relu"), lambda p: p.get_config()),
    "sparse": (lambda: tf.sparse.from_dense([[1, 0], [0, 2]]), lambda p: tf.sparse.to_dense(p).numpy().tolist()),
    "rows": (lambda: tf.IndexedSlices(tf.ones((1, 2)), tf.constant([3])), lambda p: (p.indices.numpy().tolist(), p.dense_shape)),
    "ragged": (lambda: tf.ragged.constant([[1], [2, 3]]), lambda p: p.to_list()),
    "function": (lambda: tf.function(abs), lambda p: float(p(tf.constant(-3.0)))),
    "engine's function": (lambda: tf.nn.relu, lambda p: float(p(tf.constant(-3.0)))),
}
WAYS = {"deepcopy": copy.deepcopy, "copy": copy.copy, "pickle": lambda part: pickle.loads(pickle.dumps(part))}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", PARTS)
def test_a_copy_says_what_its_original_says(name, way):
    make, look = PARTS[name]
    part = make()
    again = WAYS[way](part)
    assert type(again) is type(part) and look(again) == look(part)


def test_a_copied_metric_counts_for_itself():
    one = seen(K.metrics.Mean(), ([1.0, 3.0],))
    other = seen(copy.deepcopy(one), ([8.0],))
    assert (float(one.result()), float(other.result())) == (2.0, 4.0)


def sequential():
    tf.random.set_seed(1)
    model = K.Sequential([K.Input((3,)), L.Dense(4, activation="relu"), L.Dense(1)])
    model.compile("adam", "mse", ["mae"])
    model.fit(X, Y, epochs=2, verbose=0)
    return model


def functional():
    inputs = K.Input((3,))
    return K.Model(inputs, L.Dense(2)(inputs))


def subclassed():
    model = Twice()
    model(X)
    return model


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", [sequential, functional, subclassed])
def test_built_models_are_copied_whole(make, way):
    model = make()
    again = WAYS[way](model)
    assert again is not model and type(again).__name__ == type(model).__name__ and again.name == model.name
    np.testing.assert_allclose(again(X), model(X), rtol=1e-6)
    before = [w.copy() for w in model.get_weights()]
    again.set_weights([w + 1 for w in again.get_weights()])
    for now, then in zip(model.get_weights(), before):
        np.testing.assert_array_equal(now, then)


def test_a_copied_model_goes_on_training_as_its_original_does():
    model = sequential()
    again = copy.deepcopy(model)
    losses = [m.fit(X, Y, epochs=2, shuffle=False, verbose=0).history["loss"] for m in (model, again)]
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-6)
    assert int(again.optimizer.iterations) == int(model.optimizer.iterations) == 4


@pytest.mark.parametrize("way", WAYS)
def test_models_that_are_not_built_yet(way):
    model = WAYS[way](K.Sequential([L.Dense(2)]))
    assert type(model) is K.Sequential and model(X).shape == (8, 2)
    again = WAYS[way](Twice())
    assert type(again) is Twice and again.note == "hello" and again(X).shape == (8, 2)


def test_a_copied_optimizer_has_slots_of_its_own_for_the_same_variables():
    v = tf.Variable([1.0, 2.0])
    one = K.optimizers.Adam(0.1)
    one.apply_gradients([(tf.constant([1.0, 2.0]), v)])
    other = copy.deepcopy(one)
    other.apply_gradients([(tf.constant([1.0, 2.0]), v)])
    assert (int(one.iterations), int(other.iterations), len(other.get_weights())) == (1, 2, 3)
    np.testing.assert_allclose(v, [0.8000009, 1.8000005], rtol=1e-6)         # as TensorFlow's
    with pytest.raises(TypeError, match="slots belong to variables of this process"):
        pickle.dumps(one)


def test_a_model_is_unpickled_by_another_process(tmp_path):
    model = sequential()
    path = tmp_path / "model.pickle"
    path.write_bytes(pickle.dumps((model, tf.nn.relu, X)))
    said = subprocess.run([sys.executable, "-c", f"import pickle; m, f, x = pickle.load(open({str(path)!r}, 'rb')); "
                           "print(float(f(m(x)).numpy().sum()))"], capture_output=True, text=True, check=True).stdout
    assert float(said) == pytest.approx(float(tf.nn.relu(model(X)).numpy().sum()), rel=1e-6)


def test_what_cannot_be_copied_says_so():
    with pytest.raises(TypeError, match="a symbolic tensor belongs to its graph"):
        copy.deepcopy(K.Input((3,)))
    metric = K.metrics.MeanTensor()
    metric.update_state([1.0, 2.0])
    with pytest.raises(TypeError, match="it made its weights at its first batch"):
        copy.deepcopy(metric)
    nadam, v = K.optimizers.Nadam(), tf.Variable([1.0])
    nadam.apply_gradients([(tf.constant([1.0]), v)])
    with pytest.raises(TypeError, match="Nadam: cannot be copied with its weight"):
        copy.deepcopy(nadam)
