# In: a model, data as users have it. Out: compile, fit, evaluate, predict and their steps, which the engine runs.
import inspect
import warnings
import weakref

from .._core import keras as core
from .._framework import nest, trackable
from .callbacks import BackupAndRestore, Callback, History, ProgbarLogger
from .data import Unknown, arrays, source, type_name
from .interactive import verbosity
from .layer import _form, _formed
from .losses import as_loss
from .metrics import as_metric
from .shell import _is_base, base
from .utils import Sequence


class Training:
    """What a model is trained by."""

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
        core.compile(self._engine_handle, options)
        self._step_in_python(optimizer)
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
        if type(self).make_train_function is not Training.make_train_function:
            raise NotImplementedError(f"fit: {type(self).__name__} overrides make_train_function, which fit does not call here; override "
                                      "train_step, which it calls")
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
        core.fit(self._engine_handle, x, y, options)
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
                if x is None or any(isinstance(data, (str, bytes, bool, int, float, complex)) for data in (x, y)):
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
        self.__dict__["history"], callbacks = self._callbacks(callbacks)
        verbose = self._told(callbacks, verbose, 1, steps or _steps(given, x, batch_size, 0))
        return core.evaluate(self._engine_handle, x, y, dict(
            batch_size=batch_size, verbose=verbose, sample_weight=sample_weight, steps=steps, callbacks=callbacks,
            return_dict=return_dict))

    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None, max_queue_size=10, workers=1,
                use_multiprocessing=False):
        """What the model says of each row, as NumPy arrays in the structure of its outputs."""
        given = x
        x, _, _ = self._data(x, None, None, workers, use_multiprocessing, max_queue_size, False)
        self.__dict__["history"], callbacks = self._callbacks(callbacks) if callbacks else (History(), [])
        verbose = self._told(callbacks, verbose, 1, steps or _steps(given, x, batch_size, 0))
        return self._as_called(_numpy(core.predict(self._engine_handle, x, dict(
            batch_size=batch_size, verbose=verbose, steps=steps, callbacks=callbacks))))

    def _as_called(self, outputs):
        """What predict gives, in the tuples and named tuples that call() gave."""
        if type(self).predict_step is not Training.predict_step:
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
        return _scalars(core.train_on_batch(self._engine_handle, arrays(x), arrays(y), arrays(sample_weight), class_weight,
                                            reset_metrics, return_dict))

    def test_on_batch(self, x, y=None, sample_weight=None, reset_metrics=True, return_dict=False):
        return _scalars(core.test_on_batch(self._engine_handle, arrays(x), arrays(y), arrays(sample_weight), reset_metrics,
                                           return_dict))

    def predict_on_batch(self, x):
        return self._as_called(_numpy(core.predict_on_batch(self._engine_handle, arrays(x))))

    def _called(self, name, args, kwargs):
        if name == "call" and "_given" not in self.__dict__:    # by fit: what a dataset knows of its sparse tensors
            args = (_with_sizes(self.__dict__.get("_stream_specs"), args[0]), *args[1:])
        if name in ("train_step", "test_step", "predict_step"):
            args = (self._as_given(args[0]), *args[1:])
        return super()._called(name, args, kwargs)

    def _as_given(self, data):
        """A batch in the tuples and dicts that the user's data have, of which the engine made lists."""
        data = tuple(data) if isinstance(data, list) else data
        form = self.__dict__.get("_stream_form")
        if form is not None and isinstance(data, tuple) and data:
            data = (_formed(form, data[0]), *data[1:])
        if self.__dict__.get("_streams") and isinstance(data, tuple) and len(data) == 1 and isinstance(data[0], dict):
            return data[0]                      # what a dataset of dicts gives is the dict itself
        return data

    def _function_of(self, step):
        """A function of an iterator that takes a batch and runs a step on it."""
        from .. import function
        run = (lambda batch: step(batch)) if self.run_eagerly else function(lambda batch: step(batch))
        return lambda iterator: run(next(iterator))

    def make_train_function(self, force=False):
        """A function of an iterator that runs train_step on its next batch. fit() does not use it: override train_step instead."""
        return self._function_of(self.train_step)

    def make_test_function(self, force=False):
        return self._function_of(self.test_step)

    def make_predict_function(self, force=False):
        return self._function_of(self.predict_step)

    def _step_in_python(self, optimizer):
        """Where the optimizer's class is written in Python, or changed there, so is the step of training that the engine calls."""
        from .optimizers import Optimizer
        if not _is_base(type(self).train_step):
            return
        if isinstance(optimizer, Optimizer) and optimizer._changed():
            me = weakref.ref(self)
            self._engine_handle.override("train_step", lambda data: me()._written_step(data))
        elif "train_step" not in self.__dict__:
            self._engine_handle.override("train_step", None)

    def _written_step(self, data):
        """Keras' own step, of whose parts each may be the user's."""
        from .. import GradientTape
        from .utils import unpack_x_y_sample_weight
        x, y, sample_weight = unpack_x_y_sample_weight(self._as_given(data))
        with GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred, sample_weight)
        self.optimizer.minimize(loss, self.trainable_variables, tape=tape)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    @base
    def train_step(self, data):
        """One step of training on a batch (x, y[, sample_weight]); returns a dict of metrics."""
        return core.base_step(self._engine_handle, "train_step", data)

    @base
    def test_step(self, data):
        return core.base_step(self._engine_handle, "test_step", data)

    @base
    def predict_step(self, data):
        return core.base_step(self._engine_handle, "predict_step", data)

    @base
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
        return core.compute_loss(self._engine_handle, x, y, y_pred, sample_weight)

    @base
    def compute_metrics(self, x, y, y_pred, sample_weight):
        return core.compute_metrics(self._engine_handle, x, y, y_pred, sample_weight)

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


for _name, _method in vars(Training).items():     # as Python's own errors name Keras' methods
    if inspect.isfunction(_method):
        _method.__qualname__ = "Model." + _name


class _CompiledLoss:
    def __init__(self, model):
        self._model = model

    def __call__(self, y_true, y_pred, sample_weight=None, regularization_losses=None):
        return core.compiled_loss(self._model._engine_handle, y_true, y_pred, sample_weight,
                                  list(regularization_losses or ()))

    @property
    def metrics(self):
        return [m for m in self._model.metrics if m.name == "loss" or m.name.endswith("_loss")]


class _CompiledMetrics:
    def __init__(self, model):
        self._model = model

    def update_state(self, y_true, y_pred, sample_weight=None):
        core.update_compiled_metrics(self._model._engine_handle, y_true, y_pred, sample_weight)

    @property
    def metrics(self):
        return [m for m in self._model.metrics if m.name != "loss" and not m.name.endswith("_loss")]


def _deprecated(name, instead):
    warnings.warn("`Model.{}` is deprecated and will be removed in a future version. Please use `Model.{}`, which supports "
                  "generators.".format(name, instead), stacklevel=3)


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
