// Out: the scope of the calling thread.
#include "engine/op/scope.h"

namespace ninefold {

Scope& scope() {
  thread_local Scope s;
  return s;
}

}  // namespace ninefold
