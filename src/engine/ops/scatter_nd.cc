// In: a tensor and positions in it, a vector of coordinates each. Out: what lies there (GatherNd), or the tensor with
// other values there (ScatterNd, TensorScatterUpdate, -Add, -Sub, -Min, -Max).
#include <algorithm>

#include "base/threads.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/element_type.h"
#include "engine/ops/moves.h"

namespace ninefold::ops {
namespace {

const std::string kIndexTypes = "Tindices: {int16, int32, int64}";

// Offsets of the slices that indices name, in elements; the position of the first bad one is in the text.
std::string listed(const std::vector<int64_t>& v, const char* between) {
  std::string all;
  for (size_t i = 0; i < v.size(); ++i) all += (i ? between : "") + std::to_string(v[i]);
  return all;
}
std::vector<int64_t> offsets(KernelCtx& k, const Tensor& indices, const Shape& into, const char* kind, const char* end) {
  const Shape& s = indices.shape();
  const int64_t depth = s.dim(-1), n = s.slice(0, s.rank() - 1).size();
  const std::vector<int64_t> strides = strides_of(into.dims());
  std::vector<int64_t> out(static_cast<size_t>(n));
  with_index_type(indices.dtype(), [&](auto* type) {
    const auto* at = static_cast<decltype(type)>(indices.impl()->data);
    for (int64_t i = 0; i < n; ++i) {
      int64_t offset = 0;
      bool inside = true;
      for (int64_t d = 0; d < depth; ++d) {
        const auto c = static_cast<int64_t>(at[i * depth + d]);
        inside = inside && c >= 0 && c < into[static_cast<int>(d)];
        offset += c * strides[static_cast<size_t>(d)];
      }
      if (!inside) {
        std::vector<int64_t> where, what(at + i * depth, at + (i + 1) * depth);
        int64_t rest = i;
        for (int d = s.rank() - 1; d-- > 0; rest /= s[d]) where.insert(where.begin(), rest % s[d]);
        k.raise(fmt::format("indices{} = [{}] does not index into {} {}{}", where.empty() ? "" : "[" + listed(where, ",") + "]",
                            listed(what, ", "), kind, into.str(), end));
      }
      out[static_cast<size_t>(i)] = offset;
    }
  });
  return out;
}

// ---- GatherNd ----
const Op gather_nd = {
    .name = "GatherNd", .inputs = {"params: Tparams", "indices: Tindices"}, .outputs = {"output: Tparams"},
    .attrs = {"Tparams: type", kIndexTypes},
    .doc = "The slices of params whose leading coordinates are the innermost vectors of indices.",
    .shape = [](ShapeCtx& c) {
      const Shape &p = c.shape(0), &n = c.shape(1);
      c.check(!n.known_rank() || n.rank() >= 1, "indices must be at least a vector");
      if (!p.known_rank() || !n.known_rank() || n.dim(-1) < 0) return c.unknown();
      c.check(n.dim(-1) <= p.rank(), "index innermost dimension length must be <= params rank; saw: {} vs. {}", n.dim(-1), p.rank());
      c.output(n.slice(0, n.rank() - 1).concat(p.slice(static_cast<int>(n.dim(-1)), p.rank())));
    },
    .grad = [](GradCtx& g) {
      const Shape &p = g.in(0).shape(), &n = g.in(1).shape();
      if (p.known_rank() && n.known_rank() && n.rank() == 2 && n.dim(-1) == 1) {   // whole rows
        const Tensor rows = op("Squeeze", {g.in(1)}, {{"squeeze_dims", std::vector<int64_t>{-1}}});
        return g.to(0, taken_rows(g.dy(), rows, p, shape_tensor(g.in(0))));
      }
      g.to(0, op("ScatterNd", {g.in(1), g.dy(), op("Cast", {shape_tensor(g.in(0))}, {{"DstT", g.in(1).dtype()}})}));
    },
    .grad_reads = {"indices"},
};
NINEFOLD_REGISTER(gather_nd);
void gather_nd_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& p = k.shape(0);
  const int depth = static_cast<int>(k.shape(1).dim(-1));
  if (k.out(0).size() == 0) return;
  k.check(p.size() > 0, "Requested more than 0 entries, but params is empty.  Params shape: {}", p.str());
  const std::vector<int64_t> from = offsets(k, k.in(1), p, "param shape", ", node name: GatherNd");
  const int64_t inner = p.slice(depth, p.rank()).size();
  const DType d = k.dtype(0);
  const int64_t grain = is_plain(d) ? std::max<int64_t>(1, 65536 / std::max<int64_t>(1, inner)) : INT64_MAX;
  parallel_for(static_cast<int64_t>(from.size()), grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      move_run(d, element(d, k.out<void>(0), i * inner), element(d, k.in<void>(0), from[static_cast<size_t>(i)]), inner);
  });
}
NINEFOLD_KERNEL(gather_nd, "CPU", Kernel{gather_nd_cpu});

