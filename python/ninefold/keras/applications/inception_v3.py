# In: tables of branches. Out: InceptionV3 of tf.keras.applications: convolutions of several sizes side by side.
from .. import layers
from . import imagenet_utils
from .common import CLASSES, Texts, WEIGHTS, decode_predictions, family as _family  # noqa: F401

_TEXTS = Texts(WEIGHTS[:-1] + "; Received: weights={weights}", CLASSES + "; Received classes={classes}")


def preprocess_input(x, data_format=None):
    """Images of numbers from 0 to 255, as numbers from -1 to 1."""
    return imagenet_utils.preprocess_input(x, data_format, "tf")


def conv(x, filters, rows, columns, padding="same", stride=1):
    x = layers.Conv2D(filters, (rows, columns), strides=(stride, stride), padding=padding, use_bias=False)(x)
    x = layers.BatchNormalization(axis=3, scale=False)(x)
    return layers.Activation("relu")(x)


def chain(x, *steps):
    for step in steps:
        x = conv(x, *step)
    return x


def stem(x):
    """Images of an eighth of the size in 192 channels; Inception-ResNet begins so too."""
    x = chain(x, (32, 3, 3, "valid", 2), (32, 3, 3, "valid"), (64, 3, 3))
    x = layers.MaxPooling2D((3, 3), strides=(2, 2))(x)
    x = chain(x, (80, 1, 1, "valid"), (192, 3, 3, "valid"))
    return layers.MaxPooling2D((3, 3), strides=(2, 2))(x)


def branches(x, *chains):
    return [chain(x, *steps) for steps in chains]


def pooled(x, filters):
    return conv(layers.AveragePooling2D((3, 3), strides=(1, 1), padding="same")(x), filters, 1, 1)


def _joined(parts, name=None):
    return layers.concatenate(parts, axis=3, **({"name": name} if name else {}))


def _split(x, filters):
    """A last pair of convolutions side by side: one row and one column."""
    return [conv(x, filters, 1, 3), conv(x, filters, 3, 1)]


def _body(x):
    x = stem(x)
    for i, width in enumerate((32, 64, 64)):
        x = _joined(branches(x, ((64, 1, 1),), ((48, 1, 1), (64, 5, 5)), ((64, 1, 1), (96, 3, 3), (96, 3, 3))) + [pooled(x, width)], f"mixed{i}")
    parts = branches(x, ((384, 3, 3, "valid", 2),), ((64, 1, 1), (96, 3, 3), (96, 3, 3, "valid", 2)))
    x = _joined(parts + [layers.MaxPooling2D((3, 3), strides=(2, 2))(x)], "mixed3")
    for i, width in enumerate((128, 160, 160, 192), 4):
        x = _joined(branches(x, ((192, 1, 1),), ((width, 1, 1), (width, 1, 7), (192, 7, 1)),
                             ((width, 1, 1), (width, 7, 1), (width, 1, 7), (width, 7, 1), (192, 1, 7))) + [pooled(x, 192)], f"mixed{i}")
    parts = branches(x, ((192, 1, 1), (320, 3, 3, "valid", 2)), ((192, 1, 1), (192, 1, 7), (192, 7, 1), (192, 3, 3, "valid", 2)))
    x = _joined(parts + [layers.MaxPooling2D((3, 3), strides=(2, 2))(x)], "mixed8")
    for i in range(2):
        first = conv(x, 320, 1, 1)
        second = _joined(_split(conv(x, 384, 1, 1), 384), f"mixed9_{i}")
        third = _joined(_split(chain(x, (448, 1, 1), (384, 3, 3)), 384))
        x = _joined([first, second, third, pooled(x, 192)], f"mixed{9 + i}")
    return x


def _build(asked, row):
    asked.check(_TEXTS)
    asked.shape(299, 75)
    begin = asked.start()
    x = _body(begin)
    x = asked.top(x) if asked.include_top else asked.pooled(x, None, None)
    return asked.model(begin, x, "inception_v3", "inception_v3/inception_v3")


_family(globals(), _build, {"InceptionV3": None})
