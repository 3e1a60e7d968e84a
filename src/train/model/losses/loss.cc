// In: a value for each sample, weights, a reduction. Out: the loss of a batch.
#include "train/model/losses/loss.h"

#include "engine/ops/ragged.h"
#include "ninefold/composite.h"
#include "ninefold/distribute.h"

namespace ninefold::keras {
namespace {

thread_local bool built_in_loop = false;

}  // namespace

BuiltInLoop::BuiltInLoop() : before_(std::exchange(built_in_loop, true)) {}
BuiltInLoop::~BuiltInLoop() { built_in_loop = before_; }

Tensor scale_for_replicas(const Tensor& loss) {
  const int n = distribute::replicas();
  return n > 1 ? loss * calc::like(loss, 1.0 / n) : loss;
}

void check_reduction(const std::string& reduction) {
  check(reduction == "auto" || reduction == "none" || reduction == "sum" || reduction == "sum_over_batch_size", Code::value,
        "Invalid Reduction Key: {}. Expected keys are \"('auto', 'none', 'sum', 'sum_over_batch_size')\"", reduction);
}

Tensor weighted_loss(const Tensor& values, const Value& sample_weight, const std::string& reduction) {
  check_reduction(reduction);
  const DType given = values.dtype();
  Tensor losses = is_floating(given) ? values : calc::cast(values, DType::f32);
  if (!sample_weight.none()) {
    Tensor weight = calc::cast(calc::as_tensor(sample_weight), losses.dtype());
    losses = losses * calc::match_weight(losses, weight);
  }
  if (reduction != "none") {
    const Tensor count = calc::size_as(losses, losses.dtype());
    losses = calc::sum_all(losses);
    if (reduction != "sum") losses = calc::div_no_nan(losses, count);
  }
  return calc::cast(losses, given);
}

Value weighted_losses(const Value& losses, const Value& sample_weight, const std::string& reduction) {
  const RaggedRef rows = Ragged::of(losses);
  if (!rows) return weighted_loss(calc::as_tensor(losses), sample_weight, reduction);
  Value weighted = losses;
  if (!sample_weight.none()) {
    Value weight = sample_weight;
    if (!Ragged::of(weight)) {
      Tensor each = calc::cast(calc::as_tensor(weight), rows->dtype());
      if (each.rank() > 0)
        while (each.rank() < rows->rank()) each = calc::expand_last(each);
      weight = each;
    }
    weighted = ninefold::call("tf.math.multiply", {{"x", losses}, {"y", weight}});
  }
  if (reduction == "none") return weighted;
  return weighted_loss(Ragged::of(weighted)->flat_values(), {}, reduction);
}

Tensor Loss::operator()(const Value& y_true, const Value& y_pred, const Value& sample_weight) {
  const Value loss = weighted(y_true, y_pred, sample_weight);
  const RaggedRef rows = Ragged::of(loss);
  check(!rows, Code::value, "{}: its values are ragged and it reduces nothing; Loss::weighted() gives them", name);
  return *loss.get<Tensor>();
}

Value Loss::weighted(const Value& y_true, const Value& y_pred, const Value& sample_weight) {
  check(!distribute::in_scope() || built_in_loop || reduction == "sum" || reduction == "none", Code::value,
        "Please use `tf.keras.losses.Reduction.SUM` or `tf.keras.losses.Reduction.NONE` for loss reduction when losses are "
        "used with `tf.distribute.Strategy` outside of the built-in training loops. You can implement "
        "`tf.keras.losses.Reduction.SUM_OVER_BATCH_SIZE` using global batch size like:\n```\nwith strategy.scope():\n"
        "    loss_obj = tf.keras.losses.CategoricalCrossentropy(reduction=tf.keras.losses.Reduction.NONE)\n....\n"
        "    loss = tf.reduce_sum(loss_obj(labels, predictions)) * (1. / global_batch_size)\n```\nPlease see "
        "https://www.tensorflow.org/tutorials/distribute/custom_training for more details.");
  check_reduction(reduction);
  Value values;
  if (const Method* own = overridden("call")) values = (*own)({y_true, y_pred}, {});
  else if (Ragged::of(y_true) || Ragged::of(y_pred))
    values = ops::ragged::over_last_axis(name, [&](const Tensor& t, const Tensor& p) { return call(t, p); }, y_true, y_pred);
  else values = call(calc::as_tensor(y_true), calc::as_tensor(y_pred));
  return weighted_losses(values, sample_weight, reduction);
}

Pair::Pair(Args& a) : y_pred(a.tensor("y_pred")) {
  y_true = calc::cast(a.tensor("y_true"), y_pred.dtype());
}

}  // namespace ninefold::keras
