// In: convolutions on a GPU, their gradients. Out: calls of cuDNN. It wants filters to lie as images do, so they are moved, and as
// much padding before an image as behind it, so what is more on one side is made part of the image.
#include "engine/ops/conv_dnn.gpu.h"

#include "engine/device/cuda/dnn.h"
#include "engine/ops/moves.gpu.h"
#include "ninefold/device.h"

namespace ninefold::ops {
namespace {

using Kind = cuda::DnnCall::Kind;

// Where TensorFlow asks cuDNN, too: its other kernels for groups of one channel are slower than own ones.
bool worth_it(DType d, const Shape& filter, const Window& w, const Layout& l) {
  const int64_t side = filter[0];
  return (d == DType::f16 || d == DType::bf16) && !l.channels_first && filter[3] == 1 && filter[1] == side &&
         (side == 1 || side == 3 || side == 5 || side == 7) && w.stride[0] == w.stride[1] && w.stride[0] <= 2 && w.dilation[0] == 1 &&
         w.dilation[1] == 1;
}

}  // namespace

cuda::DnnTensor dnn_tensor(DType d, const Shape& s, const Layout& l) {
  cuda::DnnTensor t{};
  t.dtype = static_cast<int64_t>(d);
  t.rank = s.rank();
  const auto set = [&](size_t to, int from) { t.size[to] = s[from], t.stride[to] = s.slice(from + 1, s.rank()).size(); };
  set(0, 0);
  set(1, l.channel());
  for (int i = 0; i < l.spatial; ++i) set(static_cast<size_t>(2 + i), l.space(i));
  return t;
}
int64_t dnn_alignment(const void* p) {
  const auto at = reinterpret_cast<uintptr_t>(p);
  return at % 16 == 0 ? 16 : static_cast<int64_t>(at & -at);
}

std::optional<DnnConvolution> dnn_convolution(Kind kind, DType d, const Shape& image, const Shape& filter, const Shape& out, Window w,
                                              const Layout& l, bool depthwise) {
  if (image.size() == 0 || filter.size() == 0 || out.size() == 0) return {};
  if (std::find(std::begin(kFractions), std::end(kFractions), d) == std::end(kFractions)) return {};
  if (depthwise && !worth_it(d, filter, w, l)) return {};
  DnnConvolution c{};
  cuda::DnnCall& call = c.call;
  call.kind = kind;
  call.tensors = 3;
  call.spatial = l.spatial;
  Shape whole = image;
  for (int i = 0; i < l.spatial; ++i) {
    const auto at = static_cast<size_t>(i);
    windowed(w, i, image[l.space(i)], filter[i]);
    call.stride[at] = w.stride[at], call.dilation[at] = w.dilation[at], call.padding[at] = std::min(w.before[at], w.after[at]);
    c.before[at] = w.before[at] - call.padding[at];
    whole.set(l.space(i), image[l.space(i)] + w.before[at] + w.after[at] - 2 * call.padding[at]);
  }
  if (whole != image) c.padded = whole;
  call.tensor[0] = dnn_tensor(d, whole, l);
  call.tensor[2] = dnn_tensor(d, out, l);
  const int64_t in = depthwise ? 1 : filter[l.spatial], last = depthwise ? filter[2] * filter[3] : filter[l.spatial + 1];
  c.filter = filter;
  c.filter.set(l.spatial, in);
  c.filter.set(l.spatial + 1, last);
  // As [last, space..., in] or [last, in, space...].
  Shape lying = image_shape(l, last, {filter[0], filter[1], l.spatial == 3 ? filter[2] : 1}, in);
  call.tensor[1] = dnn_tensor(d, lying, l);
  const int64_t* const strides = call.tensor[1].stride;
  for (int i = 0; i < l.spatial; ++i) c.filter_strides.push_back(strides[2 + i]);
  c.filter_strides.push_back(strides[1]);
  c.filter_strides.push_back(strides[0]);
  return c;
}

bool conv_by_dnn(KernelCtx& k, Kind kind, const Shape& image, const Shape& filter, const Shape& out, const Window& w, const Layout& l,
                 bool depthwise) {
  const DType d = k.out(0).dtype();
  std::optional<DnnConvolution> c = dnn_convolution(kind, d, image, filter, out, w, l, depthwise);
  if (!c) return false;
  const bool to_image = kind == Kind::to_image, to_filter = kind == Kind::to_filter, padded = c->padded.has_value();
  void* const result = k.out<void>(0);
  // What is only read is given as what cuDNN takes for both.
  const auto read = [&](int i) { return const_cast<void*>(k.in<void>(i)); };
  void* const own_image = to_image ? result : read(0);
  void* const own_out = kind == Kind::convolve ? result : read(2);
  cuda::DnnCall& call = c->call;
  call.tensor_float = d == DType::f32 && device::tensor_float_32();
  call.deterministic = device::deterministic();
  call.tensor[0].alignment = padded ? 16 : dnn_alignment(own_image);
  call.tensor[1].alignment = 16;
  call.tensor[2].alignment = dnn_alignment(own_out);
  const auto engine = cuda::dnn_engine(k.device(), call);
  if (!engine) return false;

  const Tensor moved = empty_on(k.device(), d, c->filter), wide = padded ? empty_on(k.device(), d, *c->padded) : Tensor();
  void* const whole = padded ? wide.impl()->data : own_image;
  const std::vector<int64_t> plain = strides_of(c->filter.vector()), image_strides = strides_of(image.vector());
  const std::vector<int64_t> wide_strides = padded ? strides_of(c->padded->vector()) : std::vector<int64_t>();
  int64_t from = 0;
  for (int i = 0; padded && i < l.spatial; ++i)
    from += c->before[static_cast<size_t>(i)] * wide_strides[static_cast<size_t>(l.space(i))];
  if (!to_filter) move_strided(k, d, c->filter.vector(), moved.impl()->data, c->filter_strides, k.in<void>(1), plain);
  if (padded && !to_image) {
    fill_run(k, d, whole, nullptr, c->padded->size());
    move_strided(k, d, image.vector(), element(d, whole, from), wide_strides, own_image, image_strides);
  }
  void* const memory[] = {whole, moved.impl()->data, own_out};
  if (!cuda::dnn_run(k.device(), call, *engine, memory)) return false;
  if (to_filter) move_strided(k, d, c->filter.vector(), result, plain, moved.impl()->data, c->filter_strides);
  if (padded && to_image) move_strided(k, d, image.vector(), result, image_strides, element(d, whole, from), wide_strides);
  return true;
}

}  // namespace ninefold::ops
