// In: nothing. Out: what launches of image ops say, shared by host (images.gpu.cc, image_windows.gpu.cc) and card
// (images.cu, image_windows.cu).
#pragma once

#include "engine/device/image_rules.h"
#include "engine/ops/join.h"

namespace ninefold::cuda {

struct Colours {
  int64_t pixels;
  void* to;
  const void* from;
  int32_t dtype;
  images::Colour how;
  float by;                                      // AdjustHue's delta, AdjustSaturation's scale
};
// Crops [boxes, height, width, channels] of images [batch, rows, columns, channels]. What flows back into the images meets
// in no fixed order unless `ordered`: a thread a channel, then.
struct Crops {
  int64_t boxes, height, width, rows, columns, channels, batch;
  const float* box;                              // [boxes, 4]
  const int32_t* number;                         // [boxes]: its image; one that is not there is left out
  const void* image;
  float *to, *sum;                               // crops or boxes; what flows into the images
  const float* dy;
  float outside;
  int32_t nearest, dtype, ordered;
};
struct Transform {
  int64_t elements, in_rows, in_columns, rows, columns, channels;
  void* to;
  const void* from;
  const float* maps;
  float outside;
  int32_t one_map, nearest, dtype;
  images::Fill fill;
};
struct Dilation {
  images::Frame frame;
  int64_t image[4], filter[2];
  int64_t windows;                               // places of the result
  const void *from, *by, *dy;
  void* to;                                      // the result; or what flows into the image or the filter
  double none;                                   // of a window without pixels
  int32_t dtype, into_filter, ordered;
};
struct LocalResponse {
  images::Response how;
  int64_t elements, channels;
  void* to;
  const void *image, *result, *dy;
  float* norms;
  int32_t dtype;
};
constexpr int kFoldRank = 8;
struct Fold {                                    // MirrorPadGrad: each element gathers the places that it was mirrored to
  int64_t elements;
  int64_t size[kFoldRank], before[kFoldRank], after[kFoldRank], from_stride[kFoldRank];
  void* to;
  const void* from;
  int32_t rank, edge, dtype;                     // edge: 1 where the edge itself is left out of the image
};
constexpr int kSuppressionThreads = 1024;
struct Suppression {                             // one block, the best box at a time
  int64_t boxes, most;                           // `most`: of the boxes that are chosen
  const void *box, *score;
  float* left;                                   // [boxes]: scores of those that may still be chosen
  int32_t *chosen, *count;
  float overlap, least;
  int32_t dtype;
};

}  // namespace ninefold::cuda
