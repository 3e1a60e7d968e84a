// In: the name of an element-wise expression, its arguments' names and its gradient. Out: an op, registered,
// with the shape rule and the kernel that all element-wise ops share.
#pragma once

#include <string>
#include <vector>

#include "engine/op/grad_ctx.h"
#include "engine/op/op.h"

namespace ninefold::ops {

struct Elementwise {
  using Gradient = void (*)(GradCtx&);
  // Types follow from the expression; "x: bool" in `inputs` fixes one. No gradient: it is zero by definition.
  Elementwise(const char* name, std::vector<std::string> inputs, Gradient grad = nullptr);
  const Op op;
  const Registrar known, kernel;
};

}  // namespace ninefold::ops
