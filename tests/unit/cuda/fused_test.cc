// In: functions with chains of element-wise ops, on a GPU (emulated, or a card). Out: one kernel a chain, with the numbers of
// the ops one by one; kernels that are kept on disk; texts that NVRTC takes.
#include <dlfcn.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "engine/device/cuda/kernel_cache.h"
#include "engine/device/cuda/text_kernel.h"
#include "engine/graph/fuse.h"
#include "engine/graph/plan.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/elementwise/kernels.h"
#include "ninefold/function.h"
#include "same_on_both.h"

namespace ninefold {
namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() { fs::remove_all(path); }
  ~Folder() { fs::remove_all(path); }
  const std::string path = (fs::temp_directory_path() / ("ninefold-kernels-" + std::to_string(getpid()))).string();
};

// ---- the cache ----

TEST(KernelCache, KeepsWholeFilesAndIgnoresDamagedOnes) {
  const Folder f;
  const cuda::KernelCache cache(f.path);
  EXPECT_EQ(cache.find("a"), "");
  cache.keep("a", "machine code");
  EXPECT_EQ(cache.find("a"), "machine code");
  const std::string path = cache.path_of("a");
  const auto whole = fs::file_size(path);
  for (uintmax_t size = 0; size < whole; ++size) {
    fs::resize_file(path, size);
    EXPECT_EQ(cache.find("a"), "") << size;
    cache.keep("a", "machine code");
    ASSERT_EQ(cache.find("a"), "machine code") << "written again";
  }
  for (uintmax_t at = 0; at < whole; ++at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte).flush();
    EXPECT_EQ(cache.find("a"), "") << at;
    cache.keep("a", "machine code");
  }
  const cuda::KernelCache none("");
  none.keep("a", "machine code");
  EXPECT_EQ(none.find("a"), "");
  const cuda::KernelCache nowhere("/proc/1/no");   // nothing can be written there, and nobody minds
  nowhere.keep("a", "machine code");
}

