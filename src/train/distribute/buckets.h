// In: sizes of gradients, in the order in which the forward pass uses their variables. Out: which of them travel together, one
// behind another in one piece of memory, and in which order. Pure; the same on every replica, since sizes are.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ninefold/tensor.h"

namespace ninefold::distribute {

// A bucket is begun as soon as it is whole: small ones begin early, large ones use the wires better.
constexpr int64_t kBucketBytes = int64_t{25} << 20;

struct Packing {
  int64_t bytes = kBucketBytes;              // a bucket's most, unless one tensor has more
  int packs = -1;                            // if not below 0: so many buckets of each dtype at most, about equal; 0: a tensor each
};
struct Part {
  DType dtype;
  int64_t elements;
};
struct Bucket {
  DType dtype;
  std::vector<size_t> tensors;               // which parts, the last one first
  std::vector<int64_t> offsets;              // of each, in elements
  int64_t elements = 0;
  size_t ready = 0;                          // it is whole when so many parts have come, the last one first
};
// In the order in which they become whole.
std::vector<Bucket> buckets_of(std::span<const Part>, const Packing&);

}  // namespace ninefold::distribute
