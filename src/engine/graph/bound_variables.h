// In: the variables that a program uses. Out: where they lie when a graph is captured, and whether they still do.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "engine/graph/program.h"
#include "engine/tensor/accelerator.h"
#include "engine/tensor/resource.h"

namespace ninefold::graph {

class BoundVariables {
 public:
  // Those of a run with these inputs. What is written comes to the first device, if it lies on none. Raises where a variable is none,
  // has no value, or lies elsewhere.
  void bind(const Program&, std::span<const Tensor> inputs, std::span<Accelerator* const> devices);
  void clear() { bound_.clear(); }
  std::vector<std::unique_lock<std::recursive_mutex>> lock() const;
  bool unmoved() const;
  bool gone() const;                         // one of them, with its owner
  bool same(std::span<const Tensor> inputs) const;   // does a run bring those?
  // With the variables locked. A reader that holds what the graph writes keeps it: the variable moves then.
  bool still() const;
  void wrote() const;

 private:
  struct Bound {
    std::weak_ptr<Resource> held;            // an argument's is whoever calls' own: the plan keeps none alive
    VariableResource* variable;
    int argument;                            // that brings it; -1: captured
    bool written;
    void* memory;
    uint64_t generation;
  };
  std::vector<Bound> bound_;                 // in the order of their ids, which is that of locks
};

}  // namespace ninefold::graph
