# In: objects that own variables. Out: their graph by local names, as TensorFlow's checkpoints and SavedModels know it;
# checkpoints of it; and values put back, also into what is made later.
#
# A class says what it holds by `_trackable_children_(self)`: [(name, child)], and what it saves itself by
# `_saveables_(self)`: [Saveable]. Lists, tuples and dicts of such objects need neither. `_saved_model_children_(self)` are
# those that SavedModels keep and checkpoints do not.
import contextlib

from . import context, logs
from .dtypes import as_dtype
from .. import _core

GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"
_checkpoint = _core.checkpoint
# Attributes of our own, which are nobody's children.
INTERNAL = ("_awaited", "_tracked_extra")


class NoDependency:
    """A value that an attribute is to keep as it is: the attribute holds `value`."""

    def __init__(self, value):
        self.value = value


def track(self, trackable, name, overwrite=False):
    """A method of objects that own variables: `trackable` is a child of the object's under `name`."""
    self.__dict__.setdefault("_tracked_extra", {})[name] = trackable
    return trackable


class Saveable:
    """What an object saves under one attribute: `read()` gives {suffix of the key: value}, mostly one with suffix "";
    `restore(key, values)` takes the same back. `full_name` is what TensorFlow 1 would have called it."""

    def __init__(self, name, full_name, read, restore):
        self.name, self.full_name, self.read, self.restore = name, full_name, read, restore


def identity(obj):
    if isinstance(obj, _core.VariableBase):
        return "variable", obj._key
    handle = getattr(obj, "__dict__", {}).get("_engine_handle")      # a shell may be made anew, what it stands for is one
    return ("handle", handle.address) if handle is not None else id(obj)


def is_trackable(value, _within=()):
    """Whether a value, or what a container holds, belongs to a graph of objects."""
    if isinstance(value, _core.VariableBase) or hasattr(type(value), "_trackable_children_"):
        return True
    if isinstance(value, (list, tuple, dict)) and id(value) not in _within:
        within = _within + (id(value),)
        return any(is_trackable(v, within) for v in (value.values() if isinstance(value, dict) else value))
    return False


def attributes(obj, hidden=()):
    """The trackable attributes of an object, in the order in which they were set."""
    return [(name, value) for name, value in list(vars(obj).items()) if name not in hidden and is_trackable(value)]


class Held:
    """An object of which files know what it holds: {local name: child}."""
    _only_holds_ = True

    def __init__(self, **held):
        self._held = list(held.items())

    def _trackable_children_(self):
        return self._held


_saved_model = False


@contextlib.contextmanager
def of_saved_model():
    """Within it objects have the children, too, that only SavedModels keep: what `_saved_model_children_(self)` gives."""
    global _saved_model
    before, _saved_model = _saved_model, True
    try:
        yield
    finally:
        _saved_model = before


def children(obj):
    """[(local name, child)] in TensorFlow's order."""
    found = _own_children(obj)
    if _saved_model and hasattr(type(obj), "_saved_model_children_"):
        found = found + obj._saved_model_children_()
    further = getattr(obj, "__dict__", {}).get("_tracked_extra")      # what a Checkpoint has hung on to its root
    if further:
        names = {name for name, _ in found}
        found = found + [(name, value) for name, value in further.items() if name not in names]
    return found


def _own_children(obj):
    if isinstance(obj, _core.VariableBase):
        return []
    if hasattr(type(obj), "_trackable_children_"):
        return obj._trackable_children_()
    if isinstance(obj, dict):
        found = [(key, value) for key, value in obj.items() if is_trackable(value)]
        for key, _ in found:
            if not isinstance(key, str):
                raise ValueError(
                    f"Unable to save the object {obj!r} (a dictionary wrapper constructed automatically on attribute "
                    "assignment). The wrapped dictionary contains a non-string key which maps to a trackable object or "
                    "mutable data structure.\n\nIf you don't need this dictionary checkpointed, wrap it in a non-trackable "
                    "object; it will be subsequently ignored.")
        return found
    if isinstance(obj, (list, tuple)):
        return [(str(i), value) for i, value in enumerate(obj) if is_trackable(value)]
    return []


