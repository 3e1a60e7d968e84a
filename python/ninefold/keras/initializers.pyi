# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.initializers for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class Constant(Initializer):
    """One value, or the given ones."""
    def __init__(self, value: Any = ...) -> None: ...

class ConstantV2(Initializer):
    """One value, or the given ones."""
    def __init__(self, value: Any = ...) -> None: ...

class GlorotNormal(Initializer):
    """Scaled by fans."""
    def __init__(self, seed: Any = ...) -> None: ...

class GlorotUniform(Initializer):
    """Scaled by fans."""
    def __init__(self, seed: Any = ...) -> None: ...

class HeNormal(Initializer):
    """Scaled by fans."""
    def __init__(self, seed: Any = ...) -> None: ...

class HeUniform(Initializer):
    """Scaled by fans."""
    def __init__(self, seed: Any = ...) -> None: ...

class Identity(Initializer):
    """The identity matrix times gain."""
    def __init__(self, gain: Any = ...) -> None: ...

class IdentityV2(Initializer):
    """The identity matrix times gain."""
    def __init__(self, gain: Any = ...) -> None: ...

class Initializer:
    """Makes the first value of a weight: called with a shape and a dtype."""
    def __call__(self, shape: Any, dtype: Any = ..., **kwargs: Any) -> Any: ...
    def __init__(self) -> None: ...
    @classmethod
    def from_config(cls, config: Any) -> Any: ...
    def get_config(self) -> Any: ...

class LecunNormal(Initializer):
    """Scaled by fans."""
    def __init__(self, seed: Any = ...) -> None: ...

class LecunUniform(Initializer):
    """Scaled by fans."""
    def __init__(self, seed: Any = ...) -> None: ...

class Ones(Initializer):
    """Ones."""
    def __init__(self) -> None: ...

class OnesV2(Initializer):
    """Ones."""
    def __init__(self) -> None: ...

class Orthogonal(Initializer):
    """A matrix whose rows or columns are orthonormal."""
    def __init__(self, gain: Any = ..., seed: Any = ...) -> None: ...

class OrthogonalV2(Initializer):
    """A matrix whose rows or columns are orthonormal."""
    def __init__(self, gain: Any = ..., seed: Any = ...) -> None: ...

class RandomNormal(Initializer):
    """Normal."""
    def __init__(self, mean: Any = ..., stddev: Any = ..., seed: Any = ...) -> None: ...

class RandomNormalV2(Initializer):
    """Normal."""
    def __init__(self, mean: Any = ..., stddev: Any = ..., seed: Any = ...) -> None: ...

class RandomUniform(Initializer):
    """Uniform in [minval, maxval)."""
    def __init__(self, minval: Any = ..., maxval: Any = ..., seed: Any = ...) -> None: ...

class RandomUniformV2(Initializer):
    """Uniform in [minval, maxval)."""
    def __init__(self, minval: Any = ..., maxval: Any = ..., seed: Any = ...) -> None: ...

class TruncatedNormal(Initializer):
    """Normal, of which values beyond two deviations are drawn again."""
    def __init__(self, mean: Any = ..., stddev: Any = ..., seed: Any = ...) -> None: ...

class TruncatedNormalV2(Initializer):
    """Normal, of which values beyond two deviations are drawn again."""
    def __init__(self, mean: Any = ..., stddev: Any = ..., seed: Any = ...) -> None: ...

class VarianceScaling(Initializer):
    """Scaled by the number of inputs or outputs."""
    def __init__(self, scale: Any = ..., mode: Any = ..., distribution: Any = ..., seed: Any = ...) -> None: ...

class VarianceScalingV2(Initializer):
    """Scaled by the number of inputs or outputs."""
    def __init__(self, scale: Any = ..., mode: Any = ..., distribution: Any = ..., seed: Any = ...) -> None: ...

class Zeros(Initializer):
    """Zeros."""
    def __init__(self) -> None: ...

