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

Tensor central_crop(const Value& image, double central_fraction) {
  static const Function& f = named("tf.image.central_crop");
  return tensor_of(f, {image, central_fraction});
}

Tensor convert_image_dtype(const Value& image, DType dtype, const ConvertImageDtypeOptions& options) {
  static const Function& f = named("tf.image.convert_image_dtype");
  return tensor_of(f, {image, dtype, options.saturate, Value()});
}

Tensor crop_to_bounding_box(const Value& image, int64_t offset_height, int64_t offset_width,
    int64_t target_height, int64_t target_width) {
  static const Function& f = named("tf.image.crop_to_bounding_box");
  return tensor_of(f, {image, offset_height, offset_width, target_height, target_width});
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

Tensor pad_to_bounding_box(const Value& image, int64_t offset_height, int64_t offset_width,
    int64_t target_height, int64_t target_width) {
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

Tensor random_crop(const Value& value, const Ints& size, const RandomCropOptions& options) {
  static const Function& f = named("tf.image.random_crop");
  return tensor_of(f, {value, size.value, options.seed, Value()});
}

Tensor random_flip_left_right(const Value& image, const RandomFlipLeftRightOptions& options) {
  static const Function& f = named("tf.image.random_flip_left_right");
  return tensor_of(f, {image, options.seed});
}

Tensor random_flip_up_down(const Value& image, const RandomFlipUpDownOptions& options) {
  static const Function& f = named("tf.image.random_flip_up_down");
  return tensor_of(f, {image, options.seed});
}

Tensor resize(const Value& images, const Ints& size, const ResizeOptions& options) {
  static const Function& f = named("tf.image.resize");
  return tensor_of(f, {images, size.value, options.method, options.preserve_aspect_ratio, options.antialias,
    Value()});
}

Tensor resize_with_crop_or_pad(const Value& image, int64_t target_height, int64_t target_width) {
  static const Function& f = named("tf.image.resize_with_crop_or_pad");
  return tensor_of(f, {image, target_height, target_width});
}

Tensor rgb_to_grayscale(const Value& images) {
  static const Function& f = named("tf.image.rgb_to_grayscale");
  return tensor_of(f, {images, Value()});
}

Tensor rot90(const Value& image, const Rot90Options& options) {
  static const Function& f = named("tf.image.rot90");
  return tensor_of(f, {image, options.k, Value()});
}

Tensor transpose(const Value& image) {
  static const Function& f = named("tf.image.transpose");
  return tensor_of(f, {image, Value()});
}

}  // namespace ninefold::image
