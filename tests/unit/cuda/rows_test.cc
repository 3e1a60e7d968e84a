// In: kernels that find rows by index, run along an axis, take steps of optimizers (emulated, or on a card). Out: that
// they give what the CPU gives; rows of a table each.
#include "engine/ops/scatter.gpu.h"
#include "same_on_both.h"

namespace ninefold {
namespace {

TEST(GpuPlans, PlacesOfIndices) {
  struct Row { Shape indices, into; bool single; int64_t count; std::vector<int64_t> size, stride; };
  const Row rows[] = {{{5}, {7, 3}, true, 5, {7}, {3}},
                      {{2, 5}, {7}, true, 10, {7}, {1}},
                      {{5, 1}, {7, 3}, false, 5, {7}, {3}},
                      {{4, 2}, {7, 3, 2}, false, 4, {7, 3}, {6, 2}},
                      {{4, 0}, {7, 3}, false, 4, {}, {}},
                      {{0, 2}, {7, 3}, false, 0, {7, 3}, {3, 1}}};
  for (const Row& r : rows) {
    const cuda::Points p = ops::points_of(r.indices, DType::i64, r.into, r.single);
    EXPECT_EQ(p.count, r.count);
    EXPECT_EQ(p.bytes, 8);
    ASSERT_EQ(static_cast<size_t>(p.depth), r.size.size());
    for (size_t i = 0; i < r.size.size(); ++i) {
      EXPECT_EQ(p.size[i], r.size[i]);
      EXPECT_EQ(p.stride[i], r.stride[i]);
    }
  }
}

// The op on variables with these first values, on either device; then what is in them.
void same_writes(const char* name, const Tensors& first, const Tensors& others, std::vector<NamedAttr> attrs, double ulps) {
  auto after = [&](const char* device) {
    const device::Within there(device);
    std::vector<Variable> variables;
    Tensors in;
    for (const Tensor& t : first) in.push_back(variables.emplace_back(t).handle());
    in.insert(in.end(), others.begin(), others.end());
    dispatch(find_op(name), in, Attrs(find_op(name), attrs));
    Tensors values;
    for (const Variable& v : variables) values.push_back(v.read());
    return values;
  };
  const Tensors want = after("/device:CPU:0"), got = after("/device:GPU:0");
  for (size_t i = 0; i < want.size(); ++i) {
    EXPECT_FALSE(on_host(got[i])) << name;
    expect_near(got[i], want[i], ulps, std::string(name) + " variable " + std::to_string(i) + " " + name_of(want[i].dtype()));
  }
}

constexpr DType kSome[] = {DType::f32, DType::f64, DType::f16, DType::i32, DType::i8, DType::u64};

TEST_F(Gpu, GathersAndScattersGiveWhatTheCpuGives) {
  struct Row { Shape into; std::vector<int64_t> points; int depth; };
  const Row rows[] = {{{7}, {0, 6, 3, 3}, 1}, {{4, 5}, {1, 4, 0, 0, 3, 2}, 2}, {{4, 5}, {3, 0, 3}, 1}, {{2, 3, 4}, {1, 2, 0, 1}, 2}, {{3, 0}, {1, 2}, 1}};
  for (const Row& r : rows)
    for (DType d : kSome)
      for (DType index : {DType::i32, DType::i64}) {
        const Shape at{static_cast<int64_t>(r.points.size()) / r.depth, r.depth};
        const Tensor points = numbers(r.points, index, &at), x = whole(d, r.into);
        const Shape u = Shape{at[0]}.concat(r.into.slice(r.depth, r.into.rank()));
        const Tensor updates = whole(d, u, 5);
        same_on_both("GatherNd", {x, points});
        if (r.into.size() > 0) same_on_both("ScatterNd", {points, updates, numbers(r.into.vector(), index)});
        for (const char* op : {"TensorScatterAdd", "TensorScatterSub", "TensorScatterMin", "TensorScatterMax"}) same_on_both(op, {x, points, updates});
        if (r.points != std::vector<int64_t>{0, 6, 3, 3} && r.into.size() != 20) same_on_both("TensorScatterUpdate", {x, points, updates});
        for (const char* op : {"ResourceScatterNdAdd", "ResourceScatterNdSub", "ResourceScatterNdMin", "ResourceScatterNdMax"})
          if (is_floating(d)) same_writes(op, {x}, {points, updates}, {}, 0);
        if (HasFatalFailure()) return;
      }
  const Tensor table = whole(DType::f32, {6, 3}), ids = numbers({5, 0, 2, 2, 1, 4}), values = whole(DType::f32, {6, 3}, 4);
  for (const char* op : {"ResourceScatterAdd", "ResourceScatterSub", "ResourceScatterMul", "ResourceScatterMin", "ResourceScatterMax"}) {
    same_writes(op, {table}, {ids, values}, {}, 0);
    same_writes(op, {table}, {ids, Tensor(3.0f)}, {}, 0);
  }
  same_writes("ResourceScatterDiv", {table}, {numbers({5, 1}), Tensor(4.0f)}, {}, 0);
  same_writes("ResourceScatterUpdate", {table}, {numbers({5, 1}), whole(DType::f32, {2, 3})}, {}, 0);
  same_writes("ResourceScatterUpdate", {table}, {numbers({5, 1}), Tensor(4.0f)}, {}, 0);
  same_writes("ResourceScatterUpdate", {table}, {numbers({}), whole(DType::f32, {0, 3})}, {}, 0);
  for (DType d : {DType::f32, DType::f64}) {
    const DType to = d == DType::f32 ? DType::c64 : DType::c128;
    auto complex = [&](const Shape& s) { return on_cpu(find_op("Complex"), {whole(d, s), whole(d, s)}, std::vector<NamedAttr>{{"Tout", to}})[0]; };
    const Shape at{3, 1};
    const Tensor points = numbers({4, 0, 4}, DType::i32, &at), updates = complex({3, 2});
    same_on_both("ScatterNd", {points, updates, numbers({5, 2})});
    for (const char* op : {"TensorScatterAdd", "TensorScatterSub"}) same_on_both(op, {complex({5, 2}), points, updates});
    for (const char* op : {"ResourceScatterNdAdd", "ResourceScatterNdSub"}) same_writes(op, {complex({5, 2})}, {points, updates}, {}, 0);
    for (const char* op : {"Equal", "NotEqual"}) same_on_both(op, {whole(to, {3, 4}, 1), whole(to, {4}, 1)});
    same_on_both("AddN", {updates, updates, complex({3, 2})});
    same_on_both("UnsortedSegmentSum", {updates, numbers({1, -1, 1}), Tensor(int32_t{3})});
  }
  device::set_deterministic(true);
  same_on_both("TensorScatterAdd", {some(DType::f64, {4}), numbers({3, 3, 1, 3}, DType::i32, std::make_unique<Shape>(Shape{4, 1}).get()), some(DType::f64, {4})});
  device::set_deterministic(false);
  const Variable rows_of(whole(DType::f32, {5, 2, 3}));
  for (const std::vector<int64_t>& ids : {std::vector<int64_t>{4, 0, 0}, {}}) {
    const Tensor got = op("ResourceGather", {rows_of.handle(), numbers(ids)}, {{"dtype", DType::f32}});
    EXPECT_FALSE(on_host(got));
    expect_near(got, on_cpu(find_op("GatherV2"), {rows_of.read(), numbers(ids), Tensor(int32_t{0})}, {})[0], 0, "ResourceGather");
  }
}

TEST_F(Gpu, SegmentsGiveWhatTheCpuGives) {
  for (DType d : kSome)
    for (const Shape& inner : {Shape{}, Shape{3}, Shape{2, 2}, Shape{0}}) {
      const Tensor x = whole(d, Shape{7}.concat(inner), 3);
      for (const char* op : {"UnsortedSegmentSum", "UnsortedSegmentProd", "UnsortedSegmentMax", "UnsortedSegmentMin"}) {
        same_on_both(op, {x, numbers({0, 3, 3, -1, 5, 0, 3}), Tensor(int32_t{6})});
        same_on_both(op, {whole(d, Shape{0}.concat(inner)), numbers({}), Tensor(int32_t{2})});
      }
      for (const char* op : {"SegmentSum", "SegmentMean", "SegmentProd", "SegmentMax", "SegmentMin"}) {
        same_on_both(op, {x, numbers({0, 0, 2, 2, 2, 3, 6}, DType::i64)}, {}, is_floating(d) ? 1 : 0);
        same_on_both(op, {whole(d, Shape{0}.concat(inner)), numbers({})});
      }
      if (HasFatalFailure()) return;
    }
}

TEST_F(Gpu, RunningSumsAndPlacesOfExtremesGiveWhatTheCpuGives) {
  struct Row { Shape shape; int axis; };
  for (const Row& r : {Row{{1}, 0}, {{63}, 0}, {{64}, 0}, {{1025}, 0}, {{3, 257}, 1}, {{257, 3}, 0}, {{2, 5, 7}, -2}, {{4, 0}, 1}, {{0, 4}, 1}})
    for (DType d : kSome) {
      for (bool exclusive : {false, true})
        for (bool reverse : {false, true}) {
          const std::vector<NamedAttr> how = {{"exclusive", exclusive}, {"reverse", reverse}};
          const Tensor axis(int32_t{r.axis});
          same_on_both("Cumsum", {whole(d, r.shape, 2), axis}, how);
          same_on_both("Cumprod", {whole(d, r.shape, 1), axis}, how);
          if (d == DType::f64) same_on_both("CumulativeLogsumexp", {some(d, r.shape), axis}, how, 1024);
          if (HasFatalFailure()) return;
        }
      if (r.shape.size() == 0 && r.shape[r.shape.rank() - 1] == 0) continue;
      for (const char* op : {"ArgMax", "ArgMin"})
        for (DType to : {DType::i32, DType::i64}) same_on_both(op, {whole(d, r.shape), Tensor(int32_t{r.axis})}, {{"output_type", to}});
    }
  same_on_both("ArgMax", {some(DType::f32, {100}), Tensor(int32_t{0})});   // with a NaN
  same_on_both("ArgMax", {Tensor::of<bool>({3}, {false, true, true}), Tensor(int32_t{0})});
}

TEST_F(Gpu, LossesAndBiasesGiveWhatTheCpuGives) {
  for (DType d : {DType::f64, DType::f32, DType::bf16})
    for (const Shape& s : {Shape{1, 1}, Shape{7, 10}, Shape{3, 1025}, Shape{0, 4}}) {
      auto spread = [&](int most) { return on_cpu(find_op("Mul"), {whole(d, s, most), on_cpu(find_op("Cast"), {Tensor(0.25)}, std::vector<NamedAttr>{{"DstT", d}})[0]}, {})[0]; };
      const Tensor logits = spread(20), labels = spread(4);
      same_on_both("SoftmaxCrossEntropyWithLogits", {logits, labels}, {}, 256);
      if (s[0] > 0) same_on_both("SoftmaxCrossEntropyWithLogits", {logits, whole(d, {1, s[1]}, 3)}, {}, 256);
      std::vector<int64_t> classes;
      for (int64_t i = 0; i < s[0]; ++i) classes.push_back(i % s[1]);
      for (DType index : {DType::i32, DType::i64})
        same_on_both("SparseSoftmaxCrossEntropyWithLogits", {logits, numbers(classes, index)}, {}, 256);
      same_on_both("BiasAdd", {logits, whole(d, {s[1]}, 3)});
      same_on_both("L2Loss", {logits}, {}, 64);
      same_on_both("LeakyRelu", {logits}, {{"alpha", 0.3}}, 1);
      same_on_both("LeakyReluGrad", {labels, logits}, {{"alpha", 0.3}}, 1);
      same_on_both("AddN", {logits, labels, logits});
      same_on_both("AddN", {logits});
      if (HasFatalFailure()) return;
    }
  const Tensor image = whole(DType::f32, {2, 3, 4, 5});
  same_on_both("BiasAdd", {image, whole(DType::f32, {5})});
  same_on_both("BiasAdd", {image, whole(DType::f32, {3})}, {{"data_format", "NCHW"}});
  for (DType d : kSome) {
    const Tensor x = whole(d, {3, 4}, 2), y = whole(d, {4}, 2);
    for (const char* op : {"Equal", "NotEqual"}) {
      same_on_both(op, {x, y});
      same_on_both(op, {x, whole(d, {3})}, {{"incompatible_shape_error", false}});
    }
    same_on_both("ApproximateEqual", {x, whole(d, {3, 4}, 2)}, {{"tolerance", 0.5}});
  }
}

TEST_F(Gpu, OptimizersGiveWhatTheCpuGives) {
  // Scalars in the order of the inputs; "grad" stands after `before` of them.
  struct Row { const char* op; int states; std::vector<double> before, after; const char* flag; const char* sparse; };
  const Row rows[] = {
      {"ResourceApplyGradientDescent", 1, {0.1}, {}, nullptr, nullptr},
      {"ResourceApplyMomentum", 2, {0.1}, {0.9}, "use_nesterov", "ResourceSparseApplyMomentum"},
      {"ResourceApplyKerasMomentum", 2, {0.1}, {0.9}, "use_nesterov", "ResourceSparseApplyKerasMomentum"},
      {"ResourceApplyAdam", 3, {0.81, 0.998, 0.01, 0.9, 0.999, 1e-7}, {}, "use_nesterov", nullptr},
      {"ResourceApplyAdamWithAmsgrad", 4, {0.81, 0.998, 0.01, 0.9, 0.999, 1e-7}, {}, nullptr, nullptr},
      {"ResourceApplyAdaMax", 3, {0.81, 0.01, 0.9, 0.999, 1e-7}, {}, nullptr, nullptr},
      {"ResourceApplyRMSProp", 3, {0.01, 0.9, 0.5, 1e-7}, {}, nullptr, "ResourceSparseApplyRMSProp"},
      {"ResourceApplyCenteredRMSProp", 4, {0.01, 0.9, 0.5, 1e-3}, {}, nullptr, "ResourceSparseApplyCenteredRMSProp"},
      {"ResourceApplyAdagrad", 2, {0.1}, {}, "update_slots", "ResourceSparseApplyAdagrad"},
      {"ResourceApplyAdagradV2", 2, {0.1, 1e-7}, {}, "update_slots", "ResourceSparseApplyAdagradV2"},
      {"ResourceApplyAdadelta", 3, {0.1, 0.9, 1e-7}, {}, nullptr, "ResourceSparseApplyAdadelta"},
      {"ResourceApplyFtrl", 3, {}, {0.1, 0.01, 0.02, -0.5}, "multiply_linear_by_lr", "ResourceSparseApplyFtrl"},
      {"ResourceApplyFtrl", 3, {}, {0.1, 0.01, 0.02, -0.7}, "multiply_linear_by_lr", "ResourceSparseApplyFtrl"},
      {"ResourceApplyFtrlV2", 3, {}, {0.1, 0.01, 0.02, 0.1, -0.5}, "multiply_linear_by_lr", "ResourceSparseApplyFtrlV2"},
  };
  for (const Row& r : rows)
    for (DType d : {DType::f32, DType::f64, DType::bf16, DType::c64, DType::c128})
      for (bool flag : {false, true})
        for (const Shape& s : {Shape{5, 3}, Shape{1025}, Shape{0, 3}}) {
          if ((flag && !r.flag) || (is_complex(d) && !find_kernel(find_op(r.op), d, "GPU"))) continue;
          auto scalar = [&](double v) { return on_cpu(find_op("Cast"), {Tensor(v)}, std::vector<NamedAttr>{{"DstT", d}})[0]; };
          auto tensor = [&](const Shape& shape, double low) {
            std::vector<double> values(static_cast<size_t>(shape.size()));
            for (double& v : values) v = low + static_cast<double>(random_bits() % 1000) / 1000;
            if (is_complex(d)) {
              const Tensor re = Tensor::of<double>(shape, values);
              for (double& v : values) v = 0.5 - static_cast<double>(random_bits() % 1000) / 1000;
              return on_cpu(find_op("Cast"), {complex_of(DType::c128, re, Tensor::of<double>(shape, values))}, std::vector<NamedAttr>{{"DstT", d}})[0];
            }
            return on_cpu(find_op("Cast"), {Tensor::of<double>(shape, values)}, std::vector<NamedAttr>{{"DstT", d}})[0];
          };
          Tensors states = {tensor(s, -0.5)};   // centred RMSProp: the mean of squares is above the square of the mean
          for (int i = 1; i < r.states; ++i) states.push_back(tensor(s, i == 1 && r.states == 4 ? 0 : 1));
          std::vector<NamedAttr> attrs;
          if (r.flag) attrs.emplace_back(r.flag, flag);
          Tensors dense, sparse;
          for (double v : r.before) dense.push_back(scalar(v));
          sparse = dense;
          dense.push_back(tensor(s, -0.5));
          for (double v : r.after) dense.push_back(scalar(v));
          same_writes(r.op, states, dense, attrs, d == DType::bf16 ? 2 : 16);
          if (r.sparse && s.rank() == 2) {
            const std::vector<int64_t> ids = s[0] ? std::vector<int64_t>{4, 0, 3} : std::vector<int64_t>{};
            sparse.push_back(tensor({static_cast<int64_t>(ids.size()), s[1]}, -0.5));
            sparse.push_back(numbers(ids, DType::i64));
            for (double v : r.after) sparse.push_back(scalar(v));
            same_writes(r.sparse, states, sparse, attrs, d == DType::bf16 ? 2 : 16);
          }
          if (HasFatalFailure()) return;
        }
}

TEST_F(Gpu, PartsOfComplexNumbersAndChecksAreTheCpus) {
  for (DType d : {DType::f32, DType::f64})
    for (const Shape& s : {Shape{1025}, Shape{3, 5}, Shape{0}, Shape{}}) {
      const Tensor x = whole(d, s), y = whole(d, s);
      const DType to = d == DType::f32 ? DType::c64 : DType::c128;
      same_on_both("Complex", {x, y}, {{"Tout", to}});
      same_on_both("Complex", {x, whole(d, {1})}, {{"Tout", to}});
      const Tensor c = on_cpu(find_op("Complex"), {x, y}, std::vector<NamedAttr>{{"Tout", to}})[0];
      same_on_both("Real", {c}, {{"Tout", d}});
      same_on_both("Imag", {c}, {{"Tout", d}});
      for (const char* check : {"CheckNumerics", "CheckNumericsV2"}) same_on_both(check, {x}, {{"message", "here"}});
    }
  const device::Within gpu("/GPU:0");
  try {
    op("CheckNumerics", {Tensor::of<float>({2}, {1, NAN})}, {{"message", "here"}});
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_NE(e.message().find("here : Tensor had NaN values"), std::string::npos) << e.message();
  }
}

}  // namespace
}  // namespace ninefold
