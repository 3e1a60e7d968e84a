# In: tables of stages. Out: EfficientNetV2 of tf.keras.applications, whose first stages filter and widen at once.
import math

from .. import layers
from .common import Texts, USUAL, WEIGHTS, decode_predictions, family as _family, squeeze_excite  # noqa: F401
from .efficientnet import CLASSES, KERNELS

# Rows: blocks, channels, how much wider within, stride of the first block. Stages from the fourth on filter each channel.
_BASE = ((1, 16, 1, 1), (2, 32, 4, 2), (2, 48, 4, 2), (3, 96, 4, 2), (5, 112, 6, 1), (8, 192, 6, 2))
_SMALL = ((2, 24, 1, 1), (4, 48, 4, 2), (4, 64, 4, 2), (6, 128, 4, 2), (9, 160, 6, 1), (15, 256, 6, 2))
_MEDIUM = ((3, 24, 1, 1), (5, 48, 4, 2), (5, 80, 4, 2), (7, 160, 4, 2), (14, 176, 6, 1), (18, 304, 6, 2), (5, 512, 6, 1))
_LARGE = ((4, 32, 1, 1), (7, 64, 4, 2), (7, 96, 4, 2), (10, 192, 4, 2), (19, 224, 6, 1), (25, 384, 6, 2), (7, 640, 6, 1))
# Rows: width, depth, size of images, channels of the stem, stages.
_SCALES = {"B0": (1.0, 1.0, 224, 32, _BASE), "B1": (1.0, 1.1, 240, 32, _BASE), "B2": (1.1, 1.2, 260, 32, _BASE),
           "B3": (1.2, 1.4, 300, 32, _BASE), "S": (1.0, 1.0, 384, 24, _SMALL), "M": (1.0, 1.0, 480, 24, _MEDIUM),
           "L": (1.0, 1.0, 480, 32, _LARGE)}
_DROP = 0.2
_MEAN, _VARIANCE = (0.485, 0.456, 0.406), (0.229 ** 2, 0.224 ** 2, 0.225 ** 2)
_TEXTS = Texts(WEIGHTS + "Received: weights={weights}",
               "If using `weights` as `'imagenet'` with `include_top` as true, `classes` should be 1000Received: classes={classes}")



def preprocess_input(x, data_format=None):
    """x as it is: the model scales images of numbers from 0 to 255 itself."""
    return x


def _rounded(channels):
    return max(8, int(channels + 4) // 8 * 8)


def _conv(x, filters, kernel, stride, name):
    return layers.Conv2D(filters, kernel, strides=stride, padding="same", use_bias=False, kernel_initializer=KERNELS, name=name)(x)


def _norm(x, name):
    return layers.BatchNormalization(axis=3, momentum=0.9, name=name)(x)


def _active(x, name):
    return layers.Activation("swish", name=name + "activation")(_norm(x, name + "bn"))


def _fused(x, filters, given, wider, stride, name):
    """One convolution of three pixels, which also widens; then one that narrows, if anything was widened."""
    if wider == 1:
        return _active(_conv(x, filters, 3, stride, name + "project_conv"), name + "project_")
    x = _active(_conv(x, given * wider, 3, stride, name + "expand_conv"), name + "expand_")
    return _norm(_conv(x, filters, 1, 1, name + "project_conv"), name + "project_bn")


def _apart(x, filters, given, wider, stride, name):
    x = _active(_conv(x, given * wider, 1, 1, name + "expand_conv"), name + "expand_")
    x = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False, depthwise_initializer=KERNELS,
                               name=name + "dwconv2")(x)
    x = _active(x, name)
    x = squeeze_excite(x, max(1, int(given * 0.25)), given * wider, "swish", KERNELS, name)
    return _norm(_conv(x, filters, 1, 1, name + "project_conv"), name + "project_bn")


def _build(asked, row, include_preprocessing):
    scale, (width, depth, size, stem, stages) = row
    name = "efficientnetv2-" + scale
    asked.check(_TEXTS)
    asked.shape(size, 32)
    begin = x = asked.start()
    if include_preprocessing:
        if scale[0] == "b" and asked.input_shape[-1] == 3:
            x = layers.Rescaling(scale=1. / 255)(x)
            x = layers.Normalization(mean=list(_MEAN), variance=list(_VARIANCE), axis=3)(x)
        else:
            x = layers.Rescaling(scale=1. / 128.0, offset=-1)(x)
    x = _active(_conv(x, _rounded(stem * width), 3, 2, "stem_conv"), "stem_")
    total, done, given = sum(stage[0] for stage in stages), 0, _rounded(stem * width)
    for number, (count, filters, wider, first) in enumerate(stages, 1):
        filters = _rounded(filters * width)
        for i in range(math.ceil(depth * count)):
            block, stride, before = f"block{number}{chr(97 + i)}_", 1 if i else first, x
            x = (_fused if number < 4 else _apart)(x, filters, given, wider, stride, block)
            if stride == 1 and given == filters:
                if done:
                    x = layers.Dropout(_DROP * done / total, noise_shape=(None, 1, 1, 1), name=block + "drop")(x)
                x = layers.Add(name=block + "add")([x, before])
            given = filters
            done += 1
    x = _active(_conv(x, _rounded(1280 * width), 1, 1, "top_conv"), "top_")
    if asked.include_top:
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
        x = layers.Dropout(0.2, name="top_dropout")(x)
        asked.check_activation()
        x = layers.Dense(asked.classes, activation=asked.classifier_activation, kernel_initializer=CLASSES,
                         bias_initializer={"class_name": "Constant", "config": {"value": 0}}, name="predictions")(x)
    else:
        x = asked.pooled(x)
    return asked.model(begin, x, name, f"efficientnet_v2/{name}")


_family(globals(), _build, {"EfficientNetV2" + scale: (scale.lower(), row) for scale, row in _SCALES.items()},
       USUAL + (("include_preprocessing", True),))
