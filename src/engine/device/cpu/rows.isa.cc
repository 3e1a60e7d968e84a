// In: rows of logits. Out: the row loops for one instruction set.
// Sums run in 16 lanes, combined in a fixed order, so that they neither depend on the vector width nor grow
// one long chain of rounding.
#include "base/simd/math.h"
#include "engine/device/cpu/rows_loops.h"

namespace ninefold::cpu::NINEFOLD_ISA {
namespace {

using simd::NINEFOLD_ISA::Num;
constexpr int lanes = 16;

template <class T>
NF_INLINE T combine(T (&lane)[lanes]) {
  for (int half = lanes / 2; half; half /= 2)
    for (int l = 0; l < half; ++l) lane[l] += lane[l + half];
  return lane[0];
}
template <class T, class F>
NF_INLINE T sum(int64_t n, F term) {
  T lane[lanes] = {};
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (int l = 0; l < lanes; ++l) lane[l] += term(i + l);
  for (int l = 0; i < n; ++i, ++l) lane[l] += term(i);
  return combine(lane);
}
template <class T>
NF_INLINE T maximum(const T* x, int64_t n) {
  const T low = -std::numeric_limits<T>::infinity();
  T top = low;
  int64_t i = 0;
  if (n >= lanes) {
    T lane[lanes];
    for (int l = 0; l < lanes; ++l) lane[l] = low;
    for (; i + lanes <= n; i += lanes)
      for (int l = 0; l < lanes; ++l) lane[l] = x[i + l] > lane[l] ? x[i + l] : lane[l];
    for (int half = lanes / 2; half; half /= 2)
      for (int l = 0; l < half; ++l) lane[l] = lane[l + half] > lane[l] ? lane[l + half] : lane[l];
    top = lane[0];
  }
  for (; i < n; ++i) top = x[i] > top ? x[i] : top;
  return top;
}

// Calls row(r, top, total) for every row after y = e^(x - max), whose sum is the total. A NaN or +inf in the row
// makes every element NaN through the sum. Many short rows at once: the exponentials of a tile are one long loop.
template <class T, class Row>
NF_INLINE void exponentials(const T* x, T* y, int64_t rows, int64_t n, Row row) {
  constexpr int64_t tile = 512;
  T top[tile];
  const int64_t many = n < 1 ? tile : n < tile ? tile / n : 1;
  for (int64_t first = 0; first < rows; first += many) {
    const int64_t last = first + many < rows ? first + many : rows;
    for (int64_t r = first; r < last; ++r) {
      const T* from = x + r * n;
      T* to = y + r * n;
      const T t = top[r - first] = maximum(from, n);
      for (int64_t i = 0; i < n; ++i) to[i] = from[i] - t;
    }
    T* all = y + first * n;
    for (int64_t i = 0; i < (last - first) * n; ++i) all[i] = exp(Num<T>(all[i])).v;
    for (int64_t r = first; r < last; ++r) {
      const T* e = y + r * n;
      row(r, top[r - first], sum<T>(n, [&](int64_t i) { return e[i]; }));
    }
  }
}
template <class T>
NF_INLINE T log_sum(const T* x, T top, int64_t n) {
  T lane[lanes] = {};
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (int l = 0; l < lanes; ++l) lane[l] += exp(Num<T>(x[i + l] - top)).v;
  for (int l = 0; i < n; ++i, ++l) lane[l] += exp(Num<T>(x[i] - top)).v;
  return log(Num<T>(combine(lane))).v;
}

template <class T>
void softmax(const void* in, void* out, int64_t rows, int64_t n) {
  auto* x = static_cast<const T*>(in);
  auto* y = static_cast<T*>(out);
  exponentials(x, y, rows, n, [&](int64_t r, T, T total) {
    const T scale = T(1) / total;
    for (int64_t i = 0; i < n; ++i) y[r * n + i] *= scale;
  });
}
template <class T>
void log_softmax(const void* in, void* out, int64_t rows, int64_t n) {
  auto* x = static_cast<const T*>(in);
  auto* y = static_cast<T*>(out);
  for (int64_t r = 0; r < rows; ++r, x += n, y += n) {
    const T top = maximum(x, n), log_total = log_sum(x, top, n);
    for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - top) - log_total;
  }
}
template <class T>
void softmax_grad(const void* out, const void* grad, void* in, int64_t rows, int64_t n) {
  auto *y = static_cast<const T*>(out), *dy = static_cast<const T*>(grad);
  auto* dx = static_cast<T*>(in);
  for (int64_t r = 0; r < rows; ++r, y += n, dy += n, dx += n) {
    const T dot = sum<T>(n, [&](int64_t i) { return y[i] * dy[i]; });
    for (int64_t i = 0; i < n; ++i) dx[i] = (dy[i] - dot) * y[i];
  }
}
template <class T>
void log_softmax_grad(const void* out, const void* grad, void* in, int64_t rows, int64_t n) {
  auto *y = static_cast<const T*>(out), *dy = static_cast<const T*>(grad);
  auto* dx = static_cast<T*>(in);
  for (int64_t r = 0; r < rows; ++r, y += n, dy += n, dx += n) {
    const T total = sum<T>(n, [&](int64_t i) { return dy[i]; });
    for (int64_t i = 0; i < n; ++i) dx[i] = dy[i] - exp(Num<T>(y[i])).v * total;
  }
}
template <class T>
void cross_entropy(const void* in, const void* wanted, void* loss, void* grad, int64_t rows, int64_t n) {
  auto *x = static_cast<const T*>(in), *p = static_cast<const T*>(wanted);
  auto* dx = static_cast<T*>(grad);
  exponentials(x, dx, rows, n, [&](int64_t r, T top, T total) {
    const T log_total = log(Num<T>(total)).v, scale = T(1) / total;
    const T *of = x + r * n, *q = p + r * n;
    T* d = dx + r * n;
    // A label of zero adds nothing, even against an infinite logit. The product is made in any case: of one that is made
    // under a mask g++ 12 loses lanes (AVX-512, double).
    static_cast<T*>(loss)[r] = sum<T>(n, [&](int64_t i) {
      const T term = q[i] * (log_total - (of[i] - top));
      return q[i] == T(0) ? T(0) : term;
    });
    for (int64_t i = 0; i < n; ++i) d[i] = d[i] * scale - q[i];
  });
}
template <class T>
int64_t sparse(const void* in, const int64_t* labels, void* loss, void* grad, int64_t rows, int64_t n) {
  auto* x = static_cast<const T*>(in);
  auto* dx = static_cast<T*>(grad);
  int64_t bad = -1;
  exponentials(x, dx, rows, n, [&](int64_t r, T top, T total) {
    const int64_t label = labels[r];
    T* d = dx + r * n;
    if (label < 0 || label >= n) {
      const T nan = std::numeric_limits<T>::quiet_NaN();
      if (bad < 0) bad = r;
      static_cast<T*>(loss)[r] = nan;
      for (int64_t i = 0; i < n; ++i) d[i] = nan;
      return;
    }
    const T scale = T(1) / total;
    static_cast<T*>(loss)[r] = log(Num<T>(total)).v - (x[r * n + label] - top);
    for (int64_t i = 0; i < n; ++i) d[i] *= scale;
    d[label] -= T(1);
  });
  return bad;
}

template <class T>
RowLoops loops() {
  return {softmax<T>, log_softmax<T>, softmax_grad<T>, log_softmax_grad<T>, cross_entropy<T>, sparse<T>};
}

}  // namespace

void add_rows(RowTable& t) { t.of[0] = loops<float>(), t.of[1] = loops<double>(); }

}  // namespace ninefold::cpu::NINEFOLD_ISA
