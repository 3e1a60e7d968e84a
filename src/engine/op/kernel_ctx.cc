// In: a kernel's requests. Out: memory, state and errors with the op's name.
#include "engine/op/kernel_ctx.h"

#include "engine/op/counters.h"
#include "engine/op/run.h"

namespace ninefold {

Tensor& KernelCtx::allocate(int i, DType dtype, const Shape& shape) {
  Tensor& slot = out(i);
  if (!slot.defined() || slot.dtype() != dtype || !(slot.shape() == shape))
    slot = empty_on(*device_, dtype, shape);
  return slot;
}

void KernelCtx::raise(const std::string& what) const {
  throw Error(Code::invalid_argument, what + " [Op:" + op_->name + "]");
}

uint64_t KernelCtx::reserve(uint64_t blocks) {
  if (Draws* d = Draws::now(); d && counter) [[unlikely]] return d->reserve(*device_, counter, blocks);
  if (!counter) return reserve_eager(*op_, *attrs_, blocks);
  return std::atomic_ref<uint64_t>(*counter).fetch_add(blocks, std::memory_order_relaxed);
}

void* KernelCtx::scratch(size_t bytes) {
  if (bytes > scratch_bytes_) {
    scratch_ = std::make_unique<std::byte[]>(bytes + 64);
    scratch_bytes_ = bytes;
  }
  const auto address = reinterpret_cast<uintptr_t>(scratch_.get());
  return reinterpret_cast<void*>((address + 63) & ~uintptr_t{63});
}

void KernelRun::run(const Kernel& kernel, KernelCtx& ctx) {
  if (kernel.prepare) {
    NINEFOLD_INVARIANT(ctx.prepared);
    if (!*ctx.prepared) *ctx.prepared = kernel.prepare(ctx);
    ctx.state_ = ctx.prepared->get();
  }
  kernel.run(ctx);
}

const Kernel& kernel_for(const Op& op, const Attrs& attrs, const Device& device) {
  const DType key = kernel_key(op, attrs);
  if (const Kernel* k = find_kernel(op, key, device.type())) return *k;
  fail(Code::not_found, "Could not find device for node: {{{{node {0}}}}} = {0}[{1}]: there is no {2} kernel for {3} [Op:{0}]",
       op.name, key == DType::invalid ? "" : fmt::format("T=DT_{}", name_of(key)), device.type(),
       key == DType::invalid ? "it" : name_of(key));
}

}  // namespace ninefold
