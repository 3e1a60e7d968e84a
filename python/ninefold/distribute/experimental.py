# Out: tf.distribute.experimental: what is there of it.
from .elsewhere import (  # noqa: F401
    CentralStorageStrategy, MultiWorkerMirroredStrategy, ParameterServerStrategy, TPUStrategy)
from .input import ValueContext  # noqa: F401
from .options import CollectiveHints, CommunicationImplementation, Options as CommunicationOptions  # noqa: F401

CollectiveCommunication = CommunicationImplementation        # its older name
