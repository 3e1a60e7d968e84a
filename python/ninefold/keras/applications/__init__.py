# Out: tf.keras.applications: architectures that are known by their names, each a table of layers and a file a family.
from . import (densenet, efficientnet, efficientnet_v2, imagenet_utils, inception_resnet_v2, inception_v3, mobilenet,  # noqa: F401
               mobilenet_v2, mobilenet_v3, nasnet, regnet, resnet, resnet50, resnet_rs, resnet_v2, vgg16, vgg19, xception)

for _module in (densenet, efficientnet, efficientnet_v2, inception_resnet_v2, inception_v3, mobilenet, mobilenet_v2, mobilenet_v3, nasnet,
                regnet, resnet, resnet_rs, resnet_v2, vgg16, vgg19, xception):
    globals().update({name: value for name, value in vars(_module).items() if getattr(value, "__module__", None) == _module.__name__
                      and name[0].isupper()})
