// In: matrices, or batches of them. Out: Lu, TridiagonalSolve, and what tf.linalg makes of factors: exponentials,
// pseudo-inverses, ranks, solutions.
#include <cmath>
#include <limits>

#include "base/check.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/dense_linalg.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/matrices.h"

namespace ninefold::ops {
namespace {

using namespace matrices;
using linalg::Matrix;
const char* const kTypes = "T: {double, float, complex64, complex128}";

Tensor function(const char* name, const std::vector<std::pair<std::string, Value>>& named) { return *call(name, named).get<Tensor>(); }
Tensor square(const Args& a, const char* name) {
  const Tensor m = operand(a, name);
  check(m.shape().known_rank() && m.rank() >= 2, Code::value, "{}: expected matrices, got shape {}", a.function().names[0], m.shape().tuple());
  check(is_floating(m.dtype()) || is_complex(m.dtype()), Code::type, "{}: expected floating point or complex numbers, got {}", a.function().names[0],
        name_of(m.dtype()));
  return m;
}
void require_square(const Tensor& m, const char* who) {
  const Extent rows = rows_of(m), columns = columns_of(m);
  check(!rows.known() || !columns.known() || rows.value() == columns.value(), Code::invalid_argument, "{}: the matrix must be square, got shape {}", who, m.shape().tuple());
}

// ---- Lu ----

template <class F>
void with_numbers(DType d, const F& f) {
  switch (d) {
    case DType::f32: return f(float{}, double{});
    case DType::f64: return f(double{}, double{});
    case DType::c64: return f(std::complex<float>{}, std::complex<double>{});
    default: return f(std::complex<double>{}, std::complex<double>{});
  }
}
// Of P A = L U: dA = P^T L^-H (tril(L^H dL, -1) + triu(dU U^H)) U^-H, dL and dU the parts of what flows in.
void lu_gradient(GradCtx& g) {
  const Tensor lu = g.out(0), dy = g.dy(0), eye = identity_like(lu);
  const auto band = [](const Tensor& t, int64_t below, int64_t above) {
    return op("MatrixBandPart", {t, int_scalar(below, DType::i64), int_scalar(above, DType::i64)});
  };
  const Tensor lower = band(lu, -1, 0) - band(lu, 0, 0) + eye, upper = band(lu, 0, -1);
  const Tensor dl = band(dy, -1, 0) - band(dy, 0, 0), du = band(dy, 0, -1);
  const Tensor from_l = times(lower, dl, true), from_u = times(du, upper, false, true);
  const Tensor middle = band(from_l, -1, 0) - band(from_l, 0, 0) + band(from_u, 0, -1);
  const auto solved = [](const Tensor& a, const Tensor& b, bool low) {
    return op("MatrixTriangularSolve", {a, b}, {{"lower", low}, {"adjoint", true}});
  };
  const Tensor left = solved(lower, middle, true);                             // L^-H M
  const Tensor both = adjoint_of(op("MatrixTriangularSolve", {upper, adjoint_of(left), }, {{"lower", false}, {"adjoint", false}}));   // (L^-H M) U^-H
  const Tensor back = function("tf.argsort", {{"values", g.out(1)}});
  g.to(0, function("tf.gather", {{"params", both}, {"indices", back}, {"axis", Value(int64_t{both.rank() - 2})}, {"batch_dims", Value(int64_t{both.rank() - 2})}}));
}
const Op lu_op = {
    .name = "Lu", .inputs = {"input: T"}, .outputs = {"lu: T", "p: output_idx_type"}, .attrs = {kTypes, "output_idx_type: {int32, int64} = int32"},
    .doc = "L and U of P input = L U in one matrix, without L's diagonal of ones; row i of P input is row p[i] of input.",
    .shape = [](ShapeCtx& c) {
      const Shape& s = c.shape(0);
      c.check(!s.known_rank() || s.rank() >= 2, "Input tensor must have rank >= 2, got {}", s.rank());
      if (s.known_rank()) c.check(s.dim(-1) == s.dim(-2) || s.dim(-1) < 0 || s.dim(-2) < 0, "Input matrix must be square.");
      c.output(0, s);
      c.output(1, s.known_rank() ? s.slice(0, s.rank() - 1) : Shape::unknown());
    },
    .grad = lu_gradient, .grad_reads = {"lu", "p"},
};
NINEFOLD_REGISTER(lu_op);
NINEFOLD_KERNEL(lu_op, "CPU", (Kernel{[](KernelCtx& k) {
  const Shape& s = k.shape(0);
  const int64_t n = s.dim(-1), count = s.slice(0, s.rank() - 2).size();
  with_numbers(k.dtype(0), [&](auto zero, auto wide) {
    using T = decltype(zero);
    using S = decltype(wide);
    for (int64_t i = 0; i < count; ++i) {
      Matrix<S> m(n, n);
      for (int64_t j = 0; j < n * n; ++j) m.data[static_cast<size_t>(j)] = static_cast<S>(k.in<T>(0)[i * n * n + j]);
      const linalg::Lu<S> lu(std::move(m));
      k.check(!lu.singular(), "Input is not invertible.");
      for (int64_t j = 0; j < n * n; ++j) k.out<T>(0)[i * n * n + j] = static_cast<T>(lu.lu.data[static_cast<size_t>(j)]);
      for (int64_t j = 0; j < n; ++j)
        if (k.out(1).dtype() == DType::i32) k.out<int32_t>(1)[i * n + j] = static_cast<int32_t>(lu.order[static_cast<size_t>(j)]);
        else k.out<int64_t>(1)[i * n + j] = lu.order[static_cast<size_t>(j)];
    }
  });
}}));

Value lu_of(Args& a) {
  const Tensor in[] = {operand(a, "input")};
  const NamedAttr index("output_idx_type", a.dtype("output_idx_type"));
  return op_all("Lu", in, {&index, 1});
}
struct Factors { Tensor lower, upper, order; };
Factors factors_of(const Args& a) {
  const Tensor lu = square(a, "lower_upper"), p = int_operand(a, "perm");
  require_square(lu, a.function().names[0].c_str());
  const auto band = [&](int64_t below, int64_t above) {
    return op("MatrixBandPart", {lu, int_scalar(below, DType::i64), int_scalar(above, DType::i64)});
  };
  return {band(-1, 0) - band(0, 0) + identity_like(lu), band(0, -1), p};
}
Tensor rows_by(const Tensor& t, const Tensor& order) {
  const Value at(int64_t{order.rank() - 1});
  return function("tf.gather", {{"params", t}, {"indices", order}, {"axis", at}, {"batch_dims", at}});
}
Value reconstructed(Args& a) {
  const Factors f = factors_of(a);
  return rows_by(times(f.lower, f.upper), function("tf.argsort", {{"values", f.order}}));
}
Tensor solved_by(const Factors& f, const Tensor& rhs) {
  const Tensor y = op("MatrixTriangularSolve", {f.lower, rows_by(rhs, f.order)}, {{"lower", true}, {"adjoint", false}});
  return op("MatrixTriangularSolve", {f.upper, y}, {{"lower", false}, {"adjoint", false}});
}

// ---- TridiagonalSolve ----

const Op tridiagonal = {
    .name = "TridiagonalSolve", .inputs = {"diagonals: T", "rhs: T"}, .outputs = {"output: T"},
    .attrs = {"partial_pivoting: bool = true", "perturb_singular: bool = false", kTypes},
    .doc = "x of A x = rhs; diagonals [..., 3, n] are A's superdiagonal, diagonal and subdiagonal.",
    .shape = [](ShapeCtx& c) {
      const Shape &d = c.shape(0), &b = c.shape(1);
      c.check(!d.known_rank() || d.rank() >= 2, "Input tensor 0 must have rank >= 2, got {}", d.rank());
      c.check(!b.known_rank() || b.rank() >= 2, "Input tensor 1 must have rank >= 2, got {}", b.rank());
      if (d.known_rank() && b.known_rank()) {
        c.check(d.rank() == b.rank(), "Expected the rank of rhs to be {}, got {}", d.rank(), b.rank());
        c.check(d.dim(-2) < 0 || d.dim(-2) == 3, "Expected diagonals to be provided as a matrix with 3 rows, got {} rows.", d.dim(-2));
        c.check(d.dim(-1) < 0 || b.dim(-2) < 0 || d.dim(-1) == b.dim(-2), "Expected the same number of left-hand sides and right-hand sides, got {} and {}.",
                d.dim(-1), b.dim(-2));
        c.check(d.slice(0, d.rank() - 2).compatible(b.slice(0, b.rank() - 2)), "Batch shapes of diagonals and rhs differ: {} vs. {}", d.str(), b.str());
      }
      c.output(b);
    },
    // A^H has the conjugate diagonals, the outer two exchanged and moved by one.
    .grad = [](GradCtx& g) {
      const Tensor d = g.in(0), x = g.out();
      const auto row = [&](int64_t i) { return function("tf.gather", {{"params", d}, {"indices", Tensor(static_cast<int32_t>(i))}, {"axis", Value(int64_t{-2})}}); };
      const auto moved = [](const Tensor& t, int64_t by) { return op("Roll", {t, int_scalar(by), int_scalar(t.rank() - 1)}); };
      const NamedAttr axis("axis", -2);
      const Tensor rows[] = {conj(moved(row(2), -1)), conj(row(1)), conj(moved(row(0), 1))};
      const Tensor db = op("TridiagonalSolve", {op_all("Pack", rows, {&axis, 1}).at(0), g.dy()}, {{"partial_pivoting", g.flag("partial_pivoting")},
                                                                                              {"perturb_singular", g.flag("perturb_singular")}});
      if (g.needs(1)) g.to(1, db);
      if (!g.needs(0)) return;
      // dA = -db x^H, of which the three diagonals; what stands outside the matrix flows nowhere.
      const auto shifted = [](const Tensor& t, int64_t by) {   // row i + by in row i, zeros beyond
        std::vector<int32_t> pads(static_cast<size_t>(2 * t.rank()), 0);
        const auto at = static_cast<size_t>(2 * (t.rank() - 2));
        pads[at + (by > 0 ? 1 : 0)] = 1;
        std::vector<int64_t> begin(static_cast<size_t>(t.rank()), 0);
        begin[static_cast<size_t>(t.rank() - 2)] = by > 0 ? 1 : 0;
        return op("Slice", {op("Pad", {t, Tensor::of<int32_t>({t.rank(), 2}, pads)}), int_vector(begin), shape_tensor(t)});
      };
      const auto diagonal = [&](const Tensor& other) { return op("Neg", {op("Sum", {db * conj(other), int_scalar(-1)})}); };
      const Tensor parts[] = {diagonal(shifted(x, 1)), diagonal(x), diagonal(shifted(x, -1))};
      g.to(0, op_all("Pack", parts, {&axis, 1}).at(0));
    },
    .grad_reads = {"diagonals", "output"},
};
NINEFOLD_REGISTER(tridiagonal);
// Gaussian elimination; with pivoting rows are exchanged, which fills a second superdiagonal.
template <class T, class S>
void solve_one(KernelCtx& k, const T* d, const T* b, T* out, int64_t n, int64_t columns) {
  std::vector<S> upper(static_cast<size_t>(n)), second(upper), main(upper), x(static_cast<size_t>(n * columns));
  for (int64_t i = 0; i < n; ++i) {
    upper[static_cast<size_t>(i)] = i + 1 < n ? static_cast<S>(d[i]) : S(0);
    main[static_cast<size_t>(i)] = static_cast<S>(d[n + i]);
  }
  for (int64_t i = 0; i < n * columns; ++i) x[static_cast<size_t>(i)] = static_cast<S>(b[i]);
  const bool pivot = k.flag("partial_pivoting"), perturb = k.flag("perturb_singular");
  const auto at = [&](int64_t i, int64_t j) -> S& { return x[static_cast<size_t>(i * columns + j)]; };
  const auto safe = [&](S& p) {
    if (p != S(0)) return;
    k.check(perturb, "The first element of diagonals[.., 1, :] or a pivot is zero: the matrix is not invertible.");
    p = S(std::numeric_limits<double>::epsilon());
  };
  for (int64_t i = 0; i + 1 < n; ++i) {
    const auto s = static_cast<size_t>(i);
    S below = static_cast<S>(d[2 * n + i + 1]);
    if (pivot && std::abs(below) > std::abs(main[s])) {
      std::swap(main[s], below);
      std::swap(upper[s], main[s + 1]);
      second[s] = i + 2 < n ? upper[s + 1] : S(0);
      upper[s + 1] = S(0);
      for (int64_t j = 0; j < columns; ++j) std::swap(at(i, j), at(i + 1, j));
    }
    safe(main[s]);
    const S f = below / main[s];
    main[s + 1] -= f * upper[s];
    if (i + 2 < n) upper[s + 1] -= f * second[s];
    for (int64_t j = 0; j < columns; ++j) at(i + 1, j) -= f * at(i, j);
  }
  if (n) safe(main[static_cast<size_t>(n - 1)]);
  for (int64_t i = n; i-- > 0;)
    for (int64_t j = 0; j < columns; ++j) {
      const auto s = static_cast<size_t>(i);
      if (i + 1 < n) at(i, j) -= upper[s] * at(i + 1, j);
      if (i + 2 < n) at(i, j) -= second[s] * at(i + 2, j);
      at(i, j) /= main[s];
    }
  for (int64_t i = 0; i < n * columns; ++i) out[i] = static_cast<T>(x[static_cast<size_t>(i)]);
}
NINEFOLD_KERNEL(tridiagonal, "CPU", (Kernel{[](KernelCtx& k) {
  const Shape &d = k.shape(0), &b = k.shape(1);
  const int64_t n = d.dim(-1), columns = b.dim(-1), count = d.slice(0, d.rank() - 2).size();
  with_numbers(k.dtype(0), [&](auto zero, auto wide) {
    using T = decltype(zero);
    using S = decltype(wide);
    for (int64_t i = 0; i < count; ++i)
      solve_one<T, S>(k, k.in<T>(0) + i * 3 * n, k.in<T>(1) + i * n * columns, k.out<T>(0) + i * n * columns, n, columns);
  });
}}));

// Superdiagonal, diagonal and subdiagonal as [..., 3, n], whatever form they were given in.
Tensor compact(const Args& a) {
  const std::string form = a.text("diagonals_format");
  if (form == "compact") {
    const Tensor d = operand(a, "diagonals");
    check(d.shape().known_rank() && d.rank() >= 2 && (d.dim(d.rank() - 2) < 0 || d.dim(d.rank() - 2) == 3), Code::value,
          "Expected diagonals to have shape [..., 3, M], got {}", d.shape().tuple());
    return d;
  }
  const NamedAttr axis("axis", -2);
  const auto padded = [](const Tensor& t, bool front) {
    std::vector<int32_t> pads(static_cast<size_t>(2 * t.rank()), 0);
    pads[pads.size() - (front ? 2 : 1)] = 1;
    return op("Pad", {t, Tensor::of<int32_t>({t.rank(), 2}, pads)});
  };
  if (form == "sequence") {
    const ValueList* list = a["diagonals"].get<ValueList>();
    check(list && list->size() == 3, Code::value, "Expected diagonals to be a sequence of length 3.");
    Tensor rows[3];
    DType like = DType::invalid;
    for (const Value& v : *list)
      if (const Tensor* t = v.get<Tensor>()) like = t->dtype();
    for (size_t i = 0; i < 3; ++i) rows[i] = to_tensor((*list)[i], like);
    const int64_t n = rows[1].rank() >= 1 ? rows[1].dim(-1) : -1;
    check(n >= 0 && rows[0].rank() == rows[1].rank() && rows[2].rank() == rows[1].rank(), Code::value,
          "tf.linalg.tridiagonal_solve: expected three diagonals of one rank and known length");
    check(rows[0].dim(-1) == n || rows[0].dim(-1) == n - 1, Code::value, "Expected superdiagonal to have length {} or {}", n - 1, n);
    check(rows[2].dim(-1) == n || rows[2].dim(-1) == n - 1, Code::value, "Expected subdiagonal to have length {} or {}", n - 1, n);
    if (rows[0].dim(-1) != n) rows[0] = padded(rows[0], false);
    if (rows[2].dim(-1) != n) rows[2] = padded(rows[2], true);
    return op_all("Pack", rows, {&axis, 1}).at(0);
  }
  check(form == "matrix", Code::value, "Unrecognized diagonals_format: {}", form);
  const Tensor m = square(a, "diagonals");
  require_square(m, "tf.linalg.tridiagonal_solve");
  const auto diagonal = [&](int64_t k) { return function("tf.linalg.diag_part", {{"input", m}, {"k", Value(k)}}); };
  if (const Extent n = matrices::columns_of(m); n.known() && n.value() < 2) {
    const Tensor d = diagonal(0), rows[] = {op("ZerosLike", {d}), d, op("ZerosLike", {d})};
    return op_all("Pack", rows, {&axis, 1}).at(0);
  }
  const Tensor rows[] = {padded(diagonal(1), false), diagonal(0), padded(diagonal(-1), true)};
  return op_all("Pack", rows, {&axis, 1}).at(0);
}
// rhs [..., n] or [..., n, columns] as the latter, for d [..., 3, n].
Tensor right_sides(const Args& a, const Tensor& d, bool* vector) {
  Tensor b = operand(a, "rhs", d.dtype());
  *vector = b.rank() == d.rank() - 1;
  if (a.flag("conjugate_rhs") || (a.flag("transpose_rhs") && !*vector))
    b = *vector ? conj(b) : a.flag("transpose_rhs") ? function("tf.linalg.matrix_transpose", {{"a", b}, {"conjugate", a.flag("conjugate_rhs")}}) : conj(b);
  return *vector ? op("ExpandDims", {b, int_scalar(-1)}) : b;
}
Tensor without_column(const Tensor& t) { return op("Squeeze", {t}, {{"squeeze_dims", std::vector<int64_t>{-1}}}); }

Value tridiagonal_solve(Args& a) {
  const Tensor d = compact(a);
  bool vector = false;
  const Tensor b = right_sides(a, d, &vector);
  check(a.flag("partial_pivoting") || !a.flag("perturb_singular"), Code::value, "partial_pivoting must be True if perturb_singular is True.");
  const Tensor x = op("TridiagonalSolve", {d, b}, {{"partial_pivoting", a.flag("partial_pivoting")}, {"perturb_singular", a.flag("perturb_singular")}});
  return vector ? without_column(x) : x;
}

// ---- what is made of factors ----

double epsilon_of(DType d) { return real_part_of(d) == DType::f64 ? std::numeric_limits<double>::epsilon() : std::numeric_limits<float>::epsilon(); }
// The longer side times a number, of s's dtype.
Tensor longest(const Tensor& m, const Tensor& s, double by) {
  const Extent n = larger(rows_of(m), columns_of(m));
  return n.known() ? number_like(s, by * static_cast<double>(n.value())) : cast(n.tensor(), s.dtype()) * number_like(s, by);
}

Value rank_of(Args& a) {
  const Tensor m = square(a, "a");
  const Tensor s = function("tf.linalg.svd", {{"tensor", m}, {"compute_uv", false}});
  Tensor least = a.none("tol") ? op("Max", {s, int_scalar(-1)}, {{"keep_dims", true}}) * longest(m, s, epsilon_of(m.dtype()))
                               : operand(a, "tol", s.dtype());
  return op("Sum", {cast(op("Greater", {s, least}), DType::i32), int_scalar(-1)});
}
Value pseudo_inverse(Args& a) {
  const Tensor m = square(a, "a");
  const Value parts = call("tf.linalg.svd", {{"tensor", m}, {"full_matrices", false}, {"compute_uv", true}});
  const ValueList& list = *parts.get<ValueList>();
  const Tensor s = *list.at(0).get<Tensor>(), u = *list.at(1).get<Tensor>(), v = *list.at(2).get<Tensor>();
  const Tensor share = a.none("rcond") ? longest(m, s, 10 * epsilon_of(m.dtype())) : operand(a, "rcond", s.dtype());
  const Tensor cut = share * op("Max", {s, int_scalar(-1)});
  const Tensor big = op("Greater", {s, op("ExpandDims", {cut, int_scalar(-1)})});
  const Tensor kept = cast(op("SelectV2", {big, s, number_like(s, std::numeric_limits<double>::infinity())}), m.dtype());
  return times(v / op("ExpandDims", {kept, int_scalar(-2)}), u, false, true);
}
// Scaling and squaring with the Pade approximant of degree 13 (Higham 2005).
Value exponential(Args& a) {
  Tensor m = square(a, "input");
  require_square(m, "tf.linalg.expm");
  if (m.dim(-1) == 0) return m;
  const Tensor size = is_complex(m.dtype()) ? op("ComplexAbs", {m}, {{"Tout", real_part_of(m.dtype())}}) : op("Abs", {m});
  const Tensor norm = op("Max", {op("Sum", {size, int_scalar(-2)}), int_scalar(-1)});
  const Tensor halvings = op("Maximum", {op("Ceil", {op("Log", {norm / number_like(norm, 5.371920351148152)}) / number_like(norm, std::log(2.0))}), number_like(norm, 0)});
  double most = 40;   // of a matrix whose values are not known yet: beyond it the numbers would overflow
  const Tensor top = op("Max", {op("Reshape", {halvings, int_vector({-1})}), int_scalar(0)});
  if (const Tensor* known = known_value(top)) most = std::isfinite(known->float_at(0)) ? std::min(most, known->float_at(0)) : 0;
  const auto wide = [&](const Tensor& t) {
    const Tensor two = op("ExpandDims", {op("ExpandDims", {t, int_scalar(-1)}), int_scalar(-1)});
    return is_complex(m.dtype()) ? op("Cast", {two}, {{"DstT", m.dtype()}}) : two;
  };
  m = m / wide(op("Pow", {number_like(norm, 2), op("Minimum", {halvings, number_like(norm, most)})}));
  static constexpr double b[] = {64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
                                 670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1};
  const auto c = [&](int i) { return number_like(m, b[i] / b[0]); };
  const Tensor eye = identity_like(m), m2 = times(m, m), m4 = times(m2, m2), m6 = times(m4, m2);
  const Tensor odd = times(m, times(m6, m6 * c(13) + m4 * c(11) + m2 * c(9)) + m6 * c(7) + m4 * c(5) + m2 * c(3) + eye * c(1));
  const Tensor even = times(m6, m6 * c(12) + m4 * c(10) + m2 * c(8)) + m6 * c(6) + m4 * c(4) + m2 * c(2) + eye * c(0);
  Tensor y = op("MatrixSolve", {even - odd, even + odd});
  for (int i = 0; i < static_cast<int>(most); ++i) {
    const Tensor more = op("Greater", {halvings, number_like(halvings, i)});
    y = op("SelectV2", {op("ExpandDims", {op("ExpandDims", {more, int_scalar(-1)}), int_scalar(-1)}), times(y, y), y});
  }
  return y;
}

const Function functions[] = {
    {{"tf.linalg.lu"}, "(input: T, output_idx_type: dtype = tf.int32, name: str = None)",
     "(L and U in one matrix, without L's ones; p): row i of L U is row p[i] of input.", lu_of, "tensors"},
    {{"tf.linalg.lu_reconstruct"}, "(lower_upper: T, perm: value, validate_args: bool = False, name: str = None)", "The matrix that tf.linalg.lu was given.",
     reconstructed},
    {{"tf.linalg.lu_solve"}, "(lower_upper: T, perm: value, rhs: T, validate_args: bool = False, name: str = None)",
     "x of A x = rhs, A as tf.linalg.lu gives it.",
     [](Args& a) -> Value {
       const Factors f = factors_of(a);
       return solved_by(f, operand(a, "rhs", f.lower.dtype()));
     }},
    {{"tf.linalg.lu_matrix_inverse"}, "(lower_upper: T, perm: value, validate_args: bool = False, name: str = None)",
     "The inverse of A, as tf.linalg.lu gives it.",
     [](Args& a) -> Value {
       const Factors f = factors_of(a);
       return solved_by(f, op("BroadcastTo", {identity_like(f.lower), shape_tensor(f.lower)}));
     }},
    {{"tf.linalg.matrix_rank"}, "(a: T, tol: value = None, validate_args: bool = False, name: str = None)",
     "How many singular values are greater than tol: by default epsilon times the greatest and the longer side.", rank_of},
    {{"tf.linalg.pinv"}, "(a: T, rcond: value = None, validate_args: bool = False, name: str = None)",
     "The pseudo-inverse: singular values at most rcond times the greatest count as 0.", pseudo_inverse},
    {{"tf.linalg.expm"}, "(input: T, name: str = None)", "The matrix exponential: 1 + A + A^2 / 2 + ...", exponential},
    {{"tf.linalg.tridiagonal_solve"},
     "(diagonals: value, rhs: value, diagonals_format: str = 'compact', transpose_rhs: bool = False, conjugate_rhs: bool = False, name: str = None, "
     "partial_pivoting: bool = True, perturb_singular: bool = False)",
     "x of A x = rhs, A given by its diagonals: [..., 3, n] ('compact'), a list of three ('sequence'), or the matrix.", tridiagonal_solve},
};
const std::vector<Registrar> known(std::begin(functions), std::end(functions));

}  // namespace
}  // namespace ninefold::ops
