// In: nothing. Out: what cuDNN is asked, as data without a gap, so that its bytes are the key of its plan.
#pragma once

#include <cstdint>

namespace ninefold::cuda {

constexpr int kNoDnn = -1001;                // text() says which library is missing
constexpr int kNoEngine = -1002;             // cuDNN has nothing for it, or nothing that is allowed

struct DnnTensor {
  int64_t dtype;                             // TensorFlow's number: half, bfloat16, float, double
  int64_t rank;                              // batch, channels, then space, wherever they lie
  int64_t size[5], stride[5];                // in elements
  int64_t alignment;                         // of its address, in bytes
};

struct DnnCall {
  // The tensors are image, filter, result; the last of these is what each kind makes: result, image, filter.
  enum Kind : int64_t { convolve, to_image, to_filter };
  int64_t kind;
  int64_t tensors;
  DnnTensor tensor[3];                       // of the filter: outputs, inputs of a group, space
  int64_t spatial;
  int64_t stride[3], dilation[3], padding[3];   // as much before as behind
  int64_t tensor_float;                      // products of float32 in TF32
  int64_t deterministic;                     // the same bits whenever it runs
};

struct DnnLibrary {
  int64_t version;                           // 91900 for 9.19.0; 0: none
  const char* missing;                       // null, or which library is missing and how to get it
};

}  // namespace ninefold::cuda
