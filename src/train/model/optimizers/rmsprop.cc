// RMSprop (Hinton, 2012): w -= lr g / (sqrt(rms) + epsilon), rms a running mean of g^2; `centered` takes the
// variance instead. With momentum the op's formula holds: lr g / sqrt(rms + epsilon).
// In: gradients. Out: new weights and running means.
#include "train/model/optimizers/optimizer.h"

namespace ninefold::keras {
namespace {

struct RMSpropOptions {
  static constexpr const char* class_name = "RMSprop";
  Value learning_rate = 0.001;
  Value rho = 0.9;
  Value momentum = 0.0;
  std::optional<double> epsilon = 1e-7;
  bool centered = false;
  std::string name = "RMSprop";
  static void fields(Schema<RMSpropOptions>& s) {
    s.field("learning_rate", &RMSpropOptions::learning_rate)
        .field("rho", &RMSpropOptions::rho)
        .field("momentum", &RMSpropOptions::momentum)
        .field("epsilon", &RMSpropOptions::epsilon)
        .field("centered", &RMSpropOptions::centered)
        .field("name", &RMSpropOptions::name);
  }
};

class RMSprop final : public OptimizerOf<RMSpropOptions> {
  void ready() override {
    hyperparameter("learning_rate", options.learning_rate);
    hyperparameter("decay", decay_);
    hyperparameter("rho", options.rho);
    momentum_ = uses_momentum(options.momentum);
    hyperparameter("momentum", options.momentum);
  }
  void create_slots(const std::vector<Variable>& variables) override {
    for (const Variable& v : variables) add_slot(v, "rms");
    if (momentum_)
      for (const Variable& v : variables) add_slot(v, "momentum");
    if (options.centered)
      for (const Variable& v : variables) add_slot(v, "mg");
  }
  Tensors prepare(DType dtype) override {
    const Tensor rho = read("rho", dtype);
    return {learning_rate(dtype), rho, calc::number(1, dtype) - rho, epsilon_or_default(options.epsilon, dtype),
            read("momentum", dtype)};
  }
  void update(const Variable& v, const Tensor& g, const Tensors& s) override {
    const Tensor &rate = s[0], &rho = s[1], &rest = s[2], &epsilon = s[3], &momentum = s[4];
    const Variable rms = slot(v, "rms");
    if (momentum_ && options.centered)
      return apply("ResourceApplyCenteredRMSProp",
                   {v.handle(), slot(v, "mg").handle(), rms.handle(), slot(v, "momentum").handle(), rate, rho, momentum,
                    epsilon, g}, {{"use_locking", true}});
    if (momentum_)
      return apply("ResourceApplyRMSProp",
                   {v.handle(), rms.handle(), slot(v, "momentum").handle(), rate, rho, momentum, epsilon, g},
                   {{"use_locking", true}});
    const Tensor square = rho * rms.read() + rest * calc::square(g);
    rms.assign(square);
    Tensor power = square;
    if (options.centered) {
      const Variable mg = slot(v, "mg");
      const Tensor mean = rho * mg.read() + rest * g;
      mg.assign(mean);
      power = square - calc::square(mean);
    }
    v.assign(v.read() - rate * g / (calc::sqrt(power) + epsilon));
  }
  void update_rows(const Variable& v, const Tensor& g, const Tensor& indices, const Tensors& s) override {
    const Tensor &rate = s[0], &rho = s[1], &rest = s[2], &epsilon = s[3], &momentum = s[4];
    const Variable rms = slot(v, "rms");
    if (momentum_ && options.centered)
      return apply("ResourceSparseApplyCenteredRMSProp",
                   {v.handle(), slot(v, "mg").handle(), rms.handle(), slot(v, "momentum").handle(), rate, rho, momentum,
                    epsilon, g, indices}, {{"use_locking", true}});
    if (momentum_)
      return apply("ResourceSparseApplyRMSProp",
                   {v.handle(), rms.handle(), slot(v, "momentum").handle(), rate, rho, momentum, epsilon, g, indices},
                   {{"use_locking", true}});
    fade_and_add(rms, rho, indices, g * g * rest);
    Tensor power = rows_of(rms, indices);
    if (options.centered) {
      const Variable mg = slot(v, "mg");
      fade_and_add(mg, rho, indices, g * rest);
      power = power - calc::square(rows_of(mg, indices));
    }
    add_rows(v, indices, -rate * g / (calc::sqrt(power) + epsilon));
  }
  std::vector<std::string> config_keys() const override {
    return {"learning_rate", "decay", "rho", "momentum", "epsilon", "centered"};
  }
  bool momentum_ = false;};

const ObjectRecord rmsprop_record = optimizer_record<RMSprop>(
    "Steps divided by the root of a running mean of squared gradients.");
NINEFOLD_OBJECT(rmsprop_record);

}  // namespace
}  // namespace ninefold::keras