def child(obj, name):
    """The child of that name, or None."""
    return next((value for key, value in children(obj) if key == name), None)


def held(holder, name):
    """The value of that name: a child, or a list or dict that has no children yet."""
    value = child(holder, name)
    if value is None:
        if isinstance(holder, dict):
            value = holder.get(name)
        elif isinstance(holder, (list, tuple)):
            value = holder[int(name)] if name.isdigit() and int(name) < len(holder) else None
        else:
            value = getattr(holder, "__dict__", {}).get(name)
        value = value if isinstance(value, (list, dict)) else None
    return value


def saveables(obj):
    """What an object saves itself."""
    if isinstance(obj, _core.VariableBase):
        return [Saveable("VARIABLE_VALUE", obj.name.rpartition(":")[0], lambda: {"": obj},
                         lambda key, values: _restore_variable(obj, key, values[""]))]
    return obj._saveables_() if hasattr(type(obj), "_saveables_") else []


def _restore_variable(variable, key, value):
    if not variable.shape.is_compatible_with(value.shape):
        raise ValueError(f"Received incompatible tensor with shape {value.shape} when attempting to restore variable with "
                         f"shape {variable.shape} and name {key}.")
    if value.dtype != variable.dtype:
        from .faults import ERRORS
        raise ERRORS[3](None, None, f"tensor_name = {key}; expected dtype {variable.dtype.name} does not equal original "
                                    f"dtype {value.dtype.name}")
    variable.assign(value)


def escape(name):
    return name.replace(".", "..").replace("/", ".S")


class Graph:
    """All objects that a root reaches, breadth first, each once; slots of optimizers after them."""

    def __init__(self, root):
        self.objects, self.edges, self.paths, self.ids = [root], [], [()], {identity(root): 0}
        for obj in self.objects:                # grows while it is walked
            path, edges = self.paths[len(self.edges)], []
            for name, value in children(obj):
                number = self.ids.get(identity(value))
                if number is None:
                    number = self.ids[identity(value)] = len(self.objects)
                    self.objects.append(value)
                    self.paths.append(path + (name,))
                edges.append((number, name))
            self.edges.append(edges)

    def prefix(self, number):
        return "/".join(escape(name) for name in self.paths[number])

    def slots(self, number):
        """[(variable's number, slot name, slot variable)] of an optimizer."""
        optimizer = self.objects[number]
        if not hasattr(type(optimizer), "_slots_of_"):
            return []
        variables = [(i, v) for i, v in enumerate(self.objects) if isinstance(v, _core.VariableBase)]
        return optimizer._slots_of_(variables)


def rows_of(root):
    """[(key, variable or value, object that saves it)] of all that `root` reaches, the graph of objects among them."""
    graph = Graph(root)
    nodes, values = [], []
    keys = [graph.prefix(i) for i in range(len(graph.objects))]
    for number, obj in enumerate(graph.objects):
        entries = []
        for s in saveables(obj):
            key = f"{keys[number]}/.ATTRIBUTES/{escape(s.name)}"
            entries.append((s.name, s.full_name, key))
            values.extend((key + suffix, value, obj) for suffix, value in s.read().items())
        nodes.append([graph.edges[number], entries, [], "", bool(entries)])
    for number in range(len(graph.objects)):
        for of, name, slot in graph.slots(number):
            key = f"{keys[of]}/.OPTIMIZER_SLOT/{keys[number]}/{escape(name)}/.ATTRIBUTES/VARIABLE_VALUE"
            nodes[number][2].append((of, name, len(nodes)))
            nodes.append([[], [("VARIABLE_VALUE", slot.name.rpartition(":")[0], key)], [], "", True])
            values.append((key, slot, slot))
    _mark_holders(nodes)
    described = _core.convert(_checkpoint.object_graph_bytes([tuple(n) for n in nodes]), as_dtype("string"))
    return values + [(GRAPH_KEY, described, None)]


