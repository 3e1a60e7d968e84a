// In: flags of layers, one after the other. Out: the same flags later, whatever a parent's says of its children by then.
#include "train/model/trainability.h"

#include <functional>
#include <set>

namespace ninefold::keras {

Trainability::Trainability(Model& model) : model_(&model), own_(model.trainable()) {
  std::set<const Layer*> seen = {&model};
  const std::function<void(const Layer&)> walk = [&](const Layer& parent) {
    for (const LayerPtr& layer : parent.sublayers()) {
      if (!seen.insert(layer.get()).second || dynamic_cast<const Metric*>(layer.get())) continue;
      below_.emplace_back(layer, layer->trainable());
      walk(*layer);
    }
  };
  walk(model);
}

bool Trainability::holds() const {
  if (model_ && model_->trainable() != own_) return false;
  for (const auto& [weak, flag] : below_)
    if (const LayerPtr layer = weak.lock(); layer && layer->trainable() != flag) return false;
  return true;
}

// A flag that is set reaches all layers below, so parents come before their children.
void Trainability::restore() const {
  if (model_) model_->set_trainable(own_);
  for (const auto& [weak, flag] : below_)
    if (const LayerPtr layer = weak.lock(); layer && layer->trainable() != flag) layer->set_trainable(flag);
}

AsCompiled::AsCompiled(Model& model, const Trainability& compiled) {
  if (compiled.holds()) return;
  auto before = std::make_unique<Trainability>(model);
  compiled.restore();
  before_ = std::move(before);
}
AsCompiled::~AsCompiled() {
  if (before_) before_->restore();
}

}  // namespace ninefold::keras
