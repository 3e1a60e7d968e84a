// In: a value as Python gave it. Out: its text as Python prints it, for errors.
#pragma once

#include "ninefold/ops.h"

namespace ninefold {

std::string printed(const Value&);

}  // namespace ninefold
