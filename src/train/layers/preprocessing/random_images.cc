// In: images. Out: while training each flipped, brighter or darker, of more or less contrast, or all of another size.
#include <algorithm>

#include "train/layers/call_context.h"
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/preprocessing/image_sizes.h"
#include "train/layers/preprocessing/image_stream.h"
#include "train/layers/recurrent/loop.h"

namespace ninefold::keras {
namespace {

struct Bounds { double low = 0, high = 0; };
// A factor as messages show it: 0.5, (0.2, 0.9).
std::string shown(const Value& v) {
  const auto one = [](const Value& n) {
    if (const std::string* s = n.get<std::string>()) return *s;
    if (n.none()) return std::string("None");
    const double d = As<double>::from(n, "factor");
    return d == static_cast<double>(static_cast<int64_t>(d)) && !n.get<int64_t>() ? fmt::format("{:.1f}", d) : fmt::format("{}", d);
  };
  const ValueList* list = v.get<ValueList>();
  if (!list) return one(v);
  std::string out;
  for (const Value& n : *list) out += (out.empty() ? "" : ", ") + one(n);
  return "(" + out + ")";
}
// A number stands for (-x, x) or, where `mirrored` is false, for (x, x).
Bounds bounds(const Value& factor, bool mirrored, const char* who) {
  const auto number_of = [&](const Value& v) { return As<double>::from(v, "factor"); };
  if (const ValueList* list = factor.get<ValueList>()) {
    check(list->size() == 2, Code::value, "{}: expected a number or two as factor, got {}", who, shown(factor));
    return {number_of((*list)[0]), number_of((*list)[1])};
  }
  const double x = number_of(factor);
  return {mirrored ? -x : x, x};
}

// What the layers have in common: they train unless told otherwise, and draw from a stream of their own.
class RandomImage : public LayerOf<RandomImageOptions>, public DrawingLayer {
 public:
  Variable generator_state() override { return stream_.state(); }
  Value call(const Value& inputs, const CallArgs& args) override {
    const Tensor x = cast(nest::tensor(inputs, name()), compute_dtype());
    CallArgs own = args;
    if (own.training.none()) own.training = true;
    return if_training(own, [&] { return changed(x); }, [&] { return op("Identity", {x}); });
  }
  Value compute_output_shape(const Value& input_shape) override { return input_shape; }

 protected:
  virtual Tensor changed(const Tensor& x) = 0;
  void ready() override {
    stream_.set(options.seed);
    check_options();
  }
  virtual void check_options() = 0;
  std::vector<std::string> call_parameters() const override { return {"inputs", "training"}; }
  ImageStream stream_;
};

// Each image of a batch is changed by numbers of its own.
class EachImage : public RandomImage {
 protected:
  Tensor changed(const Tensor& x) override {
    check(x.rank() == 3 || x.rank() == 4, Code::value, "Image augmentation layers are expecting inputs to be rank 3 (HWC) or 4D (NHWC) "
          "tensors. Got shape: {}", x.shape().tuple());
    if (x.rank() == 3) return one(x);
    if (one_by_one() && !x.symbolic()) {
      Tensors each;
      for (int64_t i = 0; i < x.dim(0); ++i) {
        const Tensor row = op("Slice", {x, ints({i, 0, 0, 0}), ints({1, -1, -1, -1})});
        each.push_back(op("ExpandDims", {one(op("Squeeze", {row}, {{"squeeze_dims", std::vector<int64_t>{0}}})), Tensor(int32_t{0})}));
      }
      if (each.empty()) return x;
      if (each.size() == 1) return each[0];
      each.push_back(Tensor(int32_t{0}));
      return op_all("ConcatV2", each).at(0);
    }
    const Step step = [&](const Value& image, const ValueList& states) -> Stepped {
      return {one(nest::tensor(image, name())), states};
    };
    const Looped all = run_steps(step, x, {Tensor(int32_t{0})}, {.time_major = true, .all_outputs = true,
                                                                      .like_inputs = one_by_one()});
    return with_static_shape(nest::tensor(all.outputs, name()), x.shape());
  }
  virtual Tensor one(const Tensor& image) = 0;
  virtual bool one_by_one() const { return false; }   // True iff Keras maps one image after another (tf.map_fn)
};

class FlipLayer : public EachImage {
 protected:
  void check_options() override {
    const std::string& mode = options.mode;
    check(mode == "horizontal" || mode == "vertical" || mode == "horizontal_and_vertical", Code::value,
          "RandomFlip layer {} received an unknown mode argument {}", "random_flip", mode);
  }
  bool one_by_one() const override { return true; }
  Tensor one(const Tensor& image) override {
    Tensor y = image;
    const auto flip = [&](const char* with) { y = function(with, {{"image", y}, {"seed", stream_.seeds()}}); };
    if (options.mode != "vertical") flip("tf.image.stateless_random_flip_left_right");
    if (options.mode != "horizontal") flip("tf.image.stateless_random_flip_up_down");
    return with_static_shape(y, image.shape());
  }
};
const LayerClass<FlipLayer> flip = {{"RandomFlip"}, "Images mirrored at random while training.", [] {
  using O = RandomImageOptions;
  return Schema<O>().field("mode", &O::mode).field("seed", &O::seed);
}};

class ContrastLayer : public EachImage {
 protected:
  void check_options() override {
    range_ = bounds(options.factor, false, "RandomContrast");
    check(range_.low >= 0 && range_.high >= 0 && range_.low <= 1, Code::value,
          "Factor cannot have negative values or greater than 1.0, got {}", shown(options.factor));
  }
  Tensor one(const Tensor& image) override {
    const Tensor factor = function("tf.random.stateless_uniform", {{"shape", ints({})}, {"seed", stream_.seeds()},
                                                                   {"minval", 1 - range_.low}, {"maxval", 1 + range_.high}});
    return clip(function("tf.image.adjust_contrast", {{"images", image}, {"contrast_factor", factor}}), 0, 255);
  }

