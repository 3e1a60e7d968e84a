// Adam (Kingma and Ba, arXiv:1412.6980): steps of lr sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon).
// In: gradients. Out: new weights and moments.
#include "train/model/optimizers/optimizer.h"

namespace ninefold::keras {
namespace {

struct AdamOptions {
  static constexpr const char* class_name = "Adam";
  Value learning_rate = 0.001;
  Value beta_1 = 0.9;
  Value beta_2 = 0.999;
  std::optional<double> epsilon = 1e-7;
  bool amsgrad = false;
  std::string name = "Adam";
  static void fields(Schema<AdamOptions>& s) {
    s.field("learning_rate", &AdamOptions::learning_rate)
        .field("beta_1", &AdamOptions::beta_1)
        .field("beta_2", &AdamOptions::beta_2)
        .field("epsilon", &AdamOptions::epsilon)
        .field("amsgrad", &AdamOptions::amsgrad)
        .field("name", &AdamOptions::name);
  }
};

class Adam final : public OptimizerOf<AdamOptions> {
  void ready() override {
    hyperparameter("learning_rate", options.learning_rate);
    hyperparameter("decay", decay_);
    hyperparameter("beta_1", options.beta_1);
    hyperparameter("beta_2", options.beta_2);
  }
  void create_slots(const std::vector<Variable>& variables) override {
    for (const Variable& v : variables) add_slot(v, "m");
    for (const Variable& v : variables) add_slot(v, "v");
    if (!options.amsgrad) return;
    for (const Variable& v : variables) add_slot(v, "vhat");
  }
  // lr, beta_1, beta_2, their powers, epsilon: as ResourceApplyAdam takes them.
  Tensors prepare(DType dtype) override {
    const Tensor t = step(dtype, 1), beta_1 = read("beta_1", dtype), beta_2 = read("beta_2", dtype);
    return {calc::pow(beta_1, t), calc::pow(beta_2, t), learning_rate(dtype), beta_1, beta_2,
            epsilon_or_default(options.epsilon, dtype)};
  }
  void update(const Variable& v, const Tensor& g, const Tensors& s) override {
    const Tensor w = v.handle(), first = slot(v, "m").handle(), second = slot(v, "v").handle();
    if (options.amsgrad)
      apply("ResourceApplyAdamWithAmsgrad",
            {w, first, second, slot(v, "vhat").handle(), s[0], s[1], s[2], s[3], s[4], s[5], g}, {{"use_locking", true}});
    else
      apply("ResourceApplyAdam", {w, first, second, s[0], s[1], s[2], s[3], s[4], s[5], g}, {{"use_locking", true}});
  }
  void update_rows(const Variable& v, const Tensor& g, const Tensor& indices, const Tensors& s) override {
    const Variable first = slot(v, "m"), second = slot(v, "v");
    const Tensor one = calc::like(g, 1);
    const Tensor rate = s[2] * (calc::sqrt(one - s[1]) / (one - s[0]));
    fade_and_add(first, s[3], indices, g * (one - s[3]));
    fade_and_add(second, s[4], indices, g * g * (one - s[4]));
    Tensor power = second.read();
    if (options.amsgrad) {
      const Variable greatest = slot(v, "vhat");
      power = calc::maximum(greatest.read(), power);
      greatest.assign(power);
    }
    v.assign_sub(rate * first.read() / (calc::sqrt(power) + s[5]));
  }
  std::vector<std::string> config_keys() const override {
    return {"learning_rate", "decay", "beta_1", "beta_2", "epsilon", "amsgrad"};
  }
};

const ObjectRecord adam_record = optimizer_record<Adam>(
    "Adam: steps scaled by running means of the gradient and its square; `amsgrad` keeps their maximum.");
NINEFOLD_OBJECT(adam_record);

}  // namespace
}  // namespace ninefold::keras
