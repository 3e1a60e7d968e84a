// In: what composites of this room say often. Out: the ops that say it: constants, axes, shapes.
#pragma once

#include <string>
#include <vector>

#include "ninefold/ops.h"

namespace ninefold::ops::nn {

Tensor constant(DType, double value);                 // a scalar of that dtype; no op is run for it
Tensor int_vector(const std::vector<int64_t>& values);   // int32
Tensor shape_of(const Tensor&);                       // a constant if it is known, else op Shape

// One dimension may be -1, and so may be one of a partial shape.
Tensor reshape(const Tensor&, const std::vector<int64_t>& dims);
Tensor reshape_to(const Tensor&, const Tensor& dims);
Tensor transpose(const Tensor&, const std::vector<int64_t>& permutation);
Tensor sum(const Tensor&, const std::vector<int64_t>& axes, bool keep_dims = false);
Tensor mean(const Tensor&, const std::vector<int64_t>& axes, bool keep_dims = false);
Tensor cast(const Tensor&, DType);                    // the tensor itself if it has that dtype
Tensor conj(const Tensor&);                           // the tensor itself if it is real
// x[from:from + size] of a vector of ints, as a scalar where size is -1.
Tensor dim_of(const Tensor& shape_vector, int64_t at);

// An argument that takes `like` if it can, as convert_to_tensor's dtype_hint: 1 beside a float32 tensor is a
// float32, 1.5 beside an int32 one stays a float32.
Tensor hinted(const Args&, std::string_view name, DType like);
// The text of Python's repr of a dtype: "<dtype: 'float32'>".
std::string repr(DType);
// A number as Python prints it: 1.5, 1, 1e-07.
std::string python_text(const Value&);

}  // namespace ninefold::ops::nn
