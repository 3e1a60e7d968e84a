// In: a chain of element-wise ops on a machine with a GPU. Out: its results: by one kernel, whose text is compiled at the
// first run, or op by op where it cannot be, or where whoever runs the plan wishes for the CPU.
#pragma once

#include <memory>

#include "engine/device/cuda/text_kernel.h"
#include "engine/graph/graph.h"

namespace ninefold::graph {

// Registers: the chain's inputs, then what its members make, in order.
struct GpuChain {
  struct Member { const Op* op; Attrs attrs; const Node* origin; std::vector<int> in; };
  struct Output { int reg; DType dtype; Shape shape; };
  std::vector<Member> members;
  std::vector<Output> out;
  int64_t columns = 1;
  std::unique_ptr<cuda::TextKernel> kernel;
};

Tensors run_on_gpu(const GpuChain&, std::span<const Tensor> inputs);

}  // namespace ninefold::graph
