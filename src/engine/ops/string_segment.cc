// In: strings and the segment of each. Out: the strings of each segment joined: UnsortedSegmentJoin.
#include "base/check.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/operands.h"

namespace ninefold::ops {
namespace {

const Op join = {
    .name = "UnsortedSegmentJoin", .inputs = {"inputs: string", "segment_ids: Tindices", "num_segments: Tnumsegments"},
    .outputs = {"output: string"}, .attrs = {"separator: string = \"\"", "Tindices: {int32, int64}", "Tnumsegments: {int32, int64} = int32"},
    .doc = "The strings of each segment joined in their order; \"\" for a segment that has none.",
    .shape = [](ShapeCtx& c) {
      c.rank(2, 0);
      const Shape &s = c.shape(0), &ids = c.shape(1);
      if (!s.known_rank() || !ids.known_rank()) return c.unknown();
      c.check(ids.rank() <= s.rank(), "Shape {} of segment_ids must be the beginning of the shape of inputs, {}", ids.str(), s.str());
      for (int i = 0; i < ids.rank(); ++i)
        c.check(ids[i] < 0 || s[i] < 0 || ids[i] == s[i], "Segment dimension is {} while input dimension is {} in rank {}", ids[i], s[i], i);
      const Tensor* n = c.value(2);
      c.output(Shape({n ? std::max<int64_t>(n->int_at(0), 0) : -1}).concat(s.slice(ids.rank(), s.rank())));
    },
    .host = {"num_segments"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(join);
NINEFOLD_KERNEL(join, "CPU", (Kernel{[](KernelCtx& k) {
  const int64_t n = k.in(2).int_at(0), rows = k.shape(1).size();
  k.check(n >= 0, "Number of segments must be non negative but got {}", n);
  Shape inner = k.shape(0).slice(k.shape(1).rank(), k.shape(0).rank());
  const int64_t each = inner.size();
  if (!k.has_output(0)) k.allocate(0, DType::string, Shape({n}).concat(inner));
  std::vector<bool> begun(static_cast<size_t>(n));
  for (int64_t i = 0; i < n * each; ++i) k.out<std::string>(0)[i].clear();
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t id = k.in(1).int_at(r);
    k.check(id >= 0 && id < n, "segment_ids are not allowed to exceed num_segments or to have negative values.");
    for (int64_t j = 0; j < each; ++j) {
      std::string& to = k.out<std::string>(0)[id * each + j];
      if (begun[static_cast<size_t>(id)]) to += k.text("separator");
      to += k.in<std::string>(0)[r * each + j];
    }
    begun[static_cast<size_t>(id)] = true;
  }
}}));
const Function unsorted_segment_join = {
    .names = {"tf.strings.unsorted_segment_join"},
    .signature = "(inputs: tensor, segment_ids: tensor, num_segments: tensor, separator: str = '', name: str = None)",
    .doc = "The strings of each segment joined in their order; \"\" for a segment that has none.",
    .body = [](Args& a) -> Value {
      return op("UnsortedSegmentJoin", {operand(a, "inputs", DType::string), operand(a, "segment_ids"), operand(a, "num_segments")},
                {{"separator", a.text("separator")}});
    },
};
NINEFOLD_REGISTER(unsorted_segment_join);

}  // namespace
}  // namespace ninefold::ops
