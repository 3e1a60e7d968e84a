// In: seeds; a shape and a range. Out: Keras' seed set, and random tensors for C++ programs as tf.random.* draw them.
#include "train/layers/random.h"

#include "ninefold/keras.h"

namespace ninefold {

namespace keras {
void set_random_seed(int64_t seed) {
  set_seed(seed);
  begin_seeds(seed);
}
}  // namespace keras

namespace random {

namespace {
Tensor dims_of(const Shape& shape) {
  std::vector<int32_t> dims;
  for (int64_t d : shape) dims.push_back(static_cast<int32_t>(d));
  return Tensor::of<int32_t>({static_cast<int64_t>(dims.size())}, dims);
}
}  // namespace

Tensor uniform(const Shape& shape, double low, double high, DType dtype) {
  return keras::random_uniform(dims_of(shape), low, high, dtype, std::nullopt);
}
Tensor normal(const Shape& shape, double mean, double stddev, DType dtype) {
  return keras::random_normal(dims_of(shape), mean, stddev, dtype, std::nullopt);
}

}  // namespace random
}  // namespace ninefold
