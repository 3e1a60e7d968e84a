// In: images, boxes. Out: dilations with what flows back, local responses, frames folded back onto images, the best boxes.
#include "engine/ops/atomics.cuh"
#include "engine/ops/images_launch.h"

namespace {

using namespace ninefold::cuda;
namespace images = ninefold::images;

// ---- dilation ----

template <class T>
struct TapSum {                                  // rounded to the dtype, as the CPU compares sums
  const Dilation& p;
  NF_DEVICE T operator()(int64_t from, int64_t by) const {
    alignas(8) unsigned char rounded[8];
    store_as<T>(rounded, 0, p.dtype, load_as<T>(p.from, from, p.dtype) + load_as<T>(p.by, by, p.dtype));
    return load_as<T>(rounded, 0, p.dtype);
  }
};
template <class T>
NF_DEVICE images::Greatest greatest(const Dilation& p, int64_t i) {
  const int64_t channel = i % p.image[3], column = i / p.image[3] % p.frame.out[1], row = i / p.image[3] / p.frame.out[1] % p.frame.out[0];
  return images::greatest_of(p.frame, p.image, p.filter, i / p.image[3] / p.frame.out[1] / p.frame.out[0], row, column, channel, TapSum<T>{p});
}
template <class T>
NF_DEVICE void dilation(const Dilation& p) {
  for (int64_t i = nf_thread(); i < p.windows; i += nf_threads()) {
    const images::Greatest g = greatest<T>(p, i);
    store_as<T>(p.to, i, p.dtype, g.from < 0 ? static_cast<T>(p.none) : TapSum<T>{p}(g.from, g.by));
  }
}
template <class T>
NF_DEVICE void flow_back(const Dilation& p, int64_t i) {
  const images::Greatest g = greatest<T>(p, i);
  if (g.from >= 0) join_at<T>(p.to, p.into_filter ? g.by : g.from, p.dtype, Join::sum, load_as<T>(p.dy, i, p.dtype));
}
template <class T>
NF_DEVICE void dilation_back(const Dilation& p) {
  if (p.ordered)
    for (int64_t c = nf_thread(); c < p.image[3]; c += nf_threads())
      for (int64_t i = c; i < p.windows; i += p.image[3]) flow_back<T>(p, i);
  else
    for (int64_t i = nf_thread(); i < p.windows; i += nf_threads()) flow_back<T>(p, i);
}
#define NF_DILATION(name, T)                               \
  NF_KERNEL(dilation_##name, Dilation) { dilation<T>(p); } \
  NF_KERNEL(dilation_back_##name, Dilation) { dilation_back<T>(p); }
NF_FLOATS(NF_DILATION)

// ---- local responses ----

NF_KERNEL(response_norms, LocalResponse) {
  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) {
    const int64_t channel = i % p.channels, first = i - channel;
    p.norms[i] = images::norm_of(p.how, [&](int64_t c) { return load_as<float>(p.image, first + c, p.dtype); }, channel, p.channels);
  }
}
NF_KERNEL(response, LocalResponse) {
  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads())
    store_as<float>(p.to, i, p.dtype, load_as<float>(p.image, i, p.dtype) * images::pow(p.norms[i], -p.how.beta));
}
NF_KERNEL(response_back, LocalResponse) {
  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) {
    const int64_t channel = i % p.channels, first = i - channel;
    const auto product = [&](int64_t c) { return load_as<float>(p.dy, first + c, p.dtype) * load_as<float>(p.result, first + c, p.dtype); };
    const auto norm = [&](int64_t c) { return p.norms[first + c]; };
    store_as<float>(p.to, i, p.dtype, images::response_back(p.how, load_as<float>(p.dy, i, p.dtype), load_as<float>(p.image, i, p.dtype),
                                                            product, norm, channel, p.channels));
  }
}

// ---- mirror images ----

