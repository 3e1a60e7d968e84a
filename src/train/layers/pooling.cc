// In: [batch, axes..., channels]. Out: the largest or the mean of each window, or of all.
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/windows.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

enum Kind { largest, mean };

template <Kind kind, int rank>
class PoolLayer : public LayerOf<PoolOptions> {
 public:
  Value call(const Value& inputs, const CallArgs&) override {
    Tensor x = nest::tensor(inputs, name());
    const bool first = options.data_format == "channels_first";
    std::vector<int64_t> window = options.pool_size, stride = options.strides;
    // Steps are images of width 1.
    const int32_t narrow = first ? 3 : 2;
    if (rank == 1) {
      x = op("ExpandDims", {x, Tensor(narrow)});
      window.push_back(1);
      stride.push_back(1);
    }
    const auto whole = [&](std::vector<int64_t> v) {
      v.insert(v.begin(), first ? 2 : 1, 1);
      if (!first) v.push_back(1);
      return v;
    };
    constexpr const char* names[] = {"MaxPool", "AvgPool", "MaxPool3D", "AvgPool3D"};
    const Tensor y = op(names[(rank == 3 ? 2 : 0) + (kind == largest ? 0 : 1)], {x},
                        {{"ksize", whole(window)}, {"strides", whole(stride)}, {"padding", upper(options.padding)},
                         {"data_format", tensor_format(options.data_format, rank == 3 ? 3 : 2)}});
    return rank == 1 ? op("Squeeze", {y}, {{"squeeze_dims", std::vector<int64_t>{narrow}}}) : y;
  }
  Value compute_output_shape(const Value& input_shape) override {
    std::vector<int64_t> out = nest::dims(input_shape, rank + 2, name());
    const size_t at = options.data_format == "channels_first" ? 2 : 1;
    for (size_t i = 0; i < rank; ++i) out[at + i] = windowed(out[at + i], options.pool_size[i], options.padding, options.strides[i]);
    return Shape(out);
  }

 protected:
  void ready() override {
    if (options.strides.empty()) options.strides = options.pool_size;
    spread(options.pool_size, rank, "pool_size");
    spread_strides(options.strides, rank);
    check_padding(options.padding, false);
    check_format(options.data_format);
    input_spec = ValueDict{{"ndim", rank + 2}};
  }
};
Schema<PoolOptions> fields() {
  using O = PoolOptions;
  return Schema<O>().field("pool_size", &O::pool_size).field("strides", &O::strides).field("padding", &O::padding)
      .field("data_format", &O::data_format);
}
const LayerClass<PoolLayer<largest, 1>> max1 = {{"MaxPooling1D", "MaxPool1D"}, "The largest of each window of steps.", fields};
const LayerClass<PoolLayer<largest, 2>> max2 = {{"MaxPooling2D", "MaxPool2D"}, "The largest of each window of an image.", fields};
const LayerClass<PoolLayer<largest, 3>> max3 = {{"MaxPooling3D", "MaxPool3D"}, "The largest of each window of a volume.", fields};
const LayerClass<PoolLayer<mean, 1>> mean1 = {{"AveragePooling1D", "AvgPool1D"}, "The mean of each window of steps.", fields};
const LayerClass<PoolLayer<mean, 2>> mean2 = {{"AveragePooling2D", "AvgPool2D"}, "The mean of each window of an image.", fields};
const LayerClass<PoolLayer<mean, 3>> mean3 = {{"AveragePooling3D", "AvgPool3D"}, "The mean of each window of a volume.", fields};

