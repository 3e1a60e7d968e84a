// In: images and filters that are added instead of multiplied. Out: Dilation2D, its gradients, tf.nn.dilation2d and
// erosion2d: the greatest sum, or the least difference, of every window.
#include <limits>

#include "base/check.h"
#include "engine/op/grad_ctx.h"
#include "engine/ops/array_args.h"
#include "engine/ops/dilation.h"
#include "engine/ops/element_type.h"
#include "engine/ops/window.h"

namespace ninefold::ops {
namespace {

void require_images(ShapeCtx& c) {
  const Shape &x = c.shape(0), &w = c.shape(1);
  c.check(!x.known_rank() || x.rank() == 4, "input must be 4-dimensional{}", x.str());
  c.check(!w.known_rank() || w.rank() == 3, "filter must be 3-dimensional{}", w.str());
  if (x.known_rank() && w.known_rank())
    c.check(x[3] < 0 || w[2] < 0 || x[3] == w[2], "input and filter must have the same depth: {} vs {}", x[3], w[2]);
}

// f(output place, the greatest sum, input place, filter place) of each window; the input place is -1 where it holds none.
template <class T, class F>
void greatest(KernelCtx& k, const F& f) {
  const Shape &x = k.shape(0), &w = k.shape(1);
  const images::Frame s = dilation_frame(k, x, w);
  const T *image = k.in<T>(0), *filter = k.in<T>(1);
  const int64_t sizes[] = {x[0], x[1], x[2], x[3]}, window[] = {w[0], w[1]};
  const T none = std::is_same_v<T, HalfNumber> || std::is_same_v<T, BrainNumber> ? T(-std::numeric_limits<float>::infinity()) : std::numeric_limits<T>::lowest();
  const auto sum = [&](int64_t from, int64_t by) { return static_cast<T>(image[from] + filter[by]); };
  int64_t place = 0;
  for (int64_t b = 0; b < x[0]; ++b)
    for (int64_t row = 0; row < s.out[0]; ++row)
      for (int64_t column = 0; column < s.out[1]; ++column)
        for (int64_t d = 0; d < x[3]; ++d, ++place) {
          const images::Greatest g = images::greatest_of(s, sizes, window, b, row, column, d, sum);
          f(place, g.from < 0 ? none : sum(g.from, g.by), g.from, g.by);
        }
}
const std::vector<std::string> kAttrs = {"T: real", "strides: list(int) >= 4", "rates: list(int) >= 4", "padding: {'SAME', 'VALID'}"};
const Op dilation = {
    .name = "Dilation2D", .inputs = {"input: T", "filter: T"}, .outputs = {"output: T"}, .attrs = kAttrs,
    .doc = "The greatest of image plus filter in every window.",
    .shape = [](ShapeCtx& c) {
      require_images(c);
      const images::Frame f = dilation_frame(c, c.shape(0), c.shape(1));
      const Shape &x = c.shape(0), &w = c.shape(1);
      const int64_t depth = x.known_rank() && x[3] >= 0 ? x[3] : w.known_rank() ? w[2] : -1;
      c.output({x.known_rank() ? x[0] : -1, f.out[0], f.out[1], depth});
    },
    .grad = [](GradCtx& g) {
      const AttrList attrs = {{"strides", g.ints("strides")}, {"rates", g.ints("rates")}, {"padding", g.text("padding")}};
      if (g.needs(0)) g.to(0, op("Dilation2DBackpropInput", {g.in(0), g.in(1), g.dy()}, attrs));
      if (g.needs(1)) g.to(1, op("Dilation2DBackpropFilter", {g.in(0), g.in(1), g.dy()}, attrs));
    },
    .grad_reads = {"input", "filter"},
};
NINEFOLD_REGISTER(dilation);
NINEFOLD_KERNEL(dilation, "CPU", (Kernel{[](KernelCtx& k) {
  give_outputs(k);
  with_real(k.dtype(0), [&](auto zero) {
    using T = decltype(zero);
    T* out = k.out<T>(0);
    greatest<T>(k, [&](int64_t place, T most, int64_t, int64_t) { out[place] = most; });
  });
}}));

template <int input>
void backprop_shape(ShapeCtx& c) {
  require_images(c);
  const images::Frame f = dilation_frame(c, c.shape(0), c.shape(1));
  const Shape& dy = c.shape(2);
  c.check(!dy.known_rank() || dy.rank() == 4, "out_backprop must be 4-dimensional: {}", dy.str());
  if (dy.fully_known() && c.shape(0).fully_known() && c.shape(1).fully_known())
    c.check(dy == Shape({c.shape(0)[0], f.out[0], f.out[1], c.shape(0)[3]}), "out_backprop has incompatible size.");
  c.output(c.shape(input));
}
// What flows into the image (input 0) or the filter (1): all to the place of the greatest sum, to the first of equal ones.
template <int input>
void backprop(KernelCtx& k) {
  give_outputs(k);
  with_real(k.dtype(0), [&](auto zero) {
    using T = decltype(zero);
    T* out = k.out<T>(0);
    const T* dy = k.in<T>(2);
    std::fill_n(out, k.out(0).size(), T(0));
    greatest<T>(k, [&](int64_t place, T, int64_t from, int64_t by) {
      if (from < 0) return;
      T& to = out[input == 0 ? from : by];
      to = static_cast<T>(to + dy[place]);
    });
  });
}
const Op into_image = {
    .name = "Dilation2DBackpropInput", .inputs = {"input: T", "filter: T", "out_backprop: T"}, .outputs = {"in_backprop: T"}, .attrs = kAttrs,
    .doc = "What flows into the images that Dilation2D was given.", .shape = backprop_shape<0>,
};
NINEFOLD_REGISTER(into_image);
NINEFOLD_KERNEL(into_image, "CPU", (Kernel{backprop<0>}));
const Op into_filter = {
    .name = "Dilation2DBackpropFilter", .inputs = {"input: T", "filter: T", "out_backprop: T"}, .outputs = {"filter_backprop: T"}, .attrs = kAttrs,
    .doc = "What flows into the filter that Dilation2D was given.", .shape = backprop_shape<1>,
};
NINEFOLD_REGISTER(into_filter);
NINEFOLD_KERNEL(into_filter, "CPU", (Kernel{backprop<1>}));

Tensor dilated(const Args& a, const char* image, const Tensor& x, const Tensor& filter) {
  check(a.text("data_format") == "NHWC", Code::value, "Data formats other than 'NHWC' are not yet supported. Received: {}", a.text("data_format"));
  const std::string padding = a.text("padding");
  check(x.dtype() == filter.dtype(), Code::invalid_argument, "{}: {} is {}, filters are {}", a.function().names[0], image, name_of(x.dtype()), name_of(filter.dtype()));
  return op("Dilation2D", {x, filter}, {{"strides", a.ints("strides")}, {"rates", a.ints("dilations")}, {"padding", padding}});
}
const Function functions[] = {
    {{"tf.nn.dilation2d"},
     "(input: T, filters: T, strides: ints, padding: str, data_format: str, dilations: ints, name: str = None)",
     "The greatest of image plus filter in every window: grayscale dilation.",
     [](Args& a) -> Value {
       const Tensors in = operands(a, {"input", "filters"});
       return dilated(a, "input", in[0], in[1]);
     }},
    {{"tf.nn.erosion2d"},
     "(value: T, filters: T, strides: ints, padding: str, data_format: str, dilations: ints, name: str = None)",
     "The least of image minus filter in every window: grayscale erosion.",
     [](Args& a) -> Value {
       const Tensors in = operands(a, {"value", "filters"});
       return op("Neg", {dilated(a, "value", op("Neg", {in[0]}), op("ReverseV2", {in[1], int_vector({0, 1})}))});
     }},
};
const std::vector<Registrar> known(std::begin(functions), std::end(functions));

}  // namespace
}  // namespace ninefold::ops
