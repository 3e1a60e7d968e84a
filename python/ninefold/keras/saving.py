# In: models, paths. Out: weights as checkpoints or HDF5, whole models as HDF5; and models made of such files.
import contextlib
import json
import os

import numpy as np

from .._core import checkpoint as files
from .._core import keras as core
from .._framework import checkpoint_state, faults, logs, structured
from .._framework.checkpoint import Checkpoint
from . import shell

_H5 = (".h5", ".keras", ".hdf5")


def path_of(path):
    return os.fspath(path) if isinstance(path, os.PathLike) else str(path)


def is_h5(path):
    return path.endswith(_H5)


def _may_write(path):
    """Asks on the terminal, as Keras does."""
    answer = input(f"[WARNING] {path} already exists - overwrite? [y/n]").strip().lower()
    while answer not in ("y", "n"):
        answer = input('Enter "y" (overwrite) or "n" (cancel).').strip().lower()
    return answer == "y"


# ---- weights ----

def save_weights(model, filepath, overwrite, save_format, options):
    from .model import Sequential
    path = path_of(filepath)
    if not model.built and (isinstance(model, Sequential) or "build" in type(model).__dict__):
        raise ValueError(
            f"Weights for model {model.name} have not yet been created. Weights are created when the Model is first called on "
            "inputs or `build()` is called with an `input_shape`.")
    if save_format is None:
        as_h5 = is_h5(path)
    elif str(save_format).lower().strip() in ("tensorflow", "tf"):
        as_h5 = False
    elif str(save_format).lower().strip() in ("hdf5", "h5", "keras"):
        as_h5 = True
    else:
        raise ValueError(f'Unknown format. Received: `save_format`={save_format}. Was expecting one of {{"tf", "h5"}}.')
    if not as_h5 and is_h5(path):
        raise ValueError(
            f'save_weights got save_format="tf"/"tensorflow", but the filepath ({path}) looks like an HDF5 file. Omit the '
            '".h5"/".keras" when saving in TensorFlow format.')
    written = path if as_h5 else path + ".index"
    if not overwrite and os.path.isfile(written) and not _may_write(written):
        return
    if as_h5:
        require_variables(model)
        if not os.path.isdir(os.path.dirname(path) or "."):
            raise FileNotFoundError(f"[Errno 2] Unable to synchronously create file (unable to open file: name = '{path}', errno = 2, error "
                                    "message = 'No such file or directory', flags = 13, o_flags = 242); make its folder first")
        core.save_weights(model._engine_handle, path, True)
        return
    Checkpoint(root=model).write(path)
    checkpoint_state.update(os.path.dirname(path), path, [path])


def load_weights(model, filepath, by_name, skip_mismatch, options):
    path = path_of(filepath)
    if skip_mismatch and not by_name:
        raise ValueError("When calling model.load_weights, skip_mismatch can only be set to True when by_name is True.")
    if os.path.isfile(os.path.join(path, "saved_model.pb")):
        path = os.path.join(path, "variables", "variables")
    if is_h5(path) or (os.path.isfile(path) and not os.path.exists(path + ".index")):
        require_variables(model)
        if not os.path.exists(path):
            raise FileNotFoundError(f"[Errno 2] Unable to synchronously open file (unable to open file: name = '{path}', errno = 2, error "
                                    "message = 'No such file or directory', flags = 0, o_flags = 0)")
        core.load_weights(model._engine_handle, path, by_name, skip_mismatch)
        return finalize(model)
    checkpoint = Checkpoint(root=model)
    if by_name:
        files.BundleReader(path)        # what is wrong with the file comes first
        raise NotImplementedError("Weights may only be loaded based on topology into Models when loading TensorFlow-formatted "
                                  "weights (got by_name=True to load_weights).")
    status = checkpoint.read(path).assert_nontrivial_match()
    finalize(model)
    return status


def finalize(model):
    """Lets layers compute what they make of their weights, new ones by now; terms of lookup layers are no weights."""
    for layer in model.submodules:
        if hasattr(layer, "finalize_state") and not hasattr(layer, "set_vocabulary"):
            layer.finalize_state()


# ---- configs ----

def plain(value):
    """What json cannot write by itself."""
    if hasattr(value, "get_config"):
        return shell.serialized(value)
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if hasattr(value, "value_type"):
        return structured.spec_json(value)
    if hasattr(value, "as_list"):
        return value.as_list()
    if hasattr(value, "numpy"):
        return plain(value.numpy())
    if hasattr(value, "as_datatype_enum") or isinstance(value, type):
        return getattr(value, "name", None) or value.__name__
    if callable(value):
        return getattr(value, "_keras_name", None) or shell.registered_name(value)
    raise TypeError(f"Unable to serialize {value} to JSON. Unrecognized type {type(value)}.")


