// In: a tensor and an equation "ab,bc->ac". Out: activation(einsum(equation, x, kernel) + bias).
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

// The labels of an equation, and where "..." stands for the dimensions that it does not name.
struct Equation {
  std::string input, kernel, output;
  bool left = false, right = false;   // True iff "..." stands in front of, behind the labels of input and output
};
Equation parsed(const std::string& text) {
  const auto wrong = [&] {
    fail(Code::value, "Invalid einsum equation '{}'. Equations must be in the form [X],[Y]->[Z], ...[X],[Y]->...[Z], or "
         "[X]...,[Y]->[Z]....", text);
  };
  const size_t comma = text.find(','), arrow = text.find("->");
  if (comma == std::string::npos || arrow == std::string::npos || arrow < comma) wrong();
  Equation e{text.substr(0, comma), text.substr(comma + 1, arrow - comma - 1), text.substr(arrow + 2), false, false};
  const auto strip = [](std::string& s, bool front) {
    const bool there = front ? s.starts_with("...") : s.ends_with("...");
    if (there) s = front ? s.substr(3) : s.substr(0, s.size() - 3);
    return there;
  };
  e.left = strip(e.input, true);
  if (e.left != strip(e.output, true)) wrong();
  e.right = !e.left && strip(e.input, false);
  if (e.right != (!e.left && strip(e.output, false))) wrong();
  for (const std::string* s : {&e.input, &e.kernel, &e.output}) {
    if (s->empty()) wrong();
    for (char c : *s)
      if (!std::isalpha(static_cast<unsigned char>(c))) wrong();
  }
  return e;
}
std::string dim_text(int64_t d) { return d < 0 ? "None" : std::to_string(d); }

class EinsumDenseLayer : public LayerOf<EinsumDenseOptions> {
 public:
  void build(const Value& input_shape) override {
    const Shape in = nest::shape(input_shape, name());
    const Equation e = parsed(options.equation);
    const auto named = static_cast<int>(e.input.size());
    const int elided = in.rank() - named;
    check(elided >= 0, Code::value, "EinsumDense: the equation '{}' names {} dimensions, the input has shape {}", options.equation,
          named, in.tuple());
    // The whole output: the batch, what "..." stands for, what the options say.
    std::vector<int64_t> out = {in[0]};
    if (e.left)
      for (int i = 1; i < elided; ++i) out.push_back(in[i]);
    for (int64_t d : As<std::vector<int64_t>>::from(options.output_shape, "output_shape")) out.push_back(d);
    if (e.right)
      for (int i = named; i < in.rank(); ++i) out.push_back(in[i]);
    output_ = Shape(out);
    const int shift = e.left ? elided : 0;
    const auto size_in = [&](const std::string& labels, const Shape& s, char c) {
      const size_t at = labels.find(c);
      const int i = static_cast<int>(at) + shift;
      check(i < s.rank(), Code::value, "EinsumDense: output_shape has too few dimensions for the equation '{}'", options.equation);
      return s[i];
    };
    for (char c : e.input) {
      if (e.output.find(c) == std::string::npos) continue;
      const int64_t i = size_in(e.input, in, c), o = size_in(e.output, output_, c);
      check(o < 0 || o == i, Code::value, "Input shape and output shape do not match at shared dimension '{}'. Input shape is {}, and "
            "output shape is {}.", c, dim_text(i), dim_text(o));
    }
    for (char c : e.output)
      check(e.input.find(c) != std::string::npos || e.kernel.find(c) != std::string::npos, Code::value,
            "Dimension '{}' was specified in the output '{}' but has no corresponding dim in the input spec '{}' or weight spec '{}'", c,
            e.output, e.input, e.output);
    std::vector<int64_t> kernel;
    for (char c : e.kernel) {
      const bool from_input = e.input.find(c) != std::string::npos;
      check(from_input || e.output.find(c) != std::string::npos, Code::value, "Weight dimension '{}' did not have a match in either the "
            "input spec '{}' or the output spec '{}'. For this layer, the weight must be fully specified.", c, e.input, e.output);
      kernel.push_back(from_input ? size_in(e.input, in, c) : size_in(e.output, output_, c));
    }
    kernel_ = add_weight({.name = "kernel", .shape = Shape(kernel), .initializer = options.kernel_initializer,
                          .regularizer = options.kernel_regularizer, .constraint = options.kernel_constraint});
    if (!options.bias_axes.empty()) {
      size_t first = e.output.size();
      for (char c : options.bias_axes) {
        check(e.output.find(c) != std::string::npos, Code::value,
              "Bias dimension '{}' was requested, but is not part of the output spec '{}'", c, e.output);
        first = std::min(first, e.output.find(c));
      }
      std::vector<int64_t> bias;
      for (size_t i = first; i < e.output.size(); ++i)
        bias.push_back(options.bias_axes.find(e.output[i]) != std::string::npos ? size_in(e.output, output_, e.output[i]) : 1);
      if (!e.left) bias.insert(bias.end(), static_cast<size_t>(elided), 1);
      bias_ = add_weight({.name = "bias", .shape = Shape(bias), .initializer = options.bias_initializer,
                          .regularizer = options.bias_regularizer, .constraint = options.bias_constraint});
    }
    set_built(true);
  }
  Value call(const Value& inputs, const CallArgs&) override {
    const Tensor x = nest::tensor(inputs, name());
    Tensor y = function("tf.einsum", {{"equation", options.equation}, {"inputs", ValueList{x, read(kernel_)}}});
    y = with_static_shape(y, shape_of_output(x.shape()));
    if (bias_.defined()) y = y + read(bias_);
    return options.activation ? (*options.activation)(y) : y;
  }
  Value compute_output_shape(const Value& input_shape) override {
    if (!built()) build(input_shape);
    return output_;
  }
  ValueDict config() const override {
    ValueDict out = LayerOf::config();
    ValueList dims;
    for (int64_t d : As<std::vector<int64_t>>::from(options.output_shape, "output_shape")) dims.push_back(d < 0 ? Value() : Value(d));
    put(out, "output_shape", dims);
    if (options.bias_axes.empty()) put(out, "bias_axes", {});
    return out;
  }

