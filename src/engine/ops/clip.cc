// In: tensors and bounds on their values or norms. Out: the tensors within those bounds.
#include <cmath>

#include "base/check.h"
#include "engine/ops/array_args.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/operands.h"

namespace ninefold::ops {
namespace {

const Function clip_by_value = {
    .names = {"tf.clip_by_value"}, .signature = "(t: T, clip_value_min: T, clip_value_max: T, name: str = None)",
    .doc = "max(min(t, clip_value_max), clip_value_min); the bounds broadcast to t, whose shape the result has.",
    .body = [](Args& a) -> Value {
      const Tensor t = operand(a, "t");
      const auto bounded = [&](const char* with, const Tensor& x, const char* bound) {
        const Tensor y = op(with, {x, operand(a, bound, x.dtype())});
        check(t.shape().compatible(y.shape()), Code::value, "Shapes {} and {} are incompatible", t.shape().tuple(), y.shape().tuple());
        return y;
      };
      return bounded("Maximum", bounded("Minimum", t, "clip_value_max"), "clip_value_min");
    },
};
NINEFOLD_REGISTER(clip_by_value);

const Function clip_by_norm = {
    .names = {"tf.clip_by_norm"}, .signature = "(t: T, clip_norm: T, axes: ints = None, name: str = None)",
    .doc = "t, scaled down where its L2 norm over `axes` (None: all) is above clip_norm.",
    .body = [](Args& a) -> Value {
      const Tensor t = operand(a, "t"), limit = operand(a, "clip_norm", t.dtype());
      const Tensor axes = a.none("axes") ? all_axes(t) : a.ints_tensor("axes");
      const Tensor sum = op("Sum", {t * t, axes}, {{"keep_dims", true}});
      // The gradient of sqrt at 0 is infinite: zeros never enter it.
      const Tensor some = op("Greater", {sum, op("ZerosLike", {sum})});
      const Tensor norm = op("SelectV2", {some, op("Sqrt", {op("SelectV2", {some, sum, op("OnesLike", {sum})})}), sum});
      const Tensor scaled = t * limit;
      check(t.shape().compatible(scaled.shape()), Code::value, "Shapes {} and {} are incompatible", t.shape().tuple(), scaled.shape().tuple());
      return scaled / op("Maximum", {norm, limit});
    },
};
NINEFOLD_REGISTER(clip_by_norm);

const ValueList& tensor_list(const Args& a) {
  const ValueList* list = a["t_list"].get<ValueList>();
  check(list, Code::type, "`t_list` should be a sequence of tensors. Received <class 'tensorflow.python.framework.ops.EagerTensor'>.");
  return *list;
}
Tensor norm_of(const ValueList& list) {
  Tensors squares;
  for (const Value& v : list) {
    if (v.none()) continue;
    const Tensor t = to_tensor(v);
    const Tensor half = op("Sum", {op("Square", {t}), all_axes(t)});
    squares.push_back(half * number_like(half, 0.5));
  }
  if (squares.empty()) return Tensor(0.0f);
  const NamedAttr axis("axis", 0);
  const Tensor sum = op("Sum", {op_all("Pack", squares, {&axis, 1}).at(0), Tensor::of<int32_t>({1}, {0})});
  return op("Sqrt", {sum * number_like(sum, 2)});
}
const Function global_norm = {
    .names = {"tf.linalg.global_norm"}, .signature = "(t_list: tensors, name: str = None)",
    .doc = "sqrt(sum of the squares of all elements of all tensors of the list); None counts nothing.",
    .body = [](Args& a) -> Value { return norm_of(tensor_list(a)); },
};
NINEFOLD_REGISTER(global_norm);

const Function clip_by_global_norm = {
    .names = {"tf.clip_by_global_norm"}, .signature = "(t_list: tensors, clip_norm: T, use_norm: tensor = None, name: str = None)",
    .doc = "The list, scaled down together where its global norm is above clip_norm; and that norm. "
           "All are NaN if the norm is not finite. None stays None.",
    .body = [](Args& a) -> Value {
      const ValueList& list = tensor_list(a);
      const Tensor norm = a.none("use_norm") ? norm_of(list) : operand(a, "use_norm");
      const Tensor limit = operand(a, "clip_norm", norm.dtype()), one = number_like(norm, 1);
      // inf - inf is NaN, and 0 otherwise.
      const Tensor scale = limit * op("Minimum", {one / norm, one / limit}) + (norm - norm);
      ValueList clipped;
      for (const Value& v : list) {
        if (v.none()) clipped.emplace_back();
        else clipped.emplace_back(to_tensor(v) * scale);
      }
      return ValueList{Value(std::move(clipped)), Value(norm)};
    },
    .result = "value",
};
NINEFOLD_REGISTER(clip_by_global_norm);

}  // namespace
}  // namespace ninefold::ops
