// In: starts, ends, steps, depths. Out: function records of sequences: range, linspace, one_hot, eye.
#include <algorithm>

#include "base/check.h"
#include "engine/op/printed.h"
#include "engine/op/scope.h"
#include "engine/ops/array_args.h"

namespace ninefold::ops {
namespace {

int hierarchy(DType d) {   // the dtype that comes last wins
  return d == DType::i32 ? 0 : d == DType::i64 ? 1 : d == DType::f32 ? 2 : d == DType::f64 ? 3 : -1;
}
const Function range = {
    .names = {"tf.range"},
    .signature = "(start: tensor, limit: tensor = None, delta: tensor = 1, dtype: dtype = None, name: str = 'range')",
    .doc = "start, start + delta, ... as far as limit, which is left out; range(limit) starts at 0.",
    .body = [](Args& a) -> Value {
      const Value zero(0);
      const Value* given[3] = {&a["start"], &a["limit"], &a["delta"]};
      if (given[1]->none()) given[1] = given[0], given[0] = &zero;
      DType dtype = a.none("dtype") ? DType::invalid : a.dtype("dtype");
      Tensor t[3];
      for (int i = 0; i < 3; ++i) {
        t[i] = is_tensor(*given[i]) ? to_tensor(*given[i]) : to_tensor(*given[i], dtype, "tf.range");
        if (dtype != DType::invalid) t[i] = cast(t[i], dtype);
      }
      if (dtype == DType::invalid) {
        for (const Tensor& x : t) {
          check(hierarchy(x.dtype()) >= 0, Code::type, "tf.range: expected int32, int64, float32 or float64, got {}; name a dtype",
                name_of(x.dtype()));
          if (dtype == DType::invalid || hierarchy(x.dtype()) > hierarchy(dtype)) dtype = x.dtype();
        }
        for (Tensor& x : t) x = cast(x, dtype);
      }
      return op("Range", {t[0], t[1], t[2]});
    },
};
NINEFOLD_REGISTER(range);

// start + delta * i between the ends, which are exact; the step counts are clamped so that num = 0 and 1 work too.
const Function linspace = {
    .names = {"tf.linspace"},
    .signature = "(start: T, stop: T, num: ints, name: str = None, axis: int = 0)",
    .doc = "num evenly spaced values from start to stop, both included, along a new axis.",
    .body = [](Args& a) -> Value {
      Tensor start = operand(a, "start");
      Tensor stop = operand(a, "stop", start.dtype());
      if (const double* n = a["num"].get<double>(); n && !scope().tracer())
        fail(Code::type, "Argument `tensor` (name: num) must be of type integer. Received `tensor` = {} of dtype: <dtype: 'float32'>",
             printed(Value(*n)));
      const Tensor num = int_operand(a, "num");
      check(is_integer(num.dtype()), Code::type, "Argument `tensor` (name: num) must be of type integer. Received `tensor` of dtype: {}",
            dtype_repr(num.dtype()));
      if (is_integer(start.dtype())) start = cast(start, DType::f64);
      if (is_integer(stop.dtype())) stop = cast(stop, DType::f64);
      const Tensor count = cast(num, DType::i32);
      const Tensor shape = op("BroadcastArgs", {shape_tensor(start), shape_tensor(stop)});
      const Tensor axis = int_scalar(a.integer("axis"));
      const Tensor first = op("ExpandDims", {op("BroadcastTo", {start, shape}), axis});
      const Tensor end = op("ExpandDims", {op("BroadcastTo", {stop, shape}), axis});
      check(first.shape().known_rank(), Code::value, "tf.linspace: the ranks of start and stop must be known while tracing");
      const int64_t rank = first.rank(), at = a.integer("axis") < 0 ? a.integer("axis") + rank : a.integer("axis");
      const Tensor steps = op("Maximum", {count - int_scalar(1), int_scalar(1)});
      const Tensor delta = (end - first) / cast(steps, start.dtype());
      const Tensor limit = op("SelectV2", {op("GreaterEqual", {count, int_scalar(0)}), steps, int_scalar(-1)});
      Tensor inner = cast(op("Range", {int_scalar(1), limit, int_scalar(1)}), start.dtype());
      std::vector<int64_t> along(static_cast<size_t>(rank), 1);
      along[static_cast<size_t>(at)] = -1;
      inner = op("Reshape", {inner, int_vector(along)});
      const Tensor all = op("ConcatV2", {first, first + delta * inner, end, axis});
      // With num = 1 the last value is dropped, with num = 0 all are.
      return op("Slice", {all, int_vector(std::vector<int64_t>(static_cast<size_t>(rank), 0)), [&] {
                            Tensors sizes(static_cast<size_t>(rank), int_scalar(-1));
                            sizes[static_cast<size_t>(at)] = count;
                            return op_all("Pack", sizes).at(0);
                          }()});
    },
};
NINEFOLD_REGISTER(linspace);

const Function one_hot = {
    .names = {"tf.one_hot"},
    .signature = "(indices: tensor, depth: ints, on_value: tensor = None, off_value: tensor = None, axis: int = None, "
                 "dtype: dtype = None, name: str = None)",
    .doc = "A new axis of length depth, off_value (0) everywhere but on_value (1) where the index says. float32 if "
           "neither a value nor a dtype is given.",
    .body = [](Args& a) -> Value {
      refuse_traced_float(a, "depth", "depth", "OneHot");
      const DType asked = a.none("dtype") ? DType::invalid : a.dtype("dtype");
      // A value given as a number takes the dtype that is asked for, if it can.
      auto converted = [&](const char* name) {
        return a.none(name) ? Tensor() : operand_hinted(a, name, asked);
      };
      const Tensor on = converted("on_value"), off = converted("off_value");
      DType dtype = asked;
      if (on.defined() && asked != DType::invalid)
        check(on.dtype() == asked, Code::type, "dtype {} of on_value does not match dtype parameter {}", dtype_repr(on.dtype()), dtype_repr(asked));
      if (off.defined() && asked != DType::invalid)
        check(off.dtype() == asked, Code::type, "dtype {} of off_value does not match dtype parameter {}", dtype_repr(off.dtype()), dtype_repr(asked));
      if (dtype == DType::invalid) dtype = on.defined() ? on.dtype() : off.defined() ? off.dtype() : DType::f32;
      if (on.defined() && off.defined())
        check(on.dtype() == off.dtype(), Code::type, "dtype {} of on_value does not match dtype {} of off_value", dtype_repr(on.dtype()), dtype_repr(off.dtype()));
      return op("OneHot", {operand(a, "indices"), cast(int_operand(a, "depth"), DType::i32),
                           on.defined() ? on : scalar(1, dtype), off.defined() ? off : scalar(0, dtype)},
                {{"axis", a.none("axis") ? int64_t{-1} : a.integer("axis")}});
    },
};
NINEFOLD_REGISTER(one_hot);

std::string shown(const Value& v) { return v.get<std::string>() ? *v.get<std::string>() : printed(v); }
const Function eye = {
    .names = {"tf.eye", "tf.linalg.eye"},
    .signature = "(num_rows: ints, num_columns: ints = None, batch_shape: ints = None, dtype: dtype = tf.float32, name: str = None)",
    .doc = "Matrices with ones on the diagonal and zeros elsewhere; batch_shape of them.",
    .body = [](Args& a) -> Value {
      const Value& given = a["num_rows"];
      const Value& across = a.none("num_columns") ? given : a["num_columns"];
      const auto odd = [](const Value& v) { return v.get<double>() || v.get<std::string>(); };
      check(!odd(given) && !odd(across), Code::type, "Arguments `num_rows` and `num_columns` must be positive integer values. "
            "Received: num_rows={}, num_columns={}", shown(given), shown(across));
      const Tensor rows = cast(int_operand(a, "num_rows"), DType::i32);
      const Tensor columns = a.none("num_columns") ? rows : cast(int_operand(a, "num_columns"), DType::i32);
      const DType dtype = a.dtype("dtype");
      for (const Tensor& n : {rows, columns})
        if (const Tensor* k = known_value(n)) check(k->int_at(0) >= 0, "Dimension {} must be >= 0 [Op:Fill]", k->int_at(0));
      const Tensor one = op("OneHot", {op("Range", {int_scalar(0), rows, int_scalar(1)}), columns, scalar(1, dtype),
                                       scalar(0, dtype)});
      if (a.none("batch_shape")) return one;
      const Tensor batch = cast(shape_operand(a, "batch_shape"), DType::i32);
      return op("BroadcastTo", {one, op("ConcatV2", {batch, op("Pack", {rows, columns}), int_scalar(0)})});
    },
};
NINEFOLD_REGISTER(eye);

}  // namespace
}  // namespace ninefold::ops
