// In: class numbers, or one-hot classes. Out: intersection over union of target classes, from a confusion matrix.
#include <algorithm>

#include "train/model/metrics/metric.h"

namespace ninefold::keras {
namespace {

// How the five classes differ: who says the classes, and how labels and predictions become class numbers.
struct IoUOptions {
  static constexpr const char* class_name = "IoU";
  static constexpr const char* default_name = "";
  static constexpr bool one_hot = false, all_classes = false;
  int64_t num_classes = 2;
  std::vector<int64_t> target_class_ids;
  double threshold = 0.5;
  template <class C> static void fields(Schema<C>& s) {
    if (std::string_view(C::class_name) == "BinaryIoU") {
      s.field("target_class_ids", static_cast<std::vector<int64_t> C::*>(&C::target_class_ids));
      s.field("threshold", static_cast<double C::*>(&C::threshold));
      return;
    }
    s.required("num_classes", static_cast<int64_t C::*>(&C::num_classes));
    if (!C::all_classes) s.required("target_class_ids", static_cast<std::vector<int64_t> C::*>(&C::target_class_ids));
  }
};
struct BinaryIoUOptions : IoUOptions {
  static constexpr const char* class_name = "BinaryIoU";
  BinaryIoUOptions() { target_class_ids = {0, 1}; }
};
struct MeanIoUOptions : IoUOptions {
  static constexpr const char* class_name = "MeanIoU";
  static constexpr bool all_classes = true;
};
struct OneHotIoUOptions : IoUOptions {
  static constexpr const char* class_name = "OneHotIoU";
  static constexpr bool one_hot = true;
};
struct OneHotMeanIoUOptions : IoUOptions {
  static constexpr const char* class_name = "OneHotMeanIoU";
  static constexpr bool one_hot = true, all_classes = true;
};

template <class C>
struct Overlap final : MetricBase {
  using Options = C;
  static constexpr bool binary = std::is_same_v<C, BinaryIoUOptions>;
  Options options;

  void ready(const ValueDict& common) {
    const auto greatest = std::max_element(options.target_class_ids.begin(), options.target_class_ids.end());
    if (greatest != options.target_class_ids.end())
      check(*greatest < options.num_classes, Code::value, "Target class id {} is out of range, which is [0, {}).", *greatest,
            options.num_classes);
    begin(C::class_name, common, C::default_name);
    matrix = add_state("total_confusion_matrix", {options.num_classes, options.num_classes});   // refused where it is too large
    if (C::all_classes)
      for (int64_t i = 0; i < options.num_classes; ++i) options.target_class_ids.push_back(i);
  }
  ValueDict config() const override {
    const ValueDict base = MetricBase::config();
    ValueDict out;
    // BinaryIoU and the means list their own fields first.
    if (!binary && !C::all_classes) out = base;
    if (!binary) out.push_back({"num_classes", options.num_classes});
    const std::vector<int64_t>& ids = options.target_class_ids;
    if (!C::all_classes) out.push_back({"target_class_ids", ValueList(ids.begin(), ids.end())});
    if (binary) out.push_back({"threshold", options.threshold});
    for (const Entry& e : base) put(out, e.key, e.value);
    return out;
  }
  // [rows: labels, columns: predictions], the weights summed in each cell.
  void update_state(const ValueList& values, const Value& weight) override {
    const auto classes = [&](const Value& v) {
      Tensor t = C::one_hot ? calc::argmax(calc::as_tensor(v), DType::i32) : as_own(v);
      return calc::reshape(calc::cast(t, DType::i64), {-1});
    };
    Tensor predicted;
    if (binary) {
      const Tensor p = as_own(values.at(1));
      predicted = calc::reshape(calc::cast(op("GreaterEqual", {p, calc::like(p, options.threshold)}), DType::i64), {-1});
    } else {
      predicted = classes(values.at(1));
    }
    const Tensor actual = classes(values.at(0));
    check_classes(actual, "labels");
    check_classes(predicted, "predictions");
    const Tensor cell = actual * Tensor(options.num_classes) + predicted;
    const Tensor weights = weight.none() ? calc::cast(op("OnesLike", {cell}), dtype_)
                                         : calc::reshape(as_own(weight), {-1});
    const int64_t n = options.num_classes;
    const Tensor sums = op("UnsortedSegmentSum", {weights, cell, Tensor(static_cast<int32_t>(n * n))});
    matrix.assign_add(calc::reshape(sums, {n, n}));
  }
  // Where values are at hand; in a trace a class out of range is the segment sum's fault.
  void check_classes(const Tensor& t, const char* what) const {
    if (t.symbolic()) return;
    for (int64_t i = 0; i < t.size(); ++i) {
      check(t.int_at(i) >= 0, "`{}` contains negative values\nCondition x >= 0 did not hold.", what);
      check(t.int_at(i) < options.num_classes, "`{}` out of bound\nCondition x < y did not hold.", what);
    }
  }
  Value result() override {
    const Tensor m = matrix.read();
    const int64_t n = options.num_classes;
    std::vector<int64_t> diagonal(static_cast<size_t>(n));
    for (int64_t i = 0; i < n; ++i) diagonal[static_cast<size_t>(i)] = i * (n + 1);
    const auto gather = [](const Tensor& t, const std::vector<int64_t>& at) {
      return op("GatherV2", {t, Tensor::of<int64_t>({static_cast<int64_t>(at.size())}, at), Tensor(int32_t{0})});
    };
    const Tensor both = gather(calc::reshape(m, {-1}), diagonal);
    const Tensor either = calc::sum(m, 0) + calc::sum(m, 1) - both;
    const Tensor hits = gather(both, options.target_class_ids), all = gather(either, options.target_class_ids);
    const Tensor present = calc::cast(op("NotEqual", {all, calc::like(all, 0)}), dtype_);
    return calc::div_no_nan(calc::sum_all(calc::div_no_nan(hits, all)), calc::sum_all(present));
  }
  Variable matrix;
};
const ObjectRecord iou = metric_record<Overlap<IoUOptions>>("Mean over target classes of TP / (TP + FP + FN).");
const ObjectRecord binary_iou = metric_record<Overlap<BinaryIoUOptions>>(
    "IoU of classes 0 and 1, probabilities cut at `threshold`.", "IoU");
const ObjectRecord mean_iou = metric_record<Overlap<MeanIoUOptions>>("Mean IoU over all classes that occur.", "IoU");
const ObjectRecord one_hot_iou = metric_record<Overlap<OneHotIoUOptions>>("IoU of one-hot labels and class scores.", "IoU");
const ObjectRecord one_hot_mean_iou = metric_record<Overlap<OneHotMeanIoUOptions>>(
    "Mean IoU of one-hot labels and class scores.", "MeanIoU");
NINEFOLD_OBJECT(iou);
NINEFOLD_OBJECT(binary_iou);
NINEFOLD_OBJECT(mean_iou);
NINEFOLD_OBJECT(one_hot_iou);
NINEFOLD_OBJECT(one_hot_mean_iou);

}  // namespace
}  // namespace ninefold::keras
