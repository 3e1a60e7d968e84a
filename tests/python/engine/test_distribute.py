# In: steps over two logical CPU devices. Out: what TensorFlow 2.9.0 says of the same: how batches are split, what replicas are
# told, how values come together. A process of its own, since devices are set before the first op.
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EMULATED = Path(__file__).resolve().parents[3] / "build/release/tests/libninefold_emulated_cuda.so"
SETUP = """
import ninefold as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
s = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
def parts(x):
    return [v.numpy().tolist() if hasattr(v, "numpy") else v for v in s.experimental_local_results(x)]
def split(n, batch):
    return [parts(x) for x in s.experimental_distribute_dataset(tf.data.Dataset.range(n).batch(batch))]
def context():
    return tf.distribute.get_replica_context()
def number():
    return tf.cast(context().replica_id_in_sync_group, tf.float32) + 1.
def says(f):
    try:
        return f()
    except Exception as e:
        return f"{type(e).__name__}: {e}"
SUM, MEAN = tf.distribute.ReduceOp.SUM, tf.distribute.ReduceOp.MEAN
options, ways = tf.distribute.experimental.CommunicationOptions, tf.distribute.experimental.CommunicationImplementation
def fields(o):
    return [o.bytes_per_pack, o.timeout_seconds, o.implementation.name]
hierarchical, one = tf.distribute.HierarchicalCopyAllReduce(), tf.distribute.ReductionToOneDevice()
product = tf.distribute.ReductionToOneDevice(accumulation_fn=lambda v: v[0] * v[1])
class Own(tf.distribute.CrossDeviceOps):
    asked = []
    def reduce_implementation(self, reduce_op, value, destinations, options):
        self.asked.append(["reduce", reduce_op.name, destinations])
        return one.reduce(reduce_op, value, destinations, options)
    def batch_reduce_implementation(self, reduce_op, pairs, options):
        self.asked.append(["batch", reduce_op.name, len(pairs), options.bytes_per_pack])
        return [one.reduce(reduce_op, value, destinations, options) for value, destinations in pairs]
def by_own(f, ops=None):
    Own.asked = []
    mine = Own() if ops is None else ops
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"], cross_device_ops=mine)
    given = f(strategy)
    return [[v.numpy().tolist() for v in strategy.experimental_local_results(x)] for x in tf.nest.flatten(given)], Own.asked
def stepped(strategy):
    with strategy.scope():
        v, optimizer = tf.Variable([1., 2.]), tf.keras.optimizers.SGD(0.5)
    strategy.run(lambda: optimizer.apply_gradients([(tf.constant([1., 1.]), v)]))
    return tf.convert_to_tensor(v)
def aggregated(aggregates, reduces):
    v, optimizer = scope(lambda: (tf.Variable([1., 2.]), tf.keras.optimizers.SGD(0.5)))
    def step():
        gradient = tf.constant([1., 1.])
        if reduces:
            gradient = context().all_reduce("SUM", gradient)
        optimizer.apply_gradients([(gradient, v)], experimental_aggregate_gradients=aggregates)
    tf.function(lambda: s.run(step))()
    return v.numpy().tolist(), int(optimizer.iterations)
def scope(f):
    with s.scope():
        return f()
def normalized(traced):
    layer = scope(lambda: tf.keras.layers.BatchNormalization())
    step = lambda: s.run(lambda: layer(tf.ones([4, 2]), training=True))
    (tf.function(step) if traced else step)()
    return [round(float(x), 6) for x in layer.moving_mean.numpy()]
class Written(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = tf.keras.layers.Dense(1, kernel_initializer="zeros")
    def call(self, x):
        return self.dense(x)
    def train_step(self, data):
        return super().train_step(data)
def fitted(eagerly):
    model = scope(Written)
    scope(lambda: model.compile("sgd", "mse", run_eagerly=eagerly))
    history = model.fit(tf.ones([8, 2]), tf.ones([8, 1]), batch_size=4, epochs=1, verbose=0)
    return round(float(model.dense.bias.numpy()[0]), 6)
d = s.experimental_distribute_dataset(tf.data.Dataset.range(6).batch(4))
def iterated():
    i = iter(d)
    x, o = i.get_next(), i.get_next_as_optional()
    return [repr(x), bool(o.has_value()), parts(o.get_value()), bool(i.get_next_as_optional().has_value()), says(i.get_next)[:31]]
@tf.function
def step(x):
    return s.reduce("SUM", s.run(tf.reduce_sum, args=(x,)), axis=None)
@tf.function
def epoch(d):
    total, n = tf.constant(0, tf.int64), 0
    for x in d:
        n += 1
        total += s.reduce("SUM", s.run(tf.reduce_sum, args=(x,)), axis=None)
    return total, n
def merged():
    return context().merge_call(lambda strategy, v, k: (strategy.reduce("SUM", v, axis=None) * k, v), args=(number(), 10.))
"""
ROWS = [   # what TensorFlow 2.9.0 gives
    ("split(6, 4)", [[[0, 1], [2, 3]], [[4], [5]]]),
    ("split(7, 3)", [[[0, 1], [2]], [[3, 4], [5]], [[6], []]]),
    ("split(5, 4)", [[[0, 1], [2, 3]], [[4], []]]),
    ("split(9, 4)", [[[0, 1], [2, 3]], [[4, 5], [6, 7]], [[8], []]]),
    ("type(d).__name__, repr(d.element_spec)", [
        "DistributedDataset", "PerReplicaSpec(TensorSpec(shape=(None,), dtype=tf.int64, name=None), "
                              "TensorSpec(shape=(None,), dtype=tf.int64, name=None))"]),
    ("iterated()", ["PerReplica:{\n  0: <tf.Tensor: shape=(2,), dtype=int64, numpy=array([0, 1])>,\n"
                    "  1: <tf.Tensor: shape=(2,), dtype=int64, numpy=array([2, 3])>\n}", True, [[4], [5]], False,
                    "OutOfRangeError: End of sequenc"]),
    ("[int(step(x)) for x in d], step.experimental_get_tracing_count()", [[6, 9], 2]),
    ("[int(v) for v in epoch(d)]", [15, 2]),
    ("parts(s.run(lambda: context().replica_id_in_sync_group))", [0, 1]),
    ("s.run(lambda: context().num_replicas_in_sync)", 2),
    ("s.run(lambda: tf.distribute.in_cross_replica_context())", False),
    ("scope(tf.distribute.in_cross_replica_context), tf.distribute.has_strategy()", [True, False]),
    ("parts(s.run(lambda: context().all_reduce('SUM', number())))", [3., 3.]),
    ("parts(s.run(lambda: context().all_reduce(tf.distribute.ReduceOp.MEAN, [number()]))[0])", [1.5, 1.5]),
    ("parts(s.run(lambda: context().all_gather(tf.reshape(number(), [1]), 0)))[-1]", [1., 2.]),
    ("float(s.run(merged)[0]), parts(s.run(merged)[1])", [30., [1., 2.]]),
    ("parts(tf.function(lambda: s.run(merged)[1])())", [1., 2.]),
    ("parts(s.experimental_distribute_values_from_function(lambda c: tf.constant(c.replica_id_in_sync_group * 10)))", [0, 10]),
    ("s.experimental_distribute_values_from_function(str).values[1]",
     "tf.distribute.ValueContext(replica id 1, total replicas in sync: 2)"),
    ("s.reduce('MEAN', s.run(lambda: tf.constant([1., 2.])), axis=0).numpy().tolist()", 1.5),
    ("s.gather(s.run(lambda: tf.constant([1., 2.])), 0).numpy().tolist()", [1., 2., 1., 2.]),
    ("str(tf.distribute.ReduceOp.SUM), repr(tf.distribute.ReduceOp.MEAN)", ["ReduceOp.SUM", "<ReduceOp.MEAN: 'MEAN'>"]),
    ("scope(tf.distribute.get_strategy) is s, s.cluster_resolver, s.num_replicas_in_sync", [True, None, 2]),
    ("s.extended.worker_devices", ["/job:localhost/replica:0/task:0/device:CPU:0", "/job:localhost/replica:0/task:0/device:CPU:1"]),
    ("parts(s.run(lambda: tf.nn.compute_average_loss([1., 2., 3.])))", [1., 1.]),
    ("parts(s.run(lambda: tf.nn.compute_average_loss([[1.], [3.]], sample_weight=[1., 2.], global_batch_size=4)))", [1.75, 1.75]),
    ("parts(s.run(lambda: tf.nn.scale_regularization_loss([1., 2.])))", [1.5, 1.5]),
    ("says(lambda: scope(lambda: tf.nn.scale_regularization_loss(1.)))",
     "RuntimeError: You are calling `scale_regularization_loss` in cross replica context, while it was expected to be called "
     "in replica context."),
    ("says(lambda: scope(lambda: tf.nn.compute_average_loss([1.])))",
     "RuntimeError: You are calling `compute_average_loss` in cross replica context, while it was expected to be called in "
     "replica context."),
    ("[parts(x) for x in s.distribute_datasets_from_function(lambda c: tf.data.Dataset.range(8).batch("
     "c.get_per_replica_batch_size(4)))]", [[[0, 1], [2, 3]], [[4, 5], [6, 7]]]),
    ("says(lambda: tf.distribute.InputContext(num_replicas_in_sync=2).get_per_replica_batch_size(3))",
     "ValueError: The `global_batch_size` 3 is not divisible by `num_replicas_in_sync` 2 "),
    ("float(hierarchical.reduce(MEAN, s.run(number), 'CPU:0')), float(one.reduce(SUM, s.run(number), 'CPU:1', options()))", [1.5, 3.]),
    ("float(product.reduce(SUM, s.run(number), 'CPU:0')), float(product.reduce(MEAN, s.run(number), 'CPU:0'))", [2., 1.]),
    ("parts(hierarchical.batch_reduce(SUM, [(s.run(number), 'CPU:0'), (s.run(number), 'CPU:1')], options())[1])", [3.]),
    ("float(one.reduce(SUM, tf.constant(4.), 'CPU:1')), float(one.broadcast(5., 'CPU:1'))", [4., 5.]),
    ("one.reduce(MEAN, s.run(lambda: tf.constant(3) * 1), 'CPU:0').dtype.name", "float64"),
    ("[says(lambda: one.reduce('SUM', s.run(number), 'CPU:0')), says(lambda: product.reduce(3, s.run(number), 'CPU:0'))]",
     ["ValueError: `reduce_op` must be Reduce.SUM or Reduce.MEAN."] * 2),
    ("[says(lambda: one.reduce(SUM, s.run(number), to)) for to in (None, s, ['CPU:0'])] + [says(lambda: one.broadcast(1., None))]",
     ["ValueError: destinations must be one of a `DistributedValues` object, a tf.Variable object, or a device string."] * 4),
    ("says(lambda: one.reduce(SUM, 5., 'CPU:0'))",
     "ValueError: Cannot convert `input_tensor` to a `PerReplica` object because it doesn't have device set."),
    ("says(lambda: one.batch_reduce(SUM, [[s.run(number), 'CPU:0']]))",
     "ValueError: Each element of `value_destination_pairs` should be a tuple."),
    ("[says(f) for f in (lambda: tf.distribute.CrossDeviceOps().reduce(SUM, s.run(number), 'CPU:0'),"
     " lambda: tf.distribute.CrossDeviceOps().batch_reduce(SUM, [(s.run(number), 'CPU:0')]))]",
     ["NotImplementedError: _reduce method must be implemented in descendants.",
      "NotImplementedError: batch_reduce_implementation method must be implemented in descendants."]),
    ("by_own(lambda s: s.run(lambda: context().all_reduce('SUM', [number(), number() * 2], options(bytes_per_pack=77))))",
     [[[3., 3.], [6., 6.]], [["batch", "SUM", 2, 77]]]),
    ("by_own(lambda s: tf.function(lambda: s.run(lambda: context().all_reduce(MEAN, number())))())", [[[1.5, 1.5]], [["batch", "MEAN", 1, 0]]]),
    ("by_own(lambda s: s.reduce('SUM', s.run(number), axis=None))", [[[3.]], [["reduce", "SUM", "/device:CPU:0"]]]),
    ("by_own(stepped)", [[[[0., 1.]]], [["batch", "SUM", 1, 0]]]),
    ("by_own(lambda s: s.run(lambda: context().all_reduce('SUM', number())), product)", [[[2., 2.]], []]),
    ("by_own(lambda s: s.run(lambda: context().all_reduce('MEAN', number())), product)", [[[1., 1.]], []]),
    ("stepped(s).numpy().tolist(), [normalized(traced) for traced in (True, False)]", [[0., 1.], [[0.01, 0.01]] * 2]),
    ("[aggregated(*asked) for asked in ((True, True), (True, False), (False, True), (False, False))]",
     [[[-1., 0.], 1], [[0., 1.], 1], [[0., 1.], 1], [[0.5, 1.5], 1]]),
    ("[fitted(eagerly) for eagerly in (False, True)]", [0.0388] * 2),
    ("fields(options()), fields(options(5, 2.5, 'nccl')), fields(options(implementation=ways.RING))",
     [[0, None, "AUTO"], [5, 2.5, "NCCL"], [0, None, "RING"]]),
    ("fields(options(5, 1, 'NCCL').merge(options())), fields(options(5, 1, 'NCCL').merge(options(7, 2, 'RING'))), fields(options(5).merge(None))",
     [[5, 1, "NCCL"], [7, 2, "RING"], [5, None, "AUTO"]]),
    ("says(lambda: options(-1))", "ValueError: Argument `bytes_per_pack` must be >=0, Received -1."),
    ("says(lambda: options(implementation='foo'))", "ValueError: 'FOO' is not a valid CommunicationImplementation"),
    ("says(lambda: options(implementation=None))",
     "ValueError: Argument `implementation` must be instance of `tf.distribute.experimental.CommunicationImplementation`."),
    ("[w.value for w in ways], repr(ways.RING), tf.distribute.experimental.CollectiveCommunication is ways",
     [["AUTO", "RING", "NCCL"], "<CommunicationImplementation.RING: 'RING'>", True]),
    ("fields(tf.distribute.experimental.CollectiveHints(bytes_per_pack=5, timeout_seconds=2.))", [5, 2., "AUTO"]),
    ("[parts(s.run(lambda: context().all_reduce('sum', number(), o))) for o in (None, options(1), options(timeout_seconds=60.), "
     "options(implementation='RING'))]", [[3., 3.]] * 4),
    ("parts(s.run(lambda: context().all_gather(tf.reshape(number(), [1]), 0, options(timeout_seconds=60.))))[0]", [1., 2.]),
    ("[says(lambda: s.run(lambda: context().all_reduce('SUM', number(), 5))), says(lambda: s.run(lambda: context().all_gather([1.], 0, 5)))]",
     ["AttributeError: 'int' object has no attribute 'bytes_per_pack'"] * 2),
    ("float(context().all_reduce('SUM', tf.constant(2.), 5))", 2.),
    ("says(lambda: s.run(lambda: context().all_reduce('MAX', number())))", "ValueError: 'MAX' is not a valid ReduceOp"),
    ("says(lambda: s.run(lambda: context().all_reduce(3, number())))", "ValueError: `reduce_op` must be Reduce.SUM or Reduce.MEAN."),
    ("float(s.extended.reduce_to('mean', s.run(number), 'CPU:0', options(3))), "
     "[float(x) for x in s.extended.batch_reduce_to(SUM, [(s.run(number), 'CPU:0'), (s.run(number), 'CPU:1')], options())]", [1.5, [3., 3.]]),
    ("[says(lambda: scope(lambda: f('CPU:0'))) for f in (lambda to: s.extended.reduce_to('MAX', s.run(number), to),"
     " lambda to: s.extended.reduce_to(SUM, 5., to), lambda to: s.extended.reduce_to(SUM, s.run(number), None))]",
     ["ValueError: 'MAX' is not a valid ReduceOp",
      "ValueError: A non-DistributedValues value 5.0 cannot be reduced with the given reduce op ReduceOp.SUM.",
      "ValueError: destinations must be one of a `DistributedValues` object, a tf.Variable object, or a device string."]),
    ("scope(lambda: [s.extended.reduce_to(MEAN, 5., 'CPU:0'), s.extended.reduce_to(SUM, 0, 'CPU:0')])", [5., 0]),
    ("tf.distribute.MirroredStrategy(cross_device_ops=tf.distribute.NcclAllReduce(2)).num_replicas_in_sync", 1),
    ("says(lambda: tf.distribute.NcclAllReduce(-1))", "ValueError: NCCL all-reduce requires num_packs >= 0, but -1 is specified"),
]


