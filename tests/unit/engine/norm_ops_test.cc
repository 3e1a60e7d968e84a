// In: rows of normalisations. Out: TensorFlow's values, derivatives against finite differences, errors.
#include <cmath>

#include "named_rows.h"
#include "ninefold/grad.h"

namespace ninefold {
namespace {

using namespace testing;

Tensor image(const Shape& s) {
  std::vector<float> v;
  for (int64_t i = 0; i < s.size(); ++i) v.push_back(static_cast<float>(i % 7 - 3));
  return Tensor::of<float>(s, v);
}
Tensor gradient(const Shape& s) {
  std::vector<float> v;
  for (int64_t i = 0; i < s.size(); ++i) v.push_back(static_cast<float>(5 * i % 11 - 5));
  return Tensor::of<float>(s, v);
}
void near(const Tensor& t, const std::vector<double>& want, double tolerance = 2e-6) {
  const std::vector<double> got = values(t);
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], want[i], tolerance * (1 + std::abs(want[i]))) << i;
}

struct NormRow {
  std::vector<NamedAttr> attrs;
  std::vector<double> y, mean, variance, dx, dscale;   // the first four elements of y and dx
};
TEST(BatchNorm, ValuesAndGradients) {
  const Tensor scale = f32({2}, {1, 2}), offset = f32({2}, {.5, -1}), mean = f32({2}, {3, 4}), variance = f32({2}, {1, 2});
  const std::vector<NormRow> rows = {
      {{{"is_training", true}}, {-0.7394526, -2.76361036, 0.204892218, -0.748055696}, {-0.375, -0.25}, {5.125, 4.5},
       {-2.0155654, 1.28758061, 2.03835654, -0.327908278}, {11.9813757, 4.78694248}},
      {{{"is_training", true}, {"exponential_avg_factor", 0.1f}}, {-0.7394526, -2.76361036, 0.204892218, -0.748055696}, {2.6624999, 3.57499981},
       {1.41250002, 2.25}, {-2.0155654, 1.28758061, 2.03835654, -0.327908278}, {11.9813757, 4.78694248}},
      {{{"is_training", false}}, {-5.4970026, -9.48316097, -3.49800158, -6.65544081}, {3, 4}, {1, 2},
       {-4.99750185, 0, 4.99750185, -1.4138602}, {-4.99750185, 24.7425537}},
  };
  const Shape shape = {2, 2, 2, 2};
  for (const NormRow& r : rows)
    for (bool first : {false, true}) {
      // Channels first: the same image, turned.
      auto turn = [&](const Tensor& t, bool back) {
        return first ? op("Transpose", {t, back ? i32({4}, {0, 2, 3, 1}) : i32({4}, {0, 3, 1, 2})}) : t;
      };
      std::vector<NamedAttr> attrs = r.attrs;
      attrs.push_back({"epsilon", 0.001f});
      attrs.push_back({"data_format", first ? "NCHW" : "NHWC"});
      const Tensor in[] = {turn(image(shape), false), scale, offset, mean, variance};
      GradientTape tape;
      for (const Tensor& t : in) tape.watch(t);
      const Tensors out = op_all("FusedBatchNormV3", in, attrs);
      const Tensors d = tape.gradient({out[0]}, {in[0], in[1], in[2]}, {turn(gradient(shape), false)});
      std::vector<double> y = values(turn(out[0], true)), dx = values(turn(d[0], true));
      y.resize(4), dx.resize(4);
      near(f64({4}, y), r.y);
      near(out[1], r.mean);
      near(out[2], r.variance);
      near(f64({4}, dx), r.dx);
      near(d[1], r.dscale);
      near(d[2], {9, -6});
    }
}

