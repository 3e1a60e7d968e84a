# In: names, configs, classes. Out: tf.keras.optimizers.
import inspect
import sys
import types

from ..._core import VariableBase, checkpoint, distribute
from ..._core import keras as core
from ..._framework import trackable
from .. import shell
from ..shell import base
from . import schedules
from .written import _STEPS as STEPS, Written
from .schedules import LearningRateSchedule


_CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")


class Optimizer(Written, shell.Object):
    """Changes variables along their gradients: apply_gradients([(gradient, variable), ...])."""

    _kind = "optimizer"
    _overridable = ("get_config",)
    _use_locking = False

    def __init__(self, name, gradient_aggregator=None, gradient_transformers=None, **kwargs):
        if gradient_aggregator is not None or gradient_transformers is not None:
            raise NotImplementedError("Optimizer: gradient_aggregator and gradient_transformers are not supported yet")
        for keyword, value in kwargs.items():
            if keyword not in ("clipnorm", "clipvalue", "lr", "decay", "global_clipnorm"):
                raise TypeError("Unexpected keyword argument passed to optimizer: {}. Allowed kwargs are {}.".format(
                    keyword, {"clipnorm", "clipvalue", "lr", "decay", "global_clipnorm"}))
            if value is not None and value < 0:
                raise ValueError("Expected {} >= 0, received: {}".format(keyword, value))
        clips = {keyword: kwargs[keyword] for keyword in _CLIPS if kwargs.get(keyword) is not None}
        self.__dict__["_initial_decay"] = kwargs.get("decay", 0.0)
        self._adopt(core.make("optimizer", "SGD", dict(clips, name=name)))     # it holds the rate, counts and clips; Python steps

    def _construct(self, config):
        for name in config:
            if name in ("lr", "decay", "clipnorm", "clipvalue", "global_clipnorm") or any(
                    name == field[0] for field in self._record["fields"]):
                continue
            raise TypeError("Unexpected keyword argument passed to optimizer: {}. Allowed kwargs are {}.".format(
                name, {"clipnorm", "clipvalue", "lr", "decay", "global_clipnorm"}))
        if config.get("lr") is not None:
            import warnings
            warnings.warn("The `lr` argument is deprecated, use `learning_rate` instead.", stacklevel=4)
            config["learning_rate"] = config.pop("lr")
        rate = config.get("learning_rate")
        if callable(rate) and not isinstance(rate, shell.Object):
            config["learning_rate"] = rate()
        self.__dict__["_kept"] = [v for v in config.values() if isinstance(v, shell.Object)]
        self._adopt(core.make("optimizer", self._record["names"][0], config))

    def _hypers(self):
        return [field[0] for field in self._record["fields"]] if self._record else []

    def __getattr__(self, name):
        if "_engine_handle" in self.__dict__:
            if name == "lr":
                name = "learning_rate"
            if name in _CLIPS:
                return self._engine_handle.config().get(name)
            if self._record is None:
                if name in self._own_hypers():
                    return self._own_hyper(name)
                raise AttributeError("'{}' object has no attribute '{}'".format(type(self).__name__, name))
            if name in self._own_hypers():      # of a class derived from an engine's one
                return self._own_hyper(name)
            if name in self._engine_handle.config():
                try:
                    return core.hyper(self._engine_handle, name)
                except (AttributeError, KeyError, ValueError):
                    return self._engine_handle.config()[name]
        raise AttributeError("'{}' object has no attribute '{}'".format(type(self).__name__, name))

    def __setattr__(self, name, value):
        if name == "lr":
            name = "learning_rate"
        if "_engine_handle" in self.__dict__ and self._record is None and name not in _CLIPS:
            if name in self._own_hypers():
                self._set_own_hyper(name, value)
            else:
                object.__setattr__(self, name, value)
        elif "_engine_handle" in self.__dict__ and not name.startswith("_") and (
                name in _CLIPS or name in self._engine_handle.config()):
            if isinstance(value, shell.Object):
                self.__dict__.setdefault("_kept", []).append(value)
            if not core.set_field(self._engine_handle, name, value):
                core.set_hyper(self._engine_handle, name, value)
        else:
            super().__setattr__(name, value)

    @base
    def get_config(self):
        """The constructor's arguments; of a class written in Python its name and how it clips."""
        config = self._engine_handle.config()
        return config if self._record is not None else {key: value for key, value in config.items() if key == "name" or key in _CLIPS}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """An optimizer from get_config(); its learning rate may be the config of a schedule."""
        config = dict(config)
        if "lr" in config:
            config["learning_rate"] = config.pop("lr")
        if isinstance(config.get("learning_rate"), dict):
            config["learning_rate"] = schedules.deserialize(config["learning_rate"], custom_objects)
        return cls(**config)

    # ---- checkpoints ----

    _track_trackable = trackable.track

    def _trackable_children_(self):
        """iter, the hyperparameters by their names, what else it counts; then the attributes of the user's class."""
        found = {}
        weights = core.optimizer_weights(self._engine_handle)
        if weights:
            found["iter"] = core.iterations(self._engine_handle)
            for name in sorted(set(self._hypers()) | {"decay"}) if self._record is not None else sorted(self._own_hypers()):
                value = self._hyper_node(name)
                if value is not None:
                    found[name] = value
            for variable in weights:
                if variable.name.rpartition("/")[2] == "momentum_cache:0":      # Nadam's
                    found["momentum_cache"] = variable
        for name, value in trackable.attributes(self, trackable.INTERNAL):
            if not name.startswith("_kept"):
                found.setdefault(name, value)
        return list(found.items())

    def _hyper_node(self, name):
        if self._record is None:
            value = self._own_hyper(name)
            return value if isinstance(value, VariableBase) else None
        if name == "decay":
            if "decay" not in self._engine_handle.config():
                return None
            return self.__dict__.setdefault("_kept_decay", _Decay(self._engine_handle))
        try:
            value = core.hyper(self._engine_handle, name)
        except (AttributeError, KeyError, ValueError):
            return None
        return value if isinstance(value, VariableBase) else None

    def _slots_of_(self, variables):
        """[(number, slot name, slot)] of [(number, variable)]: slot after slot, as checkpoints list them."""
        found = []
        for name in self.get_slot_names():
            found += [(number, name, slot) for number, variable in variables
                      for slot in [self._slot_or_none_(variable, name)] if slot is not None]
        return found

    def _slot_or_none_(self, variable, name):
        if variable.ref() in self._own_slots():
            return self._own_slots()[variable.ref()].get(name)
        try:
            return core.slot(self._engine_handle, variable, name)
        except KeyError:
            return None

    def _make_slots_(self, variables):
        if self._record is None:
            self._create_all_weights(variables)
        else:
            checkpoint.create_slots(self._engine_handle, variables)

    def _restore_awaited(self):
        """Before the first step: a checkpoint may have values for what that step would make."""
        if self.__dict__.get("_awaited"):
            core.iterations(self._engine_handle)       # which makes the hyperparameters' variables too
            trackable.resolve(self)

    @property
    def _name(self):
        return core.optimizer_name(self._engine_handle)

    @property
    def iterations(self):
        made = core.iterations(self._engine_handle)
        self._restore_awaited()
        return made

    @property
    def weights(self):
        own = [slot for slots in self._own_slots().values() for slot in slots.values()]
        return core.optimizer_weights(self._engine_handle) + own

    variables = property(lambda self: lambda: self.weights)

    def get_weights(self):
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights):
        own = self.weights
        if len(own) != len(weights):
            raise ValueError(
                "You called `set_weights(weights)` on optimizer {} with a  weight list of length {}, but the optimizer "
                "was expecting {} weights. Provided weights: {}...".format(
                    self._name, len(weights), len(own), str(weights)[:50]))
        for variable, array in zip(own, weights):
            if tuple(variable.shape) != tuple(getattr(array, "shape", ())):
                raise ValueError("Optimizer weight shape {} not compatible with provided weight shape {}.".format(
                    tuple(variable.shape), tuple(getattr(array, "shape", ()))))
        for variable, array in zip(own, weights):
            variable.assign(array)

    def apply_gradients(self, grads_and_vars, name=None, experimental_aggregate_gradients=True):
        """One step. Pairs whose gradient is None are skipped; ValueError if all are. In a replica of several what all of them bring is
        added up first, unless `experimental_aggregate_gradients` is False: then the gradients are one replica's, which are those of
        all after an `all_reduce`."""
        pairs = list(grads_and_vars)
        if not pairs:
            return None
        if all(g is None for g, _ in pairs):
            raise ValueError("No gradients provided for any variable: {}. Provided `grads_and_vars` is {}.".format(
                ([v.name for _, v in pairs],), tuple(pairs)))
        self._restore_awaited()
        for _, v in pairs:      # what the user's variables are bound by, as the engine takes it
            if getattr(v, "constraint", None) is not None and "_kept_constraint" not in v.__dict__:
                v._kept_constraint = shell.part("constraint", v.constraint)

        def step(of_replicas=()):
            if self._changed(STEPS):
                self._step([(g, v) for g, v in pairs if g is not None])
            else:
                core.apply_gradients(self._engine_handle, [g for g, _ in pairs], [v for _, v in pairs])
            return []
        if experimental_aggregate_gradients or distribute.replicas() == 1:
            step()
        else:       # once for all replicas, which share their variables
            distribute.merge_call([], step)
        return self.iterations

    def get_gradients(self, loss, params):
        from ... import gradients
        return gradients(loss, params)

    def minimize(self, loss, var_list, grad_loss=None, name=None, tape=None):
        """Computes gradients of a callable, or of a tensor and its tape, and applies them."""
        return self.apply_gradients(self._compute_gradients(loss, var_list, grad_loss, tape))

    def _compute_gradients(self, loss, var_list, grad_loss=None, tape=None):
        """[(gradient, variable)] of `minimize`."""
        from ... import GradientTape
        if not callable(loss) and tape is None:
            raise ValueError("`tape` is required when a `Tensor` loss is passed. Received: loss={}, tape={}.".format(
                loss, tape))
        if callable(loss):
            tape = GradientTape() if tape is None else tape
            with tape:
                if not callable(var_list):
                    tape.watch(var_list)
                loss = loss()
                if callable(var_list):
                    var_list = var_list()
        variables = list(var_list) if isinstance(var_list, (list, tuple)) else [var_list]
        return list(zip(tape.gradient(loss, variables, grad_loss), variables))

    def get_slot_names(self):
        found = {name: None for slots in self._own_slots().values() for name in slots}
        return core.slot_names(self._engine_handle) + list(found)

    def get_slot(self, var, slot_name):
        own = self._own_slots().get(var.ref(), {})
        if slot_name in own or self._record is None:
            return own[slot_name]
        return core.slot(self._engine_handle, var, slot_name)

    def _set_hyper(self, name, value):
        if self._record is None or not self._of_engine(name):
            self._set_own_hyper(name, value)
        else:
            core.set_hyper(self._engine_handle, name, value)

    @property
    def _hyper(self):
        """The hyperparameters by their names."""
        told = self._engine_hypers() if self._record is not None else []
        return {name: self._get_hyper(name) for name in (*told, *self._own_hypers())}

    def _engine_hypers(self):
        return [name for name, value in self._engine_handle.config().items()
                if name != "epsilon" and name not in _CLIPS and not isinstance(value, (bool, str, type(None)))]

    @property
    def _dense_apply_args(self):
        return inspect.getfullargspec(self._resource_apply_dense).args

    @property
    def _sparse_apply_args(self):
        return inspect.getfullargspec(self._resource_apply_sparse).args

    def _of_engine(self, name):
        """Whether the engine's class has this hyperparameter; a class derived from it may add its own."""
        return name == "learning_rate" or name in self._engine_handle.config()

    def _get_hyper(self, name, dtype=None):
        own = self._record is None or name in self._own_hypers()
        value = self._own_hyper(name) if own else core.hyper(self._engine_handle, name)
        if dtype is None or isinstance(value, LearningRateSchedule):
            return value
        from ... import cast
        return cast(value, dtype)

    def __repr__(self):
        return "<keras.optimizers.optimizer_v2.{}.{} object at 0x{:x}>".format(
            core.snake_case(type(self).__name__), type(self).__name__, id(self))


