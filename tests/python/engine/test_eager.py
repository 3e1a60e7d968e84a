# In: expressions on tensors, variables and shapes. Out: the texts and errors that TensorFlow 2.9.0 gave.
import gc
import pickle
import weakref

import numpy as np
import pytest

import ninefold as tf

SPACE = {"tf": tf, "np": np}

REPR = [
    ("tf.constant(3)", "<tf.Tensor: shape=(), dtype=int32, numpy=3>"),
    ("tf.constant([1., 2.])", "<tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 2.], dtype=float32)>"),
    ("tf.constant([[1.5, 2.], [3., 4.]])", "<tf.Tensor: shape=(2, 2), dtype=float32, numpy=\n"
     "array([[1.5, 2. ],\n       [3. , 4. ]], dtype=float32)>"),
    ("tf.constant('hi')", "<tf.Tensor: shape=(), dtype=string, numpy=b'hi'>"),
    ("tf.constant(True)", "<tf.Tensor: shape=(), dtype=bool, numpy=True>"),
    ("tf.constant(1+2j)", "<tf.Tensor: shape=(), dtype=complex128, numpy=(1+2j)>"),
    ("tf.constant(2**40).dtype", "tf.int64"),
    ("tf.constant(300, tf.uint8).numpy().item()", "44"),
    ("tf.Variable([1., 2.], name='w')",
     "<tf.Variable 'w:0' shape=(2,) dtype=float32, numpy=array([1., 2.], dtype=float32)>"),
    ("tf.Variable(3)", "<tf.Variable 'Variable:0' shape=() dtype=int32, numpy=3>"),
    ("tf.TensorShape([None, 2])", "TensorShape([None, 2])"),
    ("tf.TensorShape(None)", "TensorShape(None)"),
    ("str(tf.TensorShape([3]))", "'(3,)'"),
    ("tf.TensorSpec([None, 2], tf.float32)", "TensorSpec(shape=(None, 2), dtype=tf.float32, name=None)"),
    ("tf.float32", "tf.float32"),
    ("str(tf.float32)", "\"<dtype: 'float32'>\""),
    ("tf.float32 == 'float32', tf.float32 == np.float32, tf.int32 == None", "(True, True, False)"),
    ("tf.TensorShape([1, 2]) == (1, 2), tf.TensorShape([1, 2]).as_list()", "(True, [1, 2])"),
    ("tf.TensorShape([1, None]).num_elements()", "None"),
    ("tf.TensorShape([1, None]).merge_with([None, 3])", "TensorShape([1, 3])"),
    ("(tf.constant([1., 2.]) * 2 + 1).numpy().tolist()", "[3.0, 5.0]"),
    ("(2 - tf.constant([1., 2.])).numpy().tolist()", "[1.0, 0.0]"),
    ("(np.ones(2) + tf.constant([1., 2.])).dtype", "tf.float32"),
    ("(tf.constant([1, 2]) / 2).dtype", "tf.float64"),
    ("(tf.constant([1, 2]) == None), (tf.constant([1., 2.]) == tf.constant([1., 2., 3.])).numpy().item()",
     "(False, False)"),
    ("f'{tf.constant(2.5):.3f}', int(tf.constant(7)), float(tf.constant(2.5)), len(tf.constant([1, 2]))",
     "('2.500', 7, 2.5, 2)"),
    ("[int(t) for t in tf.constant([4, 5])]", "[4, 5]"),
    ("tf.nest.flatten({'b': [1, (2,)], 'a': 0})", "[0, 1, 2]"),
    ("tf.nest.map_structure(lambda a, b: a + b, {'x': [1]}, {'x': [2]})", "{'x': [3]}"),
    ("tf.nest.pack_sequence_as((1, [2, 3]), [4, 5, 6])", "(4, [5, 6])"),
    ("tf.config.list_physical_devices()", "[PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]"),
    ("tf.config.list_physical_devices('GPU'), tf.test.is_built_with_cuda()", "([], True)"),
]


@pytest.mark.parametrize("text, expected", REPR, ids=[row[0] for row in REPR])
def test_repr(text, expected):
    assert repr(eval(text, SPACE)) == expected


