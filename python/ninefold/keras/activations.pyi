# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.activations for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class Activation:
    """A function of a tensor that layers are given; looks and compares like the function it is."""
    def __call__(self, x: Any, *args: Any, **kwargs: Any) -> Any: ...
    def __init__(self) -> None: ...
    @classmethod
    def from_config(cls, config: Any) -> Any: ...
    def get_config(self) -> Any: ...

def deserialize(name: Any, custom_objects: Any = ...) -> Any: ...

def elu(x: TensorLike, alpha: float = ...) -> Tensor:
    """x for x > 0, alpha (exp(x) - 1) below."""

def exponential(x: TensorLike) -> Tensor:
    """exp(x)."""

def function(x: Any, *args: Any, **kwargs: Any) -> Any:
    """An activation defined elsewhere: a name for configs, and an override of __call__."""

def gelu(x: TensorLike, approximate: bool = ...) -> Tensor:
    """x times the normal distribution function of x; approximate: by tanh."""

def get(identifier: Any) -> Any:
    """A function from its name, None (linear), or a callable, which is returned as it is."""

def hard_sigmoid(x: TensorLike) -> Tensor:
    """0.2 x + 0.5 within [0, 1]."""

def linear(x: TensorLike) -> Tensor:
    """x."""

def relu(x: TensorLike, alpha: float = ..., max_value: float | None = ..., threshold: float = ...) -> Tensor:
    """max_value above it, x from threshold on, alpha (x - threshold) below."""

def selu(x: TensorLike) -> Tensor:
    """A scaled elu that keeps mean 0 and variance 1."""

def serialize(activation: Any) -> Any: ...

def sigmoid(x: TensorLike) -> Tensor:
    """1 / (1 + exp(-x))."""

def softmax(x: TensorLike, axis: Any = ...) -> Tensor:
    """exp(x) over its sum along an axis (or several)."""

def softplus(x: TensorLike) -> Tensor:
    """log(exp(x) + 1)."""

def softsign(x: TensorLike) -> Tensor:
    """x / (|x| + 1)."""

def swish(x: TensorLike) -> Tensor:
    """x sigmoid(x)."""

def tanh(x: TensorLike) -> Tensor:
    """Hyperbolic tangent."""
