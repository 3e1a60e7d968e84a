// In: labels of -1 and 1, or of 0 and 1; scores. Out: by how much each score misses the margin of 1.
#pragma once

#include "train/model/losses/loss.h"

namespace ninefold::keras {

// 2 y - 1 if all labels are 0 or 1; decided at run time, as labels are data.
inline Tensor signed_labels(const Tensor& y_true) {
  const Tensor zero = calc::like(y_true, 0), one = calc::like(y_true, 1);
  const Tensor binary = calc::all(op("LogicalOr", {op("Equal", {y_true, zero}), op("Equal", {y_true, one})}));
  return calc::select(binary, calc::like(y_true, 2) * y_true - one, y_true);
}
inline Tensor margin_violation(const Tensor& y_true, const Tensor& y_pred) {
  return calc::maximum(calc::like(y_pred, 1) - signed_labels(y_true) * y_pred, calc::like(y_pred, 0));
}

}  // namespace ninefold::keras
