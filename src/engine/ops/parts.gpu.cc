// In: complex numbers and their parts, numbers to be checked, on a GPU. Out: copies with strides; ops made of ops.
#include "engine/device/cuda/library.h"
#include "engine/op/place.h"
#include "engine/op/run.h"
#include "engine/ops/elementwise.gpu.h"
#include "engine/ops/moves.gpu.h"
#include "ninefold/device.h"

namespace ninefold::ops {
namespace {

// A complex number is its real part and, behind it, the imaginary one.
void copy_part(KernelCtx& k, DType d, void* to, int64_t to_step, const void* from, int64_t from_step, int64_t n) {
  const int64_t to_strides[] = {to_step}, from_strides[] = {from_step};
  move_strided(k, d, {&n, 1}, to, to_strides, from, from_strides);
}
void complex_gpu(KernelCtx& k) {
  const DType d = k.dtype(0);
  const Shape& out = k.out(0).shape();
  for (int part = 0; part < 2; ++part) {
    const Tensor whole = k.shape(part) == out ? k.in(part) : ran("BroadcastTo", {k.in(part), int_vector(out.vector())});
    copy_part(k, d, element(d, k.out<void>(0), part), 2, whole.impl()->data, 1, out.size());
  }
}

// The card says whether all is finite; what is not, and the error, the CPU finds.
void check_numerics_gpu(KernelCtx& k) {
  std::vector<int64_t> axes;
  for (int i = 0; i < k.shape(0).rank(); ++i) axes.push_back(i);
  const Tensor finite = ran("All", {ran("IsFinite", {k.in(0)}), int_vector(axes)});
  if (*finite.as<bool>()) return share_input(k, k.shape(0));
  const device::Within cpu("/device:CPU:0");
  run_now(k.op(), {&k.in(0), 1}, k.attrs());
  share_input(k, k.shape(0));                    // a number that the CPU does not mind
}

const cuda::AtStart parts_gpu([] {
  constexpr DType real[] = {DType::f32, DType::f64};
  add_gpu_kernel("Complex", Kernel{complex_gpu}, real);
  for (const char* name : {"CheckNumerics", "CheckNumericsV2"}) add_gpu_kernel(name, Kernel{check_numerics_gpu}, kFractions);
});

}  // namespace
}  // namespace ninefold::ops
