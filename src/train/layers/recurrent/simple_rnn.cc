// In: [batch, steps, n]. Out: a fully connected recurrence: each output goes into the next step.
#include "train/layers/recurrent/rnn.h"

namespace ninefold::keras {
namespace {

class SimpleRNNLayer : public GateRnn {
 protected:
  const char* cell_class() const override { return "SimpleRNNCell"; }
  bool by_gates() const override { return false; }
};
const LayerClass<SimpleRNNLayer> simple_rnn_layer = {{"SimpleRNN"}, "Each output goes into the next step: activation(x W + b + h U).",
                                          [] { return recurrent_fields(CellKind::simple); }, "RNN"};

}  // namespace

LayerPtr SimpleRNN(int64_t units, RecurrentOptions o) {
  o.units = units;
  return simple_rnn_layer(std::move(o));
}

}  // namespace ninefold::keras
