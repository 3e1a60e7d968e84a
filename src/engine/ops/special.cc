// In: real numbers. Out: special functions in double: the formulas that both devices share, compiled for the CPU.
#include "engine/ops/special.h"

#define NF_SPECIAL
#include "engine/ops/special_rules.h"
