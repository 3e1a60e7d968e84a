// In: gradients of a few steps. Out: whether optimizers and schedules have TensorFlow 2.9.0's weights, names, errors.
#include <gtest/gtest.h>

#include "ninefold/keras.h"
#include "train/layers/schema.h"
#include "train/model/optimizers/resolve.h"
#include "../engine/op_rows.h"

namespace ninefold::keras {
namespace {

using testing::f32;
using testing::values;

OptimizerPtr make(const std::string& name, const ValueDict& config = {}) {
  return std::dynamic_pointer_cast<Optimizer>(make_object("optimizer", name, config));
}
Weight weight(const Tensor& initial, const std::string& name = "Variable") {
  return {Variable(initial, {.name = name}), nullptr, nullptr, true};
}

// Four steps of gradients [.5, -1, 2] w + .1 t and .3 (t - 1): w and b afterwards, and the names of the weights.
struct Row {
  const char* name;
  ValueDict config;
  std::vector<double> want;
  std::string names;
};
const std::vector<Row> rows = {
    {"RMSprop", {{"learning_rate", 0.05}},
     {1.03433251, -1.02292883, -0.105325013, 0.00730282068},
     "RMSprop/iter:0 RMSprop/Variable/rms:0 RMSprop/Variable/rms:0"},
    {"RMSprop", {{"learning_rate", 0.05}, {"centered", true}},
     {0.976565063, -1.09006548, -0.123002298, 0.00978128612},
     "RMSprop/iter:0 RMSprop/Variable/rms:0 RMSprop/Variable/rms:0 RMSprop/Variable/mg:0"
     " RMSprop/Variable/mg:0"},
    {"Nadam", {{"learning_rate", 0.05}},
     {1.32667351, -0.683268964, 0.0826595426, 0.0675322413},
     "Nadam/iter:0 Nadam/momentum_cache:0 Nadam/Variable/m:0 Nadam/Variable/m:0"
     " Nadam/Variable/v:0 Nadam/Variable/v:0"},
};
void run(Optimizer& optimizer, const std::vector<Weight>& w, int t) {
  const Tensor gradient = f32({3}, {.5f, -1, 2}) * w[0].variable.read() + Tensor(.1f * static_cast<float>(t));
  optimizer.apply_gradients({gradient, f32({1}, {.3f * (static_cast<float>(t) - 1)})}, w);
}
TEST(Optimizers, StepAsTensorFlow) {
  for (const Row& r : rows) {
    const OptimizerPtr optimizer = make(r.name, r.config);
    const std::vector<Weight> w = {weight(f32({3}, {1.5f, -.5f, .25f})), weight(f32({1}, {.1f}))};
    for (int t = 0; t < 4; ++t) run(*optimizer, w, t);
    std::vector<double> got = values(w[0].variable.value());
    got.push_back(values(w[1].variable.value())[0]);
    for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(got[i], r.want[i], 1e-6) << r.name << " " << r.names << " " << i;
    std::string names;
    for (const Variable& v : optimizer->weights()) names += (names.empty() ? "" : " ") + v.name();
    EXPECT_EQ(names, r.names);
    EXPECT_EQ(optimizer->iterations().value().item<int64_t>(), 4);
  }
}

TEST(Optimizers, NamesAreReadInAnyCase) {
  for (const char* name : {"adam", "Adam", "ADAM"}) EXPECT_EQ(optimizer_for(name)->class_name(), "Adam");
  EXPECT_EQ(optimizer_for("rmsprop")->class_name(), "RMSprop");
  const OptimizerPtr one = make("SGD");
  EXPECT_EQ(optimizer_for(std::shared_ptr<Foreign>(one)), one);
}

TEST(Optimizers, ConfigsAreKerass) {
  const Value adam = make("Adam", {{"clipnorm", 1.0}})->config();
  std::string keys;
  for (const Entry& e : *adam.get<ValueDict>()) keys += e.key + " ";
  EXPECT_EQ(keys, "name clipnorm learning_rate decay beta_1 beta_2 epsilon amsgrad ");
  EXPECT_EQ(*adam.find("learning_rate")->get<double>(), 0.001);
  EXPECT_EQ(*adam.find("epsilon")->get<double>(), 1e-7);
  const Value scheduled = make("SGD", {{"learning_rate", ValueDict{{"class_name", "CosineDecay"},
      {"config", ValueDict{{"initial_learning_rate", 0.1}, {"decay_steps", 5}}}}}})->config();
  const Value* rate = scheduled.find("learning_rate");
  EXPECT_EQ(*rate->find("class_name")->get<std::string>(), "CosineDecay");
  EXPECT_EQ(*rate->find("config")->find("decay_steps")->get<int64_t>(), 5);
  for (const ObjectRecord* r : all_records())
    if (r->kind == "optimizer" && !r->base.empty()) {
      const OptimizerPtr made = make(r->names[0]), again = make(r->names[0], made->config());
      ASSERT_EQ(made->config().size(), again->config().size()) << r->names[0];
    }
}

struct ErrorCase {
  std::function<void()> run;
  Code code;
  std::string says;
};
TEST(Optimizers, ErrorsAreKerass) {
  const std::string ensure = " Please ensure this object is passed to the `custom_objects` argument. See "
      "https://www.tensorflow.org/guide/keras/save_and_serialize#registering_the_custom_object for details.";
  const std::vector<ErrorCase> cases = {
      {[] { optimizer_for("nope"); }, Code::value, "Unknown optimizer: nope." + ensure},
      {[] { optimizer_for(3); }, Code::value, "Could not interpret optimizer identifier: 3"},
      {[] { make("SGD", {{"momentum", 2}}); }, Code::value,
       "`momentum` must be between [0, 1]. Received: momentum=2 (of type <class 'int'>)."},
      {[] { make("SGD", {{"clipnorm", -1}}); }, Code::value, "Expected clipnorm >= 0, received: -1"},
      {[] { make("SGD", {{"decay", -1.0}}); }, Code::value, "Expected decay >= 0, received: -1.0"},
      {[] { make("SGD", {{"foo", 1}}); }, Code::type, "Unexpected keyword argument passed to optimizer: foo. Allowed kwargs "
       "are {'clipvalue', 'clipnorm', 'decay', 'lr', 'global_clipnorm'}."},
      {[] { make("SGD", {{"clipnorm", 1.0}, {"global_clipnorm", 1.0}}); }, Code::value,
       "Cannot accept both `clipnorm` and `global_clipnorm`. Received: `clipnorm`=1.0, `global_clipnorm`=1.0."},
      {[] { make("SGD")->apply_gradients({Tensor()}, {weight(f32({2}, {1, 2}))}); }, Code::value,
       "No gradients provided for any variable: (['Variable:0'],). Provided `grads_and_vars` is ((None, <tf.Variable "
       "'Variable:0' shape=(2,) dtype=float32>),)."},
      {[] { make_object("schedule", "PiecewiseConstantDecay", {{"boundaries", ValueList{1, 2}}, {"values", ValueList{1.0}}}); },
       Code::value, "The length of boundaries should be 1 less than the length of values. Received: boundaries=[1, 2] of "
       "length 2, and values=[1.0] of length 1."},
  };
  for (const ErrorCase& c : cases) {
    try {
      c.run();
      ADD_FAILURE() << c.says;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), c.code) << c.says;
      EXPECT_EQ(e.message(), c.says);
    }
  }
}

