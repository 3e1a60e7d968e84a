# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.backend_ctc for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

def ctc_batch_cost(y_true: Any, y_pred: Any, input_length: Any, label_length: Any) -> Any:
    """The CTC loss [samples, 1] of probabilities [samples, steps, classes], the last class of which is the blank, for labels [samples, longest] with their lengths, both [samples, 1]. Raises InvalidArgumentError for labels that do not fit."""

def ctc_decode(y_pred: Any, input_length: Any, greedy: Any = ..., beam_width: Any = ..., top_paths: Any = ...) -> Any:
    """(the most likely labels [samples, steps] of probabilities [samples, steps, classes], padded with -1, a tensor a path; their logarithms [samples, paths], of the greedy way negative)."""

def ctc_label_dense_to_sparse(labels: Any, label_lengths: Any) -> Any:
    """The first label_lengths[i] labels of each row of [batch, longest], as a SparseTensor of that shape."""
