// In: what `loss=` may be: a name, a class name, a config, an object. Out: the loss.
#pragma once

#include "ninefold/keras.h"

namespace ninefold::keras {

// The public function of that name in tf.keras.losses or tf.keras.metrics, with Keras' short forms
// ("bce", "acc"); null if there is none. `module` is "losses" or "metrics".
const Function* training_function(std::string_view module, std::string_view name);
// The last part of its name: __name__ in Python.
std::string short_name_of(const Function& f);

// A loss made of a public function, as Keras' LossFunctionWrapper.
LossPtr loss_of(const Function& f);
// None: null. A name of a function ("mse"), of a class, {"class_name", "config"}, or an object.
// Raises ValueError "Unknown loss function: x. ..." or "Could not interpret loss function identifier: x".
LossPtr loss_for(const Value& identifier);

}  // namespace ninefold::keras
