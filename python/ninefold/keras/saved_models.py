# In: Keras models. Out: SavedModels with keras_metadata.pb, which Keras loads as models and TensorFlow as functions; and
# models made of such directories.
import functools
import json
import os

from .. import _core
from .._core import keras as core
from .._framework import logs, saved_model_load, saved_tables, trackable
from .._framework.checkpoint import Checkpoint
from .._framework.function import Function, function as tf_function
from .._framework.restored import RestoredFunction
from .._framework.saved_model_save import Saver, SaveOptions, signatures_of, write_directory
from .._framework.specs import TensorSpec, TypeSpec
from . import adapting, compiled, later_optimizers, mixed_precision as policies, revived, saved_calls, saving, shell
from .adapting import LookupPart, Preprocessing, Vocabulary

METADATA = "keras_metadata.pb"
_NO_INPUTS = (
    "Model {} cannot be saved because the input shape is not available or because the forward pass of the model is not "
    "defined.To define a forward pass, please override `Model.call()`. To specify an input shape, either call "
    "`build(input_shape)` directly, or call the model on actual data using `Model()`, `Model.fit()`, or "
    "`Model.predict()`. If you have a custom training step, please make sure to invoke the forward pass in train step "
    "through `Model.__call__`, i.e. `model(inputs)`, as opposed to `model.call()`.")


def is_graph(obj):
    """Whether a model is a graph of layers, that of a subclass included."""
    return bool(getattr(obj, "_is_graph_network", False))


def identifier(obj):
    """What Keras calls an object of this kind in a SavedModel; None for what it keeps elsewhere."""
    from .layer import Layer
    from .metrics import Metric
    from .model import Model, Sequential
    from .recurrent import Recurrent
    if isinstance(obj, Sequential):
        return "_tf_keras_sequential"
    if isinstance(obj, Model):
        return "_tf_keras_network" if is_graph(obj) else "_tf_keras_model"
    if isinstance(obj, Metric):
        return "_tf_keras_metric"
    if isinstance(obj, LookupPart):
        return "_tf_keras_layer"
    if isinstance(obj, Layer):
        return "_tf_keras_input_layer" if type(obj).__name__ == "InputLayer" else (
            "_tf_keras_rnn_layer" if isinstance(obj, Recurrent) else "_tf_keras_layer")
    return None


def _of_keras(obj):
    """Whether the class is one of Keras' own, which every reader has, and those of its parts."""
    from . import layers
    from .model import Functional, Model, Sequential
    return type(obj) in (Functional, Model, Sequential) or (
        getattr(layers, type(obj).__name__, None) is type(obj) and not revived.foreign_parts(obj.get_config()))


def _calls(obj, watched):
    """The forms of the calls that a layer is saved with."""
    from .model import Model
    found = [saved_calls.open_batch(list(call)) for call in watched.get(id(obj), (None, []))[1]]
    if isinstance(obj, Model):
        own = saved_calls.save_spec(obj)
        found = [own] if own is not None else found
    elif not found and "_kept_call" in obj.__dict__:
        found = [saved_calls.open_batch(list(obj.__dict__["_kept_call"]))]
    elif not found:
        try:
            found = [([saved_calls.specs_of(obj.input)], {})]
        except (AttributeError, RuntimeError, ValueError):
            found = []
    return [tuple(call) for call in found]


def fill(saver, traces=True):
    """Gives the Keras objects among a Saver's what Keras looks for: functions, lists of variables and layers, losses."""
    from .model import Model
    kinds = [(at, obj, identifier(obj)) for at, obj in enumerate(saver.objects)]
    rows = [(at, obj) for at, obj, kind in kinds if kind not in (None, "_tf_keras_metric", "_tf_keras_input_layer")
            and not isinstance(obj, LookupPart)]
    whole = any(not _of_keras(obj) or isinstance(obj, Model) and not is_graph(obj) for _, obj in rows)
    losses = {}
    with saved_calls.watching() as watched:
        for at, obj in rows:
            if not (whole or isinstance(obj, Model)) or not (obj.built or isinstance(obj, Model)):
                continue
            calls = _calls(obj, watched) if traces else []
            if traces and not calls and not isinstance(obj, revived.Revived):
                continue
            _fill_one(saver, at, obj, calls, losses)


