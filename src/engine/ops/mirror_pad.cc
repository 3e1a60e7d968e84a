// In: a tensor and how much to put before and after each axis. Out: the tensor in a frame of its own mirror image.
#include <algorithm>

#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/element_type.h"
#include "engine/ops/moves.gpu.h"

namespace ninefold::ops {
namespace {

// REFLECT leaves the edge itself out of the image, SYMMETRIC repeats it.
template <class Ctx>
int64_t edge(const Ctx& c) { return c.text("mode") == "REFLECT" ? 1 : 0; }

// The shape of the padded tensor from that of the inner one, or back (`sign` -1).
void mirror_shape(ShapeCtx& c, int sign) {
  const Shape &s = c.shape(0), &p = c.shape(1);
  if (p.known_rank()) {
    c.check(p.rank() == 2 && (p[1] == 2 || p[1] < 0), "paddings must be a matrix with 2 columns: {}", p.str());
    c.check(!s.known_rank() || p[0] < 0 || p[0] == s.rank(), "The first dimension of paddings must be the rank of inputs{}, {}", p.str(), s.str());
  }
  const Tensor* v = c.value(1);
  if (!s.known_rank() || !v) return c.output(s.known_rank() ? Shape::of_rank(s.rank()) : s);
  Shape out = s;
  for (int i = 0; i < s.rank(); ++i) {
    const int64_t before = v->int_at(2 * i), after = v->int_at(2 * i + 1);
    c.check(before >= 0 && after >= 0, "paddings must be non-negative: {} {}", before, after);
    if (s[i] < 0) continue;
    const int64_t inner = sign > 0 ? s[i] : s[i] - before - after;
    if (edge(c)) c.check(before < inner && after < inner, "paddings must be less than the {}dimension size: {}, {} not less than {}",
                         sign > 0 ? "" : "output ", before, after, inner);
    else c.check(before <= inner && after <= inner, "paddings must be no greater than the dimension size: {}, {} greater than {}", before, after, inner);
    out.set(i, s[i] + sign * (before + after));
  }
  c.output(out);
}
const std::vector<std::string> kInputs = {"input: T", "paddings: Tpaddings"};
const Op mirror_pad = {
    .name = "MirrorPad", .inputs = kInputs, .outputs = {"output: T"},
    .attrs = {"T: type", "Tpaddings: index = int32", "mode: {'REFLECT', 'SYMMETRIC'}"},
    .doc = "The tensor with its mirror image around it: paddings[i] = [before, after] along axis i.",
    .shape = [](ShapeCtx& c) { mirror_shape(c, 1); },
    .grad = [](GradCtx& g) { g.to(0, op("MirrorPadGrad", {g.dy(), g.in(1)}, {{"mode", g.text("mode")}})); },
    .host = {"paddings"}, .grad_reads = {"paddings"},
};
NINEFOLD_REGISTER(mirror_pad);
const Op mirror_pad_grad = {
    .name = "MirrorPadGrad", .inputs = kInputs, .outputs = {"output: T"},
    .attrs = {"T: numeric", "Tpaddings: index = int32", "mode: {'REFLECT', 'SYMMETRIC'}"},
    .doc = "What flows back through MirrorPad: the frame folded onto the inner part and added to it.",
    .shape = [](ShapeCtx& c) { mirror_shape(c, -1); },
    .grad = [](GradCtx& g) { g.to(0, op("MirrorPad", {g.dy(), g.in(1)}, {{"mode", g.text("mode")}})); },
    .host = {"paddings"}, .grad_reads = {"paddings"},
};
NINEFOLD_REGISTER(mirror_pad_grad);

// For each axis and each position in the padded tensor, the position in the inner one, times its stride.
std::vector<std::vector<int64_t>> sources(KernelCtx& k, const Shape& inner, const Shape& padded) {
  const std::vector<int64_t> strides = strides_of(inner.dims());
  std::vector<std::vector<int64_t>> all(static_cast<size_t>(inner.rank()));
  for (int d = 0; d < inner.rank(); ++d) {
    const int64_t before = k.in(1).int_at(2 * d), n = inner[d], e = edge(k);
    for (int64_t i = 0; i < padded[d]; ++i) {
      int64_t at = i - before;
      if (at < 0) at = -at - 1 + e;
      if (at >= n) at = 2 * n - 1 - at - e;
      k.check(at >= 0 && at < n, "paddings are too large for {}", inner.str());
      all[static_cast<size_t>(d)].push_back(at * strides[static_cast<size_t>(d)]);
    }
  }
  return all;
}
// f(position in the padded tensor, position in the inner one), in order.
template <class F>
void each(const std::vector<std::vector<int64_t>>& from, size_t axis, int64_t& at, int64_t inner, const F& f) {
  if (axis == from.size()) return f(at++, inner);
  for (int64_t offset : from[axis]) each(from, axis + 1, at, inner + offset, f);
}
// Along each axis the result is the input between two mirror images: up to 3^axes copies, some of them backwards.
struct Mirrored {
  KernelCtx& k;
  const Shape &inner, &padded;
  std::vector<int64_t> from_strides, to_strides, size, step;
  void copy(int axis, int64_t from, int64_t to) {
    const DType d = k.dtype(0);
    if (axis == inner.rank()) return move_strided(k, d, size, element(d, k.out<void>(0), to), to_strides, element(d, k.in<void>(0), from), step);
    const auto at = static_cast<size_t>(axis);
    const int64_t before = k.in(1).int_at(2 * axis), after = k.in(1).int_at(2 * axis + 1), n = inner[axis], e = edge(k);
    auto part = [&](int64_t count, int64_t first, int64_t place, int64_t way) {
      if (count == 0) return;
      size[at] = count, step[at] = way * from_strides[at];
      copy(axis + 1, from + first * from_strides[at], to + place * to_strides[at]);
    };
    k.check(before + e <= n && after + e <= n, "paddings are too large for {}", inner.str());
    part(before, before - 1 + e, 0, -1);
    part(n, 0, before, 1);
    part(after, n - 1 - e, before + n, -1);
  }
};
void mirror_pad_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape &inner = k.shape(0), &padded = k.out(0).shape();
  if (padded.size() == 0) return;
  const std::vector<int64_t> from = strides_of(inner.dims());
  Mirrored{k, inner, padded, from, strides_of(padded.dims()), inner.vector(), from}.copy(0, 0, 0);
}
void mirror_pad_grad_cpu(KernelCtx& k) {
  give_outputs(k);
  fill_run(k.dtype(0), k.out<void>(0), nullptr, k.out(0).size());
  const auto from = sources(k, k.out(0).shape(), k.shape(0));
  with_number(k.dtype(0), [&](auto zero) {
    using T = decltype(zero);
    int64_t at = 0;
    each(from, 0, at, 0, [&](int64_t padded, int64_t inner) {
      k.out<T>(0)[inner] = static_cast<T>(k.out<T>(0)[inner] + k.in<T>(0)[padded]);
    });
  });
}
NINEFOLD_KERNEL(mirror_pad, "CPU", Kernel{mirror_pad_cpu});
NINEFOLD_KERNEL(mirror_pad_grad, "CPU", Kernel{mirror_pad_grad_cpu});

}  // namespace
}  // namespace ninefold::ops
