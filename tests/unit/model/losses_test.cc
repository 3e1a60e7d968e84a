// In: labels and predictions. Out: whether each loss has TensorFlow 2.9.0's values, config and errors.
#include <gtest/gtest.h>

#include "ninefold/distribute.h"
#include "../engine/op_rows.h"
#include "config_text.h"
#include "ninefold/grad.h"
#include "ninefold/keras.h"
#include "train/model/losses/loss.h"
#include "train/model/losses/resolve.h"

namespace ninefold::keras {
namespace {

using ninefold::testing::f32;
using ninefold::testing::i32;
using ninefold::testing::values;

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
  const char *name, *config;
  std::initializer_list<double> samples;
  double mean, sum, weighted;
};
const Row rows[] = {
    {"MeanSquaredError", "", {0.0466666669, 0.086666666}, 0.0666666627, 0.133333325, 0.098333329},
    {"MeanAbsoluteError", "", {0.200000003, 0.266666681}, 0.233333349, 0.466666698, 0.316666692},
    {"MeanAbsolutePercentageError", "", {100000008.0, 100000016.0}, 100000016.0, 200000032.0,
     125000016.0},
    {"MeanSquaredLogarithmicError", "", {0.0229125116, 0.0404196568}, 0.0316660851, 0.0633321702,
     0.0461477861},
    {"LogCosh", "", {0.0230668578, 0.0424286127}, 0.0327477343, 0.0654954687, 0.0481953286},
    {"KLDivergence", "", {0.356672138, 0.616184652}, 0.48642838, 0.97285676, 0.705352664},
    {"Poisson", "", {0.45222494, 0.805395305}, 0.628810108, 1.25762022, 0.918451548},
    {"Hinge", "", {0.866666734, 0.599999964}, 0.733333349, 1.4666667, 0.816666663},
    {"SquaredHinge", "", {0.913333416, 0.619999945}, 0.766666651, 1.5333333, 0.848333299},
    {"CategoricalHinge", "", {0.5, 0.0}, 0.25, 0.5, 0.125},
    {"Huber", "", {0.0233333334, 0.043333333}, 0.0333333313, 0.0666666627, 0.0491666645},
    {"Huber", "delta=0.25", {0.0229166672, 0.0391666666}, 0.0310416669, 0.0620833337,
     0.0448958352},
    {"CosineSimilarity", "", {-0.952579379, -0.944911182}, -0.948745251, -1.8974905, -1.183056},
    {"BinaryCrossentropy", "", {0.228392854, 0.324286848}, 0.276339859, 0.552679718, 0.381385058},
    {"BinaryCrossentropy", "label_smoothing=0.2", {0.376086712, 0.439286381}, 0.407686532,
     0.815373063, 0.533308029},
    {"BinaryCrossentropy", "from_logits=true", {0.648573875, 0.544332325}, 0.596453071,
     1.19290614, 0.706475794},
    {"BinaryFocalCrossentropy", "", {0.0140266912, 0.0382954627}, 0.0261610765, 0.052322153,
     0.0418021344},
    {"BinaryFocalCrossentropy", "gamma=1.5 from_logits=true", {0.228539839,
     0.172421992}, 0.200480908, 0.400961816, 0.229556948},
    {"CategoricalCrossentropy", "", {0.356674969, 1.79175949}, 1.0742172, 2.1484344, 1.88092828},
    {"CategoricalCrossentropy", "from_logits=true", {0.767949581, 1.9567802}, 1.36236489,
     2.72472978, 2.14876747},
    {"CategoricalCrossentropy", "label_smoothing=0.1", {0.463297427, 1.73203421},
     1.09766579, 2.19533157, 1.84785855},
};
TEST(Losses, HaveTensorFlowsValues) {
  for (const Row& r : rows) {
    ValueDict config = testing::config_of(r.config);
    expect_near((*make(r.name, config))(truth, guess), {r.mean}, r.name);
    expect_near((*make(r.name, config))(truth, guess, f32({2}, {.5f, 2})), {r.weighted}, r.name);
    expect_near((*make(r.name, config))(truth, guess, f32({2, 1}, {.5f, 2})), {r.weighted}, r.name);
    put(config, "reduction", "sum");
    expect_near((*make(r.name, config))(truth, guess), {r.sum}, r.name);
    put(config, "reduction", "none");
    expect_near((*make(r.name, config))(truth, guess), r.samples, r.name);
  }
}

const Tensor probabilities = f32({2, 3}, {.1f, .7f, .2f, .3f, .3f, .4f}), logits = f32({2, 3}, {.5f, -1.2f, 2, .1f, .9f, -3});
const Tensor stacked = f32({2, 2, 3}, {.1f, .7f, .2f, .3f, .3f, .4f, .3f, .3f, .4f, .1f, .7f, .2f});
TEST(Losses, SparseLabelsAreClassNumbers) {
  const std::string name = "SparseCategoricalCrossentropy";
  const auto loss = [&](bool from_logits) { return make(name, {{"reduction", "none"}, {"from_logits", from_logits}}); };
  expect_near((*loss(false))(i32({2}, {1, 2}), probabilities), {0.3566748797893524, 0.9162907600402832}, name);
  expect_near((*loss(false))(i32({2, 1}, {1, 2}), probabilities), {0.3566748797893524, 0.9162907600402832}, name);
  expect_near((*loss(true))(i32({2}, {1, 2}), logits), {3.4341962337493896, 4.284970283508301}, name);
  const auto function = [&](const Tensor& labels, int64_t axis) {
    return *ninefold::call("tf.keras.losses.sparse_categorical_crossentropy",
                           {{"y_true", labels}, {"y_pred", stacked}, {"axis", axis}}).get<Tensor>();
  };
  expect_near(function(i32({2, 2, 1}, {0, 2, 1, 0}), -1),
              {2.3025851249694824, 0.9162907600402832, 1.2039728164672852, 2.3025851249694824}, name);
  expect_near(function(i32({2, 3}, {0, 1, 1, 1, 0, 0}), 1), {1.3862943649291992, 1.2039728164672852, 0.40546509623527527,
              1.3862943649291992, 1.2039728164672852, 0.40546509623527527}, name);
}

TEST(Losses, NamesGiveFunctionsAndClasses) {
  for (const char* name : {"mse", "MSE", "mean_squared_error"}) {
    const LossPtr loss = loss_for(name);
    EXPECT_EQ(loss->name, "mean_squared_error");
    expect_near((*loss)(truth, guess), {0.06666666269302368}, name);
  }
  EXPECT_EQ(loss_for("bce")->name, "binary_crossentropy");
  EXPECT_EQ(loss_for("Huber")->name, "huber_loss");
  EXPECT_EQ(loss_for(Value()), nullptr);
  EXPECT_EQ(loss_for(ValueDict{{"class_name", "Huber"}, {"config", ValueDict{{"delta", 2.0}}}})->class_name(), "Huber");
}

TEST(Losses, ConfigsAreKerass) {
  const Value config = make("BinaryFocalCrossentropy", {})->config();
  std::string keys;
  for (const Entry& e : *config.get<ValueDict>()) keys += e.key + " ";
  EXPECT_EQ(keys, "reduction name gamma from_logits label_smoothing axis ");
  EXPECT_EQ(*config.find("gamma")->get<double>(), 2);
  EXPECT_EQ(*config.find("name")->get<std::string>(), "binary_focal_crossentropy");
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
      {[] { (*make("CategoricalCrossentropy", {}))(f32({1, 2}, {1, 2}), f32({1, 3}, {1, 2, 3})); }, Code::value,
       "Shapes (1, 2) and (1, 3) are incompatible"},
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
  distribute::mirrored({"/device:CPU:0", "/device:CPU:1"})->run([](int) -> Value {
    EXPECT_THROW((*make("Huber", {}))(truth, guess), Error);
    EXPECT_NO_THROW((*make("Huber", {{"reduction", "sum"}}))(truth, guess));
    BuiltInLoop loop;
    const Tensor loss = (*make("MeanSquaredError", {}))(truth, guess);
    expect_near(scale_for_replicas(loss), {0.06666666269302368 / 2}, "scaled");
    return {};
  });
}

TEST(Losses, AnOverriddenCallIsWeighedToo) {
  const LossPtr loss = make("Huber", {{"name", "mine"}});
  loss->override_method("call", [](ValueList args, ValueDict) { return Value(*args[1].get<Tensor>() - *args[0].get<Tensor>()); });
  expect_near((*loss)(f32({2}, {1, 2}), f32({2}, {2, 4}), f32({2}, {1, 3})), {3.5}, "mine");
}

TEST(Losses, RanksThatDifferByOneAreMatched) {
  expect_near((*make("MeanSquaredError", {}))(f32({2}, {1, 2}), f32({2, 1}, {1, 4})), {2}, "squeezed");
  expect_near((*make("MeanSquaredError", {{"reduction", "none"}}))(f32({2, 1}, {1, 2}), f32({2, 1}, {1, 4})), {0, 4}, "kept");
}

}  // namespace
}  // namespace ninefold::keras
