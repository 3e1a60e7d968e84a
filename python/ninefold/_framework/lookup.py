# In: keys and values, as tensors or in files. Out: tf.lookup: tables; the engine keeps them, here are Python's manners.
from . import export, trackable
from .context import init_scope
from .dtypes import as_dtype
from .ragged import RaggedTensor
from .shapes import TensorShape
from .sparse import SparseTensor
from .. import _core

_INT64, _STRING = as_dtype("int64"), as_dtype("string")


def _call(name, *args, **kwargs):
    return _core.function_named(name)(*args, **kwargs)


def _dtypes_fit(table, key_dtype, value_dtype):
    if key_dtype != table.key_dtype:
        raise TypeError(f"Invalid key dtype for table, expected {table.key_dtype} but got {key_dtype}.")
    if value_dtype != table.value_dtype:
        raise TypeError(f"Invalid value dtype for table, expected {table.value_dtype} but got {value_dtype}.")


def _like(keys, values):
    """`values` in the form of sparse or ragged `keys`."""
    if isinstance(keys, SparseTensor):
        return SparseTensor(keys.indices, values, keys.dense_shape)
    return keys.with_values(values) if isinstance(keys, RaggedTensor) else values


class _Table:
    """What all tables share: the handle, and how keys are looked up."""
    resource_handle = property(lambda self: self._resource_handle)
    key_dtype = property(lambda self: self._key_dtype)
    value_dtype = property(lambda self: self._value_dtype)
    name = property(lambda self: self._table_name)

    def __init__(self, key_dtype, value_dtype):
        self._key_dtype, self._value_dtype, self._table_name = as_dtype(key_dtype), as_dtype(value_dtype), None

    __iter__ = None     # Python would go through all ints for ever

    def __getitem__(self, keys):
        return self.lookup(keys)

    def _trackable_children_(self):
        return []

    def _run(self, op, *inputs, **attributes):
        return _core.run_op(op, [self._resource_handle, *inputs], attributes)

    def size(self, name=None):
        """How many keys there are."""
        return self._run("LookupTableSizeV2")[0]

    def export(self, name=None):
        """All keys, and their values."""
        return tuple(self._run("LookupTableExportV2", Tkeys=self._key_dtype, Tvalues=self._value_dtype))

    def _require_keys(self, keys):
        if keys.dtype != self._key_dtype:
            raise TypeError(f"Dtype of argument `keys` must be {self._key_dtype}, received: {keys.dtype}")


class _Initializer:
    """What fills a table."""
    key_dtype = property(lambda self: self._key_dtype)
    value_dtype = property(lambda self: self._value_dtype)

    def __init__(self, key_dtype, value_dtype):
        self._key_dtype, self._value_dtype = as_dtype(key_dtype), as_dtype(value_dtype)

    def initialize(self, table):
        raise NotImplementedError


@export("lookup.KeyValueTensorInitializer")
class KeyValueTensorInitializer(_Initializer):
    """Fills a table from keys and values side by side."""

    def __init__(self, keys, values, key_dtype=None, value_dtype=None, name=None):
        with init_scope():
            self._keys, self._values = _core.convert(keys, key_dtype), _core.convert(values, value_dtype)
        self._name = name if name is not None else "key_value_init"
        super().__init__(self._keys.dtype, self._values.dtype)

    def initialize(self, table):
        _dtypes_fit(table, self._keys.dtype, self._values.dtype)
        _core.run_op("LookupTableImportV2", [table.resource_handle, self._keys, self._values], {})


@export("lookup.TextFileIndex")
class TextFileIndex:
    """What of a line becomes a key or a value; numbers from 0 on are columns."""
    WHOLE_LINE = -2
    LINE_NUMBER = -1


@export("lookup.TextFileInitializer")
class TextFileInitializer(_Initializer):
    """Fills a table from the lines of a file."""

    def __init__(self, filename, key_dtype, key_index, value_dtype, value_index, vocab_size=None, delimiter="\t", name=None,
                 value_index_offset=0):
        if not _core.is_tensor(filename) and not filename:
            raise ValueError("`filename` argument required for tf.lookup.TextFileInitializer")
        super().__init__(key_dtype, value_dtype)
        for what, index, dtype in (("key", key_index, self._key_dtype), ("value", value_index, self._value_dtype)):
            if index < -2:
                raise ValueError(f"`{what}_index` should be >= -2, received: " + ("{key_index}." if what == "key" else f"{index}"))
            if index == TextFileIndex.LINE_NUMBER and dtype != _INT64:
                raise ValueError(f"`{what}_dtype` must be int64 {'if' if what == 'key' else 'for'} `{what}_index` "
                                 f"{'is ' if what == 'key' else ''}{TextFileIndex.LINE_NUMBER}, received: {dtype}")
            if index == TextFileIndex.WHOLE_LINE and not dtype.is_integer and dtype != _STRING:
                raise ValueError(f"`{what}_dtype` should be either integer or string for `{what}_index` "
                                 f"{TextFileIndex.WHOLE_LINE}, received: {dtype}")
        if vocab_size is not None and vocab_size <= 0:
            raise ValueError(f"`vocab_size` should be > 0, received: {vocab_size}")
        self._filename, self._key_index, self._value_index = filename, key_index, value_index
        self._vocab_size, self._delimiter, self._name, self._offset = vocab_size, delimiter, name, value_index_offset

    def initialize(self, table):
        _dtypes_fit(table, self.key_dtype, self.value_dtype)
        filename = self._filename if _core.is_tensor(self._filename) else _core.convert(str(self._filename), "string")
        _core.run_op("InitializeTableFromTextFileV2", [table.resource_handle, filename],
                     {"key_index": self._key_index, "value_index": self._value_index, "delimiter": self._delimiter,
                      "vocab_size": -1 if self._vocab_size is None else self._vocab_size, "offset": self._offset})


