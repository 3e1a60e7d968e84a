# In: nested lists, tuples, dicts, namedtuples, dataclass-like attrs. Out: tf.nest: flatten, map, pack.
import collections.abc

from .. import _core
from . import export

# What is never gone into, nor made of parts: known by its exact class, most leaves need no other question.
LEAVES = {type(None), bool, int, float, complex, str, bytes, _core.Tensor, _core.EagerTensor}


def _is_namedtuple(x):
    return isinstance(x, tuple) and hasattr(x, "_fields")


def _is_attrs(x):
    return hasattr(type(x), "__attrs_attrs__")


def _is_composite(x):
    """A value made of tensors, or the TypeSpec of one."""
    return hasattr(type(x), "_is_composite_tensor_") or hasattr(type(x), "_component_specs_")


@export("nest.is_nested")
def is_nested(structure):
    """True for what tf.nest goes into."""
    if type(structure) in LEAVES or isinstance(structure, (str, bytes)):
        return False
    return isinstance(structure, (collections.abc.Sequence, collections.abc.Mapping)) and \
        not _is_leaf_sequence(structure) or _is_attrs(structure) or \
        isinstance(structure, collections.abc.MappingView)


def _is_leaf_sequence(x):
    return isinstance(x, (range, memoryview, bytearray)) or hasattr(type(x), "_nest_leaf_")


def _items(structure):
    """(keys, values) of one level, dicts in the order of sorted keys."""
    if isinstance(structure, collections.abc.Mapping):
        try:
            keys = sorted(structure)
        except TypeError:
            raise TypeError("nest only supports dicts with sortable keys.") from None
        return keys, [structure[k] for k in keys]
    if _is_attrs(structure):
        keys = [a.name for a in type(structure).__attrs_attrs__]
        return keys, [getattr(structure, k) for k in keys]
    if _is_namedtuple(structure):
        return list(structure._fields), list(structure)
    values = list(structure)
    return list(range(len(values))), values


def _rebuild(like, values):
    if isinstance(like, collections.abc.Mapping):
        by_key = dict(zip(sorted(like), values))
        ordered = [(k, by_key[k]) for k in like]
        if isinstance(like, collections.defaultdict):
            made = collections.defaultdict(like.default_factory)
            made.update(ordered)
            return made
        try:
            return type(like)(ordered)
        except TypeError:
            return dict(ordered)
    if _is_attrs(like) or _is_namedtuple(like):
        return type(like)(*values)
    if isinstance(like, collections.abc.MappingView):
        return list(values)
    if hasattr(like, "_rebuild_nest_"):
        return like._rebuild_nest_(values)
    if type(like) is list or isinstance(like, list):
        return list(values) if type(like).__init__ is not list.__init__ else type(like)(values)
    return type(like)(values)


def _parts(x):
    """A composite tensor's tensors; a composite TypeSpec's specs."""
    return x._component_specs_() if hasattr(type(x), "_component_specs_") else x._composite_parts_()


def _of_parts(like, parts):
    return like._from_components_(parts) if hasattr(type(like), "_component_specs_") else like._composite_from_(parts)


@export("nest.flatten")
def flatten(structure, expand_composites=False):
    """The leaves in order; dicts by sorted key."""
    if type(structure) in LEAVES:
        return [structure]
    if type(structure) in (list, tuple):
        out = []
        for item in structure:
            if type(item) in LEAVES:
                out.append(item)
            elif type(item) in (list, tuple, dict) or expand_composites or is_nested(item):
                out.extend(flatten(item, expand_composites))
            else:
                out.append(item)
        return out
    if expand_composites and _is_composite(structure):
        return flatten(_parts(structure), True)
    if not is_nested(structure):
        return [structure]
    out = []
    for item in _items(structure)[1]:
        out.extend(flatten(item, expand_composites))
    return out


@export("nest.pack_sequence_as")
def pack_sequence_as(structure, flat_sequence, expand_composites=False):
    """The leaves put into the form of `structure`."""
    if not (isinstance(flat_sequence, collections.abc.Sequence) or hasattr(flat_sequence, "__len__")):
        raise TypeError(f"Attempted to pack value:\n  {flat_sequence}\ninto a structure, but found "
                        f"incompatible type `{type(flat_sequence)}` instead.")
    flat = list(flat_sequence)
    if not is_nested(structure) and not (expand_composites and _is_composite(structure)):
        if len(flat) != 1:
            raise ValueError("The target structure is of type `{}`\n  {}\nHowever the input is a sequence "
                             "({}) of length {}.\n  {}\nnest cannot guarantee that it is safe to map one "
                             "to the other.".format(type(structure), structure, type(flat_sequence),
                                                    len(flat), flat_sequence))
        return flat[0]
    expected = flatten(structure, expand_composites)
    if len(expected) != len(flat):
        raise ValueError(f"Could not pack sequence. Structure had {len(expected)} atoms, but flat_sequence "
                         f"had {len(flat)} items.  Structure: {structure}, flat_sequence: {flat_sequence}.")
    return _pack(structure, iter(flat), expand_composites)


def _pack(structure, leaves, expand):
    if expand and _is_composite(structure):
        return _of_parts(structure, _pack(_parts(structure), leaves, True))
    if not is_nested(structure):
        return next(leaves)
    return _rebuild(structure, [_pack(v, leaves, expand) for v in _items(structure)[1]])


