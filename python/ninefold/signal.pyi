# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.signal for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

def fft(input: TensorLike, name: str | None = ...) -> Tensor:
    """The discrete Fourier transform along the last axis."""

def fft2d(input: TensorLike, name: str | None = ...) -> Tensor:
    """The discrete Fourier transform along the last two axes."""

def fftshift(x: TensorLike, axes: Any = ..., name: str | None = ...) -> Tensor:
    """The zero frequency moved to the middle."""

def frame(signal: TensorLike, frame_length: int, frame_step: int, pad_end: bool = ..., pad_value: Any = ..., axis: int = ..., name: str | None = ...) -> Tensor:
    """Overlapping pieces of frame_length elements, frame_step apart, along an axis."""

def hamming_window(window_length: TensorLike, periodic: bool = ..., dtype: Any = ..., name: str | None = ...) -> Tensor:
    """0.54 - 0.46 cos(2 pi k / n)."""

def hann_window(window_length: TensorLike, periodic: bool = ..., dtype: Any = ..., name: str | None = ...) -> Tensor:
    """0.5 - 0.5 cos(2 pi k / n)."""

def ifft(input: TensorLike, name: str | None = ...) -> Tensor:
    """The inverse of tf.signal.fft."""

def ifft2d(input: TensorLike, name: str | None = ...) -> Tensor:
    """The inverse of tf.signal.fft2d."""

def ifftshift(x: TensorLike, axes: Any = ..., name: str | None = ...) -> Tensor:
    """The inverse of tf.signal.fftshift."""

def irfft(input_tensor: TensorLike, fft_length: Any = ..., name: str | None = ...) -> Tensor:
    """The inverse of tf.signal.rfft: fft_length real numbers."""

def rfft(input_tensor: TensorLike, fft_length: Any = ..., name: str | None = ...) -> Tensor:
    """The transform of real numbers: its first fft_length / 2 + 1 elements."""
