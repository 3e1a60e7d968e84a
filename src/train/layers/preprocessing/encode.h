// In: ids. Out: columns of ones or counts: what preprocessing layers give for each output_mode.
#pragma once

#include "ninefold/keras.h"

namespace ninefold::keras {

// "int": the ids in `dtype`; "one_hot", "multi_hot", "count": [..., depth]. `weights`: of each id when counting, or undefined.
Tensor encoded(Tensor ids, const std::string& mode, int64_t depth, DType dtype, const Tensor& weights = {});
Shape encoded_shape(const Shape& in, const std::string& mode, int64_t depth);
void check_output_mode(const std::string& mode, const std::vector<std::string>& allowed, const std::string& layer);

}  // namespace ninefold::keras
