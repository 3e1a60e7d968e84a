// In: images [batch, height, width, channels] and a size. Out: the shape of resized images, for every way to resize.
#pragma once

#include "engine/op/shape_ctx.h"

namespace ninefold::ops::resize {

constexpr const char* kNumeric = "T: {int8, uint8, int16, uint16, int32, int64, half, bfloat16, float, double}";
void resized_shape(ShapeCtx& c);
void half_or_corners(ShapeCtx& c);   // the same; half_pixel_centers and align_corners exclude each other

}  // namespace ninefold::ops::resize
