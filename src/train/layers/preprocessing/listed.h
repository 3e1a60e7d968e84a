// In: options of preprocessing layers as users give them: lists, arrays, dtypes by any name. Out: what configs hold and
// messages say of them.
#pragma once

#include "base/check.h"
#include "train/layers/schema.h"

namespace ninefold::keras {

// A tensor as a list, or as the scalar that it is; anything else as it is.
inline Value listed(const Value& v) {
  const Tensor* t = v.get<Tensor>();
  if (!t) return v;
  const auto item = [&](int64_t i) -> Value {
    if (t->dtype() == DType::string) return t->as<std::string>()[i];
    return is_integer(t->dtype()) ? Value(t->int_at(i)) : Value(t->float_at(i));
  };
  if (t->rank() == 0) return item(0);
  ValueList out;
  for (int64_t i = 0; i < t->size(); ++i) out.push_back(item(i));
  return out;
}
// As Python prints it.
inline std::string shown(const Value& v) {
  if (const ValueList* list = v.get<ValueList>()) {
    std::string out;
    for (const Value& item : *list) out += (out.empty() ? "" : ", ") + (item.get<std::string>() ? "'" + *item.get<std::string>() + "'" : shown(item));
    return "[" + out + "]";
  }
  if (const bool* b = v.get<bool>()) return *b ? "True" : "False";
  if (const int64_t* i = v.get<int64_t>()) return std::to_string(*i);
  if (const double* d = v.get<double>()) {
    std::string s = fmt::format("{}", *d);
    return s.find_first_of(".en") == std::string::npos ? s + ".0" : s;
  }
  if (const std::string* s = v.get<std::string>()) return *s;
  if (v.get<Tensor>()) return shown(listed(v));
  if (const auto* object = v.get<std::shared_ptr<Foreign>>()) return (*object)->describe();
  return "None";
}
inline DType dtype_of_value(const Value& v) {
  if (const std::string* name = v.get<std::string>(); name && dtype_named(*name) == DType::invalid) return DType::invalid;   // a policy
  if (v.find("class_name")) return DType::invalid;
  return As<DType>::from(v, "dtype");
}

}  // namespace ninefold::keras
