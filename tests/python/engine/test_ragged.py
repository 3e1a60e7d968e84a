# In: ragged tensors as programs make and use them. Out: what TensorFlow 2.9.0 said of the same expressions.
import copy
import pickle

import numpy as np
import pytest

import ninefold as tf

RT = tf.ragged.constant([[1, 2], [], [3]])
RT2 = tf.ragged.constant([[[1, 2], [3]], [], [[4]]])
RF = tf.ragged.constant([[1., 2.], [], [3.]])
R = tf.RaggedTensor

# Expression -> repr, recorded from TensorFlow 2.9.0.
SAYS = [
    ("RT", "<tf.RaggedTensor [[1, 2], [], [3]]>"),
    ("RT.shape", "TensorShape([3, None])"), ("RT2.shape", "TensorShape([3, None, None])"),
    ("RT._type_spec", "RaggedTensorSpec(TensorShape([3, None]), tf.int32, 1, tf.int64)"),
    ("RT2._type_spec", "RaggedTensorSpec(TensorShape([3, None, None]), tf.int32, 2, tf.int64)"),
    ("tf.RaggedTensorSpec([2,None,3],tf.float32,ragged_rank=1,row_splits_dtype=tf.int32)",
     "RaggedTensorSpec(TensorShape([2, None, 3]), tf.float32, 1, tf.int32)"),
    ("RT[1:]", "<tf.RaggedTensor [[], [3]]>"), ("RT[::2]", "<tf.RaggedTensor [[1, 2], [3]]>"),
    ("RT[:,1:]", "<tf.RaggedTensor [[2], [], []]>"), ("RT[:,-1:]", "<tf.RaggedTensor [[2], [], [3]]>"),
    ("RT[:,::-1]", "<tf.RaggedTensor [[2, 1], [], [3]]>"), ("RT2[:,:1]", "<tf.RaggedTensor [[[1, 2]], [], [[4]]]>"),
    ("RT2[0]", "<tf.RaggedTensor [[1, 2], [3]]>"), ("RT2[1:, :1, 0:1]", "<tf.RaggedTensor [[], [[4]]]>"),
    ("RT2[:,:,0:1]", "<tf.RaggedTensor [[[1],\n  [3]], [], [[4]]]>"),
    ("RT2[...,0:1]", "<tf.RaggedTensor [[[1],\n  [3]], [], [[4]]]>"),
    ("RT[tf.newaxis]", "<tf.RaggedTensor [[[1, 2], [], [3]]]>"),
    ("RT[:,tf.newaxis]", "<tf.RaggedTensor [[[1, 2]],\n [[]],\n [[3]]]>"),
    ("RT+1", "<tf.RaggedTensor [[2, 3], [], [4]]>"), ("1+RT", "<tf.RaggedTensor [[2, 3], [], [4]]>"),
    ("tf.constant(1)+RT", "<tf.RaggedTensor [[2, 3], [], [4]]>"), ("RT-RT", "<tf.RaggedTensor [[0, 0], [], [0]]>"),
    ("RT+[[10],[20],[30]]", "<tf.RaggedTensor [[11, 12], [], [33]]>"),
    ("tf.constant([[10],[20],[30]])+RT", "<tf.RaggedTensor [[11, 12], [], [33]]>"),
    ("RT==RT", "<tf.RaggedTensor [[True, True], [], [True]]>"), ("RT==1", "<tf.RaggedTensor [[True, False], [], [False]]>"),
    ("RT!=RT", "<tf.RaggedTensor [[False, False], [], [False]]>"), ("RT<2", "<tf.RaggedTensor [[True, False], [], [False]]>"),
    ("-RT", "<tf.RaggedTensor [[-1, -2], [], [-3]]>"), ("~(RT>1)", "<tf.RaggedTensor [[True, False], [], [False]]>"),
    ("RF/2", "<tf.RaggedTensor [[0.5, 1.0], [], [1.5]]>"), ("RT//2", "<tf.RaggedTensor [[0, 1], [], [1]]>"),
    ("RT%2", "<tf.RaggedTensor [[1, 0], [], [1]]>"), ("RF**2", "<tf.RaggedTensor [[1.0, 4.0], [], [9.0]]>"),
    ("tf.reduce_sum(RT2,axis=2)", "<tf.RaggedTensor [[3, 3], [], [4]]>"),
    ("tf.reduce_sum(RT2,axis=1)", "<tf.RaggedTensor [[4, 2], [], [4]]>"),
    ("tf.reduce_sum(RT2,axis=0)", "<tf.RaggedTensor [[5, 2], [3]]>"),
    ("tf.concat([RT,RT],0)", "<tf.RaggedTensor [[1, 2], [], [3], [1, 2], [], [3]]>"),
    ("tf.concat([RT,RT],1)", "<tf.RaggedTensor [[1, 2, 1, 2], [], [3, 3]]>"),
    ("tf.concat([RT,[[7],[8],[9]]],1)", "<tf.RaggedTensor [[1, 2, 7], [8], [3, 9]]>"),
    ("tf.concat([RT2,RT2],2)", "<tf.RaggedTensor [[[1, 2, 1, 2], [3, 3]], [], [[4, 4]]]>"),
    ("tf.stack([RT,RT])", "<tf.RaggedTensor [[[1, 2], [], [3]],\n [[1, 2], [], [3]]]>"),
    ("tf.stack([RT,RT],1)", "<tf.RaggedTensor [[[1, 2], [1, 2]],\n [[], []],\n [[3], [3]]]>"),
    ("tf.ragged.stack([[1,2],[3]])", "<tf.RaggedTensor [[1, 2], [3]]>"),
    ("tf.expand_dims(RT,0)", "<tf.RaggedTensor [[[1, 2], [], [3]]]>"),
    ("tf.expand_dims(RT,0).shape", "TensorShape([1, 3, None])"),
    ("tf.expand_dims(RT,-1)", "<tf.RaggedTensor [[[1],\n  [2]], [], [[3]]]>"),
    ("tf.gather(RT,[2,0])", "<tf.RaggedTensor [[3], [1, 2]]>"),
    ("tf.gather([10,20,30,40],RT)", "<tf.RaggedTensor [[20, 30], [], [40]]>"),
    ("tf.cast(RT,tf.float32)", "<tf.RaggedTensor [[1.0, 2.0], [], [3.0]]>"),
    ("tf.zeros_like(RT)", "<tf.RaggedTensor [[0, 0], [], [0]]>"),
    ("tf.strings.length(tf.ragged.constant([['a','bcd'],[]]))", "<tf.RaggedTensor [[1, 3], []]>"),
    ("tf.ragged.constant([['a','bcd'],[]])", "<tf.RaggedTensor [[b'a', b'bcd'], []]>"),
    ("tf.nn.relu(RF)", "<tf.RaggedTensor [[1.0, 2.0], [], [3.0]]>"),
    ("tf.one_hot(RT,4)", "<tf.RaggedTensor [[[0.0, 1.0, 0.0, 0.0],\n  [0.0, 0.0, 1.0, 0.0]], [], [[0.0, 0.0, 0.0, 1.0]]]>"),
    ("tf.where(RT>1,RT,RT*10)", "<tf.RaggedTensor [[10, 2], [], [3]]>"),
    ("R.from_value_rowids([1,2,3],[0,0,2])", "<tf.RaggedTensor [[1, 2], [], [3]]>"),
    ("R.from_value_rowids([1,2,3],[0,0,2],nrows=5)", "<tf.RaggedTensor [[1, 2], [], [3], [], []]>"),
    ("R.from_row_lengths([1,2,3],[2,0,1])", "<tf.RaggedTensor [[1, 2], [], [3]]>"),
    ("R.from_row_starts([1,2,3],[0,0,2])", "<tf.RaggedTensor [[], [1, 2], [3]]>"),
    ("R.from_row_limits([1,2,3],[0,2,3])", "<tf.RaggedTensor [[], [1, 2], [3]]>"),
    ("R.from_uniform_row_length([1,2,3,4],2)", "<tf.RaggedTensor [[1, 2],\n [3, 4]]>"),
    ("R.from_uniform_row_length([1,2,3,4],2).shape", "TensorShape([2, 2])"),
    ("R.from_nested_row_splits([1,2,3],[[0,2,2],[0,2,3]])", "<tf.RaggedTensor [[[1, 2], [3]], []]>"),
    ("R.from_nested_row_lengths([1,2,3],[[2,0],[2,1]])", "<tf.RaggedTensor [[[1, 2], [3]], []]>"),
    ("R.from_tensor([[1,2,0],[3,0,0]],padding=0)", "<tf.RaggedTensor [[1, 2], [3]]>"),
    ("R.from_tensor([[1,2,0],[3,0,0]],lengths=[1,2])", "<tf.RaggedTensor [[1], [3, 0]]>"),
    ("R.from_tensor([[1,2,0],[3,0,0]]).shape", "TensorShape([2, 3])"),
    ("RT2.row_lengths(axis=2)", "<tf.RaggedTensor [[2, 1], [], [1]]>"),
    ("RT2.values", "<tf.RaggedTensor [[1, 2], [3], [4]]>"),
    ("RT2.with_flat_values([5,6,7,8])", "<tf.RaggedTensor [[[5, 6], [7]], [], [[8]]]>"),
    ("RT.with_values([5,6,7.])", "<tf.RaggedTensor [[5.0, 6.0], [], [7.0]]>"),
    ("RT2.merge_dims(0,1)", "<tf.RaggedTensor [[1, 2], [3], [4]]>"),
    ("RT2.merge_dims(1,2)", "<tf.RaggedTensor [[1, 2, 3], [], [4]]>"),
    ("tf.ragged.constant([[],[]])", "<tf.RaggedTensor [[], []]>"),
    ("tf.ragged.constant([[[1,2]],[[3,4],[5,6]]],ragged_rank=1).shape", "TensorShape([2, None, 2])"),
    ("tf.ragged.constant([[1,2],[3]],dtype=tf.float32)", "<tf.RaggedTensor [[1.0, 2.0], [3.0]]>"),
    ("tf.ragged.range([1,2,3])", "<tf.RaggedTensor [[0], [0, 1], [0, 1, 2]]>"),
    ("tf.ragged.range([0,2],[3,4])", "<tf.RaggedTensor [[0, 1, 2], [2, 3]]>"),
    ("tf.ragged.map_flat_values(tf.add,RT,5)", "<tf.RaggedTensor [[6, 7], [], [8]]>"),
    ("tf.ragged.boolean_mask([[1,2,3],[4,5,6]],[[True,False,True],[False,False,True]])", "<tf.RaggedTensor [[1, 3], [6]]>"),
    ("tf.nest.map_structure(lambda x:x+1, {'a':RT},expand_composites=True)", "{'a': <tf.RaggedTensor [[3, 4], [], []]>}"),
    ("tf.nest.flatten(RT._type_spec, expand_composites=True)",
     "[TensorSpec(shape=(None,), dtype=tf.int32, name=None), TensorSpec(shape=(4,), dtype=tf.int64, name=None)]"),
    ("RT.uniform_row_length", "None"), ("RT.ragged_rank", "1"), ("RT.dtype", "tf.int32"), ("RT.to_list()", "[[1, 2], [], [3]]"),
    ("tf.is_tensor(RT), isinstance(RT, tf.RaggedTensor), tf.nest.is_nested(RT)", "(True, True, False)"),
    ("tf.RaggedTensorSpec([None,None]).is_compatible_with(RF)", "True"),
]


