// In: a lock, an image's variables. Out: the CUDA that an image brings, and which driver it needs; pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "env/lock/lock.h"

namespace ninefold::env::run {

struct Toolkit {
  std::string cuda;  // "12.4", or "12" where only that is known
  std::string from;  // "nvidia-cuda-runtime-cu12 12.4.127"
};

// Of wheels (NVIDIA's own, and those whose version says it: 2.4.0+cu121) and Debian packages; none: no CUDA is in it.
std::optional<Toolkit> toolkit_of(const Lock& lock);
// Of CUDA_VERSION, which NVIDIA's images set.
std::optional<Toolkit> toolkit_of(const std::vector<std::string>& environment);

// The oldest driver under which programs of this CUDA start, and the one that came with it: before that one,
// device code that is compiled when it is loaded (PTX) is refused. Empty: this CUDA is not known.
struct NeededDriver {
  std::string oldest, own;
};
NeededDriver needed_driver(const std::string& cuda);

}  // namespace ninefold::env::run
