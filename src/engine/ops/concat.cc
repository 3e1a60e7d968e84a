// In: tensors that differ along one axis. Out: one tensor of them all (ConcatV2), or the pieces again (Split).
#include "base/check.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/moves.gpu.h"

namespace ninefold::ops {
namespace {

Tensor joined(const Tensors& parts, const Tensor& axis) {
  if (parts.size() == 1) return op("Identity", {parts[0]});
  Tensors in = parts;
  in.push_back(axis);
  return op_all("ConcatV2", in).at(0);
}

// ---- ConcatV2 ----
const Op concat = {
    .name = "ConcatV2", .inputs = {"values: N * T", "axis: Tidx"}, .outputs = {"output: T"},
    .attrs = {"N: int >= 2", "T: type", "Tidx: index = int32"},
    .doc = "Tensors of one rank joined along `axis`; the other dimensions must agree.",
    .shape = [](ShapeCtx& c) {
      const int n = c.num_inputs() - 1;
      c.check(!c.shape(n).known_rank() || c.shape(n).rank() == 0, "axis tensor should be a scalar integer, but got shape {}",
              c.shape(n).str());
      Shape all = Shape::unknown();
      int first = 0;
      for (int i = 0; i < n && !all.known_rank(); ++i) all = c.shape(first = i);
      if (!all.known_rank()) return c.unknown();
      for (int i = 0; i < n; ++i)
        c.check(!c.shape(i).known_rank() || c.shape(i).rank() == all.rank(),
                "ConcatOp : Ranks of all input tensors should match: shape[{}] = {} vs. shape[{}] = {}", first, all.str(), i,
                c.shape(i).str());
      // Scalars are joined as if they were vectors of one.
      if (all.rank() == 0) return c.output({n});
      const Tensor* axis = c.value(n);
      if (!axis) return c.output(Shape::of_rank(all.rank()));
      const int64_t a = axis->int_at(0), rank = all.rank();
      c.check(a >= -rank && a < rank, "ConcatOp : Expected concatenating dimensions in the range [{}, {}), but got {}", -rank,
              rank, a);
      const int at = static_cast<int>(a < 0 ? a + rank : a);
      int64_t sum = 0;
      for (int i = 0; i < n; ++i) {
        const Shape& s = c.shape(i);
        if (!s.known_rank()) {
          sum = -1;
          continue;
        }
        for (int d = 0; d < all.rank(); ++d) {
          if (d == at) continue;
          c.check(all[d] < 0 || s[d] < 0 || all[d] == s[d],
                  "ConcatOp : Dimension {} in both shapes must be equal: shape[{}] = {} vs. shape[{}] = {}", d, first,
                  c.shape(first).str(), i, s.str());
          if (all[d] < 0) all.set(d, s[d]);
        }
        sum = sum < 0 || s[at] < 0 ? -1 : sum + s[at];
      }
      all.set(at, sum);
      c.output(all);
    },
    // dy is cut where the inputs met; their lengths are read off their shapes when the graph runs, if need be.
    .grad = [](GradCtx& g) {
      const int n = g.num_inputs() - 1;
      const Tensor& axis = g.in(n);
      const Tensor* known = known_value(axis);
      std::vector<int64_t> lengths;
      const bool scalars = g.in(0).shape().known_rank() && g.in(0).rank() == 0;
      for (int i = 0; i < n && (known || scalars); ++i) {
        const Shape& s = g.in(i).shape();
        if (!s.known_rank()) break;
        const int64_t d = scalars ? 1 : s.dim(static_cast<int>(known->int_at(0)));
        if (d < 0) break;
        lengths.push_back(d);
      }
      Tensor sizes;
      if (static_cast<int>(lengths.size()) == n) {
        sizes = int_vector(lengths);
      } else {
        Tensors each;
        const Tensor at = op("FloorMod", {op("Cast", {axis}, {{"DstT", DType::i32}}), op("Rank", {g.in(0)})});
        for (int i = 0; i < n; ++i) each.push_back(op("GatherV2", {op("Shape", {g.in(i)}), at, Tensor(int32_t{0})}));
        sizes = op_all("Pack", each).at(0);
      }
      const Tensor in[] = {g.dy(), sizes, scalars ? int_scalar(0) : op("Cast", {axis}, {{"DstT", DType::i32}})};
      const NamedAttr num("num_split", n);
      const Tensors parts = op_all("SplitV", in, {&num, 1});
      for (int i = 0; i < n; ++i) {
        const Tensor& part = parts[static_cast<size_t>(i)];
        g.to(i, scalars ? op("Reshape", {part, int_vector({})}) : part);
      }
    },
    .host = {"axis"}, .grad_reads = {"axis"},
};
NINEFOLD_REGISTER(concat);

void concat_cpu(KernelCtx& k) {
  give_outputs(k);
  const int n = k.num_inputs() - 1;
  const Shape& all = k.out(0).shape();
  const bool scalars = k.shape(0).rank() == 0;
  const int64_t a = scalars ? 0 : k.in(n).int_at(0);
  const int at = static_cast<int>(a < 0 ? a + all.rank() : a);
  const std::vector<int64_t> strides = strides_of(all.dims());
  const DType dtype = k.out(0).dtype();
  int64_t offset = 0;
  for (int i = 0; i < n; ++i) {
    const Shape s = scalars ? Shape{1} : k.shape(i);
    if (s.size() > 0)
      move_strided(k, dtype, s.dims(), element(dtype, k.out<void>(0), offset * strides[static_cast<size_t>(at)]), strides,
                   k.in<void>(i), strides_of(s.dims()));
    offset += s[at];
  }
}
NINEFOLD_KERNEL(concat, "CPU", Kernel{concat_cpu});

// ---- Split, SplitV ----
// The axis, checked; -1 if the rank or the value is not known yet.
int split_axis(ShapeCtx& c, int value, int dim) {
  const Shape& s = c.shape(value);
  const Tensor* t = c.value(dim);
  if (!t) return -1;
  c.check(t->size() == 1, "split_dim must have exactly one element.");
  if (!s.known_rank()) return -1;
  const int64_t a = t->int_at(0);
  c.check(a >= -s.rank() && a < s.rank(), "-input rank(-{0}) <= split_dim < input rank ({0}), but got {1}", s.rank(), a);
  return static_cast<int>(a < 0 ? a + s.rank() : a);
}
void all_outputs(ShapeCtx& c, int64_t n, const Shape& s) {
  for (int i = 0; i < n; ++i) c.output(i, s);
}
void joined_gradient(GradCtx& g, int to, const Tensor& axis) {
  Tensors dy;
  for (int i = 0; i < g.num_outputs(); ++i) dy.push_back(g.dy(i));
  g.to(to, joined(dy, axis));
}

const Op split = {
    .name = "Split", .inputs = {"split_dim: int32", "value: T"}, .outputs = {"output: num_split * T"},
    .attrs = {"num_split: int >= 1", "T: type"}, .doc = "`num_split` equal pieces of a tensor along `split_dim`.",
    .shape = [](ShapeCtx& c) {
      Shape s = c.shape(1);
      const int64_t n = c.integer("num_split");
      const int at = split_axis(c, 1, 0);
      if (at < 0) return all_outputs(c, n, s.known_rank() ? Shape::of_rank(s.rank()) : s);
      c.check(s[at] < 0 || s[at] % n == 0,
              "Number of ways to split should evenly divide the split dimension, but got split_dim {} (size = {}) and num_split {}",
              at, s[at], n);
      s.set(at, s[at] < 0 ? -1 : s[at] / n);
      all_outputs(c, n, s);
    },
    .grad = [](GradCtx& g) { joined_gradient(g, 1, g.in(0)); }, .host = {"split_dim"}, .grad_reads = {"split_dim"},
};
NINEFOLD_REGISTER(split);

const Op split_v = {
    .name = "SplitV", .inputs = {"value: T", "size_splits: Tlen", "split_dim: int32"},
    .outputs = {"output: num_split * T"},
    .attrs = {"num_split: int >= 1", "T: type", "Tlen: index = int64"},
    .doc = "Pieces of a tensor along `split_dim` with the lengths of `size_splits`; one of them may be -1: the rest.",
    .shape = [](ShapeCtx& c) {
      Shape s = c.shape(0);
      const int64_t n = c.integer("num_split");
      const Shape& lengths = c.shape(1);
      c.check(!lengths.fully_known() || (lengths.rank() == 1 && lengths[0] == n),
              "size of the split_tensor must be 1-D and have the same elements as outputs got {} -D and {} elements",
              lengths.rank(), lengths.fully_known() ? lengths.size() : -1);
      const int at = split_axis(c, 0, 2);
      const Tensor* sizes = c.value(1);
      if (at < 0) return all_outputs(c, n, s.known_rank() ? Shape::of_rank(s.rank()) : s);
      const int64_t whole = s[at];
      if (!sizes) {
        s.set(at, n == 1 ? whole : -1);
        return all_outputs(c, n, s);
      }
      std::vector<int64_t> each = sizes->ints();
      int64_t rest = -1, sum = 0;
      for (size_t i = 0; i < each.size(); ++i) {
        if (each[i] != -1) {
          sum += each[i];
          continue;
        }
        c.check(rest < 0, "There can only be one -1 in the input.");
        rest = static_cast<int64_t>(i);
      }
      c.check(whole < 0 || (rest < 0 ? sum == whole : sum <= whole),
              "Determined shape must either match input shape along split_dim exactly if fully specified, or be less than the "
              "size of the input along split_dim if not fully specified.  Got: {}", sum);
      if (rest >= 0) each[static_cast<size_t>(rest)] = whole < 0 ? -1 : whole - sum;
      for (int i = 0; i < n; ++i) {
        const int64_t length = each[static_cast<size_t>(i)];
        c.check(length >= 0 || whole < 0, "Split size at index {} must be >= 0. Got: {}", i, length);
        s.set(at, length);
        c.output(i, s);
      }
    },
    .grad = [](GradCtx& g) { joined_gradient(g, 0, g.in(2)); }, .host = {"size_splits", "split_dim"}, .grad_reads = {"split_dim"},
};
NINEFOLD_REGISTER(split_v);

void split_pieces(KernelCtx& k, int value, int dim) {
  give_outputs(k);
  const Shape& all = k.shape(value);
  const int64_t a = k.in(dim).int_at(0);
  const int at = static_cast<int>(a < 0 ? a + all.rank() : a);
  const std::vector<int64_t> strides = strides_of(all.dims());
  const DType dtype = k.dtype(value);
  int64_t offset = 0;
  for (int i = 0; i < k.num_outputs(); ++i) {
    const Shape& s = k.out(i).shape();
    if (s.size() > 0)
      move_strided(k, dtype, s.dims(), k.out<void>(i), strides_of(s.dims()),
                   element(dtype, k.in<void>(value), offset * strides[static_cast<size_t>(at)]), strides);
    offset += s[at];
  }
}
void split_cpu(KernelCtx& k) { split_pieces(k, 1, 0); }
void split_v_cpu(KernelCtx& k) { split_pieces(k, 0, 2); }
NINEFOLD_KERNEL(split, "CPU", Kernel{split_cpu});
NINEFOLD_KERNEL(split_v, "CPU", Kernel{split_v_cpu});

}  // namespace
}  // namespace ninefold::ops
