// In: names and signatures of tf's functions that make, copy and reshape tensors. Out: function records.
#include <algorithm>

#include "base/check.h"
#include "engine/op/printed.h"
#include "engine/op/scope.h"
#include "engine/ops/array_args.h"

namespace ninefold::ops {
namespace {

// ---- the same elements ----

const Function identity = {
    .names = {"tf.identity"}, .signature = "(input: T, name: str = None)", .doc = "The same tensor, as a value of its own.",
    .body = [](Args& a) -> Value { return op("Identity", {operand(a, "input")}); },
};
NINEFOLD_REGISTER(identity);
const Function stop_gradient = {
    .names = {"tf.stop_gradient"}, .signature = "(input: T, name: str = None)",
    .doc = "The same tensor; no gradient flows through it.",
    .body = [](Args& a) -> Value { return op("StopGradient", {operand(a, "input")}); },
};
NINEFOLD_REGISTER(stop_gradient);
const Function reshape = {
    .names = {"tf.reshape"}, .signature = "(tensor: T, shape: ints, name: str = None)",
    .doc = "The elements in row-major order in another shape; one dimension may be -1.",
    .body = [](Args& a) -> Value { return op("Reshape", {operand(a, "tensor"), int_operand(a, "shape")}); },
};
NINEFOLD_REGISTER(reshape);
const Function expand_dims = {
    .names = {"tf.expand_dims"}, .signature = "(input: T, axis: ints, name: str = None)",
    .doc = "A dimension of one, inserted at index `axis` of the shape.",
    .body = [](Args& a) -> Value { return op("ExpandDims", {operand(a, "input"), int_operand(a, "axis")}); },
};
NINEFOLD_REGISTER(expand_dims);
const Function squeeze = {
    .names = {"tf.squeeze"}, .signature = "(input: T, axis: ints = None, name: str = None)",
    .doc = "The tensor without its dimensions of one, or without those of `axis` alone.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "input");
      std::vector<int64_t> axes;
      const ValueList* several = a["axis"].get<ValueList>();
      if (a["axis"].get<double>()) axes.push_back(whole_axis(a, "axis"));
      else if (several && std::all_of(several->begin(), several->end(), [](const Value& v) { return v.get<double>() && std::abs(*v.get<double>()) < 1e9; }))
        for (const Value& v : *several) axes.push_back(static_cast<int64_t>(*v.get<double>()));
      else if (!a.none("axis")) axes = a.ints("axis");
      return op("Squeeze", {x}, {{"squeeze_dims", axes}});
    },
};
NINEFOLD_REGISTER(squeeze);

Tensor transposed(const Tensor& x, const Tensor& perm, bool conjugate) {
  return op(conjugate && is_complex(x.dtype()) ? "ConjugateTranspose" : "Transpose", {x, perm});
}
const Function transpose = {
    .names = {"tf.transpose"},
    .signature = "(a: T, perm: ints = None, conjugate: bool = False, name: str = 'transpose')",
    .doc = "Axis i of the result is axis perm[i] of a; without perm, the axes in reverse order.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "a");
      Tensor perm;
      if (!a.none("perm")) {
        perm = int_operand(a, "perm");
      } else if (x.shape().known_rank()) {
        std::vector<int64_t> order = counting(x.rank());
        std::reverse(order.begin(), order.end());
        perm = int_vector(order);
      } else {
        perm = op("Range", {op("Rank", {x}) - int_scalar(1), int_scalar(-1), int_scalar(-1)});
      }
      return transposed(x, perm, a.flag("conjugate"));
    },
};
NINEFOLD_REGISTER(transpose);
const Function matrix_transpose = {
    .names = {"tf.linalg.matrix_transpose"},
    .signature = "(a: T, name: str = 'matrix_transpose', conjugate: bool = False)",
    .doc = "The last two axes exchanged.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "a");
      const Shape& s = x.shape();
      if (!s.known_rank()) {
        const Tensor rank = op("Rank", {x}), two = int_scalar(2);
        const Tensor head = op("Range", {int_scalar(0), rank - two, int_scalar(1)});
        const Tensor tail = op("Pack", {rank - int_scalar(1), rank - two});
        return transposed(x, op("ConcatV2", {head, tail, int_scalar(0)}), a.flag("conjugate"));
      }
      check(s.rank() >= 2, Code::value, "Argument `a` should be a (batch) matrix with rank >= 2.  Received `a` = {} with shape: {}",
            "a tensor", s.tuple());
      std::vector<int64_t> order = counting(s.rank());
      std::swap(order[order.size() - 1], order[order.size() - 2]);
      return transposed(x, int_vector(order), a.flag("conjugate"));
    },
};
NINEFOLD_REGISTER(matrix_transpose);
const Function cast_function = {
    .names = {"tf.cast", "tf.dtypes.cast"}, .signature = "(x: T, dtype: dtype, name: str = None)",
    .doc = "The values in another dtype: floats truncate towards zero, bool is x != 0, complex loses its imaginary part.",
    .body = [](Args& a) -> Value {
      const DType to = a.dtype("dtype");
      check(to != DType::invalid, Code::type, "Cannot convert the argument `type_value`: None to a TensorFlow DType.");
      return cast(operand(a, "x"), to);
    },
};
NINEFOLD_REGISTER(cast_function);
const Function broadcast_to = {
    .names = {"tf.broadcast_to"}, .signature = "(input: T, shape: ints, name: str = None)",
    .doc = "The tensor repeated to `shape` by NumPy's rules of broadcasting.",
    .body = [](Args& a) -> Value { return op("BroadcastTo", {operand(a, "input"), int_operand(a, "shape")}); },
};
NINEFOLD_REGISTER(broadcast_to);
const Function tile = {
    .names = {"tf.tile"}, .signature = "(input: T, multiples: ints, name: str = None)",
    .doc = "The tensor repeated multiples[i] times along axis i.",
    .body = [](Args& a) -> Value { return op("Tile", {operand(a, "input"), int_operand(a, "multiples")}); },
};
NINEFOLD_REGISTER(tile);

