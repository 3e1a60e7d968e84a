// In: what cuFFT left, which scales nothing. Out: the same, scaled.
#include "engine/device/cuda/kernel.cuh"
#include "engine/ops/fft_launch.h"

namespace {

using namespace ninefold::cuda;

template <class T>
NF_DEVICE void scale(const Scaling& p) {
  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) static_cast<T*>(p.to)[i] = static_cast<T>(static_cast<double>(static_cast<T*>(p.to)[i]) * p.by);
}
NF_KERNEL(scale_float, Scaling) { scale<float>(p); }
NF_KERNEL(scale_double, Scaling) { scale<double>(p); }

}  // namespace
