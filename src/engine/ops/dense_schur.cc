// In: one dense complex matrix. Out: its Schur form; and of that eigenvectors, the square root and the logarithm.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/ops/dense_linalg.h"

namespace ninefold::linalg {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
using Square = Matrix<Complex>;

bool finite(const Square& a) {
  return std::all_of(a.data.begin(), a.data.end(), [](Complex x) { return std::isfinite(x.real()) && std::isfinite(x.imag()); });
}
Square nowhere(int64_t n) {
  Square m(n, n);
  std::fill(m.data.begin(), m.data.end(), Complex(std::nan(""), std::nan("")));
  return m;
}

// Zeros below the first subdiagonal, by Householder's reflections, which q gathers.
void to_hessenberg(Square& t, Square& q) {
  const int64_t n = t.rows;
  std::vector<Complex> v(static_cast<size_t>(n));
  for (int64_t k = 0; k + 2 < n; ++k) {
    double rest = 0;
    for (int64_t i = k + 2; i < n; ++i) rest += std::norm(t(i, k));
    if (rest == 0) continue;
    const Complex head = t(k + 1, k);
    const double norm = std::sqrt(rest + std::norm(head));
    const Complex beta = std::abs(head) == 0 ? Complex(norm) : head / std::abs(head) * norm;
    double length = 0;
    for (int64_t i = k + 1; i < n; ++i) {
      v[static_cast<size_t>(i)] = t(i, k) + (i == k + 1 ? beta : Complex(0));
      length += std::norm(v[static_cast<size_t>(i)]);
    }
    const auto at = [&](int64_t i) { return v[static_cast<size_t>(i)]; };
    for (int64_t j = 0; j < n; ++j) {          // from the left
      Complex dot = 0;
      for (int64_t i = k + 1; i < n; ++i) dot += std::conj(at(i)) * t(i, j);
      for (int64_t i = k + 1; i < n; ++i) t(i, j) -= 2.0 / length * dot * at(i);
    }
    for (Square* m : {&t, &q})                 // from the right
      for (int64_t i = 0; i < n; ++i) {
        Complex dot = 0;
        for (int64_t j = k + 1; j < n; ++j) dot += (*m)(i, j) * at(j);
        for (int64_t j = k + 1; j < n; ++j) (*m)(i, j) -= 2.0 / length * dot * std::conj(at(j));
      }
    for (int64_t i = k + 2; i < n; ++i) t(i, k) = 0;
  }
}

// The eigenvalue of the last 2 x 2 block up to `end` that is nearer to its last element.
Complex shift_at(const Square& t, int64_t end) {
  const Complex a = t(end - 1, end - 1), b = t(end - 1, end), c = t(end, end - 1), d = t(end, end);
  const Complex half = (a - d) * 0.5, root = std::sqrt(half * half + b * c);
  const Complex one = (a + d) * 0.5 + root, two = (a + d) * 0.5 - root;
  return std::abs(one - d) < std::abs(two - d) ? one : two;
}

// One QR step on rows and columns [begin, end], by Givens' rotations.
void step(Square& t, Square& q, int64_t begin, int64_t end, Complex shift) {
  const int64_t n = t.rows;
  Complex x = t(begin, begin) - shift, y = t(begin + 1, begin);
  for (int64_t k = begin; k < end; ++k) {
    if (k > begin) x = t(k, k - 1), y = t(k + 1, k - 1);
    const double r = std::hypot(std::abs(x), std::abs(y));
    if (r == 0) continue;
    const Complex c = std::conj(x) / r, s = std::conj(y) / r;      // [c s; -s* c*] (x, y) = (r, 0)
    for (int64_t j = std::max(begin, k - 1); j < n; ++j) {
      const Complex u = t(k, j), w = t(k + 1, j);
      t(k, j) = c * u + s * w, t(k + 1, j) = -std::conj(s) * u + std::conj(c) * w;
    }
    for (int64_t i = 0; i <= std::min(k + 2, end); ++i) {
      const Complex u = t(i, k), w = t(i, k + 1);
      t(i, k) = u * std::conj(c) + w * std::conj(s), t(i, k + 1) = -u * s + w * c;
    }
    for (int64_t i = 0; i < n; ++i) {
      const Complex u = q(i, k), w = q(i, k + 1);
      q(i, k) = u * std::conj(c) + w * std::conj(s), q(i, k + 1) = -u * s + w * c;
    }
    if (k > begin) t(k + 1, k - 1) = 0;
  }
}

}  // namespace

Schur::Schur(const Square& a) : q(identity<Complex>(a.rows)), t(a) {
  const int64_t n = a.rows;
  if (!finite(a)) {
    q = t = nowhere(n);
    return;
  }
  to_hessenberg(t, q);
  int tried = 0;
  for (int64_t end = n - 1; end > 0;) {
    int64_t begin = end;
    for (; begin > 0; --begin) {
      const double near = std::abs(t(begin, begin)) + std::abs(t(begin - 1, begin - 1));
      if (std::abs(t(begin, begin - 1)) <= kEpsilon * (near == 0 ? 1 : near)) {
        t(begin, begin - 1) = 0;
        break;
      }
    }
    if (begin == end) {
      --end, tried = 0;
      continue;
    }
    if (++tried > 300) break;       // as far as it came
    // Now and then another shift, for matrices that Wilkinson's leaves as they are.
    step(t, q, begin, end, tried % 10 == 0 ? Complex(std::abs(t(end, end - 1)) + (end > 1 ? std::abs(t(end - 1, end - 2)) : 0)) : shift_at(t, end));
  }
}

