# In: an optimizer whose class Python wrote, or changed: gradients and variables. Out: its step, as Keras' OptimizerV2 runs it:
# aggregated and clipped gradients, hyperparameters, slots, then _resource_apply_dense or _resource_apply_sparse of each variable.
import numpy as np

from ..._core import VariableBase, checkpoint, keras as core
from ..._framework.context import init_scope, name_scope
from ..._framework.slices import IndexedSlices
from ..._framework.variable import Variable

# What a class may override: then steps go through Python.
METHODS = ("apply_gradients", "minimize", "get_gradients", "_compute_gradients", "_transform_gradients",
           "_create_slots", "_prepare", "_prepare_local", "_resource_apply_dense", "_resource_apply_sparse",
           "_resource_apply_sparse_duplicate_indices", "_decayed_lr")
_STEPS = METHODS[4:]


class Written:
    """The half of an Optimizer that runs in Python. Those of the engine's classes use it only where theirs override it."""

    def _changed(self, names=METHODS):
        """Whether the class is written in Python, or overrides one of these methods of the engine's."""
        engines = next((cls for cls in type(self).__mro__ if "_record" in vars(cls) and cls._record is not None), None)
        return engines is None or any(getattr(type(self), name) is not getattr(engines, name) for name in names)

    # ---- hyperparameters of a class written in Python: the engine holds the learning rate, which callbacks set ----

    def _own_hypers(self):
        return self.__dict__.setdefault("_kept_hypers", {})

    def _set_own_hyper(self, name, value):
        hypers = self._own_hypers()
        if name == "learning_rate":
            if callable(value) and not hasattr(value, "_engine_handle"):
                value = value()
            self.__dict__.setdefault("_kept", []).append(value)
            core.set_hyper(self._engine_handle, name, value)
            hypers[name] = value if isinstance(value, (int, float)) else None
        elif isinstance(hypers.get(name), VariableBase) and not callable(value):
            hypers[name].assign(value)
        else:
            hypers[name] = value

    def _own_hyper(self, name):
        if name == "learning_rate":
            return core.hyper(self._engine_handle, name)
        value = self._own_hypers()[name]
        if isinstance(value, (bool, int, float)):
            with init_scope():
                value = self._own_hypers()[name] = Variable(value, trainable=False, name=name)
        asked = callable(value) and not isinstance(value, VariableBase) and not hasattr(value, "_engine_handle")
        return value() if asked else value

    def _serialize_hyperparameter(self, hyperparameter_name):
        """The value of a hyperparameter as configs have it."""
        from . import schedules
        name = hyperparameter_name
        value = self._own_hyper(name) if self._record is None and (
            name == "learning_rate" or not isinstance(self._own_hypers().get(name), (bool, int, float))) else (
            self._own_hypers()[name] if self._record is None else self._get_hyper(name))
        if isinstance(value, schedules.LearningRateSchedule):
            return schedules.serialize(value)
        if name == "learning_rate" and self._record is None:      # the number that was given, while it is the present one
            given, now = self._own_hypers()[name], self._engine_handle.config()[name]
            return given if given is not None and np.float32(given) == np.float32(now) else now
        return value.numpy() if hasattr(value, "numpy") else value

    def _decayed_lr(self, var_dtype):
        """The learning rate at this step: that of its schedule, over 1 + decay * iterations."""
        from ... import cast
        from . import schedules
        rate = self._get_hyper("learning_rate", None)
        steps = cast(self.iterations, var_dtype)
        rate = cast(rate(steps) if isinstance(rate, schedules.LearningRateSchedule) else rate, var_dtype)
        decay = self.__dict__.get("_initial_decay", 0.0)
        return rate / (1.0 + cast(decay, var_dtype) * steps) if decay > 0.0 else rate

    # ---- slots ----

    def _own_slots(self):
        return self.__dict__.setdefault("_kept_slots", {})      # variable.ref() -> {name: slot}

    def add_slot(self, var, slot_name, initializer="zeros", shape=None):
        """A variable of the form of `var` (or `shape`) that belongs to it; made once. `initializer`: a name, a function of a shape
        and a dtype, or the value."""
        from .. import initializers
        slots = self._own_slots().setdefault(var.ref(), {})
        if slot_name not in slots:
            if isinstance(initializer, str):
                initializer = initializers.get(initializer)
            with init_scope():
                form = list(var.shape if shape is None else shape)
                value = initializer(form, dtype=var.dtype) if callable(initializer) else initializer
                slots[slot_name] = Variable(value, trainable=False, dtype=var.dtype,
                                            name="{}/{}".format(var.name.rpartition(":")[0], slot_name))
        return slots[slot_name]

    def add_weight(self, name, shape, dtype=None, initializer="zeros", trainable=None, synchronization=None, aggregation=None):
        """A variable of the optimizer's own."""
        from .. import initializers
        initializer = initializers.get(initializer) if isinstance(initializer, str) else initializer
        with init_scope():
            value = initializer(shape, dtype=dtype or "float32") if callable(initializer) else initializer
            return Variable(value, trainable=bool(trainable), name=name, dtype=dtype or "float32")

    # ---- a step ----

    def _create_slots(self, var_list):
        """Makes the slots of these variables."""
        if self._record is not None:
            checkpoint.create_slots(self._engine_handle, var_list)

    def _create_all_weights(self, var_list):
        with name_scope(self._name), init_scope():
            core.iterations(self._engine_handle)
            if self._record is None:
                for name in self._own_hypers():
                    self._own_hyper(name)
            self._create_slots(var_list)

    def _prepare_local(self, var_device, var_dtype, apply_state):
        """What the steps of all variables of a device and a dtype share."""
        from ... import identity
        if self._record is not None or "learning_rate" in self._own_hypers():
            apply_state[(var_device, var_dtype)]["lr_t"] = identity(self._decayed_lr(var_dtype))

    def _prepare(self, var_list):
        state = {}
        for variable in var_list:
            place = variable.device, variable.dtype
            if place not in state:
                state[place] = {}
                self._prepare_local(*place, state)
        return state

    def _fallback_apply_state(self, var_device, var_dtype):
        state = {(var_device, var_dtype): {}}
        self._prepare_local(var_device, var_dtype, state)
        return state[(var_device, var_dtype)]

    def _resource_apply_dense(self, grad, handle, apply_state=None):
        """Steps one variable along its gradient."""
        if self._record is None:
            raise NotImplementedError("`_resource_apply_dense` must be implemented in subclasses.")
        core.update_only(self._engine_handle, [grad], [handle])

    def _resource_apply_sparse(self, grad, handle, indices, apply_state=None):
        """Steps the rows `indices` of one variable, each of which stands there once."""
        if self._record is None:
            raise NotImplementedError("Must be implemented in subclasses.")
        core.update_only(self._engine_handle, [IndexedSlices(grad, indices, handle.shape.as_list())], [handle])

    def _resource_apply_sparse_duplicate_indices(self, grad, handle, indices, **kwargs):
        """The same of rows that may stand there several times: their gradients are added first."""
        from ... import math, size, unique
        rows, places = unique(indices)
        return self._resource_apply_sparse(math.unsorted_segment_sum(grad, places, size(rows)), handle, rows, **kwargs)

    def _resource_scatter_add(self, x, i, v):
        x.scatter_add(IndexedSlices(v, i))
        return x.value()

    def _resource_scatter_update(self, x, i, v):
        x.scatter_update(IndexedSlices(v, i))
        return x.value()

    def _transform_gradients(self, grads_and_vars):
        """Clipped as the optimizer was told."""
        from ... import clip_by_global_norm, clip_by_norm, clip_by_value
        pairs = list(grads_and_vars)
        if self.clipvalue is not None:
            pairs = [(clip_by_value(g, -self.clipvalue, self.clipvalue), v) for g, v in pairs]
        if self.clipnorm is not None:
            pairs = [(clip_by_norm(g, self.clipnorm), v) for g, v in pairs]
        if self.global_clipnorm is not None:
            clipped, _ = clip_by_global_norm([g for g, _ in pairs], self.global_clipnorm)
            pairs = list(zip(clipped, [v for _, v in pairs]))
        return pairs

    def _step(self, pairs):
        """apply_gradients() in Python; no gradient is None."""
        from ...distribute import get_strategy
        if get_strategy().num_replicas_in_sync > 1:
            raise NotImplementedError(f"{type(self).__name__}: steps written in Python run in strategies of one replica only; use one of "
                                      "tf.keras.optimizers, or add the gradients up and step outside of Strategy.run")
        variables = [v for _, v in pairs]
        self._create_all_weights(variables)
        pairs, state = self._transform_gradients(pairs), self._prepare(variables)
        for gradient, variable in pairs:
            kwargs = {"apply_state": state} if _takes_state(self._resource_apply_sparse if isinstance(
                gradient, IndexedSlices) else self._resource_apply_dense) else {}
            if isinstance(gradient, IndexedSlices):
                self._resource_apply_sparse_duplicate_indices(gradient.values, variable, gradient.indices, **kwargs)
            else:
                self._resource_apply_dense(gradient, variable, **kwargs)
            constraint = getattr(variable, "constraint", None)
            if constraint is not None:
                variable.assign(constraint(variable))
        core.iterations(self._engine_handle).assign_add(1)

    def get_updates(self, loss, params):
        """Applies the gradients of a loss; [the count of steps]."""
        self.apply_gradients(zip(self.get_gradients(loss, params), params))
        return [self.iterations]


def _takes_state(method):
    import inspect
    parameters = inspect.signature(method).parameters.values()
    return any(p.name == "apply_state" or p.kind == p.VAR_KEYWORD for p in parameters)
