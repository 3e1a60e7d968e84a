// Gradient descent: w -= lr g; with momentum: m = momentum m - lr g, w += m (Nesterov: w += momentum m - lr g).
// In: gradients. Out: new weights and velocities.
#include "train/model/optimizers/optimizer.h"

namespace ninefold::keras {
namespace {

struct SGDOptions {
  static constexpr const char* class_name = "SGD";
  Value learning_rate = 0.01;
  Value momentum = 0.0;
  bool nesterov = false;
  std::string name = "SGD";
  static void fields(Schema<SGDOptions>& s) {
    s.field("learning_rate", &SGDOptions::learning_rate)
        .field("momentum", &SGDOptions::momentum)
        .field("nesterov", &SGDOptions::nesterov)
        .field("name", &SGDOptions::name);
  }
};

class SGD final : public OptimizerOf<SGDOptions> {
  void ready() override {
    hyperparameter("learning_rate", options.learning_rate);
    hyperparameter("decay", decay_);
    momentum_ = uses_momentum(options.momentum);
    hyperparameter("momentum", options.momentum);
  }
  void create_slots(const std::vector<Variable>& variables) override {
    if (!momentum_) return;
    for (const Variable& v : variables) add_slot(v, "momentum");
  }
  Tensors prepare(DType dtype) override {
    Tensors shared = {learning_rate(dtype)};
    if (momentum_) shared.push_back(read("momentum", dtype));
    return shared;
  }
  void update(const Variable& v, const Tensor& g, const Tensors& shared) override {
    if (momentum_)
      apply("ResourceApplyKerasMomentum", {v.handle(), slot(v, "momentum").handle(), shared[0], g, shared[1]},
            {{"use_locking", true}, {"use_nesterov", options.nesterov}});
    else
      apply("ResourceApplyGradientDescent", {v.handle(), shared[0], g}, {{"use_locking", true}});
  }
  void update_rows(const Variable& v, const Tensor& g, const Tensor& indices, const Tensors& s) override {
    apply("ResourceSparseApplyKerasMomentum", {v.handle(), slot(v, "momentum").handle(), s[0], g, indices, s[1]},
          {{"use_locking", true}, {"use_nesterov", options.nesterov}});
  }
  void update_slices(const Variable& v, const IndexedSlices& g, const Tensors& s) override {
    if (momentum_) return OptimizerBase::update_slices(v, g, s);
    add_rows(v, g.indices, -g.values * s[0]);   // adds up by itself
  }
  std::vector<std::string> config_keys() const override {
    return {"learning_rate", "decay", "momentum", "nesterov"};
  }
  bool momentum_ = false;};

const ObjectRecord sgd_record = optimizer_record<SGD>(
    "Gradient descent, with momentum if it is more than 0.");
NINEFOLD_OBJECT(sgd_record);

}  // namespace
}  // namespace ninefold::keras
