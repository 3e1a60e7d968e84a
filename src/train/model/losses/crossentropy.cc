// In: labels, and probabilities or the logits they came from. Out: crossentropies, element by element.
#include "train/model/losses/crossentropy.h"

#include "base/log.h"
#include "train/layers/notes.h"

namespace ninefold::keras {

Tensor smooth_binary(const Tensor& y_true, double smoothing) {
  if (smoothing == 0) return y_true;
  const Tensor s = calc::like(y_true, smoothing);
  return y_true * (calc::like(y_true, 1) - s) + calc::like(y_true, 0.5) * s;
}

Tensor noted_logits(const Tensor& output, const char* op, bool from_logits, const char* who) {
  Tensor logits = logits_of(output, op);
  if (logits.defined() && from_logits)
    warn("\"`{}` received `from_logits=True`, but the `output` argument was produced by a sigmoid or softmax activation "
         "and thus does not represent logits. Was this intended?\"", who);
  return logits;
}

Tensor binary_crossentropy_of(const Tensor& target, const Tensor& output, bool from_logits) {
  const Tensor noted = noted_logits(output, "Sigmoid", from_logits, "binary_crossentropy");
  if (noted.defined() || from_logits) {
    const Tensor logits = noted.defined() ? noted : output;
    return *ninefold::call("tf.nn.sigmoid_cross_entropy_with_logits", {{"labels", target}, {"logits", logits}}).get<Tensor>();
  }
  const Tensor p = calc::clip(output, epsilon(), 1 - epsilon());
  const Tensor one = calc::like(p, 1), small = calc::like(p, epsilon());
  return -(target * calc::log(p + small) + (one - target) * calc::log(one - p + small));
}

}  // namespace ninefold::keras
