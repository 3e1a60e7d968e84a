// In: NHWC images and a filter [kh, kw, c, m]. Out: each channel convolved with its own m filters, and both
// gradients. Channel i of the image gives channels i m to i m + m - 1 of the result.
#pragma once

#include "engine/device/cpu/conv.h"

namespace ninefold::cpu {

// In `s` ci is the image's channels and co the result's: m = co / ci. dtype: 1 (float) or 2 (double).
void depthwise(int dtype, const ConvShape& s, const void* x, const void* filter, void* y);
void depthwise_to_image(int dtype, const ConvShape& s, const void* dy, const void* filter, void* dx);
// `partial`: scratch of depthwise_pieces(s) filters, in which images are summed side by side.
void depthwise_to_filter(int dtype, const ConvShape& s, const void* x, const void* dy, void* df, void* partial);
int64_t depthwise_pieces(const ConvShape& s);

}  // namespace ninefold::cpu
