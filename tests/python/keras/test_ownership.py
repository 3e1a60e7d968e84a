# In: models that are built and dropped by the hundred. Out: nothing left of them after one gc.collect().
import pytest

PROGRAM = """
import gc
import weakref
import numpy as np
import ninefold as tf

layers = tf.keras.layers
x, y = np.zeros((8, 3), "float32"), np.zeros((8, 1), "float32")


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 2**20


class Own(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.d = layers.Dense(1)

    def call(self, inputs):
        return self.d(inputs)


def functional():
    a = tf.keras.Input((3,))
    b = layers.Dense(64)(a)
    return tf.keras.Model(a, layers.Dense(1)(tf.nn.relu(b) + b[:, :1] * 2.0))


def shared():
    a, b = tf.keras.Input((3,)), tf.keras.Input((3,))
    d = layers.Dense(64)
    d(b)          # a call that belongs to no model
    return tf.keras.Model([a, b], [d(a), d(b)])


def nested():
    a = tf.keras.Input((3,))
    return tf.keras.Model(a, functional()(sequential()(a)))


def sequential():
    return tf.keras.Sequential([layers.Dense(64, input_shape=(3,)), layers.Dropout(0.5), layers.Dense(3)])


def open_sequential():
    m = tf.keras.Sequential([layers.Dense(64), layers.Dense(1)])
    m(x)
    return m


def subclassed():
    m = Own()
    m(x)
    return m


def fitted():
    m = functional()
    m.compile("adam", "mse", metrics=["mae"])
    m.fit(x, y, verbose=0, callbacks=[tf.keras.callbacks.EarlyStopping("loss")])
    m.predict(x, verbose=0)
    return m


def again():
    m = functional()
    return tf.keras.Model.from_config(m.get_config())


def make():
    tf.keras.backend.clear_session()
    return weakref.ref({make}())


COUNT = {count}
for i in range(COUNT + COUNT // 2):
    if i == COUNT // 2:
        gc.collect()
        before, objects = resident(), len(gc.get_objects())
    last = make()
gc.collect()
assert last() is None, gc.get_referrers(last())
print(resident() - before, len(gc.get_objects()) - objects)
"""

MODELS = [("functional", 200), ("shared", 200), ("nested", 200), ("sequential", 200), ("open_sequential", 200),
          ("subclassed", 200), ("again", 200), ("fitted", 60)]


@pytest.mark.parametrize("make, count", MODELS)
def test_dropped_models_are_freed(run_python, tmp_path, make, count):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.replace("{make}", make).replace("{count}", str(count)))
    done = run_python(program)
    assert done.returncode == 0, done.stderr
    grown, objects = done.stdout.split()
    assert float(grown) < 2 and int(objects) <= 0, done.stdout