@pytest.mark.parametrize("expression, says", SAYS)
def test_says_what_tensorflow_says(expression, says):
    assert repr(eval(expression)) == says


@pytest.mark.parametrize("expression, value", [
    ("RT.values", [1, 2, 3]), ("RT.row_splits", [0, 2, 2, 3]), ("RT.row_lengths()", [2, 0, 1]), ("RT.nrows()", 3),
    ("RT.value_rowids()", [0, 0, 2]), ("RT.row_starts()", [0, 2, 2]), ("RT.row_limits()", [2, 2, 3]),
    ("RT.bounding_shape()", [3, 2]), ("RT2.bounding_shape()", [3, 2, 2]), ("RT2.bounding_shape(axis=1)", 2),
    ("RT[0]", [1, 2]), ("RT[-1]", [3]), ("RT[0,1]", 2), ("RT2[0,1]", [3]), ("RT2.flat_values", [1, 2, 3, 4]),
    ("RT.to_tensor(-1)", [[1, 2], [-1, -1], [3, -1]]), ("RT.to_tensor(shape=[None,1])", [[1], [0], [3]]),
    ("RT2.to_tensor()", [[[1, 2], [3, 0]], [[0, 0], [0, 0]], [[4, 0], [0, 0]]]),
    ("RT.to_tensor(shape=[5,4])", [[1, 2, 0, 0], [0] * 4, [3, 0, 0, 0], [0] * 4, [0] * 4]),
    ("tf.reduce_sum(RT)", 6), ("tf.reduce_sum(RT,axis=1)", [3, 0, 3]), ("tf.reduce_sum(RT,axis=0)", [4, 2]),
    ("tf.reduce_sum(RT,axis=1,keepdims=True)", [[3], [0], [3]]), ("tf.reduce_min(RT,axis=-1)", [1, 2147483647, 3]),
    ("tf.reduce_mean(RF,axis=1)", [1.5, np.nan, 3.0]), ("tf.reduce_mean(RT,axis=1)", [1.5, np.nan, 3.0]),
    ("tf.reduce_max(RF,axis=1)", [2.0, np.float32(-3.4028235e+38), 3.0]), ("tf.reduce_sum(RT2,axis=[1,2])", [6, 0, 4]),
    ("tf.reduce_any(RT>1,axis=1)", [True, False, True]), ("tf.reduce_all(RT>1,axis=1)", [False, True, True]),
    ("tf.reduce_prod(RT,axis=1)", [2, 1, 3]), ("tf.size(RT)", 3), ("tf.rank(RT2)", 3),
    ("tf.ragged.row_splits_to_segment_ids([0,2,2,3])", [0, 0, 2]),
    ("tf.ragged.row_splits_to_segment_ids([3,5])", [0, 0]),
    ("tf.ragged.row_splits_to_segment_ids([2147483647,2147483647])", []), ("RT2.merge_dims(0,2)", [1, 2, 3, 4]),
    ("tf.ragged.segment_ids_to_row_splits([0,0,2])", [0, 2, 2, 3]), ("RT2.nested_row_lengths()[1]", [2, 1, 1]),
    ("tf.nn.embedding_lookup(tf.constant([[1.],[2],[3],[4]]),RT).flat_values", [[2], [3], [4]]),
])
@pytest.mark.parametrize("traced", [False, True])
def test_values(expression, value, traced):
    run = eval("lambda RT, RT2, RF: " + expression)
    got = (tf.function(run) if traced else run)(RT, RT2, RF).numpy()
    np.testing.assert_array_equal(got, np.array(value))


