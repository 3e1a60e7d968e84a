// In: convolutions (emulated, or on a card). Out: what cuDNN is asked for each, in which layout, with which padding; which of its
// engines are taken; that its numbers are those of the own kernels, which do what it does not.
#include <dlfcn.h>

#include "engine/device/cuda/dnn.h"
#include "engine/ops/batch_norm_dnn.gpu.h"
#include "engine/ops/conv_dnn.gpu.h"
#include "ninefold/function.h"
#include "ninefold/grad.h"
#include "cudnn_itself.h"
#include "step_runs.h"

namespace ninefold {
namespace {

using Kind = cuda::DnnCall::Kind;
using Sizes = std::vector<int64_t>;

// ---- decisions ----

struct ConvRow {
  const char* what;
  DType dtype;
  Shape image, filter, out;
  Sizes stride, dilation;
  const char* padding;
  bool first, depthwise, asked;
  Sizes pads, padded, before, image_strides, filter_sizes, filter_strides;   // of the call
};
TEST(GpuPlans, WhatCudnnIsAskedForConvolutions) {
  const ConvRow rows[] = {
      {"SAME, odd", DType::f32, {2, 7, 6, 4}, {3, 3, 4, 5}, {2, 7, 6, 5}, {1, 1}, {1, 1}, "SAME", false, false, true,
       {1, 1}, {}, {0, 0, 0}, {168, 1, 24, 4}, {5, 4, 3, 3}, {36, 1, 12, 4}},
      {"channels first", DType::f16, {2, 4, 7, 6}, {3, 3, 4, 5}, {2, 5, 7, 6}, {1, 1}, {1, 1}, "SAME", true, false, true,
       {1, 1}, {}, {0, 0, 0}, {168, 42, 6, 1}, {5, 4, 3, 3}, {36, 9, 3, 1}},
      {"more behind than before", DType::f32, {2, 8, 6, 4}, {3, 2, 4, 5}, {2, 4, 6, 5}, {2, 1}, {1, 1}, "SAME", false, false, true,
       {0, 0}, {2, 9, 7, 4}, {0, 0, 0}, {252, 1, 28, 4}, {5, 4, 3, 2}, {24, 1, 8, 4}},
      {"more before than behind", DType::f32, {1, 5, 6, 3}, {3, 2, 3, 4}, {1, 3, 8, 4}, {2, 1}, {1, 1}, "EXPLICIT", false, false, true,
       {1, 0}, {1, 6, 9, 3}, {1, 3, 0}, {162, 1, 27, 3}, {4, 3, 3, 2}, {18, 1, 6, 3}},
      {"no padding, rates", DType::bf16, {1, 9, 8, 4}, {3, 3, 4, 6}, {1, 5, 2, 6}, {1, 1}, {2, 3}, "VALID", false, false, true,
       {0, 0}, {}, {0, 0, 0}, {288, 1, 32, 4}, {6, 4, 3, 3}, {36, 1, 12, 4}},
      {"two groups", DType::f32, {1, 9, 8, 4}, {3, 3, 2, 6}, {1, 9, 8, 6}, {1, 1}, {1, 1}, "SAME", false, false, true,
       {1, 1}, {}, {0, 0, 0}, {288, 1, 32, 4}, {6, 2, 3, 3}, {18, 1, 6, 2}},
      {"volumes", DType::f32, {2, 4, 5, 3, 3}, {2, 3, 2, 3, 4}, {2, 4, 5, 3, 4}, {1, 1, 1}, {1, 1, 1}, "SAME", false, false, true,
       {0, 1, 0}, {2, 5, 5, 4, 3}, {0, 0, 0}, {300, 1, 60, 12, 3}, {4, 3, 2, 3, 2}, {36, 1, 18, 6, 3}},
      {"depthwise halves", DType::f16, {2, 7, 6, 4}, {3, 3, 4, 1}, {2, 7, 6, 4}, {1, 1}, {1, 1}, "SAME", false, true, true,
       {1, 1}, {}, {0, 0, 0}, {168, 1, 24, 4}, {4, 1, 3, 3}, {9, 1, 3, 1}},
      {"depthwise floats", DType::f32, {2, 7, 6, 4}, {3, 3, 4, 1}, {2, 7, 6, 4}, {1, 1}, {1, 1}, "SAME", false, true, false, {}, {}, {}, {}, {}, {}},
      {"depthwise with multiples", DType::f16, {2, 7, 6, 4}, {3, 3, 4, 2}, {2, 7, 6, 8}, {1, 1}, {1, 1}, "SAME", false, true, false, {}, {}, {}, {}, {}, {}},
      {"depthwise, not square", DType::f16, {2, 7, 6, 4}, {3, 1, 4, 1}, {2, 7, 6, 4}, {1, 1}, {1, 1}, "SAME", false, true, false, {}, {}, {}, {}, {}, {}},
      {"whole numbers", DType::i32, {2, 7, 6, 4}, {3, 3, 4, 5}, {2, 7, 6, 5}, {1, 1}, {1, 1}, "SAME", false, false, false, {}, {}, {}, {}, {}, {}},
      {"nothing", DType::f32, {0, 7, 6, 4}, {3, 3, 4, 5}, {0, 7, 6, 5}, {1, 1}, {1, 1}, "SAME", false, false, false, {}, {}, {}, {}, {}, {}},
  };
  for (const ConvRow& r : rows) {
    const ops::Layout l{static_cast<int>(r.stride.size()), r.first};
    ops::Window w;
    w.padding = r.padding;
    for (size_t i = 0; i < r.stride.size(); ++i) w.stride[i] = r.stride[i], w.dilation[i] = r.dilation[i];
    if (w.padding == "EXPLICIT") w.before = {2, 3, 0}, w.after = {1, 0, 0};
    const auto c = ops::dnn_convolution(Kind::convolve, r.dtype, r.image, r.filter, r.out, w, l, r.depthwise);
    ASSERT_EQ(c.has_value(), r.asked) << r.what;
    if (!c) continue;
    const cuda::DnnCall& call = c->call;
    const auto rank = static_cast<size_t>(l.spatial + 2);
    const auto list = [](const int64_t* from, size_t n) { return Sizes(from, from + n); };
    EXPECT_EQ(list(call.padding, r.stride.size()), r.pads) << r.what;
    EXPECT_EQ(list(call.stride, r.stride.size()), r.stride) << r.what;
    EXPECT_EQ(list(call.dilation, r.stride.size()), r.dilation) << r.what;
    EXPECT_EQ(c->padded ? c->padded->vector() : Sizes(), r.padded) << r.what;
    EXPECT_EQ(list(c->before.data(), 3), r.before) << r.what;
    EXPECT_EQ(list(call.tensor[0].stride, rank), r.image_strides) << r.what;
    EXPECT_EQ(list(call.tensor[1].size, rank), r.filter_sizes) << r.what;
    EXPECT_EQ(list(call.tensor[1].stride, rank), r.filter_strides) << r.what;
    // The same filter in the op's order.
    Sizes moved = r.filter_strides;
    std::rotate(moved.begin(), moved.begin() + 2, moved.end());
    std::swap(moved[rank - 2], moved[rank - 1]);
    EXPECT_EQ(c->filter_strides, moved) << r.what;
    for (int i = 0; i < l.spatial; ++i) {         // cuDNN computes the result's size from these
      const auto at = static_cast<size_t>(i);
      EXPECT_EQ((call.tensor[0].size[at + 2] + 2 * call.padding[at] - (call.tensor[1].size[at + 2] - 1) * call.dilation[at] - 1) / call.stride[at] + 1,
                call.tensor[2].size[at + 2]) << r.what;
    }
  }
}

struct NormRow { const char* what; Kind kind; DType dtype; Shape image; const char* format; int64_t tensors; Sizes sizes, strides, of_channels; };
TEST(GpuPlans, WhatCudnnIsAskedForBatchNormalisations) {
  const NormRow rows[] = {
      {"training", Kind::normalise, DType::f32, {2, 7, 6, 4}, "NHWC", 10, {2, 4, 7, 6}, {168, 1, 24, 4}, {1, 4, 1, 1}},
      {"halves, channels first", Kind::normalise, DType::f16, {2, 4, 7, 6}, "NCHW", 10, {2, 4, 7, 6}, {168, 42, 6, 1}, {1, 4, 1, 1}},
      {"volumes by given moments", Kind::normalise_by_given, DType::bf16, {2, 3, 7, 6, 4}, "NDHWC", 6, {2, 4, 3, 7, 6}, {504, 1, 168, 24, 4}, {1, 4, 1, 1, 1}},
      {"back", Kind::normalise_back, DType::f32, {8, 1, 1, 3}, "NHWC", 8, {8, 3, 1, 1}, {3, 1, 3, 3}, {1, 3, 1, 1}},
      {"an element a channel", Kind::normalise, DType::f32, {1, 1, 1, 3}, "NHWC", 0, {}, {}, {}},
      {"nothing", Kind::normalise, DType::f32, {0, 5, 5, 3}, "NHWC", 0, {}, {}, {}},
      {"no channels", Kind::normalise, DType::f32, {2, 5, 5, 0}, "NHWC", 0, {}, {}, {}},
  };
  for (const NormRow& r : rows) {
    const auto call = ops::dnn_normalisation(r.kind, r.dtype, r.image, r.format, 0.001);
    ASSERT_EQ(call.has_value(), r.tensors > 0) << r.what;
    if (!call) continue;
    EXPECT_EQ(call->tensors, r.tensors) << r.what;
    EXPECT_EQ(call->epsilon, r.kind == Kind::normalise ? 0.001 : 0) << r.what;
    int images = 0;
    for (int64_t i = 0; i < call->tensors; ++i) {
      const cuda::DnnTensor& t = call->tensor[i];
      const bool image = Sizes(t.size, t.size + t.rank) == r.sizes;
      images += image;
      EXPECT_EQ(t.dtype, static_cast<int64_t>(image ? r.dtype : DType::f32)) << r.what << " " << i;
      if (image) EXPECT_EQ(Sizes(t.stride, t.stride + t.rank), r.strides) << r.what << " " << i;
      else EXPECT_EQ(Sizes(t.size, t.size + t.rank), r.of_channels) << r.what << " " << i;
    }
    EXPECT_EQ(images, r.kind == Kind::normalise_back ? 3 : 2) << r.what;
  }
}

TEST(GpuPlans, AnEngineIsOneCalls) {
  const auto call = [] {
    return ops::dnn_convolution(Kind::convolve, DType::f32, {2, 7, 6, 4}, {3, 3, 4, 5}, {2, 7, 6, 5}, ops::Window{.padding = "SAME"}, {2, false}, false)->call;
  };
  const std::string key = cuda::key_of(call());
  EXPECT_EQ(cuda::key_of(call()), key);
  cuda::DnnCall other = call();
  for (int64_t* part : {&other.kind, &other.tensor[0].dtype, &other.tensor[1].size[2], &other.tensor[2].stride[1], &other.tensor[0].alignment, &other.stride[1],
                        &other.dilation[0], &other.padding[1], &other.tensor_float, &other.deterministic}) {
    ++*part;
    EXPECT_NE(cuda::key_of(other), key);
    --*part;
  }
  other.epsilon = 0.5;
  EXPECT_NE(cuda::key_of(other), key);
  other.epsilon = 0;
  EXPECT_EQ(cuda::key_of(other), key);
}

// ---- cuDNN itself ----

struct RealRow { const char* what; Shape image, filter, out; bool first, depthwise; const char* padding; Sizes stride; };
TEST_F(Cudnn, HasAnEngineForEveryConvolution) {
  const RealRow rows[] = {
      {"of a residual network", {32, 56, 56, 64}, {3, 3, 64, 64}, {32, 56, 56, 64}, false, false, "SAME", {1, 1}},
      {"its first one", {32, 224, 224, 3}, {7, 7, 3, 64}, {32, 112, 112, 64}, false, false, "SAME", {2, 2}},
      {"channels first", {32, 64, 56, 56}, {3, 3, 64, 128}, {32, 128, 28, 28}, true, false, "SAME", {2, 2}},
      {"odd numbers of channels", {2, 13, 11, 5}, {3, 2, 5, 7}, {2, 11, 10, 7}, false, false, "VALID", {1, 1}},
      {"groups", {8, 28, 28, 64}, {3, 3, 16, 64}, {8, 28, 28, 64}, false, false, "SAME", {1, 1}},
      {"depthwise", {8, 56, 56, 64}, {3, 3, 64, 1}, {8, 28, 28, 64}, false, true, "SAME", {2, 2}},
      {"volumes", {2, 16, 16, 16, 8}, {3, 3, 3, 8, 16}, {2, 16, 16, 16, 16}, false, false, "SAME", {1, 1, 1}},
  };
  for (const RealRow& r : rows)
    for (Kind kind : {Kind::convolve, Kind::to_image, Kind::to_filter})
      for (DType d : {DType::f32, DType::f64, DType::f16, DType::bf16})
        for (bool tensor_float : {true, false})
          for (bool deterministic : {false, true}) {
            ops::Window w;
            w.padding = r.padding;
            std::copy(r.stride.begin(), r.stride.end(), w.stride.begin());
            auto c = ops::dnn_convolution(kind, d, r.image, r.filter, r.out, w, {static_cast<int>(r.stride.size()), r.first}, r.depthwise);
            if (!c) continue;
            c->call.tensor_float = tensor_float && d == DType::f32, c->call.deterministic = deterministic;
            for (cuda::DnnTensor& t : c->call.tensor) t.alignment = 16;
            EXPECT_NE(planned(c->call), nullptr) << r.what << " " << name_of(d) << " kind " << kind << (deterministic ? " deterministic" : "");
          }
}

// Whether it also has an engine for them it tells only where a driver is.
TEST_F(Cudnn, TakesTheDescriptorsOfEveryBatchNormalisation) {
  for (Kind kind : {Kind::normalise, Kind::normalise_by_given, Kind::normalise_back})
    for (DType d : {DType::f32, DType::f16, DType::bf16})
      for (const char* format : {"NHWC", "NCHW", "NDHWC"}) {
        const bool volume = std::string(format).size() == 5;
        auto call = ops::dnn_normalisation(kind, d, volume ? Shape{8, 4, 6, 6, 16} : Shape{8, 16, 16, 16}, format, 0.001);
        for (int64_t i = 0; i < call->tensors; ++i) call->tensor[i].alignment = 16;
        cuda::dnn::Plan plan;
        EXPECT_EQ(cuda::dnn::described(functions_, *call, &plan), 0) << name_of(d) << " " << format << " kind " << kind;
      }
}

// ---- at work ----

bool emulated() { return device::build().targets.starts_with("emulated"); }
// What the emulated cuDNN computed since the last question; on cards nothing.
std::string asked(int fail = 0, bool lacks = false) {
  void* const library = ::dlopen(std::getenv("NINEFOLD_CUDA_LIBRARY"), RTLD_NOW | RTLD_NOLOAD);
  const auto told = library ? reinterpret_cast<const char* (*)(int, bool)>(::dlsym(library, "ninefold_emulated_dnn")) : nullptr;
  return told ? told(fail, lacks) : "";
}
long descriptors() {
  void* const library = ::dlopen(std::getenv("NINEFOLD_CUDA_LIBRARY"), RTLD_NOW | RTLD_NOLOAD);
  return reinterpret_cast<long (*)()>(::dlsym(library, "ninefold_emulated_dnn_living"))();
}
std::vector<NamedAttr> same(const char* format = "NHWC") { return {{"strides", Sizes{1, 1, 1, 1}}, {"padding", "SAME"}, {"data_format", format}}; }

struct EngineRow {
  const char* what; DType dtype; int64_t size, in, groups; bool tensor_float, deterministic; const char* forward; const char* to_image; const char* to_filter;
};
TEST_F(Gpu, CudnnGivesTheEngineThatIsAllowed) {
  if (!emulated()) GTEST_SKIP() << "a card's cuDNN does not say which engine it took";
  const EngineRow rows[] = {
      {"the best", DType::f32, 5, 3, 1, true, false, "engine 1", "engine 1", "engine 1"},
      {"no TF32", DType::f32, 5, 3, 1, false, false, "engine 3", "engine 2", "engine 2"},
      {"no TF32, the same bits", DType::f32, 5, 3, 1, false, true, "engine 3", "engine 3", "engine 3"},
      {"the same bits", DType::f32, 5, 3, 1, true, true, "engine 1", "engine 1", "engine 1"},
      {"TF32 is for floats", DType::bf16, 5, 3, 1, false, false, "engine 1", "engine 1", "engine 1"},
      {"what the heuristics do not know", DType::f32, 5, 4, 2, true, false, "engine 7", "engine 7", "engine 7"},
      {"what it has not", DType::f64, 5, 3, 1, true, false, "", "", ""},
  };
  for (const EngineRow& r : rows) {
    device::set_tensor_float_32(r.tensor_float);
    device::set_deterministic(r.deterministic);
    const Tensor image = whole(r.dtype, {2, r.size, r.size, r.in}, 4), filter = whole(r.dtype, {3, 3, r.in / r.groups, 4}, 4), dy = whole(r.dtype, {2, r.size, r.size, 4}, 4);
    const auto expect = [&](const char* engine, const std::string& got) {
      EXPECT_EQ(got.substr(got.find("engine") == std::string::npos ? got.size() : got.find("engine")), *engine ? std::string(engine) + "\n" : "") << r.what << ": " << got;
    };
    asked();
    same_on_both("Conv2D", {image, filter}, same());
    expect(r.forward, asked());
    same_on_both("Conv2DBackpropInput", {numbers(image.shape().vector()), filter, dy}, same());
    expect(r.to_image, asked());
    same_on_both("Conv2DBackpropFilter", {image, numbers(filter.shape().vector()), dy}, same(), 1);
    expect(r.to_filter, asked());
  }
  device::set_tensor_float_32(true);
  device::set_deterministic(false);
}

TEST_F(Gpu, OwnKernelsDoWhatCudnnDoesNot) {
  if (!emulated()) GTEST_SKIP() << "a card's cuDNN does not fail when asked to";
  const Tensor image = whole(DType::f32, {1, 6, 5, 2}), filter = whole(DType::f32, {2, 3, 2, 3});
  asked(1);
  same_on_both("Conv2D", {image, filter}, same());
  EXPECT_EQ(asked(), "fault\n");
  same_on_both("Conv2D", {image, filter}, same());
  EXPECT_EQ(asked(), "") << "an engine that failed is not tried again";
  const Tensor other = whole(DType::f32, {1, 6, 7, 2});
  asked(0, true);
  const long before = descriptors();
  same_on_both("Conv2D", {other, filter}, same());
  EXPECT_EQ(asked(), "");
  EXPECT_EQ(descriptors(), before) << "what was made for nothing is dropped";
  same_on_both("Conv2D", {other, filter}, same());
  EXPECT_EQ(asked(), "") << "that there is no engine is remembered";
  const Tensor third = whole(DType::f32, {1, 6, 9, 2});
  same_on_both("Conv2D", {third, filter}, same());
  EXPECT_EQ(asked(), "convolve 1,2,7,9 by 3,2,2,3 padding 0,1 engine 1\n") << "a row more, since SAME pads behind alone";
  const long after = descriptors();
  for (int i = 0; i < 3; ++i) same_on_both("Conv2D", {third, filter}, same());
  EXPECT_EQ(descriptors(), after) << "an engine is made once, and a run keeps nothing";
  asked();
  cuda::use_dnn(false);
  same_on_both("Conv2D", {third, filter}, same());
  EXPECT_EQ(asked(), "");
  cuda::use_dnn(true);
}

TEST_F(Gpu, CudnnWorksInTheMemoryThatThereIs) {
  if (!emulated()) GTEST_SKIP() << "a card's engines want what they want";
  void* const library = ::dlopen(std::getenv("NINEFOLD_CUDA_LIBRARY"), RTLD_NOW | RTLD_NOLOAD);
  const auto want = reinterpret_cast<void (*)(long)>(::dlsym(library, "ninefold_emulated_dnn_wants"));
  const Tensor image = whole(DType::f32, {1, 4, 5, 2}), filter = whole(DType::f32, {2, 3, 2, 3});
  asked();
  want(long{800} << 20);                         // more than the card has
  same_on_both("Conv2D", {image, filter}, same());
  EXPECT_EQ(asked(), "") << "the own kernel needs none";
  want(long{2} << 30);                           // more than anybody may have
  same_on_both("Conv2D", {whole(DType::f32, {1, 4, 6, 2}), filter}, same());
  const std::string told = asked();
  EXPECT_NE(told.find("engine 7"), std::string::npos) << told;
  want(0);
}

struct NormRun { DType dtype; Shape image; const char* format; bool by_dnn; };
TEST_F(Gpu, BatchNormalisationsAreCudnnsWhereItHasAnEngine) {
  const NormRun rows[] = {
      {DType::f32, {3, 5, 4, 8}, "NHWC", true}, {DType::f16, {3, 5, 4, 8}, "NHWC", true}, {DType::bf16, {3, 5, 4, 4}, "NHWC", true},
      {DType::f32, {2, 3, 5, 4, 4}, "NDHWC", true}, {DType::f32, {3, 5, 4, 7}, "NHWC", false}, {DType::f32, {3, 8, 5, 4}, "NCHW", false},
      {DType::f32, {1, 1, 1, 8}, "NHWC", false},
  };
  const auto expect = [](const NormRun& r, const char* kind) {
    if (!emulated()) return;
    Sizes size = r.image.vector();
    if (r.by_dnn) std::rotate(size.begin() + 1, size.end() - 1, size.end());
    std::string want;
    for (int64_t n : size) want += (want.empty() ? "" : ",") + std::to_string(n);
    EXPECT_EQ(asked(), r.by_dnn ? std::string(kind) + " " + want + " engine 4\n" : "") << r.image.str() << r.format;
  };
  for (const bool on : {true, false})
    for (NormRun r : rows)
      for (const double factor : {1.0, 0.25}) {
        cuda::use_dnn(on);
        r.by_dnn = r.by_dnn && on;
        const int64_t n = r.image[r.format[1] == 'C' ? 1 : r.image.rank() - 1];
        const auto positive = [&] { return op("Abs", {whole(DType::f32, {n})}) + Tensor(0.5f); };
        const Tensor x = whole(r.dtype, r.image), dy = whole(r.dtype, r.image), scale = whole(DType::f32, {n}), offset = whole(DType::f32, {n});
        const Tensor mean = whole(DType::f32, {n}), variance = positive();
        std::vector<NamedAttr> how = {{"epsilon", 0.001}, {"data_format", r.format}};
        asked();
        for (const bool training : {true, false}) {
          std::vector<NamedAttr> attrs = how, forward;
          attrs.push_back({"is_training", training});
          forward = attrs;
          forward.push_back({"exponential_avg_factor", factor});
          same_on_both("FusedBatchNormV3", {x, scale, offset, mean, variance}, forward, 64);
          expect(r, training ? "normalise" : "normalise by given");
          same_on_both("FusedBatchNormGradV3", {dy, x, scale, mean, variance, Tensor::zeros(DType::f32, {0})}, attrs, 256);
          if (training) {
            expect(r, "normalise back");
          } else if (emulated()) {
            EXPECT_EQ(asked(), "") << "moments that are constants";
          }
        }
      }
  cuda::use_dnn(true);
}

TEST_F(Gpu, OwnKernelsNormaliseWhereCudnnFails) {
  if (!emulated()) GTEST_SKIP() << "a card's cuDNN does not fail when asked to";
  const Tensor x = whole(DType::f32, {5, 3, 2, 4}), one = Tensor::of<float>({4}, {1, 2, 3, 4}), none = Tensor::zeros(DType::f32, {0});
  asked(1);
  same_on_both("FusedBatchNormV3", {x, one, one, none, none}, {{"is_training", true}}, 64);
  EXPECT_EQ(asked(), "fault\n");
  same_on_both("FusedBatchNormV3", {x, one, one, none, none}, {{"is_training", true}}, 64);
  EXPECT_EQ(asked(), "") << "an engine that failed is not tried again";
  const long before = descriptors();
  const int64_t memory = device::memory_of_gpu(0).current;
  asked(0, true);
  same_on_both("FusedBatchNormV3", {x, one, one, none, none}, {{"is_training", true}, {"epsilon", 0.5}}, 64);
  EXPECT_EQ(asked(), "");
  EXPECT_EQ(descriptors(), before);
  EXPECT_EQ(device::memory_of_gpu(0).current, memory);
}

// Training by batch normalisation as one CUDA graph, its averages in variables.
TEST_F(Gpu, BatchNormalisationsOfCudnnBecomePartOfAStep) {
  const Shape image{4, 3, 2, 8};
  asked();
  same_steps("batch normalisation", {whole(DType::f32, image)}, [&] {
    struct Model { Variable scale{Tensor(1.0f) + Tensor::zeros(DType::f32, {8})}, offset{Tensor::zeros(DType::f32, {8})}, mean{Tensor::zeros(DType::f32, {8})}, variance{Tensor(1.0f) + Tensor::zeros(DType::f32, {8})}; };
    const auto m = std::make_shared<Model>();
    return [m](const Tensors& a) {
      GradientTape tape;
      const std::vector<NamedAttr> how = {{"is_training", true}, {"exponential_avg_factor", 0.1}};
      const Tensors y = op_all("FusedBatchNormV3", std::vector<Tensor>{a[0], m->scale.read(), m->offset.read(), m->mean.read(), m->variance.read()}, how);
      const Tensor loss = op("Sum", {y[0] * y[0] * a[0], Tensor::of<int32_t>({4}, {0, 1, 2, 3})});
      const auto g = tape.gradient({loss}, {m->scale.handle(), m->offset.handle()});
      m->mean.assign(y[1]);
      m->variance.assign(y[2]);
      m->scale.assign_sub(g[0] * Tensor(0.01f));
      m->offset.assign_sub(g[1] * Tensor(0.01f));
      return Tensors{loss, m->mean.read() + Tensor(0.0f), m->variance.read() + Tensor(0.0f), m->scale.read() + Tensor(0.0f)};
    };
  });
  if (emulated()) {
    const std::string done = asked();
    EXPECT_EQ(std::count(done.begin(), done.end(), '\n'), 28) << "7 steps, twice, forward and back: " << done;
  }
}

// A convolution with both gradients as one CUDA graph: engines are there before the capture, their memory lies in the slab.
TEST_F(Gpu, ConvolutionsOfCudnnBecomePartOfAStep) {
  const Tensor image = whole(DType::f32, {2, 8, 6, 3}, 4), filter = whole(DType::f32, {3, 2, 3, 4}, 4);
  const FunctionRef f = trace("f", std::vector<TensorSpec>{{image.shape(), DType::f32, {}}, {filter.shape(), DType::f32, {}}}, [](const Tensors& a) {
    const std::vector<NamedAttr> how = {{"strides", Sizes{1, 2, 1, 1}}, {"padding", "SAME"}};
    const auto one = [&](const char* name, const Tensors& in) { return op_all(name, in, how)[0]; };
    const Tensor y = one("Conv2D", {a[0], a[1]});
    return Tensors{y, one("Conv2DBackpropInput", {numbers({2, 8, 6, 3}), a[1], y}), one("Conv2DBackpropFilter", {a[0], numbers({3, 2, 3, 4}), y})};
  });
  Tensors first = {image, filter};
  first.insert(first.end(), f->captures().begin(), f->captures().end());
  graph::Plan plan(graph::concrete(f), first);
  for (int i = 0; i < 5; ++i) {
    const Tensor x = whole(DType::f32, image.shape(), 4);
    Tensors all = {x, filter};
    all.insert(all.end(), f->captures().begin(), f->captures().end());
    asked();
    const Tensors got = plan.run(all);
    const std::string done = asked();
    if (emulated()) { EXPECT_EQ(std::count(done.begin(), done.end(), '\n'), 3) << "step " << i << ": " << done; }
    const std::vector<NamedAttr> how = {{"strides", Sizes{1, 2, 1, 1}}, {"padding", "SAME"}};
    const Tensor y = on_cpu(find_op("Conv2D"), {x, filter}, how)[0];
    const double ulps = emulated() ? 0 : 64;
    expect_near(got[0], y, ulps, "forward");
    expect_near(got[1], on_cpu(find_op("Conv2DBackpropInput"), {numbers({2, 8, 6, 3}), filter, y}, how)[0], ulps, "to image");
    expect_near(got[2], on_cpu(find_op("Conv2DBackpropFilter"), {x, numbers({3, 2, 3, 4}), y}, how)[0], ulps, "to filter");
  }
  EXPECT_EQ(plan.step()->state(), "captured");
}

}  // namespace
}  // namespace ninefold
