# In: what a user wants of a pipeline. Out: tf.data.Options, and the groups of options within. They are kept with the dataset and
# merged as in TensorFlow. Elements come in one order whatever they say, and threads are those of the engine's one pool.
import enum

from .._framework import logs


class AutoShardPolicy(enum.IntEnum):
    OFF = -1
    AUTO = 0
    FILE = 1
    DATA = 2
    HINT = 3


class ExternalStatePolicy(enum.Enum):
    WARN = 0
    IGNORE = 1
    FAIL = 2


class AutotuneAlgorithm(enum.Enum):
    DEFAULT = 0
    HILL_CLIMB = 1
    GRADIENT_DESCENT = 2
    MAX_PARALLELISM = 3


class _Options:
    """Properties of known types, None until they are set."""
    __module__ = "tensorflow.python.data.ops.options"     # as it prints itself
    _types = {}

    def __init__(self):
        object.__setattr__(self, "_values", {})

    def __getattr__(self, name):
        kind = type(self)._types.get(name)
        if kind is None:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        if name not in self._values:
            if not issubclass(kind, _Options):
                return _DEFAULTS.get((type(self).__name__, name))
            self._values[name] = kind()
        return self._values[name]

    def __setattr__(self, name, value):
        kind = type(self)._types.get(name)
        if kind is None:
            raise AttributeError(f"Cannot set the property {name} on {type(self).__name__}.")
        if not isinstance(value, kind):
            raise TypeError(f'Property "{name}" must be of type {kind}, got: {value} (type: {type(value)}).')
        self._values[name] = value

    def __eq__(self, other):
        return type(self) is type(other) and self._set() == other._set()

    def __ne__(self, other):
        return not self == other

    __hash__ = None

    def _set(self):
        """What was set, without groups in which nothing was."""
        return {name: value for name, value in self._values.items() if not isinstance(value, _Options) or value._set()}

    def _merged(self, other):
        out = type(self)()
        out._values.update(self._values)
        for name, value in other._set().items():
            mine = self._set().get(name)
            if isinstance(value, _Options):
                out._values[name] = getattr(self, name)._merged(value)
            else:
                if mine is not None and mine != value:
                    logs.warn(f"Changing the value of option {name} from {mine} to {value}.")
                out._values[name] = value
        return out


class ThreadingOptions(_Options):
    _types = {"max_intra_op_parallelism": int, "private_threadpool_size": int}


class AutotuneOptions(_Options):
    _types = {"enabled": bool, "cpu_budget": int, "ram_budget": int, "autotune_algorithm": AutotuneAlgorithm}


class DistributeOptions(_Options):
    _types = {"auto_shard_policy": AutoShardPolicy, "num_devices": int}


class OptimizationOptions(_Options):
    _types = dict.fromkeys(
        ("apply_default_optimizations", "filter_fusion", "filter_parallelization", "map_and_batch_fusion", "map_and_filter_fusion",
         "map_fusion", "map_parallelization", "noop_elimination", "parallel_batch", "shuffle_and_repeat_fusion"), bool)


_DEFAULTS = {("DistributeOptions", "auto_shard_policy"): AutoShardPolicy.AUTO}


class Options(_Options):
    """What is asked of a dataset: dataset.with_options(options)."""
    __module__ = "tensorflow.python.data.ops.options"     # as it prints itself
    _types = {"autotune": AutotuneOptions, "deterministic": bool, "experimental_distribute": DistributeOptions,
              "experimental_external_state_policy": ExternalStatePolicy, "experimental_optimization": OptimizationOptions,
              "experimental_slack": bool, "threading": ThreadingOptions}
    _older = {"experimental_deterministic": "deterministic", "experimental_threading": "threading"}

    def __getattr__(self, name):
        return super().__getattr__(type(self)._older.get(name, name))

    def __setattr__(self, name, value):
        super().__setattr__(type(self)._older.get(name, name), value)

    def merge(self, options):
        """Both together; where they differ, what `options` says, with a warning."""
        return self._merged(options)
