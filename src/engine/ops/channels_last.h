// In: a tensor whose channels may come before the spatial dimensions. Out: its memory with the channels last.
#pragma once

#include <memory>
#include <vector>

#include "engine/device/cpu/copy.h"
#include "ninefold/tensor.h"

namespace ninefold::ops {

// The tensor's own memory, or a copy; a result's copy is written back when this ends.
template <class T>
class ChannelsLast {
 public:
  ChannelsLast(const Shape& s, bool channels_first, void* memory, bool result)
      : shape_(s), memory_(memory), result_(result && channels_first), data_(static_cast<T*>(memory)) {
    if (!channels_first) return;
    copy_ = std::make_unique_for_overwrite<T[]>(static_cast<size_t>(s.size()) + 1);
    data_ = copy_.get();
    if (result) return;
    std::vector<int64_t> order = {0};
    for (int i = 2; i < s.rank(); ++i) order.push_back(i);
    order.push_back(1);
    cpu::transpose(sizeof(T), s.dims(), order, memory, data_);
  }
  ChannelsLast(const ChannelsLast&) = delete;
  ~ChannelsLast() {
    if (!result_) return;
    std::vector<int64_t> dims = {shape_[0]}, order = {0, shape_.rank() - 1};
    for (int i = 2; i < shape_.rank(); ++i) dims.push_back(shape_[i]), order.push_back(i - 1);
    dims.push_back(shape_[1]);
    cpu::transpose(sizeof(T), dims, order, data_, memory_);
  }
  T* data() const { return data_; }

 private:
  Shape shape_;
  void* memory_;
  bool result_;
  T* data_;
  std::unique_ptr<T[]> copy_;
};

}  // namespace ninefold::ops
