// In: a Keras object of C++, or a KerasTensor. Out: the handle that its Python shell holds.
#pragma once

#include <memory>

#include "convert.h"

namespace ninefold::python {

struct Handle {
  std::shared_ptr<Foreign> object;
};
// "layer", "model", "sequential", "loss", ..., "tensor" for a KerasTensor; "object" for the rest.
const char* kind_of(const Foreign&);

}  // namespace ninefold::python
