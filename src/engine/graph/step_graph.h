// In: a plan on a machine with a GPU. Out: its work as one graph, which a run starts with one call: decided from the program,
// measured in its second run, captured in its third. What cannot be one runs op by op, and the reason is kept.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "engine/device/cuda/capture.h"
#include "engine/graph/program.h"
#include "engine/op/counters.h"
#include "engine/tensor/resource.h"

namespace ninefold::graph {

class Plan;
struct RunState;

// The first thing in a program that a graph on `device` cannot hold, as a phrase: "Print writes to the world". Empty: nothing.
// `caller`: where whoever runs it wishes to compute. Pure: where variables lie and what kernels ask for is seen when it is captured.
// `inputs`: of that run; they bring variables.
std::string blocks_capture(const Program&, const Device& device, const Device& caller, std::span<const Tensor> inputs);

// False: plans run op by op from now on, to compare; true at first.
void set_step_graphs(bool);
// What the environment's NINEFOLD_STEP_GRAPHS says at first: "0" is no.
bool wants_step_graphs(const char* environment);

class StepGraph {
 public:
  explicit StepGraph(Plan&);
  ~StepGraph();
  // The results, if this run was measured, captured or replayed; else it is the plan's to run.
  std::optional<Tensors> run(std::span<const Tensor> inputs);
  // "" until it is decided, "captured", or why the plan runs op by op.
  std::string state() const;
  const std::string& function() const;       // its name

 private:
  struct Bound {
    std::weak_ptr<Resource> held;            // an argument's is whoever calls' own: the plan keeps none alive
    VariableResource* variable;
    int argument;                            // that brings it; -1: captured
    bool written;
    void* memory;
    uint64_t generation;
  };
  struct Result {                            // of the program, in order
    int input = -1;                          // which input it is, or
    Tensor fixed;                            // what it is in each run, or
    void* memory = nullptr;                  // where the graph leaves it
    DType dtype = DType::invalid;
    Shape shape;
  };
  class Counting;

  void decide(Accelerator& caller, std::span<const Tensor> inputs);
  void bind(std::span<const Tensor> inputs);
  bool unmoved() const;
  bool same_variables(std::span<const Tensor> inputs) const;
  bool still_bound() const;
  void bring(std::span<const Tensor> inputs);           // into the slots
  void fill(std::span<const Tensor> inputs);
  std::vector<Result> results(std::span<const Tensor> inputs) const;
  Tensors measure(std::span<const Tensor> inputs);
  void capture(std::span<const Tensor> inputs);
  std::string captured_in(size_t room, size_t draws, std::span<const Tensor> inputs, size_t* wants, size_t* wants_draws);
  Tensors replay(std::span<const Tensor> inputs);
  void drop() noexcept;
  void again(std::string why);               // measured anew, a few times
  void give_up(std::string why);

  Plan& plan_;
  mutable std::mutex mutex_;                 // guards what follows: one run of the graph at a time
  enum { fresh, warm, measured, captured, apart } stage_ = fresh;
  std::string why_;
  Accelerator *device_ = nullptr, *caller_ = nullptr;   // which it is captured on; who wished for what when that was decided
  bool tensor_float_ = false, deterministic_ = false;
  int tries_ = 0;                            // captures, and measurements that came to nothing
  uint64_t replays_ = 0;
  std::unique_ptr<RunState> state_;
  Tensors slots_;                            // of the inputs, on the device; not of handles
  std::vector<Bound> bound_;                 // in the order of their ids, which is that of locks
  size_t measured_ = 0;                      // bytes of a slab for what the measured run asked for
  Tensor slab_, counters_;                   // counters_: where random ops' streams stand in this run
  Tensors constants_;                        // of branches and loops, on the card
  std::vector<std::shared_ptr<Streams>> streams_;   // of theirs
  std::vector<Draws::Draw> draws_;
  std::deque<uint64_t> unseeded_;            // counters of draws that nobody seeded
  void* graph_ = nullptr;
  std::vector<Result> results_;
};

}  // namespace ninefold::graph
