// In: a tensor and indices along one of its axes. Out: the slices they name; gradients add up where a slice was
// taken more than once.
#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/threads.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/moves.h"

namespace ninefold::ops {
namespace {

void gathered_shape(ShapeCtx& c) {
  const Shape &p = c.shape(0), &n = c.shape(1);
  c.check(!c.shape(2).known_rank() || c.shape(2).rank() == 0, "axis must be scalar");
  const Tensor* axis = c.value(2);
  int64_t batch = c.integer("batch_dims");
  c.check(!p.known_rank() || p.rank() > 0, "params must be at least 1 dimensional");
  if (n.known_rank()) {
    c.check(batch >= -n.rank() && batch <= n.rank(), "Expected batch_dims in the range [{}, {}], but got {}", -n.rank(), n.rank(), batch);
    if (batch < 0) batch += n.rank();
  }
  if (!p.known_rank() || !n.known_rank() || !axis) {
    if (p.known_rank() && n.known_rank()) c.output(Shape::of_rank(p.rank() + n.rank() - 1 - static_cast<int>(batch)));
    return c.unknown();
  }
  int64_t a = axis->int_at(0);
  c.check(a < p.rank(), "Shape must be at least rank {} but is rank {}", a + 1, p.rank());
  c.check(a >= -p.rank(), "Shape must be at least rank {} but is rank {}", -a, p.rank());
  if (a < 0) a += p.rank();
  c.check(batch <= a, "batch_dims ({}) must be less than or equal to axis ({}).", batch, a);
  for (int i = 0; i < batch; ++i)
    c.check(p[i] < 0 || n[i] < 0 || p[i] == n[i], "params.shape[{0}]: {1} should be equal to indices.shape[{0}]: {2}", i, p[i], n[i]);
  Shape head = p.slice(0, static_cast<int>(a));
  for (int i = 0; i < batch; ++i)
    if (head[i] < 0) head.set(i, n[i]);
  c.output(head.concat(n.slice(static_cast<int>(batch), n.rank())).concat(p.slice(static_cast<int>(a) + 1, p.rank())));
}

// Along axis 0 the gradient is rows (as in TensorFlow, where the axis is given as 0 and not as -rank). Else: the
// slices along the gathered axis, as rows of one table, get the sums of what was taken from them:
// UnsortedSegmentSum with dy's axes moved so that those of the indices come first.
void gather_gradient(GradCtx& g) {
  const Tensor& params = g.in(0);
  const Tensor& indices = g.in(1);
  const Tensor dy = g.dy();
  const Tensor* known = known_value(g.in(2));
  const Shape &p = params.shape(), &n = indices.shape();
  check(p.known_rank() && n.known_rank() && known, Code::unimplemented,
        "GatherV2: its gradient needs the ranks of params and indices and the axis while tracing");
  int64_t axis = known->int_at(0), batch = g.integer("batch_dims");
  if (axis < 0) axis += p.rank();
  if (batch < 0) batch += n.rank();
  const Tensor shape = shape_tensor(params);
  if (known->int_at(0) == 0 && batch == 0) return g.to(0, taken_rows(dy, indices, p, shape));
  const Tensor rows = op("GatherV2", {shape, int_scalar(axis), int_scalar(0)});
  const int64_t taken = n.rank() - batch;   // axes of dy that come from indices alone
  // dy is [batch, outer, taken, inner]: bring batch and taken to the front.
  std::vector<int64_t> order, back;
  const int64_t rank = dy.rank();
  for (int64_t i = 0; i < batch; ++i) order.push_back(i);
  for (int64_t i = 0; i < taken; ++i) order.push_back(axis + i);
  for (int64_t i = batch; i < axis; ++i) order.push_back(i);
  for (int64_t i = axis + taken; i < rank; ++i) order.push_back(i);
  const Tensor moved = op("Transpose", {dy, int_vector(order)});
  // The sums are [batch, rows, outer, inner]; params is [batch, outer, rows, inner].
  for (int64_t i = 0; i < batch; ++i) back.push_back(i);
  for (int64_t i = batch; i < axis; ++i) back.push_back(i + 1);
  back.push_back(batch);
  for (int64_t i = axis + 1; i < p.rank(); ++i) back.push_back(i);
  Tensor sums;
  if (batch == 0) {
    sums = op("UnsortedSegmentSum", {moved, indices, rows});
  } else {
    // Every batch has rows of its own: ids are offset by rows * (number of the batch).
    const Tensor heads = op("Slice", {shape, int_vector({0}), int_vector({batch})});
    const Tensor batches = op("Prod", {heads, int_vector({0})});
    const Tensor ids = op("Cast", {indices}, {{"DstT", DType::i32}});
    const Tensor flat = op("Reshape", {ids, op("Pack", {batches, int_scalar(-1)})});
    const Tensor offsets = op("Mul", {op("Range", {int_scalar(0), batches, int_scalar(1)}), rows});
    const Tensor apart = op("Reshape", {flat + op("ExpandDims", {offsets, int_scalar(1)}), shape_tensor(indices)});
    const Tensor table = op("UnsortedSegmentSum", {moved, apart, rows * batches});
    const Tensor inner = op("GatherV2", {shape, int_vector([&] {
                                           std::vector<int64_t> axes;
                                           for (int64_t i = batch; i < axis; ++i) axes.push_back(i);
                                           for (int64_t i = axis + 1; i < p.rank(); ++i) axes.push_back(i);
                                           return axes;
                                         }()), int_scalar(0)});
    const Tensor parts[] = {heads, op("ExpandDims", {rows, int_scalar(0)}), inner, int_scalar(0)};
    sums = op("Reshape", {table, op_all("ConcatV2", parts).at(0)});
  }
  g.to(0, op("Transpose", {sums, int_vector(back)}));
}

const Op gather = {
    .name = "GatherV2", .inputs = {"params: Tparams", "indices: Tindices", "axis: Taxis"}, .outputs = {"output: Tparams"},
    .attrs = {"batch_dims: int = 0", "Tparams: type", "Tindices: {int16, int32, int64}", "Taxis: index"},
    .doc = "Slices of params along `axis`, in the order of indices. The first batch_dims axes of both belong together.",
    .shape = gathered_shape, .grad = gather_gradient, .host = {"axis"}, .grad_reads = {"indices", "axis"},
};
NINEFOLD_REGISTER(gather);

// A row of fixed size is copied by one load and store.
template <size_t bytes>
void take(char* to, const char* from, size_t) { std::memcpy(to, from, bytes); }
void take_any(char* to, const char* from, size_t bytes) { std::memcpy(to, from, bytes); }

template <class Index>
void gather_rows(KernelCtx& k, int64_t batches, int64_t outer, int64_t rows, int64_t inner, int64_t count) {
  const Index* at = k.in<Index>(1);
  for (int64_t i = 0; i < batches * count; ++i) {
    if (at[i] >= 0 && at[i] < rows) continue;
    std::string where;   // the position within indices, as TensorFlow prints it
    int64_t rest = i;
    std::vector<int64_t> place(static_cast<size_t>(k.shape(1).rank()));
    for (int d = k.shape(1).rank(); d-- > 0; rest /= k.shape(1)[d]) place[static_cast<size_t>(d)] = rest % k.shape(1)[d];
    for (size_t d = 0; d < place.size(); ++d) where += (d ? "," : "") + std::to_string(place[d]);
    k.raise(fmt::format("indices{} = {} is not in [0, {})", place.empty() ? "" : "[" + where + "]", at[i], rows));
  }
  const DType dtype = k.dtype(0);
  const size_t bytes = static_cast<size_t>(inner) * size_of(dtype);
  const bool plain = is_plain(dtype);
  const auto copy = bytes == 4 ? take<4> : bytes == 8 ? take<8> : bytes == 16 ? take<16> : bytes == 2 ? take<2>
                    : bytes == 1 ? take<1> : take_any;
  const int64_t grain = std::max<int64_t>(1, (1 << 18) / std::max<int64_t>(1, static_cast<int64_t>(bytes)));
  parallel_for(batches * outer * count, plain ? grain : INT64_MAX, [&](int64_t begin, int64_t end) {
    int64_t i = begin % count, block = begin / count;
    for (int64_t r = begin; r < end; ++r) {
      const int64_t source = block * rows + static_cast<int64_t>(at[block / outer * count + i]);
      if (plain) copy(element(dtype, k.out<void>(0), r * inner), element(dtype, k.in<void>(0), source * inner), bytes);
      else move_run(dtype, element(dtype, k.out<void>(0), r * inner), element(dtype, k.in<void>(0), source * inner), inner);
      if (++i == count) i = 0, ++block;
    }
  });
}
void gather_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape &p = k.shape(0), &n = k.shape(1);
  int64_t axis = k.in(2).int_at(0), batch = k.integer("batch_dims");
  if (axis < 0) axis += p.rank();
  if (batch < 0) batch += n.rank();
  const int a = static_cast<int>(axis), b = static_cast<int>(batch);
  with_index_type(k.dtype(1), [&](auto* type) {
    gather_rows<std::remove_cv_t<std::remove_pointer_t<decltype(type)>>>(
        k, p.slice(0, b).size(), p.slice(b, a).size(), p[a], p.slice(a + 1, p.rank()).size(), n.slice(b, n.rank()).size());
  });
}
NINEFOLD_KERNEL(gather, "CPU", Kernel{gather_cpu});

}  // namespace
}  // namespace ninefold::ops
