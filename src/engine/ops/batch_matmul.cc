// In: batches of matrices, whose leading dimensions broadcast. Out: their products; tf.matmul for any rank.
#include <algorithm>

#include "base/check.h"
#include "base/threads.h"
#include "engine/device/cpu/gemm.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/nn_common.h"

namespace ninefold::ops {
namespace {

const Op batch_mat_mul = {
    .name = "BatchMatMulV2", .inputs = {"x: T", "y: T"}, .outputs = {"output: T"},
    .attrs = {"T: {bfloat16, half, float, double, int16, int32, int64, complex64, complex128}",
              "adj_x: bool = false", "adj_y: bool = false"},
    .doc = "Products of the matrices in the last two dimensions; the others broadcast. adj: conjugate transpose.",
    .shape = [](ShapeCtx& c) {
      const Shape &x = c.shape(0), &y = c.shape(1);
      for (int i = 0; i < 2; ++i)
        c.check(!c.shape(i).known_rank() || c.shape(i).rank() >= 2, "In[{}] ndims must be >= 2: {}", i, c.shape(i).rank());
      if (!x.known_rank() || !y.known_rank()) return c.unknown();
      const bool ax = c.flag("adj_x"), ay = c.flag("adj_y");
      Shape batch;
      try {
        batch = c.broadcast(x.slice(0, x.rank() - 2), y.slice(0, y.rank() - 2));
      } catch (const Error&) {
        c.check(false, "In[0] and In[1] must have compatible batch dimensions: {} vs. {}", x.str(), y.str());
      }
      const int64_t m = x.dim(ax ? -1 : -2), k = x.dim(ax ? -2 : -1), k2 = y.dim(ay ? -1 : -2), n = y.dim(ay ? -2 : -1);
      c.check(k < 0 || k2 < 0 || k == k2, "lhs mismatch rhs shape: {} vs. {}: {} {} {:d} {:d}", k, k2, x.str(), y.str(), ax, ay);
      c.output(batch.concat({m, n}));
    },
    .grad = [](GradCtx& g) {
      auto product = [](const Tensor& a, const Tensor& b, bool adj_a, bool adj_b) {
        return op("BatchMatMulV2", {a, b}, {{"adj_x", adj_a}, {"adj_y", adj_b}});
      };
      const Tensor x = g.in(0), y = g.in(1), dy = g.dy();
      const bool ax = g.flag("adj_x"), ay = g.flag("adj_y");
      if (g.needs(0)) g.to_broadcast(0, ax ? product(y, dy, ay, true) : product(dy, y, false, !ay));
      if (g.needs(1)) g.to_broadcast(1, ay ? product(dy, x, true, ax) : product(x, dy, !ax, false));
    },
};
NINEFOLD_REGISTER(batch_mat_mul);

// What the shapes say: one product, repeated `batch` times in steps, or a list of pairs of matrices.
struct Batches {
  explicit Batches(const KernelCtx& k) {
    const Shape &x = k.shape(0), &y = k.shape(1);
    const bool ax = k.flag("adj_x"), ay = k.flag("adj_y");
    one.m = x.dim(ax ? -1 : -2), one.k = x.dim(ax ? -2 : -1), one.n = y.dim(ay ? -2 : -1);
    one.transpose_a = ax, one.transpose_b = ay;
    const Shape batch_x = x.slice(0, x.rank() - 2), batch_y = y.slice(0, y.rank() - 2);
    const int64_t nx = batch_x.size(), ny = batch_y.size();
    const Shape out = k.out(0).shape();
    const Shape batch = out.slice(0, out.rank() - 2);
    count = batch.size();
    if ((nx == count || nx == 1) && (ny == count || ny == 1)) {
      regular = true;
      if (ny == 1 && !ax && count > 0) {   // rows of all matrices x are rows of one
        one.m *= count;
      } else {
        one.batch = count;
        one.step_a = nx == 1 ? 0 : -1;
        one.step_b = ny == 1 ? 0 : -1;
      }
      return;
    }
    offsets(batch, batch_x, from_x);
    offsets(batch, batch_y, from_y);
  }
  cpu::GemmSpec one;
  int64_t count = 0;
  bool regular = false;
  std::vector<int64_t> from_x, from_y;   // which matrix goes into product i

