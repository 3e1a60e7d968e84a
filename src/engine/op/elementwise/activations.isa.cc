// In: the expressions of activations.h. Out: their loops for one instruction set.
#include "engine/op/elementwise/activations.h"

#include "engine/op/elementwise/instantiate.h"

NINEFOLD_FAMILY(activations)
