# Out: tf.keras.initializers.
from . import parts

parts.module(globals(), "initializer", parts.Initializer, "keras.initializers")
