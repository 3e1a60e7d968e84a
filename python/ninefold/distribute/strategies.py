# In: devices, functions. Out: tf.distribute's strategies: a step once a device, what the replicas share brought together.
import contextlib
import weakref

from .._core import distribute as core
from .._framework import logs
from .across import Automatic, CrossDeviceOps, asked_by_engine, full_device
from .input import DistributedDataset, DistributedDatasetsFromFunction, InputContext, InputReplicationMode, ValueContext
from .values import DistributedValues, ReduceOp, is_mean, own, per_replica, regroup

_known = {}        # address of what a handle stands for -> its strategy


def of_handle(handle):
    """The strategy that a handle stands for: the object that the program made, where it made one."""
    found = _known.get(handle.address)
    return found() if found is not None and found() is not None else Strategy(handle)


class Strategy:
    """Runs steps on devices: scope() for what is made, run() for a function once a replica."""

    _cross_device_ops = None     # that the strategy was given

    def __init__(self, handle):
        self._handle = handle
        self._devices = core.devices(handle)
        self._merged = []        # what the last merge gave; replicas take turns
        _known[handle.address] = weakref.ref(self)

    @property
    def num_replicas_in_sync(self):
        return len(self._devices)

    @property
    def extended(self):
        return StrategyExtended(self)

    @property
    def cluster_resolver(self):
        """None: one process is the whole cluster."""
        return None

    @contextlib.contextmanager
    def scope(self):
        """What is made inside - variables, models, optimizers - belongs to this strategy."""
        entered = core.enter(self._handle)
        try:
            yield self
        finally:
            entered.leave()

    def run(self, fn, args=(), kwargs=None, options=None):
        """fn once a replica, with its own part of each PerReplica argument; a PerReplica if there are several.

        Raises ValueError for what cannot be called, RuntimeError within a replica of another run.
        """
        from .. import nest
        if not callable(fn):
            raise ValueError("Strategy.run: expected a function, got {!r}".format(fn))
        if not isinstance(args, (list, tuple)):
            raise ValueError("positional args must be a list or tuple, got {}".format(type(args)))

        def one(replica):
            a = nest.map_structure(lambda v: own(v, replica), tuple(args))
            k = nest.map_structure(lambda v: own(v, replica), dict(kwargs or {}))
            return fn(*a, **k)

        return regroup(core.run(self._handle, one))

    def reduce(self, reduce_op, value, axis):
        """The sum or mean of the parts of a value, and over `axis` of each if that is given."""
        from .. import add_n, concat, convert_to_tensor, nest, reduce_mean, reduce_sum
        mean = is_mean(reduce_op)

        def one(leaf):
            parts = [convert_to_tensor(v) for v in self.experimental_local_results(leaf)]
            if axis is not None:
                whole = concat(parts, axis) if len(parts) > 1 else parts[0]
                return reduce_mean(whole, axis) if mean else reduce_sum(whole, axis)
            if len(parts) == 1:
                return parts[0]
            if self._cross_device_ops is not None and self._cross_device_ops._way is None:
                return self._cross_device_ops.reduce(ReduceOp.MEAN if mean else ReduceOp.SUM, leaf, "/device:CPU:0")
            total = add_n(parts)
            return total / len(parts) if mean else total
        return nest.map_structure(one, value)

    def experimental_local_results(self, value):
        """The parts of a value, as a tuple."""
        return value.values if isinstance(value, DistributedValues) else (value,)

    def gather(self, value, axis):
        """The parts of a value one behind the other along an axis. Raises ValueError in a replica, where
        `ReplicaContext.all_gather` does it."""
        from .. import concat
        if core.in_scope() and core.replica() >= 0:
            raise RuntimeError("`tf.distribute.Strategy.gather` should only be called in cross-replica context; "
                               "in a replica call `tf.distribute.get_replica_context().all_gather`")
        parts = self.experimental_local_results(value)
        return concat(list(parts), axis) if len(parts) > 1 else parts[0]

    def experimental_distribute_dataset(self, dataset, options=None):
        """The dataset with each batch split over the replicas."""
        if options is not None and options.experimental_replication_mode == InputReplicationMode.PER_REPLICA:
            raise NotImplementedError("InputReplicationMode.PER_REPLICA is only supported in "
                                      "`distribute_datasets_from_function`.")
        return DistributedDataset(dataset, self.num_replicas_in_sync)

    def distribute_datasets_from_function(self, dataset_fn, options=None):
        """The dataset that `dataset_fn(InputContext)` makes, an element for each replica in turn."""
        return DistributedDatasetsFromFunction(dataset_fn(InputContext(1, 0, self.num_replicas_in_sync)), self.num_replicas_in_sync)

    experimental_distribute_datasets_from_function = distribute_datasets_from_function

    def experimental_distribute_values_from_function(self, value_fn):
        """What `value_fn(ValueContext)` gives for each replica."""
        return per_replica(value_fn(ValueContext(r, self.num_replicas_in_sync)) for r in range(self.num_replicas_in_sync))


