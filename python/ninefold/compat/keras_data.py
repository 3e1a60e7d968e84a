"""In: what a training step is given. Out: what known packages take from Keras' private data_adapter."""
from ..keras.utils import pack_x_y_sample_weight, unpack_x_y_sample_weight  # noqa: F401


def expand_1d(data):
    """The structure with one more axis at the end of every tensor that has one only."""
    import ninefold as tf

    def grown(part):
        return tf.expand_dims(part, -1) if hasattr(part, "shape") and len(part.shape) == 1 else part
    return tf.nest.map_structure(grown, data)
