// In: a tensor that a layer or an activation has made. Out: what Keras attaches to it: mask and logits.
// They live as long as the tensor, as Keras' _keras_mask and _keras_logits do.
#pragma once

#include "ninefold/saving.h"

namespace ninefold::keras {

Value mask_of(const Tensor& t);                     // a tensor, or None
void set_mask(const Tensor& t, const Value& mask);
// The same of any value, in ninefold/saving.h: a ragged tensor's mask is ragged too and lies at its flat values.
// What a softmax or sigmoid made `t` from: the logits that Keras' crossentropies use instead of
// probabilities. Undefined if there is none. Ops named directly (tf.nn.softmax) count only within a trace,
// as in Keras: `op` is "Softmax" or "Sigmoid".
NINEFOLD_API Tensor logits_of(const Tensor& t, std::string_view op);
void set_logits(const Tensor& t, const Tensor& logits);

}  // namespace ninefold::keras
