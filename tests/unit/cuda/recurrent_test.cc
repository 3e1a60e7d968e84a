// In: sequences through LSTM and GRU (emulated, or on a card). Out: that cuDNN gives the CPU's steps and gradients, in every order of
// steps and samples, and where steps behind a sample's own are masked; where Keras' weights lie among cuDNN's; that own kernels do other
// masks, masks within captured steps, and what fails.
#include <dlfcn.h>

#include "engine/device/cuda/dnn.h"
#include "engine/graph/plan.h"
#include "engine/graph/step_graph.h"
#include "ninefold/function.h"
#include "same_on_both.h"
#include "train/layers/recurrent/whole.gpu.h"

namespace ninefold {
namespace {

using keras::whole::Packed;

// ---- decisions ----

TEST(GpuPlans, KerasWeightsAmongCudnns) {
  cuda::DnnRecurrentSizes sizes{};
  for (int i = 0; i < 8; ++i) sizes.matrix[i] = 1000 + i, sizes.bias[i] = 2000 + i;
  struct Row { Packed::From from; int64_t keras, dnn; };
  const auto expect = [&](bool lstm, const std::vector<Row>& rows) {
    const std::vector<Packed> got = keras::whole::packed(lstm, 10, sizes);
    ASSERT_EQ(got.size(), rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(got[i].from, rows[i].from) << i;
      EXPECT_EQ(got[i].keras, rows[i].keras) << i;
      EXPECT_EQ(got[i].dnn, rows[i].dnn) << i;
    }
  };
  // Keras: z, r, candidate; cuDNN: r, z, candidate.
  expect(false, {{Packed::kernel, 0, 1001}, {Packed::bias, 0, 2001}, {Packed::recurrent_kernel, 0, 1004}, {Packed::bias, 30, 2004},
                 {Packed::kernel, 10, 1000}, {Packed::bias, 10, 2000}, {Packed::recurrent_kernel, 10, 1003}, {Packed::bias, 40, 2003},
                 {Packed::kernel, 20, 1002}, {Packed::bias, 20, 2002}, {Packed::recurrent_kernel, 20, 1005}, {Packed::bias, 50, 2005}});
  for (int i = 4; i < 8; ++i) sizes.bias[i] = -1;
  expect(true, {{Packed::kernel, 0, 1000}, {Packed::bias, 0, 2000}, {Packed::recurrent_kernel, 0, 1004}, {Packed::kernel, 10, 1001}, {Packed::bias, 10, 2001},
                {Packed::recurrent_kernel, 10, 1005}, {Packed::kernel, 20, 1002}, {Packed::bias, 20, 2002}, {Packed::recurrent_kernel, 20, 1006},
                {Packed::kernel, 30, 1003}, {Packed::bias, 30, 2003}, {Packed::recurrent_kernel, 30, 1007}});
}

TEST(GpuPlans, WhatFlowsIntoTheLastStep) {
  struct Row { int flows; bool outputs, enough; };
  for (const Row& r : {Row{0, false, true}, {1, false, true}, {2, false, true}, {3, false, false}, {0, true, true}, {1, true, true}, {2, true, false}})
    EXPECT_EQ(keras::whole::two_ends_suffice(r.flows, r.outputs), r.enough) << r.flows << r.outputs;
}

TEST(GpuPlans, MasksThatAreLengths) {
  struct Row { std::vector<char> mask; int64_t batch, steps; bool major; std::vector<int32_t> lengths; };
  const Row rows[] = {
      {{1, 1, 1, 1, 1, 1}, 2, 3, false, {3, 3}}, {{1, 0, 0, 1, 1, 0}, 2, 3, false, {1, 2}}, {{1, 1, 0, 1, 0, 0}, 2, 3, true, {1, 2}},
      {{0, 1, 1, 1, 1, 1}, 2, 3, false, {}},     // padded before
      {{1, 0, 1, 1, 1, 1}, 2, 3, false, {}},     // a hole
      {{1, 1, 1, 0, 0, 0}, 2, 3, false, {}},     // none of a sample
  };
  for (const Row& r : rows) {
    const auto mask = std::make_unique<bool[]>(r.mask.size());
    std::copy(r.mask.begin(), r.mask.end(), mask.get());
    EXPECT_EQ(keras::whole::lengths_of({mask.get(), r.mask.size()}, r.batch, r.steps, r.major), r.lengths);
  }
}

// ---- at work ----

bool emulated_card() { return device::build().targets.starts_with("emulated"); }
std::string layers_did(int fail = 0) {
  void* const library = ::dlopen(std::getenv("NINEFOLD_CUDA_LIBRARY"), RTLD_NOW | RTLD_NOLOAD);
  const auto told = library ? reinterpret_cast<const char* (*)(int)>(::dlsym(library, "ninefold_emulated_recurrent")) : nullptr;
  return told ? told(fail) : "";
}
// Small numbers, so that gates are not saturated.
Tensor small(const Shape& s) {
  const device::Within cpu("/device:CPU:0");
  std::vector<float> values(static_cast<size_t>(s.size()));
  for (float& v : values) v = static_cast<float>(static_cast<int>(random_bits() % 201) - 100) / 150.0f;
  return Tensor::of<float>(s, values);
}
struct Layer {
  bool lstm, time_major, backwards, all;
  int64_t batch = 3, steps = 4, in = 5, units = 2;
  bool zero_masked = false;
  // A first step that counts and a last one, of each sample between them some.
  Tensor lengths() const {
    const device::Within cpu("/device:CPU:0");
    std::vector<int64_t> mask;
    for (int64_t i = 0; i < batch * steps; ++i) {
      const int64_t b = time_major ? i % batch : i / steps, t = time_major ? i / batch : i % steps;
      mask.push_back(t <= b % steps);
    }
    const Shape shape = time_major ? Shape{steps, batch} : Shape{batch, steps};
    return numbers(mask, DType::boolean, &shape);
  }
  Tensors inputs(bool mask = false) const {
    const int64_t gates = lstm ? 4 : 3;
    Tensors t = {small(time_major ? Shape{steps, batch, in} : Shape{batch, steps, in}), small({batch, units})};
    if (lstm) t.push_back(small({batch, units}));
    t.push_back(small({in, gates * units}));
    t.push_back(small({units, gates * units}));
    t.push_back(lstm ? small({4 * units}) : small({2, 3 * units}));
    t.push_back(mask ? whole(DType::boolean, time_major ? Shape{steps, batch} : Shape{batch, steps}, 1) : Tensor::zeros(DType::boolean, {0}));
    return t;
  }
  std::vector<NamedAttr> attrs(const char* further, bool value) const {
    return {{"time_major", time_major}, {"go_backwards", backwards}, {"return_sequences", all},
            {"zero_output_for_mask", zero_masked}, {further, value}};
  }
  const Op& forward() const { return find_op(lstm ? "NinefoldLSTM" : "NinefoldGRU"); }
  const Op& grad() const { return find_op(lstm ? "NinefoldLSTMGrad" : "NinefoldGRUGrad"); }
  std::string name() const { return fmt::format("{} major {} backwards {} all {}", lstm ? "LSTM" : "GRU", time_major, backwards, all); }
};
Tensors on(const char* where, const Op& op, const Tensors& in, const std::vector<NamedAttr>& attrs) {
  const device::Within there(where);
  return dispatch(op, in, Attrs(op, attrs));
}
constexpr const char *kGpu = "/device:GPU:0", *kCpu = "/device:CPU:0";
// A card's layers may round to TF32 unless told not to.
struct NoTensorFloat {
  NoTensorFloat() { device::set_tensor_float_32(false); }
  ~NoTensorFloat() { device::set_tensor_float_32(true); }
};

void same_layer(const Layer& l, const char* expected, bool mask = false, int flows = -1, bool padded = false) {
  Tensors in = l.inputs(mask);
  if (padded) in.back() = l.lengths();
  layers_did();
  const Tensors want = on(kCpu, l.forward(), in, l.attrs("keep", true)), got = on(kGpu, l.forward(), in, l.attrs("keep", true));
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i + 1 < got.size(); ++i) {
    EXPECT_FALSE(on_host(got[i]));
    expect_near(got[i], want[i], 64, l.name() + " output " + std::to_string(i));
  }
  if (emulated_card()) { EXPECT_EQ(layers_did(), *expected ? "forward\n" : "") << l.name(); }
  for (int bits = flows < 0 ? 0 : flows; bits < (flows < 0 ? 16 : flows + 1); ++bits) {
    if (!l.lstm && bits >= 8) break;
    Tensors back = in;
    back.push_back(want.back());
    for (size_t i = 0; i + 1 < want.size(); ++i) back.push_back(bits >> i & 1 ? small(want[i].shape()) : Tensor::zeros(DType::f32, {0}));
    Tensors gpu_back = back;
    gpu_back[in.size()] = got.back();
    const bool needs_x = bits % 3 != 1;
    const Tensors dwant = on(kCpu, l.grad(), back, l.attrs("needs_x", needs_x));
    layers_did();
    const Tensors dgot = on(kGpu, l.grad(), gpu_back, l.attrs("needs_x", needs_x));
    const std::string told = layers_did();
    if (emulated_card() && *expected) {
      EXPECT_EQ(told, (bits & 7) == 7 && !padded ? "" : "forward, training\nback\n") << l.name() << " flows " << bits;
    }
    for (size_t i = 0; i < dgot.size(); ++i) expect_near(dgot[i], dwant[i], 256, l.name() + " flows " + std::to_string(bits) + " gradient " + std::to_string(i));
    // The CPU finds that nothing was kept for it.
    const Tensors dcpu = on(kCpu, l.grad(), gpu_back, l.attrs("needs_x", needs_x));
    for (size_t i = 0; i < dcpu.size(); ++i) expect_near(dcpu[i], dwant[i], 64, l.name() + " on the CPU, gradient " + std::to_string(i));
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST_F(Gpu, RecurrentLayersOfCudnnGiveTheCpusStepsAndGradients) {
  const NoTensorFloat exact;
  for (bool lstm : {true, false})
    for (bool major : {false, true})
      for (bool backwards : {false, true})
        for (bool all : {false, true}) {
          same_layer({lstm, major, backwards, all}, "cuDNN");
          if (HasFatalFailure()) return;
        }
  same_layer({true, false, false, true, 1, 1, 1, 1}, "cuDNN");
  same_layer({false, false, true, true, 2, 7, 3, 6}, "cuDNN");
}

TEST_F(Gpu, CudnnIsToldHowManyStepsCount) {
  const NoTensorFloat exact;
  for (bool lstm : {true, false})
    for (bool major : {false, true})
      for (bool all : {false, true}) {
        same_layer({lstm, major, false, all}, "cuDNN", false, -1, true);
        if (HasFatalFailure()) return;
      }
  same_layer({true, false, false, true, 5, 3, 2, 4}, "cuDNN", false, -1, true);
  for (bool lstm : {true, false}) same_layer({lstm, false, true, true}, "", false, 2, true);   // the last step first: padded before
}

TEST_F(Gpu, OwnStepsDoWhatCudnnDoesNot) {
  const NoTensorFloat exact;
  for (bool lstm : {true, false})
    for (bool backwards : {false, true})
      for (bool all : {false, true})
        for (bool zero_masked : {false, true}) {
          same_layer({lstm, all != backwards, backwards, all, 3, 4, 5, 2, zero_masked}, "", true);   // any mask
          if (HasFatalFailure()) return;
        }
  for (bool lstm : {true, false}) same_layer({lstm, false, false, true, 0, 4, 5, 2}, "", false, 2);   // no samples
  cuda::use_dnn(false);
  for (bool lstm : {true, false})
    for (bool major : {false, true})
      for (bool all : {false, true}) same_layer({lstm, major, all, all}, "", false);
  cuda::use_dnn(true);
  if (!emulated_card()) return;
  const Layer l{true, false, false, true, 4, 3, 2, 5};
  const Tensors in = l.inputs();
  const Tensor want = on(kCpu, l.forward(), in, l.attrs("keep", false))[1];
  layers_did(1);
  expect_near(on(kGpu, l.forward(), in, l.attrs("keep", false))[1], want, 64, "a fault");
  EXPECT_EQ(layers_did(), "fault\n");
  expect_near(on(kGpu, l.forward(), in, l.attrs("keep", false))[1], want, 64, "after a fault");
  EXPECT_EQ(layers_did(), "") << "what failed is not tried again";
}

// A graph of a forward pass and a gradient; masked ones ask nothing of the host, whatever the mask is.
void part_of_a_step(const Layer& l, bool masked) {
  const NoTensorFloat exact;
  const Tensors in = l.inputs(masked);
  const auto flows = [&](const Tensors& y) {       // into all outputs
    Tensors back = {y.back(), Tensor::zeros(DType::f32, {0}), y[1], Tensor::zeros(DType::f32, {0})};
    if (l.lstm) back.push_back(Tensor::zeros(DType::f32, {0}));
    return back;
  };
  std::vector<TensorSpec> specs;
  for (const Tensor& t : in) specs.push_back({t.shape(), t.dtype(), {}});
  const FunctionRef f = trace("f", specs, [&](const Tensors& a) {
    const Tensors y = op_all(l.forward().name.c_str(), a, l.attrs("keep", true));
    Tensors back = a;
    for (const Tensor& t : flows(y)) back.push_back(t);
    Tensors out = op_all(l.grad().name.c_str(), back, l.attrs("needs_x", true));
    out.push_back(y[1]);
    return out;
  });
  const auto all = [&](const Tensors& arguments) {
    Tensors t = arguments;
    t.insert(t.end(), f->captures().begin(), f->captures().end());
    return t;
  };
  graph::Plan plan(graph::concrete(f), all(in));
  for (int i = 0; i < 5; ++i) {
    Tensors arguments = in;
    arguments[0] = small(in[0].shape());
    // Lengths at first, so that cuDNN would do it; then any mask, of which a graph must know nothing.
    if (masked) arguments.back() = i < 3 ? l.lengths() : l.inputs(true).back();
    layers_did();
    const Tensors got = plan.run(all(arguments));
    const bool by_dnn = !masked || (i == 0 && !l.backwards);
    if (emulated_card()) { EXPECT_EQ(layers_did(), by_dnn ? "forward\nforward, training\nback\n" : "") << l.name() << " step " << i; }
    const Tensors y = on(kCpu, l.forward(), arguments, l.attrs("keep", true));
    Tensors back = arguments;
    for (const Tensor& t : flows(y)) back.push_back(t);
    const Tensors want = on(kCpu, l.grad(), back, l.attrs("needs_x", true));
    for (size_t k = 0; k < want.size(); ++k) expect_near(got[k], want[k], 256, l.name() + " gradient " + std::to_string(k));
    expect_near(got.back(), y[1], 64, l.name() + " outputs");
  }
  EXPECT_EQ(plan.step()->state(), "captured") << l.name();
}
TEST_F(Gpu, RecurrentLayersBecomePartOfAStep) {
  part_of_a_step({true, false, true, true}, false);
  for (bool lstm : {true, false})
    for (bool backwards : {false, true}) part_of_a_step({lstm, false, backwards, true}, true);
}

}  // namespace
}  // namespace ninefold
