// In: values of batches. Out: state that adds up, in variables; Mean and Sum.
#include "train/model/metrics/metric.h"

#include <numeric>

#include "engine/op/scope.h"
#include "engine/ops/ragged.h"
#include "train/model/optimizers/optimizer.h"

namespace ninefold::keras {

void require_same_rows(const Value& y_true, const Value& y_pred) {
  const RaggedRef a = Ragged::of(y_true), b = Ragged::of(y_pred);
  if (!a && !b) return;
  check(a && b, Code::type, "One of the inputs is ragged and the other is not; y_true and y_pred must both be ragged tensors");
  const Tensors x = a->nested_row_splits(), y = b->nested_row_splits();
  for (size_t i = 0; i < std::min(x.size(), y.size()); ++i)
    ops::ragged::require_equal(calc::cast(x[i], DType::i64), calc::cast(y[i], DType::i64), "Inputs must have identical ragged splits");
}

// ---- what keras.h declares ----

void Metric::reset_state() {
  OutsideTrace eager;
  for (const Weight& w : weights()) w.variable.assign(Tensor::zeros(w.variable.dtype(), w.variable.shape()));
}

// metric(values) and metric(y_true, y_pred): updates, then tells the result.
Value Metric::call(const Value& inputs, const CallArgs& args) {
  ValueList values = {inputs};
  values.insert(values.end(), args.further.begin(), args.further.end());
  const Value weight = [&]() -> Value {
    const Value named = args.named;
    const Value* given = named.find("sample_weight");
    return given ? *given : Value();
  }();
  update_state(values, weight);
  return result();
}

// ---- state ----

void MetricBase::begin(std::string class_name, const ValueDict& common, const std::string& default_name) {
  class_name_ = std::move(class_name);
  ValueDict all = common;
  const Value given = all;
  const Value* name = given.find("name");
  if (!default_name.empty() && (!name || name->none())) put(all, "name", default_name);
  init_common(all);
  stateful = true;
  built_ = true;
}
Variable MetricBase::add_state(const std::string& name, const Shape& shape) {
  WeightOptions o;
  o.name = name, o.shape = shape, o.dtype = dtype_, o.trainable = false;
  o.initializer = Given<Initializer>("zeros");
  return add_weight(o);
}
MetricBase::Labelled MetricBase::labelled(const ValueList& values) const {
  check(values.size() == 2, Code::type, "{}: update_state() takes y_true and y_pred, got {} values", name_, values.size());
  require_same_rows(values[0], values[1]);
  Labelled out = {as_own(values[0]), as_own(values[1])};
  calc::match_ranks(out.y_true, out.y_pred);
  return out;
}

void match_weights(Tensor& values, Tensor& weight, bool sums) {
  weight = calc::match_weight(values, weight);
  const Shape &v = values.shape(), &w = weight.shape();
  if (v.known_rank() && v.rank() == 0 && w.rank() == 0) return;   // a batch's loss by its size: one product
  if (!v.known_rank() || !w.known_rank() || w.rank() == 0) {
    weight = weight * op("OnesLike", {values});
    return;
  }
  bool broadcasts = w.rank() == v.rank(), same = broadcasts;
  for (int i = 0; i < std::min(v.rank(), w.rank()); ++i) {
    broadcasts = broadcasts && (w[i] == v[i] || w[i] == 1 || w[i] < 0 || v[i] < 0);
    same = same && w[i] == v[i] && w[i] >= 0;
  }
  if (same) return;
  if (broadcasts) {
    weight = weight * op("OnesLike", {values});
    return;
  }
  std::vector<int64_t> rest(static_cast<size_t>(std::max(0, v.rank() - w.rank())));
  std::iota(rest.begin(), rest.end(), w.rank());
  if (!rest.empty()) values = sums ? calc::sum_over(values, rest) : calc::mean_over(values, rest);
}

void MeanBase::add_total(bool counts) {
  total_ = add_state("total");
  if (counts) count_ = add_state("count");
}
void MeanBase::accumulate(const Tensor& given, const Value& sample_weight) {
  Tensor values = calc::cast(given, dtype_), weight;
  if (!sample_weight.none()) {
    weight = as_own(sample_weight);
    match_weights(values, weight, !count_.defined());
    values = values * weight;
  }
  total_.assign_add(calc::sum_all(values));
  if (count_.defined()) count_.assign_add(weight.defined() ? calc::sum_all(weight) : calc::size_as(values, dtype_));
}

namespace {

// ---- Mean, Sum ----

struct MeanOptions : NoMetricOptions {
  static constexpr const char* class_name = "Mean";
  static constexpr const char* default_name = "mean";
};
struct Mean final : MeanBase {
  using Options = MeanOptions;
  Options options;
  void ready(const ValueDict& common) {
    begin("Mean", common, "mean");
    add_total(true);
  }
};
const ObjectRecord mean = metric_record<Mean>("Weighted mean of all values so far; 0 if there were none.");
NINEFOLD_OBJECT(mean);

struct SumOptions : NoMetricOptions {
  static constexpr const char* class_name = "Sum";
  static constexpr const char* default_name = "sum";
};
struct Sum final : MeanBase {
  using Options = SumOptions;
  Options options;
  void ready(const ValueDict& common) {
    begin("Sum", common, "sum");
    add_total(false);
  }
  Value result() override { return op("Identity", {total_.read()}); }
};
const ObjectRecord sum = metric_record<Sum>("Weighted sum of all values so far.");
NINEFOLD_OBJECT(sum);

}  // namespace
}  // namespace ninefold::keras
