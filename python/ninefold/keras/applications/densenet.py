# In: the number of layers in each of four blocks. Out: DenseNet: every layer of a block sees all before it.
from .. import layers
from . import imagenet_utils
from .common import Asked, decode_predictions, family as _family  # noqa: F401

_BLOCKS = {"DenseNet121": (6, 12, 24, 16), "DenseNet169": (6, 12, 32, 32), "DenseNet201": (6, 12, 48, 32)}
_GROWTH = 32


def preprocess_input(x, data_format=None):
    """Images of numbers from 0 to 255, scaled by means and deviations of ImageNet."""
    return imagenet_utils.preprocess_input(x, data_format, "torch")


def _norm(x, name):
    return layers.BatchNormalization(axis=3, epsilon=1.001e-5, name=name)(x)


def _normed(x, name, kind="_bn", active="_relu"):
    return layers.Activation("relu", name=name + active)(_norm(x, name + kind))


def _layer(x, name):
    new = _normed(x, name + "_0")
    new = layers.Conv2D(4 * _GROWTH, 1, use_bias=False, name=name + "_1_conv")(new)
    new = _normed(new, name + "_1")
    new = layers.Conv2D(_GROWTH, 3, padding="same", use_bias=False, name=name + "_2_conv")(new)
    return layers.Concatenate(axis=3, name=name + "_concat")([x, new])


def _halved(x, name):
    x = _normed(x, name)
    x = layers.Conv2D(x.shape[3] // 2, 1, use_bias=False, name=name + "_conv")(x)
    return layers.AveragePooling2D(2, strides=2, name=name + "_pool")(x)


def _build(asked, row):
    name, counts = row
    asked.check()
    asked.shape(224, 32)
    begin = asked.start()
    x = layers.ZeroPadding2D(padding=((3, 3), (3, 3)))(begin)
    x = layers.Conv2D(64, 7, strides=2, use_bias=False, name="conv1/conv")(x)
    x = _normed(x, "conv1", "/bn", "/relu")
    x = layers.ZeroPadding2D(padding=((1, 1), (1, 1)))(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
    for stage, count in enumerate(counts, 2):
        for i in range(count):
            x = _layer(x, f"conv{stage}_block{i + 1}")
        if stage < 5:
            x = _halved(x, f"pool{stage}")
    x = layers.Activation("relu", name="relu")(_norm(x, "bn"))
    x = asked.top(x) if asked.include_top else asked.pooled(x)
    return asked.model(begin, x, name, f"densenet/{name}")


_family(globals(), _build, {name: (name.lower(), counts) for name, counts in _BLOCKS.items()})
