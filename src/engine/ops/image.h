// In: images [height, width, channels] or batches of them. Out: the steps that functions of tf.image share, each made of ops.
#pragma once

#include <functional>

#include "engine/ops/extent.h"

namespace ninefold::ops::image {

// Raise ValueError unless the image has three or four dimensions; of `image_of` a trace need not know how many.
Tensor image_of(const Args& a, std::string_view name);
Tensor known_image_of(const Args& a, std::string_view name);
inline Extent height_of(const Tensor& image) { return Extent::along(image, -3); }
inline Extent width_of(const Tensor& image) { return Extent::along(image, -2); }
// Floats are of [0, 1), integers fill their range.
Tensor converted(const Tensor& image, DType dtype, bool saturate);
Tensor as_float(const Tensor& image);                     // float32, unless it is that or half
Tensor reversed(const Tensor& t, int64_t axis);
Tensor contrasted(const Tensor& image, const Tensor& factor);
Tensor brightened(const Tensor& image, const Tensor& delta);
// Mirrored along an axis of images (0: height, 1: width) where `draw` gives less than 1/2, each image of a batch for itself.
Tensor flipped_by(const Tensor& image, int axis, const std::function<Tensor(const Tensor& shape)>& draw);
int64_t largest_of(DType index);                           // the exclusive bound of what cropped_by draws
// A box of `size` at drawn % the room that there is, along each axis.
Tensor cropped_by(const Tensor& value, const Tensor& size, const std::function<Tensor(int64_t count)>& draw);

}  // namespace ninefold::ops::image
