# In: folders of image files, arrays. Out: tf.keras.utils' datasets of folders and functions of single images.
import os

import numpy as np
import pytest

import ninefold as tf


def picture(n, height=5, width=6):
    return tf.cast(tf.reshape(tf.range(height * width * 3) * n % 256, (height, width, 3)), tf.uint8)


@pytest.fixture
def folder(tmp_path):
    """Two classes of three images, of two sizes and formats."""
    for name, numbers in (("cats", (1, 2, 3)), ("dogs", (4, 5, 6))):
        os.mkdir(tmp_path / name)
        for n in numbers:
            tf.io.write_file(str(tmp_path / name / f"{n}.png"), tf.io.encode_png(picture(n, 4 + n)))
    tf.io.write_file(str(tmp_path / "dogs" / "7.jpg"), tf.io.encode_jpeg(picture(7)))
    (tmp_path / "dogs" / "notes.txt").write_text("no image")
    return str(tmp_path)


def test_images_of_a_folder(folder, capsys):
    data = tf.keras.utils.image_dataset_from_directory(folder, image_size=(4, 4), batch_size=3, shuffle=False)
    assert "Found 7 files belonging to 2 classes." in capsys.readouterr().out
    assert data.class_names == ["cats", "dogs"] and [os.path.basename(p) for p in data.file_paths] == [
        "1.png", "2.png", "3.png", "4.png", "5.png", "6.png", "7.jpg"]
    batches = list(data)
    assert [tuple(x.shape) for x, _ in batches] == [(3, 4, 4, 3), (3, 4, 4, 3), (1, 4, 4, 3)]
    assert [y.numpy().tolist() for _, y in batches] == [[0, 0, 0], [1, 1, 1], [1]]
    expected = tf.image.resize(picture(1, 5), (4, 4))
    assert np.allclose(batches[0][0][0], expected)
    assert data.element_spec[0].shape.as_list() == [None, 4, 4, 3]


@pytest.mark.parametrize("options, shape, label", [
    ({"color_mode": "grayscale"}, (2, 3, 3, 1), [0, 0]), ({"color_mode": "rgba", "label_mode": "categorical"}, (2, 3, 3, 4), [[1, 0], [1, 0]]),
    ({"label_mode": "binary", "crop_to_aspect_ratio": True}, (2, 3, 3, 3), [[0], [0]]),
    ({"interpolation": "Nearest", "validation_split": 0.3, "subset": "validation"}, (2, 3, 3, 3), [1, 1])])
def test_forms_of_images_and_labels(folder, options, shape, label):
    if options.get("color_mode") == "rgba":
        os.remove(os.path.join(folder, "dogs", "7.jpg"))        # a JPEG has no fourth channel
    data = tf.keras.utils.image_dataset_from_directory(folder, image_size=(3, 3), batch_size=2, shuffle=False, **options)
    x, y = next(iter(data))
    assert tuple(x.shape) == shape and y.numpy().tolist() == label


def test_images_without_labels_and_a_model(folder):
    data = tf.keras.preprocessing.image_dataset_from_directory(folder, labels=None, image_size=(8, 8), batch_size=4, seed=3)
    assert [tuple(x.shape) for x in data] == [(4, 8, 8, 3), (3, 8, 8, 3)]
    labelled = tf.keras.utils.image_dataset_from_directory(folder, image_size=(8, 8), batch_size=4, seed=3)
    model = tf.keras.Sequential([tf.keras.layers.Rescaling(1 / 255), tf.keras.layers.Flatten(), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    assert len(model.fit(labelled, epochs=1, verbose=0).history["loss"]) == 1


@pytest.mark.parametrize("options, says", [
    ({"color_mode": "cmyk"}, '`color_mode` must be one of {"rgb", "rgba", "grayscale"}. Received: color_mode=cmyk'),
    ({"label_mode": "float"}, "`label_mode` argument must be one of"), ({"labels": "none"}, "`labels` argument should be a list/tuple"),
    ({"validation_split": 0.5}, "If `subset` is set, `validation_split` must be set, and inversely."),
    ({"class_names": ["a", "b"]}, "The `class_names` passed did not match")])
def test_what_fits_nothing_is_refused(folder, options, says):
    with pytest.raises(ValueError) as info:
        tf.keras.utils.image_dataset_from_directory(folder, **options)
    assert str(info.value).startswith(says)


def test_a_damaged_image_ends_in_an_error(folder):
    with open(os.path.join(folder, "cats", "2.png"), "r+b") as file:
        file.truncate(50)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Invalid PNG data"):
        list(tf.keras.utils.image_dataset_from_directory(folder, image_size=(4, 4), shuffle=False))


def test_smart_resize_keeps_the_aspect():
    x = np.arange(4 * 8 * 1, dtype="float32").reshape(4, 8, 1)
    y = tf.keras.preprocessing.image.smart_resize(x, (2, 2), "nearest")
    assert isinstance(y, np.ndarray) and y[..., 0].tolist() == [[11.0, 13.0], [27.0, 29.0]]
    assert tf.keras.preprocessing.image.smart_resize(tf.ones((3, 4, 8, 1)), (2, 2)).shape == (3, 2, 2, 1)
    with pytest.raises(ValueError, match="Expected `size` to be a tuple of 2 integers"):
        tf.keras.preprocessing.image.smart_resize(x, (2,))


def test_arrays_of_images():
    x = tf.keras.utils.img_to_array(np.ones((2, 3), "uint8"))
    assert x.shape == (2, 3, 1) and x.dtype == np.float32
    assert tf.keras.utils.img_to_array(np.ones((2, 3, 4)), data_format="channels_first").shape == (4, 2, 3)
    with pytest.raises(ValueError, match="Unsupported image shape"):
        tf.keras.utils.img_to_array(np.ones(3))


@pytest.mark.parametrize("call, name", [("load_img('x.png')", "load_img"), ("array_to_img(np.ones((2, 2, 1)))", "array_to_img")])
def test_without_pillow_keras_says_so(run_python, call, name):
    """In a process that cannot import it."""
    done = run_python("-c", f"import sys; sys.modules['PIL'] = None\nimport numpy as np, ninefold as tf\ntf.keras.utils.{call}")
    assert f"ImportError: Could not import PIL.Image. The use of `{name}` requires PIL." in done.stderr


def test_images_by_pillow(tmp_path):
    path = str(tmp_path / "x.png")
    tf.keras.utils.save_img(path, picture(3).numpy().astype("float32"), scale=False)
    again = tf.keras.utils.img_to_array(tf.keras.utils.load_img(path))
    assert np.array_equal(again, picture(3).numpy())
    assert tf.keras.utils.load_img(path, color_mode="grayscale", target_size=(2, 3)).size == (3, 2)