class _Decay:
    """The number `decay`, which is a variable in Keras."""

    def __init__(self, handle):
        self._optimizer = handle

    def _trackable_children_(self):
        return []

    def _saveables_(self):
        def read():
            from ... import constant
            return {"": constant(float(self._optimizer.config()["decay"]), "float32")}
        return [trackable.Saveable("VARIABLE_VALUE", "decay", read, lambda key, values: core.set_hyper(
            self._optimizer, "decay", float(values[""].numpy())))]


shell.defaults["optimizer"] = Optimizer


def serialize(optimizer):
    return shell.serialized(optimizer)

def get(identifier):
    """An optimizer from its name, its config, a class or itself. Raises ValueError for what is none."""
    if isinstance(identifier, Optimizer):
        return identifier
    if inspect.isclass(identifier) and issubclass(identifier, Optimizer):
        return identifier()
    if isinstance(identifier, (str, dict)):
        return deserialize(identifier)
    raise ValueError("Could not interpret optimizer identifier: {}".format(identifier))


def deserialize(config, custom_objects=None):
    from ..utils import get_custom_objects
    name, fields = (config, {}) if isinstance(config, str) else shell.told(config, "optimizer")
    fields = dict(fields)
    cls = (custom_objects or {}).get(name) or get_custom_objects().get(name)
    if cls is None:
        cls = next((c for (kind, n), c in shell.classes.items() if kind == "optimizer" and n.lower() == name.lower()), None)
    if cls is None:
        core.get("optimizer", name)     # raises Keras' error
    if "custom_objects" in inspect.signature(cls.from_config).parameters:
        return cls.from_config(fields, custom_objects=custom_objects)
    return cls.from_config(fields)


from .loss_scale import LossScaleOptimizer  # noqa: E402

shell.fill(globals(), "optimizer", lambda record: Optimizer, "keras.optimizers")


legacy = types.ModuleType("keras.optimizers.legacy")      # these optimizers by the name that later versions give them
legacy.__dict__.update({cls.__name__: cls for (kind, _), cls in shell.classes.items()
                        if kind == "optimizer" and cls is not LossScaleOptimizer}, Optimizer=Optimizer)
sys.modules[__name__ + ".legacy"] = legacy
