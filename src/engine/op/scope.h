// In: who listens on this thread. Out: the trace that ops go to, the tapes that watch them, the device.
#pragma once

#include <string>
#include <vector>

#include "engine/op/op.h"
#include "engine/tensor/device.h"

namespace ninefold {

// A trace under construction: ops are added to it instead of being run.
class Tracer {
 public:
  virtual ~Tracer() = default;
  virtual Tensors emit(const Op&, std::span<const Tensor> inputs, Attrs, std::vector<DType> dtypes,
                       std::vector<Shape> shapes) = 0;
  // Concrete tensors and tensors of outer traces become inputs of this one.
  virtual Tensor capture(const Tensor&) = 0;
  virtual bool owns(const Tensor&) const = 0;
  virtual int64_t next_op_seed() = 0;        // the counter of tf29-random.md 2.2
  virtual int64_t graph_seed(bool* set) = 0; // the global seed as copied when tracing began
  virtual void set_graph_seed(int64_t) = 0;  // set_seed while tracing changes this trace's copy only
  virtual Device* wished_outside() const = 0;   // tf.device of whoever traces, which is not the trace's
};

// A tape, or anything that wants to see each finished op.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void record(const Op&, const Attrs&, std::span<const Tensor> in, std::span<const Tensor> out) = 0;
  // Would an op that reads this tensor be kept? Calls of functions ask, to save no more than is needed.
  virtual bool follows(const Tensor&) const { return true; }
  // May it differentiate what it hears, and then hear that?
  virtual bool lasts() const { return true; }
};

struct Scope {
  std::vector<Tracer*> tracers;       // innermost last; null entries are init_scope's
  std::vector<Recorder*> recorders;
  Device* device = nullptr;           // tf.device; null: the default
  std::string name_scope;             // "" or "outer/inner/"
  Tracer* tracer() const { return tracers.empty() ? nullptr : tracers.back(); }
};
Scope& scope();                       // of the calling thread

template <class T>
class Pushed {                        // one entry for the duration of a block
 public:
  Pushed(std::vector<T>& stack, T item) : stack_(stack) { stack_.push_back(item); }
  ~Pushed() { stack_.pop_back(); }
  Pushed(const Pushed&) = delete;

 private:
  std::vector<T>& stack_;
};

// Tapes see nothing inside (stop_recording, a tape's own arithmetic when it is not persistent).
class NoRecording {
 public:
  NoRecording() { saved_.swap(scope().recorders); }
  ~NoRecording() { saved_.swap(scope().recorders); }

 private:
  std::vector<Recorder*> saved_;
};

}  // namespace ninefold
