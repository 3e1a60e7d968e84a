// In: one step of a recurrent layer, sequences, first states. Out: what it gives after all steps (Keras' backend.rnn).
#pragma once

#include "ninefold/keras.h"

namespace ninefold::keras {

struct Stepped {
  Value output;    // a nest
  Value states;    // a nest like the one that came in
};
using Step = std::function<Stepped(const Value& inputs, const ValueList& states)>;
struct LoopOptions {
  bool go_backwards = false, time_major = false, unroll = false;
  bool zero_output_for_mask = false;    // else a masked step repeats the output before it
  bool all_outputs = false;             // else `outputs` has one step, the last
  bool like_inputs = false;             // True iff a step's output has the form of its inputs: none is tried beforehand
  Tensor mask = {};                     // [batch, steps] or [steps, batch]: False where a step does not count
};
struct Looped {
  Value last, outputs;                  // nests like a step's output
  ValueList states;
};
// Within a trace a While over TensorLists, as TensorFlow writes it; unrolled, one step after another.
Looped run_steps(const Step& step, const Value& inputs, const ValueList& initial_states, const LoopOptions& options);

// [batch, steps, ...] <-> [steps, batch, ...].
Tensor swapped(const Tensor& x);

}  // namespace ninefold::keras
