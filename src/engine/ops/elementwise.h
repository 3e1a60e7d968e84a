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
  // `grad_reads` are names of inputs or of the output.
  Elementwise(const char* name, std::vector<std::string> inputs, Gradient grad = nullptr,
              std::vector<std::string> grad_reads = {"*"});
  // From elementwise_record(), changed where the op is unlike its expression.
  explicit Elementwise(Op record);
  const Op op;
  const Registrar known, kernel;
};
Kernel elementwise_kernel();
Op elementwise_record(const char* name, std::vector<std::string> inputs, Elementwise::Gradient grad);

// ---- what gradients are written with ----

// Complex gradients carry the conjugate of the derivative, as TensorFlow's do.
inline Tensor conj(const Tensor& t) { return is_complex(t.dtype()) ? op("Conj", {t}) : t; }
// A number as a scalar of t's dtype.
inline Tensor number_like(const Tensor& t, double value) { return to_tensor(Value(value), t.dtype()); }
// a where the condition holds, else 0.
inline Tensor where(const Tensor& condition, const Tensor& a) {
  return op("SelectV2", {condition, a, op("ZerosLike", {a})});
}

}  // namespace ninefold::ops
