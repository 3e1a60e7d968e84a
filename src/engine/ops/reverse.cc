// In: a tensor and axes. Out: its elements in reverse along them, or moved on and round the end (Roll).
#include <algorithm>

#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/moves.gpu.h"

namespace ninefold::ops {
namespace {

// ---- ReverseV2 ----
std::vector<bool> reversed_axes(const ShapeCtx& c, int rank, const Tensor& axes) {
  std::vector<bool> turned(static_cast<size_t>(rank));
  for (int64_t i = 0; i < axes.size(); ++i) {
    const int64_t a = axes.int_at(i), at = a < 0 ? a + rank : a;
    c.check(at >= 0 && at < rank, "'axis'[{}] = {} is out of valid range [0, {}", i, a, rank - 1);
    c.check(!turned[static_cast<size_t>(at)], "axis {} specified more than once.", at);
    turned[static_cast<size_t>(at)] = true;
  }
  return turned;
}
const Op reverse = {
    .name = "ReverseV2", .inputs = {"tensor: T", "axis: Tidx"}, .outputs = {"output: T"},
    .attrs = {"Tidx: index = int32", "T: type"}, .doc = "The elements in reverse order along the given axes.",
    .shape = [](ShapeCtx& c) {
      c.check(!c.shape(1).known_rank() || c.shape(1).rank() == 1, "'dims' must be 1-dimension, not {}", c.shape(1).rank());
      if (c.value(1) && c.shape(0).known_rank()) reversed_axes(c, c.shape(0).rank(), *c.value(1));
      c.same_as_input();
    },
    .grad = [](GradCtx& g) { g.to(0, op("ReverseV2", {g.dy(), g.in(1)})); }, .host = {"axis"}, .grad_reads = {"axis"},
};
NINEFOLD_REGISTER(reverse);
void reverse_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& s = k.shape(0);
  if (s.size() == 0) return;
  const std::vector<int64_t> strides = strides_of(s.dims());
  std::vector<int64_t> from = strides;
  int64_t offset = 0;
  for (int64_t a : k.in(1).ints()) {
    const int at = static_cast<int>(a < 0 ? a + s.rank() : a);
    k.check(at >= 0 && at < s.rank(), "'axis' = {} is out of valid range [0, {}", a, s.rank() - 1);
    k.check(from[static_cast<size_t>(at)] >= 0, "axis {} specified more than once.", at);
    offset += (s[at] - 1) * strides[static_cast<size_t>(at)];
    from[static_cast<size_t>(at)] = -strides[static_cast<size_t>(at)];
  }
  move_strided(k, k.dtype(0), s.dims(), k.out<void>(0), strides, element(k.dtype(0), k.in<void>(0), offset), from);
}
NINEFOLD_KERNEL(reverse, "CPU", Kernel{reverse_cpu});

// ---- Roll ----
const Op roll = {
    .name = "Roll", .inputs = {"input: T", "shift: Tshift", "axis: Taxis"}, .outputs = {"output: T"},
    .attrs = {"T: type", "Tshift: index", "Taxis: index"},
    .doc = "Elements moved by shift[i] along axis[i]; those pushed over the end come in at the beginning.",
    .shape = [](ShapeCtx& c) {
      const Shape &shift = c.shape(1), &axis = c.shape(2);
      c.check(!c.shape(0).known_rank() || c.shape(0).rank() >= 1, "input must be 1-D or higher");
      c.check(!shift.known_rank() || shift.rank() <= 1, "shift must be a scalar or a 1-D vector. Found: {}", shift.str());
      c.check(!axis.known_rank() || axis.rank() <= 1, "axis must be a scalar or a 1-D vector. Found: {}", axis.str());
      c.check(!shift.fully_known() || !axis.fully_known() || shift == axis, "shift and axis must have the same size");
      if (c.value(2) && c.shape(0).known_rank())
        for (int64_t a : c.value(2)->ints()) c.check(a >= -c.shape(0).rank() && a < c.shape(0).rank(), "axis {} is out of range", a);
      c.same_as_input();
    },
    .grad = [](GradCtx& g) { g.to(0, op("Roll", {g.dy(), -g.in(1), g.in(2)})); }, .host = {"shift", "axis"},
    .grad_reads = {"shift", "axis"},
};
NINEFOLD_REGISTER(roll);
// Along each axis the result is two blocks of the input, exchanged: up to 2^axes copies.
void roll_blocks(KernelCtx& k, const std::vector<int64_t>& by, const std::vector<int64_t>& strides, std::vector<int64_t>& size,
                 size_t axis, int64_t from, int64_t to) {
  if (axis == by.size()) {
    const DType d = k.dtype(0);
    return move_strided(k, d, size, element(d, k.out<void>(0), to), strides, element(d, k.in<void>(0), from), strides);
  }
  const int64_t n = k.shape(0)[static_cast<int>(axis)], head = n - by[axis], stride = strides[axis];
  if (head > 0) {
    size[axis] = head;
    roll_blocks(k, by, strides, size, axis + 1, from, to + by[axis] * stride);
  }
  if (by[axis] > 0) {
    size[axis] = by[axis];
    roll_blocks(k, by, strides, size, axis + 1, from + head * stride, to);
  }
}
void roll_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& s = k.shape(0);
  if (s.size() == 0) return;
  const std::vector<int64_t> shift = k.in(1).ints(), axes = k.in(2).ints();
  std::vector<int64_t> by(static_cast<size_t>(s.rank())), size = s.vector();
  for (size_t i = 0; i < axes.size(); ++i) {
    k.check(axes[i] >= -s.rank() && axes[i] < s.rank(), "axis {} is out of range", axes[i]);
    const int at = static_cast<int>(axes[i] < 0 ? axes[i] + s.rank() : axes[i]);
    int64_t& b = by[static_cast<size_t>(at)];
    b = (b + shift[i] % s[at] + s[at]) % s[at];
  }
  roll_blocks(k, by, strides_of(s.dims()), size, 0, 0, 0);
}
NINEFOLD_KERNEL(roll, "CPU", Kernel{roll_cpu});

