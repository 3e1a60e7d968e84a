// In: functions of strings that make one more, ragged, dimension. Out: the steps they share.
#pragma once

#include "engine/ops/ragged.h"

namespace ninefold::ops::ragged {

// The argument as strings: a tensor, or what holds a Ragged.
Value string_argument(const Args& a, std::string_view name);
// r with what f makes of its flat values, which may be ragged itself.
Value over_flat(const Ragged& r, const std::function<Value(const Tensor&)>& f);
// f makes a ragged tensor of a vector; for a scalar it is the row, for tensors of higher rank the rows become ragged.
Value over_vectors(const Value& v, const std::function<RaggedRef(const Tensor&)>& f, const char* unknown_rank);

}  // namespace ninefold::ops::ragged
