# In: what a script asks of an application, and the family's body and tables. Out: the model, with the weights that were asked for.
import inspect
import os
import warnings

from .. import activations, backend, layers, utils
from ..model import Functional
from ..symbolic import Input
from . import weight_files
from .imagenet_utils import decode_predictions  # noqa: F401   the families hand it on

WEIGHTS = ("The `weights` argument should be either `None` (random initialization), `imagenet` (pre-training on "
               "ImageNet), or the path to the weights file to be loaded.")
CLASSES = 'If using `weights` as `"imagenet"` with `include_top` as true, `classes` should be 1000'


class Texts:
    """What a family says where the others say it otherwise."""

    def __init__(self, weights=WEIGHTS, classes=CLASSES):
        self.weights, self.classes = weights, classes


class Asked:
    """The arguments that all applications share, checked and completed."""

    def __init__(self, include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation="softmax"):
        self.include_top, self.weights, self.input_tensor, self.input_shape = include_top, weights, input_tensor, input_shape
        self.pooling, self.classes, self.classifier_activation = pooling, classes, classifier_activation

    def check(self, texts=Texts()):
        """Raises ValueError for weights that are neither known nor a file, and for another number of classes than they have."""
        if not (self.weights in ("imagenet", None) or _is_file(self.weights)):
            raise ValueError(texts.weights.replace("{weights}", str(self.weights)))
        if self.weights == "imagenet" and self.include_top and self.classes != 1000:
            raise ValueError(texts.classes.replace("{classes}", str(self.classes)))

    def trained_size(self, trained):
        """The side of square images for which there are weights, as the shape that was asked for has it; else 224."""
        if self.input_shape is None or len(self.input_shape) < 2:
            return 224
        rows, columns = self.input_shape[:2]
        return rows if rows == columns and rows in trained else 224

    def shape(self, size, least, flat=None):
        self.input_shape = input_shape(self.input_shape, size, least, self.include_top if flat is None else flat, self.weights)

    def start(self):
        """The symbolic tensor that the model begins with."""
        if self.input_tensor is None:
            return Input(shape=self.input_shape)
        if not backend.is_keras_tensor(self.input_tensor):
            return Input(tensor=self.input_tensor, shape=self.input_shape)
        return self.input_tensor

    def check_activation(self):
        """Raises ValueError for an activation that weights of ImageNet were not trained with."""
        if self.weights is None:
            return
        found = activations.get(self.classifier_activation)
        if found not in (activations.get("softmax"), activations.get(None)):
            raise ValueError("Only `None` and `softmax` activations are allowed for the `classifier_activation` argument when using "
                             "pretrained weights, with `include_top=True`; Received: "
                             f"classifier_activation={found}")

    def top(self, x, name="predictions", pool="avg_pool", **dense):
        """Global means and the classes, as most families end."""
        x = layers.GlobalAveragePooling2D(name=pool)(x)
        self.check_activation()
        return layers.Dense(self.classes, activation=self.classifier_activation, name=name, **dense)(x)

    def pooled(self, x, avg="avg_pool", max="max_pool"):
        """What a model without its top ends with."""
        if self.pooling == "avg":
            return layers.GlobalAveragePooling2D(name=avg)(x)
        if self.pooling == "max":
            return layers.GlobalMaxPooling2D(name=max)(x)
        return x

    def model(self, begin, x, name, file=None):
        """The model from `begin` to `x`. `file`: where its weights of ImageNet lie, a key of weight_files or such a row."""
        inputs = begin if self.input_tensor is None else utils.get_source_inputs(self.input_tensor)
        if isinstance(inputs, (list, tuple)) and len(inputs) == 1:
            inputs = inputs[0]
        model = Functional(inputs, x, name=name)
        if self.weights == "imagenet":
            model.load_weights(fetched(file, self.include_top))
        elif self.weights is not None:
            model.load_weights(self.weights)
        return model


def fetched(files, include_top):
    """The path of a file of weights, got from the network unless it is in ~/.keras/models."""
    address, names, hashes, *saved_as = weight_files.of(files) if isinstance(files, str) else files
    part = 0 if include_top else 1
    more = {"file_hash": hashes[part]} if hashes else {}
    return utils.get_file((saved_as[0] if saved_as else names)[part], address + names[part], cache_subdir="models", **more)


def _is_file(path):
    try:
        return os.path.exists(path)
    except TypeError:
        return False


