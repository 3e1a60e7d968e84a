# Out: MobileNetV2 of tf.keras.applications: blocks that widen, filter each channel, and narrow again.
from ..._framework.logs import warn
from .. import backend, layers, utils
from . import imagenet_utils
from .common import CLASSES, Texts, WEIGHTS, decode_predictions, divisible, family as _family, halving_pad, without_unknown  # noqa: F401

# Rows: channels, stride of the first block, blocks.
_STAGES = ((24, 2, 2), (32, 2, 3), (64, 2, 4), (96, 1, 3), (160, 2, 3), (320, 1, 1))
_TEXTS = Texts(WEIGHTS + "  Received `weights={weights}`", CLASSES + ". Received `classes={classes}`")
_ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/"


def preprocess_input(x, data_format=None):
    """Images of numbers from 0 to 255, as numbers from -1 to 1."""
    return imagenet_utils.preprocess_input(x, data_format, "tf")


def _norm(x, name):
    return layers.BatchNormalization(axis=3, epsilon=1e-3, momentum=0.999, name=name)(x)


def _block(x, channels, stride, alpha, expansion, name):
    before, given = x, x.shape[3]
    channels = divisible(int(channels * alpha))
    if expansion:
        x = layers.Conv2D(expansion * given, kernel_size=1, padding="same", use_bias=False, activation=None, name=name + "expand")(x)
        x = layers.ReLU(6.0, name=name + "expand_relu")(_norm(x, name + "expand_BN"))
    if stride == 2:
        x = layers.ZeroPadding2D(padding=halving_pad(x, 3), name=name + "pad")(x)
    x = layers.DepthwiseConv2D(kernel_size=3, strides=stride, activation=None, use_bias=False,
                               padding="same" if stride == 1 else "valid", name=name + "depthwise")(x)
    x = layers.ReLU(6.0, name=name + "depthwise_relu")(_norm(x, name + "depthwise_BN"))
    x = layers.Conv2D(channels, kernel_size=1, padding="same", use_bias=False, activation=None, name=name + "project")(x)
    x = _norm(x, name + "project_BN")
    return layers.Add(name=name + "add")([before, x]) if given == channels and stride == 1 else x


def _rows(asked):
    """The side of the images that the nearest trained weights were made for; checks a shape against a tensor."""
    trained = (96, 128, 160, 192, 224)
    if asked.input_shape is not None or asked.input_tensor is None:
        return asked.trained_size(trained)
    if not backend.is_keras_tensor(asked.input_tensor):
        raise ValueError(f"input_tensor: {asked.input_tensor} is not type: Keras tensor")
    rows, columns = asked.input_tensor.shape[1:3]
    return rows if rows == columns and rows in trained else 224


def _build(asked, row, alpha, kwargs):
    without_unknown(kwargs)
    asked.check(_TEXTS)
    rows = _rows(asked)
    asked.shape(rows, 32)
    rows = asked.input_shape[0]
    if asked.weights == "imagenet":
        if alpha not in (0.35, 0.50, 0.75, 1.0, 1.3, 1.4):
            raise ValueError("If imagenet weights are being loaded, alpha must be one of `0.35`, `0.50`, `0.75`, `1.0`, `1.3` or "
                             f"`1.4` only; Received `alpha={alpha}`")
        sides = asked.input_shape[:2]
        if sides[0] != sides[1] or sides[0] not in (96, 128, 160, 192, 224):
            rows = 224
            warn("`input_shape` is undefined or non-square, or `rows` is not in [96, 128, 160, 192, 224]. Weights for input shape "
                 "(224, 224) will be loaded as the default.")
    begin = asked.start()
    x = layers.Conv2D(divisible(32 * alpha), kernel_size=3, strides=(2, 2), padding="same", use_bias=False, name="Conv1")(begin)
    x = layers.ReLU(6.0, name="Conv1_relu")(_norm(x, "bn_Conv1"))
    x = _block(x, 16, 1, alpha, None, "expanded_conv_")
    block = 0
    for channels, stride, count in _STAGES:
        for i in range(count):
            block += 1
            x = _block(x, channels, stride if i == 0 else 1, alpha, 6, f"block_{block}_")
    last = divisible(1280 * alpha) if alpha > 1.0 else 1280
    x = layers.Conv2D(last, kernel_size=1, use_bias=False, name="Conv_1")(x)
    x = layers.ReLU(6.0, name="out_relu")(_norm(x, "Conv_1_bn"))
    x = asked.top(x, pool=None) if asked.include_top else asked.pooled(x, None, None)
    stem = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{float(alpha)}_{rows}"
    return asked.model(begin, x, "mobilenetv2_%0.2f_%s" % (alpha, rows), (_ADDRESS, (stem + ".h5", stem + "_no_top.h5"), None))


_family(globals(), _build, {"MobileNetV2": None}, (
    ("input_shape", None), ("alpha", 1.0), ("include_top", True), ("weights", "imagenet"), ("input_tensor", None), ("pooling", None),
    ("classes", 1000), ("classifier_activation", "softmax"), ("kwargs", None)))
