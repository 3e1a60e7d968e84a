// In: a part of a model. Out: what configs, summaries and messages say of it. A class that Python derives from one of the
// engine's overrides "class_name", "registered_name" and "get_config" by name, as it may any method.
#pragma once

#include "ninefold/keras.h"

namespace ninefold::keras {

// The class that a user sees: class_name(), or that of the class derived from it.
std::string class_of(const Object& part);
// What get_config() gives of it.
Value config_of(const Object& part);
// {"class_name": .., "config": ..}, by the name of register_keras_serializable where it has one.
ValueDict described(const Object& part);

}  // namespace ninefold::keras