 private:
  // What input and kernel tell of the output's shape.
  Shape shape_of_output(const Shape& in) const {
    const Equation e = parsed(options.equation);
    const int elided = in.rank() - static_cast<int>(e.input.size());
    std::vector<int64_t> out;
    for (int i = 0; e.left && i < elided; ++i) out.push_back(in[i]);
    for (char c : e.output) {
      const size_t of_input = e.input.find(c), of_kernel = e.kernel.find(c);
      if (of_kernel != std::string::npos) out.push_back(kernel_.shape()[static_cast<int>(of_kernel)]);
      else out.push_back(in[static_cast<int>(of_input) + (e.left ? elided : 0)]);
    }
    for (int i = in.rank() - elided; e.right && i < in.rank(); ++i) out.push_back(in[i]);
    return Shape(out);
  }
  Shape output_;
  Variable kernel_, bias_;
};
const LayerClass<EinsumDenseLayer> einsum_dense_layer = {{"EinsumDense"}, "activation(einsum(equation, x, kernel) + bias).", [] {
  using O = EinsumDenseOptions;
  return Schema<O>().required("equation", &O::equation).required("output_shape", &O::output_shape).field("activation", &O::activation)
      .field("bias_axes", &O::bias_axes).field("kernel_initializer", &O::kernel_initializer)
      .field("bias_initializer", &O::bias_initializer).field("kernel_regularizer", &O::kernel_regularizer)
      .field("bias_regularizer", &O::bias_regularizer).field("activity_regularizer", &O::activity_regularizer)
      .field("kernel_constraint", &O::kernel_constraint).field("bias_constraint", &O::bias_constraint);
}};

}  // namespace

LayerPtr EinsumDense(std::string equation, Value output_shape, EinsumDenseOptions o) {
  o.equation = std::move(equation);
  o.output_shape = std::move(output_shape);
  return einsum_dense_layer(std::move(o));
}

}  // namespace ninefold::keras
