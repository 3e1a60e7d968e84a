// In: nothing. Out: what a launch over rows of logits says, shared by host (cross_entropy.gpu.cc) and card (.cu).
#pragma once

#include <cstdint>

#include "engine/ops/join.h"

namespace ninefold::cuda {

struct CrossEntropy {
  int64_t rows, columns;
  void *loss, *backprop;
  const void *logits, *labels;
  int64_t logits_down, logits_across;            // strides; 0 where the logits repeat
  int64_t labels_down, labels_across;
  int32_t dtype;
  int32_t label_bytes;                           // of class numbers, one a row: 4 or 8; 0: labels are numbers like logits
};

}  // namespace ninefold::cuda
