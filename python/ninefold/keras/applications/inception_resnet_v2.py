# In: tables of branches. Out: InceptionResNetV2 of tf.keras.applications: what inception blocks find is added to what they are given.
from .. import layers
from . import imagenet_utils
from .common import USUAL, decode_predictions, family as _family, without_unknown  # noqa: F401
from .inception_v3 import branches, pooled, stem

# Of each kind of block: branches, scale of what is added, blocks.
_BLOCKS = {"block35": ((((32, 1, 1),), ((32, 1, 1), (32, 3, 3)), ((32, 1, 1), (48, 3, 3), (64, 3, 3))), 0.17, 10),
           "block17": ((((192, 1, 1),), ((128, 1, 1), (160, 1, 7), (192, 7, 1))), 0.1, 20),
           "block8": ((((192, 1, 1),), ((192, 1, 1), (224, 1, 3), (256, 3, 1))), 0.2, 10)}


def preprocess_input(x, data_format=None):
    """Images of numbers from 0 to 255, as numbers from -1 to 1."""
    return imagenet_utils.preprocess_input(x, data_format, "tf")


def _scaled_sum(inputs, scale):
    return inputs[0] + inputs[1] * scale


def _block(x, kind, number, scale, active=True):
    name = f"{kind}_{number}"
    found = layers.Concatenate(axis=3, name=name + "_mixed")(branches(x, *_BLOCKS[kind][0]))
    found = layers.Conv2D(x.shape[3], 1, strides=1, padding="same", use_bias=True, name=name + "_conv")(found)
    x = layers.Lambda(_scaled_sum, output_shape=tuple(x.shape[1:]), arguments={"scale": scale}, name=name)([x, found])
    return layers.Activation("relu", name=name + "_ac")(x) if active else x


def _blocks(x, kind):
    _, scale, count = _BLOCKS[kind]
    for number in range(1, count + 1):
        last = kind == "block8" and number == count
        x = _block(x, kind, number, 1.0 if last else scale, not last)
    return x


def _body(x):
    x = stem(x)
    parts = branches(x, ((96, 1, 1),), ((48, 1, 1), (64, 5, 5)), ((64, 1, 1), (96, 3, 3), (96, 3, 3))) + [pooled(x, 64)]
    x = _blocks(layers.Concatenate(axis=3, name="mixed_5b")(parts), "block35")
    parts = branches(x, ((384, 3, 3, "valid", 2),), ((256, 1, 1), (256, 3, 3), (384, 3, 3, "valid", 2)))
    parts.append(layers.MaxPooling2D(3, strides=2, padding="valid")(x))
    x = _blocks(layers.Concatenate(axis=3, name="mixed_6a")(parts), "block17")
    parts = branches(x, ((256, 1, 1), (384, 3, 3, "valid", 2)), ((256, 1, 1), (288, 3, 3, "valid", 2)),
                     ((256, 1, 1), (288, 3, 3), (320, 3, 3, "valid", 2)))
    parts.append(layers.MaxPooling2D(3, strides=2, padding="valid")(x))
    x = _blocks(layers.Concatenate(axis=3, name="mixed_7a")(parts), "block8")
    x = layers.Conv2D(1536, 1, strides=1, padding="same", use_bias=False, name="conv_7b")(x)
    x = layers.BatchNormalization(axis=3, scale=False, name="conv_7b_bn")(x)
    return layers.Activation("relu", name="conv_7b_ac")(x)


def _build(asked, row, kwargs):
    without_unknown(kwargs)
    asked.check()
    asked.shape(299, 75)
    begin = asked.start()
    x = _body(begin)
    x = asked.top(x) if asked.include_top else asked.pooled(x, None, None)
    return asked.model(begin, x, "inception_resnet_v2", "inception_resnet_v2/inception_resnet_v2")


_family(globals(), _build, {"InceptionResNetV2": None}, USUAL + (("kwargs", None),))
