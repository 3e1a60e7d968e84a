// In: nests (trees of lists and dicts). Out: their leaves in TensorFlow's order, and nests of the same form.
#pragma once

#include <functional>

#include "ninefold/keras.h"

namespace ninefold::keras::nest {

inline bool is_leaf(const Value& v) { return !v.get<ValueList>() && !v.get<ValueDict>(); }
// Depth first; dicts by sorted key.
std::vector<Value> flatten(const Value& v);
// The nest with f(leaf) in each leaf's place; dicts keep their order. f sees leaves in flatten's order.
Value map(const Value& v, const std::function<Value(const Value&)>& f);
// The form of `like` with these leaves.
Value pack(const Value& like, const std::vector<Value>& leaves);

KerasTensorPtr keras_tensor(const Value& leaf);   // null if it is none
bool any_keras_tensor(const Value& v);
// The nest of shapes of a nest of tensors; None where a leaf has none.
Value shapes(const Value& v);
// The only tensor in a nest: most layers have one. Raises what Keras says where there are several.
Tensor tensor(const Value& v, const std::string& who);
// A shape as a value: Shape, a list of ints and None, an int.
Shape shape(const Value& v, const std::string& who);
// True if the value is one shape rather than a nest of shapes.
bool is_shape(const Value& v);

}  // namespace ninefold::keras::nest