// ---- shapes ----

const std::string of_shape = "(input: T, out_type: dtype = tf.int32, name: str = None)";
const Function shape = {
    .names = {"tf.shape"}, .signature = of_shape, .doc = "The dimensions of a tensor, as a vector.",
    .body = [](Args& a) -> Value { return op("Shape", {operand(a, "input")}, {{"out_type", a.dtype("out_type")}}); },
};
NINEFOLD_REGISTER(shape);
const Function size = {
    .names = {"tf.size"}, .signature = of_shape, .doc = "The number of elements.",
    .body = [](Args& a) -> Value { return op("Size", {operand(a, "input")}, {{"out_type", a.dtype("out_type")}}); },
};
NINEFOLD_REGISTER(size);
const Function rank = {
    .names = {"tf.rank"}, .signature = "(input: T, name: str = None)", .doc = "The number of dimensions.",
    .body = [](Args& a) -> Value { return op("Rank", {operand(a, "input")}); },
};
NINEFOLD_REGISTER(rank);
const Function shape_n = {
    .names = {"tf.shape_n"}, .signature = "(input: tensors, out_type: dtype = tf.int32, name: str = None)",
    .doc = "The dimensions of each tensor, as vectors.",
    .body = [](Args& a) -> Value {
      const Tensors in = a.tensors("input");
      const NamedAttr type("out_type", a.dtype("out_type"));
      return op_all("ShapeN", in, {&type, 1});
    },
    .result = "tensors",
};
NINEFOLD_REGISTER(shape_n);
const Function broadcast_dynamic_shape = {
    .names = {"tf.broadcast_dynamic_shape"}, .signature = "(shape_x: ints, shape_y: ints)",
    .doc = "The shape that two shapes broadcast to, as a tensor.",
    .body = [](Args& a) -> Value {
      const DType d = index_type(a, {"shape_x", "shape_y"});
      return op("BroadcastArgs", {int_operand(a, "shape_x", d), int_operand(a, "shape_y", d)});
    },
};
NINEFOLD_REGISTER(broadcast_dynamic_shape);

