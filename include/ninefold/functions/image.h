// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.image make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::image {

// delta added to the image as a float.
NINEFOLD_API Tensor adjust_brightness(const Value& image, const Value& delta);

// (x - mean) factor + mean of each channel.
NINEFOLD_API Tensor adjust_contrast(const Value& images, const Value& contrast_factor);

// gain image^gamma.
struct AdjustGammaOptions {
  double gamma = 1;
  double gain = 1;
};
NINEFOLD_API Tensor adjust_gamma(const Value& image, const AdjustGammaOptions& options = {});

// RGB images with `delta`, of [-1, 1], added to their hue.
NINEFOLD_API Tensor adjust_hue(const Value& image, const Value& delta);

// RGB images with their saturation times the factor.
NINEFOLD_API Tensor adjust_saturation(const Value& image, const Value& saturation_factor);

// The middle of each image.
NINEFOLD_API Tensor central_crop(const Value& image, const Value& central_fraction);

// Another dtype, scaled: floats are of [0, 1), integers fill their range.
struct ConvertImageDtypeOptions {
  bool saturate = false;
};
NINEFOLD_API Tensor convert_image_dtype(const Value& image, DType dtype,
    const ConvertImageDtypeOptions& options = {});

// Each box [y1, x1, y2, x2] of image box_indices[i], by parts of its size, as a float32 image of crop_size
// [height, width]; what lies outside of the image is extrapolation_value. method: 'bilinear' or 'nearest'.
// Raises InvalidArgumentError for box_indices of no image.
struct CropAndResizeOptions {
  std::string method = "bilinear";
  double extrapolation_value = 0;
};
NINEFOLD_API Tensor crop_and_resize(const Value& image, const Value& boxes, const Value& box_indices,
    const Value& crop_size, const CropAndResizeOptions& options = {});

// The box whose top left corner is given.
NINEFOLD_API Tensor crop_to_bounding_box(const Value& image, const Value& offset_height,
    const Value& offset_width, const Value& target_height, const Value& target_width);

// Images, float32 or half, with the edges of boxes [batch, boxes, (y1, x1, y2, x2)], by parts of their
// size. colors: [colours, channels], which repeat; None: ten of the op's own.
NINEFOLD_API Tensor draw_bounding_boxes(const Value& images, const Value& boxes, const Value& colors);

// For each position of a window over NHWC images its pixels, row by row, as channels.
NINEFOLD_API Tensor extract_patches(const Value& images, const Ints& sizes, const Ints& strides,
    const Ints& rates, const std::string& padding);

// Each image mirrored from left to right.
NINEFOLD_API Tensor flip_left_right(const Value& image);

// Each image mirrored from top to bottom.
NINEFOLD_API Tensor flip_up_down(const Value& image);

// The one channel three times.
NINEFOLD_API Tensor grayscale_to_rgb(const Value& images);

// Red, green and blue of hue, saturation and value.
NINEFOLD_API Tensor hsv_to_rgb(const Value& images);

// (differences to the pixel below, to the right), 0 in the last row and column.
NINEFOLD_API Tensors image_gradients(const Value& image);

// The places, best first, of at most max_output_size boxes [y1, x1, y2, x2] whose scores are above
// score_threshold and of which none shares more than iou_threshold of its union with a better one. Raises
// InvalidArgumentError for a threshold outside [0, 1].
struct NonMaxSuppressionOptions {
  Value iou_threshold = 0.5;
  Value score_threshold = {};
};
NINEFOLD_API Tensor non_max_suppression(const Value& boxes, const Value& scores, const Value& max_output_size,
    const NonMaxSuppressionOptions& options = {});

// non_max_suppression's places and scores; with soft_nms_sigma > 0 what overlaps loses score instead of
// being left out.
struct NonMaxSuppressionWithScoresOptions {
  Value iou_threshold = 0.5;
  Value score_threshold = {};
  Value soft_nms_sigma = 0.0;
};
NINEFOLD_API Tensors non_max_suppression_with_scores(const Value& boxes, const Value& scores,
    const Value& max_output_size, const NonMaxSuppressionWithScoresOptions& options = {});

// Zeros around an image, so that it lies at the offset in the target.
NINEFOLD_API Tensor pad_to_bounding_box(const Value& image, const Value& offset_height,
    const Value& offset_width, const Value& target_height, const Value& target_width);

// Mean 0 and variance 1 of each image.
NINEFOLD_API Tensor per_image_standardization(const Value& image);

// Peak signal to noise ratio in decibels.
NINEFOLD_API Tensor psnr(const Value& a, const Value& b, const Value& max_val);

// A number of [-max_delta, max_delta) added.
struct RandomBrightnessOptions {
  Value seed = {};
};
NINEFOLD_API Tensor random_brightness(const Value& image, double max_delta,
    const RandomBrightnessOptions& options = {});

// A contrast factor of [lower, upper).
struct RandomContrastOptions {
  Value seed = {};
};
NINEFOLD_API Tensor random_contrast(const Value& image, double lower, double upper,
    const RandomContrastOptions& options = {});

// A box of this size from anywhere.
struct RandomCropOptions {
  Value seed = {};
};
NINEFOLD_API Tensor random_crop(const Value& value, const Value& size, const RandomCropOptions& options = {});

