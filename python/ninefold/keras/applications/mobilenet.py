# Out: MobileNet of tf.keras.applications: thirteen pairs of a convolution of channels and one of pixels.
from ..._framework.logs import warn
from .. import layers
from . import imagenet_utils
from .common import CLASSES, Texts, WEIGHTS, decode_predictions, family as _family, without_unknown  # noqa: F401

_PAIRS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1))
_TEXTS = Texts(WEIGHTS + "  Received weights={weights}", CLASSES + ".  Received classes={classes}")
_ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet/"
_ALPHAS = {1.0: "1_0", 0.75: "7_5", 0.50: "5_0", 0.25: "2_5"}


def preprocess_input(x, data_format=None):
    """Images of numbers from 0 to 255, as numbers from -1 to 1."""
    return imagenet_utils.preprocess_input(x, data_format, "tf")


def _active(x, name):
    return layers.ReLU(6.0, name=name + "_relu")(layers.BatchNormalization(axis=3, name=name + "_bn")(x))


def _build(asked, row, alpha, depth_multiplier, dropout, kwargs):
    without_unknown(kwargs, "({},)")
    asked.check(_TEXTS)
    rows = asked.trained_size((128, 160, 192, 224))
    asked.shape(rows, 32)
    rows = asked.input_shape[0]
    if asked.weights == "imagenet":
        if depth_multiplier != 1:
            raise ValueError("If imagenet weights are being loaded, depth multiplier must be 1.  "
                             f"Received depth_multiplier={depth_multiplier}")
        if alpha not in _ALPHAS:
            raise ValueError("If imagenet weights are being loaded, alpha can be one of`0.25`, `0.50`, `0.75` or `1.0` only.  "
                             f"Received alpha={alpha}")
        if rows not in (128, 160, 192, 224):
            rows = 224
            warn("`input_shape` is undefined or non-square, or `rows` is not in [128, 160, 192, 224]. Weights for input shape "
                 "(224, 224) will be loaded as the default.")
    begin = asked.start()
    x = layers.Conv2D(int(32 * alpha), (3, 3), padding="same", use_bias=False, strides=(2, 2), name="conv1")(begin)
    x = _active(x, "conv1")
    for i, (filters, stride) in enumerate(_PAIRS, 1):
        if stride == 2:
            x = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{i}")(x)
        x = layers.DepthwiseConv2D((3, 3), padding="same" if stride == 1 else "valid", depth_multiplier=depth_multiplier,
                                   strides=(stride, stride), use_bias=False, name=f"conv_dw_{i}")(x)
        x = _active(x, f"conv_dw_{i}")
        x = layers.Conv2D(int(filters * alpha), (1, 1), padding="same", use_bias=False, strides=(1, 1), name=f"conv_pw_{i}")(x)
        x = _active(x, f"conv_pw_{i}")
    if asked.include_top:
        x = layers.GlobalAveragePooling2D(keepdims=True)(x)
        x = layers.Dropout(dropout, name="dropout")(x)
        x = layers.Conv2D(asked.classes, (1, 1), padding="same", name="conv_preds")(x)
        x = layers.Reshape((asked.classes,), name="reshape_2")(x)
        asked.check_activation()
        x = layers.Activation(activation=asked.classifier_activation, name="predictions")(x)
    else:
        x = asked.pooled(x, None, None)
    files = None
    if asked.weights == "imagenet":
        stem = f"mobilenet_{_ALPHAS[alpha]}_{rows}_tf"
        files = (_ADDRESS, (stem + ".h5", stem + "_no_top.h5"), None)
    return asked.model(begin, x, "mobilenet_%0.2f_%s" % (alpha, rows), files)


_family(globals(), _build, {"MobileNet": None}, (
    ("input_shape", None), ("alpha", 1.0), ("depth_multiplier", 1), ("dropout", 1e-3), ("include_top", True), ("weights", "imagenet"),
    ("input_tensor", None), ("pooling", None), ("classes", 1000), ("classifier_activation", "softmax"), ("kwargs", None)))
