// In: [batch, n], the last output and the carry. Out: one step of long short-term memory.
#include "train/layers/nest.h"
#include "train/layers/recurrent/cell.h"
#include "train/layers/recurrent/forget_bias.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

class LSTMCellLayer : public GateCell {
 public:
  Value state_size() const override { return ValueList{options.units, options.units}; }
  void build(const Value& input_shape) override {
    std::shared_ptr<Initializer> bias = options.bias_initializer;
    if (options.unit_forget_bias && options.use_bias) bias = std::make_shared<ForgetBias>(bias, options.units);
    add_kernels(input_shape, 4, {4 * options.units}, std::move(bias));
  }
  Value call(const Value& inputs, const CallArgs& args) override {
    const Tensor x = nest::tensor(inputs, name());
    const Tensors states = states_of(args).first;
    check(states.size() == 2, Code::value, "LSTMCell: expected 2 states (output and carry), got {}", states.size());
    const Tensors& mask = input_masks(x, 4, args.training);
    const Tensors& recurrent_mask = recurrent_masks(states[0], 4, args.training);
    const Tensors z = options.implementation == 1 ? gate_by_gate(x, states[0], mask, recurrent_mask)
                                                  : at_once(mask.empty() ? x : x * mask[0], states[0]);
    const Tensor in = recurrently_activated(z[0]), forget = recurrently_activated(z[1]);
    const Tensor carry = forget * states[1] + in * activated(z[2]);
    const Tensor h = recurrently_activated(z[3]) * activated(carry);
    return ValueList{h, ValueList{h, carry}};
  }

 protected:
  bool by_gates() const override { return true; }

 private:
  Tensors at_once(const Tensor& x, const Tensor& before) {
    Tensor z = op("MatMul", {x, read(kernel_)}) + op("MatMul", {before, read(recurrent_kernel_)});
    if (options.use_bias) z = op("BiasAdd", {z, read(bias_)});
    const Tensor in[] = {Tensor(int32_t{1}), z};
    return op_all("Split", in, std::array{NamedAttr("num_split", 4)});
  }
  Tensors gate_by_gate(const Tensor& x, const Tensor& before, const Tensors& mask, const Tensors& recurrent_mask) {
    const Tensor w = read(kernel_), u = read(recurrent_kernel_), b = options.use_bias ? read(bias_) : Tensor();
    Tensors out;
    for (size_t g = 0; g < 4; ++g) {
      const auto at = static_cast<int64_t>(g);
      Tensor z = op("MatMul", {mask.empty() ? x : x * mask[g], gate(w, at)});
      if (b) z = op("BiasAdd", {z, gate(b, at)});
      out.push_back(z + op("MatMul", {recurrent_mask.empty() ? before : before * recurrent_mask[g], gate(u, at)}));
    }
    return out;
  }
};

const LayerClass<LSTMCellLayer> lstm_cell_layer = {{"LSTMCell"}, "One step of LSTM, the long short-term memory of Hochreiter and Schmidhuber 1997.",
                                         [] { return cell_fields(CellKind::lstm); }};

}  // namespace

LayerPtr LSTMCell(int64_t units, CellOptions o) {
  o.units = units;
  return lstm_cell_layer(std::move(o));
}

}  // namespace ninefold::keras
