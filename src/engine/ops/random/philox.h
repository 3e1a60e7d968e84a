// In: a 64-bit key and a 128-bit counter. Out: Philox4x32-10 blocks of four 32-bit words.
// The generator behind every random op of TensorFlow 2.9. A block depends on nothing but its
// counter, so any part of a tensor can be filled by any thread.
#pragma once

#include <array>
#include <cstdint>

#include "engine/ops/random/philox_rounds.h"

namespace ninefold::rng {

using Block = std::array<uint32_t, 4>;

struct Philox {
  uint64_t key = 0, low = 0, high = 0;  // counter = high << 64 | low

  // The state of a legacy kernel with attributes seed and seed2.
  static Philox from_seeds(int64_t seed, int64_t seed2) {
    return {static_cast<uint64_t>(seed), 0, static_cast<uint64_t>(seed2)};
  }

  void skip(uint64_t blocks) {
    low += blocks;
    high += low < blocks;
  }
  Philox at(uint64_t blocks) const {
    Philox moved = *this;
    moved.skip(blocks);
    return moved;
  }

  // The block at the counter; next() also steps past it.
  Block block() const {
    uint32_t c[4] = {static_cast<uint32_t>(low), static_cast<uint32_t>(low >> 32), static_cast<uint32_t>(high),
                     static_cast<uint32_t>(high >> 32)};
    philox_rounds(c, static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32));
    return {c[0], c[1], c[2], c[3]};
  }
  Block next() {
    const Block b = block();
    skip(1);
    return b;
  }

  bool operator==(const Philox&) const = default;
};

// Consecutive 32-bit words of consecutive blocks, one at a time. A pipeline stage that is saved
// keeps drawn() and goes on with Words(base, drawn).
class Words {
 public:
  explicit Words(const Philox& base, uint64_t drawn = 0)
      : next_(base.at(drawn / 4)), drawn_(drawn) {
    if (drawn % 4 != 0) block_ = next_.next();
  }
  uint32_t operator()() {
    if (drawn_ % 4 == 0) block_ = next_.next();
    return block_[drawn_++ % 4];
  }
  uint64_t drawn() const { return drawn_; }

 private:
  Philox next_;
  Block block_{};
  uint64_t drawn_;
};

}  // namespace ninefold::rng
