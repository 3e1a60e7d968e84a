// Adamax (arXiv:1412.6980, section 7): w -= lr / (1 - beta_1^t) m / (v + epsilon), v a running maximum of |g|.
// In: gradients. Out: new weights and moments.
#include "train/model/optimizers/optimizer.h"

namespace ninefold::keras {
namespace {

struct AdamaxOptions {
  static constexpr const char* class_name = "Adamax";
  Value learning_rate = 0.001;
  Value beta_1 = 0.9;
  Value beta_2 = 0.999;
  std::optional<double> epsilon = 1e-7;
  std::string name = "Adamax";
  static void fields(Schema<AdamaxOptions>& s) {
    s.field("learning_rate", &AdamaxOptions::learning_rate)
        .field("beta_1", &AdamaxOptions::beta_1)
        .field("beta_2", &AdamaxOptions::beta_2)
        .field("epsilon", &AdamaxOptions::epsilon)
        .field("name", &AdamaxOptions::name);
  }
};

class Adamax final : public OptimizerOf<AdamaxOptions> {
  void ready() override {
    hyperparameter("learning_rate", options.learning_rate);
    hyperparameter("decay", decay_);
    hyperparameter("beta_1", options.beta_1);
    hyperparameter("beta_2", options.beta_2);
  }
  void create_slots(const std::vector<Variable>& variables) override {
    for (const Variable& v : variables) add_slot(v, "m");
    for (const Variable& v : variables) add_slot(v, "v");
  }
  Tensors prepare(DType dtype) override {
    const Tensor beta_1 = read("beta_1", dtype);
    return {calc::pow(beta_1, step(dtype, 1)), learning_rate(dtype), beta_1, read("beta_2", dtype),
            epsilon_or_default(options.epsilon, dtype)};
  }
  void update(const Variable& v, const Tensor& g, const Tensors& s) override {
    apply("ResourceApplyAdaMax", {v.handle(), slot(v, "m").handle(), slot(v, "v").handle(), s[0], s[1], s[2], s[3], s[4], g},
          {{"use_locking", true}});
  }
  void update_rows(const Variable& v, const Tensor& g, const Tensor& indices, const Tensors& s) override {
    const Variable first = slot(v, "m"), second = slot(v, "v");
    const Tensor one = calc::like(g, 1);
    const Tensor m = rows_of(first, indices) * s[2] + g * (one - s[2]);
    apply("ResourceScatterUpdate", {first.handle(), indices, m});
    const Tensor most = calc::maximum(rows_of(second, indices) * s[3], calc::abs(g));
    apply("ResourceScatterUpdate", {second.handle(), indices, most});
    add_rows(v, indices, -s[1] / (one - s[0]) * (m / (most + s[4])));
  }
  std::vector<std::string> config_keys() const override {
    return {"learning_rate", "decay", "beta_1", "beta_2", "epsilon"};
  }
};

const ObjectRecord adamax_record = optimizer_record<Adamax>(
    "Adam with the infinity norm in place of the second moment.");
NINEFOLD_OBJECT(adamax_record);

}  // namespace
}  // namespace ninefold::keras
