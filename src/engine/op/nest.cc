// In: nests. Out: leaves and nests of the same form.
#include "engine/op/nest.h"

#include <algorithm>

#include "base/check.h"

namespace ninefold::nest {
std::vector<const Entry*> sorted(const ValueDict& dict) {
  std::vector<const Entry*> out;
  for (const Entry& e : dict) out.push_back(&e);
  std::stable_sort(out.begin(), out.end(), [](const Entry* a, const Entry* b) { return a->key < b->key; });
  return out;
}

namespace {
void collect(const Value& v, std::vector<Value>& out) {
  if (const ValueList* list = v.get<ValueList>()) {
    for (const Value& item : *list) collect(item, out);
  } else if (const ValueDict* dict = v.get<ValueDict>()) {
    for (const Entry* e : sorted(*dict)) collect(e->value, out);
  } else {
    out.push_back(v);
  }
}

}  // namespace

std::vector<Value> flatten(const Value& v) {
  std::vector<Value> out;
  collect(v, out);
  return out;
}

Value map(const Value& v, const std::function<Value(const Value&)>& f) {
  if (const ValueList* list = v.get<ValueList>()) {
    ValueList out;
    for (const Value& item : *list) out.push_back(map(item, f));
    return out;
  }
  if (const ValueDict* dict = v.get<ValueDict>()) {
    ValueDict out = *dict;
    for (const Entry* e : sorted(*dict)) out[static_cast<size_t>(e - dict->data())].value = map(e->value, f);
    return out;
  }
  return f(v);
}

Value pack(const Value& like, const std::vector<Value>& leaves) {
  size_t at = 0;
  Value out = map(like, [&](const Value&) -> Value {
    NINEFOLD_INVARIANT(at < leaves.size());
    return leaves[at++];
  });
  NINEFOLD_INVARIANT(at == leaves.size());
  return out;
}

}  // namespace ninefold::nest
