# In: private paths of TensorFlow that known packages import. Out: what they do, with values that TensorFlow 2.9.0 gave.
import pytest

ROWS = [
    # transformers 4.20: modeling_tf_utils, generation, benchmarks
    ("from tensorflow.python.keras.engine import data_adapter as d; import tensorflow as tf; x = tf.constant([1., 2.]); "
     "print(d.expand_1d({'a': x, 'b': tf.ones((2, 3))})['a'].shape, d.unpack_x_y_sample_weight((1, 2)), d.pack_x_y_sample_weight(1, 2))",
     "(2, 1) (1, 2, None) (1, 2)"),
    ("from tensorflow.python.keras.engine.keras_tensor import KerasTensor; import tensorflow as tf; print(isinstance(tf.keras.Input((3,)), "
     "KerasTensor), isinstance(tf.ones(3), KerasTensor))", "True False"),
    ("from tensorflow.python.framework.errors_impl import ResourceExhaustedError as e; import tensorflow as tf; print(e is tf.errors.ResourceExhaustedError)",
     "True"),
    ("from tensorflow.python.distribute.values import PerReplica; print(PerReplica([1, 2]).values)", "(1, 2)"),
    ("from tensorflow.python.keras import backend as K; import tensorflow as tf; print(K.int_shape(tf.ones((2, 3))))", "(2, 3)"),
    ("from tensorflow.compiler.tf2xla.python.xla import dynamic_update_slice as d; print(d([[1, 2, 3], [4, 5, 6]], [[7, 8]], [1, 0]).numpy().tolist(), "
     "d([1, 2, 3], [9, 9], [2]).numpy().tolist())", "[[1, 2, 3], [7, 8, 6]] [1, 9, 9]"),
    ("import tensorflow, importlib.util; print(importlib.util.find_spec('tensorflow').name)", "tensorflow"),
]


@pytest.mark.parametrize("text, says", ROWS, ids=[row[0].split(" import")[0] for row in ROWS])
def test_row(run_python, text, says):
    done = run_python("-m", "ninefold", "-c", text)
    assert (done.stdout.strip(), done.stderr) == (says, "")


class Group:
    def __init__(self):
        self.attrs = {}


@pytest.mark.parametrize("count", [0, 3, 5000])
def test_lists_of_names_in_pieces(count):
    from ninefold.compat import hdf5_names
    names = [f"layer_{i}/kernel:0".encode() for i in range(count)]
    group = Group()
    hdf5_names.save_attributes_to_hdf5_group(group, "weight_names", names)
    assert sorted(group.attrs) == (["weight_names0", "weight_names1"] if count == 5000 else ["weight_names"])
    assert hdf5_names.load_attributes_from_hdf5_group(group, "weight_names") == [name.decode() for name in names]
    with pytest.raises(RuntimeError, match="cannot be saved to HDF5 file because they are larger than 64512 bytes"):
        hdf5_names.save_attributes_to_hdf5_group(group, "x", [b"x" * 64513])
