// In: images [height, width, channels] or batches of them. Out: tf.image: colours, chance from a seed, measures of likeness.
#include <array>
#include <cmath>

#include "base/check.h"
#include "engine/ops/array_args.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/image.h"

namespace ninefold::ops {
namespace {

using namespace image;

Tensor function(const char* name, const std::vector<std::pair<std::string, Value>>& named) {
  return *call(name, named).get<Tensor>();
}

// ---- colours ----

Tensor with_hue(const Tensor& image, const Tensor& delta) {
  return converted(op("AdjustHue", {as_float(image), cast(delta, DType::f32)}), image.dtype(), false);
}
Tensor with_saturation(const Tensor& image, const Tensor& factor) {
  return converted(op("AdjustSaturation", {as_float(image), cast(factor, DType::f32)}), image.dtype(), false);
}
using Kernel3 = std::array<double, 9>;
Value mixed(Args& a, const Kernel3& rows) {
  const Tensor images = operand(a, "images");
  check(is_floating(images.dtype()), Code::type, "{}: expected floating point images, got {}", a.function().names[0], name_of(images.dtype()));
  check(images.shape().known_rank() && images.rank() >= 1, Code::value, "{}: the rank of the images must be known and not 0", a.function().names[0]);
  check(images.dim(-1) < 0 || images.dim(-1) == 3, Code::invalid_argument, "Matrix size-incompatible: In[0]: {}, In[1]: [3,3] [Op:MatMul]",
        images.shape().str());
  const Tensor kernel = cast(Tensor::of<double>({3, 3}, {rows.begin(), rows.end()}), images.dtype());
  const Tensor flat = op("MatMul", {op("Reshape", {images, int_vector({-1, 3})}), kernel});
  return op("Reshape", {flat, shape_tensor(images)});
}
// Columns: what each of red, green and blue gives; as TensorFlow rounds them.
constexpr Kernel3 to_yiq = {0.299, 0.59590059, 0.2115, 0.587, -0.27455667, -0.52273617, 0.114, -0.32134392, 0.31119955};
constexpr Kernel3 from_yiq = {1, 1, 1, 0.95598634, -0.27201283, -1.10674021, 0.6208248, -0.64720424, 1.70423049};
constexpr Kernel3 to_yuv = {0.299, -0.14714119, 0.61497538, 0.587, -0.28886916, -0.51496512, 0.114, 0.43601035, -0.10001026};
constexpr Kernel3 from_yuv = {1, 1, 1, 0, -0.394642334, 2.03206185, 1.13988303, -0.58062185, 0};

// ---- chance ----

Tensor drawn(const Value& seed, double low, double high) {
  return function("tf.random.uniform", {{"shape", Value(ValueList{})}, {"minval", low}, {"maxval", high}, {"seed", seed}});
}
Tensor drawn_of(const Args& a, double low, double high) {   // from a seed of two numbers, without a state
  return function("tf.random.stateless_uniform", {{"shape", Value(ValueList{})}, {"seed", a["seed"]}, {"minval", low}, {"maxval", high}});
}
double reach_of_hue(const Args& a) {
  const double d = a.number("max_delta");
  check(d <= 0.5, Code::value, "max_delta must be <= 0.5.");
  check(d >= 0, Code::value, "max_delta must be non-negative.");
  return d;
}
std::pair<double, double> bounds_of(const Args& a) {
  const double low = a.number("lower"), high = a.number("upper");
  check(high > low, Code::value, "upper must be > lower.");
  check(low >= 0, Code::value, "lower must be non-negative.");
  return {low, high};
}
double reach_of(const Args& a) {
  check(a.number("max_delta") >= 0, Code::value, "max_delta must be non-negative.");
  return a.number("max_delta");
}
template <int axis>
Value maybe_flipped(Args& a) {
  return flipped_by(image_of(a, "image"), axis,
                    [&](const Tensor& shape) { return function("tf.random.stateless_uniform", {{"shape", shape}, {"seed", a["seed"]}}); });
}
Value cropped_by_chance(Args& a) {
  const Tensor size = shape_operand(a, "size");
  return cropped_by(operand(a, "value"), size, [&](int64_t count) {
    return function("tf.random.stateless_uniform", {{"shape", Value(ValueList{Value(count)})}, {"seed", a["seed"]}, {"minval", Value(int64_t{0})},
                                                    {"maxval", Value(largest_of(size.dtype()))}, {"dtype", size.dtype()}});
  });
}

// ---- edges ----

Tensor part(const Tensor& t, int axis, int64_t begin, int64_t less) {   // t[begin : n - less] along an axis
  std::vector<int64_t> from(static_cast<size_t>(t.rank()), 0);
  from[static_cast<size_t>(axis)] = begin;
  std::vector<int64_t> cut(from.size(), 0);
  cut[static_cast<size_t>(axis)] = begin + less;
  Shape known = t.shape();
  if (known[axis] >= 0) known.set(axis, std::max<int64_t>(known[axis] - begin - less, 0));
  return with_static_shape(op("Slice", {t, int_vector(from), shape_tensor(t) - int_vector(cut)}), known);
}
Tensor steps(const Tensor& t, int axis) { return part(t, axis, 1, 0) - part(t, axis, 0, 1); }
Value variation(Args& a) {
  const Tensor t = operand(a, "images");
  check(t.shape().known_rank() && (t.rank() == 3 || t.rank() == 4), Code::value, "'images' must be either 3 or 4-dimensional.");
  const int top = t.rank() - 3;
  const Tensor axes = t.rank() == 3 ? int_vector({0, 1, 2}) : int_vector({1, 2, 3});
  const auto sum = [&](int axis) { return op("Sum", {op("Abs", {steps(t, axis)}), axes}); };
  return sum(top) + sum(top + 1);
}
Value gradients(Args& a) {
  const Tensor image = operand(a, "image");
  check(image.rank() == 4, Code::value, "image_gradients expects a 4D tensor [batch_size, h, w, d], not {}.", image.shape().tuple());
  const auto along = [&](int axis) {
    std::vector<int32_t> pads(8, 0);
    pads[static_cast<size_t>(2 * axis + 1)] = 1;
    return with_static_shape(op("Pad", {steps(image, axis), Tensor::of<int32_t>({4, 2}, pads)}), image.shape());
  };
  return ValueList{along(1), along(2)};
}
Value sobel(Args& a) {
  const Tensor image = operand(a, "image");
  check(image.rank() == 4, Code::value, "tf.image.sobel_edges: expected images [batch, height, width, channels], got shape {}", image.shape().tuple());
  const Extent depth = Extent::along(image, 3);
  const Tensor kernels = cast(Tensor::of<double>({3, 3, 1, 2}, {-1, -1, -2, 0, -1, 1, 0, -2, 0, 0, 0, 2, 1, -1, 2, 0, 1, 1}), image.dtype());
  const Tensor filter = op("Tile", {kernels, vector_of({1, 1, depth, 1})});
  const Tensor padded = op("MirrorPad", {image, Tensor::of<int32_t>({4, 2}, {0, 0, 1, 1, 1, 1, 0, 0})}, {{"mode", "REFLECT"}});
  const Tensor edges = op("DepthwiseConv2dNative", {padded, filter}, {{"strides", std::vector<int64_t>{1, 1, 1, 1}}, {"padding", "VALID"}});
  const Tensor shape[] = {shape_tensor(image), int_vector({2}), int_scalar(0)};
  return with_static_shape(op("Reshape", {edges, op_all("ConcatV2", shape).at(0)}), image.shape().concat(Shape{2}));
}

// ---- likeness ----

struct Likeness {
  int64_t size;
  double sigma, k1, k2;
  Tensor peak;
};
// Of each channel: structural similarity, and the part of it that is contrast and structure.
std::pair<Tensor, Tensor> similarity(const Tensor& x, const Tensor& y, const Likeness& how) {
  for (const Tensor& t : {x, y})
    for (int axis : {-3, -2})
      check(t.dim(t.rank() + axis) < 0 || t.dim(t.rank() + axis) >= how.size, Code::invalid_argument,
            "tf.image.ssim: images of shape {} are smaller than the filter of size {}", t.shape().str(), how.size);
  std::vector<double> bell(static_cast<size_t>(how.size * how.size));
  double sum = 0;
  for (int64_t i = 0; i < how.size; ++i)
    for (int64_t j = 0; j < how.size; ++j) {
      const double middle = static_cast<double>(how.size - 1) / 2, dy = static_cast<double>(i) - middle, dx = static_cast<double>(j) - middle;
      sum += bell[static_cast<size_t>(i * how.size + j)] = std::exp(-0.5 * (dy * dy + dx * dx) / (how.sigma * how.sigma));
    }
  for (double& b : bell) b /= sum;
  const Tensor kernel = cast(Tensor::of<double>({how.size, how.size, 1, 1}, bell), DType::f32);
  const Tensor filter = op("Tile", {kernel, vector_of({1, 1, Extent::along(x, -1), 1})});
  const auto blurred = [&](const Tensor& t) {
    const Tensor shape = shape_tensor(t);
    const auto piece = [](const Tensor& v, int64_t begin, int64_t end, int64_t begin_mask) {
      return op("StridedSlice", {v, int_vector({begin}), int_vector({end}), int_vector({1})}, {{"begin_mask", begin_mask}, {"end_mask", end == 0 ? 1 : 0}});
    };
    const Tensor flat_shape[] = {int_vector({-1}), piece(shape, -3, 0, 0), int_scalar(0)};
    const Tensor flat = op("Reshape", {t, op_all("ConcatV2", flat_shape).at(0)});
    const Tensor made = op("DepthwiseConv2dNative", {flat, filter}, {{"strides", std::vector<int64_t>{1, 1, 1, 1}}, {"padding", "VALID"}});
    const Tensor back[] = {piece(shape, 0, -3, 1), piece(shape_tensor(made), 1, 0, 0), int_scalar(0)};
    return op("Reshape", {made, op_all("ConcatV2", back).at(0)});
  };
  const auto squared = [&](double k) { return op("Square", {how.peak * number_like(how.peak, k)}); };
  const Tensor c1 = squared(how.k1), c2 = squared(how.k2), two = number_like(x, 2);
  const Tensor mean_x = blurred(x), mean_y = blurred(y);
  const Tensor above = mean_x * mean_y * two, below = op("Square", {mean_x}) + op("Square", {mean_y});
  const Tensor luminance = (above + c1) / (below + c1);
  const Tensor structure = (blurred(x * y) * two - above + c2) / (blurred(op("Square", {x}) + op("Square", {y})) - below + c2);
  const auto mean = [](const Tensor& t) { return op("Mean", {t, int_vector({-3, -2})}); };
  return {mean(luminance * structure), mean(structure)};
}
Tensors images_and_peak(const Args& a, const char* who) {
  const Tensor x = operand(a, "img1"), y = operand(a, "img2", x.dtype());
  for (const Tensor& t : {x, y})
    check(t.shape().known_rank() && t.rank() >= 3, Code::value, "{}: expected images [..., height, width, channels], got shape {}", who, t.shape().tuple());
  for (int i = 1; i <= 3; ++i)
    check(x.dim(x.rank() - i) < 0 || y.dim(y.rank() - i) < 0 || x.dim(x.rank() - i) == y.dim(y.rank() - i), Code::value,
          "Shapes {} and {} are incompatible", x.shape().slice(x.rank() - 3, x.rank()).tuple(), y.shape().slice(y.rank() - 3, y.rank()).tuple());
  const Tensor peak = converted(cast(operand(a, "max_val"), x.dtype()), DType::f32, false);
  return {converted(x, DType::f32, false), converted(y, DType::f32, false), peak};
}
Likeness likeness_of(const Args& a, const Tensor& peak, const char* who) {
  const int64_t size = a.integer("filter_size");
  check(size > 0 && size <= 4096, Code::value, "{}: filter_size must be positive, got {}", who, size);
  return {size, a.number("filter_sigma"), a.number("k1"), a.number("k2"), peak};
}
Value similar(Args& a) {
  const Tensors in = images_and_peak(a, "tf.image.ssim");
  return op("Mean", {similarity(in[0], in[1], likeness_of(a, in[2], "tf.image.ssim")).first, int_vector({-1})});
}
Value similar_at_scales(Args& a) {
  const char* who = "tf.image.ssim_multiscale";
  const Tensors in = images_and_peak(a, who);
  const Likeness how = likeness_of(a, in[2], who);
  const Tensor powers = a.none("power_factors") ? Tensor::of<float>({5}, {0.0448f, 0.2856f, 0.3001f, 0.2363f, 0.1333f}) : operand(a, "power_factors", DType::f32);
  check(powers.rank() == 1 && powers.dim(0) > 0, Code::value, "{}: power_factors must be a list of numbers", who);
  std::array<Tensor, 2> now = {in[0], in[1]};
  Tensors parts;
  for (int64_t scale = 0; scale < powers.dim(0); ++scale) {
    for (Tensor& t : now) {
      if (scale == 0) continue;
      const int rank = t.rank();
      const Extent h = height_of(t), w = width_of(t);
      Tensor flat = op("Reshape", {t, vector_of({-1, h, w, Extent::along(t, -1)})});
      if (const Extent below = h % 2, right = w % 2; !below.known() || !right.known() || below.value() || right.value())
        flat = op("MirrorPad", {flat, op("Reshape", {vector_of({0, 0, 0, below, 0, right, 0, 0}), int_vector({4, 2})})}, {{"mode", "SYMMETRIC"}});
      const std::vector<int64_t> window = {1, 2, 2, 1};
      const Tensor half = op("AvgPool", {flat}, {{"ksize", window}, {"strides", window}, {"padding", "VALID"}});
      std::vector<Extent> smaller;
      for (int i = 0; i < rank; ++i) smaller.push_back(i == rank - 3 ? (h + 1) / 2 : i == rank - 2 ? (w + 1) / 2 : Extent::along(t, i));
      Shape known = Shape::of_rank(rank);
      for (int i = 0; i < rank; ++i) known.set(i, smaller[static_cast<size_t>(i)].or_unknown());
      t = with_static_shape(op("Reshape", {half, vector_of(smaller)}), known);
    }
    const auto [whole, structure] = similarity(now[0], now[1], how);
    parts.push_back(op("Relu", {scale + 1 < powers.dim(0) ? structure : whole}));
  }
  const NamedAttr axis("axis", -1);
  const Tensor all = op_all("Pack", parts, {&axis, 1}).at(0);
  const Tensor product = op("Prod", {op("Pow", {all, powers}), int_vector({-1})});
  return op("Mean", {product, int_vector({-1})});
}

// The greatest size of the same form that the target holds, and where it lies there; in float32, as TensorFlow rounds.
struct Fit { Extent height, width, top, left; };
float greater(float a, float b) { return std::max(a, b); }
Tensor greater(const Tensor& a, const Tensor& b) { return op("Maximum", {a, b}); }
Extent whole(float x) { return static_cast<int64_t>(std::floor(x)); }
Extent whole(const Tensor& x) { return Extent(cast(op("Floor", {x}), DType::i32)); }
float like(float, double x) { return static_cast<float>(x); }
Tensor like(const Tensor& t, double x) { return number_like(t, x); }
template <class Real>
Fit fitting(const Real& h, const Real& w, int64_t height, int64_t width) {
  const Real th = like(h, static_cast<double>(height)), tw = like(w, static_cast<double>(width)), two = like(h, 2);
  const Real ratio = greater(w / tw, h / th), rh = h / ratio, rw = w / ratio;
  return {whole(rh), whole(rw), larger(whole((th - rh) / two), 0), larger(whole((tw - rw) / two), 0)};
}
Value resized_with_pad(Args& a) {
  const char* who = "tf.image.resize_with_pad";
  const Tensor image = known_image_of(a, "image");
  const int64_t height = a.integer("target_height"), width = a.integer("target_width");
  check(width > 0, Code::value, "target_width must be > 0.");
  check(height > 0, Code::value, "target_height must be > 0.");
  const Extent h = height_of(image), w = width_of(image);
  check((!h.known() || h.value() > 0) && (!w.known() || w.value() > 0), Code::value, "{}: the image is empty: {}", who, image.shape().tuple());
  const Fit fit = h.known() && w.known() ? fitting(static_cast<float>(h.value()), static_cast<float>(w.value()), height, width)
                                         : fitting(cast(h.tensor(), DType::f32), cast(w.tensor(), DType::f32), height, width);
  const Tensor resized = function("tf.image.resize", {{"images", image}, {"method", a["method"]}, {"antialias", a.flag("antialias")},
                                                      {"size", vector_of({fit.height, fit.width})}});
  return call("tf.image.pad_to_bounding_box", {{"image", resized}, {"offset_height", fit.top.tensor()}, {"offset_width", fit.left.tensor()},
                                               {"target_height", Value(height)}, {"target_width", Value(width)}});
}

const OpFunction rgb_to_hsv("RGBToHSV", {"tf.image.rgb_to_hsv"}, "(images: T, name: str = None)", "Hue, saturation and value of red, green and blue, all of [0, 1].");
const OpFunction hsv_to_rgb("HSVToRGB", {"tf.image.hsv_to_rgb"}, "(images: T, name: str = None)", "Red, green and blue of hue, saturation and value.");

const char* const kLikeness = ", filter_size: int = 11, filter_sigma: float = 1.5, k1: float = 0.01, k2: float = 0.03)";
const Function image_composites[] = {
    {{"tf.image.adjust_hue"}, "(image: T, delta: tensor, name: str = None)", "RGB images with `delta`, of [-1, 1], added to their hue.",
     [](Args& a) -> Value {
       const Tensor delta = operand(a, "delta");
       if (const Tensor* known = known_value(delta); known && is_floating(known->dtype()) && known->size() == 1)
         check(std::abs(known->float_at(0)) <= 1, Code::value, "delta must be in the interval [-1, 1]");
       return with_hue(operand(a, "image"), delta);
     }},
    {{"tf.image.adjust_saturation"}, "(image: T, saturation_factor: tensor, name: str = None)", "RGB images with their saturation times the factor.",
     [](Args& a) -> Value { return with_saturation(operand(a, "image"), operand(a, "saturation_factor")); }},
    {{"tf.image.random_hue"}, "(image: T, max_delta: float, seed: int = None)", "A number of [-max_delta, max_delta) added to the hue.",
     [](Args& a) -> Value {
       const double d = reach_of_hue(a);
       return with_hue(operand(a, "image"), drawn(a["seed"], -d, d));
     }},
    {{"tf.image.random_saturation"}, "(image: T, lower: float, upper: float, seed: int = None)", "The saturation times a number of [lower, upper).",
     [](Args& a) -> Value {
       const auto [low, high] = bounds_of(a);
       return with_saturation(operand(a, "image"), drawn(a["seed"], low, high));
     }},
    {{"tf.image.stateless_random_hue"}, "(image: T, max_delta: float, seed: value)", "tf.image.random_hue, by a seed of two numbers alone.",
     [](Args& a) -> Value {
       const double d = reach_of_hue(a);
       return with_hue(operand(a, "image"), drawn_of(a, -d, d));
     }},
    {{"tf.image.stateless_random_saturation"}, "(image: T, lower: float, upper: float, seed: value = None)",
     "tf.image.random_saturation, by a seed of two numbers alone.",
     [](Args& a) -> Value {
       const auto [low, high] = bounds_of(a);
       return with_saturation(operand(a, "image"), drawn_of(a, low, high));
     }},
    {{"tf.image.stateless_random_brightness"}, "(image: T, max_delta: float, seed: value)", "tf.image.random_brightness, by a seed of two numbers alone.",
     [](Args& a) -> Value {
       const double d = reach_of(a);
       return brightened(operand(a, "image"), drawn_of(a, -d, d));
     }},
    {{"tf.image.stateless_random_contrast"}, "(image: T, lower: float, upper: float, seed: value)", "tf.image.random_contrast, by a seed of two numbers alone.",
     [](Args& a) -> Value {
       const auto [low, high] = bounds_of(a);
       return contrasted(operand(a, "image"), drawn_of(a, low, high));
     }},
    {{"tf.image.stateless_random_flip_left_right"}, "(image: T, seed: value)", "Mirrored from left to right with probability 1/2, by a seed of two numbers.",
     maybe_flipped<1>},
    {{"tf.image.stateless_random_flip_up_down"}, "(image: T, seed: value)", "Mirrored from top to bottom with probability 1/2, by a seed of two numbers.",
     maybe_flipped<0>},
    {{"tf.image.stateless_random_crop"}, "(value: T, size: value, seed: value, name: str = None)", "A box of this size, its place by a seed of two numbers.",
     cropped_by_chance},
    {{"tf.image.rgb_to_yiq"}, "(images: T)", "Luma and two chrominances, I and Q, of red, green and blue.", [](Args& a) { return mixed(a, to_yiq); }},
    {{"tf.image.yiq_to_rgb"}, "(images: T)", "The inverse of tf.image.rgb_to_yiq.", [](Args& a) { return mixed(a, from_yiq); }},
    {{"tf.image.rgb_to_yuv"}, "(images: T)", "Luma and two chrominances, U and V, of red, green and blue.", [](Args& a) { return mixed(a, to_yuv); }},
    {{"tf.image.yuv_to_rgb"}, "(images: T)", "The inverse of tf.image.rgb_to_yuv.", [](Args& a) { return mixed(a, from_yuv); }},
    {{"tf.image.total_variation"}, "(images: T, name: str = None)", "The sum of the differences of neighbouring pixels, of each image.", variation},
    {{"tf.image.image_gradients"}, "(image: T)", "(differences to the pixel below, to the right), 0 in the last row and column.", gradients, "tensors"},
    {{"tf.image.sobel_edges"}, "(image: T)", "[..., 2]: Sobel's differences downwards and to the right.", sobel},
    {{"tf.image.ssim"}, std::string("(img1: tensor, img2: tensor, max_val: tensor") + kLikeness,
     "Structural similarity of images whose numbers reach max_val (Wang et al. 2004): 1 if they are the same.", similar},
    {{"tf.image.ssim_multiscale"},
     std::string("(img1: tensor, img2: tensor, max_val: tensor, power_factors: value = None") + kLikeness,
     "Structural similarity of images at several scales, each half the one before, weighted by powers.", similar_at_scales},
    {{"tf.image.resize_with_pad"},
     "(image: T, target_height: int, target_width: int, method: value = 'bilinear', antialias: bool = False)",
     "Resized without distortion as large as fits, zeros around it.", resized_with_pad},
};
const std::vector<Registrar> known_image_composites(std::begin(image_composites), std::end(image_composites));

}  // namespace
}  // namespace ninefold::ops
