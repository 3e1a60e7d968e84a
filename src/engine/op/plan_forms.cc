// In: plan forms while the library is loaded. Out: the same, found by their op.
#include "engine/op/plan_forms.h"

#include <unordered_map>

namespace ninefold {
namespace {
// Written while static objects are made, only read afterwards.
std::unordered_map<const Op*, IsInput>& table() {
  static auto* t = new std::unordered_map<const Op*, IsInput>;
  return *t;
}
std::unordered_map<const Op*, Abilities>& abilities() {
  static auto* t = new std::unordered_map<const Op*, Abilities>;
  return *t;
}
}  // namespace

void say_is_input(const Op& op, IsInput when) { table()[&op] = when; }
IsInput is_input(const Op& op) {
  const auto found = table().find(&op);
  return found == table().end() ? nullptr : found->second;
}

void say_abilities(const Op& op, Abilities can) { abilities()[&op] = can; }
Abilities abilities_of(const Op& op) {
  const auto found = abilities().find(&op);
  return found == abilities().end() ? Abilities() : found->second;
}

}  // namespace ninefold
