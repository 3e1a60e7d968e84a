// In: compile's losses and metrics, outputs, targets, sample weights. Out: the total loss, metrics up to date.
#include "train/model/containers.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "ninefold/distribute.h"
#include "train/model/losses/loss.h"
#include "train/layers/notes.h"
#include "train/model/losses/resolve.h"
#include "train/model/metrics/resolve.h"
#include "train/model/values.h"

namespace ninefold::keras {
namespace {

MetricPtr mean_metric(const std::string& name) {
  return std::dynamic_pointer_cast<Metric>(make_object("metric", "Mean", {{"name", name}}));
}

bool flat_list(const Value& v) {
  const ValueList* list = v.get<ValueList>();
  return list && std::none_of(list->begin(), list->end(), nest::nested);
}

Value by_output_name(const Value& outputs, const std::vector<std::string>& names, const Value& given) {
  const ValueDict* dict = given.get<ValueDict>();
  if (!dict || (nest::nested(outputs) && !flat_list(outputs))) return given;
  const std::vector<std::string> known = names.empty() ? pseudo_names(outputs, "output_") : names;
  std::vector<std::string> unexpected;
  for (const Entry& e : *dict)
    if (std::find(known.begin(), known.end(), e.key) == known.end()) unexpected.push_back(e.key);
  if (!unexpected.empty()) {
    ValueDict rest;
    for (const Entry& e : *dict)
      if (std::find(unexpected.begin(), unexpected.end(), e.key) != unexpected.end()) rest.push_back(e);
    fail(Code::value, "Found unexpected losses or metrics that do not correspond to any Model output: dict_keys({}). "
         "Valid mode output names: {}. Received struct is: {}.", nest::python_keys(unexpected),
         nest::python_keys(known), nest::python_text(Value(rest)));
  }
  ValueList out;
  for (const std::string& name : known) {
    const Value* item = given.find(name);
    out.push_back(item ? *item : Value());
  }
  return out.size() == 1 ? out[0] : Value(out);
}

Tensor cast_to(const Tensor& t, DType d) { return t.dtype() == d ? t : op("Cast", {t}, {{"DstT", d}}); }
Tensor with_last_axis(const Tensor& t) { return op("ExpandDims", {t, Tensor(int32_t{-1})}); }

// Targets take the dtype and the rank of predictions where that is a matter of form only.
void match(Tensor& y_true, const Tensor& y_pred, Tensor& weight) {
  if (y_true.rank() == 1 && y_pred.rank() == 2) y_true = with_last_axis(y_true);
  if (weight && weight.rank() == 1 && y_pred.rank() == 2) weight = with_last_axis(weight);
  const DType t = y_true.dtype(), p = y_pred.dtype();
  if ((is_floating(t) && is_floating(p)) || (is_integer(t) && is_integer(p))) y_true = cast_to(y_true, p);
  if (weight) weight = cast_to(weight, p);
}

// The mask that Keras attaches to predictions counts as a weight.
Tensor under_mask(const Tensor& y_pred, const Tensor& weight) {
  const Value mask = mask_of(y_pred);
  if (mask.none()) return weight;
  Tensor m = cast_to(*mask.get<Tensor>(), y_pred.dtype());
  if (!weight) return m;
  if (m.rank() + 1 == weight.rank()) m = with_last_axis(m);
  return weight * m;
}

Tensor rows_of(const Tensor& t) {
  if (t.rank() > 0 && t.dim(0) >= 0) return Tensor(static_cast<int32_t>(t.dim(0)));
  const auto at = [](int32_t i) { return Tensor::of<int32_t>({1}, {i}); };
  return op("StridedSlice", {op("Shape", {t}), at(0), at(1), at(1)}, {{"shrink_axis_mask", 1}});
}

Tensor leaf(const ValueList& flat, size_t i) {
  if (i >= flat.size() || flat[i].none()) return {};
  if (const Tensor* t = flat[i].get<Tensor>()) return *t;
  if (const Variable* v = flat[i].get<Variable>()) return v->read();
  return to_tensor(flat[i], DType::invalid, "fit");
}
Value optional(const Tensor& t) { return t ? Value(t) : Value(); }

Tensor sum_of(const Tensors& terms) {
  Tensor sum = terms[0];
  for (size_t i = 1; i < terms.size(); ++i) sum = sum + cast_to(terms[i], sum.dtype());
  return sum;
}

}  // namespace

std::vector<std::string> pseudo_names(const Value& v, const std::string& prefix) {
  std::vector<std::string> out;
  const std::function<void(const Value&, const std::string&)> walk = [&](const Value& at, const std::string& path) {
    if (const ValueList* list = at.get<ValueList>()) {
      const std::string head = path.empty() ? prefix : path + "_";
      for (size_t i = 0; i < list->size(); ++i) walk((*list)[i], head + std::to_string(i + 1));
    } else if (const ValueDict* dict = at.get<ValueDict>()) {
      for (const Entry* e : nest::sorted(*dict)) walk(e->value, path.empty() ? e->key : path + "_" + e->key);
    } else {
      out.push_back(path.empty() ? prefix + "1" : path);
    }
  };
  walk(v, "");
  return out;
}

Value conform(const Value& outputs, const std::vector<std::string>& names, Value given) {
  given = by_output_name(outputs, names, given);
  if (const ValueDict* keys = outputs.get<ValueDict>()) {
    if (given.get<ValueDict>()) {
      ValueDict full = *given.get<ValueDict>();
      for (const Entry& e : *keys)
        if (!given.find(e.key)) full.push_back({e.key, {}});
      given = full;
    }
  }
  if (!nest::nested(given) && nest::nested(outputs)) return nest::map(outputs, [&](const Value&) { return given; });
  return given;
}

void update(Metric& metric, const ValueList& values, const Value& sample_weight) {
  if (const Object::Method* own = metric.overridden("update_state")) {
    (*own)(values, sample_weight.none() ? ValueDict{} : ValueDict{{"sample_weight", sample_weight}});
  } else {
    metric.update_state(values, sample_weight);
  }
}
Value result_of(Metric& metric) {
  const Object::Method* own = metric.overridden("result");
  return own ? (*own)({}, {}) : metric.result();
}
void reset(Metric& metric) {
  if (const Object::Method* own = metric.overridden("reset_state")) (*own)({}, {});
  else metric.reset_state();
}

// ---- losses ----

Losses::Losses(Value losses, Value weights, std::vector<std::string> output_names)
    : given_(std::move(losses)), given_weights_(std::move(weights)), names_(std::move(output_names)),
      total_(mean_metric("loss")) {}

void Losses::build(const Value& y_pred) {
  if (names_.empty()) names_ = pseudo_names(y_pred, "output_");
  // One loss that is no nest serves all outputs.
  for (const Value& v : nest::flatten(conform(y_pred, names_, given_))) losses_.push_back(loss_for(v));
  for (const Value& v : nest::flatten(conform(y_pred, names_, given_weights_)))
    weights_.push_back(v.none() ? std::nullopt
                                : std::optional(v.get<double>() ? *v.get<double>()
                                                                : to_tensor(v, DType::f64, "compile").item<double>()));
  each_.resize(losses_.size());
  if (names_.size() > 1)
    for (size_t i = 0; i < std::min(losses_.size(), names_.size()); ++i)
      if (losses_[i]) each_[i] = mean_metric(names_[i] + "_loss");
  built_ = true;
}

std::vector<MetricPtr> Losses::metrics() const {
  std::vector<MetricPtr> out;
  if (!built_) return out;
  out.push_back(total_);
  for (const MetricPtr& m : each_)
    if (m) out.push_back(m);
  return out;
}

Tensor Losses::operator()(const Value& y_true, const Value& y_pred, const Value& sample_weight,
                          const Tensors& further) {
  const ValueList truths = nest::flatten(conform(y_pred, names_, y_true));
  const ValueList weights = nest::flatten(conform(y_pred, names_, sample_weight));
  if (!built_) build(y_pred);
  const BuiltInLoop scales_itself;
  const ValueList predictions = nest::flatten(y_pred);
  Tensors terms, shown;
  Tensor rows;
  const size_t n = std::min({truths.size(), predictions.size(), weights.size(), losses_.size(), weights_.size()});
  for (size_t i = 0; i < n; ++i) {
    if (truths[i].none() || !losses_[i]) continue;
    Tensor loss, count;
    if (Ragged::of(truths[i]) || Ragged::of(predictions[i])) {
      loss = (*losses_[i])(truths[i], predictions[i], weights[i]);
      const RaggedRef labels = Ragged::of(truths[i]);
      count = labels ? labels->nrows() : rows_of(leaf(truths, i));
    } else {
      Tensor t = leaf(truths, i), w = leaf(weights, i);
      const Tensor p = leaf(predictions, i);
      match(t, p, w);
      w = under_mask(p, w);
      loss = (*losses_[i])(t, p, optional(w));
      count = rows_of(t);
    }
    if (!rows) rows = count;
    if (each_[i]) update(*each_[i], {loss}, rows);
    if (weights_[i]) loss = loss * cast_to(Tensor(static_cast<float>(*weights_[i])), loss.dtype());
    shown.push_back(loss);
    terms.push_back(losses_[i]->reduction == "sum" ? loss : scale_for_replicas(loss));
  }
  if (!further.empty()) {
    shown.push_back(sum_of(further));
    terms.push_back(scale_for_replicas(shown.back()));
  }
  if (terms.empty()) return {};
  update(*total_, {sum_of(shown)}, optional(rows));
  return sum_of(distribute::replicas() > 1 ? terms : shown);
}

// ---- metrics ----

Metrics::Metrics(Value metrics, Value weighted, std::vector<std::string> output_names)
    : given_(std::move(metrics)), given_weighted_(std::move(weighted)), names_(std::move(output_names)) {
  std::set<const Foreign*> seen;
  std::vector<std::string> twice;
  ValueList all = nest::flatten(given_);
  for (const Value& v : nest::flatten(given_weighted_)) all.push_back(v);
  for (const Value& v : all)
    if (const auto* o = v.get<std::shared_ptr<Foreign>>())
      if (dynamic_cast<const Metric*>(o->get()) && !seen.insert(o->get()).second) twice.push_back((*o)->describe());
  check(twice.empty(), Code::value, "Found duplicated metrics object in the user provided metrics and weighted metrics. "
        "This will cause the same metric object to be updated multiple times, and report wrong results. \n"
        "Duplicated items: {}", nest::python_keys(twice));
}

namespace {

MetricPtr copied(const MetricPtr& m) {
  return std::dynamic_pointer_cast<Metric>(make_object("metric", m->class_name(), m->config()));
}

// The metrics of each output. A list without lists inside serves every output, with copies of objects.
std::vector<std::vector<MetricPtr>> by_output(const Value& given, const std::vector<std::string>& names,
                                              const Value& y_pred, const Value& y_true) {
  const ValueList predictions = nest::flatten(y_pred), truths = nest::flatten(y_true);
  const bool serves_all = !nest::nested(given) || flat_list(given);
  std::vector<ValueList> identifiers(predictions.size());
  if (serves_all) {
    for (ValueList& ids : identifiers) ids = nest::flatten(given);
  } else {
    const Value conformed = conform(y_pred, names, given);
    // Up to the outputs' own form; what hangs below is the list of an output's metrics.
    const std::function<void(const Value&, const Value&, size_t&)> walk = [&](const Value& outputs, const Value& g,
                                                                              size_t& at) {
      if (const ValueList* list = outputs.get<ValueList>()) {
        const ValueList* items = g.get<ValueList>();
        check(items, Code::value, "compile: metrics must have one entry for each of {} outputs, got {}", list->size(),
              nest::python_text(g));
        check(items->size() == list->size(), Code::value, "The two structures don't have the same sequence length. Input "
              "structure has length {}, while shallow structure has length {}.", items->size(), list->size());
        for (size_t i = 0; i < list->size(); ++i) walk((*list)[i], (*items)[i], at);
      } else if (const ValueDict* dict = outputs.get<ValueDict>()) {
        for (const Entry* e : nest::sorted(*dict)) {
          const Value* item = g.find(e->key);
          walk(e->value, item ? *item : Value(), at);
        }
      } else {
        identifiers[at++] = nest::flatten(g);
      }
    };
    size_t at = 0;
    walk(y_pred, conformed, at);
  }
  std::vector<std::vector<MetricPtr>> out(predictions.size());
  for (size_t i = 0; i < predictions.size(); ++i)
    for (const Value& id : identifiers[i]) {
      if (id.none()) continue;
      const auto value = [&](const ValueList& flat) -> Value {
        return i < flat.size() && CompositeSpec::of(flat[i]) ? flat[i] : optional(leaf(flat, i));
      };
      MetricPtr m = metric_for(id, value(truths), value(predictions));
      const auto* given_object = id.get<std::shared_ptr<Foreign>>();
      const bool own = given_object && dynamic_cast<const Metric*>(given_object->get());
      out[i].push_back(own && serves_all && predictions.size() > 1 ? copied(m) : m);
    }
  return out;
}

}  // namespace

void Metrics::build(const Value& y_pred, const Value& y_true) {
  if (names_.empty()) names_ = pseudo_names(y_pred, "output_");
  plain_ = by_output(given_, names_, y_pred, y_true);
  weighted_ = by_output(given_weighted_, names_, y_pred, y_true);
  std::set<std::string> taken;
  const bool several = names_.size() > 1;
  for (size_t i = 0; i < plain_.size(); ++i) {
    const std::string head = several && i < names_.size() ? names_[i] + "_" : "";
    for (const MetricPtr& m : plain_[i]) {
      m->set_name(head + m->name());
      check(taken.insert(m->name()).second, Code::value, "Found two metrics with the same name: {}."
            "All the metrics added to the model need to have unique names.", m->name());
    }
    for (const MetricPtr& m : weighted_[i]) {
      const bool clash = taken.count(head + m->name()) > 0;
      m->set_name(head + (clash ? "weighted_" : "") + m->name());
      check(taken.insert(m->name()).second, Code::value, "Found two weighted metrics with the same name: {}."
            "All the metrics added to the model need to have unique names.", m->name());
    }
    ordered_.insert(ordered_.end(), plain_[i].begin(), plain_[i].end());
    ordered_.insert(ordered_.end(), weighted_[i].begin(), weighted_[i].end());
  }
  built_ = true;
}

void Metrics::update_state(const Value& y_true, const Value& y_pred, const Value& sample_weight) {
  if (given_.none() && given_weighted_.none()) return;
  const Value truth = conform(y_pred, names_, y_true);
  const ValueList weights = nest::flatten(conform(y_pred, names_, sample_weight));
  if (!built_) build(y_pred, truth);
  const ValueList truths = nest::flatten(truth), predictions = nest::flatten(y_pred);
  for (size_t i = 0; i < std::min({truths.size(), predictions.size(), plain_.size()}); ++i) {
    if (truths[i].none() || (plain_[i].empty() && weighted_[i].empty())) continue;
    if (Ragged::of(truths[i]) || Ragged::of(predictions[i])) {
      for (const MetricPtr& m : plain_[i]) update(*m, {truths[i], predictions[i]}, {});
      for (const MetricPtr& m : weighted_[i]) update(*m, {truths[i], predictions[i]}, i < weights.size() ? weights[i] : Value());
      continue;
    }
    Tensor t = leaf(truths, i), w = leaf(weights, i);
    const Tensor p = leaf(predictions, i);
    match(t, p, w);
    const Tensor mask = under_mask(p, {});
    w = under_mask(p, w);
    for (const MetricPtr& m : plain_[i]) update(*m, {t, p}, optional(mask));
    for (const MetricPtr& m : weighted_[i]) update(*m, {t, p}, optional(w));
  }
}

}  // namespace ninefold::keras
