# In: ranges of random changes and statistics of images. Out: tf.keras.preprocessing.image.ImageDataGenerator, which applies them.
import warnings

import numpy as np

from .image_iterators import DataFrameIterator, DirectoryIterator, NumpyArrayIterator, _data_format, _dtype
from .image_moves import apply_affine_transform, apply_brightness_shift, apply_channel_shift

_NOT_FIT = ("This ImageDataGenerator specifies `{}`, but it hasn't been fit on any training data. Fit it first by calling "
            "`.fit(numpy_data)`.")


def _either_side(most):
    """A number between -most and most, 0 without a draw where there is no range."""
    return np.random.uniform(-most, most) if most else 0


def _shift(span, size):
    """How many pixels an image moves: `span` is a share of its size, a whole number of pixels, or a list to choose from."""
    if not span:
        return 0
    try:
        found = np.random.choice(span) * np.random.choice([-1, 1])
    except ValueError:      # a share is nothing to choose from
        found = np.random.uniform(-span, span)
    return found * size if np.max(span) < 1 else found


class ImageDataGenerator:
    """Changes images at random and brings their numbers to one scale, in batches of arrays, folders or data frames.

    rotation_range and shear_range are degrees, shifts shares or pixels, zoom_range one number or (least, most);
    fit() learns what featurewise_* and zca_whitening need. All draws are of NumPy's global generator. Raises ValueError for
    ranges, a data_format or a validation_split that are none.
    """

    def __init__(self, featurewise_center=False, samplewise_center=False, featurewise_std_normalization=False,
                 samplewise_std_normalization=False, zca_whitening=False, zca_epsilon=1e-06, rotation_range=0, width_shift_range=0.0,
                 height_shift_range=0.0, brightness_range=None, shear_range=0.0, zoom_range=0.0, channel_shift_range=0.0,
                 fill_mode="nearest", cval=0.0, horizontal_flip=False, vertical_flip=False, rescale=None, preprocessing_function=None,
                 data_format=None, validation_split=0.0, interpolation_order=1, dtype=None):
        self.featurewise_center, self.samplewise_center = featurewise_center, samplewise_center
        self.featurewise_std_normalization = featurewise_std_normalization
        self.samplewise_std_normalization = samplewise_std_normalization
        self.zca_whitening, self.zca_epsilon = zca_whitening, zca_epsilon
        self.rotation_range, self.shear_range, self.channel_shift_range = rotation_range, shear_range, channel_shift_range
        self.width_shift_range, self.height_shift_range = width_shift_range, height_shift_range
        self.fill_mode, self.cval, self.interpolation_order = fill_mode, cval, interpolation_order
        self.horizontal_flip, self.vertical_flip = horizontal_flip, vertical_flip
        self.rescale, self.preprocessing_function = rescale, preprocessing_function
        self.dtype, self.data_format = _dtype(dtype), _data_format(data_format)
        axes = {"channels_first": (2, 3, 1), "channels_last": (1, 2, 3)}.get(self.data_format)
        if axes is None:
            raise ValueError('`data_format` should be `"channels_last"` (channel after row and column) or `"channels_first"` (channel '
                             f"before row and column). Received: {self.data_format}")
        self.row_axis, self.col_axis, self.channel_axis = axes
        if validation_split and not 0 < validation_split < 1:
            raise ValueError(f"`validation_split` must be strictly between 0 and 1.  Received: {validation_split}")
        self._validation_split = validation_split
        self.mean = self.std = self.zca_whitening_matrix = None
        if isinstance(zoom_range, (float, int)):
            self.zoom_range = [1 - zoom_range, 1 + zoom_range]
        elif len(zoom_range) == 2 and all(isinstance(bound, (float, int)) for bound in zoom_range):
            self.zoom_range = list(zoom_range)
        else:
            raise ValueError(f"`zoom_range` should be a float or a tuple or list of two floats. Received: {zoom_range}")
        # Some settings mean others: (the one, what it changes, whether it is on already, what it is then, the words of it).
        for given, other, on, value, why in (
                (zca_whitening, "featurewise_center", featurewise_center, True,
                 "`zca_whitening`, which overrides setting of `featurewise_center`."),
                (zca_whitening, "featurewise_std_normalization", featurewise_std_normalization, False,
                 "`zca_whitening` which overrides setting of`featurewise_std_normalization`."),
                (featurewise_std_normalization, "featurewise_center", featurewise_center, True,
                 "`featurewise_std_normalization`, which overrides setting of `featurewise_center`."),
                (samplewise_std_normalization, "samplewise_center", samplewise_center, True,
                 "`samplewise_std_normalization`, which overrides setting of `samplewise_center`.")):
            if given and bool(on) != value:
                setattr(self, other, value)
                warnings.warn("This ImageDataGenerator specifies " + why, stacklevel=2)
        if brightness_range is not None and (not isinstance(brightness_range, (tuple, list)) or len(brightness_range) != 2):
            raise ValueError(f"`brightness_range should be tuple or list of two floats. Received: {brightness_range}")
        self.brightness_range = brightness_range

    # ---- batches ----

    def flow(self, x, y=None, batch_size=32, shuffle=True, sample_weight=None, seed=None, save_to_dir=None, save_prefix="",
             save_format="png", ignore_class_split=False, subset=None):
        """A NumpyArrayIterator: batches of x, (x, y) or (x, y, sample_weight)."""
        return NumpyArrayIterator(x, y, self, batch_size=batch_size, shuffle=shuffle, sample_weight=sample_weight, seed=seed,
                                  data_format=self.data_format, save_to_dir=save_to_dir, save_prefix=save_prefix, save_format=save_format,
                                  ignore_class_split=ignore_class_split, subset=subset, dtype=self.dtype)

    def flow_from_directory(self, directory, target_size=(256, 256), color_mode="rgb", classes=None, class_mode="categorical",
                            batch_size=32, shuffle=True, seed=None, save_to_dir=None, save_prefix="", save_format="png",
                            follow_links=False, subset=None, interpolation="nearest", keep_aspect_ratio=False):
        """A DirectoryIterator: batches of a folder's images, a class each folder in it."""
        return DirectoryIterator(directory, self, target_size=target_size, color_mode=color_mode, classes=classes, class_mode=class_mode,
                                 batch_size=batch_size, shuffle=shuffle, seed=seed, data_format=self.data_format,
                                 save_to_dir=save_to_dir, save_prefix=save_prefix, save_format=save_format, follow_links=follow_links,
                                 subset=subset, interpolation=interpolation, keep_aspect_ratio=keep_aspect_ratio, dtype=self.dtype)

    def flow_from_dataframe(self, dataframe, directory=None, x_col="filename", y_col="class", weight_col=None, target_size=(256, 256),
                            color_mode="rgb", classes=None, class_mode="categorical", batch_size=32, shuffle=True, seed=None,
                            save_to_dir=None, save_prefix="", save_format="png", subset=None, interpolation="nearest",
                            validate_filenames=True, **kwargs):
        """A DataFrameIterator: batches of the images that a data frame names."""
        for old, why in (("has_ext", "has_ext is deprecated, filenames in the dataframe have to match the exact filenames in disk."),
                         ("sort", "sort is deprecated, batches will be created in thesame order than the filenames provided if "
                                  "shuffleis set to False."),
                         ("drop_duplicates", "drop_duplicates is deprecated, you can drop duplicates by using the "
                                             "pandas.DataFrame.drop_duplicates method.")):
            if old in kwargs:
                warnings.warn(why, DeprecationWarning, stacklevel=2)
        if class_mode == "other":
            warnings.warn('`class_mode` "other" is deprecated, please use `class_mode` "raw".', DeprecationWarning, stacklevel=2)
            class_mode = "raw"
        return DataFrameIterator(dataframe, directory, self, x_col=x_col, y_col=y_col, weight_col=weight_col, target_size=target_size,
                                 color_mode=color_mode, classes=classes, class_mode=class_mode, batch_size=batch_size, shuffle=shuffle,
                                 seed=seed, data_format=self.data_format, save_to_dir=save_to_dir, save_prefix=save_prefix,
                                 save_format=save_format, subset=subset, interpolation=interpolation, dtype=self.dtype,
                                 validate_filenames=validate_filenames)

    # ---- one image ----

    def standardize(self, x):
        """An image, or a batch, of floats: its numbers brought to scale, in place but for whitening. Warns before fit()."""
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        if self.rescale:
            x *= self.rescale
        if self.samplewise_center:
            x -= np.mean(x, keepdims=True)
        if self.samplewise_std_normalization:
            x /= np.std(x, keepdims=True) + 1e-6
        if self._has_learned("featurewise_center", self.mean):
            x -= self.mean
        if self._has_learned("featurewise_std_normalization", self.std):
            x /= self.std + 1e-6
        if self._has_learned("zca_whitening", self.zca_whitening_matrix):
            x = (x.reshape(-1, np.prod(x.shape[-3:])) @ self.zca_whitening_matrix).reshape(x.shape)
        return x

    def _has_learned(self, setting, learned):
        if getattr(self, setting) and learned is None:
            warnings.warn(_NOT_FIT.format(setting), stacklevel=3)
        return bool(getattr(self, setting)) and learned is not None

    def get_random_transform(self, img_shape, seed=None):
        """A dict of the random numbers that apply_transform takes; a seed is given to NumPy's global generator."""
        if seed is not None:
            np.random.seed(seed)
        rows, columns = img_shape[self.row_axis - 1], img_shape[self.col_axis - 1]
        # One after the other in this order: it is what makes the same seed give the same images.
        drawn = {"theta": _either_side(self.rotation_range), "tx": _shift(self.height_shift_range, rows),
                 "ty": _shift(self.width_shift_range, columns), "shear": _either_side(self.shear_range)}
        least, most = self.zoom_range
        drawn["zx"], drawn["zy"] = (1, 1) if least == most == 1 else np.random.uniform(least, most, 2)
        drawn["flip_horizontal"] = (np.random.random() < 0.5) * self.horizontal_flip
        drawn["flip_vertical"] = (np.random.random() < 0.5) * self.vertical_flip
        drawn["channel_shift_intensity"] = _either_side(self.channel_shift_range) if self.channel_shift_range else None
        drawn["brightness"] = None if self.brightness_range is None else np.random.uniform(*self.brightness_range)
        return drawn

    def apply_transform(self, x, transform_parameters):
        """x [rows, columns, channels] (or as data_format says) changed as a dict like get_random_transform's tells."""
        given, axes = transform_parameters.get, [axis - 1 for axis in (self.row_axis, self.col_axis, self.channel_axis)]
        x = apply_affine_transform(x, given("theta", 0), given("tx", 0), given("ty", 0), given("shear", 0), given("zx", 1), given("zy", 1),
                                   *axes, fill_mode=self.fill_mode, cval=self.cval, order=self.interpolation_order)
        if given("channel_shift_intensity") is not None:
            x = apply_channel_shift(x, given("channel_shift_intensity"), axes[2])
        if given("flip_horizontal"):
            x = np.flip(x, axes[1])
        if given("flip_vertical"):
            x = np.flip(x, axes[0])
        if given("brightness") is not None:
            x = apply_brightness_shift(x, given("brightness"), False)
        return x

    def random_transform(self, x, seed=None):
        """x changed at random."""
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    def fit(self, x, augment=False, rounds=1, seed=None):
        """Learns mean, deviation and whitening of images [n, ..]; augment: of `rounds` random changes of each of them.

        Raises ValueError for other ranks; warns where the channels are not 1, 3 or 4.
        """
        x = np.array(x, dtype=self.dtype)
        if x.ndim != 4:
            raise ValueError(f"Input to `.fit()` should have rank 4. Got array with shape: {x.shape}")
        axis = self.channel_axis
        if x.shape[axis] not in (1, 3, 4):
            warnings.warn(
                f'Expected input to be images (as Numpy array) following the data format convention "{self.data_format}" (channels on '
                f"axis {axis}), i.e. expected either 1, 3 or 4 channels on axis {axis}. However, it was passed an array with shape "
                f"{x.shape} ({x.shape[axis]} channels).", stacklevel=2)
        if seed is not None:
            np.random.seed(seed)
        if self.rescale:
            x *= self.rescale
        if augment:
            x = np.array([self.random_transform(image) for _ in range(rounds) for image in x], dtype=self.dtype)
        but_channels = (0, self.row_axis, self.col_axis)
        if self.featurewise_center:
            self.mean = np.mean(x, axis=but_channels, keepdims=True)[0]
            x -= self.mean
        if self.featurewise_std_normalization:
            self.std = np.std(x, axis=but_channels, keepdims=True)[0]
            x /= self.std + 1e-6
        if self.zca_whitening:
            axes, sizes, _ = np.linalg.svd(x.reshape(len(x), -1).T, full_matrices=False)
            self.zca_whitening_matrix = (axes * (len(x) ** 0.5 / (sizes + self.zca_epsilon))) @ axes.T
