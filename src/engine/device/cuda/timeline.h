// In: work that is given to a GPU while a profile is recorded. Out: a span of the host for each call, and what the card did of
// it: device planes of the profile, each span with the op that asked for it.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/timeline.h"
#include "engine/device/cuda/library.h"
#include "engine/profile/session.h"

namespace ninefold::cuda {

inline constinit std::atomic<bool> card_records{false};   // from a session's start to its end, where the card can be recorded

// Around a call that gives the card work. `waits`: the call returns when the card is done.
class Asks {
 public:
  explicit Asks(const char* what, bool waits = false)
      : span_(timeline::info, waits ? timeline::Kind::wait : timeline::Kind::op, what) {
    if (span_ && card_records.load(std::memory_order_relaxed)) [[unlikely]] mark();
  }
  ~Asks() {
    if (marked_) [[unlikely]] table()->mark(0);
  }
  Asks(const Asks&) = delete;

 private:
  void mark();
  timeline::Span span_;
  bool marked_ = false;
};

void finish_all();                           // what was asked of all logical devices is done when it returns (gpu_device.cc)

// ---- pure ----

struct Work {
  Activity what;                             // `name` is not used
  std::string name;
};
// Planes of what cards did between `begin` and `end` (of the steady clock), in `space`, whose first plane is the host's: a call's
// span has the number that its work was marked with, and lies within the span of an op.
void add_planes(profile::Space& space, std::vector<Work> done, int64_t begin, int64_t end);

}  // namespace ninefold::cuda
