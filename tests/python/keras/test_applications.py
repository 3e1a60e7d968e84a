# In: what Keras 2.9.0's models are made of, a hash a layer (tests/referee/record_applications.py). Out: tf.keras.applications has the same.
import gzip
import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
import pytest

import ninefold as tf

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDED = os.path.join(HERE, "..", "..", "data", "applications", "models.json.gz")
_spec = importlib.util.spec_from_file_location("record_applications", os.path.join(HERE, "..", "..", "referee", "record_applications.py"))
referee = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(referee)
with gzip.open(RECORDED) as file:
    recorded = json.load(file)
applications = tf.keras.applications


def title(row):
    return row["function"] + "".join(f"-{k}={v}" for k, v in row["arguments"].items())


@pytest.mark.parametrize("row", recorded["structures"], ids=title)
def test_model_is_what_keras_makes(row):
    tf.keras.backend.clear_session()
    model = getattr(applications, row["function"])(weights=None, **row["arguments"])
    got = json.loads(json.dumps(referee.described(model)))
    differing = [(a, b) for a, b in zip(got.pop("layers"), row["layers"]) if a != b]
    assert not differing, f"{len(differing)} layers; the first is {differing[0][0]}, Keras has {differing[0][1]}"
    assert got == {key: value for key, value in row.items() if key not in ("function", "arguments", "layers")}


@pytest.mark.parametrize("row", recorded["computed"], ids=title)
def test_the_same_seed_makes_the_same_weights_and_predictions(row):
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(7)
    model = getattr(applications, row["function"])(weights=None, **row["arguments"])
    got = referee.computed(tf, model, row["arguments"]["input_shape"][0])
    for weight, a, b in zip(model.weights, got["sums"], row["sums"]):
        assert a == pytest.approx(b, rel=2e-5), weight.name
    assert len(got["sums"]) == len(row["sums"])
    assert np.allclose(got["outputs"], row["outputs"], atol=1e-4)


_OR_PATH = ("The `weights` argument should be either `None` (random initialization), `imagenet` (pre-training on ImageNet), or the path to the "
            "weights file to be loaded.")