@export("lookup.StaticHashTable")
class StaticHashTable(_Table):
    """A table that is filled once; keys that are not in it have the default value. (Every table belongs to its handle
    alone, as TensorFlow's anonymous ones do.)"""

    def __init__(self, initializer, default_value, name=None, experimental_is_anonymous=False):
        super().__init__(initializer.key_dtype, initializer.value_dtype)
        with init_scope():
            self._initializer, self._name = initializer, name or "hash_table"
            self._default_value = _core.convert(default_value, self._value_dtype)
            if self._default_value.shape.rank != 0:
                raise ValueError(f"Shapes {self._default_value.shape} and () are not compatible")
            self._resource_handle = self._create_resource()
            self._initialize()

    @classmethod
    def _of(cls, handle, keys, values, default_value):
        """The table behind a handle, and what it was filled with."""
        self = cls.__new__(cls)
        _Table.__init__(self, keys.dtype, values.dtype)
        self._initializer, self._name = KeyValueTensorInitializer(keys, values), "hash_table"
        self._default_value, self._resource_handle = default_value, handle
        return self

    def _create_resource(self, name=""):
        return _core.run_op("HashTableV2", [], {"key_dtype": self._key_dtype, "value_dtype": self._value_dtype, "shared_name": name})[0]

    def _initialize(self):
        return self._initializer.initialize(self)

    @property
    def default_value(self):
        return self._default_value

    def lookup(self, keys, name=None):
        """The values of keys: a tensor, or a sparse or ragged tensor where keys are one."""
        self._require_keys(keys)
        flat = keys.values if isinstance(keys, (SparseTensor, RaggedTensor)) else keys
        if isinstance(flat, RaggedTensor):
            return keys.with_values(self.lookup(flat))
        return _like(keys, self._run("LookupTableFindV2", _core.convert(flat), self._default_value)[0])


@export("lookup.StaticVocabularyTable")
class StaticVocabularyTable(_Table):
    """Ids of keys; those that are not in the table share num_oov_buckets ids behind the others, by their hash."""

    def __init__(self, initializer, num_oov_buckets, lookup_key_dtype=None, name=None, experimental_is_anonymous=False):
        if num_oov_buckets <= 0:
            raise ValueError("`num_oov_buckets` must be > 0; use StaticHashTable.")
        self._table = None
        if initializer:
            lookup_key_dtype = initializer.key_dtype if lookup_key_dtype is None else as_dtype(lookup_key_dtype)
            allowed = (_INT64, _STRING)
            if initializer.key_dtype not in allowed:
                raise TypeError(f"Invalid `key_dtype`, expected one of {allowed}, but got {initializer.key_dtype}.")
            if initializer.key_dtype.is_integer != lookup_key_dtype.is_integer:
                kind = "integer" if lookup_key_dtype.is_integer else "non-integer"
                raise TypeError(f"Invalid `key_dtype`, expected {kind} but got {initializer.key_dtype}.")
            if initializer.value_dtype != _INT64:
                raise TypeError(f"Invalid `value_dtype`, expected {_INT64} but got {initializer.value_dtype}.")
            self._table = StaticHashTable(initializer, -1)
        else:
            lookup_key_dtype, name = _STRING, name or "hash_bucket"
        if not lookup_key_dtype.is_integer and lookup_key_dtype != _STRING:
            raise TypeError(f"Invalid `key_dtype`, expected integer or string, got {lookup_key_dtype}")
        super().__init__(lookup_key_dtype, _INT64)
        self._num_oov_buckets, self._initializer = num_oov_buckets, initializer
        self._table_name = name.rstrip("/").split("/")[-1] if name else None

    def _trackable_children_(self):
        return [("_table", self._table)] if self._table else []

    @property
    def resource_handle(self):
        return self._table.resource_handle if self._table else None

    def size(self, name=None):
        return (self._table.size() if self._table else _core.convert(0, _INT64)) + self._num_oov_buckets

    def lookup(self, keys, name=None):
        self._require_keys(keys)
        values = keys.values if isinstance(keys, (SparseTensor, RaggedTensor)) else keys
        if isinstance(values, RaggedTensor):
            return keys.with_values(self.lookup(values))
        values = _core.convert(values)
        if self._table and self._table.key_dtype == _INT64:
            values = _call("tf.cast", values, _INT64)
        texts = values if values.dtype == _STRING else _call("tf.strings.as_string", values)
        ids = _call("tf.strings.to_hash_bucket_fast", texts, self._num_oov_buckets)
        if self._table:
            found = self._table.lookup(values)
            ids = _call("tf.where", _call("tf.math.not_equal", found, self._table.default_value), found, ids + self._table.size())
        return _like(keys, ids)


