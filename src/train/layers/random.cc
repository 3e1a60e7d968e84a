// In: a shape, bounds and a seed. Out: random tensors, bit for bit those of tf.random.*.
#include "train/layers/random.h"

#include <functional>
#include <mutex>
#include <random>

#include "base/check.h"
#include "ninefold/keras.h"
#include "train/layers/schema.h"

namespace ninefold::keras {
namespace {

struct Seeds {
  std::mutex mutex;
  std::function<int64_t()> source;
  std::mt19937_64 numbers{std::random_device{}()};
};
Seeds& seeds() {
  static Seeds all;
  return all;
}

}  // namespace

void set_seed_source(std::function<int64_t()> source) {
  const std::lock_guard hold(seeds().mutex);
  seeds().source = std::move(source);
}
void begin_seeds(int64_t seed) {
  const std::lock_guard hold(seeds().mutex);
  seeds().numbers.seed(static_cast<uint64_t>(seed));
}
int64_t drawn_seed() {
  std::unique_lock hold(seeds().mutex);
  if (const auto source = seeds().source) {
    hold.unlock();      // it may be Python's, and wait for Python's own lock
    return source();
  }
  return std::uniform_int_distribution<int64_t>(1, 1'000'000'000)(seeds().numbers);
}

namespace {

Tensor draw(const char* with, const Tensor& shape, DType dtype, std::optional<int64_t> seed) {
  const auto [a, b] = op_seeds(seed);
  return op(with, {shape}, {{"dtype", dtype}, {"seed", a}, {"seed2", b}});
}

}  // namespace

void LegacySeed::set(const Value& seed) {
  seed_.reset();
  if (!seed.none()) seed_ = As<int64_t>::from(seed, "seed");
}

Tensor random_uniform(const Tensor& shape, double low, double high, DType dtype, std::optional<int64_t> seed) {
  if (is_integer(dtype)) {
    const auto [a, b] = op_seeds(seed);
    return op("RandomUniformInt", {shape, number(low, dtype), number(high, dtype)}, {{"seed", a}, {"seed2", b}});
  }
  const Tensor from = number(low, dtype);
  return draw("RandomUniform", shape, dtype, seed) * (number(high, dtype) - from) + from;
}
Tensor random_normal(const Tensor& shape, double mean, double deviation, DType dtype, std::optional<int64_t> seed) {
  return plus(times(draw("RandomStandardNormal", shape, dtype, seed), deviation), mean);
}
Tensor truncated_normal(const Tensor& shape, double mean, double deviation, DType dtype, std::optional<int64_t> seed) {
  return plus(times(draw("TruncatedNormal", shape, dtype, seed), deviation), mean);
}

Tensor dropout(const Tensor& x, double rate, const Tensor& noise_shape, std::optional<int64_t> seed) {
  check(rate >= 0 && rate < 1, Code::value, "`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate={}", rate);
  check(is_floating(x.dtype()), Code::value,
        "`x.dtype` must be a floating point tensor as `x` will be scaled. Received: x_dtype=<dtype: '{}'>", name_of(x.dtype()));
  const Tensor shape = noise_shape ? noise_shape : shape_of(x);
  // A rate of 0 draws nothing but moves the seeds as if it did.
  if (rate == 0) return op_seeds(seed), x;
  const Tensor u = draw("RandomUniform", shape, x.dtype(), seed);
  const Tensor keep = op("GreaterEqual", {u, number(rate, x.dtype())});
  return times(x, 1 / (1 - rate)) * cast(keep, x.dtype());
}

}  // namespace ninefold::keras