// ---- ReverseSequence ----
const Op reverse_sequence = {
    .name = "ReverseSequence", .inputs = {"input: T", "seq_lengths: Tlen"}, .outputs = {"output: T"},
    .attrs = {"seq_dim: int", "batch_dim: int = 0", "T: type", "Tlen: index = int64"},
    .doc = "For batch entry i, the first seq_lengths[i] elements along seq_dim in reverse order.",
    .shape = [](ShapeCtx& c) {
      const Shape &s = c.shape(0), &n = c.shape(1);
      const int64_t seq = c.integer("seq_dim"), batch = c.integer("batch_dim");
      c.check(!n.known_rank() || n.rank() == 1, "seq_lens input must be 1-dim, not {}", n.rank());
      c.check(batch != seq, "batch_dim == seq_dim == {}", seq);
      if (s.known_rank()) {
        c.check(seq >= 0 && seq < s.rank(), "seq_dim must be < input rank ( {} vs. {})", seq, s.rank());
        c.check(batch >= 0 && batch < s.rank(), "batch_dim must be < input rank ( {} vs. {})", batch, s.rank());
        const int64_t have = s[static_cast<int>(batch)];
        c.check(!n.fully_known() || have < 0 || n[0] == have, "Length of seq_lengths != input.dims({}), ({} vs. {})", batch,
                n.known_rank() ? n[0] : -1, have);
      }
      c.same_as_input();
    },
    .grad = [](GradCtx& g) {
      g.to(0, op("ReverseSequence", {g.dy(), g.in(1)}, {{"seq_dim", g.integer("seq_dim")}, {"batch_dim", g.integer("batch_dim")}}));
    },
    .grad_reads = {"seq_lengths"},
};
NINEFOLD_REGISTER(reverse_sequence);
void reverse_sequence_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& s = k.shape(0);
  const int seq = static_cast<int>(k.integer("seq_dim")), batch = static_cast<int>(k.integer("batch_dim"));
  const DType d = k.dtype(0);
  const std::vector<int64_t> strides = strides_of(s.dims()), lengths = k.in(1).ints();
  for (size_t b = 0; b < lengths.size(); ++b) {
    k.check(lengths[b] >= 0, "seq_lens({}) < 0", b);
    k.check(lengths[b] <= s[seq], "seq_lens({}) > input.dims({})", b, seq);
  }
  if (s.size() == 0) return;
  for (size_t b = 0; b < lengths.size(); ++b) {
    const int64_t start = static_cast<int64_t>(b) * strides[static_cast<size_t>(batch)], n = lengths[b];
    const int64_t step = strides[static_cast<size_t>(seq)];
    std::vector<int64_t> size = s.vector(), from = strides;
    size[static_cast<size_t>(batch)] = 1;
    size[static_cast<size_t>(seq)] = n;
    from[static_cast<size_t>(seq)] = -step;
    if (n > 0) move_strided(k, d, size, element(d, k.out<void>(0), start), strides, element(d, k.in<void>(0), start + (n - 1) * step), from);
    size[static_cast<size_t>(seq)] = s[seq] - n;
    if (n < s[seq]) move_strided(k, d, size, element(d, k.out<void>(0), start + n * step), strides, element(d, k.in<void>(0), start + n * step), strides);
  }
}
NINEFOLD_KERNEL(reverse_sequence, "CPU", Kernel{reverse_sequence_cpu});

}  // namespace
}  // namespace ninefold::ops
