// In: shapes that broadcast, tensors. Out: the parameters of an element-wise launch; pure, so tested without a card.
#pragma once

#include <span>
#include <string>

#include "engine/ops/elementwise_launch.h"
#include "engine/tensor/accelerator.h"
#include "ninefold/ops.h"

namespace ninefold::ops {

// elements, rank, size, stride; the shapes are known to be compatible.
void lay_out(cuda::Elementwise&, std::span<const int64_t> out, std::span<const std::span<const int64_t>> operands);
// Where operand `at` lies and what it is; a scalar that the host holds travels in the parameters.
void set_operand(cuda::Elementwise&, int at, const Tensor&);
void set_number(cuda::Elementwise&, int at, DType, double);
void launch_elementwise(Device&, const std::string& kernel, const cuda::Elementwise&);
// Output 0 from all inputs, which broadcast.
void run_broadcast(KernelCtx&, const std::string& kernel);

// The op's first result, now, on the device at work: kernels that are made of ops.
Tensor ran(std::string_view op, std::initializer_list<Tensor> inputs, AttrList attrs = {});
Tensor ran(std::string_view op, std::span<const Tensor> inputs, AttrList attrs = {});

}  // namespace ninefold::ops