template <Kind kind, int rank>
class GlobalLayer : public LayerOf<GlobalPoolOptions> {
 public:
  Value call(const Value& inputs, const CallArgs& args) override {
    if (nest::ragged(inputs) && rank == 1) {
      const auto over = [&](const char* with, const Value& x) {
        return ninefold::call(with, {{"input_tensor", x}, {"axis", axes()[0]}, {"keepdims", options.keepdims}});
      };
      if (args.mask.none() || kind != mean) return over(kind == mean ? "tf.reduce_mean" : "tf.reduce_max", inputs);
      const Value counted = ninefold::call("tf.cast", {{"x", args.mask}, {"dtype", nest::ragged(inputs)->dtype()}});
      const Value weights = ninefold::call("tf.expand_dims", {{"input", counted}, {"axis", first() ? 1 : 2}});
      const Value weighted = ninefold::call("tf.math.multiply", {{"x", inputs}, {"y", weights}});
      return ninefold::call("tf.math.divide", {{"x", over("tf.reduce_sum", weighted)}, {"y", over("tf.reduce_sum", weights)}});
    }
    const Tensor x = nest::tensor(inputs, name());
    if (const Tensor* mask = args.mask.get<Tensor>(); mask && rank == 1 && kind == mean) {
      // The mean over the steps that count; a row of none is 0 / 0.
      const Tensor weights = op("ExpandDims", {cast(*mask, x.dtype()), Tensor(int32_t{first() ? 1 : 2})});
      return reduce("Sum", x * weights, axes(), options.keepdims) / reduce("Sum", weights, axes(), options.keepdims);
    }
    return reduce(kind == mean ? "Mean" : "Max", x, axes(), options.keepdims);
  }
  Value compute_mask(const Value&, const Value&) override { return {}; }
  Value compute_output_shape(const Value& input_shape) override {
    const Shape in = nest::shape(input_shape, name());
    std::vector<int64_t> out = {in[0]};
    const std::vector<int64_t> gone = axes();
    for (int i = 1; i < in.rank(); ++i) {
      if (std::find(gone.begin(), gone.end(), i) == gone.end()) out.push_back(in[i]);
      else if (options.keepdims) out.push_back(1);
    }
    return Shape(out);
  }

 protected:
  void ready() override {
    check_format(options.data_format);
    input_spec = ValueDict{{"ndim", rank + 2}};
    supports_masking = rank == 1 && kind == mean;
  }
  std::vector<std::string> call_parameters() const override {
    return supports_masking ? std::vector<std::string>{"inputs", "mask"} : std::vector<std::string>{"inputs"};
  }

 private:
  bool first() const { return options.data_format == "channels_first"; }
  std::vector<int64_t> axes() const {
    std::vector<int64_t> out;
    for (int i = 0; i < rank; ++i) out.push_back(i + (first() ? 2 : 1));
    return out;
  }
};
Schema<GlobalPoolOptions> global_fields() {
  return Schema<GlobalPoolOptions>().field("data_format", &GlobalPoolOptions::data_format).field("keepdims", &GlobalPoolOptions::keepdims);
}
#define GLOBAL(id, kind, rank, name, alias, what) \
  const LayerClass<GlobalLayer<kind, rank>> id = {{name, alias}, what " of each channel over all places.", global_fields}
GLOBAL(gmax1, largest, 1, "GlobalMaxPooling1D", "GlobalMaxPool1D", "The largest");
GLOBAL(gmax2, largest, 2, "GlobalMaxPooling2D", "GlobalMaxPool2D", "The largest");
GLOBAL(gmax3, largest, 3, "GlobalMaxPooling3D", "GlobalMaxPool3D", "The largest");
GLOBAL(gmean1, mean, 1, "GlobalAveragePooling1D", "GlobalAvgPool1D", "The mean");
GLOBAL(gmean2, mean, 2, "GlobalAveragePooling2D", "GlobalAvgPool2D", "The mean");
GLOBAL(gmean3, mean, 3, "GlobalAveragePooling3D", "GlobalAvgPool3D", "The mean");
#undef GLOBAL

}  // namespace

LayerPtr MaxPooling1D(PoolOptions o) { return max1(std::move(o)); }
LayerPtr MaxPooling2D(PoolOptions o) { return max2(std::move(o)); }
LayerPtr MaxPooling3D(PoolOptions o) { return max3(std::move(o)); }
LayerPtr AveragePooling1D(PoolOptions o) { return mean1(std::move(o)); }
LayerPtr AveragePooling2D(PoolOptions o) { return mean2(std::move(o)); }
LayerPtr AveragePooling3D(PoolOptions o) { return mean3(std::move(o)); }
LayerPtr GlobalMaxPooling1D(GlobalPoolOptions o) { return gmax1(std::move(o)); }
LayerPtr GlobalMaxPooling2D(GlobalPoolOptions o) { return gmax2(std::move(o)); }
LayerPtr GlobalMaxPooling3D(GlobalPoolOptions o) { return gmax3(std::move(o)); }
LayerPtr GlobalAveragePooling1D(GlobalPoolOptions o) { return gmean1(std::move(o)); }
LayerPtr GlobalAveragePooling2D(GlobalPoolOptions o) { return gmean2(std::move(o)); }
LayerPtr GlobalAveragePooling3D(GlobalPoolOptions o) { return gmean3(std::move(o)); }

}  // namespace ninefold::keras
