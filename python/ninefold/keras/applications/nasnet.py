# In: tables of cells. Out: NASNetMobile and NASNetLarge of tf.keras.applications: two kinds of cells that a search found.
from .. import layers
from . import imagenet_utils
from .common import decode_predictions, family as _family, halving_pad  # noqa: F401

_ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications/nasnet/"
# Rows: side of the images, channels before the last factor, cells of a stage, channels of the stem, whether a stage's second cell
# looks at what stands before the reduction, and hashes of the weights.
_SIZES = {
    "NASNetMobile": (224, 1056, 4, 32, False, "mobile", ("020fb642bf7360b370c678b08e0adf61", "1ed92395b5b598bdda52abe5c0dbfd63")),
    "NASNetLarge": (331, 4032, 6, 96, True, "large", ("11577c9a518f0070763c2b964a382f17", "d81d89dc07e6e56530c4e77faddd61b5")),
}


def preprocess_input(x, data_format=None):
    """Images of numbers from 0 to 255, as numbers from -1 to 1."""
    return imagenet_utils.preprocess_input(x, data_format, "tf")


def _norm(x, name):
    return layers.BatchNormalization(axis=3, momentum=0.9997, epsilon=1e-3, name=name)(x)


def _relu(x, name=None):
    return layers.Activation("relu", **({"name": name} if name else {}))(x)


def _conv(x, filters, name):
    return layers.Conv2D(filters, (1, 1), strides=(1, 1), padding="same", use_bias=False, kernel_initializer="he_normal", name=name)(x)


def _separable(x, filters, kernel, stride, name):
    """Twice: cut at zero, convolve, norm; the first time in steps of `stride`."""
    x = _relu(x)
    if stride == 2:
        x = layers.ZeroPadding2D(padding=halving_pad(x, kernel), name=f"separable_conv_1_pad_{name}")(x)
    for i, (step, padding) in enumerate(((stride, "valid" if stride == 2 else "same"), (1, "same")), 1):
        if i == 2:
            x = _relu(x)
        x = layers.SeparableConv2D(filters, (kernel, kernel), strides=(step, step), padding=padding, use_bias=False,
                                   kernel_initializer="he_normal", name=f"separable_conv_{i}_{name}")(x)
        x = _norm(x, f"separable_conv_{i}_bn_{name}")
    return x


def _fitted(p, x, filters, name):
    """What the cell before the last gave, in the size and the channels of what the last gave."""
    if p is None:
        return x
    if p.shape[1] != x.shape[1]:
        p = _relu(p, f"adjust_relu_1_{name}")
        first = layers.AveragePooling2D((1, 1), strides=(2, 2), padding="valid", name=f"adjust_avg_pool_1_{name}")(p)
        first = _conv(first, filters // 2, f"adjust_conv_1_{name}")
        second = layers.ZeroPadding2D(padding=((0, 1), (0, 1)))(p)
        second = layers.Cropping2D(cropping=((1, 0), (1, 0)))(second)
        second = layers.AveragePooling2D((1, 1), strides=(2, 2), padding="valid", name=f"adjust_avg_pool_2_{name}")(second)
        second = _conv(second, filters // 2, f"adjust_conv_2_{name}")
        return _norm(layers.concatenate([first, second], axis=-1), f"adjust_bn_{name}")
    if p.shape[3] != filters:
        return _norm(_conv(_relu(p), filters, f"adjust_conv_projection_{name}"), f"adjust_bn_{name}")
    return p


def _mean(x, name):
    return layers.AveragePooling2D((3, 3), strides=(1, 1), padding="same", name=name)(x)


def _normal(x, p, filters, name):
    p = _fitted(p, x, filters, name)
    h = _norm(_conv(_relu(x), filters, f"normal_conv_1_{name}"), f"normal_bn_1_{name}")

    def add(parts, number):
        return layers.add(parts, name=f"normal_add_{number}_{name}")

    one = add([_separable(h, filters, 5, 1, f"normal_left1_{name}"), _separable(p, filters, 3, 1, f"normal_right1_{name}")], 1)
    two = add([_separable(p, filters, 5, 1, f"normal_left2_{name}"), _separable(p, filters, 3, 1, f"normal_right2_{name}")], 2)
    three = add([_mean(h, f"normal_left3_{name}"), p], 3)
    four = add([_mean(p, f"normal_left4_{name}"), _mean(p, f"normal_right4_{name}")], 4)
    five = add([_separable(h, filters, 3, 1, f"normal_left5_{name}"), h], 5)
    return layers.concatenate([p, one, two, three, four, five], axis=-1, name=f"normal_concat_{name}"), x


def _reduction(x, p, filters, name):
    p = _fitted(p, x, filters, name)
    h = _norm(_conv(_relu(x), filters, f"reduction_conv_1_{name}"), f"reduction_bn_1_{name}")
    padded = layers.ZeroPadding2D(padding=halving_pad(h, 3), name=f"reduction_pad_1_{name}")(h)

    def pool(kind, place):
        return kind((3, 3), strides=(2, 2), padding="valid", name=f"reduction_{place}_{name}")(padded)

    one = layers.add([_separable(h, filters, 5, 2, f"reduction_left1_{name}"), _separable(p, filters, 7, 2, f"reduction_right1_{name}")],
                     name=f"reduction_add_1_{name}")
    two = layers.add([pool(layers.MaxPooling2D, "left2"), _separable(p, filters, 7, 2, f"reduction_right2_{name}")],
                     name=f"reduction_add_2_{name}")
    three = layers.add([pool(layers.AveragePooling2D, "left3"), _separable(p, filters, 5, 2, f"reduction_right3_{name}")],
                       name=f"reduction_add3_{name}")
    four = layers.add([two, _mean(one, f"reduction_left4_{name}")])
    five = layers.add([_separable(one, filters, 3, 1, f"reduction_left4_{name}"), pool(layers.MaxPooling2D, "right5")],
                      name=f"reduction_add4_{name}")
    return layers.concatenate([two, three, four, five], axis=-1, name=f"reduction_concat_{name}"), x


def _body(x, channels, cells, stem, skipping):
    filters = channels // 24
    x = layers.Conv2D(stem, (3, 3), strides=(2, 2), padding="valid", use_bias=False, name="stem_conv1", kernel_initializer="he_normal")(x)
    x, p = _norm(x, "stem_bn1"), None
    x, p = _reduction(x, p, filters // 4, "stem_1")
    x, p = _reduction(x, p, filters // 2, "stem_2")
    for stage in range(3):
        if stage:
            x, given = _reduction(x, p, filters * 2 ** stage, f"reduce_{stage * cells}")
            p = p if skipping else given
        for i in range(cells):
            x, p = _normal(x, p, filters * 2 ** stage, stage * cells + i + (stage > 0))
    return _relu(x)


def _build(asked, row):
    size, channels, cells, stem, skipping, kind, hashes = row
    asked.check()
    asked.shape(size, 32, True)
    begin = asked.start()
    x = _body(begin, channels, cells, stem, skipping)
    x = asked.top(x, pool=None) if asked.include_top else asked.pooled(x, None, None)
    return asked.model(begin, x, "NASNet", (_ADDRESS, (f"NASNet-{kind}.h5", f"NASNet-{kind}-no-top.h5"), hashes,
                                            (f"nasnet_{kind}.h5", f"nasnet_{kind}_no_top.h5")))


_family(globals(), _build, {name: row for name, row in _SIZES.items()},
       (("input_shape", None), ("include_top", True), ("weights", "imagenet"), ("input_tensor", None), ("pooling", None), ("classes", 1000),
        ("classifier_activation", "softmax")))
