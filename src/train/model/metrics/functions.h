// In: labels and predictions. Out: 1 where they agree, else 0; and the like.
#pragma once

#include "train/model/losses/calc.h"

namespace ninefold::keras {

// All of float32 (floatx), shaped like y_true without the classes' axis.
Tensor matches(const Tensor& y_true, const Tensor& y_pred);                                // equal
Tensor binary_matches(const Tensor& y_true, const Tensor& y_pred, double threshold);       // y_pred > threshold
Tensor sparse_categorical_matches(const Tensor& y_true, const Tensor& y_pred);             // class numbers
Tensor categorical_matches(const Tensor& y_true, const Tensor& y_pred);                    // one-hot labels
Tensor sparse_top_k_matches(const Tensor& y_true, const Tensor& y_pred, int64_t k);
Tensor top_k_matches(const Tensor& y_true, const Tensor& y_pred, int64_t k);
Tensor cosine_of(const Tensor& y_true, const Tensor& y_pred, int64_t axis);                // 1: the same direction

}  // namespace ninefold::keras
