# In: images as arrays, in folders, or named in a data frame, and an ImageDataGenerator that changes them.
# Out: Sequences of batches that are iterators without an end, too; order and changes come of NumPy's global generator, as in Keras.
import os
import threading
import warnings

import numpy as np

from .images import array_to_img, img_to_array, load_img
from .utils import Sequence

_CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}


def _data_format(given):
    from .backend import image_data_format
    return image_data_format() if given is None else given


def _dtype(given):
    from .backend import floatx
    return floatx() if given is None else given


class Iterator(Sequence):
    """Batches of `n` things: by index, each epoch in one order, or one after the other without an end.

    A subclass says in _get_batches_of_transformed_samples(index_array) what a batch holds. With a seed every batch draws
    from a generator that is seeded anew, by seed + number of batches so far.
    """

    white_list_formats = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")

    def __init__(self, n, batch_size, shuffle, seed):
        self.n, self.batch_size, self.shuffle, self.seed = n, batch_size, shuffle, seed
        self.batch_index = self.total_batches_seen = 0
        self.lock = threading.Lock()
        self.index_array = None
        self.index_generator = self._flow_index()

    def __len__(self):
        return -(-self.n // self.batch_size)

    def __getitem__(self, idx):
        if idx >= len(self):
            raise ValueError(f"Asked to retrieve element {idx}, but the Sequence has length {len(self)}")
        self._begin_batch()
        self.total_batches_seen += 1
        if self.index_array is None:
            self._set_index_array()
        first = self.batch_size * idx
        return self._get_batches_of_transformed_samples(self.index_array[first:first + self.batch_size])

    def __iter__(self):
        return self

    def __next__(self, *args, **kwargs):
        return self.next(*args, **kwargs)

    def next(self):
        """The next batch; behind the last one comes the first, in a new order."""
        with self.lock:     # batches may be made at once, their rows are chosen one after the other
            rows = next(self.index_generator)
        return self._get_batches_of_transformed_samples(rows)

    def reset(self):
        """The next batch is the first of an epoch."""
        self.batch_index = 0

    def on_epoch_end(self):
        self._set_index_array()

    def _begin_batch(self):
        if self.seed is not None:
            np.random.seed(self.seed + self.total_batches_seen)

    def _set_index_array(self):
        self.index_array = np.random.permutation(self.n) if self.shuffle else np.arange(self.n)

    def _flow_index(self):
        self.reset()
        while True:
            self._begin_batch()
            if self.batch_index == 0:
                self._set_index_array()
            first = self.batch_index * self.batch_size % self.n if self.n else 0
            last = first + self.batch_size
            self.batch_index = self.batch_index + 1 if last < self.n else 0
            self.total_batches_seen += 1
            yield self.index_array[first:last]

    def _get_batches_of_transformed_samples(self, index_array):
        raise NotImplementedError

    def _changed(self, x):
        """One image as its generator makes it."""
        made = self.image_data_generator
        return made.standardize(made.apply_transform(x, made.get_random_transform(x.shape)))

    def _save(self, images, index_array, most):
        """Writes a batch's images where save_to_dir says, under names with a random number."""
        for image, index in zip(images, index_array):
            name = f"{self.save_prefix}_{index}_{np.random.randint(most)}.{self.save_format}"
            array_to_img(image, self.data_format, scale=True).save(os.path.join(self.save_to_dir, name))


class NumpyArrayIterator(Iterator):
    """Batches of an array of images: x [n, height, width, channels], or (x, further arrays of n rows), with labels y or without.

    Raises ValueError for arrays that do not fit together and for a subset of unknown name.
    """

    def __init__(self, x, y, image_data_generator, batch_size=32, shuffle=False, sample_weight=None, seed=None, data_format=None,
                 save_to_dir=None, save_prefix="", save_format="png", subset=None, ignore_class_split=False, dtype=None):
        self.dtype, self.data_format = _dtype(dtype), _data_format(data_format)
        more = []
        if isinstance(x, (tuple, list)):
            more = [np.asarray(part) for part in (x[1] if isinstance(x[1], list) else [x[1]])]
            x = x[0]
            for part in more:
                if len(x) != len(part):
                    raise ValueError("All of the arrays in `x` should have the same length. Found a pair with: "
                                     f"len(x[0]) = {len(x)}, len(x[?]) = {len(part)}")
        for given, name, label in ((y, "y", "`y` (labels)"), (sample_weight, "sample_weight", "`sample_weight`")):
            if given is not None and len(given) != len(x):
                raise ValueError(f"`x` (images tensor) and {label} should have the same length. Found: "
                                 f"x.shape = {np.asarray(x).shape}, {name}.shape = {np.asarray(given).shape}")
        if subset is not None:
            part = self._part(y, len(x), subset, image_data_generator._validation_split, ignore_class_split)
            x, more, y = x[part], [rows[part] for rows in more], None if y is None else y[part]
            sample_weight = None if sample_weight is None else sample_weight[part]
        self.x, self.x_misc = np.asarray(x, dtype=self.dtype), more
        if self.x.ndim != 4:
            raise ValueError("Input data in `NumpyArrayIterator` should have rank 4. You passed an array with shape", self.x.shape)
        axis = 3 if self.data_format == "channels_last" else 1
        if self.x.shape[axis] not in (1, 3, 4):
            warnings.warn(
                f'NumpyArrayIterator is set to use the data format convention "{self.data_format}" (channels on axis {axis}), i.e. '
                f"expected either 1, 3, or 4 channels on axis {axis}. However, it was passed an array with shape {self.x.shape} "
                f"({self.x.shape[axis]} channels).")
        self.y = None if y is None else np.asarray(y)
        self.sample_weight = None if sample_weight is None else np.asarray(sample_weight)
        self.image_data_generator = image_data_generator
        self.save_to_dir, self.save_prefix, self.save_format = save_to_dir, save_prefix, save_format
        super().__init__(len(self.x), batch_size, shuffle, seed)

    @staticmethod
    def _part(y, count, subset, share, any_classes):
        if subset not in ("training", "validation"):
            raise ValueError("Invalid subset name:", subset, '; expected "training" or "validation".')
        at = int(count * share)
        if y is not None and not any_classes and not np.array_equal(np.unique(y[:at]), np.unique(y[at:])):
            raise ValueError("Training and validation subsets have different number of classes after the split. If your numpy arrays "
                             "are sorted by the label, you might want to shuffle them.")
        return slice(None, at) if subset == "validation" else slice(at, None)

    def _get_batches_of_transformed_samples(self, index_array):
        images = np.zeros((len(index_array), *self.x.shape[1:]), dtype=self.dtype)
        for row, index in enumerate(index_array):
            images[row] = self._changed(self.x[index].astype(self.dtype))
        if self.save_to_dir:
            self._save(images, index_array, 10_000)
        x = [images] + [rows[index_array] for rows in self.x_misc] if self.x_misc else images
        if self.y is None:
            return x
        return (x, self.y[index_array]) + (() if self.sample_weight is None else (self.sample_weight[index_array],))


class BatchFromFilesMixin:
    """What iterators of image files share; a class has `filepaths`, `labels`, `sample_weight`, class_mode, classes and dtype."""

    def set_processing_attrs(self, image_data_generator, target_size, color_mode, data_format, save_to_dir, save_prefix, save_format,
                             subset, interpolation, keep_aspect_ratio):
        """Keeps how files are read. Raises ValueError for an unknown color_mode or subset."""
        self.image_data_generator, self.target_size, self.keep_aspect_ratio = image_data_generator, tuple(target_size), keep_aspect_ratio
        if color_mode not in _CHANNELS:
            raise ValueError("Invalid color mode:", color_mode, '; expected "rgb", "rgba", or "grayscale".')
        self.color_mode, self.data_format = color_mode, data_format
        channels = (_CHANNELS[color_mode],)
        self.image_shape = self.target_size + channels if data_format == "channels_last" else channels + self.target_size
        self.save_to_dir, self.save_prefix, self.save_format = save_to_dir, save_prefix, save_format
        self.interpolation, self.subset, self.split = interpolation, subset, None
        if subset is not None:
            share = image_data_generator._validation_split
            if subset not in ("training", "validation"):
                raise ValueError(f'Invalid subset name: {subset};expected "training" or "validation"')
            self.split = (0, share) if subset == "validation" else (share, 1)

    def _in_split(self, count):
        """Which of `count` files are in the subset."""
        return slice(*(int(share * count) for share in self.split)) if self.split else slice(None)

    def _needs(self, what):
        raise NotImplementedError(f"`{what}` property method has not been implemented in {type(self).__name__}.")

    filepaths = property(lambda self: self._needs("filepaths"), doc="The paths of the files.")
    labels = property(lambda self: self._needs("labels"), doc="What the batches' labels are taken of.")
    sample_weight = property(lambda self: self._needs("sample_weight"), doc="A weight for each file, or None.")

    def _get_batches_of_transformed_samples(self, index_array):
        images, paths = np.zeros((len(index_array), *self.image_shape), dtype=self.dtype), self.filepaths
        for row, index in enumerate(index_array):
            with load_img(paths[index], color_mode=self.color_mode, target_size=self.target_size, interpolation=self.interpolation,
                          keep_aspect_ratio=self.keep_aspect_ratio) as image:
                x = img_to_array(image, data_format=self.data_format)
            images[row] = self._changed(x) if self.image_data_generator else x
        if self.save_to_dir:
            self._save(images, index_array, 10_000_000)
        if self.class_mode is None:
            return images
        weights = self.sample_weight
        return (images, self._labels_of(images, index_array)) + (() if weights is None else (weights[index_array],))

    def _labels_of(self, images, index_array):
        if self.class_mode == "input":
            return images.copy()
        if self.class_mode == "multi_output":
            return [output[index_array] for output in self.labels]
        if self.class_mode == "raw":
            return self.labels[index_array]
        classes = [self.classes[index] for index in index_array]
        if self.class_mode != "categorical":
            return np.array(classes, dtype=self.dtype)
        rows = np.zeros((len(images), len(self.class_indices)), dtype=self.dtype)
        for row, numbers in zip(rows, classes):
            row[numbers] = 1
        return rows


def _images_below(folder, endings, follow_links):
    """Paths of images relative to a folder: its own before those of its folders, each by name."""
    for root, _, names in sorted(os.walk(folder, followlinks=follow_links), key=lambda found: found[0]):
        for name in sorted(names):
            if name.lower().endswith(".tiff"):
                warnings.warn('Using ".tiff" files with multiple bands will cause distortion. Please verify your output.')
            if name.lower().endswith(endings):
                yield os.path.relpath(os.path.join(root, name), folder)


def _refuse_mode(mode, allowed):
    if mode not in allowed:
        raise ValueError(f"Invalid class_mode: {mode}; expected one of: {allowed}")


class DirectoryIterator(BatchFromFilesMixin, Iterator):
    """Batches of a folder's images: each folder in it is a class, by name or in the order of `classes`.

    class_mode: labels as "categorical" rows, "binary" or "sparse" numbers, the "input" itself, or None. Raises ValueError for
    other modes, colours and subsets.
    """

    allowed_class_modes = {"categorical", "binary", "sparse", "input", None}

    def __init__(self, directory, image_data_generator, target_size=(256, 256), color_mode="rgb", classes=None, class_mode="categorical",
                 batch_size=32, shuffle=True, seed=None, data_format=None, save_to_dir=None, save_prefix="", save_format="png",
                 follow_links=False, subset=None, interpolation="nearest", keep_aspect_ratio=False, dtype=None):
        self.set_processing_attrs(image_data_generator, target_size, color_mode, _data_format(data_format), save_to_dir, save_prefix,
                                  save_format, subset, interpolation, keep_aspect_ratio)
        _refuse_mode(class_mode, self.allowed_class_modes)
        self.directory, self.class_mode, self.dtype = directory, class_mode, _dtype(dtype)
        names = classes or [name for name in sorted(os.listdir(directory)) if os.path.isdir(os.path.join(directory, name))]
        self.num_classes, self.class_indices = len(names), {name: number for number, name in enumerate(names)}
        self.filenames, numbers = [], []
        for name in names:      # a subset takes its share of each class
            found = list(_images_below(os.path.join(directory, name), self.white_list_formats, follow_links))
            found = found[self._in_split(len(found))]
            self.filenames += [os.path.join(name, path) for path in found]
            numbers += [self.class_indices[name]] * len(found)
        self.samples, self.classes = len(self.filenames), np.array(numbers, dtype="int32")
        print(f"Found {self.samples} images belonging to {self.num_classes} classes.")
        self._filepaths = [os.path.join(directory, path) for path in self.filenames]
        super().__init__(self.samples, batch_size, shuffle, seed)

    filepaths = property(lambda self: self._filepaths)
    labels = property(lambda self: self.classes)
    sample_weight = property(lambda self: None)


def _list_of(label):
    return label if isinstance(label, (list, tuple)) else [label]


class DataFrameIterator(BatchFromFilesMixin, Iterator):
    """Batches of the images whose names stand in column x_col of a data frame, relative to `directory` if there is one.

    class_mode: column y_col holds names of classes ("binary", "sparse", or "categorical", which may be lists of them), "raw"
    values of any kind, or each of the columns y_col an output of its own ("multi_output"); "input" and None need none. Names
    of no image file are left out with a warning. Raises ValueError and TypeError for columns that do not hold what they should.
    """

    allowed_class_modes = {"binary", "categorical", "input", "multi_output", "raw", "sparse", None}
    _CLASSLESS = ("input", "multi_output", "raw", None)

    def __init__(self, dataframe, directory=None, image_data_generator=None, x_col="filename", y_col="class", weight_col=None,
                 target_size=(256, 256), color_mode="rgb", classes=None, class_mode="categorical", batch_size=32, shuffle=True, seed=None,
                 data_format="channels_last", save_to_dir=None, save_prefix="", save_format="png", subset=None, interpolation="nearest",
                 keep_aspect_ratio=False, dtype="float32", validate_filenames=True):
        self.set_processing_attrs(image_data_generator, target_size, color_mode, data_format, save_to_dir, save_prefix, save_format,
                                  subset, interpolation, keep_aspect_ratio)
        self.directory, self.class_mode, self.dtype = directory or "", class_mode, dtype
        self._check(dataframe, x_col, y_col, weight_col, classes)
        kept = np.ones(len(dataframe), dtype=bool)
        if validate_filenames:
            kept = np.array([self._is_image(name) for name in dataframe[x_col]], dtype=bool)
            if not kept.all():
                warnings.warn(f'Found {(~kept).sum()} invalid image filename(s) in x_col="{x_col}". These filename(s) will be ignored.')
        frame = dataframe[kept]
        told = f"Found %d {'' if validate_filenames else 'non-'}validated image filenames"
        if class_mode not in self._CLASSLESS:
            labels = frame[y_col].tolist()
            names = list(dict.fromkeys(classes)) if classes else sorted({name for label in labels for name in _list_of(label)})
            if classes:
                labels, frame = self._of_classes(labels, frame, set(names))
            self.class_indices = {name: number for number, name in enumerate(names)}
            self.classes = [[self.class_indices[name] for name in label] if isinstance(label, (list, tuple))
                            else self.class_indices[label] for label in labels][self._in_split(len(labels))]
            told += f" belonging to {len(names)} classes"
        frame = frame.iloc[self._in_split(len(frame))]
        self.filenames = frame[x_col].tolist()
        self._sample_weight = frame[weight_col].to_numpy() if weight_col else None
        if class_mode == "multi_output":
            self._targets = [np.array(frame[column].tolist()) for column in y_col]
        elif class_mode == "raw":
            self._targets = frame[y_col].to_numpy()
        self.samples = len(self.filenames)
        print(told % self.samples + ".")
        self._filepaths = [os.path.join(self.directory, name) for name in self.filenames]
        super().__init__(self.samples, batch_size, shuffle, seed)

    filepaths = property(lambda self: self._filepaths)
    labels = property(lambda self: self._targets if self.class_mode in ("multi_output", "raw") else self.classes)
    sample_weight = property(lambda self: self._sample_weight)

    def _is_image(self, name):
        path = os.path.join(self.directory, name)
        return path.lower().endswith(self.white_list_formats) and os.path.isfile(path)

    @staticmethod
    def _of_classes(labels, frame, names):
        """Labels without the classes that were not asked for, and the rows that have one left."""
        left = [[name for name in label if name in names] if isinstance(label, (list, tuple)) else label if label in names else None
                for label in labels]
        return [label for label in left if label], frame[[bool(label) for label in left]]

    def _check(self, frame, x_col, y_col, weight_col, classes):
        mode = self.class_mode
        _refuse_mode(mode, self.allowed_class_modes)
        if mode == "multi_output" and not isinstance(y_col, list):
            raise TypeError(f'If class_mode="{mode}", y_col must be a list. Received {type(y_col).__name__}.')
        if not all(isinstance(name, str) for name in frame[x_col]):
            raise TypeError(f"All values in column x_col={x_col} must be strings.")
        if mode in ("binary", "sparse") and not all(isinstance(label, str) for label in frame[y_col]):
            raise TypeError(f'If class_mode="{mode}", y_col="{y_col}" column values must be strings.')
        if mode == "binary" and classes and len(set(classes)) != 2:
            raise ValueError(f'If class_mode="binary" there must be 2 classes. {len(set(classes))} class/es were given.')
        if mode == "binary" and not classes and frame[y_col].nunique() != 2:
            raise ValueError(f'If class_mode="binary" there must be 2 classes. Found {frame[y_col].nunique()} classes.')
        if mode == "categorical" and not all(isinstance(label, (str, list, tuple)) for label in frame[y_col]):
            raise TypeError(f'If class_mode="{mode}", y_col="{y_col}" column values must be type string, list or tuple.')
        if classes and mode in self._CLASSLESS:
            warnings.warn(f'`classes` will be ignored given the class_mode="{mode}"')
        if weight_col and not issubclass(frame[weight_col].dtype.type, np.number):
            raise TypeError(f"Column weight_col={weight_col} must be numeric.")
