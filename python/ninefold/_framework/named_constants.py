# Out: classes and types of TensorFlow's API that only name things: methods, sets of dtypes, what annotations say.
import typing

import numpy as np

from . import export
from .dtypes import as_dtype
from .. import _core


@export("image.ResizeMethod")
class ResizeMethod:
    """What tf.image.resize takes as `method`."""
    BILINEAR = "bilinear"
    NEAREST_NEIGHBOR = "nearest"
    BICUBIC = "bicubic"
    AREA = "area"
    LANCZOS3 = "lanczos3"
    LANCZOS5 = "lanczos5"
    GAUSSIAN = "gaussian"
    MITCHELLCUBIC = "mitchellcubic"


@export("AggregationMethod")
class AggregationMethod:
    """What tf.gradients takes as `aggregation_method`: how gradients are added up."""
    ADD_N = 0
    DEFAULT = ADD_N
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


@typing.runtime_checkable
class TensorProtocol(typing.Protocol):
    """An object that says its own tensor."""

    def __tf_tensor__(self, dtype=None, name=None):
        ...


_QUANTIZED = [as_dtype(name) for name in ("qint8", "quint8", "qint16", "quint16", "qint32")]
export("dtypes.QUANTIZED_DTYPES")(frozenset(_QUANTIZED + [as_dtype(dtype.name + "_ref") for dtype in _QUANTIZED]))
export("types.experimental.TensorLike")(typing.Union[
    _core.Tensor, TensorProtocol, int, float, bool, str, bytes, complex, tuple, list, np.ndarray, np.generic])
