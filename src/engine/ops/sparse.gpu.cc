// In: elements of sparse tensors on a GPU. Out: launches of sparse.cu, and dense tensors with them in their places.
#include <algorithm>
#include <bit>
#include <functional>
#include <limits>

#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/place.h"
#include "engine/ops/moves.gpu.h"
#include "engine/ops/scatter_launch.h"
#include "engine/ops/sparse.gpu.h"
#include "engine/ops/sparse_launch.h"
#include "ninefold/device.h"

namespace ninefold::ops {
namespace {

template <class T> T* memory(const Tensor& t) { return static_cast<T*>(t.impl()->data); }

// The places were given on the host, which checks them as for a CPU.
void to_dense_gpu(KernelCtx& k) {
  const std::vector<int64_t> places = dense_places(k);
  give_outputs(k);
  const DType d = k.dtype(2);
  const Shape& s = k.out(0).shape();
  if (s.size() == 0) return;
  fill_run(k, d, k.out<void>(0), k.in<void>(3), s.size());
  if (places.empty()) return;
  const auto count = static_cast<int64_t>(places.size());
  const Tensor index = on_device(Tensor::of<int64_t>({count}, places), k.device());
  cuda::Scatter p{};
  p.at.count = count, p.at.index = memory<void>(index), p.at.depth = 1, p.at.bytes = 8;
  p.at.size[0] = s.size(), p.at.stride[0] = 1;
  p.inner = 1, p.to = k.out<void>(0), p.from = k.in<void>(2), p.one = k.shape(2).rank() == 0;
  p.dtype = static_cast<int32_t>(d), p.join = cuda::Join::set;
  p.ordered = std::adjacent_find(places.begin(), places.end(), std::greater_equal<>()) != places.end();   // of a place that stands twice the last one wins
  cuda::launch(k.device(), fmt::format("scatter_set_{}", size_of(d)), cuda::threads_for(p.ordered ? 1 : count), p);
}

void reorder_gpu(KernelCtx& k) {
  give_outputs(k);
  const int64_t n = k.shape(0)[0], rank = k.shape(0)[1];
  k.check(k.shape(1)[0] == n, "indices and values rows (indexing dimension) must match. (indices = {}, values = {})", n, k.shape(1)[0]);
  k.check(k.in(2).size() == rank, "places have {} numbers each, the shape {}", rank, k.in(2).size());
  k.check(rank <= cuda::kSparseRank, "a GPU orders places of up to {} dimensions, got {}; use the CPU for it: with tf.device('/CPU:0')",
          cuda::kSparseRank, rank);
  if (n == 0) return;
  const auto padded = static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(n)));
  const Tensor place = empty_on(k.device(), DType::i64, Shape{padded}), number = empty_on(k.device(), DType::i64, Shape{padded});
  cuda::FlatPlaces f{n, padded, k.in<int64_t>(0), memory<int64_t>(place), memory<int64_t>(number), {}, static_cast<int32_t>(rank)};
  int64_t stride = 1;
  for (int64_t d = rank; d-- > 0;) {
    f.stride[d] = stride;
    const int64_t size = std::max<int64_t>(1, k.in(2).int_at(d));
    k.check(stride <= std::numeric_limits<int64_t>::max() / size,
            "a GPU orders places of tensors with fewer than 2^63 elements; use the CPU for it: with tf.device('/CPU:0')");
    stride *= size;
  }
  cuda::launch(k.device(), "flat_places", cuda::threads_for(padded), f);
  for (int64_t size = 2; size <= padded; size *= 2)
    for (int64_t away = size / 2; away > 0; away /= 2)
      cuda::launch(k.device(), "sort_step", cuda::threads_for(padded), cuda::SortStep{padded, size, away, f.place, f.number});
  const DType d = k.dtype(1);
  cuda::Take t{n, k.out<void>(0), k.in<void>(0), f.number, 1, n, n, rank, 1};
  if (rank > 0) cuda::launch(k.device(), "take_8", cuda::threads_for(n * rank), t);
  t.to = k.out<void>(1), t.from = k.in<void>(1), t.inner = 1;
  cuda::launch(k.device(), fmt::format("take_{}", size_of(d)), cuda::threads_for(n), t);
}

void sparse_product_gpu(KernelCtx& k) {
  const SparseSizes s = product_sizes(k);
  if (!k.has_output(0)) k.allocate(0, k.dtype(3), {s.rows, s.width});
  const DType d = k.dtype(3);
  fill_run(k, d, k.out<void>(0), nullptr, k.out(0).size());
  const bool complex = is_complex(d);
  const DType part = d == DType::c64 ? DType::f32 : d == DType::c128 ? DType::f64 : d;
  const cuda::SparseProduct p{k.shape(0)[0], s.rows, s.inner, s.width, k.in<void>(0), k.in<void>(1), k.in<void>(3), k.out<void>(0),
                              k.dtype(0) == DType::i64, static_cast<int32_t>(part), k.flag("adjoint_a"), k.flag("adjoint_b"), complex,
                              device::deterministic()};
  if (p.elements * p.width == 0) return;
  cuda::launch(k.device(), elementwise::cuda_kernel("sparse_product", p.dtype), cuda::threads_for(p.ordered ? p.width : p.elements * p.width), p);
}

const cuda::AtStart sparse_start([] {
  add_gpu_kernel("SparseToDense", Kernel{to_dense_gpu}, kPlain);
  add_gpu_kernel("SparseReorder", Kernel{reorder_gpu}, kPlain);
  constexpr DType multiplied[] = {DType::f16, DType::bf16, DType::f32, DType::f64, DType::i32, DType::c64, DType::c128};
  add_gpu_kernel("SparseTensorDenseMatMul", Kernel{sparse_product_gpu}, multiplied);
});

}  // namespace
}  // namespace ninefold::ops
