# In: calls that once ended the process, hung or corrupted memory. Out: the exception that says what was wrong. Texts are ours where
# TensorFlow stumbles over something of its own (an IndexError of a list, a ZeroDivisionError).
import numpy as np
import pytest

import ninefold as tf

K, L = tf.keras, tf.keras.layers
x = np.ones((2, 3), "f")
rows = tf.ragged.constant([[1, 2], [3]])
ROWS = [
    *[(f"L.{layer}.compute_output_shape({shape})", ValueError, "expected an input shape of at least") for layer, shape in (
        ("Conv1D(2, 2)", []), ("Conv2D(2, 2)", []), ("Conv3D(2, 2)", (3,)), ("Conv2DTranspose(2, 2)", (2,)), ("SeparableConv1D(2, 2)", []),
        ("SeparableConv2D(2, 2)", (1, 2)), ("DepthwiseConv1D(2)", (1,)), ("DepthwiseConv2D(2)", []), ("MaxPool1D()", []),
        ("MaxPool2D()", (3,)), ("AveragePooling3D()", -1), ("UpSampling2D()", (3,)), ("ZeroPadding1D()", ()), ("Cropping2D()", (3,)))],
    *[(f"L.ZeroPadding{n}D().call(True)", ValueError, "expected inputs of") for n in (1, 2, 3)],
    ("L.Conv1D(2, 2, padding='causal', use_bias=False).call(True)", (ValueError, AttributeError), ""),
    ("L.LSTM(2).compute_output_shape([])", ValueError, "expected a shape with more than 0 dimensions"),
    ("L.Layer().compute_output_shape('a')", ValueError, "expected a shape"),
    ("L.LSTM(2).build(rows)", TypeError, "expected a shape"),
    ("L.LSTM(2, bias_initializer=None)(np.ones((1, 2, 3), 'f'))", TypeError, "got None"),
    ("L.BatchNormalization(axis=[])(x)", ValueError, "at least one axis"),
    ("K.initializers.Orthogonal()((2 ** 40, 2 ** 40))", tf.errors.InvalidArgumentError, "more than 2\\*\\*63 - 1 elements"),
    ("K.initializers.Zeros()((2 ** 40,))", tf.errors.ResourceExhaustedError, "fits into no memory"),
    ("K.losses.sparse_categorical_crossentropy(np.float32(2.0), np.float32(3.0))", ValueError, "an axis of classes"),
    ("K.metrics.categorical_crossentropy([[1.]], [[1.]], axis=rows)", TypeError, "ragged"),
    ("K.losses.binary_focal_crossentropy([1.], [1.], label_smoothing=rows)", TypeError, "ragged"),
    ("tf.strings.join(2, separator=rows)", (TypeError, ValueError), ""),
    ("tf.add_n(3, name=rows)", (TypeError, ValueError), ""),
    ("tf.data.experimental.from_variant(1, None)", TypeError, "expected a Tensor"),
    ("tf.raw_ops.All(input=rows, axis=0)", (TypeError, ValueError), ""),
    ("K.metrics.MeanIoU(2 ** 40)", (tf.errors.OpError, ValueError), ""),
    ("tf.train.Example().ParseFromString(5)", TypeError, "bytes-like"),
    ("list(tf.lookup.experimental.DenseHashTable(tf.int64, tf.int64, 0, -1, -2))", TypeError, "not iterable"),
    ("tf.constant(within_itself([]))", ValueError, "254"),
    ("L.Dense(2)(within_itself([]))", (ValueError, RecursionError), ""),
    ("tf.constant(deep(100000))", ValueError, "254"),
    ("tf.function(lambda x: x)(deep(100000))", RecursionError, ""),
    ("tf.nest.flatten(deep(100000))", RecursionError, ""),
]


def within_itself(items):
    items.append(items)
    return items


def deep(levels):
    made = 1
    for _ in range(levels):
        made = [made]
    return made


@pytest.mark.parametrize("call, error, text", ROWS, ids=[row[0] for row in ROWS])
def test_odd_calls(call, error, text):
    with pytest.raises(error, match=text):
        eval(call)
