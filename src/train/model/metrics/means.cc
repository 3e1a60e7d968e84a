// In: values, or labels and predictions. Out: means with a formula of their own: root, relative, of each element.
#include "train/model/metrics/metric.h"

namespace ninefold::keras {
namespace {

struct RootOptions : NoMetricOptions {
  static constexpr const char* class_name = "RootMeanSquaredError";
  static constexpr const char* default_name = "root_mean_squared_error";
};
struct Root final : MeanBase {
  using Options = RootOptions;
  Options options;
  void ready(const ValueDict& common) {
    begin("RootMeanSquaredError", common, "root_mean_squared_error");
    add_total(true);
  }
  void update_state(const ValueList& values, const Value& weight) override {
    const Labelled v = labelled(values);
    accumulate(op("SquaredDifference", {v.y_pred, v.y_true}), weight);
  }
  Value result() override { return calc::sqrt(calc::div_no_nan(total_.read(), count_.read())); }
};
const ObjectRecord root = metric_record<Root>("Root of the mean of (y_true - y_pred)^2.", "Mean");
NINEFOLD_OBJECT(root);

struct RelativeOptions {
  static constexpr const char* class_name = "MeanRelativeError";
  static constexpr const char* default_name = "";
  Value normalizer;
  static void fields(Schema<RelativeOptions>& s) { s.required("normalizer", &RelativeOptions::normalizer); }
};
struct Relative final : MeanBase {
  using Options = RelativeOptions;
  Options options;
  void ready(const ValueDict& common) {
    begin("MeanRelativeError", common, "");
    add_total(true);
    scale = as_own(options.normalizer);
  }
  ValueDict config() const override {
    ValueDict out = MeanBase::config();
    out.push_back({"normalizer", options.normalizer});
    return out;
  }
  void update_state(const ValueList& values, const Value& weight) override {
    Labelled v = labelled(values);
    calc::squeeze_to_match(scale, v.y_pred);
    check(v.y_pred.shape().compatible(v.y_true.shape()), Code::value, "Shapes {} and {} are incompatible",
          v.y_pred.shape().tuple(), v.y_true.shape().tuple());
    accumulate(calc::div_no_nan(calc::abs(v.y_true - v.y_pred), scale), weight);
  }
  Tensor scale;
};
const ObjectRecord relative = metric_record<Relative>("Mean of |y_true - y_pred| / normalizer.", "Mean");
NINEFOLD_OBJECT(relative);

struct ElementsOptions {
  static constexpr const char* class_name = "MeanTensor";
  static constexpr const char* default_name = "mean_tensor";
  Value shape;
  static void fields(Schema<ElementsOptions>&) {}
};
struct Elements final : MetricBase {
  using Options = ElementsOptions;
  Options options;
  void ready(const ValueDict& common) { begin("MeanTensor", common, "mean_tensor"); }
  void make(const Shape& shape) {
    total = add_state("total", shape);
    count = add_state("count", shape);
  }
  void update_state(const ValueList& given, const Value& sample_weight) override {
    const auto ragged = CompositeSpec::of(given.at(0));
    check(!ragged || ragged->sparse, Code::value, "Cannot convert a partially known TensorShape {} to a Tensor.",
          ragged ? ragged->rows.shape.tuple() : "");
    Tensor values = as_own(given.at(0));
    if (!total.defined()) make(values.shape());
    check(values.shape().compatible(total.shape()), Code::value, "MeanTensor input values must always have the same shape. "
          "Expected shape (set during the first call): {}. Got: {}.", total.shape().tuple(), values.shape().tuple());
    Tensor number = op("OnesLike", {values});
    if (!sample_weight.none()) {
      Tensor weight = as_own(sample_weight);
      match_weights(values, weight, false);
      number = number * weight;
      values = values * weight;
    }
    total.assign_add(values);
    count.assign_add(number);
  }
  Value result() override {
    check(total.defined(), Code::value, "MeanTensor does not have any value yet. Please call the MeanTensor instance or use "
          "`.update_state(value)` before retrieving the result.");
    return calc::div_no_nan(total.read(), count.read());
  }
  Variable total, count;
};
// `shape` makes the variables at once; it is no part of the config, as in Keras.
const ObjectRecord elements = [] {
  ObjectRecord r = metric_record<Elements>("Weighted mean of each element over the batches.");
  r.make = [](const ValueDict& given) -> ObjectPtr {
    auto metric = std::make_shared<Elements>();
    ValueDict common;
    Value shape;
    for (const Entry& e : given) {
      check(e.key == "name" || e.key == "dtype" || e.key == "shape", Code::type,
            "__init__() got an unexpected keyword argument '{}'", e.key);
      if (e.key == "shape") shape = e.value;
      else common.push_back(e);
    }
    metric->ready(common);
    if (!shape.none()) metric->make(Shape(As<std::vector<int64_t>>::from(shape, "shape")));
    return metric;
  };
  r.fields.push_back({"shape", {}, false, "ints"});
  return r;
}();
NINEFOLD_OBJECT(elements);

}  // namespace
}  // namespace ninefold::keras