Eig::Eig(const Square& a) : values(static_cast<size_t>(a.rows)), vectors(a.rows, a.rows) {
  const int64_t n = a.rows;
  const Schur f(a);
  double size = 0;
  for (const Complex& x : f.t.data) size = std::max(size, std::abs(x));
  const double least = kEpsilon * (size == 0 ? 1 : size);
  // Of T by substitution from below: x(k) = 1; equal eigenvalues are told apart by the least difference that is seen.
  Square x(n, n);
  for (int64_t k = 0; k < n; ++k) {
    x(k, k) = 1;
    for (int64_t i = k - 1; i >= 0; --i) {
      Complex sum = -f.t(i, k);
      for (int64_t j = i + 1; j < k; ++j) sum -= f.t(i, j) * x(j, k);
      Complex gap = f.t(i, i) - f.t(k, k);
      if (std::abs(gap) < least) gap = least;
      x(i, k) = sum / gap;
    }
  }
  const Square v = product(f.q, x);
  std::vector<int64_t> order(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) order[static_cast<size_t>(i)] = i;
  std::stable_sort(order.begin(), order.end(), [&](int64_t i, int64_t j) { return std::abs(f.t(i, i)) < std::abs(f.t(j, j)); });
  for (int64_t k = 0; k < n; ++k) {
    const int64_t from = order[static_cast<size_t>(k)];
    values[static_cast<size_t>(k)] = f.t(from, from);
    double norm = 0;
    for (int64_t i = 0; i < n; ++i) norm += std::norm(v(i, from));
    for (int64_t i = 0; i < n; ++i) vectors(i, k) = v(i, from) / std::sqrt(norm);
  }
}

namespace {
// Of an upper triangular matrix: R with R R = t (Bjorck and Hammarling 1983).
Square root_of_triangle(const Square& t) {
  const int64_t n = t.rows;
  Square r(n, n);
  for (int64_t j = 0; j < n; ++j) {
    r(j, j) = std::sqrt(t(j, j));
    for (int64_t i = j - 1; i >= 0; --i) {
      Complex sum = t(i, j);
      for (int64_t k = i + 1; k < j; ++k) sum -= r(i, k) * r(k, j);
      const Complex both = r(i, i) + r(j, j);
      r(i, j) = sum == Complex(0) ? sum : sum / both;
    }
  }
  return r;
}
Square within(const Schur& f, const Square& m) { return product(product(f.q, m), adjoint(f.q)); }

// Gauss' points and weights on [0, 1], by Newton's steps on Legendre's polynomial.
void legendre(int n, std::vector<double>& points, std::vector<double>& weights) {
  for (int i = 0; i < n; ++i) {
    double x = std::cos(3.14159265358979323846 * (i + 0.75) / (n + 0.5)), slope = 1;
    for (int round = 0; round < 50; ++round) {
      double before = 1, now = x;
      for (int k = 2; k <= n; ++k) before = std::exchange(now, ((2 * k - 1) * x * now - (k - 1) * before) / k);
      slope = n * (x * now - before) / (x * x - 1);
      const double by = now / slope;
      x -= by;
      if (std::fabs(by) < 1e-16) break;
    }
    points.push_back((1 + x) / 2);
    weights.push_back(1 / ((1 - x * x) * slope * slope));
  }
}
}  // namespace

Square square_root(const Square& a) {
  if (!finite(a)) return nowhere(a.rows);
  const Schur f(a);
  return within(f, root_of_triangle(f.t));
}

// Roots of T until it is near 1; there log(1 + X) is the integral of X (1 + s X)^-1 over s from 0 to 1 (Higham 2008, 11.4).
Square logarithm(const Square& a) {
  const int64_t n = a.rows;
  if (!finite(a)) return nowhere(n);
  const Schur f(a);
  Square t = f.t;
  double scale = 1;
  const auto away = [&] {
    double most = 0;
    for (int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (int64_t i = 0; i <= j; ++i) sum += std::abs(t(i, j) - (i == j ? 1.0 : 0.0));
      most = std::max(most, sum);
    }
    return most;
  };
  for (int round = 0; round < 100 && away() > 0.25; ++round) t = root_of_triangle(t), scale *= 2;
  Square x = t, log(n, n);
  for (int64_t i = 0; i < n; ++i) x(i, i) -= 1;
  std::vector<double> points, weights;
  legendre(10, points, weights);
  for (size_t k = 0; k < points.size(); ++k) {
    Square below = identity<Complex>(n);
    for (size_t i = 0; i < below.data.size(); ++i) below.data[i] += points[k] * x.data[i];
    const Square part = triangular_solve(below, x, false, false);
    for (size_t i = 0; i < log.data.size(); ++i) log.data[i] += weights[k] * part.data[i];
  }
  for (Complex& v : log.data) v *= scale;
  for (int64_t i = 0; i < n; ++i) log(i, i) = std::log(f.t(i, i));      // to the last digit
  return within(f, log);
}

}  // namespace ninefold::linalg
