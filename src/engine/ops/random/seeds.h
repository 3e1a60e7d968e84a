// In: seeds as users give them. Out: kernel states. The rules by which TensorFlow 2.9 turns
// set_seed, op seeds, stateless seeds and generators into Philox states, and how far ops move them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/mersenne.h"
#include "engine/ops/random/philox.h"

namespace ninefold::rng {

// The attributes seed and seed2 of a kernel; (0, 0) asks for other numbers at every run.
struct Seeds {
  int64_t seed = 0, seed2 = 0;
  bool nondeterministic() const { return seed == 0 && seed2 == 0; }
  bool operator==(const Seeds&) const = default;
};

// The state a kernel starts with; nondeterministic seeds take it from the operating system.
Philox state_of(const Seeds& seeds);
Philox nondeterministic_state();

constexpr int64_t seed_modulus = (int64_t{1} << 31) - 1;  // seeds count modulo this
int64_t truncate_seed(int64_t seed);                      // seed % modulus, never negative

// What get_seed makes of a global seed (truncated, if set) and an op seed (if there is one).
Seeds combine(std::optional<int64_t> global, std::optional<int64_t> op_seed);

// The program's global seed and the generator that eager ops without a seed draw from. The caller
// also drops its cache of eager kernels and restarts the states of functions at every set_seed.
class SeedState {
 public:
  void set_seed(int64_t seed);
  void set_seed(double seed);
  // An integer of any size: |seed| as little-endian 32-bit words, and its sign.
  void set_seed(std::span<const uint32_t> magnitude, bool negative);
  void clear() { global_.reset(); }  // as if set_seed had never been called

  std::optional<int64_t> global_seed() const { return global_; }
  // tf.random.get_seed in eager code: an op without a seed draws one.
  Seeds eager(std::optional<int64_t> op_seed);
  // In a function graph: `counter` is the graph's own, from 0, and `global` the seed it copied when
  // its tracing began (or was given by a set_seed inside it).
  static Seeds graph(std::optional<int64_t> global, std::optional<int64_t> op_seed,
                     int64_t& counter);
  Mersenne& generator() { return generator_; }

 private:
  std::optional<int64_t> global_;
  Mersenne generator_{int64_t{0}};
};

// Blocks by which one call of a legacy kernel moves its state; nothing where nothing comes out.
inline uint64_t reserve_outputs(int64_t outputs) { return 256 * static_cast<uint64_t>(outputs); }
uint64_t reserve_shuffle(int64_t rows, int64_t elements);
uint64_t reserve_multinomial(int64_t rows, int64_t samples);
uint64_t reserve_truncated(int64_t rows, int64_t samples);  // parameterized_truncated_normal
inline uint64_t reserve_box(int attempts) { return static_cast<uint64_t>(attempts); }

// Philox behind the stateless ops of seed [a, b]. As the key and counter of their V2 forms:
// key = state.key, counter = [state.low, state.high].
Philox stateless(int64_t a, int64_t b);

// tf.random.Generator with the Philox algorithm: state = [counter low, counter high, key].
class Generator {
 public:
  Generator() = default;
  explicit Generator(const std::array<int64_t, 3>& state) { set_state(state); }
  // from_seed of an integer: words are 64 bits each, the lowest first, of its two's complement.
  static Generator from_seed(int64_t seed);
  static Generator from_seed(std::span<const uint64_t> words);
  // from_seed or from_state of a list shorter than three: zeros come in front of it.
  static Generator from_list(std::span<const int64_t> values);
  static Generator from_key_counter(int64_t key, const std::array<int64_t, 2>& counter);
  static Generator nondeterministic();

  std::array<int64_t, 3> state() const;
  void set_state(const std::array<int64_t, 3>& state);
  int64_t key() const { return static_cast<int64_t>(state_.key); }

  void skip(uint64_t delta) { state_.skip(256 * delta); }
  // The state for an op with so many outputs; the generator moves past it.
  Philox take(int64_t outputs);
  // Generator.binomial moves by its own rule.
  Philox take_binomial(int64_t pairs, int64_t samples);
  // In replica r of the strategy under which the generator was made, the op uses another key.
  static Philox in_replica(Philox taken, int64_t replica);

  std::vector<int64_t> make_seeds(int64_t count);  // [2, count], row-major
  std::vector<Generator> split(int64_t count);

 private:
  Philox state_;
};

}  // namespace ninefold::rng
