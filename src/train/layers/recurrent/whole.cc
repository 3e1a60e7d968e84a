// In: sequences and weights of LSTM and GRU. Out: their steps as loops of TensorFlow's ops.
#include "train/layers/recurrent/whole.h"

#include <array>

#include "train/layers/nest.h"
#include "train/layers/schema.h"
#include "train/layers/words.h"

namespace ninefold::keras::whole {
namespace {

bool is(const Given<Activation>& activation, const char* name) {
  if (!activation || activation->overridden("__call__")) return false;
  const Value known = serialized(activation);
  const std::string* text = known.get<std::string>();
  return text && *text == name;
}
Tensors split(const Tensor& x, int64_t parts) {
  const Tensor in[] = {Tensor(int32_t{1}), x};
  return op_all("Split", in, std::array{NamedAttr("num_split", parts)});
}
Tensor sigmoid(const Tensor& x) { return op("Sigmoid", {x}); }
Tensor tanh(const Tensor& x) { return op("Tanh", {x}); }
Tensor at(const ValueList& states, size_t i) { return *states[i].get<Tensor>(); }

}  // namespace

bool plain(const RecurrentOptions& o) {
  return is(o.activation, "tanh") && is(o.recurrent_activation, "sigmoid") && o.recurrent_dropout == 0 && !o.unroll && o.use_bias;
}

Looped lstm_steps(const Tensors& in, const LoopOptions& o) {
  const Tensor &w = in[3], &u = in[4], &b = in[5];
  return run_steps([&](const Value& x, const ValueList& states) -> Stepped {
    const Tensor z = op("BiasAdd", {op("MatMul", {*x.get<Tensor>(), w}) + op("MatMul", {at(states, 0), u}), b});
    const Tensors gates = split(z, 4);
    const Tensor carry = sigmoid(gates[1]) * at(states, 1) + sigmoid(gates[0]) * tanh(gates[2]);
    const Tensor h = sigmoid(gates[3]) * tanh(carry);
    return {h, ValueList{h, carry}};
  }, in[0], {in[1], in[2]}, o);
}

Looped gru_steps(const Tensors& in, const LoopOptions& o) {
  const Tensor &w = in[2], &u = in[3];
  const Tensors biases = op_all("Unpack", {&in[4], 1}, std::array{NamedAttr("num", 2)});
  return run_steps([&](const Value& x, const ValueList& states) -> Stepped {
    const Tensor before = at(states, 0);
    const Tensors from_input = split(op("BiasAdd", {op("MatMul", {*x.get<Tensor>(), w}), biases[0]}), 3);
    const Tensors from_state = split(op("BiasAdd", {op("MatMul", {before, u}), biases[1]}), 3);
    const Tensor z = sigmoid(from_input[0] + from_state[0]), r = sigmoid(from_input[1] + from_state[1]);
    const Tensor candidate = tanh(from_input[2] + r * from_state[2]);
    const Tensor h = z * before + (number(1, z.dtype()) - z) * candidate;
    return {h, ValueList{h}};
  }, in[0], {in[1]}, o);
}


}  // namespace ninefold::keras::whole
