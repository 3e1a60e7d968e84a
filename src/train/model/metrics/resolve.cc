// In: what `metrics=` may hold. Out: the metric.
#include "train/model/metrics/resolve.h"

#include <algorithm>

#include "base/check.h"
#include "ninefold/composite.h"
#include "train/model/losses/resolve.h"
#include "train/model/metrics/functions.h"
#include "train/model/metrics/wrapped.h"

namespace ninefold::keras {
namespace {

std::string lower(std::string s) {
  std::transform(s.begin(), s.end(), s.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return s;
}

MetricPtr mean_of_function(const Function& f, const std::string& name) {
  return mean_of([&f](const Tensor& y_true, const Tensor& y_pred) {
    const Value pair[] = {y_true, y_pred};
    return calc::as_tensor(call(f, {pair, pair + 2}));
  }, name);
}

// The form of "accuracy" or "crossentropy" that fits the shapes.
std::string form_of(const std::string& what, const Shape& y_true, const Shape& y_pred) {
  const auto last = [](const Shape& s) { return s.known_rank() && s.rank() > 0 ? s.dim(-1) : -1; };
  const bool binary = last(y_pred) == 1;
  const bool sparse = y_true.rank() < y_pred.rank() || (last(y_true) == 1 && last(y_pred) > 1);
  const bool accuracy = what == "accuracy" || what == "acc";
  const std::string form = binary ? "binary_" : sparse ? "sparse_categorical_" : "categorical_";
  return form + (accuracy ? "accuracy" : "crossentropy");
}

}  // namespace

MetricPtr metric_for(const Value& identifier, const Shape& y_true, const Shape& y_pred) {
  if (const std::string* given = identifier.get<std::string>()) {
    const std::string plain = lower(*given);
    const bool chosen = plain == "accuracy" || plain == "acc" || plain == "crossentropy" || plain == "ce";
    const std::string name = chosen ? form_of(plain, y_true, y_pred) : *given;
    if (name == "cosine_similarity" || name == "cosine_proximity")   // the metric's sign, not the loss's
      return mean_of([](const Tensor& t, const Tensor& p) { return cosine_of(t, p, -1); }, name);
    if (const Function* f = training_function("metrics", name)) return mean_of_function(*f, *given);
    check(find_record("metric", name), Code::value,
          "Unknown metric function: {}. Please ensure this object is passed to the `custom_objects` argument. See "
          "https://www.tensorflow.org/guide/keras/save_and_serialize#registering_the_custom_object for details.", name);
  }
  check(!identifier.none() && !identifier.get<int64_t>(), Code::value, "Could not interpret metric identifier: {}",
        identifier.none() ? "None" : std::to_string(identifier.get<int64_t>() ? *identifier.get<int64_t>() : 0));
  // A loss averages what it gives for a batch.
  if (const auto* object = identifier.get<std::shared_ptr<Foreign>>())
    if (const LossPtr loss = std::dynamic_pointer_cast<Loss>(*object))
      return mean_of([loss](const Tensor& t, const Tensor& p) { return (*loss)(t, p); }, loss->name);
  MetricPtr metric = std::dynamic_pointer_cast<Metric>(get_object("metric", identifier));
  check(metric != nullptr, Code::value, "Could not interpret metric identifier: the object is no metric");
  return metric;
}
MetricPtr metric_for(const Value& identifier, const Value& y_true, const Value& y_pred) {
  const auto shape_of = [](const Value& v) {
    const auto spec = CompositeSpec::of(v);
    const Tensor* t = v.get<Tensor>();
    return spec ? spec->rows.shape : t ? t->shape() : Shape::unknown();
  };
  return metric_for(identifier, shape_of(y_true), shape_of(y_pred));
}

}  // namespace ninefold::keras
