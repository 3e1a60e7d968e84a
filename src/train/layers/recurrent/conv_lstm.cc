// In: [batch, steps, axes..., channels]. Out: long short-term memory whose products are convolutions (Shi et al. 2015).
#include <algorithm>

#include "train/layers/nest.h"
#include "train/layers/recurrent/forget_bias.h"
#include "train/layers/recurrent/rnn.h"
#include "train/layers/windows.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

// One step: [batch, axes..., channels] and {h, c}. Its options are those of the layer around it, which saves them.
class ConvLSTMCell final : public Layer, public Cell {
 public:
  ConvLSTMCell(const ConvLSTMOptions& o, int rank, const ValueDict& common) : options_(o), rank_(rank) {
    init_common(common);
    autocast_ = true;
  }
  const std::string& class_name() const override {
    static const std::string name = "ConvLSTMCell";
    return name;
  }
  Value state_size() const override { return ValueList{each_state_, each_state_}; }
  Value output_size() const override { return each_state_; }
  void reset_masks() override { masks_.reset(), recurrent_masks_.reset(); }

  void build(const Value& input_shape) override {
    const Shape in = nest::shape(input_shape, name());
    const ConvLSTMOptions& o = options_;
    const int64_t channels = in.dim(channel_axis());
    check(channels >= 0, Code::value, "The channel dimension of the inputs (last axis) should be defined. Found None. Full input shape "
          "received: input_shape={}", in.tuple());
    const auto kernel = [&](int64_t inputs) {
      std::vector<int64_t> shape = o.kernel_size;
      shape.insert(shape.end(), {inputs, 4 * o.filters});
      return Shape(shape);
    };
    kernel_ = add_weight({.name = "kernel", .shape = kernel(channels), .initializer = o.kernel_initializer,
                          .regularizer = o.kernel_regularizer, .constraint = o.kernel_constraint});
    recurrent_kernel_ = add_weight({.name = "recurrent_kernel", .shape = kernel(o.filters), .initializer = o.recurrent_initializer,
                                    .regularizer = o.recurrent_regularizer, .constraint = o.recurrent_constraint});
    std::shared_ptr<Initializer> bias = o.bias_initializer;
    if (o.unit_forget_bias && o.use_bias) bias = std::make_shared<ForgetBias>(bias, o.filters);
    if (o.use_bias)
      bias_ = add_weight({.name = "bias", .shape = {4 * o.filters}, .initializer = bias, .regularizer = o.bias_regularizer,
                          .constraint = o.bias_constraint});
    each_state_ = state_shape(in);
    set_built(true);
  }
  // What the convolution of one step leaves of [batch, axes..., channels], without the batch.
  Shape state_shape(const Shape& in) const {
    std::vector<int64_t> out(static_cast<size_t>(rank_) + 1, options_.filters);
    const int first = channels_first() ? 1 : 0;
    for (int i = 0; i < rank_; ++i) {
      const auto at = static_cast<size_t>(i);
      out[at + static_cast<size_t>(first)] = windowed(in.rank() > 0 ? in[1 + first + i] : -1, options_.kernel_size[at], options_.padding,
                                                      options_.strides[at], options_.dilation_rate[at]);
    }
    return Shape(out);
  }

  Value call(const Value& inputs, const CallArgs& args) override {
    const Tensor x = nest::tensor(inputs, name());
    Value given;
    if (!args.further.empty()) given = args.further[0];
    for (const Entry& e : args.named)
      if (e.key == "states") given = e.value;
    const std::vector<Value> states = nest::flatten(given);
    check(states.size() == 2, Code::value, "ConvLSTMCell: expected 2 states (output and carry), got {}", states.size());
    const Tensor before = nest::tensor(states[0], name()), carried = nest::tensor(states[1], name());
    const Tensors& mask = masks_.of(x, options_.dropout, 4, args.training);
    const Tensors& recurrent_mask = recurrent_masks_.of(before, options_.recurrent_dropout, 4, args.training);
    const Tensors w = gates(read(kernel_), rank_ + 1), u = gates(read(recurrent_kernel_), rank_ + 1);
    const Tensors b = options_.use_bias ? gates(read(bias_), 0) : Tensors();
    const auto gate = [&](size_t g) {
      Tensor z = convolved(mask.empty() ? x : x * mask[g], w[g]);
      if (!b.empty()) z = with_bias(z, b[g]);
      return z + recurrent(recurrent_mask.empty() ? before : before * recurrent_mask[g], u[g]);
    };
    const auto open = [&](size_t g) { return options_.recurrent_activation ? (*options_.recurrent_activation)(gate(g)) : gate(g); };
    const auto activated = [&](const Tensor& t) { return options_.activation ? (*options_.activation)(t) : t; };
    const Tensor in = open(0), forget = open(1);
    const Tensor carry = forget * carried + in * activated(gate(2));
    const Tensor h = open(3) * activated(carry);
    return ValueList{h, ValueList{h, carry}};
  }
  Tensor convolved(const Tensor& x, const Tensor& kernel) const {
    return convolution(x, kernel, options_.strides, options_.padding == "same" ? "SAME" : "VALID", options_.dilation_rate);
  }
  const Variable& kernel() const { return kernel_; }
  int64_t filters() const { return options_.filters; }

