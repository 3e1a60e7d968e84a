// Cosine similarity: the negative cosine of the angle between y_true and y_pred, so that less is closer.
// In: y_true and y_pred of one shape. Out: a value for each sample.
#include "engine/op/op.h"
#include "train/model/losses/loss.h"

namespace ninefold::keras {
namespace {

Tensor cosine_similarity(const Tensor& y_true, const Tensor& y_pred, int64_t axis) {
  return -calc::sum(calc::l2_normalize(y_true, axis) * calc::l2_normalize(y_pred, axis), axis);
}
const Function cosine_similarity_function = {
    .names = {"tf.keras.losses.cosine_similarity"},
    .signature = "(y_true: tensor, y_pred: tensor, axis: int = -1)",
    .doc = "-sum(l2_normalize(y_true) l2_normalize(y_pred)) over axis.",
    .body = [](Args& a) -> Value {
      const Pair p(a);
      return cosine_similarity(p.y_true, p.y_pred, a.integer("axis"));
    },
};
NINEFOLD_REGISTER(cosine_similarity_function);

struct CosineSimilarity : LossOptions {
  static constexpr const char* class_name = "CosineSimilarity";
  CosineSimilarity() { name = "cosine_similarity"; }
  int64_t axis = -1;
  static void fields(Schema<CosineSimilarity>& s) { s.field("axis", &CosineSimilarity::axis); }
  Tensor value(const Tensor& y_true, const Tensor& y_pred) const {
    return cosine_similarity(calc::cast(y_true, y_pred.dtype()), y_pred, axis);
  }
};
const ObjectRecord cosine_similarity_record = loss_record<CosineSimilarity>(
    "-sum(l2_normalize(y_true) l2_normalize(y_pred)); -1 is the same direction.");
NINEFOLD_OBJECT(cosine_similarity_record);

}  // namespace
}  // namespace ninefold::keras