_ONLY = 'If using `weights` as `"imagenet"` with `include_top` as true, `classes` should be 1000'
ERRORS = [
    ("DenseNet121", {"weights": "nope"}, ValueError, _OR_PATH),
    ("VGG16", {"weights": "nope"}, ValueError, _OR_PATH + "  Received: weights=nope"),
    ("InceptionV3", {"weights": "nope"}, ValueError, _OR_PATH[:-1] + "; Received: weights=nope"),
    ("MobileNetV2", {"weights": "nope"}, ValueError, _OR_PATH + "  Received `weights=nope`"),
    ("MobileNetV3Small", {"weights": "nope"}, ValueError, _OR_PATH + "  Received weights=nope"),
    ("EfficientNetV2B0", {"weights": "nope"}, ValueError, _OR_PATH + "Received: weights=nope"),
    ("ResNetRS50", {"weights": "nope"}, ValueError, "available ['imagenet-i160'] (default=highest). Received weights=nope"),
    ("ResNetRS152", {"weights": "imagenet-i160"}, ValueError, "['imagenet-i192', 'imagenet-i224', 'imagenet-i256']"),
    ("NASNetMobile", {"classes": 5}, ValueError, _ONLY),
    ("VGG19", {"classes": 5}, ValueError, _ONLY + ".  Received `classes=5`"),
    ("InceptionV3", {"classes": 5}, ValueError, _ONLY + "; Received classes=5"),
    ("RegNetX002", {"classes": 5}, ValueError, "If using `weights` as `'imagenet'` with `include_top` as true, `classes` should be 1000"),
    ("ResNetRS50", {"classes": 5}, ValueError, "If using `weights` as `'imagenet'` or any of ['imagenet-i160'] with `include_top` as true, "
                                               "`classes` should be 1000. Received classes=5"),
    ("Xception", {"weights": None, "include_top": False, "input_shape": (8, 8, 3)}, ValueError,
     "Input size must be at least 71x71; Received: input_shape=(8, 8, 3)"),
    ("MobileNetV3Large", {"weights": None, "include_top": False, "input_shape": (8, 8, 3)}, ValueError,
     "Input size must be at least 32x32; Received `input_shape=(8, 8, 3)`"),
    ("ResNet50", {"input_shape": (160, 160, 3)}, ValueError, "When setting `include_top=True` and loading `imagenet` weights, `input_shape` "
                                                             "should be (224, 224, 3).  Received: input_shape=(160, 160, 3)"),
    ("NASNetLarge", {"include_top": False, "input_shape": (160, 160, 4)}, ValueError, "`input_shape` should be (331, 331, 3)."),
    ("DenseNet121", {"include_top": False, "input_shape": (160, 160, 4)}, ValueError,
     "The input must have 3 channels; Received `input_shape=(160, 160, 4)`"),
    ("VGG16", {"weights": None, "include_top": False, "input_shape": (160, 160)}, ValueError, "`input_shape` must be a tuple of three integers."),
    ("VGG16", {"weights": None, "input_shape": (None, None, 3)}, ValueError, "If `include_top` is True, you should specify a static "
                                                                             "`input_shape`. Received: input_shape=(None, None, 3)"),
    ("MobileNet", {"classifier_activation": "relu"}, ValueError, "Only `None` and `softmax` activations are allowed for the "
     "`classifier_activation` argument when using pretrained weights, with `include_top=True`; Received: classifier_activation=<function relu"),
    ("MobileNet", {"alpha": 0.3}, ValueError, "alpha can be one of`0.25`, `0.50`, `0.75` or `1.0` only.  Received alpha=0.3"),
    ("MobileNetV2", {"alpha": 0.3}, ValueError, "alpha must be one of `0.35`, `0.50`, `0.75`, `1.0`, `1.3` or `1.4` only; Received `alpha=0.3`"),
    ("MobileNet", {"nope": 3}, ValueError, "Unknown argument(s): ({'nope': 3},)"),
    ("ResNet50", {"nope": 3}, ValueError, "Unknown argument(s): {'nope': 3}"),
    ("EfficientNetB0", {"nope": 3}, TypeError, "EfficientNet() got an unexpected keyword argument 'nope'"),
    ("ResNet50V2", {"nope": 3}, TypeError, "ResNet50V2() got an unexpected keyword argument 'nope'"),
]


@pytest.mark.parametrize("name, given, kind, text", ERRORS, ids=lambda v: str(v)[:40])
def test_what_cannot_be_built(name, given, kind, text):
    with pytest.raises(kind) as raised:
        getattr(applications, name)(**given)
    assert text in str(raised.value)


def test_strange_channels_are_warned_of():
    with pytest.warns(UserWarning, match="usually expects 1 or 3 input channels. However, it was passed an input_shape with 7 input channels."):
        applications.MobileNetV2(weights=None, include_top=False, input_shape=(32, 32, 7), alpha=0.35)


