// In: images or volumes and a window. Out: the greatest or the mean of every window, where the greatest lies, and what
// flows back: each pixel asks the windows that see it, so that sums have one order.
#include "engine/ops/windows.cuh"

namespace {

using namespace ninefold::cuda;

// The first greatest pixel of a window, as an offset; -1 if it sees none. A NaN does not win over what came before.
template <class T>
NF_DEVICE int64_t greatest(const Pool& p, const Place& out, Place& where) {
  int64_t best = -1;
  T most = 0;
  Place pixel = out;
  for (int64_t tap = 0; tap < taps(p.slide); ++tap) {
    int64_t k[3];
    tap_of(p.slide, tap, k);
    if (!seen(p.slide, p.image, out, k, pixel)) continue;
    const int64_t at = offset(p.image, pixel);
    const T x = load_as<T>(p.from, at, p.dtype);
    if (best < 0 || most < x) best = at, most = x, where = pixel;
  }
  return best;
}
template <class T>
NF_DEVICE void pool_max(const Pool& p) {
  for (int64_t i = nf_thread(); i < p.results; i += nf_threads()) {
    const Place out = place_of(p.out, i);
    Place where = out;
    const int64_t best = greatest<T>(p, out, where), to = offset(p.out, out);
    store_as(p.to, to, p.dtype, best < 0 ? Range<T>::low() : load_as<T>(p.from, best, p.dtype));
    if (p.place_bytes == 0) continue;
    int64_t place = best < 0 ? -1 : p.with_batch ? where.at[0] : 0;
    for (int d = 1; d < 5 && best >= 0; ++d) place = place * p.image.size[d] + where.at[d];
    if (p.place_bytes == 8) static_cast<int64_t*>(p.place)[to] = place;
    else static_cast<int32_t*>(p.place)[to] = static_cast<int32_t>(place);
  }
}
// dy at the first greatest pixel of each window.
template <class T>
NF_DEVICE void pool_max_pick(const Pool& p) {
  for (int64_t i = nf_thread(); i < p.results; i += nf_threads()) {
    const Place out = place_of(p.out, i);
    Place where = out;
    const int64_t best = greatest<T>(p, out, where);
    store_as(p.to, offset(p.out, out), p.dtype, best < 0 ? T(0) : load_as<T>(p.dy, best, p.dtype));
  }
}
// f(window) for every window that sees the pixel, its last tap first: in the order of the windows.
template <class F>
NF_DEVICE void each_window(const Pool& p, const Place& pixel, F f) {
  Place out = pixel;
  for (int64_t tap = taps(p.slide) - 1; tap >= 0; --tap) {
    int64_t k[3];
    tap_of(p.slide, tap, k);
    if (seen_from(p.slide, p.out, pixel, k, out)) f(out);
  }
}
template <class T> struct GiveGreatest {
  const Pool& p;
  int64_t own;
  T& sum;
  NF_DEVICE void operator()(const Place& out) const {
    Place where = out;
    const int64_t best = greatest<T>(p, out, where);
    if (best == own || (p.all_greatest && load_as<T>(p.from, best, p.dtype) == load_as<T>(p.from, own, p.dtype))) sum += load_as<T>(p.dy, offset(p.out, out), p.dy_dtype);
  }
};
template <class T>
NF_DEVICE void pool_max_back(const Pool& p) {
  for (int64_t i = nf_thread(); i < p.results; i += nf_threads()) {
    const Place pixel = place_of(p.image, i);
    const int64_t own = offset(p.image, pixel);
    T sum = 0;
    each_window(p, pixel, GiveGreatest<T>{p, own, sum});
    store_as(p.to, own, p.dy_dtype, sum);
  }
}
NF_DEVICE int64_t pixels(const Pool& p, const Place& out) {      // of a window that lie inside the image
  int64_t n = 1;
  for (int d = 0; d < 3; ++d) {
    int64_t from = out.at[d + 1] * p.slide.stride[d] - p.slide.before[d], to = from + p.slide.kernel[d];
    if (from < 0) from = 0;
    if (to > p.image.size[d + 1]) to = p.image.size[d + 1];
    n *= to > from ? to - from : 0;
  }
  return n;
}
template <class T>
NF_DEVICE void pool_mean(const Pool& p) {
  for (int64_t i = nf_thread(); i < p.results; i += nf_threads()) {
    const Place out = place_of(p.out, i);
    Place pixel = out;
    T sum = 0;
    for (int64_t tap = 0; tap < taps(p.slide); ++tap) {
      int64_t k[3];
      tap_of(p.slide, tap, k);
      if (seen(p.slide, p.image, out, k, pixel)) sum += load_as<T>(p.from, offset(p.image, pixel), p.dtype);
    }
    const int64_t n = pixels(p, out);
    store_as(p.to, offset(p.out, out), p.dtype, n ? sum / static_cast<T>(n) : T(0));
  }
}
template <class T> struct GiveShare {
  const Pool& p;
  T& sum;
  NF_DEVICE void operator()(const Place& out) const {
    sum += load_as<T>(p.dy, offset(p.out, out), p.dtype) / static_cast<T>(pixels(p, out));
  }
};
template <class T>
NF_DEVICE void pool_mean_back(const Pool& p) {
  for (int64_t i = nf_thread(); i < p.results; i += nf_threads()) {
    const Place pixel = place_of(p.image, i);
    T sum = 0;
    each_window(p, pixel, GiveShare<T>{p, sum});
    store_as(p.to, offset(p.image, pixel), p.dtype, sum);
  }
}
#define NF_POOL_MAX(name, T)                                           \
  NF_KERNEL(pool_max_##name, Pool) { pool_max<T>(p); }                 \
  NF_KERNEL(pool_max_pick_##name, Pool) { pool_max_pick<T>(p); }       \
  NF_KERNEL(pool_max_back_##name, Pool) { pool_max_back<T>(p); }
#define NF_POOL_MEAN(name, T)                                          \
  NF_KERNEL(pool_mean_##name, Pool) { pool_mean<T>(p); }               \
  NF_KERNEL(pool_mean_back_##name, Pool) { pool_mean_back<T>(p); }
NF_FLOATS(NF_POOL_MAX) NF_FLOATS(NF_POOL_MEAN)
NF_POOL_MAX(int32, int)

}  // namespace
