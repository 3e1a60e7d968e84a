// In: the expressions of compare.h. Out: their loops for one instruction set.
#include "engine/op/elementwise/compare.h"

#include "engine/op/elementwise/instantiate.h"

NINEFOLD_FAMILY(compare)
