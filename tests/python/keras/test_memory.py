# In: thousands of steps. Out: memory that does not grow: less than 2 MB after the first tenth, and no object more.
import pytest

PROGRAM = """
import gc
import numpy as np
import ninefold as tf


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 2**20


numbers = np.random.default_rng(1)
w = tf.Variable(numbers.random((20, 1), "float32"))
x, y = tf.constant(numbers.random((32, 20), "float32")), tf.constant(numbers.random((32, 1), "float32"))
optimizer = tf.keras.optimizers.SGD(0.1)
model = tf.keras.Sequential([tf.keras.layers.Dense(64, input_shape=(20,))])


def eager_step():
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - y))
    optimizer.apply_gradients(zip(tape.gradient(loss, [w]), [w]))


def predict():
    model.predict(x[:1], verbose=0)


CALL, COUNT = {call}, {count}
for i in range(COUNT):
    if i == COUNT // 10:
        gc.collect()
        before, objects = resident(), len(gc.get_objects())
    CALL()
gc.collect()
print(resident() - before, len(gc.get_objects()) - objects)
"""


@pytest.mark.parametrize("call, count", [("eager_step", 20000), ("predict", 2000)])
def test_memory_is_flat(run_python, tmp_path, call, count):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.replace("{call}", call).replace("{count}", str(count)))
    done = run_python(program)
    assert done.returncode == 0, done.stderr
    grown, objects = done.stdout.split()
    assert float(grown) < 2 and int(objects) <= 0, done.stdout
