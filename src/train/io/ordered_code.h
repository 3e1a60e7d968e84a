// In: a tensor's name and a slice of it. Out: the key of the slice in a checkpoint's index.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ninefold::io {

struct SliceExtent {
  std::int64_t start = 0, length = -1;  // -1: all of the axis
};
// A code whose byte order is the order of (name, rank, extents): OrderedCode of Google's storage systems.
std::string slice_key(std::string_view name, const std::vector<SliceExtent>& slice);

}  // namespace ninefold::io
