// In: images [height, width, channels] or batches of them. Out: tf.image: flipped, cropped, padded, resized, adjusted.
#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "engine/ops/array_args.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/image.h"

namespace ninefold::ops {
namespace image {

// Height, width and channels are the last three axes.
Tensor image_of(const Args& a, std::string_view name) {
  const Tensor image = operand(a, name);
  const Shape& s = image.shape();
  check(!s.known_rank() || s.rank() == 3 || s.rank() == 4, Code::value,
        "'image' (shape {}) must have either 3 or 4 dimensions.", s.tuple());
  check(s.known_rank(), Code::value, "'image' must have a known rank; set it with tf.ensure_shape.");
  return image;
}
int64_t size_along(const Tensor& image, int axis, const char* who) {
  const int64_t n = image.dim(image.rank() + axis);
  check(n >= 0, Code::unimplemented, "{}: height and width must be known while tracing; set them with tf.ensure_shape", who);
  return n;
}
static double largest(DType t) {
  switch (t) {
    case DType::u8: return 255;
    case DType::i8: return 127;
    case DType::u16: return 65535;
    case DType::i16: return 32767;
    case DType::u32: return 4294967295.0;
    case DType::i32: return 2147483647.0;
    case DType::u64: return 18446744073709551615.0;
    default: return 9223372036854775807.0;
  }
}
static Tensor saturated(const Tensor& t, DType dtype) { return *call("tf.saturate_cast", {{"value", t}, {"dtype", dtype}}).get<Tensor>(); }

// Floats are of [0, 1), integers fill their range.
Tensor converted(const Tensor& image, DType dtype, bool saturate) {
  const DType from = image.dtype();
  check(is_floating(dtype) || is_integer(dtype), Code::attribute, "dtype must be either floating point or integer");
  if (from == dtype) return op("Identity", {image});
  const auto fitted = [&](const Tensor& t) { return saturate ? saturated(t, dtype) : cast(t, dtype); };
  if (is_integer(from) && is_integer(dtype)) {
    const double in = largest(from), out = largest(dtype);
    if (in > out) return fitted(op("FloorDiv", {image, number_like(image, std::floor((in + 1) / (out + 1)))}));
    const Tensor wide = fitted(image);
    return wide * number_like(wide, std::floor((out + 1) / (in + 1)));
  }
  if (is_floating(from) && is_floating(dtype)) return cast(image, dtype);
  if (is_integer(from)) {
    const Tensor number = cast(image, dtype);
    return number * number_like(number, 1.0 / largest(from));
  }
  return fitted(image * number_like(image, largest(dtype) + 0.5));
}
Tensor as_float(const Tensor& image) {
  return image.dtype() == DType::f32 || image.dtype() == DType::f16 ? image : converted(image, DType::f32, false);
}
Tensor reversed(const Tensor& t, int64_t axis) { return op("ReverseV2", {t, int_vector({axis})}); }
Tensor contrasted(const Tensor& image, const Tensor& factor) {
  const Tensor number = as_float(image), f = cast(factor, number.dtype());
  const Tensor mean = op("Mean", {number, int_vector({-3, -2})}, {{"keep_dims", true}});
  return converted((number - mean) * f + mean, image.dtype(), true);
}
Tensor brightened(const Tensor& image, const Tensor& delta) {
  const Tensor number = as_float(image);
  return converted(number + cast(delta, number.dtype()), image.dtype(), true);
}

}  // namespace image
namespace {

using namespace image;

Tensor transposed(const Tensor& image, std::vector<int64_t> perm) {   // of one image; a batch's axis stays
  if (image.rank() == 4) {
    for (int64_t& p : perm) ++p;
    perm.insert(perm.begin(), 0);
  }
  return op("Transpose", {image, int_vector(perm)});
}
// ---- flips and turns ----

template <int axis>   // of one image
Value flipped(Args& a) {
  const Tensor image = image_of(a, "image");
  return reversed(image, image.rank() - 3 + axis);
}
// An image alone is flipped or not; of a batch each image for itself.
template <int axis>
Value randomly_flipped(Args& a) {
  const Tensor image = image_of(a, "image");
  const bool batch = image.rank() == 4;
  const Value count = batch ? Value(ValueList{Value(size_along(image, -4, "tf.image.random_flip"))}) : Value(ValueList{});
  const Tensor drawn = *call("tf.random.uniform", {{"shape", count}, {"seed", a["seed"]}}).get<Tensor>();
  const Tensor turned = reversed(image, image.rank() - 3 + axis);
  if (!batch) return op("SelectV2", {op("Less", {drawn, number_like(drawn, 0.5)}), turned, image});
  const Tensor flips = cast(op("Reshape", {op("Round", {drawn}), int_vector({-1, 1, 1, 1})}), image.dtype());
  return flips * turned + (number_like(flips, 1) - flips) * image;
}
Value rotated(Args& a) {
  const Tensor image = image_of(a, "image");
  const int64_t top = image.rank() - 3;
  switch (((a.integer("k") % 4) + 4) % 4) {
    case 1: return transposed(reversed(image, top + 1), {1, 0, 2});
    case 2: return op("ReverseV2", {image, int_vector({top, top + 1})});
    case 3: return reversed(transposed(image, {1, 0, 2}), top + 1);
    default: return image;
  }
}

// ---- crops and frames ----

Tensor cropped(const Tensor& image, int64_t top, int64_t left, int64_t height, int64_t width, const char* who) {
  check(top >= 0, Code::value, "offset_height must be >= 0.");
  check(left >= 0, Code::value, "offset_width must be >= 0.");
  check(height > 0, Code::value, "target_height must be > 0.");
  check(width > 0, Code::value, "target_width must be > 0.");
  check(size_along(image, -2, who) >= width + left, Code::value, "width must be >= target + offset.");
  check(size_along(image, -3, who) >= height + top, Code::value, "height must be >= target + offset.");
  std::vector<int64_t> begin = {top, left, 0}, size = {height, width, -1};
  if (image.rank() == 4) begin.insert(begin.begin(), 0), size.insert(size.begin(), -1);
  return op("Slice", {image, int_vector(begin), int_vector(size)});
}
Tensor framed(const Tensor& image, int64_t top, int64_t left, int64_t height, int64_t width, const char* who) {
  const int64_t below = height - top - size_along(image, -3, who), right = width - left - size_along(image, -2, who);
  check(top >= 0, Code::value, "offset_height must be >= 0");
  check(left >= 0, Code::value, "offset_width must be >= 0");
  check(right >= 0, Code::value, "width must be <= target - offset");
  check(below >= 0, Code::value, "height must be <= target - offset");
  std::vector<int32_t> pads;
  if (image.rank() == 4) pads = {0, 0};
  for (const int64_t p : {top, below, left, right, int64_t{0}, int64_t{0}}) pads.push_back(static_cast<int32_t>(p));
  return op("Pad", {image, Tensor::of<int32_t>({image.rank(), 2}, pads)});
}
Value crop_or_pad(Args& a) {
  const char* who = "tf.image.resize_with_crop_or_pad";
  Tensor image = image_of(a, "image");
  const int64_t height = a.integer("target_height"), width = a.integer("target_width");
  check(width > 0, Code::value, "target_width must be > 0.");
  check(height > 0, Code::value, "target_height must be > 0.");
  const auto half = [](int64_t n) { return n >= 0 ? n / 2 : -((-n + 1) / 2); };   // floor, as Python divides
  const int64_t dw = width - size_along(image, -2, who), dh = height - size_along(image, -3, who);
  image = cropped(image, std::max<int64_t>(half(-dh), 0), std::max<int64_t>(half(-dw), 0), std::min(height, height - dh),
                  std::min(width, width - dw), who);
  return framed(image, std::max<int64_t>(half(dh), 0), std::max<int64_t>(half(dw), 0), height, width, who);
}
Value central_crop(Args& a) {
  const Tensor image = image_of(a, "image");
  const double fraction = a.number("central_fraction");
  check(fraction > 0 && fraction <= 1, Code::value, "central_fraction must be within (0, 1]");
  if (fraction == 1) return image;
  const int64_t h = size_along(image, -3, "tf.image.central_crop"), w = size_along(image, -2, "tf.image.central_crop");
  const auto start = [&](int64_t n) { return static_cast<int64_t>((static_cast<double>(n) - static_cast<double>(n) * fraction) / 2); };
  return cropped(image, start(h), start(w), h - 2 * start(h), w - 2 * start(w), "tf.image.central_crop");
}
Value random_crop(Args& a) {
  const Tensor value = operand(a, "value");
  const std::vector<int64_t> size = a.ints("size");
  check(value.shape().fully_known() && value.rank() == static_cast<int>(size.size()), Code::value,
        "tf.image.random_crop: size has {} numbers, value has the shape {}", size.size(), value.shape().tuple());
  std::vector<int64_t> room;
  for (int i = 0; i < value.rank(); ++i) {
    const int64_t n = size[static_cast<size_t>(i)];
    check(value.dim(i) >= n, Code::invalid_argument, "Need value.shape >= size, got {} and {}", value.shape().str(), Shape(size).str());
    room.push_back(value.dim(i) - n + 1);
  }
  const Tensor drawn = *call("tf.random.uniform", {{"shape", Value(ValueList{Value(static_cast<int64_t>(size.size()))})},
                                                   {"maxval", Value(int64_t{INT32_MAX})}, {"dtype", DType::i32},
                                                   {"seed", a["seed"]}}).get<Tensor>();
  return op("Slice", {value, op("FloorMod", {drawn, int_vector(room)}), int_vector(size)});
}

// ---- sizes ----

Value resized(Args& a) {
  Tensor images = image_of(a, "images");
  const bool one = images.rank() == 3;
  const std::string method = a.text("method");
  const bool sampled = method == "gaussian" || method == "lanczos3" || method == "lanczos5" || method == "mitchellcubic";
  check(sampled || method == "bilinear" || method == "nearest" || method == "bicubic" || method == "area", Code::value,
        "Resize method is not implemented: {}", method);
  const Tensor given = int_operand(a, "size");
  check(!given.shape().known_rank() || (given.rank() == 1 && given.dim(0) == 2), Code::value,
        "'size' must be a 1-D Tensor of 2 elements: new_height, new_width");
  Tensor size = cast(given, DType::i32);
  const int64_t h = images.dim(images.rank() - 3), w = images.dim(images.rank() - 2);
  const Tensor* known = known_value(given);
  if (a.flag("preserve_aspect_ratio")) {
    check(known && h > 0 && w > 0, Code::unimplemented, "tf.image.resize: preserve_aspect_ratio needs sizes that are known while tracing");
    const double scale = std::min(static_cast<double>(known->int_at(0)) / static_cast<double>(h),
                                  static_cast<double>(known->int_at(1)) / static_cast<double>(w));
    size = int_vector({std::lrint(scale * static_cast<double>(h)), std::lrint(scale * static_cast<double>(w))});
    known = known_value(size);
  }
  if (known && h == known->int_at(0) && w == known->int_at(1)) return images;
  if (one) images = op("ExpandDims", {images, int_scalar(0)});
  const bool antialias = a.flag("antialias");
  if (sampled || (antialias && (method == "bilinear" || method == "bicubic"))) {
    const Tensor old = op("StridedSlice", {op("Shape", {images}), int_vector({1}), int_vector({3}), int_vector({1})});
    images = op("ScaleAndTranslate", {images, size, cast(size, DType::f32) / cast(old, DType::f32), Tensor::of<float>({2}, {0, 0})},
                {{"kernel_type", method == "bilinear" ? "triangle" : method == "bicubic" ? "keyscubic" : method.c_str()}, {"antialias", antialias}});
  } else if (method == "area") {
    images = op("ResizeArea", {images, size});
  } else {
    images = op(method == "bilinear" ? "ResizeBilinear" : method == "bicubic" ? "ResizeBicubic" : "ResizeNearestNeighbor", {images, size},
                {{"half_pixel_centers", true}});
  }
  return one ? op("Squeeze", {images}, {{"squeeze_dims", std::vector<int64_t>{0}}}) : images;
}

// ---- colours ----

Tensor uniform(const Value& seed, double low, double high) {
  return *call("tf.random.uniform", {{"shape", Value(ValueList{})}, {"minval", low}, {"maxval", high}, {"seed", seed}}).get<Tensor>();
}
Value standardized(Args& a) {
  const Tensor image = operand(a, "image"), number = as_float(image);
  check(number.rank() >= 3, Code::value, "'image' must be at least three-dimensional.");
  const Tensor axes = int_vector({-1, -2, -3});
  double pixels = 1;
  for (int i = -3; i < 0; ++i) pixels *= static_cast<double>(size_along(number, i, "tf.image.per_image_standardization"));
  const Tensor mean = op("Mean", {number, axes}, {{"keep_dims", true}}), centred = number - mean;
  const Tensor deviation = op("Sqrt", {op("Mean", {op("Square", {centred}), axes}, {{"keep_dims", true}})});
  const Tensor adjusted = op("Maximum", {deviation, number_like(deviation, 1 / std::sqrt(pixels))});
  return converted(centred / adjusted, image.dtype(), true);
}
Value to_grayscale(Args& a) {
  const Tensor image = operand(a, "images"), number = converted(image, DType::f32, false);
  const Tensor weights = Tensor::of<float>({3, 1}, {0.2989f, 0.5870f, 0.1140f});
  check(!number.shape().known_rank() || number.dim(-1) == 3 || number.dim(-1) < 0, Code::value,
        "The last dimension must be of size 3, got shape {}", number.shape().tuple());
  const Tensor flat = op("MatMul", {op("Reshape", {number, int_vector({-1, 3})}), weights});
  std::vector<int64_t> dims = number.shape().vector();
  for (int64_t& d : dims) check(d >= 0 || &d == dims.data(), Code::unimplemented, "tf.image.rgb_to_grayscale: only the batch may be unknown while tracing");
  dims.back() = 1;
  return converted(op("Reshape", {flat, int_vector(dims)}), image.dtype(), false);
}
Value to_rgb(Args& a) {
  const Tensor image = operand(a, "images");
  std::vector<int64_t> copies(static_cast<size_t>(std::max(image.rank(), 1)), 1);
  check(image.dim(-1) == 1 || image.dim(-1) < 0, Code::value, "Last dimension of a grayscale image should be size 1, got shape {}", image.shape().tuple());
  copies.back() = 3;
  return op("Tile", {image, int_vector(copies)});
}
Value gamma_adjusted(Args& a) {
  const Tensor image = operand(a, "image"), number = as_float(image);
  check(a.number("gamma") >= 0, Code::value, "Gamma should be a non-negative real number.");
  return converted(number_like(number, a.number("gain")) * op("Pow", {number, number_like(number, a.number("gamma"))}), image.dtype(), true);
}
Value noise_ratio(Args& a) {
  const Tensor x = converted(operand(a, "a"), DType::f32, false), y = converted(operand(a, "b"), DType::f32, false);
  const DType given = operand(a, "a").dtype();
  const Tensor top = converted(cast(operand(a, "max_val"), given), DType::f32, false);
  const Tensor error = op("Mean", {op("SquaredDifference", {x, y}), int_vector({-3, -2, -1})});
  const double log10 = std::log(10.0);
  return number_like(error, 20) * op("Log", {top}) / number_like(error, log10) -
         number_like(error, static_cast<float>(10 / log10)) * op("Log", {error});
}

const Function functions[] = {
    {{"tf.image.flip_left_right"}, "(image: T)", "Each image mirrored from left to right.", flipped<1>},
    {{"tf.image.flip_up_down"}, "(image: T)", "Each image mirrored from top to bottom.", flipped<0>},
    {{"tf.image.random_flip_left_right"}, "(image: T, seed: int = None)", "Mirrored from left to right with probability 1/2.", randomly_flipped<1>},
    {{"tf.image.random_flip_up_down"}, "(image: T, seed: int = None)", "Mirrored from top to bottom with probability 1/2.", randomly_flipped<0>},
    {{"tf.image.rot90"}, "(image: T, k: int = 1, name: str = None)", "Turned k times by 90 degrees, against the clock.", rotated},
    {{"tf.image.transpose"}, "(image: T, name: str = None)", "Height and width exchanged.",
     [](Args& a) -> Value { return transposed(image_of(a, "image"), {1, 0, 2}); }},
    {{"tf.image.crop_to_bounding_box"},
     "(image: T, offset_height: int, offset_width: int, target_height: int, target_width: int)",
     "The box whose top left corner is given.",
     [](Args& a) -> Value {
       return cropped(image_of(a, "image"), a.integer("offset_height"), a.integer("offset_width"), a.integer("target_height"),
                      a.integer("target_width"), "tf.image.crop_to_bounding_box");
     }},
    {{"tf.image.pad_to_bounding_box"},
     "(image: T, offset_height: int, offset_width: int, target_height: int, target_width: int)",
     "Zeros around an image, so that it lies at the offset in the target.",
     [](Args& a) -> Value {
       return framed(image_of(a, "image"), a.integer("offset_height"), a.integer("offset_width"), a.integer("target_height"),
                     a.integer("target_width"), "tf.image.pad_to_bounding_box");
     }},
    {{"tf.image.resize_with_crop_or_pad"}, "(image: T, target_height: int, target_width: int)",
     "Cropped or padded on both sides to the target's size.", crop_or_pad},
    {{"tf.image.central_crop"}, "(image: T, central_fraction: float)", "The middle of each image.", central_crop},
    {{"tf.image.random_crop"}, "(value: T, size: ints, seed: int = None, name: str = None)", "A box of this size from anywhere.", random_crop},
    {{"tf.image.resize"},
     "(images: T, size: ints, method: str = 'bilinear', preserve_aspect_ratio: bool = False, antialias: bool = False, name: str = None)",
     "Images of another size: nearest keeps their dtype, the other methods give float32.", resized},
    {{"tf.image.convert_image_dtype"}, "(image: T, dtype: dtype, saturate: bool = False, name: str = None)",
     "Another dtype, scaled: floats are of [0, 1), integers fill their range.",
     [](Args& a) -> Value { return converted(operand(a, "image"), a.dtype("dtype"), a.flag("saturate")); }},
    {{"tf.image.adjust_brightness"}, "(image: T, delta: tensor)", "delta added to the image as a float.",
     [](Args& a) -> Value { return brightened(operand(a, "image"), operand(a, "delta")); }},
    {{"tf.image.random_brightness"}, "(image: T, max_delta: float, seed: int = None)", "A number of [-max_delta, max_delta) added.",
     [](Args& a) -> Value {
       check(a.number("max_delta") >= 0, Code::value, "max_delta must be non-negative.");
       return brightened(operand(a, "image"), uniform(a["seed"], -a.number("max_delta"), a.number("max_delta")));
     }},
    {{"tf.image.adjust_contrast"}, "(images: T, contrast_factor: tensor)", "(x - mean) factor + mean of each channel.",
     [](Args& a) -> Value { return contrasted(operand(a, "images"), operand(a, "contrast_factor")); }},
    {{"tf.image.random_contrast"}, "(image: T, lower: float, upper: float, seed: int = None)", "A contrast factor of [lower, upper).",
     [](Args& a) -> Value {
       check(a.number("upper") > a.number("lower"), Code::value, "upper must be > lower.");
       check(a.number("lower") >= 0, Code::value, "lower must be non-negative.");
       return contrasted(operand(a, "image"), uniform(a["seed"], a.number("lower"), a.number("upper")));
     }},
    {{"tf.image.adjust_gamma"}, "(image: T, gamma: float = 1, gain: float = 1)", "gain image^gamma.", gamma_adjusted},
    {{"tf.image.per_image_standardization"}, "(image: T)", "Mean 0 and variance 1 of each image.", standardized},
    {{"tf.image.rgb_to_grayscale"}, "(images: T, name: str = None)", "0.2989 R + 0.5870 G + 0.1140 B.", to_grayscale},
    {{"tf.image.grayscale_to_rgb"}, "(images: T, name: str = None)", "The one channel three times.", to_rgb},
    {{"tf.image.psnr"}, "(a: tensor, b: tensor, max_val: tensor, name: str = None)", "Peak signal to noise ratio in decibels.", noise_ratio},
};
const std::vector<Registrar> known(std::begin(functions), std::end(functions));

}  // namespace
}  // namespace ninefold::ops
