# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.utils for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class CustomObjectScope:
    """Names that deserialisation knows while the block runs."""
    def __init__(self, *args: Any) -> None: ...

class GeneratorEnqueuer(SequenceEnqueuer):
    """What a generator gives, made ahead; with several workers the generator must be safe to share between threads."""
    def __init__(self, generator: Any, use_multiprocessing: Any = ..., random_seed: Any = ...) -> None: ...
    def get(self) -> Any: ...

class OrderedEnqueuer(SequenceEnqueuer):
    """A Sequence's batches, epoch after epoch, in their order or (shuffle) in one of Python's random; between epochs, when all are taken, on_epoch_end is called."""
    def __init__(self, sequence: Any, use_multiprocessing: Any = ..., shuffle: Any = ...) -> None: ...
    def get(self) -> Any: ...

class Progbar:
    """A bar of progress on the standard output."""
    def __init__(self, target: Any, width: Any = ..., verbose: Any = ..., interval: Any = ..., stateful_metrics: Any = ..., unit_name: Any = ...) -> None: ...
    def add(self, n: Any, values: Any = ...) -> Any: ...
    def update(self, current: Any, values: Any = ..., finalize: Any = ...) -> Any: ...

class Sequence:
    """Batches by index: __getitem__ and __len__; on_epoch_end is called between epochs."""
    def __getitem__(self, index: Any) -> Any: ...
    def __init__(self) -> None: ...
    def __iter__(self) -> Any: ...
    def __len__(self) -> Any: ...
    def on_epoch_end(self) -> Any: ...

class SequenceEnqueuer:
    """Threads that make batches ahead: start(), then get() is a generator of them, then stop()."""
    def __init__(self, sequence: Any, use_multiprocessing: Any = ...) -> None: ...
    def get(self) -> Any: ...
    def is_running(self) -> Any: ...
    def start(self, workers: Any = ..., max_queue_size: Any = ...) -> Any: ...
    def stop(self, timeout: Any = ...) -> Any: ...

class SidecarEvaluator:
    """Evaluates `model` on `data` whenever a new checkpoint lies in `checkpoint_dir`: of tf.train.Checkpoint(model=.., optimizer=..) or of the callback ModelCheckpoint(save_weights_only=True)."""
    def __init__(self, model: Any, data: Any, checkpoint_dir: Any, steps: Any = ..., max_evaluations: Any = ..., callbacks: Any = ...) -> None: ...
    def start(self) -> Any: ...

def array_to_img(x: Any, data_format: Any = ..., scale: Any = ..., dtype: Any = ...) -> Any:
    """A Pillow image of an array [height, width, 1, 3 or 4]; `scale` brings its numbers to 0 to 255."""

class custom_object_scope:
    """Names that deserialisation knows while the block runs."""
    def __init__(self, *args: Any) -> None: ...

def deserialize_keras_object(identifier: Any, module_objects: Any = ..., custom_objects: Any = ..., printable_module_name: Any = ...) -> Any:
    """The object that a name or a config stands for. Raises ValueError for an unknown one."""

def disable_interactive_logging() -> Any:
    """Progress goes to the logger named absl, at level INFO; verbose="auto" means one line an epoch."""

def enable_interactive_logging() -> Any:
    """Progress is printed, as in the beginning."""

def get_custom_objects() -> Any: ...

def get_file(fname: Any = ..., origin: Any = ..., untar: Any = ..., md5_hash: Any = ..., file_hash: Any = ..., cache_subdir: Any = ..., hash_algorithm: Any = ..., extract: Any = ..., archive_format: Any = ..., cache_dir: Any = ...) -> Any:
    """The path of a file in the cache (~/.keras/<cache_subdir>), downloaded from `origin` if it is not there."""

def get_registered_name(obj: Any) -> Any:
    """"package>name" of what was registered, else its own name."""

def get_registered_object(name: Any, custom_objects: Any = ..., module_objects: Any = ...) -> Any:
    """What is known under a name: registered, or in one of the dicts; None if nothing is."""

def get_source_inputs(tensor: Any, layer: Any = ..., node_index: Any = ...) -> Any:
    """The symbolic inputs that a tensor is computed from."""

