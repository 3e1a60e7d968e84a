// In: Keras' weights of an LSTM or GRU. Out: where they lie among cuDNN's; pure, so tested without a card.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/device/cuda/dnn_call.h"
#include "engine/op/kernel_ctx.h"

namespace ninefold::keras::whole {

// A block of columns of Keras' kernel (or of its recurrent one), each column a row of cuDNN's matrix; or of its bias.
struct Packed {
  enum From { kernel, recurrent_kernel, bias } from;
  int64_t keras, dnn;                            // the first element of each, in floats
};
// Keras orders gates i, f, candidate, o and z, r, candidate; its GRU's bias has a row for inputs and one for the state.
std::vector<Packed> packed(bool lstm, int64_t units, const cuda::DnnRecurrentSizes&);

// How many of a sample's first steps count; empty where others count, or none of some sample.
std::vector<int32_t> lengths_of(std::span<const bool> mask, int64_t batch, int64_t steps, bool time_major);
// The last step's output leaves as the state, as the last output and as the only one. cuDNN takes what flows back in two places: at
// the state, and at the last of all outputs, if nothing flows into these. True iff that is enough for so many flows.
bool two_ends_suffice(int flows, bool outputs_flow);

// Of the ops NinefoldLSTM and NinefoldGRU and their gradients, by own kernels (whole_steps.gpu.cc).
void forward_by_steps(KernelCtx&, bool lstm);
void back_by_steps(KernelCtx&, bool lstm);

}  // namespace ninefold::keras::whole
