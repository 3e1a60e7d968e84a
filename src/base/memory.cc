// In: /proc/meminfo. Out: the bytes that can be had without swapping; all there are if nobody says.
#include "base/memory.h"

#include <fstream>
#include <limits>
#include <string>

namespace ninefold {

std::size_t available_memory() {
  std::ifstream file("/proc/meminfo");
  for (std::string word; file >> word;)
    if (std::size_t kilobytes; word == "MemAvailable:" && file >> kilobytes) return kilobytes << 10;
  return std::numeric_limits<std::size_t>::max();
}

}  // namespace ninefold
