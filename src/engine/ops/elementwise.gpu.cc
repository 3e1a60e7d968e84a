// In: element-wise ops on a GPU. Out: launches of the kernels that were generated from their expressions.
#include "base/check.h"
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/elementwise/kernels.h"
#include "engine/op/place.h"
#include "engine/op/scope.h"
#include "engine/ops/elementwise.gpu.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/moves.gpu.h"
#include "engine/tensor/resource.h"

namespace ninefold::ops {

// Dimensions that all operands walk alike become one: what is left is what the kernel divides by.
void lay_out(cuda::Elementwise& p, std::span<const int64_t> out, std::span<const std::span<const int64_t>> operands) {
  p.elements = 1;
  for (int64_t d : out) p.elements *= d;
  int64_t size[cuda::kElementwiseRank + 1] = {}, stride[cuda::kElementwiseRank + 1][cuda::kElementwiseOperands] = {};
  int rank = 0;                                  // innermost first, until the end
  int64_t step[cuda::kElementwiseOperands] = {1, 1, 1};
  const auto n = static_cast<int>(operands.size());
  for (size_t back = 0; back < out.size(); ++back) {
    const int64_t d = out[out.size() - 1 - back];
    int64_t now[cuda::kElementwiseOperands] = {};
    for (int k = 0; k < n; ++k) {
      const std::span<const int64_t> s = operands[static_cast<size_t>(k)];
      const int64_t own = back < s.size() ? s[s.size() - 1 - back] : 1;
      now[k] = own == 1 ? 0 : step[k];
      step[k] *= own;
    }
    if (d == 1) continue;
    bool joins = rank > 0;
    for (int k = 0; k < n && joins; ++k) joins = now[k] == stride[rank - 1][k] * size[rank - 1];
    if (joins) {
      size[rank - 1] *= d;
      continue;
    }
    check(rank < cuda::kElementwiseRank, Code::unimplemented,
          "broadcasting on a GPU: more than {} dimensions that differ; reshape the operands", cuda::kElementwiseRank);
    size[rank] = d;
    for (int k = 0; k < n; ++k) stride[rank][k] = now[k];
    ++rank;
  }
  p.rank = rank <= 1 ? 0 : rank;
  for (int k = 0; k < n; ++k) p.stride[0][k] = rank == 1 ? stride[0][k] : 0;
  for (int d = 0; d < rank && rank > 1; ++d) {
    p.size[d] = size[rank - 1 - d];
    for (int k = 0; k < n; ++k) p.stride[d][k] = stride[rank - 1 - d][k];
  }
}

void set_operand(cuda::Elementwise& p, int at, const Tensor& t) {
  p.in_dtype[at] = static_cast<int32_t>(t.dtype());
  p.in[at] = t.impl()->data;
  if (!on_host(t)) return;
  NINEFOLD_INVARIANT(t.size() == 1);             // placed_inputs leaves only scalars with the host
  p.in_dtype[at] |= cuda::kValue;
  p.in[at] = nullptr;
  std::memcpy(p.value[at], t.data(), t.bytes());
}

void set_number(cuda::Elementwise& p, int at, DType d, double number) {
  p.in_dtype[at] = static_cast<int32_t>(d) | cuda::kValue;
  p.in[at] = nullptr;
  const Tensor value = number_as(number, d);
  std::memcpy(p.value[at], value.data(), value.bytes());
}

Tensor ran(std::string_view name, std::span<const Tensor> in, AttrList attrs) {
  NoRecording quiet;
  Pushed<Tracer*> eager(scope().tracers, nullptr);
  return op_all(name, in, attrs).at(0);
}
Tensor ran(std::string_view name, std::initializer_list<Tensor> in, AttrList attrs) {
  return ran(name, std::span(in.begin(), in.size()), attrs);
}

void launch_elementwise(Device& device, const std::string& kernel, const cuda::Elementwise& p) {
  if (p.elements > 0) cuda::launch(device, kernel, cuda::threads_for(p.elements), p);
}

void run_broadcast(KernelCtx& k, const std::string& kernel) {
  const int operands = k.num_inputs();
  cuda::Elementwise p{};
  std::span<const int64_t> shapes[cuda::kElementwiseOperands];
  for (int i = 0; i < operands; ++i) {
    shapes[i] = k.shape(i).dims();
    set_operand(p, i, k.in(i));
  }
  lay_out(p, k.out(0).shape().dims(), std::span(shapes, static_cast<size_t>(operands)));
  p.out = k.out<void>(0);
  p.out_dtype = static_cast<int32_t>(k.out(0).dtype());
  launch_elementwise(k.device(), kernel, p);
}

namespace {

void run_elementwise(KernelCtx& k) {
  run_broadcast(k, elementwise::cuda_kernel(k.op().name, static_cast<int>(k.dtype(k.num_inputs() - 1))));
}
void run_special(KernelCtx& k) { run_broadcast(k, "special_" + k.op().name); }

// v = v op x in the variable's own memory, or in a copy if a reader holds that.
template <bool add>
void update_variable(KernelCtx& k) {
  VariableResource& v = resource_as<VariableResource>(k.in(0), k.op().name.c_str());
  std::lock_guard hold(v.mutex);
  const Tensor& x = k.in(1);
  k.check(v.dtype == x.dtype(), "Trying to assign variable with wrong dtype. Expected {} got {}", short_name(v.dtype),
          short_name(x.dtype()));
  move_variable(v, k.device());
  const Shape shape = v.read().shape();
  k.check(shape == x.shape(), "Cannot update variable with shape {} using a Tensor with shape {}, shapes must be equal.",
          shape.str(), x.shape().str());
  cuda::Elementwise p{};
  const std::span<const int64_t> shapes[] = {shape.dims(), shape.dims()};
  lay_out(p, shape.dims(), shapes);
  p.out = v.writable(nullptr);
  p.in[0] = p.out;
  p.out_dtype = p.in_dtype[0] = static_cast<int32_t>(v.dtype);
  set_operand(p, 1, x);
  launch_elementwise(k.device(), elementwise::cuda_kernel(add ? "AddV2" : "Sub", static_cast<int>(v.dtype)), p);
  v.wrote();
}

const cuda::AtStart elementwise_gpu([] {
  const KernelFn shared = elementwise_kernel().run;
  for (const elementwise::Body& b : elementwise::bodies()) {
    const Op* op = nullptr;
    for (const Op* o : all_ops())
      if (o->name == b.name) op = o;
    if (!op) continue;
    std::vector<DType> keys;
    for (int d = 0; d < elementwise::dtype_count; ++d) {
      const int computed = elementwise::cuda_compute_dtype(d);
      if (!b.defined[d] || !computed) continue;
      const Kernel* cpu = find_kernel(*op, def(*op).key_attr < 0 ? DType::invalid : static_cast<DType>(d), "CPU");
      if (!cpu || cpu->run != shared) continue;   // ops with attributes launch in files of their own
      if (cuda::table()->kernel(elementwise::cuda_kernel(b.name, d).c_str(), sizeof(cuda::Elementwise)))
        keys.push_back(static_cast<DType>(d));
    }
    if (!keys.empty()) add_gpu_kernel(b.name, Kernel{run_elementwise}, keys);
  }
  for (const Op* o : all_ops())                   // special.cu says which there are
    if (cuda::table()->kernel(("special_" + o->name).c_str(), sizeof(cuda::Elementwise))) add_gpu_kernel(o->name, Kernel{run_special}, kFractions);
  add_gpu_kernel("AssignAddVariableOp", Kernel{update_variable<true>}, kComputed);
  add_gpu_kernel("AssignSubVariableOp", Kernel{update_variable<false>}, kComputed);
  add_gpu_kernel("AssignAddVariableOp", Kernel{update_variable<true>}, kComplex);
  add_gpu_kernel("AssignSubVariableOp", Kernel{update_variable<false>}, kComplex);
  // These look at no element, or enter functions whose ops are placed one by one.
  for (const char* name : {"Shape", "ShapeN", "Size", "Rank", "IdentityN", "PreventGradient", "ReadVariableOp", "AssignVariableOp",
                           "VarIsInitializedOp", "VariableShape", "If", "StatelessIf", "While", "StatelessWhile", "Case",
                           "PartitionedCall", "StatefulPartitionedCall"})
    for (const Op* o : all_ops())
      if (o->name == name) runs_anywhere(name);
});

}  // namespace
}  // namespace ninefold::ops
