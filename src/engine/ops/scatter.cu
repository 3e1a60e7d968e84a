// In: rows and the places that indices name. Out: rows taken from there, put there, joined with what lies there; rows of
// one segment joined. Updates of one place meet in no fixed order, unless the launch asks for theirs.
#include "engine/ops/atomics.cuh"
#include "engine/ops/scatter_launch.h"

namespace {

using namespace ninefold::cuda;

struct alignas(16) Sixteen { uint64_t words[2]; };

NF_DEVICE int64_t number(const void* index, int64_t i, int bytes) {
  if (bytes == 8) return static_cast<const int64_t*>(index)[i];
  return bytes == 4 ? static_cast<const int32_t*>(index)[i] : static_cast<const int16_t*>(index)[i];
}
// The first element there; -1: outside.
NF_DEVICE int64_t place(const Points& p, int64_t i) {
  int64_t at = 0;
  for (int d = 0; d < p.depth; ++d) {
    const int64_t n = number(p.index, i * p.depth + d, p.bytes);
    if (n < 0 || n >= p.size[d]) return -1;
    at += n * p.stride[d];
  }
  return at;
}

template <class T>
NF_DEVICE void gather(const GatherPoints& p) {
  for (int64_t i = nf_thread(); i < p.at.count * p.inner; i += nf_threads()) {
    const int64_t row = i / p.inner, from = place(p.at, row);
    T value{};
    if (from >= 0) value = static_cast<const T*>(p.from)[from + (i - row * p.inner)];
    static_cast<T*>(p.to)[i] = value;
  }
}
template <class T>
NF_DEVICE void put(const Scatter& p, int64_t row, int64_t column) {
  const int64_t to = place(p.at, row);
  if (to >= 0) static_cast<T*>(p.to)[to + column] = static_cast<const T*>(p.from)[p.one ? 0 : row * p.inner + column];
}
// f(row, column) for every element of the updates.
template <class F>
NF_DEVICE void each_update(const Scatter& p, F f) {
  if (p.ordered)
    for (int64_t c = nf_thread(); c < p.inner; c += nf_threads())
      for (int64_t r = 0; r < p.at.count; ++r) f(r, c);
  else
    for (int64_t i = nf_thread(); i < p.at.count * p.inner; i += nf_threads()) f(i / p.inner, i % p.inner);
}
template <class T> struct Put {
  const Scatter& p;
  NF_DEVICE void operator()(int64_t row, int64_t column) const { put<T>(p, row, column); }
};
#define NF_SIZED(bytes, T)                                               \
  NF_KERNEL(gather_points_##bytes, GatherPoints) { gather<T>(p); }       \
  NF_KERNEL(scatter_set_##bytes, Scatter) { each_update(p, Put<T>{p}); }
NF_SIZED(1, uint8_t) NF_SIZED(2, uint16_t) NF_SIZED(4, uint32_t) NF_SIZED(8, uint64_t) NF_SIZED(16, Sixteen)

template <class T> struct JoinUpdate {
  const Scatter& p;
  NF_DEVICE void operator()(int64_t row, int64_t column) const {
    const int64_t to = place(p.at, row);
    if (to >= 0) join_at<T>(p.to, to + column, p.dtype, p.join, load_as<T>(p.from, p.one ? 0 : row * p.inner + column, p.dtype));
  }
};

NF_DEVICE int64_t first_of(const Segments& p, int64_t id) {   // the first row whose id is not below
  int64_t low = 0, high = p.rows;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (number(p.ids, middle, p.bytes) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
// Of no rows: 1 for a product, else 0.
template <class T>
NF_DEVICE void segment(const Segments& p) {
  for (int64_t i = nf_thread(); i < p.segments * p.inner; i += nf_threads()) {
    const int64_t s = i / p.inner, column = i - s * p.inner, from = first_of(p, s), to = first_of(p, s + 1);
    T value = p.join == Join::prod ? T(1) : T(0);
    for (int64_t r = from; r < to; ++r) {
      const T x = load_as<T>(p.from, r * p.inner + column, p.dtype);
      value = r == from ? x : joined(p.join, value, x);
    }
    if (p.mean && to > from) value = static_cast<T>(value / static_cast<T>(to - from));
    store_as(p.to, i, p.dtype, value);
  }
}
#define NF_JOINING(name, T)                                                     \
  NF_KERNEL(scatter_join_##name, Scatter) { each_update(p, JoinUpdate<T>{p}); } \
  NF_KERNEL(segment_##name, Segments) { segment<T>(p); }
NF_NUMBERS(NF_JOINING)

}  // namespace
