// In: random ops of what is captured. Out: where on their cards their counters will stand; before and after each replay, how far they are.
#pragma once

#include <deque>
#include <map>
#include <span>
#include <vector>

#include "engine/op/counters.h"
#include "engine/ops/condition_launch.h"
#include "engine/tensor/accelerator.h"

namespace ninefold::graph {

// What a graph draws, kept as long as it is. Each device has a place for each draw, and reads those of its own.
struct DrawsOfGraph {
  struct Draw {
    Accelerator* device;
    uint64_t* counter;
    uint64_t blocks;                         // 0: it follows from the run, which moves the counter on
  };
  std::vector<Draw> draws;
  std::deque<uint64_t> unseeded;             // counters of draws that nobody seeded
  Tensors places;                            // by device

  // Before a replay: the counters, moved on by what it draws, on the cards; what they were before.
  std::vector<uint64_t> begin() const;
  // After it: how often branches and loops drew, only the cards know.
  void end(const std::vector<uint64_t>& stands) const;
};

// Tells random ops of a capture, on this thread, where their counters will stand. What branches and loops draw moves its counter on
// there: each stream of theirs has one place, however often they draw from it.
class CapturedDraws : public Draws {
 public:
  // `room`: places on each device.
  CapturedDraws(DrawsOfGraph&, std::span<Accelerator* const> devices, size_t room);
  ~CapturedDraws() { now() = nullptr; }
  uint64_t reserve(Device&, uint64_t* counter, uint64_t blocks) override;
  void begin_body() override;
  void end_body() override;
  bool all_taken() const { return !where; }
  size_t wants() const { return wants_; }    // places, of a capture that had too few; 0: it had enough

 private:
  void move_on();
  DrawsOfGraph& all_;
  const std::span<Accelerator* const> devices_;
  const size_t room_;
  Device* drawing_ = nullptr;                // where `pending_` is
  cuda::MoveOn pending_ = {};
  int bodies_ = 0;
  size_t wants_ = 0;
};

}  // namespace ninefold::graph
