// In: element-wise ops with attributes or shapes of their own. Out: launches of the generated kernels, or ops made of such.
#include "base/check.h"
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/place.h"
#include "engine/op/run.h"
#include "engine/ops/elementwise.gpu.h"
#include "engine/ops/moves.gpu.h"

namespace ninefold::ops {

namespace {

using cuda::Elementwise;

// Operands of one kernel: tensors under the shapes that they have there, then one number.
struct Operand { const Tensor* tensor; std::span<const int64_t> shape; };
void run_named(KernelCtx& k, std::string_view kernel, std::span<const Operand> operands, const double* number = nullptr) {
  Elementwise p{};
  std::span<const int64_t> shapes[cuda::kElementwiseOperands];
  size_t n = 0;
  for (const Operand& o : operands) {
    set_operand(p, static_cast<int>(n), *o.tensor);
    shapes[n++] = o.shape;
  }
  const DType d = operands.back().tensor->dtype();
  if (number) set_number(p, static_cast<int>(n++), d, *number);
  lay_out(p, k.out(0).shape().dims(), std::span(shapes, n));
  p.out = k.out<void>(0);
  p.out_dtype = static_cast<int32_t>(k.out(0).dtype());
  launch_elementwise(k.device(), elementwise::cuda_kernel(kernel, static_cast<int>(d)), p);
}

template <bool differ>
void equality_gpu(KernelCtx& k) {
  if (k.out(0).rank() == 0 && (k.shape(0).rank() > 0 || k.shape(1).rank() > 0))   // shapes that do not broadcast: nothing is equal
    return fill_bytes(k, DType::boolean, k.out<void>(0), differ ? "\1" : "\0", 1);
  const Operand in[] = {{&k.in(0), k.shape(0).dims()}, {&k.in(1), k.shape(1).dims()}};
  run_named(k, differ ? "NotEqual" : "Equal", in);
}
void leaky_gpu(KernelCtx& k) {
  const double alpha = k.number("alpha");
  const Operand in[] = {{&k.in(0), k.shape(0).dims()}, {&k.in(k.num_inputs() - 1), k.shape(0).dims()}};
  run_named(k, k.op().name, std::span(in, static_cast<size_t>(k.num_inputs())), &alpha);
}
void bias_add_gpu(KernelCtx& k) {
  std::vector<int64_t> bias = {k.shape(1)[0]};
  const bool first = k.op().name == "BiasAdd" && k.text("data_format") == "NCHW";
  for (int i = 2; first && i < k.shape(0).rank(); ++i) bias.push_back(1);
  const Operand in[] = {{&k.in(0), k.shape(0).dims()}, {&k.in(1), bias}};
  run_named(k, "AddV2", in);
}
void add_n_gpu(KernelCtx& k) {
  const Shape& s = k.out(0).shape();
  if (k.num_inputs() == 1) return move_run(k, k.dtype(0), k.out<void>(0), k.in<void>(0), s.size());
  const Tensor* sum = &k.in(0);
  for (int i = 1; i < k.num_inputs(); ++i, sum = &k.out(0)) {
    const Operand in[] = {{sum, s.dims()}, {&k.in(i), s.dims()}};
    run_named(k, "AddV2", in);
  }
}
bool narrow(DType d) { return d == DType::f16 || d == DType::bf16; }
void l2_loss_gpu(KernelCtx& k) {
  const DType d = k.dtype(0);
  const Tensor x = narrow(d) ? ran("Cast", {k.in(0)}, {{"DstT", DType::f32}}) : k.in(0);
  std::vector<int64_t> axes;
  for (int i = 0; i < x.rank(); ++i) axes.push_back(i);
  const Tensor sum = ran("Sum", {ran("Square", {x}), int_vector(axes)});
  const Tensor half = ran("Mul", {sum, x.dtype() == DType::f64 ? Tensor(0.5) : Tensor(0.5f)});
  k.set_output(0, narrow(d) ? ran("Cast", {half}, {{"DstT", d}}) : half);
}
void approximate_gpu(KernelCtx& k) {
  auto wide = [&](int i) { return ran("Cast", {k.in(i)}, {{"DstT", DType::f64}}); };
  k.set_output(0, ran("Less", {ran("Abs", {ran("Sub", {wide(0), wide(1)})}), Tensor(k.number("tolerance"))}));
}

const cuda::AtStart elementwise_attrs_gpu([] {
  add_gpu_kernel("Equal", Kernel{equality_gpu<false>}, kComputed);
  add_gpu_kernel("NotEqual", Kernel{equality_gpu<true>}, kComputed);
  add_gpu_kernel("Equal", Kernel{equality_gpu<false>}, {&kBool, 1});
  add_gpu_kernel("NotEqual", Kernel{equality_gpu<true>}, {&kBool, 1});
  add_gpu_kernel("LeakyRelu", Kernel{leaky_gpu}, kFractions);
  add_gpu_kernel("LeakyReluGrad", Kernel{leaky_gpu}, kFractions);
  add_gpu_kernel("BiasAdd", Kernel{bias_add_gpu}, kComputed);
  add_gpu_kernel("AddN", Kernel{add_n_gpu}, kComputed);
  add_gpu_kernel("L2Loss", Kernel{l2_loss_gpu}, kFractions);
  add_gpu_kernel("ApproximateEqual", Kernel{approximate_gpu}, kComputed);
  add_gpu_kernel("Equal", Kernel{equality_gpu<false>}, kComplex);
  add_gpu_kernel("NotEqual", Kernel{equality_gpu<true>}, kComplex);
  add_gpu_kernel("AddN", Kernel{add_n_gpu}, kComplex);
});

}  // namespace
}  // namespace ninefold::ops
