// In: three steps of each optimizer op over ramps of numbers. Out: TensorFlow's bits, and its errors.
#include <gtest/gtest.h>

#include <cmath>

#include "ninefold/grad.h"
#include "op_rows.h"

namespace ninefold {
namespace {

using namespace testing;

// The inputs' names with their kind: variables stand before the bar.
struct StepRow {
  const char* op;
  std::string inputs;
  std::vector<NamedAttr> attrs;
  DType dtype;
  double lr_power;
  uint64_t hash;                // FNV-1a of all states' bytes; 0: TensorFlow's bits vary with the CPU
  std::vector<double> want;     // elements 1 to 3 of the variable
};

constexpr int64_t kElements = 67, kRows = 16, kColumns = 5;

// Numbers that are exact in every dtype: ((i a) mod b - b / 2) / divisor, or positive ones.
template <class T>
Tensor ramp(const Shape& s, int64_t a, int64_t b, double divisor, bool positive, double plus = 0) {
  std::vector<T> v;
  for (int64_t i = 0; i < s.size(); ++i)
    v.push_back(static_cast<T>(static_cast<float>((i * a % b + (positive ? 1 : -(b / 2))) / divisor)) + static_cast<T>(plus));
  return Tensor::of<T>(s, v);
}

double hyperparameter(const std::string& name, double lr_power) {
  static const std::vector<std::pair<std::string, double>> all = {
      {"lr", .05}, {"alpha", .05}, {"momentum", .9}, {"beta1", .9}, {"beta2", .99}, {"epsilon", 1e-3},
      {"rho", .95}, {"l1", .05}, {"l2", .1}, {"l2_shrinkage", .03}};
  for (const auto& [n, v] : all)
    if (n == name) return v;
  return lr_power;
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out(1);
  for (char c : text)
    if (c == ' ') out.emplace_back();
    else out.back() += c;
  return out;
}

template <class T>
void check_steps(const StepRow& r) {
  const std::string name = r.op;
  const bool sparse = name.find("Sparse") != std::string::npos, momentum = name.find("Momentum") != std::string::npos;
  const Shape shape = sparse ? Shape{kRows, kColumns} : Shape{kElements};
  std::vector<Variable> states;
  for (int step = 0; step < 3; ++step) {
    Tensors in;
    size_t state = 0;
    bool variables = true;
    for (const std::string& w : words(r.inputs)) {
      if (w == "|") {
        variables = false;
      } else if (variables) {
        const bool positive = w == "ms" || w == "vhat" || w == "accum_update" || w == "v" || (w == "accum" && !momentum);
        if (step == 0)
          states.emplace_back(ramp<T>(shape, 37 + 10 * static_cast<int64_t>(state), 101, w == "mg" ? 1024 : 64, positive, w == "ms" ? 2 : 0));
        in.push_back(states[state++].handle());
      } else if (w == "grad" || w == "delta") {
        in.push_back(ramp<T>(sparse ? Shape{5, kColumns} : shape, 29, 89, 32.0 * (step + 1), false));
      } else if (w == "indices") {
        in.push_back(i32({5}, {3, 0, 15, 3, 7}));
      } else if (w.ends_with("_power") && w != "lr_power") {
        in.push_back(Tensor(static_cast<T>(std::pow(static_cast<double>(w == "beta1_power" ? 0.9f : 0.99f), step + 1))));
      } else {
        in.push_back(Tensor(static_cast<T>(static_cast<float>(hyperparameter(w, r.lr_power)))));
      }
    }
    op_all(r.op, in, r.attrs);
  }
  uint64_t hash = 1469598103934665603ull;
  for (const Variable& v : states) {
    const Tensor t = v.value();
    const auto* bytes = static_cast<const unsigned char*>(t.data());
    for (size_t i = 0; i < t.bytes(); ++i) hash = (hash ^ bytes[i]) * 1099511628211ull;
  }
  for (int64_t i = 0; i < 3; ++i) EXPECT_NEAR(states[0].value().float_at(i + 1), r.want[static_cast<size_t>(i)], r.hash ? 1e-8 : 2e-6);
  if (r.hash) {
    EXPECT_EQ(hash, r.hash);
  }
}

TEST(Optimizers, ThreeStepsGiveTensorFlowsBits) {
  const std::vector<StepRow> rows = {
      {"ResourceApplyGradientDescent", "var | alpha delta",
       {}, DType::f32, -0.5, 0, {-0.16015625, 0.334895819, -0.748177111}},
      {"ResourceApplyMomentum", "var accum | lr grad momentum",
       {}, DType::f32, -0.5, 0xadc87c9850c28c8aull, {-0.103814833, 0.203805208, -0.874247313}},
      {"ResourceApplyMomentum", "var accum | lr grad momentum",
       {{"use_nesterov", true}}, DType::f32, -0.5, 0x372dac3f6bdf3e77ull, {-0.0707771033, 0.18082054, -0.972499728}},
      {"ResourceApplyKerasMomentum", "var accum | lr grad momentum",
       {}, DType::f32, -0.5, 0x40d5ff96f397bf2dull, {-0.22385937, 1.96445811, -1.27439582}},
      {"ResourceApplyKerasMomentum", "var accum | lr grad momentum",
       {{"use_nesterov", true}}, DType::f32, -0.5, 0x04ee4c7dfebce9caull, {-0.178817183, 1.76540816, -1.33263326}},
      {"ResourceApplyAdam", "var m v | beta1_power beta2_power lr beta1 beta2 epsilon grad",
       {}, DType::f32, -0.5, 0xd17c4b1256ebcbd5ull, {-0.190683186, 0.21602121, -0.629905999}},
      {"ResourceApplyAdam", "var m v | beta1_power beta2_power lr beta1 beta2 epsilon grad",
       {{"use_nesterov", true}}, DType::f32, -0.5, 0x4eec70b72654d32eull, {-0.188009396, 0.224510282, -0.639490128}},
      {"ResourceApplyAdamWithAmsgrad", "var m v vhat | beta1_power beta2_power lr beta1 beta2 epsilon grad",
       {}, DType::f32, -0.5, 0x00ebad8b34e8a665ull, {-0.191726953, 0.273304522, -0.629103363}},
      {"ResourceApplyAdaMax", "var m v | beta1_power lr beta1 beta2 epsilon grad",
       {}, DType::f32, -0.5, 0xa52963ec11a20011ull, {-0.100073121, -1.00018501, -0.648871303}},
      {"ResourceApplyRMSProp", "var ms mom | lr rho momentum epsilon grad",
       {}, DType::f32, -0.5, 0xe30a6e24fb4c04abull, {-0.411518902, 1.73661041, -1.55506265}},
      {"ResourceApplyCenteredRMSProp", "var mg ms mom | lr rho momentum epsilon grad",
       {}, DType::f32, -0.5, 0, {-0.794185817, 0.962156892, -2.68575764}},
      {"ResourceApplyAdagrad", "var accum | lr grad",
       {}, DType::f32, -0.5, 0, {-0.160119981, 0.344250858, -0.700415194}},
      {"ResourceApplyAdagrad", "var accum | lr grad",
       {{"update_slots", false}}, DType::f32, -0.5, 0, {-0.153508961, 0.342083186, -0.778896153}},
      {"ResourceApplyAdagradV2", "var accum | lr epsilon grad",
       {}, DType::f32, -0.5, 0, {-0.160163, 0.344274431, -0.700368941}},
      {"ResourceApplyAdagradV2", "var accum | lr epsilon grad",
       {{"update_slots", false}}, DType::f32, -0.5, 0, {-0.153566197, 0.342110217, -0.778704226}},
      {"ResourceApplyAdadelta", "var accum accum_update | lr rho epsilon grad",
       {}, DType::f32, -0.5, 0, {-0.154901057, 0.359206051, -0.78381896}},
      {"ResourceApplyFtrl", "var accum linear | grad lr l1 l2 lr_power",
       {}, DType::f32, -0.5, 0x1793976ccc1c92e0ull, {0.0104605043, 0.0116230315, -0.38651821}},
      {"ResourceApplyFtrl", "var accum linear | grad lr l1 l2 lr_power",
       {{"multiply_linear_by_lr", true}}, DType::f32, -0.5, 0x43347c45352a2fe4ull, {-0.0891032964, 0.432635278, -0.575122654}},
      {"ResourceApplyFtrlV2", "var accum linear | grad lr l1 l2 l2_shrinkage lr_power",
       {}, DType::f32, -0.5, 0x01cd3ae19bab2ddbull, {0.0110718245, 0.0106685907, -0.384077936}},
      {"ResourceApplyFtrlV2", "var accum linear | grad lr l1 l2 l2_shrinkage lr_power",
       {{"multiply_linear_by_lr", true}}, DType::f32, -0.5, 0xbcbb30be211e2b0aull, {-0.0878975317, 0.429779232, -0.572032809}},
      {"ResourceApplyFtrlV2", "var accum linear | grad lr l1 l2 l2_shrinkage lr_power",
       {}, DType::f32, -0.7, 0, {0.00235776394, 0.0202256851, -0.444831789}},
      {"ResourceSparseApplyMomentum", "var accum | lr grad indices momentum",
       {}, DType::f32, -0.5, 0xd9be77b495ba3b00ull, {-0.453231514, 0.40971148, -0.6683411}},
      {"ResourceSparseApplyMomentum", "var accum | lr grad indices momentum",
       {{"use_nesterov", true}}, DType::f32, -0.5, 0x76f67adf6a8f0312ull, {-0.545668721, 0.460667372, -0.692652822}},
      {"ResourceSparseApplyKerasMomentum", "var accum | lr grad indices momentum",
       {{"use_nesterov", true}}, DType::f32, -0.5, 0xcb8f30954a7cb9dfull, {-0.653708816, 2.04525518, -1.05278647}},
      {"ResourceSparseApplyRMSProp", "var ms mom | lr rho momentum epsilon grad indices",
       {}, DType::f32, -0.5, 0x29fa1ada3a8d163aull, {-0.6271227, 1.85069478, -1.42694831}},
      {"ResourceSparseApplyCenteredRMSProp", "var mg ms mom | lr rho momentum epsilon grad indices",
       {}, DType::f32, -0.5, 0x20cf721a6c7900cfull, {-1.00422263, 1.10498607, -2.56711817}},
      {"ResourceSparseApplyAdagrad", "var accum | lr grad indices",
       {}, DType::f32, -0.5, 0xb4c32d37726dd9d3ull, {-0.276046216, 0.414663643, -0.658052385}},
      {"ResourceSparseApplyAdagradV2", "var accum | lr epsilon grad indices",
       {}, DType::f32, -0.5, 0x9eaf8028fe19143cull, {-0.276000857, 0.414634734, -0.658014238}},
      {"ResourceSparseApplyAdadelta", "var accum accum_update | lr rho epsilon grad indices",
       {}, DType::f32, -0.5, 0x5f91811b5606760full, {-0.330941886, 0.396397054, -0.663565874}},
      {"ResourceSparseApplyFtrl", "var accum linear | grad indices lr l1 l2 lr_power",
       {}, DType::f32, -0.5, 0x8fe9307386f71f56ull, {-0.163178891, 0.0963397026, -0.0900839791}},
      {"ResourceSparseApplyFtrlV2", "var accum linear | grad indices lr l1 l2 l2_shrinkage lr_power",
       {{"multiply_linear_by_lr", true}}, DType::f32, -0.5, 0xa332ed2c114a96e7ull, {-0.228816926, 0.495705485, -0.426631063}},
      {"ResourceApplyAdam", "var m v | beta1_power beta2_power lr beta1 beta2 epsilon grad",
       {}, DType::f64, -0.5, 0x69f199e2ae1fe0adull, {-0.190683174, 0.216021185, -0.629905958}},
      {"ResourceApplyRMSProp", "var ms mom | lr rho momentum epsilon grad",
       {}, DType::f64, -0.5, 0xc089b485cb697450ull, {-0.411518887, 1.7366103, -1.55506259}},
  };
  for (const StepRow& r : rows) {
    SCOPED_TRACE(r.op);
    if (r.dtype == DType::f64) check_steps<double>(r);
    else check_steps<float>(r);
  }
}

TEST(Resources, RowsAreReadAndChangedInPlace) {
  const Variable v(f32({3, 2}, {1, 2, 3, 4, 5, 6}));
  auto scatter = [&](const char* with, const Tensor& updates) {
    op_all(with, Tensors{v.handle(), i32({2}, {2, 0}), updates}, {});
    return values(v.value());
  };
  using V = std::vector<double>;
  EXPECT_EQ(values(op("ResourceGather", {v.handle(), i32({2, 1}, {2, 0})}, {{"dtype", DType::f32}})), (V{5, 6, 1, 2}));
  EXPECT_EQ(scatter("ResourceScatterAdd", f32({2, 2}, {1, 1, 2, 2})), (V{3, 4, 3, 4, 6, 7}));
  EXPECT_EQ(scatter("ResourceScatterSub", Tensor(1.0f)), (V{2, 3, 3, 4, 5, 6}));
  EXPECT_EQ(scatter("ResourceScatterMul", Tensor(2.0f)), (V{4, 6, 3, 4, 10, 12}));
  EXPECT_EQ(scatter("ResourceScatterDiv", Tensor(2.0f)), (V{2, 3, 3, 4, 5, 6}));
  EXPECT_EQ(scatter("ResourceScatterMin", Tensor(2.5f)), (V{2, 2.5, 3, 4, 2.5, 2.5}));
  EXPECT_EQ(scatter("ResourceScatterMax", f32({2, 2}, {0, 9, 9, 0})), (V{9, 2.5, 3, 4, 2.5, 9}));
  EXPECT_EQ(scatter("ResourceScatterUpdate", Tensor(7.0f)), (V{7, 7, 3, 4, 7, 7}));
  op_all("ResourceScatterNdUpdate", Tensors{v.handle(), i32({1, 2}, {1, 0}), f32({1}, {8})});
  op_all("ResourceScatterNdAdd", Tensors{v.handle(), i32({1, 1}, {0}), f32({1, 2}, {1, 2})});
  EXPECT_EQ(values(v.value()), (V{8, 9, 8, 4, 7, 7}));
  EXPECT_EQ(values(op("VariableShape", {v.handle()})), (V{3, 2}));
  // The gradient of a lookup is dense: rows taken twice get the sum.
  GradientTape tape;
  const Tensor rows = *call("tf.nn.embedding_lookup", {{"params", v}, {"ids", i32({3}, {2, 0, 2})}}).get<Tensor>();
  EXPECT_EQ(values(tape.gradient(rows, std::vector<Variable>{v})[0]), (V{1, 1, 0, 0, 2, 2}));
}

TEST(Optimizers, HalvesStepInFloat) {
  const Variable v(op("Cast", {f32({2}, {1, 2})}, {{"DstT", DType::f16}}));
  const Tensor half = op("Cast", {Tensor(0.5f)}, {{"DstT", DType::f16}}), g = op("Cast", {f32({2}, {1, -1})}, {{"DstT", DType::f16}});
  op_all("ResourceApplyGradientDescent", Tensors{v.handle(), half, g});
  EXPECT_EQ(values(v.value()), (std::vector<double>{0.5, 2.5}));
}

// A reader keeps what it read; the step goes to fresh memory.
TEST(Optimizers, AReadOutlivesTheStep) {
  const Variable v(f32({2}, {1, 2}));
  const Tensor before = v.read();
  op_all("ResourceApplyGradientDescent", Tensors{v.handle(), Tensor(1.0f), f32({2}, {1, 1})});
  EXPECT_EQ(values(before), (std::vector<double>{1, 2}));
  EXPECT_EQ(values(v.value()), (std::vector<double>{0, 1}));
}

TEST(Optimizers, ErrorsAreTensorFlows) {
  const Variable v(f32({2}, {1, 2})), a(f32({2}, {1, 2})), three(f32({3}, {1, 2, 3})), m(f32({2, 1}, {1, 2})), n(f32({2, 1}, {1, 2})), s(f32({}, {1}));
  const Tensor lr(0.1f), g2 = f32({2}, {1, 2}), g3 = f32({3}, {1, 2, 3}), g11 = f32({1, 1}, {1});
  const auto bad = Code::invalid_argument;
  const std::vector<ErrorRow> rows = {
      {"ResourceApplyGradientDescent", {v.handle(), lr, g3}, {}, bad, "var and delta do not have the same shape[2] [3] [Op:ResourceApplyGradientDescent]"},
      {"ResourceApplyGradientDescent", {v.handle(), g2, g2}, {}, bad, "alpha is not a scalar: [2] [Op:ResourceApplyGradientDescent]"},
      {"ResourceApplyMomentum", {v.handle(), three.handle(), lr, g2, lr}, {}, bad, "var and accum do not have the same shape[2] [3] [Op:ResourceApplyMomentum]"},
      {"ResourceApplyMomentum", {v.handle(), a.handle(), lr, g3, lr}, {}, bad, "var and grad do not have the same shape[2] [3] [Op:ResourceApplyMomentum]"},
      {"ResourceSparseApplyMomentum", {m.handle(), n.handle(), lr, g11, i32({1}, {2}), lr}, {}, bad, "Index 2 at offset 0 in indices is out of range [Op:ResourceSparseApplyMomentum]"},
      {"ResourceSparseApplyMomentum", {m.handle(), n.handle(), lr, g11, i32({2}, {0, 1}), lr}, {}, bad,
       "grad must be the same size as indices in the first dimension. [Op:ResourceSparseApplyMomentum]"},
      {"ResourceSparseApplyMomentum", {m.handle(), n.handle(), lr, f32({1, 2}, {1, 2}), i32({1}, {0}), lr}, {}, bad, "var and grad must match in dimension 1 [Op:ResourceSparseApplyMomentum]"},
      {"ResourceSparseApplyMomentum", {m.handle(), n.handle(), lr, g11, i32({1, 1}, {0}), lr}, {}, bad, "indices must be one-dimensional [Op:ResourceSparseApplyMomentum]"},
      {"ResourceSparseApplyMomentum", {s.handle(), s.handle(), lr, g11, i32({1}, {0}), lr}, {}, bad, "var must be at least 1 dimensional [Op:ResourceSparseApplyMomentum]"},
      {"ResourceGather", {m.handle(), i32({2}, {0, 2})}, {{"dtype", DType::f32}}, bad, "indices[1] = 2 is not in [0, 2) [Op:ResourceGather]"},
      {"ResourceGather", {m.handle(), i32({1, 2}, {0, -1})}, {{"dtype", DType::f32}}, bad, "indices[0,1] = -1 is not in [0, 2) [Op:ResourceGather]"},
      {"ResourceGather", {s.handle(), i32({1}, {0})}, {{"dtype", DType::f32}}, bad, "params must be at least 1 dimensional [Op:ResourceGather]"},
      {"ResourceScatterAdd", {m.handle(), i32({2}, {0, 1}), f32({1, 1}, {1})}, {}, bad,
       "The shape of indices ([2]) must be a prefix of the shape of updates ([1,1]) [Op:ResourceScatterAdd]"},
      {"ResourceScatterAdd", {m.handle(), i32({2}, {0, -1}), lr}, {}, bad, "indices[1] = -1 is not in [0, 2) [Op:ResourceScatterAdd]"},
      {"ResourceScatterNdUpdate", {m.handle(), i32({1, 2}, {0, 2}), f32({1}, {9})}, {}, bad,
       "indices[0] = [0, 2] does not index into shape [2,1] [Op:ResourceScatterNdUpdate]"},
  };
  check_errors(rows);
}

}  // namespace
}  // namespace ninefold
