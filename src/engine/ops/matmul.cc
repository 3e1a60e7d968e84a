// In: two matrices, or batches of them. Out: their product, by one prepared plan a shape (device/cpu/gemm).
#include <vector>

#include "base/check.h"
#include "base/float16.h"
#include "engine/device/cpu/gemm.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/scope.h"
#include "engine/op/shape_ctx.h"

namespace ninefold::ops {
namespace {

const Op mat_mul = {
    .name = "MatMul",
    .inputs = {"a: T", "b: T"},
    .outputs = {"product: T"},
    .attrs = {"transpose_a: bool = false", "transpose_b: bool = false",
              "T: {bfloat16, half, float, double, int32, int64, complex64, complex128}"},
    .doc = "Product of a [m, k] and b [k, n].",
    .shape = [](ShapeCtx& c) {
      for (int i = 0; i < 2; ++i)
        c.check(!c.shape(i).known_rank() || c.shape(i).rank() >= 2, "In[{}] ndims must be >= 2", i);
      for (int i = 0; i < 2; ++i)
        c.check(!c.shape(i).known_rank() || c.shape(i).rank() == 2, "In[0] and In[1] has different ndims: {} vs. {}",
                c.shape(0).str(), c.shape(1).str());
      auto [m, k] = c.matrix("a", c.flag("transpose_a"));
      auto [k2, n] = c.matrix("b", c.flag("transpose_b"));
      const bool fits = k == k2 || k < 0 || k2 < 0;
      c.check(fits || !scope().tracer(), "Dimensions must be equal, but are {} and {}", k, k2);
      c.check(fits, "Matrix size-incompatible: In[0]: {}, In[1]: {}", c.shape(0).str(),
              c.shape(1).str());
      c.output({m, n});
    },
    // d(op(A) op(B)), written with the op itself, so that second derivatives come for free.
    .grad = [](GradCtx& g) {
      const bool ta = g.flag("transpose_a"), tb = g.flag("transpose_b");
      auto conj = [](const Tensor& t) { return is_complex(t.dtype()) ? op("Conj", {t}) : t; };
      auto product = [](const Tensor& a, const Tensor& b, bool left, bool right) {
        return op("MatMul", {a, b}, {{"transpose_a", left}, {"transpose_b", right}});
      };
      const Tensor dy = g.dy(), a = conj(g.in(0)), b = conj(g.in(1));
      if (g.needs(0)) g.to(0, ta ? product(b, dy, tb, true) : product(dy, b, false, !tb));
      if (g.needs(1)) g.to(1, tb ? product(dy, a, true, ta) : product(a, dy, !ta, false));
    },
};
NINEFOLD_REGISTER(mat_mul);

cpu::GemmSpec spec(KernelCtx& k) {
  const bool ta = k.flag("transpose_a"), tb = k.flag("transpose_b");
  cpu::GemmSpec s;
  s.m = k.shape(0)[ta ? 1 : 0];
  s.k = k.shape(0)[ta ? 0 : 1];
  s.n = k.shape(1)[tb ? 0 : 1];
  s.transpose_a = ta;
  s.transpose_b = tb;
  return s;
}

template <class T>
struct Planned : KernelState {
  explicit Planned(const cpu::GemmSpec& s) : plan(s) {}
  cpu::GemmPlan<T> plan;
};
template <class T>
std::unique_ptr<KernelState> prepare(KernelCtx& k) { return std::make_unique<Planned<T>>(spec(k)); }
template <class T>
void planned(KernelCtx& k) {
  auto& plan = k.state<Planned<T>>().plan;
  plan.run(k.in<T>(0), k.in<T>(1), k.out<T>(0), plan.scratch() ? k.scratch(plan.scratch()) : nullptr);
}
template <class T>
void plain(KernelCtx& k) { cpu::gemm_plain<T>(spec(k), k.in<T>(0), k.in<T>(1), k.out<T>(0)); }

template <cpu::Narrow kind>
struct PlannedNarrow : KernelState {
  explicit PlannedNarrow(const cpu::GemmSpec& s) : gemm(s, kind) {}
  cpu::NarrowGemm gemm;
};
template <cpu::Narrow kind>
std::unique_ptr<KernelState> prepare_narrow(KernelCtx& k) { return std::make_unique<PlannedNarrow<kind>>(spec(k)); }
template <cpu::Narrow kind>
void narrow(KernelCtx& k) {
  auto& gemm = k.state<PlannedNarrow<kind>>().gemm;
  gemm.run(k.in<uint16_t>(0), k.in<uint16_t>(1), k.out<uint16_t>(0), k.scratch(gemm.scratch()));
}

NINEFOLD_KERNEL(mat_mul, "CPU", (Kernel{planned<float>, prepare<float>}), DType::f32);
NINEFOLD_KERNEL(mat_mul, "CPU", (Kernel{planned<double>, prepare<double>}), DType::f64);
NINEFOLD_KERNEL(mat_mul, "CPU", (Kernel{narrow<cpu::Narrow::half>, prepare_narrow<cpu::Narrow::half>}), DType::f16);
NINEFOLD_KERNEL(mat_mul, "CPU", (Kernel{narrow<cpu::Narrow::bfloat16>, prepare_narrow<cpu::Narrow::bfloat16>}),
                DType::bf16);
NINEFOLD_KERNEL(mat_mul, "CPU", Kernel{plain<int32_t>}, DType::i32);
NINEFOLD_KERNEL(mat_mul, "CPU", Kernel{plain<int64_t>}, DType::i64);
NINEFOLD_KERNEL(mat_mul, "CPU", Kernel{plain<std::complex<float>>}, DType::c64);
NINEFOLD_KERNEL(mat_mul, "CPU", Kernel{plain<std::complex<double>>}, DType::c128);

// ---- SparseMatMul: float or bfloat16 in, float out. Where the zeros are is not looked at: the product of wholes is faster ----

const Op sparse_mat_mul = {
    .name = "SparseMatMul",
    .inputs = {"a: Ta", "b: Tb"},
    .outputs = {"product: float"},
    .attrs = {"transpose_a: bool = false", "transpose_b: bool = false", "a_is_sparse: bool = false", "b_is_sparse: bool = false",
              "Ta: {float, bfloat16} = float", "Tb: {float, bfloat16} = float"},
    .doc = "Product of a [m, k] and b [k, n], many of whose numbers are zero.",
    .shape = [](ShapeCtx& c) {
      for (int i = 0; i < 2 && !scope().tracer(); ++i) c.check(c.shape(i).rank() == 2, "{} is not a matrix", i == 0 ? "a" : "b");
      auto [m, k] = c.matrix("a", c.flag("transpose_a"));
      auto [k2, n] = c.matrix("b", c.flag("transpose_b"));
      const bool fits = k == k2 || k < 0 || k2 < 0;
      c.check(fits || !scope().tracer(), "Dimensions must be equal, but are {} and {}", k, k2);
      c.check(fits, "Matrix size incompatible: a: {}, b: {}", c.shape(0).str(), c.shape(1).str());
      c.output({m, n});
    },
    .grad = [](GradCtx& g) {
      const bool ta = g.flag("transpose_a"), tb = g.flag("transpose_b");
      const Tensor dy = g.dy();
      const auto to = [&](int i, const Tensor& a, const Tensor& b, bool left, bool right) {
        const Tensor d = op("SparseMatMul", {a, b}, {{"transpose_a", left}, {"transpose_b", right}});
        const DType wanted = g.in(i).dtype();
        g.to(i, wanted == DType::f32 ? d : op("Cast", {d}, {{"DstT", wanted}}));
      };
      if (g.needs(0)) ta ? to(0, g.in(1), dy, tb, true) : to(0, dy, g.in(1), false, !tb);
      if (g.needs(1)) tb ? to(1, dy, g.in(0), true, ta) : to(1, g.in(0), dy, !ta, false);
    },
};
NINEFOLD_REGISTER(sparse_mat_mul);

void sparse(KernelCtx& k) {
  auto& plan = k.state<Planned<float>>().plan;
  std::vector<float> wide[2];
  const float* in[2];
  for (int i = 0; i < 2; ++i) {
    if (k.dtype(i) == DType::f32) {
      in[i] = k.in<float>(i);
      continue;
    }
    wide[i].resize(static_cast<size_t>(k.in(i).size()));
    bfloat16_to_float(k.in<uint16_t>(i), wide[i].data(), wide[i].size());
    in[i] = wide[i].data();
  }
  plan.run(in[0], in[1], k.out<float>(0), plan.scratch() ? k.scratch(plan.scratch()) : nullptr);
}
NINEFOLD_KERNEL(sparse_mat_mul, "CPU", (Kernel{sparse, prepare<float>}));

}  // namespace
}  // namespace ninefold::ops
