// In: cross entropies on a GPU. Out: launches of cross_entropy.cu.
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/place.h"
#include "engine/ops/cross_entropy_launch.h"
#include "engine/ops/moves.gpu.h"

namespace ninefold::ops {
namespace {

// Strides of a tensor of at most two dimensions that repeats to [rows, columns].
void strides(const Shape& s, int64_t& down, int64_t& across) {
  across = s.rank() >= 1 && s[s.rank() - 1] != 1 ? 1 : 0;
  down = s.rank() == 2 && s[0] != 1 ? s[1] : 0;
}
void cross_entropy_gpu(KernelCtx& k, bool sparse) {
  const Shape& both = k.out(1).shape();
  cuda::CrossEntropy p{both[0], both[1], k.out<void>(0), k.out<void>(1), k.in<void>(0), k.in<void>(1), 0, 0, 0, 0,
                       static_cast<int32_t>(k.dtype(0)), sparse ? static_cast<int32_t>(size_of(k.dtype(1))) : 0};
  if (p.rows == 0) return;
  strides(k.shape(0), p.logits_down, p.logits_across);
  if (!sparse) strides(k.shape(1), p.labels_down, p.labels_across);
  cuda::launch(k.device(), elementwise::cuda_kernel("cross_entropy", p.dtype),
               cuda::threads_for(p.rows * cuda::kBlockThreads, cuda::kBlockThreads), p);
}
void dense_gpu(KernelCtx& k) { cross_entropy_gpu(k, false); }
void sparse_gpu(KernelCtx& k) { cross_entropy_gpu(k, true); }

const cuda::AtStart cross_entropy_start([] {
  add_gpu_kernel("SoftmaxCrossEntropyWithLogits", Kernel{dense_gpu}, kFractions);
  add_gpu_kernel("SparseSoftmaxCrossEntropyWithLogits", Kernel{sparse_gpu}, kFractions);
});

}  // namespace
}  // namespace ninefold::ops
