// In: symbolic integers that are to be a shape. Out: which of them the graph tells before it runs: sizes that the
// inputs' shapes leave open are -1, those that they tell are known, however the program put them together.
#include "engine/op/partial_value.h"

#include "engine/graph/graph.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/strided_slice.h"

namespace ninefold::graph {
namespace {

constexpr int kDeep = 16;   // nodes on the way from a shape to where it is used; beyond that, nothing is known

Shape dims_of(const Tensor& t, int depth);

// What is left of a vector of sizes after StridedSlice; of unknown rank if its bounds are.
Shape sliced(const Node& n, int depth) {
  const ShapeCtx c(*n.op, n.attrs, n.in);
  std::vector<int64_t> bounds[3];
  for (int i = 0; i < 3; ++i) {
    const Tensor* v = c.value(i + 1);
    if (!v || v->size() != 1) return Shape::unknown();
    bounds[i] = v->ints();
  }
  const Shape from = dims_of(n.in[0], depth);
  const ops::SliceMasks masks = ops::masks_of(c);
  if (!from.known_rank() || masks.new_axis || masks.ellipsis) return Shape::unknown();
  const ops::SliceSpec s = ops::resolve_slice(Shape{from.rank()}, 1, &bounds[0], &bounds[1], &bounds[2], masks,
                                              [](const std::string& what) { throw Error(Code::invalid_argument, what); });
  std::vector<int64_t> dims;
  for (int64_t i = 0; i < s.sizes.at(0); ++i) dims.push_back(from[static_cast<int>(s.begin.at(0) + i * s.strides.at(0))]);
  return Shape(dims);
}

// The same after Slice, and those that GatherV2 picks.
Shape part_of(const Node& n, bool gathered, int depth) {
  const ShapeCtx c(*n.op, n.attrs, n.in);
  const Tensor *at = c.value(1), *size = gathered ? at : c.value(2);
  const Shape from = dims_of(n.in[0], depth);
  if (!from.known_rank() || !at || !size || at->rank() > 1 || (!gathered && at->size() != 1)) return Shape::unknown();
  std::vector<int64_t> places, dims;
  if (gathered) places = at->ints();
  else
    for (int64_t i = at->int_at(0), end = size->int_at(0) < 0 ? from.rank() : i + size->int_at(0); i < end; ++i) places.push_back(i);
  for (int64_t i : places) {
    if (i < 0 || i >= from.rank()) return Shape::unknown();   // it raises when it runs
    dims.push_back(from[static_cast<int>(i)]);
  }
  return Shape(dims);
}

Shape joined(const Node& n, size_t parts, int depth) {
  std::vector<int64_t> dims;
  for (size_t i = 0; i < parts; ++i) {
    const Shape part = dims_of(n.in[i], depth);
    if (!part.known_rank()) return part;
    dims.insert(dims.end(), part.begin(), part.end());
  }
  return Shape(dims);
}

// The elements of a scalar or vector of integers.
Shape dims_of(const Tensor& t, int depth) {
  const Shape nothing = t.shape().known_rank() && t.rank() == 0 ? Shape::of_rank(1)
      : t.shape().known_rank() && t.rank() == 1 && t.shape()[0] >= 0 ? Shape::of_rank(static_cast<int>(t.shape()[0]))
                                                                     : Shape::unknown();
  if (!t.symbolic() || t.impl()->known) {
    const Tensor* value = t.symbolic() ? t.impl()->known.get() : t.impl()->buffer ? &t : nullptr;
    if (!value || value->rank() > 1 || !(value->dtype() == DType::i32 || value->dtype() == DType::i64)) return nothing;
    return Shape(value->ints());
  }
  const Symbol& symbol = t.impl()->symbol;
  if (depth == 0 || !symbol.node || symbol.node == symbol.graph) return nothing;   // of a tape or a plan: no node made it
  const Node& n = node_of(t);
  const std::string& op = n.op->name;
  Shape found = Shape::unknown();
  if (op == "Shape" || op == "ShapeN") found = n.in[static_cast<size_t>(index_of(t))].shape();
  else if (op == "Cast" || op == "Identity") found = dims_of(n.in[0], depth - 1);
  else if (op == "Pack" && t.rank() == 1) found = joined(n, n.in.size(), depth - 1);
  else if (op == "ConcatV2") found = joined(n, n.in.size() - 1, depth - 1);
  else if (op == "StridedSlice") found = sliced(n, depth - 1);
  else if (op == "Slice" || op == "GatherV2") found = part_of(n, op == "GatherV2", depth - 1);
  return found.known_rank() ? found : nothing;
}

Shape known_dims(const Tensor& t) {
  try {
    return dims_of(t, kDeep);
  } catch (const Error&) {
    return Shape::unknown();   // a slice out of bounds: it raises when it runs
  }
}

const bool ready = (set_partial_value(known_dims), true);

}  // namespace
}  // namespace ninefold::graph
