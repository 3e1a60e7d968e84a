# In: nests of tensors, functions of elements. Out: tf.data.Dataset over the engine's pipelines.
import os

import numpy as np

from .. import _core
from .._core import data as core
from .._framework.extension_type import reshaped
from .._framework.nest import flatten_up_to, with_lists_as_leaves
from .._framework import trackable, user_code
from .._framework.host import told
from .._framework.passes import Staged
from .._framework.shapes import TensorShape
from .._framework.specs import NOTHING, NoneTensorSpec, TensorSpec, TypeSpec, type_spec_from_value
from . import fingerprint, late
from .options import Options
from .stages import Stages

AUTOTUNE = -1
INFINITE_CARDINALITY = -1
UNKNOWN_CARDINALITY = -2
_WHERE = "\n\n\t [[{{node PyFunc}}]] [Op:IteratorGetNext]"   # an exception of a generator was raised


def _nest():
    from .. import nest
    return nest


def _tensors(element):
    from .. import convert_to_tensor
    return [convert_to_tensor(leaf) for leaf in _nest().flatten(element, expand_composites=True)]


def _is_composite(x):
    """A ragged or sparse tensor, or the spec of one: it crosses the engine's pipelines as its parts."""
    return hasattr(type(x), "_is_composite_tensor_") or hasattr(type(x), "_component_specs_")


def _require_batchable(spec, method="_to_batched_tensor_list"):
    from .. import experimental
    if not issubclass(spec.value_type, experimental.BatchableExtensionType):
        raise AttributeError(f"'{type(spec).__name__}' object has no attribute '{method}': values are stacked of a "
                             "tf.experimental.BatchableExtensionType only")


def forms_of(spec, method="_batch"):
    """What a leaf is, as the engine's stages over composites take it: None for a tensor; of an extension type each of its fields."""
    if hasattr(spec, "_with_dims"):
        _require_batchable(spec, method)
        return [f for part in spec._component_specs_() for f in forms_of(part, method)]
    if not _is_composite(spec):
        return [None]
    if isinstance(spec, NoneTensorSpec):
        return []
    if isinstance(spec, DatasetSpec):
        raise TypeError("tf.data: elements that are datasets cannot be batched or split; read them with flat_map first")
    return [(type(spec).__name__ == "SparseTensorSpec", spec.shape, spec.dtype, getattr(spec, "ragged_rank", 0),
             getattr(spec, "row_splits_dtype", "int64"))]


def _as_tuples(element):
    """Lists become tensors where a dataset is made, tuples and dicts stay nests, as in TensorFlow."""
    from .. import convert_to_tensor
    return with_lists_as_leaves(lambda x: NOTHING if x is None else x if _is_composite(x) or isinstance(x, Dataset) else
                                convert_to_tensor(x), element)


as_nest = _as_tuples


class DatasetSpec(TypeSpec):
    """The type of a dataset that is an element of another one."""

    def __init__(self, element_spec, dataset_shape=()):
        self.element_spec, self._dataset_shape = element_spec, TensorShape(dataset_shape)

    @property
    def value_type(self):
        return Dataset

    @staticmethod
    def from_value(value):
        return DatasetSpec(value.element_spec)

    def __eq__(self, other):
        return type(self) is type(other) and self.element_spec == other.element_spec

    def __hash__(self):
        return hash(repr(self.element_spec))

    def is_compatible_with(self, spec_or_value):
        return getattr(spec_or_value, "element_spec", None) == self.element_spec

    def _component_specs_(self):
        return [TensorSpec([], "variant")]

    def _from_components_(self, parts):
        if isinstance(parts[0], TypeSpec):
            return self
        if not late.symbolic(parts[0]):
            return Dataset(core.from_variant(parts[0]), self.element_spec)._named("_VariantDataset")
        return Dataset._when_run(self.element_spec, parts, lambda tensors: core.from_variant(tensors[0]))

    def __repr__(self):
        return f"DatasetSpec({self.element_spec!r}, {self._dataset_shape!r})"


def errors():
    from .. import errors as classes
    return classes


