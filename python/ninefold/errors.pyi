# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.errors for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

ABORTED: int

ALREADY_EXISTS: int

class AbortedError(OpError):
    """An op's error of code 10."""
    def __init__(self, node_def: Any, op: Any, message: Any, *args: Any) -> None: ...

class AlreadyExistsError(OpError):
    """An op's error of code 6."""
    def __init__(self, node_def: Any, op: Any, message: Any, *args: Any) -> None: ...

CANCELLED: int

class CancelledError(OpError):
    """An op's error of code 1."""
    def __init__(self, node_def: Any, op: Any, message: Any, *args: Any) -> None: ...

DATA_LOSS: int

DEADLINE_EXCEEDED: int

class DataLossError(OpError):
    """An op's error of code 15."""
    def __init__(self, node_def: Any, op: Any, message: Any, *args: Any) -> None: ...

class DeadlineExceededError(OpError):
    """An op's error of code 4."""
    def __init__(self, node_def: Any, op: Any, message: Any, *args: Any) -> None: ...

FAILED_PRECONDITION: int

class FailedPreconditionError(OpError):
    """An op's error of code 9."""
    def __init__(self, node_def: Any, op: Any, message: Any, *args: Any) -> None: ...

INTERNAL: int

INVALID_ARGUMENT: int

class InternalError(OpError):
    """An op's error of code 13."""
    def __init__(self, node_def: Any, op: Any, message: Any, *args: Any) -> None: ...

class InvalidArgumentError(OpError):
    """An op's error of code 3."""
    def __init__(self, node_def: Any, op: Any, message: Any, *args: Any) -> None: ...

NOT_FOUND: int

class NotFoundError(OpError):
    """An op's error of code 5."""
    def __init__(self, node_def: Any, op: Any, message: Any, *args: Any) -> None: ...

OK: int

OUT_OF_RANGE: int

class OpError:
    """What went wrong in an op: node_def, op, message, error_code."""
    def __init__(self, node_def: Any, op: Any, message: Any, error_code: Any, *args: Any) -> None: ...
    error_code: Any
    experimental_payloads: Any
    message: Any
    node_def: Any
    op: Any

class OperatorNotAllowedInGraphError:
    """A Python operator that needs a value met a symbolic tensor."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

class OutOfRangeError(OpError):
    """An op's error of code 11."""
    def __init__(self, node_def: Any, op: Any, message: Any, *args: Any) -> None: ...

PERMISSION_DENIED: int

class PermissionDeniedError(OpError):
    """An op's error of code 7."""
    def __init__(self, node_def: Any, op: Any, message: Any, *args: Any) -> None: ...

RESOURCE_EXHAUSTED: int

class ResourceExhaustedError(OpError):
    """An op's error of code 8."""
    def __init__(self, node_def: Any, op: Any, message: Any, *args: Any) -> None: ...

UNAUTHENTICATED: int

UNAVAILABLE: int

UNIMPLEMENTED: int

UNKNOWN: int

class UnauthenticatedError(OpError):
    """An op's error of code 16."""
    def __init__(self, node_def: Any, op: Any, message: Any, *args: Any) -> None: ...

class UnavailableError(OpError):
    """An op's error of code 14."""
    def __init__(self, node_def: Any, op: Any, message: Any, *args: Any) -> None: ...

class UnimplementedError(OpError):
    """An op's error of code 12."""
    def __init__(self, node_def: Any, op: Any, message: Any, *args: Any) -> None: ...

class UnknownError(OpError):
    """An op's error of code 2."""
    def __init__(self, node_def: Any, op: Any, message: Any, *args: Any) -> None: ...
