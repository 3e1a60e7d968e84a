# Out: tf.keras.applications.resnet50: the names of resnet that are older than its sisters.
from .resnet import ResNet50, decode_predictions, preprocess_input  # noqa: F401
