// In: logits and what they should say. Out: one loss a row, and what flows back to the logits.
#include <atomic>

#include "base/check.h"
#include "engine/device/cpu/rows.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/array_args.h"
#include "engine/ops/nn_common.h"
#include "engine/ops/nn_rows.h"

namespace ninefold::ops {
namespace {

Tensor as_column(const Tensor& row_losses) { return nn::reshape(row_losses, {-1, 1}); }

// Both outputs are differentiable: backprop = softmax(logits) - labels flows back, too.
Tensor to_logits(GradCtx& g) {
  Tensor dx = as_column(g.dy(0)) * g.out(1);
  if (!g.has_dy(1)) return dx;
  const Tensor p = op("Softmax", {g.in(0)}), d = g.dy(1);
  return dx + (d - nn::sum(d * p, {-1}, true)) * p;
}

const Op softmax_cross_entropy = {
    .name = "SoftmaxCrossEntropyWithLogits", .inputs = {"features: T", "labels: T"},
    .outputs = {"loss: T", "backprop: T"}, .attrs = {"T: floating"},
    .doc = "-sum(labels log softmax(features)) of every row, and its derivative by features.",
    .shape = [](ShapeCtx& c) {
      const Shape &x = c.shape(0), &p = c.shape(1);
      Shape both = Shape::of_rank(2);
      if (x.known_rank() && p.known_rank()) {
        try {
          both = c.broadcast(x, p);
        } catch (const Error&) {
          c.check(false, "logits and labels must be broadcastable: logits_size={} labels_size={}", x.str(), p.str());
        }
        c.check(both.rank() == 2, "logits and labels must be either 2-dimensional, or broadcasted to be 2-dimensional");
      }
      c.output(0, {both[0]});
      c.output(1, both);
    },
    .grad = [](GradCtx& g) {
      if (g.needs(0)) g.to(0, to_logits(g));
      if (g.needs(1)) g.to(1, as_column(g.dy(0)) * -op("LogSoftmax", {g.in(0)}));
    },
    .grad_reads = {"features", "backprop"},
};
NINEFOLD_REGISTER(softmax_cross_entropy);

// [rows, columns] of a tensor of at most two dimensions, of which some repeat.
template <class T>
void repeat(const T* from, const Shape& s, T* to, int64_t rows, int64_t columns) {
  const int64_t across = s.rank() >= 1 && s[s.rank() - 1] != 1 ? 1 : 0;
  const int64_t down = s.rank() == 2 && s[0] != 1 ? s[1] : 0;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c) to[r * columns + c] = from[r * down + c * across];
}
void repeated(int dtype, const void* from, const Shape& s, void* to, int64_t rows, int64_t columns) {
  if (dtype == 2) repeat(static_cast<const double*>(from), s, static_cast<double*>(to), rows, columns);
  else repeat(static_cast<const float*>(from), s, static_cast<float*>(to), rows, columns);
}

void softmax_cross_entropy_cpu(KernelCtx& k) {
  const Shape& both = k.out(1).shape();
  const int64_t rows = both[0], columns = both[1], n = rows * columns;
  if (rows == 0) return;
  const DType d = k.dtype(0);
  const nn::Widened loss(d, k.out<void>(0), rows, true), backprop(d, k.out<void>(1), n, true);
  const nn::Widened x(d, k.in<void>(0), k.shape(0).size()), p(d, k.in<void>(1), k.shape(1).size());
  const void *logits = x.data(), *labels = p.data();
  if (!(k.shape(0) == both && k.shape(1) == both)) {
    const size_t each = (static_cast<size_t>(n) * (x.dtype() == 2 ? 8 : 4) + 63) / 64 * 64;
    char* copies = static_cast<char*>(k.scratch(2 * each));
    repeated(x.dtype(), logits, k.shape(0), copies, rows, columns);
    repeated(x.dtype(), labels, k.shape(1), copies + each, rows, columns);
    logits = copies, labels = copies + each;
  }
  const int64_t size = x.dtype() == 2 ? 8 : 4;
  parallel_for(rows, nn::row_grain(columns), [&](int64_t begin, int64_t end) {
    const int64_t skip = begin * columns * size;
    cpu::cross_entropy(x.dtype(), static_cast<const char*>(logits) + skip, static_cast<const char*>(labels) + skip,
                       loss.at(begin), backprop.at(begin * columns), end - begin, columns);
  });
}
NINEFOLD_KERNEL(softmax_cross_entropy, "CPU", Kernel{softmax_cross_entropy_cpu});

const Op sparse_cross_entropy = {
    .name = "SparseSoftmaxCrossEntropyWithLogits", .inputs = {"features: T", "labels: Tlabels"},
    .outputs = {"loss: T", "backprop: T"}, .attrs = {"T: floating", "Tlabels: index = int64"},
    .doc = "-log softmax(features)[label] of every row, and its derivative by features.",
    .shape = [](ShapeCtx& c) {
      const Shape &x = c.shape(0), &labels = c.shape(1);
      c.check(!x.known_rank() || x.rank() == 2, "logits must be 2-D, but got shape {}", x.str());
      c.check(!labels.known_rank() || labels.rank() == 1, "labels must be 1-D, but got shape {}", labels.str());
      const int64_t rows = x.known_rank() ? x[0] : -1, n = labels.known_rank() ? labels[0] : -1;
      c.check(rows < 0 || n < 0 || rows == n,
              "logits and labels must have the same first dimension, got logits shape {} and labels shape {}", x.str(), labels.str());
      c.check(!x.known_rank() || x[1] != 0, "Must have at least one class, but got logits shape {}", x.str());
      c.output(0, {rows < 0 ? n : rows});
      c.output(1, Shape{rows < 0 ? n : rows, x.known_rank() ? x[1] : -1});
    },
    .grad = [](GradCtx& g) { g.to(0, to_logits(g)); },
    .grad_reads = {"features", "backprop"},
};
NINEFOLD_REGISTER(sparse_cross_entropy);

void sparse_cross_entropy_cpu(KernelCtx& k) {
  const int64_t rows = k.shape(0)[0], columns = k.shape(0)[1], n = rows * columns;
  if (rows == 0) return;
  const DType d = k.dtype(0);
  const nn::Widened loss(d, k.out<void>(0), rows, true), backprop(d, k.out<void>(1), n, true);
  const nn::Widened x(d, k.in<void>(0), n);
  const int64_t* labels = nullptr;
  if (k.dtype(1) == DType::i64) {
    labels = k.in<int64_t>(1);
  } else {
    auto* wide = static_cast<int64_t*>(k.scratch(static_cast<size_t>(rows) * 8));
    std::copy_n(k.in<int32_t>(1), rows, wide);
    labels = wide;
  }
  std::atomic<bool> bad{false};
  parallel_for(rows, nn::row_grain(columns), [&](int64_t begin, int64_t end) {
    if (cpu::sparse_cross_entropy(x.dtype(), x.at(begin * columns), labels + begin, loss.at(begin),
                                  backprop.at(begin * columns), end - begin, columns) >= 0)
      bad.store(true, std::memory_order_relaxed);
  });
  if (!bad) return;
  std::string all;
  int64_t first = -1;
  for (int64_t r = 0; r < rows; ++r) {
    if (first < 0 && (labels[r] < 0 || labels[r] >= columns)) first = r;
    if (r < 256) all += " " + std::to_string(labels[r]);
  }
  k.check(false, "Received a label value of {} which is outside the valid range of [0, {}).  Label values:{}",
          labels[first], columns, all);
}
NINEFOLD_KERNEL(sparse_cross_entropy, "CPU", Kernel{sparse_cross_entropy_cpu});

// ---- public functions ----

bool is_half(DType d) { return d == DType::f16 || d == DType::bf16; }

// The shape of one loss a row: that of x without its last dimension.
Tensor without_last(const Tensor& losses, const Tensor& x) {
  if (x.shape().fully_known()) return nn::reshape(losses, x.shape().slice(0, x.rank() - 1).vector());
  return nn::reshape_to(losses, op("StridedSlice", {op("Shape", {x}), nn::int_vector({0}), nn::int_vector({-1}), nn::int_vector({1})}));
}
Tensor as_matrix(const Tensor& x) {
  if (x.rank() == 2) return x;
  if (const Shape& s = x.shape(); s.known_rank() && s.rank() >= 1 && s[s.rank() - 1] > 0) return nn::reshape(x, {-1, s[s.rank() - 1]});
  const Tensor last = op("StridedSlice", {op("Shape", {x}), nn::int_vector({-1}), nn::int_vector({INT32_MAX}), nn::int_vector({1})});
  return nn::reshape_to(x, op("ConcatV2", {nn::int_vector({-1}), last, Tensor(0)}));
}

Value softmax_loss(Args& a) {
  Tensor x = a.tensor("logits");
  const DType given = x.dtype();
  if (is_half(given)) x = nn::cast(x, DType::f32);
  Tensor labels = nn::cast(a.tensor("labels", x.dtype()), x.dtype());
  const int64_t axis = a.integer("axis");
  const int rank = x.rank();
  if (axis != -1 && rank < 0) {
    const AroundAxis rows(x, axis), marks(labels, axis);
    const Tensor in[] = {as_matrix(nn::transpose(rows.three, {0, 2, 1})), as_matrix(nn::transpose(marks.three, {0, 2, 1}))};
    return nn::cast(rows.restored(op_all("SoftmaxCrossEntropyWithLogits", in).at(0), int_vector({})), given);
  }
  if (axis != -1 && rank > 0 && axis != rank - 1) {
    std::vector<int64_t> order;   // the axis goes last
    const int64_t at = axis < 0 ? axis + rank : axis;
    for (int64_t i = 0; i < rank; ++i)
      if (i != at) order.push_back(i);
    order.push_back(at);
    x = nn::transpose(x, order);
    labels = nn::transpose(labels, order);
  }
  const Tensor inputs[] = {as_matrix(x), as_matrix(labels)};
  const Tensor loss = op_all("SoftmaxCrossEntropyWithLogits", inputs).at(0);
  return nn::cast(rank == 2 ? loss : without_last(loss, x), given);
}
const Function softmax_loss_function = {
    .names = {"tf.nn.softmax_cross_entropy_with_logits"},
    .signature = "(labels: tensor, logits: tensor, axis: int = -1, name: str = None)",
    .doc = "-sum(labels log softmax(logits)) over `axis`; labels of every row should sum to 1.",
    .body = softmax_loss,
};
NINEFOLD_REGISTER(softmax_loss_function);

const Function sparse_loss_function = {
    .names = {"tf.nn.sparse_softmax_cross_entropy_with_logits"},
    .signature = "(labels: tensor, logits: tensor, name: str = None)",
    .doc = "-log softmax(logits)[label]; labels are class numbers, one fewer dimension than logits.",
    .body = [](Args& a) -> Value {
      const Tensor labels = a.tensor("labels"), logits = a.tensor("logits");
      const Shape &ls = labels.shape(), &xs = logits.shape();
      check(!xs.known_rank() || xs.rank() > 0, Code::value, "`logits` cannot be a scalar. Received logits={}`",
            logits.symbolic() ? "a tensor" : nn::python_text(logits.float_at(0)));
      check(!xs.known_rank() || !ls.known_rank() || ls.rank() == xs.rank() - 1, Code::value,
            "`labels.shape.rank` must equal `logits.shape.rank - 1`. Received: labels.shape={} of rank {} and logits.shape={} of rank {}",
            ls.tuple(), ls.rank(), xs.tuple(), xs.rank());
      if (xs.known_rank() && ls.fully_known()) {
        const Shape head = xs.slice(0, xs.rank() - 1);
        check(!head.fully_known() || head == ls, Code::value,
              "`labels.shape` must equal `logits.shape` except for the last dimension. Received: labels.shape={} and logits.shape={}",
              ls.tuple(), xs.tuple());
      }
      const Tensor x = logits.dtype() == DType::f16 ? nn::cast(logits, DType::f32) : logits;
      const Tensor inputs[] = {as_matrix(x), ls.rank() == 1 ? labels : nn::reshape(labels, {-1})};
      const Tensor loss = op_all("SparseSoftmaxCrossEntropyWithLogits", inputs).at(0);
      return nn::cast(ls.rank() == 1 ? loss : nn::reshape_to(loss, nn::shape_of(labels)), logits.dtype());
    },
};
NINEFOLD_REGISTER(sparse_loss_function);

std::pair<Tensor, Tensor> labels_and_logits(Args& a) {
  const Tensor logits = a.tensor("logits"), labels = a.tensor("labels", logits.dtype());
  check(logits.shape().compatible(labels.shape()), Code::value,
        "`logits` and `labels` must have the same shape, received ({} vs {}).", logits.shape().tuple(), labels.shape().tuple());
  return {labels, logits};
}

// max(x, 0) - x z + log(1 + e^-|x|): no overflow, and a derivative at 0.
const Function sigmoid_loss_function = {
    .names = {"tf.nn.sigmoid_cross_entropy_with_logits"},
    .signature = "(labels: tensor = None, logits: tensor = None, name: str = None)",
    .doc = "-labels log(sigmoid(logits)) - (1 - labels) log(1 - sigmoid(logits)), for independent classes.",
    .body = [](Args& a) -> Value {
      check(!a.none("labels") && !a.none("logits"), Code::value,
            "Both `labels` and `logits` must be provided. Received: labels={} and logits={}",
            a.none("labels") ? "None" : "a tensor", a.none("logits") ? "None" : "a tensor");
      const auto [z, x] = labels_and_logits(a);
      const Tensor zero = op("ZerosLike", {x}), positive = op("GreaterEqual", {x, zero});
      const Tensor relu = op("SelectV2", {positive, x, zero}), minus_abs = op("SelectV2", {positive, -x, x});
      return relu - x * z + op("Log1p", {op("Exp", {minus_abs})});
    },
};
NINEFOLD_REGISTER(sigmoid_loss_function);

// (1 - z) x + (1 + (q - 1) z) (log(1 + e^-|x|) + max(-x, 0)), q = pos_weight.
const Function weighted_loss_function = {
    .names = {"tf.nn.weighted_cross_entropy_with_logits"},
    .signature = "(labels: tensor, logits: tensor, pos_weight: tensor, name: str = None)",
    .doc = "sigmoid_cross_entropy_with_logits with the labels' term times pos_weight.",
    .body = [](Args& a) -> Value {
      const auto [z, x] = labels_and_logits(a);
      const Tensor one = nn::constant(x.dtype(), 1);
      const Tensor weight = one + (a.tensor("pos_weight", x.dtype()) - one) * z;
      return (one - z) * x + weight * (op("Log1p", {op("Exp", {-op("Abs", {x})})}) + op("Relu", {-x}));
    },
};
NINEFOLD_REGISTER(weighted_loss_function);

// e^x - z x, plus Stirling's approximation of log z! where z > 1.
const Function poisson_loss_function = {
    .names = {"tf.nn.log_poisson_loss"},
    .signature = "(targets: tensor, log_input: tensor, compute_full_loss: bool = False, name: str = None)",
    .doc = "e^log_input - targets log_input; the full loss adds Stirling's approximation of log(targets!).",
    .body = [](Args& a) -> Value {
      const Tensor x = a.tensor("log_input"), z = a.tensor("targets", x.dtype());
      check(x.shape().compatible(z.shape()), Code::value,
            "`log_input` and `targets` must have the same shape, received ({} vs {}).", x.shape().tuple(), z.shape().tuple());
      const Tensor loss = op("Exp", {x}) - x * z;
      if (!a.flag("compute_full_loss")) return loss;
      const DType d = x.dtype();
      const Tensor zero = nn::constant(d, 0), one = nn::constant(d, 1);
      const Tensor stirling = z * op("Log", {z}) - z + nn::constant(d, 0.5) * op("Log", {nn::constant(d, 2 * 3.141592653589793) * z});
      const Tensor small = op("LogicalAnd", {op("GreaterEqual", {z, zero}), op("LessEqual", {z, one})});
      return loss + op("SelectV2", {small, zero, stirling});
    },
};
NINEFOLD_REGISTER(poisson_loss_function);

}  // namespace
}  // namespace ninefold::ops
