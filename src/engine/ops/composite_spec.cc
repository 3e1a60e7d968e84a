// In: composites. Out: what such a value will be, and one of that form made of parts.
#include "base/check.h"
#include "ninefold/composite.h"

namespace ninefold {
namespace {

std::string shape_text(const Shape& s) {
  if (!s.known_rank()) return "TensorShape(None)";
  std::string dims;
  for (int64_t d : s) dims += (dims.empty() ? "" : ", ") + (d < 0 ? "None" : std::to_string(d));
  return "TensorShape([" + dims + "])";
}

}  // namespace

std::vector<TensorSpec> CompositeSpec::parts() const {
  if (made) return made->parts();
  if (!sparse) return rows.parts();
  const int64_t rank = rows.shape.known_rank() ? rows.shape.rank() : -1;
  return {{{-1, rank}, DType::i64, {}}, {{-1}, rows.dtype, {}}, {{rank}, DType::i64, {}}};
}
Value CompositeSpec::value(std::span<const Tensor> parts) const {
  if (made) return made->value(parts);
  if (!sparse) return Ragged::value(Ragged::from_parts(rows, parts));
  check(parts.size() == 3, Code::value, "SparseTensor: expected indices, values and dense_shape, got {} parts", parts.size());
  return Sparse::value(Sparse::of(parts[0], parts[1], parts[2], rows.shape));
}
std::string CompositeSpec::str() const {
  if (made) return made->str();
  if (sparse) return "SparseTensorSpec(" + shape_text(rows.shape) + ", tf." + name_of(rows.dtype) + ")";
  return "RaggedTensorSpec(" + shape_text(rows.shape) + ", tf." + name_of(rows.dtype) + ", " + std::to_string(rows.ragged_rank) +
         ", tf." + name_of(rows.splits_dtype) + ")";
}
std::optional<CompositeSpec> CompositeSpec::of(const Value& v) {
  const auto* object = v.get<std::shared_ptr<Foreign>>();
  const auto* c = object ? dynamic_cast<const Composite*>(object->get()) : nullptr;
  return c ? std::optional(c->form()) : std::nullopt;
}
CompositeSpec CompositeSpec::of(std::shared_ptr<const FormOfValues> made) {
  return {false, {made->shape().value_or(Shape::unknown()), made->dtype(), 0, DType::i64}, made};
}

}  // namespace ninefold