def write(rows, prefix):
    """Writes such rows into a checkpoint, whole or not at all."""
    writer = _checkpoint.BundleWriter(prefix)
    for key, value, _ in rows:
        writer.add(key, value)
    writer.finish()
    return rows


def save(root, prefix):
    """Writes all that `root` reaches into a checkpoint; returns its prefix."""
    write(rows_of(root), prefix)
    return prefix


def _mark_holders(nodes):
    """A node has values if it, or what it leads to, has some."""
    parents = {}
    for number, node in enumerate(nodes):
        for to, _ in node[0]:
            parents.setdefault(to, []).append(number)
    waiting = [number for number, node in enumerate(nodes) if node[4] or node[2]]
    for number in waiting:
        nodes[number][4] = True
        for parent in parents.get(number, ()):
            if not nodes[parent][4]:
                nodes[parent][4] = True
                waiting.append(parent)


# ---- lists and dicts that a checkpoint has more items for ------------------------------------------------------------

def _watching(kind, name):
    """A method that changes a container and then lets restorations look for what is new."""
    change = getattr(kind, name)

    def changed(self, *args, **kwargs):
        result = change(self, *args, **kwargs)
        resolve(self)
        return result
    changed.__name__ = name
    return changed


class ListWrapper(list):
    """A list whose new items get the values that a restored checkpoint has for them."""

    append, extend, insert, __iadd__, __setitem__ = (
        _watching(list, name) for name in ("append", "extend", "insert", "__iadd__", "__setitem__"))

    def __repr__(self):
        return f"ListWrapper({list.__repr__(self)})"

    def __reduce__(self):
        return list, (list(self),)


class _DictWrapper(dict):
    """A dict whose new items get the values that a restored checkpoint has for them."""

    __setitem__, setdefault, update, __ior__ = (
        _watching(dict, name) for name in ("__setitem__", "setdefault", "update", "__ior__"))

    def __repr__(self):
        return f"DictWrapper({dict.__repr__(self)})"

    def __reduce__(self):
        return dict, (dict(self),)


def watched(value, holder, name):
    """The list or dict that `holder` has under that name, as one that tells when it changes; anything else as it is."""
    if type(value) not in (list, dict):
        return value
    made = (ListWrapper if type(value) is list else _DictWrapper)(value)
    if isinstance(holder, list):
        list.__setitem__(holder, int(name), made)
    elif isinstance(holder, dict):
        dict.__setitem__(holder, name, made)
    elif getattr(holder, "__dict__", {}).get(name) is value:
        holder.__dict__[name] = made            # in its place: the order of attributes is that of weights
    else:
        return value                            # of a tuple, or of what is no attribute
    return made


# ---- putting values back -------------------------------------------------------------------------------------------

