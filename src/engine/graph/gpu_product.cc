// In: a product with what follows it, and its inputs, anywhere. Out: its results by one call of cuBLASLt; nothing where the card
// does not know that product, or may not give the same sums each time.
#include <cstring>

#include "base/check.h"
#include "engine/device/cuda/launch.h"
#include "engine/graph/gpu_chain.h"
#include "engine/op/place.h"
#include "ninefold/device.h"

namespace ninefold::graph {

cuda::Gemm gemm_of(const GpuProduct& how, DType dtype, const Shape& a, const Shape& b) {
  cuda::Gemm g{};
  g.dtype = static_cast<int>(dtype);
  g.m = a.dim(how.transpose_a ? -1 : -2);
  g.k = a.dim(how.transpose_a ? -2 : -1);
  g.n = b.dim(how.transpose_b ? -2 : -1);
  g.batch = 1;
  g.transpose_a = how.transpose_a;
  g.transpose_b = how.transpose_b;
  g.tensor_float = device::tensor_float_32();
  g.after = how.after;
  return g;
}

std::optional<Tensors> run_product(const GpuChain& chain, Device& device, std::span<const Tensor> inputs) {
  const GpuProduct& how = *chain.product;
  // cuBLASLt promises the same numbers of products; of the sums beside them it says nothing.
  if (device.host() || how.refused.load(std::memory_order_relaxed) || (how.sums && device::deterministic())) return std::nullopt;
  const Holder holder("fused ops");
  const auto input = [&](int r) { return inputs[static_cast<size_t>(r)]; };
  const Tensor a = on_device(input(how.a), device), b = how.b == how.a ? a : on_device(input(how.b), device);
  const Tensor bias = how.bias < 0 ? Tensor() : on_device(input(how.bias), device);
  Tensors out;
  for (const GpuChain::Output& o : chain.out) out.push_back(empty_on(device, o.dtype, o.shape));
  cuda::Gemm g = gemm_of(how, chain.out[0].dtype, a.shape(), b.shape());
  g.a = a.impl()->data;
  g.b = b.impl()->data;
  g.bias = bias.defined() ? bias.impl()->data : nullptr;
  g.c = out[0].impl()->data;
  g.sums = how.sums ? out[1].impl()->data : nullptr;
  if (!cuda::try_gemm(device, g)) {
    how.refused.store(true, std::memory_order_relaxed);
    return std::nullopt;
  }
  return out;
}

}  // namespace ninefold::graph
