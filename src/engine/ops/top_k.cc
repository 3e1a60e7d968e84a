// In: rows of scores. Out: the k best of each row (TopKV2), or whether a target is among them (InTopKV2).
#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/float16.h"
#include "base/threads.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/moves.h"
#include "engine/ops/nn_common.h"
#include "engine/ops/nn_rows.h"

namespace ninefold::ops {
namespace {

const Op top_k = {
    .name = "TopKV2", .inputs = {"input: T", "k: int32"}, .outputs = {"values: T", "indices: int32"},
    .attrs = {"sorted: bool = true", "T: real"},
    .doc = "The k greatest elements of every row, greatest first, and where they are; of equals the first.",
    .shape = [](ShapeCtx& c) {
      const Shape& x = c.shape(0);
      c.check(!x.known_rank() || x.rank() >= 1, "input must be >= 1-D, got shape {}", x.str());
      c.check(c.shape(1).rank() <= 0, "k must be scalar, got shape {}", c.shape(1).str());
      const Tensor* value = c.value(1);
      const int64_t k = value ? value->int_at(0) : -1;
      c.check(!value || k >= 0, "Need k >= 0, got {}", k);
      if (!x.known_rank()) return c.unknown();
      c.check(k < 0 || x.dim(-1) < 0 || k <= x.dim(-1), "input must have at least k columns. Had {}, needed {}", x.dim(-1), k);
      const Shape s = x.slice(0, x.rank() - 1).concat({k});
      c.output(0, s);
      c.output(1, s);
    },
    // What flows back into a value goes to its place in the row: row * columns + index of the flat input.
    .grad = [](GradCtx& g) {
      const Tensor x = g.in(0), shape = nn::shape_of(x);
      const Tensor columns = nn::dim_of(shape, -1), all = op("Prod", {shape, Tensor(0)}, {{"keep_dims", true}});
      const Tensor rows = op("FloorDiv", {all, nn::reshape(columns, {1})});
      const Tensor start = op("Range", {Tensor(0), nn::reshape(rows, {}), Tensor(1)}) * columns;
      const Tensor k = nn::reshape(g.in(1), {1});
      const Tensor by_row = nn::reshape_to(g.out(1), op("ConcatV2", {nn::int_vector({-1}), k, Tensor(0)}));
      const Tensor at = nn::reshape(by_row + nn::reshape(start, {-1, 1}), {-1});
      g.to(0, nn::reshape_to(op("UnsortedSegmentSum", {nn::reshape(g.dy(0), {-1}), at, nn::reshape(all, {})}), shape));
    },
    .host = {"k"}, .grad_reads = {"input", "k", "indices"},
};
NINEFOLD_REGISTER(top_k);

// NaN counts as the greatest. Halves and bfloat16 compare as floats.
template <class T> bool greater(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return a > b || (std::isnan(a) && !std::isnan(b));
  else return a > b;
}
bool greater(Half a, Half b) { return greater(half_to_float(a.bits), half_to_float(b.bits)); }
bool greater(BFloat16 a, BFloat16 b) { return greater(bfloat16_to_float(a.bits), bfloat16_to_float(b.bits)); }

// Whole rows in order: a radix sort, stable, of keys that grow as the 32-bit values fall, each with its index below it.
template <class T>
uint32_t falling_key(T v) {
  if constexpr (std::is_same_v<T, float>) {
    if (std::isnan(v)) return 0;
    const uint32_t bits = std::bit_cast<uint32_t>(v + 0.0f);   // -0 is 0
    return ~(bits >> 31 ? ~bits : bits | 0x80000000u);
  } else {
    return ~(static_cast<uint32_t>(v) ^ 0x80000000u);
  }
}
constexpr int64_t kRadixFrom = 2048;   // shorter rows are faster by comparison
template <class T>
void order_row(const T* x, int64_t n, T* values, int32_t* indices) {
  constexpr int bits = 11, digits = 3;
  std::vector<uint64_t> from(static_cast<size_t>(n)), to(static_cast<size_t>(n));
  std::vector<uint32_t> starts(static_cast<size_t>(digits) << bits);
  for (int64_t i = 0; i < n; ++i) {
    const uint32_t key = falling_key(x[i]);
    from[static_cast<size_t>(i)] = static_cast<uint64_t>(key) << 32 | static_cast<uint32_t>(i);
    for (int d = 0; d < digits; ++d) ++starts[(static_cast<size_t>(d) << bits) + (key >> (d * bits) & ((1u << bits) - 1))];
  }
  for (int d = 0; d < digits; ++d) {
    uint32_t* start = starts.data() + (static_cast<size_t>(d) << bits);
    uint32_t sum = 0;
    for (int b = 0; b < 1 << bits; ++b) sum += std::exchange(start[b], sum);
    for (const uint64_t e : from) to[start[e >> (32 + d * bits) & ((1u << bits) - 1)]++] = e;
    from.swap(to);
  }
  for (int64_t i = 0; i < n; ++i) {
    indices[i] = static_cast<int32_t>(from[static_cast<size_t>(i)]);
    values[i] = x[indices[i]];
  }
}

template <class T>
void top_k_cpu(KernelCtx& c) {
  give_outputs(c);
  const nn::Rows m = nn::rows_of(c.shape(0));
  const int64_t k = c.in(1).int_at(0);
  const int64_t rows = m.columns ? m.rows : 0;
  if (rows == 0 || k == 0) return;
  parallel_for(rows, nn::row_grain(m.columns), [&](int64_t begin, int64_t end) {
    std::vector<int32_t> order(static_cast<size_t>(m.columns));
    for (int64_t r = begin; r < end; ++r) {
      const T* x = c.in<T>(0) + r * m.columns;
      T* values = c.out<T>(0) + r * k;
      int32_t* indices = c.out<int32_t>(1) + r * k;
      if constexpr (std::is_same_v<T, float> || std::is_same_v<T, int32_t>) {
        if (k == m.columns && k >= kRadixFrom) {
          order_row(x, k, values, indices);
          continue;
        }
      }
      auto before = [&](int32_t a, int32_t b) { return greater(x[a], x[b]) || (!greater(x[b], x[a]) && a < b); };
      if (k == 1) {
        int32_t best = 0;
        for (int64_t i = 1; i < m.columns; ++i)
          if (greater(x[i], x[best])) best = static_cast<int32_t>(i);
        *indices = best;
      } else {
        std::iota(order.begin(), order.end(), 0);
        std::partial_sort(order.begin(), order.begin() + k, order.end(), before);
        std::copy_n(order.begin(), k, indices);
      }
      for (int64_t i = 0; i < k; ++i) values[i] = x[indices[i]];
    }
  });
}
NINEFOLD_KERNEL(top_k, "CPU", Kernel{top_k_cpu<float>}, DType::f32);
NINEFOLD_KERNEL(top_k, "CPU", Kernel{top_k_cpu<double>}, DType::f64);
NINEFOLD_KERNEL(top_k, "CPU", Kernel{top_k_cpu<Half>}, DType::f16);
NINEFOLD_KERNEL(top_k, "CPU", Kernel{top_k_cpu<BFloat16>}, DType::bf16);
NINEFOLD_KERNEL(top_k, "CPU", Kernel{top_k_cpu<int8_t>}, DType::i8);
NINEFOLD_KERNEL(top_k, "CPU", Kernel{top_k_cpu<int16_t>}, DType::i16);
NINEFOLD_KERNEL(top_k, "CPU", Kernel{top_k_cpu<int32_t>}, DType::i32);
NINEFOLD_KERNEL(top_k, "CPU", Kernel{top_k_cpu<int64_t>}, DType::i64);
NINEFOLD_KERNEL(top_k, "CPU", Kernel{top_k_cpu<uint8_t>}, DType::u8);
NINEFOLD_KERNEL(top_k, "CPU", Kernel{top_k_cpu<uint16_t>}, DType::u16);
NINEFOLD_KERNEL(top_k, "CPU", Kernel{top_k_cpu<uint32_t>}, DType::u32);
NINEFOLD_KERNEL(top_k, "CPU", Kernel{top_k_cpu<uint64_t>}, DType::u64);

const Function top_k_function = {
    .names = {"tf.math.top_k", "tf.nn.top_k"},
    .signature = "(input: tensor, k: tensor = 1, sorted: bool = True, name: str = None)",
    .doc = "(values, indices) of the k greatest elements of every row, greatest first.",
    .body = [](Args& a) -> Value {
      const Tensor inputs[] = {a.tensor("input"), nn::cast(a.tensor("k", DType::i32), DType::i32)};
      const NamedAttr sorted("sorted", a.flag("sorted"));
      return op_all("TopKV2", inputs, {&sorted, 1});
    },
    .result = "tensors",
};
NINEFOLD_REGISTER(top_k_function);

const Op in_top_k = {
    .name = "InTopKV2", .inputs = {"predictions: float", "targets: T", "k: T"}, .outputs = {"precision: bool"},
    .attrs = {"T: index = int32"},
    .doc = "Whether fewer than k predictions of a row are greater than the target's. A row with a value that is not "
           "finite, and a target outside the row, give false.",
    .shape = [](ShapeCtx& c) {
      const Shape &p = c.shape(0), &t = c.shape(1);
      c.check(!p.known_rank() || p.rank() == 2, "predictions must be 2-dimensional");
      c.check(!t.known_rank() || t.rank() == 1, "targets must be 1-dimensional");
      const int64_t rows = p.known_rank() ? p[0] : -1, n = t.known_rank() ? t[0] : -1;
      c.check(rows < 0 || n < 0 || rows == n, "First dimension of predictions {} must match length of targets {}", rows, n);
      c.output({rows < 0 ? n : rows});
    },
    .host = {"k"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(in_top_k);
void in_top_k_cpu(KernelCtx& c) {
  const int64_t rows = c.shape(0)[0], columns = c.shape(0)[1], k = c.in(2).int_at(0);
  for (int64_t r = 0; r < rows; ++r) {
    const float* x = c.in<float>(0) + r * columns;
    const int64_t target = c.dtype(1) == DType::i64 ? c.in<int64_t>(1)[r] : c.in<int32_t>(1)[r];
    bool valid = target >= 0 && target < columns && std::isfinite(x[target]);
    int64_t greater = 0;
    for (int64_t i = 0; valid && i < columns; ++i) {
      valid = std::isfinite(x[i]);
      greater += x[i] > x[target];
    }
    c.out<bool>(0)[r] = valid && greater < k;
  }
}
NINEFOLD_KERNEL(in_top_k, "CPU", Kernel{in_top_k_cpu});
const Function in_top_k_function = {
    .names = {"tf.math.in_top_k", "tf.nn.in_top_k"},
    .signature = "(targets: tensor, predictions: tensor, k: tensor, name: str = None)",
    .doc = "Whether each target is among the k greatest predictions of its row.",
    .body = [](Args& a) -> Value {
      const Tensor targets = a.tensor("targets");
      return op("InTopKV2", {a.tensor("predictions", DType::f32), targets, nn::cast(a.tensor("k", targets.dtype()), targets.dtype())});
    },
};
NINEFOLD_REGISTER(in_top_k_function);

}  // namespace
}  // namespace ninefold::ops