class Restoration:
    """A checkpoint on its way into a graph of objects. What the checkpoint has and the program has not yet waits with the
    object that will hold it (`_awaited`), until `resolve` is told that the object has changed."""

    _count = 0

    def __init__(self, reader, root):
        Restoration._count += 1
        self.uid, self.reader = Restoration._count, reader
        self.nodes = _checkpoint.read_object_graph(reader.read(GRAPH_KEY).numpy())
        self.objects = {}               # by node, kept alive as long as the restoration
        self.unused = {}                # node -> attribute that the object does not have
        self.expect_partial = False
        self.slots_of = {}              # a variable's node -> [(optimizer's node, slot name, slot's node)]
        self.waiting_slots = {}         # an optimizer's node -> [(variable, slot name, slot's node)]
        for number, node in enumerate(self.nodes):
            for variable, name, slot in node[2]:
                self.slots_of.setdefault(variable, []).append((number, name, slot))
        self._bind([(0, root, root, None)])

    def __del__(self):
        # What was never asked for is told when nobody can ask any more.
        if self.__dict__.get("expect_partial", True) or "slots_of" not in self.__dict__:
            return
        missing = [n for n, node in enumerate(self.nodes) if node[1] and n not in self.objects]
        if missing or self.unused:
            names = self.names()
            logs.warn("Detecting that an object or model or tf.train.Checkpoint is being deleted with unrestored values. See "
                      "the following logs for the specific values in question. To silence these warnings, use "
                      "`status.expect_partial()`. See https://www.tensorflow.org/api_docs/python/tf/train/Checkpoint#restore"
                      "for details about the status object returned by the restore function.")
            for number in missing:
                logs.warn("Value in checkpoint could not be found in the restored object: " + names[number])
            for number, attribute in self.unused.items():
                logs.warn("An attribute in the restored object could not be found in the checkpoint. Object: "
                          f"{names[number]}, attribute: {attribute}")

    def names(self):
        """The nodes' paths as warnings print them."""
        names, order = {0: "(root)"}, [0]
        for number in order:
            for to, name in self.nodes[number][0]:
                if to not in names:
                    names[to] = names[number] + "." + name
                    order.append(to)
        for number, node in enumerate(self.nodes):
            for variable, name, slot in node[2]:
                names[slot] = f"{names.get(number, '(root)')}'s state '{name}' for {names.get(variable, '(root)')}"
        return [names.get(number, f"node {number}") for number in range(len(self.nodes))]

    def text(self, number):
        """A node as protobuf prints it: part of the errors of assert_consumed."""
        children, entries, slots, _, holds = self.nodes[number]
        lines = []
        for to, name in children:
            lines += ["children {"] + ([f"  node_id: {to}"] if to else []) + [f'  local_name: "{name}"', "}"]
        for name, full_name, key in entries:
            lines += ["attributes {"] + [f'  {field}: "{value}"' for field, value in (
                ("name", name), ("full_name", full_name), ("checkpoint_key", key)) if value] + ["}"]
        for variable, name, slot in slots:
            lines += ["slot_variables {", f"  original_variable_node_id: {variable}", f'  slot_name: "{name}"',
                      f"  slot_variable_node_id: {slot}", "}"]
        return "\n".join(lines + ["has_checkpoint_values {"] + ["  value: true"] * holds + ["}", ""])

    def _bind(self, queue):
        """Joins nodes with objects: [(node, object, the object that keeps what has to wait, (holder, name) of the object)]."""
        for number, obj, owner, holder in queue:
            known = self.objects.get(number)
            if known is not None:
                if identity(known) != identity(obj):
                    logs.warn("Inconsistent references when loading the checkpoint into this object graph. Either the "
                              "Trackable object references in the Python program have changed in an incompatible way, or "
                              "the checkpoint was generated in an incompatible program.\n\nTwo checkpoint references "
                              f"resolved to different objects ({known} and {obj}).")
                continue
            if holder and any(held(obj, name) is None for _, name in self.nodes[number][0]):
                obj = watched(obj, *holder)
            self.objects[number] = obj
            if hasattr(obj, "__dict__") and not isinstance(obj, _core.VariableBase):
                owner = obj
            self._values(number, obj)
            local = dict(reversed(children(obj)))
            for to, name in self.nodes[number][0]:
                value = local.get(name)
                if value is None:
                    value = held(obj, name)
                if value is not None:
                    queue.append((to, value, owner, (obj, name)))
                elif self._holds_values(to) and to not in self.objects:
                    owner.__dict__.setdefault("_awaited", []).append((self, obj, name, to))
                    if hasattr(type(owner), "_expecting_"):
                        owner._expecting_()
            self._slots(number, obj)

    def _holds_values(self, number):
        """Older writers do not say; then every node may hold some."""
        return True if not self.nodes[0][4] else self.nodes[number][4]

    def _values(self, number, obj):
        stored = {name: key for name, _, key in self.nodes[number][1]}
        own = {s.name: s for s in saveables(obj)}
        for name in list(stored.keys() ^ own.keys()):
            self.unused[number] = name
        for name in stored.keys() & own.keys():
            key, saveable = stored[name], own[name]
            with context.init_scope():
                saveable.restore(key, {suffix: self.reader.read(key + suffix) for suffix in saveable.read()})

    def _slots(self, number, obj):
        for optimizer, name, slot in self.slots_of.pop(number, ()):
            if optimizer in self.objects:
                self._restore_slots(self.objects[optimizer], [(obj, name, slot)])
            else:
                self.waiting_slots.setdefault(optimizer, []).append((obj, name, slot))
        if number in self.waiting_slots and hasattr(type(obj), "_slots_of_"):
            self._restore_slots(obj, self.waiting_slots.pop(number))

    def _restore_slots(self, optimizer, wanted):
        """Makes the slots, all of one optimizer at once: their order is that of its weights. What a damaged file takes for an
        optimizer has none."""
        if not hasattr(type(optimizer), "_make_slots_"):
            return
        optimizer._make_slots_([variable for variable, _, _ in wanted])
        for variable, name, slot in wanted:
            made = optimizer._slot_or_none_(variable, name)
            if made is not None:
                self.objects[slot] = made
                self._values(slot, made)
        resolve(optimizer)          # its counters came with them


