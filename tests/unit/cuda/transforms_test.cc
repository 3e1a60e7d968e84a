// In: rows of numbers, elements of sparse tensors on a GPU (emulated, or a card). Out: the CPU's Fourier transforms, orders
// and products; what cuFFT is asked, and what is said where it is not there.
#include <cstdlib>

#include "engine/ops/fft.gpu.h"
#include "same_on_both.h"

namespace ninefold {
namespace {

using Kind = cuda::Fourier::Kind;
TEST(GpuPlans, TransformsOfRowsAndImages) {
  const cuda::Fourier row = ops::fourier_of(Kind::forward, {2, 3, 8}, 1, false), image = ops::fourier_of(Kind::back, {2, 3, 8}, 2, true);
  EXPECT_EQ(row.batch, 6);
  EXPECT_EQ(row.size[0], 8);
  EXPECT_FALSE(row.wide);
  EXPECT_EQ(image.batch, 2);
  EXPECT_EQ(image.size[0], 3);
  EXPECT_EQ(image.size[1], 8);
  const cuda::Fourier real = ops::fourier_of(Kind::to_real, {5, 9}, 1, false, 12);
  EXPECT_EQ(real.size[0], 12) << "as many as there are real numbers";
  EXPECT_EQ(real.batch, 5);
}

Tensor complex_numbers(DType d, const Shape& s) {
  const device::Within cpu("/device:CPU:0");
  const Tensor re = whole(DType::f64, s, 20), im = whole(DType::f64, s, 20);
  return op("Cast", {op("Complex", {re, im}, {{"Tout", DType::c128}})}, {{"DstT", d}});
}
// Within a part of the greatest number, real and imaginary parts alike.
void near_on_both(const char* name, const Tensors& in, const std::vector<NamedAttr>& attrs = {}, double part = 1e-13) {
  const Tensors want = on_cpu(find_op(name), in, attrs);
  const device::Within gpu("/device:GPU:0");
  const Tensor got = dispatch(find_op(name), in, Attrs(find_op(name), attrs))[0];
  ASSERT_EQ(got.dtype(), want[0].dtype());
  ASSERT_EQ(got.shape().str(), want[0].shape().str());
  EXPECT_FALSE(on_host(got));
  const bool narrow = got.dtype() == DType::f32 || got.dtype() == DType::c64;
  const device::Within cpu("/device:CPU:0");
  const Tensor x = op("Cast", {got}, {{"DstT", DType::c128}}), y = op("Cast", {want[0]}, {{"DstT", DType::c128}});
  double most = 1;
  for (int64_t i = 0; i < y.size(); ++i) most = std::max(most, std::abs(y.as<std::complex<double>>()[i]));
  for (int64_t i = 0; i < y.size(); ++i)
    ASSERT_LE(std::abs(x.as<std::complex<double>>()[i] - y.as<std::complex<double>>()[i]), most * (narrow ? 1e-6 : part)) << name << in[0].shape().str() << " " << i;
}

TEST_F(Gpu, FourierTransformsAreTheCpus) {
  for (DType d : {DType::c64, DType::c128})
    for (const Shape& s : {Shape{1}, Shape{8}, Shape{3, 7}, Shape{2, 3, 12}, Shape{4, 5, 6}, Shape{0, 4}})
      for (const char* name : {"FFT", "IFFT", "FFT2D", "IFFT2D"}) {
        if (s.rank() < 2 && std::string(name).ends_with("2D")) continue;
        near_on_both(name, {complex_numbers(d, s)});
      }
  for (bool wide : {false, true})
    for (int64_t n : {0, 1, 2, 5, 8, 12})
      for (int64_t more : {0, 3}) {
        const DType real = wide ? DType::f64 : DType::f32, complex = wide ? DType::c128 : DType::c64;
        const std::vector<NamedAttr> attrs = {{"Treal", real}, {"Tcomplex", complex}};
        near_on_both("RFFT", {whole(real, {2, 3, n + more}, 20), numbers({n})}, attrs);
        near_on_both("IRFFT", {complex_numbers(complex, {2, 3, n / 2 + 1 + more}), numbers({n})}, attrs);
        if (HasFatalFailure()) return;
      }
  const Tensor x = complex_numbers(DType::c64, {4}), before = complex_numbers(DType::c64, {3});
  near_on_both("IRFFT", {before, numbers({4})}, {{"Treal", DType::f32}, {"Tcomplex", DType::c64}});
  near_on_both("IRFFT", {before, numbers({4})}, {{"Treal", DType::f32}, {"Tcomplex", DType::c64}});   // what it read is as it was
  setenv("NINEFOLD_EMULATED_WITHOUT_FFT", "1", 1);
  try {
    const device::Within gpu("/device:GPU:0");
    op("FFT", {x});
    if (std::string(std::getenv("NINEFOLD_CUDA_LIBRARY")).find("emulated") != std::string::npos) ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::failed_precondition);
    EXPECT_EQ(e.message().find("FFT: transforms on the GPU need cuFFT"), 0u) << e.message();
  }
  unsetenv("NINEFOLD_EMULATED_WITHOUT_FFT");
}

TEST_F(Gpu, SparseTensorsBecomeDenseAsOnTheCpu) {
  const Shape places{4, 2};
  for (DType index : {DType::i32, DType::i64})
    for (DType d : {DType::f32, DType::f16, DType::u8, DType::boolean, DType::f64}) {
      const Tensor zero = whole(d, {}, 1), values = whole(d, {4}, 1);
      same_on_both("SparseToDense", {numbers({0, 1, 0, 4, 2, 0, 2, 3}, index, &places), numbers({3, 5}, index), values, zero});
      same_on_both("SparseToDense", {numbers({2, 5, 6}, index), numbers({9}, index), whole(d, {}, 1), zero});
      // In any order, and twice at one place: the last one wins.
      same_on_both("SparseToDense", {numbers({2, 3, 0, 1, 2, 3, 2, 0}, index, &places), numbers({3, 5}, index), values, zero}, {{"validate_indices", false}});
      same_on_both("SparseToDense", {numbers({}, index), numbers({4}, index), whole(d, {0}), zero});
    }
  std::string said[2];
  for (int gpu = 0; gpu < 2; ++gpu) try {
      const device::Within there(gpu ? "/device:GPU:0" : "/device:CPU:0");
      op("SparseToDense", {numbers({3, 9}), numbers({9}), Tensor::of<float>({2}, {1, 2}), Tensor(0.0f)});
      ADD_FAILURE();
    } catch (const Error& e) {
      said[gpu] = e.message();
    }
  EXPECT_EQ(said[0], said[1]);
}

TEST_F(Gpu, SparseElementsAreOrderedAsOnTheCpu) {
  for (int64_t n : {0, 1, 2, 7, 64, 1025}) {
    std::vector<int64_t> at, values;
    for (int64_t i = 0; i < n; ++i) {
      at.push_back(static_cast<int64_t>(random_bits() % 5));
      at.push_back(static_cast<int64_t>(random_bits() % 7));
      at.push_back(static_cast<int64_t>(random_bits() % 3));
      values.push_back(i % 100);                 // of one place the first stays first
    }
    const Shape s{n, 3};
    for (DType d : {DType::f32, DType::i64, DType::u8, DType::f16}) {
      same_on_both("SparseReorder", {numbers(at, DType::i64, &s), numbers(values, d), numbers({5, 7, 3}, DType::i64)});
      if (HasFatalFailure()) return;
    }
  }
}

TEST_F(Gpu, SparseProductsAreTheCpus) {
  const Shape s{6, 2};
  const Tensor sizes = numbers({4, 5}, DType::i64);
  for (DType index : {DType::i64, DType::i32}) {
    const Tensor at = numbers({0, 1, 0, 4, 2, 0, 2, 0, 3, 3, 1, 2}, index, &s);
    for (DType d : {DType::f32, DType::f64, DType::i32, DType::c64, DType::c128})
      for (bool adjoint_a : {false, true})
        for (bool adjoint_b : {false, true})
          for (bool ordered : {false, true}) {
            const int64_t inner = adjoint_a ? 4 : 5;
            const Shape b = adjoint_b ? Shape{3, inner} : Shape{inner, 3};
            device::set_deterministic(ordered);
            const std::vector<NamedAttr> attrs = {{"adjoint_a", adjoint_a}, {"adjoint_b", adjoint_b}};
            same_on_both("SparseTensorDenseMatMul", {at, is_complex(d) ? complex_numbers(d, {6}) : whole(d, {6}), sizes, is_complex(d) ? complex_numbers(d, b) : whole(d, b)}, attrs);
            device::set_deterministic(false);
            if (HasFatalFailure()) return;
          }
  }
}

}  // namespace
}  // namespace ninefold
