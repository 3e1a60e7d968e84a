// In: an optimizer; losses and gradients. Out: the same steps with losses scaled up before gradients are taken, and gradients
// scaled down before they are applied. A dynamic scale follows what overflows.
#include <cmath>

#include "base/log.h"
#include "ninefold/function.h"
#include "train/model/optimizers/optimizer.h"
#include "train/model/optimizers/resolve.h"

namespace ninefold::keras {
namespace {

Tensor all_finite(const Gradients& gradients) {
  Tensor all(true);
  for (const Gradient& g : gradients) {
    const Tensor finite = op("IsFinite", {g.slices().values});
    all = op("LogicalAnd", {all, calc::all(finite)});
  }
  return all;
}

constexpr const char* example = R"(
    with tf.GradientTape() as tape:
      loss = loss_fn()
      scaled_loss = opt.get_scaled_loss(loss)
    scaled_grads = tape.gradient(scaled_loss, vars)
    grads = opt.get_unscaled_gradients(scaled_grads)
    opt.apply_gradients([(grads, var)]))";

void warn_unless(bool scaled, bool unscaled) {
  if (scaled && unscaled) return;
  const char* const page = "https://www.tensorflow.org/api_docs/python/tf/keras/mixed_precision/LossScaleOptimizer";
  if (!scaled && !unscaled)
    warn("You forgot to call LossScaleOptimizer.get_scaled_loss() and LossScaleOptimizer.get_unscaled_gradients() before "
         "calling LossScaleOptimizer.apply_gradients(). This will likely result in worse model quality, so please call them "
         "in the correct places! For example:{}\nFor more information, see {}", example, page);
  else if (!scaled)
    warn("You forgot to call LossScaleOptimizer.get_scaled_loss() before calling LossScaleOptimizer.apply_gradients() (you "
         "did call get_unscaled_gradients() however). This will likely result in worse model quality, so please call "
         "get_scaled_loss() in the correct place! For example:{}\nFor more information, see {}", example, page);
  else
    warn("You forgot to call LossScaleOptimizer.get_unscaled_gradients() before calling LossScaleOptimizer.apply_gradients() "
         "(you did call get_scaled_loss() however). This will likely result in worse model quality, so please call "
         "get_unscaled_gradients() in the correct place! For example:{}\nFor more information, see {}", example, page);
}

Tensors no_results() { return {}; }

}  // namespace

LossScaleOptimizer::LossScaleOptimizer(OptimizerPtr inner, LossScaleOptions options)
    : inner_(std::move(inner)), options_(options) {
  check(inner_ != nullptr, Code::type, "\"inner_optimizer\" must be an instance of `tf.keras.optimizers.Optimizer`, but got: None. ");
  check(!dynamic_cast<LossScaleOptimizer*>(inner_.get()), Code::type,
        "LossScaleOptimizer cannot wrap another LossScaleOptimizer, but got: {}", inner_->class_name());
  check(dynamic_cast<OptimizerBase*>(inner_.get()), Code::type, "\"inner_optimizer\" must be an instance of "
        "`tf.keras.optimizers.Optimizer`, but got: {}. ", inner_->class_name());
  name = inner_->name;
  if (!options_.dynamic) {
    check(options_.initial_scale.has_value(), Code::value, "\"initial_scale\" must be specified if \"dynamic\" is False");
    check(!options_.dynamic_growth_steps, Code::value, "\"dynamic_growth_steps\" must be None if \"dynamic\" is False, but got: {}",
          options_.dynamic_growth_steps.value_or(0));
    return;
  }
  if (!options_.initial_scale) options_.initial_scale = std::ldexp(1, 15);
  if (!options_.dynamic_growth_steps) options_.dynamic_growth_steps = 2000;
  OutsideTrace eager;
  scale_ = Variable(Tensor(static_cast<float>(*options_.initial_scale)), {.name = "current_loss_scale", .trainable = false});
  counter_ = Variable(Tensor(int64_t{0}), {.name = "good_steps", .trainable = false});
}

