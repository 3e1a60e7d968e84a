# In: sound as numbers, and bytes of WAV files whole and damaged. Out: tf.audio answers as TensorFlow 2.9.0 did.
import struct

import numpy as np
import pytest

import ninefold as tf

X = np.array([[0., 1.], [-1., .5], [1e-5, -2.], [.3, 2e-5], [.00004, -.00002]], "float32")
FILE = (b"RIFF8\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x02\x00@\x1f\x00\x00\x00}\x00\x00\x04\x00\x10\x00data\x14\x00\x00\x00\x00\x00\xff"
        b"\x7f\x00\x80\x00@\x00\x00\x00\x80f&\x01\x00\x01\x00\xff\xff")
SOUND = np.array([[0, 32767], [-32768, 16384], [0, -32768], [9830, 1], [1, -1]]) / 32768
LIST = b"LIST" + struct.pack("<I", 4) + b"abcd"


def test_encoded():
    assert tf.audio.encode_wav(X, 8000).numpy() == FILE
    assert tf.audio.encode_wav(np.array([[np.nan], [np.inf]], "float32"), 8000).numpy()[-4:] == b"\0\0\xff\x7f"
    assert tf.audio.encode_wav(np.zeros((0, 1), "float32"), 8000).numpy()[-8:] == b"data\0\0\0\0"


ROWS = [
    ((), SOUND), ((1,), SOUND[:, :1]), ((3,), SOUND[:, [0, 1, 1]]), ((-1, 3), SOUND[:3]), ((0,), SOUND[:, :0]), ((-1, 0), SOUND[:0]),
    ((-1, 7), np.concatenate([SOUND, np.zeros((2, 2))])), ((1, 7), np.concatenate([SOUND, np.zeros((2, 2))])[:, :1])]


@pytest.mark.parametrize("desired, wanted", ROWS)
def test_decoded(desired, wanted):
    sound, rate = tf.audio.decode_wav(FILE, *desired)
    assert sound.dtype == tf.float32 and sound.shape == wanted.shape and np.array_equal(sound, wanted)
    assert rate.dtype == tf.int32 and rate.shape == () and int(rate) == 8000


@pytest.mark.parametrize("whole", [
    FILE[:36] + LIST + FILE[36:], FILE + LIST, FILE[:36] + b"LIST" + struct.pack("<I", 3) + b"abc" + FILE[36:],
    FILE[:16] + struct.pack("<I", 18) + FILE[20:36] + b"\0\0" + FILE[36:]])
def test_parts_that_are_skipped(whole):
    assert np.array_equal(tf.audio.decode_wav(whole).audio, SOUND)


def changed(at, form, value):
    return FILE[:at] + struct.pack(form, value) + FILE[at + struct.calcsize(form):]


DAMAGED = [
    *[(FILE[:n], "Data too short when trying to read string") for n in (0, 3, 20, 40, 50)],
    (b"RIFX" + FILE[4:], "Header mismatch: Expected RIFF but found RIFX"),
    (FILE[:8] + b"WAVX" + FILE[12:], "Header mismatch: Expected WAVE but found WAVX"),
    (FILE[:12] + LIST + FILE[12:], "Unexpected field LIST"),
    (FILE[:36], "No data chunk found in WAV"),
    (changed(20, "<H", 3), "Bad audio format for WAV: Expected 1 (PCM), but got3"),
    (changed(34, "<H", 8), "Can only read 16-bit WAV files, but received 8"),
    (changed(22, "<H", 0), "Bad number of channels for WAV: Expected at least 1, but got 0"),
    (changed(32, "<H", 2), "Bad bytes per sample in WAV header: Expected 4 but got 2"),
    (changed(28, "<I", 2), "Bad bytes per second in WAV header: Expected 32000 but got 2 (sample_rate=8000, bytes_per_sample=4)"),
    (changed(16, "<I", 15), "Bad format chunk size for WAV: Expected 16 or 18, but got15"),
    ([FILE, FILE], "contents must be scalar, got shape [2]"),
]
REFUSED = [
    ((X[0], 8000), "audio must be 2-dimensional[2]"), ((X[None], 8000), "audio must be 2-dimensional[1,5,2]"),
    ((X, [8000]), "Input sample_rate should be a scalar tensor, got [1] instead."),
    ((np.zeros((2, 0), "float32"), 8000), "num_channels must be in (0, 2^16), got: 0"),
    ((X, 0), "sample_rate must be in (0, 2^32), got: 0"), ((X, -3), "sample_rate must be in (0, 2^32), got: 18446744073709551613"),
]


@pytest.mark.parametrize("given, text", DAMAGED)
def test_damaged_files(given, text):
    with pytest.raises(tf.errors.InvalidArgumentError) as raised:
        tf.audio.decode_wav(given)
    assert str(raised.value).replace(" [Op:DecodeWav]", "") == text


@pytest.mark.parametrize("given, text", REFUSED)
def test_no_sound(given, text):
    with pytest.raises(tf.errors.InvalidArgumentError) as raised:
        tf.audio.encode_wav(*given)
    assert str(raised.value).replace(" [Op:EncodeWav]", "") == text


def test_numbers_that_mean_nothing():
    with pytest.raises(ValueError, match="decode_wav: desired_channels must be -1 or more, got -2"):
        tf.audio.decode_wav(FILE, -2)


def test_in_a_dataset():
    def halves(whole):
        sound, rate = tf.audio.decode_wav(whole, desired_channels=1, desired_samples=4)
        return sound, tf.audio.encode_wav(sound, rate // 2)
    files = tf.data.Dataset.from_tensor_slices([FILE, FILE]).map(halves)
    assert files.element_spec[0].shape == (4, 1) and files.element_spec[1].shape == ()
    for sound, half in files:
        assert np.array_equal(sound, SOUND[:4, :1])
        again = tf.audio.decode_wav(half)
        assert int(again.sample_rate) == 4000 and np.array_equal(again.audio, sound)
