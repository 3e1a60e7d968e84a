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


# What one program prints, a line each: an expression with the modules that it names below tensorflow.python, and TensorFlow's answer.
LINES = [
    ("ops.state_ops", "m.assign_add(tf.Variable(1), 2).numpy()", "3"),
    ("ops.resource_variable_ops", "m.is_resource_variable(tf.Variable(1))", "True"),
    ("ops.array_ops", "m.where_v2([True, False], 1, 2).numpy()", "[1 2]"),
    ("ops.math_ops", "m.reduce_sum([1, 2]).numpy()", "3"),
    ("ops.gen_sparse_ops", "m.sparse_reorder([[1, 0], [0, 1]], [5, 6], [2, 2])[1].numpy()", "[6 5]"),
    ("ops.linalg.sparse.sparse", "m.matmul(m.CSRSparseMatrix([[0., 2.], [1., 0.]]), tf.eye(2)).numpy().tolist()", "[[0.0, 2.0], [1.0, 0.0]]"),
    ("ops.linalg.sparse.sparse", "m.matmul(m.CSRSparseMatrix([[0., 2.], [1., 0.]]), m.CSRSparseMatrix([[0., 3.], [0., 0.]])).to_dense().numpy().tolist()",
     "[[0.0, 0.0], [0.0, 3.0]]"),
    ("framework.smart_cond", "m.smart_cond(tf.constant(False), lambda: 1, lambda: 2), m.smart_constant_value(1)", "(2, True)"),
    ("framework.tensor_util", "m.constant_value(tf.constant([1, 2])), m.is_tf_type(1)", "(array([1, 2], dtype=int32), False)"),
    ("framework.tensor_util", "m.constant_value_as_shape(tf.constant([1, -1]))", "(1, None)"),
    ("framework.tensor_util", "m.MakeNdarray(m.make_tensor_proto([1, 2]))", "[1 2]"),
    ("eager.context", "m.context().executing_eagerly(), m.num_gpus() >= 0", "(True, True)"),
    ("eager.monitoring", "m.BoolGauge('/a', 'b').get_cell().set(True)", "None"),
    ("keras.utils.conv_utils", "m.normalize_tuple(2, 3, 'x'), m.conv_output_length(7, 3, 'valid', 2, 2), m.deconv_output_length(4, 3, 'same', stride=2)",
     "((2, 2, 2), 2, 8)"),
    ("keras.utils.conv_utils", "m.convert_data_format('channels_last', 4), m.normalize_data_format(None), m.conv_input_length(3, 3, 'valid', 2)",
     "('NHWC', 'channels_last', 7)"),
    ("keras.utils.tf_utils", "m.shape_type_conversion(lambda s, shape: shape)(None, tf.TensorShape([1, 2]))", "(1, 2)"),
    ("keras.utils.generic_utils", "m.to_snake_case('FooBarBaz'), m.has_arg(len, 'obj'), m.to_list(1)", "('foo_bar_baz', True, [1])"),
    ("keras.utils.layer_utils", "m.count_params([tf.Variable([1, 2]), tf.Variable([[1]])])", "3"),
    ("keras.backend_config", "m.epsilon()", "1e-07"),
    ("training.moving_averages", "m.assign_moving_average(tf.Variable(1.), 2., .5, zero_debias=False).numpy()", "1.5"),
    ("training.training_util", "m.get_or_create_global_step().dtype.name", "int64"),
    ("training.tracking.data_structures", "m.wrap_or_unwrap(m.NoDependency([1]))", "[1]"),
    ("util.nest", "m.flatten_with_joined_string_paths({'b': [1], 'a': 2})", "[('a', 2), ('b/0', 1)]"),
    ("util.nest", "m.map_structure_with_tuple_paths(lambda p, x: (p, x), {'a': [5]})", "{'a': [(('a', 0), 5)]}"),
    ("util.tf_inspect", "m.getfullargspec(lambda a, b=1: 0).args, m.isclass(int)", "(['a', 'b'], True)"),
    ("util.tf_decorator", "m.unwrap(m.make_decorator(len, lambda x: 9))[1]([1, 2])", "2"),
    ("util.tf_export", "m.tf_export('x')(mark).__name__", "mark"),
    ("util.deprecation", "m.deprecated_argument_lookup('a', None, 'b', 3)", "3"),
    ("util.function_utils", "m.fn_args(lambda a, b: 0)", "('a', 'b')"),
    ("util.object_identity", "len(m.ObjectIdentitySet([[1], [1]])), len(m.ObjectIdentityDictionary())", "(2, 0)"),
    ("types.core", "isinstance(tf.constant(1), m.Tensor), isinstance(1, m.Tensor)", "(True, False)"),
    ("distribute.values", "isinstance(tf.Variable(1), m.DistributedVariable)", "False"),
    ("feature_column.feature_column_v2", "m.FeatureTransformationCache({'a': [1, 2]}).get('a', None).shape", "(2, 1)"),
    ("util.compat", "m.as_bytes('a')", "b'a'"),
    ("platform.tf_logging", "m.INFO", "20"),
]


