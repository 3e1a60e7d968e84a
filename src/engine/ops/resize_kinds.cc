// In: images [batch, height, width, channels] and a size. Out: ResizeBicubic, ResizeArea, ScaleAndTranslate and their
// gradients. Each is a weighted sum over some rows, and of each of those over some columns.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/threads.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/element_type.h"
#include "engine/ops/moves.h"
#include "engine/ops/resize.h"

namespace ninefold::ops {
namespace {

using namespace resize;

// Which elements along one axis make one of the result, and how much of each.
struct Tap { int64_t at; float weight; };
using Taps = std::vector<Tap>;
using Axis = std::vector<Taps>;   // one entry an element of the result

// ---- weights ----

// Keys' cubic with a = -1/2 (half pixel centers, weights that add up to 1 at borders) or the older a = -3/4; from a table
// of 1,024 steps, as TensorFlow's.
Axis cubic(int64_t in, int64_t out, bool corners, bool half) {
  constexpr int64_t steps = 1024;
  const double a = half ? -0.5 : -0.75;
  const auto table = [&](int64_t i, bool far) {
    double x = static_cast<double>(i) / steps;
    if (!far) return static_cast<float>(((a + 2) * x - (a + 3)) * x * x + 1);
    x += 1;
    return static_cast<float>(((a * x - 5 * a) * x + 8 * a) * x - 4 * a);
  };
  const float ratio = corners && out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1) : static_cast<float>(in) / static_cast<float>(out);
  Axis axis(static_cast<size_t>(out));
  for (int64_t i = 0; i < out; ++i) {
    const float x = half ? (static_cast<float>(i) + 0.5f) * ratio - 0.5f : static_cast<float>(i) * ratio;
    const auto low = static_cast<int64_t>(std::floor(x));
    const int64_t step = std::lrintf((x - static_cast<float>(low)) * steps);
    const float weights[4] = {table(step, true), table(step, false), table(steps - step, false), table(steps - step, true)};
    Taps& taps = axis[static_cast<size_t>(i)];
    float sum = 0;
    for (int64_t t = 0; t < 4; ++t) {
      const int64_t at = low - 1 + t, inside = std::clamp<int64_t>(at, 0, in - 1);
      taps.push_back({inside, half && at != inside ? 0.0f : weights[t]});
      sum += taps.back().weight;
    }
    if (half && std::abs(sum) >= 1000 * std::numeric_limits<float>::min())
      for (Tap& t : taps) t.weight *= 1 / sum;
  }
  return axis;
}
// How much of each old element lies within a new one.
Axis shares(int64_t in, int64_t out, bool corners) {
  const float ratio = corners && out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1) : static_cast<float>(in) / static_cast<float>(out);
  Axis axis(static_cast<size_t>(out));
  for (int64_t i = 0; i < out; ++i) {
    const float begin = static_cast<float>(i) * ratio, end = static_cast<float>(i + 1) * ratio;
    for (auto at = static_cast<int64_t>(std::floor(begin)); at < static_cast<int64_t>(std::ceil(end)); ++at) {
      const auto x = static_cast<float>(at);
      const float share = x < begin ? (x + 1 > end ? ratio : x + 1 - begin) : (x + 1 > end ? end - x : 1.0f);
      axis[static_cast<size_t>(i)].push_back({std::clamp<int64_t>(at, 0, in - 1), share / ratio});
    }
  }
  return axis;
}

