// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.image make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::image {

// For each position of a window over NHWC images its pixels, row by row, as channels.
NINEFOLD_API Tensor extract_patches(const Value& images, const Ints& sizes, const Ints& strides,
    const Ints& rates, const std::string& padding);

}  // namespace ninefold::image
