// Out: the scope of the calling thread, and the names that grow within it.
#include "engine/op/scope.h"

namespace ninefold {

Scope& scope() {
  thread_local Scope s;
  return s;
}

NameScope::NameScope(std::string_view name) : before_(scope().name_scope) {
  // A name that ends with "/" is taken as it stands, as tf.name_scope re-enters scopes.
  std::string& now = scope().name_scope;
  if (name.empty()) now.clear();
  else if (name.back() == '/') now = name;
  else now.append(name).append("/");
}
NameScope::~NameScope() { scope().name_scope = std::move(before_); }
const std::string& NameScope::current() { return scope().name_scope; }

}  // namespace ninefold