// Mirrored from left to right with probability 1/2.
struct RandomFlipLeftRightOptions {
  Value seed = {};
};
NINEFOLD_API Tensor random_flip_left_right(const Value& image,
    const RandomFlipLeftRightOptions& options = {});

// Mirrored from top to bottom with probability 1/2.
struct RandomFlipUpDownOptions {
  Value seed = {};
};
NINEFOLD_API Tensor random_flip_up_down(const Value& image, const RandomFlipUpDownOptions& options = {});

// A number of [-max_delta, max_delta) added to the hue.
struct RandomHueOptions {
  Value seed = {};
};
NINEFOLD_API Tensor random_hue(const Value& image, double max_delta, const RandomHueOptions& options = {});

// The saturation times a number of [lower, upper).
struct RandomSaturationOptions {
  Value seed = {};
};
NINEFOLD_API Tensor random_saturation(const Value& image, double lower, double upper,
    const RandomSaturationOptions& options = {});

// Images of another size: nearest keeps their dtype, the other methods give float32.
struct ResizeOptions {
  std::string method = "bilinear";
  bool preserve_aspect_ratio = false;
  bool antialias = false;
};
NINEFOLD_API Tensor resize(const Value& images, const Ints& size, const ResizeOptions& options = {});

// Cropped or padded on both sides to the target's size.
NINEFOLD_API Tensor resize_with_crop_or_pad(const Value& image, const Value& target_height,
    const Value& target_width);

// Resized without distortion as large as fits, zeros around it.
struct ResizeWithPadOptions {
  Value method = "bilinear";
  bool antialias = false;
};
NINEFOLD_API Tensor resize_with_pad(const Value& image, int64_t target_height, int64_t target_width,
    const ResizeWithPadOptions& options = {});

// 0.2989 R + 0.5870 G + 0.1140 B.
NINEFOLD_API Tensor rgb_to_grayscale(const Value& images);

// Hue, saturation and value of red, green and blue, all of [0, 1].
NINEFOLD_API Tensor rgb_to_hsv(const Value& images);

// Luma and two chrominances, I and Q, of red, green and blue.
NINEFOLD_API Tensor rgb_to_yiq(const Value& images);

// Luma and two chrominances, U and V, of red, green and blue.
NINEFOLD_API Tensor rgb_to_yuv(const Value& images);

// Turned k times by 90 degrees, against the clock.
struct Rot90Options {
  int64_t k = 1;
};
NINEFOLD_API Tensor rot90(const Value& image, const Rot90Options& options = {});

// [..., 2]: Sobel's differences downwards and to the right.
NINEFOLD_API Tensor sobel_edges(const Value& image);

// Structural similarity of images whose numbers reach max_val (Wang et al. 2004): 1 if they are the same.
struct SsimOptions {
  int64_t filter_size = 11;
  double filter_sigma = 1.5;
  double k1 = 0.01;
  double k2 = 0.03;
};
NINEFOLD_API Tensor ssim(const Value& img1, const Value& img2, const Value& max_val,
    const SsimOptions& options = {});

// Structural similarity of images at several scales, each half the one before, weighted by powers.
struct SsimMultiscaleOptions {
  Value power_factors = {};
  int64_t filter_size = 11;
  double filter_sigma = 1.5;
  double k1 = 0.01;
  double k2 = 0.03;
};
NINEFOLD_API Tensor ssim_multiscale(const Value& img1, const Value& img2, const Value& max_val,
    const SsimMultiscaleOptions& options = {});

// tf.image.random_brightness, by a seed of two numbers alone.
NINEFOLD_API Tensor stateless_random_brightness(const Value& image, double max_delta, const Value& seed);

// tf.image.random_contrast, by a seed of two numbers alone.
NINEFOLD_API Tensor stateless_random_contrast(const Value& image, double lower, double upper,
    const Value& seed);

// A box of this size, its place by a seed of two numbers.
NINEFOLD_API Tensor stateless_random_crop(const Value& value, const Value& size, const Value& seed);

// Mirrored from left to right with probability 1/2, by a seed of two numbers.
NINEFOLD_API Tensor stateless_random_flip_left_right(const Value& image, const Value& seed);

// Mirrored from top to bottom with probability 1/2, by a seed of two numbers.
NINEFOLD_API Tensor stateless_random_flip_up_down(const Value& image, const Value& seed);

// tf.image.random_hue, by a seed of two numbers alone.
NINEFOLD_API Tensor stateless_random_hue(const Value& image, double max_delta, const Value& seed);

// tf.image.random_saturation, by a seed of two numbers alone.
struct StatelessRandomSaturationOptions {
  Value seed = {};
};
NINEFOLD_API Tensor stateless_random_saturation(const Value& image, double lower, double upper,
    const StatelessRandomSaturationOptions& options = {});

// The sum of the differences of neighbouring pixels, of each image.
NINEFOLD_API Tensor total_variation(const Value& images);

// Height and width exchanged.
NINEFOLD_API Tensor transpose(const Value& image);

// The inverse of tf.image.rgb_to_yiq.
NINEFOLD_API Tensor yiq_to_rgb(const Value& images);

// The inverse of tf.image.rgb_to_yuv.
NINEFOLD_API Tensor yuv_to_rgb(const Value& images);

}  // namespace ninefold::image
