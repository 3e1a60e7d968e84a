// In: images and boxes of them, by parts of their sizes. Out: CropAndResize: each box as an image of one size; its gradients.
#include <cmath>

#include "base/check.h"
#include "engine/device/image_rules.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/array_args.h"
#include "engine/ops/element_type.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/images.gpu.h"
#include "engine/ops/moves.h"

namespace ninefold::ops {

void check_crops(const Tensor& numbers, int64_t images) {
  const int32_t* n = numbers.as<int32_t>();
  for (int64_t i = 0; i < numbers.size(); ++i)
    if (n[i] < 0 || n[i] >= images) throw Error(Code::out_of_range, "box_index has values outside [0, batch_size) [Op:CropAndResize]");
}

namespace {

constexpr const char* kTypes = "T: {uint8, uint16, int8, int16, int32, int64, half, float, double}";

void check_boxes(ShapeCtx& c, int boxes, int numbers) {
  const Shape &b = c.shape(boxes), &n = c.shape(numbers);
  c.check(!b.known_rank() || b.rank() == 2, "boxes must be 2-D{}", b.str());
  c.check(!b.known_rank() || b[1] == 4 || b[1] < 0, "boxes must have 4 columns");
  c.check(!n.known_rank() || n.rank() == 1, "box_index must be 1-D{}", n.str());
  c.check(!b.known_rank() || !n.known_rank() || b[0] < 0 || n[0] < 0 || b[0] == n[0], "box_index has incompatible shape");
}
void check_method(const std::string& method) {
  check(method == "bilinear" || method == "nearest", Code::invalid_argument, "Value for attr 'method' of \"{}\" is not in the list of allowed values: \"bilinear\", \"nearest\"", method);
}

struct Crop {
  int64_t image;
  images::Span rows, columns;
};
Crop crop_of(const float* boxes, const int32_t* numbers, int64_t i, const Shape& of, int64_t height, int64_t width) {
  const float* b = boxes + 4 * i;
  return {numbers[i], images::span_of(b[0], b[2], of[1], height), images::span_of(b[1], b[3], of[2], width)};
}

const Op crop_and_resize = {
    .name = "CropAndResize", .inputs = {"image: T", "boxes: float", "box_ind: int32", "crop_size: int32"}, .outputs = {"crops: float"},
    .attrs = {kTypes, "method: string = 'bilinear'", "extrapolation_value: float = 0.0"},
    .doc = "Boxes [y1, x1, y2, x2], by parts of an image's size, each as an image of crop_size; outside of the image extrapolation_value.",
    .shape = [](ShapeCtx& c) {
      check_method(c.text("method"));
      c.check(!c.shape(0).known_rank() || c.shape(0).rank() == 4, "input image must be 4-D{}", c.shape(0).str());
      check_boxes(c, 1, 2);
      const Tensor* size = c.value(3);
      c.check(!c.shape(3).known_rank() || c.shape(3).rank() == 1, "crop_size must be 1-D{}", c.shape(3).str());
      c.check(!size || size->size() == 2, "crop_size must have two elements{}", c.shape(3).str());
      if (size) c.check(size->int_at(0) > 0 && size->int_at(1) > 0, "crop dimensions must be positive");
      c.output(Shape({c.shape(1).known_rank() ? c.shape(1)[0] : -1, size ? size->int_at(0) : -1, size ? size->int_at(1) : -1,
                      c.shape(0).known_rank() ? c.shape(0)[3] : -1}));
    },
    .grad = [](GradCtx& g) {
      const Tensor image = g.in(0);
      if (g.needs(0))
        g.to(0, op("CropAndResizeGradImage", {g.dy(), g.in(1), g.in(2), op("Shape", {image})}, {{"T", image.dtype()}, {"method", g.text("method")}}));
      if (g.needs(1)) g.to(1, op("CropAndResizeGradBoxes", {g.dy(), image, g.in(1), g.in(2)}, {{"method", "bilinear"}}));
    },
    .host = {"crop_size"}, .grad_reads = {"image", "boxes", "box_ind"},
};
NINEFOLD_REGISTER(crop_and_resize);
NINEFOLD_KERNEL(crop_and_resize, "CPU", (Kernel{[](KernelCtx& k) {
  give_outputs(k);
  const Shape &in = k.shape(0), &out = k.out(0).shape();
  k.check(in[1] > 0 && in[2] > 0, "image dimensions must be positive");
  const bool nearest = k.text("method") == "nearest";
  const auto outside = static_cast<float>(k.number("extrapolation_value"));
  const int64_t depth = in[3];
  check_crops(k.in(2), in[0]);
  with_real(k.dtype(0), [&](auto zero) {
    using T = decltype(zero);
    float* to = k.out<float>(0);
    for (int64_t i = 0; i < out[0]; ++i) {
      const Crop crop = crop_of(k.in<float>(1), k.in<int32_t>(2), i, in, out[1], out[2]);
      const T* image = k.in<T>(0) + crop.image * in[1] * in[2] * depth;
      for (int64_t y = 0; y < out[1]; ++y)
        for (int64_t x = 0; x < out[2]; ++x, to += depth) {
          const float row = crop.rows.at(y), column = crop.columns.at(x);
          if (!crop.rows.inside(row) || !crop.columns.inside(column)) {
            std::fill(to, to + depth, outside);
            continue;
          }
          const auto point = [&](int64_t r, int64_t c, int64_t d) { return static_cast<float>(image[(r * in[2] + c) * depth + d]); };
          if (nearest) {
            const auto r = static_cast<int64_t>(std::round(row)), c = static_cast<int64_t>(std::round(column));
            for (int64_t d = 0; d < depth; ++d) to[d] = point(r, c, d);
            continue;
          }
          const images::Around p = images::around(row, column);
          for (int64_t d = 0; d < depth; ++d)
            to[d] = images::mixed(p, point(p.top, p.left, d), point(p.top, p.right, d), point(p.bottom, p.left, d), point(p.bottom, p.right, d));
        }
    }
  });
}}));

const Op grad_image = {
    .name = "CropAndResizeGradImage", .inputs = {"grads: float", "boxes: float", "box_ind: int32", "image_size: int32"}, .outputs = {"output: T"},
    .attrs = {"T: {float, half, double}", "method: string = 'bilinear'"}, .doc = "What flows into the images that CropAndResize was given.",
    .shape = [](ShapeCtx& c) {
      check_method(c.text("method"));
      check_boxes(c, 1, 2);
      const Tensor* size = c.value(3);
      c.check(!size || size->size() == 4, "image_size must have 4 elements");
      Shape out = Shape::of_rank(4);
      for (int i = 0; size && i < 4; ++i) out.set(i, size->int_at(i));
      c.output(out);
    },
    .host = {"image_size"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(grad_image);
NINEFOLD_KERNEL(grad_image, "CPU", (Kernel{[](KernelCtx& k) {
  const Tensor& size = k.in(3);
  const Shape out({size.int_at(0), size.int_at(1), size.int_at(2), size.int_at(3)});
  if (!k.has_output(0)) k.allocate(0, k.type("T"), out);
  const Shape& dy = k.shape(0);
  const bool nearest = k.text("method") == "nearest";
  const int64_t depth = out[3];
  check_crops(k.in(2), out[0]);
  std::vector<float> sum(static_cast<size_t>(out.size()));
  const float* from = k.in<float>(0);
  for (int64_t i = 0; i < dy[0]; ++i) {
    const Crop crop = crop_of(k.in<float>(1), k.in<int32_t>(2), i, out, dy[1], dy[2]);
    for (int64_t y = 0; y < dy[1]; ++y)
      for (int64_t x = 0; x < dy[2]; ++x, from += depth) {
        const float row = crop.rows.at(y), column = crop.columns.at(x);
        if (!crop.rows.inside(row) || !crop.columns.inside(column)) continue;
        const auto add = [&](int64_t r, int64_t c, float share) {
          const int64_t at = ((crop.image * out[1] + r) * out[2] + c) * depth;
          for (int64_t d = 0; d < depth; ++d) sum[static_cast<size_t>(at + d)] += from[d] * share;
        };
        if (nearest) {
          add(static_cast<int64_t>(std::round(row)), static_cast<int64_t>(std::round(column)), 1);
          continue;
        }
        const images::Around p = images::around(row, column);
        for (const bool bottom : {false, true})
          for (const bool right : {false, true}) add(bottom ? p.bottom : p.top, right ? p.right : p.left, images::share_of(p, bottom, right));
      }
  }
  with_real(k.out(0).dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (size_t i = 0; i < sum.size(); ++i) k.out<T>(0)[i] = static_cast<T>(sum[i]);
  });
}}));

const Op grad_boxes = {
    .name = "CropAndResizeGradBoxes", .inputs = {"grads: float", "image: T", "boxes: float", "box_ind: int32"}, .outputs = {"output: float"},
    .attrs = {kTypes, "method: string = 'bilinear'"}, .doc = "What flows into the boxes that CropAndResize was given.",
    .shape = [](ShapeCtx& c) {
      check_boxes(c, 2, 3);
      c.output(c.shape(2));
    },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(grad_boxes);
NINEFOLD_KERNEL(grad_boxes, "CPU", (Kernel{[](KernelCtx& k) {
  give_outputs(k);
  const Shape &dy = k.shape(0), &in = k.shape(1);
  const int64_t depth = in[3];
  check_crops(k.in(3), in[0]);
  std::fill_n(k.out<float>(0), k.out(0).size(), 0.0f);
  with_real(k.dtype(1), [&](auto zero) {
    using T = decltype(zero);
    const float* from = k.in<float>(0);
    for (int64_t i = 0; i < dy[0]; ++i) {
      const Crop crop = crop_of(k.in<float>(2), k.in<int32_t>(3), i, in, dy[1], dy[2]);
      const T* image = k.in<T>(1) + crop.image * in[1] * in[2] * depth;
      float* to = k.out<float>(0) + 4 * i;
      for (int64_t y = 0; y < dy[1]; ++y)
        for (int64_t x = 0; x < dy[2]; ++x, from += depth) {
          const float row = crop.rows.at(y), column = crop.columns.at(x);
          if (!crop.rows.inside(row) || !crop.columns.inside(column)) continue;
          const images::Around p = images::around(row, column);
          const auto point = [&](int64_t r, int64_t c, int64_t d) { return static_cast<float>(image[(r * in[2] + c) * depth + d]); };
          for (int64_t d = 0; d < depth; ++d)
            images::into_box(p, point(p.top, p.left, d), point(p.top, p.right, d), point(p.bottom, p.left, d), point(p.bottom, p.right, d),
                             from[d], y, x, dy[1], dy[2], crop.rows, crop.columns, to);
        }
    }
  });
}}));

const Function crop_function = {
    .names = {"tf.image.crop_and_resize"},
    .signature = "(image: tensor, boxes: tensor, box_indices: tensor, crop_size: tensor, method: str = 'bilinear', extrapolation_value: float = 0, "
                 "name: str = None)",
    .doc = "Each box [y1, x1, y2, x2] of image box_indices[i], by parts of its size, as a float32 image of crop_size [height, width]; what lies "
           "outside of the image is extrapolation_value. method: 'bilinear' or 'nearest'. Raises InvalidArgumentError for box_indices of no image.",
    .body = [](Args& a) -> Value {
      return op("CropAndResize", {operand(a, "image"), cast(operand(a, "boxes", DType::f32), DType::f32),
                                  cast(operand(a, "box_indices", DType::i32), DType::i32), cast(operand(a, "crop_size", DType::i32), DType::i32)},
                {{"method", a.text("method")}, {"extrapolation_value", a.number("extrapolation_value")}});
    },
};
NINEFOLD_REGISTER(crop_function);

}  // namespace
}  // namespace ninefold::ops
