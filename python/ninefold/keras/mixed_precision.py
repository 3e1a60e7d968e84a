# In: a policy's name. Out: tf.keras.mixed_precision: in which dtypes layers compute.
from .._core import keras as core
from .._framework import logs
from .optimizers.loss_scale import LossScaleOptimizer  # noqa: F401

_MIXED = {"mixed_float16": ("float32", "float16"), "mixed_bfloat16": ("float32", "bfloat16")}


class Policy:
    """In which dtype a layer computes (compute_dtype) and keeps its variables (variable_dtype).

    name: "mixed_float16", "mixed_bfloat16", or the name of a dtype, which is both.
    """

    def __init__(self, name):
        from .. import as_dtype
        if isinstance(name, Policy):
            raise TypeError("'name' must be a string, such as 'float32'. Got: {}".format(name.name))
        if not isinstance(name, str):
            from ..dtypes import DType
            if isinstance(name, DType):
                raise TypeError("'name' must be a string, not a DType. Instead, pass DType.name. Got: {}".format(
                    name.name))
            raise TypeError("'name' must be a string, but got: {}".format(name))
        if name.endswith("_float32_vars"):
            instead = {"infer_float32_vars": "'mixed_float16' or 'mixed_bfloat16'",
                       "infer_with_float32_vars": "'mixed_float16' or 'mixed_bfloat16'",
                       "float16_with_float32_vars": "'mixed_float16'", "bfloat16_with_float32_vars": "'mixed_bfloat16'"}
            raise ValueError("Policies ending in '_float32_vars' have been removed from TensorFlow.{} Got policy name: '{}'".format(
                " Please use the {} policy instead.".format(instead[name]) if name in instead else "", name))
        if name in _MIXED:
            self._variable_dtype, self._compute_dtype = _MIXED[name]
        elif name == "_infer":
            self._variable_dtype = self._compute_dtype = None
        else:
            try:
                found = as_dtype(name).name
            except TypeError:
                raise ValueError("Cannot convert value {} to a mixed precision Policy. Valid policies include 'mixed_float16', "
                                 "'mixed_bfloat16', and the name of any dtype such as 'float32'.".format(name)) from None
            self._variable_dtype = self._compute_dtype = found
        self._name = name
        if name == "mixed_float16":
            _tell_about_speed()

    @property
    def name(self):
        return self._name

    @property
    def variable_dtype(self):
        """The dtype of the variables, unless a layer asks for another."""
        return self._variable_dtype

    @property
    def compute_dtype(self):
        """The dtype that inputs are cast to and outputs have."""
        return self._compute_dtype

    def get_config(self):
        return {"name": self.name}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        config.pop("loss_scale", None)      # as TensorFlow 2.3 wrote it
        return cls(**config)

    def __repr__(self):
        return '<Policy "{}">'.format(self._name)


def serialize(policy):
    """What configs hold: the name of a dtype, or a dict."""
    if type(policy) is Policy and policy.name not in _MIXED:
        return None if policy.name == "_infer" else policy.name
    return {"class_name": type(policy).__name__, "config": policy.get_config()}


def deserialize(config, custom_objects=None):
    if isinstance(config, str):
        return Policy(config)
    if config is None:
        return Policy("_infer")
    cls = (custom_objects or {}).get(config["class_name"], Policy)
    return cls.from_config(config["config"])


_told = False
_global = None      # the policy that was set, as it was given


def _tell_about_speed():
    """What machines make of float16, once."""
    global _told
    if _told:
        return
    _told = True
    from .. import config
    found = [config.experimental.get_device_details(gpu) for gpu in config.list_physical_devices("GPU")]
    slow = [f for f in found if not f.get("compute_capability") or tuple(f["compute_capability"]) < (7, 0)]
    prefix = "Mixed precision compatibility check (mixed_float16): "
    suffix = ("If you will use compatible GPU(s) not attached to this host, e.g. by running a multi-worker model, you can "
              "ignore this warning. This message will only be logged once")

    def named(details):
        about = details.get("compute_capability")
        name = details.get("device_name", "Unknown GPU")
        return "{}, compute capability {}.{}".format(name, *about) if about else (
            name + ", no compute capability (probably not an Nvidia GPU)")
    if slow:
        several = len(found) > 1
        logs.warn("{}WARNING\n{} may run slowly with dtype policy mixed_float16 because {} not {} compute capability of at least "
                  "7.0. Your GPU{}:\n{}\nSee https://developer.nvidia.com/cuda-gpus for a list of GPUs and their compute "
                  "capabilities.\n{}".format(
                      prefix, "Some of your GPUs" if len(slow) < len(found) else "Your GPUs" if several else "Your GPU",
                      "they do" if several else "it does", "all have" if len(slow) < len(found) else "have", "s" if several else "",
                      "\n".join("  " + named(details) for details in found), suffix))
    elif not found:
        logs.warn("{}WARNING\nThe dtype policy mixed_float16 may run slowly because this machine does not have a GPU. Only Nvidia "
                  "GPUs with compute capability of at least 7.0 run quickly with mixed_float16.\n{}".format(prefix, suffix))


def global_policy():
    """The policy of layers that are given no dtype."""
    if _global is not None and _global.name == core.global_policy():
        return _global
    return Policy(core.global_policy())


def set_global_policy(policy):
    """Sets it: a Policy, its name, or None for that of tf.keras.backend.floatx(). Raises ValueError for a policy of
    integers."""
    global _global
    if policy is not None and not isinstance(policy, Policy):
        policy = Policy(policy)
    if policy is not None and policy.compute_dtype is not None:
        from .. import as_dtype
        if not as_dtype(policy.compute_dtype).is_floating:
            raise ValueError("set_global_policy can only be used to set the global policy to floating-point policies, such as "
                             '"float32" and "mixed_float16", but got policy: {}'.format(policy.name))
    core.set_global_policy("" if policy is None else policy.name)
    _global = policy
