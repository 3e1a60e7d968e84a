// In: gradients of a few steps. Out: whether optimizers and schedules have TensorFlow 2.9.0's weights, names, errors.
#include <gtest/gtest.h>

#include "../engine/op_rows.h"
#include "config_text.h"
#include "ninefold/function.h"
#include "ninefold/keras.h"
#include "train/layers/schema.h"
#include "train/model/optimizers/resolve.h"

namespace ninefold::keras {
namespace {

using ninefold::testing::f32;
using ninefold::testing::i32;
using ninefold::testing::values;

OptimizerPtr make(const std::string& name, const ValueDict& config = {}) {
  return std::dynamic_pointer_cast<Optimizer>(make_object("optimizer", name, config));
}
Weight weight(const Tensor& initial, const std::string& name = "Variable") {
  return {Variable(initial, {.name = name}), nullptr, nullptr, true};
}

// Four steps of gradients [.5, -1, 2] w + .1 t and .3 (t - 1): w and b afterwards, and the names of the weights.
struct Row {
  const char *name, *config;
  std::initializer_list<double> want;
  const char* names;
};
const Row rows[] = {
    {"SGD", "learning_rate=0.05",
     {1.3260287, -0.638765574, 0.135974988, 0.0700000003},
     "SGD/iter:0"},
    {"SGD", "learning_rate=0.05 momentum=0.9",
     {1.12664354, -0.792946815, 0.012000002, 0.0930850059},
     "SGD/iter:0 SGD/Variable/momentum:0 SGD/Variable/momentum:0"},
    {"SGD", "learning_rate=0.05 momentum=0.9 nesterov=true",
     {1.00530386, -0.926066875, -0.0409069508, 0.063776508},
     "SGD/iter:0 SGD/Variable/momentum:0 SGD/Variable/momentum:0"},
    {"SGD", "learning_rate=0.05 decay=0.1",
     {1.34849524, -0.618831873, 0.149999991, 0.07942307},
     "SGD/iter:0"},
    {"SGD", "learning_rate=0.05 clipnorm=1.0",
     {1.36028469, -0.608649731, 0.157351285, 0.0700000003},
     "SGD/iter:0"},
    {"SGD", "learning_rate=0.05 clipvalue=0.4",
     {1.42000008, -0.579999924, 0.170000017, 0.0799999982},
     "SGD/iter:0"},
    {"SGD", "learning_rate=0.05 global_clipnorm=0.7",
     {1.40525508, -0.571712136, 0.185582832, 0.0891336799},
     "SGD/iter:0"},
    {"Adam", "learning_rate=0.05",
     {1.29942763, -0.699864388, 0.0500010252, 0.153447241},
     "Adam/iter:0 Adam/Variable/m:0 Adam/Variable/m:0 Adam/Variable/v:0 Adam/Variable/v:0"},
    {"Adam", "learning_rate=0.05 amsgrad=true",
     {1.29942763, -0.699864388, 0.0500010252, 0.153430492},
     "Adam/iter:0 Adam/Variable/m:0 Adam/Variable/m:0 Adam/Variable/v:0 Adam/Variable/v:0"
     " Adam/Variable/vhat:0 Adam/Variable/vhat:0"},
    {"RMSprop", "learning_rate=0.05",
     {1.03433251, -1.02292883, -0.105325013, 0.00730282068},
     "RMSprop/iter:0 RMSprop/Variable/rms:0 RMSprop/Variable/rms:0"},
    {"RMSprop", "learning_rate=0.05 centered=true",
     {0.976565063, -1.09006548, -0.123002298, 0.00978128612},
     "RMSprop/iter:0 RMSprop/Variable/rms:0 RMSprop/Variable/rms:0 RMSprop/Variable/mg:0"
     " RMSprop/Variable/mg:0"},
    {"RMSprop", "learning_rate=0.05 momentum=0.3",
     {0.89812243, -1.18327796, -0.158089995, 0.0379781127},
     "RMSprop/iter:0 RMSprop/Variable/rms:0 RMSprop/Variable/rms:0"
     " RMSprop/Variable/momentum:0 RMSprop/Variable/momentum:0"},
    {"RMSprop", "learning_rate=0.05 momentum=0.3 centered=true",
     {0.828487813, -1.26596117, -0.164545342, 0.0439877361},
     "RMSprop/iter:0 RMSprop/Variable/rms:0 RMSprop/Variable/rms:0"
     " RMSprop/Variable/momentum:0 RMSprop/Variable/momentum:0 RMSprop/Variable/mg:0"
     " RMSprop/Variable/mg:0"},
    {"Adagrad", "learning_rate=0.05",
     {1.35950637, -0.643061817, 0.119909592, 0.0685650259},
     "Adagrad/iter:0 Adagrad/Variable/accumulator:0 Adagrad/Variable/accumulator:0"},
    {"Adadelta", "learning_rate=1.0",
     {1.4936831, -0.506559432, 0.243470013, 0.0979743004},
     "Adadelta/iter:0 Adadelta/Variable/accum_grad:0 Adadelta/Variable/accum_grad:0"
     " Adadelta/Variable/accum_var:0 Adadelta/Variable/accum_var:0"},
    {"Adamax", "learning_rate=0.05",
     {1.31140423, -0.675461173, 0.0500000753, 0.154420167},
     "Adamax/iter:0 Adamax/Variable/m:0 Adamax/Variable/m:0 Adamax/Variable/v:0"
     " Adamax/Variable/v:0"},
    {"Nadam", "learning_rate=0.05",
     {1.32667351, -0.683268964, 0.0826595426, 0.0675322413},
     "Nadam/iter:0 Nadam/momentum_cache:0 Nadam/Variable/m:0 Nadam/Variable/m:0"
     " Nadam/Variable/v:0 Nadam/Variable/v:0"},
    {"Ftrl", "learning_rate=0.05",
     {0.790646195, -0.360421032, 0.0101858499, -0.00398259982},
     "Ftrl/iter:0 Ftrl/Variable/accumulator:0 Ftrl/Variable/linear:0"
     " Ftrl/Variable/accumulator:0 Ftrl/Variable/linear:0"},
    {"Ftrl", "learning_rate=0.05 l1_regularization_strength=0.01 l2_regularization_strength=0.1 beta=0.1",
     {0.696893692, -0.302639842, 0.00856033713, -0.00685409782},
     "Ftrl/iter:0 Ftrl/Variable/accumulator:0 Ftrl/Variable/linear:0"
     " Ftrl/Variable/accumulator:0 Ftrl/Variable/linear:0"},
    {"Ftrl", "learning_rate=0.05 l2_shrinkage_regularization_strength=0.1",
     {0.751345813, -0.340678573, 0.00514629576, -0.00910281576},
     "Ftrl/iter:0 Ftrl/Variable/accumulator:0 Ftrl/Variable/linear:0"
     " Ftrl/Variable/accumulator:0 Ftrl/Variable/linear:0"},
};
void run(Optimizer& optimizer, const std::vector<Weight>& w, int t) {
  const Tensor gradient = f32({3}, {.5f, -1, 2}) * w[0].variable.read() + Tensor(.1f * static_cast<float>(t));
  optimizer.apply_gradients({gradient, f32({1}, {.3f * (static_cast<float>(t) - 1)})}, w);
}
TEST(Optimizers, StepAsTensorFlow) {
  for (const Row& r : rows) {
    const OptimizerPtr optimizer = make(r.name, testing::config_of(r.config));
    const std::vector<Weight> w = {weight(f32({3}, {1.5f, -.5f, .25f})), weight(f32({1}, {.1f}))};
    for (int t = 0; t < 4; ++t) run(*optimizer, w, t);
    std::vector<double> got = values(w[0].variable.value());
    got.push_back(values(w[1].variable.value())[0]);
    for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(got[i], r.want.begin()[i], 1e-6) << r.name << " " << r.names << " " << i;
    std::string names;
    for (const Variable& v : optimizer->weights()) names += (names.empty() ? "" : " ") + v.name();
    EXPECT_EQ(names, r.names);
    EXPECT_EQ(optimizer->iterations().value().item<int64_t>(), 4);
  }
}

// Three steps of rows {1, 1, 3} of a table of five, of ones: TensorFlow's first elements of all rows afterwards. Rows that
// a step lacks stay as they are, but for Adam's.
const Row sparse_rows[] = {
    {"SGD", "learning_rate=0.05", {0.949999988, 0.799999952, 1, 0.899999976, 1}, ""},
    {"SGD", "learning_rate=0.05 momentum=0.9", {0.949999988, 0.709999979, 1, 0.855000019, 1}, ""},
    {"SGD", "learning_rate=0.05 momentum=0.9 nesterov=true", {0.904999971, 0.539000034, 1, 0.769499958, 1}, ""},
    {"SGD", "learning_rate=0.05 clipnorm=1.0", {0.96464467, 0.918350458, 1, 0.959175229, 1}, ""},
    {"Adam", "learning_rate=0.05", {0.890599608, 0.919870138, 1, 0.919870257, 1}, ""},
    {"Adam", "learning_rate=0.05 amsgrad=true", {0.890642285, 0.919870138, 1, 0.919870257, 1}, ""},
    {"RMSprop", "learning_rate=0.05", {0.841886163, 0.727178335, 1, 0.727178335, 1}, ""},
    {"RMSprop", "learning_rate=0.05 centered=true", {0.833333373, 0.705880225, 1, 0.705880225, 1}, ""},
    {"RMSprop", "learning_rate=0.05 momentum=0.3", {0.841886222, 0.679744184, 1, 0.679744244, 1}, ""},
    {"RMSprop", "learning_rate=0.05 momentum=0.3 centered=true", {0.833333433, 0.655880213, 1, 0.655880332, 1}, ""},
    {"Adagrad", "learning_rate=0.05", {0.952326894, 0.915477097, 1, 0.917823613, 1}, ""},
    {"Adadelta", "learning_rate=0.05", {0.999929309, 0.999857724, 1, 0.999857724, 1}, ""},
    {"Adamax", "learning_rate=0.05", {0.949999988, 0.938628852, 1, 0.938628852, 1}, ""},
    {"Nadam", "learning_rate=0.05", {0.94717741, 0.90525192, 1, 0.90525192, 1}, ""},
    {"Ftrl", "learning_rate=0.05", {0.650815487, 0.759303331, 1, 0.616312206, 1}, ""},
    {"Ftrl", "learning_rate=0.05 l2_shrinkage_regularization_strength=0.1", {0.64128089, 0.75159055, 1, 0.602352321, 1}, ""},
};
TEST(Optimizers, StepOnlyTheRowsThatAreGiven) {
  for (const Row& r : sparse_rows) {
    const OptimizerPtr optimizer = make(r.name, testing::config_of(r.config));
    const std::vector<Weight> w = {weight(op("Fill", {i32({2}, {5, 2}), Tensor(1.f)}))};
    for (int t = 0; t < 3; ++t) {
      const Tensor at = t == 0 ? i32({1}, {0}) : i32({3}, {1, 1, 3});
      const Tensor rows = op("Fill", {i32({2}, {t == 0 ? 1 : 3, 2}), Tensor(1.f)});
      optimizer->apply_gradients({IndexedSlices{rows, at, i32({2}, {5, 2})}}, w);
    }
    const std::vector<double> got = values(w[0].variable.value());
    for (size_t i = 0; i < 5; ++i) EXPECT_NEAR(got[2 * i], r.want.begin()[i], 1e-6) << r.name << " " << r.config << " " << i;
  }
}
TEST(Optimizers, ASparseGradientCannotBeConstrained) {
  Weight w = weight(f32({1, 1}, {1}));
  w.constraint = std::dynamic_pointer_cast<Constraint>(make_object("constraint", "NonNeg", {}));
  try {
    make("SGD")->apply_gradients({IndexedSlices{f32({1, 1}, {1}), i32({1}, {0}), i32({2}, {1, 1})}}, {w});
    ADD_FAILURE() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::runtime);
    EXPECT_EQ(e.message(), "Cannot use a constraint function on a sparse variable. Received: the gradient of 'Variable:0' is "
              "tf.IndexedSlices; give apply_gradients tf.convert_to_tensor(gradient)");
  }
}

TEST(Optimizers, NamesAreReadInAnyCase) {
  for (const char* name : {"adam", "Adam", "ADAM"}) EXPECT_EQ(optimizer_for(name)->class_name(), "Adam");
  EXPECT_EQ(optimizer_for("rmsprop")->class_name(), "RMSprop");
  const OptimizerPtr one = make("SGD");
  EXPECT_EQ(optimizer_for(std::shared_ptr<Foreign>(one)), one);
}

TEST(Optimizers, HyperparametersAreVariablesThatMayChange) {
  const OptimizerPtr sgd = make("SGD", {{"lr", 0.5}});
  const std::vector<Weight> w = {weight(f32({1}, {1}))};
  sgd->apply_gradients({f32({1}, {1})}, w);
  EXPECT_EQ(sgd->hyper("lr").get<Variable>()->name(), "SGD/learning_rate:0");
  sgd->set_hyper("learning_rate", 0.25);
  sgd->apply_gradients({f32({1}, {1})}, w);
  EXPECT_EQ(w[0].variable.value().item<float>(), 0.25f);
  sgd->set_hyper("lr", std::shared_ptr<Foreign>(make_object("schedule", "ExponentialDecay",
      {{"initial_learning_rate", 1.0}, {"decay_steps", 2}, {"decay_rate", 0.5}})));
  sgd->apply_gradients({f32({1}, {1})}, w);   // step 2: 0.5
  EXPECT_EQ(w[0].variable.value().item<float>(), -0.25f);
  sgd->set_hyper("lr", 1);
  sgd->apply_gradients({f32({1}, {1})}, w);
  EXPECT_EQ(w[0].variable.value().item<float>(), -1.25f);
}

TEST(Optimizers, ACapturedStepReadsHyperparametersAnew) {
  const OptimizerPtr adam = make("Adam", {{"learning_rate", 0.5}});
  const std::vector<Weight> w = {weight(f32({1}, {1}), "w")};
  Traced step([&](const Tensors& a) {
    adam->apply_gradients({a[0]}, w);
    return Tensors{w[0].variable.read()};
  });
  const Tensor one = f32({1}, {1});
  EXPECT_NEAR(step({one})[0].item<float>(), 0.5, 1e-5);
  adam->set_hyper("learning_rate", 0.25);
  EXPECT_NEAR(step({one})[0].item<float>(), 0.25, 1e-5);
  EXPECT_EQ(step.tracing_count(), 1);
  EXPECT_EQ(adam->iterations().value().item<int64_t>(), 2);
  EXPECT_EQ(adam->weights()[1].name(), "Adam/w/m:0");
}

TEST(Optimizers, AConstraintHoldsAfterTheStep) {
  struct AtMostOne : Constraint {
    const std::string& class_name() const override { static const std::string n = "AtMostOne"; return n; }
    ValueDict config() const override { return {}; }
    Tensor project(const Tensor& w) override { return op("Minimum", {w, Tensor(1.0f)}); }
  };
  Weight w = weight(f32({2}, {0, 0}));
  w.constraint = std::make_shared<AtMostOne>();
  make("SGD", {{"learning_rate", 1.0}})->apply_gradients({f32({2}, {-3, -.5f})}, {w});
  EXPECT_EQ(values(w.variable.value()), (std::vector<double>{1, .5}));
}

TEST(Optimizers, MissingGradientsAreSkipped) {
  const OptimizerPtr adam = make("Adam");
  const std::vector<Weight> w = {weight(f32({1}, {1}), "a"), weight(f32({1}, {1}), "b")};
  ::testing::internal::CaptureStderr();
  adam->apply_gradients({f32({1}, {1}), Tensor()}, w);
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("Gradients do not exist for variables ['b:0'] when minimizing the "
            "loss. If you're using `model.compile()`, did you forget to provide a `loss`argument?"), std::string::npos);
  EXPECT_EQ(adam->weights().size(), 3u);
  EXPECT_EQ(w[1].variable.value().item<float>(), 1);
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
    if (r->kind == "optimizer") {
      ValueDict needs;   // of one that stands around another
      for (const Field& f : r->fields)
        if (f.required) needs.push_back({f.name, "SGD"});
      const OptimizerPtr made = make(r->names[0], needs), again = make(r->names[0], made->config());
      ASSERT_EQ(made->config().size(), again->config().size()) << r->names[0];
    }
}

