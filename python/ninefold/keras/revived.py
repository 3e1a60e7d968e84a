# In: the objects of a SavedModel and what keras_metadata.pb says of them. Out: Keras objects: rebuilt from their configs where
# their classes are known, else layers and models that call the functions of the file.
import json
import re

from .._framework import faults, nest, structured, trackable
from .._framework.shapes import TensorShape
from .._framework.specs import TensorSpec
from .. import _core
from . import shell, utils
from .adapting import Vocabulary
from .layer import Layer, shell_shape
from .model import Functional, Model, Sequential

UNDEFINED = "layer was saved without config"       # Keras' key of a config that get_config() did not give
_PUBLIC = {"variables", "trainable_variables", "regularization_losses", "__call__", "call_and_return_all_conditional_losses",
           "_default_save_signature", "non_trainable_variables", "layers", "metrics", "layer_regularization_losses",
           "layer_metrics", "call_and_return_conditional_losses", "activity_regularizer_fn", "keras_api", "states"}
_CALLS = ("__call__", "call_and_return_conditional_losses", "call_and_return_all_conditional_losses")
_NO_CALL = (
    "Cannot call custom layer {} of type {}, because the call function was not serialized to the SavedModel.Please try one of the "
    "following methods to fix this issue:\n\n(1) Implement `get_config` and `from_config` in the layer/model class, and pass the "
    "object to the `custom_objects` argument when loading the model. For more details, see: "
    "https://www.tensorflow.org/guide/keras/save_and_serialize\n\n(2) Ensure that the subclassed model or layer overwrites `call` "
    "and not `__call__`. The input shape and dtype will be automatically recorded when the object is called, and used when "
    "saving. To manually specify the input shape/dtype, decorate the call function with `@tf.function(input_signature=...)`.")


class Revived:
    """What a layer has whose class the program lacks: its attributes by the names of the file, and the file's call."""

    @classmethod
    def _of(cls, said):
        self = cls.__new__(cls)
        named = {"name": said.get("name"), "trainable": bool(said.get("trainable", True))}
        if isinstance(said.get("dtype"), (str, dict)) and not issubclass(cls, Model):
            named["dtype"] = said["dtype"]
        Layer.__init__(self, **named)
        self.__dict__["_kept_parts_of_file"] = {}
        config = said.get("config")
        self.__dict__["_kept_config"] = config if isinstance(config, dict) and UNDEFINED not in config else None
        return self

    def _take(self, name, value):
        """An attribute from the file; what Keras computes is kept aside."""
        if name in _PUBLIC:
            self.__dict__["_kept_parts_of_file"][name] = value
        elif not hasattr(self, name):
            setattr(self, name, value)

    @property
    def keras_api(self):
        return self.__dict__["_kept_parts_of_file"].get("keras_api")

    def _saved_functions(self):
        """The functions that the layer came with: it is saved with them again."""
        api = self.keras_api
        found = {name: getattr(api, name, None) for name in _CALLS} if api is not None else {}
        return {name: f for name, f in found.items() if f is not None}

    def _finish(self):
        """After all values are there: what calls, and losses that do not depend on inputs."""
        function = self._saved_functions().get("call_and_return_conditional_losses")
        if function is not None and function.concrete_functions:
            self.__dict__["_kept_function"] = function
            positional, named = function.concrete_functions[0].structured_input_signature
            names = function.function_spec.names
            self.__dict__["_kept_call"] = (
                [p for n, p in zip(names, positional) if n not in ("training", "mask")],
                {k: v for k, v in named.items() if k not in ("training", "mask")})
        self.built = True
        losses = getattr(self.keras_api, "layer_regularization_losses", None)
        if losses is None:
            losses = self.__dict__["_kept_parts_of_file"].get("regularization_losses", ())
        for loss in losses:         # the engine calls them, and must not hold the file's objects, this one among them
            for concrete in loss.concrete_functions:
                concrete._handle
        self.add_loss(list(losses))

    def call(self, inputs, *args, **kwargs):
        function = self.__dict__.get("_kept_function")
        if function is None:
            raise ValueError(_NO_CALL.format(self.name, type(self)))
        training = kwargs.pop("training", None)
        spec = function.function_spec
        if "training" not in spec.names + spec.keyword_only:
            return self._with_losses(*function(inputs, *args, **kwargs))
        if training is None:
            training = spec.defaults.get("training", spec.keyword_defaults.get("training")) or False
        if not _core.is_tensor(training):
            return self._with_losses(*function(inputs, *args, training=bool(training), **kwargs))
        both = [lambda flag=flag: function(inputs, *args, training=flag, **kwargs) for flag in (True, False)]
        return self._with_losses(*_core_cond(training, *both))

    def _with_losses(self, outputs, losses):
        self.add_loss(losses)
        return outputs

    def get_config(self):
        config = self.__dict__.get("_kept_config")
        if config is None:
            raise NotImplementedError(f"{type(self).__name__}: the file has no config of this class")
        return config