@pytest.fixture(scope="module")
def given():
    program = SETUP + "import json\nout = []\nfor row in json.loads(input()):\n    out.append(says(lambda: eval(row)))\nprint(json.dumps(out, default=repr))\n"
    done = subprocess.run([sys.executable, "-c", program], input=json.dumps([row for row, _ in ROWS]), capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[row for row, _ in ROWS])
def test_gives_what_tensorflow_gives(given, number):
    assert given[number] == ROWS[number][1]


def test_devices_that_are_missing_are_told_and_replaced(run_python):
    done = run_python("-c", "import ninefold as tf; s = tf.distribute.MirroredStrategy(['/gpu:0', '/gpu:1'])\n"
                      "print(s.num_replicas_in_sync, s.run(lambda: tf.constant(3)).values[1].device[-5:])", CUDA_VISIBLE_DEVICES="")
    assert done.stdout == "2 CPU:0\n", done.stderr
    assert "are not visible to TensorFlow: /job:localhost/replica:0/task:0/device:GPU:0,/job:localhost" in done.stderr


# On two GPUs that are loops on the host: options decide what is asked of NCCL, and a sum that hangs ends at its limit.
ON_GPUS = """
import ctypes, os, time
import ninefold as tf
told = ctypes.CDLL(os.environ["NINEFOLD_CUDA_LIBRARY"]).ninefold_emulated_collectives
told.restype = ctypes.c_char_p
def asked(hangs=0):
    return [line.split(": ")[1] for line in told(-hangs).decode().splitlines() if line.startswith("collect")]
s = tf.distribute.MirroredStrategy()
options, d = tf.distribute.experimental.CommunicationOptions, tf.distribute
x = tf.ones([4])
def step(o):
    whole = tf.function(lambda x: s.run(lambda: d.get_replica_context().all_reduce("SUM", [x * 1., x * 2., x * 3.], o)))
    return [float(t.values[1][0]) for t in whole(x)]
asked()
for o in None, options(bytes_per_pack=32), options(bytes_per_pack=1), options(implementation="RING"):
    print(step(o), asked())
p = s.run(lambda: tf.ones([3]) * 1.)
for way in d.NcclAllReduce(), d.NcclAllReduce(0), d.HierarchicalCopyAllReduce(), d.ReductionToOneDevice():
    two = way.batch_reduce(d.ReduceOp.SUM, [(p, "GPU:1"), (p, "GPU:1"), (p, p)])
    print(type(way).__name__, two[0].numpy().tolist(), two[0].device[-5:], asked())
print(s.extended.reduce_to("MEAN", p, "GPU:0", options(bytes_per_pack=4)).numpy().tolist(), asked())
asked(1)
try:
    step(options(timeout_seconds=0.05))
except tf.errors.DeadlineExceededError as e:
    print(type(e).__name__, "did not end within the 0.05 s of timeout_seconds" in e.message)
print(step(options(timeout_seconds=0.05)))
"""


