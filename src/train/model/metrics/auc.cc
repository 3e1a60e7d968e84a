// In: labels of 0 and 1, probabilities. Out: the area under the ROC or precision-recall curve, by Riemann sums.
#include <algorithm>

#include "train/model/metrics/confusion.h"

namespace ninefold::keras {
namespace {

struct AUCOptions {
  static constexpr const char* class_name = "AUC";
  static constexpr const char* default_name = "";
  int64_t num_thresholds = 200;
  std::string curve = "ROC", summation_method = "interpolation";
  Value thresholds;
  bool multi_label = false;
  std::optional<int64_t> num_labels;
  Value label_weights;
  bool from_logits = false;
  static void fields(Schema<AUCOptions>& s) {
    s.field("num_thresholds", &AUCOptions::num_thresholds)
        .field("curve", &AUCOptions::curve)
        .field("summation_method", &AUCOptions::summation_method)
        .field("thresholds", &AUCOptions::thresholds)
        .field("multi_label", &AUCOptions::multi_label)
        .field("num_labels", &AUCOptions::num_labels)
        .field("label_weights", &AUCOptions::label_weights)
        .field("from_logits", &AUCOptions::from_logits);
  }
};

class AUC final : public MetricBase {
 public:
  using Options = AUCOptions;
  Options options;

  void ready(const ValueDict& common) {
    std::vector<double> inner;
    if (!options.thresholds.none()) {
      inner = thresholds_in(options.thresholds, 0);
      std::sort(inner.begin(), inner.end());
      std::vector<double> all = {0};
      all.insert(all.end(), inner.begin(), inner.end());
      all.push_back(1);
      confusion_.even = evenly_spaced(all);
      options.num_thresholds = static_cast<int64_t>(all.size());
      from_thresholds_ = true;
    } else {
      check(options.num_thresholds > 1, Code::value,
            "Argument `num_thresholds` must be an integer > 1. Received: num_thresholds={}", options.num_thresholds);
      const std::vector<double> all = even_thresholds(options.num_thresholds);
      inner.assign(all.begin() + 1, all.end() - 1);
      confusion_.even = true;
    }
    // Slightly beyond 0 and 1, so that each prediction lies between the first and the last.
    confusion_.thresholds = {0 - epsilon()};
    confusion_.thresholds.insert(confusion_.thresholds.end(), inner.begin(), inner.end());
    confusion_.thresholds.push_back(1 + epsilon());
    if (options.curve == "pr") options.curve = "PR";
    if (options.curve == "roc") options.curve = "ROC";
    check(options.curve == "PR" || options.curve == "ROC", Code::value,
          "Invalid AUC curve value: \"{}\". Expected values are [\"PR\", \"ROC\"]", options.curve);
    std::string& how = options.summation_method;
    if (how == "Interpolation" || how == "Majoring" || how == "Minoring") how[0] = static_cast<char>(std::tolower(how[0]));
    check(how == "interpolation" || how == "majoring" || how == "minoring", Code::value,
          "Invalid AUC summation method value: \"{}\". Expected values are [\"interpolation\", \"majoring\", \"minoring\"]", how);
    begin("AUC", common, "");
    confusion_.multi_label = options.multi_label;
    if (!options.label_weights.none()) {
      confusion_.label_weights = to_tensor(options.label_weights, dtype_, "AUC");
      for (int64_t i = 0; i < confusion_.label_weights.size(); ++i)
        check(confusion_.label_weights.float_at(i) >= 0, "All values of `label_weights` must be non-negative.");
    }
    check(options.multi_label || !options.num_labels.value_or(0), Code::value,
          "`num_labels` is needed only when `multi_label` is True.");
    if (!options.multi_label) make({options.num_thresholds});
    else if (options.num_labels.value_or(0)) make({options.num_thresholds, *options.num_labels});
  }

  ValueDict config() const override {
    ValueDict out = MetricBase::config();
    out.insert(out.end(), {{"num_thresholds", options.num_thresholds}, {"curve", options.curve},
                           {"summation_method", options.summation_method}, {"multi_label", options.multi_label},
                           {"label_weights", options.label_weights}});
    if (from_thresholds_) {
      const std::vector<double>& all = confusion_.thresholds;
      out.push_back({"thresholds", ValueList(all.begin() + 1, all.end() - 1)});
    }
    return out;
  }

