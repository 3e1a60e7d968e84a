# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.debugging for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

def Assert(condition: TensorLike, data: Any, summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError with the first elements of the data if the condition does not hold."""

def assert_all_finite(x: TensorLike, message: str, name: str | None = ...) -> Tensor:
    """The same tensor; raises InvalidArgumentError with the message if an element is infinite or NaN."""

def assert_equal(x: TensorLike, y: TensorLike, message: str | None = ..., summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless x == y holds for every element."""

def assert_greater(x: TensorLike, y: TensorLike, message: str | None = ..., summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless x > y holds for every element."""

def assert_greater_equal(x: TensorLike, y: TensorLike, message: str | None = ..., summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless x >= y holds for every element."""

def assert_integer(x: TensorLike, message: str | None = ..., name: str | None = ...) -> Any:
    """Raises TypeError unless x is of an integer dtype."""

def assert_less(x: TensorLike, y: TensorLike, message: str | None = ..., summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless x < y holds for every element."""

def assert_less_equal(x: TensorLike, y: TensorLike, message: str | None = ..., summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless x <= y holds for every element."""

def assert_near(x: TensorLike, y: TensorLike, rtol: Any = ..., atol: Any = ..., message: str | None = ..., summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless |x - y| < atol + rtol |y|; both default to ten times the dtype's epsilon."""

def assert_negative(x: TensorLike, message: str | None = ..., summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless every element is below 0."""

def assert_non_negative(x: TensorLike, message: str | None = ..., summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless no element is below 0."""

def assert_non_positive(x: TensorLike, message: str | None = ..., summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless no element is above 0."""

def assert_none_equal(x: TensorLike, y: TensorLike, summarize: int | None = ..., message: str | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless x != y holds for every element."""

def assert_positive(x: TensorLike, message: str | None = ..., summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless every element is above 0."""

def assert_proper_iterable(values: Any) -> Any:
    """Raises TypeError for tensors, arrays, texts, and what cannot be gone through."""

def assert_rank(x: TensorLike, rank: Any, message: str | None = ..., name: str | None = ...) -> Any:
    """Raises ValueError unless x has this rank."""

def assert_rank_at_least(x: TensorLike, rank: Any, message: str | None = ..., name: str | None = ...) -> Any:
    """Raises ValueError unless x has at least this rank."""

def assert_rank_in(x: TensorLike, ranks: Any, message: str | None = ..., name: str | None = ...) -> Any:
    """Raises ValueError unless x has one of these ranks."""

def assert_same_float_dtype(tensors: Any = ..., dtype: Any = ...) -> Any:
    """The dtype that all tensors have, float32 if there are none. Raises ValueError if they differ or are no floats."""

def assert_scalar(tensor: TensorLike, message: str | None = ..., name: str | None = ...) -> Tensor:
    """Raises ValueError unless it is a scalar; gives it back."""

def assert_shapes(shapes: Any, data: Any = ..., summarize: Any = ..., message: Any = ..., name: Any = ...) -> Any:
    """Checks shapes that share sizes: [(tensor, ("N", 3)), ...]; a dict will do. Raises ValueError."""

def assert_type(tensor: TensorLike, tf_type: Any, message: str | None = ..., name: str | None = ...) -> Any:
    """Raises TypeError unless the tensor is of this dtype."""

def check_numerics(tensor: TensorLike, message: str, name: str | None = ...) -> Tensor:
    """The same tensor; raises InvalidArgumentError with the message if an element is infinite or NaN."""

def disable_check_numerics() -> Any:
    """Undoes enable_check_numerics. Functions that were traced before go on checking."""

def disable_traceback_filtering() -> Any: ...

def enable_check_numerics(stack_height_limit: Any = ..., path_length_limit: Any = ...) -> Any:
    """From now on InvalidArgumentError at the op whose output holds an infinity or NaN, eagerly and in functions that are traced from now on, on this thread. The error shows at most so many lines of the stack of a function's op, and so many of the last characters of a path; None: all."""

def enable_traceback_filtering() -> Any:
    """Tracebacks hold few frames of ours anyway."""

def get_log_device_placement() -> Any: ...

def is_numeric_tensor(tensor: Any) -> Any:
    """True iff it is a tensor of numbers."""

def is_traceback_filtering_enabled() -> Any: ...

def set_log_device_placement(enabled: Any) -> Any:
    """True: each eager op says on stderr where it runs, and a function where its ops will run when it is traced."""
