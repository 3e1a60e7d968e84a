// In: one dense matrix, row-major, of double or complex<double>. Out: its factors.
#include "engine/ops/dense_linalg.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ninefold::linalg {
namespace {

double conj(double x) { return x; }
std::complex<double> conj(std::complex<double> x) { return std::conj(x); }
double real(double x) { return x; }
double real(std::complex<double> x) { return x.real(); }

}  // namespace

template <class S>
Matrix<S> identity(int64_t n) {
  Matrix<S> m(n, n);
  for (int64_t i = 0; i < n; ++i) m(i, i) = 1;
  return m;
}
template <class S>
Matrix<S> adjoint(const Matrix<S>& a) {
  Matrix<S> t(a.columns, a.rows);
  for (int64_t i = 0; i < a.rows; ++i)
    for (int64_t j = 0; j < a.columns; ++j) t(j, i) = conj(a(i, j));
  return t;
}
template <class S>
Matrix<S> product(const Matrix<S>& a, const Matrix<S>& b) {
  Matrix<S> c(a.rows, b.columns);
  for (int64_t i = 0; i < a.rows; ++i)
    for (int64_t k = 0; k < a.columns; ++k)
      for (int64_t j = 0; j < b.columns; ++j) c(i, j) += a(i, k) * b(k, j);
  return c;
}

template <class S>
Matrix<S> cholesky(const Matrix<S>& a) {
  Matrix<S> l(a.rows, a.rows);
  for (int64_t j = 0; j < a.rows; ++j) {
    double d = real(a(j, j));
    for (int64_t k = 0; k < j; ++k) d -= std::norm(l(j, k));
    if (!(d > 0)) {   // not positive definite: the whole factor is NaN, and that is no error
      for (int64_t i = 0; i < a.rows; ++i)
        for (int64_t k = 0; k <= i; ++k) l(i, k) = std::nan("");
      return l;
    }
    const double root = std::sqrt(d);
    l(j, j) = root;
    for (int64_t i = j + 1; i < a.rows; ++i) {
      S s = a(i, j);
      for (int64_t k = 0; k < j; ++k) s -= l(i, k) * conj(l(j, k));
      l(i, j) = s / root;
    }
  }
  return l;
}

template <class S>
Matrix<S> triangular_solve(const Matrix<S>& a, const Matrix<S>& b, bool lower, bool adjoint_a) {
  const int64_t n = a.rows;
  Matrix<S> x = b;
  const bool forward = lower != adjoint_a;
  const auto at = [&](int64_t i, int64_t j) { return adjoint_a ? conj(a(j, i)) : a(i, j); };
  for (int64_t step = 0; step < n; ++step) {
    const int64_t i = forward ? step : n - 1 - step;
    for (int64_t k = forward ? 0 : i + 1; k < (forward ? i : n); ++k) {
      const S f = at(i, k);
      for (int64_t j = 0; j < b.columns; ++j) x(i, j) -= f * x(k, j);
    }
    const S d = at(i, i);
    for (int64_t j = 0; j < b.columns; ++j) x(i, j) /= d;
  }
  return x;
}

template <class S>
Lu<S>::Lu(Matrix<S> a) : lu(std::move(a)), order(static_cast<size_t>(lu.rows)) {
  const int64_t n = lu.rows;
  std::iota(order.begin(), order.end(), 0);
  for (int64_t k = 0; k < n; ++k) {
    int64_t pivot = k;
    for (int64_t i = k + 1; i < n; ++i)
      if (std::abs(lu(i, k)) > std::abs(lu(pivot, k))) pivot = i;
    if (pivot != k) {
      for (int64_t j = 0; j < n; ++j) std::swap(lu(k, j), lu(pivot, j));
      std::swap(order[static_cast<size_t>(k)], order[static_cast<size_t>(pivot)]);
      odd = !odd;
    }
    if (lu(k, k) == S(0)) continue;
    for (int64_t i = k + 1; i < n; ++i) {
      const S f = lu(i, k) /= lu(k, k);
      for (int64_t j = k + 1; j < n; ++j) lu(i, j) -= f * lu(k, j);
    }
  }
}
template <class S>
bool Lu<S>::singular() const {
  for (int64_t i = 0; i < lu.rows; ++i)
    if (lu(i, i) == S(0)) return true;
  return false;
}
template <class S>
Matrix<S> Lu<S>::solve(const Matrix<S>& b) const {
  const int64_t n = lu.rows;
  Matrix<S> x(n, b.columns);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < b.columns; ++j) x(i, j) = b(order[static_cast<size_t>(i)], j);
    for (int64_t k = 0; k < i; ++k)
      for (int64_t j = 0; j < b.columns; ++j) x(i, j) -= lu(i, k) * x(k, j);
  }
  return triangular_solve(lu, x, false, false);
}

