# In: layers, data as users have it. Out: tf.keras.Model and Sequential, trained by the engine.
import inspect
import warnings
import weakref

from .._core import keras as core
from .._framework import nest, trackable
from .._framework.faults import InvalidArgumentError
from . import saved_calls, saving, shell
from .callbacks import BackupAndRestore, Callback, History, ProgbarLogger
from .data import Unknown, arrays, source, type_name
from .interactive import verbosity
from .layer import Layer, _form, _formed, _nested, _once
from .metrics import as_metric
from .losses import as_loss
from .shell import base
from .symbolic import is_symbolic
from .utils import Sequence


def _is_functional(args, kwargs):
    return len(args) == 2 or (len(args) == 1 and "outputs" in kwargs) or ("inputs" in kwargs and "outputs" in kwargs)


_NO_SYMBOL = {
    "input": "Found unexpected instance while processing input tensors for keras functional model. Expecting KerasTensor "
             "which is from tf.keras.Input() or output from keras layer call(). Got: {}",
    "output": "Output tensors of a Functional model must be the output of a TensorFlow `Layer` (thus holding past layer "
              "metadata). Found: {}"}


class Model(Layer):
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
        core.extend_graph(self._handle, layer(tensor))
        self.__dict__["_kept_layers"] = self.layers

    def __setattr__(self, name, value):
        if "_handle" not in self.__dict__ and any(isinstance(v, Layer) for v in _nested(value)):
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
            core.base_compute_output_shape(self._handle, input_shape)
        except (InvalidArgumentError, TypeError) as error:
            self.built = False
            raise ValueError(
                "You cannot build your model by calling `build` if your layers do not support float type inputs. Instead, in "
                "order to instantiate and build your model, call your model on real tensor data (of the correct dtype).\n\nThe "
                "actual error from `call` is: {}.".format(error)) from error
        except BaseException:
            self.built = False
            raise

    # ---- training ----

    def compile(self, optimizer="rmsprop", loss=None, metrics=None, loss_weights=None, weighted_metrics=None,
                run_eagerly=None, steps_per_execution=None, jit_compile=None, **kwargs):
        """Says how the model learns. Raises TypeError for unknown keywords, ValueError for unknown names."""
        if kwargs.pop("sample_weight_mode", None) is not None:
            raise TypeError("`sample_weight_mode` is no argument of `compile` any more: give `weighted_metrics`.")
        targets = kwargs.pop("target_tensors", None)
        if targets is not None:
            raise ValueError("`target_tensors` argument is not supported when executing eagerly. Received: {}.".format(
                targets))
        for keyword in kwargs:
            if keyword not in ("cloning", "experimental_run_tf_function", "experimental_steps_per_execution",
                               "distribute"):
                raise TypeError("Invalid keyword argument(s) in `compile()`: {}. Valid keyword arguments include "
                                '"cloning", "experimental_run_tf_function", "distribute", "target_tensors", or '
                                '"sample_weight_mode".'.format(({keyword},)))
        from .optimizers import LossScaleOptimizer, get as get_optimizer
        optimizer = get_optimizer(optimizer)
        if self.dtype_policy.name == "mixed_float16" and not isinstance(optimizer, LossScaleOptimizer):
            optimizer = LossScaleOptimizer(optimizer)       # gradients of float16 vanish otherwise
        options = {
            "optimizer": optimizer, "loss": _map(as_loss, loss),
            "metrics": _map(as_metric, metrics), "weighted_metrics": _map(as_metric, weighted_metrics),
            "loss_weights": loss_weights, "run_eagerly": bool(run_eagerly), "jit_compile": bool(jit_compile),
            "steps_per_execution": 1 if steps_per_execution is None else int(steps_per_execution)}
        self.__dict__["_kept_parts"] = options
        core.compile(self._handle, options)
        self.__dict__["loss"] = loss
        self.__dict__["compiled"] = True
        self.__dict__["_kept_compile"] = {"loss": loss, "metrics": metrics, "weighted_metrics": weighted_metrics,
                                          "loss_weights": loss_weights}
        if "_awaited" in self.__dict__:         # a restored checkpoint may have an optimizer's values
            trackable.resolve(self)

    def fit(self, x=None, y=None, batch_size=None, epochs=1, verbose="auto", callbacks=None, validation_split=0.0,
            validation_data=None, shuffle=True, class_weight=None, sample_weight=None, initial_epoch=0,
            steps_per_epoch=None, validation_steps=None, validation_batch_size=None, validation_freq=1,
            max_queue_size=10, workers=1, use_multiprocessing=False):
        """Trains for `epochs` passes over the data; returns a History with one number an epoch and metric.

        x: an array, a nest of arrays, a Dataset, a Sequence, or a generator of (x, y[, sample_weight]).
        """
        if validation_split and (hasattr(x, "element_spec") or hasattr(x, "__next__") or isinstance(x, Sequence)):
            raise ValueError("`validation_split` is only supported for Tensors or NumPy arrays, found following types in "
                             "the input: [<class '{}'>]".format(repr(x).lstrip("<").split()[0]))
        given = x
        x, y, sample_weight = self._data(x, y, sample_weight, workers, use_multiprocessing, max_queue_size, shuffle)
        if validation_data is not None:
            validation_data = self._validation(validation_data)
        if class_weight is not None:
            class_weight = {str(k): float(v) for k, v in class_weight.items()}
        history, callbacks = self._callbacks(callbacks)
        verbose = self._told(callbacks, verbose, int(epochs), steps_per_epoch or _steps(given, x, batch_size, validation_split))
        options = dict(
            batch_size=batch_size, epochs=int(epochs), verbose=verbose, callbacks=callbacks,
            validation_split=float(validation_split or 0), validation_data=validation_data, shuffle=shuffle,
            class_weight=class_weight, sample_weight=sample_weight, initial_epoch=int(initial_epoch),
            steps_per_epoch=steps_per_epoch, validation_steps=validation_steps,
            validation_batch_size=validation_batch_size,
            validation_freq=validation_freq if isinstance(validation_freq, int) else list(validation_freq))
        for callback in callbacks:
            if isinstance(callback, BackupAndRestore):
                options["initial_epoch"] = callback._resume(options["initial_epoch"])
        self._restore_awaited()
        core.fit(self._handle, x, y, options)
        self.__dict__["history"] = history
        return history

    def _callbacks(self, callbacks):
        """The user's callbacks, told their model, and the History that fit returns."""
        found = []
        for c in callbacks if isinstance(callbacks, (list, tuple)) else [callbacks] if callbacks else []:
            found.extend(getattr(c, "callbacks", [c]))
        history = next((c for c in found if isinstance(c, History)), None)
        if history is None:
            history = History()
            found.append(history)
        for c in found:
            c.set_model(self)      # what is no callback says so here, as in Keras
            if not isinstance(c, Callback):
                raise TypeError("callbacks: expected instances of tf.keras.callbacks.Callback, got {}".format(c))
        return history, found

    @staticmethod
    def _told(callbacks, verbose, epochs, steps):
        """Tells callbacks their params; how much the engine itself is to print: nothing where one of them shows a bar."""
        params = {"verbose": verbosity(verbose), "epochs": epochs, "steps": steps}
        for callback in callbacks:
            callback.set_params(dict(params))
        return 0 if any(isinstance(callback, ProgbarLogger) for callback in callbacks) else params["verbose"]

    def _data(self, x, y, sample_weight, workers=1, use_multiprocessing=False, max_queue_size=10, shuffle=True):
        stream = source(x, workers=workers, use_multiprocessing=use_multiprocessing, max_queue_size=max_queue_size,
                        shuffle=shuffle)
        self.__dict__["_streams"] = stream is not None
        self.__dict__["_stream_form"], self.__dict__["_stream_specs"] = _form_of_data(x)
        if stream is None:
            try:
                if x is None:
                    raise Unknown
                return arrays(x), arrays(y), arrays(sample_weight)
            except Unknown:
                raise ValueError("Failed to find data adapter that can handle input: {}, {}".format(
                    type_name(x), type_name(y))) from None
        if y is not None:
            raise ValueError("`y` argument is not supported when using {} as input.".format(_kind_of(x)))
        if sample_weight is not None:
            raise ValueError("`sample_weight` argument is not supported when using {} as input.".format(_kind_of(x)))
        return stream, None, None

    def _validation(self, data):
        stream = source(data)
        if stream is not None:
            return stream
        if not isinstance(data, (list, tuple)) or not 1 <= len(data) <= 3:
            raise ValueError("Data is expected to be in format `x`, `(x,)`, `(x, y)`, or `(x, y, sample_weight)`, "
                             "found: {}".format(data))
        return [arrays(part) for part in data]

    def evaluate(self, x=None, y=None, batch_size=None, verbose="auto", sample_weight=None, steps=None, callbacks=None,
                 max_queue_size=10, workers=1, use_multiprocessing=False, return_dict=False, **kwargs):
        """Loss and metrics over the data: a number, a list of them, or a dict."""
        given = x
        x, y, sample_weight = self._data(x, y, sample_weight, workers, use_multiprocessing, max_queue_size, False)
        _, callbacks = self._callbacks(callbacks)
        verbose = self._told(callbacks, verbose, 1, steps or _steps(given, x, batch_size, 0))
        return core.evaluate(self._handle, x, y, dict(
            batch_size=batch_size, verbose=verbose, sample_weight=sample_weight, steps=steps, callbacks=callbacks,
            return_dict=return_dict))

    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None, max_queue_size=10, workers=1,
                use_multiprocessing=False):
        """What the model says of each row, as NumPy arrays in the structure of its outputs."""
        given = x
        x, _, _ = self._data(x, None, None, workers, use_multiprocessing, max_queue_size, False)
        _, callbacks = self._callbacks(callbacks) if callbacks else (None, [])
        verbose = self._told(callbacks, verbose, 1, steps or _steps(given, x, batch_size, 0))
        return self._as_called(_numpy(core.predict(self._handle, x, dict(
            batch_size=batch_size, verbose=verbose, steps=steps, callbacks=callbacks))))

    def _as_called(self, outputs):
        """What predict gives, in the tuples and named tuples that call() gave."""
        if type(self).predict_step is not Model.predict_step:
            return outputs
        return _formed(self.__dict__.get("_said_form") or self.__dict__.get("_output_form"), outputs)

    def fit_generator(self, generator, steps_per_epoch=None, epochs=1, verbose=1, callbacks=None, validation_data=None,
                      validation_steps=None, validation_freq=1, class_weight=None, max_queue_size=10, workers=1,
                      use_multiprocessing=False, shuffle=True, initial_epoch=0):
        """The older name of fit() on a generator."""
        _deprecated("fit_generator", "fit")
        return self.fit(
            generator, steps_per_epoch=steps_per_epoch, epochs=epochs, verbose=verbose, callbacks=callbacks,
            validation_data=validation_data, validation_steps=validation_steps, validation_freq=validation_freq,
            class_weight=class_weight, max_queue_size=max_queue_size, workers=workers,
            use_multiprocessing=use_multiprocessing, shuffle=shuffle, initial_epoch=initial_epoch)

    def evaluate_generator(self, generator, steps=None, callbacks=None, max_queue_size=10, workers=1,
                           use_multiprocessing=False, verbose=0):
        """The older name of evaluate() on a generator."""
        _deprecated("evaluate_generator", "evaluate")
        return self.evaluate(generator, steps=steps, max_queue_size=max_queue_size, workers=workers,
                             use_multiprocessing=use_multiprocessing, verbose=verbose, callbacks=callbacks)

    def predict_generator(self, generator, steps=None, callbacks=None, max_queue_size=10, workers=1,
                          use_multiprocessing=False, verbose=0):
        """The older name of predict() on a generator."""
        _deprecated("predict_generator", "predict")
        return self.predict(generator, steps=steps, max_queue_size=max_queue_size, workers=workers,
                            use_multiprocessing=use_multiprocessing, verbose=verbose, callbacks=callbacks)

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, reset_metrics=True, return_dict=False):
        if class_weight is not None:
            class_weight = {str(k): float(v) for k, v in class_weight.items()}
        self._restore_awaited()
        return _scalars(core.train_on_batch(self._handle, arrays(x), arrays(y), arrays(sample_weight), class_weight,
                                            reset_metrics, return_dict))

    def test_on_batch(self, x, y=None, sample_weight=None, reset_metrics=True, return_dict=False):
        return _scalars(core.test_on_batch(self._handle, arrays(x), arrays(y), arrays(sample_weight), reset_metrics,
                                           return_dict))

    def predict_on_batch(self, x):
        return self._as_called(_numpy(core.predict_on_batch(self._handle, arrays(x))))

    def _called(self, name, args, kwargs):
        if name == "call" and "_given" not in self.__dict__:    # by fit: what a dataset knows of its sparse tensors
            args = (_with_sizes(self.__dict__.get("_stream_specs"), args[0]), *args[1:])
        if name in ("train_step", "test_step", "predict_step"):
            args = tuple(tuple(a) if isinstance(a, list) else a for a in args)
            data = args[0]
            form = self.__dict__.get("_stream_form")
            if form is not None and isinstance(data, tuple) and data:
                data = (_formed(form, data[0]), *data[1:])
                args = (data, *args[1:])
            if self.__dict__.get("_streams") and isinstance(data, tuple) and len(data) == 1 and isinstance(data[0], dict):
                args = data                     # what a dataset of dicts gives is the dict itself
        return super()._called(name, args, kwargs)

    @base
    def train_step(self, data):
        """One step of training on a batch (x, y[, sample_weight]); returns a dict of metrics."""
        return core.base_step(self._handle, "train_step", data)

    @base
    def test_step(self, data):
        return core.base_step(self._handle, "test_step", data)

    @base
    def predict_step(self, data):
        return core.base_step(self._handle, "predict_step", data)

    @base
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
        return core.compute_loss(self._handle, x, y, y_pred, sample_weight)

    @base
    def compute_metrics(self, x, y, y_pred, sample_weight):
        return core.compute_metrics(self._handle, x, y, y_pred, sample_weight)

    @property
    def compiled_loss(self):
        """The loss that compile was given: compiled_loss(y, y_pred, sample_weight, regularization_losses)."""
        return _CompiledLoss(self)

    @property
    def compiled_metrics(self):
        """The metrics that compile was given: compiled_metrics.update_state(y, y_pred, sample_weight)."""
        return _CompiledMetrics(self)

    @base
    def reset_metrics(self):
        for metric in self.metrics:
            metric.reset_state()

    def reset_states(self):
        """Sets the states that stateful layers keep between batches to zeros."""
        for layer in self.layers:
            if hasattr(layer, "reset_states") and getattr(layer, "stateful", False):
                layer.reset_states()

    # ---- parts ----

    @property
    def weights(self):
        if isinstance(self, Sequential) and not self.built:
            raise ValueError(
                "Weights for model {} have not yet been created. Weights are created when the Model is first called on "
                "inputs or `build()` is called with an `input_shape`.".format(self.name))
        return core.layer_weights(self._handle, "all")

    variables = weights

    def _weight_parts(self):
        own = self.weights                  # raises before there are any
        parts = [part for layer in self.layers for part in layer._weight_parts()]
        return own if all(hasattr(part, "shape") for part in parts) else _once(parts, own)

    @property
    def layers(self):
        return core.layers(self._handle)

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
        return core.model_get(self._handle, what)

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

    @property
    def output_names(self):
        return self._get("output_names")

    @property
    def optimizer(self):
        return self._get("optimizer")

    @property
    def metrics(self):
        return self._get("metrics")

    @property
    def metrics_names(self):
        return self._get("metrics_names")

    @property
    def dynamic(self):
        """Whether it, or a layer in it, runs without a trace only."""
        return any(core.layer_get(layer._handle, "dynamic") for layer in self._flatten_layers())

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
        core.set_stop_training(self._handle, bool(stop))

    @property
    def run_eagerly(self):
        return self.__dict__.get("_kept_parts", {}).get("run_eagerly", False)

    @run_eagerly.setter
    def run_eagerly(self, eagerly):
        core.set_run_eagerly(self._handle, bool(eagerly))
        self.__dict__.setdefault("_kept_parts", {})["run_eagerly"] = bool(eagerly)

    # ---- words and files ----

    def summary(self, line_length=None, positions=None, print_fn=None, expand_nested=False, show_trainable=False):
        """Prints the layers, their shapes and their weights."""
        if positions is not None:
            raise NotImplementedError("summary: positions is not supported yet; see docs/differences.md")
        text = core.summary(self._handle, line_length or 0, expand_nested, show_trainable)
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
        return self._handle.config() if self._is_graph_network else {}

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
        raise TypeError("{}: models cannot be pickled yet; use get_config() and get_weights()".format(self.name))


