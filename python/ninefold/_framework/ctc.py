# In: logits through time and labels. Out: tf.nn.ctc_loss, its decoders and helpers, made of the ops CTCLoss, CTCGreedyDecoder and
# CTCBeamSearchDecoder, whose blank is the last class.
from . import export
from .. import _core
from .sparse import SparseTensor


def _call(name, *args, **kwargs):
    return _core.function_named(name)(*args, **kwargs)


def _raw(name, **arguments):
    from .. import raw_ops
    return getattr(raw_ops, name)(**arguments)


def _classes(logits):
    count = logits.shape[2] if logits.shape.rank == 3 else None
    return _call("tf.shape", logits)[2] if count is None else count


def _with_blank_last(logits, blank):
    parts = [logits[:, :, :blank], logits[:, :, blank + 1:], logits[:, :, blank:blank + 1]]
    return _call("tf.concat", parts, axis=2)


def _loss(indices, values, logits, lengths, ignore_longer=False):
    dtype = logits.dtype
    if dtype.name in ("float16", "bfloat16"):
        logits = _call("tf.cast", logits, "float32")
    loss = _raw("CTCLoss", inputs=logits, labels_indices=_call("tf.cast", indices, "int64"), labels_values=_call("tf.cast", values, "int32"),
                sequence_length=_call("tf.cast", lengths, "int32"), ignore_longer_outputs_than_inputs=ignore_longer)[0]
    return _call("tf.cast", loss, dtype) if loss.dtype != dtype else loss


def _blanks_only(logits, lengths):
    """The loss of sequences without labels: every step is a blank, the last class."""
    steps = -_call("tf.nn.log_softmax", logits)[:, :, -1]
    mask = _call("tf.transpose", _call("tf.sequence_mask", lengths, _call("tf.shape", logits)[0], steps.dtype))
    return _call("tf.reduce_sum", steps * mask, axis=0)


@export("nn.ctc_loss")
def ctc_loss(labels, logits, label_length, logit_length, logits_time_major=True, unique=None, blank_index=None, name=None):
    """The CTC loss [batch] (Graves et al., 2006) of logits [time, batch, classes], or [batch, time, classes] unless logits_time_major.

    labels: int32 [batch, longest] with label_length [batch], or a SparseTensor, which needs a blank_index; logit_length: the steps that
    count of each sequence. blank_index: the class of the blank, 0 if None, from the end if negative. `unique` changes no result.
    Raises ValueError for a SparseTensor without a blank_index. Dense labels that do not fit into their steps have an infinite loss, from
    which nothing flows back; a SparseTensor with such labels, or with rows without labels, raises InvalidArgumentError.
    """
    logits = _core.convert(logits)
    if not logits_time_major:
        logits = _call("tf.transpose", logits, [1, 0, 2])
    if isinstance(labels, SparseTensor):
        if blank_index is None:
            raise ValueError("Argument `blank_index` must be provided when labels is a SparseTensor.")
        indices, values = labels.indices, labels.values
    else:
        labels, label_length = _core.convert(labels), _call("tf.cast", label_length, "int32")
        logit_length = _call("tf.cast", logit_length, "int32")
    blank = 0 if blank_index is None else blank_index
    classes = _classes(logits)
    if blank < 0:
        blank += classes
    if isinstance(labels, SparseTensor):
        if not isinstance(blank, int) or not isinstance(classes, int) or blank != classes - 1:
            logits = _with_blank_last(logits, blank)
            values = _call("tf.where", values < blank, values, values - 1)
        return _loss(indices, values, logits, logit_length)
    logits = _with_blank_last(logits, blank)
    labels = _call("tf.where", labels < blank, labels, labels - 1)
    # Rows without labels get one, and what stands for them is the loss of their blanks.
    empty = _call("tf.equal", label_length, 0)
    longest = _call("tf.shape", labels)[1]
    labels = _call("tf.pad", labels, [[0, 0], [0, _call("tf.cast", _call("tf.equal", longest, 0), "int32")]])
    mask = _call("tf.sequence_mask", _call("tf.maximum", label_length, 1), _call("tf.shape", labels)[1])
    kept = _call("tf.where", _call("tf.expand_dims", empty, 1), _call("tf.zeros_like", labels), labels)
    found = _loss(_call("tf.where", mask), _call("tf.boolean_mask", kept, mask), logits, logit_length, True)
    repeats = _call("tf.reduce_sum", _call("tf.cast", _call("tf.logical_and", _call("tf.equal", labels[:, 1:], labels[:, :-1]), mask[:, 1:]), "int32"), axis=1)
    fits = label_length + repeats <= logit_length
    found = _call("tf.where", fits, found, _call("tf.fill", _call("tf.shape", found), _call("tf.cast", float("inf"), found.dtype)))
    return _call("tf.where", empty, _blanks_only(logits, logit_length), found)


