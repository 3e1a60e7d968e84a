// In: a tensor and how often, or to which shape, to repeat it. Out: the repeated tensor; gradients sum over the copies.
#include "base/check.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/moves.gpu.h"

namespace ninefold::ops {
namespace {

// ---- Tile ----
const Op tile = {
    .name = "Tile", .inputs = {"input: T", "multiples: Tmultiples"}, .outputs = {"output: T"},
    .attrs = {"T: type", "Tmultiples: index = int32"}, .doc = "The tensor repeated multiples[i] times along axis i.",
    .shape = [](ShapeCtx& c) {
      const Shape& s = c.shape(0);
      const Tensor* m = c.value(1);
      c.check(!c.shape(1).known_rank() || c.shape(1).rank() == 1, "Expected multiples to be 1-D, but got shape {}", c.shape(1).str());
      const int64_t n = c.shape(1).fully_known() ? c.shape(1)[0] : -1;
      if (!s.known_rank()) return c.output(n < 0 ? Shape::unknown() : Shape::of_rank(static_cast<int>(n)));
      c.check(n < 0 || n == s.rank(), "Expected multiples argument to be a vector of length {} but got length {}", s.rank(), n);
      if (!m) return c.output(Shape::of_rank(s.rank()));
      Shape out = s;
      for (int i = 0; i < s.rank(); ++i) {
        const int64_t times = m->int_at(i);
        c.check(times >= 0, "Expected multiples[{}] >= 0, but got {}", i, times);
        int64_t all = -1;
        c.check(s[i] < 0 || !__builtin_mul_overflow(s[i], times, &all), "Encountered overflow when multiplying {} with {}", s[i], times);
        out.set(i, s[i] < 0 ? -1 : all);
      }
      c.output(out);
    },
    // dy seen as [m0, d0, m1, d1, ...], summed over the m.
    .grad = [](GradCtx& g) {
      const Shape& s = g.in(0).shape();
      const Tensor* m = known_value(g.in(1));
      Tensor shape, axes;
      if (s.fully_known() && m) {
        std::vector<int64_t> dims, sums;
        for (int i = 0; i < s.rank(); ++i) {
          sums.push_back(2 * i);
          dims.push_back(m->int_at(i));
          dims.push_back(s[i]);
        }
        shape = int_vector(dims);
        axes = int_vector(sums);
      } else {
        const Tensor times = op("Cast", {g.in(1)}, {{"DstT", DType::i32}});
        shape = op("Reshape", {op("Pack", {times, op("Shape", {g.in(0)})}, {{"axis", 1}}), int_vector({-1})});
        axes = op("Range", {int_scalar(0), op("Size", {shape}), int_scalar(2)});
      }
      g.to(0, op("Sum", {op("Reshape", {g.dy(), shape}), axes}));
    },
    .host = {"multiples"}, .grad_reads = {"multiples"},
};
NINEFOLD_REGISTER(tile);
// Input and output as [m0, d0, m1, d1, ...]: a copy whose source stands still along the m.
void tile_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape &s = k.shape(0), &out = k.out(0).shape();
  if (out.size() == 0) return;
  const std::vector<int64_t> from = strides_of(s.dims()), to = strides_of(out.dims());
  std::vector<int64_t> dims, to_strides, from_strides;
  for (int i = 0; i < s.rank(); ++i) {
    const auto at = static_cast<size_t>(i);
    dims.insert(dims.end(), {out[i] / s[i], s[i]});
    to_strides.insert(to_strides.end(), {to[at] * s[i], to[at]});
    from_strides.insert(from_strides.end(), {0, from[at]});
  }
  move_strided(k, k.dtype(0), dims, k.out<void>(0), to_strides, k.in<void>(0), from_strides);
}
NINEFOLD_KERNEL(tile, "CPU", Kernel{tile_cpu});

// ---- BroadcastTo ----
const Op broadcast_to = {
    .name = "BroadcastTo", .inputs = {"input: T", "shape: Tidx"}, .outputs = {"output: T"},
    .attrs = {"T: type", "Tidx: index = int32"}, .doc = "The tensor repeated to `shape` by NumPy's rules of broadcasting.",
    .shape = [](ShapeCtx& c) {
      const Shape& s = c.shape(0);
      const Shape want = c.shape_value(1);
      if (!want.known_rank() || !s.known_rank()) return c.output(want);
      c.check(s.rank() <= want.rank(), "Rank of input ({}) must be no greater than rank of output shape ({}).", s.rank(), want.rank());
      for (int i = 0; i < s.rank(); ++i) {
        const int64_t w = want[want.rank() - s.rank() + i];
        c.check(s[i] < 0 || w < 0 || s[i] == w || s[i] == 1, "Incompatible shapes: {} vs. {}", s.str(), want.str());
      }
      c.output(want);
    },
    .grad = [](GradCtx& g) { g.to_broadcast(0, g.dy()); }, .host = {"shape"}, .grad_reads = {},
};
NINEFOLD_REGISTER(broadcast_to);
void broadcast_to_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape &s = k.shape(0), &out = k.out(0).shape();
  if (out.size() == 0) return;
  if (s.size() == 1) return fill_run(k, k.dtype(0), k.out<void>(0), k.in<void>(0), out.size());
  const std::vector<int64_t> from = strides_of(s.dims());
  std::vector<int64_t> strides(static_cast<size_t>(out.rank()), 0);
  const int extra = out.rank() - s.rank();
  k.check(extra >= 0, "Rank of input ({}) must be no greater than rank of output shape ({}).", s.rank(), out.rank());
  for (int i = 0; i < s.rank(); ++i) {
    k.check(s[i] == 1 || s[i] == out[extra + i], "Incompatible shapes: {} vs. {}", s.str(), out.str());
    if (s[i] != 1) strides[static_cast<size_t>(extra + i)] = from[static_cast<size_t>(i)];
  }
  move_strided(k, k.dtype(0), out.dims(), k.out<void>(0), strides_of(out.dims()), k.in<void>(0), strides);
}
NINEFOLD_KERNEL(broadcast_to, "CPU", Kernel{broadcast_to_cpu});

}  // namespace
}  // namespace ninefold::ops