 protected:
  std::vector<std::string> call_parameters() const override { return {"inputs", "states", "training"}; }

 private:
  bool channels_first() const { return options_.data_format == "channels_first"; }
  int channel_axis() const { return channels_first() ? -1 - rank_ : -1; }
  Tensor convolution(const Tensor& x, const Tensor& kernel, const std::vector<int64_t>& strides, const char* padding,
                     const std::vector<int64_t>& dilations) const {
    const char* format = channels_first() ? "NCW" : "NWC";
    return function("tf.nn.convolution", {{"input", x}, {"filters", kernel}, {"strides", list_of(strides)}, {"padding", padding},
                                          {"data_format", rank_ == 1 ? format : tensor_format(options_.data_format, rank_)},
                                          {"dilations", list_of(dilations)}});
  }
  Tensor recurrent(const Tensor& h, const Tensor& kernel) const {
    const std::vector<int64_t> ones(static_cast<size_t>(rank_), 1);
    return convolution(h, kernel, ones, "SAME", ones);
  }
  Tensor with_bias(const Tensor& y, const Tensor& b) const {
    if (!channels_first()) return op("BiasAdd", {y, b});
    std::vector<int64_t> dims(static_cast<size_t>(rank_) + 1, 1);
    dims[0] = options_.filters;
    return y + reshape(b, dims);
  }
  static Tensors gates(const Tensor& all, int axis) {
    const Tensor in[] = {Tensor(int32_t{axis}), all};
    return op_all("Split", in, std::array{NamedAttr("num_split", 4)});
  }

  ConvLSTMOptions options_;
  int rank_;
  Shape each_state_;   // of a state, without the batch; known once built
  Variable kernel_, recurrent_kernel_, bias_;
  DropoutMasks masks_, recurrent_masks_;
};

template <int rank>
class ConvLSTMLayer : public LayerOf<ConvLSTMOptions, RnnCore> {
 public:
  using Base = LayerOf<ConvLSTMOptions, RnnCore>;
  void configure(const std::string& class_name, const Schema<ConvLSTMOptions>& schema, const ValueDict& given) {
    ValueDict rest;
    for (const Entry& e : hidden_options(given, options, &constant_count)) {
      const bool flag = e.key == "unroll" || e.key == "time_major";   // a config holds them, as Keras' does
      check(!flag || !As<bool>::from(e.value, e.key), Code::type, "{} is not possible with convolutional RNNs. Received: {}=True",
            e.key == "unroll" ? "Unrolling" : "time_major", e.key);
      if (e.key == "dtype" || e.key == "trainable") common_.push_back(e);
      if (!flag) rest.push_back(e);
    }
    Base::configure(class_name, schema, rest);
  }
  void configure(const std::string& class_name, const Schema<ConvLSTMOptions>& schema, ConvLSTMOptions given) {
    check(!given.unroll && !given.time_major, Code::type, "Unrolling is not possible with convolutional RNNs. Received: unroll={}, "
          "time_major={}", given.unroll, given.time_major);
    common_ = {{"trainable", given.trainable}};
    if (given.dtype != DType::invalid) common_.push_back({"dtype", given.dtype});
    Base::configure(class_name, schema, std::move(given));
  }
  ValueDict config() const override { return config_of(schema(), options); }
  void build(const Value& input_shape) override {
    // Before the sequence is: so the weights are named after the layer, not after the cell.
    Value first = input_shape;
    while (!nest::is_shape(first) && first.get<ValueList>()) first = Value((*first.get<ValueList>())[0]);
    const Shape in = nest::shape(first, name());
    const Shape step = Shape{in[0]}.concat(in.slice(2, in.rank()));
    if (!cell_->built()) conv_cell().build(step);
    Base::build(input_shape);
  }
  // Zeros like a step's output. Sizes that are not known come from a convolution of zeros.
  Value initial_state(const Tensor& inputs) const override {
    const Shape state = conv_cell().state_shape(Shape{inputs.dim(0)}.concat(inputs.shape().slice(2, inputs.rank())));
    if (state.fully_known()) {
      const Value made = cell::zeros(ValueList{state, state}, dim_of(inputs, 0), inputs.dtype());
      return made;
    }
    std::vector<int64_t> kernel = conv_cell().kernel().shape().vector();
    kernel.back() = conv_cell().filters();
    const Tensor zeros = reduce("Sum", op("ZerosLike", {inputs}), {1});
    const Tensor made = conv_cell().convolved(zeros, Tensor::zeros(inputs.dtype(), Shape(kernel)));
    return ValueList{made, made};
  }
  Value compute_output_shape(const Value& input_shape) override {
    Value first = input_shape;
    while (!nest::is_shape(first) && first.get<ValueList>()) first = Value((*first.get<ValueList>())[0]);
    const Shape in = nest::shape(first, name());
    const Shape state = conv_cell().state_shape(Shape{in[0]}.concat(in.slice(2, in.rank())));
    const Shape batch{in[0]};
    ValueList all = {(flags.return_sequences ? Shape{in[0], in[1]} : batch).concat(state)};
    if (flags.return_state) all.insert(all.end(), 2, Value(batch.concat(state)));
    return all.size() == 1 ? all[0] : Value(all);
  }

