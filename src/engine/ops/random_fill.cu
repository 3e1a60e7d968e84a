// In: a Philox state. Out: TensorFlow's random numbers. Group g of a result (four elements, two of 64 bits) is made of the
// state g blocks on (truncated normals: 256 or 128 blocks a group): TensorFlow's GPU kernels give a thread groups that lie
// as far apart as there are threads, and move its generator as far, so that numbers do not depend on the grid and are
// those of its CPU kernels, except for the last bits of log, sin and cos.
#include "engine/ops/random_words.cuh"

namespace {

template <class T> struct Values;                // of a group: how many, and what its words are worth
template <> struct Values<float> {
  enum { count = 4, skip = 256 };
  static NF_DEVICE void uniform(const uint32_t (&w)[4], int d, float (&v)[4]) {
    for (int i = 0; i < 4; ++i)
      v[i] = d == kHalf ? float_of_bits(0x3f800000u | (w[i] & 0x3ffu) << 13) - 1.0f
             : d == kBfloat16 ? float_of_bits(0x3f800000u | (w[i] & 0x7fu) << 16) - 1.0f : unit(w[i]);
  }
  static NF_DEVICE void normal(const uint32_t (&w)[4], float (&v)[4]) {
    for (int i = 0; i < 4; i += 2) {
      float two[2];
      two_normals(unit(w[i]), unit(w[i + 1]), two);
      v[i] = two[0], v[i + 1] = two[1];
    }
  }
};
template <> struct Values<double> {
  enum { count = 2, skip = 128 };
  static NF_DEVICE void uniform(const uint32_t (&w)[4], int, double (&v)[2]) { v[0] = unit(w[0], w[1]), v[1] = unit(w[2], w[3]); }
  static NF_DEVICE void normal(const uint32_t (&w)[4], double (&v)[2]) { two_normals(unit(w[0], w[1]), unit(w[2], w[3]), v); }
};

template <class T, class Make>
NF_DEVICE void groups(const Random& p, int64_t each, Make make) {
  for (int64_t g = nf_thread(); g * each < p.elements; g += nf_threads()) make(p, g);
}
template <class T>
NF_DEVICE void put(const Random& p, int64_t g, const T* v, int count) {
  for (int i = 0; i < count && g * count + i < p.elements; ++i) store_as<T>(p.to, g * count + i, p.dtype, v[i]);
}
template <class T> struct Uniform {
  NF_DEVICE void operator()(const Random& p, int64_t g) const {
    uint32_t w[4];
    T v[Values<T>::count];
    words(p, static_cast<uint64_t>(g), w);
    Values<T>::uniform(w, p.dtype, v);
    put(p, g, v, Values<T>::count);
  }
};
template <class T> struct Normal {
  NF_DEVICE void operator()(const Random& p, int64_t g) const {
    uint32_t w[4];
    T v[Values<T>::count];
    words(p, static_cast<uint64_t>(g), w);
    Values<T>::normal(w, v);
    put(p, g, v, Values<T>::count);
  }
};
template <class T> struct Truncated {            // those of |x| < 2, in their order
  NF_DEVICE void operator()(const Random& p, int64_t g) const {
    constexpr int count = Values<T>::count;
    T kept[count];
    uint64_t block = static_cast<uint64_t>(g) * Values<T>::skip;
    for (int n = 0; n < count; ++block) {
      uint32_t w[4];
      T v[count];
      words(p, block, w);
      Values<T>::normal(w, v);
      for (int i = 0; i < count && n < count; ++i)
        if (v[i] < T(2) && v[i] > T(-2)) kept[n++] = v[i];
    }
    put(p, g, kept, count);
  }
};
#define NF_RANDOM(name, T)                                                                          \
  NF_KERNEL(random_uniform_##name, Random) { groups<T>(p, Values<T>::count, Uniform<T>()); }        \
  NF_KERNEL(random_normal_##name, Random) { groups<T>(p, Values<T>::count, Normal<T>()); }          \
  NF_KERNEL(random_truncated_##name, Random) { groups<T>(p, Values<T>::count, Truncated<T>()); }
NF_FLOATS(NF_RANDOM)

// Integers, as bits: with range 0 every value; the bias of the modulo is TensorFlow's.
struct Narrow {
  NF_DEVICE void operator()(const Random& p, int64_t g) const {
    uint32_t w[4];
    words(p, static_cast<uint64_t>(g), w);
    const auto range = static_cast<uint32_t>(p.range);
    for (int i = 0; i < 4 && g * 4 + i < p.elements; ++i)
      static_cast<uint32_t*>(p.to)[g * 4 + i] = range ? static_cast<uint32_t>(p.from) + w[i] % range : w[i];
  }
};
struct Wide {
  NF_DEVICE void operator()(const Random& p, int64_t g) const {
    uint32_t w[4];
    words(p, static_cast<uint64_t>(g), w);
    for (int i = 0; i < 2 && g * 2 + i < p.elements; ++i) {
      const uint64_t word = w[2 * i] | static_cast<uint64_t>(w[2 * i + 1]) << 32;
      static_cast<uint64_t*>(p.to)[g * 2 + i] = p.range ? p.from + word % p.range : word;
    }
  }
};
NF_KERNEL(random_bits_4, Random) { groups<uint32_t>(p, 4, Narrow()); }
NF_KERNEL(random_bits_8, Random) { groups<uint64_t>(p, 2, Wide()); }

}  // namespace
