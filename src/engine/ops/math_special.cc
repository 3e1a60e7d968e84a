// In: real tensors. Out: special functions of them, computed in double an element a time, and their gradients.
#include "engine/ops/special.h"

#include "base/threads.h"
#include "engine/device/cpu/cast.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/operands.h"
#include "engine/ops/random_fill.h"

namespace ninefold::ops {
namespace {

// f(KernelCtx's inputs as doubles at element i), for one to three inputs that broadcast.
template <int inputs, class F>
void in_double(KernelCtx& k, const F& f) {
  const int64_t n = k.out(0).size();
  if (n == 0) return;
  std::vector<double> in[3], out(static_cast<size_t>(n));
  for (int i = 0; i < inputs; ++i) in[i] = doubles_of(k.in(i), k.out(0).shape());
  parallel_for(n, 512, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      if constexpr (inputs == 1) out[i] = f(in[0][i]);
      else if constexpr (inputs == 2) out[i] = f(in[0][i], in[1][i]);
      else out[i] = f(in[0][i], in[1][i], in[2][i]);
    }
  });
  cpu::cast(static_cast<int>(DType::f64), out.data(), static_cast<int>(k.out(0).dtype()), k.out<char>(0), n);
}

constexpr const char* any_float = "T: {bfloat16, half, float, double}";
constexpr const char* wide_float = "T: {float, double}";
Op record(const char* name, std::vector<std::string> inputs, const char* types, const char* doc, Elementwise::Gradient grad) {
  Op op{.name = name, .inputs = std::move(inputs), .outputs = {"z: T"}, .attrs = {types}, .doc = doc};
  if (op.inputs.size() == 1) op.outputs = {"y: T"};
  op.shape = op.inputs.size() == 1 ? shapes::same : shapes::broadcast;
  op.grad = grad;
  return op;
}
struct Special {
  Special(Op r, KernelFn run) : op(std::move(r)), known(op), kernel(op, "CPU", Kernel{run}, {}) {}
  const Op op;
  const Registrar known, kernel;
};
#define OF_ONE(name, function, doc, ...) \
  const Special function##_op(record(name, {"x: T"}, any_float, doc, __VA_ARGS__), [](KernelCtx& k) { in_double<1>(k, special::function); })
#define OF_TWO(name, function, first, second, types, doc, ...) \
  const Special function##_op(record(name, {first ": T", second ": T"}, types, doc, __VA_ARGS__), [](KernelCtx& k) { in_double<2>(k, special::function); })

Tensor square(const Tensor& t) { return op("Square", {t}); }
Tensor exp(const Tensor& t) { return op("Exp", {t}); }
Tensor sign(const Tensor& t) { return op("Sign", {t}); }
Tensor one(const Tensor& like) { return number_like(like, 1); }
Tensor of(const char* name, const Tensor& x) { return op(name, {x}); }

// ---- error functions, gamma and its relatives ----

