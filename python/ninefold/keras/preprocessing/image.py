# Out: tf.keras.preprocessing.image: single images, by the names that programs of old have for them.
from ..image_moves import (apply_affine_transform, apply_brightness_shift, apply_channel_shift, random_brightness,  # noqa: F401
                           random_channel_shift, random_rotation, random_shear, random_shift, random_zoom)
from ..images import array_to_img, img_to_array, load_img, save_img, smart_resize  # noqa: F401
