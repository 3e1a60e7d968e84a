// In: rows and dtypes. Out: the plan of sorting them, pure, so tested without a card; what kernels that order and count share.
#pragma once

#include "engine/ops/moves.gpu.h"
#include "engine/ops/order_launch.h"

namespace ninefold::ops {

// Bits of the keys that elements of a dtype are sorted by: those of the type that kernels compute in.
int key_bits(DType);
cuda::DigitPass digit_pass(int64_t rows, int64_t columns);

// The places of each row's elements, [rows, columns], in order; of equal ones the first first. Keys come along.
// `bits`: how many of the lowest differ; 0: all of them.
struct Sorted { Tensor keys, places; };
Sorted sorted_rows(const KernelCtx&, const Tensor&, int64_t rows, int64_t columns, bool falling, int bits = 0);

// Running sums, exclusive, of each of `rows` rows of int64 in place.
void sums_before(const KernelCtx&, int64_t* counts, int64_t rows, int64_t columns);

// The bin of each element of an integer tensor within its row's bins, -1 where there is none (Bins in order_launch.h).
Tensor bins_of(const KernelCtx&, const Tensor&, int64_t columns, int64_t bins);
// How many of `ids` each of 0 ... bins - 1 is, in dtype d, or the sums of their weights.
Tensor counted(const KernelCtx&, const Tensor& ids, int64_t bins, DType d, const Tensor* weights = nullptr);

}  // namespace ninefold::ops
