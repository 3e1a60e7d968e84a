// In: losses of one replica's share of a batch. Out: what each replica adds, so that their sum is the mean over the whole batch.
#include "base/check.h"
#include "engine/ops/array_args.h"
#include "engine/ops/elementwise.h"
#include "ninefold/distribute.h"

namespace ninefold::distribute {
namespace {

using namespace ops;

Tensor total(const Tensor& x) { return op("Sum", {x, all_axes(x)}); }
int64_t sharers(const Args& a) {
  check(!in_scope() || replica() >= 0, Code::runtime,
        "You are calling `{}` in cross replica context, while it was expected to be called in replica context.",
        a.function().names[0].substr(6));
  return current()->replicas();
}

// As Keras fits weights to losses: a last axis of one is added or dropped where the ranks differ by one.
Tensor fitted(const Tensor& weights, const Tensor& losses) {
  const int given = weights.rank(), wanted = losses.rank();
  if (given == wanted + 1 && weights.dim(-1) == 1) return op("Squeeze", {weights}, {{"squeeze_dims", std::vector<int64_t>{-1}}});
  if (given > 0 && given == wanted - 1) return op("ExpandDims", {weights, int_scalar(-1)});
  return weights;
}

const Function compute_average_loss = {
    .names = {"tf.nn.compute_average_loss"},
    .signature = "(per_example_loss: T, sample_weight: value = None, global_batch_size: tensor = None)",
    .doc = "The sum of the losses by the size of the batch of all replicas (None: as many for each replica as there are losses). "
           "sample_weight broadcasts to the losses. Raises ValueError for a scalar loss, RuntimeError outside of a replica.",
    .body = [](Args& a) -> Value {
      Tensor loss = operand(a, "per_example_loss");
      check(loss.rank() != 0, Code::value, "Invalid value passed for `per_example_loss`. Expected a tensor with at least rank 1, got a scalar");
      const DType dtype = loss.dtype();
      if (!a.none("sample_weight")) loss = loss * fitted(to_tensor(a["sample_weight"], dtype), loss);
      if (!a.none("global_batch_size")) {
        const Tensor size = a.tensor("global_batch_size");
        check(!size.shape().known_rank() || size.rank() == 0, Code::value, "global_batch_size must be scalar.");
        check(is_integer(size.dtype()), Code::type, "global_batch_size must be an integer.");
        const Tensor* known = known_value(size);
        check(!known || known->int_at(0) > 0, "global_batch_size must be positive.\nCondition x > 0 did not hold.");
        return total(loss) / cast(size, dtype);
      }
      const Tensor mine = op("GatherV2", {shape_tensor(loss), int_scalar(0), int_scalar(0)});
      return total(loss) / cast(mine * int_scalar(sharers(a)), dtype);
    },
};
NINEFOLD_REGISTER(compute_average_loss);

const Function scale_regularization_loss = {
    .names = {"tf.nn.scale_regularization_loss"}, .signature = "(regularization_loss: T)",
    .doc = "The sum of the losses by the number of replicas, each of which adds it. Raises RuntimeError outside of a replica.",
    .body = [](Args& a) -> Value {
      const Tensor loss = operand(a, "regularization_loss");
      return total(loss) / number_like(loss, static_cast<double>(sharers(a)));
    },
};
NINEFOLD_REGISTER(scale_regularization_loss);

}  // namespace
}  // namespace ninefold::distribute
