// In: labels of 0 and 1, probabilities. Out: precision, recall, and the four counts of the confusion matrix.
#include "train/model/metrics/confusion.h"

namespace ninefold::keras {
namespace {

Tensor weight_in(const Value& v, DType dtype) { return v.none() ? Tensor() : calc::cast(calc::as_tensor(v), dtype); }
Tensor first_if_alone(const Tensor& t, size_t thresholds) { return thresholds == 1 ? calc::reshape(t, {}) : t; }

// ---- one count ----

struct CountOptions {
  Value thresholds;
  template <class C> static void fields(Schema<C>& s) { s.field("thresholds", static_cast<Value C::*>(&C::thresholds)); }
};
template <class C>
struct Count final : MetricBase {
  using Options = C;
  Options options;
  void ready(const ValueDict& common) {
    confusion.thresholds = thresholds_in(options.thresholds, 0.5);
    confusion.even = evenly_spaced(confusion.thresholds);
    begin(C::class_name, common, C::default_name);
    accumulator = add_state("accumulator", {static_cast<int64_t>(confusion.thresholds.size())});
    counts.*C::counted = accumulator;
  }
  ValueDict config() const override {
    ValueDict out = MetricBase::config();
    append_options(out, options);
    return out;
  }
  void update_state(const ValueList& values, const Value& weight) override {
    count_confusion(counts, as_own(values.at(0)), as_own(values.at(1)), weight_in(weight, dtype_), confusion);
  }
  Value result() override { return first_if_alone(accumulator.read(), confusion.thresholds.size()); }
  ConfusionOptions confusion;
  Variable accumulator;
  Counts counts;
};
#define NINEFOLD_COUNT(Class, record, member, says)                          \
  struct Class##Options : CountOptions {                                     \
    static constexpr const char* class_name = #Class;                        \
    static constexpr const char* default_name = "";                          \
    static constexpr Variable Counts::*counted = &Counts::member;            \
  };                                                                         \
  const ObjectRecord record = metric_record<Count<Class##Options>>(says);    \
  NINEFOLD_OBJECT(record)
NINEFOLD_COUNT(TruePositives, true_positives, true_positives, "Weighted number of positives predicted as such.");
NINEFOLD_COUNT(FalsePositives, false_positives, false_positives, "Weighted number of negatives predicted to be positive.");
NINEFOLD_COUNT(TrueNegatives, true_negatives, true_negatives, "Weighted number of negatives predicted as such.");
NINEFOLD_COUNT(FalseNegatives, false_negatives, false_negatives, "Weighted number of positives predicted to be negative.");
#undef NINEFOLD_COUNT

// ---- precision, recall ----

struct PrecisionOptions {
  static constexpr const char* class_name = "Precision";
  static constexpr const char* default_name = "";
  static constexpr const char* other_name = "false_positives";
  static constexpr Variable Counts::*other = &Counts::false_positives;
  Value thresholds;
  std::optional<int64_t> top_k, class_id;
  template <class C> static void fields(Schema<C>& s) {
    s.field("thresholds", static_cast<Value C::*>(&C::thresholds));
    s.field("top_k", static_cast<std::optional<int64_t> C::*>(&C::top_k));
    s.field("class_id", static_cast<std::optional<int64_t> C::*>(&C::class_id));
  }
};
struct RecallOptions : PrecisionOptions {
  static constexpr const char* class_name = "Recall";
  static constexpr const char* other_name = "false_negatives";
  static constexpr Variable Counts::*other = &Counts::false_negatives;
};
template <class C>
struct Ratio final : MetricBase {
  using Options = C;
  Options options;
  void ready(const ValueDict& common) {
    confusion.thresholds = thresholds_in(options.thresholds, options.top_k ? -1e10 : 0.5);
    confusion.even = evenly_spaced(confusion.thresholds);
    confusion.top_k = options.top_k;
    confusion.class_id = options.class_id;
    begin(C::class_name, common, C::default_name);
    const Shape shape = {static_cast<int64_t>(confusion.thresholds.size())};
    counts.true_positives = add_state("true_positives", shape);
    counts.*C::other = add_state(C::other_name, shape);
  }
  ValueDict config() const override {
    ValueDict out = MetricBase::config();
    append_options(out, options);
    return out;
  }
  void update_state(const ValueList& values, const Value& weight) override {
    count_confusion(counts, as_own(values.at(0)), as_own(values.at(1)), weight_in(weight, dtype_), confusion);
  }
  Value result() override {
    return first_if_alone(share(counts.true_positives, counts.*C::other), confusion.thresholds.size());
  }
  ConfusionOptions confusion;
  Counts counts;
};
const ObjectRecord precision = metric_record<Ratio<PrecisionOptions>>("Share of true positives among predicted positives.");
NINEFOLD_OBJECT(precision);
const ObjectRecord recall = metric_record<Ratio<RecallOptions>>("Share of true positives among actual positives.");
NINEFOLD_OBJECT(recall);

// ---- one rate where another is at least so much ----

struct AtOptions {
  static constexpr const char* default_name = "";
  double value = 0;
  int64_t num_thresholds = 200;
  std::optional<int64_t> class_id;
};
using Rate = Tensor (*)(const Counts&);
Tensor sensitivity(const Counts& c) { return share(c.true_positives, c.false_negatives); }
Tensor specificity(const Counts& c) { return share(c.true_negatives, c.false_positives); }
Tensor precision_of(const Counts& c) { return share(c.true_positives, c.false_positives); }

template <class C>
struct At final : MetricBase {
  using Options = C;
  Options options;
  void ready(const ValueDict& common) {
    check(options.value >= 0 && options.value <= 1, Code::value, "Argument `{}` must be in the range [0, 1]. Received: {}={}",
          C::constrained_name, C::constrained_name, options.value);
    check(options.num_thresholds > 0, Code::value,
          "Argument `num_thresholds` must be an integer > 0. Received: num_thresholds={}", options.num_thresholds);
    confusion.even = options.num_thresholds > 1;
    confusion.thresholds = confusion.even ? even_thresholds(options.num_thresholds) : std::vector<double>{0.5};
    confusion.class_id = options.class_id;
    begin(C::class_name, common, C::default_name);
    const Shape shape = {options.num_thresholds};
    counts.true_positives = add_state("true_positives", shape);
    counts.true_negatives = add_state("true_negatives", shape);
    counts.false_positives = add_state("false_positives", shape);
    counts.false_negatives = add_state("false_negatives", shape);
  }
  ValueDict config() const override {
    ValueDict out = MetricBase::config();
    put(out, "class_id", As<std::optional<int64_t>>::to(options.class_id));
    put(out, "num_thresholds", options.num_thresholds);
    put(out, C::constrained_name, options.value);
    return out;
  }
  void update_state(const ValueList& values, const Value& weight) override {
    count_confusion(counts, as_own(values.at(0)), as_own(values.at(1)), weight_in(weight, dtype_), confusion);
  }
  // The largest rate wherever the other suffices; rates are never negative, so that 0 stands for nowhere.
  Value result() override {
    const Tensor held = C::constrained(counts), wanted = C::wanted(counts);
    const Tensor enough = op("GreaterEqual", {held, calc::like(held, options.value)});
    return calc::max_all(calc::select(enough, wanted, op("ZerosLike", {wanted})));
  }
  ConfusionOptions confusion;
  Counts counts;
};
#define NINEFOLD_AT(Class, record, name, held, sought, says)                                 \
  struct Class##Options : AtOptions {                                                        \
    static constexpr const char* class_name = #Class;                                        \
    static constexpr const char* constrained_name = name;                                    \
    static constexpr Rate constrained = held, wanted = sought;                               \
    static void fields(Schema<Class##Options>& s) {                                          \
      s.required(name, static_cast<double Class##Options::*>(&Class##Options::value));       \
      s.field("num_thresholds", static_cast<int64_t Class##Options::*>(&Class##Options::num_thresholds)); \
      s.field("class_id", static_cast<std::optional<int64_t> Class##Options::*>(&Class##Options::class_id)); \
    }                                                                                        \
  };                                                                                         \
  const ObjectRecord record = metric_record<At<Class##Options>>(says);                       \
  NINEFOLD_OBJECT(record)
NINEFOLD_AT(SensitivityAtSpecificity, sensitivity_at, "specificity", specificity, sensitivity,
            "Best sensitivity where specificity is at least the given one.");
NINEFOLD_AT(SpecificityAtSensitivity, specificity_at, "sensitivity", sensitivity, specificity,
            "Best specificity where sensitivity is at least the given one.");
NINEFOLD_AT(PrecisionAtRecall, precision_at, "recall", sensitivity, precision_of,
            "Best precision where recall is at least the given one.");
NINEFOLD_AT(RecallAtPrecision, recall_at, "precision", precision_of, sensitivity,
            "Best recall where precision is at least the given one.");
#undef NINEFOLD_AT

}  // namespace
}  // namespace ninefold::keras
