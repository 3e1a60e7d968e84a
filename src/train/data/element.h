// In: elements as users nest them. Out: flat tensors and structures, and rows of tensors.
#pragma once

#include "base/check.h"
#include "engine/op/nest.h"
#include "ninefold/data.h"

namespace ninefold::data {

// A leaf of a structure's nest that several leaves of the element make.
class CompositeLeaf : public Foreign {
 public:
  CompositeLeaf(CompositeSpec s, size_t f) : spec(std::move(s)), first(f), count(spec.parts().size()) {}
  std::string describe() const override { return spec.str(); }
  const CompositeSpec spec;
  const size_t first, count;
};
inline const CompositeLeaf* composite_leaf(const Value& leaf) {
  const auto* object = leaf.get<std::shared_ptr<Foreign>>();
  return object ? dynamic_cast<const CompositeLeaf*>(object->get()) : nullptr;
}

// The leaves as tensors (numbers and lists converted), and the form.
Tensors flat(const Value& element, const char* who);
Structure structure_of(const Value& element, const Tensors& leaves);
Value packed(const Structure& s, const Tensors& leaves);
inline int64_t product(int64_t n, int64_t by) { return n < 0 ? n : n * by; }

// Row `i` of a tensor: a copy without its first axis.
Tensor row_of(const Tensor& t, int64_t i);
// Rows of `from` into consecutive rows of a new tensor; strings too. The rows are in range.
Tensor gather_rows(const Tensor& from, const std::vector<int64_t>& rows);
// Equal tensors stacked along a new first axis.
Tensor stack_rows(const std::vector<Tensor>& rows, const char* who, size_t component);

// A traced function of an element; what it returns has the form `result`.
struct Traced {
  FunctionRef function;
  Structure result;
  Tensors operator()(std::span<const Tensor> element) const { return function->call(element); }
};
Traced trace_element(const char* name, const Structure& in, const ElementFunction& f);

}  // namespace ninefold::data
