# In: nothing. Out: what every model of tf.keras.applications is made of, by Keras 2.9.0, a hash a layer, and what some of them compute:
#   python tests/referee/record_applications.py tests/data/applications/models.json.gz          (TensorFlow 2.9.0)
import gzip
import hashlib
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np

LEFT_OUT = {"Lambda": ("function", "module", "output_shape")}     # its code is Python's own, of one version


def plain(value):
    """A config as JSON has it, without the numbers by which Keras tells that one object was written twice."""
    return json.loads(json.dumps(value, sort_keys=True, default=lambda x: x.tolist()),
                      object_hook=lambda found: {k: v for k, v in found.items() if k != "shared_object_id"})


def rows(model):
    """[name, class, hash of config and of what it is called on] a layer, in the model's order."""
    found = []
    for layer in plain(model.get_config())["layers"]:
        config = {k: v for k, v in layer["config"].items() if k not in LEFT_OUT.get(layer["class_name"], ())}
        text = json.dumps([config, layer["inbound_nodes"]], sort_keys=True)
        found.append([layer["name"], layer["class_name"], hashlib.sha256(text.encode()).hexdigest()[:8]])
    return found


def described(model):
    return {"name": model.name, "parameters": model.count_params(), "trainable": sum(int(np.prod(w.shape)) for w in model.trainable_weights),
            "output": list(model.output_shape), "weights": len(model.weights), "layers": rows(model)}


def computed(tf, model, side):
    """Sums of the weights that seed 7 makes, a weight each, and what they make of an image of noise."""
    x = np.random.RandomState(1).rand(2, side, side, 3).astype("float32") * 255
    given = [float(np.abs(w.numpy()).sum()) for w in model.weights]
    return {"sums": [float("%.6g" % s) for s in given], "outputs": [float("%.7g" % v) for v in model(x, training=False).numpy().ravel()]}


def cases(names):
    yield from ((name, {}) for name in names)
    small = {"input_shape": [96, 96, 3], "classes": 10}
    one_each = ("DenseNet121", "EfficientNetB0", "EfficientNetV2B0", "EfficientNetV2S", "InceptionResNetV2", "InceptionV3", "MobileNet",
                "MobileNetV2", "MobileNetV3Small", "NASNetMobile", "RegNetX002", "RegNetY002", "ResNet50", "ResNet50V2", "ResNetRS50",
                "VGG16", "Xception")
    for name in one_each:
        yield name, {"include_top": False}
        yield name, {"include_top": False, "pooling": "avg", "input_shape": [96, 96, 3]}
        yield name, {"include_top": False, "pooling": "max", "input_shape": [97, 99, 1]}
        yield name, small
    for name in ("EfficientNetV2B0", "EfficientNetV2S", "RegNetX002", "ResNetRS50", "MobileNetV3Small", "MobileNetV3Large"):
        yield name, {"include_preprocessing": False, **small}
    for alpha in (0.5, 0.75):
        yield "MobileNet", {"alpha": alpha, "depth_multiplier": 2, "dropout": 0.3, **small}
    for alpha in (0.35, 1.4):
        yield "MobileNetV2", {"alpha": alpha, "classifier_activation": None, **small}
    for name in ("MobileNetV3Small", "MobileNetV3Large"):
        yield name, {"alpha": 0.75, "dropout_rate": 0.0, **small}
        yield name, {"minimalistic": True, "pooling": "max", **small}
    yield "RegNetY002", {"model_name": "mine", **small}


COMPUTED = {"MobileNetV2": {"input_shape": [96, 96, 3], "classes": 5, "alpha": 0.35}, "EfficientNetB0": {"input_shape": [32, 32, 3], "classes": 5},
            "MobileNetV3Small": {"input_shape": [64, 64, 3], "classes": 5}, "RegNetY002": {"input_shape": [32, 32, 3], "classes": 5},
            "EfficientNetV2B0": {"input_shape": [32, 32, 3], "classes": 5}, "NASNetMobile": {"input_shape": [64, 64, 3], "classes": 5},
            "ResNet50V2": {"input_shape": [32, 32, 3], "classes": 5}, "ResNet50": {"input_shape": [32, 32, 3], "classes": 5},
            "DenseNet121": {"input_shape": [32, 32, 3], "classes": 5}, "Xception": {"input_shape": [71, 71, 3], "classes": 5},
            "InceptionV3": {"input_shape": [75, 75, 3], "classes": 5}, "MobileNet": {"input_shape": [32, 32, 3], "classes": 5}}


def main(path):
    import tensorflow as tf
    applications = tf.keras.applications
    names = sorted(name for name in dir(applications) if name[0].isupper())
    found = {"structures": [], "computed": []}
    for name, given in cases(names):
        tf.keras.backend.clear_session()
        model = getattr(applications, name)(weights=None, **given)
        found["structures"].append({"function": name, "arguments": given, **described(model)})
    for name, given in COMPUTED.items():
        tf.keras.backend.clear_session()
        tf.keras.utils.set_random_seed(7)
        model = getattr(applications, name)(weights=None, **given)
        found["computed"].append({"function": name, "arguments": given, **computed(tf, model, given["input_shape"][0])})
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as file:
        file.write(json.dumps(found, separators=(",", ":")).encode())


if __name__ == "__main__":
    main(sys.argv[1])
