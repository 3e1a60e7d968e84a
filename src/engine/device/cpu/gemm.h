// In: shapes once, then raw pointers many times. Out: C = alpha op(A) op(B) (+ C), with its epilogue.
// A plan allocates nothing while it runs; its result does not depend on the thread count.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ninefold::cpu {

// Row-major. op(A) is [m, k], op(B) [k, n], C [m, n]; a transposed operand is stored the other way round.
struct GemmSpec {
  int64_t m = 0, n = 0, k = 0;
  bool transpose_a = false, transpose_b = false;
  int64_t row_a = 0, row_b = 0, row_c = 0;  // elements from row to row as stored; 0: rows are adjacent
  int64_t batch = 1;
  int64_t step_a = -1, step_b = -1, step_c = -1;  // elements from matrix to matrix; -1: adjacent, 0: shared
};

// What happens to C besides the product, in this order: alpha, + C, + bias, relu, finish.
template <class T>
struct GemmEpilogue {
  T alpha = T(1);
  bool accumulate = false;  // True iff C is added to instead of overwritten
  const T* bias = nullptr;  // [n], added to every row
  bool relu = false;
  // Called once for every finished block of C, from any thread of the pool; null for none.
  void (*finish)(const void* context, T* c, int64_t rows, int64_t cols, int64_t row_c) = nullptr;
  const void* context = nullptr;
};

// T: float or double. Shared by threads once made; each run needs a scratch of its own.
//   GemmPlan<float> plan({.m = 32, .n = 64, .k = 20});
//   plan.run(x, w, y, scratch, {.bias = b, .relu = true});
template <class T>
class GemmPlan {
 public:
  explicit GemmPlan(const GemmSpec& spec);
  // Bytes that run() needs, aligned to 64; 0 for most small products.
  size_t scratch() const { return scratch_; }
  void run(const T* a, const T* b, T* c, void* scratch, const GemmEpilogue<T>& e = {}) const;

 private:
  enum class Way { nothing, row_dots, column_dots, outer_row, direct, packed };
  void one(const T* a, const T* b, T* c, T* scratch, const GemmEpilogue<T>& e) const;
  void block(int64_t row, int64_t rows, int64_t col, int64_t cols, const T* a, const T* b, T* c,
             const GemmEpilogue<T>& e) const;

  GemmSpec s_;
  Way way_ = Way::nothing;
  bool turn_a_ = false;      // True iff op(A) is copied to rows of a better distance first
  bool turn_b_ = false;      // True iff op(B) is copied to plain rows first
  bool parallel_ = false;    // True iff one product is worth several threads
  int64_t groups_ = 1;       // pieces of the batch that run side by side, each with its own scratch
  int64_t rows_ = 0, cols_ = 0;  // block of C that is one task
  int64_t depth_ = 0;            // k of one pass
  int64_t row_a_ = 0, col_a_ = 0, row_b_ = 0, panel_b_ = 0;
  size_t one_scratch_ = 0;  // elements
  size_t scratch_ = 0;
};
extern template class GemmPlan<float>;
extern template class GemmPlan<double>;

// Other types, for correctness rather than speed: integers wrap, complex numbers are not conjugated.
// T: int32_t, int64_t, std::complex<float>, std::complex<double>.
template <class T>
void gemm_plain(const GemmSpec& spec, const T* a, const T* b, T* c, bool accumulate = false);

// Half and bfloat16, held as their 16 bits: converted to float in blocks, summed in float, rounded once.
enum class Narrow { half, bfloat16 };
class NarrowGemm {
 public:
  NarrowGemm(const GemmSpec& spec, Narrow kind);
  size_t scratch() const { return scratch_; }
  void run(const uint16_t* a, const uint16_t* b, uint16_t* c, void* scratch) const;

 private:
  GemmSpec s_;
  Narrow kind_;
  GemmPlan<float> plan_;  // of one matrix, its operands adjacent
  size_t scratch_ = 0;
};

}  // namespace ninefold::cpu
