// In: shapes once, then raw pointers many times. Out: 2-D convolutions and their two gradients.
// Images are NHWC, filters HWIO. Plans allocate nothing while they run; results do not depend on threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/device/cpu/gemm.h"

namespace ninefold::cpu {

struct ConvShape {
  int64_t n = 1, h = 1, w = 1, ci = 1;      // input
  int64_t kh = 1, kw = 1, co = 1;           // filter
  int64_t stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  int64_t top = 0, bottom = 0, left = 0, right = 0;  // padding; explicit, or from pad_same

  int64_t span_h() const { return (kh - 1) * dilation_h + 1; }
  int64_t span_w() const { return (kw - 1) * dilation_w + 1; }
  int64_t oh() const { return rows(h + top + bottom, span_h(), stride_h); }
  int64_t ow() const { return rows(w + left + right, span_w(), stride_w); }
  // Sets the padding of "SAME": output = ceil(input / stride), the odd pixel at the bottom and right.
  void pad_same();

 private:
  static int64_t rows(int64_t in, int64_t span, int64_t stride) {
    return in < span ? 0 : (in - span) / stride + 1;
  }
};

template <class T>
struct ConvEpilogue {
  const T* bias = nullptr;  // [co]
  bool relu = false;
};

// y[n, oh, ow, co] = sum of x[n, oh * stride + i * dilation - top, ..., ci] f[i, j, ci, co].
// T: float or double. A scratch of scratch() bytes, aligned to 64, belongs to one run at a time.
template <class T>
class ConvForward {
 public:
  explicit ConvForward(const ConvShape& shape);
  size_t scratch() const { return scratch_; }
  void run(const T* x, const T* filter, T* y, void* scratch, const ConvEpilogue<T>& e = {}) const;

 private:
  ConvShape s_;
  std::optional<GemmPlan<T>> product_;  // a 1x1 convolution is one product
  bool padded_ = false, pack_ = false;
  int64_t strip_ = 1, slots_ = 1, wide_ = 0, depth_ = 0;
  size_t packed_ = 0, slot_ = 0, scratch_ = 0;  // the first two in elements
  std::vector<ptrdiff_t> a_off_, b_off_;
};

// dx from dy and the filter: the convolution's gradient by its input.
template <class T>
class ConvBackwardInput {
 public:
  explicit ConvBackwardInput(const ConvShape& shape);
  size_t scratch() const { return scratch_; }
  void run(const T* dy, const T* filter, T* dx, void* scratch) const;

 private:
  // Input pixels whose padded coordinate is r modulo the stride meet the same filter taps.
  struct Phase {
    std::vector<ptrdiff_t> a_off, b_off;
  };
  ConvShape s_;
  std::optional<GemmPlan<T>> product_;
  bool merged_ = false;  // True iff a filter row is one segment
  int64_t first_h_ = 0, first_w_ = 0, wide_ = 0, strip_ = 1, slots_ = 1;
  size_t packed_ = 0, slot_ = 0, scratch_ = 0;
  std::vector<Phase> phases_;  // [stride_h, stride_w]
};

// df from x and dy: the convolution's gradient by its filter.
template <class T>
class ConvBackwardFilter {
 public:
  explicit ConvBackwardFilter(const ConvShape& shape);
  size_t scratch() const { return scratch_; }
  void run(const T* x, const T* dy, T* df, void* scratch) const;

 private:
  ConvShape s_;
  bool padded_ = false;
  int64_t strip_ = 1, groups_ = 1, across_ = 1, cols_ = 0, wide_ = 0;
  size_t slot_ = 0, scratch_ = 0;
  std::vector<ptrdiff_t> a_off_, b_off_;  // one segment an output row of a strip
};

extern template class ConvForward<float>;
extern template class ConvForward<double>;
extern template class ConvBackwardInput<float>;
extern template class ConvBackwardInput<double>;
extern template class ConvBackwardFilter<float>;
extern template class ConvBackwardFilter<double>;

// int32 (wraps), by plain loops.
void conv_plain(const ConvShape& shape, const int32_t* x, const int32_t* filter, int32_t* y);

namespace conv_detail {
// Copies rows [from, from + rows) and columns [left, left + wide) of an image [h, w, c], zeros outside it.
template <class T>
void copy_window(const T* image, int64_t h, int64_t w, int64_t c, int64_t from, int64_t rows, int64_t left,
                 int64_t wide, T* to);
// Rows of a strip so that `row_bytes` each stay in the second cache, and all strips fill `slots` of work.
int64_t strip_rows(int64_t rows, int64_t row_bytes, int64_t extra_rows);
}  // namespace conv_detail

}  // namespace ninefold::cpu