def test_lines(run_python):
    program = "import importlib, tensorflow as tf, numpy as np\ndef mark():\n    pass\n" + "".join(
        f"m = importlib.import_module('tensorflow.python.{path}'); print({text})\n" if ", " not in says or says[0] == "[" else
        f"m = importlib.import_module('tensorflow.python.{path}'); print(({text}))\n" for path, text, says in LINES)
    done = run_python("-m", "ninefold", "-c", program)
    assert done.stderr == ""
    assert list(zip([path for path, _, _ in LINES], done.stdout.splitlines())) == [(path, says) for path, _, says in LINES]


ROOMS = [
    ("import tensorflow.compat.v2 as v, tensorflow as tf; print(v.reduce_sum is tf.reduce_sum, v.keras.layers.Dense is tf.keras.layers.Dense)", "True True"),
    ("import tensorflow.compat.v1 as v, tensorflow.compat.v1.losses as l; print(v.__version__, l.mean_squared_error([1.], [3.]).numpy())", "2.9.0 4.0"),
    ("import tensorflow.compat.v1 as v\ntry:\n    v.Session()\nexcept RuntimeError as e:\n    print(e)", "tf.compat.v1.Session: TensorFlow 1's graphs and sessions "
     "are no part of Ninefold; call the code eagerly, or within a tf.function"),
    ("from tensorflow.keras.__internal__.layers import BaseImageAugmentationLayer as B; import tensorflow as tf\nclass A(B):\n"
     "    def augment_image(self, image, transformation=None): return image + 1\n    def augment_label(self, label, transformation=None): return label * 2\n"
     "out = A()({'images': tf.ones([2, 1, 1, 1]), 'labels': tf.ones([2, 1])})\nprint(out['images'].numpy().ravel(), out['labels'].numpy().ravel(), "
     "A()(tf.ones([1, 1, 1]), training=False).numpy().ravel())", "[2. 2.] [2. 2.] [1.]"),
    ("from keras.utils import tf_utils, np_utils; from keras.engine import keras_tensor; from keras import backend_config; import keras; "
     "print(np_utils.to_categorical is keras.utils.to_categorical, backend_config.floatx())", "True float32"),
    ("from tensorflow.tools.docs import doc_controls as d; print(d.do_not_generate_docs(d.inheritable_header('x')(type('A', (), {}))).__name__)", "A"),
    ("from tensorflow.core.framework import tensor_pb2, types_pb2, summary_pb2; print(tensor_pb2.TensorProto(dtype=types_pb2.DT_INT8).dtype)", "6"),
    ("import importlib.metadata as m, tensorflow as tf; print(m.version('tensorflow'), m.version('keras'))", "2.9.0 2.9.0"),
    ("import tensorflow as tf\nfor make in (tf.distribute.TPUStrategy, tf.tpu.experimental.embedding.Adam):\n    try:\n        make()\n    except NotImplementedError "
     "as e:\n        print(str(e).split(':')[0])", "tf.distribute.TPUStrategy\ntf.tpu.experimental.embedding.Adam"),
    ("import tensorflow as tf\nclass L(tf.keras.layers.Layer):\n    pass\nfrom tensorflow.python.training.tracking.data_structures import NoDependency as N\n"
     "l = L(); l.a = N({'b': 1}); m = tf.Module(); m.a = N([2]); print(l.a, m.a)", "{'b': 1} [2]"),
]


@pytest.mark.parametrize("text, says", ROOMS, ids=[row[0].split("\n")[0][:60] for row in ROOMS])
def test_room(run_python, text, says):
    done = run_python("-m", "ninefold", "-c", text)
    assert (done.stdout.strip(), done.stderr) == (says, "")


def test_functions_of_installed_packages_are_converted(run_python, tmp_path):
    """All but those that TensorFlow leaves alone: `if` over a tensor becomes tf.cond."""
    for package in ("somebodys", "pandas"):
        (tmp_path / "site-packages" / package).mkdir(parents=True)
        (tmp_path / "site-packages" / package / "__init__.py").write_text("def f(x):\n    if x > 1:\n        return x * 2\n    return x\n")
    text = (f"import sys; sys.path.insert(0, {str(tmp_path / 'site-packages')!r})\nimport tensorflow as tf, somebodys\n"
            "print(tf.function(somebodys.f)(tf.constant(3)).numpy())\nimport pandas\ntry:\n    tf.function(pandas.f)(tf.constant(3))\n"
            "except Exception as e:\n    print(type(e).__name__)")
    done = run_python("-m", "ninefold", "-c", text)
    assert (done.stdout.splitlines(), done.stderr) == (["6", "OperatorNotAllowedInGraphError"], "")
