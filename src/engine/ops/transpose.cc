// In: a tensor and an order of its axes. Out: the same elements, axes reordered.
#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/moves.gpu.h"

namespace ninefold::ops {
namespace {

void transposed_shape(ShapeCtx& c) {
  const Shape& s = c.shape(0);
  const Tensor* perm = c.value(1);
  c.check(!c.shape(1).known_rank() || c.shape(1).rank() == 1, "perm must be rank 1, got shape {}", c.shape(1).str());
  const int64_t n = c.shape(1).fully_known() ? c.shape(1)[0] : -1;
  const int rank = s.known_rank() ? s.rank() : static_cast<int>(n);
  if (rank < 0) return c.unknown();
  c.check(n < 0 || n == rank, "transpose expects a vector of size {}. But input(1) is a vector of size {}", rank, n);
  Shape out = Shape::of_rank(rank);
  if (perm && s.known_rank()) {
    std::vector<bool> seen(static_cast<size_t>(rank));
    for (int i = 0; i < rank; ++i) {
      const int64_t from = perm->int_at(i);
      c.check(from >= 0 && from < rank, "{} is out of range [0 .. {})", from, rank);
      seen[static_cast<size_t>(from)] = true;
      out.set(i, s[static_cast<int>(from)]);
    }
    for (int i = 0; i < rank; ++i) {
      if (seen[static_cast<size_t>(i)]) continue;
      std::string all;
      for (int j = 0; j < rank; ++j) all += (j ? "," : "") + std::to_string(perm->int_at(j));
      c.raise(fmt::format("{} is missing from {{{}}}.", i, all));
    }
  }
  c.output(out);
}

// The inverse permutation, as a constant where it is known.
Tensor inverse(const Tensor& perm) {
  const Tensor* known = known_value(perm);
  if (!known) return op("InvertPermutation", {perm});
  std::vector<int64_t> back(static_cast<size_t>(known->size()));
  for (int64_t i = 0; i < known->size(); ++i) back[static_cast<size_t>(known->int_at(i))] = i;
  return int_vector(back, perm.dtype());
}

const std::vector<std::string> kInputs = {"x: T", "perm: Tperm"}, kAttrs = {"T: type", "Tperm: index = int32"};
const Op transpose = {
    .name = "Transpose", .inputs = kInputs, .outputs = {"y: T"}, .attrs = kAttrs,
    .doc = "Axis i of y is axis perm[i] of x.", .shape = transposed_shape,
    .grad = [](GradCtx& g) { g.to(0, op("Transpose", {g.dy(), inverse(g.in(1))})); },
    .host = {"perm"}, .grad_reads = {"perm"},
};
NINEFOLD_REGISTER(transpose);
const Op conjugate_transpose = {
    .name = "ConjugateTranspose", .inputs = kInputs, .outputs = {"y: T"}, .attrs = kAttrs,
    .doc = "Axis i of y is axis perm[i] of x, complex numbers conjugated.", .shape = transposed_shape,
    .grad = [](GradCtx& g) { g.to(0, op("ConjugateTranspose", {g.dy(), inverse(g.in(1))})); },
    .host = {"perm"}, .grad_reads = {"perm"},
};
NINEFOLD_REGISTER(conjugate_transpose);

void transpose_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& out = k.out(0).shape();
  if (out.size() == 0) return;
  const std::vector<int64_t> perm = k.in(1).ints(), strides = strides_of(k.shape(0).dims());
  std::vector<int64_t> from(perm.size());
  bool same = true;   // only dimensions of one move
  int64_t last = -1;
  for (size_t i = 0; i < perm.size(); ++i) {
    from[i] = strides[static_cast<size_t>(perm[i])];
    if (out[static_cast<int>(i)] == 1) continue;
    same = same && perm[i] > last;
    last = perm[i];
  }
  if (same) return move_run(k, k.dtype(0), k.out<void>(0), k.in<void>(0), out.size());
  move_strided(k, k.dtype(0), out.dims(), k.out<void>(0), strides_of(out.dims()), k.in<void>(0), from);
}
template <class T>
void conjugate_all(T* p, int64_t n) {
  for (int64_t i = 0; i < n; ++i) p[2 * i + 1] = -p[2 * i + 1];
}
void conjugate_transpose_cpu(KernelCtx& k) {
  transpose_cpu(k);
  if (k.dtype(0) == DType::c64) conjugate_all(k.out<float>(0), k.out(0).size());
  if (k.dtype(0) == DType::c128) conjugate_all(k.out<double>(0), k.out(0).size());
}
NINEFOLD_KERNEL(transpose, "CPU", Kernel{transpose_cpu});
NINEFOLD_KERNEL(conjugate_transpose, "CPU", Kernel{conjugate_transpose_cpu});

// ---- InvertPermutation ----
const Op invert_permutation = {
    .name = "InvertPermutation", .inputs = {"x: T"}, .outputs = {"y: T"}, .attrs = {"T: index = int32"},
    .doc = "y[x[i]] = i.",
    .shape = [](ShapeCtx& c) {
      c.check(!c.shape(0).known_rank() || c.shape(0).rank() == 1, "invert_permutation expects a 1D vector.");
      c.same_as_input();
    },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(invert_permutation);
template <class T>
void invert_permutation_cpu(KernelCtx& k) {
  const int64_t n = k.shape(0)[0];
  T* y = k.out<T>(0);
  std::fill_n(y, n, T{-1});
  for (int64_t i = 0; i < n; ++i) {
    const T d = k.in<T>(0)[i];
    k.check(d >= 0 && d < n, "{} is not between 0 and {}", d, n);
    k.check(y[d] == -1, "{} is duplicated in the input.", d);
    y[d] = static_cast<T>(i);
  }
}
NINEFOLD_KERNEL(invert_permutation, "CPU", Kernel{invert_permutation_cpu<int32_t>}, DType::i32);
NINEFOLD_KERNEL(invert_permutation, "CPU", Kernel{invert_permutation_cpu<int64_t>}, DType::i64);

}  // namespace
}  // namespace ninefold::ops
