// In: logits. Out: softmax and its logarithm over the last dimension (any dimension, for the functions).
#include <cmath>

#include "base/check.h"
#include "engine/device/cpu/rows.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/scope.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/array_args.h"
#include "engine/ops/nn_common.h"
#include "engine/ops/nn_rows.h"

namespace ninefold::ops {
namespace {

void logits_shape(ShapeCtx& c) {
  c.check(!c.shape(0).known_rank() || c.shape(0).rank() >= 1, "logits must have >= 1 dimension, got {}", c.shape(0).str());
  c.same_as_input();
}

const Op softmax = {
    .name = "Softmax", .inputs = {"logits: T"}, .outputs = {"softmax: T"}, .attrs = {"T: floating"},
    .doc = "e^logits / sum(e^logits), over the last dimension.", .shape = logits_shape,
    // dx = (dy - sum(dy y)) y.
    .grad = [](GradCtx& g) {
      const Tensor y = g.out(), dy = g.dy();
      g.to(0, (dy - nn::sum(dy * y, {-1}, true)) * y);
    },
    .in_place = true, .grad_reads = {"softmax"},
};
NINEFOLD_REGISTER(softmax);
const Op log_softmax = {
    .name = "LogSoftmax", .inputs = {"logits: T"}, .outputs = {"logsoftmax: T"}, .attrs = {"T: floating"},
    .doc = "logits - log(sum(e^logits)), over the last dimension.", .shape = logits_shape,
    // dx = dy - sum(dy) e^y.
    .grad = [](GradCtx& g) {
      const Tensor dy = g.dy();
      g.to(0, dy - nn::sum(dy, {-1}, true) * op("Exp", {g.out()}));
    },
    .in_place = true, .grad_reads = {"logsoftmax"},
};
NINEFOLD_REGISTER(log_softmax);

using RowFunction = void (*)(int dtype, const void* in, void* out, int64_t rows, int64_t columns);
template <RowFunction function>
void rows_cpu(KernelCtx& k) {
  const nn::Rows m = nn::rows_of(k.shape(0));
  const int64_t n = k.shape(0).size();
  if (n == 0) return;
  const nn::Widened x(k.dtype(0), k.in<void>(0), n), y(k.dtype(0), k.out<void>(0), n, true);
  parallel_for(m.rows, nn::row_grain(m.columns), [&](int64_t begin, int64_t end) {
    function(x.dtype(), x.at(begin * m.columns), y.at(begin * m.columns), end - begin, m.columns);
  });
}
NINEFOLD_KERNEL(softmax, "CPU", Kernel{rows_cpu<cpu::softmax>});
NINEFOLD_KERNEL(log_softmax, "CPU", Kernel{rows_cpu<cpu::log_softmax>});

// A fraction for an axis, as TensorFlow's steps meet it, which take the axis for a number and then for an index.
[[noreturn]] void refuse_fraction(double axis, int rank) {
  check(rank < 0 || (axis >= -rank && axis < rank), Code::invalid_argument,
        "`dim` must be in the range [{}, {}) where {} is the number of dimensions in the input. Received: dim={}", -rank, rank, rank, axis);
  check(axis >= 0, Code::type, "Cannot convert {} to EagerTensor of dtype int32", axis);
  const Code code = scope().tracer() ? Code::value : Code::invalid_argument;
  check(axis + 1 <= rank - 1, code, "Requires start <= limit when delta > 0: {}/{} [Op:Range]", axis + 1, rank - 1);
  fail(code, "Value for attr 'Tperm' of float is not in the list of allowed values: int32, int64");
}
// The op works on the last dimension: another one changes places with it, before and after.
Value over_axis(Args& a, const char* name) {
  const Tensor x = a.tensor("logits");
  if (const double* f = a["axis"].get<double>(); f && *f != std::floor(*f)) refuse_fraction(*f, x.rank());
  const int64_t axis = a.none("axis") ? -1 : whole_axis(a, "axis");
  const int rank = x.rank();
  if (axis == -1 || axis == rank - 1) return op(name, {x});
  if (rank < 0) {
    const AroundAxis parts(x, axis);
    return parts.restored(nn::transpose(op(name, {nn::transpose(parts.three, {0, 2, 1})}), {0, 2, 1}));
  }
  check(axis >= -rank && axis < rank, Code::invalid_argument,
        "`dim` must be in the range [{}, {}) where {} is the number of dimensions in the input. Received: dim={}", -rank,
        rank, rank, axis);
  std::vector<int64_t> swap(static_cast<size_t>(rank));
  for (size_t i = 0; i < swap.size(); ++i) swap[i] = static_cast<int64_t>(i);
  std::swap(swap[static_cast<size_t>(axis < 0 ? axis + rank : axis)], swap.back());
  return nn::transpose(op(name, {nn::transpose(x, swap)}), swap);
}
const Function softmax_function = {
    .names = {"tf.nn.softmax", "tf.math.softmax"},
    .signature = "(logits: tensor, axis: int = None, name: str = None)",
    .doc = "e^logits / sum(e^logits) over `axis` (None: the last). float16, bfloat16, float32 or float64.",
    .body = [](Args& a) { return over_axis(a, "Softmax"); },
};
NINEFOLD_REGISTER(softmax_function);
const Function log_softmax_function = {
    .names = {"tf.nn.log_softmax", "tf.math.log_softmax"},
    .signature = "(logits: tensor, axis: int = None, name: str = None)",
    .doc = "logits - log(sum(e^logits)) over `axis` (None: the last).",
    .body = [](Args& a) { return over_axis(a, "LogSoftmax"); },
};
NINEFOLD_REGISTER(log_softmax_function);

}  // namespace
}  // namespace ninefold::ops
