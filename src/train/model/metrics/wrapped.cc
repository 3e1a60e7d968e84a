// In: functions of y_true and y_pred. Out: the metrics that average them: a row a class.
#include "train/model/metrics/wrapped.h"

#include <array>

#include "train/model/metrics/functions.h"

namespace ninefold::keras {
namespace {

double number_in(const Value& options, std::string_view key) { return As<double>::from(*options.find(key), key); }

Tensor call_public(const char* name, const Tensor& y_true, const Tensor& y_pred, const Value& options) {
  std::vector<std::pair<std::string, Value>> named = {{"y_true", y_true}, {"y_pred", y_pred}};
  if (const ValueDict* dict = options.get<ValueDict>())
    for (const Entry& e : *dict) named.emplace_back(e.key, e.value);
  return *ninefold::call(name, named).get<Tensor>();
}

struct Row {
  const char* class_name;
  const char* name;
  // A public function that takes the options, or else:
  const char* function;
  Tensor (*compute)(const Tensor&, const Tensor&, const Value& options);
  std::vector<Entry> options;       // with defaults; after name and dtype in the constructor
  const char* doc;
  bool options_first = false;       // before name and dtype
};

const std::vector<Row>& rows() {
#define BY(expression) \
  nullptr, [](const Tensor& y_true, const Tensor& y_pred, [[maybe_unused]] const Value& o) { return expression; }
#define FUNCTION(name) "tf.keras.losses." name, nullptr
  static const std::vector<Row> all = {
      {"Accuracy", "accuracy", BY(matches(y_true, y_pred)), {}, "How often y_pred equals y_true."},
      {"BinaryAccuracy", "binary_accuracy", BY(binary_matches(y_true, y_pred, number_in(o, "threshold"))),
       {{"threshold", 0.5}}, "How often (y_pred > threshold) equals a label of 0 or 1."},
      {"CategoricalAccuracy", "categorical_accuracy", BY(categorical_matches(y_true, y_pred)), {},
       "How often the largest prediction is that of the one-hot label."},
      {"SparseCategoricalAccuracy", "sparse_categorical_accuracy", BY(sparse_categorical_matches(y_true, y_pred)), {},
       "How often the largest prediction is that of the label's class."},
      {"TopKCategoricalAccuracy", "top_k_categorical_accuracy",
       BY(top_k_matches(y_true, y_pred, static_cast<int64_t>(number_in(o, "k")))), {{"k", 5}},
       "How often the one-hot label is among the k largest predictions.", true},
      {"SparseTopKCategoricalAccuracy", "sparse_top_k_categorical_accuracy",
       BY(sparse_top_k_matches(y_true, y_pred, static_cast<int64_t>(number_in(o, "k")))), {{"k", 5}},
       "How often the label's class is among the k largest predictions.", true},
      {"CosineSimilarity", "cosine_similarity", BY(cosine_of(y_true, y_pred, static_cast<int64_t>(number_in(o, "axis")))),
       {{"axis", -1}}, "Cosine of the angle between y_true and y_pred."},
      {"MeanAbsoluteError", "mean_absolute_error", FUNCTION("mean_absolute_error"), {}, "Mean of |y_true - y_pred|."},
      {"MeanAbsolutePercentageError", "mean_absolute_percentage_error", FUNCTION("mean_absolute_percentage_error"), {},
       "Mean of 100 |y_true - y_pred| / |y_true|."},
      {"MeanSquaredError", "mean_squared_error", FUNCTION("mean_squared_error"), {}, "Mean of (y_true - y_pred)^2."},
      {"MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", FUNCTION("mean_squared_logarithmic_error"), {},
       "Mean of (log(y_true + 1) - log(y_pred + 1))^2."},
      {"Hinge", "hinge", FUNCTION("hinge"), {}, "Mean of max(1 - y_true y_pred, 0)."},
      {"SquaredHinge", "squared_hinge", FUNCTION("squared_hinge"), {}, "Mean of max(1 - y_true y_pred, 0)^2."},
      {"CategoricalHinge", "categorical_hinge", FUNCTION("categorical_hinge"), {}, "Mean of max(neg - pos + 1, 0)."},
      {"LogCoshError", "logcosh", FUNCTION("log_cosh"), {}, "Mean of log(cosh(y_pred - y_true))."},
      {"Poisson", "poisson", FUNCTION("poisson"), {}, "Mean of y_pred - y_true log(y_pred)."},
      {"KLDivergence", "kullback_leibler_divergence", FUNCTION("kl_divergence"), {}, "Sum of y_true log(y_true / y_pred)."},
      {"BinaryCrossentropy", "binary_crossentropy", FUNCTION("binary_crossentropy"),
       {{"from_logits", false}, {"label_smoothing", 0}}, "Crossentropy of labels 0 and 1."},
      {"CategoricalCrossentropy", "categorical_crossentropy", FUNCTION("categorical_crossentropy"),
       {{"from_logits", false}, {"label_smoothing", 0}}, "Crossentropy of one-hot labels."},
      {"SparseCategoricalCrossentropy", "sparse_categorical_crossentropy", FUNCTION("sparse_categorical_crossentropy"),
       {{"from_logits", false}, {"axis", -1}}, "Crossentropy of class numbers."},
  };
#undef FUNCTION
#undef BY
  return all;
}
constexpr size_t count = 20;

class Wrapped final : public MeanBase {
 public:
  void start(const Row& row, const ValueDict& given) {
    row_ = &row;
    ValueDict own = row.options, common;
    for (const Entry& e : given) {
      if (Value(own).find(e.key)) {
        put(own, e.key, e.value);
      } else {
        check(e.key == "name" || e.key == "dtype", Code::type, "__init__() got an unexpected keyword argument '{}'", e.key);
        common.push_back(e);
      }
    }
    options_ = own;
    begin(row.class_name, common, row.name);
    add_total(true);
  }
  ValueDict config() const override {
    ValueDict out = MeanBase::config();
    for (const Entry& e : *options_.get<ValueDict>()) out.push_back(e);
    return out;
  }
  void update_state(const ValueList& values, const Value& sample_weight) override {
    const Labelled v = labelled(values);
    accumulate(row_->function ? call_public(row_->function, v.y_true, v.y_pred, options_)
                              : row_->compute(v.y_true, v.y_pred, options_), sample_weight);
  }

