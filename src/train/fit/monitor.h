// In: logs and what a callback watches in them. Out: its value, and whether it got better.
#pragma once

#include <limits>
#include <optional>

#include "train/layers/schema.h"

namespace ninefold::keras {

std::optional<double> logged(const ValueDict& logs, const std::string& key);
std::string logged_keys(const ValueDict& logs);   // "loss,accuracy"
double learning_rate_of(Model& model, const char* who);
// The model that a callback was told, for what the user's own loop may call without one. Raises AttributeError, as Python does.
Model& told(Model* model, const char* wanted);

// mode "min", "max" or "auto"; `rises_by_name` is what "auto" means for the monitor's name.
class Monitor {
 public:
  Monitor() = default;
  Monitor(const std::string& mode, bool rises_by_name, double min_delta, const char* who);
  bool better(double value, double than) const {
    return rises_ ? value - min_delta_ > than : value + min_delta_ < than;
  }
  double worst() const {
    return rises_ ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  }

 private:
  bool rises_ = false;
  double min_delta_ = 0;
};

// A callback with a struct of options. A file defines `const Schema<O>& schema()` and a record:
//   const ObjectRecord early_stopping_record = callback_record<EarlyStoppingCallback>("EarlyStopping", "doc");
template <class O>
class CallbackOf : public Callback, public OptionFields {
 public:
  bool set_field(const std::string& name, const Value& value) override {
    if (!schema_->change(name, value, options)) return false;
    changed();
    return true;
  }
  using Options = O;
  const std::string& class_name() const override { return name_; }
  ValueDict config() const override {
    ValueDict out;
    schema_->write(options, out);
    return out;
  }
  O options;
  std::string name_;
  const Schema<O>* schema_ = nullptr;
  virtual void ready() {}     // options are set
  virtual void changed() {}   // one was set anew
};

template <class C>
ObjectRecord callback_record(const char* name, const char* doc) {
  static std::string class_name = name;
  return {.kind = "callback", .names = {name}, .module = "tf.keras.callbacks", .fields = C::schema().fields(),
          .doc = doc,
          .make = [](const ValueDict& config) -> ObjectPtr {
            auto c = std::make_shared<C>();
            c->name_ = class_name;
            c->schema_ = &C::schema();
            const ValueDict rest = C::schema().read(config, c->options, class_name);
            check(rest.empty(), Code::type, "{}.__init__() got an unexpected keyword argument '{}'", class_name,
                  rest.empty() ? "" : rest[0].key);
            c->ready();
            return c;
          },
          .base = "Callback"};
}

}  // namespace ninefold::keras