def image_dataset_from_directory(directory: Any, labels: Any = ..., label_mode: Any = ..., class_names: Any = ..., color_mode: Any = ..., batch_size: Any = ..., image_size: Any = ..., shuffle: Any = ..., seed: Any = ..., validation_split: Any = ..., subset: Any = ..., interpolation: Any = ..., follow_links: Any = ..., crop_to_aspect_ratio: Any = ..., **kwargs: Any) -> Any:
    """The images of a folder's files (.bmp, .gif, .jpeg, .jpg, .png), resized to image_size, with labels by the folders that they lie in; `class_names` and `file_paths` of the dataset say which. Raises ValueError for arguments that fit nothing."""

def img_to_array(img: Any, data_format: Any = ..., dtype: Any = ...) -> Any:
    """A Pillow image as an array of rank 3."""

def is_interactive_logging_enabled() -> Any:
    """Whether progress is printed."""

def load_img(path: Any, grayscale: Any = ..., color_mode: Any = ..., target_size: Any = ..., interpolation: Any = ..., keep_aspect_ratio: Any = ...) -> Any:
    """A Pillow image of a file, a path or io.BytesIO, resized to target_size (height, width) if it is given."""

def model_to_dot(model: Any, show_shapes: Any = ..., show_dtype: Any = ..., show_layer_names: Any = ..., rankdir: Any = ..., expand_nested: Any = ..., dpi: Any = ..., subgraph: Any = ..., layer_range: Any = ..., show_layer_activations: Any = ...) -> Any:
    """A pydot.Dot of a model's layers, or a pydot.Cluster if `subgraph`. `rankdir`: "TB" from above, "LR" from the left; `dpi`: dots per inch; `layer_range`: patterns of the names of the first and the last layer."""

def normalize(x: Any, axis: Any = ..., order: Any = ...) -> Any:
    """x divided by its norm along an axis; rows of zeros stay."""

def pack_x_y_sample_weight(x: Any, y: Any = ..., sample_weight: Any = ...) -> Any: ...

def pad_sequences(sequences: Any, maxlen: Any = ..., dtype: Any = ..., padding: Any = ..., truncating: Any = ..., value: Any = ...) -> Any:
    """Rows of one length from lists of any: cut or filled at the front ("pre") or the back ("post")."""

def plot_model(model: Any, to_file: Any = ..., show_shapes: Any = ..., show_dtype: Any = ..., show_layer_names: Any = ..., rankdir: Any = ..., expand_nested: Any = ..., dpi: Any = ..., layer_range: Any = ..., show_layer_activations: Any = ...) -> Any:
    """Draws what model_to_dot makes into a file, in the format of its ending (none: png). Returns IPython's image of it, if IPython is there. Raises as model_to_dot does."""

def register_keras_serializable(package: Any = ..., name: Any = ...) -> Any:
    """Decorator: deserialisation knows the class or function as "package>name"."""

def save_img(path: Any, x: Any, data_format: Any = ..., file_format: Any = ..., scale: Any = ..., **kwargs: Any) -> Any:
    """Writes an array as an image file, whose format its name says unless `file_format` does."""

def serialize_keras_object(instance: Any) -> Any:
    """A name, or {"class_name", "config"} of what has get_config(). Raises ValueError for anything else."""

def set_random_seed(seed: Any) -> Any:
    """Seeds Python's random, NumPy, the engine and the layers. Raises ValueError for anything but an integer."""

def text_dataset_from_directory(directory: Any, labels: Any = ..., label_mode: Any = ..., class_names: Any = ..., batch_size: Any = ..., max_length: Any = ..., shuffle: Any = ..., seed: Any = ..., validation_split: Any = ..., subset: Any = ..., follow_links: Any = ...) -> Any:
    """The texts of the .txt files of a folder, with labels by the folders that they lie in; `class_names` of the dataset says which."""

def timeseries_dataset_from_array(data: Any, targets: Any, sequence_length: Any, sequence_stride: Any = ..., sampling_rate: Any = ..., batch_size: Any = ..., shuffle: Any = ..., seed: Any = ..., start_index: Any = ..., end_index: Any = ...) -> Any:
    """Windows of `data`: sample i is data[i:i + sequence_length * sampling_rate:sampling_rate], with targets[i] if there are some."""

def to_categorical(y: Any, num_classes: Any = ..., dtype: Any = ...) -> Any:
    """One-hot rows of integer labels: shape + (num_classes,)."""

def unpack_x_y_sample_weight(data: Any) -> Any:
    """(x, y, sample_weight) of what a step is given; absent parts are None."""
