// In: rows and the segment each belongs to. Out: one sum, product or extreme a segment.
#include <algorithm>
#include <limits>

#include "base/threads.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/element_type.h"
#include "engine/ops/moves.h"

namespace ninefold::ops {
namespace {

struct Sum {
  template <class T> static T start() { return T(0); }
  template <class T> static T join(T a, T b) { return static_cast<T>(a + b); }
};
struct Prod {
  template <class T> static T start() { return T(1); }
  template <class T> static T join(T a, T b) { return static_cast<T>(a * b); }
};
// An empty segment gets the lowest (greatest) finite number.
template <bool lowest, class T>
T extreme() {
  if constexpr (std::is_same_v<T, HalfNumber>) return HalfNumber(lowest ? -65504.0f : 65504.0f);
  else if constexpr (std::is_same_v<T, BrainNumber>) return BrainNumber(lowest ? -3.3895314e38f : 3.3895314e38f);
  else return lowest ? std::numeric_limits<T>::lowest() : std::numeric_limits<T>::max();
}
struct Max {
  template <class T> static T start() { return extreme<true, T>(); }
  template <class T> static T join(T a, T b) { return a < b ? b : a; }
};
struct Min {
  template <class T> static T start() { return extreme<false, T>(); }
  template <class T> static T join(T a, T b) { return b < a ? b : a; }
};

// ---- shared by the gradients ----

// Rows of `table` by id; zeros for negative ids, which belong to no segment.
Tensor clipped(const Tensor& ids) { return op("Maximum", {ids, op("ZerosLike", {ids})}); }
Tensor rows_of(const Tensor& table, const Tensor& ids) { return op("GatherV2", {table, clipped(ids), int_scalar(0)}); }
Tensor belongs(const Tensor& ids, const Tensor& data) {   // ids >= 0, broadcastable against data
  Tensor in = op("GreaterEqual", {ids, op("ZerosLike", {ids})});
  for (int i = ids.rank(); i < data.rank(); ++i) in = op("ExpandDims", {in, int_scalar(-1)});
  return in;
}
Tensor select(const Tensor& condition, const Tensor& a, const Tensor& b) { return op("SelectV2", {condition, a, b}); }
Tensor zeros(const Tensor& t) { return op("ZerosLike", {t}); }

void extreme_gradient(GradCtx& g, bool sorted) {
  const Tensor &x = g.in(0), &ids = g.in(1);
  Tensor chosen = op("Equal", {x, rows_of(g.out(), ids)});
  if (!sorted) chosen = op("LogicalAnd", {chosen, belongs(ids, x)});
  const Tensor ones = op("Cast", {chosen}, {{"DstT", g.type("T")}});
  const Tensor ties = sorted ? op("SegmentSum", {ones, ids}) : op("UnsortedSegmentSum", {ones, ids, g.in(2)});
  g.to(0, select(chosen, rows_of(g.dy() / ties, ids), zeros(x)));
}
// The product of the others, also where one or more of a segment are 0.
void product_gradient_of(GradCtx& g, const Tensor& n) {
  const Tensor &x = g.in(0), &ids = g.in(1);
  const Tensor zero = op("Equal", {x, zeros(x)});
  const Tensor count = op("UnsortedSegmentSum", {op("Cast", {zero}, {{"DstT", DType::i32}}), ids, n});
  const Tensor dy = select(op("Greater", {count, op("OnesLike", {count})}), zeros(g.dy()), g.dy());
  const Tensor rest = op("UnsortedSegmentProd", {select(zero, op("OnesLike", {x}), x), ids, n});
  const Tensor divided = rows_of(g.out(), ids) / select(zero, op("OnesLike", {x}), x);
  const Tensor others = select(zero, rows_of(rest, ids), divided);
  g.to(0, select(belongs(ids, x), rows_of(dy, ids) * others, zeros(x)));
}

void product_gradient(GradCtx& g) { product_gradient_of(g, g.in(2)); }
void sorted_product_gradient(GradCtx& g) {
  const Tensor rows = op("Shape", {g.out()});
  product_gradient_of(g, op("StridedSlice", {rows, int_vector({0}), int_vector({1}), int_vector({1})}, {{"shrink_axis_mask", 1}}));
}

// ---- unsorted ----

void unsorted_shape(ShapeCtx& c) {
  const Shape &data = c.shape(0), &ids = c.shape(1);
  c.check(!c.shape(2).known_rank() || c.shape(2).rank() == 0, "num_segments should be a scalar, not shape {}", c.shape(2).str());
  const Tensor* n = c.value(2);
  if (n) c.check(n->int_at(0) >= 0, "Input num_segments == {} must not be negative.", n->int_at(0));
  if (!data.known_rank() || !ids.known_rank()) return c.unknown();
  c.check(data.rank() >= ids.rank() && data.slice(0, ids.rank()).compatible(ids),
          "data.shape = {} does not start with segment_ids.shape = {}", data.str(), ids.str());
  c.output(Shape{n ? n->int_at(0) : -1}.concat(data.slice(ids.rank(), data.rank())));
}
const std::vector<std::string> kInputs = {"data: T", "segment_ids: Tindices", "num_segments: Tnumsegments"};
std::vector<std::string> attrs(const char* types) {
  return {std::string("T: ") + types, "Tindices: index", "Tnumsegments: index = int32"};
}
const Op unsorted_sum = {
    .name = "UnsortedSegmentSum", .inputs = kInputs, .outputs = {"output: T"}, .attrs = attrs("numeric"),
    .doc = "Row i of the result is the sum of the rows of data whose id is i; negative ids are left out.",
    .shape = unsorted_shape,
    .grad = [](GradCtx& g) {
      const Tensor rows = rows_of(g.dy(), g.in(1));
      g.to(0, select(belongs(g.in(1), g.in(0)), rows, zeros(rows)));
    },
    .host = {"num_segments"}, .grad_reads = {"data", "segment_ids"},
};
NINEFOLD_REGISTER(unsorted_sum);
const Op unsorted_prod = {
    .name = "UnsortedSegmentProd", .inputs = kInputs, .outputs = {"output: T"}, .attrs = attrs("numeric"),
    .doc = "Row i of the result is the product of the rows of data whose id is i, 1 of none; negative ids are left out.",
    .shape = unsorted_shape, .grad = product_gradient, .host = {"num_segments"},
};
NINEFOLD_REGISTER(unsorted_prod);
const Op unsorted_max = {
    .name = "UnsortedSegmentMax", .inputs = kInputs, .outputs = {"output: T"}, .attrs = attrs("real"),
    .doc = "Row i of the result is the maximum of the rows of data whose id is i, the lowest number of none.",
    .shape = unsorted_shape, .grad = [](GradCtx& g) { extreme_gradient(g, false); }, .host = {"num_segments"},
};
NINEFOLD_REGISTER(unsorted_max);
const Op unsorted_min = {
    .name = "UnsortedSegmentMin", .inputs = kInputs, .outputs = {"output: T"}, .attrs = attrs("real"),
    .doc = "Row i of the result is the minimum of the rows of data whose id is i, the greatest number of none.",
    .shape = unsorted_shape, .grad = [](GradCtx& g) { extreme_gradient(g, false); }, .host = {"num_segments"},
};
NINEFOLD_REGISTER(unsorted_min);

// Ids as int64, whatever integer they came in: a copy of them costs nothing beside the rows that they place.
std::vector<int64_t> ids_of(KernelCtx& k) {
  std::vector<int64_t> ids;
  with_index_type(k.dtype(1), [&](auto* type) {
    using Id = std::remove_cv_t<std::remove_pointer_t<decltype(type)>>;
    ids.assign(k.in<Id>(1), k.in<Id>(1) + k.in(1).size());
  });
  return ids;
}

// Bands of columns, so that no two threads meet in a row and the order of additions is that of the data.
template <class Join, class T>
void join_rows(const T* data, const std::vector<int64_t>& ids, T* out, int64_t inner) {
  const int64_t rows = static_cast<int64_t>(ids.size());
  const int64_t bands = rows * inner < 65536 || inner < 32 ? 1 : std::min<int64_t>(8, inner / 16);
  parallel_for(bands, 1, [&](int64_t begin, int64_t end) {
    const int64_t from = inner * begin / bands, to = inner * end / bands;
    for (int64_t r = 0; r < rows; ++r) {
      if (ids[r] < 0) continue;
      T* sum = out + ids[r] * inner;
      const T* row = data + r * inner;
      for (int64_t c = from; c < to; ++c) sum[c] = Join::join(sum[c], row[c]);
    }
  });
}
template <class Join>
void unsorted_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& out = k.out(0).shape();
  const int64_t n = out[0], inner = out.slice(1, out.rank()).size();
  const std::vector<int64_t> ids = ids_of(k);
  for (size_t i = 0; i < ids.size(); ++i)
    k.check(ids[i] < n, "segment_ids[{}] = {} is out of range [0, {})", i, ids[i], n);
  with_number(k.dtype(0), [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_same_v<Join, Sum> || std::is_same_v<Join, Prod> || std::is_convertible_v<T, double>) {
      std::fill_n(k.out<T>(0), out.size(), Join::template start<T>());
      join_rows<Join>(k.in<T>(0), ids, k.out<T>(0), inner);
    }
  });
}
NINEFOLD_KERNEL(unsorted_sum, "CPU", Kernel{unsorted_cpu<Sum>});
NINEFOLD_KERNEL(unsorted_prod, "CPU", Kernel{unsorted_cpu<Prod>});
NINEFOLD_KERNEL(unsorted_max, "CPU", Kernel{unsorted_cpu<Max>});
NINEFOLD_KERNEL(unsorted_min, "CPU", Kernel{unsorted_cpu<Min>});

