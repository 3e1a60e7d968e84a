# In: records, paths. Out: tf.io.TFRecordWriter and its options; the files are the engine's (include/ninefold/io.h).
import os

from . import export
from .. import _core

_NAMES = {None: "", "": "", 0: "", 1: "ZLIB", 2: "GZIP", "GZIP": "GZIP", "ZLIB": "ZLIB"}


def compression_name(given):
    """"", "GZIP" or "ZLIB" of what a user says. Raises ValueError for anything else."""
    given = getattr(given, "compression_type", given)
    try:
        return _NAMES[given]
    except (KeyError, TypeError):
        raise ValueError(f'Not a valid compression_type: "{given}"') from None


@export("io.TFRecordOptions")
class TFRecordOptions:
    """How records are compressed. Of zlib's settings the level has a say; the others concern the size of its buffers."""

    def __init__(self, compression_type=None, flush_mode=None, input_buffer_size=None, output_buffer_size=None, window_bits=None,
                 compression_level=None, compression_method=None, mem_level=None, compression_strategy=None):
        compression_name(compression_type)
        for name, value in (("window_bits", window_bits), ("compression_strategy", compression_strategy),
                            ("compression_method", compression_method), ("mem_level", mem_level), ("flush_mode", flush_mode)):
            if value is not None:
                raise NotImplementedError(f"TFRecordOptions: {name} is zlib's own here; expected None, got {value}")
        self.compression_type, self.compression_level = compression_type, compression_level
        self.input_buffer_size, self.output_buffer_size = input_buffer_size, output_buffer_size

    @classmethod
    def get_compression_type_string(cls, options):
        """"", "GZIP" or "ZLIB" of options, of a name, or of None."""
        return compression_name(options)


@export("io.TFRecordWriter")
class TFRecordWriter:
    """Writes records (bytes) one after another; a context manager."""

    def __init__(self, path, options=None):
        if not isinstance(options, TFRecordOptions):
            options = TFRecordOptions(compression_type=options)
        level = -1 if options.compression_level is None else int(options.compression_level)
        self._writer = _core.records.TFRecordWriter(os.fspath(path), compression_name(options), level)

    def write(self, record):
        """Adds a record. Raises TypeError for what is no bytes."""
        if not isinstance(record, (bytes, str)):
            raise TypeError(f"write(): expected a record of bytes, got {type(record).__name__}")
        self._writer.write(record)

    def flush(self):
        self._writer.flush()

    def close(self):
        """Writes what is left; a closed writer takes no more records."""
        self._writer.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
