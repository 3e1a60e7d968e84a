# In: what each replica has. Out: tf.distribute's values of one part a replica, as arguments and results of functions, too; how
# values of replicas become one.
import enum

from .._framework import nest
from .._framework.specs import TypeSpec, type_spec_from_value


class ReduceOp(enum.Enum):
    """How values of replicas become one."""

    SUM = "SUM"
    MEAN = "MEAN"

    @staticmethod
    def from_variable_aggregation(aggregation):
        found = {"SUM": ReduceOp.SUM, "MEAN": ReduceOp.MEAN}.get(getattr(aggregation, "name", str(aggregation)))
        if found is None:
            raise ValueError("Could not convert from `tf.VariableAggregation` {} to`tf.distribute.ReduceOp` type".format(aggregation))
        return found


def is_mean(reduce_op):
    """Of a ReduceOp or its name in any case; ValueError for what is neither."""
    if isinstance(reduce_op, str):
        reduce_op = ReduceOp(reduce_op.upper())
    if not isinstance(reduce_op, ReduceOp):
        raise ValueError("`reduce_op` must be Reduce.SUM or Reduce.MEAN.")
    return reduce_op is ReduceOp.MEAN


class DistributedValues:
    """One value a replica: `values`."""

    def __init__(self, values):
        self._values = tuple(values)

    @property
    def values(self):
        return self._values


class PerReplica(DistributedValues):
    """One value a replica: tensors, or nests of them, which may differ."""
    _is_composite_tensor_ = True

    def _composite_parts_(self):
        return nest.flatten(list(self._values), expand_composites=True)

    def _composite_from_(self, parts):
        return PerReplica(nest.pack_sequence_as(list(self._values), list(parts), expand_composites=True))

    @property
    def _type_spec(self):
        return PerReplicaSpec(*[nest.map_structure(type_spec_from_value, v) for v in self._values])

    def _told(self, say):
        return "PerReplica:{\n" + ",\n".join("  {}: {}".format(i, say(v)) for i, v in enumerate(self._values)) + "\n}"

    def __str__(self):
        return self._told(str)

    def __repr__(self):
        return self._told(repr)


class PerReplicaSpec(TypeSpec):
    """What a PerReplica will be: the specs of each replica's part."""

    def __init__(self, *value_specs):
        self._value_specs = tuple(value_specs)

    value_type = property(lambda self: PerReplica)

    @classmethod
    def from_value(cls, value):
        return value._type_spec

    def _component_specs_(self):
        return nest.flatten(list(self._value_specs), expand_composites=True)

    def _from_components_(self, parts):
        if any(isinstance(p, TypeSpec) for p in parts):
            return PerReplicaSpec(*nest.pack_sequence_as(list(self._value_specs), list(parts), expand_composites=True))
        return PerReplica(nest.pack_sequence_as(list(self._value_specs), list(parts), expand_composites=True))

    def __eq__(self, other):
        return type(self) is type(other) and self._value_specs == other._value_specs

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash(repr(self._value_specs))

    def __repr__(self):
        return "PerReplicaSpec({})".format(", ".join(map(repr, self._value_specs)))


def per_replica(values):
    """The values of all replicas as they are handed on: the one itself if there is one."""
    values = list(values)
    return values[0] if len(values) == 1 else PerReplica(values)


def regroup(values):
    """One nest of what each replica brought: leaves are values of all of them. What all of them brought itself stays itself."""
    first = values[0]
    if len(values) == 1:
        return first
    if first is None or all(v is first for v in values):
        return first
    if nest.is_nested(first) and not isinstance(first, DistributedValues):
        return nest.map_structure(lambda *v: regroup(v), *values)
    if isinstance(first, (int, str, float, bool)) and all(type(v) is type(first) and v == first for v in values):
        return first
    return PerReplica(values)


def own(value, replica):
    """The part of one replica; what is the same for all is given as it is."""
    return value.values[replica] if isinstance(value, DistributedValues) else value
