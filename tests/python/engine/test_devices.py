"""In: tf.config, tf.device and their kin, in processes of their own. Out: that they answer as TensorFlow 2.9.0 does on a
machine without a card, and, on GPUs that are loops on the host (tests/cuda/emulator.cc), as it does on one with two."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
EMULATED = ROOT / "build/release/tests/libninefold_emulated_cuda.so"

PRELUDE = """
import ninefold as tf
c, e = tf.config, tf.config.experimental
def gpus(): return c.list_physical_devices('GPU')
def cpu(): return c.list_physical_devices('CPU')[0]
def on(name, f=lambda: tf.constant([1.0]) + 1):
    with tf.device(name): return f().device.split('device:')[1]
gone = c.PhysicalDevice('/physical_device:GPU:7', 'GPU')
def show(f):
    try: print(repr(f()))
    except Exception as error: print(type(error).__name__, '|', str(error).splitlines()[0])
"""

# What TensorFlow 2.9.0 printed on a machine without a card, one after the other in one process.
WITHOUT = [
    ("gpus()", "[]"),
    ("c.list_physical_devices('XYZ')", "[]"),
    ("e.set_memory_growth(gone, True)",
     "ValueError | Unrecognized device: PhysicalDevice(name='/physical_device:GPU:7', device_type='GPU')"),
    ("e.set_memory_growth(cpu(), True)", "ValueError | Cannot set memory growth on non-GPU and non-Pluggable devices"),
    ("e.get_memory_growth(cpu())", "KeyError | PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')"),
    ("c.set_visible_devices(gone, 'GPU')",
     "ValueError | Unrecognized device: PhysicalDevice(name='/physical_device:GPU:7', device_type='GPU')"),
    ("c.set_visible_devices([cpu()], 'GPU')",
     "ValueError | Unrecognized device: PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')"),
    ("c.set_visible_devices([], 'GPU')", "None"),
    ("c.set_visible_devices(cpu(), 'CPU')", "None"),
    ("c.get_visible_devices()", "[PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]"),
    ("c.set_logical_device_configuration(cpu(), [c.LogicalDeviceConfiguration(memory_limit=10)])",
     "ValueError | Setting memory limit on CPU virtual devices is currently not supported"),
    ("c.get_logical_device_configuration(gone)",
     "ValueError | Unrecognized device: PhysicalDevice(name='/physical_device:GPU:7', device_type='GPU')"),
    ("c.get_logical_device_configuration(cpu())", "None"),
    ("e.get_device_details(gone)",
     "ValueError | The PhysicalDevice must be one obtained from calling `tf.config.list_physical_devices`, but got: "
     "PhysicalDevice(name='/physical_device:GPU:7', device_type='GPU')"),
    ("e.get_device_details(cpu())", "{}"),
    ("e.get_device_details('x')", "ValueError | device must be a tf.config.PhysicalDevice, but got: x"),
    ("e.get_memory_info('GPU:0')", "ValueError | No matching devices found for 'GPU:0'"),
    ("e.get_memory_info('CPU:0')", "{'current': 0, 'peak': 0}"),
    ("e.get_memory_info('GPU')",
     "ValueError | Failed parsing device name: 'GPU'. Note a valid device string should at least contain a device type and "
     "a device index, like \"GPU:0\"."),
    ("e.reset_memory_stats('GPU:0')", "ValueError | No matching devices found for 'GPU:0'"),
    ("e.reset_memory_stats('CPU:0')", "None"),
    ("tf.test.is_gpu_available(), tf.test.gpu_device_name(), tf.test.is_built_with_cuda()", "(False, '', True)"),
    ("tf.sysconfig.get_build_info()['is_cuda_build']", "True"),
    ("on('/GPU:0')", "'CPU:0'"),
    ("c.set_soft_device_placement(False)", "None"),
    ("on('/GPU:1')",
     "InvalidArgumentError | Could not satisfy device specification '/job:localhost/replica:0/task:0/device:GPU:1'. "
     "enable_soft_placement=0. Supported device types [CPU]. All available devices "
     "[/job:localhost/replica:0/task:0/device:CPU:0]."),
    ("on('/CPU:0'), on(None)", "('CPU:0', 'CPU:0')"),
    ("c.set_soft_device_placement(True)", "None"),
    ("on('/GPU:1'), on('/CPU:7'), on('/job:localhost/device:cpu:0')", "('CPU:0', 'CPU:0', 'CPU:0')"),
    ("[t.device.split('device:')[1] for t in tf.data.Dataset.range(1).apply(tf.data.experimental.prefetch_to_device('/gpu:0'))]", "['CPU:0']"),
    ("on('nonsense')", "ValueError | Unknown attribute 'nonsense' is encountered while parsing the device spec: 'nonsense'."),
    ("c.set_visible_devices([], 'CPU')", "RuntimeError | Visible devices cannot be modified after being initialized"),
    ("c.set_visible_devices(cpu(), 'CPU')", "None"),
    ("c.set_logical_device_configuration(cpu(), [c.LogicalDeviceConfiguration()] * 2)",
     "RuntimeError | Virtual devices cannot be modified after being initialized"),
]

# With two GPUs; each list a process of its own.
WITH = {
    "growth": [
        ("[d.name for d in gpus()]", "['/physical_device:GPU:0', '/physical_device:GPU:1']"),
        ("e.get_memory_growth(gpus()[0])", "None"),
        ("[e.set_memory_growth(d, True) for d in gpus()]", "[None, None]"),
        ("e.get_memory_growth(gpus()[1])", "True"),
        ("on(None)", "'GPU:0'"),
        ("e.set_memory_growth(gpus()[0], True)", "None"),
        ("e.set_memory_growth(gpus()[0], False)",
         "RuntimeError | Physical devices cannot be modified after being initialized"),
        ("[d.name for d in c.list_logical_devices('GPU')]", "['/device:GPU:0', '/device:GPU:1']"),
        ("tf.test.is_gpu_available(), tf.test.is_gpu_available(min_cuda_compute_capability=(99, 0)), tf.test.gpu_device_name()",
         "(True, False, '/device:GPU:0')"),
        ("e.get_device_details(gpus()[1])", "{'device_name': 'Emulated GPU 1', 'compute_capability': (9, 0)}"),
        ("tf.sysconfig.get_build_info()['cuda_version']", "'13.0'"),
    ],
    "visible": [
        ("c.set_visible_devices(gpus()[1], 'GPU')", "None"),
        ("[d.name for d in c.list_logical_devices()]", "['/device:CPU:0', '/device:GPU:0']"),
        ("on('/GPU:0'), on('/GPU:1')", "('GPU:0', 'GPU:0')"),
        ("c.set_visible_devices(gpus(), 'GPU')", "RuntimeError | Visible devices cannot be modified after being initialized"),
    ],
    "hidden": [("c.set_visible_devices([], 'GPU')", "None"), ("on(None)", "'CPU:0'"), ("c.list_logical_devices('GPU')", "[]")],
    "limits": [
        ("c.set_logical_device_configuration(gpus()[0], [c.LogicalDeviceConfiguration(memory_limit=16), "
         "c.LogicalDeviceConfiguration(memory_limit=32)])", "None"),
        ("e.set_memory_growth(gpus()[0], True)",
         "ValueError | Cannot set memory growth on device when virtual devices configured"),
        ("[d.name for d in c.list_logical_devices('GPU')]", "['/device:GPU:0', '/device:GPU:1', '/device:GPU:2']"),
        ("e.get_memory_info('GPU:1')", "{'current': 0, 'peak': 0}"),
        ("on('/GPU:1', lambda: tf.fill([6 << 20], 1.0))", "'GPU:1'"),
        ("e.get_memory_info('GPU:1')", f"{{'current': 0, 'peak': {(24 << 20) + 4}}}"),
        ("on('/GPU:0', lambda: tf.fill([6 << 20], 1.0))",
         "ResourceExhaustedError | OOM when allocating 25165824 bytes on /job:localhost/replica:0/task:0/device:GPU:0: 4 bytes "
         "are held of a limit of 16777216, the card has 536870400 of 536870912 free; use smaller batches, or drop tensors "
         "that are still held. Who holds what:"),
        ("c.set_logical_device_configuration(gpus()[1], [c.LogicalDeviceConfiguration(memory_limit=1)])",
         "RuntimeError | Virtual devices cannot be modified after being initialized"),
    ],
    "placement": [
        ("on(None, lambda: tf.constant([1]) + 1), on('/GPU:1'), on('/CPU:0')", "('CPU:0', 'GPU:1', 'CPU:0')"),
        ("(tf.constant([1.0, 2.0]) * 2).numpy().tolist()", "[2.0, 4.0]"),
        ("[(t.device.split('device:')[1], float(t)) for how in (tf.data.experimental.copy_to_device, tf.data.experimental.prefetch_to_device)"
         " for name in ('/gpu:1', '/cpu:0') for t in tf.data.Dataset.from_tensor_slices([2.0]).apply(how(name))]",
         "[('GPU:1', 2.0), ('CPU:0', 2.0), ('GPU:1', 2.0), ('CPU:0', 2.0)]"),
        ("tf.Variable([1.0]).device.split('device:')[1]", "'GPU:0'"),
        ("tf.matmul(tf.ones([2, 3]), tf.ones([3, 2])).numpy().tolist()", "[[3.0, 3.0], [3.0, 3.0]]"),
        ("float(tf.function(lambda x: tf.reduce_sum(tf.nn.relu(x) * 2))(tf.constant([1.0, -1.0, 3.0])))", "8.0"),
        ("tf.cumsum(tf.constant([1.0, 2.0]) * 1).numpy().tolist()", "[1.0, 3.0]"),
        ("str(tf.constant([1.0]) + 1)", "'tf.Tensor([2.], shape=(1,), dtype=float32)'"),
    ],
}


def answers(rows, **environment):
    program = PRELUDE + "\n".join(f"show(lambda: ({text}))" for text, _ in rows)
    env = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=env, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def check(rows, **environment):
    got = answers(rows, **environment)
    assert len(got) == len(rows), got
    wrong = [f"{text}\n  got  {line}\n  want {want}" for (text, want), line in zip(rows, got) if line != want]
    assert not wrong, "\n".join(wrong)


def test_without_a_card_answers_are_tensorflows():
    check(WITHOUT, CUDA_VISIBLE_DEVICES="-1")


@pytest.fixture
def emulated():
    if not EMULATED.exists():
        pytest.skip(f"{EMULATED} is not built")
    return str(EMULATED)


@pytest.mark.parametrize("name", sorted(WITH))
def test_with_two_gpus(name, emulated):
    check(WITH[name], NINEFOLD_CUDA_LIBRARY=emulated)


def test_cuda_visible_devices_and_drivers_that_are_too_old_leave_the_cpu(emulated):
    rows = [("gpus()", "[]"), ("on('/GPU:0')", "'CPU:0'")]
    check(rows, NINEFOLD_CUDA_LIBRARY=emulated, CUDA_VISIBLE_DEVICES="")
    check(rows, NINEFOLD_CUDA_LIBRARY=emulated, NINEFOLD_EMULATED_DRIVER="12080")


def run_check(**environment):
    return subprocess.run([sys.executable, "-m", "ninefold.check_gpu"], capture_output=True, text=True, timeout=120,
                          env={**os.environ, "NINEFOLD_KERNEL_CACHE": "", "TF_CPP_MIN_LOG_LEVEL": "0", **environment})   # other tests set it


def test_check_gpu_names_what_is_missing_and_the_remedy(emulated):
    old = run_check(NINEFOLD_CUDA_LIBRARY=emulated, NINEFOLD_EMULATED_DRIVER="12080")
    assert old.returncode == 1
    assert "the driver serves CUDA 12.8, libninefold-cuda.so was built for CUDA 13.0 and needs driver 580 or later" in old.stdout
    assert old.stderr.count("\n") == 1 and "no GPU will be used" in old.stderr
    gone = run_check(NINEFOLD_CUDA_LIBRARY="/nowhere.so")
    assert gone.returncode == 1 and "pip install ninefold-cuda" in gone.stdout
    fine = run_check(NINEFOLD_CUDA_LIBRARY=emulated)
    assert "computing: a sum and a product of matrices are right" in fine.stdout
    assert "element-wise ops of functions: joined by NVRTC" in fine.stdout
    assert "convolutions, recurrent layers: by cuDNN" in fine.stdout
    alone = run_check(NINEFOLD_CUDA_LIBRARY=emulated, NINEFOLD_EMULATED_WITHOUT_CUDNN="1")
    assert "convolutions, recurrent layers: slowly: there is no cuDNN to emulate" in alone.stdout
    apart = run_check(NINEFOLD_CUDA_LIBRARY=emulated, NINEFOLD_EMULATED_COMPILER="/nowhere")
    assert "element-wise ops of functions: one by one: there is no compiler to emulate NVRTC with" in apart.stdout


FIT = """
import sys, numpy as np, ninefold as tf
from ninefold import _core
tf.random.set_seed(1)
r = np.random.RandomState(0)
x, y = r.rand(160, 20).astype('float32'), r.randint(0, 3, 160).astype('int32')
layers, kind = tf.keras.layers, sys.argv[1]
if kind == 'half': tf.keras.mixed_precision.set_global_policy('mixed_float16')
first = [layers.Dense(16, activation='relu')]
if kind == 'rows': x, first = r.randint(0, 9, (160, 5)), [layers.Embedding(9, 4, input_length=5), layers.Flatten()]
model = tf.keras.Sequential([*first, layers.BatchNormalization(), layers.Dropout(0.3, seed=3), layers.Dense(3), layers.Activation('linear', dtype='float32')])
optimizer = tf.keras.optimizers.Adam()
if kind == 'half': optimizer = tf.keras.mixed_precision.LossScaleOptimizer(optimizer, initial_scale=2. ** 40, dynamic_growth_steps=3)
model.compile(optimizer, tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])
losses = model.fit(x, y, batch_size=32, epochs=8 if kind == 'half' else 2, verbose=0).history['loss']
print(*losses, *([float(optimizer.loss_scale), float(optimizer.iterations)] if kind == 'half' else []))
print(_core.device.steps())
"""


@pytest.mark.parametrize("kind, precision", [("dense", 1e-5), ("rows", 1e-5), ("half", 2e-2)])
def test_a_training_step_becomes_one_graph_and_gives_the_cpus_losses(emulated, kind, precision):
    def fitted(**environment):
        made = subprocess.run([sys.executable, "-c", FIT, kind], capture_output=True, text=True, timeout=120,
                              env={**os.environ, "NINEFOLD_KERNEL_CACHE": "", **environment})
        assert made.returncode == 0, made.stderr
        losses, steps = made.stdout.splitlines()[-2:]
        return [float(loss) for loss in losses.split()], steps
    want, none = fitted(CUDA_VISIBLE_DEVICES="-1")
    got, steps = fitted(NINEFOLD_CUDA_LIBRARY=emulated)
    assert none == "[]" and steps == "[('train_function', 'captured')]"
    assert got == pytest.approx(want, rel=precision)
    if kind == "dense":
        assert fitted(NINEFOLD_CUDA_LIBRARY=emulated, NINEFOLD_STEP_GRAPHS="0") == (got, "[]")


def test_ops_say_where_they_run(run_python):
    program = ("import ninefold as tf; x = tf.constant([1., 2.]); x + 1; tf.debugging.set_log_device_placement(True); x * 2\n"
               "tf.function(lambda x: x - 1)(x); print(tf.debugging.get_log_device_placement())\n"
               "tf.debugging.set_log_device_placement(False); x / 2; tf.function(lambda x: x / 1)(x)")
    told = [line.partition("ninefold: info: ")[2] for line in run_python("-c", program, TF_CPP_MIN_LOG_LEVEL="0").stderr.splitlines()]
    cpu = "/job:localhost/replica:0/task:0/device:CPU:0"
    assert f"Executing op Mul in device {cpu}" in told and f"sub: (Sub): {cpu}" in told
    assert not any(name in line for line in told for name in ("AddV2", "RealDiv", "truediv"))
    quiet = run_python("-c", program, TF_CPP_MIN_LOG_LEVEL="1")
    assert quiet.stderr == "" and quiet.stdout == "True\n"


REPLICAS_FIT = """
import ctypes, os, sys, numpy as np, ninefold as tf
made = {"none": lambda: None, "nccl": lambda: tf.distribute.NcclAllReduce(2), "halves": lambda: tf.distribute.HierarchicalCopyAllReduce(),
        "one": lambda: tf.distribute.ReductionToOneDevice("/gpu:1")}
