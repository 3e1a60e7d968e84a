// In: copies and constants, as moves.h has them, on the device that a kernel runs on. Out: the same there; and the
// parameters of a copy's launch, which are pure, so tested without a card.
#pragma once

#include "engine/ops/moves.h"
#include "engine/ops/moves_launch.h"

namespace ninefold::ops {

// A kernel that touches elements by these alone runs on either device (on_both_devices in moves.gpu.cc).
void move_strided(const KernelCtx&, DType, Dims shape, void* to, Dims to_strides, const void* from, Dims from_strides);
void move_run(const KernelCtx&, DType, void* to, const void* from, int64_t n);
void fill_run(const KernelCtx&, DType, void* to, const void* element, int64_t n);   // `element` lies there, too

// Dimensions of one go; neighbours that lie alike in both become one.
cuda::Move laid_out(Dims shape, Dims to_strides, Dims from_strides);

}  // namespace ninefold::ops