OF_ONE("Erfinv", erfinv, "The inverse of erf.", [](GradCtx& g) {
  g.to(0, g.dy() * (number_like(g.dy(), 0.88622692545275801) * exp(square(g.out()))));   // sqrt(pi) / 2
});
OF_ONE("Ndtri", ndtri, "The inverse of the normal distribution function.", [](GradCtx& g) {
  g.to(0, g.dy() * (number_like(g.dy(), 2.5066282746310002) * exp(square(g.out()) * number_like(g.dy(), 0.5))));
});
OF_ONE("Digamma", digamma, "The derivative of lgamma.", [](GradCtx& g) {
  g.to(0, g.dy() * op("Polygamma", {number_like(g.in(0), 1), g.in(0)}));
});
OF_TWO("Polygamma", polygamma, "a", "x", wide_float, "The derivative of order a of digamma.", [](GradCtx& g) {
  if (g.needs(1)) g.to_broadcast(1, g.dy() * op("Polygamma", {g.in(0) + one(g.in(0)), g.in(1)}));
});
OF_TWO("Zeta", zeta, "x", "q", wide_float, "Hurwitz' zeta function: sum of (q + n)^-x.", [](GradCtx& g) {
  if (g.needs(1)) g.to_broadcast(1, g.dy() * (-g.in(0) * op("Zeta", {g.in(0) + one(g.in(0)), g.in(1)})));
});
// d/dx P(a, x) = x^(a-1) e^-x / gamma(a)
Tensor igamma_slope(const Tensor& a, const Tensor& x) {
  return exp(-x + (a - one(a)) * op("Log", {x}) - op("Lgamma", {a}));
}
OF_TWO("IgammaGradA", igamma_grad_a, "a", "x", wide_float, "The derivative of Igamma in a.", nullptr);
OF_TWO("RandomGammaGrad", random_gamma_grad, "alpha", "sample", wide_float, "The derivative in alpha of a sample of Gamma(alpha, 1).", nullptr);
OF_TWO("Igamma", igamma, "a", "x", any_float, "The lower regularised incomplete gamma function P(a, x).", [](GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, g.dy() * op("IgammaGradA", {g.in(0), g.in(1)}));
  if (g.needs(1)) g.to_broadcast(1, g.dy() * igamma_slope(g.in(0), g.in(1)));
});
OF_TWO("Igammac", igammac, "a", "x", any_float, "The upper regularised incomplete gamma function Q(a, x).", [](GradCtx& g) {
  if (g.needs(0)) g.to_broadcast(0, -(g.dy() * op("IgammaGradA", {g.in(0), g.in(1)})));
  if (g.needs(1)) g.to_broadcast(1, -(g.dy() * igamma_slope(g.in(0), g.in(1))));
});
Op betainc_record() {
  Op r = record("Betainc", {"a: T", "b: T", "x: T"}, wide_float, "The regularised incomplete beta function I_x(a, b).", [](GradCtx& g) {
    const Tensor &a = g.in(0), &b = g.in(1), &x = g.in(2);
    const Tensor log_beta = of("Lgamma", a) + of("Lgamma", b) - of("Lgamma", a + b);
    const Tensor slope = exp((b - one(b)) * op("Log1p", {-x}) + op("Xlogy", {a - one(a), x}) - log_beta);
    if (g.needs(2)) g.to_broadcast(2, g.dy() * slope);
  });
  r.shape = [](ShapeCtx& c) { c.output(c.broadcast(c.broadcast(c.shape(0), c.shape(1)), c.shape(2))); };
  return r;
}
const Special betainc_op(betainc_record(), [](KernelCtx& k) { in_double<3>(k, special::betainc); });

// ---- Bessel functions ----

// f(x) / x, and `at_zero` where x is 0: the limit.
Tensor over_x(const Tensor& f, const Tensor& x, double at_zero) {
  const Tensor zero = op("Equal", {x, op("ZerosLike", {x})}), ones = op("OnesLike", {x});
  return op("SelectV2", {zero, ones * number_like(x, at_zero), f / op("SelectV2", {zero, ones, x})});
}
OF_ONE("BesselI0", bessel_i0, "The modified Bessel function I0.", [](GradCtx& g) { g.to(0, g.dy() * of("BesselI1", g.in(0))); });
OF_ONE("BesselI0e", bessel_i0e, "e^-|x| I0(x).", [](GradCtx& g) {
  g.to(0, g.dy() * (of("BesselI1e", g.in(0)) - sign(g.in(0)) * g.out()));
});
OF_ONE("BesselI1", bessel_i1, "The modified Bessel function I1.", [](GradCtx& g) {
  g.to(0, g.dy() * (of("BesselI0", g.in(0)) - over_x(g.out(), g.in(0), 0.5)));
});
OF_ONE("BesselI1e", bessel_i1e, "e^-|x| I1(x).", [](GradCtx& g) {
  g.to(0, g.dy() * (of("BesselI0e", g.in(0)) - g.out() * sign(g.in(0)) - over_x(g.out(), g.in(0), 0.5)));
});
OF_ONE("BesselK0", bessel_k0, "The modified Bessel function K0.", [](GradCtx& g) { g.to(0, -(g.dy() * of("BesselK1", g.in(0)))); });
OF_ONE("BesselK0e", bessel_k0e, "e^x K0(x).", [](GradCtx& g) { g.to(0, g.dy() * (g.out() - of("BesselK1e", g.in(0)))); });
OF_ONE("BesselK1", bessel_k1, "The modified Bessel function K1.", [](GradCtx& g) {
  g.to(0, g.dy() * (-of("BesselK0", g.in(0)) - g.out() / g.in(0)));
});
OF_ONE("BesselK1e", bessel_k1e, "e^x K1(x).", [](GradCtx& g) {
  g.to(0, g.dy() * (g.out() - of("BesselK0e", g.in(0)) - g.out() / g.in(0)));
});
OF_ONE("BesselJ0", bessel_j0, "The Bessel function J0.", [](GradCtx& g) { g.to(0, -(g.dy() * of("BesselJ1", g.in(0)))); });
OF_ONE("BesselJ1", bessel_j1, "The Bessel function J1.", [](GradCtx& g) {
  g.to(0, g.dy() * (of("BesselJ0", g.in(0)) - over_x(g.out(), g.in(0), 0.5)));
});
OF_ONE("BesselY0", bessel_y0, "The Bessel function Y0.", [](GradCtx& g) { g.to(0, -(g.dy() * of("BesselY1", g.in(0)))); });
OF_ONE("BesselY1", bessel_y1, "The Bessel function Y1.", [](GradCtx& g) {
  g.to(0, g.dy() * (of("BesselY0", g.in(0)) - g.out() / g.in(0)));
});

