# Out: tf.tpu.experimental's classes, which packages name; this engine drives no TPU, so making one of them says so.
import enum


def _refused(path):
    raise NotImplementedError(f"tf.tpu.experimental.{path}: this engine drives no TPU; use tf.keras.layers.Embedding and "
                              "tf.distribute.MirroredStrategy")


def _class(name, inner="embedding."):
    def __init__(self, *args, **kwargs):
        _refused(inner + name)
    return type(name, (), {"__doc__": "A part of embeddings on TPUs: NotImplementedError.", "__init__": __init__,
                           "__module__": __name__})


for _name in ("Adagrad", "AdagradMomentum", "Adam", "FTRL", "FeatureConfig", "SGD", "TPUEmbedding", "TPUEmbeddingForServing",
              "TPUEmbeddingV0", "TableConfig"):
    globals()[_name] = _class(_name)


class HardwareFeature:
    """What a TPU can do: NotImplementedError."""

    class EmbeddingFeature(enum.Enum):
        """Its embeddings."""
        UNSUPPORTED = "UNSUPPORTED"
        V1 = "V1"
        V2 = "V2"

    def __init__(self, tpu_hardware_feature_proto):
        _refused("HardwareFeature")


def initialize_tpu_system(cluster_resolver=None):
    """NotImplementedError: there is no TPU."""
    _refused("initialize_tpu_system")


def shutdown_tpu_system(cluster_resolver=None):
    """NotImplementedError: there is no TPU."""
    _refused("shutdown_tpu_system")
