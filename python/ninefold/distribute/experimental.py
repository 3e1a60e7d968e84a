# Out: tf.distribute.experimental: what is there of it.
from .input import ValueContext  # noqa: F401
