# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.metrics for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class AUC(Metric):
    """Area under the ROC or precision-recall curve."""
    def __init__(self, num_thresholds: Any = ..., curve: Any = ..., summation_method: Any = ..., name: Any = ..., dtype: Any = ..., thresholds: Any = ..., multi_label: Any = ..., num_labels: Any = ..., label_weights: Any = ..., from_logits: Any = ..., **kwargs: Any) -> None: ...

class Accuracy(Metric):
    """How often y_pred equals y_true."""
    def __init__(self, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class BinaryAccuracy(Metric):
    """How often (y_pred > threshold) equals a label of 0 or 1."""
    def __init__(self, name: Any = ..., dtype: Any = ..., threshold: Any = ..., **kwargs: Any) -> None: ...

class BinaryCrossentropy(Metric):
    """Crossentropy of labels 0 and 1."""
    def __init__(self, name: Any = ..., dtype: Any = ..., from_logits: Any = ..., label_smoothing: Any = ..., **kwargs: Any) -> None: ...

class BinaryIoU(Metric):
    """IoU of classes 0 and 1, probabilities cut at `threshold`."""
    def __init__(self, target_class_ids: Any = ..., threshold: Any = ..., name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class CategoricalAccuracy(Metric):
    """How often the largest prediction is that of the one-hot label."""
    def __init__(self, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class CategoricalCrossentropy(Metric):
    """Crossentropy of one-hot labels."""
    def __init__(self, name: Any = ..., dtype: Any = ..., from_logits: Any = ..., label_smoothing: Any = ..., **kwargs: Any) -> None: ...

class CategoricalHinge(Metric):
    """Mean of max(neg - pos + 1, 0)."""
    def __init__(self, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class CosineSimilarity(Metric):
    """Cosine of the angle between y_true and y_pred."""
    def __init__(self, name: Any = ..., dtype: Any = ..., axis: Any = ..., **kwargs: Any) -> None: ...

class FalseNegatives(Metric):
    """Weighted number of positives predicted to be negative."""
    def __init__(self, thresholds: Any = ..., name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class FalsePositives(Metric):
    """Weighted number of negatives predicted to be positive."""
    def __init__(self, thresholds: Any = ..., name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class Hinge(Metric):
    """Mean of max(1 - y_true y_pred, 0)."""
    def __init__(self, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class IoU(Metric):
    """Mean over target classes of TP / (TP + FP + FN)."""
    def __init__(self, num_classes: Any, target_class_ids: Any, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

def KLD(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """sum(y_true log(y_true / y_pred)) over the last axis."""

class KLDivergence(Metric):
    """Sum of y_true log(y_true / y_pred)."""
    def __init__(self, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class Layer:
    """A function of tensors with state: build() makes its weights once, call() computes."""
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __init__(self, trainable: Any = ..., name: Any = ..., dtype: Any = ..., dynamic: Any = ..., **kwargs: Any) -> None: ...
    activity_regularizer: Any
    def add_loss(self, losses: Any, **kwargs: Any) -> Any: ...
    def add_metric(self, value: Any, name: Any = ..., **kwargs: Any) -> Any: ...
    def add_update(self, updates: Any) -> Any: ...
    def add_variable(self, *args: Any, **kwargs: Any) -> Any: ...
    def add_weight(self, name: Any = ..., shape: Any = ..., dtype: Any = ..., initializer: Any = ..., regularizer: Any = ..., trainable: Any = ..., constraint: Any = ..., use_resource: Any = ..., synchronization: Any = ..., aggregation: Any = ..., **kwargs: Any) -> Any: ...
    def apply(self, inputs: Any, *args: Any, **kwargs: Any) -> Any: ...
    def build(self, input_shape: Any) -> Any: ...
    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any: ...
    compute_dtype: Any
    def compute_mask(self, inputs: Any, mask: Any = ...) -> Any: ...
    def compute_output_shape(self, input_shape: Any) -> Any: ...
    def compute_output_signature(self, input_signature: Any) -> Any: ...
    def count_params(self) -> Any: ...
    dtype: Any
    dtype_policy: Any
    dynamic: Any
    def finalize_state(self) -> Any: ...
    @classmethod
    def from_config(cls, config: Any) -> Any: ...
    def get_config(self) -> Any: ...
    def get_input_at(self, node_index: Any) -> Any: ...
    def get_input_mask_at(self, node_index: Any) -> Any: ...
    def get_input_shape_at(self, node_index: Any) -> Any: ...
    def get_output_at(self, node_index: Any) -> Any: ...
    def get_output_mask_at(self, node_index: Any) -> Any: ...
    def get_output_shape_at(self, node_index: Any) -> Any: ...
    def get_weights(self) -> Any: ...
    inbound_nodes: Any
    input: Any
    input_mask: Any
    input_shape: Any
    losses: Any
    metrics: Any
    name: Any
    def name_scope(self) -> Any: ...
    non_trainable_variables: Any
    non_trainable_weights: Any
    outbound_nodes: Any
    output: Any
    output_mask: Any
    output_shape: Any
    def set_weights(self, weights: Any) -> Any: ...
    submodules: Any
    trainable_variables: Any
    trainable_weights: Any
    updates: Any
    variable_dtype: Any
    variables: Any
    weights: Any
    @classmethod
    def with_name_scope(cls, method: Any) -> Any: ...

class LogCoshError(Metric):
    """Mean of log(cosh(y_pred - y_true))."""
    def __init__(self, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

def MAE(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(|y_true - y_pred|) over the last axis."""

def MAPE(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """100 mean(|(y_true - y_pred) / max(|y_true|, epsilon)|) over the last axis."""

def MSE(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean((y_true - y_pred)^2) over the last axis: [batch, d0, .. dN] -> [batch, d0, .. dN-1]."""

def MSLE(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean((log(y_true + 1) - log(y_pred + 1))^2) over the last axis."""

class Mean(Metric):
    """Weighted mean of all values so far; 0 if there were none."""
    def __init__(self, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class MeanAbsoluteError(Metric):
    """Mean of |y_true - y_pred|."""
    def __init__(self, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class MeanAbsolutePercentageError(Metric):
    """Mean of 100 |y_true - y_pred| / |y_true|."""
    def __init__(self, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class MeanIoU(Metric):
    """Mean IoU over all classes that occur."""
    def __init__(self, num_classes: Any, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class MeanMetricWrapper(Mean):
    """The mean of a function of (y_true, y_pred) over all samples."""
    def __init__(self, fn: Any, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...
    def get_config(self) -> Any: ...
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = ...) -> Any: ...

class MeanRelativeError(Metric):
    """Mean of |y_true - y_pred| / normalizer."""
    def __init__(self, normalizer: Any, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class MeanSquaredError(Metric):
    """Mean of (y_true - y_pred)^2."""
    def __init__(self, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class MeanSquaredLogarithmicError(Metric):
    """Mean of (log(y_true + 1) - log(y_pred + 1))^2."""
    def __init__(self, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class MeanTensor(Metric):
    """Weighted mean of each element over the batches."""
    def __init__(self, name: Any = ..., dtype: Any = ..., shape: Any = ..., **kwargs: Any) -> None: ...

class Metric(Layer):
    """A number gathered over many batches: update_state() adds one, result() tells, reset_state() forgets."""
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __init__(self, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...
    def add_weight(self, name: Any, shape: Any = ..., aggregation: Any = ..., synchronization: Any = ..., initializer: Any = ..., dtype: Any = ...) -> Any: ...
    def merge_state(self, metrics: Any) -> Any: ...
    def reset_state(self) -> Any: ...
    def reset_states(self) -> Any: ...
    def result(self) -> Any: ...
    def update_state(self, *args: Any, sample_weight: Any = ..., **kwargs: Any) -> Any: ...

class OneHotIoU(Metric):
    """IoU of one-hot labels and class scores."""
    def __init__(self, num_classes: Any, target_class_ids: Any, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class OneHotMeanIoU(Metric):
    """Mean IoU of one-hot labels and class scores."""
    def __init__(self, num_classes: Any, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class Poisson(Metric):
    """Mean of y_pred - y_true log(y_pred)."""
    def __init__(self, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class Precision(Metric):
    """Share of true positives among predicted positives."""
    def __init__(self, thresholds: Any = ..., top_k: Any = ..., class_id: Any = ..., name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class PrecisionAtRecall(Metric):
    """Best precision where recall is at least the given one."""
    def __init__(self, recall: Any, num_thresholds: Any = ..., class_id: Any = ..., name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class Recall(Metric):
    """Share of true positives among actual positives."""
    def __init__(self, thresholds: Any = ..., top_k: Any = ..., class_id: Any = ..., name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class RecallAtPrecision(Metric):
    """Best recall where precision is at least the given one."""
    def __init__(self, precision: Any, num_thresholds: Any = ..., class_id: Any = ..., name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class RootMeanSquaredError(Metric):
    """Root of the mean of (y_true - y_pred)^2."""
    def __init__(self, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class SensitivityAtSpecificity(Metric):
    """Best sensitivity where specificity is at least the given one."""
    def __init__(self, specificity: Any, num_thresholds: Any = ..., class_id: Any = ..., name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class SparseCategoricalAccuracy(Metric):
    """How often the largest prediction is that of the label's class."""
    def __init__(self, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class SparseCategoricalCrossentropy(Metric):
    """Crossentropy of class numbers."""
    def __init__(self, name: Any = ..., dtype: Any = ..., from_logits: Any = ..., axis: Any = ..., **kwargs: Any) -> None: ...

class SparseTopKCategoricalAccuracy(Metric):
    """How often the label's class is among the k largest predictions."""
    def __init__(self, k: Any = ..., name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class SpecificityAtSensitivity(Metric):
    """Best specificity where sensitivity is at least the given one."""
    def __init__(self, sensitivity: Any, num_thresholds: Any = ..., class_id: Any = ..., name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class SquaredHinge(Metric):
    """Mean of max(1 - y_true y_pred, 0)^2."""
    def __init__(self, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class Sum(Metric):
    """Weighted sum of all values so far."""
    def __init__(self, name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class TopKCategoricalAccuracy(Metric):
    """How often the one-hot label is among the k largest predictions."""
    def __init__(self, k: Any = ..., name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class TrueNegatives(Metric):
    """Weighted number of negatives predicted as such."""
    def __init__(self, thresholds: Any = ..., name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

class TruePositives(Metric):
    """Weighted number of positives predicted as such."""
    def __init__(self, thresholds: Any = ..., name: Any = ..., dtype: Any = ..., **kwargs: Any) -> None: ...

def as_metric(identifier: Any) -> Any:
    """What compile is given: a name, a metric, a class, or a function of (y_true, y_pred)."""

def base(function: Any) -> Any:
    """Marks a method as the engine's own: a class that defines another one overrides it."""

def binary_accuracy(y_true: TensorLike, y_pred: TensorLike, threshold: float = ...) -> Tensor:
    """Share of labels that (y_pred > threshold) equals, over the last axis."""

def binary_crossentropy(y_true: TensorLike, y_pred: TensorLike, from_logits: bool = ..., label_smoothing: float = ..., axis: int = ...) -> Tensor:
    """Mean over `axis` of -y_true log(y_pred) - (1 - y_true) log(1 - y_pred). Labels y become y (1 - label_smoothing) + label_smoothing / 2."""

def binary_focal_crossentropy(y_true: TensorLike, y_pred: TensorLike, gamma: float = ..., from_logits: bool = ..., label_smoothing: float = ..., axis: int = ...) -> Tensor:
    """Mean over `axis` of (1 - p_t)^gamma binary_crossentropy, p_t = y_pred where y_true is 1, else 1 - y_pred."""

def categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """1 where the largest prediction is that of the one-hot label, else 0."""

def categorical_crossentropy(y_true: TensorLike, y_pred: TensorLike, from_logits: bool = ..., label_smoothing: float = ..., axis: int = ...) -> Tensor:
    """-sum(y_true log(y_pred)) over `axis`, y_pred scaled to a sum of 1. Labels y become y (1 - label_smoothing) + label_smoothing / classes."""

def deserialize(config: Any, custom_objects: Any = ...) -> Any: ...

def get(identifier: Any) -> Any:
    """A metric function or object by name, config or itself. Raises ValueError for what is none."""

def hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(max(1 - y_true y_pred, 0)) over the last axis."""

def kl_divergence(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """sum(y_true log(y_true / y_pred)) over the last axis."""

def kld(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """sum(y_true log(y_true / y_pred)) over the last axis."""

def kullback_leibler_divergence(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """sum(y_true log(y_true / y_pred)) over the last axis."""

def log_cosh(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(log(cosh(y_pred - y_true))) over the last axis."""

def logcosh(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(log(cosh(y_pred - y_true))) over the last axis."""

def mae(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(|y_true - y_pred|) over the last axis."""

def mape(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """100 mean(|(y_true - y_pred) / max(|y_true|, epsilon)|) over the last axis."""

def mean_absolute_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(|y_true - y_pred|) over the last axis."""

def mean_absolute_percentage_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """100 mean(|(y_true - y_pred) / max(|y_true|, epsilon)|) over the last axis."""

def mean_squared_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean((y_true - y_pred)^2) over the last axis: [batch, d0, .. dN] -> [batch, d0, .. dN-1]."""

def mean_squared_logarithmic_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean((log(y_true + 1) - log(y_pred + 1))^2) over the last axis."""

def mse(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean((y_true - y_pred)^2) over the last axis: [batch, d0, .. dN] -> [batch, d0, .. dN-1]."""

def msle(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean((log(y_true + 1) - log(y_pred + 1))^2) over the last axis."""

def poisson(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(y_pred - y_true log(y_pred + epsilon)) over the last axis."""

def serialize(metric: Any) -> Any: ...

def sparse_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """1 where the largest prediction is that of the label's class, else 0."""

def sparse_categorical_crossentropy(y_true: TensorLike, y_pred: TensorLike, from_logits: bool = ..., axis: int = ...) -> Tensor:
    """-log y_pred[label]: labels [batch, d0, .. dN-1] or [.., 1], predictions [batch, d0, .. dN]."""

def sparse_top_k_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike, k: int = ...) -> Tensor:
    """1 where the label's class is among the k largest predictions, else 0."""

def squared_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(max(1 - y_true y_pred, 0)^2) over the last axis."""

def top_k_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike, k: int = ...) -> Tensor:
    """1 where the one-hot label is among the k largest predictions, else 0."""
