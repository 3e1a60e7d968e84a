# Out: tf.keras.constraints.
from . import parts

parts.module(globals(), "constraint", parts.Constraint, "keras.constraints")
