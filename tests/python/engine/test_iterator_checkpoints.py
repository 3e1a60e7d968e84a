# In: datasets. Out: iterators that a checkpoint holds: the same elements follow as followed when it was written, in the same
# iterator and in one of a program that begins anew; TensorFlow's errors for what no checkpoint holds.
import subprocess
import sys

import pytest

import ninefold as tf

D = tf.data.Dataset
TABLE = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer([1, 5], [2, 9]), -1)
WEIGHT = tf.Variable(1, dtype=tf.int64)
PIPELINES = {
    "range": lambda: D.range(12),
    "batches": lambda: D.range(30).batch(4).map(lambda x: x * 2, num_parallel_calls=2).prefetch(2),
    "shuffled": lambda: D.range(12).shuffle(5).repeat(),
    "seeded": lambda: D.range(12).shuffle(5, seed=3).batch(5).repeat(3),
    "once": lambda: D.range(12).shuffle(12, reshuffle_each_iteration=False).repeat(),
    "zip": lambda: D.zip((D.range(12).shuffle(3), D.range(24).batch(2))).repeat(),
    "filter": lambda: D.range(60).filter(lambda x: x % 3 == 0).shuffle(4),
    "flat": lambda: D.range(6).shuffle(3).flat_map(lambda x: D.range(x + 2).shuffle(2, seed=7)).repeat(),
    "table": lambda: D.range(12).map(lambda x: TABLE.lookup(tf.cast(x, tf.int32))),
    "stateless": lambda: D.range(12).map(lambda x: tf.random.stateless_uniform([2], [x, 1])),
    "cache": lambda: D.range(12).cache().shuffle(12).repeat()}


def _drawn(iterator, count):
    return [[t.numpy().tolist() for t in tf.nest.flatten(next(iterator))] for _ in range(count)]


@pytest.mark.parametrize("name", sorted(PIPELINES))
@pytest.mark.parametrize("begun", [0, 1, 5])
def test_the_same_elements_follow(name, begun, tmp_path):
    make = PIPELINES[name]
    iterator = iter(make())
    _drawn(iterator, begun)
    path = tf.train.Checkpoint(iterator=iterator).write(str(tmp_path / "ck"))
    assert [n for n, _ in tf.train.list_variables(path)] == ["_CHECKPOINTABLE_OBJECT_GRAPH", "iterator/.ATTRIBUTES/ITERATOR_STATE"]
    few = 2 if name in ("batches", "seeded") else 6
    first = _drawn(iterator, few)
    tf.train.Checkpoint(iterator=iterator).read(path).assert_consumed()
    assert _drawn(iterator, few) == first
    other = iter(make())
    _drawn(other, 3)
    tf.train.Checkpoint(iterator=other).read(path)
    assert _drawn(other, few) == first


def test_the_epochs_that_follow_are_the_same(tmp_path):
    iterator = iter(D.range(7).shuffle(4).repeat())
    _drawn(iterator, 3)
    path = tf.train.Checkpoint(it=iterator).write(str(tmp_path / "ck"))
    first = _drawn(iterator, 40)
    assert first[:7] != first[7:14]
    tf.train.Checkpoint(it=iterator).restore(path)
    assert _drawn(iterator, 40) == first


def test_another_program_goes_on(tmp_path):
    text = """import sys; import ninefold as tf
it = iter(tf.data.Dataset.range(20).shuffle(8).repeat())
c = tf.train.Checkpoint(it=it)
if sys.argv[2] == "write":
    for _ in range(15): next(it)
    c.write(sys.argv[1])
else:
    c.read(sys.argv[1])
print([int(next(it)) for _ in range(30)])"""
    said = [subprocess.run([sys.executable, "-c", text, str(tmp_path / "ck"), what], stdout=subprocess.PIPE, check=True).stdout
            for what in ("write", "read")]
    assert said[0] == said[1]


def test_at_the_end(tmp_path):
    iterator = iter(D.range(3))
    assert len(list(iterator)) == 3
    path = tf.train.Checkpoint(it=iterator).write(str(tmp_path / "ck"))
    again = iter(D.range(3))
    tf.train.Checkpoint(it=again).read(path)
    with pytest.raises(StopIteration):
        next(again)


def test_within_a_function(tmp_path):
    iterator = iter(D.range(10))

    @tf.function
    def two():
        return next(iterator) + next(iterator)
    assert int(two()) == 1
    path = tf.train.Checkpoint(it=iterator).write(str(tmp_path / "ck"))
    assert int(two()) == 5 and int(two()) == 9
    tf.train.Checkpoint(it=iterator).read(path)
    assert int(two()) == 5


@pytest.mark.parametrize("op, make", [
    ("PyFunc", lambda: D.from_generator(lambda: iter(range(9)), output_signature=tf.TensorSpec([], tf.int32))),
    ("RandomUniform", lambda: D.range(9).map(lambda x: tf.random.uniform([], seed=3))),
    ("EagerPyFunc", lambda: D.range(9).map(lambda x: tf.py_function(lambda y: y, [x], tf.int64))),
    ("ReadVariableOp", lambda: D.range(9).map(lambda x: x + WEIGHT))])
def test_what_no_checkpoint_holds(op, make, tmp_path):
    iterator = iter(make())
    next(iterator)
    with pytest.raises(tf.errors.FailedPreconditionError, match=rf"{op} is stateful. \[Op:SerializeIterator\]"):
        tf.train.Checkpoint(it=iterator).write(str(tmp_path / "ck"))


def test_another_pipeline_and_damaged_states(tmp_path):
    path = tf.train.Checkpoint(it=iter(D.range(9))).write(str(tmp_path / "ck"))
    with pytest.raises(tf.errors.NotFoundError, match="Make sure the dataset definition has not changed"):
        tf.train.Checkpoint(it=iter(D.range(9).batch(2))).read(path)
    state = iter(D.range(9).shuffle(3).repeat())._pass
    for told, fault in ((["x"], tf.errors.UnimplementedError),
                        (["ninefold iterator 1", "RepeatDataset", "-1"], tf.errors.DataLossError),
                        (["ninefold iterator 1", "RepeatDataset", "1", "0. 1 2"], tf.errors.DataLossError)):
        with pytest.raises(fault, match="Failed to restore dataset iterator"):
            state.restore(told)
