// In: sequences and the weights of an LSTM or GRU, float. Out: all steps, and their gradients.
// Input products of all steps are one product, and so are the gradients of weights; only what the state enters
// goes step by step, rows of the batch apart from one another on threads of their own.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ninefold::cpu {

struct SequenceSpec {
  int64_t batch = 0, steps = 0, in = 0, units = 0;
  bool time_major = false;         // [steps, batch, ...] instead of [batch, steps, ...], mask and outputs included
  bool backwards = false;          // from the last step to the first; outputs in the order in which they are made
  bool zero_masked = false;        // a masked step gives zeros; else it repeats the output before it
  bool all_outputs = false;        // else `outputs` is the last one
  const bool* mask = nullptr;      // null: every step counts
};

// What the gradient reads, [batch steps] rows: gates, then states before the step.
//   LSTM: i, f, g, o, carry, output. GRU: z, r, candidate, what r scales, output.
inline int64_t kept_columns(bool lstm, int64_t units) { return (lstm ? 6 : 5) * units; }

struct SequenceForward {
  const float *x, *h0, *c0, *w, *u, *b;   // c0: of LSTM; b: [4 units], of GRU [2, 3 units]
  float *kept, *last, *outputs, *h, *c;
};
struct SequenceBackward {
  const float *x, *w, *u, *kept;
  const float *d_last, *d_outputs, *d_h, *d_c;   // null: nothing flows there
  float *dx, *dh0, *dc0, *dw, *du, *db;          // dx null: not wanted
};
size_t lstm_scratch(const SequenceSpec& s);
void lstm_forward(const SequenceSpec& s, const SequenceForward& f, void* scratch);
size_t lstm_backward_scratch(const SequenceSpec& s);
void lstm_backward(const SequenceSpec& s, const SequenceBackward& b, void* scratch);
size_t gru_scratch(const SequenceSpec& s);
void gru_forward(const SequenceSpec& s, const SequenceForward& f, void* scratch);
size_t gru_backward_scratch(const SequenceSpec& s);
void gru_backward(const SequenceSpec& s, const SequenceBackward& b, void* scratch);

}  // namespace ninefold::cpu
