// In: a base state and a run of blocks. Out: words, uniforms, dropout masks, normals.
// Compiled once an instruction set. A 64-bit lane holds one word of one block: the 32 x 32 -> 64
// product of a Philox round then needs no shuffle, and its upper half is where it is wanted next.
//
// Highway's emulated vectors are the fallback; the compiler fault for which it shuns them under
// GCC 12.2 touches 16-bit products only, and the tests run this target too.
#define HWY_BROKEN_EMU128 0

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/ops/random/vector.cc"
#include <hwy/foreach_target.h>

#include "engine/ops/random/vector.h"
#include <hwy/highway.h>

#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace ninefold::rng::vec::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D64 = hn::ScalableTag<uint64_t>;
using D32 = hn::Repartition<uint32_t, D64>;
using DF = hn::Repartition<float, D64>;    // full vectors of floats: two words a 64-bit lane
using DD = hn::Repartition<double, D64>;
using DH = hn::Rebind<float, DD>;          // as many floats as there are 64-bit lanes
using V64 = hn::Vec<D64>;
using VD = hn::Vec<DD>;
using VH = hn::Vec<DH>;

constexpr int64_t max_lanes = HWY_MAX_BYTES / 8;

struct Four { V64 c0, c1, c2, c3; };       // words of N blocks; upper halves of lanes are noise

// Blocks of counters (high << 64) + low, one a lane.
HWY_INLINE Four philox(uint64_t key, V64 low, uint64_t high) {
  const D64 d;
  const D32 d32;
  Four f = {low, hn::ShiftRight<32>(low), hn::Set(d, high), hn::Set(d, high >> 32)};
  const auto m0 = hn::Set(d32, 0xD2511F53u), m1 = hn::Set(d32, 0xCD9E8D57u);
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const V64 p0 = hn::MulEven(hn::BitCast(d32, f.c0), m0);
    const V64 p1 = hn::MulEven(hn::BitCast(d32, f.c2), m1);
    f = {hn::Xor(hn::Xor(hn::ShiftRight<32>(p1), f.c1), hn::Set(d, k0)), p1,
         hn::Xor(hn::Xor(hn::ShiftRight<32>(p0), f.c3), hn::Set(d, k1)), p0};
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return f;
}

// Calls emit.full(words, index of the first block) for whole vectors of blocks and
// emit.part(words, index, count) for the blocks that fill only part of a vector.
template <class Emit>
HWY_INLINE void for_blocks(const Philox& base, int64_t blocks, uint64_t stride, const Emit& emit) {
  const D64 d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const V64 step = hn::Set(d, stride * static_cast<uint64_t>(lanes));
  HWY_ALIGN uint64_t ramp[max_lanes];
  for (int64_t i = 0; i < lanes; ++i) ramp[i] = stride * static_cast<uint64_t>(i);
  const V64 offsets = hn::Load(d, ramp);
  // The vector loop adds in 64 bits, so a run that carries into the high half is cut at the carry.
  Philox p = base;
  int64_t done = 0;
  while (done < blocks) {
    const uint64_t room = (~p.low) / stride;  // steps before the carry
    const int64_t run = room >= static_cast<uint64_t>(blocks - done)
                            ? blocks - done : static_cast<int64_t>(room) + 1;
    V64 low = hn::Add(hn::Set(d, p.low), offsets);
    int64_t i = 0;
    for (; i + lanes <= run; i += lanes) {
      emit.full(philox(p.key, low, p.high), done + i);
      low = hn::Add(low, step);
    }
    if (i < run) emit.part(philox(p.key, low, p.high), done + i, run - i);
    done += run;
    const uint64_t moved = stride * static_cast<uint64_t>(run);
    p.skip(moved);
  }
}

// Words of a block two a lane: (c0, c1) and (c2, c3).
HWY_INLINE V64 pair(V64 a, V64 b) {
  return hn::Or(hn::And(a, hn::Set(D64(), 0xffffffffu)), hn::ShiftLeft<32>(b));
}

