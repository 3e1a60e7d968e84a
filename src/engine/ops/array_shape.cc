// In: tensors. Out: the same elements with dimensions of one added or removed, and facts about shapes.
#include <algorithm>

#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/moves.h"

namespace ninefold::ops {
namespace {

void back_to_input_shape(GradCtx& g) { g.to(0, op("Reshape", {g.dy(), shape_tensor(g.in(0))})); }

// ---- ExpandDims, Squeeze ----
const Op expand_dims = {
    .name = "ExpandDims", .inputs = {"input: T", "dim: Tdim"}, .outputs = {"output: T"},
    .attrs = {"T: type", "Tdim: index = int32"}, .doc = "A dimension of one, inserted at index `dim` of the shape.",
    .shape = [](ShapeCtx& c) {
      const Shape& s = c.shape(0);
      const Tensor* dim = c.value(1);
      if (!s.known_rank()) return c.unknown();
      if (!dim) return c.output(Shape::of_rank(s.rank() + 1));
      c.check(dim->size() == 1, "'dim' must be a tensor with a single value");
      const int64_t at = dim->int_at(0);
      c.check(at >= -s.rank() - 1 && at <= s.rank(), "Tried to expand dim index {} for tensor with {} dimensions.", at, s.rank());
      const int where = static_cast<int>(at < 0 ? at + s.rank() + 1 : at);
      c.output(s.slice(0, where).concat({1}).concat(s.slice(where, s.rank())));
    },
    .grad = back_to_input_shape, .host = {"dim"}, .in_place = true, .grad_reads = {}, .view = true,
};
NINEFOLD_REGISTER(expand_dims);

const Op squeeze = {
    .name = "Squeeze", .inputs = {"input: T"}, .outputs = {"output: T"},
    .attrs = {"T: type", "squeeze_dims: list(int) >= 0 = []"},
    .doc = "The tensor without its dimensions of one; with `squeeze_dims`, without those only.",
    .shape = [](ShapeCtx& c) {
      const Shape& s = c.shape(0);
      const std::vector<int64_t>& given = c.ints("squeeze_dims");
      if (!s.known_rank()) return c.unknown();
      std::vector<bool> gone(static_cast<size_t>(s.rank()));
      for (int64_t d : given) {
        c.check(d >= -s.rank() && d < s.rank(), "Tried to squeeze dim index {} for tensor with {} dimensions.", d, s.rank());
        const int at = static_cast<int>(d < 0 ? d + s.rank() : d);
        c.check(s[at] == 1 || s[at] < 0, "Can not squeeze dim[{}], expected a dimension of 1, got {}", at, s[at]);
        gone[static_cast<size_t>(at)] = true;
      }
      if (given.empty() && !s.fully_known()) return c.unknown();   // any unknown dimension may be one
      std::vector<int64_t> kept;
      for (int i = 0; i < s.rank(); ++i)
        if (given.empty() ? s[i] != 1 : !gone[static_cast<size_t>(i)]) kept.push_back(s[i]);
      c.output(Shape(kept));
    },
    .grad = back_to_input_shape, .in_place = true, .grad_reads = {}, .view = true,
};
NINEFOLD_REGISTER(squeeze);

void reshaping_cpu(KernelCtx& k) {
  give_outputs(k);
  share_input(k, k.out(0).shape());
}
NINEFOLD_KERNEL(expand_dims, "CPU", Kernel{reshaping_cpu});
NINEFOLD_KERNEL(squeeze, "CPU", Kernel{reshaping_cpu});

// ---- Size, Rank, ShapeN ----
const Op size = {
    .name = "Size", .inputs = {"input: T"}, .outputs = {"output: out_type"},
    .attrs = {"T: type", "out_type: index = int32"}, .doc = "The number of elements.", .shape = shapes::scalar,
    .stops_gradient = true, .shape_only = true,
};
NINEFOLD_REGISTER(size);
const Op rank = {
    .name = "Rank", .inputs = {"input: T"}, .outputs = {"output: int32"}, .attrs = {"T: type"},
    .doc = "The number of dimensions.", .shape = shapes::scalar, .stops_gradient = true, .shape_only = true,
};
NINEFOLD_REGISTER(rank);
const Op shape_n = {
    .name = "ShapeN", .inputs = {"input: N * T"}, .outputs = {"output: N * out_type"},
    .attrs = {"N: int >= 1", "T: type", "out_type: index = int32"}, .doc = "The dimensions of each tensor, as vectors.",
    .shape = [](ShapeCtx& c) {
      for (int i = 0; i < c.num_inputs(); ++i) c.output(i, c.shape(i).known_rank() ? Shape{c.shape(i).rank()} : Shape{-1});
    },
    .stops_gradient = true, .shape_only = true,
};
NINEFOLD_REGISTER(shape_n);

void put_int(KernelCtx& k, int output, int64_t at, int64_t value) {
  if (k.out(output).dtype() == DType::i64) k.out<int64_t>(output)[at] = value;
  else k.out<int32_t>(output)[at] = static_cast<int32_t>(value);
}
void size_cpu(KernelCtx& k) {
  const int64_t n = k.in(0).size();
  k.check(k.out(0).dtype() == DType::i64 || n <= INT32_MAX,
          "Number of elements was larger than representable by 32-bit output type");
  put_int(k, 0, 0, n);
}
void rank_cpu(KernelCtx& k) { *k.out<int32_t>(0) = k.shape(0).rank(); }
void shape_n_cpu(KernelCtx& k) {
  give_outputs(k);
  for (int i = 0; i < k.num_inputs(); ++i)
    for (int d = 0; d < k.shape(i).rank(); ++d) {
      k.check(k.out(i).dtype() == DType::i64 || k.shape(i)[d] <= INT32_MAX,
              "Shape output type is 32-bit but shape {} dim {} is {}", i, d, k.shape(i)[d]);
      put_int(k, i, d, k.shape(i)[d]);
    }
}
NINEFOLD_KERNEL(size, "CPU", Kernel{size_cpu});
NINEFOLD_KERNEL(rank, "CPU", Kernel{rank_cpu});
NINEFOLD_KERNEL(shape_n, "CPU", Kernel{shape_n_cpu});

// ---- BroadcastArgs, BroadcastGradientArgs ----
void vectors(ShapeCtx& c) {
  for (int i = 0; i < 2; ++i)
    c.check(!c.shape(i).known_rank() || c.shape(i).rank() == 1, "In[{}] must be a vector.{}", i, c.shape(i).str());
}
// Of two shapes: what they broadcast to, and the axes along which each was repeated. An axis where both have
// one counts for both, once they differ anywhere, as in TensorFlow.
struct Joined { std::vector<int64_t> shape, repeated[2]; };
template <class Ctx>
Joined join(const Ctx& c, const Tensor& s0, const Tensor& s1) {
  const Shape s[2] = {Shape(s0.ints()), Shape(s1.ints())};
  const int n = std::max(s[0].rank(), s[1].rank());
  Joined j;
  for (int i = 0; i < n; ++i) {
    int64_t d[2];
    for (int w = 0; w < 2; ++w) d[w] = i < n - s[w].rank() ? 1 : s[w][i - (n - s[w].rank())];
    c.check(d[0] == d[1] || d[0] == 1 || d[1] == 1, "Incompatible shapes: {} vs. {}", s[0].str(), s[1].str());
    j.shape.push_back(d[0] == 1 ? d[1] : d[0]);
    for (int w = 0; w < 2; ++w)
      if (d[w] == 1 && !(s[0] == s[1])) j.repeated[w].push_back(i);
  }
  return j;
}
const Op broadcast_args = {
    .name = "BroadcastArgs", .inputs = {"s0: T", "s1: T"}, .outputs = {"r0: T"}, .attrs = {"T: index = int32"},
    .doc = "The shape that two shapes broadcast to.",
    .shape = [](ShapeCtx& c) {
      vectors(c);
      const bool known = c.shape(0).fully_known() && c.shape(1).fully_known();
      c.output(known ? Shape{std::max(c.shape(0)[0], c.shape(1)[0])} : Shape{-1});
    },
    .host = {"s0", "s1"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(broadcast_args);
const Op broadcast_gradient_args = {
    .name = "BroadcastGradientArgs", .inputs = {"s0: T", "s1: T"}, .outputs = {"r0: T", "r1: T"},
    .attrs = {"T: index = int32"},
    .doc = "The axes of the broadcast result along which each of two shapes was repeated.",
    .shape = [](ShapeCtx& c) {
      vectors(c);
      const bool known = c.value(0) && c.value(1);
      Joined j;
      if (known) j = join(c, *c.value(0), *c.value(1));
      for (int w = 0; w < 2; ++w) c.output(w, {known ? static_cast<int64_t>(j.repeated[w].size()) : -1});
    },
    .host = {"s0", "s1"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(broadcast_gradient_args);

void give_ints(KernelCtx& k, int output, const std::vector<int64_t>& values) {
  k.allocate(output, k.dtype(0), {static_cast<int64_t>(values.size())});
  for (size_t i = 0; i < values.size(); ++i) put_int(k, output, static_cast<int64_t>(i), values[i]);
}
void broadcast_args_cpu(KernelCtx& k) { give_ints(k, 0, join(k, k.in(0), k.in(1)).shape); }
void broadcast_gradient_args_cpu(KernelCtx& k) {
  const Joined j = join(k, k.in(0), k.in(1));
  for (int w = 0; w < 2; ++w) give_ints(k, w, j.repeated[w]);
}
NINEFOLD_KERNEL(broadcast_args, "CPU", Kernel{broadcast_args_cpu});
NINEFOLD_KERNEL(broadcast_gradient_args, "CPU", Kernel{broadcast_gradient_args_cpu});

}  // namespace
}  // namespace ninefold::ops
