# Out: tf.distribute.experimental: what is there of it.
from .elsewhere import (  # noqa: F401
    CentralStorageStrategy, MultiWorkerMirroredStrategy, ParameterServerStrategy, TPUStrategy)
from .input import ValueContext  # noqa: F401
