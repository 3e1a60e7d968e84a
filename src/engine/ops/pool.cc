// In: images and a window. Out: the greatest or the mean of every window, and what flows back.
#include "engine/device/cpu/pool.h"

#include <cstring>
#include <limits>

#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/ops/channels_last.h"
#include "engine/ops/element_type.h"
#include "engine/ops/moves.h"
#include "engine/ops/nn_rows.h"
#include "engine/ops/window.h"

namespace ninefold::ops {
namespace {

template <class Ctx>
Layout layout(const Ctx& c) { return {2, c.text("data_format") == "NCHW"}; }
template <class Ctx>
bool has_explicit(const Ctx& c) { return def(c.op()).slot("explicit_paddings") >= 0; }

// The checks of all pooling ops; returns the pooled shape.
Shape pooled(ShapeCtx& c, const Shape& image) {
  const Layout l = layout(c);
  const std::vector<int64_t>& ksize = c.ints("ksize");
  c.check(ksize.size() == 4, "Sliding window ksize field must specify 4 dimensions");
  c.check(!image.known_rank() || image.rank() == 4, "tensor_in_shape must have 2 spatial dimensions. {} {}", image.rank(), image.rank() - 2);
  for (size_t i = 0; i < 4; ++i) c.check(ksize[i] > 0, "Sliding window ksize for dimension {} was zero.", i);
  if (ksize[0] != 1 || c.ints("strides").at(0) != 1) unimplemented(c, "Pooling is not yet supported on the batch dimension.");
  const auto channel = static_cast<size_t>(l.channel());
  const int64_t depth = ksize[channel];
  const auto size = spatial_of(ksize, l);
  if (depth != 1) {
    const bool flat = size[0] == 1 && size[1] == 1;
    if (!flat) unimplemented(c, "MaxPooling supports exactly one of pooling across depth or pooling across width/height.");
    if (c.ints("strides").at(channel) != depth)
      unimplemented(c, "Depthwise max pooling requires the depth window to equal the depth stride");
    const int64_t channels = image.known_rank() ? image[l.channel()] : -1;
    if (channels >= 0 && channels % depth != 0)
      unimplemented(c, "Depthwise max pooling requires the depth window to evenly divide the input depth");
    if (!image.known_rank()) return Shape::of_rank(4);
    Shape out = image;
    out.set(l.channel(), channels < 0 ? -1 : channels / depth);
    return out;
  }
  check_window(c, l, false, has_explicit(c));
  if (!image.known_rank()) return Shape::of_rank(4);
  Window w = window_of(c, l, false, has_explicit(c));
  constexpr const char* kBefore[] = {"Top", "Left"};
  constexpr const char* kAfter[] = {"Bottom", "Right"};
  for (size_t i = 0; i < 2 && w.padding == "EXPLICIT"; ++i) {
    c.check(w.before[i] < size[i], "{} padding {} needs to be smaller than the window size {}", kBefore[i], w.before[i], size[i]);
    c.check(w.after[i] < size[i], "{} padding {} needs to be smaller than the window size {}", kAfter[i], w.after[i], size[i]);
  }
  return image_shape(l, image[0], windowed(c, w, l, image, size), image[l.channel()]);
}

std::vector<std::string> attrs(const char* types, bool with_explicit) {
  std::vector<std::string> all = {types, "ksize: list(int)", "strides: list(int)",
                                  with_explicit ? "padding: {'SAME', 'VALID', 'EXPLICIT'}" : "padding: {'SAME', 'VALID'}",
                                  "data_format: {'NHWC', 'NCHW'} = 'NHWC'"};
  if (with_explicit) all.push_back("explicit_paddings: list(int) = []");
  return all;
}
std::vector<NamedAttr> same_attrs(const GradCtx& g, bool with_explicit) {
  std::vector<NamedAttr> all = {{"ksize", g.ints("ksize")}, {"strides", g.ints("strides")}, {"padding", g.text("padding")},
                                {"data_format", g.text("data_format")}};
  if (with_explicit) all.push_back({"explicit_paddings", g.ints("explicit_paddings")});
  return all;
}
void check_like(ShapeCtx& c, int input, const Shape& want) {
  c.check(c.shape(input).compatible(want), "Expected {} shape to be {}, but got {}", c.op().inputs[static_cast<size_t>(input)].substr(0,
          c.op().inputs[static_cast<size_t>(input)].find(':')), want.str(), c.shape(input).str());
}

const Op max_pool = {
    .name = "MaxPool", .inputs = {"input: T"}, .outputs = {"output: T"},
    .attrs = attrs("T: {half, bfloat16, float, double, int32, int64, uint8, int16, int8, uint16} = float", true),
    .doc = "The greatest element of every window, channel by channel (or over channels, with a window of 1 x 1).",
    .shape = [](ShapeCtx& c) { c.output(pooled(c, c.shape(0))); },
    .grad = [](GradCtx& g) {
      const Tensor in[] = {g.in(0), g.out(), g.dy()};
      g.to(0, op_all("MaxPoolGrad", in, same_attrs(g, true)).at(0));
    },
};
NINEFOLD_REGISTER(max_pool);
const Op max_pool_grad = {
    .name = "MaxPoolGrad", .inputs = {"orig_input: T", "orig_output: T", "grad: T"}, .outputs = {"output: T"},
    .attrs = attrs("T: {half, bfloat16, float, double, int32} = float", true),
    .doc = "grad, each element at the first greatest pixel of its window.",
    .shape = [](ShapeCtx& c) {
      const Shape want = pooled(c, c.shape(0));
      check_like(c, 1, want);
      check_like(c, 2, want);
      c.same_as_input();
    },
    .grad = [](GradCtx& g) {
      if (g.needs(0)) g.to(0, op("ZerosLike", {g.in(0)}));
      if (g.needs(1)) g.to(1, op("ZerosLike", {g.in(1)}));
      const Tensor in[] = {g.in(0), g.in(1), g.dy()};
      if (g.needs(2)) g.to(2, op_all("MaxPoolGradGrad", in, same_attrs(g, false)).at(0));
    },
};
NINEFOLD_REGISTER(max_pool_grad);
const Op max_pool_grad_grad = {
    .name = "MaxPoolGradGrad", .inputs = {"orig_input: T", "orig_output: T", "grad: T"}, .outputs = {"output: T"},
    .attrs = attrs("T: {half, bfloat16, float, double, int32}", false),
    .doc = "Of every window the element of grad at the first greatest pixel of orig_input.",
    .shape = [](ShapeCtx& c) {
      const Shape want = pooled(c, c.shape(0));
      check_like(c, 1, want);
      check_like(c, 2, c.shape(0));
      c.output(want);
    },
    .grad = [](GradCtx& g) {
      if (g.needs(0)) g.to(0, op("ZerosLike", {g.in(0)}));
      if (g.needs(1)) g.to(1, op("ZerosLike", {g.in(1)}));
      const Tensor in[] = {g.in(0), g.in(1), g.dy()};
      if (g.needs(2)) g.to(2, op_all("MaxPoolGrad", in, same_attrs(g, false)).at(0));
    },
};
NINEFOLD_REGISTER(max_pool_grad_grad);
const Op max_pool_argmax = {
    .name = "MaxPoolWithArgmax", .inputs = {"input: T"}, .outputs = {"output: T", "argmax: Targmax"},
    .attrs = {"T: real", "ksize: list(int)", "strides: list(int)", "Targmax: index = int64",
              "padding: {'SAME', 'VALID'}", "include_batch_in_index: bool = false", "data_format: {'NHWC'} = 'NHWC'"},
    .doc = "MaxPool, and where each greatest element is: (row * width + column) * channels + channel, of its image or of the batch.",
    .shape = [](ShapeCtx& c) {
      c.output(0, pooled(c, c.shape(0)));
      c.output(1, c.outputs()[0]);
    },
    .grad = [](GradCtx& g) {
      const Tensor in[] = {g.in(0), g.out(0), g.dy(0)};
      const NamedAttr attrs[] = {{"ksize", g.ints("ksize")}, {"strides", g.ints("strides")}, {"padding", g.text("padding")}};
      g.to(0, op_all("MaxPoolGrad", in, attrs).at(0));
    },
};
NINEFOLD_REGISTER(max_pool_argmax);
const Op avg_pool = {
    .name = "AvgPool", .inputs = {"value: T"}, .outputs = {"output: T"}, .attrs = attrs("T: floating", false),
    .doc = "The mean of every window's pixels that lie inside the image.",
    .shape = [](ShapeCtx& c) {
      c.check(!c.shape(0).known_rank() || c.shape(0).rank() == 4 || c.shape(0).rank() == 5, "Input must be 4 or 5-dimensional");
      c.output(pooled(c, c.shape(0)));
    },
    .grad = [](GradCtx& g) {
      const Tensor in[] = {shape_tensor(g.in(0)), g.dy()};
      g.to(0, op_all("AvgPoolGrad", in, same_attrs(g, false)).at(0));
    },
    .grad_reads = {"value"},
};
NINEFOLD_REGISTER(avg_pool);
const Op avg_pool_grad = {
    .name = "AvgPoolGrad", .inputs = {"orig_input_shape: int32", "grad: T"}, .outputs = {"output: T"}, .attrs = attrs("T: floating", false),
    .doc = "grad, each element shared evenly by the pixels of its window.",
    .shape = [](ShapeCtx& c) {
      const Shape image = c.shape_value(0);
      c.check(!image.known_rank() || image.rank() == 4, "orig_input_shape must be 1-dimensional and 4 elements");
      if (image.fully_known()) check_like(c, 1, pooled(c, image));
      c.output(image.known_rank() ? image : Shape::of_rank(4));
    },
    .grad = [](GradCtx& g) {
      const Tensor dy = g.dy();
      if (g.needs(1)) g.to(1, op_all("AvgPool", {&dy, 1}, same_attrs(g, false)).at(0));
    },
    .host = {"orig_input_shape"}, .grad_reads = {},
};
NINEFOLD_REGISTER(avg_pool_grad);

// ---- the kernels ----

cpu::PoolShape pool_shape(const KernelCtx& k, const Shape& image) {
  const Layout l = layout(k);
  const std::vector<int64_t>& ksize = k.ints("ksize");
  cpu::PoolShape s;
  if (const int64_t depth = ksize[static_cast<size_t>(l.channel())]; depth != 1) {
    // Channels are the columns of an image as high as there are pixels (channels last: the caller's copy).
    s.h = image.size() / std::max<int64_t>(1, image[l.channel()]), s.w = image[l.channel()];
    s.kw = s.stride_w = depth;
    return s;
  }
  Window w = window_of(k, l, false, has_explicit(k));
  const auto size = spatial_of(ksize, l);
  s.n = image[0], s.h = image[l.space(0)], s.w = image[l.space(1)], s.c = image[l.channel()];
  s.kh = size[0], s.kw = size[1], s.stride_h = w.stride[0], s.stride_w = w.stride[1];
  windowed(w, 0, s.h, s.kh), windowed(w, 1, s.w, s.kw);
  s.top = w.before[0], s.bottom = w.after[0], s.left = w.before[1], s.right = w.after[1];
  return s;
}

// found(o, place) with the first greatest element of every window o; -1 if the window has none.
template <class T, class Found>
void each_greatest(const cpu::PoolShape& s, const T* x, const Found& found) {
  for (int64_t t = 0; t < s.n * s.oh(); ++t)
    for (int64_t col = 0; col < s.ow(); ++col)
      for (int64_t i = 0; i < s.c; ++i) {
        const int64_t r0 = t % s.oh() * s.stride_h - s.top, c0 = col * s.stride_w - s.left;
        int64_t best = -1;
        for (int64_t r = std::max<int64_t>(r0, 0); r < std::min(r0 + s.kh, s.h); ++r)
          for (int64_t c = std::max<int64_t>(c0, 0); c < std::min(c0 + s.kw, s.w); ++c) {
            const int64_t at = ((t / s.oh() * s.h + r) * s.w + c) * s.c + i;
            if (best < 0 || x[best] < x[at]) best = at;
          }
        found((t * s.ow() + col) * s.c + i, best);
      }
}
// y[o] = grad at the first greatest pixel of window o: the transpose of max_pool_backward.
template <class T>
void pick(const cpu::PoolShape& s, const T* x, const T* grad, T* y) {
  each_greatest(s, x, [&](int64_t o, int64_t place) { y[o] = place < 0 ? T(0) : grad[place]; });
}

// For types of which plans hold no loops of their own.
template <class T>
void greatest(const cpu::PoolShape& s, const T* x, T* y) {
  each_greatest(s, x, [&](int64_t o, int64_t place) { y[o] = place < 0 ? std::numeric_limits<T>::lowest() : x[place]; });
}

enum class Way { max, max_back, max_pick, average, average_back };
template <class T, Way way>
void run_in(KernelCtx& k, DType memory) {
  constexpr bool average = way == Way::average || way == Way::average_back;
  const bool channels_first = layout(k).channels_first;
  const Shape& result = k.out(0).shape();
  const Shape& image = way == Way::average_back ? result : k.shape(0);
  const cpu::PoolShape s = pool_shape(k, image);
  if (result.size() == 0) return;
  constexpr int other = average ? 1 : 2;   // the input with what flows back
  const nn::Widened y(memory, k.out<void>(0), result.size(), true);
  const nn::Widened x(memory, way == Way::average_back ? nullptr : k.in<void>(0), way == Way::average_back ? 0 : k.shape(0).size());
  constexpr bool has_dy = way == Way::max_back || way == Way::max_pick || way == Way::average_back;
  const nn::Widened dy(memory, has_dy ? k.in<void>(other) : nullptr, has_dy ? k.shape(other).size() : 0);
  if (has_dy && way != Way::max_pick && k.shape(other).size() == 0) {
    std::memset(k.out<char>(0), 0, k.out(0).bytes());
    return;
  }
  const ChannelsLast<T> to(result, channels_first, y.data(), true);
  if constexpr (way == Way::average_back) {
    const ChannelsLast<T> g(k.shape(1), channels_first, dy.data(), false);
    cpu::average_pool_backward<T>(s, g.data(), to.data());
  } else {
    const ChannelsLast<T> from(image, channels_first, x.data(), false);
    if constexpr (way == Way::max && (std::is_floating_point_v<T> || std::is_same_v<T, int32_t>)) cpu::max_pool<T>(s, from.data(), to.data());
    else if constexpr (way == Way::max) greatest<T>(s, from.data(), to.data());
    if constexpr (way == Way::average) cpu::average_pool<T>(s, from.data(), to.data());
    if constexpr (way == Way::max_back || way == Way::max_pick) {
      const ChannelsLast<T> g(k.shape(2), channels_first, dy.data(), false);
      if constexpr (way == Way::max_back) cpu::max_pool_backward<T>(s, from.data(), g.data(), to.data());
      else pick<T>(s, from.data(), g.data(), to.data());
    }
  }
}
template <Way way>
void run(KernelCtx& k) {
  give_outputs(k);
  const DType d = k.out(0).dtype();
  if constexpr (way == Way::max) {
    switch (d) {
      case DType::i8: return run_in<int8_t, way>(k, d);
      case DType::u8: return run_in<uint8_t, way>(k, d);
      case DType::i16: return run_in<int16_t, way>(k, d);
      case DType::u16: return run_in<uint16_t, way>(k, d);
      case DType::i64: return run_in<int64_t, way>(k, d);
      default: break;
    }
  }
  if (d == DType::f64) return run_in<double, way>(k, d);
  if constexpr (way != Way::average && way != Way::average_back)
    if (d == DType::i32) return run_in<int32_t, way>(k, d);
  run_in<float, way>(k, d);
}
template <class T>
void argmax_in(KernelCtx& k) {
  const cpu::PoolShape s = pool_shape(k, k.shape(0));
  const int64_t n = k.shape(0).size(), image = s.h * s.w * s.c;
  const nn::Widened x(k.dtype(0), k.in<void>(0), n), y(k.dtype(0), k.out<void>(0), k.out(0).shape().size(), true);
  const bool batch = k.flag("include_batch_in_index"), wide = k.out(1).dtype() == DType::i64;
  auto* in = static_cast<const T*>(x.data());
  each_greatest(s, in, [&](int64_t o, int64_t place) {
    const int64_t at = batch || place < 0 ? place : place % image;
    static_cast<T*>(y.data())[o] = place < 0 ? std::numeric_limits<T>::lowest() : in[place];
    if (wide) k.out<int64_t>(1)[o] = at;
    else k.out<int32_t>(1)[o] = static_cast<int32_t>(at);
  });
}
void argmax_cpu(KernelCtx& k) {
  if (is_integer(k.dtype(0)) || k.dtype(0) == DType::f64)
    with_real(k.dtype(0), [&]<class T>(T) {
      if constexpr (std::is_arithmetic_v<T>) argmax_in<T>(k);
    });
  else argmax_in<float>(k);
}
NINEFOLD_KERNEL(max_pool_argmax, "CPU", Kernel{argmax_cpu});
NINEFOLD_KERNEL(max_pool, "CPU", Kernel{run<Way::max>});
NINEFOLD_KERNEL(max_pool_grad, "CPU", Kernel{run<Way::max_back>});
NINEFOLD_KERNEL(max_pool_grad_grad, "CPU", Kernel{run<Way::max_pick>});
NINEFOLD_KERNEL(avg_pool, "CPU", Kernel{run<Way::average>});
NINEFOLD_KERNEL(avg_pool_grad, "CPU", Kernel{run<Way::average_back>});

}  // namespace
}  // namespace ninefold::ops
