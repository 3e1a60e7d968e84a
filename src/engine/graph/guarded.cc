// In: an op that writes variables, and a boolean. Out: the same writes if the boolean is what was wanted. Where it lies on a
// card the card is asked: optimizers look at it themselves, other ops write what was there.
#include "base/check.h"
#include "engine/device/cuda/guard.h"
#include "engine/graph/flow.h"
#include "engine/graph/plan.h"
#include "engine/op/place.h"
#include "engine/op/scope.h"

namespace ninefold::graph {

Tensors run_guarded(const Thunk& t, std::span<const Tensor> inputs) {
  const Op& o = *t.op;
  const Attrs& attrs = *t.attrs;
  const std::span<const Tensor> in = inputs.first(inputs.size() - 1);
  const Tensor& condition = inputs.back();
  const bool wanted = t.guard == Guard::if_true;
  const Place where = place(o, attrs, in);
  const bool optimizer = o.name.starts_with("ResourceApply") || o.name.starts_with("ResourceSparseApply");
  const bool anywhere = is_anywhere(o);      // AssignVariableOp: it has no kernel that asks
  Device& device = anywhere ? *preferred_device() : *where.device;
  if (on_host(condition) || device.host()) {
    if (truth(condition) == wanted) run_now(o, in, attrs);
    return {};
  }
  const Tensor asked = on_device(condition, device);
  if (optimizer) {
    const cuda::Guarded guarded(static_cast<const bool*>(asked.impl()->data), wanted);
    run_now(o, in, attrs);
    return {};
  }
  NoRecording quiet;
  Pushed<Tracer*> eager(scope().tracers, nullptr);
  const auto chosen = [&](const Tensor& then, const Tensor& otherwise) {
    return wanted ? op("SelectV2", {asked, then, otherwise}) : op("SelectV2", {asked, otherwise, then});
  };
  if (o.name.starts_with("ResourceScatter")) {   // rows of the index -1 are nobody's
    const Tensor none = op("Cast", {Tensor(int32_t{-1})}, {{"DstT", in[1].dtype()}});
    const Tensor all[] = {in[0], chosen(in[1], none), in[2]};
    run_now(o, all, attrs);
    return {};
  }
  Tensor value;
  {
    const Tensor now = op("ReadVariableOp", {in[0]}, {{"dtype", in[1].dtype()}});
    const Tensor then = o.name == "AssignAddVariableOp" ? now + in[1] : o.name == "AssignSubVariableOp" ? now - in[1] : in[1];
    value = chosen(then, now);
  }
  const Tensor in_its_place[] = {in[0], value};
  op_all("AssignVariableOp", in_its_place);
  return {};
}

}  // namespace ninefold::graph
