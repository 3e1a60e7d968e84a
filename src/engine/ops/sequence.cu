// In: sequences whose last steps are masked. Out: the steps that count, with what stands for the others; what flows out of those.
#include "engine/device/cuda/kernel.cuh"
#include "engine/ops/sequence_launch.h"

namespace {

using namespace ninefold::cuda;

NF_KERNEL(keep_rows, KeepRows) {
  for (int64_t i = nf_thread(); i < p.m.batch * p.m.steps * p.m.columns; i += nf_threads()) {
    const int64_t row = i / p.m.columns, sample = p.m.time_major ? row % p.m.batch : row / p.m.steps;
    p.to[i] = p.m.mask[row] ? p.from[i] : p.otherwise ? p.otherwise[sample * p.m.columns + i % p.m.columns] : 0;
  }
}
NF_KERNEL(join_ends, JoinEnds) {
  for (int64_t i = nf_thread(); i < p.m.batch * p.m.columns; i += nf_threads()) {
    const int64_t sample = i / p.m.columns, column = i % p.m.columns;
    float sum = 0;
    for (const float* end : p.ends)
      if (end) sum += end[i];
    for (int64_t t = 0; p.rows && t < p.m.steps; ++t) {
      const int64_t row = p.m.time_major ? t * p.m.batch + sample : sample * p.m.steps + t;
      if (!p.m.mask[row]) sum += p.rows[row * p.m.columns + column];
    }
    p.to[i] = sum;
  }
}

}  // namespace
