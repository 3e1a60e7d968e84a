// In: a Philox state and an output. Out: the output filled with a distribution, cut among threads.
// What the legacy, the stateless and the generators' ops share: they differ in where the state comes from.
#pragma once

#include "engine/op/kernel_ctx.h"
#include "engine/ops/random/seeds.h"

namespace ninefold::ops {

enum class Fill : uint8_t { uniform, normal, truncated_normal, full_int };
// The dtypes that a fill knows; another one raises.
void fill(KernelCtx& k, Fill kind, const rng::Philox& base);
// The same on a GPU; integers as bits, in [low, low + range).
void fill_gpu(KernelCtx& k, Fill kind, const rng::Philox& base);
void fill_gamma_gpu(KernelCtx& k, const rng::Philox& base, const Tensor& alpha);
void fill_multinomial_gpu(KernelCtx& k, const rng::Philox& base, const Tensor& logits);
void fill_range_gpu(KernelCtx& k, const rng::Philox& base, uint64_t low, uint64_t range);
// Integers in [*low, *high), of the output's dtype; raises if the range is empty.
void fill_int(KernelCtx& k, const rng::Philox& base, const void* low, const void* high);

// Distributions with parameters: the output is [samples, parameters...], any dtype of tf.random.
void fill_gamma(KernelCtx& k, const rng::Philox& base, const Tensor& alpha);
void fill_poisson(KernelCtx& k, const rng::Philox& base, const Tensor& rate);
// counts and probs broadcast to one another.
void fill_binomial(KernelCtx& k, const rng::Philox& base, const Tensor& counts, const Tensor& probs);
// logits [rows, classes], out [rows, samples].
void fill_multinomial(KernelCtx& k, const rng::Philox& base, const Tensor& logits);

// The values of a tensor that broadcasts to `to`, as doubles.
std::vector<double> doubles_of(const Tensor& t, const Shape& to);

}  // namespace ninefold::ops