// A function of the distance, and how far it reaches.
struct Window {
  float radius;
  float (*weight)(float x);   // of |x|
};
template <int radius>
float lanczos(float x) {
  if (x > radius) return 0;
  if (x <= 1e-3f) return 1;
  const double angle = std::numbers::pi * x;
  return static_cast<float>(radius * std::sin(angle) * std::sin(angle / radius) / (angle * angle));
}
Window window_named(const KernelCtx& k, const std::string& name) {
  if (name == "lanczos1") return {1, lanczos<1>};
  if (name == "lanczos3") return {3, lanczos<3>};
  if (name == "lanczos5") return {5, lanczos<5>};
  if (name == "gaussian") return {1.5f, [](float x) { return x >= 1.5f ? 0.0f : std::exp(-x * x / (2 * 0.5f * 0.5f)); }};
  if (name == "box") return {1, [](float x) { return x < 0.5f ? 1.0f : x == 0.5f ? 0.5f : 0.0f; }};
  if (name == "triangle") return {1, [](float x) { return x < 1 ? 1 - x : 0.0f; }};
  if (name == "keyscubic")
    return {2, [](float x) { return x >= 2 ? 0.0f : x >= 1 ? ((-0.5f * x + 2.5f) * x - 4) * x + 2 : ((1.5f * x - 2.5f) * x) * x + 1; }};
  if (name == "mitchellcubic")
    return {2, [](float x) {
              return x >= 2 ? 0.0f : x >= 1 ? (((-7.0f / 18) * x + 2) * x - 10.0f / 3) * x + 16.0f / 9 : (((7.0f / 6) * x - 2) * x) * x + 8.0f / 9;
            }};
  k.raise("Unrecognized kernel type: " + name);
}
// Around each new element's place among the old ones; wider where the image shrinks, with `antialias`. Nothing of what lies
// outside the image.
Axis spans(const KernelCtx& k, int64_t in, int64_t out, float scale, float translate, const Window& window, bool antialias) {
  k.check(scale > 0 && std::isfinite(scale) && std::isfinite(translate), "scale must be greater than zero.");
  const float back = 1 / scale, offset = -back * translate, widen = antialias ? std::max(back, 1.0f) : 1.0f, reach = window.radius * widen;
  Axis axis(static_cast<size_t>(out));
  for (int64_t i = 0; i < out; ++i) {
    const float x = (static_cast<float>(i) + 0.5f) * back + offset;
    if (!(x >= 0 && x <= static_cast<float>(in))) continue;
    const auto bounded = [&](float v) { return static_cast<int64_t>(std::clamp(v, 0.0f, static_cast<float>(in - 1))); };
    const int64_t begin = bounded(std::ceil(x - reach - 0.5f)), end = bounded(std::floor(x + reach - 0.5f)) + 1;
    Taps& taps = axis[static_cast<size_t>(i)];
    float sum = 0;
    for (int64_t at = begin; at < end; ++at) {
      taps.push_back({at, window.weight(std::abs((static_cast<float>(at) + 0.5f - x) / widen))});
      sum += taps.back().weight;
    }
    if (std::abs(sum) < 1000 * std::numeric_limits<float>::min()) taps.clear();
    for (Tap& t : taps) t.weight *= 1 / sum;
  }
  return axis;
}

// ---- sums ----

void resample(KernelCtx& k, const Axis& rows, const Axis& columns) {
  const Shape& in = k.shape(0);
  const int64_t depth = in[3], width = static_cast<int64_t>(columns.size()), height = static_cast<int64_t>(rows.size());
  float* out = k.out<float>(0);
  with_real(k.dtype(0), [&](auto zero) {
    using T = decltype(zero);
    const T* image = k.in<T>(0);
    parallel_for(in[0] * height, std::max<int64_t>(1, 4096 / std::max<int64_t>(width * depth, 1)), [&](int64_t begin, int64_t end) {
      std::vector<float> line(static_cast<size_t>(in[2] * depth));
      for (int64_t i = begin; i < end; ++i) {
        std::fill(line.begin(), line.end(), 0.0f);
        for (const Tap& r : rows[static_cast<size_t>(i % height)]) {
          const T* from = image + (i / height * in[1] + r.at) * in[2] * depth;
          for (size_t j = 0; j < line.size(); ++j) line[j] += r.weight * static_cast<float>(from[j]);
        }
        float* to = out + i * width * depth;
        std::fill_n(to, width * depth, 0.0f);
        for (const Taps& taps : columns) {
          for (const Tap& c : taps)
            for (int64_t d = 0; d < depth; ++d) to[d] += c.weight * line[static_cast<size_t>(c.at * depth + d)];
          to += depth;
        }
      }
    });
  });
}
// The same weights the other way: what flows into the image.
void spread(KernelCtx& k, const Axis& rows, const Axis& columns) {
  const Shape &dy = k.shape(0), &in = k.shape(1);
  const int64_t depth = in[3];
  std::vector<double> sum(static_cast<size_t>(in.size()));
  const float* from = k.in<float>(0);
  for (int64_t b = 0; b < dy[0]; ++b)
    for (const Taps& row : rows)
      for (const Taps& column : columns) {
        for (const Tap& r : row)
          for (const Tap& c : column)
            for (int64_t d = 0; d < depth; ++d)
              sum[static_cast<size_t>(((b * in[1] + r.at) * in[2] + c.at) * depth + d)] += static_cast<double>(from[d]) * (r.weight * c.weight);
        from += depth;
      }
  with_real(k.out(0).dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (size_t i = 0; i < sum.size(); ++i) k.out<T>(0)[i] = static_cast<T>(sum[i]);
  });
}

