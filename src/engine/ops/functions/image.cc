// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.image. Out: calls of their records.
#include "ninefold/functions/image.h"

#include "engine/ops/functions/call.h"

namespace ninefold::image {

Tensor extract_patches(const Value& images, const Ints& sizes, const Ints& strides, const Ints& rates,
    const std::string& padding) {
  static const Function& f = named("tf.image.extract_patches");
  return tensor_of(f, {images, sizes.value, strides.value, rates.value, padding, Value()});
}

}  // namespace ninefold::image
