# In: tables of stages. Out: RegNetX and RegNetY of tf.keras.applications: blocks of grouped convolutions, Y with attention to channels.
from .. import backend, layers
from .common import Texts, USUAL, decode_predictions, family as _family  # noqa: F401

# Rows: channels of a group, then blocks and channels of four stages.
_X = {"002": (8, (1, 24), (1, 56), (4, 152), (7, 368)), "004": (16, (1, 32), (2, 64), (7, 160), (12, 384)),
      "006": (24, (1, 48), (3, 96), (5, 240), (7, 528)), "008": (16, (1, 64), (3, 128), (7, 288), (5, 672)),
      "016": (24, (2, 72), (4, 168), (10, 408), (2, 912)), "032": (48, (2, 96), (6, 192), (15, 432), (2, 1008)),
      "040": (40, (2, 80), (5, 240), (14, 560), (2, 1360)), "064": (56, (2, 168), (4, 392), (10, 784), (1, 1624)),
      "080": (120, (2, 80), (5, 240), (15, 720), (1, 1920)), "120": (112, (2, 224), (5, 448), (11, 896), (1, 2240)),
      "160": (128, (2, 256), (6, 512), (13, 896), (1, 2048)), "320": (168, (2, 336), (7, 672), (13, 1344), (1, 2520))}
_Y = {"002": (8, (1, 24), (1, 56), (4, 152), (7, 368)), "004": (8, (1, 48), (3, 104), (6, 208), (6, 440)),
      "006": (16, (1, 48), (3, 112), (7, 256), (4, 608)), "008": (16, (1, 64), (3, 128), (8, 320), (2, 768)),
      "016": (24, (2, 48), (6, 120), (17, 336), (2, 888)), "032": (24, (2, 72), (5, 216), (13, 576), (1, 1512)),
      "040": (64, (2, 128), (6, 192), (12, 512), (2, 1088)), "064": (72, (2, 144), (7, 288), (14, 576), (2, 1296)),
      "080": (56, (2, 168), (4, 448), (10, 896), (1, 2016)), "120": (112, (2, 224), (5, 448), (11, 896), (1, 2240)),
      "160": (112, (2, 224), (4, 448), (11, 1232), (1, 3024)), "320": (232, (2, 232), (5, 696), (12, 1392), (1, 3712))}
_TEXTS = Texts(classes="If using `weights` as `'imagenet'` with `include_top` as true, `classes` should be 1000")



def preprocess_input(x, data_format=None):
    """x as it is: the model scales images of numbers from 0 to 255 itself."""
    return x


def _norm(x, name):
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)


def _conv(x, filters, kernel, name, **more):
    return layers.Conv2D(filters, (kernel, kernel), use_bias=False, kernel_initializer="he_normal", name=name, **more)(x)


def _attended(x, given, filters, name):
    factors = layers.GlobalAveragePooling2D(name=name + "_squeeze_and_excite_gap", keepdims=True)(x)
    for count, active, part in ((int(given * 0.25), "relu", "squeeze"), (filters, "sigmoid", "excite")):
        factors = layers.Conv2D(count, (1, 1), activation=active, kernel_initializer="he_normal",
                                name=f"{name}_squeeze_and_excite_{part}")(factors)
    from ... import math
    return math.multiply(factors, x)


def _block(x, given, filters, width, stride, kind, name):
    around = x
    if stride != 1:
        around = _norm(_conv(x, filters, 1, name + "_skip_1x1", strides=stride), name + "_skip_bn")
    x = _norm(_conv(x, filters, 1, name + "_conv_1x1_1"), name + "_conv_1x1_1_bn")
    x = layers.ReLU(name=name + "_conv_1x1_1_relu")(x)
    x = _conv(x, filters, 3, name + "_conv_3x3", strides=stride, groups=filters // width, padding="same")
    x = layers.ReLU(name=name + "_conv_3x3_relu")(_norm(x, name + "_conv_3x3_bn"))
    if kind == "Y":
        x = _attended(x, given, filters, name)
    x = _norm(_conv(x, filters, 1, name + "_conv_1x1_2"), name + "_conv_1x1_2_bn")
    return layers.ReLU(name=name + "_exit_relu")(x + around)


def _build(asked, row, model_name, include_preprocessing):
    kind, key, (width, *stages) = row
    asked.check(_TEXTS)
    asked.shape(224, 32)
    begin = x = asked.start()
    if include_preprocessing:
        x = layers.Rescaling(scale=1. / 255., name=model_name + "_prestem_rescaling")(x)
    x = _norm(_conv(x, 32, 3, model_name + "_stem_conv", strides=2, padding="same"), model_name + "_stem_bn")
    x = layers.ReLU(name=model_name + "_stem_relu")(x)
    given = 32
    for stage, (count, filters) in enumerate(stages):
        for i in range(count):
            x = _block(x, given, filters, width, 1 if i else 2, kind, f"{model_name}_Stage_{stage}_{kind}Block_{i}")
            given = filters
    if asked.include_top:
        head = str(backend.get_uid("head"))
        x = layers.GlobalAveragePooling2D(name=head + "_head_gap")(x)
        x = layers.Dense(asked.classes, name=head + "head_dense")(x)
        asked.check_activation()
    else:
        x = asked.pooled(x, None, None)
    return asked.model(begin, x, model_name, f"regnet/regnet{key}")


_family(globals(), _build,
       {f"RegNet{kind}{size}": (kind, kind.lower() + size, row) for kind, rows in (("X", _X), ("Y", _Y)) for size, row in rows.items()},
       (("model_name", None), ("include_top", True), ("include_preprocessing", True)) + USUAL[1:])
