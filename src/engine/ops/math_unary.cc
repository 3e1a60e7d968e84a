// In: one number an element. Out: its absolute value, roots, exponentials, circular and hyperbolic functions.
#include "engine/ops/elementwise.h"

namespace ninefold::ops {
namespace {

const std::vector<std::string> x = {"x: T"}, y_dy = {"y: T", "dy: T"};

Tensor reciprocal(const Tensor& t) { return op("Reciprocal", {t}); }
Tensor square_of(const Tensor& t) { return op("Square", {t}); }

const Elementwise neg("Neg", x, [](GradCtx& g) { g.to(0, g.flow().map([](const Tensor& dy) { return -dy; })); }, {});
const Elementwise abs("Abs", x, [](GradCtx& g) { g.to(0, g.dy() * op("Sign", {g.in(0)})); }, {"x"});
const Elementwise sign("Sign", x, [](GradCtx& g) { g.to(0, op("ZerosLike", {g.dy()})); }, {});
const Elementwise conjugate("Conj", {"input: T"}, [](GradCtx& g) { g.to(0, conj(g.dy())); }, {});
const Elementwise square("Square", x, [](GradCtx& g) {
  const Tensor d = g.dy() * conj(g.in(0));
  g.to(0, d + d);
}, {"x"});
const Elementwise sqrt("Sqrt", x, [](GradCtx& g) { g.to(0, op("SqrtGrad", {g.out(), g.dy()})); }, {"y"});
const Elementwise sqrt_grad("SqrtGrad", y_dy, [](GradCtx& g) {
  const Tensor a = g.dy() / g.in(0);
  if (g.needs(0)) g.to(0, -(conj(a) * g.out()));
  if (g.needs(1)) g.to(1, a / number_like(a, 2));
}, {"y", "z"});
const Elementwise rsqrt("Rsqrt", x, [](GradCtx& g) { g.to(0, op("RsqrtGrad", {g.out(), g.dy()})); }, {"y"});
const Elementwise rsqrt_grad("RsqrtGrad", y_dy, [](GradCtx& g) {
  const Tensor y = conj(g.in(0));
  if (g.needs(0)) g.to(0, number_like(y, -1.5) * conj(g.dy()) * g.in(1) * square_of(y));
  if (g.needs(1)) g.to(1, op("RsqrtGrad", {y, g.dy()}));
}, {"y", "dy"});
const Elementwise exp("Exp", x, [](GradCtx& g) { g.to(0, g.dy() * conj(g.out())); }, {"y"});
const Elementwise log("Log", x, [](GradCtx& g) { g.to(0, g.dy() / conj(g.in(0))); }, {"x"});
const Elementwise log1p("Log1p", x, [](GradCtx& g) { g.to(0, g.dy() / (number_like(g.in(0), 1) + conj(g.in(0)))); }, {"x"});
const Elementwise sin("Sin", x, [](GradCtx& g) { g.to(0, g.dy() * op("Cos", {conj(g.in(0))})); }, {"x"});
const Elementwise cos("Cos", x, [](GradCtx& g) { g.to(0, -(g.dy() * op("Sin", {conj(g.in(0))}))); }, {"x"});
const Elementwise floor("Floor", x);
const Elementwise ceil("Ceil", x);
const Elementwise round("Round", x);
const Elementwise rint("Rint", x);
const Elementwise is_nan("IsNan", x);
const Elementwise is_inf("IsInf", x);
const Elementwise is_finite("IsFinite", x);

void reciprocal_gradient(GradCtx& g) { g.to(0, op("ReciprocalGrad", {g.out(), g.dy()})); }
const Elementwise reciprocal_op("Reciprocal", x, reciprocal_gradient);
const Elementwise inverse("Inv", x, reciprocal_gradient);
void reciprocal_grad_gradient(GradCtx& g) {
  const Tensor y = conj(g.in(0));
  if (g.needs(0)) g.to(0, conj(g.dy()) * number_like(y, -2) * g.in(1) * y);
  if (g.needs(1)) g.to(1, op("ReciprocalGrad", {y, g.dy()}));
}
const Elementwise reciprocal_grad("ReciprocalGrad", y_dy, reciprocal_grad_gradient);
const Elementwise inverse_grad("InvGrad", y_dy, reciprocal_grad_gradient);
const Elementwise expm1("Expm1", x, [](GradCtx& g) { g.to(0, g.dy() * op("Exp", {conj(g.in(0))})); }, {"x"});

const Elementwise tan("Tan", x, [](GradCtx& g) { g.to(0, g.dy() * square_of(reciprocal(op("Cos", {conj(g.in(0))})))); }, {"x"});
Tensor sqrt_1_minus_square(const Tensor& t) { return op("Sqrt", {number_like(t, 1) - square_of(t)}); }
const Elementwise asin("Asin", x, [](GradCtx& g) { g.to(0, g.dy() * reciprocal(sqrt_1_minus_square(conj(g.in(0))))); }, {"x"});
const Elementwise acos("Acos", x, [](GradCtx& g) { g.to(0, -(g.dy() * reciprocal(sqrt_1_minus_square(conj(g.in(0)))))); }, {"x"});
const Elementwise atan("Atan", x, [](GradCtx& g) {
  const Tensor t = conj(g.in(0));
  g.to(0, g.dy() * reciprocal(number_like(t, 1) + square_of(t)));
}, {"x"});
const Elementwise sinh("Sinh", x, [](GradCtx& g) { g.to(0, g.dy() * op("Cosh", {conj(g.in(0))})); }, {"x"});
const Elementwise cosh("Cosh", x, [](GradCtx& g) { g.to(0, g.dy() * op("Sinh", {conj(g.in(0))})); }, {"x"});
const Elementwise asinh("Asinh", x, [](GradCtx& g) { g.to(0, g.dy() / op("Cosh", {conj(g.out())})); }, {"y"});
const Elementwise acosh("Acosh", x, [](GradCtx& g) { g.to(0, g.dy() / op("Sinh", {conj(g.out())})); }, {"y"});
const Elementwise atanh("Atanh", x, [](GradCtx& g) {
  const Tensor t = conj(g.in(0));
  g.to(0, g.dy() * reciprocal(number_like(t, 1) - square_of(t)));
}, {"x"});

// ---- error functions ----

constexpr double two_over_sqrt_pi = 1.1283791670955126;
const Elementwise erf("Erf", x, [](GradCtx& g) {
  g.to(0, g.dy() * (number_like(g.in(0), two_over_sqrt_pi) * op("Exp", {-square_of(g.in(0))})));
}, {"x"});
const Elementwise erfc("Erfc", x, [](GradCtx& g) {
  g.to(0, g.dy() * (number_like(g.in(0), -two_over_sqrt_pi) * op("Exp", {-square_of(g.in(0))})));
}, {"x"});
const Elementwise lgamma("Lgamma", x, [](GradCtx& g) { g.to(0, g.dy() * op("Digamma", {g.in(0)})); }, {"x"});

}  // namespace
}  // namespace ninefold::ops
