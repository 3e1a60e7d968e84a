# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.image for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

class ResizeMethod:
    """What tf.image.resize takes as `method`."""
    AREA: Any
    BICUBIC: Any
    BILINEAR: Any
    GAUSSIAN: Any
    LANCZOS3: Any
    LANCZOS5: Any
    MITCHELLCUBIC: Any
    NEAREST_NEIGHBOR: Any
    def __init__(self) -> None: ...

def adjust_brightness(image: TensorLike, delta: TensorLike) -> Tensor:
    """delta added to the image as a float."""

def adjust_contrast(images: TensorLike, contrast_factor: TensorLike) -> Tensor:
    """(x - mean) factor + mean of each channel."""

def adjust_gamma(image: TensorLike, gamma: float = ..., gain: float = ...) -> Tensor:
    """gain image^gamma."""

def adjust_hue(image: TensorLike, delta: TensorLike, name: str | None = ...) -> Tensor:
    """RGB images with `delta`, of [-1, 1], added to their hue."""

def adjust_saturation(image: TensorLike, saturation_factor: TensorLike, name: str | None = ...) -> Tensor:
    """RGB images with their saturation times the factor."""

def central_crop(image: TensorLike, central_fraction: Any) -> Tensor:
    """The middle of each image."""

def convert_image_dtype(image: TensorLike, dtype: Any, saturate: bool = ..., name: str | None = ...) -> Tensor:
    """Another dtype, scaled: floats are of [0, 1), integers fill their range."""

def crop_and_resize(image: TensorLike, boxes: TensorLike, box_indices: TensorLike, crop_size: TensorLike, method: str = ..., extrapolation_value: float = ..., name: str | None = ...) -> Tensor:
    """Each box [y1, x1, y2, x2] of image box_indices[i], by parts of its size, as a float32 image of crop_size [height, width]; what lies outside of the image is extrapolation_value. method: 'bilinear' or 'nearest'. Raises InvalidArgumentError for box_indices of no image."""

def crop_to_bounding_box(image: TensorLike, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any) -> Tensor:
    """The box whose top left corner is given."""

def decode_and_crop_jpeg(contents: TensorLike, crop_window: TensorLike, channels: int = ..., ratio: int = ..., fancy_upscaling: bool = ..., try_recover_truncated: bool = ..., acceptable_fraction: float = ..., dct_method: str = ..., name: str | None = ...) -> Tensor:
    """decode_jpeg of the window [top, left, height, width] only. Raises InvalidArgumentError where it is not within the image."""

def decode_bmp(contents: TensorLike, channels: int = ..., name: str | None = ...) -> Tensor:
    """The pixels [height, width, channels], uint8, of a bitmap. channels: those of the file, or 0. Raises InvalidArgumentError for what is no bitmap."""

def decode_gif(contents: TensorLike, name: str | None = ...) -> Tensor:
    """The frames [frames, height, width, 3], uint8, of an image file. Raises InvalidArgumentError for what is none."""

def decode_image(contents: TensorLike, channels: int | None = ..., dtype: Any = ..., name: str | None = ..., expand_animations: bool = ...) -> Tensor:
    """The pixels of a JPEG, PNG, GIF or BMP: [height, width, channels], of a GIF [frames, height, width, 3] unless expand_animations is False. Integers fill the range of dtype, floats [0, 1]. Raises InvalidArgumentError for what is no image."""

def decode_jpeg(contents: TensorLike, channels: int = ..., ratio: int = ..., fancy_upscaling: bool = ..., try_recover_truncated: bool = ..., acceptable_fraction: float = ..., dct_method: str = ..., name: str | None = ...) -> Tensor:
    """The pixels [height, width, channels], uint8, of an image file, smaller by ratio (1, 2, 4, 8). Of a JPEG that ends too early at least acceptable_fraction of the rows must be there, if try_recover_truncated. dct_method: 'INTEGER_FAST' (also '') or 'INTEGER_ACCURATE'. Raises InvalidArgumentError for what is no image."""

def decode_png(contents: TensorLike, channels: int = ..., dtype: Any = ..., name: str | None = ...) -> Tensor:
    """The pixels [height, width, channels] of an image file. channels: 1 (grey), 3 (red, green, blue), 4 (and how opaque); 0: as the file has them. dtype: tf.uint8 or tf.uint16. Raises InvalidArgumentError for what is no image."""

