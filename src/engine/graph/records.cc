// In: inputs, constants and calls as ops. Out: the records that traces are made of besides the ops of a program.
#include "base/check.h"
#include "engine/graph/flow.h"
#include "engine/graph/function.h"
#include "engine/graph/plan.h"
#include "engine/graph/seen.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/scope.h"
#include "engine/device/cuda/library.h"
#include "engine/op/place.h"
#include "engine/op/shape_ctx.h"

namespace ninefold::graph {
namespace {

const Op placeholder = {
    .name = "Placeholder", .inputs = {}, .outputs = {"output: dtype"}, .attrs = {"dtype: type", "shape: shape = unknown"},
    .doc = "An input of a function.", .shape = [](ShapeCtx& c) { c.output(std::get<Shape>(c.attr("shape"))); },
    .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(placeholder);

const Op constant = {
    .name = "Const", .inputs = {}, .outputs = {"output: dtype"}, .attrs = {"value: tensor", "dtype: type"},
    .doc = "A value that is part of the graph.",
    .shape = [](ShapeCtx& c) { c.output(std::get<Tensor>(c.attr("value")).shape()); },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(constant);
void const_cpu(KernelCtx& k) { k.set_output(0, std::get<Tensor>(k.attr("value"))); }
NINEFOLD_KERNEL(constant, "CPU", Kernel{const_cpu});
// The value is the graph's, and the host's: a GPU gets a copy of what is bytes.
void const_gpu(KernelCtx& k) { k.set_output(0, on_device(std::get<Tensor>(k.attr("value")), k.device())); }
const cuda::AtStart const_on_gpu([] {
  constexpr DType keys[] = {DType::f32, DType::f64, DType::i32, DType::u8, DType::i16, DType::i8, DType::c64, DType::i64, DType::boolean,
                            DType::qi8, DType::qu8, DType::qi32, DType::bf16, DType::qi16, DType::qu16, DType::u16, DType::c128,
                            DType::f16, DType::variant, DType::u32, DType::u64};
  add_gpu_kernel("Const", Kernel{const_gpu}, keys);
});

// ---- calls ----

void call_shape(ShapeCtx& c) {
  const FunctionRef& f = std::get<FunctionRef>(c.attr("f"));
  for (size_t i = 0; i < f->outputs().size(); ++i) c.output(static_cast<int>(i), f->outputs()[i].shape);
}

// A forward function has saved what its gradient reads; any other is run once more for it, and so is one
// whose saved values are differentiated in their turn.
void call_grad(GradCtx& g) {
  Concrete* f = &concrete(std::get<FunctionRef>(g.attr("f")));
  std::shared_ptr<Concrete> again;
  Tensors in, out;
  for (int i = 0; i < g.num_inputs(); ++i) in.push_back(g.in(i));
  for (int i = 0; i < g.num_outputs(); ++i) out.push_back(g.out(i));
  // Second derivatives flow into what was saved as well.
  bool saved_flow = !f->backward;
  for (size_t o = f->backward ? f->backward->outputs : 0; o < out.size(); ++o)
    saved_flow = saved_flow || g.has_dy(static_cast<int>(o));
  if (saved_flow) {
    std::vector<bool> wanted;
    for (int i = 0; i < g.num_inputs(); ++i) wanted.push_back(g.needs(i));
    for (int i : f->seen) in.push_back(g.out(i)), wanted.push_back(false);
    again = (acts_in(f->graph()) == Acts::nothing ? std::static_pointer_cast<Concrete>(f->shared_from_this()) : f->on_seen())->forward(wanted, true);
    const NamedAttr tout("Tout", [&] {
      std::vector<DType> d;
      for (const TensorSpec& s : again->outputs()) d.push_back(s.dtype);
      return d;
    }());
    const NamedAttr named[] = {tout, {"f", FunctionRef(again)}};
    out = op_all(g.op().name, in, named);
    f = again.get();
  }
  Tensors arguments;
  for (int o : f->backward->flows) arguments.push_back(g.dy(o));
  for (int s : f->backward->saved) arguments.push_back(s >= 0 ? in[static_cast<size_t>(s)] : out[static_cast<size_t>(-1 - s)]);
  Tensors dx = f->backward->function->call(arguments);
  size_t at = 0;
  for (size_t i = 0; i < f->backward->reaches.size(); ++i) {
    if (f->backward->rows[i]) {
      g.to(f->backward->reaches[i], IndexedSlices{dx[at], dx[at + 1], dx[at + 2]});
      at += 3;
    } else {
      g.to(f->backward->reaches[i], std::move(dx[at++]));
    }
  }
}

// What a call does to resources follows from its body; the records say "reads", so that tapes watch the
// variables that are handed in.
const Op stateful_call = {
    .name = "StatefulPartitionedCall", .inputs = {"args: Tin"}, .outputs = {"output: Tout"},
    .attrs = {"Tin: list(type)", "Tout: list(type)", "f: func"},
    .doc = "The results of a function.", .shape = call_shape, .grad = call_grad, .effect = Effect::reads,
    .foldable = false,
};
const Op call = [] {
  Op c = stateful_call;
  c.name = "PartitionedCall";
  return c;
}();
NINEFOLD_REGISTER(stateful_call);
NINEFOLD_REGISTER(call);
NINEFOLD_KERNEL(stateful_call, "CPU", Kernel{run_call});
NINEFOLD_KERNEL(call, "CPU", Kernel{run_call});
const PlanForm call_forms[] = {{stateful_call, flow_abilities()}, {call, flow_abilities()}};

}  // namespace

const Op& placeholder_op() { return placeholder; }
const Op& const_op() { return constant; }
const Op& call_op() { return stateful_call; }

}  // namespace ninefold::graph
