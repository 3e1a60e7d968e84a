// In: bound inputs and outputs. Out: what a kernel sees, the same eagerly and in a plan.
#pragma once

#include <fmt/core.h>

#include "base/check.h"
#include "engine/op/op.h"
#include "engine/tensor/tensor_impl.h"

namespace ninefold {

// Slots are places where tensors lie: eagerly the caller's arrays, in a plan those of the run state.
// A kernel whose output shape is static finds the output in place, allocated and of the right shape.
class KernelCtx {
 public:
  KernelCtx(const Op& op, const Attrs& attrs, std::span<const Tensor* const> in, std::span<Tensor* const> out,
            Device& device)
      : op_(&op), attrs_(&attrs), in_(in), out_(out), device_(&device) {}

  const Op& op() const { return *op_; }
  Device& device() const { return *device_; }
  int num_inputs() const { return static_cast<int>(in_.size()); }
  int num_outputs() const { return static_cast<int>(out_.size()); }
  const Tensor& in(int i) const { return *in_[static_cast<size_t>(i)]; }
  // Raw memory of a plain input or output, without asking for readiness: kernels run in order.
  template <class T> const T* in(int i) const { return static_cast<const T*>(in(i).impl()->data); }
  template <class T> T* out(int i) const { return static_cast<T*>(out(i).impl()->data); }
  Tensor& out(int i) const { return *out_[static_cast<size_t>(i)]; }
  const Shape& shape(int i) const { return in(i).impl()->shape; }
  DType dtype(int i) const { return in(i).impl()->dtype; }

  // For outputs whose shape is known only now, and for those that share memory (reshape, identity).
  Tensor& allocate(int i, DType, const Shape&);
  void set_output(int i, Tensor t) { out(i) = std::move(t); }
  bool has_output(int i) const { return out(i).defined(); }

  const Attrs& attrs() const { return *attrs_; }
  const Attr& attr(std::string_view name) const { return attrs_->at(*op_, name); }
  bool flag(std::string_view name) const { return std::get<bool>(attr(name)); }
  int64_t integer(std::string_view name) const { return std::get<int64_t>(attr(name)); }
  double number(std::string_view name) const { return std::get<double>(attr(name)); }
  const std::string& text(std::string_view name) const { return std::get<std::string>(attr(name)); }
  const std::vector<int64_t>& ints(std::string_view name) const { return std::get<std::vector<int64_t>>(attr(name)); }
  DType type(std::string_view name) const { return std::get<DType>(attr(name)); }

  template <class... A>
  void check(bool holds, fmt::format_string<A...> form, A&&... args) const {
    if (!holds) [[unlikely]] raise(fmt::format(form, std::forward<A>(args)...));
  }
  [[noreturn]] void raise(const std::string& what) const;   // InvalidArgumentError "... [Op:Name]"

  // Memory for the duration of the kernel; in a plan it lies in the slab. At most one request a run.
  void* scratch(size_t bytes);
  template <class S> S& state() const { return static_cast<S&>(*state_); }

  // For random ops: where this op's stream stands, in blocks; the stream moves on by `blocks`.
  uint64_t reserve(uint64_t blocks);
  uint64_t* counter = nullptr;   // the node's own in a plan; null: the eager stream of these attributes
  std::unique_ptr<KernelState>* prepared = nullptr;

 private:
  friend struct KernelRun;
  const Op* op_;
  const Attrs* attrs_;
  std::span<const Tensor* const> in_;
  std::span<Tensor* const> out_;
  Device* device_;
  KernelState* state_ = nullptr;
  std::unique_ptr<std::byte[]> scratch_;
  size_t scratch_bytes_ = 0;
};

}  // namespace ninefold
