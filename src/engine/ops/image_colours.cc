// In: images whose last axis is red, green, blue, or hue, saturation, value. Out: RGBToHSV, HSVToRGB, AdjustHue,
// AdjustSaturation. Colours are of [0, 1], and so is the hue: 1/3 is green.
#include "base/threads.h"
#include "engine/device/image_rules.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/element_type.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/moves.h"

namespace ninefold::ops {
namespace {

constexpr int64_t kGrain = 4096;   // pixels a task

void three_channels(ShapeCtx& c) {
  const Shape& s = c.shape(0);
  if (s.known_rank()) {
    c.check(s.rank() >= 1, "input must be at least 1D{}", s.str());
    check(s.dim(-1) < 0 || s.dim(-1) == 3, Code::failed_precondition, "input must have 3 channels but input only has {} channels. [Op:{}]", s.dim(-1),
          c.op().name);
  }
  c.same_as_input();
}
void adjusted_shape(ShapeCtx& c) {
  const Shape& s = c.shape(0);
  if (s.known_rank()) {
    c.check(s.rank() >= 3, "input must be at least 3-D, got shape{}", s.str());
    c.check(s.dim(-1) < 0 || s.dim(-1) == 3, "input must have 3 channels but instead has {} channels.", s.dim(-1));
  }
  c.check(!c.shape(1).known_rank() || c.shape(1).rank() == 0, "{} must be scalar: {}", c.op().name == "AdjustHue" ? "delta" : "scale", c.shape(1).str());
  c.same_as_input();
}

// f(in, out): three numbers each, of every pixel.
template <class C, class T, class F>
void pixels(KernelCtx& k, const F& f) {
  give_outputs(k);
  const T* in = k.in<T>(0);
  T* out = k.out<T>(0);
  parallel_for(k.shape(0).size() / 3, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const C from[3] = {static_cast<C>(in[3 * i]), static_cast<C>(in[3 * i + 1]), static_cast<C>(in[3 * i + 2])};
      C to[3];
      f(from, to);
      for (int j = 0; j < 3; ++j) out[3 * i + j] = static_cast<T>(to[j]);
    }
  });
}
template <class F>
void floating_pixels(KernelCtx& k, const F& f) {
  switch (k.dtype(0)) {
    case DType::f64: return pixels<double, double>(k, f);
    case DType::f16: return pixels<float, HalfNumber>(k, f);
    case DType::bf16: return pixels<float, BrainNumber>(k, f);
    default: return pixels<float, float>(k, f);
  }
}

// ---- RGBToHSV, HSVToRGB ----

