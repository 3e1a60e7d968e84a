# In: arrays, folders and data frames of small images of noise. Out: ImageDataGenerator's batches are those of Keras 2.9.0, by the
# same random numbers, with its printed lines, warnings and errors; models learn from them as there.
# Rows stand beside what TensorFlow 2.9.0 gave for them in RECORDED; run as a program with it under the name ninefold to print it anew.
import contextlib
import io
import os
import re
import sys
import warnings

import numpy as np
import pytest

import ninefold as tf

image = tf.keras.preprocessing.image
X = np.random.RandomState(1).rand(7, 6, 5, 3).astype("float32") * 255
Y = np.array([0, 1, 0, 1, 2, 1, 0])
FIRST = np.ascontiguousarray(np.moveaxis(X, 3, 1))
EVERY = dict(rotation_range=30, width_shift_range=.2, height_shift_range=.3, shear_range=10, zoom_range=.3, channel_shift_range=20.,
             horizontal_flip=True, vertical_flip=True, cval=3., fill_mode="constant")
COLOURS = {"a": "RGB", "b": "RGB", "c": "L", "d": "RGBA", "e": "RGB"}


def folder(path):
    """Images below cat, dog, dog/far and ox; other files, and a link to a folder outside."""
    from PIL import Image
    draw = np.random.RandomState(2)
    for place, names in (("in/cat", "abcde"), ("in/dog", "ab"), ("in/dog/far", "cd"), ("in/ox", "a"), ("out", "b")):
        os.makedirs(path / place)
        for name in names:
            pixels = Image.fromarray(draw.randint(0, 256, (9, 7 + len(place), 4)).astype("uint8")).convert(COLOURS[name])
            pixels.save(path / place / (name + (".PNG" if name == "e" else ".bmp" if name == "b" else ".png")))
    (path / "in/cat/notes.txt").write_text("none")
    (path / "in/stray.png").write_text("none")
    os.symlink(path / "out", path / "in/ox/linked")
    return path / "in"


def frame(path):
    pandas = pytest.importorskip("pandas")
    names = ["cat/a.png", "cat/c.png", "dog/a.png", "dog/far/c.png", "ox/a.png", "cat/none.png", "cat/notes.txt", "dog/far/d.png"]
    return pandas.DataFrame({
        "filename": names, "path": [str(path / name) for name in names], "class": [name.split("/")[0] for name in names],
        "far": ["yes" if "far" in name else "no" for name in names], "weight": np.arange(8) / 4, "size": np.arange(8) * 3,
        "two": [["cat"], ("cat", "ox"), ["dog"], "dog", ["ox", "dog", "cat"], [], "cat", ["ox"]], "pair": [[n, n + 1] for n in range(8)]})