class StrategyExtended:
    """Further methods of a strategy, for those who write libraries."""

    def __init__(self, strategy):
        self._strategy = strategy

    @property
    def worker_devices(self):
        return tuple("/job:localhost/replica:0/task:0" + d for d in self._strategy._devices)

    parameter_devices = worker_devices

    @property
    def _num_replicas_in_sync(self):
        return self._strategy.num_replicas_in_sync

    # What libraries ask of a strategy: here one process is the chief and writes.
    should_checkpoint = should_save_summary = experimental_should_init = True

    def _in_multi_worker_mode(self):
        return False

    def reduce_to(self, reduce_op, value, destinations, options=None):
        """The sum or mean of the parts of a value; it lies where all devices read it. Raises ValueError for the sum of what is one
        for all replicas, and for destinations that are no device's name, value or variable."""
        return self.batch_reduce_to(reduce_op, [(value, destinations)], options)[0]

    def batch_reduce_to(self, reduce_op, value_destination_pairs, options=None):
        """`reduce_to` of each pair, in one go."""
        reduce_op = ReduceOp.MEAN if is_mean(reduce_op) else ReduceOp.SUM
        ops = self._strategy._cross_device_ops or Automatic()
        pairs = list(value_destination_pairs)
        results = [value for value, _ in pairs]
        several = [i for i, (value, _) in enumerate(pairs) if isinstance(value, DistributedValues)]
        for i, (value, _) in enumerate(pairs):
            if i not in several and reduce_op is ReduceOp.SUM and self._num_replicas_in_sync > 1 and not (isinstance(value, (int, float)) and value == 0):
                raise ValueError("A non-DistributedValues value {} cannot be reduced with the given reduce op {}.".format(value, reduce_op))
        if several:
            for i, result in zip(several, ops.batch_reduce(reduce_op, [pairs[i] for i in several], options)):
                results[i] = result
        return results

    def update(self, var, fn, args=(), kwargs=None, group=True):
        """`fn(var, *args, **kwargs)`, once: replicas share their variables."""
        result = fn(var, *args, **dict(kwargs or {}))
        return result if group else [result]

    def colocate_vars_with(self, colocate_with_variable):
        """A context in which variables are made beside that one; all lie in one memory."""
        return contextlib.nullcontext()

    def variable_created_in_scope(self, v):
        """Whether a variable belongs to this strategy: all of a process do, since its replicas share them."""
        return True


class RunOptions:
    """Options of `Strategy.run`, of which only TPUs have use."""

    def __init__(self, experimental_enable_dynamic_batch_size=True, experimental_bucketizing_dynamic_shape=False,
                 experimental_xla_options=None):
        self.experimental_enable_dynamic_batch_size = experimental_enable_dynamic_batch_size
        self.experimental_bucketizing_dynamic_shape = experimental_bucketizing_dynamic_shape
        self.experimental_xla_options = experimental_xla_options


class MirroredStrategy(Strategy):
    """One replica a device of this machine; updates are made of what all of them bring, once. Over several GPUs gradients travel
    by NCCL where it is there, in buckets, else by copies; `cross_device_ops` chooses another way, one's own, too.

    Raises ValueError for no device or a repeated one, and where `cross_device_ops` is no tf.distribute.CrossDeviceOps.
    """

    def __init__(self, devices=None, cross_device_ops=None):
        if cross_device_ops is not None and not isinstance(cross_device_ops, CrossDeviceOps):
            raise ValueError("cross_device_ops must be a tf.distribute.CrossDeviceOps, got {!r}".format(cross_device_ops))
        self._cross_device_ops = cross_device_ops
        from ..config import list_logical_devices
        known = [d.name for d in list_logical_devices()]
        gpus = [d.name for d in list_logical_devices("GPU")]
        names = [full_device(d) for d in devices] if devices is not None else gpus or ["/device:CPU:0"]
        if not names:
            raise ValueError("Got an empty list of devices")
        missing = [d for d in names if d not in known]
        if missing:     # their replicas run where soft placement puts them
            logs.warn("Some requested devices in `tf.distribute.Strategy` are not visible to TensorFlow: " +
                      ",".join("/job:localhost/replica:0/task:0" + d for d in missing))
        if cross_device_ops is None:
            way, by = ("automatic", 0, ""), None
        elif cross_device_ops._way is not None:
            way, by = cross_device_ops._way, None
        else:
            way, by = ("own", 0, ""), asked_by_engine(cross_device_ops)
        super().__init__(core.mirrored(names, *way, by))


class OneDeviceStrategy(Strategy):
    """One replica on one device."""

    def __init__(self, device):
        super().__init__(core.one_device(full_device(device)))
