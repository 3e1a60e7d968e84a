// In: matrices on a GPU (emulated, or a card). Out: factors, solutions, determinants, eigenvalues and singular values that
// are the CPU's, vectors that make the matrix again, the CPU's errors; and who meets whom in rounds of rotations.
#include <dlfcn.h>

#include <set>

#include "engine/ops/dense_linalg.gpu.h"
#include "same_on_both.h"

namespace ninefold {
namespace {

TEST(GpuPlans, InRoundsOfPairsEachMeetsAllOnce) {
  for (int64_t players : {2, 4, 6, 10, 64}) {
    std::set<std::pair<int64_t, int64_t>> met;
    for (int64_t round = 0; round < players - 1; ++round) {
      std::set<int64_t> seated;
      for (int64_t table = 0; table < players / 2; ++table) {
        const cuda::Pair pair = cuda::pair_of(players, round, table);
        EXPECT_LT(pair.p, pair.q);
        EXPECT_LT(pair.q, players);
        EXPECT_TRUE(seated.insert(pair.p).second && seated.insert(pair.q).second) << "one sits at two tables";
        met.insert({pair.p, pair.q});
      }
    }
    EXPECT_EQ(met.size(), static_cast<size_t>(players * (players - 1) / 2));
  }
}

struct BatchesRow {
  Shape own, all;
  int rank;                                  // of what is launched: neighbours that walk alike are one
  std::vector<int64_t> which;
};
TEST(GpuPlans, WhichMatrixOfABatchThatBroadcasts) {
  const BatchesRow rows[] = {
      {{}, {}, 0, {0}},
      {{6}, {6}, 1, {0, 1, 2, 3, 4, 5}},
      {{2, 3}, {2, 3}, 1, {0, 1, 2, 3, 4, 5}},
      {{}, {2, 2}, 1, {0, 0, 0, 0}},
      {{1, 1}, {2, 2}, 1, {0, 0, 0, 0}},
      {{3}, {2, 3}, 2, {0, 1, 2, 0, 1, 2}},
      {{2, 1}, {2, 3}, 2, {0, 0, 0, 1, 1, 1}},
      {{2, 1, 2}, {2, 3, 2}, 3, {0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3}},
      {{1, 2, 1, 1}, {1, 2, 1, 3}, 2, {0, 0, 0, 1, 1, 1}},
      {{0}, {0}, 1, {}},
      {{1}, {0}, 1, {}},
  };
  for (const BatchesRow& r : rows) {
    const cuda::Batches m = ops::batches_of(r.own, r.all);
    std::vector<int64_t> which;
    for (int64_t b = 0; b < r.all.size(); ++b) which.push_back(cuda::operand_of(m, b));
    EXPECT_EQ(which, r.which) << r.own.str() << " in " << r.all.str();
    EXPECT_EQ(m.rank, r.rank) << r.own.str() << " in " << r.all.str();
  }
}

Tensor cast_to(const Tensor& x, DType d) {
  const device::Within cpu("/device:CPU:0");
  return op("Cast", {x}, {{"DstT", d}});
}
// Fractions of [-1, 1], complex ones with both parts; `diagonal` is added to make a matrix well conditioned.
Tensor matrices(DType d, const Shape& shape, double diagonal = 0) {
  const device::Within cpu("/device:CPU:0");
  const bool complex = is_complex(d);
  std::vector<double> parts[2];
  for (auto& v : parts)
    for (int64_t i = 0; i < shape.size(); ++i) v.push_back(static_cast<double>(static_cast<int>(random_bits() % 2001) - 1000) / 1000);
  const int64_t n = shape.rank() ? shape.dim(-1) : 1;
  for (int64_t i = 0; i < shape.size(); ++i)
    if (shape.rank() >= 2 && i / n % shape.dim(-2) == i % n) parts[0][static_cast<size_t>(i)] += diagonal;
  const Tensor re = Tensor::of<double>(shape, parts[0]);
  return cast_to(complex ? op("Complex", {re, Tensor::of<double>(shape, parts[1])}, {{"Tout", DType::c128}}) : re, d);
}
// The greatest difference of two tensors' numbers, which may be complex.
double distance(const Tensor& a, const Tensor& b) {
  EXPECT_EQ(a.shape().str(), b.shape().str());
  EXPECT_EQ(a.dtype(), b.dtype());
  const device::Within cpu("/device:CPU:0");
  const Tensor x = op("Cast", {a}, {{"DstT", DType::c128}}), y = op("Cast", {b}, {{"DstT", DType::c128}});
  double most = 0;
  for (int64_t i = 0; i < a.size(); ++i) {
    const auto p = x.as<std::complex<double>>()[i], q = y.as<std::complex<double>>()[i];
    if (std::isnan(p.real()) && std::isnan(q.real())) continue;
    const double away = std::abs(p - q);
    most = away <= most ? most : away;           // a NaN stays
    if (std::isnan(away)) return away;
  }
  return most;
}
Tensors on_gpu(const char* name, const Tensors& in, const std::vector<NamedAttr>& attrs = {}) {
  const device::Within gpu("/device:GPU:0");
  return dispatch(find_op(name), in, Attrs(find_op(name), attrs));
}
double precision(DType d) { return d == DType::f32 || d == DType::c64 ? 2e-6 : 1e-12; }
void close_on_both(const char* name, const Tensors& in, const std::vector<NamedAttr>& attrs = {}, double scale = 1) {
  const Tensors want = on_cpu(find_op(name), in, attrs), got = on_gpu(name, in, attrs);
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_FALSE(on_host(got[i])) << name;
    EXPECT_LE(distance(got[i], want[i]), scale * precision(in[0].dtype())) << name << " " << name_of(in[0].dtype()) << in[0].shape().str() << " output " << i;
  }
}
constexpr DType kMatrixTypes[] = {DType::f32, DType::f64, DType::c64, DType::c128};

TEST_F(Gpu, FactorsAndSolutionsAreTheCpus) {
  for (DType d : kMatrixTypes)
    for (const Shape& s : {Shape{1, 1}, Shape{3, 3}, Shape{2, 3, 17, 17}, Shape{40, 40}, Shape{0, 3, 3}, Shape{2, 0, 0}}) {
      const Tensor a = matrices(d, s, 3), b = matrices(d, s.slice(0, s.rank() - 1).concat({5}));
      for (bool flag : {false, true}) {
        close_on_both("MatrixSolve", {a, b}, {{"adjoint", flag}}, 8);
        close_on_both("MatrixInverse", {a}, {{"adjoint", flag}}, 8);
        // What lies in the other triangle is not read.
        for (bool lower : {false, true}) close_on_both("MatrixTriangularSolve", {a, b}, {{"adjoint", flag}, {"lower", lower}}, 64);
      }
      for (DType index : {DType::i32, DType::i64}) close_on_both("Lu", {matrices(d, s)}, {{"output_idx_type", index}}, 64);
      const Tensor x = matrices(d, s);
      Tensor positive;
      {
        const device::Within cpu("/device:CPU:0");
        positive = op("BatchMatMulV2", {x, x}, {{"adj_y", true}}) + op("MatrixBandPart", {matrices(d, s, 2), Tensor(int64_t{0}), Tensor(int64_t{0})});
      }
      close_on_both("Cholesky", {positive}, {}, 64);
      close_on_both("Cholesky", {-positive});    // NaN
      close_on_both("MatrixDeterminant", {matrices(d, s, s.dim(-1) > 20 ? 0 : 1)}, {}, s.dim(-1) > 20 ? 1e7 : 1e4);
      close_on_both("LogMatrixDeterminant", {a}, {}, 32);
      if (HasFatalFailure()) return;
    }
}

Tensor product(const Tensor& a, const Tensor& b, bool adj_a = false, bool adj_b = false) {
  const device::Within cpu("/device:CPU:0");
  return op("BatchMatMulV2", {a, b}, {{"adj_x", adj_a}, {"adj_y", adj_b}});
}
Tensor identity(DType d, const Shape& like, int64_t n) {
  const device::Within cpu("/device:CPU:0");
  std::vector<double> one(static_cast<size_t>(n * n));
  for (int64_t i = 0; i < n; ++i) one[static_cast<size_t>(i * n + i)] = 1;
  return cast_to(op("BroadcastTo", {Tensor::of<double>({n, n}, one), numbers(like.slice(0, like.rank() - 2).concat({n, n}).vector())}), d);
}
Tensor column_scaled(const Tensor& a, const Tensor& by) {
  const device::Within cpu("/device:CPU:0");
  return a * op("ExpandDims", {by, Tensor(-2)});
}

// A single large matrix is cuSOLVER's, where that is; a batch of two is not.
struct Asked {
  Asked() {
    void* const library = dlopen(std::getenv("NINEFOLD_CUDA_LIBRARY"), RTLD_NOW | RTLD_NOLOAD);
    count = library ? reinterpret_cast<int (*)()>(dlsym(library, "ninefold_emulated_solved")) : nullptr;
  }
  int operator()() const { return count ? count() : -1; }   // on a card nobody counts
  int (*count)() = nullptr;
};
TEST_F(Gpu, LargeMatricesAreTheSolvers) {
  const Asked asked;
  for (const bool there : {true, false}) {
    if (!there && asked() < 0) continue;
    if (!there) setenv("NINEFOLD_EMULATED_WITHOUT_SOLVER", "1", 1);
    for (const DType d : {DType::f32, DType::f64, DType::c128})
      for (const Shape& s : {Shape{130, 130}, Shape{1, 129, 129}, Shape{127, 127}, Shape{2, 130, 130}}) {
        // Own kernels take long for these where they are loops: one row of each kind.
        if ((!there || s.dim(-1) == 127 || s.dim(0) == 2) && (d != DType::f64 || (!there && s.rank() != 3))) continue;
        const int before = asked();
        const bool solver = there && s.dim(-1) > 127 && s.dim(0) != 2;
        const Tensor a = matrices(d, s, 12), b = matrices(d, s.slice(0, s.rank() - 1).concat({3})), x = matrices(d, s);
        close_on_both("MatrixSolve", {a, b}, {}, 64);
        close_on_both("MatrixInverse", {a}, {{"adjoint", true}}, 64);
        close_on_both("Lu", {a}, {}, 640);
        close_on_both("LogMatrixDeterminant", {a}, {}, 1e3);
        Tensor positive;
        {
          const device::Within cpu("/device:CPU:0");
          positive = op("BatchMatMulV2", {x, x}, {{"adj_y", true}}) + op("MatrixBandPart", {cast_to(matrices(DType::f64, s, 9), d), Tensor(int64_t{0}), Tensor(int64_t{0})});
        }
        close_on_both("Cholesky", {positive}, {}, 640);
        close_on_both("Cholesky", {-positive});  // NaN
        if (asked() >= 0) {
          EXPECT_EQ(asked() - before, solver ? 6 : 0) << s.str();
        }
        if (HasFatalFailure()) return;
        if (!solver) continue;                   // smaller ones are the rotations' own test
        const Tensors eigen = on_gpu("SelfAdjointEigV2", {positive}, {{"compute_v", true}});
        const double near = 1e5 * precision(d);
        EXPECT_LE(distance(on_gpu("SelfAdjointEigV2", {positive}, {{"compute_v", false}})[0], eigen[0]), near) << s.str();
        if (asked() >= 0) {
          EXPECT_EQ(asked() - before, 8) << s.str();
        }
        EXPECT_LE(distance(eigen[0], on_cpu(find_op("SelfAdjointEigV2"), {positive}, {})[0]), near) << s.str();
        EXPECT_LE(distance(product(column_scaled(eigen[1], eigen[0]), eigen[1], false, true), positive), near) << s.str();
      }
    unsetenv("NINEFOLD_EMULATED_WITHOUT_SOLVER");
  }
}
TEST_F(Gpu, LargeSingularValuesAreTheSolvers) {
  const Asked asked;
  for (const Shape& s : {Shape{130, 128}, Shape{128, 131}, Shape{1, 129, 129}})
    for (const bool full : {false, true}) {
      const int before = asked();
      const Tensor a = matrices(DType::f64, s);
      const std::vector<NamedAttr> attrs = {{"full_matrices", full}, {"compute_uv", true}};
      const Tensors got = on_gpu("Svd", {a}, attrs);
      EXPECT_LE(distance(got[0], on_cpu(find_op("Svd"), {a}, attrs)[0]), 1e-10) << s.str();
      for (int i : {1, 2}) {
        const Tensor& v = got[static_cast<size_t>(i)];
        EXPECT_LE(distance(product(v, v, true), identity(DType::f64, s, v.dim(-1))), 1e-10) << s.str() << full << " of output " << i;
      }
      const auto thin = [&](const Tensor& v) {
        const device::Within cpu("/device:CPU:0");
        std::vector<int64_t> begin(static_cast<size_t>(v.rank()), 0), size(begin.size(), -1);
        size.back() = std::min(s.dim(-1), s.dim(-2));
        return op("Slice", {v, numbers(begin), numbers(size)});
      };
      EXPECT_LE(distance(product(column_scaled(thin(got[1]), got[0]), thin(got[2]), false, true), a), 1e-10) << s.str() << full;
      if (before >= 0) {
        EXPECT_EQ(asked() - before, 1);
      }
    }
}
TEST_F(Gpu, WhatTheSolverCannotInvertRaisesTheCpusError) {
  const Tensor a = Tensor::zeros(DType::f64, {130, 130});
  try {
    on_gpu("MatrixInverse", {a});
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_NE(e.message().find("Input is not invertible."), std::string::npos) << e.message();
  }
}

TEST_F(Gpu, TridiagonalSystemsAreTheCpus) {
  for (DType d : kMatrixTypes)
    for (int64_t n : {1, 2, 3, 20, 0})
      for (bool pivot : {false, true}) {
        Tensor diagonals = matrices(d, {4, 3, n}), b = matrices(d, {4, n, 2});
        if (!pivot) {
          const device::Within cpu("/device:CPU:0");
          diagonals = diagonals + cast_to(Tensor::of<double>({3, 1}, {0, 4, 0}), d);
        }
        close_on_both("TridiagonalSolve", {diagonals, b}, {{"partial_pivoting", pivot}}, 1e3);
      }
  const Tensor singular = Tensor::zeros(DType::f64, {3, 3});
  close_on_both("TridiagonalSolve", {singular, Tensor::zeros(DType::f64, {3, 1})}, {{"perturb_singular", true}});
}

struct BroadcastRow { Shape matrix, rhs; };
TEST_F(Gpu, TriangularSystemsOfBroadcastBatchesAreTheCpus) {
  const BroadcastRow rows[] = {
      {{3, 3}, {2, 4, 3, 2}}, {{2, 4, 3, 3}, {3, 2}}, {{2, 1, 3, 3}, {4, 3, 2}}, {{4, 1, 2, 3, 3}, {1, 5, 1, 3, 1}},
      {{1, 1, 3, 3}, {1, 3, 3}}, {{2, 3, 3}, {0, 1, 3, 2}}, {{0, 1, 2, 2}, {5, 2, 1}}, {{3, 1, 0, 0}, {2, 0, 4}},
  };
  for (DType d : kMatrixTypes)
    for (const BroadcastRow& r : rows)
      for (bool adjoint : {false, true})
        close_on_both("MatrixTriangularSolve", {matrices(d, r.matrix, 3), matrices(d, r.rhs)}, {{"adjoint", adjoint}, {"lower", !adjoint}}, 64);
}

TEST_F(Gpu, WhatHasNoInverseRaisesTheCpusError) {
  const Tensor a = Tensor::of<float>({2, 2, 2}, {1, 0, 0, 1, 1, 2, 2, 4}), b = Tensor::zeros(DType::f32, {2, 2, 1});
  struct Row { const char* name; Tensors in; };
  for (const Row& r : {Row{"MatrixSolve", {a, b}}, {"MatrixInverse", {a}}, {"Lu", {a}}, {"TridiagonalSolve", {Tensor::zeros(DType::f32, {3, 2}), Tensor::zeros(DType::f32, {2, 1})}}}) {
    std::string said[2];
    for (int gpu = 0; gpu < 2; ++gpu) try {
        gpu ? on_gpu(r.name, r.in) : on_cpu(find_op(r.name), r.in, {});
        ADD_FAILURE() << r.name;
      } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::invalid_argument);
        said[gpu] = e.message();
      }
    EXPECT_EQ(said[0], said[1]) << r.name;
  }
}

