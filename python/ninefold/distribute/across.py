# In: values of several replicas. Out: tf.distribute's ways to bring them together, as objects that programs hand to a strategy.
import contextlib
import weakref

from .._core import distribute as core
from .options import Options, said
from .values import DistributedValues, PerReplica, ReduceOp, is_mean, own


def full_device(device):
    """"/cpu:0", "CPU:0", "/job:localhost/.../device:CPU:0" -> "/device:CPU:0"."""
    kind, _, index = str(device).strip("/").split("/")[-1].replace("device:", "").rpartition(":")
    if not kind:
        kind, index = index, "0"
    return "/device:{}:{}".format(kind.upper(), index)


def _checked(destinations):
    from .. import Tensor, Variable
    if not isinstance(destinations, (DistributedValues, Variable, Tensor, str)):
        raise ValueError("destinations must be one of a `DistributedValues` object, a tf.Variable object, or a device string.")
    return destinations


def _of_replicas(value):
    from .. import Tensor
    if isinstance(value, DistributedValues):
        return value
    if not isinstance(value, Tensor):
        raise ValueError("Cannot convert `input_tensor` to a `PerReplica` object because it doesn't have device set.")
    return PerReplica((value,))


def _there(destinations):
    from .. import device
    return device(full_device(destinations)) if isinstance(destinations, str) else contextlib.nullcontext()


class CrossDeviceOps:
    """How what replicas have is brought together: what a program asks itself, and, of a strategy that was given one, gradients and
    whatever `all_reduce` brings. A class of one's own writes `reduce_implementation` and `batch_reduce_implementation`.

    Results lie once, in memory that all devices of a process read: those for several devices are no copies for each, and what is
    broadcast stays where it is.
    """
    _way = None         # for the engine: the name of the way, how many packs, to which device; None: by the methods

    def reduce(self, reduce_op, per_replica_value, destinations, options=None):
        """The sum or mean of the values of all replicas, where `destinations` (a device's name, a value, a variable) says.

        Raises ValueError for values that are no tensors, for other destinations, and where `reduce_op` is no tf.distribute.ReduceOp.
        """
        value = _of_replicas(per_replica_value)
        _checked(destinations)
        if len(value.values) == 1:
            return value.values[0]
        return self.reduce_implementation(reduce_op, value, destinations, Options() if options is None else options)

    def batch_reduce(self, reduce_op, value_destination_pairs, options=None):
        """`reduce` of each pair, all at once: a list."""
        pairs = list(value_destination_pairs)
        if not all(isinstance(pair, tuple) for pair in pairs):
            raise ValueError("Each element of `value_destination_pairs` should be a tuple.")
        pairs = [(_of_replicas(value), _checked(destinations)) for value, destinations in pairs]
        if all(len(value.values) == 1 for value, _ in pairs):
            return [value.values[0] for value, _ in pairs]
        return self.batch_reduce_implementation(reduce_op, pairs, Options() if options is None else options)

    def broadcast(self, tensor, destinations):
        """The tensor on the devices that `destinations` says."""
        _checked(destinations)
        return self.broadcast_implementation(tensor, destinations)

    def reduce_implementation(self, reduce_op, per_replica_value, destinations, options):
        """What `reduce` is when there are several values."""
        raise NotImplementedError("_reduce method must be implemented in descendants.")

    def batch_reduce_implementation(self, reduce_op, value_destination_pairs, options):
        """What `batch_reduce` is when there are several values."""
        raise NotImplementedError("batch_reduce_implementation method must be implemented in descendants.")

    def broadcast_implementation(self, tensor, destinations):
        """What `broadcast` is."""
        from .. import convert_to_tensor
        with _there(destinations):
            return convert_to_tensor(tensor)


