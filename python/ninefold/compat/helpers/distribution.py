# Out: the classes that TensorFlow's variables of several replicas have, which packages ask isinstance about. Here replicas share
# plain variables: nothing is of these classes.
from ...distribute.values import DistributedValues


class DistributedVariable(DistributedValues):
    """A variable of each replica."""


class MirroredVariable(DistributedVariable):
    """One that is updated alike."""


class SyncOnReadVariable(DistributedVariable):
    """One that is brought together when it is read."""


class AggregatingVariable:
    """A variable on a parameter server."""


class CachingVariable:
    """A copy of such a variable."""
