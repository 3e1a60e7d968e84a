# In: tables of blocks. Out: MobileNetV3Small and MobileNetV3Large of tf.keras.applications; they stand one level up.
from ..._framework.logs import warn
from .. import backend, layers
from .common import CLASSES, Texts, WEIGHTS, decode_predictions, divisible, family as _family, halving_pad  # noqa: F401

# Rows: how much wider within, channels, kernel, stride, attention to channels, activation.
_SMALL = ((1, 16, 3, 2, True, "relu"), (72 / 16, 24, 3, 2, False, "relu"), (88 / 24, 24, 3, 1, False, "relu"), (4, 40, 5, 2, True, "hard"),
          (6, 40, 5, 1, True, "hard"), (6, 40, 5, 1, True, "hard"), (3, 48, 5, 1, True, "hard"), (3, 48, 5, 1, True, "hard"),
          (6, 96, 5, 2, True, "hard"), (6, 96, 5, 1, True, "hard"), (6, 96, 5, 1, True, "hard"))
_LARGE = ((1, 16, 3, 1, False, "relu"), (4, 24, 3, 2, False, "relu"), (3, 24, 3, 1, False, "relu"), (3, 40, 5, 2, True, "relu"),
          (3, 40, 5, 1, True, "relu"), (3, 40, 5, 1, True, "relu"), (6, 80, 3, 2, False, "hard"), (2.5, 80, 3, 1, False, "hard"),
          (2.3, 80, 3, 1, False, "hard"), (2.3, 80, 3, 1, False, "hard"), (6, 112, 3, 1, True, "hard"), (6, 112, 3, 1, True, "hard"),
          (6, 160, 5, 2, True, "hard"), (6, 160, 5, 1, True, "hard"), (6, 160, 5, 1, True, "hard"))
_TEXTS = Texts(WEIGHTS + "  Received weights={weights}", CLASSES + ".  Received classes={classes}")


def preprocess_input(x, data_format=None):
    """x as it is: the model scales images of numbers from 0 to 255 itself."""
    return x


def _relu(x):
    return layers.ReLU()(x)


def _hard_sigmoid(x):
    return layers.ReLU(6.0)(x + 3.0) * (1.0 / 6.0)


def _hard_swish(x):
    return layers.Multiply()([x, _hard_sigmoid(x)])


def _norm(x, name):
    return layers.BatchNormalization(axis=3, epsilon=1e-3, momentum=0.999, name=name + "/BatchNorm")(x)


def _conv(x, filters, name, **more):
    return layers.Conv2D(filters, kernel_size=1, padding="same", name=name, **more)(x)


def _attended(x, channels, name):
    name += "squeeze_excite/"
    factors = layers.GlobalAveragePooling2D(keepdims=True, name=name + "AvgPool")(x)
    factors = _conv(factors, divisible(channels * 0.25), name + "Conv")
    factors = layers.ReLU(name=name + "Relu")(factors)
    factors = _hard_sigmoid(_conv(factors, channels, name + "Conv_1"))
    return layers.Multiply(name=name + "Mul")([x, factors])


def _block(x, number, wider, filters, kernel, stride, attended, active):
    before, given = x, x.shape[3]
    name, channels = "expanded_conv/", divisible(given * wider)
    if number:
        name = f"expanded_conv_{number}/"
        x = active(_norm(_conv(x, channels, name + "expand", use_bias=False), name + "expand"))
    if stride == 2:
        x = layers.ZeroPadding2D(padding=halving_pad(x, kernel), name=name + "depthwise/pad")(x)
    x = layers.DepthwiseConv2D(kernel, strides=stride, padding="same" if stride == 1 else "valid", use_bias=False,
                               name=name + "depthwise")(x)
    x = active(_norm(x, name + "depthwise"))
    if attended:
        x = _attended(x, channels, name)
    x = _norm(_conv(x, filters, name + "project", use_bias=False), name + "project")
    return layers.Add(name=name + "Add")([before, x]) if stride == 1 and given == filters else x


def _shape(asked):
    """Completes the shape from the tensor; raises ValueError for one that is too small or no tensor of Keras'."""
    given = asked.input_shape
    if given is None and asked.input_tensor is not None:
        if not backend.is_keras_tensor(asked.input_tensor):
            raise ValueError(f"input_tensor: {asked.input_tensor} is not type: Keras tensor.  Received type: {type(asked.input_tensor)}")
        given = (*asked.input_tensor.shape[1:3], 3)
    if given is None:
        given = (None, None, 3)
    rows, columns = given[:2]
    if rows and columns and (rows < 32 or columns < 32):
        raise ValueError(f"Input size must be at least 32x32; Received `input_shape={given}`")
    asked.input_shape = given


def _build(asked, row, alpha, minimalistic, dropout_rate, include_preprocessing):
    kind, table, last = row
    asked.check(_TEXTS)
    _shape(asked)
    if asked.weights == "imagenet":
        if not minimalistic and alpha not in (0.75, 1.0):
            raise ValueError("If imagenet weights are being loaded, alpha can be one of `0.75`, `1.0` for non minimalistic or `1.0` for "
                             "minimalistic only.")
        if minimalistic and alpha != 1.0:
            raise ValueError("If imagenet weights are being loaded, alpha can be one of `0.75`, `1.0` for non minimalistic or `1.0` for "
                             "minimalistic only.")
        if tuple(asked.input_shape[:2]) != (224, 224):
            warn("`input_shape` is undefined or non-square, or `rows` is not 224. Weights for input shape (224, 224) will be loaded as "
                 "the default.")
    hard = _relu if minimalistic else _hard_swish
    begin = x = asked.start()
    if include_preprocessing:
        x = layers.Rescaling(scale=1. / 127.5, offset=-1.)(x)
    x = layers.Conv2D(16, kernel_size=3, strides=(2, 2), padding="same", use_bias=False, name="Conv")(x)
    x = hard(_norm(x, "Conv"))
    for number, (wider, filters, kernel, stride, attended, active) in enumerate(table):
        x = _block(x, number, wider, divisible(filters * alpha), 3 if minimalistic else kernel, stride,
                   attended and not minimalistic, _relu if active == "relu" else hard)
    if alpha > 1.0:
        last = divisible(last * alpha)
    x = _conv(x, divisible(x.shape[3] * 6), "Conv_1", use_bias=False)
    x = hard(_norm(x, "Conv_1"))
    x = _headed(asked, x, last, hard, dropout_rate)
    key = f"{kind}{'_minimalistic' if minimalistic else ''}_224_{float(alpha)}_float"
    return asked.model(begin, x, "MobilenetV3" + kind, "mobilenet_v3/" + key)


def _headed(asked, x, last, hard, dropout_rate):
    if not asked.include_top:
        return asked.pooled(x)
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = hard(_conv(x, last, "Conv_2", use_bias=True))
    if dropout_rate > 0:
        x = layers.Dropout(dropout_rate)(x)
    x = layers.Flatten()(_conv(x, asked.classes, "Logits"))
    asked.check_activation()
    return layers.Activation(activation=asked.classifier_activation, name="Predictions")(x)


_family(globals(), _build, {"MobileNetV3Small": ("small", _SMALL, 1024), "MobileNetV3Large": ("large", _LARGE, 1280)}, (
    ("input_shape", None), ("alpha", 1.0), ("minimalistic", False), ("include_top", True), ("weights", "imagenet"), ("input_tensor", None),
    ("classes", 1000), ("pooling", None), ("dropout_rate", 0.2), ("classifier_activation", "softmax"), ("include_preprocessing", True)))