// Of a scalar made of the first derivatives, against finite differences (in float: wide steps).
TEST(BatchNorm, SecondDerivatives) {
  for (bool training : {true, false}) {
    SCOPED_TRACE(training);
    const Tensor dy = op("Mul", {gradient({3, 2, 2, 2}), Tensor(0.2f)}), mean = f32({2}, {.5, -.5}), variance = f32({2}, {2, 3});
    auto first = [&](const Tensor& x, const Tensor& scale, const Tensor& g) {
      GradientTape tape;
      const Tensor offset = f32({2}, {.5, -1});
      for (const Tensor& t : {x, scale, offset}) tape.watch(t);
      const Tensor y = op_all("FusedBatchNormV3", Tensors{x, scale, offset, mean, variance},
                              std::initializer_list<NamedAttr>{{"is_training", training}, {"epsilon", 0.01f}}).at(0);
      const Tensors d = tape.gradient({y}, {x, scale, offset}, {g});
      const Tensor all = i32({4}, {0, 1, 2, 3}), one = i32({1}, {0});
      return op("Sum", {d[0] * d[0], all}) + op("Sum", {d[1] * d[1], one}) * Tensor(0.1f) + op("Sum", {d[2] * d[2], one}) * Tensor(0.1f);
    };
    Tensors in = {op("Mul", {image({3, 2, 2, 2}), Tensor(0.5f)}), f32({2}, {1, 2}), dy};
    GradientTape tape;
    for (const Tensor& t : in) tape.watch(t);
    const Tensors d = tape.gradient({first(in[0], in[1], in[2])}, in);
    for (size_t which = 0; which < 3; ++which)
      for (int64_t i = 0; i < in[which].size(); i += 3) {
        double side[2];
        for (int up = 0; up < 2; ++up) {
          std::vector<float> moved(in[which].as<float>(), in[which].as<float>() + in[which].size());
          moved[static_cast<size_t>(i)] += up ? 0.01f : -0.01f;
          Tensors at = in;
          at[which] = Tensor::of<float>(in[which].shape(), moved);
          side[up] = static_cast<double>(first(at[0], at[1], at[2]).item<float>());
        }
        const double want = (side[1] - side[0]) / 0.02;
        EXPECT_NEAR(d[which].float_at(i), want, 0.02 * (1 + std::abs(want))) << "input " << which << ", element " << i;
      }
  }
}

TEST(BatchNorm, HalvesAndNothing) {
  const Tensor one = f32({2}, {1, 1}), zero = f32({2}, {0, 0});
  const Tensor half = op("Cast", {image({2, 1, 2, 2})}, {{"DstT", DType::f16}});
  const Tensors y = op_all("FusedBatchNormV3", Tensors{half, one, zero, zero, one}, std::initializer_list<NamedAttr>{{"is_training", false}});
  EXPECT_EQ(y[0].dtype(), DType::f16);
  near(y[0], {-3, -2, -1, 0, 1, 2, 3, -3}, 1e-3);
  const Tensors none = op_all("FusedBatchNormV3", Tensors{Tensor::zeros(DType::f32, {0, 2, 2, 2}), one, zero, zero, one});
  EXPECT_TRUE(std::isnan(none[1].float_at(0)));
  EXPECT_TRUE(none[0].shape() == (Shape{0, 2, 2, 2}));
}

TEST(BatchNorm, Errors) {
  const Tensor x = Tensor::zeros(DType::f32, {2, 2, 2, 2}), v = f32({2}, {1, 2}), one = f32({1}, {1}), m = f32({1, 2}, {1, 2});
  const auto bad = Code::invalid_argument;
  check_errors({
      {"FusedBatchNormV3", {Tensor::zeros(DType::f32, {2, 2, 2}), v, v, v, v}, {}, bad, "input must be 4-dimensional[2,2,2] [Op:FusedBatchNormV3]"},
      {"FusedBatchNormV3", {Tensor::zeros(DType::f32, {2, 2, 2, 3}), v, v, v, v}, {}, bad,
       "scale must have the same number of elements as the channels of x, got 2 and 3 [Op:FusedBatchNormV3]"},
      {"FusedBatchNormV3", {x, m, v, v, v}, {}, bad, "scale must be 1-dimensional[1,2] [Op:FusedBatchNormV3]"},
      {"FusedBatchNormV3", {x, v, v, one, v}, {{"is_training", false}}, bad,
       "When is_training=false, mean must have the same number of elements as the channels of x, got 1 and 2 [Op:FusedBatchNormV3]"},
      {"LRN", {Tensor::zeros(DType::f32, {2, 2})}, {}, bad, "in must be 4-dimensional [Op:LRN]"},
  });
}

