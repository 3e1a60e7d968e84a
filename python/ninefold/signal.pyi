# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.signal for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

def dct(input: TensorLike, type: int = ..., n: int | None = ..., axis: int = ..., norm: str | None = ..., name: str | None = ...) -> Tensor:
    """The discrete cosine transform of type 1 to 4 along the last axis, cut or padded to n; norm may be 'ortho'."""

def fft(input: TensorLike, name: str | None = ...) -> Tensor:
    """The discrete Fourier transform along the last axis."""

def fft2d(input: TensorLike, name: str | None = ...) -> Tensor:
    """The discrete Fourier transform along the last two axes."""

def fft3d(input: Any, name: Any = ...) -> Any:
    """[..., a, b, c]: the Fourier transform over the last three axes of complex numbers."""

def fftshift(x: TensorLike, axes: Any = ..., name: str | None = ...) -> Tensor:
    """The zero frequency moved to the middle."""

def frame(signal: TensorLike, frame_length: Any, frame_step: Any, pad_end: bool = ..., pad_value: Any = ..., axis: int = ..., name: str | None = ...) -> Tensor:
    """Overlapping pieces of frame_length elements, frame_step apart, along an axis."""

def hamming_window(window_length: TensorLike, periodic: bool = ..., dtype: Any = ..., name: str | None = ...) -> Tensor:
    """0.54 - 0.46 cos(2 pi k / n)."""

def hann_window(window_length: TensorLike, periodic: bool = ..., dtype: Any = ..., name: str | None = ...) -> Tensor:
    """0.5 - 0.5 cos(2 pi k / n)."""

def idct(input: TensorLike, type: int = ..., n: int | None = ..., axis: int = ..., norm: str | None = ..., name: str | None = ...) -> Tensor:
    """The inverse of tf.signal.dct, but for a factor where norm is None."""

def ifft(input: TensorLike, name: str | None = ...) -> Tensor:
    """The inverse of tf.signal.fft."""

def ifft2d(input: TensorLike, name: str | None = ...) -> Tensor:
    """The inverse of tf.signal.fft2d."""

def ifft3d(input: Any, name: Any = ...) -> Any:
    """[..., a, b, c]: the inverse Fourier transform over the last three axes of complex numbers."""

def ifftshift(x: TensorLike, axes: Any = ..., name: str | None = ...) -> Tensor:
    """The inverse of tf.signal.fftshift."""

def inverse_mdct(mdcts: Any, window_fn: Any = ..., norm: Any = ..., name: Any = ...) -> Any:
    """The signal of a modified discrete cosine transform."""

def inverse_stft(stfts: Any, frame_length: Any, frame_step: Any, fft_length: Any = ..., window_fn: Any = ..., name: Any = ...) -> Any:
    """The signal of such frames: transformed back, times the window, added up where they overlap."""

def inverse_stft_window_fn(frame_step: Any, forward_window_fn: Any = ..., name: Any = ...) -> Any:
    """What inverse_stft needs as its window, so that it inverts a stft with `forward_window_fn`."""

def irfft(input_tensor: TensorLike, fft_length: Any = ..., name: str | None = ...) -> Tensor:
    """The inverse of tf.signal.rfft: fft_length real numbers."""

def irfft2d(input_tensor: Any, fft_length: Any = ..., name: Any = ...) -> Any:
    """The real numbers of which tf.signal.rfft2d gave these; `fft_length`: their [2] lengths."""

def irfft3d(input_tensor: Any, fft_length: Any = ..., name: Any = ...) -> Any:
    """The real numbers of which tf.signal.rfft3d gave these; `fft_length`: their [3] lengths."""

def kaiser_bessel_derived_window(window_length: TensorLike, beta: Any = ..., dtype: Any = ..., name: str | None = ...) -> Tensor:
    """Square roots of the cumulative sums of a Kaiser window, up and down."""

def kaiser_window(window_length: TensorLike, beta: Any = ..., dtype: Any = ..., name: str | None = ...) -> Tensor:
    """I0(beta sqrt(1 - x^2)) / I0(beta), x from -1 to 1."""

def linear_to_mel_weight_matrix(num_mel_bins: int = ..., num_spectrogram_bins: int = ..., sample_rate: Any = ..., lower_edge_hertz: Any = ..., upper_edge_hertz: Any = ..., dtype: Any = ..., name: str | None = ...) -> Tensor:
    """[num_spectrogram_bins, num_mel_bins]: how much of each frequency belongs to each band of mel frequencies."""

def mdct(signals: Any, frame_length: Any, window_fn: Any = ..., pad_end: Any = ..., norm: Any = ..., name: Any = ...) -> Any:
    """The modified discrete cosine transform of frames that overlap by half: [..., frames, frame_length // 2]."""

def mfccs_from_log_mel_spectrograms(log_mel_spectrograms: TensorLike, name: str | None = ...) -> Tensor:
    """Mel frequency cepstral coefficients of logarithms of mel spectrograms."""

def overlap_and_add(signal: TensorLike, frame_step: Any, name: str | None = ...) -> Tensor:
    """[..., frames, length]: frames that lie frame_step apart, added up."""

def rfft(input_tensor: TensorLike, fft_length: Any = ..., name: str | None = ...) -> Tensor:
    """The transform of real numbers: its first fft_length / 2 + 1 elements."""

def rfft2d(input_tensor: Any, fft_length: Any = ..., name: Any = ...) -> Any:
    """The Fourier transform of real numbers over the last 2 axes, of which the last keeps its first length // 2 + 1 places; `fft_length`: [2] lengths, to which the input is cut or padded."""

def rfft3d(input_tensor: Any, fft_length: Any = ..., name: Any = ...) -> Any:
    """The Fourier transform of real numbers over the last 3 axes, of which the last keeps its first length // 2 + 1 places; `fft_length`: [3] lengths, to which the input is cut or padded."""

def stft(signals: Any, frame_length: Any, frame_step: Any, fft_length: Any = ..., window_fn: Any = ..., pad_end: Any = ..., name: Any = ...) -> Any:
    """[..., frames, fft_length // 2 + 1]: the Fourier transform of each frame, frame_step apart, times the window."""

def vorbis_window(window_length: TensorLike, dtype: Any = ..., name: str | None = ...) -> Tensor:
    """sin(pi / 2 sin^2(pi (k + 1/2) / n))."""
