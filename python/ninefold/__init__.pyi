# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf for editors and checkers.
from typing import Any, Sequence

TensorLike = Any

class AggregationMethod:
    """What tf.gradients takes as `aggregation_method`: how gradients are added up."""
    ADD_N: Any
    DEFAULT: Any
    EXPERIMENTAL_ACCUMULATE_N: Any
    EXPERIMENTAL_TREE: Any
    def __init__(self) -> None: ...

def Assert(condition: TensorLike, data: Any, summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError with the first elements of the data if the condition does not hold."""

class DType:
    """The type of a tensor's elements."""
    def __init__(self, type_enum: Any) -> None: ...
    as_datatype_enum: Any
    as_numpy_dtype: Any
    base_dtype: Any
    is_bool: Any
    def is_compatible_with(self, other: Any) -> Any: ...
    is_complex: Any
    is_floating: Any
    is_integer: Any
    is_numpy_compatible: Any
    is_quantized: Any
    is_unsigned: Any
    limits: Any
    max: Any
    min: Any
    name: Any
    real_dtype: Any
    size: Any

class DeviceSpec:
    """A device's name in parts; it never changes."""
    def __init__(self, job: Any = ..., replica: Any = ..., task: Any = ..., device_type: Any = ..., device_index: Any = ...) -> None: ...
    device_index: Any
    device_type: Any
    @classmethod
    def from_string(cls, spec: Any) -> Any: ...
    job: Any
    def make_merged_spec(self, dev: Any) -> Any: ...
    @classmethod
    def parse_from_string(cls, spec: Any) -> Any: ...
    def replace(self, **kwargs: Any) -> Any: ...
    replica: Any
    task: Any
    def to_string(self) -> Any: ...

class GradientTape:
    """Records ops for differentiation."""
    def __init__(self, persistent: Any = ..., watch_accessed_variables: Any = ...) -> None: ...
    def batch_jacobian(self, target: Any, source: Any, unconnected_gradients: Any = ..., parallel_iterations: Any = ..., experimental_use_pfor: Any = ...) -> Any: ...
    def gradient(self, target: Any, sources: Any, output_gradients: Any = ..., unconnected_gradients: Any = ...) -> Any: ...
    def jacobian(self, target: Any, sources: Any, unconnected_gradients: Any = ..., parallel_iterations: Any = ..., experimental_use_pfor: Any = ...) -> Any: ...
    def reset(self) -> Any: ...
    def stop_recording(self) -> Any: ...
    def watch(self, tensor: Any) -> Any: ...
    def watched_variables(self) -> Any: ...

class Graph:
    """The graph of a function: operations that are found by name. A class of it gives `get_operations()`."""
    def __init__(self) -> None: ...
    def as_default(self) -> Any: ...
    def as_graph_element(self, obj: Any, allow_tensor: Any = ..., allow_operation: Any = ...) -> Any: ...
    def get_operation_by_name(self, name: Any) -> Any: ...
    def get_operations(self) -> Any: ...
    def get_tensor_by_name(self, name: Any) -> Any: ...

class IndexedSlices:
    """values[i] stands at row indices[i] of a tensor of shape dense_shape."""
    def __init__(self, values: Any, indices: Any, dense_shape: Any = ...) -> None: ...
    def consumers(self) -> Any: ...
    dense_shape: Any
    device: Any
    dtype: Any
    graph: Any
    indices: Any
    name: Any
    op: Any
    shape: Any
    values: Any

class IndexedSlicesSpec(TypeSpec):
    """What IndexedSlices will be."""
    def __init__(self, shape: Any = ..., dtype: Any = ..., indices_dtype: Any = ..., dense_shape_dtype: Any = ..., indices_shape: Any = ...) -> None: ...
    value_type: Any

class Module:
    """A named container of variables and other modules. Keras' layers are modules too; `_module_attributes_` says what theirs hold."""
    def __init__(self, name: Any = ...) -> None: ...
    name: Any
    name_scope: Any
    non_trainable_variables: Any
    submodules: Any
    trainable_variables: Any
    variables: Any
    @classmethod
    def with_name_scope(cls, method: Any) -> Any: ...

class Operation:
    """A node of a graph. `node`: (name, op, inputs, names of what it waits for, specs of outputs, attributes)."""
    def __init__(self, graph: Any, node: Any) -> None: ...
    control_inputs: Any
    device: Any
    def get_attr(self, name: Any) -> Any: ...
    inputs: Any
    name: Any
    node_def: Any
    outputs: Any
    type: Any
    def values(self) -> Any: ...

class OptionalSpec(TypeSpec):
    """What an Optional will be: what it may hold."""
    def __init__(self, element_spec: Any) -> None: ...
    @classmethod
    def from_value(cls, value: Any) -> Any: ...
    value_type: Any

PUBLIC: Any

class RaggedTensor:
    """A tensor whose rows differ in length: values and where each row ends."""
    def __getitem__(self, key: Any) -> Any: ...
    def __init__(self, values: Any, row_partition: Any, internal: Any = ...) -> None: ...
    def __iter__(self) -> Any: ...
    def bounding_shape(self, axis: Any = ..., name: Any = ..., out_type: Any = ...) -> Any: ...
    def consumers(self) -> Any: ...
    dtype: Any
    flat_values: Any
    @classmethod
    def from_nested_row_lengths(cls, flat_values: Any, nested_row_lengths: Any, name: Any = ..., validate: Any = ...) -> Any: ...
    @classmethod
    def from_nested_row_splits(cls, flat_values: Any, nested_row_splits: Any, name: Any = ..., validate: Any = ...) -> Any: ...
    @classmethod
    def from_nested_value_rowids(cls, flat_values: Any, nested_value_rowids: Any, nested_nrows: Any = ..., name: Any = ..., validate: Any = ...) -> Any: ...
    @classmethod
    def from_row_lengths(cls, values: Any, row_lengths: Any, name: Any = ..., validate: Any = ...) -> Any: ...
    @classmethod
    def from_row_limits(cls, values: Any, row_limits: Any, name: Any = ..., validate: Any = ...) -> Any: ...
    @classmethod
    def from_row_splits(cls, values: Any, row_splits: Any, name: Any = ..., validate: Any = ...) -> Any: ...
    @classmethod
    def from_row_starts(cls, values: Any, row_starts: Any, name: Any = ..., validate: Any = ...) -> Any: ...
    @classmethod
    def from_sparse(cls, st_input: Any, name: Any = ..., row_splits_dtype: Any = ...) -> Any: ...
    @classmethod
    def from_tensor(cls, tensor: Any, lengths: Any = ..., padding: Any = ..., ragged_rank: Any = ..., name: Any = ..., row_splits_dtype: Any = ...) -> Any: ...
    @classmethod
    def from_uniform_row_length(cls, values: Any, uniform_row_length: Any, nrows: Any = ..., validate: Any = ..., name: Any = ...) -> Any: ...
    @classmethod
    def from_value_rowids(cls, values: Any, value_rowids: Any, nrows: Any = ..., name: Any = ..., validate: Any = ...) -> Any: ...
    def get_shape(self) -> Any: ...
    def merge_dims(self, outer_axis: Any, inner_axis: Any) -> Any: ...
    def nested_row_lengths(self, name: Any = ...) -> Any: ...
    nested_row_splits: Any
    def nested_value_rowids(self, name: Any = ...) -> Any: ...
    def nrows(self, out_type: Any = ..., name: Any = ...) -> Any: ...
    def numpy(self) -> Any: ...
    ragged_rank: Any
    def row_lengths(self, axis: Any = ..., name: Any = ...) -> Any: ...
    def row_limits(self, name: Any = ...) -> Any: ...
    row_splits: Any
    def row_starts(self, name: Any = ...) -> Any: ...
    shape: Any
    def to_list(self) -> Any: ...
    def to_sparse(self, name: Any = ...) -> Any: ...
    def to_tensor(self, default_value: Any = ..., name: Any = ..., shape: Any = ...) -> Any: ...
    uniform_row_length: Any
    def value_rowids(self, name: Any = ...) -> Any: ...
    values: Any
    def with_flat_values(self, new_values: Any) -> Any: ...
    def with_row_splits_dtype(self, dtype: Any) -> Any: ...
    def with_values(self, new_values: Any) -> Any: ...

class RaggedTensorSpec(TypeSpec):
    """What a ragged tensor will be."""
    def __init__(self, shape: Any = ..., dtype: Any = ..., ragged_rank: Any = ..., row_splits_dtype: Any = ..., flat_values_spec: Any = ...) -> None: ...
    dtype: Any
    flat_values_spec: Any
    @classmethod
    def from_value(cls, value: Any) -> Any: ...
    def is_compatible_with(self, spec_or_value: Any) -> Any: ...
    def is_subtype_of(self, other: Any) -> Any: ...
    def most_specific_compatible_type(self, other: Any) -> Any: ...
    ragged_rank: Any
    row_splits_dtype: Any
    shape: Any
    value_type: Any

class RegisterGradient:
    """Decorator: f(op, *flows) says what flows back into the inputs of `op`, for ops that name `op_type` as their gradient: those within Graph.gradient_override_map, and nodes of imported graphs."""
    def __call__(self, f: Any) -> Any: ...
    def __init__(self, op_type: Any) -> None: ...

class SparseTensor:
    """values[i] stands at indices[i] of a tensor of shape dense_shape; all else is 0."""
    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None: ...
    def consumers(self) -> Any: ...
    dense_shape: Any
    dtype: Any
    @classmethod
    def from_value(cls, sparse_tensor_value: Any) -> Any: ...
    def get_shape(self) -> Any: ...
    graph: Any
    indices: Any
    op: Any
    shape: Any
    values: Any
    def with_values(self, new_values: Any) -> Any: ...

class SparseTensorSpec(TypeSpec):
    """What a sparse tensor will be."""
    def __init__(self, shape: Any = ..., dtype: Any = ...) -> None: ...
    dtype: Any
    @classmethod
    def from_value(cls, value: Any) -> Any: ...
    def is_compatible_with(self, spec_or_value: Any) -> Any: ...
    def is_subtype_of(self, other: Any) -> Any: ...
    def most_specific_compatible_type(self, other: Any) -> Any: ...
    shape: Any
    value_type: Any

class Tensor:
    def __getitem__(self, key: Any, /) -> Any: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def __iter__(self, /) -> Any: ...
    def __len__(self, /) -> Any: ...
    backing_device: Any
    device: Any
    dtype: Any
    def eval(self, *args: Any, **kwargs: Any) -> Any: ...
    def experimental_ref(self) -> Any: ...
    def get_shape(self, *args: Any, **kwargs: Any) -> Any: ...
    graph: Any
    name: Any
    ndim: Any
    op: Any
    def ref(self) -> Any: ...
    def set_shape(self, *args: Any, **kwargs: Any) -> Any: ...
    shape: Any
    value_index: Any

class TensorArray:
    """An array of tensors; each write gives the array that holds it."""
    def __init__(self, dtype: Any, size: Any = ..., dynamic_size: Any = ..., clear_after_read: Any = ..., tensor_array_name: Any = ..., handle: Any = ..., flow: Any = ..., infer_shape: Any = ..., element_shape: Any = ..., colocate_with_first_write_call: Any = ..., name: Any = ...) -> None: ...
    def close(self, name: Any = ...) -> Any: ...
    def concat(self, name: Any = ...) -> Any: ...
    dtype: Any
    dynamic_size: Any
    element_shape: Any
    flow: Any
    def gather(self, indices: Any, name: Any = ...) -> Any: ...
    def grad(self, source: Any, flow: Any = ..., name: Any = ...) -> Any: ...
    handle: Any
    def identity(self) -> Any: ...
    def read(self, index: Any, name: Any = ...) -> Any: ...
    def scatter(self, indices: Any, value: Any, name: Any = ...) -> Any: ...
    def size(self, name: Any = ...) -> Any: ...
    def split(self, value: Any, lengths: Any, name: Any = ...) -> Any: ...
    def stack(self, name: Any = ...) -> Any: ...
    def unstack(self, value: Any, name: Any = ...) -> Any: ...
    def write(self, index: Any, value: Any, name: Any = ...) -> Any: ...

class TensorArraySpec(TypeSpec):
    """What a TensorArray will be."""
    def __init__(self, element_shape: Any = ..., dtype: Any = ..., dynamic_size: Any = ..., infer_shape: Any = ...) -> None: ...
    value_type: Any

class TensorShape:
    """The shape of a tensor, whole, partial or unknown."""
    def __getitem__(self, key: Any) -> Any: ...
    def __init__(self, dims: Any) -> None: ...
    def __iter__(self) -> Any: ...
    def __len__(self) -> Any: ...
    def as_list(self) -> Any: ...
    def as_proto(self) -> Any: ...
    def assert_has_rank(self, rank: Any) -> Any: ...
    def assert_is_compatible_with(self, other: Any) -> Any: ...
    def assert_is_fully_defined(self) -> Any: ...
    def assert_same_rank(self, other: Any) -> Any: ...
    def concatenate(self, other: Any) -> Any: ...
    dims: Any
    def is_compatible_with(self, other: Any) -> Any: ...
    def is_fully_defined(self) -> Any: ...
    def is_subtype_of(self, other: Any) -> Any: ...
    def merge_with(self, other: Any) -> Any: ...
    def most_specific_compatible_shape(self, other: Any) -> Any: ...
    ndims: Any
    def num_elements(self) -> Any: ...
    rank: Any
    def with_rank(self, rank: Any) -> Any: ...
    def with_rank_at_least(self, rank: Any) -> Any: ...
    def with_rank_at_most(self, rank: Any) -> Any: ...

class TensorSpec(TypeSpec):
    """The shape and dtype of a tensor."""
    def __init__(self, shape: Any, dtype: Any = ..., name: Any = ...) -> None: ...
    dtype: Any
    @classmethod
    def from_spec(cls, spec: Any, name: Any = ...) -> Any: ...
    @classmethod
    def from_tensor(cls, tensor: Any, name: Any = ...) -> Any: ...
    def is_compatible_with(self, spec_or_tensor: Any) -> Any: ...
    def is_subtype_of(self, other: Any) -> Any: ...
    def most_specific_common_supertype(self, others: Any) -> Any: ...
    def most_specific_compatible_type(self, other: Any) -> Any: ...
    name: Any
    shape: Any
    value_type: Any

class TypeSpec:
    """The type of a value that functions take and datasets give."""
    def __init__(self) -> None: ...
    def is_compatible_with(self, spec_or_value: Any) -> Any: ...
    def is_subtype_of(self, other: Any) -> Any: ...
    def most_specific_common_supertype(self, others: Any) -> Any: ...
    value_type: Any

class UnconnectedGradients:
    NONE: Any
    ZERO: Any

class Variable:
    """A tensor that can be assigned to."""
    SaveSliceInfo: Any
    def __getitem__(self, key: Any) -> Any: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def __iter__(self) -> Any: ...
    def __len__(self) -> Any: ...
    aggregation: Any
    def assign(self, value: Any, use_locking: Any = ..., name: Any = ..., read_value: Any = ...) -> Any: ...
    def assign_add(self, delta: Any, use_locking: Any = ..., name: Any = ..., read_value: Any = ...) -> Any: ...
    def assign_sub(self, delta: Any, use_locking: Any = ..., name: Any = ..., read_value: Any = ...) -> Any: ...
    def batch_scatter_update(self, sparse_delta: Any, use_locking: Any = ..., name: Any = ...) -> Any: ...
    constraint: Any
    create: Any
    device: Any
    dtype: Any
    def eval(self, session: Any = ...) -> Any: ...
    def experimental_ref(self) -> Any: ...
    def gather_nd(self, indices: Any, name: Any = ...) -> Any: ...
    def get_shape(self) -> Any: ...
    graph: Any
    handle: Any
    initial_value: Any
    def initialized_value(self) -> Any: ...
    initializer: Any
    def is_initialized(self, name: Any = ...) -> Any: ...
    name: Any
    def numpy(self) -> Any: ...
    op: Any
    def read_value(self, *args: Any, **kwargs: Any) -> Any: ...
    def ref(self) -> Any: ...
    def scatter_add(self, sparse_delta: Any, use_locking: Any = ..., name: Any = ...) -> Any: ...
    def scatter_div(self, sparse_delta: Any, use_locking: Any = ..., name: Any = ...) -> Any: ...
    def scatter_max(self, sparse_delta: Any, use_locking: Any = ..., name: Any = ...) -> Any: ...
    def scatter_min(self, sparse_delta: Any, use_locking: Any = ..., name: Any = ...) -> Any: ...
    def scatter_mul(self, sparse_delta: Any, use_locking: Any = ..., name: Any = ...) -> Any: ...
    def scatter_nd_add(self, indices: Any, updates: Any, name: Any = ...) -> Any: ...
    def scatter_nd_max(self, indices: Any, updates: Any, name: Any = ...) -> Any: ...
    def scatter_nd_min(self, indices: Any, updates: Any, name: Any = ...) -> Any: ...
    def scatter_nd_sub(self, indices: Any, updates: Any, name: Any = ...) -> Any: ...
    def scatter_nd_update(self, indices: Any, updates: Any, name: Any = ...) -> Any: ...
    def scatter_sub(self, sparse_delta: Any, use_locking: Any = ..., name: Any = ...) -> Any: ...
    def scatter_update(self, sparse_delta: Any, use_locking: Any = ..., name: Any = ...) -> Any: ...
    def set_shape(self, shape: Any) -> Any: ...
    shape: Any
    def sparse_read(self, indices: Any, name: Any = ...) -> Any: ...
    synchronization: Any
    trainable: Any
    def value(self) -> Any: ...

class VariableAggregation:
    MEAN: Any
    NONE: Any
    ONLY_FIRST_REPLICA: Any
    SUM: Any

class VariableSynchronization:
    AUTO: Any
    NONE: Any
    ON_READ: Any
    ON_WRITE: Any

__version__: str

def abs(x: TensorLike, name: str | None = ...) -> Tensor:
    """|x|; of complex numbers as real numbers."""

def acos(x: TensorLike, name: str | None = ...) -> Tensor:
    """The angle in [0, pi] whose cosine is x."""

def acosh(x: TensorLike, name: str | None = ...) -> Tensor:
    """The inverse hyperbolic cosine; NaN below 1."""

def add(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x + y; strings are joined."""

def add_n(inputs: Sequence[TensorLike], name: str | None = ...) -> Tensor:
    """The sum of a list of tensors of one dtype and shape."""

def argmax(input: TensorLike, axis: Any = ..., output_type: Any = ..., name: str | None = ...) -> Tensor:
    """The index of the largest element along an axis (0 if none is given), the first of equal ones."""

def argmin(input: TensorLike, axis: Any = ..., output_type: Any = ..., name: str | None = ...) -> Tensor:
    """The index of the smallest element along an axis (0 if none is given), the first of equal ones."""

def argsort(values: TensorLike, axis: int = ..., direction: str = ..., stable: bool = ..., name: str | None = ...) -> Tensor:
    """The indices that put the elements in order along an axis; equal ones keep theirs, whatever `stable` says."""

def as_dtype(type_value: Any) -> Any:
    """The DType for a DType, its name or number, a NumPy dtype or a Python type."""

def as_string(input: TensorLike, precision: int = ..., scientific: bool = ..., shortest: bool = ..., width: int = ..., fill: str = ..., name: str | None = ...) -> Tensor:
    """Each number as text, as printf writes it; `fill` is one of '', '0', ' ', '+', '-'."""

def asin(x: TensorLike, name: str | None = ...) -> Tensor:
    """The angle in [-pi/2, pi/2] whose sine is x."""

def asinh(x: TensorLike, name: str | None = ...) -> Tensor:
    """The inverse hyperbolic sine."""

def assert_equal(x: TensorLike, y: TensorLike, message: str | None = ..., summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless x == y holds for every element."""

def assert_greater(x: TensorLike, y: TensorLike, message: str | None = ..., summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless x > y holds for every element."""

def assert_less(x: TensorLike, y: TensorLike, message: str | None = ..., summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless x < y holds for every element."""

def assert_rank(x: TensorLike, rank: Any, message: str | None = ..., name: str | None = ...) -> Any:
    """Raises ValueError unless x has this rank."""

def atan(x: TensorLike, name: str | None = ...) -> Tensor:
    """The angle in (-pi/2, pi/2) whose tangent is x."""

def atan2(y: TensorLike, x: TensorLike, name: str | None = ...) -> Tensor:
    """The angle of the point (x, y), in [-pi, pi]."""

def atanh(x: TensorLike, name: str | None = ...) -> Tensor:
    """The inverse hyperbolic tangent; NaN outside [-1, 1]."""

from . import audio as audio

from . import autodiff as autodiff

def batch_to_space(input: TensorLike, block_shape: Any, crops: Any, name: str | None = ...) -> Tensor:
    """Puts batch entries back into blocks of space, then crops: the inverse of tf.space_to_batch."""

bfloat16: Any

def bitcast(input: TensorLike, type: Any, name: str | None = ...) -> Tensor:
    """The same bytes as another dtype: a narrower one adds a dimension, a wider one takes the last away."""

from . import bitwise as bitwise

bool: Any

def boolean_mask(tensor: TensorLike, mask: TensorLike, axis: int | None = ..., name: str = ...) -> Tensor:
    """The slices along axis (and the following, if mask has several) at which mask is true."""

def broadcast_dynamic_shape(shape_x: Any, shape_y: Any) -> Tensor:
    """The shape that two shapes broadcast to, as a tensor."""

def broadcast_static_shape(shape_x: Any, shape_y: Any) -> Any:
    """The shape that two shapes broadcast to."""

def broadcast_to(input: TensorLike, shape: Any, name: str | None = ...) -> Tensor:
    """The tensor repeated to `shape` by NumPy's rules of broadcasting."""

def case(pred_fn_pairs: Any, default: Any = ..., exclusive: Any = ..., strict: Any = ..., name: Any = ...) -> Any:
    """The function of the first predicate that holds, else `default`."""

def cast(x: TensorLike, dtype: Any, name: str | None = ...) -> Tensor:
    """The values in another dtype: floats truncate towards zero, bool is x != 0, complex loses its imaginary part."""

def clip_by_global_norm(t_list: Sequence[TensorLike], clip_norm: TensorLike, use_norm: TensorLike | None = ..., name: str | None = ...) -> Any:
    """The list, scaled down together where its global norm is above clip_norm; and that norm. All are NaN if the norm is not finite. None stays None."""

def clip_by_norm(t: TensorLike, clip_norm: TensorLike, axes: Any = ..., name: str | None = ...) -> Tensor:
    """t, scaled down where its L2 norm over `axes` (None: all) is above clip_norm."""

def clip_by_value(t: TensorLike, clip_value_min: TensorLike, clip_value_max: TensorLike, name: str | None = ...) -> Tensor:
    """max(min(t, clip_value_max), clip_value_min); the bounds broadcast to t, whose shape the result has."""

def complex(real: TensorLike, imag: TensorLike, name: str | None = ...) -> Tensor:
    """real + i imag, of float32 or float64 parts."""

complex128: Any

complex64: Any

def concat(values: Sequence[TensorLike], axis: Any, name: str = ...) -> Tensor:
    """Tensors of one rank joined along `axis`; the other dimensions must agree."""

def cond(pred: Any, true_fn: Any = ..., false_fn: Any = ..., name: Any = ...) -> Any:
    """true_fn() if pred else false_fn(), also where pred is known only when the function runs."""

from . import config as config

def constant(value: Any, dtype: Any = ..., shape: Any = ..., name: Any = ...) -> Any:
    """A constant tensor from a Python value or a NumPy array."""

def control_dependencies(control_inputs: Any) -> Any:
    """The order of effects is kept by itself: this only checks its argument."""

def convert_to_tensor(value: Any, dtype: Any = ..., dtype_hint: Any = ..., name: Any = ...) -> Any:
    """`value` as a tensor; `dtype` must hold, `dtype_hint` is tried."""

def cos(x: TensorLike, name: str | None = ...) -> Tensor:
    """The cosine of an angle in radians."""

def cosh(x: TensorLike, name: str | None = ...) -> Tensor:
    """The hyperbolic cosine."""

def cumsum(x: TensorLike, axis: Any = ..., exclusive: bool = ..., reverse: bool = ..., name: str | None = ...) -> Tensor:
    """Running sum along an axis; `exclusive` leaves each element's own value out, `reverse` starts at the end."""

def custom_gradient(f: Any = ...) -> Any:
    """Decorator: f returns (results, grad_fn); grad_fn says what flows back."""

from . import data as data

from . import debugging as debugging

class device:
    """Ops inside run on this device."""
    def __init__(self, device_name: Any) -> None: ...

def divide(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x / y as Python 3 divides; see tf.math.truediv."""

double: Any

from . import dtypes as dtypes

def dynamic_partition(data: TensorLike, partitions: Any, num_partitions: int, name: str | None = ...) -> list[Tensor]:
    """Output i has the rows of data whose partition is i, in order."""

def dynamic_stitch(indices: Any, data: Sequence[TensorLike], name: str | None = ...) -> Tensor:
    """Row indices[m][i] of the result is row i of data[m]; of several the last."""

def eig(tensor: TensorLike, name: str | None = ...) -> list[Tensor]:
    """Complex eigenvalues, by rising absolute value, and eigenvectors, in columns, of any square matrices."""

def eigvals(tensor: TensorLike, name: str | None = ...) -> Tensor:
    """Complex eigenvalues, by rising absolute value, of any square matrices."""

def einsum(equation: str, *inputs: Any, name: str | None = ...) -> Tensor:
    """Sums of products over labelled axes: "ij,jk->ik" is a matrix product, "ii->i" a diagonal, "..." any axes in front. Without "->" the labels that occur once are kept, in alphabetical order."""

def ensure_shape(x: TensorLike, shape: Any, name: str | None = ...) -> Tensor:
    """The same tensor, known to be of this shape; raises InvalidArgumentError if it is not."""

def equal(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """Where x == y."""

from . import errors as errors

def executing_eagerly() -> Any:
    """False inside a function that is being traced."""

def exp(x: TensorLike, name: str | None = ...) -> Tensor:
    """e^x."""

def expand_dims(input: TensorLike, axis: Any, name: str | None = ...) -> Tensor:
    """A dimension of one, inserted at index `axis` of the shape."""

from . import experimental as experimental

def eye(num_rows: Any, num_columns: Any = ..., batch_shape: Any = ..., dtype: Any = ..., name: str | None = ...) -> Tensor:
    """Matrices with ones on the diagonal and zeros elsewhere; batch_shape of them."""

def fill(dims: Any, value: TensorLike, name: str | None = ...) -> Tensor:
    """A tensor of shape `dims`, all elements `value`."""

def fingerprint(data: TensorLike, method: Any = ..., name: str | None = ...) -> Tensor:
    """FarmHash' Fingerprint64 of each row's bytes, as eight bytes."""

float: Any

float16: Any

float32: Any

float64: Any

def floor(x: TensorLike, name: str | None = ...) -> Tensor:
    """The largest integer that is not above x, as a float."""

def foldl(fn: Any, elems: Any, initializer: Any = ..., parallel_iterations: Any = ..., back_prop: Any = ..., swap_memory: Any = ..., name: Any = ...) -> Any:
    """fn(accumulated, row) from the first row to the last."""

def foldr(fn: Any, elems: Any, initializer: Any = ..., parallel_iterations: Any = ..., back_prop: Any = ..., swap_memory: Any = ..., name: Any = ...) -> Any:
    """fn(accumulated, row) from the last row to the first."""

def function(func: Any = ..., input_signature: Any = ..., autograph: Any = ..., jit_compile: Any = ..., reduce_retracing: Any = ..., experimental_implements: Any = ..., experimental_autograph_options: Any = ..., experimental_relax_shapes: Any = ..., experimental_compile: Any = ..., experimental_follow_type_hints: Any = ...) -> Any:
    """Compiles a function: a decorator, with or without arguments."""

def gather(params: TensorLike, indices: TensorLike, validate_indices: Any = ..., axis: Any = ..., batch_dims: int = ..., name: str | None = ...) -> Tensor:
    """Slices of params along `axis`, in the order of indices; the first batch_dims axes of both belong together. validate_indices has no effect, as in TensorFlow: indices are always checked."""

def gather_nd(params: TensorLike, indices: Any, batch_dims: int = ..., name: str | None = ...) -> Tensor:
    """The slices of params whose leading coordinates are the innermost vectors of indices; the first batch_dims axes of both belong together."""

def get_current_name_scope() -> Any:
    """The names of the scopes that are open, "outer/inner"."""

def get_logger() -> Any:
    """The logger named tensorflow."""

def get_static_value(tensor: Any, partial: Any = ...) -> Any:
    """The value of a tensor that is known now, as a NumPy array; else None."""

def grad_pass_through(f: Any) -> Any:
    """f whose gradient is that of the identity."""

def gradients(ys: Any, xs: Any, grad_ys: Any = ..., name: Any = ..., gate_gradients: Any = ..., aggregation_method: Any = ..., stop_gradients: Any = ..., unconnected_gradients: Any = ...) -> Any:
    """d(sum of ys)/dx for each x, within a function that is being traced: a list, with None where nothing flows."""

from . import graph_util as graph_util

def greater(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """Where x > y."""

def greater_equal(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """Where x >= y."""

def group(*inputs: Any, name: Any = ...) -> Any:
    """Nothing: what is given was run when it was made, in the order of the program."""

def guarantee_const(input: Any, name: Any = ...) -> Any:
    """The same tensor."""

half: Any

def hessians(ys: Any, xs: Any, gate_gradients: Any = ..., aggregation_method: Any = ..., name: Any = ...) -> Any:
    """The second derivatives of sum of ys by each x, of shape x.shape + x.shape, within a function that is being traced."""

def histogram_fixed_width(values: TensorLike, value_range: TensorLike, nbins: Any = ..., dtype: Any = ..., name: str | None = ...) -> Tensor:
    """How many values fall into each of nbins equal parts of the range; those outside count in the first and the last."""

def histogram_fixed_width_bins(values: TensorLike, value_range: TensorLike, nbins: Any = ..., dtype: Any = ..., name: str | None = ...) -> Tensor:
    """Into which of nbins equal parts of the range each value falls; those outside into the first or the last."""

def identity(input: TensorLike, name: str | None = ...) -> Tensor:
    """The same tensor, as a value of its own."""

def identity_n(input: Any, name: Any = ...) -> Any:
    """The same tensors."""

from . import image as image

def init_scope() -> Any:
    """Ops inside run now, although a function is being traced."""

def inside_function() -> Any:
    """True while a function is traced."""

int16: Any

int32: Any

int64: Any

int8: Any

from . import io as io

def is_tensor(x: Any) -> Any:
    """True for tensors, variables and composite tensors."""

from . import keras as keras

def less(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """Where x < y."""

def less_equal(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """Where x <= y."""

from . import linalg as linalg

def linspace(start: TensorLike, stop: TensorLike, num: Any, name: str | None = ..., axis: int = ...) -> Tensor:
    """num evenly spaced values from start to stop, both included, along a new axis."""

def logical_and(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x and y, for bools."""

def logical_not(x: TensorLike, name: str | None = ...) -> Tensor:
    """not x."""

def logical_or(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x or y, for bools."""

from . import lookup as lookup

def make_ndarray(tensor: Any) -> Any:
    """The array that a TensorProto holds, of its shape and dtype. Raises TypeError for resources and variants."""

def make_tensor_proto(values: Any, dtype: Any = ..., shape: Any = ..., verify_shape: Any = ..., allow_broadcast: Any = ...) -> Any:
    """`values` (a number, a string, lists of them, an array, an eager tensor) as a TensorProto of `dtype` and `shape`."""

def map_fn(fn: Any, elems: Any, dtype: Any = ..., parallel_iterations: Any = ..., back_prop: Any = ..., swap_memory: Any = ..., infer_shape: Any = ..., name: Any = ..., fn_output_signature: Any = ...) -> Any:
    """fn of each row of `elems`, one result a row; fn_output_signature tells dtypes where they are not those of elems."""

from . import math as math

def matmul(a: TensorLike, b: TensorLike, transpose_a: bool = ..., transpose_b: bool = ..., adjoint_a: bool = ..., adjoint_b: bool = ..., a_is_sparse: bool = ..., b_is_sparse: bool = ..., output_type: Any = ..., name: str | None = ...) -> Tensor:
    """Product of matrices in the last two dimensions; leading ones broadcast. adjoint_*: conjugate and transpose. *_is_sparse are hints that change no value. output_type: the dtype to compute in, for integers."""

def matrix_square_root(input: TensorLike, name: str | None = ...) -> Tensor:
    """The principal square root; of real matrices with negative eigenvalues NaN."""

def maximum(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """The larger of two; NaN if either is."""

def meshgrid(*args: Any, indexing: str = ..., name: str | None = ...) -> list[Tensor]:
    """For N vectors, N tensors of rank N that hold their values along one axis each; with indexing 'xy' the first two axes change places."""

def minimum(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """The smaller of two; NaN if either is."""

def multiply(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x * y."""

class name_scope:
    """A prefix for the names of what is made inside."""
    def __init__(self, name: Any) -> None: ...
    name: Any

def negative(x: TensorLike, name: str | None = ...) -> Tensor:
    """-x, for signed numbers."""

from . import nest as nest

newaxis: Any

from . import nn as nn

def no_gradient(op_type: Any) -> Any:
    """Notes that nothing flows back through ops of this type: those of a package's own. NotImplementedError for an op of the engine that has a gradient, which its record says."""

def no_op(name: Any = ...) -> Any:
    """Nothing; effects within a function keep their order without it."""

def norm(tensor: TensorLike, ord: Any = ..., axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """The norm of vectors or matrices along axes, of the whole tensor without them."""

def not_equal(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """Where x != y."""

def numpy_function(func: Any = ..., inp: Any = ..., Tout: Any = ..., stateful: Any = ..., name: Any = ...) -> Any:
    """func on NumPy arrays, whenever the op runs; nothing flows back through it."""

def one_hot(indices: TensorLike, depth: Any, on_value: TensorLike | None = ..., off_value: TensorLike | None = ..., axis: int | None = ..., dtype: Any = ..., name: str | None = ...) -> Tensor:
    """A new axis of length depth, off_value (0) everywhere but on_value (1) where the index says. float32 if neither a value nor a dtype is given."""

def ones(shape: Any, dtype: Any = ..., name: str | None = ...) -> Tensor:
    """A tensor of ones."""

def ones_like(input: TensorLike, dtype: Any = ..., name: str | None = ...) -> Tensor:
    """Ones in the shape of a tensor, of its dtype or another."""

def pad(tensor: TensorLike, paddings: Any, mode: str = ..., constant_values: TensorLike = ..., name: str | None = ...) -> Tensor:
    """The tensor in a frame: paddings[i] = [before, after] along axis i. mode: CONSTANT, REFLECT (mirrored without the edge) or SYMMETRIC (mirrored with it)."""

def pow(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x^y; a negative power of an integer raises InvalidArgumentError."""

def print(*inputs: Any, output_stream: Any = ..., summarize: int = ..., sep: str = ..., end: str = ..., name: str | None = ...) -> Any:
    """Prints tensors and Python values, tensors with the first and the last `summarize` elements of every axis."""

from . import profiler as profiler

def py_function(func: Any, inp: Any, Tout: Any, name: Any = ...) -> Any:
    """func on eager tensors, whenever the op runs; differentiable."""

qint16: Any

qint32: Any

qint8: Any

quint16: Any

quint8: Any

from . import ragged as ragged

from . import random as random

def range(start: TensorLike, limit: TensorLike | None = ..., delta: TensorLike = ..., dtype: Any = ..., name: str = ...) -> Tensor:
    """start, start + delta, ... as far as limit, which is left out; range(limit) starts at 0."""

def rank(input: TensorLike, name: str | None = ...) -> Tensor:
    """The number of dimensions."""

def realdiv(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x / y of floats."""

def recompute_grad(f: Any) -> Any:
    """Decorator: what f computes is computed anew for its gradient, not kept."""

def reduce_all(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """True iff all elements over the axes are."""

def reduce_any(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """True iff some element over the axes is."""

def reduce_logsumexp(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """log(sum(exp(x))) over axes, without overflow."""

def reduce_max(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """The largest element over axes; NaN wins."""

def reduce_mean(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """Mean over axes; of integers, truncated."""

def reduce_min(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """The smallest element over axes; NaN wins."""

def reduce_prod(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """Product over axes."""

def reduce_sum(input_tensor: TensorLike, axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """Sum over axes; over all of them if none is given."""

def register_tensor_conversion_function(base_type: Any, conversion_func: Any, priority: Any = ...) -> Any: ...

def repeat(input: TensorLike, repeats: Any, axis: int | None = ..., name: str | None = ...) -> Tensor:
    """Each slice along axis as often as repeats says (one number, or one for each); without axis, of the flat tensor."""

def reshape(tensor: TensorLike, shape: Any, name: str | None = ...) -> Tensor:
    """The elements in row-major order in another shape; one dimension may be -1."""

resource: Any

def reverse(tensor: TensorLike, axis: Any, name: str | None = ...) -> Tensor:
    """The elements in reverse order along the given axes."""

def reverse_sequence(input: TensorLike, seq_lengths: Any, seq_axis: int | None = ..., batch_axis: int | None = ..., name: str | None = ...) -> Tensor:
    """For batch entry i, the first seq_lengths[i] elements along seq_axis in reverse order."""

def roll(input: TensorLike, shift: Any, axis: Any, name: str | None = ...) -> Tensor:
    """Elements moved by shift[i] along axis[i]; those pushed over the end come in at the beginning."""

def round(x: TensorLike, name: str | None = ...) -> Tensor:
    """The nearest integer, ties to even, of x's dtype; integers stay as they are."""

def saturate_cast(value: TensorLike, dtype: Any, name: str | None = ...) -> Tensor:
    """tf.cast, with values beyond the range of dtype at its end instead of wrapped."""

from . import saved_model as saved_model

def scalar_mul(scalar: TensorLike, x: TensorLike, name: str | None = ...) -> Tensor:
    """scalar * x, for a scalar of rank 0."""

def scan(fn: Any, elems: Any, initializer: Any = ..., parallel_iterations: Any = ..., back_prop: Any = ..., swap_memory: Any = ..., infer_shape: Any = ..., reverse: Any = ..., name: Any = ...) -> Any:
    """Every accumulated value of fn(accumulated, row), in the order of the rows."""

def scatter_nd(indices: Any, updates: TensorLike, shape: Any, name: str | None = ...) -> Tensor:
    """Zeros of the given shape with the sums of updates where indices point."""

def searchsorted(sorted_sequence: TensorLike, values: TensorLike, side: str = ..., out_type: Any = ..., name: str | None = ...) -> Tensor:
    """Where in the sorted last axis each value belongs: before its equals (left) or after them (right)."""

def sequence_mask(lengths: Any, maxlen: Any = ..., dtype: Any = ..., name: str | None = ...) -> Tensor:
    """For each length a row of that many ones, then zeros, as long as maxlen or the longest."""

def shape(input: TensorLike, out_type: Any = ..., name: str | None = ...) -> Tensor:
    """The dimensions of a tensor, as a vector."""

def shape_n(input: Sequence[TensorLike], out_type: Any = ..., name: str | None = ...) -> list[Tensor]:
    """The dimensions of each tensor, as vectors."""

def sigmoid(x: TensorLike, name: str | None = ...) -> Tensor:
    """1 / (1 + e^-x)."""

def sign(x: TensorLike, name: str | None = ...) -> Tensor:
    """-1, 0 or 1; x / |x| for complex numbers; NaN stays NaN."""

from . import signal as signal

def sin(x: TensorLike, name: str | None = ...) -> Tensor:
    """The sine of an angle in radians."""

def sinh(x: TensorLike, name: str | None = ...) -> Tensor:
    """The hyperbolic sine."""

def size(input: TensorLike, out_type: Any = ..., name: str | None = ...) -> Tensor:
    """The number of elements."""

def slice(input_: TensorLike, begin: Any, size: Any, name: str | None = ...) -> Tensor:
    """The part of a tensor that begins at `begin` and has shape `size`; -1 in size: the rest."""

def sort(values: TensorLike, axis: int = ..., direction: str = ..., name: str | None = ...) -> Tensor:
    """The elements in order along an axis."""

def space_to_batch(input: TensorLike, block_shape: Any, paddings: Any, name: str | None = ...) -> Tensor:
    """Pads the dimensions after the first, then makes each position within a block a batch entry of its own."""

def space_to_batch_nd(input: TensorLike, block_shape: Any, paddings: Any, name: str | None = ...) -> Tensor:
    """Pads the dimensions after the first, then makes each position within a block a batch entry of its own."""

from . import sparse as sparse

def split(value: TensorLike, num_or_size_splits: Any, axis: Any = ..., num: int | None = ..., name: str = ...) -> list[Tensor]:
    """Pieces of a tensor along `axis`: as many equal ones as the int says, or with the lengths of a list, of which one may be -1."""

def sqrt(x: TensorLike, name: str | None = ...) -> Tensor:
    """The square root; NaN below 0."""

def square(x: TensorLike, name: str | None = ...) -> Tensor:
    """x * x."""

def squeeze(input: TensorLike, axis: Any = ..., name: str | None = ...) -> Tensor:
    """The tensor without its dimensions of one, or without those of `axis` alone."""

def stack(values: Sequence[TensorLike], axis: int = ..., name: str = ...) -> Tensor:
    """Tensors of one shape along a new axis."""

def stop_gradient(input: TensorLike, name: str | None = ...) -> Tensor:
    """The same tensor; no gradient flows through it."""

def strided_slice(input_: TensorLike, begin: Any, end: Any, strides: Any = ..., begin_mask: int = ..., end_mask: int = ..., ellipsis_mask: int = ..., new_axis_mask: int = ..., shrink_axis_mask: int = ..., var: Any = ..., name: str | None = ...) -> Tensor:
    """What input_[begin:end:strides, ...] means; bit i of a mask speaks of entry i."""

string: Any

from . import strings as strings

def subtract(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x - y."""

from . import summary as summary

def switch_case(branch_index: Any, branch_fns: Any, default: Any = ..., name: Any = ...) -> Any:
    """branch_fns[branch_index](), default() (without one the last) for an index that there is not."""

from . import sysconfig as sysconfig

def tan(x: TensorLike, name: str | None = ...) -> Tensor:
    """The tangent of an angle in radians."""

def tanh(x: TensorLike, name: str | None = ...) -> Tensor:
    """The hyperbolic tangent."""

def tensor_scatter_nd_add(tensor: TensorLike, indices: Any, updates: TensorLike, name: str | None = ...) -> Tensor:
    """The tensor with updates added where indices point."""

def tensor_scatter_nd_max(tensor: TensorLike, indices: Any, updates: TensorLike, name: str | None = ...) -> Tensor:
    """The tensor with the greater of its value and the update where indices point."""

def tensor_scatter_nd_min(tensor: TensorLike, indices: Any, updates: TensorLike, name: str | None = ...) -> Tensor:
    """The tensor with the lesser of its value and the update where indices point."""

def tensor_scatter_nd_sub(tensor: TensorLike, indices: Any, updates: TensorLike, name: str | None = ...) -> Tensor:
    """The tensor with updates taken off where indices point."""

def tensor_scatter_nd_update(tensor: TensorLike, indices: Any, updates: TensorLike, name: str | None = ...) -> Tensor:
    """The tensor with updates where indices point."""

def tensordot(a: TensorLike, b: TensorLike, axes: Any, name: str | None = ...) -> Tensor:
    """Sum of products over axes of a and as many of b. axes: n (the last n of a, the first n of b), or [axes of a, axes of b]."""

from . import test as test

def tile(input: TensorLike, multiples: Any, name: str | None = ...) -> Tensor:
    """The tensor repeated multiples[i] times along axis i."""

def timestamp(name: str | None = ...) -> Tensor:
    """Seconds since 1970, as a float64."""

from . import train as train

def transpose(a: TensorLike, perm: Any = ..., conjugate: bool = ..., name: str = ...) -> Tensor:
    """Axis i of the result is axis perm[i] of a; without perm, the axes in reverse order."""

def truediv(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x / y as Python 3 divides: integers of 32 and 64 bits become float64, narrower ones float32."""

def truncatediv(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x / y rounded towards zero, for integers."""

def truncatemod(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """The remainder with the sign of x."""

def tuple(tensors: Any, control_inputs: Any = ..., name: Any = ...) -> Any:
    """The tensors, all of which are there before any is used."""

def type_spec_from_value(value: Any) -> Any:
    """The TypeSpec of a tensor, a variable, a composite tensor or what converts to one; of None a NoneTensorSpec."""

from . import types as types

uint16: Any

uint32: Any

uint64: Any

uint8: Any

def unique(x: TensorLike, out_idx: Any = ..., name: str | None = ...) -> list[Tensor]:
    """(y, idx): the distinct elements of a vector in the order in which they appear, and for each element which it is."""

def unique_with_counts(x: TensorLike, out_idx: Any = ..., name: str | None = ...) -> list[Tensor]:
    """(y, idx, count): the distinct elements of a vector, for each element which it is, and how often each occurs."""

def unravel_index(indices: Any, dims: Any, name: str | None = ...) -> Tensor:
    """The coordinates of flat indices into a shape: a row for each dimension."""

def unstack(value: TensorLike, num: int | None = ..., axis: int = ..., name: str = ...) -> list[Tensor]:
    """The slices of a tensor along one axis, which goes away."""

class variable_creator_scope:
    """Variables made inside go through `variable_creator(next_creator, **kwargs)`."""
    def __init__(self, variable_creator: Any) -> None: ...

variant: Any

def vectorized_map(fn: Any, elems: Any, fallback_to_while_loop: Any = ..., warn: Any = ...) -> Any:
    """fn of each row of `elems`, its results stacked; tensors of one row serve all rows."""

from . import version as version

def where(condition: TensorLike, x: TensorLike | None = ..., y: TensorLike | None = ..., name: str | None = ...) -> Tensor:
    """x where condition is true, y elsewhere, broadcast to one shape; without them the coordinates of what is not zero."""

def while_loop(cond: Any, body: Any, loop_vars: Any, shape_invariants: Any = ..., parallel_iterations: Any = ..., back_prop: Any = ..., swap_memory: Any = ..., maximum_iterations: Any = ..., name: Any = ...) -> Any:
    """body over loop_vars while cond holds."""

def zeros(shape: Any, dtype: Any = ..., name: str | None = ...) -> Tensor:
    """A tensor of zeros; of dtype string, of empty strings."""

def zeros_like(input: TensorLike, dtype: Any = ..., name: str | None = ...) -> Tensor:
    """Zeros in the shape of a tensor, of its dtype or another."""