class ZerosV2(Initializer):
    """Zeros."""
    def __init__(self) -> None: ...

class constant(Initializer):
    """One value, or the given ones."""
    def __init__(self, value: Any = ...) -> None: ...

def deserialize(config: Any, custom_objects: Any = ...) -> Any: ...

def get(identifier: Any) -> Any: ...

class glorot_normal(Initializer):
    """Scaled by fans."""
    def __init__(self, seed: Any = ...) -> None: ...

class glorot_normalV2(Initializer):
    """Scaled by fans."""
    def __init__(self, seed: Any = ...) -> None: ...

class glorot_uniform(Initializer):
    """Scaled by fans."""
    def __init__(self, seed: Any = ...) -> None: ...

class glorot_uniformV2(Initializer):
    """Scaled by fans."""
    def __init__(self, seed: Any = ...) -> None: ...

class he_normal(Initializer):
    """Scaled by fans."""
    def __init__(self, seed: Any = ...) -> None: ...

class he_normalV2(Initializer):
    """Scaled by fans."""
    def __init__(self, seed: Any = ...) -> None: ...

class he_uniform(Initializer):
    """Scaled by fans."""
    def __init__(self, seed: Any = ...) -> None: ...

class he_uniformV2(Initializer):
    """Scaled by fans."""
    def __init__(self, seed: Any = ...) -> None: ...

class identity(Initializer):
    """The identity matrix times gain."""
    def __init__(self, gain: Any = ...) -> None: ...

class initializer:
    """Makes the first value of a weight: called with a shape and a dtype."""
    def __call__(self, shape: Any, dtype: Any = ..., **kwargs: Any) -> Any: ...
    def __init__(self) -> None: ...
    @classmethod
    def from_config(cls, config: Any) -> Any: ...
    def get_config(self) -> Any: ...

class lecun_normal(Initializer):
    """Scaled by fans."""
    def __init__(self, seed: Any = ...) -> None: ...

class lecun_normalV2(Initializer):
    """Scaled by fans."""
    def __init__(self, seed: Any = ...) -> None: ...

class lecun_uniform(Initializer):
    """Scaled by fans."""
    def __init__(self, seed: Any = ...) -> None: ...

class lecun_uniformV2(Initializer):
    """Scaled by fans."""
    def __init__(self, seed: Any = ...) -> None: ...

class normal(Initializer):
    """Normal."""
    def __init__(self, mean: Any = ..., stddev: Any = ..., seed: Any = ...) -> None: ...

class one(Initializer):
    """Ones."""
    def __init__(self) -> None: ...

class ones(Initializer):
    """Ones."""
    def __init__(self) -> None: ...

class orthogonal(Initializer):
    """A matrix whose rows or columns are orthonormal."""
    def __init__(self, gain: Any = ..., seed: Any = ...) -> None: ...

class random_normal(Initializer):
    """Normal."""
    def __init__(self, mean: Any = ..., stddev: Any = ..., seed: Any = ...) -> None: ...

class random_uniform(Initializer):
    """Uniform in [minval, maxval)."""
    def __init__(self, minval: Any = ..., maxval: Any = ..., seed: Any = ...) -> None: ...

def serialize(part: Any) -> Any: ...

class truncated_normal(Initializer):
    """Normal, of which values beyond two deviations are drawn again."""
    def __init__(self, mean: Any = ..., stddev: Any = ..., seed: Any = ...) -> None: ...

class uniform(Initializer):
    """Uniform in [minval, maxval)."""
    def __init__(self, minval: Any = ..., maxval: Any = ..., seed: Any = ...) -> None: ...

class variance_scaling(Initializer):
    """Scaled by the number of inputs or outputs."""
    def __init__(self, scale: Any = ..., mode: Any = ..., distribution: Any = ..., seed: Any = ...) -> None: ...

class zero(Initializer):
    """Zeros."""
    def __init__(self) -> None: ...

class zeros(Initializer):
    """Zeros."""
    def __init__(self) -> None: ...
