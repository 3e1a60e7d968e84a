// In: images [height, width, channels] or batches of them. Out: the steps that functions of tf.image share, each made of ops.
#pragma once

#include "engine/ops/array_args.h"

namespace ninefold::ops::image {

Tensor image_of(const Args& a, std::string_view name);    // raises ValueError unless it has three or four dimensions
int64_t size_along(const Tensor& image, int axis, const char* who);   // axis -3: height, -2: width; raises if it is not known
// Floats are of [0, 1), integers fill their range.
Tensor converted(const Tensor& image, DType dtype, bool saturate);
Tensor as_float(const Tensor& image);                     // float32, unless it is that or half
Tensor reversed(const Tensor& t, int64_t axis);
Tensor contrasted(const Tensor& image, const Tensor& factor);
Tensor brightened(const Tensor& image, const Tensor& delta);

}  // namespace ninefold::ops::image
