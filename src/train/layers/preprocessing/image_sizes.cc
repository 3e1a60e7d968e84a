// In: images [..., height, width, channels]. Out: images of another size: Resizing, CenterCrop, RandomCrop; Rescaling.
#include "train/layers/preprocessing/image_sizes.h"

#include <algorithm>
#include <limits>

#include "train/layers/call_context.h"
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/preprocessing/image_stream.h"

namespace ninefold::keras {
namespace images {

void require_images(const Tensor& x, const std::string& who) {
  check(x.rank() == 3 || x.rank() == 4, Code::value, "{}: Image augmentation layers are expecting inputs to be rank 3 (HWC) or 4D (NHWC) "
        "tensors. Got shape: {}", who, x.shape().tuple());
}
Tensor resized(const Tensor& x, const Tensor& size, const std::string& method) {
  return function("tf.image.resize", {{"images", x}, {"size", size}, {"method", method}});
}
Tensor cropped(const Tensor& x, const Tensor& top, const Tensor& left, const Tensor& rows, const Tensor& columns) {
  const Tensor zero(int32_t{0}), all(int32_t{-1});
  const bool batch = x.rank() == 4;
  const Tensors begin = batch ? Tensors{zero, top, left, zero} : Tensors{top, left, zero};
  const Tensors size = batch ? Tensors{all, rows, columns, all} : Tensors{rows, columns, all};
  return op("Slice", {x, pack_ints(begin), pack_ints(size)});
}
Tensor resized_by_aspect(const Tensor& x, int64_t to_height, int64_t to_width, const std::string& method) {
  const Tensor h = height(x), w = width(x);
  // Lengths go through float32 and are cut off, as Keras computes them.
  const auto fitted = [](const Tensor& other, int64_t numerator, int64_t denominator, const Tensor& most) {
    const Tensor product = cast(other * Tensor(static_cast<int32_t>(numerator)), DType::f32);
    return op("Minimum", {most, cast(product / number(static_cast<double>(denominator), DType::f32), DType::i32)});
  };
  const Tensor rows = fitted(w, to_height, to_width, h), columns = fitted(h, to_width, to_height, w);
  const auto half = [](const Tensor& t) { return cast(cast(t, DType::f32) / number(2, DType::f32), DType::i32); };
  return resized(cropped(x, half(h - rows), half(w - columns), rows, columns), ints({to_height, to_width}), method);
}
void check_interpolation(const std::string& method) {
  constexpr std::string_view known[] = {"bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"};
  check(std::find(std::begin(known), std::end(known), method) != std::end(known), Code::not_implemented,
        "Value not recognized for `interpolation`: {}. Supported values are: dict_keys(['bilinear', 'nearest', 'bicubic', 'area', "
        "'lanczos3', 'lanczos5', 'gaussian', 'mitchellcubic'])", method);
}
Shape with_size(const Shape& in, int64_t rows, int64_t columns) {
  Shape out = in;
  if (!out.known_rank() || out.rank() < 3) return out;
  out.set(out.rank() - 3, rows);
  out.set(out.rank() - 2, columns);
  return out;
}

}  // namespace images

namespace {

class RescalingLayer : public LayerOf<RescalingOptions> {
 public:
  Value call(const Value& inputs, const CallArgs&) override {
    const DType d = compute_dtype();
    const Tensor scale = cast(to_tensor(options.scale, DType::invalid, name()), d);
    const Tensor offset = cast(to_tensor(options.offset, DType::invalid, name()), d);
    if (const RaggedRef rows = nest::ragged(inputs); rows && scale.rank() + offset.rank() > 0 && rows->flat_values().rank() == 1)
      fail(Code::value, "Rescaling: expected one scale and offset for a ragged tensor of shape {}, got shapes {} and {}",
           rows->shape().tuple(), scale.shape().tuple(), offset.shape().tuple());
    return nest::over_flat(inputs, name(), [&](const Tensor& x) { return cast(x, d) * scale + offset; });
  }
  Value compute_output_shape(const Value& input_shape) override { return input_shape; }
};
const LayerClass<RescalingLayer> rescaling = {{"Rescaling"}, "x * scale + offset.", [] {
  return Schema<RescalingOptions>().required("scale", &RescalingOptions::scale).field("offset", &RescalingOptions::offset);
}};

class ResizingLayer : public LayerOf<ResizingOptions> {
 public:
  Value call(const Value& inputs, const CallArgs&) override {
    const ResizingOptions& o = options;
    const Tensor x = cast(nest::tensor(inputs, name()), o.interpolation == "nearest" ? compute_dtype() : DType::f32);
    images::require_images(x, "Resizing");
    const Tensor y = o.crop_to_aspect_ratio ? images::resized_by_aspect(x, o.height, o.width, o.interpolation)
                                            : images::resized(x, ints({o.height, o.width}), o.interpolation);
    return cast(y, compute_dtype());
  }
  Value compute_output_shape(const Value& input_shape) override {
    return images::with_size(nest::shape(input_shape, name()), options.height, options.width);
  }

