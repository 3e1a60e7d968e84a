// In: a tensor and how much to put before and after each axis. Out: the tensor in a frame of one value (Pad, PadV2)
// or of its own mirror image (MirrorPad).
#include <algorithm>

#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/moves.gpu.h"

namespace ninefold::ops {
namespace {

// Axis by axis what lies before and after; null until the values are known.
void check_paddings(ShapeCtx& c) {
  const Shape& p = c.shape(1);
  if (!p.known_rank()) return;
  c.check(p.rank() == 2 && (p[1] == 2 || p[1] < 0), "paddings must be a matrix with 2 columns: {}", p.str());
  c.check(!c.shape(0).known_rank() || p[0] < 0 || p[0] == c.shape(0).rank(),
          "The first dimension of paddings must be the rank of inputs{} {}", p.str(), c.shape(0).str());
}
Shape any_of_rank(const ShapeCtx& c) {
  if (c.shape(0).known_rank()) return Shape::of_rank(c.shape(0).rank());
  const Shape& p = c.shape(1);
  return p.known_rank() && p[0] >= 0 ? Shape::of_rank(static_cast<int>(p[0])) : Shape::unknown();
}
void padded_shape(ShapeCtx& c) {
  check_paddings(c);
  const Shape& s = c.shape(0);
  const Tensor* p = c.value(1);
  if (c.num_inputs() > 2 && c.shape(2).known_rank())
    c.check(c.shape(2).rank() == 0, "constant_values must be a scalar. Found: {}", c.shape(2).str());
  if (!s.known_rank() || !p) return c.output(any_of_rank(c));
  Shape out = s;
  for (int i = 0; i < s.rank(); ++i) {
    const int64_t before = p->int_at(2 * i), after = p->int_at(2 * i + 1);
    c.check(before >= 0 && after >= 0, "Paddings must be non-negative: {} {}", before, after);
    out.set(i, s[i] < 0 ? -1 : before + s[i] + after);
  }
  c.output(out);
}

// The inner part of dy: it begins where the padding before each axis ends.
Tensor inner(GradCtx& g) {
  const DType index = g.in(1).dtype();
  const Tensor* p = known_value(g.in(1));
  Tensor begin;
  if (p) {
    std::vector<int64_t> first;
    for (int64_t i = 0; i < p->size(); i += 2) first.push_back(p->int_at(i));
    begin = int_vector(first, index);
  } else {
    begin = op("GatherV2", {g.in(1), int_scalar(0), int_scalar(1)});
  }
  return op("Slice", {g.dy(), begin, shape_tensor(g.in(0), index)});
}
// The constant of PadV2 has none, as in TensorFlow.
void pad_gradient(GradCtx& g) {
  if (g.needs(0)) g.to(0, inner(g));
}

const Op pad = {
    .name = "Pad", .inputs = {"input: T", "paddings: Tpaddings"}, .outputs = {"output: T"},
    .attrs = {"T: type", "Tpaddings: index = int32"},
    .doc = "Zeros around a tensor: paddings[i] = [before, after] along axis i.", .shape = padded_shape,
    .grad = pad_gradient, .host = {"paddings"}, .grad_reads = {"paddings"},
};
NINEFOLD_REGISTER(pad);
const Op pad_v2 = {
    .name = "PadV2", .inputs = {"input: T", "paddings: Tpaddings", "constant_values: T"}, .outputs = {"output: T"},
    .attrs = {"T: type", "Tpaddings: index = int32"},
    .doc = "One value around a tensor: paddings[i] = [before, after] along axis i.", .shape = padded_shape,
    .grad = pad_gradient, .host = {"paddings"}, .grad_reads = {"paddings"},
};
NINEFOLD_REGISTER(pad_v2);
void pad_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape &s = k.shape(0), &out = k.out(0).shape();
  const DType dtype = k.dtype(0);
  if (!(out == s)) fill_run(k, dtype, k.out<void>(0), k.num_inputs() > 2 ? k.in<void>(2) : nullptr, out.size());
  if (s.size() == 0) return;
  const std::vector<int64_t> strides = strides_of(out.dims());
  int64_t offset = 0;
  for (int i = 0; i < s.rank(); ++i) {
    const int64_t before = k.in(1).int_at(2 * i), after = k.in(1).int_at(2 * i + 1);
    k.check(before >= 0 && after >= 0 && before + s[i] + after == out[i], "Paddings must be non-negative: {} {}", before, after);
    offset += before * strides[static_cast<size_t>(i)];
  }
  move_strided(k, dtype, s.dims(), element(dtype, k.out<void>(0), offset), strides, k.in<void>(0), strides_of(s.dims()));
}
NINEFOLD_KERNEL(pad, "CPU", Kernel{pad_cpu});
NINEFOLD_KERNEL(pad_v2, "CPU", Kernel{pad_cpu});

}  // namespace
}  // namespace ninefold::ops
