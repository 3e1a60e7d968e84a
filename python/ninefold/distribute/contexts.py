# Out: tf.distribute's contexts: which strategy is current, and what a function may ask while it runs as one of its replicas.
from .._framework import nest
from .._core import distribute as core
from .options import said
from .values import DistributedValues, own, is_mean, regroup

merging = []        # one entry for each merge that runs


class ReplicaContext:
    """Where a function is that `run` runs."""

    def __init__(self, strategy, replica_id_in_sync_group=None):
        self._strategy = strategy
        self._replica = replica_id_in_sync_group

    @property
    def strategy(self):
        return self._strategy

    @property
    def replica_id_in_sync_group(self):
        """Which one of the replicas this is, from 0 on."""
        from .. import constant
        return constant(max(core.replica(), 0) if self._replica is None else self._replica)

    @property
    def num_replicas_in_sync(self):
        return core.replicas()

    @property
    def devices(self):
        """The device of this replica."""
        return (self._strategy.extended.worker_devices[max(core.replica(), 0)],)

    def all_reduce(self, reduce_op, value, options=None):
        """The sum or mean over replicas of each tensor of a nest; `options` (tf.distribute.experimental.CommunicationOptions) say how
        they travel between GPUs. Raises RuntimeError if one replica does not come along, DeadlineExceededError where they took
        longer than `timeout_seconds`."""
        flat = nest.flatten(value)
        if not flat:
            raise ValueError("`value` has no tensors to reduce")
        told = said(options if core.replicas() > 1 else None)
        return nest.pack_sequence_as(value, core.all_reduce(flat, is_mean(reduce_op), *told))

    def all_gather(self, value, axis, options=None):
        """The tensors of all replicas one behind the other along an axis, for each tensor of a nest. They are copied to where they
        are joined, each once, so that `options` have nothing to say."""
        from .. import concat
        said(options if core.replicas() > 1 else None)

        def gathered(strategy, v):
            return nest.map_structure(lambda t: concat(list(t.values), axis) if isinstance(t, DistributedValues) else t, v)
        return self.merge_call(gathered, (value,))

    def merge_call(self, merge_fn, args=(), kwargs=None):
        """`merge_fn(strategy, *args, **kwargs)`, once, with what all replicas brought: tensors as PerReplica. Each replica gets its
        part of what that gives. Raises RuntimeError if one replica does not come along."""
        given = (tuple(args), dict(kwargs or {}))
        mine = nest.flatten(given)
        tensors = [i for i, v in enumerate(mine) if _is_tensor(v)]
        shared = self._strategy._merged

        def merge(brought):
            leaves = list(mine)
            for at, i in enumerate(tensors):
                leaves[i] = regroup([one[at] for one in brought])
            positional, named = nest.pack_sequence_as(given, leaves)
            merging.append(True)
            try:
                result = merge_fn(self._strategy, *positional, **named)
            finally:
                merging.pop()
            shared[:] = [nest.map_structure(lambda v: own(v, r), result) for r in range(len(brought))]
            return []

        core.merge_call([mine[i] for i in tensors], merge)
        return shared[max(core.replica(), 0)]


def _is_tensor(value):
    from .. import Tensor
    return isinstance(value, Tensor)


def get_strategy():
    """The strategy of the scope around, or the default one."""
    from .strategies import of_handle
    return of_handle(core.current())


def has_strategy():
    """Whether a strategy other than the default one is current."""
    return core.in_scope()


def in_cross_replica_context():
    """Whether a strategy is current and none of its replicas runs."""
    return core.in_scope() and (core.replica() < 0 or bool(merging))


def get_replica_context():
    """The replica that runs, or that of the default strategy; None in a strategy's scope outside of its replicas."""
    return None if in_cross_replica_context() else ReplicaContext(get_strategy())
