// In: a device and a size. Out: counted memory that knows its device, its ready-event and how to end.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>

#include "engine/tensor/device.h"
#include "ninefold/tensor.h"

namespace ninefold {

class Accelerator;

class Buffer {
 public:
  static Buffer* allocate(Device&, size_t bytes);
  static Buffer* brought(Accelerator&, const void* from, size_t bytes);
  static Buffer* of_elements(DType, int64_t count);   // string, resource, variant: constructed objects
  static Buffer* wrap(void* data, size_t bytes, std::function<void()> release);
  // A window that keeps nothing alive: the plan's slab outlives every run that uses it.
  static Buffer* borrow(void* data, size_t bytes);

  void retain() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
  void drop() noexcept { if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(); }
  bool unique() const noexcept { return refs_.load(std::memory_order_acquire) == 1; }
  void* data() const noexcept { return data_; }
  size_t bytes() const noexcept { return bytes_; }
  Device& device() const noexcept { return *device_; }
  bool borrowed() const noexcept { return kind_ == borrowed_; }
  void wait() { if (ready) ready->wait(); }

  std::shared_ptr<Event> ready;   // null: ready now. Written by the producer before it shares the buffer.

 private:
  enum Kind : uint8_t { owned_, elements_, foreign_, borrowed_ };
  Buffer() = default;
  void destroy() noexcept;
  std::atomic<int> refs_{1};
  Kind kind_ = owned_;
  DType dtype_ = DType::invalid;
  void* data_ = nullptr;
  size_t bytes_ = 0;
  int64_t count_ = 0;
  Device* device_ = nullptr;
  std::function<void()> release_;
};

}  // namespace ninefold
