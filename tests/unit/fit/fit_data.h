// In: NumPy's seed 0. Out: the rows and labels that the recorded programs train on, and their models.
#pragma once

#include <cmath>
#include <random>
#include <vector>

#include "ninefold/keras.h"

namespace ninefold::testing {

// np.random.RandomState(0).randn(rows, 20).astype(float32): pairs by the polar method, the second one first.
inline Tensor randn(int64_t rows, int64_t columns = 20) {
  std::mt19937 words(0);
  const auto uniform = [&] {
    const double a = words() >> 5, b = words() >> 6;
    return (a * 67108864.0 + b) / 9007199254740992.0;
  };
  std::vector<float> out;
  double kept = 0;
  bool has = false;
  for (int64_t i = 0; i < rows * columns; ++i) {
    if (has) {
      has = false;
      out.push_back(static_cast<float>(kept));
      continue;
    }
    double x, y, r;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      r = x * x + y * y;
    } while (r >= 1 || r == 0);
    const double f = std::sqrt(-2 * std::log(r) / r);
    kept = f * x;
    has = true;
    out.push_back(static_cast<float>(f * y));
  }
  return Tensor::of<float>({rows, columns}, out);
}

// y = x.sum(1) > 0, as float32.
inline Tensor signs(const Tensor& x) {
  std::vector<float> out;
  for (int64_t r = 0; r < x.dim(0); ++r) {
    double sum = 0;
    for (int64_t c = 0; c < x.dim(1); ++c) sum += x.as<float>()[r * x.dim(1) + c];
    out.push_back(sum > 0 ? 1.f : 0.f);
  }
  return Tensor::of<float>({x.dim(0)}, out);
}

inline std::shared_ptr<keras::Sequential> classifier() {
  return std::make_shared<keras::Sequential>(std::vector<keras::LayerPtr>{
      keras::Dense(64, {.activation = "relu", .input_shape = {20}}), keras::Dropout(0.5),
      keras::Dense(64, {.activation = "relu"}), keras::Dense(1, {.activation = "sigmoid"})});
}

// Each recorded program begins like this.
inline void start(int64_t seed = 7) {
  keras::clear_session();
  keras::set_random_seed(seed);
}

}  // namespace ninefold::testing
