// In: the arguments of tf.math.bincount. Out: what they mean for ragged and sparse ids, and how many bins there are.
#pragma once

#include "engine/ops/ragged.h"

namespace ninefold::ops {

Value bincount_of_rows(const Args& a);              // of composites
// max(ids) + 1 within minlength and maxlength, of the ids' dtype.
Tensor bin_count(const Args& a, const Tensor& ids);

}  // namespace ninefold::ops
