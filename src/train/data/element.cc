// In: elements. Out: tensors, structures, rows, traced functions of elements.
#include "train/data/element.h"

#include <algorithm>


namespace ninefold::data {

Tensors flat(const Value& element, const char* who) {
  Tensors out;
  for (const Value& leaf : nest::flatten(element)) {
    check(!leaf.none(), Code::value, "{}: Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to "
          "a Tensor.", who);
    const Variable* v = leaf.get<Variable>();
    out.push_back(v ? v->read() : to_tensor(leaf, DType::invalid, who));
  }
  return out;
}

Structure structure_of(const Value& element, const Tensors& leaves) {
  Structure s;
  int64_t at = 0;
  s.nest = nest::map(element, [&](const Value&) -> Value { return at++; });
  for (const Tensor& t : leaves) s.leaves.push_back({t.shape(), t.dtype(), ""});
  return s;
}

Value packed(const Structure& s, const Tensors& leaves) {
  // The leaves of the nest are numbers; in the order of flatten they are 0, 1, ...
  return nest::map(s.nest, [&](const Value& leaf) -> Value {
    if (leaf.none()) return {};
    if (const CompositeLeaf* c = composite_leaf(leaf)) return c->spec.value(std::span(leaves).subspan(c->first, c->count));
    return leaves.at(static_cast<size_t>(*leaf.get<int64_t>()));
  });
}

namespace {
Shape tail(const Shape& s) { return s.slice(1, s.rank()); }
Shape with_first(int64_t n, const Shape& s) { return Shape({n}).concat(s); }

// Bytes are copied; strings are assigned.
void copy_elements(const Tensor& from, int64_t first, Tensor& to, int64_t at, int64_t count) {
  if (from.dtype() == DType::string) {
    const auto* a = from.as<std::string>() + first;
    std::copy(a, a + count, static_cast<std::string*>(to.writable()) + at);
    return;
  }
  check(is_plain(from.dtype()), Code::unimplemented, "tf.data: elements of dtype {} cannot be copied", name_of(from.dtype()));
  const size_t each = size_of(from.dtype());
  std::memcpy(static_cast<char*>(to.writable()) + static_cast<size_t>(at) * each,
              static_cast<const char*>(from.data()) + static_cast<size_t>(first) * each, static_cast<size_t>(count) * each);
}
Tensor empty_like(const Tensor& t, const Shape& shape) {
  if (t.dtype() == DType::string)
    return Tensor::of_strings(shape, std::vector<std::string>(static_cast<size_t>(shape.size())));
  return Tensor::empty(t.dtype(), shape);
}
}  // namespace

Tensor row_of(const Tensor& t, int64_t i) {
  const Shape shape = tail(t.shape());
  Tensor out = empty_like(t, shape);
  copy_elements(t, i * shape.size(), out, 0, shape.size());
  return out;
}

Tensor gather_rows(const Tensor& from, const std::vector<int64_t>& rows) {
  const Shape each = tail(from.shape());
  Tensor out = empty_like(from, with_first(static_cast<int64_t>(rows.size()), each));
  const int64_t n = each.size();
  for (size_t i = 0; i < rows.size();) {
    // Neighbours in the source are copied at once.
    size_t j = i + 1;
    while (j < rows.size() && rows[j] == rows[j - 1] + 1) ++j;
    copy_elements(from, rows[i] * n, out, static_cast<int64_t>(i) * n, static_cast<int64_t>(j - i) * n);
    i = j;
  }
  return out;
}

Tensor stack_rows(const std::vector<Tensor>& rows, const char* who, size_t component) {
  const Tensor& first = rows.at(0);
  for (size_t i = 1; i < rows.size(); ++i)
    check(rows[i].shape() == first.shape(), Code::invalid_argument,
          "Cannot {} tensors with different shapes in component {}. First element had shape {} and element {} had shape {}.",
          who, component, first.shape().str(), i, rows[i].shape().str());
  Tensor out = empty_like(first, with_first(static_cast<int64_t>(rows.size()), first.shape()));
  const int64_t n = first.size();
  for (size_t i = 0; i < rows.size(); ++i) copy_elements(rows[i], 0, out, static_cast<int64_t>(i) * n, n);
  return out;
}

Traced trace_element(const char* name, const Structure& in, const ElementFunction& f) {
  Traced t;
  t.function = trace(name, in.leaves, [&](const Tensors& arguments) {
    const Value result = f(packed(in, arguments));
    const Tensors leaves = flat(result, name);
    t.result = structure_of(result, leaves);
    return leaves;
  });
  for (size_t i = 0; i < t.result.leaves.size(); ++i) t.result.leaves[i] = t.function->outputs()[i];
  return t;
}

}  // namespace ninefold::data
