// In: images [batch, height, width, channels] and a size. Out: ResizeBilinear, ResizeNearestNeighbor, their gradients.
#include <algorithm>
#include <cmath>

#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/element_type.h"
#include "engine/ops/moves.h"
#include "engine/ops/resize.h"

namespace ninefold::ops {
namespace resize {

void resized_shape(ShapeCtx& c) {
  const Shape& s = c.shape(0);
  c.check(!s.known_rank() || s.rank() == 4, "input must be 4-dimensional{}", s.str());
  c.check(!c.shape(1).known_rank() || c.shape(1).rank() == 1, "shape_t must be 1-dimensional{}", c.shape(1).str());
  const Tensor* size = c.value(1);
  c.check(!size || size->size() == 2, "shape_t must have two elements{}", c.shape(1).str());
  if (size) c.check(size->int_at(0) > 0 && size->int_at(1) > 0, "output dimensions must be positive");
  Shape out = Shape::of_rank(4);
  if (s.known_rank()) {
    c.check(s[1] != 0 && s[2] != 0, "input image must be of non-zero size");
    out.set(0, s[0]), out.set(3, s[3]);
  }
  if (size) out.set(1, size->int_at(0)), out.set(2, size->int_at(1));
  c.output(out);
}
void half_or_corners(ShapeCtx& c) {
  resized_shape(c);
  c.check(!c.flag("half_pixel_centers") || !c.flag("align_corners"), "If half_pixel_centers is True, align_corners must be False.");
}

}  // namespace resize
namespace {

const std::vector<std::string> kAttrs = {resize::kNumeric,
                                         "align_corners: bool = false", "half_pixel_centers: bool = false"};

// ---- where a row or column of the result lies between those of the image ----
struct Scale {
  Scale(const KernelCtx& k, int64_t in, int64_t out)
      : ratio(k.flag("align_corners") && out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1)
                                                 : static_cast<float>(in) / static_cast<float>(out)),
        half(k.flag("half_pixel_centers")), corners(k.flag("align_corners")), last(in - 1) {}
  float at(int64_t i) const { return half ? (static_cast<float>(i) + 0.5f) * ratio - 0.5f : static_cast<float>(i) * ratio; }
  int64_t nearest(int64_t i) const {
    const float x = half ? (static_cast<float>(i) + 0.5f) * ratio : static_cast<float>(i) * ratio;
    return std::clamp<int64_t>(static_cast<int64_t>(corners ? std::round(x) : std::floor(x)), 0, last);
  }
  float ratio;
  bool half, corners;
  int64_t last;
};
struct Between {
  int64_t low, high;
  float share;    // of `high`
};
std::vector<Between> between(const Scale& scale, int64_t n) {
  std::vector<Between> all(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) {
    const float x = scale.at(i), low = std::floor(x);
    all[static_cast<size_t>(i)] = {std::max<int64_t>(static_cast<int64_t>(low), 0),
                                   std::min(static_cast<int64_t>(std::ceil(x)), scale.last), x - low};
  }
  return all;
}

const Op bilinear = {
    .name = "ResizeBilinear", .inputs = {"images: T", "size: int32"}, .outputs = {"resized_images: float"}, .attrs = kAttrs,
    .doc = "Images of another size: each point is the weighted mean of the four around it.", .shape = resize::half_or_corners,
    .grad = [](GradCtx& g) {
      if (g.needs(0))
        g.to(0, op("ResizeBilinearGrad", {g.dy(), g.in(0)},
                   {{"align_corners", g.flag("align_corners")}, {"half_pixel_centers", g.flag("half_pixel_centers")}}));
    },
    .host = {"size"}, .grad_reads = {"images"},
};
NINEFOLD_REGISTER(bilinear);
NINEFOLD_KERNEL(bilinear, "CPU", (Kernel{[](KernelCtx& k) {
  give_outputs(k);
  const Shape &in = k.shape(0), &out = k.out(0).shape();
  const std::vector<Between> rows = between(Scale(k, in[1], out[1]), out[1]), columns = between(Scale(k, in[2], out[2]), out[2]);
  const int64_t depth = in[3];
  with_real(k.dtype(0), [&](auto zero) {
    using T = decltype(zero);
    float* to = k.out<float>(0);
    for (int64_t b = 0; b < in[0]; ++b)
      for (const Between& r : rows) {
        const T* top = k.in<T>(0) + (b * in[1] + r.low) * in[2] * depth;
        const T* bottom = k.in<T>(0) + (b * in[1] + r.high) * in[2] * depth;
        for (const Between& c : columns)
          for (int64_t d = 0; d < depth; ++d) {
            const auto mixed = [&](const T* row) {
              const float left = static_cast<float>(row[c.low * depth + d]), right = static_cast<float>(row[c.high * depth + d]);
              return left + (right - left) * c.share;
            };
            const float above = mixed(top), below = mixed(bottom);
            *to++ = above + (below - above) * r.share;
          }
      }
  });
}}));

const Op bilinear_grad = {
    .name = "ResizeBilinearGrad", .inputs = {"grads: float", "original_image: T"}, .outputs = {"output: T"},
    .attrs = {"T: {float, half, double, bfloat16}", "align_corners: bool = false", "half_pixel_centers: bool = false"},
    .doc = "What flows into the images that ResizeBilinear was given.",
    .shape = [](ShapeCtx& c) {
      c.check(c.shape(0).rank() < 0 || c.shape(0).rank() == 4, "input_grad must be 4-dimensional{}", c.shape(0).str());
      c.output(c.shape(1));
    },
    .grad = [](GradCtx& g) {
      if (g.needs(0))
        g.to(0, op("ResizeBilinear", {g.dy(), op("StridedSlice", {op("Shape", {g.in(0)}), int_vector({1}), int_vector({3}), int_vector({1})})},
                   {{"align_corners", g.flag("align_corners")}, {"half_pixel_centers", g.flag("half_pixel_centers")}}));
    },
    .grad_reads = {"grads"},
};
NINEFOLD_REGISTER(bilinear_grad);
NINEFOLD_KERNEL(bilinear_grad, "CPU", (Kernel{[](KernelCtx& k) {
  give_outputs(k);
  const Shape &dy = k.shape(0), &in = k.shape(1);
  const std::vector<Between> rows = between(Scale(k, in[1], dy[1]), dy[1]), columns = between(Scale(k, in[2], dy[2]), dy[2]);
  const int64_t depth = in[3];
  std::vector<double> sum(static_cast<size_t>(in.size()));
  const float* from = k.in<float>(0);
  for (int64_t b = 0; b < in[0]; ++b)
    for (const Between& r : rows)
      for (const Between& c : columns)
        for (int64_t d = 0; d < depth; ++d, ++from) {
          const auto add = [&](int64_t row, int64_t column, float share) {
            sum[static_cast<size_t>(((b * in[1] + row) * in[2] + column) * depth + d)] += *from * share;
          };
          add(r.low, c.low, (1 - r.share) * (1 - c.share));
          add(r.low, c.high, (1 - r.share) * c.share);
          add(r.high, c.low, r.share * (1 - c.share));
          add(r.high, c.high, r.share * c.share);
        }
  with_real(k.out(0).dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (size_t i = 0; i < sum.size(); ++i) k.out<T>(0)[i] = static_cast<T>(sum[i]);
  });
}}));

