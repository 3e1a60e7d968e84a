// In: a program. Out: chains of element-wise ops as one instruction each, which reads and writes memory once.
#pragma once

#include "engine/graph/gpu_chain.h"
#include "engine/graph/program.h"
#include "engine/op/elementwise/fused.h"

namespace ninefold::graph {

// What a fused instruction runs. Its inputs and outputs are the instruction's, in order.
struct Fused {
  elementwise::Program program;
  std::vector<size_t> in_size, out_size;   // bytes of an element
  std::vector<bool> full;                  // inputs that have the result's elements, not a row, a column or a scalar
  int64_t elements = 0;
  int64_t columns = 0;                     // elements of a row, where an input is a row or a column; else 0
  std::string formula;                     // "BiasAdd Relu Mul", for readers of a plan
  std::unique_ptr<GpuChain> gpu;           // where there is a GPU: what runs there; `program` is empty then
};

// The op and the kernel of every fused instruction; its state is the Fused itself.
const Op& fused_op();
const Kernel& fused_kernel();
std::unique_ptr<KernelState> fused_state(const Fused&);

// A pass. Values that something else reads are stored; the others never reach memory. Nothing moves across an
// instruction that writes, prints or asserts, and the numbers are those of the ops one by one.
void fuse_elementwise(Program&);
// A pass, before those: attention, softmax(scale q k^T + mask) v, of float16 and bfloat16, and what flows back through it, where
// cuDNN has an engine for all of it. They round once, not after each op.
void fuse_attention(Program&);
// A pass, before that: products with their biases and activations, for a GPU's library. They round once, not after each op.
void fuse_products(Program&);
bool fusion();
// False: plans made from now on keep ops apart, to compare; true at first.
void set_fusion(bool);

}  // namespace ninefold::graph
