// In: partitions of values into rows. Out: the steps that ragged tensors are computed with, each made of ops.
#pragma once

#include "ninefold/composite.h"
#include "engine/ops/array_args.h"

namespace ninefold::ops::ragged {

inline Tensor gather(const Tensor& x, const Tensor& at) { return op("GatherV2", {x, at, int_scalar(0)}); }
Tensor concat(const Tensors& parts, int axis = 0);
Tensor piece(const Tensor& x, std::optional<int64_t> begin, std::optional<int64_t> end);   // x[begin:end]
Tensor last(const Tensor& x);                         // x[-1]
Tensor count_of(const Value& values, DType dtype);    // rows of values
Tensor up_to(const Tensor& n);                        // 0, 1, ... n - 1
Tensor splits_of(const Tensor& lengths);              // [0, l0, l0 + l1, ...]
Tensor rowids_of(const Tensor& splits);               // the row of each value
// start, start + step, ... of each row one after another: `lengths` numbers each.
Tensor ranges(const Tensor& starts, const Tensor& lengths, const Tensor& step);
Value take(const Value& values, const Tensor& rows);  // rows of a tensor or of a ragged tensor
RaggedRef take(const Ragged& r, const Tensor& rows);
// Raise InvalidArgumentError with TensorFlow's text now, or when the trace runs.
void require_equal(const Tensor& x, const Tensor& y, const std::string& message);
void require_not_negative(const Tensor& x, const std::string& message);

Tensor numbers(const Value&);                         // a tensor, or what a value converts to
Value expand_dims(const Value& v, int64_t axis);
Value concat_values(std::vector<Value> values, int64_t axis);
Value reduce(const Function& f, const Ragged& r, const std::vector<int64_t>& axes, bool keepdims);
std::string row_text(const Ragged& r);                // "[[1, 2], []]"
Value subscript(const Tensor& t, const std::vector<RaggedIndex>& keys);   // of a dense row
int64_t normal_axis(int64_t axis, int rank);
// f of labels and predictions, a value for each last axis, where some are ragged: as Keras' losses take them. `name`
// tells the loss. Raises InvalidArgumentError where their rows differ.
Value over_last_axis(std::string_view name, const std::function<Tensor(const Tensor&, const Tensor&)>& f, const Value& y_true,
                     const Value& y_pred);
Value softmax(const Ragged& scores, int64_t axis);
void require_same_rows(const Ragged& a, const Ragged& b);   // raises InvalidArgumentError, ValueError for ragged ranks
Value over_list(const Function& f, std::vector<Value> values, size_t at);   // element by element, where values[at] is a list
Value matmul(const Function& f, std::vector<Value> values);   // tf.matmul where a or b is ragged

}  // namespace ninefold::ops::ragged
