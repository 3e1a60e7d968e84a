// In: a record's name and values in the order of its parameters. Out: its result as the type that it names.
#pragma once

#include <vector>

#include "base/check.h"
#include "ninefold/ops.h"

namespace ninefold {

inline const Function& named(const char* name) {
  const Function* f = find_function(name);
  NINEFOLD_INVARIANT(f);
  return *f;
}
inline Value value_of(const Function& f, std::vector<Value> values) { return call(f, std::move(values)); }
inline Tensor tensor_of(const Function& f, std::vector<Value> values) {
  const Value result = call(f, std::move(values));
  const Tensor* t = result.get<Tensor>();
  check(t, Code::type, "{}: its result for these arguments is no tensor; use ninefold::call", f.names[0]);
  return *t;
}
inline Tensors tensors_of(const Function& f, std::vector<Value> values) {
  const Value result = call(f, std::move(values));
  const ValueList* list = result.get<ValueList>();
  check(list, Code::type, "{}: its result for these arguments is no list of tensors; use ninefold::call", f.names[0]);
  Tensors out;
  for (const Value& v : *list) {
    const Tensor* t = v.get<Tensor>();
    check(t, Code::type, "{}: its result for these arguments is no list of tensors; use ninefold::call", f.names[0]);
    out.push_back(*t);
  }
  return out;
}

}  // namespace ninefold
