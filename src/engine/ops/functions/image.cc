// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.image. Out: calls of their records.
#include "ninefold/functions/image.h"

#include "engine/ops/functions/call.h"

namespace ninefold::image {

Tensor adjust_brightness(const Value& image, const Value& delta) {
  static const Function& f = named("tf.image.adjust_brightness");
  return tensor_of(f, {image, delta});
}

Tensor adjust_contrast(const Value& images, const Value& contrast_factor) {
  static const Function& f = named("tf.image.adjust_contrast");
  return tensor_of(f, {images, contrast_factor});
}

Tensor adjust_gamma(const Value& image, const AdjustGammaOptions& options) {
  static const Function& f = named("tf.image.adjust_gamma");
  return tensor_of(f, {image, options.gamma, options.gain});
}

Tensor adjust_hue(const Value& image, const Value& delta) {
  static const Function& f = named("tf.image.adjust_hue");
  return tensor_of(f, {image, delta, Value()});
}

Tensor adjust_saturation(const Value& image, const Value& saturation_factor) {
  static const Function& f = named("tf.image.adjust_saturation");
  return tensor_of(f, {image, saturation_factor, Value()});
}

Tensor central_crop(const Value& image, const Value& central_fraction) {
  static const Function& f = named("tf.image.central_crop");
  return tensor_of(f, {image, central_fraction});
}

Tensor convert_image_dtype(const Value& image, DType dtype, const ConvertImageDtypeOptions& options) {
  static const Function& f = named("tf.image.convert_image_dtype");
  return tensor_of(f, {image, dtype, options.saturate, Value()});
}

Tensor crop_and_resize(const Value& image, const Value& boxes, const Value& box_indices,
    const Value& crop_size, const CropAndResizeOptions& options) {
  static const Function& f = named("tf.image.crop_and_resize");
  return tensor_of(f, {image, boxes, box_indices, crop_size, options.method, options.extrapolation_value,
    Value()});
}

Tensor crop_to_bounding_box(const Value& image, const Value& offset_height, const Value& offset_width,
    const Value& target_height, const Value& target_width) {
  static const Function& f = named("tf.image.crop_to_bounding_box");
  return tensor_of(f, {image, offset_height, offset_width, target_height, target_width});
}

Tensor draw_bounding_boxes(const Value& images, const Value& boxes, const Value& colors) {
  static const Function& f = named("tf.image.draw_bounding_boxes");
  return tensor_of(f, {images, boxes, colors, Value()});
}

Tensor extract_patches(const Value& images, const Ints& sizes, const Ints& strides, const Ints& rates,
    const std::string& padding) {
  static const Function& f = named("tf.image.extract_patches");
  return tensor_of(f, {images, sizes.value, strides.value, rates.value, padding, Value()});
}

Tensor flip_left_right(const Value& image) {
  static const Function& f = named("tf.image.flip_left_right");
  return tensor_of(f, {image});
}

Tensor flip_up_down(const Value& image) {
  static const Function& f = named("tf.image.flip_up_down");
  return tensor_of(f, {image});
}

Tensor grayscale_to_rgb(const Value& images) {
  static const Function& f = named("tf.image.grayscale_to_rgb");
  return tensor_of(f, {images, Value()});
}

Tensor hsv_to_rgb(const Value& images) {
  static const Function& f = named("tf.image.hsv_to_rgb");
  return tensor_of(f, {images, Value()});
}

Tensors image_gradients(const Value& image) {
  static const Function& f = named("tf.image.image_gradients");
  return tensors_of(f, {image});
}

Tensor non_max_suppression(const Value& boxes, const Value& scores, const Value& max_output_size,
    const NonMaxSuppressionOptions& options) {
  static const Function& f = named("tf.image.non_max_suppression");
  return tensor_of(f, {boxes, scores, max_output_size, options.iou_threshold, options.score_threshold,
    Value()});
}

Tensors non_max_suppression_with_scores(const Value& boxes, const Value& scores, const Value& max_output_size,
    const NonMaxSuppressionWithScoresOptions& options) {
  static const Function& f = named("tf.image.non_max_suppression_with_scores");
  return tensors_of(f, {boxes, scores, max_output_size, options.iou_threshold, options.score_threshold,
    options.soft_nms_sigma, Value()});
}

Tensor pad_to_bounding_box(const Value& image, const Value& offset_height, const Value& offset_width,
    const Value& target_height, const Value& target_width) {
  static const Function& f = named("tf.image.pad_to_bounding_box");
  return tensor_of(f, {image, offset_height, offset_width, target_height, target_width});
}

Tensor per_image_standardization(const Value& image) {
  static const Function& f = named("tf.image.per_image_standardization");
  return tensor_of(f, {image});
}

Tensor psnr(const Value& a, const Value& b, const Value& max_val) {
  static const Function& f = named("tf.image.psnr");
  return tensor_of(f, {a, b, max_val, Value()});
}

Tensor random_brightness(const Value& image, double max_delta, const RandomBrightnessOptions& options) {
  static const Function& f = named("tf.image.random_brightness");
  return tensor_of(f, {image, max_delta, options.seed});
}

Tensor random_contrast(const Value& image, double lower, double upper, const RandomContrastOptions& options) {
  static const Function& f = named("tf.image.random_contrast");
  return tensor_of(f, {image, lower, upper, options.seed});
}

Tensor random_crop(const Value& value, const Value& size, const RandomCropOptions& options) {
  static const Function& f = named("tf.image.random_crop");
  return tensor_of(f, {value, size, options.seed, Value()});
}

Tensor random_flip_left_right(const Value& image, const RandomFlipLeftRightOptions& options) {
  static const Function& f = named("tf.image.random_flip_left_right");
  return tensor_of(f, {image, options.seed});
}

Tensor random_flip_up_down(const Value& image, const RandomFlipUpDownOptions& options) {
  static const Function& f = named("tf.image.random_flip_up_down");
  return tensor_of(f, {image, options.seed});
}

Tensor random_hue(const Value& image, double max_delta, const RandomHueOptions& options) {
  static const Function& f = named("tf.image.random_hue");
  return tensor_of(f, {image, max_delta, options.seed});
}

Tensor random_saturation(const Value& image, double lower, double upper,
    const RandomSaturationOptions& options) {
  static const Function& f = named("tf.image.random_saturation");
  return tensor_of(f, {image, lower, upper, options.seed});
}

Tensor resize(const Value& images, const Ints& size, const ResizeOptions& options) {
  static const Function& f = named("tf.image.resize");
  return tensor_of(f, {images, size.value, options.method, options.preserve_aspect_ratio, options.antialias,
    Value()});
}

Tensor resize_with_crop_or_pad(const Value& image, const Value& target_height, const Value& target_width) {
  static const Function& f = named("tf.image.resize_with_crop_or_pad");
  return tensor_of(f, {image, target_height, target_width});
}

Tensor resize_with_pad(const Value& image, int64_t target_height, int64_t target_width,
    const ResizeWithPadOptions& options) {
  static const Function& f = named("tf.image.resize_with_pad");
  return tensor_of(f, {image, target_height, target_width, options.method, options.antialias});
}

Tensor rgb_to_grayscale(const Value& images) {
  static const Function& f = named("tf.image.rgb_to_grayscale");
  return tensor_of(f, {images, Value()});
}

Tensor rgb_to_hsv(const Value& images) {
  static const Function& f = named("tf.image.rgb_to_hsv");
  return tensor_of(f, {images, Value()});
}

Tensor rgb_to_yiq(const Value& images) {
  static const Function& f = named("tf.image.rgb_to_yiq");
  return tensor_of(f, {images});
}

Tensor rgb_to_yuv(const Value& images) {
  static const Function& f = named("tf.image.rgb_to_yuv");
  return tensor_of(f, {images});
}

Tensor rot90(const Value& image, const Rot90Options& options) {
  static const Function& f = named("tf.image.rot90");
  return tensor_of(f, {image, options.k, Value()});
}

Tensor sobel_edges(const Value& image) {
  static const Function& f = named("tf.image.sobel_edges");
  return tensor_of(f, {image});
}

Tensor ssim(const Value& img1, const Value& img2, const Value& max_val, const SsimOptions& options) {
  static const Function& f = named("tf.image.ssim");
  return tensor_of(f, {img1, img2, max_val, options.filter_size, options.filter_sigma, options.k1,
    options.k2});
}

Tensor ssim_multiscale(const Value& img1, const Value& img2, const Value& max_val,
    const SsimMultiscaleOptions& options) {
  static const Function& f = named("tf.image.ssim_multiscale");
  return tensor_of(f, {img1, img2, max_val, options.power_factors, options.filter_size, options.filter_sigma,
    options.k1, options.k2});
}

Tensor stateless_random_brightness(const Value& image, double max_delta, const Value& seed) {
  static const Function& f = named("tf.image.stateless_random_brightness");
  return tensor_of(f, {image, max_delta, seed});
}

Tensor stateless_random_contrast(const Value& image, double lower, double upper, const Value& seed) {
  static const Function& f = named("tf.image.stateless_random_contrast");
  return tensor_of(f, {image, lower, upper, seed});
}

Tensor stateless_random_crop(const Value& value, const Value& size, const Value& seed) {
  static const Function& f = named("tf.image.stateless_random_crop");
  return tensor_of(f, {value, size, seed, Value()});
}

Tensor stateless_random_flip_left_right(const Value& image, const Value& seed) {
  static const Function& f = named("tf.image.stateless_random_flip_left_right");
  return tensor_of(f, {image, seed});
}

Tensor stateless_random_flip_up_down(const Value& image, const Value& seed) {
  static const Function& f = named("tf.image.stateless_random_flip_up_down");
  return tensor_of(f, {image, seed});
}

Tensor stateless_random_hue(const Value& image, double max_delta, const Value& seed) {
  static const Function& f = named("tf.image.stateless_random_hue");
  return tensor_of(f, {image, max_delta, seed});
}

Tensor stateless_random_saturation(const Value& image, double lower, double upper,
    const StatelessRandomSaturationOptions& options) {
  static const Function& f = named("tf.image.stateless_random_saturation");
  return tensor_of(f, {image, lower, upper, options.seed});
}

Tensor total_variation(const Value& images) {
  static const Function& f = named("tf.image.total_variation");
  return tensor_of(f, {images, Value()});
}

Tensor transpose(const Value& image) {
  static const Function& f = named("tf.image.transpose");
  return tensor_of(f, {image, Value()});
}

Tensor yiq_to_rgb(const Value& images) {
  static const Function& f = named("tf.image.yiq_to_rgb");
  return tensor_of(f, {images});
}

Tensor yuv_to_rgb(const Value& images) {
  static const Function& f = named("tf.image.yuv_to_rgb");
  return tensor_of(f, {images});
}

}  // namespace ninefold::image
