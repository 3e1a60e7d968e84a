// In: features, or outputs and gradients. Out: the activations that need no parameters, and their gradients.
#include "engine/ops/elementwise.h"

namespace ninefold::ops {
namespace {

const std::vector<std::string> x = {"x: T"}, y_dy = {"y: T", "dy: T"};

const Elementwise tanh("Tanh", x, [](GradCtx& g) { g.to(0, op("TanhGrad", {conj(g.out()), g.dy()})); }, {"y"});
const Elementwise tanh_grad("TanhGrad", y_dy, [](GradCtx& g) {
  const Tensor y = conj(g.in(0)), w = g.dy() * conj(g.in(1));
  if (g.needs(0)) g.to(0, -((y + y) * w));
  if (g.needs(1)) g.to(1, op("TanhGrad", {y, g.dy()}));
}, {"y", "dy"});
const Elementwise sigmoid("Sigmoid", x, [](GradCtx& g) { g.to(0, op("SigmoidGrad", {conj(g.out()), g.dy()})); }, {"y"});
const Elementwise sigmoid_grad("SigmoidGrad", y_dy, [](GradCtx& g) {
  const Tensor y = conj(g.in(0)), w = g.dy() * conj(g.in(1));
  if (g.needs(0)) g.to(0, w - (y + y) * w);
  if (g.needs(1)) g.to(1, op("SigmoidGrad", {y, g.dy()}));
}, {"y", "dy"});
const std::vector<std::string> from_features = {"gradients: T", "features: T"};
const Elementwise relu("Relu", {"features: T"}, [](GradCtx& g) { g.to(0, op("ReluGrad", {g.dy(), g.out()})); }, {"activations"});
const Elementwise relu_grad("ReluGrad", from_features, [](GradCtx& g) {
  if (g.needs(0)) g.to(0, op("ReluGrad", {g.dy(), g.in(1)}));
  if (g.needs(1)) g.to(1, op("ZerosLike", {g.in(1)}));
}, {"features"});
const Elementwise softplus("Softplus", {"features: T"},
                           [](GradCtx& g) { g.to(0, op("SoftplusGrad", {g.dy(), g.in(0)})); }, {"features"});
const Elementwise softplus_grad("SoftplusGrad", from_features, [](GradCtx& g) {
  const Tensor s = op("Sigmoid", {g.in(1)});
  if (g.needs(0)) g.to(0, op("SoftplusGrad", {g.dy(), g.in(1)}));
  if (g.needs(1)) g.to(1, g.dy() * g.in(0) * op("SigmoidGrad", {s, op("OnesLike", {s})}));
}, {"gradients", "features"});

}  // namespace
}  // namespace ninefold::ops