 protected:
  void ready() override {
    ConvLSTMOptions& o = options;
    spread(o.kernel_size, rank, "kernel_size");
    spread_strides(o.strides, rank);
    spread(o.dilation_rate, rank, "dilation_rate");
    check_padding(o.padding, true);
    check(o.padding != "causal", Code::value, "{}: padding must be \"valid\" or \"same\", got \"causal\"", class_name());
    check_format(o.data_format);
    check(o.filters > 0, Code::value, "Invalid value for argument `filters`. Expected a strictly positive value. Received filters={}.",
          o.filters);
    o.dropout = std::clamp(o.dropout, 0.0, 1.0);
    o.recurrent_dropout = std::clamp(o.recurrent_dropout, 0.0, 1.0);
    cell_ = std::make_shared<ConvLSTMCell>(o, rank, common_);
    track(cell_);
    take_flags(o);
    input_spec = ValueList{ValueDict{{"ndim", rank + 3}}};
  }

 private:
  ConvLSTMCell& conv_cell() const { return static_cast<ConvLSTMCell&>(*cell_); }
  ValueDict common_;   // dtype and trainable, as the cell gets them
};

Schema<ConvLSTMOptions> fields() {
  using O = ConvLSTMOptions;
  return Schema<O>().required("filters", &O::filters).required("kernel_size", &O::kernel_size).field("strides", &O::strides)
      .field("padding", &O::padding).field("data_format", &O::data_format).field("dilation_rate", &O::dilation_rate)
      .field("activation", &O::activation).field("recurrent_activation", &O::recurrent_activation).field("use_bias", &O::use_bias)
      .field("kernel_initializer", &O::kernel_initializer).field("recurrent_initializer", &O::recurrent_initializer)
      .field("bias_initializer", &O::bias_initializer).field("unit_forget_bias", &O::unit_forget_bias)
      .field("kernel_regularizer", &O::kernel_regularizer).field("recurrent_regularizer", &O::recurrent_regularizer)
      .field("bias_regularizer", &O::bias_regularizer).field("activity_regularizer", &O::activity_regularizer)
      .field("kernel_constraint", &O::kernel_constraint).field("recurrent_constraint", &O::recurrent_constraint)
      .field("bias_constraint", &O::bias_constraint).field("return_sequences", &O::return_sequences)
      .field("return_state", &O::return_state).field("go_backwards", &O::go_backwards).field("stateful", &O::stateful)
      .field("dropout", &O::dropout).field("recurrent_dropout", &O::recurrent_dropout);
}
const LayerClass<ConvLSTMLayer<1>> conv_lstm1 = {{"ConvLSTM1D"}, "Long short-term memory of sequences whose steps are [n, channels].", fields, "RNN"};
const LayerClass<ConvLSTMLayer<2>> conv_lstm2 = {{"ConvLSTM2D"}, "Long short-term memory of sequences of images.", fields, "RNN"};
const LayerClass<ConvLSTMLayer<3>> conv_lstm3 = {{"ConvLSTM3D"}, "Long short-term memory of sequences of volumes.", fields, "RNN"};

ConvLSTMOptions with(ConvLSTMOptions o, int64_t filters, std::vector<int64_t> kernel_size) {
  o.filters = filters;
  o.kernel_size = std::move(kernel_size);
  return o;
}

}  // namespace

LayerPtr ConvLSTM1D(int64_t filters, std::vector<int64_t> kernel_size, ConvLSTMOptions o) {
  return conv_lstm1(with(std::move(o), filters, std::move(kernel_size)));
}
LayerPtr ConvLSTM2D(int64_t filters, std::vector<int64_t> kernel_size, ConvLSTMOptions o) {
  return conv_lstm2(with(std::move(o), filters, std::move(kernel_size)));
}
LayerPtr ConvLSTM3D(int64_t filters, std::vector<int64_t> kernel_size, ConvLSTMOptions o) {
  return conv_lstm3(with(std::move(o), filters, std::move(kernel_size)));
}

}  // namespace ninefold::keras
