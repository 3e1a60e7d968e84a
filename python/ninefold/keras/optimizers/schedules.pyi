# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.optimizers.schedules for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

class CosineDecay(LearningRateSchedule):
    """Half a cosine from initial_learning_rate to alpha times it."""
    def __init__(self, initial_learning_rate: Any, decay_steps: Any, alpha: Any = ..., name: Any = ...) -> None: ...

class CosineDecayRestarts(LearningRateSchedule):
    """Cosine decay that starts again, with longer and lower cycles."""
    def __init__(self, initial_learning_rate: Any, first_decay_steps: Any, t_mul: Any = ..., m_mul: Any = ..., alpha: Any = ..., name: Any = ...) -> None: ...

class ExponentialDecay(LearningRateSchedule):
    """initial_learning_rate * decay_rate ^ (step / decay_steps)."""
    def __init__(self, initial_learning_rate: Any, decay_steps: Any, decay_rate: Any, staircase: Any = ..., name: Any = ...) -> None: ...

class InverseTimeDecay(LearningRateSchedule):
    """initial_learning_rate / (1 + decay_rate * step / decay_steps)."""
    def __init__(self, initial_learning_rate: Any, decay_steps: Any, decay_rate: Any, staircase: Any = ..., name: Any = ...) -> None: ...

class LearningRateSchedule:
    """A learning rate as a function of the step: override __call__ and get_config."""
    def __call__(self, step: Any) -> Any: ...
    def __init__(self) -> None: ...
    @classmethod
    def from_config(cls, config: Any) -> Any: ...
    def get_config(self) -> Any: ...

class PiecewiseConstantDecay(LearningRateSchedule):
    """A constant between each two boundaries."""
    def __init__(self, boundaries: Any, values: Any, name: Any = ...) -> None: ...

class PolynomialDecay(LearningRateSchedule):
    """From initial_learning_rate to end_learning_rate by (1 - step / decay_steps) ^ power."""
    def __init__(self, initial_learning_rate: Any, decay_steps: Any, end_learning_rate: Any = ..., power: Any = ..., cycle: Any = ..., name: Any = ...) -> None: ...

def base(function: Any) -> Any:
    """Marks a method as the engine's own: a class that defines another one overrides it."""

def deserialize(config: Any, custom_objects: Any = ...) -> Any:
    """A schedule from {"class_name", "config"} or a name. Raises ValueError for an unknown class, and for what is neither."""

def serialize(schedule: Any) -> Any: ...
