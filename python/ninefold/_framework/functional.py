# In: functions over the first dimension of tensors. Out: tf.map_fn, tf.scan, tf.foldl, tf.foldr, tf.vectorized_map:
# loops over rows eagerly, while_loop over tensor lists in a trace.
from . import export, nest
from .control_flow import while_loop
from .dtypes import as_dtype
from .extension_type import BatchableExtensionType
from .faults import ERRORS
from .ragged import RaggedTensor, RaggedTensorSpec
from .shapes import TensorShape
from .specs import TensorSpec, TypeSpec
from .tensor_array import TensorArray
from .. import _core, autograph


def _call(name, *args, **kwargs):
    return _core.function_named(name)(*args, **kwargs)


def _check_callable(fn, who):
    if not callable(fn):
        raise TypeError(f"{who}: fn must be callable, got {fn!r}")
    return fn if _core.executing_eagerly() else autograph.convert(fn)


class _Rows:
    """The leaves of `elems` with the number of their rows, and row i of each."""

    def __init__(self, elems, who):
        self.structure = elems
        self.leaves = [x if isinstance(x, RaggedTensor) else _core.convert(x) for x in nest.flatten(elems)]
        if not self.leaves:
            raise ValueError(f"{who}: elems must hold at least one tensor")
        for x in self.leaves:
            if x.shape.rank == 0:
                raise ValueError("Elements in elems must be 1+ dimensional Tensors, not scalars")
        sizes = [x.shape[0] for x in self.leaves if x.shape.rank is not None and x.shape[0] is not None]
        if any(n != sizes[0] for n in sizes):
            raise ValueError(f"Dimensions {sizes[0]} and {next(n for n in sizes if n != sizes[0])} are not compatible")
        self.count = sizes[0] if sizes else None
        first = self.leaves[0]
        self.size = self.count if self.count is not None else (
            _call("tf.cast", first.nrows(), "int32") if isinstance(first, RaggedTensor) else _call("tf.shape", first)[0])
        self._lists = None

    def all(self):
        """Every row, eagerly."""
        columns = [list(x) if isinstance(x, RaggedTensor) else (_call("tf.unstack", x) if self.count else [])
                   for x in self.leaves]
        return [self._pack(row) for row in zip(*columns)]

    def take_apart(self):
        """Before a loop: tensors become lists, whose rows are read and differentiated one by one."""
        self._lists = [x if isinstance(x, RaggedTensor) else
                       TensorArray(x.dtype, size=self.size, element_shape=x.shape[1:]).unstack(x) for x in self.leaves]

    def at(self, i):
        return self._pack([x[i] if isinstance(x, RaggedTensor) else x.read(i) for x in self._lists])

    def _pack(self, row):
        return nest.pack_sequence_as(self.structure, row)


def _spec(x):
    """A leaf of fn_output_signature as a TypeSpec."""
    return x if isinstance(x, TypeSpec) else TensorSpec(None, as_dtype(x))


def _refuse(made, wanted):
    raise ERRORS[3](None, None, f"TensorArray dtype is {wanted.name} but Op is trying to write dtype {made.name} ")


def _flat_row(out, signature, specs):
    """The tensors of one result, in the dtypes that the signature names."""
    nest.assert_same_structure(signature, out)
    row = []
    for spec, x in zip(specs, nest.flatten(out)):
        if not isinstance(x, RaggedTensor):
            x = x if _core.is_tensor(x) else _core.convert(x, None, spec.dtype)
        if x.dtype != spec.dtype:
            _refuse(x.dtype, spec.dtype)
        row.append(x)
    return row


def _stacked(column, spec):
    if isinstance(spec, RaggedTensorSpec):
        return _call("tf.ragged.stack", column) if column else RaggedTensor.from_row_splits(
            _call("tf.zeros", [0], spec.dtype), [0])
    return _call("tf.stack", column) if column else _call(
        "tf.zeros", [0] + [d or 0 for d in (spec.shape.as_list() if spec.shape.rank else [])], spec.dtype)


