// In: logs. Out: the value that a callback watches.
#include "train/fit/monitor.h"

#include "base/log.h"

namespace ninefold::keras {

std::optional<double> logged(const ValueDict& logs, const std::string& key) {
  for (const Entry& e : logs) {
    if (e.key != key) continue;
    if (const double* v = e.value.get<double>()) return *v;
    if (const int64_t* v = e.value.get<int64_t>()) return static_cast<double>(*v);
    if (const Tensor* t = e.value.get<Tensor>(); t && t->size() == 1) return t->float_at(0);
  }
  return std::nullopt;
}

std::string logged_keys(const ValueDict& logs) {
  std::string out;
  for (const Entry& e : logs) out += (out.empty() ? "" : ",") + e.key;
  return out;
}

Model& told(Model* model, const char* wanted) {
  check(model != nullptr, Code::attribute, "'NoneType' object has no attribute '{}'", wanted);
  return *model;
}

double learning_rate_of(Model& model, const char* who) {
  const OptimizerPtr optimizer = model.optimizer();
  check(optimizer != nullptr, Code::value, "{}: the model has no optimizer; compile it first", who);
  const Value rate = optimizer->hyper("learning_rate");
  if (const Variable* v = rate.get<Variable>()) return v->value().float_at(0);
  if (const Tensor* t = rate.get<Tensor>()) return t->float_at(0);
  if (const double* d = rate.get<double>()) return *d;
  fail(Code::value, "{}: the learning rate is a schedule of its own and cannot be read or set", who);
}

Monitor::Monitor(const std::string& mode, bool rises_by_name, double min_delta, const char* who)
    : min_delta_(min_delta < 0 ? -min_delta : min_delta) {
  if (mode != "auto" && mode != "min" && mode != "max")
    warn("WARNING:tensorflow:{} mode {} is unknown, fallback to auto mode.", who, mode);
  rises_ = mode == "max" || (mode != "min" && rises_by_name);
}

}  // namespace ninefold::keras
