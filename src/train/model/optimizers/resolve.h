// In: what `optimizer=` may be: a name in any case, a config, an object. Out: the optimizer.
#pragma once

#include "ninefold/keras.h"

namespace ninefold::keras {

// Raises ValueError "Unknown optimizer: x. ..." or "Could not interpret optimizer identifier: x".
OptimizerPtr optimizer_for(const Value& identifier);

}  // namespace ninefold::keras