TEST(Optimizers, LossesAreScaled) {
  const auto scaling = std::dynamic_pointer_cast<LossScaleOptimizer>(
      make("LossScaleOptimizer", {{"inner_optimizer", "SGD"}, {"initial_scale", 8.0}, {"dynamic_growth_steps", 2}}));
  const Variable v(Tensor(4.0f));
  const std::vector<Weight> weights = {{v, nullptr, nullptr}};
  struct Step { float gradient, value, scale; };
  for (const Step& s : {Step{8, 3.99f, 8}, Step{8, 3.98f, 16}, Step{INFINITY, 3.98f, 8}, Step{NAN, 3.98f, 4}, Step{4, 3.97f, 4}}) {
    EXPECT_EQ(scaling->scaled(Tensor(1.0f)).item<float>(), scaling->loss_scale().item<float>());
    scaling->apply_gradients(scaling->unscaled({Gradient(Tensor(s.gradient))}), weights);
    EXPECT_NEAR(v.value().item<float>(), s.value, 1e-5);
    EXPECT_EQ(scaling->loss_scale().item<float>(), s.scale);
  }
  EXPECT_EQ(scaling->iterations().value().item<int64_t>(), 5);
  EXPECT_EQ(scaling->counter().value().item<int64_t>(), 1);
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
  const char *name, *config;
  std::initializer_list<double> want;
};
const ScheduleRow schedules[] = {
    {"ExponentialDecay", "initial_learning_rate=0.1 decay_steps=3 decay_rate=0.5 staircase=false", {0.100000001, 0.0793700516, 0.0629960522, 0.0500000007,
     0.0396850258, 0.0314980261, 0.0250000004, 0.0198425148}},
    {"ExponentialDecay", "initial_learning_rate=0.1 decay_steps=3 decay_rate=0.5 staircase=true", {0.100000001, 0.100000001, 0.100000001, 0.0500000007,
     0.0500000007, 0.0500000007, 0.0250000004, 0.0250000004}},
    {"InverseTimeDecay", "initial_learning_rate=0.1 decay_steps=3 decay_rate=0.5 staircase=false", {0.100000001, 0.0857142881, 0.0749999955, 0.0666666701,
     0.0599999987, 0.0545454584, 0.0500000007, 0.0461538509}},
    {"InverseTimeDecay", "initial_learning_rate=0.1 decay_steps=3 decay_rate=0.5 staircase=true", {0.100000001, 0.100000001, 0.100000001, 0.0666666701,
     0.0666666701, 0.0666666701, 0.0500000007, 0.0500000007}},
    {"PolynomialDecay", "initial_learning_rate=0.1 decay_steps=4 end_learning_rate=0.01 power=2.0 cycle=false", {0.100000001, 0.0606250018,
     0.0324999988, 0.015625, 0.00999999978, 0.00999999978, 0.00999999978, 0.00999999978}},
    {"PolynomialDecay", "initial_learning_rate=0.1 decay_steps=4 end_learning_rate=0.01 power=2.0 cycle=true", {0.100000001, 0.0606250018,
     0.0324999988, 0.015625, 0.00999999978, 0.0226562507, 0.015625, 0.0114062503}},
    {"CosineDecay", "initial_learning_rate=0.1 decay_steps=5 alpha=0.1",
     {0.100000001, 0.0914057642, 0.0689057633, 0.0410942249, 0.0185942333, 0.0100000007,
     0.0100000007, 0.0100000007}},
    {"CosineDecayRestarts", "initial_learning_rate=0.1 first_decay_steps=3 t_mul=2.0 m_mul=1.0 alpha=0.0", {0.100000001, 0.075000003, 0.0249999966, 0.100000001,
     0.0933012739, 0.075000003, 0.049999997, 0.025000006}},
    {"CosineDecayRestarts", "initial_learning_rate=0.1 first_decay_steps=2 t_mul=1.0 m_mul=0.8 alpha=0.1", {0.100000001, 0.054999996, 0.0820000023, 0.0459999964,
     0.0676000044, 0.0387999974, 0.0560800023, 0.0330399983}},
    {"PiecewiseConstantDecay", "boundaries=[1 4] values=[0.1 0.05 0.01]", {0.100000001, 0.100000001, 0.0500000007, 0.0500000007, 0.0500000007, 0.00999999978,
     0.00999999978, 0.00999999978}},
};
TEST(Schedules, HaveTensorFlowsValues) {
  for (const ScheduleRow& r : schedules) {
    const auto schedule = std::dynamic_pointer_cast<Schedule>(make_object("schedule", r.name, testing::config_of(r.config)));
    for (size_t t = 0; t < r.want.size(); ++t)
      EXPECT_NEAR(schedule->at(Tensor(static_cast<float>(t))).item<float>(), r.want.begin()[t], 1e-7) << r.name << " " << t;
    EXPECT_EQ(schedule->config().size(), testing::config_of(r.config).size() + 1) << r.name;
  }
}

}  // namespace
}  // namespace ninefold::keras
