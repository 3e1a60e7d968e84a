// In: an eager random op. Out: where its stream stands, moved past what it takes.
#pragma once

#include <utility>

#include "engine/op/op.h"

namespace ninefold {

// TensorFlow caches eager kernels by op type and attributes, not by shape or call site: a second call with
// the same seeded attributes continues the stream, whoever makes it. set_seed drops them all. The streams
// used longest ago are forgotten beyond 65,536: ops without a seed open a new one at every call.
uint64_t reserve_eager(const Op&, const Attrs&, uint64_t blocks);
void drop_eager_counters();
// Counts the calls of drop_eager_counters: functions restart the streams of their nodes when it has moved.
uint64_t seed_epoch();

// While a function's run is measured or captured (graph/step_graph.h), this thread's random ops ask here: a captured one is
// told 0, and its launch takes the place on the card where the counter will stand.
class Draws {
 public:
  virtual ~Draws() = default;
  // For a kernel on that device; `counter` null: a stream that nobody seeded.
  virtual uint64_t reserve(Device&, uint64_t* counter, uint64_t blocks) = 0;
  // What is drawn between these, a captured branch or loop, is drawn as often as the card goes there.
  virtual void begin_body() {}
  virtual void end_body() {}
  const uint64_t* where = nullptr;
  static Draws*& now();                      // null mostly
  static const uint64_t* take() { return now() ? std::exchange(now()->where, nullptr) : nullptr; }
};

// What set_seed was last given, for traces to copy; false if it was never called.
bool global_seed(int64_t* seed);

}  // namespace ninefold
