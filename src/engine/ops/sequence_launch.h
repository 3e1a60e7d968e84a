// In: nothing. Out: what kernels over masked sequences say, shared by host (train/layers/recurrent/whole.gpu.cc) and card (sequence.cu).
#pragma once

#include <cstdint>

namespace ninefold::cuda {

// A mask of [batch, steps], or [steps, batch]; a row of `columns` floats a step of a sample.
struct MaskedRows {
  const bool* mask;
  int64_t batch, steps, columns;
  int32_t time_major;
};
struct KeepRows {                                // to: what is not masked of `from`, which may be `to`; else what `otherwise` has
  MaskedRows m;                                  // [batch, columns] of the sample, or 0 where that is null
  float* to;
  const float *from, *otherwise;
};
struct JoinEnds {                                // to: [batch, columns], the sum of these of the same shape and of what `rows` has in
  MaskedRows m;                                  // masked steps; any may be null
  float* to;
  const float *ends[3], *rows;
};

// ---- one step of all samples of an LSTM (four gates: i, f, candidate, o) or a GRU (z, r, candidate, whose reset gate comes after its product) ----

struct StepRows {
  const bool* mask;                              // null: every step counts
  int64_t batch, units;
  int64_t first, apart;                          // the step's row of sample b, among what inputs give, and of the mask: first + b * apart
  int32_t zero_masked;                           // a masked step gives zeros; else it repeats the output before it
};
struct StepForward {
  StepRows s;
  const float *inputs, *state, *bias;            // of gates: [rows, gates units], [batch, gates units], [gates units] or [2, gates units]
  float *h, *c, *last;                           // [batch, units], moved one step on; c: of LSTM
  float* output;                                 // the step's rows, `output_apart` floats from sample to sample; null: none
  int64_t output_apart;
  // What a gradient reads, [rows, ...]: gates, of GRU behind them what r scales; carry and output before the step; null: no gradient.
  float *gates, *old_c, *old_h;
};
struct StepBack {
  StepRows s;
  const float *gates, *old_c, *old_h;
  const float *output;                           // what flows into the step's rows of outputs; null: nothing
  int64_t output_apart;
  const float* last;                             // into the last output, of the last step
  const float* product;                          // [batch, units], of the step behind: what its gates hand to the state; null: none
  float *h, *c, *held;                           // [batch, units]: what flows past the products, into the carry, into the next output that counts
  float *to_inputs, *to_state;                   // [rows, gates units]; of LSTM one
  float* now;                                    // to_state's rows of this step, one behind another
};

}  // namespace ninefold::cuda
