# In: names of files. Out: datasets of their lines, of records of one length, of rows of CSV.
import collections

import numpy as np

from .._core import data as core
from .._framework.records import compression_name
from .dataset import Dataset
from .records import _paths, _scalar


def _names(filenames):
    """A dataset of the names."""
    from .. import convert_to_tensor
    if isinstance(filenames, Dataset):
        return filenames
    return Dataset.from_tensors(convert_to_tensor(_paths(filenames), "string"))


def _in_turn(filenames, num_parallel_reads, one):
    """one(names), or so many files side by side."""
    names = _names(filenames)
    if num_parallel_reads is None:
        return one(names)
    names = names if names.element_spec.shape.rank == 0 else names.unbatch()
    return names.interleave(lambda name: one(Dataset.from_tensors(name)), cycle_length=num_parallel_reads)


class TextLineDataset(Dataset):
    """The lines of text files, without their ends. Raises NotFoundError where a file is read."""

    _shown = "TextLineDatasetV2"

    def __init__(self, filenames, compression_type=None, buffer_size=None, num_parallel_reads=None, name=None):
        from .. import TensorSpec
        compression = compression_name(_scalar(compression_type))
        made = _in_turn(filenames, num_parallel_reads, lambda names: _Lines(names, core.lines(names._handle, compression, False, False)))
        super().__init__(made._handle, TensorSpec([], "string"), (made,))


class FixedLengthRecordDataset(Dataset):
    """The records of files, `record_bytes` each, between a header and a footer."""

    _shown = "FixedLengthRecordDatasetV2"

    def __init__(self, filenames, record_bytes, header_bytes=None, footer_bytes=None, buffer_size=None, compression_type=None,
                 num_parallel_reads=None, name=None):
        from .. import TensorSpec
        compression = compression_name(_scalar(compression_type))
        made = _in_turn(filenames, num_parallel_reads, lambda names: _Lines(names, core.fixed_length_records(
            names._handle, int(record_bytes), int(header_bytes or 0), int(footer_bytes or 0), compression)))
        super().__init__(made._handle, TensorSpec([], "string"), (made,))


class _Lines(Dataset):
    def __init__(self, names, handle):
        from .. import TensorSpec
        super().__init__(handle, TensorSpec([], "string"), (names,))


class CsvDataset(Dataset):
    """The rows of CSV files as tuples. record_defaults: for each column its dtype if it is required, else what an empty field is."""

    _shown = "CsvDatasetV2"

    def __init__(self, filenames, record_defaults, compression_type=None, buffer_size=None, header=False, field_delim=",",
                 use_quote_delim=True, na_value="", select_cols=None, exclude_cols=None):
        from .. import as_dtype, constant, io
        if select_cols is not None and exclude_cols is not None:
            raise ValueError("Either select_cols or exclude_cols should be specified but not both.")
        defaults = [constant([], as_dtype(d)) if isinstance(d, (str, type)) or hasattr(d, "as_numpy_dtype") else d for d in record_defaults]
        names = _names(filenames)
        lines = _Lines(names, core.lines(names._handle, compression_name(_scalar(compression_type)), bool(use_quote_delim), bool(header)))

        def parsed(line):
            return tuple(io.decode_csv(line, defaults, field_delim, use_quote_delim, na_value, _columns(line)))

        def _columns(line):
            if exclude_cols is None:
                return None if select_cols is None else list(select_cols)
            kept = len(defaults) + len(exclude_cols)
            return [i for i in range(kept) if i not in exclude_cols]
        made = lines.map(parsed)
        super().__init__(made._handle, made.element_spec, (made,))


def _kind(text, na_value, before):
    """The number of the narrowest type in `_NARROWEST` that holds what was before, and this."""
    if text in ("", na_value):
        return before
    for kind in range(before or 0, len(_NARROWEST)):
        if _NARROWEST[kind][1](text):
            return kind
    return len(_NARROWEST) - 1


def _within(convert, kind):
    def fits(text):
        try:
            return np.iinfo(kind).min <= convert(text) <= np.iinfo(kind).max if convert is int else \
                np.finfo(kind).min <= convert(text) <= np.finfo(kind).max
        except ValueError:
            return False
    return fits


_NARROWEST = (("int32", _within(int, "int32")), ("int64", _within(int, "int64")), ("float32", _within(float, "float32")),
              ("float64", _within(float, "float64")), ("string", lambda text: True))