  void update_state(const ValueList& values, const Value& weight) override {
    const Tensor y_true = as_own(values.at(0));
    Tensor y_pred = as_own(values.at(1));
    if (!counts_.true_positives.defined()) {
      check(y_pred.rank() == 2, Code::value, "`y_true` must have rank 2 when `multi_label=True`. Found rank {}. Full shape "
            "received for `y_true`: {}", y_pred.rank(), y_pred.shape().tuple());
      make({options.num_thresholds, y_pred.dim(-1)});
    }
    if (options.from_logits) y_pred = op("Sigmoid", {y_pred});
    count_confusion(counts_, y_true, y_pred, weight.none() ? Tensor() : as_own(weight), confusion_);
  }

  Value result() override {
    check(counts_.true_positives.defined(), Code::attribute, "'AUC' object has no attribute 'true_positives'");
    if (options.curve == "PR" && options.summation_method == "interpolation") return interpolated_pr();
    const Tensor recall = share(counts_.true_positives, counts_.false_negatives);
    Tensor x = recall, y;
    if (options.curve == "ROC") x = share(counts_.false_positives, counts_.true_negatives), y = recall;
    else y = share(counts_.true_positives, counts_.false_positives);
    const Tensor left = head(y), right = tail(y);
    const Tensor heights = options.summation_method == "interpolation" ? (left + right) / calc::like(y, 2)
                           : options.summation_method == "minoring"    ? calc::minimum(left, right)
                                                                       : calc::maximum(left, right);
    return summed((head(x) - tail(x)) * heights);
  }

 private:
  void make(const Shape& shape) {
    counts_.true_positives = add_state("true_positives", shape);
    counts_.true_negatives = add_state("true_negatives", shape);
    counts_.false_positives = add_state("false_positives", shape);
    counts_.false_negatives = add_state("false_negatives", shape);
  }
  Tensor head(const Tensor& t) const { return calc::slice_axis(t, 0, 0, options.num_thresholds - 1); }
  Tensor tail(const Tensor& t) const { return calc::slice_axis(t, 0, 1, 0); }
  // Over the thresholds, then the (weighted) mean over the labels.
  Tensor summed(const Tensor& terms) const {
    if (!options.multi_label) return calc::sum_all(terms);
    const Tensor each = calc::sum(terms, 0);
    if (!confusion_.label_weights.defined()) return calc::mean(each, 0);
    return calc::div_no_nan(calc::sum_all(each * confusion_.label_weights), calc::sum_all(confusion_.label_weights));
  }
  // Davis and Goadrich (2006): between two thresholds true positives are linear in positives, precision is not.
  Tensor interpolated_pr() const {
    const Tensor tp = counts_.true_positives.read(), fn = counts_.false_negatives.read();
    const Tensor p = tp + counts_.false_positives.read(), zero = calc::like(p, 0);
    const Tensor d_tp = head(tp) - tail(tp), d_p = head(p) - tail(p);
    const Tensor slope = calc::div_no_nan(d_tp, calc::maximum(d_p, zero));
    const Tensor intercept = tail(tp) - slope * tail(p);
    const Tensor both = op("LogicalAnd", {op("Greater", {head(p), zero}), op("Greater", {tail(p), zero})});
    const Tensor ratio = calc::select(both, calc::div_no_nan(head(p), calc::maximum(tail(p), zero)), op("OnesLike", {tail(p)}));
    return summed(calc::div_no_nan(slope * (d_tp + intercept * calc::log(ratio)),
                                   calc::maximum(tail(tp) + tail(fn), zero)));
  }

  ConfusionOptions confusion_;
  Counts counts_;
  bool from_thresholds_ = false;
};
const ObjectRecord auc_record = metric_record<AUC>("Area under the ROC or precision-recall curve.", "Metric", 3);
NINEFOLD_OBJECT(auc_record);

}  // namespace
}  // namespace ninefold::keras
