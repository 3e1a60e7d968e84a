# In: steps over two logical CPU devices. Out: what TensorFlow 2.9.0 says of the same: how batches are split, what replicas are
# told, how values come together. A process of its own, since devices are set before the first op.
import json
import os
import subprocess
import sys

import pytest

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
def scope(f):
    with s.scope():
        return f()
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
    ("float(tf.distribute.HierarchicalCopyAllReduce().reduce('MEAN', s.run(number), s))", 1.5),
    ("float(tf.distribute.ReductionToOneDevice(accumulation_fn=lambda v: v[0] * v[1]).reduce('SUM', s.run(number), s))", 2.),
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


def test_mirrored_strategy_refuses_ways_that_it_would_not_go(run_python):
    program = ("import ninefold as tf; d = tf.distribute\n"
               "for way in d.ReductionToOneDevice(accumulation_fn=sum), type('Own', (d.CrossDeviceOps,), {})():\n"
               "    try: d.MirroredStrategy(cross_device_ops=way)\n"
               "    except NotImplementedError as e: print(str(e).split(';')[0])\n")
    assert run_python("-c", program).stdout.splitlines() == [
        "MirroredStrategy: gradients travel by NcclAllReduce, HierarchicalCopyAllReduce or ReductionToOneDevice without an accumulation_fn"] * 2