class _Mutable(_Table):
    """A table that grows and shrinks."""

    def __init__(self, key_dtype, value_dtype, default_value, name, checkpoint):
        super().__init__(key_dtype, value_dtype)
        with init_scope():
            self._default_value = _core.convert(default_value, self._value_dtype)
            self._value_shape, self._name, self._checkpoint = self._default_value.shape, name, checkpoint
            self._resource_handle = self._create_resource()

    def lookup(self, keys, dynamic_default_values=None, name=None):
        """The values of keys; of those that are not there the default, or that of dynamic_default_values."""
        keys = _core.convert(keys, self._key_dtype)
        default = self._default_value if dynamic_default_values is None else _core.convert(dynamic_default_values, self._value_dtype)
        return self._run("LookupTableFindV2", keys, default)[0]

    def insert(self, keys, values, name=None):
        """Adds keys, or gives them other values."""
        self._run("LookupTableInsertV2", _core.convert(keys, self._key_dtype), _core.convert(values, self._value_dtype))

    def _saveables_(self):
        if not self._checkpoint:
            return []

        def read():
            keys, values = self.export()
            return {"table-keys": keys, "table-values": values}
        return [trackable.Saveable("", "", read, lambda key, values: self._run(
            "LookupTableImportV2", values["table-keys"], values["table-values"]))]

    def remove(self, keys, name=None):
        """Takes keys out; those that are not there do not matter."""
        self._require_keys(keys)
        self._run("LookupTableRemoveV2", keys)


@export("lookup.experimental.MutableHashTable")
class MutableHashTable(_Mutable):
    """A table that begins empty; values are scalars, or tensors of the default value's shape."""

    def __init__(self, key_dtype, value_dtype, default_value, name="MutableHashTable", checkpoint=True,
                 experimental_is_anonymous=False):
        super().__init__(key_dtype, value_dtype, default_value, name, checkpoint)

    def _create_resource(self, name=""):
        types = {"key_dtype": self._key_dtype, "value_dtype": self._value_dtype, "shared_name": name}
        if self._value_shape.rank == 0:
            return _core.run_op("MutableHashTableV2", [], types)[0]
        return _core.run_op("MutableHashTableOfTensorsV2", [], {**types, "value_shape": TensorShape(self._value_shape)})[0]


@export("lookup.experimental.DenseHashTable")
class DenseHashTable(_Mutable):
    """A table that begins empty, in which empty_key and deleted_key are nobody's."""

    def __init__(self, key_dtype, value_dtype, default_value, empty_key, deleted_key, initial_num_buckets=None,
                 name="MutableDenseHashTable", checkpoint=True, experimental_is_anonymous=False):
        self._empty_key, self._deleted_key, self._initial_num_buckets = empty_key, deleted_key, initial_num_buckets
        super().__init__(key_dtype, value_dtype, default_value, name, checkpoint)

    def _create_resource(self, name=""):
        buckets = {} if self._initial_num_buckets is None else {"initial_num_buckets": int(self._initial_num_buckets)}
        keys = [_core.convert(self._empty_key, self._key_dtype), _core.convert(self._deleted_key, self._key_dtype)]
        return _core.run_op("MutableDenseHashTableV2", keys,
                            {"value_dtype": self._value_dtype, "value_shape": TensorShape(self._value_shape), "shared_name": name,
                             **buckets})[0]

    def lookup(self, keys, name=None):
        """The values of keys; of those that are not there the default."""
        return super().lookup(keys)

    def insert_or_assign(self, keys, values, name=None):
        self.insert(keys, values)

    def erase(self, keys, name=None):
        if keys.dtype != self._key_dtype:
            raise TypeError(f"Signature mismatch. Keys must be dtype {self._key_dtype}, got {keys.dtype}.")
        self._run("LookupTableRemoveV2", keys)

    def remove(self, keys, name=None):
        self.erase(keys)
