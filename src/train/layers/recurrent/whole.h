// In: a sequence, states and weights of an LSTM or GRU with Keras' default activations. Out: all its steps at once.
#pragma once

#include "ninefold/layers.h"
#include "train/layers/recurrent/loop.h"

namespace ninefold::keras::whole {

// True iff the layer is what Keras gives to its fused kernels: tanh, sigmoid, a bias, no recurrent dropout, a loop.
bool plain(const RecurrentOptions& options);
// {inputs, output, carry, kernel, recurrent kernel, bias} and {inputs, output, kernel, recurrent kernel, biases [2, 3 units]}.
Looped lstm(const Tensors& in, const LoopOptions& options);
Looped gru(const Tensors& in, const LoopOptions& options);
// The same as a loop of TensorFlow's ops.
Looped lstm_steps(const Tensors& in, const LoopOptions& options);
Looped gru_steps(const Tensors& in, const LoopOptions& options);

}  // namespace ninefold::keras::whole
