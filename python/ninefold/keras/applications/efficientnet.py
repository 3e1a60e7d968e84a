# In: factors of width, depth and size. Out: EfficientNet of tf.keras.applications, one network at eight scales.
import math

from .. import layers
from . import imagenet_utils
from .common import USUAL, decode_predictions, divisible, family as _family, halving_pad, squeeze_excite  # noqa: F401

# Rows: kernel, blocks, channels in, channels out, how much wider within, stride of the first block.
_STAGES = ((3, 1, 32, 16, 1, 1), (3, 2, 16, 24, 6, 2), (5, 2, 24, 40, 6, 2), (3, 3, 40, 80, 6, 2), (5, 3, 80, 112, 6, 1),
           (5, 4, 112, 192, 6, 2), (3, 1, 192, 320, 6, 1))
# Rows: width, depth, size of images, dropout.
_SCALES = {"B0": (1.0, 1.0, 224, 0.2), "B1": (1.0, 1.1, 240, 0.2), "B2": (1.1, 1.2, 260, 0.3), "B3": (1.2, 1.4, 300, 0.3),
           "B4": (1.4, 1.8, 380, 0.4), "B5": (1.6, 2.2, 456, 0.4), "B6": (1.8, 2.6, 528, 0.5), "B7": (2.0, 3.1, 600, 0.5)}
_DROP = 0.2     # of the last block; the first is never left out
KERNELS = {"class_name": "VarianceScaling", "config": {"scale": 2.0, "mode": "fan_out", "distribution": "truncated_normal"}}
CLASSES = {"class_name": "VarianceScaling", "config": {"scale": 1. / 3., "mode": "fan_out", "distribution": "uniform"}}


def preprocess_input(x, data_format=None):
    """x as it is: the model scales images of numbers from 0 to 255 itself."""
    return x


def _conv(x, filters, name, **more):
    return layers.Conv2D(filters, 1, padding="same", use_bias=False, kernel_initializer=KERNELS, name=name, **more)(x)


def _norm(x, name):
    return layers.BatchNormalization(axis=3, name=name)(x)


def _swish(x, name):
    return layers.Activation("swish", name=name)(x)


def _block(x, drop, name, kernel, given, filters, wider, stride):
    before = x
    if wider != 1:
        x = _conv(x, given * wider, name + "expand_conv")
        x = _swish(_norm(x, name + "expand_bn"), name + "expand_activation")
    if stride == 2:
        x = layers.ZeroPadding2D(padding=halving_pad(x, kernel), name=name + "dwconv_pad")(x)
    x = layers.DepthwiseConv2D(kernel, strides=stride, padding="valid" if stride == 2 else "same", use_bias=False,
                               depthwise_initializer=KERNELS, name=name + "dwconv")(x)
    x = _swish(_norm(x, name + "bn"), name + "activation")
    x = squeeze_excite(x, max(1, int(given * 0.25)), given * wider, "swish", KERNELS, name)
    x = _norm(_conv(x, filters, name + "project_conv"), name + "project_bn")
    if stride == 1 and given == filters:
        if drop > 0:
            x = layers.Dropout(drop, noise_shape=(None, 1, 1, 1), name=name + "drop")(x)
        x = layers.Add(name=name + "add")([x, before])
    return x


def _build(asked, row, kwargs):
    if kwargs:
        raise TypeError(f"EfficientNet() got an unexpected keyword argument '{next(iter(kwargs))}'")
    name, (width, depth, size, dropout) = row
    asked.check()
    asked.shape(size, 32)
    begin = asked.start()
    x = layers.Rescaling(1. / 255.)(begin)
    x = layers.Normalization(axis=3)(x)
    if asked.weights == "imagenet":     # they were made with images divided by variances
        from ... import sqrt
        x = x / sqrt([0.229, 0.224, 0.225])
    x = layers.ZeroPadding2D(padding=halving_pad(x, 3), name="stem_conv_pad")(x)
    x = layers.Conv2D(divisible(32 * width), 3, strides=2, padding="valid", use_bias=False, kernel_initializer=KERNELS,
                      name="stem_conv")(x)
    x = _swish(_norm(x, "stem_bn"), "stem_activation")
    total, done = sum(math.ceil(depth * stage[1]) for stage in _STAGES), 0
    for number, (kernel, count, given, filters, wider, stride) in enumerate(_STAGES, 1):
        given, filters = divisible(given * width), divisible(filters * width)
        for i in range(math.ceil(depth * count)):
            x = _block(x, _DROP * done / total, f"block{number}{chr(97 + i)}_", kernel, filters if i else given, filters, wider,
                       1 if i else stride)
            done += 1
    x = _conv(x, divisible(1280 * width), "top_conv")
    x = _swish(_norm(x, "top_bn"), "top_activation")
    if asked.include_top:
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
        x = layers.Dropout(dropout, name="top_dropout")(x)
        asked.check_activation()
        x = layers.Dense(asked.classes, activation=asked.classifier_activation, kernel_initializer=CLASSES, name="predictions")(x)
    else:
        x = asked.pooled(x)
    return asked.model(begin, x, name, f"efficientnet/{name}")


_family(globals(), _build, {"EfficientNet" + scale: ("efficientnet" + scale.lower(), row) for scale, row in _SCALES.items()},
       USUAL + (("kwargs", None),))