# Rows: name, settings of the generator, how it flows; what FIT, FOLDER and FRAME rows have besides stands in their tests.
FLOWS = [
    ("plain", {}, dict(x=X, y=Y, batch_size=3, shuffle=False)),
    ("shuffled", {}, dict(x=X, y=Y, batch_size=3)),
    ("seed", dict(rotation_range=10), dict(x=X, batch_size=2, seed=7)),
    ("images only", dict(rescale=1 / 255), dict(x=X, batch_size=7)),
    ("weights", {}, dict(x=X, y=Y, sample_weight=np.arange(7.), batch_size=4)),
    ("further arrays", {}, dict(x=(X, [Y * 2, Y * 1.5]), y=Y, batch_size=4)),
    ("further array", {}, dict(x=(X, Y * 2), batch_size=4)),
    ("empty", {}, dict(x=X[:0], y=Y[:0], batch_size=4)),
    ("training", dict(validation_split=.3), dict(x=X, y=Y, subset="training", ignore_class_split=True, batch_size=4)),
    ("validation", dict(validation_split=.3), dict(x=(X, Y), y=Y[[0] * 7], subset="validation", batch_size=4)),
    ("every", EVERY, dict(x=X, y=Y, batch_size=4)),
    ("every, channels first", dict(EVERY, data_format="channels_first", interpolation_order=0), dict(x=FIRST, y=Y, batch_size=4)),
    ("every, reflected", dict(EVERY, fill_mode="reflect", dtype="float64"), dict(x=X, y=Y, batch_size=4, seed=3)),
    ("pixels", dict(width_shift_range=3, height_shift_range=2), dict(x=X, batch_size=4)),
    ("choices", dict(width_shift_range=[-2, 1, .5], height_shift_range=[.2, .4]), dict(x=X, batch_size=4)),
    ("zoom", dict(zoom_range=(.5, 1.5)), dict(x=X, batch_size=4)),
    ("brightness", dict(brightness_range=(.5, 1.5)), dict(x=X - 30, batch_size=4)),
    ("samplewise", dict(samplewise_std_normalization=True), dict(x=X, batch_size=4)),
    ("featurewise, unfit", dict(featurewise_std_normalization=True), dict(x=X, batch_size=7)),
    ("function", dict(preprocessing_function=lambda x: x[::-1] * 2, rescale=.5), dict(x=X, batch_size=4)),
    ("five channels", {}, dict(x=np.moveaxis(X, 2, 3), batch_size=4)),
]
FITS = [
    ("centre", dict(featurewise_center=True), X, {}),
    ("deviation", dict(featurewise_center=True, featurewise_std_normalization=True, rescale=1 / 255), X, {}),
    ("deviation, channels first", dict(featurewise_std_normalization=True, data_format="channels_first"), FIRST, {}),
    ("whitening", dict(zca_whitening=True, featurewise_std_normalization=True, zca_epsilon=1e-3), X, {}),
    ("augmented", dict(EVERY, featurewise_center=True), X, dict(augment=True, rounds=2, seed=4)),
    ("five channels", dict(featurewise_center=True), np.moveaxis(X, 2, 3), {}),
]
FOLDERS = [
    ("plain", {}, dict(shuffle=False)),
    ("every", EVERY, dict(seed=4)),
    ("shuffled", {}, {}),
    ("binary", {}, dict(class_mode="binary", classes=["ox", "cat"])),
    ("sparse", {}, dict(class_mode="sparse", color_mode="grayscale")),
    ("input", {}, dict(class_mode="input", color_mode="rgba")),
    ("no labels", {}, dict(class_mode=None)),
    ("training", dict(validation_split=.4), dict(subset="training")),
    ("validation", dict(validation_split=.4), dict(subset="validation")),
    ("links", {}, dict(follow_links=True)),
    ("bilinear", {}, dict(interpolation="bilinear", keep_aspect_ratio=True)),
    ("lanczos", dict(data_format="channels_first", rescale=.1), dict(interpolation="lanczos", color_mode="grayscale")),
    ("missing class", {}, dict(classes=["cat", "cow"])),
]
FRAMES = [
    ("plain", {}, dict(shuffle=False)),
    ("every", EVERY, dict(seed=4, weight_col="weight")),
    ("lists", {}, dict(y_col="two")),
    ("lists of classes", {}, dict(y_col="two", classes=["ox", "dog", "ox"])),
    ("binary", {}, dict(class_mode="binary", y_col="far")),
    ("binary of classes", {}, dict(class_mode="binary", classes=["dog", "cat"])),
    ("sparse", dict(validation_split=.5), dict(class_mode="sparse", subset="training")),
    ("validation", dict(validation_split=.5), dict(class_mode="sparse", subset="validation", weight_col="size")),
    ("raw", {}, dict(class_mode="raw", y_col="size")),
    ("raw columns", {}, dict(class_mode="raw", y_col=["size", "weight"])),
    ("other", {}, dict(class_mode="other", y_col="size", has_ext=True, sort=1, drop_duplicates=1)),
    ("outputs", {}, dict(class_mode="multi_output", y_col=["size", "pair"])),
    ("input", {}, dict(class_mode="input", classes=["cat"])),
    ("no labels", {}, dict(class_mode=None, directory=None, x_col="path")),
    ("not validated", {}, dict(class_mode=None, validate_filenames=False)),
]


def leaves(nest):
    return [leaf for part in nest for leaf in leaves(part)] if isinstance(nest, (list, tuple)) else [np.asarray(nest)]


