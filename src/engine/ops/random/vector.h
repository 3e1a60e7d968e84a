// In: a base state and a run of blocks, `stride` counter steps apart. Out: words or values of them.
// The vector half of the fills: the best instruction set of the machine is chosen at run time.
#pragma once

#include <cstdint>

#include "engine/ops/random/philox.h"

namespace ninefold::rng::vec {

// Four values a block, in order: out has room for 4 * blocks.
void words(const Philox& base, int64_t blocks, uint32_t* out);
void uniform_f32(const Philox& base, int64_t blocks, float* out);
// out = uniform >= rate ? scale : 0.
void dropout_mask_f32(const Philox& base, int64_t blocks, float rate, float scale, float* out);
// out = x * scale * (uniform >= rate ? 1 : 0); x may be out.
void dropout_f32(const Philox& base, int64_t blocks, float rate, float scale, const float* x,
                 float* out);
// Box-Muller normals; block i is made of counter base + i * stride.
void normal_f32(const Philox& base, int64_t blocks, uint64_t stride, float* out);
// The same of 4 * blocks words that are already there.
void normal_of_words(const uint32_t* words, int64_t blocks, float* out);

}  // namespace ninefold::rng::vec
