// In: images. Out: while training each moved, turned or zoomed by numbers of its own.
#include <array>
#include <cmath>

#include "train/layers/call_context.h"
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/preprocessing/image_sizes.h"
#include "train/layers/preprocessing/image_stream.h"
#include "train/layers/recurrent/loop.h"

namespace ninefold::keras {
namespace {

struct TransformOptions {
  Value height_factor = {}, width_factor = {}, factor = {};
  std::string fill_mode = "reflect", interpolation = "bilinear";
  Value seed = {};
  double fill_value = 0;
  NINEFOLD_LAYER_OPTIONS;
};
struct Factor {
  double low = 0, high = 0;
};
std::string factor_text(const Value& v) {
  const auto one = [](const Value& n) {
    if (const int64_t* i = n.get<int64_t>()) return std::to_string(*i);
    const std::string text = fmt::format("{}", As<double>::from(n, "factor"));
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
  };
  const ValueList* list = v.get<ValueList>();
  if (!list) return one(v);
  std::string out;
  for (const Value& n : *list) out += (out.empty() ? "" : ", ") + one(n);
  return "(" + out + ")";
}
Factor factor_of(const Value& v, const char* who) {
  if (const ValueList* list = v.get<ValueList>()) {
    check(list->size() == 2, Code::value, "{}: expected a number or two as factor, got {}", who, factor_text(v));
    return {As<double>::from((*list)[0], "factor"), As<double>::from((*list)[1], "factor")};
  }
  const double x = As<double>::from(v, "factor");
  return {-x, x};
}

// Columns of maps [images, 8]; scalars and columns [images, 1] of float32 broadcast.
Tensor maps_of(const Tensor& images, const std::array<Tensor, 6>& columns) {
  const Tensor ones = op("Fill", {pack_ints({images, Tensor(int32_t{1})}), Tensor(1.0f)});
  Tensors parts;
  for (const Tensor& c : columns) parts.push_back(ones * c);
  const Tensor none = op("ZerosLike", {ones});
  parts.insert(parts.end(), {none, none, Tensor(int32_t{1})});
  return op_all("ConcatV2", parts).at(0);
}
const Tensor& zero() {
  static const Tensor z(0.0f);
  return z;
}

class TransformLayer : public LayerOf<TransformOptions>, public DrawingLayer {
 public:
  Variable generator_state() override { return stream_.state(); }
  Value call(const Value& inputs, const CallArgs& args) override {
    const Tensor x = cast(nest::tensor(inputs, name()), compute_dtype());
    CallArgs own = args;
    if (own.training.none()) own.training = true;
    return if_training(own, [&] { return transformed(x); }, [&] { return op("Identity", {x}); });
  }
  Value compute_output_shape(const Value& input_shape) override { return input_shape; }

 protected:
  // [images, 8] for that many images of a height and width, which are float32 scalars; a batch of them, or a single one.
  virtual Tensor maps(bool batch, const Tensor& images, const Tensor& height, const Tensor& width) = 0;
  virtual void check_factors() = 0;
  void ready() override {
    stream_.set(options.seed);
    check_factors();
    const std::string& fill = options.fill_mode;
    check(fill == "reflect" || fill == "wrap" || fill == "constant" || fill == "nearest", Code::not_implemented,
          "Unknown `fill_mode` {}. Only `reflect`, `wrap`, `constant` and `nearest` are supported.", fill);
    check(options.interpolation == "nearest" || options.interpolation == "bilinear", Code::not_implemented,
          "Unknown `interpolation` {}. Only `nearest` and `bilinear` are supported.", options.interpolation);
  }
  std::vector<std::string> call_parameters() const override { return {"inputs", "training"}; }
  // [count, 1] of low + u (high - low).
  Tensor drawn(const Tensor& count, const Factor& f) {
    return stream_.uniform_of(pack_ints({count, Tensor(int32_t{1})}), f.low, f.high);
  }
  // The same of numbers that are drawn one by one: so Keras' vectorized_map has them, each kind for all images in turn.
  Tensor drawn_singly(const Tensor& count, const Factor& f) {
    const Tensor one(int32_t{1}), each = op("Fill", {pack_ints({count, one, one}), Tensor(0.0f)});
    const Step step = [&](const Value&, const ValueList& states) -> Stepped { return {stream_.uniform({1, 1}, f.low, f.high), states}; };
    const Looped all = run_steps(step, each, {Tensor(int32_t{0})}, {.time_major = true, .all_outputs = true, .like_inputs = true});
    return op("Reshape", {nest::tensor(all.outputs, name()), ints({-1, 1})});
  }
  ImageStream stream_;

