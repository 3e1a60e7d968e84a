// In: sizes that come and go, in order. Out: where each lies in one piece of memory, and how much that takes. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>

namespace ninefold {

// Each place is as low as it can be among those that are held at the same time.
class Slab {
 public:
  explicit Slab(size_t align) : align_(align) {}
  size_t place(size_t bytes) {
    const size_t size = (std::max<size_t>(bytes, 1) + align_ - 1) / align_ * align_;
    size_t from = 0;
    for (const auto& [begin, end] : used_) {
      if (begin - from >= size) break;
      from = end;
    }
    used_[from] = from + size;
    high_ = std::max(high_, from + size);
    return from;
  }
  bool free(size_t offset) { return used_.erase(offset) != 0; }   // false: nothing lies there
  size_t high() const { return high_; }      // behind all that was ever held
  bool empty() const { return used_.empty(); }

 private:
  const size_t align_;
  std::map<size_t, size_t> used_;            // begin -> end
  size_t high_ = 0;
};

}  // namespace ninefold
