// In: a tensor and axes. Out: sums, means, products, extremes over them, in an order that no thread count changes.
#include <algorithm>
#include <memory>

#include "base/check.h"
#include "base/threads.h"
#include "engine/device/cpu/reduce.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/plan_forms.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/moves.h"

namespace ninefold::ops {
namespace {

// Which axes go; duplicates and axes out of range are the caller's fault.
std::vector<bool> reduced_axes(const Shape& s, const Tensor& axes, const ShapeCtx* c) {
  std::vector<bool> gone(static_cast<size_t>(s.rank()));
  for (int64_t a : axes.ints()) {
    // A kernel asks again: where the output's shape does not hang on the axes, no rule has seen them.
    const bool inside = a >= -s.rank() && a < s.rank();
    if (!c) check(inside, "Invalid reduction dimension ({} for input with {} dimension(s)", a, s.rank());
    if (c) {
      c->check(inside, "Invalid reduction dimension ({} for input with {} dimension(s)", a, s.rank());
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

// ---- gradients ----

// A tensor of the reduced shape, with ones where axes went, so that it broadcasts against the input.
Tensor widened(GradCtx& g, Tensor t) {
  if (g.flag("keep_dims")) return t;
  const Shape& s = g.in(0).shape();
  const Tensor* axes = known_value(g.in(1));
  if (!s.known_rank() || !axes) {
    const Tensor kept = op("Any", {op("ZerosLike", {op("Cast", {g.in(0)}, {{"DstT", DType::boolean}})}), g.in(1)}, {{"keep_dims", true}});
    return op("Reshape", {t, op("Shape", {kept})});
  }
  const std::vector<bool> gone = reduced_axes(s, *axes, nullptr);
  if (s.fully_known()) {
    std::vector<int64_t> dims = s.vector();
    for (size_t i = 0; i < dims.size(); ++i)
      if (gone[i]) dims[i] = 1;
    return op("Reshape", {t, int_vector(dims)});
  }
  for (size_t i = 0; i < gone.size(); ++i)
    if (gone[i]) t = op("ExpandDims", {t, int_scalar(static_cast<int64_t>(i))});
  return t;
}
Tensor spread(GradCtx& g, const Tensor& t) { return op("BroadcastTo", {widened(g, t), shape_tensor(g.in(0))}); }

// The axes as non-negative constants, then those that stay; empty if they are not known.
struct Order { std::vector<int64_t> axes; size_t reduced = 0; };
Order reduced_first(GradCtx& g) {
  const Tensor* axes = known_value(g.in(1));
  const Shape& s = g.in(0).shape();
  check(s.known_rank() && axes, Code::unimplemented, "Prod: its gradient needs the rank of the input and the axes while tracing");
  const std::vector<bool> gone = reduced_axes(s, *axes, nullptr);
  Order o;
  for (int pass = 0; pass < 2; ++pass) {
    for (size_t i = 0; i < gone.size(); ++i)
      if (gone[i] == (pass == 0)) o.axes.push_back(static_cast<int64_t>(i));
    if (pass == 0) o.reduced = o.axes.size();
  }
  return o;
}

// All ties share alike, as in TensorFlow.
void extreme_gradient(GradCtx& g) {
  const Tensor hits = op("Cast", {op("Equal", {widened(g, g.out()), g.in(0)})}, {{"DstT", g.type("T")}});
  const Tensor ties = op("Sum", {hits, g.in(1)}, {{"keep_dims", true}});
  g.to(0, hits / ties * widened(g, g.dy()));
}

// d prod / dx_i is the product of the others: of those before and of those after, so that zeros do no harm.
void product_gradient(GradCtx& g) {
  const Order o = reduced_first(g);
  const Tensor moved = op("Transpose", {g.in(0), int_vector(o.axes)});
  const Tensor shape = shape_tensor(moved);
  std::vector<int64_t> reduced(o.reduced), back(o.axes.size());
  for (size_t i = 0; i < o.reduced; ++i) reduced[i] = static_cast<int64_t>(i);
  for (size_t i = 0; i < o.axes.size(); ++i) back[static_cast<size_t>(o.axes[i])] = static_cast<int64_t>(i);
  const Tensor n = op("Prod", {op("GatherV2", {shape, int_vector(reduced), int_scalar(0)}), int_vector({0})});
  std::vector<int64_t> rest;
  for (size_t i = o.reduced; i < o.axes.size(); ++i) rest.push_back(static_cast<int64_t>(i));
  const Tensor m = op("Prod", {op("GatherV2", {shape, int_vector(rest), int_scalar(0)}), int_vector({0})});
  const Tensor rows = op("Reshape", {moved, op("Pack", {n, m})});
  const Tensor before = op("Cumprod", {rows, int_scalar(0)}, {{"exclusive", true}});
  const Tensor after = op("Cumprod", {rows, int_scalar(0)}, {{"exclusive", true}, {"reverse", true}});
  auto conj = [](const Tensor& t) { return is_complex(t.dtype()) ? op("Conj", {t}) : t; };
  const Tensor others = op("Transpose", {op("Reshape", {conj(before) * conj(after), shape}), int_vector(back)});
  g.to(0, others * widened(g, g.dy()));
}

// ---- records ----

const std::vector<std::string> kInputs = {"input: T", "reduction_indices: Tidx"};
std::vector<std::string> attrs(const char* types) {
  return {"keep_dims: bool = false", std::string("T: ") + types, "Tidx: index = int32"};
}
const Op sum = {
    .name = "Sum", .inputs = kInputs, .outputs = {"output: T"}, .attrs = attrs("numeric"),
    .doc = "Sum over the given axes.", .shape = reduced_shape, .grad = [](GradCtx& g) { g.to(0, spread(g, g.dy())); },
    .host = {"reduction_indices"}, .grad_reads = {"reduction_indices"},
};
NINEFOLD_REGISTER(sum);
const Op mean = {
    .name = "Mean", .inputs = kInputs, .outputs = {"output: T"}, .attrs = attrs("numeric"),
    .doc = "Mean over the given axes; NaN of nothing.", .shape = reduced_shape,
    .grad = [](GradCtx& g) {
      const Shape &in = g.in(0).shape(), &out = g.out().shape();
      Tensor count;
      if (in.fully_known() && out.fully_known()) {
        count = op("Cast", {Tensor(static_cast<double>(in.size()) / static_cast<double>(std::max<int64_t>(1, out.size())))},
                   {{"DstT", g.type("T")}});
      } else {
        const Tensor n = op("FloorDiv", {op("Size", {g.in(0)}), op("Maximum", {op("Size", {g.out()}), int_scalar(1)})});
        count = op("Cast", {n}, {{"DstT", g.type("T")}});
      }
      g.to(0, spread(g, g.dy() / count));
    },
    .host = {"reduction_indices"}, .grad_reads = {"reduction_indices"},
};
NINEFOLD_REGISTER(mean);
const Op prod = {
    .name = "Prod", .inputs = kInputs, .outputs = {"output: T"}, .attrs = attrs("numeric"),
    .doc = "Product over the given axes; 1 of nothing.", .shape = reduced_shape, .grad = product_gradient,
    .host = {"reduction_indices"}, .grad_reads = {"input", "reduction_indices"},
};
NINEFOLD_REGISTER(prod);
const Op max = {
    .name = "Max", .inputs = kInputs, .outputs = {"output: T"}, .attrs = attrs("real"),
    .doc = "The largest element over the given axes; NaN wins; the least value of the dtype of nothing.",
    .shape = reduced_shape, .grad = extreme_gradient, .host = {"reduction_indices"},
};
NINEFOLD_REGISTER(max);
const Op min = {
    .name = "Min", .inputs = kInputs, .outputs = {"output: T"}, .attrs = attrs("real"),
    .doc = "The smallest element over the given axes; NaN wins; the greatest value of the dtype of nothing.",
    .shape = reduced_shape, .grad = extreme_gradient, .host = {"reduction_indices"},
};
NINEFOLD_REGISTER(min);
const std::vector<std::string> kBoolInputs = {"input: bool", "reduction_indices: Tidx"};
const std::vector<std::string> kBoolAttrs = {"keep_dims: bool = false", "Tidx: index = int32"};
const Op all = {
    .name = "All", .inputs = kBoolInputs, .outputs = {"output: bool"}, .attrs = kBoolAttrs,
    .doc = "True iff every element over the given axes is.", .shape = reduced_shape, .host = {"reduction_indices"},
    .stops_gradient = true,
};
NINEFOLD_REGISTER(all);
const Op any = {
    .name = "Any", .inputs = kBoolInputs, .outputs = {"output: bool"}, .attrs = kBoolAttrs,
    .doc = "True iff some element over the given axes is.", .shape = reduced_shape, .host = {"reduction_indices"},
    .stops_gradient = true,
};
NINEFOLD_REGISTER(any);

// Over no axes each of these is its input: what the gradient of a broadcast becomes where nothing was broadcast.
bool over_no_axes(const Attrs&, std::span<const Tensor* const> known) { return known[1] && known[1]->size() == 0; }
const PlanForm plan_forms[] = {{sum, over_no_axes}, {mean, over_no_axes}, {prod, over_no_axes}, {max, over_no_axes},
                               {min, over_no_axes}, {all, over_no_axes}, {any, over_no_axes}};

// ---- the kernel ----

// Long reductions are cut into chunks of this many elements, whatever the thread count: the order of the
// additions hangs on the shape alone.
constexpr int64_t kChunk = 65536;

bool may_cut(cpu::Reduction r, DType d) {   // partial results must lose nothing
  if (r == cpu::Reduction::mean) return false;
  return r != cpu::Reduction::sum || (d != DType::f16 && d != DType::bf16);
}

void reduce_pass(cpu::Reduction r, DType dtype, const void* x, void* y, const cpu::Pass& p) {
  const int d = static_cast<int>(dtype);
  const int64_t work = p.reduced * p.inner;
  if (p.outer * work < 2 * kChunk) return cpu::reduce(r, d, x, y, p.outer, p.reduced, p.inner);
  if (p.outer >= 16 || work < 2 * kChunk || !may_cut(r, dtype)) {
    return parallel_for(p.outer, std::max<int64_t>(1, kChunk / std::max<int64_t>(1, work)), [&](int64_t begin, int64_t end) {
      cpu::reduce(r, d, x, y, p.outer, p.reduced, p.inner, begin, end);
    });
  }
  const int64_t rows = std::max<int64_t>(1, kChunk / p.inner), full = p.reduced / rows, tail = p.reduced % rows;
  const int64_t parts = full + (tail > 0);
  const Tensor partial = Tensor::empty(dtype, {parts, p.inner});
  for (int64_t o = 0; o < p.outer; ++o) {
    const char* from = element(dtype, x, o * work);
    parallel_for(parts, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        cpu::reduce(r, d, element(dtype, from, i * rows * p.inner), element(dtype, partial.writable(), i * p.inner), 1,
                    i < full ? rows : tail, p.inner);
    });
    cpu::reduce(r, d, partial.data(), element(dtype, y, o * p.inner), 1, parts, p.inner);
  }
}

template <cpu::Reduction reduction>
void reduce_cpu(KernelCtx& k) {
  give_outputs(k);
  const std::vector<bool> gone = reduced_axes(k.shape(0), k.in(1), nullptr);
  const auto is_reduced = std::make_unique<bool[]>(gone.size() + 1);
  std::copy(gone.begin(), gone.end(), is_reduced.get());
  const Dims shape = k.shape(0).dims();
  const std::span<const bool> axes{is_reduced.get(), gone.size()};
  const DType dtype = k.dtype(0);
  const std::vector<cpu::Pass> passes = cpu::collapse(shape, axes);
  if (passes.size() > 1) return cpu::reduce_axes(reduction, static_cast<int>(dtype), k.in<void>(0), k.out<void>(0), shape, axes);
  if (reduction == cpu::Reduction::mean && (dtype == DType::f32 || dtype == DType::f64)) {
    // A sum, which may be cut, divided once.
    reduce_pass(cpu::Reduction::sum, dtype, k.in<void>(0), k.out<void>(0), passes[0]);
    const int64_t n = k.out(0).size();
    const auto count = static_cast<double>(passes[0].reduced);
    if (dtype == DType::f32) std::transform(k.out<float>(0), k.out<float>(0) + n, k.out<float>(0), [&](float v) { return v / static_cast<float>(count); });
    else std::transform(k.out<double>(0), k.out<double>(0) + n, k.out<double>(0), [&](double v) { return v / count; });
    return;
  }
  reduce_pass(reduction, dtype, k.in<void>(0), k.out<void>(0), passes[0]);
}
NINEFOLD_KERNEL(sum, "CPU", Kernel{reduce_cpu<cpu::Reduction::sum>});
NINEFOLD_KERNEL(mean, "CPU", Kernel{reduce_cpu<cpu::Reduction::mean>});
NINEFOLD_KERNEL(prod, "CPU", Kernel{reduce_cpu<cpu::Reduction::prod>});
NINEFOLD_KERNEL(max, "CPU", Kernel{reduce_cpu<cpu::Reduction::max>});
NINEFOLD_KERNEL(min, "CPU", Kernel{reduce_cpu<cpu::Reduction::min>});
NINEFOLD_KERNEL(all, "CPU", Kernel{reduce_cpu<cpu::Reduction::all>});
NINEFOLD_KERNEL(any, "CPU", Kernel{reduce_cpu<cpu::Reduction::any>});

// ---- ArgMax, ArgMin ----

void arg_shape(ShapeCtx& c) {
  const Shape& s = c.shape(0);
  c.check(!c.shape(1).known_rank() || c.shape(1).rank() == 0, "dim must be a scalar, but received tensor of shape: {}", c.shape(1).str());
  if (!s.known_rank()) return c.unknown();
  const Tensor* dim = c.value(1);
  if (!dim) return c.output(s.rank() > 0 ? Shape::of_rank(s.rank() - 1) : Shape::unknown());
  const int64_t a = dim->int_at(0);
  c.check(a >= -s.rank() && a < s.rank(), "Expected dimension in the range [{}, {}), but got {}", -s.rank(), s.rank(), a);
  const int at = static_cast<int>(a < 0 ? a + s.rank() : a);
  c.check(s[at] != 0, "Reduction axis {} is empty in shape {}", at, s.str());
  c.output(s.slice(0, at).concat(s.slice(at + 1, s.rank())));
}
const std::string kArgTypes = "T: {float, double, int32, uint8, int16, int8, int64, bfloat16, uint16, half, uint32, uint64, bool}";
const Op arg_max = {
    .name = "ArgMax", .inputs = {"input: T", "dimension: Tidx"}, .outputs = {"output: output_type"},
    .attrs = {kArgTypes, "Tidx: index = int32", "output_type: {int16, uint16, int32, int64} = int64"},
    .doc = "The index of the largest element along an axis, the first of equal ones; NaN never wins.",
    .shape = arg_shape, .host = {"dimension"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(arg_max);
const Op arg_min = {
    .name = "ArgMin", .inputs = {"input: T", "dimension: Tidx"}, .outputs = {"output: output_type"},
    .attrs = {kArgTypes, "Tidx: index = int32", "output_type: index = int64"},
    .doc = "The index of the smallest element along an axis, the first of equal ones; NaN never wins.",
    .shape = arg_shape, .host = {"dimension"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(arg_min);

template <bool largest>
void arg_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& s = k.shape(0);
  const int64_t a = k.in(1).int_at(0);
  k.check(a >= -s.rank() && a < s.rank(), "Expected dimension in the range [{}, {}), but got {}", -s.rank(), s.rank(), a);
  const int at = static_cast<int>(a < 0 ? a + s.rank() : a);
  const int64_t outer = s.slice(0, at).size(), n = s[at], inner = s.slice(at + 1, s.rank()).size();
  if (outer * inner == 0) return;
  k.check(n != 0, "Reduction axis {} is empty in shape {}", at, s.str());
  // bool compares as the byte that it is.
  const int d = static_cast<int>(k.dtype(0) == DType::boolean ? DType::u8 : k.dtype(0));
  const DType to = k.out(0).dtype();
  const Tensor wide = to == DType::i64 ? k.out(0) : Tensor::empty(DType::i64, {outer * inner});
  auto* found = static_cast<int64_t*>(wide.impl()->data);
  parallel_for(outer, std::max<int64_t>(1, kChunk / (n * inner)), [&](int64_t begin, int64_t end) {
    cpu::arg_reduce(largest, d, k.in<void>(0), static_cast<int>(DType::i64), found, outer, n, inner, begin, end);
  });
  if (to == DType::i32) std::copy_n(found, outer * inner, k.out<int32_t>(0));
  if (to == DType::i16 || to == DType::u16) std::copy_n(found, outer * inner, k.out<int16_t>(0));
}
NINEFOLD_KERNEL(arg_max, "CPU", Kernel{arg_cpu<true>});
NINEFOLD_KERNEL(arg_min, "CPU", Kernel{arg_cpu<false>});

}  // namespace
}  // namespace ninefold::ops
