// In: a base state, the number n of elements of the whole result, its start, the groups to fill.
// Out: those elements. Element i belongs to group i / G; group i is made of the base state
// skipped by i * S blocks (G, S below), so callers may split the groups among threads anywhere.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "engine/ops/random/philox.h"

namespace ninefold::rng {

// Groups [first, last) of a result; the default is all of them.
struct Groups {
  int64_t first = 0, last = std::numeric_limits<int64_t>::max();
};

constexpr int64_t group_32 = 4;  // G of every fill of 16- and 32-bit elements (S = 1)
constexpr int64_t group_64 = 2;  // G of every fill of 64-bit elements (S = 1)
inline int64_t groups_of(int64_t n, int64_t group) { return (n + group - 1) / group; }

// Uniform in [0, 1). 16-bit results are the patterns of halves and bfloat16s.
void uniform_f32(const Philox& base, int64_t n, float* out, Groups groups = {});
void uniform_f64(const Philox& base, int64_t n, double* out, Groups groups = {});
void uniform_f16(const Philox& base, int64_t n, uint16_t* out, Groups groups = {});
void uniform_bf16(const Philox& base, int64_t n, uint16_t* out, Groups groups = {});

// Uniform in [low, high), low < high; the bias of the modulo is TensorFlow's.
void uniform_i32(const Philox& base, int64_t n, int32_t low, int32_t high, int32_t* out,
                 Groups groups = {});
void uniform_u32(const Philox& base, int64_t n, uint32_t low, uint32_t high, uint32_t* out,
                 Groups groups = {});
void uniform_i64(const Philox& base, int64_t n, int64_t low, int64_t high, int64_t* out,
                 Groups groups = {});
void uniform_u64(const Philox& base, int64_t n, uint64_t low, uint64_t high, uint64_t* out,
                 Groups groups = {});

// Every value of the type is equally likely; cast the pointer for the signed types.
void full_u32(const Philox& base, int64_t n, uint32_t* out, Groups groups = {});
void full_u64(const Philox& base, int64_t n, uint64_t* out, Groups groups = {});

// Mean 0, deviation 1.
void normal_f32(const Philox& base, int64_t n, float* out, Groups groups = {});
void normal_f64(const Philox& base, int64_t n, double* out, Groups groups = {});
void normal_f16(const Philox& base, int64_t n, uint16_t* out, Groups groups = {});
void normal_bf16(const Philox& base, int64_t n, uint16_t* out, Groups groups = {});

// Normals with |x| < 2. G as above; S is 256 blocks, 128 for f64.
void truncated_normal_f32(const Philox& base, int64_t n, float* out, Groups groups = {});
void truncated_normal_f64(const Philox& base, int64_t n, double* out, Groups groups = {});
void truncated_normal_f16(const Philox& base, int64_t n, uint16_t* out, Groups groups = {});
void truncated_normal_bf16(const Philox& base, int64_t n, uint16_t* out, Groups groups = {});

// tf.nn.dropout on float32. u = uniform_f32 of the same state:
//   keep:    out = u >= rate ? 1 : 0
//   mask:    out = u >= rate ? scale : 0
//   dropout: out = x * scale * (u >= rate ? 1 : 0), x may be out. Called with the same state and dy
//            it is its own gradient, so that no mask need be stored.
void dropout_keep(const Philox& base, int64_t n, float rate, bool* out, Groups groups = {});
void dropout_mask(const Philox& base, int64_t n, float rate, float scale, float* out,
                  Groups groups = {});
void dropout(const Philox& base, int64_t n, float rate, float scale, const float* x, float* out,
             Groups groups = {});

}  // namespace ninefold::rng
