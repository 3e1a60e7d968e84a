// In: rows of calls of tf.random's functions, each after set_seed(7). Out: TensorFlow 2.9.0's numbers.
#include <gtest/gtest.h>

#include "function_rows.h"

namespace ninefold {
namespace {

using namespace testing;
constexpr DType F = DType::f32, D = DType::f64, H = DType::f16, I = DType::i32, I64 = DType::i64;

TEST(RandomFunctions, NumbersAreTensorFlows) {
  const std::vector<CallRow> rows = {
      {"tf.random.uniform", {L{2}, 0, 10, I, 3}, I, {2}, {3, 8}},
      {"tf.random.uniform", {L{2}, 1, 3, F, 3}, F, {2}, {1.802175760269165, 1.7536778450012207}},
      {"tf.random.uniform", {L{2}, 0, 3, F, 3}, F, {2}, {1.2032636404037476, 1.130516767501831}},
      {"tf.random.uniform", {L{2}, 0.0, 1.0, F, 3}, F, {2}, {0.4010878801345825, 0.37683892250061035}},
      {"tf.random.uniform", {L{}, 0, Value(), F, 3}, F, {}, {0.4010878801345825}},
      {"tf.random.uniform", {L{2}, -1, 1, D, 3}, D, {2}, {-0.5825936817495565, -0.05131416362495855}},
      {"tf.random.uniform", {L{2}, f32({2}, {1, 2}), 5.0, F, 3}, F, {2}, {2.60435152053833, 3.130516767501831}},
      {"tf.random.uniform", {L{2}, 0, 1.5, H, 3}, H, {2}, {1.068359375, 0.0966796875}},
      {"tf.random.uniform", {Shape{1, 2}}, F, {1, 2}, {0.834453821182251, 0.23336660861968994}},
      {"tf.random.normal", {L{2}, 1, 2, F, 1}, F, {2}, {-0.0816107988357544, 3.244065999984741}},
      {"tf.random.normal", {L{2}, 1.5, 2.0, D, 1}, D, {2}, {-0.2392639649097914, 1.6582972686426054}},
      {"tf.random.truncated_normal", {L{2}, 1.0, 2.0, F, 1}, F, {2}, {-0.0816107988357544, 3.244065999984741}},
      {"tf.random.shuffle", {L{1, 2, 3, 4}, 1}, I, {4}, {1, 2, 4, 3}},
      {"tf.random.categorical", {L{L{0.0, 1.0, 2.0}}, 4, Value(), 1}, I64, {1, 4}, {2, 2, 2, 1}},
      {"tf.random.categorical", {L{L{0.0, 1.0, 2.0}}, 4, I, 1}, I, {1, 4}, {2, 2, 2, 1}},
      {"tf.random.gamma", {L{2}, L{0.5, 1.5}, Value(), F, 1}, F, {2, 2}, {0.4100329875946045, 0.8340654969215393, 0.020393652841448784, 1.7223821878433228}},
      {"tf.random.gamma", {L{2}, 2.0, L{1.0, 2.0}, F, 1}, F, {2, 2}, {1.7709494829177856, 0.6309872269630432, 0.6297914385795593, 1.1583104133605957}},
      {"tf.random.gamma", {L{2}, 3, Value(), D, 1}, D, {2}, {2.798015259642633, 1.2702621373618994}},
      {"tf.random.gamma", {L{2}, 0.5, Value(), H, 1}, H, {2}, {0.409912109375, 0.0204010009765625}},
      {"tf.random.poisson", {L{2}, L{0.5, 40.0}, F, 1}, F, {2, 2}, {1.0, 41.0, 1.0, 34.0}},
      {"tf.random.poisson", {L{3}, 4, I64, 1}, I64, {3}, {4, 3, 5}},
      {"tf.random.stateless_uniform", {L{3}, L{1, 2}}, F, {3}, {0.8440604209899902, 0.19204533100128174, 0.9962232112884521}},
      {"tf.random.stateless_uniform", {L{3}, L{1, 2}, -1, 1}, F, {3}, {0.6881208419799805, -0.6159093379974365, 0.9924464225769043}},
      {"tf.random.stateless_uniform", {L{3}, L{1, 2}, 0, 10, I}, I, {3}, {0, 9, 4}},
      {"tf.random.stateless_uniform", {L{3}, L{1, 2}, Value(), Value(), I}, I, {3}, {1105988140, 1738052849, -335576002}},
      {"tf.random.stateless_normal", {L{3}, L{1, 2}, 5.0, 2.0, D}, D, {3}, {4.715376379962158, 6.481214492317019, 2.061904661112234}},
      {"tf.random.stateless_normal", {L{3}, L{1, 2}, 0.0, 1.0, H}, H, {3}, {0.5439453125, 0.2073974609375, 0.07354736328125}},
      {"tf.random.stateless_truncated_normal", {L{3}, L{1, 2}}, F, {3}, {0.544110119342804, 0.20738030970096588, 0.0735643208026886}},
      {"tf.random.stateless_categorical", {L{L{0.0, 1.0, 2.0}}, 4, L{1, 2}}, I64, {1, 4}, {2, 2, 1, 2}},
      {"tf.random.stateless_gamma", {L{3, 2}, L{1, 2}, L{0.5, 1.5}, 2.0}, F, {3, 2}, {0.0334768071770668, 0.8184714913368225, 0.3141177296638489, 0.8374337553977966, 0.09068366140127182, 0.5120522975921631}},
      {"tf.random.stateless_poisson", {L{3, 2}, L{1, 2}, L{0.5, 40.0}}, I, {3, 2}, {3, 57, 2, 34, 1, 45}},
      {"tf.random.stateless_binomial", {L{3, 2}, L{1, 2}, L{10, 20}, L{0.5, 0.1}}, I, {3, 2}, {6, 2, 6, 4, 7, 2}},
      {"tf.random.stateless_parameterized_truncated_normal", {L{3, 2}, L{1, 2}, L{0.0, 1.0}, 1.0, L{-1.0, 0.0}, L{2.0, 2.0}}, F, {3, 2}, {0.544110119342804, 0.5439803600311279, 0.20738030970096588, 1.298691987991333, 0.0735643208026886, 0.21388888359069824}},
      {"tf.random.experimental.stateless_split", {L{1, 2}, 3}, I, {3, 2}, {1105988140, 1738052849, -335576002, 370444179, 10670227, -246211131}},
      {"tf.random.experimental.stateless_fold_in", {L{1, 2}, 77}, I, {2}, {1105988140, 77}},
      {"tf.random.experimental.index_shuffle", {i32({4}, {0, 1, 2, 3}), L{1, 2}, 3}, I, {4}, {2, 0, 1, 3}},
      {"tf.random.create_rng_state", {5, 1}, I64, {3}, {5, 0, 0}},
      {"tf.random.create_rng_state", {L{7, 8}, "philox"}, I64, {3}, {0, 7, 8}},
      {"tf.random.create_rng_state", {-1, "threefry"}, I64, {2}, {-1, -1}},
  };
  for (const CallRow& r : rows) {
    set_seed(7);
    check_calls({r});
  }
}

TEST(RandomFunctions, ErrorsAreTensorFlows) {
  constexpr auto IA = Code::invalid_argument;
  const L seed = {1, 2};
  check_bad_calls({
      {"tf.random.uniform", {L{2}, 0, Value(), I}, Code::value, "Must specify maxval for integer dtype tf.int32"},
      {"tf.random.uniform", {L{2}, 0, 3, DType::u8}, Code::value,
       "Argument `dtype` got invalid value <dtype: 'uint8'>. Accepted dtypes are (tf.float16, tf.bfloat16, tf.float32, "
       "tf.float64, tf.int32, tf.int64)."},
      {"tf.random.uniform", {L{2}, 5, 5, I}, IA, "Need minval < maxval, got 5 >= 5 [Op:RandomUniformInt]"},
      {"tf.random.uniform", {3}, IA, "shape must be a vector of {int32,int64}, got shape [] [Op:RandomUniform]"},
      {"tf.random.uniform", {L{-1}}, IA, "Dimension -1 must be >= 0 [Op:RandomUniform]"},
      {"tf.random.normal", {L{2}, 0.0, 1.0, I}, Code::type, "Cannot convert 0.0 to EagerTensor of dtype int32"},
      {"tf.random.categorical", {L{0.0, 1.0}, 4}, IA, "logits should be a matrix, got shape [2] [Op:Multinomial]"},
      {"tf.random.categorical", {L{L{0.0, 1.0}}, -1}, IA, "num_samples should be nonnegative, got -1 [Op:Multinomial]"},
      {"tf.random.categorical", {f32({2, 0}, {}), 2}, IA, "num_classes should be positive, got 0 [Op:Multinomial]"},
      {"tf.random.stateless_uniform", {L{3}, seed, Value(), 10, I}, Code::value,
       "For integer `dtype` argument <dtype: 'int32'>, argument `minval` and `maxval` must be both None or not None. Got "
       "`minval`=None and `maxval`=10."},
      {"tf.random.stateless_uniform", {L{3}, L{1, 2, 3}}, IA,
       "seed must have shape [2], not [3] [Op:StatelessRandomGetKeyCounter]"},
      {"tf.random.stateless_uniform", {L{3}, seed, 0, Value(), F, Value(), "threefry"}, IA,
       "Unsupported algorithm id: 2 [Op:StatelessRandomUniformV2]"},
      {"tf.random.stateless_uniform", {L{3}, seed, 5, 5, I}, IA,
       "Need minval < maxval, got 5 >= 5 [Op:StatelessRandomUniformIntV2]"},
      {"tf.random.stateless_gamma", {L{3}, seed, L{0.5, 1.5}}, IA,
       "Shape passed in must end with broadcasted shape. [Op:StatelessRandomGammaV2]"},
  });
}

TEST(RandomFunctions, AGeneratorsStateMovesPastWhatOpsTake) {
  const Variable state(Tensor::of<int64_t>({3}, {5, 0, 0}), {.name = "StateVar"});
  const auto words = [&] { return state.value().ints(); };
  const Tensor before = op("RngReadAndSkip", {state.handle(), Tensor(int32_t{1}), Tensor(uint64_t{3})});
  EXPECT_EQ(before.ints(), (std::vector<int64_t>{5, 0, 0}));
  EXPECT_EQ(words(), (std::vector<int64_t>{773, 0, 0}));
  const Tensor u = op("StatefulUniform", {state.handle(), Tensor(int64_t{1}), i32({1}, {3})}, {{"dtype", F}});
  EXPECT_FLOAT_EQ(u.as<float>()[0], 0.1561383f);
  EXPECT_FLOAT_EQ(u.as<float>()[2], 0.16476512f);
  EXPECT_EQ(words(), (std::vector<int64_t>{1541, 0, 0}));
  const Tensor delta[] = {state.handle(), Tensor(int64_t{1}), Tensor(int64_t{2})};
  op_all("RngSkip", delta);
  EXPECT_EQ(words(), (std::vector<int64_t>{2053, 0, 0}));
  try {
    op("StatefulUniform", {state.handle(), Tensor(int64_t{2}), i32({1}, {3})});
    ADD_FAILURE() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.message(), "Unsupported algorithm id: 2 [Op:StatefulUniform]");
  }
}

}  // namespace
}  // namespace ninefold