@pytest.mark.parametrize("expression, error, text", [
    ("RT[5]", IndexError, "Row key 5 out of bounds"), ("RT[:,0]", ValueError, "Cannot index into an inner ragged dimension."),
    ("len(RT)", TypeError, "object of type 'RaggedTensor' has no len()"),
    ("bool(RT)", TypeError, "RaggedTensor may not be used as a boolean."), ("hash(RT)", TypeError, "RaggedTensor is unhashable."),
    ("RT+tf.ragged.constant([[1],[2],[3]])", tf.errors.InvalidArgumentError, "Condition x == y did not hold."),
    ("tf.constant([1,2,3])+RT", tf.errors.InvalidArgumentError, "Condition x == y did not hold."),
    ("RT@RT", TypeError, "unsupported operand type(s) for @: 'RaggedTensor' and 'RaggedTensor'"),
    ("tf.reduce_sum(RT,axis=5)", ValueError, "axis=5 out of bounds: expected -2<=axis<2"),
    ("tf.linalg.inv(RT)", ValueError, "tf.linalg.inv: expected a tensor"), ("tf.convert_to_tensor(RT)", ValueError, "has no len()"),
    ("R.from_row_splits([1,2,3],[0,2])", tf.errors.InvalidArgumentError,
     "Arguments to _from_row_partition do not form a valid RaggedTensor\nCondition x == y did not hold."),
    ("R.from_row_splits([1,2,3],[0,2,1,3])", tf.errors.InvalidArgumentError,
     "Arguments to from_row_splits do not form a valid RaggedTensor:monotonic.  \nCondition x >= 0 did not hold "
     "element-wise:\nx (shape=(3,) dtype=int64) = \n['2', '-1', '2']"),
    ("R.from_row_splits([1,2,3],[])", ValueError, "row_splits tensor may not be empty."),
    ("R.from_row_splits([1,2,3],[0.,3.])", ValueError, "row_splits must have dtype int32 or int64"),
    ("R.from_row_lengths([1,2,3],[-1,4])", tf.errors.InvalidArgumentError, "do not form a valid RowPartition."),
    ("R.from_value_rowids([1,2,3],[0,2,1])", tf.errors.InvalidArgumentError, "['2', '-1']"),
    ("R.from_uniform_row_length([1,2,3],2)", ValueError, "uniform_row_length=2 times nrows=1 must equal nvals=3"),
    ("R.from_tensor([1,2])", ValueError, "The rank of a RaggedTensor must be greater than 1"),
    ("R([1],[0,1])", ValueError, "RaggedTensor constructor is private"),
    ("RT.with_values([5,6])", ValueError, "Shapes (3,) and (2,) are incompatible"),
    ("tf.ragged.constant([[1,[2]]])", ValueError, "all scalar values must have the same nesting depth"),
    ("tf.gather([1], 0, RT)", ValueError, "tf.gather: a RaggedTensor may be given as params or indices only, not in a list"),
    ("tf.gather([RT, RT], 0)", ValueError, "a RaggedTensor may be given as params or indices only"),
    ("tf.expand_dims('x', 1, [RT])", ValueError, "tf.expand_dims: a RaggedTensor may be given as input only"),
    ("tf.size(RT, RT)", ValueError, "tf.size: a RaggedTensor may be given as input only"),
    ("tf.print([[RT]])", ValueError, "tf.print: a RaggedTensor may be given as inputs only, not in a list"),
    ("tf.where(RT > 1)", tf.errors.UnimplementedError, "give x and y"),
    ("tf.ragged.constant([[1,'a']])", ValueError, "Can't convert Python sequence with mixed types to Tensor."),
])
def test_errors(expression, error, text):
    with pytest.raises(error) as info:
        eval(expression)
    assert text in str(info.value)