 protected:
  void ready() override { images::check_interpolation(options.interpolation); }
};
const LayerClass<ResizingLayer> resizing = {{"Resizing"}, "Images of another size.", [] {
  using O = ResizingOptions;
  return Schema<O>().required("height", &O::height).required("width", &O::width).field("interpolation", &O::interpolation)
      .field("crop_to_aspect_ratio", &O::crop_to_aspect_ratio);
}};

// A crop where the image is large enough, else the image resized by its aspect.
class CropLayer : public LayerOf<CropOptions> {
 public:
  Value compute_output_shape(const Value& input_shape) override {
    return images::with_size(nest::shape(input_shape, name()), options.height, options.width);
  }

 protected:
  Tensor smart(const Tensor& x) const {
    return cast(images::resized_by_aspect(x, options.height, options.width, "bilinear"), compute_dtype());
  }
  // crop(rows to spare, columns to spare) if both are there.
  Tensor crop_or_resize(const Tensor& x, const std::function<Tensor(const Tensor&, const Tensor&)>& crop) const {
    const Tensor rows = images::height(x) - Tensor(static_cast<int32_t>(options.height));
    const Tensor columns = images::width(x) - Tensor(static_cast<int32_t>(options.width));
    const Shape known = images::with_size(x.shape(), options.height, options.width);
    if (!rows.symbolic() && !columns.symbolic())
      return with_static_shape(rows.int_at(0) >= 0 && columns.int_at(0) >= 0 ? crop(rows, columns) : smart(x), known);
    const Tensor zero(int32_t{0});
    const Tensor fits = op("LogicalAnd", {op("GreaterEqual", {rows, zero}), op("GreaterEqual", {columns, zero})});
    return with_static_shape(cond(fits, [&] { return Tensors{crop(rows, columns)}; }, [&] { return Tensors{smart(x)}; }).at(0), known);
  }
  Tensor at(const Tensor& x, const Tensor& top, const Tensor& left) const {
    return images::cropped(x, top, left, Tensor(static_cast<int32_t>(options.height)), Tensor(static_cast<int32_t>(options.width)));
  }
};
class CenterCropLayer : public CropLayer {
 public:
  Value call(const Value& inputs, const CallArgs&) override {
    const Tensor x = cast(nest::tensor(inputs, name()), compute_dtype());
    images::require_images(x, "CenterCrop");
    const Tensor two(int32_t{2});
    return crop_or_resize(x, [&](const Tensor& rows, const Tensor& columns) {
      return at(x, op("FloorDiv", {rows, two}), op("FloorDiv", {columns, two}));
    });
  }
};
const LayerClass<CenterCropLayer> center_crop = {{"CenterCrop"}, "The middle of each image.", [] {
  return Schema<CropOptions>().required("height", &CropOptions::height).required("width", &CropOptions::width);
}};

class RandomCropLayer : public CropLayer, public DrawingLayer {
 public:
  Variable generator_state() override { return stream_.state(); }
  Value call(const Value& inputs, const CallArgs& args) override {
    const Tensor x = cast(nest::tensor(inputs, name()), compute_dtype());
    images::require_images(x, "RandomCrop");
    CallArgs own = args;
    if (own.training.none()) own.training = true;
    return if_training(own, [&] {
      return crop_or_resize(x, [&](const Tensor& rows, const Tensor& columns) {
        const Tensor drawn = stream_.integers({2}, 0, std::numeric_limits<int32_t>::max()), one(int32_t{1});
        const auto within = [&](int64_t i, const Tensor& spare) {
          return op("FloorMod", {op("Reshape", {op("Slice", {drawn, ints({i}), ints({1})}), ints({})}), spare + one});
        };
        return at(x, within(0, rows), within(1, columns));
      });
    }, [&] { return smart(x); });
  }

 protected:
  void ready() override {
    stream_.set(options.seed);
    autocast_ = false;
  }
  std::vector<std::string> call_parameters() const override { return {"inputs", "training"}; }

 private:
  ImageStream stream_;
};
const LayerClass<RandomCropLayer> random_crop = {{"RandomCrop"}, "A crop anywhere, one place for a batch.", [] {
  using O = CropOptions;
  return Schema<O>().required("height", &O::height).required("width", &O::width).field("seed", &O::seed);
}};

}  // namespace

LayerPtr Rescaling(double scale, RescalingOptions o) {
  o.scale = scale;
  return rescaling(std::move(o));
}
LayerPtr Resizing(int64_t height, int64_t width, ResizingOptions o) {
  o.height = height, o.width = width;
  return resizing(std::move(o));
}
LayerPtr CenterCrop(int64_t height, int64_t width, CropOptions o) {
  o.height = height, o.width = width;
  return center_crop(std::move(o));
}
LayerPtr RandomCrop(int64_t height, int64_t width, CropOptions o) {
  o.height = height, o.width = width;
  return random_crop(std::move(o));
}

}  // namespace ninefold::keras
