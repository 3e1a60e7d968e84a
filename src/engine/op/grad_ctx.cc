// In: gradients as records write them. Out: sums over broadcast axes, zeros where nothing flows.
#include "engine/op/grad_ctx.h"

#include "base/check.h"
#include "engine/tensor/tensor_impl.h"

namespace ninefold {

int GradCtx::index(std::string_view input) const {
  const OpDef& d = def(op_);
  const int at = d.input(input);
  NINEFOLD_INVARIANT(at >= 0 && d.plain);
  return at;
}

Tensor GradCtx::dy(int i) const {
  Gradient& g = dy_[static_cast<size_t>(i)];
  if (!g.defined()) {
    const Tensor& y = out(i);
    // A tape keeps only dtype and shape of what this gradient does not read.
    if (!y.symbolic() && !y.impl()->buffer) return Tensor::zeros(y.dtype(), y.shape());
    return ninefold::op("ZerosLike", {y});
  }
  if (g.sparse()) g = g.dense();   // once, however often it is asked
  return g.slices().values;
}

namespace {

// Axes of `have` along which a tensor of shape `want` was repeated; false if the shapes do not tell.
bool repeated_axes(const Op& op, std::span<const Tensor> in, int self, const Shape& want, const Shape& have,
                   std::vector<int32_t>& axes) {
  if (!want.known_rank() || !have.known_rank()) return false;
  const int extra = have.rank() - want.rank();
  for (int a = 0; a < have.rank(); ++a) {
    if (a < extra || want[a - extra] == 1) {
      if (a < extra || have[a] != 1) axes.push_back(a);
      continue;
    }
    if (want[a - extra] >= 0) continue;
    // An unknown dimension may be a repeated one, unless no other operand could have repeated it.
    if (!op.elementwise) return false;
    for (size_t i = 0; i < in.size(); ++i) {
      const Shape& other = in[i].shape();
      if (static_cast<int>(i) == self) continue;
      if (!other.known_rank()) return false;
      const int at = a - (have.rank() - other.rank());
      if (at >= 0 && other[at] != 1) return false;
    }
  }
  return true;
}

Tensor shape_of(const Tensor& t) {
  const Shape& s = t.shape();
  if (!s.fully_known()) return ninefold::op("Shape", {t});
  return Tensor::of<int32_t>({s.rank()}, std::vector<int32_t>(s.begin(), s.end()));
}

}  // namespace

void GradCtx::to_broadcast(int i, Tensor dx) {
  const Shape& want = in(i).shape();
  if (want.fully_known() && want == dx.shape()) return to(i, std::move(dx));
  std::vector<int32_t> axes;
  if (repeated_axes(op_, in_, i, want, dx.shape(), axes)) {
    if (axes.empty()) return to(i, std::move(dx));
    dx = ninefold::op("Sum", {dx, Tensor::of<int32_t>({static_cast<int64_t>(axes.size())}, axes)});
  } else {
    const Tensor shapes[] = {shape_of(in(i)), shape_of(dx)};
    dx = ninefold::op("Sum", {dx, ninefold::op_all("BroadcastGradientArgs", shapes)[0]});
  }
  to(i, ninefold::op("Reshape", {dx, shape_of(in(i))}));
}

}  // namespace ninefold
