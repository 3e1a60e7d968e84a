# In: probabilities through time and labels. Out: those functions of tf.keras.backend that align the two: CTC's loss and decoders.
import importlib

tf = importlib.import_module(__package__.rpartition(".")[0])


def ctc_label_dense_to_sparse(labels, label_lengths):
    """The first label_lengths[i] labels of each row of [batch, longest], as a SparseTensor of that shape."""
    labels = tf.convert_to_tensor(labels)
    mask = tf.sequence_mask(label_lengths, tf.shape(labels)[1])
    return tf.SparseTensor(tf.where(mask), tf.boolean_mask(labels, mask), tf.shape(labels, out_type=tf.int64))


def _logits(y_pred):
    from . import backend
    return tf.math.log(tf.transpose(tf.convert_to_tensor(y_pred), [1, 0, 2]) + backend.epsilon())


def ctc_batch_cost(y_true, y_pred, input_length, label_length):
    """The CTC loss [samples, 1] of probabilities [samples, steps, classes], the last class of which is the blank, for labels
    [samples, longest] with their lengths, both [samples, 1]. Raises InvalidArgumentError for labels that do not fit."""
    label_length = tf.cast(tf.squeeze(label_length, axis=-1), tf.int32)
    input_length = tf.cast(tf.squeeze(input_length, axis=-1), tf.int32)
    labels = tf.cast(ctc_label_dense_to_sparse(y_true, label_length), tf.int32)
    return tf.expand_dims(tf.nn.ctc_loss(labels, _logits(y_pred), None, input_length, blank_index=-1), 1)


def ctc_decode(y_pred, input_length, greedy=True, beam_width=100, top_paths=1):
    """(the most likely labels [samples, steps] of probabilities [samples, steps, classes], padded with -1, a tensor a path; their
    logarithms [samples, paths], of the greedy way negative)."""
    y_pred = tf.convert_to_tensor(y_pred)
    size, lengths = tf.shape(y_pred, out_type=tf.int64)[:2], tf.cast(input_length, tf.int32)
    if greedy:
        decoded, logs = tf.nn.ctc_greedy_decoder(_logits(y_pred), lengths)
    else:
        from .._framework import ctc
        decoded, logs = ctc.beam_search(_logits(y_pred), lengths, beam_width, top_paths, True)
    return [tf.sparse.to_dense(tf.SparseTensor(path.indices, path.values, size), default_value=-1) for path in decoded], logs
