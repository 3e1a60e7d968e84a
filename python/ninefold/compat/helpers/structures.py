# In: nested values and objects. Out: the rest of private nest, object_identity and data_structures.
import collections.abc
import weakref

from ..._framework import nest
from ..._framework.nest import *  # noqa: F401,F403
from ..._framework.nest import (  # noqa: F401
    assert_same_structure, flatten, flatten_up_to, is_nested, map_structure, map_up_to, pack_sequence_as)
from ..._framework.trackable import NoDependency
from ..._framework.variable import Reference

is_attrs = _is_attrs = nest._is_attrs
sequence_like = _sequence_like = nest._rebuild
is_nested_or_composite = lambda x: nest.is_nested(x) or nest._is_composite(x)  # noqa: E731
is_sequence = is_nested


def is_mapping(obj):
    """Whether this is a mapping."""
    return isinstance(obj, collections.abc.Mapping)


_is_mapping = is_mapping


def is_namedtuple(instance, strict=False):
    return nest._is_namedtuple(instance)


_is_namedtuple = is_namedtuple


def map_structure_up_to(shallow_tree, func, *inputs, **kwargs):
    """`func` of what lies at the leaves of `shallow_tree`, in its form."""
    flat = [flatten_up_to(shallow_tree, one) for one in inputs]
    return pack_sequence_as(shallow_tree, [func(*parts) for parts in zip(*flat)])


def list_to_tuple(structure):
    """The structure with tuples for its lists."""
    if isinstance(structure, list):
        return tuple(list_to_tuple(item) for item in structure)
    if not nest.is_nested(structure):
        return structure
    return nest._rebuild(structure, [list_to_tuple(item) for item in nest._items(structure)[1]])


def get_traverse_shallow_structure(traverse_fn, structure, expand_composites=False):
    """The structure as deep as `traverse_fn` says: True, False, or that for each part."""
    wanted = traverse_fn(structure)
    if not nest.is_nested(structure):
        if not isinstance(wanted, bool):
            raise TypeError(f"traverse_fn returned structure: {wanted} for non-structure: {structure}.")
        return wanted
    if wanted is False:
        return False
    items = nest._items(structure)[1]
    parts = [wanted] * len(items) if isinstance(wanted, bool) else nest._items(wanted)[1]
    return nest._rebuild(structure, [get_traverse_shallow_structure(traverse_fn, item) if part else False
                                     for item, part in zip(items, parts)])


def _paths(structure, path=()):
    if not nest.is_nested(structure):
        yield path, structure
        return
    for key, item in zip(*nest._items(structure)):
        yield from _paths(item, path + (key,))


def yield_flat_paths(nest, expand_composites=False):
    """The path of each leaf, a tuple of keys."""
    for path, _ in _paths(nest):
        yield path


def flatten_with_tuple_paths(structure, expand_composites=False):
    return list(_paths(structure))


def flatten_with_joined_string_paths(structure, separator="/", expand_composites=False):
    return [(separator.join(map(str, path)), leaf) for path, leaf in _paths(structure)]


def map_structure_with_tuple_paths(func, *structure, **kwargs):
    """`func(path, *leaves)` in the form of the first structure."""
    flat = [flatten(one) for one in structure]
    return pack_sequence_as(structure[0], [func(path, *leaves) for path, *leaves in zip(yield_flat_paths(structure[0]), *flat)])


def map_structure_with_paths(func, *structure, **kwargs):
    return map_structure_with_tuple_paths(lambda path, *leaves: func("/".join(map(str, path)), *leaves), *structure)


def flatten_dict_items(dictionary):
    """A dict whose keys are structures, by their leaves."""
    found = {}
    for key, value in dictionary.items():
        if not nest.is_nested(key):
            found[key] = value
            continue
        for one, part in zip(flatten(key), flatten(value)):
            found[one] = part
    return found


# ---- object_identity ----

class _Whole(Reference):
    """An object by its identity."""

    def __init__(self, of):
        self._of = of

    @property
    def unwrapped(self):
        return self._of

    def deref(self):
        return self._of

    def __eq__(self, other):
        return isinstance(other, _Whole) and self._of is other._of

    def __hash__(self):
        return id(self._of)


class ObjectIdentityDictionary(collections.abc.MutableMapping):
    """A dict whose keys are objects by identity."""

    def __init__(self, *pairs):
        self._held = {}
        self.update(*pairs)

    def __getitem__(self, key):
        return self._held[id(key)][1]

    def __setitem__(self, key, value):
        self._held[id(key)] = key, value

    def __delitem__(self, key):
        del self._held[id(key)]

    def __len__(self):
        return len(self._held)

    def __iter__(self):
        return iter([key for key, _ in self._held.values()])

    def __repr__(self):
        return f"ObjectIdentityDictionary({list(self.items())!r})"


class ObjectIdentitySet(collections.abc.MutableSet):
    """A set of objects by identity."""

    def __init__(self, *items):
        self._held = {}
        for item in items[0] if items else ():
            self.add(item)

    def __contains__(self, item):
        return id(item) in self._held

    def __len__(self):
        return len(self._held)

    def __iter__(self):
        return iter(list(self._held.values()))

    def add(self, item):
        self._held[id(item)] = item

    def discard(self, item):
        self._held.pop(id(item), None)

    def update(self, items):
        for item in items:
            self.add(item)


class ObjectIdentityWeakSet(ObjectIdentitySet):
    """A set of objects by identity that keeps none of them."""

    def __contains__(self, item):
        held = self._held.get(id(item))
        return held is not None and held() is item

    def __iter__(self):
        return iter([item for item in (held() for held in list(self._held.values())) if item is not None])

    def __len__(self):
        return len(list(iter(self)))

    def add(self, item):
        key = id(item)
        self._held[key] = weakref.ref(item, lambda _: self._held.pop(key, None))


# ---- data_structures ----

def wrap_or_unwrap(value):
    """What an attribute keeps of a value: lists and dicts as they are; a NoDependency's value."""
    return value.value if isinstance(value, NoDependency) else value


ListWrapper, _DictWrapper, _TupleWrapper = list, dict, tuple


class TrackableDataStructure:
    """The class that TensorFlow's lists and dicts of layers have; here they are Python's own."""


def no_automatic_dependency_tracking(method):
    """Decorator: what the method sets is no part of checkpoints in TensorFlow; here names decide."""
    return method


no_automatic_dependency_tracking_scope = None
