// In: reductions, softmax and products of matrices on a GPU. Out: launches of reduce.cu, and problems for cuBLASLt.
#include <algorithm>

#include "base/check.h"
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/place.h"
#include "engine/op/run.h"
#include "engine/ops/nn_rows.h"
#include "engine/ops/reduce.gpu.h"
#include "ninefold/device.h"

namespace ninefold::ops {

cuda::Reduce reduction_of(Dims shape, const std::vector<bool>& gone) {
  cuda::Reduce r{};
  r.kept = r.reduced = 1;
  const std::vector<int64_t> strides = strides_of(shape);
  int last = -1;                                 // whether the dimension before this one went; -1: there is none
  for (size_t i = 0; i < shape.size(); ++i) {
    (gone[i] ? r.reduced : r.kept) *= shape[i];
    if (shape[i] == 1) continue;
    int64_t* size = gone[i] ? r.reduced_size : r.kept_size;
    int64_t* stride = gone[i] ? r.reduced_stride : r.kept_stride;
    int32_t& rank = gone[i] ? r.reduced_rank : r.kept_rank;
    if (last == static_cast<int>(gone[i])) {
      size[rank - 1] *= shape[i];
      stride[rank - 1] = strides[i];
      continue;
    }
    check(rank < cuda::kReduceRank, Code::unimplemented, "reducing on a GPU: axes that go and that stay take turns more than "
          "{} times; transpose the tensor first", 2 * cuda::kReduceRank);
    size[rank] = shape[i];
    stride[rank++] = strides[i];
    last = gone[i];
  }
  return r;
}

bool by_thread(const cuda::Reduce& r) {
  const bool neighbours = r.kept_rank > 0 && r.kept_stride[r.kept_rank - 1] == 1;
  return (neighbours && r.kept >= 1024) || r.reduced < 32;
}

namespace {

void launch_reduce(KernelCtx& k, const char* how, cuda::Reduce r, const void* in, void* out, DType dtype) {
  if (r.kept == 0) return;
  r.in = in;
  r.out = out;
  r.dtype = r.out_dtype = static_cast<int32_t>(dtype);
  const bool threads = by_thread(r);
  cuda::Launch grid = cuda::threads_for(threads ? r.kept : r.kept * cuda::kBlockThreads, cuda::kBlockThreads);
  cuda::launch(k.device(), elementwise::cuda_kernel(fmt::format("{}_{}", how, threads ? "threads" : "blocks"), static_cast<int>(dtype)),
               grid, r);
}

template <int how>
void reduce_gpu(KernelCtx& k) {
  constexpr const char* names[] = {"Sum", "Sum", "Prod", "Max", "Min", "All", "Any"};
  give_outputs(k);
  const Shape& s = k.shape(0);
  std::vector<bool> gone(static_cast<size_t>(s.rank()));
  for (int64_t a : k.in(1).ints()) {
    check(a >= -s.rank() && a < s.rank(), "Invalid reduction dimension ({} for input with {} dimension(s)", a, s.rank());
    gone[static_cast<size_t>(a < 0 ? a + s.rank() : a)] = true;
  }
  DType d = k.dtype(0);
  std::vector<int64_t> dims = s.vector();
  if (is_complex(d) && how < 2) {                // sums are those of the parts: one more dimension, of two
    dims.push_back(2), gone.push_back(false);
    d = d == DType::c64 ? DType::f32 : DType::f64;
  }
  cuda::Reduce r = reduction_of(dims, gone);
  if (r.reduced == 0 && r.kept > 0) {            // of nothing: what the CPU says of nothing, everywhere
    const device::Within cpu("/device:CPU:0");
    const Tensor none[] = {Tensor::empty(k.dtype(0), {0}), int_vector({0}, k.dtype(1))};
    const Tensor one = on_device(run_now(k.op(), none, k.attrs()).at(0), k.device());
    return fill_run(k, k.dtype(0), k.out<void>(0), one.impl()->data, k.out(0).size());
  }
  if (how == 1) r.divisor = static_cast<double>(r.reduced);
  launch_reduce(k, names[how], r, k.in<void>(0), k.out<void>(0), d);
}

void bias_grad_gpu(KernelCtx& k) {
  const Shape& s = k.shape(0);
  std::vector<bool> gone(static_cast<size_t>(s.rank()), true);
  gone[k.text("data_format") == "NCHW" ? 1 : gone.size() - 1] = false;
  launch_reduce(k, "Sum", reduction_of(s.dims(), gone), k.in<void>(0), k.out<void>(0), k.dtype(0));
}

template <bool logarithm>
void softmax_gpu(KernelCtx& k) {
  const nn::Rows m = nn::rows_of(k.shape(0));
  if (k.shape(0).size() == 0) return;
  const cuda::Rows r{m.rows, m.columns, k.out<void>(0), k.in<void>(0), static_cast<int32_t>(k.dtype(0)), logarithm};
  cuda::launch(k.device(), elementwise::cuda_kernel("softmax", static_cast<int>(k.dtype(0))),
               cuda::threads_for(m.rows * cuda::kBlockThreads, cuda::kBlockThreads), r);
}

cuda::Gemm problem(KernelCtx& k, bool ta, bool tb) {
  const Shape &a = k.shape(0), &b = k.shape(1);
  cuda::Gemm g{};
  g.dtype = static_cast<int>(k.dtype(0));
  g.m = a.dim(ta ? -1 : -2);
  g.k = a.dim(ta ? -2 : -1);
  g.n = b.dim(tb ? -2 : -1);
  g.batch = 1;
  g.transpose_a = ta;
  g.transpose_b = tb;
  g.conjugate = k.op().name == "BatchMatMulV2" && is_complex(k.dtype(0));   // adj_x, adj_y
  g.tensor_float = device::tensor_float_32();
  g.a = k.in<void>(0);
  g.b = k.in<void>(1);
  g.c = k.out<void>(0);
  return g;
}
// An empty sum is zero: cuBLASLt is not asked.
void multiply(KernelCtx& k, const cuda::Gemm& g) {
  if (k.out(0).size() == 0) return;
  if (g.k == 0) return fill_run(k, k.dtype(0), k.out<void>(0), nullptr, k.out(0).size());
  cuda::gemm(k.device(), g);
}
void mat_mul_gpu(KernelCtx& k) {
  give_outputs(k);
  multiply(k, problem(k, k.flag("transpose_a"), k.flag("transpose_b")));
}

// One call where the batches of both are alike or one has a single matrix; else one for each matrix of the result.
void batch_mat_mul_gpu(KernelCtx& k) {
  give_outputs(k);
  cuda::Gemm g = problem(k, k.flag("adj_x"), k.flag("adj_y"));
  const Shape out = k.out(0).shape().slice(0, k.out(0).rank() - 2);
  const Shape a = k.shape(0).slice(0, k.shape(0).rank() - 2), b = k.shape(1).slice(0, k.shape(1).rank() - 2);
  if ((a.size() == out.size() || a.size() == 1) && (b.size() == out.size() || b.size() == 1)) {
    g.batch = out.size();
    g.stride_a = a.size() == 1 ? 0 : g.m * g.k;
    g.stride_b = b.size() == 1 ? 0 : g.k * g.n;
    g.stride_c = g.m * g.n;
    return multiply(k, g);
  }
  auto place = [&](const Shape& s, int64_t i) {  // which matrix of s belongs to matrix i of the result
    int64_t at = 0, step = 1;
    for (int d = 1; d <= out.rank(); ++d) {
      const int64_t here = i % out[out.rank() - d];
      i /= out[out.rank() - d];
      if (d > s.rank()) continue;
      if (s[s.rank() - d] != 1) at += here * step;
      step *= s[s.rank() - d];
    }
    return at;
  };
  for (int64_t i = 0; i < out.size(); ++i) {
    g.a = element(k.dtype(0), k.in<void>(0), place(a, i) * g.m * g.k);
    g.b = element(k.dtype(0), k.in<void>(1), place(b, i) * g.k * g.n);
    g.c = element(k.dtype(0), k.out<void>(0), i * g.m * g.n);
    multiply(k, g);
  }
}

const cuda::AtStart reduce_gpu_start([] {
  constexpr DType index[] = {DType::i32, DType::i64};
  add_gpu_kernel("Sum", Kernel{reduce_gpu<0>}, kComputed);
  add_gpu_kernel("Mean", Kernel{reduce_gpu<1>}, kFractions);
  add_gpu_kernel("Prod", Kernel{reduce_gpu<2>}, kComputed);
  add_gpu_kernel("Sum", Kernel{reduce_gpu<0>}, kComplex);
  add_gpu_kernel("Mean", Kernel{reduce_gpu<1>}, kComplex);
  add_gpu_kernel("Prod", Kernel{reduce_gpu<2>}, kComplex);
  add_gpu_kernel("MatMul", Kernel{mat_mul_gpu}, kComplex);
  add_gpu_kernel("BatchMatMulV2", Kernel{batch_mat_mul_gpu}, kComplex);
  add_gpu_kernel("Max", Kernel{reduce_gpu<3>}, kComputed);
  add_gpu_kernel("Min", Kernel{reduce_gpu<4>}, kComputed);
  add_gpu_kernel("All", Kernel{reduce_gpu<5>}, index);
  add_gpu_kernel("Any", Kernel{reduce_gpu<6>}, index);
  add_gpu_kernel("BiasAddGrad", Kernel{bias_grad_gpu}, kComputed);
  add_gpu_kernel("Softmax", Kernel{softmax_gpu<false>}, kFractions);
  add_gpu_kernel("LogSoftmax", Kernel{softmax_gpu<true>}, kFractions);
  add_gpu_kernel("MatMul", Kernel{mat_mul_gpu}, kFractions);
  add_gpu_kernel("BatchMatMulV2", Kernel{batch_mat_mul_gpu}, kFractions);
});

}  // namespace
}  // namespace ninefold::ops
