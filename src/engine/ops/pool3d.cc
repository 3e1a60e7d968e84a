// In: volumes and a window. Out: MaxPool3D and AvgPool3D, and what flows back.
#include <cstring>
#include <limits>

#include "base/threads.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/ops/channels_last.h"
#include "engine/ops/moves.h"
#include "engine/ops/nn_rows.h"
#include "engine/ops/window.h"

namespace ninefold::ops {
namespace {

template <class Ctx>
Layout layout(const Ctx& c) { return {3, c.text("data_format") == "NCDHW"}; }

Shape pooled(ShapeCtx& c, const Shape& volume) {
  const Layout l = layout(c);
  const std::vector<int64_t>& ksize = c.ints("ksize");
  c.check(ksize.size() == 5, "Sliding window ksize field must specify 5 dimensions");
  c.check(!volume.known_rank() || volume.rank() == 5, "tensor_in must be 5-dimensional, got shape {}", volume.str());
  for (size_t i = 0; i < 5; ++i) c.check(ksize[i] > 0, "Sliding window ksize for dimension {} was zero.", i);
  if (ksize[0] != 1 || ksize[static_cast<size_t>(l.channel())] != 1) unimplemented(c, "Pooling is not yet supported on the batch nor channel dimension.");
  check_window(c, l, false, false);
  if (!volume.known_rank()) return Shape::of_rank(5);
  Window w = window_of(c, l, false, false);
  return image_shape(l, volume[0], windowed(c, w, l, volume, spatial_of(ksize, l)), volume[l.channel()]);
}
std::vector<std::string> attrs(const char* types, bool grad_of_max = false) {
  std::vector<std::string> all = {types, "ksize: list(int)", "strides: list(int)", "padding: {'SAME', 'VALID'}",
                                  "data_format: {'NDHWC', 'NCDHW'} = 'NDHWC'"};
  if (grad_of_max) all.push_back("TInput: floating = float");
  return all;
}
std::vector<NamedAttr> same_attrs(const GradCtx& g) {
  return {{"ksize", g.ints("ksize")}, {"strides", g.ints("strides")}, {"padding", g.text("padding")}, {"data_format", g.text("data_format")}};
}

const Op max_pool3d = {
    .name = "MaxPool3D", .inputs = {"input: T"}, .outputs = {"output: T"}, .attrs = attrs("T: floating"),
    .doc = "The greatest element of every window of a volume.", .shape = [](ShapeCtx& c) { c.output(pooled(c, c.shape(0))); },
    .grad = [](GradCtx& g) {
      const Tensor in[] = {g.in(0), g.out(), g.dy()};
      g.to(0, op_all("MaxPool3DGrad", in, same_attrs(g)).at(0));
    },
};
NINEFOLD_REGISTER(max_pool3d);
const Op max_pool3d_grad = {
    .name = "MaxPool3DGrad", .inputs = {"orig_input: TInput", "orig_output: TInput", "grad: T"}, .outputs = {"output: T"},
    .attrs = attrs("T: floating = float", true), .doc = "grad, each element at the first greatest element of its window.",
    .shape = [](ShapeCtx& c) {
      const Shape want = pooled(c, c.shape(0));
      c.check(c.shape(1).compatible(want), "Expected orig_output shape to be {}, but got {}", want.str(), c.shape(1).str());
      c.check(c.shape(2).compatible(want), "Expected grad shape to be {}, but got {}", want.str(), c.shape(2).str());
      c.same_as_input();
    },
};
NINEFOLD_REGISTER(max_pool3d_grad);
const Op avg_pool3d = {
    .name = "AvgPool3D", .inputs = {"input: T"}, .outputs = {"output: T"}, .attrs = attrs("T: floating"),
    .doc = "The mean of every window's elements that lie inside the volume.",
    .shape = [](ShapeCtx& c) { c.output(pooled(c, c.shape(0))); },
    .grad = [](GradCtx& g) {
      const Tensor in[] = {shape_tensor(g.in(0)), g.dy()};
      g.to(0, op_all("AvgPool3DGrad", in, same_attrs(g)).at(0));
    },
    .grad_reads = {"input"},
};
NINEFOLD_REGISTER(avg_pool3d);
const Op avg_pool3d_grad = {
    .name = "AvgPool3DGrad", .inputs = {"orig_input_shape: int32", "grad: T"}, .outputs = {"output: T"}, .attrs = attrs("T: floating"),
    .doc = "grad, each element shared evenly by the elements of its window.",
    .shape = [](ShapeCtx& c) {
      const Shape volume = c.shape_value(0);
      c.check(!volume.known_rank() || volume.rank() == 5, "orig_input_shape must be 1-dimensional and 5 elements");
      if (volume.fully_known()) {
        const Shape want = pooled(c, volume);
        c.check(c.shape(1).compatible(want), "Expected grad shape to be {}, but got {}", want.str(), c.shape(1).str());
      }
      c.output(volume.known_rank() ? volume : Shape::of_rank(5));
    },
    .grad = [](GradCtx& g) {
      const Tensor dy = g.dy();
      if (g.needs(1)) g.to(1, op_all("AvgPool3D", {&dy, 1}, same_attrs(g)).at(0));
    },
    .host = {"orig_input_shape"}, .grad_reads = {},
};
NINEFOLD_REGISTER(avg_pool3d_grad);

// ---- the kernel: windows in turn, channels inside ----

struct Volume {
  int64_t n, c;
  std::array<int64_t, 3> in, out, size, stride, before;
  int64_t pixels() const { return in[0] * in[1] * in[2]; }
  int64_t windows() const { return out[0] * out[1] * out[2]; }
  // visit(pixel) for every pixel of window w that lies inside; pixels are numbered within a volume.
  template <class F>
  void each(int64_t w, const F& visit) const {
    const int64_t at[] = {w / (out[1] * out[2]), w / out[2] % out[1], w % out[2]};
    int64_t from[3], to[3];
    for (size_t i = 0; i < 3; ++i) {
      const int64_t start = at[i] * stride[i] - before[i];
      from[i] = std::max<int64_t>(start, 0), to[i] = std::min(start + size[i], in[i]);
    }
    for (int64_t d = from[0]; d < to[0]; ++d)
      for (int64_t h = from[1]; h < to[1]; ++h)
        for (int64_t x = from[2]; x < to[2]; ++x) visit((d * in[1] + h) * in[2] + x);
  }
};
enum class Way { max, max_back, average, average_back };

template <class T, Way way>
void pool(const Volume& v, const T* x, const T* dy, T* to) {
  parallel_for(v.n, 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const T* in = x ? x + n * v.pixels() * v.c : nullptr;
      const T* g = dy ? dy + n * v.windows() * v.c : nullptr;
      constexpr bool back = way == Way::max_back || way == Way::average_back;
      T* out = to + n * (back ? v.pixels() : v.windows()) * v.c;
      if (back) std::fill_n(out, v.pixels() * v.c, T(0));
      std::vector<int64_t> best(static_cast<size_t>(v.c));
      for (int64_t w = 0; w < v.windows(); ++w) {
        int64_t count = 0;
        if constexpr (way == Way::max) {
          T* y = out + w * v.c;
          std::fill_n(y, v.c, -std::numeric_limits<T>::infinity());
          v.each(w, [&](int64_t p) {
            for (int64_t c = 0; c < v.c; ++c) y[c] = y[c] < in[p * v.c + c] ? in[p * v.c + c] : y[c];
          });
        } else if constexpr (way == Way::average) {
          T* y = out + w * v.c;
          std::fill_n(y, v.c, T(0));
          v.each(w, [&](int64_t p) {
            ++count;
            for (int64_t c = 0; c < v.c; ++c) y[c] += in[p * v.c + c];
          });
          for (int64_t c = 0; c < v.c; ++c) y[c] /= static_cast<T>(count);
        } else if constexpr (way == Way::max_back) {
          std::fill(best.begin(), best.end(), -1);
          v.each(w, [&](int64_t p) {
            for (int64_t c = 0; c < v.c; ++c) {
              int64_t& b = best[static_cast<size_t>(c)];
              if (b < 0 || in[b * v.c + c] < in[p * v.c + c]) b = p;
            }
          });
          // Each of several greatest elements gets all of it, as TensorFlow's volumes have it (its images: the first).
          v.each(w, [&](int64_t p) {
            for (int64_t c = 0; c < v.c; ++c)
              if (in[p * v.c + c] == in[best[static_cast<size_t>(c)] * v.c + c]) out[p * v.c + c] += g[w * v.c + c];
          });
        } else {
          v.each(w, [&](int64_t) { ++count; });
          const T share = T(1) / static_cast<T>(std::max<int64_t>(1, count));
          v.each(w, [&](int64_t p) {
            for (int64_t c = 0; c < v.c; ++c) out[p * v.c + c] += g[w * v.c + c] * share;
          });
        }
      }
    }
  });
}

