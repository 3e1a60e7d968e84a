// In: rows of calls of tf's array functions and reductions. Out: TensorFlow 2.9.0's values, dtypes and errors; the same
// gradients in traces whose dimensions are unknown.
#include <gtest/gtest.h>

#include <cmath>

#include "function_rows.h"
#include "ninefold/function.h"
#include "ninefold/grad.h"

namespace ninefold {
namespace {

using namespace testing;
constexpr DType F = DType::f32, D = DType::f64, I = DType::i32, I64 = DType::i64, B = DType::boolean, S = DType::string;
const Value x = L{L{0.0, 1.0, 2.0}, L{3.0, 4.0, 5.0}};
const Value n22 = L{L{1, 2}, L{3, 4}};

TEST(ArrayFunctions, Values) {
  check_calls({
      {"tf.identity", {n22}, I, {2, 2}, {1, 2, 3, 4}},
      {"tf.reshape", {x, L{3, -1}}, F, {3, 2}, {0, 1, 2, 3, 4, 5}},
      {"tf.reshape", {x, Shape{6}}, F, {6}, {0, 1, 2, 3, 4, 5}},
      {"tf.reshape", {L{7}, L{}}, I, {}, {7}},
      {"tf.expand_dims", {x, -1}, F, {2, 3, 1}, {0, 1, 2, 3, 4, 5}},
      {"tf.squeeze", {L{L{1}}, 0}, I, {1}, {1}},
      {"tf.squeeze", {L{L{1}}}, I, {}, {1}},
      {"tf.transpose", {x}, F, {3, 2}, {0, 3, 1, 4, 2, 5}},
      {"tf.transpose", {x, L{0, 1}}, F, {2, 3}, {0, 1, 2, 3, 4, 5}},
      {"tf.linalg.matrix_transpose", {L{n22}}, I, {1, 2, 2}, {1, 3, 2, 4}},
      {"tf.cast", {L{1.9, -1.9}, DType::i32}, I, {2}, {1, -1}},
      {"tf.broadcast_to", {1, L{2}}, I, {2}, {1, 1}},
      {"tf.tile", {L{1, 2}, L{2}}, I, {4}, {1, 2, 1, 2}},
      {"tf.shape", {x}, I, {2}, {2, 3}},
      {"tf.shape", {x, I64}, I64, {2}, {2, 3}},
      {"tf.size", {x}, I, {}, {6}},
      {"tf.rank", {x}, I, {}, {2}},
      {"tf.broadcast_dynamic_shape", {L{2, 1}, L{3}}, I, {2}, {2, 3}},
      {"tf.fill", {L{2}, 7}, I, {2}, {7, 7}},
      {"tf.zeros", {L{2}}, F, {2}, {0, 0}},
      {"tf.zeros", {3}, F, {3}, {0, 0, 0}},
      {"tf.zeros", {L{}}, F, {}, {0}},
      {"tf.ones", {L{1, 2}, I}, I, {1, 2}, {1, 1}},
      {"tf.ones", {Shape{2}, B}, B, {2}, {1, 1}},
      {"tf.zeros_like", {x, I}, I, {2, 3}, {0, 0, 0, 0, 0, 0}},
      {"tf.ones_like", {L{1, 2}}, I, {2}, {1, 1}},
      {"tf.stack", {L{L{1, 2}, L{3, 4}}}, I, {2, 2}, {1, 2, 3, 4}},
      {"tf.stack", {L{L{1, 2}, L{3, 4}}, 1}, I, {2, 2}, {1, 3, 2, 4}},
      {"tf.concat", {L{L{1, 2}, L{3}}, 0}, I, {3}, {1, 2, 3}},
      {"tf.concat", {L{L{1, 2}}, 0}, I, {2}, {1, 2}},
      {"tf.gather", {x, L{1}}, F, {1, 3}, {3, 4, 5}},
      {"tf.gather", {x, L{2, 0}, {}, 1}, F, {2, 2}, {2, 0, 5, 3}},
      {"tf.gather", {x, L{L{2}, L{0}}, {}, {}, 1}, F, {2, 1}, {2, 3}},
      {"tf.slice", {x, L{0, 1}, L{2, -1}}, F, {2, 2}, {1, 2, 4, 5}},
      {"tf.strided_slice", {x, L{0}, L{2}, L{1}}, F, {2, 3}, {0, 1, 2, 3, 4, 5}},
      {"tf.strided_slice", {x, L{1}, L{2}}, F, {1, 3}, {3, 4, 5}},
      {"tf.range", {5}, I, {5}, {0, 1, 2, 3, 4}},
      {"tf.range", {3, 18, 3.5}, F, {5}, {3, 6.5, 10, 13.5, 17}},
      {"tf.range", {Tensor(int64_t{3}), 5}, I64, {2}, {3, 4}},
      {"tf.range", {1, 3, 1, DType::f64}, D, {2}, {1, 2}},
      {"tf.linspace", {0.0, 1.0, 3}, F, {3}, {0, 0.5, 1}},
      {"tf.linspace", {0.0, 1.0, 1}, F, {1}, {0}},
      {"tf.linspace", {0.0, 1.0, 0}, F, {0}, {}},
      {"tf.linspace", {0, 10, 5}, D, {5}, {0, 2.5, 5, 7.5, 10}},
      {"tf.linspace", {L{0.0, 1.0}, L{2.0, 5.0}, 3, {}, 1}, F, {2, 3}, {0, 1, 2, 1, 3, 5}},
      {"tf.one_hot", {L{0, 1}, 3}, F, {2, 3}, {1, 0, 0, 0, 1, 0}},
      {"tf.one_hot", {L{0, 1}, 3, 1, {}, {}, F}, F, {2, 3}, {1, 0, 0, 0, 1, 0}},
      {"tf.one_hot", {L{0}, 2, 5, 7}, I, {1, 2}, {5, 7}},
      {"tf.one_hot", {L{0, 1}, 2, {}, {}, 0, B}, B, {2, 2}, {1, 0, 0, 1}},
      {"tf.eye", {2}, F, {2, 2}, {1, 0, 0, 1}},
      {"tf.eye", {2, 3, L{2}, I}, I, {2, 2, 3}, {1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0}},
  });
}

TEST(ReduceFunctions, Values) {
  const double log_sum = std::log(std::exp(3.0) + std::exp(4.0) + std::exp(5.0));
  check_calls({
      {"tf.reduce_sum", {n22}, I, {}, {10}},
      {"tf.reduce_sum", {n22, 0}, I, {2}, {4, 6}},
      {"tf.reduce_sum", {n22, L{0, 1}}, I, {}, {10}},
      {"tf.reduce_sum", {n22, L{}}, I, {2, 2}, {1, 2, 3, 4}},
      {"tf.reduce_sum", {n22, -1, true}, I, {2, 1}, {3, 7}},
      {"tf.reduce_sum", {5}, I, {}, {5}},
      {"tf.reduce_mean", {L{1, 2}}, I, {}, {1}},
      {"tf.reduce_mean", {x, 1}, F, {2}, {1, 4}},
      {"tf.math.reduce_prod", {n22, 1}, I, {2}, {2, 12}},
      {"tf.reduce_max", {x, 0}, F, {3}, {3, 4, 5}},
      {"tf.reduce_min", {x}, F, {}, {0}},
      {"tf.reduce_all", {L{true, false}}, B, {}, {0}},
      {"tf.reduce_any", {L{true, false}}, B, {}, {1}},
      {"tf.math.reduce_variance", {L{1.0, 3.0}}, F, {}, {1}},
      {"tf.math.reduce_std", {x, 1, true}, F, {2, 1}, {0.81649658, 0.81649658}, 1e-6},
      {"tf.math.reduce_euclidean_norm", {L{3, 4}}, I, {}, {5}},
      {"tf.math.reduce_euclidean_norm", {L{3.0, 4.0}}, F, {}, {5}},
      {"tf.reduce_logsumexp", {x, 1}, F, {2}, {log_sum - 3, log_sum}, 1e-6},
      {"tf.reduce_logsumexp", {L{1000.0, 1000.0}}, F, {}, {1000.6931472}, 1e-3},
      {"tf.reduce_logsumexp", {Tensor::zeros(F, {0})}, F, {}, {-INFINITY}},
      {"tf.reduce_logsumexp", {L{-INFINITY}}, F, {}, {-INFINITY}},
      {"tf.math.count_nonzero", {L{L{1, 0}, L{2, 3}}, 1}, I64, {2}, {1, 2}},
      {"tf.math.zero_fraction", {L{L{1, 0}, L{2, 3}}}, F, {}, {0.25}},
      {"tf.argmax", {x}, I64, {3}, {1, 1, 1}},
      {"tf.argmin", {x, 1, I}, I, {2}, {0, 0}},
  });
}

TEST(ArrayFunctions, ErrorsAreTensorFlows) {
  check_bad_calls({
      {"tf.stack", {L{L{1}, L{2}}, 5}, Code::value, "Argument `axis` = 5 not in range [-2, 2)"},
      {"tf.unstack", {x, {}, 4}, Code::value, "Argument `axis` = 4 not in range [-2, 2)"},
      {"tf.unstack", {1}, Code::value, "Argument `axis` = 0 not in range [0, 0)"},
      {"tf.unstack", {x, 3}, Code::invalid_argument, "Input shape axis 0 must equal 3, got shape [2,3] [Op:Unpack]"},
      {"tf.math.reduce_std", {L{1, 2}}, Code::type, "Input must be either real or complex. Received integer type <dtype: 'int32'>."},
      {"tf.one_hot", {L{0, 1}, 3, 1, 0.5}, Code::type, "dtype <dtype: 'int32'> of on_value does not match dtype <dtype: 'float32'> of off_value"},
      {"tf.one_hot", {L{0, 1}, 3, 1.5, {}, {}, I}, Code::type,
       "dtype <dtype: 'float32'> of on_value does not match dtype parameter <dtype: 'int32'>"},
      {"tf.eye", {-2}, Code::invalid_argument, "Dimension -2 must be >= 0 [Op:Fill]"},
      {"tf.zeros", {L{-2}}, Code::invalid_argument, "Dimension -2 must be >= 0 [Op:Fill]"},
      {"tf.linspace", {0.0, 1.0, -1}, Code::invalid_argument, "Requires start <= limit when delta > 0: 1/-1 [Op:Range]"},
      {"tf.split", {x, 0}, Code::invalid_argument, "Value for attr 'num_split' of 0 must be at least minimum 1 [Op:Split]"},
      {"tf.reduce_sum", {n22, -3}, Code::invalid_argument, "Invalid reduction dimension (-3 for input with 2 dimension(s) [Op:Sum]"},
  });
}

TEST(ArrayFunctions, Lists) {
  auto shapes = [](const char* name, std::vector<Value> arguments) {
    std::string all;
    const Value v = call(*find_function(name), std::move(arguments));
    for (const Value& part : *v.get<ValueList>()) all += part.get<Tensor>()->shape().str();
    return all;
  };
  EXPECT_EQ(shapes("tf.unstack", {x}), "[3][3]");
  EXPECT_EQ(shapes("tf.split", {x, 3, 1}), "[2,1][2,1][2,1]");
  EXPECT_EQ(shapes("tf.split", {x, L{1, -1}, 1}), "[2,1][2,2]");
  EXPECT_EQ(shapes("tf.shape_n", {L{x, L{1.0}}}), "[2][1]");
}

TEST(ArrayFunctions, StringsToo) {
  const Value v = call("tf.zeros", {{"shape", L{2}}, {"dtype", S}});
  EXPECT_EQ(v.get<Tensor>()->as<std::string>()[1], "");
}

// ---- traces that know no dimension ----

using Body = std::function<Tensor(const Tensors&)>;
struct TraceRow {
  const char* name;
  Body body;
  Tensors arguments;
};
// The gradient of sum(body * weights) by each argument, traced with nothing known but ranks, and eagerly.
TEST(Gradient, TracesOfUnknownShapeAgreeWithEagerOnes) {
  auto sum_of = [](const Tensor& t) { return op("Sum", {op("Reshape", {t, Tensor::of<int32_t>({1}, {-1})}), Tensor(int32_t{0})}); };
  const Tensor a = f64({2, 3}, {1, 2, 3, 4, 5, 6}), row = f64({1, 3}, {2, -1, 3}), vector = f64({3}, {5, 6, 7});
  const Tensor one(int32_t{1}), zero(int32_t{0});
  auto square = [](const Tensor& t) { return t * t; };
  const std::vector<TraceRow> rows = {
      {"add", [&](const Tensors& t) { return square(t[0] + t[1]); }, {a, row}},
      {"mul", [](const Tensors& t) { return t[0] * t[1]; }, {a, vector}},
      {"select", [](const Tensors& t) { return op("SelectV2", {op("Greater", {t[0], t[1]}), t[0], t[1]}); }, {a, row}},
      {"sum", [&](const Tensors& t) { return square(op("Sum", {t[0], one})); }, {a}},
      {"mean", [&](const Tensors& t) { return square(op("Mean", {t[0], zero})); }, {a}},
      {"mean of all", [](const Tensors& t) { return op("Mean", {t[0] * t[0], Tensor::of<int32_t>({2}, {0, 1})}); }, {a}},
      {"max", [&](const Tensors& t) { return square(op("Max", {t[0], one})); }, {a}},
      {"prod", [&](const Tensors& t) { return op("Prod", {t[0], one}); }, {a}},
      {"concat", [&](const Tensors& t) { return square(op("ConcatV2", {t[0], t[1], zero})); }, {a, row}},
      {"slice", [&](const Tensors& t) { return square(op("Slice", {t[0], Tensor::of<int32_t>({2}, {0, 1}), Tensor::of<int32_t>({2}, {-1, 2})})); }, {a}},
      {"gather", [&](const Tensors& t) { return square(op("GatherV2", {t[0], Tensor::of<int32_t>({2}, {2, 2}), one})); }, {a}},
      {"tile", [&](const Tensors& t) { return square(op("Tile", {t[0], Tensor::of<int32_t>({2}, {2, 3})})); }, {a}},
      {"transpose", [&](const Tensors& t) { return square(op("Transpose", {t[0], Tensor::of<int32_t>({2}, {1, 0})})); }, {a}},
      {"reshape", [&](const Tensors& t) { return square(op("Reshape", {t[0], Tensor::of<int32_t>({1}, {-1})})); }, {a}},
      {"pad", [&](const Tensors& t) { return square(op("Pad", {t[0], Tensor::of<int32_t>({2, 2}, {1, 1, 0, 2})})); }, {a}},
      {"cumsum", [&](const Tensors& t) { return square(op("Cumsum", {t[0], one})); }, {a}},
      {"variance", [](const Tensors& t) { return *call("tf.math.reduce_variance", {{"input_tensor", t[0]}, {"axis", 0}}).get<Tensor>(); }, {a}},
      {"logsumexp", [](const Tensors& t) { return *call("tf.reduce_logsumexp", {{"input_tensor", t[0]}, {"axis", 1}}).get<Tensor>(); }, {a}},
  };
  for (const TraceRow& r : rows) {
    SCOPED_TRACE(r.name);
    auto gradients = [&](const Tensors& in) {
      GradientTape tape;
      for (const Tensor& t : in) tape.watch(t);
      return tape.gradient({sum_of(r.body(in))}, in);
    };
    const Tensors want = gradients(r.arguments);
    for (const bool ranks : {true, false}) {
      if (!ranks && (r.name == std::string("prod") || r.name == std::string("gather"))) continue;   // these need the rank
      std::vector<TensorSpec> specs;
      for (const Tensor& t : r.arguments) specs.push_back({ranks ? Shape::of_rank(t.rank()) : Shape::unknown(), t.dtype(), ""});
      const FunctionRef f = trace(r.name, specs, gradients);
      const Tensors got = f->call(r.arguments);
      ASSERT_EQ(got.size(), want.size());
      for (size_t i = 0; i < want.size(); ++i) {
        EXPECT_TRUE(got[i].shape() == want[i].shape()) << got[i].shape().str();
        const auto g = values(got[i]), w = values(want[i]);
        ASSERT_EQ(g.size(), w.size());
        for (size_t j = 0; j < w.size(); ++j) EXPECT_NEAR(g[j], w[j], 1e-12 * (1 + std::abs(w[j])));
      }
    }
  }
}

}  // namespace
}  // namespace ninefold
