// In: the name of a Python class. Out: a Keras object whose methods are all overrides, so that C++ can hold
// and call it like one of its own. The overrides hold the Python object weakly (keras_handles.cc).
#pragma once

#include <memory>
#include <string>

#include <ninefold/keras.h>

namespace ninefold::python {

// `kind` as in ObjectRecord; "model" is a layer that trains. Raises ValueError for an unknown kind.
std::shared_ptr<keras::Object> foreign_object(const std::string& kind, const std::string& class_name,
                                              const ValueDict& config);

}  // namespace ninefold::python
