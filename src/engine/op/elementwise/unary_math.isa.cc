// In: the expressions of unary_math.h. Out: their loops for one instruction set.
#include "engine/op/elementwise/unary_math.h"

#include "engine/op/elementwise/instantiate.h"

NINEFOLD_FAMILY(unary_math)
