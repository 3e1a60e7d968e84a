// In: what `loss=` may be. Out: the loss.
#include "train/model/losses/resolve.h"

#include "train/model/losses/loss.h"

namespace ninefold::keras {
namespace {

// Keras' names that no public module carries.
struct Alias {
  std::string_view shorthand, name;
};
constexpr Alias aliases[] = {{"bce", "binary_crossentropy"},      {"BCE", "binary_crossentropy"}, {"huber_loss", "huber"},
                             {"acc", "accuracy"},                 {"ACC", "accuracy"},
                             {"cosine_proximity", "cosine_similarity"}};

class FunctionLoss final : public Loss {
 public:
  explicit FunctionLoss(const Function& f) : function_(f) { name = short_name_of(f); }
  const std::string& class_name() const override {
    static const std::string name = "LossFunctionWrapper";
    return name;
  }
  ValueDict config() const override { return {{"reduction", reduction}, {"name", name}}; }
  Tensor call(const Tensor& y_true, const Tensor& y_pred) override {
    Tensor truth = y_true, prediction = y_pred;
    calc::match_ranks(truth, prediction);
    const Value pair[] = {truth, prediction};
    return calc::as_tensor(ninefold::call(function_, {pair, pair + 2}));
  }

 private:
  const Function& function_;
};

}  // namespace

const Function* training_function(std::string_view module, std::string_view name) {
  for (const Alias& a : aliases)
    if (a.shorthand == name) name = a.name;
  const auto in = [&](std::string_view m) { return find_function("tf.keras." + std::string(m) + "." + std::string(name)); };
  if (const Function* f = in(module)) return f;
  // tf.keras.metrics lacks some losses that metrics.get knows all the same.
  return module == "metrics" ? in("losses") : nullptr;
}
std::string short_name_of(const Function& f) { return f.names.at(0).substr(f.names.at(0).rfind('.') + 1); }

LossPtr loss_of(const Function& f) { return std::make_shared<FunctionLoss>(f); }

LossPtr loss_for(const Value& identifier) {
  if (identifier.none()) return nullptr;
  if (const std::string* name = identifier.get<std::string>()) {
    if (const Function* f = training_function("losses", *name)) return loss_of(*f);
    check(find_record("loss", *name), Code::value,
          "Unknown loss function: {}. Please ensure this object is passed to the `custom_objects` argument. See "
          "https://www.tensorflow.org/guide/keras/save_and_serialize#registering_the_custom_object for details.", *name);
  }
  check(!identifier.get<int64_t>(), Code::value, "Could not interpret loss function identifier: {}",
        identifier.get<int64_t>() ? *identifier.get<int64_t>() : 0);
  LossPtr loss = std::dynamic_pointer_cast<Loss>(get_object("loss", identifier));
  check(loss != nullptr, Code::value, "Could not interpret loss function identifier: the object is no loss");
  return loss;
}

}  // namespace ninefold::keras
