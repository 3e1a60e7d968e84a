// In: convolutions and pools on a GPU. Out: launches of conv.cu and pool.cu.
#include "engine/ops/windows.gpu.h"

#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/place.h"
#include "engine/ops/conv_dnn.gpu.h"

namespace ninefold::ops {

cuda::Grid grid_of(const Shape& s, const Layout& l) {
  cuda::Grid g{{s[0], 1, 1, 1, s[l.channel()]}, {s.slice(1, s.rank()).size(), 0, 0, 0, s.slice(l.channel() + 1, s.rank()).size()}};
  for (int i = 0; i < l.spatial; ++i) {
    const int to = 4 - l.spatial + i;            // an image's rows and columns are the last two
    g.size[to] = s[l.space(i)];
    g.stride[to] = s.slice(l.space(i) + 1, s.rank()).size();
  }
  return g;
}
cuda::Slide slide_of(Window w, const Layout& l, const Shape& image, const std::array<int64_t, 3>& kernel) {
  cuda::Slide s{{1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}};
  for (int i = 0; i < l.spatial; ++i) {
    const auto from = static_cast<size_t>(i);
    const int to = 3 - l.spatial + i;
    windowed(w, i, image[l.space(i)], kernel[from]);
    s.kernel[to] = kernel[from], s.stride[to] = w.stride[from], s.dilation[to] = w.dilation[from], s.before[to] = w.before[from];
  }
  return s;
}
cuda::Conv conv_of(const Shape& image, const Shape& filter, const Shape& out, const Window& w, const Layout& l, bool depthwise) {
  cuda::Conv p{};
  p.image = grid_of(image, l);
  p.out = grid_of(out, l);
  std::array<int64_t, 3> kernel{1, 1, 1};
  for (int i = 0; i < l.spatial; ++i) kernel[static_cast<size_t>(i)] = filter[i];
  p.slide = slide_of(w, l, image, kernel);
  const int64_t in = filter[l.spatial], last = filter[l.spatial + 1];
  p.tap_stride = in * last;
  p.in_each = depthwise ? 1 : in;
  const int64_t groups = depthwise ? in : p.in_each ? std::max<int64_t>(1, p.image.size[4] / p.in_each) : 1;
  p.out_each = depthwise ? last : last / groups;
  p.in_stride = depthwise ? 0 : last;
  p.group_stride = depthwise ? last : p.out_each;
  return p;
}

namespace {

enum class Way { forward, to_image, to_filter };
constexpr cuda::DnnCall::Kind kDnn[] = {cuda::DnnCall::convolve, cuda::DnnCall::to_image, cuda::DnnCall::to_filter};

template <class Ctx>
Layout layout(const Ctx& c, int spatial) { return {spatial, c.text("data_format")[1] == 'C'}; }
bool has(const KernelCtx& k, const char* attr) { return def(k.op()).slot(attr) >= 0; }

template <Way way, int spatial, bool depthwise>
void conv_gpu(KernelCtx& k) {
  give_outputs(k);
  const Shape &image = way == Way::to_image ? k.out(0).shape() : k.shape(0), &filter = way == Way::to_filter ? k.out(0).shape() : k.shape(1);
  const Shape& out = way == Way::forward ? k.out(0).shape() : k.shape(2);
  const Layout l = layout(k, spatial);
  const Window window = window_of(k, l, true, has(k, "explicit_paddings"));
  if (conv_by_dnn(k, kDnn[static_cast<int>(way)], image, filter, out, window, l, depthwise)) return;
  cuda::Conv p = conv_of(image, filter, out, window, l, depthwise);
  p.results = k.out(0).size();
  if (p.results == 0) return;
  p.to = k.out<void>(0);
  p.a = way == Way::to_image ? k.in<void>(1) : k.in<void>(0);
  p.b = way == Way::forward ? k.in<void>(1) : k.in<void>(2);
  p.dtype = static_cast<int32_t>(k.out(0).dtype());
  const char* name = way == Way::forward ? "conv_forward" : way == Way::to_image ? "conv_to_image" : "conv_to_filter";
  cuda::launch(k.device(), elementwise::cuda_kernel(name, p.dtype),
               cuda::threads_for(way == Way::to_filter ? p.results * cuda::kBlockThreads : p.results, cuda::kBlockThreads), p);
}

// A window over channels, where it is one pixel wide: pixels are rows, channels columns of an image of one channel.
void pool_channels(cuda::Pool& p, const Layout& l, int64_t depth) {
  for (cuda::Grid* g : {&p.image, &p.out}) {
    const int64_t pixels = g->size[1] * g->size[2] * g->size[3];
    *g = {{g->size[0], 1, pixels, g->size[4], 1}, {g->stride[0], 0, l.channels_first ? 1 : g->size[4], g->stride[4], 0}};
  }
  p.slide = {{1, 1, depth}, {1, 1, depth}, {1, 1, 1}, {0, 0, 0}};
}

enum class Pooling { max, max_back, max_pick, mean, mean_back };
template <Pooling way, int spatial>
void pool_gpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& result = k.out(0).shape();
  constexpr bool back = way == Pooling::max_back || way == Pooling::mean_back;
  const Shape& image = way == Pooling::mean_back ? result : k.shape(0);
  const Shape& out = way == Pooling::max || way == Pooling::mean || way == Pooling::max_pick ? result : k.shape(way == Pooling::max_back ? 2 : 1);
  if (result.size() == 0) return;
  if (back && out.size() == 0) return fill_run(k, k.out(0).dtype(), k.out<void>(0), nullptr, result.size());
  const Layout l = layout(k, spatial);
  cuda::Pool p{};
  p.image = grid_of(image, l);
  p.out = grid_of(out, l);
  const std::vector<int64_t>& ksize = k.ints("ksize");
  if (const int64_t depth = ksize[static_cast<size_t>(l.channel())]; depth != 1) pool_channels(p, l, depth);
  else p.slide = slide_of(window_of(k, l, false, has(k, "explicit_paddings")), l, image, spatial_of(ksize, l));
  p.results = result.size();
  p.to = k.out<void>(0);
  p.from = way == Pooling::mean_back ? nullptr : k.in<void>(0);
  p.dtype = static_cast<int32_t>(way == Pooling::mean_back ? k.dtype(1) : k.dtype(0));
  p.dy_dtype = p.dtype;
  p.all_greatest = spatial == 3;
  if (way == Pooling::max_back || way == Pooling::max_pick) p.dy = k.in<void>(2), p.dy_dtype = static_cast<int32_t>(k.dtype(2));
  if (way == Pooling::mean_back) p.dy = k.in<void>(1);
  k.check(elementwise::cuda_compute_dtype(p.dtype) == elementwise::cuda_compute_dtype(p.dy_dtype), "images of {} and gradients of {}",
          name_of(static_cast<DType>(p.dtype)), name_of(static_cast<DType>(p.dy_dtype)));
  if (k.num_outputs() > 1) {
    p.place = k.out<void>(1);
    p.place_bytes = static_cast<int32_t>(size_of(k.out(1).dtype()));
    p.with_batch = k.flag("include_batch_in_index");
  }
  constexpr const char* names[] = {"pool_max", "pool_max_back", "pool_max_pick", "pool_mean", "pool_mean_back"};
  cuda::launch(k.device(), elementwise::cuda_kernel(names[static_cast<int>(way)], p.dtype), cuda::threads_for(p.results), p);
}

struct Row { const char* op; KernelFn run; };
const cuda::AtStart windows_gpu([] {
  for (const Row& r : {Row{"Conv2D", conv_gpu<Way::forward, 2, false>},
                       {"Conv2DBackpropInput", conv_gpu<Way::to_image, 2, false>},
                       {"Conv2DBackpropFilter", conv_gpu<Way::to_filter, 2, false>},
                       {"Conv3D", conv_gpu<Way::forward, 3, false>},
                       {"Conv3DBackpropInputV2", conv_gpu<Way::to_image, 3, false>},
                       {"Conv3DBackpropFilterV2", conv_gpu<Way::to_filter, 3, false>},
                       {"DepthwiseConv2dNative", conv_gpu<Way::forward, 2, true>},
                       {"DepthwiseConv2dNativeBackpropInput", conv_gpu<Way::to_image, 2, true>},
                       {"DepthwiseConv2dNativeBackpropFilter", conv_gpu<Way::to_filter, 2, true>},
                       {"MaxPool", pool_gpu<Pooling::max, 2>},
                       {"MaxPoolWithArgmax", pool_gpu<Pooling::max, 2>},
                       {"MaxPoolGrad", pool_gpu<Pooling::max_back, 2>},
                       {"MaxPoolGradGrad", pool_gpu<Pooling::max_pick, 2>},
                       {"AvgPool", pool_gpu<Pooling::mean, 2>},
                       {"AvgPoolGrad", pool_gpu<Pooling::mean_back, 2>},
                       {"MaxPool3D", pool_gpu<Pooling::max, 3>},
                       {"MaxPool3DGrad", pool_gpu<Pooling::max_back, 3>},
                       {"AvgPool3D", pool_gpu<Pooling::mean, 3>},
                       {"AvgPool3DGrad", pool_gpu<Pooling::mean_back, 3>}})
    add_gpu_kernel(r.op, Kernel{r.run}, kFractions);
  constexpr DType integer = DType::i32;
  for (const Row& r : {Row{"Conv2D", conv_gpu<Way::forward, 2, false>}, {"Conv2DBackpropInput", conv_gpu<Way::to_image, 2, false>}, {"MaxPool", pool_gpu<Pooling::max, 2>},
                       {"MaxPoolWithArgmax", pool_gpu<Pooling::max, 2>}, {"MaxPoolGrad", pool_gpu<Pooling::max_back, 2>},
                       {"MaxPoolGradGrad", pool_gpu<Pooling::max_pick, 2>}})
    add_gpu_kernel(r.op, Kernel{r.run}, {&integer, 1});
});

}  // namespace
}  // namespace ninefold::ops
