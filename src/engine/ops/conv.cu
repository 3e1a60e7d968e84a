// In: images or volumes, filters. Out: convolutions and both gradients, of any layout, groups, strides and rates, straight
// from their definitions: the kernels where no library is. A thread an element; of filters, whose sums are long, a block.
#include "engine/ops/windows.cuh"

namespace {

using namespace ninefold::cuda;

NF_DEVICE int64_t filter_at(const Conv& p, int64_t tap, int64_t c, int64_t group, int64_t j) {
  return tap * p.tap_stride + c * p.in_stride + group * p.group_stride + j;
}

template <class T>
NF_DEVICE void forward(const Conv& p) {                          // a: image, b: filter
  for (int64_t i = nf_thread(); i < p.results; i += nf_threads()) {
    const Place out = place_of(p.out, i);
    const int64_t group = out.at[4] / p.out_each, j = out.at[4] % p.out_each;
    Place pixel = out;
    T sum = 0;
    for (int64_t tap = 0; tap < taps(p.slide); ++tap) {
      int64_t k[3];
      tap_of(p.slide, tap, k);
      if (!seen(p.slide, p.image, out, k, pixel)) continue;
      pixel.at[4] = group * p.in_each;
      const int64_t from = offset(p.image, pixel);
      for (int64_t c = 0; c < p.in_each; ++c)
        sum += load_as<T>(p.a, from + c * p.image.stride[4], p.dtype) * load_as<T>(p.b, filter_at(p, tap, c, group, j), p.dtype);
    }
    store_as(p.to, offset(p.out, out), p.dtype, sum);
  }
}
template <class T>
NF_DEVICE void to_image(const Conv& p) {                         // a: filter, b: what flows into the result
  for (int64_t i = nf_thread(); i < p.results; i += nf_threads()) {
    const Place pixel = place_of(p.image, i);
    const int64_t group = pixel.at[4] / p.in_each, c = pixel.at[4] % p.in_each;
    Place out = pixel;
    T sum = 0;
    for (int64_t tap = 0; tap < taps(p.slide); ++tap) {
      int64_t k[3];
      tap_of(p.slide, tap, k);
      if (!seen_from(p.slide, p.out, pixel, k, out)) continue;
      out.at[4] = group * p.out_each;
      const int64_t from = offset(p.out, out);
      for (int64_t j = 0; j < p.out_each; ++j)
        sum += load_as<T>(p.b, from + j * p.out.stride[4], p.dtype) * load_as<T>(p.a, filter_at(p, tap, c, group, j), p.dtype);
    }
    store_as(p.to, offset(p.image, pixel), p.dtype, sum);
  }
}
template <class T>
NF_DEVICE void to_filter(const Conv& p) {                        // a: image, b: what flows into the result
  NF_SHARED(T, part, kBlockThreads);
  const int64_t groups = p.image.size[4] / p.in_each, windows = p.out.size[0] * p.out.size[1] * p.out.size[2] * p.out.size[3];
  Grid steps = p.out;                            // windows of one channel
  steps.size[4] = 1;
  for (int64_t i = nf_block(); i < p.results; i += nf_blocks()) {
    const int64_t j = i % p.out_each, group = i / p.out_each % groups, c = i / p.out_each / groups % p.in_each;
    const int64_t tap = i / p.out_each / groups / p.in_each;
    int64_t k[3];
    tap_of(p.slide, tap, k);
    NF_PHASE {
      T sum = 0;
      for (int64_t w = nf_in_block(); w < windows; w += kBlockThreads) {
        Place out = place_of(steps, w), pixel = out;
        if (!seen(p.slide, p.image, out, k, pixel)) continue;
        out.at[4] = group * p.out_each + j;
        pixel.at[4] = group * p.in_each + c;
        sum += load_as<T>(p.a, offset(p.image, pixel), p.dtype) * load_as<T>(p.b, offset(p.out, out), p.dtype);
      }
      part[nf_in_block()] = sum;
    }
    join_block<T, Sum>(part);
    NF_PHASE {
      if (nf_in_block() == 0) store_as(p.to, filter_at(p, tap, c, group, j), p.dtype, part[0]);
    }
  }
}
#define NF_CONV(name, T)                                        \
  NF_KERNEL(conv_forward_##name, Conv) { forward<T>(p); }       \
  NF_KERNEL(conv_to_image_##name, Conv) { to_image<T>(p); }     \
  NF_BLOCK_KERNEL(conv_to_filter_##name, Conv) { to_filter<T>(p); }
NF_FLOATS(NF_CONV)
NF_KERNEL(conv_forward_int32, Conv) { forward<int>(p); }
NF_KERNEL(conv_to_image_int32, Conv) { to_image<int>(p); }

}  // namespace