def described(model):
    """{"class_name", "config"} of a model or layer, as JSON has it."""
    return json.loads(json.dumps(shell.serialized(model), default=plain))


def to_json(model, **kwargs):
    return json.dumps({**described(model), "keras_version": "2.9.0", "backend": "tensorflow"}, **kwargs)


_NO_TABLES = (
    "Save or restore weights that is not an instance of `tf.Variable` is not supported in h5, use `save_format='tf'` instead. Received "
    "a model or layer {} with weights [<keras.layers.preprocessing.index_lookup.VocabWeightHandler object at {}>]")


def require_variables(model):
    """HDF5 has no form of what lookup layers learn: raises Keras' NotImplementedError for them."""
    for layer in model.layers:
        if getattr(layer, "_learns", False):
            raise NotImplementedError(_NO_TABLES.format(type(layer).__name__, hex(id(layer))))
        if hasattr(layer, "layers"):
            require_variables(layer)


# ---- whole models ----

def _in_order(model):
    """The optimizer's weights as a first step makes them: a restored checkpoint may have made slots in another order."""
    from . import optimizers
    if model.optimizer._record is None:
        return model.optimizer.weights
    weights = {variable.name: variable for variable in model.optimizer.weights}
    described = optimizers.serialize(model.optimizer)
    fresh = optimizers.deserialize(described, {described["class_name"]: type(model.optimizer)})
    files.create_slots(fresh._engine_handle, model.trainable_weights)
    names = [variable.name for variable in fresh.weights]
    return [weights[name] for name in names] if sorted(names) == sorted(weights) else model.optimizer.weights


def save_h5(model, path, overwrite, include_optimizer):
    if not model._is_graph_network:
        raise NotImplementedError(
            "Saving the model to HDF5 format requires the model to be a Functional model or a Sequential model. It does not "
            "work for subclassed models, because such models are defined via the body of a Python method, which isn't safely "
            "serializable. Consider saving to the Tensorflow SavedModel format (by setting save_format=\"tf\") or using "
            "`save_weights`.")
    if not overwrite and os.path.isfile(path) and not _may_write(path):
        return
    require_variables(model)
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    from .compiled import training_config
    training = training_config(model) if include_optimizer else None
    weights = []
    if training is not None:
        name = model.optimizer._name
        for variable in _in_order(model):
            own = variable.name
            weights.append((own if own.startswith(name + "/") else f"{name}/{own}", variable))
    files.save_model(model._engine_handle, path, json.dumps(described(model)), json.dumps(training) if training else "",
                     weights)


@contextlib.contextmanager
def sound(path, known):
    """What a damaged config makes the classes of layers stumble over is a ValueError. With custom objects it may be theirs, and
    passes as it is."""
    try:
        yield
    except (LookupError, AttributeError, TypeError, UnicodeError, ArithmeticError, RecursionError, StopIteration) as error:
        if known:
            raise
        raise ValueError(f"load_model: what {path} says of its model is damaged, or of another Keras: "
                         f"{type(error).__name__} ({error})") from error


def load_h5(path, custom_objects, compile):
    from . import utils
    from .compiled import compile_as
    from .layers import deserialize
    custom = dict(custom_objects or {})
    with sound(path, {}):
        config, training, weights = files.read_model(path)
    if not config:
        raise ValueError(f"No model config found in the file at {path}.")
    with utils.CustomObjectScope(custom):
        known = {**utils.get_custom_objects(), **custom}
        with sound(path, known):
            model = deserialize(json.loads(config, object_hook=structured.spec_of_json), known)
        core.load_weights(model._engine_handle, path, False, False)
        finalize(model)
        if not compile:
            return model
        if not training:
            logs.warn("No training configuration found in the save file, so the model was *not* compiled. Compile it manually.")
            return model
        with sound(path, known):
            compile_as(model, json.loads(training), known)
    if weights:
        files.create_slots(model.optimizer._engine_handle, model.trainable_weights)
        try:
            model.optimizer.set_weights([value.numpy() for _, value in weights])
        except (ValueError, faults.ERRORS[3]):
            logs.warn("Error in loading the saved optimizer state. As a result, your model is starting with a freshly "
                      "initialized optimizer.")
    return model