// ---- sorted ----

void sorted_shape(ShapeCtx& c) {
  const Shape &data = c.shape(0), &ids = c.shape(1);
  c.check(!ids.known_rank() || ids.rank() == 1, "segment_ids should be a vector.");
  c.check(!data.known_rank() || data.rank() > 0, "data must be at least rank 1");
  c.check(!data.known_rank() || !ids.known_rank() || ids[0] < 0 || data[0] < 0 || ids[0] == data[0],
          "segment_ids should be the same size as dimension 0 of input.");
  if (!data.known_rank()) return c.unknown();
  const Tensor* v = c.value(1);
  int64_t n = -1;
  if (v) n = v->size() == 0 ? 0 : v->int_at(v->size() - 1) + 1;
  if (v) c.check(n >= 0, "segment ids must be >= 0");
  c.output(Shape{n}.concat(data.slice(1, data.rank())));
}
const std::vector<std::string> kSortedInputs = {"data: T", "segment_ids: Tindices"};
std::vector<std::string> sorted_attrs(const char* types) { return {std::string("T: ") + types, "Tindices: index"}; }
const Op segment_sum = {
    .name = "SegmentSum", .inputs = kSortedInputs, .outputs = {"output: T"}, .attrs = sorted_attrs("numeric"),
    .doc = "Row i of the result is the sum of the rows of data whose id is i; ids are sorted.", .shape = sorted_shape,
    .grad = [](GradCtx& g) { g.to(0, op("GatherV2", {g.dy(), g.in(1), int_scalar(0)})); }, .grad_reads = {"segment_ids"},
};
NINEFOLD_REGISTER(segment_sum);
const Op segment_mean = {
    .name = "SegmentMean", .inputs = kSortedInputs, .outputs = {"output: T"}, .attrs = sorted_attrs("numeric"),
    .doc = "Row i of the result is the mean of the rows of data whose id is i, 0 of none; ids are sorted.",
    .shape = sorted_shape,
    .grad = [](GradCtx& g) {
      // Only rows that exist are gathered: the 0 / 0 of empty segments is never read.
      const Tensor counts = op("SegmentSum", {op("OnesLike", {g.in(0)}), g.in(1)});
      g.to(0, op("GatherV2", {g.dy() / counts, g.in(1), int_scalar(0)}));
    },
    .grad_reads = {"data", "segment_ids"},
};
NINEFOLD_REGISTER(segment_mean);
const Op segment_prod = {
    .name = "SegmentProd", .inputs = kSortedInputs, .outputs = {"output: T"}, .attrs = sorted_attrs("numeric"),
    .doc = "Row i of the result is the product of the rows of data whose id is i, 1 of none; ids are sorted.",
    .shape = sorted_shape, .grad = sorted_product_gradient,
};
NINEFOLD_REGISTER(segment_prod);
const Op segment_max = {
    .name = "SegmentMax", .inputs = kSortedInputs, .outputs = {"output: T"}, .attrs = sorted_attrs("real"),
    .doc = "Row i of the result is the maximum of the rows of data whose id is i, 0 of none; ids are sorted.",
    .shape = sorted_shape, .grad = [](GradCtx& g) { extreme_gradient(g, true); },
};
NINEFOLD_REGISTER(segment_max);
const Op segment_min = {
    .name = "SegmentMin", .inputs = kSortedInputs, .outputs = {"output: T"}, .attrs = sorted_attrs("real"),
    .doc = "Row i of the result is the minimum of the rows of data whose id is i, 0 of none; ids are sorted.",
    .shape = sorted_shape, .grad = [](GradCtx& g) { extreme_gradient(g, true); },
};
NINEFOLD_REGISTER(segment_min);

