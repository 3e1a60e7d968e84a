// In: a tensor. Out: its axes permuted, repeated, padded, cropped or stretched.
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/windows.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

class PermuteLayer : public LayerOf<PermuteOptions> {
 public:
  Value call(const Value& inputs, const CallArgs&) override { return transpose(nest::tensor(inputs, name()), perm()); }
  Value compute_output_shape(const Value& input_shape) override {
    const Shape in = nest::shape(input_shape, name());
    std::vector<int64_t> out;
    for (int64_t d : perm()) out.push_back(in[static_cast<int>(d)]);
    return Shape(out);
  }

 protected:
  void ready() override {
    std::vector<int64_t> sorted = options.dims;
    std::sort(sorted.begin(), sorted.end());
    for (size_t i = 0; i < sorted.size(); ++i)
      check(sorted[i] == static_cast<int64_t>(i) + 1, Code::value,
            "Invalid permutation argument `dims` for Permute Layer. The set of indices in `dims` must be consecutive and start from "
            "1. Received dims={}", Shape(options.dims).tuple());
    input_spec = ValueDict{{"ndim", static_cast<int64_t>(options.dims.size()) + 1}};
  }

 private:
  std::vector<int64_t> perm() const {
    std::vector<int64_t> p = {0};
    p.insert(p.end(), options.dims.begin(), options.dims.end());
    return p;
  }
};
const LayerClass<PermuteLayer> permute = {{"Permute"}, "Axes in another order; the first, 1, is the one after the batch.", [] {
  return Schema<PermuteOptions>().required("dims", &PermuteOptions::dims);
}};

class RepeatLayer : public LayerOf<RepeatVectorOptions> {
 public:
  Value call(const Value& inputs, const CallArgs&) override {
    if (nest::ragged(inputs)) {
      const Value rows = ninefold::call("tf.expand_dims", {{"input", inputs}, {"axis", 1}});
      return ninefold::call("tf.tile", {{"input", rows}, {"multiples", ints({1, options.n, 1})}});
    }
    return op("Tile", {op("ExpandDims", {nest::tensor(inputs, name()), Tensor(int32_t{1})}), ints({1, options.n, 1})});
  }
  Value compute_output_shape(const Value& input_shape) override {
    const Shape in = nest::shape(input_shape, name());
    return Shape{in[0], options.n, in[1]};
  }

 protected:
  void ready() override { input_spec = ValueDict{{"ndim", 2}}; }
};
const LayerClass<RepeatLayer> repeat = {{"RepeatVector"}, "[batch, n] -> [batch, times, n].", [] {
  return Schema<RepeatVectorOptions>().required("n", &RepeatVectorOptions::n);
}};

using Pairs = std::vector<std::pair<int64_t, int64_t>>;
// An int, one entry an axis, or one pair an axis; a single axis takes its pair as it is.
Pairs pairs_of(const Value& v, int rank, const char* field) {
  Pairs out;
  const ValueList* list = v.get<ValueList>();
  if (!list) {
    const int64_t n = As<int64_t>::from(v, field);
    out.assign(static_cast<size_t>(rank), {n, n});
  } else if (rank == 1) {
    const std::vector<int64_t> p = As<std::vector<int64_t>>::from(v, field);
    check(p.size() == 2, Code::value, "The `{}` argument must be a tuple of 2 integers.", field);
    out.push_back({p[0], p[1]});
  } else {
    check(list->size() == static_cast<size_t>(rank), Code::value, "`{}` should have {} elements. Received: {} of them.", field,
          rank == 2 ? "two" : "3", list->size());
    for (const Value& item : *list) {
      const std::vector<int64_t> p = As<std::vector<int64_t>>::from(item, field);
      check(p.size() == 1 || p.size() == 2, Code::value, "`{}`: an entry must be an int or a pair of them", field);
      out.push_back({p[0], p.back()});
    }
  }
  for (const auto& [a, b] : out) check(a >= 0 && b >= 0, Code::value, "`{}` must not be negative. Received: ({}, {})", field, a, b);
  return out;
}
Value value_of(const Pairs& pairs) {
  ValueList out;
  for (const auto& [a, b] : pairs) out.push_back(ValueList{a, b});
  return pairs.size() == 1 ? out[0] : Value(out);
}

