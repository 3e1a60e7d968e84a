// In: the reduction loops of every instruction set. Out: those of this CPU, over any axes.
#include "engine/device/cpu/reduce.h"

#include <algorithm>

#include "base/check.h"
#include "base/simd/isa.h"
#include "engine/device/cpu/copy.h"
#include "engine/device/cpu/reduce_loops.h"

namespace ninefold::cpu {

#if defined(__x86_64__)
namespace sse4 { void add_reductions(ReduceTable&); }
namespace avx2 { void add_reductions(ReduceTable&); }
namespace avx512 { void add_reductions(ReduceTable&); }
#else
namespace generic { void add_reductions(ReduceTable&); }
#endif

static const ReduceTable& table() {
  static const ReduceTable made = [] {
    ReduceTable t{};
#if defined(__x86_64__)
    switch (simd::best_isa()) {
      case simd::Isa::avx512: avx512::add_reductions(t); break;
      case simd::Isa::avx2: avx2::add_reductions(t); break;
      default: sse4::add_reductions(t);
    }
#else
    generic::add_reductions(t);
#endif
    return t;
  }();
  return made;
}

bool can_reduce(Reduction op, int dtype) {
  return dtype >= 0 && dtype < 24 && table().loop[static_cast<int>(op)][dtype];
}

void reduce(Reduction op, int dtype, const void* x, void* y, int64_t outer, int64_t reduced, int64_t inner,
            int64_t begin, int64_t end) {
  NINEFOLD_INVARIANT(can_reduce(op, dtype));
  table().loop[static_cast<int>(op)][dtype](x, y, begin, end < 0 ? outer : end, reduced, inner);
}

void arg_reduce(bool largest, int dtype, const void* x, int out_dtype, void* y, int64_t outer, int64_t reduced,
                int64_t inner, int64_t begin, int64_t end) {
  NINEFOLD_INVARIANT(dtype >= 0 && dtype < 24 && table().arg[largest][dtype] && reduced > 0);
  NINEFOLD_INVARIANT(out_dtype == 3 || out_dtype == 9);
  const auto loop = table().arg[largest][dtype];
  if (end < 0) end = outer;
  if (out_dtype == 9) return loop(x, y, begin, end, reduced, inner);
  std::vector<int64_t> wide(outer * inner);
  loop(x, wide.data(), begin, end, reduced, inner);
  for (int64_t i = begin * inner; i < end * inner; ++i) static_cast<int32_t*>(y)[i] = static_cast<int32_t>(wide[i]);
}

std::vector<Pass> collapse(std::span<const int64_t> shape, std::span<const bool> is_reduced) {
  struct Group { int64_t size; bool reduced; };
  std::vector<Group> groups;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 1) continue;
    if (!groups.empty() && groups.back().reduced == is_reduced[i]) groups.back().size *= shape[i];
    else groups.push_back({shape[i], is_reduced[i]});
  }
  std::vector<Pass> passes;
  int64_t inner = 1;
  for (size_t g = groups.size(); g-- > 0;) {
    if (!groups[g].reduced) {
      inner *= groups[g].size;
      continue;
    }
    int64_t outer = 1;
    for (size_t k = 0; k < g; ++k) outer *= groups[k].size;
    passes.push_back({outer, groups[g].size, inner});
  }
  if (passes.empty()) passes.push_back({1, 1, inner});  // nothing to reduce: a copy
  return passes;
}

void reduce_axes(Reduction op, int dtype, const void* x, void* y, std::span<const int64_t> shape,
                 std::span<const bool> is_reduced) {
  const std::vector<Pass> passes = collapse(shape, is_reduced);
  if (passes.size() == 1) return reduce(op, dtype, x, y, passes[0].outer, passes[0].reduced, passes[0].inner);
  // Means of means are right for groups of equal sizes, but integers would truncate at each pass and half
  // would round: several groups are gathered into one row by permuting the reduced axes to the end.
  std::vector<int64_t> strides(shape.size()), kept, gone;
  int64_t stride = 1, rows = 1, n = 1;
  for (size_t i = shape.size(); i-- > 0; stride *= shape[i]) strides[i] = stride;
  for (size_t i = 0; i < shape.size(); ++i) {
    (is_reduced[i] ? gone : kept).push_back(static_cast<int64_t>(i));
    (is_reduced[i] ? n : rows) *= shape[i];
  }
  const size_t size = dtype == 18 ? 16 : dtype == 2 || dtype == 8 || dtype == 9 || dtype == 23 ? 8
                      : dtype == 1 || dtype == 3 || dtype == 22 ? 4
                      : dtype == 4 || dtype == 6 || dtype == 10 ? 1 : 2;
  std::vector<char> moved(std::max<int64_t>(stride, 1) * size + 16);
  std::vector<int64_t> order = kept;
  order.insert(order.end(), gone.begin(), gone.end());
  transpose(size, shape, order, x, moved.data());
  reduce(op, dtype, moved.data(), y, rows, n, 1);
}

}  // namespace ninefold::cpu