// ---- filled with one value ----

const Function fill = {
    .names = {"tf.fill"}, .signature = "(dims: ints, value: T, name: str = None)", .doc = "A tensor of shape `dims`, all elements `value`.",
    .body = [](Args& a) -> Value { return op("Fill", {int_operand(a, "dims"), operand(a, "value")}); },
};
NINEFOLD_REGISTER(fill);
Tensor filled(const Tensor& shape, int64_t value, DType dtype) {
  if (dtype == DType::string && value == 0) return op("Fill", {shape, Tensor::of_string("")});
  return op("Fill", {shape, dtype == DType::boolean ? Tensor(value != 0) : to_tensor(Value(value), dtype)});
}
// The shape of what is made: numbers that are none are refused as a whole, while ops run at once.
Tensor new_shape(const Args& a) {
  const Value& v = a["shape"];
  if (!scope().tracer() && (v.get<ValueList>() || v.get<std::string>())) {
    const ValueList* list = v.get<ValueList>();
    const auto odd = [](const Value& item) { return item.get<double>() || item.get<std::string>(); };
    if (!list || std::any_of(list->begin(), list->end(), odd)) return to_tensor(v, DType::i32);   // raises
  }
  return shape_operand(a, "shape");
}
const std::string of_shape_and_dtype = "(shape: ints, dtype: dtype = tf.float32, name: str = None)";
const Function zeros = {
    .names = {"tf.zeros"}, .signature = of_shape_and_dtype, .doc = "A tensor of zeros; of dtype string, of empty strings.",
    .body = [](Args& a) -> Value { return filled(new_shape(a), 0, a.dtype("dtype")); },
};
NINEFOLD_REGISTER(zeros);
const Function ones = {
    .names = {"tf.ones"}, .signature = of_shape_and_dtype, .doc = "A tensor of ones.",
    .body = [](Args& a) -> Value { return filled(new_shape(a), 1, a.dtype("dtype")); },
};
NINEFOLD_REGISTER(ones);
const std::string like_signature = "(input: T, dtype: dtype = None, name: str = None)";
const Function zeros_like = {
    .names = {"tf.zeros_like"}, .signature = like_signature, .doc = "Zeros in the shape of a tensor, of its dtype or another.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "input");
      const DType d = a.none("dtype") ? x.dtype() : a.dtype("dtype");
      return d == x.dtype() ? op("ZerosLike", {x}) : filled(shape_tensor(x), 0, d);
    },
};
NINEFOLD_REGISTER(zeros_like);
const Function ones_like = {
    .names = {"tf.ones_like"}, .signature = like_signature, .doc = "Ones in the shape of a tensor, of its dtype or another.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "input");
      const DType d = a.none("dtype") ? x.dtype() : a.dtype("dtype");
      return d == x.dtype() && d != DType::string ? op("OnesLike", {x}) : filled(shape_tensor(x), 1, d);
    },
};
NINEFOLD_REGISTER(ones_like);

// ---- several tensors in one ----

