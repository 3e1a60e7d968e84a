# In: signals along the last axis and functions that make windows. Out: tf.signal's transforms of short frames.
from . import export
from .dtypes import as_dtype
from .faults import ERRORS
from .. import _core


def _call(name, *args, **kwargs):
    return _core.function_named(name)(*args, **kwargs)


def _window(name):
    return _core.function_named("tf.signal." + name)


def _length(value, name):
    """A length as a number; it must be known while tracing."""
    value = value if isinstance(value, int) else int(value)
    if value <= 0:
        raise ValueError(f"tf.signal: {name} must be positive, got {value}")
    return value


def _enclosing_power(n):
    return 1 << max(n - 1, 0).bit_length()


@export("signal.stft")
def stft(signals, frame_length, frame_step, fft_length=None, window_fn=_window("hann_window"), pad_end=False, name=None):
    """[..., frames, fft_length // 2 + 1]: the Fourier transform of each frame, frame_step apart, times the window."""
    signals = _core.convert(signals)
    frame_length, frame_step = _length(frame_length, "frame_length"), _length(frame_step, "frame_step")
    fft_length = _enclosing_power(frame_length) if fft_length is None else _length(fft_length, "fft_length")
    frames = _call("tf.signal.frame", signals, frame_length, frame_step, pad_end=pad_end)
    if window_fn is not None:
        frames = frames * window_fn(frame_length, dtype=frames.dtype)
    return _call("tf.signal.rfft", frames, [fft_length])


@export("signal.inverse_stft")
def inverse_stft(stfts, frame_length, frame_step, fft_length=None, window_fn=_window("hann_window"), name=None):
    """The signal of such frames: transformed back, times the window, added up where they overlap."""
    stfts = _core.convert(stfts)
    if not stfts.dtype.is_complex:
        raise ValueError(f"tf.signal.inverse_stft: expected complex64 or complex128, got {stfts.dtype.name}")
    frame_length, frame_step = _length(frame_length, "frame_length"), _length(frame_step, "frame_step")
    fft_length = _enclosing_power(frame_length) if fft_length is None else _length(fft_length, "fft_length")
    frames = _call("tf.signal.irfft", stfts, [fft_length])
    if frame_length <= fft_length:
        frames = frames[..., :frame_length]
    else:
        frames = _call("tf.pad", frames, [[0, 0]] * (frames.shape.rank - 1) + [[0, frame_length - fft_length]])
    if window_fn is not None:
        frames = frames * window_fn(frame_length, dtype=frames.dtype)
    return _call("tf.signal.overlap_and_add", frames, frame_step)