template <class Join, bool mean = false>
void sorted_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& out = k.out(0).shape();
  const int64_t n = out[0], inner = out.slice(1, out.rank()).size();
  const std::vector<int64_t> ids = ids_of(k);
  const int64_t rows = static_cast<int64_t>(ids.size());
  for (int64_t i = 0; i < rows; ++i) {
    k.check(i + 1 == rows || ids[i + 1] >= ids[i], "segment ids are not increasing");
    k.check(ids[i] >= 0 && ids[i] < n,
            "Segment id {} out of range [0, {}), possibly because 'segment_ids' input is not sorted.", ids[i], n);
  }
  with_number(k.dtype(0), [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_same_v<Join, Sum> || std::is_same_v<Join, Prod> || std::is_convertible_v<T, double>) {
      // Ids that do not occur: 1 for a product, else 0.
      std::fill_n(k.out<T>(0), out.size(), std::is_same_v<Join, Prod> ? T(1) : T(0));
      for (int64_t i = 0, first = 0; i < rows; ++i) {
        if (i + 1 < rows && ids[i + 1] == ids[i]) continue;
        T* to = k.out<T>(0) + ids[i] * inner;
        std::copy_n(k.in<T>(0) + first * inner, inner, to);
        for (int64_t r = first + 1; r <= i; ++r)
          for (int64_t c = 0; c < inner; ++c) to[c] = Join::join(to[c], k.in<T>(0)[r * inner + c]);
        if constexpr (mean)
          for (int64_t c = 0; c < inner; ++c) {
            if constexpr (std::is_convertible_v<T, double>) to[c] = static_cast<T>(to[c] / static_cast<T>(i - first + 1));
            else to[c] /= T(static_cast<typename T::value_type>(i - first + 1));
          }
        first = i + 1;
      }
    }
  });
}
NINEFOLD_KERNEL(segment_sum, "CPU", Kernel{sorted_cpu<Sum>});
NINEFOLD_KERNEL(segment_mean, "CPU", (Kernel{sorted_cpu<Sum, true>}));
NINEFOLD_KERNEL(segment_prod, "CPU", Kernel{sorted_cpu<Prod>});
NINEFOLD_KERNEL(segment_max, "CPU", Kernel{sorted_cpu<Max>});
NINEFOLD_KERNEL(segment_min, "CPU", Kernel{sorted_cpu<Min>});

}  // namespace
}  // namespace ninefold::ops
