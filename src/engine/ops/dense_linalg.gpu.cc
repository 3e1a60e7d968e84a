// In: matrices on a GPU. Out: launches of dense_linalg.cu: numbers are widened to double, factored a column a launch, and
// narrowed again; a single large matrix goes to cuSOLVER, where that is. What is not invertible the card marks; the host reads the marks and raises what the CPU raises.
#include <algorithm>

#include "engine/device/cuda/capture.h"
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/place.h"
#include "engine/ops/dense_linalg.gpu.h"
#include "engine/ops/moves.gpu.h"

namespace ninefold::ops {
namespace {

// How far apart neighbours of each dimension of `to` lie in a tensor of shape `from` that broadcasts to it.
std::vector<int64_t> steps_of(const Shape& from, const Shape& to) {
  const std::vector<int64_t> own = strides_of(from.vector());
  std::vector<int64_t> steps(static_cast<size_t>(to.rank()), 0);
  for (int i = from.rank(), j = to.rank(); i-- > 0;)
    if (--j; from[i] != 1) steps[static_cast<size_t>(j)] = own[static_cast<size_t>(i)];
  return steps;
}

}  // namespace

cuda::Batches batches_of(const Shape& own, const Shape& all) {
  const cuda::Move m = laid_out(all.vector(), strides_of(all.vector()), steps_of(own, all));
  cuda::Batches which{{}, {}, m.rank};
  std::copy_n(m.size, m.rank, which.size);
  std::copy_n(m.from_stride, m.rank, which.stride);
  return which;
}

namespace {

constexpr int64_t kSolverRows = 128;             // smaller ones are as soon done here

void* data(const Tensor& t) { return t.impl()->data; }
template <class T> T* data(const Tensor& t) { return static_cast<T*>(t.impl()->data); }
cuda::Launch a_block_each(int64_t n) { return cuda::threads_for(n * cuda::kBlockThreads, cuda::kBlockThreads); }

// Real numbers, of which a complex one is two.
void converted(const KernelCtx& k, void* to, DType to_dtype, const void* from, DType from_dtype, int64_t n) {
  if (n == 0) return;
  if (to_dtype == from_dtype) return move_run(k, to_dtype, to, from, n);
  const cuda::Convert c{n, to, from, static_cast<int32_t>(to_dtype), static_cast<int32_t>(from_dtype)};
  cuda::launch(k.device(), elementwise::cuda_kernel(elementwise::cuda_kernel("cast", c.from_dtype), c.to_dtype), cuda::threads_for(n), c);
}

// Matrices [batch, n, n] of what the op was given, and what is made of them.
struct Work {
  explicit Work(KernelCtx& ctx) : k(ctx), complex(is_complex(ctx.dtype(0))), n(ctx.shape(0).dim(-1)),
                                  batch(ctx.shape(0).slice(0, ctx.shape(0).rank() - 2).size()) {
    give_outputs(k);
  }
  DType real_dtype(DType d) const { return d == DType::f32 || d == DType::c64 ? DType::f32 : DType::f64; }
  int64_t parts(int64_t elements) const { return complex ? 2 * elements : elements; }
  Tensor numbers(int64_t elements) const { return empty_on(k.device(), complex ? DType::c128 : DType::f64, Shape{elements}); }
  Tensor widened(int input) const {
    const Tensor wide = numbers(k.shape(input).size());
    converted(k, data(wide), DType::f64, k.in<void>(input), real_dtype(k.dtype(input)), parts(wide.size()));
    return wide;
  }
  void narrowed(int output, const Tensor& wide) const {
    converted(k, k.out<void>(output), real_dtype(k.out(output).dtype()), data(wide), DType::f64, parts(k.out(output).size()));
  }
  // Real numbers, which stand in a complex tensor where the matrices are.
  void narrowed_real(int output, const Tensor& values) const {
    if (!complex) return narrowed(output, values);
    const Tensor wide = numbers(values.size());
    fill_run(k, DType::f64, data(wide), nullptr, 2 * values.size());
    const int64_t shape[] = {values.size()}, to[] = {2}, from[] = {1};
    move_strided(k, DType::f64, shape, data(wide), to, data(values), from);
    narrowed(output, wide);
  }
  Tensor marks() const {
    const Tensor m = empty_on(k.device(), DType::i32, Shape{batch});
    fill_run(k, DType::i32, data(m), nullptr, batch);
    return m;
  }
  bool any(const Tensor& marks) const {
    std::vector<int32_t> all(static_cast<size_t>(batch));
    if (batch > 0) static_cast<Accelerator&>(k.device()).download(all.data(), data(marks), all.size() * sizeof(int32_t));
    return std::any_of(all.begin(), all.end(), [](int32_t m) { return m != 0; });
  }
  template <class P>
  void start(const char* kernel, const cuda::Launch& how, const P& p) const {
    cuda::launch(k.device(), fmt::format("{}_{}", kernel, complex ? "complex" : "real"), how, p);
  }
  template <class P>
  void start(const char* kernel, int64_t threads, const P& p) const {
    if (threads > 0) start(kernel, cuda::threads_for(threads), p);
  }

