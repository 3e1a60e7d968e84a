// In: [batch, n] and the last output. Out: activation(x W + b + h U).
#include "train/layers/nest.h"
#include "train/layers/recurrent/cell.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

class SimpleRNNCellLayer : public GateCell {
 public:
  void build(const Value& input_shape) override { add_kernels(input_shape, 1, {options.units}, options.bias_initializer); }
  Value call(const Value& inputs, const CallArgs& args) override {
    Tensor x = nest::tensor(inputs, name());
    const auto [states, nested] = states_of(args);
    Tensor before = states.at(0);
    const Tensors& mask = input_masks(x, 1, args.training);
    const Tensors& recurrent_mask = recurrent_masks(before, 1, args.training);
    if (!mask.empty()) x = x * mask[0];
    Tensor h = op("MatMul", {x, read(kernel_)});
    if (options.use_bias) h = op("BiasAdd", {h, read(bias_)});
    if (!recurrent_mask.empty()) before = before * recurrent_mask[0];
    const Tensor y = activated(h + op("MatMul", {before, read(recurrent_kernel_)}));
    return ValueList{y, nested ? Value(ValueList{y}) : Value(y)};
  }
};

const LayerClass<SimpleRNNCellLayer> simple_rnn_cell_layer = {{"SimpleRNNCell"}, "One step of SimpleRNN: activation(x W + b + h U).",
                                              [] { return cell_fields(CellKind::simple); }};

}  // namespace

LayerPtr SimpleRNNCell(int64_t units, CellOptions o) {
  o.units = units;
  return simple_rnn_cell_layer(std::move(o));
}

}  // namespace ninefold::keras
