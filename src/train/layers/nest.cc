// In: nests. Out: what layers ask of their leaves.
#include "train/layers/nest.h"

#include <algorithm>

#include "base/check.h"
#include "engine/op/scope.h"

namespace ninefold::keras::nest {

KerasTensorPtr keras_tensor(const Value& leaf) {
  const auto* foreign = leaf.get<std::shared_ptr<Foreign>>();
  return foreign ? std::dynamic_pointer_cast<KerasTensor>(*foreign) : nullptr;
}
bool any_keras_tensor(const Value& v) {
  if (const ValueList* list = v.get<ValueList>()) return std::any_of(list->begin(), list->end(), any_keras_tensor);
  if (const ValueDict* dict = v.get<ValueDict>())
    return std::any_of(dict->begin(), dict->end(), [](const Entry& e) { return any_keras_tensor(e.value); });
  return keras_tensor(v) != nullptr;
}

Value shapes(const Value& v) {
  return map(v, [](const Value& leaf) -> Value {
    if (const Tensor* t = leaf.get<Tensor>()) return t->shape();
    if (const Variable* x = leaf.get<Variable>()) return x->shape();
    if (const KerasTensorPtr k = keras_tensor(leaf)) return k->spec.shape;
    if (const auto c = CompositeSpec::of(leaf)) return c->made && !c->made->shape() ? Value() : Value(c->rows.shape);
    return {};
  });
}

Tensor tensor(const Value& v, const std::string& who) {
  if (const Tensor* t = v.get<Tensor>()) return *t;
  if (const Variable* x = v.get<Variable>()) return x->read();
  if (const ValueList* list = v.get<ValueList>(); list && list->size() == 1) return tensor(list->front(), who);
  if (const ValueDict* dict = v.get<ValueDict>(); dict && dict->size() == 1) return tensor(dict->front().value, who);
  // As TensorFlow refuses a composite: by its type while it runs, by its elements while it traces.
  if (const auto spec = CompositeSpec::of(v)) {
    check(!spec->made, Code::type, "Failed to convert elements of {} to Tensor. Consider casting elements to a supported type. See "
          "https://www.tensorflow.org/api_docs/python/tf/dtypes for supported TF dtypes.", (*v.get<std::shared_ptr<Foreign>>())->describe());
    const char* type = spec->sparse ? "SparseTensor" : "RaggedTensor";
    check(!scope().tracer(), Code::type, "Failed to convert elements of {} to Tensor. Consider casting elements to a supported type. See "
          "https://www.tensorflow.org/api_docs/python/tf/dtypes for supported TF dtypes.", spec->str());
    check(!spec->sparse, Code::value, "Attempt to convert a value ({}) with an unsupported type ({}) to a Tensor.", spec->str(), type);
    fail(Code::value, "TypeError: object of type '{}' has no len(): layer \"{}\" takes tensors, got {}", type, who, spec->str());
  }
  check(is_leaf(v), Code::value, "Layer \"{}\" expects 1 input(s), but it received {} input tensors.", who, flatten(v).size());
  return to_tensor(v, DType::invalid, who);
}

namespace {
const Value& only(const Value& v) {
  if (const ValueList* list = v.get<ValueList>(); list && list->size() == 1) return only(list->front());
  if (const ValueDict* dict = v.get<ValueDict>(); dict && dict->size() == 1) return only(dict->front().value);
  return v;
}
}  // namespace
RaggedRef ragged(const Value& v) { return Ragged::of(only(v)); }
SparseRef sparse(const Value& v) { return Sparse::of(only(v)); }
Value over_flat(const Value& v, const std::string& who, const std::function<Tensor(const Tensor&)>& f) {
  if (const RaggedRef rows = ragged(v)) return Ragged::value(rows->with_flat_values(f(rows->flat_values())));
  return f(tensor(v, who));
}

bool is_shape(const Value& v) {
  if (v.get<Shape>() || v.get<int64_t>()) return true;
  const ValueList* list = v.get<ValueList>();
  return list && std::all_of(list->begin(), list->end(), [](const Value& d) { return d.none() || d.get<int64_t>(); });
}
Shape shape(const Value& v, const std::string& who) {
  if (const Shape* s = v.get<Shape>()) return *s;
  if (v.none()) return Shape::unknown();
  const auto dim = [&](const Value& d) -> int64_t {
    if (d.none()) return -1;
    const int64_t* i = d.get<int64_t>();
    check(i, Code::type, "{}: expected a shape, a dimension of it is neither an int nor None", who);
    return *i;
  };
  if (const ValueList* list = v.get<ValueList>()) {
    if (list->size() == 1 && !is_shape(v)) return shape(list->front(), who);   // one input in a list
    std::vector<int64_t> dims;
    for (const Value& d : *list) dims.push_back(dim(d));
    return Shape(dims);
  }
  return Shape{dim(v)};
}
std::vector<int64_t> dims(const Value& v, size_t least, const std::string& who) {
  const Shape in = shape(v, who);
  check(in.rank() >= static_cast<int>(least), Code::value, "{}: expected an input shape of at least {} dimensions, got {}", who, least,
        in.tuple());
  return in.vector();
}

}  // namespace ninefold::keras::nest
