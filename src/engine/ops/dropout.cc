// In: a float tensor and a rate. Out: the tensor with that share of its elements zero, the others scaled up so
// that the sum stays what it was on average; also l2_loss.
#include "base/check.h"
#include "base/threads.h"
#include "engine/device/cpu/reduce.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/nn_common.h"
#include "engine/ops/nn_rows.h"

namespace ninefold::ops {
namespace {

// The shape the mask is drawn in: x's, or the given one, whose None entries are x's dimensions.
Tensor noise_shape(const Args& a, const Tensor& x) {
  if (a.none("noise_shape")) return nn::shape_of(x);
  const ValueList* list = a["noise_shape"].get<ValueList>();
  if (!list || static_cast<int>(list->size()) != x.rank()) return a.ints_tensor("noise_shape");
  ValueList dims = *list;
  for (size_t i = 0; i < dims.size(); ++i)
    if (dims[i].none()) dims[i] = x.shape()[static_cast<int>(i)];
  return to_tensor(Value(std::move(dims)), DType::i32, "tf.nn.dropout");
}

// `draw(shape, dtype)`: uniform numbers in [0, 1); `skip` draws a seed and nothing else, where TensorFlow does.
template <class Draw, class Skip>
Tensor dropped(const Args& a, const Draw& draw, const Skip& skip) {
  const Value& rate = a["rate"];
  const bool tensor_rate = rate.get<Tensor>() || rate.get<Variable>();
  const bool number = rate.get<int64_t>() || rate.get<double>() || rate.get<bool>();
  const double r = number ? (rate.get<bool>() ? *rate.get<bool>() : a.number("rate")) : 0;
  check(!number || (r >= 0 && r < 1), Code::value,
        "`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate={}", nn::python_text(rate));
  const Tensor x = a.tensor("x");
  const DType d = x.dtype();
  check(is_floating(d), Code::value,
        "`x.dtype` must be a floating point tensor as `x` will be scaled. Received: x_dtype={}", nn::repr(d));
  if (number && r == 0) {
    skip();
    return x;
  }
  check(number || tensor_rate, Code::value, "`rate` must be a scalar or scalar tensor. Received: rate={}", nn::python_text(rate));
  Tensor threshold, scaled;
  if (number) {
    threshold = nn::constant(d, r);
    scaled = x * nn::constant(d, 1 / (1 - r));
  } else {
    threshold = a.tensor("rate");
    check(!threshold.shape().known_rank() || threshold.rank() == 0, Code::value, "Shape {} must have rank 0", threshold.shape().tuple());
    check(threshold.dtype() == d, Code::value, "`x.dtype` must be compatible with `rate.dtype`. Received: x.dtype={} and rate.dtype={}",
          nn::repr(d), nn::repr(threshold.dtype()));
    scaled = x / (nn::constant(d, 1) - threshold);
  }
  return scaled * nn::cast(op("GreaterEqual", {draw(noise_shape(a, x), d), threshold}), d);
}

const Function dropout_function = {
    .names = {"tf.nn.dropout"},
    .signature = "(x: tensor, rate: value, noise_shape: value = None, seed: value = None, name: str = None)",
    .doc = "Each element is zero with probability rate, else x / (1 - rate). noise_shape: the shape of the independent "
           "choices; it broadcasts to x. ValueError unless 0 <= rate < 1 and x is of a float dtype.",
    .body = [](Args& a) -> Value {
      const std::optional<int64_t> seed = a.none("seed") ? std::nullopt : std::optional(a.integer("seed"));
      return dropped(a, [&](const Tensor& shape, DType d) {
        const auto [seed1, seed2] = op_seeds(seed);
        return op("RandomUniform", {shape}, {{"dtype", d}, {"seed", seed1}, {"seed2", seed2}});
      }, [&] { op_seeds(seed); });
    },
};
NINEFOLD_REGISTER(dropout_function);

const Function stateless_dropout_function = {
    .names = {"tf.nn.experimental.stateless_dropout"},
    .signature = "(x: tensor, rate: value, seed: tensor, rng_alg: str = None, noise_shape: value = None, name: str = None)",
    .doc = "dropout whose choices follow from `seed`, two integers, alone.",
    .body = [](Args& a) -> Value {
      return dropped(a, [&](const Tensor& shape, DType d) {
        return *call("tf.random.stateless_uniform", {{"shape", shape}, {"seed", a["seed"]}, {"dtype", d},
                     {"alg", a.none("rng_alg") ? Value("auto_select") : a["rng_alg"]}}).get<Tensor>();
      }, [] {});
    },
};
NINEFOLD_REGISTER(stateless_dropout_function);

// ---- L2Loss ----

const Op l2_loss = {
    .name = "L2Loss", .inputs = {"t: T"}, .outputs = {"output: T"}, .attrs = {"T: floating"},
    .doc = "sum(t^2) / 2.", .shape = shapes::scalar,
    .grad = [](GradCtx& g) { g.to(0, g.in(0) * g.dy()); }, .grad_reads = {"t"},
};
NINEFOLD_REGISTER(l2_loss);
// Squares of a block at a time, summed as any sum is: in an order that no thread count changes.
constexpr int64_t kBlock = 4096;
template <class T>
double half_of_squares(const T* x, int64_t n) {
  T squares[kBlock];
  const int dtype = sizeof(T) == 8 ? 2 : 1;
  double total = 0;
  for (int64_t at = 0; at < n; at += kBlock) {
    const int64_t count = std::min(kBlock, n - at);
    for (int64_t i = 0; i < count; ++i) squares[i] = x[at + i] * x[at + i];
    T part = 0;
    cpu::reduce(cpu::Reduction::sum, dtype, squares, &part, 1, count, 1);
    total += static_cast<double>(part);
  }
  return total / 2;
}
void l2_loss_cpu(KernelCtx& k) {
  const int64_t n = k.shape(0).size();
  const nn::Widened x(k.dtype(0), k.in<void>(0), n), y(k.dtype(0), k.out<void>(0), 1, true);
  if (x.dtype() == 2) *static_cast<double*>(y.data()) = half_of_squares(static_cast<const double*>(x.data()), n);
  else *static_cast<float*>(y.data()) = static_cast<float>(half_of_squares(static_cast<const float*>(x.data()), n));
}
NINEFOLD_KERNEL(l2_loss, "CPU", Kernel{l2_loss_cpu});
const Function l2_loss_function = {
    .names = {"tf.nn.l2_loss"}, .signature = "(t: tensor, name: str = None)", .doc = "sum(t^2) / 2.",
    .body = [](Args& a) -> Value { return op("L2Loss", {a.tensor("t")}); },
};
NINEFOLD_REGISTER(l2_loss_function);

}  // namespace
}  // namespace ninefold::ops
