// In: shapes and a part's seed. Out: random tensors as tf.random.* draw them, and Keras' dropout.
#pragma once

#include "train/layers/words.h"

namespace ninefold::keras {

// The seed of an initializer or a layer: none, or a number that each use raises by one (Keras'
// make_legacy_seed), uses by a trace included.
class LegacySeed {
 public:
  void set(const Value& seed);
  std::optional<int64_t> take() { return seed_ ? std::optional((*seed_)++) : std::nullopt; }

 private:
  std::optional<int64_t> seed_;
};

// The seed of a layer's own generator where the layer was given none: 1 to 10^9 (set_seed_source).
int64_t drawn_seed();
void begin_seeds(int64_t seed);    // what drawn_seed gives from now on, where no source is set

// `shape` is an int32 vector. low + u (high - low), mean + deviation z: products in the result's dtype.
Tensor random_uniform(const Tensor& shape, double low, double high, DType dtype, std::optional<int64_t> seed);
Tensor random_normal(const Tensor& shape, double mean, double deviation, DType dtype, std::optional<int64_t> seed);
Tensor truncated_normal(const Tensor& shape, double mean, double deviation, DType dtype, std::optional<int64_t> seed);
// tf.nn.dropout: keeps where u >= rate, scaled by 1 / (1 - rate). `noise_shape` undefined: that of x.
Tensor dropout(const Tensor& x, double rate, const Tensor& noise_shape, std::optional<int64_t> seed);

}  // namespace ninefold::keras
