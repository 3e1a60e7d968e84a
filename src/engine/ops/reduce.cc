// In: a tensor and axes. Out: sums and means over them, in an order that no thread count changes.
#include <algorithm>
#include <memory>

#include "base/check.h"
#include "engine/device/cpu/reduce.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"

namespace ninefold::ops {
namespace {

// Which axes go; duplicates and axes out of range are the caller's fault.
std::vector<bool> reduced_axes(const Shape& s, const Tensor& axes, const ShapeCtx* c) {
  std::vector<bool> gone(static_cast<size_t>(s.rank()));
  for (int64_t a : axes.ints()) {
    if (c) {
      c->check(a >= -s.rank() && a < s.rank(), "Invalid reduction dimension ({} for input with {} dimension(s)", a, s.rank());
      c->check(!gone[static_cast<size_t>(a < 0 ? a + s.rank() : a)],
               "Invalid reduction arguments: Axes contains duplicate dimension: {}", a < 0 ? a + s.rank() : a);
    }
    gone[static_cast<size_t>(a < 0 ? a + s.rank() : a)] = true;
  }
  return gone;
}

void reduced_shape(ShapeCtx& c) {
  const Shape& s = c.shape(0);
  const Tensor* axes = c.value(1);
  const bool keep = c.flag("keep_dims");
  if (!s.known_rank() || !axes) return c.output(keep && s.known_rank() ? Shape::of_rank(s.rank()) : Shape::unknown());
  const std::vector<bool> gone = reduced_axes(s, *axes, &c);
  std::vector<int64_t> dims;
  for (int i = 0; i < s.rank(); ++i) {
    if (!gone[static_cast<size_t>(i)]) dims.push_back(s[i]);
    else if (keep) dims.push_back(1);
  }
  c.output(Shape(dims));
}

// A tensor of the reduced shape, with ones where axes went, so that it broadcasts against the input.
Tensor widened(GradCtx& g, const Tensor& t) {
  const Shape& s = g.in(0).shape();
  NINEFOLD_INVARIANT(s.fully_known());
  const std::vector<bool> gone = reduced_axes(s, g.in(1), nullptr);
  std::vector<int32_t> dims(s.begin(), s.end());
  for (size_t i = 0; i < dims.size(); ++i)
    if (gone[i]) dims[i] = 1;
  return op("Reshape", {t, Tensor::of<int32_t>({s.rank()}, dims)});
}

const std::vector<std::string> kInputs = {"input: T", "reduction_indices: Tidx"};
const std::vector<std::string> kAttrs = {"keep_dims: bool = false", "T: numeric",
                                         "Tidx: index = int32"};
const Op sum = {
    .name = "Sum", .inputs = kInputs, .outputs = {"output: T"}, .attrs = kAttrs,
    .doc = "Sum over the given axes.", .shape = reduced_shape,
    .grad = [](GradCtx& g) { g.to(0, widened(g, g.dy()) * op("OnesLike", {g.in(0)})); }, .host = {"reduction_indices"},
};
NINEFOLD_REGISTER(sum);
const Op mean = {
    .name = "Mean", .inputs = kInputs, .outputs = {"output: T"}, .attrs = kAttrs,
    .doc = "Mean over the given axes; NaN of nothing.", .shape = reduced_shape,
    .grad = [](GradCtx& g) {
      const Tensor ones = op("OnesLike", {g.in(0)});
      const Tensor count = op("Sum", {ones, g.in(1)}, {{"keep_dims", g.flag("keep_dims")}});
      g.to(0, widened(g, g.dy() / count) * ones);
    },
    .host = {"reduction_indices"},
};
NINEFOLD_REGISTER(mean);

template <cpu::Reduction reduction>
void reduce_cpu(KernelCtx& k) {
  const std::vector<bool> gone = reduced_axes(k.shape(0), k.in(1), nullptr);
  const auto is_reduced = std::make_unique<bool[]>(gone.size() + 1);
  std::copy(gone.begin(), gone.end(), is_reduced.get());
  cpu::reduce_axes(reduction, static_cast<int>(k.dtype(0)), k.in<void>(0), k.out<void>(0), k.shape(0).dims(),
                   {is_reduced.get(), gone.size()});
}
NINEFOLD_KERNEL(sum, "CPU", Kernel{reduce_cpu<cpu::Reduction::sum>});
NINEFOLD_KERNEL(mean, "CPU", Kernel{reduce_cpu<cpu::Reduction::mean>});

}  // namespace
}  // namespace ninefold::ops
