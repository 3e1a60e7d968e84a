# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.data.experimental for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

AUTOTUNE: int

class AutoShardPolicy:
    AUTO: Any
    DATA: Any
    FILE: Any
    HINT: Any
    OFF: Any
    def __init__(self, value: Any, names: Any = ..., *, module: Any = ..., qualname: Any = ..., type: Any = ..., start: Any = ..., boundary: Any = ...) -> None: ...

class AutotuneAlgorithm:
    DEFAULT: Any
    GRADIENT_DESCENT: Any
    HILL_CLIMB: Any
    MAX_PARALLELISM: Any

class AutotuneOptions:
    def __init__(self) -> None: ...

def Counter(start: Any = ..., step: Any = ..., dtype: Any = ...) -> Any:
    """start, start + step, .. without end."""

class CsvDataset(Dataset):
    """The rows of CSV files as tuples. record_defaults: for each column its dtype if it is required, else what an empty field is."""
    def __init__(self, filenames: Any, record_defaults: Any, compression_type: Any = ..., buffer_size: Any = ..., header: Any = ..., field_delim: Any = ..., use_quote_delim: Any = ..., na_value: Any = ..., select_cols: Any = ..., exclude_cols: Any = ...) -> None: ...

class Dataset:
    """A pipeline of elements, each a nest of tensors. Stages return new datasets; iteration runs them."""
    def __init__(self, handle: Any, element_spec: Any, hold: Any = ...) -> None: ...
    def __iter__(self) -> Any: ...
    def __len__(self) -> Any: ...
    def apply(self, transformation_func: Any) -> Any: ...
    def as_numpy_iterator(self) -> Any: ...
    def batch(self, batch_size: Any, drop_remainder: Any = ..., num_parallel_calls: Any = ..., deterministic: Any = ..., name: Any = ...) -> Any: ...
    def bucket_by_sequence_length(self, element_length_func: Any, bucket_boundaries: Any, bucket_batch_sizes: Any, padded_shapes: Any = ..., padding_values: Any = ..., pad_to_bucket_boundary: Any = ..., no_padding: Any = ..., drop_remainder: Any = ..., name: Any = ...) -> Any: ...
    def cache(self, filename: Any = ..., name: Any = ...) -> Any: ...
    def cardinality(self) -> Any: ...
    @staticmethod
    def choose_from_datasets(datasets: Any, choice_dataset: Any, stop_on_empty_dataset: Any = ...) -> Any: ...
    def concatenate(self, dataset: Any, name: Any = ...) -> Any: ...
    element_spec: Any
    def enumerate(self, start: Any = ..., name: Any = ...) -> Any: ...
    def filter(self, predicate: Any, name: Any = ...) -> Any: ...
    def flat_map(self, map_func: Any, name: Any = ...) -> Any: ...
    @staticmethod
    def from_generator(generator: Any, output_types: Any = ..., output_shapes: Any = ..., args: Any = ..., output_signature: Any = ..., name: Any = ...) -> Any: ...
    @staticmethod
    def from_tensor_slices(tensors: Any, name: Any = ...) -> Any: ...
    @staticmethod
    def from_tensors(tensors: Any, name: Any = ...) -> Any: ...
    def get_single_element(self, name: Any = ...) -> Any: ...
    def group_by_window(self, key_func: Any, reduce_func: Any, window_size: Any = ..., window_size_func: Any = ..., name: Any = ...) -> Any: ...
    def interleave(self, map_func: Any, cycle_length: Any = ..., block_length: Any = ..., num_parallel_calls: Any = ..., deterministic: Any = ..., name: Any = ...) -> Any: ...
    @staticmethod
    def list_files(file_pattern: Any, shuffle: Any = ..., seed: Any = ..., name: Any = ...) -> Any: ...
    def map(self, map_func: Any, num_parallel_calls: Any = ..., deterministic: Any = ..., name: Any = ...) -> Any: ...
    def options(self) -> Any: ...
    def padded_batch(self, batch_size: Any, padded_shapes: Any = ..., padding_values: Any = ..., drop_remainder: Any = ..., name: Any = ...) -> Any: ...
    def prefetch(self, buffer_size: Any, name: Any = ...) -> Any: ...
    @staticmethod
    def random(seed: Any = ..., rerandomize_each_iteration: Any = ..., name: Any = ...) -> Any: ...
    @staticmethod
    def range(*args: Any, output_type: Any = ..., name: Any = ...) -> Any: ...
    def reduce(self, initial_state: Any, reduce_func: Any, name: Any = ...) -> Any: ...
    def rejection_resample(self, class_func: Any, target_dist: Any, initial_dist: Any = ..., seed: Any = ..., name: Any = ...) -> Any: ...
    def repeat(self, count: Any = ..., name: Any = ...) -> Any: ...
    @staticmethod
    def sample_from_datasets(datasets: Any, weights: Any = ..., seed: Any = ..., stop_on_empty_dataset: Any = ...) -> Any: ...
    def scan(self, initial_state: Any, scan_func: Any, name: Any = ...) -> Any: ...
    def shard(self, num_shards: Any, index: Any, name: Any = ...) -> Any: ...
    def shuffle(self, buffer_size: Any, seed: Any = ..., reshuffle_each_iteration: Any = ..., name: Any = ...) -> Any: ...
    def skip(self, count: Any, name: Any = ...) -> Any: ...
    def snapshot(self, path: Any, compression: Any = ..., reader_func: Any = ..., shard_func: Any = ..., name: Any = ...) -> Any: ...
    def take(self, count: Any, name: Any = ...) -> Any: ...
    def take_while(self, predicate: Any, name: Any = ...) -> Any: ...
    def unbatch(self, name: Any = ...) -> Any: ...
    def unique(self, name: Any = ...) -> Any: ...
    def window(self, size: Any, shift: Any = ..., stride: Any = ..., drop_remainder: Any = ..., name: Any = ...) -> Any: ...
    def with_options(self, options: Any, name: Any = ...) -> Any: ...
    @staticmethod
    def zip(datasets: Any, name: Any = ...) -> Any: ...