class _CompiledLoss:
    def __init__(self, model):
        self._model = model

    def __call__(self, y_true, y_pred, sample_weight=None, regularization_losses=None):
        return core.compiled_loss(self._model._handle, y_true, y_pred, sample_weight, list(regularization_losses or ()))

    @property
    def metrics(self):
        return [m for m in self._model.metrics if m.name == "loss" or m.name.endswith("_loss")]


class _CompiledMetrics:
    def __init__(self, model):
        self._model = model

    def update_state(self, y_true, y_pred, sample_weight=None):
        core.update_compiled_metrics(self._model._handle, y_true, y_pred, sample_weight)

    @property
    def metrics(self):
        return [m for m in self._model.metrics if m.name != "loss" and not m.name.endswith("_loss")]


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
        core.sequential_add(self._handle, layer)
        self.__dict__["_kept_layers"].append(layer)

    @base
    def build(self, input_shape=None):
        """Builds the layers for inputs of that shape, with the batch. Raises ValueError if none is given."""
        if input_shape is None and not self.built:
            raise ValueError("You must provide an `input_shape` argument.")
        super().build(input_shape)

    def pop(self):
        """Takes the last layer away. Raises TypeError if there is none."""
        core.sequential_pop(self._handle)
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


def _deprecated(name, instead):
    warnings.warn("`Model.{}` is deprecated and will be removed in a future version. Please use `Model.{}`, which supports "
                  "generators.".format(name, instead), stacklevel=3)


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


