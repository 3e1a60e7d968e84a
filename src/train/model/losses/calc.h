// In: tensors and plain numbers. Out: the few ops that losses, metrics, optimizers and schedules are written with.
// A number takes the dtype of the tensor beside it, as Python's numbers do.
#pragma once

#include <vector>

#include "ninefold/ops.h"

namespace ninefold::keras::calc {

Tensor number(double value, DType dtype);                 // a scalar
inline Tensor like(const Tensor& x, double value) { return number(value, x.dtype()); }
Tensor cast(const Tensor& x, DType dtype);                // x itself if it has that dtype
Tensor as_tensor(const Value& v);                         // numbers and lists as tf.convert_to_tensor

Tensor mean(const Tensor& x, int64_t axis = -1);
Tensor sum(const Tensor& x, int64_t axis = -1, bool keep = false);
Tensor max(const Tensor& x, int64_t axis = -1);
Tensor mean_over(const Tensor& x, const std::vector<int64_t>& axes);
Tensor sum_over(const Tensor& x, const std::vector<int64_t>& axes);
Tensor sum_all(const Tensor& x);
Tensor max_all(const Tensor& x);
Tensor all(const Tensor& x);                              // of bools, over every axis

Tensor square(const Tensor& x);
Tensor sqrt(const Tensor& x);
Tensor abs(const Tensor& x);
Tensor log(const Tensor& x);
Tensor pow(const Tensor& x, const Tensor& y);
Tensor maximum(const Tensor& x, const Tensor& y);
Tensor minimum(const Tensor& x, const Tensor& y);
Tensor select(const Tensor& condition, const Tensor& a, const Tensor& b);
Tensor div_no_nan(const Tensor& x, const Tensor& y);
Tensor clip(const Tensor& x, double low, double high);    // tf.clip_by_value
Tensor l2_normalize(const Tensor& x, int64_t axis);       // x / sqrt(max(sum x^2, 1e-12))
Tensor argmax(const Tensor& x, DType out = DType::i64);   // over the last axis

Tensor squeeze_last(const Tensor& x);
Tensor expand_last(const Tensor& x);
Tensor reshape(const Tensor& x, const std::vector<int64_t>& dims);
Tensor shape_of(const Tensor& x);                         // int32; a constant if it is known
Tensor size_as(const Tensor& x, DType dtype);             // how many elements, in that dtype
Tensor slice_axis(const Tensor& x, int axis, int64_t begin, int64_t end);   // x[:, .., begin:end]; end 0: to the end
Tensor pick(const Tensor& x, int64_t at);                 // x[..., at]

// Keras' rule for ranks that differ by one: the last axis of the larger one goes if it is 1.
// `expected` is rank(y_pred) - rank(y_true) as it should be.
void squeeze_to_match(Tensor& y_true, Tensor& y_pred, int expected = 0);
// The same before a loss or metric compares both; sparse labels keep their shape.
void match_ranks(Tensor& y_true, Tensor& y_pred);
// A weight whose rank is one less or one more than that of the values is brought to theirs.
Tensor match_weight(const Tensor& values, const Tensor& weight);

}  // namespace ninefold::keras::calc
