# Out: tf.keras.models: models, and copies of them.
import json
import os

from .._core import keras as core
from . import saving
from .model import Functional, Model, Sequential  # noqa: F401
from .layers import deserialize


def functional_from_config(config, custom_objects=None, cls=Functional):
    """Rebuilds a graph of layers from what get_config() wrote. Raises ValueError for a config that is none."""
    layers = [deserialize(described, custom_objects) for described in config["layers"]]
    inputs, outputs = core.connect(config, layers)
    return cls(inputs, outputs, name=config.get("name"))


def model_from_config(config, custom_objects=None):
    return deserialize(config, custom_objects)


def model_from_json(json_string, custom_objects=None):
    return deserialize(json.loads(json_string), custom_objects)


def clone_model(model, input_tensors=None, clone_function=None):
    """A model of the same layers with weights of its own; `clone_function(layer)` makes each of them."""
    if input_tensors is not None:
        raise NotImplementedError("clone_model: input_tensors is not supported yet; call the clone on them")
    if clone_function is None:
        return type(model).from_config(model.get_config())
    if isinstance(model, Sequential):
        cloned = Sequential(name=model.name)
        first = model.get_config()["layers"][0]
        if first["class_name"] == "InputLayer":
            cloned.add(deserialize(first))
        for layer in model.layers:
            cloned.add(clone_function(layer))
        return cloned
    if not isinstance(model, Functional):
        raise ValueError("Expected `model` argument to be a functional `Model` instance, but got a subclassed model instead: "
                         f"{model}")
    config = model.get_config()
    layers = [deserialize(entry) if entry["class_name"] == "InputLayer" else clone_function(model.get_layer(entry["name"]))
              for entry in config["layers"]]
    inputs, outputs = core.connect(config, layers)
    return Functional(inputs, outputs, name=model.name)


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
