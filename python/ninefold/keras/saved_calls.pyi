# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.saved_calls for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class Function:
    """What tf.function makes of a Python function."""
    def __call__(self, /, *args: Any, **kwargs: Any) -> Any: ...
    def __init__(self, python_function: Any, name: Any, input_signature: Any = ..., autograph: Any = ..., jit_compile: Any = ..., reduce_retracing: Any = ..., experimental_implements: Any = ..., experimental_autograph_options: Any = ..., bound_to: Any = ...) -> None: ...
    def experimental_get_compiler_ir(self, *args: Any, **kwargs: Any) -> Any: ...
    def experimental_get_tracing_count(self) -> Any: ...
    function_spec: Any
    def get_concrete_function(self, *args: Any, **kwargs: Any) -> Any: ...
    def pretty_printed_concrete_signatures(self, verbose: Any = ...) -> Any: ...
    python_function: Any

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

def functions_of(layer: Any, calls: Any, graph: Any = ...) -> Any:
    """{name: tf.function} of a layer's call, traced for `calls`: its outputs, and its outputs with the losses that they add."""

def note(layer: Any, args: Any, kwargs: Any) -> Any:
    """Keeps the form of a layer's call: the first one, and all that come while a model is saved."""

def open_batch(structure: Any) -> Any:
    """The same specs for batches of any size."""

def pseudo_names(structure: Any, prefix: Any) -> Any:
    """Names of a subclassed model's inputs or outputs: input_1, input_2; the keys of dicts."""

def save_spec(model: Any, dynamic_batch: Any = ...) -> Any:
    """([inputs, ...], {keyword: ...}) that a model is called with; None if nothing says so."""

def serving(model: Any, specs: Any) -> Any:
    """The concrete function that a model serves with: named tensors in, named tensors out, inference."""

def specs_of(structure: Any) -> Any: ...

def takes_training(layer: Any) -> Any:
    """Whether the layer's own call has an argument `training`."""

def tf_function(func: Any = ..., input_signature: Any = ..., autograph: Any = ..., jit_compile: Any = ..., reduce_retracing: Any = ..., experimental_implements: Any = ..., experimental_autograph_options: Any = ..., experimental_relax_shapes: Any = ..., experimental_compile: Any = ..., experimental_follow_type_hints: Any = ...) -> Any:
    """Compiles a function: a decorator, with or without arguments."""

watched: Any

def watching() -> Any:
    """Notes all calls of layers within the block."""
