// In: a batch normalisation on a GPU. Out: what cuDNN is asked, pure, so tested without a card; and whether it did it.
#pragma once

#include <optional>

#include "engine/device/cuda/dnn_call.h"
#include "engine/op/kernel_ctx.h"

namespace ninefold::ops {

// Without alignments, and what is set for the whole process. None where the own kernels do it: fewer than two elements a channel.
std::optional<cuda::DnnCall> dnn_normalisation(cuda::DnnCall::Kind, DType, const Shape& image, const std::string& format, double epsilon);

// Of the ops FusedBatchNormV3 and FusedBatchNormGradV3 (in training). False: nothing was done.
bool normalise_by_dnn(KernelCtx&);
bool normalise_back_by_dnn(KernelCtx&);

}  // namespace ninefold::ops