TEST_F(Gpu, EigenvaluesAreTheCpusAndVectorsMakeTheMatrixAgain) {
  for (DType d : kMatrixTypes)
    for (const Shape& s : {Shape{1, 1}, Shape{2, 2}, Shape{3, 2, 5, 5}, Shape{24, 24}, Shape{0, 3, 3}}) {
      Tensor a = matrices(d, s);
      {
        const device::Within cpu("/device:CPU:0");
        a = op("BatchMatMulV2", {a, a}, {{"adj_y", true}}) - cast_to(matrices(DType::f64, {}), d) * op("OnesLike", {a});
      }
      // What lies above the diagonal is not read, nor the diagonal's imaginary parts.
      const Tensor any = matrices(d, s);
      EXPECT_LE(distance(on_gpu("SelfAdjointEigV2", {any})[0], on_cpu(find_op("SelfAdjointEigV2"), {any}, {})[0]), 50 * precision(d)) << s.str();
      const Tensors got = on_gpu("SelfAdjointEigV2", {a}, {{"compute_v", true}});
      const double near = 50 * precision(d);
      EXPECT_LE(distance(got[0], on_cpu(find_op("SelfAdjointEigV2"), {a}, {})[0]), near) << s.str();
      EXPECT_LE(distance(product(column_scaled(got[1], got[0]), got[1], false, true), a), near) << s.str();
      EXPECT_LE(distance(product(got[1], got[1], true), identity(d, s, s.dim(-1))), near) << s.str();
      EXPECT_LE(distance(on_gpu("SelfAdjointEigV2", {a}, {{"compute_v", false}})[0], got[0]), near);
    }
}

