# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.audio for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

def decode_wav(contents: Any, desired_channels: Any = ..., desired_samples: Any = ..., name: Any = ...) -> Any:
    """(audio: float32 [samples, channels] between -1 and 1, sample_rate: int32) of a WAV file of 16 bits, a scalar string."""

def encode_wav(audio: Any, sample_rate: Any, name: Any = ...) -> Any:
    """The bytes of a WAV file of 16 bits: of audio float32 [samples, channels], what lies beyond -1 and 1 cut off; sample_rate is a scalar, samples in a second. Raises InvalidArgumentError for other shapes and rates."""
