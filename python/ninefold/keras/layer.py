# In: arguments of layers. Out: tf.keras.layers.Layer, whose work the engine does.
import inspect
import weakref

import numpy as np

from .._core import VariableBase, is_tensor, keras as core
from .._framework import nest, trackable
from .._framework.module import Module
from . import copying, explaining, mistakes, saved_calls, shell
from .described import Described, shapes as _shapes
from .shell import base


def _nested(value):
    """The layers and variables in an attribute: itself, or in lists, tuples and dicts."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _nested(item)
    elif isinstance(value, dict):
        for key in sorted(value, key=str):      # as Keras goes through dicts
            yield from _nested(value[key])
    else:
        yield value


def _spec(value):
    """InputSpecs as the engine reads them: dicts, alone or in lists and dicts."""
    if hasattr(value, "get_config"):
        told = {key: part for key, part in value.get_config().items() if part is not None}
        told["axes"] = {str(axis): size for axis, size in (told.get("axes") or {}).items()}
        return {**told, **{key: getattr(value, key) for key in ("name", "allow_last_axis_squeeze") if getattr(value, key, None)}}
    if isinstance(value, (list, tuple)):
        return [_spec(part) for part in value]
    return {key: _spec(part) for key, part in value.items()} if isinstance(value, dict) else value


def _specs(value):
    """The InputSpecs that such dicts tell of."""
    from .layers import InputSpec
    if isinstance(value, (list, tuple)):
        return [_specs(part) for part in value]
    if not isinstance(value, dict):
        return value
    if not set(value) <= {*InputSpec().get_config(), "name", "allow_last_axis_squeeze"}:
        return {key: _specs(part) for key, part in value.items()}
    axes = {int(axis): size for axis, size in value.get("axes", {}).items()}
    return InputSpec(**{**value, "axes": axes})


def _tracked(value):
    """An attribute as the engine tracks it (keras_foreign.cc): a layer, or [is it a module?, [what a container holds],
    [variables]]; None for anything else. Keras goes through dicts by their keys' texts."""
    if isinstance(value, Layer):
        return value
    if isinstance(value, Module):
        return [True, [], list(value.variables)]
    if isinstance(value, (list, tuple, dict)):
        items = [value[k] for k in sorted(value, key=str)] if isinstance(value, dict) else value
        held = [found for found in map(_tracked, items) if found is not None]
        variables = [v for v in (value.values() if isinstance(value, dict) else value) if isinstance(v, VariableBase)]
        return [False, held, variables] if held or variables else None
    return None


def _policy(dtype):
    """A dtype, a policy or its name as the engine takes it: the name of a policy."""
    if isinstance(dtype, (str, dict)):
        return dtype
    if hasattr(dtype, "compute_dtype"):
        return dtype.name
    from .. import as_dtype
    return as_dtype(dtype).name


# Fields whose values are tuples in Keras' configs and attributes, where the engine has lists.
_TUPLES = frozenset(("batch_input_shape", "kernel_size", "strides", "dilation_rate", "pool_size", "padding", "cropping", "size",
                     "target_shape", "dims"))


def _weight_name(variable):
    """What Keras' attribute of that weight is called."""
    return variable.name.rpartition("/")[2].partition(":")[0]


def _tupled(value):
    return tuple(_tupled(item) for item in value) if isinstance(value, list) else value


def with_tuples(config):
    """A config that the engine tells, with those of the layers within."""
    def whole(value):
        if isinstance(value, list):
            return [whole(item) for item in value]
        if not isinstance(value, dict) or not isinstance(value.get("config"), dict):
            return value
        name = value.get("class_name")
        known = name in ("Functional", "Sequential") or ("layer", name) in shell.classes
        return {**value, "config": with_tuples(value["config"])} if known else value
    return {key: _tupled(value) if key in _TUPLES else whole(value) for key, value in config.items()}


# Weights that Keras' layers have as attributes, too, where these fields say that there are none.
_ABSENT = {"bias": ("use_bias", "bias_axes"), "gamma": ("scale",), "beta": ("center",), "scale": ("use_scale",),
           "embeddings": ()}