template <int rank>
class PaddingLayer : public LayerOf<PaddingOptions> {
 public:
  Value call(const Value& inputs, const CallArgs&) override {
    const Tensor x = nest::tensor(inputs, name());
    check(x.rank() == rank + 2, Code::value, "{}: expected inputs of {} dimensions, got shape {}", name(), rank + 2, x.shape().tuple());
    std::vector<int32_t> pads(static_cast<size_t>(2 * x.rank()));
    for (size_t i = 0; i < rank; ++i) {
      pads[2 * (first() + i)] = static_cast<int32_t>(pairs_[i].first);
      pads[2 * (first() + i) + 1] = static_cast<int32_t>(pairs_[i].second);
    }
    return op("Pad", {x, Tensor::of<int32_t>({x.rank(), 2}, pads)});
  }
  Value compute_output_shape(const Value& input_shape) override {
    std::vector<int64_t> out = nest::dims(input_shape, rank + 2, name());
    for (size_t i = 0; i < rank; ++i)
      if (int64_t& d = out[first() + i]; d >= 0) d += pairs_[i].first + pairs_[i].second;
    return Shape(out);
  }

 protected:
  void changed() override { ready(); }
  void ready() override {
    pairs_ = pairs_of(options.padding, rank, "padding");
    options.padding = keras::value_of(pairs_);
    check_format(options.data_format);
    input_spec = ValueDict{{"ndim", rank + 2}};
  }

 private:
  size_t first() const { return rank > 1 && options.data_format == "channels_first" ? 2 : 1; }
  Pairs pairs_;
};
Schema<PaddingOptions> padding1() { return Schema<PaddingOptions>().field("padding", &PaddingOptions::padding); }
Schema<PaddingOptions> padding2() { return padding1().field("data_format", &PaddingOptions::data_format); }
const LayerClass<PaddingLayer<1>> pad1 = {{"ZeroPadding1D"}, "Zeros before and after the steps.", padding1};
const LayerClass<PaddingLayer<2>> pad2 = {{"ZeroPadding2D"}, "Zeros around images.", padding2};
const LayerClass<PaddingLayer<3>> pad3 = {{"ZeroPadding3D"}, "Zeros around volumes.", padding2};

template <int rank, class O = CroppingOptions>
class CroppingLayer : public LayerOf<O> {
 public:
  using LayerOf<O>::name;
  using LayerOf<O>::options;
  Value call(const Value& inputs, const CallArgs&) override {
    if (const RaggedRef rows = nest::ragged(inputs); rows && rank == 1) {
      const int64_t end = pairs_[0].second;
      RaggedIndex kept{RaggedIndex::slice, Tensor(pairs_[0].first), end ? Tensor(-end) : Tensor(), {}};
      return rows->index({RaggedIndex{RaggedIndex::slice, {}, {}, {}}, kept});
    }
    const Tensor x = nest::tensor(inputs, name());
    for (size_t i = 0; i < rank; ++i)
      check(x.dim(static_cast<int>(first() + i)) < 0 || x.dim(static_cast<int>(first() + i)) > pairs_[i].first + pairs_[i].second,
            Code::value, "Argument `cropping` must be greater than the input shape. Received: inputs.shape={}, and cropping={}",
            x.shape().tuple(), shown());
    const size_t n = static_cast<size_t>(x.rank());
    std::vector<int64_t> begin(n, 0), end(n, 0);
    int64_t open = (int64_t{1} << n) - 1;   // axes whose end is the input's
    for (size_t i = 0; i < rank; ++i) {
      const size_t axis = first() + i;
      begin[axis] = pairs_[i].first;
      if (pairs_[i].second == 0) continue;
      end[axis] = -pairs_[i].second;
      open &= ~(int64_t{1} << axis);
    }
    return op("StridedSlice", {x, ints(begin), ints(end), ints(std::vector<int64_t>(n, 1))}, {{"end_mask", open}});
  }
  Value compute_output_shape(const Value& input_shape) override {
    const Shape in = nest::shape(input_shape, name());
    std::vector<int64_t> out = nest::dims(in, rank + 2, name());
    for (size_t i = 0; i < rank; ++i) {
      int64_t& d = out[first() + i];
      if (d < 0) continue;
      d -= pairs_[i].first + pairs_[i].second;
      check(d > 0, Code::value, "Values in `cropping` argument should be smaller than the corresponding spatial dimension of the input. "
            "Received: input_shape={}", in.tuple());
    }
    return Shape(out);
  }