TEST(Normalise, Values) {
  const Tensor eight = f32({1, 1, 2, 4}, {0, 1, 2, 3, 4, 5, 6, 7}), ones = f32({1, 1, 2, 4}, {1, 1, 1, 1, 1, 1, 1, 1});
  const NamedAttr radius("depth_radius", 2);
  const std::vector<ValueRow> rows = {
      {"LRN", {eight}, {radius}, {1, 1, 2, 4}, {0, 0.2581989, 0.5163978, 0.7745967, 0.4529108, 0.44367826, 0.53241396, 0.6644106}, 1e-6},
      {"LRN", {eight}, {{"depth_radius", 1}, {"bias", 2.0}, {"alpha", 0.5}, {"beta", 0.75}}, {1, 1, 2, 4},
       {0, 0.32366118, 0.38490018, 0.6026388, 0.38718912, 0.31144306, 0.28923115, 0.40628248}, 1e-6},
      {"LRNGrad", {ones, eight, op("LRN", {eight}, {radius})}, {radius}, {1, 1, 2, 4},
       {0.4082483, 0.15491934, 0.05163977, -0.0516398, 0.05925845, -0.00865433, -0.02813233, -0.00078433}, 1e-6},
  };
  check_values(rows);
  const ValueList x = {ValueList{1., 2.}, ValueList{3., 5.}}, zero = {0};
  const Tensor t = f32({2, 2}, {1, 2, 3, 5});
  check_named_calls({
      {"tf.nn.moments", {{"x", t}, {"axes", zero}}, {2, 3.5}},
      {"tf.nn.weighted_moments", {{"x", t}, {"axes", zero}, {"frequency_weights", f32({2, 1}, {1, 3})}}, {2.5, 4.25}},
      {"tf.nn.sufficient_statistics", {{"x", t}, {"axes", zero}}, {2}},
      {"tf.nn.normalize_moments", {{"counts", 2.}, {"mean_ss", ValueList{4., 7.}}, {"variance_ss", ValueList{10., 29.}}, {"shift", Value()}}, {2, 3.5}},
      {"tf.nn.batch_normalization",
       {{"x", x}, {"mean", f32({2}, {1, 2})}, {"variance", f32({2}, {4, 9})}, {"offset", f32({2}, {.5, .5})}, {"scale", f32({2}, {2, 3})},
        {"variance_epsilon", 1e-3}}, {0.5, 0.5, 2.49975, 3.49983335}, 1e-6},
      {"tf.nn.batch_normalization",
       {{"x", x}, {"mean", f32({2}, {1, 2})}, {"variance", f32({2}, {4, 9})}, {"offset", Value()}, {"scale", Value()}, {"variance_epsilon", 0.}},
       {0, 0, 1, 1}, 1e-6},
      {"tf.nn.l2_normalize", {{"x", f32({2, 2}, {3, 4, 0, 0})}, {"axis", 1}}, {.6, .8, 0, 0}, 1e-7},
      {"tf.math.l2_normalize", {{"x", f32({2}, {3, 4})}}, {.6, .8}, 1e-7},
      {"tf.nn.lrn", {{"input", eight}, {"depth_radius", 2}}, {0, 0.2581989, 0.5163978, 0.7745967, 0.4529108, 0.44367826, 0.53241396, 0.6644106}, 1e-6},
  });
}

}  // namespace
}  // namespace ninefold
