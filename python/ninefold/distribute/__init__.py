# In: devices, functions. Out: tf.distribute: a step once a device, what the replicas share brought together.
import contextlib

from .._core import distribute as core


class ReduceOp:
    """How values of replicas become one."""

    SUM = "SUM"
    MEAN = "MEAN"

    @staticmethod
    def from_variable_aggregation(aggregation):
        return ReduceOp.SUM if str(aggregation).endswith("SUM") else ReduceOp.MEAN


def _is_mean(reduce_op):
    name = str(getattr(reduce_op, "name", reduce_op)).upper()
    if name not in ("SUM", "MEAN"):
        raise ValueError("reduce_op must be ReduceOp.SUM or ReduceOp.MEAN, got {}".format(reduce_op))
    return name == "MEAN"


class PerReplica:
    """One value a replica."""

    def __init__(self, values):
        self.values = tuple(values)

    def __repr__(self):
        return "PerReplica:{\n" + ",\n".join("  {}: {}".format(i, v) for i, v in enumerate(self.values)) + "\n}"


DistributedValues = PerReplica


class Strategy:
    """Runs steps on devices: scope() for what is made, run() for a function once a replica."""

    def __init__(self, handle):
        self._handle = handle
        self._devices = core.devices(handle)

    @property
    def num_replicas_in_sync(self):
        return len(self._devices)

    @property
    def extended(self):
        return self

    @property
    def worker_devices(self):
        return tuple(self._devices)

    @contextlib.contextmanager
    def scope(self):
        """What is made inside - variables, models, optimizers - belongs to this strategy."""
        entered = core.enter(self._handle)
        try:
            yield self
        finally:
            entered.leave()

    def run(self, fn, args=(), kwargs=None, options=None):
        """fn once a replica, with its own part of each PerReplica argument; a PerReplica if there are several."""
        from .. import nest

        def own(value, replica):
            return value.values[replica] if isinstance(value, PerReplica) else value

        def one(replica):
            a = nest.map_structure(lambda v: own(v, replica), tuple(args))
            k = nest.map_structure(lambda v: own(v, replica), dict(kwargs or {}))
            return fn(*a, **k)

        results = core.run(self._handle, one)
        return results[0] if len(results) == 1 else nest.map_structure(lambda *v: PerReplica(v), *results)

    def reduce(self, reduce_op, value, axis=None):
        """The sum or mean of a PerReplica value, and over `axis` of each if that is given."""
        from .. import add_n, concat, convert_to_tensor, reduce_mean, reduce_sum
        mean = _is_mean(reduce_op)
        parts = [convert_to_tensor(v) for v in (value.values if isinstance(value, PerReplica) else [value])]
        if axis is not None:
            whole = concat(parts, axis) if len(parts) > 1 else parts[0]
            return reduce_mean(whole, axis) if mean else reduce_sum(whole, axis)
        if len(parts) == 1:
            return parts[0]
        total = add_n(parts)
        return total / len(parts) if mean else total

    def experimental_local_results(self, value):
        return value.values if isinstance(value, PerReplica) else (value,)

    def gather(self, value, axis):
        from .. import concat
        parts = self.experimental_local_results(value)
        return concat(list(parts), axis) if len(parts) > 1 else parts[0]

    def experimental_distribute_dataset(self, dataset, options=None):
        """The dataset with each batch split over the replicas."""
        return _Distributed(dataset, self.num_replicas_in_sync)

    def distribute_datasets_from_function(self, dataset_fn, options=None):
        return _FromFunction(dataset_fn(InputContext(1, 0, self.num_replicas_in_sync)), self.num_replicas_in_sync)


class MirroredStrategy(Strategy):
    """One replica a device of this machine; updates are made of what all of them bring."""

    def __init__(self, devices=None, cross_device_ops=None):
        if cross_device_ops is not None:
            raise NotImplementedError("MirroredStrategy: cross_device_ops cannot be chosen; replicas of one process "
                                      "share their memory")
        from ..config import list_logical_devices
        known = [d.name for d in list_logical_devices()]
        gpus = [d.name for d in list_logical_devices("GPU")]
        names = [_full(d) for d in devices] if devices is not None else gpus or ["/device:CPU:0"]
        if not names:
            raise ValueError("Got an empty list of devices")
        missing = [d for d in names if d not in known]
        if missing:
            raise ValueError("MirroredStrategy: there is no device {}; the devices are {}".format(
                ", ".join(missing), known))
        super().__init__(core.mirrored(names))


class OneDeviceStrategy(Strategy):
    """One replica on one device."""

    def __init__(self, device):
        super().__init__(core.one_device(_full(device)))


def _full(device):
    """"/cpu:0", "CPU:0", "/job:localhost/.../device:CPU:0" -> "/device:CPU:0"."""
    kind, _, index = str(device).strip("/").split("/")[-1].replace("device:", "").rpartition(":")
    if not kind:
        kind, index = index, "0"
    return "/device:{}:{}".format(kind.upper(), index)


class InputContext:
    """What a function that makes a dataset is told."""

    def __init__(self, num_input_pipelines=1, input_pipeline_id=0, num_replicas_in_sync=1):
        self.num_input_pipelines = num_input_pipelines
        self.input_pipeline_id = input_pipeline_id
        self.num_replicas_in_sync = num_replicas_in_sync

    def get_per_replica_batch_size(self, global_batch_size):
        if global_batch_size % self.num_replicas_in_sync:
            raise ValueError("The `global_batch_size` {} is not divisible by `num_replicas_in_sync` {} ".format(
                global_batch_size, self.num_replicas_in_sync))
        return global_batch_size // self.num_replicas_in_sync


class _Distributed:
    def __init__(self, dataset, replicas):
        self._dataset, self._replicas = dataset, replicas

    @property
    def element_spec(self):
        return self._dataset.element_spec

    def __iter__(self):
        from .. import nest
        n = self._replicas
        for element in self._dataset:
            if n == 1:
                yield element
                continue
            rows = int(nest.flatten(element)[0].shape[0])
            share = -(-rows // n)
            yield nest.map_structure(lambda t: PerReplica([t[r * share:(r + 1) * share] for r in range(n)]), element)


class _FromFunction(_Distributed):
    def __iter__(self):
        from .. import nest
        iterator = iter(self._dataset)
        if self._replicas == 1:
            yield from iterator
            return
        while True:
            parts = []
            for element in iterator:
                parts.append(element)
                if len(parts) == self._replicas:
                    break
            if len(parts) < self._replicas:
                return
            yield nest.map_structure(lambda *v: PerReplica(v), *parts)


class ReplicaContext:
    """Where a function is that `run` runs."""

    def __init__(self, strategy):
        self.strategy = strategy

    @property
    def replica_id_in_sync_group(self):
        return max(core.replica(), 0)

    @property
    def num_replicas_in_sync(self):
        return core.replicas()

    def all_reduce(self, reduce_op, value, options=None):
        """The sum or mean over replicas of each tensor of a nest."""
        from .. import nest
        return nest.pack_sequence_as(value, core.all_reduce(nest.flatten(value), _is_mean(reduce_op)))

    def merge_call(self, merge_fn, args=(), kwargs=None):
        raise NotImplementedError("merge_call is not supported yet; use all_reduce")


def get_strategy():
    """The strategy of the scope around, or the default one."""
    return Strategy(core.current())


def has_strategy():
    return core.in_scope()


def in_cross_replica_context():
    return core.in_scope() and core.replica() < 0


def get_replica_context():
    return None if in_cross_replica_context() else ReplicaContext(get_strategy())