TEST_F(Gpu, SingularValuesAreTheCpusAndVectorsMakeTheMatrixAgain) {
  for (DType d : {DType::f32, DType::f64})
    for (const Shape& s : {Shape{1, 1}, Shape{4, 3}, Shape{3, 4}, Shape{2, 3, 7, 5}, Shape{20, 20}, Shape{5, 1}, Shape{0, 3, 2}})
      for (bool full : {false, true})
        for (bool poor : {false, true}) {        // of less than full rank: the last column is zero
          Tensor a = matrices(d, s);
          if (poor) {
            const device::Within cpu("/device:CPU:0");
            std::vector<double> keep(static_cast<size_t>(s.dim(-1)), 1);
            keep.back() = 0;
            a = a * cast_to(Tensor::of<double>({s.dim(-1)}, keep), d);
          }
          const std::vector<NamedAttr> attrs = {{"full_matrices", full}, {"compute_uv", true}};
          const Tensors got = on_gpu("Svd", {a}, attrs), want = on_cpu(find_op("Svd"), {a}, attrs);
          const double near = 50 * precision(d);
          EXPECT_LE(distance(got[0], want[0]), near) << s.str();
          for (int i : {1, 2}) {
            const Tensor& v = got[static_cast<size_t>(i)];
            EXPECT_EQ(v.shape().str(), want[static_cast<size_t>(i)].shape().str());
            EXPECT_LE(distance(product(v, v, true), identity(d, s, v.dim(-1))), near) << s.str() << full << poor << " of output " << i;
          }
          const int64_t k = std::min(s.dim(-1), s.dim(-2));
          const auto thin = [&](const Tensor& v) {
            const device::Within cpu("/device:CPU:0");
            std::vector<int64_t> begin(static_cast<size_t>(v.rank()), 0), size(begin.size(), -1);
            size.back() = k;
            return op("Slice", {v, numbers(begin), numbers(size)});
          };
          EXPECT_LE(distance(product(column_scaled(thin(got[1]), got[0]), thin(got[2]), false, true), a), near) << s.str() << full << poor;
          if (HasFatalFailure()) return;
        }
}

}  // namespace
}  // namespace ninefold