  Tensor adjoint(const Tensor& a) const {
    const Tensor t = numbers(a.size());
    start("adjoint", a.size(), cuda::Square{batch, n, data(a), data(t), nullptr, nullptr, nullptr});
    return t;
  }
  // Rows as columns: [rows, columns] of one matrix.
  void turned(const Tensor& to, const Tensor& a, int64_t rows, int64_t columns) const {
    const int64_t shape[] = {columns, rows}, to_strides[] = {rows, 1}, from_strides[] = {1, columns};
    move_strided(k, a.dtype(), shape, data(to), to_strides, data(a), from_strides);
  }
  // Whether cuSOLVER did it: what its calls do on the host is no part of a graph.
  bool solved(cuda::Solver s, int64_t size) const {
    s.complex = complex;
    return batch == 1 && size >= kSolverRows && !cuda::Session::active() && cuda::try_solve(k.device(), s);
  }
  // x of op(a) x = b, a triangular; b is changed. `which` is null where both have a matrix each.
  Tensor triangle(const Tensor& a, const Tensor& b, int64_t columns, bool forward, bool adjoint, bool unit, const cuda::Batches* which = nullptr) const {
    const cuda::Batches each{{batch}, {1}, 1};
    const Tensor y = numbers(b.size());
    for (int64_t i = 0; i < n; ++i) {
      const int64_t step = forward ? i : n - 1 - i;
      start("triangular", batch * (n - i) * columns, 
            cuda::Triangular{batch, n, columns, step, data(a), which ? *which : each, data(b), data(y), forward, adjoint, unit});
    }
    return y;
  }