 protected:
  void changed() override { ready(); }
  void ready() override {
    pairs_ = pairs_of(options.cropping, rank, "cropping");
    options.cropping = keras::value_of(pairs_);
    check_format(options.data_format);
    this->input_spec = ValueDict{{"ndim", rank + 2}};
  }

 private:
  size_t first() const { return rank > 1 && options.data_format == "channels_first" ? 2 : 1; }
  std::string shown() const {
    std::string out;
    for (const auto& [a, b] : pairs_) out += fmt::format("{}({}, {})", out.empty() ? "" : ", ", a, b);
    return rank == 1 ? out : "(" + out + ")";
  }
  Pairs pairs_;
};
Schema<CroppingOptions> cropping1() { return Schema<CroppingOptions>().field("cropping", &CroppingOptions::cropping); }
Schema<CroppingOptions> cropping2() { return cropping1().field("data_format", &CroppingOptions::data_format); }
const LayerClass<CroppingLayer<1>> crop1 = {{"Cropping1D"}, "Takes steps away at both ends.", cropping1};
const LayerClass<CroppingLayer<2>> crop2 = {{"Cropping2D"}, "Takes away the rim of images.", cropping2};
struct Cropping3DOptions : CroppingOptions {
  Cropping3DOptions() { cropping = ValueList{ValueList{1, 1}, ValueList{1, 1}, ValueList{1, 1}}; }
};
Schema<Cropping3DOptions> cropping3() {
  Value Cropping3DOptions::*cropping = &CroppingOptions::cropping;
  std::string Cropping3DOptions::*format = &CroppingOptions::data_format;
  return Schema<Cropping3DOptions>().field("cropping", cropping).field("data_format", format);
}
const LayerClass<CroppingLayer<3, Cropping3DOptions>> crop3 = {{"Cropping3D"}, "Takes away the rim of volumes.", cropping3};

template <int rank>
class UpSamplingLayer : public LayerOf<UpSamplingOptions> {
 public:
  ValueDict config() const override {
    ValueDict out = LayerOf::config();
    if (rank == 1) put(out, "size", options.size[0]);
    return out;
  }
  Value call(const Value& inputs, const CallArgs&) override {
    Tensor x = nest::tensor(inputs, name());
    const Shape known = nest::shape(compute_output_shape(x.shape()), name());
    if (options.interpolation != "nearest") return with_static_shape(resized(x), known);
    // Each place is repeated: an axis of its own, tiled, then folded in.
    for (size_t i = 0; i < rank; ++i) {
      const int axis = static_cast<int>(first() + i), n = x.rank();
      Tensors sizes;
      for (int a = 0; a < n; ++a) {
        const Tensor d = dim_of(x, a);
        sizes.push_back(a == axis ? d * Tensor(static_cast<int32_t>(options.size[i])) : d);
      }
      std::vector<int64_t> times(static_cast<size_t>(n) + 1, 1);
      times[static_cast<size_t>(axis) + 1] = options.size[i];
      x = op("Reshape", {op("Tile", {op("ExpandDims", {x, Tensor(static_cast<int32_t>(axis + 1))}), ints(times)}), pack_ints(sizes)});
    }
    return with_static_shape(x, known);
  }
  Value compute_output_shape(const Value& input_shape) override {
    std::vector<int64_t> out = nest::dims(input_shape, rank + 2, name());
    for (size_t i = 0; i < rank; ++i)
      if (int64_t& d = out[first() + i]; d >= 0) d *= options.size[i];
    return Shape(out);
  }