# ---- in functions -------------------------------------------------------------------------------------------------

def test_one_trace_a_spec():
    seen = []

    @tf.function
    def f(x):
        seen.append((x.shape.as_list(), str(x).split("(")[0], x.values.shape.as_list(), x.row_splits.shape.as_list()))
        return x * 2
    assert f(RT).to_list() == [[2, 4], [], [6]]
    assert f(tf.ragged.constant([[1], [4, 5, 6], [3]])).to_list() == [[2], [8, 10, 12], [6]]   # the same spec
    assert len(seen) == 1
    f(RT2), f(RF), f(tf.ragged.constant([[1], [4, 5, 6]])), f(x=RT)
    assert seen[0] == ([3, None], "tf.RaggedTensor", [None], [4]) and len(seen) == 4
    assert seen[1][0] == [3, None, None] and seen[3][3] == [3]


def test_an_input_signature_serves_all_sizes():
    f = tf.function(lambda x: tf.reduce_sum(x, axis=1), input_signature=[tf.RaggedTensorSpec([None, None], tf.int32)])
    assert f(RT).numpy().tolist() == [3, 0, 3] and f(tf.ragged.constant([[1] * 9])).numpy().tolist() == [9]
    assert f.experimental_get_tracing_count() == 1
    with pytest.raises(ValueError) as info:
        f(RF)
    assert str(info.value) == ("Structure of Python function inputs does not match input_signature:\n  inputs: (\n"
                               "    <tf.RaggedTensor [[1.0, 2.0], [], [3.0]]>)\n  input_signature: (\n"
                               "    RaggedTensorSpec(TensorShape([None, None]), tf.int32, 1, tf.int64)).")


