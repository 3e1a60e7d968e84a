// In: a layer or a model. Out: what it tracks besides plain variables, and weights in the order that Keras gives them.
#pragma once

#include "ninefold/keras.h"

namespace ninefold::keras {

// A layer, or else a module or a container of variables (a tf.Module; a list, a dict), `held` being what a container
// holds of these kinds.
struct Tracked {
  LayerPtr layer;
  bool module = false;
  std::vector<Weight> weights;
  std::vector<Tracked> held;
};
// In the order of the attributes. Of a layer that is written elsewhere its override "_tracked" tells, by a list of layers
// and of [is it a module?, [what it holds], [its variables]]; of any other these are its sublayers.
std::vector<Tracked> tracked(const Layer&);

void append_unique(std::vector<Weight>& to, const std::vector<Weight>& from);   // but what is there already
std::vector<Weight> of_trainability(const std::vector<Weight>& weights, bool trainable);
// Of a container: what it holds first, its own variables after it.
std::vector<Weight> trainable_of(const Tracked&);
std::vector<Weight> non_trainable_of(const Tracked&);
std::vector<Weight> weights_of(const Tracked&);   // trainable first; a module's in its own order

}  // namespace ninefold::keras
