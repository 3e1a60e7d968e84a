# Out: tf.keras.regularizers.
from . import parts

parts.module(globals(), "regularizer", parts.Regularizer, "keras.regularizers")
