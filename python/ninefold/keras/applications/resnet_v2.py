# Out: ResNet50V2, ResNet101V2 and ResNet152V2 of tf.keras.applications.
from . import imagenet_utils, residual
from .common import decode_predictions, family as _family  # noqa: F401


def preprocess_input(x, data_format=None):
    """Images of numbers from 0 to 255, as numbers from -1 to 1."""
    return imagenet_utils.preprocess_input(x, data_format, "tf")


_family(globals(), residual.build, {"ResNet50V2": ("resnet50v2", (3, 4, 6, 3), True), "ResNet101V2": ("resnet101v2", (3, 4, 23, 3), True),
                                   "ResNet152V2": ("resnet152v2", (3, 8, 36, 3), True)})
