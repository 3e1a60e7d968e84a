# In: counts of blocks and rates. Out: ResNet-RS of tf.keras.applications: residual networks with attention to channels.
from .. import layers
from .common import Texts, decode_predictions, family as _family, squeeze_excite  # noqa: F401

# Rows: blocks of four stages, rate of blocks left out, dropout, sides of the images that weights were trained with.
_DEPTHS = {50: ((3, 4, 6, 3), 0.0, 0.25, (160,)), 101: ((3, 4, 23, 3), 0.0, 0.25, (160, 192)), 152: ((3, 8, 36, 3), 0.0, 0.25, (192, 224, 256)),
           200: ((3, 24, 36, 3), 0.1, 0.25, (256,)), 270: ((4, 29, 53, 4), 0.1, 0.25, (256,)), 350: ((4, 36, 72, 4), 0.1, 0.4, (256, 320)),
           420: ((4, 44, 87, 4), 0.1, 0.4, (320,))}
_KERNELS = {"class_name": "VarianceScaling", "config": {"scale": 2.0, "mode": "fan_out", "distribution": "truncated_normal"}}


def preprocess_input(x, data_format=None):
    """x as it is: the model scales images of numbers from 0 to 255 itself."""
    return x


def _conv(x, filters, kernel, stride, name):
    if stride > 1:      # so that what is met does not hang on the size
        x = layers.ZeroPadding2D(padding=((kernel // 2, kernel // 2), (kernel // 2, kernel // 2)))(x) if kernel > 1 else x
    return layers.Conv2D(filters, kernel, strides=stride, padding="same" if stride == 1 else "valid", use_bias=False,
                         kernel_initializer=_KERNELS, name=name)(x)


def _norm(x, name):
    return layers.BatchNormalization(axis=3, momentum=0.0, epsilon=1e-5, name=name)(x)


def _relu(x, name):
    return layers.Activation("relu", name=name)(x)


def _block(x, filters, stride, first, drop, name):
    around = x
    if first:
        if stride == 2:
            around = layers.AveragePooling2D(pool_size=(2, 2), strides=(2, 2), padding="same", name=name + "_projection_pooling")(x)
        around = _conv(around, 4 * filters, 1, 1, name + "_projection_conv")
        around = _norm(around, name + "_projection_batch_norm")
    x = _relu(_norm(_conv(x, filters, 1, 1, name + "_conv_1"), name[:-1] + "_batch_norm_1"), name + "_act_1")
    x = _relu(_norm(_conv(x, filters, 3, stride, name + "_conv_2"), name + "_batch_norm_2"), name + "_act_2")
    x = _norm(_conv(x, 4 * filters, 1, 1, name + "_conv_3"), name + "_batch_norm_3")
    x = squeeze_excite(x, max(1, int(4 * filters * 0.25)), 4 * filters, "relu", _KERNELS, name + "_se_")
    if drop:
        x = layers.Dropout(drop, noise_shape=(None, 1, 1, 1), name=name + "_drop")(x)
    return _relu(layers.Add()([x, around]), name + "_output_act")


def _checked(asked, depth, sides):
    """Which weights are meant: "imagenet-i160" names the side of the images, "imagenet" means the largest there is."""
    known = [f"imagenet-i{side}" for side in sides]
    file = f"resnet_rs/resnet-rs-{depth}-i{sides[-1]}"
    if asked.weights in known:
        file, asked.weights = f"resnet_rs/resnet-rs-{depth}-{asked.weights[9:]}", "imagenet"
    asked.check(Texts(
        "The `weights` argument should be either `None` (random initialization), `'imagenet'` (pre-training on ImageNet, with highest "
        f"available input shape), or the path to the weights file to be loaded. For ResNetRS{depth} the following weight variants are "
        f"available {known} (default=highest). Received weights={{weights}}",
        f"If using `weights` as `'imagenet'` or any of {known} with `include_top` as true, `classes` should be 1000. "
        "Received classes={classes}"))
    return file


def _build(asked, row, include_preprocessing):
    depth, (counts, drop, dropout, sides) = row
    file = _checked(asked, depth, sides)
    asked.shape(224, 32)
    begin = x = asked.start()
    if include_preprocessing:
        x = layers.Rescaling(scale=1. / 255)(x)
        if asked.input_shape[-1] == 3:
            x = layers.Normalization(mean=[0.485, 0.456, 0.406],
                                     variance=[0.229 ** 2, 0.224 ** 2, 0.225 ** 2], axis=3)(x)
    for i, (filters, stride) in enumerate(((32, 2), (32, 1), (64, 1), (64, 2)), 1):
        x = _conv(x, filters, 3, stride, f"stem_1_stem_conv_{i}")
        x = _relu(_norm(x, f"stem_1_stem_batch_norm_{i}"), f"stem_1_stem_act_{i}")
    for stage, (count, filters) in enumerate(zip(counts, (64, 128, 256, 512)), 2):
        for i in range(count):
            x = _block(x, filters, 2 if i == 0 and stage > 2 else 1, i == 0, drop * stage / 5, f"BlockGroup{stage}__block_{i}_")
    if asked.include_top:
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
        if dropout > 0:
            x = layers.Dropout(dropout, name="top_dropout")(x)
        asked.check_activation()
        x = layers.Dense(asked.classes, activation=asked.classifier_activation, name="predictions")(x)
    else:
        x = asked.pooled(x)
    return asked.model(begin, x, f"resnet-rs-{depth}", file)


_family(globals(), _build, {f"ResNetRS{depth}": (depth, row) for depth, row in _DEPTHS.items()},
       (("include_top", True), ("weights", "imagenet"), ("classes", 1000), ("input_shape", None), ("input_tensor", None),
        ("pooling", None), ("classifier_activation", "softmax"), ("include_preprocessing", True)))
