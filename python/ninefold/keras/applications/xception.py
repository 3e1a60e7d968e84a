# Out: Xception of tf.keras.applications: convolutions of channels and of pixels, apart.
from .. import layers
from . import imagenet_utils
from .common import decode_predictions, family as _family  # noqa: F401


def preprocess_input(x, data_format=None):
    """Images of numbers from 0 to 255, as numbers from -1 to 1."""
    return imagenet_utils.preprocess_input(x, data_format, "tf")


def _norm(x, name=None):
    return layers.BatchNormalization(axis=3, name=name)(x)


def _relu(x, name):
    return layers.Activation("relu", name=name + "_act")(x)


def _separable(x, filters, name):
    return _norm(layers.SeparableConv2D(filters, (3, 3), padding="same", use_bias=False, name=name)(x), name + "_bn")


def _halving(x, block, filters):
    around = layers.Conv2D(filters[-1], (1, 1), strides=(2, 2), padding="same", use_bias=False)(x)
    around = _norm(around)
    for i, count in enumerate(filters, 1):
        if block > 2 or i > 1:
            x = _relu(x, f"block{block}_sepconv{i}")
        x = _separable(x, count, f"block{block}_sepconv{i}")
    x = layers.MaxPooling2D((3, 3), strides=(2, 2), padding="same", name=f"block{block}_pool")(x)
    return layers.add([x, around])


def _build(asked, row):
    asked.check()
    asked.shape(299, 71)
    begin = x = asked.start()
    for i, (filters, stride) in enumerate(((32, 2), (64, 1)), 1):
        name = f"block1_conv{i}"
        x = layers.Conv2D(filters, (3, 3), strides=(stride, stride), use_bias=False, name=name)(x)
        x = _relu(_norm(x, name + "_bn"), name)
    for block, filters in ((2, 128), (3, 256), (4, 728)):
        x = _halving(x, block, (filters, filters))
    for block in range(5, 13):
        around = x
        for i in range(1, 4):
            x = _separable(_relu(x, f"block{block}_sepconv{i}"), 728, f"block{block}_sepconv{i}")
        x = layers.add([x, around])
    x = _halving(x, 13, (728, 1024))
    for i, filters in enumerate((1536, 2048), 1):
        x = _relu(_separable(x, filters, f"block14_sepconv{i}"), f"block14_sepconv{i}")
    x = asked.top(x) if asked.include_top else asked.pooled(x, None, None)
    return asked.model(begin, x, "xception", "xception/xception")


_family(globals(), _build, {"Xception": None})
