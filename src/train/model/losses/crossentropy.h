// In: labels, and probabilities or the logits they came from. Out: what Keras' backend makes of them.
#pragma once

#include "train/model/losses/loss.h"

namespace ninefold::keras {

// y (1 - s) + s / 2: labels between the two classes.
Tensor smooth_binary(const Tensor& y_true, double smoothing);
// The logits behind `output` if an activation noted them, else undefined. `from_logits` beside them is a
// contradiction that Keras warns of: the loss named `who` was told that probabilities are logits.
Tensor noted_logits(const Tensor& output, const char* op, bool from_logits, const char* who);
// Element by element: max(z, 0) - z y + log(1 + exp(-|z|)) of logits z; else -y log p - (1 - y) log(1 - p)
// with p clipped to [epsilon, 1 - epsilon].
Tensor binary_crossentropy_of(const Tensor& target, const Tensor& output, bool from_logits);

}  // namespace ninefold::keras