def _no_lists(datasets):
    if isinstance(datasets, list):
        raise TypeError("Invalid `datasets`. `datasets` is expected to be a (nested) structure of `tf.data.Dataset` objects. Python `list` "
                        "is not supported and you should use `tuple` instead.")
    for inner in datasets.values() if isinstance(datasets, dict) else datasets if isinstance(datasets, tuple) else ():
        _no_lists(inner)


def _whole(n):
    """An int64, of a number or a tensor. Raises TypeError for what is none."""
    if isinstance(n, (int, np.integer)) or _core.is_tensor(n):
        return int(n)
    raise TypeError(f"Cannot convert {n!r} to EagerTensor of dtype int64")


def _sizes(shape):
    """The sizes that a list, a shape or a tensor of them says."""
    if _core.is_tensor(shape):
        return shape.numpy().tolist()
    if shape is None or isinstance(shape, TensorShape) and shape.rank is None:
        raise ValueError("padded_batch: the padded shape has no known rank; give its sizes, None for those that stay open")
    return shape


def _values_up_to(spec, values):
    """A value for each leaf of `spec`; None in the place of a nest stands for all of it."""
    nest = _nest()
    if values is None:
        return [None] * len(nest.flatten(spec))
    if isinstance(spec, dict):
        return [v for key in sorted(spec) for v in _values_up_to(spec[key], values[key])]
    if isinstance(spec, tuple):
        if not isinstance(values, (tuple, list)) or len(values) != len(spec):
            nest.assert_same_structure(spec, values)
        return [v for part, value in zip(spec, values) for v in _values_up_to(part, value)]
    return [values]


def _nothing(dtype):
    from .. import zeros
    return zeros([], dtype)


