// In: features. Out: the rectifiers and their kin, and the public functions made of them.
#include <cmath>

#include "base/check.h"
#include "base/threads.h"
#include "engine/device/cpu/cast.h"
#include "engine/op/elementwise/kernels.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/nn_common.h"

namespace ninefold::ops {
namespace {

using nn::constant;

const std::vector<std::string> features = {"features: T"};
const std::vector<std::string> from_features = {"gradients: T", "features: T"};
const std::vector<std::string> from_outputs = {"gradients: T", "outputs: T"};

Tensor where_negative(const Tensor& x, const Tensor& a) {
  return op("SelectV2", {op("Less", {x, constant(x.dtype(), 0)}), a, op("ZerosLike", {x})});
}

const Elementwise relu6("Relu6", features, [](GradCtx& g) { g.to(0, op("Relu6Grad", {g.dy(), g.out()})); }, {"activations"});
const Elementwise relu6_grad("Relu6Grad", from_features, [](GradCtx& g) {
  if (g.needs(0)) g.to(0, op("Relu6Grad", {g.dy(), g.in(1)}));
  if (g.needs(1)) g.to(1, op("ZerosLike", {g.in(1)}));
}, {"features"});
const Elementwise elu("Elu", features, [](GradCtx& g) { g.to(0, op("EluGrad", {g.dy(), g.out()})); }, {"activations"});
// d/doutputs of gradients (outputs + 1), where outputs < 0.
const Elementwise elu_grad("EluGrad", from_outputs, [](GradCtx& g) {
  if (g.needs(0)) g.to(0, op("EluGrad", {g.dy(), g.in(1)}));
  if (g.needs(1)) g.to(1, where_negative(g.in(1), g.dy() * g.in(0)));
}, {"gradients", "outputs"});
const Elementwise selu("Selu", features, [](GradCtx& g) { g.to(0, op("SeluGrad", {g.dy(), g.out()})); }, {"activations"});
const Elementwise selu_grad("SeluGrad", from_outputs, [](GradCtx& g) {
  if (g.needs(0)) g.to(0, op("SeluGrad", {g.dy(), g.in(1)}));
  if (g.needs(1)) g.to(1, where_negative(g.in(1), g.dy() * g.in(0)));
}, {"gradients", "outputs"});
const Elementwise softsign("Softsign", features, [](GradCtx& g) { g.to(0, op("SoftsignGrad", {g.dy(), g.in(0)})); }, {"features"});
// gradients / (1 + |x|)^2; by x that is -2 sign(x) gradients / (1 + |x|)^3.
const Elementwise softsign_grad("SoftsignGrad", from_features, [](GradCtx& g) {
  if (g.needs(0)) g.to(0, op("SoftsignGrad", {g.dy(), g.in(1)}));
  if (g.needs(1)) {
    const Tensor x = g.in(1), d = op("Abs", {x}) + constant(x.dtype(), 1);
    g.to(1, op("SoftsignGrad", {g.dy() * g.in(0), x}) * constant(x.dtype(), -2) * op("Sign", {x}) / d);
  }
}, {"gradients", "features"});

// ---- LeakyRelu: alpha is an attribute, and the expression's last operand ----

void leaky(KernelCtx& k) {
  const elementwise::Body& body = elementwise::body(k.op().name);
  const int tensors = k.num_inputs(), dtype = static_cast<int>(k.dtype(0));
  const double given = k.number("alpha");
  alignas(8) unsigned char alpha[8];
  cpu::cast(static_cast<int>(DType::f64), &given, dtype, alpha, 1);
  const size_t size = size_of(k.dtype(0));
  parallel_for(k.out(0).size(), 32768, [&](int64_t begin, int64_t end) {
    const void* in[3];
    uint8_t step[3];
    for (int i = 0; i < tensors; ++i) in[i] = k.in<char>(i) + static_cast<size_t>(begin) * size, step[i] = 1;
    in[tensors] = alpha, step[tensors] = 0;
    body.run(dtype, k.out<char>(0) + static_cast<size_t>(begin) * size, in, end - begin, step);
  });
}
const Op leaky_relu = {
    .name = "LeakyRelu", .inputs = features, .outputs = {"activations: T"},
    .attrs = {"alpha: float = 0.2", "T: floating"}, .doc = "features where positive, else alpha features.",
    .shape = shapes::same,
    .grad = [](GradCtx& g) { g.to(0, op("LeakyReluGrad", {g.dy(), g.in(0)}, {{"alpha", g.number("alpha")}})); },
    .in_place = true,
};
NINEFOLD_REGISTER(leaky_relu);
NINEFOLD_KERNEL(leaky_relu, "CPU", Kernel{leaky});
const Op leaky_relu_grad = {
    .name = "LeakyReluGrad", .inputs = from_features, .outputs = {"backprops: T"},
    .attrs = {"alpha: float = 0.2", "T: floating"}, .doc = "gradients, times alpha where features are not positive.",
    .shape = [](ShapeCtx& c) {
      c.check(c.shape(0).compatible(c.shape(1)), "gradients and features must have the same shape, got {} and {}",
              c.shape(0).str(), c.shape(1).str());
      c.same_as_input();
    },
    .grad = [](GradCtx& g) {
      if (g.needs(0)) g.to(0, op("LeakyReluGrad", {g.dy(), g.in(1)}, {{"alpha", g.number("alpha")}}));
      if (g.needs(1)) g.to(1, op("ZerosLike", {g.in(1)}));
    },
    .in_place = true,
};
NINEFOLD_REGISTER(leaky_relu_grad);
NINEFOLD_KERNEL(leaky_relu_grad, "CPU", Kernel{leaky});

// ---- public functions ----

#define ONE_OP(record, op_name, says, ...)                                                      \
  const Function record = {                                                                     \
      .names = {__VA_ARGS__}, .signature = "(features: tensor, name: str = None)", .doc = says, \
      .body = [](Args& a) -> Value { return op(op_name, {a.tensor("features")}); }};            \
  NINEFOLD_REGISTER(record)
ONE_OP(relu6_function, "Relu6", "min(max(features, 0), 6).", "tf.nn.relu6");
ONE_OP(elu_function, "Elu", "features where positive, else e^features - 1.", "tf.nn.elu");
ONE_OP(selu_function, "Selu", "The self-normalising unit: scale * elu with alpha 1.67 and scale 1.05.", "tf.nn.selu");
ONE_OP(softsign_function, "Softsign", "features / (1 + |features|).", "tf.nn.softsign", "tf.math.softsign");
#undef ONE_OP

const Function leaky_function = {
    .names = {"tf.nn.leaky_relu"},
    .signature = "(features: tensor, alpha: float = 0.2, name: str = None)",
    .doc = "features where positive, else alpha features. Integers become float32.",
    .body = [](Args& a) -> Value {
      Tensor x = a.tensor("features");
      if (is_integer(x.dtype())) x = nn::cast(x, DType::f32);
      return op("LeakyRelu", {x}, {{"alpha", a.number("alpha")}});
    },
};
NINEFOLD_REGISTER(leaky_function);

const Function gelu_function = {
    .names = {"tf.nn.gelu"},
    .signature = "(features: tensor, approximate: bool = False, name: str = None)",
    .doc = "x P(X <= x) for a normal X: x/2 (1 + erf(x / sqrt 2)); approximate: "
           "x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).",
    .body = [](Args& a) -> Value {
      const Tensor x = a.tensor("features");
      const DType d = x.dtype();
      check(is_floating(d), Code::value,
            "`features.dtype` must be a floating point tensor.Received:features.dtype={}", nn::repr(d));
      const Tensor half = constant(d, 0.5), one = constant(d, 1);
      if (!a.flag("approximate"))
        return half * x * (one + op("Erf", {x / constant(d, 1.4142135623730951)}));
      const Tensor cubed = op("Pow", {x, constant(d, 3)});
      const Tensor inner = constant(d, 0.7978845608028654) * (x + constant(d, 0.044715) * cubed);
      return half * x * (one + op("Tanh", {inner}));
    },
};
NINEFOLD_REGISTER(gelu_function);

const Function silu_function = {
    .names = {"tf.nn.silu", "tf.nn.swish"},
    .signature = "(features: tensor, beta: T = 1.0)",
    .doc = "features * sigmoid(beta * features).",
    .body = [](Args& a) -> Value {
      const Tensor x = a.tensor("features");
      const double* beta = a["beta"].get<double>();
      const bool plain = beta && *beta == 1;
      return x * op("Sigmoid", {plain ? x : nn::cast(a.tensor("beta"), x.dtype()) * x});
    },
};
NINEFOLD_REGISTER(silu_function);

const Function crelu_function = {
    .names = {"tf.nn.crelu"},
    .signature = "(features: tensor, axis: int = -1, name: str = None)",
    .doc = "relu of features and of -features, side by side along axis.",
    .body = [](Args& a) -> Value {
      const Tensor x = a.tensor("features");
      return op("Relu", {op("ConcatV2", {x, -x, Tensor(static_cast<int32_t>(a.integer("axis")))})});
    },
};
NINEFOLD_REGISTER(crelu_function);

}  // namespace
}  // namespace ninefold::ops