// ---- scattering ----

enum class Mode { set, add, sub, min, max };

template <Mode mode, class T>
T joined(T a, T b) {
  if constexpr (mode == Mode::add) return static_cast<T>(a + b);
  else if constexpr (mode == Mode::sub) return static_cast<T>(a - b);
  else if constexpr (mode == Mode::min) return b < a ? b : a;
  else return a < b ? b : a;
}
// Updates one after the other, so that the order of additions is theirs.
template <Mode mode>
void scatter(KernelCtx& k, DType d, void* out, const std::vector<int64_t>& to, const void* updates, int64_t inner) {
  const auto n = static_cast<int64_t>(to.size());
  if (mode == Mode::set || (mode == Mode::add && !is_numeric(d))) {
    for (int64_t i = 0; i < n; ++i) {
      void* y = element(d, out, to[static_cast<size_t>(i)]);
      const void* x = element(d, updates, i * inner);
      if (mode == Mode::add && d == DType::string)
        for (int64_t j = 0; j < inner; ++j) static_cast<std::string*>(y)[j] += static_cast<const std::string*>(x)[j];
      else if (mode == Mode::add && d == DType::boolean)
        for (int64_t j = 0; j < inner; ++j) static_cast<bool*>(y)[j] |= static_cast<const bool*>(x)[j];
      else
        move_run(d, y, x, inner);
    }
    return;
  }
  k.check(is_numeric(d), "there is no arithmetic on {}", name_of(d));
  with_number(d, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (mode == Mode::add || mode == Mode::sub || std::is_convertible_v<T, double>) {
      for (int64_t i = 0; i < n; ++i) {
        T* y = static_cast<T*>(out) + to[static_cast<size_t>(i)];
        const T* x = static_cast<const T*>(updates) + i * inner;
        for (int64_t j = 0; j < inner; ++j) y[j] = joined<mode>(y[j], x[j]);
      }
    }
  });
}

void check_scatter_nd(const ShapeCtx& c, const Shape& n, const Shape& u, const Shape& s) {
  if (!n.known_rank() || !u.known_rank()) return;
  c.check(n.rank() >= 1, "Indices shape must have rank at least one. Found:{}", n.str());
  const int outer = n.rank() - 1;
  c.check(u.rank() >= outer && u.slice(0, outer).compatible(n.slice(0, outer)),
          "Dimensions [0,{}) of indices[shape={}] must match dimensions [0,{}) of updates[shape={}]", outer, n.str(), outer, u.str());
  if (!s.known_rank() || n.dim(-1) < 0) return;
  const int depth = static_cast<int>(n.dim(-1));
  c.check(depth <= s.rank() && s.slice(depth, s.rank()).compatible(u.slice(outer, u.rank())),
          "Dimensions [{},{}) of input[shape={}] must match dimensions [{},{}) of updates[shape={}]", depth, s.rank(), s.str(), outer,
          u.rank(), u.str());
}
const Op scatter_nd = {
    .name = "ScatterNd", .inputs = {"indices: Tindices", "updates: T", "shape: Tindices"}, .outputs = {"output: T"},
    .attrs = {"T: type", kIndexTypes},
    .doc = "Zeros of the given shape with the sums of updates where indices point.",
    .shape = [](ShapeCtx& c) {
      const Shape s = c.shape_value(2);
      check_scatter_nd(c, c.shape(0), c.shape(1), s);
      c.output(s);
    },
    .grad = [](GradCtx& g) { g.to(1, op("GatherNd", {g.dy(), g.in(0)})); }, .host = {"shape"}, .grad_reads = {"indices"},
};
NINEFOLD_REGISTER(scatter_nd);
void scatter_nd_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& s = k.out(0).shape();
  const DType d = k.dtype(1);
  fill_run(d, k.out<void>(0), nullptr, s.size());
  if (k.in(0).size() == 0 || k.in(1).size() == 0) return;
  k.check(s.size() > 0, "Indices and updates specified for empty output.  indices shape: {}", k.shape(0).str());
  const int depth = static_cast<int>(k.shape(0).dim(-1));
  scatter<Mode::add>(k, d, k.out<void>(0), offsets(k, k.in(0), s, "shape", ""), k.in<void>(1), s.slice(depth, s.rank()).size());
}
NINEFOLD_KERNEL(scatter_nd, "CPU", Kernel{scatter_nd_cpu});

