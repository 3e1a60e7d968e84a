# In: sound as numbers between -1 and 1, or the bytes of a WAV file. Out: tf.audio: the one as the other, 16 bits a number.
import collections
import struct

import numpy as np

from .. import _core
from . import export
from .dtypes import as_dtype
from .faults import InvalidArgumentError
from .host import numpy_function

DecodeWav = collections.namedtuple("DecodeWav", "audio sample_rate")


def _refuse(text):
    raise InvalidArgumentError(None, None, text, 3)


class _Bytes:
    """A file's bytes, taken from the front."""

    def __init__(self, whole):
        self.whole, self.at = whole, 0

    def text(self, expected=None):
        found = self.take(4).decode("latin-1")
        if expected is not None and found != expected:
            _refuse(f"Header mismatch: Expected {expected} but found {found}")
        return found

    def number(self, form):
        return struct.unpack("<" + form, self.take(struct.calcsize(form)))[0]

    def take(self, count):
        if self.at + count > len(self.whole):
            _refuse("Data too short when trying to read string")
        self.at += count
        return self.whole[self.at - count:self.at]


def _decoded(contents):
    """([samples, channels] of int16, samples in a second)."""
    data = _Bytes(contents)
    data.text("RIFF")
    data.number("I")
    data.text("WAVE")
    name = data.text()
    if name != "fmt ":
        _refuse("Unexpected field " + name)
    size = data.number("I")
    if size not in (16, 18):
        _refuse(f"Bad format chunk size for WAV: Expected 16 or 18, but got{size}")
    form, channels, rate, each_second, each, bits = (data.number(f) for f in "HHIIHH")
    if form != 1:
        _refuse(f"Bad audio format for WAV: Expected 1 (PCM), but got{form}")
    if channels < 1:
        _refuse(f"Bad number of channels for WAV: Expected at least 1, but got {channels}")
    if bits != 16:
        _refuse(f"Can only read 16-bit WAV files, but received {bits}")
    if each != channels * 2:
        _refuse(f"Bad bytes per sample in WAV header: Expected {channels * 2} but got {each}")
    if each_second != each * rate:
        _refuse(f"Bad bytes per second in WAV header: Expected {each * rate} but got {each_second} (sample_rate={rate}, "
                f"bytes_per_sample={each})")
    data.take(size - 16)
    found = None
    while data.at < len(contents):
        name, size = data.text(), data.number("I")
        if name == "data" and found is None:
            found = np.frombuffer(data.take(size // each * each), "<i2").reshape(-1, channels)
        else:
            data.at += size
    if found is None:
        _refuse("No data chunk found in WAV")
    return found, rate


@export("audio.decode_wav")
def decode_wav(contents, desired_channels=-1, desired_samples=-1, name=None):
    """(audio: float32 [samples, channels] between -1 and 1, sample_rate: int32) of a WAV file of 16 bits, a scalar string.

    desired_channels, desired_samples: how many come out, -1 for the file's; the last channel is repeated, what lies behind the end
    is 0. Raises InvalidArgumentError for other bytes, ValueError for lesser numbers.
    """
    for what, count in (("desired_channels", desired_channels), ("desired_samples", desired_samples)):
        if count < -1:
            raise ValueError(f"decode_wav: {what} must be -1 or more, got {count}")
    contents = _core.convert(contents, dtype=as_dtype("string"))
    if contents.shape.rank not in (0, None):
        _refuse(f"contents must be scalar, got shape {list(contents.shape)}")

    def decode(whole):
        samples, rate = _decoded(whole if isinstance(whole, bytes) else np.asarray(whole).item())
        if desired_channels >= 0:
            samples = samples[:, np.minimum(np.arange(desired_channels), samples.shape[1] - 1)]
        audio = samples.astype("float32") / np.float32(1 << 15)
        if desired_samples >= 0:
            kept = audio[:desired_samples]
            audio = np.concatenate([kept, np.zeros((desired_samples - len(kept), audio.shape[1]), "float32")])
        return audio, np.int32(rate)
    audio, rate = numpy_function(decode, [contents], [as_dtype("float32"), as_dtype("int32")])
    if not _core.executing_eagerly():
        audio.set_shape([desired_samples if desired_samples >= 0 else None, desired_channels if desired_channels >= 0 else None])
        rate.set_shape([])
    return DecodeWav(audio, rate)


@export("audio.encode_wav")
def encode_wav(audio, sample_rate, name=None):
    """The bytes of a WAV file of 16 bits: of audio float32 [samples, channels], what lies beyond -1 and 1 cut off; sample_rate is a
    scalar, samples in a second. Raises InvalidArgumentError for other shapes and rates."""
    audio, sample_rate = _core.convert(audio, dtype=as_dtype("float32")), _core.convert(sample_rate, dtype=as_dtype("int32"))

    def encode(samples, rate):
        samples, rate = np.asarray(samples), np.asarray(rate)
        if samples.ndim != 2:
            _refuse("audio must be 2-dimensional" + str(list(samples.shape)).replace(" ", ""))
        if rate.ndim:
            _refuse(f"Input sample_rate should be a scalar tensor, got {list(rate.shape)} instead.".replace(", 1", ",1"))
        channels, rate = samples.shape[1], int(rate)
        if not 0 < channels < 1 << 16:
            _refuse(f"num_channels must be in (0, 2^16), got: {channels}")
        if rate <= 0:
            _refuse(f"sample_rate must be in (0, 2^32), got: {rate % (1 << 64)}")
        scaled = np.nan_to_num(samples * np.float32(1 << 15), nan=0.0)
        whole = np.clip(np.copysign(np.floor(np.abs(scaled) + 0.5), scaled), -(1 << 15), (1 << 15) - 1).astype("<i2").tobytes()
        head = struct.pack("<4sIHHIIHH4sI", b"fmt ", 16, 1, channels, rate, rate * channels * 2, channels * 2, 16, b"data", len(whole))
        return np.array(b"RIFF" + struct.pack("<I", 36 + len(whole)) + b"WAVE" + head + whole, dtype=object)
    found = numpy_function(encode, [audio, sample_rate], as_dtype("string"))
    if not _core.executing_eagerly():
        found.set_shape([])
    return found
