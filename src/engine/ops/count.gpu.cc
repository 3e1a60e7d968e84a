// In: numbers that count in bins or look for their place, on a GPU. Out: launches of count.cu; what falls into a bin is
// summed as segments are, in the order of the elements where that is asked for.
#include "base/check.h"
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/place.h"
#include "engine/ops/elementwise.gpu.h"
#include "engine/ops/order.gpu.h"

namespace ninefold::ops {
namespace {

std::string for_dtype(const char* kernel, DType d) { return elementwise::cuda_kernel(kernel, static_cast<int>(d)); }
Tensor launch_bins(const KernelCtx& k, const Tensor& x, cuda::Bins b) {
  const Tensor ids = empty_on(k.device(), DType::i64, {x.size()});
  b.elements = x.size();
  b.from = x.impl()->data;
  b.to = static_cast<int64_t*>(ids.impl()->data);
  b.dtype = static_cast<int32_t>(x.dtype());
  if (b.elements > 0) cuda::launch(k.device(), for_dtype("bins", x.dtype()), cuda::threads_for(b.elements), b);
  return ids;
}

}  // namespace

Tensor bins_of(const KernelCtx& k, const Tensor& x, int64_t columns, int64_t bins) {
  cuda::Bins b{};
  b.columns = columns;
  b.bins = bins;
  return launch_bins(k, x, b);
}
Tensor counted(const KernelCtx&, const Tensor& ids, int64_t bins, DType d, const Tensor* weights) {
  const Tensor ones = weights ? weights->with_shape({ids.size()}) : ran("Fill", {int_vector({ids.size()}), number_as(1, d)});
  return ran("UnsortedSegmentSum", {ones, ids, Tensor(bins)});
}

namespace {

// A negative number counts nowhere: the card raises nothing, as TensorFlow's GPU kernels do not.
void count_bins(KernelCtx& k, bool binary) {
  const Shape s = k.shape(0), out = k.out(0).shape();
  const int64_t bins = out.dim(-1), rows = s.rank() == 2 && out.rank() == 2 ? s[0] : 1;
  const bool weighted = k.in(2).size() > 0;
  k.check(!weighted || k.shape(2) == s, "`weights` must be the same shape as `arr` or a length-0 `Tensor`, in which case it acts as all weights equal to 1. Received {}",
          k.shape(2).str());
  if (out.size() == 0) return;
  const Tensor ids = bins_of(k, k.in(0), std::max<int64_t>(1, rows ? s.size() / rows : 0), bins);
  const DType d = k.dtype(2);
  Tensor sums = counted(k, ids, rows * bins, d, weighted && !binary ? &k.in(2) : nullptr);
  if (binary) sums = ran("Minimum", {sums, number_as(1, d)});
  k.set_output(0, sums.with_shape(out));
}
void bincount_gpu(KernelCtx& k) {
  give_outputs(k);
  count_bins(k, false);
}
void dense_bincount_gpu(KernelCtx& k) {
  give_outputs(k);
  count_bins(k, k.flag("binary_output"));
}

void histogram_gpu(KernelCtx& k) {
  give_outputs(k);
  const DType d = k.dtype(0);
  const Tensor& range = k.in(1);
  k.check(range.float_at(0) < range.float_at(1), "value_range should satisfy value_range[0] < value_range[1], but got '[{:g}, {:g}]'",
          range.float_at(0), range.float_at(1));
  cuda::Bins b{};
  b.bins = k.out(0).size();
  b.histogram = true;
  std::memcpy(b.low, range.data(), size_of(d));
  // In the dtype's own arithmetic, as the CPU has it.
  const auto width = [&]<class T>(T) { return static_cast<double>(static_cast<T>(range.as<T>()[1] - range.as<T>()[0])); };
  b.step = (d == DType::f32 ? width(0.0f) : d == DType::f64 ? width(0.0) : d == DType::i32 ? width(int32_t{}) : width(int64_t{})) /
           static_cast<double>(b.bins);
  k.set_output(0, counted(k, launch_bins(k, k.in(0), b), b.bins, k.out(0).dtype()));
}

void bucketize_gpu(KernelCtx& k) {
  give_outputs(k);
  const auto& boundaries = std::get<std::vector<double>>(k.attr("boundaries"));
  const std::vector<float> edges(boundaries.begin(), boundaries.end());
  const Tensor there = on_device(Tensor::of<float>({static_cast<int64_t>(edges.size())}, edges), k.device());
  const cuda::Edges p{k.in(0).size(), there.size(), k.in<void>(0), static_cast<const float*>(there.impl()->data), k.out<int32_t>(0),
                      static_cast<int32_t>(k.dtype(0))};
  if (p.elements > 0) cuda::launch(k.device(), for_dtype("bucketize", k.dtype(0)), cuda::threads_for(p.elements), p);
}

template <bool upper>
void bound_gpu(KernelCtx& k) {
  give_outputs(k);
  const cuda::Search p{k.in(1).size(), k.shape(1).dim(-1), k.shape(0).dim(-1), k.in<void>(0), k.in<void>(1), k.out<void>(0),
                       static_cast<int32_t>(k.dtype(0)), k.out(0).dtype() == DType::i64, upper};
  if (p.elements > 0) cuda::launch(k.device(), for_dtype("search", k.dtype(0)), cuda::threads_for(p.elements), p);
}

void in_top_k_gpu(KernelCtx& k) {
  const cuda::InTop p{k.shape(0)[0], k.shape(0)[1], k.in(2).int_at(0), k.in<float>(0), k.in<void>(1), k.out<bool>(0),
                      k.dtype(1) == DType::i64};
  if (p.rows > 0) cuda::launch(k.device(), "in_top", cuda::threads_for(p.rows * cuda::kBlockThreads, cuda::kBlockThreads), p);
}

void range_gpu(KernelCtx& k) {
  give_outputs(k);
  cuda::Sequence p{k.out(0).size(), k.out<void>(0), {}, {}, static_cast<int32_t>(k.out(0).dtype())};
  std::memcpy(p.start, k.in(0).data(), k.in(0).bytes());
  std::memcpy(p.delta, k.in(2).data(), k.in(2).bytes());
  if (p.elements > 0) cuda::launch(k.device(), for_dtype("sequence", k.out(0).dtype()), cuda::threads_for(p.elements), p);
}

const cuda::AtStart count_gpu([] {
  constexpr DType some[] = {DType::i32, DType::i64, DType::f32, DType::f64}, index[] = {DType::i32, DType::i64};
  add_gpu_kernel("InTopKV2", Kernel{in_top_k_gpu}, index);
  add_gpu_kernel("Bincount", Kernel{bincount_gpu}, some);
  add_gpu_kernel("DenseBincount", Kernel{dense_bincount_gpu}, some);
  add_gpu_kernel("HistogramFixedWidth", Kernel{histogram_gpu}, some);
  add_gpu_kernel("Bucketize", Kernel{bucketize_gpu}, some);
  add_gpu_kernel("LowerBound", Kernel{bound_gpu<false>}, kComputed);
  add_gpu_kernel("UpperBound", Kernel{bound_gpu<true>}, kComputed);
  add_gpu_kernel("Range", Kernel{range_gpu}, some);
});

}  // namespace
}  // namespace ninefold::ops
