// In: labels, probabilities, thresholds. Out: the confusion matrix at each threshold, added to variables.
#include "train/model/metrics/confusion.h"

namespace ninefold::keras {
namespace {

Tensor vector_of(const std::vector<double>& values, const Shape& shape, DType dtype) {
  return calc::cast(Tensor::of<double>(shape, values), dtype);
}
Tensor reversed_cumsum(const Tensor& x, int32_t axis) {
  return op("Cumsum", {x, Tensor(axis)}, {{"exclusive", false}, {"reverse", true}});
}
Tensor transposed(const Tensor& x) { return op("Transpose", {x, Tensor::of<int32_t>({2}, {1, 0})}); }

// Predictions are probabilities. Checked where values are at hand; a trace has none.
void check_range(const Tensor& y_pred) {
  if (y_pred.symbolic()) return;
  bool above = true, below = true;
  for (int64_t i = 0; i < y_pred.size(); ++i) {
    const double p = y_pred.float_at(i);
    above = above && p >= 0, below = below && p <= 1;
  }
  check(above, "predictions must be >= 0\nCondition x >= y did not hold.");
  check(below, "predictions must be <= 1\nCondition x <= y did not hold.");
}

// x where it is among the k largest of its row, else a number no threshold is below.
Tensor only_top_k(const Tensor& x, int64_t k) {
  const NamedAttr sorted("sorted", false);
  const Tensor inputs[] = {x, Tensor(static_cast<int32_t>(k))};
  const Tensor places = op_all("TopKV2", inputs, {&sorted, 1}).at(1);
  const Tensor classes = x.dim(-1) >= 0 ? Tensor(static_cast<int32_t>(x.dim(-1))) : calc::pick(calc::shape_of(x), -1);
  const Tensor one_hot = op("OneHot", {places, classes, calc::like(x, 1), calc::like(x, 0)}, {{"axis", -1}});
  const Tensor mask = calc::sum(one_hot, -2);
  return x * mask + calc::like(x, -1e10) * (calc::like(x, 1) - mask);
}

void add(const Variable& to, const std::function<Tensor()>& value) {
  if (to.defined()) to.assign_add(value());
}

// One by one: [thresholds, samples] (and labels) of comparisons, summed over the samples.
void count_each(const Counts& into, const Tensor& y_true, const Tensor& y_pred, Tensor weights, const ConfusionOptions& o) {
  const auto count = static_cast<int64_t>(o.thresholds.size());
  const DType dtype = y_pred.dtype();
  const Tensor levels = vector_of(o.thresholds, o.multi_label ? Shape{count, 1, 1} : Shape{count, 1}, dtype);
  const auto row = [&](const Tensor& t) {
    return o.multi_label ? op("ExpandDims", {t, Tensor(int32_t{0})}) : calc::reshape(t, {1, -1});
  };
  const Tensor positive = op("Greater", {row(y_pred), levels});
  const Tensor yes = row(calc::cast(y_true, DType::boolean));
  if (weights.defined()) weights = row(weights);
  const auto sum_of = [&](const Tensor& labels, const Tensor& predictions) {
    const Tensor both = calc::cast(op("LogicalAnd", {labels, predictions}), dtype);
    return calc::sum(weights.defined() ? both * weights : both, 1);
  };
  const auto negated = [](const Tensor& t) { return op("LogicalNot", {t}); };
  add(into.true_positives, [&] { return sum_of(yes, positive); });
  add(into.false_negatives, [&] { return sum_of(yes, negated(positive)); });
  add(into.false_positives, [&] { return sum_of(negated(yes), positive); });
  add(into.true_negatives, [&] { return sum_of(negated(yes), negated(positive)); });
}

// By buckets: a prediction counts for every threshold below it, so that sums from the end give all counts.
void count_buckets(const Counts& into, const Tensor& labels, const Tensor& predictions, const Tensor& weights,
                   const ConfusionOptions& o) {
  const auto count = static_cast<int32_t>(o.thresholds.size());
  Tensor y_pred = calc::clip(predictions, 0, 1);
  Tensor y_true = calc::cast(calc::cast(labels, DType::boolean), labels.dtype());
  if (!o.multi_label) y_true = calc::reshape(y_true, {-1}), y_pred = calc::reshape(y_pred, {-1});
  Tensor yes = y_true, no = calc::like(y_true, 1) - y_true;
  if (weights.defined()) {
    const Tensor w = o.multi_label ? weights : calc::reshape(weights, {-1});
    yes = yes * w, no = no * w;
  }
  Tensor bucket = op("Ceil", {y_pred * calc::like(y_pred, count - 1)}) - calc::like(y_pred, 1);
  if (o.thresholds.front() < 0 || o.thresholds.back() > 1) bucket = op("Relu", {bucket});
  bucket = calc::cast(bucket, DType::i32);
  const auto summed = [&](const Tensor& x) {
    if (!o.multi_label) return reversed_cumsum(op("UnsortedSegmentSum", {x, bucket, Tensor(count)}), 0);
    // A segment for each label's buckets: [samples, labels] -> [labels * thresholds] -> [thresholds, labels].
    const auto width = static_cast<int32_t>(x.dim(-1));
    std::vector<int32_t> first(static_cast<size_t>(width));
    for (int32_t i = 0; i < width; ++i) first[static_cast<size_t>(i)] = i * count;
    const Tensor segments = bucket + Tensor::of<int32_t>({1, width}, first);
    const Tensor sums = op("UnsortedSegmentSum", {x, segments, Tensor(width * count)});
    return transposed(reversed_cumsum(calc::reshape(sums, {width, count}), 1));
  };
  const auto total = [&](const Tensor& x) { return o.multi_label ? calc::sum(x, 0) : calc::sum_all(x); };
  Tensor tp, fp;
  if (into.true_positives.defined() || into.false_negatives.defined()) tp = summed(yes);
  if (into.false_positives.defined() || into.true_negatives.defined()) fp = summed(no);
  add(into.true_positives, [&] { return tp; });
  add(into.false_positives, [&] { return fp; });
  add(into.true_negatives, [&] { return total(no) - fp; });
  add(into.false_negatives, [&] { return total(yes) - tp; });
}

}  // namespace

void count_confusion(const Counts& into, const Tensor& truth, const Tensor& prediction, const Tensor& sample_weight,
                     const ConfusionOptions& o) {
  Tensor y_true = truth, y_pred = prediction, weights = sample_weight;
  check_range(y_pred);
  calc::match_ranks(y_true, y_pred);
  if (weights.defined()) weights = calc::match_weight(y_pred, weights);
  check(y_pred.shape().compatible(y_true.shape()), Code::value, "Shapes {} and {} are incompatible", y_pred.shape().tuple(),
        y_true.shape().tuple());
  if (o.top_k) y_pred = only_top_k(y_pred, *o.top_k);
  if (o.class_id) y_true = calc::pick(y_true, *o.class_id), y_pred = calc::pick(y_pred, *o.class_id);
  if (weights.defined() && weights.rank() == y_pred.rank() + 1)   // one class was picked
    weights = calc::pick(weights, weights.dim(-1) == 1 ? 0 : *o.class_id);
  if (weights.defined()) weights = weights * op("OnesLike", {y_pred});
  if (o.label_weights.defined() && !o.multi_label) {
    const Tensor by_label = op("ExpandDims", {o.label_weights, Tensor(int32_t{0})}) * op("OnesLike", {y_pred});
    weights = weights.defined() ? weights * by_label : by_label;
  }
  if (o.even) count_buckets(into, y_true, y_pred, weights, o);
  else count_each(into, y_true, y_pred, weights, o);
}

std::vector<double> thresholds_in(const Value& given, double fallback) {
  if (given.none()) return {fallback};
  ValueList list = given.get<ValueList>() ? *given.get<ValueList>() : ValueList{given};
  if (const Tensor* t = given.get<Tensor>()) {
    list.clear();
    for (int64_t i = 0; i < t->size(); ++i) list.push_back(t->float_at(i));
  }
  std::vector<double> out;
  std::string bad;
  for (const Value& v : list) {
    const double t = v.none() ? -1 : As<double>::from(v, "thresholds");
    if (!(t >= 0 && t <= 1)) {
      const std::string text = v.none() ? "None" : v.get<int64_t>() ? std::to_string(*v.get<int64_t>()) : fmt::format("{}", t);
      bad += (bad.empty() ? "" : ", ") + text + (v.get<double>() && text.find('.') == std::string::npos ? ".0" : "");
    }
    out.push_back(t);
  }
  check(bad.empty(), Code::value, "Threshold values must be in [0, 1]. Received: [{}]", bad);
  return out;
}
bool evenly_spaced(const std::vector<double>& thresholds) {
  if (thresholds.size() < 3) return false;
  for (size_t i = 0; i < thresholds.size(); ++i) {
    const double even = static_cast<float>(i) / static_cast<float>(thresholds.size() - 1);
    if (!(std::abs(thresholds[i] - even) <= epsilon() + 1e-5 * even)) return false;   // numpy.allclose
  }
  return true;
}
std::vector<double> even_thresholds(int64_t count) {
  std::vector<double> out = {0};
  for (int64_t i = 0; i < count - 2; ++i) out.push_back(static_cast<double>(i + 1) / static_cast<double>(count - 1));
  out.push_back(1);
  return out;
}
Tensor share(const Variable& x, const Variable& y) {
  const Tensor part = x.read();
  return calc::div_no_nan(part, part + y.read());
}

}  // namespace ninefold::keras
