# In: the directory of a SavedModel. Out: tf.saved_model.load: its objects, variables, functions, tables and assets.
import collections.abc
import os

from . import export, faults, logs, structured
from .context import init_scope
from .module import Module
from .registered import no_gradient, rule_of_node
from .restored import RestoredConcreteFunction, RestoredFunction, Spec
from .saved_tables import RestoredResource
from .slices import IndexedSlicesSpec
from .variable import Variable, VariableAggregation, VariableSynchronization
from .. import _core

FILE, TEXT_FILE, VARIABLES, ASSETS = "saved_model.pb", "saved_model.pbtxt", "variables", "assets"


@export("saved_model.LoadOptions")
class LoadOptions:
    """How to load: files and variables of one machine need no device of their own."""

    def __init__(self, allow_partial_checkpoint=False, experimental_io_device=None, experimental_skip_checkpoint=False,
                 experimental_variable_policy=None):
        self.allow_partial_checkpoint = allow_partial_checkpoint
        self.experimental_io_device = experimental_io_device
        self.experimental_skip_checkpoint = experimental_skip_checkpoint
        self.experimental_variable_policy = experimental_variable_policy


@export("saved_model.contains_saved_model")
def contains_saved_model(export_dir):
    """True iff the directory holds a SavedModel."""
    folder = os.fspath(export_dir)
    folder = folder.decode() if isinstance(folder, bytes) else folder
    return any(os.path.isfile(os.path.join(folder, name)) for name in (FILE, TEXT_FILE))


def read_message(folder):
    """The SavedModel message of a directory."""
    path = os.path.join(folder, FILE)
    if not os.path.isfile(path):
        if os.path.isfile(os.path.join(folder, TEXT_FILE)):
            raise NotImplementedError(f"{folder} holds {TEXT_FILE}, the text form of a SavedModel, which Ninefold does not "
                                      f"read; write it anew as {FILE}")
        raise OSError(f"SavedModel file does not exist at: {folder}{os.path.sep}{{{TEXT_FILE}|{FILE}}}")
    with open(path, "rb") as file:
        data = file.read()
    try:
        return _core.decode_message("SavedModel", data)
    except (faults.ERRORS[15], UnicodeDecodeError, RuntimeError) as error:   # text that is no UTF-8
        raise OSError(f"Cannot parse file {path}: {error}.") from None


class _UserObject(Module):
    """An object of a class that the file does not hold."""

    def __init__(self):
        pass


class _SignatureMap(collections.abc.Mapping):
    """The signatures of a SavedModel by their keys."""

    def __init__(self):
        self._signatures = {}

    def __getitem__(self, key):
        return self._signatures[key]

    def __iter__(self):
        return iter(self._signatures)

    def __len__(self):
        return len(self._signatures)

    def __repr__(self):
        return f"_SignatureMap({self._signatures})"


@export("saved_model.Asset")
class Asset:
    """A file that a SavedModel takes along; `asset_path` is a string tensor."""

    def __init__(self, path):
        if not isinstance(path, (str, bytes, os.PathLike)) and not _core.is_tensor(path):
            raise TypeError(f"tf.saved_model.Asset: expected a path, got {path!r}")
        with init_scope():
            self._path = path if _core.is_tensor(path) else _core.convert(os.fspath(path), "string")

    @property
    def asset_path(self):
        return self._path


def _is_list(identifier):
    return identifier in ("trackable_list_wrapper", "trackable_tuple_wrapper")


