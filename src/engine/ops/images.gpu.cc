// In: images whose colours change, of which boxes are cut, that maps move, on a GPU. Out: launches of images.cu.
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/place.h"
#include "engine/ops/elementwise.gpu.h"
#include "engine/ops/image_transform.h"
#include "engine/ops/images.gpu.h"
#include "engine/ops/moves.gpu.h"
#include "ninefold/device.h"

namespace ninefold::ops {
namespace {

using images::Colour;

void colours(KernelCtx& k, Colour how, float by) {
  give_outputs(k);
  const cuda::Colours c{k.shape(0).size() / 3, k.out<void>(0), k.in<void>(0), static_cast<int32_t>(k.dtype(0)), how, by};
  if (c.pixels > 0) cuda::launch(k.device(), elementwise::cuda_kernel("colours", c.dtype), cuda::threads_for(c.pixels), c);
}
template <Colour how>
void converted_gpu(KernelCtx& k) { colours(k, how, 0); }
template <Colour how>
void adjusted_gpu(KernelCtx& k) { colours(k, how, *k.in<float>(1)); }

// ---- crops ----

cuda::Crops crops_of(const KernelCtx& k, const Shape& image, const Shape& crop, int boxes, int numbers) {
  cuda::Crops c{};
  c.boxes = crop[0], c.height = crop[1], c.width = crop[2];
  c.batch = image[0], c.rows = image[1], c.columns = image[2], c.channels = image[3];
  c.box = k.in<float>(boxes);
  c.number = k.in<int32_t>(numbers);
  c.nearest = k.text("method") == "nearest";
  return c;
}
int64_t points(const cuda::Crops& c) { return c.boxes * c.height * c.width * c.channels; }

void crops_gpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& image = k.shape(0);
  k.check(image[1] > 0 && image[2] > 0, "image dimensions must be positive");
  cuda::Crops c = crops_of(k, image, k.out(0).shape(), 1, 2);
  check_crops(k.in(2), image[0]);
  if (points(c) == 0) return;
  c.image = k.in<void>(0);
  c.to = k.out<float>(0);
  c.outside = static_cast<float>(k.number("extrapolation_value"));
  c.dtype = static_cast<int32_t>(k.dtype(0));
  cuda::launch(k.device(), elementwise::cuda_kernel("crops", c.dtype), cuda::threads_for(points(c)), c);
}
void into_boxes_gpu(KernelCtx& k) {
  give_outputs(k);
  cuda::Crops c = crops_of(k, k.shape(1), k.shape(0), 2, 3);
  check_crops(k.in(3), c.batch);
  if (c.boxes == 0) return;
  c.image = k.in<void>(1);
  c.dy = k.in<float>(0);
  c.to = k.out<float>(0);
  c.dtype = static_cast<int32_t>(k.dtype(1));
  cuda::launch(k.device(), elementwise::cuda_kernel("crops_into_boxes", c.dtype), cuda::threads_for(c.boxes * cuda::kBlockThreads, cuda::kBlockThreads), c);
}
void into_images_gpu(KernelCtx& k) {
  const Tensor& size = k.in(3);
  const Shape image({size.int_at(0), size.int_at(1), size.int_at(2), size.int_at(3)});
  const DType d = k.type("T");
  cuda::Crops c = crops_of(k, image, k.shape(0), 1, 2);
  check_crops(k.in(2), c.batch);
  const Tensor sum = empty_on(k.device(), DType::f32, image);   // narrow numbers are rounded once, at the end
  c.sum = static_cast<float*>(sum.impl()->data);
  c.dy = k.in<float>(0);
  c.ordered = device::deterministic();
  fill_run(k, DType::f32, c.sum, nullptr, image.size());
  if (points(c) > 0) cuda::launch(k.device(), "crops_into_images", cuda::threads_for(c.ordered ? c.channels : points(c)), c);
  k.set_output(0, d == DType::f32 ? sum : ran("Cast", {sum}, {{"DstT", d}}));
}

// ---- projective maps ----

void transform(KernelCtx& k, float outside) {
  give_outputs(k);
  const Shape &in = k.shape(0), &out = k.out(0).shape();
  const cuda::Transform t{out.size(), in[1], in[2], out[1], out[2], out[3], k.out<void>(0), k.in<void>(0), k.in<float>(1), outside,
                          k.shape(1)[0] == 1, k.text("interpolation") == "NEAREST", static_cast<int32_t>(k.dtype(0)), fill_named(k.text("fill_mode"))};
  if (t.elements > 0) cuda::launch(k.device(), elementwise::cuda_kernel("transform", t.dtype), cuda::threads_for(t.elements), t);
}
void transform_gpu(KernelCtx& k) { transform(k, 0); }
void filled_transform_gpu(KernelCtx& k) { transform(k, *k.in<float>(3)); }

const cuda::AtStart images_start([] {
  add_gpu_kernel("RGBToHSV", Kernel{converted_gpu<Colour::to_hsv>}, kFractions);
  add_gpu_kernel("HSVToRGB", Kernel{converted_gpu<Colour::to_rgb>}, kFractions);
  add_gpu_kernel("AdjustHue", Kernel{adjusted_gpu<Colour::turn_hue>}, kFractions);
  add_gpu_kernel("AdjustSaturation", Kernel{adjusted_gpu<Colour::scale_saturation>}, kFractions);
  constexpr DType images[] = {DType::f16, DType::f32, DType::f64, DType::u8, DType::i8, DType::u16, DType::i16, DType::i32};
  add_gpu_kernel("CropAndResize", Kernel{crops_gpu}, images);
  add_gpu_kernel("CropAndResizeGradBoxes", Kernel{into_boxes_gpu}, images);
  add_gpu_kernel("CropAndResizeGradImage", Kernel{into_images_gpu}, kFractions);
  constexpr DType moved[] = {DType::u8, DType::i32, DType::i64, DType::f16, DType::f32, DType::f64};
  add_gpu_kernel("ImageProjectiveTransformV2", Kernel{transform_gpu}, moved);
  add_gpu_kernel("ImageProjectiveTransformV3", Kernel{filled_transform_gpu}, moved);
});

}  // namespace
}  // namespace ninefold::ops
