// In: images and boxes by parts of their sizes. Out: DrawBoundingBoxes and V2: the images with the edges of the boxes on them.
#include <algorithm>
#include <array>
#include <vector>

#include "base/check.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/array_args.h"
#include "engine/ops/element_type.h"
#include "engine/ops/elementwise.h"

namespace ninefold::ops {
namespace {

using BoxColour = std::array<float, 4>;

void drawn_shape(ShapeCtx& c) {
  const Shape &images = c.shape(0), &boxes = c.shape(1);
  c.check(!images.known_rank() || images.rank() == 4, "The rank of the images should be 4");
  c.check(!boxes.known_rank() || boxes.rank() == 3, "The rank of the boxes tensor should be 3");
  if (images.known_rank() && boxes.known_rank()) c.check(images[0] < 0 || boxes[0] < 0 || images[0] == boxes[0], "The batch sizes should be the same");
  c.check(!boxes.known_rank() || boxes[2] == 4 || boxes[2] < 0, "The size of the third dimension of the box must be 4. Received: {}", boxes.str());
  c.output(images);
}

// Yellow, blue, red, lime, purple, olive, maroon, navy, aqua, fuchsia; of one channel white.
std::vector<BoxColour> usual_colours(int64_t depth) {
  std::vector<BoxColour> all = {{1, 1, 0, 1}, {0, 0, 1, 1}, {1, 0, 0, 1}, {0, 1, 0, 1}, {.5, 0, .5, 1},
                                {.5, .5, 0, 1}, {.5, 0, 0, 1}, {0, 0, .5, 1}, {0, 1, 1, 1}, {1, 0, 1, 1}};
  if (depth == 1)
    for (BoxColour& c : all) c[0] = 1;
  return all;
}
std::vector<BoxColour> colours_given(KernelCtx& k, int64_t depth) {
  const Shape& s = k.shape(2);
  k.check(s.rank() == 2, "colors must be a 2-D matrix{}", s.str());
  if (s[0] == 0) return usual_colours(depth);
  k.check(s[1] >= depth, "colors must have equal or more channels than the image provided: {}", s.str());
  std::vector<BoxColour> all;
  for (int64_t i = 0; i < s[0]; ++i) {
    BoxColour c{};
    std::copy_n(k.in<float>(2) + i * s[1], std::min<int64_t>(s[1], 4), c.begin());
    all.push_back(c);
  }
  return all;
}

void draw(KernelCtx& k, const std::vector<BoxColour>& colours) {
  if (!k.has_output(0)) k.allocate(0, k.dtype(0), k.shape(0));
  const Shape& s = k.shape(0);
  const int64_t height = s[1], width = s[2], depth = s[3], count = k.shape(1)[1];
  k.check(depth == 1 || depth == 3 || depth == 4, "Channel depth should be either 1 (GRY), 3 (RGB), or 4 (RGBA)");
  with_real(k.dtype(0), [&](auto zero) {
    using T = decltype(zero);
    T* const to = k.out<T>(0);
    std::copy_n(k.in<T>(0), s.size(), to);
    for (int64_t b = 0; b < s[0]; ++b)
      for (int64_t i = 0; i < count; ++i) {
        const float* box = k.in<float>(1) + (b * count + i) * 4;
        const auto place = [](float part, int64_t n) {   // far outside, or none at all, fits no integer
          const float x = part * static_cast<float>(n - 1);
          return x > -1e9f && x < 1e9f ? static_cast<int64_t>(x) : int64_t{x > 0 ? 1000000000 : -1000000000};
        };
        const int64_t top = place(box[0], height), left = place(box[1], width), bottom = place(box[2], height), right = place(box[3], width);
        if (top > bottom || left > right || top >= height || bottom < 0 || left >= width || right < 0) continue;
        const BoxColour& colour = colours[static_cast<size_t>(i) % colours.size()];
        const auto point = [&](int64_t y, int64_t x) {
          for (int64_t d = 0; d < depth; ++d) to[((b * height + y) * width + x) * depth + d] = static_cast<T>(colour[static_cast<size_t>(d)]);
        };
        const int64_t y0 = std::max<int64_t>(top, 0), y1 = std::min(bottom, height - 1);
        const int64_t x0 = std::max<int64_t>(left, 0), x1 = std::min(right, width - 1);
        for (int64_t x = x0; x <= x1; ++x) {
          if (top >= 0) point(top, x);
          if (bottom < height) point(bottom, x);
        }
        for (int64_t y = y0; y <= y1; ++y) {
          if (left >= 0) point(y, left);
          if (right < width) point(y, right);
        }
      }
  });
}

const Op draw_boxes = {
    .name = "DrawBoundingBoxes", .inputs = {"images: T", "boxes: float"}, .outputs = {"output: T"}, .attrs = {"T: {float, half} = float"},
    .doc = "Images with the edges of boxes [y1, x1, y2, x2], by parts of their size, in ten colours that repeat.", .shape = drawn_shape,
    .stops_gradient = true};
NINEFOLD_REGISTER(draw_boxes);
NINEFOLD_KERNEL(draw_boxes, "CPU", (Kernel{[](KernelCtx& k) { draw(k, usual_colours(k.shape(0)[3])); }}));

const Op draw_coloured_boxes = {
    .name = "DrawBoundingBoxesV2", .inputs = {"images: T", "boxes: float", "colors: float"}, .outputs = {"output: T"},
    .attrs = {"T: {float, half} = float"}, .doc = "DrawBoundingBoxes in these colours, which repeat.", .shape = drawn_shape, .stops_gradient = true};
NINEFOLD_REGISTER(draw_coloured_boxes);
NINEFOLD_KERNEL(draw_coloured_boxes, "CPU", (Kernel{[](KernelCtx& k) { draw(k, colours_given(k, k.shape(0)[3])); }}));

const Function draw_function = {
    .names = {"tf.image.draw_bounding_boxes"}, .signature = "(images: tensor, boxes: tensor, colors: tensor, name: str = None)",
    .doc = "Images, float32 or half, with the edges of boxes [batch, boxes, (y1, x1, y2, x2)], by parts of their size. colors: [colours, channels], "
           "which repeat; None: ten of the op's own.",
    .body = [](Args& a) -> Value {
      const Tensor images = operand(a, "images", DType::f32), boxes = cast(operand(a, "boxes", DType::f32), DType::f32);
      if (a.none("colors")) return op("DrawBoundingBoxes", {images, boxes});
      return op("DrawBoundingBoxesV2", {images, boxes, cast(operand(a, "colors", DType::f32), DType::f32)});
    },
};
NINEFOLD_REGISTER(draw_function);

}  // namespace
}  // namespace ninefold::ops
