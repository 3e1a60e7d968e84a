// In: what a run asks of one GPU, or of several. Out: the same as a graph that one call starts: measured in one run, captured in the
// next, in a slab of its own on each, with branches and loops that the card decides about.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/slab.h"
#include "engine/device/cuda/collective.h"
#include "engine/tensor/accelerator.h"

namespace ninefold::cuda {

// What was captured on these devices, the first of which starts it.
class Graph {
 public:
  Graph(std::vector<Device*> devices, void* handle, std::vector<std::shared_ptr<Group>> sums)
      : devices_(std::move(devices)), handle_(handle), sums_(std::move(sums)) {}
  ~Graph() { drop(); }
  Graph(const Graph&) = delete;
  // Behind what its devices were asked before, and before what they are asked next. False: it is gone, with communicators of its
  // sums. Raises where those have a fault.
  bool start();
  bool gone() const { return !handle_.load(); }
  void drop() noexcept;                      // by its owner, or with the turn of its sums

 private:
  const std::vector<Device*> devices_;
  std::atomic<void*> handle_;
  const std::vector<std::shared_ptr<Group>> sums_;
};

// While one lives, its thread's work on the devices is measured or captured. Others wait while something is captured.
class Session {
 public:
  struct Room {
    char* slab;
    size_t bytes;
  };
  // One device's part.
  class Share {
   public:
    Share(Accelerator& device, Room room) : device_(device), room_(room), places_(kAlign) {}
    bool capturing() const { return room_.slab != nullptr; }
    size_t bytes() const { return places_.high(); }    // of a slab for what the run asked for
    size_t wants() const { return wants_; }  // of a capture that had too little; 0: it had enough

    // ---- the device asks ----
    void* give(size_t bytes);                // capturing
    void note(void* memory, size_t bytes);   // measuring: given by the device
    bool take_back(void* memory);            // true: the device keeps out of it
    void put(void* to, const void* from, size_t bytes);   // capturing: the host's bytes become part of the graph

   private:
    friend class Session;
    static constexpr size_t kAlign = 256;    // what the card's own allocator promises
    Accelerator& device_;
    const Room room_;
    Slab places_;
    std::map<void*, size_t> held_;           // measuring: places by address
    std::vector<void*> later_;               // memory of the device that went while nothing ran
    size_t wants_ = 0;
  };

  // Measures: the run goes on as it would.
  explicit Session(std::span<Accelerator* const>);
  // Captures: nothing runs; memory comes from a slab on each device. Raises where a run asks for what a graph cannot have: a value
  // on the host, more memory than there is (`wants` of a share tells how much).
  Session(std::span<Accelerator* const>, std::span<const Room>);
  ~Session();                                // what was not ended is forgotten
  Session(const Session&) = delete;

  const std::vector<std::unique_ptr<Share>>& shares() const { return shares_; }   // in the order of the devices
  std::shared_ptr<Graph> end();              // raises where memory of a slab is still held

  static bool active();                      // has this thread one?
  static bool capturing();                   // and does it capture?
  static Share* of(const Device&);           // this thread's; null: none on this device
  // What is captured between these is done if (`loop`: as long as) the condition holds: work of one device alone.
  static void begin_body(Device&, uint64_t condition, bool loop);
  static void end_body();
  // Raises if a body is captured, and it is not that device's.
  static void check_body(const Device&);
  [[noreturn]] static void blocked(const char* what);

 private:
  std::vector<Device*> devices() const;
  std::vector<std::unique_ptr<Share>> shares_;
  std::optional<SumsTurn> turn_;             // capturing; taken before the devices
  std::vector<Device*> bodies_;              // whose bodies are open, the outermost first
  bool open_ = false;
};

}  // namespace ninefold::cuda
