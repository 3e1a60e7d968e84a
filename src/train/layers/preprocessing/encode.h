// In: ids of categories. Out: which occur, or how often, as the preprocessing layers' output_mode says.
#pragma once

#include "ninefold/layers.h"

namespace ninefold::keras {

void check_output_mode(const std::string& mode, const std::vector<std::string>& allowed, const std::string& layer);
struct Encoding {
  std::string mode;          // "int", "one_hot", "multi_hot", "count" or "tf_idf"
  int64_t depth = 0;         // ids from here on are left out
  DType dtype = DType::f32;
  bool sparse = false;       // gives a sparse tensor
  Tensor weights = {};       // of each id, counted instead of 1
  Tensor idf_weights = {};   // of each column, for "tf_idf"
};
// `ids` is a tensor, a ragged or a sparse tensor.
Value encoded(Value ids, const Encoding& how);
Shape encoded_shape(const Shape& in, const std::string& mode, int64_t depth);
// Converts to the only tensor, ragged or sparse tensor that a layer is called with; `dtype` invalid: as it is.
Value tensor_like(const Value& v, const std::string& who, DType dtype = DType::invalid);

}  // namespace ninefold::keras
