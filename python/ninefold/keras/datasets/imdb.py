# In: imdb.npz in the cache. Out: 25,000 and 25,000 film reviews as numbers of words, the most frequent first, and whether they
# are kind.
import json

import numpy as np

from . import stored
from ..utils import get_file

_SHA256 = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
_WORDS_MD5 = "bfafd718b763782e994055a2d397834f"


def load_data(path="imdb.npz", num_words=None, skip_top=0, maxlen=None, seed=113, start_char=1, oov_char=2, index_from=3,
              **kwargs):
    """((x_train, y_train), (x_test, y_test)): arrays of lists of ints, and of 0 (unkind) or 1.

    num_words: words from this rank on, and those of the `skip_top` most frequent, become oov_char, or are left out if that is
    None. maxlen: only reviews of fewer words. Each begins with start_char; words are counted from index_from on.
    Raises ValueError if no review is short enough, OSError if the file is neither in ~/.keras/datasets nor to be had.
    """
    num_words = stored.renamed(num_words, kwargs)
    path = get_file(path, origin=stored.ORIGIN + "imdb.npz", file_hash=_SHA256)
    parts = stored.arrays(path, ("x_train", "y_train", "x_test", "y_test"))
    rng = np.random.RandomState(seed)       # the second order goes on where the first one ended
    (x_train, y_train), (x_test, y_test) = (stored.shuffled(rng, *parts[at:at + 2]) for at in (0, 2))
    x_train, x_test = (stored.marked(x, start_char, index_from) for x in (x_train, x_test))
    if maxlen:
        x_train, y_train = stored.shorter(x_train, y_train, maxlen)
        x_test, y_test = stored.shorter(x_test, y_test, maxlen)
        if not x_train or not x_test:
            raise ValueError(f"After filtering for sequences shorter than maxlen={maxlen}, no sequence was kept. Increase maxlen.")
    labels = np.concatenate([y_train, y_test])
    rows = stored.common(x_train + x_test, num_words, skip_top, oov_char)
    cut = len(x_train)
    return ((np.array(rows[:cut], dtype="object"), labels[:cut]), (np.array(rows[cut:], dtype="object"), labels[cut:]))


def get_word_index(path="imdb_word_index.json"):
    """{word: its rank among the frequent ones, from 1 on}."""
    path = get_file(path, origin=stored.ORIGIN + "imdb_word_index.json", file_hash=_WORDS_MD5)
    with open(path, encoding="utf-8") as file:
        return json.load(file)