// Emits four 32-bit results a block: of(vector of words).
template <class Of>
struct EmitWords {
  const Of& of;
  uint32_t* out;
  HWY_INLINE void store(const Four& f, uint32_t* to) const {
    const D64 d;
    const D32 d32;
    const V64 a = hn::BitCast(d, of(hn::BitCast(d32, pair(f.c0, f.c1))));
    const V64 b = hn::BitCast(d, of(hn::BitCast(d32, pair(f.c2, f.c3))));
    hn::StoreInterleaved2(a, b, d, reinterpret_cast<uint64_t*>(to));
  }
  HWY_INLINE void full(const Four& f, int64_t block) const { store(f, out + 4 * block); }
  HWY_INLINE void part(const Four& f, int64_t block, int64_t count) const {
    HWY_ALIGN uint32_t buffer[4 * max_lanes];
    store(f, buffer);
    std::memcpy(out + 4 * block, buffer, 16 * static_cast<size_t>(count));
  }
};
template <class Of>
HWY_INLINE void emit_words(const Philox& base, int64_t blocks, void* out, const Of& of) {
  for_blocks(base, blocks, 1, EmitWords<Of>{of, static_cast<uint32_t*>(out)});
}

HWY_INLINE hn::Vec<DF> unit_f32(hn::Vec<D32> w) {
  const D32 d32;
  const DF df;
  const auto bits = hn::Or(hn::And(w, hn::Set(d32, 0x7fffffu)), hn::Set(d32, 0x3f800000u));
  return hn::Sub(hn::BitCast(df, bits), hn::Set(df, 1.0f));
}

void words(const Philox& base, int64_t blocks, uint32_t* out) {
  emit_words(base, blocks, out, [](auto w) HWY_ATTR { return w; });
}

void uniform_f32(const Philox& base, int64_t blocks, float* out) {
  emit_words(base, blocks, out,
             [](auto w) HWY_ATTR { return hn::BitCast(D32(), unit_f32(w)); });
}

void dropout_mask_f32(const Philox& base, int64_t blocks, float rate, float scale, float* out) {
  const DF df;
  const auto limit = hn::Set(df, rate), kept = hn::Set(df, scale);
  emit_words(base, blocks, out, [limit, kept](auto w) HWY_ATTR {
    return hn::BitCast(D32(), hn::IfThenElseZero(hn::Ge(unit_f32(w), limit), kept));
  });
}

void dropout_f32(const Philox& base, int64_t blocks, float rate, float scale, const float* x,
                 float* out) {
  // Masks of a few blocks at a time stay in the first cache.
  constexpr int64_t chunk = 128;
  HWY_ALIGN float mask[4 * chunk];
  for (int64_t i = 0; i < blocks; i += chunk) {
    const int64_t n = HWY_MIN(chunk, blocks - i);
    dropout_mask_f32(base.at(static_cast<uint64_t>(i)), n, rate, 1.0f, mask);
    const float* from = x + 4 * i;
    float* to = out + 4 * i;
    for (int64_t j = 0; j < 4 * n; ++j) to[j] = from[j] * scale * mask[j];
  }
}

// The low 23 bits of a word as a double in [0, 1): equal to the float uniform of that word.
HWY_INLINE VD unit_as_double(V64 w) {
  const D64 d;
  const DD dd;
  const V64 mantissa = hn::ShiftLeft<29>(hn::And(w, hn::Set(d, 0x7fffffu)));
  return hn::Sub(hn::BitCast(dd, hn::Or(mantissa, hn::Set(d, 0x3ff0000000000000u))),
                 hn::Set(dd, 1.0));
}

// log, sin and cos below give, once rounded to float, the bits of glibc 2.28-2.40's logf, sinf and
// cosf for every argument that a normal can have (2^23 of each; the test goes through all). The
// constants are therefore those of that library (from Arm's Optimized Routines, MIT licence).

// log_table[i]: reciprocal and logarithm of a point in the i-th sixteenth of [0.699, 1.398).
constexpr double log_reciprocal[16] = {
    0x1.661ec79f8f3bep+0, 0x1.571ed4aaf883dp+0, 0x1.49539f0f010b0p+0, 0x1.3c995b0b80385p+0,
    0x1.30d190c8864a5p+0, 0x1.25e227b0b8ea0p+0, 0x1.1bb4a4a1a343fp+0, 0x1.12358f08ae5bap+0,
    0x1.0953f419900a7p+0, 0x1.0000000000000p+0, 0x1.e608cfd9a47acp-1, 0x1.ca4b31f026aa0p-1,
    0x1.b2036576afce6p-1, 0x1.9c2d163a1aa2dp-1, 0x1.886e6037841edp-1, 0x1.767dcf5534862p-1};