const Op nearest = {
    .name = "ResizeNearestNeighbor", .inputs = {"images: T", "size: int32"}, .outputs = {"resized_images: T"}, .attrs = kAttrs,
    .doc = "Images of another size: each point is the nearest one.", .shape = resize::half_or_corners,
    .grad = [](GradCtx& g) {
      if (g.needs(0))
        g.to(0, op("ResizeNearestNeighborGrad", {g.dy(), op("StridedSlice", {op("Shape", {g.in(0)}), int_vector({1}), int_vector({3}), int_vector({1})})},
                   {{"align_corners", g.flag("align_corners")}, {"half_pixel_centers", g.flag("half_pixel_centers")}}));
    },
    .host = {"size"}, .grad_reads = {"images"},
};
NINEFOLD_REGISTER(nearest);
NINEFOLD_KERNEL(nearest, "CPU", (Kernel{[](KernelCtx& k) {
  give_outputs(k);
  const Shape &in = k.shape(0), &out = k.out(0).shape();
  const Scale rows(k, in[1], out[1]), columns(k, in[2], out[2]);
  const auto bytes = static_cast<int64_t>(size_of(k.dtype(0))) * in[3];
  char* to = k.out<char>(0);
  for (int64_t b = 0; b < in[0]; ++b)
    for (int64_t r = 0; r < out[1]; ++r)
      for (int64_t c = 0; c < out[2]; ++c, to += bytes)
        std::memcpy(to, k.in<char>(0) + ((b * in[1] + rows.nearest(r)) * in[2] + columns.nearest(c)) * bytes, static_cast<size_t>(bytes));
}}));

const Op nearest_grad = {
    .name = "ResizeNearestNeighborGrad", .inputs = {"grads: T", "size: int32"}, .outputs = {"output: T"},
    .attrs = {"T: {uint8, int8, int32, half, bfloat16, float, double}", "align_corners: bool = false", "half_pixel_centers: bool = false"},
    .doc = "What flows into the images, of the given size, that ResizeNearestNeighbor was given.", .shape = resize::half_or_corners,
    .grad = [](GradCtx& g) {
      if (g.needs(0))
        g.to(0, op("ResizeNearestNeighbor", {g.dy(), op("StridedSlice", {op("Shape", {g.in(0)}), int_vector({1}), int_vector({3}), int_vector({1})})},
                   {{"align_corners", g.flag("align_corners")}, {"half_pixel_centers", g.flag("half_pixel_centers")}}));
    },
    .host = {"size"}, .grad_reads = {"grads"},
};
NINEFOLD_REGISTER(nearest_grad);
NINEFOLD_KERNEL(nearest_grad, "CPU", (Kernel{[](KernelCtx& k) {
  give_outputs(k);
  const Shape &dy = k.shape(0), &in = k.out(0).shape();
  const Scale rows(k, in[1], dy[1]), columns(k, in[2], dy[2]);
  with_real(k.dtype(0), [&](auto zero) {
    using T = decltype(zero);
    std::fill_n(k.out<T>(0), in.size(), T(0));
    const T* from = k.in<T>(0);
    for (int64_t b = 0; b < in[0]; ++b)
      for (int64_t r = 0; r < dy[1]; ++r)
        for (int64_t c = 0; c < dy[2]; ++c)
          for (int64_t d = 0; d < in[3]; ++d, ++from) {
            T& to = k.out<T>(0)[((b * in[1] + rows.nearest(r)) * in[2] + columns.nearest(c)) * in[3] + d];
            to = static_cast<T>(to + *from);
          }
  });
}}));

}  // namespace
}  // namespace ninefold::ops