@pytest.mark.skipif(not EMULATED.exists(), reason="no emulated GPU was built")
def test_options_decide_what_is_asked_of_nccl(run_python):
    done = run_python("-c", ON_GPUS, NINEFOLD_CUDA_LIBRARY=str(EMULATED))
    assert done.stdout.splitlines() == [
        "[2.0, 4.0, 6.0] ['reduce 48 to 0']",
        "[2.0, 4.0, 6.0] ['reduce 32 to 0', 'reduce 16 to 0']",
        "[2.0, 4.0, 6.0] ['reduce 16 to 0', 'reduce 16 to 0', 'reduce 16 to 0']",
        "[2.0, 4.0, 6.0] []",
        "NcclAllReduce [2.0, 2.0, 2.0] GPU:1 ['reduce 24 to 1', 'reduce 12 to 0']",
        "NcclAllReduce [2.0, 2.0, 2.0] GPU:1 ['reduce 12 to 1', 'reduce 12 to 1', 'reduce 12 to 0']",
        "HierarchicalCopyAllReduce [2.0, 2.0, 2.0] GPU:1 []",
        "ReductionToOneDevice [2.0, 2.0, 2.0] GPU:1 []",
        "[1.0, 1.0, 1.0] ['reduce 12 to 0']",
        "DeadlineExceededError True",
        "[2.0, 4.0, 6.0]"], done.stderr


