// In: nothing. Out: what launches of copies say, shared by host (moves.gpu.cc) and card (moves.cu).
#pragma once

#include <cstdint>

namespace ninefold::cuda {

constexpr int kMoveRank = 12;

struct Move {                                    // to[i . to_stride] = from[i . from_stride], strides in elements
  int64_t elements;
  void* to;
  const void* from;
  int64_t size[kMoveRank], to_stride[kMoveRank], from_stride[kMoveRank];   // innermost last
  int32_t rank;
};
struct Repeat {                                  // one element everywhere
  int64_t elements;
  void* to;
  const void* value;                             // on the card; null: `bytes`
  alignas(16) unsigned char bytes[16];
};
struct Convert {                                 // Cast
  int64_t elements;
  void* to;
  const void* from;
  int32_t to_dtype, from_dtype;
};
struct Take {                                    // GatherV2: out[b, o, i, :] = params[b, o, index[b, i], :]
  int64_t elements;                              // of the result, in units of `inner`
  void* to;
  const void *from, *index;
  int64_t outer, rows, count, inner;             // inner: elements of a row
  int32_t wide;                                  // the index is int64
};

struct OneHot {                                  // to[o, d, i] = index[o, i] == d ? on : off
  int64_t outer, depth, inner;
  void* to;
  const void *index, *on, *off;                  // all on the card
  int32_t bytes;                                 // of an index: 1 (unsigned), 4, 8
};
struct BandPart {                                // matrices, zero outside of lower and upper diagonals; negative: all of them
  int64_t elements;
  void* to;
  const void* from;
  int64_t rows, columns, lower, upper;
};

}  // namespace ninefold::cuda
