// In: nothing. Out: what the launch of an optimizer's step says, shared by host (optimizer_ops.gpu.cc) and card (.cu).
#pragma once

#include <cstdint>

#include "engine/device/update_rules.h"

namespace ninefold::cuda {

struct Step {
  int64_t elements;                              // of the gradient
  void* states[kUpdateStates];
  const void* gradient;
  const void* scalar[kUpdateScalars];            // on the card: a captured step reads them anew
  const void* indices;                           // of the gradient's rows; null: they are all there
  int64_t rows, each;                            // of the variable, elements of each
  int32_t dtype, wide;                           // wide: the indices are int64
  const bool* guard;                             // null, or nothing is written unless this is `wanted`
  int32_t scalars, flag;                         // how many there are; the op's flag
  Scalars kind;
  bool wanted;
  Update rule;
};

}  // namespace ninefold::cuda