// The rate at steps 0 to 7.
struct ScheduleRow {
  const char* name;
  ValueDict config;
  std::vector<double> want;
};
const std::vector<ScheduleRow> schedules = {
    {"ExponentialDecay", {{"initial_learning_rate", 0.1}, {"decay_steps", 3}, {"decay_rate",
     0.5}, {"staircase", false}}, {0.100000001, 0.0793700516, 0.0629960522, 0.0500000007,
     0.0396850258, 0.0314980261, 0.0250000004, 0.0198425148}},
    {"ExponentialDecay", {{"initial_learning_rate", 0.1}, {"decay_steps", 3}, {"decay_rate",
     0.5}, {"staircase", true}}, {0.100000001, 0.100000001, 0.100000001, 0.0500000007,
     0.0500000007, 0.0500000007, 0.0250000004, 0.0250000004}},
    {"InverseTimeDecay", {{"initial_learning_rate", 0.1}, {"decay_steps", 3}, {"decay_rate",
     0.5}, {"staircase", false}}, {0.100000001, 0.0857142881, 0.0749999955, 0.0666666701,
     0.0599999987, 0.0545454584, 0.0500000007, 0.0461538509}},
    {"InverseTimeDecay", {{"initial_learning_rate", 0.1}, {"decay_steps", 3}, {"decay_rate",
     0.5}, {"staircase", true}}, {0.100000001, 0.100000001, 0.100000001, 0.0666666701,
     0.0666666701, 0.0666666701, 0.0500000007, 0.0500000007}},
    {"PolynomialDecay", {{"initial_learning_rate", 0.1}, {"decay_steps", 4},
     {"end_learning_rate", 0.01}, {"power", 2.0}, {"cycle", false}}, {0.100000001, 0.0606250018,
     0.0324999988, 0.015625, 0.00999999978, 0.00999999978, 0.00999999978, 0.00999999978}},
    {"PolynomialDecay", {{"initial_learning_rate", 0.1}, {"decay_steps", 4},
     {"end_learning_rate", 0.01}, {"power", 2.0}, {"cycle", true}}, {0.100000001, 0.0606250018,
     0.0324999988, 0.015625, 0.00999999978, 0.0226562507, 0.015625, 0.0114062503}},
    {"CosineDecay", {{"initial_learning_rate", 0.1}, {"decay_steps", 5}, {"alpha", 0.1}},
     {0.100000001, 0.0914057642, 0.0689057633, 0.0410942249, 0.0185942333, 0.0100000007,
     0.0100000007, 0.0100000007}},
    {"CosineDecayRestarts", {{"initial_learning_rate", 0.1}, {"first_decay_steps", 3}, {"t_mul",
     2.0}, {"m_mul", 1.0}, {"alpha", 0.0}}, {0.100000001, 0.075000003, 0.0249999966, 0.100000001,
     0.0933012739, 0.075000003, 0.049999997, 0.025000006}},
    {"CosineDecayRestarts", {{"initial_learning_rate", 0.1}, {"first_decay_steps", 2}, {"t_mul",
     1.0}, {"m_mul", 0.8}, {"alpha", 0.1}}, {0.100000001, 0.054999996, 0.0820000023, 0.0459999964,
     0.0676000044, 0.0387999974, 0.0560800023, 0.0330399983}},
    {"PiecewiseConstantDecay", {{"boundaries", ValueList{1, 4}}, {"values", ValueList{0.1, 0.05,
     0.01}}}, {0.100000001, 0.100000001, 0.0500000007, 0.0500000007, 0.0500000007, 0.00999999978,
     0.00999999978, 0.00999999978}},
};
TEST(Schedules, HaveTensorFlowsValues) {
  for (const ScheduleRow& r : schedules) {
    const auto schedule = std::dynamic_pointer_cast<Schedule>(make_object("schedule", r.name, r.config));
    for (size_t t = 0; t < r.want.size(); ++t)
      EXPECT_NEAR(schedule->at(Tensor(static_cast<float>(t))).item<float>(), r.want[t], 1e-7) << r.name << " " << t;
    EXPECT_EQ(schedule->config().size(), r.config.size() + 1) << r.name;
  }
}

}  // namespace
}  // namespace ninefold::keras
