// In: nothing. Out: what launches that order, select and look elements up say, shared by host (order.gpu.cc, count.gpu.cc)
// and card (order.cu, count.cu).
#pragma once

#include <cstdint>

#include "engine/ops/join.h"

namespace ninefold::cuda {

constexpr int kOrderItems = 4;                   // neighbours that a thread takes
constexpr int kOrderTile = kBlockThreads * kOrderItems;
constexpr int kDigitBits = 4, kDigits = 1 << kDigitBits;

// Numbers as keys that grow as they do, or fall; a NaN is the greatest, -0 is 0. `place`: the place within its row.
struct Keys {
  int64_t elements, columns;
  uint64_t* keys;
  int32_t* places;
  const void* from;
  int32_t dtype, falling;
};
// One pass of a stable radix sort of rows, by kDigitBits bits: how often each digit occurs in each tile; then, with the
// running sums of that, where each element goes.
struct DigitPass {
  int64_t rows, columns, tiles;                  // tiles: of each row
  const uint64_t* keys;
  const int32_t* places;
  uint64_t* keys_to;
  int32_t* places_to;
  int64_t* counts;                               // [rows, digits, tiles]
  int32_t shift;
};
// The first k of each row, from the places that sorting found.
struct Pick {
  int64_t rows, columns, k;
  void* values;
  int32_t* indices;
  const void* from;
  const int32_t* places;                         // [rows, columns]
};

constexpr int kCoordinates = 8;
// What is not zero: how many a tile, and one tile of nothing behind them; then where each is in the order of all.
struct Flags {
  int64_t elements, tiles;
  const void* from;
  int64_t* counts;                               // [tiles + 1]; running sums of them at the second launch
  int64_t* to;                                   // coordinates of what is not zero, or for every element how many are before it
  int64_t size[kCoordinates];
  int32_t rank, dtype;
};
struct Distinct {                                // of elements whose keys are sorted
  int64_t elements, groups;
  const uint64_t* keys;
  const int32_t* places;
  int32_t *heads, *firsts;                       // whether a key begins here; whether an element is the first of its value
  int64_t *heads_before, *firsts_before;
  int64_t *rank, *start;                         // of each group: its number by first occurrence, where its keys begin
  const void* from;
  void *values, *which, *counts;                 // counts: null where nobody asks
  int32_t bytes, wide;                           // of an element; which and counts are int64
  int32_t has_nan;                               // the greatest key is NaN, which equals nothing
};

// Bins that elements count in; -1: none.
struct Bins {
  int64_t elements, columns, bins;               // elements of a row count in its own bins
  const void* from;
  int64_t* to;
  double step;                                   // of histograms, whose first and last bin take what is outside
  alignas(8) unsigned char low[8];               // where they begin
  int32_t dtype, histogram;
};
struct Edges {                                   // Bucketize
  int64_t elements, edges;
  const void* from;
  const float* edge;
  int32_t* to;
  int32_t dtype;
};
struct Search {                                  // each value in its sorted row
  int64_t elements, columns, sorted_columns;
  const void *sorted, *from;
  void* to;
  int32_t dtype, wide, upper;
};
struct InTop {
  int64_t rows, columns, k;
  const float* from;
  const void* targets;
  bool* to;
  int32_t wide;
};
struct Sequence {                                // start + i delta
  int64_t elements;
  void* to;
  alignas(8) unsigned char start[8], delta[8];
  int32_t dtype;
};

}  // namespace ninefold::cuda