def draw_bounding_boxes(images: TensorLike, boxes: TensorLike, colors: TensorLike, name: str | None = ...) -> Tensor:
    """Images, float32 or half, with the edges of boxes [batch, boxes, (y1, x1, y2, x2)], by parts of their size. colors: [colours, channels], which repeat; None: ten of the op's own."""

def encode_jpeg(image: TensorLike, format: str = ..., quality: int = ..., progressive: bool = ..., optimize_size: bool = ..., chroma_downsampling: bool = ..., density_unit: str = ..., x_density: int = ..., y_density: int = ..., xmp_metadata: str = ..., name: str | None = ...) -> Tensor:
    """An image [height, width, 1 or 3], uint8, as the bytes of a JPEG. format: '', 'grayscale', 'rgb'. quality: 0 to 100."""

def encode_png(image: TensorLike, compression: int = ..., name: str | None = ...) -> Tensor:
    """An image [height, width, 1 to 4], uint8 or uint16, as the bytes of a PNG. compression: 0 to 9, -1: the library's own choice."""

def extract_jpeg_shape(contents: TensorLike, output_type: Any = ..., name: str | None = ...) -> Tensor:
    """[height, width, channels] of a JPEG, from its header alone. Raises InvalidArgumentError for what is none."""

def extract_patches(images: TensorLike, sizes: Any, strides: Any, rates: Any, padding: str, name: str | None = ...) -> Tensor:
    """For each position of a window over NHWC images its pixels, row by row, as channels."""

def flip_left_right(image: TensorLike) -> Tensor:
    """Each image mirrored from left to right."""

def flip_up_down(image: TensorLike) -> Tensor:
    """Each image mirrored from top to bottom."""

def grayscale_to_rgb(images: TensorLike, name: str | None = ...) -> Tensor:
    """The one channel three times."""

def hsv_to_rgb(images: TensorLike, name: str | None = ...) -> Tensor:
    """Red, green and blue of hue, saturation and value."""

def image_gradients(image: TensorLike) -> list[Tensor]:
    """(differences to the pixel below, to the right), 0 in the last row and column."""

def is_jpeg(contents: TensorLike, name: str | None = ...) -> Tensor:
    """Whether the bytes begin as those of a JPEG do."""

def non_max_suppression(boxes: TensorLike, scores: TensorLike, max_output_size: TensorLike, iou_threshold: TensorLike = ..., score_threshold: TensorLike | None = ..., name: str | None = ...) -> Tensor:
    """The places, best first, of at most max_output_size boxes [y1, x1, y2, x2] whose scores are above score_threshold and of which none shares more than iou_threshold of its union with a better one. Raises InvalidArgumentError for a threshold outside [0, 1]."""

def non_max_suppression_with_scores(boxes: TensorLike, scores: TensorLike, max_output_size: TensorLike, iou_threshold: TensorLike = ..., score_threshold: TensorLike | None = ..., soft_nms_sigma: TensorLike = ..., name: str | None = ...) -> list[Tensor]:
    """non_max_suppression's places and scores; with soft_nms_sigma > 0 what overlaps loses score instead of being left out."""

def pad_to_bounding_box(image: TensorLike, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any) -> Tensor:
    """Zeros around an image, so that it lies at the offset in the target."""

def per_image_standardization(image: TensorLike) -> Tensor:
    """Mean 0 and variance 1 of each image."""

def psnr(a: TensorLike, b: TensorLike, max_val: TensorLike, name: str | None = ...) -> Tensor:
    """Peak signal to noise ratio in decibels."""

def random_brightness(image: TensorLike, max_delta: float, seed: int | None = ...) -> Tensor:
    """A number of [-max_delta, max_delta) added."""

def random_contrast(image: TensorLike, lower: float, upper: float, seed: int | None = ...) -> Tensor:
    """A contrast factor of [lower, upper)."""

def random_crop(value: TensorLike, size: Any, seed: int | None = ..., name: str | None = ...) -> Tensor:
    """A box of this size from anywhere."""

def random_flip_left_right(image: TensorLike, seed: int | None = ...) -> Tensor:
    """Mirrored from left to right with probability 1/2."""