template <class S>
Qr<S>::Qr(const Matrix<S>& a, bool full)
    : q(a.rows, full ? a.rows : std::min(a.rows, a.columns)), r(full ? a.rows : std::min(a.rows, a.columns), a.columns) {
  Matrix<S> w = a;
  const int64_t m = a.rows, steps = std::min(m, a.columns);
  std::vector<S> tau(static_cast<size_t>(steps));
  // H = I - tau v v^H with v(k) = 1 and the rest of v below the diagonal of w. Applied from the left.
  const auto reflect = [&](Matrix<S>& x, int64_t k, int64_t from, S t) {
    for (int64_t j = from; j < x.columns; ++j) {
      S s = x(k, j);
      for (int64_t i = k + 1; i < m; ++i) s += conj(w(i, k)) * x(i, j);
      s *= t;
      x(k, j) -= s;
      for (int64_t i = k + 1; i < m; ++i) x(i, j) -= w(i, k) * s;
    }
  };
  for (int64_t k = 0; k < steps; ++k) {
    double tail = 0;
    for (int64_t i = k + 1; i < m; ++i) tail += std::norm(w(i, k));
    const S c = w(k, k);
    if (tail == 0 && c == S(real(c))) continue;   // tau 0: the identity
    double beta = std::sqrt(std::norm(c) + tail);
    if (real(c) >= 0) beta = -beta;
    for (int64_t i = k + 1; i < m; ++i) w(i, k) /= c - beta;
    tau[static_cast<size_t>(k)] = (S(beta) - c) / beta;
    w(k, k) = beta;
    reflect(w, k, k + 1, conj(tau[static_cast<size_t>(k)]));
  }
  for (int64_t i = 0; i < r.rows; ++i)
    for (int64_t j = i; j < r.columns; ++j) r(i, j) = w(i, j);
  for (int64_t i = 0; i < q.columns; ++i) q(i, i) = 1;
  for (int64_t k = steps; k-- > 0;) reflect(q, k, 0, tau[static_cast<size_t>(k)]);
}

namespace {
constexpr double kLeast = 1e-290;   // below, numbers have lost digits, and a phase would not have length 1
// What makes the inner product g of two columns real, and what it is then: a real one stays as it is.
template <class S> struct Turn { S phase; double size; };
Turn<double> turn(double g) { return {1, g}; }
Turn<std::complex<double>> turn(std::complex<double> g) { return {std::conj(g) / std::abs(g), std::abs(g)}; }
double conjugate(double x) { return x; }
std::complex<double> conjugate(std::complex<double> x) { return std::conj(x); }

// Columns p and q, of which q takes a phase first, rotated.
template <class S>
void rotate_columns(Matrix<S>& m, int64_t p, int64_t q, double c, double s, S phase) {
  for (int64_t k = 0; k < m.rows; ++k) {
    const S x = m(k, p), y = m(k, q) * phase;
    m(k, p) = c * x - s * y, m(k, q) = s * x + c * y;
  }
}
}  // namespace

template <class S>
Eigh<S>::Eigh(const Matrix<S>& a) : values(static_cast<size_t>(a.rows)), vectors(a.rows, a.rows) {
  const int64_t n = a.rows;
  Matrix<S> w = a, v = identity<S>(n);
  for (int64_t i = 0; i < n; ++i) {
    w(i, i) = std::real(w(i, i));
    for (int64_t j = i + 1; j < n; ++j) w(i, j) = conjugate(w(j, i));
  }
  for (int sweep = 0; sweep < 60; ++sweep) {
    double off = 0, all = 0;
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j) (i == j ? all : off) += std::norm(w(i, j));
    if (!(off > 1e-34 * (all + off))) break;
    for (int64_t p = 0; p < n; ++p)
      for (int64_t q = p + 1; q < n; ++q) {
        if (std::abs(w(p, q)) < kLeast) continue;
        const auto [phase, size] = turn(w(p, q));
        const double theta = std::real(w(q, q) - w(p, p)) / (2 * size);
        const double t = std::copysign(1, theta) / (std::fabs(theta) + std::hypot(1, theta)), c = 1 / std::hypot(1, t), s = t * c;
        rotate_columns(w, p, q, c, s, phase);
        for (int64_t k = 0; k < n; ++k) {
          const S x = w(p, k), y = w(q, k) * conjugate(phase);
          w(p, k) = c * x - s * y, w(q, k) = s * x + c * y;
        }
        rotate_columns(v, p, q, c, s, phase);
      }
  }
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int64_t i, int64_t j) { return std::real(w(i, i)) < std::real(w(j, j)); });
  for (int64_t j = 0; j < n; ++j) {
    const int64_t from = order[static_cast<size_t>(j)];
    values[static_cast<size_t>(j)] = std::real(w(from, from));
    for (int64_t i = 0; i < n; ++i) vectors(i, j) = v(i, from);
  }
}