// ---- ops ----

// The gradients' ops: as large as the image; its batch and channels are those of dy.
void original_shape(ShapeCtx& c) {
  const Shape &dy = c.shape(0), &in = c.shape(1);
  c.check(!dy.known_rank() || dy.rank() == 4, "input_grad must be 4-dimensional{}", dy.str());
  c.check(!in.known_rank() || in.rank() == 4, "original_image must be 4-dimensional{}", in.str());
  if (dy.fully_known() && in.fully_known())
    c.check(dy[0] == in[0] && dy[3] == in[3] && in[1] > 0 && in[2] > 0, "input_grad {} and original_image {} do not fit each other", dy.str(), in.str());
  c.output(in);
}
Tensor size_of_rows(const Tensor& t) { return op("StridedSlice", {op("Shape", {t}), int_vector({1}), int_vector({3}), int_vector({1})}); }

const Op bicubic = {
    .name = "ResizeBicubic", .inputs = {"images: T", "size: int32"}, .outputs = {"resized_images: float"},
    .attrs = {kNumeric, "align_corners: bool = false", "half_pixel_centers: bool = false"},
    .doc = "Images of another size: each point is made of the sixteen around it by cubic polynomials.", .shape = half_or_corners,
    .grad = [](GradCtx& g) {
      g.to(0, op("ResizeBicubicGrad", {g.dy(), g.in(0)}, {{"align_corners", g.flag("align_corners")}, {"half_pixel_centers", g.flag("half_pixel_centers")}}));
    },
    .host = {"size"}, .grad_reads = {"images"},
};
NINEFOLD_REGISTER(bicubic);
NINEFOLD_KERNEL(bicubic, "CPU", (Kernel{[](KernelCtx& k) {
  give_outputs(k);
  const Shape &in = k.shape(0), &out = k.out(0).shape();
  const bool corners = k.flag("align_corners"), half = k.flag("half_pixel_centers");
  resample(k, cubic(in[1], out[1], corners, half), cubic(in[2], out[2], corners, half));
}}));
const Op bicubic_grad = {
    .name = "ResizeBicubicGrad", .inputs = {"grads: float", "original_image: T"}, .outputs = {"output: T"},
    .attrs = {"T: {float, double}", "align_corners: bool = false", "half_pixel_centers: bool = false"},
    .doc = "What flows into the images that ResizeBicubic was given.", .shape = original_shape,
    .grad = [](GradCtx& g) {
      if (g.needs(0))
        g.to(0, op("ResizeBicubic", {g.dy(), size_of_rows(g.in(0))},
                   {{"align_corners", g.flag("align_corners")}, {"half_pixel_centers", g.flag("half_pixel_centers")}}));
    },
    .grad_reads = {"grads"},
};
NINEFOLD_REGISTER(bicubic_grad);
NINEFOLD_KERNEL(bicubic_grad, "CPU", (Kernel{[](KernelCtx& k) {
  give_outputs(k);
  const Shape &dy = k.shape(0), &in = k.shape(1);
  const bool corners = k.flag("align_corners"), half = k.flag("half_pixel_centers");
  spread(k, cubic(in[1], dy[1], corners, half), cubic(in[2], dy[2], corners, half));
}}));