  KernelCtx& k;
  const bool complex;
  const int64_t n;
  int64_t batch;
};

struct LuOf {
  LuOf(const Work& w, Tensor matrices)
      : a(std::move(matrices)), order(empty_on(w.k.device(), DType::i64, Shape{w.batch * w.n})), odd(w.marks()), failed(w.marks()) {
    if (by_library(w)) return;
    cuda::Factors f{w.batch, w.n, 0, data(a), data<int64_t>(order), data<int32_t>(odd), data<int32_t>(failed)};
    if (w.batch * w.n > 0) cuda::launch(w.k.device(), "counted_rows", cuda::threads_for(w.batch * w.n), f);
    for (f.step = 0; f.step < w.n && w.batch > 0; ++f.step) {
      const int64_t left = w.n - f.step - 1;
      w.start("lu_column", a_block_each(w.batch), f);
      w.start("lu_update", w.batch * left * left, f);
    }
  }
  bool by_library(const Work& w) {
    if (w.batch != 1 || w.n < kSolverRows) return false;
    const Tensor columns = w.numbers(a.size()), pivots = empty_on(w.k.device(), DType::i64, Shape{w.n});
    w.turned(columns, a, w.n, w.n);
    cuda::Solver s{};
    s.kind = cuda::Solver::lu, s.n = w.n, s.a = data(columns), s.pivots = data<int64_t>(pivots), s.info = data<int32_t>(failed);
    if (!w.solved(s, w.n)) return false;
    w.turned(a, columns, w.n, w.n);
    cuda::launch(w.k.device(), "pivot_rows", cuda::Launch{}, cuda::Pivots{w.n, s.pivots, data<int64_t>(order), data<int32_t>(odd)});
    return true;
  }
  // Of right sides [batch, n, columns]; undefined: of the identity.
  Tensor solve(const Work& w, const Tensor& b, int64_t columns) const {
    const Tensor x = w.numbers(w.batch * w.n * columns);
    w.start("ordered_rows", x.size(), cuda::Rows{w.batch, w.n, columns, data<int64_t>(order), b ? data(b) : nullptr, data(x)});
    return w.triangle(a, w.triangle(a, x, columns, true, false, true), columns, false, false, false);
  }
  Tensor a, order, odd, failed;
};

void solve_gpu(KernelCtx& k) {
  const Work w(k);
  const Tensor a = w.widened(0);
  const LuOf lu(w, k.flag("adjoint") ? w.adjoint(a) : a);
  k.check(!w.any(lu.failed), "Input matrix is not invertible.");
  w.narrowed(0, lu.solve(w, w.widened(1), k.shape(1).dim(-1)));
}
void inverse_gpu(KernelCtx& k) {
  const Work w(k);
  const Tensor a = w.widened(0);
  const LuOf lu(w, k.flag("adjoint") ? w.adjoint(a) : a);
  k.check(!w.any(lu.failed), "Input is not invertible.");
  w.narrowed(0, lu.solve(w, Tensor(), w.n));
}
void triangular_gpu(KernelCtx& k) {
  Work w(k);
  const Shape &a = k.shape(0), &b = k.shape(1), &out = k.out(0).shape();
  const Shape outer = out.slice(0, out.rank() - 2);
  w.batch = outer.size();
  Tensor x = w.widened(1);
  if (b != out) {
    const Tensor repeated = w.numbers(out.size());
    move_strided(k, x.dtype(), out.vector(), data(repeated), strides_of(out.vector()), data(x), steps_of(b, out));
    x = repeated;
  }
  const cuda::Batches which = batches_of(a.slice(0, a.rank() - 2), outer);
  const bool adjoint = k.flag("adjoint");
  w.narrowed(0, w.triangle(w.widened(0), x, out.dim(-1), k.flag("lower") != adjoint, adjoint, false, &which));
}
void lu_gpu(KernelCtx& k) {
  const Work w(k);
  const LuOf lu(w, w.widened(0));
  k.check(!w.any(lu.failed), "Input is not invertible.");
  w.narrowed(0, lu.a);
  converted(k, k.out<void>(1), k.out(1).dtype(), data(lu.order), DType::i64, lu.order.size());
}
void cholesky_gpu(KernelCtx& k) {
  const Work w(k);
  const Tensor a = w.widened(0), failed = w.marks();
  cuda::Factors f{w.batch, w.n, 0, data(a), nullptr, nullptr, data<int32_t>(failed)};
  // The lower triangle by rows is the upper one by columns.
  cuda::Solver s{};
  s.kind = cuda::Solver::cholesky, s.n = w.n, s.a = data(a), s.info = data<int32_t>(failed);
  const bool solved = w.solved(s, w.n);
  for (f.step = 0; f.step < w.n && w.batch > 0 && !solved; ++f.step) {
    const int64_t left = w.n - f.step - 1;
    w.start("cholesky_column", a_block_each(w.batch), f);
    w.start("cholesky_update", w.batch * left * left, f);
  }
  w.start("cholesky_done", a.size(), f);
  w.narrowed(0, a);
}
template <bool logarithm>
void determinant_gpu(KernelCtx& k) {
  const Work w(k);
  const LuOf lu(w, w.widened(0));
  const Tensor value = w.numbers(w.batch), log = w.numbers(w.batch);
  w.start("determinant", w.batch, cuda::Square{w.batch, w.n, data(lu.a), data(value), logarithm ? data(log) : nullptr,
                                              data<int32_t>(lu.odd), nullptr});
  w.narrowed(0, value);
  if (logarithm) w.narrowed(1, log);
}
void tridiagonal_gpu(KernelCtx& k) {
  const Work w(k);                               // [.., 3, n]: its last two dimensions make a batch, too
  const int64_t columns = k.shape(1).dim(-1);
  const int64_t rows = w.batch * w.n;
  const Tensor d = w.widened(0), x = w.widened(1), failed = w.marks(), swapped = empty_on(k.device(), DType::i32, Shape{rows});
  const Tensor main = w.numbers(rows), upper = w.numbers(rows), second = w.numbers(rows), factor = w.numbers(rows);
  const cuda::Tridiagonal t{w.batch, w.n, columns, data(d), data(x), data(main), data(upper), data(second), data(factor),
                            data<int32_t>(swapped), data<int32_t>(failed), k.flag("partial_pivoting"), k.flag("perturb_singular")};
  if (w.n > 0) w.start("tridiagonal_factor", w.batch, t);
  k.check(!w.any(failed), "The first element of diagonals[.., 1, :] or a pivot is zero: the matrix is not invertible.");
  if (w.n > 0) w.start("tridiagonal_solve", w.batch * columns, t);
  w.narrowed(0, x);
}

// ---- rotations: sweeps until the card marks no matrix ----

constexpr int kSweeps = 60;

void eigh_gpu(KernelCtx& k) {
  const Work w(k);
  const int64_t n = w.n, players = n + n % 2, tables = players / 2, all = w.batch * n * n;
  if (all == 0) return;
  const Tensor a = w.widened(0), v = w.numbers(all), angles = empty_on(k.device(), DType::f64, Shape{4 * w.batch * tables});
  const Tensor values = empty_on(k.device(), DType::f64, Shape{w.batch * n});
  const Tensor vectors = w.numbers(all), rank = empty_on(k.device(), DType::i64, Shape{w.batch * n}), going = w.marks();
  cuda::Solver s{};
  s.kind = cuda::Solver::eigen, s.n = n, s.a = data(a), s.values = data(values), s.info = data<int32_t>(going), s.vectors = k.flag("compute_v");
  if (w.solved(s, n)) {
    k.check(!w.any(going), "the eigenvalues of the matrix do not converge");
    w.narrowed_real(0, values);
    // What is a by rows is its conjugate by columns, and so are its vectors, which lie as columns there.
    if (k.flag("compute_v")) w.narrowed(1, w.adjoint(a));
    return;
  }
  cuda::Eigen e{w.batch, n, 0, data(a), data(v), data<double>(angles), data<double>(values), data(vectors), data<int64_t>(rank), data<int32_t>(going)};
  w.start("eigen_begin", all, e);
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    w.start("eigen_going", a_block_each(w.batch), e);
    if (!w.any(going)) break;
    for (e.round = 0; e.round < players - 1; ++e.round) {
      w.start("eigen_angles", w.batch * tables, e);
      w.start("eigen_columns", w.batch * tables * n, e);
      w.start("eigen_rows", w.batch * tables * n, e);
    }
  }
  w.start("eigen_order", w.batch * n, e);
  w.narrowed_real(0, values);
  if (!k.flag("compute_v")) return;
  w.start("eigen_vectors", all, e);
  w.narrowed(1, vectors);
}

void svd_gpu(KernelCtx& k) {
  const Work w(k);
  const int64_t rows = k.shape(0).dim(-2), columns = w.n, m = std::max(rows, columns), n = std::min(rows, columns);
  const bool wide = columns > rows, uv = k.flag("compute_uv");
  if (w.batch * m == 0) return;
  // The columns of the tall one of the matrix and its transpose, as rows.
  const Tensor a = w.widened(0), turned = wide ? a : w.numbers(a.size());
  if (!wide) {
    const int64_t shape[] = {w.batch, n, m}, to[] = {n * m, m, 1}, from[] = {n * m, 1, n};
    move_strided(k, DType::f64, shape, data(turned), to, data(a), from);
  }
  const int64_t players = n + n % 2, tables = players / 2;
  const Tensor right = w.numbers(w.batch * n * n), norms = w.numbers(w.batch * n), s = w.numbers(w.batch * n), going = w.marks();
  const Tensor rank = empty_on(k.device(), DType::i64, Shape{w.batch * n});
  const int64_t left_columns = k.flag("full_matrices") ? m : n;
  const Tensor left = w.numbers(uv ? w.batch * m * left_columns : 0), other = w.numbers(uv ? w.batch * n * n : 0);
  fill_run(k, DType::f64, data(left), nullptr, left.size());
  cuda::Solver solver{};
  solver.kind = cuda::Solver::singular, solver.m = m, solver.n = n, solver.columns = left_columns, solver.a = data(turned);
  solver.values = data(s), solver.info = data<int32_t>(going);
  const Tensor by_columns = w.numbers(left.size());
  if (uv) solver.left = data(by_columns), solver.right = data(other);
  if (w.solved(solver, n)) {
    k.check(!w.any(going), "the singular values of the matrix do not converge");
    w.narrowed(0, s);
    if (!uv) return;
    w.turned(left, by_columns, left_columns, m);
    w.narrowed(wide ? 2 : 1, left);
    return w.narrowed(wide ? 1 : 2, other);
  }
  cuda::Singular p{w.batch, m, n, 0, left_columns, data<double>(turned), data<double>(right), data<double>(norms), data<double>(s),
                   data<double>(left), data<double>(other), n, data<int64_t>(rank), data<int32_t>(going)};
  Device& d = k.device();
  if (n > 0) {
    cuda::launch(d, "singular_begin", cuda::threads_for(w.batch * n * n), p);
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
      fill_run(k, DType::i32, data(going), nullptr, w.batch);
      for (p.round = 0; p.round < players - 1; ++p.round) cuda::launch(d, "singular_turn", a_block_each(w.batch * tables), p);
      if (!w.any(going)) break;
    }
    cuda::launch(d, "singular_norms", a_block_each(w.batch * n), p);
    cuda::launch(d, "singular_order", cuda::threads_for(w.batch * n), p);
    w.narrowed(0, s);
  }
  if (!uv) return;
  if (n > 0) cuda::launch(d, "singular_vectors", cuda::threads_for(w.batch * n * (m + n)), p);
  if (left_columns > 0) cuda::launch(d, "singular_complete", a_block_each(w.batch), p);
  w.narrowed(wide ? 2 : 1, left);
  w.narrowed(wide ? 1 : 2, other);
}

const cuda::AtStart linalg_start([] {
  constexpr DType all[] = {DType::f32, DType::f64, DType::c64, DType::c128}, real[] = {DType::f32, DType::f64};
  add_gpu_kernel("MatrixSolve", Kernel{solve_gpu}, all);
  add_gpu_kernel("MatrixInverse", Kernel{inverse_gpu}, all);
  add_gpu_kernel("MatrixTriangularSolve", Kernel{triangular_gpu}, all);
  add_gpu_kernel("Lu", Kernel{lu_gpu}, all);
  add_gpu_kernel("Cholesky", Kernel{cholesky_gpu}, all);
  add_gpu_kernel("MatrixDeterminant", Kernel{determinant_gpu<false>}, all);
  add_gpu_kernel("LogMatrixDeterminant", Kernel{determinant_gpu<true>}, all);
  add_gpu_kernel("TridiagonalSolve", Kernel{tridiagonal_gpu}, all);
  add_gpu_kernel("SelfAdjointEigV2", Kernel{eigh_gpu}, all);
  add_gpu_kernel("Svd", Kernel{svd_gpu}, real);
});

}  // namespace
}  // namespace ninefold::ops