def _core_cond(flag, yes, no):
    from .. import cond
    return cond(flag, yes, no)


def _class_of(identifier, name):
    base = Model if identifier in ("_tf_keras_model", "_tf_keras_network", "_tf_keras_sequential") else Layer
    return type(str(name), (Revived, base), {"__module__": "keras.saving.saved_model.load"})


def plain(value):
    """Keras' JSON with its tuples and shapes as lists, and specs of extension types made."""
    if isinstance(value, dict):
        if value.get("class_name") in ("__tuple__", "TensorShape") and "items" in value:
            return plain(value["items"])
        return {k: json.loads(json.dumps(plain(v)), object_hook=structured.spec_of_json) if k == "type_spec" and isinstance(v, dict) else plain(v)
                for k, v in value.items() if k != "shared_object_id"}
    return [plain(v) for v in value] if isinstance(value, list) else value


def known_class(name, custom, registered=None):
    """The class of that name: the user's, or one of Keras' own; None if there is none."""
    from . import layers
    found = custom.get(name) or (utils.get_custom_objects() if registered is None else registered).get(name)
    if found is None:
        found = {"Sequential": Sequential, "Functional": Functional, "Model": Functional}.get(name, getattr(layers, str(name), None))
    return found if isinstance(found, type) else None


def defined(config):
    return isinstance(config, dict) and UNDEFINED not in config


def is_graph(said, custom):
    """Whether a row stands for a Sequential or Functional model that its config describes whole."""
    name = said.get("class_name")
    return defined(said.get("config")) and name not in custom and (
        bool(said.get("is_graph_network")) or name in ("Sequential", "Functional"))


def is_whole(said, custom):
    """Whether a layer can be made of its row: its config is there, its class known, and those of its parts."""
    return defined(said.get("config")) and all(
        known_class(name, custom) is not None for name in [said.get("class_name"), *foreign_parts(said["config"])])


def foreign_parts(config):
    """The classes that a config names for its parts, such as cells and initializers, and that are none of Keras' own."""
    if isinstance(config, (list, tuple)):
        return [name for item in config for name in foreign_parts(item)]
    if not isinstance(config, dict):
        return []
    name, found = config.get("class_name"), []
    if isinstance(name, str) and isinstance(config.get("config"), dict) and known_class(name, {}, {}) is None and name not in (
            "Policy", "PolicyV1") and not any(name == own for _, own in shell.classes):
        found = [name]
    return found + [name for item in config.values() for name in foreign_parts(item)]


def needs_reviving(rows, custom):
    """Whether a class is lacking, or a config."""
    return any(not is_graph(said, custom) and not is_whole(said, custom)
               for identifier, said in rows.values() if identifier != "_tf_keras_metric")