// A parameter that is an axis of a tensor of this rank.
int64_t axis_in(int64_t axis, int64_t rank) {
  check(axis >= -rank && axis < rank, Code::value, "Argument `axis` = {} not in range [{}, {})", axis, -rank, rank);
  return axis;
}
const Function stack = {
    .names = {"tf.stack"}, .signature = "(values: tensors, axis: int = 0, name: str = 'stack')",
    .doc = "Tensors of one shape along a new axis.",
    .body = [](Args& a) -> Value {
      const int64_t axis = whole_axis(a, "axis");
      if (axis == 0) return to_tensor(a["values"], DType::invalid, "tf.stack");
      // One tensor is the list of its slices.
      const bool whole = is_tensor(a["values"]);
      if (whole) check(operand(a, "values").rank() != 0, Code::type, "`values` must be a list or a tensor of at least one dimension");
      Tensors values;
      if (whole) {
        const Tensor x = operand(a, "values");
        check(x.dim(0) >= 0, Code::value, "Cannot infer argument `num` from shape {}", x.shape().tuple());
        const NamedAttr slices[] = {{"num", x.dim(0)}, {"axis", 0}};
        values = op_all("Unpack", {&x, 1}, slices);
      } else {
        values = a.tensors("values");
      }
      check(!values.empty(), Code::index, "list index out of range");
      if (values[0].shape().known_rank()) axis_in(axis, values[0].rank() + 1);
      const NamedAttr at("axis", axis);
      return op_all("Pack", values, {&at, 1}).at(0);
    },
};
NINEFOLD_REGISTER(stack);
const Function unstack = {
    .names = {"tf.unstack"}, .signature = "(value: T, num: int = None, axis: int = 0, name: str = 'unstack')",
    .doc = "The slices of a tensor along one axis, which goes away.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "value");
      check(!a["axis"].get<double>(), Code::type, "list indices must be integers or slices, not float");
      const int64_t axis = a.integer("axis");
      int64_t num = a.none("num") ? -1 : a.integer("num");
      if (num < 0) {
        const Shape& s = x.shape();
        if (s.known_rank()) num = s.dim(static_cast<int>(axis_in(axis, s.rank())));
        check(num >= 0, Code::value, "Cannot infer argument `num` from shape {}", s.tuple());
      }
      const NamedAttr attrs[] = {{"num", num}, {"axis", axis}};
      return op_all("Unpack", {&x, 1}, attrs);
    },
    .result = "tensors",
};
NINEFOLD_REGISTER(unstack);
const Function concat = {
    .names = {"tf.concat"}, .signature = "(values: tensors, axis: ints, name: str = 'concat')",
    .doc = "Tensors of one rank joined along `axis`; the other dimensions must agree.",
    .body = [](Args& a) -> Value {
      Tensors values = a.tensors("values");
      const Tensor axis = int_operand(a, "axis");
      if (values.size() == 1) return op("Identity", {values[0]});
      values.push_back(axis);
      return op_all("ConcatV2", values).at(0);
    },
};
NINEFOLD_REGISTER(concat);
const Function split = {
    .names = {"tf.split"},
    .signature = "(value: T, num_or_size_splits: ints, axis: ints = 0, num: int = None, name: str = 'split')",
    .doc = "Pieces of a tensor along `axis`: as many equal ones as the int says, or with the lengths of a list, of which one "
           "may be -1.",
    .body = [](Args& a) -> Value {
      refuse_traced_float(a, "axis", "split_dim", "Split");
      const Tensor x = operand(a, "value"), axis = cast(int_operand(a, "axis"), DType::i32);
      if (const double* n = a["num_or_size_splits"].get<double>())
        fail(Code::value, "Rank-0 tensors are not supported as the num_or_size_splits argument to split. Argument provided: {}",
             printed(Value(*n)));
      const Tensor sizes = int_operand(a, "num_or_size_splits");
      const Shape& s = sizes.shape();
      if (s.known_rank() && s.rank() == 0) {
        const Tensor in[] = {axis, x};
        const NamedAttr num("num_split", a.integer("num_or_size_splits"));
        return op_all("Split", in, {&num, 1});
      }
      const int64_t n = !a.none("num") ? a.integer("num") : s.known_rank() ? s[0] : -1;
      check(n >= 0, Code::value, "Cannot infer argument `num` from shape {}", s.tuple());
      const Tensor in[] = {x, sizes, axis};
      const NamedAttr num("num_split", n);
      return op_all("SplitV", in, {&num, 1});
    },
    .result = "tensors",
};
NINEFOLD_REGISTER(split);

}  // namespace
}  // namespace ninefold::ops
