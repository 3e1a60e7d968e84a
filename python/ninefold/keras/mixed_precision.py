# In: a policy's name. Out: tf.keras.mixed_precision: in which dtypes layers compute.
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
                raise TypeError("'name' must be a string, not a DType. Instead, pass DType.name. Received: {}".format(
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

    def __eq__(self, other):
        return isinstance(other, Policy) and self.name == other.name

    def __hash__(self):
        return hash(self.name)

    def __repr__(self):
        return '<Policy "{}">'.format(self._name)


def serialize(policy):
    return {"class_name": "Policy", "config": policy.get_config()}


def deserialize(config, custom_objects=None):
    if isinstance(config, str):
        return Policy(config)
    return Policy.from_config(config["config"])
