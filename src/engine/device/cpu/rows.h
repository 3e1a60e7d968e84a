// In: logits [rows, columns] of float or double. Out: softmax and its kin, a row at a time, in double-free
// vector loops. A caller splits the rows over threads; a row's result does not depend on the split.
//   dtype: TensorFlow's number, 1 (float) or 2 (double); half and bfloat16 are cast to float by the caller.
#pragma once

#include <cstdint>

namespace ninefold::cpu {

void softmax(int dtype, const void* logits, void* out, int64_t rows, int64_t columns);
void log_softmax(int dtype, const void* logits, void* out, int64_t rows, int64_t columns);
// (dy - sum(dy y)) y, and dy - softmax sum(dy) with y = log_softmax.
void softmax_grad(int dtype, const void* y, const void* dy, void* dx, int64_t rows, int64_t columns);
void log_softmax_grad(int dtype, const void* y, const void* dy, void* dx, int64_t rows, int64_t columns);
// loss[r] = sum_j labels (log sum e^logits - logits), backprop = softmax - labels.
void cross_entropy(int dtype, const void* logits, const void* labels, void* loss, void* backprop, int64_t rows,
                   int64_t columns);
// labels[r] is a column. Returns the first row whose label is outside [0, columns), or -1; such rows give NaN.
int64_t sparse_cross_entropy(int dtype, const void* logits, const int64_t* labels, void* loss, void* backprop,
                             int64_t rows, int64_t columns);

}  // namespace ninefold::cpu