def input_shape(given, size, least, flat, weights=None):
    """A shape for the input: given, or (size, size, 3), or free where nothing is flattened. Raises ValueError for what cannot be."""
    usual = (size, size, 3)
    if weights != "imagenet" and given and len(given) == 3:
        usual = (size, size, given[-1])
        if given[-1] not in (1, 3):
            warnings.warn("This model usually expects 1 or 3 input channels. However, it was passed an input_shape with "
                          f"{given[-1]} input channels.", stacklevel=5)
    if weights == "imagenet" and flat:
        if given is not None and tuple(given) != usual:
            raise ValueError("When setting `include_top=True` and loading `imagenet` weights, `input_shape` should be "
                             f"{usual}.  Received: input_shape={given}")
        return usual
    if given:
        if len(given) != 3:
            raise ValueError("`input_shape` must be a tuple of three integers.")
        if given[-1] != 3 and weights == "imagenet":
            raise ValueError(f"The input must have 3 channels; Received `input_shape={given}`")
        if any(side is not None and side < least for side in given[:2]):
            raise ValueError(f"Input size must be at least {least}x{least}; Received: input_shape={given}")
    else:
        given = usual if flat else (None, None, 3)
    if flat and None in given:
        raise ValueError(f"If `include_top` is True, you should specify a static `input_shape`. Received: input_shape={given}")
    return given


def halving_pad(x, kernel):
    """The padding before a convolution of stride two, by which it meets the same pixels at odd sizes and at even ones."""
    half = kernel // 2
    return tuple((half - (1 if side is None else 1 - side % 2), half) for side in x.shape[1:3])


def squeeze_excite(x, reduced, channels, activation, kernels, name):
    """x times a factor a channel, which two small convolutions make of the channels' means."""
    factors = layers.GlobalAveragePooling2D(name=name + "se_squeeze")(x)
    factors = layers.Reshape((1, 1, channels), name=name + "se_reshape")(factors)
    for count, active, part in ((reduced, activation, "reduce"), (channels, "sigmoid", "expand")):
        factors = layers.Conv2D(count, 1, padding="same", activation=active, kernel_initializer=kernels, name=f"{name}se_{part}")(factors)
    return layers.multiply([x, factors], name=name + "se_excite")


def without_unknown(kwargs, form="{}"):
    """Some families name what they do not know themselves."""
    if kwargs:
        raise ValueError("Unknown argument(s): " + form.replace("{}", str(kwargs)))


def divisible(value, divisor=8, least=None):
    """The nearest multiple of divisor, not more than a tenth below the value."""
    near = max(least or divisor, int(value + divisor / 2) // divisor * divisor)
    return near + divisor if near < 0.9 * value else near


def family(module, build, rows, parameters=None):
    """Puts one function a row of the table into the module: NAME(include_top, weights, ...), which calls build(asked, row, ...)."""
    described = inspect.Signature([inspect.Parameter(
        name, inspect.Parameter.VAR_KEYWORD) if name == "kwargs" else
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default) for name, default in parameters or USUAL])
    for name, row in rows.items():
        module[name] = _function(module, name, row, build, described)


def _function(module, name, row, build, described):
    own = described
    if "model_name" in own.parameters:
        own = own.replace(parameters=[p.replace(default=name.lower()) if p.name == "model_name" else p
                                      for p in own.parameters.values()])
    shared = inspect.signature(Asked.__init__).parameters

    def application(*args, **kwargs):
        try:
            bound = own.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{name}() {error}") from None
        bound.apply_defaults()
        given = bound.arguments
        asked = Asked(**{key: value for key, value in given.items() if key in shared})
        return build(asked, row, **{key: value for key, value in given.items() if key not in shared})

    application.__name__ = application.__qualname__ = name
    application.__module__ = module["__name__"]
    application.__signature__ = own
    application.__doc__ = (f"The architecture {name}, as a Model: with its classes (include_top) or without, where `pooling` is None, "
                           "\"avg\" or \"max\".\n\nweights: None (made by initializers), \"imagenet\" (fetched), or the path of a file. "
                           "input_tensor: a symbolic tensor to begin with.\nRaises ValueError for weights, shapes and classes that do "
                           "not fit; OSError where weights cannot be had.")
    return application


# Most families take these, in this order.
USUAL = (("include_top", True), ("weights", "imagenet"), ("input_tensor", None), ("input_shape", None), ("pooling", None),
         ("classes", 1000), ("classifier_activation", "softmax"))
