// In: begin, end, strides and the five masks of StridedSlice. Out: what they mean for one input shape.
#pragma once

#include <vector>

#include "engine/op/shape_ctx.h"

namespace ninefold::ops {

struct SliceMasks { int64_t begin = 0, end = 0, ellipsis = 0, new_axis = 0, shrink = 0; };

// One entry a dimension of the input. Sizes are -1 where a value or the input's dimension is unknown.
struct SliceSpec {
  std::vector<int64_t> begin, strides, sizes;
  Shape result;   // with new axes put in and shrunk ones taken out
};

// Masks as attributes of StridedSlice and StridedSliceGrad.
template <class Ctx>
SliceMasks masks_of(const Ctx& c) {
  return {c.integer("begin_mask"), c.integer("end_mask"), c.integer("ellipsis_mask"), c.integer("new_axis_mask"),
          c.integer("shrink_axis_mask")};
}

// `count`: entries of begin. The vectors are null where their values are not known. `raise` gets TensorFlow's text.
SliceSpec resolve_slice(const Shape& input, int64_t count, const std::vector<int64_t>* begin,
                        const std::vector<int64_t>* end, const std::vector<int64_t>* strides, const SliceMasks& masks,
                        const std::function<void(const std::string&)>& raise);

}  // namespace ninefold::ops
