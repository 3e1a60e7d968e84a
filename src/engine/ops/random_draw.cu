// In: a Philox state and parameters of distributions. Out: gamma numbers, the CPU's; classes drawn by the greatest of
// logits and Gumbel's noise, as TensorFlow's GPU kernels draw them, so not those that its CPU kernels draw.
#include "engine/ops/numbers.cuh"
#include "engine/ops/random/gamma_rules.h"
#include "engine/ops/random_fill_launch.h"
#include "engine/ops/random_words.cuh"

namespace {

using ninefold::cuda::Draw;
using ninefold::cuda::Gamma;
using ninefold::cuda::kBlockThreads;

struct Blocks {
  const Random& p;
  uint64_t block;
  NF_DEVICE void uniforms(double (&two)[2]) {
    uint32_t w[4];
    words(p, block++, w);
    two[0] = unit(w[0], w[1]), two[1] = unit(w[2], w[3]);
  }
  NF_DEVICE void normals(double (&two)[2]) {
    uint32_t w[4];
    words(p, block++, w);
    two_normals(unit(w[0], w[1]), unit(w[2], w[3]), two);
  }
};
// Sample i is of parameter i / samples; the result is [samples, parameters].
template <class T>
NF_DEVICE void gammas(const Gamma& p) {
  for (int64_t i = nf_thread(); i < p.samples * p.parameters; i += nf_threads()) {
    const int64_t parameter = i / p.samples;
    const auto alpha = static_cast<double>(load_as<T>(p.alpha, parameter, p.random.dtype));
    const double value = ninefold::rng::gamma_sample(Blocks{p.random, 256 * static_cast<uint64_t>(i)}, alpha);
    store_as<T>(p.random.to, i % p.samples * p.parameters + parameter, p.random.dtype, static_cast<T>(value));
  }
}
NF_KERNEL(random_gamma_float, Gamma) { gammas<float>(p); }
NF_KERNEL(random_gamma_double, Gamma) { gammas<double>(p); }

// A block a draw. 2e-30 keeps the logarithm of 0 finite and changes no other number; of equal scores the last class wins.
NF_BLOCK_KERNEL(random_draw, Draw) {
  NF_SHARED(float, best, kBlockThreads);
  NF_SHARED(int64_t, place, kBlockThreads);
  for (int64_t b = nf_block(); b < p.rows * p.samples; b += nf_blocks()) {
    NF_PHASE {
      const int64_t first = b * p.classes, row = b / p.samples * p.classes;
      float most = float_of_bits(0xff800000);
      int64_t at = 0;
      for (int64_t g = first / 4 + nf_in_block(); g * 4 < first + p.classes; g += kBlockThreads) {
        uint32_t w[4];
        words(p.random, static_cast<uint64_t>(g), w);
        for (int i = 0; i < 4; ++i) {
          const int64_t c = g * 4 + i - first;
          if (c < 0 || c >= p.classes) continue;
          const float logit = p.dtype == kDouble ? static_cast<float>(load_as<double>(p.logits, row + c, p.dtype)) : load_as<float>(p.logits, row + c, p.dtype);
          const float score = logit - log(-log(unit(w[i]) + 2e-30f));
          if (score >= most) most = score, at = c;
        }
      }
      best[nf_in_block()] = most, place[nf_in_block()] = at;
    }
    for (int step = kBlockThreads / 2; step > 0; step /= 2)
      NF_PHASE {
        const int i = nf_in_block(), j = i + step;
        if (i < step && (best[j] > best[i] || (best[j] == best[i] && place[j] > place[i]))) best[i] = best[j], place[i] = place[j];
      }
    NF_PHASE {
      if (nf_in_block() == 0) {
        if (p.wide) static_cast<int64_t*>(p.random.to)[b] = place[0];
        else static_cast<int32_t*>(p.random.to)[b] = static_cast<int32_t>(place[0]);
      }
    }
  }
}

}  // namespace
