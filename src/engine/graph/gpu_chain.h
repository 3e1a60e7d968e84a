// In: a chain of element-wise ops, a product with what follows it, or an attention, on a machine with a GPU. Out: its results: by one
// kernel, whose text is compiled at the first run, or one call of cuBLASLt or cuDNN; op by op where that cannot be, or where whoever
// runs the plan wishes for the CPU.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "engine/device/cuda/abi.h"
#include "engine/device/cuda/dnn_call.h"
#include "engine/device/cuda/text_kernel.h"
#include "engine/graph/graph.h"

namespace ninefold::graph {

// A product as cuBLASLt is asked for it (gpu_product.cc); a, b, bias: registers.
struct GpuProduct {
  int a = -1, b = -1, bias = -1;
  bool transpose_a = false, transpose_b = false;
  bool sums = false;                         // a second result: what the columns of the second factor sum to
  cuda::Gemm::After after = cuda::Gemm::nothing;
  mutable std::atomic<bool> refused{false};  // the card has no such product: the ops run one by one

  GpuProduct() = default;
  GpuProduct(const GpuProduct& o)
      : a(o.a), b(o.b), bias(o.bias), transpose_a(o.transpose_a), transpose_b(o.transpose_b), sums(o.sums), after(o.after) {}
};

// An attention, or what flows back through one, as cuDNN is asked for it (gpu_attention.cc).
struct GpuAttention {
  cuda::DnnCall call{};                      // without alignments, what is set for the whole process, and what follows the call's own tensors
  std::vector<int> from;                     // of each of its tensors: a register, kMine, or -2 - n for the chain's result n
  static constexpr int kMine = -1;           // memory of the call alone
  int bias = -1;                             // a register
  bool minus = false;                        // it is taken off
  Shape bias_shape;                          // that it is broadcast to
};

// Registers: the chain's inputs, then what its members make, in order.
struct GpuChain {
  struct Member { const Op* op; Attrs attrs; const Node* origin; std::vector<int> in; };
  struct Output { int reg; DType dtype; Shape shape; };   // reg -1: what only cuDNN makes; op by op it has no elements
  std::vector<Member> members;
  std::vector<Output> out;
  int64_t columns = 1;
  std::unique_ptr<cuda::TextKernel> kernel;          // one of these three
  std::unique_ptr<GpuProduct> product;
  std::unique_ptr<GpuAttention> attention;
};

Tensors run_on_gpu(const GpuChain&, std::span<const Tensor> inputs);
// What cuBLASLt is asked, without addresses. Pure.
cuda::Gemm gemm_of(const GpuProduct&, DType, const Shape& a, const Shape& b);
std::optional<Tensors> run_product(const GpuChain&, Device&, std::span<const Tensor> inputs);

// What cuDNN is asked for tensors of its own, aligned memory. Pure but for what is set for the whole process.
cuda::DnnCall call_of(const GpuAttention&);
std::optional<Tensors> run_attention(const GpuChain&, Device&, std::span<const Tensor> inputs);

}  // namespace ninefold::graph
