// In: a metric's options and its formula. Out: the class that keeps its state in variables, and its record.
#pragma once

#include "ninefold/composite.h"
#include "train/layers/schema.h"
#include "train/model/losses/calc.h"

namespace ninefold::keras {

// A ragged tensor counts by its flat values.
inline Tensor flat_or_tensor(const Value& v) {
  const RaggedRef rows = Ragged::of(v);
  return rows ? rows->flat_values() : calc::as_tensor(v);
}
// Raises InvalidArgumentError unless ragged labels and predictions have the same rows.
void require_same_rows(const Value& y_true, const Value& y_pred);

// What Keras gives every metric: a name, a dtype, variables named "total", "count", ... that start at zero.
class MetricBase : public Metric {
 public:
  const std::string& class_name() const override { return class_name_; }
  ValueDict config() const override { return {{"name", name_}, {"dtype", std::string(name_of(dtype_))}}; }

 protected:
  // `common` may hold name and dtype; a default name stands for a missing one, "" for one that is made unique.
  void begin(std::string class_name, const ValueDict& common, const std::string& default_name);
  Variable add_state(const std::string& name, const Shape& shape = {});
  // {y_true, y_pred} in this metric's dtype, their ranks matched as for a loss.
  struct Labelled {
    Tensor y_true, y_pred;
  };
  Labelled labelled(const ValueList& values) const;
  Tensor as_own(const Value& v) const { return calc::cast(flat_or_tensor(v), dtype_); }

 private:
  std::string class_name_;
};

// The sum of all values so far over the sum of their weights; without weights, over their number.
class MeanBase : public MetricBase {
 public:
  void update_state(const ValueList& values, const Value& sample_weight) override {
    accumulate(as_own(values.at(0)), sample_weight);
  }
  Value result() override { return calc::div_no_nan(total_.read(), count_.read()); }

 protected:
  void add_total(bool counts);
  // A weight that has fewer dimensions than the values weighs their mean over the rest (their sum for Sum).
  void accumulate(const Tensor& values, const Value& sample_weight);
  Variable total_, count_;
};

// `values` and `weight` brought together as Keras' Reduce does: the weight broadcast to the values, or the
// values reduced to the weight.
void match_weights(Tensor& values, Tensor& weight, bool sums);

// A metric class T of the options C = T::Options (class_name, default_name, fields(Schema&)); T::ready(common)
// calls begin() and makes its variables. `before_name` fields stand before name and dtype in the constructor;
// -1: all.
template <class T>
ObjectRecord metric_record(const char* doc, const char* base = "Metric", int before_name = -1) {
  using C = typename T::Options;
  static const Schema<C> schema = [] {
    Schema<C> s;
    C::fields(s);
    return s;
  }();
  ObjectRecord r = {.kind = "metric", .names = {C::class_name}, .module = "tf.keras.metrics", .fields = schema.fields(),
                    .doc = doc,
                    .make = [](const ValueDict& given) -> ObjectPtr {
                      auto metric = std::make_shared<T>();
                      const ValueDict common = schema.read(given, metric->options, C::class_name);
                      for (const Entry& e : common)
                        check(e.key == "name" || e.key == "dtype", Code::type,
                              "__init__() got an unexpected keyword argument '{}'", e.key);
                      metric->ready(common);
                      return metric;
                    },
                    .base = base};
  // Member by member: g++ 12 leaves the variant of an aggregate's None without a value here.
  std::vector<Field> common(2);
  common[0].name = "name";
  common[0].type = "str";
  if (*C::default_name) common[0].fallback = C::default_name;
  common[1].name = common[1].type = "dtype";
  const auto at = before_name < 0 ? r.fields.end() : r.fields.begin() + before_name;
  r.fields.insert(at, common.begin(), common.end());
  return r;
}
// The options' own fields, after name and dtype: what most metrics' configs are.
template <class C>
void append_options(ValueDict& config, const C& options) {
  Schema<C> s;
  C::fields(s);
  s.write(options, config);
}
struct NoMetricOptions {
  template <class C> static void fields(Schema<C>&) {}
};

}  // namespace ninefold::keras
