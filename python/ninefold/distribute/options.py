# In: what a program wishes of communication between replicas. Out: tf.distribute.experimental's objects that say it, and their
# words for the engine.
import enum

from .._framework import logs


class CommunicationImplementation(enum.Enum):
    """How values travel between the cards of a strategy that was given no `cross_device_ops`: `NCCL`, and `AUTO` where NCCL is
    there, by NCCL's calls; `RING` by copies and additions."""

    AUTO = "AUTO"
    RING = "RING"
    NCCL = "NCCL"


class Options:
    """What one call that brings values of replicas together is to know (`tf.distribute.experimental.CommunicationOptions`).

    bytes_per_pack: gradients travel over several GPUs in buckets of at most so many bytes (one larger tensor is a bucket of its
    own); 0: of 25 MB. timeout_seconds: NCCL's calls that take longer, counted from when every card has brought its part, are ended
    with `tf.errors.DeadlineExceededError`; the host then waits for the sums of each step. None or 0: no limit.
    implementation: a CommunicationImplementation, or its name. Raises ValueError for what is none of these.
    """

    def __init__(self, bytes_per_pack=0, timeout_seconds=None, implementation=CommunicationImplementation.AUTO):
        if bytes_per_pack < 0:
            raise ValueError("Argument `bytes_per_pack` must be >=0, Received {}.".format(bytes_per_pack))
        if isinstance(implementation, str):
            implementation = CommunicationImplementation(implementation.upper())
        if not isinstance(implementation, CommunicationImplementation):
            raise ValueError("Argument `implementation` must be instance of `tf.distribute.experimental.CommunicationImplementation`.")
        self.bytes_per_pack, self.timeout_seconds, self.implementation = bytes_per_pack, timeout_seconds, implementation

    def merge(self, options):
        """Options that have what `options` says, and what these say where it says nothing."""
        merged = Options(self.bytes_per_pack, self.timeout_seconds, self.implementation)
        if options is None:
            return merged
        if options.bytes_per_pack != 0:
            merged.bytes_per_pack = options.bytes_per_pack
        if options.timeout_seconds is not None:
            merged.timeout_seconds = options.timeout_seconds
        if options.implementation != CommunicationImplementation.AUTO:
            merged.implementation = options.implementation
        return merged


def said(options):
    """What the engine is told of options, which may be None."""
    if options is None:
        return 0, 0.0, "AUTO"
    return int(options.bytes_per_pack), float(options.timeout_seconds or 0), options.implementation.name


class CollectiveHints:
    """The older name of CommunicationOptions, which it makes."""

    def __new__(cls, bytes_per_pack=0, timeout_seconds=None):
        logs.warn("Hints.__new__ (from tensorflow.python.distribute.collective_util) is deprecated and will be removed in a future "
                  "version.\nInstructions for updating:\nuse distribute.experimental.CommunicationOptions instead")
        return Options(bytes_per_pack, timeout_seconds)
