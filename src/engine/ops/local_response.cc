// In: NHWC images. Out: each pixel's channel divided by a power of its neighbours' squares (Krizhevsky et al. 2012).
//   y = x / (bias + alpha sum of x^2 over channels within depth_radius) ^ beta
#include <cmath>

#include "base/threads.h"
#include "engine/device/image_rules.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/nn_rows.h"

namespace ninefold::ops {
namespace {

const std::vector<std::string> kAttrs = {"T: {half, bfloat16, float} = float", "depth_radius: int = 5", "bias: float = 1.0",
                                         "alpha: float = 1.0", "beta: float = 0.5"};
const Op lrn = {
    .name = "LRN", .inputs = {"input: T"}, .outputs = {"output: T"}, .attrs = kAttrs,
    .doc = "input / (bias + alpha sum(input^2 over 2 depth_radius + 1 channels)) ^ beta.",
    .shape = [](ShapeCtx& c) {
      c.check(!c.shape(0).known_rank() || c.shape(0).rank() == 4, "in must be 4-dimensional");
      c.same_as_input();
    },
    .grad = [](GradCtx& g) {
      g.to(0, op("LRNGrad", {g.dy(), g.in(0), g.out()}, {{"depth_radius", g.integer("depth_radius")}, {"bias", g.number("bias")},
                                                        {"alpha", g.number("alpha")}, {"beta", g.number("beta")}}));
    },
};
NINEFOLD_REGISTER(lrn);
const Op lrn_grad = {
    .name = "LRNGrad", .inputs = {"input_grads: T", "input_image: T", "output_image: T"}, .outputs = {"output: T"}, .attrs = kAttrs,
    .doc = "What flows back through LRN.",
    .shape = [](ShapeCtx& c) {
      for (int i = 0; i < 3; ++i) c.check(!c.shape(i).known_rank() || c.shape(i).rank() == 4, "inputs must be 4-dimensional");
      c.check(c.shape(0).compatible(c.shape(1)) && c.shape(1).compatible(c.shape(2)), "inputs must have the same shape, got {}, {} and {}",
              c.shape(0).str(), c.shape(1).str(), c.shape(2).str());
      c.output(c.shape(1));
    },
};
NINEFOLD_REGISTER(lrn_grad);

images::Response response_of(const KernelCtx& k) {
  return {k.integer("depth_radius"), static_cast<float>(k.number("bias")), static_cast<float>(k.number("alpha")), static_cast<float>(k.number("beta"))};
}
float norm_at(const images::Response& r, const float* x, int64_t channel, int64_t channels) {
  return images::norm_of(r, [&](int64_t i) { return x[i]; }, channel, channels);
}
void lrn_cpu(KernelCtx& k) {
  const nn::Rows m = nn::rows_of(k.shape(0));
  const images::Response c = response_of(k);
  const int64_t n = k.shape(0).size();
  if (n == 0) return;
  const nn::Widened x(k.dtype(0), k.in<void>(0), n), y(k.dtype(0), k.out<void>(0), n, true);
  auto* in = static_cast<const float*>(x.data());
  auto* out = static_cast<float*>(y.data());
  parallel_for(m.rows, nn::row_grain(m.columns * 8), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r)
      for (int64_t i = 0; i < m.columns; ++i)
        out[r * m.columns + i] = in[r * m.columns + i] * std::pow(norm_at(c, in + r * m.columns, i, m.columns), -c.beta);
  });
}
NINEFOLD_KERNEL(lrn, "CPU", Kernel{lrn_cpu});

void lrn_grad_cpu(KernelCtx& k) {
  const nn::Rows m = nn::rows_of(k.shape(1));
  const images::Response c = response_of(k);
  const int64_t n = k.shape(1).size();
  if (n == 0) return;
  const DType d = k.dtype(0);
  const nn::Widened dy(d, k.in<void>(0), n), x(d, k.in<void>(1), n), y(d, k.in<void>(2), n), dx(d, k.out<void>(0), n, true);
  parallel_for(m.rows, nn::row_grain(m.columns * 8), [&](int64_t begin, int64_t end) {
    std::vector<float> norms(static_cast<size_t>(m.columns));
    for (int64_t r = begin; r < end; ++r) {
      const int64_t skip = r * m.columns;
      auto *g = static_cast<const float*>(dy.data()) + skip, *in = static_cast<const float*>(x.data()) + skip;
      auto* out = static_cast<const float*>(y.data()) + skip;
      auto* to = static_cast<float*>(dx.data()) + skip;
      for (int64_t i = 0; i < m.columns; ++i) norms[static_cast<size_t>(i)] = norm_at(c, in, i, m.columns);
      for (int64_t i = 0; i < m.columns; ++i)
        to[i] = images::response_back(c, g[i], in[i], [&](int64_t j) { return g[j] * out[j]; },
                                      [&](int64_t j) { return norms[static_cast<size_t>(j)]; }, i, m.columns);
    }
  });
}
NINEFOLD_KERNEL(lrn_grad, "CPU", Kernel{lrn_grad_cpu});

const Function lrn_function = {
    .names = {"tf.nn.local_response_normalization", "tf.nn.lrn"},
    .signature = "(input: tensor, depth_radius: int = 5, bias: float = 1, alpha: float = 1, beta: float = 0.5, name: str = None)",
    .doc = "input / (bias + alpha sum(input^2 over 2 depth_radius + 1 channels)) ^ beta.",
    .body = [](Args& a) -> Value {
      return op("LRN", {a.tensor("input")}, {{"depth_radius", a.integer("depth_radius")}, {"bias", a.number("bias")},
                                            {"alpha", a.number("alpha")}, {"beta", a.number("beta")}});
    },
};
NINEFOLD_REGISTER(lrn_function);

}  // namespace
}  // namespace ninefold::ops
