# In: an object with variables, functions, tables and assets. Out: tf.saved_model.save: a directory that TensorFlow 2.9.0
# and Ninefold load.
import itertools
import os
import shutil
import tempfile

from . import export, nest, saved_graph, saved_tables, structured, trackable
from .concrete import ConcreteFunction
from .function import Function
from .module import Module, is_plain
from .restored import RestoredConcreteFunction, RestoredFunction
from .saved_model_load import ASSETS, FILE, VARIABLES, Asset, _SignatureMap, _UserObject
from .specs import TensorSpec, TypeSpec
from .. import _core

_TF_VERSION, _TF_GIT_VERSION = "2.9.0", "v2.9.0-rc2-42-g8a20d54a3c1"   # whose form this is: readers ask for it
_PREDICT, _DEFAULT, _INIT = saved_graph.PREDICT, "serving_default", saved_graph.INIT

for _name, _value in {"ASSETS_DIRECTORY": ASSETS, "ASSETS_KEY": "saved_model_assets", "CLASSIFY_INPUTS": "inputs",
                      "CLASSIFY_METHOD_NAME": "tensorflow/serving/classify", "CLASSIFY_OUTPUT_CLASSES": "classes",
                      "CLASSIFY_OUTPUT_SCORES": "scores", "DEBUG_DIRECTORY": "debug",
                      "DEBUG_INFO_FILENAME_PB": "saved_model_debug_info.pb",
                      "DEFAULT_SERVING_SIGNATURE_DEF_KEY": _DEFAULT, "GPU": "gpu", "PREDICT_INPUTS": "inputs",
                      "PREDICT_METHOD_NAME": _PREDICT, "PREDICT_OUTPUTS": "outputs", "REGRESS_INPUTS": "inputs",
                      "REGRESS_METHOD_NAME": "tensorflow/serving/regress", "REGRESS_OUTPUTS": "outputs",
                      "SAVED_MODEL_FILENAME_PB": FILE, "SAVED_MODEL_FILENAME_PBTXT": "saved_model.pbtxt",
                      "SAVED_MODEL_SCHEMA_VERSION": 1, "SERVING": "serve", "TPU": "tpu", "TRAINING": "train",
                      "VARIABLES_DIRECTORY": VARIABLES, "VARIABLES_FILENAME": VARIABLES}.items():
    export("saved_model." + _name)(_value)


@export("saved_model.SaveOptions")
class SaveOptions:
    """How to save. `function_aliases` names functions for their readers; no op here has a namespace."""

    def __init__(self, namespace_whitelist=None, save_debug_info=False, function_aliases=None,
                 experimental_io_device=None, experimental_variable_policy=None, experimental_custom_gradients=True):
        if save_debug_info:
            raise NotImplementedError("SaveOptions: save_debug_info writes stack traces of ops, which Ninefold does not keep")
        if experimental_variable_policy not in (None, "none"):
            raise NotImplementedError("SaveOptions: experimental_variable_policy concerns distributed variables; expected None")
        self.namespace_whitelist = list(namespace_whitelist or [])
        self.save_debug_info, self.function_aliases = save_debug_info, dict(function_aliases or {})
        self.experimental_io_device = experimental_io_device
        self.experimental_variable_policy = experimental_variable_policy
        self.experimental_custom_gradients = experimental_custom_gradients


_FUNCTIONS = (Function, ConcreteFunction, RestoredFunction)
_SIGNATURES = "signatures"          # of a root: the name of what SavedModels serve


def _functions_of(obj):
    """(name, function) of the tf.functions among an object's attributes, those of its class bound to it."""
    found = {name: value for name, value in vars(obj).items() if isinstance(value, _FUNCTIONS)}
    for name in {name for c in type(obj).__mro__ for name, value in vars(c).items() if isinstance(value, Function)}:
        if vars(obj).get(name) is None:
            found[name] = getattr(obj, name)
    return sorted((name, value) for name, value in found.items()
                  if isinstance(value, _FUNCTIONS) and (name == "__call__" or not name.startswith("__")))


