// In: rows of numbers. Out: them in order, with the places that they had (a stable radix sort: blocks count digits, running
// sums say where each block's elements go, blocks move them); what is not zero, side by side; distinct values.
#include "engine/ops/numbers.cuh"
#include "engine/ops/order_launch.h"

namespace {

using namespace ninefold::cuda;

// ---- keys ----

template <class T> struct KeyOf {                // integers that int and long long hold
  static NF_DEVICE uint64_t key(T v) { return static_cast<uint64_t>(v) ^ (T(-1) < T(0) ? uint64_t{1} << (sizeof(T) * 8 - 1) : 0); }
  static NF_DEVICE uint64_t all() { return sizeof(T) == 8 ? ~uint64_t{0} : 0xffffffffu; }
};
template <> struct KeyOf<float> {
  static NF_DEVICE uint64_t key(float v) {
    const uint32_t bits = bits_of(v + 0.0f);
    return v != v ? 0xffffffffu : bits >> 31 ? ~bits : bits | 0x80000000u;
  }
  static NF_DEVICE uint64_t all() { return 0xffffffffu; }
};
template <> struct KeyOf<double> {
  static NF_DEVICE uint64_t key(double v) {
    const double sum = v + 0.0;
    uint64_t bits;
#if defined(__CUDACC__)
    bits = static_cast<uint64_t>(__double_as_longlong(sum));
#else
    std::memcpy(&bits, &sum, 8);
#endif
    return v != v ? ~uint64_t{0} : bits >> 63 ? ~bits : bits | uint64_t{1} << 63;
  }
  static NF_DEVICE uint64_t all() { return ~uint64_t{0}; }
};
template <class T>
NF_DEVICE void keys_of(const Keys& p) {
  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) {
    const uint64_t key = KeyOf<T>::key(load_as<T>(p.from, i, p.dtype)) & KeyOf<T>::all();
    p.keys[i] = p.falling ? KeyOf<T>::all() - key : key;
    p.places[i] = static_cast<int32_t>(i % p.columns);
  }
}
#define NF_KEYS(name, T) NF_KERNEL(sort_keys_##name, Keys) { keys_of<T>(p); }
NF_NUMBERS(NF_KEYS)

// ---- sorting ----

NF_DEVICE int digit_of(const DigitPass& p, uint64_t key) { return static_cast<int>(key >> p.shift & (kDigits - 1)); }
static_assert(kBlockThreads == kDigits * kDigits);   // a thread sums a sixteenth of a digit
// How often each digit is among the neighbours of each thread: count[digit][thread].
NF_DEVICE void count_digits(const DigitPass& p, int64_t row, int64_t tile, int* count) {
  NF_PHASE {
    const int t = nf_in_block();
    for (int d = 0; d < kDigits; ++d) count[d * kBlockThreads + t] = 0;
    const int64_t first = tile * kOrderTile + t * kOrderItems;
    for (int64_t i = first; i < first + kOrderItems && i < p.columns; ++i)
      ++count[digit_of(p, p.keys[row * p.columns + i]) * kBlockThreads + t];
  }
}
// A sixteenth of a digit's counts each.
NF_DEVICE void sum_sixteenths(const int* count, int* part) {
  NF_PHASE {
    int sum = 0;
    for (int i = 0; i < kDigits; ++i) sum += count[nf_in_block() * kDigits + i];
    part[nf_in_block()] = sum;
  }
}
// part[i] becomes the sum of all before it; `other` is as long.
template <class T>
NF_DEVICE void sums_before(T* part, T* other) {
  T *now = part, *next = other;
  for (int step = 1; step < kBlockThreads; step *= 2) {
    NF_PHASE {
      const int i = nf_in_block();
      next[i] = i >= step ? now[i - step] + now[i] : now[i];
    }
    T* const old = now;
    now = next, next = old;
  }
  NF_PHASE next[nf_in_block()] = nf_in_block() == 0 ? T(0) : now[nf_in_block() - 1];
  if (next != part) {
    NF_PHASE part[nf_in_block()] = next[nf_in_block()];
  }
}
NF_BLOCK_KERNEL(sort_count, DigitPass) {
  NF_SHARED(int, count, kDigits * kBlockThreads);
  NF_SHARED(int, part, kBlockThreads);
  for (int64_t b = nf_block(); b < p.rows * p.tiles; b += nf_blocks()) {
    const int64_t row = b / p.tiles, tile = b - row * p.tiles;
    count_digits(p, row, tile, count);
    sum_sixteenths(count, part);
    NF_PHASE {
      if (nf_in_block() < kDigits) {
        int64_t sum = 0;
        for (int i = 0; i < kDigits; ++i) sum += part[nf_in_block() * kDigits + i];
        p.counts[(row * kDigits + nf_in_block()) * p.tiles + tile] = sum;
      }
    }
  }
}
NF_BLOCK_KERNEL(sort_move, DigitPass) {
  NF_SHARED(int, count, kDigits * kBlockThreads);
  NF_SHARED(int, part, kBlockThreads);
  NF_SHARED(int, other, kBlockThreads);
  NF_SHARED(int, start, kDigits);                // of each digit, within the tile
  for (int64_t b = nf_block(); b < p.rows * p.tiles; b += nf_blocks()) {
    const int64_t row = b / p.tiles, tile = b - row * p.tiles;
    count_digits(p, row, tile, count);
    sum_sixteenths(count, part);
    sums_before(part, other);
    NF_PHASE {
      int sum = part[nf_in_block()];
      for (int i = 0; i < kDigits; ++i) {
        int& at = count[nf_in_block() * kDigits + i];
        const int here = at;
        at = sum, sum += here;
      }
    }
    NF_PHASE {
      if (nf_in_block() < kDigits) start[nf_in_block()] = count[nf_in_block() * kBlockThreads];
    }
    NF_PHASE {
      const int t = nf_in_block();
      const int64_t first = tile * kOrderTile + t * kOrderItems;
      for (int64_t i = first; i < first + kOrderItems && i < p.columns; ++i) {
        const uint64_t key = p.keys[row * p.columns + i];
        const int d = digit_of(p, key);
        const int64_t to = row * p.columns + p.counts[(row * kDigits + d) * p.tiles + tile] + (count[d * kBlockThreads + t]++ - start[d]);
        p.keys_to[to] = key;
        p.places_to[to] = p.places[row * p.columns + i];
      }
    }
  }
}

