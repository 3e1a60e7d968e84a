# Out: tf.keras.models: models, and copies of them.
import json
import os

from .._core import keras as core
from .._framework import nest, structured
from . import saving
from .model import Functional, Model, Sequential  # noqa: F401
from .layers import deserialize
from .symbolic import Input, KerasTensor


def functional_from_config(config, custom_objects=None, cls=Functional):
    """Rebuilds a graph of layers from what get_config() wrote. Raises ValueError for a config that is none."""
    layers = [deserialize(described, custom_objects) for described in config["layers"]]
    return _connected(cls, config, layers, config.get("name"))


def _connected(cls, config, layers, name):
    """A model of layers that are made already. Those that no output needs, as add_loss and add_metric make them, are put
    back into its graph."""
    inputs, outputs, found = core.connect(config, layers)
    model = cls(inputs, outputs, name=name)
    if len(layers) > len(model.layers):
        core.extend_graph(model._engine_handle, found)
        model.__dict__["_kept_layers"] = model.layers
    return model


def model_from_config(config, custom_objects=None):
    return deserialize(config, custom_objects)


def model_from_json(json_string, custom_objects=None):
    return deserialize(json.loads(json_string, object_hook=structured.spec_of_json), custom_objects)


def model_from_yaml(yaml_string, custom_objects=None):
    """Raises RuntimeError: YAML can hold code."""
    raise RuntimeError("Method `model_from_yaml()` has been removed due to security risk of arbitrary code execution. Please use "
                       "`Model.to_json()` and `model_from_json()` instead.")


def clone_model(model, input_tensors=None, clone_function=None):
    """A model of the same layers with weights of its own; `clone_function(layer)` makes each of them. `input_tensors`
    (symbolic, or tensors of the form that is meant) take the place of its inputs."""
    if clone_function is not None and not callable(clone_function):
        raise ValueError(f"Expected `clone_function` argument to be a callable. Received: clone_function={clone_function}")
    if not model._is_graph_network:
        raise ValueError("Expected `model` argument to be a functional `Model` instance, but got a subclassed model instead: "
                         f"{model}")
    clone = clone_function or (lambda layer: type(layer).from_config(layer.get_config()))
    if isinstance(model, Sequential):
        return _cloned_sequential(model, input_tensors, clone)
    config, inputs = model.get_config(), {}
    if input_tensors is not None:
        inputs = {name: _input_layer(tensor, name) for name, tensor in zip(model.input_names, nest.flatten(input_tensors))}
    layers = []
    for entry in config["layers"]:
        if entry["class_name"] == "InputLayer":
            layers.append(inputs.get(entry["name"]) or deserialize(entry))
        else:
            layers.append(clone(model.get_layer(entry["name"])))
    return _connected(Functional, config, layers, model.name)


def _cloned_sequential(model, input_tensors, clone):
    cloned = Sequential(name=model.name)
    if input_tensors is None:
        first = model.get_config()["layers"][0]
        if first["class_name"] == "InputLayer":
            cloned.add(deserialize(first))
    else:
        tensors = list(input_tensors) if isinstance(input_tensors, (list, tuple)) else [input_tensors]
        if len(tensors) != 1:
            raise ValueError("To clone a `Sequential` model, we expect at most one tensor as part of `input_tensors`. "
                             f"Received: input_tensors={input_tensors}")
        if isinstance(tensors[0], KerasTensor) and type(tensors[0].node).__name__ != "InputLayer":
            raise ValueError("Cannot clone a `Sequential` model on top of a tensor that comes from a Keras layer other than "
                             f"an `InputLayer`. Use the Functional API instead. Received: input_tensors={input_tensors}")
        cloned.add(_input_layer(tensors[0]))
    for layer in model.layers:
        cloned.add(clone(layer))
    return cloned


def _input_layer(tensor, name=None):
    """The layer that stands for a given input: that of a symbolic one, or a new one of the tensor's form."""
    if isinstance(tensor, KerasTensor):
        layer = tensor.node
        if type(layer).__name__ != "InputLayer":
            raise ValueError(f"clone_model: input_tensors must be what tf.keras.Input gives, got the output of layer "
                             f"'{layer.name}'; make a model of it and call the clone on that")
        return layer
    wrapper = "input_wrapper_for_" + str(tensor.name if name is None else name)
    return Input(batch_shape=tuple(tensor.shape), dtype=tensor.dtype, name=wrapper).node


def load_model(filepath, custom_objects=None, compile=True, options=None):
    """A model from what save() wrote, here or in Keras. Raises OSError for a missing file, ValueError for one without a
    model. `custom_objects`: classes and functions by the names that the file has."""
    path = saving.path_of(filepath)
    if not os.path.exists(path):
        raise OSError(f"No file or directory found at {path}")
    if os.path.isfile(path):
        return saving.load_h5(path, custom_objects, compile)
    from . import saved_models
    return saved_models.load(path, custom_objects, compile, options)


def save_model(model, filepath, overwrite=True, include_optimizer=True, save_format=None, signatures=None, options=None,
               save_traces=True):
    """Writes a whole model, whole or not at all: as Keras' HDF5 file if the path ends so or save_format is "h5", else as
    a SavedModel."""
    path = saving.path_of(filepath)
    if save_format not in (None, "tf", "tensorflow", "h5", "hdf5", "keras"):
        raise ValueError(f"Unknown format. Received: `save_format`={save_format}. Was expecting one of {{'tf', 'h5'}}.")
    if save_format in ("h5", "hdf5", "keras") or (save_format is None and saving.is_h5(path)):
        return saving.save_h5(model, path, overwrite, include_optimizer)
    from . import saved_models
    saved_models.save(model, path, overwrite, include_optimizer, signatures, options, save_traces)
