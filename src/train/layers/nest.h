// In: nests (trees of lists and dicts). Out: their Keras tensors, shapes and single tensors.
#pragma once

#include "engine/op/nest.h"
#include "ninefold/composite.h"
#include "ninefold/keras.h"

namespace ninefold::keras::nest {

// The tree itself is the engine's (engine/op/nest.h); here is what layers ask of its leaves.
using ninefold::nest::flatten;
using ninefold::nest::is_leaf;
using ninefold::nest::map;
using ninefold::nest::pack;
using ninefold::nest::sorted;

KerasTensorPtr keras_tensor(const Value& leaf);   // null if it is none
bool any_keras_tensor(const Value& v);
// The nest of shapes of a nest of tensors; None where a leaf has none.
Value shapes(const Value& v);
// The only tensor in a nest: most layers have one. Raises what Keras says where there are several.
Tensor tensor(const Value& v, const std::string& who);
// The same for composites; null if the only value is none of them.
RaggedRef ragged(const Value& v);
SparseRef sparse(const Value& v);
// f of a tensor, or of the flat values of a ragged one: for what each element, or each inner row, decides alone.
Value over_flat(const Value& v, const std::string& who, const std::function<Tensor(const Tensor&)>& f);
// A shape as a value: Shape, a list of ints and None, an int.
Shape shape(const Value& v, const std::string& who);
// The dimensions of one shape, of which there are at least so many: else ValueError.
std::vector<int64_t> dims(const Value& shape, size_t least, const std::string& who);
// True if the value is one shape rather than a nest of shapes.
bool is_shape(const Value& v);

}  // namespace ninefold::keras::nest
