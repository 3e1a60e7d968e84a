// In: a 64-bit key and a 128-bit counter. Out: Philox4x32-10 blocks of four 32-bit words.
// The generator behind every random op of TensorFlow 2.9. A block depends on nothing but its
// counter, so any part of a tensor can be filled by any thread.
#pragma once

#include <array>
#include <cstdint>

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
    uint32_t c0 = static_cast<uint32_t>(low), c1 = static_cast<uint32_t>(low >> 32);
    uint32_t c2 = static_cast<uint32_t>(high), c3 = static_cast<uint32_t>(high >> 32);
    uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
    for (int round = 0; round < 10; ++round) {
      const uint64_t p0 = uint64_t{0xD2511F53} * c0, p1 = uint64_t{0xCD9E8D57} * c2;
      c0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ k0;
      c1 = static_cast<uint32_t>(p1);
      c2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ k1;
      c3 = static_cast<uint32_t>(p0);
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    return {c0, c1, c2, c3};
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
