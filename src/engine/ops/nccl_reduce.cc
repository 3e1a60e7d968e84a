// In: tensors of one shape, one on each of several devices. Out: their sum, product, least or greatest, where the op runs.
#include "engine/device/cuda/collective.h"
#include "engine/device/cuda/library.h"
#include "engine/op/place.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/plan_forms.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/elementwise.gpu.h"

namespace ninefold::ops {
namespace {

const Op nccl_reduce = {
    .name = "NcclReduce", .inputs = {"input: num_devices * T"}, .outputs = {"data: T"},
    .attrs = {"reduction: {'min', 'max', 'prod', 'sum'}", "T: {half, float, double, int32, int64}", "num_devices: int >= 1",
              "_timeout_seconds: float = 0"},   // TensorFlow passes over attributes that begin so
    .doc = "Brings tensors of one shape, each on a device of its own, together on the device on which the op runs: as one call of NCCL "
           "for a sum over several GPUs, where NCCL is there; else by copies. NCCL may take `_timeout_seconds`, if that is not 0, from "
           "when every card has brought its part: then the sum is ended, and whoever reads it gets DeadlineExceededError.",
    .shape = [](ShapeCtx& c) {
      Shape all = c.shape(0);
      for (int i = 1; i < c.num_inputs(); ++i) {
        c.check(all.compatible(c.shape(i)), "inputs must have one shape. Input 0: {} != input {}: {}", all.str(), i, c.shape(i).str());
        all = all.merge(c.shape(i));
      }
      c.output(all);
    },
    .grad = [](GradCtx& g) {
      check(g.text("reduction") == "sum", Code::key, "No gradient defined for NcclReduce except for reduction=\"sum\".");
      for (int i = 0; i < g.num_inputs(); ++i) g.to(i, g.flow());
    },
    .grad_reads = {},
};
NINEFOLD_REGISTER(nccl_reduce);

const char* pair_of(const std::string& reduction) {
  return reduction == "sum" ? "AddV2" : reduction == "prod" ? "Mul" : reduction == "min" ? "Minimum" : "Maximum";
}

// Takes its inputs wherever they lie.
void reduce_across(KernelCtx& k) {
  Device* const wish = preferred_device();
  Device& there = wish ? *wish : cpu_device();
  const std::string& how = k.text("reduction");
  std::vector<Device*> members;
  Tensors in;
  int root = -1;
  for (int i = 0; i < k.num_inputs(); ++i) {
    members.push_back(&k.in(i).impl()->buffer->device());
    in.push_back(k.in(i));
    if (members.back() == &there) root = i;
  }
  if (how == "sum" && root >= 0 && in[0].size() > 0 && cuda::connected(members)) {
    const Tensor sum = empty_on(there, in[0].dtype(), in[0].shape());
    cuda::reduce(in, sum, root, k.number("_timeout_seconds"));
    return k.set_output(0, sum);
  }
  Tensor all = on_device(in[0], there);
  for (size_t i = 1; i < in.size(); ++i) all = ran(pair_of(how), {all, in[i]});
  k.set_output(0, in.size() == 1 ? all.with_shape(all.shape()) : all);
}
NINEFOLD_KERNEL(nccl_reduce, "CPU", Kernel{reduce_across});

const PlanForm nccl_reduce_form(nccl_reduce, Abilities{.collective = true});

const cuda::AtStart nccl_reduce_start([] { runs_anywhere(nccl_reduce.name); });

}  // namespace
}  // namespace ninefold::ops
