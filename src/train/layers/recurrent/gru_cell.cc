// In: [batch, n] and the last output. Out: one step of a gated recurrent unit: z h + (1 - z) candidate.
#include "train/layers/nest.h"
#include "train/layers/recurrent/cell.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

class GRUCellLayer : public GateCell {
 public:
  void build(const Value& input_shape) override {
    // reset_after: biases of the inputs, then of the state.
    add_kernels(input_shape, 3, options.reset_after ? Shape{2, 3 * options.units} : Shape{3 * options.units}, options.bias_initializer);
  }
  Value call(const Value& inputs, const CallArgs& args) override {
    const CellOptions& o = options;
    const Tensor x = nest::tensor(inputs, name());
    const auto [states, nested] = states_of(args);
    const Tensor before = states.at(0);
    const Tensors& mask = input_masks(x, 3, args.training);
    const Tensors& recurrent_mask = recurrent_masks(before, 3, args.training);
    Tensor bias, recurrent_bias;
    if (o.use_bias) {
      bias = read(bias_);
      if (o.reset_after) {
        const Tensors both = op_all("Unpack", {&bias, 1}, std::array{NamedAttr("num", 2)});
        recurrent_bias = both[1];
        bias = both[0];
      }
    }
    Tensor h;
    if (o.implementation == 1) h = gate_by_gate(x, before, mask, recurrent_mask, bias, recurrent_bias);
    else h = at_once(mask.empty() ? x : x * mask[0], before, bias, recurrent_bias);
    return ValueList{h, nested ? Value(ValueList{h}) : Value(h)};
  }

 protected:
  bool by_gates() const override { return true; }

 private:
  static Tensor biased(const Tensor& x, const Tensor& bias) { return bias ? op("BiasAdd", {x, bias}) : x; }
  // z h + (1 - z) activation(x_h + h_h), of the update gate z and the candidate's two parts.
  Tensor mixed(const Tensor& z, const Tensor& before, const Tensor& candidate) const {
    return z * before + (number(1, z.dtype()) - z) * activated(candidate);
  }
  Tensor at_once(const Tensor& x, const Tensor& before, const Tensor& bias, const Tensor& recurrent_bias) {
    const Tensor u = read(recurrent_kernel_);
    const Tensors parts = split(biased(op("MatMul", {x, read(kernel_)}), bias), 3);
    Tensors inner;
    if (options.reset_after) inner = split(biased(op("MatMul", {before, u}), recurrent_bias), 3);
    else inner = split(op("MatMul", {before, gate(u, 0, 2)}), 2);
    const Tensor z = recurrently_activated(parts[0] + inner[0]), r = recurrently_activated(parts[1] + inner[1]);
    const Tensor from_state = options.reset_after ? r * inner[2] : op("MatMul", {r * before, gate(u, 2)});
    return mixed(z, before, parts[2] + from_state);
  }
  Tensor gate_by_gate(const Tensor& x, const Tensor& before, const Tensors& mask, const Tensors& recurrent_mask, const Tensor& bias,
                      const Tensor& recurrent_bias) {
    const Tensor w = read(kernel_), u = read(recurrent_kernel_);
    const bool after = options.reset_after;
    Tensor from_input[3], state[3], from_state[3];
    for (size_t g = 0; g < 3; ++g) {
      const auto at = static_cast<int64_t>(g);
      from_input[g] = biased(op("MatMul", {mask.empty() ? x : x * mask[g], gate(w, at)}), bias ? gate(bias, at) : Tensor());
      state[g] = recurrent_mask.empty() ? before : before * recurrent_mask[g];
    }
    for (size_t g = 0; g < (after ? 3u : 2u); ++g) {
      const auto at = static_cast<int64_t>(g);
      from_state[g] = biased(op("MatMul", {state[g], gate(u, at)}), recurrent_bias ? gate(recurrent_bias, at) : Tensor());
    }
    const Tensor z = recurrently_activated(from_input[0] + from_state[0]), r = recurrently_activated(from_input[1] + from_state[1]);
    from_state[2] = after ? r * from_state[2] : op("MatMul", {r * state[2], gate(u, 2)});
    return mixed(z, before, from_input[2] + from_state[2]);
  }
  static Tensors split(const Tensor& x, int64_t parts) {
    const Tensor in[] = {Tensor(int32_t{-1}), x};
    return op_all("Split", in, std::array{NamedAttr("num_split", parts)});
  }
};

const LayerClass<GRUCellLayer> gru_cell_layer = {{"GRUCell"}, "One step of GRU, the gated recurrent unit of Cho et al. 2014.",
                                        [] { return cell_fields(CellKind::gru); }};

}  // namespace

LayerPtr GRUCell(int64_t units, CellOptions o) {
  o.units = units;
  return gru_cell_layer(std::move(o));
}

}  // namespace ninefold::keras
