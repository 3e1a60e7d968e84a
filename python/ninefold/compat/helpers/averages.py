# In: a variable and a new value. Out: moving averages as private paths have them.
import ninefold as tf


def assign_moving_average(variable, value, decay, zero_debias=True, name=None):
    """variable -= (1 - decay) (variable - value). With `zero_debias` the variable is divided by 1 - decay^steps, which it begins to
    count here."""
    if not zero_debias:
        return variable.assign_sub((variable - value) * tf.cast(1.0 - decay, variable.dtype))
    kept = variable.__dict__.setdefault("_debiased", None)
    if kept is None:
        kept = variable.__dict__["_debiased"] = (tf.Variable(tf.zeros_like(variable), trainable=False),
                                                 tf.Variable(0.0, trainable=False))
    biased, steps = kept
    biased.assign_sub((biased - value) * tf.cast(1.0 - decay, variable.dtype))
    steps.assign_add(1.0)
    return variable.assign(biased / tf.cast(1.0 - tf.pow(tf.cast(decay, tf.float32), steps), variable.dtype))
