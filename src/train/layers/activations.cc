// In: a tensor. Out: Keras' activation of it; softmax and sigmoid remember their logits for the losses.
#include "engine/op/op.h"
#include "train/layers/activations.h"
#include "train/layers/notes.h"
#include "train/layers/schema.h"
#include "train/layers/words.h"

namespace ninefold::keras {

Tensor softmax(const Tensor& x, const std::vector<int64_t>& axes) {
  const int rank = x.rank();
  check(rank > 1, Code::value, "Cannot apply softmax to a tensor that is 1D. Received input: shape={}", x.shape().tuple());
  Tensor y;
  if (axes.size() > 1) {
    const Tensor e = op("Exp", {x - reduce("Max", x, axes, true)});
    y = e / reduce("Sum", e, axes, true);
  } else {
    const int64_t axis = axes.empty() ? -1 : axes[0];
    check(axis >= -rank && axis < rank, "softmax: axis {} is out of range for rank {}", axis, rank);
    if (axis == -1 || axis == rank - 1) {
      y = op("Softmax", {x});
    } else {
      // The axis changes places with the last one and back.
      std::vector<int64_t> swap = all_axes(x);
      std::swap(swap[static_cast<size_t>(axis < 0 ? axis + rank : axis)], swap.back());
      y = transpose(op("Softmax", {transpose(x, swap)}), swap);
    }
  }
  set_logits(y, x);
  return y;
}

Tensor relu(const Tensor& given, double alpha, std::optional<double> max_value, double threshold) {
  Tensor x = given, negative;
  if (alpha != 0) {
    if (!max_value && threshold == 0) return op("LeakyRelu", {x}, {{"alpha", alpha}});
    negative = op("Relu", {threshold != 0 ? number(threshold, x.dtype()) - x : -x});
  }
  if (threshold != 0) x = x * cast(op("Greater", {x, number(threshold, x.dtype())}), x.dtype());
  else if (max_value && *max_value == 6) x = op("Relu6", {x}), max_value.reset();
  else x = op("Relu", {x});
  if (max_value) x = clip(x, 0, *max_value);
  return alpha != 0 ? x - times(negative, alpha) : x;
}

Tensor elu(const Tensor& x, double alpha) {
  const Tensor y = op("Elu", {x});
  return alpha == 1 ? y : op("SelectV2", {op("Greater", {x, number(0, x.dtype())}), y, times(y, alpha)});
}

Tensor gelu(const Tensor& x, bool approximate) {
  Tensor inner;
  if (approximate) {
    const Tensor cubed = op("Pow", {x, number(3, x.dtype())});
    inner = op("Tanh", {times(x + times(cubed, 0.044715), 0.7978845608028654)});
  } else {
    inner = op("Erf", {x / number(1.4142135623730951, x.dtype())});
  }
  return times(x, 0.5) * plus(inner, 1);
}

namespace {

Tensor sigmoid(const Tensor& x) {
  const Tensor y = op("Sigmoid", {x});
  set_logits(y, x);
  return y;
}
struct Known {
  const char* name;
  Tensor (*apply)(const Tensor&);
  const char* doc;
};
const Known known[] = {
    {"elu", [](const Tensor& x) { return elu(x, 1); }, "x for x > 0, exp(x) - 1 below."},
    {"exponential", [](const Tensor& x) { return op("Exp", {x}); }, "exp(x)."},
    {"gelu", [](const Tensor& x) { return gelu(x, false); }, "x times the normal distribution function of x."},
    {"hard_sigmoid", [](const Tensor& x) { return clip(plus(times(x, 0.2), 0.5), 0, 1); }, "0.2 x + 0.5 within [0, 1]."},
    {"linear", [](const Tensor& x) { return x; }, "x."},
    {"relu", [](const Tensor& x) { return op("Relu", {x}); }, "max(x, 0)."},
    {"selu", [](const Tensor& x) { return op("Selu", {x}); }, "A scaled elu that keeps mean 0 and variance 1."},
    {"sigmoid", sigmoid, "1 / (1 + exp(-x))."},
    {"softmax", [](const Tensor& x) { return softmax(x, {-1}); }, "exp(x) over its sum along the last axis."},
    {"softplus", [](const Tensor& x) { return op("Softplus", {x}); }, "log(exp(x) + 1)."},
    {"softsign", [](const Tensor& x) { return op("Softsign", {x}); }, "x / (|x| + 1)."},
    {"swish", [](const Tensor& x) { return x * op("Sigmoid", {x}); }, "x sigmoid(x)."},
    {"tanh", [](const Tensor& x) { return op("Tanh", {x}); }, "Hyperbolic tangent."},
};

class NamedActivation : public Activation {
 public:
  explicit NamedActivation(const Known& k) : known_(k), name_(k.name) {}
  const std::string& class_name() const override { return name_; }
  ValueDict config() const override { return {{"name", name_}}; }
  std::string describe() const override { return name_; }
  Tensor apply(const Tensor& x) override { return known_.apply(x); }