class NamedRestoration:
    """A checkpoint without a graph of objects, as TensorFlow 1 wrote them: a variable gets the value of its own name, also one
    that is made later."""

    expect_partial = False

    def __init__(self, reader, root):
        Restoration._count += 1
        self.uid, self.reader, self.seen, self.unused = Restoration._count, reader, {}, []
        self.visit(root)

    def visit(self, root):
        """Restores what has not been met yet of all that an object reaches, slots of optimizers among it."""
        graph = Graph(root)
        slots = [slot for number in range(len(graph.objects)) for _, _, slot in graph.slots(number)]
        for obj in graph.objects + slots:
            if identity(obj) in self.seen:
                continue
            self.seen[identity(obj)] = obj
            for saveable in saveables(obj):
                names = {suffix: saveable.full_name + suffix for suffix in saveable.read()}
                if saveable.full_name and all(self.reader.has(name) for name in names.values()):
                    with context.init_scope():
                        saveable.restore(saveable.full_name, {suffix: self.reader.read(name) for suffix, name in names.items()})
                else:
                    self.unused.append((obj, saveable.full_name or saveable.name))
            if hasattr(obj, "__dict__") and not isinstance(obj, _core.VariableBase):
                obj.__dict__.setdefault("_awaited", []).append((self, obj, None, None))
                if hasattr(type(obj), "_expecting_"):
                    obj._expecting_()


def resolve(obj):
    """Looks again for what restorations wait for in this object: call it when it has got new children."""
    awaited = obj.__dict__.get("_awaited")
    if not awaited:
        return
    for entry in [e for e in awaited if e[2] is None]:
        entry[0].visit(obj)
    left, found = [e for e in obj.__dict__["_awaited"] if e[2] is None], []
    for restoration, holder, name, number in [e for e in awaited if e[2] is not None]:
        value = held(holder, name)
        (found if value is not None else left).append((restoration, holder, name, number, value))
    if not found:
        return
    object.__setattr__(obj, "_awaited", [entry[:4] for entry in left])
    for restoration, holder, name, number, value in sorted(found, key=lambda entry: entry[0].uid):   # the latest one last
        restoration._bind([(number, value, obj, (holder, name))])


def restore(root, prefix):
    """Begins to restore a checkpoint into all that `root` reaches: by its graph of objects, or by names if it has none."""
    reader = _checkpoint.BundleReader(prefix)
    return (Restoration if reader.has(GRAPH_KEY) else NamedRestoration)(reader, root)
