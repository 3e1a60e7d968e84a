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
  return image;
}
Tensor known_image_of(const Args& a, std::string_view name) {
  const Tensor image = image_of(a, name);
  check(image.shape().known_rank(), Code::value, "'{}' contains no shape.", name);
  return image;
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
    if (in > out) return fitted(op("FloorDiv", {image, cast(Tensor(std::floor((in + 1) / (out + 1))), from)}));
    const Tensor wide = fitted(image);
    return wide * cast(Tensor(std::floor((out + 1) / (in + 1))), dtype);
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
Tensor flipped_by(const Tensor& image, int axis, const std::function<Tensor(const Tensor& shape)>& draw) {
  const Tensor turned = reversed(image, axis - 3);
  if (!image.shape().known_rank()) {   // drawn for one image, or for each of a batch
    const Tensor shape = shape_tensor(image), outer = op("StridedSlice", {shape, int_vector({0}), int_vector({-3}), int_vector({1})});
    const Tensor drawn = draw(outer), one = op("Equal", {op("Rank", {image}), int_scalar(3)});
    const Tensor flips = op("SelectV2", {one, op("Less", {drawn, number_like(drawn, 0.5)}), op("Greater", {drawn, number_like(drawn, 0.5)})});
    return op("SelectV2", {op("Reshape", {flips, op("ConcatV2", {outer, int_vector({1, 1, 1}), int_scalar(0)})}), turned, image});
  }
  if (image.rank() == 3) {
    const Tensor drawn = draw(int_vector({}));
    return op("SelectV2", {op("Less", {drawn, number_like(drawn, 0.5)}), turned, image});
  }
  const Tensor drawn = draw(vector_of({Extent::along(image, 0)}));
  const Tensor flips = cast(op("Reshape", {op("Round", {drawn}), int_vector({-1, 1, 1, 1})}), image.dtype());
  return flips * turned + (number_like(flips, 1) - flips) * image;
}
static std::vector<int64_t> ints_of(const Tensor& t) {
  std::vector<int64_t> all;
  for (int64_t i = 0; i < t.size(); ++i) all.push_back(t.int_at(i));
  return all;
}
int64_t largest_of(DType index) { return index == DType::i64 ? INT64_MAX : INT32_MAX; }
Tensor cropped_by(const Tensor& value, const Tensor& size, const std::function<Tensor(int64_t count)>& draw) {
  const Tensor shape = shape_tensor(value, size.dtype()), *known = known_value(size);
  const int64_t count = value.shape().known_rank() ? value.rank() : size.dim(0);
  check(count >= 0 && size.rank() == 1 && size.dim(0) == count, Code::invalid_argument, "size: expected one number for each dimension of value, got shapes {} and {}",
        size.shape().tuple(), value.shape().tuple());
  for (int i = 0; known && value.shape().known_rank() && i < value.rank(); ++i)
    check(known->int_at(i) >= 0 && (value.dim(i) < 0 || value.dim(i) >= known->int_at(i)), Code::invalid_argument,
          "Need value.shape >= size, got {} and {}", value.shape().str(), Shape(ints_of(*known)).str());
  if (!value.shape().fully_known() || !known) {
    const Tensor fits[] = {op("All", {op("GreaterEqual", {shape, size}), int_vector({0})}), to_tensor(Value("Need value.shape >= size, got ")), shape, size};
    const NamedAttr summarize("summarize", 1000);
    op_all("Assert", fits, {&summarize, 1});
  }
  return op("Slice", {value, op("FloorMod", {cast(draw(count), size.dtype()), shape - size + int_scalar(1, size.dtype())}), size});
}

}  // namespace image
namespace {

using namespace image;

Tensor transposed(const Tensor& image, std::vector<int64_t> perm) {   // of one image; a batch's axis stays
  if (!image.shape().known_rank()) {
    const Tensor before = op("Rank", {image}) - int_scalar(3);
    return op("Transpose", {image, op("ConcatV2", {op("Range", {int_scalar(0), before, int_scalar(1)}), int_vector(perm) + before, int_scalar(0)})});
  }
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
  return reversed(image, axis - 3);
}
template <int axis>
Value randomly_flipped(Args& a) {
  return flipped_by(image_of(a, "image"), axis,
                    [&](const Tensor& shape) { return *call("tf.random.uniform", {{"shape", shape}, {"seed", a["seed"]}}).get<Tensor>(); });
}
Value rotated(Args& a) {
  const Tensor image = image_of(a, "image");
  switch (((a.integer("k") % 4) + 4) % 4) {
    case 1: return transposed(reversed(image, -2), {1, 0, 2});
    case 2: return op("ReverseV2", {image, int_vector({-3, -2})});
    case 3: return reversed(transposed(image, {1, 0, 2}), -2);
    default: return image;
  }
}

// ---- crops and frames ----

Extent extent(const Args& a, std::string_view name) { return Extent(int_operand(a, name)); }

// The shape with other height and width.
Shape sized(const Tensor& image, const Extent& height, const Extent& width) {
  Shape s = image.shape();
  s.set(image.rank() - 3, height.or_unknown()), s.set(image.rank() - 2, width.or_unknown());
  return s;
}
Tensor boxed(const Tensor& image, const Extent& top, const Extent& left, const Extent& height, const Extent& width) {
  std::vector<Extent> begin = {top, left, 0}, size = {height, width, -1};
  if (image.rank() == 4) begin.insert(begin.begin(), 0), size.insert(size.begin(), -1);
  return with_static_shape(op("Slice", {image, vector_of(begin), vector_of(size)}), sized(image, height, width));
}
Tensor cropped(const Tensor& image, const Extent& top, const Extent& left, const Extent& height, const Extent& width) {
  require_at_least(top, 0, "offset_height must be >= 0.");
  require_at_least(left, 0, "offset_width must be >= 0.");
  require_at_least(height, 1, "target_height must be > 0.");
  require_at_least(width, 1, "target_width must be > 0.");
  require_at_least(width_of(image), width + left, "width must be >= target + offset.");
  require_at_least(height_of(image), height + top, "height must be >= target + offset.");
  return boxed(image, top, left, height, width);
}
Tensor framed(const Tensor& image, const Extent& top, const Extent& left, const Extent& height, const Extent& width) {
  const Extent below = height - top - height_of(image), right = width - left - width_of(image);
  require_at_least(top, 0, "offset_height must be >= 0");
  require_at_least(left, 0, "offset_width must be >= 0");
  require_at_least(right, 0, "width must be <= target - offset");
  require_at_least(below, 0, "height must be <= target - offset");
  std::vector<Extent> pads;
  if (image.rank() == 4) pads = {0, 0};
  pads.insert(pads.end(), {top, below, left, right, 0, 0});
  return with_static_shape(op("Pad", {image, op("Reshape", {vector_of(pads), int_vector({image.rank(), 2})})}), sized(image, height, width));
}
Value crop_or_pad(Args& a) {
  const Tensor image = known_image_of(a, "image");
  const Extent height = extent(a, "target_height"), width = extent(a, "target_width");
  require_at_least(width, 1, "target_width must be > 0.");
  require_at_least(height, 1, "target_height must be > 0.");
  const Extent dh = height - height_of(image), dw = width - width_of(image);
  const Tensor cut = cropped(image, larger((0 - dh) / 2, 0), larger((0 - dw) / 2, 0), smaller(height, height_of(image)), smaller(width, width_of(image)));
  return framed(cut, larger(dh / 2, 0), larger(dw / 2, 0), height, width);
}
Value central_crop(Args& a) {
  const Tensor image = known_image_of(a, "image"), given = operand(a, "central_fraction"), fraction = cast(given, DType::f64);
  const Tensor* known = known_value(fraction);
  check(!known || known->size() == 1, Code::value, "central_fraction must be one number, got shape {}", given.shape().tuple());
  if (known) {
    check(known->float_at(0) > 0 && known->float_at(0) <= 1, Code::value, "central_fraction must be within (0, 1]");
    if (known->float_at(0) == 1) return image;
  }
  const auto start = [&](const Extent& n) -> Extent {
    if (known && n.known()) return static_cast<int64_t>((static_cast<double>(n.value()) - static_cast<double>(n.value()) * known->float_at(0)) / 2);
    const Tensor size = cast(n.tensor(), DType::f64);
    return Extent(cast((size - size * fraction) / number_like(size, 2), DType::i32));
  };
  const Extent top = start(height_of(image)), left = start(width_of(image));
  return boxed(image, top, left, height_of(image) - 2 * top, width_of(image) - 2 * left);
}
Value random_crop(Args& a) {
  const Tensor size = shape_operand(a, "size");
  return cropped_by(operand(a, "value"), size, [&](int64_t count) {
    return *call("tf.random.uniform", {{"shape", Value(ValueList{Value(count)})}, {"maxval", Value(largest_of(size.dtype()))}, {"dtype", size.dtype()},
                                       {"seed", a["seed"]}}).get<Tensor>();
  });
}

// ---- sizes ----

Value resized(Args& a) {
  Tensor images = known_image_of(a, "images");
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
  if (a.flag("preserve_aspect_ratio") && known && h > 0 && w > 0) {
    const double scale = std::min(static_cast<double>(known->int_at(0)) / static_cast<double>(h),
                                  static_cast<double>(known->int_at(1)) / static_cast<double>(w));
    size = int_vector({std::lrint(scale * static_cast<double>(h)), std::lrint(scale * static_cast<double>(w))});
    known = known_value(size);
  } else if (a.flag("preserve_aspect_ratio")) {
    const Tensor old = cast(vector_of({height_of(images), width_of(images)}), DType::f32);
    size = cast(op("Round", {op("Min", {cast(size, DType::f32) / old, int_vector({0})}) * old}), DType::i32);
    known = nullptr;
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
  const Tensor number = converted(operand(a, "image"), DType::f32, false);
  const bool known = number.shape().known_rank();
  check(!known || number.rank() >= 3, Code::value, "'image' must be at least three-dimensional.");
  const Tensor axes = int_vector({-1, -2, -3});
  const Extent pixels = !known ? Extent(op("Prod", {op("StridedSlice", {shape_tensor(number), int_vector({-3}), int_vector({INT32_MAX}), int_vector({1})}), int_scalar(0)}))
                               : Extent::along(number, -1) * Extent::along(number, -2) * Extent::along(number, -3);
  const Tensor mean = op("Mean", {number, axes}, {{"keep_dims", true}}), centred = number - mean;
  const Tensor deviation = op("Sqrt", {op("Mean", {op("Square", {centred}), axes}, {{"keep_dims", true}})});
  const Tensor adjusted = op("Maximum", {deviation, pixels.known() ? number_like(deviation, 1 / std::sqrt(static_cast<double>(pixels.value())))
                                                                  : op("Rsqrt", {cast(pixels.tensor(), deviation.dtype())})});
  return centred / adjusted;
}
Value to_grayscale(Args& a) {
  const Tensor image = operand(a, "images"), number = converted(image, DType::f32, false);
  const Tensor weights = Tensor::of<float>({3, 1}, {0.2989f, 0.5870f, 0.1140f});
  check(!number.shape().known_rank() || number.dim(-1) == 3 || number.dim(-1) < 0, Code::value,
        "The last dimension must be of size 3, got shape {}", number.shape().tuple());
  const Tensor flat = op("MatMul", {op("Reshape", {number, int_vector({-1, 3})}), weights});
  if (!number.shape().known_rank()) {
    const Tensor outer = op("StridedSlice", {shape_tensor(number), int_vector({0}), int_vector({-1}), int_vector({1})});
    return converted(op("Reshape", {flat, op("ConcatV2", {outer, int_vector({1}), int_scalar(0)})}), image.dtype(), false);
  }
  std::vector<Extent> sizes;
  for (int i = 0; i + 1 < number.rank(); ++i) sizes.push_back(Extent::along(number, i));
  sizes.push_back(1);
  Shape known = number.shape();
  known.set(number.rank() - 1, 1);
  return converted(with_static_shape(op("Reshape", {flat, vector_of(sizes)}), known), image.dtype(), false);
}
Value to_rgb(Args& a) {
  const Tensor image = operand(a, "images");
  if (!image.shape().known_rank()) {
    const Tensor ones = op("Fill", {op("Pack", {op("Rank", {image}) - int_scalar(1)}), int_scalar(1)});
    return op("Tile", {image, op("ConcatV2", {ones, int_vector({3}), int_scalar(0)})});
  }
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
     "(image: T, offset_height: value, offset_width: value, target_height: value, target_width: value)",
     "The box whose top left corner is given.",
     [](Args& a) -> Value {
       return cropped(known_image_of(a, "image"), extent(a, "offset_height"), extent(a, "offset_width"), extent(a, "target_height"),
                      extent(a, "target_width"));
     }},
    {{"tf.image.pad_to_bounding_box"},
     "(image: T, offset_height: value, offset_width: value, target_height: value, target_width: value)",
     "Zeros around an image, so that it lies at the offset in the target.",
     [](Args& a) -> Value {
       return framed(known_image_of(a, "image"), extent(a, "offset_height"), extent(a, "offset_width"), extent(a, "target_height"),
                     extent(a, "target_width"));
     }},
    {{"tf.image.resize_with_crop_or_pad"}, "(image: T, target_height: value, target_width: value)",
     "Cropped or padded on both sides to the target's size.", crop_or_pad},
    {{"tf.image.central_crop"}, "(image: T, central_fraction: value)", "The middle of each image.", central_crop},
    {{"tf.image.random_crop"}, "(value: T, size: value, seed: int = None, name: str = None)", "A box of this size from anywhere.", random_crop},
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
