// In: requests of memory, in order. Out: places in a slab; the thread's session, which the device asks.
#include "engine/device/cuda/capture.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/put_bytes.h"

namespace ninefold::cuda {
namespace {

constexpr size_t kAlign = 256;               // what the card's own allocator promises
constexpr size_t kMostBytes = 16384;         // of the host's, in one piece of a graph
thread_local Session* mine = nullptr;

}  // namespace

Session::Session(Accelerator& device) : device_(device), places_(kAlign) {
  NINEFOLD_INVARIANT(!mine);
  mine = this;
}

Session::Session(Accelerator& device, char* slab, size_t room) : device_(device), slab_(slab), room_(room), places_(kAlign) {
  NINEFOLD_INVARIANT(!mine && slab);
  put(slab_, "", 1);                         // a kernel is loaded when it is first started, which a capture may not do
  begin_capture(device_);                    // raises where others' work cannot be waited for
  open_ = true;
  mine = this;
}

Session::~Session() {
  mine = nullptr;
  if (open_) end_capture(device_, false);
  for (void* memory : later_) device_.release(memory, 0);
}

void* Session::end() {
  if (!places_.empty()) blocked("keeps memory from run to run");
  open_ = false;
  return end_capture(device_, true);
}

bool Session::active() { return mine != nullptr; }
Session* Session::of(const Device& device) { return mine && &mine->device_ == &device ? mine : nullptr; }

void* Session::give(size_t bytes) {
  const size_t offset = places_.place(bytes);
  if (places_.high() > room_) {
    wants_ = std::max(2 * room_, places_.high());
    blocked("asks for more memory than the run before");
  }
  return slab_ + offset;
}

void Session::note(void* memory, size_t bytes) { held_[memory] = places_.place(bytes); }

bool Session::take_back(void* memory) {
  if (!slab_) {
    if (const auto at = held_.find(memory); at != held_.end()) {
      places_.free(at->second);
      held_.erase(at);
    }
    return false;
  }
  const bool own = memory >= slab_ && memory < slab_ + room_;
  if (own) places_.free(static_cast<size_t>(static_cast<char*>(memory) - slab_));
  else later_.push_back(memory);
  return true;
}

void Session::put(void* to, const void* from, size_t bytes) {
  if (bytes > kMostBytes) blocked("brings large values from the host");
  for (size_t done = 0; done < bytes; done += kPutBytes) {
    PutBytes p{};
    p.to = static_cast<char*>(to) + done;
    p.count = static_cast<int32_t>(std::min<size_t>(kPutBytes, bytes - done));
    std::memcpy(p.bytes, static_cast<const char*>(from) + done, static_cast<size_t>(p.count));
    launch(device_, "put_bytes", threads_for(p.count), p);
  }
}

void Session::blocked(const char* what) { fail(Code::failed_precondition, "it {}", what); }

}  // namespace ninefold::cuda