class DistributeOptions:
    def __init__(self) -> None: ...

class ExternalStatePolicy:
    FAIL: Any
    IGNORE: Any
    WARN: Any

INFINITE_CARDINALITY: int

class OptimizationOptions:
    def __init__(self) -> None: ...

class Optional:
    """A nest of tensors, or nothing of that form."""
    def __init__(self) -> None: ...
    element_spec: Any
    @staticmethod
    def empty(element_spec: Any) -> Any: ...
    @staticmethod
    def from_value(value: Any) -> Any: ...
    def get_value(self, name: Any = ...) -> Any: ...
    def has_value(self, name: Any = ...) -> Any: ...

def RandomDataset(seed: Any = ...) -> Any:
    """int64 numbers of [0, 2^32), without end."""

class Reducer:
    """What folds the elements of one key into one: init_func(key), reduce_func(state, element), finalize_func(state)."""
    def __init__(self, init_func: Any, reduce_func: Any, finalize_func: Any) -> None: ...
    finalize_func: Any
    init_func: Any
    reduce_func: Any

SHARD_HINT: int

class SqlDataset(Dataset):
    """The rows that a query finds in an SQLite database: scalars of `output_types`, a column each."""
    def __init__(self, driver_name: Any, data_source_name: Any, query: Any, output_types: Any) -> None: ...

class ThreadingOptions:
    def __init__(self) -> None: ...

UNKNOWN_CARDINALITY: int

def as_nest(element: Any) -> Any:
    """Lists become tensors where a dataset is made, tuples and dicts stay nests, as in TensorFlow."""

def assert_cardinality(expected_cardinality: Any) -> Any:
    """A function for Dataset.apply: raises FailedPreconditionError where the number of elements is another one."""

def bucket_by_sequence_length(element_length_func: Any, bucket_boundaries: Any, bucket_batch_sizes: Any, padded_shapes: Any = ..., padding_values: Any = ..., pad_to_bucket_boundary: Any = ..., no_padding: Any = ..., drop_remainder: Any = ...) -> Any:
    """A function for Dataset.apply: Dataset.bucket_by_sequence_length."""

def cardinality(dataset: Any) -> Any:
    """How many elements: a scalar int64; INFINITE_CARDINALITY or UNKNOWN_CARDINALITY where that is so."""

def choose_from_datasets(datasets: Any, choice_dataset: Any, stop_on_empty_dataset: Any = ...) -> Any: ...

def components(value: Any) -> Any:
    """The tensors of a nest."""

def copy_to_device(target_device: Any, source_device: Any = ...) -> Any:
    """A function for Dataset.apply: the elements on that device."""

def dense_to_ragged_batch(batch_size: Any, drop_remainder: Any = ..., row_splits_dtype: Any = ...) -> Any:
    """A function for Dataset.apply: batches of tensors that differ in their open dimensions, as ragged tensors."""

def dense_to_sparse_batch(batch_size: Any, row_shape: Any) -> Any:
    """A function for Dataset.apply: batches of tensors, which may differ in their sizes, as sparse tensors."""

def enumerate_dataset(start: Any = ...) -> Any:
    """A function for Dataset.apply: Dataset.enumerate."""

def from_variant(variant: Any, structure: Any) -> Any: ...

def get_next_as_optional(iterator: Any) -> Any: ...

def get_single_element(dataset: Any) -> Any:
    """The one element of a dataset."""

def get_structure(dataset: Any) -> Any: ...

def group_by_reducer(key_func: Any, reducer: Any) -> Any:
    """A function for Dataset.apply: one element for each key, in the order of the keys."""