@export("nn.ctc_greedy_decoder")
def ctc_greedy_decoder(inputs, sequence_length, merge_repeated=True, blank_index=None):
    """([SparseTensor of int64 [batch, longest]], negative sums of the best logits [batch, 1]) of logits [time, batch, classes].

    blank_index: the class of the blank, the last if None. Raises InvalidArgumentError for one that is no class."""
    indices, values, shape, sums = _raw("CTCGreedyDecoder", inputs=inputs, sequence_length=sequence_length, merge_repeated=merge_repeated,
                                        blank_index=-1 if blank_index is None else blank_index)
    return [SparseTensor(indices, values, shape)], sums


def beam_search(inputs, sequence_length, beam_width, top_paths, merge_repeated):
    """As ctc_beam_search_decoder; with merge_repeated equal labels that follow each other are one in what is given."""
    *parts, logs = _flat(_raw("CTCBeamSearchDecoder", inputs=inputs, sequence_length=sequence_length, beam_width=beam_width,
                              top_paths=top_paths, merge_repeated=merge_repeated))
    return [SparseTensor(*parts[i::top_paths]) for i in range(top_paths)], logs


def _flat(parts):
    return [t for part in parts for t in (part if isinstance(part, (list, tuple)) else [part])]


@export("nn.ctc_beam_search_decoder")
def ctc_beam_search_decoder(inputs, sequence_length, beam_width=100, top_paths=1):
    """(top_paths SparseTensors of int64 [batch, longest], their logarithms [batch, top_paths]) of logits [time, batch, classes], the last
    class of which is the blank. Raises InvalidArgumentError for more paths than the beam is wide, or than it has found."""
    return beam_search(inputs, sequence_length, beam_width, top_paths, False)


@export("nn.ctc_unique_labels")
def ctc_unique_labels(labels, name=None):
    """(the different labels of each row, padded with 0, int64; which of them each label is, int32), both [batch, longest]."""
    def of_row(row):
        found, at = _call("tf.unique", row)
        return _call("tf.cast", _call("tf.pad", found, [[0, _call("tf.shape", at)[0] - _call("tf.shape", found)[0]]]), "int64"), at
    from .functional import map_fn
    labels = _core.convert(labels)
    from .dtypes import as_dtype
    from .specs import TensorSpec
    return list(map_fn(of_row, labels, fn_output_signature=(TensorSpec(labels.shape[1:], "int64"), TensorSpec(labels.shape[1:], as_dtype("int32")))))


@export("nn.collapse_repeated")
def collapse_repeated(labels, seq_length, name=None):
    """(labels [batch, longest] with those that repeat the one before left out, padded with 0; their new lengths)."""
    labels, seq_length = _core.convert(labels), _core.convert(seq_length)
    first = _call("tf.ones_like", labels[:, :1], "bool")
    mask = _call("tf.concat", [first, _call("tf.not_equal", labels[:, 1:], labels[:, :-1])], axis=1)
    mask = _call("tf.logical_and", mask, _call("tf.sequence_mask", seq_length, _call("tf.shape", labels)[1]))
    lengths = _call("tf.reduce_sum", _call("tf.cast", mask, "int32"), axis=1)
    into = _call("tf.where", _call("tf.sequence_mask", lengths, _call("tf.reduce_max", lengths)))
    shape = _call("tf.stack", [_call("tf.shape", labels)[0], _call("tf.reduce_max", lengths)])
    made = _call("tf.scatter_nd", into, _call("tf.boolean_mask", labels, mask), _call("tf.cast", shape, "int64"))
    return made, _call("tf.cast", lengths, seq_length.dtype)