 private:
  const Row* row_ = nullptr;
  Value options_;
};

template <size_t at>
ObjectPtr make(const ValueDict& given) {
  auto metric = std::make_shared<Wrapped>();
  metric->start(rows()[at], given);
  return metric;
}
template <size_t... at>
std::array<ObjectPtr (*)(const ValueDict&), count> makers(std::index_sequence<at...>) { return {make<at>...}; }

const bool registered = [] {
  NINEFOLD_INVARIANT(rows().size() == count);
  const auto make_row = makers(std::make_index_sequence<count>());
  for (size_t i = 0; i < count; ++i) {
    const Row& row = rows()[i];
    std::vector<Field> own, common = {{"name", row.name, false, "str"}, {"dtype", {}, false, "dtype"}};
    for (const Entry& e : row.options) own.push_back({e.key, e.value, false, e.value.get<bool>() ? "bool" : "float"});
    std::vector<Field> fields = row.options_first ? own : common;
    const std::vector<Field>& rest = row.options_first ? common : own;
    fields.insert(fields.end(), rest.begin(), rest.end());
    ObjectRegistrar({.kind = "metric", .names = {row.class_name}, .module = "tf.keras.metrics", .fields = fields,
                     .doc = row.doc, .make = make_row[i], .base = "MeanMetricWrapper"});
  }
  return true;
}();

// ---- any function ----

class AnyMean final : public MeanBase {
 public:
  std::function<Tensor(const Tensor&, const Tensor&)> function;
  void start(const ValueDict& common) {
    begin("MeanMetricWrapper", common, "");
    add_total(true);
  }
  void update_state(const ValueList& values, const Value& sample_weight) override {
    const Labelled v = labelled(values);
    accumulate(function(v.y_true, v.y_pred), sample_weight);
  }
};
}  // namespace

MetricPtr mean_of(std::function<Tensor(const Tensor&, const Tensor&)> function, const std::string& name) {
  auto metric = std::make_shared<AnyMean>();
  metric->function = std::move(function);
  metric->start({{"name", name}});
  return metric;
}

}  // namespace ninefold::keras
