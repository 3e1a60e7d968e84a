// In: batch normalisation on a GPU. Out: calls of cuDNN (batch_norm_dnn.gpu.cc); where it has no engine, launches of batch_norm.cu.
#include <limits>

#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/place.h"
#include "engine/ops/batch_norm_dnn.gpu.h"
#include "engine/ops/batch_norm_launch.h"
#include "engine/ops/moves.gpu.h"

namespace ninefold::ops {
namespace {

cuda::Channels channels_of(const Shape& s, const std::string& format, DType d) {
  const bool first = format.starts_with("NC");
  const int at = first ? 1 : s.rank() - 1;
  cuda::Channels x{0, s[at], s.slice(at + 1, s.rank()).size(), first, static_cast<int32_t>(d)};
  if (x.channels > 0) x.rows = s.size() / x.channels;
  return x;
}
cuda::Launch a_block_each(int64_t n) { return cuda::threads_for(n * cuda::kBlockThreads, cuda::kBlockThreads); }

void batch_norm_gpu(KernelCtx& k) {
  const cuda::Channels x = channels_of(k.shape(0), k.text("data_format"), k.dtype(0));
  if (x.rows == 0) {
    for (int i = 1; i < 5; ++i) fill_number(k, DType::f32, k.out<void>(i), i < 3 ? std::numeric_limits<double>::quiet_NaN() : 0, x.channels);
    return;
  }
  if (normalise_by_dnn(k)) return;
  const cuda::Moments m{x, k.in<void>(0), k.in<float>(3), k.in<float>(4), k.out<float>(1), k.out<float>(2), k.out<float>(3), k.out<float>(4),
                        static_cast<float>(k.number("exponential_avg_factor")), k.flag("is_training")};
  cuda::launch(k.device(), "moments", a_block_each(x.channels), m);
  const cuda::Normalise n{x, k.out<void>(0), k.in<void>(0), k.in<float>(1), k.in<float>(2), k.out<float>(3), k.out<float>(4),
                          static_cast<float>(k.number("epsilon"))};
  cuda::launch(k.device(), "normalise", cuda::threads_for(x.rows * x.channels), n);
}
void batch_norm_grad_gpu(KernelCtx& k) {
  const cuda::NormaliseBack b{channels_of(k.shape(1), k.text("data_format"), k.dtype(0)), k.out<void>(0), k.in<void>(1), k.in<void>(0),
                              k.in<float>(2), k.in<float>(3), k.in<float>(4), k.out<float>(1), k.out<float>(2),
                              static_cast<float>(k.number("epsilon")), k.flag("is_training")};
  for (int i = 3; i < 5; ++i) fill_run(k, DType::f32, k.out<void>(i), nullptr, 1);
  if (k.flag("is_training") && normalise_back_by_dnn(k)) return;
  if (b.x.channels > 0) cuda::launch(k.device(), "normalise_sums", a_block_each(b.x.channels), b);
  if (b.x.rows > 0) cuda::launch(k.device(), "normalise_back", cuda::threads_for(b.x.rows * b.x.channels), b);
}

const cuda::AtStart batch_norm_start([] {
  constexpr DType images[] = {DType::f32, DType::f16, DType::bf16};
  add_gpu_kernel("FusedBatchNormV3", Kernel{batch_norm_gpu}, images);
  add_gpu_kernel("FusedBatchNormV2", Kernel{batch_norm_gpu}, images);
  add_gpu_kernel("FusedBatchNorm", Kernel{batch_norm_gpu}, {images, 1});
  add_gpu_kernel("FusedBatchNormGradV3", Kernel{batch_norm_grad_gpu}, images);
});

}  // namespace
}  // namespace ninefold::ops