def _fill_one(saver, at, obj, calls, losses):
    edges = {edge["local_name"]: edge["node_id"] for edge in saver.messages[at].get("children", [])}
    api = edges.get("keras_api")
    if api is None:
        api = saver.add_user_object()
        saver.edge(at, "keras_api", api)
    own = [(layer, loss) for layer in _with_all_within(obj) for loss in _regularizing(layer, losses)]
    lists = {"variables": saver.add_list(obj.variables), "trainable_variables": saver.add_list(obj.trainable_variables),
             "regularization_losses": _functions_list(saver, [loss for _, loss in own])}
    for name, number in lists.items():
        saver.edge(at, name, number)
        saver.edge(api, name, number)
    saver.edge(api, "non_trainable_variables", saver.add_list(obj.non_trainable_variables))
    saver.edge(api, "layers", saver.add_list([layer for layer in core.sublayers(obj._engine_handle) if saver.has(layer)]))
    saver.edge(api, "layer_regularization_losses", _functions_list(saver, [loss for layer, loss in own if layer is obj]))
    if not calls and not isinstance(obj, revived.Revived):
        return
    for name, function in saved_calls.functions_of(obj, calls, is_graph(obj)).items():
        number = saver.function(function)
        saver.edge(api, name, number)
        if name != "call_and_return_conditional_losses":
            saver.edge(at, name, number)


def _with_all_within(layer):
    """A layer and those within it, each once."""
    found = [layer]
    for one in found:
        found += [child for child in core.sublayers(one._engine_handle) if not any(child is other for other in found)]
    return found


def _penalty(regularizer, variable):
    return regularizer(variable)


def _regularizing(layer, known):
    """The losses of a layer that do not depend on inputs, as functions without arguments, each made once."""
    found = []
    for variable, regularizer in core.regularized(layer._engine_handle):
        key = trackable.identity(variable)
        if key not in known:
            known[key] = tf_function(functools.partial(_penalty, regularizer, variable), input_signature=[], autograph=False)
        found.append(known[key])
    for loss in layer.__dict__.get("_kept_losses", ()):
        if id(loss) not in known:
            function = loss._function
            known[id(loss)] = function if isinstance(function, (Function, RestoredFunction)) else tf_function(
                function, input_signature=[], autograph=False)
        found.append(known[id(loss)])
    return found


def _functions_list(saver, functions):
    at = saver.add_user_object("trackable_list_wrapper")
    for i, function in enumerate(functions):
        saver.edge(at, str(i), saver.function(function))
    return at


def default_signature(model):
    """What a Keras model serves with if nothing else is asked for; None for other objects and uncalled models."""
    from .model import Model
    specs = saved_calls.save_spec(model) if isinstance(model, Model) else None
    return saved_calls.serving(model, specs) if specs is not None else None


def _input_shape(layer):
    """The shape, or the shapes, that a layer was built for, as Keras' JSON has them; None if it does not say."""
    try:
        shape = layer.__dict__.get("_built_with") or layer.input_shape
    except (AttributeError, RuntimeError, ValueError):
        if type(layer).__name__ != "EinsumDense" or not layer.built:
            return None
        # One within an attention layer, which the engine calls: its equation and its kernel tell.
        left, kernel = layer.get_config()["equation"].split("->")[0].split(",")
        sizes = dict(zip(kernel, layer.weights[0].shape.as_list()))
        shape = tuple(sizes.get(letter) for letter in left)

    shape = tuple(shape.as_list()) if hasattr(shape, "as_list") else shape      # as build() was told it

    def written(s):
        if isinstance(s, dict):
            return {k: written(v) for k, v in s.items()}
        if isinstance(s, list) or any(isinstance(d, (list, tuple)) for d in s):
            return [written(v) for v in s]
        return {"class_name": "TensorShape", "items": [None if d is None else int(d) for d in s]}
    return written(shape) if isinstance(shape, (list, tuple, dict)) else None


def _described(obj):
    """{"class_name", "config"}; a config that get_config() does not give says so, as Keras' does."""
    try:
        described = saving.described(obj)
    except NotImplementedError:
        described = {"class_name": shell.registered_name(type(obj)), "config": {revived.UNDEFINED: True}}
    layers = described["config"].get("layers", []) if is_graph(obj) else []
    held = {layer.name: layer for layer in obj.layers} if layers else {}
    for entry in layers:
        layer = held.get(entry.get("name") or entry["config"].get("name"))
        if layer is not None and not _of_keras(layer):
            entry["config"] = _described(layer)["config"]
    return described


def _spec_json(spec):
    """A TypeSpec as Keras' JSON has it."""
    shape = {"class_name": "TensorShape", "items": spec.shape.as_list() if spec.shape.rank is not None else None}
    if isinstance(spec, TensorSpec):
        return {"class_name": "TypeSpec", "type_spec": "tf.TensorSpec", "serialized": [shape, spec.dtype.name, spec.name]}
    parts = [shape, spec.dtype.name]
    if hasattr(spec, "ragged_rank"):
        return {"class_name": "TypeSpec", "type_spec": "tf.RaggedTensorSpec",
                "serialized": [*parts, spec.ragged_rank, spec.row_splits_dtype.name]}
    return {"class_name": "TypeSpec", "type_spec": "tf.SparseTensorSpec", "serialized": parts}


