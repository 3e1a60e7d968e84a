// In: a row function over float or double. Out: the same over any float dtype, the rows cut among threads.
#pragma once

#include <algorithm>
#include <memory>

#include "base/threads.h"
#include "engine/device/cpu/cast.h"
#include "engine/tensor/tensor_impl.h"
#include "ninefold/tensor.h"

namespace ninefold::ops::nn {

// Rows of a matrix view [rows, columns] of a tensor; what lies before the last dimension is rows.
struct Rows { int64_t rows, columns; };
inline Rows rows_of(const Shape& s) {
  const int64_t columns = s.rank() ? s[s.rank() - 1] : 1;
  return {columns ? s.size() / columns : 0, columns};
}

// Work of about 16,000 elements a piece.
inline int64_t row_grain(int64_t columns) { return std::max<int64_t>(1, 16384 / std::max<int64_t>(1, columns)); }

// A float tensor's memory as float or double: itself, or, for half and bfloat16, a converted copy. An output
// is converted back when this ends.
class Widened {
 public:
  Widened(DType dtype, const void* in, int64_t n) : dtype_(dtype), data_(const_cast<void*>(in)) {
    if (!narrow()) return;
    copy_ = std::make_unique_for_overwrite<float[]>(static_cast<size_t>(n));
    cpu::cast(static_cast<int>(dtype), in, static_cast<int>(DType::f32), copy_.get(), n);
    data_ = copy_.get();
  }
  Widened(DType dtype, void* out, int64_t n, bool /*output*/) : dtype_(dtype), data_(out) {
    if (!narrow()) return;
    copy_ = std::make_unique_for_overwrite<float[]>(static_cast<size_t>(n));
    data_ = copy_.get();
    out_ = out;
    n_ = n;
  }
  Widened(const Widened&) = delete;
  ~Widened() { if (out_) cpu::cast(static_cast<int>(DType::f32), copy_.get(), static_cast<int>(dtype_), out_, n_); }
  void* data() const { return data_; }
  // The address of element i.
  void* at(int64_t i) const { return static_cast<char*>(data_) + i * (dtype_ == DType::f64 ? 8 : 4); }
  int dtype() const { return dtype_ == DType::f64 ? 2 : 1; }

 private:
  bool narrow() const { return dtype_ == DType::f16 || dtype_ == DType::bf16; }
  DType dtype_;
  void* data_;
  std::unique_ptr<float[]> copy_;
  void* out_ = nullptr;
  int64_t n_ = 0;
};

}  // namespace ninefold::ops::nn
