// In: a layer's seed. Out: random numbers from a generator of its own, eagerly and in traces: those of a
// tf.random.Generator, as Keras' random image layers draw them.
#pragma once

#include "train/layers/words.h"

namespace ninefold::keras {

class ImageStream {
 public:
  void set(const Value& seed);   // without one it is drawn now: when a layer is made, as Keras draws it
  // low + u (high - low), float32.
  Tensor uniform(const std::vector<int64_t>& shape, double low, double high);
  Tensor uniform_of(const Tensor& shape, double low, double high);   // of sizes that may be known late
  Tensor integers(const std::vector<int64_t>& shape, int32_t low, int32_t high);   // int32 of [low, high)
  Tensor seeds();   // int64 [2], for the stateless functions
  const Variable& state();   // made at the first draw, or when it is asked for

 private:
  Tensors inputs(const Tensor& shape);
  Value seed_;
  Variable state_;
};

}  // namespace ninefold::keras
