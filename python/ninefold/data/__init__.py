# Out: tf.data: pipelines of elements. The stages run in the engine; this keeps the form of their elements.
from .dataset import AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, Dataset, DatasetSpec, Iterator  # noqa: F401
from .options import Options, ThreadingOptions  # noqa: F401
from .files import FixedLengthRecordDataset, TextLineDataset  # noqa: F401
from .records import TFRecordDataset  # noqa: F401
from .._framework.passes import IteratorSpec  # noqa: F401
from . import experimental  # noqa: F401