const Op area = {
    .name = "ResizeArea", .inputs = {"images: T", "size: int32"}, .outputs = {"resized_images: float"}, .attrs = {kNumeric, "align_corners: bool = false"},
    .doc = "Images of another size: each point is the mean of the area that it covers.", .shape = resized_shape, .host = {"size"},
};
NINEFOLD_REGISTER(area);
NINEFOLD_KERNEL(area, "CPU", (Kernel{[](KernelCtx& k) {
  give_outputs(k);
  const Shape &in = k.shape(0), &out = k.out(0).shape();
  resample(k, shares(in[1], out[1], k.flag("align_corners")), shares(in[2], out[2], k.flag("align_corners")));
}}));

void pair_of_floats(ShapeCtx& c, int input) {
  const Shape& s = c.shape(input);
  c.check(!s.known_rank() || (s.rank() == 1 && (s[0] < 0 || s[0] == 2)), "{} must have two elements, got shape {}", def(c.op()).inputs[static_cast<size_t>(input)].name,
          s.str());
}
const Op scale_and_translate = {
    .name = "ScaleAndTranslate", .inputs = {"images: T", "size: int32", "scale: float", "translation: float"}, .outputs = {"resized_images: float"},
    .attrs = {kNumeric, "kernel_type: string = 'lanczos3'", "antialias: bool = true"},
    .doc = "Images scaled and moved to another size, sampled with a kernel; with antialias a wider one where they shrink.",
    .shape = [](ShapeCtx& c) {
      resized_shape(c);
      pair_of_floats(c, 2);
      pair_of_floats(c, 3);
    },
    .grad = [](GradCtx& g) {
      if (g.needs(0))
        g.to(0, op("ScaleAndTranslateGrad", {g.dy(), g.in(0), g.in(2), g.in(3)}, {{"kernel_type", g.text("kernel_type")}, {"antialias", g.flag("antialias")}}));
    },
    .host = {"size", "scale", "translation"}, .grad_reads = {"images", "scale", "translation"},
};
NINEFOLD_REGISTER(scale_and_translate);
std::pair<Axis, Axis> both_spans(KernelCtx& k, const Shape& in, const Shape& out, int scale, int translation) {
  const Window window = window_named(k, k.text("kernel_type"));
  const bool antialias = k.flag("antialias");
  const auto axis = [&](int i) { return spans(k, in[i + 1], out[i + 1], k.in<float>(scale)[i], k.in<float>(translation)[i], window, antialias); };
  return {axis(0), axis(1)};
}
NINEFOLD_KERNEL(scale_and_translate, "CPU", (Kernel{[](KernelCtx& k) {
  give_outputs(k);
  const auto [rows, columns] = both_spans(k, k.shape(0), k.out(0).shape(), 2, 3);
  resample(k, rows, columns);
}}));
const Op scale_and_translate_grad = {
    .name = "ScaleAndTranslateGrad", .inputs = {"grads: T", "original_image: T", "scale: float", "translation: float"}, .outputs = {"output: T"},
    .attrs = {"T: {float}", "kernel_type: string = 'lanczos3'", "antialias: bool = true"},
    .doc = "What flows into the images that ScaleAndTranslate was given.",
    .shape = [](ShapeCtx& c) {
      original_shape(c);
      pair_of_floats(c, 2);
      pair_of_floats(c, 3);
    },
    .grad = [](GradCtx& g) {
      if (g.needs(0))
        g.to(0, op("ScaleAndTranslate", {g.dy(), size_of_rows(g.in(0)), g.in(2), g.in(3)},
                   {{"kernel_type", g.text("kernel_type")}, {"antialias", g.flag("antialias")}}));
    },
    .host = {"scale", "translation"}, .grad_reads = {"grads", "scale", "translation"},
};
NINEFOLD_REGISTER(scale_and_translate_grad);
NINEFOLD_KERNEL(scale_and_translate_grad, "CPU", (Kernel{[](KernelCtx& k) {
  give_outputs(k);
  const auto [rows, columns] = both_spans(k, k.shape(1), k.shape(0), 2, 3);
  spread(k, rows, columns);
}}));

}  // namespace
}  // namespace ninefold::ops