_T = "_weights_tf_dim_ordering_tf_kernels"
_AT = "https://storage.googleapis.com/tensorflow/keras-applications/"
FETCHED = [
    ("DenseNet121", {}, f"densenet121{_T}.h5", f"{_AT}densenet/densenet121{_T}.h5", "9d60b8095a5708f2dcce2bca79d332c7"),
    ("EfficientNetB0", {"include_top": False}, "efficientnetb0_notop.h5",
     "https://storage.googleapis.com/keras-applications/efficientnetb0_notop.h5", "50bc09e76180e00e4465e1a485ddc09d"),
    ("EfficientNetV2B0", {}, "efficientnetv2-b0.h5", _AT + "efficientnet_v2/efficientnetv2-b0.h5", "21ecbf6da12460d5c40bb2f29ceb2188"),
    ("NASNetMobile", {"include_top": False}, "nasnet_mobile_no_top.h5", _AT + "nasnet/NASNet-mobile-no-top.h5", "1ed92395b5b598bdda52abe5c0dbfd63"),
    ("MobileNet", {"input_shape": (160, 160, 3)}, "mobilenet_1_0_160_tf.h5", _AT + "mobilenet/mobilenet_1_0_160_tf.h5", None),
    ("MobileNet", {"include_top": False}, "mobilenet_1_0_224_tf_no_top.h5", _AT + "mobilenet/mobilenet_1_0_224_tf_no_top.h5", None),
    ("MobileNetV2", {"input_shape": (160, 160, 3)}, f"mobilenet_v2{_T}_1.0_160.h5", f"{_AT}mobilenet_v2/mobilenet_v2{_T}_1.0_160.h5", None),
    ("MobileNetV3Large", {"include_top": False}, "weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
     _AT + "mobilenet_v3/weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5", "07fb09a5933dd0c8eaafa16978110389"),
    ("RegNetX002", {}, "regnetx002.h5", _AT + "regnet/regnetx002.h5", "49fb46e56cde07fdaf57bffd851461a86548f6a3a4baef234dd37290b826c0b8"),
    ("ResNet50", {}, f"resnet50{_T}.h5", f"{_AT}resnet/resnet50{_T}.h5", "2cb95161c43110f7111970584f804107"),
    ("ResNet50V2", {}, f"resnet50v2{_T}.h5", f"{_AT}resnet/resnet50v2{_T}.h5", "3ef43a0b657b3be2300d5770ece849e0"),
    ("ResNetRS50", {}, "resnet-rs-50-i160.h5", _AT + "resnet_rs/resnet-rs-50-i160.h5", "69d9d925319f00a8bdd4af23c04e4102"),
    ("ResNetRS101", {"include_top": False}, "resnet-rs-101-i192_notop.h5", _AT + "resnet_rs/resnet-rs-101-i192_notop.h5",
     "f9a0f6b85faa9c3db2b6e233c4eebb5b"),
    ("InceptionV3", {}, f"inception_v3{_T}.h5", f"{_AT}inception_v3/inception_v3{_T}.h5", "9a0d58056eeedaa3f26cb7ebd46da564"),
    ("InceptionResNetV2", {}, f"inception_resnet_v2{_T}.h5", f"{_AT}inception_resnet_v2/inception_resnet_v2{_T}.h5",
     "e693bd0210a403b3192acc6073ad2e96"),
    ("VGG16", {"include_top": False}, f"vgg16{_T}_notop.h5", f"{_AT}vgg16/vgg16{_T}_notop.h5", "6d6bbae143d832006294945121d1f1fc"),
    ("Xception", {"include_top": False}, f"xception{_T}_notop.h5", f"{_AT}xception/xception{_T}_notop.h5", "b0042744bf5b25fce3cb969f33bebb97"),
]


@pytest.mark.parametrize("name, given, saved_as, address, digest", FETCHED, ids=lambda v: str(v)[:40])
def test_weights_of_imagenet_come_from_where_keras_gets_them(name, given, saved_as, address, digest, monkeypatch):
    class Asked(Exception):
        pass

    def get_file(fname, origin, cache_subdir, file_hash=None):
        raise Asked(fname, origin, cache_subdir, file_hash)
    monkeypatch.setattr(tf.keras.utils, "get_file", get_file)
    with pytest.raises(Asked) as asked:
        getattr(applications, name)(**given)
    assert asked.value.args == (saved_as, address, "models", digest)


def test_weights_go_through_files(tmp_path):
    """By topology and by name, and as the weights of a model that is built with them."""
    small = {"input_shape": (32, 32, 3), "alpha": 0.35, "classes": 3}
    model = applications.MobileNetV2(weights=None, **small)
    path = str(tmp_path / "weights.h5")
    model.save_weights(path)
    x = np.random.RandomState(3).rand(2, 32, 32, 3).astype("float32")
    for by_name in (False, True):
        other = applications.MobileNetV2(weights=None, **small)
        other.load_weights(path, by_name=by_name)
        assert np.array_equal(other(x), model(x))
    assert np.array_equal(applications.MobileNetV2(weights=path, **small)(x), model(x))