@export("map_fn")
def map_fn(fn, elems, dtype=None, parallel_iterations=None, back_prop=True, swap_memory=False, infer_shape=True,
           name=None, fn_output_signature=None):
    """fn of each row of `elems`, one result a row; fn_output_signature tells dtypes where they are not those of elems."""
    fn = _check_callable(fn, "map_fn")
    signature = dtype if fn_output_signature is None else fn_output_signature
    if any(hasattr(x, "_with_dims") for x in nest.flatten(signature)) or any(_is_extension(x) for x in nest.flatten(elems)):
        return _map_extensions(fn, elems, signature, back_prop, infer_shape)
    rows = _Rows(elems, "map_fn")
    if signature is None:
        signature = nest.pack_sequence_as(elems, [
            RaggedTensorSpec(None, x.dtype, x._type_spec.ragged_rank - 1, x._type_spec.row_splits_dtype)
            if isinstance(x, RaggedTensor) else x.dtype for x in rows.leaves])
    specs = [_spec(s) for s in nest.flatten(signature)]
    if _core.executing_eagerly():
        made = [_flat_row(fn(row), signature, specs) for row in rows.all()]
        columns = [_stacked([row[k] for row in made], spec) for k, spec in enumerate(specs)]
    else:
        columns = _traced_map(fn, rows, signature, specs, infer_shape)
    if not back_prop:
        columns = [_call("tf.stop_gradient", c) for c in columns]
    return nest.pack_sequence_as(signature, columns)


def _is_extension(x):
    return isinstance(x, BatchableExtensionType)


def _map_extensions(fn, elems, signature, back_prop, infer_shape):
    """map_fn where a leaf is an extension type: over the tensors that it holds."""
    if any(getattr(part, "shape", TensorShape(None)).rank == 0 for x in nest.flatten(elems) if _is_extension(x)
           for part in [x, *x._composite_parts_()]):
        raise ValueError("Elements in elems must be 1+ dimensional Tensors, not scalars")
    specs = nest.map_structure(lambda x: x.__batch_encoder__.unbatch(x._type_spec) if _is_extension(x) else None, elems)
    if signature is None:
        signature = nest.map_structure(lambda x, spec: _core.convert(x).dtype if spec is None else spec, elems, specs)
    made = [None] * len(nest.flatten(signature))     # the specs of a row's results, which know more than the signature

    def taken_apart(x):
        return x.__batch_encoder__.encode(x._type_spec, x) if _is_extension(x) else [x]

    def of_row(row):
        parts = iter(nest.flatten(row))
        row = nest.map_structure(lambda spec: next(parts) if spec is None else
                                 spec._from_components_([next(parts) for _ in spec._component_specs_()]), specs)
        result = fn(row)
        nest.assert_same_structure(signature, result)
        result = nest.flatten(result)
        made[:] = [getattr(x, "_type_spec", None) if _is_extension(x) else None for x in result]
        return [taken_apart(x) for x in result]
    wanted = [[s if hasattr(s, "_component_specs_") else TensorSpec(None, s.dtype) for s in leaf._component_specs_()]
              if hasattr(leaf, "_with_dims") else [leaf] for leaf in nest.flatten(signature)]
    columns = map_fn(of_row, [taken_apart(x) for x in nest.flatten(elems)], back_prop=back_prop, infer_shape=infer_shape,
                     fn_output_signature=wanted)
    of = [leaf if hasattr(leaf, "_with_dims") else None for leaf in nest.flatten(signature)]
    batched = [column[0] if spec is None else
               spec._of.__batch_encoder__.batch(row or spec, column[0].shape[0])._from_components_(column)
               for column, spec, row in zip(columns, of, made)]
    return nest.pack_sequence_as(signature, batched)


def _traced_map(fn, rows, signature, specs, infer_shape):
    rows.take_apart()
    out = [_RaggedColumn(s, rows.size) if isinstance(s, RaggedTensorSpec) else _Column(s, rows.size, infer_shape) for s in specs]

    def body(i, lists):
        row = _flat_row(fn(rows.at(i)), signature, specs)
        return i + 1, [column.write(held, i, x) for column, held, x in zip(out, lists, row)]
    _, lists = while_loop(lambda i, lists: i < rows.size, body, (_core.convert(0), [column.lists for column in out]))
    return [column.result(held, rows.count) for column, held in zip(out, lists)]


