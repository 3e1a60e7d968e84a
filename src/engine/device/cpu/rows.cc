// In: the row loops of every instruction set. Out: those of this CPU.
#include "engine/device/cpu/rows.h"

#include "base/check.h"
#include "base/simd/isa.h"
#include "engine/device/cpu/rows_loops.h"

namespace ninefold::cpu {

#if defined(__x86_64__)
namespace sse4 { void add_rows(RowTable&); }
namespace avx2 { void add_rows(RowTable&); }
namespace avx512 { void add_rows(RowTable&); }
#else
namespace generic { void add_rows(RowTable&); }
#endif

static const RowLoops& loops(int dtype) {
  static const RowTable table = [] {
    RowTable t{};
#if defined(__x86_64__)
    switch (simd::best_isa()) {
      case simd::Isa::avx512: avx512::add_rows(t); break;
      case simd::Isa::avx2: avx2::add_rows(t); break;
      default: sse4::add_rows(t);
    }
#else
    generic::add_rows(t);
#endif
    return t;
  }();
  NINEFOLD_INVARIANT(dtype == 1 || dtype == 2);
  return table.of[dtype - 1];
}

void softmax(int dtype, const void* logits, void* out, int64_t rows, int64_t columns) {
  loops(dtype).softmax(logits, out, rows, columns);
}
void log_softmax(int dtype, const void* logits, void* out, int64_t rows, int64_t columns) {
  loops(dtype).log_softmax(logits, out, rows, columns);
}
void softmax_grad(int dtype, const void* y, const void* dy, void* dx, int64_t rows, int64_t columns) {
  loops(dtype).softmax_grad(y, dy, dx, rows, columns);
}
void log_softmax_grad(int dtype, const void* y, const void* dy, void* dx, int64_t rows, int64_t columns) {
  loops(dtype).log_softmax_grad(y, dy, dx, rows, columns);
}
void cross_entropy(int dtype, const void* logits, const void* labels, void* loss, void* backprop, int64_t rows,
                   int64_t columns) {
  loops(dtype).cross_entropy(logits, labels, loss, backprop, rows, columns);
}
int64_t sparse_cross_entropy(int dtype, const void* logits, const int64_t* labels, void* loss, void* backprop,
                             int64_t rows, int64_t columns) {
  return loops(dtype).sparse(logits, labels, loss, backprop, rows, columns);
}

}  // namespace ninefold::cpu
