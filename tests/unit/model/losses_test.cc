// In: labels and predictions. Out: whether each loss has TensorFlow 2.9.0's values, config and errors.
#include <gtest/gtest.h>

#include "ninefold/grad.h"
#include "ninefold/keras.h"
#include "train/model/losses/loss.h"
#include "train/model/losses/resolve.h"
#include "../engine/op_rows.h"

namespace ninefold::keras {
namespace {

using testing::f32;
using testing::values;

const Tensor truth = f32({2, 3}, {0, 1, 0, 1, 0, 1}), guess = f32({2, 3}, {.1f, .7f, .2f, .6f, .3f, .9f});

void expect_near(const Tensor& got, const std::vector<double>& want, const std::string& what) {
  const std::vector<double> all = values(got);
  ASSERT_EQ(all.size(), want.size()) << what;
  for (size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(all[i], want[i], 1e-6 * std::max(1.0, std::abs(want[i]))) << what;
}
LossPtr make(const std::string& name, ValueDict config) {
  return std::dynamic_pointer_cast<Loss>(make_object("loss", name, config));
}

// each sample's, then the mean, the sum, and the mean weighted by {0.5, 2}
struct Row {
  const char* name;
  ValueDict config;
  std::vector<double> samples;
  double mean, sum, weighted;
};
const std::vector<Row> rows = {
    {"MeanSquaredError", {}, {0.0466666669, 0.086666666}, 0.0666666627, 0.133333325, 0.098333329},
    {"MeanAbsoluteError", {}, {0.200000003, 0.266666681}, 0.233333349, 0.466666698, 0.316666692},
    {"MeanAbsolutePercentageError", {}, {100000008.0, 100000016.0}, 100000016.0, 200000032.0,
     125000016.0},
    {"MeanSquaredLogarithmicError", {}, {0.0229125116, 0.0404196568}, 0.0316660851, 0.0633321702,
     0.0461477861},
    {"LogCosh", {}, {0.0230668578, 0.0424286127}, 0.0327477343, 0.0654954687, 0.0481953286},
    {"KLDivergence", {}, {0.356672138, 0.616184652}, 0.48642838, 0.97285676, 0.705352664},
    {"Poisson", {}, {0.45222494, 0.805395305}, 0.628810108, 1.25762022, 0.918451548},
    {"Hinge", {}, {0.866666734, 0.599999964}, 0.733333349, 1.4666667, 0.816666663},
    {"SquaredHinge", {}, {0.913333416, 0.619999945}, 0.766666651, 1.5333333, 0.848333299},
    {"CategoricalHinge", {}, {0.5, 0.0}, 0.25, 0.5, 0.125},
    {"Huber", {}, {0.0233333334, 0.043333333}, 0.0333333313, 0.0666666627, 0.0491666645},
    {"Huber", {{"delta", 0.25}}, {0.0229166672, 0.0391666666}, 0.0310416669, 0.0620833337,
     0.0448958352},
    {"CosineSimilarity", {}, {-0.952579379, -0.944911182}, -0.948745251, -1.8974905, -1.183056},
};
TEST(Losses, HaveTensorFlowsValues) {
  for (const Row& r : rows) {
    ValueDict config = r.config;
    expect_near((*make(r.name, config))(truth, guess), {r.mean}, r.name);
    expect_near((*make(r.name, config))(truth, guess, f32({2}, {.5f, 2})), {r.weighted}, r.name);
    expect_near((*make(r.name, config))(truth, guess, f32({2, 1}, {.5f, 2})), {r.weighted}, r.name);
    put(config, "reduction", "sum");
    expect_near((*make(r.name, config))(truth, guess), {r.sum}, r.name);
    put(config, "reduction", "none");
    expect_near((*make(r.name, config))(truth, guess), r.samples, r.name);
  }
}

TEST(Losses, NamesGiveFunctionsAndClasses) {
  for (const char* name : {"mse", "MSE", "mean_squared_error"}) {
    const LossPtr loss = loss_for(name);
    EXPECT_EQ(loss->name, "mean_squared_error");
    expect_near((*loss)(truth, guess), {0.06666666269302368}, name);
  }
  EXPECT_EQ(loss_for("Huber")->name, "huber_loss");
  EXPECT_EQ(loss_for(Value()), nullptr);
  EXPECT_EQ(loss_for(ValueDict{{"class_name", "Huber"}, {"config", ValueDict{{"delta", 2.0}}}})->class_name(), "Huber");
}

struct ErrorCase {
  std::function<void()> run;
  Code code;
  const char* says;
};
TEST(Losses, ErrorsAreKerass) {
  const char* ensure = " Please ensure this object is passed to the `custom_objects` argument. See "
      "https://www.tensorflow.org/guide/keras/save_and_serialize#registering_the_custom_object for details.";
  const std::string unknown = std::string("Unknown loss function: nope.") + ensure;
  const std::vector<ErrorCase> cases = {
      {[] { loss_for("nope"); }, Code::value, unknown.c_str()},
      {[] { loss_for(3); }, Code::value, "Could not interpret loss function identifier: 3"},
      {[] { make("Huber", {{"reduction", "foo"}}); }, Code::value,
       "Invalid Reduction Key: foo. Expected keys are \"('auto', 'none', 'sum', 'sum_over_batch_size')\""},
      {[] { make("Huber", {{"foo", 1}}); }, Code::type, "__init__() got an unexpected keyword argument 'foo'"},
      {[] { (*make("MeanSquaredError", {}))(f32({1, 2}, {1, 2}), f32({1, 3}, {1, 2, 3})); }, Code::invalid_argument,
       "Incompatible shapes: [1,3] vs. [1,2] [Op:SquaredDifference]"},
      {[] { (*make("Loss", {}))(truth, guess); }, Code::not_implemented, "Must be implemented in subclasses."},
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

TEST(Losses, AStrategyWantsAReductionThatAddsUp) {
  ReplicaScope two(2);
  EXPECT_THROW((*make("Huber", {}))(truth, guess), Error);
  EXPECT_NO_THROW((*make("Huber", {{"reduction", "sum"}}))(truth, guess));
  BuiltInLoop loop;
  const Tensor loss = (*make("MeanSquaredError", {}))(truth, guess);
  expect_near(scale_for_replicas(loss), {0.06666666269302368 / 2}, "scaled");
}

TEST(Losses, AnOverriddenCallIsWeighedToo) {
  const LossPtr loss = make("Loss", {{"name", "mine"}});
  loss->override_method("call", [](ValueList args, ValueDict) { return Value(*args[1].get<Tensor>() - *args[0].get<Tensor>()); });
  expect_near((*loss)(f32({2}, {1, 2}), f32({2}, {2, 4}), f32({2}, {1, 3})), {3.5}, "mine");
}

TEST(Losses, RanksThatDifferByOneAreMatched) {
  expect_near((*make("MeanSquaredError", {}))(f32({2}, {1, 2}), f32({2, 1}, {1, 4})), {2}, "squeezed");
  expect_near((*make("MeanSquaredError", {{"reduction", "none"}}))(f32({2, 1}, {1, 2}), f32({2, 1}, {1, 4})), {0, 4}, "kept");
}

}  // namespace
}  // namespace ninefold::keras
