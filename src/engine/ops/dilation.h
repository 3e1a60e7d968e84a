// In: what a shape rule or a kernel of Dilation2D sees. Out: how its windows lie.
#pragma once

#include <algorithm>

#include "engine/device/image_rules.h"
#include "ninefold/tensor.h"

namespace ninefold::ops {

// `fits(holds, text)` raises; sizes that are not known are -1.
template <class C>
images::Frame dilation_frame(const C& c, const Shape& image, const Shape& filter) {
  const auto &strides = c.ints("strides"), &rates = c.ints("rates");
  c.check(strides.size() == 4, "Sliding window stride field must specify 4 dimensions");
  c.check(rates.size() == 4, "Input stride (atrous rate) field must specify 4 dimensions");
  c.check(strides[0] == 1 && strides[3] == 1, "Stride is only supported across spatial dimensions.");
  c.check(rates[0] == 1 && rates[3] == 1, "Rate is only supported across spatial dimensions.");
  images::Frame f{};
  for (int i = 0; i < 2; ++i) {
    f.stride[i] = strides[static_cast<size_t>(i + 1)], f.rate[i] = rates[static_cast<size_t>(i + 1)], f.out[i] = -1;
    c.check(f.stride[i] > 0 && f.rate[i] > 0 && f.stride[i] < (int64_t{1} << 31) && f.rate[i] < (int64_t{1} << 31), "strides and rates must be positive");
    const int64_t in = image.known_rank() ? image[i + 1] : -1, size = filter.known_rank() ? filter[i] : -1;
    if (in < 0 || size < 0) continue;
    c.check(size > 0, "filter must not be empty, got shape {}", filter.str());
    const int64_t span = (size - 1) * f.rate[i] + 1;
    if (c.text("padding") == "SAME") {
      f.out[i] = (in + f.stride[i] - 1) / f.stride[i];
      f.before[i] = std::max<int64_t>(0, (f.out[i] - 1) * f.stride[i] + span - in) / 2;
    } else {
      c.check(in - span + f.stride[i] >= 0 || in == 0, "Computed output size would be negative: {} [input_size: {}, effective_filter_size: {}, stride: {}]",
              (in - span + f.stride[i]) / f.stride[i], in, span, f.stride[i]);
      f.out[i] = in < span ? 0 : (in - span) / f.stride[i] + 1;
    }
  }
  return f;
}

}  // namespace ninefold::ops