def group_by_window(key_func: Any, reduce_func: Any, window_size: Any = ..., window_size_func: Any = ...) -> Any:
    """A function for Dataset.apply: Dataset.group_by_window."""

def ignore_errors(log_warning: Any = ...) -> Any:
    """A function for Dataset.apply: without the elements that cannot be computed."""

def index_table_from_dataset(dataset: Any = ..., num_oov_buckets: Any = ..., vocab_size: Any = ..., default_value: Any = ..., hasher_spec: Any = ..., key_dtype: Any = ..., name: Any = ...) -> Any:
    """A lookup table of a dataset's elements, which gives their numbers."""

def load(path: Any, element_spec: Any = ..., compression: Any = ..., reader_func: Any = ...) -> Any:
    """The elements that `save` wrote. reader_func: what one dataset is made of a dataset of them, one each file."""

def make_batched_features_dataset(file_pattern: Any, batch_size: Any, features: Any, reader: Any = ..., label_key: Any = ..., reader_args: Any = ..., num_epochs: Any = ..., shuffle: Any = ..., shuffle_buffer_size: Any = ..., shuffle_seed: Any = ..., prefetch_buffer_size: Any = ..., reader_num_threads: Any = ..., parser_num_threads: Any = ..., sloppy_ordering: Any = ..., drop_final_batch: Any = ...) -> Any:
    """Batches of parsed Examples of all files that match: dicts of tensors, and the label's beside if its key is told."""

def make_csv_dataset(file_pattern: Any, batch_size: Any, column_names: Any = ..., column_defaults: Any = ..., label_name: Any = ..., select_columns: Any = ..., field_delim: Any = ..., use_quote_delim: Any = ..., na_value: Any = ..., header: Any = ..., num_epochs: Any = ..., shuffle: Any = ..., shuffle_buffer_size: Any = ..., shuffle_seed: Any = ..., prefetch_buffer_size: Any = ..., num_parallel_reads: Any = ..., sloppy: Any = ..., num_rows_for_inference: Any = ..., compression_type: Any = ..., ignore_errors: Any = ...) -> Any:
    """Batches of rows of CSV files: OrderedDicts of columns, and the label's column beside if it is named."""

def map_and_batch(map_func: Any, batch_size: Any, num_parallel_batches: Any = ..., drop_remainder: Any = ..., num_parallel_calls: Any = ...) -> Any:
    """A function for Dataset.apply: map and batch. How many run at once changes no result."""

def parallel_interleave(map_func: Any, cycle_length: Any, block_length: Any = ..., sloppy: Any = ..., buffer_output_elements: Any = ..., prefetch_input_elements: Any = ...) -> Any:
    """A function for Dataset.apply: Dataset.interleave. The order is that of the cycle, also where `sloppy` would leave it open."""

def parse_example_dataset(features: Any, num_parallel_calls: Any = ..., deterministic: Any = ...) -> Any:
    """A function for Dataset.apply: dicts of what serialized Examples, a batch an element, hold of these features."""

def prefetch_to_device(device: Any, buffer_size: Any = ...) -> Any:
    """A function for Dataset.apply: the elements on that device, read ahead: copied while it is at work."""

def rejection_resample(class_func: Any, target_dist: Any, initial_dist: Any = ..., seed: Any = ...) -> Any:
    """A function for Dataset.apply: Dataset.rejection_resample."""

def sample_from_datasets(datasets: Any, weights: Any = ..., seed: Any = ..., stop_on_empty_dataset: Any = ...) -> Any: ...

def save(dataset: Any, path: Any, compression: Any = ..., shard_func: Any = ..., checkpoint_args: Any = ...) -> Any:
    """Writes the elements into a folder. shard_func(element), an int64: the file that an element goes to."""

def scan(initial_state: Any, scan_func: Any) -> Any:
    """A function for Dataset.apply: Dataset.scan."""

def shuffle_and_repeat(buffer_size: Any, count: Any = ..., seed: Any = ...) -> Any:
    """A function for Dataset.apply: shuffled anew in each of `count` rounds."""

def snapshot(path: Any, compression: Any = ..., reader_func: Any = ..., shard_func: Any = ...) -> Any:
    """What Dataset.apply takes to do what Dataset.snapshot does."""

def table_from_dataset(dataset: Any = ..., num_oov_buckets: Any = ..., vocab_size: Any = ..., default_value: Any = ..., hasher_spec: Any = ..., key_dtype: Any = ..., name: Any = ...) -> Any:
    """A lookup table of a dataset's (key, value) pairs."""

def take_while(predicate: Any) -> Any:
    """A function for Dataset.apply: Dataset.take_while."""

def to_variant(dataset: Any) -> Any:
    """The dataset as a scalar of dtype variant."""

def unbatch() -> Any:
    """A function for Dataset.apply: Dataset.unbatch."""

def unique() -> Any:
    """A function for Dataset.apply: Dataset.unique."""
