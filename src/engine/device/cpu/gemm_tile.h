// In: one strided product of f32 or f64, its operands where they lie. Out: a filled block of C.
// The one micro-kernel under gemm, conv forward and both conv gradients; the ISA is chosen at run time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ninefold::cpu {

// C[m, n] = alpha * sum over segments s of A_s[m, k] B_s[k, n]  (+ C) (+ bias) (relu).
// A's element (i, p) of segment s lies at a + a_off[s] + i * row_a + p * col_a: a transposed A, a packed
// one and the overlapping windows of a convolution are only other strides. Columns of B and C are
// contiguous; B is cut in panels of tile_table().panel columns, panel_b elements apart.
template <class T>
struct TileJob {
  int64_t m = 0, n = 0, k = 0;
  const T* a = nullptr;
  ptrdiff_t row_a = 0, col_a = 1;
  const T* b = nullptr;
  ptrdiff_t row_b = 0, panel_b = 0;
  T* c = nullptr;
  ptrdiff_t row_c = 0;
  int64_t segments = 1;              // zero segments fill C with the epilogue of 0
  const ptrdiff_t* a_off = nullptr;  // null: one segment at offset 0
  const ptrdiff_t* b_off = nullptr;
  T alpha = 1;
  bool accumulate = false;  // True iff C is added to
  bool relu = false;        // True iff the finished value is clamped at 0, after the bias
  const T* bias = nullptr;  // [n] or null
};

template <class T>
struct TileKernels {
  void (*product)(const TileJob<T>&);
  // y[i] = alpha * dot(a_i, x) (+ y) (+ bias[i]) (relu), rows of a contiguous over k, y at stride y_step.
  // bias_step 0 repeats one bias (a column result), 1 walks it (a row result).
  void (*dots)(int64_t rows, int64_t k, const T* a, ptrdiff_t row_a, const T* x, T* y, ptrdiff_t y_step,
               T alpha, bool accumulate, const T* bias, ptrdiff_t bias_step, bool relu);
  // dst[c, r] = src[r, c] for src [rows, cols].
  void (*transpose)(int64_t rows, int64_t cols, const T* src, ptrdiff_t src_row, T* dst,
                    ptrdiff_t dst_row);
  int panel;        // columns of a B panel
  int rows;         // tallest tile
  const char* isa;  // name of the vector target, for reports
};

template <class T>
const TileKernels<T>& tile_kernels();
template <>
const TileKernels<float>& tile_kernels<float>();
template <>
const TileKernels<double>& tile_kernels<double>();

}  // namespace ninefold::cpu
