// In: nests. Out: their tensors, whether they are of one form, their text.
#include "train/model/values.h"

#include <algorithm>

#include "base/check.h"
#include "base/json_text.h"

namespace ninefold::keras::nest {

const Value* find(const ValueDict& dict, std::string_view key) {
  for (const Entry& e : dict)
    if (e.key == key) return &e.value;
  return nullptr;
}

bool same_form(const Value& a, const Value& b) {
  if (const ValueList* list = a.get<ValueList>()) {
    const ValueList* other = b.get<ValueList>();
    return other && list->size() == other->size() && std::equal(list->begin(), list->end(), other->begin(), same_form);
  }
  if (const ValueDict* dict = a.get<ValueDict>()) {
    const ValueDict* other = b.get<ValueDict>();
    return other && dict->size() == other->size() &&
           std::equal(dict->begin(), dict->end(), other->begin(),
                      [](const Entry& x, const Entry& y) { return x.key == y.key && same_form(x.value, y.value); });
  }
  return is_leaf(b) && a.none() == b.none();
}

Tensors tensors(const Value& v, const char* who) {
  Tensors out;
  for (const Value& leaf : flatten(v)) {
    if (const Tensor* t = leaf.get<Tensor>()) out.push_back(*t);
    else if (const Variable* w = leaf.get<Variable>()) out.push_back(w->read());
    else check(leaf.none(), Code::type, "{}: expected tensors, got {}", who, python_text(leaf));
  }
  return out;
}

std::string python_keys(const std::vector<std::string>& keys) {
  std::string out = "[";
  for (const std::string& k : keys) out += (out.size() > 1 ? ", '" : "'") + k + "'";
  return out + "]";
}

std::string python_text(const Value& v) {
  if (v.none()) return "None";
  if (const bool* b = v.get<bool>()) return *b ? "True" : "False";
  if (const int64_t* i = v.get<int64_t>()) return std::to_string(*i);
  if (const double* d = v.get<double>()) return python_float(*d);
  if (const std::string* s = v.get<std::string>()) return *s;
  if (const DType* d = v.get<DType>()) return std::string("tf.") + name_of(*d);
  if (const Shape* s = v.get<Shape>()) return s->tuple();
  if (const Tensor* t = v.get<Tensor>())
    return fmt::format("<tf.Tensor: shape={}, dtype={}>", t->shape().tuple(), name_of(t->dtype()));
  if (const Variable* w = v.get<Variable>()) return "<tf.Variable '" + w->name() + "'>";
  if (const auto* o = v.get<std::shared_ptr<Foreign>>()) return (*o)->describe();
  std::string out;
  const auto quoted = [](const Value& item) {
    const std::string text = python_text(item);
    return item.get<std::string>() ? "'" + text + "'" : text;
  };
  if (const ValueList* list = v.get<ValueList>()) {
    for (const Value& item : *list) out += (out.empty() ? "" : ", ") + quoted(item);
    return "[" + out + "]";
  }
  for (const Entry& e : *v.get<ValueDict>())
    out += (out.empty() ? "'" : ", '") + e.key + "': " + quoted(e.value);
  return "{" + out + "}";
}

}  // namespace ninefold::keras::nest
