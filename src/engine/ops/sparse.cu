// In: elements of sparse tensors. Out: their order by place; products with dense matrices, whose sums meet in no fixed order
// unless the launch asks for the elements' own.
#include "engine/ops/atomics.cuh"
#include "engine/ops/sparse_launch.h"

namespace {

using namespace ninefold::cuda;

NF_KERNEL(flat_places, FlatPlaces) {
  for (int64_t i = nf_thread(); i < p.padded; i += nf_threads()) {
    int64_t place = 0;
    for (int d = 0; i < p.count && d < p.rank; ++d) place += p.index[i * p.rank + d] * p.stride[d];
    p.place[i] = i < p.count ? place : 0x7fffffffffffffff;
    p.number[i] = i;
  }
}
NF_KERNEL(sort_step, SortStep) {
  for (int64_t i = nf_thread(); i < p.padded; i += nf_threads()) {
    const int64_t other = i ^ p.away;
    if (other < i) continue;
    const bool up = (i & p.size) == 0;
    const bool behind = p.place[i] > p.place[other] || (p.place[i] == p.place[other] && p.number[i] > p.number[other]);
    if (behind != up) continue;
    const int64_t place = p.place[i], number = p.number[i];
    p.place[i] = p.place[other], p.number[i] = p.number[other];
    p.place[other] = place, p.number[other] = number;
  }
}

NF_DEVICE int64_t index_at(const SparseProduct& p, int64_t i) {
  return p.wide ? static_cast<const int64_t*>(p.index)[i] : static_cast<const int32_t*>(p.index)[i];
}
// A place outside of the matrix is left out: the card raises nothing, as TensorFlow's GPU kernels do not.
template <class T>
NF_DEVICE void multiply(const SparseProduct& p, int64_t i, int64_t column) {
  const int64_t r = index_at(p, 2 * i + (p.adjoint_a ? 1 : 0)), c = index_at(p, 2 * i + (p.adjoint_a ? 0 : 1));
  if (r < 0 || r >= p.rows || c < 0 || c >= p.inner) return;
  const int64_t from = p.adjoint_b ? column * p.inner + c : c * p.width + column, to = r * p.width + column;
  if (!p.complex) {
    join_at<T>(p.to, to, p.dtype, Join::sum, load_as<T>(p.values, i, p.dtype) * load_as<T>(p.b, from, p.dtype));
    return;
  }
  const T a = load_as<T>(p.values, 2 * i, p.dtype), b = load_as<T>(p.values, 2 * i + 1, p.dtype) * static_cast<T>(p.adjoint_a ? -1 : 1);
  const T x = load_as<T>(p.b, 2 * from, p.dtype), y = load_as<T>(p.b, 2 * from + 1, p.dtype) * static_cast<T>(p.adjoint_b ? -1 : 1);
  join_at<T>(p.to, 2 * to, p.dtype, Join::sum, a * x - b * y);
  join_at<T>(p.to, 2 * to + 1, p.dtype, Join::sum, a * y + b * x);
}
template <class T>
NF_DEVICE void product(const SparseProduct& p) {
  if (p.ordered)
    for (int64_t c = nf_thread(); c < p.width; c += nf_threads())
      for (int64_t i = 0; i < p.elements; ++i) multiply<T>(p, i, c);
  else
    for (int64_t t = nf_thread(); t < p.elements * p.width; t += nf_threads()) multiply<T>(p, t / p.width, t % p.width);
}
#define NF_SPARSE(name, T) NF_KERNEL(sparse_product_##name, SparseProduct) { product<T>(p); }
NF_FLOATS(NF_SPARSE) NF_SPARSE(int32, int)

}  // namespace
