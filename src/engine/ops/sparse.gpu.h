// In: what kernels of sparse ops are given. Out: what both devices find in it, or the error.
#pragma once

#include <vector>

#include "engine/op/kernel_ctx.h"

namespace ninefold::ops {

std::vector<int64_t> dense_places(KernelCtx&);   // SparseToDense: where each value goes; the output is in place
struct SparseSizes { int64_t rows, inner, width; };
SparseSizes product_sizes(const KernelCtx&);     // SparseTensorDenseMatMul: [rows, inner] by [inner, width]

}  // namespace ninefold::ops
