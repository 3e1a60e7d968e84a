// In: TensorFlow 2.9.0's recorded runs of the documents' classifier (tests/data/replay/classifier.json, seed 7).
// Out: the same initial weights bit for bit, the same losses and metrics within tolerance, from C++.
#include <gtest/gtest.h>

#include "fit_data.h"

namespace ninefold::keras {
namespace {

constexpr double kTolerance = 1e-4;

struct Row {
  const char* name;
  int64_t rows;
  CompileOptions compile;
  FitOptions fit;
  std::map<std::string, std::vector<double>> expected;
};

CompileOptions adam() {
  return {.optimizer = "adam", .loss = "binary_crossentropy", .metrics = ValueList{"accuracy"}};
}

const Row rows[] = {
    {"classifier", 1000, adam(), {.epochs = 5, .batch_size = 32},
     {{"loss", {0.6296414732933044, 0.5207706093788147, 0.40699219703674316, 0.3339381814002991, 0.27600547671318054}},
      {"accuracy", {0.6359999775886536, 0.7710000276565552, 0.824999988079071, 0.8640000224113464, 0.878000020980835}}}},
    {"rmsprop", 1000, {.optimizer = "rmsprop", .loss = "binary_crossentropy", .metrics = ValueList{"accuracy"}},
     {.epochs = 3}, {{"loss", {0.6068695187568665, 0.4961899220943451, 0.3941022455692291}}}},
    {"validation-split", 1000, adam(), {.epochs = 3, .validation_split = 0.23},
     {{"loss", {0.6617641448974609, 0.535126268863678, 0.4648761749267578}},
      {"val_loss", {0.5774236917495728, 0.48080524802207947, 0.3892267942428589}},
      {"val_accuracy", {0.7956521511077881, 0.8608695864677429, 0.895652174949646}}}},
    {"class-weight", 1000, adam(), {.epochs = 3, .class_weight = ValueDict{{"0", 0.5}, {"1", 2.0}}},
     {{"loss", {0.6464423537254333, 0.5161056518554688, 0.4165589213371277}},
      {"accuracy", {0.515999972820282, 0.5379999876022339, 0.6610000133514404}}}},
    {"uneven-batches", 203, adam(), {.epochs = 3, .batch_size = 37},
     {{"loss", {0.6950176954269409, 0.6609419584274292, 0.6293745636940002}}}},
    {"steps-per-epoch", 320, adam(), {.epochs = 2, .batch_size = 32, .steps_per_epoch = 5},
     {{"loss", {0.6878982186317444, 0.6873176097869873}}}},
    {"run-eagerly", 200,
     {.optimizer = "adam", .loss = "binary_crossentropy", .metrics = ValueList{"accuracy"}, .run_eagerly = true},
     {.epochs = 2}, {{"loss", {0.7202643752098083, 0.6517004370689392}}}},
};

class Classifier : public ::testing::TestWithParam<Row> {};

TEST_P(Classifier, GivesTensorFlowsHistory) {
  Row row = GetParam();
  testing::start();
  const auto model = testing::classifier();
  const float* kernel = model->layers()[0]->weights()[0].variable.value().as<float>();
  EXPECT_EQ(kernel[0], .17877308f);
  EXPECT_EQ(kernel[1], -.14252153f);
  EXPECT_EQ(kernel[2], .20293248f);
  const Tensor x = testing::randn(row.rows), y = testing::signs(x);
  model->compile(row.compile);
  row.fit.verbose = 0;
  const History h = model->fit(x, y, row.fit);
  for (const auto& [key, values] : row.expected) {
    ASSERT_EQ(h.history.count(key), 1u) << key;
    ASSERT_EQ(h.history.at(key).size(), values.size()) << key;
    for (size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(h.history.at(key)[i], values[i], kTolerance) << key << " " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Recorded, Classifier, ::testing::ValuesIn(rows), [](const auto& info) {
  std::string name = info.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Fit, GoesOnWithDropoutAndBeginsPermutationsAgain) {
  testing::start();
  const auto model = testing::classifier();
  model->compile(adam());
  const Tensor x = testing::randn(1000), y = testing::signs(x);
  const History first = model->fit(x, y, {.epochs = 1, .verbose = 0});
  const History second = model->fit(x, y, {.epochs = 2, .verbose = 0});
  EXPECT_NEAR(first.history.at("loss")[0], 0.6296414732933044, kTolerance);
  EXPECT_NEAR(second.history.at("loss")[0], 0.5198322534561157, kTolerance);
  EXPECT_NEAR(second.history.at("loss")[1], 0.41904112696647644, kTolerance);
}

TEST(Fit, EvaluatesAndPredictsAsRecorded) {
  testing::start();
  const auto model = testing::classifier();
  model->compile(adam());
  const Tensor x = testing::randn(1000), y = testing::signs(x);
  model->fit(x, y, {.epochs = 5, .batch_size = 32, .verbose = 0});
  const Value scores = model->evaluate(x, y, {.verbose = 0});
  EXPECT_NEAR(*(*scores.get<ValueList>())[0].get<double>(), 0.180129736661911, kTolerance);
  EXPECT_NEAR(*(*scores.get<ValueList>())[1].get<double>(), 0.9580000042915344, kTolerance);
  const Value out = model->predict(x, {.verbose = 0});
  ASSERT_EQ(out.get<Tensor>()->shape(), (Shape{1000, 1}));
  EXPECT_NEAR(out.get<Tensor>()->as<float>()[0], 0.9991999268531799, kTolerance);
  EXPECT_NEAR(out.get<Tensor>()->as<float>()[1], 0.879418671131134, kTolerance);
  EXPECT_NEAR(out.get<Tensor>()->as<float>()[2], 0.0036374193150550127, kTolerance);
}

TEST(Fit, TrainsOnBatches) {
  testing::start();
  const auto model = testing::classifier();
  model->compile(adam());
  const Tensor x = testing::randn(96), y = testing::signs(x);
  const double expected[][2] = {{0.742951512336731, 0.46875}, {0.6808605790138245, 0.53125}, {0.6959972381591797, 0.4375}};
  for (int64_t i = 0; i < 3; ++i) {
    const Tensor part = Tensor::copy_of(DType::f32, {32, 20}, x.as<float>() + i * 640, 640);
    const Tensor labels = Tensor::copy_of(DType::f32, {32}, y.as<float>() + i * 32, 32);
    const Value step = model->train_on_batch(part, labels);
    EXPECT_NEAR(*(*step.get<ValueList>())[0].get<double>(), expected[i][0], kTolerance);
    EXPECT_NEAR(*(*step.get<ValueList>())[1].get<double>(), expected[i][1], kTolerance);
  }
}

TEST(Fit, StopsEarlyAndRestoresTheBestWeights) {
  testing::start();
  const auto model = testing::classifier();
  model->compile(adam());
  const Tensor x = testing::randn(1000), y = testing::signs(x);
  const auto stop = std::dynamic_pointer_cast<Callback>(make_object("callback", "EarlyStopping",
      {{"monitor", "loss"}, {"min_delta", 0.08}, {"patience", 1}, {"restore_best_weights", true}}));
  const History h = model->fit(x, y, {.epochs = 9, .verbose = 0, .callbacks = {stop}});
  EXPECT_EQ(h.epoch.size(), 4u);
  EXPECT_EQ(*stop->attribute("stopped_epoch").get<int64_t>(), 3);
  const Value scores = model->evaluate(x, y, {.verbose = 0});
  EXPECT_NEAR(*(*scores.get<ValueList>())[0].get<double>(), 0.30011069774627686, kTolerance);
}

TEST(Fit, TrainsTwoOutputsWithNamesAsKeras) {
  testing::start();
  const KerasTensorPtr inputs = Input({20});
  const auto symbolic = [](const KerasTensorPtr& t) { return Value(std::static_pointer_cast<Foreign>(t)); };
  const Value hidden = (*Dense(32, {.activation = "relu"}))(symbolic(inputs));
  const Value sign = (*Dense(1, {.activation = "sigmoid", .name = "sign"}))(hidden);
  const Value total = (*Dense(1, {.name = "total"}))(hidden);
  Functional model(symbolic(inputs), ValueList{sign, total});
  model.compile({.optimizer = "adam", .loss = ValueDict{{"sign", "binary_crossentropy"}, {"total", "mse"}},
                 .metrics = ValueDict{{"sign", "accuracy"}},
                 .loss_weights = ValueDict{{"sign", 1.0}, {"total", 0.1}}});
  const Tensor x = testing::randn(1000), y = testing::signs(x);
  std::vector<float> sums;
  for (int64_t r = 0; r < 1000; ++r) {
    double sum = 0;
    for (int64_t c = 0; c < 20; ++c) sum += x.as<float>()[r * 20 + c];
    sums.push_back(static_cast<float>(sum));
  }
  const History h = model.fit(x, ValueDict{{"sign", y}, {"total", Tensor::of<float>({1000}, sums)}},
                              {.epochs = 3, .verbose = 0});
  EXPECT_EQ(model.metrics_names(), (std::vector<std::string>{"loss", "sign_loss", "total_loss", "sign_accuracy"}));
  EXPECT_EQ(h.keys, model.metrics_names());
  const double loss[] = {2.6248037815093994, 2.3227431774139404, 2.0257205963134766};
  const double of_total[] = {19.65172004699707, 17.116004943847656, 14.59643268585205};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(h.history.at("loss")[i], loss[i], kTolerance);
    EXPECT_NEAR(h.history.at("total_loss")[i], of_total[i], 10 * kTolerance);
  }
}

}  // namespace
}  // namespace ninefold::keras
