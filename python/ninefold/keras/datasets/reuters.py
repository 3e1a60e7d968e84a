# In: reuters.npz in the cache. Out: 11,228 newswires as numbers of words, the most frequent first, and their topics of 46.
import json

import numpy as np

from . import stored
from ..utils import get_file

_SHA256 = "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"
_WORDS_MD5 = "4d44cc38712099c9e383dc6e5f11a921"


def load_data(path="reuters.npz", num_words=None, skip_top=0, maxlen=None, test_split=0.2, seed=113, start_char=1, oov_char=2,
              index_from=3, **kwargs):
    """((x_train, y_train), (x_test, y_test)): arrays of lists of ints, and of topics from 0 to 45.

    test_split: the share that is kept for testing; the other arguments are those of imdb.load_data.
    Raises OSError if the file is neither in ~/.keras/datasets nor to be had.
    """
    num_words = stored.renamed(num_words, kwargs)
    path = get_file(path, origin=stored.ORIGIN + "reuters.npz", file_hash=_SHA256)
    x, labels = stored.shuffled(np.random.RandomState(seed), *stored.arrays(path, ("x", "y")))
    rows = stored.marked(x, start_char, index_from)
    if maxlen:
        rows, labels = stored.shorter(rows, labels, maxlen)
    rows = stored.common(rows, num_words, skip_top, oov_char)
    cut = int(len(rows) * (1 - test_split))
    return ((np.array(rows[:cut], dtype="object"), np.array(labels[:cut])),
            (np.array(rows[cut:], dtype="object"), np.array(labels[cut:])))


def get_word_index(path="reuters_word_index.json"):
    """{word: its rank among the frequent ones, from 1 on}."""
    path = get_file(path, origin=stored.ORIGIN + "reuters_word_index.json", file_hash=_WORDS_MD5)
    with open(path, encoding="utf-8") as file:
        return json.load(file)
