// Adadelta (Zeiler, arXiv:1212.5701): steps scaled by running means of squared steps over squared gradients.
// In: gradients. Out: new weights and accumulators.
#include "train/model/optimizers/optimizer.h"

namespace ninefold::keras {
namespace {

struct AdadeltaOptions {
  static constexpr const char* class_name = "Adadelta";
  Value learning_rate = 0.001;
  Value rho = 0.95;
  std::optional<double> epsilon = 1e-7;
  std::string name = "Adadelta";
  static void fields(Schema<AdadeltaOptions>& s) {
    s.field("learning_rate", &AdadeltaOptions::learning_rate)
        .field("rho", &AdadeltaOptions::rho)
        .field("epsilon", &AdadeltaOptions::epsilon)
        .field("name", &AdadeltaOptions::name);
  }
};

class Adadelta final : public OptimizerOf<AdadeltaOptions> {
  void ready() override {
    hyperparameter("learning_rate", options.learning_rate);
    hyperparameter("decay", decay_);
    hyperparameter("rho", options.rho);
  }
  void create_slots(const std::vector<Variable>& variables) override {
    for (const Variable& v : variables) add_slot(v, "accum_grad");
    for (const Variable& v : variables) add_slot(v, "accum_var");
  }
  Tensors prepare(DType dtype) override {
    return {learning_rate(dtype), read("rho", dtype), epsilon_or_default(options.epsilon, dtype)};
  }
  void update(const Variable& v, const Tensor& g, const Tensors& s) override {
    apply("ResourceApplyAdadelta",
          {v.handle(), slot(v, "accum_grad").handle(), slot(v, "accum_var").handle(), s[0], s[1], s[2], g},
          {{"use_locking", true}});
  }
  void update_rows(const Variable& v, const Tensor& g, const Tensor& indices, const Tensors& s) override {
    apply("ResourceSparseApplyAdadelta",
          {v.handle(), slot(v, "accum_grad").handle(), slot(v, "accum_var").handle(), s[0], s[1], s[2], g, indices},
          {{"use_locking", true}});
  }
  std::vector<std::string> config_keys() const override {
    return {"learning_rate", "decay", "rho", "epsilon"};
  }
};

const ObjectRecord adadelta_record = optimizer_record<Adadelta>(
    "Steps scaled by running means of squared steps over squared gradients.");
NINEFOLD_OBJECT(adadelta_record);

}  // namespace
}  // namespace ninefold::keras