TEST(KernelCache, DropsWhatWasUsedLongestAgo) {
  const Folder f;
  const std::string code(1000, 'x');
  const cuda::KernelCache cache(f.path, 3500);
  for (const char* key : {"a", "b", "c"}) {
    cache.keep(key, code);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  cache.find("a");
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  cache.keep("d", code);
  EXPECT_NE(cache.find("a"), "") << "it was used";
  EXPECT_EQ(cache.find("b"), "");
  EXPECT_NE(cache.find("c"), "");
  EXPECT_NE(cache.find("d"), "");
  cache.keep("e", std::string(5000, 'x'));
  EXPECT_EQ(cache.find("e"), "") << "larger than all there may be";
}

TEST(KernelCache, FolderFollowsTheEnvironment) {
  struct Row { const char *own, *xdg, *home, *want; };
  const auto set = [](const char* name, const char* value) { value ? setenv(name, value, 1) : unsetenv(name); };
  const char* names[] = {"NINEFOLD_KERNEL_CACHE", "XDG_CACHE_HOME", "HOME"};
  std::vector<std::optional<std::string>> before;
  for (const char* n : names) before.push_back(getenv(n) ? std::optional<std::string>(getenv(n)) : std::nullopt);
  for (const Row& r : {Row{"/k", "/x", "/h", "/k"}, {"", "/x", "/h", ""}, {nullptr, "/x", "/h", "/x/ninefold/kernels"},
                       {nullptr, "", "/h", "/h/.cache/ninefold/kernels"}, {nullptr, nullptr, nullptr, ""}}) {
    set(names[0], r.own), set(names[1], r.xdg), set(names[2], r.home);
    EXPECT_EQ(cuda::kernel_cache_folder(), r.want);
  }
  for (size_t i = 0; i < 3; ++i) set(names[i], before[i] ? before[i]->c_str() : nullptr);
}

// ---- texts ----

TEST(FusedText, SaysEveryStep) {
  using namespace elementwise;
  EXPECT_EQ(cuda_source(CudaChain{{{dt_half, Layout::full}, {dt_half, Layout::row}, {dt_bool, Layout::scalar}},
                                  {{"BiasAdd", dt_half, {0, 1}, dt_half}, {"Cast", dt_bool, {2}, dt_float}}, {3, 4}}),
            "#include \"engine/ops/fused.cuh\"\n\nNF_KERNEL(fused, Fused) {\n"
            "  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) {\n"
            "    const float r0 = load_as<float>(p.in[0], i, 19);\n"
            "    const float r1 = load_as<float>(p.in[1], column_of(p, i), 19);\n"
            "    const bool r2 = load_as<bool>(scalar_of(p, 2), 0, 10);\n"
            "    float r3;\n    {\n      typedef float T;\n"
            "      const T x0 = r0;\n      const T x1 = r1;\n"
            "      const T v0 = x0 + x1;\n"
            "      r3 = float_of_half(half_of_float(v0));\n    }\n"
            "    const float r4 = static_cast<float>(r2);\n"
            "    store_as<float>(p.out[0], i, 19, r3);\n"
            "    store_as<float>(p.out[1], i, 1, r4);\n"
            "  }\n}\n");
  EXPECT_TRUE(cuda_chains("Tanh", dt_bfloat16));
  EXPECT_TRUE(cuda_chains("Cast", dt_int64));
  EXPECT_FALSE(cuda_chains("Tanh", dt_int32));
  EXPECT_FALSE(cuda_chains("AddV2", dt_int8)) << "narrow integers wrap where they are stored";
  EXPECT_FALSE(cuda_chains("LeftShift", dt_int64)) << "it asks for the result's dtype";
  EXPECT_FALSE(cuda_chains("MatMul", dt_float));
}

// All ops of a dtype as one text: what NVRTC takes needs no card.
std::string everything(int dtype) {
  elementwise::CudaChain chain;
  chain.inputs = {{dtype, elementwise::Layout::full}, {dtype, elementwise::Layout::row}, {dtype, elementwise::Layout::column},
                  {elementwise::dt_bool, elementwise::Layout::scalar}};
  for (const elementwise::Body& b : elementwise::bodies()) {
    if (!elementwise::cuda_chains(b.name, dtype)) continue;
    std::vector<int> in;
    for (int i = 0; i < b.operands; ++i) in.push_back(i == 0 && b.first_is_condition ? 3 : i);
    chain.outputs.push_back(static_cast<int>(chain.inputs.size() + chain.steps.size()));
    chain.steps.push_back({b.name, dtype, in, b.out_dtype(dtype)});
  }
  chain.outputs.resize(std::min<size_t>(chain.outputs.size(), 8));
  return cuda_source(chain);
}

TEST(FusedText, NvrtcTakesEveryOp) {
  void* nvrtc = nullptr;
  for (const char* place : {"libnvrtc.so.13", "/usr/local/cuda/lib64/libnvrtc.so.13", "/usr/local/cuda/lib/libnvrtc.so.13"})
    if (!nvrtc) nvrtc = dlopen(place, RTLD_NOW | RTLD_LOCAL);
  const std::string source = std::string(NINEFOLD_TEST_DATA) + "/../../src/";
  if (!nvrtc || !fs::exists(source + "engine/ops/fused.cuh")) GTEST_SKIP() << "there is no NVRTC 13, or no source beside the tests";
  std::vector<std::string> texts = {"#pragma once\n", "#pragma once\ntypedef signed char int8_t;\ntypedef short int16_t;\ntypedef int int32_t;\n"
      "typedef long int64_t;\ntypedef unsigned char uint8_t;\ntypedef unsigned short uint16_t;\ntypedef unsigned uint32_t;\ntypedef unsigned long uint64_t;\n"};
  std::vector<std::string> names = {"cstddef", "cstdint", "engine/device/cuda/kernel.cuh", "engine/ops/numbers.cuh", "engine/ops/complex.cuh",
                                    "engine/ops/elementwise_launch.h",
                                    "engine/ops/elementwise.cuh", "engine/ops/fused_launch.h", "engine/ops/fused.cuh"};
  for (size_t i = 2; i < names.size(); ++i) {
    std::ifstream file(source + names[i]);
    texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  std::vector<const char*> n, t;
  for (size_t i = 0; i < names.size(); ++i) n.push_back(names[i].c_str()), t.push_back(texts[i].c_str());
  const auto create = reinterpret_cast<int (*)(void**, const char*, const char*, int, const char* const*, const char* const*)>(dlsym(nvrtc, "nvrtcCreateProgram"));
  const auto compile = reinterpret_cast<int (*)(void*, int, const char* const*)>(dlsym(nvrtc, "nvrtcCompileProgram"));
  const auto log_size = reinterpret_cast<int (*)(void*, size_t*)>(dlsym(nvrtc, "nvrtcGetProgramLogSize"));
  const auto log = reinterpret_cast<int (*)(void*, char*)>(dlsym(nvrtc, "nvrtcGetProgramLog"));
  const auto code_size = reinterpret_cast<int (*)(void*, size_t*)>(dlsym(nvrtc, "nvrtcGetCUBINSize"));
  const auto drop = reinterpret_cast<int (*)(void**)>(dlsym(nvrtc, "nvrtcDestroyProgram"));
  ASSERT_TRUE(create && compile && log_size && log && code_size && drop);
  using namespace elementwise;
  for (int dtype : {dt_float, dt_double, dt_half, dt_bfloat16, dt_int64, dt_uint64, dt_bool}) {
    void* program = nullptr;
    ASSERT_EQ(create(&program, everything(dtype).c_str(), "fused.cu", static_cast<int>(n.size()), t.data(), n.data()), 0);
    const char* const options[] = {"--gpu-architecture=sm_90", "--std=c++20", "--fmad=false"};
    const int status = compile(program, 3, options);
    size_t size = 0;
    log_size(program, &size);
    std::string said(size, ' ');
    log(program, said.data());
    EXPECT_EQ(status, 0) << dtype << ": " << said.substr(0, 2000);
    size = 0;
    code_size(program, &size);
    EXPECT_GT(size, 1000u) << dtype;
    drop(&program);
  }
}

// ---- chains in plans ----

Tensors all_inputs(const FunctionRef& f, const Tensors& arguments) {
  Tensors all = arguments;
  all.insert(all.end(), f->captures().begin(), f->captures().end());
  return all;
}
std::string chains_of(const FunctionRef& f, const Tensors& arguments) {
  const graph::Plan plan(graph::concrete(f), all_inputs(f, arguments));
  std::string text;
  for (const graph::Thunk& t : plan.thunks()) text += (text.empty() ? "" : ", ") + (t.fused ? "(" + t.fused->formula + ")" : t.op->name);
  return text;
}
Tensors apart(const FunctionRef& f, const Tensors& arguments) {
  graph::set_fusion(false);
  graph::Plan plan(graph::concrete(f), all_inputs(f, arguments));
  graph::set_fusion(true);
  return plan.run(all_inputs(f, arguments));
}

#define NF_WANTS_COMPILER \
  if (const std::string why = cuda::why_no_compiler(); !why.empty()) GTEST_SKIP() << why

struct Row {
  const char* what;
  Tensors arguments;
  std::function<Tensors(const Tensors&)> body;
  const char* plan;
};
Tensor one(float v) { return Tensor(v); }
Tensor as(const Tensor& t, DType d) { return op("Cast", {t}, {{"DstT", d}}); }

std::vector<Row> rows() {
  const Tensor x = some(DType::f32, {37, 29}), row = some(DType::f32, {29}), column = some(DType::f32, {37, 1});
  return {
      {"a chain", {some(DType::f32, {1025})},
       [](const Tensors& a) {
         const Tensor t = op("Tanh", {a[0] * one(2) + one(1)}), s = op("Sigmoid", {a[0]});
         return Tensors{t * s + a[0]};
       },
       "(Mul AddV2 Tanh Sigmoid Mul AddV2)"},
      {"a bias, rows and columns", {x, row, column},
       [](const Tensors& a) { return Tensors{op("Relu", {op("BiasAdd", {a[0], a[1]})}) / a[2]}; }, "(BiasAdd Relu RealDiv)"},
      {"a value that is also read outside", {x},
       [](const Tensors& a) {
         const Tensor t = op("Exp", {a[0] * one(0.01f)});
         const Tensor sum = op("Sum", {t, Tensor::of<int32_t>({1}, {0})});
         return Tensors{op("Sqrt", {t}) * one(2), sum};
       },
       "(Mul Exp), Sum, (Sqrt Mul)"},
      {"conditions and casts", {x},
       [](const Tensors& a) {
         const Tensor kept = as(op("GreaterEqual", {a[0], one(0)}), DType::f32), less = op("Less", {a[0], one(1)});
         return Tensors{op("SelectV2", {less, a[0] * kept, kept}), as(as(a[0] * kept, DType::f64), DType::i64)};
       },
       "(GreaterEqual Cast Less Mul SelectV2 Cast Cast)"},
      {"halves are rounded after each step", {some(DType::f16, {5, 41})},
       [](const Tensors& a) { return Tensors{op("Exp", {a[0] * a[0] * as(Tensor(0.125f), DType::f16)}) - a[0]}; }, "(Mul Mul Exp Sub)"},
      {"int32 stays with the host", {numbers({1, 2, 3})},
       [](const Tensors& a) { return Tensors{op("Neg", {a[0] * a[0]})}; }, "Mul, Neg"},
      {"whole numbers of 64 bits wrap", {Tensor::of<int64_t>({3}, {INT64_MAX, INT64_MIN, 7})},
       [](const Tensors& a) { return Tensors{op("Neg", {a[0] + a[0]}), op("Maximum", {a[0] * a[0], a[0]})}; }, "(AddV2 Neg), (Mul Maximum)"},
      {"one element, which the host holds", {one(2.5f), Tensor::of<float>({1, 1}, {3})},
       [](const Tensors& a) { return Tensors{op("Sqrt", {a[0] * a[0]}), (a[1] + a[1]) * a[1]}; }, "(Mul Sqrt), (AddV2 Mul)"},
      {"nothing to do", {Tensor::of<float>({0, 4}, {})}, [](const Tensors& a) { return Tensors{op("Exp", {a[0] * one(2)})}; }, "Mul, Exp"},
  };
}

TEST_F(Gpu, ChainsGiveTheNumbersOfTheirOps) {
  NF_WANTS_COMPILER;
  for (const Row& r : rows()) {
    std::vector<TensorSpec> specs;
    for (const Tensor& t : r.arguments) specs.push_back({t.shape(), t.dtype(), {}});
    const FunctionRef f = trace("f", specs, r.body);
    EXPECT_EQ(chains_of(f, r.arguments), r.plan) << r.what;
    const Tensors want = apart(f, r.arguments);
    for (int again = 0; again < 2; ++again) {
      const Tensors got = f->call(r.arguments);
      ASSERT_EQ(got.size(), want.size());
      for (size_t i = 0; i < got.size(); ++i) {
        EXPECT_EQ(on_host(got[i]), on_host(want[i])) << r.what;
        expect_near(got[i], want[i], 0, std::string(r.what) + ", result " + std::to_string(i));   // NaN has several bits
      }
    }
    const device::Within cpu("/CPU:0");
    EXPECT_TRUE(on_host(f->call(r.arguments)[0])) << "whoever runs it may wish for the CPU";
  }
}

// What a chain's ops wish for is heeded: a chain ends where the wish changes.
TEST_F(Gpu, ChainsEndWhereTheDeviceChanges) {
  NF_WANTS_COMPILER;
  const Traced f([](const Tensors& a) -> Tensors {
    const Tensor t = a[0] * a[0] + a[0];
    const device::Within gpu("/GPU:1");
    const Tensor u = op("Exp", {t}) - t;
    const device::Within cpu("/CPU:0");
    return {t, u, op("Neg", {op("Sqrt", {u})})};
  });
  const Tensors args = {some(DType::f32, {70})};
  const FunctionRef c = f.concrete(std::vector<TensorSpec>{{{70}, DType::f32, {}}});
  EXPECT_EQ(chains_of(c, args), "(Mul AddV2), (Exp Sub), Sqrt, Neg");
  const Tensors got = f(args), want = apart(c, args);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(got[i].device_name(), want[i].device_name());
    expect_near(got[i], want[i], 0, std::to_string(i));
  }
}

// Any damage to what lies on disk costs a compilation, nothing else.
TEST_F(Gpu, ChainsAreKeptOnDisk) {
  NF_WANTS_COMPILER;
  const Folder folder;
  setenv("NINEFOLD_KERNEL_CACHE", folder.path.c_str(), 1);
  Device& gpu = *gpu_device(), &second = *gpu_device(1);
  const std::string text = elementwise::cuda_source({{{1, elementwise::Layout::full}}, {{"Exp", 1, {0}, 1}, {"Log1p", 1, {1}, 1}}, {2}});
  const cuda::TextKernel kernel(text), same(text);
  const void* const made = kernel.on(gpu);
  ASSERT_TRUE(made);
  EXPECT_EQ(same.on(gpu), made) << "one kernel a text";
  ASSERT_EQ(std::distance(fs::directory_iterator(folder.path), {}), 1);
  const fs::path file = fs::directory_iterator(folder.path)->path();
  const auto size = fs::file_size(file);
  std::ofstream(file) << "damaged";
  EXPECT_TRUE(kernel.on(second)) << "the same card, another device of the process";
  EXPECT_EQ(fs::file_size(file), size) << "written again";
  setenv("NINEFOLD_KERNEL_CACHE", "", 1);
}

// A text that does not compile, and no compiler at all: ops run one by one.
TEST_F(Gpu, ChainsFallBackToTheirOps) {
  NF_WANTS_COMPILER;
  const cuda::TextKernel broken("this is no kernel");
  EXPECT_EQ(broken.on(*gpu_device()), nullptr);
  if (!device::build().targets.starts_with("emulated")) return;
  setenv("NINEFOLD_EMULATED_COMPILER", "/none", 1);
  EXPECT_EQ(cuda::why_no_compiler(), "there is no compiler to emulate NVRTC with");
  const Traced f([](const Tensors& a) -> Tensors { return {op("Exp", {op("Sin", {a[0]})}) * op("Cosh", {a[0]})}; });
  const Tensor x = some(DType::f32, {7});
  const Tensor got = f({x})[0], want = op("Exp", {op("Sin", {x})}) * op("Cosh", {x});
  EXPECT_FALSE(on_host(got));
  expect_near(got, want, 0, "op by op");
  unsetenv("NINEFOLD_EMULATED_COMPILER");
}

}  // namespace
}  // namespace ninefold
