// In: names and signatures of tf's functions that take parts of tensors. Out: function records.
#include "engine/ops/array_args.h"

namespace ninefold::ops {
namespace {

const Function gather = {
    .names = {"tf.gather"},
    .signature = "(params: T, indices: tensor, validate_indices: value = None, axis: ints = None, batch_dims: int = 0, name: str = None)",
    .doc = "Slices of params along `axis`, in the order of indices; the first batch_dims axes of both belong together. "
           "validate_indices has no effect, as in TensorFlow: indices are always checked.",
    .body = [](Args& a) -> Value {
      const Tensor indices = int_operand(a, "indices");
      const int64_t batch = a.integer("batch_dims");
      const Tensor axis = a.none("axis") ? int_scalar(batch) : int_operand(a, "axis");
      // Rows of a variable are taken from where they lie: a read of the whole would make the next write copy it.
      const Tensor* known = known_value(axis);
      const bool rows = batch == 0 && known && known->int_at(0) == 0 && indices.dtype() != DType::i16;
      if (const Variable* v = a["params"].get<Variable>(); v && rows)
        return op("ResourceGather", {v->handle(), indices}, {{"dtype", v->dtype()}});
      return op("GatherV2", {operand(a, "params"), indices, axis}, {{"batch_dims", batch}});
    },
};
NINEFOLD_REGISTER(gather);

const Function slice = {
    .names = {"tf.slice"}, .signature = "(input_: T, begin: ints, size: ints, name: str = None)",
    .doc = "The part of a tensor that begins at `begin` and has shape `size`; -1 in size: the rest.",
    .body = [](Args& a) -> Value {
      const DType d = index_type(a, {"begin", "size"});
      return op("Slice", {operand(a, "input_"), int_operand(a, "begin", d), int_operand(a, "size", d)});
    },
};
NINEFOLD_REGISTER(slice);

const Function strided_slice = {
    .names = {"tf.strided_slice"},
    .signature = "(input_: T, begin: ints, end: ints, strides: ints = None, begin_mask: int = 0, end_mask: int = 0, "
                 "ellipsis_mask: int = 0, new_axis_mask: int = 0, shrink_axis_mask: int = 0, var: value = None, name: str = None)",
    .doc = "What input_[begin:end:strides, ...] means; bit i of a mask speaks of entry i.",
    .body = [](Args& a) -> Value {
      check(a.none("var"), Code::unimplemented,
            "tf.strided_slice: var makes the slice assignable, which variables do themselves: v[...].assign(value)");
      const DType d = index_type(a, {"begin", "end", "strides"});
      const Tensor begin = int_operand(a, "begin", d), end = int_operand(a, "end", d);
      const Tensor strides = a.none("strides") ? op("OnesLike", {begin}) : int_operand(a, "strides", d);
      std::vector<NamedAttr> masks;
      for (const char* m : {"begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"})
        masks.emplace_back(m, a.integer(m));
      const Tensor in[] = {operand(a, "input_"), begin, end, strides};
      return op_all("StridedSlice", in, masks).at(0);
    },
};
NINEFOLD_REGISTER(strided_slice);

}  // namespace
}  // namespace ninefold::ops
