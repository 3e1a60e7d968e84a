// Adagrad (Duchi et al., 2011): accumulator += g^2, w -= lr g / (sqrt(accumulator) + epsilon).
// In: gradients. Out: new weights and accumulators.
#include "train/model/optimizers/optimizer.h"

namespace ninefold::keras {
namespace {

struct AdagradOptions {
  static constexpr const char* class_name = "Adagrad";
  Value learning_rate = 0.001;
  double initial_accumulator_value = 0.1;
  std::optional<double> epsilon = 1e-7;
  std::string name = "Adagrad";
  static void fields(Schema<AdagradOptions>& s) {
    s.field("learning_rate", &AdagradOptions::learning_rate)
        .field("initial_accumulator_value", &AdagradOptions::initial_accumulator_value)
        .field("epsilon", &AdagradOptions::epsilon)
        .field("name", &AdagradOptions::name);
  }
};

class Adagrad final : public OptimizerOf<AdagradOptions> {
  void ready() override {
    check(options.initial_accumulator_value >= 0, Code::value, "initial_accumulator_value must be non-negative: {}",
          options.initial_accumulator_value);
    hyperparameter("learning_rate", options.learning_rate);
    hyperparameter("decay", decay_);
  }
  void create_slots(const std::vector<Variable>& variables) override {
    for (const Variable& v : variables) add_slot(v, "accumulator", options.initial_accumulator_value);
  }
  Tensors prepare(DType dtype) override {
    return {learning_rate(dtype), epsilon_or_default(options.epsilon, dtype)};
  }
  void update(const Variable& v, const Tensor& g, const Tensors& s) override {
    apply("ResourceApplyAdagradV2", {v.handle(), slot(v, "accumulator").handle(), s[0], s[1], g}, {{"use_locking", true}});
  }
  void update_rows(const Variable& v, const Tensor& g, const Tensor& indices, const Tensors& s) override {
    apply("ResourceSparseApplyAdagradV2", {v.handle(), slot(v, "accumulator").handle(), s[0], s[1], g, indices},
          {{"use_locking", true}});
  }
  std::vector<std::string> config_keys() const override {
    return {"learning_rate", "decay", "initial_accumulator_value", "epsilon"};
  }
};

const ObjectRecord adagrad_record = optimizer_record<Adagrad>(
    "Steps shrink with the sum of the squared gradients so far.");
NINEFOLD_OBJECT(adagrad_record);

}  // namespace
}  // namespace ninefold::keras
