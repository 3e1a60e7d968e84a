# In: every layer class of tf.keras.layers, in a model of its own. Out: the same predictions from each file that a model is
# saved to, from clones and from what serves. `python tests/referee/exchange.py` has TensorFlow read and write some of them.
import json
import os
import re

import numpy as np
import pytest

import ninefold as tf
from ninefold import _core
from ninefold.keras import revived

K, L = tf.keras, tf.keras.layers


def learnt(layer, like=(8, 4)):
    layer.adapt(np.random.RandomState(5).rand(*like).astype("float32"))
    return layer


# (what it shows, () -> the layer, shapes of its inputs, their dtype)
ROWS = [
    ("Activation", lambda: L.Activation("tanh"), [(4,)]),
    ("ActivityRegularization", lambda: L.ActivityRegularization(0.1), [(4,)]),
    ("Add", L.Add, [(4,), (4,)]), ("Average", L.Average, [(4,), (4,)]), ("Maximum", L.Maximum, [(4,), (4,)]),
    ("Minimum", L.Minimum, [(4,), (4,)]), ("Multiply", L.Multiply, [(4,), (4,)]), ("Subtract", L.Subtract, [(4,), (4,)]),
    ("Concatenate", L.Concatenate, [(4,), (4,)]), ("Dot", lambda: L.Dot(1, normalize=True), [(4,), (4,)]),
    ("AdditiveAttention", L.AdditiveAttention, [(3, 4), (3, 4)]), ("Attention", lambda: L.Attention(use_scale=True), [(3, 4), (3, 4)]),
    ("MultiHeadAttention", lambda: L.MultiHeadAttention(2, 3, dropout=0.1), [(3, 4), (2, 4)]),
    ("AlphaDropout", lambda: L.AlphaDropout(0.2), [(4,)]), ("Dropout", lambda: L.Dropout(0.2), [(4,)]),
    ("GaussianDropout", lambda: L.GaussianDropout(0.2), [(4,)]), ("GaussianNoise", lambda: L.GaussianNoise(0.2), [(4,)]),
    ("SpatialDropout1D", lambda: L.SpatialDropout1D(0.2), [(4, 3)]), ("SpatialDropout2D", lambda: L.SpatialDropout2D(0.2), [(4, 4, 3)]),
    ("SpatialDropout3D", lambda: L.SpatialDropout3D(0.2), [(4, 4, 4, 2)]),
    ("AveragePooling1D", L.AveragePooling1D, [(4, 3)]), ("AveragePooling2D", L.AveragePooling2D, [(4, 4, 3)]),
    ("AveragePooling3D", L.AveragePooling3D, [(4, 4, 4, 2)]), ("MaxPooling1D", L.MaxPooling1D, [(4, 3)]),
    ("MaxPooling2D", L.MaxPooling2D, [(4, 4, 3)]), ("MaxPooling3D", L.MaxPooling3D, [(4, 4, 4, 2)]),
    ("GlobalAveragePooling1D", L.GlobalAveragePooling1D, [(4, 3)]),
    ("GlobalAveragePooling2D", lambda: L.GlobalAveragePooling2D(keepdims=True), [(4, 4, 3)]),
    ("GlobalAveragePooling3D", L.GlobalAveragePooling3D, [(4, 4, 4, 2)]), ("GlobalMaxPooling1D", L.GlobalMaxPooling1D, [(4, 3)]),
    ("GlobalMaxPooling2D", L.GlobalMaxPooling2D, [(4, 4, 3)]), ("GlobalMaxPooling3D", L.GlobalMaxPooling3D, [(4, 4, 4, 2)]),
    ("BatchNormalization", L.BatchNormalization, [(4,)]), ("LayerNormalization", L.LayerNormalization, [(4,)]),
    ("UnitNormalization", L.UnitNormalization, [(4,)]), ("SyncBatchNormalization", L.experimental.SyncBatchNormalization, [(4,)]),
    ("Bidirectional", lambda: L.Bidirectional(L.LSTM(2), merge_mode="sum"), [(3, 4)]),
    ("Bidirectional of two", lambda: L.Bidirectional(
        L.GRU(2, return_sequences=True), backward_layer=L.GRU(3, return_sequences=True, go_backwards=True)), [(3, 4)]),
    ("GRU", lambda: L.GRU(2, return_sequences=True), [(3, 4)]), ("GRU of old", lambda: L.GRU(2, reset_after=False), [(3, 4)]),
    ("LSTM", lambda: L.LSTM(2, recurrent_dropout=0.1), [(3, 4)]),
    ("LSTM backwards", lambda: L.LSTM(2, go_backwards=True, unroll=True), [(3, 4)]),
    ("LSTM, stateful", lambda: L.LSTM(2, stateful=True), [(3, 4)]), ("RNN, stateful", lambda: L.RNN(
        [L.GRUCell(2), L.LSTMCell(3)], stateful=True), [(3, 4)]),
    ("SimpleRNN", lambda: L.SimpleRNN(2), [(3, 4)]), ("RNN", lambda: L.RNN(L.GRUCell(2)), [(3, 4)]),
    ("StackedRNNCells", lambda: L.RNN(L.StackedRNNCells([L.LSTMCell(2), L.SimpleRNNCell(3)])), [(3, 4)]),
    ("ConvLSTM1D", lambda: L.ConvLSTM1D(2, 2), [(3, 4, 2)]),
    ("ConvLSTM2D", lambda: L.ConvLSTM2D(2, 2, return_sequences=True), [(3, 4, 4, 2)]),
    ("ConvLSTM3D", lambda: L.ConvLSTM3D(2, 2), [(2, 3, 3, 3, 1)]),
    ("TimeDistributed", lambda: L.TimeDistributed(L.Dense(2)), [(3, 4)]),
    ("TimeDistributed of images", lambda: L.TimeDistributed(L.Conv2D(2, 2)), [(2, 4, 4, 1)]),
    ("TimeDistributed of sequences", lambda: L.TimeDistributed(L.LSTM(2)), [(2, 3, 4)]),
    ("Conv1D", lambda: L.Conv1D(2, 2, padding="causal"), [(4, 3)]), ("Conv1DTranspose", lambda: L.Conv1DTranspose(2, 2), [(4, 3)]),
    ("Conv2D", lambda: L.Conv2D(2, 2, dilation_rate=2), [(4, 4, 3)]),
    ("Conv2DTranspose", lambda: L.Conv2DTranspose(2, 2, strides=2), [(4, 4, 3)]), ("Conv3D", lambda: L.Conv3D(2, 2), [(4, 4, 4, 2)]),
    ("Conv3DTranspose", lambda: L.Conv3DTranspose(2, 2), [(3, 3, 3, 2)]), ("DepthwiseConv1D", lambda: L.DepthwiseConv1D(2), [(4, 3)]),
    ("DepthwiseConv2D", lambda: L.DepthwiseConv2D(2, depth_multiplier=2), [(4, 4, 3)]),
    ("SeparableConv1D", lambda: L.SeparableConv1D(2, 2), [(4, 3)]), ("SeparableConv2D", lambda: L.SeparableConv2D(2, 2), [(4, 4, 3)]),
    ("LocallyConnected1D", lambda: L.LocallyConnected1D(2, 2), [(4, 3)]),
    ("LocallyConnected2D", lambda: L.LocallyConnected2D(2, 2, implementation=2), [(4, 4, 3)]),
    ("Cropping1D", lambda: L.Cropping1D(1), [(4, 3)]), ("Cropping2D", lambda: L.Cropping2D(1), [(4, 4, 3)]),
    ("Cropping3D", lambda: L.Cropping3D(1), [(4, 4, 4, 2)]), ("ZeroPadding1D", L.ZeroPadding1D, [(4, 3)]),
    ("ZeroPadding2D", L.ZeroPadding2D, [(4, 4, 3)]), ("ZeroPadding3D", L.ZeroPadding3D, [(2, 2, 2, 2)]),
    ("UpSampling1D", L.UpSampling1D, [(4, 3)]), ("UpSampling2D", L.UpSampling2D, [(4, 4, 3)]),
    ("UpSampling2D between", lambda: L.UpSampling2D((2, 3), interpolation="bilinear"), [(4, 4, 3)]),
    ("UpSampling3D", L.UpSampling3D, [(2, 2, 2, 2)]),
    ("Dense", lambda: L.Dense(3, "relu", kernel_regularizer="l2", bias_constraint="non_neg"), [(4,)]),
    ("EinsumDense", lambda: L.EinsumDense("ab,bc->ac", 3, bias_axes="c"), [(4,)]),
    ("Embedding", lambda: L.Embedding(5, 3, mask_zero=True), [(4,)], "int64"),
    ("ELU", lambda: L.ELU(0.5), [(4,)]), ("LeakyReLU", lambda: L.LeakyReLU(0.1), [(4,)]), ("PReLU", L.PReLU, [(4,)]),
    ("ReLU", lambda: L.ReLU(max_value=6.0), [(4,)]), ("Softmax", L.Softmax, [(4,)]),
    ("ThresholdedReLU", lambda: L.ThresholdedReLU(0.3), [(4,)]),
    ("Flatten", L.Flatten, [(4, 3)]), ("Permute", lambda: L.Permute((2, 1)), [(4, 3)]), ("RepeatVector", lambda: L.RepeatVector(2), [(4,)]),
    ("Reshape", lambda: L.Reshape((2, 2)), [(4,)]), ("Masking", lambda: L.Masking(0.0), [(4, 3)]),
    ("CategoryEncoding", lambda: L.CategoryEncoding(5, output_mode="one_hot"), [(1,)], "int64"),
    ("Discretization", lambda: L.Discretization([0.0, 0.5]), [(4,)]),
    ("Discretization, learnt", lambda: learnt(L.Discretization(num_bins=3)), [(4,)]),
    ("Hashing", lambda: L.Hashing(3), [(1,)], "int64"), ("IntegerLookup", lambda: L.IntegerLookup(vocabulary=[1, 2]), [(1,)], "int64"),
    ("Normalization", lambda: L.Normalization(mean=1.0, variance=2.0), [(4,)]),
    ("Normalization, learnt", lambda: learnt(L.Normalization()), [(4,)]),
    ("CenterCrop", lambda: L.CenterCrop(2, 2), [(4, 4, 3)]), ("Rescaling", lambda: L.Rescaling(2.0, 1.0), [(4,)]),
    ("Resizing", lambda: L.Resizing(3, 3), [(4, 4, 3)]),
    ("RandomBrightness", lambda: L.RandomBrightness(0.2), [(4, 4, 3)]), ("RandomContrast", lambda: L.RandomContrast(0.2), [(4, 4, 3)]),
    ("RandomCrop", lambda: L.RandomCrop(2, 2), [(4, 4, 3)]), ("RandomFlip", L.RandomFlip, [(4, 4, 3)]),
    ("RandomHeight", lambda: L.RandomHeight(0.2), [(4, 4, 3)]), ("RandomRotation", lambda: L.RandomRotation(0.2), [(4, 4, 3)]),
    ("RandomTranslation", lambda: L.RandomTranslation(0.2, 0.2), [(4, 4, 3)]), ("RandomWidth", lambda: L.RandomWidth(0.2), [(4, 4, 3)]),
    ("RandomZoom", lambda: L.RandomZoom(0.2), [(4, 4, 3)]),
]
# What has no model of its own here, and why.
ELSEWHERE = {
    "Lambda": "code in files: test_saved_models.py", "DenseFeatures": "not there", "StringLookup": "test_saved_models.py",
    "TextVectorization": "test_saved_models.py", "Input": "in each", "InputLayer": "in each", "InputSpec": "no layer",
    "Layer": "a base", "Wrapper": "a base", "AbstractRNNCell": "a base", "GRUCell": "in RNN", "LSTMCell": "in RNN", "SimpleRNNCell": "in RNN",
}


