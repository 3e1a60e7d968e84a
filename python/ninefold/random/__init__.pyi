# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.random for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class Algorithm:
    AUTO_SELECT: Any
    PHILOX: Any
    THREEFRY: Any

class Generator:
    """A stream of random numbers; its state is tracked, saved and restored as a variable."""
    def __init__(self, copy_from: Any = ..., state: Any = ..., alg: Any = ...) -> None: ...
    algorithm: Any
    def binomial(self, shape: Any, counts: Any, probs: Any, dtype: Any = ..., name: Any = ...) -> Any: ...
    @classmethod
    def from_key_counter(cls, key: Any, counter: Any, alg: Any) -> Any: ...
    @classmethod
    def from_non_deterministic_state(cls, alg: Any = ...) -> Any: ...
    @classmethod
    def from_seed(cls, seed: Any, alg: Any = ...) -> Any: ...
    @classmethod
    def from_state(cls, state: Any, alg: Any) -> Any: ...
    key: Any
    def make_seeds(self, count: Any = ...) -> Any: ...
    def normal(self, shape: Any, mean: Any = ..., stddev: Any = ..., dtype: Any = ..., name: Any = ...) -> Any: ...
    def reset(self, state: Any) -> Any: ...
    def reset_from_key_counter(self, key: Any, counter: Any) -> Any: ...
    def reset_from_seed(self, seed: Any) -> Any: ...
    def skip(self, delta: Any) -> Any: ...
    def split(self, count: Any = ...) -> Any: ...
    state: Any
    def truncated_normal(self, shape: Any, mean: Any = ..., stddev: Any = ..., dtype: Any = ..., name: Any = ...) -> Any: ...
    def uniform(self, shape: Any, minval: Any = ..., maxval: Any = ..., dtype: Any = ..., name: Any = ...) -> Any: ...
    def uniform_full_int(self, shape: Any, dtype: Any = ..., name: Any = ...) -> Any: ...

def categorical(logits: TensorLike, num_samples: TensorLike, dtype: Any = ..., seed: int | None = ..., name: str | None = ...) -> Tensor:
    """num_samples indices for each row of logits [rows, classes], with probabilities softmax(logits)."""

def create_rng_state(seed: Any, alg: Any) -> Tensor:
    """The state of a tf.random.Generator: [counter low, counter high, key] for 'philox', [counter, key] for 'threefry'."""

from . import experimental as experimental

def gamma(shape: Any, alpha: TensorLike, beta: TensorLike | None = ..., dtype: Any = ..., seed: int | None = ..., name: str | None = ...) -> Tensor:
    """Gamma(alpha, beta) numbers of shape `shape` + the shape that alpha and beta broadcast to."""

def get_global_generator() -> Any: ...

def normal(shape: Any, mean: TensorLike = ..., stddev: TensorLike = ..., dtype: Any = ..., seed: int | None = ..., name: str | None = ...) -> Tensor:
    """Normal numbers."""

def poisson(shape: Any, lam: TensorLike, dtype: Any = ..., seed: int | None = ..., name: str | None = ...) -> Tensor:
    """Poisson(lam) numbers of shape `shape` + the shape of lam."""

def set_global_generator(generator: Any) -> Any: ...

def set_seed(seed: Any) -> Any:
    """Op seeds are drawn anew from `seed`, and every stream starts again."""

def shuffle(value: TensorLike, seed: int | None = ..., name: str | None = ...) -> Tensor:
    """The rows of `value` in random order."""

def stateless_binomial(shape: Any, seed: TensorLike, counts: TensorLike, probs: TensorLike, output_dtype: Any = ..., name: str | None = ...) -> Tensor:
    """Binomial(counts, probs) numbers of shape `shape`, which ends with the shape of the parameters."""

def stateless_categorical(logits: TensorLike, num_samples: TensorLike, seed: TensorLike, dtype: Any = ..., name: str | None = ...) -> Tensor:
    """num_samples indices for each row of logits, made of the seed alone."""

def stateless_gamma(shape: Any, seed: TensorLike, alpha: TensorLike, beta: TensorLike | None = ..., dtype: Any = ..., name: str | None = ...) -> Tensor:
    """Gamma(alpha, beta) numbers of shape `shape`, which ends with the shape of the parameters."""

def stateless_normal(shape: Any, seed: TensorLike, mean: TensorLike = ..., stddev: TensorLike = ..., dtype: Any = ..., name: str | None = ..., alg: Any = ...) -> Tensor:
    """Normal numbers, made of the seed alone."""

def stateless_parameterized_truncated_normal(shape: Any, seed: TensorLike, means: TensorLike = ..., stddevs: TensorLike = ..., minvals: TensorLike = ..., maxvals: TensorLike = ..., name: str | None = ...) -> Tensor:
    """Normal numbers between minvals and maxvals, made of the seed alone."""

def stateless_poisson(shape: Any, seed: TensorLike, lam: TensorLike, dtype: Any = ..., name: str | None = ...) -> Tensor:
    """Poisson(lam) numbers of shape `shape`, which ends with the shape of lam."""

def stateless_truncated_normal(shape: Any, seed: TensorLike, mean: TensorLike = ..., stddev: TensorLike = ..., dtype: Any = ..., name: str | None = ..., alg: Any = ...) -> Tensor:
    """Normal numbers within two deviations of the mean, made of the seed alone."""

def stateless_uniform(shape: Any, seed: TensorLike, minval: TensorLike = ..., maxval: TensorLike | None = ..., dtype: Any = ..., name: str | None = ..., alg: Any = ...) -> Tensor:
    """Uniform numbers in [minval, maxval), made of the seed alone; integers of the whole range if both are None."""

def truncated_normal(shape: Any, mean: TensorLike = ..., stddev: TensorLike = ..., dtype: Any = ..., seed: int | None = ..., name: str | None = ...) -> Tensor:
    """Normal numbers within two deviations of the mean."""

def uniform(shape: Any, minval: TensorLike = ..., maxval: TensorLike | None = ..., dtype: Any = ..., seed: int | None = ..., name: str | None = ...) -> Tensor:
    """Uniform numbers in [minval, maxval), maxval 1 for floats; integers need maxval."""