 protected:
  void ready() override {
    spread(options.size, rank, "size");
    check_format(options.data_format);
    static constexpr const char* known[] = {"area", "bicubic", "bilinear", "gaussian", "lanczos3", "lanczos5", "mitchellcubic",
                                            "nearest"};
    check(std::find(std::begin(known), std::end(known), options.interpolation) != std::end(known), Code::value,
          "`interpolation` argument should be one of: \"area\", \"bicubic\", \"bilinear\", \"gaussian\", \"lanczos3\", "
          "\"lanczos5\", \"mitchellcubic\", \"nearest\". Received: \"{}\".", options.interpolation);
    input_spec = ValueDict{{"ndim", rank + 2}};
  }

 private:
  // tf.image.resize, which knows channels behind the places only.
  Tensor resized(const Tensor& x) const {
    const bool in_front = first() == 2;
    const auto turned = [&](const Tensor& t, std::vector<int64_t> order) { return in_front ? op("Transpose", {t, ints(order)}) : t; };
    Tensors sizes;
    for (size_t i = 0; i < rank; ++i)
      sizes.push_back(dim_of(x, static_cast<int>(first() + i)) * Tensor(static_cast<int32_t>(options.size[i])));
    const Tensor y = function("tf.image.resize", {{"images", turned(x, {0, 2, 3, 1})}, {"size", pack_ints(sizes)},
                                                 {"method", options.interpolation}});
    return turned(y, {0, 3, 1, 2});
  }
  size_t first() const { return rank > 1 && options.data_format == "channels_first" ? 2 : 1; }
};
Schema<UpSamplingOptions> up1() { return Schema<UpSamplingOptions>().field("size", &UpSamplingOptions::size); }
Schema<UpSamplingOptions> up2() {
  return up1().field("data_format", &UpSamplingOptions::data_format).field("interpolation", &UpSamplingOptions::interpolation);
}
Schema<UpSamplingOptions> up3() { return up1().field("data_format", &UpSamplingOptions::data_format); }
const LayerClass<UpSamplingLayer<1>> sample1 = {{"UpSampling1D"}, "Repeats each step.", up1};
const LayerClass<UpSamplingLayer<2>> sample2 = {{"UpSampling2D"}, "Repeats rows and columns of images.", up2};
const LayerClass<UpSamplingLayer<3>> sample3 = {{"UpSampling3D"}, "Repeats places of volumes.", up3};

}  // namespace

LayerPtr Permute(std::vector<int64_t> dims, PermuteOptions o) {
  o.dims = std::move(dims);
  return permute(std::move(o));
}
LayerPtr RepeatVector(int64_t times, RepeatVectorOptions o) {
  o.n = times;
  return repeat(std::move(o));
}
LayerPtr ZeroPadding1D(PaddingOptions o) { return pad1(std::move(o)); }
LayerPtr ZeroPadding2D(PaddingOptions o) { return pad2(std::move(o)); }
LayerPtr Cropping1D(CroppingOptions o) { return crop1(std::move(o)); }
LayerPtr Cropping2D(CroppingOptions o) { return crop2(std::move(o)); }
LayerPtr UpSampling1D(UpSamplingOptions o) { return sample1(std::move(o)); }
LayerPtr UpSampling2D(UpSamplingOptions o) { return sample2(std::move(o)); }

}  // namespace ninefold::keras