// Along one axis element `at` came from itself and from at most two places of the frame, in their order.
struct Places { int64_t at[3]; int count; };
NF_DEVICE Places places_of(const Fold& p, int d, int64_t at) {
  Places found{{0, 0, 0}, 0};
  const int64_t n = p.size[d], in_front = p.before[d] - 1 - at + p.edge, behind = p.before[d] + 2 * n - 1 - at - p.edge;
  if (in_front >= 0 && in_front < p.before[d]) found.at[found.count++] = in_front;
  found.at[found.count++] = p.before[d] + at;
  if (behind >= p.before[d] + n && behind < p.before[d] + n + p.after[d]) found.at[found.count++] = behind;
  return found;
}
template <class T>
NF_DEVICE void fold(const Fold& p) {
  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) {
    Places places[kFoldRank];
    int now[kFoldRank];
    int64_t rest = i;
    for (int d = p.rank - 1; d >= 0; --d) {
      places[d] = places_of(p, d, rest % p.size[d]);
      now[d] = 0;
      rest /= p.size[d];
    }
    T sum = 0;
    for (bool more = true; more;) {
      int64_t from = 0;
      for (int d = 0; d < p.rank; ++d) from += places[d].at[now[d]] * p.from_stride[d];
      sum += load_as<T>(p.from, from, p.dtype);
      more = false;
      for (int d = p.rank - 1; d >= 0 && !more; --d) {
        more = ++now[d] < places[d].count;
        if (!more) now[d] = 0;
      }
    }
    store_as<T>(p.to, i, p.dtype, sum);
  }
}
#define NF_FOLD(name, T) NF_KERNEL(fold_##name, Fold) { fold<T>(p); }
NF_FLOATS(NF_FOLD) NF_FOLD(int32, int) NF_FOLD(int64, long long)

// ---- the best boxes ----

NF_DEVICE bool better(float a, int at, float b, int than) { return a > b || (a == b && at < than); }
NF_BLOCK_KERNEL(suppress, Suppression) {
  NF_SHARED(float, scores, kSuppressionThreads);
  NF_SHARED(int, places, kSuppressionThreads);
  NF_SHARED(int, best, 1);
  const float out = Range<float>::low();
  NF_PHASE {
    for (int64_t i = nf_in_block(); i < p.boxes; i += kSuppressionThreads) {
      const float score = load_as<float>(p.score, i, p.dtype);
      p.left[i] = score > p.least ? score : out;
    }
  }
  for (int64_t found = 0;; ++found) {
    NF_PHASE {
      float score = out;
      int place = -1;
      for (int64_t i = nf_in_block(); i < p.boxes; i += kSuppressionThreads)
        if (p.left[i] != out && (place < 0 || better(p.left[i], static_cast<int>(i), score, place))) score = p.left[i], place = static_cast<int>(i);
      scores[nf_in_block()] = score;
      places[nf_in_block()] = place;
    }
    for (int step = kSuppressionThreads / 2; step > 0; step /= 2)
      NF_PHASE {
        const int own = nf_in_block(), other = own + step;
        if (own < step && places[other] >= 0 && (places[own] < 0 || better(scores[other], places[other], scores[own], places[own])))
          scores[own] = scores[other], places[own] = places[other];
      }
    NF_PHASE {
      if (nf_in_block() == 0) {
        best[0] = found < p.most ? places[0] : -1;
        if (best[0] >= 0) p.chosen[found] = best[0];
        *p.count = static_cast<int32_t>(found);
      }
    }
    if (best[0] < 0) return;
    NF_PHASE {
      float own[4];
      for (int j = 0; j < 4; ++j) own[j] = load_as<float>(p.box, 4 * static_cast<int64_t>(best[0]) + j, p.dtype);
      for (int64_t i = nf_in_block(); i < p.boxes; i += kSuppressionThreads) {
        if (p.left[i] == out) continue;
        float other[4];
        for (int j = 0; j < 4; ++j) other[j] = load_as<float>(p.box, 4 * i + j, p.dtype);
        if (i == best[0] || images::overlap(other, own) > p.overlap) p.left[i] = out;
      }
    }
  }
}

}  // namespace
