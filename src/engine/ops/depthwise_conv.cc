// In: images and one filter a channel. Out: DepthwiseConv2dNative and its gradients.
#include "engine/device/cpu/copy.h"
#include "engine/device/cpu/depthwise.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/ops/moves.h"
#include "engine/ops/nn_rows.h"
#include "engine/ops/window.h"

namespace ninefold::ops {
namespace {

template <class Ctx>
Layout layout(const Ctx& c) { return {2, c.text("data_format") == "NCHW"}; }

const std::vector<std::string> kAttrs = {
    "T: floating", "strides: list(int)", "padding: {'SAME', 'VALID', 'EXPLICIT'}", "explicit_paddings: list(int) = []",
    "data_format: {'NHWC', 'NCHW'} = 'NHWC'", "dilations: list(int) = [1, 1, 1, 1]"};
std::vector<NamedAttr> same_attrs(const GradCtx& g) {
  return {{"strides", g.ints("strides")}, {"padding", g.text("padding")}, {"explicit_paddings", g.ints("explicit_paddings")},
          {"data_format", g.text("data_format")}, {"dilations", g.ints("dilations")}};
}
Tensor call_op(const GradCtx& g, const char* name, const Tensor& a, const Tensor& b, const Tensor& c = {}) {
  Tensors in = {a, b};
  if (c.defined()) in.push_back(c);
  return op_all(name, in, same_attrs(g)).at(0);
}

Shape convolved(ShapeCtx& c, const Shape& image, const Shape& filter) {
  const Layout l = layout(c);
  c.check(!image.known_rank() || image.rank() == 4, "input must be 4-dimensional: {}", image.str());
  c.check(!filter.known_rank() || filter.rank() == 4, "filter must be 4-dimensional: {}", filter.str());
  check_window(c, l, true, true);
  if (!image.known_rank() || !filter.known_rank()) return Shape::of_rank(4);
  const int64_t depth = image[l.channel()];
  c.check(depth < 0 || filter[2] < 0 || depth == filter[2], "input depth must be evenly divisible by filter depth: {} vs {}", depth, filter[2]);
  Window w = window_of(c, l, true, true);
  const int64_t in = depth < 0 ? filter[2] : depth;
  return image_shape(l, image[0], windowed(c, w, l, image, {filter[0], filter[1], 1}), in < 0 || filter[3] < 0 ? -1 : in * filter[3]);
}
void check_output(ShapeCtx& c, const Shape& image, const Shape& filter, const Shape& dy) {
  const Shape want = convolved(c, image, filter);
  c.check(dy.compatible(want), "{}: out_backprop has shape {}, the convolution of {} with {} has {}", c.op().name, dy.str(), image.str(),
          filter.str(), want.str());
}

const Op depthwise_conv = {
    .name = "DepthwiseConv2dNative", .inputs = {"input: T", "filter: T"}, .outputs = {"output: T"}, .attrs = kAttrs,
    .doc = "Each channel convolved with its own filters: [height, width, in, multiplier] gives in * multiplier channels.",
    .shape = [](ShapeCtx& c) { c.output(convolved(c, c.shape(0), c.shape(1))); },
    .grad = [](GradCtx& g) {
      if (g.needs(0)) g.to(0, call_op(g, "DepthwiseConv2dNativeBackpropInput", shape_tensor(g.in(0)), g.in(1), g.dy()));
      if (g.needs(1)) g.to(1, call_op(g, "DepthwiseConv2dNativeBackpropFilter", g.in(0), shape_tensor(g.in(1)), g.dy()));
    },
};
NINEFOLD_REGISTER(depthwise_conv);
const Op depthwise_to_image = {
    .name = "DepthwiseConv2dNativeBackpropInput", .inputs = {"input_sizes: int32", "filter: T", "out_backprop: T"},
    .outputs = {"output: T"}, .attrs = kAttrs, .doc = "What flows back to the images of a DepthwiseConv2dNative.",
    .shape = [](ShapeCtx& c) {
      Shape image = c.shape_value(0);
      if (!image.known_rank()) image = Shape::of_rank(4);
      if (image.fully_known()) check_output(c, image, c.shape(1), c.shape(2));
      c.output(image);
    },
    .grad = [](GradCtx& g) {
      if (g.needs(1)) g.to(1, call_op(g, "DepthwiseConv2dNativeBackpropFilter", g.dy(), shape_tensor(g.in(1)), g.in(2)));
      if (g.needs(2)) g.to(2, call_op(g, "DepthwiseConv2dNative", g.dy(), g.in(1)));
    },
    .host = {"input_sizes"}, .grad_reads = {"filter", "out_backprop"},
};
NINEFOLD_REGISTER(depthwise_to_image);
const Op depthwise_to_filter = {
    .name = "DepthwiseConv2dNativeBackpropFilter", .inputs = {"input: T", "filter_sizes: int32", "out_backprop: T"},
    .outputs = {"output: T"}, .attrs = kAttrs, .doc = "What flows back to the filter of a DepthwiseConv2dNative.",
    .shape = [](ShapeCtx& c) {
      Shape filter = c.shape_value(1);
      if (!filter.known_rank()) filter = Shape::of_rank(4);
      if (filter.fully_known()) check_output(c, c.shape(0), filter, c.shape(2));
      c.output(filter);
    },
    .grad = [](GradCtx& g) {
      if (g.needs(0)) g.to(0, call_op(g, "DepthwiseConv2dNativeBackpropInput", shape_tensor(g.in(0)), g.dy(), g.in(2)));
      if (g.needs(2)) g.to(2, call_op(g, "DepthwiseConv2dNative", g.in(0), g.dy()));
    },
    .host = {"filter_sizes"}, .grad_reads = {"input", "out_backprop"},
};
NINEFOLD_REGISTER(depthwise_to_filter);

// ---- the kernel: one for all three; what is not NHWC float or double is copied into that form ----

void permute(DType d, const Shape& s, const int64_t (&order)[4], const void* from, void* to) {
  const size_t size = d == DType::f64 ? 8 : 4;
  cpu::transpose(size, s.dims(), order, from, to);
}
constexpr int64_t kToLast[] = {0, 2, 3, 1}, kToFirst[] = {0, 3, 1, 2};

template <int result>   // which of image, filter, output is computed
void run(KernelCtx& k) {
  give_outputs(k);
  const Layout l = layout(k);
  const Shape image = result == 0 ? k.out(0).shape() : k.shape(0), filter = result == 1 ? k.out(0).shape() : k.shape(1);
  const Shape out = result == 2 ? k.out(0).shape() : k.shape(2);
  const DType d = k.out(0).dtype();
  Window w = window_of(k, l, true, true);
  cpu::ConvShape s;
  s.n = image[0], s.h = image[l.space(0)], s.w = image[l.space(1)], s.ci = image[l.channel()];
  s.kh = filter[0], s.kw = filter[1], s.co = s.ci * filter[3];
  windowed(w, 0, s.h, s.kh), windowed(w, 1, s.w, s.kw);
  s.stride_h = w.stride[0], s.stride_w = w.stride[1], s.dilation_h = w.dilation[0], s.dilation_w = w.dilation[1];
  s.top = w.before[0], s.bottom = w.after[0], s.left = w.before[1], s.right = w.after[1];
  const int64_t sizes[] = {image.size(), filter.size(), out.size()};
  if (sizes[result] == 0) return;
  if (sizes[0] == 0 || sizes[2] == 0) {   // nothing flows: zeros
    std::memset(k.out<char>(0), 0, k.out(0).bytes());
    return;
  }
  const nn::Widened y(d, k.out<void>(0), sizes[result], true);
  const nn::Widened first(d, result == 0 ? k.in<void>(1) : k.in<void>(0), result == 0 ? sizes[1] : sizes[0]);
  const nn::Widened second(d, result == 2 ? k.in<void>(1) : k.in<void>(2), result == 2 ? sizes[1] : sizes[2]);
  const void* x = result == 0 ? nullptr : first.data();
  const void* f = result == 0 ? first.data() : result == 2 ? second.data() : nullptr;
  const void* dy = result == 2 ? nullptr : second.data();
  const int64_t size = y.dtype() == 2 ? 8 : 4;
  // Scratch: channels-last copies of image and output, and the filter sums.
  auto rounded = [&](int64_t elements) { return static_cast<size_t>((elements * size + 63) / 64 * 64); };
  const size_t images = l.channels_first ? rounded(sizes[0]) + rounded(sizes[2]) : 0;
  const size_t sums = result == 1 ? rounded(sizes[1] * cpu::depthwise_pieces(s)) : 0;
  char* scratch = images + sums ? static_cast<char*>(k.scratch(images + sums)) : nullptr;
  char *image_copy = scratch, *out_copy = scratch + (l.channels_first ? rounded(sizes[0]) : 0);
  if (l.channels_first) {
    if (x) permute(d, image, kToLast, x, image_copy), x = image_copy;
    if (dy) permute(d, out, kToLast, dy, out_copy), dy = out_copy;
  }
  void* to = y.data();
  if (l.channels_first && result == 0) to = image_copy;
  if (l.channels_first && result == 2) to = out_copy;
  if constexpr (result == 2) cpu::depthwise(y.dtype(), s, x, f, to);
  else if constexpr (result == 0) cpu::depthwise_to_image(y.dtype(), s, dy, f, to);
  else cpu::depthwise_to_filter(y.dtype(), s, x, dy, to, scratch + images);
  if (l.channels_first && result == 0) permute(d, {s.n, s.h, s.w, s.ci}, kToFirst, to, y.data());
  if (l.channels_first && result == 2) permute(d, {s.n, s.oh(), s.ow(), s.co}, kToFirst, to, y.data());
}
NINEFOLD_KERNEL(depthwise_conv, "CPU", Kernel{run<2>});
NINEFOLD_KERNEL(depthwise_to_image, "CPU", Kernel{run<0>});
NINEFOLD_KERNEL(depthwise_to_filter, "CPU", Kernel{run<1>});

}  // namespace
}  // namespace ninefold::ops
