// In: tensors whose values say how large the result is. Out: positions of what is not zero (Where), distinct values
// (Unique), rows sorted into partitions and back (DynamicPartition, DynamicStitch).
#include <algorithm>
#include <string>
#include <unordered_map>

#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/element_type.h"
#include "engine/ops/moves.h"
#include "engine/ops/unique_rows.h"

namespace ninefold::ops {
namespace {

// ---- Where ----
const Op where = {
    .name = "Where", .inputs = {"input: T"}, .outputs = {"index: int64"},
    .attrs = {"T: {float, double, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, half, uint32, uint64, bool} = bool"},
    .doc = "The coordinates of the elements that are not zero or false, a row each, in row-major order.",
    .shape = [](ShapeCtx& c) {
      c.check(!c.shape(0).known_rank() || (c.shape(0).rank() >= 1 && c.shape(0).rank() <= 8),
              "WhereOp : Unhandled input dimensions: {}", c.shape(0).rank());
      c.output({-1, c.shape(0).known_rank() ? c.shape(0).rank() : -1});
    },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(where);
void where_cpu(KernelCtx& k) {
  const Shape& s = k.shape(0);
  const int64_t n = s.size();
  auto positions = [&](const auto* x) {
    using T = std::remove_cv_t<std::remove_pointer_t<decltype(x)>>;
    auto hit = [](const T& v) {
      if constexpr (std::is_same_v<T, HalfNumber> || std::is_same_v<T, BrainNumber>) return static_cast<float>(v) != 0;
      else return v != T{};
    };
    const int64_t hits = std::count_if(x, x + n, hit);
    auto* to = static_cast<int64_t*>(k.allocate(0, DType::i64, {hits, s.rank()}).impl()->data);
    const int64_t last = s.rank() > 1 ? s.dim(-1) : 1;
    for (int64_t i = 0; i < n; ++i) {
      if (!hit(x[i])) continue;
      if (s.rank() == 1) {
        *to++ = i;
        continue;
      }
      to[s.rank() - 1] = i % last;
      int64_t rest = i / last;
      for (int d = s.rank() - 1; d-- > 0; rest /= s[d]) to[d] = rest % s[d];
      to += s.rank();
    }
  };
  if (k.dtype(0) == DType::boolean) return positions(k.in<bool>(0));
  with_number(k.dtype(0), [&](auto zero) { positions(k.in<decltype(zero)>(0)); });
}
NINEFOLD_KERNEL(where, "CPU", Kernel{where_cpu});

// ---- Unique, UniqueWithCounts ----
void unique_shape(ShapeCtx& c) {
  c.check(!c.shape(0).known_rank() || c.shape(0).rank() == 1, "unique expects a 1D vector.");
  c.output(0, {-1});
  c.output(1, c.shape(0));
  if (def(c.op()).outputs.size() > 2) c.output(2, {-1});
}
const Op unique = {
    .name = "Unique", .inputs = {"x: T"}, .outputs = {"y: T", "idx: out_idx"}, .attrs = {"T: type", "out_idx: index = int32"},
    .doc = "The distinct elements of a vector in the order in which they appear, and for each element which it is.",
    .shape = unique_shape, .stops_gradient = true,
};
NINEFOLD_REGISTER(unique);
const Op unique_with_counts = {
    .name = "UniqueWithCounts", .inputs = {"x: T"}, .outputs = {"y: T", "idx: out_idx", "count: out_idx"},
    .attrs = {"T: type", "out_idx: index = int32"},
    .doc = "The distinct elements of a vector in the order in which they appear, which each element is, and how often each occurs.",
    .shape = unique_shape, .stops_gradient = true,
};
NINEFOLD_REGISTER(unique_with_counts);
// Without attributes, so that it follows no rule of int32's that keeps it with the host.
const Op unique_rows_32 = {.name = "_UniqueRows", .inputs = {"x: int32"}, .outputs = {"y: int32", "idx: int32"}, .attrs = {},
                           .doc = "The distinct elements of a vector, in plans for GPUs.", .shape = unique_shape};
const Op unique_rows_64 = {.name = "_UniqueRows64", .inputs = {"x: int64"}, .outputs = {"y: int64", "idx: int32"}, .attrs = {},
                           .doc = "The distinct elements of a vector, in plans for GPUs.", .shape = unique_shape};

template <class Key, class T>
void distinct(KernelCtx& k, const T* x, DType index) {
  const int64_t n = k.in(0).size();
  std::unordered_map<Key, int64_t> known;
  std::vector<int64_t> first, counts, which(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) {
    const auto [it, fresh] = known.try_emplace(static_cast<Key>(x[i]), static_cast<int64_t>(first.size()));
    if (fresh) first.push_back(i), counts.push_back(0);
    which[static_cast<size_t>(i)] = it->second;
    ++counts[static_cast<size_t>(it->second)];
  }
  const DType d = k.in(0).dtype();
  auto give = [&](int output, const std::vector<int64_t>& v) {
    void* to = k.allocate(output, index, {static_cast<int64_t>(v.size())}).impl()->data;
    if (index == DType::i64) std::copy(v.begin(), v.end(), static_cast<int64_t*>(to));
    else std::copy(v.begin(), v.end(), static_cast<int32_t*>(to));
  };
  Tensor& y = k.allocate(0, d, {static_cast<int64_t>(first.size())});
  for (size_t i = 0; i < first.size(); ++i)
    move_run(d, element(d, y.impl()->data, static_cast<int64_t>(i)), element(d, k.in<void>(0), first[i]), 1);
  give(1, which);
  if (k.num_outputs() > 2) give(2, counts);
}
void unique_cpu(KernelCtx& k) {
  const DType d = k.dtype(0);
  if (d == DType::string) return distinct<std::string>(k, k.in<std::string>(0), k.type("out_idx"));
  if (d == DType::boolean) return distinct<bool>(k, k.in<bool>(0), k.type("out_idx"));
  k.check(is_numeric(d) && !is_complex(d), "there is no Unique of {}", name_of(d));
  with_real(d, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_arithmetic_v<T>) distinct<T>(k, k.in<T>(0), k.type("out_idx"));
    else distinct<float>(k, k.in<T>(0), k.type("out_idx"));
  });
}
NINEFOLD_KERNEL(unique, "CPU", Kernel{unique_cpu});
NINEFOLD_KERNEL(unique_with_counts, "CPU", Kernel{unique_cpu});
NINEFOLD_KERNEL(unique_rows_32, "CPU", Kernel{[](KernelCtx& k) { distinct<int32_t>(k, k.in<int32_t>(0), DType::i32); }});
NINEFOLD_KERNEL(unique_rows_64, "CPU", Kernel{[](KernelCtx& k) { distinct<int64_t>(k, k.in<int64_t>(0), DType::i32); }});

// ---- DynamicPartition, DynamicStitch ----
const Op dynamic_partition = {
    .name = "DynamicPartition", .inputs = {"data: T", "partitions: int32"}, .outputs = {"outputs: num_partitions * T"},
    .attrs = {"num_partitions: int >= 1", "T: type"}, .doc = "Output i has the rows of data whose partition is i, in order.",
    .shape = [](ShapeCtx& c) {
      const Shape &d = c.shape(0), &p = c.shape(1);
      if (!d.known_rank() || !p.known_rank()) return c.unknown();
      c.check(d.rank() >= p.rank() && d.slice(0, p.rank()).compatible(p),
              "data.shape must start with partitions.shape, got data.shape = {}, partitions.shape = {}", d.str(), p.str());
      for (int i = 0; i < c.integer("num_partitions"); ++i) c.output(i, Shape{-1}.concat(d.slice(p.rank(), d.rank())));
    },
    // The number of each row goes the same way as the row: that says where its gradient belongs.
    .grad = [](GradCtx& g) {
      const Tensor &data = g.in(0), &parts = g.in(1);
      const Tensor rows = op("Reshape", {op("Range", {int_scalar(0), op("Size", {parts}), int_scalar(1)}), shape_tensor(parts)});
      const Tensor in[] = {rows, parts};
      const NamedAttr count("num_partitions", g.num_outputs());
      Tensors stitched = op_all("DynamicPartition", in, {&count, 1});
      for (int i = 0; i < g.num_outputs(); ++i) stitched.push_back(g.dy(i));
      const NamedAttr n("N", g.num_outputs());
      g.to(0, op("Reshape", {op_all("DynamicStitch", stitched, {&n, 1}).at(0), shape_tensor(data)}));
    },
};
NINEFOLD_REGISTER(dynamic_partition);
void dynamic_partition_cpu(KernelCtx& k) {
  const int64_t n = k.in(1).size(), parts = k.num_outputs();
  const Shape rest = k.shape(0).slice(k.shape(1).rank(), k.shape(0).rank());
  const int64_t inner = rest.size();
  const int32_t* which = k.in<int32_t>(1);
  std::vector<int64_t> counts(static_cast<size_t>(parts));
  for (int64_t i = 0; i < n; ++i) {
    if (which[i] < 0 || which[i] >= parts) {
      std::string place;
      int64_t left = i;
      for (int d = k.shape(1).rank(); d-- > 0; left /= k.shape(1)[d])
        place = std::to_string(left % k.shape(1)[d]) + (place.empty() ? "" : ",") + place;
      k.raise(fmt::format("partitions{} = {} is not in [0, {})", place.empty() ? "" : "[" + place + "]", which[i], parts));
    }
    ++counts[static_cast<size_t>(which[i])];
  }
  const DType d = k.dtype(0);
  std::vector<void*> to;
  for (int64_t p = 0; p < parts; ++p)
    to.push_back(k.allocate(static_cast<int>(p), d, Shape{counts[static_cast<size_t>(p)]}.concat(rest)).impl()->data);
  for (int64_t i = 0; i < n; ++i) {
    void*& y = to[static_cast<size_t>(which[i])];
    move_run(d, y, element(d, k.in<void>(0), i * inner), inner);
    y = element(d, y, inner);
  }
}
NINEFOLD_KERNEL(dynamic_partition, "CPU", Kernel{dynamic_partition_cpu});

const Op dynamic_stitch = {
    .name = "DynamicStitch", .inputs = {"indices: N * int32", "data: N * T"}, .outputs = {"merged: T"},
    .attrs = {"N: int >= 1", "T: type"}, .doc = "Row indices[m][i] of the result is row i of data[m]; of several the last.",
    .shape = [](ShapeCtx& c) {
      const int n = c.num_inputs() / 2;
      Shape rest = Shape::unknown();
      int64_t most = -1;
      bool known = true;
      for (int i = 0; i < n; ++i) {
        const Shape &at = c.shape(i), &data = c.shape(n + i);
        if (const Tensor* v = c.value(i)) for (int64_t x : v->ints()) most = std::max(most, x);
        else known = false;
        if (!at.known_rank() || !data.known_rank()) continue;
        c.check(data.rank() >= at.rank() && data.slice(0, at.rank()).compatible(at),
                "data[{0}].shape = {1} does not start with indices[{0}].shape = {2}", i, data.str(), at.str());
        const Shape tail = data.slice(at.rank(), data.rank());
        c.check(rest.compatible(tail),
                "Need data[0].shape[{}:] = data[{}].shape[{}:], got data[0].shape = {}, data[{}].shape = {}, indices[0].shape = {}, "
                "indices[{}].shape = {}", c.shape(0).rank(), i, at.rank(), c.shape(n).str(), i, data.str(), c.shape(0).str(), i, at.str());
        rest = rest.merge(tail);
      }
      if (!rest.known_rank()) return c.unknown();
      c.output(Shape{known ? most + 1 : -1}.concat(rest));
    },
    .grad = [](GradCtx& g) {
      const int n = g.num_inputs() / 2;
      for (int i = 0; i < n; ++i)
        if (g.needs(n + i)) g.to(n + i, op("GatherV2", {g.dy(), g.in(i), int_scalar(0)}));
    },
};
NINEFOLD_REGISTER(dynamic_stitch);
void dynamic_stitch_cpu(KernelCtx& k) {
  const int n = k.num_inputs() / 2;
  const Shape rest = k.shape(n).slice(k.shape(0).rank(), k.shape(n).rank());
  int64_t most = -1;
  for (int m = 0; m < n; ++m)
    for (int64_t i = 0; i < k.in(m).size(); ++i) {
      k.check(k.in<int32_t>(m)[i] >= 0, "indices[{}] is out of range", i);
      most = std::max<int64_t>(most, k.in<int32_t>(m)[i]);
    }
  const DType d = k.dtype(n);
  void* out = k.allocate(0, d, Shape{most + 1}.concat(rest)).impl()->data;
  fill_run(d, out, nullptr, (most + 1) * rest.size());
  for (int m = 0; m < n; ++m)
    for (int64_t i = 0; i < k.in(m).size(); ++i)
      move_run(d, element(d, out, k.in<int32_t>(m)[i] * rest.size()), element(d, k.in<void>(n + m), i * rest.size()), rest.size());
}
NINEFOLD_KERNEL(dynamic_stitch, "CPU", Kernel{dynamic_stitch_cpu});

}  // namespace
const Op& unique_rows_op(DType index) { return index == DType::i64 ? unique_rows_64 : unique_rows_32; }

}  // namespace ninefold::ops
