// In: nests (trees of lists and dicts). Out: their leaves in TensorFlow's order, and nests of the same form.
#pragma once

#include <functional>
#include <vector>

#include "ninefold/ops.h"

namespace ninefold::nest {

inline bool is_leaf(const Value& v) { return !v.get<ValueList>() && !v.get<ValueDict>(); }
// The entries of a dict in the order in which leaves are counted: by key.
std::vector<const Entry*> sorted(const ValueDict& dict);
// Depth first; dicts by sorted key.
std::vector<Value> flatten(const Value& v);
// The nest with f(leaf) in each leaf's place; dicts keep their order. f sees leaves in flatten's order.
Value map(const Value& v, const std::function<Value(const Value&)>& f);
// The form of `like` with these leaves.
Value pack(const Value& like, const std::vector<Value>& leaves);

}  // namespace ninefold::nest
