// In: an integer or float seed. Out: the numbers of Python's random.Random of that seed.
// TensorFlow 2.9 draws unseeded op seeds, and Keras layer seeds, from such an object.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace ninefold {

class Mersenne {
 public:
  // random.Random(seed): the sign of an int is dropped, a float counts by its hash.
  explicit Mersenne(int64_t seed);
  explicit Mersenne(double seed);
  // An int of any size: |seed| as little-endian 32-bit words, without leading zeros.
  explicit Mersenne(std::span<const uint32_t> magnitude);
  // random.Random("text") and random.Random(b"text"): the text followed by its SHA-512.
  explicit Mersenne(std::string_view text);

  uint32_t word();                           // getrandbits(32)
  uint64_t bits(int count);                  // getrandbits(count), 0 <= count <= 64
  uint64_t below(uint64_t n);                // randrange(n) for n > 0
  int64_t randint(int64_t low, int64_t high);  // both ends belong to the range
  double random();                           // [0, 1), 53 bits
  double uniform(double a, double b) { return a + (b - a) * random(); }

  template <class T>
  void shuffle(std::span<T> items) {
    for (size_t i = items.size(); i-- > 1;) std::swap(items[i], items[below(i + 1)]);
  }

  // getstate()[1] and setstate: 624 words and the position, for checkpoints.
  std::vector<uint32_t> state() const;
  void set_state(std::span<const uint32_t> words);

 private:
  void seed_by_array(std::span<const uint32_t> key);
  void refill();
  std::array<uint32_t, 624> state_{};
  uint32_t position_ = 624;
};

// Python's hash(x) of a finite or infinite float (a NaN hashes to 0 here).
int64_t python_hash(double x);

}  // namespace ninefold
