// In: matrices, or batches of them. Out: factors, inverses, solutions, determinants, with their gradients.
#include <cmath>

#include "base/check.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/matrices.h"
#include "engine/ops/matrix_batches.h"

namespace ninefold::ops {
namespace {

using namespace matrices;

// ---- shape rules ----

void solves(ShapeCtx& c) {
  square(c);
  const Shape &a = c.shape(0), &b = c.shape(1);
  const Shape left = batch(c, 0), right = batch(c, 1);
  if (!a.known_rank() || !b.known_rank()) return c.unknown();
  c.check(left.compatible(right), "Batch shapes of matrix and rhs differ: {} vs. {}", left.str(), right.str());
  c.check(a.dim(-2) == b.dim(-2) || a.dim(-2) < 0 || b.dim(-2) < 0, "Input matrix and rhs are incompatible.");
  c.output(b);
}

// ---- what gradients are written with ----

// Batches of matrices and of right sides broadcast.
void solves_broadcast(ShapeCtx& c) {
  square(c);
  const Shape &a = c.shape(0), &b = c.shape(1);
  const Shape left = batch(c, 0), right = batch(c, 1);
  if (!a.known_rank() || !b.known_rank()) return c.unknown();
  c.check(a.dim(-2) == b.dim(-2) || a.dim(-2) < 0 || b.dim(-2) < 0, "Input matrix and rhs are incompatible.");
  Shape outer = Shape::unknown();
  try {
    outer = c.broadcast(left, right);
  } catch (const Error&) {
    c.check(false, "In[0] and In[1] must have compatible batch dimensions: {} vs. {}", a.str(), b.str());
  }
  c.output(outer.concat(b.slice(b.rank() - 2, b.rank())));
}

Tensor triangular(const Tensor& a, const Tensor& b, bool lower, bool adjoint) {
  return op("MatrixTriangularSolve", {a, b}, {{"lower", lower}, {"adjoint", adjoint}});
}
constexpr const char* types = "T: {double, float, complex64, complex128}";

// ---- Cholesky ----

const Op cholesky = {
    .name = "Cholesky", .inputs = {"input: T"}, .outputs = {"output: T"}, .attrs = {types},
    .doc = "L of L L^H = input, of which the lower triangle is read; NaN where it is not positive definite.", .shape = same_square,
    // Murray 2016, "Differentiation of the Cholesky decomposition".
    .grad = [](GradCtx& g) {
      const Tensor l = g.out(), inverse = triangular(l, pattern(l, 0, 1, 0) + op("ZerosLike", {l}), true, false);
      const Tensor middle = times(l, g.dy(), true) * pattern(l, 1, 0.5, 0);
      const Tensor grad = times(times(inverse, middle, true), inverse);
      g.to(0, (grad + adjoint_of(grad)) * number_like(grad, 0.5));
    },
};
NINEFOLD_REGISTER(cholesky);
NINEFOLD_KERNEL(cholesky, "CPU", (Kernel{[](KernelCtx& k) {
  each_matrix(k, [&]<class S>(S, int64_t i) { store(k, 0, i, linalg::cholesky(load<S>(k.in(0), i))); });
}}));

// ---- MatrixInverse, MatrixSolve, MatrixTriangularSolve ----

const Op inverse = {
    .name = "MatrixInverse", .inputs = {"input: T"}, .outputs = {"output: T"}, .attrs = {types, "adjoint: bool = false"},
    .doc = "The inverse of each matrix, or of its adjoint.", .shape = same_square,
    .grad = [](GradCtx& g) {
      const Tensor y = g.out(), dy = g.dy();
      const Tensor d = -times(times(y, dy, true), y, false, true);
      g.to(0, g.flag("adjoint") ? adjoint_of(d) : d);
    },
};
NINEFOLD_REGISTER(inverse);
NINEFOLD_KERNEL(inverse, "CPU", (Kernel{[](KernelCtx& k) {
  each_matrix(k, [&]<class S>(S, int64_t i) {
    Matrix<S> a = load<S>(k.in(0), i);
    if (k.flag("adjoint")) a = linalg::adjoint(a);
    const linalg::Lu<S> lu(std::move(a));
    k.check(!lu.singular(), "Input is not invertible.");
    store(k, 0, i, lu.solve(linalg::identity<S>(lu.lu.rows)));
  });
}}));

const Op solve = {
    .name = "MatrixSolve", .inputs = {"matrix: T", "rhs: T"}, .outputs = {"output: T"}, .attrs = {types, "adjoint: bool = false"},
    .doc = "x of matrix x = rhs, or of adjoint(matrix) x = rhs.", .shape = solves,
    .grad = [](GradCtx& g) {
      const bool adj = g.flag("adjoint");
      const Tensor db = op("MatrixSolve", {g.in(0), g.dy()}, {{"adjoint", !adj}});
      if (g.needs(0)) g.to(0, adj ? -times(g.out(), db, false, true) : -times(db, g.out(), false, true));
      if (g.needs(1)) g.to(1, db);
    },
};
NINEFOLD_REGISTER(solve);
NINEFOLD_KERNEL(solve, "CPU", (Kernel{[](KernelCtx& k) {
  each_matrix(k, [&]<class S>(S, int64_t i) {
    Matrix<S> a = load<S>(k.in(0), i);
    if (k.flag("adjoint")) a = linalg::adjoint(a);
    const linalg::Lu<S> lu(std::move(a));
    k.check(!lu.singular(), "Input matrix is not invertible.");
    store(k, 0, i, lu.solve(load<S>(k.in(1), i)));
  });
}}));

const Op triangular_solve = {
    .name = "MatrixTriangularSolve", .inputs = {"matrix: T", "rhs: T"}, .outputs = {"output: T"},
    .attrs = {types, "lower: bool = true", "adjoint: bool = false"},
    .doc = "x of matrix x = rhs for a triangular matrix, whose other triangle is not read. Batches broadcast.", .shape = solves_broadcast,
    .grad = [](GradCtx& g) {
      const bool lower = g.flag("lower"), adj = g.flag("adjoint");
      const Tensor db = triangular(g.in(0), g.dy(), lower, !adj);
      if (g.needs(0)) {
        const Tensor da = adj ? -times(g.out(), db, false, true) : -times(db, g.out(), false, true);
        const Tensor below = int_scalar(lower ? -1 : 0, DType::i64), above = int_scalar(lower ? 0 : -1, DType::i64);
        g.to_broadcast(0, op("MatrixBandPart", {da, below, above}));
      }
      if (g.needs(1)) g.to_broadcast(1, db);
    },
};
NINEFOLD_REGISTER(triangular_solve);
// Which matrix of an input result `i` is made of, where the batches broadcast.
int64_t broadcast_from(const Shape& in, const Shape& out, int64_t i) {
  int64_t at = 0, stride = 1;
  for (int d = out.rank() - 3, mine = in.rank() - 3; d >= 0; i /= out[d--], --mine) {
    if (mine < 0) continue;
    if (in[mine] != 1) at += i % out[d] * stride;
    stride *= in[mine];
  }
  return at;
}
NINEFOLD_KERNEL(triangular_solve, "CPU", (Kernel{[](KernelCtx& k) {
  const Shape &a = k.shape(0), &b = k.shape(1), &out = k.out(0).shape();
  each_matrix(k, out, [&]<class S>(S, int64_t i) {
    store(k, 0, i, linalg::triangular_solve(load<S>(k.in(0), broadcast_from(a, out, i)), load<S>(k.in(1), broadcast_from(b, out, i)),
                                            k.flag("lower"), k.flag("adjoint")));
  });
}}));

// ---- determinants ----

// The adjoint of the inverse, each matrix scaled by the number that flows back: d log det(a) = a^-H.
Tensor scaled_inverse(const Tensor& a, const Tensor& factor) {
  const Tensor column = op("ExpandDims", {op("ExpandDims", {factor, Tensor(int32_t{-1})}), Tensor(int32_t{-1})});
  return column * op("MatrixInverse", {a}, {{"adjoint", true}});
}
const Op determinant = {
    .name = "MatrixDeterminant", .inputs = {"input: T"}, .outputs = {"output: T"}, .attrs = {types}, .doc = "The determinant of each matrix.",
    .shape = [](ShapeCtx& c) { square(c); c.output(batch(c)); },
    .grad = [](GradCtx& g) { g.to(0, scaled_inverse(g.in(0), g.dy() * conj(g.out()))); },
};
NINEFOLD_REGISTER(determinant);
NINEFOLD_KERNEL(determinant, "CPU", (Kernel{[](KernelCtx& k) {
  each_matrix(k, [&]<class S>(S, int64_t i) {
    const linalg::Lu<S> lu(load<S>(k.in(0), i));
    S det = lu.odd ? -1 : 1;
    for (int64_t j = 0; j < lu.lu.rows; ++j) det *= lu.lu(j, j);
    store(k, 0, i, &det, 1);
  });
}}));
const Op log_determinant = {
    .name = "LogMatrixDeterminant", .inputs = {"input: T"}, .outputs = {"sign: T", "log_abs_determinant: T"}, .attrs = {types},
    .doc = "The sign and the logarithm of the absolute value of each determinant.",
    .shape = [](ShapeCtx& c) { square(c); c.output(0, batch(c)); c.output(1, batch(c)); },
    .grad = [](GradCtx& g) { g.to(0, scaled_inverse(g.in(0), g.dy(1))); },
};
NINEFOLD_REGISTER(log_determinant);
NINEFOLD_KERNEL(log_determinant, "CPU", (Kernel{[](KernelCtx& k) {
  each_matrix(k, [&]<class S>(S, int64_t i) {
    const linalg::Lu<S> lu(load<S>(k.in(0), i));
    S sign = lu.odd ? -1 : 1, log = 0;
    for (int64_t j = 0; j < lu.lu.rows; ++j) {
      const S d = lu.lu(j, j);
      const double size = std::abs(d);
      sign = size == 0 ? S(0) : sign * d / size;
      log += std::log(size);
    }
    store(k, 0, i, &sign, 1);
    store(k, 1, i, &log, 1);
  });
}}));

// ---- Qr ----

const Op qr = {
    .name = "Qr", .inputs = {"input: T"}, .outputs = {"q: T", "r: T"}, .attrs = {types, "full_matrices: bool = false"},
    .doc = "Q R = input, by Householder reflections.",
    .shape = [](ShapeCtx& c) {
      const Shape outer = batch(c), &s = c.shape(0);
      if (!s.known_rank()) return c.unknown();
      const int64_t m = s.dim(-2), n = s.dim(-1), k = c.flag("full_matrices") ? m : m < 0 || n < 0 ? -1 : std::min(m, n);
      c.output(0, outer.concat({m, k}));
      c.output(1, outer.concat({k, n}));
    },
    // Walter and Lehmann 2010, for as many rows as columns or more.
    .grad = [](GradCtx& g) {
      const Tensor q = g.out(0), r = g.out(1), dq = g.dy(0), dr = g.dy(1);
      check(!g.flag("full_matrices") && r.dim(-1) <= q.dim(-2), Code::unimplemented,
            "Qr: the gradient needs full_matrices=False and at least as many rows as columns");
      const auto behind_r = [&](const Tensor& x) { return adjoint_of(triangular(r, adjoint_of(x), false, false)); };
      const Tensor qdq = times(q, dq, true), rdr = times(r, dr, false, true);
      const Tensor lower = (qdq - adjoint_of(qdq) + rdr - adjoint_of(rdr)) * pattern(r, 1, 1, 0);
      g.to(0, times(q, dr + behind_r(lower)) + behind_r(dq - times(q, qdq)));
    },
};
NINEFOLD_REGISTER(qr);
NINEFOLD_KERNEL(qr, "CPU", (Kernel{[](KernelCtx& k) {
  each_matrix(k, [&]<class S>(S, int64_t i) {
    const linalg::Qr<S> f(load<S>(k.in(0), i), k.flag("full_matrices"));
    store(k, 0, i, f.q);
    store(k, 1, i, f.r);
  });
}}));

// ---- SelfAdjointEigV2, Svd ----

// The numbers that stand in a complex tensor beside complex factors are real.
template <class S>
void store_real(KernelCtx& k, int output, int64_t at, const std::vector<double>& values) {
  const std::vector<S> wide(values.begin(), values.end());
  store(k, output, at, wide.data(), static_cast<int64_t>(wide.size()));
}

const Op eigh = {
    .name = "SelfAdjointEigV2", .inputs = {"input: T"}, .outputs = {"e: T", "v: T"}, .attrs = {types, "compute_v: bool = true"},
    .doc = "Eigenvalues, upwards, and eigenvectors, in columns, of Hermitian matrices, whose lower triangle is read.",
    .shape = [](ShapeCtx& c) {
      square(c);
      const Shape outer = batch(c);
      if (!outer.known_rank()) return c.unknown();
      const int64_t n = c.shape(0).dim(-1);
      c.output(0, outer.concat({n}));
      c.output(1, c.flag("compute_v") ? outer.concat({n, n}) : Shape{0});
    },
    .grad = [](GradCtx& g) {
      const bool vectors = g.flag("compute_v");   // else they are computed now
      const NamedAttr compute("compute_v", true);
      const Tensor v = vectors ? g.out(1) : op_all("SelfAdjointEigV2", {&g.in(0), 1}, {&compute, 1}).at(1);
      const Tensor e = g.out(0), last(int32_t{-1}), before(int32_t{-2});
      const Tensor eye = pattern(v, 0, 1, 0), others = pattern(v, 1, 0, 1);
      Tensor inner = eye * op("ExpandDims", {g.dy(0), last});
      if (vectors) {
        const Tensor gap = op("ExpandDims", {e, before}) - op("ExpandDims", {e, last}) + eye;
        inner = inner + op("DivNoNan", {others, gap}) * times(v, g.dy(1), true);
      }
      const Tensor full = times(v, times(inner, v, false, true));
      // The lower triangle stands for both.
      g.to(0, (full + adjoint_of(full)) * pattern(v, 1, 0.5, 0));
    },
};
NINEFOLD_REGISTER(eigh);
NINEFOLD_KERNEL(eigh, "CPU", (Kernel{[](KernelCtx& k) {
  each_matrix(k, [&]<class S>(S, int64_t i) {
    const linalg::Eigh<S> f(load<S>(k.in(0), i));
    store_real<S>(k, 0, i * static_cast<int64_t>(f.values.size()), f.values);
    if (k.flag("compute_v")) store(k, 1, i, f.vectors);
  });
}}));

// Giles 2008, "An extended collection of matrix derivative results": with F[i, j] = 1 / (s[j]^2 - s[i]^2) and 0 where i = j,
// u (F . (u^T du - du^T u)) s v^T + u s (F . (v^T dv - dv^T v)) v^T + u ds v^T, and what of du and dv lies outside of u and v.
void gradient_of_svd(GradCtx& g) {
  const bool uv = g.flag("compute_uv");
  const DType x_dtype = g.in(0).dtype();
  const Shape& shape = g.in(0).shape();
  check(!uv || !g.flag("full_matrices") || (shape.known_rank() && shape.dim(-1) == shape.dim(-2)), Code::unimplemented,
        "Svd: with full_matrices=True only square matrices have a gradient; input has shape {}", shape.str());
  const NamedAttr compute("compute_uv", true);
  const Tensors found = uv ? Tensors{g.out(0), g.out(1), g.out(2)} : op_all("Svd", {&g.in(0), 1}, {&compute, 1});
  const Tensor s = found[0], u = found[1], v = found[2], row = op("ExpandDims", {s, Tensor(int32_t{-2})});
  Tensor dx = times(u * op("ExpandDims", {g.dy(0), Tensor(int32_t{-2})}), v, false, true);
  if (uv && (g.has_dy(1) || g.has_dy(2))) {
    check(!is_complex(x_dtype), Code::unimplemented, "Svd: of complex matrices s has a gradient, u and v have none, as yet");
    const Tensor column = op("ExpandDims", {s, Tensor(int32_t{-1})}), gap = row * row - column * column;
    const Tensor f = op("DivNoNan", {op("OnesLike", {gap}), gap});
    const auto turned = [&](const Tensor& of, const Tensor& d) {
      const Tensor one = f * times(of, d, true);
      return one + adjoint_of(one);
    };
    const auto outside = [&](const Tensor& of, const Tensor& d) {
      const Tensor w = op("DivNoNan", {d, row});
      return w - times(of, times(of, w, true));
    };
    const Tensor du = g.dy(1), dv = g.dy(2);
    dx = dx + times(times(u, turned(u, du) * row + column * turned(v, dv)), v, false, true);
    dx = dx + times(outside(u, du), v, false, true) + times(u, outside(v, dv), false, true);
  }
  g.to(0, dx);
}
const Op svd = {
    .name = "Svd", .inputs = {"input: T"}, .outputs = {"s: T", "u: T", "v: T"},
    .attrs = {types, "compute_uv: bool = true", "full_matrices: bool = false"},
    .doc = "input = u diag(s) v^H, s downwards. The signs, or phases, of a column of u and of v together are not determined.",
    .shape = [](ShapeCtx& c) {
      const Shape outer = batch(c), &s = c.shape(0);
      if (!outer.known_rank()) return c.unknown();
      const int64_t m = s.dim(-2), n = s.dim(-1), k = m < 0 || n < 0 ? -1 : std::min(m, n);
      const bool full = c.flag("full_matrices"), uv = c.flag("compute_uv");
      c.output(0, outer.concat({k}));
      c.output(1, uv ? outer.concat({m, full ? m : k}) : Shape{0});
      c.output(2, uv ? outer.concat({n, full ? n : k}) : Shape{0});
    },
    .grad = gradient_of_svd,
};
NINEFOLD_REGISTER(svd);
NINEFOLD_KERNEL(svd, "CPU", (Kernel{[](KernelCtx& k) {
  each_matrix(k, [&]<class S>(S, int64_t i) {
    const linalg::Svd<S> f(load<S>(k.in(0), i), k.flag("full_matrices"));
    store_real<S>(k, 0, i * static_cast<int64_t>(f.s.size()), f.s);
    if (!k.flag("compute_uv")) return;
    store(k, 1, i, f.u);
    store(k, 2, i, f.v);
  });
}}));

}  // namespace
}  // namespace ninefold::ops
