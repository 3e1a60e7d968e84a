# In: databases, files of Examples. Out: tf.data.experimental.SqlDataset and make_batched_features_dataset.
import os
import pathlib
import sqlite3

from .. import _core
from .._core import data as core
from .._framework import nest
from .dataset import AUTOTUNE, Dataset, errors
from .files import shuffled_and_repeated
from .records import TFRecordDataset, _scalar

# The C types in which SQLite gives a column, by the dtypes that a column may have.
_INTEGERS = {"int8": (8, True), "int16": (16, True), "int32": (32, True), "int64": (64, True), "uint8": (8, False),
             "uint16": (16, False), "bool": (32, True)}


def _open(path):
    try:
        connection = sqlite3.connect(pathlib.Path(os.path.abspath(path)).as_uri() + "?mode=rw", uri=True, check_same_thread=False)
    except sqlite3.Error as fault:
        raise _failed("Open", fault, path) from None
    connection.text_factory = bytes
    return connection


def _failed(where, fault, what):
    code = getattr(fault, "sqlite_errorcode", 1) & 255
    return errors().UnknownError(None, None, f"{where}() failed: [{code}] {fault}: {what} [Op:IteratorGetNext]")


def _column(connection, value, dtype):
    """A value as SQLite hands it out in the C type of `dtype`: NULL is 0 or nothing, texts are read as numbers."""
    if dtype.name == "string":
        if isinstance(value, (int, float)):
            value = connection.execute("SELECT CAST(? AS TEXT)", (value,)).fetchone()[0]
        return value or b""
    if dtype.name == "float64":
        return float(connection.execute("SELECT CAST(? AS REAL)", (value,)).fetchone()[0] or 0.0)
    if not isinstance(value, int):
        value = connection.execute("SELECT CAST(? AS INTEGER)", (value,)).fetchone()[0] or 0
    bits, signed = _INTEGERS[dtype.name]
    value &= (1 << bits) - 1
    value -= (1 << bits) if signed and value >> (bits - 1) else 0
    return value != 0 if dtype.name == "bool" else value


class SqlDataset(Dataset):
    """The rows that a query finds in an SQLite database: scalars of `output_types`, a column each.

    Raises InvalidArgumentError for another driver, for dtypes that no column has, and if the query has another number of
    columns; UnknownError with SQLite's text if it refuses the query.
    """

    _shown = "SqlDatasetV2"

    def __init__(self, driver_name, data_source_name, query, output_types):
        from .. import TensorSpec, as_dtype
        driver, source, text = (_scalar(v) for v in (driver_name, data_source_name, query))
        if driver != "sqlite":
            raise errors().InvalidArgumentError(None, None, f"The database type, {driver}, is not supported by SqlDataset. The set of "
                                                "supported databases is: {'sqlite'}. [Op:SqlDataset]")
        spec = nest.map_structure(lambda d: TensorSpec([], as_dtype(d)), output_types)
        specs = nest.flatten(spec)
        if any(s.dtype.name not in ("string", "float64", *_INTEGERS) for s in specs):
            raise errors().InvalidArgumentError(
                None, None, "Each element of `output_types_` must be one of: DT_STRING, DT_INT8, DT_INT16, DT_INT32, DT_INT64, DT_UINT8, "
                "DT_UINT16, DT_BOOL, DT_DOUBLE  [Op:SqlDataset]")

        def start():
            connection = _open(source)
            rows = []

            def step():
                try:
                    if not rows:
                        rows.append(connection.execute(text))
                    row = rows[0].fetchone()
                except sqlite3.Error as fault:
                    raise _failed("Step" if rows else "Prepare", fault, text) from None
                columns = len(rows[0].description or ())
                if columns != len(specs):
                    raise errors().InvalidArgumentError(
                        None, None, f"The number of columns in query ({columns}) must match the number of elements in output_types "
                        f"({len(specs)}). [Op:IteratorGetNext]")
                if row is None:
                    return None
                return [_core.convert(_column(connection, value, s.dtype), s.dtype) for value, s in zip(row, specs)]
            return step
        super().__init__(core.from_generator([(s.shape, s.dtype) for s in specs], start), spec, (start,))


def parse_example_dataset(features, num_parallel_calls=1, deterministic=None):
    """A function for Dataset.apply: dicts of what serialized Examples, a batch an element, hold of these features."""
    from .. import io
    if features is None:
        raise ValueError("Argument `features` is required, but not specified.")
    dense = sorted(key for key in features if isinstance(features[key], (io.FixedLenFeature, io.FixedLenSequenceFeature)))
    order = sorted(key for key in features if key not in dense) + dense

    def parse(serialized):
        found = io.parse_example(serialized, features)
        return {key: found[key] for key in order}
    return lambda dataset: dataset.map(parse, num_parallel_calls, deterministic)


def make_batched_features_dataset(file_pattern, batch_size, features, reader=None, label_key=None, reader_args=None,
                                  num_epochs=None, shuffle=True, shuffle_buffer_size=10000, shuffle_seed=None,
                                  prefetch_buffer_size=None, reader_num_threads=None, parser_num_threads=None,
                                  sloppy_ordering=False, drop_final_batch=False):
    """Batches of parsed Examples of all files that match: dicts of tensors, and the label's beside if its key is told.

    Raises InvalidArgumentError if no file matches, ValueError if `label_key` is none of the features.
    """
    reader, threads = reader or TFRecordDataset, reader_num_threads or 1
    dataset = Dataset.list_files(file_pattern, shuffle=shuffle, seed=shuffle_seed).interleave(
        lambda name: reader(name, *(reader_args or ())), cycle_length=threads)
    if isinstance(dataset.element_spec, tuple):      # keys and values
        dataset = dataset.map(lambda _, value: value)
    dataset = shuffled_and_repeated(dataset, num_epochs, shuffle, shuffle_buffer_size, shuffle_seed)
    dataset = dataset.batch(batch_size, drop_remainder=drop_final_batch or num_epochs is None)
    dataset = dataset.apply(parse_example_dataset(features, parser_num_threads or 2))
    if label_key:
        if label_key not in features:
            raise ValueError(f"The `label_key` provided ({label_key}) must be one of the `features` keys: {features.keys()}.")
        dataset = dataset.map(lambda batch: ({k: v for k, v in batch.items() if k != label_key}, batch[label_key]))
    return dataset.prefetch(AUTOTUNE if prefetch_buffer_size is None else prefetch_buffer_size)
