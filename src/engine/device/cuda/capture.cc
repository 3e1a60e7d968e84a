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

std::vector<size_t> laid_out(std::span<const Request> requests, size_t* total) {
  std::vector<size_t> offsets(requests.size());
  std::map<size_t, std::pair<size_t, int>> used;       // begin -> end, and when it goes
  *total = 0;
  for (size_t i = 0; i < requests.size(); ++i) {       // in the order in which they come
    const Request& r = requests[i];
    std::erase_if(used, [&](const auto& u) { return u.second.second >= 0 && u.second.second < r.begin; });
    const size_t size = (std::max<size_t>(r.bytes, 1) + kAlign - 1) / kAlign * kAlign;
    size_t from = 0;
    for (const auto& [begin, place] : used) {
      if (begin - from >= size) break;
      from = place.first;
    }
    used[from] = {from + size, r.end};
    offsets[i] = from;
    *total = std::max(*total, from + size);
  }
  return offsets;
}

Session::Session(Accelerator& device) : device_(device) {
  NINEFOLD_INVARIANT(!mine);
  mine = this;
}

Session::Session(Accelerator& device, char* slab, std::span<const Request> requests)
    : device_(device), slab_(slab), requests_(requests.begin(), requests.end()) {
  NINEFOLD_INVARIANT(!mine && slab);
  offsets_ = laid_out(requests_, &total_);
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
  if (next_ != requests_.size()) blocked("asks for less memory than the run before");
  open_ = false;
  return end_capture(device_, true);
}

bool Session::active() { return mine != nullptr; }
Session* Session::of(const Device& device) { return mine && &mine->device_ == &device ? mine : nullptr; }

std::vector<Request> Session::requests() const { return requests_; }

bool Session::kept_only(std::span<void* const> allowed) const {
  for (const auto& [memory, request] : held_)
    if (std::find(allowed.begin(), allowed.end(), memory) == allowed.end()) return false;
  return true;
}

void* Session::give(size_t bytes) {
  if (next_ >= requests_.size() || requests_[next_].bytes != bytes || requests_[next_].begin != clock_)
    blocked("asks for other memory than the run before");
  ++clock_;
  return slab_ + offsets_[next_++];
}

void Session::note(void* memory, size_t bytes) {
  held_[memory] = requests_.size();
  requests_.push_back({bytes, clock_++, -1});
}

bool Session::take_back(void* memory) {
  if (!slab_) {
    if (const auto at = held_.find(memory); at != held_.end()) {
      requests_[at->second].end = clock_++;
      held_.erase(at);
    }
    return false;
  }
  const bool own = memory >= slab_ && memory < slab_ + total_;
  if (own) ++clock_;
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
