// In: nests of values. Out: what models need of them beside train/layers/nest.h: tensors, Python's text.
#pragma once

#include "train/layers/nest.h"

namespace ninefold::keras::nest {

inline bool nested(const Value& v) { return !is_leaf(v); }
const Value* find(const ValueDict& dict, std::string_view key);   // null: it has none
// The leaves that are tensors; None is left out, anything else raises TypeError for `who`.
Tensors tensors(const Value& v, const char* who);
bool same_form(const Value& a, const Value& b);   // lists and dicts alike; leaves may differ
std::string python_text(const Value& v);          // as Python prints it: for messages
std::string python_keys(const std::vector<std::string>& keys);   // ['a', 'b']

}  // namespace ninefold::keras::nest
