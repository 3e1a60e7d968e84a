# Out: VGG16 of tf.keras.applications.
from . import imagenet_utils, vgg
from .common import decode_predictions, family as _family  # noqa: F401


def preprocess_input(x, data_format=None):
    """Images of numbers from 0 to 255, as blue, green, red less their means."""
    return imagenet_utils.preprocess_input(x, data_format, "caffe")


_family(globals(), vgg.build, {"VGG16": ("vgg16", (2, 2, 3, 3, 3))})
