// In: numbers on a GPU to be transformed. Out: what cuFFT is asked, rows that are fitted before and scaled afterwards.
#include "engine/ops/fft.gpu.h"

#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/place.h"
#include "engine/ops/fft_launch.h"
#include "engine/ops/moves.gpu.h"

namespace ninefold::ops {

using Kind = cuda::Fourier::Kind;

cuda::Fourier fourier_of(Kind kind, const Shape& shape, int rank, bool wide, int64_t n) {
  cuda::Fourier f{};
  f.kind = kind;
  f.wide = wide;
  f.rank = rank;
  f.batch = shape.slice(0, shape.rank() - rank).size();
  for (int i = 0; i < rank; ++i) f.size[i] = n >= 0 ? n : shape[shape.rank() - rank + i];
  return f;
}

namespace {

void scale(KernelCtx& k, bool wide, void* to, int64_t elements, double by) {
  cuda::launch(k.device(), wide ? "scale_double" : "scale_float", cuda::threads_for(elements), cuda::Scaling{elements, to, by});
}

template <int rank, bool inverse>
void complex_gpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& s = k.shape(0);
  if (s.size() == 0) return;
  const bool wide = k.dtype(0) == DType::c128;
  cuda::Fourier f = fourier_of(inverse ? Kind::back : Kind::forward, s, rank, wide);
  // cuFFT may write to what it reads: it gets the result's memory for both.
  move_run(k, k.dtype(0), k.out<void>(0), k.in<void>(0), s.size());
  f.from = f.to = k.out<void>(0);
  cuda::fourier(k.device(), k.op().name.c_str(), f);
  if (inverse) scale(k, wide, f.to, 2 * s.size(), 1.0 / static_cast<double>(s.size() / f.batch));
}

// Rows of `have` elements, of which the first n lie in memory of their own.
Tensor fitted_rows(KernelCtx& k, int64_t rows, int64_t have, int64_t n) {
  const DType d = k.dtype(0);
  const Tensor t = empty_on(k.device(), d, Shape{rows, n});
  const int64_t shape[] = {rows, n}, to[] = {n, 1}, from[] = {have, 1};
  move_strided(k, d, shape, t.impl()->data, to, k.in<void>(0), from);
  return t;
}
void rfft_gpu(KernelCtx& k) {
  give_outputs(k);
  const Shape &s = k.shape(0), &out = k.out(0).shape();
  const bool wide = k.dtype(0) == DType::f64;
  k.check(wide == (k.out(0).dtype() == DType::c128), "Treal and Tcomplex must be of one precision");
  if (out.size() == 0) return;
  const int64_t n = k.in(1).int_at(0);
  if (n == 0) return fill_run(k, k.out(0).dtype(), k.out<void>(0), nullptr, out.size());   // of no numbers the sum is 0
  cuda::Fourier f = fourier_of(Kind::from_real, s, 1, wide, n);
  const Tensor rows = fitted_rows(k, f.batch, s.dim(-1), n);
  f.from = rows.impl()->data, f.to = k.out<void>(0);
  cuda::fourier(k.device(), "RFFT", f);
}
void irfft_gpu(KernelCtx& k) {
  give_outputs(k);
  const Shape &s = k.shape(0), &out = k.out(0).shape();
  const bool wide = k.dtype(0) == DType::c128;
  k.check(wide == (k.out(0).dtype() == DType::f64), "Treal and Tcomplex must be of one precision");
  if (out.size() == 0) return;
  const int64_t n = out.dim(-1), half = n / 2 + 1;
  cuda::Fourier f = fourier_of(Kind::to_real, s, 1, wide, n);
  const Tensor rows = fitted_rows(k, f.batch, s.dim(-1), half);
  // The first number, and the one in the middle, are real in the spectrum of real numbers; what else they have does not count.
  const DType real = wide ? DType::f64 : DType::f32;
  const Tensor nothing = empty_on(k.device(), real, Shape{1});
  fill_run(k, real, nothing.impl()->data, nullptr, 1);
  const int64_t shape[] = {f.batch}, each[] = {2 * half}, none[] = {0};
  move_strided(k, real, shape, element(real, rows.impl()->data, 1), each, nothing.impl()->data, none);
  if (n % 2 == 0) move_strided(k, real, shape, element(real, rows.impl()->data, n + 1), each, nothing.impl()->data, none);
  f.from = rows.impl()->data, f.to = k.out<void>(0);
  cuda::fourier(k.device(), "IRFFT", f);
  scale(k, wide, f.to, out.size(), 1.0 / static_cast<double>(n));
}

const cuda::AtStart fft_start([] {
  constexpr DType complex[] = {DType::c64, DType::c128}, real[] = {DType::f32, DType::f64};
  add_gpu_kernel("FFT", Kernel{complex_gpu<1, false>}, complex);
  add_gpu_kernel("IFFT", Kernel{complex_gpu<1, true>}, complex);
  add_gpu_kernel("FFT2D", Kernel{complex_gpu<2, false>}, complex);
  add_gpu_kernel("IFFT2D", Kernel{complex_gpu<2, true>}, complex);
  add_gpu_kernel("RFFT", Kernel{rfft_gpu}, real);
  add_gpu_kernel("IRFFT", Kernel{irfft_gpu}, real);
});

}  // namespace
}  // namespace ninefold::ops