def told(batches):
    """Shapes and dtypes of the first batch, a number of all numbers, and the next random one."""
    shapes = " ".join(f"{leaf.dtype.name}{list(leaf.shape)}".replace(" ", "") for leaf in leaves(batches[0]))
    total = 0.
    for k, batch in enumerate(batches):
        for leaf in leaves(batch):
            total += (k + 1) * float((leaf.astype("float64").ravel() * (1 + np.arange(leaf.size) % 13)).sum())
    return shapes, round(total, 2), round(float(np.random.rand()), 6)


def batches_of(it, count=4):
    found = [next(it) for _ in range(count)]
    it.reset()
    found.append(next(it))
    if len(it):
        found.append(it[0])
        it.on_epoch_end()
        found.append(it[len(it) - 1])
    return found


@contextlib.contextmanager
def listening(path=None):
    """What is printed, and the texts of warnings, into a list."""
    heard, out = [], io.StringIO()
    np.random.seed(5)
    with warnings.catch_warnings(record=True) as warned, contextlib.redirect_stdout(out):
        warnings.simplefilter("always")
        yield heard
    heard += out.getvalue().splitlines() + sorted({str(w.message) for w in warned if w.category is not ResourceWarning
                                                   and not re.search("Pillow|scipy", str(w.message))})


def flow(settings, given):
    with listening() as heard:
        found = told(batches_of(image.ImageDataGenerator(**settings).flow(**given)))
    return [*found, *heard]


def fit(settings, x, given):
    with listening() as heard:
        generator = image.ImageDataGenerator(**settings)
        generator.fit(x, **given)
        found = told([generator.standardize(x.copy()), generator.standardize(x[0].copy()), generator.mean])
    return [*found, *heard]


def from_folder(path, settings, given):
    with listening() as heard:
        it = image.ImageDataGenerator(**settings).flow_from_directory(path, target_size=(4, 6), batch_size=4, **given)
        found = told(batches_of(it))
    return [*found, *heard, it.samples, it.num_classes, list(it.class_indices), it.labels.tolist(), it.filenames[-1], it.image_shape]


def from_frame(path, settings, given):
    with listening() as heard:
        it = image.ImageDataGenerator(**settings).flow_from_dataframe(
            frame(path), **{"directory": str(path), "target_size": (4, 6), "batch_size": 4, **given})
        found = told(batches_of(it) if given.get("validate_filenames", True) else [it.filenames and np.zeros(1)])
    return [*found, *heard, it.samples, getattr(it, "class_indices", None), os.path.basename(it.filenames[-1])]


LEARNING = [    # how a model gets the batches of an epoch
    ("generator", dict(rotation_range=20), dict(batch_size=3), dict(epochs=2, shuffle=False)),
    ("seed", dict(rotation_range=20), dict(batch_size=3, seed=2), dict(epochs=2, shuffle=False)),
    ("steps", {}, dict(batch_size=2, shuffle=False), dict(epochs=2, steps_per_epoch=3, shuffle=False)),
]