class Reviver:
    """Makes the Keras objects of a SavedModel before its Loader makes the others, by the numbers of their nodes."""

    def __init__(self, rows, custom):
        self.rows, self.custom, self.made, self.revived = rows, custom, {}, []
        self.waiting = []      # (revived object, attribute, the graph that it will be)

    def prepare(self, loader):
        """The Loader's hook: it fills `preset` and `setters`."""
        self.loader = loader
        for number in sorted(self.rows, key=lambda n: (self.rows[n][0] == "_tf_keras_metric", n)):
            self.make(number)
        loader.preset = self.made
        loader.setters = {n: self._setter(obj) for n, obj in self.made.items() if isinstance(obj, Revived)}

    def _setter(self, obj):
        def take(name, value):
            if isinstance(value, _Late):
                self.waiting.append((obj, name, value.number))
            else:
                obj._take(name, value)
        return take

    def make(self, number):
        if number not in self.made:
            identifier, said = self.rows[number]
            if is_graph(said, self.custom) and not self._complete(number, set()):
                self.made[number] = _Late(number)      # its layers can be called when the file's functions are there
                return self.made[number]
            obj = self._metric(said) if identifier == "_tf_keras_metric" else self._of_config(number, identifier, said)
            if obj is not None:
                self._adopt(number, obj)
            elif identifier in ("_tf_keras_rnn_layer", "_tf_keras_input_layer"):      # no functions of theirs are in the file
                raise ValueError(f"Unable to restore custom object of type {identifier}. Please make sure that any custom layers are "
                                 "included in the `custom_objects` arg when calling `load_model()` and make sure that all layers "
                                 "implement `get_config` and `from_config`.")
            elif identifier != "_tf_keras_metric":
                self.made[number] = _class_of(identifier, said.get("class_name"))._of(said)
                self.revived.append(self.made[number])
        return self.made.get(number)

    def _metric(self, said):
        from . import metrics
        cls = self.custom.get(said.get("class_name")) or getattr(metrics, str(said.get("class_name")), None)
        try:
            return cls.from_config(said.get("config") or {}) if cls is not None else None
        except (TypeError, ValueError):
            return None

    def _of_config(self, number, identifier, said):
        from .layers import deserialize
        name, config = said.get("class_name"), said.get("config")
        if is_graph(said, self.custom):
            obj = deserialize({"class_name": _graph_class(identifier), "config": config}, self.custom)
        elif is_whole(said, self.custom):
            try:
                obj = deserialize({"class_name": name, "config": config}, self.custom)
            except ValueError:
                return None
            if isinstance(said.get("name"), str):
                obj._name = said["name"]
        else:
            return None
        if said.get("trainable") is False:
            obj.trainable = False
        return obj if self._build(number, obj, said) else None

    def _graph(self, number):
        """A graph whose layers are those that were made, each for itself."""
        from .layers import deserialize
        identifier, said = self.rows[number]
        children, config, cls = {}, said["config"], _graph_class(identifier)
        for name, child in self.loader.edges[number]:
            found = re.fullmatch(r"layer-(\d+)", name)
            if found and child in self.rows:
                children[int(found[1])] = child
        layers = config.get("layers", []) if isinstance(config.get("layers"), list) else []
        skip = len(layers) - len(children) if cls == "Sequential" else 0      # the entry is no layer of a Sequential
        entries, makers = [], {}
        for i, entry in enumerate(layers):
            child = children.get(i - skip)
            if child is not None:
                key = f"_of_file_{child}"
                makers[key] = _maker(self, child)
                entry = {**entry, "class_name": key, "config": {}}
            entries.append(entry)
        self.made[number] = deserialize({"class_name": cls, "config": {**config, "layers": entries}}, {**self.custom, **makers})
        return self.made[number]

    def _complete(self, number, seen):
        """Whether configs describe a layer and all that its graph holds."""
        _, said = self.rows[number]
        if not is_graph(said, self.custom):
            return is_whole(said, self.custom)
        seen.add(number)
        return all(self._complete(child, seen) for name, child in self.loader.edges[number]
                   if re.fullmatch(r"layer-\d+", name) and child in self.rows and child not in seen)

    def _build(self, number, obj, said):
        """Builds a layer for the inputs that it had; False if nothing tells them."""
        if obj.built or isinstance(obj, (Functional,)):
            return True
        own = getattr(type(obj).build, "_ninefold_base", False)
        if own and obj._record is None and not isinstance(obj, Sequential):
            return True                 # nothing is made by build(): a first call makes the rest
        shape = plain(said.get("build_input_shape")) or self._called_with(number)
        if shape is None:
            return isinstance(obj, Sequential)
        obj.build(shell_shape(shape))
        obj.built = True
        return True

    def _called_with(self, number):
        """The shapes of the inputs in the signature of the node's call."""
        function = dict(self.loader.edges[number]).get("call_and_return_all_conditional_losses")
        message = self.loader.messages[function].get("function", {}) if function is not None else {}
        names = message.get("concrete_functions", [])
        if not names or names[0] not in self.loader.concrete:
            return None
        positional = self.loader.concrete[names[0]].structured_input_signature[0]
        if not positional or not all(isinstance(s, TensorSpec) for s in nest.flatten(positional[0])):
            return None
        return nest.map_structure(lambda s: TensorShape(s.shape), positional[0])

    def _adopt(self, number, obj):
        """Joins an object that a config made, and all that it holds, with the nodes of the file."""
        self.made[number] = obj
        if isinstance(obj, (_core.VariableBase, Vocabulary)):      # the terms of a vocabulary are taken over at the end
            return
        local = dict(trackable.children(obj))
        for name, child in self.loader.edges[number]:
            value = local.get(name)
            if value is None or child in self.made or isinstance(value, tuple):
                continue
            if child in self.rows and isinstance(value, Layer):
                self._build(child, value, self.rows[child][1])
            if _fits(self.loader.messages[child], value):
                self._adopt(child, value)

    def finish(self):
        """After the Loader: what calls the file's functions, then the graphs of such layers."""
        for layer in self.revived:
            layer._finish()
        for number in [n for n, obj in self.made.items() if isinstance(obj, _Late)]:
            self.final(number)
        for obj, name, number in self.waiting:
            obj._take(name, self.made[number])

    def final(self, number):
        made = self.made[number]
        return self._graph(number) if isinstance(made, _Late) else made


