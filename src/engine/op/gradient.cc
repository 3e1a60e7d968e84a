// In: what flows back along several ways. Out: their sum: rows stay rows as long as nothing else joins them.
#include "base/check.h"
#include "base/log.h"
#include "engine/tensor/tensor_impl.h"
#include "ninefold/grad.h"
#include "ninefold/ops.h"

namespace ninefold {
namespace {

constexpr int64_t kLarge = 100000000;   // elements from which on TensorFlow warns of a gradient made dense

// A trace that turns rows into a tensor says so if the tensor may be large: it costs memory at every step.
void warn_if_large(const Tensor& dense_shape) {
  if (!dense_shape.symbolic()) return;
  const Tensor* known = dense_shape.impl()->known.get();
  if (!known)
    return warn("Converting sparse IndexedSlices to a dense Tensor of unknown shape. This may consume a large amount of memory.");
  int64_t n = 1;
  for (int64_t d : known->ints()) n *= d;
  if (n >= kLarge)
    warn("Converting sparse IndexedSlices to a dense Tensor with {} elements. This may consume a large amount of memory.", n);
}

Tensor first_of(const Tensor& vector) {
  if (!vector.symbolic()) return vector.dtype() == DType::i64 ? Tensor(vector.int_at(0)) : Tensor(static_cast<int32_t>(vector.int_at(0)));
  return op("GatherV2", {vector, Tensor(int32_t{0}), Tensor(int32_t{0})});
}

}  // namespace

Tensor Gradient::dense() const {
  if (!sparse()) return parts_.values;
  check(parts_.dense_shape.defined(), Code::value,
        "Tensor conversion requested for IndexedSlices without dense_shape; give the shape of the whole tensor");
  warn_if_large(parts_.dense_shape);
  return op("UnsortedSegmentSum", {parts_.values, parts_.indices, first_of(parts_.dense_shape)});
}

Gradient total(std::span<const Gradient> all) {
  std::vector<const Gradient*> given;
  bool sparse = true;
  for (const Gradient& g : all) {
    if (!g.defined()) continue;
    given.push_back(&g);
    sparse = sparse && g.sparse();
  }
  if (given.empty()) return {};
  if (given.size() == 1) return *given[0];
  if (!sparse) {
    Tensor sum = given[0]->dense();
    for (size_t i = 1; i < given.size(); ++i) sum = sum + given[i]->dense();
    return sum;
  }
  bool wide = false;
  for (const Gradient* g : given) wide = wide || g->slices().indices.dtype() == DType::i64;
  Tensors values, indices;
  for (const Gradient* g : given) {
    const Tensor& i = g->slices().indices;
    values.push_back(g->slices().values);
    indices.push_back(wide && i.dtype() != DType::i64 ? op("Cast", {i}, {{"DstT", DType::i64}}) : i);
  }
  values.push_back(Tensor(int32_t{0}));
  indices.push_back(Tensor(int32_t{0}));
  return IndexedSlices{op_all("ConcatV2", values).at(0), op_all("ConcatV2", indices).at(0), given[0]->slices().dense_shape};
}

Tensors dense(const Gradients& all) {
  Tensors out;
  for (const Gradient& g : all) out.push_back(g.dense());
  return out;
}

}  // namespace ninefold
