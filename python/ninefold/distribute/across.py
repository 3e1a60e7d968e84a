# In: values of several replicas. Out: tf.distribute's ways to bring them together, as objects that programs hand to a strategy.
from .values import DistributedValues, is_mean


class CrossDeviceOps:
    """How values of replicas are brought together. Replicas of one process share its memory, so that all ways are one: the sum
    is computed where the values lie; the classes differ in name, and in what they refuse."""

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
    """Through NCCL, where cards are."""

    def __init__(self, num_packs=1):
        if num_packs < 0:
            raise ValueError("NCCL all-reduce requires num_packs >= 0, but {} is specified".format(num_packs))


class HierarchicalCopyAllReduce(CrossDeviceOps):
    """By copies along a machine's topology."""

    def __init__(self, num_packs=1):
        if num_packs < 0:
            raise ValueError("HierarchicalCopy requires num_packs >= 0, but {} is specified".format(num_packs))


class ReductionToOneDevice(CrossDeviceOps):
    """All values to one device, and the sum back."""

    def __init__(self, reduce_to_device=None, accumulation_fn=None):
        if accumulation_fn is not None and not callable(accumulation_fn):
            raise TypeError("ReductionToOneDevice: accumulation_fn must be callable, got {!r}".format(accumulation_fn))
        self.reduce_to_device, self.accumulation_fn = reduce_to_device, accumulation_fn

    def reduce(self, reduce_op, per_replica_value, destinations, options=None):
        """The sum or mean of the values of all replicas, by `accumulation_fn` where one was given."""
        if self.accumulation_fn is None:
            return super().reduce(reduce_op, per_replica_value, destinations, options)
        values = per_replica_value.values if isinstance(per_replica_value, DistributedValues) else (per_replica_value,)
        total = self.accumulation_fn(list(values))
        return total / len(values) if is_mean(reduce_op) else total
