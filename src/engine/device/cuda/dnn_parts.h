// In: cuDNN's functions. Out: its descriptors as values, and what one call is made of.
#pragma once

#include <utility>
#include <vector>

#include "engine/device/cuda/dnn_call.h"
#include "engine/device/cuda/dnn_interface.h"

namespace ninefold::cuda::dnn {

// A descriptor and, from `set` on, whether all that was said of it was taken.
class Owned {
 public:
  Owned(const Functions& f, int kind) : f_(&f) { status_ = f.make(kind, &d_); }
  Owned(Owned&& o) noexcept : f_(o.f_), d_(std::exchange(o.d_, nullptr)), status_(o.status_) {}
  Owned(const Owned&) = delete;
  ~Owned() { if (d_) f_->drop(d_); }

  template <class T>
  Owned& set(int name, int type, const T* values, int64_t count) {
    if (!status_) status_ = f_->set(d_, name, type, count, values);
    return *this;
  }
  template <class T>
  Owned& set(int name, int type, T value) { return set(name, type, &value, 1); }
  Owned& finish() {
    if (!status_) status_ = f_->finish(d_);
    return *this;
  }
  Descriptor get() const { return d_; }
  int status() const { return status_; }

 private:
  const Functions* f_;
  Descriptor d_ = nullptr;
  int status_;
};

// One call's engine. What it was made of is dropped with it.
struct Plan {
  std::vector<Owned> parts;                  // in the order in which they refer to each other
  std::vector<Descriptor> operations;        // of the graph, among them
  std::vector<float> numbers;                // of tensors that are one number of the host, named behind the call's
  Descriptor plan = nullptr;
  int64_t tensors = 0, workspace = 0;
};

inline bool type_of(int64_t dtype, int* type) {
  switch (dtype) {
    case 1: *type = kFloat; return true;
    case 2: *type = kDouble; return true;
    case 14: *type = kBfloat16; return true;
    case 19: *type = kHalf; return true;
    default: return false;
  }
}

// A number of the host by the next name behind the call's tensors; of as many dimensions as these.
inline Descriptor number(const Functions& f, const DnnCall& call, Plan* made, double value) {
  const int64_t rank = call.tensor[0].rank;
  const std::vector<int64_t> ones(static_cast<size_t>(rank), 1);
  made->numbers.push_back(static_cast<float>(value));
  made->parts.emplace_back(f, kTensor);
  made->parts.back().set(kTensorType, kADataType, kFloat)
      .set(kTensorName, kAnInt64, call.tensors + static_cast<int64_t>(made->numbers.size())).set(kTensorAlignment, kAnInt64, int64_t{4})
      .set(kTensorSizes, kAnInt64, ones.data(), rank).set(kTensorStrides, kAnInt64, ones.data(), rank).set(kTensorByValue, kABool, true).finish();
  return made->parts.back().get();
}

}  // namespace ninefold::cuda::dnn