def _attention_parts(layers):
    names = {"query": "_query_dense", "key": "_key_dense", "value": "_value_dense", "attention_output": "_output_dense"}
    return {names[layer.name]: layer for layer in layers if layer.name in names}


# The names of the layers within a layer of the engine, by its class: what Keras' attributes are called.
_PARTS = {
    "MultiHeadAttention": _attention_parts,
    "StackedRNNCells": lambda layers: {"cells": list(layers)},
    "Bidirectional": lambda layers: dict(zip(("forward_layer", "backward_layer"), layers)),
    "TimeDistributed": lambda layers: {"layer": layers[0]} if layers else {},
    **{name: lambda layers: {"cell": layers[0]} if layers else {} for name in (
        "RNN", "LSTM", "GRU", "SimpleRNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")}}


def _form(value):
    """What a structure looks like, without what it holds; None for a tensor or a list of them, which the engine
    gives back as they are."""
    if isinstance(value, (tuple, dict)) or isinstance(value, list) and any(_form(item) is not None for item in value):
        return nest.map_structure(lambda _: 0, value)
    return None


def _formed(form, value):
    """A structure as it was before the engine had it."""
    if form is None:
        return value
    flat = nest.flatten(value)
    return nest.pack_sequence_as(form, flat) if len(flat) == len(nest.flatten(form)) else value


def _once(*lists):
    """The objects of all lists in order, each once."""
    found = {}
    for items in lists:
        for item in items:
            found.setdefault(item._key, item)
    return list(found.values())


# What `call` names its first argument, where that is not `inputs`.
_FIRST = {"MultiHeadAttention": "query"}

_READ_ONLY = ("Can't set the attribute \"{}\", likely because it conflicts with an existing read-only @property of the object. "
              "Please choose a different name.")

_NO_CONFIG = """
Layer {} has arguments {}
in `__init__` and therefore must override `get_config()`.

Example:

class CustomLayer(keras.layers.Layer):
    def __init__(self, arg1, arg2):
        super().__init__()
        self.arg1 = arg1
        self.arg2 = arg2

    def get_config(self):
        config = super().get_config()
        config.update({{
            "arg1": self.arg1,
            "arg2": self.arg2,
        }})
        return config"""


