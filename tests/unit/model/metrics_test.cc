// In: labels and predictions in batches. Out: whether each metric has TensorFlow 2.9.0's values, variables, config.
#include <gtest/gtest.h>

#include "../engine/op_rows.h"
#include "config_text.h"
#include "ninefold/function.h"
#include "ninefold/keras.h"
#include "train/layers/schema.h"
#include "train/model/losses/resolve.h"
#include "train/model/metrics/resolve.h"

namespace ninefold::keras {
namespace {

using ninefold::testing::f32;
using ninefold::testing::i32;
using ninefold::testing::values;

MetricPtr make(const std::string& name, const ValueDict& config = {}) {
  return std::dynamic_pointer_cast<Metric>(make_object("metric", name, config));
}
Tensor result(Metric& m) { return *m.result().get<Tensor>(); }
void expect_near(const Tensor& got, const std::vector<double>& want, const std::string& what) {
  const std::vector<double> all = values(got);
  ASSERT_EQ(all.size(), want.size()) << what;
  for (size_t i = 0; i < want.size(); ++i)
    EXPECT_NEAR(all[i], want[i], 1e-6 * std::max(1.0, std::abs(want[i]))) << what;
}

struct Data {
  Tensor truth, guess, weight;
  Tensor first_truth, first_guess, first_weight;   // the first sample of each
};
const Data two = {f32({2, 3}, {0, 1, 0, 1, 0, 1}), f32({2, 3}, {.1f, .7f, .2f, .6f, .3f, .9f}), f32({2}, {.5f, 2}),
                  f32({1, 3}, {0, 1, 0}), f32({1, 3}, {.1f, .7f, .2f}), f32({1}, {.5f})};
const Tensor scores = f32({3, 3}, {.1f, .7f, .2f, .3f, .3f, .4f, .2f, .5f, .3f}), first_score = f32({1, 3}, {.1f, .7f, .2f});
const Data one_hot = {f32({3, 3}, {0, 1, 0, 0, 0, 1, 1, 0, 0}), scores, f32({3}, {.5f, 2, 1}),
                      f32({1, 3}, {0, 1, 0}), first_score, f32({1}, {.5f})};
const Data sparse = {i32({3}, {1, 2, 0}), scores, f32({3}, {.5f, 2, 1}), i32({1}, {1}), first_score, f32({1}, {.5f})};
const Data binary = {f32({8}, {0, 1, 1, 0, 1, 1, 0, 1}), f32({8}, {.1f, .9f, .4f, .35f, .8f, .05f, .6f, .75f}),
                     f32({8}, {1, 2, 1, .5f, 1, 1, 3, 1}), f32({1}, {0}), f32({1}, {.1f}), f32({1}, {1})};
const Data rounded = {binary.truth, f32({8}, {0, 1, 0, 0, 1, 0, 1, 1}), binary.weight, f32({1}, {0}), f32({1}, {0}), f32({1}, {1})};
const char* const mean_names = "total:0 count:0";
const char* const all_counts = "true_positives:0 true_negatives:0 false_positives:0 false_negatives:0";

// After a batch; after its first sample again, weighted; after a reset and the batch, weighted.
struct Row {
  const char *name, *config;
  const Data& data;
  std::initializer_list<double> plain, more, weighted;
  const char* names;
};
const Row rows[] = {
    {"MeanSquaredError", "", two, {0.0666666627}, {0.0626666695}, {0.0786666647}, mean_names},
    {"MeanAbsoluteError", "", two, {0.233333349}, {0.226666689}, {0.25333336}, mean_names},
    {"MeanAbsolutePercentageError", "", two, {100000016}, {100000016}, {100000016}, mean_names},
    {"MeanSquaredLogarithmicError", "", two, {0.0316660851}, {0.0299153719}, {0.0369182304}, mean_names},
    {"RootMeanSquaredError", "", two, {0.258198887}, {0.250333101}, {0.280475765}, mean_names},
    {"LogCoshError", "", two, {0.0327477343}, {0.0308115594}, {0.0385562629}, mean_names},
    {"Poisson", "", two, {0.628810108}, {0.593493104}, {0.734761238}, mean_names},
    {"KLDivergence", "", two, {0.48642838}, {0.460477114}, {0.564282119}, mean_names},
    {"Hinge", "", two, {0.733333349}, {0.76000005}, {0.653333306}, mean_names},
    {"SquaredHinge", "", two, {0.766666651}, {0.796000004}, {0.678666651}, mean_names},
    {"CategoricalHinge", "", two, {0.25}, {0.300000012}, {0.100000001}, mean_names},
    {"CosineSimilarity", "", two, {0.948745251}, {0.949512124}, {0.946444809}, mean_names},
    {"BinaryCrossentropy", "", two, {0.276339859}, {0.266750455}, {0.305108041}, mean_names},
    {"CategoricalCrossentropy", "", two, {1.0742172}, {0.930708766}, {1.50474262}, mean_names},
    {"BinaryAccuracy", "", two, {1}, {1}, {1}, mean_names},
    {"CategoricalAccuracy", "", two, {0.5}, {0.600000024}, {0.200000003}, mean_names},
    {"Accuracy", "", two, {0}, {0}, {0}, mean_names},
    {"BinaryAccuracy", "threshold=0.65", two, {0.833333313}, {0.866666675}, {0.733333349}, mean_names},
    {"BinaryCrossentropy", "from_logits=true label_smoothing=0.1", two,
     {0.60978651}, {0.618877292}, {0.582514048}, mean_names},
    {"CategoricalAccuracy", "", one_hot, {0.666666687}, {0.714285731}, {0.714285731}, mean_names},
    {"TopKCategoricalAccuracy", "k=2", one_hot, {0.666666687}, {0.714285731}, {0.714285731}, mean_names},
    {"SparseCategoricalAccuracy", "", sparse, {0.666666687}, {0.714285731}, {0.714285731}, mean_names},
    {"SparseTopKCategoricalAccuracy", "k=2", sparse, {0.666666687}, {0.714285731}, {0.714285731}, mean_names},
    {"SparseCategoricalCrossentropy", "", sparse, {0.960801184}, {0.874497414}, {1.03438771}, mean_names},
    {"TruePositives", "", binary, {3}, {3}, {4}, "accumulator:0"},
    {"TruePositives", "thresholds=[0.2 0.5 0.7]", binary,
     {4, 3, 3}, {4, 3, 3}, {5, 4, 4}, "accumulator:0"},
    {"FalsePositives", "", binary, {1}, {1}, {3}, "accumulator:0"},
    {"FalsePositives", "thresholds=[0.2 0.5 0.7]", binary,
     {2, 1, 0}, {2, 1, 0}, {3.5, 3, 0}, "accumulator:0"},
    {"TrueNegatives", "", binary, {2}, {3}, {1.5}, "accumulator:0"},
    {"TrueNegatives", "thresholds=[0.2 0.5 0.7]", binary,
     {1, 2, 3}, {2, 3, 4}, {1, 1.5, 4.5}, "accumulator:0"},
    {"FalseNegatives", "", binary, {2}, {2}, {2}, "accumulator:0"},
    {"FalseNegatives", "thresholds=[0.2 0.5 0.7]", binary,
     {1, 2, 2}, {1, 2, 2}, {1, 2, 2}, "accumulator:0"},
    {"Precision", "", binary, {0.75}, {0.75}, {0.571428597}, "true_positives:0 false_positives:0"},
    {"Precision", "thresholds=[0.2 0.5 0.7]", binary,
     {0.666666687, 0.75, 1}, {0.666666687, 0.75, 1}, {0.588235319, 0.571428597, 1}, "true_positives:0 false_positives:0"},
    {"Recall", "", binary, {0.600000024}, {0.600000024}, {0.666666687}, "true_positives:0 false_negatives:0"},
    {"Recall", "thresholds=[0.2 0.5 0.7]", binary,
     {0.800000012, 0.600000024, 0.600000024}, {0.800000012, 0.600000024, 0.600000024}, {0.833333313, 0.666666687, 0.666666687}, "true_positives:0 false_negatives:0"},
    {"Precision", "thresholds=[0.0 0.5 1.0]", binary,
     {0.625, 0.75, 0}, {0.555555582, 0.75, 0}, {0.571428597, 0.571428597, 0}, "true_positives:0 false_positives:0"},
    {"Precision", "top_k=2", one_hot,
     {0.333333343}, {0.357142866}, {0.357142866}, "true_positives:0 false_positives:0"},
    {"Recall", "top_k=1", one_hot,
     {0.666666687}, {0.714285731}, {0.714285731}, "true_positives:0 false_negatives:0"},
    {"SensitivityAtSpecificity", "specificity=0.5", binary,
     {0.800000012}, {0.800000012}, {0.666666687}, all_counts},
    {"SpecificityAtSensitivity", "sensitivity=0.5 num_thresholds=5", binary,
     {0.666666687}, {0.75}, {1}, all_counts},
    {"PrecisionAtRecall", "recall=0.5", binary, {1}, {1}, {1}, all_counts},
    {"RecallAtPrecision", "precision=0.8", binary, {0.800000012}, {0.800000012}, {0.666666687}, all_counts},
    {"AUC", "", binary, {0.733333349}, {0.75}, {0.722222209}, all_counts},
    {"AUC", "num_thresholds=5", binary, {0.699999988}, {0.75}, {0.67592597}, all_counts},
    {"AUC", "curve=PR", binary, {0.875252426}, {0.8611449}, {0.858171761}, all_counts},
    {"AUC", "curve=PR summation_method=majoring num_thresholds=7", binary,
     {0.883333325}, {0.883333325}, {0.862745166}, all_counts},
    {"AUC", "summation_method=minoring num_thresholds=7", binary,
     {0.666666687}, {0.700000048}, {0.703703701}, all_counts},
    {"AUC", "thresholds=[0.3 0.1 0.6]", binary,
     {0.766666651}, {0.800000012}, {0.787037075}, all_counts},
    {"AUC", "from_logits=true", binary, {0.733333349}, {0.75}, {0.722222209}, all_counts},
    {"AUC", "multi_label=true num_thresholds=5", two, {1}, {1}, {1}, all_counts},
    {"AUC", "multi_label=true num_thresholds=5 label_weights=[1.0 2.0 3.0]", two,
     {1}, {1}, {1}, all_counts},
    {"AUC", "multi_label=true thresholds=[0.3 0.1 0.6]", two, {1}, {1}, {1}, all_counts},
    {"BinaryIoU", "", binary, {0.449999988}, {0.5}, {0.337606847}, "total_confusion_matrix:0"},
    {"BinaryIoU", "target_class_ids=[1] threshold=0.3", binary,
     {0.571428597}, {0.571428597}, {0.526315808}, "total_confusion_matrix:0"},
    {"OneHotIoU", "num_classes=3 target_class_ids=[0 2]", one_hot,
     {0.5}, {0.5}, {0.5}, "total_confusion_matrix:0"},
    {"OneHotMeanIoU", "num_classes=3", one_hot, {0.5}, {0.533333361}, {0.444444448}, "total_confusion_matrix:0"},
    {"MeanIoU", "num_classes=2", rounded, {0.449999988}, {0.5}, {0.337606847}, "total_confusion_matrix:0"},
    {"MeanRelativeError", "normalizer=[1.0 2.0 4.0]", two,
     {0.145833328}, {0.13666667}, {0.173333332}, mean_names},
};
void check_row(const Row& r, const std::function<void(Metric&, const Tensor&, const Tensor&, const Value&)>& update) {
  const MetricPtr m = make(r.name, testing::config_of(r.config));
  update(*m, r.data.truth, r.data.guess, {});
  expect_near(result(*m), r.plain, std::string(r.name) + " plain");
  update(*m, r.data.first_truth, r.data.first_guess, r.data.first_weight);
  expect_near(result(*m), r.more, std::string(r.name) + " more");
  m->reset_state();
  update(*m, r.data.truth, r.data.guess, r.data.weight);
  expect_near(result(*m), r.weighted, std::string(r.name) + " weighted");
  std::string names;
  for (const Weight& w : m->weights()) names += (names.empty() ? "" : " ") + w.variable.name();
  EXPECT_EQ(names, r.names) << r.name;
}
TEST(Metrics, HaveTensorFlowsValues) {
  for (const Row& r : rows)
    check_row(r, [](Metric& m, const Tensor& t, const Tensor& p, const Value& w) { m.update_state({t, p}, w); });
}
TEST(Metrics, HaveThemInACapturedStepToo) {
  for (const Row& r : rows)
    check_row(r, [](Metric& m, const Tensor& t, const Tensor& p, const Value& w) {
      const Traced step([&](const Tensors& a) {
        m.update_state({a[0], a[1]}, w.none() ? Value() : Value(a[2]));
        return Tensors{};
      });
      step(w.none() ? Tensors{t, p} : Tensors{t, p, *w.get<Tensor>()});
    });
}

TEST(Metrics, MeansOfValues) {
  const MetricPtr mean = make("Mean");
  EXPECT_EQ(mean->name(), "mean");
  mean->update_state(ValueList{Value(ValueList{1, 2, 6})}, {});
  expect_near(result(*mean), {3}, "mean");
  mean->update_state({f32({2, 2}, {1, 2, 3, 4})}, f32({2}, {1, 2}));
  expect_near(result(*mean), {2.8888888}, "weighted");
  const MetricPtr sum = make("Sum");
  sum->update_state({f32({3}, {1, 2, 6})}, f32({3}, {1, 0, .5f}));
  expect_near(result(*sum), {4}, "sum");
  const MetricPtr each = make("MeanTensor");
  each->update_state({f32({2}, {1, 2})}, {});
  each->update_state({f32({2}, {3, 6})}, f32({2}, {.5f, 1}));
  expect_near(result(*each), {1.6666666, 4}, "each");
  // A weight of few dimensions weighs the mean over the rest.
  const MetricPtr low = make("Mean");
  low->update_state({f32({2, 2, 2}, {0, 1, 2, 3, 0, 1, 2, 3})}, f32({2}, {1, 3}));
  expect_near(result(*low), {1.5}, "low");
}

TEST(Metrics, NamesAreResolvedByShape) {
  const Tensor column = f32({2, 1}, {1, 0}), guess_column = f32({2, 1}, {.9f, .8f});
  const auto value = [](const char* id, const Tensor& t, const Tensor& p) {
    const MetricPtr m = metric_for(id, t, p);
    EXPECT_EQ(m->name(), id);
    m->update_state({t, p}, {});
    return values(result(*m)).at(0);
  };
  EXPECT_NEAR(value("accuracy", column, guess_column), 0.5, 1e-6);
  EXPECT_NEAR(value("acc", one_hot.truth, scores), 2.0 / 3, 1e-6);
  EXPECT_NEAR(value("accuracy", sparse.truth, scores), 2.0 / 3, 1e-6);
  EXPECT_NEAR(value("accuracy", i32({3, 1}, {1, 2, 0}), scores), 2.0 / 3, 1e-6);
  EXPECT_NEAR(value("ce", sparse.truth, scores), 0.960801184, 1e-6);
  EXPECT_NEAR(value("mse", two.truth, two.guess), 0.0666666627, 1e-6);
  EXPECT_NEAR(value("bce", two.truth, two.guess), 0.276339859, 1e-6);
  EXPECT_NEAR(value("cosine_similarity", two.truth, two.guess), 0.948745251, 1e-6);
  EXPECT_EQ(metric_for("AUC", two.truth, two.guess)->class_name(), "AUC");
  const LossPtr loss = loss_for("Huber");
  const MetricPtr of_loss = metric_for(std::shared_ptr<Foreign>(loss), two.truth, two.guess);
  EXPECT_EQ(of_loss->name(), "huber_loss");
}

struct ConfigRow {
  const char *name, *config, *keys;
};
TEST(Metrics, ConfigsAreKerass) {
  const ConfigRow all[] = {
      {"BinaryAccuracy", "", "name dtype threshold "},
      {"AUC", "", "name dtype num_thresholds curve summation_method multi_label label_weights "},
      {"AUC", "thresholds=[.3 .1]",
       "name dtype num_thresholds curve summation_method multi_label label_weights thresholds "},
      {"Precision", "", "name dtype thresholds top_k class_id "},
      {"SensitivityAtSpecificity", "specificity=.5", "name dtype class_id num_thresholds specificity "},
      {"MeanIoU", "num_classes=2", "num_classes name dtype "},
      {"BinaryIoU", "", "target_class_ids threshold name dtype "},
      {"OneHotIoU", "num_classes=3 target_class_ids=[0]", "name dtype num_classes target_class_ids "},
      {"TopKCategoricalAccuracy", "", "name dtype k "},
      {"SparseCategoricalCrossentropy", "", "name dtype from_logits axis "},
      {"TruePositives", "", "name dtype thresholds "},
  };
  for (const ConfigRow& r : all) {
    const ValueDict config = make(r.name, testing::config_of(r.config))->config();
    std::string keys;
    for (const Entry& e : config) keys += e.key + " ";
    EXPECT_EQ(keys, r.keys) << r.name;
    EXPECT_EQ(*Value(config).find("dtype")->get<std::string>(), "float32");
    EXPECT_EQ(make(r.name, config)->config().size(), config.size()) << r.name;
  }
  const MetricPtr iou = make("MeanIoU", {{"num_classes", 2}});
  EXPECT_EQ(iou->name().substr(0, 9), "mean_io_u");
}

struct ErrorCase {
  std::function<void()> run;
  Code code;
  std::string says;
};
TEST(Metrics, ErrorsAreKerass) {
  const std::string ensure = " Please ensure this object is passed to the `custom_objects` argument. See "
      "https://www.tensorflow.org/guide/keras/save_and_serialize#registering_the_custom_object for details.";
  const auto update = [](const std::string& name, const Tensor& t, const Tensor& p) { make(name)->update_state({t, p}, {}); };
  const std::vector<ErrorCase> cases = {
      {[] { make("Precision", {{"thresholds", ValueList{.5, 1.5, Value()}}}); }, Code::value,
       "Threshold values must be in [0, 1]. Received: [1.5, None]"},
      {[] { make("SensitivityAtSpecificity", {{"specificity", 1.5}}); }, Code::value,
       "Argument `specificity` must be in the range [0, 1]. Received: specificity=1.5"},
      {[] { make("SensitivityAtSpecificity", {{"specificity", .5}, {"num_thresholds", 0}}); }, Code::value,
       "Argument `num_thresholds` must be an integer > 0. Received: num_thresholds=0"},
      {[] { make("AUC", {{"num_thresholds", 1}}); }, Code::value,
       "Argument `num_thresholds` must be an integer > 1. Received: num_thresholds=1"},
      {[] { make("AUC", {{"curve", "x"}}); }, Code::value,
       "Invalid AUC curve value: \"x\". Expected values are [\"PR\", \"ROC\"]"},
      {[] { make("AUC", {{"summation_method", "x"}}); }, Code::value, "Invalid AUC summation method value: \"x\". "
       "Expected values are [\"interpolation\", \"majoring\", \"minoring\"]"},
      {[] { make("AUC", {{"num_labels", 3}}); }, Code::value, "`num_labels` is needed only when `multi_label` is True."},
      {[] { make("IoU", {{"num_classes", 2}, {"target_class_ids", ValueList{2}}}); }, Code::value,
       "Target class id 2 is out of range, which is [0, 2)."},
      {[&] { update("Precision", f32({1}, {1}), f32({1}, {1.5f})); }, Code::invalid_argument,
       "predictions must be <= 1\nCondition x <= y did not hold."},
      {[&] { update("Accuracy", f32({2}, {1, 2}), f32({3}, {1, 2, 3})); }, Code::value, "Shapes (2,) and (3,) are incompatible"},
      {[] { make("MeanTensor")->result(); }, Code::value, "MeanTensor does not have any value yet. Please call the MeanTensor "
       "instance or use `.update_state(value)` before retrieving the result."},
      {[] { make("Mean", {{"foo", 1}}); }, Code::type, "__init__() got an unexpected keyword argument 'foo'"},
      {[] { metric_for("nope", two.truth, two.guess); }, Code::value, "Unknown metric function: nope." + ensure},
      {[] { metric_for(Value(), two.truth, two.guess); }, Code::value, "Could not interpret metric identifier: None"},
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

}  // namespace
}  // namespace ninefold::keras
