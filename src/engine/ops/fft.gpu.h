// In: the shape of what is transformed. Out: what cuFFT is asked; pure, so tested without a card.
#pragma once

#include "engine/device/cuda/abi.h"
#include "ninefold/tensor.h"

namespace ninefold::ops {

// Of the last `rank` dimensions; `n` real numbers a row where one side is real, else as many as there are. The other sides
// of real transforms lie one behind another: n / 2 + 1 complex numbers a row.
cuda::Fourier fourier_of(cuda::Fourier::Kind, const Shape& shape, int rank, bool wide, int64_t n = -1);

}  // namespace ninefold::ops
