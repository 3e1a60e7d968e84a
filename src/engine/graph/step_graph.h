// In: a plan on a machine with GPUs. Out: its work, on one of them or several, as one graph, which a run starts with one call: decided
// from the program, measured in its second run, captured in its third. What cannot be one runs op by op, and the reason is kept.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "engine/device/cuda/capture.h"
#include "engine/graph/bound_variables.h"
#include "engine/graph/captured_draws.h"
#include "engine/graph/program.h"

namespace ninefold::graph {

class Plan;
struct RunState;

// The first thing in a program that a graph on `devices` cannot hold, as a phrase: "Print writes to the world". Empty: nothing.
// `caller`: where whoever runs it wishes to compute. Pure: where variables lie and what kernels ask for is seen when it is captured.
// `inputs`: of that run; they bring variables.
std::string blocks_capture(const Program&, std::span<Accelerator* const> devices, const Device& caller, std::span<const Tensor> inputs);

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
  struct Result {                            // of the program, in order
    int input = -1;                          // which input it is, or
    Tensor fixed;                            // what it is in each run, or
    Accelerator* device = nullptr;
    void* memory = nullptr;                  // there, where the graph leaves it
    DType dtype = DType::invalid;
    Shape shape;
  };

  void decide(Accelerator& caller, std::span<const Tensor> inputs);
  void bring(std::span<const Tensor> inputs);           // into the slots
  void fill(std::span<const Tensor> inputs);
  std::vector<Result> results(std::span<const Tensor> inputs) const;
  Tensors measure(std::span<const Tensor> inputs);
  void capture(std::span<const Tensor> inputs);
  // What there is in a capture: bytes of the slab on each device, places for draws.
  struct Room {
    std::vector<size_t> bytes;
    size_t draws;
  };
  std::string captured_in(const Room&, std::span<const Tensor> inputs, Room* wants);
  std::optional<Tensors> replay(std::span<const Tensor> inputs);   // nothing where the graph is gone with its communicators
  void drop() noexcept;
  void again(std::string why);               // measured anew, a few times
  void give_up(std::string why);

  Plan& plan_;
  mutable std::mutex mutex_;                 // guards what follows: one run of the graph at a time
  enum { fresh, warm, measured, captured, apart } stage_ = fresh;
  std::string why_;
  std::vector<Accelerator*> devices_;        // which it is captured on; the first one starts it
  Accelerator* caller_ = nullptr;            // who wished for what when that was decided
  bool tensor_float_ = false, deterministic_ = false;
  int tries_ = 0;                            // captures, and measurements that came to nothing
  uint64_t replays_ = 0;
  std::unique_ptr<RunState> state_;
  Tensors slots_;                            // of the inputs, on the device that reads them; not of handles
  BoundVariables bound_;
  std::vector<size_t> measured_;             // bytes of a slab on each device for what the measured run asked for
  Tensors slabs_;
  DrawsOfGraph draws_;
  Tensors constants_;                        // of branches and loops, on the cards
  std::vector<std::shared_ptr<Streams>> streams_;   // of theirs
  std::shared_ptr<cuda::Graph> graph_;
  std::vector<Result> results_;
};

}  // namespace ninefold::graph
