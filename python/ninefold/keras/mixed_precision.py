# In: a policy's name. Out: tf.keras.mixed_precision: in which dtypes layers compute.
from .._core import keras as core

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
        if name == "infer":
            raise ValueError("The 'infer' policy is no longer supported; give the name of a dtype.")
        if name in _MIXED:
            self._variable_dtype, self._compute_dtype = _MIXED[name]
        elif name == "_infer":
            self._variable_dtype = self._compute_dtype = None
        else:
            try:
                found = as_dtype(name).name
            except TypeError:
                error = ("Cannot convert value {} to a mixed precision Policy. Valid policies include 'mixed_float16', "
                         "'mixed_bfloat16', and the name of any dtype such as 'float32'.".format(name))
                if name in ("float16_with_float32_vars", "bfloat16_with_float32_vars"):
                    error += (" Please use the 'mixed_{}' policy instead of {}.".format(name.partition("_")[0], name))
                raise ValueError(error) from None
            self._variable_dtype = self._compute_dtype = found
        self._name = name

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
        if config.pop("loss_scale", None) is not None:
            raise ValueError("Policy: a loss scale is no part of a policy any more; use LossScaleOptimizer")
        return cls(**config)

    def __repr__(self):
        return '<Policy "{}">'.format(self._name)


def serialize(policy):
    return {"class_name": "Policy", "config": policy.get_config()}


def deserialize(config, custom_objects=None):
    if isinstance(config, str):
        return Policy(config)
    return Policy.from_config(config["config"])
def global_policy():
    """The policy of layers that are given no dtype."""
    return Policy(core.global_policy())


def set_global_policy(policy):
    """Sets it: a Policy, its name, or None for that of tf.keras.backend.floatx()."""
    if policy is None:
        core.set_global_policy("")
        return
    if not isinstance(policy, Policy):
        policy = Policy(policy)
    if policy.compute_dtype is not None:
        from .. import as_dtype
        if not as_dtype(policy.compute_dtype).is_floating:
            raise ValueError("set_global_policy can only be used to set the global policy to floating-point policies, such as "
                             '"float32" and "mixed_float16", but got policy: {}'.format(policy.name))
    core.set_global_policy(policy.name)