def _children(obj):
    """(name, object) of what an object holds, in the order in which TensorFlow walks it."""
    if isinstance(obj, dict):
        return [(str(k), v) for k, v in obj.items() if isinstance(k, str)]
    if isinstance(obj, (list, tuple)):
        return [(str(i), v) for i, v in enumerate(obj)]
    if hasattr(type(obj), "_trackable_children_") and type(obj)._trackable_children_ is not Module._trackable_children_:
        return trackable.children(obj)
    if not hasattr(obj, "__dict__") or isinstance(obj, (_core.VariableBase, Asset, *_FUNCTIONS)):
        return []
    ignored = getattr(type(obj), "_TF_MODULE_IGNORED_PROPERTIES", ())
    return [(k, v) for k, v in vars(obj).items() if k not in ignored and k not in ("_name_scope",) and not isinstance(v, _FUNCTIONS)]


class _Keras:
    """What Keras adds to objects of its own: set by it when a first object is saved (this half knows no layers)."""
    parts = None

    @classmethod
    def get(cls):
        if cls.parts is None:
            from ..keras import saved_models
            cls.parts = saved_models
        return cls.parts


def _trackable(x):
    return is_plain(x) or isinstance(x, (_core.VariableBase, Asset, _SignatureMap)) or saved_tables.is_table(x) \
        or getattr(type(x), "_only_holds_", False)


