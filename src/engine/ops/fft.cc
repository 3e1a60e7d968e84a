// In: rows of numbers. Out: their discrete Fourier transforms: FFT, IFFT, FFT2D, IFFT2D, RFFT, IRFFT.
// Sums are taken in double precision: powers of two by Cooley and Tukey, any other length by Bluestein's convolution.
#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <numbers>

#include "base/threads.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/extent.h"

namespace ninefold::ops {
namespace {

using Number = std::complex<double>;
using Row = std::vector<Number>;

// exp(sign i pi k / n), from an angle that is reduced exactly.
Number turn(int64_t k, int64_t n, double sign) {
  const double angle = sign * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
  return {std::cos(angle), std::sin(angle)};
}
void power_of_two(Row& x, double sign) {
  const size_t n = x.size();
  for (size_t i = 1, j = 0; i < n; ++i) {
    size_t bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(x[i], x[j]);
  }
  for (size_t half = 1; half < n; half *= 2) {
    Row turns(half);
    for (size_t k = 0; k < half; ++k) turns[k] = turn(static_cast<int64_t>(k), static_cast<int64_t>(half), sign);
    for (size_t from = 0; from < n; from += 2 * half)
      for (size_t k = 0; k < half; ++k) {
        const Number a = x[from + k], b = x[from + k + half] * turns[k];
        x[from + k] = a + b;
        x[from + k + half] = a - b;
      }
  }
}
// X_k = sum x_j exp(sign 2 pi i j k / n). Bluestein: jk = (j^2 + k^2 - (k - j)^2) / 2 makes it a convolution.
void transform(Row& x, double sign) {
  const size_t n = x.size();
  if (n < 2) return;
  if (std::has_single_bit(n)) return power_of_two(x, sign);
  const size_t wide = std::bit_ceil(2 * n - 1);
  Row chirp(n), a(wide), b(wide);
  for (size_t k = 0; k < n; ++k) {
    chirp[k] = turn(static_cast<int64_t>(k * k % (2 * n)), static_cast<int64_t>(n), sign);
    a[k] = x[k] * chirp[k];
    b[k] = std::conj(chirp[k]);
    if (k) b[wide - k] = b[k];
  }
  power_of_two(a, -1);
  power_of_two(b, -1);
  for (size_t k = 0; k < wide; ++k) a[k] *= b[k];
  power_of_two(a, 1);
  for (size_t k = 0; k < n; ++k) x[k] = a[k] / static_cast<double>(wide) * chirp[k];
}

template <class T>
void along_last(std::complex<T>* x, int64_t rows, int64_t n, bool inverse) {
  parallel_for(rows, std::max<int64_t>(1, 4096 / std::max<int64_t>(n, 1)), [&](int64_t begin, int64_t end) {
    Row row(static_cast<size_t>(n));
    for (int64_t r = begin; r < end; ++r) {
      for (int64_t i = 0; i < n; ++i) row[static_cast<size_t>(i)] = Number(x[r * n + i]);
      transform(row, inverse ? 1 : -1);
      const double scale = inverse ? 1.0 / static_cast<double>(n) : 1.0;
      for (int64_t i = 0; i < n; ++i) x[r * n + i] = std::complex<T>(row[static_cast<size_t>(i)] * scale);
    }
  });
}
template <class T>
void along_second_last(std::complex<T>* x, int64_t images, int64_t n, int64_t columns, bool inverse) {
  std::vector<std::complex<T>> line(static_cast<size_t>(n));
  for (int64_t i = 0; i < images; ++i)
    for (int64_t c = 0; c < columns; ++c) {
      std::complex<T>* image = x + i * n * columns + c;
      for (int64_t r = 0; r < n; ++r) line[static_cast<size_t>(r)] = image[r * columns];
      along_last(line.data(), 1, n, inverse);
      for (int64_t r = 0; r < n; ++r) image[r * columns] = line[static_cast<size_t>(r)];
    }
}
template <int rank, bool inverse>
void complex_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& s = k.shape(0);
  if (s.size() == 0) return;
  const auto run = [&](auto zero) {
    using T = decltype(zero);
    auto* to = static_cast<std::complex<T>*>(k.out<void>(0));
    std::memcpy(to, k.in<void>(0), k.in(0).bytes());
    const int64_t n = s.dim(-1);
    along_last(to, s.size() / n, n, inverse);
    if constexpr (rank == 2) along_second_last(to, s.size() / n / s.dim(-2), s.dim(-2), n, inverse);
  };
  if (k.dtype(0) == DType::c64) run(0.0f);
  else run(0.0);
}

template <int rank>
void complex_shape(ShapeCtx& c) {
  c.check(!c.shape(0).known_rank() || c.shape(0).rank() >= rank, "Input must have rank of at least {} but got: {}", rank, c.shape(0).str());
  c.same_as_input();
}
// The transform is symmetric, so its adjoint is the other direction, scaled by the number of elements.
template <int rank>
Tensor count_of(const Tensor& t) {
  const Tensor dims = op("StridedSlice", {op("Shape", {t}), int_vector({-rank}), int_vector({0}), int_vector({1})}, {{"end_mask", 1}});
  return op("Cast", {op("Prod", {dims, int_vector({0})})}, {{"DstT", t.dtype()}});
}
#define TRANSFORM(record, op_name, other, rank, inverse, text)                                                \
  const Op record = {                                                                                         \
      .name = op_name, .inputs = {"input: Tcomplex"}, .outputs = {"output: Tcomplex"},                        \
      .attrs = {"Tcomplex: {complex64, complex128} = complex64"}, .doc = text, .shape = complex_shape<rank>,  \
      .grad = [](GradCtx& g) {                                                                                \
        const Tensor back = op(other, {g.dy()});                                                              \
        g.to(0, inverse ? back / count_of<rank>(back) : back * count_of<rank>(back));                         \
      },                                                                                                      \
      .grad_reads = {},                                                                                       \
  };                                                                                                          \
  NINEFOLD_REGISTER(record);                                                                                  \
  NINEFOLD_KERNEL(record, "CPU", (Kernel{complex_cpu<rank, inverse>}))
TRANSFORM(fft, "FFT", "IFFT", 1, false, "The discrete Fourier transform along the last axis.");
TRANSFORM(ifft, "IFFT", "FFT", 1, true, "The inverse of FFT.");
TRANSFORM(fft2d, "FFT2D", "IFFT2D", 2, false, "The discrete Fourier transform along the last two axes.");
TRANSFORM(ifft2d, "IFFT2D", "FFT2D", 2, true, "The inverse of FFT2D.");
#undef TRANSFORM

// ---- real numbers: half of the spectrum says it all ----

int64_t length_of(const ShapeCtx& c) {
  c.check(!c.shape(1).known_rank() || (c.shape(1).rank() == 1 && (c.shape(1)[0] < 0 || c.shape(1)[0] == 1)),
          "fft_length must have shape [1]");
  const Tensor* n = c.value(1);
  if (n) c.check(n->int_at(0) >= 0, "fft_length[0] must be >= 0, but got: {}", n->int_at(0));
  return n ? n->int_at(0) : -1;
}
void real_shape(ShapeCtx& c) {
  const int64_t n = length_of(c);
  const Shape& s = c.shape(0);
  if (!s.known_rank()) return c.unknown();
  c.check(s.rank() >= 1, "Input must have rank of at least 1 but got: {}", s.str());
  c.check(n < 0 || s.dim(-1) < 0 || s.dim(-1) >= n || s.dim(-1) == 0, "Input dimension {} must have length of at least {} but got: {}",
          s.rank() - 1, n, s.dim(-1));
  Shape out = s;
  out.set(s.rank() - 1, n < 0 ? -1 : s.dim(-1) == 0 ? 0 : n / 2 + 1);
  c.output(out);
}
void from_real_shape(ShapeCtx& c) {
  const int64_t n = length_of(c);
  const Shape& s = c.shape(0);
  if (!s.known_rank()) return c.unknown();
  c.check(s.rank() >= 1, "Input must have rank of at least 1 but got: {}", s.str());
  c.check(n < 0 || s.dim(-1) < 0 || s.dim(-1) >= n / 2 + 1 || s.dim(-1) == 0, "Input dimension {} must have length of at least {} but got: {}",
          s.rank() - 1, n / 2 + 1, s.dim(-1));
  Shape out = s;
  out.set(s.rank() - 1, n < 0 ? -1 : s.dim(-1) == 0 ? 0 : n);
  c.output(out);
}
Extent length_of(GradCtx& g) { return Extent(op("Reshape", {g.in(1), int_vector({})})); }
const Op rfft = {
    .name = "RFFT", .inputs = {"input: Treal", "fft_length: int32"}, .outputs = {"output: Tcomplex"},
    .attrs = {"Treal: {float, double} = float", "Tcomplex: {complex64, complex128} = complex64"},
    .doc = "The first fft_length / 2 + 1 elements of the transform of real numbers.", .shape = real_shape,
    .grad = [](GradCtx& g) {
      if (!g.needs(0)) return;
      const Extent n = length_of(g);
      const Tensor whole = op("IFFT", {fitted(g.dy(), n)});
      const DType real = g.in(0).dtype();
      g.to(0, fitted(op("Real", {whole}, {{"Tout", real}}) * cast(n.tensor(), real), Extent::along(g.in(0), -1)));
    },
    .host = {"fft_length"}, .grad_reads = {"input", "fft_length"},
};
NINEFOLD_REGISTER(rfft);
const Op irfft = {
    .name = "IRFFT", .inputs = {"input: Tcomplex", "fft_length: int32"}, .outputs = {"output: Treal"},
    .attrs = {"Treal: {float, double} = float", "Tcomplex: {complex64, complex128} = complex64"},
    .doc = "The inverse of RFFT: fft_length real numbers.", .shape = from_real_shape,
    .grad = [](GradCtx& g) {
      if (!g.needs(0)) return;
      const Extent n = length_of(g);
      const DType complex = g.in(0).dtype();
      const Tensor spectrum = op("RFFT", {g.dy(), vector_of({n})}, {{"Tcomplex", complex}});
      const Tensor twice = counted(n / 2 + 1) * int_scalar(2), size = n.real();   // all but the ends stand twice
      const Tensor ends = op("LogicalOr", {op("Equal", {twice, int_scalar(0)}), op("Equal", {twice, n.tensor()})});
      const Tensor weights = op("SelectV2", {ends, Tensor(1.0) / size, Tensor(2.0) / size});
      g.to(0, fitted(spectrum * cast(weights, complex), Extent::along(g.in(0), -1)));
    },
    .host = {"fft_length"}, .grad_reads = {"input", "fft_length"},
};
NINEFOLD_REGISTER(irfft);

template <class T>
void rfft_in(KernelCtx& k) {
  const Shape &s = k.shape(0), &out = k.out(0).shape();
  const int64_t n = k.in(1).int_at(0), have = s.dim(-1), half = out.dim(-1);
  auto* to = static_cast<std::complex<T>*>(k.out<void>(0));
  Row row(static_cast<size_t>(std::max<int64_t>(n, 1)));   // of no numbers the sum is 0
  for (int64_t r = 0; r < out.size() / half; ++r) {
    for (int64_t i = 0; i < n; ++i) row[static_cast<size_t>(i)] = i < have ? static_cast<double>(k.in<T>(0)[r * have + i]) : 0.0;
    transform(row, -1);
    for (int64_t i = 0; i < half; ++i) to[r * half + i] = std::complex<T>(row[static_cast<size_t>(i)]);
  }
}
template <class T>
void irfft_in(KernelCtx& k) {
  const Shape& s = k.shape(0);
  const int64_t n = k.out(0).shape().dim(-1), have = s.dim(-1);
  const auto* from = static_cast<const std::complex<T>*>(k.in<void>(0));
  Row row(static_cast<size_t>(n));
  for (int64_t r = 0; r < k.out(0).shape().size() / n; ++r) {
    for (int64_t i = 0; i <= n / 2; ++i) {
      const Number v(from[r * have + i]);
      row[static_cast<size_t>(i)] = v;
      if (i && n - i != i) row[static_cast<size_t>(n - i)] = std::conj(v);
    }
    row[0] = row[0].real();
    if (n % 2 == 0) row[static_cast<size_t>(n / 2)] = row[static_cast<size_t>(n / 2)].real();
    transform(row, 1);
    for (int64_t i = 0; i < n; ++i) k.out<T>(0)[r * n + i] = static_cast<T>(row[static_cast<size_t>(i)].real() / static_cast<double>(n));
  }
}
NINEFOLD_KERNEL(rfft, "CPU", (Kernel{[](KernelCtx& k) {
  give_outputs(k);
  k.check((k.dtype(0) == DType::f64) == (k.out(0).dtype() == DType::c128), "Treal and Tcomplex must be of one precision");
  if (k.out(0).shape().size() == 0) return;
  k.dtype(0) == DType::f64 ? rfft_in<double>(k) : rfft_in<float>(k);
}}));
NINEFOLD_KERNEL(irfft, "CPU", (Kernel{[](KernelCtx& k) {
  give_outputs(k);
  k.check((k.dtype(0) == DType::c128) == (k.out(0).dtype() == DType::f64), "Treal and Tcomplex must be of one precision");
  if (k.out(0).shape().size() == 0) return;
  k.dtype(0) == DType::c128 ? irfft_in<double>(k) : irfft_in<float>(k);
}}));

}  // namespace
}  // namespace ninefold::ops
