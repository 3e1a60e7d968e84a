// In: ops that are one instruction and their inputs, anywhere. Out: its results, on the device that ops are wished for.
#include "engine/graph/gpu_chain.h"

#include <cstring>

#include "base/check.h"
#include "engine/device/cuda/launch.h"
#include "engine/op/place.h"
#include "engine/op/run.h"
#include "engine/ops/fused_launch.h"

namespace ninefold::graph {
namespace {

Tensors one_by_one(const GpuChain& chain, std::span<const Tensor> inputs) {
  Tensors regs(inputs.begin(), inputs.end());
  for (const GpuChain::Member& m : chain.members) {
    const AsPlaced there(m.origin);
    Tensors in;
    for (int r : m.in) in.push_back(regs[static_cast<size_t>(r)]);
    regs.push_back(run_now(*m.op, in, m.attrs)[0]);
  }
  Tensors out;
  for (const GpuChain::Output& o : chain.out) out.push_back(o.reg < 0 ? empty_on(cpu_device(), o.dtype, Shape{0}) : regs[static_cast<size_t>(o.reg)]);
  return out;
}

}  // namespace

Tensors run_on_gpu(const GpuChain& chain, std::span<const Tensor> inputs) {
  Device& device = *preferred_device();
  if (!chain.kernel) {
    std::optional<Tensors> made = chain.product ? run_product(chain, device, inputs) : run_attention(chain, device, inputs);
    if (made && placement_is_told.load(std::memory_order_relaxed))
      for (const GpuChain::Member& m : chain.members) tell_placement(*m.op, device);
    return made ? *std::move(made) : one_by_one(chain, inputs);
  }
  const void* const kernel = device.host() ? nullptr : chain.kernel->on(device);
  if (!kernel) return one_by_one(chain, inputs);
  const Holder holder("fused ops");
  if (placement_is_told.load(std::memory_order_relaxed))
    for (const GpuChain::Member& m : chain.members) tell_placement(*m.op, device);
  cuda::Fused p{};
  p.elements = chain.out[0].shape.size();
  p.columns = chain.columns;
  Tensors in, out;                           // `in` holds copies until the kernel is in the device's order
  for (size_t k = 0; k < inputs.size(); ++k) {
    const Tensor& t = inputs[k];
    if (on_host(t) && t.impl()->shape.size() == 1) {
      p.held |= uint64_t{1} << k;
      std::memcpy(p.value[k], t.data(), t.bytes());
      continue;
    }
    in.push_back(on_device(t, device));
    p.in[k] = in.back().impl()->data;
  }
  for (size_t k = 0; k < chain.out.size(); ++k) {
    out.push_back(empty_on(device, chain.out[k].dtype, chain.out[k].shape));
    p.out[k] = out.back().impl()->data;
  }
  cuda::launch(device, kernel, cuda::threads_for(p.elements), &p);
  return out;
}

}  // namespace ninefold::graph
