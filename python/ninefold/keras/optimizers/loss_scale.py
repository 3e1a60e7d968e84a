# In: an optimizer. Out: tf.keras.mixed_precision.LossScaleOptimizer: it with losses scaled, so that gradients of float16 do
# not vanish.
from ..._core import keras as core
from .. import shell
from . import _CLIPS, Optimizer, deserialize, serialize


class _Node:
    """A node of checkpoints that holds these children."""

    def __init__(self, children=()):
        self._children = list(children)

    def _trackable_children_(self):
        return self._children


class LossScaleOptimizer(Optimizer):
    """Another optimizer whose losses are scaled up before gradients are taken, and whose gradients are scaled down again.

    A dynamic scale begins with `initial_scale` (2^15) and doubles after `dynamic_growth_steps` (2000) steps with finite
    gradients; a step with others changes no variable, but halves the scale. `dynamic=False` keeps `initial_scale`.
    minimize() and fit() scale by themselves; with a tape of one's own call get_scaled_loss() and get_unscaled_gradients().
    Hyperparameters are those of `inner_optimizer`. Raises TypeError for what is no optimizer, ValueError for one that is
    wrapped already.
    """

    _record = shell.record("optimizer", "LossScaleOptimizer")

    def __init__(self, inner_optimizer, dynamic=True, initial_scale=None, dynamic_growth_steps=None):
        if not isinstance(inner_optimizer, Optimizer):
            raise TypeError('"inner_optimizer" must be an instance of `tf.keras.optimizers.Optimizer` or '
                            f"`tf.keras.optimizers.experimental.Optimizer`, but got: {inner_optimizer}.")
        if not isinstance(dynamic, bool):
            raise TypeError(f'"dynamic" argument to LossScaleOptimizer.__init__ must be a bool, but got: {dynamic!r}')
        if isinstance(inner_optimizer, LossScaleOptimizer):
            raise TypeError(f"LossScaleOptimizer cannot wrap another LossScaleOptimizer, but got: {inner_optimizer}")
        if inner_optimizer.__dict__.get("_kept_scaled"):
            raise ValueError('"inner_optimizer" is already wrapped by a LossScaleOptimizer. An optimizer can only be wrapped '
                             "by a single LossScaleOptimizer")
        if inner_optimizer._changed():
            raise NotImplementedError(f"LossScaleOptimizer: the steps of {type(inner_optimizer).__name__} are written in Python, and only "
                                      "those of tf.keras.optimizers can be scaled")
        self._adopt(core.make("optimizer", "LossScaleOptimizer", {
            "inner_optimizer": inner_optimizer, "dynamic": dynamic,
            "initial_scale": None if initial_scale is None else float(initial_scale),
            "dynamic_growth_steps": None if dynamic_growth_steps is None else int(dynamic_growth_steps)}))
        inner_optimizer.__dict__["_kept_scaled"] = True
        self.__dict__["_kept_inner"] = inner_optimizer

    @property
    def inner_optimizer(self):
        """The optimizer that makes the steps."""
        if "_kept_inner" not in self.__dict__:
            self.__dict__["_kept_inner"] = core.loss_scale_parts(self._engine_handle)[0]
        return self.__dict__["_kept_inner"]

    @property
    def loss_scale(self):
        """The present scale, a float32 tensor."""
        return core.loss_scale_parts(self._engine_handle)[1]

    @property
    def dynamic(self):
        """Whether the scale follows what overflows."""
        return self._engine_handle.config()["dynamic"]

    @property
    def dynamic_counter(self):
        """A variable: steps with finite gradients since the scale changed last. None if the scale is fixed."""
        return core.loss_scale_parts(self._engine_handle)[3]

    @property
    def initial_scale(self):
        return self._engine_handle.config()["initial_scale"]

    @property
    def dynamic_growth_steps(self):
        """After how many steps with finite gradients the scale doubles. None if it is fixed."""
        return self._engine_handle.config()["dynamic_growth_steps"]

    def get_scaled_loss(self, loss):
        """The loss, a tensor or a callable that gives one, times the scale."""
        if callable(loss):
            return lambda: core.loss_scaled(self._engine_handle, loss())
        return core.loss_scaled(self._engine_handle, loss)

    def get_unscaled_gradients(self, grads):
        """The gradients divided by the scale; those that are None stay."""
        return core.gradients_unscaled(self._engine_handle, list(grads))

    def _compute_gradients(self, loss, var_list, grad_loss=None, tape=None):
        from ... import GradientTape
        tape = GradientTape() if tape is None else tape
        with tape:
            loss = self.get_scaled_loss(loss)
        pairs = self.inner_optimizer._compute_gradients(loss, var_list, grad_loss, tape)
        return list(zip(self.get_unscaled_gradients([g for g, _ in pairs]), [v for _, v in pairs]))

    def get_gradients(self, loss, params):
        return self.get_unscaled_gradients(self.inner_optimizer.get_gradients(self.get_scaled_loss(loss), params))

    def get_config(self):
        return dict(self._engine_handle.config(), inner_optimizer=serialize(self.inner_optimizer))

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        if "loss_scale" in config:      # as TensorFlow 2.3 wrote it
            said = config.pop("loss_scale")
            kind, fields = said["class_name"], said["config"]
            config["inner_optimizer"] = config.pop("optimizer")
            if kind == "FixedLossScale":
                config.update(dynamic=False, initial_scale=fields["loss_scale_value"])
            elif kind == "DynamicLossScale":
                if fields["multiplier"] != 2:
                    raise ValueError("Cannot deserialize LossScaleOptimizer with a DynamicLossScale whose multiplier is not 2. "
                                     f"Got DynamicLossScale: {fields}")
                config.update(dynamic=True, initial_scale=fields["initial_loss_scale"],
                              dynamic_growth_steps=fields["increment_period"])
            else:
                raise ValueError("Serialized LossScaleOptimizers with a LossScale that is neither a FixedLossScale nor a "
                                 "DynamicLossScale can no longer be deserialized")
        return cls(deserialize(config.pop("inner_optimizer"), custom_objects), **config)

    # ---- what is the inner optimizer's ----

    def _inner_has(self, name):
        if name in _CLIPS:
            return True
        if name == "decay":
            return "decay" in self.inner_optimizer._engine_handle.config()
        try:
            core.hyper(self._engine_handle, name)
        except (AttributeError, KeyError, ValueError):
            return False
        return True

    def __getattr__(self, name):
        if name == "lr":
            name = "learning_rate"
        if "_engine_handle" in self.__dict__ and not name.startswith("_") and self._inner_has(name):
            return getattr(self.inner_optimizer, name)
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __setattr__(self, name, value):
        if name == "lr":
            name = "learning_rate"
        if "_engine_handle" in self.__dict__ and not name.startswith("_") and (
                name in _CLIPS or not hasattr(type(self), name) and self._inner_has(name)):
            setattr(self.inner_optimizer, name, value)
        else:
            shell.Object.__setattr__(self, name, value)

    def __dir__(self):
        return sorted(set(super().__dir__()) | {name for name in self.inner_optimizer._hypers() + ["decay"] if self._inner_has(name)}
                      | {"lr"})

    # ---- checkpoints ----

    def _trackable_children_(self):
        """The scale, a node for files of old, then what the inner optimizer holds."""
        kept = self.__dict__
        if "_kept_nodes" not in kept:
            _, _, scale, counter = core.loss_scale_parts(self._engine_handle)
            state = [("loss_scale", _Node([("current_loss_scale", scale), ("good_steps", counter)]))] if scale is not None else []
            kept["_kept_nodes"] = state + [("base_optimizer", _Node())]
        return kept["_kept_nodes"] + self.inner_optimizer._trackable_children_()

    def __repr__(self):
        return "<keras.mixed_precision.loss_scale_optimizer.LossScaleOptimizer object at 0x{:x}>".format(id(self))


shell.classes[("optimizer", "LossScaleOptimizer")] = LossScaleOptimizer
