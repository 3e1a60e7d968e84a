# In: TPUs, several machines. Out: tf.distribute's classes for them, which programs ask objects for; making one says what to do.
from .strategies import Strategy


class _Elsewhere:
    """A class of which there are no objects here."""
    _needs = _instead = ""

    def __init__(self, *args, **kwargs):
        raise NotImplementedError("tf.distribute.{}: it needs {}, which is not built; {}".format(
            type(self).__name__, self._needs, self._instead))


_ONE_MACHINE = "tf.distribute.MirroredStrategy uses all GPUs of one machine"


class TPUStrategy(_Elsewhere, Strategy):
    """Replicas on TPUs, which this engine cannot drive: NotImplementedError."""
    _needs, _instead = "a TPU", _ONE_MACHINE


class MultiWorkerMirroredStrategy(_Elsewhere, Strategy):
    """Replicas on several machines, whose values this engine cannot send yet: NotImplementedError."""
    _needs, _instead = "collectives between machines", _ONE_MACHINE


class ParameterServerStrategy(_Elsewhere, Strategy):
    """Variables on other machines, which this engine cannot reach yet: NotImplementedError."""
    _needs, _instead = "servers on other machines", _ONE_MACHINE


class CentralStorageStrategy(_Elsewhere, Strategy):
    """Variables of the host and replicas on GPUs, which is not built: NotImplementedError."""
    _needs, _instead = "variables that lie on the host", _ONE_MACHINE
