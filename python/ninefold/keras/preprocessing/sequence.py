# In: lists of numbers in time. Out: rows of one length, windows of a series, pairs of words for skip-grams.
import json
import random

import numpy as np

from ..utils import Sequence, pad_sequences  # noqa: F401


class TimeseriesGenerator(Sequence):
    """Batches of windows of `data` and the targets that follow them.

    Sample r holds data[r - length:r:sampling_rate] and targets[r], for r from start_index + length to end_index, `stride` apart.
    """

    def __init__(self, data, targets, length, sampling_rate=1, stride=1, start_index=0, end_index=None, shuffle=False, reverse=False,
                 batch_size=128):
        if len(data) != len(targets):
            raise ValueError(f"Data and targets have to be of same length. Data length is {len(data)} while target length is "
                             f"{len(targets)}")
        self.data, self.targets, self.length, self.sampling_rate, self.stride = data, targets, length, sampling_rate, stride
        self.start_index = start_index + length
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle, self.reverse, self.batch_size = shuffle, reverse, batch_size
        if self.start_index > self.end_index:
            raise ValueError(f"`start_index+length={self.start_index} > end_index={self.end_index}` is disallowed, as no part of the "
                             "sequence would be left to be used as current step.")

    def __len__(self):
        each = self.batch_size * self.stride
        return (self.end_index - self.start_index + each) // each

    def __getitem__(self, index):
        if self.shuffle:
            rows = np.random.randint(self.start_index, self.end_index + 1, size=self.batch_size)
        else:
            first = self.start_index + self.batch_size * self.stride * index
            rows = np.arange(first, min(first + self.batch_size * self.stride, self.end_index + 1), self.stride)
        samples = np.array([self.data[row - self.length:row:self.sampling_rate] for row in rows])
        targets = np.array([self.targets[row] for row in rows])
        return (samples[:, ::-1, ...] if self.reverse else samples), targets

    def get_config(self):
        def text(what, name):
            try:
                return json.dumps(what.tolist() if isinstance(what, np.ndarray) else what)
            except TypeError as error:
                raise TypeError(f"{name} not JSON Serializable:", what) from error
        return {"data": text(self.data, "Data"), "targets": text(self.targets, "Targets"), "length": self.length,
                "sampling_rate": self.sampling_rate, "stride": self.stride, "start_index": self.start_index,
                "end_index": self.end_index, "shuffle": self.shuffle, "reverse": self.reverse, "batch_size": self.batch_size}

    def to_json(self, **kwargs):
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **kwargs)


def make_sampling_table(size, sampling_factor=1e-5):
    """How likely the word of each rank is kept, by word2vec's formula and Zipf's law for the frequencies."""
    rank = np.arange(size)
    rank[0] = 1
    share = sampling_factor * (rank * (np.log(rank) + 0.577) + 0.5 - 1 / (12.0 * rank))
    return np.minimum(1.0, share / np.sqrt(share))


def skipgrams(sequence, vocabulary_size, window_size=4, negative_samples=1.0, shuffle=True, categorical=False, sampling_table=None,
              seed=None):
    """(pairs of words, labels): 1 for two words within one window, 0 for a word and one drawn from the vocabulary. Word 0 is none."""
    pairs, yes, no = [], [0, 1] if categorical else 1, [1, 0] if categorical else 0
    for i, word in enumerate(sequence):
        if not word or (sampling_table is not None and sampling_table[word] < random.random()):
            continue
        for j in range(max(0, i - window_size), min(len(sequence), i + window_size + 1)):
            if j != i and sequence[j]:
                pairs.append([word, sequence[j]])
    labels = [yes] * len(pairs)
    if negative_samples > 0:
        count, words = int(len(labels) * negative_samples), [first for first, _ in pairs]
        random.shuffle(words)
        pairs += [[words[i % len(words)], random.randint(1, vocabulary_size - 1)] for i in range(count)]
        labels += [no] * count
    if shuffle:
        seed = random.randint(0, 10_000_000) if seed is None else seed
        for items in (pairs, labels):
            random.seed(seed)
            random.shuffle(items)
    return pairs, labels
