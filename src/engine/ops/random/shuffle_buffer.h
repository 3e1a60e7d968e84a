// In: a stream of elements and a pair of seeds. Out: the same elements in the order of
// tf.data.Dataset.shuffle. The stage that owns it feeds it while it is not full, then pops.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/check.h"
#include "engine/ops/random/philox.h"

namespace ninefold::rng {

// The seeds of the successive iterators of a dataset that reshuffles: two words each.
class IteratorSeeds {
 public:
  explicit IteratorSeeds(const Philox& base, uint64_t drawn = 0) : words_(base, drawn) {}
  std::pair<int64_t, int64_t> next() {
    const uint32_t a = words_(), b = words_();
    return {a, b};
  }
  uint64_t drawn() const { return words_.drawn(); }

 private:
  Words words_;
};

template <class T>
class ShuffleBuffer {
 public:
  ShuffleBuffer(uint64_t size, const Philox& base) : size_(size), words_(base) {
    check(size > 0, "shuffle: buffer_size must be greater than zero, got {}", size);
  }
  bool full() const { return end_ - start_ == size_; }
  bool empty() const { return end_ == start_; }
  uint64_t count() const { return end_ - start_; }

  void push(T item) {
    const uint64_t slot = end_++ % size_;
    // Slots come into being as they are first used: a huge buffer costs what it holds.
    if (slot == ring_.size()) ring_.push_back(std::move(item));
    else ring_[slot] = std::move(item);
  }

  // A random element; the one at the start of the ring takes its place.
  T pop() {
    const uint64_t picked = (start_ + words_() % (end_ - start_)) % size_;
    T out = std::move(ring_[picked]);
    const uint64_t first = start_++ % size_;
    if (picked != first) ring_[picked] = std::move(ring_[first]);
    return out;
  }

 private:
  uint64_t size_, start_ = 0, end_ = 0;
  Words words_;
  std::vector<T> ring_;
};

}  // namespace ninefold::rng
