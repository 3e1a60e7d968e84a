// In: what cuFFT left, which scales nothing. Out: the same, scaled.
#include "engine/device/cuda/kernel.cuh"
#include "engine/ops/fft_launch.h"

namespace {

using namespace ninefold::cuda;

template <class T>
NF_DEVICE void scale(const Scaling& p) {
  T* const to = static_cast<T*>(p.to);
  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) to[i] = static_cast<T>(static_cast<double>(to[i]) * p.by);
}
NF_KERNEL(scale_float, Scaling) { scale<float>(p); }
NF_KERNEL(scale_double, Scaling) { scale<double>(p); }

}  // namespace
