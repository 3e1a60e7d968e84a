// In: sizes. Out: aligned host memory, recycled: a fresh 40 MB block costs 10,000 page faults.
#include <sys/mman.h>

#include <array>
#include <cstdlib>
#include <mutex>
#include <vector>

#include "base/check.h"
#include "base/memory.h"
#include "engine/tensor/device.h"

namespace ninefold {
namespace {

constexpr size_t kAlign = 64;
constexpr size_t kLarge = size_t{1} << 20;         // from here on blocks are kept and reused
constexpr size_t kKept = size_t{512} << 20;        // at most this much idle memory

class CpuDevice : public Device {
 public:
  explicit CpuDevice(int index) : Device("CPU", index) {}
  bool host() const override { return true; }

  void* allocate(size_t bytes) override {
    if (bytes < kLarge) return small(bytes);
    const size_t rounded = round(bytes);
    {
      std::lock_guard hold(mutex_);
      for (size_t i = 0; i < idle_.size(); ++i)
        if (idle_[i].second == rounded) {
          void* p = idle_[i].first;
          idle_[i] = idle_.back();
          idle_.pop_back();
          kept_ -= rounded;
          return p;
        }
    }
    if (rounded >= kMuchMemory && rounded > available_memory()) exhausted(bytes);
    void* p = std::aligned_alloc(size_t{2} << 20, rounded);
    if (!p) exhausted(bytes);
    madvise(p, rounded, MADV_HUGEPAGE);
    return p;
  }

  void release(void* memory, size_t bytes) noexcept override {
    if (bytes >= kLarge) {
      std::lock_guard hold(mutex_);
      const size_t rounded = round(bytes);
      if (kept_ + rounded <= kKept && idle_.size() < 64) {
        idle_.emplace_back(memory, rounded);
        kept_ += rounded;
        return;
      }
    }
    std::free(memory);
  }

 private:
  static size_t round(size_t bytes) { return (bytes + (size_t{2} << 20) - 1) & ~((size_t{2} << 20) - 1); }
  void* small(size_t bytes) {
    void* p = std::aligned_alloc(kAlign, (bytes + kAlign) & ~(kAlign - 1));
    if (!p) exhausted(bytes);
    return p;
  }
  [[noreturn]] void exhausted(size_t bytes) {
    fail(Code::resource_exhausted, "OOM when allocating {} bytes on {}; use smaller batches, or free "
         "tensors that are still held", bytes, name());
  }
  std::mutex mutex_;                                  // guards the two below
  std::vector<std::pair<void*, size_t>> idle_;
  size_t kept_ = 0;
};

constexpr int kMost = 64;
std::mutex devices_mutex;                             // guards the two below
std::array<CpuDevice*, kMost> devices{};              // never freed: tensors may outlive static objects
int logical = 1;

}  // namespace

Device& cpu_device(int index) {
  static CpuDevice* const first = new CpuDevice(0);
  if (index == 0) return *first;
  check(index > 0 && index < kMost, "device:CPU:{}: there are {} logical CPU devices", index, logical_cpus());
  std::lock_guard hold(devices_mutex);
  auto*& d = devices[static_cast<size_t>(index)];
  if (!d) d = new CpuDevice(index);
  return *d;
}

int logical_cpus() {
  std::lock_guard hold(devices_mutex);
  return logical;
}

void set_logical_cpus(int count) {
  check(count >= 1 && count <= kMost, Code::value, "logical devices: expected 1 to {}, got {}", kMost, count);
  std::lock_guard hold(devices_mutex);
  logical = count;
}

}  // namespace ninefold
