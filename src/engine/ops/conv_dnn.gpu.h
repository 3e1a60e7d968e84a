// In: a convolution on a GPU. Out: what cuDNN is asked, pure, so tested without a card; and whether it did it.
#pragma once

#include <optional>

#include "engine/device/cuda/dnn_call.h"
#include "engine/op/kernel_ctx.h"
#include "engine/ops/window.h"

namespace ninefold::ops {

// A tensor of images as cuDNN sees it, without its alignment, which is that of its address.
cuda::DnnTensor dnn_tensor(DType, const Shape&, const Layout&);
int64_t dnn_alignment(const void*);

struct DnnConvolution {
  cuda::DnnCall call;                            // without alignments, and what is set for the whole process
  std::optional<Shape> padded;                   // the image with what is padded on one side more than on the other
  std::array<int64_t, 3> before{};               // of it: where the image begins in the padded one
  Shape filter;                                  // [space..., inputs of a group, outputs]
  std::vector<int64_t> filter_strides;           // of those, as cuDNN wants filters to lie: as images lie
};
// None where the own kernels do it: empty ones, whole numbers, most depthwise ones.
std::optional<DnnConvolution> dnn_convolution(cuda::DnnCall::Kind, DType, const Shape& image, const Shape& filter, const Shape& out,
                                              Window, const Layout&, bool depthwise);

// False: nothing was done. Inputs and output are those of the op of that kind.
bool conv_by_dnn(KernelCtx&, cuda::DnnCall::Kind, const Shape& image, const Shape& filter, const Shape& out, const Window&, const Layout&,
                 bool depthwise);

}  // namespace ninefold::ops