class Dataset(Stages):
    """A pipeline of elements, each a nest of tensors. Stages return new datasets; iteration runs them."""

    _shown = None       # the name that repr gives, where it is not the stage's
    _made_by = None     # the stage's name and arguments (fingerprint.py)

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "__init__" in cls.__dict__:
            cls.__init__ = fingerprint.remembered_constructor(cls.__init__, cls.__name__)

    def __init__(self, handle, element_spec, hold=()):
        self._handle = handle
        self._spec = element_spec
        if type(self) is Dataset:
            self.__class__ = _class_of(core.stage(handle))
        self._hold = hold           # Python objects that the engine's stages call
        self._late = None           # of a dataset of a traced function that only its run knows: what it will be
        self._options = None        # what with_options said, merged; None: those of the datasets that are held

    @property
    def element_spec(self):
        """The nest of tf.TensorSpec that describes an element."""
        return self._spec

    @staticmethod
    def _when_run(spec, inputs, make):
        """A dataset of a traced function: make(tensors) is its handle for the values of `inputs`."""
        handle, what = late.handle_of(spec, inputs, make)
        dataset = Dataset(handle, spec)
        dataset._late = what
        return dataset

    def _as_variant_(self):
        """What stands for it among the tensors of a signature that says DatasetSpec."""
        return [core.to_variant(self._handle)]

    def _as_result_(self):
        """What a trace gives back in its place."""
        return _Returned(late.variant(self), DatasetSpec(self._spec))

    def _inputs_(self):
        """The tensors of a trace that a pipeline of that trace depends on."""
        return late.inputs_of(self)

    def _with_inputs_(self, tensors):
        return Dataset(late.truth(self, tensors), self._spec, (self,))

    @classmethod
    def _over(cls, handle, like, hold=()):
        """A dataset whose elements have the form `like` and the specs that the engine knows."""
        from .. import TensorSpec
        nest, known = _nest(), iter([TensorSpec(shape, dtype) for shape, dtype in core.specs(handle)])

        def spec(leaf):
            if not _is_composite(leaf):
                return next(known)
            for _ in nest.flatten(leaf, expand_composites=True):
                next(known)
            return getattr(leaf, "_type_spec", leaf)
        return Dataset(handle, nest.map_structure(spec, like), hold)

    def _forms(self):
        """What the leaves are, as the engine's stages over composites take it; None if all are tensors."""
        leaves = _nest().flatten(self._spec)
        return [f for leaf in leaves for f in forms_of(leaf)] if any(map(_is_composite, leaves)) else None

    def _reshaped(self, handle, first, by):
        """Over `handle`, whose elements have one dimension more, of size `first`, or one less."""
        return Dataset(handle, _nest().map_structure(lambda leaf: reshaped(leaf, first, by), self._spec), (self,))

    def _named(self, name):
        """The same, which repr shows as that stage."""
        self.__class__ = _class_of(name)
        return self

    def _same(self, handle):
        return Dataset._over(handle, self._spec, (self,))

    def _packed(self, leaves):
        return _nest().pack_sequence_as(self._spec, leaves, expand_composites=True)

    def _call(self, function, leaves):
        """A user's function of an element: tuples, but no namedtuples, are spread over its arguments."""
        from .. import SparseTensorSpec
        from ..autograph import convert
        element = self._packed(leaves)
        if any(isinstance(spec, SparseTensorSpec) for spec in _nest().flatten(self._spec)):
            element = _nest().map_structure(lambda spec, x: spec._with_known_sizes(x) if isinstance(spec, SparseTensorSpec) else x,
                                            self._spec, element)
        converted = convert(function)
        try:
            return converted(*element) if type(element) is tuple else converted(element)
        except Exception as fault:
            said = user_code.told(fault, function)
            if said is fault:
                raise
            raise said.with_traceback(fault.__traceback__) from None

    def _dataset_of(self, function, form):
        """A user's function of an element that gives a dataset, as the engine's stages call it; `form` takes its spec."""
        def made(leaves):
            dataset = self._call(function, leaves)
            if not isinstance(dataset, Dataset):
                raise TypeError("The `map_func` argument must return a `Dataset` object. Got {}.".format(type(dataset)))
            form[:] = [dataset._spec]
            return dataset._handle
        return made

    # ---- sources ----

    @staticmethod
    def from_tensors(tensors, name=None):
        """One element."""
        element = _as_tuples(tensors)
        if not _tensors(element):
            raise errors().InvalidArgumentError(None, None, "Length for attr 'output_shapes' of 0 must be at least minimum 1")
        if late.symbolic(element):
            return Dataset._when_run(_nest().map_structure(type_spec_from_value, element), _tensors(element), core.from_tensors)
        return Dataset._over(core.from_tensors(_tensors(element)), element)

    @staticmethod
    def from_tensor_slices(tensors, name=None):
        """One element for each row. Raises ValueError if the first dimensions differ."""
        element = _as_tuples(tensors)
        if any(map(_is_composite, _nest().flatten(element))):
            return Dataset._rows_of(element)
        if late.symbolic(element):
            spec = _nest().map_structure(lambda x: TensorSpec(x.shape[1:], x.dtype), element)
            return Dataset._when_run(spec, _tensors(element), core.from_tensor_slices)
        return Dataset._over(core.from_tensor_slices(_tensors(element)), element)

    @staticmethod
    def _rows_of(element):
        """The rows of a nest in which some leaves are ragged or sparse."""
        from .. import RaggedTensor, sparse

        def count(x):
            if isinstance(x, RaggedTensor):
                return {int(x.nrows())}
            if isinstance(x, sparse.SparseTensor):
                return {int(x.dense_shape[0])}
            if x is NOTHING:
                return set()
            if _is_composite(x):
                _require_batchable(x._type_spec)
                return set().union(*map(count, x._composite_parts_()))
            return {x.shape[0]}
        counts = set().union(*map(count, _nest().flatten(element)))
        if not counts:
            raise ValueError("Invalid `element`. `element` should not be empty.")
        if len(counts) != 1:
            raise ValueError(f"Dimensions {' and '.join(map(str, sorted(counts)))} are not compatible")
        whole = Dataset.from_tensors(element)
        return whole._reshaped(core.unbatch_composites(whole._handle, whole._forms(), counts.pop()), None, -1)

    @staticmethod
    def range(*args, output_type=None, name=None):
        """range(stop), range(start, stop) or range(start, stop, step), as int64 scalars."""
        from .. import int64
        if not 1 <= len(args) <= 3:
            raise ValueError("Invalid `args`. The lenght of `args` should be between 1 and 3 but was {}.".format(
                len(args)))
        start, stop, step = (0, args[0], 1) if len(args) == 1 else args + (1,) * (3 - len(args))
        def made(tensors):
            return core.range(*map(int, tensors), output_type or int64)
        if late.symbolic(start, stop, step):
            return Dataset._when_run(TensorSpec([], output_type or int64), [start, stop, step], made)
        return Dataset._over(made([start, stop, step]), 0)

    @staticmethod
    def random(seed=None, rerandomize_each_iteration=None, name=None):
        """int64 numbers of [0, 2^32), without end; every pass gives the same ones."""
        if rerandomize_each_iteration:
            raise NotImplementedError("random: rerandomize_each_iteration is not supported yet")
        return Dataset._over(core.random(None if seed is None else int(seed)), 0)

    @staticmethod
    def from_generator(generator, output_types=None, output_shapes=None, args=None, output_signature=None, name=None):
        """Elements of a Python generator; its form is said by output_signature, or by output_types."""
        from .. import TensorShape, TensorSpec, as_dtype, convert_to_tensor
        nest = _nest()
        if not callable(generator):
            raise TypeError("`generator` must be a Python callable.")
        if output_signature is not None:
            if output_types is not None or output_shapes is not None:
                raise TypeError("The `output_types` argument can not be used together with the `output_signature` "
                                "argument." if output_types is not None else
                                "The `output_shapes` argument can not be used together with the `output_signature` "
                                "argument.")
            spec = output_signature
        else:
            if output_types is None:
                raise TypeError("To specify the output signature you need to provide either the `output_signature` "
                                "argument or the `output_types` argument.")
            types = [as_dtype(t) for t in nest.flatten(output_types)]
            if output_shapes is None:
                shapes = [TensorShape(None)] * len(types)
            else:
                shapes = [TensorShape(s) for s in flatten_up_to(output_types, output_shapes)]
            spec = nest.pack_sequence_as(output_types, [TensorSpec(s, t) for s, t in zip(shapes, types)])
        leaves = nest.flatten(spec)
        args = tuple(convert_to_tensor(a).numpy() for a in args or ())    # scalars and bytes, as TensorFlow passes them

        def start():
            iterator = iter(generator(*args))

            def step():
                with told(_WHERE):
                    try:
                        element = next(iterator)
                    except StopIteration:
                        return None
                    try:
                        found = [v if _is_composite(s) and _is_composite(v) else convert_to_tensor(v, s.dtype)
                                 for v, s in zip(flatten_up_to(spec, element), leaves)]
                    except (TypeError, ValueError) as fault:
                        raise TypeError("`generator` yielded an element that did not match the expected structure. The expected "
                                        f"structure was {spec}, but the yielded element was {element}.") from fault
                    if any(map(_is_composite, leaves)):
                        got = [type_spec_from_value(v) for v in found]
                        if not all(s.is_compatible_with(g) for s, g in zip(leaves, got)):
                            raise TypeError(f"`generator` yielded an element of {nest.pack_sequence_as(spec, got)} where an element "
                                            f"of {spec} was expected.")
                    return nest.flatten(found, expand_composites=True)
            return step

        handle = core.from_generator([(s.shape, s.dtype) for s in nest.flatten(spec, expand_composites=True)], start)
        return Dataset(handle, spec, (start,))

    @staticmethod
    def zip(datasets, name=None):
        """Elements of several datasets side by side, as long as the shortest."""
        if isinstance(datasets, Dataset):
            raise TypeError("Invalid `datasets`. `datasets` must be a (nested) structure of `tf.data.Dataset` objects "
                            "but got {}.".format(type(datasets)))
        nest = _nest()
        _no_lists(datasets)
        parts = nest.flatten(datasets)
        for part in parts:
            if not isinstance(part, Dataset):
                raise TypeError("Invalid `datasets`. `datasets` is expected to be a (nested) structure of `tf.data.Dataset` objects but "
                                f"encountered object of type {type(part)}.")
        spec = nest.pack_sequence_as(datasets, [p._spec for p in parts])
        return Dataset(core.zip([p._handle for p in parts]), spec, tuple(parts))

    # ---- stages ----

    def map(self, map_func, num_parallel_calls=None, deterministic=None, name=None):
        """map_func of each element, traced once; on several threads if num_parallel_calls says so."""
        if not callable(map_func):
            raise ValueError("Argument `func` must be a callable. Received func={} (of type {})".format(
                map_func, type(map_func)))
        form = []

        def traced(leaves):
            result = self._call(map_func, leaves)
            if isinstance(result, list):
                result = tuple(result)
            if result is None:
                raise errors().InvalidArgumentError(None, None, "Length for attr 'output_types' of 0 must be at least minimum 1")
            result = _as_tuples(result)
            form.append(_nest().map_structure(lambda x: DatasetSpec(x._spec) if isinstance(x, Dataset) else x, result))
            return [late.variant(x) if isinstance(x, Dataset) else x for x in _nest().flatten(result, expand_composites=True)]

        handle = core.map(self._handle, traced, 1 if num_parallel_calls is None else int(num_parallel_calls),
                          deterministic is not False)
        return Dataset._over(handle, form[-1], (self, traced))

    def filter(self, predicate, name=None):
        def traced(leaves):
            return [self._call(predicate, leaves)]
        return Dataset._over(core.filter(self._handle, traced), self._spec, (self, traced))

    def flat_map(self, map_func, name=None):
        """The elements of the datasets that map_func gives, one dataset after the other."""
        form = []
        made = self._dataset_of(map_func, form)
        return Dataset._over(core.flat_map(self._handle, made), form[-1], (self, made))

    def interleave(self, map_func, cycle_length=None, block_length=None, num_parallel_calls=None, deterministic=None, name=None):
        """`block_length` elements in turn of each of `cycle_length` datasets that map_func gives. The order is that of the
        cycle however many calls may run side by side."""
        cycle = AUTOTUNE if cycle_length is None else int(cycle_length)
        form = []
        made = self._dataset_of(map_func, form)
        if num_parallel_calls is not None and cycle != AUTOTUNE and int(num_parallel_calls) > cycle:
            raise errors().InvalidArgumentError(None, None, "num_parallel_calls must less than or equal to cycle_length. "
                                                "[Op:ParallelInterleaveDatasetV4]")
        handle = core.interleave(self._handle, made, (os.cpu_count() or 1) if cycle == AUTOTUNE else cycle,
                                 1 if block_length is None else int(block_length))
        made = Dataset._over(handle, form[-1], (self, made))
        return made if num_parallel_calls is None else made._named("ParallelInterleaveDataset")

    def take_while(self, predicate, name=None):
        """The elements before the first for which `predicate` is False."""
        def traced(leaves):
            return [self._call(predicate, leaves)]
        return Dataset._over(core.take_while(self._handle, traced), self._spec, (self, traced))

    def window(self, size, shift=None, stride=1, drop_remainder=False, name=None):
        """Elements that are nests of datasets: `size` elements of the input each, the next window `shift` elements on."""
        nest = _nest()
        specs = nest.flatten(self._spec)
        parts = [len(nest.flatten(spec, expand_composites=True)) for spec in specs]
        if shift is not None and int(shift) == 0:
            raise errors().InvalidArgumentError(None, None, "Window shift must be greater than zero. [Op:WindowDataset]")
        handle = core.window(self._handle, int(size), 0 if shift is None else int(shift), int(stride), bool(drop_remainder), parts)
        return Dataset(handle, nest.map_structure(DatasetSpec, self._spec), (self,))

    def group_by_window(self, key_func, reduce_func, window_size=None, window_size_func=None, name=None):
        """What reduce_func(key, window) makes of windows: datasets of elements for which key_func gives the same key."""
        if (window_size is None) == (window_size_func is None):
            raise ValueError("Either the `window_size` argument or the `window_size_func` argument must be specified.")
        from .. import convert_to_tensor, int64
        form = []

        def key(leaves):
            return [convert_to_tensor(self._call(key_func, leaves), int64)]

        def reduce(number, window):
            from ..autograph import convert
            dataset = convert(reduce_func)(number, Dataset(window, self._spec, (self,)))
            if not isinstance(dataset, Dataset):
                raise TypeError("Invalid `reduce_func`. `reduce_func` must return a single `tf.data.Dataset` object but its return "
                                f"type is {type(dataset)}.")
            form[:] = [dataset._spec]
            return dataset._handle

        def size(number):
            return int(window_size if window_size_func is None else window_size_func(number))

        return Dataset._over(core.group_by_window(self._handle, key, reduce, size), form[-1], (self, key, reduce, size))

    def bucket_by_sequence_length(self, element_length_func, bucket_boundaries, bucket_batch_sizes, padded_shapes=None,
                                  padding_values=None, pad_to_bucket_boundary=False, no_padding=False, drop_remainder=False,
                                  name=None):
        """Batches of elements of like length: bucket i holds lengths below bucket_boundaries[i], the last one the rest."""
        from .. import cast, constant, int64, reduce_sum
        if len(bucket_batch_sizes) != len(bucket_boundaries) + 1:
            raise ValueError("`len(bucket_batch_sizes)` must equal `len(bucket_boundaries) + 1` but `len(bucket_batch_sizes)="
                             f"{len(bucket_batch_sizes)}` and `len(bucket_boundaries)={len(bucket_boundaries)}`.")
        nest = _nest()

        def bucket(*element):
            length = cast(self._call(element_length_func, nest.flatten(element, expand_composites=True)), int64)
            return reduce_sum(cast(length >= constant(bucket_boundaries, int64), int64))

        asked = []

        def batched(number, window):
            size, form = bucket_batch_sizes[int(number)], not asked
            asked.append(number)    # first the form of the result, in which sizes and boundaries stay open
            if no_padding:
                return window.batch(size, drop_remainder and not form)
            shapes = nest.map_structure(lambda spec: spec.shape, self._spec) if padded_shapes is None else padded_shapes
            if pad_to_bucket_boundary and not form:
                at = int(number)
                if at == len(bucket_boundaries):
                    raise errors().InvalidArgumentError(None, None, "When pad_to_bucket_boundary=True, elements must have length < "
                                                        "max(bucket_boundaries).")
                edge = bucket_boundaries[at] - 1
                shapes = nest.map_structure(lambda shape: [edge if d is None else d for d in TensorShape(shape)],
                                            nest.pack_sequence_as(self._spec, flatten_up_to(self._spec, shapes)))
            return window.padded_batch(size, shapes, padding_values, drop_remainder and not form)

        return self.group_by_window(bucket, batched, window_size_func=lambda number: bucket_batch_sizes[int(number)])

    def shuffle(self, buffer_size, seed=None, reshuffle_each_iteration=None, name=None):
        """Elements in random order out of a buffer of `buffer_size`."""
        return self._same(core.shuffle(self._handle, _whole(buffer_size), None if seed is None else int(seed),
                                       reshuffle_each_iteration is not False))

    def batch(self, batch_size, drop_remainder=False, num_parallel_calls=None, deterministic=None, name=None):
        """`batch_size` elements stacked along a new first axis; the last batch may be smaller."""
        forms = self._forms()
        if forms is not None:
            handle = core.batch_composites(self._handle, forms, int(batch_size), bool(drop_remainder))
            return self._reshaped(handle, int(batch_size) if drop_remainder else None, 1)
        made = self._same(core.batch(self._handle, _whole(batch_size), bool(drop_remainder)))
        return made if num_parallel_calls is None else made._named("ParallelBatchDataset")

    def padded_batch(self, batch_size, padded_shapes=None, padding_values=None, drop_remainder=False, name=None):
        """Batches of elements that are padded at the ends of their axes; None and -1 in a shape: to the largest of the batch."""
        from .. import convert_to_tensor
        specs = _nest().flatten(self._spec)
        if any(map(_is_composite, specs)):
            raise TypeError("`padded_batch` is only supported for datasets that produce tensor elements but type of elements in the "
                            f"input dataset is {self._spec}.")
        if padded_shapes is None:
            shapes = [spec.shape for spec in specs]
        else:
            shapes = [TensorShape([None if d == -1 else d for d in _sizes(s)]) for s in flatten_up_to(self._spec, padded_shapes)]
        values = [None] * len(specs) if padding_values is None else _values_up_to(self._spec, padding_values)
        values = [_nothing(spec.dtype) if value is None else convert_to_tensor(value) for value, spec in zip(values, specs)]
        return self._same(core.padded_batch(self._handle, int(batch_size), bool(drop_remainder), shapes, values))

    def unbatch(self, name=None):
        forms = self._forms()
        if forms is not None:
            return self._reshaped(core.unbatch_composites(self._handle, forms, -2), None, -1)
        return self._same(core.unbatch(self._handle))

    def take(self, count, name=None):
        return self._same(core.take(self._handle, _whole(count)))

    def skip(self, count, name=None):
        return self._same(core.skip(self._handle, _whole(count)))

    def repeat(self, count=None, name=None):
        return self._same(core.repeat(self._handle, -1 if count is None else _whole(count)))

    def shard(self, num_shards, index, name=None):
        return self._same(core.shard(self._handle, _whole(num_shards), _whole(index)))

    def concatenate(self, dataset, name=None):
        def fits(a, b):
            if type(a) is not type(b) or getattr(a, "dtype", None) != getattr(b, "dtype", None):
                raise TypeError(f"No common supertype of {a} and {b}.")
        try:
            _nest().map_structure(fits, self._spec, dataset._spec)
        except (TypeError, ValueError) as fault:
            raise TypeError(f"Incompatible dataset elements:\n  {self._spec} vs.   {dataset._spec}") from fault
        return Dataset._over(core.concatenate(self._handle, dataset._handle), self._spec, (self, dataset))

    def enumerate(self, start=0, name=None):
        return Dataset._over(core.enumerate(self._handle, int(start)), (0, self._spec), (self,))

    def cache(self, filename="", name=None):
        """The elements of the first pass, kept in memory or in a file."""
        if filename:
            from .stored import cached
            return cached(self, os.fspath(filename))
        return self._same(core.cache(self._handle))

    def snapshot(self, path, compression="AUTO", reader_func=None, shard_func=None, name=None):
        """The same elements, which the first whole pass writes into a folder of `path` and later ones read, in this process or
        another: a folder for each pipeline, told apart by its stages, their arguments and functions.

        compression: "GZIP", "SNAPPY", "AUTO", "NONE" or None. shard_func(*element), an int64 scalar: the file that an element goes
        to. reader_func: what one dataset is made of a dataset of those of the files. Raises ValueError for another compression and for
        functions that are none, TypeError for a shard_func of another kind, DataLossError for damaged files."""
        from .snapshot import snapshot
        return snapshot(self, path, compression, reader_func, shard_func)

    def prefetch(self, buffer_size, name=None):
        """A thread reads `buffer_size` elements ahead."""
        return self._same(core.prefetch(self._handle, _whole(buffer_size)))

    def apply(self, transformation_func):
        dataset = transformation_func(self)
        if not isinstance(dataset, Dataset):
            raise TypeError("`transformation_func` must return a `tf.data.Dataset` object. Got {}.".format(type(dataset)))
        return dataset

    def options(self):
        """The tf.data.Options of this dataset: those of the datasets that it is made of, and what with_options added."""
        if self._options is not None:
            return self._options
        found = Options()
        for before in self._hold:
            if isinstance(before, Dataset):
                found = found.merge(before.options())
        return found

    def with_options(self, options, name=None):
        """The same elements; options() says these too."""
        made = Dataset(self._handle, self._spec, (self,))
        made._options = self.options().merge(options)
        return made._named("_OptionsDataset")

    def reduce(self, initial_state, reduce_func, name=None):
        """Folds the elements into a state: reduce_func(state, element) -> state."""
        nest = _nest()
        state = _as_tuples(initial_state)
        if late.all_of(self):
            from ..autograph import convert
            return late.reduce(self, state, lambda now, element: _as_tuples(convert(reduce_func)(now, element)))

        def step(state_leaves, leaves):
            from ..autograph import convert
            result = convert(reduce_func)(nest.pack_sequence_as(state, state_leaves, expand_composites=True),
                                                   self._packed(leaves))
            return nest.flatten(_as_tuples(result), expand_composites=True)

        return nest.pack_sequence_as(state, core.reduce(self._handle, nest.flatten(state, expand_composites=True), step),
                                     expand_composites=True)

    # ---- reading ----

    def __iter__(self):
        return OwnedIterator(self)

    def as_numpy_iterator(self):
        """Elements as nests of NumPy arrays."""
        from .. import RaggedTensorSpec, SparseTensorSpec
        for spec in _nest().flatten(self._spec):
            if not isinstance(spec, (TensorSpec, RaggedTensorSpec, SparseTensorSpec)):
                raise TypeError("`tf.data.Dataset.as_numpy_iterator()` is not supported for datasets that produce values of type "
                                f"{spec.value_type}")
        return (_nest().map_structure(lambda t: t.numpy() if hasattr(t, "numpy") else t, element) for element in self)

    def cardinality(self):
        from .. import constant, int64
        if late.all_of(self):
            return late.cardinality(self)
        return constant(core.cardinality(self._handle), int64)

    def __len__(self):
        n = core.cardinality(self._handle)
        if n == INFINITE_CARDINALITY:
            raise TypeError("The dataset is infinite.")
        if n == UNKNOWN_CARDINALITY:
            raise TypeError("The dataset length is unknown.")
        return n

    def __bool__(self):
        return True

    __nonzero__ = __bool__

    def __repr__(self):
        return "<{} element_spec={}>".format(self._shown or core.stage(self._handle), self._spec)

    def _batch_source(self):
        """What fit reads: the pipeline itself, which knows the nest of its elements."""
        from ..keras import shell
        leaves = _nest().flatten(self._spec)
        there = [leaf for leaf in leaves if not isinstance(leaf, NoneTensorSpec)]
        numbers = iter(range(len(there)))
        nest = _nest().pack_sequence_as(self._spec, [None if isinstance(leaf, NoneTensorSpec) else next(numbers) for leaf in leaves])
        if not any(map(_is_composite, there)):
            return shell.Held(core.with_nest(self._handle, nest))
        forms = [leaf if hasattr(leaf, "_with_dims") else forms_of(leaf)[0] for leaf in there]
        return shell.Held(core.with_forms(self._handle, nest, forms))


