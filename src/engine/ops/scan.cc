// In: a tensor and an axis. Out: running sums and products along it, forwards or backwards.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/threads.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/element_type.h"
#include "engine/ops/moves.h"

namespace ninefold::ops {
namespace {

void scan_shape(ShapeCtx& c) {
  const Shape& s = c.shape(0);
  c.check(!c.shape(1).known_rank() || c.shape(1).rank() == 0, "ScanOp: axis must be a scalar, not {}", c.shape(1).str());
  const Tensor* axis = c.value(1);
  if (s.known_rank() && axis)
    c.check(axis->int_at(0) >= -s.rank() && axis->int_at(0) < s.rank(),
            "ScanOp: Expected scan axis in the range [{}, {}), but got {}", -s.rank(), s.rank(), axis->int_at(0));
  c.same_as_input();
}
const std::vector<std::string> kInputs = {"x: T", "axis: Tidx"};
std::vector<std::string> attrs(const char* types) {
  return {"exclusive: bool = false", "reverse: bool = false", std::string("T: ") + types, "Tidx: index = int32"};
}
Tensor scan(const char* name, const Tensor& x, const Tensor& axis, bool exclusive, bool reverse) {
  return op(name, {x, axis}, {{"exclusive", exclusive}, {"reverse", reverse}});
}

const Op cumsum = {
    .name = "Cumsum", .inputs = kInputs, .outputs = {"out: T"}, .attrs = attrs("numeric"),
    .doc = "Running sum along an axis; `exclusive` leaves each element's own value out, `reverse` starts at the end.",
    .shape = scan_shape,
    .grad = [](GradCtx& g) { g.to(0, scan("Cumsum", g.dy(), g.in(1), g.flag("exclusive"), !g.flag("reverse"))); },
    .host = {"axis"}, .grad_reads = {"axis"},
};
NINEFOLD_REGISTER(cumsum);
const Op cumprod = {
    .name = "Cumprod", .inputs = kInputs, .outputs = {"out: T"}, .attrs = attrs("numeric"),
    .doc = "Running product along an axis; `exclusive` leaves each element's own value out, `reverse` starts at the end.",
    .shape = scan_shape,
    // The formula that TensorFlow has; where x is 0 it is NaN, there as here.
    .grad = [](GradCtx& g) {
      const bool exclusive = g.flag("exclusive"), reverse = g.flag("reverse");
      const Tensor product = scan("Cumprod", g.in(0), g.in(1), exclusive, reverse);
      g.to(0, scan("Cumsum", product * g.dy(), g.in(1), exclusive, !reverse) / g.in(0));
    },
    .host = {"axis"}, .grad_reads = {"x", "axis"},
};
NINEFOLD_REGISTER(cumprod);
const Op cumulative_logsumexp = {
    .name = "CumulativeLogsumexp", .inputs = kInputs, .outputs = {"out: T"}, .attrs = attrs("{half, float, double}"),
    .doc = "log of the running sum of exp(x) along an axis; an empty sum is the lowest number.", .shape = scan_shape,
    .grad = [](GradCtx& g) {
      const bool exclusive = g.flag("exclusive"), reverse = !g.flag("reverse");
      const Tensor x = g.in(0), y = g.out(), dy = g.dy(), zero = op("ZerosLike", {dy});
      const Tensor least = op("Cast", {Tensor(g.type("T") == DType::f64 ? std::numeric_limits<double>::lowest()
                                              : g.type("T") == DType::f32 ? static_cast<double>(std::numeric_limits<float>::lowest())
                                                                          : -65504.0)}, {{"DstT", g.type("T")}});
      // Sums of dy e^(x - y), by logarithms of its positive and its negative part.
      auto part = [&](const Tensor& log_dy) {
        return op("Exp", {scan("CumulativeLogsumexp", log_dy - y, g.in(1), exclusive, reverse) + x});
      };
      auto log_of = [&](const char* sign, const Tensor& v) {
        const Tensor fits = op(sign, {dy, zero});
        return op("SelectV2", {fits, op("Log", {op("SelectV2", {fits, v, op("OnesLike", {v})})}), least});
      };
      g.to(0, part(log_of("Greater", dy)) - part(log_of("Less", -dy)));
    },
    .host = {"axis"},
};
NINEFOLD_REGISTER(cumulative_logsumexp);

struct Add {
  template <class T> static T start() { return T(0); }
  template <class T> static T join(T a, T b) { return static_cast<T>(a + b); }
};
struct Multiply {
  template <class T> static T start() { return T(1); }
  template <class T> static T join(T a, T b) { return static_cast<T>(a * b); }
};
struct LogSumExp {
  template <class T> static T start() {
    if constexpr (std::is_same_v<T, HalfNumber>) return HalfNumber(-INFINITY);
    else return -std::numeric_limits<T>::infinity();
  }
  template <class T> static T join(T a, T b) {
    using F = std::conditional_t<std::is_same_v<T, double>, double, float>;
    const F x = a, y = b, high = std::max(x, y);
    if (high == -std::numeric_limits<F>::infinity()) return T(high);
    return T(high + std::log1p(std::exp(std::min(x, y) - high)));
  }
};

// One [n, inner] slab, columns [from, to): rows are added up row by row, which are vector loops where inner > 1.
template <class Join, class T>
void slab(const T* x, T* y, int64_t n, int64_t inner, int64_t from, int64_t to, bool exclusive, bool reverse) {
  if (inner == 1) {
    T sum = Join::template start<T>();
    for (int64_t i = 0; i < n; ++i) {
      const int64_t at = reverse ? n - 1 - i : i;
      const T next = Join::join(sum, x[at]);
      y[at] = exclusive ? sum : next;
      sum = next;
    }
    return;
  }
  for (int64_t i = 0; i < n; ++i) {
    const int64_t at = reverse ? n - 1 - i : i, last = reverse ? at + 1 : at - 1;
    T* row = y + at * inner;
    const T *before = y + last * inner, *own = x + at * inner, *left = x + last * inner;
    if (i == 0) {
      for (int64_t c = from; c < to; ++c) row[c] = exclusive ? Join::template start<T>() : own[c];
    } else {
      const T* add = exclusive ? left : own;
      for (int64_t c = from; c < to; ++c) row[c] = Join::join(before[c], add[c]);
    }
  }
}

template <class Join>
void scan_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& s = k.shape(0);
  const int64_t a = k.in(1).int_at(0);
  k.check(a >= -s.rank() && a < s.rank(), "ScanOp: Expected scan axis in the range [{}, {}), but got {}", -s.rank(), s.rank(), a);
  const int at = static_cast<int>(a < 0 ? a + s.rank() : a);
  const int64_t outer = s.slice(0, at).size(), n = s[at], inner = s.slice(at + 1, s.rank()).size();
  const bool exclusive = k.flag("exclusive"), reverse = k.flag("reverse");
  if (s.size() == 0) return;
  with_number(k.dtype(0), [&](auto zero) {
    using T = decltype(zero);
    if constexpr (!std::is_same_v<Join, LogSumExp> || std::is_floating_point_v<T> || std::is_same_v<T, HalfNumber>) {
      const T* x = k.in<T>(0);
      T* y = k.out<T>(0);
      // Pieces: whole slabs if there are many, else bands of columns.
      const int64_t bands = outer >= 8 || inner < 128 ? 1 : std::min<int64_t>(8, inner / 64);
      const int64_t work = std::max<int64_t>(1, n * inner / bands);
      parallel_for(outer * bands, std::max<int64_t>(1, 65536 / work), [&](int64_t begin, int64_t end) {
        for (int64_t p = begin; p < end; ++p) {
          const int64_t o = p / bands, b = p % bands;
          slab<Join>(x + o * n * inner, y + o * n * inner, n, inner, inner * b / bands, inner * (b + 1) / bands, exclusive, reverse);
        }
      });
    }
  });
}
NINEFOLD_KERNEL(cumsum, "CPU", Kernel{scan_cpu<Add>});
NINEFOLD_KERNEL(cumprod, "CPU", Kernel{scan_cpu<Multiply>});
NINEFOLD_KERNEL(cumulative_logsumexp, "CPU", Kernel{scan_cpu<LogSumExp>});

}  // namespace
}  // namespace ninefold::ops
