# In: Keras models. Out: SavedModels with keras_metadata.pb, which Keras loads as models and TensorFlow as functions; and
# models made of such directories.
import json
import os

from .. import _core
from .._framework import faults, logs, saved_model_load, trackable
from .._framework.checkpoint import Checkpoint
from .._framework.function import function as tf_function
from .._framework.saved_model_save import Saver, SaveOptions, signatures_of, write_directory
from .._framework.specs import TensorSpec
from . import saving

METADATA = "keras_metadata.pb"
_NO_INPUTS = (
    "Model {} cannot be saved because the input shape is not available or because the forward pass of the model is not "
    "defined.To define a forward pass, please override `Model.call()`. To specify an input shape, either call "
    "`build(input_shape)` directly, or call the model on actual data using `Model()`, `Model.fit()`, or "
    "`Model.predict()`. If you have a custom training step, please make sure to invoke the forward pass in train step "
    "through `Model.__call__`, i.e. `model(inputs)`, as opposed to `model.call()`.")


def _identifier(obj):
    """What Keras calls an object of this kind in a SavedModel; None for what it keeps elsewhere."""
    from .layer import Layer
    from .model import Functional, Model, Sequential
    if isinstance(obj, Sequential):
        return "_tf_keras_sequential"
    if isinstance(obj, Functional):
        return "_tf_keras_network"
    if isinstance(obj, Model):
        return "_tf_keras_model"
    if isinstance(obj, Layer):
        return "_tf_keras_input_layer" if type(obj).__name__ == "InputLayer" else "_tf_keras_layer"
    return None


def _specs(model):
    """The model's inputs as it is called with them: a spec, or a list of them."""
    try:
        inputs = model.inputs
    except AttributeError:
        inputs = None
    if not inputs:
        raise ValueError(_NO_INPUTS.format(model))
    names = model.input_names
    specs = [TensorSpec(t.shape, t.dtype, name) for t, name in zip(inputs, names)]
    return specs if len(specs) > 1 else specs[0]


def _functions(model):
    """The model's call for readers without Keras, traced with and without training, and what it serves with."""
    specs = _specs(model)

    def call(inputs, training=False, mask=None):
        return model(inputs, training=training) if mask is None else model(inputs, training=training, mask=mask)

    def call_and_losses(inputs, training=False, mask=None):
        return call(inputs, training, mask), list(model.losses)
    traced, losses = tf_function(call, autograph=False), tf_function(call_and_losses, autograph=False)
    for training in (False, True):
        traced.get_concrete_function(specs, training=training)
        losses.get_concrete_function(specs, training=training)
    flat = specs if isinstance(specs, list) else [specs]

    def serve(*inputs):
        outputs = model(list(inputs) if len(inputs) > 1 else inputs[0], training=False)
        outputs = list(outputs.values()) if isinstance(outputs, dict) else outputs
        return dict(zip(model.output_names, outputs if isinstance(outputs, (list, tuple)) else [outputs]))
    served = tf_function(serve, autograph=False).get_concrete_function(*flat)
    served._arg_keywords = tuple(s.name for s in flat)
    return traced, losses, served


def _input_shape(layer):
    """The shape, or the shapes, that a layer was built for, as Keras' JSON has them; None if it does not say."""
    try:
        shape = layer.input_shape
    except (AttributeError, RuntimeError, ValueError):
        return None

    def written(s):
        if isinstance(s, dict):
            return {k: written(v) for k, v in s.items()}
        if isinstance(s, list) or any(isinstance(d, (list, tuple)) for d in s):
            return [written(v) for v in s]
        return {"class_name": "TensorShape", "items": [None if d is None else int(d) for d in s]}
    return written(shape) if isinstance(shape, (list, tuple, dict)) else None


def _metadata(obj, identifier, root, include_optimizer):
    described = saving.described(obj) if hasattr(obj, "layers") else saving.registered(json.loads(json.dumps(
        {"class_name": type(obj).__name__, "config": obj.get_config()}, default=saving.plain)))
    said = {"name": obj.name, "trainable": obj.trainable, "expects_training_arg": hasattr(obj, "layers"),
            "dtype": obj.dtype if isinstance(obj.dtype, str) else "float32", "batch_input_shape": None,
            "stateful": bool(getattr(obj, "stateful", False)), "must_restore_from_config": False, **described}
    shape = _input_shape(obj)
    if shape is not None:
        said["build_input_shape"] = shape
    if identifier in ("_tf_keras_sequential", "_tf_keras_network"):
        said.update(is_graph_network=True, keras_version="2.9.0", backend="tensorflow", model_config=described)
    if obj is root and include_optimizer:
        training = saving.training_config(obj)
        if training is not None:
            said["training_config"] = training
    return json.dumps(said)