def tf29_names():
    """The public names right below tf.keras.layers."""
    folder = os.path.dirname(tf.compat.__file__)
    with open(os.path.join(folder, "tf29_names.txt"), encoding="utf-8") as file:
        return re.findall(r"^S tf\.keras\.layers\.(\w+)$", file.read(), re.MULTILINE)


def model_of(row):
    name, make, shapes, dtype = (*row, "float32")[:4]
    tf.keras.backend.clear_session()
    tf.random.set_seed(1)
    stateful = {"batch_size": 2} if "stateful" in name else {}
    inputs = [K.Input(shape, dtype=dtype, **stateful) for shape in shapes]
    layer = make()
    outputs = layer(*inputs) if name == "MultiHeadAttention" else layer(inputs if len(inputs) > 1 else inputs[0])
    model = K.Model(inputs, outputs)
    if model.trainable_weights:
        model.compile("adam", "mse")
    random = np.random.RandomState(3)
    x = [(random.randint(0, 3, (2, *s)) if dtype == "int64" else random.rand(2, *s)).astype(dtype) for s in shapes]
    return model, [tf.constant(v) for v in x]


def predicted(model, x):
    if model.stateful:
        model.reset_states()
    return np.asarray(model(x if len(x) > 1 else x[0], training=False))


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_it_comes_back_from_every_file(row, tmp_path):
    model, x = model_of(row)
    known = predicted(model, x)

    def same(found):
        np.testing.assert_allclose(found, known, rtol=1e-6, atol=1e-6)
    for name in ("saved", "whole.h5"):
        model.save(tmp_path / name)
        same(predicted(K.models.load_model(tmp_path / name), x))
    serve = tf.saved_model.load(str(tmp_path / "saved")).signatures["serving_default"]
    if not model.stateful and "Random" not in row[0]:       # a function that serves goes on from its states
        same(next(iter(serve(**dict(zip(model.input_names, x))).values())).numpy())
    for name in ("weights", "weights.h5"):
        model.save_weights(str(tmp_path / name))
        again, _ = model_of(row)
        for variable in again.weights:
            variable.assign(tf.zeros_like(variable) if variable.shape.is_fully_defined() else variable)
        again.load_weights(str(tmp_path / name))
        same(predicted(again, x))
    cloned = K.models.clone_model(model)
    cloned.set_weights(model.get_weights())
    same(predicted(cloned, x))
    assert json.loads(K.models.model_from_json(model.to_json()).to_json()) == json.loads(model.to_json())