FAULTS = [
    ("tf.constant([1., 2.]) + tf.constant([1., 2., 3.])", "InvalidArgumentError",
     "Incompatible shapes: [2] vs. [3] [Op:AddV2]"),
    ("tf.constant([1]) + 1.5", "InvalidArgumentError", "cannot compute AddV2 as input #1(zero-based) was "
     "expected to be a int32 tensor but is a float tensor [Op:AddV2]"),
    ("tf.constant([1, 2]) / tf.constant([1., 2.])", "TypeError",
     "`x` and `y` must have the same dtype, got tf.int32 != tf.float32."),
    ("tf.constant([1]) // 0", "InvalidArgumentError", "Integer division by zero [Op:FloorDiv]"),
    ("tf.constant(1.5, tf.int32)", "TypeError", "Cannot convert 1.5 to EagerTensor of dtype int32"),
    ("tf.constant([[1, 2], [3]])", "ValueError", "Can't convert non-rectangular Python sequence to Tensor."),
    ("tf.constant(None)", "ValueError",
     "Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor."),
    ("bool(tf.constant([1., 2.]))", "ValueError", "The truth value of an array with more than one element is "
     "ambiguous. Use a.any() or a.all()"),
    ("int(tf.constant([1., 2.]))", "TypeError", "only size-1 arrays can be converted to Python scalars"),
    ("float(tf.constant('a'))", "ValueError", "could not convert string to float: b'a'"),
    ("len(tf.constant(1))", "TypeError", "Scalar tensor has no `len()`"),
    ("iter(tf.constant(1))", "TypeError", "Cannot iterate over a scalar tensor."),
    ("hash(tf.constant(1))", "TypeError", "Tensor is unhashable. Instead, use tensor.ref() as the key."),
    ("tf.constant([1]).foo", "AttributeError",
     "'tensorflow.python.framework.ops.EagerTensor' object has no attribute 'foo'"),
    ("tf.TensorShape(['a'])", "TypeError", "Dimension value must be integer or None or have an __index__ method, "
     "got value ''a'' with type '<class 'str'>'"),
    ("tf.TensorShape([-2])", "ValueError", "Dimension -2 must be >= 0"),
    ("tf.TensorShape([1, 2]).assert_is_compatible_with([1, 3])", "ValueError",
     "Shapes (1, 2) and [1, 3] are incompatible"),
    ("tf.as_dtype('foo')", "TypeError", "Cannot convert the argument `type_value`: 'foo' to a TensorFlow DType."),
    ("tf.Variable()", "ValueError", "The `initial_value` arg to `tf.Variable` must be specified except when you are "
     "not providing a `variable_def`. You provided neither."),
    ("tf.Variable([1., 2.]).assign([1., 2., 3.])", "ValueError", "Cannot assign value to variable ' Variable:0': "
     "Shape mismatch.The variable shape (2,), and the assigned value shape (3,) are incompatible."),
    ("tf.Variable([1., 2.]).assign_add([1.])", "InvalidArgumentError", "Cannot update variable with shape [2] using "
     "a Tensor with shape [1], shapes must be equal. [Op:AssignAddVariableOp]"),
    ("tf.constant([1, 2.5], tf.int32)", "TypeError", "Cannot convert [1, 2.5] to EagerTensor of dtype int32"),
    ("tf.concat([tf.zeros([2, 3]), tf.zeros([2])], 0)", "InvalidArgumentError", "ConcatOp : Ranks of all input "
     "tensors should match: shape[0] = [2,3] vs. shape[1] = [2] [Op:ConcatV2] name: concat"),
    ("tf.transpose(tf.zeros([2, 3]), [0, 2])", "InvalidArgumentError", "2 is out of range [0 .. 2) [Op:Transpose]"),
    ("tf.GradientTape().gradient(tf.constant(1.), tf.constant(1.))", "RuntimeError",
     "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)"),
    ("tf.device('/foo:0').__enter__()", "ValueError",
     "Unknown attribute 'foo' is encountered while parsing the device spec: '/foo:0'."),
    ("tf.foo", "AttributeError", "module 'tensorflow' has no attribute 'foo'"),
    ("tf.nn.relu(foo=1)", "TypeError", "relu() got an unexpected keyword argument 'foo'"),
]


@pytest.mark.parametrize("text, kind, expected", FAULTS, ids=[row[0] for row in FAULTS])
def test_fault(text, kind, expected):
    with pytest.raises(Exception) as caught:
        eval(text, SPACE)
    assert (type(caught.value).__name__, str(caught.value)) == (kind, expected)


def test_error_classes():
    error = tf.errors.InvalidArgumentError(None, None, "text")
    assert isinstance(error, tf.errors.OpError) and error.error_code == 3 and error.message == "text"
    assert str(pickle.loads(pickle.dumps(error))) == "text"
    assert issubclass(tf.errors.OperatorNotAllowedInGraphError, TypeError)


def test_numpy_shares_nothing_and_buffers_share():
    t = tf.constant([1., 2., 3.])
    copy = t.numpy()
    copy[0] = 9
    assert t.numpy().tolist() == [1, 2, 3]
    view = memoryview(t)
    assert view.readonly and view.shape == (3,) and view.format == "f"
    assert np.asarray(t).base is not None


def test_a_tensor_is_an_ordinary_object():
    t = tf.constant([1.])
    t.note = "kept"
    alive = weakref.ref(t)
    assert t.note == "kept" and alive() is t and {t.ref(): 1}[t.ref()] == 1
    t.self = t  # a cycle
    del t
    gc.collect()
    assert alive() is None
    assert pickle.loads(pickle.dumps(tf.constant([1, 2]))).numpy().tolist() == [1, 2]


def test_a_variable_keeps_its_object():
    v = tf.Variable(2.0)
    assert v.assign(3.0) is v and (v + 1).numpy() == 4
    with tf.GradientTape() as tape:
        y = v * v
    assert tape.watched_variables()[0] is v and tape.gradient(y, v).numpy() == 6


def test_a_generator_goes_on_where_its_state_is():
    g = tf.random.Generator.from_seed(1234)
    first, second = g.normal([4]).numpy(), g.uniform([3]).numpy()
    again = tf.random.Generator.from_seed(1234)
    assert (again.normal([4]).numpy() == first).all() and (again.uniform([3]).numpy() == second).all()
    assert g.algorithm == 1 and g.state.shape == (3,) and g.make_seeds(2).shape == (2, 2)


def test_memory_that_is_not_there_is_refused():
    for count in (2**33, 2**40):   # more than the machine has, and more than can be addressed with what it has
        with pytest.raises(tf.errors.ResourceExhaustedError, match="OOM when allocating"):
            tf.zeros([64, count])
