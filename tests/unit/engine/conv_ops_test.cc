// In: rows of convolutions and poolings. Out: TensorFlow's values and errors; gradients against the forward ops.
#include <cmath>

#include "named_rows.h"
#include "ninefold/grad.h"

namespace ninefold {
namespace {

using namespace testing;
using L = std::vector<int64_t>;

// 5 i mod m - m / 2: small whole numbers, so that every sum is exact.
Tensor ar(const Shape& s, int64_t m = 7) {
  std::vector<float> v;
  for (int64_t i = 0; i < s.size(); ++i) v.push_back(static_cast<float>(5 * i % m - m / 2));
  return Tensor::of<float>(s, v);
}
Tensor int_ar(const Shape& s, int64_t m = 7) { return op("Cast", {ar(s, m)}, {{"DstT", DType::i32}}); }
Tensor doubles(const Shape& s, int64_t m = 7) {
  std::vector<double> v;
  for (int64_t i = 0; i < s.size(); ++i) v.push_back(static_cast<double>(5 * i % m - m / 2) + 0.001 * static_cast<double>(i));
  return Tensor::of<double>(s, v);
}

TEST(Conv, Values) {
  const std::vector<ValueRow> rows = {
      {"Conv2D", {ar({1, 3, 3, 2}), ar({2, 2, 2, 2})}, {{"strides", L{1, 1, 1, 1}}, {"padding", "VALID"}},
       {1, 2, 2, 2}, {17, -15, 1, 12, 4, 10, -19, -5}},
      {"Conv2D", {ar({1, 3, 4, 1}), ar({3, 2, 1, 2}, 5)}, {{"strides", L{1, 2, 2, 1}}, {"padding", "SAME"}},
       {1, 2, 2, 2}, {-6, -6, 12, 12, -12, -12, 6, 6}},
      {"Conv2D", {ar({1, 4, 4, 1}), f32({2, 2, 1, 1}, {-2, -2, -2, -2})}, {{"strides", L{1, 1, 1, 1}},
       {"padding", "SAME"}, {"dilations", L{1, 2, 2, 1}}}, {1, 4, 4, 1}, {-2, -4, 4, 2, -4, 6, -6, 4, 0, 0,
       2, 8, 0, 0, -6, 4}},
      {"Conv2D", {ar({1, 3, 3, 1}), f32({2, 2, 1, 1}, {-2, -2, -2, -2})}, {{"strides", L{1, 1, 2, 1}},
       {"padding", "EXPLICIT"}, {"explicit_paddings", L{0, 0, 1, 0, 0, 2, 0, 0}}}, {1, 3, 2, 1}, {2, 0, 0,
       -2, 6, -6}},
      {"Conv2D", {ar({1, 2, 3, 3}), ar({2, 2, 2, 2})}, {{"strides", L{1, 1, 1, 1}}, {"padding", "VALID"},
       {"data_format", "NCHW"}}, {1, 2, 2, 2}, {17, 9, 7, -1, 0, -11, 9, 12}},
      {"Conv2D", {ar({1, 2, 2, 4}), ar({1, 2, 2, 2})}, {{"strides", L{1, 1, 1, 1}}, {"padding", "VALID"}},
       {1, 2, 1, 2}, {17, 12, -2, -19}},
      {"Conv2D", {int_ar({1, 3, 3, 2}), int_ar({2, 2, 2, 1})}, {{"strides", L{1, 1, 1, 1}}, {"padding",
       "SAME"}}, {1, 3, 3, 1}, {9, -7, -10, -4, -13, 10, -9, 17, -4}},
      {"Conv2DBackpropInput", {i32({4}, {1, 3, 4, 2}), ar({2, 2, 2, 1}), f32({1, 2, 2, 1}, {-3, 2, 0, -2})},
       {{"strides", L{1, 2, 2, 1}}, {"padding", "SAME"}}, {1, 3, 4, 2}, {9, -6, 0, 6, -6, 4, 0, -4, -9, -3,
       3, 9, 6, 2, -2, -6, 0, 0, 0, 0, 6, -4, 0, 4}},
      {"Conv2DBackpropFilter", {ar({1, 3, 4, 2}), i32({4}, {2, 2, 2, 1}), f32({1, 2, 2, 1}, {-3, 2, 0, -2})},
       {{"strides", L{1, 2, 2, 1}}, {"padding", "SAME"}}, {2, 2, 2, 1}, {17, 2, -6, 0, -4, -2, 0, -5}},
      {"DepthwiseConv2dNative", {ar({1, 3, 3, 2}), ar({2, 2, 2, 2})}, {{"strides", L{1, 1, 1, 1}},
       {"padding", "SAME"}}, {1, 3, 3, 4}, {9, -8, 8, -7, 11, 5, -10, 7, -13, 6, -6, 7, 8, 3, -4, 7, -18, 2,
       -1, -7, 6, -4, 4, -12, -12, -1, -2, -4, 9, -6, 2, 2, 0, 0, 0, 4}},
      {"DepthwiseConv2dNative", {ar({1, 3, 3, 2}), ar({2, 2, 2, 1})}, {{"strides", L{1, 2, 2, 1}},
       {"padding", "VALID"}}, {1, 1, 1, 2}, {4, 5}},
      {"DepthwiseConv2dNativeBackpropInput", {i32({4}, {1, 3, 3, 2}), ar({2, 2, 2, 1}), ar({1, 2, 2, 2})},
       {{"strides", L{1, 1, 1, 1}}, {"padding", "VALID"}}, {1, 3, 3, 2}, {9, 4, 0, -8, 0, 4, -18, 4, 6, -16,
       0, 12, 9, 1, -6, -6, 1, 9}},
      {"DepthwiseConv2dNativeBackpropFilter", {ar({1, 3, 3, 2}), i32({4}, {2, 2, 2, 1}), ar({1, 2, 2, 2})},
       {{"strides", L{1, 1, 1, 1}}, {"padding", "VALID"}}, {2, 2, 2, 1}, {4, 5, 8, -15, 9, -13, -15, 2}},
      {"MaxPool", {ar({1, 3, 4, 2}, 11)}, {{"ksize", L{1, 2, 2, 1}}, {"strides", L{1, 2, 2, 1}}, {"padding",
       "SAME"}}, {1, 2, 2, 2}, {5, 0, 4, 5, -2, 3, -4, 1}},
      {"MaxPool", {ar({1, 3, 4, 2}, 11)}, {{"ksize", L{1, 2, 2, 1}}, {"strides", L{1, 1, 1, 1}}, {"padding",
       "VALID"}}, {1, 2, 3, 2}, {5, 0, 5, 5, 4, 5, 2, 3, 1, 5, 0, 5}},
      {"MaxPool", {ar({1, 3, 4, 2}, 11)}, {{"ksize", L{1, 2, 2, 1}}, {"strides", L{1, 2, 2, 1}}, {"padding",
       "EXPLICIT"}, {"explicit_paddings", L{0, 0, 1, 0, 0, 1, 0, 0}}}, {1, 2, 2, 2}, {5, 0, 4, -2, 2, 3, 0,
       5}},
      {"MaxPool", {ar({1, 3, 4, 2}, 11)}, {{"ksize", L{1, 1, 1, 2}}, {"strides", L{1, 1, 1, 2}}, {"padding",
       "VALID"}}, {1, 3, 4, 1}, {0, 5, 4, 3, 2, 1, 5, 4, 3, 2, 1, 0}},
      {"MaxPool", {int_ar({1, 3, 4, 2}, 11)}, {{"ksize", L{1, 2, 2, 1}}, {"strides", L{1, 2, 2, 1}},
       {"padding", "VALID"}}, {1, 1, 2, 2}, {5, 0, 4, 5}},
      {"AvgPool", {ar({1, 3, 4, 2}, 11)}, {{"ksize", L{1, 2, 2, 1}}, {"strides", L{1, 2, 2, 1}}, {"padding",
       "SAME"}}, {1, 2, 2, 2}, {0.75, -2.5, 1.5, 1, -2.5, 2.5, -4.5, 0.5}, 1e-07},
      {"AvgPool", {ar({1, 2, 3, 4})}, {{"ksize", L{1, 1, 2, 2}}, {"strides", L{1, 1, 1, 1}}, {"padding",
       "VALID"}, {"data_format", "NCHW"}}, {1, 2, 2, 3}, {0.75, 0.5, -1.5, 1.5, -0.5, -0.75, -0.5, -0.75,
       0.75, -1.5, 0, 1.5}},
      {"AvgPoolGrad", {i32({4}, {1, 3, 3, 1}), f32({1, 2, 2, 1}, {-3, 2, 0, -2})}, {{"ksize", L{1, 2, 2, 1}},
       {"strides", L{1, 2, 2, 1}}, {"padding", "SAME"}}, {1, 3, 3, 1}, {-0.75, -0.75, 1, -0.75, -0.75, 1, 0,
       0, -2}, 1e-07},
      {"MaxPoolGrad", {ar({1, 3, 4, 2}, 11), f32({1, 2, 2, 2}, {5, 0, 4, 5, -2, 3, -4, 1}), ar({1, 2, 2,
       2})}, {{"ksize", L{1, 2, 2, 1}}, {"strides", L{1, 2, 2, 1}}, {"padding", "SAME"}}, {1, 3, 4, 2}, {0,
       2, -3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -2, 0, 0, 3, 1, 0, 0, -1, -3, 0, 0}},
      {"MaxPoolGradGrad", {ar({1, 3, 4, 2}, 11), f32({1, 2, 2, 2}, {5, 0, 4, 5, -2, 3, -4, 1}), ar({1, 3, 4,
       2})}, {{"ksize", L{1, 2, 2, 1}}, {"strides", L{1, 2, 2, 1}}, {"padding", "SAME"}}, {1, 2, 2, 2}, {0,
       2, 3, -1, 0, -2, -1, -3}},
      {"MaxPoolWithArgmax", {ar({1, 2, 4, 1}, 11)}, {{"ksize", L{1, 2, 2, 1}}, {"strides", L{1, 2, 2, 1}}, {"padding", "VALID"}}, {1, 1, 2, 1}, {4, 5}},
      {"Conv2D", {Tensor::zeros(DType::f32, {0, 4, 4, 3}), ar({2, 2, 3, 2})}, {{"strides", L{1, 1, 1, 1}}, {"padding", "SAME"}},
       {0, 4, 4, 2}, {}},
      {"MaxPool", {ar({1, 2, 2, 1})}, {{"ksize", L{1, 3, 3, 1}}, {"strides", L{1, 1, 1, 1}}, {"padding", "VALID"}}, {1, 0, 0, 1}, {}},
  };
  check_values(rows);
}

// <dy, conv(x, f)> = <x, to_image(dy, f)> = <f, to_filter(x, dy)>: all three from the forward op, over layouts,
// paddings, dilations, groups and dtypes.
struct Config {
  const char* op;
  Shape image, filter;
  std::vector<NamedAttr> attrs;
  DType dtype = DType::f64;
};
double dot(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (int64_t i = 0; i < a.size(); ++i) sum += a.float_at(i) * b.float_at(i);
  return sum;
}
TEST(Conv, TheThreeOpsAreOneTrilinearForm) {
  const std::vector<Config> rows = {
      {"Conv2D", {2, 5, 6, 3}, {3, 2, 3, 4}, {{"strides", L{1, 1, 1, 1}}, {"padding", "SAME"}}},
      {"Conv2D", {2, 5, 6, 3}, {3, 2, 3, 4}, {{"strides", L{1, 2, 3, 1}}, {"padding", "VALID"}}},
      {"Conv2D", {1, 7, 6, 2}, {2, 3, 2, 5}, {{"strides", L{1, 1, 1, 1}}, {"padding", "SAME"}, {"dilations", L{1, 2, 2, 1}}}},
      {"Conv2D", {1, 7, 6, 2}, {2, 3, 2, 5}, {{"strides", L{1, 2, 1, 1}}, {"padding", "EXPLICIT"}, {"explicit_paddings", L{0, 0, 1, 0, 2, 1, 0, 0}}}},
      {"Conv2D", {2, 4, 5, 6}, {2, 2, 2, 4}, {{"strides", L{1, 1, 1, 1}}, {"padding", "SAME"}, {"data_format", "NCHW"}}},
      {"Conv2D", {2, 5, 6, 4}, {2, 2, 2, 6}, {{"strides", L{1, 1, 1, 1}}, {"padding", "SAME"}}},
      {"Conv2D", {2, 3, 4, 3}, {1, 1, 3, 2}, {{"strides", L{1, 1, 1, 1}}, {"padding", "VALID"}}, DType::f32},
      {"Conv2D", {1, 3, 4, 3}, {2, 2, 3, 2}, {{"strides", L{1, 1, 1, 1}}, {"padding", "SAME"}}, DType::f16},
      {"DepthwiseConv2dNative", {2, 5, 6, 3}, {3, 2, 3, 1}, {{"strides", L{1, 1, 1, 1}}, {"padding", "SAME"}}},
      {"DepthwiseConv2dNative", {2, 5, 6, 3}, {3, 2, 3, 2}, {{"strides", L{1, 2, 2, 1}}, {"padding", "SAME"}}},
      {"DepthwiseConv2dNative", {1, 3, 7, 6}, {2, 2, 3, 2},
       {{"strides", L{1, 1, 1, 1}}, {"padding", "VALID"}, {"data_format", "NCHW"}, {"dilations", L{1, 1, 2, 2}}}},
      {"DepthwiseConv2dNative", {1, 4, 4, 2}, {2, 2, 2, 1}, {{"strides", L{1, 1, 1, 1}}, {"padding", "VALID"}}, DType::bf16},
      {"Conv3D", {2, 3, 4, 5, 2}, {2, 3, 2, 2, 3}, {{"strides", L{1, 1, 2, 1, 1}}, {"padding", "SAME"}}},
      {"Conv3D", {1, 2, 4, 5, 6}, {2, 1, 2, 2, 17}, {{"strides", L{1, 1, 1, 1, 1}}, {"padding", "VALID"}, {"data_format", "NCDHW"}, {"dilations", L{1, 1, 2, 1, 2}}}},
  };
  for (const Config& r : rows) {
    SCOPED_TRACE(r.op + r.image.str());
    const Tensor x = op("Cast", {ar(r.image)}, {{"DstT", r.dtype}}), f = op("Cast", {ar(r.filter, 11)}, {{"DstT", r.dtype}});
    GradientTape tape;
    tape.watch(x);
    tape.watch(f);
    const Tensor in[] = {x, f};
    const Tensor y = op_all(r.op, in, r.attrs).at(0);
    const Tensor dy = op("Cast", {ar(y.shape(), 3)}, {{"DstT", r.dtype}});
    const Tensors d = tape.gradient({y}, {x, f}, {dy});
    const double want = dot(y, dy), near = r.dtype == DType::bf16 ? 20 : r.dtype == DType::f16 ? 1 : 1e-6;
    EXPECT_NEAR(dot(d[0], x), want, near);
    EXPECT_NEAR(dot(d[1], f), want, near);
    EXPECT_TRUE(d[0].shape() == x.shape() && d[1].shape() == f.shape());
  }
}

// Of a scalar made of the first derivative: the gradients of the gradient ops.
TEST(Conv, SecondDerivatives) {
  for (const char* name : {"Conv2D", "DepthwiseConv2dNative"}) {
    SCOPED_TRACE(name);
    auto first = [&](const Tensor& x, const Tensor& f) {
      GradientTape tape;
      tape.watch(x);
      tape.watch(f);
      const Tensor in[] = {x, f};
      const Tensor y = op_all(name, in, std::initializer_list<NamedAttr>{{"strides", L{1, 1, 1, 1}}, {"padding", "SAME"}}).at(0);
      const Tensors d = tape.gradient({y * y}, {x, f});
      return op("Sum", {d[0] * d[0], i32({4}, {0, 1, 2, 3})}) + op("Sum", {d[1] * d[1], i32({4}, {0, 1, 2, 3})});
    };
    const Tensor x = doubles({1, 2, 3, 1}), f = doubles({2, 1, 1, 2}, 11);
    GradientTape tape;
    tape.watch(x);
    tape.watch(f);
    const Tensors d = tape.gradient({first(x, f)}, {x, f});
    for (int64_t i = 0; i < x.size(); ++i) {
      double side[2];
      for (int up = 0; up < 2; ++up) {
        std::vector<double> moved(x.as<double>(), x.as<double>() + x.size());
        moved[static_cast<size_t>(i)] += up ? 1e-5 : -1e-5;
        side[up] = first(Tensor::of<double>(x.shape(), moved), f).item<double>();
      }
      EXPECT_NEAR(d[0].float_at(i), (side[1] - side[0]) / 2e-5, 1e-3 * (1 + std::abs(d[0].float_at(i))));
    }
    for (int64_t i = 0; i < f.size(); ++i) {
      double side[2];
      for (int up = 0; up < 2; ++up) {
        std::vector<double> moved(f.as<double>(), f.as<double>() + f.size());
        moved[static_cast<size_t>(i)] += up ? 1e-5 : -1e-5;
        side[up] = first(x, Tensor::of<double>(f.shape(), moved)).item<double>();
      }
      EXPECT_NEAR(d[1].float_at(i), (side[1] - side[0]) / 2e-5, 1e-3 * (1 + std::abs(d[1].float_at(i))));
    }
  }
}

TEST(Pool, Gradients) {
  const Tensor x = doubles({1, 3, 4, 2}, 11), y = op("MaxPool", {x}, {{"ksize", L{1, 2, 2, 1}}, {"strides", L{1, 2, 2, 1}}, {"padding", "SAME"}});
  const std::vector<GradRow> rows = {
      {"MaxPool", {x}, 1, {{"ksize", L{1, 2, 2, 1}}, {"strides", L{1, 2, 2, 1}}, {"padding", "SAME"}}},
      {"MaxPool", {x}, 1, {{"ksize", L{1, 1, 2, 2}}, {"strides", L{1, 1, 1, 1}}, {"padding", "VALID"}, {"data_format", "NCHW"}}},
      {"MaxPool", {x}, 1, {{"ksize", L{1, 1, 1, 2}}, {"strides", L{1, 1, 1, 2}}, {"padding", "VALID"}}},
      {"AvgPool", {x}, 1, {{"ksize", L{1, 2, 2, 1}}, {"strides", L{1, 2, 2, 1}}, {"padding", "SAME"}}},
      {"AvgPool3D", {doubles({1, 2, 3, 2, 2}, 11)}, 1, {{"ksize", L{1, 2, 2, 1, 1}}, {"strides", L{1, 1, 2, 1, 1}}, {"padding", "SAME"}}},
      {"MaxPool3D", {doubles({1, 2, 3, 2, 2}, 11)}, 1, {{"ksize", L{1, 1, 2, 2, 1}}, {"strides", L{1, 1, 1, 1, 1}}, {"padding", "VALID"}}},
      {"AvgPool", {x}, 1, {{"ksize", L{1, 1, 2, 2}}, {"strides", L{1, 1, 1, 1}}, {"padding", "VALID"}, {"data_format", "NCHW"}}},
  };
  check_gradients(rows);
  // d2/d(grad): MaxPoolGrad and its transpose are one bilinear form.
  const NamedAttr attrs[] = {{"ksize", L{1, 2, 2, 1}}, {"strides", L{1, 2, 2, 1}}, {"padding", "SAME"}};
  const Tensor g = doubles(y.shape(), 5), w = doubles(x.shape(), 13);
  GradientTape tape;
  tape.watch(g);
  const Tensor in[] = {x, y, g}, other[] = {x, y, w};
  const Tensor back = op_all("MaxPoolGrad", in, attrs).at(0);
  EXPECT_EQ(values(tape.gradient({back}, {g}, {w})[0]), values(op_all("MaxPoolGradGrad", other, attrs).at(0)));
}

TEST(Conv, ErrorsAreTensorFlows) {
  auto zeros = [](const Shape& s) { return Tensor::zeros(DType::f32, s); };
  const Tensor x = zeros({1, 4, 4, 3}), f = zeros({2, 2, 3, 2});
  const NamedAttr one("strides", L{1, 1, 1, 1}), same("padding", "SAME"), two("ksize", L{1, 2, 2, 1});
  const auto bad = Code::invalid_argument;
  const std::vector<ErrorRow> rows = {
      {"Conv2D", {x, zeros({2, 2, 4, 5})}, {one, same}, bad, "input depth must be evenly divisible by filter depth: 3 vs 4 [Op:Conv2D]"},
      {"Conv2D", {x, zeros({2, 2, 3})}, {one, same}, bad, "filter must be 4-dimensional: [2,2,3] [Op:Conv2D]"},
      {"Conv2D", {zeros({4, 4, 3}), f}, {one, same}, bad, "input must be 4-dimensional: [4,4,3] [Op:Conv2D]"},
      {"Conv2D", {x, f}, {{"strides", L{1, 0, 1, 1}}, same}, bad, "Stride must be > 0, but got 0 [Op:Conv2D]"},
      {"Conv2D", {x, f}, {{"strides", L{2, 1, 1, 1}}, same}, Code::unimplemented,
       "Current implementation does not yet support strides in the batch and depth dimensions. [Op:Conv2D]"},
      {"Conv2D", {x, f}, {one, same, {"dilations", L{1, 0, 1, 1}}}, bad, "Dilated rates should be larger than 0. [Op:Conv2D]"},
      {"Conv2D", {zeros({1, 4, 4, 4}), zeros({2, 2, 2, 3})}, {one, same}, bad,
       "output depth must be evenly divisible by number of groups: 3 vs 2 [Op:Conv2D]"},
      {"Conv2D", {zeros({1, 4, 4, 0}), zeros({2, 2, 0, 2})}, {one, same}, bad,
       "filter must not have zero elements (i.e. all dimensions must be non-zero) [Op:Conv2D]"},
      {"Conv2D", {x, zeros({6, 2, 3, 2})}, {one, {"padding", "VALID"}}, bad,
       "Computed output size would be negative: -1 [input_size: 4, effective_filter_size: 6, stride: 1] [Op:Conv2D]"},
      {"Conv2DBackpropInput", {i32({4}, {1, 8, 8, 6}), zeros({3, 3, 5, 2}), zeros({1, 4, 4, 2})}, {{"strides", L{1, 2, 2, 1}}, same}, bad,
       "input depth must be evenly divisible by filter depth: 6 vs 5 [Op:Conv2DBackpropInput]"},
      {"DepthwiseConv2dNative", {x, zeros({2, 2, 4, 2})}, {one, same}, bad,
       "input depth must be evenly divisible by filter depth: 3 vs 4 [Op:DepthwiseConv2dNative]"},
      {"MaxPool", {zeros({4, 4})}, {one, same, two}, bad, "tensor_in_shape must have 2 spatial dimensions. 2 0 [Op:MaxPool]"},
      {"MaxPool", {x}, {one, same, {"ksize", L{1, 0, 1, 1}}}, bad, "Sliding window ksize for dimension 1 was zero. [Op:MaxPool]"},
      {"MaxPool", {x}, {{"strides", L{1, 0, 1, 1}}, same, two}, bad, "Stride must be > 0, but got 0 [Op:MaxPool]"},
      {"MaxPool", {x}, {one, same, {"ksize", L{2, 1, 1, 1}}}, Code::unimplemented, "Pooling is not yet supported on the batch dimension. [Op:MaxPool]"},
      {"MaxPool", {x}, {{"strides", L{1, 1, 1, 2}}, same, {"ksize", L{1, 1, 1, 2}}}, Code::unimplemented,
       "Depthwise max pooling requires the depth window to evenly divide the input depth [Op:MaxPool]"},
      {"MaxPool", {x}, {one, {"padding", "EXPLICIT"}, two, {"explicit_paddings", L{0, 0, 2, 1, 1, 1, 0, 0}}}, bad,
       "Top padding 2 needs to be smaller than the window size 2 [Op:MaxPool]"},
      {"MaxPoolGrad", {zeros({1, 4, 4, 1}), zeros({1, 2, 2, 1}), zeros({1, 2, 3, 1})}, {{"strides", L{1, 2, 2, 1}}, same, two}, bad,
       "Expected grad shape to be [1,2,2,1], but got [1,2,3,1] [Op:MaxPoolGrad]"},
      {"MaxPoolGrad", {zeros({1, 4, 4, 1}), zeros({1, 2, 1, 1}), zeros({1, 2, 2, 1})}, {{"strides", L{1, 2, 2, 1}}, same, two}, bad,
       "Expected orig_output shape to be [1,2,2,1], but got [1,2,1,1] [Op:MaxPoolGrad]"},
      {"AvgPool", {zeros({4, 4})}, {one, same, two}, bad, "Input must be 4 or 5-dimensional [Op:AvgPool]"},
  };
  check_errors(rows);
}

TEST(Conv, Functions) {
  const ValueList ones = {1, 1, 1, 1}, two_two = {2, 2};
  const std::vector<NamedCall> rows = {
      {"tf.nn.conv1d", {{"input", ar({1, 4, 2})}, {"filters", ar({2, 2, 1})}, {"stride", 2}, {"padding", "SAME"}}, {17, -1}},
      {"tf.nn.conv1d", {{"input", ar({2, 1, 4, 2})}, {"filters", ar({2, 2, 1})}, {"stride", 1}, {"padding", "VALID"}, {"dilations", 2}}, {11, 2, -4, 8}},
      {"tf.nn.convolution", {{"input", ar({1, 4, 4, 1})}, {"filters", ar({2, 2, 1, 1})}, {"padding", "SAME"}, {"dilations", 2}},
       {-2, 2, 6, 0, 4, 13, -16, 0, 4, -5, -13, 3, 0, -10, 6, 6}},
      {"tf.nn.conv2d", {{"input", ar({1, 1, 2, 2, 1})}, {"filters", ar({1, 2, 1, 1})}, {"strides", 1}, {"padding", "VALID"}}, {13, -4}},
      {"tf.nn.conv2d_transpose", {{"input", ar({1, 2, 2, 1})}, {"filters", ar({2, 2, 2, 1})}, {"output_shape", ValueList{1, 4, 4, 2}}, {"strides", 2}},
       {9, -6, 0, 6, -6, 4, 0, -4, -9, -3, 3, 9, 6, 2, -2, -6, 0, 0, 0, 0, 6, -4, 0, 4, 0, 0, 0, 0, -6, -2, 2, 6}},
      {"tf.nn.conv1d_transpose", {{"input", ar({1, 2, 1})}, {"filters", ar({2, 2, 1})}, {"output_shape", ValueList{1, 4, 2}}, {"strides", 2}},
       {9, -6, 0, 6, -6, 4, 0, -4}},
      {"tf.nn.separable_conv2d", {{"input", ar({1, 3, 3, 2})}, {"depthwise_filter", ar({2, 2, 2, 1})}, {"pointwise_filter", ar({1, 1, 2, 2})},
       {"strides", ones}, {"padding", "VALID"}}, {-12, -2, -24, 46, -27, 44, 45, -34}},
      {"tf.nn.depthwise_conv2d", {{"input", ar({1, 4, 4, 1})}, {"filter", ar({2, 2, 1, 1})}, {"strides", ones}, {"padding", "SAME"}, {"dilations", two_two}},
       {-2, 2, 6, 0, 4, 13, -16, 0, 4, -5, -13, 3, 0, -10, 6, 6}},
      {"tf.nn.conv3d", {{"input", ar({1, 2, 2, 3, 1})}, {"filters", ar({2, 1, 2, 1, 1})}, {"strides", ValueList{1, 1, 1, 1, 1}}, {"padding", "SAME"}},
       {19, -10, 0, 16, -13, -3, -3, 13, -6, -4, 12, -9}},
      {"tf.nn.max_pool3d", {{"input", ar({1, 2, 3, 2, 1})}, {"ksize", 2}, {"strides", 1}, {"padding", "SAME"}}, {2, 2, 3, 3, 3, 3, 2, 0, 3, 3, 3, 3}},
      {"tf.nn.avg_pool3d", {{"input", ar({1, 2, 3, 2, 1})}, {"ksize", 2}, {"strides", 1}, {"padding", "SAME"}},
       {-.625, -.75, .625, .5, 1.25, 2, -.5, -1.5, .75, 1.5, .5, 3}},
      {"tf.nn.max_pool", {{"input", ar({1, 5, 1})}, {"ksize", 2}, {"strides", 2}, {"padding", "SAME"}}, {2, 0, 3}},
      {"tf.nn.avg_pool1d", {{"input", ar({1, 5, 1})}, {"ksize", 2}, {"strides", 1}, {"padding", "VALID"}}, {-.5, 1, -1, .5}},
      {"tf.nn.pool", {{"input", ar({1, 4, 4, 1})}, {"window_shape", two_two}, {"pooling_type", "AVG"}, {"strides", two_two}}, {.75, -1.5, .5, 0}},
  };
  check_named_calls(rows);
}

TEST(Conv, FunctionsErrors) {
  const Tensor x = Tensor::zeros(DType::f32, {1, 4, 4, 3}), f = Tensor::zeros(DType::f32, {2, 2, 3, 2});
  const ValueList pair = {1, 1};
  const std::vector<BadNamedCall> rows = {
      {"tf.nn.conv2d", {{"input", x}, {"filters", f}, {"strides", ValueList{1, 2, 3}}, {"padding", "SAME"}}, Code::value,
       "strides should be of length 1, 2 or 4. Received: strides=[1, 2, 3] of length 3"},
      {"tf.nn.conv2d", {{"input", x}, {"filters", f}, {"strides", 1}, {"padding", "EXPLICIT"}}, Code::value,
       "'EXPLICIT' is not a valid value for `padding`. To use explicit padding, `padding` must be a list."},
      {"tf.nn.conv2d", {{"input", x}, {"filters", f}, {"strides", 1}, {"padding", ValueList{pair, pair}}}, Code::value,
       "When padding is a list, it must be of size 4. Received: padding=[[1, 1], [1, 1]] of size 2"},
      {"tf.nn.conv1d", {{"input", x}, {"filters", f}, {"stride", 1}, {"padding", "SAME"}, {"data_format", "XX"}}, Code::value,
       "`data_format` must be 'NWC' or 'NCW'. Received: data_format=XX"},
      {"tf.nn.convolution", {{"input", x}, {"filters", f}, {"strides", 2}, {"dilations", 2}}, Code::value,
       "`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: strides=[2 2] and dilation_rate=[2 2]"},
      {"tf.nn.max_pool", {{"input", Tensor::zeros(DType::f32, {4, 2})}, {"ksize", 2}, {"strides", 2}, {"padding", "SAME"}}, Code::value,
       "`input.shape.rank` must be 3, 4 or 5. Received: input.shape=(4, 2) of rank 2."},
      {"tf.nn.pool", {{"input", x}, {"window_shape", ValueList{2, 2}}, {"pooling_type", "XX"}}, Code::value, "2-D XX pooling is not supported."},
  };
  check_bad_named_calls(rows);
}

}  // namespace
}  // namespace ninefold
