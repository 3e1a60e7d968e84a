# In: counts of blocks. Out: the residual networks of resnet and resnet_v2.
from .. import layers
from .common import without_unknown

_FILTERS = (64, 128, 256, 512)


def _norm(x, name):
    return layers.BatchNormalization(axis=3, epsilon=1.001e-5, name=name)(x)


def _relu(x, name):
    return layers.Activation("relu", name=name)(x)


def _block(x, filters, name, stride, first):
    """Convolutions of 1, 3 and 1 pixels beside a way around them, which is a convolution in a stage's first block."""
    around = x
    if first:
        around = layers.Conv2D(4 * filters, 1, strides=stride, name=name + "_0_conv")(x)
        around = _norm(around, name + "_0_bn")
    x = layers.Conv2D(filters, 1, strides=stride if first else 1, name=name + "_1_conv")(x)
    x = _relu(_norm(x, name + "_1_bn"), name + "_1_relu")
    x = layers.Conv2D(filters, 3, padding="same", name=name + "_2_conv")(x)
    x = _relu(_norm(x, name + "_2_bn"), name + "_2_relu")
    x = layers.Conv2D(4 * filters, 1, name=name + "_3_conv")(x)
    x = _norm(x, name + "_3_bn")
    return _relu(layers.Add(name=name + "_add")([around, x]), name + "_out")


def _block_v2(x, filters, name, stride, first):
    """As above, with what is normed and cut at zero before the convolutions."""
    ready = _relu(_norm(x, name + "_preact_bn"), name + "_preact_relu")
    if first:
        around = layers.Conv2D(4 * filters, 1, strides=stride, name=name + "_0_conv")(ready)
    else:
        around = layers.MaxPooling2D(1, strides=stride)(x) if stride > 1 else x
    x = layers.Conv2D(filters, 1, strides=1, use_bias=False, name=name + "_1_conv")(ready)
    x = _relu(_norm(x, name + "_1_bn"), name + "_1_relu")
    x = layers.ZeroPadding2D(padding=((1, 1), (1, 1)), name=name + "_2_pad")(x)
    x = layers.Conv2D(filters, 3, strides=stride, use_bias=False, name=name + "_2_conv")(x)
    x = _relu(_norm(x, name + "_2_bn"), name + "_2_relu")
    x = layers.Conv2D(4 * filters, 1, name=name + "_3_conv")(x)
    return layers.Add(name=name + "_out")([around, x])


def build(asked, row, kwargs=None):
    name, counts, second = row
    without_unknown(kwargs)
    asked.check()
    asked.shape(224, 32)
    begin = asked.start()
    x = layers.ZeroPadding2D(padding=((3, 3), (3, 3)), name="conv1_pad")(begin)
    x = layers.Conv2D(64, 7, strides=2, name="conv1_conv")(x)
    if not second:
        x = _relu(_norm(x, "conv1_bn"), "conv1_relu")
    x = layers.ZeroPadding2D(padding=((1, 1), (1, 1)), name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    for stage, (count, filters) in enumerate(zip(counts, _FILTERS), 2):
        for i in range(count):
            if second:      # halves in the last block of a stage, but for the last stage
                stride = 2 if i == count - 1 and stage < 5 else 1
                x = _block_v2(x, filters, f"conv{stage}_block{i + 1}", stride, i == 0)
            else:           # halves in the first block of a stage, but for the first stage
                x = _block(x, filters, f"conv{stage}_block{i + 1}", 2 if i == 0 and stage > 2 else 1, i == 0)
    if second:
        x = _relu(_norm(x, "post_bn"), "post_relu")
    x = asked.top(x) if asked.include_top else asked.pooled(x)
    return asked.model(begin, x, name, f"resnet/{name}")
