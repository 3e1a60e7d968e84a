// In: [batch, steps, n]. Out: gated recurrent units. With Keras' defaults all steps are one op.
#include "train/layers/nest.h"
#include "train/layers/recurrent/rnn.h"
#include "train/layers/recurrent/whole.h"

namespace ninefold::keras {
namespace {

class GRULayer : public GateRnn {
 protected:
  const char* cell_class() const override { return "GRUCell"; }
  Looped run(const Value& inputs, const ValueList& initial, const Value& training, const ValueList& constants,
             const LoopOptions& o) override {
    if (!whole::plain(options) || !options.reset_after) return GateRnn::run(inputs, initial, training, constants, o);
    GateCell& cell = gate_cell();
    Tensor x = nest::tensor(inputs, name());
    if (const Tensors& mask = cell.input_masks(x, 3, training); !mask.empty()) x = x * mask[0];
    return whole::gru({x, nest::tensor(initial[0], name()), cell.read(cell.kernel()), cell.read(cell.recurrent_kernel()), cell.read(cell.bias())}, o);
  }
};
const LayerClass<GRULayer> gru_layer = {{"GRU"}, "Gated recurrent units (Cho et al. 2014) over the steps of a sequence.",
                                    [] { return recurrent_fields(CellKind::gru); }, "RNN"};

}  // namespace

LayerPtr GRU(int64_t units, RecurrentOptions o) {
  o.units = units;
  return gru_layer(std::move(o));
}

}  // namespace ninefold::keras
