// In: what the ops of whole sequences take. Out: it by name, checked; what the CPU's kernels and the GPU's share.
#pragma once

#include "engine/device/cpu/recurrent.h"
#include "engine/op/kernel_ctx.h"

namespace ninefold::keras::whole {

// Inputs of the forward op, of which GRU has no carry: x, h, c, kernel, recurrent_kernel, bias, mask. A gradient's: these, `kept`, then
// what flows into last, outputs, h and c: of no elements if nothing does.
struct In { int x = 0, h = 1, c, kernel, recurrent_kernel, bias, mask, count; };
inline constexpr In lstm_in = {0, 1, 2, 3, 4, 5, 6, 7}, gru_in = {0, 1, -1, 2, 3, 4, 5, 6};
template <bool lstm> constexpr In in_of() { return lstm ? lstm_in : gru_in; }

template <class Ctx>
cpu::SequenceSpec spec_of(const Ctx& k, const Shape& x, int64_t units) {
  cpu::SequenceSpec s;
  s.time_major = k.flag("time_major");
  s.backwards = k.flag("go_backwards");
  s.zero_masked = k.flag("zero_output_for_mask");
  s.all_outputs = k.flag("return_sequences");
  s.batch = x[s.time_major ? 1 : 0];
  s.steps = x[s.time_major ? 0 : 1];
  s.in = x[2];
  s.units = units;
  return s;
}

// Of the forward op.
template <bool lstm>
void check_sequences(const KernelCtx& k) {
  constexpr In in = in_of<lstm>();
  const cpu::SequenceSpec s = spec_of(k, k.shape(in.x), k.shape(in.recurrent_kernel)[0]);
  k.check(k.shape(in.kernel)[0] == s.in, "Matrix size-incompatible: In[0]: [{},{}], In[1]: {}", s.batch, s.in, k.shape(in.kernel).str());
  for (int i : {in.h, in.c})
    k.check(i < 0 || k.shape(i) == Shape{s.batch, s.units}, "a state has shape {}, expected [{},{}]", k.shape(i < 0 ? 0 : i).str(),
            s.batch, s.units);
  const int64_t mask = k.shape(in.mask).size();
  k.check(mask == 0 || mask == s.batch * s.steps, "the mask has shape {}, the sequences have {} steps of {} samples",
          k.shape(in.mask).str(), s.steps, s.batch);
  k.check(s.steps > 0, "sequences of no steps");
}

}  // namespace ninefold::keras::whole
