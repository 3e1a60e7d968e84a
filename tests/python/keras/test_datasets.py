# In: small files of the forms in which Keras' data sets were published. Out: what TensorFlow 2.9.0's loaders make of them; files
# that would run code, or are cut off, are refused.
import os
import pickle

import numpy as np
import pytest

import ninefold as tf

DATA = tf.keras.datasets
RECORDED = [   # TensorFlow 2.9.0 on the files of `home`
    ('imdb()',
     [[[[1, 4, 8, 2, 5], [1, 6, 4, 7], [1, 6, 8, 11, 2, 10], [1, 9, 8], [1, 2, 6]], [1, 0, 3, 2, 4]], [[[1, 4, 8, 2,
      5], [1, 2, 6], [1, 6, 8, 11, 2, 10], [1, 6, 4, 7], [1, 9, 8]], [13, 10, 11, 14, 12]]]),
    ('imdb(num_words=8)',
     [[[[1, 4, 2, 2, 5], [1, 6, 4, 7], [1, 6, 2, 2, 2, 2], [1, 2, 2], [1, 2, 6]], [1, 0, 3, 2, 4]], [[[1, 4, 2, 2, 5],
      [1, 2, 6], [1, 6, 2, 2, 2, 2], [1, 6, 4, 7], [1, 2, 2]], [13, 10, 11, 14, 12]]]),
    ('imdb(skip_top=5)',
     [[[[2, 2, 8, 2, 5], [2, 6, 2, 7], [2, 6, 8, 11, 2, 10], [2, 9, 8], [2, 2, 6]], [1, 0, 3, 2, 4]], [[[2, 2, 8, 2,
      5], [2, 2, 6], [2, 6, 8, 11, 2, 10], [2, 6, 2, 7], [2, 9, 8]], [13, 10, 11, 14, 12]]]),
    ('imdb(maxlen=5)',
     [[[[1, 6, 4, 7], [1, 9, 8], [1, 2, 6]], [0, 2, 4]], [[[1, 2, 6], [1, 6, 4, 7], [1, 9, 8]], [10, 14, 12]]]),
    ('imdb(seed=1, start_char=None)',
     [[[[9, 8], [4, 8, 2, 5], [2, 6], [6, 4, 7], [6, 8, 11, 2, 10]], [2, 1, 4, 0, 3]], [[[2, 6], [9, 8], [6, 4, 7],
      [4, 8, 2, 5], [6, 8, 11, 2, 10]], [10, 12, 14, 13, 11]]]),
    ('reuters()', [[[[1, 4, 8, 2, 5], [1, 6, 4, 7], [1, 6, 8, 11, 2, 10], [1, 9, 8]], [1, 0, 3, 2]], [[[1, 2, 6]], [4]]]),
    ('reuters(num_words=9, test_split=.4)',
     [[[[1, 4, 8, 2, 5], [1, 6, 4, 7], [1, 6, 8, 2, 2, 2]], [1, 0, 3]], [[[1, 2, 8], [1, 2, 6]], [2, 4]]]),
    ('reuters(maxlen=4, seed=3)', [[[[1, 2, 6]], [4]], [[[1, 9, 8]], [2]]]),
    ('boston_housing()',
     [[[[18.0, 19.0], [6.0, 7.0], [12.0, 13.0], [2.0, 3.0], [0.0, 1.0], [14.0, 15.0], [8.0, 9.0], [16.0, 17.0]], [9.0,
      3.0, 6.0, 1.0, 0.0, 7.0, 4.0, 8.0]], [[[4.0, 5.0], [10.0, 11.0]], [2.0, 5.0]]]),
    ('boston_housing(test_split=.5, seed=1)',
     [[[[4.0, 5.0], [18.0, 19.0], [12.0, 13.0], [8.0, 9.0], [0.0, 1.0]], [2.0, 9.0, 6.0, 4.0, 0.0]], [[[6.0, 7.0],
      [2.0, 3.0], [14.0, 15.0], [16.0, 17.0], [10.0, 11.0]], [3.0, 1.0, 7.0, 8.0, 5.0]]]),
]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    folder = tmp_path / "datasets"
    folder.mkdir()
    rows = np.array([[3, 1, 4], [1, 5, 9, 2], [6, 5], [3, 5, 8, 9, 7], [9, 3]], dtype=object)
    np.savez(folder / "imdb.npz", x_train=rows, y_train=np.arange(5), x_test=rows[::-1], y_test=np.arange(5) + 10)
    np.savez(folder / "reuters.npz", x=rows, y=np.arange(5))
    np.savez(folder / "boston_housing.npz", x=np.arange(20.).reshape(10, 2), y=np.arange(10.))
    monkeypatch.setattr("ninefold.keras.utils._download", _nowhere)      # the hashes are those of the real files
    return folder