FIT_ON_GPUS = """
import numpy as np, ninefold as tf
from ninefold import _core
tf.random.set_seed(1)
r = np.random.RandomState(0)
x, y = r.rand(160, 20).astype('float32'), r.randint(0, 3, 160).astype('int32')
with tf.distribute.MirroredStrategy().scope():
    model = tf.keras.Sequential([tf.keras.layers.Dense(16, 'relu'), tf.keras.layers.Dropout(0.3, seed=3), tf.keras.layers.Dense(3)])
    model.compile('adam', tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])
print(model.fit(x, y, batch_size=32, epochs=2, verbose=0).history)
print(_core.device.steps())
"""


@pytest.mark.skipif(not EMULATED.exists(), reason="no emulated GPU was built")
def test_a_step_of_several_gpus_is_one_graph(run_python, tmp_path):
    def fitted(gpus, graphs):   # kernels are compiled once for all
        return run_python("-c", FIT_ON_GPUS, NINEFOLD_CUDA_LIBRARY=str(EMULATED), CUDA_VISIBLE_DEVICES=gpus, NINEFOLD_KERNEL_CACHE=str(tmp_path),
                          NINEFOLD_STEP_GRAPHS=graphs).stdout.splitlines()
    for gpus in ("0,1", "0,1,2,3"):
        graph, ops = fitted(gpus, "1"), fitted(gpus, "0")
        assert graph == [ops[0], "[('train_function', 'captured')]"] and ops[1] == "[]", gpus
