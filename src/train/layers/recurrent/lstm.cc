// In: [batch, steps, n]. Out: long short-term memory. With Keras' defaults all steps are one op.
#include "train/layers/nest.h"
#include "train/layers/recurrent/rnn.h"
#include "train/layers/recurrent/whole.h"

namespace ninefold::keras {
namespace {

class LSTMLayer : public GateRnn {
 protected:
  const char* cell_class() const override { return "LSTMCell"; }
  Looped run(const Value& inputs, const ValueList& initial, const Value& training, const ValueList& constants,
             const LoopOptions& o) override {
    if (!whole::plain(options)) return GateRnn::run(inputs, initial, training, constants, o);
    GateCell& cell = gate_cell();
    Tensor x = nest::tensor(inputs, name());
    if (const Tensors& mask = cell.input_masks(x, 4, training); !mask.empty()) x = x * mask[0];
    return whole::lstm({x, nest::tensor(initial[0], name()), nest::tensor(initial[1], name()), cell.read(cell.kernel()),
                        cell.read(cell.recurrent_kernel()), cell.read(cell.bias())}, o);
  }
};
const LayerClass<LSTMLayer> lstm_layer = {{"LSTM"}, "Long short-term memory (Hochreiter and Schmidhuber 1997) over the steps of a sequence.",
                                     [] { return recurrent_fields(CellKind::lstm); }, "RNN"};

}  // namespace

LayerPtr LSTM(int64_t units, RecurrentOptions o) {
  o.units = units;
  return lstm_layer(std::move(o));
}

}  // namespace ninefold::keras
