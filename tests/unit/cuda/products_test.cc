// In: functions with products, biases and activations, on a GPU (emulated, or a card). Out: one call a product, whose numbers are
// those of the ops one by one but for rounding; what may not be joined; what runs where a card knows no such product.
#include <dlfcn.h>

#include "engine/device/cuda/launch.h"
#include "engine/graph/fuse.h"
#include "engine/graph/gpu_chain.h"
#include "engine/graph/plan.h"
#include "engine/graph/step_graph.h"
#include "ninefold/function.h"
#include "ninefold/functions/nn.h"
#include "ninefold/grad.h"
#include "same_on_both.h"

namespace ninefold {
namespace {

// ---- what cuBLASLt is asked ----

TEST(GpuPlans, ProductsAreAskedForByRows) {
  struct Row { bool ta, tb; Shape a, b; int64_t m, n, k; };
  for (const Row& r : {Row{false, false, {2, 3}, {3, 5}, 2, 5, 3}, {true, false, {3, 2}, {3, 5}, 2, 5, 3},
                       {false, true, {2, 3}, {5, 3}, 2, 5, 3}, {true, true, {3, 2}, {5, 3}, 2, 5, 3}}) {
    graph::GpuProduct how;
    how.transpose_a = r.ta, how.transpose_b = r.tb, how.after = cuda::Gemm::relu;
    for (const bool tensor_float : {false, true}) {
      device::set_tensor_float_32(tensor_float);
      const cuda::Gemm g = graph::gemm_of(how, DType::bf16, r.a, r.b);
      EXPECT_EQ(std::tuple(g.m, g.n, g.k, g.batch, g.dtype, g.transpose_a, g.transpose_b, g.after, g.tensor_float),
                std::tuple(r.m, r.n, r.k, 1, 14, r.ta, r.tb, cuda::Gemm::relu, tensor_float));
    }
  }
}

// ---- what is joined ----

struct ProductRow {
  const char* what;
  Tensors arguments;
  std::function<Tensors(const Tensors&)> body;
  const char* plan;
  double ulps = 4;
};
Tensor plus(const Tensor& x, const Tensor& b) { return op("BiasAdd", {x, b}); }
Tensor times(const Tensor& a, const Tensor& b, AttrList attrs = {}) { return op("MatMul", {a, b}, attrs); }
Tensor plain(DType d, const Shape& s) {
  std::vector<double> v(static_cast<size_t>(s.size()));
  for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<double>(static_cast<int>(i * 37 % 23) - 11) / 8;
  const device::Within cpu("/device:CPU:0");
  return op("Cast", {Tensor::of<double>(s, v)}, {{"DstT", d}});
}
Tensor gelu(const Tensor& x, bool approximate) { return nn::gelu(x, {.approximate = approximate}); }

std::vector<ProductRow> product_rows() {
  const Tensor x = plain(DType::f32, {6, 8}), w = plain(DType::f32, {8, 5}), b = plain(DType::f32, {5}), d = plain(DType::f32, {6, 5});
  std::vector<ProductRow> rows = {
      {"a bias", {x, w, b}, [](const Tensors& a) { return Tensors{plus(times(a[0], a[1]), a[2])}; }, "(MatMul BiasAdd)"},
      {"a row that is added", {x, w, b}, [](const Tensors& a) { return Tensors{a[2] + times(a[0], a[1])}; }, "(MatMul AddV2)"},
      {"relu", {x, w, b}, [](const Tensors& a) { return Tensors{op("Relu", {plus(times(a[0], a[1]), a[2])})}; }, "(MatMul BiasAdd Relu)"},
      {"relu without a bias", {x, w}, [](const Tensors& a) { return Tensors{op("Relu", {times(a[0], a[1])})}; }, "(MatMul Relu)"},
      {"gelu", {x, w, b}, [](const Tensors& a) { return Tensors{gelu(plus(times(a[0], a[1]), a[2]), true)}; },
       "(MatMul BiasAdd Pow Mul AddV2 Mul Tanh AddV2 Mul Mul)", 16},
      {"gelu by the error function is a chain", {x, w, b}, [](const Tensors& a) { return Tensors{gelu(plus(times(a[0], a[1]), a[2]), false)}; },
       "(MatMul BiasAdd), (RealDiv Erf AddV2 Mul Mul)", 16},
      {"transposed factors", {plain(DType::f32, {8, 6}), plain(DType::f32, {5, 8}), b},
       [](const Tensors& a) { return Tensors{plus(times(a[0], a[1], {{"transpose_a", true}, {"transpose_b", true}}), a[2])}; }, "(MatMul BiasAdd)"},
      {"a factor twice", {plain(DType::f32, {7, 7}), plain(DType::f32, {7})},
       [](const Tensors& a) { return Tensors{plus(times(a[0], a[0]), a[1])}; }, "(MatMul BiasAdd)"},
      {"rows of rows", {x, w, b},
       [](const Tensors& a) { return Tensors{op("Relu", {plus(op("Reshape", {times(a[0], a[1]), Tensor::of<int32_t>({3}, {2, 3, 5})}), a[2])})}; },
       "(MatMul Reshape BiasAdd Relu)"},
      {"a chain behind", {x, w, b}, [](const Tensors& a) { return Tensors{op("Exp", {op("Tanh", {plus(times(a[0], a[1]), a[2])})})}; },
       "(MatMul BiasAdd), (Tanh Exp)"},
      {"a bias gradient", {x, d}, [](const Tensors& a) { return Tensors{op("BiasAddGrad", {a[1]}), times(a[0], a[1], {{"transpose_a", true}})}; },
       "(MatMul BiasAddGrad)"},
      {"a bias gradient of rows of rows", {x, plain(DType::f32, {2, 3, 5})},
       [](const Tensors& a) {
         return Tensors{op("BiasAddGrad", {a[1]}), times(a[0], op("Reshape", {a[1], Tensor::of<int32_t>({2}, {6, 5})}), {{"transpose_a", true}})};
       }, "Reshape, (MatMul BiasAddGrad)"},
      {"float64 keeps its ops", {plain(DType::f64, {6, 8}), plain(DType::f64, {8, 5}), plain(DType::f64, {5})},
       [](const Tensors& a) { return Tensors{plus(times(a[0], a[1]), a[2])}; }, "MatMul, BiasAdd"},
      {"a product that is also read", {x, w, b},
       [](const Tensors& a) { const Tensor y = times(a[0], a[1]); return Tensors{plus(y, a[2]), op("Sum", {y, Tensor::of<int32_t>({1}, {0})})}; },
       "MatMul, BiasAdd, Sum"},
      {"a sum that is also a result", {x, w, b}, [](const Tensors& a) { const Tensor y = plus(times(a[0], a[1]), a[2]); return Tensors{op("Relu", {y}), y}; },
       "(MatMul BiasAdd), Relu"},
      {"a column is no bias", {x, w, plain(DType::f32, {6, 1})}, [](const Tensors& a) { return Tensors{times(a[0], a[1]) + a[2]}; }, "MatMul, AddV2"},
      {"another device", {x, w, b}, [](const Tensors& a) {
         const Tensor y = times(a[0], a[1]);
         const device::Within second("/GPU:1");
         return Tensors{plus(y, a[2])};
       }, "MatMul, BiasAdd"},
      {"nothing to sum", {plain(DType::f32, {3, 0}), plain(DType::f32, {0, 5}), b}, [](const Tensors& a) { return Tensors{plus(times(a[0], a[1]), a[2])}; },
       "MatMul, BiasAdd"},
  };
  for (const DType t : {DType::f16, DType::bf16})
    rows.push_back(ProductRow{t == DType::f16 ? "half" : "bfloat16", {plain(t, {6, 8}), plain(t, {8, 5}), plain(t, {5})},
                              [](const Tensors& a) { return Tensors{op("Relu", {plus(times(a[0], a[1]), a[2])})}; }, "(MatMul BiasAdd Relu)", 2});
  return rows;
}

Tensors inputs_of(const FunctionRef& f, const Tensors& arguments) {
  Tensors all = arguments;
  all.insert(all.end(), f->captures().begin(), f->captures().end());
  return all;
}
std::string calls_of(const graph::Plan& plan) {
  std::string text;
  for (const graph::Thunk& t : plan.thunks()) text += (text.empty() ? "" : ", ") + (t.fused ? "(" + t.fused->formula + ")" : t.op->name);
  return text;
}
FunctionRef traced_of(const ProductRow& r) {
  std::vector<TensorSpec> specs;
  for (const Tensor& t : r.arguments) specs.push_back({t.shape(), t.dtype(), {}});
  return trace("f", specs, r.body);
}
int joined_products() {
  void* const library = dlopen(std::getenv("NINEFOLD_CUDA_LIBRARY"), RTLD_NOW | RTLD_NOLOAD);
  const auto ask = library ? reinterpret_cast<int (*)()>(dlsym(library, "ninefold_emulated_products")) : nullptr;
  return ask ? ask() : -1;                   // on a card nobody counts
}

void runs_as_its_ops(const ProductRow& r, bool joined) {
  const FunctionRef f = traced_of(r);
  const Tensors in = inputs_of(f, r.arguments);
  graph::set_fusion(false);
  graph::Plan apart(graph::concrete(f), in);
  graph::set_fusion(true);
  graph::Plan plan(graph::concrete(f), in);
  EXPECT_EQ(calls_of(plan), r.plan) << r.what;
  const Tensors want = apart.run(in);
  const int before = joined_products();
  for (int run = 0; run < 5; ++run) {        // op by op, measured, captured, replayed
    const Tensors got = plan.run(in);
    ASSERT_EQ(got.size(), want.size());
    for (size_t i = 0; i < got.size(); ++i) expect_near(got[i], want[i], r.ulps, std::string(r.what) + ", result " + std::to_string(i));
  }
  const int count = joined && std::string(r.plan).find("(MatMul") != std::string::npos ? 5 : 0;
  if (before >= 0) {
    EXPECT_EQ(joined_products() - before, count) << r.what;
  }
}

TEST_F(Gpu, ProductsTakeTheirBiasAndActivation) {
  for (const ProductRow& r : product_rows()) runs_as_its_ops(r, true);
}

TEST_F(Gpu, ProductsThatACardDoesNotKnowRunOpByOp) {
  if (!device::build().targets.starts_with("emulated")) GTEST_SKIP() << "a card knows what it knows";
  setenv("NINEFOLD_EMULATED_WITHOUT_EPILOGUES", "1", 1);
  for (const ProductRow& r : product_rows()) runs_as_its_ops(r, false);
  unsetenv("NINEFOLD_EMULATED_WITHOUT_EPILOGUES");
}

// Sums beside a product are not promised to be the same each time.
TEST_F(Gpu, ProductsOfDeterministicProgramsSumByThemselves) {
  const Tensor x = plain(DType::f32, {6, 8}), d = plain(DType::f32, {6, 5}), b = plain(DType::f32, {8});
  device::set_deterministic(true);
  runs_as_its_ops({"gradient", {x, d}, [](const Tensors& a) { return Tensors{op("BiasAddGrad", {a[1]}), times(a[0], a[1], {{"transpose_a", true}})}; },
                   "(MatMul BiasAddGrad)"}, false);
  runs_as_its_ops({"bias", {d, plain(DType::f32, {5, 8}), b}, [](const Tensors& a) { return Tensors{plus(times(a[0], a[1]), a[2])}; }, "(MatMul BiasAdd)"}, true);
  device::set_deterministic(false);
}

// ---- a factor that is there twice ----

TEST_F(Gpu, ATensorOfTheHostIsBroughtOnce) {
  const Tensor x = plain(DType::f32, {64, 64});
  device::reset_peak_of_gpu(0);
  const int64_t before = device::memory_of_gpu(0).current;
  const Tensor y = times(x, x);
  EXPECT_EQ(device::memory_of_gpu(0).peak - before, 2 * 64 * 64 * 4) << "the factor and the product";
}

}  // namespace
}  // namespace ninefold
