// In: elements of any size. Out: the same elements elsewhere: copies with strides, constants, rows by index, casts.
#include "engine/ops/moves_launch.h"
#include "engine/ops/numbers.cuh"

namespace {

using namespace ninefold::cuda;

struct alignas(16) Sixteen { uint64_t words[2]; };

template <class T, class Index>
NF_DEVICE void move_at(const Move& p, Index i) {
  int64_t to = 0, from = 0;
  for (int d = p.rank - 1; d >= 0; --d) {
    const Index size = static_cast<Index>(p.size[d]), next = i / size, at = i - next * size;
    to += static_cast<int64_t>(at) * p.to_stride[d];
    from += static_cast<int64_t>(at) * p.from_stride[d];
    i = next;
  }
  static_cast<T*>(p.to)[to] = static_cast<const T*>(p.from)[from];
}
template <class T>
NF_DEVICE void move(const Move& p) {
  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) {
    if (p.elements <= 0x7fffffff) move_at<T>(p, static_cast<uint32_t>(i));
    else move_at<T>(p, static_cast<uint64_t>(i));
  }
}
NF_KERNEL(move_1, Move) { move<uint8_t>(p); }
NF_KERNEL(move_2, Move) { move<uint16_t>(p); }
NF_KERNEL(move_4, Move) { move<uint32_t>(p); }
NF_KERNEL(move_8, Move) { move<uint64_t>(p); }
NF_KERNEL(move_16, Move) { move<Sixteen>(p); }

template <class T>
NF_DEVICE void repeat(const Repeat& p) {
  const T value = *static_cast<const T*>(p.value ? p.value : p.bytes);
  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) static_cast<T*>(p.to)[i] = value;
}
NF_KERNEL(repeat_1, Repeat) { repeat<uint8_t>(p); }
NF_KERNEL(repeat_2, Repeat) { repeat<uint16_t>(p); }
NF_KERNEL(repeat_4, Repeat) { repeat<uint32_t>(p); }
NF_KERNEL(repeat_8, Repeat) { repeat<uint64_t>(p); }
NF_KERNEL(repeat_16, Repeat) { repeat<Sixteen>(p); }

// A row that is not there gives zeros: the card raises nothing, as TensorFlow's GPU kernels do not.
template <class T>
NF_DEVICE void take(const Take& p) {
  for (int64_t i = nf_thread(); i < p.elements * p.inner; i += nf_threads()) {
    const int64_t row = i / p.inner, at = i - row * p.inner, block = row / p.count, which = row - block * p.count;
    const int64_t place = block / p.outer * p.count + which;
    const int64_t index = p.wide ? static_cast<const int64_t*>(p.index)[place] : static_cast<const int32_t*>(p.index)[place];
    T value{};
    if (index >= 0 && index < p.rows) value = static_cast<const T*>(p.from)[(block * p.rows + index) * p.inner + at];
    static_cast<T*>(p.to)[i] = value;
  }
}
NF_KERNEL(take_1, Take) { take<uint8_t>(p); }
NF_KERNEL(take_2, Take) { take<uint16_t>(p); }
NF_KERNEL(take_4, Take) { take<uint32_t>(p); }
NF_KERNEL(take_8, Take) { take<uint64_t>(p); }
NF_KERNEL(take_16, Take) { take<Sixteen>(p); }

template <class T>
NF_DEVICE void one_hot(const OneHot& p) {
  for (int64_t i = nf_thread(); i < p.outer * p.depth * p.inner; i += nf_threads()) {
    const int64_t place = i / (p.depth * p.inner) * p.inner + i % p.inner;
    const int64_t index = p.bytes == 8 ? static_cast<const int64_t*>(p.index)[place]
                          : p.bytes == 4 ? static_cast<const int32_t*>(p.index)[place] : static_cast<const uint8_t*>(p.index)[place];
    static_cast<T*>(p.to)[i] = *static_cast<const T*>(index == i / p.inner % p.depth ? p.on : p.off);
  }
}
template <class T>
NF_DEVICE void band_part(const BandPart& p) {
  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) {
    const int64_t row = i / p.columns % p.rows, column = i % p.columns;
    const bool inside = (p.lower < 0 || row - column <= p.lower) && (p.upper < 0 || column - row <= p.upper);
    T value{};
    if (inside) value = static_cast<const T*>(p.from)[i];
    static_cast<T*>(p.to)[i] = value;
  }
}
#define NF_CHOSEN(bytes, T)                                 \
  NF_KERNEL(one_hot_##bytes, OneHot) { one_hot<T>(p); }     \
  NF_KERNEL(band_part_##bytes, BandPart) { band_part<T>(p); }
NF_CHOSEN(1, uint8_t) NF_CHOSEN(2, uint16_t) NF_CHOSEN(4, uint32_t) NF_CHOSEN(8, uint64_t) NF_CHOSEN(16, Sixteen)

template <class From, class To>
NF_DEVICE void convert(const Convert& p) {
  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads())
    store_as(p.to, i, p.to_dtype, static_cast<To>(load_as<From>(p.from, i, p.from_dtype)));
}
// Numbers that a float leaves the integer's range with: the card takes the nearest, the emulation what x86 gives.
#define NF_CONVERT(from, From)                                                                  \
  NF_KERNEL(cast_##from##_float, Convert) { convert<From, float>(p); }                          \
  NF_KERNEL(cast_##from##_double, Convert) { convert<From, double>(p); }                        \
  NF_KERNEL(cast_##from##_int32, Convert) { convert<From, int>(p); }                            \
  NF_KERNEL(cast_##from##_int64, Convert) { convert<From, long long>(p); }                      \
  NF_KERNEL(cast_##from##_uint64, Convert) { convert<From, unsigned long long>(p); }            \
  NF_KERNEL(cast_##from##_bool, Convert) { convert<From, bool>(p); }
NF_CONVERT(float, float) NF_CONVERT(double, double) NF_CONVERT(int32, int) NF_CONVERT(int64, long long)
NF_CONVERT(uint64, unsigned long long) NF_CONVERT(bool, bool)

}  // namespace