class Loader:
    """The objects of one SavedModel, by number."""

    def __init__(self, folder, meta, options, prepare=None):
        self.folder, self.options = folder, options
        self.preset, self.setters = {}, {}     # objects that `prepare` made, by number; who takes the attributes of such a one
        objects = meta["object_graph_def"]
        self.messages = objects.get("nodes", [])
        if not self.messages:
            raise OSError(f"{folder}: the SavedModel has no objects; the file is damaged")
        self.assets = meta.get("asset_file_def", [])
        graph = meta.get("graph_def")
        self.graph = _core.ImportedGraph(graph.numpy() if graph is not None else b"")
        self.known = set(self.graph.functions())
        self.concrete = {name: self._concrete(name, message)
                         for name, message in objects.get("concrete_functions", {}).items()}
        self.graph.on_unknown_rule(rule_of_node)
        self.graph.on_missing_rule(no_gradient)
        self.constants = self._constants()
        self.nodes = [None] * len(self.messages)
        self.edges = [[(c.get("local_name", ""), self._number(c.get("node_id", 0))) for c in m.get("children", [])]
                      for m in self.messages]
        if prepare is not None:
            prepare(self)
        for i, message in enumerate(self.messages):
            self.nodes[i] = self.preset[i] if i in self.preset else self._make(i, message)
        self._describe_rules(objects.get("concrete_functions", {}))
        self._connect()
        for i, message in enumerate(self.messages):
            if isinstance(self.nodes[i], RestoredResource):
                self.nodes[i]._moves = [(name, self._function_at(pair.get("save_function", 0)), self._function_at(
                    pair.get("restore_function", 0))) for name, pair in message.get("saveable_objects", {}).items()]
        if not options.experimental_skip_checkpoint:
            self._restore()
        for node in self.nodes:
            if isinstance(node, RestoredResource):
                node._fill()

    def _number(self, i):
        if not 0 <= i < len(self.messages):
            raise OSError(f"{self.folder}: the SavedModel refers to object {i} of {len(self.messages)}; the file is damaged")
        return i

    def _function_at(self, i):
        """The concrete function that is object i, or the only trace of the function that is."""
        node = self.nodes[self._number(i)]
        found = node.concrete_functions if isinstance(node, RestoredFunction) else [node]
        if len(found) != 1 or not isinstance(found[0], RestoredConcreteFunction):
            raise OSError(f"{self.folder}: object {i} should be a function that moves a table's values; the file is damaged")
        return found[0]

    # ---- objects ----
    def _make(self, i, message):
        if "variable" in message:
            return self._variable(message["variable"])
        if "function" in message:
            function = message["function"]
            names = function.get("concrete_functions", [])
            return RestoredFunction([self._found(n) for n in names], _spec(function.get("function_spec", {})))
        if "bare_concrete_function" in message:
            bare = message["bare_concrete_function"]
            concrete = self._found(bare.get("concrete_function_name", ""))
            concrete._arg_keywords = tuple(bare.get("argument_keywords", []))
            concrete._positional = bare.get("allowed_positional_arguments", 0)
            if bare.get("function_spec"):
                concrete._set_spec(_spec(bare["function_spec"]))
            return concrete
        if "asset" in message:
            return Asset(self._asset(message["asset"].get("asset_file_def_index", 0)))
        if "constant" in message:
            return self.constants[message["constant"].get("operation", "")]
        if "resource" in message:
            return type("RestoredResource", (RestoredResource,), {})()
        if "captured_tensor" in message:
            return None
        identifier = message.get("user_object", {}).get("identifier", "")
        if _is_list(identifier):
            return []
        if identifier == "trackable_dict_wrapper":
            return {}
        if identifier == "signature_map":
            return _SignatureMap()
        return type("_UserObject", (_UserObject,), {"__module__": "tensorflow.python.saved_model.load"})()

    def _variable(self, message):
        dtype, shape = structured.dtype_of(message.get("dtype", 0)), structured.shape_of(message.get("shape", {}))
        zeros = _core.function_named("tf.zeros")([0 if d is None else d for d in shape.as_list()] if shape.rank is not None else [],
                                                 dtype) if dtype.name not in ("resource", "variant") else None
        if zeros is None:
            raise OSError(f"{self.folder}: a variable of dtype {dtype.name}; the file is damaged")
        return Variable(zeros, trainable=bool(message.get("trainable", False)), name=message.get("name") or "Variable",
                        dtype=dtype, shape=shape,
                        synchronization=VariableSynchronization(message.get("synchronization", 0)),
                        aggregation=VariableAggregation(message.get("aggregation", 0)))

    def _asset(self, index):
        if not 0 <= index < len(self.assets):
            raise OSError(f"{self.folder}: the SavedModel refers to asset {index} of {len(self.assets)}; the file is damaged")
        name = self.assets[index].get("filename", "")
        folder = os.path.join(self.folder, ASSETS)
        path = os.path.normpath(os.path.join(folder, name))
        if not name or not path.startswith(os.path.normpath(folder) + os.sep):
            raise OSError(f"{self.folder}: the asset {name!r} lies outside of the SavedModel")
        return path

    def _constants(self):
        names = [m["constant"].get("operation", "") for m in self.messages if "constant" in m]
        try:
            with init_scope():
                return dict(zip(names, self.graph.add({}, [n + ":0" for n in names], []))) if names else {}
        except KeyError as fault:
            raise OSError(f"{self.folder}: a constant of the SavedModel is not in its graph ({fault.args[0]}); the file is damaged") from fault

    def _connect(self):
        """Attributes and items; a list's items come in the order of their names."""
        for i in range(len(self.nodes)):
            node = self.nodes[i]
            if isinstance(node, list) and i not in self.preset:
                children = dict(self.edges[i])
                for k in range(len(children)):
                    if str(k) in children:
                        node.append(self.nodes[children[str(k)]])
        tuples = {i: tuple(self.nodes[i]) for i, m in enumerate(self.messages)
                  if m.get("user_object", {}).get("identifier") == "trackable_tuple_wrapper"}
        for i, node in enumerate(self.nodes):
            if isinstance(node, list) or isinstance(node, (RestoredFunction, RestoredConcreteFunction, Asset)):
                continue
            if i in self.preset and i not in self.setters:
                continue
            for name, child in self.edges[i]:
                value = tuples.get(child, self.nodes[child])
                if i in self.setters:
                    self.setters[i](name, value)
                elif isinstance(node, dict):
                    node[name] = value
                elif isinstance(node, _SignatureMap):
                    if not isinstance(value, (RestoredFunction, RestoredConcreteFunction)):
                        raise OSError(f"{self.folder}: the signature '{name}' is no function; the file is damaged")
                    node._signatures[name] = value
                elif isinstance(node, (_UserObject, RestoredResource)):
                    if i == 0 and name == "signatures" and not isinstance(value, _SignatureMap):
                        raise OSError(f"{self.folder}: the root's `signatures`, a name that SavedModels keep for themselves, are no map "
                                      "of signatures; the file is damaged")
                    if isinstance(getattr(type(node), name, None), property):
                        setattr(type(node), name, value)     # the class is this object's own
                    else:
                        setattr(node, name, value)
                    if name == "__call__" and callable(value):
                        type(node).__call__ = _call_attribute

    # ---- functions ----
    def _found(self, name):
        if name not in self.concrete:
            raise OSError(f"{self.folder}: the SavedModel has no function '{name}'; the file is damaged")
        return self.concrete[name]

    def _concrete(self, name, message):
        if name not in self.known:
            raise OSError(f"{self.folder}: the SavedModel has no function '{name}'; the file is damaged")
        signature = structured.decode(message.get("canonicalized_input_signature", {}))
        if not (isinstance(signature, tuple) and len(signature) == 2 and isinstance(signature[0], (tuple, list))
                and isinstance(signature[1], dict)):
            signature = ((), {})
        outputs = structured.decode(message.get("output_signature", {}))
        bound = message.get("bound_inputs", [])

        def make():
            with init_scope():
                return self.graph.function(name, [self._captured(self._number(i)) for i in bound])
        return RestoredConcreteFunction(name, make, signature, outputs)

    def _describe_rules(self, concrete):
        """What custom gradients read, and which inputs of their nodes they reach."""
        for op_type, name in self.graph.rules():
            if name not in concrete:
                continue      # a function that no SavedModel of TensorFlow lacks: its nodes have no gradient
            bound = []
            for i in concrete[name].get("bound_inputs", []):
                tensor = self.messages[self._number(i)].get("captured_tensor")
                bound.append(self._captured(i) if tensor is None else (tensor.get("concrete_function", ""), tensor.get("name", "")))
            results = structured.decode(concrete[name].get("output_signature", {}))
            results = results if isinstance(results, (list, tuple)) else [results]
            self.graph.describe_rule(op_type, bound, [
                0 if r is None else len(r._component_specs_()) if isinstance(r, IndexedSlicesSpec) else 1 for r in results])
        for name in self.graph.without_rules():
            logs.absl_warning(f"Importing a function ({name}) with ops with unsaved custom gradients. Will likely fail if a "
                              "gradient is requested.")

    def _captured(self, i):
        node = self.nodes[i]
        if isinstance(node, _core.VariableBase):
            return node.handle
        if isinstance(node, Asset):
            return node.asset_path
        if isinstance(node, RestoredResource):
            return node.resource_handle
        if _core.is_tensor(node):
            return node
        if hasattr(node, "resource_handle"):
            return node.resource_handle
        raise OSError(f"{self.folder}: a function needs object {i}, which is no tensor and no resource")

    # ---- values ----
    def _restore(self):
        prefix = os.path.join(self.folder, VARIABLES, VARIABLES)
        wanted = [i for i, n in enumerate(self.nodes) if isinstance(n, _core.VariableBase)]
        if not os.path.isfile(prefix + ".index"):
            if wanted and not self.options.allow_partial_checkpoint:
                raise FileNotFoundError(f"Unsuccessful TensorSliceReader constructor: Failed to find any matching files for "
                                        f"{prefix}\n You may be trying to load on a different device from the computational "
                                        "device. Consider setting the `experimental_io_device` option in "
                                        "`tf.saved_model.LoadOptions` to the io_device such as '/job:localhost'.")
            return
        reader = _core.checkpoint.BundleReader(prefix)
        saved = _core.checkpoint.read_object_graph(reader.read("_CHECKPOINTABLE_OBJECT_GRAPH").numpy())
        done, pairs = set(), [(0, 0)]
        while pairs:
            here, there = pairs.pop()
            if here in done:
                continue
            done.add(here)
            children, attributes, slots = saved[there][:3]
            self._take(self.nodes[here], {a[0]: a[2] for a in attributes}, reader)
            named = {name: number for number, name in children}
            pairs += [(child, named[name]) for name, child in self.edges[here] if name in named]
            mine = {(s.get("slot_name"), self._number(s.get("original_variable_node_id", 0))):
                    self._number(s.get("slot_variable_node_id", 0)) for s in self.messages[here].get("slot_variables", [])}
            self._slots(mine, slots, pairs, there, saved)
        missing = [i for i in wanted if i not in done]
        if missing and not self.options.allow_partial_checkpoint:
            raise AssertionError(f"Some Python objects were not bound to checkpointed values, likely due to changes in the "
                                 f"Python program: {[self.nodes[i] for i in missing]}")

    def _slots(self, mine, slots, pairs, there, saved):
        """Slots of an optimizer lie beside it: matched by their names and the order of their variables."""
        by_name = {}
        for variable, name, slot in slots:
            by_name.setdefault(name, []).append(slot)
        rows = {}
        for (name, variable), node in mine.items():
            rows.setdefault(name, []).append(node)
        for name, nodes in rows.items():
            pairs += zip(nodes, by_name.get(name, []))

    def _take(self, node, keys, reader):
        if isinstance(node, _core.VariableBase) and "VARIABLE_VALUE" in keys:
            value = reader.read(keys["VARIABLE_VALUE"])
            if not node.shape.is_compatible_with(value.shape) or node.dtype != value.dtype:
                raise ValueError(f"Received incompatible tensor with shape {value.shape} when attempting to restore variable "
                                 f"with shape {node.shape} and name {keys['VARIABLE_VALUE']}.")
            node.assign(value)
        elif isinstance(node, RestoredResource):
            for saveable in node._saveables_():
                if saveable.name in keys:
                    key = keys[saveable.name]
                    saveable.restore(key, {suffix: reader.read(key + suffix) for suffix in saveable.read()})