def _call_json(value):
    if isinstance(value, TypeSpec):
        return _spec_json(value)
    if isinstance(value, tuple):
        return {"class_name": "__tuple__", "items": [_call_json(v) for v in value]}
    if isinstance(value, list):
        return [_call_json(v) for v in value]
    return {k: _call_json(v) for k, v in value.items()} if isinstance(value, dict) else value


def _metadata(obj, kind, root, include_optimizer):
    if isinstance(obj, LookupPart):
        return json.dumps({"name": obj.config["name"], "trainable": True, "expects_training_arg": False, "dtype": obj.config["dtype"],
                           "batch_input_shape": None, "stateful": False, "must_restore_from_config": True,
                           "class_name": "StringLookup", "config": obj.config}, default=saving.plain)
    described = _described(obj)
    said = {"name": obj.name, "trainable": obj.trainable,
            "expects_training_arg": hasattr(obj, "layers") or saved_calls.takes_training(obj),
            "dtype": policies.serialize(obj.dtype_policy) if kind != "_tf_keras_metric" else (
                obj.dtype if isinstance(obj.dtype, str) else "float32"), "batch_input_shape": None,
            "must_restore_from_config": False, **described}
    if kind == "_tf_keras_metric":
        return json.dumps({key: said[key] for key in ("class_name", "name", "dtype", "config")})
    if kind in ("_tf_keras_layer", "_tf_keras_rnn_layer", "_tf_keras_input_layer"):
        said["stateful"] = bool(getattr(obj, "stateful", False))
    else:
        spec = saved_calls.save_spec(obj, dynamic_batch=False)
        said.update(is_graph_network=is_graph(obj), keras_version="2.9.0", backend="tensorflow", save_spec=None,
                    full_save_spec=None, model_config=described if revived.defined(described["config"]) else {
                        "class_name": described["class_name"]})
        if spec is not None and not is_graph(obj):
            said["full_save_spec"] = _call_json((list(spec[0]), dict(spec[1])))
            said["save_spec"] = _call_json(spec[0][0])
    if isinstance(obj, Preprocessing):
        said["must_restore_from_config"] = True
    if isinstance(obj, Vocabulary):      # the table comes back with the file's functions
        said["config"] = {**said["config"], "vocabulary": None, "has_input_vocabulary": not obj._learns}
    shape = _input_shape(obj)
    if shape is not None:
        said["build_input_shape"] = shape
    if obj is root and include_optimizer:
        training = compiled.training_config(obj)
        if training is not None:
            said["training_config"] = training
    return json.dumps(said)


def save(model, path, overwrite, include_optimizer, signatures, options, save_traces):
    """Writes the directory, whole or not at all. Raises ValueError for a model that was never called or built."""
    if not overwrite and os.path.exists(path) and not saving._may_write(path):
        return
    if save_traces and saved_calls.save_spec(model) is None:
        raise ValueError(_NO_INPUTS.format(model))

    def write(folder):
        saver = Saver(model, identifier, options is None or options.experimental_custom_gradients)
        given = signatures if signatures is not None or not save_traces else default_signature(model)
        serving = signatures_of(model, given) if given is not None else {}
        count = len(saver.objects)
        saver.fill(serving)
        fill(saver, save_traces)
        rows, paths = [], {0: "root"}
        for at in range(count):
            for edge in saver.messages[at].get("children", []):
                paths.setdefault(edge["node_id"], paths[at] + "." + edge["local_name"])
            obj = saver.objects[at]
            kind = identifier(obj)
            if kind is not None:
                rows.append({"node_id": at, "node_path": paths[at], "identifier": kind,
                             "metadata": _metadata(obj, kind, model, include_optimizer),
                             "version": {"producer": 2, "min_consumer": 1}})
        with trackable.of_saved_model():
            variables = trackable.rows_of(model)
        saver.write(folder, serving, options or SaveOptions(), lambda prefix: trackable.write(variables, prefix))
        with open(os.path.join(folder, METADATA), "wb") as file:
            file.write(_core.encode_message("SavedMetadata", {"nodes": rows}))
    write_directory(path, write)