def _nowhere(origin, *_):
    raise OSError(f"no network for {origin}")


def plain(x):
    return [plain(v) for v in x] if hasattr(x, "__len__") else x.item() if hasattr(x, "item") else x


@pytest.mark.filterwarnings("ignore:.*is used as it is")
@pytest.mark.parametrize("call, given", RECORDED)
def test_loaders_give_what_tensorflow_gives(home, call, given):
    names = {name: getattr(DATA, name).load_data for name in ("imdb", "reuters", "boston_housing")}
    assert plain(eval(call, names)) == given


@pytest.mark.filterwarnings("ignore:.*is used as it is")
def test_pictures_of_cifar(home, monkeypatch):
    pixels = np.arange(2 * 3072, dtype="uint8").reshape(2, 3072)
    for folder, files in (("cifar-10-batches-py", [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]),
                          ("cifar-100-python", ["train", "test"])):
        (home / folder).mkdir()
        for i, name in enumerate(files):
            what = {b"data": pixels + np.uint8(i), b"labels": [i, 7], b"fine_labels": [i, 99], b"coarse_labels": [i, 19]}
            (home / folder / name).write_bytes(pickle.dumps(what, protocol=2))
    monkeypatch.setattr(DATA.cifar10, "get_file", lambda name, **_: str(home / name))
    monkeypatch.setattr(DATA.cifar100, "get_file", lambda name, **_: str(home / name))
    (x, y), (xt, yt) = DATA.cifar10.load_data()
    fine, coarse = DATA.cifar100.load_data(), DATA.cifar100.load_data("coarse")
    wanted = (pixels + np.uint8(1)).reshape(2, 3, 32, 32).transpose(0, 2, 3, 1)
    assert x.dtype == y.dtype == "uint8" and (x.shape[0], y.shape, xt.shape) == (10, (10, 1), wanted.shape)
    assert (x[2:4] == wanted).all() and y[:4].ravel().tolist() == [0, 7, 1, 7] and yt.ravel().tolist() == [5, 7]
    assert fine[1][1].ravel().tolist() == [1, 99] and coarse[0][1].ravel().tolist() == [0, 19]
    with pytest.raises(ValueError, match="label_mode"):
        DATA.cifar100.load_data("rough")


class Evil:
    def __reduce__(self):
        return os.mkdir, ("/tmp/ninefold-was-here",)


@pytest.mark.filterwarnings("ignore:.*is used as it is")
@pytest.mark.parametrize("content, said", [
    (np.array([Evil()], dtype=object), "mkdir has no place in a data set"), (None, "no whole data set")])
def test_files_that_run_code_or_are_cut_off_are_refused(home, content, said):
    if content is None:
        (home / "reuters.npz").write_bytes((home / "reuters.npz").read_bytes()[:200])
    else:
        np.savez(home / "reuters.npz", x=content, y=np.arange(1))
    with pytest.raises(OSError, match=said):
        DATA.reuters.load_data()
    assert not os.path.exists("/tmp/ninefold-was-here")


def test_words_and_old_names(home, monkeypatch):
    (home / "imdb_word_index.json").write_text('{"film": 1, "caf\\u00e9": 2}')
    with pytest.warns(UserWarning, match="is used as it is"):
        assert DATA.imdb.get_word_index() == {"film": 1, "caf\u00e9": 2}
    with pytest.warns(UserWarning, match="is used as it is"):
        (x, _), _ = DATA.reuters.load_data(nb_words=5)
    assert max(max(row) for row in x) < 5
    with pytest.raises(TypeError, match="Unrecognized keyword arguments"):
        DATA.imdb.load_data(words=3)
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="Increase maxlen"):
        DATA.imdb.load_data(maxlen=1)
