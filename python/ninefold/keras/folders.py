# In: folders of files, one a class, or arrays in time. Out: datasets of them, as tf.keras.utils makes them.
import os

import numpy as np


def _tf():
    import ninefold
    return ninefold


# ---- time ----

def _require(holds, text, **received):
    if not holds:
        raise ValueError(text + " Received: " + ", ".join(f"{name}={value}" for name, value in received.items()))


def timeseries_dataset_from_array(data, targets, sequence_length, sequence_stride=1, sampling_rate=1, batch_size=128, shuffle=False,
                                  seed=None, start_index=None, end_index=None):
    """Windows of `data`: sample i is data[i:i + sequence_length * sampling_rate:sampling_rate], with targets[i] if there are some."""
    tf, length = _tf(), len(data)
    beyond = f", for data of length {length}"
    if start_index:
        _require(start_index >= 0, "`start_index` must be 0 or greater.", start_index=start_index)
        _require(start_index < length, "`start_index` must be lower than the length of the data.", start_index=f"{start_index}{beyond}")
    if end_index:
        if start_index and end_index <= start_index:
            raise ValueError("`end_index` must be higher than `start_index`. Received: "
                             f"start_index={start_index}, and end_index={end_index} ")
        _require(end_index < length, "`end_index` must be lower than the length of the data.", end_index=f"{end_index}{beyond}")
        _require(end_index > 0, "`end_index` must be higher than 0.", end_index=end_index)
    for name, value in (("sampling_rate", sampling_rate), ("sequence_stride", sequence_stride)):
        _require(value > 0, f"`{name}` must be higher than 0.", **{name: value})
        _require(value < length, f"`{name}` must be lower than the length of the data.", **{name: f"{value}{beyond}"})
    start, end = start_index or 0, length if end_index is None else end_index
    count = end - start - sequence_length * sampling_rate + 1
    if targets is not None:
        count = min(count, len(targets))
    dtype = "int32" if count < 2147483647 else "int64"
    starts = np.arange(0, count, sequence_stride, dtype=dtype)
    if shuffle:
        seed = np.random.randint(1e6) if seed is None else seed
        np.random.RandomState(seed).shuffle(starts)
    span, step = tf.cast(sequence_length * sampling_rate, dtype), tf.cast(sampling_rate, dtype)
    series = tf.convert_to_tensor(data[start:end])
    places = tf.data.Dataset.from_tensor_slices(starts)
    dataset = places.map(lambda at: tf.gather(series, tf.range(at, at + span, step)), num_parallel_calls=tf.data.AUTOTUNE)
    if targets is not None:
        aims = tf.convert_to_tensor(targets[start:end])
        dataset = tf.data.Dataset.zip((dataset, places.map(lambda at: tf.gather(aims, at), num_parallel_calls=tf.data.AUTOTUNE)))
    return _batched(dataset, batch_size, shuffle, seed)


def _batched(dataset, batch_size, shuffle, seed):
    tf = _tf()
    dataset = dataset.prefetch(tf.data.AUTOTUNE)
    if shuffle:
        dataset = dataset.shuffle(buffer_size=1024 if batch_size is None else batch_size * 8, seed=seed)
    return dataset if batch_size is None else dataset.batch(batch_size)


# ---- folders ----

def _files_below(folder, follow_links, endings):
    for root, _, files in sorted(os.walk(folder, followlinks=follow_links), key=lambda entry: entry[0]):
        for name in sorted(files):
            if name.lower().endswith(endings):
                yield os.path.join(root, name)


def _indexed(directory, labels, endings, class_names, shuffle, seed, follow_links):
    """(paths, labels, names of the classes), in the order of the alphabet or shuffled."""
    directory = os.fspath(directory)
    if labels is None:
        found = [""]
        class_names = found
    else:
        found = [name for name in sorted(os.listdir(directory)) if os.path.isdir(os.path.join(directory, name))]
        if class_names and set(class_names) != set(found):
            raise ValueError("The `class_names` passed did not match the names of the subdirectories of the target directory. "
                             f"Expected: {found}, but received: {class_names}")
        class_names = class_names or found
    paths, numbers = [], []
    for name in found:
        for path in _files_below(os.path.join(directory, name), follow_links, endings):
            paths.append(path)
            numbers.append(class_names.index(name))
    if labels not in ("inferred", None):
        if len(labels) != len(paths):
            raise ValueError("Expected the lengths of `labels` to match the number of files in the target directory. "
                             f"len(labels) is {len(labels)} while we found {len(paths)} files in {directory}.")
        numbers = labels
    else:
        numbers = np.array(numbers, dtype="int32")
    print(f"Found {len(paths)} files." if labels is None else f"Found {len(paths)} files belonging to {len(class_names)} classes.")
    if shuffle:
        for items in (paths, numbers):
            np.random.RandomState(seed).shuffle(items)
    return paths, numbers, class_names