def save(model, path, overwrite, include_optimizer, signatures, options, save_traces):
    """Writes the directory, whole or not at all. Raises ValueError for a model that was never built."""
    if not overwrite and os.path.exists(path) and not saving._may_write(path):
        return
    identifier = _identifier(model)
    if identifier == "_tf_keras_model":
        raise NotImplementedError("save: subclassed models are not written as SavedModels yet: use save_weights(), or "
                                  "tf.saved_model.save of a tf.Module that holds the model and a tf.function")
    if not save_traces and signatures is None:
        functions = None
    else:
        functions = _functions(model)

    def write(folder):
        saver = Saver(model, _identifier)
        given = signatures if signatures is not None or functions is None else functions[2]
        serving = signatures_of(model, given) if given is not None else {}
        count = len(saver.objects)
        saver.fill(serving)
        lists = {"variables": saver.add_list(model.variables), "trainable_variables": saver.add_list(model.trainable_variables),
                 "regularization_losses": saver.add_list([])}
        api = saver.add_user_object()
        for name, at in lists.items():
            saver.edge(0, name, at)
            saver.edge(api, name, at)
        saver.edge(0, "keras_api", api)
        if functions is not None:
            call, losses, _ = functions
            for at in (0, api):
                saver.edge(at, "__call__", saver.function(call))
                saver.edge(at, "call_and_return_all_conditional_losses", saver.function(losses))
            saver.edge(api, "call_and_return_conditional_losses", saver.function(losses))
        rows, paths = [], {0: "root"}
        for at in range(count):
            for edge in saver.messages[at].get("children", []):
                paths.setdefault(edge["node_id"], paths[at] + "." + edge["local_name"])
            obj = saver.objects[at]
            kind = _identifier(obj)
            if kind is not None:
                rows.append({"node_id": at, "node_path": paths[at], "identifier": kind,
                             "metadata": _metadata(obj, kind, model, include_optimizer),
                             "version": {"producer": 2, "min_consumer": 1}})
        saver.write(folder, serving, options or SaveOptions(), lambda prefix: trackable.save(model, prefix))
        with open(os.path.join(folder, METADATA), "wb") as file:
            file.write(_core.encode_message("SavedMetadata", {"nodes": rows}))
    write_directory(path, write)


def load(path, custom_objects, compile, options):
    """The model of a directory: rebuilt from its config, with its weights. Raises OSError for no SavedModel, ValueError
    for one whose classes are unknown."""
    from . import utils
    from .layers import deserialize
    meta = os.path.join(path, METADATA)
    if not os.path.isfile(meta):
        saved_model_load.read_message(path)        # what is no SavedModel says so
        logs.warn("SavedModel saved prior to TF 2.5 detected when loading Keras model. Please ensure that you are saving the "
                  "model with model.save() or tf.keras.models.save_model(), *NOT* tf.saved_model.save(). To confirm, there "
                  'should be a file named "keras_metadata.pb" in the SavedModel directory.')
        return saved_model_load.load(path, options=options)
    with open(meta, "rb") as file:
        try:
            rows = _core.decode_message("SavedMetadata", file.read()).get("nodes", [])
            said = json.loads(next(r for r in rows if r.get("node_path") == "root").get("metadata", ""))
        except (faults.ERRORS[15], UnicodeDecodeError, StopIteration, RuntimeError, ValueError) as error:
            raise OSError(f"Cannot parse file {meta}: {error}.") from None
    custom = dict(custom_objects or {})
    if not isinstance(said, dict):
        raise OSError(f"Cannot parse file {meta}: the model's metadata is no dictionary.")
    described = said.get("model_config") or {"class_name": said.get("class_name"), "config": said.get("config")}
    with utils.CustomObjectScope(custom):
        known = {**utils.get_custom_objects(), **custom}
        if not said.get("is_graph_network") and described.get("class_name") not in known:
            raise ValueError(f"Unable to restore custom object of class \"{said.get('class_name')}\" (type "
                             f"{rows[0].get('identifier')}). Please make sure that this class is included in the "
                             "`custom_objects` arg when calling `load_model()`. Also, check that the class implements "
                             "`get_config` and `from_config`.")
        model = deserialize(_plain(described), known)
        training = said.get("training_config")
        if compile and training:
            saving.compile_as(model, _plain(training), known)
        elif compile:
            logs.warn("No training configuration found in save file, so the model was *not* compiled. Compile it manually.")
        Checkpoint(root=model).read(os.path.join(path, "variables", "variables")).expect_partial()
    return model


def _plain(value):
    """Keras' JSON with its tuples and shapes as lists."""
    if isinstance(value, dict):
        if value.get("class_name") in ("__tuple__", "TensorShape") and "items" in value:
            return _plain(value["items"])
        return {k: _plain(v) for k, v in value.items() if k != "shared_object_id"}
    return [_plain(v) for v in value] if isinstance(value, list) else value
