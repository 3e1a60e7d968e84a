// In: a tensor and a subscript as Keras stores it. Out: the slice.
#pragma once

#include "ninefold/keras.h"

namespace ninefold::keras {

// x[spec]: an index or a list of them. An index is an int, a scalar tensor, {"start", "stop", "step"} with ints,
// scalar tensors or None, {"class_name": "__ellipsis__"}, or None for a new axis. A bool tensor is a mask.
Tensor sliced(const Tensor& x, const Value& spec);

}  // namespace ninefold::keras