Tensor LossScaleOptimizer::loss_scale() const {
  return scale_.defined() ? scale_.read() : Tensor(static_cast<float>(*options_.initial_scale));
}
Tensor LossScaleOptimizer::scaled(const Tensor& loss) {
  scaled_ = true;
  return loss * calc::cast(loss_scale(), loss.dtype());
}
Gradients LossScaleOptimizer::unscaled(const Gradients& gradients) {
  unscaled_ = true;
  const Tensor by = Tensor(1.0f) / loss_scale();
  Gradients out;
  for (const Gradient& g : gradients)
    out.push_back(g.defined() ? g.map([&](const Tensor& t) { return t * calc::cast(by, t.dtype()); }) : g);
  return out;
}

void LossScaleOptimizer::apply_gradients(const Gradients& gradients, const std::vector<Weight>& variables) {
  warn_unless(scaled_, unscaled_);
  auto& own = dynamic_cast<OptimizerBase&>(*inner_);
  own.apply_guarded(gradients, variables, [&](const Gradients& sums, const auto& update, const auto& pass) {
    if (!options_.dynamic) return update();
    const Tensor finite = all_finite(sums), scale = scale_.read(), count = counter_.read() + Tensor(int64_t{1});
    // What the scale becomes needs no branches. A scale that would overflow stays.
    const Tensor grows = op("GreaterEqual", {count, Tensor(*options_.dynamic_growth_steps)}), twice = scale * Tensor(2.0f);
    const Tensor grown = calc::select(op("LogicalAnd", {grows, op("IsFinite", {twice})}), twice, scale);
    const Tensor shrunk = calc::maximum(scale / Tensor(2.0f), Tensor(1.0f));
    const Tensor none(int64_t{0});
    scale_.assign(calc::select(finite, grown, shrunk));
    counter_.assign(calc::select(op("LogicalAnd", {finite, op("LogicalNot", {grows})}), count, none));
    const auto done = [](const std::function<void()>& what) { return [&what] { return what(), no_results(); }; };
    cond(finite, done(update), done(pass));
  });
}

const std::string& LossScaleOptimizer::class_name() const {
  static const std::string text = "LossScaleOptimizer";
  return text;
}
ValueDict LossScaleOptimizer::config() const {
  return {{"inner_optimizer", ValueDict{{"class_name", inner_->class_name()}, {"config", inner_->config()}}},
          {"dynamic", options_.dynamic}, {"initial_scale", *options_.initial_scale},
          {"dynamic_growth_steps", options_.dynamic_growth_steps ? Value(*options_.dynamic_growth_steps) : Value()}};
}

namespace {
struct LossScaleFields {
  static constexpr const char* class_name = "LossScaleOptimizer";
  Value inner_optimizer;
  bool dynamic = true;
  std::optional<double> initial_scale;
  std::optional<int64_t> dynamic_growth_steps;
};
Schema<LossScaleFields> loss_scale_schema() {
  return Schema<LossScaleFields>().required("inner_optimizer", &LossScaleFields::inner_optimizer)
      .field("dynamic", &LossScaleFields::dynamic).field("initial_scale", &LossScaleFields::initial_scale)
      .field("dynamic_growth_steps", &LossScaleFields::dynamic_growth_steps);
}
ObjectPtr make_loss_scale(const ValueDict& given) {
  LossScaleFields f;
  const ValueDict rest = loss_scale_schema().read(given, f, LossScaleFields::class_name);
  check(rest.empty(), Code::type, "__init__() got an unexpected keyword argument '{}'", rest.empty() ? "" : rest[0].key);
  return std::make_shared<LossScaleOptimizer>(optimizer_for(f.inner_optimizer),
                                              LossScaleOptions{f.dynamic, f.initial_scale, f.dynamic_growth_steps});
}
const ObjectRecord loss_scale_record = {
    .kind = "optimizer", .names = {"LossScaleOptimizer"}, .module = "tf.keras.mixed_precision",
    .fields = loss_scale_schema().fields(),
    .doc = "Another optimizer whose losses are scaled, so that gradients of float16 do not vanish; the scale follows what overflows.",
    .make = make_loss_scale, .base = "Optimizer"};
NINEFOLD_OBJECT(loss_scale_record);
}  // namespace

}  // namespace ninefold::keras