def _fits(message, value):
    if "variable" in message:
        return isinstance(value, _core.VariableBase)
    if "resource" in message:
        return hasattr(value, "resource_handle")
    return "user_object" in message


def _maker(reviver, number):
    class Maker:
        @staticmethod
        def from_config(config):
            return reviver.final(number)
    return Maker


class _Late:
    """Stands for a graph until its layers can be called."""

    def __init__(self, number):
        self.number = number


def _graph_class(identifier):
    return "Sequential" if identifier == "_tf_keras_sequential" else "Functional"


def read_rows(path, decode):
    """{node: (identifier, what the metadata says)} of keras_metadata.pb. Raises OSError for a damaged file."""
    with open(path, "rb") as file:
        data = file.read()
    try:
        rows = {r.get("node_id", 0): (r.get("identifier", ""), plain(json.loads(r.get("metadata", "") or "{}")))
                for r in decode("SavedMetadata", data).get("nodes", [])}
        if 0 not in rows:
            raise ValueError("it says nothing of the model")
    except (faults.ERRORS[15], UnicodeDecodeError, RuntimeError, ValueError) as error:
        raise OSError(f"Cannot parse file {path}: {error}.") from None
    if not all(isinstance(said, dict) for _, said in rows.values()):
        raise OSError(f"Cannot parse file {path}: the metadata of an object is no dictionary.")
    return rows
