// In: a shape and a range. Out: random tensors for C++ programs, as tf.random.* draw them.
#include "ninefold/keras.h"

namespace ninefold::random {
namespace {

Tensor shape_tensor(const Shape& shape) {
  std::vector<int32_t> dims;
  for (int64_t d : shape) dims.push_back(static_cast<int32_t>(d));
  return Tensor::of<int32_t>({static_cast<int64_t>(dims.size())}, dims);
}
Tensor like(double v, DType dtype) { return to_tensor(is_integer(dtype) ? Value(static_cast<int64_t>(v)) : Value(v), dtype); }

}  // namespace

Tensor uniform(const Shape& shape, double low, double high, DType dtype) {
  const auto [seed, seed2] = op_seeds({});
  if (is_integer(dtype))
    return op("RandomUniformInt", {shape_tensor(shape), like(low, dtype), like(high, dtype)},
              {{"seed", seed}, {"seed2", seed2}});
  const Tensor u = op("RandomUniform", {shape_tensor(shape)}, {{"dtype", dtype}, {"seed", seed}, {"seed2", seed2}});
  return low == 0 && high == 1 ? u : u * like(high - low, dtype) + like(low, dtype);
}

Tensor normal(const Shape& shape, double mean, double stddev, DType dtype) {
  const auto [seed, seed2] = op_seeds({});
  const Tensor z =
      op("RandomStandardNormal", {shape_tensor(shape)}, {{"dtype", dtype}, {"seed", seed}, {"seed2", seed2}});
  return z * like(stddev, dtype) + like(mean, dtype);
}

}  // namespace ninefold::random