template <class T>
NF_DEVICE void pick(const Pick& p) {
  for (int64_t i = nf_thread(); i < p.rows * p.k; i += nf_threads()) {
    const int64_t row = i / p.k, at = p.places[row * p.columns + (i - row * p.k)];
    p.indices[i] = static_cast<int32_t>(at);
    static_cast<T*>(p.values)[i] = static_cast<const T*>(p.from)[row * p.columns + at];
  }
}
NF_KERNEL(pick_1, Pick) { pick<uint8_t>(p); }
NF_KERNEL(pick_2, Pick) { pick<uint16_t>(p); }
NF_KERNEL(pick_4, Pick) { pick<uint32_t>(p); }
NF_KERNEL(pick_8, Pick) { pick<uint64_t>(p); }

// ---- what is not zero ----

// By the bits: a NaN is not zero, -0 is.
NF_DEVICE bool nonzero(const void* from, int64_t i, int d) {
  switch (d) {
    case kBool: case kUint8: case kInt8: return static_cast<const uint8_t*>(from)[i] != 0;
    case kHalf: case kBfloat16: return (static_cast<const uint16_t*>(from)[i] & 0x7fff) != 0;
    case kInt16: case kUint16: return static_cast<const uint16_t*>(from)[i] != 0;
    case kFloat: return (static_cast<const uint32_t*>(from)[i] & 0x7fffffff) != 0;
    case kInt32: case kUint32: return static_cast<const uint32_t*>(from)[i] != 0;
    case kDouble: return static_cast<const uint64_t*>(from)[i] << 1 != 0;
    case kComplex64: return nonzero(from, 2 * i, kFloat) || nonzero(from, 2 * i + 1, kFloat);
    case kComplex128: return nonzero(from, 2 * i, kDouble) || nonzero(from, 2 * i + 1, kDouble);
    default: return static_cast<const uint64_t*>(from)[i] != 0;
  }
}
NF_DEVICE void count_flags(const Flags& p, int64_t tile, int* part) {
  NF_PHASE {
    const int64_t first = tile * kOrderTile + nf_in_block() * kOrderItems;
    int sum = 0;
    for (int64_t i = first; i < first + kOrderItems && i < p.elements; ++i) sum += nonzero(p.from, i, p.dtype);
    part[nf_in_block()] = sum;
  }
}
NF_BLOCK_KERNEL(flag_count, Flags) {
  NF_SHARED(int, part, kBlockThreads);
  for (int64_t tile = nf_block(); tile <= p.tiles; tile += nf_blocks()) {
    count_flags(p, tile, part);
    for (int step = kBlockThreads / 2; step > 0; step /= 2)
      NF_PHASE {
        if (nf_in_block() < step) part[nf_in_block()] += part[nf_in_block() + step];
      }
    NF_PHASE {
      if (nf_in_block() == 0) p.counts[tile] = part[0];
    }
  }
}
struct WriteCoordinates {
  static NF_DEVICE void write(const Flags& p, int64_t i, int64_t at, bool flag) {
    if (!flag) return;
    for (int d = p.rank - 1; d > 0; --d) {
      const int64_t next = i / p.size[d];
      p.to[at * p.rank + d] = i - next * p.size[d];
      i = next;
    }
    p.to[at * p.rank] = i;
  }
};
struct WriteBefore {
  static NF_DEVICE void write(const Flags& p, int64_t i, int64_t at, bool) { p.to[i] = at; }
};
template <class Write>
NF_DEVICE void flag_places(const Flags& p) {
  NF_SHARED(int, part, kBlockThreads);
  NF_SHARED(int, other, kBlockThreads);
  for (int64_t tile = nf_block(); tile < p.tiles; tile += nf_blocks()) {
    count_flags(p, tile, part);
    sums_before(part, other);
    NF_PHASE {
      const int64_t first = tile * kOrderTile + nf_in_block() * kOrderItems;
      int64_t at = p.counts[tile] + part[nf_in_block()];
      for (int64_t i = first; i < first + kOrderItems && i < p.elements; ++i) {
        const bool flag = nonzero(p.from, i, p.dtype);
        Write::write(p, i, at, flag);
        at += flag;
      }
    }
  }
}
NF_BLOCK_KERNEL(flag_coordinates, Flags) { flag_places<WriteCoordinates>(p); }
NF_BLOCK_KERNEL(flag_before, Flags) { flag_places<WriteBefore>(p); }

