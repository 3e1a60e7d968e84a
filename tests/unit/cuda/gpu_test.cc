// In: the kernels of the GPU library as loops on the host (tests/cuda/emulator.cc), in a process of their own. Out: that
// every op with a GPU kernel gives there what it gives on the CPU; who lies where; errors. Run with
// NINEFOLD_CUDA_LIBRARY=.../libninefold_emulated_cuda.so (tests/CMakeLists.txt), on a card with the true library.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/library.h"
#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/elementwise/kernels.h"
#include "engine/op/place.h"
#include "engine/op/scope.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/elementwise.gpu.h"
#include "engine/ops/moves.gpu.h"
#include "engine/ops/reduce.gpu.h"
#include "engine/tensor/resource.h"
#include "ninefold/device.h"
#include "ninefold/grad.h"
#include "ninefold/ops.h"
#include "same_on_both.h"

namespace ninefold {
namespace {

// ---- plans: pure ----

struct LayoutRow { std::vector<int64_t> out; std::vector<std::vector<int64_t>> in; int rank; std::vector<std::vector<int64_t>> strides; };
TEST(GpuPlans, ElementwiseLayoutsMergeWhatAllOperandsWalkAlike) {
  const LayoutRow rows[] = {
      {{2, 3}, {{2, 3}, {2, 3}}, 0, {{1, 1}}},
      {{2, 3}, {{2, 3}, {}}, 0, {{1, 0}}},
      {{2, 3}, {{2, 3}, {3}}, 2, {{3, 0}, {1, 1}}},
      {{2, 3}, {{2, 1}, {2, 3}}, 2, {{1, 3}, {0, 1}}},
      {{4, 2, 3}, {{4, 2, 3}, {2, 3}}, 2, {{6, 0}, {1, 1}}},
      {{2, 1, 3}, {{2, 1, 1}, {1, 1, 3}}, 2, {{1, 0}, {0, 1}}},
      {{}, {{}, {}}, 0, {{0, 0}}},
      {{1, 1}, {{1, 1}, {1}}, 0, {{0, 0}}},
  };
  for (const LayoutRow& r : rows) {
    cuda::Elementwise p{};
    std::vector<std::span<const int64_t>> in(r.in.begin(), r.in.end());
    ops::lay_out(p, r.out, in);
    ASSERT_EQ(p.rank, r.rank);
    for (size_t d = 0; d < r.strides.size(); ++d)
      for (size_t k = 0; k < r.in.size(); ++k) EXPECT_EQ(p.stride[d][k], r.strides[d][k]) << d << " " << k;
  }
}

TEST(GpuPlans, CopiesAndReductionsMergeNeighbours) {
  const int64_t shape[] = {2, 3, 4}, to[] = {12, 4, 1}, from[] = {12, 4, 1}, turned[] = {1, 2, 6};
  EXPECT_EQ(ops::laid_out(shape, to, from).rank, 1);
  EXPECT_EQ(ops::laid_out(shape, to, turned).rank, 3);
  EXPECT_EQ(ops::laid_out(shape, to, turned).elements, 24);
  const cuda::Reduce rows = ops::reduction_of(shape, {false, false, true});
  EXPECT_EQ(rows.kept, 6);
  EXPECT_EQ(rows.reduced, 4);
  EXPECT_EQ(rows.kept_rank, 1);
  EXPECT_EQ(rows.kept_stride[0], 4);
  EXPECT_EQ(ops::reduction_of(shape, {true, false, true}).reduced_rank, 2);
  const int64_t wide[] = {4096, 4096};
  EXPECT_TRUE(ops::by_thread(ops::reduction_of(wide, {true, false})));
  EXPECT_FALSE(ops::by_thread(ops::reduction_of(wide, {false, true})));
}

struct GridRow { int64_t elements; unsigned blocks; };
TEST(GpuPlans, BlocksAtTheEdges) {
  for (const GridRow& r : {GridRow{0, 1}, {1, 1}, {255, 1}, {256, 1}, {257, 2}, {1023, 4}, {1025, 5}, {int64_t{1} << 40, 2112}})
    EXPECT_EQ(cuda::threads_for(r.elements).blocks[0], r.blocks) << r.elements;
}

// ---- kernels ----

constexpr DType kNumbers[] = {DType::f16, DType::bf16, DType::f32, DType::f64, DType::i8, DType::u8, DType::i16, DType::u16,
                              DType::i32, DType::i64, DType::u32, DType::u64, DType::boolean, DType::c64, DType::c128};

// Ops whose CPU kernel raises where a card does not: divisors and exponents that are fine everywhere.
bool raises(const elementwise::Body& b, DType d) { return b.fault[static_cast<size_t>(elementwise::compute_dtype(static_cast<int>(d)))] != nullptr; }

TEST_F(Gpu, EveryElementwiseOpAndDtypeGivesWhatTheCpuGives) {
  int tested = 0;
  for (const elementwise::Body& b : elementwise::bodies()) {
    const Op* op = nullptr;
    for (const Op* o : all_ops())
      if (o->name == b.name) op = o;
    if (!op) continue;
    const bool keyed = def(*op).key_attr >= 0;
    // Rows of their own: rows_test.cc.
    if (def(*op).attrs.size() > (keyed ? 1u : 0u) && def(*op).attrs.back().name != "Tout") continue;
    for (DType d : kNumbers) {
      if (!b.supports(static_cast<int>(d)) || (!keyed && d != DType::boolean)) continue;
      if (!find_kernel(*op, keyed ? d : DType::invalid, "GPU")) continue;
      // Boundary sizes; then operands that repeat.
      for (const Shape& shape : {Shape{1023}, Shape{1025}, Shape{0}, Shape{3, 5, 7}}) {
        Tensors in;
        for (int i = 0; i < b.operands; ++i) {
          const DType type = i == 0 && b.first_is_condition ? DType::boolean : d;
          const bool repeats = i > 0 && shape.rank() == 3 && op->shape == shapes::broadcast;
          in.push_back(some(type, repeats ? (i == 1 ? Shape{5, 1} : Shape{7}) : shape));
          if (i == 1 && raises(b, d)) in.back() = on_cpu(find_op("OnesLike"), {in.back()}, {})[0];
        }
        const bool exact = !is_floating(d) && !is_complex(d);
        same_on_both(b.name, in, is_complex(d) && def(*op).attrs.size() > 1 ? std::vector<NamedAttr>{{"Tout", real_part_of(d)}} : std::vector<NamedAttr>{},
                     exact ? 0 : d == DType::f16 || d == DType::bf16 ? 1 : 16);
        if (HasFatalFailure()) return;
      }
      ++tested;
    }
  }
  EXPECT_GE(tested, 550) << "ops and dtypes that have kernels";
}

TEST_F(Gpu, MovesGiveWhatTheCpuGives) {
  for (DType d : {DType::boolean, DType::f16, DType::f32, DType::f64, DType::c128}) {
    const Tensor x = d == DType::c128 ? on_cpu(find_op("Cast"), {some(DType::f64, {5, 7, 3})}, std::vector<NamedAttr>{{"DstT", d}})[0] : some(d, {5, 7, 3});
    auto i32 = [](std::vector<int32_t> v) { return Tensor::of<int32_t>({static_cast<int64_t>(v.size())}, v); };
    same_on_both("Transpose", {x, i32({2, 0, 1})});
    same_on_both("Transpose", {x, i32({0, 1, 2})});
    same_on_both("Slice", {x, i32({1, 2, 0}), i32({3, 5, 2})});
    same_on_both("StridedSlice", {x, i32({4, 0, 2}), i32({0, 7, 0}), i32({-2, 3, -1})});
    same_on_both("Pad", {x, Tensor::of<int32_t>({3, 2}, {1, 2, 0, 0, 3, 1})});
    same_on_both("Tile", {x, i32({2, 1, 3})});
    same_on_both("BroadcastTo", {x, i32({2, 5, 7, 3})});
    same_on_both("ReverseV2", {x, i32({0, 2})});
    same_on_both("ConcatV2", {x, x, Tensor(int32_t{1})});
    same_on_both("Split", {Tensor(int32_t{0}), x}, {{"num_split", 5}});
    same_on_both("Pack", {x, x, x}, {{"axis", 1}});
    same_on_both("Unpack", {x}, {{"num", 7}, {"axis", 1}});
    same_on_both("ZerosLike", {x});
    same_on_both("Roll", {x, i32({2, -1, 9}), i32({0, 1, 0})});
    same_on_both("ReverseSequence", {x, i32({7, 0, 3, 1, 2})}, {{"seq_dim", 1}, {"batch_dim", 0}});
    for (const char* mode : {"REFLECT", "SYMMETRIC"})
      same_on_both("MirrorPad", {x, Tensor::of<int32_t>({3, 2}, {0, 2, 3, 1, 2, 0})}, {{"mode", mode}});
    for (const auto& [low, high] : {std::pair<int, int>{0, 0}, {-1, 2}, {2, -1}, {1, 1}, {-1, -1}})
      same_on_both("MatrixBandPart", {x, Tensor(int32_t{low}), Tensor(int32_t{high})});
    const Tensor one = on_cpu(find_op("Reshape"), {on_cpu(find_op("Slice"), {x, i32({0, 0, 2}), i32({1, 1, 1})}, {})[0], i32({})}, {})[0];
    for (const char* align : {"LEFT_RIGHT", "RIGHT_LEFT"})
      for (const std::vector<int32_t>& k : {std::vector<int32_t>{0}, {1}, {-2, 1}, {-6, 2}}) {
        const Tensor band = on_cpu(find_op("MatrixDiagPartV3"), {x, i32(k), one}, std::vector<NamedAttr>{{"align", align}})[0];
        same_on_both("MatrixDiagPartV3", {x, i32(k), one}, {{"align", align}});
        same_on_both("MatrixSetDiagV3", {x, band, i32(k)}, {{"align", align}});
        same_on_both("MatrixDiagV3", {band, i32(k), Tensor(int32_t{7}), Tensor(int32_t{3}), one}, {{"align", align}});
      }
    same_on_both("OneHot", {Tensor::of<int64_t>({2, 3}, {0, 4, -1, 5, 2, 2}), Tensor(int32_t{5}), one, one}, {{"axis", 1}});
    if (d != DType::boolean) {
      const Tensor row = on_cpu(find_op("Reshape"), {on_cpu(find_op("Slice"), {x, i32({1, 1, 0}), i32({2, 2, 1})}, {})[0], i32({2, 2})}, {})[0];
      same_on_both("Diag", {row});
      same_on_both("DiagPart", {on_cpu(find_op("Diag"), {row}, {})[0]});
    }
    same_on_both("OnesLike", {x});
    same_on_both("ConjugateTranspose", {d == DType::c128 ? whole(d, {5, 7, 3}) : x, i32({2, 0, 1})}, {}, 1);
    same_on_both("GatherV2", {x, Tensor::of<int32_t>({2, 2}, {6, 0, 3, 3}), Tensor(int32_t{1})});
    same_on_both("GatherV2", {x, Tensor::of<int64_t>({4}, {4, 0, 1, 1}), Tensor(int32_t{0})});
    if (HasFatalFailure()) return;
  }
  same_on_both("Fill", {Tensor::of<int32_t>({2}, {33, 9}), Tensor(2.5f)});
  for (int64_t axis : {-1, 0})
    same_on_both("OneHot", {Tensor::of<int32_t>({4}, {0, 2, 9, 1}), Tensor(int32_t{3}), Tensor(1.0f), Tensor(-1.0f)}, {{"axis", axis}});
  same_on_both("Bitcast", {some(DType::f64, {3, 5})}, {{"type", DType::u8}});
  same_on_both("Bitcast", {some(DType::i32, {3, 2})}, {{"type", DType::f64}});
  const Tensor blocks = some(DType::f32, {2, 4, 6, 3});
  same_on_both("SpaceToDepth", {blocks}, {{"block_size", 2}});
  same_on_both("SpaceToBatchND", {blocks, Tensor::of<int32_t>({2}, {2, 3}), Tensor::of<int32_t>({2, 2}, {0, 0, 0, 0})});
  for (DType from : kNumbers)
    for (DType to : kNumbers) {
      const Tensor x = on_cpu(find_op("Cast"), {Tensor::of<double>({6}, {0, 1, 2, 3.5, 17, 100})}, std::vector<NamedAttr>{{"DstT", from}})[0];
      same_on_both("Cast", {x}, {{"DstT", to}});
      if (HasFatalFailure()) return;
    }
}

TEST_F(Gpu, ReductionsAndSoftmaxGiveWhatTheCpuGives) {
  struct Row { Shape shape; std::vector<int32_t> axes; };
  const Row rows[] = {{{1025}, {0}}, {{3, 1025}, {1}}, {{1025, 3}, {0}}, {{2, 33, 5, 40}, {1, 3}}, {{4, 5}, {}}, {{2, 0, 3}, {1}},
                      {{2, 1500}, {0}}, {{1, 1, 1}, {0, 1, 2}}};
  for (const Row& r : rows) {
    const Tensor axes = Tensor::of<int32_t>({static_cast<int64_t>(r.axes.size())}, r.axes);
    for (bool keep : {false, true})
      for (DType d : {DType::f32, DType::f64, DType::bf16, DType::i64, DType::i32, DType::u8, DType::c64, DType::c128}) {
        // Sums of many halves round in another order; NaN and infinity are the element-wise rows' business.
        Tensor x = on_cpu(find_op("Cast"), {on_cpu(find_op("Cast"), {some(DType::f64, r.shape)}, std::vector<NamedAttr>{{"DstT", DType::i32}})[0]}, std::vector<NamedAttr>{{"DstT", d}})[0];
        if (is_complex(d)) {
          x = whole(d, r.shape, 2);
          same_on_both("Prod", {x, axes}, {{"keep_dims", keep}}, 64);
        }
        for (const char* op : {"Sum", "Max", "Min", "Prod"})
          if (!is_complex(d) || op == std::string("Sum")) same_on_both(op, {x, axes}, {{"keep_dims", keep}}, is_floating(d) || is_complex(d) ? 64 : 0);
        if (is_floating(d) || is_complex(d)) same_on_both("Mean", {x, axes}, {{"keep_dims", keep}}, 64);
        if (HasFatalFailure()) return;
      }
    const Tensor truths = on_cpu(find_op("Greater"), {some(DType::f64, r.shape), Tensor(-3.9)}, {})[0];
    same_on_both("All", {truths, axes});
    same_on_both("Any", {truths, axes});
  }
  for (const Shape& s : {Shape{7, 10}, Shape{3, 1025}, Shape{1}, Shape{2, 3, 4}})
    for (DType d : {DType::f64, DType::bf16}) {
      same_on_both("Softmax", {some(d, s)}, {}, 16);
      same_on_both("LogSoftmax", {some(d, s)}, {}, 32);
    }
  same_on_both("BiasAddGrad", {some(DType::f64, {3, 4, 5})}, {}, 16);
  same_on_both("BiasAddGrad", {some(DType::f64, {3, 4, 5})}, {{"data_format", "NCHW"}}, 16);
}

TEST_F(Gpu, ProductsGiveWhatTheCpuGives) {
  for (bool ta : {false, true})
    for (bool tb : {false, true}) {
      same_on_both("MatMul", {some(DType::f64, ta ? Shape{4, 3} : Shape{3, 4}), some(DType::f64, tb ? Shape{5, 4} : Shape{4, 5})},
                   {{"transpose_a", ta}, {"transpose_b", tb}}, 64);
      same_on_both("BatchMatMulV2", {some(DType::f64, ta ? Shape{2, 1, 4, 3} : Shape{2, 1, 3, 4}), some(DType::f64, tb ? Shape{6, 5, 4} : Shape{6, 4, 5})},
                   {{"adj_x", ta}, {"adj_y", tb}}, 64);
      same_on_both("BatchMatMulV2", {some(DType::f64, ta ? Shape{6, 4, 3} : Shape{6, 3, 4}), some(DType::f64, tb ? Shape{5, 4} : Shape{4, 5})},
                   {{"adj_x", ta}, {"adj_y", tb}}, 64);
    }
  same_on_both("MatMul", {some(DType::f32, {3, 0}), some(DType::f32, {0, 5})});
  for (DType d : {DType::c64, DType::c128})
    for (bool ta : {false, true})
      for (bool tb : {false, true}) {
        const Tensor a = whole(d, ta ? Shape{4, 3} : Shape{3, 4}), b = whole(d, tb ? Shape{6, 5, 4} : Shape{6, 4, 5});
        same_on_both("MatMul", {a, whole(d, tb ? Shape{5, 4} : Shape{4, 5})}, {{"transpose_a", ta}, {"transpose_b", tb}});
        same_on_both("BatchMatMulV2", {a, b}, {{"adj_x", ta}, {"adj_y", tb}});
      }
}

// ---- who lies where ----

TEST_F(Gpu, PlacementFollowsTheRules) {
  const Tensor x = some(DType::f32, {4}), n = Tensor::of<int32_t>({3}, {1, 2, 3});
  EXPECT_EQ((x + x).device_name(), "/job:localhost/replica:0/task:0/device:GPU:0");
  EXPECT_TRUE(on_host(n + n)) << "int32 stays with the host";
  EXPECT_TRUE(on_host(op("Shape", {x + x})));
  EXPECT_FALSE(on_host(op("Reshape", {x + x, Tensor::of<int32_t>({2}, {2, 2})}))) << "a view stays where it is";
  {
    const device::Within cpu("/CPU:0");
    EXPECT_TRUE(on_host(x + x));
    EXPECT_TRUE(on_host((x + x) * x));
  }
  {
    const device::Within gpu("/GPU:1");
    EXPECT_EQ((n + n).device_name(), "/job:localhost/replica:0/task:0/device:GPU:1");
  }
  EXPECT_TRUE(on_host(op("RandomShuffle", {x + x}))) << "no kernel there: the CPU's";
  device::set_soft_placement(false);
  {
    const device::Within gpu("/GPU:0");
    EXPECT_THROW(op("RandomShuffle", {x}), Error);
  }
  {
    const device::Within gone("/GPU:7");
    try {
      x + x;
      ADD_FAILURE();
    } catch (const Error& e) {
      EXPECT_NE(e.message().find("Could not satisfy device specification '/job:localhost/replica:0/task:0/device:GPU:7'"), std::string::npos) << e.message();
    }
  }
  device::set_soft_placement(true);
  const device::Within gone("/GPU:7");
  EXPECT_FALSE(on_host(x + x));
}

TEST_F(Gpu, VariablesLiveThereAndAreUpdatedInPlace) {
  const Variable v(Tensor::of<float>({3}, {1, 2, 3}));
  EXPECT_FALSE(on_host(v.value())) << "a first value goes where the device is";
  const Tensor before = v.read();
  v.assign_add(Tensor::of<float>({3}, {10, 20, 30}));
  EXPECT_EQ(before.as<float>()[2], 3) << "a read outlives the write";
  EXPECT_EQ(v.read().as<float>()[2], 33);
  v.assign_sub(v.read());
  EXPECT_EQ(v.read().as<float>()[0], 0);
  EXPECT_FALSE(on_host(v.value()));
}

TEST_F(Gpu, GradientsFlowThere) {
  GradientTape tape;
  const Tensor x = Tensor::of<float>({2, 2}, {1, 2, 3, 4});
  tape.watch(x);
  const Tensor y = op("Sum", {op("MatMul", {x * x, x}), Tensor::of<int32_t>({2}, {0, 1})});
  EXPECT_FALSE(on_host(y));
  const Tensor dx = tape.gradient({y}, {x})[0];
  // d/dx sum(x^2 x): 2 x * rowsum(x)^T + colsum(x^2) over rows
  const float want[] = {2 * 1 * 3 + 10, 2 * 2 * 7 + 10, 2 * 3 * 3 + 20, 2 * 4 * 7 + 20};
  for (int i = 0; i < 4; ++i) EXPECT_FLOAT_EQ(dx.as<float>()[i], want[i]);
}

TEST_F(Gpu, MemoryIsCountedAndRunningOutNamesTheHolders) {
  const int64_t before = device::memory_of_gpu(0).current;
  {
    const Tensor x = op("Fill", {Tensor::of<int32_t>({1}, {1 << 20}), Tensor(1.0f)});
    EXPECT_EQ(device::memory_of_gpu(0).current - before, 4 << 20);
    device::reset_peak_of_gpu(0);
    Tensors held;
    try {
      for (int i = 0; i < 100; ++i) held.push_back(op("Fill", {Tensor::of<int32_t>({1}, {8 << 20}), Tensor(1.0f)}));
      ADD_FAILURE() << "512 MB are all there is";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Code::resource_exhausted);
      EXPECT_NE(e.message().find("OOM when allocating 33554432 bytes on /job:localhost/replica:0/task:0/device:GPU:0"), std::string::npos) << e.message();
      EXPECT_NE(e.message().find("  Fill"), std::string::npos) << e.message();
    }
    held.clear();
    EXPECT_FLOAT_EQ((x + x).as<float>()[7], 2) << "the process goes on";
    EXPECT_GE(device::memory_of_gpu(0).peak, 256 << 20);
  }
  EXPECT_EQ(device::memory_of_gpu(0).current, before) << "nothing is left";
  EXPECT_THROW(device::memory_of_gpu(9), Error);
  EXPECT_THROW(device::set_logical_gpus({}), Error);
}

// ---- what TensorFlow has on GPUs and Ninefold does not: lists that can only get shorter ----

// tests/data/gpu/kernels.txt (TensorFlow's own list) against the registry. tests/data/gpu/missing.txt names, of the ops
// that exist here, those without any GPU kernel, and dtypes that others lack; write it anew with NINEFOLD_WRITE_MISSING=1
// when something was added.
TEST_F(Gpu, OnlyTheNamedOpsLackKernelsThatTensorFlowHas) {
  const char* const elsewhere = std::getenv("NINEFOLD_TEST_DATA");   // on a machine that did not build this
  const std::string data = elsewhere ? elsewhere : NINEFOLD_TEST_DATA;
  std::ifstream list(data + "/gpu/kernels.txt");
  ASSERT_TRUE(list);
  std::string line, missing;
  std::map<std::string, const Op*> ops;
  for (const Op* op : all_ops()) ops[op->name] = op;
  while (std::getline(list, line)) {
    std::istringstream words(line);
    std::string name, dtype, lacks;
    words >> name;
    if (name == "#" || !ops.contains(name)) continue;
    const Op& op = *ops[name];
    if (op.view || is_anywhere(op)) continue;
    const bool keyed = def(op).key_attr >= 0;
    const std::vector<DType>* allowed = keyed ? &def(op).attrs[static_cast<size_t>(def(op).key_attr)].allowed : nullptr;
    // What a kernel of TensorFlow's for all dtypes is asked with: float32, or, of ops that do not take it, their first.
    const bool takes_float = !allowed || allowed->empty() || std::find(allowed->begin(), allowed->end(), DType::f32) != allowed->end();
    bool some = false;
    while (words >> dtype) {
      const DType d = dtype_named(dtype);
      const DType asked = keyed && dtype != "*" ? d : takes_float ? DType::f32 : allowed->front();
      const bool found = find_kernel(op, asked, "GPU") || find_kernel(op, DType::invalid, "GPU");
      if (!found && dtype != "*" && allowed && !allowed->empty() && std::find(allowed->begin(), allowed->end(), d) == allowed->end())
        continue;   // TensorFlow's constraint is on another attribute
      some = some || found;
      if (!found) lacks += " " + dtype;
    }
    if (!lacks.empty()) missing += name + (some ? lacks : "") + "\n";
  }
  const std::string path = data + "/gpu/missing.txt";
  if (std::getenv("NINEFOLD_WRITE_MISSING")) std::ofstream(path) << missing;
  std::ifstream file(path);
  const std::string known{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(missing, known) << "kernels came or went; NINEFOLD_WRITE_MISSING=1 writes the list anew, which may only get shorter";
}

}  // namespace
}  // namespace ninefold
