// In: images and filters. Out: Conv2D and its gradients by input and by filter, for any layout, groups, padding.
// The loops (device/cpu/conv) take float or double NHWC without groups; what is different is copied into that form.
#include "engine/device/cpu/conv.h"

#include <memory>
#include <optional>

#include "engine/device/cpu/cast.h"
#include "engine/device/cpu/copy.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/ops/moves.h"
#include "engine/ops/window.h"

namespace ninefold::ops {
namespace {

template <class Ctx>
Layout layout(const Ctx& c) { return {2, c.text("data_format") == "NCHW"}; }

const std::vector<std::string> kWindowAttrs = {
    "strides: list(int)", "use_cudnn_on_gpu: bool = true", "padding: {'SAME', 'VALID', 'EXPLICIT'}",
    "explicit_paddings: list(int) = []", "data_format: {'NHWC', 'NCHW'} = 'NHWC'", "dilations: list(int) = [1, 1, 1, 1]"};
std::vector<std::string> attrs(const char* types) {
  std::vector<std::string> all = {types};
  all.insert(all.end(), kWindowAttrs.begin(), kWindowAttrs.end());
  return all;
}
// The same attributes for another of the three ops.
std::vector<NamedAttr> same_attrs(const GradCtx& g) {
  return {{"strides", g.ints("strides")}, {"padding", g.text("padding")}, {"explicit_paddings", g.ints("explicit_paddings")},
          {"data_format", g.text("data_format")}, {"dilations", g.ints("dilations")}};
}
Tensor conv(const GradCtx& g, const Tensor& image, const Tensor& filter) {
  const Tensor in[] = {image, filter};
  return op_all("Conv2D", in, same_attrs(g)).at(0);
}
Tensor back_to_image(const GradCtx& g, const Tensor& image, const Tensor& filter, const Tensor& dy) {
  const Tensor in[] = {shape_tensor(image), filter, dy};
  return op_all("Conv2DBackpropInput", in, same_attrs(g)).at(0);
}
Tensor back_to_filter(const GradCtx& g, const Tensor& image, const Tensor& filter, const Tensor& dy) {
  const Tensor in[] = {image, shape_tensor(filter), dy};
  return op_all("Conv2DBackpropFilter", in, same_attrs(g)).at(0);
}

// What all three check of an image and a filter shape; the output's shape.
Shape convolved(ShapeCtx& c, const Shape& image, const Shape& filter) {
  const Layout l = layout(c);
  c.check(!image.known_rank() || image.rank() == 4, "input must be 4-dimensional: {}", image.str());
  c.check(!filter.known_rank() || filter.rank() == 4, "filter must be 4-dimensional: {}", filter.str());
  check_window(c, l, true, true);
  if (!image.known_rank() || !filter.known_rank()) return Shape::of_rank(4);
  const int64_t depth = image[l.channel()];
  c.check(filter[2] != 0 && filter[0] != 0 && filter[1] != 0 && filter[3] != 0,
          "filter must not have zero elements (i.e. all dimensions must be non-zero)");
  if (depth >= 0 && filter[2] > 0) {
    c.check(depth % filter[2] == 0, "input depth must be evenly divisible by filter depth: {} vs {}", depth, filter[2]);
    const int64_t groups = depth / filter[2];
    c.check(filter[3] < 0 || groups == 0 || filter[3] % groups == 0,
            "output depth must be evenly divisible by number of groups: {} vs {}", filter[3], groups);
  }
  Window w = window_of(c, l, true, true);
  return image_shape(l, image[0], windowed(c, w, l, image, {filter[0], filter[1], 1}), filter[3]);
}
// dy must be what the convolution of these shapes gives.
void check_output(ShapeCtx& c, const Shape& image, const Shape& filter, const Shape& dy) {
  c.check(!dy.known_rank() || dy.rank() == 4, "out_backprop must be 4-dimensional: {}", dy.str());
  const Shape want = convolved(c, image, filter);
  if (!dy.known_rank()) return;
  const Layout l = layout(c);
  c.check(want[0] < 0 || dy[0] < 0 || want[0] == dy[0],
          "{}: input and out_backprop must have the same batch size. Input batch: {}, outbackprop batch: {}", c.op().name, want[0], dy[0]);
  c.check(want[l.channel()] < 0 || dy[l.channel()] < 0 || want[l.channel()] == dy[l.channel()],
          "{}: filter and out_backprop must have the same out_depth, got {} and {}", c.op().name, want[l.channel()], dy[l.channel()]);
  for (int i = 0; i < 2; ++i) {
    const int at = l.space(i);
    c.check(want[at] < 0 || dy[at] < 0 || want[at] == dy[at],
            "{}: Size of out_backprop doesn't match computed: actual = {}, computed = {} spatial_dim: {} input: {} filter: {}",
            c.op().name, dy[at], want[at], at, image[at], filter[i]);
  }
}
// input_sizes may hold only the spatial ones.
Shape image_sizes(ShapeCtx& c) {
  Shape sizes = c.shape_value(0);
  const Layout l = layout(c);
  if (sizes.known_rank() && sizes.rank() == 2) {
    const Shape &filter = c.shape(1), &dy = c.shape(2);
    return image_shape(l, dy.rank() == 4 ? dy[0] : -1, {sizes[0], sizes[1], 1}, filter.rank() == 4 ? filter[2] : -1);
  }
  c.check(!sizes.known_rank() || sizes.rank() == 4, "Conv2DBackpropInput: input_sizes must have 4 or 2 elements, got {}", sizes.rank());
  return sizes.known_rank() ? sizes : Shape::of_rank(4);
}

const Op conv2d = {
    .name = "Conv2D", .inputs = {"input: T", "filter: T"}, .outputs = {"output: T"},
    .attrs = attrs("T: {half, bfloat16, float, double, int32}"),
    .doc = "2-D convolution (correlation) of images with filters [height, width, in, out]. An image deeper than the filter "
           "is taken in groups of channels.",
    .shape = [](ShapeCtx& c) { c.output(convolved(c, c.shape(0), c.shape(1))); },
    .grad = [](GradCtx& g) {
      if (g.needs(0)) g.to(0, back_to_image(g, g.in(0), g.in(1), g.dy()));
      if (g.needs(1)) g.to(1, back_to_filter(g, g.in(0), g.in(1), g.dy()));
    },
    .grad_reads = {"input", "filter"},
};
NINEFOLD_REGISTER(conv2d);
const Op conv2d_backprop_input = {
    .name = "Conv2DBackpropInput", .inputs = {"input_sizes: int32", "filter: T", "out_backprop: T"}, .outputs = {"output: T"},
    .attrs = attrs("T: {half, bfloat16, float, double, int32}"),
    .doc = "What flows back to the images of a Conv2D; also the transposed convolution.",
    .shape = [](ShapeCtx& c) {
      const Shape image = image_sizes(c);
      if (image.fully_known()) check_output(c, image, c.shape(1), c.shape(2));
      c.output(image);
    },
    .grad = [](GradCtx& g) {
      if (g.needs(1)) g.to(1, back_to_filter(g, g.dy(), g.in(1), g.in(2)));
      if (g.needs(2)) g.to(2, conv(g, g.dy(), g.in(1)));
    },
    .host = {"input_sizes"}, .grad_reads = {"filter", "out_backprop"},
};
NINEFOLD_REGISTER(conv2d_backprop_input);
const Op conv2d_backprop_filter = {
    .name = "Conv2DBackpropFilter", .inputs = {"input: T", "filter_sizes: int32", "out_backprop: T"}, .outputs = {"output: T"},
    .attrs = attrs("T: {half, bfloat16, float, double}"), .doc = "What flows back to the filter of a Conv2D.",
    .shape = [](ShapeCtx& c) {
      Shape filter = c.shape_value(1);
      if (!filter.known_rank()) filter = Shape::of_rank(4);
      if (filter.fully_known()) check_output(c, c.shape(0), filter, c.shape(2));
      c.output(filter);
    },
    .grad = [](GradCtx& g) {
      if (g.needs(0)) g.to(0, back_to_image(g, g.in(0), g.dy(), g.in(2)));
      if (g.needs(2)) g.to(2, conv(g, g.in(0), g.dy()));
    },
    .host = {"filter_sizes"}, .grad_reads = {"input", "out_backprop"},
};
NINEFOLD_REGISTER(conv2d_backprop_filter);

// ---- the kernels ----

enum class Way { forward, to_image, to_filter };

// One tensor of the three, as the loops want it: float NHWC (or HWIO), the channels of one group.
struct Operand {
  Shape shape;                       // as given
  bool channels_first = false, filter = false;
  int64_t groups = 1;
  DType dtype = DType::f32;
  // True iff the tensor's own memory will do.
  bool direct() const { return !channels_first && groups == 1 && dtype != DType::f16 && dtype != DType::bf16; }
  bool narrow() const { return dtype == DType::f16 || dtype == DType::bf16; }
  int64_t size() const { return shape.size(); }
  // The group's view: its dims in NHWC order, the tensor's strides in that order, the first element.
  void view(int64_t group, int64_t (&dims)[4], int64_t (&strides)[4], int64_t& first) const {
    const int order_last[] = {0, 1, 2, 3}, order_first[] = {0, 2, 3, 1};
    const int* order = channels_first ? order_first : order_last;
    int64_t own[4] = {};
    int64_t step = 1;
    for (int i = 3; i >= 0; --i) own[i] = step, step *= shape[i];
    for (int i = 0; i < 4; ++i) dims[i] = shape[order[i]], strides[i] = own[order[i]];
    dims[3] /= groups;   // of a filter the last axis, too: its output channels are split among the groups
    first = group * dims[3] * strides[3];
  }
};

template <class T>
struct Planned : KernelState {
  Operand image, filter, out;
  cpu::ConvShape shape;
  int64_t groups = 1;
  size_t loop_scratch = 0, wide[3] = {}, part[3] = {}, scratch = 0;   // bytes
  std::optional<cpu::ConvForward<T>> forward;
  std::optional<cpu::ConvBackwardInput<T>> to_image;
  std::optional<cpu::ConvBackwardFilter<T>> to_filter;
};
template <>
struct Planned<int32_t> : KernelState {
  Operand image, filter, out;
  cpu::ConvShape shape;
  int64_t groups = 1;
  size_t loop_scratch = 0, wide[3] = {}, part[3] = {}, scratch = 0;
};

size_t rounded(size_t bytes) { return (bytes + 63) / 64 * 64; }

template <class T, Way way>
std::unique_ptr<KernelState> prepare(KernelCtx& k) {
  auto p = std::make_unique<Planned<T>>();
  const Shape image = way == Way::to_image ? k.out(0).shape() : k.shape(0);
  const Shape filter = way == Way::to_filter ? k.out(0).shape() : k.shape(1);
  const Shape out = way == Way::forward ? k.out(0).shape() : k.shape(2);
  const Layout l = layout(k);
  Window w = window_of(k, l, true, true);
  cpu::ConvShape& s = p->shape;
  s.n = image[0], s.h = image[l.space(0)], s.w = image[l.space(1)];
  s.kh = filter[0], s.kw = filter[1], s.ci = filter[2];
  p->groups = std::max<int64_t>(1, image[l.channel()] / filter[2]);
  s.co = filter[3] / p->groups;
  windowed(w, 0, s.h, s.kh), windowed(w, 1, s.w, s.kw);
  s.stride_h = w.stride[0], s.stride_w = w.stride[1], s.dilation_h = w.dilation[0], s.dilation_w = w.dilation[1];
  s.top = w.before[0], s.bottom = w.after[0], s.left = w.before[1], s.right = w.after[1];
  const DType d = k.out(0).dtype();
  p->image = {image, l.channels_first, false, p->groups, d};
  p->filter = {filter, false, true, p->groups, d};
  p->out = {out, l.channels_first, false, p->groups, d};
  if constexpr (!std::is_same_v<T, int32_t>) {
    if constexpr (way == Way::forward) p->loop_scratch = p->forward.emplace(s).scratch();
    if constexpr (way == Way::to_image) p->loop_scratch = p->to_image.emplace(s).scratch();
    if constexpr (way == Way::to_filter) p->loop_scratch = p->to_filter.emplace(s).scratch();
  }
  const Operand* all[] = {&p->image, &p->filter, &p->out};
  p->scratch = rounded(p->loop_scratch);
  for (int i = 0; i < 3; ++i) {
    const auto bytes = static_cast<size_t>(all[i]->size()) * sizeof(T);
    if (all[i]->narrow()) p->wide[i] = rounded(bytes);
    if (all[i]->channels_first || p->groups > 1) p->part[i] = rounded(bytes / static_cast<size_t>(p->groups));
    p->scratch += p->wide[i] + p->part[i];
  }
  return p;
}

template <class T, Way way>
void run(KernelCtx& k) {
  const auto& p = k.state<Planned<T>>();
  char* at = p.scratch ? static_cast<char*>(k.scratch(p.scratch)) : nullptr;
  void* loop_scratch = at;
  at += rounded(p.loop_scratch);
  constexpr int result = way == Way::forward ? 2 : way == Way::to_image ? 0 : 1;
  const Operand* all[] = {&p.image, &p.filter, &p.out};
  const void* given[] = {way == Way::to_image ? nullptr : k.in<void>(0), way == Way::to_filter ? nullptr : k.in<void>(1),
                         way == Way::forward ? nullptr : k.in<void>(2)};
  T *wide[3], *part[3];
  for (int i = 0; i < 3; ++i) {
    T* own = i == result ? k.out<T>(0) : static_cast<T*>(const_cast<void*>(given[i]));
    wide[i] = p.wide[i] ? reinterpret_cast<T*>(at) : own;
    at += p.wide[i];
    part[i] = p.part[i] ? reinterpret_cast<T*>(at) : wide[i];
    at += p.part[i];
    if (p.wide[i] && i != result)
      cpu::cast(static_cast<int>(all[i]->dtype), given[i], static_cast<int>(dtype_of<T>), wide[i], all[i]->size());
  }
  for (int64_t group = 0; group < p.groups; ++group) {
    int64_t dims[4], strides[4], dense[4], first = 0;
    auto view = [&](int i) {
      all[i]->view(group, dims, strides, first);
      dense[3] = 1;
      for (int a = 3; a > 0; --a) dense[a - 1] = dense[a] * dims[a];
    };
    for (int i = 0; i < 3; ++i) {
      if (i == result || !p.part[i]) continue;
      view(i);
      cpu::strided_copy(sizeof(T), dims, part[i], dense, wide[i] + first, strides);
    }
    if constexpr (std::is_same_v<T, int32_t>) cpu::conv_plain(p.shape, part[0], part[1], part[2]);
    else if constexpr (way == Way::forward) p.forward->run(part[0], part[1], part[2], loop_scratch);
    else if constexpr (way == Way::to_image) p.to_image->run(part[2], part[1], part[0], loop_scratch);
    else p.to_filter->run(part[0], part[2], part[1], loop_scratch);
    if (p.part[result]) {
      view(result);
      cpu::strided_copy(sizeof(T), dims, wide[result] + first, strides, part[result], dense);
    }
  }
  if (p.wide[result])
    cpu::cast(static_cast<int>(dtype_of<T>), wide[result], static_cast<int>(all[result]->dtype), k.out<void>(0), all[result]->size());
}

#define KERNELS(record, way)                                                                                    \
  NINEFOLD_KERNEL(record, "CPU", (Kernel{run<float, way>, prepare<float, way>}), DType::f32, DType::f16, DType::bf16); \
  NINEFOLD_KERNEL(record, "CPU", (Kernel{run<double, way>, prepare<double, way>}), DType::f64)
KERNELS(conv2d, Way::forward);
KERNELS(conv2d_backprop_input, Way::to_image);
KERNELS(conv2d_backprop_filter, Way::to_filter);
#undef KERNELS
NINEFOLD_KERNEL(conv2d, "CPU", (Kernel{run<int32_t, Way::forward>, prepare<int32_t, Way::forward>}), DType::i32);

}  // namespace
}  // namespace ninefold::ops
