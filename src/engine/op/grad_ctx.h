// In: a finished op and what flows back into its outputs. Out: what flows back into its inputs.
#pragma once

#include "engine/op/op.h"
#include "ninefold/grad.h"

namespace ninefold {

// Seen by a record's gradient, which is written with ops: second derivatives come for free.
class GradCtx {
 public:
  GradCtx(const Op& op, const Attrs& attrs, std::span<const Tensor> in, std::span<const Tensor> out,
          std::span<Gradient> dy, const std::vector<bool>& needed)
      : op_(op), attrs_(attrs), in_(in), out_(out), dy_(dy), needed_(needed), dx_(in.size()) {}
  const Tensor& in(int i) const { return in_[static_cast<size_t>(i)]; }
  const Tensor& in(std::string_view name) const { return in(index(name)); }
  const Tensor& out(int i = 0) const { return out_[static_cast<size_t>(i)]; }
  int num_inputs() const { return static_cast<int>(in_.size()); }
  int num_outputs() const { return static_cast<int>(out_.size()); }
  // Flows back into output i, as a whole tensor; zeros of its shape if nothing does.
  Tensor dy(int i = 0) const;
  // The same, maybe rows only: for gradients that hand rows on.
  Gradient flow(int i = 0) const { return has_dy(i) ? dy_[static_cast<size_t>(i)] : Gradient(dy(i)); }
  bool has_dy(int i) const { return dy_[static_cast<size_t>(i)].defined(); }
  bool needs(int i) const { return needed_[static_cast<size_t>(i)]; }
  bool needs(std::string_view name) const { return needs(index(name)); }
  void to(int i, Gradient dx) { dx_[static_cast<size_t>(i)] = std::move(dx); }
  void to(std::string_view name, Gradient dx) { to(index(name), std::move(dx)); }
  int index(std::string_view input) const;
  const Attr& attr(std::string_view name) const { return attrs_.at(op_, name); }
  bool flag(std::string_view name) const { return std::get<bool>(attr(name)); }
  int64_t integer(std::string_view name) const { return std::get<int64_t>(attr(name)); }
  double number(std::string_view name) const { return std::get<double>(attr(name)); }
  const std::string& text(std::string_view name) const { return std::get<std::string>(attr(name)); }
  const std::vector<int64_t>& ints(std::string_view name) const { return std::get<std::vector<int64_t>>(attr(name)); }
  DType type(std::string_view name) const { return std::get<DType>(attr(name)); }
  const Op& op() const { return op_; }
  const Attrs& attrs() const { return attrs_; }
  Gradients& results() { return dx_; }

  // Sums dx over the axes along which `in(i)` was broadcast, then hands it on: for binary ops. Where the
  // shapes do not tell which axes those are, the graph finds out (BroadcastGradientArgs).
  void to_broadcast(int i, Tensor dx);

 private:
  const Op& op_;
  const Attrs& attrs_;
  std::span<const Tensor> in_, out_;
  std::span<Gradient> dy_;
  const std::vector<bool>& needed_;
  Gradients dx_;
};

}  // namespace ninefold
