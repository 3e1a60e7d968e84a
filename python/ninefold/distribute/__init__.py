# In: devices, functions, datasets. Out: tf.distribute: a step once a device, what the replicas share brought together.
from .across import CrossDeviceOps, HierarchicalCopyAllReduce, NcclAllReduce, ReductionToOneDevice  # noqa: F401
from .contexts import (  # noqa: F401
    ReplicaContext, get_replica_context, get_strategy, has_strategy, in_cross_replica_context)
from .elsewhere import MultiWorkerMirroredStrategy, ParameterServerStrategy, TPUStrategy  # noqa: F401
from .input import DistributedDataset, DistributedIterator, InputContext, InputOptions, InputReplicationMode  # noqa: F401
from .strategies import MirroredStrategy, OneDeviceStrategy, RunOptions, Strategy, StrategyExtended  # noqa: F401
from .values import DistributedValues, PerReplica, ReduceOp  # noqa: F401
from . import experimental  # noqa: F401
