// In: a layer or a model. Out: what it tracks besides plain variables, and weights in the order that Keras gives them.
#include "train/layers/tracked.h"

#include <algorithm>

namespace ninefold::keras {
namespace {

std::vector<Tracked> tracked_in(const Value& told) {
  std::vector<Tracked> out;
  const ValueList* list = told.get<ValueList>();
  if (!list) return out;
  for (const Value& v : *list) {
    if (const auto* object = v.get<std::shared_ptr<Foreign>>()) {
      if (auto layer = std::dynamic_pointer_cast<Layer>(*object)) out.push_back({std::move(layer), false, {}, {}});
      continue;
    }
    const ValueList& part = *v.get<ValueList>();
    Tracked t{nullptr, *part.at(0).get<bool>(), {}, tracked_in(part.at(1))};
    for (const Value& w : *part.at(2).get<ValueList>())
      if (const Variable* variable = w.get<Variable>()) t.weights.push_back({*variable, nullptr, nullptr, variable->trainable()});
    out.push_back(std::move(t));
  }
  return out;
}

}  // namespace

std::vector<Tracked> tracked(const Layer& layer) {
  // A graph of layers knows them itself.
  const bool graph = dynamic_cast<const Functional*>(&layer) || dynamic_cast<const Sequential*>(&layer);
  const Object::Method* told = graph ? nullptr : layer.overridden("_tracked");
  if (told) return tracked_in((*told)({}, {}));
  std::vector<Tracked> out;
  for (LayerPtr& child : layer.sublayers()) out.push_back({std::move(child), false, {}, {}});
  return out;
}

void append_unique(std::vector<Weight>& to, const std::vector<Weight>& from) {
  for (const Weight& w : from)
    if (std::none_of(to.begin(), to.end(), [&](const Weight& x) { return x.variable.same(w.variable); })) to.push_back(w);
}

std::vector<Weight> of_trainability(const std::vector<Weight>& weights, bool trainable) {
  std::vector<Weight> out;
  for (const Weight& w : weights)
    if (w.trainable == trainable) append_unique(out, {w});
  return out;
}

// Of what is tracked within first, then the object's own.
static std::vector<Weight> of_kind(const Tracked& t, bool trainable) {
  if (t.layer) return trainable ? t.layer->trainable_weights() : t.layer->non_trainable_weights();
  std::vector<Weight> out;
  for (const Tracked& inner : t.held) append_unique(out, of_kind(inner, trainable));
  append_unique(out, of_trainability(t.weights, trainable));
  return out;
}
std::vector<Weight> trainable_of(const Tracked& t) { return of_kind(t, true); }
std::vector<Weight> non_trainable_of(const Tracked& t) { return of_kind(t, false); }

std::vector<Weight> weights_of(const Tracked& t) {
  if (t.layer) return t.layer->weights();
  if (t.module) return t.weights;
  std::vector<Weight> out = trainable_of(t);
  append_unique(out, non_trainable_of(t));
  return out;
}

}  // namespace ninefold::keras