namespace {
// Fills columns [from, columns) with unit vectors at right angles to all before them.
template <class S>
void complete(Matrix<S>& u, int64_t from) {
  for (int64_t j = from, tried = 0; j < u.columns && tried < u.rows; ++tried) {
    for (int64_t i = 0; i < u.rows; ++i) u(i, j) = i == tried;
    for (int round = 0; round < 2; ++round)
      for (int64_t k = 0; k < j; ++k) {
        S dot = 0;
        for (int64_t i = 0; i < u.rows; ++i) dot += conjugate(u(i, k)) * u(i, j);
        for (int64_t i = 0; i < u.rows; ++i) u(i, j) -= dot * u(i, k);
      }
    double norm = 0;
    for (int64_t i = 0; i < u.rows; ++i) norm += std::norm(u(i, j));
    if (norm < 1e-8) continue;
    for (int64_t i = 0; i < u.rows; ++i) u(i, j) /= std::sqrt(norm);
    ++j;
  }
}
}  // namespace

template <class S>
Svd<S>::Svd(const Matrix<S>& a, bool full)
    : s(static_cast<size_t>(std::min(a.rows, a.columns))),
      u(a.rows, full ? a.rows : std::min(a.rows, a.columns)), v(a.columns, full ? a.columns : std::min(a.rows, a.columns)) {
  const bool wide = a.columns > a.rows;
  Matrix<S> w = wide ? adjoint(a) : a, right = identity<S>(w.columns);
  const int64_t m = w.rows, n = w.columns;
  for (int sweep = 0; sweep < 60; ++sweep) {
    bool turned = false;
    for (int64_t p = 0; p < n; ++p)
      for (int64_t q = p + 1; q < n; ++q) {
        double alpha = 0, beta = 0;
        S gamma = 0;
        for (int64_t i = 0; i < m; ++i)
          alpha += std::norm(w(i, p)), beta += std::norm(w(i, q)), gamma += conjugate(w(i, p)) * w(i, q);
        if (!(std::abs(gamma) > 1e-16 * std::sqrt(alpha * beta)) || std::abs(gamma) < kLeast) continue;
        turned = true;
        const auto [phase, size] = turn(gamma);
        const double theta = (beta - alpha) / (2 * size);
        const double t = std::copysign(1, theta) / (std::fabs(theta) + std::hypot(1, theta)), c = 1 / std::hypot(1, t), sine = t * c;
        rotate_columns(w, p, q, c, sine, phase);
        rotate_columns(right, p, q, c, sine, phase);
      }
    if (!turned) break;
  }
  std::vector<double> norms(static_cast<size_t>(n));
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t i = 0; i < m; ++i) norms[static_cast<size_t>(j)] += std::norm(w(i, j));
    norms[static_cast<size_t>(j)] = std::sqrt(norms[static_cast<size_t>(j)]);
  }
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t i, int64_t j) { return norms[static_cast<size_t>(i)] > norms[static_cast<size_t>(j)]; });
  Matrix<S>&left = wide ? v : u, &other = wide ? u : v;
  int64_t rank = 0;
  for (int64_t j = 0; j < n; ++j) {
    const int64_t from = order[static_cast<size_t>(j)];
    const double norm = norms[static_cast<size_t>(from)];
    s[static_cast<size_t>(j)] = norm;
    if (norm > 0) rank = j + 1;
    for (int64_t i = 0; i < m && norm > 0; ++i) left(i, j) = w(i, from) / norm;
    for (int64_t i = 0; i < n; ++i) other(i, j) = right(i, from);
  }
  complete(left, rank);
}

#define INSTANCES(S)                                                                           \
  template Matrix<S> identity(int64_t);                                                        \
  template Matrix<S> adjoint(const Matrix<S>&);                                                \
  template Matrix<S> product(const Matrix<S>&, const Matrix<S>&);                              \
  template Matrix<S> cholesky(const Matrix<S>&);                                               \
  template Matrix<S> triangular_solve(const Matrix<S>&, const Matrix<S>&, bool, bool);         \
  template struct Lu<S>;                                                                       \
  template struct Qr<S>;                                                                       \
  template struct Eigh<S>;                                                                     \
  template struct Svd<S>
INSTANCES(double);
INSTANCES(std::complex<double>);

}  // namespace ninefold::linalg
