// In: [batch, axes..., channels]. Out: activation(convolution + bias): Conv1D, Conv2D, Conv3D and the transposed ones.
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/windows.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

// What plain and transposed convolutions share.
template <int rank, bool transposed>
class ConvBase : public LayerOf<ConvOptions> {
 protected:
  using O = ConvOptions;
  bool channels_first() const { return options.data_format == "channels_first"; }
  int channel_axis() const { return channels_first() ? -1 - rank : -1; }

  void ready() override {
    O& o = options;
    check(o.filters > 0, Code::value, "Invalid value for argument `filters`. Expected a strictly positive value. Received filters={}.",
          o.filters);
    if (o.groups == 0) o.groups = 1;
    spread(o.kernel_size, rank, "kernel_size");
    spread_strides(o.strides, rank);
    spread(o.dilation_rate, rank, "dilation_rate");
    check_padding(o.padding, rank == 1 && !transposed);
    check_format(o.data_format);
    check(o.filters % o.groups == 0, Code::value,
          "The number of filters must be evenly divisible by the number of groups. Received: groups={}, filters={}", o.groups, o.filters);
    input_spec = ValueDict{{transposed ? "ndim" : "min_ndim", rank + 2}};
  }
  int64_t check_channels(const Shape& in) {
    const int64_t n = in.rank() >= rank + 2 ? in.dim(channel_axis()) : -1;
    check(n >= 0, Code::value, "The channel dimension of the inputs should be defined. The input_shape received is {}, where axis {} "
          "(0-based) is the channel dimension, which found to be `None`.", in.tuple(), channel_axis());
    input_spec = ValueDict{{transposed ? "ndim" : "min_ndim", rank + 2},
                           {"axes", ValueDict{{std::to_string(channel_axis()), n}}}};
    return n;
  }
  void add_weights(const Shape& kernel) {
    const O& o = options;
    kernel_ = add_weight({.name = "kernel", .shape = kernel, .initializer = o.kernel_initializer,
                          .regularizer = o.kernel_regularizer, .constraint = o.kernel_constraint});
    if (o.use_bias)
      bias_ = add_weight({.name = "bias", .shape = {o.filters}, .initializer = o.bias_initializer,
                          .regularizer = o.bias_regularizer, .constraint = o.bias_constraint});
    set_built(true);
  }
  Value finish(Tensor y) {
    if (options.use_bias) {
      const Tensor b = read(bias_);
      if (!channels_first()) {
        y = op("BiasAdd", {y, b});
      } else {
        std::vector<int64_t> dims = {options.filters};
        dims.resize(rank + 1, 1);
        y = y + reshape(b, dims);
      }
    }
    return options.activation ? (*options.activation)(y) : y;
  }
  Variable kernel_, bias_;
};

template <int rank>
class ConvLayer : public ConvBase<rank, false> {
 public:
  using Base = ConvBase<rank, false>;
  using Base::options;
  void build(const Value& input_shape) override {
    const Shape in = nest::shape(input_shape, this->name());
    const int64_t n = this->check_channels(in);
    check(n % options.groups == 0, Code::value,
          "The number of input channels must be evenly divisible by the number of groups. Received groups={}, but the input has {} "
          "channels (full input shape is {}).", options.groups, n, in.tuple());
    compute_output_shape(in);
    std::vector<int64_t> kernel = options.kernel_size;
    kernel.insert(kernel.end(), {n / options.groups, options.filters});
    this->add_weights(Shape(kernel));
  }
  Value call(const Value& inputs, const CallArgs&) override {
    Tensor x = nest::tensor(inputs, this->name());
    const bool first = this->channels_first();
    if (options.padding == "causal") {
      // Zeros before the first step, so that no output sees a later input.
      const int32_t left = static_cast<int32_t>(options.dilation_rate[0] * (options.kernel_size[0] - 1));
      check(x.rank() >= 3, Code::value, "{}: expected inputs of at least 3 dimensions, got shape {}", this->name(), x.shape().tuple());
      std::vector<int32_t> pads(static_cast<size_t>(2 * x.rank()));
      pads[static_cast<size_t>(2 * (x.rank() - (first ? 1 : 2)))] = left;
      x = op("Pad", {x, Tensor::of<int32_t>({x.rank(), 2}, pads)});
    }
    return this->finish(function("tf.nn.convolution", {
        {"input", x}, {"filters", this->read(this->kernel_)}, {"strides", list_of(options.strides)},
        {"padding", options.padding == "same" ? "SAME" : "VALID"},
        {"data_format", rank == 1 ? (first ? "NCW" : "NWC") : tensor_format(options.data_format, rank)},
        {"dilations", list_of(options.dilation_rate)}}));
  }
  Value compute_output_shape(const Value& input_shape) override {
    Shape in = nest::shape(input_shape, this->name());
    std::vector<int64_t> out = nest::dims(in, rank + 1, this->name());
    const size_t batch = out.size() - rank - 1, at = batch + (this->channels_first() ? 1 : 0);
    bool positive = true;
    for (size_t i = 0; i < rank; ++i) {
      int64_t& d = out[at + i];
      d = windowed(d, options.kernel_size[i], options.padding, options.strides[i], options.dilation_rate[i]);
      positive &= d == -1 || d > 0;
    }
    check(positive, Code::value, "One of the dimensions in the output is <= 0 due to downsampling in {}. Consider increasing the input "
          "size. Received input shape {} which would produce output shape with a zero or negative value in a dimension.", this->name(),
          "[" + in.tuple().substr(1, in.tuple().size() - 2) + "]");
    out[this->channels_first() ? batch : out.size() - 1] = options.filters;
    return Shape(out);
  }
};

