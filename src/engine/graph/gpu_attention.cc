// In: an attention that is one instruction, and its inputs, anywhere. Out: its results by one call of cuDNN; nothing where it has no
// engine here, or where the forward pass ran op by op and left no statistics.
#include <algorithm>

#include "base/check.h"
#include "engine/device/cuda/dnn.h"
#include "engine/graph/gpu_chain.h"
#include "engine/op/place.h"
#include "engine/op/run.h"
#include "ninefold/device.h"

namespace ninefold::graph {
namespace {

constexpr int64_t kAligned = 16;                 // what engines want, and every tensor of its own is

Tensor one(const char* name, const Tensors& in) {
  const Op& op = find_op(name);
  std::vector<NamedAttr> attrs = {{"T", in[0].dtype()}};
  if (in.size() > 1) attrs.push_back({"Tidx", in[1].dtype()});
  return run_now(op, in, Attrs(op, attrs)).at(0);
}

}  // namespace

cuda::DnnCall call_of(const GpuAttention& how) {
  cuda::DnnCall call = how.call;
  call.deterministic = device::deterministic();
  const auto add = [&](int64_t dtype, const Shape& s) {
    cuda::DnnTensor& t = call.tensor[call.tensors++];
    t.dtype = dtype, t.rank = s.rank();
    for (int i = 0; i < s.rank(); ++i) t.size[i] = s[i], t.stride[i] = s.slice(i + 1, s.rank()).size();
  };
  if (how.bias >= 0) {
    const Shape& s = how.bias_shape;
    call.biased = 1;
    add(call.tensor[0].dtype, s.rank() == 3 ? Shape{s[0], 1, s[1], s[2]} : s);
  }
  if (call.kind == cuda::DnnCall::attend_back && !call.deterministic) {
    const int64_t* const q = call.tensor[0].size;
    add(static_cast<int64_t>(DType::f32), {q[0], q[1], q[2], q[3]});
  }
  for (int64_t i = 0; i < call.tensors; ++i) call.tensor[i].alignment = kAligned;
  return call;
}

std::optional<Tensors> run_attention(const GpuChain& chain, Device& device, std::span<const Tensor> inputs) {
  if (device.host()) return std::nullopt;
  const GpuAttention& how = *chain.attention;
  const bool back = how.call.kind == cuda::DnnCall::attend_back;
  for (int r : how.from)
    if (r >= 0 && inputs[static_cast<size_t>(r)].size() == 0) return std::nullopt;
  const Holder holder("fused ops");
  const cuda::DnnCall call = call_of(how);
  const auto engine = cuda::dnn_engine(device, call);
  if (!engine) return std::nullopt;

  Tensors out, kept;
  for (const GpuChain::Output& o : chain.out) out.push_back(empty_on(device, o.dtype, o.shape));
  std::vector<void*> memory;
  const auto keep = [&](Tensor t) {
    memory.push_back(t.impl()->data);
    kept.push_back(std::move(t));
  };
  for (size_t i = 0; i < how.from.size(); ++i) {
    const int from = how.from[i];
    const cuda::DnnTensor& t = call.tensor[i];
    if (from >= 0) keep(on_device(inputs[static_cast<size_t>(from)], device));
    else if (from != GpuAttention::kMine) memory.push_back(out[static_cast<size_t>(-2 - from)].impl()->data);
    else keep(empty_on(device, static_cast<DType>(t.dtype), {t.size[0], t.size[1], t.size[2], t.size[3]}));
  }
  if (how.bias >= 0) {
    Tensor bias = on_device(inputs[static_cast<size_t>(how.bias)], device);
    if (how.minus) bias = one("Neg", {bias});
    if (!(bias.shape() == how.bias_shape)) {
      const std::vector<int64_t> shape = how.bias_shape.vector();
      Tensor to = empty_on(cpu_device(), DType::i64, {static_cast<int64_t>(shape.size())});
      std::copy(shape.begin(), shape.end(), static_cast<int64_t*>(to.impl()->data));
      bias = one("BroadcastTo", {bias, to});
    }
    keep(on_device(bias, device));
  }
  if (back && !call.deterministic) {
    const int64_t* const q = call.tensor[0].size;
    const Tensor sum = empty_on(device, DType::f32, {q[0], q[1], q[2], q[3]});
    static_cast<Accelerator&>(device).fill(sum.impl()->data, 0, sum.bytes());
    keep(sum);
  }
  const bool aligned = std::all_of(memory.begin(), memory.end(), [](const void* p) { return reinterpret_cast<uintptr_t>(p) % kAligned == 0; });
  if (!aligned || !cuda::dnn_run(device, call, *engine, memory)) return std::nullopt;
  return out;
}

}  // namespace ninefold::graph
