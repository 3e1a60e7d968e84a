// In: images [batch, height, width, channels] and projective maps. Out: ImageProjectiveTransformV3 and V2: each point of the
// result is read where its map sends it, and filled where that lies outside.
#include <cmath>

#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/element_type.h"
#include "engine/ops/image_transform.h"
#include "engine/ops/moves.h"

namespace ninefold::ops {

using images::Fill;

Fill fill_named(std::string_view name) {
  return name == "REFLECT" ? Fill::reflect : name == "WRAP" ? Fill::wrap : name == "NEAREST" ? Fill::nearest : Fill::constant;
}

namespace {

constexpr const char* kImageTypes = "dtype: {uint8, int32, int64, half, float, double}";

void transformed_shape(ShapeCtx& c) {
  const Shape &images = c.shape(0), &maps = c.shape(1);
  c.check(!images.known_rank() || images.rank() == 4, "Input images must have rank 4");
  c.check(!maps.known_rank() || (maps.rank() == 2 && (maps[1] == 8 || maps[1] < 0) &&
                                 (maps[0] == 1 || maps[0] < 0 || !images.known_rank() || images[0] < 0 || maps[0] == images[0])),
          "Input transform should be num_images x 8 or 1 x 8");
  const Tensor* size = c.value(2);
  c.check(!c.shape(2).known_rank() || c.shape(2).rank() == 1, "output shape must be 1-dimensional{}", c.shape(2).str());
  c.check(!size || size->size() == 2, "output shape must have two elements{}", c.shape(2).str());
  if (size) c.check(size->int_at(0) > 0 && size->int_at(1) > 0, "output dimensions must be positive");
  Shape out = Shape::of_rank(4);
  if (images.known_rank()) out.set(0, images[0]), out.set(3, images[3]);
  if (size) out.set(1, size->int_at(0)), out.set(2, size->int_at(1));
  c.output(out);
}

void transform(KernelCtx& k, float fill_value) {
  give_outputs(k);
  const Shape &in = k.shape(0), &out = k.out(0).shape();
  const Fill fill = fill_named(k.text("fill_mode"));
  const bool nearest = k.text("interpolation") == "NEAREST";
  const bool one_map = k.shape(1)[0] == 1;
  const int64_t height = in[1], width = in[2], depth = in[3];
  const float* maps = k.in<float>(1);
  with_real(k.dtype(0), [&](auto zero) {
    using T = decltype(zero);
    const T fallback = static_cast<T>(fill_value);
    T* to = k.out<T>(0);
    for (int64_t b = 0; b < out[0]; ++b) {
      const T* image = k.in<T>(0) + b * height * width * depth;
      const float* m = maps + (one_map ? 0 : b * 8);
      for (int64_t row = 0; row < out[1]; ++row)
        for (int64_t column = 0; column < out[2]; ++column, to += depth) {
          const images::Read from = images::read_at(m, row, column, fill, height, width);
          const auto at = [&](float r, float c, int64_t d) {
            const int64_t pixel = images::pixel_at(r, c, height, width);
            return pixel < 0 ? fallback : image[pixel * depth + d];
          };
          for (int64_t d = 0; d < depth; ++d)
            if (!from.somewhere) to[d] = fallback;
            else if (nearest) to[d] = at(std::round(from.row), std::round(from.column), d);
            else to[d] = static_cast<T>(images::bilinear(from, [&](float r, float c) { return static_cast<float>(at(r, c, d)); }));
        }
    }
  });
}

// The inverse of each map, for the gradient: images of the result's points, read back.
Tensor inverse(const Tensor& maps) {
  const Tensor n = op("StridedSlice", {op("Shape", {maps}), int_vector({0}), int_vector({1}), int_vector({1})},
                      {{"shrink_axis_mask", int64_t{1}}});
  const Tensor ones = op("Fill", {op_all("Pack", std::initializer_list<Tensor>{n, Tensor(int32_t{1})}).at(0), Tensor(1.0f)});
  const Tensor square = op("Reshape", {op_all("ConcatV2", std::initializer_list<Tensor>{maps, ones, Tensor(int32_t{1})}).at(0), int_vector({-1, 3, 3})});
  const Tensor flat = op("Reshape", {op("MatrixInverse", {square}), int_vector({-1, 9})});
  const Tensor last = op("Slice", {flat, int_vector({0, 8}), int_vector({-1, 1})});
  return op("Slice", {flat, int_vector({0, 0}), int_vector({-1, 8})}) / last;
}
void flows_back(GradCtx& g, bool has_fill) {
  if (!g.needs(0)) return;
  const Tensor size = op("StridedSlice", {op("Shape", {g.in(0)}), int_vector({1}), int_vector({3}), int_vector({1})});
  const Tensor maps = inverse(g.in(1));
  const NamedAttr how[] = {{"interpolation", g.text("interpolation")}, {"fill_mode", g.text("fill_mode")}};
  if (has_fill) g.to(0, op_all("ImageProjectiveTransformV3", std::initializer_list<Tensor>{g.dy(), maps, size, g.in(3)}, how).at(0));
  else g.to(0, op_all("ImageProjectiveTransformV2", std::initializer_list<Tensor>{g.dy(), maps, size}, how).at(0));
}

const Op with_fill = {
    .name = "ImageProjectiveTransformV3",
    .inputs = {"images: dtype", "transforms: float", "output_shape: int32", "fill_value: float"},
    .outputs = {"transformed_images: dtype"}, .attrs = {kImageTypes, "interpolation: string", "fill_mode: string = 'CONSTANT'"},
    .doc = "Images of which each point (x, y) is read at ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k), k = c0 x + c1 y + 1.",
    .shape = transformed_shape, .grad = [](GradCtx& g) { flows_back(g, true); },
    .host = {"output_shape", "fill_value"}, .grad_reads = {"images", "transforms", "fill_value"},
};
NINEFOLD_REGISTER(with_fill);
NINEFOLD_KERNEL(with_fill, "CPU", (Kernel{[](KernelCtx& k) { transform(k, *k.in<float>(3)); }}));

const Op without_fill = {
    .name = "ImageProjectiveTransformV2", .inputs = {"images: dtype", "transforms: float", "output_shape: int32"},
    .outputs = {"transformed_images: dtype"}, .attrs = {kImageTypes, "interpolation: string", "fill_mode: string = 'CONSTANT'"},
    .doc = "ImageProjectiveTransformV3 with 0 where nothing is read.",
    .shape = transformed_shape, .grad = [](GradCtx& g) { flows_back(g, false); },
    .host = {"output_shape"}, .grad_reads = {"images", "transforms"},
};
NINEFOLD_REGISTER(without_fill);
NINEFOLD_KERNEL(without_fill, "CPU", (Kernel{[](KernelCtx& k) { transform(k, 0); }}));

}  // namespace
}  // namespace ninefold::ops