def test_input_tensor():
    x = tf.keras.Input((32, 32, 3))
    y = tf.keras.layers.Conv2D(3, 3, name="before")(x)
    model = applications.MobileNetV2(weights=None, input_tensor=y, alpha=0.35, classes=4)
    assert [layer.name for layer in model.layers[1:3]] == ["before", "Conv1"] and model.input_shape == (None, 32, 32, 3)


def test_preprocess_input():
    utils = applications.imagenet_utils
    x = np.arange(24).reshape(2, 2, 2, 3)
    expected = {"caffe": [-101.939, -115.779, -123.68, -98.939, -112.779, -120.68],
                "tf": [-1.0, -0.99215686, -0.98431373, -0.97647059, -0.96862745, -0.96078432],
                "torch": [-2.1179039, -2.0182073, -1.7695861, -2.0665298, -1.9656862, -1.7172985]}     # by Keras 2.9.0
    for mode, numbers in expected.items():
        for given in (x, x.astype("float32"), tf.constant(x), tf.constant(x, tf.float32)):
            got = np.asarray(utils.preprocess_input(given, mode=mode))
            assert got.dtype == np.float32 and np.allclose(got.ravel()[:6], numbers, atol=1e-5)
            first = np.asarray(utils.preprocess_input(np.moveaxis(x, -1, 1) if isinstance(given, np.ndarray) else tf.transpose(given, (0, 3, 1, 2)),
                                                      data_format="channels_first", mode=mode))
            assert np.allclose(np.moveaxis(first, 1, -1), got, atol=1e-5)
    symbolic = tf.keras.Input((2, 2, 3))
    model = tf.keras.Model(symbolic, applications.resnet50.preprocess_input(symbolic))
    assert [layer.name for layer in model.layers[1:]] == ["tf.__operators__.getitem", "tf.math.subtract"]
    assert np.allclose(model(x.astype("float32")), utils.preprocess_input(x))
    floats = x.astype("float32")
    assert applications.vgg16.preprocess_input(floats) is not None and floats[0, 0, 0, 0] != 0    # in place, as Keras does
    assert applications.efficientnet.preprocess_input(x) is x
    with pytest.raises(ValueError, match="Expected mode to be one of `caffe`, `tf` or `torch`. Received: mode=x"):
        utils.preprocess_input(x, mode="x")
    with pytest.raises(ValueError, match="Expected data_format to be one of `channels_first` or `channels_last`. Received: data_format=y"):
        utils.preprocess_input(x, data_format="y")


def test_decode_predictions(tmp_path, monkeypatch):
    from ninefold.keras.applications import imagenet_utils
    names = {str(i): [f"n{i:08d}", f"class_{i}"] for i in range(1000)}
    path = tmp_path / "names.json"
    path.write_text(json.dumps(names))
    asked = []
    monkeypatch.setattr(imagenet_utils, "get_file", lambda *args, **kwargs: asked.append((args, kwargs)) or str(path))
    monkeypatch.setattr(imagenet_utils, "_names", None)
    rows = np.zeros((2, 1000), "float32")
    rows[0, [7, 3]], rows[1, 999] = (0.75, 0.25), 1
    found = applications.vgg16.decode_predictions(rows, top=2)
    assert found[0] == [("n00000007", "class_7", 0.75), ("n00000003", "class_3", 0.25)] and found[1][0][1] == "class_999"
    assert asked == [(("imagenet_class_index.json", "https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json"),
                      {"cache_subdir": "models", "file_hash": "c2c37ea517e94d9795004a39431a14cb"})]
    with pytest.raises(ValueError, match=r"2D array of shape \(samples, 1000\)\). Found array with shape: \(2, 10\)"):
        imagenet_utils.decode_predictions(np.zeros((2, 10)))


def test_opened_at_first_use():
    code = ("import sys, ninefold as tf; tf.keras.layers; assert 'ninefold.keras.applications' not in sys.modules\n"
            "from tensorflow.keras.applications.resnet50 import ResNet50, preprocess_input\n"
            "import tensorflow.keras.applications as a; assert a.ResNet50 is ResNet50 is a.resnet.ResNet50")
    code = "import ninefold.alias; ninefold.alias.install()\n" + code
    assert subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}).returncode == 0