@export("signal.inverse_stft_window_fn")
def inverse_stft_window_fn(frame_step, forward_window_fn=_window("hann_window"), name=None):
    """What inverse_stft needs as its window, so that it inverts a stft with `forward_window_fn`."""
    def inverse_stft_window_fn_inner(frame_length, dtype):
        dtype = as_dtype(dtype)
        if not dtype.is_floating:
            raise ValueError(f"dtype must be a floating point type. Found {dtype!r}")
        length, step = _length(frame_length, "frame_length"), _length(frame_step, "frame_step")
        forward = forward_window_fn(length, dtype=dtype)
        overlaps = -(-length // step)
        squares = _call("tf.pad", _call("tf.square", forward), [[0, overlaps * step - length]])
        sums = _call("tf.reduce_sum", _call("tf.reshape", squares, [overlaps, step]), 0, keepdims=True)
        return forward / _call("tf.reshape", _call("tf.tile", sums, [overlaps, 1]), [overlaps * step])[:length]
    return inverse_stft_window_fn_inner


def _windowed(frames, window_fn, length):
    return frames * (2 ** -0.5 if window_fn is None else window_fn(length, dtype=frames.dtype))


def _back(t):
    return _call("tf.reverse", t, [t.shape.rank - 1])


@export("signal.mdct")
def mdct(signals, frame_length, window_fn=_window("vorbis_window"), pad_end=False, norm=None, name=None):
    """The modified discrete cosine transform of frames that overlap by half: [..., frames, frame_length // 2]."""
    length = _length(frame_length, "frame_length")
    if length % 4:
        raise ValueError("The frame length must be a multiple of 4.")
    if norm not in (None, "ortho"):
        raise ValueError(f"norm: {norm} is not supported")
    frames = _windowed(_call("tf.signal.frame", _core.convert(signals), length, length // 2, pad_end=pad_end), window_fn, length)
    a, b, c, d = _call("tf.split", frames, 4, axis=-1)
    return _call("tf.signal.dct", _call("tf.concat", [-_back(c) - d, a - _back(b)], -1), type=4, norm=norm)


@export("signal.inverse_mdct")
def inverse_mdct(mdcts, window_fn=_window("vorbis_window"), norm=None, name=None):
    """The signal of a modified discrete cosine transform."""
    mdcts = _core.convert(mdcts)
    half = mdcts.shape[-1]
    if norm not in (None, "ortho"):
        raise ValueError(f"norm: {norm} is not supported")
    frames = _call("tf.signal.dct", mdcts, type=4, norm=norm)
    first, second = _call("tf.split", frames if norm else frames * (0.5 / half), 2, axis=-1)
    frames = _call("tf.concat", [second, -_back(second), -_back(first), -first], -1)
    return _call("tf.signal.overlap_and_add", _windowed(frames, window_fn, 2 * half), half)


def _real_lengths(fft_length, rank, op):
    """The lengths of the last `rank` axes as numbers; None where the input's are meant."""
    if fft_length is None:
        return None
    lengths = _core.convert(fft_length, "int32")
    if lengths.shape.rank != 1 or lengths.shape[0] != rank:
        raise ERRORS[3](None, None, f"fft_length must have shape [{rank}] [Op:{op}]")
    if not hasattr(lengths, "numpy"):
        raise NotImplementedError("fft_length: the lengths of several axes must be known while tracing")
    return [int(length) for length in lengths.numpy()]


def _over(transform, x, axis):
    """A transform of the last axis, done along `axis`."""
    rank = x.shape.rank
    order = list(range(rank))
    order[axis], order[rank - 1] = rank - 1, axis
    return _call("tf.transpose", _call(transform, _call("tf.transpose", x, order)), order)


def _fitted(x, axis, length):
    """Cut or padded with zeros to a length along an axis."""
    x = x[tuple(slice(length) if i == axis else slice(None) for i in range(x.shape.rank))]
    if x.shape[axis] == length:
        return x
    more = length - _call("tf.shape", x)[axis]
    return _call("tf.pad", x, [[0, more if i == axis else 0] for i in range(x.shape.rank)])


def _needs(x, rank, real=False):
    if real and x.dtype.name not in ("float32", "float64"):
        raise ValueError(f"RFFT requires tf.float32 or tf.float64 inputs, got: {x!s}")
    if x.shape.rank is None or x.shape.rank < rank:
        raise ValueError(f"Shape {x.shape} must have rank at least {rank}")
    return x


def _complex_3d(name, transform):
    def fft(input, name=None):
        x = _needs(_core.convert(input), 3)
        for axis in (-1, -2, -3):
            x = _call(transform, x) if axis == -1 else _over(transform, x, x.shape.rank + axis)
        return x
    fft.__name__ = fft.__qualname__ = name
    fft.__doc__ = f"[..., a, b, c]: the {'inverse ' if 'i' == name[0] else ''}Fourier transform over the last three axes of complex numbers."
    export("signal." + name)(fft)


def _real(name_of, rank):
    def rfft(input_tensor, fft_length=None, name=None):
        x = _needs(_core.convert(input_tensor), rank, real=True)
        lengths = _real_lengths(fft_length, rank, name_of.upper())
        if lengths is not None:
            for i, length in enumerate(lengths[:-1]):
                x = _fitted(x, x.shape.rank - rank + i, length)
        x = _call("tf.signal.rfft", x, None if lengths is None else lengths[-1:])
        for i in range(2, rank + 1):
            x = _over("tf.signal.fft", x, x.shape.rank - i)
        return x
    rfft.__name__ = rfft.__qualname__ = name_of
    rfft.__doc__ = (f"The Fourier transform of real numbers over the last {rank} axes, of which the last keeps its first "
                    "length // 2 + 1 places; `fft_length`: [" + str(rank) + "] lengths, to which the input is cut or padded.")
    export("signal." + name_of)(rfft)


def _inverse_real(name_of, rank):
    def irfft(input_tensor, fft_length=None, name=None):
        x = _needs(_core.convert(input_tensor), rank)
        lengths = _real_lengths(fft_length, rank, name_of.upper())
        for i in range(rank, 1, -1):
            axis = x.shape.rank - i
            if lengths is not None:
                x = _fitted(x, axis, lengths[rank - i])
            x = _over("tf.signal.ifft", x, axis)
        return _call("tf.signal.irfft", x, None if lengths is None else lengths[-1:])
    irfft.__name__ = irfft.__qualname__ = name_of
    irfft.__doc__ = f"The real numbers of which tf.signal.{name_of[1:]} gave these; `fft_length`: their [{rank}] lengths."
    export("signal." + name_of)(irfft)


_complex_3d("fft3d", "tf.signal.fft")
_complex_3d("ifft3d", "tf.signal.ifft")
for _rank in (2, 3):
    _real(f"rfft{_rank}d", _rank)
    _inverse_real(f"irfft{_rank}d", _rank)
