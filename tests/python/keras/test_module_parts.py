# In: modules that hold Keras layers, copies of models on inputs of one's own, arrays read twice. Out: TensorFlow's answers.
import pytest

import ninefold as tf

L = tf.keras.layers


def names(variables):
    return [v.name for v in variables]


class Owner(tf.Module):
    def __init__(self):
        super().__init__()
        self.scale = tf.Variable(1.0, name="scale")
        self.dense, self.norm = L.Dense(1, name="dense"), L.BatchNormalization(name="norm")


def test_a_module_finds_the_weights_of_its_layers():
    owner = Owner()
    owner.norm(owner.dense(tf.ones([1, 1])))
    assert set(names(owner.variables)) == {"scale:0", "dense/kernel:0", "dense/bias:0", "norm/gamma:0", "norm/beta:0",
                                           "norm/moving_mean:0", "norm/moving_variance:0"}
    assert set(names(owner.trainable_variables)) == {"scale:0", "dense/kernel:0", "dense/bias:0", "norm/gamma:0", "norm/beta:0"}
    assert [m.name for m in owner.submodules] == ["dense", "norm"]
    assert isinstance(owner.dense, tf.Module) and issubclass(tf.keras.Model, tf.Module)
    assert not isinstance(owner.scale, tf.Module)


def functional():
    i, j = tf.keras.Input([3], name="i"), tf.keras.Input([3], name="j")
    return tf.keras.Model([i, j], L.Dense(2, name="de")(L.add([i, j], name="sum")), name="fu")


def sequential():
    return tf.keras.Sequential([L.Dense(2, input_shape=(3,), name="s1")])


def test_clones_stand_on_the_inputs_that_are_given():
    inputs = [tf.keras.Input([3], name="n1"), tf.keras.Input([3], name="n2")]
    clone = tf.keras.models.clone_model(functional(), input_tensors=inputs)
    assert [layer.name for layer in clone.layers] == ["n1", "n2", "sum", "de"]
    assert clone([tf.ones([1, 3])] * 2).shape == (1, 2)
    clone = tf.keras.models.clone_model(functional(), input_tensors=[tf.ones([4, 3])] * 2)
    assert [layer.name for layer in clone.layers] == ["input_wrapper_for_i", "input_wrapper_for_j", "sum", "de"]
    clone = tf.keras.models.clone_model(sequential(), input_tensors=inputs[0])
    assert [layer.name for layer in clone.layers] == ["s1"] and clone(tf.ones([2, 3])).shape == (2, 2)


@pytest.mark.parametrize("inputs, text", [
    (lambda: [tf.keras.Input([3]), tf.keras.Input([3])], "we expect at most one tensor as part of `input_tensors`"),
    (lambda: L.Dense(3)(tf.keras.Input([3])), "a tensor that comes from a Keras layer other than an `InputLayer`")])
def test_inputs_that_no_clone_can_stand_on(inputs, text):
    with pytest.raises(ValueError, match=text):
        tf.keras.models.clone_model(sequential(), input_tensors=inputs())


def test_arrays_clear_what_is_read_eagerly():
    array = tf.TensorArray(tf.float32, 2).unstack([1.0, 2.0])
    assert array.read(0) == 1.0
    with pytest.raises(tf.errors.InvalidArgumentError, match="Could not read index 0 twice because it was cleared after a previous "):
        array.read(0)
    assert array.write(0, 5.0).read(0) == 5.0
    kept = tf.TensorArray(tf.float32, 2, clear_after_read=False).unstack([1.0, 2.0])
    assert kept.read(1) == kept.read(1)
    twice = tf.function(lambda: [a.read(0) for a in [tf.TensorArray(tf.float32, 1).unstack([3.0])] * 2])
    assert twice() == [3.0, 3.0]


def test_rows_of_a_ragged_tensor_stay_ragged():
    rows = tf.ragged.constant([[1, 2], [3]])
    assert tf.map_fn(lambda row: row * 2, rows).to_list() == [[2, 4], [6]]


@tf.function
def uneven():
    array = tf.TensorArray(tf.float32, 3, infer_shape=False, element_shape=[None])
    return array.write(0, [1.0]).write(1, [2.0, 3.0]).write(2, [4.0, 5.0, 6.0]).concat()


@tf.function
def grown(n):
    array = tf.TensorArray(tf.float32, 0, dynamic_size=True, infer_shape=False)
    for i in tf.range(n):
        array = array.write(i, tf.fill([i + 1, 2], tf.cast(i, tf.float32)))
    return array.concat()


@tf.function
def slope(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        array = tf.TensorArray(tf.float32, 2, infer_shape=False, element_shape=[None])
        y = array.write(0, x[:1]).write(1, x[1:]).concat() * tf.constant([1.0, 2.0, 3.0])
    return tape.gradient(y, x)


def test_elements_of_unequal_lengths_join_in_functions():
    assert uneven().numpy().tolist() == [1, 2, 3, 4, 5, 6]
    assert grown(tf.constant(3)).numpy().tolist() == [[0, 0], [1, 1], [1, 1], [2, 2], [2, 2], [2, 2]]
    assert slope(tf.constant([1.0, 2.0, 3.0])).numpy().tolist() == [1, 2, 3]


def parts(n):
    return tf.RaggedTensor.from_row_lengths(tf.range(n), [n - 1, 1])


@pytest.mark.parametrize("fn, rows, spec, found", [
    (tf.range, tf.constant([3, 0, 2]), tf.RaggedTensorSpec([None], tf.int32), [[0, 1, 2], [], [0, 1]]),
    (lambda x: x * 2, tf.ragged.constant([[1, 2], [3]]), None, [[2, 4], [6]]),
    (parts, tf.constant([3, 2]), tf.RaggedTensorSpec([None, None], tf.int32), [[[0, 1], [2]], [[0], [1]]])])
def test_maps_give_ragged_rows_in_functions(fn, rows, spec, found):
    mapped = tf.function(lambda r: tf.map_fn(fn, r, fn_output_signature=spec))(rows)
    assert mapped.to_list() == found
