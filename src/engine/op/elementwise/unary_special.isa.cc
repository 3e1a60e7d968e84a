// In: the expressions of unary_special.h. Out: their loops for one instruction set.
#include "engine/op/elementwise/unary_special.h"

#include "engine/op/elementwise/instantiate.h"

NINEFOLD_FAMILY(unary_special)