void tensor_scatter_shape(ShapeCtx& c) {
  const Shape &s = c.shape(0), &n = c.shape(1), &u = c.shape(2);
  if (s.known_rank() && n.known_rank() && u.known_rank()) {
    c.check(n.rank() >= 1, "Indices shape must have rank at least one. Found:{}", n.str());
    const int outer = n.rank() - 1;
    c.check(u.rank() >= outer && u.slice(0, outer).compatible(n.slice(0, outer)),
            "Outer dimensions of indices and update must match. Indices shape: {}, updates shape:{}", n.str(), u.str());
    const int64_t depth = n.dim(-1);
    const int inner = u.rank() - outer;
    c.check(depth < 0 || depth + inner == s.rank(),
            "Inner dimensions of output shape must match inner dimensions of updates shape. Output: {} updates: {}", s.str(), u.str());
    c.check(depth < 0 || s.slice(static_cast<int>(depth), s.rank()).compatible(u.slice(outer, u.rank())),
            "The inner {} dimensions of output.shape={} must match the inner {} dimensions of updates.shape={}", inner, s.str(), inner,
            u.str());
  }
  c.output(s);
}
template <Mode mode>
void tensor_scatter_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& s = k.shape(0);
  const DType d = k.dtype(0);
  move_run(d, k.out<void>(0), k.in<void>(0), s.size());
  if (k.in(1).size() == 0 || k.in(2).size() == 0) return;
  const int depth = static_cast<int>(k.shape(1).dim(-1));
  scatter<mode>(k, d, k.out<void>(0), offsets(k, k.in(1), s, "shape", ""), k.in<void>(2), s.slice(depth, s.rank()).size());
}

// Equal shares where the tensor's own value and updates tie.
void extreme_gradient(GradCtx& g) {
  const Tensor &x = g.in(0), &at = g.in(1), &u = g.in(2);
  auto same = [&](const Tensor& a, const Tensor& b) { return op("Cast", {op("Equal", {a, b})}, {{"DstT", x.dtype()}}); };
  const Tensor own = same(x, g.out()), theirs = same(u, op("GatherNd", {g.out(), at}));
  const Tensor shape = op("Cast", {shape_tensor(x)}, {{"DstT", at.dtype()}});
  const Tensor share = g.dy() / (own + op("ScatterNd", {at, theirs, shape}));
  if (g.needs(0)) g.to(0, share * own);
  if (g.needs(2)) g.to(2, op("GatherNd", {share, at}) * theirs);
}
const std::vector<std::string> kInputs = {"tensor: T", "indices: Tindices", "updates: T"};
Op tensor_scatter(const char* name, const char* types, const char* doc, void (*grad)(GradCtx&)) {
  return {.name = name, .inputs = kInputs, .outputs = {"output: T"}, .attrs = {std::string("T: ") + types, kIndexTypes},
          .doc = doc, .shape = tensor_scatter_shape, .grad = grad};
}
const Op update = tensor_scatter("TensorScatterUpdate", "type", "The tensor with updates where indices point.", [](GradCtx& g) {
  if (g.needs(0)) g.to(0, op("TensorScatterUpdate", {g.dy(), g.in(1), op("ZerosLike", {g.in(2)})}));
  if (g.needs(2)) g.to(2, op("GatherNd", {g.dy(), g.in(1)}));
});
const Op add = tensor_scatter("TensorScatterAdd", "type", "The tensor with updates added where indices point.", [](GradCtx& g) {
  if (g.needs(0)) g.to(0, g.dy());
  if (g.needs(2)) g.to(2, op("GatherNd", {g.dy(), g.in(1)}));
});
const Op sub = tensor_scatter("TensorScatterSub", "type", "The tensor with updates taken off where indices point.", [](GradCtx& g) {
  if (g.needs(0)) g.to(0, g.dy());
  if (g.needs(2)) g.to(2, -op("GatherNd", {g.dy(), g.in(1)}));
});
const Op min = tensor_scatter("TensorScatterMin", "real", "The tensor with the lesser of its value and the update where indices point.", extreme_gradient);
const Op max = tensor_scatter("TensorScatterMax", "real", "The tensor with the greater of its value and the update where indices point.", extreme_gradient);
NINEFOLD_REGISTER(update);
NINEFOLD_REGISTER(add);
NINEFOLD_REGISTER(sub);
NINEFOLD_REGISTER(min);
NINEFOLD_REGISTER(max);
NINEFOLD_KERNEL(update, "CPU", Kernel{tensor_scatter_cpu<Mode::set>});
NINEFOLD_KERNEL(add, "CPU", Kernel{tensor_scatter_cpu<Mode::add>});
NINEFOLD_KERNEL(sub, "CPU", Kernel{tensor_scatter_cpu<Mode::sub>});
NINEFOLD_KERNEL(min, "CPU", Kernel{tensor_scatter_cpu<Mode::min>});
NINEFOLD_KERNEL(max, "CPU", Kernel{tensor_scatter_cpu<Mode::max>});

}  // namespace
}  // namespace ninefold::ops