@pytest.mark.parametrize("row", [row for row in ROWS if row[0].startswith(("Bidirectional", "Dense", "LSTM", "TimeDistributed"))],
                         ids=lambda row: row[0])
def test_a_saved_model_says_for_what_shape_a_layer_was_built(row, tmp_path):
    """Without it Keras cannot rebuild a layer whose weights lie in layers within."""
    model, _ = model_of(row)
    model.save(tmp_path / "saved")
    rows = revived.read_rows(str(tmp_path / "saved" / "keras_metadata.pb"), _core.decode_message)
    assert {kind for kind, _ in rows.values()} >= {"_tf_keras_network"}
    said = [about for _, about in rows.values() if about["name"] == model.layers[-1].name]
    assert [list(about["build_input_shape"]) for about in said] == [list(model.layers[-1].input_shape)]


@pytest.mark.parametrize("row", [row for row in ROWS if row[0].startswith("Random")], ids=lambda row: row[0])
def test_a_saved_model_keeps_what_a_layer_draws_next(row, tmp_path):
    model, x = model_of(row)
    layer = model.layers[-1]
    layer(x[0], training=True)
    model.save(tmp_path / "saved")
    again = K.models.load_model(tmp_path / "saved").layers[-1]
    np.testing.assert_array_equal(again(x[0], training=True), layer(x[0], training=True))
    assert tf.saved_model.load(str(tmp_path / "saved")) is not None


def test_every_layer_has_a_row():
    public = {name for name in tf29_names() if isinstance(getattr(L, name, None), type) and issubclass(getattr(L, name), L.Layer)}
    known = {row[0].split(",")[0].split()[0] for row in ROWS} | set(ELSEWHERE)
    classes = {getattr(L, name, None) for name in known}        # GlobalAvgPool1D is GlobalAveragePooling1D
    assert len(public) > 110 and sorted(name for name in public if getattr(L, name) not in classes) == []
