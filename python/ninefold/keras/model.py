# In: layers. Out: tf.keras.Model, Functional and Sequential; training.py trains them.
import inspect
import warnings
import weakref

from .._core import keras as core
from .._framework.faults import InvalidArgumentError
from . import copying, saved_calls, saving, shell
from .layer import Layer, _form, _nested, _once, with_tuples
from .shell import base
from .symbolic import is_symbolic
from .training import Training, _leaves


def _is_functional(args, kwargs):
    return len(args) == 2 or (len(args) == 1 and "outputs" in kwargs) or ("inputs" in kwargs and "outputs" in kwargs)


_NO_SYMBOL = {
    "input": "Found unexpected instance while processing input tensors for keras functional model. Expecting KerasTensor "
             "which is from tf.keras.Input() or output from keras layer call(). Got: {}",
    "output": "Output tensors of a Functional model must be the output of a TensorFlow `Layer` (thus holding past layer "
              "metadata). Found: {}"}


class Model(Training, Layer):
    """Layers with a training loop: Model(inputs, outputs) of symbolic tensors, or a subclass with call()."""

    _kind = "model"
    history = None      # what the last fit() gave
    _overridable = Layer._overridable + ("train_step", "test_step", "predict_step", "compute_loss", "compute_metrics",
                                         "reset_metrics")

    def __init__(self, *args, **kwargs):
        if _is_functional(args, kwargs):
            self._functional(*args, **kwargs)
        else:
            super().__init__(*args, **kwargs)

    def _adopt(self, handle, overrides=True):
        super()._adopt(handle, overrides)
        me = weakref.ref(self)
        if overrides and type(self).metrics is not Model.metrics:
            self._override("reset_metrics")         # those that the class names are the ones that start anew
        # What callbacks of the engine call: these also write what only Python can.
        handle.override("save_weights", lambda *args, **kwargs: me().save_weights(*args, **kwargs))
        handle.override("save", lambda *args, **kwargs: me().save(*args, **kwargs))

    def _functional(self, inputs, outputs, name=None, trainable=True, **kwargs):
        if kwargs:
            raise TypeError("The following keyword arguments passed to `Model` are unrecognized: {}".format(
                list(kwargs)))
        for which, nest in (("input", inputs), ("output", outputs)):
            for tensor in _leaves(nest):
                if not is_symbolic(tensor):
                    raise ValueError(_NO_SYMBOL[which].format(tensor))
        if name is None and type(self) not in (Model, Functional):
            name = core.unique_name(core.snake_case(type(self).__name__))
        self.__dict__["_kept_graph"] = (inputs, outputs)
        self.__dict__["_output_form"] = _form(outputs)
        self._adopt(core.functional(inputs, outputs, name or ""))
        self.__dict__["_kept_layers"] = self.layers
        if not trainable:
            self.trainable = False

    def _add_symbolic_loss(self, loss):
        from .layers import AddLoss
        self._insert(AddLoss(unconditional=False, dtype=loss.dtype.name), loss)

    def _add_symbolic_metric(self, value, aggregation, name):
        from .layers import AddMetric
        self._insert(AddMetric(aggregation, name, dtype=value.dtype.name), value)

    def _insert(self, layer, tensor):
        """The layer is called on a symbolic tensor whenever the model is, though no output needs it."""
        core.extend_graph(self._engine_handle, layer(tensor))
        self.__dict__["_kept_layers"] = self.layers

    def __setattr__(self, name, value):
        if "_engine_handle" not in self.__dict__ and any(isinstance(v, Layer) for v in _nested(value)):
            raise RuntimeError("It looks like you are subclassing `Model` and you forgot to call `super().__init__()`. "
                               "Always start with this line.")
        super().__setattr__(name, value)

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """A model from get_config(): a graph of layers, or what the constructor of a subclass takes."""
        if "layers" in config and "input_layers" in config and "output_layers" in config:
            from .models import functional_from_config
            return functional_from_config(config, custom_objects, Functional if cls is Model else cls)
        try:
            return cls(**config)
        except TypeError as e:
            raise TypeError("Unable to revive model from config. When overriding the `get_config()`, make sure that "
                            "the returned config contains all items used as arguments in the  constructor to {}, "
                            "which is the default behavior. You can override this default behavior by defining a "
                            "`from_config` method to specify how to create an instance of {} from the config. "
                            "\n\nError encountered during deserialization:\n{}".format(cls, cls.__name__, e)) from e

    @base
    def build(self, input_shape):
        """Makes the weights of a subclass by calling it on symbols of that shape, with the batch: a shape, a list or dict of
        them. Raises ValueError where call() needs more than inputs, or other dtypes than floats."""
        if self._is_graph_network or self._record is not None or isinstance(self, Sequential):
            super().build(input_shape)
            return
        if input_shape is None:
            raise ValueError("Input shape must be defined when calling `build()` on a `Model` subclass.")
        if not isinstance(input_shape, (tuple, list, dict)) and not hasattr(input_shape, "as_list"):
            raise ValueError("Specified input shape is not one of the valid types. Please specify a batch input shape of type "
                             "tuple or list of input shapes. User provided input type: {}.".format(type(input_shape)))
        if type(self).call is not Model.call:
            self._build_by_call(input_shape)
        super().build(input_shape)

    def _build_by_call(self, input_shape):
        spec = inspect.getfullargspec(self.call)
        names = spec.args[1:] if inspect.ismethod(self.call) else spec.args
        if not names:
            raise ValueError("You can only call `build()` on a model if its `call()` method accepts an `inputs` argument.")
        needed = names[1:len(names) - len(spec.defaults or ())]
        if any(name != "training" for name in needed):
            raise ValueError(
                "Currently, you cannot build your model if it has positional or keyword arguments that are not inputs to the "
                "model, but are required for its `call()` method. Instead, in order to instantiate and build your model, "
                "`call()` your model on real tensor data with all expected call arguments. The argument for `call()` can be a "
                "single list/tuple that contains multiple inputs.")
        self.built = True       # so that the call does not begin with this again
        try:
            core.base_compute_output_shape(self._engine_handle, input_shape)
        except (InvalidArgumentError, TypeError) as error:
            self.built = False
            raise ValueError(
                "You cannot build your model by calling `build` if your layers do not support float type inputs. Instead, in "
                "order to instantiate and build your model, call your model on real tensor data (of the correct dtype).\n\nThe "
                "actual error from `call` is: {}.".format(error)) from error
        except BaseException:
            self.built = False
            raise

    # ---- parts ----

    @property
    def weights(self):
        if isinstance(self, Sequential) and not self.built:
            raise ValueError(
                "Weights for model {} have not yet been created. Weights are created when the Model is first called on "
                "inputs or `build()` is called with an `input_shape`.".format(self.name))
        return core.layer_weights(self._engine_handle, "all")

    variables = weights

    def _weight_parts(self):
        own = self.weights                  # raises before there are any
        parts = [part for layer in self.layers for part in layer._weight_parts()]
        return own if all(hasattr(part, "shape") for part in parts) else _once(parts, own)

    @property
    def layers(self):
        return core.layers(self._engine_handle)

    @property
    def stateful(self):
        """Whether a layer keeps states between batches."""
        return any(getattr(layer, "stateful", False) for layer in self.layers)

    @property
    def supports_masking(self):
        if self._is_graph_network or isinstance(self, Sequential):
            return True
        return core.layer_get(self._engine_handle, "supports_masking")

    def get_layer(self, name=None, index=None):
        """A layer by name, or by index. Raises ValueError if there is none."""
        if index is not None and name is not None:
            raise ValueError("Provide only a layer name or a layer index. Received: index={}, name={}.".format(
                index, name))
        layers = self.layers
        if index is not None:
            if len(layers) <= index:
                raise ValueError("Was asked to retrieve layer at index {} but model only has {} layers.".format(
                    index, len(layers)))
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        if name is None:
            raise ValueError("Provide either a layer name or layer index at `get_layer`.")
        raise ValueError("No such layer: {}. Existing layers are: {}.".format(name, [l.name for l in layers]))

    def _get(self, what):
        return core.model_get(self._engine_handle, what)

    @property
    def inputs(self):
        return self._get("inputs") or None

    @property
    def outputs(self):
        return self._get("outputs") or None

    @property
    def input(self):
        found = self._get("input")
        return super().input if found is None else found

    @property
    def output(self):
        found = self._get("output")
        return super().output if found is None else found

    @property
    def input_names(self):
        return self._get("input_names")

    @input_names.setter
    def input_names(self, names):
        core.set_names(self._engine_handle, "input_names", list(names or ()))

    @property
    def output_names(self):
        return self._get("output_names")

    @output_names.setter
    def output_names(self, names):
        core.set_names(self._engine_handle, "output_names", list(names or ()))

    @property
    def optimizer(self):
        """What compile() was given, or what was set since."""
        return self._get("optimizer") or self.__dict__.get("_own_optimizer")

    @optimizer.setter
    def optimizer(self, value):
        given = self.__dict__.get("_kept_compile")
        if given is None:
            self.__dict__["_own_optimizer"] = value       # for loops of the user's own
        else:
            parts = self.__dict__["_kept_parts"]
            self.compile(value, **given, **{name: parts[name] for name in ("run_eagerly", "jit_compile", "steps_per_execution")})

    @property
    def metrics(self):
        return self._get("metrics")

    @property
    def metrics_names(self):
        return self._get("metrics_names")

    @property
    def dynamic(self):
        """Whether it, or a layer in it, runs without a trace only."""
        return any(core.layer_get(layer._engine_handle, "dynamic") for layer in self._flatten_layers())

    @property
    def state_updates(self):
        """Empty: states are updated when the model is called."""
        warnings.warn("`Model.state_updates` will be removed in a future version. This property should not be used in "
                      "TensorFlow 2.0, as `updates` are applied automatically.", stacklevel=2)
        return []

    @property
    def distribute_strategy(self):
        """The strategy under which the model was made, or the present one."""
        from ..distribute import get_strategy
        return self.__dict__.get("_kept_strategy") or get_strategy()

    @property
    def _is_graph_network(self):
        return bool(self._get("outputs"))

    @property
    def stop_training(self):
        return self._get("stop_training")

    @stop_training.setter
    def stop_training(self, stop):
        core.set_stop_training(self._engine_handle, bool(stop))

    @property
    def run_eagerly(self):
        return self.__dict__.get("_kept_parts", {}).get("run_eagerly", False)

    @run_eagerly.setter
    def run_eagerly(self, eagerly):
        core.set_run_eagerly(self._engine_handle, bool(eagerly))
        self.__dict__.setdefault("_kept_parts", {})["run_eagerly"] = bool(eagerly)

    # ---- words and files ----

    def summary(self, line_length=None, positions=None, print_fn=None, expand_nested=False, show_trainable=False):
        """Prints the layers, their shapes and their weights."""
        if positions is not None:
            raise NotImplementedError("summary: positions is not supported yet; see docs/differences.md")
        text = core.summary(self._engine_handle, line_length or 0, expand_nested, show_trainable)
        for line in text.rstrip("\n").split("\n"):
            (print_fn or print)(line)

    def save_weights(self, filepath, overwrite=True, save_format=None, options=None):
        """Writes the weights, whole or not at all: as Keras' HDF5 file (.h5), or as a TensorFlow checkpoint."""
        saving.save_weights(self, filepath, overwrite, save_format, options)

    def load_weights(self, filepath, by_name=False, skip_mismatch=False, options=None):
        """Reads weights that save_weights wrote, here or in Keras. Of a checkpoint it returns the status."""
        return saving.load_weights(self, filepath, by_name, skip_mismatch, options)

    def save(self, filepath, overwrite=True, include_optimizer=True, save_format=None, signatures=None, options=None,
             save_traces=True):
        """Writes the whole model: as Keras' HDF5 file (.h5), or as a SavedModel."""
        from .models import save_model
        save_model(self, filepath, overwrite, include_optimizer, save_format, signatures, options, save_traces)

    def save_spec(self, dynamic_batch=True):
        """([specs of the arguments], {specs of keyword arguments}) of a call; None before the first one."""
        return saved_calls.save_spec(self, dynamic_batch)

    @base
    def get_config(self):
        """A graph's layers and calls; of a subclass nothing, which may override it."""
        return with_tuples(self._engine_handle.config()) if self._is_graph_network else {}

    def to_json(self, **kwargs):
        """The model without its weights as JSON, which tf.keras.models.model_from_json reads; arguments of json.dumps."""
        return saving.to_json(self, **kwargs)

    def to_yaml(self, **kwargs):
        """Not there any more, as in TensorFlow 2.9: to_json() is."""
        raise RuntimeError("Method `model.to_yaml()` has been removed due to security risk of arbitrary code execution. Please use "
                           "`model.to_json()` instead.")

    # ---- checkpoints ----

    def _trackable_children_(self):
        found = {}
        if self._is_graph_network:
            weighted = 0
            for number, layer in enumerate(self.layers):
                if (layer.weights if layer.built or not isinstance(layer, Sequential) else ()) or getattr(layer, "_learns", False):
                    found["layer_with_weights-{}".format(weighted)] = layer
                    weighted += 1
                found["layer-{}".format(number)] = layer
        for name, value in super()._trackable_children_():
            found.setdefault(name, value)
        if self.__dict__.get("compiled") and self.optimizer is not None:
            found.setdefault("optimizer", self.optimizer)
        return list(found.items())

    def _restore_awaited(self):
        optimizer = self.optimizer if self.__dict__.get("compiled") else None
        if optimizer is not None:
            optimizer._restore_awaited()

    def __reduce__(self):
        return copying.reduced_model(self)


