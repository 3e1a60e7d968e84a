// In: volumes and filters. Out: Conv3D and its gradients by volume and by filter.
#include "engine/device/cpu/conv3d.h"

#include <cstring>

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

const std::vector<std::string> kAttrs = {"T: floating", "strides: list(int)", "padding: {'SAME', 'VALID'}",
                                         "data_format: {'NDHWC', 'NCDHW'} = 'NDHWC'", "dilations: list(int) = [1, 1, 1, 1, 1]"};
std::vector<NamedAttr> same_attrs(const GradCtx& g) {
  return {{"strides", g.ints("strides")}, {"padding", g.text("padding")}, {"data_format", g.text("data_format")}, {"dilations", g.ints("dilations")}};
}
Tensor call_op(const GradCtx& g, const char* name, std::initializer_list<Tensor> in) {
  return op_all(name, {in.begin(), in.size()}, same_attrs(g)).at(0);
}

Shape convolved(ShapeCtx& c, const Shape& volume, const Shape& filter) {
  const Layout l = layout(c);
  c.check(!volume.known_rank() || volume.rank() == 5, "input must be 5-dimensional: {}", volume.str());
  c.check(!filter.known_rank() || filter.rank() == 5, "filter must be 5-dimensional: {}", filter.str());
  check_window(c, l, true, false);
  if (!volume.known_rank() || !filter.known_rank()) return Shape::of_rank(5);
  const int64_t depth = volume[l.channel()];
  c.check(depth < 0 || filter[3] < 0 || depth == filter[3], "input depth must be evenly divisible by filter depth: {} vs {}", depth, filter[3]);
  Window w = window_of(c, l, true, false);
  return image_shape(l, volume[0], windowed(c, w, l, volume, {filter[0], filter[1], filter[2]}), filter[4]);
}
void check_output(ShapeCtx& c, const Shape& volume, const Shape& filter, const Shape& dy) {
  const Shape want = convolved(c, volume, filter);
  c.check(dy.compatible(want), "{}: out_backprop has shape {}, the convolution of {} with {} has {}", c.op().name, dy.str(), volume.str(),
          filter.str(), want.str());
}

const Op conv3d = {
    .name = "Conv3D", .inputs = {"input: T", "filter: T"}, .outputs = {"output: T"}, .attrs = kAttrs,
    .doc = "3-D convolution (correlation) of volumes with filters [depth, height, width, in, out].",
    .shape = [](ShapeCtx& c) { c.output(convolved(c, c.shape(0), c.shape(1))); },
    .grad = [](GradCtx& g) {
      if (g.needs(0)) g.to(0, call_op(g, "Conv3DBackpropInputV2", {shape_tensor(g.in(0)), g.in(1), g.dy()}));
      if (g.needs(1)) g.to(1, call_op(g, "Conv3DBackpropFilterV2", {g.in(0), shape_tensor(g.in(1)), g.dy()}));
    },
    .grad_reads = {"input", "filter"},
};
NINEFOLD_REGISTER(conv3d);
const Op conv3d_to_volume = {
    .name = "Conv3DBackpropInputV2", .inputs = {"input_sizes: Tshape", "filter: T", "out_backprop: T"}, .outputs = {"output: T"},
    .attrs = [] {
      std::vector<std::string> all = kAttrs;
      all.push_back("Tshape: index = int32");
      return all;
    }(),
    .doc = "What flows back to the volumes of a Conv3D; also the transposed convolution.",
    .shape = [](ShapeCtx& c) {
      Shape volume = c.shape_value(0);
      if (!volume.known_rank()) volume = Shape::of_rank(5);
      if (volume.fully_known()) check_output(c, volume, c.shape(1), c.shape(2));
      c.output(volume);
    },
    .grad = [](GradCtx& g) {
      if (g.needs(1)) g.to(1, call_op(g, "Conv3DBackpropFilterV2", {g.dy(), shape_tensor(g.in(1)), g.in(2)}));
      if (g.needs(2)) g.to(2, call_op(g, "Conv3D", {g.dy(), g.in(1)}));
    },
    .host = {"input_sizes"}, .grad_reads = {"filter", "out_backprop"},
};
NINEFOLD_REGISTER(conv3d_to_volume);
const Op conv3d_to_filter = {
    .name = "Conv3DBackpropFilterV2", .inputs = {"input: T", "filter_sizes: int32", "out_backprop: T"}, .outputs = {"output: T"},
    .attrs = kAttrs, .doc = "What flows back to the filter of a Conv3D.",
    .shape = [](ShapeCtx& c) {
      Shape filter = c.shape_value(1);
      if (!filter.known_rank()) filter = Shape::of_rank(5);
      if (filter.fully_known()) check_output(c, c.shape(0), filter, c.shape(2));
      c.output(filter);
    },
    .grad = [](GradCtx& g) {
      if (g.needs(0)) g.to(0, call_op(g, "Conv3DBackpropInputV2", {shape_tensor(g.in(0)), g.dy(), g.in(2)}));
      if (g.needs(2)) g.to(2, call_op(g, "Conv3D", {g.in(0), g.dy()}));
    },
    .host = {"filter_sizes"}, .grad_reads = {"input", "out_backprop"},
};
NINEFOLD_REGISTER(conv3d_to_filter);

