// In: what happens in a loop. Out: the hooks of all callbacks.
#include "train/fit/callback_list.h"

#include <algorithm>

#include "base/check.h"
#include "train/fit/text.h"
#include "train/layers/schema.h"
#include "train/model/values.h"

namespace ninefold::keras {
namespace {

constexpr const char* kBegin[] = {"on_train_batch_begin", "on_test_batch_begin", "on_predict_batch_begin"};
constexpr const char* kEnd[] = {"on_train_batch_end", "on_test_batch_end", "on_predict_batch_end"};

// on_batch_begin and on_batch_end are the older names of the training hooks.
const Object::Method* override_of(const Callback& c, std::string_view hook) {
  if (const Object::Method* own = c.overridden(hook)) return own;
  if (hook == kBegin[0]) return c.overridden("on_batch_begin");
  if (hook == kEnd[0]) return c.overridden("on_batch_end");
  return nullptr;
}
bool has_index(std::string_view hook) {
  return hook.find("batch") != hook.npos || hook.find("epoch") != hook.npos;
}

void fire(Callback& c, std::string_view hook, int64_t index, ValueDict& logs) {
  if (override_of(c, hook)) c.Callback::on(hook, index, logs);
  else c.on(hook, index, logs);
}

}  // namespace

void Callback::on(std::string_view hook, int64_t index, ValueDict& logs) {
  const Method* own = override_of(*this, hook);
  if (!own) return;
  const Value result = has_index(hook) ? (*own)({index, logs}, {}) : (*own)({logs}, {});
  if (const ValueDict* changed = result.get<ValueDict>()) logs = *changed;
}
bool Callback::wants(std::string_view hook) const { return override_of(*this, hook) != nullptr; }

ValueDict numbers_of(const StepResult& step, const char* who) {
  const Value value = step.value();
  const ValueDict* dict = value.get<ValueDict>();
  check(dict, Code::value, "{}: the step must return a dict of metrics, got {}", who, nest::python_text(value));
  ValueDict out;
  for (const Entry& e : *dict) {
    const Tensor* t = e.value.get<Tensor>();
    const bool scalar = t && t->size() == 1 && (is_floating(t->dtype()) || is_integer(t->dtype()) ||
                                                t->dtype() == DType::boolean);
    out.push_back({e.key, scalar ? Value(t->float_at(0)) : e.value});
  }
  return out;
}

// ---- progress bar ----

const std::string& ProgbarLogger::class_name() const {
  static const std::string name = "ProgbarLogger";
  return name;
}

void ProgbarLogger::set_params(const ValueDict& params) {
  Callback::set_params(params);
  const Value all(params);
  if (const Value* v = all.find("verbose"); v && v->get<int64_t>()) verbose_ = static_cast<int>(*v->get<int64_t>());
  if (const Value* v = all.find("epochs"); v && v->get<int64_t>()) epochs_ = *v->get<int64_t>();
  const Value* target = all.find(steps_ ? "steps" : "samples");
  target_ = target && target->get<int64_t>() ? *target->get<int64_t>() : -1;
}

void ProgbarLogger::begin() {
  if (model_)
    for (const std::string& name : model_->metrics_names()) stateful_.insert(name);
  if (!bar_) bar_ = std::make_unique<Progbar>(target_, verbose_, stateful_, steps_ ? "step" : "sample");
  bar_->add_stateful(stateful_);
}

void ProgbarLogger::finish(const ValueDict& logs) {
  if (!bar_) begin();
  if (target_ < 0) {   // now we know
    target_ = seen_;
    bar_->set_target(target_);
  }
  Progbar::Numbers numbers;
  for (const Entry& e : logs)
    if (const double* v = e.value.get<double>()) numbers.push_back({e.key, *v});
  bar_->update(target_, numbers, true);
}

bool ProgbarLogger::skips(int64_t index, const std::set<std::string>& names) {
  seen_ = index + 1;
  return verbose_ != 1 || (bar_ && !bar_->due() && bar_->all_stateful(names));
}

void ProgbarLogger::on(std::string_view hook, int64_t index, ValueDict& logs) {
  const auto fresh = [&] {
    seen_ = 0;
    bar_.reset();
    begin();
  };
  if (hook == "on_train_begin") {
    in_fit_ = true;
  } else if (hook == "on_epoch_begin") {
    fresh();
    if (verbose_ && epochs_ > 1) show(fmt::format("Epoch {}/{}\n", index + 1, epochs_));
  } else if (hook == "on_predict_begin" || (hook == "on_test_begin" && !in_fit_)) {
    fresh();
  } else if (hook == "on_train_batch_end" || hook == "on_predict_batch_end" ||
             (hook == "on_test_batch_end" && !in_fit_)) {
    begin();
    seen_ = index + 1;
    if (verbose_ != 1) return;
    Progbar::Numbers numbers;
    if (hook != "on_predict_batch_end")
      for (const Entry& e : logs)
        if (const double* v = e.value.get<double>()) numbers.push_back({e.key, *v});
    bar_->update(seen_, numbers, false);
  } else if (hook == "on_epoch_end" || (hook == "on_test_end" && !in_fit_)) {
    finish(logs);
  } else if (hook == "on_predict_end") {
    finish({});
  }
}

// ---- the list ----

CallbackList::CallbackList(Model& model, std::vector<CallbackPtr> callbacks, int verbose, int64_t epochs,
                           int64_t steps)
    : callbacks_(std::move(callbacks)) {
  for (const CallbackPtr& c : callbacks_) {
    check(c != nullptr, Code::type, "callbacks: expected Callback objects, got None");
    if (auto* own = dynamic_cast<ProgbarLogger*>(c.get())) logger_ = own;
  }
  if (!logger_ && verbose != 0) {
    auto own = std::make_shared<ProgbarLogger>();
    logger_ = own.get();
    callbacks_.push_back(std::move(own));
  }
  const ValueDict params = {{"verbose", verbose}, {"epochs", epochs}, {"steps", steps < 0 ? Value() : Value(steps)}};
  for (const CallbackPtr& c : callbacks_) {
    c->set_model(&model);
    c->set_params(params);
  }
  for (int p = 0; p < 3; ++p)
    for (const CallbackPtr& c : callbacks_) {
      wanted_[p].begin = wanted_[p].begin || (c.get() != logger_ && c->wants(kBegin[p]));
      wanted_[p].end = wanted_[p].end || c->wants(kEnd[p]) || c.get() == logger_;
      wanted_[p].end_by_others = wanted_[p].end_by_others || (c.get() != logger_ && c->wants(kEnd[p]));
    }
}

void CallbackList::on(std::string_view hook, int64_t index, ValueDict& logs) {
  for (const CallbackPtr& c : callbacks_) fire(*c, hook, index, logs);
}

void CallbackList::batch_begin(Phase phase, int64_t step) {
  const auto p = static_cast<size_t>(phase);
  if (!wanted_[p].begin) return;
  ValueDict none;
  on(kBegin[p], step, none);
}

void CallbackList::batch_end(Phase phase, int64_t step, const StepResult& result) {
  const auto p = static_cast<size_t>(phase);
  if (!wanted_[p].end) return;
  if (!wanted_[p].end_by_others) {
    std::set<std::string> names;
    if (phase != Phase::predict && result.form->get<ValueDict>())
      for (const Entry& e : *result.form->get<ValueDict>()) names.insert(e.key);
    if (logger_->skips(step, names)) return;
  }
  ValueDict logs;
  if (phase == Phase::predict) logs.push_back({"outputs", wanted_[p].end_by_others ? result.value() : Value()});
  else logs = numbers_of(result, "fit");
  on(kEnd[p], step, logs);
}

}  // namespace ninefold::keras
