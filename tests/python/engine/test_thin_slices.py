# In: one program for each thing that would be dear to add later. Out: it works end to end.
import abc
import collections
import copy
import gc
import pickle
import threading
import weakref

import numpy as np
import pytest

import ninefold as tf


# ---- class L(Layer, ABC), mixins, metaclasses ---------------------------------------------------------------------

class Scaled(tf.keras.layers.Layer, abc.ABC):
    """A base with an abstract method, as users write it."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, shape):
        self.kernel = self.add_weight("kernel", (int(shape[-1]), self.units), initializer="ones")

    def call(self, x):
        return self.scale() * tf.matmul(x, self.kernel)

    @abc.abstractmethod
    def scale(self):
        """What the product is multiplied with."""


class Doubled(Scaled):
    def scale(self):
        return 2.0

    def get_config(self):
        return {**super().get_config(), "units": self.units}


class Halved:
    """A mixin that changes a method and cooperates by super()."""

    def scale(self):
        return super().scale() / 4.0


class DoubledAndHalved(Halved, Doubled):
    pass


class Registered(type(tf.keras.layers.Layer)):
    """A metaclass of a user: it notes the classes it makes."""
    made = []

    def __new__(mcs, name, bases, space):
        cls = super().__new__(mcs, name, bases, space)
        mcs.made.append(name)
        return cls


class Noted(tf.keras.layers.Layer, metaclass=Registered):
    def call(self, x):
        return x + 1.0


def test_abstract_layers_cannot_be_made():
    with pytest.raises(TypeError, match="Can't instantiate abstract class Scaled"):
        Scaled(3)

    class Still(Scaled):
        pass
    with pytest.raises(TypeError, match="abstract"):
        Still(3)
    assert issubclass(Doubled, tf.keras.layers.Layer) and isinstance(Doubled(1), abc.ABC)


@pytest.mark.parametrize("cls, factor", [(Doubled, 2.0), (DoubledAndHalved, 0.5)])
def test_layers_of_abstract_bases_and_mixins_train(cls, factor):
    tf.keras.utils.set_random_seed(1)
    layer = cls(2)
    x = np.float32([[1, 2, 3], [0, 1, 0]])
    assert layer(x).numpy().tolist() == [[6 * factor] * 2, [factor] * 2]
    model = tf.keras.Sequential([tf.keras.Input((3,)), layer, Noted(), tf.keras.layers.Dense(1)])
    model.compile(tf.keras.optimizers.Adam(0.01), "mse")
    before = layer.kernel.numpy()
    history = model.fit(x, np.float32([[1], [2]]), epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0] and not np.array_equal(before, layer.kernel.numpy())
    assert "Noted" in Registered.made


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_layers_are_copied_with_their_weights(copied):
    layer = Doubled(2, name="twice")
    layer(np.ones((1, 3), np.float32))
    layer.kernel.assign(np.arange(6, dtype=np.float32).reshape(3, 2))
    other = copied(layer)
    assert type(other) is Doubled and other.name == "twice" and other.units == 2
    assert np.array_equal(other.get_weights()[0], layer.get_weights()[0])
    other.kernel.assign(tf.zeros((3, 2)))
    assert layer.kernel.numpy().sum() == 15   # a copy of its own
    assert other(np.ones((1, 3), np.float32)).numpy().tolist() == [[0.0, 0.0]]



@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_layers_of_the_engine_are_copied_too(copied):
    x = np.ones((1, 3), np.float32)
    layer = tf.keras.layers.Dense(2, activation="relu", kernel_regularizer="l2", name="d")
    fresh = copied(layer)
    assert fresh.name == "d" and not fresh.built and fresh(x).shape == (1, 2)
    layer(x)
    other = copied(layer)
    assert type(other) is tf.keras.layers.Dense and other.built and other.get_config() == layer.get_config()
    assert other(x).numpy().tolist() == layer(x).numpy().tolist()
    other.kernel.assign(tf.zeros((3, 2)))
    assert np.any(layer.kernel.numpy() != 0)

    class Pair(tf.keras.layers.Layer):   # a layer of layers, made in this function: deepcopy only
        def __init__(self):
            super().__init__()
            self.parts = [tf.keras.layers.Dense(2), tf.keras.layers.Dense(1)]

        def call(self, x):
            return self.parts[1](self.parts[0](x))
    pair = Pair()
    y = pair(x).numpy()
    twin = copy.deepcopy(pair)
    assert twin(x).numpy().tolist() == y.tolist() and len(twin.weights) == 4
    assert twin.parts[0] is not pair.parts[0]


Two = collections.namedtuple("Two", "a b")


@pytest.mark.parametrize("made, form", [
    (lambda x: (x, x), "(0, 0)"), (lambda x: [x, x], "[0, 0]"), (lambda x: (x,), "(0,)"), (lambda x: {"b": x, "a": (x,)}, "{'b': 0, 'a': (0,)}"),
    (lambda x: Two(x, [x]), "Two(a=0, b=[0])"), (lambda x: [(x, x), x], "[(0, 0), 0]"), (lambda x: x, "0"),
    (lambda x: collections.OrderedDict(b=x), repr(collections.OrderedDict(b=0)))])
@pytest.mark.parametrize("given", [lambda: tf.ones((2, 3)), lambda: tf.keras.Input((3,))], ids=["eager", "symbolic"])
def test_what_call_returns_keeps_its_form(made, form, given):
    class Returns(tf.keras.layers.Layer):
        def call(self, x):
            return made(x)
    layer = Returns()
    for _ in range(2):
        found = tf.nest.map_structure(lambda _: 0, layer(given()))
        assert repr(dict(found) if type(found) is dict else found) in (form, "{'a': (0,), 'b': 0}" if type(found) is dict else form)
    assert "_form" not in layer.__dict__


class Fussy(Exception):
    pass


@pytest.mark.parametrize("error", [Fussy("mine"), KeyError("k"), KeyboardInterrupt()], ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("traced", [False, True])
def test_what_a_layer_raises_arrives_in_its_class_and_names_the_layer(error, traced):
    class Raises(tf.keras.layers.Layer):
        def call(self, x):
            raise error

    class Outer(tf.keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = Raises()

        def call(self, x):
            return self.inner(x)
    outer = Outer()
    with pytest.raises(type(error)) as caught:
        (tf.function(outer) if traced else outer)(tf.ones((2, 2)))
    if not isinstance(error, Exception):
        assert traced or caught.value is error
        return
    told = str(caught.value.args[0])
    assert type(caught.value) is type(error) or traced
    assert told.count("Exception encountered when calling layer") == 1 and "(type Raises)." in told and "(type Outer)" not in told
    assert str(error.args[0]) in told.split("Call arguments received by")[0]


# ---- threads in one function ---------------------------------------------------------------------------------------

def in_threads(count, work):
    """work(i) in each of `count` threads, begun at once; raises what any raised, fails where one hangs."""
    gate, results, faults = threading.Barrier(count), [None] * count, []

    def run(i):
        try:
            gate.wait(20)
            results[i] = work(i)
        except BaseException as fault:   # told to the test's own thread
            faults.append(fault)
    threads = [threading.Thread(target=run, args=(i,), daemon=True) for i in range(count)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    assert not any(t.is_alive() for t in threads), "threads hang"
    if faults:
        raise faults[0]
    return results


@pytest.mark.parametrize("count", [2, 8])
def test_threads_race_for_the_first_trace(count):
    traces = []
    scale = tf.Variable(3.0)

    @tf.function
    def f(x):
        traces.append(1)
        y = x * scale
        while tf.reduce_sum(y) < 100.0:
            y = y + x
        return y
    x = tf.constant([1.0, 2.0])

    def expected(i):
        y = 3.0 * np.float32([1, 2]) * (i + 1)
        while y.sum() < 100:
            y = y + np.float32([1, 2]) * (i + 1)
        return y.tolist()
    results = in_threads(count, lambda i: [f(x * float(i + 1)).numpy().tolist() for _ in range(50)])
    assert len(traces) == 1 and f.experimental_get_tracing_count() == 1
    for i, mine in enumerate(results):
        assert mine == [expected(i)] * 50


@pytest.mark.parametrize("count", [2, 8])
def test_threads_write_one_variable_and_lose_nothing(count):
    total, made = tf.Variable(0, dtype=tf.int64), []

    @tf.function
    def add(n):
        if not made:
            made.append(tf.Variable(1, dtype=tf.int64))   # made in the first call, which threads race for
        total.assign_add(n * made[0])
        return n + 1
    results = in_threads(count, lambda i: [int(add(tf.constant(i, tf.int64))) for _ in range(200)])
    assert results == [[i + 1] * 200 for i in range(count)]
    assert int(total) == 200 * sum(range(count)) and len(made) == 1


def test_threads_trace_for_other_shapes_while_others_run():
    weight = tf.Variable(2.0)

    @tf.function
    def f(x):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(x * weight * weight)
        return y, tape.gradient(y, weight)

    def work(i):
        if i % 2:
            return [(float(f(tf.ones([3]))[0]), float(f(tf.ones([3]))[1])) for _ in range(60)]
        return [(float(f(tf.ones([n]))[0]), float(f(tf.ones([n]))[1])) for n in range(4, 64)]
    f(tf.ones([3]))
    results = in_threads(4, work)
    for i, mine in enumerate(results):
        sizes = [3] * 60 if i % 2 else range(4, 64)
        assert mine == [(4.0 * n, 4.0 * n) for n in sizes]


def test_a_host_function_within_threads():
    """py_function takes the GIL back in the middle of a run."""
    @tf.function
    def f(x):
        return tf.py_function(lambda v: v.numpy() * 2, [x], tf.float32) + 1.0
    assert in_threads(4, lambda i: [float(f(tf.constant(float(i)))) for _ in range(50)]) == [
        [2.0 * i + 1.0] * 50 for i in range(4)]


# ---- the rest, each in one go -------------------------------------------------------------------------------------

def test_parallel_map_over_a_captured_function():
    table, factor = tf.constant(np.arange(100, dtype=np.float32)), tf.Variable(2.0)

    @tf.function
    def picked(i):
        y = tf.gather(table, i) * factor
        while y < 50.0:
            y = y + 25.0
        return y
    data = tf.data.Dataset.range(100).map(picked, num_parallel_calls=4)

    def expected(i):
        y = 2.0 * i
        while y < 50:
            y += 25
        return y
    assert [float(y) for y in data] == [expected(i) for i in range(100)]
    factor.assign(4.0)
    assert float(next(iter(data.skip(40)))) == 160.0   # captured, not copied


def test_parallel_map_with_strings_and_python():
    data = tf.data.Dataset.from_tensor_slices(["b", "a"] * 20).map(
        lambda s: (tf.strings.upper(s + "x"), tf.py_function(lambda v: len(v.numpy()), [s], tf.int32)),
        num_parallel_calls=tf.data.AUTOTUNE)
    assert [(s.numpy(), int(n)) for s, n in data] == [(b"BX", 1), (b"AX", 1)] * 20


def test_a_keras_tensor_through_functions_of_tf():
    x = tf.keras.Input((3,))
    y = tf.reduce_sum(tf.nn.relu(x * 2.0 - 1.0), axis=1, keepdims=True)
    model = tf.keras.Model(x, tf.concat([y, tf.square(y)], axis=-1))
    assert model(np.float32([[1, 0, 2]])).numpy().tolist() == [[4.0, 16.0]]
    assert model.predict(np.float32([[1, 0, 2]]), verbose=0).tolist() == [[4.0, 16.0]]


def test_a_tensor_knows_its_device():
    x = tf.ones([2]) + 1.0
    assert x.device == "/job:localhost/replica:0/task:0/device:CPU:0" and x.backing_device == x.device
    with tf.device("/CPU:0"):
        assert tf.identity(x).device.endswith("CPU:0")


# ---- ownership ----------------------------------------------------------------------------------------------------

def test_one_collection_frees_a_dropped_function():
    """Strong references run from Python to the engine only: closures, variables and traces go together."""
    class Net:
        def __init__(self):
            self.weight = tf.Variable(2.0)

            @tf.function
            def step(x):
                return x * self.weight   # the function holds its object, which holds the function
            self.step = step
    net = Net()
    assert float(net.step(tf.constant(3.0))) == 6.0
    with tf.GradientTape() as tape:
        y = net.step(tf.constant(1.0))
    assert float(tape.gradient(y, net.weight)) == 1.0
    gone = [weakref.ref(net), weakref.ref(net.step), weakref.ref(net.weight)]
    del net, tape, y
    gc.collect()
    assert [r() for r in gone] == [None, None, None]


def test_one_collection_frees_loops_and_branches():
    class Holder:
        pass

    def make():
        holder = Holder()
        holder.values = []

        @tf.function
        def f(x):
            y = x * tf.cast(len(holder.values) + 1, tf.float32)
            while y < 10.0:
                y = y + tf.cond(y > 5.0, lambda: x * 2.0, lambda: x)
            return y
        holder.f = f
        assert float(f(tf.constant(4.0))) == 16.0
        return weakref.ref(holder), weakref.ref(f)
    gone = make()
    gc.collect()
    assert [r() for r in gone] == [None, None]


def test_one_collection_frees_methods_and_concrete_functions():
    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.v = tf.Variable([1.0])

        @tf.function
        def __call__(self, x):
            return x + self.v
    net = Net()
    concrete = net.__call__.get_concrete_function(tf.TensorSpec([1]))
    assert concrete(tf.constant([1.0])).numpy().tolist() == [2.0]
    gone = [weakref.ref(net), weakref.ref(net.v), weakref.ref(concrete)]
    del net, concrete
    gc.collect()
    assert [r() for r in gone] == [None, None, None]


def test_a_batch_encoder_of_ones_own_is_refused():
    class Encoder(tf.experimental.ExtensionTypeBatchEncoder):
        pass

    with pytest.raises(NotImplementedError, match="field by field"):
        class Pair(tf.experimental.BatchableExtensionType):
            x: tf.Tensor
            __batch_encoder__ = Encoder()
