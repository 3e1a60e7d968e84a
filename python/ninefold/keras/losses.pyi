# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.losses for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class BinaryCrossentropy(Loss):
    """Crossentropy of labels 0 and 1 with probabilities, or with logits if `from_logits`."""
    def __init__(self, from_logits: Any = ..., label_smoothing: Any = ..., axis: Any = ..., reduction: Any = ..., name: Any = ...) -> None: ...

class BinaryFocalCrossentropy(Loss):
    """Binary crossentropy times (1 - p_t)^gamma: samples that are easy already count less."""
    def __init__(self, gamma: Any = ..., from_logits: Any = ..., label_smoothing: Any = ..., axis: Any = ..., reduction: Any = ..., name: Any = ...) -> None: ...

class CategoricalCrossentropy(Loss):
    """Crossentropy of one-hot labels with probabilities, or with logits if `from_logits`."""
    def __init__(self, from_logits: Any = ..., label_smoothing: Any = ..., axis: Any = ..., reduction: Any = ..., name: Any = ...) -> None: ...

class CategoricalHinge(Loss):
    """max(neg - pos + 1, 0), pos = sum(y_true y_pred), neg = max((1 - y_true) y_pred)."""
    def __init__(self, reduction: Any = ..., name: Any = ...) -> None: ...

class CosineSimilarity(Loss):
    """-sum(l2_normalize(y_true) l2_normalize(y_pred)); -1 is the same direction."""
    def __init__(self, axis: Any = ..., reduction: Any = ..., name: Any = ...) -> None: ...

class Hinge(Loss):
    """Mean of max(1 - y_true y_pred, 0); y_true is -1 or 1."""
    def __init__(self, reduction: Any = ..., name: Any = ...) -> None: ...

class Huber(Loss):
    """Half the squared error where it is at most `delta`, linear beyond."""
    def __init__(self, delta: Any = ..., reduction: Any = ..., name: Any = ...) -> None: ...

def KLD(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """sum(y_true log(y_true / y_pred)) over the last axis."""

class KLDivergence(Loss):
    """sum of y_true log(y_true / y_pred)."""
    def __init__(self, reduction: Any = ..., name: Any = ...) -> None: ...

class LogCosh(Loss):
    """Mean of log(cosh(y_pred - y_true))."""
    def __init__(self, reduction: Any = ..., name: Any = ...) -> None: ...

class Loss:
    """How far predictions are from the truth: call(y_true, y_pred) gives one value a sample."""
    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = ...) -> Any: ...
    def __init__(self, reduction: Any = ..., name: Any = ...) -> None: ...
    def call(self, y_true: Any, y_pred: Any) -> Any: ...
    @classmethod
    def from_config(cls, config: Any) -> Any: ...
    def get_config(self) -> Any: ...
    name: Any
    reduction: Any

