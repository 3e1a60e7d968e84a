# In: an error code and a text. Out: tf.errors: TensorFlow's exception classes.
from . import export

ERRORS = {}   # code -> class, for the engine


@export("errors.OpError")
class OpError(Exception):
    """What went wrong in an op: node_def, op, message, error_code."""

    def __init__(self, node_def, op, message, error_code, *args):
        super().__init__(node_def, op, message, error_code, *args)
        self._node_def, self._op, self._message, self._error_code = node_def, op, message, error_code
        self._payloads = args[0] if args and isinstance(args[0], dict) else {}

    @property
    def message(self):
        return self._message

    @property
    def op(self):
        return self._op

    @property
    def error_code(self):
        return self._error_code

    @property
    def node_def(self):
        return self._node_def

    @property
    def experimental_payloads(self):
        return self._payloads

    def __reduce__(self):
        return _again, (self._message, self._error_code)

    def __str__(self):
        return str(self._message)


def _again(message, code):
    return ERRORS[code](None, None, message) if code in ERRORS else OpError(None, None, message, code)


_CODES = {"CANCELLED": 1, "UNKNOWN": 2, "INVALID_ARGUMENT": 3, "DEADLINE_EXCEEDED": 4, "NOT_FOUND": 5,
          "ALREADY_EXISTS": 6, "PERMISSION_DENIED": 7, "RESOURCE_EXHAUSTED": 8,
          "FAILED_PRECONDITION": 9, "ABORTED": 10, "OUT_OF_RANGE": 11, "UNIMPLEMENTED": 12,
          "INTERNAL": 13, "UNAVAILABLE": 14, "DATA_LOSS": 15, "UNAUTHENTICATED": 16}
_NAMES = {"UNKNOWN": "UnknownError", "INTERNAL": "InternalError", "UNAVAILABLE": "UnavailableError",
          "INVALID_ARGUMENT": "InvalidArgumentError", "NOT_FOUND": "NotFoundError",
          "ALREADY_EXISTS": "AlreadyExistsError", "PERMISSION_DENIED": "PermissionDeniedError",
          "DEADLINE_EXCEEDED": "DeadlineExceededError", "ABORTED": "AbortedError",
          "RESOURCE_EXHAUSTED": "ResourceExhaustedError", "OUT_OF_RANGE": "OutOfRangeError",
          "FAILED_PRECONDITION": "FailedPreconditionError", "UNIMPLEMENTED": "UnimplementedError",
          "DATA_LOSS": "DataLossError", "CANCELLED": "CancelledError",
          "UNAUTHENTICATED": "UnauthenticatedError"}


def _make(name, code):
    def __init__(self, node_def, op, message, *args):
        OpError.__init__(self, node_def, op, message, code, *args)
    return type(name, (OpError,), {"__init__": __init__, "__module__": "tensorflow.python.framework.errors_impl",
                                   "__doc__": f"An op's error of code {code}."})


export("errors.OK")(0)
for _key, _code in _CODES.items():
    export("errors." + _key)(_code)
    ERRORS[_code] = export("errors." + _NAMES[_key])(_make(_NAMES[_key], _code))


@export("errors.OperatorNotAllowedInGraphError")
class OperatorNotAllowedInGraphError(TypeError):
    """A Python operator that needs a value met a symbolic tensor."""


ERRORS[109] = OperatorNotAllowedInGraphError
for _kind in list(ERRORS.values()) + [OpError]:
    _kind.__module__ = "tensorflow.python.framework.errors_impl"
InvalidArgumentError = ERRORS[3]
OutOfRangeError = ERRORS[11]
