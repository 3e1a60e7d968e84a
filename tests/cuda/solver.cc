// In: what the GPU library is asked of cuSOLVER. Out: that, on the host, from the definitions: by columns, in complex double.
#include <algorithm>
#include <cmath>
#include <complex>
#include <numeric>
#include <vector>

#include "emulated_solver.h"

namespace ninefold::cuda {
namespace {

using Number = std::complex<double>;

struct Matrix {                                  // by columns
  int64_t rows, columns;
  std::vector<Number> at;
  Matrix(int64_t m, int64_t n) : rows(m), columns(n), at(static_cast<size_t>(m * n)) {}
  Number& operator()(int64_t i, int64_t j) { return at[static_cast<size_t>(j * rows + i)]; }
};
Matrix read(const void* from, int64_t m, int64_t n, bool complex) {
  Matrix a(m, n);
  for (size_t i = 0; i < a.at.size(); ++i)
    a.at[i] = complex ? static_cast<const Number*>(from)[i] : Number(static_cast<const double*>(from)[i]);
  return a;
}
void write(void* to, const Matrix& a, bool complex) {
  for (size_t i = 0; i < a.at.size(); ++i)
    if (complex) static_cast<Number*>(to)[i] = a.at[i];
    else static_cast<double*>(to)[i] = a.at[i].real();
}

// A = U^H U; the other triangle stays as it was.
int upper_factor(Matrix& a) {
  for (int64_t j = 0; j < a.rows; ++j) {
    for (int64_t i = 0; i <= j; ++i) {
      Number sum = a(i, j);
      for (int64_t k = 0; k < i; ++k) sum -= std::conj(a(k, i)) * a(k, j);
      if (i < j) a(i, j) = sum / a(i, i);
      else if (!(sum.real() > 0)) return static_cast<int>(j) + 1;
      else a(j, j) = std::sqrt(sum.real());
    }
  }
  return 0;
}
int triangles(Matrix& a, int64_t* pivots) {
  int info = 0;
  for (int64_t k = 0; k < a.rows; ++k) {
    int64_t best = k;
    for (int64_t i = k; i < a.rows; ++i)
      if (std::abs(a(i, k)) > std::abs(a(best, k))) best = i;
    pivots[k] = best + 1;
    for (int64_t j = 0; j < a.columns; ++j) std::swap(a(k, j), a(best, j));
    if (a(k, k) == 0.0) {
      info = info ? info : static_cast<int>(k) + 1;
      continue;
    }
    for (int64_t i = k + 1; i < a.rows; ++i) {
      a(i, k) /= a(k, k);
      for (int64_t j = k + 1; j < a.columns; ++j) a(i, j) -= a(i, k) * a(k, j);
    }
  }
  return info;
}
// Turns columns p and q of a (and of v) until they are at right angles; whether they were not.
bool turn(Matrix& a, Matrix& v, int64_t p, int64_t q) {
  double pp = 0, qq = 0, pq = 0;
  for (int64_t i = 0; i < a.rows; ++i) {
    pp += std::norm(a(i, p)), qq += std::norm(a(i, q));
    pq += a(i, p).real() * a(i, q).real();
  }
  if (std::abs(pq) <= 1e-15 * std::sqrt(pp * qq) || pq == 0) return false;
  const double t = (qq - pp) / (2 * pq), tangent = (t >= 0 ? 1 : -1) / (std::abs(t) + std::sqrt(1 + t * t));
  const double cosine = 1 / std::sqrt(1 + tangent * tangent), sine = cosine * tangent;
  for (Matrix* m : {&a, &v})
    for (int64_t i = 0; i < m->rows; ++i) {
      const Number x = (*m)(i, p), y = (*m)(i, q);
      (*m)(i, p) = cosine * x - sine * y, (*m)(i, q) = sine * x + cosine * y;
    }
  return true;
}
// Real a = U S V^T: a becomes U S, v V.
void singular(Matrix& a, Matrix& v) {
  for (int64_t i = 0; i < v.rows; ++i) v(i, i) = 1;
  for (bool going = true; going;) {
    going = false;
    for (int64_t p = 0; p < a.columns; ++p)
      for (int64_t q = p + 1; q < a.columns; ++q) going = turn(a, v, p, q) || going;
  }
}
double length(Matrix& a, int64_t j) {
  double sum = 0;
  for (int64_t i = 0; i < a.rows; ++i) sum += std::norm(a(i, j));
  return std::sqrt(sum);
}

// Rotations from both sides until nothing lies off the diagonal; column q takes a phase first that makes what lies there real.
int eigen(const Solver& s) {
  const int64_t n = s.n;
  Matrix a = read(s.a, n, n, s.complex), v(n, n), sorted(n, n);
  for (int64_t j = 0; j < n; ++j) {
    a(j, j) = a(j, j).real(), v(j, j) = 1;
    for (int64_t i = 0; i < j; ++i) a(j, i) = std::conj(a(i, j));
  }
  for (int sweep = 0; sweep < 40; ++sweep) {
    bool going = false;
    for (int64_t p = 0; p < n; ++p)
      for (int64_t q = p + 1; q < n; ++q) {
        const double between = std::abs(a(p, q));
        if (between <= 1e-17 * (std::abs(a(p, p)) + std::abs(a(q, q)))) continue;
        going = true;
        const Number phase = std::conj(a(p, q)) / between;
        const double t = (a(q, q) - a(p, p)).real() / (2 * between), tangent = (t >= 0 ? 1 : -1) / (std::abs(t) + std::sqrt(1 + t * t));
        const double cosine = 1 / std::sqrt(1 + tangent * tangent), sine = cosine * tangent;
        const auto turned = [&](Number& x, Number& y, Number by) {
          const Number old = x, other = y * by;
          x = cosine * old - sine * other, y = sine * old + cosine * other;
        };
        for (int64_t k = 0; k < n; ++k) turned(a(k, p), a(k, q), phase);
        for (int64_t k = 0; k < n; ++k) turned(a(p, k), a(q, k), std::conj(phase));
        for (int64_t k = 0; k < n; ++k) turned(v(k, p), v(k, q), phase);
        a(p, q) = a(q, p) = 0;
      }
    if (!going) break;
  }
  std::vector<std::pair<double, int64_t>> order;
  for (int64_t j = 0; j < n; ++j) order.emplace_back(a(j, j).real(), j);
  std::sort(order.begin(), order.end());
  for (int64_t j = 0; j < n; ++j) {
    const auto [value, from] = order[static_cast<size_t>(j)];
    static_cast<double*>(s.values)[j] = value;
    for (int64_t i = 0; i < n; ++i) sorted(i, j) = s.vectors ? v(i, from) : std::nan("");   // which is lost
  }
  write(s.a, sorted, s.complex);
  return 0;
}
int decompose(const Solver& s) {
  Matrix a = read(s.a, s.m, s.n, false), v(s.n, s.n);
  singular(a, v);
  std::vector<std::pair<double, int64_t>> order;
  for (int64_t j = 0; j < s.n; ++j) order.emplace_back(-length(a, j), j);
  std::sort(order.begin(), order.end());
  Matrix left(s.m, s.left ? s.columns : 0), right(s.n, s.n);
  for (int64_t j = 0; j < s.n; ++j) {
    const auto [minus, from] = order[static_cast<size_t>(j)];
    static_cast<double*>(s.values)[j] = -minus;
    for (int64_t i = 0; i < s.n; ++i) right(j, i) = v(i, from);
    if (s.left && -minus > 1e-13 * -order[0].first)
      for (int64_t i = 0; i < s.m; ++i) left(i, j) = a(i, from) / -minus;
  }
  // What is still nothing becomes whatever stands at right angles to the rest.
  for (int64_t j = 0, next = 0; j < left.columns; ++j)
    for (; length(left, j) < 0.5 && next < s.m; ++next) {
      for (int64_t i = 0; i < s.m; ++i) left(i, j) = i == next;
      for (int again = 0; again < 2; ++again)
        for (int64_t k = 0; k < left.columns; ++k) {
          if (k == j || length(left, k) < 0.5) continue;
          double with = 0;
          for (int64_t i = 0; i < s.m; ++i) with += left(i, k).real() * left(i, j).real();
          for (int64_t i = 0; i < s.m; ++i) left(i, j) -= with * left(i, k);
        }
      const double n = length(left, j);
      for (int64_t i = 0; i < s.m; ++i) left(i, j) = n < 1e-6 ? Number(0) : left(i, j) / n;
    }
  if (s.left) write(s.left, left, false);
  if (s.right) write(s.right, right, false);
  for (int64_t i = 0; i < s.m * s.n; ++i) static_cast<double*>(s.a)[i] = std::nan("");   // which is lost
  return 0;
}

}  // namespace

int emulated_solver(const Solver& s) {
  if (s.kind == Solver::eigen || s.kind == Solver::singular) {
    *s.info = s.kind == Solver::eigen ? eigen(s) : decompose(s);
    return 0;
  }
  Matrix a = read(s.a, s.n, s.n, s.complex);
  *s.info = s.kind == Solver::cholesky ? upper_factor(a) : triangles(a, s.pivots);
  write(s.a, a, s.complex);
  return 0;
}

}  // namespace ninefold::cuda