def MAE(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(|y_true - y_pred|) over the last axis."""

def MAPE(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """100 mean(|(y_true - y_pred) / max(|y_true|, epsilon)|) over the last axis."""

def MSE(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean((y_true - y_pred)^2) over the last axis: [batch, d0, .. dN] -> [batch, d0, .. dN-1]."""

def MSLE(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean((log(y_true + 1) - log(y_pred + 1))^2) over the last axis."""

class MeanAbsoluteError(Loss):
    """Mean of |y_true - y_pred|."""
    def __init__(self, reduction: Any = ..., name: Any = ...) -> None: ...

class MeanAbsolutePercentageError(Loss):
    """Mean of 100 |y_true - y_pred| / |y_true|."""
    def __init__(self, reduction: Any = ..., name: Any = ...) -> None: ...

class MeanSquaredError(Loss):
    """Mean of (y_true - y_pred)^2."""
    def __init__(self, reduction: Any = ..., name: Any = ...) -> None: ...

class MeanSquaredLogarithmicError(Loss):
    """Mean of (log(y_true + 1) - log(y_pred + 1))^2."""
    def __init__(self, reduction: Any = ..., name: Any = ...) -> None: ...

class Poisson(Loss):
    """Mean of y_pred - y_true log(y_pred)."""
    def __init__(self, reduction: Any = ..., name: Any = ...) -> None: ...

class Reduction:
    """How the losses of samples become one number."""
    AUTO: Any
    NONE: Any
    SUM: Any
    SUM_OVER_BATCH_SIZE: Any
    def __init__(self) -> None: ...
    @classmethod
    def all(cls) -> Any: ...
    @classmethod
    def validate(cls, key: Any) -> Any: ...

class SparseCategoricalCrossentropy(Loss):
    """Crossentropy of class numbers with probabilities, or with logits if `from_logits`."""
    def __init__(self, from_logits: Any = ..., reduction: Any = ..., name: Any = ...) -> None: ...

class SquaredHinge(Loss):
    """Mean of max(1 - y_true y_pred, 0)^2; y_true is -1 or 1."""
    def __init__(self, reduction: Any = ..., name: Any = ...) -> None: ...

def as_loss(identifier: Any) -> Any:
    """What compile is given: a name, a loss, a class, or a function of (y_true, y_pred)."""

def base(function: Any) -> Any:
    """Marks a method as the engine's own: a class that defines another one overrides it."""

def binary_crossentropy(y_true: TensorLike, y_pred: TensorLike, from_logits: bool = ..., label_smoothing: float = ..., axis: int = ...) -> Tensor:
    """Mean over `axis` of -y_true log(y_pred) - (1 - y_true) log(1 - y_pred). Labels y become y (1 - label_smoothing) + label_smoothing / 2."""

def binary_focal_crossentropy(y_true: TensorLike, y_pred: TensorLike, gamma: float = ..., from_logits: bool = ..., label_smoothing: float = ..., axis: int = ...) -> Tensor:
    """Mean over `axis` of (1 - p_t)^gamma binary_crossentropy, p_t = y_pred where y_true is 1, else 1 - y_pred."""

def categorical_crossentropy(y_true: TensorLike, y_pred: TensorLike, from_logits: bool = ..., label_smoothing: float = ..., axis: int = ...) -> Tensor:
    """-sum(y_true log(y_pred)) over `axis`, y_pred scaled to a sum of 1. Labels y become y (1 - label_smoothing) + label_smoothing / classes."""

def categorical_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """max(neg - pos + 1, 0) over the last axis; pos = sum(y_true y_pred), neg = max((1 - y_true) y_pred)."""

def cosine_similarity(y_true: TensorLike, y_pred: TensorLike, axis: int = ...) -> Tensor:
    """-sum(l2_normalize(y_true) l2_normalize(y_pred)) over axis."""

def deserialize(name: Any, custom_objects: Any = ...) -> Any: ...

def get(identifier: Any) -> Any:
    """A loss function or object by name, config or itself. Raises ValueError for what is none."""

def hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(max(1 - y_true y_pred, 0)) over the last axis."""

def huber(y_true: TensorLike, y_pred: TensorLike, delta: float = ...) -> Tensor:
    """mean(0.5 e^2 where |e| <= delta, else delta |e| - 0.5 delta^2) over the last axis, e = y_true - y_pred."""

def kl_divergence(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """sum(y_true log(y_true / y_pred)) over the last axis."""

def kld(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """sum(y_true log(y_true / y_pred)) over the last axis."""

def kullback_leibler_divergence(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """sum(y_true log(y_true / y_pred)) over the last axis."""

def log_cosh(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(log(cosh(y_pred - y_true))) over the last axis."""

def logcosh(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(log(cosh(y_pred - y_true))) over the last axis."""

def mae(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(|y_true - y_pred|) over the last axis."""

def mape(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """100 mean(|(y_true - y_pred) / max(|y_true|, epsilon)|) over the last axis."""

def mean_absolute_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(|y_true - y_pred|) over the last axis."""

def mean_absolute_percentage_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """100 mean(|(y_true - y_pred) / max(|y_true|, epsilon)|) over the last axis."""

def mean_squared_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean((y_true - y_pred)^2) over the last axis: [batch, d0, .. dN] -> [batch, d0, .. dN-1]."""

def mean_squared_logarithmic_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean((log(y_true + 1) - log(y_pred + 1))^2) over the last axis."""

def mse(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean((y_true - y_pred)^2) over the last axis: [batch, d0, .. dN] -> [batch, d0, .. dN-1]."""

def msle(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean((log(y_true + 1) - log(y_pred + 1))^2) over the last axis."""

def poisson(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(y_pred - y_true log(y_pred + epsilon)) over the last axis."""

def serialize(loss: Any) -> Any: ...

def sparse_categorical_crossentropy(y_true: TensorLike, y_pred: TensorLike, from_logits: bool = ..., axis: int = ...) -> Tensor:
    """-log y_pred[label]: labels [batch, d0, .. dN-1] or [.., 1], predictions [batch, d0, .. dN]."""

def squared_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(max(1 - y_true y_pred, 0)^2) over the last axis."""