class _Column:
    """One result of a traced map: its rows, written one by one and stacked."""

    def __init__(self, spec, size, infer_shape):
        self.lists = [TensorArray(spec.dtype, size=size, element_shape=spec.shape, infer_shape=infer_shape)]
        self._infer, self._shape = infer_shape, None   # of one row, seen when the loop's body is traced

    def write(self, lists, i, row):
        if self._infer:
            self._shape = row.shape if self._shape is None else self._shape.most_specific_compatible_shape(row.shape)
        return [lists[0].write(i, row)]

    def result(self, lists, count):
        return _sized(_shaped(lists[0].stack(), self._shape), count)


class _RaggedColumn:
    """The same where rows may be ragged or differ in length: the flat values of all rows one below the other, how many
    there are in a row, and the lengths within rows, dimension by dimension."""

    def __init__(self, spec, size):
        self._spec = spec
        tail = [None] if spec.shape.rank is None else [None] + spec.shape.as_list()[spec.ragged_rank + 1:]
        values = TensorArray(spec.dtype, size=size, infer_shape=False,
                             element_shape=None if spec.shape.rank is None else tail)
        splits = spec.row_splits_dtype
        inner = [TensorArray(splits, size=size, infer_shape=False, element_shape=[None]) for _ in range(spec.ragged_rank)]
        self.lists = [values, TensorArray(splits, size=size, element_shape=[])] + inner

    def write(self, lists, i, row):
        lengths = [_call("tf.cast", n, self._spec.row_splits_dtype) for n in
                   (row.nested_row_lengths() if isinstance(row, RaggedTensor) else [])]
        if len(lengths) != self._spec.ragged_rank:
            raise ValueError(f"map_fn: expected `fn` to return a {self._spec}, it returned {row!r}; update "
                             "fn_output_signature")
        values = row.flat_values if isinstance(row, RaggedTensor) else row
        first = row.nrows() if isinstance(row, RaggedTensor) else _call("tf.shape", row)[0]
        new = [values, _call("tf.cast", first, self._spec.row_splits_dtype)] + lengths
        return [held.write(i, x) for held, x in zip(lists, new)]

    def result(self, lists, count):
        values, first, *inner = lists
        return RaggedTensor.from_nested_row_lengths(values.concat(), [_sized(first.stack(), count)] + [
            held.concat() for held in inner], validate=False)


def _shaped(stacked, element):
    if element is not None and element.rank is not None:
        stacked.set_shape([None] + element.as_list())
    return stacked


def _sized(tensor, count):
    if count is not None and tensor.shape.rank is not None:
        tensor.set_shape([count] + tensor.shape.as_list()[1:])
    return tensor


def _fold(fn, elems, initializer, reverse, keep, who):
    """The last accumulated value, or all of them, of fn(accumulated, row)."""
    fn = _check_callable(fn, who)
    rows = _Rows(elems, who)
    if initializer is None and rows.count == 0:
        raise ValueError(f"{who}: with no rows an initializer must be given")
    first = 0 if initializer is not None else 1   # the first row is the initial value then
    if _core.executing_eagerly():
        todo = rows.all()
        if reverse:
            todo.reverse()
        state = todo[0] if initializer is None else nest.map_structure(_core.convert, initializer)
        kept = [state] if initializer is None else []
        for row in todo[first:]:
            made = fn(state, row)
            nest.assert_same_structure(state, made)
            state = nest.map_structure(lambda new, old: _same_dtype(new, old), made, state)
            kept.append(state)
        if not keep:
            return state
        return nest.map_structure(lambda like, *_: like, _columns(state, kept, reverse))
    rows.take_apart()
    last = rows.size - 1

    def place(k):
        return last - k if reverse else k
    state = rows.at(place(_core.convert(0))) if initializer is None else nest.map_structure(_core.convert, initializer)
    flat = nest.flatten(state)
    arrays = [TensorArray(x.dtype, size=rows.size, element_shape=x.shape) for x in flat] if keep else []
    if initializer is None:
        arrays = [a.write(place(_core.convert(0)), x) for a, x in zip(arrays, flat)]

    def body(k, current, lists):
        made = fn(nest.pack_sequence_as(state, current), rows.at(place(k)))
        nest.assert_same_structure(state, made)
        new = [_same_dtype(x, old) for x, old in zip(nest.flatten(made), current)]
        return k + 1, new, [a.write(place(k), x) for a, x in zip(lists, new)]
    _, flat, arrays = while_loop(lambda k, *_: k < rows.size, body, (_core.convert(first), flat, arrays))
    return nest.pack_sequence_as(state, [_sized(a.stack(), rows.count) for a in arrays] if keep else flat)