 private:
  Tensor mapped(const Tensor& x, const Tensor& matrices) {
    const auto upper = [](std::string s) {
      for (char& c : s) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      return s;
    };
    const Tensor size = pack_ints({images::height(x), images::width(x)});
    return op("ImageProjectiveTransformV3", {x, matrices, size, Tensor(static_cast<float>(options.fill_value))},
              {{"fill_mode", upper(options.fill_mode)}, {"interpolation", upper(options.interpolation)}});
  }
  Tensor transformed(const Tensor& x) {
    images::require_images(x, class_name());
    const Tensor h = cast(images::height(x), DType::f32), w = cast(images::width(x), DType::f32);
    const bool single = x.rank() == 3;
    const Tensor all = single ? op("ExpandDims", {x, Tensor(int32_t{0})}) : x;
    const Tensor count = single ? Tensor(int32_t{1}) : dim_of(x, 0);
    const Tensor y = mapped(all, maps(!single, count, h, w));
    return with_static_shape(single ? op("Squeeze", {y}, {{"squeeze_dims", std::vector<int64_t>{0}}}) : y, x.shape());
  }
};

class TranslationLayer : public TransformLayer {
 protected:
  void check_factors() override {
    height_ = checked(options.height_factor, "height_factor");
    width_ = checked(options.width_factor, "width_factor");
  }
  Tensor maps(bool batch, const Tensor& images, const Tensor& height, const Tensor& width) override {
    // Of a batch TensorFlow's vectorized_map draws as for one image, which nobody reads, then all widths, then all heights.
    Tensor down = drawn_singly(Tensor(int32_t{1}), height_), right = drawn_singly(Tensor(int32_t{1}), width_);
    if (batch) {
      right = drawn_singly(images, width_);
      down = drawn_singly(images, height_);
    }
    down = down * height, right = right * width;
    const Tensor one(1.0f);
    return maps_of(images, {one, zero(), -right, zero(), one, -down});
  }

 private:
  static Factor checked(const Value& v, const char* field) {
    const Factor f = factor_of(v, field);
    check(f.high >= f.low, Code::value, "`{}` cannot have upper bound less than lower bound, got {}", field, factor_text(v));
    check(std::abs(f.low) <= 1 && std::abs(f.high) <= 1, Code::value, "`{}` must have values between [-1, 1], got {}", field,
          factor_text(v));
    return f;
  }
  Factor height_, width_;
};

class RotationLayer : public TransformLayer {
 protected:
  void check_factors() override {
    range_ = factor_of(options.factor, "factor");
    check(range_.high >= range_.low, Code::value, "Factor cannot have negative values, got {}", factor_text(options.factor));
    range_ = {range_.low * 2 * M_PI, range_.high * 2 * M_PI};
  }
  // About the middle: the offsets bring it back to where it was.
  Tensor maps(bool, const Tensor& images, const Tensor& height, const Tensor& width) override {
    const Tensor angles = drawn(images, range_), one(1.0f), two(2.0f);
    const Tensor c = op("Cos", {angles}), s = op("Sin", {angles}), w = width - one, h = height - one;
    return maps_of(images, {c, -s, (w - (c * w - s * h)) / two, s, c, (h - (s * w + c * h)) / two});
  }

 private:
  Factor range_;
};

class ZoomLayer : public TransformLayer {
 protected:
  void check_factors() override {
    height_ = factor_of(options.height_factor, "height_factor");
    check(std::abs(height_.low) <= 1 && std::abs(height_.high) <= 1, Code::value,
          "`height_factor` must have values between [-1, 1], got {}", factor_text(options.height_factor));
    if (options.width_factor.none()) return;
    width_ = factor_of(options.width_factor, "width_factor");
    check(width_.low >= -1 && width_.high >= -1, Code::value, "`width_factor` must have values larger than -1, got {}",
          factor_text(options.width_factor));
  }
  Tensor maps(bool, const Tensor& images, const Tensor& height, const Tensor& width) override {
    const auto above = [](const Factor& f) { return Factor{1 + f.low, 1 + f.high}; };
    const Tensor rows = drawn(images, above(height_)), one(1.0f), two(2.0f);
    const Tensor columns = options.width_factor.none() ? rows : drawn(images, above(width_));
    return maps_of(images, {columns, zero(), (width - one) / two * (one - columns), zero(), rows, (height - one) / two * (one - rows)});
  }

 private:
  Factor height_, width_;
};

Schema<TransformOptions> ends(Schema<TransformOptions> s) {
  using O = TransformOptions;
  return s.field("fill_mode", &O::fill_mode).field("interpolation", &O::interpolation).field("seed", &O::seed)
      .field("fill_value", &O::fill_value);
}
const LayerClass<TranslationLayer> translation = {{"RandomTranslation"}, "Images moved at random while training.", [] {
  using O = TransformOptions;
  return ends(Schema<O>().required("height_factor", &O::height_factor).required("width_factor", &O::width_factor));
}};
const LayerClass<RotationLayer> rotation = {{"RandomRotation"}, "Images turned at random, by parts of a full turn, while training.", [] {
  return ends(Schema<TransformOptions>().required("factor", &TransformOptions::factor));
}};
const LayerClass<ZoomLayer> zoom = {{"RandomZoom"}, "Images zoomed at random while training.", [] {
  using O = TransformOptions;
  return ends(Schema<O>().required("height_factor", &O::height_factor).field("width_factor", &O::width_factor));
}};

}  // namespace
}  // namespace ninefold::keras
