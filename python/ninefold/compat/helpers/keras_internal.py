# In: a seed, images and what goes with them. Out: tf.keras.__internal__: base classes of layers that draw numbers and of those
# that change images, and the loss of TensorFlow 1.
import contextlib
import random

import ninefold as tf
from ninefold.keras.backend_experimental import is_tf_random_generator_enabled

from ..v1_functions import compute_weighted_loss as _compute_weighted_loss
from .structures import no_automatic_dependency_tracking  # noqa: F401


class RandomGenerator:
    """Random numbers of a layer: by the stateful ops with seeds that count up, or by a tf.random.Generator of its own."""

    def __init__(self, seed=None, force_generator=False):
        self._seed, self._force_generator, self._built = seed, force_generator, False

    def _maybe_init(self):
        if self._built:
            return
        self._built, self._generator = True, None
        if is_tf_random_generator_enabled() or self._force_generator:
            with tf.init_scope():
                self._generator = tf.random.Generator.from_seed(random.randint(1, int(1e9)) if self._seed is None else self._seed)

    def make_seed_for_stateless_op(self):
        """A seed of the generator; None without one."""
        self._maybe_init()
        return self._generator.make_seeds()[:, 0] if self._generator else None

    def make_legacy_seed(self):
        """The next seed of stateful ops; None if there was none."""
        if self._seed is None:
            return None
        self._seed += 1
        return self._seed - 1

    def _draw(self, name, shape, dtype, **arguments):
        self._maybe_init()
        dtype = dtype or tf.keras.backend.floatx()
        if self._generator:
            return getattr(self._generator, name)(shape=shape, dtype=dtype, **arguments)
        return getattr(tf.random, name)(shape=shape, dtype=dtype, seed=self.make_legacy_seed(), **arguments)

    def random_normal(self, shape, mean=0.0, stddev=1.0, dtype=None):
        return self._draw("normal", shape, dtype, mean=mean, stddev=stddev)

    def random_uniform(self, shape, minval=0.0, maxval=None, dtype=None):
        return self._draw("uniform", shape, dtype, minval=minval, maxval=maxval)

    def truncated_normal(self, shape, mean=0.0, stddev=1.0, dtype=None):
        return self._draw("truncated_normal", shape, dtype, mean=mean, stddev=stddev)

    def dropout(self, inputs, rate, noise_shape=None):
        self._maybe_init()
        if self._generator:
            return tf.nn.experimental.stateless_dropout(inputs, rate, self.make_seed_for_stateless_op(), noise_shape=noise_shape)
        return tf.nn.dropout(inputs, rate, noise_shape, self.make_legacy_seed())


class BaseRandomLayer(tf.keras.layers.Layer):
    """A layer with random numbers of its own in `_random_generator`, which are part of no checkpoint."""
    _TF_MODULE_IGNORED_PROPERTIES = frozenset(("_random_generator",))

    def __init__(self, seed=None, force_generator=False, **kwargs):
        super().__init__(**kwargs)
        self._random_generator = RandomGenerator(seed, force_generator)
        self._random_generator._maybe_init()


class BaseImageAugmentationLayer(BaseRandomLayer):
    """A layer that changes an image [height, width, channels] or each of a batch in training, and with it its label and
    bounding boxes where a dict of "images", "labels", "bounding_boxes" comes in. A subclass overrides augment_image, and
    as needed augment_label, augment_bounding_box and get_random_transformation, whose result all three get."""

    def __init__(self, rate=1.0, seed=None, **kwargs):
        super().__init__(seed=seed, **kwargs)
        self.rate = rate

    @property
    def auto_vectorize(self):
        """Whether a batch goes through tf.vectorized_map; else through tf.map_fn."""
        return getattr(self, "_auto_vectorize", True)

    @auto_vectorize.setter
    def auto_vectorize(self, auto_vectorize):
        self._auto_vectorize = auto_vectorize

    @property
    def _map_fn(self):
        return tf.vectorized_map if self.auto_vectorize else tf.map_fn

    def augment_image(self, image, transformation=None):
        raise NotImplementedError()

    def augment_label(self, label, transformation=None):
        raise NotImplementedError()

    def augment_bounding_box(self, bounding_box, transformation=None):
        raise NotImplementedError()

    def get_random_transformation(self, image=None, label=None, bounding_box=None):
        return None

    def call(self, inputs, training=True):
        inputs = self._ensure_inputs_are_compute_dtype(inputs)
        if not training:
            return inputs
        inputs, is_dict = self._format_inputs(inputs)
        rank = inputs["images"].shape.rank
        if rank not in (3, 4):
            raise ValueError("Image augmentation layers are expecting inputs to be rank 3 (HWC) or 4D (NHWC) tensors. Got shape: "
                             f"{inputs['images'].shape}")
        return self._format_output(self._augment(inputs) if rank == 3 else self._batch_augment(inputs), is_dict)

    def _augment(self, inputs):
        image, label, box = (inputs.get(key) for key in ("images", "labels", "bounding_boxes"))
        transformation = self.get_random_transformation(image=image, label=label, bounding_box=box)
        result = {"images": self.augment_image(image, transformation=transformation)}
        if label is not None:
            result["labels"] = self.augment_label(label, transformation=transformation)
        if box is not None:
            result["bounding_boxes"] = self.augment_bounding_box(box, transformation=transformation)
        return result

    def _batch_augment(self, inputs):
        return self._map_fn(self._augment, inputs)

    def _format_inputs(self, inputs):
        if tf.is_tensor(inputs):
            return {"images": inputs}, False
        if isinstance(inputs, dict):
            return inputs, True
        raise ValueError(f"Expect the inputs to be image tensor or dict. Got {inputs}")

    def _format_output(self, output, is_dict):
        return output if is_dict else output["images"]

    def _ensure_inputs_are_compute_dtype(self, inputs):
        def typed(value):
            return tf.cast(value if tf.is_tensor(value) else tf.convert_to_tensor(value), self.compute_dtype)
        if isinstance(inputs, dict):
            inputs["images"] = typed(inputs["images"])
            return inputs
        return typed(inputs)


def compute_weighted_loss(losses, sample_weight=None, reduction="sum_over_batch_size", name=None):
    """Keras' losses weighted and reduced: "sum_over_batch_size", "sum" or "none"."""
    words = {"sum_over_batch_size": "weighted_sum_over_batch_size", "auto": "weighted_sum_over_batch_size", "sum": "weighted_sum",
             "none": "none"}
    losses = tf.convert_to_tensor(losses)
    weights = 1.0 if sample_weight is None else tf.cast(sample_weight, tf.float32)
    while sample_weight is not None and weights.shape.rank not in (0, None) and weights.shape.rank < losses.shape.rank:
        weights = tf.expand_dims(weights, -1)
    return _compute_weighted_loss(losses, weights, reduction=words[reduction])


def track_variable(v):
    """Variables of eager programs need no list."""


def initialize_variables(session):
    """Variables of eager programs have their values."""


def register_symbolic_tensor_type(cls):
    """Marks a class whose objects a functional model may be made of; those that are tensors are known by themselves."""


@contextlib.contextmanager
def apply_name_scope_on_model_declaration(enable):
    """Whether name scopes around layers show in their names; they do not."""
    if enable:
        raise NotImplementedError("apply_name_scope_on_model_declaration: names of layers do not show scopes; name them")
    yield
