// In: nothing. Out: how much memory the machine can still give.
#pragma once

#include <cstddef>

namespace ninefold {

// From here on it is asked first whether there is so much.
constexpr std::size_t kMuchMemory = std::size_t{256} << 20;

// In bytes. Linux promises more, and later kills a process that uses it.
std::size_t available_memory();

}  // namespace ninefold