def _call_attribute(instance, *args, **kwargs):
    return instance.__dict__["__call__"](*args, **kwargs)


def _spec(message):
    full = structured.decode(message.get("fullargspec", {}))

    def is_any(name, *kinds):
        return hasattr(full, name) and isinstance(getattr(full, name), (type(None), *kinds))

    def are_names(name):
        return is_any(name, list, tuple) and all(isinstance(x, str) for x in getattr(full, name) or ())
    if not (are_names("args") and are_names("kwonlyargs") and is_any("varargs", str) and is_any("varkw", str)
            and is_any("defaults", list, tuple) and is_any("kwonlydefaults", dict)):
        raise OSError("SavedModel: a function has no signature; the file is damaged")
    return Spec(full, message.get("is_method", False), structured.decode(message.get("input_signature", {})))


def meta_graph(folder, tags):
    """(the SavedModel's one MetaGraph that fits `tags`, its tags)."""
    message = read_message(folder)
    graphs = message.get("meta_graphs", [])
    if len(graphs) != 1 or "object_graph_def" not in graphs[0]:
        raise NotImplementedError(f"{folder}: a SavedModel of TensorFlow 1 ({len(graphs)} graphs without objects) cannot be loaded; "
                                  "load it in TensorFlow 2 and write it anew with tf.saved_model.save")
    meta = graphs[0]
    has = meta.get("meta_info_def", {}).get("tags", [])
    if tags is not None:
        wanted = {tags} if isinstance(tags, str) else set(tags)
        if wanted != set(has):
            raise ValueError(f"Got an incompatible argument to `tags`: {tags}. The SavedModel at {folder} has one MetaGraph with "
                             f"tags {has}. You may omit the argument, pass 'None', or pass matching tags.")
    return meta


def load_with(folder, options, prepare):
    """All objects of a SavedModel, some of them made by prepare(Loader)."""
    with init_scope():
        return Loader(folder, meta_graph(folder, None), options or LoadOptions(), prepare)


@export("saved_model.load")
def load(export_dir, tags=None, options=None):
    """The object that was saved in a directory: variables, functions, signatures, tables and assets with their names.
    Raises OSError for a directory that holds no SavedModel, or a damaged one."""
    folder = os.fspath(export_dir)
    folder = folder.decode() if isinstance(folder, bytes) else folder
    meta = meta_graph(folder, tags)
    with init_scope():
        root = Loader(folder, meta, options or LoadOptions()).nodes[0]
    info = meta.get("meta_info_def", {})
    try:
        root.tensorflow_version = info.get("tensorflow_version", "")
        root.tensorflow_git_version = info.get("tensorflow_git_version", "")
    except AttributeError:
        pass   # the root is a list or a dict
    return root