class Layer(Described, shell.Object, Module):
    """A function of tensors with state: build() makes its weights once, call() computes.

    Args: trainable: whether its weights take part in training. name: its name, unique in a model; made
    from the class' name if None. dtype: of its weights and computations. dynamic: run without tracing.
    """

    _kind = "layer"
    _is_graph_network = False       # a model made of layers that are there already
    _overridable = ("call", "build", "compute_mask", "compute_output_shape", "get_config")
    # What is no attribute of the user's: the engine keeps it.
    _engine = ("trainable", "built", "stateful", "supports_masking", "input_spec")

    def __init__(self, trainable=True, name=None, dtype=None, dynamic=False, **kwargs):
        config = dict(kwargs)
        if name is not None:
            config["name"] = name
        if dtype is not None:
            config["dtype"] = _policy(dtype)
        if not trainable:
            config["trainable"] = False
        if dynamic:
            config["dynamic"] = True
        if isinstance(config.get("activity_regularizer"), (str, dict)) or callable(config.get("activity_regularizer")):
            config["activity_regularizer"] = core.get("regularizer", shell.part("regularizer", config["activity_regularizer"]))
            self._keep([config["activity_regularizer"]])
        self._adopt(core.foreign(self._kind, type(self).__name__, config))

    def _construct(self, config):
        record = self._record
        mistakes.check(record, config)
        kinds = {field[0]: field[3] for field in record["fields"]}
        for name, value in config.items():
            if kinds.get(name) in shell.PARTS:
                config[name] = part = shell.part(kinds[name], value)
                if isinstance(part, shell.Object):      # what the attribute of that name gives back
                    self.__dict__.setdefault("_kept_given", {})[name] = part.__dict__.get("_function", part)
            elif name == "dtype" and value is not None:
                config[name] = _policy(value)
        if type(self).__name__ != record["names"][0] and config.get("name") is None:
            config["name"] = core.unique_name(core.snake_case(type(self).__name__))
        self._keep(config.values())
        self._adopt(core.make(record["kind"], record["names"][0], config))

    def _keep(self, values):
        """Python objects that the engine holds weakly live as long as this shell."""
        kept = self.__dict__.setdefault("_kept", [])
        kept.extend(v for v in values if isinstance(v, shell.Object))

    def _adopt(self, handle, overrides=True):
        super()._adopt(handle, overrides)
        me = weakref.ref(self)
        if self._record is not None:
            handle.override("_attribute", lambda name: me().__dict__.get(name))
        elif overrides:
            handle.override("_tracked", lambda: me()._own_parts())
            handle.override("_sublayers", lambda: me()._own_layers())

    # ---- attributes ----

    def __setattr__(self, name, value):
        if type(value) is trackable.NoDependency:
            value = value.value
        if "_engine_handle" not in self.__dict__:
            own = inspect.getattr_static(type(self), name, None)
            if isinstance(own, property) and (getattr(own.fset, "__module__", None) or "").startswith(__package__):
                return      # before super().__init__(), which sets it anew, as in Keras
        elif name in self._engine:
            if name == "input_spec":
                self.__dict__[name], value = value, _spec(value)
            core.layer_set(self._engine_handle, name, value)
            return
        elif self._sets(name, value):
            return
        elif self._record is not None and (value is None or is_tensor(value) or isinstance(value, (VariableBase, np.ndarray))):
            core.stand_in(self._engine_handle, name, value)     # where the engine has such a weight
        before = self.__dict__.get(name)
        if before is not value and name in self.__dict__ and isinstance(value, (Layer, Module, list, tuple, dict)):
            del self.__dict__[name]             # what is tracked comes in the order in which it was set last
        try:
            super().__setattr__(name, value)
        except AttributeError:
            raise AttributeError(_READ_ONLY.format(name)) from None
        if "_engine_handle" in self.__dict__ and name != "_kept" and value is not before:
            self._track(value)
        if "_awaited" in self.__dict__:         # a restored checkpoint may have a value for it
            trackable.resolve(self)

    # Fields of the record whose attributes of the same name are something else, or nothing, in Keras.
    _no_options = frozenset(("layer", "backward_layer", "cell", "cells", "function", "vocabulary", "mean", "variance"))

    def _sets(self, name, value):
        """Sets an option that the engine computes by and the config tells; False for any other attribute."""
        record = type(self)._record
        if record is None or name in self._no_options or inspect.getattr_static(type(self), name, None) is not None:
            return False
        kind = next((field[3] for field in record["fields"] if field[0] == name), None)
        if kind is None:
            return False
        given = value
        if kind in shell.PARTS:
            given = shell.part(kind, value)
            self._keep([given])
        elif name == "dtype":
            return False
        if not core.set_field(self._engine_handle, name, given):
            return False
        self.__dict__.pop(name, None)
        if kind in shell.PARTS:
            part = given.__dict__.get("_function", given) if isinstance(given, shell.Object) else given
            self.__dict__.setdefault("_kept_given", {})[name] = part if isinstance(given, shell.Object) else value
        return True

    def _track(self, value):
        from .._framework.variable import Variable
        for item in _nested(value):
            if isinstance(item, Variable) and not any(item is v for v in core.layer_weights(self._engine_handle, "own")):
                core.track_variable(self._engine_handle, item, item.trainable)

    def _module_attributes_(self):
        """What a tf.Module that holds this layer finds in it, under the names that Keras' attributes have."""
        own = core.layer_weights(self._engine_handle, "own")
        return {"_non_trainable_weights": [v for v in own if not v.trainable], "_trainable_weights": [
            v for v in own if v.trainable], "_self_tracked_trackables": core.sublayers(self._engine_handle)}

    def _own_layers(self):
        """The layers among them, those of containers in their place, without repeats."""
        found = []

        def collect(parts):
            for part in parts:
                if isinstance(part, list):
                    collect(part[1])
                elif not any(part is other for other in found):
                    found.append(part)
        collect(self._own_parts())
        return found

    def _own_parts(self):
        """What is tracked of the attributes, in the order in which those were set."""
        found = (_tracked(value) for name, value in self.__dict__.items()
                 if not name.startswith("_kept") and name not in trackable.INTERNAL)
        return [part for part in found if part is not None]

    def __getattr__(self, name):
        # Only what is no ordinary attribute comes here.
        handle = self.__dict__.get("_engine_handle")
        if handle is None:
            raise AttributeError("'{}' object has no attribute '{}'; call super().__init__() first".format(
                type(self).__name__, name))
        if name == "input_spec":
            return _specs(core.layer_get(handle, name))
        if name in self._engine:
            return core.layer_get(handle, name)
        told = inspect.getattr_static(type(self), name, None)
        if isinstance(told, property):      # one that raised AttributeError: what it says is the answer
            return told.fget(self)
        if self._record is not None and not name.startswith("__"):
            for variable in core.layer_weights(handle, "own"):
                if _weight_name(variable) == name:
                    return variable
            for field, _, _, kind in self._record["fields"]:
                if field == name:
                    given = self.__dict__.get("_kept_given", {}).get(name)
                    if given is not None:
                        return given
                    value = handle.config().get(name)
                    return core.get(kind, value) if kind in shell.PARTS else _tupled(value) if name in _TUPLES else value
            if name in ("_query_dense", "_key_dense", "_value_dense", "_output_dense") and name in self._parts():
                return self._parts()[name]
            if name in _ABSENT and core.layer_get(handle, "built"):
                config = handle.config()
                if any(field in config and not config[field] for field in _ABSENT[name]):
                    return None
        raise AttributeError("'{}' object has no attribute '{}'".format(type(self).__name__, name))

    @property
    def name(self):
        return core.layer_name(self._engine_handle)

    @property
    def _name(self):
        return core.layer_name(self._engine_handle)

    @_name.setter
    def _name(self, value):
        core.set_layer_name(self._engine_handle, value)

    @property
    def dtype(self):
        return core.layer_get(self._engine_handle, "dtype")

    @property
    def variable_dtype(self):
        return core.layer_get(self._engine_handle, "dtype")

    @property
    def compute_dtype(self):
        return core.layer_get(self._engine_handle, "compute_dtype")

    @property
    def dynamic(self):
        return core.layer_get(self._engine_handle, "dynamic")

    @property
    def weights(self):
        return core.layer_weights(self._engine_handle, "all")

    variables = weights

    @property
    def trainable_weights(self):
        return core.layer_weights(self._engine_handle, "trainable")

    trainable_variables = trainable_weights

    @property
    def non_trainable_weights(self):
        return core.layer_weights(self._engine_handle, "non_trainable")

    non_trainable_variables = non_trainable_weights

    @property
    def losses(self):
        return core.layer_losses(self._engine_handle)

    @property
    def submodules(self):
        found = []
        for child in core.sublayers(self._engine_handle):
            found.append(child)
            found.extend(child.submodules)
        return tuple(found)

    @base
    def get_config(self):
        """The constructor's arguments; a class with arguments of its own has to say them itself."""
        if self._record is None and getattr(type(self).get_config, "_ninefold_base", False):
            spec = inspect.getfullargspec(type(self).__init__)
            extra = [a for a in spec.args if a not in ("name", "trainable", "dtype", "dynamic", "batch_input_shape")]
            if len(extra) > 1:      # the first is self
                raise NotImplementedError(_NO_CONFIG.format(type(self).__name__, extra))
        config = with_tuples(self._engine_handle.config())
        for kept in self.__dict__.get("_kept", ()):     # a layer as an activation: its name says too little
            function = kept.__dict__.get("_function")
            if isinstance(function, Layer):
                for field in ("activation", "recurrent_activation"):
                    if config.get(field) == type(function).__name__:
                        config[field] = {"class_name": config[field], "config": function.get_config()}
        return config

    # ---- copies: copy.deepcopy, pickle ----

    def __reduce__(self):
        return copying.reduced(self) if self._kind != "metric" or self._record is None else copying.reduced_part(self)

    def __setstate__(self, state):
        for name, value in state.items():
            setattr(self, name, value)

    # ---- checkpoints ----

    def _trackable_children_(self):
        """Weights and parts by the names that Keras' attributes have, then the attributes of the user's class."""
        found = {}
        if self._record is not None or type(self) is Layer:     # a Layer: one of the engine's, which has no class of its own here
            for variable in core.layer_weights(self._engine_handle, "own"):
                found[variable.name.rpartition("/")[2].partition(":")[0]] = variable
        named = self.__dict__.get("_kept_weights", {})
        given = {trackable.identity(variable) for variable in named.values()}
        found = {name: v for name, v in found.items() if trackable.identity(v) not in given}
        found.update(named)
        found.update(self._parts())
        for name, value in trackable.attributes(self, trackable.INTERNAL):
            if not name.startswith("_kept"):
                found.setdefault(name, value)
        return list(found.items())

    def _saved_model_children_(self):
        """The state of a layer's own generator, where Keras' layers have theirs."""
        state = core.generator_state(self._engine_handle) if self._record is not None else None
        if state is None:
            return []
        kept = self.__dict__
        if "_kept_generator" not in kept:
            kept["_kept_generator"] = trackable.Held(_generator=trackable.Held(_state_var=state))
        return [("_random_generator", kept["_kept_generator"])]

    def _parts(self):
        """The layers that the engine made within this one: {name: layer}."""
        if self._record is None:
            return {}
        parts = _PARTS.get(self._record["names"][0])
        found = parts(core.sublayers(self._engine_handle)) if parts else {}
        self.__dict__["_kept_within"] = list(found.values())   # their shells live as long as this one
        return found

    def _expecting_(self):
        """A checkpoint waits for the weights that build() will make: the engine is to say when it has."""
        if not self.built and self._record is not None:
            self._override("build")

    # ---- calls ----

    def __call__(self, *args, **kwargs):
        if not args:
            names = [_FIRST.get(self._record["names"][0], "inputs")] if self._record is not None else [
                p.name for p in inspect.signature(self.call).parameters.values()][:1]
            if not names or names[0] not in kwargs:
                raise ValueError("The first argument to `Layer.call` must always be passed.")
            args = (kwargs.pop(names[0]),)
        if self._record is None and len(args) > 1:
            args = self._named(args, kwargs)
        first = self._record is not None and "_built_with" not in self.__dict__
        if first:
            copying.remember(self, args[0])
        if saved_calls.watched is not None and self._record is not None:
            saved_calls.note(self, args, kwargs)
        training, mask = kwargs.pop("training", None), kwargs.pop("mask", None)
        if kwargs and self._is_graph_network and type(self).call is Layer.call:
            raise TypeError(f"{type(self).__name__}.call() got an unexpected keyword argument '{next(iter(kwargs))}'")
        if self._record is None:
            forms = [_form(a) for a in args]
            if any(form is not None for form in forms) or "_stream_form" in self.__dict__:
                self.__dict__["_forms_given"] = forms     # the engine knows lists and dicts: call() is to get what it was given
        outputs = core.layer_call(self._engine_handle, args[0], training, mask, list(args[1:]), kwargs)
        if first:
            self._name_weights(name for name, value in self.__dict__.items() if value is None)
        outputs = _formed(self.__dict__.pop("_form", None) or self.__dict__.get("_output_form"), outputs)
        from .symbolic import keep
        if keep(outputs, (self, args, kwargs)):
            self.__dict__.setdefault("_kept_calls", []).append(outputs)   # the engine's layers know theirs weakly
        return outputs

    @base
    def call(self, inputs, *args, **kwargs):
        """Computes; subclasses override it."""
        training, mask = kwargs.pop("training", None), kwargs.pop("mask", None)
        return core.base_call(self._engine_handle, inputs, training, mask, list(args), kwargs)

    @base
    def build(self, input_shape):
        """Makes the weights; called once, before the first call, with the shape of its input."""
        if self._record is not None:
            object.__setattr__(self, "_built_with", input_shape)
        before = list(self.__dict__)
        core.base_build(self._engine_handle, input_shape)
        if self._record is not None:
            self._name_weights(before)

    def _name_weights(self, before):
        """Attributes from before build() that are called as the weights it made are those weights from now on."""
        for name in set(before).intersection(_weight_name(v) for v in core.layer_weights(self._engine_handle, "own")):
            del self.__dict__[name]

    @base
    def compute_mask(self, inputs, mask=None):
        return core.base_compute_mask(self._engine_handle, inputs, mask)

    @base
    def compute_output_shape(self, input_shape):
        return core.base_compute_output_shape(self._engine_handle, input_shape)

    def _called(self, name, args, kwargs):
        method = getattr(self, name)
        if name == "call":
            kwargs = self._accepted(method, kwargs)
            forms = self.__dict__.pop("_forms_given", None)
            if forms is None:                   # called by fit: what the data's x was
                forms = (self.__dict__.get("_stream_form"),)
            args = [_formed(form, value) for form, value in zip(forms, args)] + list(args[len(forms):])
            if saved_calls.watched is not None or "_kept_call" not in self.__dict__:
                saved_calls.note(self, args, kwargs)
            from ..autograph import convert
            try:
                made = convert(method)(*args, **kwargs)
            except Exception as fault:
                raise explaining.explained(fault, self, method, args, kwargs) from None
            # The engine knows lists and dicts; tuples, named tuples and classes of dicts are put together again by __call__.
            self.__dict__["_form"] = self.__dict__["_said_form"] = _form(made)
            return made
        if name == "build":
            args = tuple(shell_shape(a) for a in args)
            method(*args, **kwargs)
            trackable.resolve(self)
            return None
        return method(*args, **kwargs)

    def _named(self, args, kwargs):
        """Arguments of call() that stand where it has `training` or `mask`, by their names: the engine is to know these two."""
        names = [name for name, p in inspect.signature(self.call).parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
        if not {"training", "mask"}.intersection(names[1:len(args)]):
            return args
        for name, value in zip(names[1:], args[1:]):
            if name in kwargs:
                raise TypeError("call() got multiple values for argument '{}'".format(name))
            kwargs[name] = value
        return args[:1] + args[len(names):]

    def _accepted(self, method, kwargs):
        """`training` and `mask` go only to those that take them, as Keras does; to those that must have them, always."""
        key = getattr(method, "__func__", method)
        cached = self.__dict__.get("_takes")
        if cached is None or cached[0] is not key:
            parameters = inspect.signature(method).parameters
            every = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
            needed = [name for name in ("training", "mask")
                      if name in parameters and parameters[name].default is inspect.Parameter.empty]
            cached = (key, None if every else frozenset(parameters), needed)
            object.__setattr__(self, "_takes", cached)
        takes = cached[1]
        for name in cached[2]:
            kwargs.setdefault(name, None)
        return {k: v for k, v in kwargs.items()
                if k not in ("training", "mask") or takes is None and v is not None or takes is not None and k in takes}

    # ---- state ----

    def add_weight(self, name=None, shape=None, dtype=None, initializer=None, regularizer=None, trainable=None,
                   constraint=None, use_resource=None, synchronization=None, aggregation=None, **kwargs):
        """A variable of this layer, made by `initializer` ("glorot_uniform" for floats)."""
        for keyword in kwargs:
            if keyword not in ("collections", "experimental_autocast", "caching_device", "getter", "layout"):
                raise TypeError("Unknown keyword argument:", keyword)
        parts = {"initializer": initializer, "regularizer": regularizer, "constraint": constraint}
        for kind, value in parts.items():
            parts[kind] = core.get(kind, shell.part(kind, value))
        self._keep(parts.values())
        if kwargs.get("getter") is not None:      # a variable that is there already
            made = kwargs["getter"](name=name, shape=shape, dtype=dtype, initializer=initializer, trainable=trainable,
                                    constraint=constraint)
            if not any(made is w or made.ref() == w.ref() for w in self.weights):
                core.track_variable(self._engine_handle, made, made.trainable if trainable is None else bool(trainable))
        else:
            made = core.add_weight(self._engine_handle, dict(
                parts, name=name, shape=() if shape is None else shape, dtype=dtype, trainable=trainable,
                autocast=kwargs.get("experimental_autocast", True)))
        if name is not None:
            self.__dict__.setdefault("_kept_weights", {})[name] = made     # its name in checkpoints
        if "_awaited" in self.__dict__:
            trackable.resolve(self)
        return made

    def add_loss(self, losses, **kwargs):
        """A tensor that the model adds to its loss, or a callable without arguments, which is asked at every step."""
        kwargs.pop("inputs", None)
        if kwargs:
            raise TypeError("Unknown keyword arguments: {}".format(kwargs.keys()))
        from .symbolic import is_symbolic
        for loss in nest.flatten(losses):
            if is_symbolic(loss):
                self._add_symbolic_loss(loss)
                continue
            if callable(loss) and not hasattr(loss, "dtype"):
                loss = _asked(loss)
                self.__dict__.setdefault("_kept_losses", []).append(loss)
            if loss is not None:
                core.add_loss(self._engine_handle, loss)

    def _add_symbolic_loss(self, loss):
        raise NotImplementedError("add_loss: {} is symbolic; call add_loss in the call() of a layer".format(loss))

    def _add_symbolic_metric(self, value, aggregation, name):
        raise NotImplementedError("add_metric: {!r} is a symbolic tensor; call add_metric in the call() of a layer"
                                  .format(name))

    def add_metric(self, value, name=None, **kwargs):
        """A tensor whose mean over the batches is a metric of the model. Raises ValueError without a name."""
        for keyword in kwargs:
            if keyword != "aggregation":
                raise TypeError("Unknown keyword arguments: ", list(kwargs))
        if name is None:
            raise ValueError("Please provide a name for your metric like "
                             "`self.add_metric(tf.reduce_sum(inputs), name='mean_activation')`")
        from .metrics import Mean
        from .symbolic import is_symbolic
        if is_symbolic(value):
            return self._add_symbolic_metric(value, kwargs.get("aggregation"), name)
        kept = self.__dict__.setdefault("_metrics", [])
        found = next((metric for metric in kept if metric.name == name), None)
        if found is None:
            found = Mean(name)
            kept.append(found)
        found(value)

    def _weight_parts(self):
        """What get_weights() tells, in its order: variables, and what lookup layers have learnt (adapting.Learnt)."""
        within = core.sublayers(self._engine_handle)
        if not any(getattr(layer, "_learns_terms", False) for layer in within + [s for l in within for s in l.submodules]):
            return core.layer_weights(self._engine_handle, "all")
        own = core.layer_weights(self._engine_handle, "own")
        return _once(self.trainable_weights + [v for v in own if not v.trainable],
                     [part for layer in within for part in layer._weight_parts()])

    def get_weights(self):
        """All weights as arrays; among them the terms that lookup layers have learnt."""
        return [part.numpy() for part in self._weight_parts()]

    def set_weights(self, weights):
        """Sets all weights from arrays in the order of get_weights(). Raises ValueError if one does not fit."""
        own = self._weight_parts()
        if len(own) != len(weights):
            raise ValueError(
                'You called `set_weights(weights)` on layer "{}" with a weight list of length {}, but the layer was '
                "expecting {} weights. Provided weights: {}...".format(
                    self.name, len(weights), len(own), str(weights)[:50]))
        for part, array in zip(own, weights):
            shape = tuple(getattr(array, "shape", ()))
            if hasattr(part, "shape") and not part.shape.is_compatible_with(shape):
                raise ValueError("Layer {} weight shape {} is not compatible with provided weight shape {}.".format(
                    self.name, part.shape, shape))
        for part, array in zip(own, weights):
            if hasattr(part, "shape"):
                part.assign(np.asarray(array, part.dtype.as_numpy_dtype))
        for part, array in zip(own, weights):   # their tables are made of the terms and of the weights set by now
            if not hasattr(part, "shape"):
                part.assign(array)
        for layer in (self, *self.submodules):
            if hasattr(layer, "finalize_state") and not hasattr(layer, "set_vocabulary"):
                layer.finalize_state()

    def count_params(self):
        if not self.built:
            raise ValueError(
                "You tried to call `count_params` on layer {}, but the layer isn't built. You can build it manually "
                "via: `{}.build(batch_input_shape)`.".format(self.name, self.name))
        return sum(int(part.shape.num_elements() or 0) for part in self._weight_parts() if hasattr(part, "shape"))

    # ---- calls on symbolic tensors ----

    @property
    def input(self):
        nodes = core.inbound(self._engine_handle)
        if not nodes:
            raise AttributeError("Layer {} is not connected, no input to return.".format(self.name))
        return nodes[0][0]

    @property
    def output(self):
        nodes = core.inbound(self._engine_handle)
        if not nodes:
            raise AttributeError("Layer {} has no inbound nodes.".format(self.name))
        return nodes[0][1]

    @property
    def input_shape(self):
        return self._shape_of_calls("input")

    @property
    def output_shape(self):
        return self._shape_of_calls("output")

    def _shape_of_calls(self, what):
        if self._kind not in ("layer", "metric"):
            return _shapes(getattr(self, what))      # a model's own, whatever it is called on
        nodes = core.inbound(self._engine_handle)
        if not nodes:
            raise AttributeError("The layer \"{}\" has never been called and thus has no defined {} shape.{}".format(
                self.name, what, " Note that the `input_shape` property is only available for Functional and Sequential models."
                if what == "input" else ""))
        found = [_shapes(node[what == "output"]) for node in nodes]
        if any(shapes != found[0] for shapes in found):
            raise AttributeError(
                "The layer \"{0}\" has multiple inbound nodes, with different {1} shapes. Hence the notion of \"{1} shape\" is "
                "ill-defined for the layer. Use `get_{1}_shape_at(node_index)` instead.".format(self.name, what))
        return [found[0]] if type(self).__name__ == "InputLayer" else found[0]      # of the entry, a list

    def __repr__(self):
        return "<{}.{} object at 0x{:x}>".format(type(self).__module__, type(self).__qualname__, id(self))


def _asked(function):
    """A function without arguments as an object that the engine calls; the shell owns the function, the engine does not."""
    made = shell.foreign_function("regularizer", function, "_unused")
    ref = weakref.ref(made)
    made._engine_handle.override("__call__", lambda: ref()._function())
    return made


class Wrapper(Layer):
    """A layer around another one, `layer`. A class derived from it hands that to `super().__init__(layer)`."""

    def __init__(self, *args, **kwargs):
        if self._record is not None:
            super().__init__(*args, **kwargs)
            return
        layer = args[0] if args else kwargs.pop("layer")
        if not isinstance(layer, Layer):
            raise AssertionError("Wrapper: expected a layer, got {!r}".format(layer))
        super().__init__(**kwargs)
        self._wrapped = layer

    @property
    def layer(self):
        return self.__dict__["_wrapped"] if "_wrapped" in self.__dict__ else core.sublayers(self._engine_handle)[0]

    def build(self, input_shape=None):
        if "_wrapped" in self.__dict__ and not self._wrapped.built:
            self._wrapped.build(input_shape)
            self._wrapped.built = True
        super().build(input_shape)

    def get_config(self):
        if "_wrapped" not in self.__dict__:
            return super().get_config()
        from .layers import serialize
        return {**Layer.get_config(self), "layer": serialize(self._wrapped)}

    def _trackable_children_(self):
        return [("layer" if name == "_wrapped" else name, child) for name, child in super()._trackable_children_()]

    @classmethod
    def from_config(cls, config, custom_objects=None):
        from .layers import deserialize
        config = dict(config)
        return cls(deserialize(config.pop("layer"), custom_objects), **config)


def shell_shape(value):
    """Shapes as build() sees them: TensorShape, in the nest of the inputs."""
    from .. import TensorShape
    if isinstance(value, dict):
        return {key: shell_shape(v) for key, v in value.items()}
    if isinstance(value, list) and value and not all(d is None or isinstance(d, int) for d in value):
        return [shell_shape(v) for v in value]
    return value if isinstance(value, TensorShape) or value is None else TensorShape(value)


shell.defaults["layer"] = Layer