def learned(settings, given, how):
    np.random.seed(5)
    model = tf.keras.Sequential([tf.keras.layers.Flatten(input_shape=(6, 5, 3)), tf.keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile(tf.keras.optimizers.SGD(.05), "mse", metrics=["mae"])
    generator = image.ImageDataGenerator(rescale=1 / 255, **settings)
    history = model.fit(generator.flow(X, Y, **given), verbose=0, **how).history
    still = image.ImageDataGenerator(rescale=1 / 255).flow(X, Y, batch_size=3, shuffle=False)
    numbers = history["loss"] + history["mae"] + list(model.evaluate(still, verbose=0)) + model.predict(still, verbose=0)[:, 0].tolist()
    return [round(float(n), 4) for n in numbers]


def everything(path):
    """(name of a table and of a row, what came out)."""
    for name, settings, given in FLOWS:
        yield "flow", name, flow(settings, given)
    for name, *row in FITS:
        yield "fit", name, fit(*row)
    for name, *row in FOLDERS:
        yield "folder", name, from_folder(path, *row)
    for name, *row in FRAMES:
        yield "frame", name, from_frame(path, *row)
    for name, *row in LEARNING:
        yield "learning", name, learned(*row)


IGNORED = 'Found 2 invalid image filename(s) in x_col="filename". These filename(s) will be ignored.'
FOUND = 'Found 10 images belonging to 3 classes.'
TEN = [0, 0, 0, 0, 0, 1, 1, 1, 1, 2]
NAMES = ['cat', 'dog', 'ox']
OVERRIDES = 'This ImageDataGenerator specifies `featurewise_std_normalization`, which overrides setting of `featurewise_center`.'
RECORDED = {
    ('flow', 'plain'): ['float32[3,6,5,3] int64[3]', 5038177.45, 0.022933],
    ('flow', 'shuffled'): ['float32[3,6,5,3] int64[3]', 5041440.03, 0.195475],
    ('flow', 'seed'): ['float32[2,6,5,3]', 3541217.58, 0.965749],
    ('flow', 'images only'): ['float32[7,6,5,3]', 60039.13, 0.596731],
    ('flow', 'weights'): ['float32[4,6,5,3] int64[4] float64[4]', 7814568.52, 0.566351],
    ('flow', 'further arrays'): ['float32[4,6,5,3] int64[4] float64[4] int64[4]', 7814140.52, 0.566351],
    ('flow', 'further array'): ['float32[4,6,5,3] int64[4]', 7813930.52, 0.566351],
    ('flow', 'empty'): ['float32[0,6,5,3] int64[0]', 0.0, 0.221993],
    ('flow', 'training'): ['float32[4,6,5,3] int64[4]', 5886409.3, 0.195475],
    ('flow', 'validation'): ['float32[2,6,5,3] int64[2] int64[2]', 4210962.53, 0.204556],
    ('flow', 'every'): ['float32[4,6,5,3] int64[4]', 4578095.91, 0.338339],
    ('flow', 'every, channels first'): ['float32[4,3,6,5] int64[4]', 4511432.61, 0.338339],
    ('flow', 'every, reflected'): ['float64[4,6,5,3] int64[4]', 7633774.05, 0.169636],
    ('flow', 'pixels'): ['float32[4,6,5,3]', 7929993.55, 0.904477],
    ('flow', 'choices'): ['float32[4,6,5,3]', 7909748.43, 0.904477],
    ('flow', 'zoom'): ['float32[4,6,5,3]', 7879871.56, 0.122318],
    ('flow', 'brightness'): ['float32[4,6,5,3]', 5587351.21, 0.117508],
    ('flow', 'samplewise'): ['float32[4,6,5,3]', -2194.52, 0.566351,
        'This ImageDataGenerator specifies `samplewise_std_normalization`, which overrides setting of '
        '`samplewise_center`.'],
    ('flow', 'featurewise, unfit'): ['float32[7,6,5,3]', 15309977.46, 0.596731,
        "This ImageDataGenerator specifies `featurewise_center`, but it hasn't been fit on any training data."
        ' Fit it first by calling `.fit(numpy_data)`.',
        "This ImageDataGenerator specifies `featurewise_std_normalization`, but it hasn't been fit on any "
        'training data. Fit it first by calling `.fit(numpy_data)`.', OVERRIDES],
    ('flow', 'function'): ['float32[4,6,5,3]', 7972729.68, 0.566351],
    ('flow', 'five channels'): ['float32[4,6,3,5]', 8076812.9, 0.566351,
        'NumpyArrayIterator is set to use the data format convention "channels_last" (channels on axis 3), '
        'i.e. expected either 1, 3, or 4 channels on axis 3. However, it was passed an array with shape (7, '
        '6, 3, 5) (5 channels).'],
    ('fit', 'centre'): ['float32[7,6,5,3]', -16399.71, 0.221993],
    ('fit', 'deviation'): ['float32[7,6,5,3]', -247.36, 0.221993],
    ('fit', 'deviation, channels first'): ['float32[7,3,6,5]', 1835.02, 0.221993, OVERRIDES],
    ('fit', 'whitening'): ['float32[7,6,5,3]', 2249.94, 0.221993, OVERRIDES,
        'This ImageDataGenerator specifies `zca_whitening` which overrides setting '
        'of`featurewise_std_normalization`.',
        'This ImageDataGenerator specifies `zca_whitening`, which overrides setting of `featurewise_center`.'],
    ('fit', 'augmented'): ['float32[7,6,5,3]', 305084.73, 0.015971],
    ('fit', 'five channels'): ['float32[7,6,3,5]', 8120.01, 0.221993,
        'Expected input to be images (as Numpy array) following the data format convention "channels_last" '
        '(channels on axis 3), i.e. expected either 1, 3 or 4 channels on axis 3. However, it was passed an '
        'array with shape (7, 6, 3, 5) (5 channels).'],
    ('folder', 'plain'): ['float32[4,4,6,3] float32[4,3]', 5885700.0, 0.813732, FOUND, 10, 3, NAMES, TEN, 'ox/a.png', (4, 6, 3)],
    ('folder', 'every'): ['float32[4,4,6,3] float32[4,3]', 3486292.24, 0.917774, FOUND, 10, 3, NAMES, TEN, 'ox/a.png', (4, 6, 3)],
    ('folder', 'shuffled'): ['float32[4,4,6,3] float32[4,3]', 6107986.0, 0.244291, FOUND, 10, 3, NAMES, TEN, 'ox/a.png', (4, 6, 3)],
    ('folder', 'binary'): ['float32[4,4,6,3] float32[4]', 5429290.0, 0.81666, 'Found 6 images belonging to 2 classes.', 6, 2,
        ['ox', 'cat'], [0, 1, 1, 1, 1, 1], 'cat/e.PNG', (4, 6, 3)],
    ('folder', 'sparse'): ['float32[4,4,6,1] float32[4]', 1919344.0, 0.244291, FOUND, 10, 3, NAMES, TEN, 'ox/a.png', (4, 6, 1)],
    ('folder', 'input'): ['float32[4,4,6,4] float32[4,4,6,4]', 19028254.0, 0.244291, FOUND, 10, 3, NAMES, TEN, 'ox/a.png', (4, 6, 4)],
    ('folder', 'no labels'): ['float32[4,4,6,3]', 6107475.0, 0.244291, FOUND, 10, 3, NAMES, TEN, 'ox/a.png', (4, 6, 3)],
    ('folder', 'training'): ['float32[4,4,6,3] float32[4,3]', 6383534.0, 0.566351, 'Found 7 images belonging to 3 classes.', 7, 3, NAMES,
        [0, 0, 0, 1, 1, 1, 2], 'ox/a.png', (4, 6, 3)],
    ('folder', 'validation'): ['float32[3,4,6,3] float32[3,3]', 5629007.0, 0.546456, 'Found 3 images belonging to 3 classes.', 3, 3,
        NAMES, [0, 0, 1], 'dog/a.png', (4, 6, 3)],
    ('folder', 'links'): ['float32[4,4,6,3] float32[4,3]', 6749865.0, 0.318868, 'Found 11 images belonging to 3 classes.', 11, 3, NAMES,
        [0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2], 'ox/linked/b.bmp', (4, 6, 3)],
    ('folder', 'bilinear'): ['float32[4,4,6,3] float32[4,3]', 5896283.0, 0.244291, FOUND, 10, 3, NAMES, TEN, 'ox/a.png', (4, 6, 3)],
    ('folder', 'lanczos'): ['float32[4,1,4,6] float32[4,3]', 192809.2, 0.244291, FOUND, 10, 3, NAMES, TEN, 'ox/a.png', (1, 4, 6)],
    ('folder', 'missing class'): ['float32[4,4,6,3] float32[4,2]', 4739217.0, 0.195475, 'Found 5 images belonging to 2 classes.', 5, 2,
        ['cat', 'cow'], [0, 0, 0, 0, 0], 'cat/e.PNG', (4, 6, 3)],
    ('frame', 'plain'): ['float32[4,4,6,3] float32[4,3]', 5520936.0, 0.002214,
        'Found 6 validated image filenames belonging to 3 classes.', IGNORED, 6, {'cat': 0, 'dog': 1, 'ox': 2}, 'd.png'],
    ('frame', 'every'): ['float32[4,4,6,3] float32[4,3] float64[4]', 3048352.58, 0.917774,
        'Found 6 validated image filenames belonging to 3 classes.', IGNORED, 6, {'cat': 0, 'dog': 1, 'ox': 2}, 'd.png'],
    ('frame', 'lists'): ['float32[4,4,6,3] float32[4,3]', 5641125.0, 0.81666,
        'Found 6 validated image filenames belonging to 3 classes.', IGNORED, 6, {'cat': 0, 'dog': 1, 'ox': 2}, 'd.png'],
    ('frame', 'lists of classes'): ['float32[4,4,6,3] float32[4,2]', 4631864.0, 0.195475,
        'Found 5 validated image filenames belonging to 2 classes.', IGNORED, 5, {'ox': 0, 'dog': 1}, 'd.png'],
    ('frame', 'binary'): ['float32[4,4,6,3] float32[4]', 5640640.0, 0.81666, 'Found 6 validated image filenames belonging to 2 classes.',
        IGNORED, 6, {'no': 0, 'yes': 1}, 'd.png'],
    ('frame', 'binary of classes'): ['float32[4,4,6,3] float32[4]', 4665925.0, 0.195475,
        'Found 5 validated image filenames belonging to 2 classes.', IGNORED, 5, {'dog': 0, 'cat': 1}, 'd.png'],
    ('frame', 'sparse'): ['float32[3,4,6,3] float32[3]', 5156071.0, 0.546456,
        'Found 3 validated image filenames belonging to 3 classes.', IGNORED, 3, {'cat': 0, 'dog': 1, 'ox': 2}, 'd.png'],
    ('frame', 'validation'): ['float32[3,4,6,3] float32[3] int64[3]', 5570459.0, 0.546456,
        'Found 3 validated image filenames belonging to 3 classes.', IGNORED, 3, {'cat': 0, 'dog': 1, 'ox': 2}, 'a.png'],
    ('frame', 'raw'): ['float32[4,4,6,3] int64[4]', 5642098.0, 0.81666, 'Found 6 validated image filenames.', IGNORED, 6, None, 'd.png'],
    ('frame', 'raw columns'): ['float32[4,4,6,3] float64[4,2]', 5643201.0, 0.81666, 'Found 6 validated image filenames.', IGNORED, 6,
        None, 'd.png'],
    ('frame', 'other'): ['float32[4,4,6,3] int64[4]', 5642098.0, 0.81666, 'Found 6 validated image filenames.', IGNORED,
        '`class_mode` "other" is deprecated, please use `class_mode` "raw".',
        'drop_duplicates is deprecated, you can drop duplicates by using the pandas.DataFrame.drop_duplicates'
        ' method.', 'has_ext is deprecated, filenames in the dataframe have to match the exact filenames in disk.',
        'sort is deprecated, batches will be created in thesame order than the filenames provided if '
        'shuffleis set to False.', 6, None, 'd.png'],
    ('frame', 'outputs'): ['float32[4,4,6,3] int64[4] int64[4,2]', 5644300.0, 0.81666, 'Found 6 validated image filenames.', IGNORED, 6,
        None, 'd.png'],
    ('frame', 'input'): ['float32[4,4,6,3] float32[4,4,6,3]', 11281112.0, 0.81666, 'Found 6 validated image filenames.', IGNORED,
        '`classes` will be ignored given the class_mode="input"', 6, None, 'd.png'],
    ('frame', 'no labels'): ['float32[4,4,6,3]', 5640556.0, 0.81666, 'Found 6 validated image filenames.',
        'Found 2 invalid image filename(s) in x_col="path". These filename(s) will be ignored.', 6, None, 'd.png'],
    ('frame', 'not validated'): ['float64[1]', 0.0, 0.221993, 'Found 8 non-validated image filenames.', 8, None, 'd.png'],
    ('learning', 'generator'): [1.2632, 22.4547, 0.8457, 4.3917, 122.8162, 11.0462, -10.2624, -10.7856, -10.7479, -9.762, -8.4739, -9.38,
        -12.9118],
    ('learning', 'seed'): [7.0084, 53.65, 2.4115, 6.9581, 226.3461, 14.957, -15.8192, -11.4542, -16.9289, -15.4825, -12.2991, -14.7828,
        -12.9323],
    ('learning', 'steps'): [2.3085, 47.6158, 1.1826, 6.4821, 199.6816, 13.9289, -14.0304, -12.3864, -11.4278, -11.068, -15.1674,
        -16.7064, -11.7155],
}


if __name__ == "__main__":
    import pathlib
    import tempfile
    with tempfile.TemporaryDirectory() as made:
        print("RECORDED = {")
        for table, name, found in everything(folder(pathlib.Path(made))):
            sys.stdout.write(f"    {(table, name)}: {found},\n".replace(made, "FOLDER"))
        print("}")
    sys.exit()


def same(found, table, name):
    wanted = RECORDED[table, name]
    if table == "learning":
        assert found == pytest.approx(wanted, rel=2e-3, abs=2e-4)
        return
    assert found[1] == pytest.approx(wanted[1], rel=2e-5, abs=.5)
    assert found[:1] + found[2:] == wanted[:1] + wanted[2:]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    pytest.importorskip("PIL")
    return folder(tmp_path_factory.mktemp("images"))


@pytest.mark.parametrize("name, settings, given", FLOWS, ids=lambda v: v if isinstance(v, str) else "")
def test_flow(name, settings, given):
    same(flow(settings, given), "flow", name)


@pytest.mark.parametrize("name, settings, x, given", FITS, ids=lambda v: v if isinstance(v, str) else "")
def test_fit(name, settings, x, given):
    same(fit(settings, x, given), "fit", name)


@pytest.mark.parametrize("name, settings, given", FOLDERS, ids=lambda v: v if isinstance(v, str) else "")
def test_folder(path, name, settings, given):
    same(from_folder(path, settings, given), "folder", name)


@pytest.mark.parametrize("name, settings, given", FRAMES, ids=lambda v: v if isinstance(v, str) else "")
def test_frame(path, name, settings, given):
    same(from_frame(path, settings, given), "frame", name)


@pytest.mark.parametrize("name, settings, given, how", LEARNING, ids=lambda v: v if isinstance(v, str) else "")
def test_learning(name, settings, given, how):
    same(learned(settings, given, how), "learning", name)


# Rows: what is called with what is given, the error, its text.
def _directory(path, **given):
    return image.ImageDataGenerator(validation_split=.5).flow_from_directory(path, **given)


def _frame(path, **given):
    return image.ImageDataGenerator(validation_split=.5).flow_from_dataframe(frame(path), path, **given)


def _flow(path, x=X, y=Y, **given):
    return image.ImageDataGenerator(validation_split=.5).flow(x, y, **given)


def _new(path, **given):
    return image.ImageDataGenerator(**given)


LENGTHS = "should have the same length. Found: x.shape = (7, 6, 5, 3), "
ERRORS = [
    (_new, dict(data_format="last"), ValueError, '`data_format` should be `"channels_last"` (channel after row and column) or '
     '`"channels_first"` (channel before row and column). Received: last'),
    (_new, dict(validation_split=1.5), ValueError, "`validation_split` must be strictly between 0 and 1.  Received: 1.5"),
    (_new, dict(zoom_range=(1, 2, 3)), ValueError, "`zoom_range` should be a float or a tuple or list of two floats. Received: (1, 2, 3)"),
    (_new, dict(brightness_range=.5), ValueError, "`brightness_range should be tuple or list of two floats. Received: 0.5"),
    (_flow, dict(y=Y[:3]), ValueError, f"`x` (images tensor) and `y` (labels) {LENGTHS}y.shape = (3,)"),
    (_flow, dict(sample_weight=Y[:3]), ValueError, f"`x` (images tensor) and `sample_weight` {LENGTHS}sample_weight.shape = (3,)"),
    (_flow, dict(x=(X, Y[:3])), ValueError,
     "All of the arrays in `x` should have the same length. Found a pair with: len(x[0]) = 7, len(x[?]) = 3"),
    (_flow, dict(x=X[0], y=None), ValueError, ("Input data in `NumpyArrayIterator` should have rank 4. You passed an array with shape", (6, 5, 3))),
    (_flow, dict(subset="test"), ValueError, ("Invalid subset name:", "test", '; expected "training" or "validation".')),
    (_flow, dict(subset="training"), ValueError, "Training and validation subsets have different number of classes after the split. If "
     "your numpy arrays are sorted by the label, you might want to shuffle them."),
    (_directory, dict(color_mode="bgr"), ValueError, ("Invalid color mode:", "bgr", '; expected "rgb", "rgba", or "grayscale".')),
    (_directory, dict(class_mode="raw"), ValueError, "Invalid class_mode: raw; expected one of: "),
    (_directory, dict(subset="test"), ValueError, 'Invalid subset name: test;expected "training" or "validation"'),
    (_frame, dict(class_mode="two"), ValueError, "Invalid class_mode: two; expected one of: "),
    (_frame, dict(class_mode="multi_output"), TypeError, 'If class_mode="multi_output", y_col must be a list. Received str.'),
    (_frame, dict(x_col="size"), TypeError, "All values in column x_col=size must be strings."),
    (_frame, dict(class_mode="sparse", y_col="size"), TypeError, 'If class_mode="sparse", y_col="size" column values must be strings.'),
    (_frame, dict(y_col="size"), TypeError, 'If class_mode="categorical", y_col="size" column values must be type string, list or tuple.'),
    (_frame, dict(class_mode="binary"), ValueError, 'If class_mode="binary" there must be 2 classes. Found 3 classes.'),
    (_frame, dict(class_mode="binary", classes=["ox"]), ValueError, 'If class_mode="binary" there must be 2 classes. 1 class/es were given.'),
    (_frame, dict(weight_col="far"), TypeError, "Column weight_col=far must be numeric."),
]


@pytest.mark.parametrize("made, given, error, text", ERRORS)
def test_errors(path, made, given, error, text):
    with pytest.raises(error) as raised:
        made(path, **given)
    if isinstance(text, tuple):
        assert raised.value.args == text
    else:
        assert str(raised.value).startswith(text) and (text.endswith(": ") or len(str(raised.value)) == len(text))


def test_errors_of_iterators(path):
    it = _flow(path, batch_size=3)
    with pytest.raises(ValueError, match=re.escape("Asked to retrieve element 3, but the Sequence has length 3")):
        it[3]
    with pytest.raises(ValueError, match=re.escape("Input to `.fit()` should have rank 4. Got array with shape: (6, 5, 3)")):
        image.ImageDataGenerator().fit(X[0])
    with pytest.raises(NotImplementedError):
        next(image.Iterator(3, 2, False, None))


def test_weights_go_with_their_rows():
    it = image.ImageDataGenerator(validation_split=.3).flow(X, Y, sample_weight=np.arange(7.), subset="training", ignore_class_split=True)
    x, y, weights = next(it)
    assert sorted(weights.tolist()) == [2., 3., 4., 5., 6.]
    assert all(np.array_equal(image_of, X[int(weight)]) and label == Y[int(weight)] for image_of, label, weight in zip(x, y, weights))


@pytest.mark.parametrize("what, most", [("arrays", 10_000), ("files", 10_000_000)])
def test_what_is_saved(path, tmp_path, what, most):
    generator, given = image.ImageDataGenerator(), dict(shuffle=False, batch_size=3, save_to_dir=tmp_path, save_prefix="kept")
    it = generator.flow(X[:2], **given) if what == "arrays" else generator.flow_from_directory(path, (6, 5), classes=["cat"], **given)
    np.random.seed(5)
    batch = next(it)
    np.random.seed(5)
    np.random.rand(2 * len(leaves(batch)[0]))       # two flips an image are drawn before its name
    names = [f"kept_{i}_{np.random.randint(most)}.png" for i in range(len(leaves(batch)[0]))]
    assert sorted(os.listdir(tmp_path)) == sorted(names)
    again = image.img_to_array(image.load_img(tmp_path / names[0]))
    wanted = leaves(batch)[0][0]
    wanted = (wanted - wanted.min()) / (wanted.max() - wanted.min()) * 255
    assert np.abs(again - wanted).max() <= 1


def test_a_transform_is_what_it_says():
    generator = image.ImageDataGenerator(**EVERY)
    drawn = generator.get_random_transform((6, 5, 3), seed=9)
    assert generator.get_random_transform((6, 5, 3), seed=9) == drawn
    assert np.array_equal(generator.random_transform(X[0], seed=9), generator.apply_transform(X[0], drawn))
    assert np.array_equal(generator.apply_transform(X[0], {}), X[0])
    assert np.array_equal(generator.apply_transform(X[0], {"flip_horizontal": True, "flip_vertical": True}), X[0][::-1, ::-1])