def _map(convert, nest):
    if isinstance(nest, dict):
        return {key: _map(convert, value) for key, value in nest.items()}
    if isinstance(nest, (list, tuple)):
        return [_map(convert, value) for value in nest]
    return convert(nest)


def _form_of_data(x):
    """The tuples and named tuples that x was, which the engine has as lists; the specs of its leaves where some are sparse."""
    spec = getattr(x, "element_spec", None)
    if spec is None:
        return _form(x), None
    x = spec[0] if type(spec) is tuple and len(spec) <= 3 else spec
    specs = nest.flatten(x)
    return _form(x), specs if any(hasattr(spec, "_with_known_sizes") for spec in specs) else None


def _with_sizes(specs, x):
    """A nest in which sparse tensors know the sizes that their specs tell."""
    leaves = nest.flatten(x)
    if specs is None or len(leaves) != len(specs):
        return x
    return nest.pack_sequence_as(x, [spec._with_known_sizes(leaf) if hasattr(spec, "_with_known_sizes") else leaf
                                     for spec, leaf in zip(specs, leaves)])


def _numpy(nest):
    if hasattr(type(nest), "_is_composite_tensor_"):
        return nest
    if isinstance(nest, dict):
        return {key: _numpy(value) for key, value in nest.items()}
    if isinstance(nest, (list, tuple)):
        return type(nest)(_numpy(value) for value in nest)
    return nest.numpy() if hasattr(nest, "numpy") else nest


def _scalars(nest):
    if isinstance(nest, dict):
        return {key: _scalars(value) for key, value in nest.items()}
    if isinstance(nest, (list, tuple)):
        return [_scalars(value) for value in nest]
    return nest.numpy() if hasattr(nest, "numpy") else nest


def _steps(given, x, batch_size, split):
    """Batches an epoch, None where only the data tell."""
    import math
    if hasattr(given, "element_spec") or isinstance(given, Sequence):
        try:
            return len(given)
        except TypeError:
            return None
    rows = next((int(leaf.shape[0]) for leaf in _leaves(x) if hasattr(leaf, "shape") and len(leaf.shape)), None)
    return None if rows is None else math.ceil(math.floor(rows * (1 - (split or 0))) / (batch_size or 32))


def _leaves(nest):
    if isinstance(nest, dict):
        nest = list(nest.values())
    if isinstance(nest, (list, tuple)):
        return [leaf for item in nest for leaf in _leaves(item)]
    return [nest]


def _kind_of(x):
    return "`keras.utils.Sequence`" if isinstance(x, Sequence) else "dataset" if hasattr(
        x, "element_spec") else "python generator"
