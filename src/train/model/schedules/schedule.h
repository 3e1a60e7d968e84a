// In: a schedule's options and its formula. Out: the class and its record.
#pragma once

#include "train/layers/schema.h"
#include "train/model/losses/calc.h"

namespace ninefold::keras {

// C has: class_name, fields(Schema&), Tensor at(const Tensor& step) const; numbers are Values, so that a config
// gives back an int where an int was given. All is computed in float32 and the result has that dtype.
template <class C>
class ScheduleOf final : public Schedule, public OptionFields {
 public:
  bool set_field(const std::string& name, const Value& value) override {
    if (!schema().change(name, value, options)) return false;
    options.verify();
    return true;
  }
  const std::string& class_name() const override {
    static const std::string text = C::class_name;
    return text;
  }
  ValueDict config() const override {
    ValueDict out;
    schema().write(options, out);
    return out;
  }
  Tensor at(const Tensor& step) override { return options.at(step); }
  static const Schema<C>& schema() {
    static const Schema<C> all = [] {
      Schema<C> s;
      C::fields(s);
      return s;
    }();
    return all;
  }
  static ObjectPtr make(const ValueDict& given) {
    auto schedule = std::make_shared<ScheduleOf>();
    const ValueDict rest = schema().read(given, schedule->options, C::class_name);
    check(rest.empty(), Code::type, "__init__() got an unexpected keyword argument '{}'",
          rest.empty() ? "" : rest.front().key);
    schedule->options.verify();
    return schedule;
  }
  C options;
};

struct ScheduleOptions {
  std::optional<std::string> name;
  void verify() const {}
};
template <class C>
void name_field(Schema<C>& s) { s.field("name", static_cast<std::optional<std::string> C::*>(&C::name)); }

template <class C>
ObjectRecord schedule_record(const char* doc) {
  return {.kind = "schedule", .names = {C::class_name}, .module = "tf.keras.optimizers.schedules",
          .fields = ScheduleOf<C>::schema().fields(), .doc = doc, .make = ScheduleOf<C>::make,
          .base = "LearningRateSchedule"};
}

inline Tensor f32(double x) { return calc::number(x, DType::f32); }
inline double plain(const Value& v) { return As<double>::from(v, "schedule"); }
inline Tensor f32(const Value& v) { return f32(plain(v)); }
// (1 + cos(pi x)) / 2
inline Tensor half_cosine(const Tensor& x) {
  return f32(0.5) * (f32(1.0) + op("Cos", {f32(3.14159265358979323846) * x}));
}

}  // namespace ninefold::keras