class Saver:
    """The objects that a root reaches, by number, and the graph that they share. `describe` gives the identifier of
    further objects that are kept, None for others."""

    def __init__(self, root, describe=lambda obj: None, rules=True):
        self.describe = describe
        self.objects, self.messages, self.places = [], [], {}
        self.writer = _core.GraphWriter(rules)
        self.concrete, self.names = {}, {}     # SavedConcreteFunction by name; names by id of a ConcreteFunction
        self.arguments = {}                    # how many a function has, with what it captures, by name
        self.captured, self.kept = {}, []      # number of the object behind a captured tensor
        self.assets, self.asset_of = [], {}    # (path, name in the file); number of an Asset's file
        self.root = root
        self._walk(root)
        while self._trace_signatures():        # which may have made variables
            self.objects, self.messages, self.places = [], [], {}
            self._walk(root)

    # ---- which objects there are ----
    def add(self, message):
        """A further object, which nobody else knows."""
        return self._add(None, message)

    def _add(self, obj, message):
        self.objects.append(obj)
        self.messages.append(message)
        return len(self.objects) - 1

    _key = staticmethod(trackable.identity)

    def _holds(self, x, depth=0):
        """Whether an object is kept, or a list or dict holds one that is."""
        if isinstance(x, (list, tuple, dict)):
            return depth < 50 and any(self._holds(v, depth + 1) for _, v in _children(x))
        return _trackable(x) or self.describe(x) is not None

    def _walk(self, root):
        with trackable.of_saved_model():
            self._walk_all(root)

    def _walk_all(self, root):
        self.places[self._key(root)] = self._add(root, self._message(root))
        at = 0
        while at < len(self.objects):     # breadth first, so that the shortest path names a variable
            obj = self.objects[at]
            edges = []
            for name, child in _children(obj):
                if not self._holds(child) or (at == 0 and name == _SIGNATURES and self._replaces(root, child)):
                    continue
                self.kept.append(child)
                key = self._key(child)
                if key not in self.places:
                    self.places[key] = self._add(child, self._message(child))
                edges.append({"node_id": self.places[key], "local_name": name})
            if edges:
                self.messages[at]["children"] = edges
            at += 1

    def _saved_functions(self, obj):
        """[(attribute's name, function)] of an object whose functions are kept."""
        if not (is_plain(obj) or isinstance(obj, _UserObject) or self.describe(obj) is not None):
            return []
        described = self.describe(obj) is not None      # a layer's call is kept as Keras keeps it
        return [(name, function) for name, function in _functions_of(obj) if name != "call" or not described]

    def _trace_signatures(self):
        """Traces functions that know their signature and were never called; returns whether there were any."""
        found = [function for obj in self.objects if not saved_tables.is_resource(obj) for _, function in self._saved_functions(obj)
                 if getattr(function, "input_signature", None) is not None and not getattr(function, "_concrete", True)]
        for function in found:
            function.get_concrete_function()
        return bool(found)

    def _message(self, obj):
        if isinstance(obj, _core.VariableBase):
            return {"variable": {"dtype": structured.number_of(obj.dtype), "shape": structured.shape_message(obj.shape),
                                 "trainable": bool(obj.trainable), "synchronization": obj.synchronization.value,
                                 "aggregation": obj.aggregation.value, "name": obj.name.split(":")[0]}}
        if isinstance(obj, Asset):
            return {"asset": {"asset_file_def_index": self._asset(obj)}}
        if saved_tables.is_resource(obj):
            return {"resource": {}}
        kinds = ((dict, "trackable_dict_wrapper"), (tuple, "trackable_tuple_wrapper"), (list, "trackable_list_wrapper"),
                 (_SignatureMap, "signature_map"))
        identifier = self.describe(obj) or next((name for kind, name in kinds if isinstance(obj, kind)), "_generic_user_object")
        return {"user_object": {"identifier": identifier, "version": {"producer": 1, "min_consumer": 1}}}

    def _asset(self, asset):
        path = asset.asset_path.numpy().decode()
        if not os.path.isfile(path):
            raise FileNotFoundError(f"tf.saved_model.save: the asset {path} is not there")
        taken = {name: p for p, name in self.assets}
        name, n = os.path.basename(path), 0
        while taken.get(name, path) != path:
            n += 1
            name = f"{os.path.basename(path)}_{n}"
        if name not in taken:
            self.assets.append((path, name))
        return [a[1] for a in self.assets].index(name)

    def add_user_object(self, identifier="_generic_user_object"):
        return self.add({"user_object": {"identifier": identifier, "version": {"producer": 1, "min_consumer": 1}}})

    def add_asset(self, at, name, path):
        """A file that the object `at` needs."""
        asset = Asset(path)
        self.kept.append(asset)
        number = self._add(asset, self._message(asset))
        self.edge(at, name, number)
        return number

    def add_list(self, objects):
        """A list of objects that are there already."""
        at = self.add_user_object("trackable_list_wrapper")
        for i, obj in enumerate(objects):
            self.edge(at, str(i), self.places[self._key(obj)])
        return at

    # ---- what they are ----
    @staticmethod
    def _replaces(root, child):
        """Whether the root's `signatures` are those of a load, which this save writes anew; nothing else may have that name."""
        if isinstance(child, _SignatureMap):
            return True
        raise ValueError(f"Exporting an object {root} which has an attribute named '{_SIGNATURES}'. This is a reserved attribute used to "
                         "store SavedModel signatures in objects which come from `tf.saved_model.load`. Delete this attribute (e.g. "
                         f"`del obj.{_SIGNATURES}`) before saving if this shadowing is acceptable.")

    def fill(self, signatures):
        count = len(self.objects)
        for i in range(count):
            obj = self.objects[i]
            if isinstance(obj, _core.VariableBase):
                self.captured[obj.handle._id] = i
            elif isinstance(obj, Asset):
                self.captured[obj.asset_path._id] = i
            elif saved_tables.is_resource(obj):
                self.captured[obj.resource_handle._id] = i
        for i in range(count):
            obj = self.objects[i]
            if saved_tables.is_resource(obj):
                saved_tables.add(self, i, obj)
            else:
                for name, function in self._saved_functions(obj):
                    self.edge(i, name, self.function(function))
        if signatures is not None:
            at = self._add(None, {"user_object": {"identifier": "signature_map", "version": {"producer": 1, "min_consumer": 1}}})
            self.edge(0, _SIGNATURES, at)
            for key, (function, names) in signatures.items():
                concrete = self._save_concrete(function)
                bare = {"concrete_function_name": concrete, "argument_keywords": names,
                        "allowed_positional_arguments": 1 if len(names) == 1 else 0,
                        "function_spec": {"fullargspec": structured.full_arg_spec([], None, "kwargs", None, [], None),
                                          "is_method": False, "input_signature": structured.encode(None)}}
                self.edge(at, key, self._add(function, {"bare_concrete_function": bare}))

    def has(self, obj):
        """Whether an object is kept."""
        return self._key(obj) in self.places

    def edge(self, at, name, to):
        self.messages[at].setdefault("children", []).append({"node_id": to, "local_name": name})

    def function(self, function):
        key = id(function)
        if key in self.places:
            return self.places[key]
        self.kept.append(function)
        if isinstance(function, ConcreteFunction):
            names = [s.name or f"arg_{i}" for i, s in enumerate(function._handle.inputs)]
            message = {"bare_concrete_function": {"concrete_function_name": self._save_concrete(function),
                                                  "argument_keywords": names, "allowed_positional_arguments": len(names)}}
        else:
            if isinstance(function, RestoredFunction):
                concretes, spec = function.concrete_functions, _restored_spec(function)
            else:
                if function.input_signature is not None and not function._concrete:      # one that belongs to no object
                    function.get_concrete_function()
                concretes, spec = list(function._concrete), _function_spec(function)
            message = {"function": {"concrete_functions": [self._save_concrete(c) for c in concretes],
                                    "function_spec": spec}}
        self.places[key] = self._add(function, message)
        return self.places[key]

    def _save_concrete(self, function):
        """Its name in the library, under which its signature is kept too."""
        if id(function) in self.names:
            return self.names[id(function)]
        self.kept.append(function)
        signature, handle = _canonical(function)
        self.kept.append(handle)
        bound = [self.capture(t, function) for t in handle.captures]
        name = self.named(handle, {
            "bound_inputs": bound, "output_signature": structured.encode(function._structured_outputs),
            "canonicalized_input_signature": structured.encode(signature)})
        self.names[id(function)] = name
        return name

    def named(self, handle, row):
        """The function's name in the library; equal functions over other objects, or otherwise called, have others."""
        for digits in itertools.chain([""], map(str, itertools.count())):
            name = self.writer.function(handle, digits)
            self.arguments[name] = len(handle.inputs) + len(handle.captures)
            if self.concrete.setdefault(name, row) == row:
                return name

    def capture(self, tensor, function):
        at = self.captured.get(tensor._id)
        if at is None:
            if tensor.dtype.name in ("resource", "variant"):
                raise AssertionError(
                    f"Tried to export a function which references an 'untracked' resource. TensorFlow objects (e.g. tf.Variable) "
                    f"captured by functions must be 'tracked' by assigning them to an attribute of a tracked object or assigned to an "
                    f"attribute of the main object directly. See the information below:\n\tFunction name = {function.name}")
            operation = self.writer.constant("Const", tensor)
            at = self.captured[tensor._id] = self._add(tensor, {"constant": {"operation": operation}})
            self.kept.append(tensor)
        return at

    def add_rules(self):
        """The rules of custom gradients, after all functions: what they read is a variable, or a tensor of the function
        that holds their node."""
        for name, of, flows, gradients, captures in self.writer.rules():
            bound = []
            for tensor, argument, is_resource in captures:
                row = self.concrete.get(of)
                outside = row["bound_inputs"] if row is not None else []
                at = argument - (self.arguments[of] - len(outside)) if is_resource and argument >= 0 and outside else -1
                bound.append(outside[at] if at >= 0 else self.add(
                    {"captured_tensor": {"name": tensor, "concrete_function": of}}))
            specs = tuple(TensorSpec(s.shape, s.dtype, f"result_grads_{i}") for i, s in enumerate(flows))
            self.concrete[name] = {"bound_inputs": bound, "output_signature": structured.encode(list(gradients)),
                                   "canonicalized_input_signature": structured.encode((((None,) + specs), {}))}

    # ---- files ----
    def rows(self):
        """[(key of the checkpoint, what it is: a variable or a value, number of its object)] by a walk from the root; and the
        nodes of the checkpoint's graph of objects."""
        kept = [i for i, m in enumerate(self.messages)
                if not {"function", "bare_concrete_function", "constant", "captured_tensor"} & set(m)]
        number = {at: n for n, at in enumerate(kept)}
        path, nodes, rows = {0: ""}, [], []
        for at in kept:
            children = [(number[c["node_id"]], c["local_name"]) for c in self.messages[at].get("children", [])
                        if c["node_id"] in number]
            for n, name in children:
                path.setdefault(kept[n], path.get(at, "") + "/" + trackable.escape(name))
            attributes, obj = [], self.objects[at]
            for s in trackable.saveables(obj) if isinstance(obj, _core.VariableBase) or saved_tables.is_resource(obj) else ():
                key = f"{path[at][1:]}/.ATTRIBUTES/{s.name}"
                rows += [(key + suffix, value, obj) for suffix, value in s.read().items()]
                attributes.append((s.name, s.full_name, key))
            nodes.append((children, attributes, [], "", bool(attributes)))
        return rows, nodes

    def checkpoint(self, prefix):
        """The variables and the values of tables with the graph of objects; returns the rows, for the saver's nodes."""
        rows, nodes = self.rows()
        graph = _core.convert(_core.checkpoint.object_graph_bytes(nodes), "string")
        return trackable.write(rows + [(trackable.GRAPH_KEY, graph, None)], prefix)

    def write(self, folder, signatures, options, checkpoint):
        """All files of the SavedModel; `checkpoint` writes the variables to a prefix."""
        os.makedirs(os.path.join(folder, VARIABLES))
        os.makedirs(os.path.join(folder, ASSETS))
        rows = checkpoint(os.path.join(folder, VARIABLES, VARIABLES))
        for path, name in self.assets:
            shutil.copyfile(path, os.path.join(folder, ASSETS, name))
        data = _core.encode_message("SavedModel", self.message(signatures, options, rows))
        with open(os.path.join(folder, FILE), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def message(self, signatures, options, rows):
        graph = saved_graph.Nodes(self)
        definitions = graph.signatures(signatures)
        aliases = {}
        for alias, function in options.function_aliases.items():
            for concrete in function._concrete if isinstance(function, Function) else [function]:
                if id(concrete) in self.names:
                    aliases[self.names[id(concrete)]] = alias
        info = {"tags": ["serve"], "tensorflow_version": _TF_VERSION, "tensorflow_git_version": _TF_GIT_VERSION,
                "function_aliases": aliases}
        start, collection = graph.initialize()
        saver = graph.saver(rows)
        self.add_rules()
        return {"saved_model_schema_version": 1, "meta_graphs": [{
            "meta_info_def": info, "graph_def": self.writer.bytes(), "saver_def": saver,
            "signature_def": {**definitions, _INIT: start}, "collection_def": collection, "asset_file_def": graph.assets(),
            "object_graph_def": {"nodes": self.messages, "concrete_functions": self.concrete}}]}


def _plain(signature):
    """A signature as a file can hold it: lists of arguments as tuples."""
    positional, named = signature
    return tuple(positional), dict(named)


def _canonical(function):
    """(signature, handle) of a concrete function as TensorFlow has them: arguments that only keywords reach stand by
    name, and their tensors come in the order of their names."""
    keyword_only = [n for n in function._keyword_only if n in function._names]
    positional, named = _plain(function.structured_input_signature)
    if not keyword_only or len(positional) != len(function._names):
        return (positional, named), function._handle
    rows = list(zip(function._names, positional))
    signature = (tuple(v for n, v in rows if n not in keyword_only), {**named, **{n: v for n, v in rows if n in keyword_only}})
    counts, at, places = {}, 0, {}
    for n, v in rows + sorted(named.items()):
        counts[n] = sum(isinstance(s, TypeSpec) for s in nest.flatten(v, expand_composites=True))
        places[n] = range(at, at + counts[n])
        at += counts[n]
    order = [i for n in [n for n, _ in rows if n not in keyword_only] + sorted(signature[1]) for i in places[n]]
    handle = function._handle
    if order == sorted(order):
        return signature, handle

    def body(arguments):
        given = [None] * len(order)
        for place, tensor in zip(order, arguments):
            given[place] = tensor
        return handle.call(given)
    return signature, _core.trace(handle.name, [handle.inputs[i] for i in order], body)


def _function_spec(function):
    """The FunctionSpec message: the Python signature without its instance."""
    parameters = function._signature.parameters.values()
    args = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    defaults = tuple(p.default for p in parameters
                     if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is not p.empty)
    kwonly = [p.name for p in parameters if p.kind == p.KEYWORD_ONLY]
    named = {p.name: p.default for p in parameters if p.kind == p.KEYWORD_ONLY and p.default is not p.empty}
    star = next((p.name for p in parameters if p.kind == p.VAR_POSITIONAL), None)
    stars = next((p.name for p in parameters if p.kind == p.VAR_KEYWORD), None)
    signature = tuple(function.input_signature) if function.input_signature is not None else None
    return {"fullargspec": structured.full_arg_spec(args, star, stars, defaults or None, kwonly, named or None), "is_method": False,
            "input_signature": structured.encode(signature)}


def _restored_spec(function):
    spec = function._spec
    return {"fullargspec": structured.encode(spec.fullargspec._replace(args=spec.names)), "is_method": False,
            "input_signature": structured.encode(spec.input_signature)}


# ---- signatures ----

def _valid(concrete):
    """Whether a function serves without being named: tensors in, tensors out."""
    specs = nest.flatten(_plain(concrete.structured_input_signature))
    outputs = concrete._structured_outputs
    flat = [outputs] if isinstance(outputs, TypeSpec) else list(outputs.values()) if isinstance(outputs, dict) else \
        list(outputs) if isinstance(outputs, (list, tuple)) else [None]
    return all(isinstance(s, TensorSpec) for s in flat) and all(isinstance(s, TensorSpec) for s in specs if isinstance(s, TypeSpec))


def _concrete_of(function, key):
    if isinstance(function, Function):
        if function.input_signature is not None:
            return function.get_concrete_function()
        if not function._concrete:
            raise ValueError(f"Got a tf.function for signature {key!r} without an input signature; give input_signature to it, or a "
                             "concrete function from get_concrete_function")
        return function._concrete[0]
    if isinstance(function, RestoredFunction):
        return function.concrete_functions[0] if function.input_signature is None else function.get_concrete_function()
    if isinstance(function, ConcreteFunction):
        return function
    raise ValueError(f"Expected a TensorFlow function for which to generate a signature, but got {function}. Only "
                     "`tf.functions` with an input signature or concrete functions can be used as a signature.")


def _default_signature(root):
    """The one function of the root that can serve, if there is only one."""
    possible = []
    for name, function in _functions_of(root) if hasattr(root, "__dict__") else ():
        if name == "_default_save_signature":
            return function
        if isinstance(function, (Function, RestoredFunction)) and function.input_signature is None:
            continue
        concrete = _concrete_of(function, name)
        if _valid(concrete):
            possible.append(concrete)
    return possible[0] if len(possible) == 1 else None


def _outputs_by_name(outputs, key):
    if isinstance(outputs, dict):
        for name, value in outputs.items():
            if not isinstance(name, str) or not isinstance(value, TypeSpec):
                raise ValueError(f"Got a dictionary with a non-string key or no tensor in the output of the function for signature "
                                 f"{key!r}: {name!r}")
        return {name: name for name in outputs}
    if isinstance(outputs, TypeSpec):
        return {"output_0": None}
    if isinstance(outputs, (list, tuple)):
        return {name: i for i, name in enumerate(getattr(outputs, "_fields", None) or
                                                 [f"output_{i}" for i in range(len(outputs))])}
    raise ValueError(f"Got a non-Tensor value {outputs!r} for key 'output_0' in the output of the function used to generate the "
                     f"SavedModel signature {key!r}. Outputs for functions used as signatures must be a single Tensor, a sequence of "
                     "Tensors, or a dictionary from string to Tensor.")


def _wrapped(key, function):
    """(a function from named tensors to named tensors, the names in order)."""
    concrete = _concrete_of(function, key)
    given = [s for s in nest.flatten(_plain(concrete.structured_input_signature)) if isinstance(s, TypeSpec)]
    specs = [s for s in nest.flatten(given, expand_composites=True) if isinstance(s, TypeSpec)]
    if not all(isinstance(s, TensorSpec) for s in specs):
        raise ValueError(f"Got a non-Tensor value {given!r} in the signature {key!r}: its arguments must be tensors.")
    if len(specs) > len(given):     # the parts of ragged and sparse tensors have their argument's name
        return _wrap(key, concrete, specs, _numbered([s.name or "args_0" for s in getattr(concrete, "_specs", specs)]))
    keywords = getattr(concrete, "_arg_keywords", ()) or [s.name or f"arg_{i}" for i, s in enumerate(concrete._handle.inputs)]
    names = [str(k) for k in list(keywords)[:len(specs)]]
    if len(set(names)) != len(names):
        raise ValueError(f"Got non-flat/non-unique argument names for SavedModel signature {key!r}: more than one argument to "
                         f"{concrete.name} was named {sorted(n for n in names if names.count(n) > 1)[0]!r}.")
    return _wrap(key, concrete, specs, names)


def _numbered(names):
    """x, x_1, x_2 where a name stands several times."""
    found, out = {}, []
    for name in names:
        out.append(f"{name}_{found[name]}" if name in found else name)
        found[name] = found.get(name, 0) + 1
    return out


def _wrap(key, concrete, specs, names):
    order = sorted(range(len(names)), key=lambda i: names[i])
    named = _outputs_by_name(concrete._structured_outputs, key)

    def body(arguments):
        given = [None] * len(specs)
        for place, tensor in zip(order, arguments):
            given[place] = tensor
        result = concrete._call_flat(given)
        return nest.flatten([result if named[n] is None else result[named[n]] for n in sorted(named)], expand_composites=True)
    inside = [TensorSpec(specs[i].shape, specs[i].dtype, names[i]) for i in order]
    handle = _core.trace("__inference_signature_wrapper_0", inside, body)
    told, flat = concrete._structured_outputs, iter(handle.outputs)
    outputs = {}
    for n in sorted(named):
        spec = told if named[n] is None else told[named[n]]
        if isinstance(spec, TensorSpec):
            s = next(flat)
            outputs[n] = TensorSpec(s.shape, s.dtype, n)
        else:
            for _ in nest.flatten(spec, expand_composites=True):
                next(flat)
            outputs[n] = spec
    wrapped = RestoredConcreteFunction(handle.name, lambda: handle, ((), {s.name: s for s in inside}), outputs)
    return wrapped, [s.name for s in inside]


def signatures_of(root, given):
    if given is None:
        function = _default_signature(root)
        given = {} if function is None else {_DEFAULT: function}
    elif not isinstance(given, dict):
        given = {_DEFAULT: given}
    for key in given:
        if not isinstance(key, str) or key == _INIT:
            raise ValueError(f"Signature keys must be strings other than {_INIT!r}, got {key!r}")
    return {key: _wrapped(key, function) for key, function in given.items()}


@export("saved_model.save")
def save(obj, export_dir, signatures=None, options=None):
    """Writes an object with its variables, functions, tables and assets into a directory, whole or not at all. Raises
    ValueError for what is no tf.Module or list of them, AssertionError for a function over untracked variables."""
    if not _trackable(obj) and not isinstance(obj, (list, dict)) and _Keras.get().identifier(obj) is None:
        raise ValueError(f"Expected an AutoTrackable object for export, got {obj}.")
    if not _core.executing_eagerly():
        raise AssertionError("tf.saved_model.save is not supported inside a traced @tf.function. Move the call to the outer "
                             "eagerly-executed context.")
    folder = os.fspath(export_dir)
    write_directory(folder, lambda inside: _write(obj, inside, signatures, options or SaveOptions()))


def _write(obj, folder, signatures, options):
    keras = _Keras.get()
    saver = Saver(obj, keras.identifier, options.experimental_custom_gradients)
    signatures = signatures_of(obj, keras.default_signature(obj) if signatures is None else signatures)
    saver.fill(signatures)
    keras.fill(saver)
    saver.write(folder, signatures, options, saver.checkpoint)


_OURS = (FILE, VARIABLES, ASSETS, "keras_metadata.pb")


def write_directory(target, write):
    """`write` fills a new folder beside the target, which then takes the target's place at once. Other files of a
    directory that is replaced stay in it, as they do where TensorFlow overwrites."""
    target = os.path.abspath(target)
    parent = os.path.dirname(target)
    os.makedirs(parent, exist_ok=True)
    temporary = tempfile.mkdtemp(prefix=f".{os.path.basename(target)}.", suffix=".writing", dir=parent)
    try:
        inside = os.path.join(temporary, "new")
        os.mkdir(inside)
        write(inside)
        if not os.path.exists(target):
            os.rename(inside, target)
            return
        for name in os.listdir(target):
            if name not in _OURS:
                source, to = os.path.join(target, name), os.path.join(inside, name)
                shutil.copytree(source, to, symlinks=True) if os.path.isdir(source) else shutil.copy2(source, to)
        _core.exchange_directories(inside, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