def _checked(labels, label_mode, class_names, what, validation_split, subset, shuffle, seed):
    """(labels, label_mode): both None if either is."""
    if labels not in ("inferred", None):
        if not isinstance(labels, (list, tuple)):
            raise ValueError(
                f"`labels` argument should be a list/tuple of integer labels, of the same size as the number of {what} files in the "
                "target directory. If you wish to infer the labels from the subdirectory names in the target directory, pass "
                f"`labels=\"inferred\"`. If you wish to get a dataset that only contains {'text samples' if what == 'text' else 'images'} "
                f"(no labels), pass `labels=None`. Received: labels={labels}")
        if class_names:
            raise ValueError(f"You can only pass `class_names` if `labels=\"inferred\"`. Received: labels={labels}, and "
                             f"class_names={class_names}")
    if label_mode not in ("int", "categorical", "binary", None):
        raise ValueError(f"`label_mode` argument must be one of \"int\", \"categorical\", \"binary\", or None. Received: "
                         f"label_mode={label_mode}")
    if validation_split and not 0 < validation_split < 1:
        raise ValueError(f"`validation_split` must be between 0 and 1, received: {validation_split}")
    if bool(validation_split) != bool(subset):
        raise ValueError("If `subset` is set, `validation_split` must be set, and inversely.")
    if subset not in ("training", "validation", None):
        raise ValueError(f"`subset` must be either \"training\" or \"validation\", received: {subset}")
    if validation_split and shuffle and seed is None:
        raise ValueError("If using `validation_split` and shuffling the data, you must provide a `seed` argument, to make sure that there "
                         "is no overlap between the training and validation subset.")
    return (None, None) if labels is None or label_mode is None else (labels, label_mode)


def _subset(paths, labels, validation_split, subset):
    if not validation_split:
        return paths, labels
    count = int(validation_split * len(paths))
    print(f"Using {len(paths) - count if subset == 'training' else count} files for {subset}.")
    part = slice(None, -count) if subset == "training" else slice(-count, None)
    return paths[part], labels[part]


def _labelled(dataset, labels, label_mode, classes):
    tf = _tf()
    if not label_mode:
        return dataset
    numbers = tf.data.Dataset.from_tensor_slices(labels)
    if label_mode == "binary":
        numbers = numbers.map(lambda x: tf.expand_dims(tf.cast(x, "float32"), axis=-1))
    elif label_mode == "categorical":
        numbers = numbers.map(lambda x: tf.one_hot(x, classes))
    return tf.data.Dataset.zip((dataset, numbers))


def _folder_dataset(read, what, endings, directory, labels, label_mode, class_names, batch_size, shuffle, seed, validation_split, subset,
                    follow_links, none_found):
    labels, label_mode = _checked(labels, label_mode, class_names, what, validation_split, subset, shuffle, seed)
    seed = np.random.randint(1e6) if seed is None else seed
    paths, labels, class_names = _indexed(directory, labels, endings, class_names, shuffle, seed, follow_links)
    if label_mode == "binary" and len(class_names) != 2:
        raise ValueError("When passing `label_mode=\"binary\"`, there must be exactly 2 class_names. Received: "
                         f"class_names={class_names}")
    paths, labels = _subset(paths, labels, validation_split, subset)
    if not paths:
        raise ValueError(f"{none_found} found in directory {directory}. "
                         + (f"Allowed format: {endings[0]}" if len(endings) == 1 else f"Allowed formats: {endings}"))
    dataset = read(paths)
    dataset = _batched(_labelled(dataset, labels, label_mode, len(class_names)), batch_size, shuffle, seed)
    dataset.class_names = class_names
    return dataset, paths


def text_dataset_from_directory(directory, labels="inferred", label_mode="int", class_names=None, batch_size=32, max_length=None,
                                shuffle=True, seed=None, validation_split=None, subset=None, follow_links=False):
    """The texts of the .txt files of a folder, with labels by the folders that they lie in; `class_names` of the dataset says which."""
    tf = _tf()

    def read(paths):
        def content(path):
            text = tf.io.read_file(path)
            return text if max_length is None else tf.strings.substr(text, 0, max_length)
        return tf.data.Dataset.from_tensor_slices(paths).map(content, num_parallel_calls=tf.data.AUTOTUNE)
    return _folder_dataset(read, "text", (".txt",), directory, labels, label_mode, class_names, batch_size, shuffle, seed,
                           validation_split, subset, follow_links, "No text files")[0]


_CHANNELS = {"rgb": 3, "rgba": 4, "grayscale": 1}


def image_dataset_from_directory(directory, labels="inferred", label_mode="int", class_names=None, color_mode="rgb", batch_size=32,
                                 image_size=(256, 256), shuffle=True, seed=None, validation_split=None, subset=None,
                                 interpolation="bilinear", follow_links=False, crop_to_aspect_ratio=False, **kwargs):
    """The images of a folder's files (.bmp, .gif, .jpeg, .jpg, .png), resized to image_size, with labels by the folders that they
    lie in; `class_names` and `file_paths` of the dataset say which. Raises ValueError for arguments that fit nothing."""
    from .images import resize_method, smart_resize
    if "smart_resize" in kwargs:
        crop_to_aspect_ratio = kwargs.pop("smart_resize")
    if kwargs:
        raise TypeError(f"Unknown keywords argument(s): {tuple(kwargs.keys())}")
    _checked(labels, label_mode, class_names, "image", None, None, shuffle, seed)
    if color_mode not in _CHANNELS:
        raise ValueError(f'`color_mode` must be one of {{"rgb", "rgba", "grayscale"}}. Received: color_mode={color_mode}')
    method, channels, tf = resize_method(interpolation), _CHANNELS[color_mode], _tf()

    def content(path):
        image = tf.image.decode_image(tf.io.read_file(path), channels=channels, expand_animations=False)
        image = smart_resize(image, image_size, method) if crop_to_aspect_ratio else tf.image.resize(image, image_size, method=method)
        return tf.ensure_shape(image, (image_size[0], image_size[1], channels))

    def read(paths):
        return tf.data.Dataset.from_tensor_slices(paths).map(content, num_parallel_calls=tf.data.AUTOTUNE)
    dataset, paths = _folder_dataset(read, "image", (".bmp", ".gif", ".jpeg", ".jpg", ".png"), directory, labels, label_mode, class_names,
                                     batch_size, shuffle, seed, validation_split, subset, follow_links, "No images")
    dataset.file_paths = paths
    return dataset
