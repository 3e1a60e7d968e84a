// In: a symbolic tensor of integers that is to be a shape. Out: as much of it as the graph tells before it runs.
#pragma once

#include "ninefold/tensor.h"

namespace ninefold {

// Set by the room that knows graphs; -1 where an element depends on data. Of unknown rank if nothing is known.
using PartialValue = Shape (*)(const Tensor&);
PartialValue partial_value();
void set_partial_value(PartialValue);

}  // namespace ninefold
