// In: a loss's options and its formula. Out: the class that weighs and reduces it, and its record.
//   struct MeanSquaredError : LossOptions { ...; Tensor value(const Tensor& y_true, const Tensor& y_pred) const; };
//   const ObjectRecord mean_squared_error_record = loss_record<MeanSquaredError>("doc");
//   NINEFOLD_OBJECT(record);
#pragma once

#include "train/layers/schema.h"
#include "train/model/losses/calc.h"

namespace ninefold::keras {

// sum(losses * weights), divided by the number of elements unless reduction is "sum"; "none" leaves them.
// Losses of integers are computed in float32 and cast back. Formula: Keras' compute_weighted_loss.
Tensor weighted_loss(const Tensor& losses, const Value& sample_weight, const std::string& reduction);
// The same of losses that may be ragged; weights then have one value a row, or one for each loss.
Value weighted_losses(const Value& losses, const Value& sample_weight, const std::string& reduction);
void check_reduction(const std::string& reduction);

// fit, evaluate and train_on_batch scale the loss themselves: inside, every reduction is allowed.
struct BuiltInLoop {
  BuiltInLoop();
  ~BuiltInLoop();
  BuiltInLoop(const BuiltInLoop&) = delete;

 private:
  bool before_;
};
// loss * (1 / replicas): replicas' losses add up to that of the global batch.
Tensor scale_for_replicas(const Tensor& loss);

struct LossOptions {
  std::string reduction = "auto", name;
};

template <class C>
class LossOf final : public Loss, public OptionFields {
 public:
  bool set_field(const std::string& field, const Value& value) override {
    if (!schema().change(field, value, options)) return false;
    check_reduction(options.reduction);
    reduction = options.reduction;
    name = options.name;
    return true;
  }
  const std::string& class_name() const override {
    static const std::string name = C::class_name;
    return name;
  }
  // Keras has reduction and name first, then what the formula takes.
  ValueDict config() const override {
    ValueDict out = {{"reduction", reduction}, {"name", name}}, own;
    schema().write(options, own);
    for (Entry& e : own) put(out, e.key, std::move(e.value));
    return out;
  }
  Tensor call(const Tensor& y_true, const Tensor& y_pred) override {
    Tensor truth = y_true, prediction = y_pred;
    calc::match_ranks(truth, prediction);
    return options.value(truth, prediction);
  }
  static const Schema<C>& schema() {
    static const Schema<C> all = [] {
      Schema<C> s;
      C::fields(s);
      s.field("reduction", static_cast<std::string C::*>(&C::reduction));
      s.field("name", static_cast<std::string C::*>(&C::name));
      return s;
    }();
    return all;
  }
  static ObjectPtr make(const ValueDict& given) {
    auto loss = std::make_shared<LossOf>();
    const ValueDict rest = schema().read(given, loss->options, C::class_name);
    check(rest.empty(), Code::type, "__init__() got an unexpected keyword argument '{}'",
          rest.empty() ? "" : rest.front().key);
    check_reduction(loss->options.reduction);
    loss->reduction = loss->options.reduction;
    loss->name = loss->options.name;
    return loss;
  }
  C options;
};

template <class C>
ObjectRecord loss_record(const char* doc) {
  return {.kind = "loss", .names = {C::class_name}, .module = "tf.keras.losses", .fields = LossOf<C>::schema().fields(),
          .doc = doc, .make = LossOf<C>::make, .base = "Loss"};
}

// y_pred as a tensor and y_true in its dtype: how the function forms begin.
struct Pair {
  explicit Pair(Args& a);
  Tensor y_true, y_pred;
};

}  // namespace ninefold::keras