def _rows(path, compression, delim, quoted):
    import csv
    lines = core.lines(Dataset.from_tensors([path])._handle, compression, quoted, False)
    texts = (line[0].numpy().decode() for line in iter(core.iterator(lines).next, None))
    return csv.reader(texts, delimiter=delim, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE, strict=True)


def make_csv_dataset(file_pattern, batch_size, column_names=None, column_defaults=None, label_name=None, select_columns=None,
                     field_delim=",", use_quote_delim=True, na_value="", header=True, num_epochs=None, shuffle=True,
                     shuffle_buffer_size=10000, shuffle_seed=None, prefetch_buffer_size=None, num_parallel_reads=None, sloppy=False,
                     num_rows_for_inference=100, compression_type=None, ignore_errors=False):
    """Batches of rows of CSV files: OrderedDicts of columns, and the label's column beside if it is named."""
    from .. import constant
    from .._framework import gfile
    from . import experimental
    compression = compression_name(_scalar(compression_type))
    patterns = [file_pattern] if isinstance(file_pattern, str) else list(file_pattern)
    files = sorted(name for pattern in patterns for name in gfile.glob(pattern))
    if not files:
        raise ValueError(f"No files match `file_pattern` {file_pattern}.")
    if column_names is None:
        if not header:
            raise ValueError("Expected `column_names` or `header` arguments. Neither is provided.")
        heads = [next(_rows(name, compression, field_delim, use_quote_delim)) for name in files]
        column_names = heads[0]
        if any(head != column_names for head in heads):
            raise ValueError("All input CSV files should have the same column names in the header row.")
    if len(column_names) != len(set(column_names)):
        raise ValueError("Cannot have duplicate column names.")
    if select_columns is not None:
        select_columns = sorted(column_names.index(c) if isinstance(c, str) else c for c in select_columns)
    if column_defaults is not None:
        column_defaults = [constant([], d) if isinstance(d, str) or hasattr(d, "as_numpy_dtype") else d for d in column_defaults]
    else:
        chosen = range(len(column_names)) if select_columns is None else select_columns
        kinds = [None] * len(chosen)
        seen = 0
        for name in files:
            rows = _rows(name, compression, field_delim, use_quote_delim)
            if header:
                next(rows, None)
            for row in rows:
                if num_rows_for_inference is not None and seen >= num_rows_for_inference:
                    break
                if len(row) != len(column_names):
                    raise ValueError(f"Problem inferring types: CSV row {row} has {len(row)} number of fields. "
                                     f"Expected: {len(column_names)}.")
                kinds = [_kind(row[c], na_value, k) for c, k in zip(chosen, kinds)]
                seen += 1
        types = [_NARROWEST[-1 if k is None else k][0] for k in kinds]
        column_defaults = [constant([""] if t == "string" else [0], t) for t in types]
    if select_columns is not None and len(column_defaults) != len(select_columns):
        raise ValueError("If specified, `column_defaults` and `select_columns` must have the same length: `column_defaults` has length "
                         f"{len(column_defaults)}, `select_columns` has length {len(select_columns)}.")
    names = column_names if select_columns is None else [column_names[i] for i in select_columns]
    if label_name is not None and label_name not in names:
        raise ValueError("`label_name` provided must be one of the columns.")

    def one_file(name):
        rows = CsvDataset(name, column_defaults, compression_type, None, header, field_delim, use_quote_delim, na_value, select_columns)
        return rows.apply(experimental.ignore_errors()) if ignore_errors else rows

    def as_columns(*columns):
        features = collections.OrderedDict(zip(names, columns))
        return features if label_name is None else (features, features.pop(label_name))
    dataset = Dataset.from_tensor_slices(files)
    if shuffle:
        dataset = dataset.shuffle(len(files), shuffle_seed)
    dataset = dataset.interleave(one_file, cycle_length=num_parallel_reads or 1)
    dataset = shuffled_and_repeated(dataset, num_epochs, shuffle, shuffle_buffer_size, shuffle_seed)
    dataset = dataset.batch(batch_size, drop_remainder=num_epochs is None).map(as_columns)
    return dataset.prefetch(1 if prefetch_buffer_size is None else prefetch_buffer_size)


def shuffled_and_repeated(dataset, epochs, shuffle, size, seed):
    if shuffle:
        dataset = dataset.shuffle(size, seed)
    return dataset if epochs == 1 else dataset.repeat(epochs)
