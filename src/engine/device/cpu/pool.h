// In: NHWC images and a window. Out: max and average pooling and their gradients.
// T: float, double, int32_t (max only). Padding never wins a maximum and never counts in an average.
#pragma once

#include <cstdint>

namespace ninefold::cpu {

struct PoolShape {
  int64_t n = 1, h = 1, w = 1, c = 1;
  int64_t kh = 1, kw = 1, stride_h = 1, stride_w = 1;
  int64_t top = 0, bottom = 0, left = 0, right = 0;  // explicit, or from pad_same

  int64_t oh() const { return rows(h + top + bottom, kh, stride_h); }
  int64_t ow() const { return rows(w + left + right, kw, stride_w); }
  // Sets the padding of "SAME": output = ceil(input / stride), the odd pixel at the bottom and right.
  void pad_same();

 private:
  static int64_t rows(int64_t in, int64_t span, int64_t stride) {
    return in < span ? 0 : (in - span) / stride + 1;
  }
};

// A window that lies in the padding altogether gives the type's lowest value, as does one without pixels.
template <class T>
void max_pool(const PoolShape& shape, const T* x, T* y);
// Each dy goes to the first pixel of its window, in row order, that equals the maximum.
template <class T>
void max_pool_backward(const PoolShape& shape, const T* x, const T* dy, T* dx);
// The average is over the pixels inside the image.
template <class T>
void average_pool(const PoolShape& shape, const T* x, T* y);
template <class T>
void average_pool_backward(const PoolShape& shape, const T* dy, T* dx);

}  // namespace ninefold::cpu
