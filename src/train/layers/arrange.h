// In: the arguments of a call. Out: the same, as a layer wants them before anything else happens.
#pragma once

#include "ninefold/keras.h"

namespace ninefold::keras {

// Recurrent layers tell inputs from states in a list.
class Arranges {
 public:
  virtual ~Arranges() = default;
  virtual void arrange(Value& inputs, CallArgs& args) = 0;
};

}  // namespace ninefold::keras