template <int result>   // which of volume, filter, output is computed
void run(KernelCtx& k) {
  give_outputs(k);
  const Layout l = layout(k);
  const Shape volume = result == 0 ? k.out(0).shape() : k.shape(0), filter = result == 1 ? k.out(0).shape() : k.shape(1);
  const Shape out = result == 2 ? k.out(0).shape() : k.shape(2);
  const DType d = k.out(0).dtype();
  const int64_t sizes[] = {volume.size(), filter.size(), out.size()};
  if (sizes[result] == 0) return;
  if (sizes[0] == 0 || sizes[1] == 0 || sizes[2] == 0) {
    std::memset(k.out<char>(0), 0, k.out(0).bytes());
    return;
  }
  Window w = window_of(k, l, true, false);
  cpu::Conv3DShape s;
  s.n = volume[0], s.ci = filter[3], s.co = filter[4];
  for (int i = 0; i < 3; ++i) {
    const auto a = static_cast<size_t>(i);
    s.in[a] = volume[l.space(i)], s.filter[a] = filter[i], s.out[a] = out[l.space(i)];
    windowed(w, i, s.in[a], s.filter[a]);
  }
  s.stride = w.stride, s.dilation = w.dilation, s.before = w.before;
  auto compute = [&](auto zero) {
    using T = decltype(zero);
    const nn::Widened y(d, k.out<void>(0), sizes[result], true);
    const nn::Widened first(d, result == 0 ? k.in<void>(1) : k.in<void>(0), result == 0 ? sizes[1] : sizes[0]);
    const nn::Widened second(d, result == 2 ? k.in<void>(1) : k.in<void>(2), result == 2 ? sizes[1] : sizes[2]);
    constexpr int dtype = sizeof(T) == 8 ? 2 : 1;
    if constexpr (result == 2) {
      const ChannelsLast<T> x(volume, l.channels_first, first.data(), false), to(out, l.channels_first, y.data(), true);
      cpu::conv3d(dtype, s, x.data(), second.data(), to.data());
    } else if constexpr (result == 0) {
      const ChannelsLast<T> dy(out, l.channels_first, second.data(), false), to(volume, l.channels_first, y.data(), true);
      cpu::conv3d_to_volume(dtype, s, dy.data(), first.data(), to.data());
    } else {
      const ChannelsLast<T> x(volume, l.channels_first, first.data(), false), dy(out, l.channels_first, second.data(), false);
      cpu::conv3d_to_filter(dtype, s, x.data(), dy.data(), y.data());
    }
  };
  if (d == DType::f64) compute(double{});
  else compute(float{});
}
NINEFOLD_KERNEL(conv3d, "CPU", Kernel{run<2>});
NINEFOLD_KERNEL(conv3d_to_volume, "CPU", Kernel{run<0>});
NINEFOLD_KERNEL(conv3d_to_filter, "CPU", Kernel{run<1>});

}  // namespace
}  // namespace ninefold::ops
