// In: images [..., height, width, channels]. Out: what the layers of images share: sizes, resizing, crops.
#pragma once

#include "train/layers/words.h"

namespace ninefold::keras::images {

// Sizes are scalars: constants where the shape tells them, else read as the trace runs.
inline Tensor height(const Tensor& x) { return dim_of(x, x.rank() - 3); }
inline Tensor width(const Tensor& x) { return dim_of(x, x.rank() - 2); }
// Raises ValueError unless x is one image or a batch of them.
void require_images(const Tensor& x, const std::string& who);
// tf.image.resize by a vector of two sizes.
Tensor resized(const Tensor& x, const Tensor& size, const std::string& method);
// Resized after the largest middle part of the target's aspect is cut out: Keras' smart_resize.
Tensor resized_by_aspect(const Tensor& x, int64_t to_height, int64_t to_width, const std::string& method);
Tensor cropped(const Tensor& x, const Tensor& top, const Tensor& left, const Tensor& rows, const Tensor& columns);
// Raises NotImplementedError for a method that tf.image.resize has not.
void check_interpolation(const std::string& method);
Shape with_size(const Shape& in, int64_t rows, int64_t columns);

}  // namespace ninefold::keras::images
