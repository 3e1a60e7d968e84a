# Out: the base classes of tf.feature_column's columns, which packages derive their own from.
import abc


class FeatureColumn(abc.ABC):
    """A feature as a model reads it."""

    @property
    @abc.abstractmethod
    def name(self):
        """The column's name."""

    def __lt__(self, other):
        return str(self) < str(other)

    def __gt__(self, other):
        return str(self) > str(other)

    @abc.abstractmethod
    def transform_feature(self, transformation_cache, state_manager):
        """The column's tensors, made of the raw ones of the cache."""

    @property
    @abc.abstractmethod
    def parse_example_spec(self):
        """What tf.io.parse_example is to read."""

    def create_state(self, state_manager):
        """Makes variables; most columns have none."""

    @property
    @abc.abstractmethod
    def parents(self):
        """The columns or keys that this one is made of."""

    @abc.abstractmethod
    def get_config(self):
        """What from_config makes the column of."""

    @classmethod
    def from_config(cls, config, custom_objects=None, columns_by_name=None):
        """The column that get_config told."""
        return cls(**config)


class DenseColumn(FeatureColumn):
    """A column of dense numbers."""

    @property
    @abc.abstractmethod
    def variable_shape(self):
        """The shape of one example's numbers."""

    @abc.abstractmethod
    def get_dense_tensor(self, transformation_cache, state_manager):
        """The numbers [batch, ...]."""


class SequenceDenseColumn(FeatureColumn):
    """A column of sequences of dense numbers."""

    @abc.abstractmethod
    def get_sequence_dense_tensor(self, transformation_cache, state_manager):
        """The numbers [batch, time, ...] and the lengths."""


class CategoricalColumn(FeatureColumn):
    """A column of numbers of classes."""

    @property
    @abc.abstractmethod
    def num_buckets(self):
        """How many classes there are."""

    @abc.abstractmethod
    def get_sparse_tensors(self, transformation_cache, state_manager):
        """Classes, and weights or None."""


class StateManager:
    """What holds the variables of columns."""

    def create_variable(self, feature_column, name, shape, dtype=None, trainable=True, use_resource=True, initializer=None):
        raise NotImplementedError("StateManager.create_variable")

    def get_variable(self, feature_column, name):
        raise NotImplementedError("StateManager.get_var")

    def add_resource(self, feature_column, name, resource):
        raise NotImplementedError("StateManager.add_resource")

    def has_resource(self, feature_column, name):
        raise NotImplementedError("StateManager.has_resource")

    def get_resource(self, feature_column, name):
        raise NotImplementedError("StateManager.get_resource")


class FeatureTransformationCache:
    """Raw features by key, and what columns made of them, each once."""

    def __init__(self, features):
        self._features, self._made = dict(features), {}

    def get(self, key, state_manager, training=None):
        """The tensor of a key or a column."""
        if key in self._made:
            return self._made[key]
        if isinstance(key, str):
            if key not in self._features:
                raise ValueError(f"Feature {key} is not in features dictionary.")
            import ninefold as tf
            tensor = self._features[key] if isinstance(self._features[key], tf.SparseTensor) else \
                tf.convert_to_tensor(self._features[key])
            self._made[key] = tf.expand_dims(tensor, -1) if tensor.shape.rank == 1 else tensor
        else:
            self._made[key] = key.transform_feature(self, state_manager)
        return self._made[key]


# Those of the first generation, which packages derive from beside the others.

class _FeatureColumn(abc.ABC):
    """A column of the first generation."""


class _DenseColumn(_FeatureColumn):
    """A column of dense numbers."""


class _CategoricalColumn(_FeatureColumn):
    """A column of numbers of classes."""
