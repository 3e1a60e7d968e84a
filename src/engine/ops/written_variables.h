// In: handles of variables that an op writes. Out: their memory, held by no reader, until the op is done.
#pragma once

#include <algorithm>
#include <array>
#include <mutex>

#include "engine/op/kernel_ctx.h"
#include "engine/tensor/resource.h"

namespace ninefold::ops {

// Locks in one order whatever the order of the handles, so that two steps never wait for each other.
class WrittenVariables {
 public:
  static constexpr int kMost = 4;
  // The variables of the first `count` inputs; raises if one has no value yet.
  WrittenVariables(const KernelCtx& k, int count) : count_(count) {
    for (int i = 0; i < count; ++i) variables_[static_cast<size_t>(i)] = &resource_as<VariableResource>(k.in(i), k.op().name.c_str());
    order_ = variables_;
    std::sort(order_.begin(), order_.begin() + count, [](auto* a, auto* b) { return a->id < b->id; });
    for (int i = 0; i < count; ++i) order_[static_cast<size_t>(i)]->mutex.lock();
    locked_ = true;
    try {
      for (int i = 0; i < count; ++i) {   // a read costs memory; mostly the shape is known without it
        const VariableResource& v = variable(i);
        shapes_[static_cast<size_t>(i)] = v.shape.fully_known() && v.initialised() ? v.shape : v.read().shape();
      }
    } catch (...) {
      unlock();
      throw;
    }
  }
  WrittenVariables(const WrittenVariables&) = delete;
  ~WrittenVariables() { unlock(); }

  VariableResource& variable(int i) const { return *variables_[static_cast<size_t>(i)]; }
  const Shape& shape(int i) const { return shapes_[static_cast<size_t>(i)]; }
  // Memory to write to; asked for once everything is checked. The writes are counted when this ends.
  void* memory(int i) {
    written_ = true;
    return variable(i).writable(nullptr);
  }

 private:
  void unlock() {
    if (!locked_) return;
    for (int i = 0; i < count_; ++i) {
      if (written_) order_[static_cast<size_t>(i)]->wrote();
      order_[static_cast<size_t>(i)]->mutex.unlock();
    }
    locked_ = false;
  }
  int count_;
  bool locked_ = false, written_ = false;
  std::array<VariableResource*, kMost> variables_{}, order_{};
  std::array<Shape, kMost> shapes_;
};

}  // namespace ninefold::ops