class _Returned:
    """A dataset among the results of a trace: a tensor there, a dataset again where the function was called."""
    _is_composite_tensor_ = True

    def __init__(self, variant, spec):
        self._variant, self._type_spec = variant, spec

    def _composite_parts_(self):
        return [self._variant]

    def _composite_from_(self, parts):
        return self._type_spec._from_components_(parts)


fingerprint.remember_stages(Stages, Dataset)
_classes = {}


def _class_of(stage):
    """The class that a stage has for who asks its name, as TensorFlow's stages are classes of their own."""
    if stage not in _classes:
        _classes[stage] = type(stage, (Dataset,), {"_shown": stage, "__doc__": Dataset.__doc__})
    return _classes[stage]


class Iterator(Staged):
    """One pass over a dataset."""

    def __init__(self, dataset):
        self._dataset = dataset
        self._pass = core.iterator(dataset._handle)
        self._traced = not _core.executing_eagerly()   # Python's own loop over a dataset is unrolled

    def __iter__(self):
        return self

    def __next__(self):
        if not self._traced and not _core.executing_eagerly():   # captured by a function: read when that runs, not while it is traced
            return next(self._composite_from_(self._composite_parts_()))
        leaves = self._pass.next()
        if leaves is None:
            raise StopIteration
        return self._dataset._packed(leaves)

    next = __next__

    def get_next(self):
        """The next element. Raises OutOfRangeError at the end."""
        try:
            return next(self)
        except StopIteration:
            from .. import errors
            raise errors.OutOfRangeError(None, None, "End of sequence [Op:IteratorGetNext]") from None

    def _trackable_children_(self):
        return []

    def _saveables_(self):
        return [trackable.Saveable(
            "ITERATOR", "", lambda: {"_STATE": _core.convert(self._pass.state(), "string")},
            lambda key, values: self._pass.restore([text.decode() for text in values["_STATE"].numpy().tolist()]))]

    @property
    def element_spec(self):
        return self._dataset.element_spec

    def get_next_as_optional(self):
        """The next element, or an empty tf.experimental.Optional at the end."""
        from .. import experimental
        if not self._traced and not _core.executing_eagerly():
            return self._composite_from_(self._composite_parts_()).get_next_as_optional()
        leaves = self._pass.next()
        if leaves is None:
            return experimental.Optional.empty(self.element_spec)
        return experimental.Optional._of(experimental.Optional.from_value(0).has_value(), leaves, self.element_spec)


class OwnedIterator(Iterator):
    """What iter(dataset) gives."""
    __module__ = "tensorflow.python.data.ops.iterator_ops"     # as it prints itself
