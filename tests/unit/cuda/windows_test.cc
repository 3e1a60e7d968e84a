// In: convolutions, pools, normalisation, resizing (emulated, or on a card). Out: that they give what the CPU gives, over
// layouts, strides, paddings, rates, groups; and what their launches say.
#include "engine/device/cuda/dnn.h"
#include "engine/ops/windows.gpu.h"
#include "same_on_both.h"

namespace ninefold {
namespace {

TEST(GpuPlans, WindowsOfEveryLayout) {
  ops::Window w;
  w.stride = {2, 1, 1}, w.padding = "SAME";
  const cuda::Conv last = ops::conv_of({4, 9, 7, 6}, {3, 2, 3, 8}, {4, 5, 7, 8}, w, {2, false}, false);
  EXPECT_EQ(last.image.size[1], 1);              // an image is a volume of one sheet
  EXPECT_EQ(last.image.size[2], 9);
  EXPECT_EQ(last.image.stride[2], 42);
  EXPECT_EQ(last.image.stride[4], 1);
  EXPECT_EQ(last.slide.before[1], 1);
  EXPECT_EQ(last.slide.before[2], 0);
  EXPECT_EQ(last.in_each, 3);
  EXPECT_EQ(last.out_each, 4);                   // two groups
  const cuda::Conv first = ops::conv_of({4, 6, 9, 7}, {3, 2, 6, 8}, {4, 8, 5, 7}, w, {2, true}, false);
  EXPECT_EQ(first.image.stride[4], 63);
  EXPECT_EQ(first.image.stride[3], 1);
  EXPECT_EQ(first.out_each, 8);
  const cuda::Conv depthwise = ops::conv_of({4, 9, 7, 6}, {3, 2, 6, 2}, {4, 5, 7, 12}, w, {2, false}, true);
  EXPECT_EQ(depthwise.in_each, 1);
  EXPECT_EQ(depthwise.out_each, 2);
  EXPECT_EQ(depthwise.group_stride, 2);
  EXPECT_EQ(depthwise.tap_stride, 12);
}

std::vector<int64_t> per_dimension(const std::vector<int64_t>& spatial, bool first) {
  std::vector<int64_t> all = {1};
  if (first) all.push_back(1);
  all.insert(all.end(), spatial.begin(), spatial.end());
  if (!first) all.push_back(1);
  return all;
}
Shape laid(int64_t n, const std::vector<int64_t>& space, int64_t channels, bool first) {
  std::vector<int64_t> all = per_dimension(space, first);
  all[0] = n;
  all[first ? 1 : all.size() - 1] = channels;
  return Shape(all);
}

TEST_F(Gpu, ConvolutionsGiveWhatTheCpuGives) {
  struct Row {
    const char* forward; const char* to_image; const char* to_filter;
    int64_t n; std::vector<int64_t> space, filter; int64_t channels; std::vector<int64_t> stride, rate; const char* padding;
  };
  const Row rows[] = {
      {"Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter", 2, {7, 6}, {3, 3, 4, 5}, 4, {1, 1}, {1, 1}, "SAME"},
      {"Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter", 2, {7, 6}, {3, 2, 4, 5}, 4, {2, 3}, {1, 1}, "VALID"},
      {"Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter", 1, {9, 8}, {3, 3, 2, 6}, 4, {1, 1}, {2, 3}, "SAME"},
      {"Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter", 2, {8, 6}, {3, 2, 4, 5}, 4, {2, 1}, {1, 1}, "SAME"},   // more behind than before
      {"Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter", 3, {5, 5}, {1, 1, 3, 2}, 3, {1, 1}, {1, 1}, "VALID"},
      {"Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter", 0, {5, 5}, {2, 2, 3, 2}, 3, {1, 1}, {1, 1}, "VALID"},
      {"DepthwiseConv2dNative", "DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter", 2, {7, 6}, {3, 3, 4, 2}, 4, {2, 2}, {1, 1}, "SAME"},
      {"Conv3D", "Conv3DBackpropInputV2", "Conv3DBackpropFilterV2", 2, {4, 5, 3}, {2, 3, 2, 3, 4}, 3, {1, 1, 1}, {1, 1, 1}, "SAME"},
      {"Conv3D", "Conv3DBackpropInputV2", "Conv3DBackpropFilterV2", 1, {4, 5, 3}, {2, 2, 2, 3, 4}, 3, {2, 2, 1}, {1, 1, 1}, "VALID"},
  };
  for (const Row& r : rows)
    for (bool first : {false, true})
      for (const auto& [d, dnn] : {std::pair{DType::f32, true}, {DType::f32, false}, {DType::f64, true}, {DType::f64, false}, {DType::bf16, true}, {DType::bf16, false}}) {
        cuda::use_dnn(dnn);
        // A card's engines may transform images first, which rounds; of halves the result is rounded once.
        const double ulps = !dnn || device::build().targets.starts_with("emulated") ? 0 : d == DType::bf16 ? 1 : 64;
        const bool volume = r.space.size() == 3;
        std::vector<NamedAttr> attrs = {{"strides", per_dimension(r.stride, first)}, {"padding", r.padding},
                                        {"data_format", first ? (volume ? "NCDHW" : "NCHW") : volume ? "NDHWC" : "NHWC"}};
        attrs.emplace_back("dilations", per_dimension(r.rate, first));
        // Small whole numbers: sums are exact in every order.
        const Tensor image = whole(d, laid(r.n, r.space, r.channels, first), 4), filter = whole(d, Shape(r.filter), 4);
        same_on_both(r.forward, {image, filter}, attrs, ulps);
        const Tensor in[] = {image, filter};
        const Shape out = on_cpu(find_op(r.forward), {image, filter}, attrs)[0].shape();
        const Tensor dy = whole(d, out, 4);
        same_on_both(r.to_image, {numbers(image.shape().vector()), filter, dy}, attrs, ulps);
        same_on_both(r.to_filter, {image, numbers(filter.shape().vector()), dy}, attrs, d == DType::bf16 ? 1 : ulps);
        cuda::use_dnn(true);
        if (HasFatalFailure()) return;
      }
  const std::vector<NamedAttr> explicit_padding = {{"strides", std::vector<int64_t>{1, 2, 1, 1}}, {"padding", "EXPLICIT"},
                                                   {"explicit_paddings", std::vector<int64_t>{0, 0, 2, 1, 0, 3, 0, 0}}};
  const Tensor padded = whole(DType::f32, {2, 5, 6, 3}, 4), taps = whole(DType::f32, {3, 2, 3, 4}, 4), back = whole(DType::f32, {2, 3, 8, 4}, 4);
  const double ulps = device::build().targets.starts_with("emulated") ? 0 : 64;
  same_on_both("Conv2D", {padded, taps}, explicit_padding, ulps);
  same_on_both("Conv2DBackpropInput", {numbers({2, 5, 6, 3}), taps, back}, explicit_padding, ulps);
  same_on_both("Conv2DBackpropFilter", {padded, numbers({3, 2, 3, 4}), back}, explicit_padding, ulps);
  same_on_both("Conv2D", {whole(DType::i32, {2, 5, 6, 3}), whole(DType::i32, {3, 2, 3, 4})}, explicit_padding);
}

TEST_F(Gpu, PoolsGiveWhatTheCpuGives) {
  struct Row { std::vector<int64_t> space, size, stride; const char* padding; int64_t depth; };
  for (const Row& r : {Row{{7, 6}, {2, 2}, {2, 2}, "VALID", 1}, {{7, 6}, {3, 2}, {2, 1}, "SAME", 1}, {{5, 5}, {3, 3}, {1, 1}, "SAME", 1},
                       {{4, 3}, {1, 1}, {1, 1}, "VALID", 3}, {{4, 5, 3}, {2, 3, 2}, {1, 2, 2}, "SAME", 1}, {{4, 5, 6}, {2, 2, 2}, {2, 2, 2}, "VALID", 1}})
    for (bool first : {false, true})
      for (int64_t n : {2, 0})
        for (DType d : {DType::f32, DType::f64, DType::f16}) {
          const bool volume = r.space.size() == 3;
          std::vector<int64_t> size = per_dimension(r.size, first), stride = per_dimension(r.stride, first);
          size[first ? 1 : size.size() - 1] = stride[first ? 1 : size.size() - 1] = r.depth;
          const std::vector<NamedAttr> attrs = {{"ksize", size}, {"strides", stride}, {"padding", r.padding},
                                                {"data_format", first ? (volume ? "NCDHW" : "NCHW") : volume ? "NDHWC" : "NHWC"}};
          const Tensor image = whole(d, laid(n, r.space, 6, first), 40);
          const std::string dims = volume ? "3D" : "";
          same_on_both(("MaxPool" + dims).c_str(), {image}, attrs);
          const Tensor out = on_cpu(find_op("MaxPool" + dims), {image}, attrs)[0], dy = whole(d, out.shape());
          same_on_both(("MaxPool" + dims + "Grad").c_str(), {image, out, dy}, attrs);
          if (!volume) same_on_both("MaxPoolGradGrad", {image, out, whole(d, image.shape())}, attrs);
          if (!volume && !first && r.depth == 1)
            for (bool batch : {false, true})
              same_on_both("MaxPoolWithArgmax", {image}, {attrs[0], attrs[1], attrs[2], {"include_batch_in_index", batch}});
          if (r.depth == 1) {
            same_on_both(("AvgPool" + dims).c_str(), {image}, attrs, 2);
            same_on_both(("AvgPool" + dims + "Grad").c_str(), {numbers(image.shape().vector()), dy}, attrs, 4);
          }
          if (HasFatalFailure()) return;
        }
}

TEST_F(Gpu, NormalisationGivesWhatTheCpuGives) {
  for (const char* format : {"NHWC", "NCHW", "NDHWC"})
    for (DType d : {DType::f32, DType::f16})
      for (bool training : {true, false})
        for (double factor : {1.0, 0.25})
          for (int64_t n : {5, 0}) {
            const bool first = std::string(format) == "NCHW", volume = std::string(format) == "NDHWC";
            const Shape s = laid(n, volume ? std::vector<int64_t>{2, 3, 4} : std::vector<int64_t>{6, 7}, 3, first);
            const Tensor x = whole(d, s), scale = whole(DType::f32, {3}), offset = whole(DType::f32, {3}), mean = whole(DType::f32, {3});
            const Tensor variance = on_cpu(find_op("Square"), {whole(DType::f32, {3})}, {})[0];
            const std::vector<NamedAttr> attrs = {{"data_format", format}, {"is_training", training}, {"epsilon", 0.01}};
            std::vector<NamedAttr> forward = attrs;
            forward.emplace_back("exponential_avg_factor", factor);
            same_on_both("FusedBatchNormV3", {x, scale, offset, mean, variance}, forward, 64);
            if (n > 0) same_on_both("FusedBatchNormGradV3", {whole(d, s), x, scale, mean, variance, Tensor::zeros(DType::f32, {0})}, attrs, 256);
            if (HasFatalFailure()) return;
          }
}

TEST_F(Gpu, ResizedImagesAreTheCpus) {
  struct Row { int64_t height, width; std::vector<int64_t> size; };
  for (const Row& r : {Row{5, 7, {5, 7}}, {5, 7, {11, 3}}, {4, 4, {1, 9}}, {1, 1, {3, 2}}, {9, 2, {2, 13}}})
    for (bool corners : {false, true})
      for (bool half : {false, true}) {
        if (corners && half) continue;
        const std::vector<NamedAttr> how = {{"align_corners", corners}, {"half_pixel_centers", half}};
        for (DType d : {DType::f32, DType::f64, DType::f16, DType::u8, DType::i64}) {
          const Tensor image = whole(d, {2, r.height, r.width, 3});
          same_on_both("ResizeBilinear", {image, numbers(r.size)}, how, 4);
          same_on_both("ResizeNearestNeighbor", {image, numbers(r.size)}, how);
          if (d == DType::i64) continue;
          const Shape large{2, r.size[0], r.size[1], 3};
          same_on_both("ResizeNearestNeighborGrad", {whole(d, large, 3), numbers({r.height, r.width})}, how);
          if (is_floating(d)) same_on_both("ResizeBilinearGrad", {whole(DType::f32, large), image}, how, d == DType::f64 ? 1e10 : 16);   // of floats
          if (HasFatalFailure()) return;
        }
      }
}

}  // namespace
}  // namespace ninefold
