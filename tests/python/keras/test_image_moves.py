# In: an image of noise. Out: the functions of tf.keras.preprocessing.image move it as Keras 2.9.0 does, by the same random numbers.
import sys

import numpy as np
import pytest

import ninefold as tf

image = tf.keras.preprocessing.image
X = np.random.RandomState(1).rand(9, 7, 3).astype("float32") * 255
LAST = dict(row_axis=0, col_axis=1, channel_axis=2)
FIRST = np.moveaxis(X, 2, 0)
ALL = dict(theta=20, tx=1, ty=-2, shear=10, zx=.8, zy=1.2)
# Rows: function, arguments, sums of what comes out and of its products with 0, 1, 2, .. modulo 1000, the next random number.
ROWS = [
    ("random_rotation", (X, 40), dict(LAST, cval=3.0), 22573.861, 93743.919, 0.870732),
    ("random_rotation", (X, 40), dict(LAST, cval=3.0, fill_mode="constant"), 16975.961, 83747.866, 0.870732),
    ("random_rotation", (X, 40), dict(LAST, cval=3.0, fill_mode="reflect"), 22714.117, 96365.112, 0.870732),
    ("random_rotation", (X, 40), dict(LAST, cval=3.0, fill_mode="wrap"), 23823.945, 88405.524, 0.870732),
    ("random_shift", (X, .3, .2), LAST, 23533.508, 92096.774, 0.206719),
    ("random_shear", (X, 30), LAST, 22579.584, 98757.381, 0.870732),
    ("random_zoom", (X, (.5, 1.5)), dict(LAST, interpolation_order=3), 22717.150, 84697.671, 0.206719),
    ("random_zoom", (X, (1, 1)), LAST, 23117.406, 93938.480, 0.221993),
    ("random_brightness", (X, (.5, 1.5)), {}, 16567.000, 94506.000, 0.870732),
    ("random_brightness", (X - 30, (.5, 1.5)), dict(scale=False), 12235.004, 93690.813, 0.870732),
    ("apply_affine_transform", (X,), dict(LAST, fill_mode="constant", **ALL), 15023.217, 55660.355, 0.221993),
    ("apply_affine_transform", (FIRST,), ALL, 23624.453, 91109.577, 0.221993),
    ("apply_affine_transform", (X.astype("uint8"),), dict(LAST, theta=20), 23270, 89522, 0.221993),
    ("apply_affine_transform", (np.moveaxis(X, 0, 1),), dict(theta=20, row_axis=1, col_axis=0, channel_axis=2), 23368.105, 90744.228, 0.221993),
]


@pytest.mark.parametrize("name, args, given, total, products, after", ROWS)
def test_as_keras(name, args, given, total, products, after):
    np.random.seed(5)
    found = getattr(image, name)(*args, **given)
    assert found.dtype == args[0].dtype and found.shape == args[0].shape
    assert np.abs(found).sum() == pytest.approx(total, rel=1e-5)
    assert (found * np.arange(found.size).reshape(found.shape) % 1000).sum() == pytest.approx(products, rel=2e-4)
    assert np.random.rand() == pytest.approx(after, abs=1e-6)


def test_channel_shift():
    np.random.seed(5)
    shift = np.random.uniform(-50., 50.)
    np.random.seed(5)
    assert np.array_equal(image.random_channel_shift(FIRST, 50.), np.clip(FIRST + shift, X.min(), X.max()))


ERRORS = [
    ("random_zoom", (X, (1, 1, 2)), {}, "`zoom_range` should be a tuple or list of two floats. Received: (1, 1, 2)"),
    ("random_brightness", (X, (1,)), {}, "`brightness_range should be tuple or list of two floats. Received: (1,)"),
    ("apply_affine_transform", (X,), dict(theta=20, row_axis=0, col_axis=0), "'row_axis', 'col_axis', and 'channel_axis' must be distinct"),
    ("apply_affine_transform", (X[0],), dict(LAST, theta=20), "Input arrays must be multi-channel 2D images."),
    ("apply_affine_transform", (X,), dict(theta=1, channel_axis=5), "Invalid axis' indices: {5}"),
]


@pytest.mark.parametrize("name, args, given, text", ERRORS)
def test_errors(name, args, given, text):
    with pytest.raises(ValueError) as raised:
        getattr(image, name)(*args, **given)
    assert str(raised.value) == text


def test_without_scipy_and_pillow(monkeypatch):
    for module in ("scipy", "PIL"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match="Image transformations require SciPy. Install SciPy."):
        image.apply_affine_transform(X, theta=3, **LAST)
    with pytest.raises(ImportError, match="Using brightness shifts requires PIL. Install PIL or Pillow."):
        image.apply_brightness_shift(X, 2)
