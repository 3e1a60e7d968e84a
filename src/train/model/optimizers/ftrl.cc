// Follow the regularised leader (McMahan et al., 2013), with L1, L2 and shrinkage.
// In: gradients. Out: new weights and accumulators.
#include "train/model/optimizers/optimizer.h"

namespace ninefold::keras {
namespace {

struct FtrlOptions {
  static constexpr const char* class_name = "Ftrl";
  Value learning_rate = 0.001;
  Value learning_rate_power = -0.5;
  double initial_accumulator_value = 0.1;
  Value l1_regularization_strength = 0.0;
  Value l2_regularization_strength = 0.0;
  double l2_shrinkage_regularization_strength = 0.0;
  Value beta = 0.0;
  std::string name = "Ftrl";
  static void fields(Schema<FtrlOptions>& s) {
    s.field("learning_rate", &FtrlOptions::learning_rate)
        .field("learning_rate_power", &FtrlOptions::learning_rate_power)
        .field("initial_accumulator_value", &FtrlOptions::initial_accumulator_value)
        .field("l1_regularization_strength", &FtrlOptions::l1_regularization_strength)
        .field("l2_regularization_strength", &FtrlOptions::l2_regularization_strength)
        .field("name", &FtrlOptions::name)
        .field("l2_shrinkage_regularization_strength", &FtrlOptions::l2_shrinkage_regularization_strength)
        .field("beta", &FtrlOptions::beta);
  }
};

class Ftrl final : public OptimizerOf<FtrlOptions> {
  void ready() override {
    const auto at_least_0 = [](const char* key, const Value& v) {
      const double x = As<double>::from(v, key);
      check(x >= 0, Code::value, "`{}` needs to be positive or zero. Received: {}={}.", key, key, x);
    };
    at_least_0("initial_accumulator_value", options.initial_accumulator_value);
    const double power = As<double>::from(options.learning_rate_power, "learning_rate_power");
    check(power <= 0, Code::value,
          "`learning_rate_power` needs to be negative or zero. Received: learning_rate_power={}.", power);
    at_least_0("l1_regularization_strength", options.l1_regularization_strength);
    at_least_0("l2_regularization_strength", options.l2_regularization_strength);
    at_least_0("l2_shrinkage_regularization_strength", options.l2_shrinkage_regularization_strength);
    hyperparameter("learning_rate", options.learning_rate);
    hyperparameter("decay", decay_);
    hyperparameter("learning_rate_power", options.learning_rate_power);
    hyperparameter("l1_regularization_strength", options.l1_regularization_strength);
    hyperparameter("l2_regularization_strength", options.l2_regularization_strength);
    hyperparameter("beta", options.beta);
  }
  void create_slots(const std::vector<Variable>& variables) override {
    for (const Variable& v : variables) {
      add_slot(v, "accumulator", options.initial_accumulator_value);
      add_slot(v, "linear");
    }
  }
  Tensors prepare(DType dtype) override {
    const Tensor rate = learning_rate(dtype);
    const Tensor l2 = read("l2_regularization_strength", dtype) + read("beta", dtype) / (calc::number(2, dtype) * rate);
    return {rate, read("l1_regularization_strength", dtype), l2, read("learning_rate_power", dtype),
            calc::number(options.l2_shrinkage_regularization_strength, dtype)};
  }
  void update(const Variable& v, const Tensor& g, const Tensors& s) override {
    const Tensor w = v.handle(), accumulator = slot(v, "accumulator").handle(), linear = slot(v, "linear").handle();
    if (options.l2_shrinkage_regularization_strength > 0)
      apply("ResourceApplyFtrlV2", {w, accumulator, linear, g, s[0], s[1], s[2], s[4], s[3]}, {{"use_locking", true}});
    else
      apply("ResourceApplyFtrl", {w, accumulator, linear, g, s[0], s[1], s[2], s[3]}, {{"use_locking", true}});
  }
  void update_rows(const Variable& v, const Tensor& g, const Tensor& indices, const Tensors& s) override {
    const Tensor w = v.handle(), accumulator = slot(v, "accumulator").handle(), linear = slot(v, "linear").handle();
    if (options.l2_shrinkage_regularization_strength > 0)
      apply("ResourceSparseApplyFtrlV2", {w, accumulator, linear, g, indices, s[0], s[1], s[2], s[4], s[3]},
            {{"use_locking", true}});
    else
      apply("ResourceSparseApplyFtrl", {w, accumulator, linear, g, indices, s[0], s[1], s[2], s[3]},
            {{"use_locking", true}});
  }
  std::vector<std::string> config_keys() const override {
    return {"learning_rate", "decay", "initial_accumulator_value", "learning_rate_power",
            "l1_regularization_strength", "l2_regularization_strength", "beta",
            "l2_shrinkage_regularization_strength"};
  }
};

const ObjectRecord ftrl_record = optimizer_record<Ftrl>(
    "Follow the regularised leader: sparse weights through L1.");
NINEFOLD_OBJECT(ftrl_record);

}  // namespace
}  // namespace ninefold::keras
