// In: nothing. Out: what launches that factor matrices say, shared by host (dense_linalg.gpu.cc) and card
// (dense_linalg.cu). Numbers are double, or pairs of them for complex ones, as the CPU computes (ops/dense_linalg.h).
#pragma once

#include <cstdint>

#include "engine/ops/join.h"
#include "engine/ops/moves_launch.h"

namespace ninefold::cuda {

struct Factors {                                 // column `step` of Lu's or Cholesky's factors, in place
  int64_t batch, n, step;
  void* a;                                       // [batch, n, n]
  int64_t* order;                                // [batch, n]: row i of L U is row order[i]
  int32_t *odd, *failed;                         // [batch]: rows changed places an odd number of times; no such factors
};
struct Pivots {                                  // of one matrix: row i changed places with row pivots[i] - 1, in turn
  int64_t n;
  const int64_t* pivots;
  int64_t* order;
  int32_t* odd;
};
struct Batches {                                 // which matrix of an operand stands beside matrix i of the result: batches broadcast
  int64_t size[kMoveRank], stride[kMoveRank];    // innermost last
  int32_t rank;
};
struct Triangular {                              // row `step` of op(a) x = b: x holds what is left of b, y the rows that are done
  int64_t batch, n, columns, step;
  const void* a;
  Batches which;                                 // of a
  void *x, *y;
  int32_t forward, adjoint, unit;                // unit: the diagonal counts as ones
};
struct Rows {                                    // row i is row order[i] of from [batch, n, columns]; null: of the identity
  int64_t batch, n, columns;
  const int64_t* order;
  const void* from;
  void* to;
};
struct Square {                                  // adjoints, determinants, indices of matrices [batch, n, n]
  int64_t batch, n;
  const void* from;
  void *to, *log;
  const int32_t* odd;
  int32_t* failed;
};
struct Tridiagonal {
  int64_t batch, n, columns;
  const void* diagonals;                         // [batch, 3, n]
  void *x, *main, *upper, *second, *factor;      // [batch, n, columns]; [batch, n] each
  int32_t *swapped, *failed;                     // [batch, n]; [batch]
  int32_t pivot, perturb;
};
struct Eigen {                                   // a round of pairs that have no row in common, of Jacobi's method
  int64_t batch, n, round;
  void *w, *v;                                   // [batch, n, n]
  double* angles;                                // [batch, pairs, 4]: cosine, sine, the phase that the second takes first
  double* values;
  void* vectors;
  int64_t* rank;
  int32_t* going;                                // [batch]: what lies off the diagonal still counts
};
struct Singular {                                // the same of columns, which lie as rows: w [batch, n, m], m >= n
  int64_t batch, m, n, round, columns;
  double *w, *right, *norms, *s, *left, *other;  // left [batch, m, columns], other [batch, n, n or all]
  int64_t other_columns;
  int64_t* rank;
  int32_t* going;
};

#if defined(NF_DEVICE)
#define NF_ANYWHERE NF_DEVICE
#else
#define NF_ANYWHERE inline
#endif
NF_ANYWHERE int64_t operand_of(const Batches& m, int64_t b) {
  int64_t at = 0;
  for (int i = m.rank; i-- > 0; b /= m.size[i]) at += b % m.size[i] * m.stride[i];
  return at;
}
// The two of `players` (an even number) that meet in this round at this table: in players - 1 rounds each meets all.
struct Pair { int64_t p, q; };
NF_ANYWHERE Pair pair_of(int64_t players, int64_t round, int64_t table) {
  const int64_t others = players - 1;
  const int64_t a = table == 0 ? others : (round + table) % others, b = (round + others - table) % others;
  return a < b ? Pair{a, b} : Pair{b, a};
}

}  // namespace ninefold::cuda
