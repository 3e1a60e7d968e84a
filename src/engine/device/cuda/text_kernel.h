// In: a kernel's text. Out: the kernel, compiled for a card when it is first wanted there, and kept on disk
// (kernel_cache.h), so that the next process need not compile it.
#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/tensor/device.h"

namespace ninefold::cuda {

// The text defines the kernel "fused" with NF_KERNEL (kernel.cuh).
class TextKernel {
 public:
  explicit TextKernel(std::string text) : text_(std::move(text)) {}
  // Null where this text cannot be compiled: a line says why, once.
  const void* on(Device&) const;
  const std::string& text() const { return text_; }

 private:
  const std::string text_;
  mutable std::mutex mutex_;                                          // guards kernels_
  mutable std::vector<std::pair<const Device*, const void*>> kernels_;
};

// Empty iff texts can be compiled; else which library is missing and the remedy.
std::string why_no_compiler();

}  // namespace ninefold::cuda
