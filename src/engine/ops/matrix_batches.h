// In: batches of matrices, as kernels see them. Out: one matrix after the other as double or complex<double>, and back.
#pragma once

#include "base/threads.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/dense_linalg.h"

namespace ninefold::ops::matrices {

using linalg::Complex;
using linalg::Matrix;

// ---- matrices of a batch ----

template <class S>
Matrix<S> load(const Tensor& t, int64_t which) {
  const int64_t rows = t.dim(-2), columns = t.dim(-1), from = which * rows * columns;
  Matrix<S> m(rows, columns);
  for (int64_t i = 0; i < rows * columns; ++i) {
    S& to = m.data[static_cast<size_t>(i)];
    if constexpr (std::is_same_v<S, double>) to = t.float_at(from + i);
    else if (!is_complex(t.dtype())) to = t.float_at(from + i);
    else to = t.dtype() == DType::c64 ? Complex(t.as<std::complex<float>>()[from + i]) : t.as<Complex>()[from + i];
  }
  return m;
}
template <class S>
void store(KernelCtx& k, int output, int64_t at, const S* values, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (std::is_same_v<S, double>) {
      if (k.out(output).dtype() == DType::f32) k.out<float>(output)[at + i] = static_cast<float>(values[i]);
      else k.out<double>(output)[at + i] = values[i];
    } else {
      if (k.out(output).dtype() == DType::c64) k.out<std::complex<float>>(output)[at + i] = std::complex<float>(values[i]);
      else k.out<Complex>(output)[at + i] = values[i];
    }
  }
}
template <class S>
void store(KernelCtx& k, int output, int64_t which, const Matrix<S>& m) {
  const auto n = static_cast<int64_t>(m.data.size());
  store(k, output, which * n, m.data.data(), n);
}
// f(S{}, which) for every matrix of input 0, or of a tensor of shape `s`, with S double or Complex.
template <class F>
void each_matrix(KernelCtx& k, const Shape& s, const F& f) {
  const int64_t n = s.slice(0, s.rank() - 2).size();
  const bool complex = is_complex(k.dtype(0));
  parallel_for(n, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) complex ? f(Complex{}, i) : f(0.0, i);
  });
}

template <class F>
void each_matrix(KernelCtx& k, const F& f) { each_matrix(k, k.shape(0), f); }

// ---- shape rules ----

// Rank at least 2; the batch dimensions.
inline Shape batch(ShapeCtx& c, int input = 0) {
  const Shape& s = c.shape(input);
  c.check(!s.known_rank() || s.rank() >= 2, "Input tensor {} must have rank >= 2, got {}", input, s.rank());
  return s.known_rank() ? s.slice(0, s.rank() - 2) : Shape::unknown();
}
inline void square(ShapeCtx& c) {
  const Shape& s = c.shape(0);
  batch(c);
  if (s.known_rank()) c.check(s.dim(-1) == s.dim(-2) || s.dim(-1) < 0 || s.dim(-2) < 0, "Input matrix must be square.");
}
inline void same_square(ShapeCtx& c) { square(c); c.same_as_input(); }

}  // namespace ninefold::ops::matrices
