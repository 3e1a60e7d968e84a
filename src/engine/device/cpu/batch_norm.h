// In: float rows of channels (an image channels last). Out: sums a channel, and the affine maps of batch
// normalisation. A caller cuts the rows into blocks; sums of a block are in float, in the order of rows.
#pragma once

#include <cstdint>

namespace ninefold::cpu {

// sums[c] = sum of x[., c]; squares[c] = sum of (x[., c] - mean[c])^2.
void channel_sums(const float* x, int64_t rows, int64_t channels, float* sums);
void channel_squares(const float* x, const float* mean, int64_t rows, int64_t channels, float* squares);
// y = (x - mean) scale + offset.
void channel_scale(const float* x, const float* mean, const float* scale, const float* offset, float* y, int64_t rows, int64_t channels);
// sums[c] = sum of dy, products[c] = sum of dy (x - mean).
void channel_products(const float* dy, const float* x, const float* mean, int64_t rows, int64_t channels, float* sums, float* products);
// dx = scale (dy - a - (x - mean) b).
void channel_back(const float* dy, const float* x, const float* mean, const float* scale, const float* a, const float* b, float* dx,
                  int64_t rows, int64_t channels);

}  // namespace ninefold::cpu