constexpr double log_value[16] = {
    -0x1.57bf7808caadep-2, -0x1.2bef0a7c06ddbp-2, -0x1.01eae7f513a67p-2, -0x1.b31d8a68224e9p-3,
    -0x1.6574f0ac07758p-3, -0x1.1aa2bc79c8100p-3, -0x1.a4e76ce8c0e5ep-4, -0x1.1973c5a611cccp-4,
    -0x1.252f438e10c1ep-5, 0.0,                   0x1.aa5aa5df25984p-5,  0x1.c5e53aa362eb4p-4,
    0x1.526e57720db08p-3,  0x1.bc2860d224770p-3,  0x1.1058bc8a07ee1p-2,  0x1.4043057b6ee09p-2};

// log(u) for u in [1e-7, 1): u = 2^k z; r = z / c - 1; log u = k log 2 + log c + polynomial(r).
HWY_INLINE VH log_f32(VD u) {
  const D64 d;
  const DD dd;
  const hn::RebindToSigned<DD> di;
  const V64 bits = hn::BitCast(d, u);
  const V64 offset = hn::Sub(bits, hn::Set(d, 0x3fe6600000000000u));  // from 0.69921875
  const V64 z_bits = hn::Sub(bits, hn::And(offset, hn::Set(d, 0xfff0000000000000u)));
  // k + 1023 is positive; or-ed into 2^52 it is read back as a double by a subtraction.
  const V64 biased = hn::ShiftRight<52>(hn::Add(offset, hn::Set(d, 1023ull << 52)));
  const VD k = hn::Sub(hn::BitCast(dd, hn::Or(biased, hn::Set(d, 0x4330000000000000u))),
                       hn::Set(dd, 0x1p52 + 1023));
  const auto i = hn::BitCast(di, hn::And(hn::ShiftRight<48>(offset), hn::Set(d, 15)));
  const VD reciprocal = hn::GatherIndex(dd, log_reciprocal, i);
  const VD value = hn::GatherIndex(dd, log_value, i);
  const VD r = hn::MulAdd(hn::BitCast(dd, z_bits), reciprocal, hn::Set(dd, -1.0));
  const VD y0 = hn::MulAdd(k, hn::Set(dd, 0x1.62e42fefa39efp-1), value);
  const VD r2 = hn::Mul(r, r);
  VD y = hn::MulAdd(hn::Set(dd, 0x1.5575b0be00b6ap-2), r, hn::Set(dd, -0x1.ffffef20a4123p-2));
  y = hn::MulAdd(hn::Set(dd, -0x1.00ea348b88334p-2), r2, y);
  y = hn::MulAdd(y, r2, hn::Add(y0, r));
  return hn::DemoteTo(DH(), y);
}

// Sine and cosine of a float v in [0, 2 pi), given as a double: v = n pi/2 + x, |x| <= pi/4.
HWY_INLINE void sin_cos_f32(VD v, VH& sine, VH& cosine) {
  const D64 d;
  const DD dd;
  const VD magic = hn::Set(dd, 0x1.8p52);  // adding it rounds to an integer in the low bits
  const VD rounded = hn::MulAdd(v, hn::Set(dd, 0x1.45f306dc9c883p-1), magic);
  const V64 n = hn::BitCast(d, rounded);
  const VD x = hn::NegMulAdd(hn::Sub(rounded, magic), hn::Set(dd, 0x1.921fb54442d18p+0), v);
  const VD x2 = hn::Mul(x, x), x3 = hn::Mul(x, x2), x4 = hn::Mul(x2, x2);
  const VD s1 = hn::MulAdd(x2, hn::Set(dd, -0x1.994eb3774cf24p-13),
                           hn::Set(dd, 0x1.1107605230bc4p-7));
  const VD s0 = hn::MulAdd(x3, hn::Set(dd, -0x1.555545995a603p-3), x);
  const VD s = hn::MulAdd(hn::Mul(x3, x2), s1, s0);
  const VD c2 = hn::MulAdd(x2, hn::Set(dd, 0x1.99343027bf8c3p-16),
                           hn::Set(dd, -0x1.6c087e89a359dp-10));
  const VD c1 = hn::MulAdd(x2, hn::Set(dd, -0x1.ffffffd0c621cp-2), hn::Set(dd, 1.0));
  const VD c0 = hn::MulAdd(x4, hn::Set(dd, 0x1.55553e1068f19p-5), c1);
  const VD c = hn::MulAdd(hn::Mul(x4, x2), c2, c0);
  // Quadrant n: odd ones swap the two; sin is negative in 2 and 3, cos in 1 and 2.
  const V64 one = hn::Set(d, 1);
  const auto odd = hn::MaskFromVec(hn::BitCast(dd, hn::VecFromMask(
      d, hn::Eq(hn::And(n, one), one))));
  const V64 two = hn::Set(d, 2);
  const VD sin_sign = hn::BitCast(dd, hn::ShiftLeft<62>(hn::And(n, two)));
  const VD cos_sign = hn::BitCast(dd, hn::ShiftLeft<62>(hn::And(hn::Add(n, one), two)));
  sine = hn::DemoteTo(DH(), hn::Xor(hn::IfThenElse(odd, c, s), sin_sign));
  cosine = hn::DemoteTo(DH(), hn::Xor(hn::IfThenElse(odd, s, c), cos_sign));
}