def test_concrete_functions_print_their_specs():
    f = tf.function(lambda x: {"a": [x], "b": x.values})
    concrete = f.get_concrete_function(tf.RaggedTensorSpec([None, None], tf.int32))
    spec = "RaggedTensorSpec(TensorShape([None, None]), tf.int32, 1, tf.int64)"
    assert concrete.structured_input_signature == ((tf.RaggedTensorSpec([None, None], tf.int32),), {})
    assert f"    x: {spec}\n" in f.pretty_printed_concrete_signatures() and spec in str(concrete.structured_outputs)
    out = concrete(RT)
    assert out["a"][0].to_list() == [[1, 2], [], [3]] and out["b"].numpy().tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match="must be compatible"):
        concrete(RF)


def test_nested_in_dicts_in_and_out():
    @tf.function
    def f(d, more):
        rows = tf.concat([d["r"], more[0]], axis=1)
        return {"rows": rows, "pair": (d["t"] + 1.0, [rows.row_lengths(), None]), "sum": tf.reduce_sum(rows)}
    for _ in range(2):
        out = f({"r": RF, "t": tf.constant(1.0)}, [RF * 10.0])
        assert out["rows"].to_list() == [[1., 2., 10., 20.], [], [3., 30.]] and float(out["sum"]) == 66.0
        assert float(out["pair"][0]) == 2.0 and out["pair"][1][0].numpy().tolist() == [4, 0, 2] and out["pair"][1][1] is None
    assert f.experimental_get_tracing_count() == 1


