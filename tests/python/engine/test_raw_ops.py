# In: calls of tf.raw_ops. Out: whether names, keywords, results and errors are TensorFlow 2.9.0's.
import inspect

import pytest

import ninefold as tf


@pytest.mark.parametrize("call, error, text", [
    (lambda: tf.raw_ops.AddV2(1, 2), TypeError,
     "add_v2 only takes keyword args (possible keys: ['x', 'y', 'name']). Please pass these args as kwargs instead."),
    (lambda: tf.raw_ops.AddV2(x=1), TypeError, "add_v2() missing 1 required positional argument: 'y'"),
    (lambda: tf.raw_ops.AddV2(x=1, y=2, z=3), TypeError, "add_v2() got an unexpected keyword argument 'z'"),
    (lambda: tf.raw_ops.Foo, AttributeError, "raw_ops' has no attribute 'Foo'"),
    (lambda: tf.raw_ops.Pack(values=1), TypeError, "Expected list for 'values' argument to 'pack' Op, not 1."),
    (lambda: tf.raw_ops.AddV2(x=tf.constant(1), y=2.5), TypeError, "Cannot convert 2.5 to EagerTensor of dtype int32"),
    (lambda: tf.raw_ops.Sum(input=[1., 2.], axis=.5), tf.errors.InvalidArgumentError,
     "Value for attr 'Tidx' of float is not in the list of allowed values: int32, int64"),
])
def test_wrong_calls(call, error, text):
    with pytest.raises(error) as raised:
        call()
    assert text in str(raised.value)


def test_results_have_the_form_of_the_record():
    assert tf.raw_ops.AddV2(x=1., y=[1, 2]).numpy().tolist() == [2, 3]
    unique = tf.raw_ops.Unique(x=[1, 2, 1])
    assert unique._fields == ("y", "idx") and unique.idx.numpy().tolist() == [0, 1, 0]
    parts = tf.raw_ops.Split(axis=0, value=[1., 2.], num_split=2)
    assert isinstance(parts, list) and len(parts) == 2
    assert tf.raw_ops.Squeeze(input=[[1.]], axis=[0]).shape == (1,)


def test_signatures_are_keywords_with_the_records_defaults():
    sum_ = inspect.signature(tf.raw_ops.Sum)
    assert list(sum_.parameters) == ["input", "axis", "keep_dims", "name"]
    assert sum_.parameters["keep_dims"].default is False
    assert "MatMul" in dir(tf.raw_ops) and "CustomGradient" not in dir(tf.raw_ops)


def test_every_name_is_tensorflows():
    import ninefold.check_script
    known = ninefold.check_script.tensorflow_symbols()
    assert [n for n in dir(tf.raw_ops) if f"tf.raw_ops.{n}" not in known] == []
