// In: a Philox state and an output on a GPU. Out: launches of random_fill.cu; the ops that come here from random_fill.cc.
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/counters.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/place.h"
#include "engine/ops/moves.gpu.h"
#include "engine/ops/random/fill.h"
#include "engine/ops/random_fill.h"
#include "engine/ops/random_fill_launch.h"

namespace ninefold::ops {
namespace {

cuda::Random random_of(KernelCtx& k, const rng::Philox& base) {
  return {base.key, base.low, base.high, k.out(0).size(), k.out<void>(0), static_cast<int32_t>(k.out(0).dtype()), 0, 0, Draws::take()};
}
void launch_random(KernelCtx& k, const std::string& kernel, const cuda::Random& p) {
  const int64_t each = size_of(k.out(0).dtype()) == 8 ? rng::group_64 : rng::group_32;
  if (p.elements > 0) cuda::launch(k.device(), kernel, cuda::threads_for(rng::groups_of(p.elements, each)), p);
}

}  // namespace

void fill_gpu(KernelCtx& k, Fill kind, const rng::Philox& base) {
  const cuda::Random p = random_of(k, base);
  if (kind == Fill::full_int) return launch_random(k, fmt::format("random_bits_{}", size_of(k.out(0).dtype())), p);
  const char* name = kind == Fill::uniform ? "random_uniform" : kind == Fill::normal ? "random_normal" : "random_truncated";
  launch_random(k, elementwise::cuda_kernel(name, p.dtype), p);
}
void fill_range_gpu(KernelCtx& k, const rng::Philox& base, uint64_t low, uint64_t range) {
  cuda::Random p = random_of(k, base);
  p.from = low;
  p.range = range;
  launch_random(k, fmt::format("random_bits_{}", size_of(k.out(0).dtype())), p);
}

void fill_gamma_gpu(KernelCtx& k, const rng::Philox& base, const Tensor& alpha) {
  const cuda::Gamma p{random_of(k, base), k.out(0).size() / alpha.size(), alpha.size(), alpha.impl()->data};
  cuda::launch(k.device(), elementwise::cuda_kernel("random_gamma", p.random.dtype), cuda::threads_for(k.out(0).size()), p);
}
void fill_multinomial_gpu(KernelCtx& k, const rng::Philox& base, const Tensor& logits) {
  const cuda::Draw p{random_of(k, base), logits.dim(0), k.out(0).dim(1), logits.dim(1), logits.impl()->data,
                     static_cast<int32_t>(logits.dtype()), k.out(0).dtype() == DType::i64};
  cuda::launch(k.device(), "random_draw", cuda::threads_for(p.rows * p.samples * cuda::kBlockThreads, cuda::kBlockThreads), p);
}

namespace {

const cuda::AtStart random_gpu([] {
  for (const char* name : {"RandomUniform", "RandomStandardNormal", "TruncatedNormal", "RandomUniformInt", "StatelessRandomUniform",
                           "StatelessRandomNormal", "StatelessTruncatedNormal", "StatelessRandomUniformFullInt",
                           "StatelessRandomUniformInt", "StatelessRandomUniformV2", "StatelessRandomNormalV2",
                           "StatelessTruncatedNormalV2", "StatelessRandomUniformFullIntV2", "StatelessRandomUniformIntV2",
                           "StatefulUniform", "StatefulStandardNormalV2", "StatefulTruncatedNormal", "StatefulUniformFullInt",
                           "StatefulUniformInt", "RandomGamma", "StatelessRandomGammaV2", "Multinomial", "StatelessMultinomial"})
    on_both_devices(name);
  for (const char* name : {"RngSkip", "RngReadAndSkip"}) runs_anywhere(name);   // three words of a variable
});

}  // namespace
}  // namespace ninefold::ops
