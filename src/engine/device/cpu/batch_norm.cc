// In: the channel loops of every instruction set. Out: those of this CPU.
#include "engine/device/cpu/batch_norm.h"

#include "base/simd/isa.h"
#include "engine/device/cpu/batch_norm_loops.h"

namespace ninefold::cpu {

#if defined(__x86_64__)
namespace sse4 { void add_batch_norm(BatchNormLoops&); }
namespace avx2 { void add_batch_norm(BatchNormLoops&); }
namespace avx512 { void add_batch_norm(BatchNormLoops&); }
#else
namespace generic { void add_batch_norm(BatchNormLoops&); }
#endif

static const BatchNormLoops& loops() {
  static const BatchNormLoops made = [] {
    BatchNormLoops t{};
#if defined(__x86_64__)
    switch (simd::best_isa()) {
      case simd::Isa::avx512: avx512::add_batch_norm(t); break;
      case simd::Isa::avx2: avx2::add_batch_norm(t); break;
      default: sse4::add_batch_norm(t);
    }
#else
    generic::add_batch_norm(t);
#endif
    return t;
  }();
  return made;
}

void channel_sums(const float* x, int64_t rows, int64_t channels, float* sums) { loops().sums(x, rows, channels, sums); }
void channel_squares(const float* x, const float* mean, int64_t rows, int64_t channels, float* squares) {
  loops().squares(x, mean, rows, channels, squares);
}
void channel_scale(const float* x, const float* mean, const float* scale, const float* offset, float* y, int64_t rows, int64_t channels) {
  loops().scale(x, mean, scale, offset, y, rows, channels);
}
void channel_products(const float* dy, const float* x, const float* mean, int64_t rows, int64_t channels, float* sums, float* products) {
  loops().products(dy, x, mean, rows, channels, sums, products);
}
void channel_back(const float* dy, const float* x, const float* mean, const float* scale, const float* a, const float* b, float* dx,
                  int64_t rows, int64_t channels) {
  loops().back(dy, x, mean, scale, a, b, dx, rows, channels);
}

}  // namespace ninefold::cpu
