// In: shapes, layouts, windows. Out: the parameters of convolutions and pools; pure, so tested without a card.
#pragma once

#include "engine/ops/moves.gpu.h"
#include "engine/ops/window.h"
#include "engine/ops/windows_launch.h"

namespace ninefold::ops {

cuda::Grid grid_of(const Shape&, const Layout&);
// `image` decides the padding of SAME.
cuda::Slide slide_of(Window, const Layout&, const Shape& image, const std::array<int64_t, 3>& kernel);
// A filter [spatial..., in, out], or of a depthwise convolution [height, width, in, multiples].
cuda::Conv conv_of(const Shape& image, const Shape& filter, const Shape& out, const Window&, const Layout&, bool depthwise);

}  // namespace ninefold::ops