template <class T, Way way>
void run_in(KernelCtx& k) {
  const Layout l = layout(k);
  const DType d = k.out(0).dtype();
  const Shape& result = k.out(0).shape();
  const Shape volume = way == Way::average_back ? result : k.shape(0);
  constexpr bool back = way == Way::max_back || way == Way::average_back;
  constexpr int gradient = way == Way::max_back ? 2 : 1;
  const Shape out = back ? k.shape(gradient) : result;
  if (result.size() == 0) return;
  if (out.size() == 0) {
    std::memset(k.out<char>(0), 0, k.out(0).bytes());
    return;
  }
  Window w = window_of(k, l, false, false);
  Volume v{volume[0], volume[l.channel()], {}, {}, spatial_of(k.ints("ksize"), l), w.stride, {}};
  for (int i = 0; i < 3; ++i) {
    v.in[static_cast<size_t>(i)] = volume[l.space(i)], v.out[static_cast<size_t>(i)] = out[l.space(i)];
    windowed(w, i, volume[l.space(i)], v.size[static_cast<size_t>(i)]);
  }
  v.before = w.before;
  const nn::Widened y(d, k.out<void>(0), result.size(), true);
  const ChannelsLast<T> to(result, l.channels_first, y.data(), true);
  constexpr bool reads = way != Way::average_back;
  const nn::Widened x(d, reads ? k.in<void>(0) : nullptr, reads ? volume.size() : 0);
  const nn::Widened dy(d, back ? k.in<void>(gradient) : nullptr, back ? out.size() : 0);
  std::unique_ptr<ChannelsLast<T>> in, g;
  if (reads) in = std::make_unique<ChannelsLast<T>>(volume, l.channels_first, x.data(), false);
  if (back) g = std::make_unique<ChannelsLast<T>>(out, l.channels_first, dy.data(), false);
  pool<T, way>(v, in ? in->data() : nullptr, g ? g->data() : nullptr, to.data());
}
template <Way way>
void run(KernelCtx& k) {
  give_outputs(k);
  if (k.out(0).dtype() == DType::f64) run_in<double, way>(k);
  else run_in<float, way>(k);
}
NINEFOLD_KERNEL(max_pool3d, "CPU", Kernel{run<Way::max>});
NINEFOLD_KERNEL(max_pool3d_grad, "CPU", Kernel{run<Way::max_back>});
NINEFOLD_KERNEL(avg_pool3d, "CPU", Kernel{run<Way::average>});
NINEFOLD_KERNEL(avg_pool3d_grad, "CPU", Kernel{run<Way::average_back>});

}  // namespace
}  // namespace ninefold::ops