 private:
  const Known& known_;
  const std::string name_;
};
template <size_t... I>
void register_all(std::index_sequence<I...>) {
  (ObjectRegistrar(ObjectRecord{.kind = "activation", .names = {known[I].name}, .module = "tf.keras.activations",
                                .fields = {}, .doc = known[I].doc,
                                .make = [](const ValueDict&) -> ObjectPtr { return std::make_shared<NamedActivation>(known[I]); },
                                .base = ""}), ...);
}
[[maybe_unused]] const bool registered = (register_all(std::make_index_sequence<std::size(known)>()), true);

// Any callable: whoever makes one overrides "__call__". `name` is what a config writes.
class CallableActivation : public Activation {
 public:
  explicit CallableActivation(const ValueDict& given) {
    const Value config = given;
    if (const Value* name = config.find("name")) name_ = As<std::string>::from(*name, "name");
  }
  const std::string& class_name() const override { return name_; }
  ValueDict config() const override { return {{"name", name_}}; }
  Tensor apply(const Tensor&) override { fail(Code::not_implemented, "activation {}: __call__ is not defined", name_); }

 private:
  std::string name_ = "function";
};
const ObjectRecord callable = {
    .kind = "activation", .names = {"function"}, .module = "tf.keras.activations",
    .fields = {{"name", {}, false, "str"}},
    .doc = "An activation defined elsewhere: a name for configs, and an override of __call__.",
    .make = [](const ValueDict& given) -> ObjectPtr { return std::make_shared<CallableActivation>(given); }, .base = "",
};
NINEFOLD_OBJECT(callable);

// ---- the public functions: tf.keras.activations.* ----

#define PLAIN(which, says)                                                                                   \
  const Function which##_function = {                                                                        \
      .names = {"tf.keras.activations." #which}, .signature = "(x: tensor)", .doc = says,                    \
      .body = [](Args& a) -> Value { return (*Given<Activation>(#which))(a.tensor("x")); }};                 \
  NINEFOLD_REGISTER(which##_function)
PLAIN(exponential, "exp(x).");
PLAIN(hard_sigmoid, "0.2 x + 0.5 within [0, 1].");
PLAIN(linear, "x.");
PLAIN(selu, "A scaled elu that keeps mean 0 and variance 1.");
PLAIN(sigmoid, "1 / (1 + exp(-x)).");
PLAIN(softplus, "log(exp(x) + 1).");
PLAIN(softsign, "x / (|x| + 1).");
PLAIN(swish, "x sigmoid(x).");
PLAIN(tanh, "Hyperbolic tangent.");
#undef PLAIN
const Function elu_function = {
    .names = {"tf.keras.activations.elu"}, .signature = "(x: tensor, alpha: float = 1.0)",
    .doc = "x for x > 0, alpha (exp(x) - 1) below.",
    .body = [](Args& a) -> Value { return elu(a.tensor("x"), a.number("alpha")); }};
NINEFOLD_REGISTER(elu_function);
const Function gelu_function = {
    .names = {"tf.keras.activations.gelu"}, .signature = "(x: tensor, approximate: bool = False)",
    .doc = "x times the normal distribution function of x; approximate: by tanh.",
    .body = [](Args& a) -> Value { return gelu(a.tensor("x"), a.flag("approximate")); }};
NINEFOLD_REGISTER(gelu_function);
const Function relu_function = {
    .names = {"tf.keras.activations.relu"},
    .signature = "(x: tensor, alpha: float = 0.0, max_value: float = None, threshold: float = 0.0)",
    .doc = "max_value above it, x from threshold on, alpha (x - threshold) below.",
    .body = [](Args& a) -> Value {
      return relu(a.tensor("x"), a.number("alpha"), a.none("max_value") ? std::nullopt : std::optional(a.number("max_value")),
                  a.number("threshold"));
    }};
NINEFOLD_REGISTER(relu_function);
const Function softmax_function = {
    .names = {"tf.keras.activations.softmax"}, .signature = "(x: tensor, axis: ints = -1)",
    .doc = "exp(x) over its sum along an axis (or several).",
    .body = [](Args& a) -> Value { return softmax(a.tensor("x"), a.ints("axis")); }};
NINEFOLD_REGISTER(softmax_function);

}  // namespace
}  // namespace ninefold::keras
