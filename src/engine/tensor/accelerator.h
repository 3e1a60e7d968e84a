// In: a device whose memory the host cannot read. Out: tensors that come, go and are found where they are wanted.
#pragma once

#include <atomic>

#include "engine/tensor/tensor_impl.h"

namespace ninefold {

// Whatever is not a host: its memory is reached by copies, in the order of its work.
class Accelerator : public Device {
 public:
  bool host() const final { return false; }
  virtual void upload(void* to, const void* from, size_t bytes) = 0;     // `from` may change once it returns
  virtual void download(void* to, const void* from, size_t bytes) = 0;   // `to` is written when it returns
  virtual void copy(void* to, const void* from, size_t bytes) = 0;       // within its memory
  virtual void fill(void* to, int byte, size_t bytes) = 0;
  // New memory with these bytes, of kStaged or more beside the work that goes on; `from` may change once it returns.
  virtual void* bring(const void* from, size_t bytes) = 0;
  static constexpr size_t kStaged = size_t{64} << 10;
  // From the memory of another one of its kind, in the order of the work of both.
  virtual void copy_from(Accelerator& other, void* to, const void* from, size_t bytes) = 0;

 protected:
  using Device::Device;
};

// ---- logical GPUs, found when they are first needed (device/cuda) ----
Accelerator* gpu_device(int index = 0);   // null beyond the last
int find_gpus();                          // how many there are; decides it, once
extern std::atomic<int> known_gpus;       // -1: nobody has asked yet
// False where every tensor lies in host memory: nothing is placed then, nothing moved.
inline bool accelerated() {
  const int n = known_gpus.load(std::memory_order_acquire);
  return n < 0 ? find_gpus() > 0 : n > 0;
}

inline bool on_host(const Tensor& t) { return !t.impl()->buffer || t.impl()->buffer->device().host(); }
// The same values in the memory of `device`: the tensor itself if it lies there, or if its elements are no bytes.
Tensor on_device(const Tensor&, Device&);
// to's memory gets from's bytes, wherever both lie.
void copy_bytes(const Tensor& to, const Tensor& from);

// What kernels hold memory for, as errors that tell of memory name it: the op at work on this thread.
struct Holder {
  explicit Holder(const char* name) : before(now()) { now() = name; }
  ~Holder() { now() = before; }
  static const char*& now();
  const char* before;
};

}  // namespace ninefold