 private:
  Bounds range_;
};
Schema<RandomImageOptions> factor_and_seed() {
  using O = RandomImageOptions;
  return Schema<O>().required("factor", &O::factor).field("seed", &O::seed);
}
const LayerClass<ContrastLayer> contrast = {{"RandomContrast"}, "(x - mean) f + mean of each channel, with a random f, while training.",
                                            factor_and_seed};

class BrightnessLayer : public EachImage {
 protected:
  void check_options() override {
    constexpr const char* wanted = "The `factor` argument should be a number (or a list of two numbers) in the range [-1.0, 1.0]. Got {}";
    const ValueList* list = options.factor.get<ValueList>();
    const auto is_number = [](const Value& v) { return v.get<int64_t>() || v.get<double>(); };
    check(list ? list->size() == 2 && is_number((*list)[0]) && is_number((*list)[1]) : is_number(options.factor), Code::value,
          fmt::runtime(wanted), shown_any(options.factor));
    range_ = bounds(options.factor, true, "RandomBrightness");
    if (range_.low > range_.high) std::swap(range_.low, range_.high);
    check(range_.low >= -1 && range_.high <= 1, Code::value, fmt::runtime(wanted), shown(options.factor));
    if (options.value_range.none()) options.value_range = ValueList{0, 255};
    const ValueList* values = options.value_range.get<ValueList>();
    check(values && values->size() == 2, Code::value, "The `value_range` argument should be a list of two numbers. Got {}",
          shown(options.value_range));
    values_ = bounds(options.value_range, false, "RandomBrightness");
    if (values_.low > values_.high) {
      std::swap(values_.low, values_.high);
      options.value_range = ValueList{(*values)[1], (*values)[0]};
    }
    const Value low = range_.low, high = range_.high;
    options.factor = ValueList{low, high};   // as Keras' config has it
  }
  Tensor one(const Tensor& image) override {
    const Tensor delta = times(stream_.uniform({1, 1, 1}, range_.low, range_.high), values_.high - values_.low);
    return clip(image + cast(delta, image.dtype()), values_.low, values_.high);
  }

 private:
  static std::string shown_any(const Value& v) {
    const ValueList* list = v.get<ValueList>();
    return list || v.get<std::string>() || v.none() ? shown(v) : "no number";
  }
  Bounds range_, values_;
};
const LayerClass<BrightnessLayer> brightness = {{"RandomBrightness"}, "Images made brighter or darker at random while training.", [] {
  using O = RandomImageOptions;
  return Schema<O>().required("factor", &O::factor).field("value_range", &O::value_range).field("seed", &O::seed);
}};

// One new height, or width, for all images of a batch.
template <bool vertical>
class SizeLayer : public RandomImage {
 public:
  Value compute_output_shape(const Value& input_shape) override {
    Shape out = nest::shape(input_shape, name());
    if (out.rank() >= 3) out.set(out.rank() - (vertical ? 3 : 2), -1);
    return out;
  }

 protected:
  void check_options() override {
    range_ = bounds(options.factor, true, "RandomHeight");
    check(range_.high >= range_.low, Code::value, "`factor` cannot have upper bound less than lower bound, got {}", shown(options.factor));
    check(range_.low >= -1 && range_.high >= -1, Code::value, "`factor` must have values larger than -1, got {}", shown(options.factor));
    images::check_interpolation(options.interpolation);
  }
  Tensor changed(const Tensor& x) override {
    images::require_images(x, class_name());
    const Tensor h = images::height(x), w = images::width(x);
    const Tensor factor = stream_.uniform({}, 1 + range_.low, 1 + range_.high);
    const Tensor to = cast(factor * cast(vertical ? h : w, DType::f32), DType::i32);
    const Tensor y = cast(images::resized(x, vertical ? pack_ints({to, w}) : pack_ints({h, to}), options.interpolation), compute_dtype());
    Shape known = x.shape();
    if (y.symbolic()) known.set(known.rank() - (vertical ? 3 : 2), -1);
    return y.symbolic() ? with_static_shape(y, known) : y;
  }

 private:
  Bounds range_;
};
Schema<RandomImageOptions> size_fields() {
  using O = RandomImageOptions;
  return Schema<O>().required("factor", &O::factor).field("interpolation", &O::interpolation).field("seed", &O::seed);
}
const LayerClass<SizeLayer<true>> random_height = {{"RandomHeight"}, "Images of a random height while training.", size_fields};
const LayerClass<SizeLayer<false>> random_width = {{"RandomWidth"}, "Images of a random width while training.", size_fields};

RandomImageOptions by(RandomImageOptions o, Value factor) {
  o.factor = std::move(factor);
  return o;
}

}  // namespace

LayerPtr RandomFlip(std::string mode, RandomImageOptions o) {
  o.mode = std::move(mode);
  return flip(std::move(o));
}
LayerPtr RandomContrast(Value factor, RandomImageOptions o) { return contrast(by(std::move(o), std::move(factor))); }
LayerPtr RandomBrightness(Value factor, RandomImageOptions o) { return brightness(by(std::move(o), std::move(factor))); }
LayerPtr RandomHeight(Value factor, RandomImageOptions o) { return random_height(by(std::move(o), std::move(factor))); }
LayerPtr RandomWidth(Value factor, RandomImageOptions o) { return random_width(by(std::move(o), std::move(factor))); }

}  // namespace ninefold::keras
