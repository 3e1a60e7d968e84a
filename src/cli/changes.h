// In: what two locks differ in. Out: JSON of it, the same from every verb that shows it.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "env/lock/lock.h"

namespace ninefold::cli {

inline nlohmann::ordered_json changes_json(const std::vector<env::Change>& changes) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const env::Change& c : changes) all.push_back({{"part", c.part}, {"name", c.name}, {"before", c.before}, {"after", c.after}});
  return all;
}

}  // namespace ninefold::cli
