// In: a chain of element-wise ops, or a product with what follows it, on a machine with a GPU. Out: its results: by one kernel,
// whose text is compiled at the first run, or one call of cuBLASLt; op by op where that cannot be, or where whoever runs the plan
// wishes for the CPU.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "engine/device/cuda/abi.h"
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

// Registers: the chain's inputs, then what its members make, in order.
struct GpuChain {
  struct Member { const Op* op; Attrs attrs; const Node* origin; std::vector<int> in; };
  struct Output { int reg; DType dtype; Shape shape; };
  std::vector<Member> members;
  std::vector<Output> out;
  int64_t columns = 1;
  std::unique_ptr<cuda::TextKernel> kernel;          // one of these two
  std::unique_ptr<GpuProduct> product;
};

Tensors run_on_gpu(const GpuChain&, std::span<const Tensor> inputs);
// What cuBLASLt is asked, without addresses. Pure.
cuda::Gemm gemm_of(const GpuProduct&, DType, const Shape& a, const Shape& b);
std::optional<Tensors> run_product(const GpuChain&, Device&, std::span<const Tensor> inputs);

}  // namespace ninefold::graph
