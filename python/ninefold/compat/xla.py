"""In: tensors. Out: the op of XLA that known packages use outside of XLA, made of public ones."""


def dynamic_update_slice(operand, update, start_indices):
    """`operand` with `update` written over it from `start_indices` on; as in XLA, a start that would let it stick
    out is moved inwards."""
    import ninefold as tf
    operand, update = tf.convert_to_tensor(operand), tf.convert_to_tensor(update)
    start = tf.cast(start_indices, tf.int32)
    room = tf.shape(operand) - tf.shape(update)
    start = tf.clip_by_value(start, tf.zeros_like(room), room)
    around = tf.stack([start, room - start], axis=1)
    written = tf.pad(tf.ones(tf.shape(update), tf.int32), around) > 0
    return tf.where(written, tf.pad(update, around), operand)
