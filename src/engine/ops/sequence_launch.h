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

}  // namespace ninefold::cuda