def random_flip_up_down(image: TensorLike, seed: int | None = ...) -> Tensor:
    """Mirrored from top to bottom with probability 1/2."""

def random_hue(image: TensorLike, max_delta: float, seed: int | None = ...) -> Tensor:
    """A number of [-max_delta, max_delta) added to the hue."""

def random_saturation(image: TensorLike, lower: float, upper: float, seed: int | None = ...) -> Tensor:
    """The saturation times a number of [lower, upper)."""

def resize(images: TensorLike, size: Any, method: str = ..., preserve_aspect_ratio: bool = ..., antialias: bool = ..., name: str | None = ...) -> Tensor:
    """Images of another size: nearest keeps their dtype, the other methods give float32."""

def resize_with_crop_or_pad(image: TensorLike, target_height: Any, target_width: Any) -> Tensor:
    """Cropped or padded on both sides to the target's size."""

def resize_with_pad(image: TensorLike, target_height: int, target_width: int, method: Any = ..., antialias: bool = ...) -> Tensor:
    """Resized without distortion as large as fits, zeros around it."""

def rgb_to_grayscale(images: TensorLike, name: str | None = ...) -> Tensor:
    """0.2989 R + 0.5870 G + 0.1140 B."""

def rgb_to_hsv(images: TensorLike, name: str | None = ...) -> Tensor:
    """Hue, saturation and value of red, green and blue, all of [0, 1]."""

def rgb_to_yiq(images: TensorLike) -> Tensor:
    """Luma and two chrominances, I and Q, of red, green and blue."""

def rgb_to_yuv(images: TensorLike) -> Tensor:
    """Luma and two chrominances, U and V, of red, green and blue."""

def rot90(image: TensorLike, k: int = ..., name: str | None = ...) -> Tensor:
    """Turned k times by 90 degrees, against the clock."""

def sobel_edges(image: TensorLike) -> Tensor:
    """[..., 2]: Sobel's differences downwards and to the right."""

def ssim(img1: TensorLike, img2: TensorLike, max_val: TensorLike, filter_size: int = ..., filter_sigma: float = ..., k1: float = ..., k2: float = ...) -> Tensor:
    """Structural similarity of images whose numbers reach max_val (Wang et al. 2004): 1 if they are the same."""

def ssim_multiscale(img1: TensorLike, img2: TensorLike, max_val: TensorLike, power_factors: Any = ..., filter_size: int = ..., filter_sigma: float = ..., k1: float = ..., k2: float = ...) -> Tensor:
    """Structural similarity of images at several scales, each half the one before, weighted by powers."""

def stateless_random_brightness(image: TensorLike, max_delta: float, seed: Any) -> Tensor:
    """tf.image.random_brightness, by a seed of two numbers alone."""

def stateless_random_contrast(image: TensorLike, lower: float, upper: float, seed: Any) -> Tensor:
    """tf.image.random_contrast, by a seed of two numbers alone."""

def stateless_random_crop(value: TensorLike, size: Any, seed: Any, name: str | None = ...) -> Tensor:
    """A box of this size, its place by a seed of two numbers."""

def stateless_random_flip_left_right(image: TensorLike, seed: Any) -> Tensor:
    """Mirrored from left to right with probability 1/2, by a seed of two numbers."""

def stateless_random_flip_up_down(image: TensorLike, seed: Any) -> Tensor:
    """Mirrored from top to bottom with probability 1/2, by a seed of two numbers."""

def stateless_random_hue(image: TensorLike, max_delta: float, seed: Any) -> Tensor:
    """tf.image.random_hue, by a seed of two numbers alone."""

def stateless_random_saturation(image: TensorLike, lower: float, upper: float, seed: Any = ...) -> Tensor:
    """tf.image.random_saturation, by a seed of two numbers alone."""

def total_variation(images: TensorLike, name: str | None = ...) -> Tensor:
    """The sum of the differences of neighbouring pixels, of each image."""

def transpose(image: TensorLike, name: str | None = ...) -> Tensor:
    """Height and width exchanged."""

def yiq_to_rgb(images: TensorLike) -> Tensor:
    """The inverse of tf.image.rgb_to_yiq."""

def yuv_to_rgb(images: TensorLike) -> Tensor:
    """The inverse of tf.image.rgb_to_yuv."""