tf.keras.utils.set_random_seed(3)
with tf.distribute.MirroredStrategy(sys.argv[2:], cross_device_ops=made[sys.argv[1]]()).scope():
    m = tf.keras.Sequential([tf.keras.layers.Embedding(10, 4, input_length=6), tf.keras.layers.Flatten(),
                             tf.keras.layers.Dense(8, "relu"), tf.keras.layers.BatchNormalization(), tf.keras.layers.Dense(1)])
    m.compile("adam", "mse", metrics=["mae"])
r = np.random.RandomState(0)
h = m.fit(r.randint(0, 10, (48, 6)), r.rand(48, 1), epochs=2, batch_size=16, verbose=0, shuffle=False).history
library = os.environ.get("NINEFOLD_CUDA_LIBRARY")
asked = ctypes.CDLL(library).ninefold_emulated_collectives if library else None
if asked: asked.restype = ctypes.c_char_p
print(*h["loss"], *h["mae"], *np.ravel(m.weights[-2]), asked(0).decode().count("reduce") if asked else 0)
"""


def trained(way, devices, **more):
    done = subprocess.run([sys.executable, "-c", REPLICAS_FIT, way, *devices], capture_output=True, text=True, timeout=300,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "NINEFOLD_KERNEL_CACHE": "", **more})
    assert done.returncode == 0, done.stderr
    *numbers, sums = map(float, done.stdout.split())
    return numbers, sums


# Three batches an epoch, two epochs, one dtype; the table's gradient is rows, which stay as they are.
@pytest.mark.parametrize("way, cards, sums", [("none", 3, 6), ("nccl", 2, 12), ("halves", 4, 0), ("one", 2, 0)])
def test_fit_on_several_gpus_gives_the_numbers_of_as_many_replicas(way, cards, sums):
    if not EMULATED.exists():
        pytest.skip("the emulated GPU library is not built")
    want, _ = trained("none", ["CPU:%d" % i for i in range(cards)])
    got, reduced = trained(way, ["GPU:%d" % i for i in range(cards)], NINEFOLD_CUDA_LIBRARY=str(EMULATED),
                           CUDA_VISIBLE_DEVICES=",".join(map(str, range(cards))))
    assert got == pytest.approx(want, rel=1e-4, abs=1e-5)
    assert reduced >= sums if sums else reduced == 0


FLOW = '''
import numpy as np, ninefold as tf
from ninefold import _core
v = tf.Variable(tf.zeros(3))
def row_by_number(x, n):
    s = tf.zeros(3)
    for i in tf.range(n): s += tf.gather(x, i)
    return s
def sliced(x, n):
    s = tf.zeros(3)
    for i in tf.range(n): s += x[i]
    return s
def down(x, n):
    s = tf.zeros(3)
    for i in tf.range(n, -1, -2): s = s * 0.5 + tf.gather(x, i)
    return s
def row_by_row(x, n):
    s = tf.zeros(3)
    for row in x: s = s * 0.5 + row
    return s
def while_branches(x, n):
    for i in tf.range(3):
        if tf.reduce_sum(x) > 10.0:
            v.assign_add(x[0])
            x = x - tf.cast(n, tf.float32)
        else:
            x = x + 1.0
    return v + x[1]
def switch(x, n):
    return tf.switch_case(n, [lambda: x[0], lambda: x[1] * 2.0, lambda: x[2] + x[0]])
def slope(x, n):
    with tf.GradientTape() as tape:
        tape.watch(x)
        if n > 1: y = x * x
        else: y = tf.exp(x)
    return tape.gradient(y, x)[1]
def kept(x, n):
    rows = tf.TensorArray(tf.float32, 4)
    for i in tf.range(4): rows = rows.write(i, x[i] * 2.0)
    return rows.stack()[1]
x = tf.reshape(tf.range(12.0), [4, 3]) * 0.5
for f in (row_by_number, sliced, down, row_by_row, while_branches, switch, slope, kept):
    results = []
    for run in ("ops", "graph"):
        v.assign(tf.zeros(3))
        tf.config.run_functions_eagerly(run == "ops")
        g = tf.function(f)
        results.append([g(x, tf.constant(n)).numpy().tolist() for n in (2, 0, 3, 1, 2, 3, 0)])
    states = [state for name, state in _core.device.steps() if name == f.__name__]
    print(f.__name__, np.allclose(*results, rtol=1e-6), states)
'''
STATES = {"kept": "TensorListReserve gives variant",
          "sliced": "StatelessWhile enters a function: StridedSlice reads on the host what the card computes"}


def test_loops_and_branches_of_functions_are_part_of_one_graph(emulated, tmp_path):
    (tmp_path / "flow.py").write_text(FLOW)
    done = subprocess.run([sys.executable, tmp_path / "flow.py"], capture_output=True, text=True, timeout=120,
                          env={**os.environ, "NINEFOLD_CUDA_LIBRARY": emulated, "NINEFOLD_KERNEL_CACHE": "", "TF_CPP_MIN_LOG_LEVEL": "3"})
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 8
    for line in lines:
        name = line.split()[0]
        assert line == f"{name} True ['{STATES.get(name, 'captured')}']"
