// In: the expressions of binary_math.h. Out: their loops for one instruction set.
#include "engine/op/elementwise/binary_math.h"

#include "engine/op/elementwise/instantiate.h"

NINEFOLD_FAMILY(binary_math)
