# Out: tf.keras.preprocessing.image: batches of images that change at random, and single images, by names of old.
from ..image_generator import ImageDataGenerator  # noqa: F401
from ..image_iterators import (BatchFromFilesMixin, DataFrameIterator, DirectoryIterator, Iterator,  # noqa: F401
                               NumpyArrayIterator)
from ..image_moves import (apply_affine_transform, apply_brightness_shift, apply_channel_shift, random_brightness,  # noqa: F401
                           random_channel_shift, random_rotation, random_shear, random_shift, random_zoom)
from ..images import array_to_img, img_to_array, load_img, save_img, smart_resize  # noqa: F401
