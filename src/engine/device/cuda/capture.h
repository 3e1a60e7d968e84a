// In: what a run asks of one GPU. Out: the same as a graph that one call starts: measured in one run, captured in the next,
// in a slab of its own, with branches and loops that the card decides about.
#pragma once

#include <map>
#include <vector>

#include "base/slab.h"
#include "engine/tensor/accelerator.h"

namespace ninefold::cuda {

// While one lives, its thread's work on the device is measured or captured. Others wait while something is captured.
class Session {
 public:
  // Measures: the run goes on as it would.
  explicit Session(Accelerator&);
  // Captures: nothing runs; memory comes from the slab of so many bytes. Raises where a run asks for what a graph cannot have: a
  // value on the host, more memory than there is (`wants` tells how much).
  Session(Accelerator&, char* slab, size_t room);
  ~Session();                                // what was not ended is forgotten
  Session(const Session&) = delete;

  bool capturing() const { return slab_ != nullptr; }
  size_t bytes() const { return places_.high(); }      // of a slab for what the run asked for
  size_t wants() const { return wants_; }    // of a capture that had too little; 0: it had enough
  void* end();                               // the graph; raises where memory of the slab is still held

  static bool active();                      // has this thread one?
  static Session* of(const Device&);         // this thread's; null: none on this device

  // ---- the device asks ----
  void* give(size_t bytes);                  // capturing
  void note(void* memory, size_t bytes);     // measuring: given by the device
  bool take_back(void* memory);              // true: the device keeps out of it
  void put(void* to, const void* from, size_t bytes);   // capturing: the host's bytes become part of the graph
  [[noreturn]] static void blocked(const char* what);

 private:
  Accelerator& device_;
  char* const slab_ = nullptr;
  const size_t room_ = 0;
  Slab places_;
  std::map<void*, size_t> held_;             // measuring: places by address
  std::vector<void*> later_;                 // memory of the device that went while nothing ran
  size_t wants_ = 0;
  bool open_ = false;
};

void replay(Device&, void* graph);
void drop_graph(Device&, void* graph) noexcept;

}  // namespace ninefold::cuda