 private:
  static void offsets(const Shape& all, const Shape& own, std::vector<int64_t>& to) {
    const int skip = all.rank() - own.rank();
    for (int64_t i = 0, n = all.size(); i < n; ++i) {
      int64_t rest = i, at = 0, stride = 1;
      for (int d = all.rank(); d-- > 0; rest /= all[d]) {
        if (d < skip || own[d - skip] == 1) continue;
        at += rest % all[d] * stride;
        stride *= own[d - skip];
      }
      to.push_back(at);
    }
  }
};

template <class T>
struct Planned : KernelState {
  explicit Planned(const KernelCtx& k) : batches(k), plan(batches.one) {}
  Batches batches;
  cpu::GemmPlan<T> plan;
};
template <class T>
std::unique_ptr<KernelState> prepare(KernelCtx& k) { return std::make_unique<Planned<T>>(k); }
template <class T>
void planned(KernelCtx& k) {
  const auto& p = k.state<Planned<T>>();
  const Batches& b = p.batches;
  void* scratch = p.plan.scratch() ? k.scratch(p.plan.scratch()) : nullptr;
  if (b.regular) return p.plan.run(k.in<T>(0), k.in<T>(1), k.out<T>(0), scratch);
  for (int64_t i = 0; i < b.count; ++i)
    p.plan.run(k.in<T>(0) + b.from_x[static_cast<size_t>(i)] * b.one.m * b.one.k,
               k.in<T>(1) + b.from_y[static_cast<size_t>(i)] * b.one.k * b.one.n, k.out<T>(0) + i * b.one.m * b.one.n, scratch);
}
NINEFOLD_KERNEL(batch_mat_mul, "CPU", (Kernel{planned<float>, prepare<float>}), DType::f32);
NINEFOLD_KERNEL(batch_mat_mul, "CPU", (Kernel{planned<double>, prepare<double>}), DType::f64);

// The other types: one product at a time. `multiply(a, b, c)` is one.
template <class T, class Multiply>
void each(KernelCtx& k, const Batches& b, const Multiply& multiply) {
  auto step = [&](int64_t s, int64_t matrix) { return s < 0 ? matrix : s; };
  const int64_t size_a = b.one.m * b.one.k, size_b = b.one.k * b.one.n, size_c = b.one.m * b.one.n;
  const int64_t n = b.regular ? b.one.batch : b.count;
  for (int64_t i = 0; i < n; ++i)
    multiply(k.in<T>(0) + (b.regular ? i * step(b.one.step_a, size_a) : b.from_x[static_cast<size_t>(i)] * size_a),
             k.in<T>(1) + (b.regular ? i * step(b.one.step_b, size_b) : b.from_y[static_cast<size_t>(i)] * size_b),
             k.out<T>(0) + i * size_c);
}
cpu::GemmSpec single(const Batches& b) {
  cpu::GemmSpec s = b.one;
  s.batch = 1, s.step_a = s.step_b = -1;
  return s;
}
template <class T>
void plain(KernelCtx& k) {
  const Batches b(k);
  const cpu::GemmSpec s = single(b);
  each<T>(k, b, [&](const T* x, const T* y, T* z) { cpu::gemm_plain<T>(s, x, y, z); });
}
template <class T>
std::vector<T> conjugated(const T* from, int64_t n) {
  std::vector<T> to(from, from + n);
  for (T& v : to) v = std::conj(v);
  return to;
}
template <class T>
void complex(KernelCtx& k) {
  const Batches b(k);
  const cpu::GemmSpec s = single(b);
  each<T>(k, b, [&](const T* x, const T* y, T* z) {
    std::vector<T> cx, cy;
    if (s.transpose_a) cx = conjugated(x, s.m * s.k), x = cx.data();
    if (s.transpose_b) cy = conjugated(y, s.k * s.n), y = cy.data();
    cpu::gemm_plain<T>(s, x, y, z);
  });
}
template <cpu::Narrow kind>
void narrow(KernelCtx& k) {
  const Batches b(k);
  const cpu::NarrowGemm gemm(single(b), kind);
  void* scratch = k.scratch(gemm.scratch());
  each<uint16_t>(k, b, [&](const uint16_t* x, const uint16_t* y, uint16_t* z) { gemm.run(x, y, z, scratch); });
}
void short_ints(KernelCtx& k) {
  const Batches b(k);
  const cpu::GemmSpec& s = b.one;
  each<int16_t>(k, b, [&](const int16_t* x, const int16_t* y, int16_t* z) {
    for (int64_t i = 0; i < s.m; ++i)
      for (int64_t j = 0; j < s.n; ++j) {
        uint32_t total = 0;   // wraps, as the narrow type would
        for (int64_t p = 0; p < s.k; ++p)
          total += static_cast<uint32_t>(s.transpose_a ? x[p * s.m + i] : x[i * s.k + p]) *
                   static_cast<uint32_t>(s.transpose_b ? y[j * s.k + p] : y[p * s.n + j]);
        z[i * s.n + j] = static_cast<int16_t>(total);
      }
  });
}
NINEFOLD_KERNEL(batch_mat_mul, "CPU", Kernel{plain<int32_t>}, DType::i32);
NINEFOLD_KERNEL(batch_mat_mul, "CPU", Kernel{plain<int64_t>}, DType::i64);
NINEFOLD_KERNEL(batch_mat_mul, "CPU", Kernel{complex<std::complex<float>>}, DType::c64);
NINEFOLD_KERNEL(batch_mat_mul, "CPU", Kernel{complex<std::complex<double>>}, DType::c128);
NINEFOLD_KERNEL(batch_mat_mul, "CPU", Kernel{narrow<cpu::Narrow::half>}, DType::f16);
NINEFOLD_KERNEL(batch_mat_mul, "CPU", Kernel{narrow<cpu::Narrow::bfloat16>}, DType::bf16);
NINEFOLD_KERNEL(batch_mat_mul, "CPU", Kernel{short_ints}, DType::i16);

Tensor matmul(Tensor a, Tensor b, bool transpose_a, bool transpose_b, bool adjoint_a, bool adjoint_b) {
  auto deep = [](const Tensor& t) { return !t.shape().known_rank() || t.rank() > 2; };
  if (deep(a) || deep(b)) {
    // The op knows adjoints only; a plain transpose is the adjoint of the conjugate.
    if (transpose_a) a = nn::conj(a);
    if (transpose_b) b = nn::conj(b);
    return op("BatchMatMulV2", {a, b}, {{"adj_x", transpose_a || adjoint_a}, {"adj_y", transpose_b || adjoint_b}});
  }
  if (adjoint_a) a = nn::conj(a);
  if (adjoint_b) b = nn::conj(b);
  return op("MatMul", {a, b}, {{"transpose_a", transpose_a || adjoint_a}, {"transpose_b", transpose_b || adjoint_b}});
}

const Function matmul_function = {
    .names = {"tf.linalg.matmul", "tf.matmul"},
    .signature = "(a: tensor, b: tensor, transpose_a: bool = False, transpose_b: bool = False, "
                 "adjoint_a: bool = False, adjoint_b: bool = False, a_is_sparse: bool = False, "
                 "b_is_sparse: bool = False, output_type: dtype = None, name: str = None)",
    .doc = "Product of matrices in the last two dimensions; leading ones broadcast. adjoint_*: conjugate and transpose. "
           "*_is_sparse are hints that change no value. output_type: the dtype to compute in, for integers.",
    .body = [](Args& args) -> Value {
      const bool ta = args.flag("transpose_a"), tb = args.flag("transpose_b");
      const bool aa = args.flag("adjoint_a"), ab = args.flag("adjoint_b");
      auto text = [](bool b) { return b ? "True" : "False"; };
      check(!(ta && aa), Code::value,
            "Only one of `transpose_a` and `adjoint_a` can be True. Received `transpose_a`={}, `adjoint_a`={}.", text(ta), text(aa));
      check(!(tb && ab), Code::value,
            "Only one of `transpose_b` and `adjoint_b` can be True. Received `transpose_b`={}, `adjoint_b`={}.", text(tb), text(ab));
      Tensor a = args.tensor("a"), b = nn::hinted(args, "b", a.dtype());
      const DType wanted = args.dtype("output_type");
      if (wanted != DType::invalid && (wanted != a.dtype() || wanted != b.dtype()))
        return matmul(nn::cast(a, wanted), nn::cast(b, wanted), ta, tb, aa, ab);
      // bfloat16 beside float32 is TensorFlow's sparse product: summed in float32.
      const bool sparse = args.flag("a_is_sparse") || args.flag("b_is_sparse");
      auto fits = [](const Tensor& t) { return t.dtype() == DType::bf16 || t.dtype() == DType::f32; };
      if (a.dtype() != b.dtype() && fits(a) && fits(b) && (sparse || a.rank() <= 2))
        return matmul(nn::cast(a, DType::f32), nn::cast(b, DType::f32), ta, tb, aa, ab);
      return matmul(a, b, ta, tb, aa, ab);
    },
};
NINEFOLD_REGISTER(matmul_function);

// ---- tensordot: the axes go to the inside, then it is one product ----

struct Sides { std::vector<int64_t> a, b; };
Sides contracted(Args& args, const Tensor& a) {
  auto ints = [](const Value& v) {
    if (const int64_t* i = v.get<int64_t>()) return std::vector<int64_t>{*i};
    return to_tensor(v, DType::i32, "tf.tensordot").ints();
  };
  const Value& axes = args["axes"];
  if (const int64_t* n = axes.get<int64_t>()) {
    check(*n >= 0, Code::value, "`axes` must be at least 0. Received: {}.", *n);
    check(!a.shape().known_rank() || *n <= a.rank(), Code::value,
          "`axes` must not be larger than the number of dimensions of tensor {}.  Received {}, vs tensor dimensions {}.",
          a.shape().tuple(), *n, a.rank());
    Sides s;
    for (int64_t i = 0; i < *n; ++i) s.a.push_back(a.rank() - *n + i), s.b.push_back(i);
    return s;
  }
  if (const ValueList* list = axes.get<ValueList>()) {
    check(list->size() == 2, Code::value, "`axes` must be an integer or have length 2. Received {}.", nn::python_text(axes));
    Sides s{ints(list->front()), ints(list->back())};
    check(s.a.size() == s.b.size(), Code::value, "Different number of contraction axes `a` and `b`, {} != {}.", s.a.size(), s.b.size());
    return s;
  }
  const std::vector<int64_t> both = args.ints_tensor("axes").ints();
  const auto half = static_cast<std::ptrdiff_t>(both.size() / 2);
  return {{both.begin(), both.begin() + half}, {both.begin() + half, both.end()}};
}
// A matrix of x, [free, axes] or turned around, and the dimensions that stay.
struct Folded { Tensor matrix; std::vector<int64_t> free, dims; };
Folded fold(const Tensor& x, std::vector<int64_t> axes, bool axes_first) {
  const int rank = x.rank();
  Folded f;
  for (int64_t& axis : axes) {
    check(axis >= -rank && axis < rank, Code::value, "tensordot: axis {} is out of range for a tensor of shape {}", axis, x.shape().tuple());
    if (axis < 0) axis += rank;
  }
  int64_t inside = 1, outside = 1;
  for (int64_t i = 0; i < rank; ++i) {
    if (std::find(axes.begin(), axes.end(), i) != axes.end()) continue;
    f.free.push_back(i);
    f.dims.push_back(x.shape()[static_cast<int>(i)]);
  }
  for (int64_t d : f.dims) outside = d < 0 || outside < 0 ? -1 : outside * d;
  for (int64_t axis : axes) {
    const int64_t d = x.shape()[static_cast<int>(axis)];
    inside = d < 0 || inside < 0 ? -1 : inside * d;
  }
  std::vector<int64_t> order = axes_first ? axes : f.free;
  const std::vector<int64_t>& rest = axes_first ? f.free : axes;
  order.insert(order.end(), rest.begin(), rest.end());
  const Tensor turned = std::is_sorted(order.begin(), order.end()) ? x : nn::transpose(x, order);
  if (inside < 0 && outside < 0) {   // one of them is computed when the graph runs
    const Tensor length = op("Prod", {op("GatherV2", {op("Shape", {x}), nn::int_vector(axes), Tensor(int32_t{0})}), nn::int_vector({0})});
    f.matrix = nn::reshape_to(turned, axes_first ? op("Pack", {length, Tensor(int32_t{-1})}) : op("Pack", {Tensor(int32_t{-1}), length}));
    return f;
  }
  f.matrix = nn::reshape(turned, axes_first ? std::vector<int64_t>{inside, outside} : std::vector<int64_t>{outside, inside});
  return f;
}
const Function tensordot_function = {
    .names = {"tf.tensordot", "tf.linalg.tensordot"},
    .signature = "(a: tensor, b: tensor, axes: value, name: str = None)",
    .doc = "Sum of products over axes of a and as many of b. axes: n (the last n of a, the first n of b), or "
           "[axes of a, axes of b].",
    .body = [](Args& args) -> Value {
      const Tensor a = args.tensor("a"), b = nn::hinted(args, "b", a.dtype());
      check(a.shape().known_rank() && b.shape().known_rank(), Code::value, "tensordot: the ranks of a and b must be known");
      const Sides axes = contracted(args, a);
      const Folded fa = fold(a, axes.a, false), fb = fold(b, axes.b, true);
      const Tensor product = matmul(fa.matrix, fb.matrix, false, false, false, false);
      std::vector<int64_t> dims = fa.dims;
      dims.insert(dims.end(), fb.dims.begin(), fb.dims.end());
      if (std::count(dims.begin(), dims.end(), -1) <= 1) return nn::reshape(product, dims);
      // Several are unknown: read them from the tensors.
      Tensors parts;
      for (const auto* f : {&fa, &fb})
        for (int64_t i : f->free) parts.push_back(nn::dim_of(op("Shape", {f == &fa ? a : b}), i));
      const NamedAttr axis("axis", 0);
      return nn::reshape_to(product, op_all("Pack", parts, {&axis, 1}).at(0));
    },
};
NINEFOLD_REGISTER(tensordot_function);

}  // namespace
}  // namespace ninefold::ops
