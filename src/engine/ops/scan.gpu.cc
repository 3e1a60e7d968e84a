// In: running sums and places of extremes on a GPU. Out: launches of scan.cu.
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/place.h"
#include "engine/ops/moves.gpu.h"
#include "engine/ops/scan_launch.h"

namespace ninefold::ops {
namespace {

// [outer, n, inner] around the axis that input 1 names.
template <class P>
P around_axis(KernelCtx& k, const char* error) {
  const Shape& s = k.shape(0);
  const int64_t a = k.in(1).int_at(0);
  k.check(a >= -s.rank() && a < s.rank(), "{} in the range [{}, {}), but got {}", error, -s.rank(), s.rank(), a);
  const int at = static_cast<int>(a < 0 ? a + s.rank() : a);
  P p{};
  p.outer = s.slice(0, at).size(), p.n = s[at], p.inner = s.slice(at + 1, s.rank()).size();
  p.to = k.out<void>(0);
  p.from = k.in<void>(0);
  p.dtype = static_cast<int32_t>(k.dtype(0) == DType::boolean ? DType::u8 : k.dtype(0));   // the byte that it is
  return p;
}
template <class P>
void launch_along(KernelCtx& k, const char* kernel, const P& p) {
  const bool blocks = p.inner == 1 && p.n >= 64;
  const int64_t results = p.outer * p.inner;
  cuda::launch(k.device(), elementwise::cuda_kernel(fmt::format("{}_{}", kernel, blocks ? "blocks" : "threads"), p.dtype),
               cuda::threads_for(blocks ? results * cuda::kBlockThreads : results, cuda::kBlockThreads), p);
}

template <cuda::Join join>
void scan_gpu(KernelCtx& k) {
  give_outputs(k);
  cuda::Scan p = around_axis<cuda::Scan>(k, "ScanOp: Expected scan axis");
  p.join = join;
  p.exclusive = k.flag("exclusive"), p.reverse = k.flag("reverse");
  if (k.shape(0).size() > 0) launch_along(k, "scan", p);
}
template <bool greatest>
void arg_gpu(KernelCtx& k) {
  give_outputs(k);
  cuda::Arg p = around_axis<cuda::Arg>(k, "Expected dimension");
  p.greatest = greatest;
  p.bytes = static_cast<int32_t>(size_of(k.out(0).dtype()));
  if (p.outer * p.inner == 0) return;
  k.check(p.n != 0, "Reduction axis is empty in shape {}", k.shape(0).str());
  launch_along(k, "arg", p);
}

const cuda::AtStart scan_gpu_start([] {
  add_gpu_kernel("Cumsum", Kernel{scan_gpu<cuda::Join::sum>}, kComputed);
  add_gpu_kernel("Cumprod", Kernel{scan_gpu<cuda::Join::prod>}, kComputed);
  add_gpu_kernel("CumulativeLogsumexp", Kernel{scan_gpu<cuda::Join::log_sum_exp>}, kFractions);
  for (const std::span<const DType>& dtypes : {std::span<const DType>(kComputed), std::span<const DType>(&kBool, 1)}) {
    add_gpu_kernel("ArgMax", Kernel{arg_gpu<true>}, dtypes);
    add_gpu_kernel("ArgMin", Kernel{arg_gpu<false>}, dtypes);
  }
});

}  // namespace
}  // namespace ninefold::ops