class _Across(CrossDeviceOps):
    """The engine's ways."""

    def reduce_implementation(self, reduce_op, per_replica_value, destinations, options):
        return self.batch_reduce_implementation(reduce_op, [(per_replica_value, destinations)], options)[0]

    def batch_reduce_implementation(self, reduce_op, value_destination_pairs, options):
        if not isinstance(reduce_op, ReduceOp):
            raise ValueError("`reduce_op` must be Reduce.SUM or Reduce.MEAN.")
        replicas = len(value_destination_pairs[0][0].values)
        sums = []
        for to, pairs in _by_place(value_destination_pairs):
            way, packs, device = self._way
            sums += core.summed([[value.values[r] for value, _ in pairs] for r in range(replicas)], way, packs, device or to, *said(options))
        return [s / replicas for s in sums] if is_mean(reduce_op) else sums


def _by_place(pairs):
    """Neighbours that go to one place, which travel together; "" for several devices: the first."""
    runs = []
    for pair in pairs:
        to = full_device(pair[1]) if isinstance(pair[1], str) else ""
        if not runs or runs[-1][0] != to:
            runs.append((to, []))
        runs[-1][1].append(pair)
    return runs


class Automatic(_Across):
    """Of a strategy that was given none: NCCL where it is there, in buckets, else copies and additions."""
    _way = ("automatic", 0, "")


class NcclAllReduce(_Across):
    """Over several GPUs one call of NCCL's a pack, of which there are `num_packs` of each dtype at most (0: one a tensor); options
    with `bytes_per_pack` say instead how large packs are."""

    def __init__(self, num_packs=1):
        if num_packs < 0:
            raise ValueError("NCCL all-reduce requires num_packs >= 0, but {} is specified".format(num_packs))
        self._way = ("nccl", int(num_packs), "")


class HierarchicalCopyAllReduce(_Across):
    """Over several GPUs packs that are added within each half of the devices, then across."""

    def __init__(self, num_packs=1):
        if num_packs < 0:
            raise ValueError("HierarchicalCopy requires num_packs >= 0, but {} is specified".format(num_packs))
        self._way = ("hierarchical", int(num_packs), "")


class ReductionToOneDevice(_Across):
    """All values to one device (where the result goes, or `reduce_to_device`), where `accumulation_fn` makes one of a list of them;
    without one they are added one by one."""

    def __init__(self, reduce_to_device=None, accumulation_fn=None):
        if accumulation_fn is not None and not callable(accumulation_fn):
            raise TypeError("ReductionToOneDevice: accumulation_fn must be callable, got {!r}".format(accumulation_fn))
        self.reduce_to_device, self.accumulation_fn = reduce_to_device, accumulation_fn
        self._way = ("one_device", 0, full_device(reduce_to_device) if reduce_to_device else "") if accumulation_fn is None else None

    def batch_reduce_implementation(self, reduce_op, value_destination_pairs, options):
        if self.accumulation_fn is None:
            return super().batch_reduce_implementation(reduce_op, value_destination_pairs, options)
        if not isinstance(reduce_op, ReduceOp):
            raise ValueError("`reduce_op` must be Reduce.SUM or Reduce.MEAN.")

        def one(value, destinations):
            with _there(self.reduce_to_device or destinations):
                total = self.accumulation_fn(list(value.values))
                return total / len(value.values) if is_mean(reduce_op) else total
        return [one(value, destinations) for value, destinations in value_destination_pairs]


def asked_by_engine(ops):
    """For the engine, a function that brings tensors together by an object's methods; the strategy keeps the object alive."""
    kept = weakref.ref(ops)

    def brought(of_replicas, mean, bytes_per_pack, timeout_seconds, implementation):
        found = kept()
        if found is None:
            raise RuntimeError("MirroredStrategy: its cross_device_ops is gone, as the strategy is that was made with it")
        values = [PerReplica(parts) for parts in zip(*of_replicas)]
        options = Options(bytes_per_pack, timeout_seconds or None, implementation)
        results = found.batch_reduce(ReduceOp.MEAN if mean else ReduceOp.SUM, [(v, v) for v in values], options)
        return [own(r, 0) for r in results]
    return brought
