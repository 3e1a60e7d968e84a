// In: matrices of double or complex numbers. Out: their factors, a column a launch, over all matrices of a batch at once;
// solutions row by row; eigenvalues and singular values by rounds of rotations that have no row in common.
#include "engine/ops/joins.cuh"
#include "engine/ops/dense_linalg_launch.h"

#if !defined(__CUDACC__)
using std::fabs, std::hypot;
#endif

namespace {

using namespace ninefold::cuda;

struct Complex { double re, im; };
NF_DEVICE double conj(double x) { return x; }
NF_DEVICE Complex conj(Complex x) { return {x.re, -x.im}; }
NF_DEVICE double real(double x) { return x; }
NF_DEVICE double real(Complex x) { return x.re; }
NF_DEVICE double size(double x) { return fabs(x); }
NF_DEVICE double size(Complex x) { return hypot(x.re, x.im); }
NF_DEVICE bool zero(double x) { return x == 0; }
NF_DEVICE bool zero(Complex x) { return x.re == 0 && x.im == 0; }
NF_DEVICE double minus(double a, double b) { return a - b; }
NF_DEVICE Complex minus(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
NF_DEVICE double times(double a, double b) { return a * b; }
NF_DEVICE Complex times(Complex a, Complex b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
NF_DEVICE double over(double a, double b) { return a / b; }
NF_DEVICE Complex over(Complex a, Complex b) {   // Smith's: no square that is too large
  if (fabs(b.re) >= fabs(b.im)) {
    const double r = b.im / b.re, d = b.re + b.im * r;
    return {(a.re + a.im * r) / d, (a.im - a.re * r) / d};
  }
  const double r = b.re / b.im, d = b.re * r + b.im;
  return {(a.re * r + a.im) / d, (a.im * r - a.re) / d};
}
template <class S> struct Number;
template <> struct Number<double> {
  static NF_DEVICE double of(double x) { return x; }
  static NF_DEVICE double of(double re, double) { return re; }
};
template <> struct Number<Complex> {
  static NF_DEVICE Complex of(double x) { return {x, 0}; }
  static NF_DEVICE Complex of(double re, double im) { return {re, im}; }
};
template <class S> NF_DEVICE S* matrix(const void* all, int64_t which, int64_t elements) {
  return static_cast<S*>(const_cast<void*>(all)) + which * elements;
}

// ---- Lu: a block a matrix finds the pivot, then all threads take the column's products away ----

template <class S>
NF_DEVICE void lu_column(const Factors& p, double* best, int64_t* place) {
  const int64_t n = p.n, k = p.step;
  for (int64_t b = nf_block(); b < p.batch; b += nf_blocks()) {
    S* a = matrix<S>(p.a, b, n * n);
    NF_PHASE {
      double most = -1;
      int64_t at = k;
      for (int64_t i = k + nf_in_block(); i < n; i += kBlockThreads)
        if (size(a[i * n + k]) > most) most = size(a[i * n + k]), at = i;
      best[nf_in_block()] = most;
      place[nf_in_block()] = at;
    }
    for (int step = kBlockThreads / 2; step > 0; step /= 2)
      NF_PHASE {
        const int own = nf_in_block(), other = own + step;
        if (own < step && (best[other] > best[own] || (best[other] == best[own] && place[other] < place[own])))
          best[own] = best[other], place[own] = place[other];
      }
    NF_PHASE {
      const int64_t pivot = place[0];
      if (nf_in_block() == 0 && pivot != k) {
        const int64_t row = p.order[b * n + k];
        p.order[b * n + k] = p.order[b * n + pivot], p.order[b * n + pivot] = row;
        p.odd[b] = 1 - p.odd[b];
      }
      for (int64_t j = nf_in_block(); pivot != k && j < n; j += kBlockThreads) {
        const S x = a[k * n + j];
        a[k * n + j] = a[pivot * n + j], a[pivot * n + j] = x;
      }
    }
    NF_PHASE {
      const S pivot = a[k * n + k];
      for (int64_t i = k + 1 + nf_in_block(); !zero(pivot) && i < n; i += kBlockThreads) a[i * n + k] = over(a[i * n + k], pivot);
      if (nf_in_block() == 0 && zero(pivot)) p.failed[b] = 1;
    }
  }
}
template <class S>
NF_DEVICE void lu_update(const Factors& p) {
  const int64_t n = p.n, k = p.step, left = n - k - 1;
  for (int64_t t = nf_thread(); t < p.batch * left * left; t += nf_threads()) {
    S* a = matrix<S>(p.a, t / (left * left), n * n);
    const int64_t i = k + 1 + t / left % left, j = k + 1 + t % left;
    if (!zero(a[k * n + k])) a[i * n + j] = minus(a[i * n + j], times(a[i * n + k], a[k * n + j]));
  }
}

// ---- Cholesky ----

template <class S>
NF_DEVICE void cholesky_column(const Factors& p) {
  const int64_t n = p.n, k = p.step;
  for (int64_t b = nf_block(); b < p.batch; b += nf_blocks()) {
    S* a = matrix<S>(p.a, b, n * n);
    NF_PHASE {
      if (nf_in_block() == 0) {
        const double d = real(a[k * n + k]);
        if (!(d > 0)) p.failed[b] = 1;
        a[k * n + k] = Number<S>::of(sqrt(d));
      }
    }
    NF_PHASE {
      const S root = Number<S>::of(real(a[k * n + k]));
      for (int64_t i = k + 1 + nf_in_block(); i < n; i += kBlockThreads) a[i * n + k] = over(a[i * n + k], root);
    }
  }
}
template <class S>
NF_DEVICE void cholesky_update(const Factors& p) {
  const int64_t n = p.n, k = p.step, left = n - k - 1;
  for (int64_t t = nf_thread(); t < p.batch * left * left; t += nf_threads()) {
    S* a = matrix<S>(p.a, t / (left * left), n * n);
    const int64_t i = k + 1 + t / left % left, j = k + 1 + t % left;
    if (j <= i) a[i * n + j] = minus(a[i * n + j], times(a[i * n + k], conj(a[j * n + k])));
  }
}
// Above the diagonal nothing; where there is no such factor, NaN.
template <class S>
NF_DEVICE void cholesky_done(const Factors& p) {
  const int64_t n = p.n;
  const double none = static_cast<double>(float_of_bits(0x7fc00000));
  for (int64_t t = nf_thread(); t < p.batch * n * n; t += nf_threads()) {
    const bool above = t % n > t / n % n;
    if (above || p.failed[t / (n * n)]) static_cast<S*>(p.a)[t] = Number<S>::of(above ? 0 : none);
  }
}

// ---- triangles: a row is done, those behind it lose its part ----

template <class S>
NF_DEVICE void triangular(const Triangular& p) {
  const int64_t n = p.n, i = p.step, rows = p.forward ? n - i : i + 1, each = rows * p.columns;
  for (int64_t t = nf_thread(); t < p.batch * each; t += nf_threads()) {
    const int64_t b = t / each, j = t % p.columns, away = t / p.columns % rows, row = p.forward ? i + away : i - away;
    const S* a = matrix<S>(p.a, operand_of(p.which, b), n * n);
    S *x = matrix<S>(p.x, b, n * p.columns), *y = matrix<S>(p.y, b, n * p.columns);
    const S diagonal = p.adjoint ? conj(a[i * n + i]) : a[i * n + i];
    const S done = p.unit ? x[i * p.columns + j] : over(x[i * p.columns + j], diagonal);
    if (row == i) y[i * p.columns + j] = done;
    else x[row * p.columns + j] = minus(x[row * p.columns + j], times(p.adjoint ? conj(a[i * n + row]) : a[row * n + i], done));
  }
}
template <class S>
NF_DEVICE void ordered_rows(const Rows& p) {
  for (int64_t t = nf_thread(); t < p.batch * p.n * p.columns; t += nf_threads()) {
    const int64_t j = t % p.columns, b = t / p.columns / p.n, row = p.order[t / p.columns];
    static_cast<S*>(p.to)[t] = p.from ? matrix<S>(p.from, b, p.n * p.columns)[row * p.columns + j] : Number<S>::of(row == j);
  }
}
template <class S>
NF_DEVICE void adjoint(const Square& p) {
  for (int64_t t = nf_thread(); t < p.batch * p.n * p.n; t += nf_threads()) {
    const int64_t b = t / p.n / p.n;
    static_cast<S*>(p.to)[t] = conj(matrix<S>(p.from, b, p.n * p.n)[t % p.n * p.n + t / p.n % p.n]);
  }
}
// Of Lu's factors.
template <class S>
NF_DEVICE void determinant(const Square& p) {
  for (int64_t b = nf_thread(); b < p.batch; b += nf_threads()) {
    const S* a = matrix<S>(p.from, b, p.n * p.n);
    S value = Number<S>::of(p.odd[b] ? -1 : 1);
    double log_size = 0;
    for (int64_t i = 0; i < p.n; ++i) {
      const S d = a[i * p.n + i];
      if (!p.log) {
        value = times(value, d);
        continue;
      }
      const double s = size(d);
      value = s == 0 ? Number<S>::of(0) : over(times(value, d), Number<S>::of(s));
      log_size += log(s);
    }
    static_cast<S*>(p.to)[b] = value;
    if (p.log) static_cast<S*>(p.log)[b] = Number<S>::of(log_size);
  }
}

// ---- tridiagonal systems: a thread a matrix eliminates, a thread a column solves ----

template <class S>
NF_DEVICE void tridiagonal_factor(const Tridiagonal& p) {
  const int64_t n = p.n;
  for (int64_t b = nf_thread(); b < p.batch; b += nf_threads()) {
    const S* d = matrix<S>(p.diagonals, b, 3 * n);
    S *main = matrix<S>(p.main, b, n), *upper = matrix<S>(p.upper, b, n), *second = matrix<S>(p.second, b, n);
    S* factor = matrix<S>(p.factor, b, n);
    for (int64_t i = 0; i < n; ++i) {
      upper[i] = i + 1 < n ? d[i] : Number<S>::of(0);
      main[i] = d[n + i];
      second[i] = Number<S>::of(0);
    }
    for (int64_t i = 0; i < n; ++i) {
      S below = i + 1 < n ? d[2 * n + i + 1] : Number<S>::of(0);
      const bool swaps = p.pivot && i + 1 < n && size(below) > size(main[i]);
      p.swapped[b * n + i] = swaps;
      if (swaps) {
        const S x = main[i];
        main[i] = below, below = x;
        const S y = upper[i];
        upper[i] = main[i + 1], main[i + 1] = y;
        if (i + 2 < n) second[i] = upper[i + 1];
        upper[i + 1] = Number<S>::of(0);
      }
      if (zero(main[i])) {
        if (!p.perturb) p.failed[b] = 1;
        main[i] = Number<S>::of(2.220446049250313e-16);
      }
      if (i + 1 == n) break;
      factor[i] = over(below, main[i]);
      main[i + 1] = minus(main[i + 1], times(factor[i], upper[i]));
      if (i + 2 < n) upper[i + 1] = minus(upper[i + 1], times(factor[i], second[i]));
    }
  }
}
template <class S>
NF_DEVICE void tridiagonal_solve(const Tridiagonal& p) {
  const int64_t n = p.n;
  for (int64_t t = nf_thread(); t < p.batch * p.columns; t += nf_threads()) {
    const int64_t b = t / p.columns, columns = p.columns;
    const S *main = matrix<S>(p.main, b, n), *upper = matrix<S>(p.upper, b, n), *second = matrix<S>(p.second, b, n);
    const S* factor = matrix<S>(p.factor, b, n);
    S* x = matrix<S>(p.x, b, n * columns) + t % columns;
    for (int64_t i = 0; i + 1 < n; ++i) {
      if (p.swapped[b * n + i]) {
        const S y = x[i * columns];
        x[i * columns] = x[(i + 1) * columns], x[(i + 1) * columns] = y;
      }
      x[(i + 1) * columns] = minus(x[(i + 1) * columns], times(factor[i], x[i * columns]));
    }
    for (int64_t i = n; i-- > 0;) {
      S v = x[i * columns];
      if (i + 1 < n) v = minus(v, times(upper[i], x[(i + 1) * columns]));
      if (i + 2 < n) v = minus(v, times(second[i], x[(i + 2) * columns]));
      x[i * columns] = over(v, main[i]);
    }
  }
}

#define NF_FACTORS(name, S)                                                            \
  NF_BLOCK_KERNEL(lu_column_##name, Factors) {                                         \
    NF_SHARED(double, best, kBlockThreads);                                            \
    NF_SHARED(int64_t, place, kBlockThreads);                                          \
    lu_column<S>(p, best, place);                                                      \
  }                                                                                    \
  NF_KERNEL(lu_update_##name, Factors) { lu_update<S>(p); }                            \
  NF_BLOCK_KERNEL(cholesky_column_##name, Factors) { cholesky_column<S>(p); }          \
  NF_KERNEL(cholesky_update_##name, Factors) { cholesky_update<S>(p); }                \
  NF_KERNEL(cholesky_done_##name, Factors) { cholesky_done<S>(p); }                    \
  NF_KERNEL(triangular_##name, Triangular) { triangular<S>(p); }                       \
  NF_KERNEL(ordered_rows_##name, Rows) { ordered_rows<S>(p); }                         \
  NF_KERNEL(adjoint_##name, Square) { adjoint<S>(p); }                                 \
  NF_KERNEL(determinant_##name, Square) { determinant<S>(p); }                         \
  NF_KERNEL(tridiagonal_factor_##name, Tridiagonal) { tridiagonal_factor<S>(p); }      \
  NF_KERNEL(tridiagonal_solve_##name, Tridiagonal) { tridiagonal_solve<S>(p); }
NF_FACTORS(real, double) NF_FACTORS(complex, Complex)

// order[b, i] = i
NF_KERNEL(counted_rows, Factors) {
  for (int64_t t = nf_thread(); t < p.batch * p.n; t += nf_threads()) p.order[t] = t % p.n;
}

NF_KERNEL(pivot_rows, Pivots) {                  // each change follows those before: one thread
  if (nf_thread() != 0) return;
  for (int64_t i = 0; i < p.n; ++i) p.order[i] = i;
  for (int64_t i = 0; i < p.n; ++i) {
    const int64_t other = p.pivots[i] - 1, row = p.order[i];
    if (other == i) continue;
    p.order[i] = p.order[other], p.order[other] = row;
    *p.odd = 1 - *p.odd;
  }
}

// ---- rotations ----

struct Turn { double c, s; };
// That makes the entry between p and q vanish: of the diagonal's two numbers and that entry.
NF_DEVICE Turn turn_of(double p, double q, double between) {
  if (between == 0) return {1, 0};
  const double theta = (q - p) / (2 * between), t = (theta < 0 ? -1 : 1) / (fabs(theta) + hypot(1.0, theta)), c = 1 / hypot(1.0, t);
  return {c, t * c};
}
NF_DEVICE void turn(double* x, double* y, double c, double s) {
  const double a = *x, b = *y;
  *x = c * a - s * b, *y = s * a + c * b;
}
// b stands behind a among numbers that go up; a NaN is the greatest.
NF_DEVICE bool before(double a, int64_t at, double b, int64_t other) {
  return a < b || (a == a && b != b) || ((a == b || (a != a && b != b)) && at < other);
}
NF_DEVICE int64_t players_of(int64_t n) { return n + n % 2; }

// The lower triangle is both, its diagonal real; v begins as the identity.
template <class S>
NF_DEVICE void eigen_begin(const Eigen& p) {
  S *w = static_cast<S*>(p.w), *v = static_cast<S*>(p.v);
  for (int64_t t = nf_thread(); t < p.batch * p.n * p.n; t += nf_threads()) {
    const int64_t i = t / p.n % p.n, j = t % p.n;
    if (j > i) w[t] = conj(w[t + (j - i) * (p.n - 1)]);
    else if (i == j) w[t] = Number<S>::of(real(w[t]));
    v[t] = Number<S>::of(i == j);
  }
}
// What column q takes first makes the entry between p and q real; a real one stays as it is.
struct Phase { double re, im, entry; };
NF_DEVICE Phase phase_of(double between) { return {1, 0, between}; }
NF_DEVICE Phase phase_of(Complex between) {
  const double s = size(between);
  if (s < 1e-290) return {1, 0, 0};              // below, numbers have lost digits, and a phase would not have length 1
  return {between.re / s, -between.im / s, s};
}
template <class S>
NF_DEVICE void eigen_angles(const Eigen& p) {
  const int64_t tables = players_of(p.n) / 2;
  for (int64_t t = nf_thread(); t < p.batch * tables; t += nf_threads()) {
    const Pair pair = pair_of(2 * tables, p.round, t % tables);
    const S* w = matrix<S>(p.w, t / tables, p.n * p.n);
    Turn a{1, 0};
    Phase f{1, 0, 0};
    if (pair.q < p.n) {
      f = phase_of(w[pair.p * p.n + pair.q]);
      a = turn_of(real(w[pair.p * p.n + pair.p]), real(w[pair.q * p.n + pair.q]), f.entry);
    }
    p.angles[4 * t] = a.c, p.angles[4 * t + 1] = a.s, p.angles[4 * t + 2] = f.re, p.angles[4 * t + 3] = f.im;
  }
}
template <class S>
NF_DEVICE void turn_with(S* x, S* y, const double* angles, S phase) {
  const S c = Number<S>::of(angles[0]), s = Number<S>::of(angles[1]), a = *x, b = times(*y, phase);
  *x = minus(times(c, a), times(s, b)), *y = minus(times(c, b), times(Number<S>::of(-angles[1]), a));
}
template <class S>
NF_DEVICE void eigen_columns(const Eigen& p) {
  const int64_t tables = players_of(p.n) / 2;
  for (int64_t t = nf_thread(); t < p.batch * tables * p.n; t += nf_threads()) {
    const int64_t k = t % p.n, table = t / p.n % tables, b = t / p.n / tables;
    const Pair pair = pair_of(2 * tables, p.round, table);
    if (pair.q >= p.n) continue;
    const double* angles = p.angles + 4 * (b * tables + table);
    const S phase = Number<S>::of(angles[2], angles[3]);
    S *w = matrix<S>(p.w, b * p.n + k, p.n), *v = matrix<S>(p.v, b * p.n + k, p.n);
    turn_with(w + pair.p, w + pair.q, angles, phase);
    turn_with(v + pair.p, v + pair.q, angles, phase);
  }
}
template <class S>
NF_DEVICE void eigen_rows(const Eigen& p) {
  const int64_t tables = players_of(p.n) / 2;
  for (int64_t t = nf_thread(); t < p.batch * tables * p.n; t += nf_threads()) {
    const int64_t k = t % p.n, table = t / p.n % tables, b = t / p.n / tables;
    const Pair pair = pair_of(2 * tables, p.round, table);
    if (pair.q >= p.n) continue;
    const double* angles = p.angles + 4 * (b * tables + table);
    S* w = matrix<S>(p.w, b, p.n * p.n) + k;
    turn_with(w + pair.p * p.n, w + pair.q * p.n, angles, Number<S>::of(angles[2], -angles[3]));
  }
}
template <class S>
NF_DEVICE void eigen_going(const Eigen& p, double* off, double* all) {
  for (int64_t b = nf_block(); b < p.batch; b += nf_blocks()) {
    NF_PHASE {
      double away = 0, sum = 0;
      for (int64_t t = nf_in_block(); t < p.n * p.n; t += kBlockThreads) {
        const S entry = matrix<S>(p.w, b, p.n * p.n)[t];
        const double x = real(times(entry, conj(entry)));
        sum += x;
        if (t / p.n != t % p.n) away += x;
      }
      off[nf_in_block()] = away, all[nf_in_block()] = sum;
    }
    join_block<double, Sum>(off);
    join_block<double, Sum>(all);
    NF_PHASE {
      if (nf_in_block() == 0) p.going[b] = off[0] > 1e-34 * all[0];
    }
  }
}
template <class S>
NF_DEVICE void eigen_order(const Eigen& p) {
  for (int64_t t = nf_thread(); t < p.batch * p.n; t += nf_threads()) {
    const S* w = matrix<S>(p.w, t / p.n, p.n * p.n);
    const int64_t j = t % p.n;
    const double own = real(w[j * p.n + j]);
    int64_t rank = 0;
    for (int64_t i = 0; i < p.n; ++i) rank += i != j && before(real(w[i * p.n + i]), i, own, j);
    p.rank[t] = rank;
    p.values[t - j + rank] = own;
  }
}
template <class S>
NF_DEVICE void eigen_vectors(const Eigen& p) {
  for (int64_t t = nf_thread(); t < p.batch * p.n * p.n; t += nf_threads()) {
    const int64_t j = t % p.n, b = t / p.n / p.n;
    static_cast<S*>(p.vectors)[t - j + p.rank[b * p.n + j]] = static_cast<const S*>(p.v)[t];
  }
}

#define NF_EIGEN(name, S)                                                              \
  NF_KERNEL(eigen_begin_##name, Eigen) { eigen_begin<S>(p); }                          \
  NF_KERNEL(eigen_angles_##name, Eigen) { eigen_angles<S>(p); }                        \
  NF_KERNEL(eigen_columns_##name, Eigen) { eigen_columns<S>(p); }                      \
  NF_KERNEL(eigen_rows_##name, Eigen) { eigen_rows<S>(p); }                            \
  NF_BLOCK_KERNEL(eigen_going_##name, Eigen) {                                         \
    NF_SHARED(double, off, kBlockThreads);                                             \
    NF_SHARED(double, all, kBlockThreads);                                             \
    eigen_going<S>(p, off, all);                                                       \
  }                                                                                    \
  NF_KERNEL(eigen_order_##name, Eigen) { eigen_order<S>(p); }                          \
  NF_KERNEL(eigen_vectors_##name, Eigen) { eigen_vectors<S>(p); }
NF_EIGEN(real, double) NF_EIGEN(complex, Complex)

NF_KERNEL(singular_begin, Singular) {
  for (int64_t t = nf_thread(); t < p.batch * p.n * p.n; t += nf_threads()) p.right[t] = t / p.n % p.n == t % p.n;
}
// A block a pair of columns.
NF_BLOCK_KERNEL(singular_turn, Singular) {
  NF_SHARED(double, alpha, kBlockThreads);
  NF_SHARED(double, beta, kBlockThreads);
  NF_SHARED(double, gamma, kBlockThreads);
  const int64_t tables = players_of(p.n) / 2;
  for (int64_t t = nf_block(); t < p.batch * tables; t += nf_blocks()) {
    const int64_t b = t / tables;
    const Pair pair = pair_of(2 * tables, p.round, t % tables);
    if (pair.q >= p.n) continue;
    double *x = p.w + (b * p.n + pair.p) * p.m, *y = p.w + (b * p.n + pair.q) * p.m;
    NF_PHASE {
      double xx = 0, yy = 0, xy = 0;
      for (int64_t i = nf_in_block(); i < p.m; i += kBlockThreads) xx += x[i] * x[i], yy += y[i] * y[i], xy += x[i] * y[i];
      alpha[nf_in_block()] = xx, beta[nf_in_block()] = yy, gamma[nf_in_block()] = xy;
    }
    join_block<double, Sum>(alpha);
    join_block<double, Sum>(beta);
    join_block<double, Sum>(gamma);
    NF_PHASE {
      const bool turns = fabs(gamma[0]) > 1e-15 * sqrt(alpha[0] * beta[0]);
      const Turn a = turn_of(alpha[0], beta[0], turns ? gamma[0] : 0);
      if (nf_in_block() == 0 && turns) p.going[b] = 1;
      for (int64_t i = nf_in_block(); turns && i < p.m; i += kBlockThreads) turn(x + i, y + i, a.c, a.s);
      double* r = p.right + b * p.n * p.n;
      for (int64_t i = nf_in_block(); turns && i < p.n; i += kBlockThreads) turn(r + pair.p * p.n + i, r + pair.q * p.n + i, a.c, a.s);
    }
  }
}
NF_BLOCK_KERNEL(singular_norms, Singular) {
  NF_SHARED(double, part, kBlockThreads);
  for (int64_t t = nf_block(); t < p.batch * p.n; t += nf_blocks()) {
    NF_PHASE {
      double sum = 0;
      for (int64_t i = nf_in_block(); i < p.m; i += kBlockThreads) sum += p.w[t * p.m + i] * p.w[t * p.m + i];
      part[nf_in_block()] = sum;
    }
    join_block<double, Sum>(part);
    NF_PHASE {
      if (nf_in_block() == 0) p.norms[t] = sqrt(part[0]);
    }
  }
}
NF_KERNEL(singular_order, Singular) {
  for (int64_t t = nf_thread(); t < p.batch * p.n; t += nf_threads()) {
    const int64_t j = t % p.n;
    const double* norms = p.norms + (t - j);
    int64_t rank = 0;
    for (int64_t i = 0; i < p.n; ++i) rank += i != j && before(-norms[i], i, -norms[j], j);
    p.rank[t] = rank;
    p.s[t - j + rank] = norms[j];
  }
}
NF_KERNEL(singular_vectors, Singular) {
  for (int64_t t = nf_thread(); t < p.batch * p.n * (p.m + p.n); t += nf_threads()) {
    const int64_t i = t % (p.m + p.n), j = t / (p.m + p.n) % p.n, b = t / (p.m + p.n) / p.n, to = p.rank[b * p.n + j];
    if (i >= p.m) p.other[(b * p.n + i - p.m) * p.other_columns + to] = p.right[(b * p.n + j) * p.n + i - p.m];
    else if (p.norms[b * p.n + j] > 0) p.left[(b * p.m + i) * p.columns + to] = p.w[(b * p.n + j) * p.m + i] / p.norms[b * p.n + j];
  }
}
// Columns of norm 0, and those beyond n, become unit vectors at right angles to all before them: a block a matrix.
NF_BLOCK_KERNEL(singular_complete, Singular) {
  NF_SHARED(double, part, kBlockThreads);
  for (int64_t b = nf_block(); b < p.batch; b += nf_blocks()) {
    double* u = p.left + b * p.m * p.columns;
    int64_t j = 0;
    while (j < p.n && p.s[b * p.n + j] > 0) ++j;
    for (int64_t tried = 0; j < p.columns && tried < p.m; ++tried) {
      NF_PHASE {
        for (int64_t i = nf_in_block(); i < p.m; i += kBlockThreads) u[i * p.columns + j] = i == tried;
      }
      for (int64_t k = 0; k < 2 * j; ++k) {      // twice: what rounding left is taken away, too
        const int64_t column = k % j;
        NF_PHASE {
          double dot = 0;
          for (int64_t i = nf_in_block(); i < p.m; i += kBlockThreads) dot += u[i * p.columns + column] * u[i * p.columns + j];
          part[nf_in_block()] = dot;
        }
        join_block<double, Sum>(part);
        NF_PHASE {
          for (int64_t i = nf_in_block(); i < p.m; i += kBlockThreads) u[i * p.columns + j] -= part[0] * u[i * p.columns + column];
        }
      }
      NF_PHASE {
        double sum = 0;
        for (int64_t i = nf_in_block(); i < p.m; i += kBlockThreads) sum += u[i * p.columns + j] * u[i * p.columns + j];
        part[nf_in_block()] = sum;
      }
      join_block<double, Sum>(part);
      if (part[0] < 1e-8) continue;
      NF_PHASE {
        const double norm = sqrt(part[0]);
        for (int64_t i = nf_in_block(); i < p.m; i += kBlockThreads) u[i * p.columns + j] /= norm;
      }
      ++j;
    }
  }
}

}  // namespace
