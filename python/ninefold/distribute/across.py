# In: values of several replicas. Out: tf.distribute's ways to bring them together, as objects that programs hand to a strategy.
from .values import DistributedValues, is_mean


def full_device(device):
    """"/cpu:0", "CPU:0", "/job:localhost/.../device:CPU:0" -> "/device:CPU:0"."""
    kind, _, index = str(device).strip("/").split("/")[-1].replace("device:", "").rpartition(":")
    if not kind:
        kind, index = index, "0"
    return "/device:{}:{}".format(kind.upper(), index)


class CrossDeviceOps:
    """How what replicas have is brought together. What a program asks of one of these itself is computed where the values lie;
    given to MirroredStrategy, it says how gradients travel between several GPUs."""
    _way = None         # for MirroredStrategy: the name of the way, how many packs, to which device

    def reduce(self, reduce_op, per_replica_value, destinations, options=None):
        """The sum or mean of the values of all replicas."""
        from .. import add_n
        mean = is_mean(reduce_op)
        values = per_replica_value.values if isinstance(per_replica_value, DistributedValues) else (per_replica_value,)
        total = add_n(list(values)) if len(values) > 1 else values[0]
        return total / len(values) if mean else total

    def batch_reduce(self, reduce_op, value_destination_pairs, options=None):
        """`reduce` of each pair."""
        return [self.reduce(reduce_op, value, destinations, options) for value, destinations in value_destination_pairs]

    def broadcast(self, tensor, destinations):
        """The tensor itself: every device reads the same memory."""
        return tensor


class NcclAllReduce(CrossDeviceOps):
    """Over several GPUs one call of NCCL's a pack, of which there are `num_packs` of each dtype at most (0: one a tensor)."""

    def __init__(self, num_packs=1):
        if num_packs < 0:
            raise ValueError("NCCL all-reduce requires num_packs >= 0, but {} is specified".format(num_packs))
        self._way = ("nccl", num_packs, "")


class HierarchicalCopyAllReduce(CrossDeviceOps):
    """Over several GPUs packs that are added within each half of the devices, then across."""

    def __init__(self, num_packs=1):
        if num_packs < 0:
            raise ValueError("HierarchicalCopy requires num_packs >= 0, but {} is specified".format(num_packs))
        self._way = ("hierarchical", num_packs, "")


class ReductionToOneDevice(CrossDeviceOps):
    """All values to one device (the strategy's first, or `reduce_to_device`), where they are added one by one."""

    def __init__(self, reduce_to_device=None, accumulation_fn=None):
        if accumulation_fn is not None and not callable(accumulation_fn):
            raise TypeError("ReductionToOneDevice: accumulation_fn must be callable, got {!r}".format(accumulation_fn))
        self.reduce_to_device, self.accumulation_fn = reduce_to_device, accumulation_fn
        if accumulation_fn is None:
            self._way = ("one_device", 0, full_device(reduce_to_device) if reduce_to_device else "")

    def reduce(self, reduce_op, per_replica_value, destinations, options=None):
        """The sum or mean of the values of all replicas, by `accumulation_fn` where one was given."""
        if self.accumulation_fn is None:
            return super().reduce(reduce_op, per_replica_value, destinations, options)
        values = per_replica_value.values if isinstance(per_replica_value, DistributedValues) else (per_replica_value,)
        total = self.accumulation_fn(list(values))
        return total / len(values) if is_mean(reduce_op) else total