constexpr const char* kTransposed[] = {"tf.nn.conv1d_transpose", "tf.nn.conv2d_transpose", "tf.nn.conv3d_transpose"};

template <int rank>
class TransposedLayer : public ConvBase<rank, true> {
 public:
  using Base = ConvBase<rank, true>;
  using Base::options;
  void build(const Value& input_shape) override {
    const Shape in = nest::shape(input_shape, this->name());
    check(in.rank() == rank + 2, Code::value, "Inputs should have rank {}. Received input_shape={}.", rank + 2, in.tuple());
    const int64_t n = this->check_channels(in);
    std::vector<int64_t> kernel = options.kernel_size;
    kernel.insert(kernel.end(), {options.filters, n});
    this->add_weights(Shape(kernel));
  }
  Value call(const Value& inputs, const CallArgs&) override {
    const Tensor x = nest::tensor(inputs, this->name());
    const Shape known = nest::shape(compute_output_shape(x.shape()), this->name());
    const bool first = this->channels_first();
    Tensors sizes = {dim_of(x, 0)};
    for (int i = 1; i < known.rank(); ++i) {
      if (known[i] >= 0) {
        sizes.push_back(Tensor(static_cast<int32_t>(known[i])));
      } else {
        // The length follows from the input's as it runs: length * stride + a constant.
        const size_t a = static_cast<size_t>(i - (first ? 2 : 1));
        const int64_t more = length(1, a) - options.strides[a];
        sizes.push_back(dim_of(x, i) * Tensor(static_cast<int32_t>(options.strides[a])) + Tensor(static_cast<int32_t>(more)));
      }
    }
    return this->finish(with_static_shape(function(kTransposed[rank - 1], {
        {"input", x}, {"filters", this->read(this->kernel_)}, {"output_shape", pack_ints(sizes)}, {"strides", list_of(options.strides)},
        {"padding", upper(options.padding)}, {"data_format", rank == 1 ? (first ? "NCW" : "NWC") : tensor_format(options.data_format, rank)},
        {"dilations", list_of(options.dilation_rate)}}), known));
  }
  Value compute_output_shape(const Value& input_shape) override {
    std::vector<int64_t> out = nest::dims(input_shape, rank + 2, this->name());
    const size_t at = this->channels_first() ? 2 : 1;
    for (size_t i = 0; i < rank; ++i) out[at + i] = out[at + i] < 0 ? -1 : length(out[at + i], i);
    out[this->channels_first() ? 1 : out.size() - 1] = options.filters;
    return Shape(out);
  }

 protected:
  void ready() override {
    Base::ready();
    check(options.groups == 1, Code::value, "{}: groups must be 1, received: {}", this->class_name(), options.groups);
    if (options.output_padding.empty()) return;
    spread_padding();
    for (size_t i = 0; i < rank; ++i)
      check(options.strides[i] > options.output_padding[i], Code::value,
            "Strides must be greater than output padding. Received strides={}, output_padding={}.", tuple_text(options.strides),
            tuple_text(options.output_padding));
  }