def load(path, custom_objects, compile, options):
    """The model of a directory, with its weights: rebuilt from its config, or, where a class is unknown, made of the file's
    functions. Raises OSError for no SavedModel, or a damaged one."""
    from . import utils
    meta = os.path.join(path, METADATA)
    if not os.path.isfile(meta):
        saved_model_load.read_message(path)        # what is no SavedModel says so
        logs.warn("SavedModel saved prior to TF 2.5 detected when loading Keras model. Please ensure that you are saving the "
                  "model with model.save() or tf.keras.models.save_model(), *NOT* tf.saved_model.save(). To confirm, there "
                  'should be a file named "keras_metadata.pb" in the SavedModel directory.')
        return saved_model_load.load(path, options=options)
    rows = revived.read_rows(meta, _core.decode_message)
    kind, said = rows[0]
    prefix = os.path.join(path, "variables", "variables")
    with utils.CustomObjectScope(dict(custom_objects or {})), saving.sound(path, utils.get_custom_objects()):
        known, loader = dict(utils.get_custom_objects()), None
        if any(said.get("class_name") in _VOCABULARIES for _, said in rows.values()):
            loader = saved_model_load.load_with(path, options, None)
            _tell_vocabularies(loader, rows)
            kind, said = rows[0]
        if revived.is_graph(said, known) and not revived.needs_reviving(rows, known):
            from .layers import deserialize
            described = {"class_name": "Sequential" if kind == "_tf_keras_sequential" else "Functional", "config": said["config"]}
            model, made = deserialize(described, known), None
        else:
            reviver = revived.Reviver(rows, known)
            saved_model_load.load_with(path, options, reviver.prepare)
            reviver.finish()
            model, made = reviver.made[0], reviver.made
        training = said.get("training_config")
        later = compile and training and str((training.get("optimizer_config") or {}).get("class_name")).startswith("Custom>")
        if compile and training and hasattr(model, "compile"):
            if later:
                training = {**training, "optimizer_config": later_optimizers.translated(training["optimizer_config"])}
            compiled.compile_as(model, training, known)
        elif compile:
            logs.warn("No training configuration found in save file, so the model was *not* compiled. Compile it manually.")
        with trackable.of_saved_model():
            Checkpoint(root=model).read(prefix).assert_existing_objects_matched().expect_partial()
        saving.finalize(model)
        if later:
            later_optimizers.restore(model, prefix)
        if loader is not None:
            _restore_vocabularies(loader, rows, made if made is not None else _met(loader, model))
    return model


_VOCABULARIES = ("StringLookup", "IntegerLookup", "TextVectorization")


def _table(loader, number, config):
    """(keys, values, weights of its terms or None) of the table of the lookup layer that is object `number`; None without one."""
    edges = dict(loader.edges[number])
    if "_lookup_layer" in edges:
        edges = dict(loader.edges[edges["_lookup_layer"]])
    table = loader.nodes[edges["lookup_table"]] if "lookup_table" in edges else None
    if not isinstance(table, saved_tables.RestoredResource):
        return None
    weights = loader.nodes[edges["idf_weights"]] if "idf_weights" in edges else None
    return *table.exported(*adapting.types_of(config)), weights


def _tell_vocabularies(loader, rows):
    """Puts the terms of the file's tables into the configs of lookup layers, where Keras leaves them out: their calls may depend
    on how many there are."""
    found, within = {}, {to for number in rows for name, to in loader.edges[number] if name == "_lookup_layer"}
    for number, (_, said) in rows.items():
        if said.get("class_name") in _VOCABULARIES and number not in within:
            table = _table(loader, number, said["config"])
            told = adapting.terms_of(said["config"], *table) if table is not None else {}
            found[said["class_name"], said["config"].get("name")] = told
    for number, (kind, said) in rows.items():
        rows[number] = kind, {**said, "config": _with_vocabularies(said.get("config"), found, said.get("class_name"))}


def _with_vocabularies(config, found, name=None):
    if isinstance(config, list):
        return [_with_vocabularies(c, found) for c in config]
    if not isinstance(config, dict):
        return config
    if name in _VOCABULARIES:
        given = {"has_input_vocabulary": config.get("vocabulary") is not None, **config}
        return {**given, "vocabulary": None, "idf_weights": None, **found.get((name, config.get("name")), {})}
    return {k: _with_vocabularies(v, found, config.get("class_name") if k == "config" else None) for k, v in config.items()}


def _met(loader, model):
    """{number: object} of a model and the nodes of the file that it came from, as far as their names agree."""
    met, waiting = {0: model}, [0]
    for number in waiting:
        local = dict(trackable.children(met[number])) if hasattr(type(met[number]), "_trackable_children_") else {}
        for name, child in loader.edges[number]:
            if name in local and child not in met:
                met[child] = local[name]
                waiting.append(child)
    return met


def _restore_vocabularies(loader, rows, made):
    """Gives each lookup layer the terms of its own table: names of layers may repeat."""
    for number in rows:
        layer = made.get(number)
        config = layer.get_config() if isinstance(layer, Vocabulary) else None
        table = _table(loader, number, config) if config is not None else None
        told = adapting.terms_of(config, *table) if table is not None else {}
        if told and told["vocabulary"] != layer.get_vocabulary():
            core.set_vocabulary(layer._engine_handle, told["vocabulary"], told.get("idf_weights"))
