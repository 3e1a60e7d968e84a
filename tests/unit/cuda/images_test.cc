// In: images, boxes, maps (emulated, or on a card). Out: that image ops give what the CPU gives, and its errors; and what
// their launches say.
#include "engine/ops/images.gpu.h"
#include "same_on_both.h"

namespace ninefold {
namespace {

TEST(GpuPlans, FramesAreFoldedAxisByAxis) {
  const Tensor paddings = Tensor::of<int32_t>({4, 2}, {0, 0, 0, 0, 2, 1, 0, 0});
  const cuda::Fold f = ops::fold_of({2, 3, 4, 5}, paddings, true);
  EXPECT_EQ(f.rank, 3) << "axes that were not padded become one";
  EXPECT_EQ(f.size[0], 6);
  EXPECT_EQ(f.size[1], 4);
  EXPECT_EQ(f.from_stride[0], 35);
  EXPECT_EQ(f.from_stride[1], 5);
  EXPECT_EQ(f.before[1], 2);
  EXPECT_EQ(f.after[1], 1);
  EXPECT_EQ(f.elements, 120);
}

// Numbers of [0, 1], grey and black pixels among them.
Tensor colours(DType d, const Shape& shape) {
  const device::Within cpu("/device:CPU:0");
  std::vector<double> v(static_cast<size_t>(shape.size()));
  for (size_t i = 0; i < v.size(); ++i) v[i] = i < 3 ? 0 : i < 6 ? 0.5 : static_cast<double>(random_bits() % 17) / 16;
  return op("Cast", {Tensor::of<double>(shape, v)}, {{"DstT", d}});
}
Tensor floats(const Shape& shape, const std::vector<float>& v) { return Tensor::of<float>(shape, v); }

TEST_F(Gpu, ColoursAreTheCpus) {
  for (DType d : {DType::f32, DType::f64, DType::f16, DType::bf16})
    for (const Shape& s : {Shape{1025, 3}, Shape{2, 5, 7, 3}, Shape{0, 3}, Shape{3}}) {
      same_on_both("RGBToHSV", {colours(d, s)});
      same_on_both("HSVToRGB", {colours(d, s)});
    }
  for (DType d : {DType::f32, DType::f16})
    for (float by : {0.0f, 0.3f, -0.7f, 1.5f}) {
      same_on_both("AdjustHue", {colours(d, {2, 5, 7, 3}), Tensor(by)});
      same_on_both("AdjustSaturation", {colours(d, {2, 5, 7, 3}), Tensor(by)});
    }
}

TEST_F(Gpu, CropsAreTheCpus) {
  const Tensor boxes = floats({5, 4}, {0, 0, 1, 1, 0.2f, 0.1f, 0.7f, 0.9f, -0.5f, 0, 1.5f, 0.5f, 0.9f, 0.8f, 0.1f, 0.2f, 0.5f, 0.5f, 0.5f, 0.5f});
  const Tensor which = numbers({0, 2, 1, 2, 0});
  for (const char* method : {"bilinear", "nearest"})
    for (const std::vector<int64_t>& size : {std::vector<int64_t>{3, 4}, {1, 1}, {7, 2}, {5, 6}}) {
      const Tensor dy = whole(DType::f32, {5, size[0], size[1], 2});
      for (DType d : {DType::f32, DType::f64, DType::f16, DType::u8, DType::i32}) {
        const Tensor image = whole(d, {3, 5, 6, 2}, 100);
        same_on_both("CropAndResize", {image, boxes, which, numbers(size)}, {{"method", method}, {"extrapolation_value", 0.5}});
        same_on_both("CropAndResizeGradBoxes", {dy, image, boxes, which}, {}, 4096);   // sums in another order
        if (!is_floating(d)) continue;
        for (bool ordered : {false, true}) {
          device::set_deterministic(ordered);
          same_on_both("CropAndResizeGradImage", {dy, boxes, which, numbers({3, 5, 6, 2})}, {{"T", d}, {"method", method}}, 4);
          device::set_deterministic(false);
        }
        if (HasFatalFailure()) return;
      }
    }
  same_on_both("CropAndResize", {whole(DType::f32, {3, 5, 6, 2}), Tensor::zeros(DType::f32, {0, 4}), numbers({}), numbers({2, 2})});
  const auto raises = [&](const char* name, const Tensors& in, std::vector<NamedAttr> attrs) {
    const device::Within gpu("/device:GPU:0");
    try {
      dispatch(find_op(name), in, Attrs(find_op(name), attrs));
      ADD_FAILURE() << name;
    } catch (const Error& e) {
      EXPECT_EQ(e.message(), "box_index has values outside [0, batch_size) [Op:CropAndResize]");
    }
  };
  const Tensor image = whole(DType::f32, {2, 5, 6, 2}), dy = whole(DType::f32, {5, 2, 2, 2});
  raises("CropAndResize", {image, boxes, which, numbers({2, 2})}, {});
  raises("CropAndResizeGradBoxes", {dy, image, boxes, which}, {});
  raises("CropAndResizeGradImage", {dy, boxes, numbers({0, -1, 0, 0, 0}), numbers({2, 5, 6, 2})}, {{"T", DType::f32}});
}

TEST_F(Gpu, MapsReadWhatTheCpuReads) {
  const Tensor maps = floats({2, 8}, {0.9f, 0.2f, -1, -0.1f, 1.1f, 2, 0.01f, -0.02f, -1.5f, 0, 9, 0, 2.5f, -7, -0.5f, 0});
  for (const char* fill : {"CONSTANT", "REFLECT", "WRAP", "NEAREST"})
    for (const char* how : {"BILINEAR", "NEAREST"})
      for (DType d : {DType::f32, DType::f64, DType::f16, DType::u8, DType::i32, DType::i64}) {
        const std::vector<NamedAttr> attrs = {{"interpolation", how}, {"fill_mode", fill}};
        const Tensor image = whole(d, {2, 5, 6, 3}, 100);
        same_on_both("ImageProjectiveTransformV2", {image, maps, numbers({4, 9})}, attrs);
        same_on_both("ImageProjectiveTransformV3", {image, floats({1, 8}, {1, 0.5f, -2, 0, 1, 1, 0, 0}), numbers({5, 6}), Tensor(7.0f)}, attrs);
        if (HasFatalFailure()) return;
      }
}

TEST_F(Gpu, DilationsAndPatchesAreTheCpus) {
  struct Row { std::vector<int64_t> size, stride, rate; const char* padding; };
  for (const Row& r : {Row{{3, 2}, {1, 1}, {1, 1}, "SAME"}, {{2, 3}, {2, 1}, {1, 2}, "SAME"}, {{2, 2}, {1, 3}, {2, 1}, "VALID"}, {{1, 1}, {2, 2}, {1, 1}, "VALID"},
                       {{5, 9}, {4, 1}, {1, 3}, "SAME"}, {{8, 8}, {1, 1}, {1, 1}, "VALID"}})
    for (int64_t n : {2, 0}) {
      const auto four = [](const std::vector<int64_t>& two) { return std::vector<int64_t>{1, two[0], two[1], 1}; };
      std::vector<NamedAttr> attrs = {{"strides", four(r.stride)}, {"rates", four(r.rate)}, {"padding", r.padding}};
      for (DType d : {DType::f32, DType::f64, DType::f16, DType::bf16}) {
        const Tensor image = whole(d, {n, 8, 9, 3}, 40), filter = whole(d, {r.size[0], r.size[1], 3}, 4);
        same_on_both("Dilation2D", {image, filter}, attrs);
        const Tensor dy = whole(d, on_cpu(find_op("Dilation2D"), {image, filter}, attrs)[0].shape(), 4);
        for (bool ordered : {false, true}) {
          device::set_deterministic(ordered);
          same_on_both("Dilation2DBackpropInput", {image, filter, dy}, attrs);
          same_on_both("Dilation2DBackpropFilter", {image, filter, dy}, attrs);
          device::set_deterministic(false);
        }
        if (HasFatalFailure()) return;
      }
      attrs.emplace_back("ksizes", four(r.size));
      for (DType d : {DType::f32, DType::f16, DType::u8, DType::f64, DType::boolean}) same_on_both("ExtractImagePatches", {whole(d, {n, 8, 9, 3}, 1)}, attrs);
    }
}

TEST_F(Gpu, LocalResponsesAreTheCpus) {
  for (DType d : {DType::f32, DType::f16, DType::bf16})
    for (int64_t radius : {0, 2, 9})
      for (const Shape& s : {Shape{2, 3, 4, 7}, Shape{1, 1, 1, 1025}, Shape{0, 2, 2, 3}}) {
        const std::vector<NamedAttr> attrs = {{"depth_radius", radius}, {"bias", 2.0}, {"alpha", 0.125}, {"beta", 0.75}};
        const Tensor x = whole(d, s);
        same_on_both("LRN", {x}, attrs, 1);
        same_on_both("LRNGrad", {whole(d, s), x, on_cpu(find_op("LRN"), {x}, attrs)[0]}, attrs, 1);
        if (HasFatalFailure()) return;
      }
}

TEST_F(Gpu, FramesFoldBackAsOnTheCpu) {
  struct Row { Shape padded; std::vector<int64_t> paddings; };
  for (const Row& r : {Row{{7}, {2, 1}}, {{6, 5, 7, 3}, {0, 0, 1, 1, 2, 2, 0, 0}}, {{3, 4}, {0, 0, 0, 0}}, {{4, 5, 3}, {1, 1, 0, 2, 1, 0}}, {{0, 5}, {0, 0, 1, 1}}})
    for (const char* mode : {"REFLECT", "SYMMETRIC"})
      for (DType d : {DType::f32, DType::f64, DType::f16, DType::bf16, DType::i32, DType::i64, DType::u8}) {
        const Shape rows{static_cast<int64_t>(r.paddings.size() / 2), 2};
        if ((r.padded == Shape{4, 5, 3} || r.padded == Shape{0, 5}) && std::string(mode) == "REFLECT") continue;   // the inner part is too small
        same_on_both("MirrorPadGrad", {whole(d, r.padded, 20), numbers(r.paddings, DType::i32, &rows)}, {{"mode", mode}});
        if (HasFatalFailure()) return;
      }
}

TEST_F(Gpu, TheBestBoxesAreTheCpus) {
  for (int64_t n : {0, 1, 5, 1023, 1500}) {
    std::vector<float> box(static_cast<size_t>(4 * n)), score(static_cast<size_t>(n));
    for (float& x : box) x = static_cast<float>(random_bits() % 64);
    for (float& x : score) x = static_cast<float>(random_bits() % 32) / 8;   // equal ones among them: the first wins
    if (n > 4) score[3] = NAN, score[4] = -INFINITY;
    for (DType d : {DType::f32, DType::f16})
      for (float overlap : {0.0f, 0.3f, 1.0f})
        for (float least : {-INFINITY, 1.0f})
          for (int32_t most : {0, 3, 2000}) {
            const device::Within cpu("/device:CPU:0");
            const Tensor boxes = op("Cast", {floats({n, 4}, box)}, {{"DstT", d}}), scores = op("Cast", {floats({n}, score)}, {{"DstT", d}});
            same_on_both("NonMaxSuppressionV3", {boxes, scores, Tensor(most), Tensor(overlap), Tensor(least)});
            if (HasFatalFailure()) return;
          }
  }
}

}  // namespace
}  // namespace ninefold
