// In: optimizers' ops on a GPU. Out: launches of optimizer_ops.cu, over variables that live there.
#include "engine/device/cuda/guard.h"
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/place.h"
#include "engine/ops/moves.gpu.h"
#include "engine/ops/optimizer_ops.h"
#include "engine/ops/optimizer_ops_launch.h"

namespace ninefold::ops {
namespace {

void step_gpu(KernelCtx& k) {
  const StepInputs in(k);
  for (int i = 0; i < in.states; ++i) move_variable(resource_as<VariableResource>(k.in(i), k.op().name.c_str()), k.device());
  WrittenVariables v(k, in.states);
  in.check(k, v);
  cuda::Step p{};
  p.elements = k.shape(in.gradient).size();
  if (p.elements == 0) return;
  const Optimizer& o = in.optimizer;
  p.flag = !o.flag.empty() && k.flag(o.flag);
  p.rule = p.flag ? o.flagged : o.plain;
  p.kind = o.scalars;
  p.scalars = in.scalars;
  for (int i = 0; i < in.scalars; ++i) p.scalar[i] = k.in<void>(in.scalar[i]);
  p.gradient = k.in<void>(in.gradient);
  if (const cuda::Guarded* const g = cuda::Guarded::now()) p.guard = g->card, p.wanted = g->wanted;
  p.dtype = static_cast<int32_t>(k.dtype(in.gradient));
  if (in.indices >= 0) {
    p.indices = k.in<void>(in.indices);
    p.wide = k.dtype(in.indices) == DType::i64;
    p.rows = v.shape(0)[0];
    p.each = v.shape(0).slice(1, v.shape(0).rank()).size();
  }
  for (int i = 0; i < in.states; ++i) p.states[i] = v.memory(i);
  cuda::launch(k.device(), elementwise::cuda_kernel("optimizer", p.dtype), cuda::threads_for(p.elements), p);
}

const cuda::AtStart optimizers_gpu([] {
  for (const Optimizer* o : optimizers()) {
    add_gpu_kernel(o->op.name, Kernel{step_gpu}, kFractions);
    if (takes_complex(*o)) add_gpu_kernel(o->op.name, Kernel{step_gpu}, kComplex);
  }
});

}  // namespace
}  // namespace ninefold::ops