// Box-Muller on one pair of words a lane.
HWY_INLINE void normal_pair(V64 a, V64 b, VH& first, VH& second) {
  const DD dd;
  const DH dh;
  const VD u = hn::Max(unit_as_double(a), hn::Set(dd, static_cast<double>(1e-7f)));
  // The angle: a product in double, rounded to float.
  const VD v = hn::PromoteTo(dd, hn::DemoteTo(dh, hn::Mul(unit_as_double(b),
                                                           hn::Set(dd, 0x1.921fb54442d18p+2))));
  const VH r = hn::Sqrt(hn::Mul(hn::Set(dh, -2.0f), log_f32(u)));
  sin_cos_f32(v, first, second);
  first = hn::Mul(first, r);
  second = hn::Mul(second, r);
}

struct EmitNormals {
  float* out;
  HWY_INLINE void store(const Four& f, float* to) const {
    VH v0, v1, v2, v3;
    normal_pair(f.c0, f.c1, v0, v1);
    normal_pair(f.c2, f.c3, v2, v3);
    hn::StoreInterleaved4(v0, v1, v2, v3, DH(), to);
  }
  HWY_INLINE void full(const Four& f, int64_t block) const { store(f, out + 4 * block); }
  HWY_INLINE void part(const Four& f, int64_t block, int64_t count) const {
    HWY_ALIGN float buffer[4 * max_lanes];
    store(f, buffer);
    std::memcpy(out + 4 * block, buffer, 16 * static_cast<size_t>(count));
  }
};

void normal_f32(const Philox& base, int64_t blocks, uint64_t stride, float* out) {
  for_blocks(base, blocks, stride, EmitNormals{out});
}

void normal_of_words(const uint32_t* words, int64_t blocks, float* out) {
  const D64 d;
  const EmitNormals emit{out};
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < blocks; i += lanes) {
    const int64_t n = HWY_MIN(lanes, blocks - i);
    HWY_ALIGN uint64_t c[4][max_lanes] = {};
    for (int64_t j = 0; j < n; ++j)
      for (int k = 0; k < 4; ++k) c[k][j] = words[4 * (i + j) + k];
    emit.part({hn::Load(d, c[0]), hn::Load(d, c[1]), hn::Load(d, c[2]), hn::Load(d, c[3])}, i, n);
  }
}

}  // namespace ninefold::rng::vec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ninefold::rng::vec {

HWY_EXPORT(words);
HWY_EXPORT(uniform_f32);
HWY_EXPORT(dropout_mask_f32);
HWY_EXPORT(dropout_f32);
HWY_EXPORT(normal_f32);
HWY_EXPORT(normal_of_words);

void words(const Philox& base, int64_t blocks, uint32_t* out) {
  HWY_DYNAMIC_DISPATCH(words)(base, blocks, out);
}
void uniform_f32(const Philox& base, int64_t blocks, float* out) {
  HWY_DYNAMIC_DISPATCH(uniform_f32)(base, blocks, out);
}
void dropout_mask_f32(const Philox& base, int64_t blocks, float rate, float scale, float* out) {
  HWY_DYNAMIC_DISPATCH(dropout_mask_f32)(base, blocks, rate, scale, out);
}
void dropout_f32(const Philox& base, int64_t blocks, float rate, float scale, const float* x,
                 float* out) {
  HWY_DYNAMIC_DISPATCH(dropout_f32)(base, blocks, rate, scale, x, out);
}
void normal_f32(const Philox& base, int64_t blocks, uint64_t stride, float* out) {
  HWY_DYNAMIC_DISPATCH(normal_f32)(base, blocks, stride, out);
}
void normal_of_words(const uint32_t* words, int64_t blocks, float* out) {
  HWY_DYNAMIC_DISPATCH(normal_of_words)(words, blocks, out);
}

}  // namespace ninefold::rng::vec
#endif