 private:
  void spread_padding() {
    if (options.output_padding.size() == 1) options.output_padding.assign(rank, options.output_padding[0]);
    check(options.output_padding.size() == rank, Code::value, "The `output_padding` argument must be a tuple of {} integers.", rank);
  }
  int64_t length(int64_t n, size_t axis) const {
    const int64_t stride = options.strides[axis], k = options.kernel_size[axis] + (options.kernel_size[axis] - 1) * (options.dilation_rate[axis] - 1);
    if (options.output_padding.empty()) return options.padding == "valid" ? n * stride + std::max<int64_t>(k - stride, 0) : n * stride;
    const int64_t pad = options.padding == "same" ? k / 2 : 0;
    return (n - 1) * stride + k - 2 * pad + options.output_padding[axis];
  }
};

Schema<ConvOptions> fields(bool transposed, bool dilated = true) {
  using O = ConvOptions;
  Schema<O> s;
  s.required("filters", &O::filters).required("kernel_size", &O::kernel_size).field("strides", &O::strides).field("padding", &O::padding);
  if (transposed) s.field("output_padding", &O::output_padding);
  s.field("data_format", &O::data_format);
  if (dilated) s.field("dilation_rate", &O::dilation_rate);
  if (!transposed) s.field("groups", &O::groups);
  s.field("activation", &O::activation).field("use_bias", &O::use_bias).field("kernel_initializer", &O::kernel_initializer)
      .field("bias_initializer", &O::bias_initializer).field("kernel_regularizer", &O::kernel_regularizer)
      .field("bias_regularizer", &O::bias_regularizer).field("activity_regularizer", &O::activity_regularizer)
      .field("kernel_constraint", &O::kernel_constraint).field("bias_constraint", &O::bias_constraint);
  if (transposed) s.field("groups", &O::groups);   // which configs hold too
  return s;
}
Schema<ConvOptions> plain_fields() { return fields(false); }
Schema<ConvOptions> transposed_fields() { return fields(true); }
Schema<ConvOptions> volume_fields() { return fields(true, false); }
const LayerClass<ConvLayer<1>> conv1d = {{"Conv1D", "Convolution1D"}, "Convolves steps: [batch, steps, n] -> [batch, steps', filters].", plain_fields};
const LayerClass<ConvLayer<2>> conv2d = {{"Conv2D", "Convolution2D"}, "Convolves images: [batch, h, w, n] -> [batch, h', w', filters].", plain_fields};
const LayerClass<ConvLayer<3>> conv3d = {{"Conv3D", "Convolution3D"}, "Convolves volumes: [batch, d, h, w, n] -> [batch, d', h', w', filters].", plain_fields};
const LayerClass<TransposedLayer<1>> conv1d_transpose = {
    {"Conv1DTranspose", "Convolution1DTranspose"}, "The gradient of Conv1D as a layer: steps grow by the strides.", transposed_fields, "Conv1D"};
const LayerClass<TransposedLayer<2>> conv2d_transpose = {
    {"Conv2DTranspose", "Convolution2DTranspose"}, "The gradient of Conv2D as a layer: images grow by the strides.", transposed_fields, "Conv2D"};
const LayerClass<TransposedLayer<3>> conv3d_transpose = {
    {"Conv3DTranspose", "Convolution3DTranspose"}, "The gradient of Conv3D as a layer: volumes grow by the strides.", volume_fields, "Conv3D"};

template <class L>
LayerPtr made(const LayerClass<L>& of, int64_t filters, std::vector<int64_t> kernel, ConvOptions o) {
  o.filters = filters;
  o.kernel_size = std::move(kernel);
  return of(std::move(o));
}

}  // namespace

LayerPtr Conv1D(int64_t n, std::vector<int64_t> k, ConvOptions o) { return made(conv1d, n, std::move(k), std::move(o)); }
LayerPtr Conv2D(int64_t n, std::vector<int64_t> k, ConvOptions o) { return made(conv2d, n, std::move(k), std::move(o)); }
LayerPtr Conv3D(int64_t n, std::vector<int64_t> k, ConvOptions o) { return made(conv3d, n, std::move(k), std::move(o)); }
LayerPtr Conv1DTranspose(int64_t n, std::vector<int64_t> k, ConvOptions o) { return made(conv1d_transpose, n, std::move(k), std::move(o)); }
LayerPtr Conv2DTranspose(int64_t n, std::vector<int64_t> k, ConvOptions o) { return made(conv2d_transpose, n, std::move(k), std::move(o)); }
LayerPtr Conv3DTranspose(int64_t n, std::vector<int64_t> k, ConvOptions o) { return made(conv3d_transpose, n, std::move(k), std::move(o)); }

}  // namespace ninefold::keras
