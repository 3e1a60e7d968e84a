// In: arguments of tf's array functions as Python gave them. Out: axes, shapes and lengths as integer tensors.
#pragma once

#include "engine/ops/moves.h"
#include "engine/ops/operands.h"

namespace ninefold::ops {

// Integers of any form (int, list, nested list, shape, tensors among them); int32, or int64 if one needs it.
// `like`: what plain numbers become.
Tensor int_operand(const Args& a, std::string_view name, DType like = DType::i32);
Tensor int_operand(const Value& v, std::string_view who, DType like = DType::i32);
// The same as a vector: a lone int is a shape of one dimension.
Tensor shape_operand(const Args& a, std::string_view name);
// The one of two shapes or positions that is a tensor says the dtype of both.
DType index_type(const Args& a, std::initializer_list<std::string_view> names);
// An axis argument: its value if it is given and known now.
std::optional<int64_t> known_int(const Args& a, std::string_view name);
// The same where TensorFlow takes int() of it: a float that is whole counts too.
int64_t whole_axis(const Args& a, std::string_view name);
// A float for an int32 input is refused while a graph is traced, in TensorFlow's words; eagerly conversions refuse it.
void refuse_traced_float(const Args& a, std::string_view name, std::string_view input, std::string_view op);
// 0, 1, ... n - 1 as a constant.
std::vector<int64_t> counting(int64_t n);
// All axes of x: a constant if its rank is known, else computed when the graph runs.
Tensor all_axes(const Tensor& x);
// x as [before the axis, along it, behind it], and its own shape: for an x whose rank is known only when the graph runs.
struct AroundAxis {
  AroundAxis(const Tensor& x, int64_t axis);
  Tensor three, before, along, behind;     // sizes: vectors [..], [1], [..]
  Tensor restored(const Tensor& three_again) const;      // of the same size along the axis
  Tensor restored(const Tensor& three_again, const Tensor& along_now) const;
};
Tensor cast(const Tensor& t, DType to);         // t itself if it has that dtype
Tensor scalar(double value, DType dtype);       // any numeric dtype
std::string dtype_repr(DType d);                // "<dtype: 'int32'>"

}  // namespace ninefold::ops
