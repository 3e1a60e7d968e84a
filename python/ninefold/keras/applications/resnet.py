# Out: ResNet50, ResNet101 and ResNet152 of tf.keras.applications.
from . import imagenet_utils, residual
from .common import USUAL, decode_predictions, family as _family  # noqa: F401


def preprocess_input(x, data_format=None):
    """Images of numbers from 0 to 255, as blue, green, red less their means."""
    return imagenet_utils.preprocess_input(x, data_format, "caffe")


_family(globals(), residual.build, {"ResNet50": ("resnet50", (3, 4, 6, 3), False), "ResNet101": ("resnet101", (3, 4, 23, 3), False),
                                   "ResNet152": ("resnet152", (3, 8, 36, 3), False)}, USUAL[:6] + (("kwargs", None),))
