// Nadam (Dozat, 2015): Adam with Nesterov momentum, whose schedule is
// beta_1 (1 - 0.5 0.96^(schedule_decay t)); its running product is kept in a variable.
// In: gradients. Out: new weights and moments.
#include "train/model/optimizers/optimizer.h"

namespace ninefold::keras {
namespace {

struct NadamOptions {
  static constexpr const char* class_name = "Nadam";
  Value learning_rate = 0.001;
  Value beta_1 = 0.9;
  Value beta_2 = 0.999;
  std::optional<double> epsilon = 1e-7;
  std::optional<double> schedule_decay = {};
  std::string name = "Nadam";
  static void fields(Schema<NadamOptions>& s) {
    s.field("learning_rate", &NadamOptions::learning_rate)
        .field("beta_1", &NadamOptions::beta_1)
        .field("beta_2", &NadamOptions::beta_2)
        .field("epsilon", &NadamOptions::epsilon)
        .field("name", &NadamOptions::name)
        .field("schedule_decay", &NadamOptions::schedule_decay);
  }
};

class Nadam final : public OptimizerOf<NadamOptions> {
  void ready() override {
    const auto* given = options.learning_rate.get<std::shared_ptr<Foreign>>();
    check(!(given && dynamic_cast<Schedule*>(given->get())) && !options.learning_rate.get<ValueDict>(), Code::value,
          "The Nadam optimizer does not support tf.keras.optimizers.LearningRateSchedules as the learning rate.");
    // What other optimizers call decay is the schedule's here: Keras takes it from `schedule_decay` alone.
    decay_ = options.schedule_decay.value_or(0.004);
    hyperparameter("learning_rate", options.learning_rate);
    hyperparameter("decay", decay_);
    hyperparameter("beta_1", options.beta_1);
    hyperparameter("beta_2", options.beta_2);
  }
  void create_slots(const std::vector<Variable>& variables) override {
    if (!product_.defined()) product_ = add_weight("momentum_cache", calc::number(1, variables.front().dtype()));
    for (const Variable& v : variables) add_slot(v, "m");
    for (const Variable& v : variables) add_slot(v, "v");
  }
  Tensors prepare(DType dtype) override {
    const auto n = [&](double x) { return calc::number(x, dtype); };
    const Tensor beta_1 = read("beta_1", dtype), beta_2 = read("beta_2", dtype);
    const Tensor now = step(dtype, 1), next = step(dtype, 2), one = n(1);
    const Tensor m_now = beta_1 * (one - n(0.5) * calc::pow(n(0.96), n(decay_) * now));
    const Tensor m_next = beta_1 * (one - n(0.5) * calc::pow(n(0.96), n(decay_) * next));
    const Tensor product = calc::cast(product_.read(), dtype) * m_now;
    if (dtype == product_.dtype()) product_.assign(product);
    return {read("learning_rate", dtype), beta_1, beta_2, epsilon_or_default(options.epsilon, dtype), m_now, m_next,
            one - product, one - product * m_next, one - calc::pow(beta_2, now)};
  }
  void update(const Variable& v, const Tensor& g, const Tensors& s) override {
    const Tensor &rate = s[0], &beta_1 = s[1], &beta_2 = s[2], &epsilon = s[3], &m_now = s[4], &m_next = s[5];
    const Variable first = slot(v, "m"), second = slot(v, "v");
    const Tensor one = calc::like(g, 1);
    const Tensor gradient = g / s[6];
    const Tensor m = beta_1 * first.read() + (one - beta_1) * g;
    first.assign(m);
    const Tensor m_ahead = m / s[7];
    const Tensor square = beta_2 * second.read() + (one - beta_2) * calc::square(g);
    second.assign(square);
    const Tensor power = square / s[8];
    const Tensor mean = (one - m_now) * gradient + m_next * m_ahead;
    v.assign(v.read() - rate * mean / (calc::sqrt(power) + epsilon));
  }
  void update_rows(const Variable& v, const Tensor& g, const Tensor& indices, const Tensors& s) override {
    const Tensor &rate = s[0], &beta_1 = s[1], &beta_2 = s[2], &epsilon = s[3], &m_now = s[4], &m_next = s[5];
    const Variable first = slot(v, "m"), second = slot(v, "v");
    const Tensor one = calc::like(g, 1);
    fade_and_add(first, beta_1, indices, g * (one - beta_1));
    const Tensor mean = (one - m_now) * (g / s[6]) + m_next * (rows_of(first, indices) / s[7]);
    fade_and_add(second, beta_2, indices, g * g * (one - beta_2));
    add_rows(v, indices, -rate * mean / (calc::sqrt(rows_of(second, indices) / s[8]) + epsilon));
  }
  std::vector<std::string> config_keys() const override {
    return {"learning_rate", "decay", "beta_1", "beta_2", "epsilon"};
  }
  Variable product_;};

const ObjectRecord nadam_record = optimizer_record<Nadam>(
    "Adam with Nesterov momentum.");
NINEFOLD_OBJECT(nadam_record);

}  // namespace
}  // namespace ninefold::keras
