// In: numbers. Out: how many fall into which bin (Bincount, HistogramFixedWidth), which bin each falls into (Bucketize,
// LowerBound, UpperBound), coordinates of flat indices (UnravelIndex).
#include <algorithm>
#include <cmath>

#include "base/threads.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/element_type.h"
#include "engine/ops/moves.h"

namespace ninefold::ops {
namespace {

// ---- Bincount, DenseBincount ----
int64_t bins_of(const ShapeCtx& c) {
  const Tensor* n = c.value(1);
  c.check(!c.shape(1).known_rank() || c.shape(1).size() == 1, "Shape must be rank 0 but is rank {}", c.shape(1).rank());
  if (n) c.check(n->int_at(0) >= 0, "size ({}) must be non-negative", n->int_at(0));
  return n ? n->int_at(0) : -1;
}
const Op bincount = {
    .name = "Bincount", .inputs = {"arr: int32", "size: int32", "weights: T"}, .outputs = {"bins: T"},
    .attrs = {"T: {int32, int64, float, double}"}, .doc = "How often each of 0 ... size - 1 occurs in arr, or the sums of their weights.",
    .shape = [](ShapeCtx& c) { c.output({bins_of(c)}); }, .host = {"size"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(bincount);
const Op dense_bincount = {
    .name = "DenseBincount", .inputs = {"input: Tidx", "size: Tidx", "weights: T"}, .outputs = {"output: T"},
    .attrs = {"Tidx: index", "T: {int32, int64, float, double}", "binary_output: bool = false"},
    .doc = "How often each of 0 ... size - 1 occurs, in a vector or in each row of a matrix; with binary_output, whether.",
    .shape = [](ShapeCtx& c) {
      const Shape& s = c.shape(0);
      if (!s.known_rank()) return c.unknown();
      c.check(s.rank() <= 2, "Shape must be at most rank 2 but is rank {}", s.rank());
      c.output(s.rank() == 2 ? Shape{s[0], bins_of(c)} : Shape{bins_of(c)});
    },
    .host = {"size"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(dense_bincount);
template <class T, class Index>
void count_into(KernelCtx& k, bool binary) {
  const Shape& s = k.shape(0);
  const int64_t rows = s.rank() == 2 && k.out(0).rank() == 2 ? s[0] : 1, n = rows ? s.size() / rows : 0, bins = k.out(0).shape().dim(-1);
  const bool weighted = k.in(2).size() > 0;
  k.check(!weighted || k.shape(2) == s, "`weights` must be the same shape as `arr` or a length-0 `Tensor`, in which case it acts as all weights equal to 1. Received {}",
          k.shape(2).str());
  T* out = k.out<T>(0);
  std::fill_n(out, k.out(0).size(), T{0});
  for (int64_t i = 0; i < s.size(); ++i) {
    const auto v = static_cast<int64_t>(k.in<Index>(0)[i]);
    k.check(v >= 0, "Input arr must be non-negative!");
    if (v >= bins) continue;
    T& bin = out[(n ? i / n : 0) * bins + v];
    if (binary) bin = T{1};
    else bin += weighted ? k.in<T>(2)[i] : T{1};
  }
}
void bincount_cpu(KernelCtx& k) {
  give_outputs(k);
  with_real(k.dtype(2), [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_arithmetic_v<T>) count_into<T, int32_t>(k, false);
  });
}
void dense_bincount_cpu(KernelCtx& k) {
  give_outputs(k);
  with_real(k.dtype(2), [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_arithmetic_v<T>) {
      if (k.dtype(0) == DType::i64) count_into<T, int64_t>(k, k.flag("binary_output"));
      else count_into<T, int32_t>(k, k.flag("binary_output"));
    }
  });
}
NINEFOLD_KERNEL(bincount, "CPU", Kernel{bincount_cpu});
NINEFOLD_KERNEL(dense_bincount, "CPU", Kernel{dense_bincount_cpu});

// ---- HistogramFixedWidth ----
const Op histogram = {
    .name = "HistogramFixedWidth", .inputs = {"values: T", "value_range: T", "nbins: int32"}, .outputs = {"out: dtype"},
    .attrs = {"T: {int32, int64, float, double}", "dtype: index = int32"},
    .doc = "How many values fall into each of nbins equal parts of the range; those outside count in the first and the last.",
    .shape = [](ShapeCtx& c) {
      c.check(!c.shape(1).known_rank() || c.shape(1) == Shape{2}, "value_range should be a vector of 2 elements.");
      const Tensor *n = c.value(2), *range = c.value(1);
      if (n) c.check(n->int_at(0) > 0, "nbins should be a positive number, but got '{}'", n->int_at(0));
      if (range) c.check(range->float_at(0) < range->float_at(1), "value_range should satisfy value_range[0] < value_range[1], but got '[{:g}, {:g}]'",
                         range->float_at(0), range->float_at(1));
      c.output({n ? n->int_at(0) : -1});
    },
    .host = {"value_range", "nbins"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(histogram);
void histogram_cpu(KernelCtx& k) {
  give_outputs(k);
  const int64_t bins = k.out(0).size();
  k.check(k.in(1).float_at(0) < k.in(1).float_at(1), "value_range should satisfy value_range[0] < value_range[1], but got '[{:g}, {:g}]'",
          k.in(1).float_at(0), k.in(1).float_at(1));
  std::vector<int64_t> counts(static_cast<size_t>(bins));
  with_real(k.dtype(0), [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_arithmetic_v<T>) {
      const T low = k.in<T>(1)[0];
      const double step = static_cast<double>(k.in<T>(1)[1] - low) / static_cast<double>(bins);
      for (int64_t i = 0; i < k.in(0).size(); ++i) {
        // Compared before it becomes an integer: NaN counts as the lowest.
        const double at = static_cast<double>(k.in<T>(0)[i] - low) / step;
        ++counts[!(at > 0) ? 0 : at >= static_cast<double>(bins) ? static_cast<size_t>(bins - 1) : static_cast<size_t>(at)];
      }
    }
  });
  if (k.out(0).dtype() == DType::i64) std::copy(counts.begin(), counts.end(), k.out<int64_t>(0));
  else std::copy(counts.begin(), counts.end(), k.out<int32_t>(0));
}
NINEFOLD_KERNEL(histogram, "CPU", Kernel{histogram_cpu});

// ---- Bucketize ----
const Op bucketize = {
    .name = "Bucketize", .inputs = {"input: T"}, .outputs = {"output: int32"},
    .attrs = {"T: {int32, int64, float, double}", "boundaries: list(float)"},
    .doc = "For each element the number of boundaries that are not above it.",
    .shape = [](ShapeCtx& c) {
      const auto& b = std::get<std::vector<double>>(c.attr("boundaries"));
      c.check(std::is_sorted(b.begin(), b.end()), "Expected sorted boundaries");
      c.same_as_input();
    },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(bucketize);
void bucketize_cpu(KernelCtx& k) {
  give_outputs(k);
  const auto& b = std::get<std::vector<double>>(k.attr("boundaries"));
  std::vector<float> edges(b.begin(), b.end());
  with_real(k.dtype(0), [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; i < k.in(0).size(); ++i)
      k.out<int32_t>(0)[i] = static_cast<int32_t>(std::upper_bound(edges.begin(), edges.end(), k.in<T>(0)[i],
                                                                   [](T x, float e) { return static_cast<double>(x) < static_cast<double>(e); }) - edges.begin());
  });
}
NINEFOLD_KERNEL(bucketize, "CPU", Kernel{bucketize_cpu});

// ---- LowerBound, UpperBound ----
void bound_shape(ShapeCtx& c) {
  const Shape &s = c.shape(0), &v = c.shape(1);
  if (s.known_rank() && v.known_rank()) {
    c.check(s.rank() == 2, "sorted input argument must be a matrix");
    c.check(v.rank() == 2, "values argument must be a matrix");
    c.check(s[0] < 0 || v[0] < 0 || s[0] == v[0], "Leading dim_size of both tensors must match.");
  }
  c.output(v);
}
const std::vector<std::string> kBoundInputs = {"sorted_inputs: T", "values: T"}, kBoundAttrs = {"T: type", "out_type: index = int32"};
const Op lower_bound = {
    .name = "LowerBound", .inputs = kBoundInputs, .outputs = {"output: out_type"}, .attrs = kBoundAttrs,
    .doc = "For each value the first place in its sorted row that is not below it.", .shape = bound_shape, .stops_gradient = true,
};
NINEFOLD_REGISTER(lower_bound);
const Op upper_bound = {
    .name = "UpperBound", .inputs = kBoundInputs, .outputs = {"output: out_type"}, .attrs = kBoundAttrs,
    .doc = "For each value the first place in its sorted row that is above it.", .shape = bound_shape, .stops_gradient = true,
};
NINEFOLD_REGISTER(upper_bound);
template <bool upper>
void bound_cpu(KernelCtx& k) {
  give_outputs(k);
  const int64_t n = k.shape(0).dim(-1), m = k.shape(1).dim(-1);
  with_real(k.dtype(0), [&](auto zero) {
    using T = decltype(zero);
    parallel_for(k.in(1).size(), 4096, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const T* row = k.in<T>(0) + i / m * n;
        const T v = k.in<T>(1)[i];
        const int64_t at = (upper ? std::upper_bound(row, row + n, v) : std::lower_bound(row, row + n, v)) - row;
        if (k.out(0).dtype() == DType::i64) k.out<int64_t>(0)[i] = at;
        else k.out<int32_t>(0)[i] = static_cast<int32_t>(at);
      }
    });
  });
}
NINEFOLD_KERNEL(lower_bound, "CPU", Kernel{bound_cpu<false>});
NINEFOLD_KERNEL(upper_bound, "CPU", Kernel{bound_cpu<true>});

// ---- UnravelIndex ----
const Op unravel_index = {
    .name = "UnravelIndex", .inputs = {"indices: Tidx", "dims: Tidx"}, .outputs = {"output: Tidx"}, .attrs = {"Tidx: index = int32"},
    .doc = "The coordinates of flat indices into a shape: a row of the result for each dimension.",
    .shape = [](ShapeCtx& c) {
      const Shape &i = c.shape(0), &d = c.shape(1);
      c.check(!i.known_rank() || i.rank() <= 1, "The indices can only be scalar or vector, got \"{}\"", i.str());
      c.check(!d.known_rank() || d.rank() == 1, "The indices can only be 1-D, got \"{}\"", d.str());
      if (!i.known_rank() || !d.known_rank()) return c.unknown();
      c.output(d.concat(i));
    },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(unravel_index);
void unravel_index_cpu(KernelCtx& k) {
  give_outputs(k);
  const std::vector<int64_t> indices = k.in(0).ints(), dims = k.in(1).ints();
  const auto n = static_cast<int64_t>(indices.size());
  int64_t all = 1;
  for (int64_t d : dims) {
    k.check(d != 0, "Input dims cannot contain a dim of zero, but dims contains zero");
    k.check(!__builtin_mul_overflow(all, d, &all), "Input dims product is causing integer overflow");
  }
  for (int64_t i = 0; i < n; ++i) {
    int64_t rest = indices[static_cast<size_t>(i)];
    k.check(rest >= 0 && rest < all, "index is out of bound as with dims");
    for (size_t d = dims.size(); d-- > 0; rest /= dims[d]) {
      const auto at = static_cast<int64_t>(d) * n + i;
      if (k.dtype(0) == DType::i64) k.out<int64_t>(0)[at] = rest % dims[d];
      else k.out<int32_t>(0)[at] = static_cast<int32_t>(rest % dims[d]);
    }
  }
}
NINEFOLD_KERNEL(unravel_index, "CPU", Kernel{unravel_index_cpu});

}  // namespace
}  // namespace ninefold::ops
