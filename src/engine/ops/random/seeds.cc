// In: seeds as users give them. Out: kernel states by TensorFlow 2.9's rules.
#include "engine/ops/random/seeds.h"

#include <chrono>
#include <cmath>
#include <random>

#include "base/check.h"
#include "engine/ops/random/convert.h"
#include "engine/ops/random/fill.h"

namespace ninefold::rng {
namespace {

// The processor's random numbers take a microsecond a word, so they only begin a thread's own stream: steps of
// SplitMix64 (Steele, Lea, Flood 2014). The clock parts the streams of a forked child and its parent.
uint64_t random_word() {
  static thread_local uint64_t state = [] {
    std::random_device device;
    return uint64_t{device()} << 32 | device();
  }();
  state += 0x9E3779B97F4A7C15ull + static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

// Full-range integers of a state, as make_seeds and split take them.
std::vector<int64_t> full_i64(const Philox& state, int64_t count) {
  std::vector<int64_t> out(static_cast<size_t>(count));
  full_u64(state, count, reinterpret_cast<uint64_t*>(out.data()));
  return out;
}

}  // namespace

Philox nondeterministic_state() { return {random_word(), 0, random_word()}; }

Philox state_of(const Seeds& seeds) {
  return seeds.nondeterministic() ? nondeterministic_state()
                                  : Philox::from_seeds(seeds.seed, seeds.seed2);
}

int64_t truncate_seed(int64_t seed) {
  const int64_t rest = seed % seed_modulus;
  return rest < 0 ? rest + seed_modulus : rest;
}

Seeds combine(std::optional<int64_t> global, std::optional<int64_t> op_seed) {
  constexpr int64_t default_global = 87654321;
  if (!op_seed) return {};
  const Seeds pair = {truncate_seed(global.value_or(default_global)), truncate_seed(*op_seed)};
  return pair.nondeterministic() ? Seeds{0, seed_modulus} : pair;
}

void SeedState::set_seed(int64_t seed) {
  global_ = truncate_seed(seed);
  generator_ = Mersenne(seed);
}

void SeedState::set_seed(double seed) {
  check(std::isfinite(seed), Code::value, "set_seed: expected a finite number, got {}", seed);
  const double modulus = static_cast<double>(seed_modulus), rest = std::fmod(seed, modulus);
  global_ = static_cast<int64_t>(rest < 0 ? rest + modulus : rest);
  generator_ = Mersenne(seed);
}

void SeedState::set_seed(std::span<const uint32_t> magnitude, bool negative) {
  uint64_t rest = 0;
  for (size_t i = magnitude.size(); i-- > 0;)
    rest = (rest << 32 | magnitude[i]) % static_cast<uint64_t>(seed_modulus);
  global_ = truncate_seed(negative ? -static_cast<int64_t>(rest) : static_cast<int64_t>(rest));
  generator_ = Mersenne(magnitude);
}

Seeds SeedState::eager(std::optional<int64_t> op_seed) {
  if (global_ && !op_seed) op_seed = generator_.randint(0, seed_modulus);
  return combine(global_, op_seed);
}

Seeds SeedState::graph(std::optional<int64_t> global, std::optional<int64_t> op_seed,
                       int64_t& counter) {
  if (global && !op_seed) op_seed = counter++;
  return combine(global, op_seed);
}

uint64_t reserve_shuffle(int64_t rows, int64_t elements) {
  return rows <= 1 || elements <= 1 ? 0 : static_cast<uint64_t>((rows - 1 + 3) / 4);
}

uint64_t reserve_multinomial(int64_t rows, int64_t samples) {
  return 256 * static_cast<uint64_t>(rows * 2 * ((samples + 3) / 4 * 4));
}

uint64_t reserve_truncated(int64_t rows, int64_t samples) {
  return static_cast<uint64_t>(rows * 2 * 1000 * (samples + 3) / 4);
}

Philox stateless(int64_t a, int64_t b) {
  const Philox scrambler = {0x02461e293ec8f720u, static_cast<uint64_t>(a),
                            static_cast<uint64_t>(b)};
  const Block m = scrambler.block();
  return {word_64(m[0], m[1]), 0, word_64(m[2], m[3])};
}

Generator Generator::from_seed(int64_t seed) {
  const int64_t sign = seed < 0 ? -1 : 0;
  return Generator({seed, sign, sign});
}

Generator Generator::from_seed(std::span<const uint64_t> words) {
  std::array<int64_t, 3> state = {};
  for (size_t i = 0; i < std::min<size_t>(words.size(), 3); ++i)
    state[i] = static_cast<int64_t>(words[i]);
  return Generator(state);
}

Generator Generator::from_list(std::span<const int64_t> values) {
  check(values.size() <= 3, Code::value,
        "Generator: expected a state of at most 3 integers, got {}", values.size());
  std::array<int64_t, 3> state = {};
  std::copy(values.begin(), values.end(), state.end() - static_cast<ptrdiff_t>(values.size()));
  return Generator(state);
}

Generator Generator::from_key_counter(int64_t key, const std::array<int64_t, 2>& counter) {
  return Generator({counter[0], counter[1], key});
}

Generator Generator::nondeterministic() {
  Generator g;
  g.state_ = {random_word(), random_word(), random_word()};
  return g;
}

std::array<int64_t, 3> Generator::state() const {
  return {static_cast<int64_t>(state_.low), static_cast<int64_t>(state_.high), key()};
}

void Generator::set_state(const std::array<int64_t, 3>& s) {
  state_ = {static_cast<uint64_t>(s[2]), static_cast<uint64_t>(s[0]), static_cast<uint64_t>(s[1])};
}

Philox Generator::take(int64_t outputs) {
  const Philox taken = state_;
  skip(static_cast<uint64_t>(outputs));
  return taken;
}

Philox Generator::take_binomial(int64_t pairs, int64_t samples) {
  return take(pairs * 200 * (samples + 3) / 4);
}

Philox Generator::in_replica(Philox taken, int64_t replica) {
  const Block w = Philox{taken.key, static_cast<uint64_t>(replica), 0}.block();
  taken.key = word_64(w[0], w[1]);
  return taken;
}

std::vector<int64_t> Generator::make_seeds(int64_t count) {
  std::vector<int64_t> seeds = full_i64(take(count), count);
  seeds.resize(static_cast<size_t>(2 * count), 0);
  return seeds;
}

std::vector<Generator> Generator::split(int64_t count) {
  std::vector<Generator> out;
  for (int64_t key : full_i64(take(count), count)) out.push_back(Generator({0, 0, key}));
  return out;
}

}  // namespace ninefold::rng