def _same_dtype(new, old):
    new = new if _core.is_tensor(new) else _core.convert(new, None, old.dtype)
    if new.dtype != old.dtype:
        raise TypeError(f"fn must keep the dtype of what it accumulates: {old.dtype.name}, got {new.dtype.name}")
    return new


def _columns(like, kept, reverse):
    if reverse:
        kept = kept[::-1]
    columns = zip(*(nest.flatten(k) for k in kept))
    if not kept:
        columns = [[] for _ in nest.flatten(like)]
    return nest.pack_sequence_as(like, [
        _call("tf.stack", list(c)) if c else _call("tf.zeros", [0] + x.shape.as_list(), x.dtype)
        for c, x in zip(columns, nest.flatten(like))])


@export("scan")
def scan(fn, elems, initializer=None, parallel_iterations=10, back_prop=True, swap_memory=False, infer_shape=True,
         reverse=False, name=None):
    """Every accumulated value of fn(accumulated, row), in the order of the rows."""
    out = _fold(fn, elems, initializer, reverse, True, "scan")
    return out if back_prop else nest.map_structure(lambda t: _call("tf.stop_gradient", t), out)


@export("foldl")
def foldl(fn, elems, initializer=None, parallel_iterations=10, back_prop=True, swap_memory=False, name=None):
    """fn(accumulated, row) from the first row to the last."""
    out = _fold(fn, elems, initializer, False, False, "foldl")
    return out if back_prop else nest.map_structure(lambda t: _call("tf.stop_gradient", t), out)


@export("foldr")
def foldr(fn, elems, initializer=None, parallel_iterations=10, back_prop=True, swap_memory=False, name=None):
    """fn(accumulated, row) from the last row to the first."""
    out = _fold(fn, elems, initializer, True, False, "foldr")
    return out if back_prop else nest.map_structure(lambda t: _call("tf.stop_gradient", t), out)


@export("vectorized_map")
def vectorized_map(fn, elems, fallback_to_while_loop=True, warn=True):
    """fn of each row of `elems`, its results stacked; tensors of one row serve all rows."""
    leaves = [_core.convert(x) for x in nest.flatten(elems)]
    counts = [x.shape[0] for x in leaves]
    wide = max((n for n in counts if n is not None), default=None)
    if wide is not None and wide != 1 and 1 in counts:
        leaves = [_call("tf.repeat", x, wide, 0) if n == 1 else x for x, n in zip(leaves, counts)]
    elems = nest.pack_sequence_as(elems, leaves)
    if _core.executing_eagerly():
        made = [fn(row) for row in _Rows(elems, "vectorized_map").all()]
        if not made:
            raise ValueError("vectorized_map: elems must have at least one row when it runs eagerly")
        return _columns(nest.map_structure(_core.convert, made[0]),
                        [nest.map_structure(_core.convert, m) for m in made], False)
    scratch = _core.ScratchScope()   # what fn makes of a row tells the signature
    try:
        first = [_core.run_op("Placeholder", [], {"dtype": x.dtype, "shape": TensorShape(x.shape[1:])})[0] for x in leaves]
        seen = nest.map_structure(_core.convert, autograph.convert(fn)(nest.pack_sequence_as(elems, first)))
        signature = nest.map_structure(lambda t: TensorSpec(t.shape, t.dtype), seen)
    finally:
        scratch.close()
    return map_fn(lambda row: nest.map_structure(_core.convert, fn(row)), elems, fn_output_signature=signature)
