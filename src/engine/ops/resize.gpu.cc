// In: images to be resized on a GPU. Out: launches of resize.cu.
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/place.h"
#include "engine/ops/moves.gpu.h"
#include "engine/ops/resize_launch.h"

namespace ninefold::ops {
namespace {

cuda::Scaled scaled(const KernelCtx& k, int64_t small, int64_t large) {
  const bool corners = k.flag("align_corners");
  const float ratio = corners && large > 1 ? static_cast<float>(small - 1) / static_cast<float>(large - 1)
                                           : static_cast<float>(small) / static_cast<float>(large);
  return {large, small, ratio, k.flag("half_pixel_centers"), corners};
}
// `back`: the result is the small side, the image.
void resize_gpu(KernelCtx& k, const char* kernel, bool back, bool by_size) {
  give_outputs(k);
  const Shape &out = k.out(0).shape(), &in = k.shape(0), &image = back ? out : in, &large = back ? in : out;
  if (out.size() == 0) return;
  const cuda::Resize p{image[0], image[3], scaled(k, image[1], large[1]), scaled(k, image[2], large[2]), k.out<void>(0), k.in<void>(0),
                       static_cast<int32_t>(k.dtype(0)), static_cast<int32_t>(k.out(0).dtype())};
  const std::string name = by_size ? fmt::format("{}_{}", kernel, size_of(k.dtype(0)))
                                   : elementwise::cuda_kernel(kernel, back ? p.to_dtype : p.dtype);
  cuda::launch(k.device(), name, cuda::threads_for(out.size()), p);
}
void bilinear_gpu(KernelCtx& k) { resize_gpu(k, "resize_bilinear", false, false); }
void bilinear_back_gpu(KernelCtx& k) { resize_gpu(k, "resize_bilinear_back", true, false); }
void nearest_gpu(KernelCtx& k) { resize_gpu(k, "resize_nearest", false, true); }
void nearest_back_gpu(KernelCtx& k) { resize_gpu(k, "resize_nearest_back", true, false); }

const cuda::AtStart resize_gpu_start([] {
  constexpr DType images[] = {DType::f16, DType::bf16, DType::f32, DType::f64, DType::i8, DType::u8, DType::i16, DType::u16, DType::i32, DType::i64};
  add_gpu_kernel("ResizeBilinear", Kernel{bilinear_gpu}, images);
  add_gpu_kernel("ResizeBilinearGrad", Kernel{bilinear_back_gpu}, kFractions);
  add_gpu_kernel("ResizeNearestNeighbor", Kernel{nearest_gpu}, images);
  add_gpu_kernel("ResizeNearestNeighborGrad", Kernel{nearest_back_gpu}, images);
});

}  // namespace
}  // namespace ninefold::ops