Tensor as_number(const Tensor& condition, const Tensor& like) { return op("Cast", {condition}, {{"DstT", like.dtype()}}); }
// Of the greatest channel m and the least n: v = m, s = 1 - n / m, h = (a - b) / (6 (m - n)) + a third for each channel.
// Where channels are equal, the first of them counts as the greatest and the last as the least.
void hsv_gradient(GradCtx& g) {
  const Tensor x = g.in(0), dy = g.dy();
  const auto channel = [](const Tensor& t, int64_t i) {
    const int64_t last = t.rank() - 1;
    std::vector<int64_t> begin(static_cast<size_t>(t.rank()), 0), size(begin.size(), -1);
    begin[static_cast<size_t>(last)] = i, size[static_cast<size_t>(last)] = 1;
    return op("Slice", {t, int_vector(begin), int_vector(size)});
  };
  check(x.shape().known_rank(), Code::unimplemented, "RGBToHSV: the rank of the images must be known for their gradient");
  const Tensor c[3] = {channel(x, 0), channel(x, 1), channel(x, 2)}, dh = channel(dy, 0), ds = channel(dy, 1), dv = channel(dy, 2);
  const auto both = [](const Tensor& a, const Tensor& b) { return op("LogicalAnd", {a, b}); };
  const auto over = [](const Tensor& a, const Tensor& b) { return op("Greater", {a, b}); };
  const auto least = [](const Tensor& a, const Tensor& b) { return op("GreaterEqual", {a, b}); };
  const Tensor top[3] = {both(least(c[0], c[1]), least(c[0], c[2])), both(over(c[1], c[0]), least(c[1], c[2])), both(over(c[2], c[0]), over(c[2], c[1]))};
  const Tensor low[3] = {both(over(c[1], c[0]), over(c[2], c[0])), both(least(c[0], c[1]), over(c[2], c[1])), both(least(c[0], c[2]), least(c[1], c[2]))};
  const Tensor m = op("Maximum", {op("Maximum", {c[0], c[1]}), c[2]}), n = op("Minimum", {op("Minimum", {c[0], c[1]}), c[2]});
  const Tensor range = m - n, zero = op("ZerosLike", {m}), one = op("OnesLike", {m});
  const Tensor some = over(range, zero), safe_range = op("SelectV2", {some, range, one});
  const Tensor bright = over(m, zero), safe_m = op("SelectV2", {bright, m, one});
  const auto only = [&](const Tensor& when, const Tensor& t) { return op("SelectV2", {when, t, zero}); };
  const Tensor six = number_like(m, 6);
  const Tensor dm_s = only(bright, ds * n / (safe_m * safe_m)), dn_s = only(bright, -ds / safe_m);
  Tensors dx;
  for (int i = 0; i < 3; ++i) {
    Tensor d = as_number(top[i], m) * (dv + dm_s) + as_number(low[i], m) * dn_s;
    for (int t = 0; t < 3; ++t) {   // the hue where channel t is the greatest: (a - b) / (6 range)
      const Tensor &a = c[(t + 1) % 3], &b = c[(t + 2) % 3];
      const Tensor over_range = (as_number(top[i], m) - as_number(low[i], m)) * (a - b) / (safe_range * safe_range);
      Tensor part = -over_range;
      if (i == (t + 1) % 3) part = part + one / safe_range;
      if (i == (t + 2) % 3) part = part - one / safe_range;
      d = d + only(both(top[t], some), dh * part / six);
    }
    dx.push_back(d);
  }
  dx.push_back(int_scalar(-1));
  g.to(0, op_all("ConcatV2", dx).at(0));
}
const char* const kFloat = "T: floating = float";
const Op rgb_to_hsv = {
    .name = "RGBToHSV", .inputs = {"images: T"}, .outputs = {"output: T"}, .attrs = {kFloat},
    .doc = "Hue, saturation and value of red, green and blue.", .shape = three_channels, .grad = hsv_gradient, .grad_reads = {"images"},
};
NINEFOLD_REGISTER(rgb_to_hsv);
NINEFOLD_KERNEL(rgb_to_hsv, "CPU", (Kernel{[](KernelCtx& k) {
  floating_pixels(k, [](const auto* from, auto* to) { images::to_hsv(from, to); });
}}), DType::f32, DType::f64, DType::f16, DType::bf16);
const Op hsv_to_rgb = {
    .name = "HSVToRGB", .inputs = {"images: T"}, .outputs = {"output: T"}, .attrs = {kFloat},
    .doc = "Red, green and blue of hue, saturation and value.", .shape = three_channels,
};
NINEFOLD_REGISTER(hsv_to_rgb);
NINEFOLD_KERNEL(hsv_to_rgb, "CPU", (Kernel{[](KernelCtx& k) {
  floating_pixels(k, [](const auto* from, auto* to) { images::to_rgb(from, to); });
}}), DType::f32, DType::f64, DType::f16, DType::bf16);

// ---- AdjustHue, AdjustSaturation: computed in float ----

template <class F>
void adjusted(KernelCtx& k, const F& f) {
  const float by = *k.in<float>(1);
  const auto each = [&](const float* from, float* to) { f(from, to, by); };
  if (k.dtype(0) == DType::f16) pixels<float, HalfNumber>(k, each);
  else pixels<float, float>(k, each);
}
const Op adjust_hue = {
    .name = "AdjustHue", .inputs = {"images: T", "delta: float"}, .outputs = {"output: T"}, .attrs = {"T: {half, float} = float"},
    .doc = "RGB images with `delta` added to their hue.", .shape = adjusted_shape, .host = {"delta"},
};
NINEFOLD_REGISTER(adjust_hue);
NINEFOLD_KERNEL(adjust_hue, "CPU", (Kernel{[](KernelCtx& k) { adjusted(k, [](const float* from, float* to, float by) { images::turn_hue(from, to, by); }); }}), DType::f32, DType::f16);
const Op adjust_saturation = {
    .name = "AdjustSaturation", .inputs = {"images: T", "scale: float"}, .outputs = {"output: T"}, .attrs = {"T: {half, float} = float"},
    .doc = "RGB images with their saturation times `scale`, at most 1.", .shape = adjusted_shape, .host = {"scale"},
};
NINEFOLD_REGISTER(adjust_saturation);
NINEFOLD_KERNEL(adjust_saturation, "CPU", (Kernel{[](KernelCtx& k) { adjusted(k, [](const float* from, float* to, float by) { images::scale_saturation(from, to, by); }); }}), DType::f32, DType::f16);

}  // namespace
}  // namespace ninefold::ops
