# Out: tf.keras.preprocessing.image: single images, by the names that programs of old have for them.
from ..images import array_to_img, img_to_array, load_img, save_img, smart_resize  # noqa: F401