// ---- distinct values ----

// The sort is stable: the first of equal keys is the first of its value.
NF_KERNEL(distinct_heads, Distinct) {
  for (int64_t j = nf_thread(); j < p.elements; j += nf_threads()) {
    const int32_t head = j == 0 || p.keys[j] != p.keys[j - 1] ||
                         (p.has_nan && p.keys[j] == (p.has_nan == 8 ? ~uint64_t{0} : 0xffffffffu));
    p.heads[j] = head;
    p.firsts[p.places[j]] = head;
  }
}
NF_KERNEL(distinct_groups, Distinct) {
  for (int64_t j = nf_thread(); j < p.elements; j += nf_threads()) {
    if (!p.heads[j]) continue;
    p.rank[p.heads_before[j]] = p.firsts_before[p.places[j]];
    p.start[p.heads_before[j]] = j;
  }
}
NF_DEVICE void tell(void* to, int64_t i, bool wide, int64_t value) {
  if (wide) static_cast<int64_t*>(to)[i] = value;
  else static_cast<int32_t*>(to)[i] = static_cast<int32_t>(value);
}
NF_KERNEL(distinct_values, Distinct) {
  for (int64_t j = nf_thread(); j < p.elements; j += nf_threads()) {
    const bool head = p.heads[j] != 0;
    const int64_t group = p.heads_before[j] + head - 1, rank = p.rank[group], place = p.places[j];
    tell(p.which, place, p.wide != 0, rank);
    if (!head) continue;
    switch (p.bytes) {
      case 1: static_cast<uint8_t*>(p.values)[rank] = static_cast<const uint8_t*>(p.from)[place]; break;
      case 2: static_cast<uint16_t*>(p.values)[rank] = static_cast<const uint16_t*>(p.from)[place]; break;
      case 4: static_cast<uint32_t*>(p.values)[rank] = static_cast<const uint32_t*>(p.from)[place]; break;
      default: static_cast<uint64_t*>(p.values)[rank] = static_cast<const uint64_t*>(p.from)[place];
    }
    if (p.counts) tell(p.counts, rank, p.wide != 0, (group + 1 < p.groups ? p.start[group + 1] : p.elements) - j);
  }
}

}  // namespace
