// In: what image ops are asked. Out: parameters of their launches; pure, so tested without a card.
#pragma once

#include "engine/op/kernel_ctx.h"
#include "engine/ops/images_launch.h"

namespace ninefold::ops {

// How an image of this shape, padded by `paddings` [rank, 2], is folded back; axes that were not padded become one.
cuda::Fold fold_of(const Shape& inner, const Tensor& paddings, bool leaves_edge_out);
// The error of a box of no image, which the CPU raises, too. `numbers` may lie on a card: it is read.
void check_crops(const Tensor& numbers, int64_t images);

}  // namespace ninefold::ops
