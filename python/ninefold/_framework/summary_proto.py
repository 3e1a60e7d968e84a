# In: what event files say. Out: its messages, tf.compat.v1.Summary and its like, as programs put them together.
from . import export, wire
from .messages import Message
from .tensor_proto import TensorProto

_T = wire.TYPES


@export("compat.v1.HistogramProto")
class HistogramProto(Message):
    """Numbers by buckets: `bucket[i]` of them lie below `bucket_limit[i]`."""
    _fields = {"min": (1, "scalar", _T["double"]), "max": (2, "scalar", _T["double"]), "num": (3, "scalar", _T["double"]),
               "sum": (4, "scalar", _T["double"]), "sum_squares": (5, "scalar", _T["double"]),
               "bucket_limit": (6, "list", _T["double"]), "bucket": (7, "list", _T["double"])}
    __slots__ = ()


@export("compat.v1.SummaryMetadata")
class SummaryMetadata(Message):
    """What a value of a summary is for: the plugin that shows it, and how it is called."""
    _fields = {"plugin_data": (1, "message", lambda: SummaryMetadata.PluginData), "display_name": (2, "scalar", _T["string"]),
               "summary_description": (3, "scalar", _T["string"]), "data_class": (4, "scalar", wire.enumeration(
                   {0: "UNKNOWN", 1: "SCALAR", 2: "TENSOR", 3: "BLOB_SEQUENCE"}, "DATA_CLASS_"))}
    __slots__ = ()

    class PluginData(Message):
        """A plugin of TensorBoard's, and bytes for it."""
        _fields = {"plugin_name": (1, "scalar", _T["string"]), "content": (2, "scalar", _T["bytes"])}
        __slots__ = ()


@export("compat.v1.Summary")
class Summary(Message):
    """Values by tags."""
    _fields = {"value": (1, "messages", lambda: Summary.Value)}
    __slots__ = ()

    class Image(Message):
        """An encoded image."""
        _fields = {"height": (1, "scalar", _T["int32"]), "width": (2, "scalar", _T["int32"]),
                   "colorspace": (3, "scalar", _T["int32"]), "encoded_image_string": (4, "scalar", _T["bytes"])}
        __slots__ = ()

    class Audio(Message):
        """Encoded sound."""
        _fields = {"sample_rate": (1, "scalar", _T["float"]), "num_channels": (2, "scalar", _T["int64"]),
                   "length_frames": (3, "scalar", _T["int64"]), "encoded_audio_string": (4, "scalar", _T["bytes"]),
                   "content_type": (5, "scalar", _T["string"])}
        __slots__ = ()

    class Value(Message):
        """One of a number, an image, a histogram, a sound or a tensor, under a tag."""
        _fields = {"tag": (1, "scalar", _T["string"]), "simple_value": (2, "scalar", _T["float"]),
                   "obsolete_old_style_histogram": (3, "scalar", _T["bytes"]), "image": (4, "message", lambda: Summary.Image),
                   "histo": (5, "message", lambda: HistogramProto), "audio": (6, "message", lambda: Summary.Audio),
                   "node_name": (7, "scalar", _T["string"]), "tensor": (8, "message", lambda: TensorProto),
                   "metadata": (9, "message", lambda: SummaryMetadata)}
        _oneof = "value"
        _members = frozenset(("simple_value", "obsolete_old_style_histogram", "image", "histo", "audio", "tensor"))
        __slots__ = ()


@export("compat.v1.Event")
class Event(Message):
    """An entry of an event file."""
    _fields = {"wall_time": (1, "scalar", _T["double"]), "step": (2, "scalar", _T["int64"]),
               "file_version": (3, "scalar", _T["string"]), "graph_def": (4, "scalar", _T["bytes"]),
               "summary": (5, "message", lambda: Summary), "meta_graph_def": (9, "scalar", _T["bytes"])}
    _oneof = "what"
    _members = frozenset(("file_version", "graph_def", "summary", "meta_graph_def"))
    __slots__ = ()
