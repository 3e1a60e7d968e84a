// In: what a run asks of one GPU. Out: the same as a graph that one call starts: measured in one run, captured in the next,
// in a slab of its own.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "engine/tensor/accelerator.h"

namespace ninefold::cuda {

// Memory that a run asked for: at which of its requests and returns (counted together) it came and went; -1: it was kept.
struct Request {
  size_t bytes;
  int begin, end;
};
// A place for each request in one slab: no two that are held at a time meet. Pure.
std::vector<size_t> laid_out(std::span<const Request>, size_t* total);

// While one lives, its thread's work on the device is measured or captured. Others wait while something is captured.
class Session {
 public:
  // Measures: the run goes on as it would.
  explicit Session(Accelerator&);
  // Captures: nothing runs; memory comes from the slab, in the order of the requests. Raises where a run asks for what a
  // graph cannot have: other memory than was measured, a value on the host.
  Session(Accelerator&, char* slab, std::span<const Request>);
  ~Session();                                // what was not ended is forgotten
  Session(const Session&) = delete;

  bool capturing() const { return slab_ != nullptr; }
  std::vector<Request> requests() const;     // of a measured run
  // Whether all that the run asked for has been given back, except what lies at one of these addresses.
  bool kept_only(std::span<void* const>) const;
  void* end();                               // the graph

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
  std::vector<Request> requests_;
  std::vector<size_t> offsets_;
  std::map<void*, size_t> held_;             // request by address
  std::vector<void*> later_;                 // memory of the device that went while nothing ran
  size_t next_ = 0, total_ = 0;
  int clock_ = 0;
  bool open_ = false;
};

void replay(Device&, void* graph);
void drop_graph(Device&, void* graph) noexcept;

}  // namespace ninefold::cuda