def _differ(a, b, reason):
    return (f"The two structures don't have the same nested structure.\n\nFirst structure: {_says(a)}"
            f"\n\nSecond structure: {_says(b)}\n\nMore specifically: {reason}")


def _says(x):
    return f"type={type(x).__name__} str={x}"


@export("nest.assert_same_structure")
def assert_same_structure(nest1, nest2, check_types=True, expand_composites=False):
    """ValueError or TypeError where the two differ in form."""
    try:
        _same(nest1, nest2, check_types, expand_composites)
    except (ValueError, TypeError) as error:
        text = (_differ(nest1, nest2, error) + "\nEntire first structure:\n"
                f"{_dots(nest1)}\nEntire second structure:\n{_dots(nest2)}")
        raise type(error)(text) from None


def _dots(x):
    if isinstance(x, collections.abc.Mapping):
        return "{" + ", ".join(f"{k!r}: {_dots(v)}" for k, v in x.items()) + "}"
    if is_nested(x):
        inside = ", ".join(_dots(v) for v in _items(x)[1])
        return f"[{inside}]" if isinstance(x, list) else f"({inside}{',' if len(_items(x)[1]) == 1 else ''})"
    return "."


def _same(a, b, check_types, expand):
    nested = is_nested(a), is_nested(b)
    if nested[0] != nested[1]:
        yes, no = (a, b) if nested[0] else (b, a)
        raise ValueError(f'Substructure "{_says(yes)}" is a sequence, while substructure '
                         f'"{_says(no)}" is not')
    if not nested[0]:
        if expand and _is_composite(a) and _is_composite(b):
            a_parts, b_parts = flatten(a, True), flatten(b, True)
            if len(a_parts) != len(b_parts):
                raise ValueError("Incompatible CompositeTensor TypeSpecs")
        return
    if check_types and type(a) is not type(b):
        both_maps = isinstance(a, collections.abc.Mapping) and isinstance(b, collections.abc.Mapping)
        plain = (list, tuple)
        if not both_maps and not (_is_namedtuple(a) and _is_namedtuple(b) and a._fields == b._fields
                                  and type(a).__name__ == type(b).__name__):
            if not (isinstance(a, plain) and isinstance(b, plain) and
                    (isinstance(a, type(b)) or isinstance(b, type(a))) and
                    not _is_namedtuple(a) and not _is_namedtuple(b)):
                raise TypeError("The two namedtuples don't have the same sequence type. "
                                f"First structure {_says(a)} has type {type(a).__name__}, while second "
                                f"structure {_says(b)} has type {type(b).__name__}"
                                if _is_namedtuple(a) and _is_namedtuple(b) else
                                "The two structures don't have the same sequence type. Input structure "
                                f"has type {type(a)}, while shallow structure has type {type(b)}.")
    a_keys, a_values = _items(a)
    b_keys, b_values = _items(b)
    if len(a_values) != len(b_values):
        raise ValueError("The two structures don't have the same number of elements. First structure: "
                         f"{_says(a)}. Second structure: {_says(b)}")
    if isinstance(a, collections.abc.Mapping) and a_keys != b_keys:
        raise ValueError("The two dictionaries don't have the same set of keys. First structure has "
                         f"keys type={type(a_keys).__name__} str={a_keys}, while second structure has "
                         f"keys type={type(b_keys).__name__} str={b_keys}")
    for x, y in zip(a_values, b_values):
        _same(x, y, check_types, expand)


@export("nest.map_structure")
def map_structure(func, *structure, **kwargs):
    """func over the leaves of one or more structures of the same form."""
    if not callable(func):
        raise TypeError(f"func must be callable, got: {func}")
    if not structure:
        raise ValueError("Must provide at least one structure")
    check_types = kwargs.pop("check_types", True)
    expand = kwargs.pop("expand_composites", False)
    if kwargs:
        raise ValueError("Only valid keyword arguments are `check_types` and `expand_composites`, not: "
                         f"`{'`, `'.join(kwargs)}`")
    for other in structure[1:]:
        assert_same_structure(structure[0], other, check_types, expand)
    if len(structure) == 1 and not is_nested(structure[0]) and not expand:
        return func(structure[0])
    flat = zip(*(flatten(s, expand) for s in structure))
    return pack_sequence_as(structure[0], [func(*leaves) for leaves in flat], expand)


def with_lists_as_leaves(leaf, value):
    """leaf(..) of what tuples, dicts and classes of attrs hold; lists are leaves, as in elements of datasets."""
    if isinstance(value, (dict, tuple)) or _is_attrs(value):
        return _rebuild(value, [with_lists_as_leaves(leaf, item) for item in _items(value)[1]])
    return leaf(value)


def map_up_to(shallow, func, *structures):
    """func over what stands where `shallow` has leaves."""
    if not is_nested(shallow):
        return func(*structures)
    columns = [_items(s)[1] for s in structures]
    rows = [map_up_to(v, func, *column) for v, *column in zip(_items(shallow)[1], *columns)]
    return _rebuild(shallow, rows)


def flatten_up_to(shallow, structure):
    out = []
    map_up_to(shallow, out.append, structure)
    return out
