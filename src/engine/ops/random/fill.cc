// In: a base state and groups. Out: their elements. The vector part makes words or normals of some
// blocks at a time in the first cache; plain loops turn them into the wanted type.
#include "engine/ops/random/fill.h"

#include <cstring>

#include "base/check.h"
#include "base/float16.h"
#include "engine/ops/random/convert.h"
#include "engine/ops/random/vector.h"

namespace ninefold::rng {
namespace {

constexpr int64_t chunk = 256;  // blocks a time: 4 KB of words

// Elements [begin, end) that the groups cover.
struct Part {
  int64_t begin, end;
};
Part part_of(int64_t n, int64_t group, Groups groups) {
  const int64_t all = groups_of(n, group);
  const int64_t first = std::clamp<int64_t>(groups.first, 0, all);
  const int64_t last = std::clamp<int64_t>(groups.last, first, all);
  return {first * group, std::min(last * group, n)};
}

// make(state, blocks, values) fills whole groups of four straight into the result, and the last,
// partial one through a buffer.
template <class T, class Make>
void fill_direct(const Philox& base, int64_t n, T* out, Groups groups, const Make& make) {
  const Part part = part_of(n, group_32, groups);
  const Philox start = base.at(static_cast<uint64_t>(part.begin / group_32));
  const int64_t whole = (part.end - part.begin) / group_32;
  make(start, whole, out + part.begin);
  const int64_t rest = part.end - part.begin - whole * group_32;
  if (rest == 0) return;
  T last[group_32];
  make(start.at(static_cast<uint64_t>(whole)), int64_t{1}, last);
  std::copy_n(last, rest, out + part.begin + whole * group_32);
}

// of(element of the chunk, buffer) for every element; make fills the buffer with 4 values a block.
template <int64_t group, class T, class Value, class Make, class Of>
void fill_chunks(const Philox& base, int64_t n, T* out, Groups groups, Value* buffer,
                 const Make& make, const Of& of) {
  const Part part = part_of(n, group, groups);
  for (int64_t i = part.begin; i < part.end; i += chunk * group) {
    const int64_t count = std::min(chunk * group, part.end - i);
    make(base.at(static_cast<uint64_t>(i / group)), groups_of(count, group), buffer);
    for (int64_t j = 0; j < count; ++j) out[i + j] = of(buffer, j);
  }
}

template <int64_t group, class T, class Of>
void fill_of_words(const Philox& base, int64_t n, T* out, Groups groups, const Of& of) {
  uint32_t words[4 * chunk];
  fill_chunks<group>(base, n, out, groups, words, vec::words, of);
}

template <class Of>
void fill_of_normals(const Philox& base, int64_t n, uint16_t* out, Groups groups, const Of& of) {
  float values[4 * chunk];
  auto make = [](const Philox& p, int64_t blocks, float* v) { vec::normal_f32(p, blocks, 1, v); };
  fill_chunks<group_32>(base, n, out, groups, values, make,
                        [of](const float* v, int64_t j) { return of(v[j]); });
}

template <class Of, class T>
void fill_truncated(const Philox& base, int64_t n, T* out, Groups groups, const Of& of) {
  constexpr uint64_t skip = 256;
  constexpr int64_t more = 8;  // blocks a refill: rarely more than one
  float values[4 * chunk], extra[4 * more];
  const Part part = part_of(n, group_32, groups);
  auto fits = [](float v) { return std::fabs(v) < 2.0f; };
  for (int64_t i = part.begin; i < part.end; i += chunk * group_32) {
    const int64_t count = std::min(chunk * group_32, part.end - i);
    const Philox start = base.at(static_cast<uint64_t>(i / group_32) * skip);
    const int64_t blocks = groups_of(count, group_32);
    vec::normal_f32(start, blocks, skip, values);
    for (int64_t g = 0; g < blocks; ++g) {
      float* v = values + group_32 * g;
      if (fits(v[0]) && fits(v[1]) && fits(v[2]) && fits(v[3])) continue;
      int kept = 0;
      for (int k = 0; k < group_32; ++k)
        if (fits(v[k])) v[kept++] = v[k];
      Philox next = start.at(static_cast<uint64_t>(g) * skip + 1);
      while (kept < group_32) {
        vec::normal_f32(next, more, 1, extra);
        next.skip(more);
        for (int k = 0; k < group_32 * more && kept < group_32; ++k)
          if (fits(extra[k])) v[kept++] = extra[k];
      }
    }
    for (int64_t j = 0; j < count; ++j) out[i + j] = of(values[j]);
  }
}

// TensorFlow's words; an empty result takes any range.
template <class T>
void check_range(T low, T high) {
  check(low < high, "Need minval < maxval, got {} >= {}", low, high);
}

}  // namespace

void uniform_f32(const Philox& base, int64_t n, float* out, Groups groups) {
  fill_direct(base, n, out, groups, vec::uniform_f32);
}

void full_u32(const Philox& base, int64_t n, uint32_t* out, Groups groups) {
  fill_direct(base, n, out, groups, vec::words);
}

void uniform_f64(const Philox& base, int64_t n, double* out, Groups groups) {
  fill_of_words<group_64>(base, n, out, groups, [](const uint32_t* w, int64_t j) {
    return unit_f64(w[2 * j], w[2 * j + 1]);
  });
}

void full_u64(const Philox& base, int64_t n, uint64_t* out, Groups groups) {
  fill_of_words<group_64>(base, n, out, groups, [](const uint32_t* w, int64_t j) {
    return word_64(w[2 * j], w[2 * j + 1]);
  });
}

// A 16-bit uniform has 1024 or 128 values, all exact in float and in their own type.
void uniform_f16(const Philox& base, int64_t n, uint16_t* out, Groups groups) {
  fill_of_words<group_32>(base, n, out, groups, [](const uint32_t* w, int64_t j) {
    return float_to_half(std::bit_cast<float>(0x3f800000u | (w[j] & 0x3ffu) << 13) - 1.0f);
  });
}

void uniform_bf16(const Philox& base, int64_t n, uint16_t* out, Groups groups) {
  fill_of_words<group_32>(base, n, out, groups, [](const uint32_t* w, int64_t j) {
    return float_to_bfloat16(std::bit_cast<float>(0x3f800000u | (w[j] & 0x7fu) << 16) - 1.0f);
  });
}

void uniform_u32(const Philox& base, int64_t n, uint32_t low, uint32_t high, uint32_t* out,
                 Groups groups) {
  if (n == 0) return;
  check_range(low, high);
  const uint32_t range = high - low;
  fill_of_words<group_32>(base, n, out, groups, [low, range](const uint32_t* w, int64_t j) {
    return low + w[j] % range;
  });
}

void uniform_i32(const Philox& base, int64_t n, int32_t low, int32_t high, int32_t* out,
                 Groups groups) {
  if (n == 0) return;
  check_range(low, high);
  const uint32_t range = static_cast<uint32_t>(high) - static_cast<uint32_t>(low);
  fill_of_words<group_32>(base, n, out, groups, [low, range](const uint32_t* w, int64_t j) {
    return static_cast<int32_t>(static_cast<uint32_t>(low) + w[j] % range);
  });
}

void uniform_u64(const Philox& base, int64_t n, uint64_t low, uint64_t high, uint64_t* out,
                 Groups groups) {
  if (n == 0) return;
  check_range(low, high);
  const uint64_t range = high - low;
  fill_of_words<group_64>(base, n, out, groups, [low, range](const uint32_t* w, int64_t j) {
    return low + word_64(w[2 * j], w[2 * j + 1]) % range;
  });
}

void uniform_i64(const Philox& base, int64_t n, int64_t low, int64_t high, int64_t* out,
                 Groups groups) {
  if (n == 0) return;
  check_range(low, high);
  const uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  fill_of_words<group_64>(base, n, out, groups, [low, range](const uint32_t* w, int64_t j) {
    return static_cast<int64_t>(static_cast<uint64_t>(low) +
                                word_64(w[2 * j], w[2 * j + 1]) % range);
  });
}

void normal_f32(const Philox& base, int64_t n, float* out, Groups groups) {
  fill_direct(base, n, out, groups, [](const Philox& p, int64_t blocks, float* v) {
    vec::normal_f32(p, blocks, 1, v);
  });
}

void normal_f16(const Philox& base, int64_t n, uint16_t* out, Groups groups) {
  fill_of_normals(base, n, out, groups, [](float v) { return float_to_half(v); });
}

void normal_bf16(const Philox& base, int64_t n, uint16_t* out, Groups groups) {
  fill_of_normals(base, n, out, groups, [](float v) { return float_to_bfloat16(v); });
}

void normal_f64(const Philox& base, int64_t n, double* out, Groups groups) {
  const Part part = part_of(n, group_64, groups);
  Philox next = base.at(static_cast<uint64_t>(part.begin / group_64));
  for (int64_t i = part.begin; i < part.end; i += group_64) {
    double pair[2];
    normals_f64(next.next(), pair);
    out[i] = pair[0];
    if (i + 1 < part.end) out[i + 1] = pair[1];
  }
}

void truncated_normal_f32(const Philox& base, int64_t n, float* out, Groups groups) {
  fill_truncated(base, n, out, groups, [](float v) { return v; });
}

void truncated_normal_f16(const Philox& base, int64_t n, uint16_t* out, Groups groups) {
  fill_truncated(base, n, out, groups, [](float v) { return float_to_half(v); });
}

void truncated_normal_bf16(const Philox& base, int64_t n, uint16_t* out, Groups groups) {
  fill_truncated(base, n, out, groups, [](float v) { return float_to_bfloat16(v); });
}

void truncated_normal_f64(const Philox& base, int64_t n, double* out, Groups groups) {
  constexpr uint64_t skip = 128;
  const Part part = part_of(n, group_64, groups);
  for (int64_t i = part.begin; i < part.end; i += group_64) {
    Philox next = base.at(static_cast<uint64_t>(i / group_64) * skip);
    const int64_t wanted = std::min(group_64, part.end - i);
    for (int64_t kept = 0; kept < wanted;) {
      double pair[2];
      normals_f64(next.next(), pair);
      for (int k = 0; k < 2 && kept < wanted; ++k)
        if (std::fabs(pair[k]) < 2.0) out[i + kept++] = pair[k];
    }
  }
}

void dropout_keep(const Philox& base, int64_t n, float rate, bool* out, Groups groups) {
  fill_of_words<group_32>(base, n, out, groups, [rate](const uint32_t* w, int64_t j) {
    return unit_f32(w[j]) >= rate;
  });
}

void dropout_mask(const Philox& base, int64_t n, float rate, float scale, float* out,
                  Groups groups) {
  fill_direct(base, n, out, groups, [rate, scale](const Philox& p, int64_t blocks, float* v) {
    vec::dropout_mask_f32(p, blocks, rate, scale, v);
  });
}

void dropout(const Philox& base, int64_t n, float rate, float scale, const float* x, float* out,
             Groups groups) {
  const Part part = part_of(n, group_32, groups);
  const Philox start = base.at(static_cast<uint64_t>(part.begin / group_32));
  const int64_t whole = (part.end - part.begin) / group_32;
  vec::dropout_f32(start, whole, rate, scale, x + part.begin, out + part.begin);
  const int64_t at = part.begin + whole * group_32, rest = part.end - at;
  if (rest == 0) return;
  float last[group_32] = {};
  std::copy_n(x + at, rest, last);
  vec::dropout_f32(start.at(static_cast<uint64_t>(whole)), 1, rate, scale, last, last);
  std::copy_n(last, rest, out + at);
}

}  // namespace ninefold::rng