// ---- integrals ----

OF_ONE("Dawsn", dawsn, "e^-x^2 times the integral of e^t^2 from 0 to x.", [](GradCtx& g) {
  g.to(0, g.dy() * (one(g.dy()) - number_like(g.dy(), 2) * g.in(0) * g.out()));
});
OF_ONE("Expint", expint, "The exponential integral Ei.", [](GradCtx& g) { g.to(0, g.dy() * exp(g.in(0)) / g.in(0)); });
OF_ONE("Spence", spence, "The dilogarithm of 1 - x.", [](GradCtx& g) {
  const Tensor at_one = op("Equal", {g.in(0), op("OnesLike", {g.in(0)})}), ones = op("OnesLike", {g.in(0)});
  const Tensor gap = op("SelectV2", {at_one, ones, one(g.in(0)) - g.in(0)});
  g.to(0, g.dy() * op("SelectV2", {at_one, -ones, op("Log", {g.in(0)}) / gap}));
});

// ---- their public names ----

constexpr const char* x_only = "(x: T, name: str = None)";
const OpFunction functions[] = {
    {"Erfinv", {"tf.math.erfinv"}, x_only, "The inverse of erf."},
    {"Ndtri", {"tf.math.ndtri"}, x_only, "The x below which a normal number lies with the given probability."},
    {"Digamma", {"tf.math.digamma"}, x_only, "The derivative of lgamma."},
    {"Polygamma", {"tf.math.polygamma"}, "(a: T, x: T, name: str = None)", "The derivative of order a of digamma."},
    {"Zeta", {"tf.math.zeta"}, "(x: T, q: T, name: str = None)", "Hurwitz' zeta function: sum of (q + n)^-x."},
    {"Igamma", {"tf.math.igamma"}, "(a: T, x: T, name: str = None)", "The lower regularised incomplete gamma function P(a, x)."},
    {"Igammac", {"tf.math.igammac"}, "(a: T, x: T, name: str = None)", "The upper regularised incomplete gamma function Q(a, x)."},
    {"Betainc", {"tf.math.betainc"}, "(a: T, b: T, x: T, name: str = None)", "The regularised incomplete beta function I_x(a, b)."},
    {"BesselI0", {"tf.math.bessel_i0", "tf.math.special.bessel_i0"}, x_only, "The modified Bessel function I0."},
    {"BesselI0e", {"tf.math.bessel_i0e", "tf.math.special.bessel_i0e"}, x_only, "e^-|x| I0(x)."},
    {"BesselI1", {"tf.math.bessel_i1", "tf.math.special.bessel_i1"}, x_only, "The modified Bessel function I1."},
    {"BesselI1e", {"tf.math.bessel_i1e", "tf.math.special.bessel_i1e"}, x_only, "e^-|x| I1(x)."},
    {"BesselK0", {"tf.math.special.bessel_k0"}, x_only, "The modified Bessel function K0."},
    {"BesselK0e", {"tf.math.special.bessel_k0e"}, x_only, "e^x K0(x)."},
    {"BesselK1", {"tf.math.special.bessel_k1"}, x_only, "The modified Bessel function K1."},
    {"BesselK1e", {"tf.math.special.bessel_k1e"}, x_only, "e^x K1(x)."},
    {"BesselJ0", {"tf.math.special.bessel_j0"}, x_only, "The Bessel function J0."},
    {"BesselJ1", {"tf.math.special.bessel_j1"}, x_only, "The Bessel function J1."},
    {"BesselY0", {"tf.math.special.bessel_y0"}, x_only, "The Bessel function Y0."},
    {"BesselY1", {"tf.math.special.bessel_y1"}, x_only, "The Bessel function Y1."},
    {"Dawsn", {"tf.math.special.dawsn"}, x_only, "e^-x^2 times the integral of e^t^2 from 0 to x."},
    {"Expint", {"tf.math.special.expint"}, x_only, "The exponential integral Ei."},
    {"Spence", {"tf.math.special.spence"}, x_only, "The dilogarithm of 1 - x."},
};
const Function erfcinv = {
    .names = {"tf.math.erfcinv"}, .signature = x_only, .doc = "The inverse of erfc.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "x");
      return op("Ndtri", {x * number_like(x, 0.5)}) * number_like(x, -0.70710678118654752);
    },
};
NINEFOLD_REGISTER(erfcinv);

}  // namespace
}  // namespace ninefold::ops
