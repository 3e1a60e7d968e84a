// In: a small network as a trace whose batch size is unknown. Out: the same loss and gradients as eagerly, for two
// batch sizes; an optimizer step inside the trace.
#include <gtest/gtest.h>

#include "ninefold/function.h"
#include "ninefold/grad.h"
#include "op_rows.h"

namespace ninefold {
namespace {

using namespace testing;
using L = std::vector<int64_t>;

Tensor ramp(const Shape& s, int64_t m) {
  std::vector<float> v;
  for (int64_t i = 0; i < s.size(); ++i) v.push_back(static_cast<float>(5 * i % m - m / 2) / 8);
  return Tensor::of<float>(s, v);
}

// x [batch, 4, 4, 2], labels [batch], then the weights. Returns the loss and what flows back to the weights.
Tensors network(const Tensors& a) {
  GradientTape tape;
  const Tensors weights(a.begin() + 2, a.end());
  for (const Tensor& w : weights) tape.watch(w);
  const NamedAttr window[] = {{"ksize", L{1, 2, 2, 1}}, {"strides", L{1, 2, 2, 1}}, {"padding", "VALID"}};
  Tensor y = op("Conv2D", {a[0], weights[0]}, {{"strides", L{1, 1, 1, 1}}, {"padding", "SAME"}});
  y = op("BiasAdd", {y, weights[1]});
  const Tensor zero = f32({3}, {0, 0, 0}), one = f32({3}, {1, 1, 1});
  y = op_all("FusedBatchNormV3", Tensors{y, weights[2], weights[3], zero, one}).at(0);
  y = op("Elu", {op_all("MaxPool", {&y, 1}, window).at(0)});
  y = op("DepthwiseConv2dNative", {y, weights[4]}, {{"strides", L{1, 1, 1, 1}}, {"padding", "SAME"}});
  const Tensor means = op_all("AvgPool", {&y, 1}, window).at(0);
  const Tensor logits = op("MatMul", {op("Reshape", {means, i32({2}, {-1, 3})}), weights[5]});
  const Value loss = call("tf.nn.sparse_softmax_cross_entropy_with_logits", {{"labels", a[1]}, {"logits", logits}});
  const Tensor mean = op("Mean", {*loss.get<Tensor>(), i32({1}, {0})});
  Tensors out = tape.gradient({mean}, weights);
  out.insert(out.begin(), mean);
  return out;
}

TEST(NeuralNetTraced, AnUnknownBatchGivesTheEagerGradients) {
  const Tensors weights = {ramp({3, 3, 2, 3}, 7), ramp({3}, 5), f32({3}, {1, 2, .5}), ramp({3}, 3), ramp({2, 2, 3, 1}, 11), ramp({3, 4}, 13)};
  std::vector<TensorSpec> specs = {{{-1, 4, 4, 2}, DType::f32, "x"}, {{-1}, DType::i32, "labels"}};
  for (const Tensor& w : weights) specs.push_back({w.shape(), w.dtype(), "w"});
  const FunctionRef f = trace("network", specs, network);
  for (int64_t batch : {2, 3, 2}) {
    Tensors in = {ramp({batch, 4, 4, 2}, 17), i32({batch}, std::vector<int32_t>(static_cast<size_t>(batch), 1))};
    in.insert(in.end(), weights.begin(), weights.end());
    const Tensors want = network(in), got = f->call(in);
    ASSERT_EQ(got.size(), want.size());
    for (size_t i = 0; i < want.size(); ++i) {
      ASSERT_TRUE(got[i].shape() == want[i].shape());
      const std::vector<double> a = values(got[i]), b = values(want[i]);
      for (size_t j = 0; j < a.size(); ++j) EXPECT_NEAR(a[j], b[j], 1e-6) << "output " << i << ", element " << j;
    }
  }
}

TEST(NeuralNetTraced, AnOptimizerStepsVariables) {
  const Variable v(f32({2}, {1, 2})), m(f32({2}, {0, 0}));
  const FunctionRef step = trace("step", std::vector<TensorSpec>{{{2}, DType::f32, "g"}}, [&](const Tensors& a) {
    op_all("ResourceApplyKerasMomentum", Tensors{v.handle(), m.handle(), Tensor(0.5f), a[0], Tensor(0.5f)});
    return Tensors{v.read()};
  });
  const Tensor g = f32({2}, {1, -1});
  EXPECT_EQ(values(step->call({&g, 1})[0]), (std::vector<double>{0.5, 2.5}));
  EXPECT_EQ(values(step->call({&g, 1})[0]), (std::vector<double>{-0.25, 3.25}));
  EXPECT_EQ(values(m.value()), (std::vector<double>{-0.75, 0.75}));
}

}  // namespace
}  // namespace ninefold
