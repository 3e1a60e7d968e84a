# In: how many convolutions each of five blocks has. Out: VGG, for vgg16 and vgg19.
from .. import layers
from .common import Texts, WEIGHTS, CLASSES

_TEXTS = Texts(WEIGHTS + "  Received: weights={weights}", CLASSES + ".  Received `classes={classes}`")

def build(asked, row):
    name, counts = row
    asked.check(_TEXTS)
    asked.shape(224, 32)
    begin = x = asked.start()
    for block, (count, filters) in enumerate(zip(counts, (64, 128, 256, 512, 512)), 1):
        for i in range(count):
            x = layers.Conv2D(filters, (3, 3), activation="relu", padding="same", name=f"block{block}_conv{i + 1}")(x)
        x = layers.MaxPooling2D((2, 2), strides=(2, 2), name=f"block{block}_pool")(x)
    if asked.include_top:
        x = layers.Flatten(name="flatten")(x)
        x = layers.Dense(4096, activation="relu", name="fc1")(x)
        x = layers.Dense(4096, activation="relu", name="fc2")(x)
        asked.check_activation()
        x = layers.Dense(asked.classes, activation=asked.classifier_activation, name="predictions")(x)
    else:
        x = asked.pooled(x, None, None)
    return asked.model(begin, x, name, f"{name}/{name}")
