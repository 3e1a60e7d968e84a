// In: the expressions of bitwise.h. Out: their loops for one instruction set.
#include "engine/op/elementwise/bitwise.h"

#include "engine/op/elementwise/instantiate.h"

NINEFOLD_FAMILY(bitwise)
