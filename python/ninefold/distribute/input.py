# In: datasets. Out: their batches split over replicas, one after another, in functions that are traced, too.
import enum

from .._core import executing_eagerly
from .values import PerReplica, PerReplicaSpec


class InputReplicationMode(enum.Enum):
    """How a function makes the input of several workers: once a worker, or once a replica."""

    PER_WORKER = "PER_WORKER"
    PER_REPLICA = "PER_REPLICA"


class InputOptions:
    """Options of a distributed dataset. Batches lie in the host's memory, which is that of all its replicas, so that
    `experimental_fetch_to_device` changes nothing; PER_REPLICA is for functions that make datasets only."""

    def __init__(self, experimental_fetch_to_device=None, experimental_replication_mode=InputReplicationMode.PER_WORKER,
                 experimental_place_dataset_on_device=False, experimental_per_replica_buffer_size=1):
        if experimental_place_dataset_on_device and experimental_replication_mode == InputReplicationMode.PER_WORKER:
            raise ValueError("`experimental_place_dataset_on_device` is set to True, but it is only valid with "
                             "`experimental_replication_mode` = `PER_REPLICA`.")
        self.experimental_fetch_to_device = experimental_fetch_to_device
        self.experimental_replication_mode = experimental_replication_mode
        self.experimental_place_dataset_on_device = experimental_place_dataset_on_device
        self.experimental_per_replica_buffer_size = experimental_per_replica_buffer_size


class InputContext:
    """What a function that makes a dataset is told."""

    def __init__(self, num_input_pipelines=1, input_pipeline_id=0, num_replicas_in_sync=1):
        self.num_input_pipelines = num_input_pipelines
        self.input_pipeline_id = input_pipeline_id
        self.num_replicas_in_sync = num_replicas_in_sync

    def get_per_replica_batch_size(self, global_batch_size):
        """The share of one replica. Raises ValueError if the batch cannot be shared evenly."""
        if global_batch_size % self.num_replicas_in_sync:
            raise ValueError("The `global_batch_size` {} is not divisible by `num_replicas_in_sync` {} ".format(
                global_batch_size, self.num_replicas_in_sync))
        return global_batch_size // self.num_replicas_in_sync

    def __str__(self):
        return "tf.distribute.InputContext(input pipeline id {}, total: {})".format(self.input_pipeline_id, self.num_input_pipelines)


class ValueContext:
    """What a function that makes the value of one replica is told."""

    def __init__(self, replica_id_in_sync_group=0, num_replicas_in_sync=1):
        self.replica_id_in_sync_group = replica_id_in_sync_group
        self.num_replicas_in_sync = num_replicas_in_sync

    def __str__(self):
        return "tf.distribute.ValueContext(replica id {}, total replicas in sync: {})".format(
            self.replica_id_in_sync_group, self.num_replicas_in_sync)

    __repr__ = __str__


def _shares(element, replicas):
    """A batch as one part a replica: each has as many rows as the first, but for the last ones, which may have fewer or none."""
    from .. import minimum, nest, shape
    first = nest.flatten(element)[0]
    rows = first.shape[0] if first.shape.rank else None
    rows = shape(first)[0] if rows is None else int(rows)
    share = (rows + replicas - 1) // replicas

    def bound(i):
        return min(i * share, rows) if isinstance(rows, int) else minimum(i * share, rows)
    return nest.map_structure(lambda t: PerReplica([t[bound(r):bound(r + 1)] for r in range(replicas)]), element)


class DistributedDataset:
    """A dataset each batch of which is split over the replicas."""

    def __init__(self, dataset, replicas):
        self._dataset, self._replicas = dataset, replicas

    @property
    def element_spec(self):
        """What each replica gets: a PerReplicaSpec if there are several."""
        from .. import TensorSpec, nest
        if self._replicas == 1:
            return self._dataset.element_spec

        def open_(spec):
            shape = spec.shape.as_list() if spec.shape.rank is not None else None
            return TensorSpec(None if shape is None else [None] + shape[1:], spec.dtype)
        return nest.map_structure(lambda spec: PerReplicaSpec(*[open_(spec)] * self._replicas), self._dataset.element_spec)

    def _split(self, element):
        return element if self._replicas == 1 else _shares(element, self._replicas)

    def _autograph_dataset_(self):
        """(dataset, what the body of a loop is given of each element): a loop in a traced function goes over the dataset itself."""
        return self._dataset, self._split

    def __iter__(self):
        return DistributedIterator(iter(self._dataset), self._split, self.element_spec)

    def reduce(self, initial_state, reduce_func):
        """The state after `reduce_func(state, element)` for every element."""
        state = initial_state
        for element in self:
            state = reduce_func(state, element)
        return state


class DistributedDatasetsFromFunction(DistributedDataset):
    """A dataset each element of which is one replica's."""

    @property
    def element_spec(self):
        from .. import nest
        if self._replicas == 1:
            return self._dataset.element_spec
        return nest.map_structure(lambda spec: PerReplicaSpec(*[spec] * self._replicas), self._dataset.element_spec)

    def _autograph_dataset_(self):
        if self._replicas == 1:
            return self._dataset, lambda element: element
        from .. import nest
        n = self._replicas
        grouped = self._dataset.batch(n, drop_remainder=True)
        return grouped, lambda element: nest.map_structure(lambda t: PerReplica([t[r] for r in range(n)]), element)

    def __iter__(self):
        from .. import nest
        iterator = iter(self._dataset)
        if self._replicas == 1:
            return DistributedIterator(iterator, lambda element: element, self.element_spec)

        def groups():
            while True:
                parts = []
                for element in iterator:
                    parts.append(element)
                    if len(parts) == self._replicas:
                        break
                if len(parts) < self._replicas:
                    return
                yield nest.map_structure(lambda *v: PerReplica(v), *parts)
        return DistributedIterator(groups(), lambda element: element, self.element_spec)


class DistributedIterator:
    """Element after element of a distributed dataset."""

    def __init__(self, iterator, split, element_spec):
        self._iterator, self._split, self._element_spec = iterator, split, element_spec

    @property
    def element_spec(self):
        return self._element_spec

    def __iter__(self):
        return self

    def __next__(self):
        return self._split(next(self._iterator))

    def get_next(self):
        """The next element. Raises OutOfRangeError at the end."""
        from .. import errors
        try:
            return next(self)
        except StopIteration:
            raise errors.OutOfRangeError(None, None, "End of sequence [Op:IteratorGetNext]") from None

    def get_next_as_optional(self):
        """The next element as an Optional, which is empty at the end."""
        from .. import nest
        from .._framework.optional import Optional
        if executing_eagerly():
            try:
                return Optional.from_value(next(self))
            except StopIteration:
                return Optional.empty(self._element_spec)
        whole = self._iterator.get_next_as_optional()
        parts = Optional.from_value(self._split(nest.pack_sequence_as(whole._spec, whole._leaves, expand_composites=True)))
        return Optional._of(whole._there, parts._leaves, parts._spec)
