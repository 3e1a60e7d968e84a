// In: images with windows, frames, boxes on a GPU. Out: launches of image_windows.cu.
#include <limits>

#include "base/check.h"
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/place.h"
#include "engine/ops/dilation.h"
#include "engine/ops/images.gpu.h"
#include "engine/ops/moves.gpu.h"
#include "ninefold/device.h"

namespace ninefold::ops {

cuda::Fold fold_of(const Shape& inner, const Tensor& paddings, bool leaves_edge_out) {
  cuda::Fold f{};
  f.elements = inner.size();
  f.edge = leaves_edge_out;
  for (int i = 0; i < inner.rank(); ++i) {
    const int64_t before = paddings.int_at(2 * i), after = paddings.int_at(2 * i + 1);
    const int last = f.rank - 1;
    if (f.rank > 0 && before + after + f.before[last] + f.after[last] == 0) {
      f.size[last] *= inner[i];
      continue;
    }
    check(f.rank < cuda::kFoldRank, Code::unimplemented, "MirrorPadGrad on a GPU: more than {} axes; use the CPU for it: with tf.device('/CPU:0')", cuda::kFoldRank);
    f.size[f.rank] = inner[i], f.before[f.rank] = before, f.after[f.rank] = after;
    ++f.rank;
  }
  int64_t stride = 1;
  for (int i = f.rank; i-- > 0;) {
    f.from_stride[i] = stride;
    stride *= f.before[i] + f.size[i] + f.after[i];
  }
  return f;
}

namespace {

cuda::Dilation dilation_of(KernelCtx& k) {
  give_outputs(k);
  const Shape &x = k.shape(0), &w = k.shape(1);
  cuda::Dilation d{};
  d.frame = dilation_frame(k, x, w);
  for (int i = 0; i < 4; ++i) d.image[i] = x[i];
  for (int i = 0; i < 2; ++i) d.filter[i] = w[i];
  d.windows = x[0] * d.frame.out[0] * d.frame.out[1] * x[3];
  d.from = k.in<void>(0), d.by = k.in<void>(1), d.to = k.out<void>(0);
  d.dtype = static_cast<int32_t>(k.dtype(0));
  d.none = k.dtype(0) == DType::f64 ? std::numeric_limits<double>::lowest() : k.dtype(0) == DType::f32 ? std::numeric_limits<float>::lowest()
                                                                            : -std::numeric_limits<double>::infinity();
  return d;
}
void dilation_gpu(KernelCtx& k) {
  const cuda::Dilation d = dilation_of(k);
  if (d.windows > 0) cuda::launch(k.device(), elementwise::cuda_kernel("dilation", d.dtype), cuda::threads_for(d.windows), d);
}
template <bool into_filter>
void dilation_back_gpu(KernelCtx& k) {
  cuda::Dilation d = dilation_of(k);
  fill_run(k, k.dtype(0), d.to, nullptr, k.out(0).size());
  d.dy = k.in<void>(2);
  d.into_filter = into_filter;
  d.ordered = device::deterministic();
  if (d.windows == 0) return;
  cuda::launch(k.device(), elementwise::cuda_kernel("dilation_back", d.dtype), cuda::threads_for(d.ordered ? d.image[3] : d.windows), d);
}

// Norms first: the gradient asks for each of them as many times as there are neighbours.
void respond(KernelCtx& k, bool back) {
  const Shape& s = k.shape(0);
  if (s.size() == 0) return;
  const Tensor norms = empty_on(k.device(), DType::f32, s);
  const cuda::LocalResponse r{{k.integer("depth_radius"), static_cast<float>(k.number("bias")), static_cast<float>(k.number("alpha")),
                               static_cast<float>(k.number("beta"))},
                              s.size(), s[3], k.out<void>(0), k.in<void>(back ? 1 : 0), back ? k.in<void>(2) : nullptr, back ? k.in<void>(0) : nullptr,
                              static_cast<float*>(norms.impl()->data), static_cast<int32_t>(k.dtype(0))};
  cuda::launch(k.device(), "response_norms", cuda::threads_for(r.elements), r);
  cuda::launch(k.device(), back ? "response_back" : "response", cuda::threads_for(r.elements), r);
}
void response_gpu(KernelCtx& k) { respond(k, false); }
void response_back_gpu(KernelCtx& k) { respond(k, true); }

void fold_gpu(KernelCtx& k) {
  give_outputs(k);
  cuda::Fold f = fold_of(k.out(0).shape(), k.in(1), k.text("mode") == "REFLECT");
  f.to = k.out<void>(0), f.from = k.in<void>(0), f.dtype = static_cast<int32_t>(k.dtype(0));
  if (f.elements > 0) cuda::launch(k.device(), elementwise::cuda_kernel("fold", f.dtype), cuda::threads_for(f.elements), f);
}

// How many boxes there are, only the card knows: the host waits for that one number.
void suppress_gpu(KernelCtx& k) {
  const int64_t n = k.shape(0)[0], most = std::min(n, std::max<int64_t>(k.in(2).int_at(0), 0));
  const double overlap = k.in(3).float_at(0);
  k.check(overlap >= 0 && overlap <= 1, "iou_threshold must be in [0, 1]");
  check(n < std::numeric_limits<int32_t>::max(), Code::unimplemented, "NonMaxSuppressionV3: {} boxes are more than int32 can name", n);
  int64_t count = 0;
  const Tensor chosen = empty_on(k.device(), DType::i32, Shape{most + 1});   // the last one is their number
  if (most > 0) {
    const Tensor left = empty_on(k.device(), DType::f32, Shape{n});
    auto* numbers = static_cast<int32_t*>(chosen.impl()->data);
    const cuda::Suppression s{n, most, k.in<void>(0), k.in<void>(1), static_cast<float*>(left.impl()->data), numbers, numbers + most,
                              static_cast<float>(overlap), static_cast<float>(k.in(4).float_at(0)), static_cast<int32_t>(k.dtype(0))};
    cuda::launch(k.device(), "suppress", {{1, 1, 1}, cuda::kSuppressionThreads}, s);
    int32_t found = 0;
    static_cast<Accelerator&>(k.device()).download(&found, numbers + most, sizeof found);
    count = found;
  }
  if (!k.has_output(0) || k.out(0).shape() != Shape{count}) k.allocate(0, DType::i32, Shape{count});
  move_run(k, DType::i32, k.out<void>(0), chosen.impl()->data, count);
}

const cuda::AtStart image_windows_start([] {
  constexpr DType dilated[] = {DType::f16, DType::bf16, DType::f32, DType::f64}, narrow[] = {DType::f16, DType::bf16, DType::f32};
  add_gpu_kernel("Dilation2D", Kernel{dilation_gpu}, dilated);
  add_gpu_kernel("Dilation2DBackpropInput", Kernel{dilation_back_gpu<false>}, dilated);
  add_gpu_kernel("Dilation2DBackpropFilter", Kernel{dilation_back_gpu<true>}, dilated);
  add_gpu_kernel("LRN", Kernel{response_gpu}, narrow);
  add_gpu_kernel("LRNGrad", Kernel{response_back_gpu}, narrow);
  constexpr DType folded[] = {DType::f16, DType::bf16, DType::f32, DType::f64, DType::i8, DType::u8, DType::i16, DType::u16, DType::i32, DType::u32, DType::i64};
  add_gpu_kernel("MirrorPadGrad", Kernel{fold_gpu}, folded);
  add_gpu_kernel("NonMaxSuppressionV3", Kernel{suppress_gpu}, narrow);
  on_both_devices("ExtractImagePatches");
});

}  // namespace
}  // namespace ninefold::ops
