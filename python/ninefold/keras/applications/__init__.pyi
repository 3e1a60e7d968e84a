# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.applications for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

def DenseNet121(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture DenseNet121, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def DenseNet169(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture DenseNet169, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def DenseNet201(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture DenseNet201, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetB0(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture EfficientNetB0, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetB1(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture EfficientNetB1, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetB2(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture EfficientNetB2, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetB3(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture EfficientNetB3, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetB4(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture EfficientNetB4, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetB5(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture EfficientNetB5, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetB6(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture EfficientNetB6, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetB7(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture EfficientNetB7, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetV2B0(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture EfficientNetV2B0, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetV2B1(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture EfficientNetV2B1, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetV2B2(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture EfficientNetV2B2, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetV2B3(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture EfficientNetV2B3, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetV2L(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture EfficientNetV2L, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetV2M(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture EfficientNetV2M, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetV2S(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture EfficientNetV2S, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def InceptionResNetV2(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture InceptionResNetV2, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def InceptionV3(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture InceptionV3, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def MobileNet(input_shape: Any = ..., alpha: Any = ..., depth_multiplier: Any = ..., dropout: Any = ..., include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture MobileNet, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def MobileNetV2(input_shape: Any = ..., alpha: Any = ..., include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture MobileNetV2, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def MobileNetV3Large(input_shape: Any = ..., alpha: Any = ..., minimalistic: Any = ..., include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., classes: Any = ..., pooling: Any = ..., dropout_rate: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture MobileNetV3Large, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def MobileNetV3Small(input_shape: Any = ..., alpha: Any = ..., minimalistic: Any = ..., include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., classes: Any = ..., pooling: Any = ..., dropout_rate: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture MobileNetV3Small, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def NASNetLarge(input_shape: Any = ..., include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture NASNetLarge, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def NASNetMobile(input_shape: Any = ..., include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture NASNetMobile, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX002(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX002, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX004(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX004, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX006(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX006, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX008(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX008, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX016(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX016, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX032(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX032, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX040(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX040, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX064(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX064, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX080(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX080, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX120(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX120, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX160(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX160, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX320(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX320, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY002(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY002, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY004(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY004, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY006(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY006, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY008(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY008, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY016(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY016, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY032(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY032, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY040(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY040, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY064(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY064, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY080(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY080, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY120(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY120, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY160(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY160, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY320(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY320, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNet101(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., **kwargs: Any) -> Any:
    """The architecture ResNet101, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNet101V2(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture ResNet101V2, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNet152(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., **kwargs: Any) -> Any:
    """The architecture ResNet152, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNet152V2(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture ResNet152V2, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNet50(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., **kwargs: Any) -> Any:
    """The architecture ResNet50, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNet50V2(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture ResNet50V2, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNetRS101(include_top: Any = ..., weights: Any = ..., classes: Any = ..., input_shape: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture ResNetRS101, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNetRS152(include_top: Any = ..., weights: Any = ..., classes: Any = ..., input_shape: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture ResNetRS152, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNetRS200(include_top: Any = ..., weights: Any = ..., classes: Any = ..., input_shape: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture ResNetRS200, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNetRS270(include_top: Any = ..., weights: Any = ..., classes: Any = ..., input_shape: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture ResNetRS270, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNetRS350(include_top: Any = ..., weights: Any = ..., classes: Any = ..., input_shape: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture ResNetRS350, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNetRS420(include_top: Any = ..., weights: Any = ..., classes: Any = ..., input_shape: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture ResNetRS420, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNetRS50(include_top: Any = ..., weights: Any = ..., classes: Any = ..., input_shape: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture ResNetRS50, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def VGG16(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture VGG16, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def VGG19(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture VGG19, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def Xception(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture Xception, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

from . import densenet as densenet

from . import efficientnet as efficientnet

from . import efficientnet_v2 as efficientnet_v2

from . import imagenet_utils as imagenet_utils

from . import inception_resnet_v2 as inception_resnet_v2

from . import inception_v3 as inception_v3

from . import mobilenet as mobilenet

from . import mobilenet_v2 as mobilenet_v2

from . import mobilenet_v3 as mobilenet_v3

from . import nasnet as nasnet

from . import regnet as regnet

from . import resnet as resnet

from . import resnet50 as resnet50

from . import resnet_rs as resnet_rs

from . import resnet_v2 as resnet_v2

from . import vgg16 as vgg16

from . import vgg19 as vgg19

from . import xception as xception