def test_through_conditions_loops_and_made_inside():
    @tf.function
    def f(x, n):
        r = tf.RaggedTensor.from_row_splits(x, [0, 1, 1, 3])
        r = tf.cond(n > 1, lambda: r * 2.0, lambda: r)
        for _ in tf.range(n):
            r = r + 1.0
        return r, r[:, :1], r[0], r.to_tensor()
    r, head, row, dense = f(tf.constant([1., 2., 3.]), tf.constant(2))
    assert r.to_list() == [[4.0], [], [6.0, 8.0]] and head.to_list() == [[4.0], [], [6.0]]
    assert row.numpy().tolist() == [4.0] and dense.numpy().tolist() == [[4, 0], [0, 0], [6, 8]]


def test_splits_are_checked_when_the_function_runs():
    f = tf.function(lambda v, s: tf.RaggedTensor.from_row_splits(v, s).to_tensor(),
                    input_signature=[tf.TensorSpec([None], tf.int32), tf.TensorSpec([None], tf.int64)])
    assert f([1, 2, 3], [0, 1, 3]).numpy().tolist() == [[1, 0], [2, 3]]
    with pytest.raises(tf.errors.InvalidArgumentError, match="do not form a valid RaggedTensor"):
        f([1, 2, 3], [0, 1, 2])


# ---- gradients ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("traced", [False, True])
def test_gradients_through_values(traced):
    v = tf.Variable([1., 2., 3.])

    def loss():
        r = tf.RaggedTensor.from_row_splits(v, [0, 2, 3])
        return tf.reduce_sum(tf.reduce_sum(r ** 2, axis=1) * [1., 10.]) + tf.reduce_sum(r.to_tensor()[:, 0])
    with tf.GradientTape() as tape:
        y = (tf.function(loss) if traced else loss)()
    assert float(y) == 5 + 90 + 1 + 3
    assert tape.gradient(y, v).numpy().tolist() == [3.0, 4.0, 61.0]


def test_gradients_of_a_ragged_tensor_are_ragged():
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(RF)
        y = RF * RF
        z = tf.reduce_sum(y)
    assert repr(tape.gradient(z, RF)) == "<tf.RaggedTensor [[2.0, 4.0], [], [6.0]]>"
    assert repr(tape.gradient(y, {"a": RF})["a"]) == "<tf.RaggedTensor [[2.0, 4.0], [], [6.0]]>"
    assert tape.gradient(z, RF.values).numpy().tolist() == [2, 4, 6]


# ---- Python's manners ---------------------------------------------------------------------------------------------

def test_numpy_iteration_and_copies():
    rows = RT.numpy()
    assert rows.dtype == object and [r.tolist() for r in rows] == [[1, 2], [], [3]]
    assert tf.ragged.constant([[1, 2], [3, 4]]).numpy().tolist() == [[1, 2], [3, 4]]
    assert [r.numpy().tolist() for r in RT] == [[1, 2], [], [3]]
    for other in (pickle.loads(pickle.dumps(RT2)), copy.deepcopy(RT2)):
        assert other.to_list() == RT2.to_list() and other is not RT2
    assert pickle.loads(pickle.dumps(RT._type_spec)) == RT._type_spec


def test_rows_are_counted_before_they_are_iterated_over():
    f = tf.function(lambda r: [row + 1 for row in r], autograph=False)
    assert [row.numpy().tolist() for row in f(RT)] == [[2, 3], [], [4]]
    with pytest.raises(TypeError, match="Cannot iterate over a RaggedTensor whose number of rows"):
        f.get_concrete_function(tf.RaggedTensorSpec([None, None], tf.int32))


def test_prints_its_rows(capfd):
    tf.print(RT, output_stream="file:///dev/stdout")
    assert capfd.readouterr().out == "[[1, 2], [], [3]]\n"
