// In: variables that are made. Out: how many the calling thread has made, and whether it may make more.
#pragma once

#include <cstdint>

namespace ninefold {

// Of a thread: a function that is traced asks whether its body made variables, and forbids them where it is traced again.
struct VariableMaking {
  uint64_t made = 0;
  bool forbidden = false;
};
VariableMaking& variable_making();

}  // namespace ninefold
