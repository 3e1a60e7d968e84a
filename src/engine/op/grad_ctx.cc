// In: gradients as records write them. Out: sums over broadcast axes, zeros where nothing flows.
#include "engine/op/grad_ctx.h"

#include "base/check.h"

namespace ninefold {

int GradCtx::index(std::string_view input) const {
  const OpDef& d = def(op_);
  const int at = d.input(input);
  NINEFOLD_INVARIANT(at >= 0 && d.plain);
  return at;
}

Tensor GradCtx::dy(int i) const {
  const Tensor& t = dy_[static_cast<size_t>(i)];
  return t.defined() ? t : ninefold::op("ZerosLike", {out(i)});
}

void GradCtx::to_broadcast(int i, Tensor dx) {
  const Shape& want = in(i).shape();
  const Shape& have = dx.shape();
  NINEFOLD_INVARIANT(want.fully_known() && have.fully_known());
  if (want == have) return to(i, std::move(dx));
  std::vector<int32_t> axes;
  const int extra = have.rank() - want.rank();
  for (int a = 0; a < have.rank(); ++a)
    if (a < extra || (want[a - extra] == 1 && have[a] != 1)) axes.push_back(a);
  const Tensor axis = Tensor::of<int32_t>({static_cast<int64_t>(axes.size())}, axes);
  std::vector<int32_t> dims(want.begin(), want.end());
  to(i, ninefold::op("Reshape", {ninefold::op("Sum", {dx, axis}),
                                 Tensor::of<int32_t>({want.rank()}, dims)}));
}

}  // namespace ninefold