class Functional(Model):
    """What Model(inputs, outputs) gives."""

    _is_graph_network = True

    def __init__(self, inputs=None, outputs=None, name=None, trainable=True, **kwargs):
        self._functional(inputs, outputs, name=name, trainable=trainable, **kwargs)


class Sequential(Model):
    """A stack of layers, each fed with what the one before gives."""

    _is_graph_network = True

    def __init__(self, layers=None, name=None):
        self.__dict__["_kept_layers"] = []
        if name is None and type(self) is not Sequential:
            name = core.unique_name(core.snake_case(type(self).__name__))
        self._adopt(core.sequential([], name or ""))
        if layers is not None:
            for layer in layers if isinstance(layers, (list, tuple)) else [layers]:
                self.add(layer)

    def add(self, layer):
        """Puts a layer on top. Raises TypeError if it is none, ValueError if its name is taken."""
        node = getattr(layer, "node", None)
        if not isinstance(layer, Layer) and node is not None:
            layer = node
        if not isinstance(layer, Layer):
            raise TypeError("The added layer must be an instance of class Layer. Received: layer={} of type {}.".format(
                layer, type(layer)))
        core.sequential_add(self._engine_handle, layer)
        self.__dict__["_kept_layers"].append(layer)

    @base
    def build(self, input_shape=None):
        """Builds the layers for inputs of that shape, with the batch. Raises ValueError if none is given."""
        if input_shape is None and not self.built:
            raise ValueError("You must provide an `input_shape` argument.")
        super().build(input_shape)

    def pop(self):
        """Takes the last layer away. Raises TypeError if there is none."""
        core.sequential_pop(self._engine_handle)
        self.__dict__["_kept_layers"].pop()

    @classmethod
    def from_config(cls, config, custom_objects=None):
        from .layers import deserialize
        fields = config if isinstance(config, dict) else {"layers": config}
        if not isinstance(fields.get("layers"), (list, tuple)):
            raise ValueError("A Sequential model's config needs a list of `layers`. Received: {}".format(config))
        model = cls(name=fields.get("name"))
        for layer in fields["layers"]:
            model.add(deserialize(layer, custom_objects))
        return model


def _new(cls, *args, **kwargs):
    if cls is Model and _is_functional(args, kwargs):
        return object.__new__(Functional)
    return object.__new__(cls)


Model.__new__ = staticmethod(_new)
# As Keras' own classes print themselves.
Model.__module__, Functional.__module__, Sequential.__module__ = (
    "keras.engine.training", "keras.engine.functional", "keras.engine.sequential")
shell.defaults["model"] = Model
shell.defaults["functional"] = Functional
shell.defaults["sequential"] = Sequential
