// In: a fused chain's parameters. Out: the words that its text is written with (op/elementwise/cuda_text.cc), above those
// of elementwise.cuh.
#pragma once

#include "engine/ops/elementwise.cuh"
#include "engine/ops/fused_launch.h"

namespace {

using ninefold::cuda::Fused;

NF_DEVICE const void* scalar_of(const Fused& p, int k) { return p.held >> k & 1 ? static_cast<const void*>(p.value[k]) : p.in[k]; }
// 64-bit division is slow.
NF_DEVICE int64_t row_of(const Fused& p, int64_t i) {
  return p.elements <= 0x7fffffff ? static_cast<uint32_t>(i) / static_cast<uint32_t>(p.columns) : i / p.columns;
}
NF_DEVICE int64_t column_of(const Fused& p, int64_t i) { return i - row_of(p, i) * p.columns; }

}  // namespace
